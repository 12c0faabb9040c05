/* kafka_queue_int.h - decoded messages and notes on their way from the poll thread to the caller's thread.
 *
 *   kafka_batch --puts--> [ batch | news | batch | assign | ... ] --takes--> kafka_source
 */
#ifndef RF_KAFKA_QUEUE_INT_H
#define RF_KAFKA_QUEUE_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reject_int.h"
#include "rf_event.h"
#include "rf_kafka.h"

/* ---- batches ---- */

#define RF_BATCH_MESSAGES 512
#define RF_BATCH_BYTES ((size_t)128 << 10) /* one event at least fits, however long its texts */

typedef struct rf_kept_message { /* one of several events: the last that is let go frees it */
    rd_kafka_message_t *message;
    atomic_int holders;
} rf_kept_message;
void rf_kept_message_drop(rf_kept_message *kept); /* NULL allowed */

typedef struct rf_bad_message {
    rd_kafka_message_t *message; /* the batch's, unless it is kept; NULL: filtered */
    rf_kept_message *kept;       /* NULL: a message of one event */
    rf_reject reject;
} rf_bad_message;

typedef struct rf_message_mark { /* what a message is known by, once it is gone */
    int64_t ms;                  /* its time, -1 none */
    uint64_t hash;               /* of key and value, never 0 */
} rf_message_mark;

/* Messages in the order in which they were fetched. The poll thread fills it, the caller's thread owns it
 * once it was taken from the queue. */
typedef struct rf_batch rf_batch;
struct rf_batch {
    rf_batch *next; /* among those to be filled again */
    size_t n, n_bad, used;
    int64_t held_bytes;                     /* of the messages that are kept */
    rf_event *events[RF_BATCH_MESSAGES];    /* texts included; rejected: its place alone is filled */
    rf_bad_message *bad[RF_BATCH_MESSAGES]; /* NULL: an event */
    rf_message_mark marks[RF_BATCH_MESSAGES];
    _Alignas(16) char bytes[RF_BATCH_BYTES];
};
RF_MUST_CHECK rf_status rf_batch_new(rf_batch **out, rf_err *err);
void rf_batch_free(rf_batch *batch); /* NULL allowed */

/* ---- the queue ---- */

typedef enum rf_fetched_kind {
    RF_FETCHED_BATCH,
    RF_FETCHED_NEWS,   /* an error that the client reports as a message: message->err */
    RF_FETCHED_ASSIGN, /* partitions that come; rf_fetch_assign is waited for */
    RF_FETCHED_REVOKE, /* partitions that go; rf_fetch_unassign is waited for */
    RF_FETCHED_LOST,   /* the same, but another member may have them already */
    RF_FETCHED_STARTED /* from here on messages belong to assignment `number` */
} rf_fetched_kind;

typedef struct rf_fetched {
    rf_fetched_kind kind;
    int32_t number;  /* STARTED: of the assignment */
    size_t messages; /* the queue's bounds count these two */
    int64_t bytes;
    union {
        rf_batch *batch;
        rd_kafka_message_t *message;                 /* NEWS */
        rd_kafka_topic_partition_list_t *partitions; /* ASSIGN, REVOKE, LOST */
    };
} rf_fetched;

void rf_fetched_free(rf_fetched *item); /* what it points to */

/* One thread puts, one takes. rf_queue_wait_room keeps the bounds; rf_queue_put never refuses an item. */
typedef struct rf_queue rf_queue;
RF_MUST_CHECK rf_status rf_queue_new(rf_queue **out, int max_messages, rf_err *err);
void rf_queue_free(rf_queue *queue); /* with its items */
/* The item is the queue's on success. */
RF_MUST_CHECK rf_status rf_queue_put(rf_queue *queue, const rf_fetched *item, rf_err *err);
/* Up to `max` items, at once if there are any, else waiting until `timeout_ms`. */
size_t rf_queue_take(rf_queue *queue, rf_fetched *items, size_t max, int timeout_ms);
/* The other way: batches that the taker is done with are emptied, for the putter to fill again (NULL: none is
 * there). */
void rf_queue_give_back(rf_queue *queue, rf_batch *batch);
rf_batch *rf_queue_spare(rf_queue *queue);
/* Room for how many messages. Waits until a quarter of the queue is free, `timeout_ms` at most. */
size_t rf_queue_wait_room(rf_queue *queue, int timeout_ms);
bool rf_queue_below_half(rf_queue *queue);
void rf_queue_wake(rf_queue *queue);   /* ends both waits */
size_t rf_queue_peak(rf_queue *queue); /* most messages waiting */

#endif
