/* features_int.h - the features of a frozen window: one matrix a side, tamed and standardised.
 */
#ifndef RF_FEATURES_INT_H
#define RF_FEATURES_INT_H

#include "feature_row_int.h"
#include "tame_int.h"

/* Where the edges' standardised rows go. */
typedef struct rf_feature_sink {
    void *context;
    /* Once, before all rows; head has everything of their matrix but x. */
    rf_status (*begin)(void *context, const rf_feature_matrix *head, rf_err *err);
    /* Rows [from, from + n), each once, in any order, by several threads at once. */
    void (*put)(void *context, int64_t from, int64_t n, const float *rows);
    /* Once, behind all of them: did they arrive? */
    rf_status (*end)(void *context, rf_err *err);
    /* NULL, all three: rows are made twice. Else, once and before begin: room for rows of d columns that are
     * not standardised yet. */
    rf_status (*park)(void *context, int64_t d, rf_err *err);
    /* These rows wait, and are fetched again before they are put; by several threads at once. */
    void (*leave)(void *context, int64_t from, int64_t n, const float *rows);
    void (*fetch)(void *context, int64_t from, int64_t n, float *rows);
} rf_feature_sink;

/* Fills empty matrices. Of another kind than the main one the users' stays empty: what they share there is
 * added to `kinds`, from which the main kind, the last one, makes columns of its users (NULL: none are). The
 * edges' rows are handed to sink in pieces and their x stays NULL: pairs then need memory for one piece only.
 * Same numbers at any thread count; columns in the documented order. */
RF_MUST_CHECK rf_status rf_features_stream(rf_feature_matrix out[RF_SIDES], const rf_feature_sink *sink,
                                           const rf_window_view *view, rf_users_of_kinds *kinds,
                                           rf_pool *pool, rf_err *err);

/* ---- the parts of it ---- */
RF_MUST_CHECK rf_status rf_features_prepare(rf_features *f, const rf_window_view *view, rf_pool *pool,
                                            rf_err *err);
void rf_features_clear(rf_features *f);
/* How many nodes a thread takes at once: few where there are few, since one of them may have all edges. */
int64_t rf_nodes_a_task(const rf_features *f, rf_side side);
/* n rows of the planned columns, whose names move over, with room for `rows` of them. */
RF_MUST_CHECK rf_status rf_feature_matrix_init(rf_feature_matrix *matrix, int64_t n, int64_t rows,
                                               rf_columns *columns, rf_err *err);
/* All rows of a side, tamed, not yet standardised: names, transform and x, nothing dropped. Nodes before
 * edges. */
RF_MUST_CHECK rf_status rf_features_make(rf_feature_matrix *matrix, rf_features *f, rf_side side,
                                         rf_err *err);

/* ---- features_kinds.c ---- what users share of other kinds ---- */
/* Adds the kind that f was prepared for. Also f->node[RF_USER]'s events and means, for the rows of edges. */
RF_MUST_CHECK rf_status rf_users_of_kinds_add(rf_users_of_kinds *kinds, rf_features *f, rf_err *err);
void rf_users_of_kinds_clear(rf_users_of_kinds *kinds);
/* The columns of a user's row. */
void rf_put_kinds(rf_row *row, const rf_users_of_kinds *kinds, int64_t user);

/* ---- the three makers of rows: plan declares the columns, make fills x[n, d] ---- */
RF_MUST_CHECK rf_status rf_nodes_plan(rf_columns *columns, rf_features *f, rf_side side, rf_err *err);
/* Also f->node[side]'s events and means. */
void rf_nodes_make(float *x, const rf_columns *columns, rf_features *f, rf_side side);
RF_MUST_CHECK rf_status rf_pairs_plan(rf_columns *columns, rf_features *f, rf_err *err);
/* Edges [from, from + n). */
void rf_pairs_make(float *x, const rf_columns *columns, rf_features *f, int64_t from, int64_t n);
/* All of them, standardised, into the sink; e gets the rest of their matrix. */
RF_MUST_CHECK rf_status rf_pairs_stream(rf_feature_matrix *e, rf_features *f, const rf_feature_sink *sink,
                                        rf_err *err);
RF_MUST_CHECK rf_status rf_events_plan(rf_columns *columns, rf_features *f, rf_err *err);
void rf_events_make(float *x, const rf_columns *columns, rf_features *f);

#endif
