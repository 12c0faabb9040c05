/* kafka_flow_int.h - keeps the client fetching while its queue is being emptied. */
#ifndef RF_KAFKA_FLOW_INT_H
#define RF_KAFKA_FLOW_INT_H

#include "rf_kafka.h"

typedef struct rf_flow rf_flow;
/* Starts its thread. The client must outlive it. */
RF_MUST_CHECK rf_status rf_flow_start(rf_flow **out, rd_kafka_t *client, rf_err *err);
void rf_flow_stop(rf_flow *flow); /* NULL allowed */
/* Call for each batch that is taken from `incoming`; never waits. */
void rf_flow_look(rf_flow *flow, rd_kafka_queue_t *incoming, const rd_kafka_topic_partition_list_t *assigned);

#endif
