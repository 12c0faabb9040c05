/* overlap_parts_int.h - voices of structure alone: what overlap_int.h says of every edge, and of every node.
 *
 *   overlap   entities that share more users than chance: rings that take their time, crowds
 *   copied    users that share more entities than chance: accounts that repeat what others did
 *
 * An edge has the nats of its pair; a node 0.5, 0.3 and 0.2 of those of its three most surprising pairs. No
 * times and no features are read. Parallel edges count once.
 */
#ifndef RF_OVERLAP_PARTS_INT_H
#define RF_OVERLAP_PARTS_INT_H

#include "order_int.h"
#include "overlap_int.h"

/* edge[edges], user[users], entity[entities]. Cost and threads: overlap_int.h. */
RF_MUST_CHECK rf_status rf_part_overlap(float *edge, float *user, float *entity, const rf_arranged *arranged,
                                        rf_pool *pool, rf_err *err);
RF_MUST_CHECK rf_status rf_part_copied(float *edge, float *user, float *entity, const rf_arranged *arranged,
                                       rf_pool *pool, rf_err *err);

#endif
