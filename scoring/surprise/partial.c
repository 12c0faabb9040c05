/* partial.c - the correlation of residuals, its inverse, and the rows times that. */
#include "partial_int.h"

#include <math.h>
#include <string.h>

#include "rf_hot.h"
#include "rf_linalg.h"
#include "rf_mem.h"
#include "tail_sum_int.h"

#define BLOCKS 64
#define RIDGE 0.01
#define ROWS 256 /* whose products are summed in rf_real */
#define AHEAD 4  /* rows that are called from memory before they are taken */
#define LINE ((int64_t)(64 / sizeof(rf_real)))

typedef struct partial_task {
    const rf_real *x;
    const rf_picked *minus; /* of the counted rows, or NULL */
    int64_t step, counted;  /* every step-th row gives the correlations, as many as `counted` */
    int d;
    rf_real *rows;    /* [counted, d] their residuals, then less the mean */
    double *mean;     /* [d] */
    double *sums;     /* [BLOCKS, d] */
    rf_real *product; /* [threads, d, d] scratch: of ROWS rows */
    double *products; /* [BLOCKS, d, d] */
    rf_real *factor;  /* [d, d] */
} partial_task;

static int64_t start_of(int64_t n, int64_t block)
{
    return n / BLOCKS * block + (block < n % BLOCKS ? block : n % BLOCKS);
}

RF_HOT static void take_row(rf_real *restrict row, double *restrict sums, const rf_real *x,
                            const rf_real *minus, int64_t d)
{
    for (int64_t j = 0; j < d; j++) {
        row[j] = minus != NULL ? x[j] - minus[j] : x[j];
        sums[j] += (double)row[j];
    }
}

static void call_row(const partial_task *task, int64_t i)
{
    for (int64_t j = 0; i < task->counted && j < task->d; j += LINE) {
        const int64_t at = i * task->step * task->d + j;
        __builtin_prefetch(task->x + at);
        if (task->minus != NULL)
            __builtin_prefetch(rf_picked_row(task->minus, i) + j);
    }
}

static void take_rows(void *context, int64_t block, int worker)
{
    (void)worker;
    const partial_task *task = context;
    const int64_t d = task->d;
    for (int64_t i = start_of(task->counted, block), to = start_of(task->counted, block + 1); i < to; i++) {
        const int64_t at = i * task->step * d;
        call_row(task, i + AHEAD);
        take_row(task->rows + i * d, task->sums + block * d, task->x + at,
                 task->minus != NULL ? rf_picked_row(task->minus, i) : NULL, d);
    }
}

RF_HOT static void centre(rf_real *restrict row, const double *restrict mean, int64_t d)
{
    for (int64_t j = 0; j < d; j++)
        row[j] = (rf_real)((double)row[j] - mean[j]);
}

/* Sums of few rows in rf_real, and those in double. */
static void sum_products(void *context, int64_t block, int worker)
{
    const partial_task *task = context;
    const int64_t d = task->d, to = start_of(task->counted, block + 1);
    rf_real *product = task->product + worker * d * d;
    double *products = task->products + block * d * d;
    for (int64_t from = start_of(task->counted, block); from < to; from += ROWS) {
        const int rows = to - from < ROWS ? (int)(to - from) : ROWS;
        for (int64_t i = from; i < from + rows; i++)
            centre(task->rows + i * d, task->mean, d);
        rf_gemm_tn(product, task->d, task->rows + from * d, task->d, task->rows + from * d, task->d, task->d,
                   task->d, rows, 0);
        for (int64_t k = 0; k < d * d; k++)
            products[k] += (double)product[k];
    }
}

/* factor = diag(1 / sd) (corr + RIDGE I)^-1 from the sums of products; a constant column gives nothing. */
static rf_status find_factor(partial_task *task, double *corr, double *sd, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t d = task->d;
    memset(corr, 0, (size_t)(d * d) * sizeof *corr);
    for (int64_t block = 0; block < BLOCKS; block++) {
        for (int64_t k = 0; k < d * d; k++)
            corr[k] += task->products[block * d * d + k] / (double)task->counted;
    }
    for (int64_t j = 0; j < d; j++)
        sd[j] = sqrt(corr[j * d + j]);
    for (int64_t a = 0; a < d; a++) {
        for (int64_t b = 0; b <= a; b++) {
            corr[a * d + b] /= (sd[a] > 0 ? sd[a] : 1) * (sd[b] > 0 ? sd[b] : 1);
            corr[a * d + b] += a == b ? RIDGE : 0;
            corr[b * d + a] = corr[a * d + b];
        }
    }
    RF_TRY(rf_spd_invert(corr, task->d, err));
    for (int64_t a = 0; a < d; a++) {
        for (int64_t b = 0; b < d; b++)
            task->factor[a * d + b] = sd[a] > 0 && sd[b] > 0 ? (rf_real)(corr[a * d + b] / sd[a]) : 0;
    }
done:
    return st;
}

static rf_status pick_minus(rf_picked *picked, partial_task *task, const rf_made_rows *minus, rf_pool *pool,
                            rf_err *err)
{
    rf_status st = RF_OK;
    int64_t *at = NULL;
    if (minus == NULL)
        return RF_OK;
    RF_NEW(at, task->counted, err);
    for (int64_t i = 0; i < task->counted; i++)
        at[i] = i * task->step;
    RF_TRY(rf_made_rows_pick(picked, minus, at, task->counted, pool, err));
    task->minus = picked;
done:
    return st;
}

/* Every so many-th row is counted. */
static int64_t step_among(int64_t n)
{
    return n > RF_TAIL_ALL ? n / RF_TAIL_SAMPLE : 1;
}

void rf_partial_plan(rf_memory_plan *plan, rf_side side, bool is_made, int threads)
{
    const int64_t n = plan->size.n[side], d = plan->size.d[side], step = step_among(n), counted = n / step;
    const int64_t bytes =
        counted * ((is_made ? 2 : 1) * d * (int64_t)sizeof(rf_real) + (int64_t)sizeof(int64_t));
    *(step > 1 ? &plan->fixed : &plan->rows[side]) += bytes;
    plan->fixed += d * d * ((BLOCKS + 1) * (int64_t)sizeof(double) + threads * (int64_t)sizeof(rf_real));
    plan->fixed += (BLOCKS + 2) * d * (int64_t)sizeof(double);
}

rf_status rf_partial_factor(rf_real *factor, const rf_real *x, const rf_made_rows *minus, int64_t n, int d,
                            rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const size_t columns = (size_t)d, square = columns * columns;
    partial_task task = {.x = x, .step = step_among(n), .d = d, .factor = factor};
    task.counted = n / task.step;
    rf_picked picked = {0};
    double *corr = NULL, *sd = NULL;
    if (n == 0 || d == 0)
        goto done;
    RF_ZERO(task.mean, columns, err);
    RF_ZERO(task.sums, BLOCKS * columns, err);
    RF_ZERO(task.products, BLOCKS * square, err);
    RF_NEW(task.product, (size_t)rf_pool_threads(pool) * square, err);
    RF_NEW(task.rows, (size_t)task.counted * columns, err);
    RF_NEW(corr, square, err);
    RF_NEW(sd, columns, err);
    RF_TRY(pick_minus(&picked, &task, minus, pool, err));
    rf_pool_run(pool, BLOCKS, take_rows, &task);
    for (int64_t k = 0; k < BLOCKS * (int64_t)d; k++)
        task.mean[k % d] += task.sums[k] / (double)task.counted;
    rf_pool_run(pool, BLOCKS, sum_products, &task);
    RF_TRY(find_factor(&task, corr, sd, err));
done:
    rf_picked_clear(&picked);
    rf_mem_free(task.mean);
    rf_mem_free(task.sums);
    rf_mem_free(task.products);
    rf_mem_free(task.product);
    rf_mem_free(task.rows);
    rf_mem_free(corr);
    rf_mem_free(sd);
    return st;
}
