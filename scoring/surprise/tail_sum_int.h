/* tail_sum_int.h - how far out a row is, in nats: the sum over its columns of what is beyond a threshold.
 *
 *   out[i] = sum over the columns j of w_j max(N_j(x_ij) - threshold, 0)    (tails_int.h has N)
 *
 * Where asked, for the columns of features:
 *
 * Form. An attribute's figures are in the graph raw or tamed by log1p, as configured, and a tail that is far
 * out in one form may be near in the other. With `forms` such a column is taken raw, or tamed where its raw
 * upper tail is heavy (xi > RF_TAIL_HEAVY): in the form in which the bulk of the tail is about exponential
 * and outliers stay far. What the configuration says about log1p changes nothing then.
 *
 * Weight. Some columns stay far out for many rows of a node in a row: an average of the last 30 days says the
 * same of each of the days. That is one surprise, told again and again. With `before` w_j = 1 - p^2, p the
 * larger of two shares, at users and at entities: of the rows far out (N > threshold), those whose
 * predecessor in time at the same node is far out, too (RF_TAIL_FEW predecessors that are not are added).
 * 1 - p estimates the extremal index, the inverse of the mean length of a run of far-out rows (Leadbetter,
 * Zeitschrift fuer Wahrscheinlichkeitstheorie 1983); the square spares columns that often change.
 */
#ifndef RF_TAIL_SUM_INT_H
#define RF_TAIL_SUM_INT_H

#include "order_int.h"
#include "rf_made_rows.h"
#include "rf_memory_plan.h"

#define RF_TAIL_HEAVY 0.3
#define RF_TAIL_ALL 131072   /* rows up to which tails are fitted to all of them */
#define RF_TAIL_SAMPLE 32768 /* evenly spaced ones that give forms, u0 and weights of more */

typedef struct rf_tail_sum {
    const rf_real *x;          /* [n, d] */
    const rf_made_rows *minus; /* what is subtracted, or NULL */
    const rf_real *factor;     /* [d, d] what each row is multiplied with then, or NULL */
    int64_t n;
    int d;
    double threshold;           /* at least ln 5 - ln 2 */
    const rf_graph_side *forms; /* whose features x are, in their units; or NULL: x as it is */
    const uint32_t *before[2];  /* [n] the row before at the same user, entity, or RF_NO_EDGE; or NULL: with x
                                   alone */
    /* With minus: shown its rows, each once, n at a time, by several threads; or NULL. */
    void (*see)(void *seer, int64_t from, int64_t n, const rf_real *minus, int worker);
    void *seer;
} rf_tail_sum;

/* out[k][n] of n matrices of one shape, in one pass over their rows; those with a minus have the same. Counts
 * and order statistics, and each row's sum in the order of columns, the rare ones last: the same at any
 * number of threads. Beyond RF_TAIL_ALL rows a sample of them is fitted; where it has few excesses, all rows'
 * excesses are counted and about 8192 of them, evenly chosen, give sigma and xi. O(n d), with a factor O(n
 * d^2); memory of RF_TAIL_ALL rows, or of the sample and, a matrix, 2 kB a column and 16 bytes a rare
 * excess. */
RF_MUST_CHECK rf_status rf_tails_sum_all(float *const *out, const rf_tail_sum *sums, int n, rf_pool *pool,
                                         rf_err *err);
RF_MUST_CHECK rf_status rf_tails_sum(float *out, const rf_tail_sum *sum, rf_pool *pool, rf_err *err);
/* Adds what it takes for n matrices of all rows of a side, with a minus; rare excesses left out. is_made:
 * minus is not in memory. */
void rf_tails_sum_plan(rf_memory_plan *plan, rf_side side, int n, bool is_made, int threads);

#endif
