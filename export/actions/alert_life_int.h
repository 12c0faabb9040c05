/* alert_life_int.h - what became of the alerts since the last run. */
#ifndef RF_ALERT_LIFE_INT_H
#define RF_ALERT_LIFE_INT_H

#include "alert_int.h"
#include "alert_memory_int.h"
#include "message_int.h"

typedef struct rf_alert_life {
    rf_memory previous, current;  /* what the file has */
    const rf_memory *before;      /* the one of them that this run is compared with */
    rf_memory now;                /* what is remembered after it */
    bool again, older;            /* the file's last run is this one; its last but one is */
    const rf_memory_entry **gone; /* [n_gone] of the last run, no longer flagged */
    int64_t n_gone;
    int64_t forgotten; /* that were too old */
    rf_idmap *texts;   /* that `now` points into, besides those of `before` */
    rf_identity identity;
} rf_alert_life;

/* Fills id, change, first_us and times of all alerts, and finds those that are gone; without options->alerts
 * everything is new. The file stays as it is. */
RF_MUST_CHECK rf_status rf_alerts_compare(rf_alert_life *life, rf_alert_plan *plan,
                                          const rf_emission *emission, rf_err *err);
/* Call when all is visible. The same run again changes nothing. */
RF_MUST_CHECK rf_status rf_alert_life_save(const rf_alert_life *life, const rf_emission *emission,
                                           rf_err *err);

/* ---- action_json.c ---- the value of the message that an alert is gone. */
void rf_gone_json(rf_json *json, const rf_emission *emission, const rf_memory_entry *entry, const char *id);
const char *rf_alert_change_name(rf_alert_change change); /* new, worse, same, gone */

void rf_alert_life_clear(rf_alert_life *life);

#endif
