/* settings_value.c - one value into the field of its row, checked against the row's type and range. Knows
 * nothing of files and lines.
 */
#include "settings_int.h"

#include <string.h>

#include "rf_time.h"

#define LONGEST_TEXT 4096
#define EARLIEST_ORIGIN_US INT64_C(-11676096000000000) /* 1600-01-01 */

/* ---- one value ---- */

bool rf_settings_is_null(const rf_yaml_node *node)
{
    return node->kind == RF_YAML_SCALAR && node->plain &&
           (node->text[0] == '\0' || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

bool rf_settings_printable(const char *text, size_t most)
{
    size_t len = strlen(text);
    if (len == 0 || len > most || !rf_utf8_valid(text, len))
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

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef", *at = c == '\0' ? NULL : strchr(digits, c | 0x20);
    return at == NULL ? -1 : (int)(at - digits);
}

/* ";", a tab or "\t", "\x01" */
static bool mark_value(const char *text, int64_t *value)
{
    char mark = text[0];
    if (strcmp(text, "\\t") == 0)
        mark = '\t';
    else if (strlen(text) == 4 && memcmp(text, "\\x", 2) == 0 && hex_digit(text[2]) >= 0 &&
             hex_digit(text[3]) >= 0)
        mark = (char)(hex_digit(text[2]) * 16 + hex_digit(text[3]));
    else if (strlen(text) != 1)
        return false;
    bool letter = (mark | 0x20) >= 'a' && (mark | 0x20) <= 'z';
    *value = mark;
    return mark > 0 && !letter && (mark < '0' || mark > '9') && mark != '\n' && mark != '\r';
}

/* What becomes a whole number in the field: a word, a switch, a duration, a time. */
static bool whole_value(const rf_key *key, const char *text, int64_t *value)
{
    switch (key->type) {
    case RF_KEY_BOOL:
        return bool_value(text, value);
    case RF_KEY_MARK:
        return word_value(key, text, value) || mark_value(text, value);
    case RF_KEY_DURATION:
        return word_value(key, text, value) ||
               (rf_duration_parse(value, text, strlen(text)) && in_range(key, (double)*value));
    case RF_KEY_TIME:
        return word_value(key, text, value) || rf_time_parse_iso(value, text, strlen(text), NULL);
    case RF_KEY_ORIGIN:
        return rf_time_parse_any(value, text, strlen(text), NULL) && *value >= EARLIEST_ORIGIN_US &&
               *value < RF_TIME_MAX;
    default:
        return word_value(key, text, value);
    }
}

/* Formats of times, one a line beside the field: words and patterns, tried in their order. */
static rf_status store_formats(void *base, const rf_key *key, const rf_yaml_node *node, rf_keep *keep,
                               bool *fits, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text all = {0};
    int64_t word;
    *fits = node->first != NULL;
    for (const rf_yaml_node *item = node->first; *fits && item != NULL; item = item->next) {
        *fits = item->kind == RF_YAML_SCALAR && rf_settings_printable(item->text, LONGEST_TEXT) &&
                (word_value(key, item->text, &word) || strchr(item->text, '%') != NULL);
        if (*fits)
            RF_TRY(rf_text_printf(&all, err, "%s%s", all.len == 0 ? "" : "\n", item->text));
    }
    if (!*fits)
        goto done;
    const char *copy = rf_keep_text(keep, all.ptr, all.len, err);
    if (copy == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    *(const char **)((char *)base + key->beside) = copy;
    rf_field_put_whole((char *)base + key->offset, key->field, key->alternative);
done:
    rf_text_clear(&all);
    return st;
}

/* A text into the field, or a pattern of time beside it. */
static rf_status store_text(void *base, const rf_key *key, const char *text, rf_keep *keep, bool *fits,
                            rf_err *err)
{
    bool pattern = key->type == RF_KEY_TIME_FORMAT;
    *fits = rf_settings_printable(text, LONGEST_TEXT) && (!pattern || strchr(text, '%') != NULL);
    if (!*fits)
        return RF_OK;
    const char *copy = rf_keep_text(keep, text, strlen(text), err);
    if (copy == NULL)
        return RF_E_NOMEM;
    *(const char **)((char *)base + (pattern ? key->beside : key->offset)) = copy;
    if (pattern)
        rf_field_put_whole((char *)base + key->offset, key->field, key->alternative);
    return RF_OK;
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

static bool store_numbers(void *base, const rf_key *key, const rf_yaml_node *node)
{
    number_list list = {.n = 0};
    for (const rf_yaml_node *item = node->first; item != NULL; item = item->next) {
        if (item->kind != RF_YAML_SCALAR || !add_number(&list, key, item->text, strlen(item->text)))
            return false;
    }
    for (const char *text = node->kind == RF_YAML_LIST ? NULL : node->text; text != NULL;) { /* "64,32,16" */
        size_t len = strcspn(text, ",");
        if (!add_number(&list, key, text, len))
            return false;
        text = text[len] == '\0' ? NULL : text + len + 1;
    }
    if (key->beside > 0) {
        *rf_field_beside(base, key) = list.n;
    } else if (list.n == 1) {
        while (list.n < key->least)
            list.items[list.n++] = list.items[0];
    } else if (list.n < key->least) {
        return false;
    }
    for (int i = 0; i < key->most; i++)
        rf_field_put_number(rf_field_item(base, key, i), key->field, i < list.n ? list.items[i] : 0);
    return true;
}

static rf_status store_texts(void *base, const rf_key *key, const rf_yaml_node *node, rf_keep *keep,
                             bool *fits, rf_err *err)
{
    const rf_yaml_node *first = node->kind == RF_YAML_SCALAR ? node : node->first;
    size_t n = 0;
    for (const rf_yaml_node *item = first; item != NULL; item = item == node ? NULL : item->next) {
        if (item->kind != RF_YAML_SCALAR || !rf_settings_printable(item->text, LONGEST_TEXT))
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
    *rf_field_beside(base, key) = (int)n;
    *fits = true;
    return RF_OK;
}

/* The child of a map that has the names, if there is one and all others have keys of their own; else NULL. */
static const rf_yaml_node *named_child(const rf_key *key, const rf_yaml_node *map)
{
    bool may_be_spelt = rf_key_part(key, RF_SPELLING) != NULL;
    static const char *const words[] = {"first", "join", "field", "fields"};
    const rf_yaml_node *found = NULL;
    for (const rf_yaml_node *child = map->first; child != NULL; child = child->next) {
        int word = 0;
        if (rf_key_part(key, child->key) != NULL)
            continue;
        while (word < 4 && strcmp(child->key, words[word]) != 0)
            word++;
        bool one = word == 2 && child->kind == RF_YAML_SCALAR;
        bool several = word == 3 && child->kind == RF_YAML_LIST;
        if (found != NULL || !(word < 2 || (may_be_spelt && (one || several))))
            return NULL;
        found = child;
    }
    return found;
}

/* A column or key, or several of them. */
static rf_status store_names(void *base, const rf_key *key, const rf_yaml_node *node, rf_keep *keep,
                             bool *fits, rf_err *err)
{
    rf_more_names more = {.joined = key->alternative == 1, .list = key->alternative == 0};
    const rf_yaml_node *list = node;
    const char *first = NULL, **names;
    if (node->kind == RF_YAML_MAP) {
        list = named_child(key, node);
        if (list == NULL)
            return RF_OK;
        more.joined = strcmp(list->key, "first") != 0;
        more.list = false;
    }
    const rf_yaml_node *begin = list->kind == RF_YAML_SCALAR ? list : list->first;
    int n = 0;
    for (const rf_yaml_node *item = begin; item != NULL; item = item == list ? NULL : item->next, n++) {
        if (item->kind != RF_YAML_SCALAR || !rf_settings_printable(item->text, LONGEST_TEXT))
            return RF_OK;
    }
    if (n == 0)
        return RF_OK;
    names = rf_keep_new(keep, (size_t)n * sizeof *names, err);
    if (names == NULL)
        return RF_E_NOMEM;
    for (const rf_yaml_node *item = begin; item != NULL; item = item == list ? NULL : item->next) {
        const char *name = rf_keep_text(keep, item->text, strlen(item->text), err);
        if (name == NULL)
            return RF_E_NOMEM;
        if (first == NULL)
            first = name;
        else
            names[more.n++] = name;
    }
    more.names = names;
    *(const char **)((char *)base + key->offset) = first;
    memcpy((char *)base + key->beside, &more, sizeof more);
    *fits = true;
    return RF_OK;
}

rf_status rf_key_store(void *base, const rf_key *key, const rf_yaml_node *node, rf_keep *keep, bool *fits,
                       rf_err *err)
{
    void *slot = (char *)base + key->offset;
    int64_t whole;
    double number;
    *fits = false;
    if (key->type == RF_KEY_FIELD)
        return store_names(base, key, node, keep, fits, err);
    if (node->kind == RF_YAML_MAP)
        return RF_OK;
    if (key->type == RF_KEY_TEXTS)
        return store_texts(base, key, node, keep, fits, err);
    if (key->most > 0) {
        *fits = store_numbers(base, key, node);
        return RF_OK;
    }
    if (node->kind == RF_YAML_LIST && key->type == RF_KEY_TIME_FORMAT)
        return store_formats(base, key, node, keep, fits, err);
    if (node->kind != RF_YAML_SCALAR)
        return RF_OK;
    switch (key->type) {
    case RF_KEY_INT:
    case RF_KEY_REAL:
        *fits = word_value(key, node->text, &whole);
        if (*fits) {
            rf_field_put_whole(slot, key->field, whole);
            return RF_OK;
        }
        *fits = number_value(key, node->text, strlen(node->text), &number);
        if (*fits)
            rf_field_put_number(slot, key->field, number);
        if (*fits && key->beside > 0)
            *rf_field_beside(base, key) = key->alternative;
        return RF_OK;
    case RF_KEY_TEXT:
    case RF_KEY_PATH:
    case RF_KEY_ZONE:
        return store_text(base, key, node->text, keep, fits, err);
    default:
        *fits = whole_value(key, node->text, &whole);
        if (*fits)
            rf_field_put_whole(slot, key->field, whole);
        else if (key->type == RF_KEY_TIME_FORMAT)
            return store_text(base, key, node->text, keep, fits, err);
        return RF_OK;
    }
}
