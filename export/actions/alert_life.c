/* alert_life.c - the life of an alert: is it new, worse or the same since the last run, and which ones are
 * gone? Decided before anything is sent, remembered after everything is visible.
 *
 * An alert is worse than it was when it was last new or worse if it has a sure tag of a type that it never
 * had, if it is of a kind of anomaly that it never was, if its score is a quarter higher and its percentile
 * not lower, or, for a cluster, if it has a quarter more members. It is gone when its subject is no longer
 * flagged; inside a cluster or over the budget it stays open in silence.
 */
#include "alert_life_int.h"

#include <string.h>

#include "rf_mem.h"

#define WORSE 1.25 /* times what it was */

/* ---- texts of what is remembered now ---- */

static rf_status keep(rf_alert_life *life, const char **out, const char *text, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t number;
    RF_TRY(rf_idmap_intern(life->texts, text, len, &number, NULL, err));
    *out = rf_idmap_text(life->texts, number, NULL);
done:
    return st;
}

static rf_status keep_text(rf_alert_life *life, const char **out, const char *text, rf_err *err)
{
    if (text == NULL)
        text = "";
    return keep(life, out, text, strlen(text), err);
}

/* Adds name to a list like "|a|b|" (or ""), unless it is there. */
static rf_status add_name(rf_text *list, const char *name, bool *is_new, rf_err *err)
{
    rf_status st = RF_OK;
    size_t len = strlen(name);
    if (len == 0)
        return RF_OK;
    for (const char *at = list->len > 0 ? list->ptr : NULL; at != NULL && at[1] != '\0';
         at = strchr(at + 1, '|')) {
        if (strncmp(at + 1, name, len) == 0 && at[1 + len] == '|')
            return RF_OK;
    }
    *is_new = true;
    RF_TRY(rf_text_printf(list, err, "%s%s|", list->len == 0 ? "|" : "", name));
done:
    return st;
}

/* The types that an alert stands on: sure tags of a subject, all that a cluster's message lists. */
static rf_status add_types(rf_text *list, const rf_emission *emission, const rf_action *action, bool *is_new,
                           rf_err *err)
{
    rf_status st = RF_OK;
    const rf_findings *findings = emission->findings;
    if (action->side == RF_NO_SIDE) {
        const rf_cluster *cluster = &findings->clusters->at[action->row];
        for (int i = 0; i < cluster->n_tags; i++) {
            const char *type = rf_texts_get(&findings->clusters->tag_types, cluster->tag_rule[i]);
            if (strcmp(type, RF_UNKNOWN_PATTERN) != 0)
                RF_TRY(add_name(list, type, is_new, err));
        }
        return RF_OK;
    }
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, findings->tags, action->side, action->row);
    for (int64_t i = 0; i < n; i++) {
        if (rf_tag_is_sure(emission, action->side, action->row, &tag[i]))
            RF_TRY(add_name(list, rf_tag_type(findings->tags, &tag[i]), is_new, err));
    }
done:
    return st;
}

/* ---- one alert ---- */

static int64_t members_of(const rf_emission *emission, const rf_action *action)
{
    if (action->side != RF_NO_SIDE)
        return 0;
    return rf_cluster_members(&emission->findings->clusters->at[action->row]);
}

static bool is_higher(const rf_memory_entry *now, const rf_memory_entry *said)
{
    if (now->kind == RF_MEMORY_CLUSTER)
        return (double)now->members >= WORSE * (double)said->members;
    return now->score > 0 && now->score >= WORSE * said->score && now->percentile >= said->percentile;
}

/* Whose it is, and what it is now. */
static rf_status describe(rf_alert_life *life, rf_memory_entry *out, const rf_alert *alert,
                          const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    char user[32], entity[32];
    const rf_graph *graph = emission->graph;
    const rf_action *action = &alert->action;
    const bool is_edge = rf_action_is_edge(action), is_cluster = action->side == RF_NO_SIDE;
    const int kind = is_cluster ? 0 : rf_side_kind(action->side);
    const rf_side entities = rf_entity_side(kind);
    const rf_adj *adj = rf_graph_adj(graph, kind);
    int64_t user_row = is_edge ? adj->e_u[action->row] : action->row;
    int64_t entity_row = is_edge ? adj->e_v[action->row] : action->row;
    bool has_user = is_edge || action->side == RF_USER, has_entity = is_edge || action->side == entities;
    rf_action_figures(&out->score, &out->percentile, emission, action);
    out->kind = is_cluster ? RF_MEMORY_CLUSTER : (uint8_t)rf_side_role(action->side);
    RF_TRY(keep_text(life, &out->entity_kind, rf_action_entity_kind(&graph->kinds, action->side), err));
    out->members = members_of(emission, action);
    RF_TRY(keep(life, &out->id, alert->id, 32, err));
    RF_TRY(keep_text(life, &out->source, emission->options->source, err));
    RF_TRY(keep(life, &out->key, life->identity.key.ptr, life->identity.key.len, err));
    RF_TRY(keep_text(life, &out->user, has_user ? rf_graph_id(&graph->side[RF_USER], user_row, user) : NULL,
                     err));
    RF_TRY(keep_text(life, &out->entity,
                     has_entity ? rf_graph_id(&graph->side[entities], entity_row, entity) : NULL, err));
    RF_TRY(keep_text(life, &out->event_id,
                     is_edge ? rf_texts_get(&graph->side[action->side].id, action->row) : NULL, err));
done:
    return st;
}

/* Finds what changed, and adds the alert to what is remembered. before: what was known of it, or NULL. */
static rf_status live_on(rf_alert_life *life, rf_alert *alert, const rf_memory_entry *before,
                         const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    bool is_open = before != NULL && before->missed == 0, grew = false;
    rf_memory_entry now = {.first_us = before != NULL ? before->first_us : life->now.at_us,
                           .last_us = life->now.at_us,
                           .times = 1 + (before != NULL ? before->times : 0)};
    rf_text types = {0}, anomalies = {0};
    RF_TRY(describe(life, &now, alert, emission, err));
    if (is_open) {
        RF_TRY(rf_text_add(&types, before->types, strlen(before->types), err));
        RF_TRY(rf_text_add(&anomalies, before->anomalies, strlen(before->anomalies), err));
    }
    RF_TRY(add_types(&types, emission, &alert->action, &grew, err));
    RF_TRY(add_name(&anomalies, rf_anomaly_name(alert->anomaly), &grew, err));
    RF_TRY(keep(life, &now.types, types.len > 0 ? types.ptr : "", types.len, err));
    RF_TRY(keep(life, &now.anomalies, anomalies.len > 0 ? anomalies.ptr : "", anomalies.len, err));
    alert->change = !is_open                          ? RF_ALERT_NEW
                    : grew || is_higher(&now, before) ? RF_ALERT_WORSE
                                                      : RF_ALERT_SAME;
    now.last_score = now.score;
    now.last_percentile = now.percentile;
    if (alert->change == RF_ALERT_SAME) {
        now.score = before->score;
        now.percentile = before->percentile;
        now.members = before->members;
    }
    alert->first_us = now.first_us;
    alert->times = now.times;
    life->now.at[life->now.n++] = now;
done:
    rf_text_clear(&types);
    rf_text_clear(&anomalies);
    return st;
}

/* ---- those that this run says nothing of ---- */

static bool is_ours(const rf_memory_entry *entry, const rf_emission *emission)
{
    return strcmp(entry->source, emission->options->source) == 0;
}

/* What becomes of those of the last run that are not emitted now: fate[i] is that of entry i's alert,
 * RF_ALERT_FATES where its subject is not flagged. */
static void age(rf_alert_life *life, const uint8_t *fate, const rf_emission *emission)
{
    for (int64_t i = 0; i < life->before->n; i++) {
        rf_memory_entry entry = life->before->at[i];
        bool ours = is_ours(&entry, emission);
        if (fate[i] == RF_ALERT_EMITTED || (!ours && life->again))
            continue;
        bool is_flagged =
            fate[i] == RF_ALERT_INSIDE || fate[i] == RF_ALERT_OVER_BUDGET || fate[i] == RF_ALERT_PASSED_OVER;
        if (ours && (entry.missed > 0 || !is_flagged)) {
            if (entry.missed == 0 && fate[i] != RF_ALERT_SUPPRESSED)
                life->gone[life->n_gone++] = &life->before->at[i];
            if (++entry.missed > RF_ALERTS_KEEP)
                continue;
        }
        life->now.at[life->now.n++] = entry;
    }
}

/* Earlier emissions of the same run, by this source or another, may have flagged others: they are not
 * forgotten. */
static rf_status add_earlier(rf_alert_life *life, const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *here = NULL;
    uint32_t number;
    RF_TRY(rf_idmap_new(&here, err));
    for (int64_t i = 0; i < life->now.n; i++)
        RF_TRY(rf_idmap_intern(here, life->now.at[i].id, strlen(life->now.at[i].id), &number, NULL, err));
    for (int64_t i = 0; i < life->current.n; i++) {
        const rf_memory_entry *entry = &life->current.at[i];
        bool counts = entry->missed == 0 || !is_ours(entry, emission);
        if (counts && rf_idmap_find(here, entry->id, strlen(entry->id)) == RF_NO_ID)
            life->now.at[life->now.n++] = *entry;
    }
done:
    rf_idmap_free(here);
    return st;
}

/* ---- the whole ---- */

static bool is_too_old(const void *context, const rf_memory_entry *entry)
{
    const int64_t *before_us = context;
    return *before_us != 0 && entry->last_us < *before_us;
}

static rf_status begin(rf_alert_life *life, const rf_emission *emission, size_t n_alerts, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = emission->options->alerts, *run_id = emission->scores->run_id;
    *life = (rf_alert_life){0};
    RF_TRY(rf_identity_init(&life->identity, err));
    RF_TRY(rf_idmap_new(&life->texts, err));
    if (path != NULL)
        RF_TRY(rf_memory_load(&life->previous, &life->current, path, err));
    const int64_t *before_us = &emission->options->forget_before_us;
    life->forgotten = rf_memory_filter(&life->previous, is_too_old, before_us) +
                      rf_memory_filter(&life->current, is_too_old, before_us);
    life->again = strcmp(life->current.run_id, run_id) == 0;
    life->older = strcmp(life->previous.run_id, run_id) == 0;
    life->before = life->again ? &life->previous : &life->current;
    life->now.at_us = life->again ? life->current.at_us : emission->emitted_us;
    memcpy(life->now.run_id, run_id, sizeof life->now.run_id);
    RF_ZERO(life->now.at, (int64_t)n_alerts + life->previous.n + life->current.n, err);
    RF_NEW(life->gone, life->before->n, err);
done:
    return st;
}

rf_status rf_alerts_compare(rf_alert_life *life, rf_alert_plan *plan, const rf_emission *emission,
                            rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *known = NULL;
    uint8_t *fate = NULL;
    uint32_t number;
    RF_TRY(begin(life, emission, plan->n, err));
    RF_TRY(rf_idmap_new(&known, err));
    RF_NEW(fate, life->before->n, err);
    for (int64_t i = 0; i < life->before->n; i++) {
        fate[i] = RF_ALERT_FATES;
        RF_TRY(rf_idmap_intern(known, life->before->at[i].id, strlen(life->before->at[i].id), &number, NULL,
                               err));
    }
    for (size_t i = 0; i < plan->n; i++) {
        rf_alert *alert = &plan->at[i];
        RF_TRY(rf_identity_of_action(&life->identity, emission, &alert->action, err));
        rf_alert_id(alert->id, emission, &life->identity);
        number = rf_idmap_find(known, alert->id, 32);
        const rf_memory_entry *before = number == RF_NO_ID ? NULL : &life->before->at[number];
        if (before != NULL)
            fate[number] = (uint8_t)alert->fate;
        if (alert->fate == RF_ALERT_EMITTED) {
            RF_TRY(live_on(life, alert, before, emission, err));
            continue;
        }
        bool is_open = before != NULL && before->missed == 0;
        alert->change = is_open ? RF_ALERT_SAME : RF_ALERT_NEW;
        alert->first_us = is_open ? before->first_us : life->now.at_us;
        alert->times = is_open ? before->times : 1;
    }
    age(life, fate, emission);
    if (life->again)
        RF_TRY(add_earlier(life, emission, err));
done:
    rf_idmap_free(known);
    rf_mem_free(fate);
    if (st < 0)
        rf_alert_life_clear(life);
    return st;
}

rf_status rf_alert_life_save(const rf_alert_life *life, const rf_emission *emission, rf_err *err)
{
    const char *path = emission->options->alerts;
    return path == NULL ? RF_OK : rf_memory_save(life->before, &life->now, path, err);
}

void rf_alert_life_clear(rf_alert_life *life)
{
    rf_memory_clear(&life->previous);
    rf_memory_clear(&life->current);
    rf_memory_clear(&life->now);
    rf_mem_free(life->gone);
    rf_idmap_free(life->texts);
    rf_identity_clear(&life->identity);
    *life = (rf_alert_life){0};
}
