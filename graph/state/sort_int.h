/* sort_int.h - sorts numbered things by a key of 64 bits.
 */
#ifndef RF_SORT_INT_H
#define RF_SORT_INT_H

#include <stddef.h>
#include <stdint.h>

typedef struct rf_sort_key {
    uint64_t key;
    uint32_t value;
} rf_sort_key;
/* By key; equal keys by tie(context, value, value) < 0, or left in any order when tie is NULL. In place, O(n
 * log n). */
void rf_sort_keys(rf_sort_key *keys, size_t n, int (*tie)(void *context, uint32_t a, uint32_t b),
                  void *context);

#endif
