/* kafka_client_int.h - what the kafka_*.c files of base/ share: secrets, librdkafka's list of settings, the
 * watch.
 */
#ifndef RF_KAFKA_CLIENT_INT_H
#define RF_KAFKA_CLIENT_INT_H

#include <pthread.h>
#include <stdbool.h>

#include "rf_kafka.h"
#include "rf_text.h"

/* ---- kafka_secret.c: texts that must not be printed, and what is printed instead ---- */

typedef struct rf_kafka_secret {
    char *text, *shown; /* owned */
    size_t len;
} rf_kafka_secret;

typedef struct rf_kafka_secrets {
    rf_kafka_secret *items; /* longest first */
    size_t n, cap;
} rf_kafka_secrets;

void rf_kafka_secrets_clear(rf_kafka_secrets *secrets); /* wipes them */
/* Copies `text` to out with every secret in it replaced; what does not fit is cut. Returns out. */
const char *rf_kafka_hide(const rf_kafka_secrets *secrets, char *out, size_t cap, const char *text);

/* The value as librdkafka shall have it, in *out. Whatever came from outside, and all of the value of a
 * setting that holds secrets, is added to the secrets. */
RF_MUST_CHECK rf_status rf_kafka_expand(rf_text *out, rf_kafka_secrets *secrets, const char *key,
                                        const char *value, rf_err *err);
bool rf_kafka_is_secret(const char *key);
void rf_kafka_wipe(rf_text *text); /* overwrites and frees */

/* ---- kafka_properties.c: the settings that librdkafka knows ---- */

typedef struct rf_kafka_property {
    const char *name, *canonical, *range; /* canonical: the name that this one is an alias of, or itself */
} rf_kafka_property;

typedef struct rf_kafka_properties {
    char *text; /* owned; the names point into it */
    rf_kafka_property *items;
    size_t n;
} rf_kafka_properties;

RF_MUST_CHECK rf_status rf_kafka_properties_load(rf_kafka_properties *out, rf_err *err);
void rf_kafka_properties_clear(rf_kafka_properties *properties);
const rf_kafka_property *rf_kafka_property_find(const rf_kafka_properties *properties, const char *name);
/* NULL when none is near enough. */
const char *rf_kafka_property_nearest(const rf_kafka_properties *properties, const char *name);

/* ---- kafka_watch.c ---- */

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
/* What is wrong with the connection and for how long it has been that; NO_ERROR when nothing is. */
rd_kafka_resp_err_t rf_kafka_watch_reason(const rf_kafka_watch *watch, char why[256], double *for_s);

/* ---- kafka_token.c ---- */

/* For OAUTHBEARER: checks sasl.oauthbearer.config and has tokens made or read as it says. */
RF_MUST_CHECK rf_status rf_kafka_token_conf(rf_kafka_watch *watch, rd_kafka_conf_t *conf, bool unsecured,
                                            rf_err *err);

/* ---- kafka_stats.c ---- */

/* Reads librdkafka's statistics; false, with *out untouched, when they are not understood. */
bool rf_kafka_stats_read(rf_kafka_figures *out, const char *json);

/* ---- kafka_error.c ---- */

/* What to do about it, for people; "" where there is nothing to say. */
const char *rf_kafka_advice(rd_kafka_resp_err_t code);

#endif
