/* test_pair_times.c - the times of a pair's events, as read from the state, against the events themselves. */
#include <stdlib.h>

#include "made_events.h"
#include "rf_check.h"
#include "rf_mem.h"
#include "rf_pair_times.h"

#define N 3000
#define LOOKED 40

static made_event events[N];

static void make_events(uint64_t seed)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    for (int i = 0; i < N; i++)
        events[i] = made_event_at(&rng, i, 14); /* the window is 10 days of them */
}

static void build(const char *path, const rf_bigraph_options *options)
{
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    rf_positions none = {0};
    rf_published published;
    RF_CHECK_OK(err, rf_bigraph_new(&graph, options, &err));
    for (int i = 0; i < N; i++) {
        rf_event event = made_rf_event(&events[i], true);
        rf_status st = rf_bigraph_add_event(graph, &event, &err);
        ck_assert_msg(st >= 0, "%s", err.msg);
    }
    RF_CHECK_OK(err, rf_bigraph_publish(graph, path, &none, NULL, &published, &err));
    rf_bigraph_free(graph);
}

static const char *entity_of(const made_event *event, int kind)
{
    return kind == 0 ? event->entity : kind == 1 ? event->device : event->card;
}

/* Events of the pair in the window that begin in this hour. */
static int64_t events_in(const char *user, int kind, const char *entity, int64_t hour_us,
                         const rf_graph *graph)
{
    int64_t n = 0;
    for (int i = 0; i < N; i++) {
        int64_t at = events[i].time_us;
        n += strcmp(events[i].user, user) == 0 && strcmp(entity_of(&events[i], kind), entity) == 0 &&
             at >= graph->window_from_us && at < graph->window_to_us && at - at % RF_HOUR_US == hour_us;
    }
    return n;
}

static void open_graph(rf_h5 **file, rf_graph **graph, const char *path)
{
    rf_err err = {0};
    RF_CHECK_OK(err, rf_h5_open(file, path, &err));
    RF_CHECK_OK(err, rf_graph_read(graph, *file, RF_GRAPH_IDS | RF_GRAPH_ACTIVITY, &err));
}

/* One edge's times against the events, hour by hour; slots may be shorter than hours. */
static void check_edge(const rf_pair_times *times, int64_t i, const rf_graph *graph, int kind, uint32_t row)
{
    const rf_adj *adj = rf_graph_adj(graph, kind);
    const char *user = rf_texts_get(&graph->side[RF_USER].id, adj->e_u[row]);
    const char *entity = rf_texts_get(&graph->side[rf_entity_side(kind)].id, adj->e_v[row]);
    int64_t sum = 0, hour = INT64_MIN, in_hour = 0;
    for (int64_t k = times->ptr[i]; k < times->ptr[i + 1]; k++) {
        const rf_pair_time *one = &times->at[k];
        RF_HOLDS(k == times->ptr[i] || one->at_us > one[-1].at_us);
        if (one->at_us - one->at_us % RF_HOUR_US != hour) {
            RF_HOLDS(hour == INT64_MIN || in_hour == events_in(user, kind, entity, hour, graph));
            hour = one->at_us - one->at_us % RF_HOUR_US;
            in_hour = 0;
        }
        in_hour += one->events;
        sum += one->events;
    }
    RF_HOLDS(in_hour == events_in(user, kind, entity, hour, graph));
    ck_assert_int_eq(sum, graph->side[rf_edge_side(kind)].count[row]);
}

static void check_kind(rf_h5 *file, const rf_graph *graph, int kind)
{
    rf_err err = {0};
    rf_pair_times times;
    uint32_t rows[N] = {0};
    int64_t n = 0;
    for (int64_t e = 0; e < rf_graph_adj(graph, kind)->n_e; e += 1 + e % 3)
        rows[n++] = (uint32_t)e;
    RF_CHECK_OK(err, rf_pair_times_read(&times, file, graph, kind, rows, n, &err));
    ck_assert(n > 10 && times.n == n);
    ck_assert_int_eq(RF_HOUR_US % times.slot_us, 0);
    for (int64_t i = 0; i < n; i++)
        check_edge(&times, i, graph, kind, rows[i]);
    rf_pair_times_clear(&times);
}

START_TEST(times_are_those_of_the_events)
{
    char path[RF_TEST_PATH];
    for (int kinds = 1; kinds <= 3; kinds += 2) {
        rf_h5 *file = NULL;
        rf_graph *graph = NULL;
        rf_bigraph_options options =
            kinds == 1 ? made_options(RF_GRANULARITY_PAIR) : made_options_of_kinds(RF_GRANULARITY_PAIR);
        make_events(3);
        build(rf_tmp_path(path, "graph.h5"), &options);
        open_graph(&file, &graph, path);
        ck_assert_int_eq(rf_kinds_n(&graph->kinds), kinds);
        for (int k = 0; k < kinds; k++)
            check_kind(file, graph, k);
        rf_graph_free(graph);
        rf_h5_close(&file);
    }
}
END_TEST

/* The state of other events: pairs that do not have as many there as the graph says have none. */
START_TEST(edges_whose_events_are_elsewhere_have_no_times)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], other[RF_TEST_PATH];
    rf_h5 *file = NULL, *from = NULL;
    rf_graph *graph = NULL;
    rf_pair_times times;
    uint32_t rows[LOOKED];
    int64_t without = 0;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make_events(4);
    build(rf_tmp_path(path, "few.h5"), &options);
    for (int i = 0; i < N / 3; i++) { /* more of the same pairs */
        events[i].time_us += RF_SECOND_US;
        events[N - 1 - i] = events[i];
        events[N - 1 - i].id[0] = 'x';
    }
    build(rf_tmp_path(other, "many.h5"), &options);
    open_graph(&from, &graph, other);
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    for (int i = 0; i < LOOKED; i++)
        rows[i] = (uint32_t)i;
    RF_CHECK_OK(err, rf_pair_times_read(&times, file, graph, 0, rows, LOOKED, &err));
    ck_assert_int_gt(times.slot_us, 0);
    for (int i = 0; i < LOOKED; i++) {
        int64_t sum = 0;
        for (int64_t k = times.ptr[i]; k < times.ptr[i + 1]; k++)
            sum += times.at[k].events;
        ck_assert(sum == 0 || sum == graph->side[RF_EDGE].count[rows[i]]);
        without += sum == 0;
    }
    ck_assert_int_gt(without, 0);
    rf_pair_times_clear(&times);
    rf_graph_free(graph);
    rf_h5_close(&file);
    rf_h5_close(&from);
}
END_TEST

static void check_says_nothing(const char *path)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    rf_graph *graph = NULL;
    rf_pair_times times;
    uint32_t rows[2] = {0, 1};
    open_graph(&file, &graph, path);
    RF_CHECK_OK(err, rf_pair_times_read(&times, file, graph, 0, rows, 2, &err));
    ck_assert_int_eq(times.slot_us, 0);
    ck_assert_int_eq(times.ptr[2], 0);
    rf_pair_times_clear(&times);
    rf_graph_free(graph);
    rf_h5_close(&file);
}

START_TEST(a_file_without_a_state_or_of_events_says_nothing)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_h5 *file = NULL;
    rf_bigraph_options options = made_options(RF_GRANULARITY_EVENT);
    make_events(5);
    build(rf_tmp_path(path, "events.h5"), &options);
    check_says_nothing(path);
    options = made_options(RF_GRANULARITY_PAIR);
    build(rf_tmp_path(path, "pairs.h5"), &options);
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_remove(file, "/state", &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    check_says_nothing(path);
}
END_TEST

START_TEST(a_damaged_list_of_ids_is_refused)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_h5 *file = NULL;
    rf_graph *graph = NULL;
    rf_pair_times times;
    uint32_t row = 0;
    int64_t five = 5;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make_events(6);
    build(rf_tmp_path(path, "damaged.h5"), &options);
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_remove(file, "/state/users", &err));
    RF_CHECK_OK(err, rf_h5_write(file, "/state/users", RF_H5_U8, 1, &five, "u1\0u2", &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    open_graph(&file, &graph, path);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "/state/users",
                   rf_pair_times_read(&times, file, graph, 0, &row, 1, &err));
    rf_graph_free(graph);
    rf_h5_close(&file);
}
END_TEST

START_TEST(reading_survives_refused_memory)
{
    char path[RF_TEST_PATH];
    rf_h5 *file = NULL;
    rf_graph *graph = NULL;
    rf_pair_times times = {0};
    uint32_t rows[3] = {0, 1, 2};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make_events(7);
    build(rf_tmp_path(path, "sweep.h5"), &options);
    open_graph(&file, &graph, path);
    RF_SWEEP(rf_pair_times_read(&times, file, graph, 0, rows, 3, sweep_err), rf_pair_times_clear(&times));
    rf_graph_free(graph);
    rf_h5_close(&file);
}
END_TEST

RF_SUITE("pair_times", times_are_those_of_the_events, edges_whose_events_are_elsewhere_have_no_times,
         a_file_without_a_state_or_of_events_says_nothing, a_damaged_list_of_ids_is_refused,
         reading_survives_refused_memory)
