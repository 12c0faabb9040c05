/* tail_sum.c - fits the tails of all columns, chooses their forms and weights, and sums over each row. */
#include "tail_sum_int.h"

#include <math.h>

#include "rf_feature_words.h"
#include "rf_mem.h"
#include "tails_int.h"

#define BLOCK_ROWS 4096

typedef enum form { AS_IT_IS, RAW, TAMED } form;

typedef struct tail_column {
    rf_tails tails;
    form form;
    double weight;
} tail_column;

typedef struct sum_task {
    const rf_tail_sum *sum;
    float *out;
    tail_column *columns; /* [d] */
    float **scratch;      /* [threads] of [n] */
} sum_task;

static float cell(const rf_tail_sum *sum, form as, int64_t row, int j)
{
    const int64_t at = row * sum->d + j;
    if (sum->minus != NULL)
        return (float)(sum->x[at] - sum->minus[at]);
    if (as == AS_IT_IS)
        return (float)sum->x[at];
    double raw = rf_graph_raw(sum->forms, j, (double)sum->x[at]);
    return (float)(as == RAW ? raw : copysign(log1p(fabs(raw)), raw));
}

/* ---- a column ---- */

static bool has_forms(const rf_graph_side *side, int j)
{
    char buffer[32];
    return side != NULL && side->mean != NULL && side->scale != NULL && side->transform != NULL &&
           side->feature_names.n > 0 && rf_feature_tamed_if_asked(rf_graph_raw_name(side, j, buffer));
}

static void fit(tail_column *column, const rf_tail_sum *sum, form as, int j, float *values)
{
    for (int64_t i = 0; i < sum->n; i++)
        values[i] = cell(sum, as, i, j);
    rf_tails_fit(&column->tails, values, sum->n);
    column->form = as;
}

/* Of the rows far out that have one before them, the share of those where it is far out, too. */
static double share_lasting(const uint8_t *far_out, const uint32_t *before, int64_t n)
{
    int64_t followers = 0, lasting = 0;
    for (int64_t i = 0; i < n; i++) {
        if (far_out[i] && before[i] != RF_NO_EDGE) {
            followers++;
            lasting += far_out[before[i]];
        }
    }
    return (double)lasting / (double)(followers + RF_TAIL_FEW);
}

static void fit_column(void *context, int64_t j, int worker)
{
    const sum_task *task = context;
    const rf_tail_sum *sum = task->sum;
    float *values = task->scratch[worker];
    tail_column *column = &task->columns[j];
    if (has_forms(sum->forms, (int)j)) {
        fit(column, sum, RAW, (int)j, values);
        if (!(column->tails.up.xi <= RF_TAIL_HEAVY))
            fit(column, sum, TAMED, (int)j, values);
    } else {
        fit(column, sum, AS_IT_IS, (int)j, values);
    }
    uint8_t *far_out = (uint8_t *)values; /* the fit has done with them */
    for (int64_t i = 0; sum->before[0] != NULL && i < sum->n; i++)
        far_out[i] = rf_tails_nats(&column->tails, cell(sum, column->form, i, (int)j)) > sum->threshold;
    double lasting = 0;
    for (int s = 0; s < 2 && sum->before[s] != NULL; s++)
        lasting = fmax(lasting, share_lasting(far_out, sum->before[s], sum->n));
    column->weight = 1 - lasting * lasting;
}

/* ---- rows ---- */

static void sum_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const sum_task *task = context;
    const rf_tail_sum *sum = task->sum;
    int64_t to = (index + 1) * BLOCK_ROWS < sum->n ? (index + 1) * BLOCK_ROWS : sum->n;
    for (int64_t i = index * BLOCK_ROWS; i < to; i++) {
        double total = 0;
        for (int j = 0; j < sum->d; j++) {
            const tail_column *column = &task->columns[j];
            double nats = rf_tails_nats(&column->tails, cell(sum, column->form, i, j));
            if (nats > sum->threshold)
                total += column->weight * ((nats < sum->most ? nats : sum->most) - sum->threshold);
        }
        task->out[i] = (float)total;
    }
}

rf_status rf_tails_sum(float *out, const rf_tail_sum *sum, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int threads = rf_pool_threads(pool);
    sum_task task = {.sum = sum, .out = out};
    RF_ZERO(task.scratch, threads, err);
    RF_NEW(task.columns, sum->d, err);
    for (int i = 0; i < threads; i++)
        RF_NEW(task.scratch[i], sum->n, err);
    rf_pool_run(pool, sum->d, fit_column, &task);
    rf_pool_run(pool, (sum->n + BLOCK_ROWS - 1) / BLOCK_ROWS, sum_block, &task);
done:
    for (int i = 0; task.scratch != NULL && i < threads; i++)
        rf_mem_free(task.scratch[i]);
    rf_mem_free(task.scratch);
    rf_mem_free(task.columns);
    return st;
}
