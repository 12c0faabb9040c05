/* ranges.c - the ranges of a matrix's columns, by parts of the rows that are put together in order. */
#include "ranges_int.h"

#include <math.h>
#include <string.h>

#include "rf_hot.h"
#include "rf_mem.h"

#define PARTS 64

typedef struct ranges_task {
    const rf_real *x;
    int64_t n;
    int d;
    float *low, *high; /* [PARTS, d] */
    bool finite[PARTS];
} ranges_task;

static int64_t begin_of(int64_t n, int64_t part)
{
    return n / PARTS * part + (part < n % PARTS ? part : n % PARTS);
}

RF_HOT static int widen(float *restrict low, float *restrict high, const rf_real *restrict row, int d)
{
    int finite = 1;
    for (int j = 0; j < d; j++) {
        const float x = (float)row[j];
        finite &= isfinite(x) != 0;
        low[j] = x < low[j] ? x : low[j];
        high[j] = x > high[j] ? x : high[j];
    }
    return finite;
}

static void range_of_part(void *context, int64_t part, int worker)
{
    ranges_task *task = context;
    const int64_t d = task->d, from = begin_of(task->n, part), to = begin_of(task->n, part + 1);
    float *low = task->low + part * d, *high = task->high + part * d;
    int finite = 1;
    (void)worker;
    for (int64_t j = 0; from < to && j < d; j++)
        low[j] = high[j] = (float)task->x[from * d + j];
    for (int64_t i = from; i < to; i++)
        finite &= widen(low, high, task->x + i * d, task->d);
    task->finite[part] = finite != 0;
}

rf_status rf_column_ranges(float *low, float *high, bool *finite, const rf_real *x, int64_t n, int d,
                           rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    ranges_task task = {.x = x, .n = n, .d = d};
    const size_t row = (size_t)d * sizeof *low;
    RF_NEW(task.low, PARTS * (size_t)d, err);
    RF_NEW(task.high, PARTS * (size_t)d, err);
    rf_pool_run(pool, PARTS, range_of_part, &task);
    *finite = true;
    for (int64_t part = 0; part < PARTS && begin_of(n, part) < begin_of(n, part + 1); part++) {
        const float *of_low = task.low + part * d, *of_high = task.high + part * d;
        *finite = *finite && task.finite[part];
        if (part == 0) {
            memcpy(low, of_low, row);
            memcpy(high, of_high, row);
        }
        for (int j = 0; j < d; j++) {
            low[j] = of_low[j] < low[j] ? of_low[j] : low[j];
            high[j] = of_high[j] > high[j] ? of_high[j] : high[j];
        }
    }
done:
    rf_mem_free(task.low);
    rf_mem_free(task.high);
    return st;
}
