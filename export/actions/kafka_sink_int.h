/* kafka_sink_int.h - what an emission to Kafka is made of: topics that are ready, a transaction, and what is
 * read back from the topics before it.
 */
#ifndef RF_KAFKA_SINK_INT_H
#define RF_KAFKA_SINK_INT_H

#include "rf_kafka.h"
#include "message_int.h"

/* The user or the service manager asks for an end. */
bool rf_emit_stopped(const rf_emit_options *options);
#define RF_EMIT_STOPPED "interrupted; nothing was published; run the same command again"

/* ---- kafka_read_back.c ---- a client that sees what consumers with isolation.level=read_committed see. It
 * belongs to no group and commits nothing. */
typedef struct rf_kafka_reader {
    const rf_emit_options *options;
    rf_kafka_watch *watch;
    rd_kafka_t *client;
} rf_kafka_reader;
/* Checks the settings only, without a connection. So does rf_kafka_txn_check. */
RF_MUST_CHECK rf_status rf_kafka_reader_check(const rf_emit_options *options, rf_err *err);
RF_MUST_CHECK rf_status rf_kafka_reader_open(rf_kafka_reader *reader, const rf_emit_options *options,
                                             rf_err *err);
void rf_kafka_reader_close(rf_kafka_reader *reader);

/* RF_EOF: enough seen. */
typedef rf_status (*rf_kafka_visit)(void *context, const rd_kafka_message_t *message, rf_err *err);
/* Visits the messages of n partitions of a topic (NULL: the first n), up to the end that each has now: where
 * an open transaction of somebody else hides that end, waits for its outcome. from_us: messages before that
 * moment may be left out; 0: none are. */
RF_MUST_CHECK rf_status rf_kafka_read_back(const rf_kafka_reader *reader, const char *topic,
                                           const int32_t *partitions, int n, int64_t from_us,
                                           rf_kafka_visit visit, void *context, rf_err *err);

/* ---- kafka_emit_topics.c ---- */
typedef struct rf_emit_topics {
    int partitions, score_partitions;
    int64_t max_bytes; /* the smaller max.message.bytes of the two; 0: not known */
} rf_emit_topics;
/* Both topics exist, or are created where that is allowed, and every partition has a leader. */
RF_MUST_CHECK rf_status rf_emit_topics_ready(rf_emit_topics *out, const rf_kafka_reader *reader, rf_err *err);

/* ---- kafka_published.c ---- what earlier emissions left in the topics: whether a run is there, by its
 * manifest. */
typedef struct rf_kafka_seen { /* of a message that was read back; borrowed */
    const void *key;           /* NULL: none */
    size_t key_len;
    bool has_value;
    int64_t time_ms;                   /* -1: not known */
    const rd_kafka_headers_t *headers; /* NULL: none */
} rf_kafka_seen;
rf_kafka_seen rf_kafka_seen_of(const rd_kafka_message_t *message);
/* Whether the last header of that name has that value. */
bool rf_kafka_header_is(const rd_kafka_headers_t *headers, const char *name, const char *wanted);
/* It is the manifest of the run that identity names. */
bool rf_manifest_is(const rf_kafka_seen *seen, const rf_identity *identity, const char *source);

typedef struct rf_manifest_place {
    bool found;
    int32_t partition;
    int64_t offset, time_us;
} rf_manifest_place;
RF_MUST_CHECK rf_status rf_manifest_find(rf_manifest_place *out, const rf_kafka_reader *reader,
                                         const rf_emission *emission, int n_partitions, rf_err *err);

/* The subjects that the score topic says are flagged, by one source. */
typedef struct rf_flagged rf_flagged;
RF_MUST_CHECK rf_status rf_flagged_new(rf_flagged **out, const char *source,
                                       rf_err *err); /* source: borrowed */
RF_MUST_CHECK rf_status rf_flagged_take(rf_flagged *flagged, const rf_kafka_seen *seen, rf_err *err);
RF_MUST_CHECK rf_status rf_flagged_read(rf_flagged **out, const rf_kafka_reader *reader, int n_partitions,
                                        rf_err *err);
void rf_flagged_free(rf_flagged *flagged);
/* Forgets all marks. */
void rf_flagged_reset(rf_flagged *flagged);
/* This one is flagged now, too. */
void rf_flagged_mark(rf_flagged *flagged, const char *subject, size_t len);
/* This one would be, but is suppressed. */
void rf_flagged_silence(rf_flagged *flagged, const char *subject, size_t len);
/* Subjects that were flagged and are not marked, from *at on (0 at first); NULL: no more. */
const char *rf_flagged_next_cleared(const rf_flagged *flagged, uint32_t *at, size_t *len, bool *silenced);

/* ---- kafka_txn.c ---- one transactional producer; a run is one transaction. */
typedef struct rf_kafka_txn {
    const rf_emit_options *options;
    rf_kafka_watch *watch;
    rd_kafka_t *client;
    rd_kafka_topic_t *topic, *score_topic;
    char *id; /* transactional.id */
    double timeout_s;
    int64_t limit_bytes; /* message.max.bytes */
    double began_s;
    bool open;      /* begun, neither committed nor aborted */
    bool again;     /* the last failure may pass when the run is sent again */
    bool in_commit; /* the last failure was the commit's: the broker may have done it nevertheless */
    int64_t sent, tombstones, aborted;
    struct { /* the first message that was not delivered; code 0: none */
        rd_kafka_resp_err_t code;
        char topic[250], subject[96];
        int32_t partition;
        int64_t bytes;
    } lost;
} rf_kafka_txn;
RF_MUST_CHECK rf_status rf_kafka_txn_check(const rf_emit_options *options, rf_err *err);
/* A producer that has ended whatever a predecessor with the same transactional.id left open. */
RF_MUST_CHECK rf_status rf_kafka_txn_open(rf_kafka_txn *txn, const rf_emit_options *options,
                                          const rf_emit_topics *topics, rf_err *err);
void rf_kafka_txn_close(rf_kafka_txn *txn);

RF_MUST_CHECK rf_status rf_kafka_txn_begin(rf_kafka_txn *txn, rf_err *err);
/* Queues a message: to the topic under its key, or to the score topic under its subject. */
RF_MUST_CHECK rf_status rf_kafka_txn_send(rf_kafka_txn *txn, const rf_message *message, bool score_topic,
                                          rf_err *err);
/* Waits until everything is delivered, then makes it visible. */
RF_MUST_CHECK rf_status rf_kafka_txn_commit(rf_kafka_txn *txn, rf_err *err);
/* Aborts the open transaction; none of its messages becomes visible. patient: another begin will follow. */
RF_MUST_CHECK rf_status rf_kafka_txn_abort(rf_kafka_txn *txn, bool patient, rf_err *err);

#endif
