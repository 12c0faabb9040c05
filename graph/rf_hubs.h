/* rf_hubs.h - the entities of a graph.h5 that so many users share that their edges are left out, and who met
 * them: the graph has no edge that would say so.
 */
#ifndef RF_HUBS_H
#define RF_HUBS_H

#include "rf_graph.h"
#include "rf_h5.h"

/* Where a column of the pairs that the hubs of a kind have lies, "u" or "v": "/hub/u", "/kinds/ip/hub/u".
 * Returns out. */
const char *rf_hubs_path(char out[RF_SIDE_PATH], const rf_kinds *kinds, int kind, const char *column);

/* The hubs of a kind: hub[n_v] (borrowed while it is read) says which entities are. *users becomes NULL if
 * the file has no pairs for the kind, else [n_v]: how many users met each hub, 0 for others. Checks that the
 * pairs are of users below n_u and of hubs, each once, in the order of (user, hub); RF_E_FORMAT says what is
 * wrong. Reads a few thousand pairs at a time. */
RF_MUST_CHECK rf_status rf_hubs_count(uint32_t **users, rf_h5 *file, const rf_kinds *kinds, int kind,
                                      int64_t n_u, const uint8_t *hub, int64_t n_v, rf_err *err);

/* Each user u and hub v that met, as above. */
typedef rf_status rf_take_hub_pair(void *to, uint32_t u, uint32_t v, rf_err *err);
RF_MUST_CHECK rf_status rf_hubs_each(rf_h5 *file, const rf_kinds *kinds, int kind, int64_t n_u,
                                     const uint8_t *hub, int64_t n_v, rf_take_hub_pair *take, void *to,
                                     rf_err *err);

#endif
