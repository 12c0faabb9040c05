/* kafka_lag.c - the position of a consumer group: watermarks and committed offsets of every partition.
 *
 * Asks the brokers without joining the group, so it can be asked beside running members. The end of a
 * partition is what kafka.isolation.level lets a member read: with read_committed (what a source insists on)
 * the messages of an open transaction do not count yet.
 */
#include "rf_kafka_lag.h"

#include <string.h>

#include "rf_kafka.h"
#include "rf_mem.h"
#include "rf_time.h"

#define ASK_MS 3000
#define PAUSE_MS 100

typedef struct job {
    const rf_kafka_source_options *options;
    rf_kafka_watch *watch;
    rd_kafka_t *client;
    bool of_group; /* the settings name one */
    int64_t give_up_us;
} job;

static rf_status open_client(job *j, rf_err *err)
{
    static const rf_setting ours[] = {{"enable.auto.commit", "false"},
                                      {"isolation.level", "read_committed"},
                                      {"group.instance.id", NULL}, /* that is a member's */
                                      {NULL, NULL}};
    rf_status st = RF_OK;
    rd_kafka_conf_t *conf = NULL;
    RF_TRY(rf_kafka_watch_new(&j->watch, "consumer", err));
    RF_TRY(rf_kafka_conf(&conf, j->watch, j->options->settings, j->options->n_settings, ours, NULL, err));
    RF_TRY(rf_kafka_client(&j->client, RD_KAFKA_CONSUMER, conf, j->watch, err));
    /* what is wrong with the group comes as messages */
    j->of_group = rd_kafka_poll_set_consumer(j->client) == RD_KAFKA_RESP_ERR_NO_ERROR;
done:
    return st;
}

/* Between two tries; fails when it has taken too long, or when the client reports something that stays. Only
 * that comes as a message, as nothing is subscribed. */
static rf_status wait_a_while(job *j, const char *what, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_message_t *message = NULL;
    if (j->of_group)
        message = rd_kafka_consumer_poll(j->client, PAUSE_MS);
    else
        rd_kafka_poll(j->client, PAUSE_MS);
    if (message != NULL) {
        code = message->err;
        rd_kafka_message_destroy(message);
    }
    if (code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
        RF_KAFKA_FAIL(err, code, what, NULL, -1, -1);
    RF_TRY(rf_kafka_check_fatal(j->client, j->watch, err));
    RF_TRY(rf_kafka_check_down(j->client, j->watch, j->options->broker_timeout_us, err));
    if (rf_monotonic_us() > j->give_up_us)
        RF_KAFKA_FAIL(err, RD_KAFKA_RESP_ERR__TIMED_OUT, what, NULL, -1, -1);
done:
    return st;
}

/* The beginnings, or the ends, of all partitions. */
static rf_status ask_offsets(job *j, rd_kafka_topic_partition_list_t *list, int64_t which, rf_err *err)
{
    rf_status st = RF_OK;
    for (;;) {
        for (int i = 0; i < list->cnt; i++)
            list->elems[i].offset = which;
        RF_TRY(rf_kafka_offsets(j->client, list, ASK_MS, err));
        if (st != RF_TIMEOUT)
            break;
        RF_TRY(wait_a_while(j, "asking for the beginnings and ends of partitions", err));
    }
done:
    return st;
}

static rf_status ask_committed(job *j, rd_kafka_topic_partition_list_t *list, rf_err *err)
{
    static const char what[] = "asking for the group's committed offsets";
    rf_status st = RF_OK;
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = RD_KAFKA_OFFSET_INVALID;
    if (!j->of_group) /* nobody has committed anything for it */
        return RF_OK;
    for (;;) {
        rd_kafka_resp_err_t code = rd_kafka_committed(j->client, list, ASK_MS);
        for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
            code = list->elems[i].err;
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            break;
        if (!rf_kafka_is_retriable(code))
            RF_KAFKA_FAIL(err, code, what, NULL, -1, -1);
        RF_TRY(wait_a_while(j, what, err));
    }
done:
    return st;
}

rf_status rf_kafka_lag_read(rf_kafka_lag **out, int *n, const rf_kafka_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    job j = {.options = options};
    rf_kafka_lag *lag = NULL;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    RF_TRY(open_client(&j, err));

    /* all partitions, sorted, none twice */
    for (int i = 0; i < options->n_topics; i++) {
        const char *topic = options->topics[i];
        int partitions = 0;
        if (rd_kafka_topic_partition_list_find(list, topic, 0) != NULL) /* named twice */
            continue;
        RF_TRY(rf_kafka_partitions(&partitions, j.client, j.watch, topic, options->broker_timeout_us, err));
        rd_kafka_topic_partition_list_add_range(list, topic, 0, partitions - 1);
    }
    rd_kafka_topic_partition_list_sort(list, NULL, NULL);
    j.give_up_us = rf_monotonic_us() + options->broker_timeout_us;
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

    RF_TRY(ask_offsets(&j, list, RD_KAFKA_OFFSET_BEGINNING, err));
    for (int i = 0; i < list->cnt; i++)
        lag[i].low = list->elems[i].offset;
    RF_TRY(ask_committed(&j, list, err));
    for (int i = 0; i < list->cnt; i++)
        lag[i].committed = list->elems[i].offset >= 0 ? list->elems[i].offset : -1;
    RF_TRY(ask_offsets(&j, list, RD_KAFKA_OFFSET_END, err)); /* last: no committed offset lies after it */
    for (int i = 0; i < list->cnt; i++)
        lag[i].high = list->elems[i].offset;
    *out = lag;
    *n = list->cnt;
    lag = NULL;
done:
    rf_kafka_lag_free(lag, list->cnt);
    rd_kafka_topic_partition_list_destroy(list);
    if (j.client != NULL)
        rd_kafka_destroy(j.client);
    rf_kafka_watch_free(j.watch);
    return st < 0 ? st : RF_OK;
}

void rf_kafka_lag_free(rf_kafka_lag *lag, int n)
{
    for (int i = 0; lag != NULL && i < n; i++)
        rf_mem_free(lag[i].topic);
    rf_mem_free(lag);
}
