/* time_text_int.h - what the readers of times and of zones share: a cursor over text, and days of civil
 * dates. */
#ifndef RF_TIME_TEXT_INT_H
#define RF_TIME_TEXT_INT_H

#include "rf_time.h"

#define DAY_S INT64_C(86400)

static inline int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static inline bool leap_year(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static inline int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap_year(year) ? 29 : days[month - 1];
}

/* False: there is no such day. */
static inline bool days_of(int64_t *days, int year, int month, int day)
{
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = rf_days_from_civil(year, month, day);
    return true;
}

/* A leap second's 60 becomes the next minute's 0. False: there is no such time of day. */
static inline bool us_of(int64_t *us, int hours, int minutes, int seconds, int64_t fraction)
{
    if (hours > 23 || minutes > 59 || seconds > 60)
        return false;
    *us = (hours * 3600 + minutes * 60 + seconds) * RF_SECOND_US + fraction;
    return true;
}

/* zone NULL: UTC. */
static inline int64_t moment_of(int64_t local_us, bool has_offset, int32_t offset_s, const rf_zone *zone)
{
    return has_offset || zone == NULL ? local_us - offset_s * RF_SECOND_US
                                      : rf_zone_from_local(zone, local_us);
}

/* Every reader moves it only on success. */

typedef struct cursor {
    const char *p, *end;
} cursor;

static inline bool take_char(cursor *c, char wanted)
{
    if (c->p == c->end || *c->p != wanted)
        return false;
    c->p++;
    return true;
}

/* Between min_digits and max_digits decimal digits, as many as there are. */
static inline bool take_number(cursor *c, int min_digits, int max_digits, int *out)
{
    int value = 0, n = 0;
    const char *p = c->p;
    while (n < max_digits && p < c->end && *p >= '0' && *p <= '9') {
        value = value * 10 + (*p++ - '0');
        n++;
    }
    if (n < min_digits)
        return false;
    c->p = p;
    *out = value;
    return true;
}

/* ±hh, ±hhmm or ±hh:mm, below 24 hours. */
static inline bool take_offset(cursor *c, int32_t *seconds)
{
    cursor at = *c;
    bool minus = take_char(&at, '-');
    int hours, minutes = 0;
    if ((!minus && !take_char(&at, '+')) || !take_number(&at, 2, 2, &hours))
        return false;
    bool colon = take_char(&at, ':');
    if (!take_number(&at, 2, 2, &minutes) && colon)
        return false;
    if (hours > 23 || minutes > 59)
        return false;
    *seconds = (hours * 60 + minutes) * (minus ? -60 : 60);
    *c = at;
    return true;
}

/* Six digits of a fraction of any length; what is finer is cut off. */
static inline bool take_fraction(cursor *c, int64_t *us)
{
    static const int units[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    const char *p = c->p, *end = c->end, *from;
    int value = 0;
    *us = 0;
    if (p == end || (*p != '.' && *p != ','))
        return true;
    for (from = ++p; p < end && p - from < 6 && *p >= '0' && *p <= '9'; p++)
        value = value * 10 + (*p - '0');
    *us = (int64_t)value * units[p - from];
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    c->p = p;
    return p > from;
}

/* Z, UTC or an offset, after at most one space. */
static inline bool take_zone(cursor *c, int32_t *offset_s)
{
    cursor at = *c;
    (void)take_char(&at, ' ');
    *offset_s = 0;
    bool found = take_char(&at, 'Z') || take_char(&at, 'z') ||
                 (take_char(&at, 'U') && take_char(&at, 'T') && take_char(&at, 'C')) ||
                 take_offset(&at, offset_s);
    if (found)
        *c = at;
    return found;
}

#endif
