/* residual.c - how far a row's features are from their reconstruction, and which columns differ most. */
#include "scoring_int.h"

#include <math.h>
#include <string.h>

#include "rf_hot.h"
#include "rf_mem.h"
#include "row_blocks_int.h"

#define BLOCK_ROWS 1024
#define SAMPLE_ROWS 16384
#define LANES 16      /* rows at once: a lane each */
#define USUAL 5       /* reasons: their own loop stays in registers */
#define STEEPEST 1e12 /* that a residual is multiplied with: its square stays in a float's range */

#define INLINE static inline __attribute__((always_inline))
typedef rf_real lanes __attribute__((vector_size(sizeof(rf_real) * LANES)));
#if RF_REAL_IS_DOUBLE
typedef int64_t lane_number;
#else
typedef int32_t lane_number;
#endif
typedef lane_number lane_numbers __attribute__((vector_size(sizeof(lane_number) * LANES)));

#define PICK(type, mask, a, b) ((type)(((mask) & (lane_numbers)(a)) | (~(mask) & (lane_numbers)(b))))

typedef struct row_tops {  /* of LANES rows */
    lanes plain, weighted; /* sums of squares */
    lanes square[RF_MAX_REASONS];
    lane_numbers column[RF_MAX_REASONS]; /* of the largest squares so far, the largest first */
} row_tops;

/* The residuals of the first LANES of n rows; the last one again beyond it. */
static void take_residuals(rf_real *left, const rf_real *x, const rf_real *xhat, int64_t n, int64_t d)
{
    for (int64_t i = 0; i < LANES; i++) {
        const int64_t row = i < n ? i : n - 1;
        for (int64_t j = 0; j < d; j++)
            left[j * LANES + i] = x[row * d + j] - xhat[row * d + j];
    }
}

/* Strict comparisons keep the lowest column first among equals: columns arrive in ascending order. */
INLINE void offer(row_tops *tops, const lanes *offered, int column, int room)
{
    const lanes square = *offered;
    const lane_numbers number = (lane_numbers){0} + column;
    for (int k = room - 1; k >= 0; k--) {
        lanes moved = square; /* what place k gets, should this be larger than what is there */
        lane_numbers moved_number = number;
        if (k > 0) {
            const lane_numbers above = square > tops->square[k - 1];
            moved = PICK(lanes, above, tops->square[k - 1], square);
            moved_number = PICK(lane_numbers, above, tops->column[k - 1], number);
        }
        const lane_numbers larger = square > tops->square[k];
        tops->square[k] = PICK(lanes, larger, moved, tops->square[k]);
        tops->column[k] = PICK(lane_numbers, larger, moved_number, tops->column[k]);
    }
}

INLINE void find_tops_of(row_tops *out, const rf_residuals *task, const rf_real *left, int room)
{
    row_tops tops = {0};
    for (int k = 0; k < room; k++)
        tops.square[k] -= 1;
    for (int j = 0; j < task->d; j++) {
        lanes residual;
        memcpy(&residual, left + (int64_t)j * LANES, sizeof residual);
        tops.plain += residual * residual;
        residual *= task->root[j];
        const lanes square = residual * residual;
        tops.weighted += square;
        if (task->column == NULL || task->column[j] >= 0)
            offer(&tops, &square, j, room);
    }
    *out = tops;
}

RF_HOT static void find_tops(row_tops *out, const rf_residuals *task, const rf_real *left)
{
    if (task->side->n_reasons == USUAL)
        find_tops_of(out, task, left, USUAL);
    else
        find_tops_of(out, task, left, task->side->n_reasons);
}

static void store_row(const rf_residuals *task, int64_t row, const rf_real *xhat, const row_tops *tops,
                      int lane)
{
    rf_score_side *side = task->side;
    const double weighted = (double)tops->weighted[lane];
    side->x_error[row] = task->d > 0 ? (rf_real)sqrt((double)tops->plain[lane] / task->d) : 0;
    for (int r = 0; r < side->n_reasons; r++) {
        const int64_t at = row * side->n_reasons + r, column = (int64_t)tops->column[r][lane];
        side->reason_feature[at] = (uint16_t)column;
        side->reason_expected[at] = (float)xhat[column];
        side->reason_share[at] = weighted > 0 ? (float)((double)tops->square[r][lane] / weighted) : 0.0F;
    }
}

rf_status rf_residuals_begin(rf_residuals *out, rf_score_side *side, const rf_real *x, const int32_t *column,
                             const double *weight, int64_t n, int d, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    *out = (rf_residuals){.side = side, .x = x, .column = column, .n = n, .d = d};
    RF_NEW(out->root, d, err);
    for (int j = 0; j < d; j++)
        out->root[j] = weight != NULL ? (rf_real)fmin(sqrt(weight[j]), STEEPEST) : 1;
    RF_NEW(out->left, (size_t)threads * (size_t)d * LANES, err);
done:
    return st;
}

void rf_residuals_end(rf_residuals *residuals)
{
    rf_mem_free(residuals->root);
    rf_mem_free(residuals->left);
    *residuals = (rf_residuals){0};
}

void rf_residuals_see(void *context, int64_t from, int64_t n, const rf_real *xhat, int worker)
{
    const rf_residuals *task = context;
    const int64_t d = task->d;
    rf_real *left = task->left + (int64_t)worker * d * LANES;
    row_tops tops;
    for (int64_t at = 0; at < n; at += LANES) {
        take_residuals(left, task->x + (from + at) * d, xhat + at * d, n - at, d);
        find_tops(&tops, task, left);
        for (int lane = 0; lane < LANES && at + lane < n; lane++)
            store_row(task, from + at + lane, xhat + (at + lane) * d, &tops, lane);
    }
}

typedef struct rows_task {
    rf_residuals residuals;
    const rf_made_rows *xhat;
} rows_task;

static void residual_block(void *context, int64_t index, int worker)
{
    rows_task *task = context;
    const int64_t end = rf_row_block_end(index, BLOCK_ROWS, task->residuals.n);
    for (int64_t at = index * BLOCK_ROWS, some; at < end; at += some) {
        some = end - at;
        const rf_real *xhat = rf_made_rows_at(task->xhat, at, &some, worker);
        rf_residuals_see(&task->residuals, at, some, xhat, worker);
    }
}

rf_status rf_residual_rows(rf_score_side *side, const rf_real *x, const rf_made_rows *xhat,
                           const int32_t *column, const double *weight, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rows_task task = {.xhat = xhat};
    RF_TRY(rf_residuals_begin(&task.residuals, side, x, column, weight, xhat->n, xhat->d,
                              rf_pool_threads(pool), err));
    rf_pool_run(pool, rf_row_blocks(xhat->n, BLOCK_ROWS), residual_block, &task);
done:
    rf_residuals_end(&task.residuals);
    return st;
}

rf_status rf_residual_weights(double *weight, const rf_real *x, const rf_made_rows *xhat, rf_pool *pool,
                              rf_err *err)
{
    rf_status st = RF_OK;
    const int d = xhat->d;
    const int64_t n = xhat->n, step = n > 2 * SAMPLE_ROWS ? n / SAMPLE_ROWS : 1, rows = (n + step - 1) / step;
    rf_picked picked = {0};
    int64_t *at = NULL;
    RF_NEW(at, rows, err);
    for (int64_t i = 0; i < rows; i++)
        at[i] = i * step;
    RF_TRY(rf_made_rows_pick(&picked, xhat, at, rows, pool, err));
    for (int j = 0; j < d; j++)
        weight[j] = 0;
    for (int64_t i = 0; i < rows; i++) {
        const rf_real *seen = x + i * step * d, *made = rf_picked_row(&picked, i);
        for (int j = 0; j < d; j++)
            weight[j] += fabs((double)seen[j] - (double)made[j]);
    }
    for (int j = 0; j < d; j++) {
        double mean = weight[j] / (double)rows;
        weight[j] = mean > 0 ? 1 / (mean * mean) : 0;
    }
done:
    rf_picked_clear(&picked);
    return st;
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
