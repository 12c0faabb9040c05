/* test_h5_lend.c - arrays that a file's own thread writes make the file that its owner would have made; what
 * that thread cannot write is the file's failure. */
#include <errno.h>

#include "failing_disk.h"
#include "rf_check.h"
#include "rf_h5.h"
#include "rf_mem.h"

#define ROWS 20000 /* large enough to be lent */
#define FEW 10     /* too few */
#define COLUMNS 3

typedef rf_status write_array(rf_h5 *file, const char *name, rf_h5_type type, int rank, const int64_t *dims,
                              const void *data, rf_err *err);

static rf_status write_with(write_array *write, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    float *rows = NULL;
    uint16_t *numbers = NULL;
    const int64_t shape[2] = {ROWS, COLUMNS}, many = ROWS * COLUMNS, few = FEW, one = 1;
    RF_NEW(rows, many, err);
    RF_NEW(numbers, many, err);
    for (int64_t i = 0; i < many; i++) {
        rows[i] = (float)i / 3.0F;
        numbers[i] = (uint16_t)(i * 7);
    }
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(write(file, "/u/x", RF_H5_F32, 2, shape, rows, err));
    RF_TRY(write(file, "/u/score", RF_H5_F32, 1, &few, rows, err));
    RF_TRY(write(file, "/one", RF_H5_F32, 0, &one, rows, err));
    RF_TRY(write(file, "/e/number", RF_H5_U16, 1, &many, numbers, err));
    RF_TRY(rf_h5_write_attr_double(file, "/e/number", "scale", 0.5, err));
    RF_TRY(write(file, "/e/again", RF_H5_U16, 1, &many, numbers, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    rf_mem_free(rows);
    rf_mem_free(numbers);
    return st;
}

START_TEST(lent_arrays_make_the_file_of_written_ones)
{
    char lent[RF_TEST_PATH], written[RF_TEST_PATH];
    rf_err err = {0};
    RF_CHECK_OK(err, write_with(rf_h5_lend, rf_tmp_path(lent, "lent.h5"), &err));
    RF_CHECK_OK(err, write_with(rf_h5_write, rf_tmp_path(written, "written.h5"), &err));
    ck_assert(rf_files_equal(lent, written));
}
END_TEST

START_TEST(what_was_taken_back_may_change)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_h5 *file = NULL;
    static float rows[ROWS], read[ROWS];
    const int64_t n = ROWS;
    rf_h5_take_back(NULL);
    for (int64_t i = 0; i < n; i++)
        rows[i] = (float)i;
    RF_CHECK_OK(err, rf_h5_create_beside(&file, rf_tmp_path(path, "back.h5"), &err));
    rf_h5_take_back(file); /* nothing was lent */
    RF_CHECK_OK(err, rf_h5_lend(file, "/x", RF_H5_F32, 1, &n, rows, &err));
    rf_h5_take_back(file);
    memset(rows, 0, sizeof rows);
    RF_CHECK_OK(err, rf_h5_lend(file, "/zeros", RF_H5_F32, 1, &n, rows, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_read(file, "/x", RF_H5_F32, 1, &n, read, &err));
    for (int64_t i = 0; i < n; i++)
        RF_HOLDS(read[i] >= (float)i && read[i] <= (float)i);
    RF_CHECK_OK(err, rf_h5_read(file, "/zeros", RF_H5_F32, 1, &n, read, &err));
    ck_assert_mem_eq(read, rows, sizeof rows);
    rf_h5_close(&file);
}
END_TEST

START_TEST(a_file_that_is_given_up_leaves_nothing)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_h5 *file = NULL;
    static const float rows[ROWS];
    const int64_t n = ROWS;
    RF_CHECK_OK(err, rf_h5_create_beside(&file, rf_tmp_path(path, "given_up.h5"), &err));
    RF_CHECK_OK(err, rf_h5_lend(file, "/x", RF_H5_F32, 1, &n, rows, &err));
    rf_h5_close(&file);
    RF_CHECK_FAILS(err, RF_E_IO, "given_up.h5", rf_h5_open(&file, path, &err));
}
END_TEST

static rf_status write_at_once(const char *path, rf_err *err)
{
    return write_with(rf_h5_write, path, err);
}

static rf_status lend_all(const char *path, rf_err *err)
{
    return write_with(rf_h5_lend, path, err);
}

START_TEST(a_failed_write_is_never_published)
{
    check_failing_writes(write_at_once, lend_all, ENOSPC, 6);
}
END_TEST

START_TEST(failing_allocations_are_survived)
{
    char path[RF_TEST_PATH];
    rf_tmp_path(path, "swept.h5");
    RF_SWEEP(write_with(rf_h5_lend, path, sweep_err), (void)0);
}
END_TEST

RF_SUITE("h5_lend", lent_arrays_make_the_file_of_written_ones, what_was_taken_back_may_change,
         a_file_that_is_given_up_leaves_nothing, a_failed_write_is_never_published,
         failing_allocations_are_survived)
