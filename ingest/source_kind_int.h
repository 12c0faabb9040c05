/* source_kind_int.h - the kinds of sources of rf_source.h: source.c dispatches, and remembers failures.
 */
#ifndef RF_SOURCE_KIND_INT_H
#define RF_SOURCE_KIND_INT_H

#include "intake_int.h"
#include "rf_source.h"

typedef struct rf_source_kind {
    rf_status (*open)(void **self, rf_intake *intake, const rf_source_options *options, rf_err *err);
    /* RF_OK: *events are the next *n, at most `max`; else *n is of no meaning. */
    rf_status (*poll)(void *self, const rf_event *const **events, size_t max, size_t *n, rf_err *err);
    void (*progress)(const void *self, int64_t *done, int64_t *total);
    rf_status (*positions)(void *self, rf_positions *out, rf_err *err);
    void (*saved)(void *self, const rf_positions *saved); /* NULL: nothing to do */
    bool (*own_done)(const void *self);                   /* NULL: false */
    void (*metrics)(void *self, rf_source_metrics *out);  /* NULL: zeros */
    void (*close)(void *self, bool failed);
} rf_source_kind;
extern const rf_source_kind rf_files_kind; /* files_source.c: files and stdin */
extern const rf_source_kind rf_kafka_kind; /* kafka_source.c */

#endif
