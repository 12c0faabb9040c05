/* test_source.c - a source from opening to its positions: packings, formats, several files, rejects,
 * resuming. */
#include <sys/wait.h>

#include "made_records.h"
#include "packed.h"
#include "rf_log.h"
#include "rf_source.h"

#define N_EVENTS 60

/* Events (and some broken records) as the lines of a file, one text a record. */
typedef struct made_file {
    rf_text records[N_EVENTS];
    bool good[N_EVENTS];
    rf_text want; /* what is read, described */
} made_file;

static void make_file(made_file *file, bool csv, bool with_bad)
{
    rf_rng rng;
    *file = (made_file){0};
    rf_rng_init(&rng, 21, 4);
    for (int i = 0; i < N_EVENTS; i++) {
        made_event e = made_random(&rng);
        rf_event expected = made_expected(&e);
        file->good[i] = !with_bad || i % 7 != 3;
        if (!file->good[i])
            made_adds(&file->records[i], i % 2 == 0 ? "1,2" : "{\"user\":");
        else if (csv)
            made_print_csv(&file->records[i], &e);
        else
            made_print_json(&file->records[i], &e);
        if (file->good[i])
            made_describe(&file->want, &expected, &made_schema);
        made_adds(&file->records[i], csv && i % 5 == 0 ? "\r\n" : "\n");
    }
}

static void drop_file(made_file *file)
{
    for (int i = 0; i < N_EVENTS; i++)
        rf_text_clear(&file->records[i]);
    rf_text_clear(&file->want);
}

/* Records [from, to), with a header for CSV. */
static void join(rf_text *out, const made_file *file, bool csv, int from, int to)
{
    rf_text_reset(out);
    made_adds(out, csv ? MADE_CSV_HEADER "\n" : "");
    for (int i = from; i < to; i++)
        made_add(out, file->records[i].ptr, file->records[i].len);
}

static rf_source_options options_for(const char *const *paths, int n)
{
    return (rf_source_options){.paths = paths, .n_paths = n, .fields = made_fields(), .max_rejects = 1e9};
}

/* Polls to the end, or `most` records; describes the events. */
static rf_status drain(rf_text *out, rf_source *source, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_event *event;
    for (int64_t n = 0; st >= 0 && st != RF_EOF && n < most; n++) {
        st = rf_source_poll(source, &event, err);
        if (st == RF_OK)
            made_describe(out, event, &made_schema);
    }
    return st;
}

static void check_reads(const rf_source_options *options, const char *want)
{
    rf_err err = {0};
    rf_source *source = NULL;
    rf_text got = {0};
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    ck_assert_msg(drain(&got, source, INT64_MAX, &err) == RF_EOF, "%s", err.msg);
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
        make_file(&file, csv, false);
        join(&content, &file, csv, 0, N_EVENTS);
        for (int kind = 0; kind < PACKED_KINDS; kind++) {
            for (int bom = 0; bom < 2; bom++) {
                rf_text all = {0};
                rf_source_options options = options_for(paths, 1);
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
        drop_file(&file);
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
        rf_source_options options = options_for(globs, 4);
        make_file(&file, csv, true);
        join(&content, &file, csv, 0, 17);
        rf_spill(rf_tmp_path(one, csv ? "part-1.csv" : "part-1.jsonl"), content.ptr, content.len);
        join(&content, &file, csv, 17, 33);
        packed_spill(rf_tmp_path(two, csv ? "part-2.csv" : "part-2.jsonl"), PACKED_GZIP, content.ptr,
                     content.len, 1);
        join(&content, &file, csv, 33, N_EVENTS);
        rf_spill(rf_tmp_path(three, csv ? "last.csv" : "last.jsonl"), content.ptr, content.len);
        rf_tmp_path(glob, csv ? "part-*.csv" : "part-*.jsonl");
        check_reads(&options, file.want.ptr);
        drop_file(&file);
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
    rf_source_options options = options_for(paths, 2);
    options.fields = (rf_fields){.user = "u", .entity = "v", .time = "t", .time_format = RF_TIME_S};
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
    rf_source_options options = options_for(paths, 1);
    rf_tmp_path(path, "nothing-*.csv");
    RF_CHECK_FAILS(err, RF_E_IO, "matches no file", rf_source_open(&source, &options, &err));
    rf_tmp_path(path, "no-column.csv");
    rf_spill(path, "id,time\n", 8);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "no column", rf_source_open(&source, &options, &err));
    const char *both[] = {rf_tmp_path(csv, "fine.jsonl"), path}; /* the second file, too */
    rf_spill(csv, "", 0);
    options.paths = both;
    options.n_paths = 2;
    RF_CHECK_FAILS(err, RF_E_FORMAT, "no column", rf_source_open(&source, &options, &err));
    options.n_paths = 0;
    RF_CHECK_FAILS(err, RF_E_INVALID, "source.paths", rf_source_open(&source, &options, &err));
    ck_assert_ptr_null(source);
}
END_TEST

START_TEST(empty_files_hold_no_records)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_source_options options = options_for(paths, 1);
    rf_spill(rf_tmp_path(path, "empty.csv"), "", 0);
    check_reads(&options, "");
    rf_spill(path, MADE_CSV_HEADER, strlen(MADE_CSV_HEADER));
    check_reads(&options, "");
    packed_spill(rf_tmp_path(path, "empty.jsonl.gz"), PACKED_GZIP, "\n\n", 2, 1);
    check_reads(&options, "");
}
END_TEST

/* ---- rejects ---- */

static void spill_lines(const char *path, int good, int bad)
{
    rf_text text = {0};
    for (int i = 0; i < good + bad; i++)
        made_adds(&text, i < good ? "{\"u\":1,\"v\":2,\"t\":3}\n" : "{\"u\":1,\"v\":2,\"t\":\"x\"}\n");
    rf_spill(path, text.ptr, text.len);
    rf_text_clear(&text);
}

static rf_status read_with_limit(double limit, int good, int bad, int64_t *n_read, rf_err *err)
{
    char path[RF_TEST_PATH], letters[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_source *source = NULL;
    rf_source_options options = options_for(paths, 1);
    const rf_event *event;
    options.fields = (rf_fields){.user = "u", .entity = "v", .time = "t", .time_format = RF_TIME_S};
    options.max_rejects = limit;
    options.dead_letters = rf_tmp_path(letters, "limit-letters.jsonl");
    spill_lines(rf_tmp_path(path, "limit.jsonl"), good, bad);
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
    rf_source_options options = options_for(paths, 1);
    options.fields = (rf_fields){.user = "u", .entity = "v", .time = "t", .time_format = RF_TIME_S};
    options.max_rejects = 3;
    options.read_before = 10;
    options.rejected_before = 3;
    spill_lines(rf_tmp_path(path, "later.jsonl"), 1, 1);
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
                   read_with_limit(0.5, 5, 6, &n, &err));      /* at the end */
    RF_CHECK_FAILS(err, RF_E_REJECTED, "101 of 10001 records", /* early, once there are enough of them */
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
    rf_source_options options = options_for(paths, 1);
    options.fields = (rf_fields){.user = "u", .entity = "v", .time = "t", .time_format = RF_TIME_S};
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
    rf_source_options options = options_for(paths, 1);
    options.fields = (rf_fields){.user = "u", .entity = "v", .time = "t", .time_format = RF_TIME_S};
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

/* ---- going on ---- */

/* Reads `first` records, takes the positions, and reads the rest with a new source; the dead letters
 * likewise. */
static void read_in_two(rf_text *got, rf_source_options *options, int64_t first, const char *then,
                        const char *path)
{
    rf_err err = {0};
    rf_source *source = NULL;
    rf_positions positions = {0};
    rf_text_reset(got);
    options->resume = NULL;
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    ck_assert_msg(drain(got, source, first, &err) >= 0, "%s", err.msg);
    RF_CHECK_OK(err, rf_source_positions(source, &positions, &err));
    rf_text lost = {0};
    ck_assert_msg(drain(&lost, source, 3, &err) >= 0, "%s", err.msg); /* read on, but never saved */
    rf_text_clear(&lost);
    rf_source_close(&source);
    if (then != NULL)
        rf_spill(path, then, strlen(then));
    options->resume = &positions;
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    ck_assert_msg(drain(got, source, INT64_MAX, &err) == RF_EOF, "%s", err.msg);
    rf_source_close(&source);
    rf_positions_clear(&positions);
    options->resume = NULL;
}

static char *letters_after(const rf_source_options *options)
{
    rf_err err = {0};
    rf_source *source = NULL;
    rf_text ignored = {0};
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    ck_assert_int_eq(drain(&ignored, source, INT64_MAX, &err), RF_EOF);
    rf_source_close(&source);
    rf_text_clear(&ignored);
    return rf_slurp(options->dead_letters, NULL);
}

START_TEST(going_on_behind_any_record_equals_one_reading)
{
    char path[RF_TEST_PATH], letters[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text content = {0}, got = {0};
    for (int csv = 0; csv < 2; csv++) {
        made_file file;
        make_file(&file, csv, true);
        join(&content, &file, csv, 0, N_EVENTS);
        for (int kind = 0; kind < PACKED_KINDS; kind++) {
            rf_source_options options = options_for(paths, 1);
            options.dead_letters = rf_tmp_path(letters, "going.jsonl");
            packed_spill(rf_tmp_path(path, csv ? "going.csv" : "going.ndjson"), kind, content.ptr,
                         content.len, 2);
            char *want_letters = letters_after(&options);
            for (int first = 0; first <= N_EVENTS + 1; first += rf_short() ? 9 : 1) {
                read_in_two(&got, &options, first, NULL, path);
                ck_assert_msg(strcmp(got.ptr, file.want.ptr) == 0, "after %d records", first);
                char *got_letters = rf_slurp(letters, NULL);
                ck_assert_str_eq(got_letters, want_letters);
                free(got_letters);
            }
            free(want_letters);
        }
        drop_file(&file);
    }
    rf_text_clear(&content);
    rf_text_clear(&got);
}
END_TEST

START_TEST(appending_then_going_on_equals_one_reading)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text part = {0}, whole = {0}, got = {0};
    for (int csv = 0; csv < 2; csv++) {
        made_file file;
        rf_source_options options = options_for(paths, 1);
        make_file(&file, csv, true);
        join(&whole, &file, csv, 0, N_EVENTS);
        rf_tmp_path(path, csv ? "grows.csv" : "grows.jsonl");
        for (int n = 0; n < N_EVENTS; n++) {
            join(&part, &file, csv, 0, n);
            rf_spill(path, part.ptr == NULL ? "" : part.ptr, part.len);
            read_in_two(&got, &options, INT64_MAX, whole.ptr, path);
            ck_assert_msg(strcmp(got.ptr, file.want.ptr) == 0, "csv %d, after %d records", csv, n);
        }
        drop_file(&file);
    }
    rf_text_clear(&part);
    rf_text_clear(&whole);
    rf_text_clear(&got);
}
END_TEST

START_TEST(new_files_are_read_and_lost_ones_remembered)
{
    char a[RF_TEST_PATH], b[RF_TEST_PATH], glob[RF_TEST_PATH];
    const char *globs[] = {glob};
    rf_err err = {0};
    rf_source *source = NULL;
    rf_positions first = {0}, second = {0};
    rf_text got = {0};
    const char *line = "{\"u\":\"%s\",\"v\":2,\"t\":3}\n";
    char text[64];
    rf_source_options options = options_for(globs, 1);
    options.fields = (rf_fields){.user = "u", .entity = "v", .time = "t", .time_format = RF_TIME_S};
    rf_tmp_path(glob, "day-*.jsonl");
    snprintf(text, sizeof text, line, "a");
    rf_spill(rf_tmp_path(a, "day-1.jsonl"), text, strlen(text));
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    const rf_event *event;
    ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_OK);
    ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_EOF);
    RF_CHECK_OK(err, rf_source_positions(source, &first, &err));
    rf_source_close(&source);
    ck_assert(first.n == 1 && first.items[0].records == 1 && first.items[0].line == 1 &&
              first.items[0].partition == -1);
    ck_assert_str_eq(first.items[0].name, a);

    unlink(a);
    snprintf(text, sizeof text, line, "b");
    options.resume = &first;
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err)); /* nothing is there now: no mistake */
    ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_EOF);
    rf_source_close(&source);
    rf_spill(rf_tmp_path(b, "day-2.jsonl"), text, strlen(text));
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_OK);
    ck_assert(event->user.ptr[0] == 'b');
    RF_CHECK_OK(err, rf_source_positions(source, &second, &err));
    rf_source_close(&source);
    ck_assert(second.n == 2 && second.items[0].offset == first.items[0].offset);
    ck_assert_str_eq(second.items[1].name, b);
    rf_positions_clear(&first);
    rf_positions_clear(&second);
    rf_text_clear(&got);
}
END_TEST

START_TEST(replaced_content_is_refused_by_name)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_err err = {0};
    rf_source *source = NULL;
    rf_positions positions = {0};
    const rf_event *event;
    rf_source_options options = options_for(paths, 1);
    options.fields = (rf_fields){.user = "u", .entity = "v", .time = "t", .time_format = RF_TIME_S};
    spill_lines(rf_tmp_path(path, "replaced.jsonl"), 3, 0);
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_OK);
    ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_OK);
    RF_CHECK_OK(err, rf_source_positions(source, &positions, &err));
    rf_source_close(&source);
    options.resume = &positions;
    spill_lines(path, 1, 0);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "replaced.jsonl: its first 40 bytes are not those that were read",
                   rf_source_open(&source, &options, &err));
    spill_lines(path, 1, 5);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "--rebuild", rf_source_open(&source, &options, &err));
    spill_lines(path, 2, 5);
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    rf_source_close(&source);
    rf_positions_clear(&positions);
}
END_TEST

/* ---- standard input ---- */

static void with_stdin(const char *path, void (*call)(void *), void *context)
{
    int saved = dup(0);
    ck_assert(freopen(path, "rb", stdin) != NULL);
    call(context);
    ck_assert(dup2(saved, 0) == 0);
    close(saved);
}

typedef struct stdin_read {
    rf_source_options options;
    rf_text got;
    rf_positions positions;
} stdin_read;

static void read_stdin(void *context)
{
    stdin_read *r = context;
    rf_err err = {0};
    rf_source *source = NULL;
    rf_text_reset(&r->got);
    lseek(0, 0, SEEK_SET);
    RF_CHECK_OK(err, rf_source_open(&source, &r->options, &err));
    ck_assert_msg(drain(&r->got, source, INT64_MAX, &err) == RF_EOF, "%s", err.msg);
    rf_positions_clear(&r->positions);
    RF_CHECK_OK(err, rf_source_positions(source, &r->positions, &err));
    rf_source_close(&source);
}

START_TEST(standard_input_is_read_like_a_file_once)
{
    char path[RF_TEST_PATH], other[RF_TEST_PATH];
    rf_text content = {0};
    made_file file;
    stdin_read r = {.options = options_for(NULL, 0)};
    r.options.type = RF_SOURCE_STDIN;
    make_file(&file, true, false);
    join(&content, &file, true, 0, N_EVENTS);
    packed_spill(rf_tmp_path(path, "stdin.bin"), PACKED_GZIP, content.ptr, content.len, 1);
    with_stdin(path, read_stdin, &r);
    ck_assert_str_eq(r.got.ptr, file.want.ptr);
    ck_assert_str_eq(r.positions.items[0].name, "stdin");

    rf_positions before = r.positions; /* the same again: nothing new */
    r.positions = (rf_positions){0};
    r.options.resume = &before;
    with_stdin(path, read_stdin, &r);
    ck_assert_uint_eq(r.got.len, 0);
    join(&content, &file, true, 1, N_EVENTS); /* another content: all of it */
    rf_spill(rf_tmp_path(other, "stdin2.bin"), content.ptr, content.len);
    with_stdin(other, read_stdin, &r);
    ck_assert_ptr_nonnull(strstr(file.want.ptr, r.got.ptr));
    ck_assert_uint_gt(r.got.len, 0);
    rf_positions_clear(&before);
    rf_positions_clear(&r.positions);
    rf_text_clear(&r.got);
    rf_text_clear(&content);
    drop_file(&file);
}
END_TEST

START_TEST(a_named_pipe_is_read_once_and_in_small_pieces)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_err err = {0};
    rf_source *source = NULL;
    rf_text content = {0}, got = {0};
    made_file file;
    int64_t done, total;
    rf_source_options options = options_for(paths, 1);
    make_file(&file, true, true);
    join(&content, &file, true, 0, N_EVENTS);
    ck_assert(mkfifo(rf_tmp_path(path, "pipe"), 0600) == 0);
    pid_t child = fork();
    if (child == 0) {
        FILE *pipe = fopen(path, "wb");
        setvbuf(pipe, NULL, _IONBF, 0);
        for (size_t at = 0; at < content.len; at += 7)
            fwrite(content.ptr + at, 1, content.len - at < 7 ? content.len - at : 7, pipe);
        fclose(pipe);
        _exit(0);
    }
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    rf_source_progress(source, &done, &total);
    ck_assert_int_eq(total, -1);
    ck_assert_msg(drain(&got, source, INT64_MAX, &err) == RF_EOF, "%s", err.msg);
    ck_assert_str_eq(got.ptr, file.want.ptr);
    rf_source_close(&source);
    rf_source_close(&source); /* and NULL is fine */
    ck_assert(waitpid(child, NULL, 0) == child);
    rf_text_clear(&content);
    rf_text_clear(&got);
    drop_file(&file);
}
END_TEST

/* ---- memory and progress ---- */

START_TEST(progress_ends_at_the_total)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_err err = {0};
    rf_source *source = NULL;
    rf_text content = {0}, got = {0};
    made_file file;
    int64_t done, total;
    make_file(&file, false, false);
    join(&content, &file, false, 0, N_EVENTS);
    rf_source_options options = options_for(paths, 1);
    packed_spill(rf_tmp_path(path, "progress.jsonl"), PACKED_ZSTD, content.ptr, content.len, 1);
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    rf_source_progress(source, &done, &total);
    ck_assert(done == 0 && total > 0);
    drain(&got, source, INT64_MAX, &err);
    rf_source_progress(source, &done, &total);
    ck_assert_int_eq(done, total);
    rf_source_close(&source);
    rf_text_clear(&content);
    rf_text_clear(&got);
    drop_file(&file);
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
        make_file(&file, csv, false);
        join(&content, &file, csv, 0, N_EVENTS);
        for (int i = 0; i < 200; i++) {
            for (int k = 0; k < N_EVENTS; k++)
                made_add(&content, file.records[k].ptr, file.records[k].len);
        }
        rf_source_options options = options_for(paths, 1);
        rf_spill(rf_tmp_path(path, csv ? "memory.csv" : "memory.jsonl"), content.ptr, content.len);
        RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
        for (int i = 0; i < N_EVENTS; i++)
            ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_OK);
        int64_t before = rf_mem_stats_get().requests;
        for (int i = 0; i < 200 * N_EVENTS; i++)
            ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_OK);
        ck_assert_int_eq(rf_mem_stats_get().requests, before);
        rf_source_close(&source);
        rf_text_clear(&content);
        drop_file(&file);
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
    rf_source_options options = options_for(paths, 2);
    options.dead_letters = rf_tmp_path(letters, "sweep-letters.jsonl");
    make_file(&file, false, true);
    join(&content, &file, false, 0, N_EVENTS);
    rf_spill(rf_tmp_path(one, "sweep-1.jsonl"), content.ptr, content.len);
    drop_file(&file);
    make_file(&file, true, true);
    join(&content, &file, true, 0, N_EVENTS);
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
    drop_file(&file);
}
END_TEST

START_TEST(a_real_months_payments_are_read_without_a_reject)
{
    static const rf_attr amount = {
        .name = "amount", .field = "TX_AMOUNT", .type = RF_ATTR_NUMBER, .required = true};
    static const rf_schema schema = {&amount, 1};
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
         a_stray_quote_costs_its_own_line, going_on_behind_any_record_equals_one_reading,
         appending_then_going_on_equals_one_reading, new_files_are_read_and_lost_ones_remembered,
         replaced_content_is_refused_by_name, standard_input_is_read_like_a_file_once,
         a_named_pipe_is_read_once_and_in_small_pieces, progress_ends_at_the_total,
         events_need_no_memory_after_the_first_ones, refused_memory_is_reported_and_nothing_is_lost,
         a_real_months_payments_are_read_without_a_reject)
