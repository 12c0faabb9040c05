/* ids_int.h - fingerprints of ids, as they are written into graph.h5 and read from it. */
#ifndef RF_IDS_INT_H
#define RF_IDS_INT_H

#include <stdint.h>

#include "rf_graph.h"

#define RF_IDS_ATTRIBUTE "id_fingerprint" /* of the groups /u, /v and /e */

/* Of ids in row order; not cryptographic. O(bytes of the ids). */
void rf_ids_fingerprint(char out[RF_IDS_FINGERPRINT], int64_t n,
                        const char *(*id_at)(void *context, int64_t i), void *context);

#endif
