/* time_pattern.c - moments in other spellings than ISO 8601: strptime-like patterns and numbers since the
 * epoch.
 *
 * It replaces strptime(3), because it needs no locale, and reads a fraction (%f), offsets, and texts that do
 * not end in NUL. base/time.c reads ISO 8601 and time zones.
 */
#include "time_pattern_int.h"

#include <string.h>

/* ---- patterns ---- */

typedef struct pattern_time {
    int64_t year, epoch_s;
    int month, day, day_of_year, hour, minute, second, half; /* half: 0 unknown, 1 am, 2 pm */
    int64_t fraction_us, offset_s;
    bool has_year, has_month, has_day, has_day_of_year, has_epoch, has_offset, hour_of_half;
} pattern_time;

/* One pattern may be short for several: %T is %H:%M:%S. */
static const char *expansion(char directive)
{
    switch (directive) {
    case 'T':
        return "%H:%M:%S";
    case 'R':
        return "%H:%M";
    case 'D':
        return "%m/%d/%y";
    case 'F':
        return "%Y-%m-%d";
    default:
        return NULL;
    }
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

rf_status rf_time_pattern_check(const char *pattern, rf_err *err)
{
    rf_status st = RF_OK;
    char seen[128] = {0};
    for (const char *p = pattern; *p != '\0'; p++) {
        if (*p != '%')
            continue;
        p++;
        if (*p == '\0' || strchr("YymdeHIMSfjbBhaApzZsTRDFnt%", *p) == NULL)
            RF_FAIL(err, RF_E_INVALID,
                    "time pattern \"%s\": \"%%%c\" is not understood; known are %%Y %%y %%m %%d %%e %%j %%b "
                    "%%B %%a "
                    "%%A %%H %%I %%p %%M %%S %%f %%z %%Z %%s %%T %%R %%D %%F %%n %%t %%%%",
                    pattern, *p == '\0' ? ' ' : *p);
        seen[(unsigned char)*p] = 1;
    }
    bool year = seen['Y'] || seen['y'] || seen['D'] || seen['F'];
    bool month = seen['m'] || seen['b'] || seen['B'] || seen['h'] || seen['D'] || seen['F'];
    bool day = seen['d'] || seen['e'] || seen['D'] || seen['F'];
    if (!seen['s'] && !(year && ((month && day) || seen['j'])))
        RF_FAIL(err, RF_E_INVALID,
                "time pattern \"%s\" names no whole date: it needs a year, a month and a day", pattern);
    if (seen['I'] && !seen['p'])
        RF_FAIL(err, RF_E_INVALID, "time pattern \"%s\": %%I (hours to 12) needs %%p (am or pm)", pattern);
done:
    return st;
}

/* Up to `most` digits, at least one, value within [low, high]. */
static bool take_number(int64_t *out, rf_span *text, int most, int64_t low, int64_t high)
{
    int64_t value = 0;
    size_t n = 0;
    while (n < text->len && n < (size_t)most && text->ptr[n] >= '0' && text->ptr[n] <= '9') {
        value = value * 10 + (text->ptr[n] - '0');
        n++;
    }
    text->ptr += n;
    text->len -= n;
    *out = value;
    return n > 0 && value >= low && value <= high;
}

static bool take_int(int *out, rf_span *text, int most, int low, int high)
{
    int64_t value;
    bool taken = take_number(&value, text, most, low, high);
    *out = (int)value;
    return taken;
}

static bool same_letters(const char *text, const char *lower, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((text[i] | 0x20) != lower[i])
            return false;
    }
    return true;
}

/* One of n lower-case names, whole or its first three letters; any case. */
static bool take_name(int *index, rf_span *text, const char *const *names, int n)
{
    for (int i = 0; i < n; i++) {
        size_t lens[2] = {strlen(names[i]), 3};
        for (int k = 0; k < 2; k++) {
            if (text->len < lens[k] || !same_letters(text->ptr, names[i], lens[k]))
                continue;
            text->ptr += lens[k];
            text->len -= lens[k];
            *index = i;
            return true;
        }
    }
    return false;
}

static bool take_half(int *half, rf_span *text)
{
    if (text->len < 2)
        return false;
    if (same_letters(text->ptr, "am", 2))
        *half = 1;
    else if (same_letters(text->ptr, "pm", 2))
        *half = 2;
    else
        return false;
    text->ptr += 2;
    text->len -= 2;
    return true;
}

/* Z, +hh, +hhmm or +hh:mm. */
static bool take_offset(pattern_time *time, rf_span *text)
{
    if (text->len == 0)
        return false;
    char sign = text->ptr[0];
    text->ptr++;
    text->len--;
    time->has_offset = true;
    if (sign == 'Z' || sign == 'z')
        return true;
    int hours, minutes = 0;
    if ((sign != '+' && sign != '-') || text->len < 2 || !take_int(&hours, text, 2, 0, 18))
        return false;
    if (text->len > 0 && text->ptr[0] == ':') {
        text->ptr++;
        text->len--;
    }
    if (text->len > 0 && text->ptr[0] >= '0' && text->ptr[0] <= '9' && !take_int(&minutes, text, 2, 0, 59))
        return false;
    time->offset_s = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
    return true;
}

/* Digits after the point: microseconds. Finer digits are dropped. */
static bool take_fraction(int64_t *fraction_us, rf_span *text)
{
    int64_t value = 0, unit = 1000000;
    size_t n = 0;
    for (; n < text->len && text->ptr[n] >= '0' && text->ptr[n] <= '9'; n++) {
        if (unit > 1) {
            unit /= 10;
            value += unit * (text->ptr[n] - '0');
        }
    }
    text->ptr += n;
    text->len -= n;
    *fraction_us = value;
    return n > 0;
}

static bool take_utc_name(pattern_time *time, rf_span *text)
{
    if (text->len >= 3 && (same_letters(text->ptr, "utc", 3) || same_letters(text->ptr, "gmt", 3))) {
        text->ptr += 3;
        text->len -= 3;
        time->has_offset = true;
        return true;
    }
    return text->len > 0 && (text->ptr[0] == 'Z' || text->ptr[0] == 'z') && take_offset(time, text);
}

static bool take_date_part(pattern_time *time, char directive, rf_span *text)
{
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
    static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                           "friday", "saturday", "sunday"};
    int weekday;
    switch (directive) {
    case 'Y':
        return time->has_year = take_number(&time->year, text, 4, 0, 9999);
    case 'y':
        time->has_year = take_number(&time->year, text, 2, 0, 99);
        time->year += time->year < 69 ? 2000 : 1900; /* as POSIX strptime */
        return time->has_year;
    case 'm':
        return time->has_month = take_int(&time->month, text, 2, 1, 12);
    case 'b':
    case 'B':
    case 'h':
        time->has_month = take_name(&time->month, text, months, 12);
        time->month++;
        return time->has_month;
    case 'e':
        if (text->len > 0 && text->ptr[0] == ' ') {
            text->ptr++;
            text->len--;
        }
        return time->has_day = take_int(&time->day, text, 2, 1, 31);
    case 'd':
        return time->has_day = take_int(&time->day, text, 2, 1, 31);
    case 'j':
        return time->has_day_of_year = take_int(&time->day_of_year, text, 3, 1, 366);
    default:
        return take_name(&weekday, text, weekdays, 7);
    }
}

static bool take_clock_part(pattern_time *time, char directive, rf_span *text)
{
    bool negative;
    switch (directive) {
    case 'H':
        return take_int(&time->hour, text, 2, 0, 23);
    case 'I':
        time->hour_of_half = true;
        return take_int(&time->hour, text, 2, 1, 12);
    case 'p':
        return take_half(&time->half, text);
    case 'M':
        return take_int(&time->minute, text, 2, 0, 59);
    case 'S':
        return take_int(&time->second, text, 2, 0, 60);
    case 'f':
        return take_fraction(&time->fraction_us, text);
    case 'z':
        return take_offset(time, text);
    case 'Z':
        return take_utc_name(time, text);
    default: /* seconds since the epoch */
        negative = text->len > 0 && text->ptr[0] == '-';
        text->ptr += negative;
        text->len -= negative;
        time->has_epoch = take_number(&time->epoch_s, text, 12, 0, INT64_MAX);
        if (negative)
            time->epoch_s = -time->epoch_s;
        return time->has_epoch;
    }
}

static bool take_pattern(pattern_time *time, const char *pattern, rf_span *text)
{
    for (const char *p = pattern; *p != '\0'; p++) {
        bool taken = true;
        if (is_space(*p) || (*p == '%' && (p[1] == 'n' || p[1] == 't'))) {
            p += *p == '%';
            while (text->len > 0 && is_space(text->ptr[0])) {
                text->ptr++;
                text->len--;
            }
        } else if (*p == '%' && p[1] != '%') {
            p++;
            const char *longer = expansion(*p);
            if (longer != NULL)
                taken = take_pattern(time, longer, text);
            else
                taken = strchr("YymbBhedjaA", *p) != NULL ? take_date_part(time, *p, text)
                                                          : take_clock_part(time, *p, text);
        } else {
            p += *p == '%';
            taken = text->len > 0 && text->ptr[0] == *p;
            text->ptr += taken;
            text->len -= taken;
        }
        if (!taken)
            return false;
    }
    return true;
}

/* Days since the epoch; false for the 30th of February and its like. */
static bool date_of(int64_t *days, const pattern_time *time)
{
    int64_t year;
    int month, day;
    if (time->has_day_of_year && !(time->has_month && time->has_day)) {
        *days = rf_days_from_civil(time->year, 1, 1) + time->day_of_year - 1;
        rf_civil_from_days(*days, &year, &month, &day);
        return year == time->year;
    }
    *days = rf_days_from_civil(time->year, time->month, time->day);
    rf_civil_from_days(*days, &year, &month, &day);
    return year == time->year && month == time->month && day == time->day;
}

bool rf_time_pattern_parse(int64_t *out_us, const char *pattern, rf_span text, const rf_zone *zone)
{
    pattern_time time = {0};
    if (!take_pattern(&time, pattern, &text) || text.len != 0)
        return false;
    if (time.has_epoch) {
        *out_us = time.epoch_s * RF_SECOND_US + (time.epoch_s < 0 ? -time.fraction_us : time.fraction_us);
        return true;
    }
    int64_t days;
    if (!date_of(&days, &time))
        return false;
    int hour = time.hour_of_half ? time.hour % 12 + (time.half == 2 ? 12 : 0) : time.hour;
    int64_t local = days * RF_DAY_US + hour * RF_HOUR_US + time.minute * RF_MINUTE_US +
                    time.second * RF_SECOND_US + time.fraction_us;
    if (time.has_offset)
        *out_us = local - time.offset_s * RF_SECOND_US;
    else
        *out_us = zone == NULL ? local : rf_zone_from_local(zone, local);
    return true;
}

/* ---- numbers since a moment ---- */

typedef struct epoch_digits {
    uint64_t value;   /* the first 18 digits that count */
    int64_t exponent; /* value * 10^exponent, before the unit */
    bool negative, rest;
} epoch_digits;

static bool read_exponent(int64_t *exponent, rf_span text)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
    int64_t value = 0;
    if (at == text.len)
        return false;
    for (; at < text.len; at++) {
        if (text.ptr[at] < '0' || text.ptr[at] > '9')
            return false;
        if (value < 100000)
            value = value * 10 + (text.ptr[at] - '0');
    }
    *exponent += negative ? -value : value;
    return true;
}

static bool read_digits(epoch_digits *out, rf_span text)
{
    size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
    bool point = false;
    int digits = 0, kept = 0;
    *out = (epoch_digits){.negative = at > 0 && text.ptr[0] == '-'};
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (c == '.' && !point) {
            point = true;
        } else if (c >= '0' && c <= '9') {
            digits++;
            if (kept < 18) {
                out->value = out->value * 10 + (uint64_t)(c - '0');
                kept += out->value > 0;
                out->exponent -= point;
            } else {
                out->rest = out->rest || c != '0';
                out->exponent += !point;
            }
        } else if ((c == 'e' || c == 'E') && digits > 0) {
            return read_exponent(&out->exponent, (rf_span){text.ptr + at + 1, text.len - at - 1});
        } else {
            return false;
        }
    }
    return digits > 0;
}

rf_number_status rf_units_parse(int64_t *out_us, rf_span text, int64_t unit_s, int unit_digits)
{
    epoch_digits digits;
    int64_t ignored;
    if (!read_digits(&digits, text))
        return rf_fixed_parse(&ignored, text.ptr, text.len) == RF_NUMBER_NOT_FINITE ? RF_NUMBER_NOT_FINITE
                                                                                    : RF_NUMBER_BAD;
    int64_t exponent = digits.exponent + 6 - unit_digits;
    uint64_t value = digits.value;
    bool rest = digits.rest;
    for (; value > INT64_MAX / (uint64_t)unit_s; exponent++) { /* digits far behind the microsecond, mostly */
        rest = rest || value % 10 != 0;
        value /= 10;
    }
    value *= (uint64_t)unit_s;
    for (; exponent > 0 && value != 0; exponent--) {
        if (value > INT64_MAX / 10)
            return RF_NUMBER_RANGE;
        value *= 10;
    }
    uint64_t last = 0;
    for (; exponent < 0 && value != 0; exponent++) {
        rest = rest || last != 0;
        last = value % 10;
        value /= 10;
        if (value == 0 && exponent < -1)
            last = 0; /* smaller than half a microsecond */
    }
    if (last > 5 || (last == 5 && (rest || (value & 1) != 0)))
        value++;
    *out_us = digits.negative ? -(int64_t)value : (int64_t)value;
    return RF_NUMBER_OK;
}
