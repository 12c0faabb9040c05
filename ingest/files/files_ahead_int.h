/* files_ahead_int.h - batches of events, in order; most often a thread reads and decodes them ahead of the
 * caller.
 *
 *   reader thread: files_source's way from a record to an event --fills--> [ batch | batch | ... ] --> caller
 *
 * A batch belongs to one thread at a time. What is no event ends its batch, so that the caller meets it where
 * it is among the events.
 */
#ifndef RF_FILES_AHEAD_INT_H
#define RF_FILES_AHEAD_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "decoder_int.h"
#include "record_reader_int.h"
#include "rf_text.h"

/* How far reading has come. */
typedef struct rf_files_place {
    size_t input;         /* number of the input that was read last */
    rf_input_position at; /* where in it; name: not used */
    int64_t stored;       /* bytes of all inputs up to there, as they are stored */
} rf_files_place;

typedef struct rf_files_batch {
    size_t n;
    const rf_event *events[RF_SOURCE_MANY]; /* with their texts */
    bool mid_record;                        /* the last record has more events than those up to here */
    int64_t filtered;                       /* records that are not wanted, anywhere among the events */
    /* What comes behind them. RF_OK: the next batch. RF_SKIPPED: a record that is set aside. RF_TIMEOUT: a
     * wish to stop. RF_EOF or a failure: it is the last batch. */
    rf_status end;
    rf_record record; /* RF_SKIPPED: these two */
    rf_reject reject;
    rf_err err;            /* a failure */
    rf_files_place behind; /* behind all of that */
    rf_text text;          /* of the record */
    char *bytes;           /* [cap] of the events */
    size_t used;
} rf_files_batch;

/* What the thread reads from; it alone, until it is stopped. */
typedef struct rf_files_reader {
    void *context;
    rf_decoder *decoder;
    /* RF_OK: *event is filled. RF_SKIPPED: *reject and *record are. RF_TIMEOUT: an input has ended.
     * RF_E_INTERRUPTED: a wish to stop. RF_EOF: all have. */
    rf_status (*next)(void *context, rf_event *event, const rf_record **record, rf_reject *reject,
                      rf_err *err);
    void (*place)(void *context, rf_files_place *out);
    /* Without a thread. While it is on, next gives RF_E_INTERRUPTED rather than read more into the buffer,
     * whose content does not move then: held. */
    void (*hold)(void *context, bool on);
    rf_span (*held)(void *context);
} rf_files_reader;

typedef struct rf_ahead rf_ahead;
/* Starts the thread. Without it, or where the system refuses one, the caller's reads. */
RF_MUST_CHECK rf_status rf_ahead_start(rf_ahead **out, const rf_files_reader *reader, bool thread,
                                       rf_err *err);
/* Waits for the next batch, or fills it; it is the caller's until the next call. After the last one there is
 * none. */
rf_files_batch *rf_ahead_next(rf_ahead *ahead);
/* Ends the thread, wherever it is; batches that were handed out are there until rf_ahead_free. */
void rf_ahead_stop(rf_ahead *ahead);
void rf_ahead_free(rf_ahead *ahead); /* NULL allowed; stops first */

#endif
