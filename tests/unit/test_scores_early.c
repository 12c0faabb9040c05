/* test_scores_early.c - scores.h5 that takes arrays while others are made holds what is written afterwards;
 * who fails meanwhile gives the arrays back first. */
#include "rf_h5.h"
#include "scored_kinds.h"

enum { KINDS = 2 };

/* Edges enough for their arrays to be lent. */
static const made_shape shapes[KINDS] = {{900, 300, 20000, 3, 3, 4, 8}, {900, 200, 17000, 3, 2, 3, 9}};

static rf_scores *scores_of(const rf_graph *graph, rf_h5 *early, rf_score_method method, rf_pool *pool)
{
    rf_scores *scores = NULL;
    rf_err err = {0};
    rf_score_options options;
    rf_outputs *outputs = made_outputs(graph, 8);
    rf_score_options_default(&options);
    options.method = method;
    options.early = early;
    RF_CHECK_OK(err, rf_score_outputs(&scores, graph, outputs, &options, pool, &err));
    made_outputs_free(outputs);
    return scores;
}

/* Written early, read, and written again at once: the bytes of scores that nobody wrote early. */
static void check_early(int n_kinds, rf_score_method method)
{
    char early[RF_TEST_PATH], again[RF_TEST_PATH], late[RF_TEST_PATH];
    rf_err err = {0};
    rf_pool *pool = NULL;
    rf_h5 *file = NULL;
    rf_scores *read = NULL;
    rf_graph *graph = made_kinds(shapes, n_kinds);
    RF_CHECK_OK(err, rf_pool_new(&pool, 2, &err));
    RF_CHECK_OK(err, rf_scores_begin(&file, rf_tmp_path(early, "early.h5"), pool, &err));
    rf_scores *scores = scores_of(graph, file, method, pool);
    RF_CHECK_OK(err, rf_scores_end(scores, file, &err));
    rf_h5_close(&file);
    rf_scores_free(scores);
    RF_CHECK_OK(err, rf_scores_load(&read, early, graph, &err));
    RF_CHECK_OK(err, rf_scores_save(read, rf_tmp_path(again, "again.h5"), NULL, &err));
    rf_scores_free(read);
    scores = scores_of(graph, NULL, method, NULL);
    RF_CHECK_OK(err, rf_scores_save(scores, rf_tmp_path(late, "late.h5"), pool, &err));
    ck_assert(rf_files_equal(again, late));
    rf_scores_free(scores);
    rf_graph_free(graph);
    rf_pool_free(pool);
}

START_TEST(what_is_written_early_is_what_is_written_late)
{
    setenv("SOURCE_DATE_EPOCH", "1525132800", 1);
    check_early(KINDS, RF_METHOD_SURPRISE);
    check_early(1, RF_METHOD_GRAPHBEAN);
    unsetenv("SOURCE_DATE_EPOCH");
}
END_TEST

/* Refused memory, when arrays were just lent: of rows after an eighth of all requests, of parts after a
 * third. */
START_TEST(who_fails_takes_back_what_was_lent)
{
    enum { STEP = 7 };
    char path[RF_TEST_PATH];
    rf_graph *graph = made_kinds(shapes, 1);
    rf_outputs *outputs = made_outputs(graph, 8);
    rf_score_options options;
    const int64_t before = rf_mem_stats_get().requests;
    rf_scores_free(scores_of(graph, NULL, RF_METHOD_SURPRISE, NULL));
    const int64_t all = rf_mem_stats_get().requests - before;
    rf_score_options_default(&options);
    rf_tmp_path(path, "early.h5");
    for (int64_t granted = all / 8; granted < all / 5 * 2; granted += STEP) {
        rf_err err = {0};
        rf_scores *scores = NULL;
        RF_CHECK_OK(err, rf_scores_begin(&options.early, path, NULL, &err));
        rf_mem_fail_after(granted);
        ck_assert_int_eq(rf_score_outputs(&scores, graph, outputs, &options, NULL, &err), RF_E_NOMEM);
        rf_mem_fail_after(-1);
        const int64_t written = rf_h5_disk_calls();
        rf_h5_take_back(options.early);
        ck_assert_int_eq(rf_h5_disk_calls(), written); /* nothing was written of what is gone */
        rf_h5_close(&options.early);
    }
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("scores_early", what_is_written_early_is_what_is_written_late, who_fails_takes_back_what_was_lent)
