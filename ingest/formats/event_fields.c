/* event_fields.c - what the texts of a record mean: ids, moments, numbers, categories, booleans, labels.
 *
 * It is between the decoders, which only cut a record into raw values, and rf_event. All decoders use it, so
 * the same content gives the same event from CSV, JSON and Protobuf. Knows nothing of files and messages.
 */
#include "field_plan_int.h"

#include <stdio.h>
#include <string.h>

#include "number_text_int.h"

/* ---- one value ---- */

/* What a value is read for: `role` is "user", "event_id" or an attribute's name, `name` that of its column or
 * key. */
typedef struct reading {
    const rf_field_plan *plan;
    const char *role;
    int name; /* of the plan; -1: none */
    const rf_raw *raw;
    rf_reject *reject;
    bool takes_long; /* an id, which becomes a short one */
} reading;

static rf_span raw_shown(const rf_raw *raw)
{
    switch (raw->kind) {
    case RF_RAW_ABSENT:
        return (rf_span){"", 0};
    case RF_RAW_TRUE:
        return (rf_span){"true", 4};
    case RF_RAW_FALSE:
        return (rf_span){"false", 5};
    case RF_RAW_NESTED:
        return (rf_span){"an object or array", 18};
    case RF_RAW_MOMENT:
        return raw->text.ptr == NULL ? (rf_span){"a moment", 8} : raw->text;
    case RF_RAW_TEXT:
    case RF_RAW_FIELD:
    case RF_RAW_NUMBER:
        break;
    }
    return raw->text;
}

#define SELDOM                                                                                               \
    __attribute__((noinline, cold)) /* keeps what is seldom needed out of the way of what often is */

static void show_field(char out[RF_SHOWN_BYTES], const reading *r)
{
    const char *field = r->name < 0 ? "" : r->plan->names[r->name];
    rf_shown(out, (rf_span){field, strlen(field)});
}

SELDOM static rf_status refuse(const reading *r, rf_reject_code code, const char *why)
{
    char shown[RF_SHOWN_BYTES], role[RF_SHOWN_BYTES], field[RF_SHOWN_BYTES], head[3 * RF_SHOWN_BYTES];
    rf_shown(shown, raw_shown(r->raw));
    rf_shown(role, (rf_span){r->role, strlen(r->role)});
    show_field(field, r);
    int at = snprintf(head, sizeof head, "%s (field \"%s\"): \"", role, field);
    rf_status st = rf_reject_set(r->reject, code, -1, "%s%s\" %s", head, shown, why);
    r->reject->about.at = at;
    r->reject->about.len = (int)strlen(shown);
    return st;
}

SELDOM static rf_status refuse_id(const reading *r, rf_reject_code code, const char *why)
{
    rf_status st = refuse(r, code, why);
    r->reject->about.names = true;
    return st;
}

SELDOM static rf_status lacking(const reading *r)
{
    char role[RF_SHOWN_BYTES], field[RF_SHOWN_BYTES];
    rf_shown(role, (rf_span){r->role, strlen(r->role)});
    show_field(field, r);
    return rf_reject_set(r->reject, RF_REJECT_MISSING_FIELD, -1,
                         "%s: the record has no value in field \"%s\"", role, field);
}

bool rf_raw_has_text(const rf_raw *raw)
{
    return raw->kind == RF_RAW_TEXT || raw->kind == RF_RAW_FIELD || raw->kind == RF_RAW_NUMBER ||
           (raw->kind == RF_RAW_MOMENT && raw->text.ptr != NULL);
}

static bool is_whole_number(rf_span text)
{
    size_t at = text.len > 0 && text.ptr[0] == '-';
    if (at == text.len)
        return false;
    for (; at < text.len; at++) {
        if (text.ptr[at] < '0' || text.ptr[at] > '9')
            return false;
    }
    return true;
}

/* A word such as NULL. */
static bool is_null_word(const reading *r)
{
    return rf_raw_has_text(r->raw) && rf_null_words_has(&r->plan->null_words, r->raw->text);
}

bool rf_raw_is_whole_number(const rf_raw *raw)
{
    return is_whole_number(raw->text);
}

/* Of what is not plainly one. */
__attribute__((noinline)) static rf_status read_odd_id(rf_span *out, const reading *r)
{
    const rf_raw *raw = r->raw;
    if (raw->kind == RF_RAW_ABSENT)
        return lacking(r);
    if (is_null_word(r))
        return refuse(r, RF_REJECT_NULL_ID, "means that there is none (fields.null_values)");
    if (raw->kind == RF_RAW_NUMBER && !is_whole_number(raw->text))
        return refuse_id(r, RF_REJECT_BAD_ID,
                         "is not an id: a number with fraction or exponent has several spellings");
    if (!rf_raw_has_text(raw))
        return refuse_id(r, RF_REJECT_BAD_ID, "is not an id: text or a whole number is expected");
    if (raw->text.len == 0)
        return refuse_id(r, RF_REJECT_EMPTY_ID, "is empty");
    if (raw->text.len > RF_MAX_ID_BYTES && !r->takes_long)
        return refuse_id(r, RF_REJECT_ID_TOO_LONG, "is longer than an id may be (1024 bytes)");
    *out = raw->text;
    return RF_OK;
}

static rf_status read_id(rf_span *out, const reading *r)
{
    const rf_raw *raw = r->raw;
    bool plain = (raw->kind == RF_RAW_TEXT || raw->kind == RF_RAW_FIELD) &&
                 raw->text.len - 1 < RF_MAX_ID_BYTES && !rf_null_words_has(&r->plan->null_words, raw->text);
    if (!plain)
        return read_odd_id(out, r);
    *out = raw->text;
    return RF_OK;
}

static bool is_absent(const rf_raw *raw)
{
    return raw->kind == RF_RAW_ABSENT || (raw->kind == RF_RAW_TEXT && raw->text.len == 0);
}

/* Absent, or a word for it, or blank: of what is no text itself. */
static bool is_nothing(const reading *r)
{
    return is_absent(r->raw) || is_null_word(r) ||
           (rf_raw_has_text(r->raw) && r->raw->text.len > 0 && r->raw->text.ptr[0] <= ' ' &&
            rf_number_trimmed(r->raw->text).len == 0);
}

bool rf_field_plan_lacks(const rf_field_plan *plan, const rf_raw *raw)
{
    const reading r = {.plan = plan, .raw = raw};
    return is_nothing(&r);
}

bool rf_field_plan_says_nothing(const rf_field_plan *plan, const rf_raw *raw)
{
    const reading r = {.plan = plan, .raw = raw};
    return (plan->own_null_words || raw->kind == RF_RAW_FIELD) && is_null_word(&r);
}

static bool is_no_text(const reading *r)
{
    return is_absent(r->raw) || rf_field_plan_says_nothing(r->plan, r->raw);
}

/* As the configuration's style says, in plain digits. */
static rf_span plain_digits(char buffer[RF_LONGEST_NUMBER], const reading *r)
{
    const rf_raw *raw = r->raw;
    int64_t first, last;
    if (raw->kind == RF_RAW_NUMBER ||
        (r->plan->plain_numbers && rf_decimal_extent(&first, &last, raw->text.ptr, raw->text.len)))
        return raw->text;
    return rf_number_plain(buffer, &r->plan->numbers, raw->text);
}

static rf_number_status parse_number(int64_t *out, const reading *r, int shift)
{
    const rf_raw *raw = r->raw;
    char buffer[RF_LONGEST_NUMBER];
    if (!rf_raw_has_text(raw))
        return RF_NUMBER_BAD;
    if (r->plan->plain_numbers || raw->kind == RF_RAW_NUMBER) {
        rf_number_status status = rf_scaled_parse(out, raw->text.ptr, raw->text.len, shift);
        if (status != RF_NUMBER_BAD || raw->kind == RF_RAW_NUMBER)
            return status;
    }
    rf_span plain = rf_number_plain(buffer, &r->plan->numbers, raw->text);
    return rf_scaled_parse(out, plain.ptr, plain.len, shift);
}

/* A number that is too large; the reason names the setting that holds it. */
SELDOM static rf_status beyond_range(const reading *r, int at)
{
    const rf_attr *attr = &r->plan->attrs[at];
    char buffer[RF_LONGEST_NUMBER], setting[RF_PLACES_SETTING], why[RF_SHOWN_BYTES + RF_PLACES_SETTING];
    rf_places_beyond(&r->plan->places[at], attr, plain_digits(buffer, r));
    bool helps = rf_places_setting(setting, &r->plan->places[at], attr);
    snprintf(why, sizeof why, "is beyond the range of numbers (10^%d)%s%s%s",
             RF_MOST_PLACES - rf_attr_places(attr) - attr->unit, helps ? "; " : "", helps ? setting : "",
             helps ? " holds it" : "");
    return refuse(r, RF_REJECT_NUMBER_RANGE, why);
}

/* A number that is missing, or none, or not kept as it is. */
SELDOM static rf_status odd_number(int64_t *out, const reading *r, rf_number_status status, int at)
{
    char why[RF_SHOWN_BYTES * 2], buffer[RF_LONGEST_NUMBER];
    bool required = r->plan->attrs[at].required;
    if (status == RF_NUMBER_ROUNDED) {
        if (rf_places_look(&r->plan->places[at], &r->plan->attrs[at]))
            rf_places_rounded(&r->plan->places[at], &r->plan->attrs[at], plain_digits(buffer, r), *out);
        return RF_OK;
    }
    /* not finite: what a program could not compute */
    if (!required && (status == RF_NUMBER_NOT_FINITE || is_nothing(r))) {
        *out = RF_MISSING;
        return RF_OK;
    }
    if (status == RF_NUMBER_NOT_FINITE)
        return refuse(r, RF_REJECT_NOT_FINITE, "is not a finite number");
    if (status == RF_NUMBER_RANGE)
        return beyond_range(r, at);
    const char *hint = "";
    if (is_nothing(r))
        hint = ", and the attribute is required (required: false lets it be missing)";
    else if (rf_raw_has_text(r->raw))
        hint = rf_number_hint(&r->plan->numbers, r->raw->text);
    snprintf(why, sizeof why, "is not a number%s", hint);
    return refuse(r, RF_REJECT_BAD_NUMBER, why);
}

static rf_status read_number(int64_t *out, const reading *r, int at)
{
    const rf_attr *attr = &r->plan->attrs[at];
    rf_number_status status = parse_number(out, r, rf_attr_places(attr) + attr->unit);
    return status == RF_NUMBER_OK ? RF_OK : odd_number(out, r, status, at);
}

__attribute__((noinline)) static rf_status read_odd_text(rf_span *out, const reading *r)
{
    if (r->raw->kind == RF_RAW_NESTED || (r->raw->kind == RF_RAW_MOMENT && r->raw->text.ptr == NULL))
        return refuse(r, RF_REJECT_BAD_TEXT, "is not a plain value");
    rf_span text = raw_shown(r->raw);
    if (text.len > RF_MAX_ID_BYTES)
        return refuse(r, RF_REJECT_TEXT_TOO_LONG, "is longer than a text may be (1024 bytes)");
    *out = text;
    return RF_OK;
}

/* Categories and fraud types: any plain value is its own text. */
static inline rf_status read_text(rf_span *out, const reading *r)
{
    bool plain =
        (r->raw->kind == RF_RAW_TEXT || r->raw->kind == RF_RAW_FIELD) && r->raw->text.len <= RF_MAX_ID_BYTES;
    if (!plain)
        return read_odd_text(out, r);
    *out = r->raw->text;
    return RF_OK;
}

/* ---- moments ---- */

static rf_status refuse_time(const reading *r)
{
    char expected[RF_TIME_WAY_WORDS];
    return refuse(r, RF_REJECT_BAD_TIME, rf_time_ways_expected(expected, &r->plan->time_ways));
}

static rf_status read_time(int64_t *out, const reading *r)
{
    if (r->raw->kind != RF_RAW_MOMENT && !rf_raw_has_text(r->raw))
        return refuse_time(r);
    rf_number_status status = RF_NUMBER_OK;
    if (r->raw->kind == RF_RAW_MOMENT)
        *out = r->raw->time_us;
    else
        status = rf_time_ways_read(out, &r->plan->time_ways, r->raw->text);
    if (status == RF_NUMBER_BAD) { /* spaces around it */
        rf_span trimmed = rf_number_trimmed(r->raw->text);
        if (trimmed.len < r->raw->text.len)
            status = rf_time_ways_read(out, &r->plan->time_ways, trimmed);
    }
    if (status == RF_NUMBER_RANGE || (status == RF_NUMBER_OK && (*out < RF_TIME_MIN || *out >= RF_TIME_MAX)))
        return refuse(r, RF_REJECT_TIME_RANGE, "lies outside the years 1900 to 2099");
    return status == RF_NUMBER_OK ? RF_OK : refuse_time(r);
}

/* ---- one event ---- */

static int64_t floor_mod(int64_t value, int64_t modulus)
{
    int64_t rest = value % modulus;
    return rest < 0 ? rest + modulus : rest;
}

static rf_status read_truth(int64_t *out, const reading *r, const rf_truth *words, bool required)
{
    int truth = rf_truth_read(words, r->raw);
    *out = truth * RF_FIXED_ONE;
    if (truth >= 0)
        return RF_OK;
    *out = RF_MISSING;
    if (!required && is_nothing(r))
        return RF_OK;
    return refuse(r, RF_REJECT_BAD_BOOLEAN,
                  "is none of true, false, yes, no, 1, 0 (the attribute's true_values and false_values name "
                  "others)");
}

/* A moment of the day or the week: the event's own, or that of a field. */
static rf_status read_cycle(int64_t *out, const reading *r, const rf_attr *attr, int64_t time_us)
{
    if (r->raw != NULL && !attr->required && is_nothing(r)) {
        *out = RF_MISSING;
        return RF_OK;
    }
    rf_status st = r->raw == NULL ? RF_OK : read_time(&time_us, r);
    if (st != RF_OK)
        return st;
    int64_t local = time_us + rf_zone_offset_s(r->plan->time_ways.zone, time_us) * RF_SECOND_US;
    if (attr->type == RF_ATTR_TIME_OF_DAY)
        *out = floor_mod(local, RF_DAY_US);
    else
        *out = floor_mod(local + 3 * RF_DAY_US, 7 * RF_DAY_US); /* the epoch was a Thursday */
    return RF_OK;
}

/* The days from the moment in the field to the event. It may be written in the usual way, where events have
 * another one. */
static rf_status read_age(int64_t *out, const reading *r, bool required, int64_t time_us)
{
    int64_t from_us;
    if (!required && is_nothing(r)) {
        *out = RF_MISSING;
        return RF_OK;
    }
    bool iso = rf_raw_has_text(r->raw) && r->raw->kind != RF_RAW_MOMENT &&
               rf_time_parse_iso(&from_us, r->raw->text.ptr, r->raw->text.len, r->plan->time_ways.zone);
    rf_status st =
        iso && !rf_time_ways_fits(&r->plan->time_ways, r->raw->text) ? RF_OK : read_time(&from_us, r);
    if (st != RF_OK)
        return st;
    int64_t days = (time_us - from_us) / RF_DAY_US, rest = (time_us - from_us) % RF_DAY_US;
    *out = days * RF_FIXED_ONE + rest * RF_FIXED_ONE / RF_DAY_US;
    return RF_OK;
}

/* Words for nothing are missing values where those may be; those of the user's own list everywhere, so that
 * an event can lack something by them. */
static rf_status fill_attr(rf_event *event, int i, const reading *r)
{
    const rf_attr *attr = &r->plan->attrs[i];
    rf_value *value = &event->values[i];
    if (r->raw != NULL && (is_absent(r->raw) || (r->plan->own_null_words && is_null_word(r)))) {
        if (attr->type == RF_ATTR_CATEGORY)
            value->text = (rf_span){0};
        else
            value->number = RF_MISSING;
        return attr->required ? lacking(r) : RF_OK;
    }
    switch (attr->type) {
    case RF_ATTR_NUMBER:
        if (attr->age)
            return read_age(&value->number, r, attr->required, event->time_us);
        return read_number(&value->number, r, i);
    case RF_ATTR_BOOLEAN:
        return read_truth(&value->number, r, &r->plan->attr_truth[i], attr->required);
    case RF_ATTR_CATEGORY:
        if (!attr->required && r->raw->kind == RF_RAW_FIELD && is_null_word(r)) {
            value->text = (rf_span){0};
            return RF_OK;
        }
        return read_text(&value->text, r);
    case RF_ATTR_TIME_OF_DAY:
    case RF_ATTR_TIME_OF_WEEK:
        break;
    }
    return read_cycle(&value->number, r, attr, event->time_us);
}

/* What is wrong is an attribute. */
SELDOM static rf_status of_attr(int i, const reading *r)
{
    r->reject->about.attr = i;
    r->reject->about.lacks = r->raw != NULL && is_nothing(r);
    return RF_SKIPPED;
}

static void aim(reading *r, const rf_raw *raws, int name, const char *role)
{
    r->role = role;
    r->name = name;
    r->raw = &raws[name];
}

/* Of the kinds besides the main one. Where one is not required, an event may have none. */
__attribute__((noinline)) static rf_status read_others(rf_event *event, reading *r, const rf_raw *raws)
{
    const rf_field_plan *plan = r->plan;
    for (int k = 1; k < plan->n_kinds; k++) {
        rf_span *entity = &event->others[k - 1];
        aim(r, raws, plan->entity[k], rf_kind_name(&plan->kinds, k));
        r->takes_long = plan->takes_long[rf_entity_side(k)];
        *entity = (rf_span){0};
        if ((plan->entity_required[k] || !is_nothing(r)) && read_id(entity, r) != RF_OK)
            return RF_SKIPPED;
    }
    return RF_OK;
}

rf_status rf_field_plan_fill(rf_event *event, const rf_field_plan *plan, const rf_raw *raws,
                             rf_reject *reject)
{
    reading r = {.plan = plan, .reject = reject};
    rf_status st;

    aim(&r, raws, plan->user, "user");
    r.takes_long = plan->takes_long[RF_USER];
    if ((st = read_id(&event->user, &r)) != RF_OK)
        return st;
    aim(&r, raws, plan->entity[0], rf_kind_name(&plan->kinds, 0));
    r.takes_long = plan->takes_long[RF_ENTITY];
    if ((st = read_id(&event->entity, &r)) != RF_OK ||
        (plan->n_kinds > 1 && (st = read_others(event, &r, raws)) != RF_OK))
        return st;
    r.takes_long = false;
    event->event_id = (rf_span){0};
    if (plan->event_id >= 0) {
        aim(&r, raws, plan->event_id, "event_id");
        if ((st = read_id(&event->event_id, &r)) != RF_OK)
            return st;
    }
    event->time_us = RF_TIME_OF_TIMELESS;
    if (plan->time >= 0) {
        aim(&r, raws, plan->time, "time");
        if (is_absent(r.raw))
            return lacking(&r);
        if ((st = read_time(&event->time_us, &r)) != RF_OK)
            return is_nothing(&r) ? lacking(&r) : st;
    }

    event->label = -1;
    event->odd_label = false;
    if (plan->label >= 0) {
        aim(&r, raws, plan->label, "label");
        bool unknown = is_absent(r.raw) || (plan->own_null_words && is_null_word(&r));
        event->label = unknown ? -1 : (int8_t)rf_truth_read(&plan->label_truth, r.raw);
        event->odd_label = event->label < 0 && !unknown && !is_nothing(&r);
        if (event->odd_label) /* the event counts all the same */
            (void)refuse(&r, RF_REJECT_BAD_LABEL,
                         "is none of 1, 0, true, false, nothing (fields.true_values and false_values name "
                         "others)");
    }
    event->fraud_type = (rf_span){0};
    if (plan->fraud_type >= 0) {
        aim(&r, raws, plan->fraud_type, "fraud_type");
        if (!is_no_text(&r) && (st = read_text(&event->fraud_type, &r)) != RF_OK)
            return st;
    }
    for (int i = 0; i < plan->n_attrs; i++) {
        int name = plan->attr_name[i];
        r.role = plan->attrs[i].name;
        r.name = name;
        r.raw = name < 0 ? NULL : &raws[name];
        if (fill_attr(event, i, &r) != RF_OK)
            return of_attr(i, &r);
    }
    return RF_OK;
}
