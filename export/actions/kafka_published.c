/* kafka_published.c - what earlier emissions left in the topics: is the run there already, and who is
 * flagged?
 *
 * A manifest's key is the run_id, so only the partition of that key is read, and the partitions that the key
 * had when the topic had fewer partitions, because topics grow. Nothing written before the graph's window
 * began can be about that graph. The time at which scores or model were written is no help: made again from
 * the same input they have the same run_id and a later time.
 *
 * Who is flagged is the last value of every key of the score topic, of one source: the topic itself is the
 * memory between runs. A key's last value is the one with the latest time, which for a key that stays in one
 * partition is the last in the partition.
 */
#include "kafka_sink_int.h"

#include <string.h>

#include "rf_idmap.h"
#include "rf_mem.h"

#define MARGIN_US RF_DAY_US /* between the clocks of those who wrote events and messages */

typedef struct search {
    const rf_emission *emission;
    const rf_identity *identity;
    rf_manifest_place place;
} search;

bool rf_kafka_header_is(const rd_kafka_headers_t *headers, const char *name, const char *wanted)
{
    const void *value;
    size_t len;
    return headers != NULL &&
           rd_kafka_header_get_last(headers, name, &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR &&
           len == strlen(wanted) && memcmp(value, wanted, len) == 0;
}

rf_kafka_seen rf_kafka_seen_of(const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers = NULL;
    rd_kafka_timestamp_type_t type;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        headers = NULL;
    return (rf_kafka_seen){.key = message->key,
                           .key_len = message->key_len,
                           .has_value = message->payload != NULL,
                           .time_ms = rd_kafka_message_timestamp(message, &type),
                           .headers = headers};
}

bool rf_manifest_is(const rf_kafka_seen *seen, const rf_identity *identity, const char *source)
{
    return seen->key != NULL && seen->key_len == identity->key.len &&
           memcmp(seen->key, identity->key.ptr, seen->key_len) == 0 &&
           rf_kafka_header_is(seen->headers, "ce_type", RF_MANIFEST_TYPE) &&
           rf_kafka_header_is(seen->headers, "ce_id", identity->id) &&
           rf_kafka_header_is(seen->headers, "ce_source", source);
}

static rf_status look_for_manifest(void *context, const rd_kafka_message_t *message, rf_err *err)
{
    search *s = context;
    const rf_kafka_seen seen = rf_kafka_seen_of(message);
    (void)err;
    if (!rf_manifest_is(&seen, s->identity, s->emission->options->source))
        return RF_OK;
    s->place = (rf_manifest_place){.found = true,
                                   .partition = message->partition,
                                   .offset = message->offset,
                                   .time_us = seen.time_ms > 0 ? seen.time_ms * 1000 : 0};
    return RF_EOF;
}

rf_status rf_manifest_find(rf_manifest_place *out, const rf_kafka_reader *reader, const rf_emission *emission,
                           int n_partitions, rf_err *err)
{
    rf_status st = RF_OK;
    rf_identity identity;
    search s = {.emission = emission, .identity = &identity};
    int32_t *partitions = NULL;
    int n = 0;
    RF_TRY(rf_identity_init(&identity, err));
    RF_TRY(rf_identity_of_run(&identity, emission, err));
    RF_NEW(partitions, n_partitions, err);
    /* the partitions of the key in a topic that has, or had, up to n_partitions; each once */
    for (int size = n_partitions; size >= 1; size--) {
        int i = 0;
        int32_t p =
            rd_kafka_msg_partitioner_murmur2(NULL, identity.key.ptr, identity.key.len, size, NULL, NULL);
        while (i < n && partitions[i] != p)
            i++;
        partitions[i] = p;
        n += i == n;
    }
    int64_t window_us = emission->graph->window_from_us, from_us = window_us - MARGIN_US;
    RF_TRY(rf_kafka_read_back(reader, emission->options->kafka.topic, partitions, n,
                              from_us > 0 && window_us < rf_time_now_us() ? from_us : 0, look_for_manifest,
                              &s, err));
    *out = s.place;
done:
    rf_mem_free(partitions);
    rf_identity_clear(&identity);
    return st;
}

/* ---- who is flagged ---- */

typedef struct last_value {
    int64_t time_ms;
    bool flagged; /* it is a value, of our source */
    bool marked, silenced;
} last_value;

struct rf_flagged {
    const char *source;
    rf_idmap *subjects;
    last_value *last; /* by the subject's number */
    size_t cap;
};

rf_status rf_flagged_new(rf_flagged **out, const char *source, rf_err *err)
{
    rf_status st = RF_OK;
    rf_flagged *flagged = NULL;
    RF_ZERO(flagged, 1, err);
    flagged->source = source;
    RF_TRY(rf_idmap_new(&flagged->subjects, err));
    *out = flagged;
    flagged = NULL;
done:
    rf_flagged_free(flagged);
    return st;
}

rf_status rf_flagged_take(rf_flagged *flagged, const rf_kafka_seen *seen, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t id;
    int is_new;
    if (seen->key == NULL)
        return RF_OK;
    RF_TRY(rf_idmap_intern(flagged->subjects, seen->key, seen->key_len, &id, &is_new, err));
    RF_RESERVE(flagged->last, flagged->cap, (size_t)id + 1, err);
    if (is_new || seen->time_ms >= flagged->last[id].time_ms)
        flagged->last[id] = (last_value){
            .time_ms = seen->time_ms,
            .flagged = seen->has_value && rf_kafka_header_is(seen->headers, "ce_source", flagged->source)};
done:
    return st;
}

static rf_status take_last_value(void *context, const rd_kafka_message_t *message, rf_err *err)
{
    const rf_kafka_seen seen = rf_kafka_seen_of(message);
    return rf_flagged_take(context, &seen, err);
}

rf_status rf_flagged_read(rf_flagged **out, const rf_kafka_reader *reader, int n_partitions, rf_err *err)
{
    rf_status st = RF_OK;
    rf_flagged *flagged = NULL;
    RF_TRY(rf_flagged_new(&flagged, reader->options->source, err));
    RF_TRY(rf_kafka_read_back(reader, reader->options->kafka.score_topic, NULL, n_partitions, 0,
                              take_last_value, flagged, err));
    *out = flagged;
    flagged = NULL;
done:
    rf_flagged_free(flagged);
    return st;
}

void rf_flagged_free(rf_flagged *flagged)
{
    if (flagged == NULL)
        return;
    rf_idmap_free(flagged->subjects);
    rf_mem_free(flagged->last);
    rf_mem_free(flagged);
}

void rf_flagged_reset(rf_flagged *flagged)
{
    for (uint32_t id = 0; id < rf_idmap_count(flagged->subjects); id++)
        flagged->last[id].marked = flagged->last[id].silenced = false;
}

void rf_flagged_mark(rf_flagged *flagged, const char *subject, size_t len)
{
    uint32_t id = rf_idmap_find(flagged->subjects, subject, len);
    if (id != RF_NO_ID)
        flagged->last[id].marked = true;
}

void rf_flagged_silence(rf_flagged *flagged, const char *subject, size_t len)
{
    uint32_t id = rf_idmap_find(flagged->subjects, subject, len);
    if (id != RF_NO_ID)
        flagged->last[id].silenced = true;
}

const char *rf_flagged_next_cleared(const rf_flagged *flagged, uint32_t *at, size_t *len, bool *silenced)
{
    uint32_t n = rf_idmap_count(flagged->subjects);
    for (; *at < n; ++*at) {
        *silenced = flagged->last[*at].silenced;
        if (flagged->last[*at].flagged && !flagged->last[*at].marked)
            return rf_idmap_text(flagged->subjects, (*at)++, len);
    }
    return NULL;
}
