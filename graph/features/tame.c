/* tame.c - the last step of every matrix: mean 0 and variance 1 a column, constant columns dropped by name.
 *
 * Values arrive tamed (sign(x) log1p |x| if the table says so), with NaN for rows without data. NaN becomes
 * the mean of the rows that have data, written as -0; +0 is a value equal to the mean. Extreme rows are not
 * changed, because outliers are to be found. Sums are taken in double over blocks of a fixed number of rows,
 * squares about each block's own mean, and joined in order: one pass over the rows, which may come in pieces,
 * gives the same moments at any thread count.
 */
#include "tame_int.h"

#include <math.h>
#include <stdbool.h>

#include "rf_mem.h"

void rf_feature_matrix_clear(rf_feature_matrix *matrix)
{
    for (int j = 0; matrix->name && j < matrix->d; j++)
        rf_mem_free(matrix->name[j]);
    for (int j = 0; j < matrix->n_dropped; j++)
        rf_mem_free(matrix->dropped[j]);
    rf_mem_free(matrix->x);
    rf_mem_free(matrix->name);
    rf_mem_free(matrix->mean);
    rf_mem_free(matrix->scale);
    rf_mem_free(matrix->transform);
    rf_mem_free(matrix->dropped);
    rf_mem_free(matrix->dropped_value);
    *matrix = (rf_feature_matrix){0};
}

/* ---- moments ---- */

typedef struct moments_task {
    rf_moments *m;
    float *rows; /* the piece's rows, [n, d] */
    int64_t from, n;
} moments_task;

/* Rows of the piece that belong to its block'th block. */
static void block_rows(const moments_task *t, int64_t block, int64_t *from, int64_t *to)
{
    *from = block * RF_MOMENT_ROWS;
    *to = *from + RF_MOMENT_ROWS < t->n ? *from + RF_MOMENT_ROWS : t->n;
}

static void sum_task(void *context, int64_t block, int worker)
{
    const moments_task *t = context;
    const rf_moments *m = t->m;
    int64_t at = (t->from / RF_MOMENT_ROWS + block) * m->d, from, to;
    double *mean = m->block_mean + at, *square = m->block_square + at;
    int64_t *present = m->present + at;
    (void)worker;

    block_rows(t, block, &from, &to);
    for (int64_t i = from; i < to; i++) {
        const float *row = t->rows + i * m->d;
        for (int64_t j = 0; j < m->d; j++) {
            bool has = !isnan(row[j]);
            mean[j] += has ? (double)row[j] : 0.0;
            present[j] += has;
        }
    }
    for (int64_t j = 0; j < m->d; j++)
        mean[j] = present[j] > 0 ? mean[j] / (double)present[j] : 0.0;
    for (int64_t i = from; i < to; i++) {
        const float *row = t->rows + i * m->d;
        for (int64_t j = 0; j < m->d; j++) {
            double from_mean = isnan(row[j]) ? 0.0 : (double)row[j] - mean[j];
            square[j] += from_mean * from_mean;
        }
    }
}

static void scale_task(void *context, int64_t block, int worker)
{
    const moments_task *t = context;
    const rf_moments *m = t->m;
    int64_t from, to;
    (void)worker;

    block_rows(t, block, &from, &to);
    for (int64_t i = from; i < to; i++) {
        float *row = t->rows + i * m->d;
        for (int64_t j = 0; j < m->d; j++)
            row[j] = isnan(row[j])      ? -0.0f
                     : m->scale[j] == 0 ? 0.0f
                                        : (float)(((double)row[j] - m->mean[j]) / m->scale[j]) + 0.0f;
    }
}

static int64_t count_blocks(int64_t n)
{
    return (n + RF_MOMENT_ROWS - 1) / RF_MOMENT_ROWS;
}

rf_status rf_moments_init(rf_moments *m, int64_t n, int64_t d, rf_err *err)
{
    rf_status st = RF_OK;

    *m = (rf_moments){.n = n, .d = d, .n_blocks = count_blocks(n)};
    RF_ZERO(m->block_mean, m->n_blocks * d, err);
    RF_ZERO(m->block_square, m->n_blocks * d, err);
    RF_ZERO(m->present, m->n_blocks * d, err);
    RF_ZERO(m->mean, d, err);
    RF_ZERO(m->scale, d, err);
done:
    if (st < 0)
        rf_moments_clear(m);
    return st;
}

void rf_moments_clear(rf_moments *m)
{
    rf_mem_free(m->block_mean);
    rf_mem_free(m->block_square);
    rf_mem_free(m->present);
    rf_mem_free(m->mean);
    rf_mem_free(m->scale);
    *m = (rf_moments){0};
}

void rf_moments_add(rf_moments *m, float *rows, int64_t from, int64_t n, rf_pool *pool)
{
    moments_task task = {.m = m, .rows = rows, .from = from, .n = n};
    rf_pool_run(pool, count_blocks(n), sum_task, &task);
}

/* The blocks of column j joined: mean of what is present, squares about it. */
static void join_blocks(rf_moments *m, int64_t j)
{
    int64_t present = 0;
    double sum = 0.0, square = 0.0;

    for (int64_t at = j; at < m->n_blocks * m->d; at += m->d) {
        present += m->present[at];
        sum += m->block_mean[at] * (double)m->present[at];
    }
    double mean = present > 0 ? sum / (double)present : 0.0;
    for (int64_t at = j; at < m->n_blocks * m->d; at += m->d) {
        double between = m->block_mean[at] - mean;
        square += m->block_square[at] + (double)m->present[at] * between * between;
    }
    double variance = m->n > 0 ? square / (double)m->n : 0.0;
    bool constant = variance <= 1e-12 * mean * mean || variance < 1e-30;
    m->mean[j] = present > 0 ? mean : (double)NAN;
    m->scale[j] = constant ? 0.0 : sqrt(variance);
}

void rf_moments_finish(rf_moments *m)
{
    for (int64_t j = 0; j < m->d; j++)
        join_blocks(m, j);
}

void rf_moments_apply(rf_moments *m, float *rows, int64_t n, rf_pool *pool)
{
    moments_task task = {.m = m, .rows = rows, .n = n};
    rf_pool_run(pool, count_blocks(n), scale_task, &task);
    float *to = rows; /* the rows move together: from d columns to those with a scale */
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m->d; j++)
            if (m->scale[j] != 0)
                *to++ = rows[i * m->d + j];
}

rf_status rf_moments_columns(rf_feature_matrix *matrix, const rf_moments *m, rf_err *err)
{
    rf_status st = RF_OK;
    int kept = 0;

    RF_NEW(matrix->mean, matrix->d, err);
    RF_NEW(matrix->scale, matrix->d, err);
    RF_NEW(matrix->dropped, matrix->d, err);
    RF_NEW(matrix->dropped_value, matrix->d, err);
    for (int j = 0; j < matrix->d; j++) {
        if (m->scale[j] == 0) {
            matrix->dropped_value[matrix->n_dropped] = (float)m->mean[j];
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
done:
    return st;
}

rf_status rf_standardise(rf_feature_matrix *matrix, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_moments m = {0};

    RF_TRY(rf_moments_init(&m, matrix->n, matrix->d, err));
    rf_moments_add(&m, matrix->x, 0, matrix->n, pool);
    rf_moments_finish(&m);
    RF_TRY(rf_moments_columns(matrix, &m, err));
    rf_moments_apply(&m, matrix->x, matrix->n, pool);
    if (matrix->n_dropped > 0) {
        size_t left = (size_t)matrix->n * (size_t)matrix->d;
        float *smaller = rf_mem_grow(matrix->x, left, sizeof *matrix->x, err);
        if (!smaller)
            st = RF_E_NOMEM;
        else
            matrix->x = smaller;
    }
done:
    rf_moments_clear(&m);
    return st;
}
