/* test_many_rows.c - so many edges that their reconstruction is made as it is read, and tails are fitted to a
 * sample: the same scores at any number of threads.
 */
#include "applied.h"
#include "made_graph.h"
#include "rf_check.h"
#include "rf_score.h"

/* The values of one column are too rare for a sample. */
static rf_graph *many_edges(int64_t n, int d)
{
    rf_graph *graph =
        made_graph((made_shape){.n_u = 5000, .n_v = 900, .n_e = n, .d_u = 1, .d_v = 1, .d_e = d, .seed = 12});
    rf_real *x = graph->side[RF_EDGE].x;
    for (int64_t i = 0; i < n; i++)
        x[i * d] = i % 331 == 0 ? 1 + fabs(x[i * d]) : 0;
    return graph;
}

static rf_scores *scores_by(int threads, rf_graph *graph, const rf_graphbean_shape *shape)
{
    rf_err err = {0};
    applied a;
    rf_scores *scores = NULL;
    rf_score_options options;
    rf_score_options_default(&options);
    applied_init(&a, graph, shape, RF_HIDDEN_EDGES_AUTO, threads, false, false);
    RF_CHECK_OK(err, rf_score_outputs(&scores, graph, &a.outputs, &options, a.pool, &err));
    applied_clear(&a);
    return scores;
}

static void check_same(const rf_score_side *a, const rf_score_side *b)
{
    const size_t n = (size_t)a->n, reasons = n * (size_t)a->n_reasons;
    ck_assert_mem_eq(a->score, b->score, n * sizeof *a->score);
    ck_assert_mem_eq(a->x_error, b->x_error, n * sizeof *a->x_error);
    ck_assert_mem_eq(a->reason_feature, b->reason_feature, reasons * sizeof *a->reason_feature);
    ck_assert_mem_eq(a->reason_expected, b->reason_expected, reasons * sizeof *a->reason_expected);
    ck_assert_mem_eq(a->reason_share, b->reason_share, reasons * sizeof *a->reason_share);
    for (int p = 0; p < RF_PARTS; p++) {
        if (a->part[p] != NULL)
            ck_assert_mem_eq(a->part[p], b->part[p], n * sizeof *a->part[p]);
    }
}

START_TEST(many_made_rows_are_scored_alike_by_any_number_of_threads)
{
    enum { N = RF_EDGES_KEPT + 9000, D = 3 };
    const rf_graphbean_shape shape = {.in = {1, 1, D},
                                      .hidden = {4, 4, 4},
                                      .latent = {2, 2},
                                      .edge_latent = 2,
                                      .layers_encoder = 2,
                                      .layers_decoder = 2,
                                      .layers_mlp = 2};
    rf_graph *graph = many_edges(N, D);
    rf_scores *one = scores_by(1, graph, &shape), *three = scores_by(3, graph, &shape);
    const rf_score_side *edges = &one->side[RF_EDGE];
    int far_out = 0;
    for (rf_side s = 0; s < RF_SIDES; s++)
        check_same(&one->side[s], &three->side[s]);
    for (int64_t i = 0; i < N; i++) {
        ck_assert(edges->x_error[i] > 0); /* every row was shown */
        far_out += i % 331 == 0 && edges->part[RF_PART_RAW_TAIL][i] > 0;
    }
    ck_assert_int_eq(far_out, (N + 330) / 331);
    rf_scores_free(one);
    rf_scores_free(three);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("many_rows", many_made_rows_are_scored_alike_by_any_number_of_threads)
