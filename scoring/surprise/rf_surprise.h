/* rf_surprise.h - how surprising each edge and node is, in nats, as a sum of parts that mean something alone.
 *
 *   raw_tail          sum over the columns of w max(N - 3, 0) of the edge's features: w is small
 *                     for columns that stay far out over many edges of a node (tail_sum_int.h)
 *   residual          sum over the columns of max(N - 2, 0) of feature - reconstruction
 *   partial_residual  the same of the residuals that the other columns' residuals leave (tails_int.h has N)
 *   lockstep          the same users near in time at several entities (lockstep_int.h)
 *   structure         -ln p of the edge under the structure decoder
 *   neighbours        min(e0, s) for the user's side and for the entity's: e0 is the sum of the parts
 *                     above, s the mean of e0 over the 4 edges before and the 4 after it
 *   node              0.5, 0.3 and 0.2 of the parts of its three most surprising edges, and own_residual
 *
 * Of several kinds of entity the edges and entities of each are judged among themselves. A user has the parts
 * of the main kind as above, and of each other kind, times max(0, 1 - m / x):
 *
 *   as above          the parts of its three most surprising edges of the kind
 *   shared            the residual of the own columns of its most surprising entity of the kind: what is
 *                     unlike other devices, by its number of users, say
 *
 * where x is the sum of these, and m what 1 % of the users would have if all were as their bulk
 * (rf_calibration.h). So most have nothing of most kinds: what is ordinary in five of them would add up to
 * what is odd in one.
 *
 * and once for all kinds
 *
 *   company           the users with whom it shares an entity are as surprising as it is (company_int.h)
 *
 * Then each edge, of any kind, takes from its user, and its entity from it
 *
 *   sharer            min(shared, 10) + min(company, 10): who shares things as only odd users do is suspect
 * in all that it does; not more, so that among its edges each still counts for itself
 *
 * Voices are not in the sum: overlap and copied, what is shared without any time (overlap_parts_int.h);
 * sequence, the order of a user's events (rf_sequence.h); burst, many events within a short time
 * (burst_int.h).
 *
 * A(x) = x / max(1, Q95(x) / ln 20) brings each part to one scale before it is weighted: linear, it never
 * inflates, and what is far out stays far out. Weights: raw_tail 1, residual 1/2, partial_residual 1/2,
 * lockstep 1, structure 1, own_residual 1/2, shared 1.
 */
#ifndef RF_SURPRISE_H
#define RF_SURPRISE_H

#include "rf_graph.h"
#include "rf_memory_plan.h"
#include "rf_model.h"
#include "rf_part.h"
#include "rf_pool.h"

#define RF_SURPRISE_WORST 3
extern const double rf_surprise_worst[RF_SURPRISE_WORST]; /* a node's share of its edges, the worst first */
#define RF_SURPRISE_SHARED 2.0 /* times an entity's own_residual is what a user shares with it */

typedef struct rf_surprise_listener { /* told of arrays that stay as they are from then on */
    void *context;
    /* `see` was shown all edges of the kind. */
    rf_status (*rows)(void *context, int kind, rf_err *err);
    /* A part or voice of the kind's edges. */
    rf_status (*part)(void *context, int kind, rf_part_id part, const float *nats, rf_err *err);
} rf_surprise_listener;

typedef struct rf_surprise_input { /* of users and one kind */
    int kind;                      /* 0 has every event, so the order of a user's is looked at */
    const rf_graph *graph; /* ids break ties of time; activity where the file has it: without, no lockstep */
    const rf_graph *seen;  /* the features as the model saw them */
    rf_outputs
        *outputs; /* reconstructions of all kinds; rows of edges that are made are ended after their use */
    const rf_real *ce; /* [edges] -ln p */
    /* Shown each edge's reconstruction once, n rows at a time, by several threads; NULL: nobody is. */
    void (*see)(void *seer, int64_t from, int64_t n, const rf_real *xhat, int worker);
    void *seer;
    const rf_surprise_listener *listener; /* NULL: none */
} rf_surprise_input;

typedef struct rf_surprise_nats { /* rf_mem blocks of the caller's */
    float *part[RF_SIDES_MOST][RF_PARTS];
    float
        *of_kind[RF_KINDS_MOST]; /* of users, with several kinds: what the edges of each give to the score */
} rf_surprise_nats;

/* in[n_kinds], the main kind first, all with the same users. Fills out->part[s][p] for each part that side s
 * has and leaves NULL for the others; what was made before a failure is the caller's to free, too. The voices
 * of users are the main kind's; overlap and copied those of the kind that says most. Sums in fixed order: the
 * same bytes at any number of threads. O(n d) for the columns (O(32768 d^2) for their correlations), O(64 E)
 * for lockstep; the parts take 4 bytes each, the work beside them about 150 bytes an edge of the kind
 * (lockstep_int.h, rf_sequence.h) and what tail_sum_int.h says of columns. */
RF_MUST_CHECK rf_status rf_surprise_parts(rf_surprise_nats *out, const rf_surprise_input *in, int n_kinds,
                                          rf_pool *pool, rf_err *err);

/* Adds to a plan the parts of all sides. */
void rf_surprise_plan_parts(rf_memory_plan *plan);
/* Adds to a plan what rf_surprise_parts takes while it reads the columns of edges, and after that. */
void rf_surprise_plan_columns(rf_memory_plan *plan, int threads);
void rf_surprise_plan_rest(rf_memory_plan *plan, int threads);

#endif
