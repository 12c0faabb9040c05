/* kafka_poll_int.h - the poll thread's own; kafka_fetch.c starts it, gives it orders and stops it. */
#ifndef RF_KAFKA_POLL_INT_H
#define RF_KAFKA_POLL_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "kafka_batch_int.h"
#include "kafka_fetch_int.h"
#include "kafka_flow_int.h"

#define RF_POLL_MOST 1000 /* messages consumed at a time */

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
    rf_err failure; /* the first one; the taker finds it after what was put before */

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
    rd_kafka_message_t *messages[RF_POLL_MOST];
};

/* Sets the callbacks that the thread needs. */
void rf_poll_callbacks(rd_kafka_conf_t *conf);
/* The thread: until fetch->stop, or a failure. */
void *rf_poll_run(void *argument); /* the fetch */
/* After its end: leaves the group, so that others need not wait for the session to end. False: the broker did
 * not answer in time, or the client must not be destroyed yet. */
bool rf_poll_leave(rf_fetch *fetch);

#endif
