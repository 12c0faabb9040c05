/* rules_horizon.c - what rules can know of a graph that has seen little time.
 *
 * A graph of two days calls nobody older than two days: "active on at most 8 days" holds for all, and "there
 * for more than 8 days" for nobody. Such a condition says something of the window and nothing of its subject,
 * so it is no evidence. What the graph has seen begins with its first event, also where the window begins
 * earlier.
 */
#include <math.h>
#include <string.h>

#include "rules_judge_int.h"

#define DAY_US 86400e6

/* ---- the time that a graph has seen ---- */

rule_horizon rule_horizon_of(const rf_graph *graph)
{
    const rf_graph_side *users = &graph->side[RF_USER];
    rule_horizon seen = {graph->window_from_us, graph->window_to_us};
    bool has_window = seen.to_us > seen.from_us;
    if (users->first_us == NULL || users->n == 0)
        return seen;
    int64_t first = users->first_us[0], last = users->last_us[0];
    for (int64_t i = 1; i < users->n; i++) {
        first = users->first_us[i] < first ? users->first_us[i] : first;
        last = users->last_us[i] > last ? users->last_us[i] : last;
    }
    if (!has_window)
        return (rule_horizon){first, last};
    seen.from_us = first > seen.from_us && first < seen.to_us ? first : seen.from_us;
    return seen;
}

double rule_horizon_days(const rule_horizon *seen)
{
    return (double)(seen->to_us - seen->from_us) / DAY_US;
}

/* ---- conditions that ask for more ---- */

/* Days that 1 of the operand's name is, if the name is a time that the window bounds; else 0. */
static double days_of(const rule_operand *operand)
{
    static const struct {
        const char *name;
        double days;
    } times[] = {{"active_days", 1},
                 {"recency_s", 1 / 86400.0},
                 {"first_seen_s", 1 / 86400.0},
                 {"span_s", 1 / 86400.0},
                 {"mean_gap_s", 1 / 86400.0}};
    if (operand->name == RULE_USER_AGE)
        return 1;
    for (size_t i = 0; i < sizeof times / sizeof times[0] && operand->name == RULE_FEATURE; i++) {
        if (strcmp(operand->feature, times[i].name) == 0)
            return times[i].days;
    }
    return 0;
}

/* What the operand asks for in its own steps, in days: `share(<8) edge.user_age_days` asks for 8. *days
 * becomes 0 where what comes out is no time. */
static double asked_in_steps(double *days, const rule_operand *operand)
{
    double asked = 0;
    for (int i = operand->n_steps - 1; i >= 0; i--) {
        const rule_step *step = &operand->steps[i];
        const bool counts = step->how == RULE_SHARE || step->how == RULE_COUNT;
        if (counts)
            asked = fmax(asked, fabs(step->bound) * *days);
        if (counts || step->how == RULE_SUM)
            *days = 0;
    }
    return asked;
}

double rule_asks_days(const rule_signal *signal)
{
    const rule_value *value = &signal->value;
    double days[2] = {0, 0}, asked = 0;
    for (int i = 0; i < value->n; i++) {
        days[i] = days_of(&value->operand[i]);
        asked = fmax(asked, asked_in_steps(&days[i], &value->operand[i]));
    }
    const bool alone = value->n == 1;
    const bool between = value->n == 2 && value->op == '-' && days[1] >= days[0] && days[1] <= days[0];
    if ((alone || between) && !signal->by_percentile)
        asked = fmax(asked, fabs(signal->threshold) * days[0]);
    return asked;
}

bool rule_sees(const rule_graph *on, const rule_signal *signal)
{
    const double seen = rule_horizon_days(&on->seen);
    return !(seen > 0) || rule_asks_days(signal) < seen;
}

/* ---- ages ---- */

double rule_user_age_days(const rule_world *world, int kind, int64_t edge)
{
    const rf_graph *graph = world->graph;
    const int64_t *last_us = graph->side[rf_edge_side(kind)].last_us;
    const rule_horizon *seen = &world->on.seen;
    double window = (double)(seen->to_us - seen->from_us);
    if (!(window > 0) || last_us == NULL || graph->side[RF_USER].first_us == NULL)
        return NAN;
    int64_t first = graph->side[RF_USER].first_us[rf_graph_adj(graph, kind)->e_u[edge]];
    double age = (double)(last_us[edge] - first);
    bool censored = (double)(first - seen->from_us) < window / 10;
    return (censored ? window : age) / DAY_US;
}
