/* kafka_producer.c - the transactional producer of an emission: its settings, and how it takes over from a
 * predecessor with the same transactional.id. kafka_txn.c does the transaction.
 */
#include "kafka_sink_int.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "rf_mem.h"

#define CALL_MS 5000        /* one call of init_transactions; it goes on in the background */
#define MESSAGE_SHARE 0.5   /* message.timeout.ms, of transaction.timeout.ms */
#define TIMEOUT_MS "600000" /* transaction.timeout.ms; brokers allow 15 minutes */

static rf_status take_id(rf_kafka_txn *txn, const rf_emit_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    const rf_emit_kafka *kafka = &options->kafka;
    const char *given = rf_kafka_setting(kafka->settings, kafka->n_settings, "transactional.id");
    if (given != NULL)
        RF_TRY(rf_text_printf(&text, err, "%s", given));
    else
        RF_TRY(rf_text_printf(&text, err, "ringfence-emit:%s:%s", kafka->topic, options->source));
    txn->id = text.ptr;
    return RF_OK;
done:
    rf_text_clear(&text);
    return st;
}

/* The number that a setting has in the end; 0: none. */
static double conf_number(const rd_kafka_conf_t *conf, const char *key)
{
    char text[64];
    size_t size = sizeof text;
    double value = 0;
    if (rd_kafka_conf_get(conf, key, text, &size) == RD_KAFKA_CONF_OK)
        (void)rf_double_parse(&value, text, strlen(text));
    return value;
}

/* What depends on what the user set. */
static rf_status fit_timeouts(rf_kafka_txn *txn, rd_kafka_conf_t *conf, rf_err *err)
{
    rf_status st = RF_OK;
    char value[32], why[256];
    const rf_emit_kafka *kafka = &txn->options->kafka;
    txn->timeout_s = conf_number(conf, "transaction.timeout.ms") / 1000;
    txn->limit_bytes = (int64_t)conf_number(conf, "message.max.bytes");
    snprintf(value, sizeof value, "%.0f", txn->timeout_s * 1000 * MESSAGE_SHARE);
    if (rf_kafka_setting(kafka->settings, kafka->n_settings, "message.timeout.ms") == NULL &&
        rf_kafka_setting(kafka->settings, kafka->n_settings, "delivery.timeout.ms") == NULL &&
        rd_kafka_conf_set(conf, "message.timeout.ms", value, why, sizeof why) != RD_KAFKA_CONF_OK)
        RF_FAIL(err, RF_E_INVALID, "emit: message.timeout.ms: %s", why);
done:
    return st;
}

static rf_status make_conf(rd_kafka_conf_t **out, rf_kafka_txn *txn, const rf_emit_topics *topics,
                           rf_err *err)
{
    rf_status st = RF_OK;
    char batch[32];
    int64_t batch_bytes = topics->max_bytes > 0 && topics->max_bytes < 1000000 ? topics->max_bytes : 1000000;
    snprintf(batch, sizeof batch, "%lld", (long long)batch_bytes);
    const rf_setting ours[] = {{"enable.idempotence", "true"},
                               {"acks", "all"},
                               {"partitioner", "murmur2_random"}, /* as the Java client does */
                               {"delivery.report.only.error", "true"},
                               {NULL, NULL}};
    const rf_setting defaults[] = {
        {"transactional.id", txn->id}, {"transaction.timeout.ms", TIMEOUT_MS},   {"linger.ms", "20"},
        {"batch.size", batch},         {"queue.buffering.max.kbytes", "131072"}, {NULL, NULL}};
    const rf_emit_kafka *kafka = &txn->options->kafka;
    rd_kafka_conf_t *conf = NULL;
    RF_TRY(rf_kafka_watch_new(&txn->watch, "producer", err));
    RF_TRY(rf_kafka_conf(&conf, txn->watch, kafka->settings, kafka->n_settings, ours, defaults, err));
    rd_kafka_conf_set_dr_msg_cb(conf, rf_kafka_txn_on_delivery);
    st = fit_timeouts(txn, conf, err);
    if (st < 0) {
        rd_kafka_conf_destroy(conf);
        goto done;
    }
    *out = conf;
done:
    return st;
}

rf_status rf_kafka_txn_check(const rf_emit_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_kafka_txn txn = {.options = options};
    const rf_emit_topics unknown = {0};
    rd_kafka_conf_t *conf;
    RF_TRY(take_id(&txn, options, err));
    RF_TRY(make_conf(&conf, &txn, &unknown, err));
    rd_kafka_conf_destroy(conf);
done:
    rf_kafka_txn_close(&txn);
    return st;
}

/* Ends what a predecessor left: aborts it, or waits until its commit is through. */
static rf_status take_over(rf_kafka_txn *txn, rf_err *err)
{
    rf_status st = RF_OK;
    double began_s = rf_monotonic_s(), patience_s = (double)txn->options->kafka.broker_timeout_us / 1e6;
    rd_kafka_error_t *error;
    while ((error = rd_kafka_init_transactions(txn->client, CALL_MS)) != NULL) {
        rd_kafka_poll(txn->client, 0);
        if (!rd_kafka_error_is_retriable(error) || rf_monotonic_s() - began_s > patience_s) {
            st = rf_kafka_txn_fail(txn, error, "beginning, nothing was published", err);
            goto done;
        }
        rd_kafka_error_destroy(error);
        if (rf_emit_stopped(txn->options))
            RF_FAIL(err, RF_E_INTERRUPTED, RF_EMIT_STOPPED);
        RF_TRY(rf_kafka_check_down(txn->client, txn->watch, txn->options->kafka.broker_timeout_us, err));
        nanosleep(&(struct timespec){.tv_nsec = 100000000L}, NULL);
    }
done:
    return st;
}

rf_status rf_kafka_txn_open(rf_kafka_txn *txn, const rf_emit_options *options, const rf_emit_topics *topics,
                            rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_conf_t *conf;
    *txn = (rf_kafka_txn){.options = options};
    RF_TRY(take_id(txn, options, err));
    RF_TRY(make_conf(&conf, txn, topics, err));
    RF_TRY(rf_kafka_client(&txn->client, RD_KAFKA_PRODUCER, conf, txn->watch, err));
    txn->topic = rd_kafka_topic_new(txn->client, options->kafka.topic, NULL);
    if (options->kafka.score_topic != NULL)
        txn->score_topic = rd_kafka_topic_new(txn->client, options->kafka.score_topic, NULL);
    if (txn->topic == NULL || (options->kafka.score_topic != NULL && txn->score_topic == NULL)) {
        st = rf_kafka_fail(err, __FILE__, __LINE__, rd_kafka_last_error(), "emitting", options->kafka.topic,
                           -1, -1);
        goto done;
    }
    RF_TRY(take_over(txn, err));
done:
    return st;
}

void rf_kafka_txn_close(rf_kafka_txn *txn)
{
    if (txn->topic != NULL)
        rd_kafka_topic_destroy(txn->topic);
    if (txn->score_topic != NULL)
        rd_kafka_topic_destroy(txn->score_topic);
    if (txn->client != NULL) {
        rd_kafka_purge(txn->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_poll(txn->client, 0);
        rd_kafka_destroy(txn->client);
    }
    rf_kafka_watch_free(txn->watch);
    rf_mem_free(txn->id);
    *txn = (rf_kafka_txn){0};
}
