/* features_int.h - what the feature files share: context, rows, lists of cells, sorting, calendar.
 *
 * One walker writes a row's values and, in planning mode, declares its columns: the two cannot drift apart. A
 * value without data is written as NaN; standardising turns it into the column's mean (tame.c).
 */
#ifndef RF_FEATURES_INT_H
#define RF_FEATURES_INT_H

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "rf_side.h"
#include "feature_table.h"
#include "graph_int.h"
#include "rf_mem.h"

__extension__ typedef unsigned __int128 rf_u128;

/* ---- calendar.c: local time of any moment of the window, O(1) ---- */
typedef struct rf_calendar_day {
    int64_t change_us;     /* the offset changes here within this UTC day; its end if it does not */
    int64_t before, after; /* offsets, us */
} rf_calendar_day;

typedef struct rf_calendar {
    int64_t first_day; /* UTC days since the epoch */
    int64_t n_days;
    rf_calendar_day *days;
} rf_calendar;

typedef struct rf_moment {
    int64_t day;        /* local days since the epoch */
    int64_t of_day_us;  /* since local midnight */
    int64_t of_week_us; /* since local Monday midnight */
    int64_t offset_us;  /* local minus UTC */
    int hour, weekday;  /* 0..23; 0..6 from Monday */
} rf_moment;

/* Covers [from_us, to_us]. At most one change of the offset in a UTC day, on a whole minute. */
RF_MUST_CHECK rf_status rf_calendar_init(rf_calendar *calendar, const rf_zone *zone, int64_t from_us,
                                         int64_t to_us, rf_err *err);
rf_moment rf_calendar_at(const rf_calendar *calendar, int64_t time_us);
void rf_calendar_clear(rf_calendar *calendar);

/* ---- feature_sort.c ---- */
typedef struct rf_keyed {
    int64_t key; /* >= 0 */
    uint32_t item;
} rf_keyed;

/* Stable, ascending keys. spare: as long as items. O(n) for the keys at hand. */
void rf_sort_keyed(rf_keyed *items, rf_keyed *spare, int64_t n);

/* ---- butterflies.c ---- */
/* count[p]: 4-cycles through pair p of `pairs` (distinct pairs). Time O(sum over pairs of the smaller
 * degree), memory 16 bytes a pair and 4 a node and thread, given back. Same counts at any number of threads.
 */
RF_MUST_CHECK rf_status rf_butterflies(uint64_t *count, const rf_adj *pairs, rf_pool *pool, rf_err *err);

/* ---- categories.c ---- */
typedef struct rf_category_table {
    int n_top;
    uint32_t *top; /* [n_top] category numbers, most events first */
    int16_t *slot; /* [categories] place in top; n_top for the rest */
    float *shared; /* [categories] ln(users with this value in the window) */
} rf_category_table;

/* Other than the category text "other", which shares the column of all the rest. */
RF_MUST_CHECK rf_status rf_category_table_init(rf_category_table *table, const rf_window_view *view, int attr,
                                               rf_err *err);
void rf_category_table_clear(rf_category_table *table);

/* ---- context: what all rows need; built once, read-only while rows are made ---- */

typedef struct rf_scratch {  /* one a thread */
    rf_keyed *items, *spare; /* [max_items] */
    rf_keyed *by_partner;    /* event granularity: [max_items] */
    uint32_t *cells;         /* [max_items] */
    int64_t *top_events;     /* [largest n_top + 1] */
    uint32_t *seen;          /* [most categories] zero between uses */
    uint32_t *touched;       /* [most categories] */
    uint32_t *prior;         /* event granularity: [max_items] */
    int64_t *prior_us;       /* event granularity: [max_items] */
} rf_scratch;

typedef struct rf_features {
    const rf_window_view *view;
    const rf_schema *schema;
    unsigned groups;
    int64_t base_us; /* an hour's start at or before everything in the view */
    rf_calendar calendar;
    const rf_adj *pairs; /* distinct pairs: the view's adj, or own_pairs */
    rf_adj own_pairs;
    rf_category_table *categories; /* [n_attrs] */
    uint64_t *butterflies;         /* [pairs] or NULL */
    int32_t *core, *component;     /* [n_u + n_v] or NULL */
    int n_numbers;                 /* number attributes, and which of them is attribute a */
    int number_at[RF_MAX_ATTRS];
    int64_t *past_ptr[2];   /* event granularity: [n + 1] past events of each node ... */
    uint32_t *past_item[2]; /* ... as cell numbers */
    size_t entity_from;     /* event granularity: first column of the entity's history */
    int64_t *events[2];     /* [n_u] [n_v] events of each node: filled by the node rows */
    float *mean[2];         /* [n, n_numbers] mean of each number, NaN without: likewise */
    rf_pool *pool;
    rf_scratch *scratch; /* [n_scratch] */
    int n_scratch;
} rf_features;

static inline int64_t rf_side_nodes(const rf_features *f, int side)
{
    return side == RF_USER ? f->view->adj.n_u : f->view->adj.n_v;
}

/* The i-th of a node's edges; edges of one partner stand together. */
static inline int64_t rf_side_edge(const rf_adj *adj, int side, int64_t i)
{
    return side == RF_USER ? i : (int64_t)adj->v_edge[i];
}

/* ---- rows ---- */
typedef struct rf_column {
    char *name;
    uint8_t feature, tame;
} rf_column;

typedef struct rf_columns {
    rf_column *items;
    size_t n, cap;
} rf_columns;
void rf_columns_clear(rf_columns *columns);

typedef struct rf_row {
    const rf_features *f;
    rf_columns *plan;          /* planning: declared here */
    const rf_columns *columns; /* making: what was planned */
    float *x;                  /* the row; NULL: planning */
    size_t j;                  /* next column */
    const char *side;          /* "user" or "entity", for names */
    rf_status st;              /* planning only: sticks */
    rf_err *err;
} rf_row;

void rf_row_declare(rf_row *row, rf_feature feature, int attr, const char *part);

static inline double rf_tame(double value)
{
    return copysign(log1p(fabs(value)), value);
}

static inline void rf_put_part(rf_row *row, rf_feature feature, int attr, const char *part, double value)
{
    if (row->x) {
        const rf_column *column = &row->columns->items[row->j];
        assert(column->feature == (uint8_t)feature);
        row->x[row->j++] = (float)(column->tame ? rf_tame(value) : value);
    } else {
        rf_row_declare(row, feature, attr, part);
    }
}

static inline void rf_put(rf_row *row, rf_feature feature, double value)
{
    rf_put_part(row, feature, -1, NULL, value);
}

static inline void rf_put_attr(rf_row *row, rf_feature feature, int attr, double value)
{
    rf_put_part(row, feature, attr, NULL, value);
}

static inline double rf_share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0.0;
}

/* Quotients of attributes end here: a single division by almost nothing must not make all else of a column
 * vanish. */
static inline double rf_limited(double quotient)
{
    return quotient > 1000.0 ? 1000.0 : quotient < -1000.0 ? -1000.0 : quotient;
}

/* value / usual, 1 where either is missing (NaN) or the usual is 0. */
static inline double rf_ratio(double value, double usual)
{
    return isnan(value) || isnan(usual) || fabs(usual) < 1e-9 ? 1.0 : rf_limited(value / usual);
}

/* ---- feature_cells.c: what a list of cells, in order of time, adds up to ---- */
typedef struct rf_cell_list {
    const uint32_t *cells; /* NULL: first, first + 1, ... */
    int64_t first, n;
} rf_cell_list;

static inline int64_t rf_cell_at(const rf_cell_list *list, int64_t i)
{
    return list->cells ? (int64_t)list->cells[i] : list->first + i;
}

#define RF_N_SPANS 3 /* 1 d, 7 d, 30 d */
extern const int64_t rf_span_us[RF_N_SPANS];
extern const char *const rf_span_name[RF_N_SPANS];

typedef struct rf_time_sums {
    int64_t events, first_us, last_us;
    int64_t hour[24], weekday[7];
    int64_t max_hour, max_day, active_days, active_slots;
    int64_t within[RF_N_SPANS];
    int64_t n_gaps, gap_sum; /* between successive active slots, in slots */
    rf_i128 gap_sum_sq;
} rf_time_sums;

void rf_time_sums_collect(rf_time_sums *sums, const rf_features *f, const rf_cell_list *list);
/* is_node: with the columns that only nodes have. */
void rf_put_time(rf_row *row, const rf_time_sums *sums, bool is_node);

/* Adds the attributes of all cells; sums: [n_attrs]. */
void rf_attrs_collect(rf_attr_sums *sums, const rf_features *f, const rf_cell_list *list);
/* Mean and population deviation in units of the attribute; NaN (0) without data. Exact up to the last
 * rounding. */
double rf_attr_mean(const rf_attr_sums *sums);
double rf_attr_std(const rf_attr_sums *sums);
double rf_sums_std(int64_t n, rf_i128 sum, rf_u128 sum_sq);
/* Has it a column for missing values? */
static inline bool rf_attr_optional(const rf_attr *attr)
{
    return !attr->required && attr->field;
}

typedef struct rf_attr_context {
    bool is_node;
    const float *user_mean, *entity_mean; /* pairs: [n_numbers] of the edge's ends */
} rf_attr_context;

/* All attribute columns of a pair or a node with `events` events. scratch may be NULL when planning. */
void rf_put_attrs(rf_row *row, const rf_attr_sums *sums, const rf_cell_list *list, int64_t events,
                  const rf_attr_context *context, rf_scratch *scratch);

/* ---- the three makers of rows: plan declares the columns, make fills x[n, d] ---- */
RF_MUST_CHECK rf_status rf_nodes_plan(rf_columns *columns, rf_features *f, int side, rf_err *err);
void rf_nodes_make(float *x, const rf_columns *columns, rf_features *f,
                   int side); /* also f->events, f->mean */
RF_MUST_CHECK rf_status rf_pairs_plan(rf_columns *columns, rf_features *f, rf_err *err);
void rf_pairs_make(float *x, const rf_columns *columns, rf_features *f, int64_t from,
                   int64_t n); /* edges [from, from + n) */
RF_MUST_CHECK rf_status rf_events_plan(rf_columns *columns, rf_features *f, rf_err *err);
void rf_events_make(float *x, const rf_columns *columns, rf_features *f);

/* ---- tame.c ---- */
#define RF_MOMENT_ROWS 2048 /* rows in a block of sums; pieces begin at multiples of it */

typedef struct rf_moments { /* of n rows of d columns, NaN left out */
    int64_t n, d, n_blocks;
    double *block_mean, *block_square; /* [n_blocks, d] mean, sum of squares about it */
    int64_t *present;                  /* [n_blocks, d] */
    double *mean, *scale;              /* [d], once finished; scale 0: constant */
} rf_moments;
RF_MUST_CHECK rf_status rf_moments_init(rf_moments *m, int64_t n, int64_t d, rf_err *err);
void rf_moments_clear(rf_moments *m);
void rf_moments_add(rf_moments *m, float *rows, int64_t from, int64_t n,
                    rf_pool *pool); /* rows [from, from + n) */
void rf_moments_finish(rf_moments *m);
/* Names, mean and scale of the columns that stay, names of those that do not. */
RF_MUST_CHECK rf_status rf_moments_columns(rf_feature_matrix *matrix, const rf_moments *m, rf_err *err);
/* Standardises rows in place and moves them together without the dropped columns. */
void rf_moments_apply(rf_moments *m, float *rows, int64_t n, rf_pool *pool);

/* matrix->x [n, d] holds tamed values, NaN without data, and takes the names over. Fills mean, scale,
 * transform, drops constant columns. Sums in row order, in blocks of fixed size: same bytes at any number of
 * threads. */
RF_MUST_CHECK rf_status rf_standardise(rf_feature_matrix *matrix, rf_pool *pool, rf_err *err);

/* ---- features.c ---- */
RF_MUST_CHECK rf_status rf_features_prepare(rf_features *f, const rf_window_view *view, rf_pool *pool,
                                            rf_err *err);
void rf_features_clear(rf_features *f);
/* Tamed values, not yet standardised: names, transform and x, nothing dropped. Nodes before edges. */
RF_MUST_CHECK rf_status rf_features_nodes(rf_feature_matrix *matrix, rf_features *f, int side, rf_err *err);
RF_MUST_CHECK rf_status rf_features_edges(rf_feature_matrix *matrix, rf_features *f, rf_err *err);

#endif
