/* test_positions.c - how far the inputs were read lies with the state it belongs to: files in the order in
 * which they were read, partitions sorted, states of earlier versions included.
 */
#include "made_events.h"
#include "rf_check.h"
#include "rf_h5.h"

static rf_bigraph *open_graph(void)
{
    static rf_bigraph_options options;
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    options = made_options(RF_GRANULARITY_PAIR);
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    return graph;
}

static void checkpoint(const char *path, const rf_positions *positions)
{
    rf_err err = {0};
    rf_bigraph *graph = open_graph();
    RF_CHECK_OK(err, rf_bigraph_checkpoint(graph, path, positions, &err));
    rf_bigraph_free(graph);
}

static rf_status resume(const char *path, rf_positions *back, rf_err *err)
{
    int resumed;
    rf_bigraph *graph = open_graph();
    rf_status st = rf_bigraph_resume(graph, path, back, &resumed, err);
    rf_bigraph_free(graph);
    return st;
}

START_TEST(offsets_are_sorted_and_come_back_behind_the_files)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], building[RF_TEST_PATH], file_b[] = "b.csv", file_a[] = "a.csv", t1[] = "t-1",
                                                     t[] = "t";
    rf_input_position at[6] = {{.name = t1, .partition = 0, .offset = 5},
                               {.name = file_b, .partition = -1, .offset = 70, .line = 7, .records = 6},
                               {.name = t, .partition = 11, .offset = INT64_MAX / 2},
                               {.name = t, .partition = 2, .offset = 0},
                               {.name = file_a, .partition = -1, .offset = 80, .fingerprint = 3},
                               {.name = t1, .partition = 12, .offset = 9}};
    const rf_positions positions = {.items = at, .n = 6};
    static const int order[6] = {1, 4, 3, 2, 0, 5};
    rf_positions back = {0};
    rf_h5 *h5 = NULL;
    int64_t next[4], n = 4;
    int32_t partition[4];
    checkpoint(rf_tmp_path(path, "offsets.h5"), &positions);
    RF_CHECK_OK(err, resume(path, &back, &err));
    ck_assert_uint_eq(back.n, 6);
    for (int i = 0; i < 6; i++) {
        ck_assert_str_eq(back.items[i].name, at[order[i]].name);
        ck_assert_int_eq(back.items[i].partition, at[order[i]].partition);
        ck_assert_int_eq(back.items[i].offset, at[order[i]].offset);
        ck_assert_int_eq(back.items[i].line, at[order[i]].line);
        ck_assert_uint_eq(back.items[i].fingerprint, at[order[i]].fingerprint);
    }
    rf_positions_clear(&back);
    RF_CHECK_OK(err, rf_h5_open(&h5, rf_tmp_path(building, "offsets.h5.building"), &err));
    RF_CHECK_OK(err, rf_h5_read(h5, "/state/offsets/next", RF_H5_I64, 1, &n, next, &err));
    RF_CHECK_OK(err, rf_h5_read(h5, "/state/offsets/partition", RF_H5_I32, 1, &n, partition, &err));
    ck_assert_int_eq(partition[1], 11);
    ck_assert_int_eq(next[3], 9);
    rf_h5_close(&h5);
    unlink(building);
}
END_TEST

START_TEST(where_offsets_are_from_comes_back_and_takes_no_room_where_it_is_not_known)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], building[RF_TEST_PATH], t[] = "t", s[] = "s", cluster[] = "Q7", id[] = "i";
    rf_input_position at[3] = {
        {.name = t,
         .partition = 1,
         .offset = 9,
         .origin = {.cluster = cluster, .last_offset = 7, .last_ms = -1, .last_hash = UINT64_MAX}},
        {.name = t, .partition = 0, .offset = 5},
        /* a producer may set any time */
        {.name = s,
         .partition = 0,
         .offset = 5,
         .origin = {.topic_id = id, .last_ms = -86400000, .last_hash = 1}}};
    const rf_positions positions = {.items = at, .n = 3}, one = {.items = at + 1, .n = 1};
    rf_positions back = {0};
    rf_h5 *h5 = NULL;
    checkpoint(rf_tmp_path(path, "origins.h5"), &positions);
    RF_CHECK_OK(err, resume(path, &back, &err));
    ck_assert_uint_eq(back.n, 3);
    for (int i = 0; i < 3; i++)
        ck_assert(rf_topic_origin_equal(&back.items[i].origin, &at[2 - i].origin));
    rf_positions_clear(&back);
    checkpoint(path, &one);
    RF_CHECK_OK(err, rf_h5_open(&h5, rf_tmp_path(building, "origins.h5.building"), &err));
    ck_assert(!rf_h5_exists(h5, "/state/offsets/cluster") && !rf_h5_exists(h5, "/state/offsets/topic_id") &&
              !rf_h5_exists(h5, "/state/offsets/last"));
    rf_h5_close(&h5);
    unlink(building);
}
END_TEST

START_TEST(a_partition_that_stands_twice_is_not_written)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], t[] = "t";
    rf_input_position at[2] = {{.name = t, .partition = 1, .offset = 5},
                               {.name = t, .partition = 1, .offset = 6}};
    const rf_positions positions = {.items = at, .n = 2};
    rf_bigraph *graph = open_graph();
    RF_CHECK_FAILS(err, RF_E_INTERNAL, "t[1] twice",
                   rf_bigraph_checkpoint(graph, rf_tmp_path(path, "twice.h5"), &positions, &err));
    rf_bigraph_free(graph);
}
END_TEST

/* What earlier versions wrote: partitions among the files, no /state/offsets. */
START_TEST(partitions_among_the_files_of_an_old_state_load)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], building[RF_TEST_PATH], t[] = "t";
    rf_input_position at[1] = {{.name = t, .partition = 1, .offset = 5}};
    const rf_positions positions = {.items = at, .n = 1};
    const char *const names[2] = {"a.csv", "t"};
    const int64_t rows[2][5] = {{-1, 100, 3, 2, 1}, {4, 44, 0, 0, 0}}, shape[2] = {2, 5};
    rf_positions back = {0};
    rf_h5 *h5 = NULL;
    checkpoint(rf_tmp_path(path, "old.h5"), &positions);
    RF_CHECK_OK(err, rf_h5_update_beside(&h5, rf_tmp_path(building, "old.h5.building"), &err));
    RF_CHECK_OK(err, rf_h5_remove(h5, "/state/offsets", &err));
    RF_CHECK_OK(err, rf_h5_write_texts(h5, "/state/positions/name", names, 2, &err));
    RF_CHECK_OK(err, rf_h5_write(h5, "/state/positions/at", RF_H5_I64, 2, shape, rows, &err));
    RF_CHECK_OK(err, rf_h5_commit(h5, &err));
    rf_h5_close(&h5);
    RF_CHECK_OK(err, resume(path, &back, &err));
    ck_assert_uint_eq(back.n, 2);
    ck_assert_int_eq(back.items[1].partition, 4);
    ck_assert_int_eq(back.items[1].offset, 44);
    rf_positions_clear(&back);
    unlink(building);
}
END_TEST

static void check_damage(const char *dataset, rf_h5_type type, int64_t n, const void *data)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], building[RF_TEST_PATH], t[] = "t";
    rf_input_position at[2] = {{.name = t, .partition = 1, .offset = 5},
                               {.name = t, .partition = 2, .offset = 5}};
    const rf_positions positions = {.items = at, .n = 2};
    rf_positions back = {0};
    rf_h5 *h5 = NULL;
    checkpoint(rf_tmp_path(path, "broken.h5"), &positions);
    RF_CHECK_OK(err, rf_h5_update_beside(&h5, rf_tmp_path(building, "broken.h5.building"), &err));
    if (data == NULL)
        RF_CHECK_OK(err, rf_h5_remove(h5, dataset, &err));
    else
        RF_CHECK_OK(err, rf_h5_write(h5, dataset, type, 1, &n, data, &err));
    RF_CHECK_OK(err, rf_h5_commit(h5, &err));
    rf_h5_close(&h5);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "/state/offsets", resume(path, &back, &err));
    ck_assert_uint_eq(back.n, 0);
    unlink(building);
}

START_TEST(damaged_offsets_are_refused)
{
    const int32_t same[2] = {1, 1}, falling[2] = {2, 1}, negative[2] = {-1, 1}, three[3] = {1, 2, 3};
    const int64_t before[2] = {5, -1}, one[1] = {5};
    check_damage("/state/offsets/partition", RF_H5_I32, 2, same);
    check_damage("/state/offsets/partition", RF_H5_I32, 2, falling);
    check_damage("/state/offsets/partition", RF_H5_I32, 2, negative);
    check_damage("/state/offsets/partition", RF_H5_I32, 3, three);
    check_damage("/state/offsets/partition", RF_H5_I32, 0, NULL);
    check_damage("/state/offsets/next", RF_H5_I64, 2, before);
    check_damage("/state/offsets/next", RF_H5_I64, 1, one);
    check_damage("/state/offsets/next", RF_H5_I64, 0, NULL);
    check_damage("/state/offsets/topic", RF_H5_I64, 0, NULL);
    check_damage("/state/offsets/last", RF_H5_I64, 2, before);
    check_damage("/state/offsets/cluster", RF_H5_I64, 2, before);
}
END_TEST

RF_SUITE("positions", offsets_are_sorted_and_come_back_behind_the_files,
         where_offsets_are_from_comes_back_and_takes_no_room_where_it_is_not_known,
         a_partition_that_stands_twice_is_not_written, partitions_among_the_files_of_an_old_state_load,
         damaged_offsets_are_refused)
