/* json_keys_int.h - the mapped keys of JSON records. */
#ifndef RF_JSON_KEYS_INT_H
#define RF_JSON_KEYS_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "field_plan_int.h"

#define RF_JSON_NO_NODE (-1)
#define RF_JSON_ROOT 0
#define RF_JSON_PATH_PARTS 32 /* of one mapped name */

typedef struct rf_json_node {
    rf_span key; /* borrowed from the plan's names */
    int parent;  /* node */
    int name;    /* the plan's name that ends here, -1: none */
    int next;    /* in the same bucket */
    bool has_children;
    bool items;                /* some children are items of a list: "[0]" */
    bool list;                 /* the list whose items are events: its child is "[*]" */
    atomic_uint_fast64_t seen; /* number of the last record that had it; another thread may ask, too */
} rf_json_node;

static inline uint64_t rf_json_node_seen(const rf_json_node *node)
{
    return atomic_load_explicit(&node->seen, memory_order_relaxed);
}

static inline void rf_json_node_see(rf_json_node *node, uint64_t record)
{
    atomic_store_explicit(&node->seen, record, memory_order_relaxed);
}

/* Records of one producer have their keys in one order, and the same marks and spaces around them: what stood
 * before the value that came at a turn last time is tried first. */
#define RF_JSON_HABITS 64 /* turns: keys of mapped objects, counted through the record */
#define RF_JSON_HABIT_BYTES                                                                                  \
    32 /* from the brace or comma before a key to its value; longer ones are looked up each time */

typedef struct rf_json_habit {
    char bytes[RF_JSON_HABIT_BYTES], mask[RF_JSON_HABIT_BYTES]; /* ASCII; mask: 0xFF where they count */
    size_t len, key_len; /* to the value, and to what follows the key's closing quote */
    size_t quote;        /* to the key's opening quote */
    int place;           /* rf_json_place; RF_JSON_NO_NODE: none yet */
    int node;            /* NO_NODE: not mapped */
} rf_json_habit;

/* Where a key is: in the object of that node, as its first one or behind another. */
static inline int rf_json_place(int object, bool first)
{
    return 2 * object + first;
}

typedef struct rf_json_alias { /* the exact key "a.b", which counts where there is no b in a */
    int name, slot;            /* both among the raw values */
    int node;
} rf_json_alias;

typedef struct rf_json_keys {
    char *texts;            /* parts of names, as keys have them; owned */
    rf_json_alias *aliases; /* [n_aliases] */
    int n_aliases, n_slots; /* names and slots */
    int list;               /* the node of the list whose items are events; NO_NODE: none */
    int met_list;           /* a node that was a list in the last record, though its keys are wanted */
    rf_json_node *nodes;    /* [n], ROOT first */
    int n;
    int *buckets; /* [bucket_mask + 1] first node, NO_NODE: none */
    uint32_t bucket_mask;
    uint64_t record;                          /* number of the record that is read */
    rf_json_habit habits[RF_JSON_HABITS + 1]; /* the last one is never used: a turn behind all */
} rf_json_keys;

/* The names of the body, split at their dots: "a.b", "a[0].b", "a[*].b"; a backslash before a dot or a
 * bracket makes it part of the key. RF_E_INVALID: one has too many parts. */
RF_MUST_CHECK rf_status rf_json_keys_init(rf_json_keys *keys, const rf_field_plan *plan, rf_err *err);
void rf_json_keys_clear(rf_json_keys *keys);
/* The node of a key in the object of `parent`, or NO_NODE. */
int rf_json_keys_find(const rf_json_keys *keys, int parent, const char *key, size_t len);

/* Notes what stood before the value that came at that turn. */
void rf_json_keys_remember(const rf_json_keys *keys, rf_json_habit *turn, int place, rf_span before,
                           size_t key_len, int node);

#endif
