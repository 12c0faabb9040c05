/* made_tags.h - seeded tags for tests that need any, without rules. */
#ifndef RF_MADE_TAGS_H
#define RF_MADE_TAGS_H

#include "rf_tags.h"

/* Types "promo_abuse" (two signals), "collusion" (three) and unknown_pattern (one); most rows
 * have a tag, some several; users' may be taken over from an edge of theirs. One observed value is not known.
 * Checks with ck_assert. Free with rf_tags_free. */
rf_tags *made_tags(const rf_graph *graph, const rf_scores *scores, uint64_t seed);

#endif
