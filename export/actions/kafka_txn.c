/* kafka_txn.c - one transactional producer, which takes over from a predecessor with the same
 * transactional.id, and a run as one transaction of it.
 *
 * librdkafka has three kinds of errors, each with its answer: repeat the call (retriable), abort and send
 * everything again (abortable), stop (fatal). This file explains some errors better than their code does: who
 * fenced us, what may not be written, which message is too large.
 */
#include "kafka_sink_int.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "rf_mem.h"

#define CALL_MS 5000         /* one call of init_transactions; it goes on in the background */
#define MESSAGE_SHARE 0.5    /* message.timeout.ms, of transaction.timeout.ms */
#define TIMEOUT_MS "600000"  /* transaction.timeout.ms; brokers allow 15 minutes */
#define CHUNK 4096           /* messages between two looks at what became of the earlier ones */
#define QUICK_ABORT_MS 10000 /* for those who leave: the broker ends the transaction anyway */
#define SENDING_SHARE 0.9    /* of transaction.timeout.ms; the rest is the commit's */
#define COMMIT_TRIES 5
#define REPORT_MS 20
#define REPORT_POLLS 10
#define EMITTING "emitting, nothing was published"

/* ---- failures in words ---- */

/* Sending the run again would fail in the same way. */
static bool is_hopeless(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return true;
    default:
        return false;
    }
}

/* A message that the broker or the client refused. */
static rf_status fail_lost(const rf_kafka_txn *txn, rf_err *err)
{
    rd_kafka_resp_err_t code = txn->lost.code;
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE)
        return rf_err_set(err, RF_E_KAFKA, __FILE__, __LINE__,
                          "emit: the message about %.95s has %lld bytes, more than topic %.100s or kafka."
                          "message.max.bytes (%lld) allow; nothing was published. Raise the topic's "
                          "max.message.bytes and the setting, or lower emit.max_reasons",
                          txn->lost.subject, (long long)txn->lost.bytes, txn->lost.topic,
                          (long long)txn->limit_bytes);
    return rf_kafka_fail(err, __FILE__, __LINE__, code, "emit: a message was not delivered", txn->lost.topic,
                         txn->lost.partition, -1);
}

static rf_status fail(rf_kafka_txn *txn, rd_kafka_error_t *error, const char *what, rf_err *err)
{
    rf_status st = RF_OK;
    char why[256];
    rd_kafka_resp_err_t code = rd_kafka_error_code(error), fatal;
    bool abortable = rd_kafka_error_txn_requires_abort(error) != 0;
    fatal = rd_kafka_fatal_error(txn->client, why, sizeof why);
    if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR)
        code = fatal;
    bool fenced = code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
                  code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
    if (fenced && !abortable)
        st = rf_err_set(
            err, RF_E_KAFKA, __FILE__, __LINE__,
            "emit: another emit with transactional.id %.100s has started and fenced this one%s (jobs "
            "that run at the same time need a kafka.transactional.id each)",
            txn->id, txn->in_commit ? "" : "; nothing of it was published");
    else if (code == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
        st = rf_err_set(
            err, RF_E_KAFKA, __FILE__, __LINE__,
            "emit: the transactional id %.150s may not be used by this principal; allow it Describe and "
            "Write there, or set kafka.transactional.id to one that it may use",
            txn->id);
    else if (txn->lost.code != RD_KAFKA_RESP_ERR_NO_ERROR)
        st = fail_lost(txn, err);
    else if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR)
        st = rf_kafka_check_fatal(txn->client, txn->watch, err);
    else
        st = rf_kafka_fail_error(err, __FILE__, __LINE__, txn->watch, error, what, NULL);
    txn->again = abortable && !is_hopeless(code) && !is_hopeless(txn->lost.code);
    rd_kafka_error_destroy(error);
    return st;
}

/* ---- what became of messages ---- */

static int64_t bytes_of(const rd_kafka_message_t *message, const rd_kafka_headers_t *headers)
{
    size_t bytes = message->len + message->key_len, len;
    const char *name;
    const void *value;
    for (size_t i = 0; headers != NULL &&
                       rd_kafka_header_get_all(headers, i, &name, &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR;
         i++)
        bytes += strlen(name) + len;
    return (int64_t)bytes;
}

/* Called by librdkafka, on our thread, for messages that failed; the transaction ends them all (purges) when
 * one has. Of several too large ones the largest is told. */
static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
    rf_kafka_txn *txn = message->_private;
    rd_kafka_headers_t *headers = NULL;
    const void *subject = "";
    size_t len = 0;
    (void)client;
    (void)opaque;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
        message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
        return;
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
        (void)rd_kafka_header_get_last(headers, "ce_subject", &subject, &len);
    int64_t bytes = bytes_of(message, headers);
    if (txn->lost.code != RD_KAFKA_RESP_ERR_NO_ERROR && bytes <= txn->lost.bytes)
        return;
    txn->lost.code = message->err;
    txn->lost.partition = message->partition;
    txn->lost.bytes = bytes;
    snprintf(txn->lost.topic, sizeof txn->lost.topic, "%s", rd_kafka_topic_name(message->rkt));
    snprintf(txn->lost.subject, sizeof txn->lost.subject, "%.*s", (int)len, (const char *)subject);
}

/* Where the transaction itself has failed, a commit is refused at once and says why. The message that was the
 * reason says more; its report may still be on its way. */
static rf_status fail_broken(rf_kafka_txn *txn, const char *what, rf_err *err)
{
    for (int i = 0; i < REPORT_POLLS && txn->lost.code == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        rd_kafka_poll(txn->client, REPORT_MS);
    rd_kafka_error_t *error = rd_kafka_commit_transaction(txn->client, -1);
    if (error == NULL) /* cannot be: messages were refused */
        return rf_err_set(err, RF_E_INTERNAL, __FILE__, __LINE__, "emit: %s: refused, yet committed", what);
    return fail(txn, error, what, err);
}

/* Is there any reason not to go on? */
static rf_status check(rf_kafka_txn *txn, rf_err *err)
{
    rf_status st = RF_OK;
    if (rf_emit_stopped(txn->options))
        RF_FAIL(err, RF_E_INTERRUPTED, RF_EMIT_STOPPED);
    if (txn->lost.code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        st = fail_broken(txn, EMITTING, err);
        goto done;
    }
    RF_TRY(rf_kafka_check_down(txn->client, txn->watch, txn->options->kafka.broker_timeout_us, err));
    if (rf_monotonic_s() - txn->began_s > SENDING_SHARE * txn->timeout_s)
        st = rf_err_set(
            err, RF_E_KAFKA, __FILE__, __LINE__,
            "emit: %lld messages were queued when %.0f %% of kafka.transaction.timeout.ms (%.0f) had "
            "passed, too many for one transaction; nothing was published. Raise it (the brokers allow "
            "up to their transaction.max.timeout.ms) or flag fewer (emit.threshold)",
            (long long)txn->sent, SENDING_SHARE * 100, txn->timeout_s * 1000);
done:
    return st;
}

/* ---- the producer ---- */

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

static rf_status make_conf(rd_kafka_conf_t **out, rf_kafka_txn *txn, const rf_emit_topics *topics,
                           rf_err *err)
{
    rf_status st = RF_OK;
    char batch[32], timeout[32], why[256];
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
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    /* what depends on what the user set */
    txn->timeout_s = conf_number(conf, "transaction.timeout.ms") / 1000;
    txn->limit_bytes = (int64_t)conf_number(conf, "message.max.bytes");
    snprintf(timeout, sizeof timeout, "%.0f", txn->timeout_s * 1000 * MESSAGE_SHARE);
    if (rf_kafka_setting(kafka->settings, kafka->n_settings, "message.timeout.ms") == NULL &&
        rf_kafka_setting(kafka->settings, kafka->n_settings, "delivery.timeout.ms") == NULL &&
        rd_kafka_conf_set(conf, "message.timeout.ms", timeout, why, sizeof why) != RD_KAFKA_CONF_OK)
        RF_FAIL(err, RF_E_INVALID, "emit: message.timeout.ms: %s", why);
    *out = conf;
    conf = NULL;
done:
    if (conf != NULL)
        rd_kafka_conf_destroy(conf);
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
            st = fail(txn, error, "beginning, nothing was published", err);
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

/* ---- the transaction ---- */

rf_status rf_kafka_txn_begin(rf_kafka_txn *txn, rf_err *err)
{
    txn->again = false;
    txn->in_commit = false;
    txn->lost.code = RD_KAFKA_RESP_ERR_NO_ERROR;
    txn->sent = 0;
    txn->tombstones = 0;
    rd_kafka_error_t *error = rd_kafka_begin_transaction(txn->client);
    if (error != NULL)
        return fail(txn, error, "beginning, nothing was published", err);
    txn->began_s = rf_monotonic_s();
    txn->open = true;
    return RF_OK;
}

static rf_status fail_refused(rf_kafka_txn *txn, rd_kafka_resp_err_t code, const rf_message *message,
                              bool score_topic, rf_err *err)
{
    const rf_emit_kafka *kafka = &txn->options->kafka;
    if (code == RD_KAFKA_RESP_ERR__STATE || code == RD_KAFKA_RESP_ERR__FATAL)
        return fail_broken(txn, EMITTING, err);
    txn->lost.code = code;
    txn->lost.bytes = (int64_t)(message->value_len + message->key_len);
    for (int i = 0; i < message->n_headers; i++)
        txn->lost.bytes += (int64_t)(message->headers[i].len + strlen(message->headers[i].name));
    txn->lost.partition = -1;
    snprintf(txn->lost.topic, sizeof txn->lost.topic, "%s", score_topic ? kafka->score_topic : kafka->topic);
    snprintf(txn->lost.subject, sizeof txn->lost.subject, "%.*s", (int)message->subject_len,
             message->subject);
    return fail_lost(txn, err);
}

rf_status rf_kafka_txn_send(rf_kafka_txn *txn, const rf_message *message, bool score_topic, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_topic_t *topic = score_topic ? txn->score_topic : txn->topic;
    const char *key = score_topic ? message->subject : message->key;
    size_t key_len = score_topic ? message->subject_len : message->key_len;
    rd_kafka_headers_t *headers = rd_kafka_headers_new((size_t)message->n_headers);
    for (int i = 0; i < message->n_headers; i++) {
        const rf_header *header = &message->headers[i];
        rd_kafka_header_add(headers, header->name, -1, header->value, (ssize_t)header->len);
    }
    for (;;) {
        rd_kafka_resp_err_t code =
            rd_kafka_producev(txn->client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                              RD_KAFKA_V_KEY(key, key_len),
                              RD_KAFKA_V_VALUE((void *)(uintptr_t)message->value, message->value_len),
                              RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(txn), RD_KAFKA_V_END);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            break;
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            st = fail_refused(txn, code, message, score_topic, err);
            goto refused;
        }
        rd_kafka_poll(txn->client, 50);
        st = check(txn, err);
        if (st < 0)
            goto refused;
    }
    txn->sent++;
    txn->tombstones += message->value == NULL;
    if (txn->sent % CHUNK == 0) {
        rd_kafka_poll(txn->client, 0);
        st = check(txn, err);
    }
    return st;
refused:
    rd_kafka_headers_destroy(headers);
    return st;
}

rf_status rf_kafka_txn_commit(rf_kafka_txn *txn, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_error_t *error;
    while (rd_kafka_outq_len(txn->client) > 0) {
        (void)rd_kafka_flush(txn->client, 100);
        RF_TRY(check(txn, err));
    }
    RF_TRY(check(txn, err));
    for (int tries = 1; (error = rd_kafka_commit_transaction(txn->client, -1)) != NULL; tries++) {
        if (!rd_kafka_error_is_retriable(error) || tries == COMMIT_TRIES) {
            txn->in_commit = !rd_kafka_error_txn_requires_abort(error);
            st = fail(txn, error, txn->in_commit ? "committing the transaction" : EMITTING, err);
            goto done;
        }
        rd_kafka_error_destroy(error);
        nanosleep(&(struct timespec){.tv_nsec = 200000000L * tries}, NULL);
    }
    txn->open = false;
done:
    return st;
}

rf_status rf_kafka_txn_abort(rf_kafka_txn *txn, bool patient, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_error_t *error = NULL;
    if (!txn->open)
        return RF_OK;
    txn->open = false;
    txn->aborted++;
    for (int tries = 1;
         (error = rd_kafka_abort_transaction(txn->client, patient ? -1 : QUICK_ABORT_MS)) != NULL; tries++) {
        if (!patient || !rd_kafka_error_is_retriable(error) || tries == COMMIT_TRIES) {
            st = fail(txn, error, "aborting the transaction, nothing was published", err);
            txn->again = false;
            goto done;
        }
        rd_kafka_error_destroy(error);
    }
done:
    return st;
}
