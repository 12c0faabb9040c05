/* kafka_lag.c - the position of a consumer group: watermarks and committed offsets of every partition.
 *
 * Asks the brokers without joining the group, so it can be asked beside running members. The end of a
 * partition is what kafka.isolation.level lets a member read: with read_committed (what a source insists on)
 * the messages of an open transaction do not count yet.
 */
#include "rf_kafka_lag.h"

#include <string.h>

#include "kafka_ask_int.h"
#include "rf_mem.h"

#define ASK_MS 3000

static rf_status open_client(rf_asking *asking, const rf_kafka_source_options *options, rf_err *err)
{
    static const rf_setting ours[] = {{"enable.auto.commit", "false"},
                                      {"isolation.level", "read_committed"},
                                      {"group.instance.id", NULL}, /* that is a member's */
                                      {NULL, NULL}};
    rf_status st = RF_OK;
    rd_kafka_conf_t *conf = NULL;
    RF_TRY(rf_kafka_watch_new(&asking->watch, "consumer", err));
    RF_TRY(rf_kafka_conf(&conf, asking->watch, options->settings, options->n_settings, ours, NULL, err));
    RF_TRY(rf_kafka_client(&asking->client, RD_KAFKA_CONSUMER, conf, asking->watch, err));
    /* what is wrong with the group comes as messages */
    asking->of_group = rd_kafka_poll_set_consumer(asking->client) == RD_KAFKA_RESP_ERR_NO_ERROR;
done:
    return st;
}

static rf_status ask_committed(rd_kafka_topic_partition_list_t *list, rf_asking *asking, rf_err *err)
{
    static const char what[] = "asking for the group's committed offsets";
    rf_status st = RF_OK;
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = RD_KAFKA_OFFSET_INVALID;
    if (!asking->of_group) /* nobody has committed anything for it */
        return RF_OK;
    for (;;) {
        rd_kafka_resp_err_t code = rd_kafka_committed(asking->client, list, ASK_MS);
        for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
            code = list->elems[i].err;
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            break;
        if (!rf_kafka_is_retriable(code))
            RF_KAFKA_FAIL(err, code, what, NULL, -1, -1);
        RF_TRY(rf_ask_again(asking, what, err));
    }
done:
    return st;
}

rf_status rf_kafka_lag_read(rf_kafka_lag **out, int *n, const rf_kafka_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_asking asking = {.timeout_us = options->broker_timeout_us};
    rf_kafka_lag *lag = NULL;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    RF_TRY(open_client(&asking, options, err));

    RF_TRY(rf_ask_partitions(list, &asking, options, err));
    RF_ZERO(lag, list->cnt, err);
    for (int i = 0; i < list->cnt; i++) {
        const char *topic = list->elems[i].topic;
        lag[i] = (rf_kafka_lag){.partition = list->elems[i].partition, .committed = -1, .saved = -1};
        lag[i].topic = rf_mem_text(topic, strlen(topic), err);
        if (lag[i].topic == NULL) {
            st = RF_E_NOMEM;
            goto done;
        }
    }

    RF_TRY(rf_ask_offsets(list, &asking, RD_KAFKA_OFFSET_BEGINNING, err));
    for (int i = 0; i < list->cnt; i++)
        lag[i].low = list->elems[i].offset;
    RF_TRY(ask_committed(list, &asking, err));
    for (int i = 0; i < list->cnt; i++)
        lag[i].committed = list->elems[i].offset >= 0 ? list->elems[i].offset : -1;
    RF_TRY(rf_ask_offsets(list, &asking, RD_KAFKA_OFFSET_END,
                          err)); /* last: no committed offset lies after it */
    for (int i = 0; i < list->cnt; i++)
        lag[i].high = list->elems[i].offset;
    *out = lag;
    *n = list->cnt;
    lag = NULL;
done:
    rf_kafka_lag_free(lag, list->cnt);
    rd_kafka_topic_partition_list_destroy(list);
    if (asking.client != NULL)
        rd_kafka_destroy(asking.client);
    rf_kafka_watch_free(asking.watch);
    return st < 0 ? st : RF_OK;
}

void rf_kafka_lag_free(rf_kafka_lag *lag, int n)
{
    for (int i = 0; lag != NULL && i < n; i++)
        rf_mem_free(lag[i].topic);
    rf_mem_free(lag);
}
