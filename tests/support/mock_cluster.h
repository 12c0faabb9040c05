/* mock_cluster.h - librdkafka's mock cluster for unit tests: brokers inside the test's own process, on
 * loopback ports of their own, that can be told to fail.
 *
 *   mock_cluster mock = mock_start(3);
 *   mock_topic(&mock, "orders", 6);
 *   rf_setting settings[] = {mock_servers(&mock), {"group.id", "g"}};
 *   mock_fill(&mock, "orders", 0, 1000, print_event, NULL);
 *   ... rd_kafka_mock_push_request_errors(mock.cluster, MOCK_PRODUCE, 2, code, code); ...
 *   mock_stop(&mock);
 *
 * It knows topics, groups, transactions' requests and idempotent producers, but applies no transactions to
 * what consumers see, and keeps no more than some 5 MB a partition.
 */
#ifndef MOCK_CLUSTER_H
#define MOCK_CLUSTER_H

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "rf_check.h"
#include "rf_kafka.h"

/* Requests by their number in the protocol, for rd_kafka_mock_push_request_errors. */
enum {
    MOCK_PRODUCE = 0,
    MOCK_FETCH = 1,
    MOCK_LIST_OFFSETS = 2,
    MOCK_METADATA = 3,
    MOCK_OFFSET_COMMIT = 8,
    MOCK_OFFSET_FETCH = 9,
    MOCK_FIND_COORDINATOR = 10,
    MOCK_JOIN_GROUP = 11,
    MOCK_HEARTBEAT = 12,
    MOCK_SYNC_GROUP = 14,
    MOCK_INIT_PRODUCER_ID = 22,
    MOCK_ADD_PARTITIONS_TO_TXN = 24,
    MOCK_END_TXN = 26
};

typedef struct mock_cluster {
    rd_kafka_t *owner; /* a client that does nothing but hold the cluster */
    rd_kafka_mock_cluster_t *cluster;
    const char *servers; /* HOST:PORT,... */
} mock_cluster;

static inline void mock_silence(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    (void)client;
    (void)level;
    (void)facility;
    (void)text;
}

static inline mock_cluster mock_start(int brokers)
{
    char text[512] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, mock_silence);
    mock_cluster mock = {.owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text)};
    ck_assert_msg(mock.owner != NULL, "%s", text);
    mock.cluster = rd_kafka_mock_cluster_new(mock.owner, brokers);
    ck_assert(mock.cluster != NULL);
    mock.servers = rd_kafka_mock_cluster_bootstraps(mock.cluster);
    return mock;
}

static inline void mock_stop(mock_cluster *mock)
{
    rd_kafka_mock_cluster_destroy(mock->cluster);
    rd_kafka_destroy(mock->owner);
    *mock = (mock_cluster){0};
}

static inline rf_setting mock_servers(const mock_cluster *mock)
{
    return (rf_setting){"bootstrap.servers", mock->servers};
}

static inline void mock_topic(const mock_cluster *mock, const char *topic, int partitions)
{
    rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(mock->cluster, topic, partitions, 1);
    ck_assert_msg(code == RD_KAFKA_RESP_ERR_NO_ERROR, "%s: %s", topic, rd_kafka_err2str(code));
}

/* The mock makes every topic that is asked for (it speaks a version without the flag against that); this one
 * is said not to be there. */
static inline void mock_missing(const mock_cluster *mock, const char *topic)
{
    rd_kafka_mock_topic_set_error(mock->cluster, topic, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
}

/* All brokers from 1 to n. */
static inline void mock_set_down(const mock_cluster *mock, int brokers, bool down)
{
    for (int32_t id = 1; id <= brokers; id++) {
        rd_kafka_resp_err_t code = down ? rd_kafka_mock_broker_set_down(mock->cluster, id)
                                        : rd_kafka_mock_broker_set_up(mock->cluster, id);
        ck_assert_msg(code == RD_KAFKA_RESP_ERR_NO_ERROR, "%s", rd_kafka_err2str(code));
    }
}

/* A plain client of the mock, for what a test does itself. group NULL: a producer. */
static inline rd_kafka_t *mock_client(const mock_cluster *mock, const char *group)
{
    char text[512] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, mock_silence);
    ck_assert(rd_kafka_conf_set(conf, "bootstrap.servers", mock->servers, text, sizeof text) == 0);
    if (group != NULL) {
        ck_assert(rd_kafka_conf_set(conf, "group.id", group, text, sizeof text) == 0);
        ck_assert(rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", text, sizeof text) == 0);
        ck_assert(rd_kafka_conf_set(conf, "enable.auto.commit", "false", text, sizeof text) == 0);
    }
    rd_kafka_t *client = rd_kafka_new(group != NULL ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, text, 512);
    ck_assert_msg(client != NULL, "%s", text);
    return client;
}

/* Sends one message by a client of mock_client; value NULL: a tombstone. */
static inline void mock_send(rd_kafka_t *producer, const char *topic, int32_t partition, const char *key,
                             const char *value)
{
    rd_kafka_resp_err_t code;
    size_t key_len = key != NULL ? strlen(key) : 0, value_len = value != NULL ? strlen(value) : 0;
    void *bytes = (void *)(uintptr_t)value;
    do {
        code = rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                                 RD_KAFKA_V_KEY(key, key_len), RD_KAFKA_V_VALUE(bytes, value_len),
                                 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        rd_kafka_poll(producer, code == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 10 : 0);
    } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL);
    ck_assert_msg(code == RD_KAFKA_RESP_ERR_NO_ERROR, "%s", rd_kafka_err2str(code));
}

/* Sends n messages, the i-th as `print` makes it, and waits until the mock has them all. */
static inline void mock_fill(const mock_cluster *mock, const char *topic, int32_t partition, int n,
                             void (*print)(void *context, int i, char key[64], char value[1024]),
                             void *context)
{
    rd_kafka_t *producer = mock_client(mock, NULL);
    for (int i = 0; i < n; i++) {
        char key[64] = "", value[1024] = "";
        print(context, i, key, value);
        mock_send(producer, topic, partition, key, value);
    }
    ck_assert(rd_kafka_flush(producer, 30000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(producer);
}

#endif
