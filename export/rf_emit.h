/* rf_emit.h - scores above a threshold become action messages (schema ringfence.action.v1), as JSON Lines.
 *
 * One message a flagged user, entity or edge, worst first within a kind, then one run.completed manifest with
 * their counts. A line is the message's value; with `envelope` it is {"key", "headers", "value"}, the whole
 * message as a topic would carry it (CloudEvents 1.0, binary mode). The file appears whole or not at all.
 */
#ifndef RF_EMIT_H
#define RF_EMIT_H

#include <stdbool.h>

#include "rf_graph.h"
#include "rf_score.h"

typedef enum rf_threshold_type {
    RF_THRESHOLD_PERCENTILE,
    RF_THRESHOLD_SCORE,
    RF_THRESHOLD_TOP
} rf_threshold_type;

typedef struct rf_emit_options {
    const char *path; /* "-" is stdout */
    rf_threshold_type threshold_type;
    double threshold;   /* percentile in [0, 1], score, or number of subjects of each kind */
    const char *source; /* ce_source, for example "/ringfence/orders" */
    int max_reasons;    /* a message carries at most so many, and no more than the scores hold */
    bool envelope;
} rf_emit_options;
void rf_emit_options_default(rf_emit_options *options); /* stdout, percentile 0.999, "/ringfence", 5, bare */

typedef struct rf_emit_result {
    int64_t users, entities, edges;
} rf_emit_result;

/* graph with features and ids loaded. Equal scores share a rank; where the N-th place of RF_THRESHOLD_TOP is
 * tied, the lower rows win. O(n_u + n_v + n_e), plus the messages. */
RF_MUST_CHECK rf_status rf_emit_jsonl(rf_emit_result *result, const rf_graph *graph, const rf_scores *scores,
                                      const rf_emit_options *options, rf_err *err);

/* ---- picture.c ---- the worst ring as an SVG: the highest user, its worst edges, and who else is on those
 * entities. */
RF_MUST_CHECK rf_status rf_picture_worst_ring(const rf_graph *graph, const rf_scores *scores,
                                              const char *path, rf_err *err);

#endif
