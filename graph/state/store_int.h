/* store_int.h - how a graph holds its events: packed records, cells of them, sums of full cells, recent event
 * ids.
 *
 * A cell is what one user did with one entity in one time slot. Its first RF_CELL_EVENTS events are packed
 * records, a few bytes each, chained newest first; a fuller cell keeps commuting sums instead, so that memory
 * is bounded by the number of cells. In event granularity every event is a cell of its own, and nothing is
 * merged.
 */
#ifndef RF_STORE_INT_H
#define RF_STORE_INT_H

#include <stdbool.h>

#include "graph_int.h"
#include "rf_idmap.h"

#define RF_MAX_CODES (RF_MAX_ATTRS + 1) /* the attributes, and the fraud type as one more category */
#define RF_RECORD_UNIT 4u               /* records start at multiples of so many bytes */
#define RF_RECORD_HEADER 9u             /* offset, flags, link at most */
#define RF_RECORD_BODY ((size_t)RF_MAX_CODES * 10 + 2 + RF_MAX_ID_BYTES)

/* ---- record.c: one event in a few bytes ----
 *
 *   uint32 offset inside the slot in us | flags: label + 1 (2 bits), link (2 bits), typed | [uint32 unit of
 * the next record] | one varint an attribute, 0 where missing | fraud type likewise | event granularity:
 * varint length
 * + 1, event id
 *
 * Padded with zeros to RF_RECORD_UNIT. All little-endian.
 */
enum { RF_LINK_END = 0, RF_LINK_AT = 1, RF_LINK_BEHIND = 2 };

typedef struct rf_codec {
    const rf_schema *schema;
    int n_codes; /* attributes + 1 */
    bool ids;    /* event granularity: records carry event ids */
    int64_t slot_us;
    const rf_zone *zone;
} rf_codec;

typedef struct rf_record {
    uint32_t offset; /* us since the slot's start */
    int label;       /* -1, 0, 1 */
    int link;        /* RF_LINK_* */
    bool typed;      /* carries a fraud type */
    uint32_t next;   /* RF_LINK_AT, RF_LINK_BEHIND: unit of the next record */
    uint64_t code[RF_MAX_CODES];
    const char *id; /* NULL: none */
    size_t id_len;
    size_t bytes; /* whole length, padding excluded */
} rf_record;

rf_attr_type rf_codec_type(const rf_codec *codec, int code);

/* The code of a value; false when it is out of range. Category codes are number + 1. */
bool rf_code_number(uint64_t *code, int64_t value);
bool rf_code_cyclic(uint64_t *code, const rf_codec *codec, rf_attr_type type, int64_t value, int64_t time_us);
/* RF_MISSING for 0; false when no value has this code. */
bool rf_code_value(int64_t *value, const rf_codec *codec, int at, uint64_t code, int64_t time_us);

/* Body: codes and id. At most RF_RECORD_BODY bytes; returns the length. */
size_t rf_record_put_body(uint8_t *out, const rf_codec *codec, const uint64_t *code, const char *id,
                          size_t id_len);
/* Header (offset, label, link, next, typed of *head) and body into out, zero-padded; returns the padded
 * length. */
size_t rf_record_put(uint8_t *out, const rf_record *head, const uint8_t *body, size_t body_len);
/* The record at unit `at` of a log of n bytes; false when it is broken or reaches beyond the end. */
bool rf_record_get(rf_record *out, const rf_codec *codec, const uint8_t *log, size_t n, uint32_t at);
/* The same, its header alone: neither codes, id, nor what is behind. */
bool rf_record_get_head(rf_record *out, const rf_codec *codec, const uint8_t *log, size_t n, uint32_t at);
/* Codes of a bare body. */
bool rf_record_get_body(rf_record *out, const rf_codec *codec, const uint8_t *body, size_t n);

/* Adds a record's first n values to sums[n]; time_us is the event's. */
void rf_record_sum(rf_attr_sums *sums, int n, const rf_codec *codec, const rf_record *record,
                   int64_t time_us);

/* ---- store.c: cells ---- */
typedef struct rf_cell {
    uint32_t u, v;
    uint32_t slot;  /* (slot start - RF_TIME_MIN) / slot_us */
    uint32_t count; /* events */
    uint32_t head;  /* count <= RF_CELL_EVENTS: unit of its newest record, else number of its sums */
} rf_cell;

typedef struct rf_full_cell {
    uint32_t first, last; /* offsets of the first and last event inside the slot, us */
    uint32_t known;       /* events that carry a label */
    uint32_t labelled;    /* of these: label 1 */
} rf_full_cell;

typedef struct rf_owned_category { /* how often a full cell saw a category */
    uint32_t owner;                /* number of sums * n_codes + attribute */
    uint32_t category;
    uint32_t events; /* 0: empty slot of the table */
} rf_owned_category;

typedef struct rf_index_slot {
    uint32_t tag; /* the key's hash: its upper bits are the place */
    uint32_t cell;
} rf_index_slot;

typedef struct rf_store {
    rf_codec codec;
    rf_cell *cells;
    size_t n_cells, cap_cells;
    uint8_t *log; /* records */
    size_t n_log, cap_log;
    rf_full_cell *full;
    rf_attr_sums *sums; /* [n_full][n_codes] */
    size_t n_full, cap_full, cap_sums;
    rf_owned_category *owned;        /* open addressing while growing, sorted list once canonical */
    size_t n_owned, cap_owned;       /* cap: a power of two, or 0 */
    rf_category_count *owned_counts; /* once canonical: owned's categories and counts alone, same order */
    rf_index_slot *index;            /* (u, v, slot) -> cell; NULL in event granularity, or until needed */
    int index_bits;
} rf_store;

typedef struct rf_arrival { /* an event on its way into the store */
    uint32_t u, v, slot, hash;
    uint32_t offset;
    int label;
    bool typed;
    size_t body_len;
    uint8_t body[RF_RECORD_BODY];
} rf_arrival;

uint32_t rf_cell_hash(uint32_t u, uint32_t v, uint32_t slot);
void rf_store_prefetch(const rf_store *store, uint32_t hash);
/* Room for one more cell, so that its index slot may be prefetched and stays where it is. */
RF_MUST_CHECK rf_status rf_store_reserve(rf_store *store, size_t cells, rf_err *err);
RF_MUST_CHECK rf_status rf_store_add(rf_store *store, const rf_arrival *arrival, rf_err *err);
/* A cell of another store with more than RF_CELL_EVENTS events: `full` and sums[n_codes] are added to the
 * cell at the key (its u, v, slot, hash; room was reserved), whose sums get *number. Its categories are the
 * caller's to count. */
RF_MUST_CHECK rf_status rf_store_join_full(rf_store *store, const rf_arrival *key, uint32_t count,
                                           const rf_full_cell *full, const rf_attr_sums *sums,
                                           uint32_t *number, rf_err *err);
void rf_store_clear(rf_store *store);
RF_MUST_CHECK rf_status rf_store_build_index(rf_store *store, size_t room, rf_err *err);
RF_MUST_CHECK rf_status rf_store_count_category(rf_store *store, uint32_t owner, uint32_t category,
                                                uint32_t events, rf_err *err);
size_t rf_store_bytes(const rf_store *store);

/* The records of a cell that is not full, newest arrival first; their number. */
int rf_cell_records(rf_record records[RF_CELL_EVENTS], const rf_store *store, uint32_t head, uint32_t count);

typedef struct rf_cell_head {
    uint32_t first, last; /* offsets of the first and last event inside the slot, us */
    uint32_t known, labelled;
    bool typed; /* perhaps carries a fraud type */
} rf_cell_head;
/* What a cell's records say without their values; cheap for cells of one event. */
rf_cell_head rf_cell_head_get(const rf_store *store, uint32_t head, uint32_t count);

static inline int64_t rf_slot_us(const rf_codec *codec, uint32_t slot)
{
    return RF_TIME_MIN + (int64_t)slot * codec->slot_us;
}

/* ---- sort.c ---- */
typedef struct rf_sort_key {
    uint64_t key;
    uint32_t value;
} rf_sort_key;
/* By key; equal keys by tie(context, value, value) < 0, or left in any order when tie is NULL. In place, O(n
 * log n). */
void rf_sort_keys(rf_sort_key *keys, size_t n, int (*tie)(void *context, uint32_t a, uint32_t b),
                  void *context);

/* ---- rewrite.c: dropping, renumbering, ordering cells ---- */
typedef struct rf_renumber_ids {
    uint32_t *to;    /* old number -> new one; RF_NO_ID: not used */
    uint32_t *order; /* new number -> old one */
    uint32_t n;      /* used */
} rf_renumber_ids;

typedef struct rf_renumber {
    rf_renumber_ids u, v, category[RF_MAX_CODES]; /* category: empty where the code is none */
} rf_renumber;

/* The ids that the cells from floor_slot on use, sorted bytewise. category[code] is NULL where the code is
 * none. */
RF_MUST_CHECK rf_status rf_renumber_init(rf_renumber *renumber, const rf_store *store, uint32_t floor_slot,
                                         const rf_idmap *u, const rf_idmap *v, rf_idmap *const *category,
                                         rf_err *err);
void rf_renumber_clear(rf_renumber *renumber);

/* Drops cells before floor_slot, in the order they have. */
RF_MUST_CHECK rf_status rf_store_prune(rf_store *store, uint32_t floor_slot, rf_err *err);
/* Drops them, renumbers, and sorts all that is left: cells by (user, entity, slot) and, where every event is
 * a cell, by (time, event id, content); records within a cell likewise. Afterwards owned is a sorted list.
 * The store can only be read and saved then. */
RF_MUST_CHECK rf_status rf_store_sort(rf_store *store, uint32_t floor_slot, const rf_renumber *renumber,
                                      rf_err *err);

/* Two cells of one event each: time, event id, label, values; numbers as they are. */
int rf_cells_compare(const rf_store *store, uint32_t a, uint32_t b);

/* ---- dedup.c: the event ids of the window, as 96 bits of their hash ---- */
typedef struct rf_dedup_entry {
    uint32_t hash[3]; /* hash[0]'s upper bits are the place */
    uint32_t slot;    /* of the event's time; RF_NO_SLOT: empty */
} rf_dedup_entry;

#define RF_NO_SLOT UINT32_MAX

typedef struct rf_dedup {
    rf_dedup_entry *entries;
    size_t n;
    int bits;    /* 2^bits places, or 0: none yet */
    bool sorted; /* entries[0..n) is a sorted list, not a table */
} rf_dedup;

rf_dedup_entry rf_dedup_key(const char *id, size_t len, uint32_t slot);
void rf_dedup_prefetch(const rf_dedup *dedup, const rf_dedup_entry *key);
/* RF_SKIPPED: seen before. Entries before floor_slot are dropped when the table would have to grow. */
RF_MUST_CHECK rf_status rf_dedup_add(rf_dedup *dedup, const rf_dedup_entry *key, uint32_t floor_slot,
                                     rf_err *err);
/* The entry of this hash, or NULL; of a table, not a sorted list. */
const rf_dedup_entry *rf_dedup_find(const rf_dedup *dedup, const rf_dedup_entry *key);
/* Room in the table for so many more. Needed before another table's entries come in its order, which is
 * nearly that of their places: the front of a smaller table would overflow long before the whole does. */
RF_MUST_CHECK rf_status rf_dedup_reserve(rf_dedup *dedup, size_t more, rf_err *err);
/* Puts an entry in, or keeps the later slot of the one that is there. */
RF_MUST_CHECK rf_status rf_dedup_join(rf_dedup *dedup, const rf_dedup_entry *key, uint32_t floor_slot,
                                      rf_err *err);
/* Drops what is before floor_slot and leaves a sorted list in place of the table; rf_dedup_open undoes it. */
void rf_dedup_sort(rf_dedup *dedup, uint32_t floor_slot);
RF_MUST_CHECK rf_status rf_dedup_open(rf_dedup *dedup, rf_err *err);
void rf_dedup_clear(rf_dedup *dedup);

#endif
