/* test_bigraph_long.c - slow cases: streams far longer than the window, and every allocation failing once.
 */
#include "bigraph_sizes.h"
#include "made_events.h"
#include "rf_check.h"
#include "rf_graph.h"

static void publish(rf_bigraph *graph, const char *path)
{
    rf_err err = {0};
    rf_published published;
    RF_CHECK_OK(err, rf_bigraph_publish(graph, path, NULL, NULL, &published, &err));
    rf_bigraph_free(graph);
}

/* ---- long streams ---- */

#define STREAM 300000

/* Event i of a stream of 150 days: many users, no repeats. */
static rf_event stream_event(made_event *m, int i)
{
    rf_rng rng;
    rf_rng_init(&rng, 77, (uint64_t)i);
    *m = made_event_at(&rng, i, 1);
    snprintf(m->user, sizeof m->user, "u%u", rf_rng_below(&rng, 500));
    m->time_us = MADE_START + (int64_t)i * (150 * RF_DAY_US / STREAM);
    m->hour = RF_MISSING;
    return made_rf_event(m, true);
}

START_TEST(a_long_stream_keeps_the_window_only)
{
    rf_err err = {0};
    made_event m;
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    options.as_of_us = RF_AS_OF_LATEST;
    options.window_us = 5 * RF_DAY_US;
    options.features = "time";
    setenv("SOURCE_DATE_EPOCH", "1", 1);
    rf_bigraph *graph = NULL, *late = NULL;
    int64_t most = 0, before = rf_mem_stats_get().live_bytes;
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    RF_CHECK_OK(err, rf_bigraph_new(&late, &options, &err));
    for (int i = 0; i < STREAM; i++) {
        rf_event event = stream_event(&m, i);
        RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
        int64_t bytes = rf_mem_stats_get().live_bytes - before;
        most = bytes > most ? bytes : most;
    }
    ck_assert_int_lt(bigraph_sizes_of(graph).cells, 150000);
    ck_assert_int_lt(most, 16 << 20);
    publish(graph, rf_tmp_path(a, "a.h5"));
    for (int i = STREAM - 1; i >= 0; i--) {
        rf_event event = stream_event(&m, i);
        RF_CHECK_OK(err, rf_bigraph_add_event(late, &event, &err));
    }
    ck_assert_int_lt(bigraph_sizes_of(late).cells, 12000);
    publish(late, rf_tmp_path(b, "b.h5"));
    ck_assert(rf_files_equal(a, b));
}
END_TEST

/* ---- failing allocations ---- */

static rf_status first_half(const rf_bigraph_options *options, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *graph = NULL;
    rf_rng rng;
    rf_rng_init(&rng, 8, 0);
    RF_TRY(rf_bigraph_new(&graph, options, err));
    for (int i = 0; i < 60; i++) {
        made_event m = made_event_at(&rng, i, 12);
        rf_event event = made_rf_event(&m, true);
        RF_TRY(rf_bigraph_add_event(graph, &event, err));
    }
    RF_TRY(rf_bigraph_checkpoint(graph, path, NULL, err));
done:
    rf_bigraph_free(graph);
    return st;
}

static rf_status second_half(const rf_bigraph_options *options, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *graph = NULL;
    rf_positions positions = {0};
    rf_published published;
    int resumed;
    RF_TRY(rf_bigraph_new(&graph, options, err));
    RF_TRY(rf_bigraph_resume(graph, path, &positions, &resumed, err));
    RF_TRY(rf_bigraph_publish(graph, path, &positions, NULL, &published, err));
done:
    rf_positions_clear(&positions);
    rf_bigraph_free(graph);
    return st;
}

static rf_status load_and_free(const char *path, rf_err *err)
{
    rf_graph *graph = NULL;
    rf_status st = rf_graph_load(&graph, path, RF_GRAPH_ALL, err);
    rf_graph_free(graph);
    return st;
}

START_TEST(every_failed_allocation_is_survived)
{
    char path[RF_TEST_PATH];
    rf_tmp_path(path, "sweep.h5");
    for (int g = 0; g < 2; g++) {
        rf_bigraph_options options = made_options(g == 0 ? RF_GRANULARITY_PAIR : RF_GRANULARITY_EVENT);
        options.window_us = 0;
        RF_SWEEP(first_half(&options, path, sweep_err), );
        RF_SWEEP(second_half(&options, path, sweep_err), );
        RF_SWEEP(load_and_free(path, sweep_err), );
    }
}
END_TEST

RF_SUITE("bigraph_long", a_long_stream_keeps_the_window_only, every_failed_allocation_is_survived)
