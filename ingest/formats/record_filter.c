/* record_filter.c - which records are wanted: comparisons of fields with values, all of which must hold.
 *
 *   type = order.created      amount >= 10      status in paid, refunded      $value exists
 *
 * Read once from the configuration (source.where). A condition on parts of a message alone is judged before
 * the value is looked at, which may be of another format then.
 */
#include "record_filter_int.h"

#include <string.h>

#include "field_plan_int.h"
#include "rf_mem.h"

/* ---- reading a condition ---- */

static const struct {
    const char *text;
    rf_filter_op op;
    bool word; /* between spaces */
} ops[] = {{" not in ", RF_FILTER_NOT_IN, true}, {" in ", RF_FILTER_IN, true},
           {" exists", RF_FILTER_EXISTS, true},  {" missing", RF_FILTER_MISSING, true},
           {"!=", RF_FILTER_NOT_IN, false},      {"<=", RF_FILTER_AT_MOST, false},
           {">=", RF_FILTER_AT_LEAST, false},    {"==", RF_FILTER_IN, false},
           {"=", RF_FILTER_IN, false},           {"<", RF_FILTER_BELOW, false},
           {">", RF_FILTER_ABOVE, false}};
enum { OPS = sizeof ops / sizeof *ops };

static rf_span trimmed(rf_span text)
{
    for (; text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'); text.ptr++)
        text.len--;
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* Without the quotes around it. */
static rf_span plain(rf_span text)
{
    text = trimmed(text);
    if (text.len >= 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') && text.ptr[text.len - 1] == text.ptr[0])
        text = (rf_span){text.ptr + 1, text.len - 2};
    return text;
}

/* Where the field ends: at the first operator. A field in quotes may hold operators. */
static const char *find_op(const char *text, int *which)
{
    const char *from = text;
    while (*from == ' ')
        from++;
    if (*from == '"' && strchr(from + 1, '"') != NULL)
        from = strchr(from + 1, '"') + 1;
    for (const char *at = from; *at != '\0'; at++) {
        for (int i = 0; i < OPS; i++) {
            size_t len = strlen(ops[i].text);
            bool ends = ops[i].op == RF_FILTER_EXISTS || ops[i].op == RF_FILTER_MISSING;
            if (strncmp(at, ops[i].text, len) != 0 || (ends && at[len + strspn(at + len, " ")] != '\0'))
                continue;
            *which = i;
            return at;
        }
    }
    return NULL;
}

static rf_status add_value(rf_condition *condition, rf_span text, rf_err *err)
{
    rf_status st = RF_OK;
    text = plain(text);
    RF_RESERVE(condition->values, condition->cap, condition->n + 1, err);
    rf_filter_value *value = &condition->values[condition->n];
    *value = (rf_filter_value){.text = rf_mem_text(text.len == 0 ? "" : text.ptr, text.len, err)};
    if (value->text == NULL)
        return RF_E_NOMEM;
    value->len = text.len;
    value->is_number = rf_decimal_split(&value->number, value->text, value->len);
    condition->n++;
done:
    return st;
}

/* "a, b" or "[a, b]". */
static rf_status add_values(rf_condition *condition, rf_span text, bool list, rf_err *err)
{
    rf_status st = RF_OK;
    text = trimmed(text);
    if (list && text.len >= 2 && (text.ptr[0] == '[' || text.ptr[0] == '('))
        text = (rf_span){text.ptr + 1, text.len - 2};
    for (;;) {
        const char *comma = list && text.len > 0 ? memchr(text.ptr, ',', text.len) : NULL;
        size_t len = comma == NULL ? text.len : (size_t)(comma - text.ptr);
        RF_TRY(add_value(condition, (rf_span){text.ptr, len}, err));
        if (comma == NULL)
            break;
        text = (rf_span){comma + 1, text.len - len - 1};
    }
done:
    return st;
}

rf_status rf_condition_read(rf_condition *out, char **field, const char *text, rf_err *err)
{
    rf_status st = RF_OK;
    int which = 0;
    *out = (rf_condition){0};
    const char *at = find_op(text, &which);
    rf_span name = at == NULL ? (rf_span){0} : plain((rf_span){text, (size_t)(at - text)});
    if (name.len == 0)
        RF_FAIL(err, RF_E_INVALID,
                "source.where: \"%s\" is no condition; write FIELD = VALUE, with =, !=, <, <=, >, >=, in, "
                "not in, "
                "or FIELD exists, FIELD missing",
                text);
    out->op = ops[which].op;
    const char *values = at + strlen(ops[which].text);
    if (out->op != RF_FILTER_EXISTS && out->op != RF_FILTER_MISSING)
        RF_TRY(add_values(out, (rf_span){values, strlen(values)}, ops[which].word, err));
    *field = rf_mem_text(name.ptr, name.len, err);
    if (*field == NULL)
        st = RF_E_NOMEM;
done:
    return st;
}

void rf_condition_clear(rf_condition *condition)
{
    for (size_t i = 0; i < condition->n; i++)
        rf_mem_free(condition->values[i].text);
    rf_mem_free(condition->values);
    *condition = (rf_condition){0};
}

/* ---- judging ---- */

static rf_span text_of(const rf_raw *raw)
{
    if (raw->kind == RF_RAW_TRUE)
        return (rf_span){"true", 4};
    if (raw->kind == RF_RAW_FALSE)
        return (rf_span){"false", 5};
    return rf_raw_has_text(raw) ? raw->text : (rf_span){"", 0};
}

/* By its bytes, or as a number that is written in another way. */
static bool is_one(const rf_condition *condition, const rf_raw *raw)
{
    rf_decimal number;
    rf_span text = text_of(raw);
    bool numbers = false;
    for (size_t i = 0; i < condition->n; i++) {
        const rf_filter_value *value = &condition->values[i];
        if (value->len == text.len && memcmp(value->text, text.ptr, text.len) == 0)
            return true;
        numbers = numbers || value->is_number;
    }
    if (!numbers || !rf_decimal_split(&number, text.ptr, text.len))
        return false;
    for (size_t i = 0; i < condition->n; i++) {
        const rf_filter_value *value = &condition->values[i];
        if (value->is_number && rf_decimal_compare(&number, &value->number) == 0)
            return true;
    }
    return false;
}

/* Below 0, 0, above 0; *known is false between a number and another text. */
static int compare(const rf_condition *condition, const rf_raw *raw, bool *known)
{
    rf_decimal number;
    rf_span text = text_of(raw);
    const rf_filter_value *value = &condition->values[0];
    bool is_number = rf_decimal_split(&number, text.ptr, text.len);
    *known = is_number == value->is_number;
    if (is_number && value->is_number)
        return rf_decimal_compare(&number, &value->number);
    size_t len = text.len < value->len ? text.len : value->len;
    int order = len == 0 ? 0 : memcmp(text.ptr, value->text, len);
    return order != 0 ? order : (text.len > value->len) - (text.len < value->len);
}

bool rf_condition_holds(const rf_condition *condition, const rf_raw *raw)
{
    bool known = false;
    bool there = raw->kind != RF_RAW_ABSENT &&
                 ((raw->kind != RF_RAW_TEXT && raw->kind != RF_RAW_FIELD) || raw->text.len > 0);
    switch (condition->op) {
    case RF_FILTER_EXISTS:
        return there;
    case RF_FILTER_MISSING:
        return !there;
    case RF_FILTER_IN:
        return there && is_one(condition, raw);
    case RF_FILTER_NOT_IN:
        return !there || !is_one(condition, raw);
    default:
        break;
    }
    if (!there)
        return false;
    int order = compare(condition, raw, &known);
    return known && (condition->op == RF_FILTER_BELOW     ? order < 0
                     : condition->op == RF_FILTER_AT_MOST ? order <= 0
                     : condition->op == RF_FILTER_ABOVE   ? order > 0
                                                          : order >= 0);
}
