/* time.c - moments, civil dates, zones and durations, all without the C library's time zone state.
 *
 * A zone's transitions are read once from the system's tz database (TZif, RFC 9636); the rule in the file's
 * footer is written out as transitions up to the end of our range, so that a look-up is one binary search and
 * may happen on any thread.
 */
#include "rf_time.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rf_mem.h"
#include "rf_text.h"

#define LAST_RULE_YEAR 2101
#define MAX_ZONE_FILE ((size_t)1 << 20)
#define DAY_S INT64_C(86400)

struct rf_zone {
    int32_t first_offset; /* before the first transition */
    int64_t *at;          /* [n] UTC seconds, ascending */
    int32_t *offset;      /* [n] in force from at[i] on */
    size_t n, cap_at, cap_offset;
};

/* ---- civil dates (Hinnant, "chrono-compatible low-level date algorithms") ---- */

int64_t rf_days_from_civil(int64_t year, int month, int day)
{
    if (month <= 2)
        year--;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void rf_civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153; /* March is 0 */
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static bool leap_year(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap_year(year) ? 29 : days[month - 1];
}

/* ---- a cursor over text: every reader moves it only on success ---- */

typedef struct cursor {
    const char *p, *end;
} cursor;

static bool take_char(cursor *c, char wanted)
{
    if (c->p == c->end || *c->p != wanted)
        return false;
    c->p++;
    return true;
}

/* Between min_digits and max_digits decimal digits, as many as there are. */
static bool take_number(cursor *c, int min_digits, int max_digits, int *out)
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

/* ---- zones ---- */

static rf_status add_transition(rf_zone *zone, int64_t at, int32_t offset, rf_err *err)
{
    rf_status st = RF_OK;
    if (zone->n > 0 && at <= zone->at[zone->n - 1])
        return RF_OK; /* the file's transitions win over its footer's */
    void *block = zone->at;
    st = rf_mem_reserve(&block, &zone->cap_at, zone->n + 1, sizeof *zone->at, err);
    zone->at = block;
    RF_TRY(st);
    block = zone->offset;
    st = rf_mem_reserve(&block, &zone->cap_offset, zone->n + 1, sizeof *zone->offset, err);
    zone->offset = block;
    RF_TRY(st);
    zone->at[zone->n] = at;
    zone->offset[zone->n++] = offset;
done:
    return st;
}

/* ---- the footer's rule, POSIX TZ: std offset [dst [offset] [, start [/time], end [/time]]] ---- */

typedef struct rule_day {
    char kind; /* 'M' month.week.day, 'J' day 1-365 without 29 February, 'N' day 0-365 */
    int month, week, day;
    int time_s; /* local, may be negative or more than a day */
} rule_day;

static bool take_abbreviation(cursor *c)
{
    const char *start = c->p;
    if (take_char(c, '<')) {
        while (c->p < c->end && *c->p != '>')
            c->p++;
        return take_char(c, '>');
    }
    while (c->p < c->end && ((*c->p >= 'A' && *c->p <= 'Z') || (*c->p >= 'a' && *c->p <= 'z')))
        c->p++;
    return c->p - start >= 3;
}

/* [+-]h[hh][:mm[:ss]] */
static bool take_clock(cursor *c, int *seconds)
{
    bool minus = take_char(c, '-');
    int h, m = 0, s = 0;
    if (!minus)
        (void)take_char(c, '+');
    if (!take_number(c, 1, 3, &h))
        return false;
    if (take_char(c, ':') && (!take_number(c, 1, 2, &m) || (take_char(c, ':') && !take_number(c, 1, 2, &s))))
        return false;
    *seconds = h * 3600 + m * 60 + s;
    if (minus)
        *seconds = -*seconds;
    return true;
}

static bool take_rule_day(cursor *c, rule_day *out)
{
    *out = (rule_day){.kind = 'N', .time_s = 7200};
    bool ok;
    if (take_char(c, 'M')) {
        out->kind = 'M';
        ok = take_number(c, 1, 2, &out->month) && take_char(c, '.') && take_number(c, 1, 1, &out->week) &&
             take_char(c, '.') && take_number(c, 1, 1, &out->day) && out->month >= 1 && out->month <= 12 &&
             out->week >= 1 && out->week <= 5 && out->day <= 6;
    } else {
        if (take_char(c, 'J'))
            out->kind = 'J';
        ok = take_number(c, 1, 3, &out->day) && out->day <= 365 && (out->kind == 'N' || out->day >= 1);
    }
    return ok && (!take_char(c, '/') || take_clock(c, &out->time_s));
}

/* Local seconds since the epoch at which the rule strikes in that year. */
static int64_t rule_moment(const rule_day *rule, int64_t year)
{
    int64_t day = rf_days_from_civil(year, 1, 1);
    if (rule->kind == 'N') {
        day += rule->day;
    } else if (rule->kind == 'J') {
        day += rule->day - 1 + (leap_year(year) && rule->day > 59);
    } else {
        int64_t first = rf_days_from_civil(year, rule->month, 1);
        int weekday = (int)(((first + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
        int in_month = (rule->day - weekday + 7) % 7 + (rule->week - 1) * 7;
        while (in_month >= days_in_month(year, rule->month))
            in_month -= 7;
        day = first + in_month;
    }
    return day * DAY_S + rule->time_s;
}

static bool parse_rule(cursor *c, int *std_s, int *dst_s, rule_day *start, rule_day *end, bool *has_dst)
{
    *has_dst = false;
    if (!take_abbreviation(c) || !take_clock(c, std_s))
        return false;
    *std_s = -*std_s; /* POSIX counts west as positive */
    if (c->p == c->end)
        return true;
    if (!take_abbreviation(c))
        return false;
    *dst_s = *std_s + 3600;
    if (c->p < c->end && *c->p != ',') {
        if (!take_clock(c, dst_s))
            return false;
        *dst_s = -*dst_s;
    }
    *has_dst = true;
    return take_char(c, ',') && take_rule_day(c, start) && take_char(c, ',') && take_rule_day(c, end) &&
           c->p == c->end;
}

static rf_status add_rule(rf_zone *zone, const char *text, size_t len, bool *understood, rf_err *err)
{
    rf_status st = RF_OK;
    cursor c = {text, text + len};
    int std_s = 0, dst_s = 0;
    rule_day start, end;
    bool has_dst;
    *understood = parse_rule(&c, &std_s, &dst_s, &start, &end, &has_dst);
    if (!*understood)
        return RF_OK;
    if (!has_dst) {
        if (zone->n == 0)
            zone->first_offset = std_s;
        return RF_OK; /* the last transition already led there */
    }
    int64_t year = 1900;
    int month, day;
    if (zone->n > 0)
        rf_civil_from_days(floor_div(zone->at[zone->n - 1], DAY_S), &year, &month, &day);
    for (; year <= LAST_RULE_YEAR; year++) {
        int64_t on = rule_moment(&start, year) - std_s, off = rule_moment(&end, year) - dst_s;
        bool north = on < off;
        RF_TRY(add_transition(zone, north ? on : off, north ? dst_s : std_s, err));
        RF_TRY(add_transition(zone, north ? off : on, north ? std_s : dst_s, err));
    }
done:
    return st;
}

/* ---- TZif ---- */

static int64_t big_endian(const unsigned char *p, int bytes)
{
    uint64_t value = (p[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | p[i];
    return (int64_t)value;
}

typedef struct tzif {
    size_t isutc, isstd, leap, time, type, chars;
} tzif;

#define TZIF_HEADER 44

static bool read_header(tzif *out, const unsigned char *p, size_t left)
{
    if (left < TZIF_HEADER || memcmp(p, "TZif", 4) != 0)
        return false;
    size_t *fields[] = {&out->isutc, &out->isstd, &out->leap, &out->time, &out->type, &out->chars};
    for (size_t i = 0; i < 6; i++) {
        int64_t n = big_endian(p + 20 + 4 * i, 4);
        if (n < 0 || (size_t)n > MAX_ZONE_FILE)
            return false;
        *fields[i] = (size_t)n;
    }
    return out->type > 0 && out->type <= 256;
}

static size_t body_bytes(const tzif *h, size_t time_size)
{
    return h->time * time_size + h->time + h->type * 6 + h->chars + h->leap * (time_size + 4) + h->isstd +
           h->isutc;
}

static bool offset_of_type(const unsigned char *types, size_t n_types, size_t type, int32_t *offset)
{
    if (type >= n_types)
        return false;
    int64_t seconds = big_endian(types + 6 * type, 4);
    if (seconds < -2 * DAY_S || seconds > 2 * DAY_S)
        return false;
    *offset = (int32_t)seconds;
    return true;
}

/* Fills the zone from a whole TZif file. */
static rf_status read_tzif(rf_zone *zone, const unsigned char *bytes, size_t len, bool *understood,
                           rf_err *err)
{
    rf_status st = RF_OK;
    tzif h;
    size_t at = TZIF_HEADER, time_size = 4;
    *understood = false;
    if (!read_header(&h, bytes, len))
        return RF_OK;
    if (bytes[4] >= '2') { /* after the old block: the same with 64-bit times, and the footer */
        at += body_bytes(&h, 4);
        if (at > len || !read_header(&h, bytes + at, len - at))
            return RF_OK;
        at += TZIF_HEADER;
        time_size = 8;
    }
    if (len - at < body_bytes(&h, time_size))
        return RF_OK;
    const unsigned char *times = bytes + at, *indices = times + h.time * time_size, *types = indices + h.time;
    if (!offset_of_type(types, h.type, 0, &zone->first_offset))
        return RF_OK;
    for (size_t i = 0; i < h.time; i++) {
        int32_t offset;
        if (!offset_of_type(types, h.type, indices[i], &offset))
            return RF_OK;
        RF_TRY(add_transition(zone, big_endian(times + i * time_size, (int)time_size), offset, err));
    }
    *understood = true;
    const unsigned char *footer = bytes + at + body_bytes(&h, time_size), *end = bytes + len;
    if (time_size == 8 && end - footer > 2 && footer[0] == '\n' && end[-1] == '\n')
        RF_TRY(add_rule(zone, (const char *)footer + 1, (size_t)(end - footer - 2), understood, err));
done:
    return st;
}

static rf_status load_zone(rf_zone *zone, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    FILE *file = NULL;
    unsigned char *bytes = NULL;
    char path[512];
    const char *folder = getenv("TZDIR");
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    /* plain relative names only: a configuration must not make us read any other file */
    if (name[0] == '\0' || name[0] == '/' || strlen(name) > 64 || name[strspn(name, allowed)] != '\0')
        RF_FAIL(err, RF_E_INVALID,
                "\"%s\" is not a time zone; use UTC, an offset such as +05:30, or a name such "
                "as Europe/Paris",
                name);
    snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : "/usr/share/zoneinfo", name);
    file = fopen(path, "re");
    if (file == NULL)
        RF_FAIL(err, RF_E_INVALID,
                "the time zone \"%s\" is unknown (%s: %s); check its spelling, or install "
                "the package tzdata",
                name, path, strerror(errno));
    RF_NEW(bytes, MAX_ZONE_FILE, err);
    size_t len = fread(bytes, 1, MAX_ZONE_FILE, file);
    bool understood;
    RF_TRY(read_tzif(zone, bytes, len, &understood, err));
    if (!understood)
        RF_FAIL(err, RF_E_INVALID, "the time zone \"%s\" cannot be read: %s is not a valid zone file", name,
                path);
done:
    rf_mem_free(bytes);
    if (file != NULL)
        fclose(file);
    return st;
}

/* ±hh, ±hhmm or ±hh:mm, below 24 hours. */
static bool take_offset(cursor *c, int32_t *seconds)
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

rf_status rf_zone_new(rf_zone **out, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    cursor c = {name, name + strlen(name)};
    rf_zone *zone = NULL;
    RF_ZERO(zone, 1, err);
    bool fixed = strcmp(name, "UTC") == 0 || strcmp(name, "Z") == 0 ||
                 (take_offset(&c, &zone->first_offset) && c.p == c.end);
    if (!fixed)
        RF_TRY(load_zone(zone, name, err));
    *out = zone;
    zone = NULL;
done:
    rf_zone_free(zone);
    return st;
}

void rf_zone_free(rf_zone *zone)
{
    if (zone == NULL)
        return;
    rf_mem_free(zone->at);
    rf_mem_free(zone->offset);
    rf_mem_free(zone);
}

/* Transitions at or before that second: the segment it lies in (0 is before the first). */
static size_t segment_of(const rf_zone *zone, int64_t seconds)
{
    size_t low = 0, high = zone->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->at[middle] <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int32_t segment_offset(const rf_zone *zone, size_t segment)
{
    return segment == 0 ? zone->first_offset : zone->offset[segment - 1];
}

int32_t rf_zone_offset_s(const rf_zone *zone, int64_t time_us)
{
    if (zone->n == 0)
        return zone->first_offset;
    return segment_offset(zone, segment_of(zone, floor_div(time_us, RF_SECOND_US)));
}

int64_t rf_zone_from_local(const rf_zone *zone, int64_t local_us)
{
    int32_t offset = zone->first_offset;
    if (zone->n > 0) {
        /* the first segment that ends, by its own clock, after local; where clocks jump ahead over local, the
         * offset before the jump still counts */
        int64_t local = floor_div(local_us, RF_SECOND_US);
        size_t segment = segment_of(zone, local - 3 * DAY_S);
        while (segment < zone->n && zone->at[segment] + segment_offset(zone, segment) <= local &&
               zone->at[segment] + zone->offset[segment] <= local)
            segment++;
        offset = segment_offset(zone, segment);
    }
    return local_us - offset * RF_SECOND_US;
}

/* ---- ISO 8601 ---- */

static bool take_date(cursor *c, int64_t *days)
{
    int year, month, day;
    if (!take_number(c, 4, 4, &year) || !take_char(c, '-') || !take_number(c, 2, 2, &month) ||
        !take_char(c, '-') || !take_number(c, 2, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = rf_days_from_civil(year, month, day);
    return true;
}

/* Six digits of a fraction of any length; what is finer is cut off. */
static bool take_fraction(cursor *c, int64_t *us)
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

/* hh:mm[:ss[.fraction]]; a leap second's 60 becomes the next minute's 0. */
static bool take_time_of_day(cursor *c, int64_t *us)
{
    int hours, minutes, seconds = 0;
    int64_t fraction = 0;
    if (!take_number(c, 2, 2, &hours) || !take_char(c, ':') || !take_number(c, 2, 2, &minutes))
        return false;
    if (take_char(c, ':') && (!take_number(c, 2, 2, &seconds) || !take_fraction(c, &fraction)))
        return false;
    if (hours > 23 || minutes > 59 || seconds > 60)
        return false;
    *us = (hours * 3600 + minutes * 60 + seconds) * RF_SECOND_US + fraction;
    return true;
}

/* ---- the usual moment, "2026-01-31T12:34:56" and a fraction: eight characters at once ---- */

static uint64_t word_at(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Eight characters by a form that has 0 for each digit: *pairs has the number that a digit and the one behind
 * it make, in the first one's byte. False: the text has another form. */
static inline bool take_form(uint64_t *pairs, const char *text, const char *form)
{
    const uint64_t each = UINT64_C(0x0101010101010101), top = each * 0x80;
    uint64_t marks = word_at(form) ^ (each * '0'), digits = word_at(text) ^ word_at(form);
    /* brings the top bit of a byte to 1 where a digit is more than 9, and where a mark differs */
    uint64_t excess = each * 0x76 + ((marks + each * 0x7F) & top) / 0x80 * 9;
    *pairs = digits * 10 + (digits >> 8);
    return (((digits + excess) | digits) & top) == 0;
}

static int pair(uint64_t pairs, int at)
{
    return (int)(pairs >> (8 * at) & 0xFF);
}

/* False: it is written in another way, or none. */
static bool take_usual(cursor *c, int64_t *days, int64_t *us)
{
    const char *p = c->p;
    uint64_t date, time;
    int64_t fraction;
    if (c->end - p < 19 || !take_form(&date, p, "0000-00-") || !take_form(&time, p + 11, "00:00:00") ||
        (p[10] != 'T' && p[10] != ' '))
        return false;
    cursor rest = {p + 8, c->end};
    int year = pair(date, 0) * 100 + pair(date, 2), month = pair(date, 5), day;
    int hours = pair(time, 0), minutes = pair(time, 3), seconds = pair(time, 6);
    if (!take_number(&rest, 2, 2, &day) || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month) || hours > 23 || minutes > 59 || seconds > 60)
        return false;
    rest.p = p + 19;
    if (!take_fraction(&rest, &fraction))
        return false;
    *days = rf_days_from_civil(year, month, day);
    *us = (hours * 3600 + minutes * 60 + seconds) * RF_SECOND_US + fraction;
    *c = rest;
    return true;
}

/* Z, UTC or an offset, after at most one space. */
static bool take_zone(cursor *c, int32_t *offset_s)
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

bool rf_time_parse_any(int64_t *out_us, const char *text, size_t len, const rf_zone *zone)
{
    cursor c = {text, text + len};
    int64_t days, of_day = 0;
    int32_t offset_s = 0;
    bool has_time = take_usual(&c, &days, &of_day), has_offset = false;
    if (!has_time) {
        if (!take_date(&c, &days))
            return false;
        has_time = c.p < c.end;
        if (has_time && ((!take_char(&c, 'T') && !take_char(&c, ' ') && !take_char(&c, 't')) ||
                         !take_time_of_day(&c, &of_day)))
            return false;
    }
    if (has_time)
        has_offset = take_zone(&c, &offset_s);
    if (c.p != c.end)
        return false;
    int64_t local = days * RF_DAY_US + of_day;
    *out_us = has_offset || zone == NULL ? local - offset_s * RF_SECOND_US : rf_zone_from_local(zone, local);
    return true;
}

static bool in_range(int64_t us)
{
    return us >= RF_TIME_MIN && us < RF_TIME_MAX;
}

bool rf_time_parse_iso(int64_t *out_us, const char *text, size_t len, const rf_zone *zone)
{
    int64_t us;
    if (!rf_time_parse_any(&us, text, len, zone) || !in_range(us))
        return false;
    *out_us = us;
    return true;
}

bool rf_time_is_out_of_range(const char *text, size_t len)
{
    int64_t us;
    return rf_time_parse_any(&us, text, len, NULL) && !in_range(us);
}

/* The decimal digits of a number, at least so many. Returns where they end. */
static char *put_digits(char *out, int64_t number, int least)
{
    char reversed[24];
    int n = 0;
    for (uint64_t rest = (uint64_t)number; rest > 0 || n < least; rest /= 10)
        reversed[n++] = (char)('0' + rest % 10);
    while (n > 0)
        *out++ = reversed[--n];
    return out;
}

static char *put_part(char *out, char before, int64_t number, int digits)
{
    *out = before;
    return put_digits(out + 1, number, digits);
}

/* Without snprintf, because a signal handler calls it. */
char *rf_time_format(char out[RF_TIME_TEXT], int64_t time_us)
{
    int64_t days = floor_div(time_us, RF_DAY_US), year;
    int64_t of_day = time_us % RF_DAY_US + (time_us % RF_DAY_US < 0 ? RF_DAY_US : 0);
    int month, day, seconds = (int)(of_day / RF_SECOND_US), fraction = (int)(of_day % RF_SECOND_US);
    char *end = out;
    rf_civil_from_days(days, &year, &month, &day);
    if (year < 0)
        *end++ = '-';
    end = put_digits(end, year < 0 ? -year : year, year < 0 ? 3 : 4);
    end = put_part(end, '-', month, 2);
    end = put_part(end, '-', day, 2);
    end = put_part(end, 'T', seconds / 3600, 2);
    end = put_part(end, ':', seconds / 60 % 60, 2);
    end = put_part(end, ':', seconds % 60, 2);
    if (fraction != 0)
        end = put_part(end, '.', fraction, 6);
    *end++ = 'Z';
    *end = '\0';
    return out;
}

/* ---- durations ---- */

typedef struct unit {
    const char *name;
    int64_t us;
} unit;

/* Largest first: printing takes the first that divides. */
static const unit units[] = {{"d", RF_DAY_US},    {"h", RF_HOUR_US}, {"m", RF_MINUTE_US},
                             {"s", RF_SECOND_US}, {"ms", 1000},      {"us", 1}};
#define N_UNITS (sizeof units / sizeof units[0])

bool rf_duration_parse(int64_t *out_us, const char *text, size_t len)
{
    int64_t number;
    size_t digits = 0;
    while (digits < len && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    if (!rf_int_parse(&number, text, digits))
        return false;
    size_t i = 0;
    for (; i < N_UNITS; i++) {
        size_t len_name = strlen(units[i].name);
        if (len - digits == len_name && memcmp(text + digits, units[i].name, len_name) == 0)
            break;
    }
    int64_t us;
    if (i == N_UNITS || __builtin_mul_overflow(number, units[i].us, &us))
        return false;
    *out_us = us;
    return true;
}

char *rf_duration_format(char out[RF_TIME_TEXT], int64_t duration_us)
{
    size_t i = duration_us == 0 ? 3 : 0; /* nothing is "0s" */
    while (duration_us % units[i].us != 0)
        i++;
    snprintf(out, RF_TIME_TEXT, "%lld%s", (long long)(duration_us / units[i].us), units[i].name);
    return out;
}

/* ---- clocks ---- */

int64_t rf_time_now_us(void)
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    int64_t seconds, us;
    if (fixed != NULL && rf_int_parse(&seconds, fixed, strlen(fixed)) &&
        !__builtin_mul_overflow(seconds, RF_SECOND_US, &us))
        return us;
    return rf_clock_us();
}

int64_t rf_clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * RF_SECOND_US + now.tv_nsec / 1000;
}

int64_t rf_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * RF_SECOND_US + now.tv_nsec / 1000;
}

double rf_monotonic_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
