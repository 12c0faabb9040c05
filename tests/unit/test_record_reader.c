/* test_record_reader.c - cutting content into records, their lines, too long ones, and moving past any of
 * them. */
#include "decoder_int.h"
#include "packed.h"
#include "record_reader_int.h"
#include "rf_stop.h"

#include <time.h>

#define MAX_RECORD ((size_t)16 << 20)

static void spill(const char *path, const char *content)
{
    rf_spill(path, content, strlen(content));
}

/* All records as "line:text;" */
static void list_records(rf_text *out, rf_records *records)
{
    rf_err err = {0};
    rf_record record;
    rf_status st;
    while ((st = rf_records_next(records, &record, &err)) == RF_OK) {
        RF_CHECK_OK(err, rf_text_printf(out, &err, "%lld:%s", (long long)record.line,
                                        record.too_long ? "(long)" : ""));
        if (!record.too_long)
            RF_CHECK_OK(err, rf_text_add(out, record.text.ptr, record.text.len, &err));
        RF_CHECK_OK(err, rf_text_add(out, ";", 1, &err));
    }
    ck_assert_msg(st == RF_EOF, "%s", err.msg);
    ck_assert_int_eq(rf_records_next(records, &record, &err), RF_EOF);
}

static void check_records(const char *content, rf_source_format format, const char *expected)
{
    rf_err err = {0};
    rf_records *records = NULL;
    rf_text got = {0};
    char path[RF_TEST_PATH];
    spill(rf_tmp_path(path, "records.txt"), content);
    RF_CHECK_OK(err, rf_records_new(&records, MAX_RECORD, &err));
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    rf_records_set_format(records, format);
    list_records(&got, records);
    ck_assert_str_eq(got.ptr == NULL ? "" : got.ptr, expected);
    rf_text_clear(&got);
    rf_records_free(records);
}

START_TEST(lines_are_records_whatever_ends_them)
{
    check_records("", RF_FORMAT_JSONL, "");
    check_records("\n\n", RF_FORMAT_JSONL, "");
    check_records("a", RF_FORMAT_JSONL, "1:a;");
    check_records("a\n", RF_FORMAT_JSONL, "1:a;");
    check_records("a\r\nb\r\n", RF_FORMAT_JSONL, "1:a;2:b;");
    check_records("a\r\nb\r", RF_FORMAT_JSONL, "1:a;2:b;");
    check_records("a\n \t\r\n\nb", RF_FORMAT_JSONL, "1:a;4:b;");
    check_records("\xEF\xBB\xBF"
                  "a\nb\n",
                  RF_FORMAT_JSONL, "1:a;2:b;");
    check_records("\xEF\xBB\xBF", RF_FORMAT_JSONL, "");
    check_records("\xEF\xBB", RF_FORMAT_JSONL, "1:\xEF\xBB;");
    check_records("\"a\nb\"\n", RF_FORMAT_JSONL, "1:\"a;2:b\";");
}
END_TEST

START_TEST(csv_records_run_on_inside_quotes_only)
{
    check_records("a,b\nc,d\n", RF_FORMAT_CSV, "1:a,b;2:c,d;");
    check_records("a,\"b\nc\"\r\nd", RF_FORMAT_CSV, "1:a,\"b\nc\";3:d;");
    check_records("\"a\r\n\r\n\"\r\nb", RF_FORMAT_CSV, "1:\"a\r\n\r\n\";4:b;");
    check_records("\"a\"\"\nb\",c\nd", RF_FORMAT_CSV, "1:\"a\"\"\nb\",c;3:d;");
    check_records("a\"b\nc\"d\n", RF_FORMAT_CSV, "1:a\"b;2:c\"d;"); /* a quote inside a field opens nothing */
    check_records("a,\"\"\nb\n", RF_FORMAT_CSV, "1:a,\"\";2:b;");
    check_records("\"a\"x\"\nb\n", RF_FORMAT_CSV, "1:\"a\"x\";2:b;");
    check_records("a,\"b\nc", RF_FORMAT_CSV, "1:a,\"b\nc;");
    check_records("\xEF\xBB\xBF\"a\nb\",c\n\nd\n", RF_FORMAT_CSV, "1:\"a\nb\",c;4:d;");
}
END_TEST

START_TEST(the_first_character_tells_the_format)
{
    static const struct {
        const char *content;
        rf_source_format format;
    } cases[] = {{"{}", RF_FORMAT_JSONL},
                 {"\n \t{}", RF_FORMAT_JSONL},
                 {"\xEF\xBB\xBF{", RF_FORMAT_JSONL},
                 {"[1]", RF_FORMAT_JSONL},
                 {"a,b", RF_FORMAT_CSV},
                 {"\"a\"", RF_FORMAT_CSV},
                 {"data:{}", RF_FORMAT_JSONL},
                 {": hi\nid: 1\n\nevent: x\ndata: {}", RF_FORMAT_JSONL},
                 {"id:ID,name\n1,data:\n", RF_FORMAT_CSV},
                 {"id: 1\n", RF_FORMAT_CSV}};
    rf_err err = {0};
    rf_records *records = NULL;
    char path[RF_TEST_PATH];
    RF_CHECK_OK(err, rf_records_new(&records, MAX_RECORD, &err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rf_source_format format;
        spill(rf_tmp_path(path, "guess"), cases[i].content);
        RF_CHECK_OK(err, rf_records_open(records, path, &err));
        RF_CHECK_OK(err, rf_records_guess(records, &format, &err));
        ck_assert_int_eq(format, cases[i].format);
    }
    rf_records_free(records);
}
END_TEST

START_TEST(a_line_that_is_too_long_is_passed_over)
{
    rf_err err = {0};
    rf_records *records = NULL;
    rf_text content = {0}, got = {0};
    char path[RF_TEST_PATH], *block = malloc(MAX_RECORD);
    memset(block, 'x', MAX_RECORD);
    RF_CHECK_OK(err, rf_text_add(&content, "a\n", 2, &err));
    RF_CHECK_OK(err, rf_text_add(&content, block, MAX_RECORD, &err));
    RF_CHECK_OK(err, rf_text_add(&content, "y\nb\n", 4, &err));
    RF_CHECK_OK(err, rf_text_add(&content, block, MAX_RECORD, &err));
    RF_CHECK_OK(err, rf_text_add(&content, block, MAX_RECORD, &err));
    RF_CHECK_OK(err, rf_text_add(&content, block, 100, &err));
    free(block);
    rf_spill(rf_tmp_path(path, "long.txt"), content.ptr, content.len);
    RF_CHECK_OK(err, rf_records_new(&records, MAX_RECORD, &err));
    for (int format = RF_FORMAT_CSV; format <= RF_FORMAT_JSONL; format++) {
        rf_text_reset(&got);
        RF_CHECK_OK(err, rf_records_open(records, path, &err));
        rf_records_set_format(records, format);
        list_records(&got, records);
        ck_assert_str_eq(got.ptr, "1:a;2:(long);3:b;4:(long);");
    }
    rf_records_free(records);
    rf_text_clear(&content);
    rf_text_clear(&got);
}
END_TEST

START_TEST(a_quote_that_stays_open_for_too_long_costs_its_line_only)
{
    rf_err err = {0};
    rf_records *records = NULL;
    rf_text content = {0};
    rf_record record;
    char path[RF_TEST_PATH], lines[4096];
    memset(lines, 'a', sizeof lines);
    for (size_t end = 63; end < sizeof lines; end += 64)
        lines[end] = '\n';
    RF_CHECK_OK(err, rf_text_printf(&content, &err, "\"open\n"));
    while (content.len <= MAX_RECORD)
        RF_CHECK_OK(err, rf_text_add(&content, lines, sizeof lines, &err));
    rf_spill(rf_tmp_path(path, "open.csv"), content.ptr, content.len);
    RF_CHECK_OK(err, rf_records_new(&records, MAX_RECORD, &err));
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    rf_records_set_format(records, RF_FORMAT_CSV);
    RF_CHECK_OK(err, rf_records_next(records, &record, &err));
    ck_assert(record.line == 1 && record.text.len == 5 && !record.too_long);
    RF_CHECK_OK(err, rf_records_next(records, &record, &err));
    ck_assert(record.line == 2 && record.text.ptr[0] == 'a');
    rf_records_free(records);
    rf_text_clear(&content);
}
END_TEST

static double cpu_s(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* Every line opens a quote that the next one closes and opens again. Once the search for its end was in vain
 * at one line, it is at all of them; broken: what the decoder finds wrong is taken back, too. */
START_TEST(quotes_that_lead_nowhere_are_not_followed_from_every_line)
{
    enum { LINES = 200000, LONGEST = 1 << 16 };
    static const char line[] = "a\"b,\"\n";
    rf_err err = {0};
    char path[RF_TEST_PATH], *content = malloc(LINES * (sizeof line - 1));
    for (size_t i = 0; i < LINES; i++)
        memcpy(content + i * (sizeof line - 1), line, sizeof line - 1);
    for (size_t max = LONGEST; max <= 2 * LINES * sizeof line; max *= 64) { /* too long, or to the end */
        rf_records *records = NULL;
        rf_record record;
        int64_t lines = 0;
        double began = cpu_s();
        rf_spill(rf_tmp_path(path, "quotes.csv"), content, LINES * (sizeof line - 1));
        RF_CHECK_OK(err, rf_records_new(&records, max, &err));
        RF_CHECK_OK(err, rf_records_open(records, path, &err));
        rf_records_set_format(records, RF_FORMAT_CSV);
        while (rf_records_next(records, &record, &err) == RF_OK) {
            rf_records_keep_first_line(records, &record);
            RF_HOLDS(record.line == ++lines && record.text.len == sizeof line - 2);
        }
        ck_assert_int_eq(lines, LINES);
        ck_assert_msg(rf_short() || cpu_s() - began < 3, "%zu bytes: %g s", max, cpu_s() - began);
        rf_records_free(records);
    }
    free(content);
}
END_TEST

/* The lines of what cannot be decoded, from wherever the reader is. */
static int64_t count_broken(rf_records *records, int64_t lines, int64_t until)
{
    rf_err err = {0};
    rf_record record;
    while (lines < until && rf_records_next(records, &record, &err) == RF_OK) {
        rf_records_keep_first_line(records, &record);
        RF_HOLDS(record.line == ++lines && record.text.len == 5 && record.text.ptr[0] == 'a');
    }
    return lines;
}

START_TEST(reading_goes_on_among_quotes_that_lead_nowhere)
{
    enum { LINES = 3000 };
    rf_err err = {0};
    rf_text content = {0};
    rf_records *records = NULL, *again = NULL;
    char path[RF_TEST_PATH];
    for (int i = 0; i < LINES; i++)
        RF_CHECK_OK(err, rf_text_printf(&content, &err, "a\"b,\"\r\n"));
    rf_spill(rf_tmp_path(path, "nowhere.csv"), content.ptr, content.len);
    RF_CHECK_OK(err, rf_records_new(&records, 1024, &err));
    RF_CHECK_OK(err, rf_records_new(&again, 1024, &err));
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    rf_records_set_format(records, RF_FORMAT_CSV);
    for (int64_t lines = 0; lines < LINES;
         lines += 37) { /* before lines are records, among them, and after */
        rf_input_position position = {0};
        bool same = false;
        ck_assert_int_eq(count_broken(records, lines > 0 ? lines - 37 : 0, lines), lines);
        rf_records_position(records, &position);
        RF_CHECK_OK(err, rf_records_open(again, path, &err));
        RF_CHECK_OK(err, rf_records_same(again, &position, &same, &err));
        rf_records_set_format(again, RF_FORMAT_CSV);
        RF_CHECK_OK(err, rf_records_skip(again, &position, &err));
        ck_assert(same);
        ck_assert_int_eq(count_broken(again, lines, LINES + 1), LINES);
    }
    rf_records_free(records);
    rf_records_free(again);
    rf_text_clear(&content);
}
END_TEST

START_TEST(blank_lines_are_not_kept_while_the_format_is_looked_for)
{
    enum { BLANKS = 20000000 };
    rf_err err = {0};
    rf_records *records = NULL;
    rf_record record;
    rf_source_format format;
    char path[RF_TEST_PATH], *content = malloc(BLANKS + 2);
    memset(content, '\n', BLANKS);
    memcpy(content + BLANKS, "{}", 2);
    for (int kind = 0; kind < PACKED_KINDS; kind++) {
        packed_spill(rf_tmp_path(path, "blanks"), kind, content, BLANKS + 2, 1);
        int64_t before = rf_mem_stats_get().live_bytes;
        RF_CHECK_OK(err, rf_records_new(&records, MAX_RECORD, &err));
        RF_CHECK_OK(err, rf_records_open(records, path, &err));
        RF_CHECK_OK(err, rf_records_guess(records, &format, &err));
        ck_assert_int_eq(format, RF_FORMAT_JSONL);
        rf_records_set_format(records, format);
        RF_CHECK_OK(err, rf_records_next(records, &record, &err));
        ck_assert_int_eq(record.line, BLANKS + 1);
        ck_assert_int_lt(rf_mem_stats_get().live_bytes - before, 4 << 20);
        rf_records_free(records);
    }
    free(content);
}
END_TEST

START_TEST(an_interrupt_inside_a_long_line_keeps_the_position_before_it)
{
    rf_err err = {0};
    rf_records *records = NULL;
    rf_record record;
    rf_text content = {0};
    rf_input_position position = {0};
    char path[RF_TEST_PATH], *block = malloc(3 << 20);
    memset(block, 'x', 3 << 20);
    RF_CHECK_OK(err, rf_text_printf(&content, &err, "a\n"));
    RF_CHECK_OK(err, rf_text_add(&content, block, 3 << 20, &err));
    RF_CHECK_OK(err, rf_text_printf(&content, &err, "\nb\n"));
    free(block);
    rf_spill(rf_tmp_path(path, "interrupted"), content.ptr, content.len);
    RF_CHECK_OK(err, rf_records_new(&records, 5000, &err));
    for (int format = RF_FORMAT_CSV; format <= RF_FORMAT_JSONL; format++) {
        RF_CHECK_OK(err, rf_records_open(records, path, &err));
        rf_records_set_format(records, format);
        RF_CHECK_OK(err, rf_records_next(records, &record, &err));
        rf_stop_ask(true);
        for (int again = 0; again < 2; again++) {
            RF_CHECK_FAILS(err, RF_E_INTERRUPTED, "interrupted", rf_records_next(records, &record, &err));
            rf_records_position(records, &position);
            ck_assert(position.offset == 2 && position.line == 1);
        }
        rf_stop_ask(false);
        RF_CHECK_OK(err, rf_records_next(records, &record, &err));
        ck_assert(record.too_long && record.line == 2 && record.text.len == 4096);
        RF_CHECK_OK(err, rf_records_next(records, &record, &err));
        ck_assert(record.line == 3 && record.text.ptr[0] == 'b');
    }
    rf_records_free(records);
    rf_text_clear(&content);
}
END_TEST

START_TEST(the_longest_record_can_be_short)
{
    rf_err err = {0};
    rf_records *records = NULL;
    rf_text got = {0}, content = {0};
    char path[RF_TEST_PATH], line[2001];
    memset(line, 'x', sizeof line - 1);
    line[2000] = '\0';
    RF_CHECK_OK(err, rf_text_printf(&content, &err, "%s\nab\n%.1024s\n%.1025s\n", line, line, line));
    spill(rf_tmp_path(path, "short"), content.ptr);
    RF_CHECK_OK(err, rf_records_new(&records, 1024, &err));
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    list_records(&got, records);
    rf_text_reset(&content);
    RF_CHECK_OK(err, rf_text_printf(&content, &err, "1:(long);2:ab;3:%.1024s;4:(long);", line));
    ck_assert_str_eq(got.ptr, content.ptr);
    rf_records_free(records);
    rf_text_clear(&got);
    rf_text_clear(&content);
}
END_TEST

START_TEST(all_but_the_first_line_can_be_taken_back)
{
    rf_err err = {0};
    rf_records *records = NULL;
    rf_record record;
    rf_text got = {0};
    rf_input_position position = {0};
    char path[RF_TEST_PATH];
    spill(rf_tmp_path(path, "back.csv"), "x\n\"a\r\nb,c\nd\"e\nf");
    RF_CHECK_OK(err, rf_records_new(&records, MAX_RECORD, &err));
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    rf_records_set_format(records, RF_FORMAT_CSV);
    RF_CHECK_OK(err, rf_records_next(records, &record, &err));
    rf_records_keep_first_line(records, &record); /* one line: nothing happens */
    RF_CHECK_OK(err, rf_records_next(records, &record, &err));
    ck_assert_uint_eq(record.text.len, 11);
    rf_records_keep_first_line(records, &record);
    ck_assert(record.text.len == 2 && record.line == 2 && memcmp(record.text.ptr, "\"a", 2) == 0);
    rf_records_position(records, &position);
    ck_assert(position.offset == 6 && position.line == 2);
    list_records(&got, records);
    ck_assert_str_eq(got.ptr, "3:b,c;4:d\"e;5:f;");
    rf_text_clear(&got);
    spill(path, "a,\"b\r\n"); /* the last line: its end belongs to no field */
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    rf_records_set_format(records, RF_FORMAT_CSV);
    RF_CHECK_OK(err, rf_records_next(records, &record, &err));
    rf_records_keep_first_line(records, &record);
    rf_records_position(records, &position);
    ck_assert(record.text.len == 4 && position.offset == 6 && position.line == 1);
    rf_records_free(records);
}
END_TEST

static void skip_and_list(rf_text *out, rf_records *records, const char *path, rf_source_format format,
                          const rf_input_position *position)
{
    rf_err err = {0};
    bool same = false;
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    RF_CHECK_OK(err, rf_records_same(records, position, &same, &err));
    ck_assert(same);
    rf_records_set_format(records, format);
    RF_CHECK_OK(err, rf_records_skip(records, position, &err));
    list_records(out, records);
}

/* Content long enough that positions lie after the fingerprint and after the buffer. */
static void make_long_csv(rf_text *content, int records)
{
    rf_err err = {0};
    for (int i = 0; i < records; i++)
        RF_CHECK_OK(err,
                    rf_text_printf(content, &err,
                                   i % 3 == 0 ? "%d,\"x\n\"\"%d\",a column that makes the content long\r\n"
                                              : "%d,%d,a column that makes the content long\n",
                                   i, i * 7));
}

static void check_going_on(enum packed_kind kind, int n, int step)
{
    rf_err err = {0};
    rf_records *records = NULL, *again = NULL;
    rf_text content = {0}, whole = {0}, parts = {0};
    rf_record record;
    char path[RF_TEST_PATH];
    make_long_csv(&content, n);
    packed_spill(rf_tmp_path(path, "going.csv"), kind, content.ptr, content.len, 2);
    RF_CHECK_OK(err, rf_records_new(&records, MAX_RECORD, &err));
    RF_CHECK_OK(err, rf_records_new(&again, MAX_RECORD, &err));
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    rf_records_set_format(records, RF_FORMAT_CSV);
    list_records(&whole, records);
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    rf_records_set_format(records, RF_FORMAT_CSV);
    size_t seen = 0;
    for (int i = 0; i < n; i++) {
        rf_input_position position = {0};
        RF_CHECK_OK(err, rf_records_next(records, &record, &err));
        seen += record.text.len + 2 + (size_t)snprintf(NULL, 0, "%lld", (long long)record.line);
        if (i % step != 0 && i != n - 1)
            continue;
        rf_records_position(records, &position);
        rf_text_reset(&parts);
        skip_and_list(&parts, again, path, RF_FORMAT_CSV, &position);
        ck_assert_msg(strcmp(parts.ptr == NULL ? "" : parts.ptr, whole.ptr + seen) == 0, "record %d", i);
    }
    rf_records_free(records);
    rf_records_free(again);
    rf_text_clear(&content);
    rf_text_clear(&whole);
    rf_text_clear(&parts);
}

START_TEST(reading_goes_on_behind_any_record)
{
    for (int kind = 0; kind < PACKED_KINDS; kind++) {
        check_going_on(kind, 60, 1);
        if (kind == 0 || !rf_short())
            check_going_on(kind, 25000, 11000);
    }
}
END_TEST

START_TEST(other_content_is_noticed)
{
    rf_err err = {0};
    rf_records *records = NULL;
    rf_text content = {0}, ignored = {0};
    rf_input_position position = {.name = NULL};
    char path[RF_TEST_PATH];
    bool same;
    make_long_csv(&content, 20000);
    rf_spill(rf_tmp_path(path, "other.csv"), content.ptr, content.len);
    RF_CHECK_OK(err, rf_records_new(&records, MAX_RECORD, &err));
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    rf_records_set_format(records, RF_FORMAT_CSV);
    list_records(&ignored, records);
    rf_records_position(records, &position);
    ck_assert_int_eq(position.offset, content.len);

    content.ptr[60000] ^= 1;
    rf_spill(path, content.ptr, content.len); /* changed within the first 64 KiB */
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    RF_CHECK_OK(err, rf_records_same(records, &position, &same, &err));
    ck_assert(!same);
    content.ptr[60000] ^= 1;
    for (int kind = 0; kind < PACKED_KINDS; kind++) {
        packed_spill(path, kind, content.ptr, content.len - 1, 1); /* shorter */
        RF_CHECK_OK(err, rf_records_open(records, path, &err));
        RF_CHECK_OK(err, rf_records_same(records, &position, &same, &err));
        ck_assert(same);
        RF_CHECK_FAILS(err, RF_E_FORMAT, "--rebuild", rf_records_skip(records, &position, &err));
        packed_spill(path, kind, content.ptr, 50000, 1); /* much shorter */
        RF_CHECK_OK(err, rf_records_open(records, path, &err));
        RF_CHECK_OK(err, rf_records_same(records, &position, &same, &err));
        ck_assert(!same);
    }
    rf_records_free(records);
    rf_text_clear(&content);
    rf_text_clear(&ignored);
}
END_TEST

/* What is read when `then` becomes `content` + `more`, after `content` was read to its end. */
static void check_growth(const char *content, const char *more, const char *expected)
{
    rf_err err = {0};
    rf_records *records = NULL;
    rf_text got = {0}, grown = {0};
    rf_input_position position = {0};
    char path[RF_TEST_PATH];
    spill(rf_tmp_path(path, "grown.txt"), content);
    RF_CHECK_OK(err, rf_records_new(&records, MAX_RECORD, &err));
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    list_records(&got, records);
    rf_records_position(records, &position);
    rf_text_reset(&got);
    RF_CHECK_OK(err, rf_text_printf(&grown, &err, "%s%s", content, more));
    spill(path, grown.ptr);
    skip_and_list(&got, records, path, RF_FORMAT_JSONL, &position);
    ck_assert_str_eq(got.ptr == NULL ? "" : got.ptr, expected);
    rf_records_free(records);
    rf_text_clear(&got);
    rf_text_clear(&grown);
}

START_TEST(a_late_line_end_is_no_new_line)
{
    check_growth("a\nb", "", "");
    check_growth("a\nb", "\nc\n", "3:c;");
    check_growth("a\nb", "\r\nc\n", "3:c;");
    check_growth("a\nb\n", "c", "3:c;");
    check_growth("a\nb\n  ", " c\n", "3:   c;"); /* blank so far, so not yet read */
    check_growth("", "a\n", "1:a;");
    check_growth("\xEF\xBB\xBF", "a\n", "1:a;");
}
END_TEST

START_TEST(a_last_line_that_grew_is_refused)
{
    rf_err err = {0};
    rf_records *records = NULL;
    rf_text got = {0};
    rf_input_position position = {0};
    char path[RF_TEST_PATH];
    spill(rf_tmp_path(path, "half.txt"), "a\nb");
    RF_CHECK_OK(err, rf_records_new(&records, MAX_RECORD, &err));
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    list_records(&got, records);
    rf_records_position(records, &position);
    spill(path, "a\nbb\n");
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "line 2", rf_records_skip(records, &position, &err));
    rf_records_free(records);
    rf_text_clear(&got);
}
END_TEST

static rf_status read_once(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_records *records = NULL;
    rf_record record;
    RF_TRY(rf_records_new(&records, MAX_RECORD, err));
    RF_TRY(rf_records_open(records, path, err));
    while (st == RF_OK)
        RF_TRY(rf_records_next(records, &record, err));
done:
    rf_records_free(records);
    return st;
}

START_TEST(refused_memory_is_reported_and_nothing_is_lost)
{
    char path[RF_TEST_PATH], *block = malloc(3 << 20);
    memset(block, 'x', 3 << 20); /* the buffer grows */
    packed_spill(rf_tmp_path(path, "sweep.gz"), PACKED_GZIP, block, 3 << 20, 1);
    RF_SWEEP(read_once(path, sweep_err), (void)0);
    free(block);
}
END_TEST

RF_SUITE("record_reader", lines_are_records_whatever_ends_them, csv_records_run_on_inside_quotes_only,
         the_first_character_tells_the_format, a_line_that_is_too_long_is_passed_over,
         a_quote_that_stays_open_for_too_long_costs_its_line_only,
         quotes_that_lead_nowhere_are_not_followed_from_every_line,
         reading_goes_on_among_quotes_that_lead_nowhere,
         blank_lines_are_not_kept_while_the_format_is_looked_for,
         an_interrupt_inside_a_long_line_keeps_the_position_before_it, the_longest_record_can_be_short,
         all_but_the_first_line_can_be_taken_back, reading_goes_on_behind_any_record,
         other_content_is_noticed, a_late_line_end_is_no_new_line, a_last_line_that_grew_is_refused,
         refused_memory_is_reported_and_nothing_is_lost)
