/* message_int.h - messages and where they go: emit.c decides which, a sink puts them into a file or a topic.
 *
 *   begin, put, put, ..., end          all of a run, visible from end on
 *   begin, put, ..., abort             nothing of it
 */
#ifndef RF_MESSAGE_INT_H
#define RF_MESSAGE_INT_H

#include "action_int.h"

/* ---- message.c ---- who a message is about, as consumers tell messages apart. */
typedef struct rf_identity {
    rf_text key;     /* the subject's id; an edge without event id: the JSON array [user, entity] */
    rf_text subject; /* "user/...", "entity/...", "edge/...", "run/...", then the key; of a kind that is not
                        the main one "entity:device/..." */
    char id[33];     /* hash of run, kind and subject */
    rf_json *scratch;
} rf_identity;
RF_MUST_CHECK rf_status rf_identity_init(rf_identity *identity, rf_err *err);
void rf_identity_clear(rf_identity *identity);
/* Fills for one action; reuses the memory. */
RF_MUST_CHECK rf_status rf_identity_of_action(rf_identity *identity, const rf_emission *emission,
                                              const rf_action *action, rf_err *err);
/* Of a subject that is no longer flagged. */
RF_MUST_CHECK rf_status rf_identity_of_gone(rf_identity *identity, const rf_emission *emission,
                                            const char *kind, const char *key, rf_err *err);
/* "user/u17": the word and the key. */
RF_MUST_CHECK rf_status rf_subject_of(rf_text *subject, const char *word, const char *key, size_t len,
                                      rf_err *err);
/* The alert_id: a hash of source and subject. */
void rf_alert_id(char out[33], const rf_emission *emission, const rf_identity *identity);
RF_MUST_CHECK rf_status rf_identity_of_run(rf_identity *identity, const rf_emission *emission, rf_err *err);

/* One message as a topic carries it; all texts are borrowed. */
#define RF_MESSAGE_HEADERS 10
typedef struct rf_header {
    const char *name, *value;
    size_t len;
} rf_header;
typedef enum rf_message_for {
    RF_FOR_ALL,    /* an action: the run's messages, and who is flagged now */
    RF_FOR_TOPIC,  /* the run's messages only */
    RF_FOR_FLAGGED /* flagged, too, but without a message in this run */
} rf_message_for;
typedef struct rf_message {
    rf_message_for who;
    const char *key, *subject;
    size_t key_len, subject_len;
    rf_header headers[RF_MESSAGE_HEADERS];
    int n_headers;
    const char *value; /* NULL: none, a tombstone */
    size_t value_len;
} rf_message;
/* Key, subject and headers: ce_specversion, ce_id, ce_source, ce_type, ce_subject, ce_time, content-type. The
 * value is left NULL. */
void rf_message_of(rf_message *message, const rf_identity *identity, const rf_emission *emission,
                   const char *type);
/* One more; there must be room. */
void rf_message_add_header(rf_message *message, const char *name, const char *value, size_t len);

/* ---- sinks ---- */
typedef struct rf_emit_sink rf_emit_sink;

typedef struct rf_emit_sink_ops {
    /* RF_OK: put the run's messages. RF_EOF: they are there already; put nothing, and do not call end. */
    rf_status (*begin)(rf_emit_sink *sink, rf_err *err);
    rf_status (*put)(rf_emit_sink *sink, const rf_message *message, rf_err *err);
    /* A subject that would be flagged, but is suppressed; only where it was flagged before does it matter. */
    void (*silenced)(rf_emit_sink *sink, const char *subject, size_t len);
    rf_status (*end)(rf_emit_sink *sink, rf_err *err);
    /* After any failure, of begin too. True: the trouble has passed or may pass, begin may be called again.
     * *failure is replaced where aborting shows the better reason. */
    bool (*abort)(rf_emit_sink *sink, rf_err *failure);
    /* Adds the sink's own figures to those of the run. */
    void (*figures)(const rf_emit_sink *sink, rf_emit_result *result);
    void (*close)(rf_emit_sink *sink);
} rf_emit_sink_ops;

struct rf_emit_sink { /* the first member of every sink */
    const rf_emit_sink_ops *ops;
    bool keeps_flagged;     /* it takes messages that are RF_FOR_FLAGGED */
    const char *unfinished; /* what an interruption leaves, for people */
};

/* The emission must outlive the sink. *out is freed with (*out)->ops->close. */
RF_MUST_CHECK rf_status rf_jsonl_sink_open(rf_emit_sink **out, const rf_emission *emission, rf_err *err);
/* Topics and settings, as far as they can be judged without a broker. */
RF_MUST_CHECK rf_status rf_kafka_sink_check(const rf_emit_options *options, rf_err *err);
RF_MUST_CHECK rf_status rf_kafka_sink_open(rf_emit_sink **out, const rf_emission *emission, rf_err *err);

#endif
