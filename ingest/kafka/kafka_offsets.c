/* kafka_offsets.c - the offsets of many partitions at a time, a beginning or an end, asked for in one go. */
#include "kafka_int.h"

/* Worth asking again: the broker is away, or does not lead the partition now. */
static bool passes(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__WAIT_CACHE:
    case RD_KAFKA_RESP_ERR__IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
        return true;
    default:
        return false;
    }
}

/* An answer to a question by time may be "none"; those about beginning and end are offsets. */
static bool answered(int64_t asked, int64_t answer)
{
    return answer >= 0 || (asked >= 0 && answer == RD_KAFKA_OFFSET_END);
}

static rf_status look_at(const rd_kafka_topic_partition_t *answer, int64_t asked, rd_kafka_resp_err_t all,
                         rf_err *err)
{
    rd_kafka_resp_err_t code = all != RD_KAFKA_RESP_ERR_NO_ERROR ? all : answer->err;
    if (passes(code))
        return RF_TIMEOUT;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return rf_kafka_fail(err, __FILE__, __LINE__, code, "asking for offsets", answer->topic,
                             all != RD_KAFKA_RESP_ERR_NO_ERROR ? -1 : answer->partition, -1);
    return answered(asked, answer->offset) ? RF_OK : RF_TIMEOUT;
}

rf_status rf_offsets_query(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list, int timeout_ms,
                           rf_err *err)
{
    if (list->cnt == 0)
        return RF_OK;
    rf_status st = RF_OK;
    rd_kafka_topic_partition_list_t *answers = rd_kafka_topic_partition_list_copy(list);
    rd_kafka_resp_err_t all = rd_kafka_offsets_for_times(client, answers, timeout_ms);
    for (int i = 0; i < list->cnt && st == RF_OK; i++)
        st = look_at(&answers->elems[i], list->elems[i].offset, all, err);
    for (int i = 0; i < list->cnt && st == RF_OK; i++)
        list->elems[i].offset = answers->elems[i].offset; /* a copy keeps its order */
    rd_kafka_topic_partition_list_destroy(answers);
    return st;
}
