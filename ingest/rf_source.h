/* rf_source.h - where events come from: files, stdin, or the topics of a Kafka cluster, with the same
 * calls.
 *
 * A source hands out one decoded event at a time and remembers exactly how far it has read each input. A
 * record that does not fit goes to the dead letters with its place and reason, and reading continues. If
 * there are more than allowed, the source stops with RF_E_REJECTED. No allocation per event once buffers have
 * grown.
 *
 * Kafka: a member of the consumer group `group.id`. The caller says from where to read, because the offsets
 * are in the same file as their state; offsets committed to the broker are for lag monitoring only.
 * Partitions come and go while reading: see rf_source_owner.
 */
#ifndef RF_SOURCE_H
#define RF_SOURCE_H

#include "rf_event.h"
#include "rf_kafka_setting.h"
#include "rf_keyed_hash.h"
#include "rf_side.h"
#include "rf_status.h"
#include "rf_text.h"

typedef enum rf_time_notation {
    RF_TIME_ISO8601,
    RF_TIME_S,
    RF_TIME_MS,
    RF_TIME_US,
    RF_TIME_NS,
    RF_TIME_MINUTES,
    RF_TIME_HOURS,
    RF_TIME_DAYS,
    RF_TIME_STRPTIME
} rf_time_notation;

/* How texts say numbers; all zero is 1234.5. JSON numbers and Protobuf's are what they are. */
typedef struct rf_number_style {
    int decimal;                 /* 0: the point */
    int thousands;               /* between groups of digits; 0: nothing is. ' ': any kind of space */
    const char *const *currency; /* [n_currency] signs that may stand before or behind */
    int n_currency;
} rf_number_style;

/* Texts that say that there is no value: what databases and spreadsheets write. */
extern const char *const rf_usual_null_values[];
extern const int rf_n_usual_null_values;

/* One spelling for ids: what is done to them, in this order. NULL: nothing is told. */
typedef struct rf_spelling_words {
    const char *const *words; /* [n] */
    int n;
} rf_spelling_words;

/* Where the entity of a kind besides the main one is found, and what is done to it. */
typedef struct rf_kind_field {
    const char *field;
    rf_more_names more;
    rf_spelling_words normalise; /* in place of those for all ids, where they are told */
} rf_kind_field;

/* Which column or JSON key (a.b for nested) means what; of a Kafka message also
 * $key, $timestamp and $header.NAME. */
typedef struct rf_fields {
    const char *user, *entity; /* required; the entity is that of the main kind */
    const char *time; /* NULL: events have none; all of them get RF_TIME_OF_TIMELESS. Kafka has $timestamp */
    rf_time_notation time_format;
    const char *time_pattern; /* RF_TIME_STRPTIME: a format a line, tried in order. One without % is the word
                                 of another notation: iso8601, s, ms, us, ns, min, h, d */
    int64_t time_since_us;    /* what numbers count from */
    const char *zone;         /* of times without an offset, and of cyclic attributes; NULL is UTC */
    const char *event_id;     /* NULL: events carry none */
    rf_more_names user_more, entity_more, time_more, event_id_more;
    const char *const
        *normalise; /* [n_normalise] of users and entities: trim, lower, squeeze, digits, whole */
    int n_normalise;
    rf_spelling_words user_normalise, entity_normalise; /* in place of normalise, where they are told */
    const rf_kind_field *others; /* of kind k of the schema, from 1 on: others[k - 1] */
    int near_bits;               /* for the graph: entities that differ in so few bits are one. 0: none */
    const char *label; /* NULL: none. 0/1, true/false, "" (unknown). What nobody can read is unknown */
    rf_truth_words label_words;
    const char *fraud_type; /* NULL: none */
    const rf_schema *schema;
    const char *const *where; /* [n_where] conditions that a record must meet, such as "type = order" */
    int n_where;
    rf_number_style numbers;
    const char *const *null_values; /* [n_null_values]; "" is one always */
    int n_null_values;
} rf_fields;

/* The kinds of entity, at least one. */
int rf_fields_kinds(const rf_fields *fields);
/* The names of a kind's fields, the first apart. */
const char *rf_fields_entity(rf_more_names *more, const rf_fields *fields, int kind);
/* What is done to the ids of users (RF_USER) or of entities of a kind (rf_entity_side): their own words, else
 * those of all. */
rf_spelling_words rf_fields_spelling(const rf_fields *fields, rf_side side);
/* Adds these words with commas between them, and in place of a key its check: equal texts spell alike.
 * RF_E_INVALID: a word is unknown, or its key cannot be had. */
RF_MUST_CHECK rf_status rf_fields_spelling_text(rf_text *out, const rf_fields *fields, rf_side side,
                                                rf_err *err);
bool rf_fields_hide_ids(const rf_fields *fields, rf_side side); /* one of the words is sha256 */
/* Spells single ids as the source does. */
typedef struct rf_speller rf_speller;
RF_MUST_CHECK rf_status rf_speller_new(rf_speller **out, const rf_fields *fields, rf_side side, rf_err *err);
/* *id lies in the speller until the next call, or where it was. RF_SKIPPED: a word refuses it, or nothing is
 * left of it. */
RF_MUST_CHECK rf_status rf_speller_spell(rf_speller *speller, rf_span *id, rf_err *err);
void rf_speller_free(rf_speller *speller);

typedef enum rf_source_type { RF_SOURCE_FILES, RF_SOURCE_STDIN, RF_SOURCE_KAFKA } rf_source_type;
typedef enum rf_source_format {
    RF_FORMAT_AUTO,
    RF_FORMAT_CSV,
    RF_FORMAT_JSONL, /* of a message: one JSON object */
    RF_FORMAT_PROTOBUF,
    RF_FORMAT_AVRO /* container files; messages of one schema, or of a registry's */
} rf_source_format;

/* Whether files may be read by that name (rf_source_options.encoding). */
bool rf_encoding_is_known(const char *encoding);

/* How CSV is written; all zero is RFC 4180. Marks are ASCII. */
#define RF_CSV_AUTO 0
#define RF_CSV_DOUBLE_QUOTE 0
#define RF_CSV_NO_QUOTE (-1)
typedef enum rf_csv_header {
    RF_CSV_HEADER_AUTO, /* there is one, unless `columns` are listed and it does not consist of them */
    RF_CSV_HEADER_FIRST,
    RF_CSV_HEADER_NONE
} rf_csv_header;
typedef struct rf_csv_dialect {
    int delimiter;   /* RF_CSV_AUTO: what a line "sep=;" says, else the comma, or the only other one by which
                        the header has all mapped columns; the comma in messages */
    int quote;       /* or RF_CSV_DOUBLE_QUOTE, RF_CSV_NO_QUOTE */
    int escape;      /* 0: none */
    int comment;     /* of lines that are passed over: their first byte; 0: none are */
    int skip;        /* lines before the header */
    bool trim;       /* spaces at both ends of a field are not its own */
    bool short_rows; /* fields lacking at a record's end are missing; false: the record is rejected */
    rf_csv_header header;
} rf_csv_dialect;

/* Who keeps the state of each partition. The source calls these inside rf_source_poll and rf_source_close, on
 * the caller's thread. Without an owner one state holds all partitions: positions come from `resume`, and a
 * partition that goes to another member of the group is an error (RF_E_KAFKA) that says how several processes
 * share one. */
typedef struct rf_source_owner {
    void *context;
    /* The partition is this member's from now on. Fills at->offset with the next message to read, or leaves
     * it at -1 where nothing is known of the partition yet, and at->origin with what the owner keeps of it;
     * *share is handed out with each of its events. */
    rf_status (*assigned)(void *context, const char *topic, int32_t partition, rf_input_position *at,
                          void **share, rf_err *err);
    /* The partition is about to go: all its events before at->offset have been handed out. Saves the share
     * and lets it go. lost: another member may have it already; nothing may be written. */
    rf_status (*revoked)(void *context, const rf_input_position *at, void *share, bool lost, rf_err *err);
    /* How far the saved share of a partition was read; -1: nothing saved. Asked at the start, with *origin
     * for the source to keep, and now and then by a member that has nothing left to read itself (origin
     * NULL). */
    rf_status (*saved_elsewhere)(void *context, const char *topic, int32_t partition, int64_t *offset,
                                 rf_topic_origin *origin, rf_err *err);
    /* What the share was assigned with is of another topic (RF_CHANGED_NEW): it is saved next at whatever
     * offset. */
    rf_status (*restarted)(void *context, void *share, rf_err *err);
} rf_source_owner;

/* In place of a time. */
#define RF_FROM_EARLIEST INT64_MIN
#define RF_FROM_LATEST (INT64_MIN + 1)
#define RF_UNTIL_NOW INT64_MIN /* the ends of the partitions as seen at the start */
#define RF_UNTIL_NEVER (INT64_MIN + 1)

/* What to do when a topic is not the one that the state was read from. */
typedef enum rf_changed_topic {
    RF_CHANGED_FAIL,
    RF_CHANGED_SAME, /* ids may differ: its messages have the same offsets. The last one read must fit */
    RF_CHANGED_NEW   /* it is read like a topic of which nothing is known */
} rf_changed_topic;
/* Where the schemas of Avro messages come from: one of the first three; all NULL: there are no Avro messages.
 */
typedef struct rf_avro_options {
    const char *schema;          /* file: messages are records without a prefix */
    const char *schemas;         /* folder of ID.avsc: messages have a registry's prefix */
    const char *registry;        /* URL, likewise */
    const char *user, *password; /* of the registry; ${env:NAME} and ${file:PATH} are replaced */
    const char *ca;              /* file of certificates that are trusted; NULL: those of the system */
    int64_t timeout_us;          /* of a request */
} rf_avro_options;
/* RF_E_INVALID: schemas come from nowhere or from several places, or what is for a registry has none. */
RF_MUST_CHECK rf_status rf_avro_options_check(const rf_avro_options *options, rf_err *err);

typedef struct rf_kafka_source_options {
    const rf_setting *settings; /* for librdkafka */
    int n_settings;
    const char *const *topics;
    int n_topics;
    int64_t from_us;  /* first start: a time, or RF_FROM_… */
    int64_t until_us; /* a time, or RF_UNTIL_… */
    rf_changed_topic changed;
    bool skip_gaps; /* continue after messages that retention deleted unread; else they are RF_E_KAFKA */
    int64_t broker_timeout_us;
    int queue_messages;
    const char *descriptors, *message_type; /* Protobuf */
    rf_avro_options avro;
    const char *dead_letter_topic; /* NULL: dead_letters, the file */
    const char *instance_id;      /* group.instance.id where the settings have none; NULL: a dynamic member */
    const rf_source_owner *owner; /* NULL: none */
} rf_kafka_source_options;

/* What it means that none of the first 10,000 JSON records has a key that is mapped. */
typedef enum rf_absent_keys { RF_ABSENT_KEYS_REFUSE, RF_ABSENT_KEYS_WARN } rf_absent_keys;

#define RF_MAX_RECORD (16 << 20)
#define RF_ANY_FUTURE 0

typedef struct rf_source_options {
    rf_source_type type;
    const char *const *paths; /* globs; each one's matches sorted, the globs in the order given */
    int n_paths;
    const char *results; /* the job's own folder: a ** does not lead into it; NULL: none */
    /* AUTO: by name (.csv, .jsonl, .json, .ndjson; .gz, .zst, .zstd stripped), else by content; JSON for
     * Kafka */
    rf_source_format format;
    const char *encoding; /* of files, stdin and values of messages; borrowed. NULL: UTF-8, or what a byte
                             order mark of a file says */
    rf_csv_dialect csv;
    const char *const *columns; /* CSV without a header: its columns in order; borrowed */
    int n_columns;
    rf_fields fields;
    /* Users and entities of events become pseudonyms (rf_pseudonym) as they are decoded. Rejects then have
     * neither record nor reason: both can hold an id (rf_source_hides_ids). Borrowed; the thread that decodes
     * uses it. NULL: ids stay. */
    rf_hash_key *pseudonym_key;
    const char *dead_letters; /* path; NULL: rejected records are counted and logged only */
    int64_t max_record;       /* bytes; longer records are rejected. 0: RF_MAX_RECORD */
    /* Dead letters say when they were written, and those of before this moment are dropped when the file is
     * opened; 0: they do not, and none are. */
    int64_t forget_before_us;
    double max_rejects; /* below 1 a share of the records read, else a count */
    /* Events this long after the moment of reading are set aside as time_in_future, which max_rejects does
     * not count; RF_ANY_FUTURE: none are. */
    int64_t future_tolerance_us;
    rf_absent_keys absent_keys;
    const rf_positions *resume; /* continue from here; NULL: from the start. Read during open only */
    /* Counts of the interrupted work that `resume` continues, read and rejected: both continue from here,
     * so that max_rejects is about the whole. */
    int64_t read_before, rejected_before, filtered_before;
    rf_kafka_source_options kafka; /* RF_SOURCE_KAFKA */
} rf_source_options;
/* What to read, and the names and schema of the fields, are the caller's to set. */
void rf_source_options_default(rf_source_options *options);

/* Ids are personal: nothing is written or said of a record that could name them, as with pseudonym_key. */
bool rf_source_hides_ids(const rf_source_options *options);

typedef struct rf_source rf_source;

/* Files: fails when a glob matches nothing (and nothing that `resume` knows), a file cannot be opened or is
 * not the one in `resume` (it shrank, or its first bytes changed), or a CSV header lacks a mapped column.
 * Regular files are all checked here; pipes and stdin when they are read. If stdin does not begin as `resume`
 * says, it is read from its start. Truncates the dead letters to resume->dead_letter_bytes. Kafka: fails when
 * a setting is unknown, no broker answers within broker_timeout_us, or a topic does not exist or may not be
 * read. Keeps nothing of the options but `columns`, `encoding` and the texts and structs that they point to
 * of `kafka`, which must outlive the source. docs/INGEST.md has the formats, the rejects and the rules of
 * resuming. */
RF_MUST_CHECK rf_status rf_source_open(rf_source **out, const rf_source_options *options, rf_err *err);

/* RF_OK: *event is the next one, valid until the next poll. RF_SKIPPED: one record was rejected. RF_EOF: all
 * inputs are read (the limit on rejects has been checked). RF_TIMEOUT: Kafka, nothing came for a while (at
 * most a second): time to save, or to look at signals; files, rf_stop.h says to stop. RF_E_REJECTED: too many
 * rejects. */
RF_MUST_CHECK rf_status rf_source_poll(rf_source *source, const rf_event **event, rf_err *err);

/* The same, as many events as are at hand in one go: RF_OK: events[*n], 1 to RF_SOURCE_MANY of them, valid
 * until the next poll. All of them count as read: a state that is saved before each has been handled would
 * miss some. */
#define RF_SOURCE_MANY 64
RF_MUST_CHECK rf_status rf_source_poll_many(rf_source *source, const rf_event *const **events, size_t *n,
                                            rf_err *err);

/* Records since the start, those before a resume included. */
int64_t rf_source_rejected(const rf_source *source);
/* Of the rejected ones those that max_rejects is about: events of the future apart. */
int64_t rf_source_bad(const rf_source *source);
int64_t rf_source_read(const rf_source *source);
/* Events of this run whose label nobody can read. */
int64_t rf_source_odd_labels(const rf_source *source);

/* What the words of a reject are about. */
typedef struct rf_reject_about {
    int attr;    /* of the schema; -1: none */
    bool lacks;  /* it has no value, or a word for none */
    bool names;  /* the value is that of a user, an entity or an event */
    int at, len; /* where the words show the value, without its quotes; len 0: they do not */
} rf_reject_about;

/* The rejects of this run by their reason, most frequent first; *n of them, all borrowed from the source. */
typedef struct rf_reject_tally {
    const char *code; /* bad_number and so on */
    int64_t records;
    const char *sample; /* of the first one: "e.csv:7: amount (field "amount"): "x" is not a number" */
    rf_reject_about about;
} rf_reject_tally;
#define RF_REASON_BYTES 576 /* of a sample */
#define RF_MOST_TALLIES 64
int rf_source_tally(const rf_source *source, rf_reject_tally out[RF_MOST_TALLIES]);

/* Records since the start that are not wanted (where), or have no event. They are among those read. */
int64_t rf_source_filtered(const rf_source *source);
/* The events handed out end in the middle of a record that has more of them: no time to save. */
bool rf_source_mid_record(const rf_source *source);

/* Bytes of the inputs (as stored, compressed) consumed and in all; total is -1 where unknown (stdin). Kafka:
 * messages read and to be read until the end wanted, -1 for `never`. */
void rf_source_progress(const rf_source *source, int64_t *done, int64_t *total);

/* Kafka: this member's own partitions have all reached the end wanted, though the source may wait for those
 * of others. Time to save the shares, so that others see it. */
bool rf_source_own_done(const rf_source *source);

/* Makes all dead letters safe (on disk, or confirmed by the broker) and says how far everything was read.
 * *out is owned by the caller. Kafka: with an owner, the partitions held now; else all that were ever read.
 */
RF_MUST_CHECK rf_status rf_source_positions(rf_source *source, rf_positions *out, rf_err *err);

/* Commits the saved positions to the broker, for lag monitoring. Errors are only logged. Files: nothing to
 * do. */
void rf_source_saved(rf_source *source, const rf_positions *saved);

typedef struct rf_source_metrics {
    bool kafka;
    int64_t consumed; /* messages */
    int64_t rejected;
    int64_t produced; /* dead letters confirmed */
    int64_t retried;  /* requests sent again to a broker */
    int64_t rebalances;
    int64_t queue_peak; /* most messages waiting */
    int64_t pauses;     /* times that fetching was paused for a full queue */
    int64_t lag;        /* messages not yet read when the high watermarks were last seen; -1 unknown */
} rf_source_metrics;
void rf_source_metrics_get(rf_source *source, rf_source_metrics *out);

/* NULL allowed. Kafka: calls owner->revoked for what is still held, with lost when the source had failed, and
 * leaves the group; what that call says is logged. */
void rf_source_close(rf_source **source);

#endif
