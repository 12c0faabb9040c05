/* score_plan.c - the memory of scoring at its peak, known from sizes alone: see rf_score.h.
 *
 * It is high while the model is applied, while the edges' reconstruction is read, while parts are made after
 * that, and while all sides are ranked. Numbers of rows count as soon as they have their room: what small
 * blocks leave behind is not given back, and they come to lie in it.
 */
#include "rf_rank.h"
#include "rf_score.h"
#include "rf_surprise.h"

/* What rf_scores holds of a row; parts left out. */
static int64_t row_bytes(rf_side side, int reasons, int latent)
{
    const rf_score_side *of = NULL; /* its members' sizes alone */
    size_t bytes = sizeof *of->x_error + sizeof *of->score + sizeof *of->percentile + sizeof *of->robust_z;
    bytes += rf_side_role(side) == RF_EDGE ? sizeof *of->ce : (size_t)latent * sizeof *of->z;
    bytes += (size_t)reasons *
             (sizeof *of->reason_feature + sizeof *of->reason_expected + sizeof *of->reason_share);
    return (int64_t)bytes;
}

static void add_scores(rf_memory_plan *plan, const rf_graphbean_shape *shape, const rf_score_options *options)
{
    const rf_graph_size *size = &plan->size;
    for (rf_side s = 0; s < rf_sides(&plan->size.kinds); s++) {
        const int reasons = options->reasons < size->d[s] ? options->reasons : size->d[s];
        plan->rows[s] +=
            size->n[s] *
            row_bytes(s, reasons, rf_side_role(s) == RF_EDGE ? 0 : shape->latent[rf_side_role(s)]);
    }
}

/* Features in the model's units, beside the graph's. */
static void add_aligned(rf_memory_plan *plan)
{
    for (rf_side s = 0; s < rf_sides(&plan->size.kinds); s++)
        plan->rows[s] += plan->size.n[s] * plan->size.d[s] * (int64_t)sizeof(rf_real);
}

/* The sorted rows of all sides, and as many again while they are sorted. */
static void add_ranks(rf_memory_plan *plan, rf_score_method method)
{
    for (rf_side s = 0; s < rf_sides(&plan->size.kinds); s++)
        plan->rows[s] += plan->size.n[s] * 2 * (int64_t)sizeof(rf_ranked);
    if (method == RF_METHOD_SURPRISE)
        rf_surprise_plan_parts(plan);
}

rf_status rf_score_plan(rf_memory_plan *out, const rf_model *model, const rf_graph_size *size,
                        const rf_score_options *options, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    rf_memory_plan stage[RF_APPLY_STAGES], ranks;
    RF_TRY(rf_model_plan(stage, model, size, threads, err));
    add_scores(&stage[RF_READING_EDGES], rf_model_shape(model), options);
    add_scores(&stage[RF_APPLIED], rf_model_shape(model), options);
    ranks = stage[RF_APPLIED];
    add_ranks(&ranks, options->method);
    if (options->method == RF_METHOD_SURPRISE) {
        rf_surprise_plan_columns(&stage[RF_READING_EDGES], threads);
        rf_surprise_plan_rest(&stage[RF_APPLIED], threads);
    }
    *out = ranks;
    for (int k = 0; k < RF_APPLY_STAGES; k++)
        rf_memory_plan_raise(out, &stage[k]);
    if (options->frozen)
        add_aligned(out);
done:
    return st;
}
