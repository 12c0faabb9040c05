/* export_int.h - what the files of export/ share: one action, its identity, its JSON. */
#ifndef RF_EXPORT_INT_H
#define RF_EXPORT_INT_H

#include "rf_emit.h"
#include "rf_json.h"
#include "rf_text.h"
#include "rf_time.h"

#define RF_ACTION_TYPE "ringfence.action.v1"
#define RF_MANIFEST_TYPE "ringfence.run.completed.v1"
#define RF_CLEARED_TYPE "ringfence.cleared.v1"

typedef enum rf_action_kind {
    RF_ACTION_USER,
    RF_ACTION_ENTITY,
    RF_ACTION_EDGE,
    RF_ACTION_CLUSTER,
    RF_ACTION_KINDS
} rf_action_kind;
const char *rf_action_kind_name(rf_action_kind kind);

typedef struct rf_action {
    rf_action_kind kind;
    int64_t row;  /* of a cluster: its place among them */
    int64_t rank; /* 1 + subjects of the kind that score higher */
} rf_action;

/* What all messages of one emission share. */
typedef struct rf_emission {
    const rf_findings *findings;
    const rf_graph *graph;   /* the findings' */
    const rf_scores *scores; /* likewise */
    const rf_emit_options *options;
    char emitted_at[RF_TIME_TEXT];
} rf_emission;

/* ---- cloud_event.c ---- who a message is about, as consumers tell messages apart. */
typedef struct rf_identity {
    rf_text key;     /* the subject's id; an edge without event id: the JSON array [user, entity] */
    rf_text subject; /* "user/…", "entity/…", "edge/…", "run/…", then the key */
    char id[33];     /* hash of run, kind and subject */
    rf_json *scratch;
} rf_identity;
RF_MUST_CHECK rf_status rf_identity_init(rf_identity *identity, rf_err *err);
void rf_identity_clear(rf_identity *identity);
/* Fills for one action; reuses the memory. */
RF_MUST_CHECK rf_status rf_identity_of_action(rf_identity *identity, const rf_emission *emission,
                                              const rf_action *action, rf_err *err);
RF_MUST_CHECK rf_status rf_identity_of_run(rf_identity *identity, const rf_emission *emission, rf_err *err);

/* One message as a topic carries it; all texts are borrowed. */
#define RF_MESSAGE_HEADERS 10
typedef struct rf_header {
    const char *name, *value;
    size_t len;
} rf_header;
typedef struct rf_message {
    bool manifest; /* else an action */
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

/* ---- action_json.c ---- values. */
void rf_action_json(rf_json *json, const rf_emission *emission, const rf_action *action, const char *id);
void rf_threshold_json(rf_json *json, const rf_emit_options *options);
void rf_manifest_json(rf_json *json, const rf_emission *emission, const rf_emit_result *result,
                      const char *id);

/* ---- case_json.c ---- what tags, explanation and clusters add to an action. */
void rf_case_tags_json(rf_json *json, const rf_emission *emission, const rf_action *action);
void rf_case_why_json(rf_json *json, const rf_emission *emission, const rf_action *action);
void rf_case_cluster_json(rf_json *json, const rf_emission *emission, const rf_action *action);
/* The value of a cluster's own message, but for what all messages have. */
void rf_cluster_json(rf_json *json, const rf_emission *emission, int64_t at);

/* ---- emit_pick.c ---- who becomes an action. */
/* A subject's letter in graph and scores: RF_USER, RF_ENTITY, RF_EDGE. */
rf_side rf_action_side(rf_action_kind kind);
bool rf_emit_silenced(const rf_emission *emission, const rf_action *action);
/* It has a tag of options->tag_confidence or more that no suppression takes. */
bool rf_emit_tagged(const rf_emission *emission, const rf_action *action);

/* ---- emit_audit.c ---- what an emission leaves in the audit log. */
typedef struct rf_emit_record rf_emit_record;
RF_MUST_CHECK rf_status rf_emit_record_new(rf_emit_record **out, const rf_emission *emission, rf_err *err);
void rf_emit_record_free(rf_emit_record *record);
/* Before anything is sent: a crash leaves this trace. Forgets what was noted. */
RF_MUST_CHECK rf_status rf_emit_record_begin(rf_emit_record *record, rf_err *err);
/* Notes an action, or one that is silenced, until it is visible. */
RF_MUST_CHECK rf_status rf_emit_record_note(rf_emit_record *record, const rf_action *action, const char *id,
                                            bool silenced, rf_err *err);
/* Everything is visible: one entry an action and a suppression, and one of the whole. */
RF_MUST_CHECK rf_status rf_emit_record_end(rf_emit_record *record, const rf_emit_result *result, rf_err *err);
/* The run is in the topic since an earlier emission, whose end the log may lack: where its manifest is. */
RF_MUST_CHECK rf_status rf_emit_record_found(rf_emit_record *record, const rf_emit_result *result,
                                             rf_err *err);
/* Nothing is. A failure to say so is logged. */
void rf_emit_record_failed(rf_emit_record *record, const char *why);

/* ---- escape.c ---- at most `most` characters of text as XML character data or attribute value, an ellipsis
 * at the end where there were more; broken UTF-8 and what XML cannot hold become U+FFFD, line breaks a space.
 */
RF_MUST_CHECK rf_status rf_xml_add(rf_text *out, const char *text, int most, rf_err *err);

#endif
