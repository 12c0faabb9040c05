/* initial.c - weights before the first step. rf_graphbean_new sets the initial batch norms.
 *
 * Kaiming-uniform weights are those of the reference implementation with the same seed: the same generator in
 * the same order. There a BEANConv's linear layers are drawn when they are made and once more when the
 * convolution resets its parameters, and the MLPs' layers alternate between the sides.
 */
#include "rf_graphbean.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_linalg.h"
#include "rf_mt19937.h"
#include "rf_rng.h"

#define INITIAL_STREAM UINT64_C(0x696e697469616c00)

/* ---- as the reference ---- */

/* Draws the linear layers among the tensors whose names begin with `prefix`, in their order. */
static int draw_named(const rf_tensor *tensors, int n_tensors, const char *prefix, rf_mt19937 *twister)
{
    int drawn = 0;
    for (int t = 0; t < n_tensors; t++) {
        if (tensors[t].fan_in == 0 || strncmp(tensors[t].name, prefix, strlen(prefix)) != 0)
            continue;
        float bound = (float)(1.0 / sqrt((double)tensors[t].fan_in));
        size_t n = rf_tensor_size(&tensors[t]);
        for (size_t i = 0; i < n; i++)
            tensors[t].value[i] = (rf_real)rf_mt19937_uniform(twister, -bound, bound);
        drawn++;
    }
    return drawn;
}

static void draw_convs(const rf_tensor *tensors, int n_tensors, const char *part, rf_mt19937 *twister)
{
    char prefix[48];
    for (int layer = 0;; layer++) {
        (void)snprintf(prefix, sizeof prefix, "%s/%d/", part, layer);
        if (draw_named(tensors, n_tensors, prefix, twister) == 0)
            return;
        draw_named(tensors, n_tensors, prefix, twister);
    }
}

static void kaiming_uniform(const rf_tensor *tensors, int n_tensors, uint64_t seed)
{
    rf_mt19937 twister;
    char u[48], v[48];
    rf_mt19937_init(&twister, seed);
    draw_convs(tensors, n_tensors, "encoder_convs", &twister);
    draw_convs(tensors, n_tensors, "decoder_convs", &twister);
    for (int layer = 0;; layer++) {
        (void)snprintf(u, sizeof u, "u_mlp_layers/%d/", layer);
        (void)snprintf(v, sizeof v, "v_mlp_layers/%d/", layer);
        if (draw_named(tensors, n_tensors, u, &twister) == 0)
            return;
        draw_named(tensors, n_tensors, v, &twister);
    }
}

/* ---- orthogonal ---- */

static rf_status orthogonal(const rf_tensor *tensor, uint64_t seed, uint64_t stream, rf_err *err)
{
    rf_rng rng;
    size_t n = rf_tensor_size(tensor);
    if (tensor->cols == 0) {
        memset(tensor->value, 0, n * sizeof *tensor->value);
        return RF_OK;
    }
    rf_rng_init(&rng, seed, INITIAL_STREAM + stream);
    for (size_t i = 0; i < n; i++)
        tensor->value[i] = (rf_real)rf_rng_normal(&rng);
    return rf_orthogonalise(tensor->value, tensor->rows, tensor->cols, err);
}

rf_status rf_graphbean_initialise(rf_graphbean *model, rf_init init, uint64_t seed, rf_err *err)
{
    rf_status st = RF_OK;
    int n_tensors;
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    if (init == RF_INIT_KAIMING_UNIFORM) {
        kaiming_uniform(tensors, n_tensors, seed);
        return RF_OK;
    }
    for (int t = 0; t < n_tensors; t++) {
        if (tensors[t].fan_in > 0)
            RF_TRY(orthogonal(&tensors[t], seed, (uint64_t)t, err));
    }
done:
    return st;
}
