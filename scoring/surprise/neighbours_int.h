/* neighbours_int.h - surprise that an edge's neighbours in time support: rf_surprise.h has the formula. */
#ifndef RF_NEIGHBOURS_INT_H
#define RF_NEIGHBOURS_INT_H

#include "order_int.h"

/* Adds to out[edges], for the user's side and for the entity's. alone: e0 of each edge. O(E); for each thread
 * 8 bytes an edge of the node that has most. */
RF_MUST_CHECK rf_status rf_part_neighbours(float *out, const float *alone, const rf_time_order *order,
                                           rf_pool *pool, rf_err *err);

#endif
