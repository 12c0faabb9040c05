/* order_int.h - a graph arranged for the parts, once for all of them: the edges of each node in order of
 * time, and the distinct pairs.
 *
 * Edges of one time are ordered by a hash of their ends' ids (of their rows where the graph has no ids), then
 * by number: how rows are numbered does not matter.
 */
#ifndef RF_ORDER_INT_H
#define RF_ORDER_INT_H

#include "rf_graph.h"
#include "rf_pool.h"

typedef struct rf_time_order {
    uint32_t *edge[2];     /* RF_USER, RF_ENTITY: [edges], by node, then by first time; or NULL */
    const int64_t *ptr[2]; /* of node i: edge[s][ptr[s][i]..ptr[s][i + 1]) */
    int64_t n[2];          /* nodes */
} rf_time_order;

/* Of users alone, or of users and entities (sides 1 or 2). Without times all edges have one time. O(E) where
 * a node's times are spread evenly, O(E log E) at most; 32 bytes an edge while it sorts, 4 an edge and side
 * after that. */
RF_MUST_CHECK rf_status rf_time_order_make(rf_time_order *out, const rf_graph *graph, int sides,
                                           rf_pool *pool, rf_err *err);
void rf_time_order_clear(rf_time_order *order);

/* before[edges]: the edge before it at the same node of the side, or RF_NO_EDGE. */
void rf_edges_before(uint32_t *before, const rf_time_order *order, int side);

typedef struct rf_arranged {
    rf_time_order order; /* of both sides */
    rf_adj pairs;        /* each pair of user and entity once, with several edges or one */
    bool borrows_pairs;  /* they are the graph's own edges: no pair has several */
    uint32_t *pair_of;   /* [edges] */
    bool timeless;       /* all edges have one time, or none */
} rf_arranged;

RF_MUST_CHECK rf_status rf_arranged_make(rf_arranged *out, const rf_graph *graph, rf_pool *pool, rf_err *err);
void rf_arranged_clear(rf_arranged *arranged);

/* All edges have one time, or none. */
bool rf_graph_timeless(const rf_graph *graph);

#endif
