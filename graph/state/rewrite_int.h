/* rewrite_int.h - cells dropped, renumbered and put in order.
 */
#ifndef RF_REWRITE_INT_H
#define RF_REWRITE_INT_H

#include "rf_pool.h"
#include "rf_side.h"
#include "store_int.h"

typedef struct rf_renumber_ids {
    uint32_t *to;    /* old number -> new one; RF_NO_ID: not used; NULL: there are no ids */
    uint32_t *order; /* new number -> old one */
    uint32_t n;      /* used */
} rf_renumber_ids;

typedef struct rf_renumber { /* of all kinds */
    rf_renumber_ids user;
    rf_renumber_ids entity[RF_KINDS_MOST];
    rf_renumber_ids category[RF_MAX_CODES]; /* by the attribute's number; empty where it is none */
} rf_renumber;

/* What the numbers in one store become. */
typedef struct rf_store_numbers {
    uint32_t *user, *entity;          /* by the number that it has */
    uint32_t n_users;                 /* new ones */
    uint32_t *category[RF_MAX_CODES]; /* by the codec's code; NULL where it is none, or has no values */
} rf_store_numbers;

/* Sets 1 for each number that a cell from floor_slot on uses. */
RF_MUST_CHECK rf_status rf_store_mark(rf_store_numbers *marks, const rf_store *store, uint32_t floor_slot,
                                      rf_pool *pool, rf_err *err);

/* Keeps the cells from floor_slot on that dropped[n_cells] (NULL: none) does not mark, in the order they
 * have, numbered as `numbers` (NULL: as before) says. Cells can be added again. */
RF_MUST_CHECK rf_status rf_store_keep(rf_store *store, uint32_t floor_slot, const uint8_t *dropped,
                                      const rf_store_numbers *numbers, rf_err *err);
/* Takes over cells[n] (an rf_mem block, freed also when this fails) in place of the store's own, some of
 * which they are: renumbers them as `numbers` (NULL: not at all) says, and brings their records together in
 * their order, each cell's by time, event id and values. */
RF_MUST_CHECK rf_status rf_store_take_cells(rf_store *store, rf_cell *cells, size_t n,
                                            const rf_store_numbers *numbers, rf_pool *pool, rf_err *err);
/* ---- cell_order.c ---- Drops old ones, renumbers, and sorts all that is left: cells by (user, entity, slot)
 * and, where every event is a cell, by (time, event id, content); records within a cell likewise. Afterwards
 * owned is a sorted list. The store can only be read and saved then. */
RF_MUST_CHECK rf_status rf_store_sort(rf_store *store, uint32_t floor_slot, const rf_store_numbers *numbers,
                                      rf_pool *pool, rf_err *err);

/* The categories of full cells as a list by (owner, category). */
RF_MUST_CHECK rf_status rf_store_seal_owned(rf_store *store, rf_err *err);

/* ---- join_entities.c ---- Of a sorted store: the cells of entity v become those of into[v], which is v for
 * most. Cells of one user, entity and slot become one, where events are no cells of their own; the order is
 * that of rf_store_sort. */
RF_MUST_CHECK rf_status rf_store_join_entities(rf_store *store, const uint32_t *into, rf_err *err);

/* Two cells of one event each: time, event id, label, values; numbers as they are. */
int rf_cells_compare(const rf_store *store, uint32_t a, uint32_t b);
/* The same of two cells of one slot, whose records have categories of other numbers. */
int rf_cells_tie(const rf_store *store, const rf_store_numbers *numbers, const rf_cell *a, const rf_cell *b);

#endif
