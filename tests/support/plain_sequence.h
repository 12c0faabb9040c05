/* plain_sequence.h - the order of users' events by an obvious version of every formula of rf_sequence.h. */
#ifndef RF_TEST_PLAIN_SEQUENCE_H
#define RF_TEST_PLAIN_SEQUENCE_H

#include "rf_graph.h"

#define MOST_STEPS 512
#define MOST_USERS 64

typedef struct plain_step {
    int action, gap; /* small numbers; gap 0: a first step */
    double gap_s;
    int64_t edge;
} plain_step;

typedef struct plain_user {
    int n;
    plain_step step[MOST_STEPS];
} plain_user;

typedef struct plain_part {
    double order[MOST_USERS][MOST_STEPS]; /* of a step */
    double repeats[MOST_USERS][MOST_STEPS];
    double cheap[MOST_USERS], regular[MOST_USERS];
} plain_part;

/* One for each user; free with rf_mem_free. actions: the edges have the columns kind=a, kind=b, kind=c and
 * refund; else the entity's popularity is the action. */
plain_user *plain_users(const rf_graph *graph, bool actions);

/* cost and usual of one factor of step i of user u; 0 for the gap of a first step. */
void plain_expected(double *cost, double *usual, const plain_user *users, int64_t n_u, int64_t u, int i,
                    bool of_gap);
/* What step i costs one who has seen the user's steps before it. */
double plain_own_cost(const plain_user *user, int i);

/* All of part (zeroed), and the thresholds of a step's order. */
void plain_fill(plain_part *part, double threshold[8], const plain_user *users, int64_t n_u);
/* The order of a user. */
double plain_order(const plain_part *part, const plain_user *users, int64_t n_u, int64_t u,
                   const double threshold[8]);

#endif
