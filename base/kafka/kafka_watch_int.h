/* kafka_watch_int.h - log lines, errors and statistics of a Kafka client. */
#ifndef RF_KAFKA_WATCH_INT_H
#define RF_KAFKA_WATCH_INT_H

#include <pthread.h>
#include <stdbool.h>

#include "kafka_secret_int.h"
#include "rf_kafka.h"

struct rf_kafka_watch {
    rf_kafka_secrets secrets; /* complete before the client starts, only read afterwards */
    void *attached;           /* likewise */
    bool unsecured_tokens;    /* likewise: enable.sasl.oauthbearer.unsecure.jwt */
    char role[32];

    pthread_mutex_t mutex, *lock; /* of the rest; a pointer, so that readers may have the watch const */
    rf_kafka_figures figures;
    double answered_s;          /* when a broker was last seen up; at first, when the watch was made */
    bool failed;                /* a connection failed since then */
    rd_kafka_resp_err_t reason; /* of the latest failure */
    double reason_since_s;      /* since when it is that one */
    char why[256];
};

/* A broker answered just now. */
void rf_kafka_watch_answered(rf_kafka_watch *watch);
void rf_kafka_watch_conf(rf_kafka_watch *watch, rd_kafka_conf_t *conf); /* sets opaque and callbacks */
/* There is no token to log in with: why, in one line without secrets. */
void rf_kafka_watch_no_token(rf_kafka_watch *watch, const char *why);
/* The failure of the connection, and how long it has lasted; NO_ERROR without one. */
rd_kafka_resp_err_t rf_kafka_watch_reason(const rf_kafka_watch *watch, char why[256], double *for_s);

#endif
