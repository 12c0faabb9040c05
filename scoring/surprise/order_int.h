/* order_int.h - edges in order of time, with ties that do not depend on how rows are numbered. */
#ifndef RF_ORDER_INT_H
#define RF_ORDER_INT_H

#include "rf_graph.h"
#include "rf_pool.h"

typedef struct rf_occurrence { /* sorts by time, then by a hash of the ids, then by edge */
    int64_t time;
    uint64_t tie;
    uint32_t edge;
} rf_occurrence;

/* moment[edges]: first time of each edge (0 where the graph has none) and a hash of its ends' ids (of their
 * rows where the graph has no ids). */
RF_MUST_CHECK rf_status rf_occurrences(rf_occurrence **out, const rf_graph *graph, rf_err *err);

/* Sorts each run at[ptr[i]..ptr[i + 1]) of n runs. */
void rf_occurrences_sort(rf_occurrence *at, const int64_t *ptr, int64_t n, rf_pool *pool);

/* All edges have one time, or none. */
bool rf_graph_timeless(const rf_graph *graph);

#endif
