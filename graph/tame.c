/* tame.c - the last step of every matrix: mean 0 and variance 1 a column, constant columns dropped by name.
 *
 * Values arrive tamed (sign(x) log1p |x| where the table says so) with NaN where there was no data. NaN
 * becomes the mean of the rows that have data. Extreme rows are left as they are: outliers are what we look
 * for. Two passes in double over blocks of a fixed number of rows, whose sums are added in order.
 */
#include "features_int.h"

#include <string.h>

#define BLOCK_ROWS 2048

typedef struct moments {
    float *x;
    int64_t n, d, n_blocks;
    double *sum;      /* [n_blocks, d] */
    int64_t *present; /* [n_blocks, d] */
    double *mean;     /* [d] */
    double *scale;    /* [d] 0: constant */
} moments;

static int64_t block_end(const moments *m, int64_t block)
{
    return (block + 1) * BLOCK_ROWS < m->n ? (block + 1) * BLOCK_ROWS : m->n;
}

static void sum_task(void *context, int64_t block, int worker)
{
    moments *m = context;
    double *sum = m->sum + block * m->d;
    int64_t *present = m->present + block * m->d;
    (void)worker;

    for (int64_t i = block * BLOCK_ROWS; i < block_end(m, block); i++) {
        const float *row = m->x + i * m->d;
        for (int64_t j = 0; j < m->d; j++) {
            bool has = !isnan(row[j]);
            sum[j] += has ? (double)row[j] : 0.0;
            present[j] += has;
        }
    }
}

static void square_task(void *context, int64_t block, int worker)
{
    moments *m = context;
    double *sum = m->sum + block * m->d;
    (void)worker;

    for (int64_t i = block * BLOCK_ROWS; i < block_end(m, block); i++) {
        const float *row = m->x + i * m->d;
        for (int64_t j = 0; j < m->d; j++) {
            double from_mean = isnan(row[j]) ? 0.0 : (double)row[j] - m->mean[j];
            sum[j] += from_mean * from_mean;
        }
    }
}

static void scale_task(void *context, int64_t block, int worker)
{
    moments *m = context;
    (void)worker;

    for (int64_t i = block * BLOCK_ROWS; i < block_end(m, block); i++) {
        float *row = m->x + i * m->d;
        for (int64_t j = 0; j < m->d; j++)
            row[j] = isnan(row[j]) || m->scale[j] == 0 ? 0.0f
                                                       : (float)(((double)row[j] - m->mean[j]) / m->scale[j]);
    }
}

static double total(const moments *m, int64_t j)
{
    double sum = 0;
    for (int64_t block = 0; block < m->n_blocks; block++)
        sum += m->sum[block * m->d + j];
    return sum;
}

static void find_moments(moments *m, rf_pool *pool)
{
    size_t cells = (size_t)(m->n_blocks * m->d);

    rf_pool_run(pool, m->n_blocks, sum_task, m);
    for (int64_t j = 0; j < m->d; j++) {
        int64_t present = 0;
        for (int64_t block = 0; block < m->n_blocks; block++)
            present += m->present[block * m->d + j];
        m->mean[j] = present > 0 ? total(m, j) / (double)present : 0.0;
    }
    memset(m->sum, 0, cells * sizeof *m->sum);
    rf_pool_run(pool, m->n_blocks, square_task, m);
    for (int64_t j = 0; j < m->d; j++) {
        double variance = m->n > 0 ? total(m, j) / (double)m->n : 0.0;
        bool constant = variance <= 1e-12 * m->mean[j] * m->mean[j] || variance < 1e-30;
        m->scale[j] = constant ? 0.0 : sqrt(variance);
    }
}

static void keep_columns(rf_feature_matrix *matrix, const moments *m)
{
    int kept = 0;
    for (int j = 0; j < matrix->d; j++) {
        if (m->scale[j] == 0) {
            matrix->dropped[matrix->n_dropped++] = matrix->name[j];
            continue;
        }
        matrix->name[kept] = matrix->name[j];
        matrix->transform[kept] = matrix->transform[j];
        matrix->mean[kept] = (float)m->mean[j];
        matrix->scale[kept] = (float)m->scale[j];
        kept++;
    }
    matrix->d = kept;
}

/* Moves the rows together: from d columns to those with a scale. */
static void compact_rows(float *x, const moments *m)
{
    float *to = x;
    for (int64_t i = 0; i < m->n; i++)
        for (int64_t j = 0; j < m->d; j++)
            if (m->scale[j] != 0)
                *to++ = m->x[i * m->d + j];
}

static rf_status shrink(rf_feature_matrix *matrix, rf_err *err)
{
    float *smaller = rf_mem_grow(matrix->x, (size_t)matrix->n * (size_t)matrix->d, sizeof *matrix->x, err);
    if (!smaller)
        return RF_E_NOMEM;
    matrix->x = smaller;
    return RF_OK;
}

rf_status rf_standardise(rf_feature_matrix *matrix, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t d = matrix->d, n_blocks = (matrix->n + BLOCK_ROWS - 1) / BLOCK_ROWS;
    size_t n_sums = (size_t)(n_blocks * d);
    moments m = {.x = matrix->x,
                 .n = matrix->n,
                 .d = d,
                 .n_blocks = n_blocks,
                 .sum = rf_mem_zero(n_sums, sizeof *m.sum, err),
                 .present = rf_mem_zero(n_sums, sizeof *m.present, err),
                 .mean = rf_mem_new((size_t)d, sizeof *m.mean, err),
                 .scale = rf_mem_new((size_t)d, sizeof *m.scale, err)};

    matrix->mean = rf_mem_new((size_t)d, sizeof *matrix->mean, err);
    matrix->scale = rf_mem_new((size_t)d, sizeof *matrix->scale, err);
    matrix->dropped = rf_mem_new((size_t)d, sizeof *matrix->dropped, err);
    if (!m.sum || !m.present || !m.mean || !m.scale || !matrix->mean || !matrix->scale || !matrix->dropped) {
        st = RF_E_NOMEM;
        goto done;
    }
    find_moments(&m, pool);
    rf_pool_run(pool, n_blocks, scale_task, &m);
    keep_columns(matrix, &m);
    if (matrix->n_dropped > 0) {
        compact_rows(matrix->x, &m);
        RF_TRY(shrink(matrix, err));
    }
done:
    rf_mem_free(m.sum);
    rf_mem_free(m.present);
    rf_mem_free(m.mean);
    rf_mem_free(m.scale);
    return st;
}
