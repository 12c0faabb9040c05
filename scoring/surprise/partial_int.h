/* partial_int.h - partial residuals: what of a row's residual the other columns' residuals do not explain, so
 * that near-copies of a column do not count often.
 *
 *   P = (corr(R) + 0.01 I)^-1,   out = standardised R P
 *
 * A row of it is, up to a factor a column, the residual of a ridge regression of each column on all others.
 */
#ifndef RF_PARTIAL_INT_H
#define RF_PARTIAL_INT_H

#include "rf_made_rows.h"
#include "rf_memory_plan.h"
#include "rf_pool.h"
#include "rf_real.h"
#include "rf_status.h"

/* factor [d, d]: what the rows of R = x - minus [n, d] (minus NULL: x) are multiplied with. Columns are left
 * where they are on their own axis (not centred): tails do not depend on it. Sums over 256 rows in rf_real,
 * over these in double. Beyond RF_TAIL_ALL rows some RF_TAIL_SAMPLE evenly spaced ones give the
 * correlations. O(n d^2) up to there, and memory for these rows. */
RF_MUST_CHECK rf_status rf_partial_factor(rf_real *factor, const rf_real *x, const rf_made_rows *minus,
                                          int64_t n, int d, rf_pool *pool, rf_err *err);
/* Adds what it takes of all rows of a side. is_made: minus is not in memory. */
void rf_partial_plan(rf_memory_plan *plan, rf_side side, bool is_made, int threads);

#endif
