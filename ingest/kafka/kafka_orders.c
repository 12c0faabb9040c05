/* kafka_orders.c - what the caller's thread has the poll thread do with partitions: orders are added by the
 * one and carried out by the other, in their order, between two batches.
 */
#include "kafka_fetch_int.h"

#include <string.h>

#include "rf_log.h"
#include "rf_mem.h"

void rf_fetch_drop_error(rd_kafka_error_t *error, const char *what)
{
    if (error == NULL)
        return;
    rf_log(RF_LOG_DEBUG, "consumer: %s: %s", what, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
}

/* ---- which partitions ---- */

static void move_all(rd_kafka_topic_partition_list_t *into, const rd_kafka_topic_partition_list_t *list,
                     bool in)
{
    for (int i = 0; i < list->cnt; i++) {
        const char *topic = list->elems[i].topic;
        int32_t partition = list->elems[i].partition;
        bool there = rd_kafka_topic_partition_list_find(into, topic, partition) != NULL;
        if (in && !there)
            rd_kafka_topic_partition_list_add(into, topic, partition);
        else if (!in && there)
            rd_kafka_topic_partition_list_del(into, topic, partition);
    }
}

void rf_fetch_pause_all(rf_fetch *fetch, bool pause)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_copy(fetch->assigned);
    move_all(list, fetch->finished, false);
    if (list->cnt > 0 && pause)
        (void)rd_kafka_pause_partitions(fetch->client, list);
    else if (list->cnt > 0)
        (void)rd_kafka_resume_partitions(fetch->client, list);
    rd_kafka_topic_partition_list_destroy(list);
}

/* ---- carrying out ---- */

static void order_failed(rf_fetch *fetch, rd_kafka_error_t *error, const char *what)
{
    rf_err err = {0};
    (void)rf_err_set(&err, RF_E_KAFKA, __FILE__, __LINE__, "consumer: %s: %s", what,
                     rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    rf_fetch_fail(fetch, &err);
}

static void carry_out_assign(rf_fetch *fetch, const rf_order *what)
{
    rd_kafka_error_t *error = rd_kafka_incremental_assign(fetch->client, what->partitions);
    if (error != NULL) {
        order_failed(fetch, error, "partitions could not be assigned");
        return;
    }
    move_all(fetch->assigned, what->partitions, true);
    rf_fetched started = {.kind = RF_FETCHED_STARTED, .number = what->number};
    rf_fetch_note(fetch, &started);
    if (fetch->paused)
        rf_fetch_pause_all(fetch, true);
}

/* What is not assigned is left out: the client would refuse the rest with it. An empty list is an answer. */
static void carry_out_unassign(rf_fetch *fetch, const rf_order *what)
{
    for (int i = what->partitions->cnt - 1; i >= 0; i--) {
        const rd_kafka_topic_partition_t *one = &what->partitions->elems[i];
        if (rd_kafka_topic_partition_list_find(fetch->assigned, one->topic, one->partition) == NULL)
            rd_kafka_topic_partition_list_del_by_idx(what->partitions, i);
    }
    rd_kafka_error_t *error = rd_kafka_incremental_unassign(fetch->client, what->partitions);
    if (error != NULL && rd_kafka_fatal_error(fetch->client, NULL, 0) == RD_KAFKA_RESP_ERR_NO_ERROR)
        order_failed(fetch, error, "partitions could not be given up");
    else
        rf_fetch_drop_error(error, "giving partitions up");
    move_all(fetch->assigned, what->partitions, false);
    move_all(fetch->finished, what->partitions, false);
}

static void carry_out_restart(rf_fetch *fetch, const rf_order *what)
{
    rf_order stop = {RF_ORDER_UNASSIGN, 0, rd_kafka_topic_partition_list_copy(what->partitions)};
    carry_out_unassign(fetch, &stop);
    if (stop.partitions->cnt > 0) /* still held */
        carry_out_assign(fetch, what);
    rd_kafka_topic_partition_list_destroy(stop.partitions);
}

static void carry_out(rf_fetch *fetch, rf_order *what)
{
    switch (what->kind) {
    case RF_ORDER_ASSIGN:
        carry_out_assign(fetch, what);
        fetch->unanswered--;
        break;
    case RF_ORDER_UNASSIGN:
        carry_out_unassign(fetch, what);
        fetch->unanswered--;
        break;
    case RF_ORDER_RESTART:
        carry_out_restart(fetch, what);
        break;
    case RF_ORDER_FINISH:
        move_all(fetch->finished, what->partitions, true);
        (void)rd_kafka_pause_partitions(fetch->client, what->partitions);
        break;
    case RF_ORDER_LEAVE:
        (void)rd_kafka_unsubscribe(fetch->client);
        break;
    case RF_ORDER_JOIN:
        (void)rd_kafka_subscribe(fetch->client, what->partitions); /* was accepted before */
        break;
    }
    if (what->partitions != NULL)
        rd_kafka_topic_partition_list_destroy(what->partitions);
}

void rf_fetch_carry_out_orders(rf_fetch *fetch)
{
    for (;;) {
        pthread_mutex_lock(&fetch->lock);
        bool any = fetch->n_orders > 0;
        rf_order next = any ? fetch->orders[0] : (rf_order){0};
        if (any && --fetch->n_orders > 0)
            memmove(fetch->orders, fetch->orders + 1, fetch->n_orders * sizeof *fetch->orders);
        pthread_mutex_unlock(&fetch->lock);
        if (!any)
            return;
        carry_out(fetch, &next);
    }
}

void rf_fetch_clear_orders(rf_fetch *fetch)
{
    for (size_t i = 0; i < fetch->n_orders; i++) {
        if (fetch->orders[i].partitions != NULL)
            rd_kafka_topic_partition_list_destroy(fetch->orders[i].partitions);
    }
    rf_mem_free(fetch->orders);
    fetch->orders = NULL;
    fetch->n_orders = fetch->cap_orders = 0;
}

/* ---- adding, on the caller's thread ---- */

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
