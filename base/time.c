/* time.c - moments, civil dates and durations, as text and as numbers, and the clocks. */
#include "time_text_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rf_decimal.h"

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

/* ---- ISO 8601 ---- */

static bool take_date(cursor *c, int64_t *days)
{
    int year, month, day;
    return take_number(c, 4, 4, &year) && take_char(c, '-') && take_number(c, 2, 2, &month) &&
           take_char(c, '-') && take_number(c, 2, 2, &day) && days_of(days, year, month, day);
}

/* hh:mm[:ss[.fraction]] */
static bool take_time_of_day(cursor *c, int64_t *us)
{
    int hours, minutes, seconds = 0;
    int64_t fraction = 0;
    if (!take_number(c, 2, 2, &hours) || !take_char(c, ':') || !take_number(c, 2, 2, &minutes))
        return false;
    if (take_char(c, ':') && (!take_number(c, 2, 2, &seconds) || !take_fraction(c, &fraction)))
        return false;
    return us_of(us, hours, minutes, seconds, fraction);
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
    *out_us = moment_of(days * RF_DAY_US + of_day, has_offset, offset_s, zone);
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
