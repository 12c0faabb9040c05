/* rf_findings.h - everything that is known about a run, in one struct: the input of emit and export.
 *
 * Borrowed pointers; tags, clusters and suppressed are NULL where there are none.
 */
#ifndef RF_FINDINGS_H
#define RF_FINDINGS_H

#include "rf_clusters.h"
#include "rf_graph.h"
#include "rf_score.h"
#include "rf_suppress.h"
#include "rf_tags.h"

typedef struct rf_findings {
    const rf_graph *graph;
    const rf_scores *scores;
    const rf_tags *tags;
    const rf_clusters *clusters;
    const rf_suppressions *suppressed;
} rf_findings;

#endif
