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

/* The edges of each user and of each entity in that order. */
typedef struct rf_time_order {
    uint32_t *edge[2];     /* RF_USER, RF_ENTITY: [edges] */
    const int64_t *ptr[2]; /* of node i: edge[s][ptr[s][i]..ptr[s][i + 1]) */
    int64_t n[2];          /* nodes */
} rf_time_order;

RF_MUST_CHECK rf_status rf_time_order_make(rf_time_order *out, const rf_graph *graph, rf_pool *pool,
                                           rf_err *err);
void rf_time_order_clear(rf_time_order *order);

#define RF_NO_EDGE UINT32_MAX
/* before[edges]: the edge before it at the same node of the side, or RF_NO_EDGE. */
void rf_edges_before(uint32_t *before, const rf_time_order *order, int side);

/* All edges have one time, or none. */
bool rf_graph_timeless(const rf_graph *graph);

#endif
