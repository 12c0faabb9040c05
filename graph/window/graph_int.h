/* graph_int.h - the frozen window between its two halves: bigraph.c and friends make it, the features read
 * it.
 *
 * Freezing picks the cells inside the window, gives users and entities their final numbers (ids sorted
 * bytewise), and sorts cells by (user, entity, slot) - events by (user, entity, time, event id). Nothing here
 * depends on the order in which events came.
 */
#ifndef RF_GRAPH_INT_H
#define RF_GRAPH_INT_H

#include "rf_adj.h"
#include "rf_bigraph.h"
#include "rf_graph.h"
#include "rf_time.h"

__extension__ typedef __int128 rf_i128;

/* Sums of squares end here instead of overflowing (a saturating sum of non-negative terms still commutes). */
#define RF_SUM_SQ_MAX ((((rf_i128)1 << 126) - 1) * 2 + 1)

/* What a cell knows of one attribute. n == 0: nothing, the rest is 0. Category: only n is set. */
typedef struct rf_attr_sums {
    int64_t n;           /* events that have the attribute */
    rf_i128 sum, sum_sq; /* fixed point, and fixed point squared (saturating); cyclic: unused */
    int64_t min, max;
    int64_t latest; /* value of the newest event that has it; equal times: the greatest value */
    int64_t latest_us;
    int64_t sin_sum, cos_sum; /* cyclic attributes only, in units of 1e-9 */
} rf_attr_sums;

/* Adds b into a: sums (sum_sq saturates), extremes, the later `latest`. Commutes. */
void rf_attr_sums_merge(rf_attr_sums *a, const rf_attr_sums *b);

/* Cells of up to this many events keep the events' values packed (smaller than the sums); fuller ones keep
 * sums. */
#define RF_CELL_EVENTS 8

typedef struct rf_category_count {
    uint32_t category, events;
} rf_category_count;

typedef struct rf_window_view {
    const rf_bigraph_options *options; /* granularity, schema, label_share ... */
    const rf_zone *zone;               /* of hours, nights, days and weekends */
    int64_t from_us, to_us; /* the window: [from, to); from is the earliest cell's slot when unbounded */
    int64_t slot_us;        /* a cell's length: divides an hour, and the zone's offsets */

    rf_adj adj;                            /* an edge: a pair (pair granularity) or an event */
    const char *const *u_id, *const *v_id; /* [n_u] [n_v] ids, sorted bytewise */

    /* Cells sorted by edge, then slot; event granularity: exactly one an edge. */
    int64_t n_cells;
    int64_t *e_cell;             /* [n_e + 1] cells of edge e: [e_cell[e], e_cell[e + 1]) */
    int64_t *slot;               /* [n_cells] slot start, us; a multiple of slot_us */
    uint32_t *count;             /* [n_cells] events */
    int64_t *first_us, *last_us; /* [n_cells] */

    /* Event granularity: events of [from - history, from), of users and entities of this window, sorted by
     * (user, entity, time, event id): history only, no edges. Same arrays behind the window's cells: indices
     * [n_cells, n_cells + n_past). */
    int64_t n_past;
    uint32_t *past_u, *past_v; /* [n_past] user and entity. Those that are not in the window are told apart,
                                * by any distinct numbers from n_u (n_v) on: whether a past meeting was a
                                * first one must not depend on who shows up later. */

    const void *store;     /* the cells' attribute storage, for the calls below */
    uint32_t *store_index; /* [n_cells + n_past] */

    /* Truth, for evaluation only: never a feature. NULL when no event of the window carries it. */
    uint8_t *u_y, *v_y, *e_y;
    uint16_t *u_fraud, *v_fraud, *e_fraud; /* number in fraud_names of the most frequent type; 0 is "" */
    const char *const *fraud_names;
    int64_t n_fraud_names;
} rf_window_view;

/* Picks the window and sorts it. Uses up the graph (see rf_bigraph_publish). *out must be freed before the
 * graph. */
RF_MUST_CHECK rf_status rf_bigraph_freeze(rf_window_view **out, rf_bigraph *graph, rf_err *err);
void rf_window_view_free(rf_window_view *view);

/* Expands every attribute of cell c into sums[n_attrs]: one pass over at most RF_CELL_EVENTS packed events.
 */
void rf_view_cell(const rf_window_view *view, int64_t c, rf_attr_sums *sums);
/* The same for attribute a alone; costs as much as rf_view_cell. */
void rf_view_attr(const rf_window_view *view, int64_t c, int a, rf_attr_sums *out);

/* Category attribute a of cell c: how many distinct values; *list is their (category, events), ascending, and
 * lies in `few` or in the store. Categories are numbered by their texts' bytes, the same in any order of
 * arrival; a number may belong to events outside the window only. */
int64_t rf_view_categories(const rf_window_view *view, int64_t c, int a,
                           rf_category_count few[RF_CELL_EVENTS], const rf_category_count **list);
uint32_t rf_view_category_count(const rf_window_view *view, int a);
const char *rf_view_category_text(const rf_window_view *view, int a, uint32_t category);

/* ---- features ---- one matrix a side, raw values first, tamed and standardised at the end ---- */
typedef struct rf_feature_matrix {
    int64_t n;
    int d;
    float *x;    /* [n, d] standardised */
    char **name; /* [d] owned; "log1p_" in front where tamed */
    float *mean, *scale;
    uint8_t *transform;   /* RF_TAME_* */
    char **dropped;       /* names of constant columns that were left out */
    float *dropped_value; /* their tamed values; NaN where no row had data */
    int n_dropped;
} rf_feature_matrix;

/* Fills three empty matrices. Deterministic at any thread count; columns in the documented order. */
RF_MUST_CHECK rf_status rf_features_compute(rf_feature_matrix *u, rf_feature_matrix *v, rf_feature_matrix *e,
                                            const rf_window_view *view, rf_pool *pool, rf_err *err);
void rf_feature_matrix_clear(rf_feature_matrix *matrix);

/* Takes the edges' rows [from, from + n), standardised, in order; head has everything of their matrix but x.
 */
typedef rf_status (*rf_feature_sink)(void *context, const rf_feature_matrix *head, int64_t from, int64_t n,
                                     const float *rows, rf_err *err);
/* The same numbers, the edges' handed to sink in pieces: e->x stays NULL. Pairs then need memory for one
 * piece only. */
RF_MUST_CHECK rf_status rf_features_stream(rf_feature_matrix *u, rf_feature_matrix *v, rf_feature_matrix *e,
                                           rf_feature_sink sink, void *context, const rf_window_view *view,
                                           rf_pool *pool, rf_err *err);

/* ---- igraph_bridge.c: the only user of igraph; one thread at a time ---- */
/* Distinct pairs only. core, component: [n_u + n_v], users first; component is the size of the node's
 * component. */
RF_MUST_CHECK rf_status rf_igraph_structure(int32_t *core, int32_t *component, const rf_adj *adj,
                                            rf_err *err);

#endif
