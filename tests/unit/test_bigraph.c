/* test_bigraph.c - the graph file depends on the events alone: not on their order, their split over builds,
 * restarts, or what lies outside the window.
 */
#include "made_events.h"
#include "rf_check.h"
#include "rf_file.h"
#include "rf_graph.h"

#define N 1500

typedef struct made {
    made_event items[N];
    int order[N];
} made;

static void make(made *m, uint64_t seed, int days)
{
    rf_rng rng;
    setenv("SOURCE_DATE_EPOCH", "1", 1); /* files are compared byte for byte */
    rf_rng_init(&rng, seed, 0);
    for (int i = 0; i < N; i++) {
        m->items[i] = made_event_at(&rng, i, days);
        m->order[i] = i;
    }
}

static void shuffle(made *m, uint64_t seed)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 1);
    for (int i = N - 1; i > 0; i--) {
        int j = (int)rf_rng_below(&rng, (uint32_t)i + 1), kept = m->order[i];
        m->order[i] = m->order[j];
        m->order[j] = kept;
    }
}

static rf_bigraph *open_graph(const rf_bigraph_options *options)
{
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    RF_CHECK_OK(err, rf_bigraph_new(&graph, options, &err));
    return graph;
}

static void add(rf_bigraph *graph, const made *m, int from, int to)
{
    rf_err err = {0};
    for (int i = from; i < to; i++) {
        rf_event event = made_rf_event(&m->items[m->order[i]], true);
        RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
    }
}

static rf_published publish(rf_bigraph *graph, const char *path)
{
    rf_err err = {0};
    rf_published published = {0};
    RF_CHECK_OK(err, rf_bigraph_publish(graph, path, NULL, NULL, &published, &err));
    rf_bigraph_free(graph);
    return published;
}

static rf_bigraph *resume(const rf_bigraph_options *options, const char *path, int want)
{
    rf_err err = {0};
    int resumed = -1;
    rf_positions positions = {0};
    rf_bigraph *graph = open_graph(options);
    RF_CHECK_OK(err, rf_bigraph_resume(graph, path, &positions, &resumed, &err));
    ck_assert_int_eq(resumed, want);
    rf_positions_clear(&positions);
    return graph;
}

/* All events in their present order, in one build. */
static rf_published build(const rf_bigraph_options *options, const made *m, const char *path)
{
    rf_bigraph *graph = open_graph(options);
    add(graph, m, 0, N);
    return publish(graph, path);
}

/* Pairs and events, fixed and latest ends; the second four with three kinds of entity. */
static void for_all_options(void (*check)(const rf_bigraph_options *options, uint64_t seed))
{
    for (int i = 0; i < 8; i++) {
        const bool events = (i & 2) != 0, latest = (i & 1) != 0, kinds = (i & 4) != 0;
        const rf_granularity granularity = events ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR;
        if (rf_short() && events != latest)
            continue;
        rf_bigraph_options o = kinds ? made_options_of_kinds(granularity) : made_options(granularity);
        o.as_of_us = latest ? RF_AS_OF_LATEST : o.as_of_us;
        o.history_us = 3 * RF_DAY_US;
        check(&o, (uint64_t)(i & 3));
    }
}

/* ---- order and split ---- */

static void check_order(const rf_bigraph_options *options, uint64_t seed)
{
    static made m;
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    make(&m, seed, 20);
    rf_published published = build(options, &m, rf_tmp_path(a, "a.h5"));
    ck_assert_int_gt(published.edges, 50);
    for (uint64_t k = 0; k < 4; k++) {
        shuffle(&m, k);
        build(options, &m, rf_tmp_path(b, "b.h5"));
        ck_assert(rf_files_equal(a, b));
    }
}

START_TEST(any_order_of_events_gives_the_same_file)
{
    for_all_options(check_order);
}
END_TEST

static void check_split(const rf_bigraph_options *options, uint64_t seed)
{
    static made m;
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    make(&m, seed, 20);
    build(options, &m, rf_tmp_path(a, "a.h5"));
    shuffle(&m, 99);
    rf_tmp_path(b, "split.h5");
    for (int part = 0; part < 3; part++) {
        rf_bigraph *graph = resume(options, b, part > 0);
        add(graph, &m, part * N / 3, (part + 1) * N / 3);
        publish(graph, b);
    }
    ck_assert(rf_files_equal(a, b));
    unlink(b);
}

START_TEST(any_split_over_builds_gives_the_same_file)
{
    for_all_options(check_split);
}
END_TEST

static void check_restart(const rf_bigraph_options *options, uint64_t seed)
{
    static made m;
    rf_err err = {0};
    char a[RF_TEST_PATH], b[RF_TEST_PATH], building[RF_TEST_PATH];
    make(&m, seed, 20);
    build(options, &m, rf_tmp_path(a, "a.h5"));
    shuffle(&m, 7);
    rf_tmp_path(b, "restart.h5");
    for (int part = 0; part < 4; part++) {
        rf_bigraph *graph = resume(options, b, part > 0 ? 2 : 0);
        add(graph, &m, part * N / 4, (part + 1) * N / 4);
        RF_CHECK_OK(err, rf_bigraph_checkpoint(graph, b, NULL, &err));
        if (part < 3 && part % 2 == 0)
            add(graph, &m, (part + 1) * N / 4, (part + 2) * N / 4); /* lost: the process dies here */
        if (part == 3)
            publish(graph, b);
        else
            rf_bigraph_free(graph);
    }
    ck_assert(rf_files_equal(a, b));
    rf_tmp_path(building, "restart.h5.building");
    ck_assert(!rf_path_exists(building));
    unlink(b);
}

START_TEST(any_restart_gives_the_same_file)
{
    for_all_options(check_restart);
}
END_TEST

/* ---- windows ---- */

static void check_move(const rf_bigraph_options *options, uint64_t seed)
{
    static made m;
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    rf_bigraph_options later = *options;
    if (options->as_of_us == RF_AS_OF_LATEST)
        return;
    later.as_of_us += 3 * RF_DAY_US + 5 * RF_HOUR_US;
    make(&m, seed, 20);
    build(&later, &m, rf_tmp_path(a, "a.h5"));
    shuffle(&m, 3);
    build(options, &m, rf_tmp_path(b, "moved.h5"));
    publish(resume(&later, b, 1), b);
    ck_assert(rf_files_equal(a, b));
    unlink(b);
}

START_TEST(a_moved_window_equals_a_fresh_build_of_it)
{
    for_all_options(check_move);
}
END_TEST

static void check_sides_equal(const rf_graph_side *a, const rf_graph_side *b)
{
    ck_assert_int_eq(a->n, b->n);
    ck_assert_int_eq(a->d, b->d);
    ck_assert_mem_eq(a->x, b->x, (size_t)(a->n * a->d) * sizeof(rf_real));
    ck_assert_mem_eq(a->y, b->y, (size_t)a->n);
    for (int64_t i = 0; i < a->id.n; i++)
        ck_assert_str_eq(rf_texts_get(&a->id, i), rf_texts_get(&b->id, i));
}

static void check_graphs_equal(const char *a, const char *b)
{
    rf_err err = {0};
    rf_graph *x = NULL, *y = NULL;
    RF_CHECK_OK(err, rf_graph_load(&x, a, RF_GRAPH_ALL, &err));
    RF_CHECK_OK(err, rf_graph_load(&y, b, RF_GRAPH_ALL, &err));
    ck_assert(rf_kinds_equal(&x->kinds, &y->kinds));
    for (rf_side s = 0; s < rf_sides(&x->kinds); s++)
        check_sides_equal(&x->side[s], &y->side[s]);
    for (int k = 0; k < rf_kinds_n(&x->kinds); k++) {
        const rf_adj *p = rf_graph_adj(x, k), *q = rf_graph_adj(y, k);
        ck_assert_int_gt(p->n_e, 20);
        ck_assert_mem_eq(p->e_u, q->e_u, (size_t)p->n_e * 4);
        ck_assert_mem_eq(p->e_v, q->e_v, (size_t)p->n_e * 4);
    }
    ck_assert_int_eq(x->window_to_us, y->window_to_us);
    rf_graph_free(x);
    rf_graph_free(y);
}

static void check_leak(const rf_bigraph_options *options, uint64_t seed)
{
    static made m, before;
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    int n = 0;
    if (options->as_of_us == RF_AS_OF_LATEST)
        return;
    make(&m, seed, 20);
    before = m;
    for (int i = 0; i < N; i++) {
        if (m.items[i].time_us < options->as_of_us)
            before.items[n++] = m.items[i];
    }
    ck_assert_int_lt(n, N - 100);
    rf_bigraph *graph = open_graph(options);
    add(graph, &before, 0, n);
    ck_assert_int_eq(rf_bigraph_counts(graph)->accepted + rf_counts_outside(rf_bigraph_counts(graph)), n);
    publish(graph, rf_tmp_path(a, "a.h5"));
    graph = open_graph(options);
    add(graph, &m, 0, N);
    ck_assert_int_ge(rf_counts_outside(rf_bigraph_counts(graph)), N - n);
    publish(graph, rf_tmp_path(b, "b.h5"));
    check_graphs_equal(a, b);
}

START_TEST(nothing_at_or_after_as_of_leaks_into_the_graph)
{
    for_all_options(check_leak);
}
END_TEST

START_TEST(a_window_moved_back_is_refused)
{
    static made m;
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_positions positions = {0};
    int resumed;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR), earlier = options;
    earlier.as_of_us -= RF_DAY_US;
    make(&m, 5, 20);
    build(&options, &m, rf_tmp_path(path, "back.h5"));
    rf_bigraph *graph = open_graph(&earlier);
    RF_CHECK_FAILS(err, RF_E_INVALID, "--rebuild",
                   rf_bigraph_resume(graph, path, &positions, &resumed, &err));
    rf_bigraph_free(graph);
}
END_TEST

START_TEST(other_settings_are_refused_and_named)
{
    static made m;
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_positions positions = {0};
    int resumed;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR), other = options;
    make(&m, 5, 20);
    build(&options, &m, rf_tmp_path(path, "identity.h5"));
    other.identity = "made events\nbucket 2h";
    rf_bigraph *graph = open_graph(&other);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "there: \"bucket 1h\"; now: \"bucket 2h\"",
                   rf_bigraph_resume(graph, path, &positions, &resumed, &err));
    rf_bigraph_free(graph);
}
END_TEST

START_TEST(an_empty_window_is_refused)
{
    static made m;
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_published published;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    options.as_of_us = MADE_START;
    make(&m, 5, 20);
    rf_bigraph *graph = open_graph(&options);
    add(graph, &m, 0, N);
    rf_tmp_path(path, "empty.h5");
    RF_CHECK_FAILS(err, RF_E_INVALID, "graph.as_of",
                   rf_bigraph_publish(graph, path, NULL, NULL, &published, &err));
    ck_assert(!rf_path_exists(path));
    rf_bigraph_free(graph);
}
END_TEST

/* ---- the state ---- */

START_TEST(publishing_again_changes_nothing)
{
    static made m;
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    rf_bigraph_options options = made_options(RF_GRANULARITY_EVENT);
    make(&m, 31, 20);
    build(&options, &m, rf_tmp_path(a, "a.h5"));
    build(&options, &m, rf_tmp_path(b, "again.h5"));
    rf_bigraph *graph = resume(&options, b, 1);
    ck_assert_int_eq(rf_bigraph_counts(graph)->accepted, 0);
    publish(graph, b);
    ck_assert(rf_files_equal(a, b));
    unlink(b);
}
END_TEST

START_TEST(positions_and_counts_come_back)
{
    static made m;
    rf_err err = {0};
    char path[RF_TEST_PATH], name[] = "orders-1.jsonl.gz", topic[] = "";
    rf_input_position items[2] = {{.name = name,
                                   .partition = -1,
                                   .offset = 123456789012,
                                   .line = 7,
                                   .records = 5,
                                   .fingerprint = UINT64_MAX - 3},
                                  {.name = topic, .partition = 12, .offset = 1}};
    const rf_positions at = {.items = items, .n = 2, .dead_letter_bytes = 99};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make(&m, 31, 20);
    rf_bigraph *graph = open_graph(&options);
    add(graph, &m, 0, 100);
    rf_bigraph_counts(graph)->read = 4711;
    RF_CHECK_OK(err, rf_bigraph_checkpoint(graph, rf_tmp_path(path, "positions.h5"), &at, &err));
    rf_bigraph_free(graph);
    graph = open_graph(&options);
    rf_positions back = {0};
    int resumed;
    RF_CHECK_OK(err, rf_bigraph_resume(graph, path, &back, &resumed, &err));
    ck_assert_int_eq(resumed, 2);
    ck_assert_uint_eq(back.n, 2);
    ck_assert_str_eq(back.items[0].name, name);
    ck_assert_int_eq(back.items[0].offset, 123456789012);
    ck_assert_uint_eq(back.items[0].fingerprint, UINT64_MAX - 3);
    ck_assert_int_eq(back.items[1].partition, 12);
    ck_assert_int_eq(back.dead_letter_bytes, 99);
    ck_assert_int_eq(rf_bigraph_counts(graph)->read, 4711);
    rf_positions_clear(&back);
    rf_bigraph_free(graph);
    unlink(rf_tmp_path(path, "positions.h5.building"));
}
END_TEST

START_TEST(a_damaged_checkpoint_is_refused)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], building[RF_TEST_PATH];
    rf_positions positions = {0};
    int resumed;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    rf_tmp_path(path, "damaged.h5");
    rf_spill(rf_tmp_path(building, "damaged.h5.building"), "not HDF5 at all", 15);
    rf_bigraph *graph = open_graph(&options);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "damaged.h5.building",
                   rf_bigraph_resume(graph, path, &positions, &resumed, &err));
    rf_bigraph_free(graph);
    unlink(building);
}
END_TEST

START_TEST(a_published_graph_takes_no_more_events)
{
    static made m;
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_published published;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make(&m, 2, 20);
    rf_bigraph *graph = open_graph(&options);
    add(graph, &m, 0, N);
    RF_CHECK_OK(err, rf_bigraph_publish(graph, rf_tmp_path(path, "spent.h5"), NULL, NULL, &published, &err));
    rf_event event = made_rf_event(&m.items[0], true);
    RF_CHECK_FAILS(err, RF_E_INVALID, "resume", rf_bigraph_add_event(graph, &event, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "resume", rf_bigraph_checkpoint(graph, path, NULL, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "resume",
                   rf_bigraph_publish(graph, path, NULL, NULL, &published, &err));
    rf_bigraph_free(graph);
}
END_TEST

/* ---- single events ---- */

START_TEST(repeated_event_ids_are_dropped_once_each)
{
    static made m;
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    options.window_us = 0;
    make(&m, 11, 12);
    build(&options, &m, rf_tmp_path(a, "a.h5"));
    rf_bigraph *graph = open_graph(&options);
    add(graph, &m, 0, N);
    add(graph, &m, 200, 300);
    add(graph, &m, 0, N);
    ck_assert_int_eq(rf_bigraph_counts(graph)->duplicate, N + 100);
    ck_assert_int_eq(rf_bigraph_counts(graph)->accepted, N);
    publish(graph, rf_tmp_path(b, "b.h5"));
    ck_assert(rf_files_equal(a, b));
}
END_TEST

START_TEST(late_and_old_events_are_counted)
{
    rf_err err = {0};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    made_event m = {.user = "u",
                    .entity = "v",
                    .label = -1,
                    .amount = RF_MISSING,
                    .items = RF_MISSING,
                    .online = RF_MISSING,
                    .hour = RF_MISSING,
                    .shift = RF_MISSING,
                    .kind = "k0"};
    rf_bigraph *graph = open_graph(&options);
    const int64_t hours[5] = {260, 100, 259, 47, 288}; /* newest, older, older, too old, pending */
    for (int i = 0; i < 5; i++) {
        m.time_us = MADE_START + hours[i] * RF_HOUR_US;
        rf_event event = made_rf_event(&m, false);
        ck_assert_int_eq(rf_bigraph_add_event(graph, &event, &err), i == 3 ? RF_SKIPPED : RF_OK);
    }
    const rf_counts *counts = rf_bigraph_counts(graph);
    ck_assert_int_eq(counts->accepted, 3);
    ck_assert_int_eq(counts->late, 0);
    ck_assert_int_eq(counts->expired, 1);
    ck_assert_int_eq(counts->waiting, 1);
    rf_bigraph_free(graph);
}
END_TEST

START_TEST(events_without_ids_are_all_kept)
{
    static made m;
    rf_err err = {0};
    char path[RF_TEST_PATH];
    make(&m, 4, 10);
    rf_bigraph_options options = made_options(RF_GRANULARITY_EVENT);
    options.window_us = 0;
    rf_bigraph *graph = open_graph(&options);
    for (int i = 0; i < 2 * N; i++) {
        rf_event event = made_rf_event(&m.items[i % N], false);
        RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
    }
    ck_assert_int_eq(publish(graph, rf_tmp_path(path, "noids.h5")).edges, 2 * N);
}
END_TEST

/* ---- memory ---- */

START_TEST(no_allocation_per_event_once_warm)
{
    static made m;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    options.window_us = 0;
    make(&m, 8, 12);
    rf_bigraph *graph = open_graph(&options);
    int64_t before = 0;
    for (int k = 0; k < 20; k++) {
        before = k == 10 ? rf_mem_stats_get().requests : before;
        for (int i = 0; i < N; i++) /* the same pairs and hours under new ids: cells fill up */
            snprintf(m.items[i].id, sizeof m.items[i].id, "again-%d-%d", k, i);
        add(graph, &m, 0, N);
    }
    ck_assert_int_le(rf_mem_stats_get().requests - before, 2); /* the ids' table doubles */
    rf_bigraph_free(graph);
}
END_TEST

RF_SUITE("bigraph", any_order_of_events_gives_the_same_file, any_split_over_builds_gives_the_same_file,
         any_restart_gives_the_same_file, a_moved_window_equals_a_fresh_build_of_it,
         nothing_at_or_after_as_of_leaks_into_the_graph, a_window_moved_back_is_refused,
         other_settings_are_refused_and_named, an_empty_window_is_refused,
         repeated_event_ids_are_dropped_once_each, late_and_old_events_are_counted,
         events_without_ids_are_all_kept, no_allocation_per_event_once_warm, publishing_again_changes_nothing,
         positions_and_counts_come_back, a_damaged_checkpoint_is_refused,
         a_published_graph_takes_no_more_events)
