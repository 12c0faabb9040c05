/* rules_bind.c - the features that rules name, found among the columns of a graph, or the nearest one.
 */
#include <math.h>
#include <string.h>

#include "rf_feature_words.h"
#include "rules_judge_int.h"

#define PREFIX "log1p_"
#define MISSING "_missing"
#define NEAREST 4096 /* names that are looked at for a suggestion */

/* A constant column's raw name and value: nothing but its name says that it was tamed. */
static const char *dropped_name(const rf_graph_side *side, int64_t i)
{
    const char *name = rf_texts_get(&side->dropped, i);
    return strncmp(name, PREFIX, strlen(PREFIX)) == 0 ? name + strlen(PREFIX) : name;
}

static double dropped_value(const rf_graph_side *side, int64_t i)
{
    if (side->dropped_value == NULL)
        return NAN;
    double tamed = (double)side->dropped_value[i];
    if (strncmp(rf_texts_get(&side->dropped, i), PREFIX, strlen(PREFIX)) != 0)
        return tamed;
    return copysign(expm1(fabs(tamed)), tamed);
}

size_t rule_attribute(const char *feature)
{
    const char *equals = strchr(feature, '=');
    return equals != NULL ? (size_t)(equals - feature) : rf_feature_words_of(feature).attribute;
}

bool rule_has_attribute(const rf_graph_side *side, const char *feature)
{
    char buffer[32];
    size_t attribute = rule_attribute(feature);
    for (int column = 0; column < side->d && attribute > 0; column++) {
        const char *name = rf_graph_raw_name(side, column, buffer);
        if (strncmp(name, feature, attribute) == 0 && rule_attribute(name) == attribute)
            return true;
    }
    return false;
}

/* An attribute that every event must have has no column for what is missing: nothing is. */
static bool is_never_missing(const rf_graph_side *side, const char *feature)
{
    return strncmp(feature + rule_attribute(feature), MISSING, strlen(MISSING)) == 0 &&
           rule_has_attribute(side, feature);
}

static bool find(rule_column *out, const rf_graph_side *side, const char *feature)
{
    char buffer[32];
    *out = (rule_column){.column = -1};
    for (int column = 0; column < side->d; column++) {
        if (strcmp(rf_graph_raw_name(side, column, buffer), feature) == 0) {
            *out = (rule_column){.column = column};
            return true;
        }
    }
    for (int64_t i = 0; i < side->dropped.n; i++) {
        if (strcmp(dropped_name(side, i), feature) == 0) {
            *out = (rule_column){.column = -1, .constant = dropped_value(side, i)};
            return true;
        }
    }
    return is_never_missing(side, feature);
}

/* ---- kinds ---- */

rule_graph rule_graph_of(const rf_rules *rules, const rf_graph *graph)
{
    rule_graph on = {.rules = rules,
                     .graph = graph,
                     .side = {RF_USER, RF_ENTITY, RF_EDGE},
                     .seen = rule_horizon_of(graph)};
    for (int k = 1; k < rules->kinds.n; k++) {
        const int kind = rf_kinds_find(&graph->kinds, rules->kinds.name[k]);
        on.side[rf_entity_side(k)] = kind >= 0 ? rf_entity_side(kind) : RF_NO_SIDE;
        on.side[rf_edge_side(k)] = kind >= 0 ? rf_edge_side(kind) : RF_NO_SIDE;
    }
    return on;
}

rf_side rule_lacks_kind(const rule_graph *on, const rule_operand *operand)
{
    if (on->side[operand->side] == RF_NO_SIDE)
        return operand->side;
    for (int i = 0; i < operand->n_steps; i++) {
        if (on->side[operand->steps[i].from] == RF_NO_SIDE)
            return operand->steps[i].from;
        if (on->side[operand->steps[i].to] == RF_NO_SIDE)
            return operand->steps[i].to;
    }
    return RF_NO_SIDE;
}

/* Names the kinds that the graph has, or the one that was meant. */
static rf_status refuse_kind(const rule_graph *on, rf_side side, const rule_place *place, rf_err *err)
{
    rf_status st = RF_OK;
    char where[RULE_WHERE], list[RF_KINDS_LIST];
    const rf_kinds *has = &on->graph->kinds;
    const char *name = on->rules->kinds.name[rf_side_kind(side)], *words[RF_KINDS_MOST + 1] = {NULL};
    for (int k = 0; k < has->n; k++)
        words[k] = has->name[k];
    const char *nearest = rf_nearest(name, words);
    if (nearest != NULL)
        RF_FAIL(err, RF_E_INVALID, "%s: the graph has no kind of entity %s; did you mean %s?",
                rule_where(where, place), name, nearest);
    RF_FAIL(err, RF_E_INVALID,
            "%s: the graph has no kind of entity %s (%s%.80s); optional: true in the rule judges without it",
            rule_where(where, place), name,
            has->n > 0 ? "it has " : "its entities are of one kind without a name", rf_kinds_list(list, has));
done:
    return st;
}

bool rule_feeds(const rule_graph *on, const rule_value *value)
{
    rule_column column;
    bool feeds = true;
    for (int i = 0; i < value->n && feeds; i++) {
        const rule_operand *of = &value->operand[i];
        if (of->name == RULE_NUMBER)
            continue;
        if (rule_lacks_kind(on, of) != RF_NO_SIDE)
            return false;
        const rf_graph_side *side = &on->graph->side[on->side[of->side]];
        if (of->name == RULE_FEATURE || of->name == RULE_RESIDUAL)
            feeds = find(&column, side, of->feature);
        else if (of->name == RULE_USER_AGE)
            feeds = side->last_us != NULL;
    }
    return feeds;
}

static const char *nearest_feature(const rf_graph_side *side, const char *feature)
{
    static const char *const words[] = {"score",    "percentile", "x_error", "ce",
                                        "robust_z", "degree",     "events"};
    static char unnamed[1]; /* a column without a name suggests nothing */
    const char *names[NEAREST + 1];
    int n = 0;
    char buffer[32];
    for (; n < 7; n++)
        names[n] = words[n];
    for (int column = 0; column < side->d && n < NEAREST; column++) {
        const char *name = rf_graph_raw_name(side, column, buffer);
        names[n++] = name == buffer ? unnamed : name;
    }
    for (int64_t i = 0; i < side->dropped.n && n < NEAREST; i++)
        names[n++] = dropped_name(side, i);
    names[n] = NULL;
    return rf_nearest(feature, names);
}

rf_status rule_bind(rule_column *out, const rule_operand *operand, const rule_graph *on,
                    const rule_place *place, rf_err *err)
{
    rf_status st = RF_OK;
    char where[RULE_WHERE], name[RULE_SIDE_TEXT];
    *out = (rule_column){.column = -1, .constant = operand->number};
    if (operand->name == RULE_NUMBER)
        goto done;
    if (rule_lacks_kind(on, operand) != RF_NO_SIDE)
        RF_TRY(refuse_kind(on, rule_lacks_kind(on, operand), place, err));
    const rf_graph_side *side = &on->graph->side[on->side[operand->side]];
    rule_side_text(name, on->rules, operand->side);
    if (operand->name == RULE_USER_AGE && side->last_us == NULL)
        RF_FAIL(err, RF_E_INVALID, "%s: the graph has no times of its edges, and so no %s.%s",
                rule_where(where, place), name, operand->feature);
    if (operand->name != RULE_FEATURE && operand->name != RULE_RESIDUAL)
        goto done;
    if (find(out, side, operand->feature))
        goto done;
    const char *nearest = nearest_feature(side, operand->feature);
    if (nearest != NULL)
        RF_FAIL(err, RF_E_INVALID, "%s: unknown feature %s.%.80s; did you mean %s.%.80s?",
                rule_where(where, place), name, operand->feature, name, nearest);
    RF_FAIL(err, RF_E_INVALID,
            "%s: unknown feature %s.%.80s, and no similar name in the graph; `ringfence inspect` lists the "
            "features; optional: true in the rule judges without the features that are missing",
            rule_where(where, place), name, operand->feature);
done:
    return st;
}
