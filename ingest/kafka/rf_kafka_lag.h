/* rf_kafka_lag.h - the position of a consumer group in its topics, asked for without joining it. */
#ifndef RF_KAFKA_LAG_H
#define RF_KAFKA_LAG_H

#include "rf_source.h"

typedef struct rf_kafka_lag {
    char *topic; /* owned */
    int32_t partition;
    int64_t low, high; /* watermarks: the first message, and one after the last */
    int64_t committed; /* the group's; -1: none */
    int64_t saved;     /* in our state; -1 until the caller fills it in */
} rf_kafka_lag;
/* Sorted by topic and partition. *out is freed with rf_kafka_lag_free. */
RF_MUST_CHECK rf_status rf_kafka_lag_read(rf_kafka_lag **out, int *n, const rf_kafka_source_options *options,
                                          rf_err *err);
void rf_kafka_lag_free(rf_kafka_lag *lag, int n);

#endif
