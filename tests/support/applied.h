/* applied.h - an untrained model that has been applied to a graph, with its outputs and the maker of its
 * rows.
 */
#ifndef RF_APPLIED_H
#define RF_APPLIED_H

#include <stdbool.h>

#include "rf_graph.h"
#include "rf_model.h"
#include "rf_pool.h"

typedef struct applied {
    rf_graph *graph; /* borrowed */
    rf_graphbean *net;
    rf_outputs outputs; /* with their maker */
    rf_pool *pool;
} applied;

/* is_matrix: the edges' reconstruction is kept, beside its maker. Checks with ck_assert. */
void applied_init(applied *a, rf_graph *graph, const rf_graphbean_shape *shape, rf_hidden_edges hidden_edges,
                  int threads, bool frozen, bool is_matrix);
void applied_clear(applied *a);

#endif
