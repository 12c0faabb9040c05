/* test_scores_file.c - scores.h5: save then load is identity, other graphs' scores and broken files are
 * refused. */
#include "made_scores.h"
#include "rf_check.h"
#include "rf_h5.h"
#include "rf_score.h"

static const made_shape shape = {12, 7, 30, 5, 4, 6, 21};

static rf_scores *scores_with(const rf_graph *graph, rf_score_agg agg)
{
    rf_score_options options;
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    options.agg = agg;
    options.eta = 0.37;
    options.frozen = agg == RF_AGG_MEAN;
    return made_scores_by(graph, &options);
}

static void assert_same(const void *a, const void *b, int64_t n, size_t size, const char *what)
{
    ck_assert_msg((a == NULL) == (b == NULL), "%s is there on one side only", what);
    if (a != NULL)
        ck_assert_msg(memcmp(a, b, (size_t)n * size) == 0, "%s differs", what);
}

static void assert_same_side(const rf_score_side *a, const rf_score_side *b)
{
    ck_assert_int_eq(a->n, b->n);
    ck_assert_int_eq(a->n_reasons, b->n_reasons);
    ck_assert_int_eq(a->latent, b->latent);
    int64_t reasons = a->n * a->n_reasons;
    assert_same(a->x_error, b->x_error, a->n, sizeof *a->x_error, "x_error");
    assert_same(a->score, b->score, a->n, sizeof *a->score, "score");
    assert_same(a->ce, b->ce, a->n, sizeof *a->ce, "ce");
    assert_same(a->percentile, b->percentile, a->n, sizeof *a->percentile, "percentile");
    assert_same(a->robust_z, b->robust_z, a->n, sizeof *a->robust_z, "robust_z");
    assert_same(a->reason_feature, b->reason_feature, reasons, sizeof *a->reason_feature, "reason_feature");
    assert_same(a->reason_expected, b->reason_expected, reasons, sizeof *a->reason_expected,
                "reason_expected");
    assert_same(a->reason_share, b->reason_share, reasons, sizeof *a->reason_share, "reason_share");
    assert_same(a->z, b->z, a->n * a->latent, sizeof *a->z, "z");
}

START_TEST(save_then_load_is_identity)
{
    for (rf_score_agg agg = RF_AGG_MAX; agg <= RF_AGG_MEAN; agg++) {
        char path[RF_TEST_PATH];
        rf_err err = {0};
        rf_graph *graph = made_graph(shape);
        rf_scores *saved = scores_with(graph, agg), *loaded = NULL;
        rf_tmp_path(path, "scores.h5");
        RF_CHECK_OK(err, rf_scores_save(saved, path, NULL, &err));
        RF_CHECK_OK(err, rf_scores_load(&loaded, path, graph, &err));
        assert_same_side(&saved->side[RF_USER], &loaded->side[RF_USER]);
        assert_same_side(&saved->side[RF_ENTITY], &loaded->side[RF_ENTITY]);
        assert_same_side(&saved->side[RF_EDGE], &loaded->side[RF_EDGE]);
        ck_assert_int_eq(loaded->agg, agg);
        ck_assert(loaded->eta == 0.37);
        ck_assert_int_eq(loaded->frozen, agg == RF_AGG_MEAN);
        ck_assert_str_eq(loaded->model_id, "00112233aabbccdd");
        ck_assert_int_eq(loaded->model_trained_at_us, INT64_C(1525132800000000));
        ck_assert_str_eq(loaded->run_id, saved->run_id);
        ck_assert_str_eq(loaded->graph_edges, saved->graph_edges);
        ck_assert_str_eq(loaded->graph_features, saved->graph_features);
        rf_scores_free(saved);
        rf_scores_free(loaded);
        rf_graph_free(graph);
    }
}
END_TEST

START_TEST(equal_scores_give_equal_bytes)
{
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    rf_err err = {0};
    rf_pool *pool = NULL;
    setenv("SOURCE_DATE_EPOCH", "1525132800", 1);
    rf_graph *graph = made_graph(shape);
    rf_scores *scores = scores_with(graph, RF_AGG_MAX);
    RF_CHECK_OK(err, rf_pool_new(&pool, 2, &err));
    RF_CHECK_OK(err, rf_scores_save(scores, rf_tmp_path(a, "a.h5"), NULL, &err));
    RF_CHECK_OK(err, rf_scores_save(scores, rf_tmp_path(b, "b.h5"), pool, &err));
    rf_pool_free(pool);
    unsetenv("SOURCE_DATE_EPOCH");
    ck_assert(rf_files_equal(a, b));
    rf_scores_free(scores);
    rf_graph_free(graph);
}
END_TEST

START_TEST(a_graph_without_edges_or_nodes_keeps_its_shape_in_the_file)
{
    static const made_shape shapes[] = {{3, 2, 0, 2, 2, 2, 1}, {0, 4, 0, 1, 1, 1, 1}, {1, 1, 1, 0, 0, 0, 1}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char path[RF_TEST_PATH];
        rf_err err = {0};
        rf_graph *graph = made_graph(shapes[i]);
        rf_scores *saved = scores_with(graph, RF_AGG_MAX), *loaded = NULL;
        RF_CHECK_OK(err, rf_scores_save(saved, rf_tmp_path(path, "empty.h5"), NULL, &err));
        RF_CHECK_OK(err, rf_scores_load(&loaded, path, graph, &err));
        assert_same_side(&saved->side[RF_USER], &loaded->side[RF_USER]);
        assert_same_side(&saved->side[RF_ENTITY], &loaded->side[RF_ENTITY]);
        assert_same_side(&saved->side[RF_EDGE], &loaded->side[RF_EDGE]);
        rf_scores_free(saved);
        rf_scores_free(loaded);
        rf_graph_free(graph);
    }
}
END_TEST

/* ---- refusals ---- */

static void assert_refused_for(const char *path, const rf_graph *graph, const char *part)
{
    rf_scores *loaded = NULL;
    rf_err err = {0};
    RF_CHECK_FAILS(err, RF_E_FORMAT, part, rf_scores_load(&loaded, path, graph, &err));
    ck_assert_ptr_null(loaded);
}

static void save_made(char path[RF_TEST_PATH], const char *name)
{
    rf_err err = {0};
    rf_graph *graph = made_graph(shape);
    rf_scores *scores = scores_with(graph, RF_AGG_MAX);
    RF_CHECK_OK(err, rf_scores_save(scores, rf_tmp_path(path, name), NULL, &err));
    rf_scores_free(scores);
    rf_graph_free(graph);
}

START_TEST(scores_of_another_graph_are_refused)
{
    char path[RF_TEST_PATH];
    made_shape larger = shape;
    save_made(path, "mine.h5");
    larger.n_u++;
    rf_graph *graph = made_graph(larger);
    assert_refused_for(path, graph, "/u has 12 rows, but the graph has 13");
    rf_graph_free(graph);

    graph = made_graph(shape);
    uint32_t last = graph->adj.e_v[29];
    graph->adj.e_v[29] = (last + 1) % 7;
    assert_refused_for(path, graph, "other edges");
    graph->adj.e_v[29] = last;
    graph->side[RF_EDGE].x[5] += 1;
    assert_refused_for(path, graph, "other features");
    rf_graph_free(graph);
}
END_TEST

START_TEST(a_graph_loaded_without_features_is_told_apart_by_its_edges)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_scores *loaded = NULL;
    save_made(path, "mine.h5");
    rf_graph *graph = made_graph(shape);
    rf_real *x = graph->side[RF_EDGE].x;
    graph->side[RF_EDGE].x = NULL;
    RF_CHECK_OK(err, rf_scores_load(&loaded, path, graph, &err));
    rf_scores_free(loaded);
    loaded = NULL;
    graph->side[RF_EDGE].x = x;
    RF_CHECK_OK(err, rf_scores_load(&loaded, path, NULL, &err));
    rf_scores_free(loaded);
    rf_graph_free(graph);
}
END_TEST

/* Replaces a dataset of a good file by n numbers of its own. */
static void replace(const char *path, const char *name, rf_h5_type type, int64_t n, const void *data)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_remove(file, name, &err));
    if (data != NULL)
        RF_CHECK_OK(err, rf_h5_write(file, name, type, 1, &n, data, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
}

START_TEST(a_file_with_a_broken_dataset_is_refused_by_name)
{
    char path[RF_TEST_PATH];
    float twelve[12] = {0};
    save_made(path, "broken.h5");
    twelve[3] = NAN;
    replace(path, "/u/score", RF_H5_F32, 12, twelve);
    assert_refused_for(path, NULL, "not finite at row 3");
    save_made(path, "broken.h5");
    twelve[3] = 1.5F;
    replace(path, "/u/percentile", RF_H5_F32, 12, twelve);
    assert_refused_for(path, NULL, "/u/percentile is 1.5 at row 3");
    save_made(path, "broken.h5");
    replace(path, "/u/x_error", RF_H5_F32, 11, twelve);
    assert_refused_for(path, NULL, "/u/x_error");
    save_made(path, "broken.h5");
    replace(path, "/v/score", RF_H5_F32, 0, NULL);
    assert_refused_for(path, NULL, "/v/score is missing");
}
END_TEST

START_TEST(what_only_actions_need_may_be_absent)
{
    static const char *const names[] = {"/u/robust_z", "/u/reason_feature", "/u/z"};
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_scores *loaded = NULL;
    save_made(path, "thin.h5");
    for (size_t i = 0; i < 3; i++)
        replace(path, names[i], RF_H5_F32, 0, NULL);
    RF_CHECK_OK(err, rf_scores_load(&loaded, path, NULL, &err));
    ck_assert_int_eq(loaded->side[RF_USER].n_reasons, 0);
    ck_assert_int_eq(loaded->side[RF_USER].latent, 0);
    ck_assert_int_gt(loaded->side[RF_ENTITY].n_reasons, 0);
    rf_scores_free(loaded);
}
END_TEST

START_TEST(files_of_other_kinds_are_refused)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_h5 *file = NULL;
    rf_scores *loaded = NULL;
    RF_CHECK_OK(err, rf_h5_create_beside(&file, rf_tmp_path(path, "graph.h5"), &err));
    RF_CHECK_OK(err, rf_h5_write_format(file, "ringfence-graph", 1, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    assert_refused_for(path, NULL, "ringfence-graph");
    rf_tmp_path(path, "absent.h5");
    RF_CHECK_FAILS(err, RF_E_IO, "absent.h5", rf_scores_load(&loaded, path, NULL, &err));
}
END_TEST

START_TEST(saving_and_loading_survive_every_failing_allocation)
{
    char path[RF_TEST_PATH];
    rf_scores *loaded = NULL;
    rf_graph *graph = made_graph(shape);
    rf_scores *scores = scores_with(graph, RF_AGG_MAX);
    rf_tmp_path(path, "sweep.h5");
    RF_SWEEP(rf_scores_save(scores, path, NULL, sweep_err), (void)0);
    RF_SWEEP(rf_scores_load(&loaded, path, graph, sweep_err), rf_scores_free(loaded));
    rf_scores_free(scores);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("scores_file", save_then_load_is_identity, equal_scores_give_equal_bytes,
         a_graph_without_edges_or_nodes_keeps_its_shape_in_the_file, scores_of_another_graph_are_refused,
         a_graph_loaded_without_features_is_told_apart_by_its_edges,
         a_file_with_a_broken_dataset_is_refused_by_name, what_only_actions_need_may_be_absent,
         files_of_other_kinds_are_refused, saving_and_loading_survive_every_failing_allocation)
