/* test_hidden_edges.c - the first layer's outputs of edges, kept or made again: the same training, the same
 * outputs, less memory.
 */
#include "applied.h"
#include "made_graph.h"
#include "rf_kernels.h"
#include "rf_memory_plan.h"
#include "rf_tall_products.h"
#include "trained.h"

#include <math.h>

enum { EPOCHS = 5, HUB = 2700 /* edges of one node: more than are made at once */ };

typedef struct losses {
    double of[EPOCHS];
} losses;

static void keep_loss(void *context, const rf_epoch_report *report)
{
    ((losses *)context)->of[report->epoch] = report->loss;
}

static losses train_watched(const rf_graph *graph, const rf_train_options *o, int threads)
{
    char path[RF_TEST_PATH];
    losses kept;
    rf_err err = {0};
    rf_pool *pool = NULL;
    rf_train_result result;
    rf_train_hooks hooks = {.epoch_done = keep_loss, .context = &kept};
    RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
    RF_CHECK_OK(err, rf_train(&result, graph, o, rf_tmp_path(path, "hidden.h5"), true, &hooks, pool, &err));
    rf_pool_free(pool);
    return kept;
}

/* Our own products give a row the same bits in any block; what BLAS gives may depend on where it stands. */
static void check_near(double got, double want)
{
    if (rf_tall_is_for_cpu())
        ck_assert_double_eq(got, want);
    else
        ck_assert_double_eq_tol(got, want, 1e-4 * fabs(want));
}

static void check_same(rf_graph *graph, rf_train_options o)
{
    o.hidden_edges = RF_HIDDEN_EDGES_KEPT;
    const losses want = train_watched(graph, &o, 1);
    o.hidden_edges = RF_HIDDEN_EDGES_REMADE;
    const losses one = train_watched(graph, &o, 1), two = train_watched(graph, &o, 2);
    for (int i = 0; i < EPOCHS; i++) {
        check_near(one.of[i], want.of[i]);
        ck_assert_double_eq(two.of[i], one.of[i]);
    }
    ck_assert_double_ne(want.of[0], want.of[EPOCHS - 1]);
    rf_graph_free(graph);
}

START_TEST(training_is_the_same)
{
    const int widths[] = {3, 16, 21, 45};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        rf_train_options o = options_of(EPOCHS);
        o.hidden[2] = i % 2 == 0 ? 6 : 32;
        check_same(made_graph((made_shape){90, 40, 1500, 4, 3, widths[i], i}), o);
    }
}
END_TEST

START_TEST(nodes_of_many_edges_take_several_runs)
{
    check_same(made_graph((made_shape){300, 1, HUB, 4, 3, 5, 1}), options_of(EPOCHS));
    check_same(made_graph((made_shape){1, 300, HUB, 4, 3, 5, 1}), options_of(EPOCHS));
    check_same(made_graph((made_shape){2000, 900, HUB, 4, 3, 5, 1}), options_of(EPOCHS)); /* many have none */
    check_same(made_graph((made_shape){2000, 900, 40, 4, 3, 5, 1}),
               options_of(EPOCHS)); /* whole blocks, too */
}
END_TEST

START_TEST(so_is_that_of_kinds_gates_deeper_models_and_dropout)
{
    const made_shape shapes[] = {
        {60, 30, 300, 4, 3, 17, 1}, {60, 20, 200, 0, 2, 5, 2}, {60, 20, 90, 0, 2, 0, 3}};
    rf_train_options o = options_of(EPOCHS);
    check_same(made_graph_of_kinds(shapes, 3), o);
    o.gate = RF_GATE_DEGREE;
    check_same(made_graph_of_kinds(shapes, 3), o);
    o.layers_encoder = 3;
    o.layers_decoder = 3;
    check_same(made_graph_of_kinds(shapes, 3), o);
    o.layers_encoder = 4;
    o.layers_decoder = 2;
    check_same(made_graph_of_kinds(shapes, 3), o);
    o.dropout = 0.3;
    check_same(made_graph_of_kinds(shapes, 3), o);
}
END_TEST

START_TEST(so_is_that_of_narrow_features)
{
    rf_err err = {0};
    rf_graph *graph = made_graph((made_shape){90, 40, 1500, 4, 3, 21, 5});
    rf_train_options o = options_of(EPOCHS);
    RF_CHECK_OK(err, rf_graph_narrow_edges(graph, &err));
    o.precision = RF_PRECISION_BF16;
    check_same(graph, o);
}
END_TEST

static rf_real largest_difference(const rf_real *a, const rf_real *b, int64_t n)
{
    rf_real most = 0;
    for (int64_t i = 0; i < n; i++) {
        const rf_real difference = a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
        most = difference > most ? difference : most;
    }
    return most;
}

START_TEST(an_applied_model_gives_the_same)
{
    const rf_graphbean_shape shape = {.in = {4, 3, 9},
                                      .hidden = {32, 32, 32},
                                      .latent = {8, 8},
                                      .edge_latent = 8,
                                      .layers_encoder = 3,
                                      .layers_decoder = 2,
                                      .layers_mlp = 2};
    rf_graph *graph = made_graph((made_shape){90, 40, 1500, 4, 3, 9, 3});
    const rf_real most = rf_tall_is_for_cpu() ? 0 : (rf_real)1e-4;
    for (int frozen = 0; frozen < 2; frozen++) {
        applied kept, remade;
        applied_init(&kept, graph, &shape, RF_HIDDEN_EDGES_KEPT, 2, frozen == 1, true);
        applied_init(&remade, graph, &shape, RF_HIDDEN_EDGES_REMADE, 2, frozen == 1, true);
        const rf_outputs *a = &kept.outputs, *b = &remade.outputs;
        ck_assert(largest_difference(a->xe, b->xe, 1500 * 9) <= most);
        ck_assert(largest_difference(a->zu, b->zu, 90 * 8) <= most);
        ck_assert(largest_difference(a->zv, b->zv, 40 * 8) <= most);
        ck_assert(largest_difference(a->eprob, b->eprob, 1500) <= most);
        applied_clear(&kept);
        applied_clear(&remade);
    }
    rf_graph_free(graph);
}
END_TEST

static int64_t planned(int64_t n_e, int d_e, rf_hidden_edges hidden_edges)
{
    const rf_graph_size size = {.n = {1000, 1000, n_e}, .d = {4, 4, d_e}};
    rf_train_options o;
    rf_memory_plan plan;
    rf_err err = {0};
    rf_train_options_default(&o);
    o.hidden_edges = hidden_edges;
    RF_CHECK_OK(err, rf_plan_train(&plan, &size, &o, 1, &err));
    return rf_memory_plan_bytes(&plan);
}

START_TEST(large_graphs_keep_none)
{
    const int64_t row = 32 * (int64_t)sizeof(rf_real), first = ((int64_t)1 << 29) / row;
    const rf_hidden_edges any = RF_HIDDEN_EDGES_AUTO, kept = RF_HIDDEN_EDGES_KEPT,
                          remade = RF_HIDDEN_EDGES_REMADE;
    ck_assert_int_eq(planned(first - 1, 32, any), planned(first - 1, 32, kept));
    ck_assert_int_eq(planned(first, 32, any), planned(first, 32, remade));
    ck_assert_int_eq(planned(first, 33, any), planned(first, 33, kept));
    const int64_t saved = planned(first, 32, kept) - planned(first, 32, remade), all = first * row;
    ck_assert_int_le(saved, all);
    ck_assert_int_ge(saved,
                     all - 2000 * row - 2 * RF_BLOCK * row); /* but for tables, and rows that are gathered */
}
END_TEST

RF_SUITE("hidden_edges", training_is_the_same, nodes_of_many_edges_take_several_runs,
         so_is_that_of_kinds_gates_deeper_models_and_dropout, so_is_that_of_narrow_features,
         an_applied_model_gives_the_same, large_graphs_keep_none)
