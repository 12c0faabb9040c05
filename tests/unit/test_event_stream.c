/* test_event_stream.c - server-sent events whose data goes over several lines: what is joined, where a broken
 * value ends, and going on behind any of them. */
#include "record_reader_int.h"
#include "rf_check.h"
#include "rf_rng.h"
#include "rf_text.h"

#define MAX_RECORD 4096

/* All records from here on, as "line:text;", unless the text is too long, or nearly so. */
static void list_records(rf_text *out, rf_records *records)
{
    rf_err err = {0};
    rf_record record;
    rf_status st;
    while ((st = rf_records_next(records, &record, &err)) == RF_OK) {
        bool whole = !record.too_long && record.text.len > MAX_RECORD / 2;
        const char *text = record.too_long ? "(long)" : whole ? "(whole)" : record.text.ptr;
        int len = record.too_long || whole ? (int)strlen(text) : (int)record.text.len;
        RF_CHECK_OK(err, rf_text_printf(out, &err, "%lld:%.*s;", (long long)record.line, len, text));
    }
    ck_assert_msg(st == RF_EOF, "%s", err.msg);
}

static rf_records *opened(const char *path)
{
    rf_err err = {0};
    rf_records *records = NULL;
    RF_CHECK_OK(err, rf_records_new(&records, MAX_RECORD, &err));
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    rf_records_set_format(records, RF_FORMAT_JSONL);
    RF_CHECK_OK(err, rf_records_look_at_json(records, &err));
    ck_assert_int_eq(rf_records_json_shape(records), RF_JSON_EVENTS);
    return records;
}

static void check(const char *content, const char *expected)
{
    char path[RF_TEST_PATH];
    rf_text got = {0};
    rf_spill(rf_tmp_path(path, "events.json"), content, strlen(content));
    rf_records *records = opened(path);
    list_records(&got, records);
    ck_assert_str_eq(got.ptr == NULL ? "" : got.ptr, expected);
    rf_text_clear(&got);
    rf_records_free(records);
}

START_TEST(lines_of_an_event_are_joined)
{
    check("data: {\"a\":\ndata: 1}\n\n", "1:{\"a\":\n1};");
    check("data:{\ndata:\"a\":1\ndata:}\n\ndata:{}\n\n", "1:{\n\"a\":1\n};5:{};");
    check("id: 7\r\ndata: {\r\nevent: x\r\n: and\r\ndata:  \"a\": 1}\r\n\r\n", "2:{\n \"a\": 1};");
    check("data: [{\"a\":1},\ndata: {\"a\":2}]\n\ndata: {}\n", "1:[{\"a\":1},\n{\"a\":2}];4:{};");
    check("data: {\"a\":\ndata: 1}", "1:{\"a\":\n1};"); /* the last line lacks its end */
}
END_TEST

START_TEST(a_line_that_says_all_is_a_record)
{
    check("data: {\"a\":1}\ndata: {\"a\":2}\n\n", "1:{\"a\":1};2:{\"a\":2};"); /* blank lines are lacking */
    check("data: {\"a\":\ndata: 1}\ndata: {\"a\":\ndata: 2}\n", "1:{\"a\":\n1};3:{\"a\":\n2};");
    check("data: {} {\ndata: }\n\n", "1:{} {;2:};");
    check("data: \ndata:\ndata: {}\n\ndata: [DONE]\n\n", "3:{};5:[DONE];"); /* signs of life carry nothing */
}
END_TEST

START_TEST(a_broken_event_ends_where_the_next_begins)
{
    check("data: {\"a\":\n\ndata: {}\n\n", "1:{\"a\":;3:{};");
    check("data: {\"a\": [\ndata: {\"b\":1}\ndata: {\"b\":2}\n", "1:{\"a\": [\n{\"b\":1};3:{\"b\":2};");
    check("data: {\"a\": \"x\ndata: y\",\ndata: \"b\": {}\ndata: }\n\ndata: {}\n",
          "1:{\"a\": \"x\ny\",\n\"b\": {}\n};6:{};");
    check("data: {\"a\": 1\ndata: }}\ndata: {}\n", "1:{\"a\": 1\n}};3:{};");
    check("data: {\ndata: \"a\":", "1:{\n\"a\":;");
}
END_TEST

START_TEST(an_event_that_is_too_long_is_passed_over)
{
    rf_err err = {0};
    rf_text content = {0};
    RF_CHECK_OK(err, rf_text_printf(&content, &err, "data: {\n"));
    for (int i = 0; i < 900; i++)
        RF_CHECK_OK(err, rf_text_printf(&content, &err, "data: \"key-%d\": %d,\n", i, i));
    RF_CHECK_OK(err, rf_text_printf(&content, &err, "data: \"z\": 1}\n\ndata: {}\n\n"));
    char path[RF_TEST_PATH];
    rf_text got = {0};
    rf_spill(rf_tmp_path(path, "long.json"), content.ptr, content.len);
    rf_records *records = opened(path);
    list_records(&got, records);
    ck_assert(strncmp(got.ptr, "1:(long);", 9) == 0);
    ck_assert_str_eq(got.ptr + strlen(got.ptr) - strlen("904:{};"), "904:{};");
    rf_records_free(records);
    rf_text_clear(&got);
    rf_text_clear(&content);
}
END_TEST

/* Of an object that does not end, then `times` what is said, then a whole event. */
static void check_unending(const char *rest, int times, const char *expected)
{
    rf_err err = {0};
    rf_text content = {0}, got = {0};
    char path[RF_TEST_PATH];
    RF_CHECK_OK(err, rf_text_printf(&content, &err, "data: {\n"));
    for (int i = 0; i < times; i++)
        RF_CHECK_OK(err, rf_text_add(&content, rest, strlen(rest), &err));
    RF_CHECK_OK(err, rf_text_printf(&content, &err, "\ndata: {}\n\n"));
    rf_spill(rf_tmp_path(path, "unending.json"), content.ptr, content.len);
    rf_text_clear(&content);
    rf_records *records = opened(path);
    int64_t before = rf_mem_stats_get().live_bytes;
    list_records(&got, records);
    ck_assert_int_lt(rf_mem_stats_get().live_bytes - before, 1 << 20); /* buffers never shrink */
    ck_assert_str_eq(got.ptr, expected);
    rf_text_clear(&got);
    rf_records_free(records);
}

/* As a recording that was cut off, and something else behind it. */
START_TEST(an_event_that_never_ends_is_not_held_in_memory)
{
    enum { TIMES = 1 << 18 };
    check_unending("12345678", TIMES, "1:(long);2:(long);3:{};");
    check_unending(": ping\n", TIMES, "1:(long);262147:{};");
    check_unending(": ping\n", 200, "1:{;203:{};");
}
END_TEST

static void check_of_length(int second_line, const char *end, const char *expected)
{
    char content[2 * MAX_RECORD];
    const int digits = second_line - (int)strlen("data: \"\"}");
    snprintf(content, sizeof content, "data: {\ndata: \"%0*d\"}%s%sdata: {}\n", digits, 0, end, end);
    check(content, expected);
}

START_TEST(a_line_as_long_as_a_record_is_joined)
{
    check_of_length(MAX_RECORD, "\n", "1:(whole);4:{};");
    check_of_length(MAX_RECORD + 1, "\n", "1:(long);2:(long);4:{};");
    check_of_length(MAX_RECORD, "\r\n", "1:(long);2:(long);4:{};"); /* as that line alone would be */
}
END_TEST

/* An object as it is printed over some lines, and as the record that it is. */
static void add_object(rf_text *content, rf_text *wanted, rf_rng *rng, int64_t *line, const char *end)
{
    rf_err err = {0};
    int members = (int)rf_rng_below(rng, 40);
    for (uint32_t i = rf_rng_below(rng, 3); i > 0; i--, ++*line)
        RF_CHECK_OK(err, rf_text_printf(content, &err, "id: %u%s", i, end));
    RF_CHECK_OK(err, rf_text_printf(content, &err, "data: {"));
    RF_CHECK_OK(err, rf_text_printf(wanted, &err, "%lld:{", (long long)++*line));
    for (int i = 0; i < members; i++) {
        if (rf_rng_below(rng, 3) == 0) {
            RF_CHECK_OK(err, rf_text_printf(content, &err, "%sdata: ", end));
            RF_CHECK_OK(err, rf_text_printf(wanted, &err, "\n"));
            ++*line;
        }
        for (int to = 0; to < 2; to++)
            RF_CHECK_OK(err, rf_text_printf(to == 0 ? content : wanted, &err, "%s\"k%d\": {\"n\": [%d]}",
                                            i == 0 ? "" : ", ", i, i));
    }
    RF_CHECK_OK(err, rf_text_printf(content, &err, "}%s", end));
    RF_CHECK_OK(err, rf_text_printf(wanted, &err, "};"));
    if (rf_rng_below(rng, 4) > 0) {
        RF_CHECK_OK(err, rf_text_printf(content, &err, "%s", end));
        ++*line;
    }
}

START_TEST(reading_goes_on_behind_any_event)
{
    enum { EVENTS = 60 };
    for (uint64_t seed = 1; seed <= (rf_short() ? 1 : 12); seed++) {
        rf_err err = {0};
        rf_rng rng;
        rf_text content = {0}, wanted = {0}, got = {0};
        rf_record record;
        size_t at[EVENTS + 1] = {0};
        int64_t line = 0;
        char path[RF_TEST_PATH];
        rf_rng_init(&rng, seed, 0);
        for (int i = 0; i < EVENTS; i++) {
            add_object(&content, &wanted, &rng, &line, seed % 2 == 0 ? "\n" : "\r\n");
            at[i + 1] = wanted.len;
        }
        rf_spill(rf_tmp_path(path, "going.json"), content.ptr, content.len);
        rf_records *records = opened(path);
        for (int i = 0; i <= EVENTS; i++) {
            rf_input_position position = {0};
            bool same = false;
            rf_records_position(records, &position);
            rf_records *again = opened(path);
            RF_CHECK_OK(err, rf_records_same(again, &position, &same, &err));
            ck_assert(same);
            RF_CHECK_OK(err, rf_records_skip(again, &position, &err));
            rf_text_reset(&got);
            list_records(&got, again);
            ck_assert_str_eq(got.ptr == NULL ? "" : got.ptr, wanted.ptr + at[i]);
            rf_records_free(again);
            ck_assert_int_eq(rf_records_next(records, &record, &err), i < EVENTS ? RF_OK : RF_EOF);
        }
        rf_records_free(records);
        rf_text_clear(&content);
        rf_text_clear(&wanted);
        rf_text_clear(&got);
    }
}
END_TEST

static rf_status read_joined(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_records *records = NULL;
    rf_record record;
    RF_TRY(rf_records_new(&records, MAX_RECORD, err));
    RF_TRY(rf_records_open(records, path, err));
    RF_TRY(rf_records_look_at_json(records, err));
    RF_TRY(rf_records_next(records, &record, err));
done:
    rf_records_free(records);
    return st;
}

START_TEST(refused_memory_is_reported)
{
    static const char content[] = "data: {\"a\":\ndata: 1}\n\n";
    char path[RF_TEST_PATH];
    rf_spill(rf_tmp_path(path, "sweep.json"), content, sizeof content - 1);
    RF_SWEEP(read_joined(path, sweep_err), (void)0);
}
END_TEST

RF_SUITE("event_stream", lines_of_an_event_are_joined, a_line_that_says_all_is_a_record,
         a_broken_event_ends_where_the_next_begins, an_event_that_is_too_long_is_passed_over,
         an_event_that_never_ends_is_not_held_in_memory, a_line_as_long_as_a_record_is_joined,
         reading_goes_on_behind_any_event, refused_memory_is_reported)
