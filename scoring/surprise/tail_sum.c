/* tail_sum.c - one pass over the rows: makes a block of each matrix, and sums over each of its rows.
 *
 * A matrix of many rows is fitted to a sample. Of tails that are rare there all rows are counted: the pass
 * lists what exceeds u0, and an even choice of it gives sigma and xi. What is listed is added at the end.
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

typedef struct late { /* a value in a rare direction */
    uint32_t row;
    int direction; /* twice the column, and 1 for down */
    float value;   /* in the column's form */
} late;

typedef struct excesses { /* of one part of the rows and one direction */
    int64_t m;
    int64_t first; /* the place of the first that is kept */
} excesses;

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
    late_list *late;         /* [PARTS] where the sample is not all rows; */
    excesses *found;         /* [PARTS, 2 d]                             */
    float *kept;             /* [n_kept] excesses that fit rare directions, one direction after the other */
    int64_t n_kept;
} matrix;

typedef struct sum_task {
    matrix *of; /* [n_matrices] */
    int n_matrices, d;
    int64_t n;
    rf_tail_block *blocks; /* [threads] scratch */
    rf_tail_scratch scratch;
} sum_task;

/* ---- values alone ---- */

static double beyond_threshold(const matrix *m, int j, float value)
{
    const double nats = rf_tails_nats(&m->columns[j].tails, value);
    return nats > m->sum->threshold ? m->columns[j].weight * (nats - m->sum->threshold) : 0;
}

/* A value of a rare direction is added when that has been fitted. */
static void put_off(const matrix *m, int64_t part, const late *value)
{
    late_list *list = &m->late[part];
    m->found[part * 2 * m->sum->d + value->direction].m++;
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
        put_off(m, part, &(late){(uint32_t)i, 2 * j + down, value});
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

/* ---- rare directions, when all rows have been seen ---- */

static int64_t step_of(const matrix *m, int direction)
{
    return m->columns[direction / 2].step[direction % 2];
}

/* Gives each direction's excesses of each part their places. Returns how many are kept. */
static int64_t give_places(const matrix *m)
{
    const int directions = 2 * m->sum->d;
    int64_t places = 0;
    for (int k = 0; k < directions; k++) {
        for (int64_t part = 0; part < PARTS; part++) {
            excesses *found = &m->found[part * directions + k];
            const int64_t chosen = (found->m + step_of(m, k) - 1) / step_of(m, k);
            found->first = places;
            places += chosen < KEPT_A_PART ? chosen : KEPT_A_PART;
        }
    }
    return places;
}

/* Every step-th excess of a part's direction, KEPT_A_PART at most. */
static void keep_part(void *context, int64_t index, int worker)
{
    (void)worker;
    const sum_task *task = context;
    const matrix *m = &task->of[index / PARTS];
    const late_list *list = &m->late[index % PARTS];
    excesses *of_part = m->found + index % PARTS * 2 * task->d;
    for (int k = 0; k < 2 * task->d; k++)
        of_part[k].m = 0; /* counted again */
    for (const late *at = list->at; at < list->at + list->n; at++) {
        const rf_tails *tails = &m->columns[at->direction / 2].tails;
        excesses *found = &of_part[at->direction];
        const int64_t step = step_of(m, at->direction), nth = found->m++ / step;
        if (nth < KEPT_A_PART && found->m - 1 == nth * step)
            m->kept[found->first + nth] =
                at->direction % 2 != 0 ? tails->down.u0 - at->value : at->value - tails->up.u0;
    }
}

static void fit_direction(rf_tail *tail, const matrix *m, int direction)
{
    const int directions = 2 * m->sum->d;
    const int64_t first = m->found[direction].first,
                  end = direction + 1 < directions ? m->found[direction + 1].first : m->n_kept;
    int64_t all = 0;
    for (int64_t part = 0; part < PARTS; part++)
        all += m->found[part * directions + direction].m;
    rf_tail_fit_excesses(tail, m->kept + first, end - first, all, m->sum->n);
}

static void fit_rare(void *context, int64_t index, int worker)
{
    (void)worker;
    const sum_task *task = context;
    const matrix *m = &task->of[index / task->d];
    const int j = (int)(index % task->d);
    rf_tail_column *column = &m->columns[j];
    if (column->rare[0])
        fit_direction(&column->tails.up, m, 2 * j);
    if (column->rare[1])
        fit_direction(&column->tails.down, m, 2 * j + 1);
}

static void add_late(void *context, int64_t part, int worker)
{
    (void)worker;
    const sum_task *task = context;
    for (const matrix *m = task->of; m < task->of + task->n_matrices; m++) {
        const late_list *list = &m->late[part];
        for (size_t k = 0; k < list->n; k++)
            m->out[list->at[k].row] +=
                (float)beyond_threshold(m, list->at[k].direction / 2, list->at[k].value);
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
        RF_ZERO(m->late, PARTS, err);
        RF_ZERO(m->found, (size_t)PARTS * (size_t)task->d * 2, err);
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
    rf_mem_free(m->kept);
    rf_mem_free(m->columns);
    rf_mem_free(m->lanes);
}

static rf_status add_rare(sum_task *task, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    for (matrix *m = task->of; m < task->of + task->n_matrices; m++) {
        for (int part = 0; part < PARTS; part++) {
            if (m->late[part].st < 0)
                RF_FAIL(err, m->late[part].st, "%s", m->late[part].err.msg);
        }
        m->n_kept = give_places(m);
        RF_NEW(m->kept, m->n_kept, err);
    }
    rf_pool_run(pool, (int64_t)task->n_matrices * PARTS, keep_part, task);
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
    rf_tail_scratch_clear(&task.scratch);
    return st;
}

rf_status rf_tails_sum(float *out, const rf_tail_sum *sum, rf_pool *pool, rf_err *err)
{
    return rf_tails_sum_all(&out, sum, 1, pool, err);
}

void rf_tails_sum_plan(rf_memory_plan *plan, rf_side side, int n, bool is_made, int threads)
{
    const int d = plan->size.d[side];
    int64_t bytes =
        d * (int64_t)sizeof(rf_tail_column) + rf_tail_lanes_of(d) * (int64_t)sizeof(rf_tail_lanes);
    if (plan->size.n[side] > RF_TAIL_ALL)
        bytes += PARTS * ((int64_t)sizeof(late_list) + 2 * d * (int64_t)sizeof(excesses));
    rf_tail_scratch_plan(plan, side, is_made, threads);
    plan->fixed += n * bytes + threads * (int64_t)sizeof(rf_tail_block);
}
