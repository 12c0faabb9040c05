/* rf_model.h - a trained GraphBEAN as a file and as a function: model.h5 in, outputs for a graph out.
 */
#ifndef RF_MODEL_H
#define RF_MODEL_H

#include <stdbool.h>

#include "rf_graph.h"
#include "rf_made_rows.h"
#include "rf_pool.h"
#include "rf_subjects.h"

typedef struct rf_model rf_model;

/* Widths and depths are read off the parameters' shapes; the attributes of /model, if present, must agree. */
RF_MUST_CHECK rf_status rf_model_read(rf_model **out, rf_h5 *file, rf_err *err);
/* The same of the file at path. */
RF_MUST_CHECK rf_status rf_model_load(rf_model **out, const char *path, rf_err *err);
void rf_model_free(rf_model *model);
const rf_graphbean_shape *rf_model_shape(const rf_model *model);
const char *rf_model_id(const rf_model *model);        /* 16 hex digits: hash of the parameters */
int64_t rf_model_trained_at_us(const rf_model *model); /* 0 when the file does not say */

typedef struct rf_column_fit { /* how the columns of a graph and of a model go together */
    int unknown;               /* columns of the graph that the model does not know: left out */
    int others;                /* ... of values of a category: counted among the model's "a=other" */
    int constant;              /* columns of the model that are constant in the graph: filled in */
    int absent;                /* ... of values that the graph counts among its "a=other": 0 */
    int unnamed;               /* sides without column names in the model or the graph: matched by position */
} rf_column_fit;

/* A graph as a model sees it: the columns that the model was trained on, in its order. */
typedef struct rf_aligned {
    rf_graph graph; /* a view: borrows from the graph and the model, never give it to rf_graph_free */
    rf_real *x[RF_SIDES_MOST];      /* the view's x where it is a copy, else NULL */
    int32_t *column[RF_SIDES_MOST]; /* [the model's columns] the graph's column of each, -1: a constant or a
                           sum, so the graph has no such column; NULL: all where the model has them */
    rf_column_fit fit;
} rf_aligned;

/* Lays the model's columns over the graph (features loaded).
 *   Kinds must be the same in the same order (a main kind without a name is any).
 *   Not frozen: names must be the same in the same order. The view is the graph.
 *   Frozen: by name, in the model's units, ((x scale + mean) - model's mean) / model's scale in double; a
 *   column that the graph dropped gets its constant value, a row without data the model's mean. A value of a
 *   category that the graph has no column for is 0; those that the model has none for are added to the
 *   model's "a=other". A side that is as in training is borrowed bit by bit.
 * Where model or graph has no names, only the number of columns is compared. RF_E_FORMAT names the first
 * column that does not fit. O(n d) where columns are copied, else O(d).
 */
RF_MUST_CHECK rf_status rf_model_align(rf_aligned *out, const rf_model *model, const rf_graph *graph,
                                       bool frozen, rf_pool *pool, rf_err *err);
void rf_aligned_clear(rf_aligned *aligned);

/* What a model makes of the entities and the edges of one kind. */
typedef struct rf_kind_outputs {
    rf_real *xv, *xe; /* like the aligned graph's x of these sides */
    rf_real *zv;      /* [n_v, latent_v] */
    rf_real *eprob;   /* [n_e] */
} rf_kind_outputs;

/* The model's outputs for a graph: reconstructions, latents, and the probability of every edge. As rf_graph
 * has its sides: users and the main kind by name, the other kinds beside them, and rf_outputs_of_kind gives
 * any kind the main one's place. So what reads one kind reads
 *
 *     rf_graph graph_k = rf_graph_of_kind(graph, k);
 *     rf_outputs outputs_k = rf_outputs_of_kind(outputs, k);
 *     rf_made_rows xhat = rf_outputs_rows(&outputs_k, RF_EDGE, n, d);
 */
typedef struct rf_outputs {
    rf_real *xu, *xv, *xe;                    /* like the aligned graph's x; xe NULL: */
    rf_workspace *maker;                      /* makes its rows as they are read */
    rf_real *zu, *zv;                         /* [n_u, latent_u] [n_v, latent_v] */
    int latent_u, latent_v;                   /* latent_v: of the entities of all kinds */
    rf_real *eprob;                           /* [n_e] */
    rf_kind_outputs other[RF_KINDS_MOST - 1]; /* of kind k at k - 1; all NULL beyond the graph's kinds */
    int kind;                                 /* whose xv, xe, zv and eprob these are: 0, or the view's */
    bool is_view;                             /* borrows everything */
} rf_outputs;

#define RF_EDGES_KEPT 131072 /* up to so many edges their reconstruction is a matrix */

/* Aligns the graph (rf_model_align) and applies the model. frozen: normalise by running statistics; else by
 * this graph's own (as in training). An aligned view is applied as it is. While rows of edges are made as
 * they are read, the graph's adjacency and the model must stay; their readers are threads of this pool. */
RF_MUST_CHECK rf_status rf_model_apply(rf_outputs *out, const rf_model *model, const rf_graph *graph,
                                       bool frozen, rf_pool *pool, rf_err *err);
void rf_outputs_clear(rf_outputs *outputs);
/* Users and kind k of the outputs alone. Borrows everything, the maker too, from `outputs`: whoever holds
 * those ends their edges, after the last kind was read. */
rf_outputs rf_outputs_of_kind(const rf_outputs *outputs, int kind);
/* The reconstruction of a side's n rows of d columns; any side of the graph. */
rf_made_rows rf_outputs_rows(const rf_outputs *outputs, rf_side side, int64_t n, int d);
/* Nobody reads the edges' reconstruction, of any kind, any more: what makes its rows is freed. A view only
 * forgets it. */
void rf_outputs_end_edges(rf_outputs *outputs);

/* Columns "ATTRIBUTE=VALUE" whose value is the id of a subject get its new name (rf_subject_rename_free): *n
 * of them. write false: only counts. */
RF_MUST_CHECK rf_status rf_model_erase(int64_t *n, const char *path, const rf_subjects *subjects, bool write,
                                       rf_err *err);

#endif
