/* config_int.h - between the parts of the configuration: the YAML tree, the table's helpers, the owned
 * memory.
 */
#ifndef RF_CONFIG_INT_H
#define RF_CONFIG_INT_H

#include "rf_config.h"

typedef enum rf_yaml_kind { RF_YAML_SCALAR, RF_YAML_LIST, RF_YAML_MAP } rf_yaml_kind;

typedef struct rf_yaml_node rf_yaml_node;
struct rf_yaml_node {
    rf_yaml_kind kind;
    int line;                   /* from 1 */
    bool plain;                 /* scalar without quotes: may be null, true, a number */
    const char *key;            /* in a map; else NULL */
    const char *text;           /* scalar */
    rf_yaml_node *first, *next; /* children of a list or map, in order */
};

/* Memory that lives as long as the config: a list of blocks. */
typedef struct rf_keep {
    struct rf_keep_block *last;
} rf_keep;
RF_MUST_CHECK void *rf_keep_new(rf_keep *keep, size_t bytes, rf_err *err); /* zeroed */
RF_MUST_CHECK char *rf_keep_text(rf_keep *keep, const char *text, size_t len, rf_err *err);
void rf_keep_clear(rf_keep *keep);

/* One document; *root is NULL when it is empty. Refuses anchors, aliases, tags, several documents, duplicate
 * keys, nesting beyond 16, and more than 16,384 nodes, each with name:line. */
RF_MUST_CHECK rf_status rf_yaml_read(rf_yaml_node **root, rf_keep *keep, const char *name, const char *bytes,
                                     size_t len, rf_err *err);

/* The groups of keys in the order of the document, with a sentence each. */
typedef struct rf_config_group {
    const char *path, *about;
} rf_config_group;
const rf_config_group *rf_config_groups(int *n);

#define RF_ATTRIBUTES "fields.attributes"

/* An attribute as the file says it; rf_config_finish makes the schema's rf_attr of it. */
typedef struct rf_config_attr {
    const char *name, *field;
    int type; /* -1 until set */
    bool log1p, required;
    int64_t top;
    int64_t set;      /* bit n: the n-th attribute key of the table was set */
    const char *file; /* where its first key stands */
    int line;
} rf_config_attr;

/* Stores a node's value where the key says; *fits is false when it is not of the key's type or range (nothing
 * is stored then). Texts are kept in `keep`. */
RF_MUST_CHECK rf_status rf_config_store(void *base, const rf_config_key *key, const rf_yaml_node *node,
                                        rf_keep *keep, bool *fits, rf_err *err);
/* The key's default into its place. */
RF_MUST_CHECK rf_status rf_config_store_preset(void *base, const rf_config_key *key, rf_keep *keep,
                                               rf_err *err);

/* The n-th word of a key's choices as a span; len 0 behind the last. */
rf_span rf_config_choice(const rf_config_key *key, int n);

#endif
