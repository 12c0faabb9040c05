/* kafka_batch_int.h - consumed messages are decoded, in batches, into the queue; of the poll thread. */
#ifndef RF_KAFKA_BATCH_INT_H
#define RF_KAFKA_BATCH_INT_H

#include <stddef.h>

#include "decoder_int.h"
#include "kafka_queue_int.h"

typedef struct rf_topic_name rf_topic_name;

typedef struct rf_filler { /* zero but for queue, decoder and format at first */
    rf_queue *queue;
    rf_decoder *decoder;
    rf_source_format format;
    rf_batch *batch; /* being filled; NULL: none */
    rf_topic_name *names;
} rf_filler;

rf_message_mark rf_message_mark_of(const rd_kafka_message_t *message);

/* Puts the consumed messages, in order, into the queue; on failure frees them. */
RF_MUST_CHECK rf_status rf_filler_take_in(rf_filler *filler, rd_kafka_message_t *const *messages, size_t n,
                                          rf_err *err);
/* Of an rf_message whose headers are the rd_kafka_message_t. */
bool rf_kafka_find_header(void *headers, const char *name, rf_span *value);
/* When no event of it is in use any more. */
void rf_filler_clear(rf_filler *filler);

#endif
