/* test_h5_spread.c - rows that threads write in any order make the file that one thread writes in theirs; and
 * a thread's failure is the file's.
 */
#include <errno.h>

#include "rf_check.h"
#include "rf_h5.h"
#include "rf_pool.h"

#define ROWS 5000
#define COLUMNS 7
#define A_TASK 64

static float value_at(int64_t row, int column)
{
    return (float)(row * 31 + column) / 3.0f;
}

static void put_task(void *context, int64_t index, int worker)
{
    rf_h5_spread *spread = context;
    float rows[A_TASK * COLUMNS];
    const int64_t from = index * A_TASK, n = ROWS - from < A_TASK ? ROWS - from : A_TASK;
    (void)worker;
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < COLUMNS; j++)
            rows[i * COLUMNS + j] = value_at(from + i, j);
    rf_h5_spread_put(spread, from, n, rows);
}

static const int64_t shape[2] = {ROWS, COLUMNS};

/* Something before and behind it, so that its space has neighbours. */
static rf_status write_spread(const char *path, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    rf_pool *pool = NULL;
    rf_h5_spread *spread = NULL;
    const uint32_t around[3] = {1, 2, 3};
    const int64_t n = 3;
    RF_TRY(rf_pool_new(&pool, threads, err));
    RF_TRY(rf_h5_create_beside(&file, path, err));
    rf_h5_use_threads(file, pool);
    RF_TRY(rf_h5_write(file, "/e/u", RF_H5_U32, 1, &n, around, err));
    RF_TRY(rf_h5_spread_begin(&spread, file, "/e/x", RF_H5_F32, 2, shape, err));
    rf_pool_run(pool, (ROWS + A_TASK - 1) / A_TASK, put_task, spread);
    RF_TRY(rf_h5_spread_end(spread, err));
    RF_TRY(rf_h5_write(file, "/e/v", RF_H5_U32, 1, &n, around, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_spread_free(spread);
    rf_h5_close(&file);
    rf_pool_free(pool);
    return st;
}

static rf_status write_plain(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    const uint32_t around[3] = {1, 2, 3};
    const int64_t n = 3;
    static float x[ROWS * COLUMNS];
    for (int64_t i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            x[i * COLUMNS + j] = value_at(i, j);
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write(file, "/e/u", RF_H5_U32, 1, &n, around, err));
    RF_TRY(rf_h5_write(file, "/e/x", RF_H5_F32, 2, shape, x, err));
    RF_TRY(rf_h5_write(file, "/e/v", RF_H5_U32, 1, &n, around, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

START_TEST(rows_of_threads_make_the_file_of_one)
{
    char plain[RF_TEST_PATH], spread[RF_TEST_PATH];
    rf_err err = {0};
    RF_CHECK_OK(err, write_plain(rf_tmp_path(plain, "plain.h5"), &err));
    for (int threads = 1; threads <= 4; threads++) {
        RF_CHECK_OK(err, write_spread(rf_tmp_path(spread, "spread.h5"), threads, &err));
        ck_assert(rf_files_equal(plain, spread));
    }
}
END_TEST

/* 20 MiB, so that several tasks hash it, the last one less than a whole block. */
START_TEST(threads_seal_as_one_does)
{
    char path[2][RF_TEST_PATH];
    rf_err err = {0};
    const int64_t n = (20 << 20) + 12345;
    uint8_t *bytes = malloc((size_t)n);
    ck_assert_ptr_nonnull(bytes);
    for (int64_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(i * i >> 7);
    for (int k = 0; k < 2; k++) {
        rf_h5 *file = NULL;
        rf_pool *pool = NULL;
        RF_CHECK_OK(err, rf_pool_new(&pool, 1 + 2 * k, &err));
        RF_CHECK_OK(err,
                    rf_h5_create_beside(&file, rf_tmp_path(path[k], k == 0 ? "one.h5" : "three.h5"), &err));
        rf_h5_use_threads(file, k == 0 ? NULL : pool);
        RF_CHECK_OK(err, rf_h5_write(file, "/x", RF_H5_U8, 1, &n, bytes, &err));
        RF_CHECK_OK(err, rf_h5_commit(file, &err));
        rf_h5_close(&file);
        rf_pool_free(pool);
    }
    ck_assert(rf_files_equal(path[0], path[1]));
    free(bytes);
}
END_TEST

START_TEST(nothing_has_no_rows_to_put)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_h5 *file = NULL;
    const int64_t none[2][2] = {{0, 5}, {5, 0}};
    RF_CHECK_OK(err, rf_h5_create_beside(&file, rf_tmp_path(path, "none.h5"), &err));
    for (int k = 0; k < 2; k++) {
        rf_h5_spread *spread = NULL;
        int rank;
        int64_t dims[4];
        float nothing = 0;
        RF_CHECK_OK(err, rf_h5_spread_begin(&spread, file, "/x", RF_H5_F32, 2, none[k], &err));
        rf_h5_spread_put(spread, 0, none[k][0], &nothing);
        RF_CHECK_OK(err, rf_h5_spread_end(spread, &err));
        rf_h5_spread_free(spread);
        RF_CHECK_OK(err, rf_h5_shape(file, "/x", &rank, dims, &err));
        ck_assert(rank == 2 && dims[0] == none[k][0] && dims[1] == none[k][1]);
    }
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    rf_h5_spread_free(NULL);
}
END_TEST

/* Whichever write fails, of HDF5, of a thread or of the seal: the file of before is still there. */
START_TEST(a_threads_failure_is_the_files)
{
    char path[RF_TEST_PATH], before[RF_TEST_PATH];
    rf_err err = {0};
    RF_CHECK_OK(err, write_plain(rf_tmp_path(path, "failing.h5"), &err));
    RF_CHECK_OK(err, write_plain(rf_tmp_path(before, "before.h5"), &err));
    for (int64_t k = 0;; k++) {
        rf_h5_disk_fail_after(k, ENOSPC);
        const rf_status st = write_spread(path, 3, &err);
        const bool failed = rf_h5_disk_calls() > k;
        rf_h5_disk_fail_after(-1, 0);
        if (!failed) {
            RF_CHECK_OK(err, st);
            ck_assert_int_gt(k, ROWS / A_TASK);
            break;
        }
        ck_assert_int_eq(st, RF_E_IO);
        ck_assert_msg(strstr(err.msg, "failing.h5") != NULL && strstr(err.msg, strerror(ENOSPC)) != NULL,
                      "%s", err.msg);
        ck_assert(rf_files_equal(path, before));
        err = (rf_err){0};
    }
}
END_TEST

START_TEST(failing_allocations_are_survived)
{
    char path[RF_TEST_PATH];
    rf_tmp_path(path, "swept.h5");
    RF_SWEEP(write_spread(path, 1, sweep_err), (void)0);
}
END_TEST

RF_SUITE("h5_spread", rows_of_threads_make_the_file_of_one, threads_seal_as_one_does,
         nothing_has_no_rows_to_put, a_threads_failure_is_the_files, failing_allocations_are_survived)
