/* peel_int.h - removes the node with the lightest pairs from a bipartite graph until none is left. fraudar.c
 * chooses FRAUDAR's blocks from the sets on the way.
 */
#ifndef RF_PEEL_INT_H
#define RF_PEEL_INT_H

#include <stdbool.h>

#include "rf_adj.h"

#define RF_PEEL_ONE 268435456.0 /* 2^28: 2^32 pairs of weight 1 / log(6) stay below 2^63 */

typedef struct rf_peel_item {
    int64_t key;
    uint32_t node;
} rf_peel_item;

/* Nodes are users [0, n_u), then entities. */
typedef struct rf_peeling {
    const rf_adj *adj; /* parallel edges are one pair, counted at the first of them */
    int64_t n_u, n_v;
    uint8_t *gone;   /* [n_e] pairs of earlier blocks, and edges that repeat the one before */
    int64_t *weight; /* [n_v] of each pair of the entity */
    rf_peel_item *heap;
    int64_t n_heap;
    uint32_t *place;     /* [n_u + n_v] in the heap */
    uint32_t *order;     /* [n_u + n_v] nodes in the order of their removal */
    int64_t *key;        /* [n_u + n_v] while the heap is filled */
    double *g;           /* [n_u + n_v + 1] by size of the set */
    uint8_t *stands_out; /* [n_u + n_v + 1] no set of up to twice its size has a higher g */
    bool meshed;         /* at the last peeling some pair's ends both had another pair */
    uint32_t *count;     /* [n_u + n_v] pairs that a node has left; scratch afterwards */
} rf_peeling;

/* ---- peel.c ---- *p needs rf_peeling_end in any case. */
RF_MUST_CHECK rf_status rf_peeling_begin(rf_peeling *p, const rf_adj *adj, rf_err *err);
void rf_peeling_end(rf_peeling *p);
/* Takes all nodes off that have a pair: fills order, g and stands_out. Returns how many there were: the set
 * of size k on the way is order[n - k .. n). O(pairs log nodes). */
int64_t rf_peel(rf_peeling *p);

#endif
