/* fuzz_events.h - what must hold for every event and every reject, whatever bytes they came from. */
#ifndef RF_FUZZ_EVENTS_H
#define RF_FUZZ_EVENTS_H

#include <stdlib.h>
#include <string.h>

#include "event_csv_int.h"
#include "event_json_int.h"
#include "rf_text.h"

static const rf_attr fuzz_attrs[] = {
    {.name = "amount", .field = "a", .type = RF_ATTR_NUMBER, .required = true},
    {.name = "score", .field = "m.s", .type = RF_ATTR_NUMBER, .finer = 3, .unit = -18},
    {.name = "channel", .field = "c", .type = RF_ATTR_CATEGORY, .top = 5},
    {.name = "present", .field = "p", .type = RF_ATTR_BOOLEAN},
    {.name = "week", .type = RF_ATTR_TIME_OF_WEEK},
    {.name = "seen", .field = "w", .type = RF_ATTR_TIME_OF_DAY},
};
enum { FUZZ_ATTRS = sizeof fuzz_attrs / sizeof fuzz_attrs[0] };
/* in columns that the corpora have */
static const rf_kind fuzz_kinds[] = {
    {.name = "shop", .required = true}, {.name = "card"}, {.name = "device"}};
static const rf_kind_field fuzz_others[] = {{.field = "c"}, {.field = "k"}};
static const rf_schema fuzz_schema = {
    .attrs = fuzz_attrs, .n_attrs = FUZZ_ATTRS, .kinds = fuzz_kinds, .n_kinds = 3};

/* Short names, so that inputs find them. */
static inline rf_field_plan *fuzz_plan(rf_time_notation notation)
{
    rf_field_plan *plan = NULL;
    static const char *const signs[] = {"$", "EUR"};
    rf_fields fields = {.numbers = {.thousands = ',', .currency = signs, .n_currency = 2},
                        .null_values = rf_usual_null_values,
                        .n_null_values = rf_n_usual_null_values,
                        .user = "u",
                        .entity = "m.v",
                        .others = fuzz_others,
                        .time = "t",
                        .time_format = notation,
                        .time_pattern = "%d.%m.%Y %H:%M:%S.%f",
                        .zone = "Europe/Berlin",
                        .event_id = "i",
                        .label = "l",
                        .fraud_type = "k",
                        .schema = &fuzz_schema};
    if (rf_field_plan_new(&plan, &fields, NULL) != RF_OK)
        abort();
    return plan;
}

static inline void fuzz_check(bool holds)
{
    if (!holds)
        abort();
}

static inline void fuzz_check_text(rf_span text, size_t least)
{
    if (text.ptr == NULL) {
        fuzz_check(least == 0);
        return;
    }
    fuzz_check(text.len >= least && text.len <= RF_MAX_ID_BYTES && rf_utf8_valid(text.ptr, text.len));
}

static inline void fuzz_check_number(int64_t number, int64_t low, int64_t high)
{
    fuzz_check(number == RF_MISSING || (number >= low && number <= high));
}

static inline void fuzz_check_event(const rf_event *event)
{
    fuzz_check_text(event->user, 1);
    fuzz_check_text(event->entity, 1);
    for (int k = 1; k < fuzz_schema.n_kinds; k++)
        fuzz_check(event->others[k - 1].ptr == NULL || event->others[k - 1].len > 0);
    fuzz_check_text(event->event_id, 1);
    fuzz_check_text(event->fraud_type, 0);
    fuzz_check(event->time_us >= RF_TIME_MIN && event->time_us < RF_TIME_MAX);
    fuzz_check(event->label >= -1 && event->label <= 1);
    fuzz_check(event->values[0].number != RF_MISSING);
    fuzz_check_number(event->values[0].number, -RF_FIXED_MAX, RF_FIXED_MAX);
    fuzz_check_number(event->values[1].number, -RF_FIXED_MAX, RF_FIXED_MAX);
    fuzz_check_text(event->values[2].text, 0);
    fuzz_check_number(event->values[3].number, 0, RF_FIXED_ONE);
    fuzz_check_number(event->values[4].number, 0, 7 * RF_DAY_US - 1);
    fuzz_check_number(event->values[5].number, 0, RF_DAY_US - 1);
}

static inline void fuzz_check_reject(const rf_reject *reject, size_t record_len)
{
    fuzz_check(reject->code > RF_REJECT_NONE && reject->code < RF_N_REJECTS);
    fuzz_check(reject->byte >= -1 && reject->byte <= (int64_t)record_len);
    size_t len = strnlen(reject->text, sizeof reject->text);
    fuzz_check(len > 0 && len < sizeof reject->text);
}

#endif
