/* test_graph_activity.c - counts and times of a graph's rows: read when asked for, both times or neither. */
#include "rf_check.h"
#include "rf_graph.h"

/* Two users, one entity, two edges; `n_first` entries of /u/first_time, /u/last_time only where `last`. */
static int64_t count[2] = {3, 4}, first[3] = {10, -20, 30}, end[2] = {100, 200};
static rf_status write_graph(const char *path, int64_t n_first, bool last, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    static const float x[2] = {1, -1};
    static const uint32_t u[2] = {0, 1}, v[2] = {0, 0};
    const int64_t two[2] = {2, 1}, one[2] = {1, 1};
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write_format(file, "ringfence-graph", 1, err));
    RF_TRY(rf_h5_write(file, "/u/x", RF_H5_F32, 2, two, x, err));
    RF_TRY(rf_h5_write(file, "/v/x", RF_H5_F32, 2, one, x, err));
    RF_TRY(rf_h5_write(file, "/e/x", RF_H5_F32, 2, two, x, err));
    RF_TRY(rf_h5_write(file, "/e/u", RF_H5_U32, 1, two, u, err));
    RF_TRY(rf_h5_write(file, "/e/v", RF_H5_U32, 1, two, v, err));
    RF_TRY(rf_h5_write(file, "/u/count", RF_H5_I64, 1, two, count, err));
    RF_TRY(rf_h5_write(file, "/u/first_time", RF_H5_I64, 1, &n_first, first, err));
    if (last)
        RF_TRY(rf_h5_write(file, "/u/last_time", RF_H5_I64, 1, two, end, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

START_TEST(counts_and_times_are_read_when_asked_for)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_graph *graph = NULL;
    RF_CHECK_OK(err, write_graph(rf_tmp_path(path, "whole.h5"), 2, true, &err));
    RF_CHECK_OK(err, rf_graph_load(&graph, path, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, &err));
    ck_assert(graph->side[RF_USER].count[0] == 3 && graph->side[RF_USER].count[1] == 4);
    ck_assert(graph->side[RF_USER].first_us[1] == -20 && graph->side[RF_USER].last_us[1] == 200);
    ck_assert(graph->side[RF_ENTITY].count == NULL && graph->side[RF_ENTITY].first_us == NULL &&
              graph->side[RF_EDGE].last_us == NULL);
    rf_graph_free(graph);
    RF_CHECK_OK(err, rf_graph_load(&graph, path, RF_GRAPH_ALL, &err));
    ck_assert(graph->side[RF_USER].count == NULL && graph->side[RF_USER].first_us == NULL &&
              graph->side[RF_USER].last_us == NULL);
    rf_graph_free(graph);
    RF_SWEEP(rf_graph_load(&graph, path, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, sweep_err), rf_graph_free(graph));
}
END_TEST

START_TEST(a_time_without_the_other_is_left_alone_and_a_wrong_length_is_named)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_graph *graph = NULL;
    RF_CHECK_OK(err, write_graph(rf_tmp_path(path, "half.h5"), 2, false, &err));
    RF_CHECK_OK(err, rf_graph_load(&graph, path, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, &err));
    ck_assert(graph->side[RF_USER].count != NULL && graph->side[RF_USER].first_us == NULL &&
              graph->side[RF_USER].last_us == NULL);
    rf_graph_free(graph);
    RF_CHECK_OK(err, write_graph(rf_tmp_path(path, "long.h5"), 3, true, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "/u/first_time has 3 entries",
                   rf_graph_load(&graph, path, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, &err));
}
END_TEST

START_TEST(what_no_build_writes_is_named)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_graph *graph = NULL;
    const struct {
        int64_t *at, value;
        const char *says;
    } wrong[] = {{&count[1], -1, "/u/count[1] is -1, which is no number of events"},
                 {&count[0], INT64_MAX, "/u/count[0] is 9223372036854775807"},
                 {&count[1], (INT64_C(1) << 53) - 2, "/u/count[1] is"}, /* with the first one too many */
                 {&first[0], 101, "/u/first_time[0] is 101 and last_time 100"},
                 {&first[1], INT64_MIN, "/u/first_time[1]"},
                 {&end[1], INT64_MAX, "/u/first_time[1]"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t right = *wrong[i].at;
        *wrong[i].at = wrong[i].value;
        RF_CHECK_OK(err, write_graph(rf_tmp_path(path, "wrong.h5"), 2, true, &err));
        RF_CHECK_FAILS(err, RF_E_FORMAT, wrong[i].says,
                       rf_graph_load(&graph, path, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, &err));
        *wrong[i].at = right;
    }
}
END_TEST

RF_SUITE("graph_activity", what_no_build_writes_is_named, counts_and_times_are_read_when_asked_for,
         a_time_without_the_other_is_left_alone_and_a_wrong_length_is_named)
