/* kafka_flagged.c - who is flagged according to the score topic: the last value of every key, of one source.
 *
 * The topic itself is the memory between runs. A key's last value is the one with the latest time, which for
 * a key that stays in one partition is the last in the partition.
 */
#include "kafka_sink_int.h"

#include <string.h>

#include "rf_idmap.h"
#include "rf_mem.h"

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

static bool is_ours(const rf_flagged *flagged, const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers;
    const void *source;
    size_t len;
    return message->payload != NULL &&
           rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
           rd_kafka_header_get_last(headers, "ce_source", &source, &len) == RD_KAFKA_RESP_ERR_NO_ERROR &&
           len == strlen(flagged->source) && memcmp(source, flagged->source, len) == 0;
}

static rf_status take(void *context, const rd_kafka_message_t *message, rf_err *err)
{
    rf_status st = RF_OK;
    rf_flagged *flagged = context;
    rd_kafka_timestamp_type_t type;
    uint32_t id;
    int is_new;
    if (message->key == NULL)
        return RF_OK;
    RF_TRY(rf_idmap_intern(flagged->subjects, message->key, message->key_len, &id, &is_new, err));
    RF_TRY(
        rf_mem_reserve((void **)&flagged->last, &flagged->cap, (size_t)id + 1, sizeof *flagged->last, err));
    last_value *last = &flagged->last[id];
    int64_t time_ms = rd_kafka_message_timestamp(message, &type);
    if (is_new || time_ms >= last->time_ms)
        *last = (last_value){.time_ms = time_ms, .flagged = is_ours(flagged, message)};
done:
    return st;
}

rf_status rf_flagged_read(rf_flagged **out, const rf_kafka_reader *reader, int n_partitions, rf_err *err)
{
    rf_status st = RF_OK;
    int32_t *partitions = NULL;
    rf_flagged *flagged = rf_mem_zero(1, sizeof *flagged, err);
    if (flagged == NULL)
        return RF_E_NOMEM;
    flagged->source = reader->options->source;
    RF_TRY(rf_idmap_new(&flagged->subjects, err));
    partitions = rf_mem_new((size_t)n_partitions, sizeof *partitions, err);
    if (partitions == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    for (int32_t p = 0; p < n_partitions; p++)
        partitions[p] = p;
    RF_TRY(rf_kafka_read_back(reader, reader->options->kafka.score_topic, partitions, n_partitions, 0, take,
                              flagged, err));
    *out = flagged;
    flagged = NULL;
done:
    rf_mem_free(partitions);
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
