/* test_h5.c - HDF5 files: what is written reads back, equal work gives equal bytes, damage is
 * reported. */
#include <errno.h>

#include "failing_disk.h"
#include "rf_check.h"
#include "rf_h5.h"
#include "rf_rng.h"

typedef struct sample {
    float x[12];
    uint32_t ids[5];
    int64_t times[3];
} sample;

static const char *const names[] = {"alpha", "", "Zürich", "delta"};

static sample make_sample(void)
{
    sample s;
    for (int i = 0; i < 12; i++)
        s.x[i] = (float)i / 7.0f;
    for (uint32_t i = 0; i < 5; i++)
        s.ids[i] = UINT32_MAX - i;
    for (int i = 0; i < 3; i++)
        s.times[i] = INT64_MIN + i;
    return s;
}

/* A file with some of everything. */
static rf_status write_sample(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    sample s = make_sample();
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write_format(file, "ringfence-graph", 1, err));
    RF_TRY(rf_h5_write(file, "/u/x", RF_H5_F32, 2, (int64_t[]){4, 3}, s.x, err));
    RF_TRY(rf_h5_write(file, "/e/u", RF_H5_U32, 1, (int64_t[]){5}, s.ids, err));
    RF_TRY(rf_h5_write(file, "/state/deep/down/times", RF_H5_I64, 1, (int64_t[]){3}, s.times, err));
    RF_TRY(rf_h5_write(file, "/empty", RF_H5_F32, 2, (int64_t[]){0, 3}, NULL, err));
    RF_TRY(rf_h5_write_texts(file, "/u/id", names, 4, err));
    RF_TRY(rf_h5_write_attr_text(file, "/u", "note", "users", err));
    RF_TRY(rf_h5_write_attr_double(file, "/model/layer", "rate", 0.01, err));
    RF_TRY(rf_h5_write_attr_int(file, "/model/layer", "sizes", (int64_t[]){3, -4}, 2, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

static rf_status read_sample(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    sample s;
    rf_texts ids = {0};
    char *note = NULL;
    double rate;
    int64_t sizes[2];
    RF_TRY(rf_h5_open(&file, path, err));
    RF_TRY(rf_h5_check_format(file, "ringfence-graph", 1, NULL, err));
    RF_TRY(rf_h5_read(file, "/u/x", RF_H5_F32, 2, (int64_t[]){4, 3}, s.x, err));
    RF_TRY(rf_h5_read(file, "/e/u", RF_H5_U32, 1, (int64_t[]){5}, s.ids, err));
    RF_TRY(rf_h5_read(file, "/state/deep/down/times", RF_H5_I64, 1, (int64_t[]){3}, s.times, err));
    RF_TRY(rf_h5_read(file, "/empty", RF_H5_F32, 2, (int64_t[]){0, 3}, NULL, err));
    RF_TRY(rf_h5_read_texts(file, "/u/id", &ids, err));
    RF_TRY(rf_h5_read_attr_text(file, "/u", "note", &note, err));
    RF_TRY(rf_h5_read_attr_double(file, "/model/layer", "rate", &rate, err));
    RF_TRY(rf_h5_read_attr_int(file, "/model/layer", "sizes", sizes, 2, err));
    sample expected = make_sample();
    bool same = memcmp(expected.x, s.x, sizeof s.x) == 0 && memcmp(expected.ids, s.ids, sizeof s.ids) == 0 &&
                memcmp(expected.times, s.times, sizeof s.times) == 0 && strcmp(note, "users") == 0 &&
                rate == 0.01 && sizes[0] == 3 && sizes[1] == -4 && ids.n == 4;
    for (int64_t i = 0; same && i < 4; i++)
        same = strcmp(rf_texts_get(&ids, i), names[i]) == 0;
    if (!same)
        RF_FAIL(err, RF_E_INTERNAL, "something differs");
done:
    rf_mem_free(note);
    rf_texts_clear(&ids);
    rf_h5_close(&file);
    return st;
}

/* Opens and reads as much as it can, whatever the file holds. */
static rf_status visit_and_read(void *context, const char *name, int rank, const int64_t *dims,
                                const char *type_name, rf_err *err)
{
    rf_h5 *file = context;
    (void)err;
    if (rank < 1 || rank > 2)
        return RF_OK;
    if (strcmp(type_name, "string") == 0) {
        rf_texts texts = {0};
        if (rank == 1 && dims[0] < 100000 && rf_h5_read_texts(file, name, &texts, NULL) == RF_OK)
            rf_texts_clear(&texts);
    } else if (dims[0] * (rank == 2 ? dims[1] : 1) < 100000) {
        double *x = rf_mem_new((size_t)(dims[0] * (rank == 2 ? dims[1] : 1)) + 1, sizeof *x, NULL);
        if (rf_h5_read(file, name, RF_H5_F64, rank, dims, x, NULL) < 0)
            x[0] = 0;
        rf_mem_free(x);
    }
    return RF_OK;
}

static void read_anything(const char *path)
{
    rf_h5 *file = NULL;
    char *text = NULL;
    int64_t value;
    if (rf_h5_open(&file, path, NULL) < 0)
        return;
    if (rf_h5_read_attr_text(file, "/", "format", &text, NULL) == RF_OK)
        rf_mem_free(text);
    if (rf_h5_read_attr_int(file, "/", "version", &value, 1, NULL) == RF_OK)
        value = rf_h5_check_format(file, "ringfence-graph", 1, "/model", NULL); /* either answer will do */
    if (rf_h5_visit(file, "/", visit_and_read, file, NULL) < 0)
        value = 0;
    rf_h5_close(&file);
}

START_TEST(what_is_written_reads_back)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_tmp_path(path, "sample.h5");
    RF_CHECK_OK(err, write_sample(path, &err));
    RF_CHECK_OK(err, read_sample(path, &err));
}
END_TEST

START_TEST(equal_work_gives_equal_bytes)
{
    rf_err err = {0};
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    setenv("SOURCE_DATE_EPOCH", "1500000000", 1);
    RF_CHECK_OK(err, write_sample(rf_tmp_path(a, "a.h5"), &err));
    for (size_t i = 0; i < 200; i++) { /* dirty the heap: nothing of it may reach the file */
        void *junk = malloc(i * 97 + 1);
        memset(junk, 0xA5, i * 97 + 1);
        free(junk);
    }
    RF_CHECK_OK(err, write_sample(rf_tmp_path(b, "b.h5"), &err));
    unsetenv("SOURCE_DATE_EPOCH");
    ck_assert(rf_files_equal(a, b));
}
END_TEST

START_TEST(an_uncommitted_file_leaves_nothing_behind)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    char path[RF_TEST_PATH], folder[RF_TEST_PATH];
    rf_tmp_path(folder, "uncommitted");
    ck_assert_int_eq(mkdir(folder, 0777), 0);
    snprintf(path, sizeof path, "%s/uncommitted/x.h5", rf_tmp_folder());
    RF_CHECK_OK(err, rf_h5_create_beside(&file, path, &err));
    ck_assert_int_eq(rf_count_entries(folder), 1);
    rf_h5_close(&file);
    ck_assert_ptr_null(file);
    ck_assert_int_eq(rf_count_entries(folder), 0);
    RF_CHECK_OK(err, write_sample(path, &err));
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_remove(file, "/u", &err));
    rf_h5_close(&file);
    ck_assert_int_eq(rf_count_entries(folder), 1);
    RF_CHECK_OK(err, read_sample(path, &err));
}
END_TEST

START_TEST(an_update_keeps_the_rest_and_forgets_its_history)
{
    rf_err err = {0};
    char once[RF_TEST_PATH], often[RF_TEST_PATH];
    rf_tmp_path(once, "once.h5");
    rf_tmp_path(often, "often.h5");
    setenv("SOURCE_DATE_EPOCH", "1500000000", 1);
    RF_CHECK_OK(err, write_sample(once, &err));
    RF_CHECK_OK(err, write_sample(often, &err));
    unsetenv("SOURCE_DATE_EPOCH");
    for (int i = 0; i < 4; i++) {
        const char *path = i < 3 ? often : once;
        rf_h5 *file = NULL;
        float x[2] = {1.0f, 2.0f};
        RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
        RF_CHECK_OK(err, rf_h5_remove(file, "/state", &err));
        RF_CHECK_OK(err, rf_h5_remove(file, "/never/there", &err));
        RF_CHECK_OK(err, rf_h5_write(file, "/u/tags", RF_H5_F32, 1, (int64_t[]){2}, x, &err));
        RF_CHECK_OK(err, rf_h5_write_texts(file, "/u/reasons", names, 4, &err));
        RF_CHECK_OK(err, rf_h5_write_attr_text(file, "/", "tagged", "yes", &err));
        RF_CHECK_OK(err, rf_h5_commit(file, &err));
        rf_h5_close(&file);
    }
    ck_assert(rf_files_equal(once, often));
    rf_h5 *file = NULL;
    rf_texts ids = {0};
    RF_CHECK_OK(err, rf_h5_open(&file, often, &err));
    ck_assert(!rf_h5_exists(file, "/state") && rf_h5_exists(file, "/u/tags"));
    RF_CHECK_OK(err, rf_h5_check_format(file, "ringfence-graph", 1, NULL, &err));
    RF_CHECK_OK(err, rf_h5_read_texts(file, "/u/id", &ids, &err));
    ck_assert_str_eq(rf_texts_get(&ids, 2), "Zürich");
    rf_texts_clear(&ids);
    rf_h5_close(&file);
}
END_TEST

START_TEST(rows_are_written_and_read_in_pieces)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    char path[RF_TEST_PATH];
    float rows[20], back[20];
    rf_tmp_path(path, "rows.h5");
    for (int i = 0; i < 20; i++)
        rows[i] = (float)i;
    RF_CHECK_OK(err, rf_h5_create_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_write_begin(file, "/x", RF_H5_F32, 2, (int64_t[]){10, 2}, &err));
    for (int64_t from = 0; from < 10; from += 3)
        RF_CHECK_OK(err, rf_h5_write_rows(file, "/x", RF_H5_F32, from, from + 3 <= 10 ? 3 : 10 - from,
                                          rows + from * 2, &err));
    RF_CHECK_OK(err, rf_h5_read(file, "/x", RF_H5_F32, 2, (int64_t[]){10, 2}, back, &err));
    ck_assert_mem_eq(rows, back, sizeof rows);
    RF_CHECK_OK(err, rf_h5_read_rows(file, "/x", RF_H5_F32, 4, 2, back, &err));
    ck_assert_mem_eq(rows + 8, back, 4 * sizeof *back);
    RF_CHECK_OK(err, rf_h5_read_rows(file, "/x", RF_H5_F32, 10, 0, back, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "rows 9 to 11",
                   rf_h5_read_rows(file, "/x", RF_H5_F32, 9, 2, back, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "rows -1", rf_h5_read_rows(file, "/x", RF_H5_F32, -1, 2, back, &err));
    rf_h5_close(&file);
}
END_TEST

START_TEST(thousands_of_strings_read_back_and_repeat)
{
    rf_err err = {0};
    char path[2][RF_TEST_PATH], (*texts)[64] = malloc(9000 * sizeof *texts);
    const char **pointers = malloc(9000 * sizeof *pointers);
    for (int i = 0; i < 9000; i++) {
        snprintf(texts[i], sizeof texts[i], "%.*s-%d", i % 40, "0123456789012345678901234567890123456789", i);
        pointers[i] = texts[i];
    }
    rf_tmp_path(path[0], "texts0.h5");
    rf_tmp_path(path[1], "texts1.h5");
    for (int k = 0; k < 2; k++) {
        rf_h5 *file = NULL;
        RF_CHECK_OK(err, rf_h5_create_beside(&file, path[k], &err));
        RF_CHECK_OK(err, rf_h5_write_texts(file, "/id", pointers, 9000, &err));
        RF_CHECK_OK(err, rf_h5_write_texts(file, "/none", NULL, 0, &err));
        RF_CHECK_OK(err, rf_h5_commit(file, &err));
        rf_h5_close(&file);
    }
    ck_assert(rf_files_equal(path[0], path[1]));
    rf_h5 *file = NULL;
    rf_texts back = {0}, none = {0};
    RF_CHECK_OK(err, rf_h5_open(&file, path[0], &err));
    RF_CHECK_OK(err, rf_h5_read_texts(file, "/id", &back, &err));
    RF_CHECK_OK(err, rf_h5_read_texts(file, "/none", &none, &err));
    ck_assert_int_eq(back.n, 9000);
    ck_assert_int_eq(none.n, 0);
    ck_assert_ptr_null(rf_texts_get(&none, 0));
    for (int i = 0; i < 9000; i++)
        RF_HOLDS(strcmp(rf_texts_get(&back, i), texts[i]) == 0);
    rf_texts_clear(&back);
    rf_texts_clear(&none);
    rf_texts_clear(NULL);
    rf_h5_close(&file);
    free(texts);
    free(pointers);
}
END_TEST

static rf_h5 *open_kinds(void)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    char path[RF_TEST_PATH];
    ck_assert(rf_golden_path(path, "h5py_kinds.h5"));
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    return file;
}

START_TEST(what_other_programs_store_is_read)
{
    rf_err err = {0};
    rf_h5 *file = open_kinds();
    int64_t three[3], one, matrix[6];
    uint8_t flags[3];
    float chunked[1000], floats[3];
    double rate;
    char *text = NULL;
    RF_CHECK_OK(err, rf_h5_check_format(file, "ringfence-graph", 1, NULL, &err));
    RF_CHECK_OK(err, rf_h5_read_attr_int(file, "/", "sizes", three, 3, &err));
    ck_assert(three[0] == 3 && three[1] == 4 && three[2] == 5);
    RF_CHECK_OK(err, rf_h5_read_attr_int(file, "/", "whole", &one, 1, &err));
    ck_assert_int_eq(one, 7);
    RF_CHECK_OK(err, rf_h5_read_attr_double(file, "/", "rate", &rate, &err));
    ck_assert(rate == 0.25);
    RF_CHECK_OK(err, rf_h5_read_attr_text(file, "/", "fixed", &text, &err));
    ck_assert_str_eq(text, "short");
    rf_mem_free(text);
    RF_CHECK_OK(err, rf_h5_read_attr_text(file, "/", "empty", &text, &err));
    ck_assert_str_eq(text, "");
    rf_mem_free(text);
    RF_CHECK_OK(err, rf_h5_read(file, "/flags", RF_H5_U8, 1, (int64_t[]){3}, flags, &err));
    ck_assert(flags[0] == 1 && flags[1] == 0 && flags[2] == 1);
    RF_CHECK_OK(err, rf_h5_read(file, "/big_endian", RF_H5_I64, 2, (int64_t[]){2, 3}, matrix, &err));
    ck_assert_int_eq(matrix[5], 5);
    RF_CHECK_OK(err, rf_h5_read(file, "/doubles", RF_H5_F32, 1, (int64_t[]){3}, floats, &err));
    ck_assert(floats[1] == -2.25f);
    RF_CHECK_OK(err, rf_h5_read(file, "/chunked", RF_H5_F32, 2, (int64_t[]){100, 10}, chunked, &err));
    ck_assert(chunked[999] == 999.0f);
    RF_CHECK_OK(err, rf_h5_read(file, "/scalar", RF_H5_I64, 0, NULL, &one, &err));
    ck_assert_int_eq(one, 42);
    rf_h5_close(&file);
}
END_TEST

START_TEST(strings_of_every_kind_are_read)
{
    const struct {
        const char *name, *texts[3];
        int64_t n;
    } kinds[] = {{"/vlen", {"alpha", "", "Zürich"}, 3},
                 {"/ascii", {"a", "bc", "abc"}, 3},
                 {"/fixed_utf8", {"é", "e"}, 2},
                 {"/padded", {"ab", " c"}, 2}};
    rf_err err = {0};
    rf_h5 *file = open_kinds();
    for (size_t k = 0; k < 4; k++) {
        rf_texts texts = {0};
        RF_CHECK_OK(err, rf_h5_read_texts(file, kinds[k].name, &texts, &err));
        ck_assert_int_eq(texts.n, kinds[k].n);
        for (int64_t i = 0; i < texts.n; i++)
            ck_assert_str_eq(rf_texts_get(&texts, i), kinds[k].texts[i]);
        rf_texts_clear(&texts);
    }
    rf_h5_close(&file);
}
END_TEST

START_TEST(what_does_not_fit_is_refused_by_name)
{
    rf_err err = {0};
    rf_h5 *file = open_kinds();
    uint32_t ids[2];
    int64_t value, dims[4];
    int rank;
    float x[4];
    char *text = NULL;
    rf_texts texts = {0};
    const int64_t two[] = {2};
    RF_CHECK_FAILS(err, RF_E_FORMAT, "/negative",
                   rf_h5_read(file, "/negative", RF_H5_U32, 1, two, ids, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "/fractions",
                   rf_h5_read(file, "/fractions", RF_H5_U32, 1, two, ids, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "/pairs", rf_h5_read(file, "/pairs", RF_H5_F32, 1, two, x, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "/fixed_utf8",
                   rf_h5_read(file, "/fixed_utf8", RF_H5_F32, 1, two, x, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "[2, 3], not [2]",
                   rf_h5_read(file, "/big_endian", RF_H5_F32, 1, two, x, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "/nowhere is missing",
                   rf_h5_read(file, "/nowhere", RF_H5_F32, 1, two, x, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "missing", rf_h5_read(file, "/dangling", RF_H5_F32, 1, two, x, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "not a readable dataset",
                   rf_h5_shape(file, "/group", &rank, dims, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "5 dimensions", rf_h5_shape(file, "/five", &rank, dims, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "not a column of strings",
                   rf_h5_read_texts(file, "/doubles", &texts, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "\"none\" of / is missing",
                   rf_h5_read_attr_int(file, "/", "none", &value, 1, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "3 values, not 1",
                   rf_h5_read_attr_int(file, "/", "sizes", &value, 1, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "not a number",
                   rf_h5_read_attr_int(file, "/", "fixed", &value, 1, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "rate", rf_h5_read_attr_int(file, "/", "rate", &value, 1, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "not a text", rf_h5_read_attr_text(file, "/", "sizes", &text, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "version 1", rf_h5_check_format(file, "ringfence-graph", 2, NULL, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "\"ringfence-graph\"",
                   rf_h5_check_format(file, "ringfence-scores", 1, NULL, &err));
    RF_CHECK_OK(err, rf_h5_check_format(file, "ringfence-scores", 1, "/group/inner", &err));
    rf_h5_close(&file);
}
END_TEST

static rf_status note_name(void *context, const char *name, int rank, const int64_t *dims,
                           const char *type_name, rf_err *err)
{
    char *all = context;
    (void)err;
    size_t at = strlen(all);
    snprintf(all + at, 2048 - at, "%s %d %lld %s\n", name, rank, rank > 0 ? (long long)dims[0] : -1LL,
             type_name);
    return RF_OK;
}

static rf_status refuse(void *context, const char *name, int rank, const int64_t *dims, const char *type_name,
                        rf_err *err)
{
    (void)context;
    (void)rank;
    (void)dims;
    (void)type_name;
    return rf_err_set(err, RF_E_INTERRUPTED, __FILE__, __LINE__, "stopped at %s", name);
}

START_TEST(visiting_names_every_object_in_order)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    char path[RF_TEST_PATH], all[2048] = "";
    rf_tmp_path(path, "visited.h5");
    RF_CHECK_OK(err, write_sample(path, &err));
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    ck_assert_str_eq(rf_h5_path(file), path);
    RF_CHECK_OK(err, rf_h5_visit(file, "/", note_name, all, &err));
    ck_assert_str_eq(all, "/e -1 -1 group\n/e/u 1 5 uint32\n/empty 2 0 float32\n/model -1 -1 group\n"
                          "/model/layer -1 -1 group\n/state -1 -1 group\n/state/deep -1 -1 group\n"
                          "/state/deep/down -1 -1 group\n/state/deep/down/times 1 3 int64\n/u -1 -1 group\n"
                          "/u/id 1 4 string\n/u/x 2 4 float32\n");
    all[0] = '\0';
    RF_CHECK_OK(err, rf_h5_visit(file, "/u", note_name, all, &err));
    ck_assert_str_eq(all, "/u/id 1 4 string\n/u/x 2 4 float32\n");
    RF_CHECK_FAILS(err, RF_E_INTERRUPTED, "stopped at /e", rf_h5_visit(file, "/", refuse, NULL, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "/none", rf_h5_visit(file, "/none", note_name, all, &err));
    rf_h5_close(&file);
}
END_TEST

START_TEST(files_that_cannot_be_read_say_why)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    char path[RF_TEST_PATH];
    RF_CHECK_FAILS(err, RF_E_IO, "No such file", rf_h5_open(&file, rf_tmp_path(path, "none.h5"), &err));
    RF_CHECK_FAILS(err, RF_E_IO, "not a regular file", rf_h5_open(&file, rf_tmp_folder(), &err));
    RF_CHECK_FAILS(err, RF_E_IO, "No such file", rf_h5_update_beside(&file, path, &err));
    rf_spill(rf_tmp_path(path, "text.h5"), "user,entity\n", 12);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "is not an HDF5 file", rf_h5_open(&file, path, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "is not an HDF5 file", rf_h5_update_beside(&file, path, &err));
    rf_spill(rf_tmp_path(path, "nothing.h5"), "", 0);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "is not an HDF5 file", rf_h5_open(&file, path, &err));
    RF_CHECK_FAILS(err, RF_E_IO, "No such file", rf_h5_create_beside(&file, "/no/such/folder/x.h5", &err));
    RF_CHECK_FAILS(err, RF_E_IO, "not a regular file", rf_h5_create_beside(&file, "/dev/null", &err));
    ck_assert_ptr_null(file);
}
END_TEST

START_TEST(a_file_without_format_is_refused)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    char path[RF_TEST_PATH];
    RF_CHECK_OK(err, rf_h5_create_beside(&file, rf_tmp_path(path, "plain.h5"), &err));
    RF_CHECK_OK(err, rf_h5_write_attr_int(file, "/model", "n", (int64_t[]){1}, 1, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "\"format\" is missing",
                   rf_h5_check_format(file, "ringfence-graph", 1, NULL, &err));
    RF_CHECK_OK(err, rf_h5_check_format(file, "ringfence-graph", 1, "/model", &err));
    rf_h5_close(&file);
}
END_TEST

START_TEST(damaged_files_never_crash)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    size_t len = 0;
    rf_tmp_path(path, "whole.h5");
    RF_CHECK_OK(err, write_sample(path, &err));
    char *whole = rf_slurp(path, &len);
    rf_tmp_path(path, "damaged.h5");
    rf_rng rng;
    rf_rng_init(&rng, 11, 11);
    for (int i = 0; i < 600; i++) {
        rf_h5_trust(i % 2 == 0); /* so that HDF5 and our readers see the damage, too */
        char *copy = malloc(len);
        memcpy(copy, whole, len);
        size_t cut = i % 3 == 0 ? rf_rng_below(&rng, (uint32_t)len) : len;
        for (int k = 0; i % 3 != 0 && k <= i % 11; k++)
            copy[rf_rng_below(&rng, (uint32_t)len)] = (char)rf_rng_u64(&rng);
        rf_spill(path, copy, cut);
        free(copy);
        read_anything(path);
    }
    rf_h5_trust(false);
    free(whole);
}
END_TEST

START_TEST(everything_survives_failing_allocations)
{
    char path[RF_TEST_PATH], kinds[RF_TEST_PATH];
    rf_tmp_path(path, "swept.h5");
    RF_SWEEP(write_sample(path, sweep_err), );
    RF_SWEEP(read_sample(path, sweep_err), );
    ck_assert(rf_golden_path(kinds, "h5py_kinds.h5"));
    rf_h5 *file = NULL;
    RF_SWEEP(rf_h5_update_beside(&file, path, sweep_err), rf_h5_close(&file));
    rf_h5_close(NULL);
    rf_h5_close(&file);
}
END_TEST

static rf_status update_sample(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(rf_h5_update_beside(&file, path, err));
    RF_TRY(rf_h5_remove(file, "/e/u", err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

START_TEST(an_update_survives_failing_allocations)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], folder[RF_TEST_PATH];
    rf_tmp_path(folder, "swept");
    ck_assert_int_eq(mkdir(folder, 0777), 0);
    snprintf(path, sizeof path, "%s/swept/x.h5", rf_tmp_folder());
    RF_CHECK_OK(err, write_sample(path, &err));
    RF_SWEEP(update_sample(path, sweep_err), );
    ck_assert_int_eq(rf_count_entries(folder), 1);
}
END_TEST

/* A file whose texts and numbers all say which one it is. */
static rf_status write_marked(const char *path, char mark, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    char text[3][4] = {{mark, '1', 0}, {mark, '2', 0}, {mark, '3', 0}};
    const char *const texts[] = {text[0], text[1], text[2]};
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write_texts(file, "/u/id", texts, 3, err));
    RF_TRY(rf_h5_write(file, "/u/x", RF_H5_U8, 1, (int64_t[]){1}, &mark, err));
    RF_TRY(rf_h5_write_attr_text(file, "/", "mark", text[0], err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

static void check_marked(rf_h5 *file, char mark)
{
    rf_err err = {0};
    rf_texts ids = {0};
    char number = 0, *text = NULL;
    RF_CHECK_OK(err, rf_h5_read_texts(file, "/u/id", &ids, &err));
    RF_CHECK_OK(err, rf_h5_read(file, "/u/x", RF_H5_U8, 1, (int64_t[]){1}, &number, &err));
    RF_CHECK_OK(err, rf_h5_read_attr_text(file, "/", "mark", &text, &err));
    ck_assert_int_eq(ids.n, 3);
    for (int64_t i = 0; i < ids.n; i++)
        ck_assert_int_eq(rf_texts_get(&ids, i)[0], mark);
    ck_assert_int_eq(number, mark);
    ck_assert_int_eq(text[0], mark);
    rf_mem_free(text);
    rf_texts_clear(&ids);
}

START_TEST(a_file_renamed_over_the_path_is_not_mixed_in)
{
    rf_err err = {0};
    rf_h5 *open = NULL, *copy = NULL, *after = NULL;
    char path[RF_TEST_PATH], other[RF_TEST_PATH];
    RF_CHECK_OK(err, write_marked(rf_tmp_path(path, "marked.h5"), 'a', &err));
    RF_CHECK_OK(err, write_marked(rf_tmp_path(other, "other.h5"), 'b', &err));
    RF_CHECK_OK(err, rf_h5_open(&open, path, &err));
    ck_assert_int_eq(rename(other, path), 0);
    check_marked(open, 'a');
    RF_CHECK_OK(err, rf_h5_open(&after, path, &err)); /* both at a time */
    check_marked(after, 'b');
    check_marked(open, 'a');
    rf_h5_close(&after);
    ck_assert_int_eq(unlink(path), 0);
    RF_CHECK_OK(err, rf_h5_update(&copy, open, &err));
    check_marked(copy, 'a');
    RF_CHECK_OK(err, rf_h5_commit(copy, &err));
    rf_h5_close(&copy);
    rf_h5_close(&open);
    RF_CHECK_OK(err, rf_h5_open(&after, path, &err));
    check_marked(after, 'a');
    rf_h5_close(&after);
}
END_TEST

START_TEST(types_have_their_sizes)
{
    const size_t sizes[] = {4, 8, 1, 1, 2, 4, 4, 8, 8};
    for (int type = RF_H5_F32; type <= RF_H5_U64; type++)
        ck_assert_uint_eq(rf_h5_type_size((rf_h5_type)type), sizes[type]);
}
END_TEST

static const char *number_in_one_buffer(void *context, int64_t i)
{
    snprintf(context, 32, "id-%lld", (long long)i);
    return context;
}

START_TEST(texts_may_come_from_one_buffer)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    rf_texts texts = {0};
    char path[RF_TEST_PATH], buffer[32];
    RF_CHECK_OK(err, rf_h5_create_beside(&file, rf_tmp_path(path, "buffer.h5"), &err));
    RF_CHECK_OK(err, rf_h5_write_texts_from(file, "/e/id", 10000, number_in_one_buffer, buffer, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_read_texts(file, "/e/id", &texts, &err));
    for (int64_t i = 0; i < texts.n; i++)
        RF_HOLDS(strcmp(rf_texts_get(&texts, i), number_in_one_buffer(buffer, i)) == 0);
    rf_texts_clear(&texts);
    rf_h5_close(&file);
}
END_TEST

/* Adds, replaces and removes, so that the commit rewrites the file. */
static rf_status change_sample(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    sample s = make_sample();
    RF_TRY(rf_h5_update_beside(&file, path, err));
    RF_TRY(rf_h5_remove(file, "/e", err));
    RF_TRY(rf_h5_write(file, "/u/x", RF_H5_F32, 2, (int64_t[]){3, 4}, s.x, err));
    RF_TRY(rf_h5_write_texts(file, "/v/id", names, 4, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

START_TEST(a_failed_write_is_never_published)
{
    check_failing_writes(write_sample, write_sample, ENOSPC, 3);
    check_failing_writes(write_sample, write_sample, EIO, 3);
    check_failing_writes(write_sample, change_sample, ENOSPC, 3);
}
END_TEST

START_TEST(an_update_without_room_for_its_copy_says_so)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_h5 *file = NULL;
    RF_CHECK_OK(err, write_sample(rf_tmp_path(path, "no_room.h5"), &err));
    rf_h5_disk_fail_after(0, ENOSPC);
    RF_CHECK_FAILS(err, RF_E_IO, "no_room.h5: cannot be written: No space left",
                   rf_h5_update_beside(&file, path, &err));
    rf_h5_disk_fail_after(-1, 0);
    ck_assert_ptr_null(file);
}
END_TEST

RF_SUITE("h5", what_is_written_reads_back, equal_work_gives_equal_bytes,
         an_uncommitted_file_leaves_nothing_behind, an_update_keeps_the_rest_and_forgets_its_history,
         rows_are_written_and_read_in_pieces, thousands_of_strings_read_back_and_repeat,
         what_other_programs_store_is_read, strings_of_every_kind_are_read,
         what_does_not_fit_is_refused_by_name, visiting_names_every_object_in_order,
         files_that_cannot_be_read_say_why, a_file_without_format_is_refused, damaged_files_never_crash,
         everything_survives_failing_allocations, an_update_survives_failing_allocations,
         a_file_renamed_over_the_path_is_not_mixed_in, types_have_their_sizes, texts_may_come_from_one_buffer,
         a_failed_write_is_never_published, an_update_without_room_for_its_copy_says_so)
