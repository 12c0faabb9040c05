/* rf_part.h - the parts of a surprise score and the voices beside it: one table says everything about them.
 *
 * A part is an amount of surprise in nats, weighted so that the parts of a subject sum to its score. A voice
 * is one that measurement keeps out of the sum: it ranks what the sum does not, and has its own share of the
 * alerts.
 * scores.h5 stores parts as /u/part/NAME and voices as /u/voice/NAME (u, v, e). docs/QUALITY.md has what each
 * is worth.
 */
#ifndef RF_PART_H
#define RF_PART_H

#include <stdbool.h>

#include "rf_side.h"

/* What stands out about a subject; no type of fraud. */
typedef enum rf_anomaly {
    RF_ANOMALY_NONE, /* the scores have no parts */
    RF_ANOMALY_OUTLIER,
    RF_ANOMALY_UNLIKELY_MEETING,
    RF_ANOMALY_RING,
    RF_ANOMALY_BURST,
    RF_ANOMALY_COPIED_BEHAVIOUR,
    RF_ANOMALY_SEQUENCE,
    RF_ANOMALIES
} rf_anomaly;

/* "outlier", "unlikely_meeting", "ring", "burst", "copied_behaviour", "sequence"; "" for RF_ANOMALY_NONE. */
const char *rf_anomaly_name(rf_anomaly anomaly);

typedef enum rf_part_id { /* the order of the table and of every list of parts */
                          RF_PART_RAW_TAIL,
                          RF_PART_RESIDUAL,
                          RF_PART_PARTIAL_RESIDUAL,
                          RF_PART_LOCKSTEP,
                          RF_PART_STRUCTURE,
                          RF_PART_NEIGHBOURS,
                          RF_PART_OWN_RESIDUAL,
                          RF_PART_SHARED,  /* of several kinds of entity only */
                          RF_PART_COMPANY, /* likewise */
                          RF_PART_SHARER,  /* likewise */
                          RF_PART_OVERLAP, /* voices from here on */
                          RF_PART_COPIED,
                          RF_PART_SEQUENCE,
                          RF_PART_BURST,
                          RF_PARTS
} rf_part_id;

typedef struct rf_part_row {
    const char *name; /* in scores.h5, messages and exports */
    bool in_total;    /* a part; else a voice */
    rf_anomaly anomaly;
    bool of[3]; /* roles that have it: RF_USER, RF_ENTITY, RF_EDGE */
    const char *about;
} rf_part_row;

extern const rf_part_row rf_part_table[RF_PARTS];

/* Is it of what users share, which takes several kinds of entity? */
static inline bool rf_part_is_sharing(rf_part_id part)
{
    return part == RF_PART_SHARED || part == RF_PART_COMPANY || part == RF_PART_SHARER;
}

#endif
