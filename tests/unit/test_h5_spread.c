/* test_h5_spread.c - rows that threads write in any order make the file that one thread writes in theirs,
 * also if they waited behind its end before; and a thread's failure is the file's.
 */
#include <errno.h>

#include "failing_disk.h"
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

#define SPARE 3 /* columns that the dataset does not have */
#define A_ROUND 5

/* Rows that wait, and those of a round on their way from there. */
typedef struct waiting {
    rf_h5_park *park;
    rf_h5_spread *spread;
    int64_t first;
    float rows[A_ROUND][A_TASK * (COLUMNS + SPARE)];
} waiting;

static int64_t rows_of(int64_t task)
{
    return ROWS - task * A_TASK < A_TASK ? ROWS - task * A_TASK : A_TASK;
}

static void leave_task(void *context, int64_t index, int worker)
{
    const waiting *w = context;
    float rows[A_TASK * (COLUMNS + SPARE)];
    (void)worker;
    for (int64_t i = 0; i < rows_of(index); i++)
        for (int j = 0; j < COLUMNS + SPARE; j++)
            rows[i * (COLUMNS + SPARE) + j] = value_at(index * A_TASK + i, j - SPARE);
    rf_h5_park_put(w->park, index * A_TASK, rows_of(index), rows);
}

static void fetch_task(void *context, int64_t i, int worker)
{
    waiting *w = context;
    const int64_t task = w->first + i;
    (void)worker;
    rf_h5_park_get(w->park, task * A_TASK, rows_of(task), w->rows[i]);
    for (int64_t row = 0; row < rows_of(task); row++)
        memmove(w->rows[i] + row * COLUMNS, w->rows[i] + row * (COLUMNS + SPARE) + SPARE,
                COLUMNS * sizeof(float));
}

static void move_task(void *context, int64_t i, int worker)
{
    const waiting *w = context;
    const int64_t task = w->first + i;
    (void)worker;
    rf_h5_spread_put(w->spread, task * A_TASK, rows_of(task), w->rows[i]);
}

/* The same file, but that its rows come with columns in front that nobody wants, and wait. */
static rf_status write_parked(const char *path, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    static waiting w;
    rf_h5 *file = NULL;
    rf_pool *pool = NULL;
    const uint32_t around[3] = {1, 2, 3};
    const int64_t n = 3, tasks = (ROWS + A_TASK - 1) / A_TASK;
    w = (waiting){0};
    RF_TRY(rf_pool_new(&pool, threads, err));
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write(file, "/e/u", RF_H5_U32, 1, &n, around, err));
    RF_TRY(rf_h5_park_begin(&w.park, file, (COLUMNS + SPARE) * sizeof(float), err));
    rf_pool_run(pool, tasks, leave_task, &w);
    RF_TRY(rf_h5_spread_begin(&w.spread, file, "/e/x", RF_H5_F32, 2, shape, err));
    for (w.first = 0; w.first < tasks; w.first += A_ROUND) {
        const int64_t round = tasks - w.first < A_ROUND ? tasks - w.first : A_ROUND;
        rf_pool_run(pool, round, fetch_task, &w);
        rf_pool_run(pool, round, move_task, &w);
    }
    RF_TRY(rf_h5_spread_end(w.spread, err));
    RF_TRY(rf_h5_park_end(w.park, err));
    RF_TRY(rf_h5_write(file, "/e/v", RF_H5_U32, 1, &n, around, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_spread_free(w.spread);
    rf_h5_park_free(w.park);
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

START_TEST(rows_that_waited_leave_no_trace)
{
    char plain[RF_TEST_PATH], parked[RF_TEST_PATH];
    rf_err err = {0};
    RF_CHECK_OK(err, write_plain(rf_tmp_path(plain, "plain.h5"), &err));
    for (int threads = 1; threads <= 4; threads++) {
        RF_CHECK_OK(err, write_parked(rf_tmp_path(parked, "parked.h5"), threads, &err));
        ck_assert(rf_files_equal(plain, parked));
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

static rf_status spread_by_three(const char *path, rf_err *err)
{
    return write_spread(path, 3, err);
}

static rf_status park_by_three(const char *path, rf_err *err)
{
    return write_parked(path, 3, err);
}

START_TEST(a_threads_failure_is_the_files)
{
    check_failing_writes(write_plain, spread_by_three, ENOSPC, ROWS / A_TASK);
    check_failing_writes(write_plain, park_by_three, ENOSPC, 2 * (ROWS / A_TASK));
}
END_TEST

START_TEST(failing_allocations_are_survived)
{
    char path[RF_TEST_PATH];
    rf_tmp_path(path, "swept.h5");
    RF_SWEEP(write_spread(path, 1, sweep_err), (void)0);
    RF_SWEEP(write_parked(path, 1, sweep_err), (void)0);
}
END_TEST

RF_SUITE("h5_spread", rows_of_threads_make_the_file_of_one, rows_that_waited_leave_no_trace,
         threads_seal_as_one_does, nothing_has_no_rows_to_put, a_threads_failure_is_the_files,
         failing_allocations_are_survived)
