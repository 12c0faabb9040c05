/* surprise_int.h - what the files that make parts of edges into parts of nodes share. */
#ifndef RF_SURPRISE_INT_H
#define RF_SURPRISE_INT_H

#include "rf_graph.h"
#include "rf_part.h"
#include "rf_pool.h"
#include "rf_surprise.h"

enum { RF_VOICES_OF_ANY_KIND = 2 }; /* of users: what the kind says that says most */

/* The order of events is that of the main kind, which has them all. */
static inline bool rf_side_has_part(rf_side side, int part, int n_kinds)
{
    return rf_part_table[part].of[rf_side_role(side)] &&
           (n_kinds > 1 || !rf_part_is_sharing((rf_part_id)part)) &&
           (part != RF_PART_SEQUENCE || rf_side_kind(side) == 0);
}

/* ---- nodes out of their edges: node_parts.c ---- */

typedef struct rf_node_edges { /* the edges of one kind, of the nodes at one of their ends */
    float *const *part;        /* [RF_PARTS] of edges, NULL: it has none */
    const float *total;        /* [edges] nats that say which are the worst */
    const int64_t *ptr;
    const uint32_t *id;     /* of the node's edges, NULL: they are ptr[] to ptr[+ 1] themselves */
    const uint32_t *entity; /* [edges], and */
    const float *shared;    /* [entities]: their own_residual, of which the node has the most; or NULL */
    int64_t n;              /* nodes */
} rf_node_edges;

/* Adds to the parts in the total of each node what its worst edges have of them, and to shared. all: [n]
 * their sum, or NULL. O(E). */
void rf_node_parts(float *const node[RF_PARTS], float *all, const rf_node_edges *edges, rf_pool *pool);
/* The same, times max(0, 1 - m / x): rf_surprise.h. 16 bytes a node while it works, and what a sort takes. */
RF_MUST_CHECK rf_status rf_node_parts_beyond(float *const node[RF_PARTS], float *all,
                                             const rf_node_edges *edges, rf_pool *pool, rf_err *err);

#endif
