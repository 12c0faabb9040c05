/* action_json.c - the values of messages: one flagged subject with its reasons, and the manifest that closes
 * a run.
 *
 * Field by field what export/schema/ describes; headers and keys are message.c's. Observed and expected
 * values are in raw units, as floats: that is all the precision the features had.
 */
#include "action_int.h"
#include "rf_why.h"

#include <math.h>

/* 0: the file did not say. */
static void time_field(rf_json *json, const char *key, int64_t time_us, bool known)
{
    char text[RF_TIME_TEXT];
    rf_json_put_string(json, key, known ? rf_time_format(text, time_us) : NULL);
}

/* ---- parts that both messages have ---- */

void rf_threshold_json(rf_json *json, const rf_emit_options *options)
{
    rf_json_key(json, "threshold");
    rf_json_map_open(json);
    if (options->threshold_type == RF_THRESHOLD_TOP) {
        rf_json_put_int(json, "top", (int64_t)options->threshold);
    } else {
        rf_json_key(json, options->threshold_type == RF_THRESHOLD_PERCENTILE ? "percentile" : "score");
        rf_json_double(json, options->threshold);
    }
    if (!isnan(options->tag_confidence)) {
        rf_json_put_double(json, "tag_confidence", options->tag_confidence);
    }
    rf_json_map_close(json);
}

static void origin_fields(rf_json *json, const rf_emission *emission)
{
    const rf_graph *graph = emission->graph;
    const rf_scores *scores = emission->scores;
    bool has_window = graph->window_from_us != 0 || graph->window_to_us != 0;
    rf_json_key(json, "window");
    rf_json_map_open(json);
    time_field(json, "from", graph->window_from_us, has_window);
    time_field(json, "to", graph->window_to_us, has_window);
    rf_json_map_close(json);

    rf_json_key(json, "model");
    rf_json_map_open(json);
    rf_json_put_string(json, "id", scores->model_id);
    time_field(json, "trained_at", scores->model_trained_at_us, scores->model_trained_at_us != 0);
    rf_json_map_close(json);
    rf_json_put_string(json, "emitted_at", emission->emitted_at);
}

/* ---- one action ---- */

/* user and entity of the subject: null is the one that a node is not. */
static void subject_fields(rf_json *json, const rf_graph *graph, const rf_action *action)
{
    char user[32], entity[32];
    int64_t row[] = {action->row, action->row};
    bool is_edge = action->side == RF_EDGE;
    if (is_edge) {
        row[0] = graph->adj.e_u[action->row];
        row[1] = graph->adj.e_v[action->row];
    }
    rf_json_put_string(json, "user",
                       is_edge || action->side == RF_USER ? rf_graph_id(&graph->side[RF_USER], row[0], user)
                                                          : NULL);
    rf_json_put_string(json, "entity",
                       action->side != RF_USER ? rf_graph_id(&graph->side[RF_ENTITY], row[1], entity) : NULL);
    if (is_edge && graph->side[RF_EDGE].id.n > 0)
        rf_json_put_string(json, "event_id", rf_texts_get(&graph->side[RF_EDGE].id, action->row));
}

/* The features that are not listed share the rest of the error. */
static void reasons_field(rf_json *json, const rf_emission *emission, const rf_action *action)
{
    const rf_graph_side *side = &emission->graph->side[action->side];
    rf_reason reasons[RF_MAX_REASONS];
    int n = rf_reasons_get(reasons, emission->options->max_reasons, side,
                           &emission->scores->side[action->side], action->row);
    double rest = 1;
    rf_json_key(json, "reasons");
    rf_json_array_open(json);
    for (int i = 0; i < n; i++) {
        char name[32];
        rf_json_map_open(json);
        rf_json_put_string(json, "feature", rf_graph_raw_name(side, reasons[i].column, name));
        rf_json_put_float(json, "observed", reasons[i].observed);
        rf_json_put_float(json, "expected", reasons[i].expected);
        rf_json_put_float(json, "share", reasons[i].share);
        rf_json_map_close(json);
        rest -= reasons[i].share;
    }
    rf_json_array_close(json);
    rf_json_put_float(json, "reasons_rest", rest > 0 ? rest : 0);
}

void rf_action_json(rf_json *json, const rf_emission *emission, const rf_action *action, const char *id)
{
    rf_json_map_open(json);
    rf_json_put_string(json, "schema", RF_ACTION_TYPE);
    rf_json_put_string(json, "id", id);
    rf_json_put_string(json, "run_id", emission->scores->run_id);
    rf_json_put_string(json, "kind", rf_action_kind(action));
    if (action->side == RF_NO_SIDE) {
        const rf_cluster *cluster = &emission->findings->clusters->at[action->row];
        rf_json_put_string(json, "user", NULL);
        rf_json_put_string(json, "entity", NULL);
        rf_json_put_double(json, "score", cluster->score_mass);
        rf_json_put_double(json, "percentile", cluster->suspiciousness);
        rf_json_put_int(json, "rank", action->rank);
        rf_threshold_json(json, emission->options);
        rf_cluster_json(json, emission, action->row);
    } else {
        const rf_score_side *scores = &emission->scores->side[action->side];
        subject_fields(json, emission->graph, action);
        rf_json_put_float(json, "score", (double)scores->score[action->row]);
        rf_json_put_float(json, "percentile", (double)scores->percentile[action->row]);
        rf_json_put_int(json, "rank", action->rank);
        rf_threshold_json(json, emission->options);
        rf_case_tags_json(json, emission, action);
        reasons_field(json, emission, action);
        rf_case_why_json(json, emission, action);
        rf_case_cluster_json(json, emission, action);
    }
    origin_fields(json, emission);
    rf_json_map_close(json);
}

/* ---- the manifest ---- */

void rf_manifest_json(rf_json *json, const rf_emission *emission, const rf_emit_result *result,
                      const char *id)
{
    const rf_scores *scores = emission->scores;
    rf_json_map_open(json);
    rf_json_put_string(json, "schema", RF_MANIFEST_TYPE);
    rf_json_put_string(json, "id", id);
    rf_json_put_string(json, "run_id", scores->run_id);
    rf_json_put_string(json, "kind", "run.completed");
    rf_json_key(json, "actions");
    rf_json_map_open(json);
    for (rf_side side = 0; side < RF_SIDES; side++)
        rf_json_put_int(json, rf_side_name(side), result->flagged[side]);
    rf_json_put_int(json, "cluster", result->clusters);
    rf_json_map_close(json);
    rf_json_key(json, "scored");
    rf_json_map_open(json);
    for (rf_side side = 0; side < RF_SIDES; side++)
        rf_json_put_int(json, rf_side_name(side), scores->side[side].n);
    rf_json_map_close(json);
    rf_json_put_int(json, "suppressed", result->suppressed);
    rf_threshold_json(json, emission->options);
    origin_fields(json, emission);
    rf_json_map_close(json);
}
