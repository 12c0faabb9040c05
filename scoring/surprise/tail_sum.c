/* tail_sum.c - fits the tails of all columns, chooses their forms and weights, and sums over each row.
 *
 * A matrix of many rows is fitted in two steps. Evenly spaced rows (the sample) give each column's form, its
 * tails and its weight. Of tails that are rare in the sample all rows are read: what exceeds u0 is counted,
 * and an even choice of it kept.
 */
#include "tail_sum_int.h"

#include <math.h>
#include <string.h>

#include "rf_feature_words.h"
#include "rf_hot.h"
#include "rf_mem.h"
#include "tails_int.h"

#define BLOCK_ROWS 4096
#define LINE 16  /* floats of a cache line: columns are far apart, and on the same places of the cache */
#define PARTS 64 /* of the rows: what is kept does not depend on who reads them */
#define KEPT_A_PART 1024 /* excesses of a column and direction */
#define KEPT 8192        /* about as many of all parts together */
#define RARE 500         /* excesses in the sample: fewer do not say how many there are in all rows */
#define HALVINGS 20      /* of a stretch of x */
#define LANES 8          /* columns that are compared at once */

typedef enum form { AS_IT_IS, RAW, TAMED } form;

typedef struct tail_column {
    rf_tails tails;
    form form;
    double weight;
    float low, high; /* of x: between them N is not above the threshold */
    bool rare[2];    /* [up, down] */
    int64_t step[2]; /* [up, down] every so many-th excess of a part is kept */
} tail_column;

typedef struct excesses { /* of one part of the rows, one column, one direction */
    int64_t m;
    int kept;
    float excess[KEPT_A_PART];
} excesses;

typedef struct sum_task {
    const rf_tail_sum *sum;
    float *out;
    tail_column *columns; /* [d] */
    int64_t n_sample;
    float *sample;     /* [d, n_sample] x of evenly spaced rows, or of all */
    float **scratch;   /* [threads] of [n_sample] */
    excesses *found;   /* [PARTS, d, 2] where the sample is not all rows */
    int limits;        /* d, up to whole LANES */
    float *low, *high; /* [limits] */
    int *beyond;       /* [threads, limits] scratch: columns */
} sum_task;

static float in_form(const rf_tail_sum *sum, form as, int j, float x)
{
    if (as == AS_IT_IS)
        return x;
    if (as == TAMED && sum->forms->transform[j] == RF_TAME_LOG1P)
        return (float)((double)x * (double)sum->forms->scale[j] + (double)sum->forms->mean[j]);
    double raw = rf_graph_raw(sum->forms, j, (double)x);
    return (float)(as == RAW ? raw : copysign(log1p(fabs(raw)), raw));
}

/* Beyond which x of each column is looked at: the padding of the last columns is never. */
static void set_limits(sum_task *task)
{
    for (int j = 0; j < task->limits; j++) {
        task->high[j] = j < task->sum->d ? task->columns[j].high : INFINITY;
        task->low[j] = j < task->sum->d ? task->columns[j].low : -INFINITY;
    }
}

static float x_at(const rf_tail_sum *sum, int64_t row, int j)
{
    const int64_t at = row * sum->d + j;
    return sum->minus != NULL ? (float)(sum->x[at] - sum->minus[at]) : (float)sum->x[at];
}

/* ---- the sample ---- */

static int64_t sample_row(const sum_task *task, int64_t i)
{
    return task->n_sample == task->sum->n
               ? i
               : (int64_t)((double)i * ((double)task->sum->n / (double)task->n_sample));
}

static void take_sample(void *context, int64_t index, int worker)
{
    (void)worker;
    const sum_task *task = context;
    const int64_t to = (index + 1) * BLOCK_ROWS < task->n_sample ? (index + 1) * BLOCK_ROWS : task->n_sample;
    for (int64_t from = index * BLOCK_ROWS; from < to; from += LINE) {
        const int rows = to - from < LINE ? (int)(to - from) : LINE;
        int64_t row[LINE];
        for (int i = 0; i < rows; i++)
            row[i] = sample_row(task, from + i);
        for (int j = 0; j < task->sum->d; j++) {
            for (int i = 0; i < rows; i++)
                task->sample[j * task->n_sample + from + i] = x_at(task->sum, row[i], j);
        }
    }
}

static bool has_forms(const rf_graph_side *side, int j)
{
    char buffer[32];
    return side != NULL && side->mean != NULL && side->scale != NULL && side->transform != NULL &&
           side->feature_names.n > 0 && rf_feature_tamed_if_asked(rf_graph_raw_name(side, j, buffer));
}

static void fit(tail_column *column, const sum_task *task, form as, int j, float *values)
{
    const float *x = task->sample + j * task->n_sample;
    for (int64_t i = 0; i < task->n_sample; i++)
        values[i] = in_form(task->sum, as, j, x[i]);
    rf_tails_fit(&column->tails, values, task->n_sample);
    column->form = as;
}

/* Of the rows far out that have one before them, the share of those where it is far out, too. */
static double share_lasting(const sum_task *task, const tail_column *column, int j, int side)
{
    const rf_tail_sum *sum = task->sum;
    const float *x = task->sample + j * task->n_sample;
    int64_t followers = 0, lasting = 0;
    for (int64_t i = 0; i < task->n_sample; i++) {
        if ((x[i] <= column->high && x[i] >= column->low) ||
            !(rf_tails_nats(&column->tails, in_form(sum, column->form, j, x[i])) > sum->threshold))
            continue;
        uint32_t before = sum->before[side][sample_row(task, i)];
        if (before == RF_NO_EDGE)
            continue;
        float there = in_form(sum, column->form, j, x_at(sum, before, j));
        followers++;
        lasting += rf_tails_nats(&column->tails, there) > sum->threshold;
    }
    return (double)lasting / (double)(followers + RF_TAIL_FEW);
}

static int64_t step_of(const sum_task *task, int64_t m)
{
    double all = (double)m * ((double)task->sum->n / (double)task->n_sample);
    return all > KEPT ? (int64_t)(all / KEPT) : 1;
}

static void fit_column(void *context, int64_t j, int worker)
{
    const sum_task *task = context;
    float *values = task->scratch[worker];
    const float *x = task->sample + j * task->n_sample;
    tail_column *column = &task->columns[j];
    if (has_forms(task->sum->forms, (int)j)) {
        fit(column, task, RAW, (int)j, values);
        if (!(column->tails.up.xi <= RF_TAIL_HEAVY))
            fit(column, task, TAMED, (int)j, values);
    } else {
        fit(column, task, AS_IT_IS, (int)j, values);
    }
    float places[2] = {column->tails.down.u0, column->tails.up.u0};
    if (column->form != AS_IT_IS)
        rf_tail_places(places, x, task->n_sample);
    column->low = places[0];
    column->high = places[1];
    double lasting = 0;
    for (int s = 0; s < 2 && task->sum->before[s] != NULL; s++)
        lasting = fmax(lasting, share_lasting(task, column, (int)j, s));
    column->weight = 1 - lasting * lasting;
    for (int down = 0; down < 2; down++) {
        const int64_t m = down ? column->tails.down.m : column->tails.up.m;
        column->rare[down] = m < RARE;
        column->step[down] = step_of(task, m);
    }
}

/* ---- what exceeds u0 in all rows ---- */

static void note(excesses *found, int64_t step, float excess)
{
    if (found->m++ % step == 0 && found->kept < KEPT_A_PART)
        found->excess[found->kept++] = excess;
}

typedef float lanes __attribute__((vector_size(4 * LANES)));
typedef int32_t lane_bits __attribute__((vector_size(4 * LANES)));

/* The columns of a row whose x is beyond their limits, ascending. Returns how many. */
RF_HOT static int columns_beyond(int *out, const sum_task *task, int64_t row)
{
    const rf_tail_sum *sum = task->sum;
    int n = 0;
    for (int j = 0; j < sum->d; j += LANES) {
        const int most = sum->d - j < LANES ? sum->d - j : LANES;
        lanes x = {0}, high, low;
        if (sum->minus != NULL || sizeof *sum->x != sizeof(float)) {
            for (int k = 0; k < most; k++)
                x[k] = x_at(sum, row, j + k);
        } else if (most == LANES) {
            memcpy(&x, sum->x + row * sum->d + j, sizeof x);
        } else {
            memcpy(&x, sum->x + row * sum->d + j, (size_t)most * sizeof(float));
        }
        memcpy(&high, task->high + j, sizeof high);
        memcpy(&low, task->low + j, sizeof low);
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

static void find_excesses(void *context, int64_t part, int worker)
{
    const sum_task *task = context;
    const rf_tail_sum *sum = task->sum;
    int *beyond = task->beyond + (int64_t)worker * task->limits;
    excesses *found = task->found + part * sum->d * 2;
    const int64_t size = (sum->n + PARTS - 1) / PARTS;
    for (int64_t i = part * size; i < (part + 1) * size && i < sum->n; i++) {
        for (int k = 0, n = columns_beyond(beyond, task, i); k < n; k++) {
            const int j = beyond[k];
            const tail_column *column = &task->columns[j];
            const float value = in_form(sum, column->form, j, x_at(sum, i, j));
            if (value > column->tails.up.u0)
                note(&found[2 * j], column->step[0], value - column->tails.up.u0);
            else if (value < column->tails.down.u0)
                note(&found[2 * j + 1], column->step[1], column->tails.down.u0 - value);
        }
    }
}

static void fit_direction(rf_tail *tail, const sum_task *task, int64_t j, int down, float *excess)
{
    int64_t m = 0, kept = 0;
    for (int64_t part = 0; part < PARTS; part++) {
        const excesses *found = &task->found[(part * task->sum->d + j) * 2 + down];
        for (int k = 0; k < found->kept; k++)
            excess[kept++] = found->excess[k];
        m += found->m;
    }
    rf_tail_fit(tail, tail->u0, excess, kept, m, task->sum->n);
}

static void fit_column_to_all(void *context, int64_t j, int worker)
{
    const sum_task *task = context;
    if (task->columns[j].rare[0])
        fit_direction(&task->columns[j].tails.up, task, j, 0, task->scratch[worker]);
    if (task->columns[j].rare[1])
        fit_direction(&task->columns[j].tails.down, task, j, 1, task->scratch[worker]);
}

/* Counts what is rare in the sample in all rows. */
static void fit_rare(sum_task *task, rf_pool *pool)
{
    set_limits(task);
    for (int j = 0; j < task->sum->d; j++) {
        if (!task->columns[j].rare[0])
            task->high[j] = INFINITY;
        if (!task->columns[j].rare[1])
            task->low[j] = -INFINITY;
    }
    rf_pool_run(pool, PARTS, find_excesses, task);
    rf_pool_run(pool, task->sum->d, fit_column_to_all, task);
}

/* ---- rows ---- */

static void sum_block(void *context, int64_t index, int worker)
{
    const sum_task *task = context;
    const rf_tail_sum *sum = task->sum;
    int *beyond = task->beyond + (int64_t)worker * task->limits;
    int64_t to = (index + 1) * BLOCK_ROWS < sum->n ? (index + 1) * BLOCK_ROWS : sum->n;
    for (int64_t i = index * BLOCK_ROWS; i < to; i++) {
        double total = 0;
        for (int k = 0, n = columns_beyond(beyond, task, i); k < n; k++) {
            const int j = beyond[k];
            const tail_column *column = &task->columns[j];
            double nats = rf_tails_nats(&column->tails, in_form(sum, column->form, j, x_at(sum, i, j)));
            if (nats > sum->threshold)
                total += column->weight * (nats - sum->threshold);
        }
        task->out[i] = (float)total;
    }
}

/* The farthest x from `from` in the direction of `step` whose form is not beyond y. Forms ascend. */
static float last_within(const rf_tail_sum *sum, form as, int j, float from, float step, float y)
{
    float within = from, beyond = from + step;
    while (isfinite(beyond) &&
           !(step > 0 ? in_form(sum, as, j, beyond) > y : in_form(sum, as, j, beyond) < y)) {
        within = beyond;
        step *= 2;
        beyond = from + step;
    }
    for (int halving = 0; halving < HALVINGS; halving++) {
        float middle = within + (beyond - within) / 2;
        if (!isfinite(middle))
            return within;
        if (step > 0 ? in_form(sum, as, j, middle) > y : in_form(sum, as, j, middle) < y)
            beyond = middle;
        else
            within = middle;
    }
    return within;
}

/* All that is below the threshold is passed over. */
static void sum_rows(sum_task *task, rf_pool *pool)
{
    const rf_tail_sum *sum = task->sum;
    for (int j = 0; j < sum->d; j++) {
        tail_column *column = &task->columns[j];
        const rf_tails *tails = &column->tails;
        const float high = tails->up.u0 + rf_tail_excess_at(&tails->up, sum->threshold),
                    low = tails->down.u0 - rf_tail_excess_at(&tails->down, sum->threshold);
        if (column->form == AS_IT_IS) {
            column->high = high;
            column->low = low;
        } else {
            column->high = last_within(sum, column->form, j, column->high, 1, nextafterf(high, -INFINITY));
            column->low = last_within(sum, column->form, j, column->low, -1, nextafterf(low, INFINITY));
        }
    }
    set_limits(task);
    rf_pool_run(pool, (task->sum->n + BLOCK_ROWS - 1) / BLOCK_ROWS, sum_block, task);
}

rf_status rf_tails_sum(float *out, const rf_tail_sum *sum, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int threads = rf_pool_threads(pool);
    sum_task task = {.sum = sum,
                     .out = out,
                     .n_sample = sum->n > RF_TAIL_ALL ? RF_TAIL_SAMPLE : sum->n,
                     .limits = (sum->d + LANES - 1) / LANES * LANES};
    if (sum->n == 0)
        return RF_OK;
    RF_ZERO(task.scratch, threads, err);
    RF_NEW(task.columns, sum->d, err);
    RF_NEW(task.low, task.limits, err);
    RF_NEW(task.high, task.limits, err);
    RF_NEW(task.beyond, (size_t)threads * (size_t)task.limits, err);
    RF_NEW(task.sample, (size_t)sum->d * (size_t)task.n_sample, err);
    for (int i = 0; i < threads; i++)
        RF_NEW(task.scratch[i], task.n_sample, err);
    rf_pool_run(pool, (task.n_sample + BLOCK_ROWS - 1) / BLOCK_ROWS, take_sample, &task);
    rf_pool_run(pool, sum->d, fit_column, &task);
    if (task.n_sample < sum->n) {
        RF_ZERO(task.found, (size_t)PARTS * (size_t)sum->d * 2, err);
        fit_rare(&task, pool);
    }
    sum_rows(&task, pool);
done:
    for (int i = 0; task.scratch != NULL && i < threads; i++)
        rf_mem_free(task.scratch[i]);
    rf_mem_free(task.scratch);
    rf_mem_free(task.sample);
    rf_mem_free(task.columns);
    rf_mem_free(task.found);
    rf_mem_free(task.beyond);
    rf_mem_free(task.low);
    rf_mem_free(task.high);
    return st;
}
