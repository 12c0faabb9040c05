/* ranges_int.h - the ranges of a matrix's columns. */
#ifndef RF_RANGES_INT_H
#define RF_RANGES_INT_H

#include <stdbool.h>

#include "rf_pool.h"
#include "rf_real.h"
#include "rf_status.h"

/* low[d] and high[d] of x[n, d], of equal values the first; unset where there are no rows. finite: all are;
 * else the ranges mean nothing. */
RF_MUST_CHECK rf_status rf_column_ranges(float *low, float *high, bool *finite, const rf_real *x, int64_t n,
                                         int d, rf_pool *pool, rf_err *err);

#endif
