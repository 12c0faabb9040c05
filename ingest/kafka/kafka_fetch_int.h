/* kafka_fetch_int.h - the poll thread as the caller's thread sees it: started, given orders, stopped. */
#ifndef RF_KAFKA_FETCH_INT_H
#define RF_KAFKA_FETCH_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "decoder_int.h"
#include "kafka_queue_int.h"

typedef struct rf_fetch rf_fetch;

/* The client, made of a conf that rf_poll_callbacks has seen, is the caller's; its watch gets the fetch
 * attached. The decoder is the thread's until
 * rf_fetch_stop. */
RF_MUST_CHECK rf_status rf_fetch_start(rf_fetch **out, rd_kafka_t *client, rf_kafka_watch *watch,
                                       rf_decoder *decoder, rf_source_format format, int queue_messages,
                                       rf_err *err);
/* Up to `max` items in order; 0 after timeout_ms. Fails when the thread could not continue. */
RF_MUST_CHECK rf_status rf_fetch_take(rf_fetch *fetch, rf_fetched *items, size_t max, int timeout_ms,
                                      size_t *n, rf_err *err);
/* A batch that was taken and is done with; the thread fills it again. */
void rf_fetch_give_back(rf_fetch *fetch, rf_batch *batch);
/* Orders to the thread, which carries them out one after the other. The lists are the fetch's from here on,
 * even on failure. assign: offsets are where reading starts; *number is what STARTED will carry. restart:
 * what is assigned is read from other offsets. finish: no more messages of these are wanted. */
RF_MUST_CHECK rf_status rf_fetch_assign(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions,
                                        int32_t *number, rf_err *err);
RF_MUST_CHECK rf_status rf_fetch_unassign(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions,
                                          rf_err *err);
RF_MUST_CHECK rf_status rf_fetch_restart(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions,
                                         int32_t *number, rf_err *err);
RF_MUST_CHECK rf_status rf_fetch_finish(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions,
                                        rf_err *err);
/* Leaves the group and stays open (its partitions are revoked first), and joins it. */
RF_MUST_CHECK rf_status rf_fetch_leave(rf_fetch *fetch, rf_err *err);
RF_MUST_CHECK rf_status rf_fetch_join(rf_fetch *fetch, rd_kafka_topic_partition_list_t *topics, rf_err *err);
void rf_fetch_figures(rf_fetch *fetch, int64_t *queue_peak, int64_t *pauses);
/* Ends the thread and leaves the group, waiting for the broker a few seconds at most. NULL allowed. False:
 * the group had not answered yet; the client must not be destroyed then, nor its watch freed: librdkafka
 * (2.0.2 for one) ends the process when the cooperative-sticky assignor is destroyed before its first
 * assignment. */
bool rf_fetch_stop(rf_fetch *fetch);

#endif
