/* test_rows.c - edge rows that a model makes as they are read: those of the matrix, whoever asks in which
 * order, and the same scores from either.
 */
#include "applied.h"
#include "made_graph.h"
#include "rf_check.h"
#include "rf_made_rows.h"
#include "rf_mem.h"
#include "rf_score.h"

enum { N_U = 700, N_V = 90, N_E = 2500, D_U = 5, D_V = 4, D_E = 19, LATENT = 6 };

static const rf_graphbean_shape usual = {.in = {D_U, D_V, D_E},
                                         .hidden = {8, 8, 20},
                                         .latent = {LATENT, LATENT},
                                         .edge_latent = 7,
                                         .layers_encoder = 2,
                                         .layers_decoder = 2,
                                         .layers_mlp = 2};

static void apply(applied *a, int layers_encoder, int layers_decoder, bool frozen)
{
    rf_graphbean_shape shape = usual;
    shape.layers_encoder = layers_encoder;
    shape.layers_decoder = layers_decoder;
    rf_graph *graph = made_graph(
        (made_shape){.n_u = N_U, .n_v = N_V, .n_e = N_E, .d_u = D_U, .d_v = D_V, .d_e = D_E, .seed = 4});
    applied_init(a, graph, &shape, RF_HIDDEN_EDGES_AUTO, 2, frozen, true);
}

static void check_rows(int layers_encoder, int layers_decoder, bool frozen)
{
    applied a;
    apply(&a, layers_encoder, layers_decoder, frozen);
    const rf_made_rows made = {.maker = a.outputs.maker, .n = N_E, .d = D_E};
    const rf_real *want = a.outputs.xe;
    static const int64_t from[] = {0, 3, 1020, 2499, 1023, 2048, 7};
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
        for (int64_t at = from[i], n, end = from[i] + 300 < N_E ? from[i] + 300 : N_E; at < end; at += n) {
            n = end - at;
            const rf_real *rows = rf_made_rows_at(&made, at, &n, (int)(i % 2));
            ck_assert_int_gt(n, 0);
            ck_assert(memcmp(rows, want + at * D_E, (size_t)(n * D_E) * sizeof *rows) == 0);
        }
    }
    rf_graph_free(a.graph);
    applied_clear(&a);
}

START_TEST(rows_are_those_of_the_matrix)
{
    check_rows(2, 2, false);
    check_rows(2, 2, true);
    check_rows(3, 2, false);
    check_rows(2, 3, false);
    check_rows(3, 4, true);
}
END_TEST

static rf_picked pick(const rf_made_rows *rows, int64_t n, rf_pool *pool)
{
    rf_err err = {0};
    rf_picked picked;
    int64_t *at = rf_mem_new((size_t)n, sizeof *at, &err);
    for (int64_t i = 0; i < n; i++)
        at[i] = i * 7 % rows->n;
    RF_CHECK_OK(err, rf_made_rows_pick(&picked, rows, at, n, pool, &err));
    return picked;
}

/* In other blocks a product's last bits may differ. */
START_TEST(picked_rows_are_those_of_the_matrix)
{
    applied a;
    for (int decoder = 2; decoder <= 3; decoder++) {
        apply(&a, 2, decoder, false);
        const rf_made_rows made = {.maker = a.outputs.maker, .n = N_E, .d = D_E},
                           kept = rf_made_rows_of(a.outputs.xe, N_E, D_E);
        for (int64_t n = 0; n < 2000; n = 5 * n + 1) {
            rf_picked some = pick(&made, n, a.pool), want = pick(&kept, n, NULL);
            for (int64_t i = 0; i < n; i++) {
                for (int j = 0; j < D_E; j++)
                    ck_assert(fabs((double)rf_picked_row(&some, i)[j] - (double)rf_picked_row(&want, i)[j]) <
                              1e-5);
            }
            rf_picked_clear(&some);
            rf_picked_clear(&want);
        }
        rf_graph_free(a.graph);
        applied_clear(&a);
    }
}
END_TEST

static void near_all(const float *got, const float *want, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        ck_assert_msg(fabs((double)got[i] - (double)want[i]) <= 1e-4 * (1 + fabs((double)want[i])),
                      "row %d: %g, not %g", (int)i, (double)got[i], (double)want[i]);
}

static void check_scores(applied *a, rf_score_method method)
{
    rf_err err = {0};
    rf_scores *want = NULL, *got = NULL;
    rf_score_options options;
    rf_score_options_default(&options);
    options.method = method;
    rf_outputs kept = a->outputs, made = a->outputs;
    kept.maker = NULL;
    made.xe = NULL;
    for (int k = 1; k < rf_kinds_n(&a->graph->kinds); k++)
        made.other[k - 1].xe = NULL;
    RF_CHECK_OK(err, rf_score_outputs(&want, a->graph, &kept, &options, NULL, &err));
    RF_CHECK_OK(err, rf_score_outputs(&got, a->graph, &made, &options, a->pool, &err));
    ck_assert_ptr_null(made.maker); /* let go of */
    a->outputs.maker = NULL;
    for (rf_side s = 0; s < rf_sides(&a->graph->kinds); s++) {
        near_all(got->side[s].score, want->side[s].score, want->side[s].n);
        near_all(got->side[s].x_error, want->side[s].x_error, want->side[s].n);
        near_all(got->side[s].reason_expected, want->side[s].reason_expected,
                 want->side[s].n * want->side[s].n_reasons);
    }
    rf_scores_free(want);
    rf_scores_free(got);
}

START_TEST(scores_are_those_of_the_matrix)
{
    for (rf_score_method method = RF_METHOD_SURPRISE; method <= RF_METHOD_GRAPHBEAN; method++) {
        applied a;
        apply(&a, 2, 2, false);
        check_scores(&a, method);
        rf_graph_free(a.graph);
        applied_clear(&a);
    }
}
END_TEST

START_TEST(scores_of_kinds_are_those_of_the_matrices)
{
    static const made_shape shapes[] = {{200, 40, 1500, D_U, D_V, D_E, 4}, {200, 90, 1100, D_U, 3, 4, 5}};
    for (rf_score_method method = RF_METHOD_SURPRISE; method <= RF_METHOD_GRAPHBEAN; method++) {
        applied a;
        rf_graph *graph = made_graph_of_kinds(shapes, 2);
        rf_graphbean_shape shape = usual;
        shape.kinds = graph->kinds;
        shape.in[rf_entity_side(1)] = 3;
        shape.in[rf_edge_side(1)] = 4;
        applied_init(&a, graph, &shape, RF_HIDDEN_EDGES_AUTO, 2, false, true);
        check_scores(&a, method);
        rf_graph_free(graph);
        applied_clear(&a);
    }
}
END_TEST

RF_SUITE("rows", rows_are_those_of_the_matrix, picked_rows_are_those_of_the_matrix,
         scores_are_those_of_the_matrix, scores_of_kinds_are_those_of_the_matrices)
