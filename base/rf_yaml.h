/* rf_yaml.h - small YAML files (configuration, rules, suppression lists) as trees in which every node knows
 * its line.
 *
 * Maps, lists and scalars. Constructs that could make a small file large or surprising are refused.
 */
#ifndef RF_YAML_H
#define RF_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "rf_status.h"

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

/* Memory that lives as long as its owner: a list of blocks. */
typedef struct rf_keep {
    struct rf_keep_block *last;
} rf_keep;
RF_MUST_CHECK void *rf_keep_new(rf_keep *keep, size_t bytes, rf_err *err); /* zeroed */
RF_MUST_CHECK char *rf_keep_text(rf_keep *keep, const char *text, size_t len, rf_err *err);
void rf_keep_clear(rf_keep *keep);

#define RF_YAML_NODES 16384 /* enough for whatever people write by hand */

/* One document; *root is NULL when it is empty. Refuses anchors, aliases, tags, several documents, duplicate
 * keys, nesting beyond 16, and more than max_nodes nodes, each with name:line. */
RF_MUST_CHECK rf_status rf_yaml_read(rf_yaml_node **root, rf_keep *keep, const char *name, const char *bytes,
                                     size_t len, int max_nodes, rf_err *err);
/* The bytes of a file of at most max_bytes, an rf_mem block; messages name it by `what` ("the
 * configuration"). RF_E_IO if it cannot be read. */
RF_MUST_CHECK rf_status rf_yaml_bytes(char **bytes, size_t *len, const char *path, const char *what,
                                      size_t max_bytes, rf_err *err);
/* rf_yaml_read of rf_yaml_bytes, which are not kept. */
RF_MUST_CHECK rf_status rf_yaml_load(rf_yaml_node **root, rf_keep *keep, const char *path, const char *what,
                                     size_t max_bytes, int max_nodes, rf_err *err);
/* The value of a key of a map, or NULL. O(keys). */
const rf_yaml_node *rf_yaml_get(const rf_yaml_node *map, const char *key);

#endif
