/* kafka_int.h - what the kafka_*.c files of ingest/ share.
 *
 *   librdkafka --poll thread, kafka_fetch--> kafka_batch --kafka_queue--> caller's thread, kafka_source
 *                                                             |  kafka_rebalance: partitions come and go
 *                                                             |  kafka_targets: where reading starts and ends
 *                                                             '  kafka_letters: what did not fit
 *
 * Two threads, and one that only wakes the client (kafka_flow). The poll thread alone consumes, assigns,
 * unassigns, pauses and resumes, one after the other: librdkafka's batches may lose messages when those
 * overlap. It decodes what it consumes, too, so that the decoder is its own from the start of the thread to
 * its end. All else, the state of the partitions and the counts of records above all, belongs to the caller's
 * thread.
 */
#ifndef RF_KAFKA_INT_H
#define RF_KAFKA_INT_H

#include "deadletter_int.h"
#include "rf_kafka.h"
#include "source_kind_int.h"

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

/* ---- decoded messages (kafka_batch.c) ---- */

#define RF_BATCH_MESSAGES 512
#define RF_BATCH_BYTES ((size_t)128 << 10) /* one event at least fits, however long its texts */

typedef struct rf_bad_message {
    rd_kafka_message_t *message; /* the batch's */
    rf_reject reject;
} rf_bad_message;

/* Messages in the order in which they were fetched. The poll thread fills it, the caller's thread owns it
 * once it was taken from the queue. */
typedef struct rf_batch rf_batch;
struct rf_batch {
    rf_batch *next; /* among those to be filled again */
    size_t n, n_bad, used;
    int64_t held_bytes;                     /* of the messages that are kept */
    rf_event *events[RF_BATCH_MESSAGES];    /* texts included; rejected: its place alone is filled */
    rf_bad_message *bad[RF_BATCH_MESSAGES]; /* NULL: an event */
    _Alignas(16) char bytes[RF_BATCH_BYTES];
};

typedef struct rf_batch_decoding {
    rf_decoder *decoder;
    rf_source_format format;
} rf_batch_decoding;

RF_MUST_CHECK rf_status rf_batch_new(rf_batch **out, rf_err *err);
void rf_batch_clear(rf_batch *batch);                                     /* as new */
void rf_batch_free(rf_batch *batch);                                      /* NULL allowed */
bool rf_batch_has_room(const rf_batch *batch, const rf_decoder *decoder); /* for one more message */
/* Decodes a message (one without error, of a topic whose name outlives the batch) and destroys it, or keeps
 * it with the reason why it does not fit. On failure it stays the caller's. */
RF_MUST_CHECK rf_status rf_batch_add(rf_batch *batch, const rf_batch_decoding *how, const char *topic,
                                     rd_kafka_message_t *message, rf_err *err);

/* ---- the queue between the two threads (kafka_queue.c) ---- */

typedef enum rf_fetched_kind {
    RF_FETCHED_BATCH,
    RF_FETCHED_NEWS,   /* what the client reports in the form of a message: message->err */
    RF_FETCHED_ASSIGN, /* partitions that come; rf_fetch_assign is waited for */
    RF_FETCHED_REVOKE, /* partitions that go; rf_fetch_unassign is waited for */
    RF_FETCHED_LOST,   /* likewise, but another member may have them already */
    RF_FETCHED_STARTED /* from here on messages belong to assignment `number` */
} rf_fetched_kind;

typedef struct rf_fetched {
    rf_fetched_kind kind;
    int32_t number;  /* STARTED: of the assignment */
    size_t messages; /* these two are what the queue's bounds count */
    int64_t bytes;
    union {
        rf_batch *batch;
        rd_kafka_message_t *message;                 /* NEWS */
        rd_kafka_topic_partition_list_t *partitions; /* ASSIGN, REVOKE, LOST */
    };
} rf_fetched;

void rf_fetched_free(rf_fetched *item); /* what it points to */

/* One thread puts, one takes. The bounds are what rf_queue_wait_room goes by; what is put is never refused.
 */
typedef struct rf_queue rf_queue;
RF_MUST_CHECK rf_status rf_queue_new(rf_queue **out, int max_messages, rf_err *err);
void rf_queue_free(rf_queue *queue); /* with what is in it */
/* The item is the queue's on success. */
RF_MUST_CHECK rf_status rf_queue_put(rf_queue *queue, const rf_fetched *item, rf_err *err);
/* Up to `max` items, at once if there are any, else waiting until `timeout_ms`. */
size_t rf_queue_take(rf_queue *queue, rf_fetched *items, size_t max, int timeout_ms);
/* The other way: batches that the taker is done with, for the putter to fill again (NULL: none is there). */
void rf_queue_give_back(rf_queue *queue, rf_batch *batch);
rf_batch *rf_queue_spare(rf_queue *queue);
/* Room for how many messages. Waits until a quarter of the queue is free, `timeout_ms` at most. */
size_t rf_queue_wait_room(rf_queue *queue, int timeout_ms);
bool rf_queue_below_half(rf_queue *queue);
void rf_queue_wake(rf_queue *queue);   /* ends both waits */
size_t rf_queue_peak(rf_queue *queue); /* most messages waiting */

/* ---- from messages to batches in the queue (kafka_fill.c) ---- */

typedef struct rf_topic_name rf_topic_name;

typedef struct rf_filler { /* of the poll thread; zero but for queue and how at first */
    rf_queue *queue;
    rf_batch_decoding how;
    rf_batch *batch; /* being filled; NULL: none */
    rf_topic_name *names;
} rf_filler;

/* What was consumed, in order, goes into the queue or, on failure, away. */
RF_MUST_CHECK rf_status rf_filler_take_in(rf_filler *filler, rd_kafka_message_t *const *messages, size_t n,
                                          rf_err *err);
/* When no event of it is in use any more. */
void rf_filler_clear(rf_filler *filler);

/* ---- the client's own queue (kafka_flow.c) ---- */

typedef struct rf_flow rf_flow;
/* Starts its thread. The client must outlive it. */
RF_MUST_CHECK rf_status rf_flow_start(rf_flow **out, rd_kafka_t *client, rf_err *err);
void rf_flow_stop(rf_flow *flow); /* NULL allowed */
/* Call for each batch that is taken from `incoming`; never waits. */
void rf_flow_look(rf_flow *flow, rd_kafka_queue_t *incoming, const rd_kafka_topic_partition_list_t *assigned);

/* ---- the poll thread (kafka_fetch.c) ---- */

typedef struct rf_fetch rf_fetch;

/* Sets the callbacks that the thread needs. */
void rf_fetch_prepare(rd_kafka_conf_t *conf);
/* The client is the caller's, and its watch gets the fetch attached. The decoder is the thread's until
 * rf_fetch_stop. */
RF_MUST_CHECK rf_status rf_fetch_start(rf_fetch **out, rd_kafka_t *client, rf_kafka_watch *watch,
                                       const rf_batch_decoding *how, int queue_messages, rf_err *err);
/* Up to `max` items in order; 0 after timeout_ms. Fails when the thread could not go on. */
RF_MUST_CHECK rf_status rf_fetch_take(rf_fetch *fetch, rf_fetched *items, size_t max, int timeout_ms,
                                      size_t *n, rf_err *err);
/* A batch that was taken and is done with; the thread fills it again. */
void rf_fetch_give_back(rf_fetch *fetch, rf_batch *batch);
/* Orders to the thread, which carries them out one after the other. The lists are the fetch's from here on,
 * even on failure. assign: offsets are where reading starts; *number is what STARTED will carry. restart:
 * what is assigned is read from other offsets. finish: no more messages of these are wanted. */
RF_MUST_CHECK rf_status rf_fetch_assign(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions,
                                        int32_t *number, rf_err *err);
RF_MUST_CHECK rf_status rf_fetch_unassign(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions,
                                          rf_err *err);
RF_MUST_CHECK rf_status rf_fetch_restart(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions,
                                         int32_t *number, rf_err *err);
RF_MUST_CHECK rf_status rf_fetch_finish(rf_fetch *fetch, rd_kafka_topic_partition_list_t *partitions,
                                        rf_err *err);
/* Leaves the group and stays open (what is held is revoked first), and joins it. */
RF_MUST_CHECK rf_status rf_fetch_leave(rf_fetch *fetch, rf_err *err);
RF_MUST_CHECK rf_status rf_fetch_join(rf_fetch *fetch, rd_kafka_topic_partition_list_t *topics, rf_err *err);
void rf_fetch_figures(rf_fetch *fetch, int64_t *queue_peak, int64_t *pauses);
/* Ends the thread and leaves the group, waiting for the broker a few seconds at most. NULL allowed. False:
 * the group had not answered yet; the client must not be destroyed then, nor its watch freed: librdkafka
 * (2.0.2 for one) ends the process when the cooperative-sticky assignor is destroyed before its first
 * assignment. */
bool rf_fetch_stop(rf_fetch *fetch);

/* ---- what is known of each partition (kafka_parts.c) ---- */

typedef enum rf_part_state {
    RF_PART_AWAY,     /* not this member's */
    RF_PART_COMING,   /* assigned; where to start is being found out */
    RF_PART_STARTING, /* ordered from the poll thread */
    RF_PART_HELD      /* its messages count */
} rf_part_state;

#define RF_NO_TARGET INT64_MAX

typedef struct rf_part {
    char *topic; /* its name, of the table */
    int32_t partition;
    rf_part_state state;
    int32_t assignment; /* STARTING, HELD: its number */
    bool finished;      /* the poll thread was told that it is read to the end wanted */
    bool early;         /* it was there when the source was opened */
    bool asked;         /* COMING: the owner has been asked */
    bool at_end;        /* the broker had nothing more when last asked */
    int64_t position;   /* next message; -1: nothing known yet */
    int64_t first;      /* the first position known here, for progress */
    int64_t target;     /* reading ends before it; RF_NO_TARGET: none, or not known yet */
    int64_t low, high;  /* watermarks when last seen, -1 never */
    int64_t records;    /* read, good or bad */
    int64_t elsewhere;  /* what another member has saved, when last asked; -1 */
    void *share;        /* the owner's */
} rf_part;

typedef struct rf_part_topic {
    char *name; /* owned */
    bool read;  /* of the configuration; else positions are only kept */
    bool known; /* positions of it existed before this source was opened */
    rf_part *parts;
    size_t n, cap;
} rf_part_topic;

typedef struct rf_parts {
    rf_part_topic *topics;
    size_t n, cap;
} rf_parts;

/* Adds the topic if it is new. */
RF_MUST_CHECK rf_status rf_parts_topic(rf_parts *parts, const char *name, rf_part_topic **out, rf_err *err);
/* Adds partitions until there are n. Pointers to parts of the topic end here. */
RF_MUST_CHECK rf_status rf_parts_grow(rf_part_topic *topic, size_t n, rf_err *err);
rf_part *rf_parts_find(const rf_parts *parts, const char *topic, int32_t partition); /* NULL: unknown */
/* Walks all partitions: start with at = {0}; NULL behind the last one. */
typedef struct rf_part_walk {
    size_t topic, part;
} rf_part_walk;
rf_part *rf_parts_next(const rf_parts *parts, rf_part_walk *at);
void rf_parts_clear(rf_parts *parts);

/* ---- the source (kafka_source.c) ---- */

#define RF_KAFKA_TAKE 4 /* items taken from the queue at a time */

typedef struct rf_kafka_source {
    rf_kafka_source_options options;
    rf_source_format format;
    rf_intake *intake;
    const char *group; /* group.id as configured */

    rf_kafka_watch *watch;
    rd_kafka_t *client;
    rf_fetch *fetch;
    rf_letters *letters; /* one of the two, or none */
    rf_deadletter *file;
    const char *kept_in; /* the name of the one; NULL: none */

    rf_parts parts;
    rf_positions others; /* of inputs that are no Kafka topics: kept as they were */
    rf_part *last;       /* the part of the last message */

    rf_fetched items[RF_KAFKA_TAKE];
    size_t at, n;
    size_t row; /* of the batch at hand: the next message. The events handed out last lie in it, too */

    bool ends; /* there are targets; not yet known when until_us lies ahead */
    bool targets_known;
    bool retry;             /* the item at hand is being tried again */
    bool is_static;         /* a static member of the group */
    bool renewing;          /* leaving the group to join it anew */
    bool renewed;           /* did so */
    int64_t away_since_us;  /* without owner: since when partitions are lacking; 0: none */
    int64_t asked_us;       /* when saved_elsewhere was asked last */
    const rf_part *lacking; /* with owner: what is waited for, and how far it was saved then */
    int64_t lacking_at;
    int64_t looked_us; /* when rf_kafka_idle was called last */
    int64_t told_us;   /* when the log last said what is waited for */
    int64_t doubt_us;  /* when a topic was reported missing; 0: none is */
    int64_t consumed, rebalances;
} rf_kafka_source;

/* Everything but `intake`, which is set. What was opened stays in the source on failure. */
RF_MUST_CHECK rf_status rf_kafka_open(rf_kafka_source *source, const rf_source_options *options, rf_err *err);
/* A message with an error. RF_TIMEOUT: the broker does not answer now, try again. */
RF_MUST_CHECK rf_status rf_kafka_news(rf_kafka_source *source, const rd_kafka_message_t *message,
                                      rf_err *err);
/* The queue is empty, or has not been for a while. RF_EOF: that is the end. */
RF_MUST_CHECK rf_status rf_kafka_idle(rf_kafka_source *source, rf_err *err);
rf_part *rf_kafka_part_of(rf_kafka_source *source, const char *topic, int32_t partition); /* NULL: unknown */
/* The position moved; at the end wanted, no more messages are. */
RF_MUST_CHECK rf_status rf_kafka_move(rf_kafka_source *source, rf_part *part, int64_t position, rf_err *err);

/* ---- where reading starts and ends (kafka_targets.c) ---- */

int64_t rf_kafka_now_us(void); /* monotonic */
/* Finds the topics' partitions, their ends, and without owner where each is read from. */
RF_MUST_CHECK rf_status rf_targets_open(rf_kafka_source *source, rf_err *err);
/* Gives every partition with state COMING its position. RF_TIMEOUT: the broker does not answer now, try
 * again. */
RF_MUST_CHECK rf_status rf_targets_place(rf_kafka_source *source, rf_err *err);
/* The broker does not have the message at this position: it moves behind the gap, or RF_E_KAFKA says what is
 * lost. RF_TIMEOUT as above. */
RF_MUST_CHECK rf_status rf_targets_gap(rf_kafka_source *source, rf_part *part, rf_err *err);
bool rf_target_reached(const rf_part *part);
/* RF_EOF: everything wanted is read, here or elsewhere. */
RF_MUST_CHECK rf_status rf_targets_end(rf_kafka_source *source, rf_err *err);
bool rf_targets_own_reached(const rf_kafka_source *source);

/* ---- offsets by time (kafka_offsets.c) ---- */

/* For each partition of the list, in: offset is milliseconds since the epoch, RD_KAFKA_OFFSET_BEGINNING or
 * _END; out: the first message of that time or later, or RD_KAFKA_OFFSET_END when there is none (with _END:
 * the end). One request a broker. RF_TIMEOUT: not now. */
RF_MUST_CHECK rf_status rf_offsets_query(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list,
                                         int timeout_ms, rf_err *err);

/* ---- partitions come and go (kafka_rebalance.c) ---- */

/* ASSIGN, REVOKE, LOST, STARTED. RF_TIMEOUT: not done yet, call again with the same item. */
RF_MUST_CHECK rf_status rf_rebalance(rf_kafka_source *source, const rf_fetched *item, rf_err *err);
/* The partition starts again at its position. */
RF_MUST_CHECK rf_status rf_rebalance_restart(rf_kafka_source *source, rf_part *part, rf_err *err);
/* The topics, for rd_kafka_subscribe. */
rd_kafka_topic_partition_list_t *rf_rebalance_topics(const rf_kafka_source *source);
/* Leaves the group and joins it anew, so that it looks at the partitions again. */
RF_MUST_CHECK rf_status rf_rebalance_renew(rf_kafka_source *source, rf_err *err);
/* Hands everything held back to the owner. */
void rf_rebalance_close(rf_kafka_source *source, bool failed);

#endif
