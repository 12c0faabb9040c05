/* cores_int.h - how densely nodes are woven in: cores and components of the distinct pairs.
 */
#ifndef RF_CORES_INT_H
#define RF_CORES_INT_H

#include "rf_adj.h"

/* core: [n_u + n_v], users first: the largest k such that the node is in a part of the graph where all have
 * k partners or more. `pairs` must be distinct. Time O(pairs), memory 16 bytes a node, given back. */
RF_MUST_CHECK rf_status rf_cores(int32_t *core, const rf_adj *pairs, rf_err *err);

/* component: [n_u + n_v]: how many nodes can be reached, itself among them. Memory 8 bytes a node. */
RF_MUST_CHECK rf_status rf_components(int32_t *component, const rf_adj *pairs, rf_err *err);

#endif
