/* kafka_identity.c - who a cluster is, and a topic of it: ids that the brokers made up when they were
 * created, so that another one of the same address or name has another id.
 *
 * A topic's id takes librdkafka 2.3 or later. An id that is not said is no failure.
 */
#include "rf_kafka.h"

#include <string.h>

#include "rf_mem.h"

#define ASK_MS 2000

rf_status rf_kafka_cluster_id(char **out, rd_kafka_t *client, rf_err *err)
{
    char *id = rd_kafka_clusterid(client, ASK_MS);
    *out = id == NULL ? NULL : rf_mem_text(id, strlen(id), err);
    rf_status st = id != NULL && *out == NULL ? RF_E_NOMEM : RF_OK;
    if (id != NULL)
        rd_kafka_mem_free(client, id);
    return st;
}

#if RF_KAFKA_TOPIC_IDS

/* Of a topic that was described; NULL: it is not there, or its brokers are older. */
static const char *id_of(const rd_kafka_TopicDescription_t *topic)
{
    if (rd_kafka_error_code(rd_kafka_TopicDescription_error(topic)) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return NULL;
    const rd_kafka_Uuid_t *id = rd_kafka_TopicDescription_topic_id(topic);
    bool said = id != NULL && (rd_kafka_Uuid_most_significant_bits(id) != 0 ||
                               rd_kafka_Uuid_least_significant_bits(id) != 0);
    return said ? rd_kafka_Uuid_base64str(id) : NULL;
}

static rf_status take_ids(char **const *out, rd_kafka_event_t *event, const char *const *topics, size_t n,
                          rf_err *err)
{
    size_t n_described = 0;
    const rd_kafka_DescribeTopics_result_t *result = rd_kafka_event_DescribeTopics_result(event);
    const rd_kafka_TopicDescription_t **described =
        result == NULL ? NULL : rd_kafka_DescribeTopics_result_topics(result, &n_described);
    for (size_t i = 0; i < n_described; i++) {
        const char *id = id_of(described[i]), *name = rd_kafka_TopicDescription_name(described[i]);
        size_t at = 0;
        while (at < n && strcmp(topics[at], name) != 0)
            at++;
        if (id == NULL || at == n)
            continue;
        *out[at] = rf_mem_text(id, strlen(id), err);
        if (*out[at] == NULL)
            return RF_E_NOMEM;
    }
    return RF_OK;
}

rf_status rf_kafka_topic_ids(char **const *out, rd_kafka_t *client, const char *const *topics, size_t n,
                             rf_err *err)
{
    rf_status st = RF_OK;
    for (size_t i = 0; i < n; i++)
        *out[i] = NULL;
    rd_kafka_TopicCollection_t *names =
        rd_kafka_TopicCollection_of_topic_names((const char **)(uintptr_t)topics, n);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
    rd_kafka_queue_t *answers = rd_kafka_queue_new(client);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, ASK_MS, NULL, 0);
    rd_kafka_DescribeTopics(client, names, options, answers);
    rd_kafka_event_t *event = rd_kafka_queue_poll(answers, 2 * ASK_MS);
    if (event != NULL) {
        st = take_ids(out, event, topics, n, err);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(answers);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_TopicCollection_destroy(names);
    return st;
}

#else

rf_status rf_kafka_topic_ids(char **const *out, rd_kafka_t *client, const char *const *topics, size_t n,
                             rf_err *err)
{
    (void)client, (void)topics, (void)err;
    for (size_t i = 0; i < n; i++)
        *out[i] = NULL;
    return RF_OK;
}

#endif
