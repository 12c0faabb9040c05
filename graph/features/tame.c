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
#include <string.h>

#include "rf_hot.h"
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

typedef float floats __attribute__((vector_size(16)));
typedef double doubles __attribute__((vector_size(32)));
typedef int64_t wholes __attribute__((vector_size(32)));

#define LANES 4
#define VECTORS 4
#define TILE (VECTORS * LANES) /* columns whose sums stay in the processor's registers */

typedef struct block_sums { /* of one block: [d] */
    double *mean, *square;
    int64_t *present;
} block_sums;

/* LANES columns of a row as doubles; *has: all bits where there is one, else none. */
static inline void load_lanes(doubles *value, wholes *has, const float *row)
{
    floats narrow;
    memcpy(&narrow, row, sizeof narrow);
    *value = __builtin_convertvector(narrow, doubles);
    *has = *value == *value;
}

/* TILE columns from `at` on, each in the order of the rows. */
RF_HOT static void add_tile(const block_sums *sums, const float *restrict rows, int64_t n, int64_t d,
                            int64_t at)
{
    doubles sum[VECTORS] = {{0}}, square[VECTORS] = {{0}}, value;
    wholes present[VECTORS] = {{0}}, has;
    for (int64_t i = 0; i < n; i++) {
        for (int k = 0; k < VECTORS; k++) {
            load_lanes(&value, &has, rows + i * d + at + (int64_t)k * LANES);
            sum[k] += (doubles)((wholes)value & has);
            present[k] -= has;
        }
    }
    for (int j = 0; j < TILE; j++) {
        const int64_t count = present[j / LANES][j % LANES];
        sum[j / LANES][j % LANES] = count > 0 ? sum[j / LANES][j % LANES] / (double)count : 0.0;
    }
    for (int64_t i = 0; i < n; i++) {
        for (int k = 0; k < VECTORS; k++) {
            load_lanes(&value, &has, rows + i * d + at + (int64_t)k * LANES);
            const doubles from_mean = (doubles)((wholes)(value - sum[k]) & has);
            square[k] += from_mean * from_mean;
        }
    }
    memcpy(sums->mean + at, sum, sizeof sum);
    memcpy(sums->square + at, square, sizeof square);
    memcpy(sums->present + at, present, sizeof present);
}

static void add_column(const block_sums *sums, const float *rows, int64_t n, int64_t d, int64_t at)
{
    double sum = 0.0, square = 0.0;
    int64_t present = 0;
    for (int64_t i = 0; i < n; i++) {
        const float value = rows[i * d + at];
        present += !isnan(value);
        sum += isnan(value) ? 0.0 : (double)value;
    }
    const double mean = present > 0 ? sum / (double)present : 0.0;
    for (int64_t i = 0; i < n; i++) {
        const float value = rows[i * d + at];
        const double from_mean = isnan(value) ? 0.0 : (double)value - mean;
        square += from_mean * from_mean;
    }
    sums->mean[at] = mean;
    sums->square[at] = square;
    sums->present[at] = present;
}

/* The last tile may take columns once more that are in the one before: the sums are the same. */
void rf_moments_add(const rf_moments *m, const float *rows, int64_t from, int64_t n)
{
    const int64_t first = from / RF_MOMENT_ROWS * m->d;
    const block_sums sums = {m->block_mean + first, m->block_square + first, m->present + first};
    int64_t at = 0;
    for (; at + TILE <= m->d; at += TILE)
        add_tile(&sums, rows, n, m->d, at);
    if (at < m->d && m->d >= TILE)
        add_tile(&sums, rows, n, m->d, m->d - TILE);
    else
        for (; at < m->d; at++)
            add_column(&sums, rows, n, m->d, at);
}

RF_HOT static void standardise_row(float *restrict row, const double *restrict mean,
                                   const double *restrict scale, int64_t d)
{
    for (int64_t j = 0; j < d; j++) {
        const float value = (float)(((double)row[j] - mean[j]) / (scale[j] != 0 ? scale[j] : 1.0)) + 0.0f;
        row[j] = isnan(row[j]) ? -0.0f : scale[j] == 0 ? 0.0f : value;
    }
}

void rf_moments_apply(const rf_moments *m, float *rows, int64_t n)
{
    float *to = rows; /* the rows move together: from d columns to those with a scale */
    int64_t kept = 0;
    for (int64_t j = 0; j < m->d; j++)
        kept += m->scale[j] != 0;
    for (int64_t i = 0; i < n; i++) {
        float *row = rows + i * m->d;
        standardise_row(row, m->mean, m->scale, m->d);
        for (int64_t j = 0; j < m->d && kept < m->d; j++)
            if (m->scale[j] != 0)
                *to++ = row[j];
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

/* ---- a whole matrix ---- */

typedef struct matrix_task {
    const rf_moments *m;
    float *x; /* [n, d] */
} matrix_task;

static int64_t block_rows(const rf_moments *m, int64_t block)
{
    int64_t left = m->n - block * RF_MOMENT_ROWS;
    return left < RF_MOMENT_ROWS ? left : RF_MOMENT_ROWS;
}

static void add_block(void *context, int64_t block, int worker)
{
    const matrix_task *t = context;
    const int64_t from = block * RF_MOMENT_ROWS;
    (void)worker;
    rf_moments_add(t->m, t->x + from * t->m->d, from, block_rows(t->m, block));
}

static void apply_block(void *context, int64_t block, int worker)
{
    const matrix_task *t = context;
    (void)worker;
    rf_moments_apply(t->m, t->x + block * RF_MOMENT_ROWS * t->m->d, block_rows(t->m, block));
}

/* Blocks whose rows are together come together, and what is left over is given back. */
static rf_status close_gaps(rf_feature_matrix *matrix, const rf_moments *m, rf_err *err)
{
    const int64_t gap = RF_MOMENT_ROWS * m->d, kept = RF_MOMENT_ROWS * (int64_t)matrix->d;
    for (int64_t block = 1; block < m->n_blocks; block++)
        memmove(matrix->x + block * kept, matrix->x + block * gap,
                (size_t)(block_rows(m, block) * matrix->d) * sizeof *matrix->x);
    float *smaller = rf_mem_grow(matrix->x, (size_t)matrix->n * (size_t)matrix->d, sizeof *matrix->x, err);
    if (smaller == NULL)
        return RF_E_NOMEM;
    matrix->x = smaller;
    return RF_OK;
}

rf_status rf_standardise(rf_feature_matrix *matrix, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_moments m = {0};
    matrix_task task = {.m = &m, .x = matrix->x};

    RF_TRY(rf_moments_init(&m, matrix->n, matrix->d, err));
    rf_pool_run(pool, m.n_blocks, add_block, &task);
    rf_moments_finish(&m);
    RF_TRY(rf_moments_columns(matrix, &m, err));
    rf_pool_run(pool, m.n_blocks, apply_block, &task);
    if (matrix->n_dropped > 0)
        RF_TRY(close_gaps(matrix, &m, err));
done:
    rf_moments_clear(&m);
    return st;
}
