/* tail_columns.c - takes a sample of the rows and fits each column to it. */
#include "tail_columns_int.h"

#include <math.h>
#include <string.h>

#include "rf_feature_words.h"
#include "rf_hot.h"
#include "rf_linalg.h"
#include "rf_mem.h"

#define LINE 16     /* floats of a cache line: columns are far apart, and on the same places of the cache */
#define KEPT 8192   /* excesses of a column and direction that are kept, about */
#define RARE 250    /* excesses in the sample: fewer do not say how many there are in all rows */
#define AHEAD 16    /* rows that are called from memory before they are looked at */
#define HALVINGS 20 /* of a stretch of x */

typedef struct fit_task {
    rf_tail_column *columns;
    const rf_tail_sum *sum;
    const rf_tail_scratch *scratch;
} fit_task;

float rf_tail_in_form(const rf_tail_sum *sum, rf_tail_form as, int j, float x)
{
    if (as == RF_TAIL_AS_IT_IS)
        return x;
    if (as == RF_TAIL_TAMED && sum->forms->transform[j] == RF_TAME_LOG1P)
        return (float)((double)x * (double)sum->forms->scale[j] + (double)sum->forms->mean[j]);
    double raw = rf_graph_raw(sum->forms, j, (double)x);
    return (float)(as == RF_TAIL_RAW ? raw : copysign(log1p(fabs(raw)), raw));
}

/* ---- rows ---- */

RF_HOT static void subtract(rf_real *restrict out, const rf_real *x, const rf_real *minus, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = x[i] - minus[i];
}

/* Rows of minus come as many at once as there are. */
static void take_residuals(rf_real *left, const rf_tail_sum *sum, int64_t from, int64_t n, int worker)
{
    const int64_t d = sum->d;
    for (int64_t at = 0, some; at < n; at += some) {
        some = n - at;
        const rf_real *minus = rf_made_rows_at(sum->minus, from + at, &some, worker);
        subtract(left + at * d, sum->x + (from + at) * d, minus, some * d);
        if (sum->see != NULL)
            sum->see(sum->seer, from + at, some, minus, worker);
    }
}

const rf_real *rf_tail_rows(const rf_tail_sum *sum, int64_t from, int n, const rf_tail_scratch *scratch,
                            int worker, bool is_new)
{
    const int d = sum->d;
    const size_t block = (size_t)RF_TAIL_BLOCK * (size_t)d;
    const rf_real *x = sum->x + from * d;
    rf_real *left = scratch->rows + (size_t)worker * 2 * block;
    if (sum->minus != NULL && is_new)
        take_residuals(left, sum, from, n, worker);
    if (sum->minus != NULL)
        x = left;
    if (sum->factor == NULL)
        return x;
    rf_gemm_nn(left + block, d, x, d, sum->factor, d, n, d, d, 0);
    return left + block;
}

/* ---- the sample ---- */

static int64_t sample_row(int64_t n, int64_t n_sample, int64_t i)
{
    return n_sample == n ? i : (int64_t)((double)i * ((double)n / (double)n_sample));
}

static rf_status pick_minus(rf_tail_scratch *scratch, const rf_made_rows *minus, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t *at = NULL;
    RF_NEW(at, scratch->n_sample, err);
    for (int64_t i = 0; i < scratch->n_sample; i++)
        at[i] = sample_row(minus->n, scratch->n_sample, i);
    RF_TRY(rf_made_rows_pick(&scratch->minus, minus, at, scratch->n_sample, pool, err));
done:
    return st;
}

static int64_t rows_of_sample(int64_t n)
{
    return n > RF_TAIL_ALL ? RF_TAIL_SAMPLE : n;
}

void rf_tail_scratch_plan(rf_memory_plan *plan, rf_side side, bool is_made, int threads)
{
    const int64_t n = plan->size.n[side], d = plan->size.d[side], n_sample = rows_of_sample(n);
    int64_t row = d * (int64_t)sizeof(float) + 2 * (1 + threads) * (int64_t)sizeof(uint32_t);
    row += (int64_t)sizeof(int64_t) + (is_made ? d * (int64_t)sizeof(rf_real) : 0); /* of minus */
    *(n_sample < n ? &plan->fixed : &plan->rows[side]) += n_sample * row;
    plan->fixed += threads * 2 * RF_TAIL_BLOCK * d * (int64_t)sizeof(rf_real);
}

rf_status rf_tail_scratch_init(rf_tail_scratch *scratch, int64_t n, int d, const rf_made_rows *minus,
                               rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const size_t threads = (size_t)rf_pool_threads(pool);
    scratch->n_sample = rows_of_sample(n);
    RF_NEW(scratch->sample, (size_t)d * (size_t)scratch->n_sample, err);
    RF_NEW(scratch->before, 2 * scratch->n_sample, err);
    RF_NEW(scratch->keys, threads * 2 * (size_t)scratch->n_sample, err);
    RF_NEW(scratch->rows, threads * 2 * RF_TAIL_BLOCK * (size_t)d, err);
    if (minus != NULL)
        RF_TRY(pick_minus(scratch, minus, pool, err));
done:
    return st;
}

void rf_tail_scratch_clear(rf_tail_scratch *scratch)
{
    rf_mem_free(scratch->sample);
    rf_mem_free(scratch->before);
    rf_mem_free(scratch->keys);
    rf_mem_free(scratch->rows);
    rf_picked_clear(&scratch->minus);
    *scratch = (rf_tail_scratch){0};
}

/* Row after row of x, minus taken away. */
static void gather_rows(rf_real *out, const fit_task *task, int64_t first, int n)
{
    const rf_tail_sum *sum = task->sum;
    const int d = sum->d;
    for (int64_t i = 0; i < n; i++) {
        const int64_t at = sample_row(sum->n, task->scratch->n_sample, first + i) * d;
        if (sum->minus != NULL)
            subtract(out + i * d, sum->x + at, rf_picked_row(&task->scratch->minus, first + i), d);
        else
            memcpy(out + i * d, sum->x + at, (size_t)d * sizeof *out);
    }
}

static void take_sample(void *context, int64_t index, int worker)
{
    const fit_task *task = context;
    const rf_tail_scratch *scratch = task->scratch;
    const int64_t from = index * RF_TAIL_BLOCK, left = scratch->n_sample - from;
    const int n = left < RF_TAIL_BLOCK ? (int)left : RF_TAIL_BLOCK, d = task->sum->d;
    rf_real *rows = scratch->rows + (int64_t)worker * 2 * RF_TAIL_BLOCK * d, *made = rows + RF_TAIL_BLOCK * d;
    gather_rows(rows, task, from, n);
    for (int s = 0; s < 2 && task->sum->before[s] != NULL; s++) {
        for (int64_t i = from; i < from + n; i++)
            scratch->before[s * scratch->n_sample + i] =
                task->sum->before[s][sample_row(task->sum->n, scratch->n_sample, i)];
    }
    if (task->sum->factor != NULL)
        rf_gemm_nn(made, d, rows, d, task->sum->factor, d, n, d, d, 0);
    else
        made = rows;
    for (int line = 0; line < n; line += LINE) {
        for (int64_t j = 0; j < d; j++) {
            for (int i = line; i < n && i < line + LINE; i++)
                scratch->sample[j * scratch->n_sample + from + i] = (float)made[(int64_t)i * d + j];
        }
    }
}

/* ---- one column ---- */

static bool has_forms(const rf_graph_side *side, int j)
{
    char buffer[32];
    return side != NULL && side->mean != NULL && side->scale != NULL && side->transform != NULL &&
           side->feature_names.n > 0 && rf_feature_tamed_if_asked(rf_graph_raw_name(side, j, buffer));
}

/* In this form the column is x times a number above 0 plus a number: its tails are those of x. */
static bool is_x(const rf_graph_side *side, rf_tail_form as, int j)
{
    return side->scale[j] > 0 && (side->transform[j] == RF_TAME_LOG1P) == (as == RF_TAIL_TAMED);
}

static void fit_one(rf_tail *tail, rf_tail_end end, const rf_tail_sum *sum, rf_tail_form as, int j, int64_t n,
                    float sign)
{
    end.u0 = rf_tail_in_form(sum, as, j, end.u0);
    for (int k = 0; k < RF_TAIL_FEW && k < end.m; k++)
        end.few[k] = rf_tail_in_form(sum, as, j, end.few[k]);
    for (int k = 0; k < 4; k++)
        end.around[k / 2][k % 2] = rf_tail_in_form(sum, as, j, end.around[k / 2][k % 2]);
    rf_tail_fit_end(tail, &end, n, sign);
}

/* Forms ascend: what is beyond in x is beyond in the form. */
static void fit(rf_tail_column *column, const fit_task *task, rf_tail_form form, int j,
                const rf_tail_end ends[2])
{
    const rf_tail_form as =
        form != RF_TAIL_AS_IT_IS && is_x(task->sum->forms, form, j) ? RF_TAIL_AS_IT_IS : form;
    const int64_t n = task->scratch->n_sample;
    fit_one(&column->tails.up, ends[0], task->sum, as, j, n, 1);
    fit_one(&column->tails.down, ends[1], task->sum, as, j, n, -1);
    column->form = as;
}

static bool is_far_out(const fit_task *task, const rf_tail_column *column, int j, float x)
{
    if (x <= column->high && x >= column->low)
        return false;
    const float value = rf_tail_in_form(task->sum, column->form, j, x);
    return rf_tails_nats(&column->tails, value) > task->sum->threshold;
}

/* The rows of the sample that are far out. Returns how many. */
static int64_t list_far_out(uint32_t *at, const fit_task *task, const rf_tail_column *column, int j)
{
    const int64_t n = task->scratch->n_sample;
    const float *x = task->scratch->sample + j * n;
    int64_t found = 0;
    for (int64_t i = 0; i < n; i++) {
        if (is_far_out(task, column, j, x[i]))
            at[found++] = (uint32_t)i;
    }
    return found;
}

/* Of the rows at[0..n) of the sample that have one before them, the share of those where that is far out,
 * too. */
static double share_lasting(const fit_task *task, const rf_tail_column *column, int j, int side,
                            const uint32_t *at, int64_t n)
{
    const rf_tail_sum *sum = task->sum;
    const uint32_t *before = task->scratch->before + side * task->scratch->n_sample;
    int64_t followers = 0, lasting = 0;
    for (int64_t i = 0; i < n; i++) {
        if (i + AHEAD < n && before[at[i + AHEAD]] != RF_NO_EDGE)
            __builtin_prefetch(sum->x + (int64_t)before[at[i + AHEAD]] * sum->d + j);
        if (before[at[i]] == RF_NO_EDGE)
            continue;
        followers++;
        lasting += is_far_out(task, column, j, (float)sum->x[(int64_t)before[at[i]] * sum->d + j]);
    }
    return (double)lasting / (double)(followers + RF_TAIL_FEW);
}

static double weight_of(const fit_task *task, const rf_tail_column *column, int j, uint32_t *scratch)
{
    double lasting = 0;
    if (task->sum->before[0] == NULL)
        return 1;
    const int64_t n = list_far_out(scratch, task, column, j);
    for (int s = 0; s < 2; s++)
        lasting = fmax(lasting, share_lasting(task, column, j, s, scratch, n));
    return 1 - lasting * lasting;
}

/* The farthest x from `from` in the direction of `step` whose form is not beyond y. Forms ascend. */
static float last_within(const rf_tail_sum *sum, rf_tail_form as, int j, float from, float step, float y)
{
    float within = from, beyond = from + step;
    while (isfinite(beyond) &&
           !(step > 0 ? rf_tail_in_form(sum, as, j, beyond) > y : rf_tail_in_form(sum, as, j, beyond) < y)) {
        within = beyond;
        step *= 2;
        beyond = from + step;
    }
    for (int halving = 0; halving < HALVINGS; halving++) {
        float middle = within + (beyond - within) / 2, y_there = rf_tail_in_form(sum, as, j, middle);
        if (!isfinite(middle))
            return within;
        if (step > 0 ? y_there > y : y_there < y)
            beyond = middle;
        else
            within = middle;
    }
    return within;
}

/* The limits are those of u0 yet: moves them to where a row tells something, except in a rare direction. */
static void move_limits(rf_tail_column *column, const rf_tail_sum *sum, int j)
{
    const rf_tails *tails = &column->tails;
    const float high = tails->up.u0 + rf_tail_excess_at(&tails->up, sum->threshold),
                low = tails->down.u0 - rf_tail_excess_at(&tails->down, sum->threshold);
    const bool as_it_is = column->form == RF_TAIL_AS_IT_IS;
    if (!column->rare[0])
        column->high =
            as_it_is ? high : last_within(sum, column->form, j, column->high, 1, nextafterf(high, -INFINITY));
    if (!column->rare[1])
        column->low =
            as_it_is ? low : last_within(sum, column->form, j, column->low, -1, nextafterf(low, INFINITY));
}

static void fit_column(void *context, int64_t j, int worker)
{
    const fit_task *task = context;
    const rf_tail_sum *sum = task->sum;
    const int64_t n = task->scratch->n_sample;
    uint32_t *keys = task->scratch->keys + worker * 2 * n;
    const float *x = task->scratch->sample + j * n;
    rf_tail_end ends[2];
    rf_tail_column *column = &task->columns[j];
    rf_tail_end_find(&ends[0], keys, x, n, 1);
    rf_tail_end_find(&ends[1], keys, x, n, -1);
    if (has_forms(sum->forms, (int)j)) {
        fit(column, task, RF_TAIL_RAW, (int)j, ends);
        if (!(column->tails.up.xi <= RF_TAIL_HEAVY))
            fit(column, task, RF_TAIL_TAMED, (int)j, ends);
    } else {
        fit(column, task, RF_TAIL_AS_IT_IS, (int)j, ends);
    }
    column->low = ends[1].u0;
    column->high = ends[0].u0;
    for (int down = 0; down < 2; down++) {
        const int64_t m = down ? column->tails.down.m : column->tails.up.m;
        const double all = (double)m * ((double)sum->n / (double)n);
        column->rare[down] = n < sum->n && m < RARE;
        column->step[down] = all > KEPT ? (int64_t)(all / KEPT) : 1;
    }
    move_limits(column, sum, (int)j);
    column->weight = weight_of(task, column, (int)j, keys);
}

void rf_tail_columns_fit(rf_tail_column *columns, const rf_tail_sum *sum, const rf_tail_scratch *scratch,
                         rf_pool *pool)
{
    fit_task task = {columns, sum, scratch};
    rf_pool_run(pool, (scratch->n_sample + RF_TAIL_BLOCK - 1) / RF_TAIL_BLOCK, take_sample, &task);
    rf_pool_run(pool, sum->d, fit_column, &task);
}
