/* iso_forms.c - writes the less usual forms of ISO 8601 as the usual one: the basic format without marks,
 * week dates, ordinal dates, the midnight that ends a day (24:00), hours alone, and an offset with the zone's
 * name behind it, as Go prints it.
 *
 * Only what base/time.c does not read comes here.
 */
#include "iso_forms_int.h"

#include <stdbool.h>
#include <stdio.h>

#include "rf_time.h"

#define MOST_FRACTION 12 /* digits that are kept */

typedef struct scan {
    const char *at, *end;
} scan;

/* The number that n digits make; -1: they are not there. */
static int digits(scan *s, int n)
{
    int number = 0;
    if (s->end - s->at < n)
        return -1;
    for (int i = 0; i < n; i++) {
        if (s->at[i] < '0' || s->at[i] > '9')
            return -1;
        number = 10 * number + (s->at[i] - '0');
    }
    s->at += n;
    return number;
}

static bool mark(scan *s, char c)
{
    bool is = s->at < s->end && *s->at == c;
    s->at += is;
    return is;
}

static int digits_ahead(const scan *s)
{
    int n = 0;
    while (s->end - s->at > n && s->at[n] >= '0' && s->at[n] <= '9')
        n++;
    return n;
}

/* Monday of the week that holds the fourth of January is the first day of the year of weeks. */
static bool week_date(int64_t *days, int year, int week, int weekday)
{
    int64_t fourth = rf_days_from_civil(year, 1, 4), monday = fourth - ((fourth + 3) % 7 + 7) % 7;
    *days = monday + (week - 1) * 7 + weekday - 1;
    int64_t thursday = *days - weekday + 4, its_year;
    int month, day;
    rf_civil_from_days(thursday, &its_year, &month, &day);
    return weekday >= 1 && weekday <= 7 && week >= 1 && its_year == year;
}

static bool take_date(scan *s, int64_t *days)
{
    int year = digits(s, 4);
    bool marks = mark(s, '-');
    if (year < 0)
        return false;
    if (mark(s, 'W')) {
        int week = digits(s, 2);
        return week > 0 && mark(s, '-') == marks && week_date(days, year, week, digits(s, 1));
    }
    if (marks && digits_ahead(s) == 3) {
        int day = digits(s, 3);
        *days = rf_days_from_civil(year, 1, day);
        return day >= 1 && *days < rf_days_from_civil(year + 1, 1, 1);
    }
    int month = digits(s, 2);
    if (month < 1 || month > 12 || mark(s, '-') != marks)
        return false;
    int day = digits(s, 2);
    int64_t next = rf_days_from_civil(month == 12 ? year + 1 : year, month % 12 + 1, 1);
    *days = rf_days_from_civil(year, month, day);
    return day >= 1 && *days < next;
}

/* hh, hhmm, hhmmss, or with colons; then a fraction of the seconds. */
static bool take_clock(scan *s, int clock[3], rf_span *fraction)
{
    int n = 1;
    clock[0] = digits(s, 2);
    for (bool marks = mark(s, ':'); n < 3 && (marks || digits_ahead(s) >= 2); n++) {
        clock[n] = digits(s, 2);
        if (clock[n] < 0)
            return false;
        marks = marks && mark(s, ':');
    }
    if (n == 3 && (mark(s, '.') || mark(s, ','))) {
        int ahead = digits_ahead(s);
        *fraction = (rf_span){s->at, (size_t)(ahead < MOST_FRACTION ? ahead : MOST_FRACTION)};
        s->at += ahead;
        if (ahead == 0)
            return false;
    }
    return clock[0] >= 0;
}

/* The offset, or Z, and perhaps the name of the zone behind an offset. */
static bool take_zone(scan *s, rf_span *zone)
{
    (void)mark(s, ' ');
    const char *from = s->at;
    if (mark(s, '+') || mark(s, '-')) {
        int n = digits_ahead(s);
        s->at += n;
        if (n == 2 && mark(s, ':') && digits(s, 2) < 0)
            return false;
        *zone = (rf_span){from, (size_t)(s->at - from)};
        const char *name = s->at;
        if (mark(s, ' ')) {
            while (s->at < s->end && *s->at >= 'A' && *s->at <= 'Z')
                s->at++;
            return s->at - name >= 3;
        }
        return n == 2 || n == 4;
    }
    *zone = (rf_span){from, (size_t)(s->end - from)};
    bool named = s->at < s->end && (*s->at == 'Z' || *s->at == 'z' || *s->at == 'U');
    s->at = s->end;
    return named;
}

rf_span rf_iso_usual(char out[RF_ISO_USUAL], rf_span text)
{
    const rf_span none = {0};
    scan s = {text.ptr, text.ptr + text.len};
    int64_t days = 0, year;
    int clock[3] = {0}, month, day;
    rf_span fraction = {"0", 1}, zone = {"", 0};
    if (text.len >= RF_ISO_USUAL / 2 + 8 || !take_date(&s, &days))
        return none;
    bool has_time = s.at < s.end;
    if (has_time && ((!mark(&s, 'T') && !mark(&s, ' ')) || !take_clock(&s, clock, &fraction) ||
                     (s.at < s.end && !take_zone(&s, &zone)) || s.at != s.end))
        return none;
    if (clock[0] == 24) { /* the end of the day */
        for (size_t i = 0; i < fraction.len; i++) {
            if (fraction.ptr[i] != '0')
                return none;
        }
        if (clock[1] != 0 || clock[2] != 0)
            return none;
        clock[0] = 0;
        days++;
    }
    rf_civil_from_days(days, &year, &month, &day);
    int n = snprintf(out, RF_ISO_USUAL, "%04d-%02d-%02d", (int)year, month, day);
    if (has_time)
        n = snprintf(out, RF_ISO_USUAL, "%04d-%02d-%02dT%02d:%02d:%02d.%.*s%.*s", (int)year, month, day,
                     clock[0], clock[1], clock[2], (int)fraction.len, fraction.ptr, (int)zone.len, zone.ptr);
    return n < 0 || n >= RF_ISO_USUAL ? none : (rf_span){out, (size_t)n};
}
