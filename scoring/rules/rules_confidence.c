/* rules_confidence.c - how a rule's signals become one confidence: a tree of all, any, weights and not.
 *
 * A signal without data may be anything in [0, 1]. The tree gives the resulting range, and the confidence is
 * its lower end. So a missing value never supports a tag, not even below `not`.
 */
#include <math.h>
#include <string.h>

#include "rules_int.h"

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

/* Too many names for a list on the stack are not worth a suggestion. */
static const char *nearest_signal(const rule *of, const char *word)
{
    const char *names[RF_RULE_SIGNALS + 1] = {NULL};
    for (int i = 0; i < of->n_signals; i++)
        names[i] = of->signals[i].name;
    return rf_nearest(word, names);
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
        const char *nearest = nearest_signal(of, name);
        RULE_FAIL(r, line, "confidence: there is no signal \"%.60s\"%s%s%s", name,
                  nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
                  nearest != NULL ? "?" : "");
    }
done:
    return st;
}

static rf_status read_list(rule_tree *join, rule *of, const rule_reader *r, const rf_yaml_node *list,
                           rf_err *err)
{
    rf_status st = RF_OK;
    rule_tree **tail = &join->first;
    if (list->kind != RF_YAML_LIST || list->first == NULL)
        RULE_FAIL(r, list->line, "confidence: %s needs a list of signals: [coupons, young]", list->key);
    for (const rf_yaml_node *child = list->first; child != NULL; child = child->next) {
        RF_TRY(read_node(tail, of, r, child, err));
        tail = &(*tail)->next;
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
    static const char *const words[] = {"all", "any", "weights", "not", NULL};
    static const rule_join joins[] = {RULE_ALL, RULE_ANY, RULE_WEIGHTS, RULE_NOT};
    rf_status st = RF_OK;
    int which = 0;
    if (node->first == NULL || node->first->next != NULL)
        RULE_FAIL(r, node->line, "confidence: one of all, any, weights or not, with what belongs to it");
    while (words[which] != NULL && strcmp(words[which], node->first->key) != 0)
        which++;
    if (words[which] == NULL) {
        const char *nearest = rf_nearest(node->first->key, words);
        RULE_FAIL(r, node->line, "confidence: unknown word \"%.60s\"; %s%s", node->first->key,
                  nearest != NULL ? "did you mean " : "all, any, weights and not are known",
                  nearest != NULL ? nearest : "");
    }
    RF_TRY(new_node(out, r, joins[which], err));
    if (joins[which] == RULE_NOT)
        RF_TRY(read_node(&(*out)->first, of, r, node->first, err));
    else if (joins[which] == RULE_WEIGHTS)
        RF_TRY(read_weights(*out, of, r, node->first, err));
    else
        RF_TRY(read_list(*out, of, r, node->first, err));
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
        RULE_FAIL(r, node->line, "confidence: a list stands below all or any: {all: [coupons, young]}");
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

/* A signal that has no part in the confidence is a mistake. */
static rf_status check_used(const rule *of, const rule_reader *r, int line, rf_err *err)
{
    rf_status st = RF_OK;
    bool seen[RF_RULE_SIGNALS] = {false};
    mark(of->confidence, seen);
    for (int i = 0; i < of->n_signals; i++) {
        if (!seen[i])
            RULE_FAIL(r, line, "confidence leaves the signal %s out; use it or remove it",
                      of->signals[i].name);
    }
done:
    return st;
}

rf_status rule_read_confidence(rule *of, const rule_reader *r, const rf_yaml_node *node, rf_err *err)
{
    rf_status st = RF_OK;
    if (node != NULL) {
        RF_TRY(read_node(&of->confidence, of, r, node, err));
        RF_TRY(check_used(of, r, node->line, err));
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

/* ---- evaluation ---- */

typedef struct range {
    double low, high;
} range;

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double most(double a, double b)
{
    return a > b ? a : b;
}

static range range_of(const rule_tree *tree, const float *strength);

static range all_of(const rule_tree *tree, const float *strength)
{
    range out = {1, 1};
    for (const rule_tree *child = tree->first; child != NULL; child = child->next) {
        range part = range_of(child, strength);
        out.low = least(out.low, part.low);
        out.high = least(out.high, part.high);
    }
    return out;
}

static range any_of(const rule_tree *tree, const float *strength)
{
    range out = {0, 0};
    for (const rule_tree *child = tree->first; child != NULL; child = child->next) {
        range part = range_of(child, strength);
        out.low = most(out.low, part.low);
        out.high = most(out.high, part.high);
    }
    return out;
}

static range mean_of(const rule_tree *tree, const float *strength)
{
    range out = {0, 0};
    double sum = 0;
    for (const rule_tree *child = tree->first; child != NULL; child = child->next) {
        range part = range_of(child, strength);
        out.low += child->weight * part.low;
        out.high += child->weight * part.high;
        sum += child->weight;
    }
    out.low = least(out.low / sum, 1);
    out.high = least(out.high / sum, 1);
    return out;
}

static range range_of(const rule_tree *tree, const float *strength)
{
    range part;
    switch (tree->join) {
    case RULE_ALL:
        return all_of(tree, strength);
    case RULE_ANY:
        return any_of(tree, strength);
    case RULE_WEIGHTS:
        return mean_of(tree, strength);
    case RULE_NOT:
        part = range_of(tree->first, strength);
        return (range){1 - part.high, 1 - part.low};
    case RULE_LEAF:
        break;
    }
    double known = (double)strength[tree->signal];
    return isnan(known) ? (range){0, 1} : (range){known, known};
}

double rule_confidence(const rule_tree *tree, const float *strength)
{
    return range_of(tree, strength).low;
}
