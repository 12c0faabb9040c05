/* message.c - key, subject and identity of a message, and its CloudEvents 1.0 headers (binary mode).
 *
 * The identity depends on run, kind and subject alone, so that a consumer can drop what it has seen. That of
 * an alert depends on source and subject, so that it is the same in every run.
 */
#include "message_int.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "rf_fingerprint.h"

rf_status rf_identity_init(rf_identity *identity, rf_err *err)
{
    *identity = (rf_identity){0};
    return rf_json_new(&identity->scratch, err);
}

void rf_identity_clear(rf_identity *identity)
{
    rf_text_clear(&identity->key);
    rf_text_clear(&identity->subject);
    rf_json_free(identity->scratch);
    *identity = (rf_identity){0};
}

/* Of an edge without event id: [user, entity], and the place among parallel edges where that is not the
 * first. */
static rf_status add_edge_key(rf_identity *identity, const rf_graph *graph, int kind, int64_t edge,
                              rf_err *err)
{
    rf_status st = RF_OK;
    char user[32], entity[32];
    const char *text;
    size_t len;
    rf_json *json = identity->scratch;
    const rf_adj *adj = rf_graph_adj(graph, kind);
    int64_t first = edge;
    while (first > 0 && adj->e_u[first - 1] == adj->e_u[edge] && adj->e_v[first - 1] == adj->e_v[edge])
        first--;
    rf_json_reset(json);
    rf_json_array_open(json);
    rf_json_string(json, rf_graph_id(&graph->side[RF_USER], adj->e_u[edge], user));
    rf_json_string(json, rf_graph_id(&graph->side[rf_entity_side(kind)], adj->e_v[edge], entity));
    if (edge > first)
        rf_json_int(json, edge - first);
    rf_json_array_close(json);
    RF_TRY(rf_json_end(json, &text, &len, err));
    RF_TRY(rf_text_add(&identity->key, text, len, err));
done:
    return st;
}

const char *rf_subject_word(char out[RF_SUBJECT_WORD], const rf_kinds *kinds, rf_side side)
{
    int kind = rf_side_kind(side);
    snprintf(out, RF_SUBJECT_WORD, "%s%s%s", rf_side_name(side), kind > 0 ? ":" : "",
             kind > 0 ? rf_kind_name(kinds, kind) : "");
    return out;
}

rf_status rf_subject_of(rf_text *subject, const char *word, const char *key, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text_reset(subject);
    RF_TRY(rf_text_printf(subject, err, "%s/", word));
    RF_TRY(rf_text_add(subject, key, len, err));
done:
    return st;
}

/* Subject and hash of a key. */
static rf_status identify(rf_identity *identity, const char *run_id, const char *kind, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_subject_of(&identity->subject, kind, identity->key.ptr, identity->key.len, err));
    const char *parts[] = {run_id, kind, identity->key.ptr};
    rf_fingerprint_texts(identity->id, parts, 3);
done:
    return st;
}

rf_status rf_identity_of_action(rf_identity *identity, const rf_emission *emission, const rf_action *action,
                                rf_err *err)
{
    rf_status st = RF_OK;
    char number[32], word[RF_SUBJECT_WORD];
    const char *id = NULL;
    const rf_graph *graph = emission->graph;
    rf_text_reset(&identity->key);
    if (action->side == RF_NO_SIDE)
        id = emission->findings->clusters->at[action->row].id;
    else if (!rf_action_is_edge(action) || graph->side[action->side].id.n > 0)
        id = rf_graph_id(&graph->side[action->side], action->row, number);
    if (id != NULL)
        RF_TRY(rf_text_add(&identity->key, id, strlen(id), err));
    else
        RF_TRY(add_edge_key(identity, graph, rf_side_kind(action->side), action->row, err));
    RF_TRY(identify(
        identity, emission->scores->run_id,
        action->side == RF_NO_SIDE ? "cluster" : rf_subject_word(word, &graph->kinds, action->side), err));
done:
    return st;
}

rf_status rf_identity_of_gone(rf_identity *identity, const rf_emission *emission, const char *kind,
                              const char *key, rf_err *err)
{
    rf_status st = RF_OK;
    const char *parts[] = {emission->scores->run_id, "gone", kind, key};
    rf_text_reset(&identity->key);
    RF_TRY(rf_text_add(&identity->key, key, strlen(key), err));
    RF_TRY(identify(identity, emission->scores->run_id, kind, err));
    rf_fingerprint_texts(identity->id, parts, 4);
done:
    return st;
}

void rf_alert_id(char out[33], const rf_emission *emission, const rf_identity *identity)
{
    const char *parts[] = {"alert", emission->options->source, identity->subject.ptr};
    rf_fingerprint_texts(out, parts, 3);
}

rf_status rf_identity_of_run(rf_identity *identity, const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    const char *run_id = emission->scores->run_id;
    rf_text_reset(&identity->key);
    RF_TRY(rf_text_add(&identity->key, run_id, strlen(run_id), err));
    RF_TRY(identify(identity, run_id, "run", err));
done:
    return st;
}

void rf_message_add_header(rf_message *message, const char *name, const char *value, size_t len)
{
    assert(message->n_headers < RF_MESSAGE_HEADERS);
    message->headers[message->n_headers++] = (rf_header){.name = name, .value = value, .len = len};
}

static void add(rf_message *message, const char *name, const char *value)
{
    rf_message_add_header(message, name, value, strlen(value));
}

void rf_message_of(rf_message *message, const rf_identity *identity, const rf_emission *emission,
                   const char *type)
{
    bool empty = identity->key.len == 0; /* its memory may not be there; an empty key is not a missing one */
    *message = (rf_message){.key = empty ? "" : identity->key.ptr,
                            .key_len = identity->key.len,
                            .subject = identity->subject.ptr,
                            .subject_len = identity->subject.len};
    add(message, "ce_specversion", "1.0");
    add(message, "ce_id", identity->id);
    add(message, "ce_source", emission->options->source);
    add(message, "ce_type", type);
    rf_message_add_header(message, "ce_subject", identity->subject.ptr, identity->subject.len);
    add(message, "ce_time", emission->emitted_at);
    add(message, "content-type", "application/json");
}
