/* rewrite_int.h - cells dropped, renumbered and put in order.
 */
#ifndef RF_REWRITE_INT_H
#define RF_REWRITE_INT_H

#include "rf_side.h"
#include "store_int.h"

typedef struct rf_renumber_ids {
    uint32_t *to;    /* old number -> new one; RF_NO_ID: not used */
    uint32_t *order; /* new number -> old one */
    uint32_t n;      /* used */
} rf_renumber_ids;

typedef struct rf_renumber {
    rf_renumber_ids side[RF_SIDES];         /* of users and entities; empty for edges */
    rf_renumber_ids category[RF_MAX_CODES]; /* empty where the code is none */
} rf_renumber;

/* The ids that the cells from floor_slot on use, sorted bytewise. ids[side] is NULL for edges, category[code]
 * where the code is none. */
RF_MUST_CHECK rf_status rf_renumber_init(rf_renumber *renumber, const rf_store *store, uint32_t floor_slot,
                                         rf_idmap *const ids[RF_SIDES], rf_idmap *const *category,
                                         rf_err *err);
void rf_renumber_clear(rf_renumber *renumber);

/* Keeps the cells from floor_slot on that dropped[n_cells] (NULL: none) does not mark, in the order they
 * have, numbered as `renumber` (NULL: as before) says. Cells can be added again. */
RF_MUST_CHECK rf_status rf_store_keep(rf_store *store, uint32_t floor_slot, const uint8_t *dropped,
                                      const rf_renumber *renumber, rf_err *err);
/* Drops old ones, renumbers, and sorts all that is left: cells by (user, entity, slot) and, where every event
 * is a cell, by (time, event id, content); records within a cell likewise. Afterwards owned is a sorted list.
 * The store can only be read and saved then. */
RF_MUST_CHECK rf_status rf_store_sort(rf_store *store, uint32_t floor_slot, const rf_renumber *renumber,
                                      rf_err *err);

/* The categories of full cells as a list by (owner, category). */
RF_MUST_CHECK rf_status rf_store_seal_owned(rf_store *store, rf_err *err);

/* ---- join_entities.c ---- Of a sorted store: the cells of entity v become those of into[v], which is v for
 * most. Cells of one user, entity and slot become one, where events are no cells of their own; the order is
 * that of rf_store_sort. */
RF_MUST_CHECK rf_status rf_store_join_entities(rf_store *store, const uint32_t *into, rf_err *err);

/* Two cells of one event each: time, event id, label, values; numbers as they are. */
int rf_cells_compare(const rf_store *store, uint32_t a, uint32_t b);

#endif
