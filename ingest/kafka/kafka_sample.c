/* kafka_sample.c - the last messages of topics, for a look at them. Uses the client's simple consumer: it has
 * no group, so that nobody who reads these topics notices, and nothing can be committed.
 */
#include "rf_kafka_sample.h"

#include <stdint.h>
#include <string.h>

#include "kafka_ask_int.h"
#include "kafka_batch_int.h"
#include "rf_kafka.h"
#include "rf_mem.h"
#include "rf_stop.h"

#define WAIT_MS 100

typedef struct sampled_part {
    rd_kafka_topic_t *topic; /* borrowed from the handles */
    int32_t partition;
    int64_t low, high, from;
    bool started, ended;
} sampled_part;

typedef struct sampling {
    const rf_kafka_source_options *options;
    rf_asking asking;
    rd_kafka_queue_t *queue;
    rd_kafka_topic_t **topics; /* [options->n_topics] */
    sampled_part *parts;
    int n_parts;
    int64_t all;
    bool is_part; /* some messages lie before where reading begins */
} sampling;

static rf_status open_client(sampling *s, rf_err *err)
{
    static const rf_setting ours[] = {{"enable.auto.commit", "false"},
                                      {"isolation.level", "read_committed"},
                                      {"enable.partition.eof", "true"},
                                      {"allow.auto.create.topics", "false"},
                                      {"group.id", NULL},
                                      {"group.instance.id", NULL},
                                      {"partition.assignment.strategy", NULL},
                                      {NULL, NULL}};
    rf_status st = RF_OK;
    rd_kafka_conf_t *conf = NULL;
    RF_TRY(rf_kafka_watch_new(&s->asking.watch, "consumer", err));
    RF_TRY(
        rf_kafka_conf(&conf, s->asking.watch, s->options->settings, s->options->n_settings, ours, NULL, err));
    RF_TRY(rf_kafka_client(&s->asking.client, RD_KAFKA_CONSUMER, conf, s->asking.watch, err));
done:
    return st;
}

/* ---- where to read ---- */

static rd_kafka_topic_t *topic_of(const sampling *s, const char *name)
{
    for (int i = 0; i < s->options->n_topics; i++) {
        if (strcmp(s->options->topics[i], name) == 0)
            return s->topics[i];
    }
    return NULL;
}

static rf_status open_topics(sampling *s, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(s->topics, s->options->n_topics, err);
    for (int i = 0; i < s->options->n_topics; i++) {
        s->topics[i] = rd_kafka_topic_new(s->asking.client, s->options->topics[i], NULL);
        if (s->topics[i] == NULL)
            RF_KAFKA_FAIL(err, rd_kafka_last_error(), "opening the topic", s->options->topics[i], -1, -1);
    }
done:
    return st;
}

static rf_status find_parts(sampling *s, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    RF_TRY(rf_ask_partitions(list, &s->asking, s->options, err));
    RF_TRY(open_topics(s, err));
    RF_ZERO(s->parts, list->cnt, err);
    s->n_parts = list->cnt;
    RF_TRY(rf_ask_offsets(list, &s->asking, RD_KAFKA_OFFSET_BEGINNING, err));
    for (int i = 0; i < list->cnt; i++)
        s->parts[i] = (sampled_part){.topic = topic_of(s, list->elems[i].topic),
                                     .partition = list->elems[i].partition,
                                     .low = list->elems[i].offset};
    RF_TRY(rf_ask_offsets(list, &s->asking, RD_KAFKA_OFFSET_END, err));
    int64_t n = list->cnt > 0 ? list->cnt : 1, share = most / n + (most % n != 0);
    for (int i = 0; i < list->cnt; i++) {
        sampled_part *part = &s->parts[i];
        part->high = list->elems[i].offset;
        part->from = part->high - part->low > share ? part->high - share : part->low;
        part->ended = part->from >= part->high;
        s->is_part = s->is_part || part->from > part->low;
        s->all += part->high - part->low;
    }
done:
    rd_kafka_topic_partition_list_destroy(list);
    return st;
}

/* ---- reading ---- */

static bool all_ended(const sampling *s)
{
    for (int i = 0; i < s->n_parts; i++) {
        if (!s->parts[i].ended)
            return false;
    }
    return true;
}

static sampled_part *part_of(const sampling *s, const rd_kafka_message_t *message)
{
    for (int i = 0; i < s->n_parts; i++) {
        if (s->parts[i].partition == message->partition &&
            strcmp(rd_kafka_topic_name(s->parts[i].topic), rd_kafka_topic_name(message->rkt)) == 0)
            return &s->parts[i];
    }
    return NULL;
}

static bool header_at(void *headers, size_t i, const char **name, rf_span *value)
{
    rd_kafka_headers_t *list = NULL;
    const void *bytes = NULL;
    size_t len = 0;
    if (rd_kafka_message_headers(headers, &list) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_all(list, i, name, &bytes, &len) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    *value = (rf_span){bytes, len};
    return true;
}

/* One message, or the news that a partition has no more. */
static rf_status take(sampling *s, const rd_kafka_message_t *message,
                      rf_status (*each)(void *context, const rf_sampled_message *message, rf_err *err),
                      void *context, rf_err *err)
{
    rf_status st = RF_OK;
    sampled_part *part = message->rkt == NULL ? NULL : part_of(s, message);
    rd_kafka_timestamp_type_t type;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF || (part != NULL && message->offset >= part->high)) {
        if (part != NULL)
            part->ended = true;
        return RF_OK;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && rf_kafka_is_retriable(message->err))
        return RF_OK;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        RF_KAFKA_FAIL(err, message->err, "fetching",
                      message->rkt == NULL ? NULL : rd_kafka_topic_name(message->rkt), message->partition,
                      -1);
    if (part == NULL)
        return RF_OK;
    part->ended = message->offset + 1 >= part->high;
    const rf_sampled_message sampled = {.topic = rd_kafka_topic_name(message->rkt),
                                        .partition = message->partition,
                                        .offset = message->offset,
                                        .key = {message->key, message->key_len},
                                        .value = {message->payload, message->len},
                                        .timestamp_ms = rd_kafka_message_timestamp(message, &type),
                                        .headers = (void *)(uintptr_t)message,
                                        .header = rf_kafka_find_header,
                                        .header_at = header_at,
                                        .all = s->all,
                                        .is_part = s->is_part};
    st = each(context, &sampled, err);
done:
    return st;
}

static rf_status read_messages(sampling *s,
                               rf_status (*each)(void *context, const rf_sampled_message *message,
                                                 rf_err *err),
                               void *context, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_message_t *message = NULL;
    s->queue = rd_kafka_queue_new(s->asking.client);
    for (int i = 0; i < s->n_parts; i++) {
        sampled_part *part = &s->parts[i];
        if (part->ended)
            continue;
        if (rd_kafka_consume_start_queue(part->topic, part->partition, part->from, s->queue) != 0)
            RF_KAFKA_FAIL(err, rd_kafka_last_error(), "fetching", rd_kafka_topic_name(part->topic),
                          part->partition, part->from);
        part->started = true;
    }
    while (st != RF_EOF && !all_ended(s)) {
        RF_TRY(rf_stop_check(err));
        (void)rd_kafka_poll(s->asking.client, 0);
        message = rd_kafka_consume_queue(s->queue, WAIT_MS);
        if (message == NULL) {
            RF_TRY(rf_kafka_check_fatal(s->asking.client, s->asking.watch, err));
            RF_TRY(
                rf_kafka_check_down(s->asking.client, s->asking.watch, s->options->broker_timeout_us, err));
            continue;
        }
        RF_TRY(take(s, message, each, context, err));
        rd_kafka_message_destroy(message);
        message = NULL;
    }
done:
    if (message != NULL)
        rd_kafka_message_destroy(message);
    return st < 0 ? st : RF_OK;
}

static void close_all(sampling *s)
{
    for (int i = 0; i < s->n_parts; i++) {
        if (s->parts[i].started)
            (void)rd_kafka_consume_stop(s->parts[i].topic, s->parts[i].partition);
    }
    if (s->queue != NULL)
        rd_kafka_queue_destroy(s->queue);
    for (int i = 0; s->topics != NULL && i < s->options->n_topics; i++) {
        if (s->topics[i] != NULL)
            rd_kafka_topic_destroy(s->topics[i]);
    }
    if (s->asking.client != NULL)
        rd_kafka_destroy(s->asking.client);
    rf_kafka_watch_free(s->asking.watch);
    rf_mem_free(s->topics);
    rf_mem_free(s->parts);
}

rf_status rf_kafka_sample(const rf_kafka_source_options *options, int64_t most,
                          rf_status (*each)(void *context, const rf_sampled_message *message, rf_err *err),
                          void *context, rf_err *err)
{
    rf_status st = RF_OK;
    sampling s = {.options = options, .asking = {.timeout_us = options->broker_timeout_us}};
    RF_TRY(open_client(&s, err));
    RF_TRY(find_parts(&s, most, err));
    RF_TRY(read_messages(&s, each, context, err));
done:
    close_all(&s);
    return st;
}
