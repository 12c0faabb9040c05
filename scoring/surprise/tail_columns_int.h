/* tail_columns_int.h - what is known of each column of a matrix (tail_sum_int.h): its form, its tails, its
 * weight, and where a value begins to tell anything.
 */
#ifndef RF_TAIL_COLUMNS_INT_H
#define RF_TAIL_COLUMNS_INT_H

#include "tail_sum_int.h"
#include "tails_int.h"

#define RF_TAIL_BLOCK 256 /* rows that are made at once, and stay in the cache */

typedef enum rf_tail_form { RF_TAIL_AS_IT_IS, RF_TAIL_RAW, RF_TAIL_TAMED } rf_tail_form;

typedef struct rf_tail_column {
    rf_tails tails;
    rf_tail_form form;
    double weight;
    float low, high; /* of x: between them a row is passed over */
    bool rare[2];    /* [up, down] the sample does not say how many are beyond u0 */
    int64_t step[2]; /* [up, down] every so many-th excess of a part of the rows is kept */
} rf_tail_column;

typedef struct rf_tail_scratch { /* for matrices of one shape */
    int64_t n_sample;            /* rows that are fitted */
    float *sample;               /* [d, n_sample] x of evenly spaced rows, or of all */
    uint32_t *before;            /* [2, n_sample] as the sum has it */
    rf_picked minus;             /* of these rows, where a sum has it */
    uint32_t *keys;              /* [threads, 2 n_sample] */
    rf_real *rows;               /* [threads, 2, RF_TAIL_BLOCK, d] */
} rf_tail_scratch;

/* minus: of the sums that have one, or NULL. */
RF_MUST_CHECK rf_status rf_tail_scratch_init(rf_tail_scratch *scratch, int64_t n, int d,
                                             const rf_made_rows *minus, rf_pool *pool, rf_err *err);
void rf_tail_scratch_clear(rf_tail_scratch *scratch);
void rf_tail_scratch_plan(rf_memory_plan *plan, rf_side side, bool is_made, int threads);

/* The rows from..from + n, n <= RF_TAIL_BLOCK, of what is summed: x, minus and factor applied. Not is_new:
 * the same worker has just made those of the same x and minus, and they were shown. */
const rf_real *rf_tail_rows(const rf_tail_sum *sum, int64_t from, int n, const rf_tail_scratch *scratch,
                            int worker, bool is_new);

/* columns[d] from the sample. Each direction has its limit: where it is rare at u0, else where N reaches the
 * threshold. */
void rf_tail_columns_fit(rf_tail_column *columns, const rf_tail_sum *sum, const rf_tail_scratch *scratch,
                         rf_pool *pool);

float rf_tail_in_form(const rf_tail_sum *sum, rf_tail_form as, int j, float x);

#endif
