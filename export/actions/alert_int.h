/* alert_int.h - the alerts of a run: who deserves one, who gets one, and who is part of another's.
 *
 *   find (alert_find.c)      subjects above the threshold or tagged, and the clusters that hold them
 *   spend (alert_budget.c)   which of them are emitted
 *
 * Everything follows from the findings and the options, not from earlier runs.
 */
#ifndef RF_ALERT_INT_H
#define RF_ALERT_INT_H

#include "action_int.h"

typedef enum rf_alert_fate {
    RF_ALERT_EMITTED,
    RF_ALERT_INSIDE, /* a member of an emitted cluster, or an edge between two of them */
    RF_ALERT_OVER_BUDGET,
    RF_ALERT_SUPPRESSED
} rf_alert_fate;

typedef struct rf_alert {
    rf_action action;
    int64_t place; /* 1 + subjects above it in the ranking that flags it */
    rf_alert_fate fate;
    bool known;         /* it has a tag that is sure enough; of a cluster: a named member has */
    int32_t first_rule; /* of its surest such tag, or of most such members; -1: none */
    int32_t reach;      /* of a cluster: named members that are known */
    int32_t cluster;    /* RF_ALERT_INSIDE: which one speaks for it */
    uint8_t anomaly;    /* its kind */
} rf_alert;

/* Members of clusters that their messages name: the flagged ones first, as many as a message holds. */
typedef struct rf_named {
    int64_t *from; /* [clusters + 1] */
    uint32_t *row;
} rf_named;

typedef struct rf_alert_plan {
    rf_alert *at; /* users, entities, edges, each the worst first; then clusters, the worst first */
    size_t n, cap;
    rf_named named[RF_SIDES];    /* none of edges */
    uint32_t *flagged[RF_SIDES]; /* [rows] place in `at`, or RF_NOT_FLAGGED; NULL: nobody of the side is */
} rf_alert_plan;
#define RF_NOT_FLAGGED UINT32_MAX

/* ---- alert_find.c ---- Every fate is RF_ALERT_EMITTED, INSIDE or SUPPRESSED. O(n_u + n_v + n_e). */
RF_MUST_CHECK rf_status rf_alerts_find(rf_alert_plan *plan, const rf_emission *emission, rf_err *err);
void rf_alerts_clear(rf_alert_plan *plan);

/* ---- alert_budget.c ---- Leaves options->budget of those that are RF_ALERT_EMITTED; the others, and what is
 * inside them, become RF_ALERT_OVER_BUDGET. */
RF_MUST_CHECK rf_status rf_alerts_spend(rf_alert_plan *plan, const rf_emission *emission, rf_err *err);

#endif
