/* row_product_int.h - blocks of rows times one matrix, while both stay in the nearest caches. */
#ifndef RF_ROW_PRODUCT_INT_H
#define RF_ROW_PRODUCT_INT_H

#include "rf_real.h"

/* out[n, d] = x[n, d] factor[d, d], out apart from both. Each sum in the order of factor's rows, by separate
 * products and additions: the same bytes on every processor. O(n d^2). */
void rf_row_product(rf_real *out, const rf_real *x, const rf_real *factor, int n, int d);

#endif
