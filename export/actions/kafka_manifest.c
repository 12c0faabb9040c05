/* kafka_manifest.c - looks for the manifest of a run in its topic: is the run there already?
 *
 * Its key is the run_id, so that only the partition of that key is read; and those that it would have had
 * when the topic had fewer partitions, for topics grow. Nothing written before the graph's window began can
 * be about that graph. When scores or model were written says nothing: made again from the same input they
 * have the same run_id and a later time.
 */
#include "kafka_sink_int.h"

#include <string.h>

#include "rf_mem.h"

#define MARGIN_US RF_DAY_US /* between the clocks of those who wrote events and messages */

typedef struct search {
    const rf_emission *emission;
    const rf_identity *identity;
    rf_manifest_place place;
} search;

static bool header_is(const rd_kafka_headers_t *headers, const char *name, const char *wanted)
{
    const void *value;
    size_t len;
    return rd_kafka_header_get_last(headers, name, &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR &&
           len == strlen(wanted) && memcmp(value, wanted, len) == 0;
}

static bool is_it(const search *s, const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers;
    return message->key_len == s->identity->key.len &&
           memcmp(message->key, s->identity->key.ptr, message->key_len) == 0 &&
           rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
           header_is(headers, "ce_type", RF_MANIFEST_TYPE) && header_is(headers, "ce_id", s->identity->id) &&
           header_is(headers, "ce_source", s->emission->options->source);
}

static rf_status look(void *context, const rd_kafka_message_t *message, rf_err *err)
{
    search *s = context;
    rd_kafka_timestamp_type_t type;
    (void)err;
    if (!is_it(s, message))
        return RF_OK;
    int64_t time_ms = rd_kafka_message_timestamp(message, &type);
    s->place = (rf_manifest_place){.found = true,
                                   .partition = message->partition,
                                   .offset = message->offset,
                                   .time_us = time_ms > 0 ? time_ms * 1000 : 0};
    return RF_EOF;
}

/* The partitions of the key in a topic that has, or had, up to n; each once. */
static int candidates(int32_t *out, const rf_text *key, int n)
{
    int count = 0;
    for (int size = n; size >= 1; size--) {
        int i = 0;
        int32_t p = rd_kafka_msg_partitioner_murmur2(NULL, key->ptr, key->len, size, NULL, NULL);
        while (i < count && out[i] != p)
            i++;
        out[i] = p;
        if (i == count)
            count++;
    }
    return count;
}

static int64_t earliest_us(const rf_graph *graph)
{
    int64_t from = graph->window_from_us - MARGIN_US;
    return from > 0 && graph->window_from_us < rf_time_now_us() ? from : 0;
}

rf_status rf_manifest_find(rf_manifest_place *out, const rf_kafka_reader *reader, const rf_emission *emission,
                           int n_partitions, rf_err *err)
{
    rf_status st = RF_OK;
    rf_identity identity;
    search s = {.emission = emission, .identity = &identity};
    int32_t *partitions = NULL;
    RF_TRY(rf_identity_init(&identity, err));
    RF_TRY(rf_identity_of_run(&identity, emission, err));
    partitions = rf_mem_new((size_t)n_partitions, sizeof *partitions, err);
    if (partitions == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    int n = candidates(partitions, &identity.key, n_partitions);
    RF_TRY(rf_kafka_read_back(reader, emission->options->kafka.topic, partitions, n,
                              earliest_us(emission->graph), look, &s, err));
    *out = s.place;
done:
    rf_mem_free(partitions);
    rf_identity_clear(&identity);
    return st;
}
