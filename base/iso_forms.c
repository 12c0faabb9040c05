/* iso_forms.c - the less usual forms of ISO 8601: the basic format without marks, week dates, ordinal dates,
 * the midnight that ends a day (24:00), hours alone, and an offset with the zone's name behind it, as Go
 * prints it.
 *
 * time.c reads the usual ones. These are apart, because a number may well look like a date of the basic
 * format: only who expects a time asks here.
 */
#include "time_text_int.h"

static int digits_ahead(const cursor *c)
{
    const char *p = c->p;
    while (p < c->end && *p >= '0' && *p <= '9')
        p++;
    return (int)(p - c->p);
}

/* "W09-6" or "W096", behind the year. Monday of the week that holds the fourth of January is the first day of
 * the year of weeks. */
static bool take_week_date(cursor *c, int64_t *days, int year, bool marks)
{
    int week, weekday, month, day;
    int64_t its_year;
    if (!take_number(c, 2, 2, &week) || take_char(c, '-') != marks || !take_number(c, 1, 1, &weekday) ||
        week < 1 || weekday < 1 || weekday > 7)
        return false;
    int64_t fourth = rf_days_from_civil(year, 1, 4), monday = fourth - ((fourth + 3) % 7 + 7) % 7;
    int64_t thursday = monday + (week - 1) * 7 + 3;
    rf_civil_from_days(thursday, &its_year, &month, &day);
    *days = thursday + weekday - 4;
    return its_year == year;
}

static bool take_form_date(cursor *c, int64_t *days)
{
    int year, month, day;
    if (!take_number(c, 4, 4, &year))
        return false;
    bool marks = take_char(c, '-');
    if (take_char(c, 'W'))
        return take_week_date(c, days, year, marks);
    if (marks && digits_ahead(c) == 3 && take_number(c, 3, 3, &day)) {
        *days = rf_days_from_civil(year, 1, day);
        return day >= 1 && day <= (leap_year(year) ? 366 : 365);
    }
    return take_number(c, 2, 2, &month) && take_char(c, '-') == marks && take_number(c, 2, 2, &day) &&
           days_of(days, year, month, day);
}

/* hh, hhmm, hhmmss, or with colons; then a fraction of the seconds. */
static bool take_form_time(cursor *c, int64_t *us)
{
    int part[3] = {0}, n = 1;
    int64_t fraction = 0;
    if (!take_number(c, 2, 2, &part[0]))
        return false;
    bool colons = c->p < c->end && *c->p == ':';
    for (; n < 3 && (colons ? take_char(c, ':') : digits_ahead(c) > 0); n++) {
        if (!take_number(c, 2, 2, &part[n]))
            return false;
    }
    if (n == 3 && !take_fraction(c, &fraction))
        return false;
    if (part[0] == 24 && part[1] == 0 && part[2] == 0 && fraction == 0) { /* the end of the day */
        *us = RF_DAY_US;
        return true;
    }
    return us_of(us, part[0], part[1], part[2], fraction);
}

/* " CET", behind an offset. */
static void take_zone_name(cursor *c)
{
    cursor at = *c;
    if (!take_char(&at, ' '))
        return;
    while (at.p < at.end && *at.p >= 'A' && *at.p <= 'Z')
        at.p++;
    if (at.p - c->p > 2)
        *c = at;
}

bool rf_time_parse_form(int64_t *out_us, const char *text, size_t len, const rf_zone *zone)
{
    cursor c = {text, text + len};
    int64_t days = 0, of_day = 0;
    int32_t offset_s = 0;
    bool has_offset = false;
    if (!take_form_date(&c, &days))
        return false;
    if (c.p < c.end) {
        if ((!take_char(&c, 'T') && !take_char(&c, ' ')) || !take_form_time(&c, &of_day))
            return false;
        has_offset = take_zone(&c, &offset_s);
        if (has_offset && c.p[-1] >= '0' && c.p[-1] <= '9')
            take_zone_name(&c);
    }
    if (c.p != c.end)
        return false;
    *out_us = moment_of(days * RF_DAY_US + of_day, has_offset, offset_s, zone);
    return true;
}
