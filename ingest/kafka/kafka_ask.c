/* kafka_ask.c - which partitions do topics have, where do they begin and end? Asked by a client that is no
 * member of their group, for the lag and for a look at messages.
 */
#include "kafka_ask_int.h"

#include "rf_stop.h"
#include "rf_time.h"

#define ASK_MS 3000
#define PAUSE_MS 100

rf_status rf_ask_partitions(rd_kafka_topic_partition_list_t *list, rf_asking *asking,
                            const rf_kafka_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < options->n_topics; i++) {
        const char *topic = options->topics[i];
        int partitions = 0;
        if (rd_kafka_topic_partition_list_find(list, topic, 0) != NULL) /* named twice */
            continue;
        RF_TRY(
            rf_kafka_partitions(&partitions, asking->client, asking->watch, topic, asking->timeout_us, err));
        rd_kafka_topic_partition_list_add_range(list, topic, 0, partitions - 1);
    }
    rd_kafka_topic_partition_list_sort(list, NULL, NULL);
    asking->give_up_us = rf_monotonic_us() + asking->timeout_us;
done:
    return st;
}

/* Only what is wrong with the group comes as a message, as nothing is subscribed. */
static rd_kafka_resp_err_t poll(rf_asking *asking)
{
    rd_kafka_message_t *message = NULL;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (asking->of_group)
        message = rd_kafka_consumer_poll(asking->client, PAUSE_MS);
    else
        rd_kafka_poll(asking->client, PAUSE_MS);
    if (message != NULL) {
        code = message->err;
        rd_kafka_message_destroy(message);
    }
    return code;
}

rf_status rf_ask_again(rf_asking *asking, const char *what, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_resp_err_t code = poll(asking);
    if (code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
        RF_KAFKA_FAIL(err, code, what, NULL, -1, -1);
    RF_TRY(rf_stop_check(err));
    RF_TRY(rf_kafka_check_fatal(asking->client, asking->watch, err));
    RF_TRY(rf_kafka_check_down(asking->client, asking->watch, asking->timeout_us, err));
    if (rf_monotonic_us() > asking->give_up_us)
        RF_KAFKA_FAIL(err, RD_KAFKA_RESP_ERR__TIMED_OUT, what, NULL, -1, -1);
done:
    return st;
}

rf_status rf_ask_offsets(rd_kafka_topic_partition_list_t *list, rf_asking *asking, int64_t which, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = which;
    for (;;) {
        RF_TRY(rf_kafka_offsets(asking->client, list, ASK_MS, err));
        if (st != RF_TIMEOUT)
            break;
        RF_TRY(rf_ask_again(asking, "asking for the beginnings and ends of partitions", err));
    }
done:
    return st;
}
