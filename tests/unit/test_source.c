/* test_source.c - a source from opening to its end: packings, formats, several files, rejects, memory. */
#include "caught_log.h"
#include "made_files.h"
#include "packed.h"
#include "rf_log.h"

static void check_reads(const rf_source_options *options, const char *want)
{
    rf_err err = {0};
    rf_source *source = NULL;
    rf_text got = {0};
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    ck_assert_msg(made_drain(&got, source, INT64_MAX, &err) == RF_EOF, "%s", err.msg);
    ck_assert_str_eq(got.ptr == NULL ? "" : got.ptr, want);
    rf_source_close(&source);
    rf_text_clear(&got);
}

START_TEST(every_format_and_packing_gives_the_same_events)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text content = {0};
    for (int csv = 0; csv < 2; csv++) {
        made_file file;
        made_file_make(&file, csv, false);
        made_file_join(&content, &file, csv, 0, MADE_FILE_EVENTS);
        for (int kind = 0; kind < PACKED_KINDS; kind++) {
            for (int bom = 0; bom < 2; bom++) {
                rf_text all = {0};
                rf_source_options options = made_source_options(paths, 1);
                made_adds(&all, bom ? "\xEF\xBB\xBF" : "");
                made_add(&all, content.ptr, content.len - (size_t)bom); /* the last line end may be lacking */
                packed_spill(rf_tmp_path(path, "events"), kind, all.ptr, all.len, 3);
                check_reads(&options, file.want.ptr); /* format by content */
                packed_spill(rf_tmp_path(path, csv ? "events.csv.gz" : "events.json.zst"), kind, all.ptr,
                             all.len, 1);
                check_reads(&options, file.want.ptr); /* format by name */
                rf_text_clear(&all);
            }
        }
        made_file_drop(&file);
    }
    rf_text_clear(&content);
}
END_TEST

START_TEST(several_files_are_read_as_one)
{
    char one[RF_TEST_PATH], two[RF_TEST_PATH], three[RF_TEST_PATH], glob[RF_TEST_PATH];
    rf_text content = {0};
    for (int csv = 0; csv < 2; csv++) {
        made_file file;
        const char *globs[] = {glob, three, three, one}; /* each is read once */
        rf_source_options options = made_source_options(globs, 4);
        made_file_make(&file, csv, true);
        made_file_join(&content, &file, csv, 0, 17);
        rf_spill(rf_tmp_path(one, csv ? "part-1.csv" : "part-1.jsonl"), content.ptr, content.len);
        made_file_join(&content, &file, csv, 17, 33);
        packed_spill(rf_tmp_path(two, csv ? "part-2.csv" : "part-2.jsonl"), PACKED_GZIP, content.ptr,
                     content.len, 1);
        made_file_join(&content, &file, csv, 33, MADE_FILE_EVENTS);
        rf_spill(rf_tmp_path(three, csv ? "last.csv" : "last.jsonl"), content.ptr, content.len);
        rf_tmp_path(glob, csv ? "part-*.csv" : "part-*.jsonl");
        check_reads(&options, file.want.ptr);
        made_file_drop(&file);
    }
    rf_text_clear(&content);
}
END_TEST

START_TEST(a_columns_order_may_differ_between_files)
{
    static const char a[] = "u,v,t\n1,2,3\n", b[] = "t,x,v,u\n3,,2,1\n";
    char pa[RF_TEST_PATH], pb[RF_TEST_PATH];
    const char *paths[] = {pa, pb};
    rf_err err = {0};
    rf_source *source = NULL;
    const rf_event *event;
    rf_source_options options = made_plain_options(paths, 2);
    rf_spill(rf_tmp_path(pa, "order-a.csv"), a, strlen(a));
    rf_spill(rf_tmp_path(pb, "order-b.csv"), b, strlen(b));
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_OK);
        ck_assert(event->user.ptr[0] == '1' && event->entity.ptr[0] == '2' && event->time_us == 3000000);
        ck_assert_str_eq(event->place.name, paths[i]);
        ck_assert(event->place.position == 2 && event->place.partition == -1);
    }
    ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_EOF);
    rf_source_close(&source);
}
END_TEST

START_TEST(what_cannot_be_read_is_said_before_reading)
{
    char path[RF_TEST_PATH], csv[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_err err = {0};
    rf_source *source = NULL;
    rf_source_options options = made_source_options(paths, 1);
    rf_tmp_path(path, "nothing-*.csv");
    RF_CHECK_FAILS(err, RF_E_IO, "matches no file", rf_source_open(&source, &options, &err));
    rf_tmp_path(path, "no-column.csv");
    rf_spill(path, "id,time\n", 8);
    RF_CHECK_FAILS(err, RF_E_INVALID, "no column", rf_source_open(&source, &options, &err));
    const char *both[] = {rf_tmp_path(csv, "fine.jsonl"), path}; /* the second file, too */
    rf_spill(csv, "", 0);
    options.paths = both;
    options.n_paths = 2;
    RF_CHECK_FAILS(err, RF_E_INVALID, "no column", rf_source_open(&source, &options, &err));
    options.n_paths = 0;
    RF_CHECK_FAILS(err, RF_E_INVALID, "source.paths", rf_source_open(&source, &options, &err));
    ck_assert_ptr_null(source);
}
END_TEST

START_TEST(empty_files_hold_no_records)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_source_options options = made_source_options(paths, 1);
    rf_spill(rf_tmp_path(path, "empty.csv"), "", 0);
    check_reads(&options, "");
    rf_spill(path, MADE_CSV_HEADER, strlen(MADE_CSV_HEADER));
    check_reads(&options, "");
    packed_spill(rf_tmp_path(path, "empty.jsonl.gz"), PACKED_GZIP, "\n\n", 2, 1);
    check_reads(&options, "");
}
END_TEST

/* ---- rejects ---- */

static rf_status read_with_limit(double limit, int good, int bad, int64_t *n_read, rf_err *err)
{
    char path[RF_TEST_PATH], letters[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_source *source = NULL;
    rf_source_options options = made_plain_options(paths, 1);
    const rf_event *event;
    options.max_rejects = limit;
    options.dead_letters = rf_tmp_path(letters, "limit-letters.jsonl");
    made_spill_lines(rf_tmp_path(path, "limit.jsonl"), good, bad);
    RF_CHECK_OK(*err, rf_source_open(&source, &options, err));
    rf_status st = RF_OK;
    while (st == RF_OK || st == RF_SKIPPED)
        st = rf_source_poll(source, &event, err);
    *n_read = rf_source_read(source);
    if (st < 0) {
        rf_err again = {0};
        ck_assert_int_eq(rf_source_poll(source, &event, &again), st); /* a failure stays */
    }
    rf_source_close(&source);
    return st;
}

START_TEST(rejects_before_an_interruption_count_towards_the_limit)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    const rf_event *event;
    rf_source *source = NULL;
    rf_source_options options = made_plain_options(paths, 1);
    options.max_rejects = 3;
    options.read_before = 10;
    options.rejected_before = 3;
    made_spill_lines(rf_tmp_path(path, "later.jsonl"), 1, 1);
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    RF_CHECK_OK(err, rf_source_poll(source, &event, &err));
    RF_CHECK_FAILS(err, RF_E_REJECTED, "4 of 12 records", rf_source_poll(source, &event, &err));
    ck_assert_int_eq(rf_source_rejected(source), 4);
    rf_source_close(&source);
}
END_TEST

START_TEST(rejects_are_limited_by_count_or_share)
{
    rf_err err = {0};
    int64_t n = 0;
    ck_assert_int_eq(read_with_limit(0, 5, 0, &n, &err), RF_EOF);
    RF_CHECK_FAILS(err, RF_E_REJECTED, "1 of 6 records",
                   read_with_limit(0, 5, 3, &n, &err)); /* none allowed */
    ck_assert_int_eq(n, 6);
    ck_assert_int_eq(read_with_limit(3, 5, 3, &n, &err), RF_EOF);
    RF_CHECK_FAILS(err, RF_E_REJECTED, "4 of 9 records",
                   read_with_limit(3, 5, 6, &n, &err)); /* stops at once */
    RF_CHECK_FAILS(err, RF_E_REJECTED, "bad_time (4 times)", read_with_limit(3, 5, 6, &n, &err));
    RF_CHECK_FAILS(err, RF_E_REJECTED, "limit-letters.jsonl", read_with_limit(3, 5, 6, &n, &err));
    ck_assert_int_eq(read_with_limit(0.5, 5, 5, &n, &err), RF_EOF);
    RF_CHECK_FAILS(err, RF_E_REJECTED, "6 of 11 records",
                   read_with_limit(0.5, 5, 6, &n, &err));       /* at the end */
    RF_CHECK_FAILS(err, RF_E_REJECTED, "101 of 10,001 records", /* early, once there are enough of them */
                   read_with_limit(0.01, 9900, 5000, &n, &err));
    ck_assert_int_eq(n, 10001);
}
END_TEST

START_TEST(dead_letters_name_file_and_line)
{
    char path[RF_TEST_PATH], letters[RF_TEST_PATH], expected[2 * RF_TEST_PATH];
    const char *paths[] = {path};
    rf_err err = {0};
    rf_source *source = NULL;
    rf_text ignored = {0};
    rf_source_options options = made_plain_options(paths, 1);
    options.dead_letters = rf_tmp_path(letters, "named.jsonl");
    rf_spill(rf_tmp_path(path, "named.csv"), "u,v,t\n\"a\nb\",1,2\n\n1,2,x\n", 23);
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    rf_status st = RF_OK;
    const rf_event *event;
    while (st != RF_EOF)
        RF_CHECK_OK(err, st = rf_source_poll(source, &event, &err));
    ck_assert(rf_source_read(source) == 2 && rf_source_rejected(source) == 1);
    rf_source_close(&source);
    snprintf(expected, sizeof expected,
             "{\"place\":{\"file\":\"%s\",\"line\":5},\"code\":\"bad_time\",\"reason\":\"time (field "
             "\\\"t\\\"): \\\"x\\\" is "
             "not a number of seconds since the epoch\",\"record\":\"1,2,x\"}\n",
             path);
    char *bytes = rf_slurp(letters, NULL);
    ck_assert_str_eq(bytes, expected);
    free(bytes);
    rf_text_clear(&ignored);
}
END_TEST

START_TEST(a_stray_quote_costs_its_own_line)
{
    static const char content[] = "u,v,t\n1,2,3\n\"open,2,3\n4,5,6\n7,8,9\n\"x\"y,1,2\n10,11,12\n";
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_err err = {0};
    rf_source *source = NULL;
    const rf_event *event;
    int64_t lines = 0;
    rf_source_options options = made_plain_options(paths, 1);
    rf_spill(rf_tmp_path(path, "stray.csv"), content, strlen(content));
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    rf_status st = RF_OK;
    while (st != RF_EOF) {
        RF_CHECK_OK(err, st = rf_source_poll(source, &event, &err));
        if (st == RF_OK)
            lines = lines * 10 + event->place.position;
    }
    ck_assert_int_eq(lines, 2457);
    ck_assert_int_eq(rf_source_rejected(source), 2);
    rf_source_close(&source);
}
END_TEST

/* ---- memory and progress ---- */

/* Reads so many polls, and says how often a warning of lost decimal places is logged up to the close. */
static int warnings_of(const rf_source_options *options, int polls)
{
    rf_err err = {0};
    rf_source *source = NULL;
    const rf_event *event;
    int n = 0;
    catch_log();
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    for (int i = 0; i < polls; i++)
        ck_assert_int_ge(rf_source_poll(source, &event, &err), 0);
    rf_source_close(&source);
    char *log = caught_log();
    for (const char *at = log; (at = strstr(at, "have more decimal places")) != NULL; at++)
        n++;
    free(log);
    return n;
}

/* Whether that is for want of a record or of a caller who asks for the next one. */
START_TEST(what_was_lost_is_said_once_when_reading_ends)
{
    static const rf_attr attrs[] = {{.name = "x", .field = "x", .type = RF_ATTR_NUMBER}};
    static const rf_schema schema = {.attrs = attrs, .n_attrs = 1};
    static const char content[] = "u,v,t,x\n1,2,1709251200,0.1234567\n1,2,1709251201,0.1234567\n";
    char path[RF_TEST_PATH];
    const char *paths[] = {rf_tmp_path(path, "fine.csv")};
    rf_source_options options = made_plain_options(paths, 1);
    options.fields.schema = &schema;
    rf_spill(path, content, sizeof content - 1);
    rf_log_setup(RF_LOG_WARN, RF_LOG_TEXT, NULL);
    ck_assert_int_eq(warnings_of(&options, 0), 0);
    ck_assert_int_eq(warnings_of(&options, 1), 1);
    ck_assert_int_eq(warnings_of(&options, 5), 1); /* after the end, too */
}
END_TEST

START_TEST(progress_ends_at_the_total)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_err err = {0};
    rf_source *source = NULL;
    rf_text content = {0}, got = {0};
    made_file file;
    int64_t done, total;
    made_file_make(&file, false, false);
    made_file_join(&content, &file, false, 0, MADE_FILE_EVENTS);
    rf_source_options options = made_source_options(paths, 1);
    packed_spill(rf_tmp_path(path, "progress.jsonl"), PACKED_ZSTD, content.ptr, content.len, 1);
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    rf_source_progress(source, &done, &total);
    ck_assert(done == 0 && total > 0);
    made_drain(&got, source, INT64_MAX, &err);
    rf_source_progress(source, &done, &total);
    ck_assert_int_eq(done, total);
    rf_source_close(&source);
    rf_text_clear(&content);
    rf_text_clear(&got);
    made_file_drop(&file);
}
END_TEST

START_TEST(events_need_no_memory_after_the_first_ones)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    const rf_event *event;
    rf_err err = {0};
    for (int csv = 0; csv < 2; csv++) {
        rf_source *source = NULL;
        rf_text content = {0};
        made_file file;
        made_file_make(&file, csv, false);
        made_file_join(&content, &file, csv, 0, MADE_FILE_EVENTS);
        for (int i = 0; i < 200; i++) {
            for (int k = 0; k < MADE_FILE_EVENTS; k++)
                made_add(&content, file.records[k].ptr, file.records[k].len);
        }
        rf_source_options options = made_source_options(paths, 1);
        rf_spill(rf_tmp_path(path, csv ? "memory.csv" : "memory.jsonl"), content.ptr, content.len);
        RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
        for (int i = 0; i < MADE_FILE_EVENTS; i++)
            ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_OK);
        int64_t before = rf_mem_stats_get().requests;
        for (int i = 0; i < 200 * MADE_FILE_EVENTS; i++)
            ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_OK);
        ck_assert_int_eq(rf_mem_stats_get().requests, before);
        rf_source_close(&source);
        rf_text_clear(&content);
        made_file_drop(&file);
    }
}
END_TEST

static rf_status read_once(const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_source *source = NULL;
    const rf_event *event;
    rf_positions positions = {0};
    RF_TRY(rf_source_open(&source, options, err));
    while (st != RF_EOF)
        RF_TRY(rf_source_poll(source, &event, err));
    RF_TRY(rf_source_positions(source, &positions, err));
done:
    rf_positions_clear(&positions);
    rf_source_close(&source);
    return st;
}

START_TEST(refused_memory_is_reported_and_nothing_is_lost)
{
    char one[RF_TEST_PATH], two[RF_TEST_PATH], letters[RF_TEST_PATH];
    const char *paths[] = {one, two};
    rf_text content = {0};
    made_file file;
    rf_err err = {0};
    rf_source *source = NULL;
    rf_positions positions = {0};
    const rf_event *event;
    rf_source_options options = made_source_options(paths, 2);
    options.dead_letters = rf_tmp_path(letters, "sweep-letters.jsonl");
    made_file_make(&file, false, true);
    made_file_join(&content, &file, false, 0, MADE_FILE_EVENTS);
    rf_spill(rf_tmp_path(one, "sweep-1.jsonl"), content.ptr, content.len);
    made_file_drop(&file);
    made_file_make(&file, true, true);
    made_file_join(&content, &file, true, 0, MADE_FILE_EVENTS);
    packed_spill(rf_tmp_path(two, "sweep-2.csv"), PACKED_GZIP, content.ptr, content.len, 1);
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    RF_CHECK_OK(err, rf_source_poll(source, &event, &err));
    RF_CHECK_OK(err, rf_source_positions(source, &positions, &err));
    rf_source_close(&source);
    RF_SWEEP(read_once(&options, sweep_err), (void)0);
    options.resume = &positions;
    RF_SWEEP(read_once(&options, sweep_err), (void)0);
    rf_positions_clear(&positions);
    rf_text_clear(&content);
    made_file_drop(&file);
}
END_TEST

START_TEST(a_real_months_payments_are_read_without_a_reject)
{
    static const rf_attr amount = {
        .name = "amount", .field = "TX_AMOUNT", .type = RF_ATTR_NUMBER, .required = true};
    static const rf_schema schema = {.attrs = &amount, .n_attrs = 1};
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_err err = {0};
    rf_source *source = NULL;
    const rf_event *event;
    int64_t frauds = 0;
    if (!rf_shared_path(path, "fdh/fdh_2018-04.csv.gz"))
        RF_SKIP("%s is not there", path);
    rf_source_options options = {.paths = paths, .n_paths = 1, .max_rejects = 0};
    options.fields = (rf_fields){.user = "CUSTOMER_ID",
                                 .entity = "TERMINAL_ID",
                                 .time = "TX_DATETIME",
                                 .event_id = "TRANSACTION_ID",
                                 .label = "TX_FRAUD",
                                 .fraud_type = "TX_FRAUD_SCENARIO",
                                 .schema = &schema};
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    rf_status st;
    while ((st = rf_source_poll(source, &event, &err)) == RF_OK)
        frauds += event->label;
    ck_assert_msg(st == RF_EOF, "%s", err.msg);
    ck_assert_int_eq(rf_source_rejected(source), 0);
    ck_assert_int_gt(rf_source_read(source), 280000);
    ck_assert_int_gt(frauds, 100);
    rf_source_close(&source);
}
END_TEST

RF_SUITE("source", every_format_and_packing_gives_the_same_events, several_files_are_read_as_one,
         a_columns_order_may_differ_between_files, what_cannot_be_read_is_said_before_reading,
         empty_files_hold_no_records, rejects_are_limited_by_count_or_share,
         rejects_before_an_interruption_count_towards_the_limit, dead_letters_name_file_and_line,
         a_stray_quote_costs_its_own_line, what_was_lost_is_said_once_when_reading_ends,
         progress_ends_at_the_total, events_need_no_memory_after_the_first_ones,
         refused_memory_is_reported_and_nothing_is_lost, a_real_months_payments_are_read_without_a_reject)
