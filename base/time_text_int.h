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

#endif
