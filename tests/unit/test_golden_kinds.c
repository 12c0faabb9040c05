/* test_golden_kinds.c - the numbers of scripts/golden-kinds.py for two and three kinds of entity: outputs,
 * losses, gradients, Adam steps.
 *
 * The tolerances are those of test_golden.c.
 */
#include "rf_adam.h"
#include "rf_check.h"
#include "rf_graphbean.h"
#include "rf_h5.h"

#if RF_REAL_IS_DOUBLE
#define TYPE RF_H5_F64
#define TOL_OUTPUT 1e-9
#define TOL_LOSS 1e-9
#define TOL_GRADIENT 1e-9
#define TOL_NO_GRADIENT 1e-9
#define TOL_ADAM 1e-9
#else
#define TYPE RF_H5_F32
#define TOL_OUTPUT 2e-5
#define TOL_LOSS 2e-6
#define TOL_GRADIENT 1e-4 /* of the tensor's largest entry */
#define TOL_NO_GRADIENT 2e-6
#define TOL_ADAM 1e-4
#endif

#define PATH 160

typedef struct golden {
    const char *name;
    rf_h5 *file;
    rf_kinds kinds;
    rf_adj adj[RF_KINDS_MOST];
    rf_graphbean_input input;
    rf_edge_sampler samples[RF_KINDS_MOST];
    rf_loss_weights weights;
    rf_graphbean *model;
    void *blocks[256]; /* all memory, to be freed */
    int n_blocks;
} golden;

/* ---- reading ---- */

static void *keep(golden *g, void *block)
{
    ck_assert_int_lt(g->n_blocks, 256);
    return g->blocks[g->n_blocks++] = block;
}

static int64_t size_of(golden *g, const char *path, int *rank, int64_t dims[4])
{
    rf_err err = {0};
    int64_t size = 1;
    RF_CHECK_OK(err, rf_h5_shape(g->file, path, rank, dims, &err));
    for (int i = 0; i < *rank; i++)
        size *= dims[i];
    return size;
}

static void *numbers(golden *g, const char *path, rf_h5_type type, int64_t *n)
{
    rf_err err = {0};
    int rank;
    int64_t dims[4] = {1, 1, 1, 1};
    *n = size_of(g, path, &rank, dims);
    void *out = malloc((size_t)(*n + 1) * rf_h5_type_size(type));
    RF_CHECK_OK(err, rf_h5_read(g->file, path, type, rank, dims, out, &err));
    return out;
}

static int attribute(golden *g, const char *name)
{
    rf_err err = {0};
    int64_t value;
    RF_CHECK_OK(err, rf_h5_read_attr_int(g->file, "/", name, &value, 1, &err));
    return (int)value;
}

static void attributes(golden *g, const char *name, int *out, int n)
{
    rf_err err = {0};
    int64_t value[3];
    RF_CHECK_OK(err, rf_h5_read_attr_int(g->file, "/", name, value, n, &err));
    for (int i = 0; i < n; i++)
        out[i] = (int)value[i];
}

/* "group/name" of the main kind, "group/kinds/NAME/name" of another. */
static const char *of_kind(char out[PATH], golden *g, const char *group, int kind, const char *name)
{
    snprintf(out, PATH, "%s%s%s/%s", group, kind == 0 ? "" : "/kinds/", kind == 0 ? "" : g->kinds.name[kind],
             name);
    return out;
}

static void read_kind(golden *g, rf_graphbean_shape *shape, int kind, int64_t n_u)
{
    rf_err err = {0};
    char path[PATH];
    int rank;
    int64_t dims[4], n, n_v, n_samples, *ptr;
    const rf_side v = rf_entity_side(kind), e = rf_edge_side(kind);
    (void)size_of(g, of_kind(path, g, "", kind, "v/x"), &rank, dims);
    n_v = dims[0];
    shape->in[v] = (int)dims[1];
    g->input.x[v] = keep(g, numbers(g, path, TYPE, &n));
    (void)size_of(g, of_kind(path, g, "", kind, "e/x"), &rank, dims);
    shape->in[e] = (int)dims[1];
    g->input.x[e] = keep(g, numbers(g, path, TYPE, &n));
    uint32_t *e_u = keep(g, numbers(g, of_kind(path, g, "", kind, "e/u"), RF_H5_U32, &n));
    uint32_t *e_v = keep(g, numbers(g, of_kind(path, g, "", kind, "e/v"), RF_H5_U32, &n));
    RF_CHECK_OK(err, rf_adj_init(&g->adj[kind], n_u, n_v, n, e_u, e_v, &err));
    g->input.adj[kind] = &g->adj[kind];
    uint32_t *u = keep(g, numbers(g, of_kind(path, g, "", kind, "samples/u"), RF_H5_U32, &n_samples));
    ptr = keep(g, calloc((size_t)n_u + 1, sizeof *ptr));
    for (int64_t k = 0; k < n_samples; k++)
        ptr[u[k] + 1]++;
    for (int64_t k = 0; k < n_u; k++)
        ptr[k + 1] += ptr[k];
    g->samples[kind] = (rf_edge_sampler){
        .adj = &g->adj[kind],
        .list_ptr = ptr,
        .list_v = keep(g, numbers(g, of_kind(path, g, "", kind, "samples/v"), RF_H5_U32, &n)),
        .list_y = keep(g, numbers(g, of_kind(path, g, "", kind, "samples/y"), RF_H5_U8, &n))};
}

static void read_parameters(golden *g)
{
    int n_tensors;
    const rf_tensor *tensors = rf_graphbean_tensors(g->model, &n_tensors);
    for (int t = 0; t < n_tensors; t++) {
        char path[PATH];
        int64_t n;
        snprintf(path, sizeof path, "/model/%s", tensors[t].name);
        rf_real *x = numbers(g, path, TYPE, &n);
        ck_assert_int_eq(n, (int64_t)rf_tensor_size(&tensors[t]));
        memcpy(tensors[t].value, x, (size_t)n * sizeof *x);
        free(x);
    }
}

static void golden_open(golden *g, const char *name)
{
    rf_err err = {0};
    char file[32], path[RF_TEST_PATH];
    int rank;
    int64_t dims[4], n;
    *g = (golden){.name = name};
    snprintf(file, sizeof file, "golden_%s.h5", name);
    ck_assert_msg(rf_golden_path(path, file), "%s is not there", file);
    RF_CHECK_OK(err, rf_h5_open(&g->file, path, &err));
    RF_CHECK_OK(err, rf_graph_kinds(&g->kinds, g->file, &err));
    rf_graphbean_shape shape = {.kinds = g->kinds,
                                .edge_latent = attribute(g, "edge_latent"),
                                .layers_encoder = attribute(g, "n_enc"),
                                .layers_decoder = attribute(g, "n_dec"),
                                .layers_mlp = attribute(g, "n_mlp")};
    shape.gate = rf_h5_has_attr(g->file, "/", "gated") ? RF_GATE_DEGREE : RF_GATE_OFF;
    attributes(g, "hidden", shape.hidden, 3);
    attributes(g, "latent", shape.latent, 2);
    (void)size_of(g, "/u/x", &rank, dims);
    shape.in[RF_USER] = (int)dims[1];
    g->input.x[RF_USER] = keep(g, numbers(g, "/u/x", TYPE, &n));
    for (int k = 0; k < g->kinds.n; k++)
        read_kind(g, &shape, k, dims[0]);
    RF_CHECK_OK(err, rf_h5_read_attr_double(g->file, "/", "eta", &g->weights.eta, &err));
    double *weights = numbers(g, "/weights", RF_H5_F64, &n);
    memcpy(g->weights.kind, weights, (size_t)n * sizeof *weights);
    free(weights);
    RF_CHECK_OK(err, rf_graphbean_new(&g->model, &shape, true, &err));
    read_parameters(g);
}

static void golden_close(golden *g)
{
    rf_graphbean_free(g->model);
    for (int k = 0; k < g->kinds.n; k++)
        rf_adj_clear(&g->adj[k]);
    for (int i = 0; i < g->n_blocks; i++)
        free(g->blocks[i]);
    rf_h5_close(&g->file);
}

/* ---- comparing ---- */

static void close_to(golden *g, const char *path, const rf_real *got, int64_t n_got, double tolerance,
                     bool relative)
{
    int64_t n;
    rf_real *want = numbers(g, path, TYPE, &n);
    double worst = 0, most = 0;
    ck_assert_int_eq(n, n_got);
    for (int64_t i = 0; i < n; i++) {
        double off = fabs((double)got[i] - (double)want[i]);
        worst = off > worst || isnan(off) ? off : worst;
        most = fmax(most, fabs((double)want[i]));
    }
    tolerance *= relative ? most : 1;
    if (getenv("RF_VERBOSE") != NULL)
        fprintf(stderr, "%s %-60s %.3g of %.3g\n", g->name, path, worst, tolerance);
    ck_assert_msg(worst <= tolerance, "%s %s is off by %g (allowed %g)", g->name, path, worst, tolerance);
    free(want);
}

static void check_side(golden *g, const char *group, const rf_graphbean_output *output, rf_side side,
                       const int64_t n[RF_SIDES_MOST])
{
    static const char *const x[RF_SIDES] = {"xu", "xv", "xe"}, *const z[RF_SIDES] = {"zu", "zv"};
    const rf_graphbean_shape *shape = rf_graphbean_shape_get(g->model);
    const rf_side role = rf_side_role(side);
    char path[PATH];
    of_kind(path, g, group, rf_side_kind(side), x[role]);
    close_to(g, path, output->x[side], n[side] * shape->in[side], TOL_OUTPUT, false);
    if (role == RF_EDGE)
        return;
    of_kind(path, g, group, rf_side_kind(side), z[role]);
    close_to(g, path, output->z[side], n[side] * shape->latent[role], TOL_OUTPUT, false);
}

static void check_pairs(golden *g, const char *group, rf_workspace *ws, int kind)
{
    char path[PATH];
    int64_t n;
    uint32_t *u = numbers(g, of_kind(path, g, "", kind, "samples/u"), RF_H5_U32, &n);
    rf_real *prob = malloc(sizeof *prob * (size_t)n);
    rf_graphbean_pairs(prob, ws, kind, u, g->samples[kind].list_v, n);
    close_to(g, of_kind(path, g, group, kind, "eprob"), prob, n, TOL_OUTPUT, false);
    free(prob);
    free(u);
}

static void check_outputs(golden *g, const char *group, bool frozen, int threads)
{
    rf_err err = {0};
    rf_workspace *ws = NULL;
    rf_pool *pool = NULL;
    rf_graphbean_output output = {0};
    const rf_graphbean_shape *shape = rf_graphbean_shape_get(g->model);
    int64_t n[RF_SIDES_MOST] = {g->adj[0].n_u};
    for (int k = 0; k < g->kinds.n; k++) {
        n[rf_entity_side(k)] = g->adj[k].n_v;
        n[rf_edge_side(k)] = g->adj[k].n_e;
    }
    for (rf_side side = 0; side < rf_sides(&g->kinds); side++) {
        const rf_side role = rf_side_role(side);
        output.x[side] = keep(g, malloc(sizeof(rf_real) * (size_t)(n[side] * shape->in[side] + 1)));
        if (role != RF_EDGE)
            output.z[side] = keep(g, malloc(sizeof(rf_real) * (size_t)(n[side] * shape->latent[role])));
    }
    RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
    RF_CHECK_OK(err, rf_workspace_new(&ws, g->model, &g->input, RF_USE_APPLY, pool, &err));
    rf_graphbean_forward(ws, frozen, &output);
    for (rf_side side = 0; side < rf_sides(&g->kinds); side++)
        check_side(g, group, &output, side, n);
    for (int k = g->kinds.n - 1; k >= 0; k--)
        check_pairs(g, group, ws, k);
    rf_workspace_free(ws);
    rf_pool_free(pool);
}

enum { CASES = 3 };
static const char *const cases[CASES] = {"K2", "K3", "K4"};

START_TEST(outputs)
{
    for (int i = 0; i < CASES; i++) {
        golden g;
        golden_open(&g, cases[i]);
        check_outputs(&g, "/out_eval", true, 1);
        check_outputs(&g, "/out", false, 2);
        golden_close(&g);
    }
}
END_TEST

static void check_loss(golden *g, const char *path, double got, double tolerance)
{
    rf_real real = (rf_real)got;
    close_to(g, path, &real, 1, tolerance, RF_REAL_IS_DOUBLE ? false : true);
}

/* In front of a batch norm a bias has no gradient but rounding. */
static bool gradient_is_noise(const char *name)
{
    return strstr(name, "/lin_") != NULL && strstr(name, "/bias") != NULL;
}

static void check_gradients(golden *g)
{
    int n_tensors;
    const rf_tensor *tensors = rf_graphbean_tensors(g->model, &n_tensors);
    for (int t = 0; t < n_tensors; t++) {
        const bool noise = gradient_is_noise(tensors[t].name);
        char path[PATH];
        snprintf(path, sizeof path, "/grad/%s", tensors[t].name);
        if (!tensors[t].running)
            close_to(g, path, tensors[t].grad, (int64_t)rf_tensor_size(&tensors[t]),
                     noise ? TOL_NO_GRADIENT : TOL_GRADIENT, !noise);
    }
}

static void check_after_steps(golden *g)
{
    int n_tensors;
    const rf_tensor *tensors = rf_graphbean_tensors(g->model, &n_tensors);
    for (int t = 0; t < n_tensors; t++) {
        char path[PATH];
        if (tensors[t].running || gradient_is_noise(tensors[t].name))
            continue;
        snprintf(path, sizeof path, "/adam/end/%s", tensors[t].name);
        close_to(g, path, tensors[t].value, (int64_t)rf_tensor_size(&tensors[t]), TOL_ADAM, false);
    }
}

static void check_steps(const char *name)
{
    golden g;
    rf_err err = {0};
    rf_workspace *ws = NULL;
    rf_losses losses;
    rf_adam adam;
    golden_open(&g, name);
    RF_CHECK_OK(err, rf_workspace_new(&ws, g.model, &g.input, RF_USE_TRAIN, NULL, &err));
    RF_CHECK_OK(err, rf_adam_init(&adam, g.model, &err));
    rf_graphbean_step(&losses, ws, g.samples, &g.weights, 0, 0);
    check_loss(&g, "/loss/xu", losses.xu, TOL_LOSS);
    check_loss(&g, "/loss/xv", losses.xv, TOL_LOSS);
    check_loss(&g, "/loss/xe", losses.xe, TOL_LOSS);
    check_loss(&g, "/loss/e", losses.e, TOL_LOSS);
    check_loss(&g, "/loss/total", losses.total, TOL_LOSS);
    check_gradients(&g);
    for (int step = 0; step < 3; step++) {
        rf_adam_step(&adam, g.model, 0.01);
        rf_graphbean_step(&losses, ws, g.samples, &g.weights, 0, 0);
    }
    check_loss(&g, "/adam/loss", losses.total, TOL_ADAM);
    check_after_steps(&g);
    rf_adam_clear(&adam);
    rf_workspace_free(ws);
    golden_close(&g);
}

START_TEST(losses_gradients_and_adam_steps)
{
    for (int i = 0; i < CASES; i++)
        check_steps(cases[i]);
}
END_TEST

RF_SUITE("golden of kinds", outputs, losses_gradients_and_adam_steps)
