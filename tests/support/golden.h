/* golden.h - reads golden_G*.h5 into a graph, a model and expectations; the double build reads the float64
 * copies. */
#ifndef RF_GOLDEN_H
#define RF_GOLDEN_H

#include "rf_check.h"
#include "rf_adj.h"
#include "rf_graphbean.h"
#include "rf_h5.h"

#if RF_REAL_IS_DOUBLE
#define GOLDEN_TYPE RF_H5_F64
#else
#define GOLDEN_TYPE RF_H5_F32
#endif

typedef struct golden {
    rf_h5 *file;
    rf_adj adj;
    rf_real *xu, *xv, *xe;
    rf_graphbean *model;
    rf_graphbean_input input;
    int64_t n_samples;
    uint32_t *sample_u, *sample_v;
    uint8_t *sample_y;
    int64_t *sample_ptr;
    rf_edge_sampler samples;
    rf_loss_weights weights;
} golden;

static inline void golden_shape(golden *g, const char *name, int *rank, int64_t dims[4])
{
    rf_err err = {0};
    RF_CHECK_OK(err, rf_h5_shape(g->file, name, rank, dims, &err));
}

/* A dataset as rf_real; n numbers. malloc'ed. */
static inline rf_real *golden_reals(golden *g, const char *name, int64_t *n)
{
    rf_err err = {0};
    int rank;
    int64_t dims[4] = {1, 1, 1, 1}, size = 1;
    golden_shape(g, name, &rank, dims);
    for (int i = 0; i < rank; i++)
        size *= dims[i];
    rf_real *out = malloc(sizeof *out * (size_t)(size + 1));
    RF_CHECK_OK(err, rf_h5_read(g->file, name, GOLDEN_TYPE, rank, dims, out, &err));
    if (n != NULL)
        *n = size;
    return out;
}

/* The float64 copy in the double build, where there is one. */
static inline rf_real *golden_expected(golden *g, const char *name, int64_t *n)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", RF_REAL_IS_DOUBLE ? "/f64" : "", name);
    *n = 0;
    return rf_h5_exists(g->file, path) ? golden_reals(g, path, n) : NULL;
}

static inline uint32_t *golden_numbers(golden *g, const char *name, int64_t *n)
{
    rf_err err = {0};
    int rank;
    int64_t dims[4];
    golden_shape(g, name, &rank, dims);
    uint32_t *out = malloc(sizeof *out * (size_t)(dims[0] + 1));
    RF_CHECK_OK(err, rf_h5_read(g->file, name, RF_H5_U32, 1, dims, out, &err));
    *n = dims[0];
    return out;
}

static inline int golden_int(golden *g, const char *name)
{
    rf_err err = {0};
    int64_t value;
    RF_CHECK_OK(err, rf_h5_read_attr_int(g->file, "/", name, &value, 1, &err));
    return (int)value;
}

static inline void golden_read_model(golden *g, const char *root, bool running)
{
    int n_tensors;
    const rf_tensor *tensors = rf_graphbean_tensors(g->model, &n_tensors);
    for (int t = 0; t < n_tensors; t++) {
        char name[160];
        int64_t n;
        if (tensors[t].running && !running)
            continue;
        snprintf(name, sizeof name, "%s/%s", root, tensors[t].name);
        rf_real *x = golden_reals(g, name, &n);
        ck_assert_int_eq(n, tensors[t].rows * (tensors[t].cols > 0 ? tensors[t].cols : 1));
        memcpy(tensors[t].value, x, (size_t)n * sizeof *x);
        free(x);
    }
}

static inline void golden_open(golden *g, int number)
{
    rf_err err = {0};
    char name[32], path[RF_TEST_PATH];
    int rank;
    int64_t du[4], dv[4], de[4], n, n_e;
    *g = (golden){0};
    snprintf(name, sizeof name, "golden_G%d.h5", number);
    ck_assert_msg(rf_golden_path(path, name), "%s is not there", name);
    RF_CHECK_OK(err, rf_h5_open(&g->file, path, &err));
    golden_shape(g, "/u/x", &rank, du);
    golden_shape(g, "/v/x", &rank, dv);
    golden_shape(g, "/e/x", &rank, de);
    g->xu = golden_reals(g, "/u/x", NULL);
    g->xv = golden_reals(g, "/v/x", NULL);
    g->xe = golden_reals(g, "/e/x", NULL);
    uint32_t *e_u = golden_numbers(g, "/e/u", &n_e), *e_v = golden_numbers(g, "/e/v", &n_e);
    RF_CHECK_OK(err, rf_adj_init(&g->adj, du[0], dv[0], n_e, e_u, e_v, &err));
    free(e_u);
    free(e_v);
    rf_graphbean_shape shape = {
        .in = {(int)du[1], (int)dv[1], (int)de[1]},
        .hidden = {golden_int(g, "hidden_u"), golden_int(g, "hidden_v"), golden_int(g, "hidden_e")},
        .latent = {golden_int(g, "latent_u"), golden_int(g, "latent_v")},
        .edge_latent = golden_int(g, "edge_pred_latent"),
        .layers_encoder = golden_int(g, "n_layers_encoder"),
        .layers_decoder = golden_int(g, "n_layers_decoder"),
        .layers_mlp = golden_int(g, "n_layers_mlp"),
    };
    RF_CHECK_OK(err, rf_graphbean_new(&g->model, &shape, true, &err));
    golden_read_model(g, "/model", true);
    g->input = (rf_graphbean_input){.adj = {&g->adj}, .x = {g->xu, g->xv, g->xe}};
    g->sample_u = golden_numbers(g, "/samples/u", &g->n_samples);
    g->sample_v = golden_numbers(g, "/samples/v", &n);
    g->sample_y = malloc((size_t)n);
    RF_CHECK_OK(err, rf_h5_read(g->file, "/samples/y", RF_H5_U8, 1, &n, g->sample_y, &err));
    g->sample_ptr = calloc((size_t)g->adj.n_u + 1, sizeof *g->sample_ptr);
    for (int64_t k = 0; k < n; k++)
        g->sample_ptr[g->sample_u[k] + 1]++;
    for (int64_t u = 0; u < g->adj.n_u; u++)
        g->sample_ptr[u + 1] += g->sample_ptr[u];
    g->samples = (rf_edge_sampler){
        .adj = &g->adj, .list_ptr = g->sample_ptr, .list_v = g->sample_v, .list_y = g->sample_y};
    RF_CHECK_OK(err, rf_h5_read_attr_double(g->file, "/", "eta", &g->weights.eta, &err));
    g->weights.kind[0] = 1;
}

static inline void golden_close(golden *g)
{
    rf_graphbean_free(g->model);
    rf_adj_clear(&g->adj);
    free(g->xu);
    free(g->xv);
    free(g->xe);
    free(g->sample_u);
    free(g->sample_v);
    free(g->sample_y);
    free(g->sample_ptr);
    rf_h5_close(&g->file);
}

#endif
