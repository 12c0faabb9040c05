/* made_tags.h - seeded tags for tests that need any, without rules. */
#ifndef RF_MADE_TAGS_H
#define RF_MADE_TAGS_H

#include "rf_h5.h"
#include "rf_tags.h"

/* Types "promo_abuse" (two signals), "collusion" (three) and unknown_pattern (one); most rows
 * have a tag, some several; users' may be taken over from an edge of theirs. One observed value is not known.
 * Checks with ck_assert. Free with rf_tags_free. */
rf_tags *made_tags(const rf_graph *graph, const rf_scores *scores, uint64_t seed);

/* rf_tags_save and rf_tags_read of the file at path. */
static inline rf_status made_tags_save(const rf_tags *tags, const char *path, rf_err *err)
{
    rf_h5 *file = NULL;
    rf_status st = rf_h5_open(&file, path, err);
    if (st >= 0)
        st = rf_tags_save(tags, &file, err);
    rf_h5_close(&file);
    return st;
}

static inline rf_status made_tags_load(rf_tags **out, const char *path, const rf_scores *scores, rf_err *err)
{
    rf_h5 *file = NULL;
    rf_status st = rf_h5_open(&file, path, err);
    if (st >= 0)
        st = rf_tags_read(out, file, scores, err);
    rf_h5_close(&file);
    return st;
}

#endif
