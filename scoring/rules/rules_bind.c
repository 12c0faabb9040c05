/* rules_bind.c - the features that rules name, found among the columns of a graph, or the nearest one.
 */
#include <math.h>
#include <string.h>

#include "rules_judge_int.h"

#define PREFIX "log1p_"
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

static bool find(rule_column *out, const rf_graph_side *side, const char *feature)
{
    char buffer[32];
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
    return false;
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
            "features; optional: true in the rule skips it when a feature is missing",
            rule_where(where, place), name, operand->feature);
done:
    return st;
}

/* Binds all operands; the first one that is missing is named. */
static rf_status check_value(bool *usable, rf_text *missing, const rule_value *value, bool may_miss,
                             const rf_graph *graph, const rule_place *place, rf_err *err)
{
    rf_status st = RF_OK;
    rule_column column;
    for (int i = 0; i < value->n && *usable; i++) {
        const rule_operand *operand = &value->operand[i];
        st = rule_bind(&column, operand, graph, place, may_miss ? NULL : err);
        if (st != RF_E_INVALID || !may_miss)
            RF_TRY(st);
        else
            *usable = false;
        st = RF_OK;
        if (!*usable && missing != NULL)
            RF_TRY(rf_text_printf(missing, err, "%s.%s", rf_side_name(operand->side), operand->feature));
    }
done:
    return st;
}

rf_status rf_rules_check(bool *usable, rf_text *missing, const rf_rules *rules, int i, const rf_graph *graph,
                         rf_err *err)
{
    rf_status st = RF_OK;
    const rule *of = &rules->rules[i];
    bool may_miss = rules->shipped || of->optional;
    *usable = true;
    for (int k = 0; k < of->n_signals && *usable; k++) {
        const rule_signal *signal = &of->signals[k];
        RF_TRY(check_value(usable, missing, &signal->value, may_miss, graph, &signal->place, err));
        if (signal->segment < 0 || !*usable)
            continue;
        const rule_segment *segment = &rules->segments[signal->segment];
        RF_TRY(check_value(usable, missing, &segment->value, may_miss, graph, &segment->place, err));
    }
done:
    return st;
}
