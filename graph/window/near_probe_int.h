/* near_probe_int.h - what the two ways to near hashes share: bands (near.c) and probes (near_probe.c). */
#ifndef RF_NEAR_PROBE_INT_H
#define RF_NEAR_PROBE_INT_H

#include "near_int.h"

typedef struct rf_near_joiner {
    uint32_t *into; /* a forest; a root is the smallest number of its tree */
    int bits;
    uint64_t steps;
    bool spent;
} rf_near_joiner;

/* The first `some` hashes of the pile with all that come behind them. */
void rf_near_compare(rf_near_joiner *j, const rf_near_hash *pile, size_t some, size_t n);
/* Joins what is near in the pile, by bands. */
void rf_near_pile(rf_near_joiner *j, rf_near_hash *pile, size_t n);
/* Puts the largest set behind all others, where one is large; how many are no part of it. */
size_t rf_near_set_apart(rf_near_joiner *j, rf_near_hash *pile, size_t n);
/* The bits that are not the same in the whole pile. */
uint64_t rf_near_varies(const rf_near_hash *pile, size_t n);
/* The lowest n of the bits. */
uint64_t rf_near_lowest(uint64_t bits, int n);

/* Joins what is near in the pile, by probes, and returns true; or returns false where bands are thought to be
 * quicker (or there is no memory), with some of it joined perhaps. */
bool rf_near_probe(rf_near_joiner *j, rf_near_hash *pile, size_t n);

#endif
