/* initial.c - weights before the first step. Batch norms start as rf_graphbean_new leaves them. */
#include "rf_graphbean.h"

#include <math.h>
#include <string.h>

#include "rf_linalg.h"
#include "rf_rng.h"

#define INITIAL_STREAM UINT64_C(0x696e697469616c00)

static void fill_uniform(rf_real *x, size_t n, double bound, rf_rng *rng)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (rf_real)((2.0 * rf_rng_uniform(rng) - 1.0) * bound);
}

static void fill_normal(rf_real *x, size_t n, rf_rng *rng)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (rf_real)rf_rng_normal(rng);
}

rf_status rf_graphbean_initialise(rf_graphbean *model, rf_init init, uint64_t seed, rf_err *err)
{
    rf_status st = RF_OK;
    int n_tensors;
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    for (int t = 0; t < n_tensors; t++) {
        const rf_tensor *tensor = &tensors[t];
        size_t n = (size_t)tensor->rows * (size_t)(tensor->cols > 0 ? tensor->cols : 1);
        rf_rng rng;
        if (tensor->fan_in == 0)
            continue;
        rf_rng_init(&rng, seed, INITIAL_STREAM + (uint64_t)t);
        if (init == RF_INIT_KAIMING_UNIFORM) {
            fill_uniform(tensor->value, n, 1.0 / sqrt((double)tensor->fan_in), &rng);
        } else if (tensor->cols == 0) {
            memset(tensor->value, 0, n * sizeof *tensor->value);
        } else {
            fill_normal(tensor->value, n, &rng);
            RF_TRY(rf_orthogonalise(tensor->value, tensor->rows, tensor->cols, err));
        }
    }
done:
    return st;
}
