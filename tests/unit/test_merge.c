/* test_merge.c - however the events are split over shards, the joined graph is the file that one process
 * would have written, byte for byte, its state included.
 */
#include "made_shards.h"
#include "rf_h5.h"

typedef struct offsets {
    rf_input_position items[SPLIT_MOST];
    rf_positions at;
} offsets;

/* How far one process would have read each partition. */
static void all_offsets(offsets *out, int to)
{
    *out = (offsets){0};
    out->at = (rf_positions){.items = out->items, .n = (size_t)made_split.shards};
    for (int p = 0; p < made_split.shards; p++)
        out->items[p] = (rf_input_position){.name = split_topic, .partition = p};
    for (int i = 0; i < to; i++)
        out->items[made_split.shard[i]].offset++;
    for (int p = 0; p < made_split.shards; p++)
        out->items[p].origin = split_origin(p, out->items[p].offset);
}

static rf_published build_whole(const rf_bigraph_options *options, const char *path, int to)
{
    offsets at;
    rf_bigraph *graph = split_graph(options);
    split_add(graph, -1, 0, to);
    all_offsets(&at, to);
    return split_publish(graph, path, &at.at);
}

static void shuffle(int *order, int n, uint64_t seed)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 9);
    for (int i = 0; i < n; i++)
        order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        int j = (int)rf_rng_below(&rng, (uint32_t)i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

/* The last four with three kinds of entity. */
static void for_all_options(void (*check)(const rf_bigraph_options *options))
{
    static const int shards[4] = {2, 3, 5, 6};
    for (int k = 0; k < 16; k++) {
        if (rf_short() && k > 12)
            break;
        const rf_granularity granularity = k & 1 ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR;
        rf_bigraph_options o = k < 12 ? made_options(granularity) : made_options_of_kinds(granularity);
        o.as_of_us = k & 2 ? RF_AS_OF_LATEST : o.as_of_us;
        o.window_us = k < 8 || k > 11 ? o.window_us : 0;
        o.history_us = 3 * RF_DAY_US;
        split_make((uint64_t)k, shards[k % 4], k & 4 ? BY_USER : ANYHOW);
        check(&o);
    }
}

/* ---- any split, any order ---- */

static void check_split(const rf_bigraph_options *options)
{
    char a[RF_TEST_PATH], b[RF_TEST_PATH], paths[SPLIT_MOST][RF_TEST_PATH];
    int order[SPLIT_MOST];
    ck_assert_int_gt(build_whole(options, rf_tmp_path(a, "a.h5"), SPLIT_EVENTS).edges, 50);
    split_write_shards(options, SPLIT_EVENTS);
    for (int p = 0; p < made_split.shards; p++)
        split_shard_path(paths[p], p);
    for (uint64_t k = 0; k < 3; k++) {
        rf_positions positions = {0};
        shuffle(order, made_split.shards, k);
        rf_bigraph *graph = split_join(options, paths, order, made_split.shards, &positions);
        split_publish(graph, rf_tmp_path(b, "b.h5"), &positions);
        rf_positions_clear(&positions);
        ck_assert(rf_files_equal(a, b));
    }
}

START_TEST(joined_shards_are_the_file_of_one_process)
{
    for_all_options(check_split);
}
END_TEST

static void check_plan(const rf_bigraph_options *options)
{
    rf_err err = {0};
    char a[RF_TEST_PATH], b[RF_TEST_PATH], folder[RF_TEST_PATH];
    rf_merge_plan plan = {0};
    rf_merge_counts counts;
    rf_positions positions = {0};
    char **paths = NULL;
    int n = 0;
    build_whole(options, rf_tmp_path(a, "a.h5"), SPLIT_EVENTS);
    split_write_shards(options, SPLIT_EVENTS);
    RF_CHECK_OK(err, rf_merge_find(&paths, &n, rf_tmp_path(folder, "shards"), &err));
    ck_assert_int_eq(n, made_split.shards);
    RF_CHECK_OK(err, rf_merge_plan_make(&plan, (const char *const *)paths, n, &err));
    ck_assert_int_eq(plan.n, made_split.shards);
    rf_bigraph *graph = split_graph(options);
    for (int i = 0; i < plan.n; i++) {
        ck_assert(i == 0 || plan.inputs[i].newest_us <= plan.inputs[i - 1].newest_us);
        RF_CHECK_OK(err, rf_bigraph_merge(graph, plan.inputs[i].file, false, &positions, &counts, &err));
    }
    split_publish(graph, rf_tmp_path(b, "b.h5"), &positions);
    ck_assert(rf_files_equal(a, b));
    rf_positions_clear(&positions);
    rf_merge_plan_clear(&plan);
    for (int i = 0; i < n; i++)
        rf_mem_free(paths[i]);
    rf_mem_free(paths);
}

START_TEST(the_shards_of_a_folder_are_found_and_joined)
{
    for_all_options(check_plan);
}
END_TEST

/* One pair in one hour: what is packed and what is summed up changes at eight events. */
START_TEST(cells_of_any_fullness_join)
{
    char a[RF_TEST_PATH], b[RF_TEST_PATH], paths[2][RF_TEST_PATH];
    static const int order[2] = {1, 0};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    options.window_us = 0;
    options.as_of_us = RF_AS_OF_LATEST;
    for (int first = 0; first <= 18; first += first < 7 || first > 9 ? 3 : 1) {
        for (int second = 1; second <= 11; second++) {
            split_make((uint64_t)(first * 20 + second), 2, ANYHOW);
            for (int i = 0; i < first + second; i++) {
                made_split.shard[i] = i >= first;
                snprintf(made_split.items[i].user, sizeof made_split.items[i].user, "u");
                snprintf(made_split.items[i].entity, sizeof made_split.items[i].entity, "v");
                made_split.items[i].time_us = MADE_START + made_split.items[i].time_us % (4 * RF_SECOND_US);
            }
            build_whole(&options, rf_tmp_path(a, "a.h5"), first + second);
            split_write_shards(&options, first + second);
            rf_positions positions = {0};
            for (int p = 0; p < 2; p++)
                split_shard_path(paths[p], p);
            split_publish(split_join(&options, paths, order, 2, &positions), rf_tmp_path(b, "b.h5"),
                          &positions);
            rf_positions_clear(&positions);
            ck_assert_msg(rf_files_equal(a, b), "%d events join %d", first, second);
        }
    }
}
END_TEST

/* ---- merges of merges ---- */

static void check_twice(const rf_bigraph_options *options)
{
    char a[RF_TEST_PATH], b[RF_TEST_PATH], paths[SPLIT_MOST][RF_TEST_PATH];
    static const int order[SPLIT_MOST] = {0, 1, 2, 3, 4, 5};
    rf_positions positions = {0};
    if (made_split.shards < 3)
        return;
    build_whole(options, rf_tmp_path(a, "a.h5"), SPLIT_EVENTS);
    split_write_shards(options, SPLIT_EVENTS);
    for (int p = 0; p < made_split.shards; p++)
        split_shard_path(paths[p], p);
    split_publish(split_join(options, paths, order, 2, &positions), rf_tmp_path(b, "half.h5"), &positions);
    rf_positions_clear(&positions);
    snprintf(paths[1], RF_TEST_PATH, "%s", b); /* in place of the two */
    split_publish(split_join(options, paths + 1, order, made_split.shards - 1, &positions),
                  rf_tmp_path(b, "b.h5"), &positions);
    rf_positions_clear(&positions);
    ck_assert(rf_files_equal(a, b));
}

START_TEST(a_joined_graph_can_be_joined_again)
{
    for_all_options(check_twice);
}
END_TEST

static void check_resumed(const rf_bigraph_options *options)
{
    rf_err err = {0};
    char a[RF_TEST_PATH], b[RF_TEST_PATH], paths[SPLIT_MOST][RF_TEST_PATH];
    static const int order[SPLIT_MOST] = {0, 1, 2, 3, 4, 5};
    rf_positions positions = {0};
    int resumed;
    offsets at;
    build_whole(options, rf_tmp_path(a, "a.h5"), SPLIT_EVENTS);
    split_write_shards(options, SPLIT_EVENTS / 2);
    for (int p = 0; p < made_split.shards; p++)
        split_shard_path(paths[p], p);
    split_publish(split_join(options, paths, order, made_split.shards, &positions),
                  rf_tmp_path(b, "going.h5"), &positions);
    rf_positions_clear(&positions);
    rf_bigraph *graph = split_graph(options);
    RF_CHECK_OK(err, rf_bigraph_resume(graph, b, &positions, &resumed, &err));
    ck_assert_int_eq(resumed, 1);
    ck_assert_uint_eq(positions.n, (size_t)made_split.shards);
    all_offsets(&at, SPLIT_EVENTS / 2);
    for (int p = 0; p < made_split.shards; p++)
        ck_assert_int_eq(positions.items[p].offset, at.items[p].offset);
    rf_positions_clear(&positions);
    split_add(graph, -1, SPLIT_EVENTS / 2, SPLIT_EVENTS);
    all_offsets(&at, SPLIT_EVENTS);
    split_publish(graph, b, &at.at);
    ck_assert(rf_files_equal(a, b));
}

START_TEST(a_build_goes_on_from_a_joined_graph)
{
    for_all_options(check_resumed);
}
END_TEST

/* A graph that is still being built, and one that is complete; files as inputs. */
START_TEST(graphs_and_half_built_graphs_join_like_shards)
{
    rf_err err = {0};
    char a[RF_TEST_PATH], b[RF_TEST_PATH], paths[2][RF_TEST_PATH], x[] = "x.csv", y[] = "y.csv";
    static const int order[2] = {0, 1};
    rf_input_position at[2] = {{.name = x, .partition = -1, .offset = 1},
                               {.name = y, .partition = -1, .offset = 2}};
    const rf_positions first = {.items = at, .n = 1, .dead_letter_bytes = 7},
                       second = {.items = at + 1, .n = 1};
    rf_positions both = {.items = at, .n = 2, .dead_letter_bytes = 7}, positions = {0};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    split_make(5, 2, ANYHOW);
    rf_bigraph *graph = split_graph(&options);
    split_add(graph, -1, 0, SPLIT_EVENTS);
    split_publish(graph, rf_tmp_path(a, "a.h5"), &both);
    graph = split_graph(&options);
    split_add(graph, 0, 0, SPLIT_EVENTS);
    split_publish(graph, rf_tmp_path(paths[0], "done.h5"), &first);
    graph = split_graph(&options);
    int n = split_add(graph, 1, 0, SPLIT_EVENTS);
    RF_CHECK_OK(err, rf_bigraph_checkpoint(graph, rf_tmp_path(b, "going.h5"), &second, &err));
    rf_bigraph_free(graph);
    rf_tmp_path(paths[1], "going.h5.building");
    graph = split_join(&options, paths, order, 2, &positions);
    const rf_counts *counts = rf_bigraph_counts(graph);
    ck_assert_int_eq(counts->accepted + rf_counts_outside(counts),
                     n); /* a complete graph counts from 0 again */
    split_publish(graph, rf_tmp_path(b, "b.h5"), &positions);
    rf_positions_clear(&positions);
    ck_assert(rf_files_equal(a, b));
    unlink(paths[1]);
}
END_TEST

/* ---- windows ---- */

START_TEST(shards_without_events_in_the_window_join)
{
    char a[RF_TEST_PATH], b[RF_TEST_PATH], paths[3][RF_TEST_PATH];
    static const int order[3] = {2, 1, 0};
    rf_positions positions = {0};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    split_make(8, 3, ANYHOW);
    for (int i = 0; i < SPLIT_EVENTS; i++) { /* shard 1 only before the window, shard 2 without any event */
        made_split.shard[i] = made_split.items[i].time_us < MADE_START + RF_DAY_US;
    }
    for (int latest = 0; latest < 2; latest++) {
        options.as_of_us = latest ? RF_AS_OF_LATEST : options.as_of_us;
        build_whole(&options, rf_tmp_path(a, "a.h5"), SPLIT_EVENTS);
        split_write_shards(&options, SPLIT_EVENTS);
        for (int p = 0; p < 3; p++)
            split_shard_path(paths[p], p);
        split_publish(split_join(&options, paths, order, 3, &positions), rf_tmp_path(b, "b.h5"), &positions);
        rf_positions_clear(&positions);
        ck_assert(rf_files_equal(a, b));
    }
}
END_TEST

START_TEST(a_window_that_a_shard_has_left_is_refused)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_positions positions = {0};
    rf_merge_counts counts;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR), earlier = options;
    earlier.as_of_us -= RF_DAY_US;
    split_make(8, 2, ANYHOW);
    split_write_shards(&options, SPLIT_EVENTS);
    rf_bigraph *graph = split_graph(&earlier);
    RF_CHECK_FAILS(err, RF_E_INVALID, "only move forward",
                   split_add_file(graph, split_shard_path(path, 0), false, &positions, &counts, &err));
    rf_bigraph_free(graph);
    rf_positions_clear(&positions);
}
END_TEST

RF_SUITE("merge", joined_shards_are_the_file_of_one_process, the_shards_of_a_folder_are_found_and_joined,
         cells_of_any_fullness_join, a_joined_graph_can_be_joined_again, a_build_goes_on_from_a_joined_graph,
         graphs_and_half_built_graphs_join_like_shards, shards_without_events_in_the_window_join,
         a_window_that_a_shard_has_left_is_refused)
