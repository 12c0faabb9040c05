/* test_bigraph_add.c - many events at once are the same as one after the other, wherever the cuts are and
 * however many more are expected. */
#include "made_events.h"
#include "rf_check.h"

#define EVENTS 6000

static made_event made[EVENTS];
static rf_event events[EVENTS];
static const rf_event *all[EVENTS];

/* Repeated ids are near each other, far, and of events that are too old by then. */
static void make_events(uint64_t seed, bool ids)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    for (int i = 0; i < EVENTS; i++) {
        made[i] = made_event_at(&rng, i, 20);
        if (i > 0 && rf_rng_below(&rng, 6) == 0) {
            uint32_t back = 1 + rf_rng_below(&rng, rf_rng_below(&rng, 2) == 0 ? 20 : (uint32_t)i);
            snprintf(made[i].id, sizeof made[i].id, "event-%d", i - (int)back < 0 ? 0 : i - (int)back);
        }
        events[i] = made_rf_event(&made[i], ids);
        all[i] = &events[i];
    }
}

static rf_counts add_and_save(const rf_bigraph_options *options, const char *path, rf_rng *cuts)
{
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    RF_CHECK_OK(err, rf_bigraph_new(&graph, options, &err));
    for (size_t from = 0, n; from < EVENTS; from += n) {
        n = cuts == NULL ? 1 : rf_rng_below(cuts, 100);
        n = n < EVENTS - from ? n : EVENTS - from;
        if (cuts == NULL)
            RF_CHECK_OK(err, rf_bigraph_add_event(graph, all[from], &err));
        else
            RF_CHECK_OK(err, rf_bigraph_add_events(graph, all + from, n, &err));
    }
    rf_counts counts = *rf_bigraph_counts(graph);
    RF_CHECK_OK(err, rf_bigraph_checkpoint(graph, path, NULL, &err));
    rf_bigraph_free(graph);
    return counts;
}

static void compare(rf_granularity granularity, int64_t as_of_us, bool ids)
{
    char one[RF_TEST_PATH], many[RF_TEST_PATH], saved[2][RF_TEST_PATH];
    rf_bigraph_options options = made_options(granularity);
    options.as_of_us = as_of_us;
    options.window_us = 4 * RF_DAY_US;
    rf_tmp_path(one, "one.h5");
    rf_tmp_path(many, "many.h5");
    rf_tmp_path(saved[0], "one.h5.building");
    rf_tmp_path(saved[1], "many.h5.building");
    for (uint64_t seed = 1; seed <= 4; seed++) {
        rf_rng cuts;
        rf_rng_init(&cuts, seed, 1);
        make_events(seed, ids);
        rf_counts a = add_and_save(&options, one, NULL), b = add_and_save(&options, many, &cuts);
        ck_assert_int_eq(a.accepted, b.accepted);
        ck_assert_int_eq(a.duplicate, b.duplicate);
        ck_assert_int_eq(a.late, b.late);
        ck_assert_int_eq(a.expired, b.expired);
        ck_assert_int_eq(a.waiting, b.waiting);
        ck_assert_int_gt(a.accepted, 200);
        ck_assert_int_eq(a.duplicate > 20, ids);
        ck_assert(rf_files_equal(saved[0], saved[1]));
    }
}

START_TEST(many_events_at_once_are_as_one_after_the_other)
{
    setenv("SOURCE_DATE_EPOCH", "1", 1);
    compare(RF_GRANULARITY_PAIR, RF_AS_OF_LATEST, true);
    compare(RF_GRANULARITY_PAIR, MADE_START + 12 * RF_DAY_US, true);
    compare(RF_GRANULARITY_PAIR, RF_AS_OF_LATEST, false);
    compare(RF_GRANULARITY_EVENT, RF_AS_OF_LATEST, true);
}
END_TEST

/* Tables become of other sizes by it. */
START_TEST(a_graph_is_the_same_however_many_events_are_expected)
{
    rf_err err = {0};
    char path[2][RF_TEST_PATH];
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    options.as_of_us = RF_AS_OF_LATEST;
    setenv("SOURCE_DATE_EPOCH", "1", 1);
    make_events(10, true);
    for (int expects = 0; expects < 2; expects++) {
        rf_bigraph *graph = NULL;
        rf_published published;
        rf_rng rng;
        rf_rng_init(&rng, 10, 1);
        RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
        for (size_t from = 0; from < EVENTS; from += 100) {
            if (expects)
                rf_bigraph_expect(graph, INT64_MAX >> rf_rng_below(&rng, 63));
            RF_CHECK_OK(err, rf_bigraph_add_events(graph, all + from, 100, &err));
        }
        rf_tmp_path(path[expects], expects ? "expects.h5" : "plain.h5");
        RF_CHECK_OK(err, rf_bigraph_publish(graph, path[expects], NULL, NULL, &published, &err));
        rf_bigraph_free(graph);
    }
    ck_assert(rf_files_equal(path[0], path[1]));
}
END_TEST

START_TEST(nothing_is_added_to_a_published_graph)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_bigraph *graph = NULL;
    rf_published published;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    options.as_of_us = RF_AS_OF_LATEST;
    make_events(9, true);
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    RF_CHECK_OK(err, rf_bigraph_add_events(graph, all, 500, &err));
    RF_CHECK_OK(err, rf_bigraph_publish(graph, rf_tmp_path(path, "p.h5"), NULL, NULL, &published, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "resume", rf_bigraph_add_events(graph, all, 2, &err));
    rf_bigraph_free(graph);
}
END_TEST

RF_SUITE("bigraph_add", many_events_at_once_are_as_one_after_the_other,
         a_graph_is_the_same_however_many_events_are_expected, nothing_is_added_to_a_published_graph)
