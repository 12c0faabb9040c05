/* calendar.c - local hours, days and weeks of the window's moments, from one small table.
 *
 * Millions of cells ask for their local hour; a zone answers by searching its list of changes. Here the
 * offset of every UTC day is looked up once. Zones whose offset changes twice within one UTC day do not
 * exist.
 */
#include "calendar_int.h"

#include <assert.h>

#include "rf_mem.h"

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return a % b < 0 ? q - 1 : q;
}

static int64_t offset_us(const rf_zone *zone, int64_t time_us)
{
    return zone ? rf_zone_offset_s(zone, time_us) * RF_SECOND_US : 0;
}

static rf_calendar_day look_up_day(const rf_zone *zone, int64_t day)
{
    int64_t start = day * RF_DAY_US;
    rf_calendar_day out = {.change_us = start + RF_DAY_US,
                           .before = offset_us(zone, start),
                           .after = offset_us(zone, start + RF_DAY_US)};
    if (out.before == out.after)
        return out;

    int64_t low = 0, high = RF_DAY_US / RF_MINUTE_US; /* minutes: still before, already after */
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (offset_us(zone, start + middle * RF_MINUTE_US) == out.before)
            low = middle;
        else
            high = middle;
    }
    out.change_us = start + high * RF_MINUTE_US;
    return out;
}

rf_status rf_calendar_init(rf_calendar *calendar, const rf_zone *zone, int64_t from_us, int64_t to_us,
                           rf_err *err)
{
    int64_t first = floor_div(from_us, RF_DAY_US);
    int64_t n = floor_div(to_us, RF_DAY_US) - first + 1;
    rf_status st = RF_OK;
    rf_calendar_day *days = NULL;

    RF_NEW(days, n, err);
    for (int64_t i = 0; i < n; i++)
        days[i] = look_up_day(zone, first + i);
    *calendar = (rf_calendar){.first_day = first, .n_days = n, .days = days};
done:
    return st;
}

rf_moment rf_calendar_at(const rf_calendar *calendar, int64_t time_us)
{
    int64_t index = floor_div(time_us, RF_DAY_US) - calendar->first_day;
    assert(index >= 0 && index < calendar->n_days);
    const rf_calendar_day *day = &calendar->days[index];
    int64_t offset = time_us < day->change_us ? day->before : day->after;
    int64_t local = time_us + offset;
    rf_moment m = {.day = floor_div(local, RF_DAY_US), .offset_us = offset};

    m.of_day_us = local - m.day * RF_DAY_US;
    m.hour = (int)(m.of_day_us / RF_HOUR_US);
    m.weekday = (int)(((m.day + 3) % 7 + 7) % 7); /* day 0 was a Thursday */
    m.of_week_us = m.weekday * RF_DAY_US + m.of_day_us;
    return m;
}

void rf_calendar_clear(rf_calendar *calendar)
{
    rf_mem_free(calendar->days);
    *calendar = (rf_calendar){0};
}
