/* test_source_ahead.c - a source that hands out batches, read ahead by a thread or not, gives what it gives
 * one by one: the same events, rejects, counts and dead letters, and positions behind which another reading
 * goes on.
 */
#include <unistd.h>

#include "made_files.h"
#include "packed.h"
#include "rf_stop.h"

enum { RECORDS = 11500, FIRST = 10000 }; /* the first ones are read by the caller's thread */

static const rf_attr attrs[] = {{.name = "k", .field = "k", .type = RF_ATTR_CATEGORY}};
static const rf_schema schema = {.attrs = attrs, .n_attrs = 1};

/* What was read. */
typedef struct reading {
    rf_text events;
    int64_t read, rejected, filtered;
    int polls, most; /* most events of one poll */
} reading;

static void drop(reading *r)
{
    rf_text_clear(&r->events);
    *r = (reading){0};
}

/* All of the event, quick to make and to compare. */
static void describe(rf_text *out, const rf_event *event)
{
    const rf_span texts[] = {event->user, event->entity, event->values[0].text};
    const int64_t numbers[] = {event->time_us, event->place.position, event->element, event->more,
                               event->label};
    char all[256];
    size_t len = sizeof numbers;
    memcpy(all, numbers, len);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        memcpy(all + len, texts[i].len == 0 ? "" : texts[i].ptr, texts[i].len);
        len += texts[i].len;
        all[len++] = '|';
    }
    const char *slash = strrchr(event->place.name, '/');
    const char *name = slash == NULL ? event->place.name : slash;
    memcpy(all + len, name, strlen(name));
    made_add(out, all, len + strlen(name));
}

static void add_json(rf_text *out, int i)
{
    rf_err err = {0};
    const char *kind = i % 13 == 0 ? "unwanted" : i % 3 == 0 ? "say \\\"a\\\"" : "plain";
    if (i % 31 == 0)
        made_adds(out, "\n \n");
    if (i % 97 == 0)
        RF_CHECK_OK(err, rf_text_printf(out, &err, "{\"u\":\"u%d\",\n", i));
    else if (i % 50 == 0)
        RF_CHECK_OK(err, rf_text_printf(out, &err,
                                        "[{\"u\":1,\"v\":%d,\"t\":%d},{\"u\":2},{\"u\":3,\"v\":4,\"t\":5}]\n",
                                        i, i));
    else
        RF_CHECK_OK(err, rf_text_printf(out, &err, "{\"u\":\"u%d\",\"v\":%d,\"t\":%d,\"k\":\"%s\"}\n", i % 77,
                                        i, i, kind));
}

static void add_csv(rf_text *out, int i)
{
    rf_err err = {0};
    if (i % 71 == 0)
        RF_CHECK_OK(err, rf_text_printf(out, &err, "a,%d,%d,\"b\n", i, i));
    else
        RF_CHECK_OK(err,
                    rf_text_printf(out, &err, i % 5 == 0 ? "c,%d,%d,\"two\nlines\"\n" : "d,%d,%d,e\n", i, i));
}

/* Three files: JSON, CSV, and one without records. */
static void spill_files(char json[RF_TEST_PATH], char csv[RF_TEST_PATH], char none[RF_TEST_PATH])
{
    rf_text content = {0};
    for (int i = 0; i < RECORDS; i++)
        add_json(&content, i);
    rf_spill(rf_tmp_path(json, "ahead-1.jsonl"), content.ptr, content.len);
    rf_text_reset(&content);
    made_adds(&content, "u,v,t,k\n");
    for (int i = 0; i < 500; i++)
        add_csv(&content, i);
    rf_spill(rf_tmp_path(csv, "ahead-3.csv"), content.ptr, content.len);
    rf_spill(rf_tmp_path(none, "ahead-2.jsonl"), "\n\n", 2);
    rf_text_clear(&content);
}

/* Reads up to the end, or `most` polls and on to a time to save. From poll `stop` on there is the wish to
 * stop: what the thread has read by then may still come. */
static rf_status drain_stopped(reading *r, rf_source *source, bool many, int most, int stop, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_event *const *events, *event;
    for (int polls = 0; st >= 0 && st != RF_EOF && (polls < most || rf_source_mid_record(source)); polls++) {
        if (polls == stop)
            rf_stop_ask(true);
        size_t n = 1;
        if (many) {
            st = rf_source_poll_many(source, &events, &n, err);
        } else {
            st = rf_source_poll(source, &event, err);
            events = &event;
        }
        for (size_t i = 0; st == RF_OK && i < n; i++)
            describe(&r->events, events[i]);
        if (st == RF_OK && (int)n > r->most)
            r->most = (int)n;
        r->polls++;
    }
    r->read = rf_source_read(source);
    r->rejected = rf_source_rejected(source);
    r->filtered = rf_source_filtered(source);
    return st;
}

static rf_status drain(reading *r, rf_source *source, bool many, int most, rf_err *err)
{
    return drain_stopped(r, source, many, most, -1, err);
}

static void read_all(reading *r, const rf_source_options *options, bool many)
{
    rf_err err = {0};
    rf_source *source = NULL;
    int64_t done, total;
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    ck_assert_msg(drain(r, source, many, INT32_MAX, &err) == RF_EOF, "%s", err.msg);
    rf_source_progress(source, &done, &total);
    ck_assert_int_eq(done, total);
    rf_source_close(&source);
}

static void check_same(const reading *a, const reading *b)
{
    ck_assert(a->events.len == b->events.len && memcmp(a->events.ptr, b->events.ptr, a->events.len) == 0);
    ck_assert_int_eq(a->read, b->read);
    ck_assert_int_eq(a->rejected, b->rejected);
    ck_assert_int_eq(a->filtered, b->filtered);
}

static rf_source_options options_of(const char *const *paths, int n)
{
    static const char *const where[] = {"k != unwanted"};
    rf_source_options options = made_plain_options(paths, n);
    options.fields.schema = &schema;
    options.fields.where = where;
    options.fields.n_where = 1;
    return options;
}

/* Reads so many polls, is stopped before them (stop) or not, and reads the rest by a second source. */
static void read_in_two(reading *r, rf_source_options *options, int polls, int stop, const char *want_letters)
{
    rf_err err = {0};
    rf_source *source = NULL;
    rf_positions positions = {0};
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    ck_assert_msg(drain_stopped(r, source, true, polls, stop, &err) >= 0, "%s", err.msg);
    RF_CHECK_OK(err, rf_source_positions(source, &positions, &err));
    rf_source_close(&source);
    rf_stop_ask(false);
    options->resume = &positions;
    options->read_before = r->read;
    options->rejected_before = r->rejected;
    options->filtered_before = r->filtered;
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    ck_assert_msg(drain(r, source, polls % 2 == 0, INT32_MAX, &err) == RF_EOF, "%s", err.msg);
    rf_source_close(&source);
    options->resume = NULL;
    options->read_before = options->rejected_before = options->filtered_before = 0;
    rf_positions_clear(&positions);
    char *letters = rf_slurp(options->dead_letters, NULL);
    ck_assert_str_eq(letters, want_letters);
    free(letters);
}

START_TEST(files_read_ahead_give_the_same_events_rejects_and_positions)
{
    char json[RF_TEST_PATH], csv[RF_TEST_PATH], none[RF_TEST_PATH], letters[RF_TEST_PATH];
    reading one = {0}, many = {0};
    rf_rng rng;
    spill_files(json, csv, none);
    const char *paths[] = {json, none, csv};
    rf_source_options options = options_of(paths, 3);
    options.dead_letters = rf_tmp_path(letters, "ahead-letters.jsonl");
    read_all(&one, &options, false);
    char *want_letters = rf_slurp(letters, NULL);
    ck_assert_int_eq(one.most, 1);
    ck_assert_int_gt(one.rejected, 290);
    ck_assert_int_gt(one.filtered, 800);
    read_all(&many, &options, true);
    check_same(&one, &many);
    ck_assert_int_eq(many.most, RF_SOURCE_MANY);
    char *got_letters = rf_slurp(letters, NULL);
    ck_assert_str_eq(got_letters, want_letters);
    free(got_letters);
    rf_rng_init(&rng, 3, 3);
    for (int i = 0; i < (rf_short() ? 2 : 6); i++) {
        reading two = {0};
        int polls = FIRST + (int)rf_rng_below(&rng, (uint32_t)(many.polls - FIRST));
        int stop = i % 2 == 0 ? -1 : polls;
        polls += i % 2 == 0 ? 0 : (int)rf_rng_below(&rng, 40);
        read_in_two(&two, &options, polls, stop, want_letters);
        check_same(&one, &two);
        drop(&two);
    }
    free(want_letters);
    drop(&one);
    drop(&many);
}
END_TEST

START_TEST(too_many_rejects_end_reading_at_the_same_record)
{
    char json[RF_TEST_PATH], csv[RF_TEST_PATH], none[RF_TEST_PATH];
    spill_files(json, csv, none);
    const char *paths[] = {json, csv};
    rf_source_options options = options_of(paths, 2);
    char message[2][1024];
    int64_t read[2];
    options.max_rejects = 335;
    for (int way = 0; way < 2; way++) {
        rf_err err = {0};
        rf_source *source = NULL;
        reading r = {0};
        RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
        ck_assert_int_eq(drain(&r, source, way == 1, INT32_MAX, &err), RF_E_REJECTED);
        snprintf(message[way], sizeof message[way], "%s", err.msg);
        read[way] = r.read;
        rf_source_close(&source);
        drop(&r);
    }
    ck_assert_int_eq(read[0], read[1]);
    ck_assert_str_eq(message[0], message[1]);
}
END_TEST

/* The file changes while it is read: broken data behind good events, in its packing. */
START_TEST(a_failure_comes_behind_the_events_before_it)
{
    char json[RF_TEST_PATH], broken[RF_TEST_PATH];
    rf_text content = {0};
    size_t len = 0;
    reading one = {0}, many = {0};
    for (int i = 0; i < RECORDS; i++)
        add_json(&content, i);
    packed_spill(rf_tmp_path(json, "whole.jsonl.gz"), PACKED_GZIP, content.ptr, content.len, 1);
    char *bytes = rf_slurp(json, &len);
    rf_spill(rf_tmp_path(broken, "broken.jsonl.gz"), bytes, len - 20);
    const char *paths[] = {broken};
    const rf_source_options options = options_of(paths, 1);
    for (int way = 0; way < 2; way++) {
        rf_err err = {0};
        rf_source *source = NULL;
        RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
        ck_assert_int_eq(drain(way == 1 ? &many : &one, source, way == 1, INT32_MAX, &err), RF_E_FORMAT);
        ck_assert_msg(strstr(err.msg, "it ends early") != NULL, "%s", err.msg);
        rf_source_close(&source);
    }
    check_same(&one, &many);
    ck_assert_int_gt(one.read, FIRST);
    free(bytes);
    drop(&one);
    drop(&many);
    rf_text_clear(&content);
}
END_TEST

/* Whoever reads no further closes the source while the thread is in the middle of its work. */
START_TEST(a_source_may_be_closed_at_any_time)
{
    char json[RF_TEST_PATH], csv[RF_TEST_PATH], none[RF_TEST_PATH];
    spill_files(json, csv, none);
    const char *paths[] = {json};
    const rf_source_options options = options_of(paths, 1);
    for (int polls = FIRST; polls < FIRST + (rf_short() ? 20 : 60); polls += 20) {
        rf_err err = {0};
        rf_source *source = NULL;
        reading r = {0};
        RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
        ck_assert_int_ge(drain(&r, source, true, polls, &err), 0);
        rf_source_close(&source);
        drop(&r);
    }
}
END_TEST

/* ---- standard input: batches, but no thread ---- */

START_TEST(standard_input_in_batches_gives_the_same_as_one_by_one)
{
    char json[RF_TEST_PATH], csv[RF_TEST_PATH], none[RF_TEST_PATH], letters[RF_TEST_PATH];
    spill_files(json, csv, none);
    rf_source_options options = options_of(NULL, 0);
    options.type = RF_SOURCE_STDIN;
    options.dead_letters = rf_tmp_path(letters, "stdin-letters.jsonl");
    const int saved = dup(STDIN_FILENO);
    char *want = NULL, *got;
    reading one = {0}, many = {0};
    for (int way = 0; way < 2; way++) {
        rf_err err = {0};
        rf_source *source = NULL;
        ck_assert(freopen(json, "rb", stdin) != NULL);
        RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
        ck_assert_int_eq(drain(way == 0 ? &one : &many, source, way == 1, INT32_MAX, &err), RF_EOF);
        rf_source_close(&source);
        got = rf_slurp(letters, NULL);
        if (way == 0)
            want = got;
    }
    check_same(&one, &many);
    ck_assert_str_eq(got, want);
    ck_assert_int_eq(one.most, 1);
    ck_assert_int_gt(many.most, RF_SOURCE_MANY / 2); /* rejects end the others */
    ck_assert(dup2(saved, STDIN_FILENO) == STDIN_FILENO);
    close(saved);
    free(want);
    free(got);
    drop(&one);
    drop(&many);
}
END_TEST

/* Writes n whole lines, from number `from` on, then the first `part` bytes of the next. Gives the bytes that
 * are still to come of it. */
static rf_text write_lines(int to, int from, int n, size_t part)
{
    rf_text lines = {0}, next = {0};
    for (int i = from; i < from + n; i++)
        add_json(&lines, i * 97 * 50 + 1); /* an event each */
    add_json(&next, (from + n) * 97 * 50 + 1);
    made_add(&lines, next.ptr, part);
    ck_assert_int_eq(write(to, lines.ptr, lines.len), (ssize_t)lines.len);
    memmove(next.ptr, next.ptr + part, next.len - part);
    next.len -= part;
    rf_text_clear(&lines);
    return next;
}

/* What has come is handed out before the pipe is asked for more, for that may be long in coming. */
START_TEST(a_batch_of_a_pipe_ends_where_the_next_record_is_not_there_yet)
{
    rf_err err = {0};
    rf_source *source = NULL;
    rf_source_options options = options_of(NULL, 0);
    const rf_event *const *events;
    int ends[2], sent = 0;
    size_t n;
    const int saved = dup(STDIN_FILENO);
    options.type = RF_SOURCE_STDIN;
    options.fields.n_where = 0;
    ck_assert(pipe(ends) == 0 && dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    close(ends[0]);
    for (int64_t read = 0; sent < FIRST + 1000;) {
        int lines = sent < FIRST ? 500 : 1 + sent % 150;
        rf_text rest = write_lines(ends[1], sent, lines, (size_t)(sent % 17));
        sent += lines;
        if (source == NULL)
            RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
        for (; read < sent; read += (int64_t)n) { /* would wait for ever if the batch did */
            RF_CHECK_OK(err, rf_source_poll_many(source, &events, &n, &err));
            ck_assert(events[n - 1]->user.ptr[0] == 'u');
        }
        ck_assert_int_eq(read, sent);
        ck_assert_int_eq(write(ends[1], rest.ptr, rest.len), (ssize_t)rest.len);
        RF_CHECK_OK(err, rf_source_poll_many(source, &events, &n, &err));
        ck_assert_uint_eq(n, 1);
        read++;
        sent++;
        rf_text_clear(&rest);
    }
    close(ends[1]);
    ck_assert_int_eq(rf_source_poll_many(source, &events, &n, &err), RF_EOF);
    ck_assert_int_eq(rf_source_read(source), sent);
    rf_source_close(&source);
    ck_assert(dup2(saved, STDIN_FILENO) == STDIN_FILENO);
    close(saved);
}
END_TEST

RF_SUITE("source_ahead", files_read_ahead_give_the_same_events_rejects_and_positions,
         too_many_rejects_end_reading_at_the_same_record, a_failure_comes_behind_the_events_before_it,
         a_source_may_be_closed_at_any_time, standard_input_in_batches_gives_the_same_as_one_by_one,
         a_batch_of_a_pipe_ends_where_the_next_record_is_not_there_yet)
