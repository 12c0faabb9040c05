/* kafka_rebalance_int.h - partitions come and go. */
#ifndef RF_KAFKA_REBALANCE_INT_H
#define RF_KAFKA_REBALANCE_INT_H

#include "kafka_source_int.h"

/* ASSIGN, REVOKE, LOST, STARTED. RF_TIMEOUT: not done yet, call again with the same item. */
RF_MUST_CHECK rf_status rf_rebalance(rf_kafka_source *source, const rf_fetched *item, rf_err *err);
/* The partition starts again at its position. */
RF_MUST_CHECK rf_status rf_rebalance_restart(rf_kafka_source *source, rf_part *part, rf_err *err);
/* The topics, for rd_kafka_subscribe. */
rd_kafka_topic_partition_list_t *rf_rebalance_topics(const rf_kafka_source *source);
/* Leaves the group and joins it again, so that it looks at the partitions again. */
RF_MUST_CHECK rf_status rf_rebalance_renew(rf_kafka_source *source, rf_err *err);
/* Hands everything held back to the owner. */
void rf_rebalance_close(rf_kafka_source *source, bool failed);

#endif
