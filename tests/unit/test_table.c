/* test_table.c - tables, figures and summaries for people and scripts. */
#include "rf_check.h"

#include "rf_summary.h"
#include "rf_table.h"

START_TEST(figures_read_well)
{
    char out[32];
    ck_assert_str_eq(rf_count_format(out, 0), "0");
    ck_assert_str_eq(rf_count_format(out, 999), "999");
    ck_assert_str_eq(rf_count_format(out, 1234567), "1,234,567");
    ck_assert_str_eq(rf_count_format(out, -1234), "-1,234");
    ck_assert_str_eq(rf_count_format(out, INT64_MIN), "-9,223,372,036,854,775,808");
    ck_assert_str_eq(rf_share_format(out, 0.97314), "0.9731");
    ck_assert_str_eq(rf_share_format(out, (double)NAN), "-");
    ck_assert_str_eq(rf_figure_format(out, 12345.6), "12,346");
    ck_assert_str_eq(rf_figure_format(out, 0.0123456), "0.01235");
    ck_assert_str_eq(rf_figure_format(out, -1e-9), "0");
    ck_assert_str_eq(rf_seconds_format(out, 1.234), "1.23 s");
    ck_assert_str_eq(rf_seconds_format(out, 125), "2 min 5 s");
    ck_assert_str_eq(rf_bytes_format(out, 456789000), "457 MB");
    ck_assert_str_eq(rf_bytes_format(out, -1), "-");
}
END_TEST

static rf_status small_table(rf_text *text, rf_err *err)
{
    static const char *const heads[] = {"name", "n"};
    rf_table *table = NULL;
    rf_status st = rf_table_new(&table, "lr", heads, err);
    const char *const cells[] = {"\303\251a", "1", "b\n", "1,000", "rest"};
    for (size_t i = 0; st >= 0 && i < sizeof cells / sizeof cells[0]; i++)
        st = rf_table_add(table, cells[i], err);
    if (st >= 0)
        st = rf_table_print(text, table, err);
    rf_table_free(table);
    return st;
}

START_TEST(columns_align_by_characters)
{
    rf_err err = {0};
    rf_text text = {0};
    RF_CHECK_OK(err, small_table(&text, &err));
    ck_assert_str_eq(text.ptr, "name       n\n"
                               "-----  -----\n"
                               "\xc3\xa9"
                               "a         1\n"
                               "b\\x0a  1,000\n"
                               "rest        \n");
    rf_text_clear(&text);
}
END_TEST

START_TEST(long_cells_are_cut_between_characters)
{
    static const char *const heads[] = {"h"};
    rf_err err = {0};
    rf_text text = {0};
    rf_table *table = NULL;
    char cell[400] = "";
    for (int i = 0; i < 100; i++)
        strcat(cell, "\xc3\xa9");
    RF_CHECK_OK(err, rf_table_new(&table, "l", heads, &err));
    RF_CHECK_OK(err, rf_table_add(table, cell, &err));
    RF_CHECK_OK(err, rf_table_print(&text, table, &err));
    ck_assert(rf_utf8_valid(text.ptr, text.len));
    ck_assert_ptr_nonnull(strstr(text.ptr, "\xc3\xa9~\n"));
    rf_table_free(table);
    rf_text_clear(&text);
}
END_TEST

static rf_status write_summary(const char *path, rf_err *err)
{
    rf_summary summary = {.has_events = true, .events = {.read = 10, .accepted = 9, .rejected = 1}};
    rf_summary_begin(&summary);
    rf_summary_end(&summary, "build");
    rf_status st = rf_summary_add_file(&summary, "graph.h5", err);
    if (st >= 0)
        st = rf_summary_add_file(&summary, "graph.h5", err);
    if (st >= 0)
        st = rf_summary_write(&summary, path, err);
    rf_summary_clear(&summary);
    return st;
}

START_TEST(a_summary_leaves_out_what_does_not_apply)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    RF_CHECK_OK(err, write_summary(rf_tmp_path(path, "s.json"), &err));
    char *json = rf_slurp(path, NULL);
    ck_assert_ptr_nonnull(strstr(json,
                                 "\"events\":{\"read\":10,\"accepted\":9,\"rejected\":1,\"duplicate\":0,"
                                 "\"late\":0,\"outside_window\":0,\"waiting\":0,\"expired\":0}"));
    ck_assert_ptr_nonnull(strstr(json, "\"steps\":[{\"name\":\"build\",\"seconds\":"));
    ck_assert_ptr_nonnull(strstr(json, "\"files\":[\"graph.h5\"]"));
    ck_assert_ptr_null(strstr(json, "users"));
    ck_assert_ptr_null(strstr(json, "epochs"));
    ck_assert_ptr_null(strstr(json, "actions"));
    free(json);
}
END_TEST

static rf_status both(const char *path, rf_err *err)
{
    rf_text text = {0};
    rf_status st = small_table(&text, err);
    if (st >= 0)
        st = write_summary(path, err);
    rf_text_clear(&text);
    return st;
}

START_TEST(every_failing_allocation_is_reported)
{
    char path[RF_TEST_PATH];
    rf_tmp_path(path, "t.json");
    RF_SWEEP(both(path, sweep_err), );
}
END_TEST

RF_SUITE("table", figures_read_well, columns_align_by_characters, long_cells_are_cut_between_characters,
         a_summary_leaves_out_what_does_not_apply, every_failing_allocation_is_reported)
