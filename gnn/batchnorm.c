/* batchnorm.c - batch normalisation with what follows it (ReLU, dropout), and the gradient of both.
 *
 * Only y, the linear output, is kept between forward and backward: the normalised value and the activation
 * are two cheap operations away. Moments are taken a block at a time, centred before squaring, in double, and
 * put together in block order: cancellation is the trap here. Scoring a graph with its own statistics or with
 * the running ones is the caller's choice (rf_norm_from_moments or rf_norm_from_running).
 */
#include "rf_kernels.h"

#include <math.h>

#include "gnn_int.h"

#define STRIPS 4 /* half vectors of columns handled together: a cache line or two of each row */

/* n_strips * RF_HALF columns, their sums in registers. */
RF_INLINE void strip_moments(double *mean, double *m2, const rf_real *y, int64_t n, int d, int n_strips)
{
    rf_wide sum[STRIPS] = {{0}}, square[STRIPS] = {{0}};
    rf_half row;
    for (int64_t i = 0; i < n; i++) {
        for (int s = 0; s < n_strips; s++) {
            RF_LOAD(row, y + i * d + s * RF_HALF);
            sum[s] += RF_WIDEN(row);
        }
    }
    for (int s = 0; s < n_strips; s++)
        sum[s] /= (double)n;
    for (int64_t i = 0; i < n; i++) {
        for (int s = 0; s < n_strips; s++) {
            RF_LOAD(row, y + i * d + s * RF_HALF);
            rf_wide off = RF_WIDEN(row) - sum[s];
            square[s] += off * off;
        }
    }
    for (int s = 0; s < n_strips; s++) {
        RF_STORE(mean + s * RF_HALF, sum[s]);
        RF_STORE(m2 + s * RF_HALF, square[s]);
    }
}

RF_INLINE void column_moments(double *mean, double *m2, const rf_real *y, int64_t n, int d)
{
    double sum = 0, square = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)y[i * d];
    sum /= (double)n;
    for (int64_t i = 0; i < n; i++)
        square += ((double)y[i * d] - sum) * ((double)y[i * d] - sum);
    *mean = sum;
    *m2 = square;
}

RF_HOT static void moments_block(double *mean, double *m2, const rf_real *y, int64_t n, int d)
{
    int j = 0;
    for (; j + STRIPS * RF_HALF <= d; j += STRIPS * RF_HALF)
        strip_moments(mean + j, m2 + j, y + j, n, d, STRIPS);
    for (; j + RF_HALF <= d; j += RF_HALF)
        strip_moments(mean + j, m2 + j, y + j, n, d, 1);
    for (; j < d; j++)
        column_moments(mean + j, m2 + j, y + j, n, d);
}

void rf_moments_block(double *mean, double *m2, const rf_real *y, int64_t n, int d)
{
    moments_block(mean, m2, y, n, d);
}

RF_HOT static void cross_moments_block(double *restrict cross, double *restrict sum_x, const rf_real *x,
                                       const rf_real *y, const double *restrict mean, int64_t n, int d)
{
    for (int j = 0; j < d; j++)
        cross[j] = sum_x[j] = 0;
    for (int64_t i = 0; i < n; i++) {
        for (int j = 0; j < d; j++) {
            double value = (double)x[i * d + j];
            sum_x[j] += value;
            cross[j] += value * ((double)y[i * d + j] - mean[j]);
        }
    }
}

void rf_cross_moments_block(double *restrict cross, double *restrict sum_x, const rf_real *x,
                            const rf_real *y, const double *restrict mean, int64_t n, int d)
{
    cross_moments_block(cross, sum_x, x, y, mean, n, d);
}

typedef struct norm_job {
    double *blocks;
    rf_real *h;
    const rf_real *y;
    int64_t n;
    int d;
    const rf_norm *norm;
    const rf_activation *act;
    const rf_real *coef;
} norm_job;

static int64_t rows_in_block(int64_t n, int64_t block)
{
    int64_t left = n - block * RF_BLOCK;
    return left < RF_BLOCK ? left : RF_BLOCK;
}

static void moments_task(void *context, int64_t block, int worker)
{
    const norm_job *job = context;
    (void)worker;
    double *mean = job->blocks + block * 2 * job->d;
    rf_moments_block(mean, mean + job->d, job->y + block * RF_BLOCK * job->d, rows_in_block(job->n, block),
                     job->d);
}

void rf_moments(double *blocks, const rf_real *y, int64_t n, int d, rf_pool *pool)
{
    norm_job job = {.blocks = blocks, .y = y, .n = n, .d = d};
    rf_pool_run(pool, rf_blocks(n), moments_task, &job);
}

/* mean and var are set; derives the rest. */
static void norm_prepare(rf_norm *norm, int j, double mean)
{
    double rstd = 1.0 / sqrt(norm->var[j] + RF_BN_EPS);
    norm->mean[j] = (rf_real)mean;
    norm->rstd[j] = (rf_real)rstd;
    norm->scale[j] = (rf_real)(rstd * (double)norm->gain[j]);
}

/* Chan, Golub and LeVeque's update for joining two sets' moments. */
void rf_norm_from_moments(rf_norm *norm, const double *blocks, int64_t n)
{
    int d = norm->d;
    for (int j = 0; j < d; j++) {
        double mean = 0, m2 = 0, seen = 0;
        for (int64_t block = 0; block < rf_blocks(n); block++) {
            double rows = (double)rows_in_block(n, block), delta = blocks[block * 2 * d + j] - mean;
            double total = seen + rows;
            mean += delta * rows / total;
            m2 += blocks[block * 2 * d + d + j] + delta * delta * seen * rows / total;
            seen = total;
        }
        norm->var[j] = n > 0 ? m2 / (double)n : 0;
        norm_prepare(norm, j, mean);
    }
}

void rf_norm_update_running(rf_real *running_mean, rf_real *running_var, const rf_norm *norm, int64_t n)
{
    double unbias = n > 1 ? (double)n / (double)(n - 1) : 1.0;
    for (int j = 0; j < norm->d; j++) {
        double mean = (double)running_mean[j], var = (double)running_var[j];
        running_mean[j] = (rf_real)(mean + RF_BN_MOMENTUM * ((double)norm->mean[j] - mean));
        running_var[j] = (rf_real)(var + RF_BN_MOMENTUM * (norm->var[j] * unbias - var));
    }
}

void rf_norm_from_running(rf_norm *norm, const rf_real *running_mean, const rf_real *running_var)
{
    for (int j = 0; j < norm->d; j++) {
        norm->var[j] = (double)running_var[j];
        norm_prepare(norm, j, (double)running_mean[j]);
    }
}

RF_HOT static void normalise(rf_real *h, const rf_real *y, int64_t n, int d, const rf_real *restrict mean,
                             const rf_real *restrict scale, const rf_real *restrict bias, bool relu)
{
    rf_real floor_at = relu ? 0 : -(rf_real)INFINITY;
    for (int64_t i = 0; i < n; i++) {
        for (int j = 0; j < d; j++) {
            rf_real z = (y[i * d + j] - mean[j]) * scale[j] + bias[j];
            h[i * d + j] = z < floor_at ? floor_at : z; /* NaN stays NaN */
        }
    }
}

void rf_norm_rows(rf_real *h, const rf_real *y, int64_t first, int64_t n, const rf_norm *norm,
                  const rf_activation *act)
{
    normalise(h, y, n, norm->d, norm->mean, norm->scale, norm->bias, act->relu);
    if (act->drop_below != 0)
        rf_dropout_rows(h, first * norm->d, n * norm->d, act);
}

static void forward_task(void *context, int64_t block, int worker)
{
    const norm_job *job = context;
    (void)worker;
    int64_t first = block * RF_BLOCK, at = first * job->norm->d;
    rf_norm_rows(job->h + at, job->y + at, first, rows_in_block(job->n, block), job->norm, job->act);
}

void rf_norm_forward(rf_real *h, const rf_real *y, int64_t n, const rf_norm *norm, const rf_activation *act,
                     rf_pool *pool)
{
    norm_job job = {.h = h, .y = y, .n = n, .norm = norm, .act = act};
    rf_pool_run(pool, rf_blocks(n), forward_task, &job);
}

/* ---- gradient ---- */

RF_INLINE void strip_sums(double *sums, rf_real *dh, const rf_real *y, int64_t n, const rf_norm *norm, int at,
                          bool relu, int n_strips)
{
    rf_wide sum[STRIPS] = {{0}}, dot[STRIPS] = {{0}}, before;
    rf_half mean[STRIPS], scale[STRIPS], bias[STRIPS], rstd[STRIPS], dz, row;
    int d = norm->d;
    for (int s = 0; s < n_strips; s++) {
        RF_LOAD(mean[s], norm->mean + at + s * RF_HALF);
        RF_LOAD(scale[s], norm->scale + at + s * RF_HALF);
        RF_LOAD(bias[s], norm->bias + at + s * RF_HALF);
        RF_LOAD(rstd[s], norm->rstd + at + s * RF_HALF);
    }
    for (int64_t i = 0; i < n; i++) {
        for (int s = 0; s < n_strips; s++) {
            rf_real *out = dh + i * d + at + s * RF_HALF;
            RF_LOAD(dz, out);
            RF_LOAD(row, y + i * d + at + s * RF_HALF);
            rf_half off = row - mean[s];
            if (relu) {
                rf_half_mask on = off * scale[s] + bias[s] > 0;
                dz = (rf_half)((rf_half_mask)dz & on);
                RF_STORE(out, dz);
            }
            rf_half xhat = off * rstd[s];
            sum[s] += RF_WIDEN(dz);
            dot[s] += RF_WIDEN(dz) * RF_WIDEN(xhat);
        }
    }
    for (int s = 0; s < n_strips; s++) {
        RF_LOAD(before, sums + at + s * RF_HALF);
        sum[s] += before;
        RF_STORE(sums + at + s * RF_HALF, sum[s]);
        RF_LOAD(before, sums + d + at + s * RF_HALF);
        dot[s] += before;
        RF_STORE(sums + d + at + s * RF_HALF, dot[s]);
    }
}

RF_INLINE void column_sums(double *sums, rf_real *dh, const rf_real *y, int64_t n, const rf_norm *norm, int j,
                           bool relu)
{
    int d = norm->d;
    for (int64_t i = 0; i < n; i++) {
        rf_real off = y[i * d + j] - norm->mean[j];
        if (relu && !(off * norm->scale[j] + norm->bias[j] > 0))
            dh[i * d + j] = 0;
        sums[j] += (double)dh[i * d + j];
        sums[d + j] += (double)dh[i * d + j] * (double)(off * norm->rstd[j]);
    }
}

RF_INLINE void masked_sums_of(double *sums, rf_real *dh, const rf_real *y, int64_t n, const rf_norm *norm,
                              bool relu)
{
    int d = norm->d, j = 0;
    for (; j + STRIPS * RF_HALF <= d; j += STRIPS * RF_HALF)
        strip_sums(sums, dh, y, n, norm, j, relu, STRIPS);
    for (; j + RF_HALF <= d; j += RF_HALF)
        strip_sums(sums, dh, y, n, norm, j, relu, 1);
    for (; j < d; j++)
        column_sums(sums, dh, y, n, norm, j, relu);
}

RF_HOT static void masked_sums(double *sums, rf_real *dh, const rf_real *y, int64_t n, const rf_norm *norm,
                               bool relu)
{
    if (relu)
        masked_sums_of(sums, dh, y, n, norm, true);
    else
        masked_sums_of(sums, dh, y, n, norm, false);
}

void rf_norm_backward_sums(double *sums, rf_real *dh, const rf_real *y, int64_t first, int64_t n,
                           const rf_norm *norm, const rf_activation *act)
{
    if (act->drop_below != 0)
        rf_dropout_rows(dh, first * norm->d, n * norm->d, act);
    masked_sums(sums, dh, y, n, norm, act->relu);
}

void rf_norm_backward_coefficients(rf_real *coef, rf_real *dgain, rf_real *dbias, const double *sums,
                                   int64_t n, int d)
{
    for (int j = 0; j < d; j++) {
        dbias[j] = (rf_real)((double)dbias[j] + sums[j]);
        dgain[j] = (rf_real)((double)dgain[j] + sums[d + j]);
        coef[j] = (rf_real)(sums[j] / (double)n);
        coef[d + j] = (rf_real)(sums[d + j] / (double)n);
    }
}

RF_HOT static void backward_rows(rf_real *dz, const rf_real *y, int64_t n, int d,
                                 const rf_real *restrict mean, const rf_real *restrict rstd,
                                 const rf_real *restrict scale, const rf_real *restrict coef)
{
    for (int64_t i = 0; i < n; i++) {
        for (int j = 0; j < d; j++) {
            rf_real xhat = (y[i * d + j] - mean[j]) * rstd[j];
            dz[i * d + j] = scale[j] * (dz[i * d + j] - coef[j] - xhat * coef[d + j]);
        }
    }
}

void rf_norm_backward_rows(rf_real *dz, const rf_real *y, int64_t n, const rf_norm *norm, const rf_real *coef)
{
    backward_rows(dz, y, n, norm->d, norm->mean, norm->rstd, norm->scale, coef);
}

static void sums_task(void *context, int64_t block, int worker)
{
    const norm_job *job = context;
    (void)worker;
    int64_t first = block * RF_BLOCK, at = first * job->norm->d;
    double *sums = job->blocks + block * 2 * job->norm->d;
    for (int j = 0; j < 2 * job->norm->d; j++)
        sums[j] = 0;
    rf_norm_backward_sums(sums, job->h + at, job->y + at, first, rows_in_block(job->n, block), job->norm,
                          job->act);
}

static void rows_task(void *context, int64_t block, int worker)
{
    const norm_job *job = context;
    (void)worker;
    int64_t at = block * RF_BLOCK * job->norm->d;
    rf_norm_backward_rows(job->h + at, job->y + at, rows_in_block(job->n, block), job->norm, job->coef);
}

void rf_add_blocks(double *blocks, int64_t n_blocks, int width)
{
    for (int64_t block = 1; block < n_blocks; block++) {
        for (int j = 0; j < width; j++)
            blocks[j] += blocks[block * width + j];
    }
}

void rf_norm_backward(rf_real *dh, rf_real *dgain, rf_real *dbias, const rf_real *y, int64_t n,
                      const rf_norm *norm, const rf_activation *act, double *blocks, rf_real *coef,
                      rf_pool *pool)
{
    norm_job job = {.blocks = blocks, .h = dh, .y = y, .n = n, .norm = norm, .act = act, .coef = coef};
    if (n == 0 || norm->d == 0)
        return;
    rf_pool_run(pool, rf_blocks(n), sums_task, &job);
    rf_add_blocks(blocks, rf_blocks(n), 2 * norm->d);
    rf_norm_backward_coefficients(coef, dgain, dbias, blocks, n, norm->d);
    rf_pool_run(pool, rf_blocks(n), rows_task, &job);
}
