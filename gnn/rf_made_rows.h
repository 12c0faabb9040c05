/* rf_made_rows.h - the rows of a matrix that lies in memory, or that a model makes as they are read.
 *
 * The edges' reconstruction of a large graph takes as much memory as its features, and is read once.
 */
#ifndef RF_MADE_ROWS_H
#define RF_MADE_ROWS_H

#include "rf_graphbean.h"
#include "rf_pool.h"

typedef struct rf_made_rows {
    const rf_real *x;    /* [n, d], or NULL: */
    rf_workspace *maker; /* has applied its model, and makes the edges' reconstruction */
    int kind;            /* of these edges */
    int64_t n;
    int d;
} rf_made_rows;

static inline rf_made_rows rf_made_rows_of(const rf_real *x, int64_t n, int d)
{
    return (rf_made_rows){.x = x, .n = n, .d = d};
}

/* Row `first`, and behind it as many of the next *n - 1 as come at once: *n says how many rows these are.
 * Borrowed until the same worker asks again. */
const rf_real *rf_made_rows_at(const rf_made_rows *rows, int64_t first, int64_t *n, int worker);

/* Some rows of a matrix. */
typedef struct rf_picked {
    const rf_real *x; /* borrowed, or own */
    int64_t *at;      /* their numbers; the picked's own */
    rf_real *own;     /* [n, d] */
    int d;
} rf_picked;

/* The n rows at[0..n), n >= 0. at is taken over, also when this fails. */
RF_MUST_CHECK rf_status rf_made_rows_pick(rf_picked *out, const rf_made_rows *rows, int64_t *at, int64_t n,
                                          rf_pool *pool, rf_err *err);
void rf_picked_clear(rf_picked *picked);

/* The i-th of them. */
static inline const rf_real *rf_picked_row(const rf_picked *picked, int64_t i)
{
    return picked->x + (picked->own != NULL ? i : picked->at[i]) * picked->d;
}

#endif
