/* rules_cover.c - what a graph gives a rule to judge by: an attribute that nobody mapped is unknown
 * everywhere, and the signals that read it are left out.
 *
 * A rule judges by the signals that are left. Their share of its evidence, by weight, bounds its confidence,
 * so that a rule that lacks much cannot be sure; one that lacks half, or what it needs, does not judge.
 */
#include <math.h>
#include <string.h>

#include "rf_feature_words.h"
#include "rf_mem.h"
#include "rules_judge_int.h"

/* ---- what is left of the evidence ---- */

/* A part weighs as much as its heaviest signal. */
static double weight_of(const rule *of, const rule_tree *tree)
{
    double most = tree->join == RULE_LEAF ? of->signals[tree->signal].weight : 0;
    for (const rule_tree *child = tree->first; child != NULL; child = child->next) {
        double weight = weight_of(of, child);
        most = weight > most ? weight : most;
    }
    return most;
}

static double share_of(const rule *of, const rule_tree *tree, const bool *fed);

/* Of substitutes for each other: the first one of which something is left, or the last of all, which asks
 * for least. */
static const rule_tree *substitute(const rule *of, const rule_tree *tree, const bool *fed)
{
    const rule_tree *child = tree->first;
    while (child->next != NULL && !(share_of(of, child, fed) > 0))
        child = child->next;
    return child;
}

static double share_of(const rule *of, const rule_tree *tree, const bool *fed)
{
    double sum = 0, weights = 0, most = 0;
    if (tree->join == RULE_LEAF)
        return fed[tree->signal] ? 1 : 0;
    if (tree->join == RULE_FIRST)
        return share_of(of, substitute(of, tree, fed), fed);
    for (const rule_tree *child = tree->first; child != NULL; child = child->next) {
        double weight = tree->join == RULE_WEIGHTS ? child->weight : weight_of(of, child);
        double share = share_of(of, child, fed);
        sum += weight * share;
        weights += weight;
        most = share > most ? share : most;
    }
    return tree->join == RULE_ANY ? most : sum / weights;
}

/* ---- the tree that is left ---- */

typedef struct cutting {
    const rule *of;
    const bool *fed;
    rule_cover *out;
    int n; /* nodes made */
} cutting;

/* Of alternatives, those that lack nothing stand for the others: one that lacks a part would hold too
 * easily. */
static bool is_passed_over(const cutting *c, const rule_tree *tree, const rule_tree *child)
{
    return tree->join == RULE_ANY && share_of(c->of, child, c->fed) < share_of(c->of, tree, c->fed);
}

/* A copy without what the graph does not feed; NULL if nothing is left. Notes what is used and wanted. */
static rule_tree *cut(cutting *c, const rule_tree *tree)
{
    if (tree->join == RULE_FIRST)
        return cut(c, substitute(c->of, tree, c->fed));
    if (tree->join == RULE_LEAF && !c->fed[tree->signal]) {
        c->out->wants[tree->signal] = true;
        return NULL;
    }
    rule_tree *copy = &c->out->nodes[c->n++], **tail = &copy->first;
    *copy = (rule_tree){.join = tree->join, .signal = tree->signal, .weight = tree->weight};
    if (tree->join == RULE_LEAF) {
        c->out->used[tree->signal] = true;
        return copy;
    }
    for (const rule_tree *child = tree->first; child != NULL; child = child->next) {
        if (is_passed_over(c, tree, child))
            continue;
        *tail = cut(c, child);
        if (*tail != NULL)
            tail = &(*tail)->next;
    }
    return copy->first != NULL ? copy : NULL;
}

static int count_nodes(const rule_tree *tree)
{
    int n = 1;
    for (const rule_tree *child = tree->first; child != NULL; child = child->next)
        n += count_nodes(child);
    return n;
}

void rule_cover_clear(rule_cover *cover)
{
    rf_mem_free(cover->nodes);
    *cover = (rule_cover){0};
}

rf_status rule_cover_fed(rule_cover *out, const rule *of, const bool *fed, rf_err *err)
{
    rf_status st = RF_OK;
    cutting c = {.of = of, .fed = fed, .out = out};
    bool waits = false; /* for what it needs */
    *out = (rule_cover){.share = share_of(of, of->confidence, fed)};
    RF_NEW(out->nodes, count_nodes(of->confidence), err);
    out->tree = cut(&c, of->confidence);
    for (int i = 0; i < of->n_signals; i++)
        waits |= out->wants[i] && of->signals[i].needed;
    for (int i = 0; i < of->n_signals && waits; i++)
        out->wants[i] &= of->signals[i].needed;
    out->judges = !waits && out->share > 0.5 && (float)out->share >= (float)of->threshold;
done:
    return st;
}

/* ---- a graph ---- */

static const rule_value *segment_of(const rf_rules *rules, const rule_signal *signal)
{
    return signal->segment >= 0 ? &rules->segments[signal->segment].value : NULL;
}

/* A rule that must not lack a signal names the first of its features that is not there. */
static rf_status refuse(const rule_graph *on, const rule_signal *signal, rf_err *err)
{
    rf_status st = RF_OK;
    rule_column column;
    for (int k = 0; k < signal->value.n; k++)
        RF_TRY(rule_bind(&column, &signal->value.operand[k], on, &signal->place, err));
    const rule_value *segment = segment_of(on->rules, signal);
    for (int k = 0; segment != NULL && k < segment->n; k++)
        RF_TRY(
            rule_bind(&column, &segment->operand[k], on, &on->rules->segments[signal->segment].place, err));
done:
    return st;
}

rf_status rule_cover_of(rule_cover *out, const rule *of, const rule_graph *on, rf_err *err)
{
    rf_status st = RF_OK;
    bool fed[RF_RULE_SIGNALS] = {false};
    bool has_subjects = on->side[of->subject] != RF_NO_SIDE;
    for (int i = 0; i < of->n_signals && has_subjects; i++) {
        const rule_value *segment = segment_of(on->rules, &of->signals[i]);
        fed[i] = rule_feeds(on, &of->signals[i].value) && (segment == NULL || rule_feeds(on, segment)) &&
                 rule_sees(on, &of->signals[i]);
    }
    RF_TRY(rule_cover_fed(out, of, fed, err));
    for (int i = 0; i < of->n_signals; i++) {
        if (out->wants[i] && !on->rules->shipped && !of->optional)
            RF_TRY(refuse(on, &of->signals[i], err));
        if (out->wants[i] && !rule_sees(on, &of->signals[i]))
            out->days = fmax(out->days, rule_asks_days(&of->signals[i]));
    }
done:
    return st;
}

/* ---- in words ---- */

typedef struct lacking { /* features and kinds that a rule wants, each once */
    struct lacked {
        const rule_operand *operand;
        rf_side
            kind; /* the file's side of a kind that the graph has not; RF_NO_SIDE: the operand's feature */
    } * at;
    size_t n, cap;
} lacking;

static bool is_listed(const lacking *list, const struct lacked *item)
{
    for (size_t k = 0; k < list->n; k++) {
        const struct lacked *other = &list->at[k];
        bool same = rf_side_kind(other->kind) == rf_side_kind(item->kind);
        if ((other->kind == RF_NO_SIDE) != (item->kind == RF_NO_SIDE))
            continue;
        if (item->kind == RF_NO_SIDE)
            same = other->operand->side == item->operand->side &&
                   strcmp(other->operand->feature, item->operand->feature) == 0;
        if (same)
            return true;
    }
    return false;
}

static rf_status add_lacking(lacking *to, const rule_value *value, const rule_graph *on, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < value->n; i++) {
        const rule_operand *operand = &value->operand[i];
        const rule_value alone = {.n = 1, .operand = {*operand}};
        if (rule_feeds(on, &alone))
            continue;
        const struct lacked item = {operand, rule_lacks_kind(on, operand)};
        if (is_listed(to, &item))
            continue;
        RF_RESERVE(to->at, to->cap, to->n + 1, err);
        to->at[to->n++] = item;
    }
done:
    return st;
}

static rf_status add_wanted(lacking *to, const rule *of, const rule_cover *cover, const rule_graph *on,
                            rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < of->n_signals; i++) {
        const rule_signal *signal = &of->signals[i];
        if (!cover->wants[i])
            continue;
        RF_TRY(add_lacking(to, &signal->value, on, err));
        if (segment_of(on->rules, signal) != NULL)
            RF_TRY(add_lacking(to, segment_of(on->rules, signal), on, err));
    }
done:
    return st;
}

/* Whether what the rule lacks is a kind of entity. */
static bool waits_for_kind(const rule *of, const rule_cover *lacks, const rule_graph *on)
{
    for (int i = 0; i < of->n_signals; i++) {
        const rule_value *value = &of->signals[i].value;
        for (int k = 0; lacks->wants[i] && k < value->n; k++)
            if (rule_lacks_kind(on, &value->operand[k]) != RF_NO_SIDE)
                return true;
    }
    return false;
}

/* Whether another rule of the type judges in place of this one: about other subjects, or without the kind of
 * entity that this one waits for. A farm is found by its devices, or by what orders say of them. */
static rf_status is_stood_in(bool *out, const rule *of, const rule_cover *lacks, const rule_graph *on,
                             rf_err *err)
{
    rf_status st = RF_OK;
    rule_cover cover = {0};
    bool kind = waits_for_kind(of, lacks, on);
    *out = false;
    for (int i = 0; i < on->rules->n_rules && !*out; i++) {
        const rule *other = &on->rules->rules[i];
        if (other == of || (other->subject == of->subject && !kind) || strcmp(other->type, of->type) != 0)
            continue;
        rule_cover_clear(&cover);
        RF_TRY(rule_cover_of(&cover, other, on, err));
        *out = cover.judges;
    }
done:
    rule_cover_clear(&cover);
    return st;
}

/* "user.amount_mean", or the kind: "device". */
static rf_status print_lacked(rf_text *out, const struct lacked *item, const rf_rules *rules, rf_err *err)
{
    char side[RULE_SIDE_TEXT];
    const char *comma = out->len > 0 ? ", " : "";
    if (item->kind != RF_NO_SIDE)
        return rf_text_printf(out, err, "%s%s", comma, rules->kinds.name[rf_side_kind(item->kind)]);
    return rf_text_printf(out, err, "%s%s.%s", comma, rule_side_text(side, rules, item->operand->side),
                          item->operand->feature);
}

rf_status rule_check(rf_rule_fit *out, const rule_graph *on, int i, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_rules *rules = on->rules;
    const rule *of = &rules->rules[i];
    rule_cover cover = {0};
    lacking found = {0};
    *out = (rf_rule_fit){.judges = false};
    RF_TRY(rule_cover_of(&cover, of, on, err));
    if (on->side[of->subject] == RF_NO_SIDE)
        RF_TRY(rf_text_printf(&out->lacks, err, "%s", rules->kinds.name[rf_side_kind(of->subject)]));
    else
        RF_TRY(add_wanted(&found, of, &cover, on, err));
    for (size_t k = 0; k < found.n; k++)
        RF_TRY(print_lacked(&out->lacks, &found.at[k], rules, err));
    if (cover.days > 0)
        RF_TRY(rf_text_printf(&out->lacks, err, "%smore than %g days of events",
                              out->lacks.len > 0 ? ", " : "", cover.days));
    out->judges = cover.judges;
    out->share = cover.share;
    out->days = cover.days;
    if (!cover.judges)
        RF_TRY(is_stood_in(&out->stood_in, of, &cover, on, err));
done:
    rule_cover_clear(&cover);
    rf_mem_free(found.at);
    return st;
}

rf_status rf_rules_check(rf_rule_fit *out, const rf_rules *rules, int i, const rf_graph *graph, rf_err *err)
{
    const rule_graph on = rule_graph_of(rules, graph);
    return rule_check(out, &on, i, err);
}

/* ---- the attributes that would let rules judge ---- */

typedef struct attribute {
    const char *name;
    size_t len;
    const char *type;
    bool optional; /* its missing values count, too */
} attribute;

/* The attribute that a feature comes from, by the feature's name; len 0: none. */
static attribute attribute_of(const char *feature)
{
    attribute of = {.name = feature, .len = rule_attribute(feature), .type = "number"};
    const char *rest = feature + of.len;
    if (strncmp(rest, "_missing", 8) == 0)
        return (attribute){feature, of.len, NULL, true};
    if (rest[0] == '=' || strcmp(rest, "_shared") == 0 || strcmp(rest, "_distinct") == 0 ||
        strcmp(rest, "_entropy") == 0)
        of.type = "category";
    else if (strcmp(rest, "_share") == 0)
        of.type = "boolean";
    return of;
}

static bool is_same(const attribute *a, const attribute *b)
{
    return a->len == b->len && memcmp(a->name, b->name, a->len) == 0;
}

/* Attributes that the graph has already in another form say nothing. */
static rf_status print_mapping(rf_text *mapping, const lacking *of, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    int n = 0;
    for (size_t i = 0; i < of->n; i++) {
        if (of->at[i].kind != RF_NO_SIDE)
            continue;
        attribute wanted = attribute_of(of->at[i].operand->feature);
        bool again = wanted.len == 0;
        for (rf_side s = 0; s < rf_sides(&graph->kinds) && !again; s++)
            again = rule_has_attribute(&graph->side[s], wanted.name);
        for (size_t k = 0; k < of->n; k++) {
            if (of->at[k].kind != RF_NO_SIDE)
                continue;
            attribute other = attribute_of(of->at[k].operand->feature);
            if (!is_same(&wanted, &other))
                continue;
            again |= k < i;
            wanted.type = wanted.type == NULL ? other.type : wanted.type;
            wanted.optional |= other.optional;
        }
        if (again)
            continue;
        const char *type = wanted.type != NULL ? wanted.type : "number";
        RF_TRY(rf_text_printf(mapping, err,
                              wanted.optional ? "%s%.*s: {type: %s, required: false}" : "%s%.*s: %s",
                              n++ > 0 ? ", " : "", (int)wanted.len, wanted.name, type));
    }
done:
    return st;
}

static rf_status print_kinds(rf_text *kinds, const lacking *of, const rf_rules *rules, rf_err *err)
{
    rf_status st = RF_OK;
    for (size_t i = 0; i < of->n; i++) {
        if (of->at[i].kind != RF_NO_SIDE)
            RF_TRY(print_lacked(kinds, &of->at[i], rules, err));
    }
done:
    return st;
}

/* A feature made of when things happened, in a graph that does not say. */
static bool wants_times(const lacking *of, const rf_graph *graph)
{
    bool wanted = false;
    for (size_t i = 0; i < of->n && graph->side[RF_EDGE].last_us == NULL; i++) {
        const rule_operand *operand = of->at[i].operand;
        wanted |= of->at[i].kind == RF_NO_SIDE &&
                  (operand->name == RULE_USER_AGE || rf_feature_words_of(operand->feature).of_times);
    }
    return wanted;
}

void rf_rule_wish_clear(rf_rule_wish *wish)
{
    rf_text_clear(&wish->mapping);
    rf_text_clear(&wish->kinds);
    *wish = (rf_rule_wish){0};
}

rf_status rf_rules_wish(rf_rule_wish *out, const rf_rules *rules, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    const rule_graph on = rule_graph_of(rules, graph);
    lacking found = {0};
    rule_cover cover = {0};
    bool stood_in = false;
    *out = (rf_rule_wish){0};
    for (int i = 0; i < rules->n_rules; i++) {
        rule_cover_clear(&cover);
        RF_TRY(rule_cover_of(&cover, &rules->rules[i], &on, err));
        if (!cover.judges)
            RF_TRY(is_stood_in(&stood_in, &rules->rules[i], &cover, &on, err));
        if (cover.judges || stood_in)
            continue;
        out->n_rules++;
        out->days = fmax(out->days, cover.days);
        RF_TRY(add_wanted(&found, &rules->rules[i], &cover, &on, err));
    }
    RF_TRY(print_mapping(&out->mapping, &found, graph, err));
    RF_TRY(print_kinds(&out->kinds, &found, rules, err));
    out->times = wants_times(&found, graph);
done:
    rule_cover_clear(&cover);
    rf_mem_free(found.at);
    return st;
}
