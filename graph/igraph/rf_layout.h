/* rf_layout.h - places the nodes of a small graph in a picture, so that connected nodes are near each other.
 *
 * Fruchterman and Reingold's forces on a grid, by igraph, from a start that the seed decides: the same graph
 * and seed give the same places. Distances are of no unit; a caller scales them.
 */
#ifndef RF_LAYOUT_H
#define RF_LAYOUT_H

#include <stdint.h>

#include "rf_status.h"

/* xy: [n, 2], written; link i joins the nodes from[i] and to[i] (numbers below n; loops are none, parallel
 * links pull once for each). About 0.5 s for 5,000 nodes and 20,000 links. */
RF_MUST_CHECK rf_status rf_layout_places(double *xy, int64_t n, const uint32_t *from, const uint32_t *to,
                                         int64_t n_links, uint64_t seed, rf_err *err);

#endif
