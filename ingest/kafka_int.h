/* kafka_int.h - what the kafka_*.c files of ingest/ share.
 *
 *   librdkafka --poll thread, kafka_fetch--> kafka_queue --caller's thread--> kafka_source --> rf_event
 *                                                             |  kafka_rebalance: partitions come and go
 *                                                             |  kafka_targets: where reading starts and ends
 *                                                             '  kafka_letters: what did not fit
 *
 * Two threads. The poll thread alone consumes, assigns, unassigns, pauses and resumes, one after the other:
 * librdkafka's batches may lose messages when those overlap. All else, the state of the partitions above all,
 * belongs to the caller's thread.
 */
#ifndef RF_KAFKA_INT_H
#define RF_KAFKA_INT_H

#include "ingest_int.h"
#include "rf_kafka.h"

/* ---- dead letters to a topic (kafka_letters.c) ---- */

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
/* NULL allowed. Drops what is not confirmed, in bounded time. */
void rf_letters_close(rf_letters *letters);

#endif
