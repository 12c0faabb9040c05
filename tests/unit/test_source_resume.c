/* test_source_resume.c - a source goes on where another one stopped; standard input and pipes, which are read
 * once. */
#include <sys/wait.h>

#include "made_files.h"
#include "packed.h"
#include "rf_log.h"

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
    ck_assert_msg(made_drain(got, source, first, &err) >= 0, "%s", err.msg);
    RF_CHECK_OK(err, rf_source_positions(source, &positions, &err));
    rf_text lost = {0};
    ck_assert_msg(made_drain(&lost, source, 3, &err) >= 0, "%s", err.msg); /* read on, but never saved */
    rf_text_clear(&lost);
    rf_source_close(&source);
    if (then != NULL)
        rf_spill(path, then, strlen(then));
    options->resume = &positions;
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    ck_assert_msg(made_drain(got, source, INT64_MAX, &err) == RF_EOF, "%s", err.msg);
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
    ck_assert_int_eq(made_drain(&ignored, source, INT64_MAX, &err), RF_EOF);
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
        made_file_make(&file, csv, true);
        made_file_join(&content, &file, csv, 0, MADE_FILE_EVENTS);
        for (int kind = 0; kind < PACKED_KINDS; kind++) {
            rf_source_options options = made_source_options(paths, 1);
            options.dead_letters = rf_tmp_path(letters, "going.jsonl");
            packed_spill(rf_tmp_path(path, csv ? "going.csv" : "going.ndjson"), kind, content.ptr,
                         content.len, 2);
            char *want_letters = letters_after(&options);
            for (int first = 0; first <= MADE_FILE_EVENTS + 1; first += rf_short() ? 9 : 1) {
                read_in_two(&got, &options, first, NULL, path);
                ck_assert_msg(strcmp(got.ptr, file.want.ptr) == 0, "after %d records", first);
                char *got_letters = rf_slurp(letters, NULL);
                ck_assert_str_eq(got_letters, want_letters);
                free(got_letters);
            }
            free(want_letters);
        }
        made_file_drop(&file);
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
        rf_source_options options = made_source_options(paths, 1);
        made_file_make(&file, csv, true);
        made_file_join(&whole, &file, csv, 0, MADE_FILE_EVENTS);
        rf_tmp_path(path, csv ? "grows.csv" : "grows.jsonl");
        for (int n = 0; n < MADE_FILE_EVENTS; n++) {
            made_file_join(&part, &file, csv, 0, n);
            rf_spill(path, part.ptr == NULL ? "" : part.ptr, part.len);
            read_in_two(&got, &options, INT64_MAX, whole.ptr, path);
            ck_assert_msg(strcmp(got.ptr, file.want.ptr) == 0, "csv %d, after %d records", csv, n);
        }
        made_file_drop(&file);
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
    rf_source_options options = made_plain_options(globs, 1);
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

/* With records enough for a thread that reads ahead. */
START_TEST(a_topic_may_have_the_name_of_a_file)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_err err = {0};
    rf_source *source = NULL;
    rf_positions given = {0}, got = {0};
    rf_status st;
    made_spill_lines(rf_tmp_path(path, "events.jsonl"), 12000, 0);
    rf_input_position topic = {
        .name = path, .partition = 0, .records = 7, .origin = {.cluster = path, .topic_id = path}};
    given.items = rf_mem_zero(1, sizeof *given.items, &err);
    RF_CHECK_OK(err, rf_positions_add(&given, &topic, &err));
    rf_source_options options = made_plain_options(paths, 1);
    options.resume = &given;
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    do {
        const rf_event *const *events;
        size_t n;
        st = rf_source_poll_many(source, &events, &n, &err);
    } while (st == RF_OK);
    ck_assert_int_eq(st, RF_EOF);
    RF_CHECK_OK(err, rf_source_positions(source, &got, &err));
    rf_source_close(&source);
    ck_assert(got.n == 2 && got.items[0].partition == 0 && got.items[1].partition == -1);
    ck_assert_int_eq(got.items[0].records, 7);
    ck_assert_str_eq(got.items[0].origin.cluster, path);
    ck_assert_int_eq(got.items[1].records, 12000);
    rf_positions_clear(&given);
    rf_positions_clear(&got);
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
    rf_source_options options = made_plain_options(paths, 1);
    made_spill_lines(rf_tmp_path(path, "replaced.jsonl"), 3, 0);
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_OK);
    ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_OK);
    RF_CHECK_OK(err, rf_source_positions(source, &positions, &err));
    rf_source_close(&source);
    options.resume = &positions;
    made_spill_lines(path, 1, 0);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "replaced.jsonl: its first 40 bytes are not those that were read",
                   rf_source_open(&source, &options, &err));
    made_spill_lines(path, 1, 5);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "--rebuild", rf_source_open(&source, &options, &err));
    made_spill_lines(path, 2, 5);
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
    ck_assert_msg(made_drain(&r->got, source, INT64_MAX, &err) == RF_EOF, "%s", err.msg);
    rf_positions_clear(&r->positions);
    RF_CHECK_OK(err, rf_source_positions(source, &r->positions, &err));
    rf_source_close(&source);
}

START_TEST(standard_input_is_read_like_a_file_once)
{
    char path[RF_TEST_PATH], other[RF_TEST_PATH];
    rf_text content = {0};
    made_file file;
    stdin_read r = {.options = made_source_options(NULL, 0)};
    r.options.type = RF_SOURCE_STDIN;
    made_file_make(&file, true, false);
    made_file_join(&content, &file, true, 0, MADE_FILE_EVENTS);
    packed_spill(rf_tmp_path(path, "stdin.bin"), PACKED_GZIP, content.ptr, content.len, 1);
    with_stdin(path, read_stdin, &r);
    ck_assert_str_eq(r.got.ptr, file.want.ptr);
    ck_assert_str_eq(r.positions.items[0].name, "stdin");

    rf_positions before = r.positions; /* the same again: nothing new */
    r.positions = (rf_positions){0};
    r.options.resume = &before;
    with_stdin(path, read_stdin, &r);
    ck_assert_uint_eq(r.got.len, 0);
    made_file_join(&content, &file, true, 1, MADE_FILE_EVENTS); /* another content: all of it */
    rf_spill(rf_tmp_path(other, "stdin2.bin"), content.ptr, content.len);
    with_stdin(other, read_stdin, &r);
    ck_assert_ptr_nonnull(strstr(file.want.ptr, r.got.ptr));
    ck_assert_uint_gt(r.got.len, 0);
    rf_positions_clear(&before);
    rf_positions_clear(&r.positions);
    rf_text_clear(&r.got);
    rf_text_clear(&content);
    made_file_drop(&file);
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
    rf_source_options options = made_source_options(paths, 1);
    made_file_make(&file, true, true);
    made_file_join(&content, &file, true, 0, MADE_FILE_EVENTS);
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
    ck_assert_msg(made_drain(&got, source, INT64_MAX, &err) == RF_EOF, "%s", err.msg);
    ck_assert_str_eq(got.ptr, file.want.ptr);
    rf_source_close(&source);
    rf_source_close(&source); /* and NULL is fine */
    ck_assert(waitpid(child, NULL, 0) == child);
    rf_text_clear(&content);
    rf_text_clear(&got);
    made_file_drop(&file);
}
END_TEST

RF_SUITE("source_resume", a_topic_may_have_the_name_of_a_file, going_on_behind_any_record_equals_one_reading,
         appending_then_going_on_equals_one_reading, new_files_are_read_and_lost_ones_remembered,
         replaced_content_is_refused_by_name, standard_input_is_read_like_a_file_once,
         a_named_pipe_is_read_once_and_in_small_pieces)
