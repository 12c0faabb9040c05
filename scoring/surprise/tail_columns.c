/* tail_columns.c - takes a sample of the rows and fits each column to it. */
#include "tail_columns_int.h"

#include <math.h>
#include <string.h>

#include "rf_feature_words.h"
#include "rf_linalg.h"
#include "rf_mem.h"

#define LINE 16     /* floats of a cache line: columns are far apart, and on the same places of the cache */
#define KEPT 8192   /* excesses of a column and direction that are kept, about */
#define RARE 500    /* excesses in the sample: fewer do not say how many there are in all rows */
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

const rf_real *rf_tail_rows(const rf_tail_sum *sum, const int64_t *row, int n, const rf_tail_scratch *scratch,
                            int worker)
{
    const int d = sum->d;
    const size_t block = (size_t)RF_TAIL_BLOCK * (size_t)d;
    rf_real *out = scratch->rows + (size_t)worker * 2 * block;
    if (sum->minus == NULL && sum->factor == NULL && row[n - 1] - row[0] == n - 1)
        return sum->x + row[0] * d;
    for (int64_t i = 0; i < n; i++) {
        const rf_real *x = sum->x + row[i] * d;
        if (sum->minus == NULL) {
            memcpy(out + i * d, x, (size_t)d * sizeof *out);
            continue;
        }
        const rf_real *minus = sum->minus + row[i] * d;
        for (int j = 0; j < d; j++)
            out[i * d + j] = x[j] - minus[j];
    }
    if (sum->factor == NULL)
        return out;
    rf_gemm_nn(out + block, d, out, d, sum->factor, d, n, d, d, 0);
    return out + block;
}

/* ---- the sample ---- */

rf_status rf_tail_scratch_init(rf_tail_scratch *scratch, int64_t n, int d, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    scratch->n_sample = n > RF_TAIL_ALL ? RF_TAIL_SAMPLE : n;
    RF_NEW(scratch->sample, (size_t)d * (size_t)scratch->n_sample, err);
    RF_NEW(scratch->values, (size_t)threads * (size_t)scratch->n_sample, err);
    RF_NEW(scratch->rows, (size_t)threads * 2 * RF_TAIL_BLOCK * (size_t)d, err);
done:
    return st;
}

void rf_tail_scratch_clear(rf_tail_scratch *scratch)
{
    rf_mem_free(scratch->sample);
    rf_mem_free(scratch->values);
    rf_mem_free(scratch->rows);
    *scratch = (rf_tail_scratch){0};
}

static int64_t sample_row(const fit_task *task, int64_t i)
{
    const int64_t n = task->sum->n, n_sample = task->scratch->n_sample;
    return n_sample == n ? i : (int64_t)((double)i * ((double)n / (double)n_sample));
}

static void take_sample(void *context, int64_t index, int worker)
{
    const fit_task *task = context;
    const rf_tail_scratch *scratch = task->scratch;
    const int64_t from = index * RF_TAIL_BLOCK, left = scratch->n_sample - from;
    const int n = left < RF_TAIL_BLOCK ? (int)left : RF_TAIL_BLOCK, d = task->sum->d;
    int64_t row[RF_TAIL_BLOCK] = {0};
    for (int i = 0; i < n; i++)
        row[i] = sample_row(task, from + i);
    const rf_real *rows = rf_tail_rows(task->sum, row, n, scratch, worker);
    for (int line = 0; line < n; line += LINE) {
        for (int64_t j = 0; j < d; j++) {
            for (int i = line; i < n && i < line + LINE; i++)
                scratch->sample[j * scratch->n_sample + from + i] = (float)rows[(int64_t)i * d + j];
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

static void fit(rf_tail_column *column, const fit_task *task, rf_tail_form as, int j, float *values)
{
    const int64_t n = task->scratch->n_sample;
    const float *x = task->scratch->sample + j * n;
    for (int64_t i = 0; i < n; i++)
        values[i] = rf_tail_in_form(task->sum, as, j, x[i]);
    rf_tails_fit(&column->tails, values, n);
    column->form = as;
}

/* Of the rows far out that have one before them, the share of those where it is far out, too. */
static double share_lasting(const fit_task *task, const rf_tail_column *column, int j, int side)
{
    const rf_tail_sum *sum = task->sum;
    const int64_t n = task->scratch->n_sample;
    const float *x = task->scratch->sample + j * n;
    int64_t followers = 0, lasting = 0;
    for (int64_t i = 0; i < n; i++) {
        if ((x[i] <= column->high && x[i] >= column->low) ||
            !(rf_tails_nats(&column->tails, rf_tail_in_form(sum, column->form, j, x[i])) > sum->threshold))
            continue;
        uint32_t before = sum->before[side][sample_row(task, i)];
        if (before == RF_NO_EDGE)
            continue;
        float there = rf_tail_in_form(sum, column->form, j, (float)sum->x[(int64_t)before * sum->d + j]);
        followers++;
        lasting += rf_tails_nats(&column->tails, there) > sum->threshold;
    }
    return (double)lasting / (double)(followers + RF_TAIL_FEW);
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
    float *values = task->scratch->values + worker * n, *x = task->scratch->sample + j * n;
    rf_tail_column *column = &task->columns[j];
    if (has_forms(sum->forms, (int)j)) {
        fit(column, task, RF_TAIL_RAW, (int)j, values);
        if (!(column->tails.up.xi <= RF_TAIL_HEAVY))
            fit(column, task, RF_TAIL_TAMED, (int)j, values);
    } else {
        fit(column, task, RF_TAIL_AS_IT_IS, (int)j, values);
    }
    float u0[2] = {column->tails.down.u0, column->tails.up.u0};
    if (column->form != RF_TAIL_AS_IT_IS)
        rf_tail_places(u0, x, n);
    column->low = u0[0];
    column->high = u0[1];
    double lasting = 0;
    for (int s = 0; s < 2 && sum->before[s] != NULL; s++)
        lasting = fmax(lasting, share_lasting(task, column, (int)j, s));
    column->weight = 1 - lasting * lasting;
    for (int down = 0; down < 2; down++) {
        const int64_t m = down ? column->tails.down.m : column->tails.up.m;
        const double all = (double)m * ((double)sum->n / (double)n);
        column->rare[down] = n < sum->n && m < RARE;
        column->step[down] = all > KEPT ? (int64_t)(all / KEPT) : 1;
    }
    move_limits(column, sum, (int)j);
}

void rf_tail_columns_fit(rf_tail_column *columns, const rf_tail_sum *sum, const rf_tail_scratch *scratch,
                         rf_pool *pool)
{
    fit_task task = {columns, sum, scratch};
    rf_pool_run(pool, (scratch->n_sample + RF_TAIL_BLOCK - 1) / RF_TAIL_BLOCK, take_sample, &task);
    rf_pool_run(pool, sum->d, fit_column, &task);
}
