/* test_h5_foreign.c - HDF5 files that others wrote or that a disk damaged: what leads out of a file or claims
 * more than it holds is refused by name, every form of group and attribute is read, and no damage to the
 * structure ends in a crash or a loop, not even where the checksums are right. */
#include <errno.h>
#include <fcntl.h>

#include "h5_scan.h"
#include "rf_check.h"
#include "rf_h5.h"
#include "rf_rng.h"

static char *foreign(char path[RF_TEST_PATH], const char *name)
{
    char part[64];
    snprintf(part, sizeof part, "foreign/%s.h5", name);
    ck_assert(rf_golden_path(path, part));
    return path;
}

/* A copy in the test's folder, to damage or to update. */
static char *copy_of(char path[RF_TEST_PATH], const char *name)
{
    char from[RF_TEST_PATH];
    size_t len = 0;
    char *bytes = rf_slurp(foreign(from, name), &len);
    rf_tmp_path(path, "copy.h5");
    rf_spill(path, bytes, len);
    free(bytes);
    return path;
}

static rf_status ignore(void *context, const char *name, int rank, const int64_t *dims, const char *type_name,
                        rf_err *err)
{
    rf_h5 *file = context;
    rf_texts texts = {0};
    double *x = NULL;
    size_t n = 1;
    (void)err;
    for (int i = 0; i < rank; i++)
        n *= (size_t)dims[i];
    if (rank < 0 || n > 100000)
        return RF_OK;
    if (strcmp(type_name, "string") == 0 && rank == 1 && rf_h5_read_texts(file, name, &texts, NULL) == RF_OK)
        rf_texts_clear(&texts);
    x = rf_mem_new(n + 1, sizeof *x, NULL);
    if (x != NULL && rf_h5_read(file, name, RF_H5_F64, rank, dims, x, NULL) < 0)
        x[0] = 0;
    rf_mem_free(x);
    return RF_OK;
}

/* Reads all that can be read; what there is to say is said in words. */
static rf_status read_all(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    char *text = NULL;
    RF_TRY(rf_h5_open(&file, path, err));
    if (rf_h5_read_attr_text(file, "/", "note_11", &text, NULL) == RF_OK)
        rf_mem_free(text);
    RF_TRY(rf_h5_visit(file, "/", ignore, file, err));
done:
    rf_h5_close(&file);
    return st;
}

static rf_status update(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    const float x[2] = {1, 2};
    RF_TRY(rf_h5_update_beside(&file, path, err));
    RF_TRY(rf_h5_remove(file, "/u/name_0", err));
    RF_TRY(rf_h5_write(file, "/u/new", RF_H5_F32, 1, (int64_t[]){2}, x, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

START_TEST(what_leads_out_of_a_file_or_claims_too_much_is_refused)
{
    static const struct {
        const char *name, *says[2];
    } files[] = {
        {"external_storage", {"/u/x", "external storage"}},
        {"virtual", {"/u/x", "virtual dataset"}},
        {"external_link", {"/u has a link", "external link"}},
        {"lzf", {"/u/x", "filter 32000"}},
        {"scale_offset", {"/u/x", "filter 6"}},
        {"named_type", {"/u/x", "named type"}},
        {"huge", {"/u/x claims 4611686018427387904 bytes", "more than a file of"}},
        {"huge_chunks", {"/u/x claims", "more than a file of"}},
        {"huge_chunk", {"/u/x claims", "more than a file of"}},
        {"unwritten_chunks", {"/u/x claims 6000000 bytes", "more than a file of"}},
        {"newest", {"/u/x", "HDF5 1.10"}},
        {"deep", {"/a/a/a", "too deep"}},
    };
    rf_err err = {0};
    char path[RF_TEST_PATH];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        rf_h5 *file = NULL;
        foreign(path, files[i].name);
        RF_CHECK_FAILS(err, RF_E_FORMAT, files[i].says[0], rf_h5_open(&file, path, &err));
        RF_CHECK_FAILS(err, RF_E_FORMAT, files[i].says[1], rf_h5_open(&file, path, &err));
        copy_of(path, files[i].name);
        RF_CHECK_FAILS(err, RF_E_FORMAT, files[i].says[1], update(path, &err));
        ck_assert_ptr_null(file);
    }
}
END_TEST

START_TEST(a_pipe_is_refused_at_once)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    char path[RF_TEST_PATH];
    ck_assert_int_eq(mkfifo(rf_tmp_path(path, "pipe.h5"), 0600), 0);
    RF_CHECK_FAILS(err, RF_E_IO, "not a regular file", rf_h5_open(&file, path, &err));
    RF_CHECK_FAILS(err, RF_E_IO, "not a regular file", rf_h5_update_beside(&file, path, &err));
}
END_TEST

static void check_many(const char *path, bool updated)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    rf_texts ids = {0};
    char *text = NULL, name[64];
    float two[2];
    double x[500];
    uint8_t y[12];
    int64_t number;
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    for (int i = updated ? 1 : 0; i < 60; i++) {
        snprintf(name, sizeof name, "/same/name_%d", i * 7919);
        RF_CHECK_OK(err, rf_h5_read(file, name, RF_H5_F32, 1, (int64_t[]){i % 3}, two, &err));
        ck_assert(i % 3 < 2 || two[1] == 1);
    }
    ck_assert(rf_h5_exists(file, "/soft") == !updated);
    RF_CHECK_OK(err, rf_h5_read_attr_text(file, "/", "note_11", &text, &err));
    ck_assert_str_eq(text, "text 11");
    rf_mem_free(text);
    RF_CHECK_OK(err, rf_h5_read_attr_int(file, "/u", "number_10", &number, 1, &err));
    ck_assert_int_eq(number, 10);
    RF_CHECK_OK(err, rf_h5_read_texts(file, "/u/id", &ids, &err));
    ck_assert(ids.n == 3 && strcmp(rf_texts_get(&ids, 2), "beta") == 0);
    rf_texts_clear(&ids);
    RF_CHECK_OK(err, rf_h5_read(file, "/v/x", RF_H5_F64, 1, (int64_t[]){500}, x, &err));
    ck_assert(x[499] == 499);
    RF_CHECK_OK(err, rf_h5_read(file, "/v/y", RF_H5_U8, 2, (int64_t[]){4, 3}, y, &err));
    ck_assert_int_eq(y[11], 11);
    RF_CHECK_OK(err, rf_h5_read(file, "/v/unwritten", RF_H5_F64, 1, (int64_t[]){5}, x, &err));
    ck_assert(x[4] == 0);
    rf_h5_close(&file);
}

START_TEST(groups_and_attributes_of_every_form_are_read)
{
    char path[RF_TEST_PATH];
    check_many(foreign(path, "oldest_form"), false);
    check_many(foreign(path, "dense_form"), false);
}
END_TEST

static bool holds_mark(const char *path, const char *mark)
{
    size_t len = 0;
    char *bytes = rf_slurp(path, &len);
    bool found = false;
    for (size_t i = 0; i + 4 <= len && !found; i++)
        found = memcmp(bytes + i, mark, 4) == 0;
    free(bytes);
    return found;
}

START_TEST(an_update_keeps_links_and_attributes_in_the_headers)
{
    static const char *const forms[] = {"oldest_form", "dense_form"};
    rf_err err = {0};
    char path[RF_TEST_PATH];
    for (size_t i = 0; i < 2; i++) {
        copy_of(path, forms[i]);
        ck_assert(holds_mark(path, i == 0 ? "SNOD" : "FRHP"));
        RF_CHECK_OK(err, update(path, &err));
        ck_assert(!holds_mark(path, "FRHP") && !holds_mark(path, "BTHD") && !holds_mark(path, "SNOD"));
        check_many(path, true);
    }
}
END_TEST

START_TEST(an_update_of_an_update_has_nothing_left_to_move_into_headers)
{
    rf_err err = {0};
    rf_h5 *file = NULL, *next = NULL;
    char path[RF_TEST_PATH];
    RF_CHECK_OK(err, rf_h5_open(&file, copy_of(path, "dense_form"), &err));
    ck_assert(rf_h5_is_dense(file));
    RF_CHECK_OK(err, rf_h5_update(&next, file, &err));
    ck_assert(!rf_h5_is_dense(next));
    RF_CHECK_OK(err, rf_h5_commit_over(&file, &next, &err));
    ck_assert(!rf_h5_is_dense(file));
    rf_h5_close(&file);
}
END_TEST

START_TEST(what_lies_as_deep_as_can_be_read_can_be_updated)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    char path[RF_TEST_PATH], name[2 * RF_H5_MOST_DEPTH + 1];
    float x[2] = {3, 4}, read[2] = {0};
    for (size_t i = 0; i < RF_H5_MOST_DEPTH; i++)
        memcpy(name + 2 * i, "/g", 3);
    RF_CHECK_OK(err, rf_h5_create_beside(&file, rf_tmp_path(path, "groups.h5"), &err));
    RF_CHECK_OK(err, rf_h5_write(file, name, RF_H5_F32, 1, (int64_t[]){2}, x, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    rf_h5_forget_history(file);
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_read(file, name, RF_H5_F32, 1, (int64_t[]){2}, read, &err));
    ck_assert(read[0] == 3 && read[1] == 4);
    rf_h5_close(&file);
}
END_TEST

START_TEST(what_cannot_be_copied_is_read_around_but_not_rewritten)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    RF_CHECK_OK(err, read_all(foreign(path, "text_of_text"), &err));
    copy_of(path, "text_of_text");
    rf_h5 *file = NULL;
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    rf_h5_forget_history(file);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "/u/x has values of a kind that ringfence does not copy",
                   rf_h5_commit(file, &err));
    rf_h5_close(&file);
}
END_TEST

/* Zeros where texts lie: HDF5's own reader of heaps never ends on them. */
START_TEST(a_heap_of_zeros_ends_an_update)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    size_t len = 0, at = 0;
    char *bytes = rf_slurp(copy_of(path, "dense_form"), &len);
    while (memcmp(bytes + at, "GCOL", 4) != 0)
        at++;
    memset(bytes + at + 16, 0, 512);
    rf_spill(path, bytes, len);
    free(bytes);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "the file is damaged", update(path, &err));
    ck_assert(holds_mark(path, "FRHP"));
}
END_TEST

/* Many references to one text: a small file could fill all memory. */
START_TEST(one_text_that_is_named_often_is_refused)
{
    enum { N = 1000, LONG = 3000 };
    static char long_text[LONG + 1];
    const char *texts[N];
    rf_err err = {0};
    rf_h5 *file = NULL;
    rf_texts back = {0};
    char path[RF_TEST_PATH];
    size_t len = 0, at = 0;
    memset(long_text, 'x', LONG);
    for (int i = 0; i < N; i++)
        texts[i] = i == 0 ? long_text : "y";
    RF_CHECK_OK(err, rf_h5_create_beside(&file, rf_tmp_path(path, "often.h5"), &err));
    RF_CHECK_OK(err, rf_h5_write_texts(file, "/u/id", texts, N, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    char *bytes = rf_slurp(path, &len);
    const char reference[4] = {(char)(LONG & 0xff), LONG >> 8, 0, 0}; /* begins with the length */
    while (memcmp(bytes + at, reference, 4) != 0 || memcmp(bytes + at + 16, "\1\0\0\0", 4) != 0)
        at++;
    for (size_t i = 1; i < N; i++)
        memcpy(bytes + at + 16 * i, bytes + at, 16);
    rf_spill(path, bytes, len);
    free(bytes);
    rf_h5_trust(true);
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "/u/id are longer than the file",
                   rf_h5_read_texts(file, "/u/id", &back, &err));
    rf_h5_close(&file);
    rf_h5_trust(false);
}
END_TEST

/* Some bytes of the copy become others; mended: then the checksums are set right, as whoever does it on
 * purpose would. */
static void damage(const char *path, const char *whole, size_t len, rf_rng *rng, size_t at, bool mended)
{
    static const uint8_t values[] = {0, 0xff, 1, 0x7f, 0x80, 8, 0x10, 2};
    char *bytes = malloc(len);
    memcpy(bytes, whole, len);
    for (uint32_t n = rf_rng_below(rng, 3) + 1; n > 0; n--) {
        bytes[at] = (char)(rf_rng_below(rng, 2) ? values[rf_rng_below(rng, 8)] : rf_rng_u64(rng));
        at = (at + rf_rng_below(rng, 24)) % len;
    }
    rf_spill(path, bytes, len);
    free(bytes);
    if (!mended)
        return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    if (rf_h5_scan_mend(fd, NULL) < 0)
        errno = 0; /* damage that no checksum hides */
    close(fd);
}

START_TEST(damaged_structures_are_survived)
{
    static const char *const forms[] = {"oldest_form", "dense_form"};
    char path[RF_TEST_PATH];
    int read = 0, refused = 0;
    rf_rng rng;
    rf_rng_init(&rng, 5, 5);
    for (size_t form = 0; form < 2; form++) {
        size_t len = 0;
        char *whole = rf_slurp(copy_of(path, forms[form]), &len);
        size_t step = len / (rf_short() ? 15 : 120) + 1;
        for (size_t at = rf_rng_below(&rng, (uint32_t)step); at < len;
             at += 1 + rf_rng_below(&rng, (uint32_t)(2 * step))) {
            rf_err err = {0};
            damage(path, whole, len, &rng, at, true);
            rf_status st = read_all(path, &err);
            RF_HOLDS(st >= 0 || err.msg[0] != '\0');
            read += st >= 0;
            refused += st < 0;
        }
        free(whole);
    }
    const int least = rf_short() ? 2 : 20;
    ck_assert(read > least && refused > least);
}
END_TEST

START_TEST(a_flipped_bit_in_a_header_is_refused)
{
    char path[RF_TEST_PATH];
    size_t len = 0, at = 0, flipped = 0;
    char *whole = rf_slurp(copy_of(path, "dense_form"), &len);
    for (; at + 40 < len; at++) {
        if (memcmp(whole + at, "OHDR", 4) != 0 && memcmp(whole + at, "FRHP", 4) != 0 &&
            memcmp(whole + at, "BTLF", 4) != 0 && memcmp(whole + at, "FHDB", 4) != 0)
            continue;
        rf_err err = {0};
        whole[at + 24] ^= 0x10;
        rf_spill(path, whole, len);
        whole[at + 24] ^= 0x10;
        RF_CHECK_FAILS(err, RF_E_FORMAT, "the file is damaged", read_all(path, &err));
        flipped++;
    }
    free(whole);
    ck_assert_uint_gt(flipped, 50);
}
END_TEST

START_TEST(a_scan_and_an_update_survive_failing_allocations)
{
    char path[RF_TEST_PATH];
    foreign(path, "dense_form");
    rf_h5 *file = NULL;
    RF_SWEEP(rf_h5_open(&file, path, sweep_err), rf_h5_close(&file));
    copy_of(path, "text_of_text");
    RF_SWEEP(rf_h5_update_beside(&file, path, sweep_err), rf_h5_close(&file));
}
END_TEST

RF_SUITE("h5_foreign", what_leads_out_of_a_file_or_claims_too_much_is_refused, a_pipe_is_refused_at_once,
         groups_and_attributes_of_every_form_are_read, an_update_keeps_links_and_attributes_in_the_headers,
         an_update_of_an_update_has_nothing_left_to_move_into_headers,
         what_lies_as_deep_as_can_be_read_can_be_updated, one_text_that_is_named_often_is_refused,
         what_cannot_be_copied_is_read_around_but_not_rewritten, a_heap_of_zeros_ends_an_update,
         damaged_structures_are_survived, a_flipped_bit_in_a_header_is_refused,
         a_scan_and_an_update_survive_failing_allocations)
