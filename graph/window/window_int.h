/* window_int.h - the frozen window between its two halves: freezing makes it, the features read it.
 *
 * Freezing picks the cells inside the window, gives users and entities their final numbers (ids sorted
 * bytewise), and sorts cells by (user, entity, slot) - events by (user, entity, time, event id). Nothing here
 * depends on the order in which events came.
 */
#ifndef RF_WINDOW_INT_H
#define RF_WINDOW_INT_H

#include "record_int.h"
#include "rf_adj.h"
#include "rf_bigraph.h"
#include "rf_side.h"

typedef struct rf_view_side { /* one side's rows; what an edge does not have is NULL */
    int64_t n;
    const char *const *id; /* [n] nodes: ids, sorted bytewise */
    uint32_t *past;        /* [n_past] nodes: event granularity, see below */
    /* Truth, for evaluation only: never a feature. NULL when no event of the window carries it. */
    uint8_t *y;      /* [n] */
    uint16_t *fraud; /* [n] number in fraud_names of the most frequent type; 0 is "" */
} rf_view_side;

typedef struct rf_window_view {
    const rf_bigraph_options *options; /* granularity, schema, label_share ... */
    const rf_zone *zone;               /* of hours, nights, days and weekends */
    int64_t from_us, to_us; /* the window: [from, to); from is the earliest cell's slot when unbounded */
    int64_t slot_us;        /* a cell's length: divides an hour, and the zone's offsets */

    rf_view_side side[RF_SIDES];
    rf_adj adj; /* an edge: a pair (pair granularity) or an event */

    /* Cells sorted by edge, then slot; event granularity: exactly one an edge. */
    int64_t n_cells;
    int64_t *e_cell;             /* [n_e + 1] cells of edge e: [e_cell[e], e_cell[e + 1]) */
    int64_t *slot;               /* [n_cells] slot start, us; a multiple of slot_us */
    uint32_t *count;             /* [n_cells] events */
    int64_t *first_us, *last_us; /* [n_cells] */

    /* Event granularity: events of [from - history, from), of users and entities of this window, sorted by
     * (user, entity, time, event id): history only, no edges. They are in the same arrays after the window's
     * cells: indices [n_cells, n_cells + n_past). */
    int64_t n_past; /* side[s].past[i] is a past event's node on side s. Nodes that are not in the window are
                     * told apart, by any distinct numbers from side[s].n on: whether a past meeting was a
                     * first one must not depend on who shows up later. */

    const rf_bigraph *graph; /* holds the cells' values, for the calls below */
    uint32_t *store_index;   /* [n_cells + n_past] */

    int64_t known, labelled;        /* events of the window with a label, and of these those labelled 1 */
    const char *const *fraud_names; /* NULL: no event of the window has a type */
    int64_t n_fraud_names;
} rf_window_view;

/* The row on side s of each edge, [n_e]; NULL for the edges themselves. */
static inline const uint32_t *rf_adj_row_of_edge(const rf_adj *adj, rf_side s)
{
    return s == RF_USER ? adj->e_u : s == RF_ENTITY ? adj->e_v : NULL;
}

/* Picks the window and sorts it. Uses up the graph (see rf_bigraph_publish). *out must be freed before the
 * graph. */
RF_MUST_CHECK rf_status rf_bigraph_freeze(rf_window_view **out, rf_bigraph *graph, rf_err *err);
void rf_window_view_free(rf_window_view *view);

/* ---- joined.c ---- Gives the cells of entities that are nearly the same, by those before to_slot, to the
 * one of the smallest hash. Of a sorted graph. */
RF_MUST_CHECK rf_status rf_bigraph_join_near(rf_bigraph *graph, uint32_t to_slot, rf_err *err);

/* ---- labels.c ---- the truth of nodes and edges */
RF_MUST_CHECK rf_status rf_view_labels(rf_window_view *view, rf_err *err);

/* ---- view.c ---- */
/* Expands every attribute of cell c into sums[n_attrs], or adds it to what they hold: one pass over at most
 * RF_CELL_EVENTS packed events. */
void rf_view_add_cell(const rf_window_view *view, int64_t c, rf_attr_sums *sums);
void rf_view_cell(const rf_window_view *view, int64_t c, rf_attr_sums *sums);

/* Category attribute a of cell c: how many distinct values; *list is their (category, events), ascending, and
 * lies in `few` or in the store. Categories are numbered by their texts' bytes, the same in any order of
 * arrival; a number may belong to events outside the window only. */
int64_t rf_view_categories(const rf_window_view *view, int64_t c, int a,
                           rf_category_count few[RF_CELL_EVENTS], const rf_category_count **list);
uint32_t rf_view_category_count(const rf_window_view *view, int a);
const char *rf_view_category_text(const rf_window_view *view, int a, uint32_t category);

#endif
