/* test_precision.c - features of edges in bfloat16: how they round, and that training on them is training on
 * the same numbers in float.
 */
#include "made_graph.h"
#include "rf_kernels.h"
#include "rf_memory_plan.h"
#include "rf_rng.h"
#include "trained.h"

#include <math.h>

enum { EPOCHS = 6 };

typedef struct losses {
    double of[EPOCHS], concentration[EPOCHS];
} losses;

static void keep_loss(void *context, const rf_epoch_report *report)
{
    losses *kept = context;
    kept->of[report->epoch] = report->loss;
    kept->concentration[report->epoch] = report->concentration;
}

START_TEST(numbers_go_to_the_nearest_and_ties_to_even)
{
    const struct {
        float x, near;
    } cases[] = {{0, 0},
                 {1, 1},
                 {-2.5F, -2.5F},
                 {1.00390625F, 1}, /* half way between 1 and 1.0078125, whose last bit is odd */
                 {1.01171875F, 1.015625F},
                 {1.00390637F, 1.0078125F},
                 {3.3895314e38F, 3.3895314e38F},
                 {1e-40F, 9.18355e-41F}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_float_eq(rf_bf16_float(rf_bf16_of(cases[i].x)), cases[i].near);
        ck_assert_float_eq(rf_bf16_float(rf_bf16_of(-cases[i].x)), -cases[i].near);
    }
    ck_assert(signbit(rf_bf16_float(rf_bf16_of(-0.0F)))); /* no data */
    rf_rng rng;
    rf_rng_init(&rng, 5, 0);
    for (int i = 0; i < 1000; i++) {
        const float x = (float)(rf_rng_uniform(&rng) * 20 - 10);
        ck_assert_float_le(fabsf(rf_bf16_float(rf_bf16_of(x)) - x), fabsf(x) / 256);
    }
}
END_TEST

/* What a float holds of them after rounding. */
static void round_edges(rf_graph *graph)
{
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++) {
        rf_graph_side *edges = &graph->side[rf_edge_side(k)];
        for (int64_t i = 0; i < edges->n * edges->d; i++)
            edges->x[i] = (rf_real)rf_bf16_float(rf_bf16_of((float)edges->x[i]));
    }
}

static losses train_watched(const rf_graph *graph, const rf_train_options *o, const char *name, int threads)
{
    char path[RF_TEST_PATH];
    losses kept;
    rf_err err = {0};
    rf_pool *pool = NULL;
    rf_train_result result;
    rf_train_hooks hooks = {.epoch_done = keep_loss, .context = &kept};
    RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
    RF_CHECK_OK(err, rf_train(&result, graph, o, rf_tmp_path(path, name), true, &hooks, pool, &err));
    rf_pool_free(pool);
    return kept;
}

static void check_same(rf_graph *rounded, rf_graph *narrow, rf_train_options o)
{
    rf_err err = {0};
    round_edges(rounded);
    RF_CHECK_OK(err, rf_graph_narrow_edges(narrow, &err));
    const losses want = train_watched(rounded, &o, "rounded.h5", 1);
    o.precision = RF_PRECISION_BF16;
    for (int threads = 1; threads <= 2; threads++) {
        const losses got = train_watched(narrow, &o, "narrow.h5", threads);
        for (int i = 0; i < EPOCHS; i++) {
            ck_assert_double_eq(got.of[i], want.of[i]);
            ck_assert_double_eq(got.concentration[i], want.concentration[i]);
        }
    }
    rf_graph_free(rounded);
    rf_graph_free(narrow);
}

START_TEST(narrow_features_train_as_the_same_numbers_in_float)
{
    const int widths[] = {3, 16, 21, 45}; /* narrower than a vector, one, and so wide that ends are joined */
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        const made_shape shape = {90, 40, 1500, 4, 3, widths[i], i};
        check_same(made_graph(shape), made_graph(shape), options_of(EPOCHS));
    }
}
END_TEST

START_TEST(so_do_kinds_gates_and_dropout)
{
    const made_shape shapes[] = {
        {60, 30, 300, 4, 3, 17, 1}, {60, 20, 200, 0, 2, 5, 2}, {60, 20, 90, 0, 2, 0, 3}};
    rf_train_options o = options_of(EPOCHS);
    o.gate = RF_GATE_DEGREE;
    check_same(made_graph_of_kinds(shapes, 3), made_graph_of_kinds(shapes, 3), o);
    o.dropout = 0.3;
    check_same(made_graph_of_kinds(shapes, 3), made_graph_of_kinds(shapes, 3), o);
}
END_TEST

START_TEST(a_graph_and_its_options_have_the_same_precision)
{
    const made_shape shape = {60, 40, 300, 4, 3, 5, 2};
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_train_result result;
    rf_graph *graph = made_graph(shape);
    rf_train_options o = options_of(2);
    rf_tmp_path(path, "precision.h5");
    o.precision = RF_PRECISION_BF16;
    RF_CHECK_FAILS(err, RF_E_INVALID, "in float32",
                   rf_train(&result, graph, &o, path, true, NULL, NULL, &err));
    RF_CHECK_OK(err, rf_graph_narrow_edges(graph, &err));
    RF_CHECK_OK(err, rf_graph_narrow_edges(graph, &err)); /* nothing is left to do */
    RF_CHECK_OK(err, rf_train(&result, graph, &o, path, true, NULL, NULL, &err));
    o.precision = RF_PRECISION_FLOAT32;
    RF_CHECK_FAILS(err, RF_E_INVALID, "in bfloat16",
                   rf_train(&result, graph, &o, path, true, NULL, NULL, &err));
    rf_graph_free(graph);
    graph = made_graph(shape); /* a training in bfloat16 does not go on in float32 */
    ck_assert(rf_train(&result, graph, &o, path, false, NULL, NULL, &err) < 0);
    rf_graph_free(graph);
}
END_TEST

START_TEST(the_plan_counts_half_the_features)
{
    const rf_graph_size size = {.n = {1000, 1000, 100000}, .d = {4, 4, 64}};
    rf_train_options o = options_of(1);
    rf_memory_plan wide, narrow;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_plan_train(&wide, &size, &o, 1, &err));
    o.precision = RF_PRECISION_BF16;
    RF_CHECK_OK(err, rf_plan_train(&narrow, &size, &o, 1, &err));
    const int64_t saved = 100000 * 64 * (int64_t)(sizeof(rf_real) - sizeof(rf_bf16)),
                  block = RF_BLOCK * 64 * (int64_t)sizeof(rf_real);
    const int64_t less = rf_memory_plan_bytes(&wide) - rf_memory_plan_bytes(&narrow);
    ck_assert_int_le(less, saved);
    ck_assert_int_ge(less, saved - 2 * block);
}
END_TEST

RF_SUITE("precision", numbers_go_to_the_nearest_and_ties_to_even,
         narrow_features_train_as_the_same_numbers_in_float, so_do_kinds_gates_and_dropout,
         a_graph_and_its_options_have_the_same_precision, the_plan_counts_half_the_features)
