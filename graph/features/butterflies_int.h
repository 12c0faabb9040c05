/* butterflies_int.h - 4-cycles through every pair.
 */
#ifndef RF_BUTTERFLIES_INT_H
#define RF_BUTTERFLIES_INT_H

#include "rf_adj.h"
#include "rf_pool.h"

/* count[p]: 4-cycles through pair p of `pairs` (distinct pairs). Time O(sum over pairs of the smaller
 * degree), memory 4 bytes an entity and thread where users meet few entities, else 16 a pair and 4 a node and
 * thread; given back. Same counts at any number of threads.
 */
RF_MUST_CHECK rf_status rf_butterflies(uint64_t *count, const rf_adj *pairs, rf_pool *pool, rf_err *err);

#endif
