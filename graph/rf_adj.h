/* rf_adj.h - the frozen bipartite graph's edges, from both sides.
 *
 * Edges are sorted by (u, v, time), so a user's edges are a contiguous run; an entity's edges are listed, in
 * edge order, by v_edge. Several edges between one pair are allowed (event granularity), nodes without edges
 * too.
 */
#ifndef RF_ADJ_H
#define RF_ADJ_H

#include <stdint.h>

#include "rf_status.h"

#define RF_NO_EDGE UINT32_MAX

typedef struct rf_adj {
    int64_t n_u, n_v, n_e;
    uint32_t *e_u, *e_v; /* [n_e] the edge's user and entity */
    int64_t *u_ptr;      /* [n_u + 1] edges of user u: [u_ptr[u], u_ptr[u + 1]) */
    int64_t *v_ptr;      /* [n_v + 1] edges of entity v: v_edge[v_ptr[v] .. v_ptr[v + 1]) */
    uint32_t *v_edge;    /* [n_e] edge numbers, by (v, edge) */
} rf_adj;

/* Copies the pairs; they must be sorted by (u, v) and in range: RF_E_FORMAT says which edge is not. O(n_u +
 * n_v + n_e). */
RF_MUST_CHECK rf_status rf_adj_init(rf_adj *adj, int64_t n_u, int64_t n_v, int64_t n_e, const uint32_t *e_u,
                                    const uint32_t *e_v, rf_err *err);
/* The same, taking over e_u and e_v (rf_mem blocks): freed with adj, and when this fails. */
RF_MUST_CHECK rf_status rf_adj_adopt(rf_adj *adj, int64_t n_u, int64_t n_v, int64_t n_e, uint32_t *e_u,
                                     uint32_t *e_v, rf_err *err);
/* The distinct pairs of adj as a graph of their own; pair_of[n_e] (or NULL) receives each edge's pair. */
RF_MUST_CHECK rf_status rf_adj_distinct(rf_adj *out, uint32_t *pair_of, const rf_adj *adj, rf_err *err);
void rf_adj_clear(rf_adj *adj);
/* Different users of an entity; O(its edges). */
int64_t rf_adj_users_of(const rf_adj *adj, int64_t v);

#endif
