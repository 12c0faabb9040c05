/* findings.h - everything that is known of a run, loaded and owned: what emit, export and run work from. */
#ifndef RF_CLI_FINDINGS_H
#define RF_CLI_FINDINGS_H

#include "cli_int.h"
#include "rf_findings.h"

typedef struct rf_loaded {
    rf_graph *graph;
    rf_scores *scores;
    rf_tags *tags;               /* NULL: the scores' file has none */
    rf_clusters *clusters;       /* likewise */
    rf_suppressions *suppressed; /* NULL: no lists are configured */
} rf_loaded;

/* The configured graph (`parts` of it) and its scores. */
RF_MUST_CHECK rf_status rf_load_scored(rf_loaded *loaded, rf_cli *cli, unsigned parts, rf_err *err);
/* Behind that: tags and clusters, as far as the scores' file has them, and the suppression lists. */
RF_MUST_CHECK rf_status rf_load_cases(rf_loaded *loaded, rf_cli *cli, rf_err *err);
rf_findings rf_loaded_findings(const rf_loaded *loaded);
void rf_loaded_clear(rf_loaded *loaded);

#endif
