/* score_model.c - from a model and a graph to scores: lays the model's columns over the graph, applies the
 * model, and hands input and outputs to score.c. */
#include "scoring_int.h"

rf_status rf_score_compute(rf_scores **out, const rf_graph *graph, const rf_model *model,
                           const rf_score_options *options, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_aligned seen = {0};
    rf_outputs outputs = {0};
    rf_scores *scores = NULL;

    RF_TRY(rf_model_align(&seen, model, graph, options->frozen, pool, err));
    RF_TRY(rf_model_apply(&outputs, model, &seen.graph, options->frozen, pool, err));
    RF_TRY(rf_score_aligned(&scores, graph, &seen, &outputs, options, pool, err));
    rf_scores_name(scores, graph, rf_model_id(model), rf_model_trained_at_us(model));
    *out = scores;
done:
    rf_outputs_clear(&outputs);
    rf_aligned_clear(&seen);
    return st;
}
