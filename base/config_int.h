/* config_int.h - between the parts of the configuration: the table's helpers, and an attribute as the file
 * says it.
 */
#ifndef RF_CONFIG_INT_H
#define RF_CONFIG_INT_H

#include "rf_config.h"
#include "rf_yaml.h"

/* The most that the table may hold; it is checked when compiled. */
#define RF_CONFIG_MAX_KEYS 192
#define RF_CONFIG_MAX_GROUPS 32

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
