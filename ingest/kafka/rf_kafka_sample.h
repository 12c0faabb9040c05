/* rf_kafka_sample.h - some messages of topics, read without joining a group and without committing anything.
 */
#ifndef RF_KAFKA_SAMPLE_H
#define RF_KAFKA_SAMPLE_H

#include "rf_source.h"
#include "rf_span.h"

typedef struct rf_sampled_message {
    const char *topic;
    int32_t partition;
    int64_t offset;
    rf_span key, value;                                              /* ptr NULL: none */
    int64_t timestamp_ms;                                            /* -1: none */
    void *headers;                                                   /* for header() */
    bool (*header)(void *headers, const char *name, rf_span *value); /* the last one of that name */
    bool (*header_at)(void *headers, size_t i, const char **name, rf_span *value); /* false: no more */
    int64_t all;  /* messages that the partitions hold */
    bool is_part; /* they are more than are read */
} rf_sampled_message;

/* The last messages of every partition, evenly, `most` in all (INT64_MAX: every message), each handed to
 * `each`, which stops the reading with RF_EOF. */
RF_MUST_CHECK rf_status rf_kafka_sample(const rf_kafka_source_options *options, int64_t most,
                                        rf_status (*each)(void *context, const rf_sampled_message *message,
                                                          rf_err *err),
                                        void *context, rf_err *err);

#endif
