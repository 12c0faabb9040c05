/* rf_kafka.h - what both ends share of the Kafka client: settings, secrets, errors, figures.
 *
 * The only header of ours that brings librdkafka's; included by the kafka_*.c files of base/, ingest/ and
 * export/ alone. Settings come as text pairs from the configuration's `kafka` and go to librdkafka as they
 * stand, except that ${env:NAME} and ${file:PATH} inside a value are replaced; what they stood for is never
 * printed.
 */
#ifndef RF_KAFKA_H
#define RF_KAFKA_H

#include <librdkafka/rdkafka.h>

#include "rf_config.h"
#include "rf_status.h"

/* What came in from the client's threads: callbacks write it, the owner reads it. One a client, set as the
 * conf's opaque; must outlive the client. */
typedef struct rf_kafka_watch rf_kafka_watch;
RF_MUST_CHECK rf_status rf_kafka_watch_new(rf_kafka_watch **out, const char *role,
                                           rf_err *err); /* "consumer" */
void rf_kafka_watch_free(rf_kafka_watch *watch);         /* NULL allowed */
/* What the owner's own callbacks want to find behind the opaque, which is the watch. NULL until attached. */
void rf_kafka_watch_attach(rf_kafka_watch *watch, void *user);
void *rf_kafka_watch_attached(const rf_kafka_watch *watch);

/* A conf with the settings, then `ours` (pairs that the role needs, ended by a NULL key), callbacks for logs,
 * errors and statistics, and the watch as opaque. RF_E_INVALID: an unknown setting (with the nearest one), a
 * value that librdkafka refuses, a secret that is not there, or a setting among `ours` whose user value would
 * break exactly-once (it says why). The settings' values win over `defaults` (likewise pairs). */
RF_MUST_CHECK rf_status rf_kafka_conf(rd_kafka_conf_t **out, rf_kafka_watch *watch,
                                      const rf_setting *settings, int n_settings, const rf_setting *ours,
                                      const rf_setting *defaults, rf_err *err);
/* The value of one setting as it will be used (secrets not replaced), or NULL. */
const char *rf_kafka_setting(const rf_setting *settings, int n, const char *key);

/* A client of it, which owns the conf from here on, even on failure. */
RF_MUST_CHECK rf_status rf_kafka_client(rd_kafka_t **out, rd_kafka_type_t type, rd_kafka_conf_t *conf,
                                        rf_err *err);

/* The fatal error, if the client met one: one line that says what to do (fenced, no authorisation, ...). */
RF_MUST_CHECK rf_status rf_kafka_check_fatal(rd_kafka_t *client, const rf_kafka_watch *watch, rf_err *err);
/* Seconds since a broker last answered while all are down; 0 while one is up. The first reason in words goes
 * to why (may be NULL). */
double rf_kafka_down_s(const rf_kafka_watch *watch, char why[256]);
int64_t rf_kafka_retries(const rf_kafka_watch *watch); /* requests sent again, from the statistics */

/* "orders[3]@17: reason: what to do" for an error of librdkafka; code RF_E_KAFKA. topic NULL: of the cluster;
 * partition -1, offset -1: not known. */
rf_status rf_kafka_fail(rf_err *err, const char *file, int line, rd_kafka_resp_err_t code, const char *what,
                        const char *topic, int32_t partition, int64_t offset);

/* Partitions of a topic. Waits for a broker until timeout_us; RF_E_KAFKA names a topic that is not there or
 * may not be described. */
RF_MUST_CHECK rf_status rf_kafka_partitions(int *n, rd_kafka_t *client, const rf_kafka_watch *watch,
                                            const char *topic, int64_t timeout_us, rf_err *err);

#endif
