/* row_product.c - sums of LANES columns of a few rows at once, kept in registers over all of factor's rows.
 *
 * The last lanes reach back over columns that others have, where there are enough: the same sums are stored
 * again.
 */
#include "row_product_int.h"

#include <stdint.h>
#include <string.h>

#include "rf_hot.h"

#define LANES 16
#define ROWS 6 /* at once: their sums, a row of the factor and one number fit into 16 registers */
#define INLINE static inline __attribute__((always_inline))

typedef rf_real lanes __attribute__((vector_size(sizeof(rf_real) * LANES)));

/* Columns first..first + LANES of some rows. */
INLINE void multiply_lanes(rf_real *out, const rf_real *x, const rf_real *factor, int some, int64_t d,
                           int64_t first)
{
    lanes sum[ROWS] = {{0}};
    for (int64_t k = 0; k < d; k++) {
        lanes of_row;
        memcpy(&of_row, factor + k * d + first, sizeof of_row);
        for (int i = 0; i < some; i++)
            sum[i] += x[i * d + k] * of_row;
    }
    for (int i = 0; i < some; i++)
        memcpy(out + i * d + first, &sum[i], sizeof sum[i]);
}

INLINE void multiply_columns(rf_real *out, const rf_real *x, const rf_real *factor, int some, int64_t d)
{
    for (int64_t at = 0; at < d; at += LANES)
        multiply_lanes(out, x, factor, some, d, at + LANES < d ? at : d - LANES);
}

RF_HOT static void multiply_wide(rf_real *restrict out, const rf_real *restrict x,
                                 const rf_real *restrict factor, int n, int64_t d)
{
    int i = 0;
    for (; i + ROWS <= n; i += ROWS)
        multiply_columns(out + i * d, x + i * d, factor, ROWS, d);
    for (; i < n; i++)
        multiply_columns(out + i * d, x + i * d, factor, 1, d);
}

static void multiply_narrow(rf_real *out, const rf_real *x, const rf_real *factor, int n, int64_t d)
{
    for (int64_t i = 0; i < n * d; i++)
        out[i] = 0;
    for (int i = 0; i < n; i++) {
        for (int64_t k = 0; k < d; k++) {
            for (int64_t j = 0; j < d; j++)
                out[i * d + j] += x[i * d + k] * factor[k * d + j];
        }
    }
}

void rf_row_product(rf_real *out, const rf_real *x, const rf_real *factor, int n, int d)
{
    if (d >= LANES)
        multiply_wide(out, x, factor, n, d);
    else
        multiply_narrow(out, x, factor, n, d);
}
