/* kafka_source_int.h - a Kafka source as the files of the caller's thread share it.
 *
 *   librdkafka --kafka_poll--> kafka_batch --kafka_queue--> kafka_source --> the caller
 *                poll thread     decodes                       |  kafka_rebalance: partitions come and go
 *                                                              |  kafka_targets: where reading starts and
 * ends |  kafka_idle: no message, or an error in its place '  kafka_letters: what did not fit
 *
 * Two threads, and one that only wakes the client (kafka_flow). The poll thread alone consumes, assigns,
 * unassigns, pauses and resumes, one after the other: librdkafka's batches may lose messages when those
 * overlap. It decodes what it consumes, too, so that the decoder is its own from the start of the thread to
 * its end. All else, the state of the partitions and the counts of records above all, belongs to the caller's
 * thread.
 */
#ifndef RF_KAFKA_SOURCE_INT_H
#define RF_KAFKA_SOURCE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deadletter_int.h"
#include "intake_int.h"
#include "kafka_fetch_int.h"
#include "kafka_letters_int.h"
#include "kafka_parts_int.h"
#include "kafka_queue_int.h"
#include "rf_kafka.h"
#include "rf_source.h"

#define RF_KAFKA_TAKE 4 /* items taken from the queue at a time */

typedef struct rf_kafka_source {
    rf_kafka_source_options options;
    rf_source_format format;
    rf_intake *intake;   /* borrowed */
    rf_decoder *decoder; /* the poll thread's while it runs */
    const char *group;   /* group.id as configured */

    rf_kafka_watch *watch;
    rd_kafka_t *client;
    rf_fetch *fetch;
    rf_letters *letters; /* one of the two, or none */
    rf_deadletter *file;
    const char *kept_in; /* the name of the one; NULL: none */

    rf_parts parts;
    char *cluster;       /* its id; NULL: not known; owned */
    rf_positions others; /* of inputs that are not Kafka topics: kept unchanged */
    rf_part *last;       /* the part of the last message */

    rf_fetched items[RF_KAFKA_TAKE];
    size_t at, n;
    size_t row; /* of the batch at hand: the next message. The events handed out last lie in it, too */

    bool ends; /* there are targets; not yet known when until_us lies ahead */
    bool targets_known;
    bool retry;             /* the item at hand is being tried again */
    bool is_static;         /* a static member of the group */
    bool renewing;          /* leaving the group to join it again */
    bool renewed;           /* did so */
    int64_t away_since_us;  /* without owner: since when partitions are lacking; 0: none */
    int64_t asked_us;       /* when saved_elsewhere was asked last */
    const rf_part *lacking; /* with owner: what is waited for, and how far it was saved then */
    int64_t lacking_at;
    int64_t looked_us; /* when rf_idle_check was called last */
    int64_t told_us;   /* when the log last said what is waited for */
    int64_t doubt_us;  /* when a topic was reported missing; 0: none is */
    int64_t consumed, rebalances;
} rf_kafka_source;

/* Everything but `intake` and `decoder`, which are set. What was opened stays in the source on failure. */
RF_MUST_CHECK rf_status rf_kafka_open(rf_kafka_source *source, const rf_source_options *options, rf_err *err);

#endif
