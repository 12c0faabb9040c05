/* emit_scene.c - emits to the mock cluster, and reads what came. */
#include "emit_scene.h"

#include "rf_time.h"

/* ---- what is emitted ---- */

emit_scene emit_scene_of(made_shape shape)
{
    emit_scene s = {.mock = mock_start(1), .graph = made_graph(shape)};
    s.scores = made_scores(s.graph);
    rf_scores_name(s.scores, s.graph, "00112233aabbccdd", 0);
    s.graph->window_from_us = s.graph->window_to_us = 0; /* the mock finds no offsets by time */
    rf_emit_options_default(&s.options);
    s.options.to = RF_EMIT_KAFKA;
    s.options.threshold_type = RF_THRESHOLD_PERCENTILE;
    s.options.threshold = 0;
    s.options.source = "/ringfence/test";
    s.options.kafka.topic = TOPIC;
    s.options.kafka.broker_timeout_us = 20 * RF_SECOND_US;
    s.options.kafka.ask_us = 0; /* the mock does not know the question */
    mock_topic(&s.mock, TOPIC, PARTITIONS);
    mock_topic(&s.mock, SCORES, PARTITIONS);
    return s;
}

emit_scene emit_scene_small(void)
{
    return emit_scene_of((made_shape){5, 4, 6, 2, 2, 2, 3});
}

void emit_scene_set(emit_scene *s, int n, ...)
{
    va_list pairs;
    s->settings[0] = mock_servers(&s->mock);
    s->options.kafka.settings = s->settings;
    s->options.kafka.n_settings = 1 + n;
    va_start(pairs, n);
    for (int i = 1; i <= n; i++) {
        s->settings[i].key = va_arg(pairs, const char *);
        s->settings[i].value = va_arg(pairs, const char *);
    }
    va_end(pairs);
}

rf_status emit_scene_emit(emit_scene *s)
{
    s->err = (rf_err){0};
    s->result = (rf_emit_result){0};
    return rf_emit(&s->result, &(rf_findings){.graph = s->graph, .scores = s->scores}, &s->options, &s->err);
}

void emit_scene_end(emit_scene *s)
{
    rf_scores_free(s->scores);
    rf_graph_free(s->graph);
    mock_stop(&s->mock);
}

/* ---- what a consumer sees ---- */

static void copy_header(const rd_kafka_headers_t *headers, const char *name, char *out, size_t size)
{
    const void *value;
    size_t len;
    if (rd_kafka_header_get_last(headers, name, &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR)
        snprintf(out, size, "%.*s", (int)len, (const char *)value);
}

static emit_seen seen_of(const rd_kafka_message_t *message)
{
    emit_seen s = {.partition = message->partition};
    rd_kafka_headers_t *headers;
    snprintf(s.key, sizeof s.key, "%.*s", (int)message->key_len, (const char *)message->key);
    ck_assert_int_eq(rd_kafka_message_headers(message, &headers), RD_KAFKA_RESP_ERR_NO_ERROR);
    copy_header(headers, "ce_subject", s.subject, sizeof s.subject);
    copy_header(headers, "ce_id", s.id, sizeof s.id);
    copy_header(headers, "ce_type", s.type, sizeof s.type);
    copy_header(headers, "reason", s.reason, sizeof s.reason);
    if (message->payload != NULL)
        s.value = strndup(message->payload, message->len);
    return s;
}

emit_seen *emit_seen_all(const emit_scene *s, const char *topic, int *n)
{
    emit_seen *all = calloc(4000, sizeof *all);
    rd_kafka_t *client = mock_client(&s->mock, "test");
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
    *n = 0;
    for (int32_t p = 0; p < PARTITIONS; p++) {
        int64_t low, high;
        ck_assert_int_eq(rd_kafka_query_watermark_offsets(client, topic, p, &low, &high, 10000), 0);
        ck_assert_int_eq(rd_kafka_consume_start(handle, p, RD_KAFKA_OFFSET_BEGINNING), 0);
        while (low < high) {
            rd_kafka_message_t *message = rd_kafka_consume(handle, p, 10000);
            ck_assert(message != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR && *n < 4000);
            all[(*n)++] = seen_of(message);
            low = message->offset + 1;
            rd_kafka_message_destroy(message);
        }
        rd_kafka_consume_stop(handle, p);
    }
    rd_kafka_topic_destroy(handle);
    rd_kafka_destroy(client);
    return all;
}

void emit_seen_free(emit_seen *all, int n)
{
    for (int i = 0; i < n; i++)
        free(all[i].value);
    free(all);
}

int emit_seen_of_type(const emit_seen *all, int n, const char *type)
{
    int count = 0;
    for (int i = 0; i < n; i++)
        count += strcmp(all[i].type, type) == 0;
    return count;
}

const emit_seen *emit_seen_subject(const emit_seen *all, int n, const char *subject)
{
    for (int i = 0; i < n; i++)
        if (strcmp(all[i].subject, subject) == 0)
            return &all[i];
    return NULL;
}
