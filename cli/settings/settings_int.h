/* settings_int.h - between the parts of the settings: one value in its field, where a key was set, and what a
 * complaint says of it.
 */
#ifndef RF_SETTINGS_INT_H
#define RF_SETTINGS_INT_H

#include "rf_key.h"
#include "rf_settings.h"
#include "rf_yaml.h"

#define RF_KEYS_MOST 192 /* these two are checked when settings_table.c is compiled */
#define RF_KEY_GROUPS_MOST 32
#define RF_ATTRIBUTES "fields.attributes"
#define RF_ENTITIES "fields.entities"
#define RF_SPELLING "normalise" /* beside the names of a side's fields: fields.user.normalise */
#define RF_TYPE_AGE 100         /* of an attribute, as it is written: a number of its own kind */

typedef struct rf_origin {
    rf_settings_origin source;
    const char *name; /* file, "--set", or flag */
    bool is_flag;     /* the name takes the place of the key in messages */
    int line;         /* 0 on the command line */
    int pass;         /* which load or set it was: a key given twice in one file is refused */
    int together;     /* what was said at once, in one file or on one command line: the first pass of it */
    bool is_null;     /* the default was asked for */
} rf_origin;

/* A map of the user's own names (settings_named.c). */
enum { RF_NAMED_ATTRS, RF_NAMED_KINDS, RF_NAMED_MAPS };
typedef struct rf_named_item {
    const char *name;
    rf_origin first; /* where its first key is */
    int64_t set;     /* bit n: the n-th of the map's keys was set */
} rf_named_item;
typedef struct rf_named_items {
    rf_named_item at[RF_MAX_ATTRS];
    int n, last_pass; /* of the load or set that named one last */
} rf_named_items;

/* A kind as fields.entities has it. */
typedef struct rf_kind_setting {
    rf_kind kind; /* without its name */
    const char *field;
    rf_more_names more;
    rf_spelling_words normalise;
} rf_kind_setting;

struct rf_settings_own {
    rf_keep keep;
    rf_origin origins[RF_KEYS_MOST]; /* one a row of rf_keys */
    rf_named_items named[RF_NAMED_MAPS];
    rf_attr attrs[RF_MAX_ATTRS];
    rf_kind_setting kinds[RF_KINDS_MOST];
    rf_kind schema_kinds[RF_KINDS_MOST]; /* these, complete */
    rf_kind_field others[RF_KINDS_MOST - 1];
    rf_schema schema;  /* of these */
    rf_setting *kafka; /* settings->source.kafka.settings */
    rf_origin *kafka_origins;
    int pass;
    int together;         /* the pass with which a command line began; 0: each set is by itself */
    char instance_id[48]; /* this job's name in its consumer group */
};

/* ---- settings_field.c: the field that a row names ---- base is what the row's offsets count from */
void *rf_field_item(const void *base, const rf_key *key, int i); /* the field is item 0 */
int *rf_field_beside(const void *base, const rf_key *key);       /* a list's count, or the alternative */
/* Of every type but double and texts. */
void rf_field_put_whole(void *slot, rf_field_type field, int64_t value);
int64_t rf_field_whole(const void *slot, rf_field_type field);
/* Of every number. */
void rf_field_put_number(void *slot, rf_field_type field, double value);
double rf_field_number(const void *slot, rf_field_type field);
const rf_key *rf_key_part(const rf_key *key, const char *name); /* the key PATH.NAME; NULL: there is none */
const char *rf_key_word(const rf_key *key, int64_t value);      /* the first word of the value; NULL: none */
void rf_key_copy(void *to, const void *from, const rf_key *key);
bool rf_key_has_value(const void *base, const rf_key *key);

/* ---- settings_value.c ---- *fits is false when the node is not of the key's type or range (nothing is
 * stored then). Texts are kept in `keep`. */
RF_MUST_CHECK rf_status rf_key_store(void *base, const rf_key *key, const rf_yaml_node *node, rf_keep *keep,
                                     bool *fits, rf_err *err);

bool rf_settings_is_null(const rf_yaml_node *node); /* a plain null: the default */
/* 1 to `most` bytes of UTF-8 without control characters. */
bool rf_settings_printable(const char *text, size_t most);

/* ---- settings_text.c ---- The value as a file would say it; nothing is added where there is none. */
RF_MUST_CHECK rf_status rf_key_print(rf_text *text, const void *base, const rf_key *key, rf_err *err);

/* ---- settings_say.c: complaints ---- */
/* "run.yaml:12: train.lr", "--set: train.lr", "--lr"; returns out. */
const char *rf_settings_subject(char out[512], const rf_origin *at, const char *path);
/* The text with what a terminal must not get replaced, cut at 80 bytes; returns out. */
const char *rf_settings_shown(char out[96], const char *text);
/* "a list", "a map", or the quoted text; returns out. */
const char *rf_settings_found(char out[128], const rf_yaml_node *node);
rf_status rf_settings_wrong_value(const rf_origin *at, const char *path, const rf_key *key,
                                  const rf_yaml_node *node, rf_err *err);
rf_status rf_settings_unknown_key(const rf_origin *at, const char *path, rf_err *err);
/* "KEY is not set", with an example. */
rf_status rf_settings_missing(const char *key, const char *example, rf_err *err);

/* ---- settings_named.c: fields.attributes and fields.entities ----
 * The map that the path leads into, or -1; *rest is what follows in it, NULL: it is the map itself. */
int rf_named_map(const char *path, const char **rest);
/* NAME: VALUE, or NAME: {KEY: VALUE, ...} */
RF_MUST_CHECK rf_status rf_named_put(rf_settings *settings, int map, const char *name,
                                     const rf_yaml_node *node, rf_origin at, rf_err *err);
/* `rest` of "fields.attributes.REST": an item, or one key of it. */
RF_MUST_CHECK rf_status rf_named_put_path(rf_settings *settings, int map, const char *rest,
                                          const rf_yaml_node *node, const rf_origin *at, rf_err *err);
/* Was the key of item i set? part: "" or ".top". */
bool rf_named_was_set(const rf_settings *settings, int map, int i, const char *part);
const void *rf_named_default(const rf_key *key); /* what the offset of a row with a * counts from */

/* ---- settings_identity.c: fills graph.identity ---- */
RF_MUST_CHECK rf_status rf_settings_name_state(rf_settings *settings, rf_err *err);

/* ---- settings_attr.c ---- */
extern const rf_attr rf_attr_default;
RF_MUST_CHECK rf_status rf_attr_finish(rf_settings *settings, rf_err *err); /* fields, and what is checked */

/* ---- settings_kind.c ---- */
extern const rf_kind_setting rf_kind_default;
bool rf_kind_may_be_named(const char *name);
RF_MUST_CHECK rf_status rf_kinds_finish(rf_settings *settings, rf_err *err); /* before the attributes' */
RF_MUST_CHECK rf_status rf_kinds_check_near(const rf_settings *settings, rf_err *err);
RF_MUST_CHECK rf_status rf_kinds_of_attr(rf_settings *settings, int attr, rf_err *err); /* by their names */

#endif
