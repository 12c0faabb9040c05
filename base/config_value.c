/* config_value.c - one value of the configuration: text to the key's type, checked against its range, and the
 * sentence that says what would have been allowed. Knows nothing of files and lines.
 */
#include "config_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_time.h"

#define LONGEST_TEXT 4096

/* ---- storing ---- */

static bool in_range(const rf_config_key *key, double value)
{
    return key->above_min ? value > key->min && value <= key->max : value >= key->min && value <= key->max;
}

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

static int word_of(const rf_config_key *key, const char *text)
{
    size_t len = strlen(text);
    for (int n = 0;; n++) {
        rf_span word = rf_config_choice(key, n);
        if (word.len == 0)
            return -1;
        if (word.len == len && memcmp(word.ptr, text, len) == 0)
            return n;
    }
}

static bool store_bool(bool *slot, const char *text)
{
    static const char *const words[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    for (size_t i = 0; i < 6; i++) {
        if (strcmp(text, words[i]) == 0) {
            *slot = i < 3;
            return true;
        }
    }
    return false;
}

static bool store_int(int64_t *slot, const rf_config_key *key, const char *text)
{
    int64_t value;
    if (!rf_int_parse(&value, text, strlen(text)) || !in_range(key, (double)value))
        return false;
    *slot = value;
    return true;
}

static bool store_real(double *slot, const rf_config_key *key, const char *text)
{
    double value;
    if (!rf_double_parse(&value, text, strlen(text)) || !in_range(key, value))
        return false;
    *slot = value;
    return true;
}

static bool store_duration(int64_t *slot, const rf_config_key *key, const char *text)
{
    int64_t value = 0;
    if (word_of(key, text) < 0 &&
        (!rf_duration_parse(&value, text, strlen(text)) || !in_range(key, (double)value)))
        return false;
    *slot = value;
    return true;
}

static bool store_time(int64_t *slot, const rf_config_key *key, const char *text)
{
    int word = word_of(key, text);
    if (word < 0)
        return rf_time_parse_iso(slot, text, strlen(text), NULL);
    *slot = RF_CONFIG_WORD + word;
    return true;
}

static bool time_format_known(const char *text)
{
    static const char *const words[] = {"iso8601", "s", "ms", "us"};
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(text, words[i]) == 0)
            return true;
    }
    return strchr(text, '%') != NULL && printable(text);
}

static rf_status store_text(const char **slot, const rf_config_key *key, const char *text, rf_keep *keep,
                            bool *fits, rf_err *err)
{
    *fits = key->type == RF_KEY_TIME_FORMAT ? time_format_known(text) : printable(text);
    if (!*fits)
        return RF_OK;
    const char *copy = rf_keep_text(keep, text, strlen(text), err);
    if (copy == NULL)
        return RF_E_NOMEM;
    *slot = copy;
    return RF_OK;
}

static rf_status store_scalar(void *slot, const rf_config_key *key, const char *text, rf_keep *keep,
                              bool *fits, rf_err *err)
{
    switch (key->type) {
    case RF_KEY_BOOL:
        *fits = store_bool(slot, text);
        return RF_OK;
    case RF_KEY_INT:
        *fits = store_int(slot, key, text);
        return RF_OK;
    case RF_KEY_REAL:
        *fits = store_real(slot, key, text);
        return RF_OK;
    case RF_KEY_DURATION:
        *fits = store_duration(slot, key, text);
        return RF_OK;
    case RF_KEY_TIME:
        *fits = store_time(slot, key, text);
        return RF_OK;
    case RF_KEY_CHOICE: {
        int word = word_of(key, text);
        *fits = word >= 0;
        if (*fits)
            *(int *)slot = word;
        return RF_OK;
    }
    default:
        return store_text(slot, key, text, keep, fits, err);
    }
}

/* ---- lists ---- */

static bool add_number(rf_numbers *list, const rf_config_key *key, const char *text, size_t len)
{
    double value;
    int64_t whole;
    while (len > 0 && text[0] == ' ') {
        text++;
        len--;
    }
    while (len > 0 && text[len - 1] == ' ')
        len--;
    if (list->n == RF_CONFIG_NUMBERS || !rf_double_parse(&value, text, len) || !in_range(key, value))
        return false;
    if (key->type == RF_KEY_INTS && !rf_int_parse(&whole, text, len))
        return false;
    list->items[list->n++] = value;
    return true;
}

static bool add_numbers_of_text(rf_numbers *list, const rf_config_key *key, const char *text)
{
    for (;;) {
        size_t len = strcspn(text, ",");
        if (!add_number(list, key, text, len))
            return false;
        text += len;
        if (*text == '\0')
            return true;
        text++;
    }
}

static bool store_numbers(rf_numbers *slot, const rf_config_key *key, const rf_yaml_node *node)
{
    rf_numbers list = {.n = 0};
    if (node->kind == RF_YAML_SCALAR && !add_numbers_of_text(&list, key, node->text))
        return false;
    for (const rf_yaml_node *item = node->first; item != NULL; item = item->next) {
        if (item->kind != RF_YAML_SCALAR || !add_number(&list, key, item->text, strlen(item->text)))
            return false;
    }
    *slot = list;
    return true;
}

static rf_status store_texts(rf_strings *slot, const rf_yaml_node *node, rf_keep *keep, bool *fits,
                             rf_err *err)
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
    rf_strings list = {items, 0};
    for (const rf_yaml_node *item = first; item != NULL; item = item == node ? NULL : item->next) {
        items[list.n] = rf_keep_text(keep, item->text, strlen(item->text), err);
        if (items[list.n++] == NULL)
            return RF_E_NOMEM;
    }
    *slot = list;
    *fits = true;
    return RF_OK;
}

rf_status rf_config_store(void *base, const rf_config_key *key, const rf_yaml_node *node, rf_keep *keep,
                          bool *fits, rf_err *err)
{
    void *slot = (char *)base + key->offset;
    *fits = false;
    if (node->kind == RF_YAML_MAP)
        return RF_OK;
    if (key->type == RF_KEY_INTS || key->type == RF_KEY_REALS) {
        *fits = store_numbers(slot, key, node);
        return RF_OK;
    }
    if (key->type == RF_KEY_TEXTS)
        return store_texts(slot, node, keep, fits, err);
    if (node->kind == RF_YAML_LIST)
        return RF_OK;
    return store_scalar(slot, key, node->text, keep, fits, err);
}

rf_status rf_config_store_preset(void *base, const rf_config_key *key, rf_keep *keep, rf_err *err)
{
    void *slot = (char *)base + key->offset;
    if (key->preset != NULL) {
        bool fits;
        rf_yaml_node node = {.kind = RF_YAML_SCALAR, .plain = true, .text = key->preset};
        rf_status st = rf_config_store(base, key, &node, keep, &fits, err);
        if (st == RF_OK && !fits)
            st = rf_err_set(err, RF_E_INTERNAL, __FILE__, __LINE__,
                            "the default \"%s\" of %s is not allowed by its "
                            "own table",
                            key->preset, key->path);
        return st;
    }
    switch (key->type) {
    case RF_KEY_REAL:
        *(double *)slot = (double)NAN;
        break;
    case RF_KEY_TEXTS:
        *(rf_strings *)slot = (rf_strings){0};
        break;
    case RF_KEY_INTS:
    case RF_KEY_REALS:
        ((rf_numbers *)slot)->n = 0;
        break;
    case RF_KEY_CHOICE:
        *(int *)slot = -1;
        break;
    case RF_KEY_TEXT:
    case RF_KEY_PATH:
    case RF_KEY_ZONE:
    case RF_KEY_TIME_FORMAT:
        *(const char **)slot = NULL;
        break;
    default: /* whole numbers, times, switches: the table gives each a default */
        break;
    }
    return RF_OK;
}

/* ---- what is allowed ---- */

static rf_status add_number_text(rf_text *text, const rf_config_key *key, double value, rf_err *err)
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

static rf_status add_range(rf_text *text, const rf_config_key *key, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(text, err, key->above_min ? " above " : " from "));
    RF_TRY(add_number_text(text, key, key->min, err));
    RF_TRY(rf_text_printf(text, err, key->above_min ? " and at most " : " to "));
    RF_TRY(add_number_text(text, key, key->max, err));
done:
    return st;
}

static rf_status add_words(rf_text *text, const rf_config_key *key, const char *before, rf_err *err)
{
    rf_status st = RF_OK;
    for (int n = 0; rf_config_choice(key, n).len > 0; n++) {
        rf_span word = rf_config_choice(key, n);
        RF_TRY(rf_text_printf(text, err, "%s%.*s", n == 0 ? before : ", ", (int)word.len, word.ptr));
    }
done:
    return st;
}

static const char *kind_text(const rf_config_key *key)
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
        return "iso8601, s, ms, us, or a strptime pattern with %";
    case RF_KEY_CHOICE:
        return "one of";
    case RF_KEY_DURATION:
        return "a duration such as 90s, 15m, 12h, 7d";
    case RF_KEY_TIME:
        return "a time such as 2026-01-31T08:00:00Z";
    case RF_KEY_TEXTS:
        return "a list of texts";
    case RF_KEY_INTS:
        return "a list of at most 16 whole numbers";
    case RF_KEY_REALS:
        return "a list of at most 16 numbers";
    }
    return "a value";
}

rf_status rf_config_allowed(rf_text *text, const rf_config_key *key, rf_err *err)
{
    rf_status st = RF_OK;
    const char *kind = kind_text(key);
    RF_TRY(rf_text_add(text, kind, strlen(kind), err));
    switch (key->type) {
    case RF_KEY_INT:
    case RF_KEY_REAL:
    case RF_KEY_INTS:
    case RF_KEY_REALS:
        RF_TRY(add_range(text, key, err));
        break;
    case RF_KEY_CHOICE:
        RF_TRY(add_words(text, key, " ", err));
        break;
    case RF_KEY_DURATION:
    case RF_KEY_TIME:
        RF_TRY(add_words(text, key, ", or ", err));
        break;
    default:
        break;
    }
done:
    return st;
}
