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

bool rule_feeds(const rf_graph *graph, const rule_value *value)
{
    rule_column column;
    bool feeds = true;
    for (int i = 0; i < value->n && feeds; i++) {
        const rule_operand *of = &value->operand[i];
        if (of->name == RULE_FEATURE || of->name == RULE_RESIDUAL)
            feeds = find(&column, &graph->side[of->side], of->feature);
        else if (of->name == RULE_USER_AGE)
            feeds = graph->side[RF_EDGE].last_us != NULL;
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

rf_status rule_bind(rule_column *out, const rule_operand *operand, const rf_graph *graph,
                    const rule_place *place, rf_err *err)
{
    rf_status st = RF_OK;
    char where[RULE_WHERE];
    *out = (rule_column){.column = -1, .constant = operand->number};
    if (operand->name == RULE_USER_AGE && graph->side[RF_EDGE].last_us == NULL)
        RF_FAIL(err, RF_E_INVALID, "%s: the graph has no times of its edges, and so no edge.%s",
                rule_where(where, place), operand->feature);
    if (operand->name != RULE_FEATURE && operand->name != RULE_RESIDUAL)
        goto done;
    const rf_graph_side *side = &graph->side[operand->side];
    if (find(out, side, operand->feature))
        goto done;
    const char *nearest = nearest_feature(side, operand->feature), *name = rf_side_name(operand->side);
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
