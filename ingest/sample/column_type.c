/* column_type.c - what the values of a column mean: a flag, a number by which style, a time by which pattern.
 * Tried on the values that column_stats.c kept, by the readers of a build.
 */
#include "sample_int.h"

#include <math.h>
#include <string.h>

#include "number_text_int.h"
#include "time_pattern_int.h"

#define SURE 0.98  /* of the values a meaning reads, so that it is the column's */
#define LIKELY 0.8 /* the rest needs another pattern, or is dirt */

/* ---- numbers ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static double share_of_style(const rf_sample_column *column, const rf_number_style *style)
{
    int reads = 0;
    int64_t ignored;
    for (int i = 0; i < column->n_kept; i++)
        reads += rf_number_read(&ignored, style, (rf_span){column->kept[i].text, column->kept[i].len}) ==
                 RF_NUMBER_OK;
    return column->n_kept == 0 ? 0 : (double)reads / column->n_kept;
}

static const char *const signs[] = {
    "US$",          "R$",        "A$",       "C$",           "HK$",          "NT$",          "$",
    "\xE2\x82\xAC", "\xC2\xA3",  "\xC2\xA5", "\xE2\x82\xB9", "\xE2\x82\xBD", "\xE2\x82\xA9", "\xE2\x82\xBA",
    "EUR",          "USD",       "GBP",      "CHF",          "JPY",          "CNY",          "INR",
    "BRL",          "PLN",       "SEK",      "NOK",          "DKK",          "SGD",          "AUD",
    "CAD",          "z\xC5\x82", "kr.",      "kr",           "Kr",           "Rs.",          "Rs",
    "Fr.",          "RM",        "Rp"};

/* The sign that stands at an end of most values of digits; NULL: none does. */
static const char *sign_of(const rf_sample_column *column)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t len = strlen(signs[i]);
        int with = 0;
        for (int k = 0; k < column->n_kept; k++) {
            rf_span text = rf_number_trimmed((rf_span){column->kept[k].text, column->kept[k].len});
            while (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '('))
                text = (rf_span){text.ptr + 1, text.len - 1};
            bool any = false;
            for (size_t at = 0; at < text.len; at++)
                any = any || is_digit(text.ptr[at]);
            with += any && text.len > len &&
                    (memcmp(text.ptr, signs[i], len) == 0 ||
                     memcmp(text.ptr + text.len - len, signs[i], len) == 0);
        }
        if (column->n_kept > 0 && with >= LIKELY * column->n_kept)
            return signs[i];
    }
    return NULL;
}

/* Every comma has three digits behind it, and no other mark is there: it parts thousands, or begins decimals
 * of three digits; the first is the rule. */
static bool commas_part_thousands(const rf_sample_column *column)
{
    for (int i = 0; i < column->n_kept; i++) {
        const char *comma = memchr(column->kept[i].text, ',', column->kept[i].len);
        if (comma == NULL)
            continue;
        size_t digits = strspn(comma + 1, "0123456789");
        if (digits != 3 ||
            (comma[4] != '\0' && comma[4] != ',' && comma[4] != '.' && comma[4] != ')' && comma[4] != ' '))
            return false;
    }
    return true;
}

static const struct {
    int decimal, thousands;
} styles[] = {{0, ','}, {',', 0}, {',', '.'}, {0, ' '}, {',', ' '}, {0, '\''}, {0, 0}};
#define N_STYLES (int)(sizeof styles / sizeof *styles)

static bool has_byte(const rf_sample_column *column, const char *bytes)
{
    for (int i = 0; i < column->n_kept; i++) {
        if (strpbrk(column->kept[i].text, bytes) != NULL)
            return true;
    }
    return false;
}

/* The marks that the style reads do occur. */
static bool has_marks(const rf_sample_column *column, const rf_number_style *style)
{
    const char decimal[] = {(char)style->decimal, '\0'}, thousands[] = {(char)style->thousands, '\0'};
    return (style->decimal == 0 || has_byte(column, decimal)) &&
           (style->thousands == 0 ||
            has_byte(column, style->thousands == ' ' ? " \xA0\xAF" : thousands)); /* any kind of space */
}

rf_status rf_columns_style(rf_number_style *out, const char **currency, int *n_currency,
                           const rf_sample_column *columns, int n, rf_err *err)
{
    double votes[N_STYLES] = {0};
    const rf_number_style plain = {0};
    (void)err;
    *n_currency = 0;
    for (int c = 0; c < n; c++) {
        const char *sign = sign_of(&columns[c]);
        if (columns[c].n_kept == 0 || columns[c].texts == 0 || share_of_style(&columns[c], &plain) >= SURE)
            continue;
        bool commas = commas_part_thousands(&columns[c]);
        for (int i = 0; i < N_STYLES; i++) {
            rf_number_style style = {styles[i].decimal, styles[i].thousands, &sign, sign != NULL};
            double share = (i == 0 && !commas) || !has_marks(&columns[c], &style)
                               ? 0
                               : share_of_style(&columns[c], &style);
            votes[i] +=
                share >= LIKELY ? share + 0.001 * (N_STYLES - i) * (i != N_STYLES - 1 || sign != NULL) : 0;
            if (share >= LIKELY && sign != NULL && (*n_currency == 0 || currency[*n_currency - 1] != sign) &&
                *n_currency < 4)
                currency[(*n_currency)++] = sign;
        }
    }
    int best = N_STYLES - 1;
    for (int i = 0; i < N_STYLES; i++)
        best = votes[i] > votes[best] + 0.0005 ? i : best;
    *out = (rf_number_style){styles[best].decimal, styles[best].thousands, currency, *n_currency};
    return RF_OK;
}

/* ---- flags ---- */

static bool means_truth(const rf_sample_column *column)
{
    const rf_truth none = {0};
    bool seen[2] = {false, false};
    if (column->more_top || column->n_top < 1 || column->n_top > 4)
        return false;
    for (int i = 0; i < column->n_top; i++) {
        const rf_raw raw = {.kind = column->top[i].kind, .text = {column->top[i].text, column->top[i].len}};
        int truth = rf_truth_read(&none, &raw);
        if (truth < 0)
            return false;
        seen[truth] = true;
    }
    return (seen[0] && seen[1]) || column->truths > 0;
}

/* ---- times ---- */

static const char *const patterns[] = {
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%d/%m/%Y %I:%M %p",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d-%m-%Y %H:%M:%S",
    "%m-%d-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%m-%d-%Y %H:%M",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d",
    "%Y.%m.%d.",
    "%Y. %m. %d.",
    "%Y.%m.%d. %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y%m%d %H:%M:%S",
    "%Y%m%dT%H%M%S",
    "%Y%m%dT%H%M%SZ",
    "%Y%m%d",
    "%Y-%m-%d %H:%M:%S %Z",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %I:%M:%S %p",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%d %b %Y",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y",
    "%B %d, %Y",
    "%m %d, %Y",
    "%d/%b/%Y:%H:%M:%S %z",
    "%a %b %d %H:%M:%S %z %Y",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a %b %d %H:%M:%S %Y",
    "%d-%b-%Y %H:%M:%S",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d%b%Y:%H:%M:%S",
    "%m/%d/%y %H:%M",
    "%d/%m/%y %H:%M",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%y%m%d",
};
#define N_PATTERNS (sizeof patterns / sizeof *patterns)
static const char *const clocks[] = {"%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H%M%S"};

static bool could_be_time(const rf_sample_column *column)
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

/* The pattern that reads most; of 03/04/2020 the one by which times rise, or lie nearer to each other. */
static bool find_pattern(rf_column_type *out, const rf_sample_column *column, const rf_zone *zone)
{
    int best = 0, best_rising = 0, rising, second = -1;
    int64_t span, best_span = 0;
    const char *found = NULL;
    bool iso = reads_kept(&rising, &span, column, NULL, zone) >= SURE * column->n_kept;
    if (iso) {
        set_pattern(out, column, NULL, 1);
        return true;
    }
    for (size_t i = 0; i < N_PATTERNS; i++) {
        const rf_kept_value *first = &column->kept[0], *last = &column->kept[column->n_kept - 1];
        if (!reads_pattern(patterns[i], (rf_span){first->text, first->len}, zone) &&
            !reads_pattern(patterns[i], (rf_span){last->text, last->len}, zone))
            continue;
        int reads = reads_kept(&rising, &span, column, patterns[i], zone);
        bool rival = found != NULL && reads == best && is_day_month(found) && is_day_month(patterns[i]);
        second = rival ? (rising > best_rising ? best_rising : rising) : reads > best ? -1 : second;
        bool nearer = rival && rising == best_rising && span < best_span / 2;
        if (reads > best || (rival && rising > best_rising) || nearer) {
            found = patterns[i];
            best = reads;
            best_rising = rising;
            best_span = span;
        }
    }
    if (found == NULL || best < LIKELY * column->n_kept)
        return false;
    set_pattern(out, column, found, (double)best / column->n_kept);
    out->day_first_unsure = second >= 0 && best_rising - second < column->n_kept / 10;
    return true;
}

/* A second pattern for what the first does not read. */
static void add_pattern(rf_column_type *out, const rf_sample_column *column, const rf_zone *zone)
{
    int64_t time;
    const char *more = NULL;
    for (int i = 0; i < column->n_kept; i++) {
        rf_span text = rf_number_trimmed((rf_span){column->kept[i].text, column->kept[i].len});
        if (out->notation == RF_TIME_STRPTIME && reads_pattern(out->pattern, text, zone))
            continue;
        if (rf_time_parse_iso(&time, text.ptr, text.len, zone))
            more = "iso8601";
        for (size_t p = 0; more == NULL && p < N_PATTERNS; p++)
            more = reads_pattern(patterns[p], text, zone) ? patterns[p] : NULL;
        break;
    }
    size_t len = strlen(out->pattern);
    if (more == NULL || out->notation != RF_TIME_STRPTIME || len + strlen(more) + 2 > sizeof out->pattern)
        return;
    out->pattern[len] = '\n';
    strcpy(out->pattern + len + 1, more);
}

static bool find_clock(rf_column_type *out, const rf_sample_column *column, const rf_zone *zone)
{
    char dated[64];
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        char pattern[32] = "%Y-%m-%d ";
        int reads = 0;
        strcat(pattern, clocks[i]);
        for (int k = 0; k < column->n_kept; k++) {
            size_t len = column->kept[k].len;
            if (len > 20)
                return false;
            memcpy(dated, "2020-01-01 ", 11);
            memcpy(dated + 11, column->kept[k].text, len);
            reads += reads_pattern(pattern, (rf_span){dated, len + 11}, zone);
        }
        if (reads < SURE * column->n_kept)
            continue;
        out->meaning = RF_MEANS_TIME;
        out->clock_only = true;
        out->notation = RF_TIME_STRPTIME;
        strcpy(out->pattern, clocks[i]);
        return true;
    }
    return false;
}

/* Numbers that would nearly all be moments of the last decades, in the unit that they have then. */
static void find_epoch(rf_column_type *out, const rf_sample_column *column)
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

/* ---- all of them ---- */

void rf_column_type_find(rf_column_type *out, const rf_sample_column *column, const rf_number_style *style)
{
    rf_zone *zone = NULL;
    *out = (rf_column_type){.meaning = RF_MEANS_TEXT, .fits = 1};
    if (column->n_kept == 0) {
        out->meaning = column->nested > 0 ? RF_MEANS_NESTED : RF_MEANS_NOTHING;
        return;
    }
    out->plain_number = (double)column->figures >= SURE * (double)(column->values - column->null_words);
    if (out->plain_number)
        find_epoch(out, column);
    if (!column->more_top && column->n_top == 1 && column->values > 20) {
        out->meaning = RF_MEANS_CONSTANT;
        return;
    }
    if (means_truth(column)) {
        out->meaning = RF_MEANS_TRUTH;
        return;
    }
    bool dated = false; /* 930711 is a date where the name says so */
    bool short_date = column->longest == 6 && column->shortest == 6 && column->words[RF_WORD_TIME] >= 8;
    if (could_be_time(column) && rf_zone_new(&zone, "UTC", NULL) == RF_OK)
        dated = (!out->plain_number || column->longest == 8 || column->longest == 14 || short_date) &&
                find_pattern(out, column, zone);
    if (dated && out->fits < SURE)
        add_pattern(out, column, zone);
    if (!dated && !out->plain_number && column->n_kept > 0 && column->shortest >= 4 &&
        column->longest <= 12 && (zone != NULL || rf_zone_new(&zone, "UTC", NULL) == RF_OK))
        dated = find_clock(out, column, zone);
    rf_zone_free(zone);
    if (dated)
        return;
    out->fits = share_of_style(column, style);
    out->styled = !out->plain_number && out->fits >= LIKELY;
    if (out->plain_number || out->styled)
        out->meaning = RF_MEANS_NUMBER;
    else
        out->fits = 1;
}
