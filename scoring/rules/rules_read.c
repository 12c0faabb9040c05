/* rules_read.c - numbers, texts, words and keys of a rule file, each with a message that says file, line and
 * what was meant.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rules_parse_int.h"

const char *rule_where(char out[RULE_WHERE], const rule_place *place)
{
    if (place->name == NULL)
        snprintf(out, RULE_WHERE, "%.100s:%d", place->file, place->line);
    else
        snprintf(out, RULE_WHERE, "%.60s:%d: %s %.60s", place->file, place->line, place->what, place->name);
    return out;
}

rf_status rule_fail(const rule_reader *r, int line, rf_err *err, const char *format, ...)
{
    char where[RULE_WHERE], text[400];
    rule_place place = r->place;
    place.line = line;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%s: %s", rule_where(where, &place), text);
}

/* ---- scalars ---- */

rf_status rule_read_number(double *out, const rule_reader *r, const rf_yaml_node *node, double min,
                           double max, rf_err *err)
{
    rf_status st = RF_OK;
    const char *key = node->key != NULL ? node->key : "list";
    if (node->kind != RF_YAML_SCALAR || !rf_double_parse(out, node->text, strlen(node->text)))
        RULE_FAIL(r, node->line, "%.60s needs a number", key);
    if (!(*out >= min && *out <= max))
        RULE_FAIL(r, node->line, "%.60s is %g; it lies between %g and %g", key, *out, min, max);
done:
    return st;
}

rf_status rule_read_whole(int64_t *out, const rule_reader *r, const rf_yaml_node *node, int64_t min,
                          rf_err *err)
{
    rf_status st = RF_OK;
    if (node->kind != RF_YAML_SCALAR || !rf_int_parse(out, node->text, strlen(node->text)) || *out < min ||
        *out > INT64_C(1000000000))
        RULE_FAIL(r, node->line, "%.60s needs a whole number from %lld on", node->key, (long long)min);
done:
    return st;
}

rf_status rule_read_text(const char **out, const rule_reader *r, const rf_yaml_node *node, size_t most,
                         rf_err *err)
{
    rf_status st = RF_OK;
    if (node->kind != RF_YAML_SCALAR)
        RULE_FAIL(r, node->line, "%.60s needs a text", node->key);
    size_t len = strlen(node->text);
    bool plain = rf_utf8_valid(node->text, len);
    for (size_t i = 0; i < len; i++)
        plain = plain && (unsigned char)node->text[i] >= 0x20 && node->text[i] != 0x7F;
    if (!plain || len > most)
        RULE_FAIL(r, node->line, "%.60s is a text of one line and at most %zu bytes", node->key, most);
    *out = node->text;
done:
    return st;
}

rf_status rule_read_bool(bool *out, const rule_reader *r, const rf_yaml_node *node, rf_err *err)
{
    rf_status st = RF_OK;
    *out = node->kind == RF_YAML_SCALAR && strcmp(node->text, "true") == 0;
    if (!*out && (node->kind != RF_YAML_SCALAR || strcmp(node->text, "false") != 0))
        RULE_FAIL(r, node->line, "%.60s is true or false", node->key);
done:
    return st;
}

/* ---- sides ---- */

const char *rule_side_text(char out[RULE_SIDE_TEXT], const rf_rules *rules, rf_side side)
{
    const int kind = rf_side_kind(side);
    if (kind == 0)
        snprintf(out, RULE_SIDE_TEXT, "%s", rf_side_name(side));
    else
        snprintf(out, RULE_SIDE_TEXT, "%s%s", rules->kinds.name[kind],
                 rf_side_role(side) == RF_EDGE ? ".edge" : "");
    return out;
}

rf_side rule_find_side(const rf_rules *rules, const char *word, size_t len)
{
    char text[RULE_SIDE_TEXT] = "";
    if (len >= sizeof text)
        return RF_NO_SIDE;
    memcpy(text, word, len);
    if (strcmp(text, "user") == 0)
        return RF_USER;
    if (strcmp(text, "edge") == 0)
        return RF_EDGE;
    const int kind = rf_kinds_find(&rules->kinds, text);
    return kind >= 0 ? rf_entity_side(kind) : RF_NO_SIDE;
}

void rule_side_words(const char *out[RULE_SIDE_WORDS], const rf_rules *rules)
{
    int n = 0;
    out[n++] = "user";
    out[n++] = rules->kinds.name[0];
    out[n++] = "edge";
    for (int k = 1; k < rules->kinds.n; k++)
        out[n++] = rules->kinds.name[k];
    out[n] = NULL;
}

rf_status rule_read_side(rf_side *out, const rule_reader *r, const rf_yaml_node *node, rf_err *err)
{
    rf_status st = RF_OK;
    const char *text = node->kind == RF_YAML_SCALAR ? node->text : "", *words[RULE_SIDE_WORDS];
    char name[RULE_SIDE_TEXT];
    for (rf_side side = 0; side < rf_sides(&r->rules->kinds); side++) {
        if (strcmp(text, rule_side_text(name, r->rules, side)) == 0) {
            *out = side;
            goto done;
        }
    }
    if (r->rules->kinds.n == 1)
        RULE_FAIL(r, node->line, "%.60s is user, entity or edge", node->key);
    rule_side_words(words, r->rules);
    const char *nearest = rf_nearest(text, words);
    RULE_FAIL(r, node->line,
              "%.60s is user, entity, edge, a kind of the list `kinds`, or its edges: KIND.edge%s%s%s",
              node->key, nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
              nearest != NULL ? "?" : "");
done:
    return st;
}

/* A map whose keys are all among these (NULL-terminated). */
rf_status rule_check_keys(const rule_reader *r, const rf_yaml_node *map, const char *what,
                          const char *const *keys, rf_err *err)
{
    rf_status st = RF_OK;
    if (map->kind != RF_YAML_MAP)
        RULE_FAIL(r, map->line, "%s needs keys and values", what);
    for (const rf_yaml_node *child = map->first; child != NULL; child = child->next) {
        int i = 0;
        while (keys[i] != NULL && strcmp(keys[i], child->key) != 0)
            i++;
        if (keys[i] != NULL)
            continue;
        const char *nearest = rf_nearest(child->key, keys);
        RULE_FAIL(r, child->line, "unknown key \"%.60s\" in %s%s%s%s", child->key, what,
                  nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
                  nearest != NULL ? "?" : "");
    }
done:
    return st;
}

int rule_count(const rf_yaml_node *node)
{
    int n = 0;
    for (const rf_yaml_node *child = node->first; child != NULL; child = child->next)
        n++;
    return n;
}
