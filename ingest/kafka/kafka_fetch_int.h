/* kafka_fetch_int.h - the poll thread's own, shared by kafka_fetch.c (its loop) and kafka_orders.c (what the
 * caller's thread has it do with partitions).
 */
#ifndef RF_KAFKA_FETCH_INT_H
#define RF_KAFKA_FETCH_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "kafka_int.h"

#define RF_FETCH_MOST 1000 /* messages consumed at a time */

typedef enum rf_order_kind {
    RF_ORDER_ASSIGN,
    RF_ORDER_UNASSIGN,
    RF_ORDER_RESTART,
    RF_ORDER_FINISH,
    RF_ORDER_LEAVE,
    RF_ORDER_JOIN
} rf_order_kind;

typedef struct rf_order {
    rf_order_kind kind;
    int32_t number;
    rd_kafka_topic_partition_list_t *partitions; /* NULL: LEAVE */
} rf_order;

struct rf_fetch {
    rd_kafka_t *client;
    rd_kafka_queue_t *incoming;
    rf_queue *queue;
    pthread_t thread;
    bool started;

    pthread_mutex_t lock; /* over the next ones */
    rf_order *orders;
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
    rf_flow *flow;
    rf_filler filler;
    rd_kafka_message_t *messages[RF_FETCH_MOST];
};

/* The first failure stays; the taker finds it behind what was put before. */
void rf_fetch_fail(rf_fetch *fetch, const rf_err *err);
/* Puts a note; the failure to do so is the fetch's. */
void rf_fetch_note(rf_fetch *fetch, rf_fetched *note);

/* ---- kafka_orders.c, on the poll thread ---- */
void rf_fetch_carry_out_orders(rf_fetch *fetch);
void rf_fetch_clear_orders(rf_fetch *fetch);
/* Pauses or resumes all partitions of which messages are wanted. */
void rf_fetch_pause_all(rf_fetch *fetch, bool pause);
/* Into the log, and away; NULL allowed. */
void rf_fetch_drop_error(rd_kafka_error_t *error, const char *what);

#endif
