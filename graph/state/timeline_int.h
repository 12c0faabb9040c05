/* timeline_int.h - how many events each time slot has. */
#ifndef RF_TIMELINE_INT_H
#define RF_TIMELINE_INT_H

#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

typedef struct rf_timeline_slot {
    uint32_t slot; /* RF_NO_SLOT: an empty place of the table */
    int64_t events;
} rf_timeline_slot;

typedef struct rf_timeline { /* a table by slot; all zeros: empty */
    rf_timeline_slot *places;
    size_t n;
    int bits;    /* 2^bits places, or 0: none yet */
    size_t last; /* place of the slot counted last: most events follow one of the same slot */
} rf_timeline;

RF_MUST_CHECK rf_status rf_timeline_count(rf_timeline *timeline, uint32_t slot, int64_t events, rf_err *err);
/* Leaves places[0..n) sorted by slot, and nothing else: the timeline can only be read and cleared then. */
void rf_timeline_sort(rf_timeline *timeline);
void rf_timeline_clear(rf_timeline *timeline);

#endif
