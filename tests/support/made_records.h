/* made_records.h - for the tests of ingest/: a mapping with every kind of field, events as comparable text,
 * and the same event printed as JSON and as CSV. */
#ifndef RF_MADE_RECORDS_H
#define RF_MADE_RECORDS_H

#include <stdlib.h>
#include <string.h>

#include "event_csv_int.h"
#include "event_json_int.h"
#include "rf_check.h"
#include "rf_json.h"
#include "rf_mem.h"
#include "rf_rng.h"
#include "rf_text.h"

enum { MADE_AMOUNT, MADE_SCORE, MADE_CHANNEL, MADE_PRESENT, MADE_DAY, MADE_WEEK, MADE_SEEN, MADE_ATTRS };

static const rf_attr made_attrs[MADE_ATTRS] = {
    {.name = "amount", .field = "amount", .type = RF_ATTR_NUMBER, .required = true},
    {.name = "score", .field = "meta.score", .type = RF_ATTR_NUMBER},
    {.name = "channel", .field = "channel", .type = RF_ATTR_CATEGORY, .top = 5},
    {.name = "present", .field = "present", .type = RF_ATTR_BOOLEAN},
    {.name = "day", .type = RF_ATTR_TIME_OF_DAY},
    {.name = "week", .type = RF_ATTR_TIME_OF_WEEK},
    {.name = "seen", .field = "seen", .type = RF_ATTR_TIME_OF_DAY},
};
static const rf_schema made_schema = {.attrs = made_attrs, .n_attrs = MADE_ATTRS};

static inline rf_fields made_fields(void)
{
    return (rf_fields){.user = "user",
                       .entity = "meta.shop.id",
                       .time = "time",
                       .event_id = "id",
                       .label = "label",
                       .fraud_type = "kind",
                       .schema = &made_schema};
}

#define MADE_CSV_HEADER "id,time,user,meta.shop.id,amount,meta.score,channel,present,seen,label,kind,note"

/* ---- one record to one event ---- */

static inline rf_status made_decode_json(rf_event *event, rf_json_decoder *decoder, const rf_field_plan *plan,
                                         rf_span record, rf_reject *reject, rf_err *err)
{
    rf_raw raws[RF_MAX_FIELDS];
    rf_status st = rf_json_decode(raws, decoder, record, reject, err);
    return st == RF_OK ? rf_field_plan_fill(event, plan, raws, reject) : st;
}

static inline rf_status made_decode_csv(rf_event *event, rf_csv_decoder *decoder, const rf_field_plan *plan,
                                        rf_span record, rf_reject *reject, rf_err *err)
{
    rf_raw raws[RF_MAX_FIELDS];
    rf_status st = rf_csv_decode(raws, decoder, record, reject, err);
    return st == RF_OK ? rf_field_plan_fill(event, plan, raws, reject) : st;
}

/* ---- events as text ---- */

static inline void made_add(rf_text *text, const char *bytes, size_t len)
{
    rf_err err = {0};
    RF_CHECK_OK(err, rf_text_add(text, bytes, len, &err));
}

static inline void made_adds(rf_text *text, const char *string)
{
    made_add(text, string, strlen(string));
}

static inline void made_add_span(rf_text *text, rf_span span)
{
    made_adds(text, span.ptr == NULL ? "|-" : "|");
    if (span.ptr != NULL)
        made_add(text, span.ptr, span.len);
}

static inline void made_add_number(rf_text *text, int64_t number)
{
    char out[32];
    snprintf(out, sizeof out, "|%lld", (long long)number);
    made_adds(text, number == RF_MISSING ? "|-" : out);
}

/* One line that two events share only if they are equal (place excluded). */
static inline void made_describe(rf_text *text, const rf_event *event, const rf_schema *schema)
{
    made_add_span(text, event->event_id);
    made_add_span(text, event->user);
    made_add_span(text, event->entity);
    made_add_number(text, event->time_us);
    made_add_number(text, event->label);
    made_add_span(text, event->fraud_type.len == 0 ? (rf_span){0} : event->fraud_type);
    for (int i = 0; i < schema->n_attrs; i++) {
        if (schema->attrs[i].type == RF_ATTR_CATEGORY)
            made_add_span(text, event->values[i].text);
        else
            made_add_number(text, event->values[i].number);
    }
    made_adds(text, "\n");
}

/* ---- random events ---- */

typedef struct made_event {
    char id[64], user[64], shop[64], channel[64], kind[64];
    int64_t time_us, seen_us; /* seen_us: RF_MISSING */
    int64_t amount, score;    /* fixed point; score: RF_MISSING */
    int present, label;       /* -1: missing */
} made_event;

static inline void made_text(char out[64], rf_rng *rng, bool perhaps_empty)
{
    static const char *const pieces[] = {"a",
                                         "Z",
                                         "7",
                                         " ",
                                         ",",
                                         "\"",
                                         "\\",
                                         "/",
                                         "\n",
                                         "\t",
                                         "\r",
                                         "{",
                                         "}",
                                         "é",
                                         "ß",
                                         "日本",
                                         "\xF0\x9F\x98\x80",
                                         "\xEF\xBF\xBD",
                                         "\x01",
                                         "."};
    size_t n = rf_rng_below(rng, 12) + !perhaps_empty;
    out[0] = '\0';
    for (size_t i = 0; i < n; i++)
        strcat(out, pieces[rf_rng_below(rng, sizeof pieces / sizeof pieces[0])]);
}

static inline made_event made_random(rf_rng *rng)
{
    made_event e;
    made_text(e.id, rng, false);
    made_text(e.user, rng, false);
    made_text(e.shop, rng, false);
    made_text(e.channel, rng, true);
    made_text(e.kind, rng, true);
    e.time_us = RF_TIME_MIN + (int64_t)(rf_rng_u64(rng) % (uint64_t)(RF_TIME_MAX - RF_TIME_MIN));
    if (rf_rng_below(rng, 2))
        e.time_us -= e.time_us % RF_SECOND_US;
    e.seen_us = rf_rng_below(rng, 3) == 0 ? RF_MISSING : e.time_us / 2;
    e.amount = (int64_t)(rf_rng_u64(rng) % (2 * (uint64_t)RF_FIXED_MAX)) - RF_FIXED_MAX;
    e.score = rf_rng_below(rng, 3) == 0 ? RF_MISSING : (int64_t)rf_rng_below(rng, 1000000000) - 500000000;
    e.present = (int)rf_rng_below(rng, 3) - 1;
    e.label = (int)rf_rng_below(rng, 3) - 1;
    return e;
}

static inline int64_t made_mod(int64_t a, int64_t b)
{
    return ((a % b) + b) % b;
}

static inline rf_span made_span(const char *text)
{
    return (rf_span){text, strlen(text)};
}

static inline rf_span made_optional(const char *text)
{
    return text[0] == '\0' ? (rf_span){0} : made_span(text);
}

/* What a decoder must make of it, in UTC. */
static inline rf_event made_expected(const made_event *e)
{
    rf_event event = {.user = made_span(e->user),
                      .entity = made_span(e->shop),
                      .event_id = made_span(e->id),
                      .time_us = e->time_us,
                      .label = (int8_t)e->label,
                      .fraud_type = made_optional(e->kind)};
    event.values[MADE_AMOUNT].number = e->amount;
    event.values[MADE_SCORE].number = e->score;
    event.values[MADE_CHANNEL].text = made_optional(e->channel);
    event.values[MADE_PRESENT].number = e->present < 0 ? RF_MISSING : e->present * RF_FIXED_ONE;
    event.values[MADE_DAY].number = made_mod(e->time_us, RF_DAY_US);
    event.values[MADE_WEEK].number = made_mod(e->time_us + 3 * RF_DAY_US, 7 * RF_DAY_US);
    event.values[MADE_SEEN].number = e->seen_us == RF_MISSING ? RF_MISSING : made_mod(e->seen_us, RF_DAY_US);
    return event;
}

static inline void made_fixed(char out[40], int64_t fixed)
{
    int64_t size = fixed < 0 ? -fixed : fixed;
    snprintf(out, 40, "%s%lld.%06lld", fixed < 0 ? "-" : "", (long long)(size / RF_FIXED_ONE),
             (long long)(size % RF_FIXED_ONE));
}

static inline void made_json_text(rf_text *out, const char *key, const char *value)
{
    rf_err err = {0};
    rf_json *json;
    const char *text;
    size_t len;
    RF_CHECK_OK(err, rf_json_new(&json, &err));
    rf_json_string(json, value);
    RF_CHECK_OK(err, rf_json_end(json, &text, &len, &err));
    made_adds(out, "\"");
    made_adds(out, key);
    made_adds(out, "\": ");
    made_add(out, text, len);
    rf_json_free(json);
}

static inline void made_print_json(rf_text *out, const made_event *e)
{
    char number[40], time[RF_TIME_TEXT];
    made_adds(out, "{\"other\":[1,{\"user\":2},[]], ");
    made_json_text(out, "id", e->id);
    made_adds(out, " ,\"meta\":{\"x\":null,\"shop\":{");
    made_json_text(out, "id", e->shop);
    made_adds(out, ",\"name\":\"n\"}");
    if (e->score != RF_MISSING) {
        made_fixed(number, e->score);
        made_adds(out, ",\"score\":");
        made_adds(out, number);
    }
    made_adds(out, "},");
    made_json_text(out, "user", e->user);
    made_adds(out, ",\t");
    made_json_text(out, "channel", e->channel);
    made_adds(out, ",");
    made_json_text(out, "kind", e->kind);
    made_adds(out, ",");
    made_json_text(out, "time", rf_time_format(time, e->time_us));
    made_fixed(number, e->amount);
    made_adds(out, ",\"amount\":");
    made_adds(out, number);
    made_adds(out, e->present < 0 ? ",\"present\":null"
                   : e->present   ? ",\"present\":true"
                                  : ",\"present\":false");
    if (e->label >= 0)
        made_adds(out, e->label ? ",\"label\":1" : ",\"label\":0");
    if (e->seen_us != RF_MISSING) {
        made_adds(out, ",");
        made_json_text(out, "seen", rf_time_format(time, e->seen_us));
    }
    made_adds(out, "}");
}

static inline void made_csv_text(rf_text *out, const char *value, bool last)
{
    bool quote = strpbrk(value, ",\"\r\n") != NULL || value[0] == 'a';
    if (quote)
        made_adds(out, "\"");
    for (; *value != '\0'; value++) {
        made_add(out, value, 1);
        if (*value == '"')
            made_adds(out, "\"");
    }
    made_adds(out, quote ? "\"" : "");
    made_adds(out, last ? "" : ",");
}

/* Columns as MADE_CSV_HEADER. */
static inline void made_print_csv(rf_text *out, const made_event *e)
{
    char number[40], time[RF_TIME_TEXT];
    made_csv_text(out, e->id, false);
    made_csv_text(out, rf_time_format(time, e->time_us), false);
    made_csv_text(out, e->user, false);
    made_csv_text(out, e->shop, false);
    made_fixed(number, e->amount);
    made_csv_text(out, number, false);
    made_fixed(number, e->score == RF_MISSING ? 0 : e->score);
    made_csv_text(out, e->score == RF_MISSING ? "" : number, false);
    made_csv_text(out, e->channel, false);
    made_csv_text(out, e->present < 0 ? "" : e->present ? "yes" : "False", false);
    made_csv_text(out, e->seen_us == RF_MISSING ? "" : rf_time_format(time, e->seen_us), false);
    made_csv_text(out, e->label < 0 ? "" : e->label ? "1" : "0", false);
    made_csv_text(out, e->kind, false);
    made_csv_text(out, "a note, \"quoted\"", true);
}

#endif
