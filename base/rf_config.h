/* rf_config.h - the one YAML file that serves every verb, as a typed struct.
 *
 * One table (config_table.c) names every key with type, range, default, unit and description. Reading a file,
 * --set, the flags of the verbs, error messages and docs/CONFIGURATION.md all come from it. Every key
 * remembers where it was set, so that a complaint names file and line. Aliases, anchors, tags and deep
 * nesting are refused.
 */
#ifndef RF_CONFIG_H
#define RF_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_event.h"
#include "rf_status.h"
#include "rf_text.h"

#define RF_CONFIG_NUMBERS 16 /* longest list of numbers */

/* The values of choice keys, in the order of the table's `choices`. */
enum { RF_CONFIG_FILES, RF_CONFIG_STDIN, RF_CONFIG_KAFKA };
enum { RF_CONFIG_AUTO, RF_CONFIG_CSV, RF_CONFIG_JSONL, RF_CONFIG_JSON, RF_CONFIG_PROTOBUF };
enum { RF_CONFIG_PAIR, RF_CONFIG_EVENT };
enum { RF_CONFIG_KAIMING_UNIFORM, RF_CONFIG_ORTHOGONAL };
enum { RF_CONFIG_MAX, RF_CONFIG_MEAN };
enum { RF_CONFIG_TO_JSONL, RF_CONFIG_TO_KAFKA };
enum { RF_CONFIG_GAPS_FAIL, RF_CONFIG_GAPS_SKIP };

/* Words in place of a time: the n-th word is RF_CONFIG_WORD + n. */
#define RF_CONFIG_WORD INT64_MIN

typedef struct rf_strings {
    const char **items;
    int n;
} rf_strings;

typedef struct rf_numbers {
    double items[RF_CONFIG_NUMBERS];
    int n;
} rf_numbers;

typedef struct rf_setting { /* passed through as it stands */
    const char *key, *value;
} rf_setting;

/* Texts are owned by the config; a text key that is not set is NULL, a number without default NaN. */
typedef struct rf_config {
    int64_t threads; /* 0: every CPU available */
    const char *output;
    struct {
        int type, format;
        rf_strings paths, topics, columns;
        int64_t from_us, until_us; /* from: words earliest, latest; until: now, never */
        const char *descriptors, *message_type;
        int gaps;
        int64_t broker_timeout_us, queue_messages;
    } source;
    rf_setting *kafka;
    int n_kafka;
    struct {
        const char *user, *entity, *event_id, *label, *fraud_type;
        const char *time_field, *time_format,
            *time_zone;   /* format: iso8601, s, ms, us, or a strptime pattern */
        rf_schema schema; /* complete after rf_config_finish */
    } fields;
    struct {
        const char *file, *shards, *features, *zone; /* zone: NULL means fields.time.zone */
        int granularity;
        int64_t window_us, as_of_us, bucket_us, history_us; /* window 0: all; as_of: word latest */
        double label_share;
    } graph;
    struct {
        double max_rejects;
        const char *dead_letters, *dead_letter_topic;
        int64_t checkpoint_events, checkpoint_interval_us;
    } ingest;
    struct {
        const char *model, *log;
        int64_t epochs, seed, layers_encoder, layers_decoder, layers_mlp, patience, checkpoint_every;
        double lr, eta, dropout, negatives, gamma, min_delta;
        rf_numbers hidden, latent, milestones;
        int init;
        bool restart;
    } train;
    struct {
        const char *output;
        double eta; /* NaN: train.eta */
        int64_t reasons;
        int agg;
        bool frozen;
    } score;
    struct {
        const char *rules; /* NULL: the shipped ones */
    } tag;
    struct {
        const char *registry;
        double seed_percentile, grow_percentile, excess, hub_percentile, resolution;
        int64_t hops, min_members, max_members, max_clusters, dense_blocks, seed;
    } cluster;
    struct {
        rf_strings lists;
    } suppress;
    struct {
        const char *path;
    } audit;
    struct {
        rf_numbers k, percentile;
    } evaluate;
    struct {
        int to;
        const char *path, *topic, *score_topic, *source, *picture;
        int64_t partitions, replication;
        bool create_topics, force;
        double percentile, score, top; /* exactly one is not NaN */
        double tag_confidence;         /* NaN: the threshold alone decides */
        bool clusters;
        int64_t max_reasons;
        bool envelope;
    } emit;
    struct {
        const char *output, *write_config, *fraud_types;
        int64_t events, seed, start_us, days, users, entities;
        double fraud_share;
        int format;
    } simulate;
    struct rf_config_own *own; /* memory and origins */
} rf_config;

/* ---- the table ---- */
typedef enum rf_key_type {
    RF_KEY_INT,         /* int64_t */
    RF_KEY_REAL,        /* double */
    RF_KEY_BOOL,        /* bool */
    RF_KEY_TEXT,        /* const char * */
    RF_KEY_PATH,        /* const char * */
    RF_KEY_ZONE,        /* const char *, checked by the reader of times */
    RF_KEY_TIME_FORMAT, /* const char * */
    RF_KEY_CHOICE,      /* int: position in choices */
    RF_KEY_DURATION,    /* int64_t, microseconds; the only word in choices, if any, stands for 0 */
    RF_KEY_TIME,        /* int64_t, microseconds since the epoch, or RF_CONFIG_WORD + position in choices */
    RF_KEY_TEXTS,       /* rf_strings */
    RF_KEY_INTS,        /* rf_numbers */
    RF_KEY_REALS        /* rf_numbers */
} rf_key_type;

typedef struct rf_config_key {
    const char *path; /* "train.lr"; "fields.attributes.*.top" for every attribute */
    rf_key_type type;
    size_t offset;         /* into rf_config; of an attribute's key into a struct of config_int.h */
    double min, max;       /* INT, REAL, DURATION (us), and the entries of lists */
    bool above_min;        /* min itself is not allowed */
    const char *choices;   /* words separated by spaces */
    const char *preset;    /* default as the file would say it; NULL: none */
    const char *otherwise; /* what happens without a value, where preset is NULL */
    const char *unit;
    const char *about;
} rf_config_key;

const rf_config_key *rf_config_keys(int *n);
const rf_config_key *rf_config_find(const char *path); /* NULL: no such key */

/* ---- filling ---- */
RF_MUST_CHECK rf_status rf_config_new(rf_config **out, rf_err *err); /* all defaults */
void rf_config_free(rf_config *config);

/* Each fails with RF_E_INVALID (RF_E_IO where a file cannot be read), naming where, key, value and what is
 * allowed. A file may be loaded once; what is set later wins. */
RF_MUST_CHECK rf_status rf_config_load(rf_config *config, const char *path, rf_err *err);
RF_MUST_CHECK rf_status rf_config_parse(rf_config *config, const char *name, const char *bytes, size_t len,
                                        rf_err *err);
/* "key.path=value"; a value that begins with [ or { is read as YAML. */
RF_MUST_CHECK rf_status rf_config_set(rf_config *config, const char *assignment, rf_err *err);
/* One key from a flag; origin ("--lr") stands in messages in place of the key and must outlive the config. */
RF_MUST_CHECK rf_status rf_config_put(rf_config *config, const char *path, const char *value,
                                      const char *origin, rf_err *err);
RF_MUST_CHECK rf_status rf_config_put_list(rf_config *config, const char *path, char *const *items, int n,
                                           const char *origin, rf_err *err);
/* Call once when everything is set: completes the attributes and checks what spans several keys. */
RF_MUST_CHECK rf_status rf_config_finish(rf_config *config, rf_err *err);

/* ---- asking ---- */
typedef enum rf_config_source { RF_FROM_DEFAULT, RF_FROM_FILE, RF_FROM_COMMAND_LINE } rf_config_source;
rf_config_source rf_config_origin(const rf_config *config, const char *path);
/* "run.yaml:12", "--set", "--lr", or "default"; returns out. */
char *rf_config_where(const rf_config *config, const char *path, char out[160]);

/* ---- documents ---- */
/* "a whole number from 1 to 16", "one of: pair, event". */
RF_MUST_CHECK rf_status rf_config_allowed(rf_text *text, const rf_config_key *key, rf_err *err);
RF_MUST_CHECK rf_status rf_config_markdown(rf_text *text, rf_err *err); /* docs/CONFIGURATION.md */

#endif
