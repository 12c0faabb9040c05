/* store_int.h - how a graph holds its events: cells of packed records, sums of full cells.
 *
 * A cell is what one user did with one entity in one time slot. Its first RF_CELL_EVENTS events are packed
 * records, a few bytes each, chained newest first; a fuller cell keeps commuting sums instead, so that memory
 * is bounded by the number of cells. In event granularity every event is a cell of its own, and nothing is
 * merged.
 */
#ifndef RF_STORE_INT_H
#define RF_STORE_INT_H

#include "record_int.h"
#include "rf_idmap.h"

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
    int64_t more; /* cells that are expected at most; 0: not known */
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
/* Adds the events of `with` to `cell`, which has the same key but for the entity; pair granularity, and
 * neither is in the index. If `with` was full, full_to[its sums] is the number of the sums that have them
 * now: the categories of these are the caller's to count. */
RF_MUST_CHECK rf_status rf_store_unite(rf_store *store, rf_cell *cell, const rf_cell *with, uint32_t *full_to,
                                       rf_err *err);
void rf_store_clear(rf_store *store);
RF_MUST_CHECK rf_status rf_store_build_index(rf_store *store, size_t room, rf_err *err);
RF_MUST_CHECK rf_status rf_store_count_category(rf_store *store, uint32_t owner, uint32_t category,
                                                uint32_t events, rf_err *err);

/* The records of a cell that is not full, newest arrival first; their number. */
int rf_cell_records(rf_record records[RF_CELL_EVENTS], const rf_store *store, uint32_t head, uint32_t count);

typedef struct rf_cell_head {
    uint32_t first, last; /* offsets of the first and last event inside the slot, us */
    uint32_t known, labelled;
    bool typed; /* perhaps carries a fraud type */
} rf_cell_head;
/* The sums over a cell's records without their values; cheap for cells of one event. */
rf_cell_head rf_cell_head_get(const rf_store *store, uint32_t head, uint32_t count);

#endif
