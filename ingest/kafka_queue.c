/* kafka_queue.c - messages and notes on their way from the poll thread to the caller's thread.
 *
 * A ring of pointers that grows to what is needed. Bounded in messages and in bytes, but the bounds are the
 * putter's to keep: it asks for room before it fetches, and what it has fetched must go somewhere.
 */
#include "kafka_int.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "rf_mem.h"

#define LEAST_BYTES (INT64_C(64) << 20)
#define BYTES_A_MESSAGE 1024 /* more messages may hold more bytes */

struct rf_queue {
    pthread_mutex_t lock;
    pthread_cond_t filled, drained;
    rf_fetched *ring;
    size_t cap; /* a power of two, or 0 */
    size_t head, n;
    size_t max, peak;
    int64_t bytes, max_bytes;
    rd_kafka_message_t **spent; /* given back, not yet destroyed */
    size_t n_spent, cap_spent;
    bool wake_taker, wake_putter;
};

void rf_fetched_free(rf_fetched *item)
{
    if (item->kind == RF_FETCHED_MESSAGE)
        rd_kafka_message_destroy(item->message);
    else if (item->kind != RF_FETCHED_STARTED)
        rd_kafka_topic_partition_list_destroy(item->partitions);
}

rf_status rf_queue_new(rf_queue **out, int max_messages, rf_err *err)
{
    rf_queue *queue = rf_mem_zero(1, sizeof *queue, err);
    if (queue == NULL)
        return RF_E_NOMEM;
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
    return RF_OK;
}

void rf_queue_free(rf_queue *queue)
{
    if (queue == NULL)
        return;
    for (size_t i = 0; i < queue->n; i++)
        rf_fetched_free(&queue->ring[(queue->head + i) & (queue->cap - 1)]);
    rf_queue_clear_up(queue);
    rf_mem_free(queue->spent);
    pthread_cond_destroy(&queue->drained);
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->lock);
    rf_mem_free(queue->ring);
    rf_mem_free(queue);
}

/* A message's weight travels with it, so that the lock is not held while looking into each. */
static int64_t weight(const rf_fetched *item)
{
    return item->kind == RF_FETCHED_MESSAGE ? item->number : 0;
}

static rf_status reserve(rf_queue *queue, size_t need, rf_err *err)
{
    if (need <= queue->cap)
        return RF_OK;
    size_t cap = queue->cap == 0 ? 1024 : queue->cap;
    while (cap < need)
        cap *= 2;
    rf_fetched *ring = rf_mem_new(cap, sizeof *ring, err);
    if (ring == NULL)
        return RF_E_NOMEM;
    for (size_t i = 0; i < queue->n; i++)
        ring[i] = queue->ring[(queue->head + i) & (queue->cap - 1)];
    rf_mem_free(queue->ring);
    queue->ring = ring;
    queue->cap = cap;
    queue->head = 0;
    return RF_OK;
}

rf_status rf_queue_put(rf_queue *queue, const rf_fetched *items, size_t n, rf_err *err)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += weight(&items[i]);
    pthread_mutex_lock(&queue->lock);
    rf_status st = reserve(queue, queue->n + n, err);
    if (st == RF_OK) {
        for (size_t i = 0; i < n; i++)
            queue->ring[(queue->head + queue->n + i) & (queue->cap - 1)] = items[i];
        queue->n += n;
        queue->bytes += bytes;
        if (queue->n > queue->peak)
            queue->peak = queue->n;
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->lock);
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

size_t rf_queue_take(rf_queue *queue, rf_fetched *items, size_t max, int timeout_ms)
{
    int64_t bytes = 0;
    pthread_mutex_lock(&queue->lock);
    if (queue->n == 0 && timeout_ms > 0) {
        struct timespec until = after(timeout_ms);
        while (queue->n == 0 && !queue->wake_taker &&
               pthread_cond_timedwait(&queue->filled, &queue->lock, &until) == 0)
            ;
        queue->wake_taker = false;
    }
    size_t n = queue->n < max ? queue->n : max;
    for (size_t i = 0; i < n; i++) {
        items[i] = queue->ring[(queue->head + i) & (queue->cap - 1)];
        bytes += weight(&items[i]);
    }
    if (n > 0) {
        queue->head = (queue->head + n) & (queue->cap - 1);
        queue->n -= n;
        queue->bytes -= bytes;
        pthread_cond_signal(&queue->drained);
    }
    pthread_mutex_unlock(&queue->lock);
    return n;
}

/* ---- messages that are done with ---- */

static void destroy(rd_kafka_message_t *const *messages, size_t n)
{
    for (size_t i = 0; i < n; i++)
        rd_kafka_message_destroy(messages[i]);
}

void rf_queue_give_back(rf_queue *queue, rd_kafka_message_t *const *messages, size_t n)
{
    pthread_mutex_lock(&queue->lock);
    bool kept = rf_mem_reserve((void **)&queue->spent, &queue->cap_spent, queue->n_spent + n,
                               sizeof *queue->spent, NULL) == RF_OK;
    if (kept) {
        memcpy(queue->spent + queue->n_spent, messages, n * sizeof *messages);
        queue->n_spent += n;
    }
    pthread_mutex_unlock(&queue->lock);
    if (!kept)
        destroy(messages, n);
}

void rf_queue_clear_up(rf_queue *queue)
{
    rd_kafka_message_t *some[1024];
    size_t n;
    do {
        pthread_mutex_lock(&queue->lock);
        n = queue->n_spent < 1024 ? queue->n_spent : 1024;
        queue->n_spent -= n;
        if (n > 0)
            memcpy(some, queue->spent + queue->n_spent, n * sizeof *some);
        pthread_mutex_unlock(&queue->lock);
        destroy(some, n);
    } while (n > 0);
}

/* ---- room ---- */

static bool below(const rf_queue *queue, size_t quarters)
{
    return queue->n <= queue->max / 4 * quarters && queue->bytes <= queue->max_bytes / 4 * (int64_t)quarters;
}

size_t rf_queue_wait_room(rf_queue *queue, int timeout_ms)
{
    pthread_mutex_lock(&queue->lock);
    if (!below(queue, 3)) {
        struct timespec until = after(timeout_ms);
        while (!below(queue, 3) && !queue->wake_putter &&
               pthread_cond_timedwait(&queue->drained, &queue->lock, &until) == 0)
            ;
    }
    queue->wake_putter = false;
    size_t room = queue->n < queue->max && queue->bytes < queue->max_bytes ? queue->max - queue->n : 0;
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
