/* phrase.c - the catalogue of features (docs/FEATURES.md) in plain words: a table of whole names, and one of
 * endings that follow an attribute's name.
 *
 * A name that neither has is used unchanged, with spaces for underscores.
 */
#include "phrase_int.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "rf_text.h"

typedef struct phrase {
    const char *name, *words; /* %s: the attribute */
    rf_unit unit;
} phrase;

static const phrase whole[] = {
    {"events", "number of events", RF_UNIT_COUNT},
    {"partners", "number of partners", RF_UNIT_COUNT},
    {"share_of_user", "share of the user's events", RF_UNIT_SHARE},
    {"share_of_entity", "share of the entity's events", RF_UNIT_SHARE},
    {"recency_s", "time since the last event", RF_UNIT_SECONDS},
    {"first_seen_s", "time since the first event", RF_UNIT_SECONDS},
    {"span_s", "time from first to last event", RF_UNIT_SECONDS},
    {"mean_gap_s", "usual time between events", RF_UNIT_SECONDS},
    {"burstiness", "burstiness in time", RF_UNIT_PLAIN},
    {"max_hour_events", "most events within an hour", RF_UNIT_COUNT},
    {"max_day_events", "most events within a day", RF_UNIT_COUNT},
    {"active_days", "number of active days", RF_UNIT_COUNT},
    {"active_slots", "number of active hours", RF_UNIT_COUNT},
    {"peak_hour_share", "share of events in the busiest hour of the day", RF_UNIT_SHARE},
    {"peak_weekday_share", "share of events on the busiest weekday", RF_UNIT_SHARE},
    {"night_share", "share of events at night", RF_UNIT_SHARE},
    {"weekend_share", "share of events at weekends", RF_UNIT_SHARE},
    {"hours_00_04_share", "share of events between 0 and 4 o'clock", RF_UNIT_SHARE},
    {"hours_04_08_share", "share of events between 4 and 8 o'clock", RF_UNIT_SHARE},
    {"hours_08_12_share", "share of events between 8 and 12 o'clock", RF_UNIT_SHARE},
    {"hours_12_16_share", "share of events between 12 and 16 o'clock", RF_UNIT_SHARE},
    {"hours_16_20_share", "share of events between 16 and 20 o'clock", RF_UNIT_SHARE},
    {"hours_20_24_share", "share of events between 20 and 24 o'clock", RF_UNIT_SHARE},
    {"partner_entropy", "variety of partners", RF_UNIT_PLAIN},
    {"partner_evenness", "evenness over partners", RF_UNIT_PLAIN},
    {"partner_hhi", "concentration on few partners", RF_UNIT_PLAIN},
    {"partner_top_share", "share of events with the main partner", RF_UNIT_SHARE},
    {"partner_new_share", "share of partners first met in the last 7 days", RF_UNIT_SHARE},
    {"partner_repeat_share", "share of partners met more than once", RF_UNIT_SHARE},
    {"partner_ln_degree_mean", "usual number of partners that its partners have", RF_UNIT_LOG},
    {"partner_ln_degree_max", "most partners that a partner has", RF_UNIT_LOG},
    {"core_number", "depth in the densest part of the graph (core number)", RF_UNIT_COUNT},
    {"component_size", "size of the connected part of the graph", RF_UNIT_COUNT},
    {"butterflies", "number of closed squares with others (butterflies)", RF_UNIT_COUNT},
    {"clustering", "share of paths that close to squares", RF_UNIT_SHARE},
};

/* The longer ending comes before the one that it ends in. */
static const phrase endings[] = {
    {"_max_ratio_user", "largest %s against the user's average", RF_UNIT_PLAIN},
    {"_ratio_user", "%s against the user's average", RF_UNIT_PLAIN},
    {"_ratio_entity", "%s against the entity's average", RF_UNIT_PLAIN},
    {"_max_ratio", "largest %s against its average", RF_UNIT_PLAIN},
    {"_missing_share", "share of events without %s", RF_UNIT_SHARE},
    {"_share", "share of events with %s", RF_UNIT_SHARE},
    {"_mean", "average %s", RF_UNIT_PLAIN},
    {"_std", "spread of %s", RF_UNIT_PLAIN},
    {"_min", "smallest %s", RF_UNIT_PLAIN},
    {"_max", "largest %s", RF_UNIT_PLAIN},
    {"_sum", "total %s", RF_UNIT_PLAIN},
    {"_latest", "latest %s", RF_UNIT_PLAIN},
    {"_distinct", "number of different values of %s", RF_UNIT_COUNT},
    {"_entropy", "variety of %s", RF_UNIT_PLAIN},
    {"_shared", "number of users with the same %s", RF_UNIT_LOG},
    {"_concentration", "regularity of %s", RF_UNIT_PLAIN},
};

/* ---- text that cannot harm ---- */

static size_t character_length(const unsigned char *at)
{
    return at[0] < 0x80 ? 1 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
}

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, and the separators U+2028 and U+2029. */
static bool turns_text(const unsigned char *at, size_t length)
{
    if (length != 3 || at[0] != 0xE2)
        return false;
    return (at[1] == 0x80 && ((at[2] >= 0xA8 && at[2] <= 0xAE) || at[2] == 0x8E || at[2] == 0x8F)) ||
           (at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9);
}

void rf_phrase_add(char *out, size_t cap, const char *text)
{
    size_t used = strlen(out), len = strlen(text);
    if (!rf_utf8_valid(text, len))
        text = "?";
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        size_t length = character_length(at);
        if (used + length + 1 > cap)
            break;
        if (*at < 0x20 || *at == 0x7F)
            out[used++] = ' ';
        else if (!turns_text(at, length)) {
            memcpy(out + used, at, length);
            used += length;
        }
        at += length;
    }
    out[used] = '\0';
}

/* ---- names ---- */

/* The first `len` bytes of a feature's name, underscores as spaces. */
static void add_spoken(char *out, size_t cap, const char *name, size_t len)
{
    char spoken[RF_PHRASE_TEXT];
    size_t kept = len < sizeof spoken - 1 ? len : sizeof spoken - 1;
    while (kept < len && kept > 0 && ((unsigned char)name[kept] & 0xC0) == 0x80)
        kept--;
    for (size_t i = 0; i < kept; i++)
        spoken[i] = (char)(name[i] == '_' ? ' ' : name[i]);
    spoken[kept] = '\0';
    rf_phrase_add(out, cap, spoken);
}

static void add_with_attribute(char out[RF_PHRASE_TEXT], const char *words, const char *name, size_t len)
{
    const char *gap = strstr(words, "%s");
    char before[RF_PHRASE_TEXT];
    snprintf(before, sizeof before, "%.*s", (int)(gap - words), words);
    rf_phrase_add(out, RF_PHRASE_TEXT, before);
    add_spoken(out, RF_PHRASE_TEXT, name, len);
    rf_phrase_add(out, RF_PHRASE_TEXT, gap + 2);
}

/* "events_7d", "rate_1d" */
static bool spans(char out[RF_PHRASE_TEXT], const char *feature, rf_unit *unit)
{
    const char *span = strrchr(feature, '_');
    if (span == NULL || span[1] < '0' || span[1] > '9' || strspn(span + 1, "0123456789") != strlen(span) - 2)
        return false;
    bool events = strncmp(feature, "events_", 7) == 0, rate = strncmp(feature, "rate_", 5) == 0;
    if ((!events || span != feature + 6) && (!rate || span != feature + 4))
        return false;
    snprintf(out, RF_PHRASE_TEXT,
             events ? "events in the last %s" : "rate of events in the last %s against before", span + 1);
    *unit = events ? RF_UNIT_COUNT : RF_UNIT_PLAIN;
    return true;
}

/* "channel=api": the value is the events' own text. */
static bool category(char out[RF_PHRASE_TEXT], const char *feature)
{
    const char *equals = strchr(feature, '=');
    if (equals == NULL || equals == feature)
        return false;
    rf_phrase_add(out, RF_PHRASE_TEXT, "share of events with ");
    add_spoken(out, RF_PHRASE_TEXT, feature, (size_t)(equals - feature));
    rf_phrase_add(out, RF_PHRASE_TEXT, " ");
    rf_phrase_add(out, RF_PHRASE_TEXT, equals + 1);
    return true;
}

static const phrase *whole_of(const char *feature)
{
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (strcmp(feature, whole[i].name) == 0)
            return &whole[i];
    }
    return NULL;
}

static const phrase *ending_of(const char *feature)
{
    size_t len = strlen(feature);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i].name);
        if (len > ending && strcmp(feature + len - ending, endings[i].name) == 0)
            return &endings[i];
    }
    return NULL;
}

rf_unit rf_phrase_name(char out[RF_PHRASE_TEXT], const char *feature)
{
    rf_unit unit = RF_UNIT_PLAIN;
    const phrase *known = whole_of(feature);
    out[0] = '\0';
    if (known != NULL) {
        rf_phrase_add(out, RF_PHRASE_TEXT, known->words);
        return known->unit;
    }
    if (category(out, feature))
        return RF_UNIT_SHARE;
    if (spans(out, feature, &unit))
        return unit;
    known = ending_of(feature);
    if (known != NULL) {
        add_with_attribute(out, known->words, feature, strlen(feature) - strlen(known->name));
        return known->unit;
    }
    add_spoken(out, RF_PHRASE_TEXT, feature, strlen(feature));
    return RF_UNIT_PLAIN;
}

size_t rf_phrase_attribute(const char *feature)
{
    const phrase *ending = ending_of(feature);
    bool other = whole_of(feature) != NULL || strchr(feature, '=') != NULL || ending == NULL;
    return other ? 0 : strlen(feature) - strlen(ending->name);
}

/* ---- values ---- */

static void duration(char out[32], double seconds)
{
    static const struct {
        double length;
        const char *name;
    } units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {0, "seconds"}};
    int i = 0;
    while (fabs(seconds) < 2 * units[i].length)
        i++;
    snprintf(out, 32, "%.3g %s", units[i].length > 0 ? seconds / units[i].length : seconds, units[i].name);
}

/* Whole numbers in full, others with three digits. */
static void number(char out[32], double value)
{
    if (value == round(value) && fabs(value) < 1e9)
        snprintf(out, 32, "%.0f", value == 0 ? 0.0 : value);
    else if (fabs(value) >= 1000 && fabs(value) < 1e9)
        snprintf(out, 32, "%.0f", value);
    else
        snprintf(out, 32, "%.3g", value);
}

char *rf_phrase_value(char out[32], rf_unit unit, double value)
{
    if (!isfinite(value))
        snprintf(out, 32, "nothing");
    else if (unit == RF_UNIT_SHARE)
        snprintf(out, 32, fabs(value) < 0.0995 && fabs(value) > 0.0005 ? "%.1f %%" : "%.0f %%", 100 * value);
    else if (unit == RF_UNIT_SECONDS)
        duration(out, value);
    else if (unit == RF_UNIT_LOG)
        snprintf(out, 32, "%.3g", exp(value));
    else
        number(out, value);
    return out;
}
