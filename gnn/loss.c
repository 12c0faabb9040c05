/* loss.c - squared error of features, cross-entropy of edges, and their gradients.
 *
 * Sums are taken in double. The cross-entropy comes from the logit, not from the rounded probability: where
 * the probability is not 0 or 1 to working precision this is the reference's number, elsewhere it keeps its
 * gradient.
 */
#include "rf_kernels.h"

#include <math.h>

#include "gnn_int.h"

#define MOST 100.0 /* the reference cuts -log(p) here */
#define FACTORS 32 /* numbers in (1, 2] whose product is taken before one logarithm */

RF_HOT static double squared_error(rf_real *dx, const rf_real *x_hat, const rf_real *x, int64_t n,
                                   rf_real weight)
{
    enum { LANES = 16 };
    double lane[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int j = 0; j < LANES; j++) {
            rf_real off = x_hat[i + j] - x[i + j];
            lane[j] += (double)off * (double)off;
        }
    }
    for (int j = 0; j < LANES; j++)
        sum += lane[j];
    for (; i < n; i++) {
        rf_real off = x_hat[i] - x[i];
        sum += (double)off * (double)off;
    }
    for (i = 0; dx != NULL && i < n; i++)
        dx[i] = weight * (x_hat[i] - x[i]);
    return sum;
}

double rf_squared_error(rf_real *dx, const rf_real *x_hat, const rf_real *x, int64_t n, rf_real weight)
{
    return squared_error(dx, x_hat, x, n, weight);
}

typedef struct error_job {
    rf_real *dx;
    const rf_real *x_hat, *x;
    int64_t n;
    int d;
    rf_real weight;
    double *blocks;
} error_job;

static void error_task(void *context, int64_t block, int worker)
{
    const error_job *job = context;
    (void)worker;
    int64_t at = block * RF_BLOCK * job->d, rows = job->n - block * RF_BLOCK;
    rows = rows < RF_BLOCK ? rows : RF_BLOCK;
    job->blocks[block] = rf_squared_error(job->dx == NULL ? NULL : job->dx + at, job->x_hat + at, job->x + at,
                                          rows * job->d, job->weight);
}

double rf_squared_error_rows(rf_real *dx, const rf_real *x_hat, const rf_real *x, int64_t n, int d,
                             rf_real weight, double *blocks, rf_pool *pool)
{
    error_job job = {.dx = dx, .x_hat = x_hat, .x = x, .n = n, .d = d, .weight = weight, .blocks = blocks};
    rf_pool_run(pool, rf_blocks(n), error_task, &job);
    double sum = 0;
    for (int64_t block = 0; block < rf_blocks(n); block++)
        sum += blocks[block];
    return sum;
}

/* Sums of the rows' squared errors and of their squares, a pair for each block. */
static void spread_task(void *context, int64_t block, int worker)
{
    const error_job *job = context;
    double *sums = job->blocks + 2 * block;
    (void)worker;
    int64_t first = block * RF_BLOCK, last = first + RF_BLOCK;
    sums[0] = sums[1] = 0;
    for (int64_t i = first; i < last && i < job->n; i++) {
        double error = squared_error(NULL, job->x_hat + i * job->d, job->x + i * job->d, job->d, 0);
        sums[0] += error;
        sums[1] += error * error;
    }
}

double rf_error_concentration(const rf_real *x_hat, const rf_real *x, int64_t n, int d, double *blocks,
                              rf_pool *pool)
{
    error_job job = {.x_hat = x_hat, .x = x, .n = n, .d = d, .blocks = blocks};
    double sum = 0, squares = 0;
    rf_pool_run(pool, rf_blocks(n), spread_task, &job);
    for (int64_t block = 0; block < rf_blocks(n); block++) {
        sum += blocks[2 * block];
        squares += blocks[2 * block + 1];
    }
    return sum > 0 ? (double)n * squares / (sum * sum) : 0;
}

/* ---- structure ---- */

#if RF_REAL_IS_DOUBLE
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define MOST_LANES 8
#else
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define MOST_LANES 16
#endif

/* Lane k of part[0] becomes the sum of the lanes of part[k]: neighbours are added in pairs, level by level.
 */
RF_INLINE void add_lanes(rf_vec part[MOST_LANES])
{
#pragma GCC unroll 4
    for (int n = MOST_LANES / 2; n > 0; n /= 2) {
#pragma GCC unroll 8
        for (int k = 0; k < n; k++)
            part[k] = EVEN(part[2 * k], part[2 * k + 1]) + ODD(part[2 * k], part[2 * k + 1]);
    }
}

/* Products of zu with as many rows of zv as a vector has lanes, or fewer. */
RF_INLINE void dots(rf_real *logit, const rf_real *zu, const rf_real *zv, const uint32_t *v, int n, int d)
{
    rf_vec part[MOST_LANES], a, b;
    rf_real rest[MOST_LANES] = {0};
    for (int k = 0; k < MOST_LANES; k++) {
        const rf_real *row = zv + (int64_t)v[k < n ? k : 0] * d;
        int j = 0;
        part[k] = (rf_vec){0};
        for (; j + RF_LANES <= d; j += RF_LANES) {
            RF_LOAD(a, zu + j);
            RF_LOAD(b, row + j);
            part[k] += a * b;
        }
        for (; j < d; j++)
            rest[k] += zu[j] * row[j];
    }
    add_lanes(part);
    memcpy(&a, rest, sizeof a);
    part[0] += a;
    if (n == MOST_LANES)
        RF_STORE(logit, part[0]);
    else
        memcpy(logit, &part[0], (size_t)n * sizeof *logit);
}

RF_HOT static void logits(rf_real *logit, const rf_real *zu, const rf_real *zv, const uint32_t *v, int64_t n,
                          int d)
{
    int64_t k = 0;
    for (; k + MOST_LANES <= n; k += MOST_LANES) {
        for (int64_t next = k + MOST_LANES; next < k + 2 * MOST_LANES && next < n; next++) {
            for (int j = 0; j < d; j += RF_LANES)
                __builtin_prefetch(zv + (int64_t)v[next] * d + j);
        }
        dots(logit + k, zu, zv, v + k, MOST_LANES, d);
    }
    if (k < n)
        dots(logit + k, zu, zv, v + k, (int)(n - k), d);
}

/* n_vec vectors of columns: the user's sum stays in registers while the entities' rows pass. */
RF_INLINE void pair_columns(rf_real *dzu, rf_real *dzv, const rf_real *zu, const rf_real *zv,
                            const uint32_t *v, const rf_real *slope, int64_t n, int d, int n_vec)
{
    rf_vec sum[2] = {{0}}, own[2] = {{0}}, row, out;
    for (int i = 0; i < n_vec; i++) {
        RF_LOAD(sum[i], dzu + i * RF_LANES);
        RF_LOAD(own[i], zu + i * RF_LANES);
    }
    for (int64_t k = 0; k < n; k++) {
        int64_t at = (int64_t)v[k] * d;
        for (int i = 0; i < n_vec; i++) {
            RF_LOAD(row, zv + at + i * RF_LANES);
            RF_LOAD(out, dzv + at + i * RF_LANES);
            sum[i] += row * slope[k];
            out += own[i] * slope[k];
            RF_STORE(dzv + at + i * RF_LANES, out);
        }
    }
    for (int i = 0; i < n_vec; i++)
        RF_STORE(dzu + i * RF_LANES, sum[i]);
}

RF_HOT static void add_pair_gradients(rf_real *dzu, rf_real *dzv, const rf_real *zu, const rf_real *zv,
                                      const uint32_t *v, const rf_real *slope, int64_t n, int d)
{
    int j = 0;
    for (; j + 2 * RF_LANES <= d; j += 2 * RF_LANES)
        pair_columns(dzu + j, dzv + j, zu + j, zv + j, v, slope, n, d, 2);
    for (; j + RF_LANES <= d; j += RF_LANES)
        pair_columns(dzu + j, dzv + j, zu + j, zv + j, v, slope, n, d, 1);
    if (j == d)
        return;
    for (int64_t k = 0; k < n; k++) {
        for (int i = j; i < d; i++) {
            dzu[i] += zv[(int64_t)v[k] * d + i] * slope[k];
            dzv[(int64_t)v[k] * d + i] += zu[i] * slope[k];
        }
    }
}

/* Replaces logits by exp(-|logit|), the one transcendental that probability, loss and slope need. */
static void decay(rf_real *out, const rf_real *logit, int64_t n)
{
    for (int64_t k = 0; k < n; k++)
        out[k] = (rf_real)exp(-fabs((double)logit[k]));
}

double rf_structure_row(rf_real *dzu, rf_real *dzv, rf_real *prob, const rf_real *zu, const rf_real *zv,
                        const uint32_t *v, const uint8_t *y, int64_t n, int d, rf_real weight, rf_real *logit)
{
    double loss = 0, product = 1;
    logits(logit, zu, zv, v, n, d);
    for (int64_t k = 0; k < n; k++) {
        rf_real s = logit[k], t;
        decay(&t, &s, 1);
        rf_real p = s >= 0 ? 1 / (1 + t) : t / (1 + t);
        /* -log p = log(1 + t) + max(-s, 0) for a true pair, with max(s, 0) for a false one; a NaN stays one
         */
        double line = y[k] ? -(double)s : (double)s;
        if (line > MOST) {
            loss += MOST;
        } else {
            loss += line > 0 ? line : 0 * line;
            product *= 1 + (double)t;
        }
        if (k % FACTORS == FACTORS - 1) {
            loss += log(product);
            product = 1;
        }
        if (prob != NULL)
            prob[k] = p;
        logit[k] = weight * (p - (rf_real)y[k]);
    }
    loss += log(product);
    if (dzu != NULL)
        add_pair_gradients(dzu, dzv, zu, zv, v, logit, n, d);
    return loss;
}
