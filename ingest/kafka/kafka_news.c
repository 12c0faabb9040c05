/* kafka_news.c - what the consumer reports in place of a message: the end of a partition, a gap, trouble.
 *
 * What passes by itself is logged. What does not is an error, even where librdkafka would go on: going on
 * could mean to leave messages out.
 */
#include "kafka_int.h"

#include "rf_log.h"

static bool passes(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
        return true;
    default:
        return false;
    }
}

static bool is_missing(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

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
    if (is_missing(message->err)) { /* perhaps a broker that has just come up */
        source->doubt_us = source->doubt_us == 0 ? rf_kafka_now_us() : source->doubt_us;
        rf_log(RF_LOG_WARN, "consumer: %s", rf_kafka_clean(source->watch, clean, sizeof clean, text));
        return RF_OK;
    }
    if (passes(message->err)) {
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
