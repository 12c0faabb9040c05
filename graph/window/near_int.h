/* near_int.h - 64-bit hashes that differ in few bits belong together, and so does all that such pairs chain.
 */
#ifndef RF_NEAR_INT_H
#define RF_NEAR_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

typedef struct rf_near_hash {
    uint64_t hash;
    uint32_t number; /* its place in `into` */
} rf_near_hash;

/* For the numbers of hashes[n]: into[number] becomes the smallest number of those whose hashes are joined
 * with its own, over any chain of pairs that differ in at most `bits` bits. Other numbers of into[n_into] are
 * their own. Depends on hashes and numbers alone, not on their order. hashes is put into another order.
 *
 * Many hashes that are spread evenly are found by probes (near_probe.c). Piles of others are cut by bands: of
 * the bits that vary in a pile, bits + 1 bands are made, and two hashes that are near agree in one of them at
 * least. Each band parts the pile into smaller ones, until all pairs of one can be compared. Of a pile most
 * of which is one set already, only the others are compared, so dense ones cost little. At most RF_NEAR_STEPS
 * steps are done, about a minute: pairs that were not compared by then stay apart, and *whole is false. Where
 * rf_stop.h says so it ends early, and what is joined says nothing: the caller asks, too. Memory: 8 MiB for
 * probes; without them bands do it. */
#define RF_NEAR_STEPS UINT64_C(60000000000)
void rf_near_join(uint32_t *into, size_t n_into, bool *whole, rf_near_hash *hashes, size_t n, int bits);

/* The value of exactly 16 hex digits. */
bool rf_near_parse(uint64_t *hash, const char *text);

#endif
