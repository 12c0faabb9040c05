/* sequence_int.h - a user's edges as a sequence of steps, and what the population and the user itself lead
 * one to expect of the next step: what the files of the sequence voice share (rf_sequence.h has the
 * formulas).
 */
#ifndef RF_SEQUENCE_INT_H
#define RF_SEQUENCE_INT_H

#include "order_int.h"
#include "rf_graph.h"
#include "rf_pool.h"

/* ---- the voice: sequence.c ---- */

/* edge_nats[edges], user_nats[users]: 0 everywhere where the graph has no times, or one time only. Graph with
 * features and activity. */
RF_MUST_CHECK rf_status rf_part_sequence(float *edge_nats, float *user_nats, const rf_graph *graph,
                                         const rf_arranged *arranged, rf_pool *pool, rf_err *err);

/* ---- what was done: sequence_actions.c ---- */

typedef struct rf_actions { /* the columns of the edges that say it: of categories, and two-valued ones */
    const rf_graph *graph;
    int n;
    int *column;
    int *category; /* columns of one category have one number, and stand together */
} rf_actions;

/* O(edges) for each column of few values. */
RF_MUST_CHECK rf_status rf_actions_init(rf_actions *actions, const rf_graph *graph, rf_err *err);
void rf_actions_clear(rf_actions *actions);
/* Of the value of each category and each yes, no and unknown; never 0, which stands for no step. */
uint64_t rf_actions_hash(const rf_actions *actions, int64_t edge);
/* Columns of the values of an edge's categories, and of what is yes, at most `most`; returns how many. */
int rf_actions_list(int *out, int most, const rf_actions *actions, int64_t edge);
/* Different users of an entity: stands for what was done where n is 0. */
int64_t rf_actions_users(const rf_actions *actions, uint32_t entity);

/* ---- steps: sequence_steps.c ---- */

#define RF_FIRST_STEP (-1) /* the gap of a user's first step */

typedef struct rf_step {
    uint64_t action; /* hash of what was done, not 0 */
    uint64_t token;  /* hash of the action and of the class of the gap */
    int64_t gap_us;  /* since the user's step before, or RF_FIRST_STEP */
    uint32_t edge;
} rf_step;

typedef struct rf_steps {
    int64_t n_u, n;
    const int64_t *u_ptr; /* of the graph: steps of user u in order of time: at[u_ptr[u]..u_ptr[u + 1]) */
    rf_step *at;          /* [n] */
    int64_t longest;      /* the most steps of a user */
} rf_steps;

/* order: of users, at least. */
RF_MUST_CHECK rf_status rf_steps_init(rf_steps *steps, const rf_graph *graph, const rf_time_order *order,
                                      rf_pool *pool, rf_err *err);
void rf_steps_clear(rf_steps *steps);

/* 0 for a user's first step, then 1 .. 6: at once, below a minute, an hour, a day, a week, and longer. */
int rf_gap_class(int64_t gap_us);
/* 0 for a user's first step, then halves of a doubling of the gap in seconds. */
int rf_gap_fine(int64_t gap_us);

/* A hash of both, in this order. */
uint64_t rf_hash_two(uint64_t a, uint64_t b);

/* ---- the population: sequence_model.c ---- */

typedef struct rf_sequence_model rf_sequence_model;

RF_MUST_CHECK rf_status rf_sequence_model_new(rf_sequence_model **out, const rf_steps *steps, rf_pool *pool,
                                              rf_err *err);
void rf_sequence_model_free(rf_sequence_model *model);

typedef struct rf_expected { /* of one step: [0] its action, [1] its gap after that action */
    double cost[2];          /* -ln p; 0 for the gap of a first step */
    double usual[2];         /* what a step in this place costs on average */
} rf_expected;

typedef struct rf_tally rf_tally; /* scratch of rf_sequence_model_judge for users of at most `most` steps */
RF_MUST_CHECK rf_status rf_tally_new(rf_tally **out, int64_t most, rf_err *err);
void rf_tally_free(rf_tally *tally);

/* out[i] for each of the n steps of one user, whose own share of the counts is left out. O(n). */
void rf_sequence_model_judge(rf_expected *out, const rf_sequence_model *model, const rf_step *step, int64_t n,
                             rf_tally *scratch);

/* Nats by which a step is rarer than steps in its place are, at least 0. */
double rf_expected_excess(const rf_expected *expected);

/* ---- the user alone: sequence_own.c ---- */

#define RF_OWN_BLOCK 128

typedef struct rf_own_cell rf_own_cell; /* scratch of rf_own_costs */
RF_MUST_CHECK rf_own_cell *rf_own_cells_new(rf_err *err);

/* cost[i]: nats of step i for one who has seen the user's steps before it and nothing else. Every
 * RF_OWN_BLOCK steps it forgets them, so that those of longer histories are no cheaper. O(n). */
void rf_own_costs(double *cost, const rf_step *step, int64_t n, rf_own_cell *scratch);

/* nats[i] of x[i] among users with about as many steps, n[i]: 0 up to their median, ln 2.5 where 80 % are
 * below, and linear in x. 0 for users with fewer than `least` steps. O(users). */
RF_MUST_CHECK rf_status rf_against_length(float *nats, const float *x, const int64_t *n, int64_t n_u,
                                          int64_t least, rf_err *err);

#endif
