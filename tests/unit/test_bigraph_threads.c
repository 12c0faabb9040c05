/* test_bigraph_threads.c - threads that share the work of publishing change no byte of the file: neither the
 * state, whose records they rewrite in pieces, nor the features. And threads that check a state which is
 * continued find what one finds.
 */
#include "bigraph_int.h"
#include "made_events.h"
#include "rf_check.h"
#include "rf_file.h"

#define USERS 5000u

/* Many users, so that there are several runs, pieces and tasks of everything; hot hours have full cells. */
static rf_status publish_by(int threads, const rf_bigraph_options *options, int n, const char *path,
                            rf_err *err)
{
    rf_status st = RF_OK;
    rf_rng rng;
    rf_pool *pool = NULL;
    rf_bigraph *graph = NULL;
    rf_published published = {0};
    rf_rng_init(&rng, 5, 0);
    RF_TRY(rf_pool_new(&pool, threads, err));
    RF_TRY(rf_bigraph_new(&graph, options, err));
    for (int i = 0; i < n; i++) {
        made_event made = made_event_at(&rng, i, 20);
        if (strcmp(made.user, "u7") != 0)
            snprintf(made.user, sizeof made.user, "u%u", rf_rng_below(&rng, USERS));
        const rf_event event = made_rf_event(&made, true);
        RF_TRY(rf_bigraph_add_event(graph, &event, err));
    }
    RF_TRY(rf_bigraph_publish(graph, path, NULL, pool, &published, err));
    ck_assert_int_gt(published.edges, n / 4);
done:
    rf_bigraph_free(graph);
    rf_pool_free(pool);
    return st < 0 ? st : RF_OK;
}

static void check_threads(const rf_bigraph_options *options, int n)
{
    rf_err err = {0};
    char one[RF_TEST_PATH], more[RF_TEST_PATH];
    setenv("SOURCE_DATE_EPOCH", "1", 1); /* files are compared byte for byte */
    RF_CHECK_OK(err, publish_by(1, options, n, rf_tmp_path(one, "one.h5"), &err));
    for (int threads = 2; threads <= 4; threads += 2) {
        RF_CHECK_OK(err, publish_by(threads, options, n, rf_tmp_path(more, "more.h5"), &err));
        ck_assert(rf_files_equal(one, more));
    }
}

START_TEST(threads_change_no_byte_of_a_graph_of_pairs)
{
    const rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    check_threads(&options, 90000);
}
END_TEST

START_TEST(threads_change_no_byte_of_a_graph_of_events)
{
    const rf_bigraph_options options = made_options(RF_GRANULARITY_EVENT);
    check_threads(&options, 45000);
}
END_TEST

START_TEST(threads_change_no_byte_of_a_graph_of_kinds)
{
    const rf_bigraph_options options = made_options_of_kinds(RF_GRANULARITY_PAIR);
    check_threads(&options, 45000);
}
END_TEST

/* ---- continuing ---- */

#define MANY 90000 /* events, whose cells are more than one thread checks at a time */

/* Continues the graph at `from` with a few events and writes it to path. */
static rf_status continue_by(int threads, const char *from, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rng rng;
    rf_pool *pool = NULL;
    rf_bigraph *graph = NULL;
    rf_positions positions = {0};
    rf_published published = {0};
    const rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    rf_rng_init(&rng, 6, 0);
    RF_TRY(rf_pool_new(&pool, threads, err));
    RF_TRY(rf_bigraph_new(&graph, &options, err));
    rf_bigraph_use_threads(graph, pool);
    RF_TRY(rf_bigraph_resume_from(graph, from, RF_GRAPH_FORMAT, &positions, err));
    for (int i = 0; i < 100; i++) {
        made_event made = made_event_at(&rng, MANY + i, 20);
        const rf_event event = made_rf_event(&made, true);
        RF_TRY(rf_bigraph_add_event(graph, &event, err));
    }
    RF_TRY(rf_bigraph_publish(graph, path, NULL, pool, &published, err));
done:
    rf_positions_clear(&positions);
    rf_bigraph_free(graph);
    rf_pool_free(pool);
    return st < 0 ? st : RF_OK;
}

START_TEST(threads_continue_as_one_does)
{
    rf_err err = {0};
    const rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    char before[RF_TEST_PATH], one[RF_TEST_PATH], more[RF_TEST_PATH];
    setenv("SOURCE_DATE_EPOCH", "1", 1);
    RF_CHECK_OK(err, publish_by(2, &options, MANY, rf_tmp_path(before, "before.h5"), &err));
    RF_CHECK_OK(err, continue_by(1, before, rf_tmp_path(one, "one.h5"), &err));
    for (int threads = 2; threads <= 4; threads++) {
        RF_CHECK_OK(err, continue_by(threads, before, rf_tmp_path(more, "more.h5"), &err));
        ck_assert(rf_files_equal(one, more));
    }
}
END_TEST

/* The last cell, and so one that is not among those of the first thread. */
START_TEST(threads_find_a_damaged_cell)
{
    rf_err err = {0};
    const rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    char path[RF_TEST_PATH], out[RF_TEST_PATH];
    rf_h5 *file = NULL;
    int rank;
    int64_t dims[4];
    const uint32_t nobody[5] = {UINT32_MAX, 0, 0, 1, 0};
    RF_CHECK_OK(err, publish_by(2, &options, MANY, rf_tmp_path(path, "damaged.h5"), &err));
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_shape(file, "/state/cells", &rank, dims, &err));
    ck_assert_int_gt(dims[0], 2 * 16384);
    RF_CHECK_OK(err, rf_h5_write_rows(file, "/state/cells", RF_H5_U32, dims[0] - 1, 1, nobody, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    for (int threads = 1; threads <= 3; threads++) {
        ck_assert_int_eq(continue_by(threads, path, rf_tmp_path(out, "none.h5"), &err), RF_E_FORMAT);
        ck_assert_msg(strstr(err.msg, "/state/cells") != NULL, "%s", err.msg);
        err = (rf_err){0};
    }
}
END_TEST

RF_SUITE("bigraph_threads", threads_change_no_byte_of_a_graph_of_pairs,
         threads_change_no_byte_of_a_graph_of_events, threads_change_no_byte_of_a_graph_of_kinds,
         threads_continue_as_one_does, threads_find_a_damaged_cell)
