/* kafka_stats.c - the few figures that ringfence reports, from librdkafka's statistics (JSON, once a second).
 *
 * librdkafka has no other way to count requests sent again, or to say whether a broker is up.
 */
#include "kafka_stats_int.h"

#include <string.h>

#include "rf_json_scan.h"
#include "rf_text.h"

static int64_t number(rf_span map, const char *key)
{
    int64_t out;
    rf_span value = rf_json_member(map, key);
    return rf_int_parse(&out, value.ptr, value.len) ? out : 0;
}

static void add_brokers(rf_kafka_figures *out, rf_span brokers)
{
    rf_json_scan s = rf_json_scan_of(brokers);
    rf_span name, broker;
    while (rf_json_next_member(&s, &name, &broker)) {
        rf_span state = rf_json_member(broker, "state");
        out->retries += number(broker, "txretries");
        out->brokers_up += state.len == 4 && memcmp(state.ptr, "\"UP\"", 4) == 0;
    }
}

/* Messages transmitted beyond those that there are were transmitted again: librdkafka counts only whole
 * requests of other kinds as retried. Partitions that are not fetched have a lag of -1. */
static void add_partitions(rf_kafka_figures *out, rf_span partitions)
{
    rf_json_scan s = rf_json_scan_of(partitions);
    rf_span name, partition;
    while (rf_json_next_member(&s, &name, &partition)) {
        if (name.len == 2 && memcmp(name.ptr, "-1", 2) == 0) /* messages without a partition yet */
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
    rf_span root = {json + strspn(json, " \t\r\n"), 0}, name, topic;
    root.len = strlen(root.ptr);
    if (!rf_json_valid(root) || root.ptr[0] != '{')
        return false;
    rf_kafka_figures figures = {.lag = -1};
    add_brokers(&figures, rf_json_member(root, "brokers"));
    rf_json_scan topics = rf_json_scan_of(rf_json_member(root, "topics"));
    while (rf_json_next_member(&topics, &name, &topic))
        add_partitions(&figures, rf_json_member(topic, "partitions"));
    figures.sent = number(root, "txmsgs");
    figures.rebalances = number(rf_json_member(root, "cgrp"), "rebalance_cnt");
    *out = figures;
    return true;
}
