/* field_plan.c - which fields of a record are wanted, and where each is found: in the body, or in the key,
 * the timestamp or a header of a Kafka message.
 *
 * Made once from the configuration's `fields`. The decoders look for the names in the body; this file fills
 * the others ($key, $timestamp, $header.NAME). event_fields.c knows the meaning of the values.
 */
#include "field_plan_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_text.h"

#define HEADER_PREFIX "$header."

/* Where a field of that name is found. Every other "$name" is refused: it would be missing for ever. */
static rf_status origin_of(rf_field_origin *origin, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    const size_t prefix = strlen(HEADER_PREFIX);
    if (name[0] != '$')
        *origin = RF_FIELD_BODY;
    else if (strcmp(name, "$key") == 0)
        *origin = RF_FIELD_KEY;
    else if (strcmp(name, "$timestamp") == 0)
        *origin = RF_FIELD_TIMESTAMP;
    else if (strcmp(name, "$value") == 0)
        *origin = RF_FIELD_VALUE;
    else if (strncmp(name, HEADER_PREFIX, prefix) == 0 && name[prefix] != '\0')
        *origin = RF_FIELD_HEADER;
    else
        RF_FAIL(err, RF_E_INVALID,
                "fields: \"%s\" is unknown; a message has $key, $timestamp and $header.NAME", name);
done:
    return st;
}

/* Index of `name` among the plan's names, added if new; -1 stays for NULL. */
static rf_status add_name(int *index, rf_field_plan *plan, const char *name, rf_err *err)
{
    *index = -1;
    if (name == NULL)
        return RF_OK;
    for (int i = 0; i < plan->n_names; i++) {
        if (strcmp(plan->names[i], name) == 0) {
            *index = i;
            return RF_OK;
        }
    }
    rf_field_origin origin = RF_FIELD_BODY;
    rf_status st = origin_of(&origin, name, err);
    if (st != RF_OK)
        return st;
    if (plan->n_names == RF_MAX_FIELDS)
        return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "fields: more than %d columns or keys",
                          RF_MAX_FIELDS);
    char *copy = rf_mem_text(name, strlen(name), err);
    if (copy == NULL)
        return RF_E_NOMEM;
    plan->names[plan->n_names] = copy;
    plan->origins[plan->n_names] = origin;
    plan->of_message = plan->of_message || origin != RF_FIELD_BODY;
    *index = plan->n_names++;
    return RF_OK;
}

/* What a derived field is called: "a or b", "a|b". */
static rf_status name_derived(rf_text *text, const rf_derived *derived, const rf_field_plan *plan,
                              rf_err *err)
{
    rf_status st = RF_OK;
    const char between[] = {derived->between, '\0'};
    for (int i = 0; i < derived->n; i++)
        RF_TRY(rf_text_printf(text, err, "%s%s",
                              i == 0                     ? ""
                              : derived->between == '\0' ? " or "
                                                         : between,
                              plan->names[derived->parts[i]]));
done:
    return st;
}

/* A field of one name, or one that is made of several: joined by `mark`, or the first that has a value. */
static rf_status add_names(int *index, rf_field_plan *plan, const char *name, const rf_more_names *more,
                           char mark, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    rf_derived derived = {.between = more->joined ? mark : '\0', .list = more->list};
    if (name == NULL || more->n == 0)
        return add_name(index, plan, name, err);
    if (more->n >= RF_MAX_PARTS)
        RF_FAIL(err, RF_E_INVALID, "fields: \"%s\" and %d others; at most %d can be one field", name, more->n,
                RF_MAX_PARTS);
    for (int i = 0; i <= more->n; i++)
        RF_TRY(add_name(&derived.parts[derived.n++], plan, i == 0 ? name : more->names[i - 1], err));
    RF_TRY(name_derived(&text, &derived, plan, err));
    if (plan->n_names == RF_MAX_FIELDS || plan->n_derived == RF_MAX_FIELDS)
        RF_FAIL(err, RF_E_INVALID, "fields: more than %d columns or keys", RF_MAX_FIELDS);
    plan->names[plan->n_names] = rf_mem_text(text.ptr, text.len, err);
    if (plan->names[plan->n_names] == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    plan->origins[plan->n_names] = RF_FIELD_DERIVED;
    derived.name = *index = plan->n_names++;
    plan->derived[plan->n_derived++] = derived;
done:
    rf_text_clear(&text);
    return st;
}

static rf_status add_required(int *index, rf_field_plan *plan, const char *name, const rf_more_names *more,
                              const char *role, rf_err *err)
{
    if (name != NULL && name[0] != '\0')
        return add_names(index, plan, name, more, RF_ID_MARK, err);
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "fields.%s is not set: name the column or JSON key that holds it", role);
}

/* The entity of each kind. */
static rf_status add_entities(rf_field_plan *plan, const rf_fields *fields, rf_err *err)
{
    rf_status st = RF_OK;
    rf_more_names more;
    char role[RF_KIND_NAME + sizeof "entities."];
    const int named = fields->schema == NULL ? 0 : fields->schema->n_kinds;
    plan->n_kinds = rf_fields_kinds(fields);
    plan->kinds.n = named;
    for (int k = 0; k < plan->n_kinds; k++) {
        const rf_kind *kind = k < named ? &fields->schema->kinds[k] : NULL;
        const char *field = rf_fields_entity(&more, fields, k);
        plan->entity_required[k] = k == 0 || kind->required;
        if (kind != NULL)
            memcpy(plan->kinds.name[k], kind->name, RF_KIND_NAME);
        snprintf(role, sizeof role, "%s%s", kind == NULL ? "" : "entities.", rf_kind_name(&plan->kinds, k));
        RF_TRY(add_required(&plan->entity[k], plan, field, &more, role, err));
    }
done:
    return st;
}

static rf_status add_attrs(rf_field_plan *plan, const rf_schema *schema, rf_err *err)
{
    rf_status st = RF_OK;
    int n = schema == NULL ? 0 : schema->n_attrs;
    if (n > RF_MAX_ATTRS)
        RF_FAIL(err, RF_E_INVALID, "fields.attributes has %d entries; at most %d are possible", n,
                RF_MAX_ATTRS);
    RF_ZERO(plan->attrs, n, err);
    RF_ZERO(plan->attr_name, n, err);
    RF_ZERO(plan->attr_truth, n, err);
    RF_ZERO(plan->places, n, err);
    for (int i = 0; i < n; i++) {
        const rf_attr *attr = &schema->attrs[i];
        bool cyclic = attr->type == RF_ATTR_TIME_OF_DAY || attr->type == RF_ATTR_TIME_OF_WEEK;
        if (attr->field == NULL && !cyclic)
            RF_FAIL(err, RF_E_INVALID, "fields.attributes.%s names no column or JSON key", attr->name);
        if (attr->age && plan->time < 0)
            RF_FAIL(
                err, RF_E_INVALID,
                "fields.attributes.%s is an age at the time of the event, but fields.time.field is not set",
                attr->name);
        if (attr->field == NULL && plan->time < 0)
            RF_FAIL(
                err, RF_E_INVALID,
                "fields.attributes.%s is the event's own time, but fields.time.field is not set; set it, or "
                "give the attribute a field",
                attr->name);
        RF_TRY(add_names(&plan->attr_name[i], plan, attr->field, &attr->more,
                         attr->type == RF_ATTR_CATEGORY ? RF_ID_MARK : ' ', err));
        plan->attrs[i] = *attr;
        plan->attrs[i].name = rf_mem_text(attr->name, strlen(attr->name), err);
        plan->n_attrs = i + 1;
        if (plan->attrs[i].name == NULL)
            return RF_E_NOMEM;
        RF_TRY(rf_truth_set(&plan->attr_truth[i], &attr->truth, err));
    }
done:
    return st;
}

static rf_status copy_signs(rf_field_plan *plan, const rf_number_style *numbers, rf_err *err)
{
    rf_status st = RF_OK;
    char **signs = NULL;
    plan->numbers = *numbers;
    plan->plain_numbers = numbers->decimal == 0 || numbers->decimal == '.';
    plan->numbers.n_currency = 0;
    plan->numbers.currency = NULL;
    if (numbers->n_currency == 0)
        return RF_OK;
    RF_ZERO(signs, numbers->n_currency, err);
    plan->numbers.currency = (const char *const *)signs;
    for (int *n = &plan->numbers.n_currency; *n < numbers->n_currency; ++*n) {
        signs[*n] = rf_mem_text(numbers->currency[*n], strlen(numbers->currency[*n]), err);
        if (signs[*n] == NULL)
            return RF_E_NOMEM;
    }
done:
    return st;
}

static rf_status add_where(rf_field_plan *plan, const rf_fields *fields, rf_err *err)
{
    rf_status st = RF_OK;
    char *field = NULL;
    RF_ZERO(plan->where, fields->n_where, err);
    for (int i = 0; i < fields->n_where; i++) {
        plan->n_where = i + 1;
        RF_TRY(rf_condition_read(&plan->where[i], &field, fields->where[i], err));
        RF_TRY(add_name(&plan->where[i].name, plan, field, err));
        plan->where_of_message =
            plan->where_of_message || plan->origins[plan->where[i].name] != RF_FIELD_BODY;
        rf_mem_free(field);
        field = NULL;
    }
done:
    rf_mem_free(field);
    return st;
}

/* A word for nothing does not exist; to be compared it is a text. */
static bool holds(const rf_field_plan *plan, const rf_condition *condition, const rf_raw *raw)
{
    bool asks = condition->op == RF_FILTER_EXISTS || condition->op == RF_FILTER_MISSING;
    if (asks && rf_field_plan_says_nothing(plan, raw))
        return condition->op == RF_FILTER_MISSING;
    return rf_condition_holds(condition, raw);
}

bool rf_field_plan_wants(const rf_field_plan *plan, const rf_raw *raws, bool of_message)
{
    for (int i = 0; i < plan->n_where; i++) {
        const rf_condition *condition = &plan->where[i];
        if ((!of_message || plan->origins[condition->name] != RF_FIELD_BODY) &&
            !holds(plan, condition, &raws[condition->name]))
            return false;
    }
    return true;
}

rf_status rf_field_plan_new(rf_field_plan **out, const rf_fields *fields, rf_err *err)
{
    rf_status st = RF_OK;
    rf_field_plan *plan = NULL;
    RF_ZERO(plan, 1, err);
    RF_ZERO(plan->names, RF_MAX_FIELDS, err);
    RF_ZERO(plan->origins, RF_MAX_FIELDS, err);
    RF_ZERO(plan->derived, RF_MAX_FIELDS, err);
    RF_TRY(add_required(&plan->user, plan, fields->user, &fields->user_more, "user", err));
    RF_TRY(add_entities(plan, fields, err));
    RF_TRY(add_names(&plan->time, plan, fields->time, &fields->time_more, ' ', err));
    RF_TRY(add_names(&plan->event_id, plan, fields->event_id, &fields->event_id_more, RF_ID_MARK, err));
    RF_TRY(add_name(&plan->label, plan, fields->label, err));
    RF_TRY(add_name(&plan->fraud_type, plan, fields->fraud_type, err));
    RF_TRY(add_attrs(plan, fields->schema, err));
    if (fields->n_where > 0)
        RF_TRY(add_where(plan, fields, err));

    RF_TRY(copy_signs(plan, &fields->numbers, err));
    RF_TRY(rf_null_words_set(&plan->null_words, fields->null_values, fields->n_null_values, err));
    plan->own_null_words = fields->n_null_values > 0 && fields->null_values != rf_usual_null_values;
    RF_TRY(rf_truth_set(&plan->label_truth, &fields->label_words, err));
    RF_TRY(rf_time_ways_set(&plan->time_ways, fields, err));
    *out = plan;
    plan = NULL;
done:
    rf_field_plan_free(plan);
    return st;
}

void rf_field_plan_free(rf_field_plan *plan)
{
    if (plan == NULL)
        return;
    for (int i = 0; i < plan->n_names; i++)
        rf_mem_free(plan->names[i]);
    for (int i = 0; i < plan->n_attrs; i++) {
        rf_mem_free((void *)plan->attrs[i].name);
        rf_truth_clear(&plan->attr_truth[i]);
    }
    for (int i = 0; i < plan->numbers.n_currency; i++)
        rf_mem_free((void *)plan->numbers.currency[i]);
    rf_mem_free((void *)plan->numbers.currency);
    rf_null_words_clear(&plan->null_words);
    for (int i = 0; i < plan->n_derived; i++)
        rf_text_clear(&plan->derived[i].text);
    for (int i = 0; i < plan->n_where; i++)
        rf_condition_clear(&plan->where[i]);
    rf_mem_free(plan->where);
    rf_mem_free(plan->derived);
    rf_mem_free(plan->names);
    rf_mem_free(plan->origins);
    rf_mem_free(plan->attrs);
    rf_mem_free(plan->attr_name);
    rf_mem_free(plan->attr_truth);
    rf_mem_free(plan->places);
    rf_truth_clear(&plan->label_truth);
    rf_time_ways_clear(&plan->time_ways);
    rf_mem_free(plan);
}

/* ---- what a message carries beside its value ---- */

static rf_status text_raw(rf_raw *raw, rf_span text, const char *name, rf_reject *reject)
{
    char shown[RF_SHOWN_BYTES];
    raw->kind = text.ptr == NULL ? RF_RAW_ABSENT : RF_RAW_TEXT;
    raw->text = text;
    if (text.ptr == NULL || rf_utf8_valid(text.ptr, text.len))
        return RF_OK;
    return rf_reject_set(reject, RF_REJECT_BAD_UTF8, -1, "%s is not UTF-8",
                         rf_shown(shown, (rf_span){name, strlen(name)}));
}

/* A moment, and the digits of its milliseconds. */
static rf_raw timestamp_raw(int64_t ms, char digits[RF_TIMESTAMP_DIGITS])
{
    char *end = digits + RF_TIMESTAMP_DIGITS, *at = end;
    rf_raw raw = {.kind = RF_RAW_MOMENT, .time_us = ms > INT64_MAX / 1000 ? INT64_MAX : ms * 1000};
    do {
        *--at = (char)('0' + ms % 10);
        ms /= 10;
    } while (ms > 0);
    raw.text = (rf_span){at, (size_t)(end - at)};
    return raw;
}

rf_status rf_field_plan_message(rf_raw *raws, const rf_field_plan *plan, const rf_message *message,
                                char digits[RF_TIMESTAMP_DIGITS], rf_reject *reject)
{
    static const rf_message none = {.timestamp_ms = -1, .has_value = true};
    rf_status st = RF_OK;
    rf_span value;
    if (message == NULL)
        message = &none;
    for (int i = 0; st == RF_OK && i < plan->n_names; i++) {
        switch (plan->origins[i]) {
        case RF_FIELD_BODY:
        case RF_FIELD_DERIVED:
            break;
        case RF_FIELD_VALUE:
            raws[i].kind = message->has_value ? RF_RAW_TRUE : RF_RAW_ABSENT;
            break;
        case RF_FIELD_KEY:
            st = text_raw(&raws[i], message->key, plan->names[i], reject);
            break;
        case RF_FIELD_TIMESTAMP:
            if (message->timestamp_ms >= 0)
                raws[i] = timestamp_raw(message->timestamp_ms, digits);
            else
                raws[i].kind = RF_RAW_ABSENT;
            break;
        case RF_FIELD_HEADER:
            value = (rf_span){0};
            if (message->header != NULL &&
                !message->header(message->headers, plan->names[i] + strlen(HEADER_PREFIX), &value))
                value = (rf_span){0};
            st = text_raw(&raws[i], value, plan->names[i], reject);
            break;
        }
    }
    return st;
}
