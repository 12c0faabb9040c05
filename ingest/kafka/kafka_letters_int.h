/* kafka_letters_int.h - dead letters of a Kafka source, sent to a topic. */
#ifndef RF_KAFKA_LETTERS_INT_H
#define RF_KAFKA_LETTERS_INT_H

#include "reject_int.h"
#include "rf_kafka.h"
#include "rf_source.h"

typedef struct rf_letters rf_letters;

/* An idempotent producer for options->dead_letter_topic. Fails like rf_source_open. */
RF_MUST_CHECK rf_status rf_letters_open(rf_letters **out, const rf_kafka_source_options *options,
                                        rf_err *err);
/* Sends the message as it was with its place and reason in headers; waits for room in the producer's queue.
 * The message stays the caller's. */
RF_MUST_CHECK rf_status rf_letters_add(rf_letters *letters, const rd_kafka_message_t *message,
                                       const rf_reject *reject, rf_err *err);
/* Waits until the broker has confirmed all of them; RF_E_KAFKA when one could not be delivered. */
RF_MUST_CHECK rf_status rf_letters_flush(rf_letters *letters, rf_err *err);
int64_t rf_letters_confirmed(const rf_letters *letters); /* of this producer */
int64_t rf_letters_retries(const rf_letters *letters);   /* requests sent again */
/* NULL allowed. Drops unconfirmed letters, in bounded time. */
void rf_letters_close(rf_letters *letters);

#endif
