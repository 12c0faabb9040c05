/* action_json.c - the values of messages: one flagged subject with its reasons, tags and cluster; a cluster;
 * and the manifest that closes a run.
 *
 * Field by field what export/schema/ describes; headers and keys are message.c's. Observed and expected
 * values are in raw units, as floats: that is all the precision the features had.
 */
#include "alert_life_int.h"
#include "rf_why.h"

#include <math.h>
#include <string.h>

static void open_map(rf_json *json, const char *key)
{
    if (key != NULL)
        rf_json_key(json, key);
    rf_json_map_open(json);
}

static void open_array(rf_json *json, const char *key)
{
    rf_json_key(json, key);
    rf_json_array_open(json);
}

static void time_field(rf_json *json, const char *key, int64_t time_us, bool known)
{
    char text[RF_TIME_TEXT];
    rf_json_put_string(json, key, known ? rf_time_format(text, time_us) : NULL);
}

/* ---- tags ---- */

/* Where the graph names its kinds of entity. */
static void kind_field(rf_json *json, const rf_graph *graph, rf_side side)
{
    const char *kind = rf_action_entity_kind(&graph->kinds, side);
    if (kind != NULL)
        rf_json_put_string(json, "entity_kind", kind);
}

/* Of an entity that so many users share that its edges are left out. */
static void hub_field(rf_json *json, const rf_graph *graph, rf_side side, int64_t row)
{
    const uint8_t *hub = rf_side_role(side) == RF_ENTITY ? graph->side[side].hub : NULL;
    if (hub != NULL && hub[row] != 0)
        rf_json_put_bool(json, "hub", true);
}

/* Who meets on an edge, and as which event. */
static void edge_json(rf_json *json, const rf_graph *graph, rf_side edges, uint32_t edge)
{
    char user[32], entity[32];
    const rf_adj *adj = rf_graph_adj(graph, rf_side_kind(edges));
    const rf_graph_side *entities = &graph->side[rf_entity_side(rf_side_kind(edges))];
    rf_json_put_string(json, "user", rf_graph_id(&graph->side[RF_USER], adj->e_u[edge], user));
    rf_json_put_string(json, "entity", rf_graph_id(entities, adj->e_v[edge], entity));
    kind_field(json, graph, edges);
    if (graph->side[edges].id.n > 0)
        rf_json_put_string(json, "event_id", rf_texts_get(&graph->side[edges].id, edge));
}

/* tag: whose evidence it is. */
static void evidence_json(rf_json *json, const rf_emission *emission, const rf_tag *tag,
                          const rf_evidence *evidence)
{
    const rf_tags *tags = emission->findings->tags;
    open_map(json, NULL);
    rf_json_put_string(json, "signal", rf_texts_get(&tags->signal_name, evidence->signal));
    rf_json_put_string(json, "about", rf_texts_get(&tags->signal_about, evidence->signal));
    rf_json_put_string(json, "value", rf_texts_get(&tags->signal_value, evidence->signal));
    rf_json_put_bool(json, "above", tags->signal_above[evidence->signal] != 0);
    rf_json_put_double(json, "observed", evidence->observed);
    rf_json_put_double(json, "threshold", evidence->threshold);
    rf_json_put_float(json, "percentile", (double)evidence->percentile);
    rf_json_put_float(json, "strength", (double)evidence->strength);
    if (tag->edge != RF_NO_EDGE) {
        open_map(json, "edge");
        edge_json(json, emission->graph, rf_tag_edge_side(tags, tag), tag->edge);
        rf_json_map_close(json);
    }
    rf_json_map_close(json);
}

static void rule_field(rf_json *json, const rf_tags *tags, int32_t rule)
{
    open_map(json, "rule");
    rf_json_put_string(json, "name", tags->rules_name);
    rf_json_put_int(json, "revision", tags->rules_version);
    rf_json_put_string(json, "about", rf_texts_get(&tags->rule_about, rule));
    rf_json_map_close(json);
}

static void tags_field(rf_json *json, const rf_emission *emission, const rf_action *action)
{
    int64_t n;
    const rf_tags *tags = emission->findings->tags;
    const rf_tag *list = rf_tags_of(&n, tags, action->side, action->row);
    open_array(json, "tags");
    for (int64_t i = 0; i < n; i++) {
        const rf_tag *tag = &list[i];
        if (rf_emit_takes(emission, action->side, action->row, tag))
            continue;
        open_map(json, NULL);
        rf_json_put_string(json, "type", rf_tag_type(tags, tag));
        if (rf_tag_is_unknown(tags, tag)) { /* a rank says nothing of a type */
            rf_json_put_float(json, "confidence", 0);
            rf_json_put_float(json, "percentile", (double)tag->confidence);
        } else {
            rf_json_put_float(json, "confidence", (double)tag->confidence);
        }
        rule_field(json, tags, tag->rule);
        open_array(json, "evidence");
        for (int32_t k = 0; k < tag->n_evidence; k++)
            evidence_json(json, emission, tag, &tags->side[action->side].evidence[tag->evidence + k]);
        rf_json_array_close(json);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
}

/* ---- why ---- */

static void contribution_json(rf_json *json, const rf_graph *graph, rf_side side, const rf_explain_edge *edge)
{
    char number[32];
    rf_side other = side == RF_USER ? rf_entity_side(edge->kind) : RF_USER;
    open_map(json, NULL);
    rf_json_put_string(json, rf_side_name(other), rf_graph_id(&graph->side[other], edge->neighbour, number));
    kind_field(json, graph, other);
    rf_json_put_float(json, "score", edge->score);
    rf_json_put_float(json, "percentile", edge->percentile);
    rf_json_put_float(json, "share", edge->share);
    rf_json_map_close(json);
}

/* What a score of the method surprise is the sum of, and the voices beside it. */
static void surprise_field(rf_json *json, const rf_score_side *scores, int64_t row)
{
    static const char *const keys[] = {"voices", "surprise"};
    for (int in_total = 1; in_total >= 0; in_total--) {
        bool any = false;
        for (int p = 0; p < RF_PARTS; p++) {
            if (scores->part[p] == NULL || rf_part_table[p].in_total != (in_total == 1))
                continue;
            if (!any)
                open_map(json, keys[in_total]);
            any = true;
            rf_json_put_float(json, rf_part_table[p].name, (double)scores->part[p][row]);
        }
        if (any)
            rf_json_map_close(json);
    }
}

static int64_t earlier(int64_t since_us, const rf_graph_side *edges, uint32_t edge)
{
    return edges->first_us != NULL && edges->first_us[edge] < since_us ? edges->first_us[edge] : since_us;
}

/* The earliest event of the edges that the message is about: an edge itself; of a node those that its tags
 * were taken over from, and those worst ones that score at least half of the worst. */
static void since_field(rf_json *json, const rf_emission *emission, const rf_action *action,
                        const rf_explanation *why)
{
    const rf_tags *tags = emission->findings->tags;
    const rf_graph_side *sides = emission->graph->side;
    int64_t since_us = INT64_MAX;
    if (rf_action_is_edge(action))
        since_us = earlier(since_us, &sides[action->side], (uint32_t)action->row);
    for (int i = 0; i < why->n_edges; i++) {
        const rf_explain_edge *edge = &why->edges[i];
        if (edge->score >= why->edges[0].score / 2)
            since_us = earlier(since_us, &sides[rf_edge_side(edge->kind)], edge->edge);
    }
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, tags, action->side, action->row);
    for (int64_t i = 0; i < n; i++) {
        if (tag[i].edge != RF_NO_EDGE)
            since_us = earlier(since_us, &sides[rf_tag_edge_side(tags, &tag[i])], tag[i].edge);
    }
    time_field(json, "since", since_us, since_us != INT64_MAX);
}

static void why_field(rf_json *json, const rf_emission *emission, const rf_alert *alert)
{
    rf_explanation why;
    const rf_action *action = &alert->action;
    if (alert->voice < RF_PARTS)
        rf_explain_by(&why, emission->graph, emission->scores, action->side, action->row, alert->voice);
    else
        rf_explain(&why, emission->graph, emission->scores, action->side, action->row);
    since_field(json, emission, action, &why);
    surprise_field(json, &emission->scores->side[action->side], action->row);
    rf_json_put_string(json, "why", alert->why != NULL ? alert->why : why.sentence);
    open_map(json, "parts");
    rf_json_put_float(json, "own", why.own_share);
    rf_json_put_float(json, "edges", why.edge_share);
    rf_json_put_float(json, "structure", why.structure_share);
    rf_json_map_close(json);
    if (rf_action_is_edge(action))
        return;
    open_array(json, "edges");
    for (int i = 0; i < why.n_edges; i++)
        contribution_json(json, emission->graph, action->side, &why.edges[i]);
    rf_json_array_close(json);
    rf_json_put_float(json, "edges_rest", why.rest_edges);
}

/* ---- clusters ---- */

static void cluster_fields(rf_json *json, const rf_cluster *cluster)
{
    rf_json_put_string(json, "id", cluster->id);
    rf_json_put_string(json, "method", rf_cluster_method_name(cluster->method));
    rf_json_put_int(json, "users", cluster->n[RF_USER]);
    rf_json_put_int(json, "entities", rf_cluster_entities(cluster));
    rf_json_put_string(json, "change", rf_cluster_change_name(cluster->change));
}

static void cluster_field(rf_json *json, const rf_emission *emission, const rf_action *action)
{
    const rf_cluster *cluster =
        rf_clusters_of(emission->findings->clusters, emission->graph, action->side, action->row);
    if (cluster == NULL) {
        rf_json_key(json, "cluster");
        rf_json_null(json);
        return;
    }
    open_map(json, "cluster");
    cluster_fields(json, cluster);
    rf_json_map_close(json);
}

/* Ids of the members that the message of cluster `at` names. */
static void members_json(rf_json *json, const rf_emission *emission, const char *key, rf_side side,
                         int64_t at)
{
    const rf_named *named = &emission->plan->named[side];
    open_array(json, key);
    for (int64_t i = named->from[at]; i < named->from[at + 1]; i++) {
        char number[32];
        rf_json_string(json, rf_graph_id(&emission->graph->side[side], named->row[i], number));
    }
    rf_json_array_close(json);
}

/* Where the graph names its kinds: of each how many, and the ids that are named. */
static void kinds_json(rf_json *json, const rf_emission *emission, const rf_cluster *cluster, int64_t at)
{
    const rf_kinds *kinds = &emission->graph->kinds;
    if (kinds->n == 0)
        return;
    open_map(json, "kinds");
    for (int k = 0; k < kinds->n; k++) {
        open_map(json, kinds->name[k]);
        rf_json_put_int(json, "entities", cluster->n[rf_entity_side(k)]);
        members_json(json, emission, "entity_ids", rf_entity_side(k), at);
        rf_json_map_close(json);
    }
    rf_json_map_close(json);
}

static void common_json(rf_json *json, const rf_emission *emission, const rf_cluster *cluster)
{
    char number[32];
    open_array(json, "common_entities");
    for (int i = 0; i < cluster->n_common; i++) {
        rf_side side = rf_entity_side(cluster->common_kind[i]);
        if (rf_emit_silenced(emission, side, cluster->common[i]))
            continue;
        open_map(json, NULL);
        rf_json_put_string(json, "entity",
                           rf_graph_id(&emission->graph->side[side], cluster->common[i], number));
        kind_field(json, emission->graph, side);
        rf_json_put_int(json, "users", cluster->common_users[i]);
        rf_json_put_int(
            json, "all_users",
            rf_adj_users_of(rf_graph_adj(emission->graph, cluster->common_kind[i]), cluster->common[i]));
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
}

static void seen_json(rf_json *json, const char *key, const rf_cluster *cluster, int64_t time_us)
{
    time_field(json, key, time_us, cluster->first_us != 0 || cluster->last_us != 0);
}

static void cluster_tags_json(rf_json *json, const rf_tags *tags, const rf_clusters *clusters,
                              const rf_cluster *cluster)
{
    int64_t members = rf_cluster_members(cluster);
    open_array(json, "tags");
    for (int i = 0; i < cluster->n_tags; i++) {
        open_map(json, NULL);
        rf_json_put_string(json, "type", rf_texts_get(&clusters->tag_types, cluster->tag_rule[i]));
        rf_json_put_float(json, "confidence", (double)cluster->tag_members[i] / (double)members);
        if (tags != NULL && strcmp(tags->run_id, clusters->run_id) == 0)
            rule_field(json, tags, cluster->tag_rule[i]);
        open_array(json, "evidence");
        rf_json_array_close(json);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
}

void rf_cluster_json(rf_json *json, const rf_emission *emission, int64_t at)
{
    const rf_clusters *clusters = emission->findings->clusters;
    const rf_cluster *cluster = &clusters->at[at];
    cluster_tags_json(json, emission->findings->tags, clusters, cluster);
    open_array(json, "reasons");
    rf_json_array_close(json);
    seen_json(json, "since", cluster, cluster->first_us);
    open_map(json, "cluster");
    cluster_fields(json, cluster);
    rf_json_put_int(json, "edges", cluster->n_edges);
    rf_json_put_int(json, "events", cluster->n_events);
    rf_json_put_double(json, "density", cluster->density);
    rf_json_put_double(json, "score_mass", cluster->score_mass);
    seen_json(json, "first_seen", cluster, cluster->first_us);
    seen_json(json, "last_seen", cluster, cluster->last_us);
    rf_json_put_int(json, "previous_members", cluster->previous_members);
    rf_json_put_int(json, "joined", cluster->joined);
    rf_json_put_int(json, "left", cluster->left);
    members_json(json, emission, "user_ids", RF_USER, at);
    members_json(json, emission, "entity_ids", RF_ENTITY, at);
    kinds_json(json, emission, cluster, at);
    common_json(json, emission, cluster);
    rf_json_map_close(json);
}

/* ---- parts that both messages have ---- */

void rf_threshold_json(rf_json *json, const rf_emit_options *options)
{
    static const char *const names[] = {
        [RF_THRESHOLD_PERCENTILE] = "percentile", [RF_THRESHOLD_SCORE] = "score", [RF_THRESHOLD_FDR] = "fdr"};
    rf_json_key(json, "threshold");
    rf_json_map_open(json);
    if (options->threshold_type == RF_THRESHOLD_TOP)
        rf_json_put_int(json, "top", (int64_t)options->threshold);
    else
        rf_json_put_double(json, names[options->threshold_type], options->threshold);
    rf_json_put_double(json, "tag_confidence", options->tag_confidence);
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
    char number[32];
    if (rf_action_is_edge(action)) {
        edge_json(json, graph, action->side, (uint32_t)action->row);
        return;
    }
    const char *id = rf_graph_id(&graph->side[action->side], action->row, number);
    rf_json_put_string(json, "user", action->side == RF_USER ? id : NULL);
    rf_json_put_string(json, "entity", action->side != RF_USER ? id : NULL);
    kind_field(json, graph, action->side);
    hub_field(json, graph, action->side, action->row);
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

void rf_action_figures(double *score, double *percentile, const rf_emission *emission,
                       const rf_action *action)
{
    if (action->side == RF_NO_SIDE) {
        const rf_cluster *cluster = &emission->findings->clusters->at[action->row];
        *score = cluster->score_mass;
        *percentile = cluster->suspiciousness;
    } else {
        const rf_score_side *scores = &emission->scores->side[action->side];
        *score = (double)scores->score[action->row];
        *percentile = (double)scores->percentile[action->row];
    }
}

const char *rf_alert_change_name(rf_alert_change change)
{
    static const char *const names[] = {"new", "worse", "same", "gone"};
    return names[change];
}

static void life_fields(rf_json *json, const char *alert_id, rf_alert_change change, int64_t first_us,
                        int32_t times)
{
    rf_json_put_string(json, "alert_id", alert_id);
    rf_json_put_string(json, "change", rf_alert_change_name(change));
    time_field(json, "first_flagged", first_us, true);
    rf_json_put_int(json, "times_flagged", times);
}

void rf_action_json(rf_json *json, const rf_emission *emission, const rf_alert *alert, const char *id)
{
    const rf_action *action = &alert->action;
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
        rf_json_put_string(json, "why", alert->why);
        rf_cluster_json(json, emission, action->row);
    } else {
        const rf_score_side *scores = &emission->scores->side[action->side];
        subject_fields(json, emission->graph, action);
        rf_json_put_float(json, "score", (double)scores->score[action->row]);
        rf_json_put_float(json, "percentile", (double)scores->percentile[action->row]);
        if (scores->p_value != NULL) {
            rf_json_put_float(json, "p_value", (double)scores->p_value[action->row]);
            rf_json_put_float(json, "fdr", (double)scores->fdr[action->row]);
        }
        rf_json_put_int(json, "rank", action->rank);
        rf_threshold_json(json, emission->options);
        tags_field(json, emission, action);
        reasons_field(json, emission, action);
        why_field(json, emission, alert);
        cluster_field(json, emission, action);
    }
    rf_json_put_string(json, "anomaly",
                       alert->anomaly == RF_ANOMALY_NONE ? NULL : rf_anomaly_name(alert->anomaly));
    life_fields(json, alert->id, alert->change, alert->first_us, alert->times);
    origin_fields(json, emission);
    rf_json_map_close(json);
}

/* ---- an alert that is gone ---- */

void rf_gone_json(rf_json *json, const rf_emission *emission, const rf_memory_entry *entry, const char *id)
{
    rf_json_map_open(json);
    rf_json_put_string(json, "schema", RF_CLEARED_TYPE);
    rf_json_put_string(json, "id", id);
    rf_json_put_string(json, "run_id", emission->scores->run_id);
    rf_json_put_string(json, "kind", rf_memory_kind(entry));
    rf_json_put_string(json, "user", entry->user[0] != '\0' || entry->kind == RF_USER ? entry->user : NULL);
    rf_json_put_string(json, "entity",
                       entry->entity[0] != '\0' || entry->kind == RF_ENTITY ? entry->entity : NULL);
    if (entry->entity_kind[0] != '\0')
        rf_json_put_string(json, "entity_kind", entry->entity_kind);
    if (entry->event_id[0] != '\0')
        rf_json_put_string(json, "event_id", entry->event_id);
    if (entry->kind == RF_MEMORY_CLUSTER)
        rf_json_put_string(json, "cluster", entry->key);
    life_fields(json, entry->id, RF_ALERT_GONE, entry->first_us, entry->times);
    time_field(json, "last_flagged", entry->last_us, true);
    origin_fields(json, emission);
    rf_json_map_close(json);
}

/* ---- the manifest ---- */

/* Users, entities and edges, of all kinds. */
static void scored_json(rf_json *json, const rf_scores *scores)
{
    int64_t n[RF_SIDES] = {0};
    for (rf_side side = 0; side < rf_sides(&scores->kinds); side++)
        n[rf_side_role(side)] += scores->side[side].n;
    for (rf_side role = 0; role < RF_SIDES; role++)
        rf_json_put_int(json, rf_side_name(role), n[role]);
}

/* Where the graph names its kinds: messages and scored subjects of each. */
static void manifest_kinds_json(rf_json *json, const rf_scores *scores, const rf_emit_result *result)
{
    if (scores->kinds.n == 0)
        return;
    open_map(json, "kinds");
    for (int k = 0; k < scores->kinds.n; k++) {
        open_map(json, scores->kinds.name[k]);
        for (int scored = 0; scored <= 1; scored++) {
            open_map(json, scored ? "scored" : "actions");
            for (rf_side side = rf_entity_side(k); side <= rf_edge_side(k); side++)
                rf_json_put_int(json, rf_side_name(side),
                                scored ? scores->side[side].n : result->flagged_of[side]);
            rf_json_map_close(json);
        }
        rf_json_map_close(json);
    }
    rf_json_map_close(json);
}

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
    scored_json(json, scores);
    rf_json_map_close(json);
    manifest_kinds_json(json, scores, result);
    rf_json_put_int(json, "suppressed", result->suppressed);
    rf_json_put_int(json, "inside", result->inside);
    rf_json_put_int(json, "budget", emission->options->budget);
    rf_json_put_int(json, "over_budget", result->over_budget);
    if (emission->scores->kinds.n > 1)
        rf_json_put_int(json, "passed_over", result->passed_over);
    open_map(json, "changes");
    for (rf_alert_change change = RF_ALERT_NEW; change <= RF_ALERT_GONE; change++)
        rf_json_put_int(json, rf_alert_change_name(change), result->by_change[change]);
    rf_json_map_close(json);
    rf_threshold_json(json, emission->options);
    origin_fields(json, emission);
    rf_json_map_close(json);
}
