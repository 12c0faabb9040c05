/* column_plan_int.h - what each column of a model is made of, in one side of a graph, where columns go by
 * name.
 */
#ifndef RF_COLUMN_PLAN_INT_H
#define RF_COLUMN_PLAN_INT_H

#include <stdbool.h>

#include "columns_int.h"

typedef struct rf_column_plan {              /* of one of the model's columns */
    int32_t from;                            /* the graph's column; -1: a constant, or a sum */
    bool rescale;                            /* else copied as it is */
    double own_mean, own_scale, mean, scale; /* the graph's; the model's */
    rf_real constant;                        /* from -1, n_sum 0: in every row, in the model's units */
    int32_t first_sum, n_sum;                /* columns of the graph that are added up, in `sum` */
    double base;                             /* ... and what is the same in every row, tamed */
} rf_column_plan;

typedef struct rf_side_plan {
    const rf_side_columns *want;
    const rf_graph_side *have;
    const char *called;     /* the side: "user", "entity", "edge", "device", "device edge" */
    int d;                  /* the model's columns */
    rf_column_plan *column; /* [d] */
    int32_t *sum;           /* columns of the graph, each at most once */
    bool as_it_is;          /* nothing to copy, nothing to rescale */
    rf_column_fit fit;
} rf_side_plan;

/* Fills column, sum, as_it_is and fit. RF_E_FORMAT names the first column of the model that the graph cannot
 * have. O(d) and the lengths of the names; for each category with values that the model does not know, the
 * graph's columns once more. */
RF_MUST_CHECK rf_status rf_side_plan_make(rf_side_plan *plan, rf_err *err);
void rf_side_plan_clear(rf_side_plan *plan);
/* The model's columns [d] of a row of the graph. */
void rf_side_plan_row(rf_real *out, const rf_side_plan *plan, const rf_real *row);

/* Is the model's column j tamed as the graph's `own` is? */
bool rf_same_transform(const rf_side_plan *plan, int j, int own);
rf_status rf_refuse_transform(const rf_side_plan *plan, int j, rf_err *err);

#endif
