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

/* The answer's id; NULL: none came. */
static const char *id_of(rd_kafka_event_t *event)
{
    size_t n = 0;
    const rd_kafka_DescribeTopics_result_t *result = rd_kafka_event_DescribeTopics_result(event);
    rd_kafka_TopicDescription_t *const *topics =
        (rd_kafka_TopicDescription_t *const *)rd_kafka_DescribeTopics_result_topics(result, &n);
    bool found =
        result != NULL && n == 1 &&
        rd_kafka_error_code(rd_kafka_TopicDescription_error(topics[0])) == RD_KAFKA_RESP_ERR_NO_ERROR;
    const rd_kafka_Uuid_t *id = found ? rd_kafka_TopicDescription_topic_id(topics[0]) : NULL;
    bool said = id != NULL && (rd_kafka_Uuid_most_significant_bits(id) != 0 ||
                               rd_kafka_Uuid_least_significant_bits(id) != 0);
    return said ? rd_kafka_Uuid_base64str(id) : NULL;
}

rf_status rf_kafka_topic_id(char **out, rd_kafka_t *client, const char *topic, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_TopicCollection_t *names = rd_kafka_TopicCollection_of_topic_names(&topic, 1);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
    rd_kafka_queue_t *answers = rd_kafka_queue_new(client);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, ASK_MS, NULL, 0);
    rd_kafka_DescribeTopics(client, names, options, answers);
    rd_kafka_event_t *event = rd_kafka_queue_poll(answers, 2 * ASK_MS);
    const char *id = event == NULL ? NULL : id_of(event);
    *out = id == NULL ? NULL : rf_mem_text(id, strlen(id), err);
    if (id != NULL && *out == NULL)
        st = RF_E_NOMEM;
    if (event != NULL)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(answers);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_TopicCollection_destroy(names);
    return st;
}

#else

rf_status rf_kafka_topic_id(char **out, rd_kafka_t *client, const char *topic, rf_err *err)
{
    (void)client, (void)topic, (void)err;
    *out = NULL;
    return RF_OK;
}

#endif
