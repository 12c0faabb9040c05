/* kafka_offsets.c - the offsets of many partitions at a time, a beginning or an end, asked for in one go. */
#include "kafka_int.h"

/* An answer to a question by time may be "none"; those about beginning and end are offsets. */
static bool answered(int64_t asked, int64_t answer)
{
    return answer >= 0 || (asked >= 0 && answer == RD_KAFKA_OFFSET_END);
}

static rf_status look_at(const rd_kafka_topic_partition_t *answer, int64_t asked, rd_kafka_resp_err_t all,
                         rf_err *err)
{
    rd_kafka_resp_err_t code = all != RD_KAFKA_RESP_ERR_NO_ERROR ? all : answer->err;
    if (rf_kafka_is_retriable(code) || rf_kafka_is_missing(code)) /* worth asking again */
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
