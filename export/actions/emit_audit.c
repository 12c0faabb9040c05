/* emit_audit.c - what an emission writes to the audit log: its begin, and once everything is visible, each
 * action, each suppression that kept one back, and the totals.
 *
 * Actions are noted while they are sent and written once they are visible, so that the log never holds an
 * action that nobody saw. An emission.begun without an end tells of a crash; the next start either does the
 * work, or finds it in the topic and says so.
 */
#include <math.h>
#include <string.h>

#include "alert_int.h"
#include "emit_audit_int.h"
#include "rf_log.h"
#include "rf_mem.h"

typedef struct noted {
    rf_action action;
    char id[33];
    bool silenced;
} noted;

struct rf_emit_record {
    const rf_emission *emission;
    rf_audit *audit; /* NULL: there is none */
    noted *at;
    size_t n, cap;
    bool begun;
};

rf_status rf_emit_record_new(rf_emit_record **out, const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(*out, 1, err);
    (*out)->emission = emission;
    (*out)->audit = emission->options->audit;
done:
    return st;
}

void rf_emit_record_free(rf_emit_record *record)
{
    if (record == NULL)
        return;
    rf_mem_free(record->at);
    rf_mem_free(record);
}

/* ---- entries ---- */

static rf_status begin(const rf_emit_record *record, const char *event, rf_json **json, rf_err *err)
{
    return rf_audit_begin(record->audit, event, record->emission->scores->run_id, json, err);
}

static void destination(rf_json *json, const rf_emit_options *options)
{
    rf_json_put_string(json, "to", options->to == RF_EMIT_KAFKA ? "kafka" : "jsonl");
    if (options->to == RF_EMIT_KAFKA)
        rf_json_put_string(json, "topic", options->kafka.topic);
    else
        rf_json_put_string(json, "path", options->path);
    rf_json_put_string(json, "source", options->source);
    rf_threshold_json(json, options);
}

static void subject(rf_json *json, const rf_emission *emission, const rf_action *action)
{
    const rf_graph *graph = emission->graph;
    char number[32];
    rf_json_put_string(json, "kind", rf_action_kind(action));
    if (action->side == RF_NO_SIDE) {
        rf_json_put_string(json, "cluster", emission->findings->clusters->at[action->row].id);
    } else if (rf_action_is_edge(action)) {
        const int kind = rf_side_kind(action->side);
        const rf_adj *adj = rf_graph_adj(graph, kind);
        rf_json_put_string(json, "user", rf_graph_id(&graph->side[RF_USER], adj->e_u[action->row], number));
        rf_json_put_string(json, "entity",
                           rf_graph_id(&graph->side[rf_entity_side(kind)], adj->e_v[action->row], number));
    } else {
        rf_json_put_string(json, rf_side_name(action->side),
                           rf_graph_id(&graph->side[action->side], action->row, number));
    }
    const char *kind = rf_action_entity_kind(&graph->kinds, action->side);
    if (kind != NULL)
        rf_json_put_string(json, "entity_kind", kind);
}

/* A subject's tags; NULL: nothing is tagged, or it is a cluster. */
/* Types of those tags that a suppression takes, or of those that stay; how many there were. */
static int64_t types(rf_json *json, const char *key, const rf_emission *emission, const rf_action *action,
                     bool taken)
{
    int64_t n, listed = 0;
    const rf_tag *tag = rf_tags_of(&n, emission->findings->tags, action->side, action->row);
    rf_json_key(json, key);
    rf_json_array_open(json);
    for (int64_t i = 0; i < n; i++) {
        if (rf_emit_takes(emission, action->side, action->row, &tag[i]) != taken)
            continue;
        rf_json_string(json, rf_tag_type(emission->findings->tags, &tag[i]));
        listed++;
    }
    rf_json_array_close(json);
    return listed;
}

static void suppression(rf_json *json, const rf_emission *emission, const rf_action *action)
{
    char time[RF_TIME_TEXT];
    const rf_suppression *entry =
        rf_suppressed(emission->findings->suppressed, emission->graph, action->side, action->row);
    if (entry == NULL)
        return;
    rf_json_put_string(json, "reason", entry->reason);
    rf_json_put_string(json, "author", entry->author);
    rf_json_put_string(json, "expires",
                       entry->expires_us == INT64_MAX ? "never" : rf_time_format(time, entry->expires_us));
    rf_json_put_string(json, "list", entry->file);
    rf_json_put_int(json, "line", entry->line);
}

static rf_status add_noted(const rf_emit_record *record, const noted *note, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json;
    RF_TRY(begin(record, note->silenced ? "suppressed" : "action", &json, err));
    if (json == NULL)
        goto done;
    rf_json_put_string(json, "ce_id", note->id);
    subject(json, record->emission, &note->action);
    if (note->action.side != RF_NO_SIDE) {
        const rf_score_side *scores = &record->emission->scores->side[note->action.side];
        rf_json_put_float(json, "score", (double)scores->score[note->action.row]);
        rf_json_put_float(json, "percentile", (double)scores->percentile[note->action.row]);
        types(json, "tags", record->emission, &note->action, false);
        if (types(json, "taken", record->emission, &note->action, true) > 0 || note->silenced)
            suppression(json, record->emission, &note->action);
    }
    RF_TRY(rf_audit_add(record->audit, err));
done:
    return st;
}

/* ---- the emission ---- */

rf_status rf_emit_record_begin(rf_emit_record *record, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json;
    record->n = 0;
    if (record->audit == NULL)
        return RF_OK;
    RF_TRY(begin(record, "emission.begun", &json, err));
    if (json != NULL)
        destination(json, record->emission->options);
    RF_TRY(rf_audit_add(record->audit, err));
    RF_TRY(rf_audit_sync(record->audit, err));
    record->begun = true;
done:
    return st;
}

rf_status rf_emit_record_note(rf_emit_record *record, const rf_action *action, const char *id, bool silenced,
                              rf_err *err)
{
    rf_status st = RF_OK;
    if (record->audit == NULL)
        return RF_OK;
    RF_RESERVE(record->at, record->cap, record->n + 1, err);
    noted *note = &record->at[record->n++];
    *note = (noted){.action = *action, .silenced = silenced};
    memcpy(note->id, id, sizeof note->id);
done:
    return st;
}

/* How many of the actions carry each type. */
static rf_status type_counts(rf_json *json, const rf_emit_record *record, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_tags *tags = record->emission->findings->tags;
    int64_t *count = NULL;
    if (tags == NULL)
        return RF_OK;
    RF_ZERO(count, tags->rule_type.n + 1, err);
    for (size_t i = 0; i < record->n; i++) {
        int64_t n;
        const noted *note = &record->at[i];
        const rf_tag *tag = rf_tags_of(&n, tags, note->action.side, note->action.row);
        for (int64_t k = 0; k < n && !note->silenced; k++) {
            if (!rf_emit_takes(record->emission, note->action.side, note->action.row, &tag[k]))
                count[tag[k].rule]++;
        }
    }
    rf_audit_types(json, "tags", tags, count);
done:
    rf_mem_free(count);
    return st;
}

rf_status rf_emit_record_end(rf_emit_record *record, const rf_emit_result *result, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_tags *tags = record->emission->findings->tags;
    rf_json *json;
    if (record->audit == NULL)
        return RF_OK;
    for (size_t i = 0; i < record->n; i++)
        RF_TRY(add_noted(record, &record->at[i], err));
    RF_TRY(begin(record, "emission", &json, err));
    if (json != NULL) {
        destination(json, record->emission->options);
        if (tags != NULL) {
            rf_json_key(json, "rules");
            rf_json_map_open(json);
            rf_json_put_string(json, "name", tags->rules_name);
            rf_json_put_int(json, "revision", tags->rules_version);
            rf_json_put_string(json, "hash", tags->rules_hash);
            rf_json_map_close(json);
        }
        rf_json_put_int(json, "users", result->flagged[RF_USER]);
        rf_json_put_int(json, "entities", result->flagged[RF_ENTITY]);
        rf_json_put_int(json, "edges", result->flagged[RF_EDGE]);
        rf_json_put_int(json, "clusters", result->clusters);
        rf_json_put_int(json, "suppressed", result->suppressed);
        rf_json_put_int(json, "inside", result->inside);
        rf_json_put_int(json, "over_budget", result->over_budget);
        rf_json_put_int(json, "passed_over", result->passed_over);
        rf_json_put_int(json, "unchanged", result->by_change[RF_ALERT_SAME]);
        rf_json_put_int(json, "gone", result->by_change[RF_ALERT_GONE]);
        RF_TRY(type_counts(json, record, err));
    }
    RF_TRY(rf_audit_add(record->audit, err));
    RF_TRY(rf_audit_sync(record->audit, err));
    record->begun = false;
done:
    return st;
}

rf_status rf_emit_record_found(rf_emit_record *record, const rf_emit_result *result, rf_err *err)
{
    rf_status st = RF_OK;
    char time[RF_TIME_TEXT];
    rf_json *json;
    if (record->audit == NULL)
        return RF_OK;
    RF_TRY(begin(record, "emission.found", &json, err));
    if (json != NULL) {
        destination(json, record->emission->options);
        rf_json_put_int(json, "partition", result->partition);
        rf_json_put_int(json, "offset", result->offset);
        rf_json_put_string(json, "since", result->time_us > 0 ? rf_time_format(time, result->time_us) : NULL);
    }
    RF_TRY(rf_audit_add(record->audit, err));
    RF_TRY(rf_audit_sync(record->audit, err));
done:
    return st;
}

void rf_emit_record_failed(rf_emit_record *record, const char *why)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_json *json;
    if (record->audit == NULL || !record->begun)
        return;
    record->begun = false;
    RF_TRY(begin(record, "emission.failed", &json, err));
    if (json != NULL)
        rf_json_put_string(json, "error", why);
    RF_TRY(rf_audit_add(record->audit, err));
    RF_TRY(rf_audit_sync(record->audit, err));
done:
    if (st < 0)
        rf_log(RF_LOG_WARN, "%s", failure.msg);
}
