/* rules_signal.c - reads a rule's signals, and how they become one confidence: a tree of all, any, first,
 * weights and not.
 *
 * A signal is a value, what it is compared with, how sharply, and how much of the rule's evidence it is.
 */
#include <string.h>

#include "rules_parse_int.h"

static rf_status read_segment_name(int *out, const rule_reader *r, const rf_yaml_node *node, rf_side subject,
                                   rf_err *err)
{
    rf_status st = RF_OK;
    const char *names[RF_RULE_CUTS + 1] = {NULL};
    const char *text = node->kind == RF_YAML_SCALAR ? node->text : "";
    char of[RULE_SIDE_TEXT], wanted[RULE_SIDE_TEXT];
    for (int i = 0; i < r->rules->n_segments; i++) {
        const rule_segment *segment = &r->rules->segments[i];
        names[i] = segment->name;
        if (strcmp(segment->name, text) != 0)
            continue;
        if (segment->of != subject)
            RULE_FAIL(r, node->line, "segment %s is one of %s values, the subject is %s", text,
                      rule_side_text(of, r->rules, segment->of), rule_side_text(wanted, r->rules, subject));
        *out = i;
        goto done;
    }
    const char *nearest = rf_nearest(text, names);
    RULE_FAIL(r, node->line, "there is no segment \"%.60s\"%s%s%s", text,
              nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
              nearest != NULL ? "?" : "");
done:
    return st;
}

/* Exactly one of the four. */
static rf_status read_threshold(rule_signal *out, const rule_reader *r, const rf_yaml_node *map, rf_err *err)
{
    static const char *const words[] = {"above", "below", "above_percentile", "below_percentile"};
    rf_status st = RF_OK;
    const rf_yaml_node *found = NULL;
    for (int i = 0; i < 4; i++) {
        const rf_yaml_node *node = rf_yaml_get(map, words[i]);
        if (node == NULL)
            continue;
        if (found != NULL)
            RULE_FAIL(r, node->line, "%s and %s exclude each other", found->key, node->key);
        found = node;
        out->above = i % 2 == 0;
        out->by_percentile = i >= 2;
    }
    if (found == NULL)
        RULE_FAIL(r, map->line, "a signal needs one of above, below, above_percentile, below_percentile");
    RF_TRY(rule_read_number(&out->threshold, r, found, out->by_percentile ? 0 : -1e15,
                            out->by_percentile ? 1 : 1e15, err));
done:
    return st;
}

static rf_status read_signal(rule_signal *out, rule_reader *r, const rule *of, const rf_yaml_node *map,
                             rf_err *err)
{
    static const char *const keys[] = {"value",   "above", "below",  "above_percentile", "below_percentile",
                                       "segment", "slope", "weight", "needed",           "about",
                                       NULL};
    rf_status st = RF_OK;
    const rf_yaml_node *node;
    r->place.what = "signal";
    r->place.name = map->key;
    r->place.line = map->line;
    *out = (rule_signal){.place = r->place, .segment = -1, .weight = 1, .about = ""};
    if (!rf_tag_type_valid(map->key))
        RULE_FAIL(r, map->line, "a signal's name has lower-case letters, digits and _, a letter first");
    out->name = map->key;
    RF_TRY(rule_check_keys(r, map, "a signal", keys, err));
    if ((node = rf_yaml_get(map, "value")) == NULL)
        RULE_FAIL(r, map->line, "a signal needs a value: {value: user.amount_mean, above: 100}");
    RF_TRY(rule_read_value(&out->value, r, node, of->subject, err));
    RF_TRY(read_threshold(out, r, map, err));
    if ((node = rf_yaml_get(map, "slope")) != NULL) {
        RF_TRY(rule_read_number(&out->slope, r, node, 0, 1e15, err));
        if (!(out->slope > 0))
            RULE_FAIL(r, node->line, "slope is above 0; leave it out for a step");
    }
    if ((node = rf_yaml_get(map, "weight")) != NULL)
        RF_TRY(rule_read_number(&out->weight, r, node, 1e-3, 1e3, err));
    if ((node = rf_yaml_get(map, "needed")) != NULL)
        RF_TRY(rule_read_bool(&out->needed, r, node, err));
    if ((node = rf_yaml_get(map, "segment")) != NULL) {
        if (!out->by_percentile)
            RULE_FAIL(r, node->line, "segment belongs to above_percentile or below_percentile");
        RF_TRY(read_segment_name(&out->segment, r, node, of->subject, err));
    }
    if ((node = rf_yaml_get(map, "about")) != NULL)
        RF_TRY(rule_read_text(&out->about, r, node, RULE_MOST_ABOUT, err));
done:
    return st;
}

/* ---- the confidence ---- */

static rf_status read_node(rule_tree **out, rule *of, const rule_reader *r, const rf_yaml_node *node,
                           rf_err *err);

static rf_status new_node(rule_tree **out, const rule_reader *r, rule_join join, rf_err *err)
{
    *out = rf_keep_new(&r->rules->keep, sizeof **out, err);
    if (*out == NULL)
        return RF_E_NOMEM;
    **out = (rule_tree){.join = join, .signal = -1, .weight = 1};
    return RF_OK;
}

static rf_status read_leaf(rule_tree **out, const rule *of, const rule_reader *r, const char *name, int line,
                           rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(new_node(out, r, RULE_LEAF, err));
    for (int i = 0; i < of->n_signals; i++) {
        if (strcmp(of->signals[i].name, name) == 0)
            (*out)->signal = i;
    }
    if ((*out)->signal < 0) {
        const char *names[RF_RULE_SIGNALS + 1] = {NULL};
        for (int i = 0; i < of->n_signals; i++)
            names[i] = of->signals[i].name;
        const char *nearest = rf_nearest(name, names);
        RULE_FAIL(r, line, "confidence: there is no signal \"%.60s\"%s%s%s", name,
                  nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
                  nearest != NULL ? "?" : "");
    }
done:
    return st;
}

static rf_status read_weights(rule_tree *join, rule *of, const rule_reader *r, const rf_yaml_node *map,
                              rf_err *err)
{
    rf_status st = RF_OK;
    rule_tree **tail = &join->first;
    double sum = 0;
    if (map->kind != RF_YAML_MAP)
        RULE_FAIL(r, map->line,
                  "confidence: weights needs signals with their weights: {coupons: 2, young: 1}");
    for (const rf_yaml_node *child = map->first; child != NULL; child = child->next) {
        RF_TRY(read_leaf(tail, of, r, child->key, child->line, err));
        RF_TRY(rule_read_number(&(*tail)->weight, r, child, 0, 1e6, err));
        sum += (*tail)->weight;
        tail = &(*tail)->next;
    }
    if (!(sum > 0))
        RULE_FAIL(r, map->line, "confidence: the weights add up to 0");
done:
    return st;
}

static rf_status read_join(rule_tree **out, rule *of, const rule_reader *r, const rf_yaml_node *node,
                           rf_err *err)
{
    static const char *const words[] = {"all", "any", "first", "weights", "not", NULL};
    static const rule_join joins[] = {RULE_ALL, RULE_ANY, RULE_FIRST, RULE_WEIGHTS, RULE_NOT};
    rf_status st = RF_OK;
    int which = 0;
    if (node->first == NULL || node->first->next != NULL)
        RULE_FAIL(
            r, node->line,
            "confidence needs exactly one of all, any, first, weights, not, for example {all: [coupons, "
            "young]}");
    while (words[which] != NULL && strcmp(words[which], node->first->key) != 0)
        which++;
    if (words[which] == NULL) {
        const char *nearest = rf_nearest(node->first->key, words);
        RULE_FAIL(r, node->line, "confidence: unknown word \"%.60s\"; %s%s", node->first->key,
                  nearest != NULL ? "did you mean " : "all, any, first, weights and not are known",
                  nearest != NULL ? nearest : "");
    }
    RF_TRY(new_node(out, r, joins[which], err));
    const rf_yaml_node *list = node->first;
    rule_tree **tail = &(*out)->first;
    if (joins[which] == RULE_NOT) {
        RF_TRY(read_node(tail, of, r, list, err));
        goto done;
    }
    if (joins[which] == RULE_WEIGHTS) {
        RF_TRY(read_weights(*out, of, r, list, err));
        goto done;
    }
    if (list->kind != RF_YAML_LIST || list->first == NULL)
        RULE_FAIL(r, list->line, "confidence: %s needs a list of signals: [coupons, young]", list->key);
    for (const rf_yaml_node *child = list->first; child != NULL; child = child->next) {
        RF_TRY(read_node(tail, of, r, child, err));
        tail = &(*tail)->next;
    }
done:
    return st;
}

/* The YAML reader bounds the depth. */
static rf_status read_node(rule_tree **out, rule *of, const rule_reader *r, const rf_yaml_node *node,
                           rf_err *err)
{
    rf_status st = RF_OK;
    if (node->kind == RF_YAML_SCALAR)
        RF_TRY(read_leaf(out, of, r, node->text, node->line, err));
    else if (node->kind == RF_YAML_MAP)
        RF_TRY(read_join(out, of, r, node, err));
    else
        RULE_FAIL(r, node->line, "confidence: put the list under all or any: {all: [coupons, young]}");
done:
    return st;
}

static void mark(const rule_tree *tree, bool *seen)
{
    if (tree->join == RULE_LEAF)
        seen[tree->signal] = true;
    for (const rule_tree *child = tree->first; child != NULL; child = child->next)
        mark(child, seen);
}

/* A signal without a part in the confidence is a mistake; without a confidence all signals have to hold. */
static rf_status read_confidence(rule *of, const rule_reader *r, const rf_yaml_node *node, rf_err *err)
{
    rf_status st = RF_OK;
    bool seen[RF_RULE_SIGNALS] = {false};
    if (node != NULL) {
        RF_TRY(read_node(&of->confidence, of, r, node, err));
        mark(of->confidence, seen);
        for (int i = 0; i < of->n_signals; i++) {
            if (!seen[i])
                RULE_FAIL(r, node->line, "confidence does not use the signal %s; use it or remove it",
                          of->signals[i].name);
        }
        goto done;
    }
    RF_TRY(new_node(&of->confidence, r, RULE_ALL, err));
    rule_tree **tail = &of->confidence->first;
    for (int i = 0; i < of->n_signals; i++) {
        RF_TRY(new_node(tail, r, RULE_LEAF, err));
        (*tail)->signal = i;
        tail = &(*tail)->next;
    }
done:
    return st;
}

/* ---- both ---- */

rf_status rule_read_signals(rule *out, rule_reader *r, const rf_yaml_node *map,
                            const rf_yaml_node *confidence, rf_err *err)
{
    rf_status st = RF_OK;
    rule_place place = r->place;
    if (map == NULL || map->kind != RF_YAML_MAP || map->first == NULL)
        RULE_FAIL(r, map != NULL ? map->line : out->place.line,
                  "a rule needs signals: {coupons: {value: user.promo_share, above: 0.6}}");
    int n = rule_count(map);
    if (n > RF_RULE_SIGNALS)
        RULE_FAIL(r, map->line, "%d signals; a rule has at most %d", n, RF_RULE_SIGNALS);
    out->signals = rf_keep_new(&r->rules->keep, (size_t)n * sizeof *out->signals, err);
    if (out->signals == NULL)
        return RF_E_NOMEM;
    for (const rf_yaml_node *node = map->first; node != NULL; node = node->next) {
        if (node->kind != RF_YAML_MAP)
            RULE_FAIL(r, node->line,
                      "signal %.60s needs keys and values: {value: user.promo_share, above: 0.6}", node->key);
        RF_TRY(read_signal(&out->signals[out->n_signals], r, out, node, err));
        out->n_signals++;
    }
    r->place = place;
    RF_TRY(read_confidence(out, r, confidence, err));
done:
    return st;
}
