/* rf_measure.h - how large the graph is that publishing would write, without a file. */
#ifndef RF_MEASURE_H
#define RF_MEASURE_H

#include "rf_bigraph.h"
#include "rf_graph.h"

/* Rows and columns. Uses the graph up, as rf_bigraph_publish does. RF_E_INVALID when no event lies in the
 * window. */
RF_MUST_CHECK rf_status rf_bigraph_measure(rf_graph_size *out, rf_bigraph *graph, rf_pool *pool, rf_err *err);

#endif
