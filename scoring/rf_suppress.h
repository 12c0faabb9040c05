/* rf_suppress.h - subjects that must not become actions: lists that people keep, with reason, author, expiry.
 *
 *   version: 1
 *   suppress:
 *     - {user: u17, reason: "test account", author: "jo", expires: 2026-12-31}
 *     - {entity: m3, types: [promo_abuse], reason: "agreed campaign", author: "kim", expires: never}
 *
 * A suppressed subject stays visible, as such, in scores' exports, and is never emitted. An edge is
 * suppressed when its user or its entity is.
 */
#ifndef RF_SUPPRESS_H
#define RF_SUPPRESS_H

#include "rf_graph.h"

typedef struct rf_suppression {
    char side;                                /* 'u' or 'v' */
    const char *id, *reason, *author, *types; /* types: NULL all, else " promo_abuse collusion " */
    int64_t expires_us;                       /* INT64_MAX: never */
    const char *file;
    int line;
    int64_t row; /* in the graph; -1: not there now */
    bool expired;
} rf_suppression;

typedef struct rf_suppressions {
    rf_suppression *at;
    int64_t n;
    int64_t *of_u, *of_v; /* [n_u], [n_v] place of the suppression that holds, or -1 */
    struct rf_suppress_keep *keep;
} rf_suppressions;

/* Reads the lists (paths may be globs; none: an empty one) and finds their subjects; graph with ids. now_us
 * decides what has expired. RF_E_INVALID names file, line, key and the nearest right name. */
RF_MUST_CHECK rf_status rf_suppressions_load(rf_suppressions **out, const char *const *paths, int n_paths,
                                             const rf_graph *graph, int64_t now_us, rf_err *err);
void rf_suppressions_free(rf_suppressions *suppressions);
/* NULL: not suppressed. */
const rf_suppression *rf_suppressed(const rf_suppressions *suppressions, const rf_graph *graph, char side,
                                    int64_t row);

#endif
