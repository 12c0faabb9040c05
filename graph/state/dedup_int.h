/* dedup_int.h - the event ids of the window, as 96 bits of their hash.
 */
#ifndef RF_DEDUP_INT_H
#define RF_DEDUP_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

typedef struct rf_dedup_entry {
    uint32_t hash[3]; /* hash[0]'s upper bits are the place */
    uint32_t slot;    /* of the event's time; RF_NO_SLOT: empty */
} rf_dedup_entry;

#define RF_NO_SLOT UINT32_MAX

typedef struct rf_dedup {
    rf_dedup_entry *entries;
    size_t n;
    int bits;    /* 2^bits places, or 0: none yet */
    bool sorted; /* entries[0..n) is a sorted list, not a table */
} rf_dedup;

rf_dedup_entry rf_dedup_key(const char *id, size_t len, uint32_t slot);
void rf_dedup_prefetch(const rf_dedup *dedup, const rf_dedup_entry *key);
/* RF_SKIPPED: seen before. Entries before floor_slot are dropped when the table would have to grow. */
RF_MUST_CHECK rf_status rf_dedup_add(rf_dedup *dedup, const rf_dedup_entry *key, uint32_t floor_slot,
                                     rf_err *err);
/* The entry of this hash, or NULL; of a table, not a sorted list. */
const rf_dedup_entry *rf_dedup_find(const rf_dedup *dedup, const rf_dedup_entry *key);
/* Reserves room for `more` entries. Needed before another table's entries are added in its order, which is
 * nearly that of their places: the front of a smaller table would overflow long before the whole does. */
RF_MUST_CHECK rf_status rf_dedup_reserve(rf_dedup *dedup, size_t more, rf_err *err);
/* Puts an entry in, or keeps the later slot of the one that is there. */
RF_MUST_CHECK rf_status rf_dedup_join(rf_dedup *dedup, const rf_dedup_entry *key, uint32_t floor_slot,
                                      rf_err *err);
/* Drops entries before floor_slot and leaves a sorted list in place of the table; rf_dedup_open undoes it. */
void rf_dedup_sort(rf_dedup *dedup, uint32_t floor_slot);
RF_MUST_CHECK rf_status rf_dedup_open(rf_dedup *dedup, rf_err *err);
void rf_dedup_clear(rf_dedup *dedup);

#endif
