/* number_places.c - numbers that have more digits than their attribute keeps.
 *
 * The places of an attribute are a setting and never follow from the data: the first numbers depend on the
 * order of events, and on the partition where they are. So what does not fit is counted, and the setting that
 * would fit is named.
 */
#include "number_places_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_log.h"

#define DIGITS_OF_DOUBLE 15 /* as many, and more, are what a program has computed */
#define FEATURES_SHOW 3e-8  /* half of a float's last digit */
#define MOST_DIGITS 18      /* of RF_SCALED_MAX */
#define LARGEST_UNIT 80     /* that `scale` may have */
#define WARNINGS 5

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void extend(rf_places_seen *seen, int64_t highest, int64_t finest)
{
    seen->highest = seen->any ? larger(seen->highest, highest) : highest;
    seen->finest = seen->any ? smaller(seen->finest, finest) : finest;
    seen->any = true;
}

/* The number's first and last digit in the column's unit. */
static bool extent(int64_t *first, int64_t *last, const rf_attr *attr, rf_span text)
{
    if (!rf_decimal_extent(first, last, text.ptr, text.len))
        return false;
    *first += attr->unit;
    *last += attr->unit;
    return true;
}

/* Many units to one, as wei to the ether: 10^18, or as many as it takes. */
static int64_t larger_unit(int64_t highest)
{
    return highest <= 34 ? 18 : highest - 11;
}

/* What a program has computed, such as 0.30000000000000004, and features do not show otherwise than what is
 * kept of it. */
static bool is_computed(const rf_attr *attr, rf_span text, int64_t digits, int64_t kept)
{
    double exact;
    if (digits < DIGITS_OF_DOUBLE || !rf_double_parse(&exact, text.ptr, text.len))
        return false;
    double read = (double)kept * pow(10, -(rf_attr_places(attr) + attr->unit));
    return fabs(exact - read) < fabs(exact) * FEATURES_SHOW;
}

void rf_places_rounded(rf_places_seen *seen, const rf_attr *attr, rf_span text, int64_t kept)
{
    int64_t first, last;
    seen->looks++;
    if (!extent(&first, &last, attr, text) || is_computed(attr, text, first - last + 1, kept))
        return;
    if (seen->rounded++ == 0)
        rf_shown(seen->rounded_as, text);
    bool emptied = first + rf_attr_places(attr) <= 0;
    if (emptied && seen->emptied++ == 0)
        rf_shown(seen->emptied_as, text);
    extend(seen, first, last);
}

void rf_places_beyond(rf_places_seen *seen, const rf_attr *attr, rf_span text)
{
    int64_t first, last;
    if (!extent(&first, &last, attr, text))
        return;
    if (seen->beyond++ == 0)
        rf_shown(seen->beyond_as, text);
    if (larger_unit(first - attr->unit) <= LARGEST_UNIT) /* else it would hide what the others need */
        extend(seen, first, last);
}

void rf_places_kept(rf_places_seen *seen, const rf_attr *attr, int64_t value)
{
    int64_t place = -rf_attr_places(attr);
    for (value /= 10; value != 0; value /= 10)
        place++;
    extend(seen, place, seen->any ? seen->finest : place);
}

/* ---- what would keep them ---- */

bool rf_places_setting(char out[RF_PLACES_SETTING], const rf_places_seen *seen, const rf_attr *attr)
{
    if (!seen->any)
        return false;
    int64_t need = larger(0, -seen->finest), room = MOST_DIGITS - 1 - seen->highest, places;
    if (seen->beyond == 0) { /* a digit more for numbers that are larger than all of these */
        places = smaller(smaller(need, room - 1), RF_MOST_PLACES);
        if (places <= rf_attr_places(attr))
            return false;
    } else if (room >= 2 || (room >= 0 && need <= room)) {
        int64_t usual = attr->unit < 0 ? smaller(rf_attr_places(attr), room - 1) : 2;
        places = smaller(larger(need, usual), room);
    } else {
        int64_t unit = larger_unit(seen->highest - attr->unit);
        int n =
            snprintf(out, RF_PLACES_SETTING, "fields.attributes.%.64s.scale: 1e-%d", attr->name, (int)unit);
        places = MOST_DIGITS - 1 - (seen->highest - attr->unit - unit);
        if (places < RF_FREE_PLACES_MOST)
            snprintf(out + n, RF_PLACES_SETTING - (size_t)n, " with decimals: %d", (int)places);
        return true;
    }
    snprintf(out, RF_PLACES_SETTING, "fields.attributes.%.64s.decimals: %d", attr->name, (int)places);
    return true;
}

/* ---- at the end ---- */

static void warn_of_large(const rf_places_seen *seen, const rf_attr *attr, const char *sample)
{
    char setting[RF_PLACES_SETTING];
    bool helps = rf_places_setting(setting, seen, attr);
    rf_log(RF_LOG_WARN,
           "%.64s: numbers are beyond the range of numbers (10^%d), and rejected: %lld of them%s%s%s%s",
           attr->name, MOST_DIGITS - rf_attr_places(attr) - attr->unit, (long long)seen->beyond, sample,
           helps ? "; " : "", helps ? setting : "", helps ? " holds them" : "");
}

static void warn_of_small(const rf_places_seen *seen, const rf_attr *attr, const char *sample)
{
    char setting[RF_PLACES_SETTING];
    bool helps = rf_places_setting(setting, seen, attr);
    int places = rf_attr_places(attr);
    int64_t n = seen->rounded + (int64_t)((double)seen->others * (double)seen->rounded / (double)seen->looks);
    rf_log(RF_LOG_WARN,
           "%.64s: numbers have more decimal places than the %d that are kept: %s%lld of them%s; "
           "%s%sdecimals: %d "
           "says that rounding is meant",
           attr->name, places, seen->others > 0 ? "about " : "", (long long)n, sample, helps ? setting : "",
           helps ? " keeps more, " : "", places);
}

static void warn_of_one(const rf_places_seen *seen, const rf_attr *attr, bool hidden)
{
    char sample[RF_SHOWN_BYTES + 16] = "";
    bool large = seen->beyond > 0;
    if (!hidden)
        snprintf(sample, sizeof sample, ", such as \"%s\"", large ? seen->beyond_as : seen->rounded_as);
    (large ? warn_of_large : warn_of_small)(seen, attr, sample);
}

void rf_places_warn(const rf_places_seen *seen, const rf_attr *attrs, int n_attrs, bool hidden)
{
    int n = 0;
    for (int i = 0; i < n_attrs; i++) {
        if (seen[i].rounded + seen[i].beyond > 0 && ++n <= WARNINGS)
            warn_of_one(&seen[i], &attrs[i], hidden);
    }
    if (n > WARNINGS)
        rf_log(RF_LOG_WARN, "%d other attributes have numbers with more digits than are kept, too",
               n - WARNINGS);
}
