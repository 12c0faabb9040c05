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

typedef struct rf_relation rf_relation; /* bigraph_int.h */

typedef struct rf_window_cell {
    uint32_t slot;        /* of time, see rf_view_slot_us */
    uint32_t count;       /* events */
    uint32_t first, last; /* of its events, us inside the slot */
    uint32_t head;        /* where its values lie in the store */
} rf_window_cell;

/* The window of all kinds of entity. */
typedef struct rf_window {
    int64_t from_us, to_us;
    uint32_t from_slot, to_slot;
    int64_t n_users;   /* those who have an event in it */
    uint32_t *user_to; /* canonical number -> row, from n_users on for those outside */
} rf_window;

typedef struct rf_window_view {        /* of one kind */
    const rf_bigraph_options *options; /* granularity, label_share ... */
    int kind;
    const char *kind_name;   /* "entity" where it has none of its own */
    const rf_schema *schema; /* the attributes that the kind's edges carry */
    const rf_zone *zone;     /* of hours, nights, days and weekends */
    int64_t from_us, to_us;  /* the window: [from, to); from is the earliest cell's slot when unbounded */
    int64_t slot_us;         /* a cell's length: divides an hour, and the zone's offsets */

    rf_view_side side[RF_SIDES]; /* users' ids are the main kind's to have */
    rf_adj adj;                  /* an edge: a pair (pair granularity) or an event */

    /* The edges that the graph gets: without those of hubs. Rows of side[RF_EDGE] are theirs. */
    uint8_t *hub;        /* [entities] 1: a hub; NULL: the kind has no bound */
    const rf_adj *kept;  /* adj, or own_kept */
    uint32_t *kept_edge; /* [kept->n_e] their numbers in adj; NULL: all are kept */
    rf_adj own_kept;

    /* Cells sorted by edge, then slot; event granularity: exactly one an edge. */
    int64_t n_cells;
    int64_t *e_cell;      /* [n_e + 1] cells of edge e: [e_cell[e], e_cell[e + 1]) */
    rf_window_cell *cell; /* [n_cells + n_past] */

    /* Event granularity: events of [from - history, from), of users and entities of this window, sorted by
     * (user, entity, time, event id): history only, no edges. They are in the same array after the window's
     * cells: indices [n_cells, n_cells + n_past). */
    int64_t n_past; /* side[s].past[i] is a past event's node on side s. Nodes that are not in the window are
                     * told apart, by any distinct numbers from side[s].n on: whether a past meeting was a
                     * first one must not depend on who shows up later. */

    const rf_bigraph *graph;     /* for the calls below: texts; */
    const rf_relation *relation; /* ... and the cells' values */

    int64_t known, labelled;        /* events of the window with a label, and of these those labelled 1 */
    bool typed;                     /* may any event of the window have a fraud type? */
    const char *const *fraud_names; /* NULL: no event of the window has a type */
    int64_t n_fraud_names;
} rf_window_view;

/* When the slot of cell c begins, and its first and last event, us. */
static inline int64_t rf_view_slot_us(const rf_window_view *view, int64_t c)
{
    return RF_TIME_MIN + (int64_t)view->cell[c].slot * view->slot_us;
}

static inline int64_t rf_view_first_us(const rf_window_view *view, int64_t c)
{
    return rf_view_slot_us(view, c) + view->cell[c].first;
}

static inline int64_t rf_view_last_us(const rf_window_view *view, int64_t c)
{
    return rf_view_slot_us(view, c) + view->cell[c].last;
}

/* The row on side s of each edge, [n_e]; NULL for the edges themselves. */
static inline const uint32_t *rf_adj_row_of_edge(const rf_adj *adj, rf_side s)
{
    return s == RF_USER ? adj->e_u : s == RF_ENTITY ? adj->e_v : NULL;
}

/* The number in adj of the kept edge i. */
static inline int64_t rf_view_edge(const rf_window_view *view, int64_t i)
{
    return view->kept_edge == NULL ? i : (int64_t)view->kept_edge[i];
}

/* Sorts the graph and finds the window. Uses up the graph (see rf_bigraph_publish). RF_E_INVALID when no
 * event lies in it. */
RF_MUST_CHECK rf_status rf_window_find(rf_window *out, rf_bigraph *graph, rf_err *err);
void rf_window_clear(rf_window *window);
/* Picks one kind's cells out of the window, once for each kind; they are the view's then. *out must be freed
 * before the graph. */
RF_MUST_CHECK rf_status rf_window_freeze(rf_window_view **out, const rf_window *window, rf_bigraph *graph,
                                         int kind, rf_err *err);
/* The two together, for the main kind alone. */
RF_MUST_CHECK rf_status rf_bigraph_freeze(rf_window_view **out, rf_bigraph *graph, rf_err *err);
void rf_window_view_free(rf_window_view *view);

/* ---- joined.c ---- Gives the cells of entities that are nearly the same, by those before to_slot, to the
 * one of the smallest hash. Of a sorted graph. */
RF_MUST_CHECK rf_status rf_bigraph_join_near(rf_bigraph *graph, int kind, uint32_t to_slot, rf_err *err);

/* ---- hubs.c ---- Finds the entities whose users are too many to say anything, and keeps the other edges. */
RF_MUST_CHECK rf_status rf_view_find_hubs(rf_window_view *view, rf_err *err);

/* ---- labels.c ---- the truth of nodes and edges */
RF_MUST_CHECK rf_status rf_view_labels(rf_window_view *view, rf_err *err);

/* ---- view.c ---- */
/* What a cell holds, unpacked once for all who ask: its records, or none where only sums are kept. */
typedef struct rf_cell_values {
    int64_t cell;
    int n_records;
    rf_record records[RF_CELL_EVENTS];
} rf_cell_values;

/* One pass over at most RF_CELL_EVENTS packed events. */
void rf_view_read(rf_cell_values *out, const rf_window_view *view, int64_t c);
/* Adds every attribute of a cell to sums[n_attrs]. */
void rf_view_add_values(rf_attr_sums *sums, const rf_window_view *view, const rf_cell_values *values);
/* The sums of cell c alone. */
void rf_view_cell(const rf_window_view *view, int64_t c, rf_attr_sums *sums);
/* Has the events of a cell, if they are packed, brought nearer: they are about to be read. */
void rf_view_prefetch(const rf_window_view *view, int64_t c);

/* Category attribute a of a cell: how many distinct values; *list is their (category, events), ascending, and
 * lies in `few` or in the store. Categories are numbered by their texts' bytes, the same in any order of
 * arrival; a number may belong to events outside the window only. */
int64_t rf_view_categories_of(const rf_window_view *view, const rf_cell_values *values, int a,
                              rf_category_count few[RF_CELL_EVENTS], const rf_category_count **list);
/* The same of a cell that is read for this alone. */
int64_t rf_view_categories(const rf_window_view *view, int64_t c, int a,
                           rf_category_count few[RF_CELL_EVENTS], const rf_category_count **list);
uint32_t rf_view_category_count(const rf_window_view *view, int a);
const char *rf_view_category_text(const rf_window_view *view, int a, uint32_t category);

#endif
