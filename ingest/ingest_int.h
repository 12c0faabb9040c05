/* ingest_int.h - what the files of ingest/ share: rejects, the field plan, the two decoders, the record
 * reader and the dead letters.
 *
 *   input_stream --bytes--> file_source --records--> event_json or event_csv --raw values--> event_fields
 *                                                                                  --> rf_event, or a reject
 *
 * The decoders are pure: they see one record and fill one rf_raw a mapped field. event_fields alone knows
 * what the texts mean, so that CSV and JSON Lines cannot disagree.
 */
#ifndef RF_INGEST_INT_H
#define RF_INGEST_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_source.h"
#include "rf_text.h"
#include "rf_time.h"

#define RF_MAX_RECORD_BYTES (16u << 20) /* longer records are rejected */
#define RF_MAX_NESTING 512              /* deeper JSON is rejected */
#define RF_HEAD_BYTES 65536             /* content that a fingerprint covers */

/* ---- rejects ---- */

/* Why a record was set aside. The names (rf_reject_name) are stable: scripts match on them. */
typedef enum rf_reject_code {
    RF_REJECT_NONE,
    RF_REJECT_MISSING_FIELD,
    RF_REJECT_EMPTY_ID,
    RF_REJECT_BAD_ID,
    RF_REJECT_ID_TOO_LONG,
    RF_REJECT_TEXT_TOO_LONG,
    RF_REJECT_BAD_TEXT,
    RF_REJECT_BAD_NUMBER,
    RF_REJECT_NOT_FINITE,
    RF_REJECT_NUMBER_RANGE,
    RF_REJECT_BAD_BOOLEAN,
    RF_REJECT_BAD_LABEL,
    RF_REJECT_BAD_TIME,
    RF_REJECT_TIME_RANGE,
    RF_REJECT_BAD_UTF8,
    RF_REJECT_BAD_JSON,
    RF_REJECT_DUPLICATE_KEY,
    RF_REJECT_BAD_CSV,
    RF_REJECT_FIELD_COUNT,
    RF_REJECT_RECORD_TOO_LONG,
    RF_REJECT_NO_VALUE,
    RF_REJECT_BAD_PROTOBUF,
    RF_N_REJECTS
} rf_reject_code;

typedef struct rf_reject {
    rf_reject_code code;
    int64_t byte;   /* where in the record, from 0; -1 when the whole record is meant */
    char text[320]; /* one sentence for people; names the field and shows the value, shortened */
} rf_reject;

const char *rf_reject_name(rf_reject_code code); /* "bad_number" and so on */

/* Fills *reject and returns RF_SKIPPED. */
rf_status rf_reject_set(rf_reject *reject, rf_reject_code code, int64_t byte, const char *format, ...)
    RF_PRINTF(4, 5);

/* Up to 60 bytes of a value for a message, cut between characters, control and broken bytes as "?". */
#define RF_SHOWN_BYTES 72
const char *rf_shown(char out[RF_SHOWN_BYTES], rf_span value);

/* ---- time patterns (time_pattern.c) ---- */

/* RF_E_INVALID naming the directive that is unknown, or the part of a date that is lacking. */
RF_MUST_CHECK rf_status rf_time_pattern_check(const char *pattern, rf_err *err);

/* Reads text by a checked pattern; false when it does not fit or names no real moment. *out may lie outside
 * [RF_TIME_MIN, RF_TIME_MAX): the caller tells. zone applies when the pattern reads no offset. */
bool rf_time_pattern_parse(int64_t *out_us, const char *pattern, rf_span text, const rf_zone *zone);

/* Decimal text in units of 10^-unit_digits seconds (0, 3, 6) to microseconds, half to even; exponents
 * allowed. RF_NUMBER_RANGE beyond int64. */
rf_number_status rf_epoch_parse(int64_t *out_us, rf_span text, int unit_digits);

/* ---- the field plan (field_plan.c) ---- */

#define RF_MAX_FIELDS (RF_MAX_ATTRS + 6) /* distinct names of a plan */

typedef enum rf_raw_kind {
    RF_RAW_ABSENT, /* no such key or column, an empty CSV field, JSON null */
    RF_RAW_TEXT,   /* a CSV field or JSON string */
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

/* Where a field is found. */
typedef enum rf_field_origin {
    RF_FIELD_BODY, /* the record itself */
    RF_FIELD_KEY,  /* these: of a message, beside its value */
    RF_FIELD_TIMESTAMP,
    RF_FIELD_HEADER
} rf_field_origin;

/* The configuration's fields, checked and copied: each distinct column or key once. */
typedef struct rf_field_plan {
    char **names;             /* [n_names] owned */
    rf_field_origin *origins; /* [n_names] */
    int n_names;
    bool of_message;                                     /* one at least is not of the body */
    int user, entity, time, event_id, label, fraud_type; /* index into names, -1: not mapped */
    rf_attr *attrs;                                      /* [n_attrs] names owned by the plan too */
    int *attr_name; /* [n_attrs] index into names, -1: the event's time */
    int n_attrs;
    rf_time_notation time_format;
    char *time_pattern; /* owned, NULL unless RF_TIME_STRPTIME */
    rf_zone *zone;      /* NULL is UTC */
} rf_field_plan;

/* RF_E_INVALID when a required field is not named, a "$name" is none, the zone is unknown or the pattern
 * cannot be read. */
RF_MUST_CHECK rf_status rf_field_plan_new(rf_field_plan **out, const rf_fields *fields, rf_err *err);
void rf_field_plan_free(rf_field_plan *plan);

/* What a Kafka message carries beside its value, for fields named $key, $timestamp, $header.NAME. */
typedef struct rf_message {
    rf_span key;                                                     /* ptr NULL: none */
    int64_t timestamp_ms;                                            /* -1: none */
    void *headers;                                                   /* for header() */
    bool (*header)(void *headers, const char *name, rf_span *value); /* the last one of that name */
} rf_message;

/* The fields that are not of the body: raws[n_names] at their places. message NULL: all absent. digits holds
 * the text of the timestamp. RF_OK, or RF_SKIPPED when a text is not UTF-8. */
#define RF_TIMESTAMP_DIGITS 20
rf_status rf_field_plan_message(rf_raw *raws, const rf_field_plan *plan, const rf_message *message,
                                char digits[RF_TIMESTAMP_DIGITS], rf_reject *reject);

/* event_fields.c: fills event (all but place) from raws[n_names]; spans are borrowed from raws. RF_OK or
 * RF_SKIPPED. */
rf_status rf_field_plan_fill(rf_event *event, const rf_field_plan *plan, const rf_raw *raws,
                             rf_reject *reject);

/* ---- decoders: RF_OK, RF_SKIPPED with *reject filled, or a failure (memory) ----
 *
 * They fill raws[plan->n_names] at the names of the body, and leave the others alone. Texts point into the
 * record or into the decoder, until its next call. */

typedef struct rf_json_decoder rf_json_decoder;
RF_MUST_CHECK rf_status rf_json_decoder_new(rf_json_decoder **out, const rf_field_plan *plan, rf_err *err);
void rf_json_decoder_free(rf_json_decoder *decoder);
/* One object. */
RF_MUST_CHECK rf_status rf_json_decode(rf_raw *raws, rf_json_decoder *decoder, rf_span record,
                                       rf_reject *reject, rf_err *err);

typedef struct rf_csv_decoder rf_csv_decoder;
RF_MUST_CHECK rf_status rf_csv_decoder_new(rf_csv_decoder **out, const rf_field_plan *plan, rf_err *err);
void rf_csv_decoder_free(rf_csv_decoder *decoder);
/* Reads the header record (without line end): which column is which. RF_E_FORMAT naming `path` when a mapped
 * column is lacking or named twice. Once a file. */
RF_MUST_CHECK rf_status rf_csv_decoder_header(rf_csv_decoder *decoder, rf_span header, const char *path,
                                              rf_err *err);
/* Columns that no header names: those of messages, which hold one record each. RF_E_INVALID as above. */
RF_MUST_CHECK rf_status rf_csv_decoder_columns(rf_csv_decoder *decoder, const char *const *columns, int n,
                                               rf_err *err);
/* One record without its line end; header or columns must have been read. */
RF_MUST_CHECK rf_status rf_csv_decode(rf_raw *raws, rf_csv_decoder *decoder, rf_span record,
                                      rf_reject *reject, rf_err *err);

typedef struct rf_protobuf_decoder rf_protobuf_decoder;
struct rf_descriptor_set; /* protobuf_int.h */
/* For messages of one type, by the descriptor set in a file (NULL: not configured, which is an error).
 * RF_E_INVALID, RF_E_IO or RF_E_FORMAT when the file is none, or lacks the type or a field that the plan
 * maps. */
RF_MUST_CHECK rf_status rf_protobuf_decoder_open(rf_protobuf_decoder **out, const rf_field_plan *plan,
                                                 const char *descriptors, const char *message_type,
                                                 rf_err *err);
/* The same by a set, which is the decoder's from here on, even on failure. */
RF_MUST_CHECK rf_status rf_protobuf_decoder_new(rf_protobuf_decoder **out, const rf_field_plan *plan,
                                                struct rf_descriptor_set *set, const char *message_type,
                                                rf_err *err);
void rf_protobuf_decoder_free(rf_protobuf_decoder *decoder);
/* One message, behind a schema registry's prefix or not. RF_OK or RF_SKIPPED. */
rf_status rf_protobuf_decode(rf_raw *raws, rf_protobuf_decoder *decoder, rf_span record, rf_reject *reject);

/* ---- bytes of one input, decompressed (input_stream.c) ---- */

typedef struct rf_input rf_input;

/* path NULL is standard input. Plain, gzip or zstd, told apart by their first bytes. */
RF_MUST_CHECK rf_status rf_input_open(rf_input **out, const char *path, rf_err *err);
/* Up to cap (> 0) bytes; *n == 0 at the end. Truncated or corrupt compressed data is RF_E_FORMAT. */
RF_MUST_CHECK rf_status rf_input_read(rf_input *input, char *buffer, size_t cap, size_t *n, rf_err *err);
/* Moves a plain, seekable file to `offset`; false when that cannot be done (read on and drop instead). */
bool rf_input_seek(rf_input *input, int64_t offset);
int64_t rf_input_stored(const rf_input *input); /* bytes consumed, as stored */
int64_t rf_input_size(const rf_input *input);   /* bytes as stored, -1 when unknown */
void rf_input_close(rf_input *input);           /* NULL allowed */

/* ---- records of one input (file_source.c) ---- */

typedef struct rf_records rf_records;

typedef struct rf_record {
    rf_span text;  /* without line end and byte order mark; valid until the next call */
    int64_t line;  /* its first line, from 1 */
    bool too_long; /* text holds its beginning only */
} rf_record;

/* One reader serves many inputs, one after the other, and keeps its buffer. */
RF_MUST_CHECK rf_status rf_records_new(rf_records **out, rf_err *err);
void rf_records_free(rf_records *records);
/* path NULL is standard input. Starts at line 1, behind a byte order mark. */
RF_MUST_CHECK rf_status rf_records_open(rf_records *records, const char *path, rf_err *err);
void rf_records_close(rf_records *records);

/* By content, for rf_source_format's AUTO: JSON Lines when the first character is "{" or "[", else CSV. */
RF_MUST_CHECK rf_status rf_records_guess(rf_records *records, rf_source_format *format, rf_err *err);
void rf_records_set_format(rf_records *records, rf_source_format format);

/* RF_OK, RF_EOF or a failure. Blank lines are passed over. */
RF_MUST_CHECK rf_status rf_records_next(rf_records *records, rf_record *record, rf_err *err);
/* Right after rf_records_next: takes all but the first line of that record back (its quotes were broken). */
void rf_records_keep_first_line(rf_records *records, rf_record *record);

/* Does the content begin with the bytes that `position` speaks of? Call right after opening. */
RF_MUST_CHECK rf_status rf_records_same(rf_records *records, const rf_input_position *position, bool *same,
                                        rf_err *err);
/* Moves forward to a position that rf_records_same agreed with. RF_E_FORMAT when the content ends before it
 * or the line that was last then has grown since. */
RF_MUST_CHECK rf_status rf_records_skip(rf_records *records, const rf_input_position *position, rf_err *err);

/* offset, line and fingerprint of what was consumed. */
void rf_records_position(const rf_records *records, rf_input_position *position);
const rf_input *rf_records_input(const rf_records *records); /* NULL when closed */

/* ---- which inputs there are (input_list.c) ---- */

typedef struct rf_input_list {
    char **paths; /* [n] owned, in reading order */
    size_t n;
    int64_t bytes; /* as stored, -1 when one is no regular file */
} rf_input_list;

/* RF_E_IO when a glob matches nothing (and nothing of `known`, NULL allowed). A file named twice is read
 * once. */
RF_MUST_CHECK rf_status rf_input_list_make(rf_input_list *out, const char *const *globs, int n_globs,
                                           const rf_positions *known, rf_err *err);
void rf_input_list_clear(rf_input_list *list);
/* By the name's ending; RF_FORMAT_AUTO when it tells nothing. */
rf_source_format rf_format_by_name(const char *path);

/* ---- dead letters (deadletter.c) ---- */

typedef struct rf_deadletter rf_deadletter;

/* Creates or cuts the file at `path` to keep_bytes and writes behind them. */
RF_MUST_CHECK rf_status rf_deadletter_open(rf_deadletter **out, const char *path, int64_t keep_bytes,
                                           rf_err *err);
RF_MUST_CHECK rf_status rf_deadletter_add(rf_deadletter *letters, const char *name, const rf_record *record,
                                          const rf_reject *reject, rf_err *err);
/* Of a message; value.ptr NULL: it has none. */
RF_MUST_CHECK rf_status rf_deadletter_add_message(rf_deadletter *letters, const char *topic,
                                                  int32_t partition, int64_t offset, rf_span value,
                                                  const rf_reject *reject, rf_err *err);
/* To the operating system; with `sync` to the disk. *bytes (NULL allowed) is the file's length then. */
RF_MUST_CHECK rf_status rf_deadletter_flush(rf_deadletter *letters, bool sync, int64_t *bytes, rf_err *err);
/* Flushes what it can. */
void rf_deadletter_close(rf_deadletter *letters);

/* ---- decoder.c: one record becomes an event or a reject, whatever its format ---- */

typedef struct rf_decoder rf_decoder;
RF_MUST_CHECK rf_status rf_decoder_new(rf_decoder **out, const rf_source_options *options, rf_err *err);
void rf_decoder_free(rf_decoder *decoder);
/* RF_OK: *event is filled, place and share apart; of its values only as many as there are attributes. Its
 * texts lie in value, message or the decoder, until the next call. RF_SKIPPED: *reject says why not. message
 * NULL: no message, $fields are absent. A message without value (value.ptr NULL) is RF_REJECT_NO_VALUE. */
RF_MUST_CHECK rf_status rf_decoder_decode(rf_decoder *decoder, rf_event *event, rf_source_format format,
                                          rf_span value, const rf_message *message, rf_reject *reject,
                                          rf_err *err);
/* Of a record that is longer than RF_MAX_RECORD_BYTES and so was never held as a whole; RF_SKIPPED. */
rf_status rf_decoder_too_long(rf_reject *reject);
/* Some field is of the message beside its value: key, headers or timestamp must be filled in. */
bool rf_decoder_wants_message(const rf_decoder *decoder);
rf_csv_decoder *rf_decoder_csv(rf_decoder *decoder); /* files read their header with it */

/* For events that outlive their record: the bytes of an event up to its last value, the most that its texts
 * can have, and their move to `into`, which returns how many they were. */
size_t rf_decoder_event_bytes(const rf_decoder *decoder);
size_t rf_decoder_most_text(const rf_decoder *decoder);
size_t rf_decoder_keep_texts(const rf_decoder *decoder, rf_event *event, char *into);

/* ---- intake.c: records are counted, and too many rejects are an error ---- */

typedef struct rf_intake rf_intake;
RF_MUST_CHECK rf_status rf_intake_new(rf_intake **out, const rf_source_options *options, rf_err *err);
void rf_intake_free(rf_intake *intake);
rf_decoder *rf_intake_decoder(rf_intake *intake);
/* Decodes one record and counts it, as rf_decoder_decode. RF_OK: *event (place is the caller's to fill).
 * RF_SKIPPED: the caller puts the record away, then calls rf_intake_rejected. */
RF_MUST_CHECK rf_status rf_intake_decode(rf_intake *intake, rf_source_format format, rf_span value,
                                         const rf_message *message, rf_event **event, rf_reject *reject,
                                         rf_err *err);
/* Counts a record that is longer than RF_MAX_RECORD_BYTES; RF_SKIPPED. */
rf_status rf_intake_too_long(rf_intake *intake, rf_reject *reject);
/* Counts records that were decoded elsewhere. */
void rf_intake_count(rf_intake *intake, int64_t records);
/* Counts a reject; RF_E_REJECTED when that is one too many. `kept_in` (NULL: nowhere) names where they are
 * for the message. */
RF_MUST_CHECK rf_status rf_intake_rejected(rf_intake *intake, const rf_reject *reject, const char *kept_in,
                                           rf_err *err);
/* At the end of all inputs: the limit as a share of everything read. */
RF_MUST_CHECK rf_status rf_intake_end(const rf_intake *intake, const char *kept_in, rf_err *err);
int64_t rf_intake_read(const rf_intake *intake);
int64_t rf_intake_rejects(const rf_intake *intake);

/* ---- the kinds of sources behind rf_source.h: source.c dispatches, and remembers failures ---- */
typedef struct rf_source_kind {
    rf_status (*open)(void **self, rf_intake *intake, const rf_source_options *options, rf_err *err);
    /* RF_OK: *events are the next *n, at most `max`; else *n is of no meaning. */
    rf_status (*poll)(void *self, const rf_event *const **events, size_t max, size_t *n, rf_err *err);
    void (*progress)(const void *self, int64_t *done, int64_t *total);
    rf_status (*positions)(void *self, rf_positions *out, rf_err *err);
    void (*saved)(void *self, const rf_positions *saved); /* NULL: nothing to do */
    bool (*own_done)(const void *self);                   /* NULL: false */
    void (*metrics)(void *self, rf_source_metrics *out);  /* NULL: zeros */
    void (*close)(void *self, bool failed);
} rf_source_kind;
extern const rf_source_kind rf_files_kind; /* files_source.c: files and stdin */
extern const rf_source_kind rf_kafka_kind; /* kafka_source.c */

#endif
