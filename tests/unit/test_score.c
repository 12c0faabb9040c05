/* test_score.c - scores out of outputs: golden numbers, formulas by brute force, reasons, threads, odd
 * shapes. */
#include "made_graph.h"
#include "rf_check.h"
#include "rf_pool.h"
#include "rf_score.h"

static rf_scores *scores_with(const rf_graph *graph, rf_outputs *outputs, const rf_score_options *options,
                              rf_pool *pool)
{
    rf_scores *scores = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_score_outputs(&scores, graph, outputs, options, pool, &err));
    return scores;
}

static rf_score_options options_of(rf_score_agg agg)
{
    rf_score_options options;
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    options.agg = agg;
    return options;
}

/* ---- golden ---- */

#if RF_REAL_IS_DOUBLE
#define GOLDEN "/f64"
#define TOLERANCE 1e-9
#define REAL_TYPE RF_H5_F64
#else
#define GOLDEN ""
#define TOLERANCE 2e-5
#define REAL_TYPE RF_H5_F32
#endif

static rf_real *golden(rf_h5 *file, const char *name, int64_t rows, int64_t columns)
{
    char path[64];
    int64_t dims[2] = {rows, columns};
    rf_err err = {0};
    rf_real *data = rf_mem_new((size_t)(rows * (columns > 0 ? columns : 1)), sizeof *data, &err);
    snprintf(path, sizeof path, GOLDEN "%s", name);
    RF_CHECK_OK(err, rf_h5_read(file, path, REAL_TYPE, columns > 0 ? 2 : 1, dims, data, &err));
    return data;
}

/* The file gives the probability of sampled pairs; every edge is among them. */
static rf_real *golden_eprob(rf_h5 *file, const rf_graph *graph)
{
    int rank;
    int64_t dims[4], n;
    rf_err err = {0};
    ck_assert_int_eq(rf_h5_shape(file, "/samples/u", &rank, dims, &err), RF_OK);
    n = dims[0];
    uint32_t *u = rf_mem_new((size_t)n, sizeof *u, &err), *v = rf_mem_new((size_t)n, sizeof *v, &err);
    ck_assert_int_eq(rf_h5_read(file, "/samples/u", RF_H5_U32, 1, &n, u, &err), RF_OK);
    ck_assert_int_eq(rf_h5_read(file, "/samples/v", RF_H5_U32, 1, &n, v, &err), RF_OK);
    rf_real *sampled = golden(file, "/out/eprob", n, 0);
    rf_real *eprob = rf_mem_new((size_t)graph->side[RF_EDGE].n, sizeof *eprob, &err);
    for (int64_t i = 0; i < graph->side[RF_EDGE].n; i++) {
        int64_t at = 0;
        while (at < n && (u[at] != graph->adj.e_u[i] || v[at] != graph->adj.e_v[i]))
            at++;
        ck_assert(at < n);
        eprob[i] = sampled[at];
    }
    rf_mem_free(sampled);
    rf_mem_free(u);
    rf_mem_free(v);
    return eprob;
}

static int64_t columns_of(rf_h5 *file, const char *name)
{
    int rank;
    int64_t dims[4];
    ck_assert_int_eq(rf_h5_shape(file, name, &rank, dims, NULL), RF_OK);
    return dims[1];
}

static rf_outputs golden_outputs(rf_h5 *file, const rf_graph *graph)
{
    rf_outputs out = {.latent_u = (int)columns_of(file, "/out/zu"),
                      .latent_v = (int)columns_of(file, "/out/zv")};
    out.xu = golden(file, "/out/xu", graph->side[RF_USER].n, graph->side[RF_USER].d);
    out.xv = golden(file, "/out/xv", graph->side[RF_ENTITY].n, graph->side[RF_ENTITY].d);
    out.xe = golden(file, "/out/xe", graph->side[RF_EDGE].n, graph->side[RF_EDGE].d);
    out.zu = golden(file, "/out/zu", graph->side[RF_USER].n, out.latent_u);
    out.zv = golden(file, "/out/zv", graph->side[RF_ENTITY].n, out.latent_v);
    out.eprob = golden_eprob(file, graph);
    return out;
}

static void assert_golden(rf_h5 *file, const char *name, const rf_real *ours, int64_t n)
{
    rf_real *theirs = golden(file, name, n, 0);
    for (int64_t i = 0; i < n; i++)
        ck_assert_msg(fabs((double)ours[i] - (double)theirs[i]) <= TOLERANCE, "%s[%d]: %.12g, not %.12g",
                      name, (int)i, (double)ours[i], (double)theirs[i]);
    rf_mem_free(theirs);
}

static void assert_golden_scores(rf_h5 *file, const rf_scores *by_max, const rf_scores *by_mean)
{
    assert_golden(file, "/score/xu_error", by_max->side[RF_USER].x_error, by_max->side[RF_USER].n);
    assert_golden(file, "/score/xv_error", by_max->side[RF_ENTITY].x_error, by_max->side[RF_ENTITY].n);
    assert_golden(file, "/score/xe_error", by_max->side[RF_EDGE].x_error, by_max->side[RF_EDGE].n);
    assert_golden(file, "/score/edge_ce", by_max->side[RF_EDGE].ce, by_max->side[RF_EDGE].n);
    assert_golden(file, "/score/e_score", by_max->side[RF_EDGE].score, by_max->side[RF_EDGE].n);
    assert_golden(file, "/score/u_score_edge_max", by_max->side[RF_USER].score, by_max->side[RF_USER].n);
    assert_golden(file, "/score/v_score_edge_max", by_max->side[RF_ENTITY].score, by_max->side[RF_ENTITY].n);
    assert_golden(file, "/score/u_score_edge_mean", by_mean->side[RF_USER].score, by_mean->side[RF_USER].n);
    assert_golden(file, "/score/v_score_edge_mean", by_mean->side[RF_ENTITY].score,
                  by_mean->side[RF_ENTITY].n);
}

static void check_golden_outputs(rf_h5 *file, const rf_graph *graph)
{
    rf_outputs outputs = golden_outputs(file, graph);
    rf_score_options max = options_of(RF_AGG_MAX), mean = options_of(RF_AGG_MEAN);
    rf_scores *by_max = scores_with(graph, &outputs, &max, NULL);
    rf_scores *by_mean = scores_with(graph, &outputs, &mean, NULL);
    assert_golden_scores(file, by_max, by_mean);
    rf_scores_free(by_max);
    rf_scores_free(by_mean);
    rf_mem_free(outputs.xu);
    rf_mem_free(outputs.xv);
    rf_mem_free(outputs.xe);
    rf_mem_free(outputs.zu);
    rf_mem_free(outputs.zv);
    rf_mem_free(outputs.eprob);
}

static void check_golden_model(rf_h5 *file, const rf_graph *graph, const rf_model *model)
{
    rf_err err = {0};
    rf_scores *by_max = NULL, *by_mean = NULL;
    rf_score_options max = options_of(RF_AGG_MAX), mean = options_of(RF_AGG_MEAN);
    RF_CHECK_OK(err, rf_score_compute(&by_max, graph, model, &max, NULL, &err));
    RF_CHECK_OK(err, rf_score_compute(&by_mean, graph, model, &mean, NULL, &err));
    assert_golden_scores(file, by_max, by_mean);
    ck_assert_str_eq(by_max->model_id, rf_model_id(model));
    rf_scores_free(by_max);
    rf_scores_free(by_mean);
}

START_TEST(golden_outputs_and_models_give_golden_scores)
{
    for (int g = 1; g <= 4; g++) {
        char name[32], path[RF_TEST_PATH];
        rf_graph *graph = NULL;
        rf_model *model = NULL;
        rf_h5 *file = NULL;
        rf_err err = {0};
        snprintf(name, sizeof name, "golden_G%d.h5", g);
        if (!rf_golden_path(path, name))
            RF_SKIP("%s is not there", path);
        RF_CHECK_OK(err, rf_graph_load(&graph, path, RF_GRAPH_ALL, &err));
        RF_CHECK_OK(err, rf_model_load(&model, path, &err));
        RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
        check_golden_outputs(file, graph);
        check_golden_model(file, graph, model);
        rf_model_free(model);
        rf_graph_free(graph);
        rf_h5_close(&file);
    }
}
END_TEST

/* ---- formulas ---- */

static double error_of(const rf_graph_side *side, const rf_real *xhat, int64_t row)
{
    double sum = 0;
    for (int j = 0; j < side->d; j++) {
        double difference = (double)side->x[row * side->d + j] - (double)xhat[row * side->d + j];
        sum += difference * difference;
    }
    return sqrt(sum / side->d);
}

static double worst_edge(const rf_graph *graph, const rf_scores *scores, const uint32_t *ends, uint32_t node)
{
    double worst = -INFINITY;
    for (int64_t i = 0; i < graph->side[RF_EDGE].n; i++) {
        if (ends[i] == node && (double)scores->side[RF_EDGE].score[i] > worst)
            worst = (double)scores->side[RF_EDGE].score[i];
    }
    return isinf(worst) ? 0 : worst;
}

START_TEST(scores_follow_the_formulas_on_a_random_graph)
{
    rf_graph *graph = made_graph((made_shape){50, 20, 90, 5, 4, 7, 11});
    rf_outputs *outputs = made_outputs(graph, 3);
    rf_score_options options = options_of(RF_AGG_MAX);
    options.eta = 0.7;
    rf_scores *scores = scores_with(graph, outputs, &options, NULL);
    for (int64_t i = 0; i < graph->side[RF_EDGE].n; i++) {
        double ce = -log((double)outputs->eprob[i] + 1e-12);
        ck_assert_double_eq_tol((double)scores->side[RF_EDGE].score[i],
                                error_of(&graph->side[RF_EDGE], outputs->xe, i) + 0.7 * ce, 1e-5);
    }
    for (int64_t i = 0; i < graph->side[RF_USER].n; i++) {
        double edge = worst_edge(graph, scores, graph->adj.e_u, (uint32_t)i);
        ck_assert_double_eq_tol((double)scores->side[RF_USER].score[i],
                                error_of(&graph->side[RF_USER], outputs->xu, i) + edge, 1e-5);
    }
    for (int64_t i = 0; i < graph->side[RF_ENTITY].n; i++) {
        double edge = worst_edge(graph, scores, graph->adj.e_v, (uint32_t)i);
        ck_assert_double_eq_tol((double)scores->side[RF_ENTITY].score[i],
                                error_of(&graph->side[RF_ENTITY], outputs->xv, i) + edge, 1e-5);
    }
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(a_node_without_edges_scores_its_feature_error_alone)
{
    rf_graph *graph = made_graph((made_shape){30, 5, 4, 2, 2, 2, 1});
    rf_outputs *outputs = made_outputs(graph, 3);
    for (rf_score_agg agg = RF_AGG_MAX; agg <= RF_AGG_MEAN; agg++) {
        rf_score_options options = options_of(agg);
        rf_scores *scores = scores_with(graph, outputs, &options, NULL);
        int isolated = 0;
        for (int64_t i = 0; i < graph->side[RF_USER].n; i++) {
            if (graph->adj.u_ptr[i] == graph->adj.u_ptr[i + 1]) {
                ck_assert(scores->side[RF_USER].score[i] == scores->side[RF_USER].x_error[i]);
                isolated++;
            }
        }
        ck_assert_int_ge(isolated, 26);
        rf_scores_free(scores);
    }
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(an_impossible_edge_has_a_large_but_finite_score)
{
    rf_graph *graph = made_graph((made_shape){2, 2, 1, 1, 1, 1, 1});
    rf_outputs *outputs = made_outputs(graph, 3);
    outputs->eprob[0] = 0;
    rf_score_options options = options_of(RF_AGG_MAX);
    rf_scores *scores = scores_with(graph, outputs, &options, NULL);
    ck_assert_double_eq_tol((double)scores->side[RF_EDGE].ce[0], -log(1e-12), 1e-4);
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

/* ---- reasons ---- */

START_TEST(reasons_are_the_largest_squared_residuals_with_ties_to_the_lowest_column)
{
    rf_graph *graph = made_graph((made_shape){1, 1, 1, 6, 1, 1, 1});
    rf_outputs *outputs = made_outputs(graph, 3);
    static const double residual[] = {1, -2, 0, 2, 3, 1};
    static const int wanted[] = {4, 1, 3, 0, 5};
    for (int j = 0; j < 6; j++) {
        graph->side[RF_USER].x[j] = (rf_real)j;
        outputs->xu[j] = (rf_real)(j - residual[j]);
    }
    rf_score_options options = options_of(RF_AGG_MAX);
    rf_scores *scores = scores_with(graph, outputs, &options, NULL);
    ck_assert_int_eq(scores->side[RF_USER].n_reasons, 5);
    for (int r = 0; r < 5; r++) {
        int column = wanted[r];
        ck_assert_int_eq(scores->side[RF_USER].reason_feature[r], column);
        ck_assert_double_eq_tol((double)scores->side[RF_USER].reason_expected[r], column - residual[column],
                                1e-6);
        ck_assert_double_eq_tol((double)scores->side[RF_USER].reason_share[r],
                                residual[column] * residual[column] / 19, 1e-6);
    }
    ck_assert_int_eq(scores->side[RF_ENTITY].n_reasons, 1);
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(reasons_agree_with_sorting_all_residuals)
{
    rf_graph *graph = made_graph((made_shape){3, 3, 200, 1, 1, 23, 4});
    rf_outputs *outputs = made_outputs(graph, 9);
    rf_score_options options = options_of(RF_AGG_MAX);
    options.reasons = RF_MAX_REASONS;
    rf_scores *scores = scores_with(graph, outputs, &options, NULL);
    for (int64_t i = 0; i < graph->side[RF_EDGE].n; i++) {
        double last = INFINITY;
        for (int r = 0; r < scores->side[RF_EDGE].n_reasons; r++) {
            int column = scores->side[RF_EDGE].reason_feature[i * scores->side[RF_EDGE].n_reasons + r];
            double size =
                fabs((double)graph->side[RF_EDGE].x[i * 23 + column] - (double)outputs->xe[i * 23 + column]);
            int larger = 0;
            for (int j = 0; j < 23; j++)
                larger +=
                    fabs((double)graph->side[RF_EDGE].x[i * 23 + j] - (double)outputs->xe[i * 23 + j]) > size;
            ck_assert_int_eq(larger, r);
            ck_assert(size <= last);
            last = size;
        }
    }
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(a_perfect_reconstruction_has_shares_of_zero)
{
    rf_graph *graph = made_graph((made_shape){4, 4, 4, 3, 3, 3, 1});
    rf_outputs *outputs = made_outputs(graph, 3);
    memcpy(outputs->xu, graph->side[RF_USER].x, 12 * sizeof *outputs->xu);
    rf_score_options options = options_of(RF_AGG_MAX);
    rf_scores *scores = scores_with(graph, outputs, &options, NULL);
    for (int i = 0; i < 12; i++)
        ck_assert(scores->side[RF_USER].reason_share[i] == 0.0F);
    for (int i = 0; i < 4; i++)
        ck_assert(scores->side[RF_USER].x_error[i] == 0);
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

/* ---- the rest ---- */

static bool same_side(const rf_score_side *a, const rf_score_side *b)
{
    size_t n = (size_t)a->n, reasons = n * (size_t)a->n_reasons;
    return memcmp(a->x_error, b->x_error, n * sizeof *a->x_error) == 0 &&
           memcmp(a->score, b->score, n * sizeof *a->score) == 0 &&
           memcmp(a->percentile, b->percentile, n * sizeof *a->percentile) == 0 &&
           memcmp(a->robust_z, b->robust_z, n * sizeof *a->robust_z) == 0 &&
           memcmp(a->reason_feature, b->reason_feature, reasons * sizeof *a->reason_feature) == 0 &&
           memcmp(a->reason_share, b->reason_share, reasons * sizeof *a->reason_share) == 0;
}

START_TEST(scores_are_the_same_at_any_number_of_threads)
{
    rf_graph *graph = made_graph((made_shape){9000, 5000, 20000, 6, 5, 4, 8});
    rf_outputs *outputs = made_outputs(graph, 2);
    rf_score_options options = options_of(RF_AGG_MEAN);
    rf_scores *alone = scores_with(graph, outputs, &options, NULL);
    for (int threads = 2; threads <= 4; threads += 2) {
        rf_pool *pool = NULL;
        ck_assert_int_eq(rf_pool_new(&pool, threads, NULL), RF_OK);
        rf_scores *shared = scores_with(graph, outputs, &options, pool);
        ck_assert(same_side(&alone->side[RF_USER], &shared->side[RF_USER]));
        ck_assert(same_side(&alone->side[RF_ENTITY], &shared->side[RF_ENTITY]));
        ck_assert(same_side(&alone->side[RF_EDGE], &shared->side[RF_EDGE]));
        ck_assert_str_eq(alone->run_id, shared->run_id);
        rf_scores_free(shared);
        rf_pool_free(pool);
    }
    rf_scores_free(alone);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(graphs_without_edges_nodes_or_features_can_be_scored)
{
    static const made_shape shapes[] = {{3, 2, 0, 2, 2, 2, 1}, {0, 0, 0, 2, 2, 2, 1}, {0, 4, 0, 1, 1, 1, 1},
                                        {1, 1, 1, 1, 1, 1, 1}, {3, 2, 4, 2, 2, 0, 1}, {2, 2, 3, 0, 0, 0, 1}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        rf_graph *graph = made_graph(shapes[i]);
        rf_outputs *outputs = made_outputs(graph, 5);
        rf_score_options options = options_of(RF_AGG_MAX);
        rf_scores *scores = scores_with(graph, outputs, &options, NULL);
        ck_assert_int_eq(scores->side[RF_EDGE].n, shapes[i].n_e);
        rf_scores_free(scores);
        made_outputs_free(outputs);
        rf_graph_free(graph);
    }
}
END_TEST

START_TEST(outputs_that_are_not_finite_are_refused_by_subject)
{
    rf_graph *graph = made_graph((made_shape){5, 4, 9, 2, 2, 2, 1});
    rf_outputs *outputs = made_outputs(graph, 5);
    rf_score_options options = options_of(RF_AGG_MAX);
    rf_scores *scores = NULL;
    rf_err err = {0};
    outputs->xe[2 * 7 + 1] = (rf_real)NAN;
    RF_CHECK_FAILS(err, RF_E_NUMERIC, "edge 7",
                   rf_score_outputs(&scores, graph, outputs, &options, NULL, &err));
    ck_assert_ptr_null(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(options_out_of_range_are_refused)
{
    rf_graph *graph = made_graph((made_shape){2, 2, 2, 1, 1, 1, 1});
    rf_outputs *outputs = made_outputs(graph, 5);
    rf_scores *scores = NULL;
    rf_score_options options = options_of(RF_AGG_MAX);
    options.eta = -1;
    ck_assert_int_eq(rf_score_outputs(&scores, graph, outputs, &options, NULL, NULL), RF_E_INVALID);
    options.eta = (double)NAN;
    ck_assert_int_eq(rf_score_outputs(&scores, graph, outputs, &options, NULL, NULL), RF_E_INVALID);
    options.eta = 1;
    options.reasons = RF_MAX_REASONS + 1;
    ck_assert_int_eq(rf_score_outputs(&scores, graph, outputs, &options, NULL, NULL), RF_E_INVALID);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(run_id_depends_on_graph_model_and_options_and_on_nothing_else)
{
    rf_graph *graph = made_graph((made_shape){5, 4, 9, 2, 2, 2, 1});
    rf_outputs *outputs = made_outputs(graph, 5);
    rf_score_options max = options_of(RF_AGG_MAX), mean = options_of(RF_AGG_MEAN);
    rf_scores *a = scores_with(graph, outputs, &max, NULL), *b = scores_with(graph, outputs, &max, NULL);
    rf_scores *c = scores_with(graph, outputs, &mean, NULL);
    ck_assert_uint_eq(strlen(a->run_id), 32);
    ck_assert_str_eq(a->run_id, b->run_id);
    ck_assert_str_ne(a->run_id, c->run_id);
    rf_scores_name(b, graph, "0123456789abcdef", 1);
    ck_assert_str_ne(a->run_id, b->run_id);
    graph->side[RF_USER].x[3] += 1;
    rf_scores *d = scores_with(graph, outputs, &max, NULL);
    ck_assert_str_ne(a->run_id, d->run_id);
    ck_assert_str_eq(a->graph_edges, d->graph_edges);
    rf_scores_free(a);
    rf_scores_free(b);
    rf_scores_free(c);
    rf_scores_free(d);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(scoring_with_a_model_survives_every_failing_allocation)
{
    char path[RF_TEST_PATH];
    rf_graph *graph = NULL;
    rf_model *model = NULL;
    rf_scores *scores = NULL;
    rf_err err = {0};
    rf_score_options options = options_of(RF_AGG_MAX);
    if (!rf_golden_path(path, "golden_G1.h5"))
        RF_SKIP("%s is not there", path);
    RF_CHECK_OK(err, rf_graph_load(&graph, path, RF_GRAPH_ALL, &err));
    RF_CHECK_OK(err, rf_model_load(&model, path, &err));
    RF_SWEEP(rf_score_compute(&scores, graph, model, &options, NULL, sweep_err), rf_scores_free(scores));
    rf_model_free(model);
    rf_graph_free(graph);
}
END_TEST

START_TEST(scoring_survives_every_failing_allocation)
{
    rf_graph *graph = made_graph((made_shape){6, 5, 12, 3, 2, 4, 7});
    rf_outputs *outputs = made_outputs(graph, 5);
    rf_score_options options = options_of(RF_AGG_MAX);
    rf_scores *scores = NULL;
    RF_SWEEP(rf_score_outputs(&scores, graph, outputs, &options, NULL, sweep_err), rf_scores_free(scores));
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("score", golden_outputs_and_models_give_golden_scores, scores_follow_the_formulas_on_a_random_graph,
         a_node_without_edges_scores_its_feature_error_alone, an_impossible_edge_has_a_large_but_finite_score,
         reasons_are_the_largest_squared_residuals_with_ties_to_the_lowest_column,
         reasons_agree_with_sorting_all_residuals, a_perfect_reconstruction_has_shares_of_zero,
         scores_are_the_same_at_any_number_of_threads, graphs_without_edges_nodes_or_features_can_be_scored,
         outputs_that_are_not_finite_are_refused_by_subject, options_out_of_range_are_refused,
         run_id_depends_on_graph_model_and_options_and_on_nothing_else,
         scoring_survives_every_failing_allocation, scoring_with_a_model_survives_every_failing_allocation)
