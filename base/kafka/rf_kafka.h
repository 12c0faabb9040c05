/* rf_kafka.h - what both ends share of the Kafka client: settings, secrets, errors, figures.
 *
 * The only header that includes librdkafka's. Only the kafka_*.c files of base/, ingest/ and export/ include
 * it. Settings come as text pairs from the configuration's `kafka` and go to librdkafka unchanged, except
 * that ${env:NAME} and ${file:PATH} inside a value are replaced (a file's last line end is cut). Their values
 * are never printed, nor are passwords and keys: texts of librdkafka go through rf_kafka_clean first.
 *
 *   rf_kafka_watch_new -> rf_kafka_conf -> (callbacks of the role) -> rf_kafka_client -> ... ->
 *   rd_kafka_destroy -> rf_kafka_watch_free
 *
 * Logs, errors and statistics reach the watch on the client's threads and on the thread that polls the
 * client. Callbacks of the role get the watch as their opaque: rf_kafka_watch_attached(opaque) is the role's
 * own.
 */
#ifndef RF_KAFKA_H
#define RF_KAFKA_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "rf_kafka_setting.h"
#include "rf_status.h"

/* What arrived on the client's threads: callbacks write it, any thread may read it. One per client, set as
 * the conf's opaque; must outlive the client. `role` names it in logs ("consumer") and is copied. */
typedef struct rf_kafka_watch rf_kafka_watch;
RF_MUST_CHECK rf_status rf_kafka_watch_new(rf_kafka_watch **out, const char *role, rf_err *err);
void rf_kafka_watch_free(rf_kafka_watch *watch);                /* NULL allowed */
void rf_kafka_watch_attach(rf_kafka_watch *watch, void *owner); /* before the client starts */
void *rf_kafka_watch_attached(const rf_kafka_watch *watch);

/* A conf with the settings, then `ours` (pairs that the role needs, ended by a NULL key), callbacks for logs,
 * errors and statistics, and the watch as opaque. RF_E_INVALID: an unknown setting (with the nearest one), a
 * value that librdkafka refuses, a missing secret, no brokers, or a setting among `ours` whose user value
 * would break exactly-once (it says why). A NULL value among `ours` leaves the user's setting out (one
 * `kafka` serves several roles). The settings' values win over `defaults` (likewise pairs; NULL: none). */
RF_MUST_CHECK rf_status rf_kafka_conf(rd_kafka_conf_t **out, rf_kafka_watch *watch,
                                      const rf_setting *settings, int n_settings, const rf_setting *ours,
                                      const rf_setting *defaults, rf_err *err);

/* A client of it, which owns the conf from here on, even on failure. */
RF_MUST_CHECK rf_status rf_kafka_client(rd_kafka_t **out, rd_kafka_type_t type, rd_kafka_conf_t *conf,
                                        const rf_kafka_watch *watch, rf_err *err);

/* The fatal error, if the client met one: one line that says what to do (fenced, no authorisation, ...). */
RF_MUST_CHECK rf_status rf_kafka_check_fatal(rd_kafka_t *client, const rf_kafka_watch *watch, rf_err *err);

/* Seconds since a broker last answered while all are down; 0 while one is up (updated once a second on the
 * thread that polls the client). The latest reason in words goes to why (may be NULL). An idle client may
 * have been disconnected long ago, so ask only while waiting for an answer. */
double rf_kafka_down_s(const rf_kafka_watch *watch, char why[256]);
/* Fails with the error line if the cluster has not answered for timeout_us; else RF_OK. */
RF_MUST_CHECK rf_status rf_kafka_check_down(rd_kafka_t *client, const rf_kafka_watch *watch,
                                            int64_t timeout_us, rf_err *err);

typedef struct rf_kafka_figures { /* of librdkafka's statistics, at most a second old once polled */
    int64_t retries;              /* requests and messages sent again */
    int64_t sent;                 /* messages transmitted, repeats included */
    int64_t lag;                  /* messages up to the end of the assigned partitions; -1 unknown */
    int64_t rebalances;
    int brokers_up; /* -1: no statistics yet */
} rf_kafka_figures;
void rf_kafka_figures_get(const rf_kafka_watch *watch, rf_kafka_figures *out);

/* A text of librdkafka without what must not be printed. Returns out. */
const char *rf_kafka_clean(const rf_kafka_watch *watch, char *out, size_t cap, const char *text);

/* "orders[3]@17: WHAT: reason; what to do" for an error of librdkafka; returns RF_E_KAFKA. topic NULL: of the
 * cluster; partition -1, offset -1: not known. what: "fetching", "opening a transaction". */
rf_status rf_kafka_fail(rf_err *err, const char *file, int line, rd_kafka_resp_err_t code, const char *what,
                        const char *topic, int32_t partition, int64_t offset);
/* The same of a transaction's or an admin's error, whose sentence says more than its code. Does not take the
 * error. */
rf_status rf_kafka_fail_error(rf_err *err, const char *file, int line, const rf_kafka_watch *watch,
                              const rd_kafka_error_t *error, const char *what, const char *topic);

/* True for an error that passes by itself: a broker that starts or is restarted, a new leader or coordinator,
 * a group that rebalances, a lost connection. Ask again, or wait; the caller sets the limit.
 */
bool rf_kafka_is_retriable(rd_kafka_resp_err_t code);
/* The topic or partition is unknown. A broker may report this for a moment after a topic was created, or
 * after its own start. Later it is true, or the client may not see the topic. */
bool rf_kafka_is_missing(rd_kafka_resp_err_t code);

/* RF_FAIL for errors of librdkafka: expects `rf_status st` and the label `done`. */
#define RF_KAFKA_FAIL(err, code, what, topic, partition, offset)                                             \
    do {                                                                                                     \
        st = rf_kafka_fail((err), __FILE__, __LINE__, (code), (what), (topic), (partition), (offset));       \
        goto done;                                                                                           \
    } while (0)

/* Partitions of a topic. Waits for a broker until timeout_us; RF_E_KAFKA names a topic that is missing or may
 * not be described, wrong credentials, or the brokers that do not answer. A topic is not created by this
 * (unless the user set allow.auto.create.topics). Serves no callbacks of a consumer, so it may be called
 * before and after its queues are redirected. */
RF_MUST_CHECK rf_status rf_kafka_partitions(int *n, rd_kafka_t *client, rf_kafka_watch *watch,
                                            const char *topic, int64_t timeout_us, rf_err *err);

/* Ids of the cluster and of n topics, each once, which another one of that address or name does not have.
 * *out and each *out[i] are the caller's, whatever is returned; NULL where client or brokers do not say. One
 * request for all topics. Ask when a broker has answered. */
RF_MUST_CHECK rf_status rf_kafka_cluster_id(char **out, rd_kafka_t *client, rf_err *err);
RF_MUST_CHECK rf_status rf_kafka_topic_ids(char **const *out, rd_kafka_t *client, const char *const *topics,
                                           size_t n, rf_err *err);

/* Offsets of many partitions by time. For each of the list, in: offset is milliseconds since the epoch,
 * RD_KAFKA_OFFSET_BEGINNING or _END; out: the first message of that time or later, or RD_KAFKA_OFFSET_END
 * when there is none (with _END: the end). One request a broker. RF_TIMEOUT: not now, ask again. */
RF_MUST_CHECK rf_status rf_kafka_offsets(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list,
                                         int timeout_ms, rf_err *err);

#endif
