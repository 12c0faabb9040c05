/* kafka_conf.c - the configuration's `kafka` becomes a librdkafka configuration and a client.
 *
 * All settings pass through, with three exceptions: references to secrets are replaced, settings that would
 * break exactly-once are refused, and ringfence sets what the callbacks need. Every error names the setting
 * as kafka.KEY.
 */
#include "rf_kafka.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "kafka_properties_int.h"
#include "kafka_token_int.h"
#include "kafka_watch_int.h"
#include "rf_log.h"

#define TEXT_BYTES 512

/* The settings, while they become a conf. */
typedef struct job {
    rd_kafka_conf_t *conf;
    rf_kafka_watch *watch;
    rf_kafka_properties properties;
    const rf_setting *ours;
} job;

static const rf_setting own_defaults[] = {
    {"client.id", "ringfence"},
    {"allow.auto.create.topics", "false"}, /* a wrong name shall be an error, not a new topic */
    {"statistics.interval.ms", "1000"},
    {NULL, NULL}};

/* Without these nothing would reach the watch. */
static const rf_setting own_needs[] = {{"log.queue", "false"}, {"enabled_events", "0"}, {NULL, NULL}};

/* Why the roles insist on a value, by the canonical name. */
static const rf_setting reasons[] = {
    {"enable.auto.commit", "positions live in the graph's file, and a commit ahead of it would lose events"},
    {"enable.auto.offset.store",
     "positions live in the graph's file, and a commit ahead of it would lose events"},
    {"isolation.level", "messages of aborted transactions would be counted"},
    {"auto.offset.reset", "a lost position must stop the job, not skip or repeat events; see source.gaps"},
    {"partition.assignment.strategy", "partitions move one by one, with their state"},
    {"enable.partition.eof", "the end of a partition is how `until` is found"},
    {"enable.idempotence", "a message sent again after an error would be there twice"},
    {"request.required.acks", "a message counts as written when every replica in sync has it"},
    {"delivery.report.only.error", "every message is waited for"},
    {"message.send.max.retries", "a message must not be dropped for a passing error"},
    {"log.queue", "log lines would be lost"},
    {"enabled_events", "errors and statistics would be lost"},
};

const char *rf_kafka_setting(const rf_setting *settings, int n, const char *key)
{
    for (int i = 0; i < n; i++)
        if (strcmp(settings[i].key, key) == 0)
            return settings[i].value;
    return NULL;
}

static const char *canonical(const job *j, const char *key)
{
    const rf_kafka_property *property = rf_kafka_property_find(&j->properties, key);
    return property != NULL ? property->canonical : key;
}

/* The pair among `pairs` (NULL allowed) that means the same setting; NULL: none. */
static const rf_setting *pair_for(const job *j, const rf_setting *pairs, const char *key)
{
    const char *name = canonical(j, key);
    for (; pairs != NULL && pairs->key != NULL; pairs++)
        if (strcmp(canonical(j, pairs->key), name) == 0)
            return pairs;
    return NULL;
}

/* ---- one setting ---- */

static rf_status put(job *j, rd_kafka_conf_t *conf, const char *key, const char *value, rf_err *err)
{
    rf_status st = RF_OK;
    char text[TEXT_BYTES] = "", clean[TEXT_BYTES];
    rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, key, value, text, sizeof text);
    if (result == RD_KAFKA_CONF_OK)
        return RF_OK;
    if (result == RD_KAFKA_CONF_UNKNOWN) {
        const char *nearest = rf_kafka_property_nearest(&j->properties, key);
        if (nearest != NULL)
            RF_FAIL(err, RF_E_INVALID, "kafka.%s: librdkafka %s has no such setting; do you mean %s?", key,
                    rd_kafka_version_str(), nearest);
        RF_FAIL(err, RF_E_INVALID,
                "kafka.%s: librdkafka %s has no such setting; its CONFIGURATION.md lists them (Java's names "
                "are others)",
                key, rd_kafka_version_str());
    }
    if (rf_kafka_is_secret(key)) /* librdkafka's sentence may quote any part of it */
        RF_FAIL(err, RF_E_INVALID, "kafka.%s: librdkafka refuses the value (not shown)", key);
    const rf_kafka_property *property = rf_kafka_property_find(&j->properties, key);
    rf_kafka_clean(j->watch, clean, sizeof clean, text);
    clean[strcspn(clean, "\n")] = '\0';
    if (property != NULL && property->range[0] != '\0')
        RF_FAIL(err, RF_E_INVALID, "kafka.%s: %s; allowed: %s", key, clean, property->range);
    RF_FAIL(err, RF_E_INVALID, "kafka.%s: %s", key, clean);
done:
    return st;
}

/* Pairs that the program chose. */
static rf_status put_pairs(job *j, const rf_setting *pairs, rf_err *err)
{
    rf_status st = RF_OK;
    for (; pairs != NULL && pairs->key != NULL; pairs++)
        if (pairs->value != NULL)
            RF_TRY(put(j, j->conf, pairs->key, pairs->value, err));
done:
    return st;
}

/* What librdkafka takes `value` for ("all" and "-1" are the same acks); false when it refuses it. */
static bool normal(char out[TEXT_BYTES], const char *key, const char *value)
{
    rd_kafka_conf_t *scratch = rd_kafka_conf_new();
    size_t size = TEXT_BYTES;
    bool known = rd_kafka_conf_set(scratch, key, value, NULL, 0) == RD_KAFKA_CONF_OK &&
                 rd_kafka_conf_get(scratch, key, out, &size) == RD_KAFKA_CONF_OK;
    rd_kafka_conf_destroy(scratch);
    return known;
}

/* The user's value of a setting that `needed` fixes: it may say the same. */
static rf_status compare(const job *j, const char *key, const char *value, const rf_setting *needed,
                         rf_err *err)
{
    rf_status st = RF_OK;
    char theirs[TEXT_BYTES], ours[TEXT_BYTES];
    const char *name = canonical(j, key), *reason = "the job relies on it";
    if (normal(ours, needed->key, needed->value) && normal(theirs, key, value) && strcmp(theirs, ours) == 0)
        return RF_OK;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(reasons[i].key, name) == 0 || strcmp(reasons[i].key, key) == 0)
            reason = reasons[i].value;
    RF_FAIL(err, RF_E_INVALID, "kafka.%s must be %s here: %s; leave it out", key, needed->value, reason);
done:
    return st;
}

static rf_status put_setting(job *j, const rf_setting *setting, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text value = {0};
    const rf_setting *needed = pair_for(j, j->ours, setting->key);
    if (needed != NULL && needed->value == NULL) /* another role's */
        return RF_OK;
    if (needed == NULL)
        needed = pair_for(j, own_needs, setting->key);
    RF_TRY(rf_kafka_expand(&value, &j->watch->secrets, setting->key, setting->value, err));
    if (needed != NULL)
        RF_TRY(compare(j, setting->key, value.ptr, needed, err));
    else
        RF_TRY(put(j, j->conf, setting->key, value.ptr, err));
done:
    rf_kafka_wipe(&value);
    return st;
}

/* ---- all of them ---- */

static bool is(const rd_kafka_conf_t *conf, const char *key, const char *value)
{
    char text[TEXT_BYTES];
    size_t size = sizeof text;
    return rd_kafka_conf_get(conf, key, text, &size) == RD_KAFKA_CONF_OK && strcmp(text, value) == 0;
}

/* What works, but lets strangers listen or pose as a broker: said once a process, which may have several
 * clients. */
static void warn_of_risks(const rd_kafka_conf_t *conf)
{
    static atomic_int said;
    bool tls = is(conf, "security.protocol", "ssl") || is(conf, "security.protocol", "sasl_ssl");
    bool plain = is(conf, "security.protocol", "sasl_plaintext") &&
                 (is(conf, "sasl.mechanisms", "PLAIN") || is(conf, "sasl.mechanisms", "OAUTHBEARER"));
    bool unverified = tls && is(conf, "enable.ssl.certificate.verification", "false");
    bool any_name = tls && !unverified && is(conf, "ssl.endpoint.identification.algorithm", "none");
    int risks = plain | unverified << 1 | any_name << 2, new_ones = risks & ~atomic_fetch_or(&said, risks);
    if ((new_ones & 1) != 0)
        rf_log(RF_LOG_WARN,
               "kafka.security.protocol is SASL_PLAINTEXT, so whoever can listen on the network reads "
               "the password or token; use SASL_SSL");
    if ((new_ones & 2) != 0)
        rf_log(RF_LOG_WARN,
               "kafka.enable.ssl.certificate.verification is false, so whoever is on the way can pose "
               "as a broker; name the authority with kafka.ssl.ca.location instead");
    if ((new_ones & 4) != 0)
        rf_log(RF_LOG_WARN,
               "kafka.ssl.endpoint.identification.algorithm is none, so a broker may have anybody's "
               "certificate of the authority; leave it at https");
}

rf_status rf_kafka_conf(rd_kafka_conf_t **out, rf_kafka_watch *watch, const rf_setting *settings,
                        int n_settings, const rf_setting *ours, const rf_setting *defaults, rf_err *err)
{
    rf_status st = RF_OK;
    job j = {.conf = rd_kafka_conf_new(), .watch = watch, .ours = ours};
    size_t size = 0;
    RF_TRY(rf_kafka_properties_load(&j.properties, err));
    RF_TRY(put_pairs(&j, own_defaults, err));
    RF_TRY(put_pairs(&j, defaults, err));
    for (int i = 0; i < n_settings; i++)
        RF_TRY(put_setting(&j, &settings[i], err));
    RF_TRY(put_pairs(&j, own_needs, err));
    RF_TRY(put_pairs(&j, ours, err));

    if (rd_kafka_conf_get(j.conf, "bootstrap.servers", NULL, &size) != RD_KAFKA_CONF_OK || size <= 1)
        RF_FAIL(err, RF_E_INVALID,
                "kafka.bootstrap.servers is not set; name one or more brokers, as HOST:PORT,HOST:PORT");
    if (is(j.conf, "statistics.interval.ms", "0")) /* they are how we see whether a broker is up */
        RF_TRY(put(&j, j.conf, "statistics.interval.ms", "1000", err));
    if (is(j.conf, "sasl.mechanisms", "OAUTHBEARER") && is(j.conf, "sasl.oauthbearer.method", "default"))
        RF_TRY(rf_kafka_token_conf(watch, j.conf, is(j.conf, "enable.sasl.oauthbearer.unsecure.jwt", "true"),
                                   err));
    warn_of_risks(j.conf);
    rf_kafka_watch_conf(watch, j.conf);
    *out = j.conf;
    j.conf = NULL;
done:
    rf_kafka_properties_clear(&j.properties);
    if (j.conf != NULL)
        rd_kafka_conf_destroy(j.conf);
    return st;
}

/* ---- the client ---- */

rf_status rf_kafka_client(rd_kafka_t **out, rd_kafka_type_t type, rd_kafka_conf_t *conf,
                          const rf_kafka_watch *watch, rf_err *err)
{
    rf_status st = RF_OK;
    char text[TEXT_BYTES] = "", clean[TEXT_BYTES];
    bool tokens = is(conf, "sasl.mechanisms", "OAUTHBEARER");
    rd_kafka_t *client = rd_kafka_new(type, conf, text, sizeof text);
    if (client == NULL) {
        rd_kafka_conf_destroy(conf);
        rf_kafka_clean(watch, clean, sizeof clean, text);
        for (char *at = clean; *at != '\0'; at++)
            *at = *at == '\n' ? ' ' : *at;
        return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "kafka: no %s with these settings: %s",
                          type == RD_KAFKA_PRODUCER ? "producer" : "consumer", clean);
    }
    rd_kafka_error_t *error = tokens ? rd_kafka_sasl_background_callbacks_enable(client) : NULL;
    if (error != NULL && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__NOT_CONFIGURED)
        st = rf_kafka_fail_error(err, __FILE__, __LINE__, watch, error, "renewing tokens", NULL);
    if (error != NULL)
        rd_kafka_error_destroy(error);
    if (st < 0) {
        rd_kafka_destroy(client);
        return st;
    }
    *out = client;
    return RF_OK;
}
