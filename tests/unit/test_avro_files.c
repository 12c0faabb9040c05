/* test_avro_files.c - Avro container files as a source: those of libavro and others, packed in every way,
 * going on in the middle, growing, and damaged. */
#include <avro.h>
#include <lzma.h>
#include <zstd.h>

#include "json_judge.h"
#include "made_avro.h"
#include "made_files.h"
#include "packed.h"
#include "rf_log.h"

/* ---- files of libavro ---- */

#define PLAIN                                                                                                \
    "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"u\",\"type\":\"string\"},"                  \
    "{\"name\":\"v\",\"type\":\"long\"},{\"name\":\"t\",\"type\":\"double\"}]}"

/* n records u0.. with libavro's writer, whose blocks have at most `block` bytes. */
static void write_by_libavro(const char *path, const char *codec, int n, size_t block)
{
    avro_schema_t schema;
    avro_file_writer_t writer;
    avro_value_t value, field;
    char user[16];
    (void)remove(path);
    ck_assert_int_eq(avro_schema_from_json_length(PLAIN, strlen(PLAIN), &schema), 0);
    ck_assert_msg(avro_file_writer_create_with_codec(path, schema, &writer, codec, block) == 0, "%s",
                  avro_strerror());
    avro_value_iface_t *kind = avro_generic_class_from_schema(schema);
    ck_assert_int_eq(avro_generic_value_new(kind, &value), 0);
    for (int i = 0; i < n; i++) {
        snprintf(user, sizeof user, "u%d", i);
        ck_assert_int_eq(avro_value_get_by_index(&value, 0, &field, NULL), 0);
        ck_assert_int_eq(avro_value_set_string(&field, user), 0);
        ck_assert_int_eq(avro_value_get_by_index(&value, 1, &field, NULL), 0);
        ck_assert_int_eq(avro_value_set_long(&field, i % 3), 0);
        ck_assert_int_eq(avro_value_get_by_index(&value, 2, &field, NULL), 0);
        ck_assert_int_eq(avro_value_set_double(&field, 1e9 + i), 0);
        ck_assert_int_eq(avro_file_writer_append_value(writer, &value), 0);
    }
    avro_value_decref(&value);
    avro_value_iface_decref(kind);
    ck_assert_int_eq(avro_file_writer_close(writer), 0);
    (void)avro_schema_decref(schema);
}

/* What a source reads of the options' files. */
static rf_status read_all(rf_text *out, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_source *source = NULL;
    rf_text_reset(out);
    RF_TRY(rf_source_open(&source, options, err));
    st = made_drain(out, source, INT64_MAX, err);
done:
    rf_source_close(&source);
    return st;
}

START_TEST(files_of_libavro_are_read_with_each_of_its_codecs)
{
    static const char *const codecs[] = {"null", "deflate", "snappy", "lzma"};
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text got = {0}, want = {0};
    rf_err err = {0};
    rf_source_options options = made_plain_options(paths, 1);
    static const rf_schema none = {0};
    options.fields.schema = &none;
    for (int i = 0; i < 500; i++) {
        char line[80];
        snprintf(line, sizeof line, "u%d %d %lld\n", i, i % 3, (long long)(1000000000 + i) * 1000000);
        made_adds(&want, line);
    }
    for (size_t k = 0; k < sizeof codecs / sizeof *codecs; k++) {
        rf_source *source = NULL;
        const rf_event *event;
        rf_status st;
        write_by_libavro(rf_tmp_path(path, "libavro.bin"), codecs[k], 500, 600);
        rf_text_reset(&got);
        RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
        while ((st = rf_source_poll(source, &event, &err)) == RF_OK) {
            char line[80];
            snprintf(line, sizeof line, "%.*s %.*s %lld\n", (int)event->user.len, event->user.ptr,
                     (int)event->entity.len, event->entity.ptr, (long long)event->time_us);
            made_adds(&got, line);
        }
        ck_assert_msg(st == RF_EOF, "%s: %s", codecs[k], err.msg);
        ck_assert_str_eq(got.ptr, want.ptr);
        rf_source_close(&source);
    }
    rf_text_clear(&got);
    rf_text_clear(&want);
}
END_TEST

/* ---- files by hand ---- */

static void pack(rf_text *out, const char *codec, const char *bytes, size_t len)
{
    static uint8_t room[1 << 16];
    size_t n = 0;
    if (strcmp(codec, "deflate") == 0) {
        made_deflate(out, bytes, len);
        return;
    }
    if (strcmp(codec, "zstandard") == 0) {
        n = ZSTD_compress(room, sizeof room, bytes, len, 1);
    } else if (strcmp(codec, "xz") == 0) {
        ck_assert_int_eq(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, (const uint8_t *)bytes, len, room,
                                                 &n, sizeof room),
                         LZMA_OK);
    } else {
        made_add(out, bytes, len);
        return;
    }
    made_add(out, (const char *)room, n);
}

#define BLOCK_RECORDS 7

/* Events and some broken ones (a time that is none), in blocks of seven. ends[i]: the file's length with i
 * whole blocks. */
static int make_file(rf_text *file, rf_text *want, const char *codec, size_t ends[32])
{
    rf_rng rng;
    rf_text block = {0}, packed = {0};
    int n_blocks = 0;
    rf_rng_init(&rng, 21, 4);
    rf_text_reset(file);
    rf_text_reset(want);
    made_avro_header(file, MADE_AVRO_SCHEMA, codec);
    ends[0] = file->len;
    for (int i = 0; i < MADE_FILE_EVENTS; i++) {
        made_event e = made_random(&rng);
        rf_event expected = made_expected(&e);
        if (i % 9 == 4)
            e.time_us = INT64_C(1) << 55;
        else
            made_describe(want, &expected, &made_schema);
        made_print_avro(&block, &e);
        if (i % BLOCK_RECORDS < BLOCK_RECORDS - 1 && i < MADE_FILE_EVENTS - 1)
            continue;
        pack(&packed, codec, block.ptr, block.len);
        made_avro_block(file, i % BLOCK_RECORDS + 1, packed.ptr, packed.len);
        ends[++n_blocks] = file->len;
        rf_text_reset(&block);
        rf_text_reset(&packed);
    }
    rf_text_clear(&block);
    rf_text_clear(&packed);
    return n_blocks;
}

static const char *const own_codecs[] = {"null", "deflate", "zstandard", "xz"};

static char *letters_of(const rf_source_options *options)
{
    return rf_slurp(options->dead_letters, NULL);
}

/* Reads `first` records, takes the positions, and reads the rest with a new source. */
static void read_in_two(rf_text *got, rf_source_options *options, int64_t first)
{
    rf_err err = {0};
    rf_source *source = NULL;
    rf_positions positions = {0};
    rf_text_reset(got);
    options->resume = NULL;
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    ck_assert_msg(made_drain(got, source, first, &err) >= 0, "%s", err.msg);
    RF_CHECK_OK(err, rf_source_positions(source, &positions, &err));
    rf_source_close(&source);
    options->resume = &positions;
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    ck_assert_msg(made_drain(got, source, INT64_MAX, &err) == RF_EOF, "%s", err.msg);
    rf_source_close(&source);
    rf_positions_clear(&positions);
    options->resume = NULL;
}

START_TEST(going_on_behind_any_record_equals_one_reading)
{
    char path[RF_TEST_PATH], letters[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text file = {0}, want = {0}, got = {0};
    rf_err err = {0};
    size_t ends[32];
    for (size_t codec = 0; codec < sizeof own_codecs / sizeof *own_codecs; codec++) {
        rf_source_options options = made_source_options(paths, 1);
        bool with_letters = codec == 0; /* they are made safe with each position, which takes time */
        options.dead_letters = with_letters ? rf_tmp_path(letters, "avro_letters.jsonl") : NULL;
        make_file(&file, &want, own_codecs[codec], ends);
        packed_spill(rf_tmp_path(path, "events.avro"), (int)codec % PACKED_KINDS, file.ptr, file.len, 2);
        ck_assert_msg(read_all(&got, &options, &err) == RF_EOF, "%s", err.msg);
        ck_assert_str_eq(got.ptr, want.ptr);
        char *want_letters = with_letters ? letters_of(&options) : NULL;
        for (int first = 0; first <= MADE_FILE_EVENTS + 1; first += rf_short() || with_letters ? 9 : 1) {
            read_in_two(&got, &options, first);
            ck_assert_msg(strcmp(got.ptr, want.ptr) == 0, "%s after %d records", own_codecs[codec], first);
            char *got_letters = with_letters ? letters_of(&options) : NULL;
            ck_assert(!with_letters || strcmp(got_letters, want_letters) == 0);
            free(got_letters);
        }
        free(want_letters);
    }
    rf_text_clear(&file);
    rf_text_clear(&want);
    rf_text_clear(&got);
}
END_TEST

START_TEST(a_file_grows_by_blocks)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text file = {0}, want = {0}, got = {0};
    rf_err err = {0};
    size_t ends[32];
    int n = make_file(&file, &want, "deflate", ends);
    rf_source_options options = made_source_options(paths, 1);
    rf_positions positions = {0};
    rf_tmp_path(path, "grows.avro");
    for (int blocks = 0; blocks <= n; blocks++) {
        rf_source *source = NULL;
        rf_positions now = {0};
        rf_spill(path, file.ptr, ends[blocks]);
        options.resume = blocks == 0 ? NULL : &positions;
        RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
        ck_assert_msg(made_drain(&got, source, INT64_MAX, &err) == RF_EOF, "%s", err.msg);
        RF_CHECK_OK(err, rf_source_positions(source, &now, &err));
        ck_assert_int_eq(now.items[0].offset, (int64_t)ends[blocks]);
        ck_assert_int_eq(now.items[0].line, 0);
        rf_source_close(&source);
        rf_positions_clear(&positions);
        positions = now;
    }
    ck_assert_str_eq(got.ptr, want.ptr);
    ck_assert_int_eq(positions.items[0].records, MADE_FILE_EVENTS);
    rf_positions_clear(&positions);
    rf_text_clear(&file);
    rf_text_clear(&want);
    rf_text_clear(&got);
}
END_TEST

START_TEST(a_copy_is_known_by_its_content)
{
    char path[RF_TEST_PATH], copy[RF_TEST_PATH];
    const char *paths[] = {path, copy};
    rf_text file = {0}, want = {0}, got = {0};
    rf_err err = {0};
    size_t ends[32];
    make_file(&file, &want, "deflate", ends);
    rf_spill(rf_tmp_path(path, "one.avro"), file.ptr, file.len);
    packed_spill(rf_tmp_path(copy, "two.avro.gz"), 1, file.ptr, file.len, 1);
    rf_source_options options = made_source_options(paths, 2);
    ck_assert_msg(read_all(&got, &options, &err) == RF_EOF, "%s", err.msg);
    ck_assert_str_eq(got.ptr, want.ptr);
    rf_text_clear(&file);
    rf_text_clear(&want);
    rf_text_clear(&got);
}
END_TEST

/* ---- damage ---- */

START_TEST(damage_fails_the_file_with_its_place)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text file = {0}, want = {0}, got = {0};
    rf_err err = {0};
    size_t ends[32];
    rf_rng rng;
    rf_source_options options = made_source_options(paths, 1);
    rf_rng_init(&rng, 3, 3);
    rf_tmp_path(path, "damaged.avro");
    for (size_t codec = 0; codec < sizeof own_codecs / sizeof *own_codecs; codec++) {
        int n = make_file(&file, &want, own_codecs[codec], ends);
        for (int i = 0; i < (rf_short() ? 5 : 20); i++) { /* cut anywhere but behind a block */
            size_t len = rf_rng_below(&rng, file.len);
            bool whole = false;
            for (int block = 0; block <= n; block++)
                whole = whole || ends[block] == len;
            rf_spill(path, file.ptr, len);
            err = (rf_err){0};
            rf_status st = read_all(&got, &options, &err);
            ck_assert_msg(st == (whole ? RF_EOF : RF_E_FORMAT) || len < 4, "%zu bytes: %s %s", len,
                          rf_status_name(st), err.msg);
        }
        for (int i = 0; i < (rf_short() ? 5 : 25); i++) { /* anything but a crash */
            char *at = &file.ptr[rf_rng_below(&rng, file.len)], was = *at;
            *at = (char)rf_rng_u64(&rng);
            rf_spill(path, file.ptr, file.len);
            err = (rf_err){0};
            (void)read_all(&got, &options, &err);
            *at = was;
        }
    }
    make_file(&file, &want, "null", ends);
    file.ptr[ends[2] - 1] ^= 1; /* the marker of the second block */
    rf_spill(path, file.ptr, file.len);
    char place[80];
    snprintf(place, sizeof place,
             "the block at byte %zu of the content, record 1: behind it stands another sync", ends[1]);
    RF_CHECK_FAILS(err, RF_E_FORMAT, place, read_all(&got, &options, &err));
    rf_text_clear(&file);
    rf_text_clear(&want);
    rf_text_clear(&got);
}
END_TEST

/* A file of PLAIN's schema with one block. */
static void spill_plain(const char *path, const char *codec, int64_t n, const char *bytes, size_t len)
{
    rf_text file = {0};
    made_avro_header(&file, PLAIN, codec);
    made_avro_block(&file, n, bytes, len);
    rf_spill(path, file.ptr, file.len);
    rf_text_clear(&file);
}

#define ONE                                                                                                  \
    "\x02"                                                                                                   \
    "a"                                                                                                      \
    "\x04"                                                                                                   \
    "\0\0\0\0\0\0\xF0\x3F" /* a, 2, 1.0 */

START_TEST(blocks_that_lie_are_refused)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text got = {0};
    rf_err err = {0};
    rf_source_options options = made_plain_options(paths, 1);
    rf_tmp_path(path, "lies.avro");
    spill_plain(path, "null", 2, ONE, 11);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "record 2: the record breaks off", read_all(&got, &options, &err));
    spill_plain(path, "null", 1, ONE ONE, 22);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "bytes behind its last record", read_all(&got, &options, &err));
    spill_plain(path, "null", -1, ONE, 11);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "negative", read_all(&got, &options, &err));
    spill_plain(path, "null", 1000, ONE, 11);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "fewer bytes than records", read_all(&got, &options, &err));
    spill_plain(path, "deflate", 1, ONE, 11);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "the block at byte", read_all(&got, &options, &err));
    spill_plain(path, "snappy", 1, "\x0B\x28" ONE "\0\0\0\0", 17);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "checksum", read_all(&got, &options, &err));
    spill_plain(path, "bzip2", 1, ONE, 11);
    RF_CHECK_FAILS(err, RF_E_INVALID, "packed by \"bzip2\"", read_all(&got, &options, &err));
    spill_plain(path, "", 1, ONE, 11); /* an empty codec is none */
    ck_assert_int_eq(read_all(&got, &options, &err), RF_EOF);
    rf_text huge = {0};
    made_avro_header(&huge, PLAIN, NULL);
    made_avro_long(&huge, 1);
    made_avro_long(&huge, INT64_C(1) << 40);
    rf_spill(path, huge.ptr, huge.len);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "ingest.max_record", read_all(&got, &options, &err));
    rf_text_clear(&huge);
    rf_text_clear(&got);
}
END_TEST

START_TEST(what_a_block_unpacks_to_is_bounded)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text got = {0}, packed = {0};
    rf_err err = {0};
    rf_source_options options = made_plain_options(paths, 1);
    rf_tmp_path(path, "bomb.avro");
    size_t bound = ZSTD_compressBound((size_t)80 << 20);
    char *zeros = calloc((size_t)80 << 20, 1), *room = malloc(bound);
    size_t n = ZSTD_compress(room, bound, zeros, (size_t)80 << 20, 1);
    spill_plain(path, "zstandard", 1, room, n);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "more than a block may", read_all(&got, &options, &err));
    free(zeros);
    free(room);
    rf_text_clear(&packed);
    rf_text_clear(&got);
}
END_TEST

/* ---- letters and limits ---- */

START_TEST(letters_have_the_place_and_the_record_as_json)
{
    char path[RF_TEST_PATH], letters[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text got = {0}, header = {0};
    rf_err err = {0};
    rf_source_options options = made_plain_options(paths, 1);
    options.dead_letters = rf_tmp_path(letters, "shown.jsonl");
    static const char bad[] = ONE "\x02"
                                  "b"
                                  "\x06"
                                  "\0\0\0\0\0\0\xF8\x7F"; /* NaN is no time */
    spill_plain(rf_tmp_path(path, "letters.data"), "null", 2, bad, sizeof bad - 1);
    ck_assert_int_eq(read_all(&got, &options, &err), RF_EOF);
    char *text = letters_of(&options), block[40];
    ck_assert(json_judge(text, strlen(text) - 1));
    made_avro_header(&header, PLAIN, "null");
    snprintf(block, sizeof block, "\"block\":%zu,\"record\":2}", header.len);
    rf_text_clear(&header);
    ck_assert_ptr_nonnull(strstr(text, "\"place\":{\"file\":\""));
    ck_assert_ptr_nonnull(strstr(text, block));
    ck_assert_ptr_nonnull(strstr(text, "\"record\":\"{\\\"u\\\":\\\"b\\\",\\\"v\\\":3,\\\"t\\\":null}\""));
    free(text);
    rf_text_clear(&got);
}
END_TEST

START_TEST(a_record_that_is_too_long_costs_itself_only)
{
    char path[RF_TEST_PATH], letters[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text got = {0}, block = {0};
    rf_err err = {0};
    rf_source_options options = made_plain_options(paths, 1);
    options.max_record = 1024;
    options.dead_letters = rf_tmp_path(letters, "long.jsonl");
    made_add(&block, ONE, 11);
    made_avro_long(&block, 5000);
    for (int i = 0; i < 5000; i++)
        made_adds(&block, "x");
    made_add(&block,
             "\x04"
             "\0\0\0\0\0\0\xF0\x3F" ONE,
             20);
    spill_plain(rf_tmp_path(path, "long.avro"), "null", 3, block.ptr, block.len);
    ck_assert_msg(read_all(&got, &options, &err) == RF_EOF, "%s", err.msg);
    const char *second = strchr(got.ptr, '\n') + 1;
    ck_assert(strncmp(got.ptr, "|-|a|2|1000000|", 15) == 0 && strncmp(second, "|-|a|2|1000000|", 15) == 0);
    ck_assert_int_eq(strchr(second, '\n')[1], '\0');
    char *text = letters_of(&options);
    ck_assert_ptr_nonnull(strstr(text, "record_too_long"));
    ck_assert_ptr_nonnull(strstr(text, "\"shortened\":true"));
    free(text);
    rf_text_clear(&got);
    rf_text_clear(&block);
}
END_TEST

START_TEST(the_content_says_that_it_is_avro_and_settings_must_agree)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text got = {0};
    rf_err err = {0};
    rf_source_options options = made_plain_options(paths, 1);
    spill_plain(rf_tmp_path(path, "is_avro.csv"), "null", 1, ONE, 11);
    ck_assert_int_eq(read_all(&got, &options, &err), RF_EOF);
    options.encoding = "latin-1"; /* of texts; Avro is none */
    ck_assert_int_eq(read_all(&got, &options, &err), RF_EOF);
    options.format = RF_FORMAT_CSV;
    RF_CHECK_FAILS(err, RF_E_INVALID, "is an Avro file", read_all(&got, &options, &err));
    options.format = RF_FORMAT_AVRO;
    ck_assert_int_eq(read_all(&got, &options, &err), RF_EOF);
    options.fields.user = "usr";
    RF_CHECK_FAILS(err, RF_E_INVALID, "has no field \"usr\"", read_all(&got, &options, &err));
    rf_spill(path, "u,v,t\n", 6);
    RF_CHECK_FAILS(err, RF_E_INVALID, "is no Avro file", read_all(&got, &options, &err));
    rf_text_clear(&got);
}
END_TEST

/* Polls as a build does: as many events as there are, read ahead by a thread when the first ones have been
 * looked at. */
static void count_by_many(const rf_source_options *options, int64_t *events, int64_t *rejects)
{
    rf_err err = {0};
    rf_source *source = NULL;
    const rf_event *const *got;
    size_t n;
    rf_status st;
    RF_CHECK_OK(err, rf_source_open(&source, options, &err));
    while ((st = rf_source_poll_many(source, &got, &n, &err)) != RF_EOF) {
        ck_assert_msg(st >= 0, "%s", err.msg);
        for (size_t i = 0; st == RF_OK && i < n; i++)
            RF_HOLDS(got[i]->user.len == 1 && got[i]->place.block > 0);
        *events += st == RF_OK ? (int64_t)n : 0;
    }
    *rejects = rf_source_rejected(source);
    rf_source_close(&source);
}

START_TEST(a_thread_that_reads_ahead_shows_rejects_as_well)
{
    enum { BLOCKS = 30, RECORDS = 500 };
    static const char bad[] = "\x02"
                              "b"
                              "\x06"
                              "\0\0\0\0\0\0\xF8\x7F"; /* NaN is no time */
    char path[RF_TEST_PATH], other[RF_TEST_PATH], letters[RF_TEST_PATH];
    const char *paths[] = {path, other};
    rf_text file = {0}, block = {0}, packed = {0};
    int64_t events = 0, rejects = 0;
    rf_source_options options = made_plain_options(paths, 2);
    static const rf_schema none = {0};
    options.fields.schema = &none;
    options.dead_letters = rf_tmp_path(letters, "ahead.jsonl");
    made_avro_header(&file, PLAIN, "deflate");
    for (int i = 0; i < BLOCKS; i++) {
        rf_text_reset(&block);
        rf_text_reset(&packed);
        for (int k = 0; k < RECORDS; k++)
            made_add(&block, k == 77 ? bad : ONE, 11);
        made_deflate(&packed, block.ptr, block.len);
        made_avro_block(&file, RECORDS, packed.ptr, packed.len);
    }
    rf_spill(rf_tmp_path(path, "ahead.avro"), file.ptr, file.len);
    rf_tmp_path(other, "ahead2.avro");
    rf_text_reset(&block);
    made_add(&block, bad, 11);
    made_add(&block, ONE, 11);
    spill_plain(other, "null", 2, block.ptr, block.len);
    count_by_many(&options, &events, &rejects);
    ck_assert_int_eq(events, BLOCKS * (RECORDS - 1) + 1);
    ck_assert_int_eq(rejects, BLOCKS + 1);
    char *text = letters_of(&options);
    int shown = 0;
    for (const char *at = text; (at = strstr(at, "\"record\":\"{\\\"u\\\":\\\"b\\\",")) != NULL; at++)
        shown++;
    ck_assert_int_eq(shown, BLOCKS + 1);
    free(text);
    rf_text_clear(&file);
    rf_text_clear(&block);
    rf_text_clear(&packed);
}
END_TEST

static rf_status read_once(const rf_source_options *options, rf_text *got, rf_err *err)
{
    rf_status st = read_all(got, options, err);
    return st == RF_EOF ? RF_OK : st;
}

START_TEST(refused_memory_is_reported)
{
    char path[RF_TEST_PATH];
    const char *paths[] = {path};
    rf_text got = {0}, file = {0}, packed = {0};
    rf_source_options options = made_plain_options(paths, 1);
    made_add(&got, "", 1);
    RF_CHECK_OK((rf_err){0}, rf_mem_reserve((void **)&got.ptr, &got.cap, 4096, 1, NULL));
    made_avro_header(&file, PLAIN, "deflate");
    made_deflate(&packed, ONE, 11);
    made_avro_block(&file, 1, packed.ptr, packed.len);
    rf_spill(rf_tmp_path(path, "sweep.avro"), file.ptr, file.len);
    RF_SWEEP(read_once(&options, &got, sweep_err), );
    rf_text_clear(&got);
    rf_text_clear(&file);
    rf_text_clear(&packed);
}
END_TEST

RF_SUITE("avro_files", files_of_libavro_are_read_with_each_of_its_codecs,
         going_on_behind_any_record_equals_one_reading, a_file_grows_by_blocks,
         a_copy_is_known_by_its_content, damage_fails_the_file_with_its_place, blocks_that_lie_are_refused,
         what_a_block_unpacks_to_is_bounded, letters_have_the_place_and_the_record_as_json,
         a_record_that_is_too_long_costs_itself_only,
         the_content_says_that_it_is_avro_and_settings_must_agree,
         a_thread_that_reads_ahead_shows_rejects_as_well, refused_memory_is_reported)
