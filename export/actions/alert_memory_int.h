/* alert_memory_int.h - the alerts that are remembered from run to run.
 *
 * The run before the last is kept too, so that a repeated run is compared with the same run as the first
 * time.
 */
#ifndef RF_ALERT_MEMORY_INT_H
#define RF_ALERT_MEMORY_INT_H

#include <stdbool.h>

#include "rf_idmap.h"
#include "rf_side.h"
#include "rf_texts.h"

#define RF_ALERTS_KEEP 30 /* runs that an alert is remembered for after it was gone */

enum { RF_MEMORY_CLUSTER = 3 /* after the sides */ };

typedef struct rf_memory_entry {
    const char *id;          /* the alert_id */
    const char *source;      /* who emitted it */
    uint8_t kind;            /* the side's role, or RF_MEMORY_CLUSTER */
    const char *entity_kind; /* of an entity or an edge, where the graph names its kinds; else "" */
    const char *key;         /* of its messages */
    const char *user, *entity, *event_id; /* "": none */
    const char *types;                    /* of its sure tags so far: "|promo_abuse|collusion|"; "": none */
    const char *anomalies;                /* its kinds of anomaly so far, likewise */
    int64_t first_us, last_us;            /* emissions that flagged it */
    int32_t times;                        /* how many */
    int32_t missed;                       /* runs that it has been gone for; 0: it is open */
    double score, percentile;             /* when it was last new or worse */
    int64_t members;                      /* of a cluster, likewise */
    double last_score, last_percentile;   /* in the last emission that flagged it */
} rf_memory_entry;

#define RF_MEMORY_TEXTS 9
typedef struct rf_memory { /* of one run */
    char run_id[33];       /* "": there is none */
    int64_t at_us;         /* when it was emitted */
    rf_memory_entry *at;
    int64_t n;
    rf_texts texts[RF_MEMORY_TEXTS]; /* what the entries point into, where they were read */
} rf_memory;

static inline const char *rf_memory_kind(const rf_memory_entry *entry)
{
    return entry->kind == RF_MEMORY_CLUSTER ? "cluster" : rf_side_name(entry->kind);
}

#define RF_MEMORY_WORD (RF_KIND_NAME + 8)
/* What its subject begins with (rf_subject_word): "entity", "entity:device". Returns out. */
const char *rf_memory_word(char out[RF_MEMORY_WORD], const rf_memory_entry *entry, const rf_kinds *kinds);

void rf_memory_clear(rf_memory *memory);
/* Empty without a file. RF_E_FORMAT for impossible content. */
RF_MUST_CHECK rf_status rf_memory_load(rf_memory *previous, rf_memory *current, const char *path,
                                       rf_err *err);
/* Takes out the alerts that `drop` says; how many. */
int64_t rf_memory_filter(rf_memory *memory, bool (*drop)(const void *context, const rf_memory_entry *entry),
                         const void *context);
/* Beside, fsync, rename. */
RF_MUST_CHECK rf_status rf_memory_save(const rf_memory *previous, const rf_memory *current, const char *path,
                                       rf_err *err);

#endif
