/* kafka_fetch.c - the poll thread as the caller's thread sees it: started, given orders, asked for what it
 * fetched, stopped.
 *
 * What the thread does is in kafka_poll.c. An order is added to a list and the thread woken; it carries
 * orders out in their sequence.
 */
#include "kafka_fetch_int.h"

#include <stdlib.h>
#include <string.h>

#include "kafka_poll_int.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_thread.h"

#define LONGEST_STALL_US 5000000 /* before partitions are paused */

rf_status rf_fetch_start(rf_fetch **out, rd_kafka_t *client, rf_kafka_watch *watch, rf_decoder *decoder,
                         rf_source_format format, int queue_messages, rf_err *err)
{
    rf_status st = RF_OK;
    rf_fetch *fetch = rf_mem_zero(1, sizeof *fetch, err);
    if (fetch == NULL)
        return RF_E_NOMEM;
    pthread_mutex_init(&fetch->lock, NULL);
    fetch->client = client;
    fetch->assigned = rd_kafka_topic_partition_list_new(8);
    fetch->finished = rd_kafka_topic_partition_list_new(8);
    fetch->incoming = rd_kafka_queue_get_consumer(client);
    (void)rd_kafka_poll_set_consumer(client); /* logs, errors, statistics come by the same queue */

    /* patience is a share of max.poll.interval.ms, a few seconds at most */
    char text[32];
    size_t size = sizeof text;
    fetch->patience_us = LONGEST_STALL_US;
    if (rd_kafka_conf_get(rd_kafka_conf(client), "max.poll.interval.ms", text, &size) == RD_KAFKA_CONF_OK) {
        int64_t share = (int64_t)strtoll(text, NULL, 10) * 1000 / 4;
        fetch->patience_us = share < LONGEST_STALL_US ? share : LONGEST_STALL_US;
    }

    RF_TRY(rf_queue_new(&fetch->queue, queue_messages, err));
    fetch->filler = (rf_filler){.queue = fetch->queue, .decoder = decoder, .format = format};
    RF_TRY(rf_flow_start(&fetch->flow, client, err));
    rf_kafka_watch_attach(watch, fetch);
    int failure = rf_thread_start(&fetch->thread, rf_poll_run, fetch);
    if (failure != 0)
        RF_FAIL(err, RF_E_IO, "a thread for the consumer could not be started: %s", strerror(failure));
    fetch->started = true;
    *out = fetch;
    fetch = NULL;
done:
    (void)rf_fetch_stop(fetch);
    return st;
}

bool rf_fetch_stop(rf_fetch *fetch)
{
    bool left = true;
    if (fetch == NULL)
        return true;
    if (fetch->started) {
        atomic_store(&fetch->stop, true);
        rf_decoder_stop(fetch->filler.decoder);
        rd_kafka_queue_yield(fetch->incoming);
        rf_queue_wake(fetch->queue);
        pthread_join(fetch->thread, NULL);
        rf_flow_stop(fetch->flow);
        fetch->flow = NULL;
        left = rf_poll_leave(fetch);
        if (!left)
            rf_log(RF_LOG_DEBUG, "consumer: left to the end of the process");
    }
    rf_flow_stop(fetch->flow);
    for (size_t i = 0; i < fetch->n_orders; i++) {
        if (fetch->orders[i].partitions != NULL)
            rd_kafka_topic_partition_list_destroy(fetch->orders[i].partitions);
    }
    rf_mem_free(fetch->orders);
    rf_queue_free(fetch->queue);
    rf_filler_clear(&fetch->filler);
    rd_kafka_queue_destroy(fetch->incoming);
    rd_kafka_topic_partition_list_destroy(fetch->assigned);
    rd_kafka_topic_partition_list_destroy(fetch->finished);
    pthread_mutex_destroy(&fetch->lock);
    rf_mem_free(fetch);
    return left;
}

/* ---- what was fetched ---- */

rf_status rf_fetch_take(rf_fetch *fetch, rf_fetched *items, size_t max, int timeout_ms, size_t *n,
                        rf_err *err)
{
    *n = rf_queue_take(fetch->queue, items, max, timeout_ms);
    if (*n > 0 || !atomic_load(&fetch->failed))
        return RF_OK;
    pthread_mutex_lock(&fetch->lock);
    rf_status st = rf_err_set(err, fetch->failure.code, fetch->failure.file, fetch->failure.line, "%s",
                              fetch->failure.msg);
    pthread_mutex_unlock(&fetch->lock);
    return st;
}

void rf_fetch_give_back(rf_fetch *fetch, rf_batch *batch)
{
    rf_queue_give_back(fetch->queue, batch);
}

void rf_fetch_figures(rf_fetch *fetch, int64_t *queue_peak, int64_t *pauses)
{
    *queue_peak = (int64_t)rf_queue_peak(fetch->queue);
    *pauses = atomic_load(&fetch->pauses);
}

/* ---- orders ---- */

static rf_status add_order(rf_fetch *fetch, rf_order_kind kind, rd_kafka_topic_partition_list_t *partitions,
                           int32_t *number, rf_err *err)
{
    pthread_mutex_lock(&fetch->lock);
    rf_status st = rf_mem_reserve((void **)&fetch->orders, &fetch->cap_orders, fetch->n_orders + 1,
                                  sizeof *fetch->orders, err);
    if (st == RF_OK) {
        if (number != NULL)
            *number = ++fetch->last_number;
        fetch->orders[fetch->n_orders++] = (rf_order){kind, fetch->last_number, partitions};
    }
    pthread_mutex_unlock(&fetch->lock);
    if (st != RF_OK) {
        if (partitions != NULL)
            rd_kafka_topic_partition_list_destroy(partitions);
        return st;
    }
    rd_kafka_queue_yield(fetch->incoming);
    rf_queue_wake(fetch->queue);
    return RF_OK;
}

rf_status rf_fetch_assign(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions, int32_t *number,
                          rf_err *err)
{
    return add_order(fetch, RF_ORDER_ASSIGN, partitions, number, err);
}

rf_status rf_fetch_unassign(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions, rf_err *err)
{
    return add_order(fetch, RF_ORDER_UNASSIGN, partitions, NULL, err);
}

rf_status rf_fetch_restart(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions, int32_t *number,
                           rf_err *err)
{
    return add_order(fetch, RF_ORDER_RESTART, partitions, number, err);
}

rf_status rf_fetch_finish(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions, rf_err *err)
{
    return add_order(fetch, RF_ORDER_FINISH, partitions, NULL, err);
}

rf_status rf_fetch_leave(rf_fetch *fetch, rf_err *err)
{
    return add_order(fetch, RF_ORDER_LEAVE, NULL, NULL, err);
}

rf_status rf_fetch_join(rf_fetch *fetch, rd_kafka_topic_partition_list_t *topics, rf_err *err)
{
    return add_order(fetch, RF_ORDER_JOIN, topics, NULL, err);
}
