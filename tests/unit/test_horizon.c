/* test_horizon.c - events of a wrong clock do not move the window, wherever among the others they come, and
 * however the others are split over restarts and shards. When enough come, they do.
 */
#include "made_shards.h"

#define FAR_EVENTS 20 /* of SPLIT_EVENTS: the last ones */
#define FAR_US (200 * RF_DAY_US)

static rf_bigraph_options options_with_jump(rf_granularity granularity)
{
    rf_bigraph_options options = made_options(granularity);
    options.as_of_us = RF_AS_OF_LATEST;
    options.jump_us = options.window_us;
    return options;
}

static void make_split(uint64_t seed, int far)
{
    split_make(seed, 3, ANYHOW);
    for (int i = SPLIT_EVENTS - far; i < SPLIT_EVENTS; i++)
        made_split.items[i].time_us += FAR_US;
}

static const char *publish_all(char out[RF_TEST_PATH], const char *name, const rf_bigraph_options *options,
                               int first, int restarts)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_bigraph *graph = split_graph(options);
    for (int part = 0; part <= restarts; part++) {
        int from = part * SPLIT_EVENTS / (restarts + 1), to = (part + 1) * SPLIT_EVENTS / (restarts + 1),
            resumed;
        for (int i = from; i < to; i++) /* `first` comes first, the others in their order behind it */
            split_add(graph, -1, (i + first) % SPLIT_EVENTS, (i + first) % SPLIT_EVENTS + 1);
        if (part == restarts)
            break;
        rf_positions at = {0};
        RF_CHECK_OK(err, rf_bigraph_checkpoint(graph, rf_tmp_path(path, name), NULL, &err));
        rf_bigraph_free(graph);
        graph = split_graph(options);
        RF_CHECK_OK(err, rf_bigraph_resume(graph, path, &at, &resumed, &err));
        rf_positions_clear(&at);
    }
    split_publish(graph, rf_tmp_path(out, name), NULL);
    return out;
}

START_TEST(any_order_and_restarts_give_the_same_bytes)
{
    char one[RF_TEST_PATH], other[RF_TEST_PATH];
    for (int event = 0; event <= 1; event++) {
        rf_bigraph_options options = options_with_jump(event ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR);
        make_split(3, FAR_EVENTS);
        publish_all(one, "one.h5", &options, 0, 0);
        for (int first = 0; first < SPLIT_EVENTS; first += SPLIT_EVENTS / 5) {
            publish_all(other, "other.h5", &options, SPLIT_EVENTS - first, first / 300);
            ck_assert(rf_files_equal(one, other));
        }
        publish_all(other, "other.h5", &options, SPLIT_EVENTS - FAR_EVENTS,
                    2); /* the far ones first of all */
        ck_assert(rf_files_equal(one, other));
    }
}
END_TEST

START_TEST(the_window_is_that_of_the_bulk)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_outlook outlook;
    rf_bigraph_options options = options_with_jump(RF_GRANULARITY_PAIR);
    make_split(4, FAR_EVENTS);
    rf_bigraph *graph = split_graph(&options);
    split_add(graph, -1, 0, SPLIT_EVENTS);
    RF_CHECK_OK(err, rf_bigraph_look_out(&outlook, graph, &err));
    ck_assert_int_eq(outlook.ahead, FAR_EVENTS);
    ck_assert_int_ge(outlook.ahead_from_us, MADE_START + FAR_US);
    ck_assert_int_eq(outlook.held, 0);
    rf_published published = split_publish(graph, rf_tmp_path(path, "bulk.h5"), NULL);
    ck_assert_int_le(published.window_to_us, MADE_START + 20 * RF_DAY_US);

    options.jump_us = 0;
    graph = split_graph(&options);
    split_add(graph, -1, 0, SPLIT_EVENTS);
    published = split_publish(graph, rf_tmp_path(path, "newest.h5"), NULL);
    ck_assert_int_gt(published.window_to_us, MADE_START + FAR_US);
}
END_TEST

START_TEST(shards_are_joined_to_the_same_graph)
{
    rf_err err = {0};
    char whole[RF_TEST_PATH], joined[RF_TEST_PATH], path[3][RF_TEST_PATH];
    const char *paths[3];
    rf_bigraph_options options = options_with_jump(RF_GRANULARITY_PAIR);
    make_split(5, FAR_EVENTS);
    for (int i = SPLIT_EVENTS - FAR_EVENTS; i < SPLIT_EVENTS; i++)
        made_split.shard[i] = 1; /* one producer's clock is wrong */
    rf_bigraph *graph = split_graph(&options);
    split_add(graph, -1, 0, SPLIT_EVENTS);
    rf_published all = split_publish(graph, rf_tmp_path(whole, "whole.h5"), NULL);
    for (int p = 0; p < 3; p++) {
        char name[32];
        snprintf(name, sizeof name, "part-%d", p);
        graph = split_graph(&options);
        split_add(graph, p, 0, SPLIT_EVENTS);
        RF_CHECK_OK(err, rf_bigraph_checkpoint(graph, rf_tmp_path(path[p], name), NULL, &err));
        rf_bigraph_free(graph);
        strcat(path[p], ".building");
        paths[p] = path[p];
    }
    rf_merge_plan plan = {0};
    RF_CHECK_OK(err, rf_merge_plan_make(&plan, paths, 3, &err));
    graph = split_graph(&options);
    rf_positions at = {0};
    rf_merge_counts counts;
    for (int p = 0; p < 3; p++)
        RF_CHECK_OK(err, rf_bigraph_merge(graph, plan.inputs[p].file, false, &at, &counts, &err));
    rf_published merged = split_publish(graph, rf_tmp_path(joined, "joined.h5"), NULL);
    ck_assert_int_eq(all.window_to_us, merged.window_to_us);
    ck_assert_int_eq(all.edges, merged.edges);
    ck_assert(rf_files_equal(whole, joined));
    rf_merge_plan_clear(&plan);
    rf_positions_clear(&at);
}
END_TEST

static rf_counts count_all(const rf_bigraph_options *options, int first, int restarts)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], done[RF_TEST_PATH];
    rf_positions at = {0};
    rf_published published;
    rf_bigraph *graph = split_graph(options);
    for (int part = 0, resumed; part <= restarts; part++) {
        int from = part * SPLIT_EVENTS / (restarts + 1), to = (part + 1) * SPLIT_EVENTS / (restarts + 1);
        for (int i = from; i < to; i++)
            split_add(graph, -1, (i + first) % SPLIT_EVENTS, (i + first) % SPLIT_EVENTS + 1);
        if (part == restarts)
            break;
        RF_CHECK_OK(err, rf_bigraph_checkpoint(graph, rf_tmp_path(path, "counted.h5"), NULL, &err));
        rf_bigraph_free(graph);
        graph = split_graph(options);
        RF_CHECK_OK(err, rf_bigraph_resume(graph, path, &at, &resumed, &err));
        rf_positions_clear(&at);
    }
    RF_CHECK_OK(
        err, rf_bigraph_publish(graph, rf_tmp_path(done, "counted-done.h5"), NULL, NULL, &published, &err));
    rf_counts counts = *rf_bigraph_counts(graph);
    rf_bigraph_free(graph);
    unlink(done);
    if (restarts > 0) {
        strcat(path, ".building");
        unlink(path);
    }
    return counts;
}

/* Every event read is in one of the counts, and in the same one whatever the order. */
START_TEST(counts_add_up_and_do_not_depend_on_the_order)
{
    for (int kind = 0; kind < 6; kind++) {
        rf_bigraph_options options =
            options_with_jump(kind % 2 == 0 ? RF_GRANULARITY_PAIR : RF_GRANULARITY_EVENT);
        options.as_of_us = kind < 4 ? RF_AS_OF_LATEST : MADE_START + 15 * RF_DAY_US;
        options.jump_us = kind < 2 ? options.window_us : 0;
        make_split(7 + (uint64_t)kind, kind < 2 ? FAR_EVENTS : 0);
        for (int i = 0; i < 200; i++) /* repeats, near and far */
            made_split.items[i * 7] = made_split.items[(i * 7 + (i % 2 == 0 ? 1 : 600)) % SPLIT_EVENTS];
        rf_counts one = count_all(&options, 0, 0);
        ck_assert_int_eq(one.accepted + one.waiting + one.expired + one.late + one.duplicate, SPLIT_EVENTS);
        ck_assert_int_eq(one.late, 0);
        ck_assert_int_gt(one.accepted, 100);
        ck_assert_int_gt(one.expired, 100);
        ck_assert_int_gt(one.duplicate, 20);
        ck_assert_int_eq(one.waiting > 0, kind < 2 || kind >= 4);
        for (int first = 100; first < SPLIT_EVENTS; first += 333) {
            rf_counts other = count_all(&options, first, first / 300);
            ck_assert_int_eq(one.accepted, other.accepted);
            ck_assert_int_eq(one.waiting, other.waiting);
            ck_assert_int_eq(one.expired, other.expired);
            ck_assert_int_eq(one.duplicate, other.duplicate);
            ck_assert_int_eq(one.late, other.late);
        }
    }
}
END_TEST

/* A completed build, then others: late ones of the bulk, then more of the far ones. */
START_TEST(when_enough_come_the_window_moves_and_says_what_it_drops)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    int resumed;
    rf_outlook outlook;
    rf_positions at = {0};
    rf_bigraph_options options = options_with_jump(RF_GRANULARITY_PAIR);
    rf_tmp_path(path, "moves.h5");
    make_split(6, SPLIT_EVENTS / 2);
    for (int build = 0; build < 3; build++) {
        static const int to[] = {SPLIT_EVENTS / 2 + 10, SPLIT_EVENTS / 2 + 60, SPLIT_EVENTS};
        rf_bigraph *graph = split_graph(&options);
        RF_CHECK_OK(err, rf_bigraph_resume(graph, path, &at, &resumed, &err));
        rf_positions_clear(&at);
        split_add(graph, -1, build == 0 ? 0 : to[build - 1], to[build]);
        RF_CHECK_OK(err, rf_bigraph_look_out(&outlook, graph, &err));
        ck_assert_int_eq(outlook.ahead, build == 0 ? 10 : build == 1 ? 60 : 0);
        ck_assert_int_eq(outlook.jumped, build == 2);
        ck_assert_int_eq(outlook.lost * 2 > outlook.held, build == 2);
        rf_published published = split_publish(graph, path, NULL);
        ck_assert_int_eq(published.window_to_us > MADE_START + FAR_US, build == 2);
    }
}
END_TEST

/* More events than a growing graph keeps: what it drops on the way must not depend on the order. */
START_TEST(a_long_history_is_cut_the_same_in_any_order)
{
    enum { LONG = 130000, DAYS = 100, FAR = 500 };
    rf_err err = {0};
    char path[3][RF_TEST_PATH];
    static const char *const names[] = {"up.h5", "down.h5", "far.h5"};
    rf_bigraph_options options = options_with_jump(RF_GRANULARITY_PAIR);
    options.schema = &(rf_schema){0};
    setenv("SOURCE_DATE_EPOCH", "1", 1);
    for (int order = 0; order < 3; order++) {
        rf_bigraph *graph = split_graph(&options);
        for (int i = 0; i < LONG + FAR; i++) {
            char user[16];
            int k = order == 0 ? i : order == 1 ? LONG + FAR - 1 - i : (i + LONG) % (LONG + FAR);
            snprintf(user, sizeof user, "u%d", k * 7 % 5003);
            rf_event event = {.user = made_span(user), .entity = made_span("m"), .label = -1};
            event.time_us = MADE_START + (int64_t)k * (DAYS * RF_DAY_US / LONG) + (k < LONG ? 0 : FAR_US);
            RF_HOLDS(rf_bigraph_add_event(graph, &event, &err) >= 0);
        }
        rf_published published = split_publish(graph, rf_tmp_path(path[order], names[order]), NULL);
        ck_assert_int_eq(published.window_to_us, MADE_START + DAYS * RF_DAY_US);
    }
    ck_assert(rf_files_equal(path[0], path[1]));
    ck_assert(rf_files_equal(path[0], path[2]));
}
END_TEST

RF_SUITE("horizon", any_order_and_restarts_give_the_same_bytes, the_window_is_that_of_the_bulk,
         counts_add_up_and_do_not_depend_on_the_order, shards_are_joined_to_the_same_graph,
         when_enough_come_the_window_moves_and_says_what_it_drops,
         a_long_history_is_cut_the_same_in_any_order)
