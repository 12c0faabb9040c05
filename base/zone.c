/* zone.c - time zones, without the C library's state.
 *
 * A zone's transitions are read once from the system's tz database (TZif, RFC 9636); the rule in the file's
 * footer is written out as transitions up to the end of our range, so that a look-up is one binary search and
 * may happen on any thread.
 */
#include "time_text_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"

#define LAST_RULE_YEAR 2101
#define MAX_ZONE_FILE ((size_t)1 << 20)

struct rf_zone {
    int32_t first_offset; /* before the first transition */
    int64_t *at;          /* [n] UTC seconds, ascending */
    int32_t *offset;      /* [n] in force from at[i] on */
    size_t n, cap_at, cap_offset;
};

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
