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

typedef struct partial_task {
    const rf_real *x, *minus;
    int64_t step, counted; /* every step-th row gives the correlations, as many as `counted` */
    int d;
    double *mean;     /* [d] */
    double *sums;     /* [BLOCKS, d] */
    double *products; /* [BLOCKS, d, d] */
    double *centred;  /* [threads, d] scratch: a row */
    rf_real *factor;  /* [d, d] */
} partial_task;

static int64_t start_of(int64_t n, int64_t block)
{
    return n / BLOCKS * block + (block < n % BLOCKS ? block : n % BLOCKS);
}

static double residual(const partial_task *task, int64_t at)
{
    return (double)(task->minus != NULL ? task->x[at] - task->minus[at] : task->x[at]);
}

static void sum_columns(void *context, int64_t block, int worker)
{
    (void)worker;
    const partial_task *task = context;
    double *sums = task->sums + block * task->d;
    for (int64_t i = start_of(task->counted, block), to = start_of(task->counted, block + 1); i < to; i++) {
        for (int j = 0; j < task->d; j++)
            sums[j] += residual(task, i * task->step * task->d + j);
    }
}

/* The lower triangle of out += row row'. */
RF_HOT static void add_products(double *restrict out, const double *restrict row, int64_t d)
{
    for (int64_t a = 0; a < d; a++) {
        for (int64_t b = 0; b <= a; b++)
            out[a * d + b] += row[a] * row[b];
    }
}

static void sum_products(void *context, int64_t block, int worker)
{
    const partial_task *task = context;
    const int64_t d = task->d;
    double *row = task->centred + worker * d;
    for (int64_t i = start_of(task->counted, block), to = start_of(task->counted, block + 1); i < to; i++) {
        for (int64_t j = 0; j < d; j++)
            row[j] = residual(task, i * task->step * d + j) - task->mean[j];
        add_products(task->products + block * d * d, row, d);
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

rf_status rf_partial_factor(rf_real *factor, const rf_real *x, const rf_real *minus, int64_t n, int d,
                            rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const size_t columns = (size_t)d, square = columns * columns;
    partial_task task = {
        .x = x, .minus = minus, .step = n > RF_TAIL_ALL ? n / RF_TAIL_SAMPLE : 1, .d = d, .factor = factor};
    task.counted = n / task.step;
    double *corr = NULL, *sd = NULL;
    if (n == 0 || d == 0)
        goto done;
    RF_ZERO(task.mean, columns, err);
    RF_ZERO(task.sums, BLOCKS * columns, err);
    RF_ZERO(task.products, BLOCKS * square, err);
    RF_NEW(task.centred, (size_t)rf_pool_threads(pool) * columns, err);
    RF_NEW(corr, square, err);
    RF_NEW(sd, columns, err);
    rf_pool_run(pool, BLOCKS, sum_columns, &task);
    for (int64_t k = 0; k < BLOCKS * (int64_t)d; k++)
        task.mean[k % d] += task.sums[k] / (double)task.counted;
    rf_pool_run(pool, BLOCKS, sum_products, &task);
    RF_TRY(find_factor(&task, corr, sd, err));
done:
    rf_mem_free(task.mean);
    rf_mem_free(task.sums);
    rf_mem_free(task.products);
    rf_mem_free(task.centred);
    rf_mem_free(corr);
    rf_mem_free(sd);
    return st;
}
