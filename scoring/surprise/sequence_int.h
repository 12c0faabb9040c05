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

#define RF_SEQUENCE_BYTES ((int64_t)56) /* an edge, while it works */

/* ---- what was done: sequence_actions.c ---- */

typedef struct rf_actions { /* the columns of the edges that say it: of categories, and two-valued ones */
    const rf_graph *graph;
    int n;
    int *column;
    int *category; /* columns of one category have one number, and stand together */
    rf_real *none; /* a share is none up to this standardised value */
} rf_actions;

/* O(edges) for each column of few values. */
RF_MUST_CHECK rf_status rf_actions_init(rf_actions *actions, const rf_graph *graph, rf_err *err);
void rf_actions_clear(rf_actions *actions);
/* Asks the memory for what the hash of the edge will read. */
void rf_actions_fetch(const rf_actions *actions, int64_t edge);
/* Of the value of each category and each yes, no and unknown; never 0, which stands for no step. */
uint64_t rf_actions_hash(const rf_actions *actions, int64_t edge);
/* Columns of the values of an edge's categories, and of what is yes, at most `most`; returns how many. */
int rf_actions_list(int *out, int most, const rf_actions *actions, int64_t edge);

/* ---- steps: sequence_steps.c and sequence_grams.c ---- */

#define RF_GAP_CLASSES                                                                                       \
    7 /* 0: a user's first step; at once, below a minute, an hour, a day, a week, longer                     \
       */

typedef enum rf_gram { /* what two steps may have in common */
                       RF_GRAM_ACTION,
                       RF_GRAM_GAP,       /* its class */
                       RF_GRAM_STEP,      /* action and gap */
                       RF_GRAM_ACTIONS,   /* the action, and the action before */
                       RF_GRAM_AFTER_ONE, /* the action, and the step before */
                       RF_GRAM_TWO,       /* the step, and the one before */
                       RF_GRAM_AFTER_TWO, /* the action, and the two steps before */
                       RF_GRAM_THREE,     /* the step, and the two before */
                       RF_GRAMS
} rf_gram;

typedef struct rf_steps {
    int64_t n_u, n;
    const int64_t *u_ptr;     /* of the graph: steps of user u in order of time are u_ptr[u]..u_ptr[u + 1) */
    const uint32_t *edge;     /* [n] of the order of users */
    uint32_t *gram[RF_GRAMS]; /* [n] equal numbers: equal in that; from 1 on, but gaps, which are classes */
    uint32_t n_grams[RF_GRAMS]; /* numbers are below it */
    uint8_t *fine;              /* [n] class of the gap: 0 for a first step, then halves of a doubling of
                                 * the gap in seconds */
    int64_t longest;            /* the most steps of a user */
} rf_steps;

/* order: of users, at least; it must outlive the steps. */
RF_MUST_CHECK rf_status rf_steps_init(rf_steps *steps, const rf_graph *graph, const rf_time_order *order,
                                      rf_pool *pool, rf_err *err);
void rf_steps_clear(rf_steps *steps);

/* steps->gram[RF_GRAM_ACTION] from the keys of edges, and those that actions and gaps make. */
RF_MUST_CHECK rf_status rf_grams_number(rf_steps *steps, const uint64_t *action_of_edge, rf_pool *pool,
                                        rf_err *err);

/* A hash of both, in this order. */
uint64_t rf_hash_two(uint64_t a, uint64_t b);

/* ---- the population: sequence_model.c ---- */

typedef struct rf_sequence_model rf_sequence_model;

RF_MUST_CHECK rf_status rf_sequence_model_new(rf_sequence_model **out, const rf_steps *steps, rf_pool *pool,
                                              rf_err *err);
void rf_sequence_model_free(rf_sequence_model *model);

typedef struct rf_expected { /* of steps: [0] their actions, [1] their gaps after those actions */
    double *cost[2];         /* -ln p; 0 for the gap of a first step */
    double *usual[2];        /* what a step in this place costs on average */
} rf_expected;
RF_MUST_CHECK rf_status rf_expected_init(rf_expected *expected, int64_t most, rf_err *err);
void rf_expected_clear(rf_expected *expected);

/* Nats by which step i is rarer than steps in its place are, at least 0. */
double rf_expected_excess(const rf_expected *expected, int64_t i);

typedef struct rf_tally rf_tally; /* scratch for a block of users with at most `most` steps */
RF_MUST_CHECK rf_status rf_tally_new(rf_tally **out, const rf_steps *steps, int64_t most, rf_err *err);
void rf_tally_free(rf_tally *tally);

/* The users from `first` on that make a block of at most `most` steps (at least one): returns the one after,
 * at most `last`. */
int64_t rf_block_end(const rf_steps *steps, int64_t first, int64_t last, int64_t most);

/* Of all steps of users first..last - 1, each user's own share of the counts left out. O(steps). */
void rf_sequence_model_judge(rf_expected *out, const rf_sequence_model *model, int64_t first, int64_t last,
                             rf_tally *scratch);

/* ---- the user alone: sequence_own.c ---- */

#define RF_OWN_BLOCK 128

typedef struct rf_own rf_own; /* scratch of rf_own_costs */
RF_MUST_CHECK rf_status rf_own_new(rf_own **out, rf_err *err);
void rf_own_free(rf_own *own);

/* cost[i]: nats of the i-th step of user u for one who has seen the user's steps before it and nothing else.
 * Every RF_OWN_BLOCK steps it forgets them, so that those of longer histories are no cheaper. O(steps). */
void rf_own_costs(double *cost, const rf_steps *steps, int64_t u, rf_own *scratch);

/* nats[i] of x[i] among users with about as many steps, n[i]: 0 up to their median, ln 2.5 where 80 % are
 * below, and linear in x. 0 for users with fewer than `least` steps. O(users). */
RF_MUST_CHECK rf_status rf_against_length(float *nats, const float *x, const int64_t *n, int64_t n_u,
                                          int64_t least, rf_err *err);

#endif
