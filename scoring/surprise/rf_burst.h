/* rf_burst.h - the burst of one node, looked at again: how many of its events lie how close together. */
#ifndef RF_BURST_H
#define RF_BURST_H

#include "rf_graph.h"

#define RF_BURST_MOST 4096 /* edges of a node that are looked at, for each is compared with all */

typedef struct rf_burst {
    int64_t found, events; /* in the window, and of the node; found 0: none, or not known */
    double within_s;       /* the length of the window */
    double expected;       /* at an even pace over the graph's window */
} rf_burst;

/* The window that is most surprising at the node's own pace. Needs activity and the graph's window, and a
 * node of at most RF_BURST_MOST edges. side: RF_USER or RF_ENTITY. */
void rf_burst_of(rf_burst *out, const rf_graph *graph, rf_side side, int64_t node);

#endif
