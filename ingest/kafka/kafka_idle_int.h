/* kafka_idle_int.h - when no message comes, or an error comes in its place. */
#ifndef RF_KAFKA_IDLE_INT_H
#define RF_KAFKA_IDLE_INT_H

#include "kafka_source_int.h"

/* A message with an error, of a partition (NULL: unknown). RF_TIMEOUT: the broker does not answer now, try
 * again. */
RF_MUST_CHECK rf_status rf_idle_error(rf_kafka_source *source, const rd_kafka_message_t *message,
                                      rf_part *part, rf_err *err);
/* The queue is empty, or has not been for a while. RF_EOF: that is the end. */
RF_MUST_CHECK rf_status rf_idle_check(rf_kafka_source *source, rf_err *err);

#endif
