/* residual.c - how far a row's features are from their reconstruction, and which columns differ most. */
#include "scoring_int.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "rf_hot.h"

#define BLOCK_ROWS 1024
#define SAMPLE_ROWS 65536
#define LANES 8   /* columns at once */
#define CHUNK 128 /* whole lanes */

typedef struct residual_task {
    rf_score_side *side;
    const rf_real *x, *xhat;
    const int32_t *column; /* -1: no reason */
    const double *weight;  /* [d] or NULL */
    int64_t n;
    int d;
} residual_task;

typedef struct top_list { /* columns of the largest squared residuals so far, largest first */
    double square[RF_MAX_REASONS];
    uint16_t column[RF_MAX_REASONS];
    double least; /* squares up to it have no place */
    int n, room;
} top_list;

/* Strict comparisons keep the lowest column first among equals: columns arrive in ascending order. */
static void top_list_offer(top_list *top, double square, int column)
{
    int at = top->n < top->room ? top->n++ : top->room - 1;
    for (; at > 0 && square > top->square[at - 1]; at--) {
        top->square[at] = top->square[at - 1];
        top->column[at] = top->column[at - 1];
    }
    top->square[at] = square;
    top->column[at] = (uint16_t)column;
    top->least = top->n == top->room ? top->square[top->room - 1] : -1;
}

typedef double lanes __attribute__((vector_size(8 * LANES)));

/* LANES columns from j on as doubles, 0 beyond `most` of them. */
static inline __attribute__((always_inline)) void columns_at(lanes *out, const rf_real *row, int j, int most)
{
    rf_real x[LANES] = {0};
    if (most == LANES)
        memcpy(x, row + j, sizeof x);
    else
        memcpy(x, row + j, (size_t)most * sizeof *x);
    for (int k = 0; k < LANES; k++)
        (*out)[k] = (double)x[k];
}

typedef struct row_sums {
    lanes plain, weighted, largest;
} row_sums;

static double sum_of(const lanes *x)
{
    double sum = 0;
    for (int k = 0; k < LANES; k++)
        sum += (*x)[k];
    return sum;
}

/* square[] of the CHUNK or fewer columns from j on, weighted where there are weights, 0 beyond them. Adds to
 * the sums, and takes into `largest` the largest of each lane. */
RF_HOT static void chunk_squares(double square[CHUNK], row_sums *sums, const residual_task *task, int64_t row,
                                 int from, int n)
{
    const rf_real *x = task->x + row * task->d + from, *xhat = task->xhat + row * task->d + from;
    for (int j = 0; j < n; j += LANES) {
        const int most = n - j < LANES ? n - j : LANES;
        lanes seen, expected, squares;
        columns_at(&seen, x, j, most);
        columns_at(&expected, xhat, j, most);
        squares = (seen - expected) * (seen - expected);
        sums->plain += squares;
        for (int k = 0; task->weight != NULL && k < most; k++)
            squares[k] *= task->weight[from + j + k];
        sums->weighted += squares;
        for (int k = 0; k < LANES; k++)
            sums->largest[k] = squares[k] > sums->largest[k] ? squares[k] : sums->largest[k];
        memcpy(square + j, &squares, sizeof squares);
    }
}

/* As many lanes have a square of at least this as there is room: the top has none below it. */
static double least_of_top(const row_sums *sums, const residual_task *task, int room)
{
    double sorted[LANES];
    if (room == 0 || room > LANES || task->column != NULL) /* a column may be no reason */
        return 0;
    memcpy(sorted, &sums->largest, sizeof sorted);
    for (int i = 1; i < LANES; i++) { /* descending */
        for (int k = i; k > 0 && sorted[k] > sorted[k - 1]; k--) {
            double larger = sorted[k];
            sorted[k] = sorted[k - 1];
            sorted[k - 1] = larger;
        }
    }
    return sorted[room - 1];
}

/* Fills top, and returns the sums of squares, plain and weighted. */
static void row_squares(top_list *top, double *plain, double *weighted, const residual_task *task,
                        int64_t row)
{
    double square[CHUNK];
    row_sums sums = {0};
    for (int from = 0; from < task->d; from += CHUNK) {
        const int n = task->d - from < CHUNK ? task->d - from : CHUNK;
        chunk_squares(square, &sums, task, row, from, n);
        const double least = least_of_top(&sums, task, top->room);
        for (int j = 0; j < n; j++) {
            if (square[j] >= least && square[j] > top->least &&
                (task->column == NULL || task->column[from + j] >= 0))
                top_list_offer(top, square[j], from + j);
        }
    }
    *plain = sum_of(&sums.plain);
    *weighted = sum_of(&sums.weighted);
}

static void residual_row(const residual_task *task, int64_t row)
{
    rf_score_side *side = task->side;
    const rf_real *xhat = task->xhat + row * task->d;
    top_list top = {.room = side->n_reasons, .least = side->n_reasons > 0 ? -1 : INFINITY};
    double plain, weighted;
    row_squares(&top, &plain, &weighted, task, row);
    side->x_error[row] = task->d > 0 ? (rf_real)sqrt(plain / task->d) : 0;
    for (int r = 0; r < top.n; r++) {
        int64_t at = row * side->n_reasons + r;
        side->reason_feature[at] = top.column[r];
        side->reason_expected[at] = (float)xhat[top.column[r]];
        side->reason_share[at] = weighted > 0 ? (float)(top.square[r] / weighted) : 0.0F;
    }
}

static void residual_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const residual_task *task = context;
    int64_t from = index * BLOCK_ROWS;
    int64_t to = from + BLOCK_ROWS < task->n ? from + BLOCK_ROWS : task->n;
    for (int64_t row = from; row < to; row++)
        residual_row(task, row);
}

void rf_residual_rows(rf_score_side *side, const rf_real *x, const rf_real *xhat, const int32_t *column,
                      const double *weight, int64_t n, int d, rf_pool *pool)
{
    residual_task task = {
        .side = side, .x = x, .xhat = xhat, .column = column, .weight = weight, .n = n, .d = d};
    rf_pool_run(pool, (n + BLOCK_ROWS - 1) / BLOCK_ROWS, residual_block, &task);
}

void rf_residual_weights(double *weight, const rf_real *x, const rf_real *xhat, int64_t n, int d)
{
    const int64_t step = n > 2 * SAMPLE_ROWS ? n / SAMPLE_ROWS : 1, rows = (n + step - 1) / step;
    for (int j = 0; j < d; j++)
        weight[j] = 0;
    for (int64_t i = 0; i < n; i += step) {
        for (int j = 0; j < d; j++)
            weight[j] += fabs((double)x[i * d + j] - (double)xhat[i * d + j]);
    }
    for (int j = 0; j < d; j++) {
        double mean = weight[j] / (double)rows;
        weight[j] = mean > 0 ? 1 / (mean * mean) : 0;
    }
}

/* ---- reasons in the graph's columns. When the model has other columns than the graph, column numbers and
 * reconstructed values are translated, so that a reader of scores.h5 needs only the graph to convert them to
 * raw units. Shares stay shares of the whole error. ---- */

int rf_reasons_possible(const int32_t *column, int d)
{
    int n = 0;
    for (int j = 0; j < d; j++)
        n += column == NULL || column[j] >= 0;
    return n;
}

static float in_units_of(const rf_graph_side *to, int to_column, const rf_graph_side *from, int from_column,
                         float x)
{
    if (to->mean == NULL || to->scale == NULL || from->mean == NULL || from->scale == NULL)
        return x;
    float mean = to->mean[to_column], scale = to->scale[to_column];
    bool same = mean == from->mean[from_column] && scale == from->scale[from_column];
    if (same || scale == 0)
        return x;
    double tamed = (double)x * (double)from->scale[from_column] + (double)from->mean[from_column];
    return (float)((tamed - (double)mean) / (double)scale);
}

void rf_reasons_translate(rf_score_side *side, const rf_graph_side *graph, const rf_graph_side *seen,
                          const int32_t *column)
{
    if (column == NULL)
        return;
    for (int64_t i = 0; i < side->n * side->n_reasons; i++) {
        int theirs = side->reason_feature[i], ours = column[theirs];
        side->reason_feature[i] = (uint16_t)ours;
        side->reason_expected[i] = in_units_of(graph, ours, seen, theirs, side->reason_expected[i]);
    }
}
