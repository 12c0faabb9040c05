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

RF_HOT double rf_squared_error(rf_real *dx, const rf_real *x_hat, const rf_real *x, int64_t n, rf_real weight)
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

/* ---- structure ---- */

/* Adds a vector's lanes in a fixed tree. */
RF_INLINE rf_real add_lanes(const rf_vec *v)
{
    rf_real lane[64 / sizeof(rf_real)];
    memcpy(lane, v, sizeof *v);
    for (int half = RF_LANES / 2; half > 0; half /= 2) {
        for (int j = 0; j < half; j++)
            lane[j] += lane[j + half];
    }
    return lane[0];
}

RF_INLINE rf_real dot(const rf_real *a, const rf_real *b, int d)
{
    rf_vec sum = {0}, va, vb;
    int j = 0;
    for (; j + RF_LANES <= d; j += RF_LANES) {
        RF_LOAD(va, a + j);
        RF_LOAD(vb, b + j);
        sum += va * vb;
    }
    rf_real total = add_lanes(&sum);
    for (; j < d; j++)
        total += a[j] * b[j];
    return total;
}

/* y += a x */
RF_INLINE void add_scaled(rf_real *restrict y, const rf_real *restrict x, rf_real a, int d)
{
    int j = 0;
    for (; j + RF_LANES <= d; j += RF_LANES) {
        rf_vec vy, vx;
        RF_LOAD(vy, y + j);
        RF_LOAD(vx, x + j);
        vy = vy + vx * a;
        RF_STORE(y + j, vy);
    }
    for (; j < d; j++)
        y[j] += a * x[j];
}

RF_HOT static void logits(rf_real *logit, const rf_real *zu, const rf_real *zv, const uint32_t *v, int64_t n,
                          int d)
{
    for (int64_t k = 0; k < n; k++)
        logit[k] = dot(zu, zv + (int64_t)v[k] * d, d);
}

RF_HOT static void add_pair_gradients(rf_real *dzu, rf_real *dzv, const rf_real *zu, const rf_real *zv,
                                      const uint32_t *v, const rf_real *slope, int64_t n, int d)
{
    for (int64_t k = 0; k < n; k++) {
        add_scaled(dzu, zv + (int64_t)v[k] * d, slope[k], d);
        add_scaled(dzv + (int64_t)v[k] * d, zu, slope[k], d);
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
