/* activity_int.h - the columns of graph.h5 that say how many events a node or an edge has, and when.
 */
#ifndef RF_ACTIVITY_INT_H
#define RF_ACTIVITY_INT_H

#include "rf_h5.h"
#include "window_int.h"

/* The path in graph.h5 of what a side of the view's kind has. Returns out. */
const char *rf_view_path(char out[RF_SIDE_PATH], const rf_window_view *view, rf_side side, const char *name);
/* Writes count, first_time and last_time of a side's rows, with the file's threads. Costs O(cells) for each
 * of them; memory: 24 bytes a node. */
RF_MUST_CHECK rf_status rf_activity_write(rf_h5 *file, const rf_window_view *view, rf_side side, rf_err *err);

#endif
