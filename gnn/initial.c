/* initial.c - weights before the first step. rf_graphbean_new sets the initial batch norms.
 *
 * Kaiming-uniform weights are those of the reference implementation with the same seed: the same generator in
 * the same order. There a BEANConv's linear layers are drawn when they are made and once more when the
 * convolution resets its parameters, and the MLPs' layers alternate between the sides. Kinds that the
 * reference does not know have streams of their own, and so have the users' weights for their messages.
 */
#include "graphbean_int.h"

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
        const int cols = tensors[t].cols > 0 ? tensors[t].cols : 1;
        const int own = tensors[t].cols > 0 ? tensors[t].main_cols : 1;
        float bound = (float)(1.0 / sqrt((double)tensors[t].fan_in));
        for (int i = 0; i < tensors[t].rows; i++) {
            for (int j = 0; j < own; j++)
                tensors[t].value[(size_t)i * (size_t)cols + (size_t)j] =
                    (rf_real)rf_mt19937_uniform(twister, -bound, bound);
        }
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

/* ---- kinds ---- */

/* n rows of d numbers within 1/sqrt(fan_in). */
static void draw_rows(rf_real *x, int n, int d, int ld, int fan_in, uint64_t seed, int stream)
{
    rf_rng rng;
    double bound = 1.0 / sqrt((double)fan_in);
    rf_rng_init(&rng, seed, INITIAL_STREAM + (uint64_t)stream);
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < d; j++)
            x[(size_t)i * (size_t)ld + (size_t)j] = (rf_real)(bound * (2 * rf_rng_uniform(&rng) - 1));
    }
}

/* First what users receive of the kind, then the kind's own tensors: a stream each, in the order of layers.
 */
static void kaiming_uniform_of_kind(rf_graphbean *model, int kind, uint64_t seed)
{
    int stream = 0;
    for (int i = 0; i < model->n_convs; i++) {
        const rf_bean_conv *conv = &model->conv[i][kind];
        const int d = rf_bean_conv_k_u(conv), row = rf_bean_conv_row_u(conv);
        if (d > 0)
            draw_rows(conv->w_u + rf_bean_conv_at_u(conv), conv->o_u, d, row, row, seed, stream);
        stream++;
    }
    for (int t = 0; t < model->n_tensors; t++) {
        const rf_tensor *of = &model->tensors[t];
        const int cols = of->cols > 0 ? of->cols : 1;
        if (of->kind == kind && of->fan_in > 0)
            draw_rows(of->value, of->rows, cols, cols, of->fan_in, seed, stream++);
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
    const rf_kinds *kinds = &model->shape.kinds;
    if (init == RF_INIT_KAIMING_UNIFORM) {
        kaiming_uniform(model->tensors, model->n_tensors, seed);
        for (int k = 1; k < model->n_kinds; k++)
            kaiming_uniform_of_kind(model, k, rf_kind_seed(seed, kinds, k));
        return RF_OK;
    }
    int stream = 0;
    for (int t = 0; t < model->n_tensors; t++, stream++) {
        const rf_tensor *of = &model->tensors[t];
        if (t > 0 && of->kind != of[-1].kind)
            stream = 0;
        if (of->fan_in > 0)
            RF_TRY(orthogonal(of, rf_kind_seed(seed, kinds, of->kind), (uint64_t)stream, err));
    }
done:
    return st;
}
