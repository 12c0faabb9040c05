/* made_client.h - Kafka clients with the settings of a test, and what watches them. */
#ifndef RF_MADE_CLIENT_H
#define RF_MADE_CLIENT_H

#include "kafka_watch_int.h"
#include "mock_cluster.h"

typedef struct made_client {
    rf_kafka_watch *watch;
    rd_kafka_t *client;
} made_client;

static inline made_client made_client_of(rd_kafka_type_t type, const rf_setting *settings, int n)
{
    rf_err err = {0};
    made_client m = {0};
    rd_kafka_conf_t *conf = NULL;
    RF_CHECK_OK(err, rf_kafka_watch_new(&m.watch, type == RD_KAFKA_PRODUCER ? "producer" : "consumer", &err));
    RF_CHECK_OK(err, rf_kafka_conf(&conf, m.watch, settings, n, NULL, NULL, &err));
    RF_CHECK_OK(err, rf_kafka_client(&m.client, type, conf, m.watch, &err));
    return m;
}

static inline void made_client_free(made_client *m)
{
    rd_kafka_destroy(m->client);
    rf_kafka_watch_free(m->watch);
}

#endif
