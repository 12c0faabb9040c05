/* ids.c - a short name of a column of ids: two graphs whose people differ have different ones. */
#include "ids_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rf_idmap.h"
#include "rf_rng.h"

void rf_ids_fingerprint(char out[RF_IDS_FINGERPRINT], int64_t n,
                        const char *(*id_at)(void *context, int64_t i), void *context)
{
    uint64_t hash = (uint64_t)n;
    for (int64_t i = 0; i < n; i++) { /* each id by itself, so that no two columns run together */
        const char *id = id_at(context, i);
        hash = rf_mix64(hash) ^ rf_idmap_hash(id, strlen(id));
    }
    snprintf(out, RF_IDS_FINGERPRINT, "%016" PRIx64, rf_mix64(hash));
}
