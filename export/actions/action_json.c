/* action_json.c - the values of messages: one flagged subject with its reasons, and the manifest that closes
 * a run.
 *
 * Field by field what export/schema/ describes; headers and keys are cloud_event.c's. Observed and expected
 * values are in raw units, as floats: that is all the precision the features had.
 */
#include "json_fields_int.h"
#include "rf_why.h"

#include <math.h>

/* 0: the file did not say. */
static void time_field(rf_json *json, const char *key, int64_t time_us, bool known)
{
    char text[RF_TIME_TEXT];
    text_field(json, key, known ? rf_time_format(text, time_us) : NULL);
}

/* ---- parts that both messages have ---- */

void rf_threshold_json(rf_json *json, const rf_emit_options *options)
{
    rf_json_key(json, "threshold");
    rf_json_map_open(json);
    if (options->threshold_type == RF_THRESHOLD_TOP) {
        int_field(json, "top", (int64_t)options->threshold);
    } else {
        rf_json_key(json, options->threshold_type == RF_THRESHOLD_PERCENTILE ? "percentile" : "score");
        rf_json_double(json, options->threshold);
    }
    if (!isnan(options->tag_confidence)) {
        rf_json_key(json, "tag_confidence");
        rf_json_double(json, options->tag_confidence);
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
    text_field(json, "id", scores->model_id);
    time_field(json, "trained_at", scores->model_trained_at_us, scores->model_trained_at_us != 0);
    rf_json_map_close(json);
    text_field(json, "emitted_at", emission->emitted_at);
}

/* ---- one action ---- */

static const rf_graph_side *graph_side(const rf_emission *emission, rf_action_kind kind)
{
    const rf_graph *graph = emission->graph;
    return kind == RF_ACTION_USER     ? &graph->side[RF_USER]
           : kind == RF_ACTION_ENTITY ? &graph->side[RF_ENTITY]
                                      : &graph->side[RF_EDGE];
}

static const rf_score_side *score_side(const rf_emission *emission, rf_action_kind kind)
{
    const rf_scores *scores = emission->scores;
    return kind == RF_ACTION_USER     ? &scores->side[RF_USER]
           : kind == RF_ACTION_ENTITY ? &scores->side[RF_ENTITY]
                                      : &scores->side[RF_EDGE];
}

/* user and entity of the subject: null is the one that a node is not. */
static void subject_fields(rf_json *json, const rf_graph *graph, const rf_action *action)
{
    char user[32], entity[32];
    bool is_edge = action->kind == RF_ACTION_EDGE;
    int64_t u = is_edge ? (int64_t)graph->adj.e_u[action->row] : action->row;
    int64_t v = is_edge ? (int64_t)graph->adj.e_v[action->row] : action->row;
    text_field(json, "user",
               action->kind != RF_ACTION_ENTITY ? rf_graph_id(&graph->side[RF_USER], u, user) : NULL);
    text_field(json, "entity",
               action->kind != RF_ACTION_USER ? rf_graph_id(&graph->side[RF_ENTITY], v, entity) : NULL);
    if (is_edge && graph->side[RF_EDGE].id.n > 0)
        text_field(json, "event_id", rf_texts_get(&graph->side[RF_EDGE].id, action->row));
}

/* What is not listed has the rest of the error. */
static void reasons_field(rf_json *json, const rf_emission *emission, const rf_action *action)
{
    const rf_graph_side *side = graph_side(emission, action->kind);
    rf_reason reasons[RF_MAX_REASONS];
    int n = rf_reasons_get(reasons, emission->options->max_reasons, side, score_side(emission, action->kind),
                           action->row);
    double rest = 1;
    rf_json_key(json, "reasons");
    rf_json_array_open(json);
    for (int i = 0; i < n; i++) {
        char name[32];
        rf_json_map_open(json);
        text_field(json, "feature", rf_graph_raw_name(side, reasons[i].column, name));
        float_field(json, "observed", reasons[i].observed);
        float_field(json, "expected", reasons[i].expected);
        float_field(json, "share", reasons[i].share);
        rf_json_map_close(json);
        rest -= reasons[i].share;
    }
    rf_json_array_close(json);
    float_field(json, "reasons_rest", rest > 0 ? rest : 0);
}

static void scored_subject(rf_json *json, const rf_emission *emission, const rf_action *action)
{
    const rf_score_side *scores = score_side(emission, action->kind);
    subject_fields(json, emission->graph, action);
    float_field(json, "score", (double)scores->score[action->row]);
    float_field(json, "percentile", (double)scores->percentile[action->row]);
    int_field(json, "rank", action->rank);
    rf_threshold_json(json, emission->options);
    rf_case_tags_json(json, emission, action);
    reasons_field(json, emission, action);
    rf_case_why_json(json, emission, action);
    rf_case_cluster_json(json, emission, action);
}

static void cluster_subject(rf_json *json, const rf_emission *emission, const rf_action *action)
{
    const rf_cluster *cluster = &emission->findings->clusters->at[action->row];
    text_field(json, "user", NULL);
    text_field(json, "entity", NULL);
    double_field(json, "score", cluster->score_mass);
    double_field(json, "percentile", cluster->suspiciousness);
    int_field(json, "rank", action->rank);
    rf_threshold_json(json, emission->options);
    rf_cluster_json(json, emission, action->row);
}

void rf_action_json(rf_json *json, const rf_emission *emission, const rf_action *action, const char *id)
{
    rf_json_map_open(json);
    text_field(json, "schema", RF_ACTION_TYPE);
    text_field(json, "id", id);
    text_field(json, "run_id", emission->scores->run_id);
    text_field(json, "kind", rf_action_kind_name(action->kind));
    if (action->kind == RF_ACTION_CLUSTER)
        cluster_subject(json, emission, action);
    else
        scored_subject(json, emission, action);
    origin_fields(json, emission);
    rf_json_map_close(json);
}

/* ---- the manifest ---- */

static void count_fields(rf_json *json, int64_t users, int64_t entities, int64_t edges)
{
    int_field(json, rf_action_kind_name(RF_ACTION_USER), users);
    int_field(json, rf_action_kind_name(RF_ACTION_ENTITY), entities);
    int_field(json, rf_action_kind_name(RF_ACTION_EDGE), edges);
}

void rf_manifest_json(rf_json *json, const rf_emission *emission, const rf_emit_result *result,
                      const char *id)
{
    const rf_scores *scores = emission->scores;
    rf_json_map_open(json);
    text_field(json, "schema", RF_MANIFEST_TYPE);
    text_field(json, "id", id);
    text_field(json, "run_id", scores->run_id);
    text_field(json, "kind", "run.completed");
    rf_json_key(json, "actions");
    rf_json_map_open(json);
    count_fields(json, result->users, result->entities, result->edges);
    int_field(json, rf_action_kind_name(RF_ACTION_CLUSTER), result->clusters);
    rf_json_map_close(json);
    rf_json_key(json, "scored");
    rf_json_map_open(json);
    count_fields(json, scores->side[RF_USER].n, scores->side[RF_ENTITY].n, scores->side[RF_EDGE].n);
    rf_json_map_close(json);
    int_field(json, "suppressed", result->suppressed);
    rf_threshold_json(json, emission->options);
    origin_fields(json, emission);
    rf_json_map_close(json);
}
