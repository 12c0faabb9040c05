/* alert_erase.c - takes the alerts that are about users and entities out of the memory of alerts. */
#include <string.h>

#include "alert_memory_int.h"
#include "rf_emit.h"

static bool is_about(const rf_memory_entry *alert, const rf_subjects *subjects)
{
    if (alert->user[0] != '\0' &&
        rf_subjects_find(subjects, RF_USER, alert->user, strlen(alert->user)) != NULL)
        return true;
    return alert->entity[0] != '\0' &&
           rf_subjects_find(subjects, RF_ENTITY, alert->entity, strlen(alert->entity)) != NULL;
}

static int64_t erase(rf_memory *memory, const rf_subjects *subjects)
{
    int64_t kept = 0, n = memory->n;
    for (int64_t i = 0; i < n; i++) {
        if (!is_about(&memory->at[i], subjects))
            memory->at[kept++] = memory->at[i];
    }
    memory->n = kept;
    return n - kept;
}

rf_status rf_alerts_erase(int64_t *n, const char *path, const rf_subjects *subjects, bool write, rf_err *err)
{
    rf_status st = RF_OK;
    rf_memory previous, current;
    memset(&previous, 0, sizeof previous);
    memset(&current, 0, sizeof current);
    *n = 0;
    RF_TRY(rf_memory_load(&previous, &current, path, err));
    *n = erase(&previous, subjects) + erase(&current, subjects);
    if (write && *n > 0)
        RF_TRY(rf_memory_save(&previous, &current, path, err));
done:
    rf_memory_clear(&previous);
    rf_memory_clear(&current);
    return st;
}
