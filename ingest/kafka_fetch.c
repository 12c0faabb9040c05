/* kafka_fetch.c - the poll thread: consumes, decodes into the queue and carries out the caller's orders.
 *
 * Nobody else consumes, assigns, unassigns, pauses or resumes, so that these never overlap, and everything
 * that matters passes through one queue in order. The rebalance callback, which the client calls while this
 * thread consumes, only puts a note there; the group waits until the caller's thread has ordered what the
 * note asks for. When the queue stays full, all partitions are paused and polling goes on, so that no stall
 * of the caller costs the membership (max.poll.interval.ms). Pausing throws away what the client has fetched
 * ahead, which is why a short stall is simply waited for.
 */
#include "kafka_int.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "rf_log.h"
#include "rf_mem.h"

#define BATCH 1000
#define WAIT_MS 100              /* for messages, and for room */
#define LONGEST_STALL_US 5000000 /* before partitions are paused */
#define CLOSE_WAIT_MS 10000

typedef enum order_kind {
    ORDER_ASSIGN,
    ORDER_UNASSIGN,
    ORDER_RESTART,
    ORDER_FINISH,
    ORDER_LEAVE,
    ORDER_JOIN
} order_kind;

typedef struct order {
    order_kind kind;
    int32_t number;
    rd_kafka_topic_partition_list_t *partitions;
} order;

/* Events name their topic; a name lives as long as the thread's results do. */
typedef struct topic_name topic_name;
struct topic_name {
    topic_name *next;
    char *text;
};

struct rf_fetch {
    rd_kafka_t *client;
    rd_kafka_queue_t *incoming;
    rf_queue *queue;
    pthread_t thread;
    bool started;

    pthread_mutex_t lock; /* over the next ones */
    order *orders;
    size_t n_orders, cap_orders;
    int32_t last_number;
    rf_err failure;

    atomic_bool stop, failed;
    _Atomic int64_t pauses;

    /* of the poll thread alone */
    rd_kafka_topic_partition_list_t *assigned, *finished;
    bool paused, closing;
    int unanswered; /* rebalances that the client waits for orders about */
    bool joined;    /* there was a rebalance */
    int64_t full_since_us, patience_us;
    rf_flow flow;
    rf_batch_decoding how;
    rf_batch *batch; /* being filled; NULL: none */
    topic_name *names;
    rd_kafka_message_t *messages[BATCH];
};

/* The first failure stays; the taker finds it. */
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

static void put(rf_fetch *fetch, rf_fetched *item)
{
    rf_err err = {0};
    if (rf_queue_put(fetch->queue, item, &err) == RF_OK)
        return;
    rf_fetched_free(item);
    fail(fetch, &err);
}

/* ---- rebalances ---- */

static void drop_error(rd_kafka_error_t *error, const char *what)
{
    if (error == NULL)
        return;
    rf_log(RF_LOG_DEBUG, "consumer: %s: %s", what, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
}

static void on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *partitions, void *opaque)
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
    put(fetch, &note);
}

static void on_commit(rd_kafka_t *client, rd_kafka_resp_err_t code,
                      rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    (void)client, (void)partitions, (void)opaque;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR__NO_OFFSET)
        rf_log(RF_LOG_DEBUG, "consumer: offsets for lag monitoring were not committed: %s",
               rd_kafka_err2str(code));
}

void rf_fetch_prepare(rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_offset_commit_cb(conf, on_commit);
}

/* ---- pause and resume ---- */

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

/* All partitions of which messages are wanted. */
static void pause_all(rf_fetch *fetch, bool pause)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_copy(fetch->assigned);
    move_all(list, fetch->finished, false);
    if (list->cnt > 0 && pause)
        (void)rd_kafka_pause_partitions(fetch->client, list);
    else if (list->cnt > 0)
        (void)rd_kafka_resume_partitions(fetch->client, list);
    rd_kafka_topic_partition_list_destroy(list);
}

static void pause_fetching(rf_fetch *fetch)
{
    pause_all(fetch, true);
    fetch->paused = true;
    atomic_fetch_add(&fetch->pauses, 1);
    rf_log(RF_LOG_DEBUG, "consumer: paused, the queue has been full for %.1f s",
           (double)(rf_kafka_now_us() - fetch->full_since_us) / 1e6);
}

static void resume_fetching(rf_fetch *fetch)
{
    pause_all(fetch, false);
    fetch->paused = false;
    fetch->full_since_us = 0;
    rf_log(RF_LOG_DEBUG, "consumer: resumed");
}

/* ---- orders ---- */

static void order_failed(rf_fetch *fetch, rd_kafka_error_t *error, const char *what)
{
    rf_err err = {0};
    (void)rf_err_set(&err, RF_E_KAFKA, __FILE__, __LINE__, "consumer: %s: %s", what,
                     rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    fail(fetch, &err);
}

static void carry_out_assign(rf_fetch *fetch, const order *what)
{
    rd_kafka_error_t *error = rd_kafka_incremental_assign(fetch->client, what->partitions);
    if (error != NULL) {
        order_failed(fetch, error, "partitions could not be assigned");
        return;
    }
    move_all(fetch->assigned, what->partitions, true);
    rf_fetched started = {.kind = RF_FETCHED_STARTED, .number = what->number};
    put(fetch, &started);
    if (fetch->paused)
        pause_all(fetch, true);
}

/* What is not assigned is left out: the client would refuse the rest with it. An empty list is an answer. */
static void carry_out_unassign(rf_fetch *fetch, const order *what)
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
        drop_error(error, "giving partitions up");
    move_all(fetch->assigned, what->partitions, false);
    move_all(fetch->finished, what->partitions, false);
}

static void carry_out_restart(rf_fetch *fetch, const order *what)
{
    order stop = {ORDER_UNASSIGN, 0, rd_kafka_topic_partition_list_copy(what->partitions)};
    carry_out_unassign(fetch, &stop);
    if (stop.partitions->cnt > 0) /* still held */
        carry_out_assign(fetch, what);
    rd_kafka_topic_partition_list_destroy(stop.partitions);
}

static void carry_out(rf_fetch *fetch, order *what)
{
    switch (what->kind) {
    case ORDER_ASSIGN:
        carry_out_assign(fetch, what);
        fetch->unanswered--;
        break;
    case ORDER_UNASSIGN:
        carry_out_unassign(fetch, what);
        fetch->unanswered--;
        break;
    case ORDER_RESTART:
        carry_out_restart(fetch, what);
        break;
    case ORDER_FINISH:
        move_all(fetch->finished, what->partitions, true);
        (void)rd_kafka_pause_partitions(fetch->client, what->partitions);
        break;
    case ORDER_LEAVE:
        (void)rd_kafka_unsubscribe(fetch->client);
        break;
    case ORDER_JOIN:
        (void)rd_kafka_subscribe(fetch->client, what->partitions); /* was accepted before */
        break;
    }
    if (what->partitions != NULL)
        rd_kafka_topic_partition_list_destroy(what->partitions);
}

static void carry_out_orders(rf_fetch *fetch)
{
    for (;;) {
        pthread_mutex_lock(&fetch->lock);
        bool any = fetch->n_orders > 0;
        order next = any ? fetch->orders[0] : (order){0};
        if (any && --fetch->n_orders > 0)
            memmove(fetch->orders, fetch->orders + 1, fetch->n_orders * sizeof *fetch->orders);
        pthread_mutex_unlock(&fetch->lock);
        if (!any)
            return;
        carry_out(fetch, &next);
    }
}

static rf_status add_order(rf_fetch *fetch, order_kind kind, rd_kafka_topic_partition_list_t *partitions,
                           int32_t *number, rf_err *err)
{
    pthread_mutex_lock(&fetch->lock);
    rf_status st = rf_mem_reserve((void **)&fetch->orders, &fetch->cap_orders, fetch->n_orders + 1,
                                  sizeof *fetch->orders, err);
    if (st == RF_OK) {
        if (number != NULL)
            *number = ++fetch->last_number;
        fetch->orders[fetch->n_orders++] = (order){kind, fetch->last_number, partitions};
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
    return add_order(fetch, ORDER_ASSIGN, partitions, number, err);
}

rf_status rf_fetch_unassign(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions, rf_err *err)
{
    return add_order(fetch, ORDER_UNASSIGN, partitions, NULL, err);
}

rf_status rf_fetch_restart(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions, int32_t *number,
                           rf_err *err)
{
    return add_order(fetch, ORDER_RESTART, partitions, number, err);
}

rf_status rf_fetch_finish(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions, rf_err *err)
{
    return add_order(fetch, ORDER_FINISH, partitions, NULL, err);
}

rf_status rf_fetch_leave(rf_fetch *fetch, rf_err *err)
{
    return add_order(fetch, ORDER_LEAVE, NULL, NULL, err);
}

rf_status rf_fetch_join(rf_fetch *fetch, rd_kafka_topic_partition_list_t *topics, rf_err *err)
{
    return add_order(fetch, ORDER_JOIN, topics, NULL, err);
}

/* ---- consuming ---- */

/* How many messages there is room for. While paused none come, but polling goes on. */
static size_t room(rf_fetch *fetch)
{
    if (fetch->paused && rf_queue_below_half(fetch->queue))
        resume_fetching(fetch);
    if (fetch->paused)
        return BATCH;
    size_t room = rf_queue_wait_room(fetch->queue, WAIT_MS);
    if (room > 0) {
        fetch->full_since_us = 0;
        return room < BATCH ? room : BATCH;
    }
    int64_t now = rf_kafka_now_us();
    if (fetch->full_since_us == 0)
        fetch->full_since_us = now;
    else if (now - fetch->full_since_us >= fetch->patience_us)
        pause_fetching(fetch);
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

/* ---- decoding ---- */

static rf_status name_of(rf_fetch *fetch, const rd_kafka_message_t *message, const char **name, rf_err *err)
{
    const char *text = rd_kafka_topic_name(message->rkt);
    topic_name *known = fetch->names;
    while (known != NULL && strcmp(known->text, text) != 0)
        known = known->next;
    if (known == NULL) {
        known = rf_mem_zero(1, sizeof *known, err);
        if (known == NULL)
            return RF_E_NOMEM;
        known->text = rf_mem_text(text, strlen(text), err);
        if (known->text == NULL) {
            rf_mem_free(known);
            return RF_E_NOMEM;
        }
        known->next = fetch->names;
        fetch->names = known;
    }
    *name = known->text;
    return RF_OK;
}

static void hand_on(rf_fetch *fetch)
{
    rf_batch *batch = fetch->batch;
    if (batch == NULL || batch->n == 0)
        return;
    rf_fetched item = {.kind = RF_FETCHED_BATCH,
                       .messages = batch->n,
                       .bytes = (int64_t)sizeof *batch + batch->held_bytes,
                       .batch = batch};
    fetch->batch = NULL;
    put(fetch, &item);
}

/* Makes sure of room for one more. */
static rf_status ready_batch(rf_fetch *fetch, rf_err *err)
{
    if (fetch->batch != NULL && !rf_batch_has_room(fetch->batch, fetch->how.decoder))
        hand_on(fetch);
    if (fetch->batch == NULL)
        fetch->batch = rf_queue_spare(fetch->queue);
    return fetch->batch != NULL ? RF_OK : rf_batch_new(&fetch->batch, err);
}

static rf_status take_in(rf_fetch *fetch, rd_kafka_message_t *message, rf_err *err)
{
    rf_status st = RF_OK;
    const char *topic = NULL;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        hand_on(fetch);
        rf_fetched news = {.kind = RF_FETCHED_NEWS, .messages = 1, .message = message};
        put(fetch, &news);
        return RF_OK;
    }
    RF_TRY(name_of(fetch, message, &topic, err));
    RF_TRY(ready_batch(fetch, err));
    RF_TRY(rf_batch_add(fetch->batch, &fetch->how, topic, message, err));
done:
    return st;
}

/* Another core has written these messages: they are asked for some messages before their turn. */
static void look_ahead(rd_kafka_message_t *const *messages, size_t at, size_t n)
{
    enum { MESSAGES_AHEAD = 8, VALUES_AHEAD = 4, LINE = 64, LINES = 4 };
    if (at + MESSAGES_AHEAD < n)
        __builtin_prefetch(messages[at + MESSAGES_AHEAD]);
    if (at + VALUES_AHEAD >= n)
        return;
    const char *bytes = messages[at + VALUES_AHEAD]->payload;
    for (int line = 0; line < LINES; line++)
        __builtin_prefetch(bytes + (ptrdiff_t)line * LINE);
}

/* What could be decoded comes before the failure. */
static void take_in_all(rf_fetch *fetch, size_t n)
{
    rf_err err = {0};
    rf_status st = RF_OK;
    size_t at = 0;
    for (; at < n; at++) {
        look_ahead(fetch->messages, at, n);
        st = take_in(fetch, fetch->messages[at], &err);
        if (st < 0)
            break;
    }
    hand_on(fetch);
    if (st == RF_OK)
        return;
    for (; at < n; at++)
        rd_kafka_message_destroy(fetch->messages[at]);
    fail(fetch, &err);
}

/* ---- the loop ---- */

static void fetch_batch(rf_fetch *fetch, size_t room)
{
    size_t n = consume(fetch, fetch->incoming, room);
    bool content = false;
    for (size_t i = 0; i < n; i++)
        content = content || fetch->messages[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    take_in_all(fetch, n);
    if (content && !fetch->paused)
        rf_flow_look(&fetch->flow, fetch->client, fetch->incoming, fetch->assigned);
    if (content && fetch->paused) /* assigned since, and started after it was paused */
        pause_all(fetch, true);
}

static void *poll_thread(void *argument)
{
    rf_fetch *fetch = argument;
    while (!atomic_load(&fetch->stop) && !atomic_load(&fetch->failed)) {
        carry_out_orders(fetch);
        size_t n = room(fetch);
        if (n > 0)
            fetch_batch(fetch, n);
    }
    return NULL;
}

/* ---- for the caller's thread ---- */

/* A share of max.poll.interval.ms, a few seconds at most. */
static int64_t patience(rd_kafka_t *client)
{
    char text[32];
    size_t size = sizeof text;
    int64_t us = LONGEST_STALL_US;
    if (rd_kafka_conf_get(rd_kafka_conf(client), "max.poll.interval.ms", text, &size) == RD_KAFKA_CONF_OK) {
        int64_t share = (int64_t)strtoll(text, NULL, 10) * 1000 / 4;
        us = share < us ? share : us;
    }
    return us;
}

rf_status rf_fetch_start(rf_fetch **out, rd_kafka_t *client, rf_kafka_watch *watch,
                         const rf_batch_decoding *how, int queue_messages, rf_err *err)
{
    rf_status st = RF_OK;
    rf_fetch *fetch = rf_mem_zero(1, sizeof *fetch, err);
    if (fetch == NULL)
        return RF_E_NOMEM;
    pthread_mutex_init(&fetch->lock, NULL);
    fetch->client = client;
    fetch->how = *how;
    fetch->patience_us = patience(client);
    fetch->assigned = rd_kafka_topic_partition_list_new(8);
    fetch->finished = rd_kafka_topic_partition_list_new(8);
    fetch->incoming = rd_kafka_queue_get_consumer(client);
    (void)rd_kafka_poll_set_consumer(client); /* logs, errors, statistics come by the same queue */
    RF_TRY(rf_queue_new(&fetch->queue, queue_messages, err));
    rf_kafka_watch_attach(watch, fetch);
    int failure = pthread_create(&fetch->thread, NULL, poll_thread, fetch);
    if (failure != 0)
        RF_FAIL(err, RF_E_IO, "a thread for the consumer could not be started: %s", strerror(failure));
    fetch->started = true;
    *out = fetch;
    fetch = NULL;
done:
    (void)rf_fetch_stop(fetch);
    return st;
}

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

/* A member that was let into the group but given no partitions yet must not be destroyed: librdkafka (before
 * 2.3, its issue 4312) ends the process then. */
static bool can_be_destroyed(const rf_fetch *fetch)
{
    if (fetch->joined)
        return true;
    (void)rd_kafka_unsubscribe(fetch->client);
    const char *protocol = rd_kafka_rebalance_protocol(fetch->client);
    return protocol == NULL || strcmp(protocol, "NONE") == 0;
}

/* Leaves the group, so that others need not wait for the session to end. False: the broker did not answer in
 * time; the client would be waited for much longer. */
static bool leave_group(rf_fetch *fetch)
{
    fetch->closing = true;
    rd_kafka_queue_t *last = rd_kafka_queue_new(fetch->client);
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(fetch->client, last);
    bool left = error != NULL; /* of a fatal error: nothing to leave */
    if (fetch->unanswered > 0)
        (void)rd_kafka_assign(fetch->client, NULL);
    int64_t until = rf_kafka_now_us() + (int64_t)CLOSE_WAIT_MS * 1000;
    while (!left && rf_kafka_now_us() < until) {
        size_t n = consume(fetch, last, BATCH);
        for (size_t i = 0; i < n; i++)
            rd_kafka_message_destroy(fetch->messages[i]);
        left = rd_kafka_consumer_closed(fetch->client);
    }
    drop_error(error, "leaving the group");
    rd_kafka_queue_destroy(last);
    return left;
}

static void free_names(rf_fetch *fetch)
{
    while (fetch->names != NULL) {
        topic_name *first = fetch->names;
        fetch->names = first->next;
        rf_mem_free(first->text);
        rf_mem_free(first);
    }
}

bool rf_fetch_stop(rf_fetch *fetch)
{
    bool done = true;
    if (fetch == NULL)
        return true;
    if (fetch->started) {
        atomic_store(&fetch->stop, true);
        rd_kafka_queue_yield(fetch->incoming);
        rf_queue_wake(fetch->queue);
        pthread_join(fetch->thread, NULL);
        done = can_be_destroyed(fetch);
        done = leave_group(fetch) && done;
        if (!done)
            rf_log(RF_LOG_DEBUG, "consumer: left to the end of the process");
    }
    for (size_t i = 0; i < fetch->n_orders; i++) {
        if (fetch->orders[i].partitions != NULL)
            rd_kafka_topic_partition_list_destroy(fetch->orders[i].partitions);
    }
    rf_queue_free(fetch->queue);
    rf_batch_free(fetch->batch);
    free_names(fetch);
    rd_kafka_queue_destroy(fetch->incoming);
    rd_kafka_topic_partition_list_destroy(fetch->assigned);
    rd_kafka_topic_partition_list_destroy(fetch->finished);
    rf_mem_free(fetch->orders);
    pthread_mutex_destroy(&fetch->lock);
    rf_mem_free(fetch);
    return done;
}
