/* node_sums_int.h - what a node's edges add up to: its partners, its cells, its times.
 */
#ifndef RF_NODE_SUMS_INT_H
#define RF_NODE_SUMS_INT_H

#include "feature_cells_int.h"

typedef struct rf_partner_sums {
    int64_t events, degree, repeat, fresh, top;
    rf_i128 sum_sq;
    double weighted; /* sum of c ln c, c the events with each partner */
    double ln_degree, max_ln_degree;
} rf_partner_sums;

typedef struct rf_node_edges {
    rf_partner_sums partners;
    rf_time_sums time;
    rf_cell_list
        cells; /* in order of time (equal slots: in order of edges); empty where only sums are made */
} rf_node_edges;

/* Are the node's cells added up by slot? They are where it has more edges than the window has slots, and its
 * cells' values are of no interest: then nothing is sorted. */
bool rf_node_by_slots(const rf_features *f, rf_side side, int64_t node);
/* One walk over the node's edges. The cells are the scratch's. */
void rf_node_edges_collect(rf_node_edges *out, const rf_features *f, rf_scratch *scratch, rf_side side,
                           int64_t node);

#endif
