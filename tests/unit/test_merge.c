/* test_merge.c - however the events are split over shards, the joined graph is the file that one process
 * would have written, byte for byte, its state included.
 */
#include "made_events.h"
#include "rf_check.h"
#include "rf_file.h"
#include "rf_graph.h"
#include "rf_h5.h"
#include "rf_log.h"
#include "rf_merge.h"
#include "rf_shard.h"

#define N 1500
#define MOST 6 /* shards */

typedef struct split { /* events, and the shard of each */
    made_event items[N];
    int shard[N];
    int n, shards;
} split;

static split s;

typedef enum kind { BY_USER, ANYHOW } kind;

static void make(uint64_t seed, int shards, kind how)
{
    rf_rng rng;
    setenv("SOURCE_DATE_EPOCH", "1", 1); /* files are compared byte for byte */
    rf_log_setup(RF_LOG_ERROR, RF_LOG_TEXT, "test");
    rf_rng_init(&rng, seed, 0);
    s.n = N;
    s.shards = shards;
    for (int i = 0; i < N; i++)
        s.items[i] = made_event_at(&rng, i, 20);
    for (int i = 0; i < N; i++) {
        uint32_t drawn = rf_rng_below(&rng, (uint32_t)shards);
        s.shard[i] = how == BY_USER ? atoi(s.items[i].user + 1) % shards : (int)drawn;
    }
}

static rf_bigraph *open_graph(const rf_bigraph_options *options)
{
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    RF_CHECK_OK(err, rf_bigraph_new(&graph, options, &err));
    return graph;
}

/* shard -1: all events. Returns how many. */
static int add(rf_bigraph *graph, int shard, int from, int to)
{
    rf_err err = {0};
    int n = 0;
    for (int i = from; i < to; i++) {
        rf_event event = made_rf_event(&s.items[i], true);
        if (shard >= 0 && s.shard[i] != shard)
            continue;
        RF_HOLDS(rf_bigraph_add_event(graph, &event, &err) >= 0);
        n++;
    }
    return n;
}

static char topic[] = "t";

typedef struct offsets {
    rf_input_position items[MOST];
    rf_positions at;
} offsets;

/* How far one process would have read each partition. */
static void all_offsets(offsets *out, int to)
{
    *out = (offsets){0};
    out->at = (rf_positions){.items = out->items, .n = (size_t)s.shards};
    for (int p = 0; p < s.shards; p++)
        out->items[p] = (rf_input_position){.name = topic, .partition = p};
    for (int i = 0; i < to; i++)
        out->items[s.shard[i]].offset++;
}

static rf_published publish(rf_bigraph *graph, const char *path, const rf_positions *positions)
{
    rf_err err = {0};
    rf_published published = {0};
    RF_CHECK_OK(err, rf_bigraph_publish(graph, path, positions, NULL, &published, &err));
    rf_bigraph_free(graph);
    return published;
}

static rf_published build_whole(const rf_bigraph_options *options, const char *path, int to)
{
    offsets at;
    rf_bigraph *graph = open_graph(options);
    add(graph, -1, 0, to);
    all_offsets(&at, to);
    return publish(graph, path, &at.at);
}

static char *shard_path(char out[RF_TEST_PATH], int p)
{
    char name[32];
    snprintf(name, sizeof name, "shards/t-%d.h5", p);
    return rf_tmp_path(out, name);
}

static void write_shard(const rf_bigraph_options *options, int p, int to)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    rf_shard *shard = NULL;
    int64_t next;
    rf_bigraph *graph = open_graph(options);
    RF_CHECK_OK(err,
                rf_shard_claim(&shard, graph, rf_tmp_path(folder, "shards"), topic, p, "me", 0, &next, &err));
    int n = add(graph, p, 0, to);
    RF_CHECK_OK(err, rf_shard_save(shard, graph, n, &err));
    rf_shard_release(&shard);
    rf_bigraph_free(graph);
}

static void write_shards(const rf_bigraph_options *options, int to)
{
    char folder[RF_TEST_PATH];
    rf_remove_tree(rf_tmp_path(folder, "shards"));
    for (int p = 0; p < s.shards; p++)
        write_shard(options, p, to);
}

static rf_bigraph *join(const rf_bigraph_options *options, char paths[][RF_TEST_PATH], const int *order,
                        int n, rf_positions *positions)
{
    rf_err err = {0};
    rf_merge_counts counts;
    rf_bigraph *graph = open_graph(options);
    for (int i = 0; i < n; i++)
        RF_CHECK_OK(err, rf_bigraph_merge(graph, paths[order[i]], false, positions, &counts, &err));
    return graph;
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

static void for_all_kinds(void (*check)(const rf_bigraph_options *options))
{
    static const int shards[4] = {2, 3, 5, 6};
    for (int k = 0; k < 12; k++) {
        rf_bigraph_options o = made_options(k & 1 ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR);
        o.as_of_us = k & 2 ? RF_AS_OF_LATEST : o.as_of_us;
        o.window_us = k < 8 ? o.window_us : 0;
        o.history_us = 3 * RF_DAY_US;
        make((uint64_t)k, shards[k % 4], k & 4 ? BY_USER : ANYHOW);
        check(&o);
    }
}

/* ---- any split, any order ---- */

static void check_split(const rf_bigraph_options *options)
{
    char a[RF_TEST_PATH], b[RF_TEST_PATH], paths[MOST][RF_TEST_PATH];
    int order[MOST];
    ck_assert_int_gt(build_whole(options, rf_tmp_path(a, "a.h5"), N).edges, 50);
    write_shards(options, N);
    for (int p = 0; p < s.shards; p++)
        shard_path(paths[p], p);
    for (uint64_t k = 0; k < 3; k++) {
        rf_positions positions = {0};
        shuffle(order, s.shards, k);
        rf_bigraph *graph = join(options, paths, order, s.shards, &positions);
        publish(graph, rf_tmp_path(b, "b.h5"), &positions);
        rf_positions_clear(&positions);
        ck_assert(rf_files_equal(a, b));
    }
}

START_TEST(joined_shards_are_the_file_of_one_process)
{
    for_all_kinds(check_split);
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
    build_whole(options, rf_tmp_path(a, "a.h5"), N);
    write_shards(options, N);
    RF_CHECK_OK(err, rf_merge_find(&paths, &n, rf_tmp_path(folder, "shards"), &err));
    ck_assert_int_eq(n, s.shards);
    RF_CHECK_OK(err, rf_merge_plan_make(&plan, (const char *const *)paths, n, &err));
    ck_assert_int_eq(plan.n, s.shards);
    rf_bigraph *graph = open_graph(options);
    for (int i = 0; i < plan.n; i++) {
        ck_assert(i == 0 || plan.inputs[i].newest_us <= plan.inputs[i - 1].newest_us);
        RF_CHECK_OK(err, rf_bigraph_merge(graph, plan.inputs[i].path, false, &positions, &counts, &err));
    }
    publish(graph, rf_tmp_path(b, "b.h5"), &positions);
    ck_assert(rf_files_equal(a, b));
    rf_positions_clear(&positions);
    rf_merge_plan_clear(&plan);
    for (int i = 0; i < n; i++)
        rf_mem_free(paths[i]);
    rf_mem_free(paths);
}

START_TEST(the_shards_of_a_folder_are_found_and_joined)
{
    for_all_kinds(check_plan);
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
            make((uint64_t)(first * 20 + second), 2, ANYHOW);
            for (int i = 0; i < first + second; i++) {
                s.shard[i] = i >= first;
                snprintf(s.items[i].user, sizeof s.items[i].user, "u");
                snprintf(s.items[i].entity, sizeof s.items[i].entity, "v");
                s.items[i].time_us = MADE_START + s.items[i].time_us % (4 * RF_SECOND_US);
            }
            build_whole(&options, rf_tmp_path(a, "a.h5"), first + second);
            write_shards(&options, first + second);
            rf_positions positions = {0};
            for (int p = 0; p < 2; p++)
                shard_path(paths[p], p);
            publish(join(&options, paths, order, 2, &positions), rf_tmp_path(b, "b.h5"), &positions);
            rf_positions_clear(&positions);
            ck_assert_msg(rf_files_equal(a, b), "%d events join %d", first, second);
        }
    }
}
END_TEST

/* ---- merges of merges ---- */

static void check_twice(const rf_bigraph_options *options)
{
    char a[RF_TEST_PATH], b[RF_TEST_PATH], paths[MOST][RF_TEST_PATH];
    static const int order[MOST] = {0, 1, 2, 3, 4, 5};
    rf_positions positions = {0};
    if (s.shards < 3)
        return;
    build_whole(options, rf_tmp_path(a, "a.h5"), N);
    write_shards(options, N);
    for (int p = 0; p < s.shards; p++)
        shard_path(paths[p], p);
    publish(join(options, paths, order, 2, &positions), rf_tmp_path(b, "half.h5"), &positions);
    rf_positions_clear(&positions);
    snprintf(paths[1], RF_TEST_PATH, "%s", b); /* in place of the two */
    publish(join(options, paths + 1, order, s.shards - 1, &positions), rf_tmp_path(b, "b.h5"), &positions);
    rf_positions_clear(&positions);
    ck_assert(rf_files_equal(a, b));
}

START_TEST(a_joined_graph_can_be_joined_again)
{
    for_all_kinds(check_twice);
}
END_TEST

static void check_resumed(const rf_bigraph_options *options)
{
    rf_err err = {0};
    char a[RF_TEST_PATH], b[RF_TEST_PATH], paths[MOST][RF_TEST_PATH];
    static const int order[MOST] = {0, 1, 2, 3, 4, 5};
    rf_positions positions = {0};
    int resumed;
    offsets at;
    build_whole(options, rf_tmp_path(a, "a.h5"), N);
    write_shards(options, N / 2);
    for (int p = 0; p < s.shards; p++)
        shard_path(paths[p], p);
    publish(join(options, paths, order, s.shards, &positions), rf_tmp_path(b, "going.h5"), &positions);
    rf_positions_clear(&positions);
    rf_bigraph *graph = open_graph(options);
    RF_CHECK_OK(err, rf_bigraph_resume(graph, b, &positions, &resumed, &err));
    ck_assert_int_eq(resumed, 1);
    ck_assert_uint_eq(positions.n, (size_t)s.shards);
    all_offsets(&at, N / 2);
    for (int p = 0; p < s.shards; p++)
        ck_assert_int_eq(positions.items[p].offset, at.items[p].offset);
    rf_positions_clear(&positions);
    add(graph, -1, N / 2, N);
    all_offsets(&at, N);
    publish(graph, b, &at.at);
    ck_assert(rf_files_equal(a, b));
}

START_TEST(a_build_goes_on_from_a_joined_graph)
{
    for_all_kinds(check_resumed);
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
    make(5, 2, ANYHOW);
    rf_bigraph *graph = open_graph(&options);
    add(graph, -1, 0, N);
    publish(graph, rf_tmp_path(a, "a.h5"), &both);
    graph = open_graph(&options);
    add(graph, 0, 0, N);
    publish(graph, rf_tmp_path(paths[0], "done.h5"), &first);
    graph = open_graph(&options);
    int n = add(graph, 1, 0, N);
    RF_CHECK_OK(err, rf_bigraph_checkpoint(graph, rf_tmp_path(b, "going.h5"), &second, &err));
    rf_bigraph_free(graph);
    rf_tmp_path(paths[1], "going.h5.building");
    graph = join(&options, paths, order, 2, &positions);
    const rf_counts *counts = rf_bigraph_counts(graph);
    ck_assert_int_eq(counts->accepted + counts->outside_window, n); /* a complete graph counts from 0 again */
    publish(graph, rf_tmp_path(b, "b.h5"), &positions);
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
    make(8, 3, ANYHOW);
    for (int i = 0; i < N; i++) { /* shard 1 only before the window, shard 2 without any event */
        s.shard[i] = s.items[i].time_us < MADE_START + RF_DAY_US;
    }
    for (int latest = 0; latest < 2; latest++) {
        options.as_of_us = latest ? RF_AS_OF_LATEST : options.as_of_us;
        build_whole(&options, rf_tmp_path(a, "a.h5"), N);
        write_shards(&options, N);
        for (int p = 0; p < 3; p++)
            shard_path(paths[p], p);
        publish(join(&options, paths, order, 3, &positions), rf_tmp_path(b, "b.h5"), &positions);
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
    make(8, 2, ANYHOW);
    write_shards(&options, N);
    rf_bigraph *graph = open_graph(&earlier);
    RF_CHECK_FAILS(err, RF_E_INVALID, "only move forward",
                   rf_bigraph_merge(graph, shard_path(path, 0), false, &positions, &counts, &err));
    rf_bigraph_free(graph);
    rf_positions_clear(&positions);
}
END_TEST

/* ---- repeats ---- */

/* Shards that have 40 events in common, those of shard 0 changed by `change`. */
static void write_overlap(const rf_bigraph_options *options, void (*change)(made_event *event))
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    make(21, 2, ANYHOW);
    rf_remove_tree(rf_tmp_path(folder, "shards"));
    for (int p = 0; p < 2; p++) {
        rf_shard *shard = NULL;
        int64_t next;
        rf_bigraph *graph = open_graph(options);
        RF_CHECK_OK(err, rf_shard_claim(&shard, graph, folder, topic, p, "me", 0, &next, &err));
        int n = add(graph, p, 0, N);
        for (int i = 0, common = 0; i < N && common < 40; i++) {
            made_event kept = s.items[i];
            if (s.shard[i] == p || kept.time_us < MADE_START + 3 * RF_DAY_US)
                continue;
            if (p == 0 && change != NULL)
                change(&s.items[i]);
            if (p == 0)
                n += add(graph, -1, i, i + 1);
            common += p == 0;
            s.items[i] = kept;
        }
        RF_CHECK_OK(err, rf_shard_save(shard, graph, n, &err));
        rf_shard_release(&shard);
        rf_bigraph_free(graph);
    }
}

static rf_status join_overlap(rf_bigraph **out, const rf_bigraph_options *options, bool keep,
                              rf_merge_counts *counts, rf_err *err)
{
    rf_status st = RF_OK;
    char paths[2][RF_TEST_PATH];
    rf_positions positions = {0};
    *out = open_graph(options);
    RF_TRY(rf_bigraph_merge(*out, shard_path(paths[0], 0), keep, &positions, counts, err));
    RF_TRY(rf_bigraph_merge(*out, shard_path(paths[1], 1), keep, &positions, counts, err));
done:
    rf_positions_clear(&positions);
    return st;
}

START_TEST(an_event_that_two_shards_hold_is_taken_once)
{
    rf_err err = {0};
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    rf_merge_counts counts;
    rf_bigraph *graph = NULL;
    rf_bigraph_options options = made_options(RF_GRANULARITY_EVENT);
    write_overlap(&options, NULL);
    RF_CHECK_OK(err, join_overlap(&graph, &options, false, &counts, &err));
    ck_assert_int_eq(counts.same, 40);
    ck_assert_int_eq(counts.repeats, 0);
    publish(graph, rf_tmp_path(b, "b.h5"), NULL);
    graph = open_graph(&options);
    add(graph, -1, 0, N);
    publish(graph, rf_tmp_path(a, "a.h5"), NULL);
    ck_assert(rf_files_equal(a, b));
}
END_TEST

static void change_kind(made_event *event)
{
    snprintf(event->kind, sizeof event->kind, "other");
}

static void change_entity(made_event *event)
{
    snprintf(event->entity, sizeof event->entity, "elsewhere");
}

static void change_amount(made_event *event)
{
    event->amount = 4711 * RF_FIXED_ONE;
}

START_TEST(an_id_of_two_different_events_is_refused_or_kept_twice)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_merge_counts counts;
    rf_bigraph *graph = NULL;
    void (*const changes[3])(made_event *) = {change_kind, change_entity, change_amount};
    rf_bigraph_options options = made_options(RF_GRANULARITY_EVENT);
    options.window_us = 0;
    options.as_of_us = RF_AS_OF_LATEST;
    for (int i = 0; i < 3; i++) {
        write_overlap(&options, changes[i]);
        RF_CHECK_FAILS(err, RF_E_INVALID, "t-1.h5: event event-",
                       join_overlap(&graph, &options, false, &counts, &err));
        rf_bigraph_free(graph);
        RF_CHECK_OK(err, join_overlap(&graph, &options, true, &counts, &err));
        ck_assert_int_eq(counts.repeats, 40);
        ck_assert_int_eq(counts.same, 0);
        ck_assert_int_eq(publish(graph, rf_tmp_path(path, "both.h5"), NULL).edges, N + 40);
    }
}
END_TEST

START_TEST(sums_cannot_lose_a_repeat)
{
    rf_err err = {0};
    rf_merge_counts counts;
    rf_bigraph *graph = NULL;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    write_overlap(&options, NULL);
    RF_CHECK_FAILS(err, RF_E_INVALID, "--keep-repeats", join_overlap(&graph, &options, false, &counts, &err));
    rf_bigraph_free(graph);
    RF_CHECK_OK(err, join_overlap(&graph, &options, true, &counts, &err));
    ck_assert_int_eq(counts.repeats, 40);
    rf_bigraph_free(graph);
}
END_TEST

/* ---- what does not belong together ---- */

START_TEST(a_partition_in_two_files_is_refused)
{
    rf_err err = {0};
    char paths[2][RF_TEST_PATH], b[RF_TEST_PATH], folder[RF_TEST_PATH];
    static const int order[1] = {0};
    rf_positions positions = {0};
    rf_merge_counts counts;
    rf_merge_plan plan = {0};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make(3, 2, BY_USER);
    write_shards(&options, N);
    rf_bigraph *graph = join(&options, (shard_path(paths[0], 0), paths), order, 1, &positions);
    RF_CHECK_FAILS(err, RF_E_INVALID, "t-0.h5: holds t[0]",
                   rf_bigraph_merge(graph, paths[0], true, &positions, &counts, &err));
    rf_bigraph_free(graph);
    rf_positions_clear(&positions);
    publish(join(&options, paths, order, 1, &positions), rf_tmp_path(b, "merged.h5"), &positions);
    rf_positions_clear(&positions);
    const char *two[2] = {b, paths[0]};
    RF_CHECK_FAILS(err, RF_E_INVALID, "merged.h5 and ", rf_merge_plan_make(&plan, two, 2, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "t-0.h5 both hold t[0]", rf_merge_plan_make(&plan, two, 2, &err));
    snprintf(paths[1], RF_TEST_PATH, "%s/./t-0.h5", rf_tmp_path(folder, "shards"));
    const char *same[2] = {paths[0], paths[1]};
    RF_CHECK_FAILS(err, RF_E_INVALID, "are the same file", rf_merge_plan_make(&plan, same, 2, &err));
}
END_TEST

static void copy_file(const char *from, const char *to)
{
    size_t len = 0;
    char *bytes = rf_slurp(from, &len);
    rf_spill(to, bytes, len);
    free(bytes);
}

START_TEST(of_two_shards_of_a_partition_the_later_claim_is_taken)
{
    rf_err err = {0};
    char old[RF_TEST_PATH], new[RF_TEST_PATH];
    rf_merge_plan plan = {0};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make(3, 1, BY_USER);
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "test");
    write_shards(&options, N / 2);
    copy_file(shard_path(new, 0), rf_tmp_path(old, "old.h5"));
    rf_shard *shard = NULL;
    int64_t next;
    char folder[RF_TEST_PATH];
    rf_bigraph *graph = open_graph(&options);
    RF_CHECK_OK(err,
                rf_shard_claim(&shard, graph, rf_tmp_path(folder, "shards"), topic, 0, "me", 0, &next, &err));
    add(graph, -1, N / 2, N);
    RF_CHECK_OK(err, rf_shard_save(shard, graph, N, &err));
    rf_shard_release(&shard);
    rf_bigraph_free(graph);
    for (int turn = 0; turn < 2; turn++) {
        const char *paths[2] = {turn == 0 ? old : new, turn == 0 ? new : old};
        RF_CHECK_OK(err, rf_merge_plan_make(&plan, paths, 2, &err));
        ck_assert_int_eq(plan.n, 1);
        ck_assert_str_eq(plan.inputs[0].path, new);
        ck_assert_int_eq(plan.inputs[0].next, N);
        rf_merge_plan_clear(&plan);
    }
}
END_TEST

/* What planning the shards of these partitions says. */
static char *plan_aloud(const int *partitions, int n)
{
    rf_err err = {0};
    char log[RF_TEST_PATH], paths[MOST][RF_TEST_PATH];
    const char *list[MOST];
    rf_merge_plan plan = {0};
    for (int i = 0; i < n; i++)
        list[i] = shard_path(paths[i], partitions[i]);
    rf_log_setup(RF_LOG_WARN, RF_LOG_TEXT, "test");
    fflush(stderr);
    int kept = dup(STDERR_FILENO);
    ck_assert(freopen(rf_tmp_path(log, "log"), "w", stderr) != NULL);
    rf_status st = rf_merge_plan_make(&plan, list, n, &err);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    RF_CHECK_OK(err, st);
    rf_merge_plan_clear(&plan);
    return rf_slurp(log, NULL);
}

START_TEST(missing_partitions_are_warned_of)
{
    static const int some[3] = {5, 1, 4}, most[4] = {0, 1, 2, 3};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make(3, 6, ANYHOW);
    write_shards(&options, 100);
    char *said = plan_aloud(some, 3);
    ck_assert_msg(strstr(said, "t: partition 5 is in the files, but partition 0, 2 to 3 is missing:") != NULL,
                  "%s", said);
    free(said);
    said = plan_aloud(most, 4);
    ck_assert_str_eq(said, "");
    free(said);
}
END_TEST

START_TEST(what_is_no_state_of_ours_is_refused)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], folder[RF_TEST_PATH];
    rf_positions positions = {0};
    rf_merge_counts counts;
    rf_merge_plan plan = {0};
    rf_h5 *h5 = NULL;
    char **paths = NULL;
    int n;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR), other = options;
    make(3, 1, BY_USER);
    write_shards(&options, N);
    other.identity = "made events\nbucket 2h";
    rf_bigraph *graph = open_graph(&other);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "there: \"bucket 1h\"; now: \"bucket 2h\"",
                   rf_bigraph_merge(graph, shard_path(path, 0), false, &positions, &counts, &err));
    rf_bigraph_free(graph);
    RF_CHECK_OK(err, rf_h5_create_beside(&h5, rf_tmp_path(path, "model.h5"), &err));
    RF_CHECK_OK(err, rf_h5_write_format(h5, "ringfence-model", 1, &err));
    RF_CHECK_OK(err, rf_h5_commit(h5, &err));
    rf_h5_close(&h5);
    const char *one[1] = {path};
    RF_CHECK_FAILS(err, RF_E_FORMAT, "its format is \"ringfence-model\"",
                   rf_merge_plan_make(&plan, one, 1, &err));
    rf_remove_tree(rf_tmp_path(folder, "shards"));
    RF_CHECK_FAILS(err, RF_E_INVALID, "cannot be read", rf_merge_find(&paths, &n, folder, &err));
}
END_TEST

START_TEST(a_folder_without_shards_is_refused)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH];
    char **paths = NULL;
    int n = 0;
    rf_h5 *h5 = NULL;
    make(3, 1, BY_USER);
    rf_remove_tree(rf_tmp_path(folder, "shards"));
    ck_assert_int_eq(mkdir(folder, 0777), 0);
    RF_CHECK_OK(err, rf_h5_create_beside(&h5, rf_tmp_path(path, "shards/model.h5"), &err));
    RF_CHECK_OK(err, rf_h5_write_format(h5, "ringfence-model", 1, &err));
    RF_CHECK_OK(err, rf_h5_commit(h5, &err));
    rf_h5_close(&h5);
    RF_CHECK_FAILS(err, RF_E_INVALID, "holds no shard", rf_merge_find(&paths, &n, folder, &err));
    rf_spill(rf_tmp_path(path, "shards/torn.h5"), "torn", 4); /* it may have been one */
    RF_CHECK_FAILS(err, RF_E_FORMAT, "torn.h5", rf_merge_find(&paths, &n, folder, &err));
}
END_TEST

/* ---- memory ---- */

static rf_status find_plan_and_join(const rf_bigraph_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    char folder[RF_TEST_PATH];
    rf_bigraph *graph = NULL;
    rf_merge_plan plan = {0};
    rf_merge_counts counts;
    rf_positions positions = {0};
    char **paths = NULL;
    int n = 0;
    RF_TRY(rf_bigraph_new(&graph, options, err));
    RF_TRY(rf_merge_find(&paths, &n, rf_tmp_path(folder, "shards"), err));
    RF_TRY(rf_merge_plan_make(&plan, (const char *const *)paths, n, err));
    for (int i = 0; i < plan.n; i++)
        RF_TRY(rf_bigraph_merge(graph, plan.inputs[i].path, false, &positions, &counts, err));
done:
    for (int i = 0; i < n; i++)
        rf_mem_free(paths[i]);
    rf_mem_free(paths);
    rf_merge_plan_clear(&plan);
    rf_positions_clear(&positions);
    rf_bigraph_free(graph);
    return st;
}

START_TEST(every_allocation_may_fail)
{
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make(3, 3, ANYHOW);
    write_shards(&options, 300);
    RF_SWEEP(find_plan_and_join(&options, sweep_err), (void)0);
    options.granularity = RF_GRANULARITY_EVENT;
    write_overlap(&options, NULL);
    RF_SWEEP(find_plan_and_join(&options, sweep_err), (void)0);
}
END_TEST

RF_SUITE("merge", joined_shards_are_the_file_of_one_process, the_shards_of_a_folder_are_found_and_joined,
         cells_of_any_fullness_join, a_joined_graph_can_be_joined_again, a_build_goes_on_from_a_joined_graph,
         graphs_and_half_built_graphs_join_like_shards, shards_without_events_in_the_window_join,
         a_window_that_a_shard_has_left_is_refused, an_event_that_two_shards_hold_is_taken_once,
         an_id_of_two_different_events_is_refused_or_kept_twice, sums_cannot_lose_a_repeat,
         a_partition_in_two_files_is_refused, of_two_shards_of_a_partition_the_later_claim_is_taken,
         missing_partitions_are_warned_of, what_is_no_state_of_ours_is_refused,
         a_folder_without_shards_is_refused, every_allocation_may_fail)
