/* alert_erase.c - takes the alerts that are about users and entities out of the memory of alerts. */
#include <string.h>

#include "alert_memory_int.h"
#include "rf_emit.h"

static bool is_about(const void *context, const rf_memory_entry *alert)
{
    const rf_subjects *subjects = context;
    if (alert->user[0] != '\0' &&
        rf_subjects_find(subjects, RF_USER, alert->user, strlen(alert->user)) != NULL)
        return true;
    return alert->entity[0] != '\0' &&
           rf_subjects_find(subjects, RF_ENTITY, alert->entity, strlen(alert->entity)) != NULL;
}

rf_status rf_alerts_erase(int64_t *n, const char *path, const rf_subjects *subjects, bool write, rf_err *err)
{
    rf_status st = RF_OK;
    rf_memory previous, current;
    memset(&previous, 0, sizeof previous);
    memset(&current, 0, sizeof current);
    *n = 0;
    RF_TRY(rf_memory_load(&previous, &current, path, err));
    *n = rf_memory_filter(&previous, is_about, subjects) + rf_memory_filter(&current, is_about, subjects);
    if (write && *n > 0)
        RF_TRY(rf_memory_save(&previous, &current, path, err));
done:
    rf_memory_clear(&previous);
    rf_memory_clear(&current);
    return st;
}
