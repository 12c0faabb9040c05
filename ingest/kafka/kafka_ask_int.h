/* kafka_ask_int.h - questions about topics by a client that reads them for nobody: asked again while brokers
 * are away, until source.broker_timeout is over.
 */
#ifndef RF_KAFKA_ASK_INT_H
#define RF_KAFKA_ASK_INT_H

#include "rf_kafka.h"
#include "rf_source.h"

typedef struct rf_asking {
    rd_kafka_t *client;
    rf_kafka_watch *watch;
    bool of_group; /* rd_kafka_poll_set_consumer: what is wrong with the group comes as messages */
    int64_t timeout_us, give_up_us;
} rf_asking;

/* All partitions of the topics, sorted, none twice, and the patience that their offsets have from now on. */
RF_MUST_CHECK rf_status rf_ask_partitions(rd_kafka_topic_partition_list_t *list, rf_asking *asking,
                                          const rf_kafka_source_options *options, rf_err *err);
/* The beginnings (RD_KAFKA_OFFSET_BEGINNING) or the ends of all partitions of the list, into it. */
RF_MUST_CHECK rf_status rf_ask_offsets(rd_kafka_topic_partition_list_t *list, rf_asking *asking,
                                       int64_t which, rf_err *err);
/* Between two tries: fails when it has taken too long, when the client reports something that stays, and when
 * the process is asked to stop. */
RF_MUST_CHECK rf_status rf_ask_again(rf_asking *asking, const char *what, rf_err *err);

#endif
