/* calendar_int.h - local time of any moment of the window, O(1).
 */
#ifndef RF_CALENDAR_INT_H
#define RF_CALENDAR_INT_H

#include "rf_time.h"

typedef struct rf_calendar_day {
    int64_t change_us;     /* the offset changes here within this UTC day; its end if it does not */
    int64_t before, after; /* offsets, us */
} rf_calendar_day;

typedef struct rf_calendar {
    int64_t first_day; /* UTC days since the epoch */
    int64_t n_days;
    rf_calendar_day *days;
} rf_calendar;

typedef struct rf_moment {
    int64_t day;        /* local days since the epoch */
    int64_t of_day_us;  /* since local midnight */
    int64_t of_week_us; /* since local Monday midnight */
    int64_t offset_us;  /* local minus UTC */
    int hour, weekday;  /* 0..23; 0..6 from Monday */
} rf_moment;

/* Covers [from_us, to_us]. At most one change of the offset in a UTC day, on a whole minute. */
RF_MUST_CHECK rf_status rf_calendar_init(rf_calendar *calendar, const rf_zone *zone, int64_t from_us,
                                         int64_t to_us, rf_err *err);
rf_moment rf_calendar_at(const rf_calendar *calendar, int64_t time_us);
void rf_calendar_clear(rf_calendar *calendar);

#endif
