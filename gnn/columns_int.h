/* columns_int.h - the columns that a model was trained on: kept in model.h5, and laid over other graphs. */
#ifndef RF_COLUMNS_INT_H
#define RF_COLUMNS_INT_H

#include <stdbool.h>

#include "rf_model.h"

typedef struct rf_side_columns {
    rf_texts name;       /* one a column, or empty: unknown */
    float *mean, *scale; /* both or NULL: tamed value = x * scale + mean */
    uint8_t *transform;  /* RF_TAME_* or NULL */
} rf_side_columns;

typedef struct rf_model_columns {
    rf_side_columns side[RF_SIDES_MOST];
} rf_model_columns;

/* ---- columns.c ---- /model/columns of a file. Reading: all empty where the file has none; the widths of the
 * model's shape must be the number of names. Writing: the sides of the graph that have names. */
RF_MUST_CHECK rf_status rf_model_columns_read(rf_model_columns *out, rf_h5 *file,
                                              const rf_graphbean_shape *shape, rf_err *err);
RF_MUST_CHECK rf_status rf_model_columns_write(rf_h5 *file, const rf_graph *graph, rf_err *err);
void rf_model_columns_clear(rf_model_columns *columns);

/* The path of what is kept of a side: "/model/columns/v/name". Returns out. */
#define RF_COLUMNS_PATH (RF_SIDE_PATH + 16)
const char *rf_columns_path(char out[RF_COLUMNS_PATH], const rf_kinds *kinds, rf_side side, const char *what);

/* ---- align.c ---- rf_model_align, for a model of these columns and of that shape. */
RF_MUST_CHECK rf_status rf_columns_align(rf_aligned *out, const rf_model_columns *columns,
                                         const rf_graphbean_shape *shape, const rf_graph *graph, bool frozen,
                                         rf_pool *pool, rf_err *err);

#endif
