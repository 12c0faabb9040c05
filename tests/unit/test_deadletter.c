/* test_deadletter.c - the file of rejected records: its lines, its length after a restart, what cannot be
 * text. */
#include <fcntl.h>
#include <unistd.h>

#include "deadletter_int.h"
#include "rf_check.h"
#include "rf_time.h"
#include "rf_log.h"

static rf_record record_of(const char *text, size_t len, int64_t line)
{
    return (rf_record){.text = {text, len}, .line = line};
}

static rf_status open_letters(rf_deadletter **out, const char *path, int64_t keep_bytes,
                              int64_t forget_before_us, rf_err *err)
{
    const rf_positions resume = {.dead_letter_bytes = keep_bytes};
    const rf_source_options options = {
        .dead_letters = path, .resume = &resume, .forget_before_us = forget_before_us};
    return rf_deadletter_open(out, &options, err);
}

static const rf_reject bad_number = {.code = RF_REJECT_BAD_NUMBER,
                                     .byte = -1,
                                     .element = -1,
                                     .text = "amount (field \"a\"): \"x\" is not a number"};

static void check_file(const char *path, const char *expected)
{
    char *bytes = rf_slurp(path, NULL);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_str_eq(bytes, expected);
    free(bytes);
}

#define LINE_1                                                                                               \
    "{\"place\":{\"file\":\"in/a.csv\",\"line\":12},\"code\":\"bad_number\",\"reason\":\"amount (field "     \
    "\\\"a\\\"): "                                                                                           \
    "\\\"x\\\" is not a number\",\"record\":\"1,\\\"x\\ny\\\"\"}\n"

START_TEST(a_line_holds_place_code_reason_and_record)
{
    rf_err err = {0};
    rf_deadletter *letters = NULL;
    char path[RF_TEST_PATH];
    int64_t bytes = 0;
    rf_record record = record_of("1,\"x\ny\"", 7, 12);
    rf_tmp_path(path, "letters.jsonl");
    RF_CHECK_OK(err, open_letters(&letters, path, 0, 0, &err));
    RF_CHECK_OK(err, rf_deadletter_add(letters, "in/a.csv", &record, &bad_number, &err));
    RF_CHECK_OK(err, rf_deadletter_flush(letters, true, &bytes, &err));
    ck_assert_int_eq(bytes, strlen(LINE_1));
    check_file(path, LINE_1);
    rf_deadletter_close(letters);
    check_file(path, LINE_1);
}
END_TEST

START_TEST(opening_cuts_to_the_length_gone_on_from)
{
    rf_err err = {0};
    rf_deadletter *letters = NULL;
    char path[RF_TEST_PATH];
    rf_record record = record_of("1,\"x\ny\"", 7, 12);
    int64_t bytes = 0;
    rf_spill(rf_tmp_path(path, "cut.jsonl"), LINE_1 "{\"half", strlen(LINE_1) + 6);
    RF_CHECK_OK(err, open_letters(&letters, path, (int64_t)strlen(LINE_1), 0, &err));
    RF_CHECK_OK(err, rf_deadletter_add(letters, "in/a.csv", &record, &bad_number, &err));
    rf_deadletter_close(letters); /* writes what is pending */
    check_file(path, LINE_1 LINE_1);
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "test");
    RF_CHECK_OK(err, open_letters(&letters, path, 1 << 20, 0, &err)); /* somebody cut it: go on at its end */
    RF_CHECK_OK(err, rf_deadletter_flush(letters, true, &bytes, &err));
    ck_assert_int_eq(bytes, 2 * (int64_t)strlen(LINE_1));
    rf_deadletter_close(letters);
    RF_CHECK_OK(err, open_letters(&letters, path, 0, 0, &err));
    rf_deadletter_close(letters);
    check_file(path, "");
}
END_TEST

START_TEST(a_descriptor_is_never_cut)
{
    rf_err err = {0};
    rf_deadletter *letters = NULL;
    char path[RF_TEST_PATH], name[64];
    rf_record record = record_of("1,\"x\ny\"", 7, 12);
    int fd = open(rf_tmp_path(path, "descriptor.jsonl"), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ck_assert_int_eq(write(fd, "before\n", 7), 7);
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    RF_CHECK_OK(err, open_letters(&letters, name, 0, 0, &err));
    RF_CHECK_OK(err, rf_deadletter_add(letters, "in/a.csv", &record, &bad_number, &err));
    rf_deadletter_close(letters);
    close(fd);
    check_file(path, "before\n" LINE_1);
}
END_TEST

START_TEST(bytes_that_are_no_text_are_kept_as_base64)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *base64;
    } cases[] = {{"\xFF", 1, "/w=="},
                 {"\xFF\x00", 2, "/wA="},
                 {"a\xFF"
                  "b",
                  3, "Yf9i"},
                 {"\xFF\xFE\xFD\xFC", 4, "//79/A=="}};
    rf_err err = {0};
    rf_deadletter *letters = NULL;
    char path[RF_TEST_PATH], expected[512];
    for (size_t i = 0; i < 4; i++) {
        rf_record record = record_of(cases[i].bytes, cases[i].len, 1);
        rf_reject reject = {
            .code = RF_REJECT_BAD_UTF8, .byte = -1, .element = -1, .text = "the record is not UTF-8"};
        RF_CHECK_OK(err, open_letters(&letters, rf_tmp_path(path, "bytes.jsonl"), 0, 0, &err));
        RF_CHECK_OK(err, rf_deadletter_add(letters, "f", &record, &reject, &err));
        rf_deadletter_close(letters);
        snprintf(expected, sizeof expected,
                 "{\"place\":{\"file\":\"f\",\"line\":1},\"code\":\"bad_utf8\",\"reason\":\"the record is "
                 "not UTF-8\","
                 "\"record_base64\":\"%s\"}\n",
                 cases[i].base64);
        check_file(path, expected);
    }
}
END_TEST

START_TEST(a_shortened_record_says_so)
{
    rf_err err = {0};
    rf_deadletter *letters = NULL;
    char path[RF_TEST_PATH];
    rf_record record = {.text = {"xyz", 3}, .line = 4, .too_long = true};
    rf_reject reject = {.code = RF_REJECT_RECORD_TOO_LONG, .byte = -1, .element = -1, .text = "too long"};
    RF_CHECK_OK(err, open_letters(&letters, rf_tmp_path(path, "short.jsonl"), 0, 0, &err));
    RF_CHECK_OK(err, rf_deadletter_add(letters, "f", &record, &reject, &err));
    rf_deadletter_close(letters);
    check_file(path,
               "{\"place\":{\"file\":\"f\",\"line\":4},\"code\":\"record_too_long\",\"reason\":\"too long\","
               "\"record\":\"xyz\",\"shortened\":true}\n");
}
END_TEST

START_TEST(every_code_has_its_own_name)
{
    for (int a = 0; a < RF_N_REJECTS; a++) {
        ck_assert_ptr_nonnull(rf_reject_name((rf_reject_code)a));
        for (int b = 0; b < a; b++)
            ck_assert_str_ne(rf_reject_name((rf_reject_code)a), rf_reject_name((rf_reject_code)b));
    }
}
END_TEST

START_TEST(a_path_that_cannot_be_written_is_named)
{
    rf_err err = {0};
    rf_deadletter *letters = NULL;
    char path[RF_TEST_PATH];
    RF_CHECK_FAILS(err, RF_E_IO, "absent/x.jsonl",
                   open_letters(&letters, rf_tmp_path(path, "absent/x.jsonl"), 0, 0, &err));
    ck_assert_ptr_null(letters);
}
END_TEST

START_TEST(a_full_disk_is_reported)
{
    rf_err err = {0};
    rf_deadletter *letters = NULL;
    rf_record record = record_of("text", 4, 1);
    if (access("/dev/full", W_OK) != 0)
        RF_SKIP("there is no /dev/full");
    RF_CHECK_OK(err, open_letters(&letters, "/dev/full", 0, 0, &err));
    RF_CHECK_OK(err, rf_deadletter_add(letters, "f", &record, &bad_number, &err));
    RF_CHECK_FAILS(err, RF_E_IO, "/dev/full: writing failed", rf_deadletter_flush(letters, true, NULL, &err));
    rf_deadletter_close(letters);
}
END_TEST

static rf_status write_once(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_deadletter *letters = NULL;
    rf_record text = record_of("text", 4, 1), bytes = record_of("\xFF", 1, 2);
    RF_TRY(open_letters(&letters, path, 0, 0, err));
    RF_TRY(rf_deadletter_add(letters, "f", &text, &bad_number, err));
    RF_TRY(rf_deadletter_add(letters, "f", &bytes, &bad_number, err));
    RF_TRY(rf_deadletter_flush(letters, true, NULL, err));
done:
    rf_deadletter_close(letters);
    return st;
}

START_TEST(refused_memory_is_reported_and_nothing_is_lost)
{
    char path[RF_TEST_PATH];
    rf_tmp_path(path, "sweep.jsonl");
    RF_SWEEP(write_once(path, sweep_err), (void)0);
}
END_TEST

/* ---- retention ---- */

/* One letter a day from here on. */
static int64_t add_letters(rf_deadletter *letters, int n, int64_t *bytes)
{
    rf_err err = {0};
    static int64_t day = 20000;
    char time[32];
    for (int i = 0; i < n; i++) {
        rf_reject reject = {.code = RF_REJECT_BAD_JSON};
        snprintf(time, sizeof time, "%lld", (long long)(day++ * 86400));
        setenv("SOURCE_DATE_EPOCH", time, 1);
        rf_record record = {.text = {"{", 1}, .line = day};
        RF_CHECK_OK(err, rf_deadletter_add(letters, "in.jsonl", &record, &reject, &err));
    }
    RF_CHECK_OK(err, rf_deadletter_flush(letters, true, bytes, &err));
    return day * RF_DAY_US;
}

static int count_lines(const char *path, const char *with)
{
    int n = 0;
    char *text = rf_slurp(path, NULL);
    for (const char *at = text; (at = strstr(at, with)) != NULL; at++)
        n++;
    free(text);
    return n;
}

START_TEST(old_letters_go_and_positions_go_on_counting)
{
    rf_err err = {0};
    rf_deadletter *letters = NULL;
    char path[RF_TEST_PATH];
    int64_t bytes, again, now;
    unlink(rf_tmp_path(path, "aged.jsonl"));
    RF_CHECK_OK(err, open_letters(&letters, path, 0, 1, &err));
    now = add_letters(letters, 10, &bytes);
    rf_deadletter_close(letters);
    /* opened with a retention of six days and more: those of the first four go */
    RF_CHECK_OK(err, open_letters(&letters, path, bytes, now - 6 * RF_DAY_US, &err));
    RF_CHECK_OK(err, rf_deadletter_flush(letters, false, &again, &err));
    ck_assert_int_eq(again, bytes);
    ck_assert_int_eq(count_lines(path, "\"place\""), 6);
    ck_assert_int_eq(count_lines(path, "{\"forgotten\":{\"letters\":4,"), 1);
    (void)add_letters(letters, 2, &again);
    ck_assert_int_gt(again, bytes);
    rf_deadletter_close(letters);
    /* a build that did not save the last two cuts them off again */
    RF_CHECK_OK(err, open_letters(&letters, path, bytes, now - 5 * RF_DAY_US, &err));
    RF_CHECK_OK(err, rf_deadletter_flush(letters, false, &again, &err));
    ck_assert_int_eq(again, bytes);
    ck_assert_int_eq(count_lines(path, "\"place\""), 5);
    ck_assert_int_eq(count_lines(path, "{\"forgotten\":{\"letters\":5,"), 1);
    rf_deadletter_close(letters);
    /* all are too old */
    RF_CHECK_OK(err, open_letters(&letters, path, bytes, now + RF_DAY_US, &err));
    ck_assert_int_eq(count_lines(path, "\"place\""), 0);
    RF_CHECK_OK(err, rf_deadletter_flush(letters, false, &again, &err));
    ck_assert_int_eq(again, bytes);
    rf_deadletter_close(letters);
    /* from the start: the file is empty */
    RF_CHECK_OK(err, open_letters(&letters, path, 0, now, &err));
    RF_CHECK_OK(err, rf_deadletter_flush(letters, false, &again, &err));
    ck_assert_int_eq(again, 0);
    rf_deadletter_close(letters);
    ck_assert_int_eq(count_lines(path, "\n"), 0);
}
END_TEST

RF_SUITE("deadletter", old_letters_go_and_positions_go_on_counting, a_line_holds_place_code_reason_and_record,
         opening_cuts_to_the_length_gone_on_from, a_descriptor_is_never_cut,
         bytes_that_are_no_text_are_kept_as_base64, a_shortened_record_says_so, every_code_has_its_own_name,
         a_path_that_cannot_be_written_is_named, a_full_disk_is_reported,
         refused_memory_is_reported_and_nothing_is_lost)
