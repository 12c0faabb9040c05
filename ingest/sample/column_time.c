/* column_time.c - which moments a column's values can be: by a pattern, since 1970, as spreadsheets count
 * days, or only times of day. Tried on the values that column_stats.c kept.
 */
#include "sample_int.h"

#include <stdio.h>
#include <string.h>

#include "number_text_int.h"
#include "time_pattern_int.h"

#define SURE RF_TYPE_SURE
#define LIKELY RF_TYPE_LIKELY

/* ---- texts ---- */

/* Of two that read the same, the first is taken. */
static const char *const dates[] = {
    "%Y-%m-%d",  "%Y/%m/%d",  "%d/%m/%Y",     "%m/%d/%Y",      "%d.%m.%Y",  "%d-%m-%Y",  "%m-%d-%Y",
    "%Y.%m.%d",  "%Y.%m.%d.", "%Y. %m. %d.",  "%Y%m%d",        "%d %b %Y",  "%b %d, %Y", "%b %d %Y",
    "%m %d, %Y", "%d/%b/%Y",  "%a, %d %b %Y", "%a, %b %d, %Y", "%d-%b-%Y",  "%d-%b-%y",  "%d %b %y",
    "%d%b%Y",    "%m/%d/%y",  "%d/%m/%y",     "%d.%m.%y",      "[%d/%b/%Y", "%y%m%d"};
/* Behind a date. A space stands for any number of them. */
static const char *const clocks[] = {"",
                                     " %H:%M:%S",
                                     " %H:%M",
                                     " %I:%M:%S %p",
                                     " %I:%M %p",
                                     " %H:%M:%S.%f",
                                     " %H:%M:%S,%f",
                                     " %I:%M:%S.%f %p",
                                     " %H:%M:%S %z",
                                     " %H:%M:%S %Z",
                                     " %H:%M:%S.%f %z",
                                     " %H:%M:%S.%f %Z",
                                     ", %H:%M:%S",
                                     ", %H:%M",
                                     ", %I:%M:%S %p",
                                     ", %I:%M %p",
                                     ":%H:%M:%S",
                                     ":%H:%M:%S %z",
                                     " %H.%M.%S",
                                     " %H.%M",
                                     " %H.%M.%S.%f",
                                     " %I.%M.%S %p",
                                     " %I.%M.%S.%f %p",
                                     " %I.%M.%S.%f %p %z",
                                     "T%H:%M:%S",
                                     "T%H%M%S",
                                     "T%H%M%SZ",
                                     " %H%M%S",
                                     "-%H%M%S",
                                     "_%H%M%S"};
/* The date is not in front. */
static const char *const others[] = {"%a %b %d %H:%M:%S %z %Y", "%a %b %d %H:%M:%S %Z %Y",
                                     "%a %b %d %H:%M:%S %Y", "%H:%M:%S %d/%m/%Y", "%H:%M:%S %d.%m.%Y"};
#define N_DATES (sizeof dates / sizeof *dates)
#define N_CLOCKS (sizeof clocks / sizeof *clocks)
#define N_PATTERNS (N_DATES * N_CLOCKS + sizeof others / sizeof *others)
#define PATTERN_BYTES 48

static const char *pattern_at(char out[PATTERN_BYTES], size_t i)
{
    if (i >= N_DATES * N_CLOCKS)
        return others[i - N_DATES * N_CLOCKS];
    snprintf(out, PATTERN_BYTES, "%s%s", dates[i / N_CLOCKS], clocks[i % N_CLOCKS]);
    return out;
}

static bool could_be_date(const rf_sample_column *column)
{
    return column->n_kept > 0 && column->shortest >= 6 && column->longest <= 40;
}

static bool reads_pattern(const char *pattern, rf_span text, const rf_zone *zone)
{
    int64_t time;
    return rf_time_pattern_parse(&time, pattern, text, zone) && time >= RF_TIME_MIN && time < RF_TIME_MAX;
}

/* How many of the kept values the pattern reads (NULL: ISO 8601); *rising of them are later than the one
 * before, and *span is between the first and the last. */
static int reads_kept(int *rising, int64_t *span, const rf_sample_column *column, const char *pattern,
                      const rf_zone *zone)
{
    int reads = 0;
    int64_t time, last = INT64_MIN, least = INT64_MAX, most = INT64_MIN;
    *rising = 0;
    for (int i = 0; i < column->n_kept; i++) {
        rf_span text = rf_number_trimmed((rf_span){column->kept[i].text, column->kept[i].len});
        bool fits = pattern == NULL ? rf_time_parse_iso(&time, text.ptr, text.len, zone)
                                    : rf_time_pattern_parse(&time, pattern, text, zone) &&
                                          time >= RF_TIME_MIN && time < RF_TIME_MAX;
        reads += fits;
        *rising += fits && time >= last;
        last = fits ? time : last;
        least = fits && time < least ? time : least;
        most = fits && time > most ? time : most;
    }
    *span = reads == 0 ? 0 : most - least;
    return reads;
}

static bool is_day_month(const char *pattern)
{
    return (pattern[1] == 'd' && pattern[4] == 'm') || (pattern[1] == 'm' && pattern[4] == 'd');
}

static void set_pattern(rf_column_type *out, const rf_sample_column *column, const char *pattern, double fits)
{
    const char *text = column->kept[0].text;
    out->meaning = RF_MEANS_TIME;
    out->notation = pattern == NULL ? RF_TIME_ISO8601 : RF_TIME_STRPTIME;
    out->fits = fits;
    out->pattern[0] = '\0';
    if (pattern != NULL)
        strcpy(out->pattern, pattern);
    out->date_only = pattern == NULL ? column->longest <= 10
                                     : strstr(pattern, "%H") == NULL && strstr(pattern, "%I") == NULL;
    const char *offset = pattern == NULL && column->kept[0].len > 11 ? strpbrk(text + 11, "Z+-z") : NULL;
    out->zoned =
        pattern == NULL ? offset != NULL : strstr(pattern, "%z") != NULL || strstr(pattern, "%Z") != NULL;
}

typedef struct tried { /* a pattern, and how it reads the kept values */
    char pattern[PATTERN_BYTES];
    int reads, rising;
    int64_t span;
    bool is_found;
} tried;

static bool reads_an_end(const rf_sample_column *column, const char *pattern, const rf_zone *zone)
{
    const rf_kept_value *first = &column->kept[0], *last = &column->kept[column->n_kept - 1];
    return reads_pattern(pattern, (rf_span){first->text, first->len}, zone) ||
           reads_pattern(pattern, (rf_span){last->text, last->len}, zone);
}

/* The pattern that reads most; of 03/04/2020 the one by which times rise, or lie nearer to each other. */
static bool find_pattern(rf_column_type *out, const rf_sample_column *column, const rf_zone *zone)
{
    tried best = {0};
    int second = -1; /* rising times by the other order of day and month */
    for (size_t i = 0; i < N_PATTERNS; i++) {
        tried one = {.is_found = true};
        const char *pattern = pattern_at(one.pattern, i);
        if (!reads_an_end(column, pattern, zone))
            continue;
        if (pattern != one.pattern)
            strcpy(one.pattern, pattern);
        one.reads = reads_kept(&one.rising, &one.span, column, pattern, zone);
        bool rival = best.is_found && one.reads == best.reads && is_day_month(best.pattern) &&
                     is_day_month(one.pattern);
        second = rival                    ? (one.rising > best.rising ? best.rising : one.rising)
                 : one.reads > best.reads ? -1
                                          : second;
        bool nearer = rival && one.rising == best.rising && one.span < best.span / 2;
        if (one.reads > best.reads || (rival && one.rising > best.rising) || nearer)
            best = one;
    }
    if (!best.is_found || best.reads < LIKELY * column->n_kept)
        return false;
    set_pattern(out, column, best.pattern, (double)best.reads / column->n_kept);
    out->day_first_unsure = second >= 0 && best.rising - second < column->n_kept / 10;
    return true;
}

static bool find_iso(rf_column_type *out, const rf_sample_column *column, const rf_zone *zone)
{
    int rising;
    int64_t span;
    if (reads_kept(&rising, &span, column, NULL, zone) < SURE * column->n_kept)
        return false;
    set_pattern(out, column, NULL, 1);
    return true;
}

/* A second pattern for what the first does not read. */
static void add_pattern(rf_column_type *out, const rf_sample_column *column, const rf_zone *zone)
{
    int64_t time;
    char pattern[PATTERN_BYTES];
    const char *more = NULL;
    for (int i = 0; i < column->n_kept; i++) {
        rf_span text = rf_number_trimmed((rf_span){column->kept[i].text, column->kept[i].len});
        if (out->notation == RF_TIME_STRPTIME && reads_pattern(out->pattern, text, zone))
            continue;
        if (rf_time_parse_iso(&time, text.ptr, text.len, zone))
            more = "iso8601";
        for (size_t p = 0; more == NULL && p < N_PATTERNS; p++) {
            const char *other = pattern_at(pattern, p);
            more = reads_pattern(other, text, zone) ? other : NULL;
        }
        break;
    }
    size_t len = strlen(out->pattern);
    if (more == NULL || out->notation != RF_TIME_STRPTIME || len + strlen(more) + 2 > sizeof out->pattern)
        return;
    out->pattern[len] = '\n';
    strcpy(out->pattern + len + 1, more);
}

static bool reads_clock(const char *clock, const rf_kept_value *value, const rf_zone *zone)
{
    char pattern[32] = "%Y-%m-%d ", dated[64] = "2020-01-01 ";
    const size_t len = strlen(dated);
    if (value->len > 20)
        return false;
    strcat(pattern, clock);
    memcpy(dated + len, value->text, value->len);
    return reads_pattern(pattern, (rf_span){dated, len + value->len}, zone);
}

/* Digits alone are one only where the name says so: 093059. */
static bool find_clock(rf_column_type *out, const rf_sample_column *column, const rf_zone *zone)
{
    static const char *const alone[] = {"%H:%M:%S", "%H:%M",       "%I:%M:%S %p", "%I:%M %p", "%H:%M:%S.%f",
                                        "%H.%M.%S", "%H:%M:%S,%f", "%H%M%S",      "%H%M"};
    const bool digits = column->shortest == column->longest && (column->longest == 6 || column->longest == 4);
    if (out->plain_number && (!digits || column->words[RF_WORD_TIME] < 7))
        return false;
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
        int reads = 0;
        for (int k = 0; k < column->n_kept; k++)
            reads += reads_clock(alone[i], &column->kept[k], zone);
        if (reads < SURE * column->n_kept)
            continue;
        out->meaning = RF_MEANS_TIME;
        out->clock_only = true;
        out->notation = RF_TIME_STRPTIME;
        strcpy(out->pattern, alone[i]);
        return true;
    }
    return false;
}

bool rf_kept_moment(int64_t *us, const rf_column_type *type, const rf_kept_value *value)
{
    char pattern[RF_TYPE_PATTERNS];
    rf_span text = rf_number_trimmed((rf_span){value->text, value->len});
    if (type->notation == RF_TIME_ISO8601)
        return rf_time_parse_iso(us, text.ptr, text.len, NULL);
    snprintf(pattern, sizeof pattern, "%.*s", (int)strcspn(type->pattern, "\n"), type->pattern);
    return type->notation == RF_TIME_STRPTIME && rf_time_pattern_parse(us, pattern, text, NULL);
}

bool rf_column_time_find(rf_column_type *out, const rf_sample_column *column)
{
    rf_zone *zone = NULL;
    bool found = false; /* 930711 is a date where the name says so */
    const bool short_date = column->longest == 6 && column->shortest == 6 && column->words[RF_WORD_TIME] >= 8;
    const bool could_be_number =
        out->plain_number && column->longest != 8 && column->longest != 14 && !short_date;
    if (column->n_kept == 0 || rf_zone_new(&zone, "UTC", NULL) != RF_OK)
        return false;
    if (could_be_date(column) && !could_be_number)
        found = find_iso(out, column, zone) || find_pattern(out, column, zone);
    if (found && out->fits < SURE)
        add_pattern(out, column, zone);
    if (!found && column->shortest >= 4 && column->longest <= 15)
        found = find_clock(out, column, zone);
    rf_zone_free(zone);
    return found;
}

/* ---- numbers ---- */

/* Numbers that would nearly all be moments of the last decades, in the unit that they have then. */
void rf_column_epoch_find(rf_column_type *out, const rf_sample_column *column)
{
    static const struct {
        rf_time_notation notation;
        double unit;
    } units[] = {{RF_TIME_S, 1}, {RF_TIME_MS, 1e3}, {RF_TIME_US, 1e6}, {RF_TIME_NS, 1e9}};
    const double from = 631152000, to = (double)rf_clock_us() / 1e6 + 86400.0 * 366; /* 1990; a year ahead */
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        int inside = 0;
        for (int k = 0; k < column->n_kept; k++) {
            double number = 0;
            bool reads = rf_double_parse(&number, column->kept[k].text, column->kept[k].len);
            inside += reads && number >= from * units[i].unit && number <= to * units[i].unit;
        }
        if (inside >= SURE * column->n_kept) {
            out->may_be_epoch = true;
            out->notation = units[i].notation;
        }
    }
}

/* Dates in spreadsheets are days since the end of 1899, with the time of day as a fraction. */
void rf_column_serial_find(rf_column_type *out, const rf_sample_column *column)
{
    const double from = 36526, to = 51137; /* 2000 to 2040 */
    out->may_be_serial =
        out->plain_number && column->words[RF_WORD_TIME] >= 7 && column->least >= from && column->most < to;
}
