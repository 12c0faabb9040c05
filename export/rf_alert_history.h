/* rf_alert_history.h - what emissions of before, and perhaps of this run, said of users, entities and
 * clusters: alerts.h5 as somebody reads it who looks at one of them.
 */
#ifndef RF_ALERT_HISTORY_H
#define RF_ALERT_HISTORY_H

#include "rf_clusters.h"
#include "rf_graph.h"

typedef struct rf_alert_history rf_alert_history;

#define RF_PAST_RUNS 2 /* that alerts.h5 remembers */

typedef struct rf_past_run { /* as the emission of an earlier run had it */
    int64_t at_us;
    double score, percentile; /* of a user or an entity */
    int64_t members;          /* of a cluster, when it was last new or worse */
    bool gone;                /* it was flagged before, but not then */
} rf_past_run;

typedef struct rf_past {
    int64_t first_us; /* the first emission that flagged it */
    int32_t times;    /* how many did */
    int n;
    rf_past_run run[RF_PAST_RUNS]; /* the latest first; the run that is looked at is none of them */
} rf_past;

/* What the file at path remembers, of this source rather than of others; runs other than run_id are past.
 * kinds: of the graph whose nodes are looked up. Without a file nothing. */
RF_MUST_CHECK rf_status rf_alert_history_load(rf_alert_history **out, const char *path, const char *source,
                                              const char *run_id, const rf_kinds *kinds, rf_err *err);
void rf_alert_history_free(rf_alert_history *history); /* NULL allowed */

/* n = 0: no emission of before had a message about this user or entity. history may be NULL. */
RF_MUST_CHECK rf_status rf_alert_history_of(rf_past *out, rf_alert_history *history, const rf_graph *graph,
                                            rf_side side, int64_t row, rf_err *err);
RF_MUST_CHECK rf_status rf_alert_history_of_cluster(rf_past *out, rf_alert_history *history, const char *id,
                                                    rf_err *err);

#endif
