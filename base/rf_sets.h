/* rf_sets.h - disjoint sets of the numbers 0 to n - 1: each points to a smaller one of its set or, as the
 * set's root, to itself (Tarjan; paths are halved). What is joined in whatever order gives the same roots.
 */
#ifndef RF_SETS_H
#define RF_SETS_H

#include <stdint.h>

/* The smallest number of i's set. */
static inline uint32_t rf_sets_root(uint32_t *into, uint32_t i)
{
    while (into[i] != i) {
        into[i] = into[into[i]];
        i = into[i];
    }
    return i;
}

static inline void rf_sets_join(uint32_t *into, uint32_t a, uint32_t b)
{
    a = rf_sets_root(into, a);
    b = rf_sets_root(into, b);
    into[a > b ? a : b] = a < b ? a : b;
}

#endif
