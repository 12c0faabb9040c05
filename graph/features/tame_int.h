/* tame_int.h - matrices of features, and how their columns are standardised.
 */
#ifndef RF_TAME_INT_H
#define RF_TAME_INT_H

#include <stdint.h>

#include "rf_pool.h"

typedef struct rf_feature_matrix {
    int64_t n;
    int d;
    float *x;    /* [n, d] standardised */
    char **name; /* [d] owned; "log1p_" in front where tamed */
    float *mean, *scale;
    uint8_t *transform;   /* RF_TAME_* */
    char **dropped;       /* names of constant columns that were left out */
    float *dropped_value; /* their tamed values; NaN where no row had data */
    int n_dropped;
} rf_feature_matrix;
void rf_feature_matrix_clear(rf_feature_matrix *matrix);

#define RF_MOMENT_ROWS 2048 /* rows in a block of sums; pieces begin at multiples of it */

typedef struct rf_moments { /* of n rows of d columns, NaN left out */
    int64_t n, d, n_blocks;
    double *block_mean, *block_square; /* [n_blocks, d] mean, sum of squares about it */
    int64_t *present;                  /* [n_blocks, d] */
    double *mean, *scale;              /* [d], once finished; scale 0: constant */
} rf_moments;
RF_MUST_CHECK rf_status rf_moments_init(rf_moments *m, int64_t n, int64_t d, rf_err *err);
void rf_moments_clear(rf_moments *m);
/* The rows [from, from + n) of one block, any thread: from is a multiple of RF_MOMENT_ROWS, n at most that.
 */
void rf_moments_add(const rf_moments *m, const float *rows, int64_t from, int64_t n);
void rf_moments_finish(rf_moments *m);
/* Names, mean and scale of the columns that stay, names of those that do not. */
RF_MUST_CHECK rf_status rf_moments_columns(rf_feature_matrix *matrix, const rf_moments *m, rf_err *err);
/* Standardises rows in place and moves them together without the dropped columns; any thread. */
void rf_moments_apply(const rf_moments *m, float *rows, int64_t n);

/* matrix->x [n, d] holds tamed values, NaN without data, and takes the names over. Fills mean, scale,
 * transform, drops constant columns. Sums in row order, in blocks of fixed size: same bytes at any number of
 * threads. */
RF_MUST_CHECK rf_status rf_standardise(rf_feature_matrix *matrix, rf_pool *pool, rf_err *err);

#endif
