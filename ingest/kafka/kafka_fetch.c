/* kafka_fetch.c - the poll thread: consumes, decodes into the queue and carries out the caller's orders.
 *
 * Nobody else consumes, assigns, unassigns, pauses or resumes, so that these never overlap, and everything
 * that matters passes through one queue in order. The rebalance callback, which the client calls while this
 * thread consumes, only puts a note there; the group waits until the caller's thread has ordered what the
 * note asks for. When the queue stays full, all partitions are paused and polling goes on, so that no stall
 * of the caller costs the membership (max.poll.interval.ms). Pausing throws away what the client has fetched
 * ahead, which is why a short stall is simply waited for.
 */
#include "kafka_fetch_int.h"

#include <stdlib.h>
#include <string.h>

#include "rf_log.h"
#include "rf_mem.h"

#define WAIT_MS 100              /* for messages, and for room */
#define LONGEST_STALL_US 5000000 /* before partitions are paused */
#define CLOSE_WAIT_MS 10000

void rf_fetch_fail(rf_fetch *fetch, const rf_err *err)
{
    pthread_mutex_lock(&fetch->lock);
    if (!atomic_load(&fetch->failed)) {
        fetch->failure = *err;
        atomic_store(&fetch->failed, true);
    }
    pthread_mutex_unlock(&fetch->lock);
    rf_queue_wake(fetch->queue);
}

void rf_fetch_note(rf_fetch *fetch, rf_fetched *note)
{
    rf_err err = {0};
    if (rf_queue_put(fetch->queue, note, &err) == RF_OK)
        return;
    rf_fetched_free(note);
    rf_fetch_fail(fetch, &err);
}

/* ---- rebalances ---- */

static void on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    rf_fetch *fetch = rf_kafka_watch_attached(opaque);
    if (fetch == NULL || fetch->closing) {
        if (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
            rf_fetch_drop_error(rd_kafka_incremental_unassign(client, partitions), "leaving");
        return;
    }
    fetch->unanswered++;
    fetch->joined = true;
    rf_fetched note = {.kind = RF_FETCHED_LOST, .partitions = rd_kafka_topic_partition_list_copy(partitions)};
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        note.kind = RF_FETCHED_ASSIGN;
    else if (code == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS && rd_kafka_assignment_lost(client) == 0)
        note.kind = RF_FETCHED_REVOKE;
    rf_fetch_note(fetch, &note);
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

static void pause_fetching(rf_fetch *fetch)
{
    rf_fetch_pause_all(fetch, true);
    fetch->paused = true;
    atomic_fetch_add(&fetch->pauses, 1);
    rf_log(RF_LOG_DEBUG, "consumer: paused, the queue has been full for %.1f s",
           (double)(rf_kafka_now_us() - fetch->full_since_us) / 1e6);
}

static void resume_fetching(rf_fetch *fetch)
{
    rf_fetch_pause_all(fetch, false);
    fetch->paused = false;
    fetch->full_since_us = 0;
    rf_log(RF_LOG_DEBUG, "consumer: resumed");
}

/* ---- consuming ---- */

/* How many messages there is room for. While paused none come, but polling goes on. */
static size_t room(rf_fetch *fetch)
{
    if (fetch->paused && rf_queue_below_half(fetch->queue))
        resume_fetching(fetch);
    if (fetch->paused)
        return RF_FETCH_MOST;
    size_t room = rf_queue_wait_room(fetch->queue, WAIT_MS);
    if (room > 0) {
        fetch->full_since_us = 0;
        return room < RF_FETCH_MOST ? room : RF_FETCH_MOST;
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

/* ---- the loop ---- */

static void fetch_batch(rf_fetch *fetch, size_t room)
{
    size_t n = consume(fetch, fetch->incoming, room);
    bool content = false;
    rf_err err = {0};
    for (size_t i = 0; i < n; i++)
        content = content || fetch->messages[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (rf_filler_take_in(&fetch->filler, fetch->messages, n, &err) < 0)
        rf_fetch_fail(fetch, &err);
    if (content && !fetch->paused)
        rf_flow_look(fetch->flow, fetch->incoming, fetch->assigned);
    if (content && fetch->paused) /* assigned since, and started after it was paused */
        rf_fetch_pause_all(fetch, true);
}

static void *poll_thread(void *argument)
{
    rf_fetch *fetch = argument;
    while (!atomic_load(&fetch->stop) && !atomic_load(&fetch->failed)) {
        rf_fetch_carry_out_orders(fetch);
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
    fetch->patience_us = patience(client);
    fetch->assigned = rd_kafka_topic_partition_list_new(8);
    fetch->finished = rd_kafka_topic_partition_list_new(8);
    fetch->incoming = rd_kafka_queue_get_consumer(client);
    (void)rd_kafka_poll_set_consumer(client); /* logs, errors, statistics come by the same queue */
    RF_TRY(rf_queue_new(&fetch->queue, queue_messages, err));
    fetch->filler = (rf_filler){.queue = fetch->queue, .how = *how};
    RF_TRY(rf_flow_start(&fetch->flow, client, err));
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
        size_t n = consume(fetch, last, RF_FETCH_MOST);
        for (size_t i = 0; i < n; i++)
            rd_kafka_message_destroy(fetch->messages[i]);
        left = rd_kafka_consumer_closed(fetch->client);
    }
    rf_fetch_drop_error(error, "leaving the group");
    rd_kafka_queue_destroy(last);
    return left;
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
        rf_flow_stop(fetch->flow);
        fetch->flow = NULL;
        done = can_be_destroyed(fetch);
        done = leave_group(fetch) && done;
        if (!done)
            rf_log(RF_LOG_DEBUG, "consumer: left to the end of the process");
    }
    rf_flow_stop(fetch->flow);
    rf_fetch_clear_orders(fetch);
    rf_queue_free(fetch->queue);
    rf_filler_clear(&fetch->filler);
    rd_kafka_queue_destroy(fetch->incoming);
    rd_kafka_topic_partition_list_destroy(fetch->assigned);
    rd_kafka_topic_partition_list_destroy(fetch->finished);
    pthread_mutex_destroy(&fetch->lock);
    rf_mem_free(fetch);
    return done;
}
