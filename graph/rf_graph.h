/* rf_graph.h - graph.h5 as the model and its readers see it: features, edges, ids, names, labels.
 *
 * Datasets that a file lacks are NULL (or empty texts). docs/FORMATS.md describes every dataset.
 */
#ifndef RF_GRAPH_H
#define RF_GRAPH_H

#include "rf_adj.h"
#include "rf_bf16.h"
#include "rf_h5.h"
#include "rf_real.h"
#include "rf_side.h"

#define RF_IDS_FINGERPRINT 17      /* 16 hex digits and a NUL */
#define RF_KINDS_ATTRIBUTE "kinds" /* of the root: the kinds' names in their order, with commas between */

typedef struct rf_graph_side { /* users, entities, or edges */
    int64_t n;                 /* rows */
    int d;                     /* columns */
    rf_real *x;                /* [n, d] standardised features; -0: no data, the mean replaces it */
    rf_h5_mapping mapped;      /* where x lies in the file, or nothing: then x is memory of its own */
    rf_bf16 *narrow;           /* the same in place of x, after rf_graph_narrow_edges; else NULL */
    float *low, *high;         /* [d] the least and the greatest value of each column, or NULL */
    rf_texts id;               /* [n] or empty */
    char id_fingerprint[RF_IDS_FINGERPRINT]; /* of the file's ids, also where they are not loaded; "": none */
    rf_texts feature_names;                  /* [d] or empty */
    float *mean, *scale;                     /* [d] or NULL: tamed value = x * scale + mean */
    uint8_t *transform;          /* [d] or NULL: RF_TAME_* that made the tamed value out of the raw one */
    rf_texts dropped;            /* names of columns that are constant in this graph, or empty */
    float *dropped_value;        /* [dropped.n] their tamed values, NaN where no row had data; or NULL */
    uint8_t *y;                  /* [n] labels or NULL */
    uint16_t *fraud_type;        /* [n] rows of fraud_types or NULL; 0 is "" (innocent or unknown) */
    uint8_t *hub;                /* [n] entities: 1 where so many users share it that its edges are left out;
                                    NULL: none are */
    int64_t *count;              /* [n] events inside the window or NULL */
    int64_t *first_us, *last_us; /* [n] times of the first and the last of them; both or neither */
} rf_graph_side;

enum { RF_TAME_NONE = 0, RF_TAME_LOG1P = 1 /* sign(raw) log(1 + |raw|) */ };

typedef struct rf_graph {
    rf_kinds kinds;
    rf_graph_side side[RF_SIDES_MOST]; /* rf_sides(&kinds) of them */
    rf_adj adj;                        /* of the main kind */
    rf_adj other_adj[RF_KINDS_MOST - 1];
    rf_texts fraud_types; /* names of the truth's types, the first ""; empty when the file has none */
    int64_t window_from_us, window_to_us; /* 0, 0 when the file does not say, or its events have no times */
} rf_graph;

enum {
    RF_GRAPH_FEATURES = 1,
    RF_GRAPH_IDS = 2,
    RF_GRAPH_LABELS = 4,
    RF_GRAPH_EDGE_IDS = 8,
    RF_GRAPH_ALL = 15,
    RF_GRAPH_ACTIVITY = 16 /* count, first_us and last_us: on top of all, for pictures */
};

/* Reads the parts named by `parts` (adjacency, names, mean and scale always). Checks shapes, ranges, order
 * and finiteness; RF_E_FORMAT names the dataset and the first bad entry. */
RF_MUST_CHECK rf_status rf_graph_read(rf_graph **out, rf_h5 *file, unsigned parts, rf_err *err);
/* The same of the file at path. */
RF_MUST_CHECK rf_status rf_graph_load(rf_graph **out, const char *path, unsigned parts, rf_err *err);
void rf_graph_free(rf_graph *graph);

/* What a read of RF_GRAPH_ACTIVITY ends with. Where all events are at the epoch, as in a table without times,
 * nobody has times and the graph has no window. O(E). */
void rf_graph_forget_epoch(rf_graph *graph);

/* From now on the edges' features of all kinds are bfloat16, each the nearest one, in half the memory: x is
 * NULL, `narrow` has them. Takes no more memory meanwhile than they had. */
RF_MUST_CHECK rf_status rf_graph_narrow_edges(rf_graph *graph, rf_err *err);

/* The kinds of entity that a file of ours lists: n = 0 where it has one without a name. */
RF_MUST_CHECK rf_status rf_graph_kinds(rf_kinds *out, rf_h5 *file, rf_err *err);
/* The same that a group of it lists: what belongs to a graph may be in a file of its own, or beside another.
 */
RF_MUST_CHECK rf_status rf_graph_kinds_of(rf_kinds *out, rf_h5 *file, const char *group, rf_err *err);

/* Files of earlier versions have no fingerprints of their ids. Does file, from which the graph was read, lack
 * some? The second one writes them into it. */
bool rf_graph_lacks_fingerprints(rf_h5 *file, const rf_graph *graph);
RF_MUST_CHECK rf_status rf_graph_add_fingerprints(rf_h5 *file, const rf_graph *graph, rf_err *err);

/* The edges of kind k. */
static inline const rf_adj *rf_graph_adj(const rf_graph *graph, int kind)
{
    return kind == 0 ? &graph->adj : &graph->other_adj[kind - 1];
}

/* A graph of users and kind k alone, for what is computed of each kind by itself: its sides are RF_USER,
 * RF_ENTITY and RF_EDGE. Borrows everything; never give it to rf_graph_free. Of the main kind it is the graph
 * without the others. */
rf_graph rf_graph_of_kind(const rf_graph *graph, int kind);

typedef struct rf_graph_size {
    rf_kinds kinds;
    int64_t n[RF_SIDES_MOST]; /* rows */
    int d[RF_SIDES_MOST];     /* columns */
} rf_graph_size;
/* Rows and columns alone, without reading them. RF_E_FORMAT where it is no graph. */
RF_MUST_CHECK rf_status rf_graph_measure(rf_graph_size *out, rf_h5 *file, rf_err *err);

/* Column j's standardised value in raw units (inverse of standardising and taming). */
double rf_graph_raw(const rf_graph_side *side, int column, double x);
/* The same, rounded to the digits that the standardised float still holds: for people to read. */
double rf_raw_value(const rf_graph_side *side, int column, double x);
/* rf_raw_value of what a model expects, kept within the values that the column has: a linear output can be
 * beyond what is possible, a share of 290 % or -3 days. */
double rf_raw_expected(const rf_graph_side *side, int column, double x);
/* rf_raw_value of column j in row `row`; NaN if the row has no data there (its x is -0, in place of the
 * mean).
 */
double rf_raw_observed(const rf_graph_side *side, int64_t row, int column);
/* Column j's name in raw units ("amount_sum" for the column "log1p_amount_sum"); "x3" when names are absent:
 * buffer is used then. */
const char *rf_graph_raw_name(const rf_graph_side *side, int column, char buffer[32]);
/* Row i's id, or its number as text (buffer) when the graph has no ids. */
const char *rf_graph_id(const rf_graph_side *side, int64_t row, char buffer[32]);

#endif
