/* kafka_targets_int.h - where reading of each partition starts, and where it ends. */
#ifndef RF_KAFKA_TARGETS_INT_H
#define RF_KAFKA_TARGETS_INT_H

#include "kafka_source_int.h"

/* Finds the topics' partitions, their ends, and without owner where each is read from. */
RF_MUST_CHECK rf_status rf_targets_open(rf_kafka_source *source, rf_err *err);
/* Gives every partition with state COMING its position. RF_TIMEOUT: the broker does not answer now, try
 * again. */
RF_MUST_CHECK rf_status rf_targets_place(rf_kafka_source *source, rf_err *err);
/* The broker does not have the message at this position: it moves to the end of the gap, or RF_E_KAFKA says
 * what is lost. RF_TIMEOUT as above. */
RF_MUST_CHECK rf_status rf_targets_gap(rf_kafka_source *source, rf_part *part, rf_err *err);
/* Offsets of many partitions (rf_kafka_offsets), asking until source.broker_timeout is over. */
RF_MUST_CHECK rf_status rf_targets_ask(const rf_kafka_source *source, rd_kafka_t *client,
                                       rd_kafka_topic_partition_list_t *list, rf_err *err);
bool rf_target_reached(const rf_part *part);
/* RF_EOF: everything wanted is read, here or elsewhere. */
RF_MUST_CHECK rf_status rf_targets_end(rf_kafka_source *source, rf_err *err);

#endif
