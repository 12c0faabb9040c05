/* alert_int.h - the alerts of a run: who deserves one, who gets one, and who is part of another's.
 *
 *   find (alert_find.c)      subjects above the threshold or tagged, and the clusters that hold them
 *   spend (alert_budget.c)   which of them are emitted
 *   compare (alert_life.c)   what changed since the last run
 *   say (alert_words.c)      why, where that is not in the subject's own numbers
 *
 * Who is emitted follows from the findings and the options, not from earlier runs.
 */
#ifndef RF_ALERT_INT_H
#define RF_ALERT_INT_H

#include "action_int.h"

/* The most false discoveries among alerts of a kind where one of them is rather right than wrong: so many may
 * be among whom a voice alone flags, and among devices, cards and the like. */
#define RF_RATHER_GUILTY 0.5F

typedef enum rf_alert_fate {
    RF_ALERT_EMITTED,
    RF_ALERT_INSIDE, /* a member of an emitted cluster, or an edge between two of them */
    RF_ALERT_OVER_BUDGET,
    RF_ALERT_PASSED_OVER, /* of a kind beside the main one: worth no place, be there room or not */
    RF_ALERT_SUPPRESSED,
    RF_ALERT_FATES
} rf_alert_fate;

typedef enum rf_alert_change { RF_ALERT_NEW, RF_ALERT_WORSE, RF_ALERT_SAME, RF_ALERT_GONE } rf_alert_change;

typedef struct rf_alert {
    rf_action action;
    int64_t place; /* 1 + subjects above it in the ranking that flags it */
    rf_alert_fate fate;
    bool known;         /* it has a tag that is sure enough; of a cluster: a named member has */
    int32_t first_rule; /* of its surest such tag, or of most such members; -1: none */
    int32_t reach;      /* of a cluster: named members that are known */
    int32_t cluster;    /* RF_ALERT_INSIDE: which one speaks for it */
    rf_anomaly anomaly; /* its kind */
    rf_part_id voice;   /* the one that alone flags it; RF_PARTS: its score or a tag does */
    char *why;          /* said already: rf_mem block; NULL: rf_explain says it */
    char id[33];        /* the alert_id: the same from run to run */
    rf_alert_change change;
    int64_t first_us; /* when it was first emitted */
    int32_t times;    /* emissions that it was part of, this one too */
} rf_alert;

/* Members of clusters that their messages name: the flagged ones first, as many as a message holds. */
typedef struct rf_named {
    int64_t *from; /* [clusters + 1] */
    uint32_t *row;
} rf_named;

typedef struct rf_alert_plan {
    rf_alert *at; /* users, entities kind by kind, edges likewise, each the worst first; then clusters, the
                     worst first */
    size_t n, cap;
    rf_named named[RF_SIDES_MOST]; /* none of edges */
    uint32_t
        *flagged[RF_SIDES_MOST]; /* [rows] place in `at`, or RF_NOT_FLAGGED; NULL: nobody of the side is */
} rf_alert_plan;
#define RF_NOT_FLAGGED UINT32_MAX

/* ---- alert_find.c ---- Every fate is RF_ALERT_EMITTED, INSIDE or SUPPRESSED. O(n_u + n_v + n_e). */
RF_MUST_CHECK rf_status rf_alerts_find(rf_alert_plan *plan, const rf_emission *emission, rf_err *err);
void rf_alerts_clear(rf_alert_plan *plan);
/* Whether a tag alone is worth an alert: of a known type, sure enough, and not taken by a suppression. */
bool rf_tag_is_sure(const rf_emission *emission, rf_side side, int64_t row, const rf_tag *tag);

/* ---- action_json.c ---- values of messages. */
void rf_action_json(rf_json *json, const rf_emission *emission, const rf_alert *alert, const char *id);

/* ---- alert_budget.c ---- Leaves at most options->budget of those that are RF_ALERT_EMITTED; the others, and
 * what is inside them, become RF_ALERT_OVER_BUDGET, or RF_ALERT_PASSED_OVER whatever the budget is. */
RF_MUST_CHECK rf_status rf_alerts_spend(rf_alert_plan *plan, const rf_emission *emission, rf_err *err);

/* ---- alert_words.c ---- Fills `why` of the emitted ones that are clusters, or stand out by the order of
 * events. Where there are any of these, O(n_e) and the memory of that voice. */
RF_MUST_CHECK rf_status rf_alerts_say(rf_alert_plan *plan, const rf_emission *emission, rf_err *err);

#endif
