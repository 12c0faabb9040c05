/* score_plan.c - the memory of scoring at its peak, known from sizes alone: see rf_score.h.
 *
 * Three times it is high: while the model is applied, while the edges' reconstruction is read, and while the
 * order of edges in time is judged.
 */
#include "rf_score.h"
#include "rf_surprise.h"

#define REASON ((int64_t)10)     /* column, expected value, share */
#define OWN_NUMBERS ((int64_t)4) /* x_error; score and ranks come later */
#define EDGE_NUMBERS ((int64_t)8)

static const int64_t parts_of[RF_SIDES] = {24, 24, 36}; /* a number each */

/* What rf_scores holds of the rows before they are ranked. */
static void add_scores(rf_memory_plan *plan, const rf_graphbean_shape *shape, const rf_score_options *options)
{
    const rf_graph_size *size = &plan->size;
    for (rf_side s = 0; s < RF_SIDES; s++) {
        const int64_t reasons = options->reasons < size->d[s] ? options->reasons : size->d[s];
        int64_t row = reasons * REASON;
        row += s == RF_EDGE ? EDGE_NUMBERS : OWN_NUMBERS + shape->latent[s] * (int64_t)sizeof(rf_real);
        plan->rows[s] += size->n[s] * row;
    }
}

/* Features in the model's units, beside the graph's. */
static void add_aligned(rf_memory_plan *plan)
{
    for (rf_side s = 0; s < RF_SIDES; s++)
        plan->rows[s] += plan->size.n[s] * plan->size.d[s] * (int64_t)sizeof(rf_real);
}

static void add_surprise(rf_memory_plan stage[RF_APPLY_STAGES], int threads)
{
    rf_memory_plan *end = &stage[RF_APPLIED];
    rf_surprise_plan_columns(&stage[RF_READING_EDGES], threads);
    for (rf_side s = 0; s < RF_SIDES; s++)
        end->rows[s] += end->size.n[s] * parts_of[s];
    end->rows[RF_EDGE] += end->size.n[RF_EDGE] * RF_SURPRISE_WORK;
}

rf_status rf_score_plan(rf_memory_plan *out, const rf_model *model, const rf_graph_size *size,
                        const rf_score_options *options, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    rf_memory_plan stage[RF_APPLY_STAGES];
    RF_TRY(rf_model_plan(stage, model, size, threads, err));
    add_scores(&stage[RF_READING_EDGES], rf_model_shape(model), options);
    add_scores(&stage[RF_APPLIED], rf_model_shape(model), options);
    if (options->method == RF_METHOD_SURPRISE)
        add_surprise(stage, threads);
    for (int k = 0; k < RF_APPLY_STAGES; k++) {
        if (options->frozen)
            add_aligned(&stage[k]);
        if (k == 0 || rf_memory_plan_bytes(&stage[k]) > rf_memory_plan_bytes(out))
            *out = stage[k];
    }
done:
    return st;
}
