/* rf_edge_sampler.h - the pairs that the structure decoder is asked about: every true pair once, and random
 * others.
 *
 * As the reference: n_random pairs drawn uniformly with replacement, joined with the true pairs, duplicates
 * removed, and a random pair that is a true one counts as true. Drawn one user at a time and never stored:
 * how many of the random pairs fall to each user is drawn first (n_u counters), then each user's entities
 * come from a stream of its own. So pairs are a function of (seed, epoch) alone, in any order of users, on
 * any thread. Parallel edges are one true pair.
 */
#ifndef RF_EDGE_SAMPLER_H
#define RF_EDGE_SAMPLER_H

#include "rf_adj.h"
#include "rf_rng.h"

typedef struct rf_edge_sampler {
    const rf_adj *adj;
    uint64_t seed, stream; /* stream belongs to the epoch */
    int64_t n_random;
    uint32_t *drawn; /* [n_u] random pairs of each user; caller's storage */
    /* instead of drawing: these pairs, those of user u at [list_ptr[u], list_ptr[u + 1]) */
    const int64_t *list_ptr;
    const uint32_t *list_v;
    const uint8_t *list_y;
} rf_edge_sampler;

/* Decides how many random pairs each user has in this epoch. */
void rf_edge_sampler_start(rf_edge_sampler *sampler, const rf_adj *adj, uint64_t seed, int64_t epoch,
                           int64_t n_random, uint32_t *drawn);

typedef struct rf_edge_draw { /* one user's pairs, in pieces */
    const rf_edge_sampler *sampler;
    int64_t user, edge, edges_end; /* true edges not yet given */
    int64_t left;                  /* random draws not yet made */
    rf_rng rng, again;             /* now, and at the start: the marks are wiped by drawing again */
    uint64_t *seen;                /* one bit an entity; all zero before and after */
} rf_edge_draw;

/* seen: (n_v + 63) / 64 words, zeroed once. */
void rf_edge_draw_start(rf_edge_draw *draw, const rf_edge_sampler *sampler, int64_t user, uint64_t *seen);
/* Up to cap further pairs; 0: none left, and seen is clean again. */
int64_t rf_edge_draw_next(rf_edge_draw *draw, uint32_t *v, uint8_t *y, int64_t cap);

#endif
