/* rf_suppress.h - subjects that must not become actions: lists that people keep, with reason, author, expiry.
 *
 *   version: 1
 *   suppress:
 *     - {user: u17, reason: "test account", author: "jo", expires: 2026-12-31}
 *     - {entity: m3, types: [promo_abuse], reason: "agreed campaign", author: "kim", expires: never}
 *     - {entity: d9, kind: device, reason: "a terminal of ours", author: "kim", expires: never}
 *
 * An entity without `kind` is one of the main kind.
 * A suppressed subject stays visible, as such, in exports, and is never emitted. An edge is suppressed when
 * its user or its entity is. An entry with `types` removes those tags from its subject. The subject is
 * suppressed only if it has tags and all of them are removed. Several entries of one subject add up.
 */
#ifndef RF_SUPPRESS_H
#define RF_SUPPRESS_H

#include "rf_graph.h"
#include "rf_tags.h"

typedef struct rf_suppression {
    rf_side side;     /* RF_USER, or that of a kind's entities; RF_NO_SIDE: the graph has no such kind */
    const char *kind; /* of an entity, as the list says it; NULL: the main kind, or a user */
    const char *id, *reason, *author;
    const char *types;  /* NULL: all; else "|promo_abuse|collusion|" */
    int64_t expires_us; /* INT64_MAX: never */
    const char *file;
    int line;
    int64_t row; /* in the graph; -1: not there now */
    bool expired;
} rf_suppression;

typedef struct rf_suppressions {
    rf_suppression *at;
    int64_t n;
    int64_t
        *of[RF_SIDES_MOST]; /* [rows of the side] place of the suppression that holds, or -1; edges: NULL */
    struct rf_suppress_keep *keep;
} rf_suppressions;

/* Reads the lists (paths may be globs; none: an empty one) and finds their subjects; graph with ids. now_us
 * decides what has expired. RF_E_INVALID names file, line, key and the nearest right name. */
RF_MUST_CHECK rf_status rf_suppressions_load(rf_suppressions **out, const char *const *paths, int n_paths,
                                             const rf_graph *graph, int64_t now_us, rf_err *err);
void rf_suppressions_free(rf_suppressions *suppressions);
/* The entry that holds for a subject (of an edge: of one of its ends), whatever types it has; NULL:
 * none. suppressions may be NULL. O(1). */
const rf_suppression *rf_suppressed(const rf_suppressions *suppressions, const rf_graph *graph, rf_side side,
                                    int64_t row);
/* Whether a subject may not become an action: an entry holds, and takes all of its tags (tags may be NULL: it
 * has none). */
bool rf_suppression_silences(const rf_suppressions *suppressions, const rf_graph *graph, const rf_tags *tags,
                             rf_side side, int64_t row);
/* Whether an entry takes this tag from the subject. */
bool rf_suppression_takes(const rf_suppressions *suppressions, const rf_graph *graph, rf_side side,
                          int64_t row, const char *type);

#endif
