/* rf_tall_products.h - products of tall, narrow blocks, where BLAS spends more on copying than on
 * multiplying.
 *
 * A block of our rows is multiplied with a weight of a few dozen columns. BLAS copies both factors into its
 * own order first, which pays for square matrices. Here rows are read where they lie, and 12 of them times
 * two vectors of columns stay in registers. Needs AVX-512's 32 registers; elsewhere BLAS is as good.
 */
#ifndef RF_TALL_PRODUCTS_H
#define RF_TALL_PRODUCTS_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_real.h"

/* c (m, n; row stride ldc) = the sum over k of a[i, k] b[k, j], added to what is there if add.
 * a[i, k] lies at a + i * a_row + k * a_k. b[k, j] lies at b + k * b_row + j * b_column. */
typedef struct rf_tall_product {
    rf_real *c;
    const rf_real *a, *b;
    int64_t ldc, a_row, a_k, b_row, b_column;
    int m, n, k;
    bool add;
} rf_tall_product;

/* Has it been done? false: this CPU or this shape is not for it, and c is as it was. The order of additions
 * depends on the shape alone. */
bool rf_tall_multiply(const rf_tall_product *product);
/* Is this CPU for it at all? */
bool rf_tall_is_for_cpu(void);

#endif
