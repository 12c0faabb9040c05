/* burst_int.h - more events within a short time than a node and everybody have otherwise.
 *
 * Windows of a node begin at the first meeting of each of its edges and are 1/8640, 1/720, 1/120 or 1/30 of
 * the whole span long (5 minutes to a day of a month):
 *
 *   found      c, its events in the window; of an edge of n events over a time longer than the window,
 *              the first and the part of the others that falls into a window at their even rate
 *   expected   m = N max(share of all events in the window, length / span), N its events: its own pace, or
 *              that of a busy hour of everybody
 *   nats       c ln(c / m) - (c - m) where c >= 3 and c > m, less ln(span / length), for there are so many
 *              windows
 *
 * A node has the nats of its best window, an edge those of the best window, of each length, of its user. O(E)
 * for each length beside the order, and a logarithm only for windows that hold as many events as more nats
 * take at the node's own pace. Memory: 0.5 MB, 24 bytes an edge, and for each thread 24 an edge of its task.
 * On shards of users only the counts of all events by time have to be added up.
 */
#ifndef RF_BURST_INT_H
#define RF_BURST_INT_H

#include "order_int.h"

/* edge[edges], user[users], entity[entities]; 0 where the graph has no times, or one. Same bytes at any
 * number of threads and for any order of rows. */
RF_MUST_CHECK rf_status rf_part_burst(float *edge, float *user, float *entity, const rf_graph *graph,
                                      const rf_arranged *arranged, rf_pool *pool, rf_err *err);

#endif
