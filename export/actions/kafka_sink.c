/* kafka_sink.c - a run's messages as one transaction: actions and manifest go to the topic; who is flagged
 * now goes to the compacted score topic, with tombstones for those who no longer are.
 *
 * Exactly once: the producer first ends a transaction that a killed predecessor left open (which may complete
 * its commit). Then the topic itself shows whether the run is there. Only then messages are sent.
 */
#include "kafka_sink_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_fingerprint.h"
#include "rf_log.h"
#include "rf_mem.h"

#define ATTEMPTS 3

typedef struct kafka_sink {
    rf_emit_sink sink;
    const rf_emission *emission;
    const rf_emit_kafka *kafka;
    rf_kafka_reader reader;
    rf_emit_topics topics;
    rf_kafka_txn txn;
    rf_flagged *flagged; /* NULL: no score topic, or not read yet */
    rf_manifest_place already;
    int attempts;
} kafka_sink;

/* ---- begin ---- */

static rf_status kafka_begin(rf_emit_sink *sink, rf_err *err)
{
    rf_status st = RF_OK;
    kafka_sink *k = (kafka_sink *)sink;
    k->attempts++;
    if (!k->kafka->force)
        RF_TRY(rf_manifest_find(&k->already, &k->reader, k->emission, k->topics.partitions, err));
    if (k->already.found)
        return RF_EOF;
    if (k->kafka->score_topic != NULL && k->flagged == NULL)
        RF_TRY(rf_flagged_read(&k->flagged, &k->reader, k->topics.score_partitions, err));
    if (k->flagged != NULL)
        rf_flagged_reset(k->flagged);
    RF_TRY(rf_kafka_txn_begin(&k->txn, err));
done:
    return st;
}

/* ---- messages ---- */

static rf_status kafka_put(rf_emit_sink *sink, const rf_message *message, rf_err *err)
{
    rf_status st = RF_OK;
    kafka_sink *k = (kafka_sink *)sink;
    if (message->who != RF_FOR_FLAGGED)
        RF_TRY(rf_kafka_txn_send(&k->txn, message, false, err));
    if (k->flagged != NULL && message->who != RF_FOR_TOPIC) {
        RF_TRY(rf_kafka_txn_send(&k->txn, message, true, err));
        rf_flagged_mark(k->flagged, message->subject, message->subject_len);
    }
done:
    return st;
}

static void kafka_silenced(rf_emit_sink *sink, const char *subject, size_t len)
{
    kafka_sink *k = (kafka_sink *)sink;
    if (k->flagged != NULL)
        rf_flagged_silence(k->flagged, subject, len);
}

static rf_status put_tombstone(kafka_sink *k, const char *subject, size_t len, const char *reason,
                               rf_err *err)
{
    char id[33];
    const rf_emission *emission = k->emission;
    const char *parts[] = {emission->scores->run_id, "cleared", subject};
    rf_message message = {.key = subject, .key_len = len, .subject = subject, .subject_len = len};
    rf_fingerprint_texts(id, parts, 3);
    rf_message_add_header(&message, "ce_specversion", "1.0", 3);
    rf_message_add_header(&message, "ce_id", id, strlen(id));
    rf_message_add_header(&message, "ce_source", emission->options->source,
                          strlen(emission->options->source));
    rf_message_add_header(&message, "ce_type", RF_CLEARED_TYPE, strlen(RF_CLEARED_TYPE));
    rf_message_add_header(&message, "ce_subject", subject, len);
    rf_message_add_header(&message, "ce_time", emission->emitted_at, strlen(emission->emitted_at));
    rf_message_add_header(&message, "run_id", emission->scores->run_id, strlen(emission->scores->run_id));
    rf_message_add_header(&message, "reason", reason, strlen(reason));
    return rf_kafka_txn_send(&k->txn, &message, true, err);
}

/* ---- end ---- */

/* A commit that failed may have been carried out: the topic knows. */
static rf_status settle(kafka_sink *k, rf_status failure, rf_err *err)
{
    rf_manifest_place place = {0};
    rf_err unread = {0};
    rf_status st = rf_manifest_find(&place, &k->reader, k->emission, k->topics.partitions, &unread);
    if (st >= 0 && place.found && !k->kafka->force) {
        rf_log(RF_LOG_WARN, "%s; but the commit succeeded: the messages are in the topic", err->msg);
        *err = (rf_err){0};
        k->txn.open = false;
        return RF_OK;
    }
    size_t len = strlen(err->msg);
    snprintf(err->msg + len, sizeof err->msg - len, "%s",
             st < 0 || k->kafka->force
                 ? "; it is unknown whether it was published, run the same command again to find out"
                 : "; nothing of it was published");
    return failure;
}

static rf_status kafka_end(rf_emit_sink *sink, rf_err *err)
{
    rf_status st = RF_OK;
    kafka_sink *k = (kafka_sink *)sink;
    uint32_t at = 0;
    size_t len;
    const char *subject;
    bool silenced;
    while (k->flagged != NULL &&
           (subject = rf_flagged_next_cleared(k->flagged, &at, &len, &silenced)) != NULL)
        RF_TRY(put_tombstone(k, subject, len, silenced ? "suppressed" : "no longer flagged", err));
    st = rf_kafka_txn_commit(&k->txn, err);
    if (st < 0 && k->txn.in_commit)
        st = settle(k, st, err);
done:
    return st;
}

static bool kafka_abort(rf_emit_sink *sink, rf_err *failure)
{
    kafka_sink *k = (kafka_sink *)sink;
    rf_err aborting = {0};
    bool again = k->txn.again && k->attempts < ATTEMPTS && !rf_emit_stopped(k->emission->options);
    k->txn.again = false;
    rf_status st = rf_kafka_txn_abort(&k->txn, again, &aborting);
    if (st < 0 && again) /* the present obstacle says more than the first failure */
        *failure = aborting;
    return again && st >= 0;
}

/* ---- the sink ---- */

static void kafka_figures(const rf_emit_sink *sink, rf_emit_result *result)
{
    const kafka_sink *k = (const kafka_sink *)sink;
    rf_kafka_figures producer, reader;
    result->already = k->already.found;
    result->partition = k->already.partition;
    result->offset = k->already.offset;
    result->time_us = k->already.time_us;
    result->produced = k->already.found ? 0 : k->txn.sent;
    result->tombstones = k->txn.tombstones;
    result->aborted = k->txn.aborted;
    rf_kafka_figures_get(k->txn.watch, &producer);
    rf_kafka_figures_get(k->reader.watch, &reader);
    result->retried = producer.retries + reader.retries;
}

static void kafka_close(rf_emit_sink *sink)
{
    kafka_sink *k = (kafka_sink *)sink;
    rf_kafka_txn_close(&k->txn);
    rf_kafka_reader_close(&k->reader);
    rf_flagged_free(k->flagged);
    rf_mem_free(k);
}

static const rf_emit_sink_ops kafka_ops = {.begin = kafka_begin,
                                           .put = kafka_put,
                                           .silenced = kafka_silenced,
                                           .end = kafka_end,
                                           .abort = kafka_abort,
                                           .figures = kafka_figures,
                                           .close = kafka_close};

static rf_status check_topics(const rf_emit_kafka *kafka, rf_err *err)
{
    rf_status st = RF_OK;
    if (kafka->topic == NULL || kafka->topic[0] == '\0')
        RF_FAIL(err, RF_E_INVALID, "emit.topic is not set; messages for Kafka need a topic");
    if (kafka->score_topic != NULL && strcmp(kafka->topic, kafka->score_topic) == 0)
        RF_FAIL(
            err, RF_E_INVALID,
            "emit.score_topic is the same as emit.topic (%.100s); they hold different keys and need a topic "
            "each",
            kafka->topic);
done:
    return st;
}

rf_status rf_kafka_sink_check(const rf_emit_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(check_topics(&options->kafka, err));
    RF_TRY(rf_kafka_reader_check(options, err));
    RF_TRY(rf_kafka_txn_check(options, err));
done:
    return st;
}

rf_status rf_kafka_sink_open(rf_emit_sink **out, const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_emit_options *options = emission->options;
    kafka_sink *k = NULL;
    RF_TRY(check_topics(&options->kafka, err));
    RF_ZERO(k, 1, err);
    k->sink.ops = &kafka_ops;
    k->sink.keeps_flagged = options->kafka.score_topic != NULL;
    k->sink.unfinished = "nothing was published; run the same command again";
    k->emission = emission;
    k->kafka = &options->kafka;
    RF_TRY(rf_kafka_reader_open(&k->reader, options, err));
    RF_TRY(rf_emit_topics_ready(&k->topics, &k->reader, err));
    RF_TRY(rf_kafka_txn_open(&k->txn, options, &k->topics, err));
    *out = &k->sink;
    return RF_OK;
done:
    if (k != NULL)
        kafka_close(&k->sink);
    return st;
}
