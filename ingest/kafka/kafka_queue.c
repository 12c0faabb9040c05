/* kafka_queue.c - decoded messages and notes on their way from the poll thread to the caller's thread.
 *
 * A ring of items that grows as needed. It is bounded in messages and in bytes, but the putter keeps the
 * bounds: it asks for room before it fetches, because fetched messages must be put. A thread is woken only if
 * it waits and will find enough. Batches are recycled: when the taker is done with one, it is filled again.
 */
#include "kafka_queue_int.h"

#include <pthread.h>
#include <time.h>

#include "rf_mem.h"

#define LEAST_BYTES (INT64_C(64) << 20)
#define BYTES_A_MESSAGE 1024 /* more messages may hold more bytes */
#define MOST_SPARE 64        /* batches kept to be filled again */

struct rf_queue {
    pthread_mutex_t lock;
    pthread_cond_t filled, drained;
    rf_fetched *ring;
    size_t cap; /* a power of two, or 0 */
    size_t head, n;
    size_t messages, max, peak;
    int64_t bytes, max_bytes;
    rf_batch *spare;
    size_t n_spare;
    bool taker_waits, putter_waits;
    bool wake_taker, wake_putter;
};

/* ---- batches ---- */

rf_status rf_batch_new(rf_batch **out, rf_err *err)
{
    rf_status st = RF_OK;
    rf_batch *batch = NULL;
    RF_NEW(batch, 1, err); /* not zeroed: it is large */
    batch->next = NULL;
    batch->n = batch->n_bad = batch->used = 0;
    batch->held_bytes = 0;
    *out = batch;
done:
    return st;
}

void rf_kept_message_drop(rf_kept_message *kept)
{
    if (kept == NULL || atomic_fetch_sub(&kept->holders, 1) > 1)
        return;
    rd_kafka_message_destroy(kept->message);
    rf_mem_free(kept);
}

static void empty(rf_batch *batch)
{
    for (size_t i = 0; i < batch->n && batch->n_bad > 0; i++) {
        if (batch->bad[i] == NULL)
            continue;
        if (batch->bad[i]->kept != NULL)
            rf_kept_message_drop(batch->bad[i]->kept);
        else if (batch->bad[i]->message != NULL)
            rd_kafka_message_destroy(batch->bad[i]->message);
        batch->n_bad--;
    }
    batch->n = batch->used = 0;
    batch->held_bytes = 0;
}

void rf_batch_free(rf_batch *batch)
{
    if (batch == NULL)
        return;
    empty(batch);
    rf_mem_free(batch);
}

/* ---- the queue ---- */

void rf_fetched_free(rf_fetched *item)
{
    switch (item->kind) {
    case RF_FETCHED_BATCH:
        rf_batch_free(item->batch);
        break;
    case RF_FETCHED_NEWS:
        rd_kafka_message_destroy(item->message);
        break;
    case RF_FETCHED_ASSIGN:
    case RF_FETCHED_REVOKE:
    case RF_FETCHED_LOST:
        rd_kafka_topic_partition_list_destroy(item->partitions);
        break;
    case RF_FETCHED_STARTED:
        break;
    }
}

rf_status rf_queue_new(rf_queue **out, int max_messages, rf_err *err)
{
    rf_status st = RF_OK;
    rf_queue *queue = NULL;
    RF_ZERO(queue, 1, err);
    queue->max = (size_t)max_messages;
    queue->max_bytes = (int64_t)max_messages * BYTES_A_MESSAGE;
    if (queue->max_bytes < LEAST_BYTES)
        queue->max_bytes = LEAST_BYTES;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->filled, &monotonic);
    pthread_cond_init(&queue->drained, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *out = queue;
done:
    return st;
}

void rf_queue_free(rf_queue *queue)
{
    if (queue == NULL)
        return;
    for (size_t i = 0; i < queue->n; i++)
        rf_fetched_free(&queue->ring[(queue->head + i) & (queue->cap - 1)]);
    for (rf_batch *batch; (batch = rf_queue_spare(queue)) != NULL;)
        rf_batch_free(batch);
    pthread_cond_destroy(&queue->drained);
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->lock);
    rf_mem_free(queue->ring);
    rf_mem_free(queue);
}

static rf_status reserve(rf_queue *queue, size_t need, rf_err *err)
{
    rf_status st = RF_OK;
    rf_fetched *ring = NULL;
    size_t cap = queue->cap == 0 ? 64 : queue->cap;
    if (need <= queue->cap)
        return RF_OK;
    while (cap < need)
        cap *= 2;
    RF_NEW(ring, cap, err);
    for (size_t i = 0; i < queue->n; i++)
        ring[i] = queue->ring[(queue->head + i) & (queue->cap - 1)];
    rf_mem_free(queue->ring);
    queue->ring = ring;
    queue->cap = cap;
    queue->head = 0;
done:
    return st;
}

rf_status rf_queue_put(rf_queue *queue, const rf_fetched *item, rf_err *err)
{
    pthread_mutex_lock(&queue->lock);
    rf_status st = reserve(queue, queue->n + 1, err);
    bool wake = st == RF_OK && queue->taker_waits;
    if (st == RF_OK) {
        queue->ring[(queue->head + queue->n++) & (queue->cap - 1)] = *item;
        queue->messages += item->messages;
        queue->bytes += item->bytes;
        if (queue->messages > queue->peak)
            queue->peak = queue->messages;
    }
    pthread_mutex_unlock(&queue->lock);
    if (wake)
        pthread_cond_signal(&queue->filled);
    return st;
}

static struct timespec after(int timeout_ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += timeout_ms / 1000;
    at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    return at;
}

static bool below(const rf_queue *queue, size_t quarters)
{
    return queue->messages <= queue->max / 4 * quarters &&
           queue->bytes <= queue->max_bytes / 4 * (int64_t)quarters;
}

size_t rf_queue_take(rf_queue *queue, rf_fetched *items, size_t max, int timeout_ms)
{
    pthread_mutex_lock(&queue->lock);
    if (queue->n == 0 && timeout_ms > 0) {
        struct timespec until = after(timeout_ms);
        queue->taker_waits = true;
        while (queue->n == 0 && !queue->wake_taker &&
               pthread_cond_timedwait(&queue->filled, &queue->lock, &until) == 0)
            ;
        queue->wake_taker = queue->taker_waits = false;
    }
    size_t n = queue->n < max ? queue->n : max;
    for (size_t i = 0; i < n; i++) {
        items[i] = queue->ring[(queue->head + i) & (queue->cap - 1)];
        queue->messages -= items[i].messages;
        queue->bytes -= items[i].bytes;
    }
    if (n > 0) {
        queue->head = (queue->head + n) & (queue->cap - 1);
        queue->n -= n;
    }
    bool wake = n > 0 && queue->putter_waits && below(queue, 3);
    pthread_mutex_unlock(&queue->lock);
    if (wake)
        pthread_cond_signal(&queue->drained);
    return n;
}

void rf_queue_give_back(rf_queue *queue, rf_batch *batch)
{
    empty(batch);
    pthread_mutex_lock(&queue->lock);
    bool kept = queue->n_spare < MOST_SPARE;
    if (kept) {
        batch->next = queue->spare;
        queue->spare = batch;
        queue->n_spare++;
    }
    pthread_mutex_unlock(&queue->lock);
    if (!kept)
        rf_batch_free(batch);
}

rf_batch *rf_queue_spare(rf_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    rf_batch *batch = queue->spare;
    if (batch != NULL) {
        queue->spare = batch->next;
        queue->n_spare--;
    }
    pthread_mutex_unlock(&queue->lock);
    return batch;
}

/* ---- room ---- */

size_t rf_queue_wait_room(rf_queue *queue, int timeout_ms)
{
    pthread_mutex_lock(&queue->lock);
    if (!below(queue, 3)) {
        struct timespec until = after(timeout_ms);
        queue->putter_waits = true;
        while (!below(queue, 3) && !queue->wake_putter &&
               pthread_cond_timedwait(&queue->drained, &queue->lock, &until) == 0)
            ;
        queue->putter_waits = false;
    }
    queue->wake_putter = false;
    bool full = queue->messages >= queue->max || queue->bytes >= queue->max_bytes;
    size_t room = full ? 0 : queue->max - queue->messages;
    pthread_mutex_unlock(&queue->lock);
    return room;
}

bool rf_queue_below_half(rf_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool is = below(queue, 2);
    pthread_mutex_unlock(&queue->lock);
    return is;
}

void rf_queue_wake(rf_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->wake_taker = queue->wake_putter = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_cond_broadcast(&queue->drained);
    pthread_mutex_unlock(&queue->lock);
}

size_t rf_queue_peak(rf_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    size_t peak = queue->peak;
    pthread_mutex_unlock(&queue->lock);
    return peak;
}
