/* kafka_emit_topics.c - the topics of an emission: checks that they exist, have leaders and the cleanup
 * policy of their use; creates them if the configuration allows it.
 *
 * Looks at topics as a consumer does: a producer's question about a missing one would create it, with the
 * broker's defaults, where the broker is set up that way.
 */
#include "kafka_sink_int.h"
#include "rf_count.h"

#include <string.h>
#include <time.h>

#include "rf_log.h"

#define ASK_MS 5000
#define CREATE_MS 30000
#define PAUSE_NS 100000000L

/* ---- what is there ---- */

typedef enum topic_state { TOPIC_MISSING, TOPIC_NOT_READY, TOPIC_READY } topic_state;

/* One question to the cluster. *code is what it said about the topic. */
static rd_kafka_resp_err_t ask(const rf_kafka_reader *reader, const char *name, topic_state *state,
                               rd_kafka_resp_err_t *code, int *n)
{
    const struct rd_kafka_metadata *answer = NULL;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(reader->client, name, NULL);
    if (handle == NULL)
        return rd_kafka_last_error();
    rd_kafka_resp_err_t failed = rd_kafka_metadata(reader->client, 0, handle, &answer, ASK_MS);
    if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) {
        bool known = answer->topic_cnt == 1;
        *code = known ? answer->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        *n = known ? answer->topics[0].partition_cnt : 0;
        *state = *code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ? TOPIC_MISSING
                 : *code != RD_KAFKA_RESP_ERR_NO_ERROR || *n == 0 ? TOPIC_NOT_READY
                                                                  : TOPIC_READY;
        for (int i = 0; i < *n && *state == TOPIC_READY; i++) {
            if (answer->topics[0].partitions[i].leader < 0)
                *state = TOPIC_NOT_READY;
        }
        rd_kafka_metadata_destroy(answer);
    }
    rd_kafka_topic_destroy(handle);
    return failed;
}

/* Asks until the topic is ready; where it is missing, comes back at once unless it was just created. */
static rf_status wait_for(const rf_kafka_reader *reader, const char *name, bool created, topic_state *state,
                          int *n, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_emit_options *options = reader->options;
    double began_s = rf_monotonic_s(), patience_s = (double)options->kafka.broker_timeout_us / 1e6;
    for (;;) {
        rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
        rd_kafka_resp_err_t failed = ask(reader, name, state, &code, n);
        rd_kafka_poll(reader->client, 0);
        if (failed != RD_KAFKA_RESP_ERR_NO_ERROR)
            code = failed;
        else if (*state == TOPIC_READY || (*state == TOPIC_MISSING && !created))
            return RF_OK;
        if (rf_emit_stopped(options))
            RF_FAIL(err, RF_E_INTERRUPTED, RF_EMIT_STOPPED);
        RF_TRY(rf_kafka_check_fatal(reader->client, reader->watch, err));
        RF_TRY(rf_kafka_check_down(reader->client, reader->watch, options->kafka.broker_timeout_us, err));
        bool passes =
            code == RD_KAFKA_RESP_ERR_NO_ERROR || rf_kafka_is_retriable(code) || rf_kafka_is_missing(code);
        if (!passes || rf_monotonic_s() - began_s > patience_s) {
            st = rf_kafka_fail(err, __FILE__, __LINE__,
                               code == RD_KAFKA_RESP_ERR_NO_ERROR ? RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE
                                                                  : code,
                               "emit: looking at the topic", name, -1, -1);
            goto done;
        }
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
done:
    return st;
}

/* ---- creating ---- */

static rf_status creation_failed(const char *name, rd_kafka_resp_err_t code, const char *why, rf_err *err)
{
    rf_status st = RF_OK;
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) /* somebody was faster */
        return RF_OK;
    bool forbidden = code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
                     code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
    RF_FAIL(err, RF_E_KAFKA, "emit: topic %s cannot be created: %s%s", name,
            why != NULL ? why : rd_kafka_err2str(code),
            forbidden ? "; allow this client Create on it, or create it and leave out emit.create_topics"
                      : "");
done:
    return st;
}

static rf_status read_answer(rd_kafka_event_t *event, const char *name, rf_err *err)
{
    if (event == NULL)
        return creation_failed(name, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL, err);
    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return creation_failed(name, rd_kafka_event_error(event), rd_kafka_event_error_string(event), err);
    size_t n = 0;
    const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
    const rd_kafka_topic_result_t **topics = rd_kafka_CreateTopics_result_topics(result, &n);
    for (size_t i = 0; i < n; i++) {
        rd_kafka_resp_err_t code = rd_kafka_topic_result_error(topics[i]);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
            return creation_failed(name, code, rd_kafka_topic_result_error_string(topics[i]), err);
    }
    return RF_OK;
}

static rf_status create(const rf_kafka_reader *reader, const char *name, const char *cleanup, rf_err *err)
{
    rf_status st = RF_OK;
    char why[256] = "";
    const rf_emit_kafka *kafka = &reader->options->kafka;
    int replication = kafka->replication == 0 ? -1 : kafka->replication;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(reader->client);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(reader->client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_event_t *event = NULL;
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, kafka->partitions, replication, why, sizeof why);
    if (topic == NULL)
        RF_FAIL(err, RF_E_INVALID, "emit: topic %s cannot be created: %s", name, why);
    rd_kafka_NewTopic_set_config(topic, "cleanup.policy", cleanup);
    rd_kafka_AdminOptions_set_operation_timeout(options, CREATE_MS, why, sizeof why);
    rd_kafka_CreateTopics(reader->client, &topic, 1, options, queue);
    event = rd_kafka_queue_poll(queue, 2 * CREATE_MS);
    RF_TRY(read_answer(event, name, err));
    rf_log(RF_LOG_INFO, "created topic %s (%s, cleanup.policy %s)", name,
           RF_THINGS(kafka->partitions, "partition"), cleanup);
done:
    if (event != NULL)
        rd_kafka_event_destroy(event);
    if (topic != NULL)
        rd_kafka_NewTopic_destroy(topic);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    return st;
}

static rf_status ready(int *n, const rf_kafka_reader *reader, const char *key, const char *name,
                       const char *cleanup, rf_err *err)
{
    rf_status st = RF_OK;
    topic_state state = TOPIC_NOT_READY;
    RF_TRY(wait_for(reader, name, false, &state, n, err));
    if (state == TOPIC_MISSING) {
        if (!reader->options->kafka.create_topics)
            RF_FAIL(err, RF_E_KAFKA,
                    "emit: there is no topic %s (%s), or this client may not see it; create it, or set "
                    "emit.create_topics to true",
                    name, key);
        RF_TRY(create(reader, name, cleanup, err));
        RF_TRY(wait_for(reader, name, true, &state, n, err));
    }
done:
    return st;
}

/* ---- how it is kept ---- */

static const char *entry_of(const rd_kafka_ConfigResource_t *resource, const char *name)
{
    size_t n = 0;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), name) == 0)
            return rd_kafka_ConfigEntry_value(entries[i]);
    }
    return NULL;
}

static void use_settings(rf_emit_topics *out, const rd_kafka_ConfigResource_t *resource, const char *name,
                         bool compacted)
{
    int64_t bytes = 0;
    const char *cleanup = entry_of(resource, "cleanup.policy"),
               *most = entry_of(resource, "max.message.bytes");
    if (compacted && cleanup != NULL && strstr(cleanup, "compact") == NULL)
        rf_log(RF_LOG_WARN,
               "topic %s has cleanup.policy %s; as emit.score_topic it should have compact, or it forgets "
               "who is flagged",
               name, cleanup);
    if (most != NULL && rf_int_parse(&bytes, most, strlen(most)) &&
        (out->max_bytes == 0 || bytes < out->max_bytes))
        out->max_bytes = bytes;
}

/* Asks for the topics' settings. A client that may not ask goes without them. */
static void look_at_settings(rf_emit_topics *out, const rf_kafka_reader *reader)
{
    char why[256];
    const rf_emit_kafka *kafka = &reader->options->kafka;
    int ask_ms = (int)(kafka->ask_us / 1000), n = kafka->score_topic == NULL ? 1 : 2;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(reader->client);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(reader->client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_ConfigResource_t *topics[2] = {
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, kafka->topic),
        n == 1 ? NULL : rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, kafka->score_topic)};
    rd_kafka_AdminOptions_set_request_timeout(options, ask_ms, why, sizeof why);
    rd_kafka_DescribeConfigs(reader->client, topics, (size_t)n, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 2 * ask_ms);
    if (event != NULL && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        size_t n_found = 0;
        const rd_kafka_ConfigResource_t **found =
            rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &n_found);
        for (size_t i = 0; i < n_found; i++) {
            const char *name = rd_kafka_ConfigResource_name(found[i]);
            if (rd_kafka_ConfigResource_error(found[i]) == RD_KAFKA_RESP_ERR_NO_ERROR)
                use_settings(out, found[i], name, strcmp(name, kafka->topic) != 0);
        }
    }
    if (event != NULL)
        rd_kafka_event_destroy(event);
    rd_kafka_ConfigResource_destroy_array(topics, (size_t)n);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
}

rf_status rf_emit_topics_ready(rf_emit_topics *out, const rf_kafka_reader *reader, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_emit_kafka *kafka = &reader->options->kafka;
    *out = (rf_emit_topics){0};
    RF_TRY(ready(&out->partitions, reader, "emit.topic", kafka->topic, "delete", err));
    if (kafka->score_topic != NULL)
        RF_TRY(ready(&out->score_partitions, reader, "emit.score_topic", kafka->score_topic, "compact", err));
    if (kafka->ask_us > 0)
        look_at_settings(out, reader);
done:
    return st;
}
