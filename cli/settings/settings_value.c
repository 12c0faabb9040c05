/* settings_value.c - one value: text into the field of its row, checked against the row's range, and back
 * into text; and the sentence that says what is allowed. Knows nothing of files and lines.
 */
#include "settings_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_time.h"

#define LONGEST_TEXT 4096

/* ---- fields ---- */

static const size_t field_bytes[] = {
    [RF_FIELD_INT] = sizeof(int),
    [RF_FIELD_INT64] = sizeof(int64_t),
    [RF_FIELD_UINT64] = sizeof(int64_t),
    [RF_FIELD_DOUBLE] = sizeof(double),
    [RF_FIELD_BOOL] = sizeof(bool),
    [RF_FIELD_TEXT] = sizeof(const char *),
    [RF_FIELD_TEXTS] = sizeof(const char *const *),
};

static void put_whole(void *slot, rf_field_type field, int64_t value)
{
    switch (field) {
    case RF_FIELD_INT:
        *(int *)slot = (int)value;
        break;
    case RF_FIELD_INT64:
        *(int64_t *)slot = value;
        break;
    case RF_FIELD_UINT64:
        *(uint64_t *)slot = (uint64_t)value;
        break;
    case RF_FIELD_DOUBLE:
        *(double *)slot = (double)value;
        break;
    default:
        *(bool *)slot = value != 0;
    }
}

static int64_t get_whole(const void *slot, rf_field_type field)
{
    switch (field) {
    case RF_FIELD_INT:
        return *(const int *)slot;
    case RF_FIELD_INT64:
        return *(const int64_t *)slot;
    case RF_FIELD_UINT64:
        return (int64_t) * (const uint64_t *)slot;
    case RF_FIELD_DOUBLE:
        return (int64_t) * (const double *)slot;
    default:
        return *(const bool *)slot;
    }
}

/* The count of a list, or which alternative was given. */
static int *beside_of(const void *base, const rf_key *key)
{
    return (int *)((uintptr_t)base + key->beside);
}

static void *item_of(const void *base, const rf_key *key, int i)
{
    return (void *)((uintptr_t)base + key->offset + (size_t)i * field_bytes[key->field]);
}

void rf_key_copy(void *to, const void *from, const rf_key *key)
{
    size_t n = key->most > 0 ? (size_t)key->most : 1;
    size_t beside = key->type == RF_KEY_TIME_FORMAT ? sizeof(const char *) : sizeof(int);
    memcpy((char *)to + key->offset, (const char *)from + key->offset, n * field_bytes[key->field]);
    if (key->beside > 0)
        memcpy((char *)to + key->beside, (const char *)from + key->beside, beside);
}

/* ---- text to value ---- */

static bool printable(const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || len > LONGEST_TEXT || !rf_utf8_valid(text, len))
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return false;
    }
    return true;
}

static bool word_value(const rf_key *key, const char *text, int64_t *value)
{
    for (const rf_word *word = key->words; word != NULL && word->word != NULL; word++) {
        if (strcmp(word->word, text) == 0) {
            *value = word->value;
            return true;
        }
    }
    return false;
}

/* The first word that stands for the value; NULL: none. */
static const char *word_of(const rf_key *key, int64_t value)
{
    const rf_word *word = key->words;
    while (word != NULL && word->word != NULL && word->value != value)
        word++;
    return word == NULL ? NULL : word->word;
}

static bool in_range(const rf_key *key, double value)
{
    return (key->above_min ? value > key->min : value >= key->min) && value <= key->max;
}

/* Whole numbers too: the table allows none that a double cannot hold exactly. */
static bool number_value(const rf_key *key, const char *text, size_t len, double *value)
{
    int64_t whole;
    if ((key->type == RF_KEY_INT || key->type == RF_KEY_INTS) && !rf_int_parse(&whole, text, len))
        return false;
    return rf_double_parse(value, text, len) && in_range(key, *value);
}

static void put_number(void *slot, rf_field_type field, double value)
{
    if (field == RF_FIELD_DOUBLE)
        *(double *)slot = value;
    else
        put_whole(slot, field, (int64_t)value);
}

static bool bool_value(const char *text, int64_t *value)
{
    static const char *const words[] = {"false", "False", "FALSE", "true", "True", "TRUE"};
    for (int i = 0; i < 6; i++) {
        if (strcmp(text, words[i]) == 0) {
            *value = i >= 3;
            return true;
        }
    }
    return false;
}

/* What becomes a whole number in the field: a word, a switch, a duration, a time. */
static bool whole_value(const rf_key *key, const char *text, int64_t *value)
{
    switch (key->type) {
    case RF_KEY_BOOL:
        return bool_value(text, value);
    case RF_KEY_DURATION:
        return word_value(key, text, value) ||
               (rf_duration_parse(value, text, strlen(text)) && in_range(key, (double)*value));
    case RF_KEY_TIME:
        return word_value(key, text, value) || rf_time_parse_iso(value, text, strlen(text), NULL);
    default:
        return word_value(key, text, value);
    }
}

/* A text into the field, or a pattern of time beside it. */
static rf_status store_text(void *base, const rf_key *key, const char *text, rf_keep *keep, bool *fits,
                            rf_err *err)
{
    bool pattern = key->type == RF_KEY_TIME_FORMAT;
    *fits = printable(text) && (!pattern || strchr(text, '%') != NULL);
    if (!*fits)
        return RF_OK;
    const char *copy = rf_keep_text(keep, text, strlen(text), err);
    if (copy == NULL)
        return RF_E_NOMEM;
    *(const char **)((char *)base + (pattern ? key->beside : key->offset)) = copy;
    if (pattern)
        put_whole((char *)base + key->offset, key->field, key->alternative);
    return RF_OK;
}

static rf_status store_scalar(void *base, const rf_key *key, const char *text, rf_keep *keep, bool *fits,
                              rf_err *err)
{
    void *slot = (char *)base + key->offset;
    int64_t whole;
    double number;
    switch (key->type) {
    case RF_KEY_INT:
    case RF_KEY_REAL:
        *fits = number_value(key, text, strlen(text), &number);
        if (*fits)
            put_number(slot, key->field, number);
        if (*fits && key->beside > 0)
            *beside_of(base, key) = key->alternative;
        return RF_OK;
    case RF_KEY_TEXT:
    case RF_KEY_PATH:
    case RF_KEY_ZONE:
        return store_text(base, key, text, keep, fits, err);
    default:
        *fits = whole_value(key, text, &whole);
        if (*fits)
            put_whole(slot, key->field, whole);
        else if (key->type == RF_KEY_TIME_FORMAT)
            return store_text(base, key, text, keep, fits, err);
        return RF_OK;
    }
}

/* ---- lists ---- */

typedef struct number_list {
    double items[RF_KEY_ITEMS];
    int n;
} number_list;

static bool add_number(number_list *list, const rf_key *key, const char *text, size_t len)
{
    while (len > 0 && text[0] == ' ') {
        text++;
        len--;
    }
    while (len > 0 && text[len - 1] == ' ')
        len--;
    return list->n < key->most && number_value(key, text, len, &list->items[list->n++]);
}

static bool read_numbers(number_list *list, const rf_key *key, const rf_yaml_node *node)
{
    for (const rf_yaml_node *item = node->first; item != NULL; item = item->next) {
        if (item->kind != RF_YAML_SCALAR || !add_number(list, key, item->text, strlen(item->text)))
            return false;
    }
    for (const char *text = node->kind == RF_YAML_LIST ? NULL : node->text; text != NULL;) { /* "64,32,16" */
        size_t len = strcspn(text, ",");
        if (!add_number(list, key, text, len))
            return false;
        text = text[len] == '\0' ? NULL : text + len + 1;
    }
    return true;
}

static bool store_numbers(void *base, const rf_key *key, const rf_yaml_node *node)
{
    number_list list = {.n = 0};
    if (!read_numbers(&list, key, node))
        return false;
    if (key->beside > 0) {
        *beside_of(base, key) = list.n;
    } else if (list.n == 1) {
        while (list.n < key->least)
            list.items[list.n++] = list.items[0];
    } else if (list.n < key->least) {
        return false;
    }
    for (int i = 0; i < key->most; i++)
        put_number(item_of(base, key, i), key->field, i < list.n ? list.items[i] : 0);
    return true;
}

static rf_status store_texts(void *base, const rf_key *key, const rf_yaml_node *node, rf_keep *keep,
                             bool *fits, rf_err *err)
{
    const rf_yaml_node *first = node->kind == RF_YAML_SCALAR ? node : node->first;
    size_t n = 0;
    for (const rf_yaml_node *item = first; item != NULL; item = item == node ? NULL : item->next) {
        if (item->kind != RF_YAML_SCALAR || !printable(item->text))
            return RF_OK;
        n++;
    }
    const char **items = rf_keep_new(keep, (n + 1) * sizeof *items, err);
    if (items == NULL)
        return RF_E_NOMEM;
    n = 0;
    for (const rf_yaml_node *item = first; item != NULL; item = item == node ? NULL : item->next) {
        items[n] = rf_keep_text(keep, item->text, strlen(item->text), err);
        if (items[n++] == NULL)
            return RF_E_NOMEM;
    }
    *(const char *const **)((char *)base + key->offset) = items;
    *beside_of(base, key) = (int)n;
    *fits = true;
    return RF_OK;
}

rf_status rf_key_store(void *base, const rf_key *key, const rf_yaml_node *node, rf_keep *keep, bool *fits,
                       rf_err *err)
{
    *fits = false;
    if (node->kind == RF_YAML_MAP)
        return RF_OK;
    if (key->type == RF_KEY_TEXTS)
        return store_texts(base, key, node, keep, fits, err);
    if (key->most > 0)
        *fits = store_numbers(base, key, node);
    else if (node->kind == RF_YAML_SCALAR)
        return store_scalar(base, key, node->text, keep, fits, err);
    return RF_OK;
}

/* ---- value to text ---- */

bool rf_key_has_value(const void *base, const rf_key *key)
{
    const void *slot = item_of(base, key, 0);
    bool is_list = key->type == RF_KEY_TEXTS || key->most > 0;
    if (key->beside > 0 && is_list)
        return *beside_of(base, key) > 0;
    if (key->beside > 0 && key->type != RF_KEY_TIME_FORMAT)
        return *beside_of(base, key) == key->alternative;
    if (key->field == RF_FIELD_TEXT)
        return *(const char *const *)slot != NULL;
    if (key->field == RF_FIELD_DOUBLE)
        return !isnan(*(const double *)slot);
    return key->type != RF_KEY_CHOICE || word_of(key, get_whole(slot, key->field)) != NULL;
}

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

static double get_number(const void *slot, rf_field_type field)
{
    return field == RF_FIELD_DOUBLE ? *(const double *)slot : (double)get_whole(slot, field);
}

/* One number where it stands for all, else "64, 32, 16". */
static rf_status print_numbers(rf_text *text, const void *base, const rf_key *key, rf_err *err)
{
    rf_status st = RF_OK;
    double items[RF_KEY_ITEMS];
    int n = key->beside > 0 ? *beside_of(base, key) : key->most;
    bool equal = key->beside == 0;
    for (int i = 0; i < n; i++) {
        items[i] = get_number(item_of(base, key, i), key->field);
        equal = equal && items[i] == (i < key->least ? items[0] : 0);
    }
    for (int i = 0; i < (equal ? 1 : n); i++) {
        RF_TRY(rf_text_printf(text, err, i == 0 ? "" : ", "));
        RF_TRY(print_number(text, key, items[i], err));
    }
done:
    return st;
}

static rf_status print_texts(rf_text *text, const void *base, const rf_key *key, rf_err *err)
{
    rf_status st = RF_OK;
    const char *const *items = *(const char *const *const *)item_of(base, key, 0);
    for (int i = 0; i < *beside_of(base, key); i++)
        RF_TRY(rf_text_printf(text, err, "%s%s", i == 0 ? "" : ", ", items[i]));
done:
    return st;
}

rf_status rf_key_print(rf_text *text, const void *base, const rf_key *key, rf_err *err)
{
    const void *slot = item_of(base, key, 0);
    char time[RF_TIME_TEXT];
    if (!rf_key_has_value(base, key))
        return RF_OK;
    if (key->type == RF_KEY_TEXTS)
        return print_texts(text, base, key, err);
    if (key->most > 0)
        return print_numbers(text, base, key, err);
    if (key->field == RF_FIELD_TEXT)
        return rf_text_printf(text, err, "%s", *(const char *const *)slot);
    const char *word = word_of(key, get_whole(slot, key->field));
    if (key->type == RF_KEY_BOOL)
        word = *(const bool *)slot ? "true" : "false";
    else if (key->type == RF_KEY_TIME_FORMAT && word == NULL)
        word = *(const char *const *)(const void *)((const char *)base + key->beside);
    else if (key->type == RF_KEY_TIME && word == NULL)
        word = rf_time_format(time, get_whole(slot, key->field));
    if (word != NULL)
        return rf_text_printf(text, err, "%s", word);
    return print_number(text, key, get_number(slot, key->field), err);
}

rf_status rf_key_default(rf_text *text, const rf_key *key, rf_err *err)
{
    rf_settings defaults;
    if (rf_key_is_attr(key))
        return rf_key_print(text, &rf_attr_default, key, err);
    rf_settings_default(&defaults);
    return rf_key_print(text, &defaults, key, err);
}

/* ---- what is allowed ---- */

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
    case RF_KEY_PATH:
        return "a file or folder name";
    case RF_KEY_ZONE:
        return "a zone such as UTC, +05:30, Asia/Singapore";
    case RF_KEY_TIME_FORMAT:
        return "a strptime pattern with %";
    case RF_KEY_CHOICE:
        return "one of";
    case RF_KEY_DURATION:
        return "a duration such as 90s, 15m, 12h, 7d";
    case RF_KEY_TIME:
        return "a time such as 2026-01-31T08:00:00Z";
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
