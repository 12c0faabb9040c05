/* kafka_erase.c - takes subjects out of the compacted topic of who is flagged.
 *
 * The topic is read as its consumers see it. A key that is about a subject gets a tombstone. Other keys whose
 * last value names one (the members of a cluster, the worst edges of an entity) get that value again without
 * it. All is one transaction; done again after a crash it finds nothing left, or everything.
 */
#include "kafka_sink_int.h"

#include <string.h>

#include "rf_idmap.h"
#include "rf_mem.h"

typedef struct last_value {
    int64_t time_ms;
    bool named, about; /* it names a subject; its key is about one */
    rf_text value;     /* what takes its place, if it is not about one */
    rf_text headers[RF_MESSAGE_HEADERS], names[RF_MESSAGE_HEADERS];
    int n_headers;
} last_value;

typedef struct search {
    const rf_emit_options *options;
    const rf_subjects *subjects;
    rf_idmap *keys;
    last_value *last; /* [n] by the key's number */
    size_t n, cap;
} search;

/* ---- reading ---- */

static void clear_value(last_value *last)
{
    rf_text_clear(&last->value);
    for (int i = 0; i < RF_MESSAGE_HEADERS; i++) {
        rf_text_clear(&last->headers[i]);
        rf_text_clear(&last->names[i]);
    }
    *last = (last_value){0};
}

static rf_status keep_headers(last_value *last, const rd_kafka_headers_t *headers, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name;
    const void *value;
    size_t len;
    for (size_t i = 0; last->n_headers < RF_MESSAGE_HEADERS &&
                       rd_kafka_header_get_all(headers, i, &name, &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR;
         i++) {
        RF_TRY(rf_text_add(&last->names[last->n_headers], name, strlen(name), err));
        RF_TRY(rf_text_add(&last->headers[last->n_headers], value == NULL ? "" : value, len, err));
        last->n_headers++;
    }
done:
    return st;
}

/* "user/ID" and so on, as the subject of a message. */
static rf_status look_at_key(bool *about, const search *s, const rf_kafka_seen *seen, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = NULL;
    const char *text;
    size_t len;
    RF_TRY(rf_json_new(&json, err));
    rf_json_text(json, seen->key, seen->key_len);
    RF_TRY(rf_json_end(json, &text, &len, err));
    RF_TRY(rf_subjects_in_json(about, s->subjects, (rf_span){text, len}, err));
done:
    rf_json_free(json);
    return st;
}

/* A message of ours that is not JSON names nobody: no ringfence can have written it. */
static rf_status look_at_value(bool *named, const search *s, rf_span value, rf_err *err)
{
    rf_status st = RF_OK;
    rf_err why = {0};
    *named = false;
    rf_status read = rf_subjects_in_json(named, s->subjects, value, &why);
    if (read < 0 && read != RF_E_PARSE)
        RF_FAIL(err, read, "%s", why.msg);
done:
    return st;
}

static rf_status take(void *context, const rd_kafka_message_t *message, rf_err *err)
{
    rf_status st = RF_OK;
    search *s = context;
    const rf_kafka_seen seen = rf_kafka_seen_of(message);
    uint32_t id = RF_NO_ID;
    int is_new;
    int64_t cut = 0;
    bool whole = false;
    if (seen.key == NULL)
        return RF_OK;
    RF_TRY(rf_idmap_intern(s->keys, seen.key, seen.key_len, &id, &is_new, err));
    RF_RESERVE(s->last, s->cap, (size_t)id + 1, err);
    last_value *last = &s->last[id];
    if (is_new)
        s->last[s->n++] = (last_value){0};
    else if (seen.time_ms < last->time_ms)
        return RF_OK;
    clear_value(last);
    last->time_ms = seen.time_ms;
    if (!seen.has_value || !rf_kafka_header_is(seen.headers, "ce_source", s->options->source))
        return RF_OK;
    rf_span value = {message->payload, message->len};
    RF_TRY(look_at_key(&last->about, s, &seen, err));
    last->named = last->about;
    if (!last->about)
        RF_TRY(look_at_value(&last->named, s, value, err));
    if (!last->named)
        return RF_OK;
    if (!last->about)
        RF_TRY(rf_subjects_cut_json(&last->value, s->subjects, value, &cut, &whole, err));
    last->about = last->about || whole;
    RF_TRY(keep_headers(last, seen.headers, err));
done:
    return st;
}

/* ---- writing ---- */

/* Tombstones carry nothing but their key: their headers would name the subject as long as they do. */
static rf_status put(rf_kafka_txn *txn, const search *s, uint32_t id, rf_err *err)
{
    const last_value *last = &s->last[id];
    rf_message message = {0};
    message.subject = rf_idmap_text(s->keys, id, &message.subject_len);
    message.key = message.subject;
    message.key_len = message.subject_len;
    if (last->about) {
        rf_message_add_header(&message, "ce_source", s->options->source, strlen(s->options->source));
        rf_message_add_header(&message, "reason", "erased", strlen("erased"));
    } else {
        for (int i = 0; i < last->n_headers; i++)
            rf_message_add_header(&message, last->names[i].ptr, last->headers[i].ptr, last->headers[i].len);
        message.value = last->value.ptr;
        message.value_len = last->value.len;
    }
    return rf_kafka_txn_send(txn, &message, true, err);
}

static rf_status send_all(rf_topic_erased *out, const search *s, const rf_emit_topics *topics, rf_err *err)
{
    rf_status st = RF_OK;
    rf_kafka_txn txn = {0};
    rf_err ignored = {0};
    RF_TRY(rf_kafka_txn_open(&txn, s->options, topics, err));
    RF_TRY(rf_kafka_txn_begin(&txn, err));
    for (uint32_t id = 0; id < (uint32_t)s->n; id++) {
        if (!s->last[id].named)
            continue;
        RF_TRY(put(&txn, s, id, err));
        out->tombstones += s->last[id].about;
        out->rewritten += !s->last[id].about;
    }
    RF_TRY(rf_kafka_txn_commit(&txn, err));
done:
    if (st < 0 && txn.open && rf_kafka_txn_abort(&txn, false, &ignored) < 0)
        *out = (rf_topic_erased){0}; /* the broker ends it */
    rf_kafka_txn_close(&txn);
    return st;
}

rf_status rf_topic_erase(rf_topic_erased *out, const rf_emit_options *options, const rf_subjects *subjects,
                         rf_err *err)
{
    rf_status st = RF_OK;
    rf_kafka_reader reader = {0};
    rf_emit_topics topics;
    search s = {.options = options, .subjects = subjects};
    bool any = false;
    *out = (rf_topic_erased){0};
    RF_TRY(rf_kafka_reader_open(&reader, options, err));
    RF_TRY(rf_emit_topics_ready(&topics, &reader, err));
    RF_TRY(rf_idmap_new(&s.keys, err));
    RF_TRY(rf_kafka_read_back(&reader, options->kafka.score_topic, NULL, topics.score_partitions, 0, take, &s,
                              err));
    for (size_t id = 0; id < s.n; id++)
        any = any || s.last[id].named;
    if (any)
        RF_TRY(send_all(out, &s, &topics, err));
done:
    for (size_t id = 0; id < s.n; id++)
        clear_value(&s.last[id]);
    rf_mem_free(s.last);
    rf_idmap_free(s.keys);
    rf_kafka_reader_close(&reader);
    return st;
}
