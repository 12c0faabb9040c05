/* kafka_stats.c - the few figures that ringfence reports, from librdkafka's statistics (JSON, once a second).
 *
 * librdkafka has no other way to count requests sent again, or to say whether a broker is up.
 */
#include "kafka_stats_int.h"

#include <string.h>
#include <yajl/yajl_tree.h>

static int64_t number(yajl_val map, const char *key)
{
    const char *path[] = {key, NULL};
    yajl_val value = yajl_tree_get(map, path, yajl_t_number);
    return value != NULL && YAJL_IS_INTEGER(value) ? (int64_t)YAJL_GET_INTEGER(value) : 0;
}

static yajl_val member(yajl_val map, const char *key)
{
    const char *path[] = {key, NULL};
    return yajl_tree_get(map, path, yajl_t_object);
}

static size_t members(yajl_val map)
{
    return YAJL_IS_OBJECT(map) ? YAJL_GET_OBJECT(map)->len : 0;
}

static bool is_up(yajl_val broker)
{
    const char *path[] = {"state", NULL};
    yajl_val state = yajl_tree_get(broker, path, yajl_t_string);
    return state != NULL && strcmp(state->u.string, "UP") == 0;
}

static void add_brokers(rf_kafka_figures *out, yajl_val brokers)
{
    for (size_t i = 0; i < members(brokers); i++) {
        yajl_val broker = brokers->u.object.values[i];
        out->retries += number(broker, "txretries");
        out->brokers_up += is_up(broker) ? 1 : 0;
    }
}

/* Messages transmitted beyond those that there are were transmitted again: librdkafka counts only whole
 * requests of other kinds as retried. Partitions that are not fetched have a lag of -1. */
static void add_partitions(rf_kafka_figures *out, yajl_val partitions)
{
    for (size_t i = 0; i < members(partitions); i++) {
        yajl_val partition = partitions->u.object.values[i];
        if (strcmp(partitions->u.object.keys[i], "-1") == 0) /* messages without a partition yet */
            continue;
        int64_t lag = number(partition, "consumer_lag");
        int64_t again = number(partition, "txmsgs") - number(partition, "msgs");
        if (lag >= 0)
            out->lag = (out->lag < 0 ? 0 : out->lag) + lag;
        if (again > 0)
            out->retries += again;
    }
}

bool rf_kafka_stats_read(rf_kafka_figures *out, const char *json)
{
    yajl_val root = yajl_tree_parse(json, NULL, 0);
    if (root == NULL || !YAJL_IS_OBJECT(root)) {
        yajl_tree_free(root);
        return false;
    }
    rf_kafka_figures figures = {.lag = -1};
    add_brokers(&figures, member(root, "brokers"));
    yajl_val topics = member(root, "topics");
    for (size_t i = 0; i < members(topics); i++)
        add_partitions(&figures, member(topics->u.object.values[i], "partitions"));
    figures.sent = number(root, "txmsgs");
    figures.rebalances = number(member(root, "cgrp"), "rebalance_cnt");
    yajl_tree_free(root);
    *out = figures;
    return true;
}
