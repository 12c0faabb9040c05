/* igraph_int.h - igraph for the three files that call it (igraph_*.c), and nobody else.
 *
 * igraph reports errors through a process-wide handler that by default ends the program: it is replaced for
 * the time of each call, and errors come back as a status. igraph's own memory is not counted by rf_mem. One
 * thread at a time.
 */
#ifndef RF_IGRAPH_INT_H
#define RF_IGRAPH_INT_H

#include <igraph.h>

#include "rf_status.h"

/* RF_OK, or "igraph: WHAT failed: why; ADVICE". */
RF_MUST_CHECK rf_status rf_igraph_check(igraph_error_t code, const char *what, const char *advice,
                                        rf_err *err);

/* An undirected graph of n nodes, link i between from[i] and to[i]; igraph_destroy is the caller's when this
 * succeeds. */
RF_MUST_CHECK rf_status rf_igraph_links(igraph_t *graph, int64_t n, const uint32_t *from, const uint32_t *to,
                                        int64_t n_links, const char *what, rf_err *err);

#endif
