/* rf_pair_times.h - when the events of chosen pairs happened: to the slot, which is an hour or less.
 *
 * An edge of a graph of pairs says when its first and its last event were. The state beside it counts the
 * events of each slot (/state/cells), which this reads for the edges that somebody wants to look at.
 */
#ifndef RF_PAIR_TIMES_H
#define RF_PAIR_TIMES_H

#include "rf_graph.h"

typedef struct rf_pair_time {
    int64_t at_us; /* the slot's begin */
    int64_t events;
} rf_pair_time;

typedef struct rf_pair_times {
    int64_t n;       /* edges */
    int64_t slot_us; /* length of a slot; 0: the file does not say when the events were */
    int64_t *ptr;    /* [n + 1] times of edge i: at[ptr[i]] .. at[ptr[i + 1]], ascending; none where the
                        state does not have all of its events, such as those of entities that were joined */
    rf_pair_time *at;
} rf_pair_times;

/* Of edges[n] of this kind, ascending rows of the graph, which was read from file with ids and activity. A
 * file without a state, or whose edges are single events, gives slot_us 0. O(ids of the state + n log cells).
 */
RF_MUST_CHECK rf_status rf_pair_times_read(rf_pair_times *out, rf_h5 *file, const rf_graph *graph, int kind,
                                           const uint32_t *edges, int64_t n, rf_err *err);
void rf_pair_times_clear(rf_pair_times *times);

#endif
