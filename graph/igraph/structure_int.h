/* structure_int.h - cores and components of the distinct pairs, as igraph finds them.
 */
#ifndef RF_STRUCTURE_INT_H
#define RF_STRUCTURE_INT_H

#include "rf_adj.h"

/* Distinct pairs only. core, component: [n_u + n_v], users first; component is the size of the node's
 * component. */
RF_MUST_CHECK rf_status rf_igraph_structure(int32_t *core, int32_t *component, const rf_adj *adj,
                                            rf_err *err);

#endif
