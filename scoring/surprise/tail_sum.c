/* tail_sum.c - one pass over the rows: makes a block of each matrix, and sums over each of its rows.
 *
 * A matrix of many rows is fitted to a sample. Of tails that are rare there all rows are counted: the pass
 * notes what exceeds u0, and an even choice of it gives sigma and xi. What is noted is added at the end.
 */
#include "tail_sum_int.h"

#include <math.h>
#include <string.h>

#include "rf_hot.h"
#include "rf_mem.h"
#include "tail_columns_int.h"

#define PARTS 64         /* of the rows: what is kept does not depend on who reads them */
#define KEPT_A_PART 1024 /* excesses of a column and direction */
#define LANES 8          /* columns that are compared at once */

typedef struct excesses { /* of one part of the rows, one column, one direction */
    int64_t m;
    int kept;
    float excess[KEPT_A_PART];
} excesses;

typedef struct late { /* a value in a rare direction */
    int64_t row;
    int column;
    float value; /* in the column's form */
} late;

typedef struct late_list { /* of one part of the rows, in their order */
    late *at;
    size_t n, room;
    rf_status st;
    rf_err err;
} late_list;

typedef struct matrix {
    const rf_tail_sum *sum;
    float *out;
    rf_tail_column *columns; /* [d] */
    float *low, *high;       /* [limits] of the columns */
    excesses *found;         /* [PARTS, d, 2] where the sample is not all rows */
    late_list *late;         /* [PARTS] */
} matrix;

typedef struct sum_task {
    matrix *of; /* [n_matrices] */
    int n_matrices, d;
    int64_t n;
    int limits;  /* d, up to whole LANES */
    int *beyond; /* [threads, limits] scratch: columns */
    rf_tail_scratch scratch;
} sum_task;

/* ---- a row ---- */

typedef float lanes __attribute__((vector_size(4 * LANES)));
typedef int32_t lane_bits __attribute__((vector_size(4 * LANES)));

/* The columns of a row whose x is beyond their limits, ascending. Returns how many. */
RF_HOT static int columns_beyond(int *out, const matrix *m, const rf_real *row, int d)
{
    int n = 0;
    for (int j = 0; j < d; j += LANES) {
        const int most = d - j < LANES ? d - j : LANES;
        lanes x = {0}, high, low;
        if (sizeof *row == sizeof(float) && most == LANES) {
            memcpy(&x, row + j, sizeof x);
        } else {
            for (int k = 0; k < most; k++)
                x[k] = (float)row[j + k];
        }
        memcpy(&high, m->high + j, sizeof high);
        memcpy(&low, m->low + j, sizeof low);
        const lane_bits beyond = (x > high) | (x < low);
        uint64_t pair[LANES / 2];
        memcpy(pair, &beyond, sizeof pair);
        if ((pair[0] | pair[1] | pair[2] | pair[3]) == 0)
            continue;
        for (int lane = 0; lane < LANES; lane++) {
            out[n] = j + lane;
            n += beyond[lane] != 0;
        }
    }
    return n;
}

static double beyond_threshold(const matrix *m, int j, float value)
{
    const double nats = rf_tails_nats(&m->columns[j].tails, value);
    return nats > m->sum->threshold ? m->columns[j].weight * (nats - m->sum->threshold) : 0;
}

/* A value of a rare direction: kept, maybe, for the fit, and added when that is done. */
static void note(const matrix *m, int64_t part, const late *value, int down)
{
    const rf_tail_column *column = &m->columns[value->column];
    excesses *found = &m->found[(part * m->sum->d + value->column) * 2 + down];
    late_list *list = &m->late[part];
    if (found->m++ % column->step[down] == 0 && found->kept < KEPT_A_PART)
        found->excess[found->kept++] =
            down ? column->tails.down.u0 - value->value : value->value - column->tails.up.u0;
    if (list->st >= 0)
        list->st = rf_mem_reserve((void **)&list->at, &list->room, list->n + 1, sizeof *list->at, &list->err);
    if (list->st >= 0)
        list->at[list->n++] = *value;
}

static void sum_row(const matrix *m, int64_t part, int64_t i, const rf_real *row, int *beyond)
{
    double total = 0;
    for (int k = 0, n = columns_beyond(beyond, m, row, m->sum->d); k < n; k++) {
        const int j = beyond[k];
        const rf_tail_column *column = &m->columns[j];
        const float value = rf_tail_in_form(m->sum, column->form, j, (float)row[j]);
        const bool up = value > column->tails.up.u0, down = !up && value < column->tails.down.u0;
        if ((up && column->rare[0]) || (down && column->rare[1]))
            note(m, part, &(late){i, j, value}, down);
        else
            total += beyond_threshold(m, j, value);
    }
    m->out[i] = (float)total;
}

/* ---- all rows ---- */

static void sum_part(void *context, int64_t part, int worker)
{
    const sum_task *task = context;
    const int64_t size = (task->n + PARTS - 1) / PARTS,
                  to = (part + 1) * size < task->n ? (part + 1) * size : task->n;
    int *beyond = task->beyond + (int64_t)worker * task->limits;
    int64_t row[RF_TAIL_BLOCK];
    for (int64_t from = part * size; from < to; from += RF_TAIL_BLOCK) {
        const int rows = to - from < RF_TAIL_BLOCK ? (int)(to - from) : RF_TAIL_BLOCK;
        for (int i = 0; i < rows; i++)
            row[i] = from + i;
        for (const matrix *m = task->of; m < task->of + task->n_matrices; m++) {
            const rf_real *x = rf_tail_rows(m->sum, row, rows, &task->scratch, worker);
            for (int64_t i = 0; i < rows; i++)
                sum_row(m, part, from + i, x + i * task->d, beyond);
        }
    }
}

static void fit_direction(rf_tail *tail, const matrix *m, int j, int down, float *excess)
{
    int64_t all = 0, kept = 0;
    for (int64_t part = 0; part < PARTS; part++) {
        const excesses *found = &m->found[(part * m->sum->d + j) * 2 + down];
        for (int k = 0; k < found->kept; k++)
            excess[kept++] = found->excess[k];
        all += found->m;
    }
    rf_tail_fit(tail, tail->u0, excess, kept, all, m->sum->n);
}

static void fit_rare(void *context, int64_t index, int worker)
{
    const sum_task *task = context;
    const matrix *m = &task->of[index / task->d];
    const int j = (int)(index % task->d);
    float *excess = task->scratch.values + worker * task->scratch.n_sample;
    if (m->columns[j].rare[0])
        fit_direction(&m->columns[j].tails.up, m, j, 0, excess);
    if (m->columns[j].rare[1])
        fit_direction(&m->columns[j].tails.down, m, j, 1, excess);
}

static void add_late(void *context, int64_t part, int worker)
{
    (void)worker;
    const sum_task *task = context;
    for (const matrix *m = task->of; m < task->of + task->n_matrices; m++) {
        const late_list *list = &m->late[part];
        for (size_t k = 0; k < list->n; k++)
            m->out[list->at[k].row] += (float)beyond_threshold(m, list->at[k].column, list->at[k].value);
    }
}

/* ---- matrices ---- */

/* Fits the columns. Beyond which x a column is looked at: the padding of the last columns is never. */
static rf_status prepare(matrix *m, float *out, const rf_tail_sum *sum, const sum_task *task, rf_pool *pool,
                         rf_err *err)
{
    rf_status st = RF_OK;
    m->sum = sum;
    m->out = out;
    RF_NEW(m->columns, task->d, err);
    RF_NEW(m->low, task->limits, err);
    RF_NEW(m->high, task->limits, err);
    if (task->scratch.n_sample < task->n) {
        RF_ZERO(m->found, (size_t)PARTS * (size_t)task->d * 2, err);
        RF_ZERO(m->late, PARTS, err);
    }
    rf_tail_columns_fit(m->columns, sum, &task->scratch, pool);
    for (int j = 0; j < task->limits; j++) {
        m->high[j] = j < task->d ? m->columns[j].high : INFINITY;
        m->low[j] = j < task->d ? m->columns[j].low : -INFINITY;
    }
done:
    return st;
}

static void matrix_clear(matrix *m)
{
    for (int part = 0; m->late != NULL && part < PARTS; part++)
        rf_mem_free(m->late[part].at);
    rf_mem_free(m->late);
    rf_mem_free(m->found);
    rf_mem_free(m->columns);
    rf_mem_free(m->low);
    rf_mem_free(m->high);
}

static rf_status add_rare(sum_task *task, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    for (int k = 0; k < task->n_matrices; k++) {
        for (int part = 0; part < PARTS; part++) {
            const late_list *list = &task->of[k].late[part];
            if (list->st < 0)
                RF_FAIL(err, list->st, "%s", list->err.msg);
        }
    }
    rf_pool_run(pool, (int64_t)task->n_matrices * task->d, fit_rare, task);
    rf_pool_run(pool, PARTS, add_late, task);
done:
    return st;
}

rf_status rf_tails_sum_all(float *const *out, const rf_tail_sum *sums, int n, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int threads = rf_pool_threads(pool);
    sum_task task = {.n_matrices = n, .d = sums->d, .n = sums->n};
    task.limits = (task.d + LANES - 1) / LANES * LANES;
    if (task.n == 0)
        return RF_OK;
    RF_ZERO(task.of, n, err);
    RF_NEW(task.beyond, (size_t)threads * (size_t)task.limits, err);
    RF_TRY(rf_tail_scratch_init(&task.scratch, task.n, task.d, threads, err));
    for (int k = 0; k < n; k++)
        RF_TRY(prepare(&task.of[k], out[k], &sums[k], &task, pool, err));
    rf_pool_run(pool, PARTS, sum_part, &task);
    if (task.scratch.n_sample < task.n)
        RF_TRY(add_rare(&task, pool, err));
done:
    for (int k = 0; task.of != NULL && k < n; k++)
        matrix_clear(&task.of[k]);
    rf_mem_free(task.of);
    rf_mem_free(task.beyond);
    rf_tail_scratch_clear(&task.scratch);
    return st;
}

rf_status rf_tails_sum(float *out, const rf_tail_sum *sum, rf_pool *pool, rf_err *err)
{
    return rf_tails_sum_all(&out, sum, 1, pool, err);
}
