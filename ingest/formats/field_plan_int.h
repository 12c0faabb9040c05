/* field_plan_int.h - which fields of a record are wanted, where each is found, and what its text means.
 *
 *   event_csv, event_json, event_protobuf --raw values--> event_fields --> rf_event, or a reject
 *
 * The decoders are pure: they see one record and fill one rf_raw a mapped field. Only event_fields
 * interprets the texts, so that CSV, JSON Lines and Protobuf cannot disagree.
 */
#ifndef RF_FIELD_PLAN_INT_H
#define RF_FIELD_PLAN_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "null_words_int.h"
#include "number_places_int.h"
#include "record_filter_int.h"
#include "reject_int.h"
#include "rf_source.h"
#include "rf_text.h"
#include "time_ways_int.h"
#include "truth_words_int.h"

#define RF_MAX_FIELDS 256 /* distinct names of a plan */
#define RF_MAX_PARTS 16   /* of a derived field */

typedef enum rf_raw_kind {
    RF_RAW_ABSENT, /* no such key or column, an empty CSV field, JSON null */
    RF_RAW_TEXT,   /* a JSON string */
    RF_RAW_FIELD,  /* a CSV field: nothing tells a text from a number, or NULL from "NULL" */
    RF_RAW_NUMBER, /* a JSON number's text */
    RF_RAW_TRUE,
    RF_RAW_FALSE,
    RF_RAW_NESTED, /* a JSON object or array where a plain value is expected; Protobuf: message, repeated */
    RF_RAW_MOMENT  /* a time whatever the format: time_us; text: its digits, or ptr NULL */
} rf_raw_kind;

typedef struct rf_raw {
    rf_raw_kind kind;
    rf_span text;
    int64_t time_us; /* RF_RAW_MOMENT */
} rf_raw;

/* A text, a number's too. A moment has one only where that is digits, as a message's timestamp. */
bool rf_raw_has_text(const rf_raw *raw);

/* Where a field is found. */
typedef enum rf_field_origin {
    RF_FIELD_BODY, /* the record itself */
    RF_FIELD_KEY,  /* these: of a message, beside its value */
    RF_FIELD_TIMESTAMP,
    RF_FIELD_HEADER,
    RF_FIELD_VALUE,  /* whether there is a value at all */
    RF_FIELD_DERIVED /* made of others */
} rf_field_origin;

#define RF_ID_MARK '|' /* between the parts of an id */

typedef struct rf_derived {
    int name; /* index into names */
    int parts[RF_MAX_PARTS], n;
    char between; /* '\0': the first part that has a value */
    bool list, told;
    int64_t records, others; /* chosen: of all, not the first part */
    rf_text text;            /* joined */
} rf_derived;

/* The configuration's fields, checked and copied: each distinct column or key once. */
typedef struct rf_field_plan {
    char **names;             /* [n_names] owned */
    rf_field_origin *origins; /* [n_names] */
    int n_names;
    bool of_message;                                                    /* one at least is not of the body */
    int user, entity[RF_KINDS_MOST], time, event_id, label, fraud_type; /* index into names, -1: not mapped */
    int n_kinds;                                                        /* of entities */
    rf_condition *where;                                                /* [n_where] owned */
    int n_where;
    bool where_of_message; /* one at least is about parts of a message alone */
    rf_derived *derived;   /* [n_derived] owned */
    int n_derived;
    rf_attr *attrs; /* [n_attrs] names owned by the plan too */
    int *attr_name; /* [n_attrs] index into names, -1: the event's time */
    int n_attrs;
    rf_places_seen *places;  /* [n_attrs] what was read and not kept as it is */
    rf_number_style numbers; /* its signs are owned */
    bool plain_numbers;      /* a text that is one plainly is that number by this style too */
    rf_null_words null_words;
    bool own_null_words;               /* not the usual ones: they mean nothing in every place and format */
    rf_truth label_truth, *attr_truth; /* [n_attrs] */
    rf_time_ways time_ways;
    bool takes_long[RF_SIDES_MOST]; /* ids of that side may be of any length: their spelling makes short ones
                                     */
    bool entity_required[RF_KINDS_MOST]; /* else an event may have none of the kind */
    rf_kinds kinds;                      /* the names of kinds */
} rf_field_plan;

/* RF_E_INVALID when a required field is not named, a "$name" is none, the zone is unknown or the pattern
 * cannot be read. */
RF_MUST_CHECK rf_status rf_field_plan_new(rf_field_plan **out, const rf_fields *fields, rf_err *err);
void rf_field_plan_free(rf_field_plan *plan);

/* The parts of a Kafka message beside its value, for fields named $key, $timestamp, $header.NAME. */
typedef struct rf_message {
    rf_span key;                                                     /* ptr NULL: none */
    int64_t timestamp_ms;                                            /* -1: none */
    bool has_value;                                                  /* filled in by the decoder */
    void *headers;                                                   /* for header() */
    bool (*header)(void *headers, const char *name, rf_span *value); /* the last one of that name */
} rf_message;

/* The fields that are not of the body: raws[n_names] at their places. message NULL: all absent. digits holds
 * the text of the timestamp. RF_OK, or RF_SKIPPED when a text is not UTF-8. */
#define RF_TIMESTAMP_DIGITS 20
rf_status rf_field_plan_message(rf_raw *raws, const rf_field_plan *plan, const rf_message *message,
                                char digits[RF_TIMESTAMP_DIGITS], rf_reject *reject);

/* Whether the record is wanted; of_message: by the conditions on parts of the message alone. */
bool rf_field_plan_wants(const rf_field_plan *plan, const rf_raw *raws, bool of_message);

/* field_derive.c: the fields that are made of others, when these are filled. */
RF_MUST_CHECK rf_status rf_field_plan_derive(rf_raw *raws, rf_field_plan *plan, rf_err *err);
/* One of several fields of which the first with a value counts: it may be rare. */
bool rf_field_plan_is_alternative(const rf_field_plan *plan, int name);
/* A list of fields whose first one has always had a value, once for each; NULL: none. */
const rf_derived *rf_field_plan_idle_choice(rf_field_plan *plan, bool at_end);

/* event_fields.c: the raw value is none, or a word for nothing. */
bool rf_field_plan_lacks(const rf_field_plan *plan, const rf_raw *raw);
/* It is a word for nothing. The usual ones are that only where nothing but a word could say so. */
bool rf_field_plan_says_nothing(const rf_field_plan *plan, const rf_raw *raw);
bool rf_raw_is_whole_number(const rf_raw *raw);

/* event_fields.c: fills event (all but place) from raws[n_names]; spans are borrowed from raws. RF_OK or
 * RF_SKIPPED. RF_OK with odd_label: *reject says what is wrong with the label. */
rf_status rf_field_plan_fill(rf_event *event, const rf_field_plan *plan, const rf_raw *raws,
                             rf_reject *reject);

#endif
