/* narrow_rows.c - rows in bfloat16, as numbers to compute with. */
#include "rf_kernels.h"

#include "gnn_int.h"

RF_HOT static void widen(rf_real *out, const rf_bf16 *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = (rf_real)rf_bf16_float(x[i]);
}

void rf_widen(rf_real *out, const rf_bf16 *x, int64_t n)
{
    widen(out, x, n);
}
