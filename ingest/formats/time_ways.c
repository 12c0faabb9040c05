/* time_ways.c - when was it? A text as a moment, by the ways of writing that the configuration names, tried
 * in their order.
 *
 * time_pattern.c reads patterns and numbers; base/time.c and iso_forms.c there, ISO 8601.
 */
#include "time_ways_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "time_pattern_int.h"

/* How each notation counts: what one is, and what a message calls it. */
static const struct {
    const char *word;
    int64_t unit_s; /* 0: no number */
    int digits;     /* or a unit of 10^-digits seconds */
    const char *name;
} notations[] = {
    [RF_TIME_ISO8601] = {"iso8601", 0, 0, NULL}, [RF_TIME_S] = {"s", 1, 0, "seconds"},
    [RF_TIME_MS] = {"ms", 1, 3, "milliseconds"}, [RF_TIME_US] = {"us", 1, 6, "microseconds"},
    [RF_TIME_NS] = {"ns", 1, 9, "nanoseconds"},  [RF_TIME_MINUTES] = {"min", 60, 0, "minutes"},
    [RF_TIME_HOURS] = {"h", 3600, 0, "hours"},   [RF_TIME_DAYS] = {"d", 86400, 0, "days"},
};
#define N_NOTATIONS (int)(sizeof notations / sizeof *notations)

/* ---- the ways ---- */

static rf_status add_way(rf_time_ways *ways, const char *text, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    rf_time_way *way = &ways->items[ways->n];
    if (ways->n == RF_MOST_TIME_WAYS)
        RF_FAIL(err, RF_E_INVALID, "fields.time.format lists more than %d formats", RF_MOST_TIME_WAYS);
    for (int i = 0; i < N_NOTATIONS; i++) {
        if (strlen(notations[i].word) == len && memcmp(notations[i].word, text, len) == 0) {
            *way = (rf_time_way){.notation = (rf_time_notation)i};
            ways->n++;
            return RF_OK;
        }
    }
    *way = (rf_time_way){.notation = RF_TIME_STRPTIME, .pattern = rf_mem_text(text, len, err)};
    if (way->pattern == NULL)
        return RF_E_NOMEM;
    ways->n++;
    RF_TRY(rf_time_pattern_check(way->pattern, err));
done:
    return st;
}

rf_status rf_time_ways_set(rf_time_ways *ways, const rf_fields *fields, rf_err *err)
{
    rf_status st = RF_OK;
    *ways = (rf_time_ways){.since_us = fields->time_since_us};
    if (fields->time_format != RF_TIME_STRPTIME) {
        ways->items[ways->n++].notation = fields->time_format;
    } else if (fields->time_pattern == NULL) {
        RF_FAIL(err, RF_E_INVALID, "fields.time has no pattern");
    } else {
        for (const char *text = fields->time_pattern; text != NULL;) {
            size_t len = strcspn(text, "\n");
            RF_TRY(add_way(ways, text, len, err));
            text = text[len] == '\0' ? NULL : text + len + 1;
        }
    }
    RF_TRY(rf_zone_new(&ways->zone, fields->zone == NULL ? "UTC" : fields->zone, err));
done:
    return st;
}

void rf_time_ways_clear(rf_time_ways *ways)
{
    for (int i = 0; i < ways->n; i++)
        rf_mem_free(ways->items[i].pattern);
    rf_zone_free(ways->zone);
    *ways = (rf_time_ways){0};
}

/* ---- a text ---- */

static rf_number_status read_way(int64_t *out, const rf_time_ways *ways, const rf_time_way *way, rf_span text)
{
    if (way->notation == RF_TIME_ISO8601)
        return rf_time_parse_any(out, text.ptr, text.len, ways->zone) ||
                       rf_time_parse_form(out, text.ptr, text.len, ways->zone)
                   ? RF_NUMBER_OK
                   : RF_NUMBER_BAD;
    if (way->notation == RF_TIME_STRPTIME)
        return rf_time_pattern_parse(out, way->pattern, text, ways->zone) ? RF_NUMBER_OK : RF_NUMBER_BAD;
    rf_number_status status =
        rf_units_parse(out, text, notations[way->notation].unit_s, notations[way->notation].digits);
    if (status == RF_NUMBER_OK && __builtin_add_overflow(*out, ways->since_us, out))
        return RF_NUMBER_RANGE;
    return status;
}

rf_number_status rf_time_ways_read(int64_t *out, const rf_time_ways *ways, rf_span text)
{
    rf_number_status first = RF_NUMBER_BAD;
    for (int i = 0; i < ways->n; i++) {
        rf_number_status status = read_way(out, ways, &ways->items[i], text);
        if (status == RF_NUMBER_OK && (*out < RF_TIME_MIN || *out >= RF_TIME_MAX))
            status = RF_NUMBER_RANGE;
        if (status == RF_NUMBER_OK)
            return status;
        if (first == RF_NUMBER_BAD)
            first = status;
    }
    return first;
}

bool rf_time_ways_fits(const rf_time_ways *ways, rf_span text)
{
    int64_t ignored;
    return rf_time_ways_read(&ignored, ways, text) == RF_NUMBER_OK;
}

const char *rf_time_ways_expected(char out[RF_TIME_WAY_WORDS], const rf_time_ways *ways)
{
    const char *name = notations[ways->items[0].notation % N_NOTATIONS].name;
    if (ways->n > 1)
        snprintf(out, RF_TIME_WAY_WORDS, "follows none of the time formats");
    else if (ways->items[0].notation == RF_TIME_STRPTIME)
        snprintf(out, RF_TIME_WAY_WORDS, "does not follow the time pattern");
    else if (name == NULL)
        snprintf(out, RF_TIME_WAY_WORDS, "is not an ISO 8601 time");
    else
        snprintf(out, RF_TIME_WAY_WORDS, "is not a number of %s since %s", name,
                 ways->since_us == 0 ? "the epoch" : "fields.time.since");
    return out;
}
