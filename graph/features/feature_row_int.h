/* feature_row_int.h - shared by the makers of rows: the context of all rows, a row, its columns.
 *
 * One walker writes a row's values and, in planning mode, declares its columns: the two cannot drift apart. A
 * value without data is written as NaN; standardising turns it into the column's mean (tame.c).
 */
#ifndef RF_FEATURE_ROW_INT_H
#define RF_FEATURE_ROW_INT_H

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "calendar_int.h"
#include "categories_int.h"
#include "feature_table.h"
#include "number_units_int.h"
#include "window_int.h"

typedef struct rf_keyed {
    int64_t key; /* >= 0 */
    uint32_t item;
} rf_keyed;

/* Stable, ascending keys. spare: as long as items. O(n) for the keys at hand. */
void rf_sort_keyed(rf_keyed *items, rf_keyed *spare, int64_t n);

/* ---- context: what all rows need; built once, read-only while rows are made ---- */

typedef struct rf_category_sums { /* of one category in a subject's cells */
    int64_t n;
    uint32_t distinct;
    double shared;       /* sum over events of ln(users of the value) */
    int64_t *top_events; /* [n_top + 1] the last one: of all other values */
    uint32_t *seen;      /* [values] events of each; zero between uses */
    uint32_t *touched;   /* [values] those seen, [distinct] of them */
} rf_category_sums;

typedef struct rf_slot_sums { /* what a node's cells of one slot add up to */
    int64_t events;           /* 0: none, and the rest is 0 */
    uint32_t first, last;     /* us inside the slot */
} rf_slot_sums;

typedef struct rf_scratch {     /* one a thread */
    rf_slot_sums *slots;        /* [n_moments] zero between uses; NULL: no node needs them */
    rf_keyed *items, *spare;    /* [max_items] */
    rf_keyed *by_partner;       /* event granularity: [max_items] */
    uint32_t *cells;            /* [max_items] */
    rf_category_sums *category; /* [n_attrs] empty where an attribute is none; NULL: they have no columns */
    uint32_t *prior;            /* event granularity: [max_items] */
    int64_t *prior_us;          /* event granularity: [max_items] */
} rf_scratch;

typedef struct rf_node_sums { /* of users, or of entities */
    int64_t *past_ptr;        /* event granularity: [n + 1] past events of each node ... */
    uint32_t *past_item;      /* ... as cell numbers */
    int64_t *events;          /* [n] events of each node: filled by the node rows, read by the pairs' */
    float *mean;              /* [n, n_numbers] mean of each number, NaN without: likewise */
    double *ln_degree;        /* [n] logarithm of the node's distinct partners */
} rf_node_sums;

typedef struct rf_user_of_kind { /* what a user shares of one kind of entity */
    uint32_t degree;             /* distinct entities */
    uint32_t fresh;              /* ... first met in the last 7 days */
    uint32_t hubs;               /* ... that are hubs; the rest leaves these out: */
    uint32_t sharers_max;        /* most other users of one entity */
    uint64_t sharers;            /* other users of all of them: who shares two counts twice */
    uint64_t butterflies;        /* twice the 4-cycles */
} rf_user_of_kind;

typedef struct rf_users_of_kinds {
    int n;
    const char *kind[RF_KINDS_MOST];      /* borrowed */
    rf_user_of_kind *user[RF_KINDS_MOST]; /* [users] */
} rf_users_of_kinds;

#define RF_TAMED_WHOLE 2048 /* small whole numbers, which most tamed values are, are tamed once */

typedef struct rf_features {
    const rf_window_view *view;
    const rf_schema *schema;
    unsigned groups;
    int64_t base_us; /* an hour's start at or before everything in the view */
    rf_calendar calendar;
    rf_moment
        *moment; /* [n_moments] when the slots from first_slot on begin; those of others are looked up */
    uint32_t first_slot, n_moments;
    const rf_adj *pairs;  /* distinct pairs: the view's adj, or own_pairs */
    const rf_adj *linked; /* of the edges that are kept: pairs, the view's kept, or own_linked */
    rf_adj own_pairs, own_linked;
    const rf_users_of_kinds *kinds; /* for the users' rows; NULL: no columns of other kinds */
    rf_category_table *categories;  /* [n_attrs] */
    uint64_t *butterflies;          /* [linked] or NULL */
    int32_t *core, *component;      /* [n_u + n_v] or NULL */
    int n_numbers;                  /* number attributes, and which of them is attribute a */
    int number_at[RF_MAX_ATTRS];
    rf_number_unit unit[RF_MAX_ATTRS]; /* of numbers and booleans */
    double tamed[RF_TAMED_WHOLE];      /* 0, 1, 2, ... tamed */
    rf_node_sums node[2];              /* RF_USER, RF_ENTITY */
    size_t entity_from;                /* event granularity: first column of the entity's history */
    rf_pool *pool;
    rf_scratch *scratch; /* [n_scratch] */
    int n_scratch;
} rf_features;

/* Edges of node i of side: [ptr[i], ptr[i + 1]). */
static inline const int64_t *rf_node_ptr(const rf_adj *adj, rf_side side)
{
    return side == RF_USER ? adj->u_ptr : adj->v_ptr;
}

/* The i-th of a node's edges; edges of one partner follow each other. */
static inline int64_t rf_node_edge(const rf_adj *adj, rf_side side, int64_t i)
{
    return side == RF_USER ? i : (int64_t)adj->v_edge[i];
}

/* Whom an edge leads to. */
static inline uint32_t rf_node_partner(const rf_adj *adj, rf_side side, int64_t edge)
{
    return side == RF_USER ? adj->e_v[edge] : adj->e_u[edge];
}

static inline rf_side rf_other_end(rf_side side)
{
    return side == RF_USER ? RF_ENTITY : RF_USER;
}

/* ---- feature_row.c: rows ---- */
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
    const rf_columns *columns; /* making: the plan */
    float *x;                  /* the row; NULL: planning */
    size_t j;                  /* next column */
    double untamed[2],
        tamed[2]; /* the last two values that were tamed by logarithm: most come several times */
    rf_side side; /* of nodes, and of an event's end: for names */
    rf_status st; /* planning only: sticks */
    rf_err *err;
} rf_row;

void rf_row_declare(rf_row *row, rf_feature feature, int attr, const char *part);

static inline double rf_tame(const rf_features *f, double value)
{
    double size = fabs(value);
    int whole = size < RF_TAMED_WHOLE ? (int)size : 0;
    return copysign((double)whole == size ? f->tamed[whole] : log1p(size), value);
}

/* The same in a row: an event's amount is the mean, the smallest, the largest and the last one of its pair.
 */
static inline double rf_row_tame(rf_row *row, double value)
{
    double size = fabs(value);
    if (isnan(value))
        return value;
    if (size < RF_TAMED_WHOLE && (double)(int)size == size)
        return copysign(row->f->tamed[(int)size], value);
    if (size == row->untamed[0])
        return copysign(row->tamed[0], value);
    const double again = row->untamed[1] == size ? row->tamed[1] : log1p(size);
    row->untamed[1] = row->untamed[0];
    row->tamed[1] = row->tamed[0];
    row->untamed[0] = size;
    row->tamed[0] = again;
    return copysign(again, value);
}

static inline void rf_put_part(rf_row *row, rf_feature feature, int attr, const char *part, double value)
{
    if (row->x) {
        const rf_column *column = &row->columns->items[row->j];
        assert(column->feature == (uint8_t)feature);
        row->x[row->j++] = (float)(column->tame ? rf_row_tame(row, value) : value);
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

/* Most wholes are a single event, where nothing is to be divided. */
static inline double rf_share(int64_t part, int64_t whole)
{
    if (whole == 1)
        return (double)part;
    return whole > 0 ? (double)part / (double)whole : 0.0;
}

/* Quotients of attributes end here: a single division by almost nothing must not make all else of a column
 * vanish. */
static inline double rf_limited(double quotient)
{
    return quotient > 1000.0 ? 1000.0 : quotient < -1000.0 ? -1000.0 : quotient;
}

/* value / usual, 1 where either is missing (NaN) or the usual is 0, that is below `least`. */
static inline double rf_ratio(double value, double usual, double least)
{
    return isnan(value) || isnan(usual) || fabs(usual) < least ? 1.0 : rf_limited(value / usual);
}

#endif
