/* settings_text.c - a field as text: its value as a file would say it, its default, and the sentence about
 * what is allowed.
 */
#include "settings_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_time.h"

static rf_status print_number(rf_text *text, const rf_key *key, double value, rf_err *err)
{
    char buffer[32];
    if (key->type == RF_KEY_DURATION)
        rf_duration_format(buffer, (int64_t)value);
    else if (fabs(value) < 1e16 && value == floor(value))
        snprintf(buffer, sizeof buffer, "%.0f", value);
    else
        rf_double_format(buffer, value);
    return rf_text_add(text, buffer, strlen(buffer), err);
}

/* One number where all are equal, else "64, 32, 16". */
static rf_status print_numbers(rf_text *text, const void *base, const rf_key *key, rf_err *err)
{
    rf_status st = RF_OK;
    double items[RF_KEY_ITEMS];
    int n = key->beside > 0 ? *rf_field_beside(base, key) : key->most;
    bool equal = key->beside == 0;
    for (int i = 0; i < n; i++) {
        items[i] = rf_field_number(rf_field_item(base, key, i), key->field);
        equal = equal && items[i] == (i < key->least ? items[0] : 0);
    }
    for (int i = 0; i < (equal ? 1 : n); i++) {
        RF_TRY(rf_text_printf(text, err, i == 0 ? "" : ", "));
        RF_TRY(print_number(text, key, items[i], err));
    }
done:
    return st;
}

static rf_status print_mark(rf_text *text, unsigned mark, rf_err *err)
{
    return rf_text_printf(text, err, mark > ' ' && mark < 0x7F ? "%c" : "\\x%02x", mark);
}

/* A column or key, or "{first: [a, b]}". */
static rf_status print_names(rf_text *text, const void *base, const rf_key *key, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_more_names *more = (const void *)((const char *)base + key->beside);
    const char *first = *(const char *const *)rf_field_item(base, key, 0);
    if (more->n == 0)
        return rf_text_printf(text, err, "%s", first);
    RF_TRY(rf_text_printf(text, err, "{%s: [%s", more->joined ? "join" : "first", first));
    for (int i = 0; i < more->n; i++)
        RF_TRY(rf_text_printf(text, err, ", %s", more->names[i]));
    RF_TRY(rf_text_printf(text, err, "]}"));
done:
    return st;
}

rf_status rf_key_print(rf_text *text, const void *base, const rf_key *key, rf_err *err)
{
    const void *slot = rf_field_item(base, key, 0);
    rf_status st = RF_OK;
    char time[RF_TIME_TEXT];
    if (!rf_key_has_value(base, key))
        return RF_OK;
    for (int i = 0; key->type == RF_KEY_TEXTS && i < *rf_field_beside(base, key); i++)
        RF_TRY(rf_text_printf(text, err, "%s%s", i == 0 ? "" : ", ", (*(const char *const *const *)slot)[i]));
    if (key->type == RF_KEY_TEXTS)
        return RF_OK;
    if (key->most > 0)
        return print_numbers(text, base, key, err);
    if (key->type == RF_KEY_FIELD)
        return print_names(text, base, key, err);
    if (key->field == RF_FIELD_TEXT)
        return rf_text_printf(text, err, "%s", *(const char *const *)slot);
    const char *word = key->words == NULL ? NULL : rf_key_word(key, rf_field_whole(slot, key->field));
    if (key->type == RF_KEY_BOOL)
        word = *(const bool *)slot ? "true" : "false";
    else if (key->type == RF_KEY_TIME_FORMAT && word == NULL)
        word = *(const char *const *)(const void *)((const char *)base + key->beside);
    else if ((key->type == RF_KEY_TIME || key->type == RF_KEY_ORIGIN) && word == NULL)
        word = rf_time_format(time, rf_field_whole(slot, key->field));
    for (; word != NULL && strchr(word, '\n') != NULL; word = strchr(word, '\n') + 1) /* several formats */
        RF_TRY(rf_text_printf(text, err, "%.*s, ", (int)strcspn(word, "\n"), word));
    if (word != NULL)
        return rf_text_printf(text, err, "%s", word);
    if (key->type == RF_KEY_MARK)
        return print_mark(text, (unsigned)rf_field_whole(slot, key->field), err);
    RF_TRY(print_number(text, key, rf_field_number(slot, key->field), err));
done:
    return st;
}

rf_status rf_key_default(rf_text *text, const rf_key *key, rf_err *err)
{
    rf_settings defaults;
    if (rf_key_is_named(key))
        return rf_key_print(text, rf_named_default(key), key, err);
    rf_settings_default(&defaults);
    return rf_key_print(text, &defaults, key, err);
}

/* ---- what is allowed ---- */

#define SEVERAL "a column or key, a list of them, {first: [...]} or {join: [...]}"

static const char *kind_text(const rf_key *key)
{
    switch (key->type) {
    case RF_KEY_INT:
        return "a whole number";
    case RF_KEY_REAL:
        return "a number";
    case RF_KEY_BOOL:
        return "true or false";
    case RF_KEY_TEXT:
        return "text";
    case RF_KEY_FIELD:
        return rf_key_part(key, RF_SPELLING) == NULL ? SEVERAL
                                                     : SEVERAL
                   ", {field: NAME, normalise: [...]} or {fields: [...], normalise: [...]}";
    case RF_KEY_PATH:
        return "a file or folder name";
    case RF_KEY_ZONE:
        return "a zone such as UTC, +05:30, Asia/Singapore";
    case RF_KEY_TIME_FORMAT:
        return "a strptime pattern with %, or a list of these";
    case RF_KEY_CHOICE:
        return "one of";
    case RF_KEY_MARK:
        return "one ASCII character such as ; or \\t or \\x01, no letter and no digit";
    case RF_KEY_DURATION:
        return "a duration such as 90s, 15m, 12h, 7d";
    case RF_KEY_TIME:
        return "a time of 1900 to 2099 such as 2026-01-31T08:00:00Z";
    case RF_KEY_ORIGIN:
        return "a date or time of 1600 to 2099 such as 2019-01-01";
    case RF_KEY_TEXTS:
        return "a list of texts";
    case RF_KEY_INTS:
        return "whole number";
    case RF_KEY_REALS:
        return "number";
    }
    return "a value";
}

static rf_status add_range(rf_text *text, const rf_key *key, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(text, err, key->above_min ? " above " : " from "));
    RF_TRY(print_number(text, key, key->min, err));
    RF_TRY(rf_text_printf(text, err, key->above_min ? " and at most " : " to "));
    RF_TRY(print_number(text, key, key->max, err));
done:
    return st;
}

static rf_status add_words(rf_text *text, const rf_key *key, const char *before, rf_err *err)
{
    rf_status st = RF_OK;
    for (const rf_word *word = key->words; word != NULL && word->word != NULL; word++)
        RF_TRY(rf_text_printf(text, err, "%s%s", word == key->words ? before : ", ", word->word));
done:
    return st;
}

/* "a list of at most 8 whole numbers from 1 to 9", "one whole number from 1 to 9, or 3 (users, entities,
 * edges)" */
static rf_status add_list(rf_text *text, const rf_key *key, rf_err *err)
{
    rf_status st = RF_OK;
    if (key->beside > 0) {
        RF_TRY(rf_text_printf(text, err, "a list of at most %d %ss", key->most, kind_text(key)));
        return add_range(text, key, err);
    }
    RF_TRY(rf_text_printf(text, err, "one %s", kind_text(key)));
    RF_TRY(add_range(text, key, err));
    RF_TRY(rf_text_printf(text, err, ", or %d", key->least));
    if (key->most > key->least)
        RF_TRY(rf_text_printf(text, err, " or %d", key->most));
    RF_TRY(rf_text_printf(text, err, " (%s)", key->each));
done:
    return st;
}

rf_status rf_key_allowed(rf_text *text, const rf_key *key, rf_err *err)
{
    rf_status st = RF_OK;
    if (key->most > 0)
        return add_list(text, key, err);
    if (key->type == RF_KEY_TIME_FORMAT) {
        RF_TRY(add_words(text, key, "", err));
        return rf_text_printf(text, err, ", or %s", kind_text(key));
    }
    RF_TRY(rf_text_printf(text, err, "%s", kind_text(key)));
    if (key->type == RF_KEY_INT || key->type == RF_KEY_REAL)
        RF_TRY(add_range(text, key, err));
    RF_TRY(add_words(text, key, key->type == RF_KEY_CHOICE ? " " : ", or ", err));
done:
    return st;
}
