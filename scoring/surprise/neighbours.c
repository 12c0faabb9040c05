/* neighbours.c - slides over the edges of each node in order of time. */
#include "neighbours_int.h"

#include <string.h>

#include "rf_hot.h"
#include "rf_mem.h"
#include "row_blocks_int.h"

#define BLOCK_ROWS 4096
#define SUPPORT_REACH 4 /* edges before and after */
#define AHEAD 24        /* edges that are called from memory before they are looked at */

typedef struct support_task {
    const uint32_t *edge; /* in order of time */
    const int64_t *ptr;
    int64_t n;
    const float *alone; /* e0, [edges] */
    float *out;
    float **of_run; /* [threads] scratch: e0 of a run, SUPPORT_REACH zeros on either side */
    float **support;
} support_task;

/* out[i]: the mean of the values on either side of x[i], at most x[i]. */
RF_HOT static void support_each(float *restrict out, const float *restrict x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        double sum = 0;
        for (int k = -SUPPORT_REACH; k <= SUPPORT_REACH; k++)
            sum += k != 0 ? (double)x[i + k] : 0;
        const double own = (double)x[i], support = sum / (2 * SUPPORT_REACH);
        out[i] = (float)(support < own ? support : own);
    }
}

static inline void call_edge(const support_task *task, uint32_t edge)
{
    __builtin_prefetch(&task->alone[edge]);
    __builtin_prefetch(&task->out[edge], 1);
}

/* Adds to each edge of the runs what its neighbours in time support. */
static void support_runs(void *context, int64_t index, int worker)
{
    const support_task *task = context;
    float *alone = task->of_run[worker] + SUPPORT_REACH, *support = task->support[worker];
    const int64_t last = rf_row_block_end(index, BLOCK_ROWS, task->n), all = task->ptr[task->n];
    for (int64_t run = index * BLOCK_ROWS; run < last; run++) {
        const uint32_t *edge = task->edge + task->ptr[run];
        const int64_t n = task->ptr[run + 1] - task->ptr[run];
        for (int64_t i = 0; i < n; i++) {
            if (task->ptr[run] + i + AHEAD < all)
                call_edge(task, edge[i + AHEAD]);
            alone[i] = task->alone[edge[i]];
        }
        memset(alone + n, 0, SUPPORT_REACH * sizeof *alone);
        support_each(support, alone, n);
        for (int64_t i = 0; i < n; i++)
            task->out[edge[i]] += support[i];
    }
}

static int64_t longest_run(const rf_time_order *order)
{
    int64_t longest = 0;
    for (int s = 0; s < 2; s++) {
        for (int64_t i = 0; i < order->n[s]; i++) {
            const int64_t n = order->ptr[s][i + 1] - order->ptr[s][i];
            longest = n > longest ? n : longest;
        }
    }
    return longest;
}

rf_status rf_part_neighbours(float *out, const float *alone, const rf_time_order *order, rf_pool *pool,
                             rf_err *err)
{
    rf_status st = RF_OK;
    const int threads = rf_pool_threads(pool);
    const int64_t longest = longest_run(order);
    support_task task = {.alone = alone, .out = out};
    RF_ZERO(task.of_run, threads, err);
    RF_ZERO(task.support, threads, err);
    for (int i = 0; i < threads; i++) {
        RF_ZERO(task.of_run[i], longest + 2 * SUPPORT_REACH, err);
        RF_NEW(task.support[i], longest, err);
    }
    for (int s = 0; s < 2; s++) {
        task.edge = order->edge[s];
        task.ptr = order->ptr[s];
        task.n = order->n[s];
        rf_pool_run(pool, rf_row_blocks(task.n, BLOCK_ROWS), support_runs, &task);
    }
done:
    for (int i = 0; i < threads; i++) {
        rf_mem_free(task.of_run != NULL ? task.of_run[i] : NULL);
        rf_mem_free(task.support != NULL ? task.support[i] : NULL);
    }
    rf_mem_free(task.of_run);
    rf_mem_free(task.support);
    return st;
}
