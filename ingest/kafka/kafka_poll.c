/* kafka_poll.c - the poll thread: consumes, decodes into the queue, and carries out the caller's orders
 * between two batches.
 *
 * No other thread consumes, assigns, unassigns, pauses or resumes, so that these calls never overlap. Their
 * results pass through one queue in order. The rebalance callback, which the client calls while this
 * thread consumes, only puts a note there; the group waits until the caller's thread has ordered what the
 * note asks for. When the queue stays full, all partitions are paused and polling goes on, so that no stall
 * of the caller costs the membership (max.poll.interval.ms). Pausing discards what the client has fetched
 * ahead, so a short stall is waited out without a pause.
 */
#include "kafka_poll_int.h"

#include <string.h>

#include "rf_log.h"
#include "rf_time.h"

#define WAIT_MS 100 /* for messages, and for room */
#define CLOSE_WAIT_MS 10000

typedef rd_kafka_topic_partition_list_t part_list;

/* ---- what reaches the caller's thread ---- */

static void fail(rf_fetch *fetch, const rf_err *err)
{
    pthread_mutex_lock(&fetch->lock);
    if (!atomic_load(&fetch->failed)) {
        fetch->failure = *err;
        atomic_store(&fetch->failed, true);
    }
    pthread_mutex_unlock(&fetch->lock);
    rf_queue_wake(fetch->queue);
}

static void put_note(rf_fetch *fetch, rf_fetched *note)
{
    rf_err err = {0};
    if (rf_queue_put(fetch->queue, note, &err) == RF_OK)
        return;
    rf_fetched_free(note);
    fail(fetch, &err);
}

/* Into the log, and away; NULL allowed. */
static void drop_error(rd_kafka_error_t *error, const char *what)
{
    if (error == NULL)
        return;
    rf_log(RF_LOG_DEBUG, "consumer: %s: %s", what, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
}

static void order_failed(rf_fetch *fetch, rd_kafka_error_t *error, const char *what)
{
    rf_err err = {0};
    (void)rf_err_set(&err, RF_E_KAFKA, __FILE__, __LINE__, "consumer: %s: %s", what,
                     rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    fail(fetch, &err);
}

/* ---- which partitions ---- */

static void move_all(part_list *into, const part_list *list, bool in)
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

/* Pauses or resumes all partitions whose messages are wanted. */
static void pause_all(rf_fetch *fetch, bool pause)
{
    part_list *list = rd_kafka_topic_partition_list_copy(fetch->assigned);
    move_all(list, fetch->finished, false);
    if (list->cnt > 0 && pause)
        (void)rd_kafka_pause_partitions(fetch->client, list);
    else if (list->cnt > 0)
        (void)rd_kafka_resume_partitions(fetch->client, list);
    rd_kafka_topic_partition_list_destroy(list);
}

/* ---- orders ---- */

static void assign(rf_fetch *fetch, const rf_order *order)
{
    rd_kafka_error_t *error = rd_kafka_incremental_assign(fetch->client, order->partitions);
    if (error != NULL) {
        order_failed(fetch, error, "partitions could not be assigned");
        return;
    }
    move_all(fetch->assigned, order->partitions, true);
    rf_fetched started = {.kind = RF_FETCHED_STARTED, .number = order->number};
    put_note(fetch, &started);
    if (fetch->paused)
        pause_all(fetch, true);
}

/* Skips partitions that are not assigned: with them the client would refuse the whole list. An empty list is
 * an answer. */
static void unassign(rf_fetch *fetch, part_list *partitions)
{
    for (int i = partitions->cnt - 1; i >= 0; i--) {
        const rd_kafka_topic_partition_t *one = &partitions->elems[i];
        if (rd_kafka_topic_partition_list_find(fetch->assigned, one->topic, one->partition) == NULL)
            rd_kafka_topic_partition_list_del_by_idx(partitions, i);
    }
    rd_kafka_error_t *error = rd_kafka_incremental_unassign(fetch->client, partitions);
    if (error != NULL && rd_kafka_fatal_error(fetch->client, NULL, 0) == RD_KAFKA_RESP_ERR_NO_ERROR)
        order_failed(fetch, error, "partitions could not be given up");
    else
        drop_error(error, "giving partitions up");
    move_all(fetch->assigned, partitions, false);
    move_all(fetch->finished, partitions, false);
}

static void carry_out(rf_fetch *fetch, rf_order *order)
{
    part_list *held;
    switch (order->kind) {
    case RF_ORDER_ASSIGN:
        assign(fetch, order);
        fetch->unanswered--;
        break;
    case RF_ORDER_UNASSIGN:
        unassign(fetch, order->partitions);
        fetch->unanswered--;
        break;
    case RF_ORDER_RESTART:
        held = rd_kafka_topic_partition_list_copy(order->partitions);
        unassign(fetch, held);
        if (held->cnt > 0)
            assign(fetch, order);
        rd_kafka_topic_partition_list_destroy(held);
        break;
    case RF_ORDER_FINISH:
        move_all(fetch->finished, order->partitions, true);
        (void)rd_kafka_pause_partitions(fetch->client, order->partitions);
        break;
    case RF_ORDER_LEAVE:
        (void)rd_kafka_unsubscribe(fetch->client);
        break;
    case RF_ORDER_JOIN:
        (void)rd_kafka_subscribe(fetch->client, order->partitions); /* was accepted before */
        break;
    }
    if (order->partitions != NULL)
        rd_kafka_topic_partition_list_destroy(order->partitions);
}

static void carry_out_orders(rf_fetch *fetch)
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

/* ---- callbacks ---- */

static void on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code, part_list *partitions, void *opaque)
{
    rf_fetch *fetch = rf_kafka_watch_attached(opaque);
    if (fetch == NULL || fetch->closing) {
        if (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
            drop_error(rd_kafka_incremental_unassign(client, partitions), "leaving");
        return;
    }
    fetch->unanswered++;
    fetch->joined = true;
    rf_fetched note = {.kind = RF_FETCHED_LOST, .partitions = rd_kafka_topic_partition_list_copy(partitions)};
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        note.kind = RF_FETCHED_ASSIGN;
    else if (code == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS && rd_kafka_assignment_lost(client) == 0)
        note.kind = RF_FETCHED_REVOKE;
    put_note(fetch, &note);
}

static void on_commit(rd_kafka_t *client, rd_kafka_resp_err_t code, part_list *partitions, void *opaque)
{
    (void)client, (void)partitions, (void)opaque;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR__NO_OFFSET)
        rf_log(RF_LOG_DEBUG, "consumer: offsets for lag monitoring were not committed: %s",
               rd_kafka_err2str(code));
}

void rf_poll_callbacks(rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_offset_commit_cb(conf, on_commit);
}

/* ---- the loop ---- */

/* How many messages there is room for. While paused none come, but polling goes on. */
static size_t room(rf_fetch *fetch)
{
    if (fetch->paused && rf_queue_below_half(fetch->queue)) {
        pause_all(fetch, false);
        fetch->paused = false;
        fetch->full_since_us = 0;
        rf_log(RF_LOG_DEBUG, "consumer: resumed");
    }
    if (fetch->paused)
        return RF_POLL_MOST;
    size_t room = rf_queue_wait_room(fetch->queue, WAIT_MS);
    if (room > 0) {
        fetch->full_since_us = 0;
        return room < RF_POLL_MOST ? room : RF_POLL_MOST;
    }
    int64_t now = rf_monotonic_us();
    if (fetch->full_since_us == 0) {
        fetch->full_since_us = now;
    } else if (now - fetch->full_since_us >= fetch->patience_us) {
        pause_all(fetch, true);
        fetch->paused = true;
        atomic_fetch_add(&fetch->pauses, 1);
        rf_log(RF_LOG_DEBUG, "consumer: paused, the queue has been full for %.1f s",
               (double)(now - fetch->full_since_us) / 1e6);
    }
    return 0;
}

/* The first message is waited for; what else is there comes with it. */
static size_t consume(rf_fetch *fetch, rd_kafka_queue_t *from, size_t room)
{
    ssize_t first = rd_kafka_consume_batch_queue(from, WAIT_MS, fetch->messages, 1);
    if (first <= 0 || room == 1)
        return first > 0;
    ssize_t more = rd_kafka_consume_batch_queue(from, 0, fetch->messages + 1, room - 1);
    return 1 + (more > 0 ? (size_t)more : 0);
}

void *rf_poll_run(void *argument)
{
    rf_fetch *fetch = argument;
    while (!atomic_load(&fetch->stop) && !atomic_load(&fetch->failed)) {
        carry_out_orders(fetch);
        size_t most = room(fetch), n = most > 0 ? consume(fetch, fetch->incoming, most) : 0;
        bool content = false;
        rf_err err = {0};
        for (size_t i = 0; i < n; i++)
            content = content || fetch->messages[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR;
        if (n > 0 && rf_filler_take_in(&fetch->filler, fetch->messages, n, &err) < 0)
            fail(fetch, &err);
        if (content && !fetch->paused)
            rf_flow_look(fetch->flow, fetch->incoming, fetch->assigned);
        if (content && fetch->paused) /* assigned since, and started after it was paused */
            pause_all(fetch, true);
    }
    return NULL;
}

/* ---- after its end ---- */

bool rf_poll_leave(rf_fetch *fetch)
{
    bool can_be_destroyed = fetch->joined;
    if (!can_be_destroyed) {
        /* A member that was let into the group but given no partitions yet must not be destroyed: librdkafka
         * (before 2.3, its issue 4312) ends the process then. */
        (void)rd_kafka_unsubscribe(fetch->client);
        const char *protocol = rd_kafka_rebalance_protocol(fetch->client);
        can_be_destroyed = protocol == NULL || strcmp(protocol, "NONE") == 0;
    }
    fetch->closing = true;
    rd_kafka_queue_t *last = rd_kafka_queue_new(fetch->client);
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(fetch->client, last);
    bool left = error != NULL; /* of a fatal error: nothing to leave */
    if (fetch->unanswered > 0)
        (void)rd_kafka_assign(fetch->client, NULL);
    int64_t until = rf_monotonic_us() + (int64_t)CLOSE_WAIT_MS * 1000;
    while (!left && rf_monotonic_us() < until) {
        size_t n = consume(fetch, last, RF_POLL_MOST);
        for (size_t i = 0; i < n; i++)
            rd_kafka_message_destroy(fetch->messages[i]);
        left = rd_kafka_consumer_closed(fetch->client);
    }
    drop_error(error, "leaving the group");
    rd_kafka_queue_destroy(last);
    return left && can_be_destroyed;
}
