/* tail_sum.c - one pass over the rows: makes a block of each matrix, and sums over each of its rows.
 *
 * A matrix of many rows is fitted to a sample. Of tails that are rare there all rows are counted: the pass
 * notes what exceeds u0, and an even choice of it gives sigma and xi. What is noted is added at the end.
 */
#include "tail_sum_int.h"

#include <math.h>
#include <string.h>

#include "rf_mem.h"
#include "tail_columns_int.h"
#include "tail_lanes_int.h"

#define PARTS 64         /* of the rows: what is kept does not depend on who reads them */
#define LINE 64          /* bytes of a cache line */
#define KEPT_A_PART 1024 /* excesses of a column and direction */

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
    rf_tail_lanes *lanes;    /* of all columns */
    excesses *found;         /* [PARTS, d, 2] where the sample is not all rows */
    late_list *late;         /* [PARTS] */
} matrix;

typedef struct sum_task {
    matrix *of; /* [n_matrices] */
    int n_matrices, d;
    int64_t n;
    rf_tail_block *blocks; /* [threads] scratch */
    float *excess;         /* [threads, PARTS, KEPT_A_PART] scratch where the sample is not all rows */
    rf_tail_scratch scratch;
} sum_task;

/* ---- values alone ---- */

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

static void add_alone(const matrix *m, int64_t part, int64_t i, int j, float x)
{
    const rf_tail_column *column = &m->columns[j];
    const float value = rf_tail_in_form(m->sum, column->form, j, x);
    const bool up = value > column->tails.up.u0, down = !up && value < column->tails.down.u0;
    if ((up && column->rare[0]) || (down && column->rare[1]))
        note(m, part, &(late){i, j, value}, down);
    else
        m->out[i] += (float)beyond_threshold(m, j, value);
}

/* ---- all rows ---- */

/* At least 0: a lane where nats begin may be a little below. */
static float sum_of(const float lanes[RF_TAIL_LANES])
{
    float half[RF_TAIL_LANES / 2];
    for (int k = 0; k < RF_TAIL_LANES / 2; k++)
        half[k] = lanes[k] + lanes[k + RF_TAIL_LANES / 2];
    for (int n = RF_TAIL_LANES / 4; n > 0; n /= 2) {
        for (int k = 0; k < n; k++)
            half[k] += half[k + n];
    }
    return half[0] > 0 ? half[0] : 0;
}

/* Rows from..from + rows of a part, made as x. What is alone is added last. */
static void sum_rows(const matrix *m, rf_tail_block *block, int64_t part, int64_t from, const rf_real *x,
                     int rows)
{
    const int d = m->sum->d;
    memset(block->sum, 0, (size_t)rows * sizeof *block->sum);
    for (int64_t i = from; i < from + rows; i++)
        m->out[i] = 0;
    for (int group = 0; group < rf_tail_lanes_of(d); group++) {
        const int n = rf_tail_lanes_add(block, &m->lanes[group], x, d, rows);
        for (const rf_tail_alone *at = block->alone; at < block->alone + n; at++)
            add_alone(m, part, from + at->row, at->column, (float)x[(int64_t)at->row * d + at->column]);
    }
    for (int i = 0; i < rows; i++)
        m->out[from + i] += sum_of(block->sum[i]);
}

static int smaller(int64_t a, int64_t b)
{
    return (int)(a < b ? a : b);
}

/* The matrix before has other rows, but for the factor. */
static bool is_new(const sum_task *task, int k)
{
    return k == 0 || task->of[k].sum->x != task->of[k - 1].sum->x ||
           task->of[k].sum->minus != task->of[k - 1].sum->minus;
}

/* Has rows of the memory brought near while others are summed. */
static void call_rows(const rf_tail_sum *sum, int64_t from, int rows)
{
    const int64_t at = from * sum->d, to = at + (int64_t)rows * sum->d;
    const rf_real *x = sum->minus != NULL ? sum->minus->x : sum->x;
    for (int64_t i = at; x != NULL && i < to; i += (int64_t)(LINE / sizeof(rf_real)))
        __builtin_prefetch(x + i);
}

static void sum_part(void *context, int64_t part, int worker)
{
    const sum_task *task = context;
    const int64_t size = (task->n + PARTS - 1) / PARTS,
                  to = (part + 1) * size < task->n ? (part + 1) * size : task->n;
    rf_tail_block *block = &task->blocks[worker];
    for (int64_t from = part * size; from < to; from += RF_TAIL_BLOCK) {
        const int rows = smaller(to - from, RF_TAIL_BLOCK);
        for (int k = 0; k < task->n_matrices; k++) {
            const matrix *m = &task->of[k];
            if (from + rows < to && is_new(task, k))
                call_rows(m->sum, from + rows, smaller(to - from - rows, RF_TAIL_BLOCK));
            const rf_real *x = rf_tail_rows(m->sum, from, rows, &task->scratch, worker, is_new(task, k));
            for (int i = 0; i < rows; i += RF_TAIL_ROWS)
                sum_rows(m, block, part, from + i, x + (int64_t)i * task->d, smaller(rows - i, RF_TAIL_ROWS));
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
    rf_tail_fit_excesses(tail, excess, kept, all, m->sum->n);
}

static void fit_rare(void *context, int64_t index, int worker)
{
    const sum_task *task = context;
    const matrix *m = &task->of[index / task->d];
    const int j = (int)(index % task->d);
    float *excess = task->excess + (int64_t)worker * PARTS * KEPT_A_PART;
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

static rf_status prepare(matrix *m, float *out, const rf_tail_sum *sum, const sum_task *task, rf_pool *pool,
                         rf_err *err)
{
    rf_status st = RF_OK;
    m->sum = sum;
    m->out = out;
    RF_NEW(m->columns, task->d, err);
    RF_NEW(m->lanes, rf_tail_lanes_of(task->d), err);
    if (task->scratch.n_sample < task->n) {
        RF_ZERO(m->found, (size_t)PARTS * (size_t)task->d * 2, err);
        RF_ZERO(m->late, PARTS, err);
    }
    rf_tail_columns_fit(m->columns, sum, &task->scratch, pool);
    rf_tail_lanes_make(m->lanes, m->columns, task->d, sum->threshold);
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
    rf_mem_free(m->lanes);
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
    const rf_made_rows *minus = NULL;
    sum_task task = {.n_matrices = n, .d = sums->d, .n = sums->n};
    if (task.n == 0)
        return RF_OK;
    for (int k = 0; k < n; k++)
        minus = sums[k].minus != NULL ? sums[k].minus : minus;
    RF_ZERO(task.of, n, err);
    RF_NEW(task.blocks, threads, err);
    RF_TRY(rf_tail_scratch_init(&task.scratch, task.n, task.d, minus, pool, err));
    if (task.scratch.n_sample < task.n)
        RF_NEW(task.excess, (size_t)threads * PARTS * KEPT_A_PART, err);
    for (int k = 0; k < n; k++)
        RF_TRY(prepare(&task.of[k], out[k], &sums[k], &task, pool, err));
    rf_pool_run(pool, PARTS, sum_part, &task);
    if (task.scratch.n_sample < task.n)
        RF_TRY(add_rare(&task, pool, err));
done:
    for (int k = 0; task.of != NULL && k < n; k++)
        matrix_clear(&task.of[k]);
    rf_mem_free(task.of);
    rf_mem_free(task.blocks);
    rf_mem_free(task.excess);
    rf_tail_scratch_clear(&task.scratch);
    return st;
}

rf_status rf_tails_sum(float *out, const rf_tail_sum *sum, rf_pool *pool, rf_err *err)
{
    return rf_tails_sum_all(&out, sum, 1, pool, err);
}
