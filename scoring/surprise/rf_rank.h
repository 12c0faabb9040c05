/* rf_rank.h - the rank of a score among the scores of its run: order, mid-rank percentile, robust z.
 *
 *   percentile = (scores strictly below + half of the other equal ones) / (n - 1);   0.5 when n = 1
 *   robust z   = (score - median) / (1.4826 MAD),   MAD = median |score - median|
 *
 * Where more than half of all scores are equal the MAD is 0; the spread is then 1.2533 times the mean
 * absolute deviation (both constants make the spread a standard deviation for normal data), and if that is 0
 * too, every z is 0.
 */
#ifndef RF_RANK_H
#define RF_RANK_H

#include <stdint.h>

#include "rf_real.h"
#include "rf_status.h"

typedef struct rf_ranked {
    rf_real score;
    uint32_t row;
} rf_ranked;

/* All rows in ascending order of score, equal scores by row. n < 2^32. RF_E_NUMERIC names the first NaN. *out
 * is an rf_mem block owned by the caller; as much memory again is used while sorting. O(n). */
RF_MUST_CHECK rf_status rf_rank_sort(rf_ranked **out, int64_t n, const rf_real *score, rf_err *err);
/* The same of floats, such as the nats of a part. */
RF_MUST_CHECK rf_status rf_rank_sort_floats(rf_ranked **out, int64_t n, const float *x, rf_err *err);

/* Values alone, in ascending order; none is NaN, n < 2^32. spare: [n], to work with. O(n). */
void rf_rank_values(rf_real *values, rf_real *spare, int64_t n);

/* The first place after the scores equal to sorted[from]. */
int64_t rf_rank_tie_end(const rf_ranked *sorted, int64_t n, int64_t from);
/* The first place of the scores equal to sorted[to - 1]. */
int64_t rf_rank_tie_start(const rf_ranked *sorted, int64_t to);

/* The mid-rank percentile of the scores at places [from, to) of n: equal scores fill those places. */
double rf_rank_percentile(int64_t from, int64_t to, int64_t n);

/* percentile[n] and robust_z[n], by row, from what rf_rank_sort gave. O(n). */
void rf_rank_describe(float *percentile, float *robust_z, const rf_ranked *sorted, int64_t n);

#endif
