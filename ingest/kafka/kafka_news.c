/* kafka_news.c - what the consumer reports in place of a message: the end of a partition, a gap, trouble.
 *
 * What passes by itself is logged. What does not is an error, even where librdkafka would go on: going on
 * could mean to leave messages out.
 */
#include "kafka_int.h"

#include "rf_log.h"

/* The broker has no message at the position. */
static rf_status out_of_range(rf_kafka_source *source, rf_part *part, rf_err *err)
{
    if (part == NULL || part->state != RF_PART_HELD)
        return RF_OK;
    rf_status st = rf_targets_gap(source, part, err);
    return st == RF_OK ? rf_rebalance_restart(source, part, err) : st;
}

static rf_status report(rf_kafka_source *source, const rd_kafka_message_t *message, const rf_part *part,
                        rf_err *err)
{
    const char *text = rd_kafka_message_errstr(message);
    char clean[256];
    if (rf_kafka_is_missing(message->err)) { /* perhaps a broker that has just come up */
        source->doubt_us = source->doubt_us == 0 ? rf_kafka_now_us() : source->doubt_us;
        rf_log(RF_LOG_WARN, "consumer: %s", rf_kafka_clean(source->watch, clean, sizeof clean, text));
        return RF_OK;
    }
    if (rf_kafka_is_retriable(message->err)) {
        rf_log(RF_LOG_DEBUG, "consumer: %s", rf_kafka_clean(source->watch, clean, sizeof clean, text));
        return RF_OK;
    }
    rf_status st = rf_kafka_check_fatal(source->client, source->watch, err);
    if (st < 0)
        return st;
    return rf_kafka_fail(err, __FILE__, __LINE__, message->err, "reading",
                         message->rkt == NULL ? NULL : rd_kafka_topic_name(message->rkt),
                         message->rkt == NULL ? -1 : message->partition, part == NULL ? -1 : part->position);
}

rf_status rf_kafka_news(rf_kafka_source *source, const rd_kafka_message_t *message, rf_err *err)
{
    rf_part *part = NULL;
    if (message->rkt != NULL)
        part = rf_kafka_part_of(source, rd_kafka_topic_name(message->rkt), message->partition);
    switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: /* behind control messages, which nobody is shown */
        if (part == NULL || part->state != RF_PART_HELD)
            return RF_OK;
        part->at_end = true;
        if (message->offset > part->position)
            return rf_kafka_move(source, part,
                                 message->offset < part->target ? message->offset : part->target, err);
        return RF_OK;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        return out_of_range(source, part, err);
    default:
        return report(source, message, part, err);
    }
}
