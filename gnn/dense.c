/* dense.c - linear layers over fixed blocks of rows, and the gather that replaces an edge's concatenated
 * message.
 *
 * Every block is one BLAS call on one thread. A weight gradient is the sum of at most RF_SEGMENTS partial
 * products, each over its own run of blocks, added in order: the bits do not depend on the number of threads.
 */
#include "rf_kernels.h"

#include "gnn_int.h"
#include "rf_linalg.h"

#define AHEAD 12       /* edges between the prefetch of their rows and their use */
#define MOST_AHEAD 128 /* numbers of a row: the rest comes by itself */

typedef struct dense_job {
    rf_real *out;
    const rf_real *x, *w, *b;
    int64_t n;
    int d, o, ldw;
    rf_real beta;
    rf_real *partial;
    double *sums;
    int64_t n_segments;
} dense_job;

static int rows_in_block(int64_t n, int64_t block)
{
    int64_t left = n - block * RF_BLOCK;
    return (int)(left < RF_BLOCK ? left : RF_BLOCK);
}

RF_HOT static void add_bias(rf_real *y, const rf_real *b, int64_t n, int o)
{
    for (int64_t i = 0; i < n; i++) {
        for (int j = 0; j < o; j++)
            y[i * o + j] += b[j];
    }
}

void rf_add_bias(rf_real *y, const rf_real *b, int64_t n, int o)
{
    add_bias(y, b, n, o);
}

static void forward_block(void *context, int64_t block, int worker)
{
    const dense_job *job = context;
    (void)worker;
    int rows = rows_in_block(job->n, block);
    rf_real *y = job->out + block * RF_BLOCK * job->o;
    rf_gemm_nt(y, job->o, job->x + block * RF_BLOCK * job->d, job->d, job->w, job->ldw, rows, job->o, job->d,
               0);
    if (job->b != NULL)
        rf_add_bias(y, job->b, rows, job->o);
}

void rf_dense_forward(rf_real *y, const rf_real *x, const rf_real *w, int ldw, const rf_real *b, int64_t n,
                      int d, int o, rf_pool *pool)
{
    dense_job job = {.out = y, .x = x, .w = w, .b = b, .n = n, .d = d, .o = o, .ldw = ldw};
    rf_pool_run(pool, rf_blocks(n), forward_block, &job);
}

static void backward_input_block(void *context, int64_t block, int worker)
{
    const dense_job *job = context;
    (void)worker;
    int rows = rows_in_block(job->n, block);
    rf_gemm_nn(job->out + block * RF_BLOCK * job->d, job->d, job->x + block * RF_BLOCK * job->o, job->o,
               job->w, job->ldw, rows, job->d, job->o, job->beta);
}

void rf_dense_backward_input(rf_real *dx, const rf_real *dy, const rf_real *w, int ldw, int64_t n, int d,
                             int o, rf_real beta, rf_pool *pool)
{
    dense_job job = {.out = dx, .x = dy, .w = w, .n = n, .d = d, .o = o, .ldw = ldw, .beta = beta};
    rf_pool_run(pool, rf_blocks(n), backward_input_block, &job);
}

RF_HOT static void column_sums(double *restrict sums, const rf_real *restrict y, int64_t n, int d)
{
    for (int64_t i = 0; i < n; i++) {
        for (int j = 0; j < d; j++)
            sums[j] += (double)y[i * d + j];
    }
}

void rf_column_sums(double *restrict sums, const rf_real *restrict y, int64_t n, int d)
{
    column_sums(sums, y, n, d);
}

static void backward_weights_segment(void *context, int64_t segment, int worker)
{
    const dense_job *job = context;
    (void)worker;
    int64_t blocks = rf_blocks(job->n);
    int64_t from = segment * blocks / job->n_segments, to = (segment + 1) * blocks / job->n_segments;
    rf_real *partial = job->partial + segment * job->o * job->d;
    double *sums = job->sums + segment * job->o;
    for (int j = 0; j < job->o; j++)
        sums[j] = 0;
    for (int64_t block = from; block < to; block++) {
        int rows = rows_in_block(job->n, block);
        const rf_real *dy = job->b + block * RF_BLOCK * job->o;
        rf_gemm_tn(partial, job->d, dy, job->o, job->x + block * RF_BLOCK * job->d, job->d, job->o, job->d,
                   rows, block == from ? 0 : 1);
        column_sums(sums, dy, rows, job->o);
    }
}

void rf_add_partials(rf_real *dw, int ldw, const rf_real *partial, int64_t n_parts, int o, int d)
{
    for (int i = 0; i < o; i++) {
        for (int j = 0; j < d; j++) {
            double sum = (double)dw[(int64_t)i * ldw + j];
            for (int64_t part = 0; part < n_parts; part++)
                sum += (double)partial[(part * o + i) * d + j];
            dw[(int64_t)i * ldw + j] = (rf_real)sum;
        }
    }
}

void rf_add_sums(rf_real *db, const double *sums, int64_t n_parts, int o)
{
    for (int j = 0; db != NULL && j < o; j++) {
        double sum = (double)db[j];
        for (int64_t part = 0; part < n_parts; part++)
            sum += sums[part * o + j];
        db[j] = (rf_real)sum;
    }
}

void rf_dense_backward_weights(rf_real *dw, int ldw, rf_real *db, const rf_real *dy, const rf_real *x,
                               int64_t n, int d, int o, rf_real *partial, double *sums, rf_pool *pool)
{
    dense_job job = {.b = dy, .x = x, .n = n, .d = d, .o = o, .partial = partial, .sums = sums};
    job.n_segments = rf_segments(n);
    rf_pool_run(pool, job.n_segments, backward_weights_segment, &job);
    rf_add_partials(dw, ldw, partial, job.n_segments, o, d);
    rf_add_sums(db, sums, job.n_segments, o);
}

/* ---- edges ---- */

RF_INLINE void add_two_rows(rf_real *restrict y, const rf_real *restrict a, const rf_real *restrict b, int o,
                            bool add)
{
    int j = 0;
    for (; j + RF_LANES <= o; j += RF_LANES) {
        rf_vec va, vb, vy;
        RF_LOAD(va, a + j);
        RF_LOAD(vb, b + j);
        vb = va + vb;
        if (add) {
            RF_LOAD(vy, y + j);
            vb = vy + vb;
        }
        RF_STORE(y + j, vb);
    }
    for (; j < o; j++)
        y[j] = add ? y[j] + (a[j] + b[j]) : a[j] + b[j];
}

RF_HOT static void gather_pairs(rf_real *y, const rf_real *tu, const rf_real *tv, const uint32_t *e_u,
                                const uint32_t *e_v, int64_t n, int o, bool add)
{
    for (int64_t i = 0; i < n; i++) {
        if (i + AHEAD < n) {
            const rf_real *u = tu + (int64_t)e_u[i + AHEAD] * o;
            const rf_real *v = tv + (int64_t)e_v[i + AHEAD] * o;
            for (int j = 0; j < o && j < MOST_AHEAD; j += RF_LANES) {
                __builtin_prefetch(u + j);
                __builtin_prefetch(v + j);
            }
        }
        const rf_real *a = tu + (int64_t)e_u[i] * o, *b = tv + (int64_t)e_v[i] * o;
        if (add)
            add_two_rows(y + i * o, a, b, o, true);
        else
            add_two_rows(y + i * o, a, b, o, false);
    }
}

void rf_gather_pairs(rf_real *y, const rf_real *tu, const rf_real *tv, const uint32_t *e_u,
                     const uint32_t *e_v, int64_t n, int o, bool add)
{
    gather_pairs(y, tu, tv, e_u, e_v, n, o, add);
}
