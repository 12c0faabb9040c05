/* kafka_origin_int.h - is a topic still the one that the state was read from? */
#ifndef RF_KAFKA_ORIGIN_INT_H
#define RF_KAFKA_ORIGIN_INT_H

#include "kafka_probe_int.h"
#include "kafka_source_int.h"

/* Position, end. */
#define RF_ORIGIN_TOO_FAR                                                                                    \
    "was read up to offset %" PRId64 " but ends at %" PRId64                                                 \
    ": the topic was deleted and made again, or has lost messages"

/* What is to be saved with the partition's position; borrowed. */
rf_topic_origin rf_origin_now(const rf_kafka_source *source, const rf_part *part);
/* Asks who the cluster and its topics are, and compares them with what was saved. RF_E_KAFKA says what
 * differs, unless the options say what to do then. Before the partitions are given their positions. */
RF_MUST_CHECK rf_status rf_origin_check(rf_kafka_source *source, rf_probe *probe, rf_err *err);
/* With an owner: that saved position is still the one of another topic, which the check left behind. */
bool rf_origin_is_left(const rf_part *part, int64_t offset, const rf_topic_origin *origin);

#endif
