/* test_bigraph_threads.c - threads that share the work of publishing change no byte of the file: neither the
 * state, whose records they rewrite in pieces, nor the features.
 */
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

RF_SUITE("bigraph_threads", threads_change_no_byte_of_a_graph_of_pairs,
         threads_change_no_byte_of_a_graph_of_events, threads_change_no_byte_of_a_graph_of_kinds)
