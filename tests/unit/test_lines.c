/* test_lines.c - lines of a file are judged once a pass, and the file is replaced only if one of them
 * changes.
 */
#include "packed.h"
#include "rf_file.h"
#include "rf_lines.h"

#include <sys/stat.h>

typedef struct seen {
    int64_t lines;  /* in all passes */
    bool odd;       /* of "x" so far: depends on what was judged before, as quotes do */
    bool drops_odd; /* a line after an odd number of them */
} seen;

static rf_status judge_x(void *context, int64_t line, rf_span text, rf_line_fate *fate, rf_text *replacement,
                         rf_err *err)
{
    seen *s = context;
    (void)replacement;
    (void)err;
    s->lines++;
    s->odd = line == 1 ? false : s->odd;
    if (s->odd && s->drops_odd)
        *fate = RF_LINE_DROP;
    s->odd = s->odd != (text.len > 0 && text.ptr[0] == 'x');
    return RF_OK;
}

START_TEST(each_pass_judges_each_line_once)
{
    static const char content[] = "a\nx\nb\r\nc";
    rf_err err = {0};
    char path[RF_TEST_PATH];
    for (int kind = 0; kind < PACKED_KINDS; kind++) {
        seen s = {.drops_odd = true};
        const rf_line_judge judge = {judge_x, &s};
        int64_t changed = 0;
        packed_spill(rf_tmp_path(path, "lines"), kind, content, sizeof content - 1, 1);
        RF_CHECK_OK(err, rf_lines_judge(&changed, path, &judge, &err));
        ck_assert(changed == 2 && s.lines == 4);
        RF_CHECK_OK(err, rf_lines_rewrite(&changed, path, &judge, &err));
        ck_assert(changed == 2 && s.lines == 8);
        RF_CHECK_OK(err, rf_lines_judge(&changed, path, &judge, &err));
        ck_assert(changed == 0 && s.lines == 10); /* packed as before, or its lines would not be these */
    }
}
END_TEST

START_TEST(a_file_of_which_nothing_changes_is_not_replaced)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    struct stat before, after;
    seen s = {0};
    const rf_line_judge judge = {judge_x, &s};
    int64_t changed = -1;
    rf_spill(rf_tmp_path(path, "kept"), "a\nx\n", 4);
    ck_assert_int_eq(stat(path, &before), 0);
    RF_CHECK_OK(err, rf_lines_rewrite(&changed, path, &judge, &err));
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert(changed == 0 && s.lines == 2 && before.st_ino == after.st_ino);
}
END_TEST

START_TEST(events_are_lines_where_each_is_in_one)
{
    static const char *const contents[] = {"{\"a\":1}\n{\"a\":2}\n", "{\"a\":\n1}\n",
                                           "data: {\"a\":1}\n\ndata: {\"a\":2}\n",
                                           "data: {\"a\":1}\n\ndata: {\"a\":\ndata: 2}\n\n"};
    for (int i = 0; i < 4; i++) {
        rf_err err = {0};
        bool are;
        char path[RF_TEST_PATH];
        rf_spill(rf_tmp_path(path, "shape.json"), contents[i], strlen(contents[i]));
        RF_CHECK_OK(err, rf_lines_are_json_records(&are, path, &err));
        ck_assert_int_eq(are, i % 2 == 0);
    }
}
END_TEST

RF_SUITE("lines", each_pass_judges_each_line_once, a_file_of_which_nothing_changes_is_not_replaced,
         events_are_lines_where_each_is_in_one)
