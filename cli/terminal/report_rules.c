/* report_rules.c - the rules of a file, and why each did or did not hold for one subject.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_report.h"
#include "rf_count.h"
#include "rf_rules_trace.h"
#include "rf_quote.h"

#define COLUMNS 6 /* and a signal's sentence */
#define CELL 96
#define ID 60 /* bytes of an id that are shown */

static const char *shown_id(char out[ID + 4], const rf_graph_side *side, int64_t row)
{
    char buffer[32];
    const char *id = rf_graph_id(side, row, buffer);
    return rf_quote_short(out, ID + 4, id, strlen(id));
}

/* Seconds are hard to read: "1209600 (14 d)". */
static const char *figure(char out[CELL], double x, bool in_seconds)
{
    if (isnan(x)) {
        snprintf(out, CELL, "no data");
        return out;
    }
    int used = snprintf(out, CELL, fabs(x) >= 1e4 && fabs(x) < 1e15 ? "%.0f" : "%.4g", x);
    if (in_seconds && fabs(x) >= 120) {
        double unit = fabs(x) >= 172800 ? 86400 : fabs(x) >= 7200 ? 3600 : 60;
        snprintf(out + used, CELL - (size_t)used, " (%.3g %s)", x / unit,
                 unit > 3600 ? "d"
                 : unit > 60 ? "h"
                             : "min");
    }
    return out;
}

static void fill_row(char cell[COLUMNS][CELL], const rf_signal_trace *signal)
{
    char number[CELL];
    const rf_evidence *found = &signal->found;
    snprintf(cell[0], CELL, "%s", signal->name);
    snprintf(cell[1], CELL, "%s", figure(number, found->observed, signal->in_seconds));
    snprintf(cell[2], CELL, "%s %.80s", signal->above ? "from" : "to",
             figure(number, found->threshold, signal->in_seconds));
    if (isnan(found->threshold))
        snprintf(cell[2], CELL, "out of reach");
    snprintf(cell[3], CELL, isnan(found->percentile) ? "-" : "%.4f", (double)found->percentile);
    snprintf(cell[4], CELL, "%.2f", (double)found->strength);
    snprintf(cell[5], CELL, "%.90s", signal->value);
}

static rf_status print_signals(rf_text *text, const rf_rule_trace *rule, rf_err *err)
{
    static const char heads[COLUMNS][CELL] = {"signal",     "observed", "suspicious",
                                              "percentile", "strength", "value"};
    rf_status st = RF_OK;
    int width[COLUMNS];
    char cell[COLUMNS][CELL];
    for (int c = 0; c < COLUMNS; c++)
        width[c] = (int)strlen(heads[c]);
    for (int i = 0; i < rule->n_signals; i++) {
        fill_row(cell, &rule->signals[i]);
        for (int c = 0; c < COLUMNS; c++)
            width[c] = (int)strlen(cell[c]) > width[c] ? (int)strlen(cell[c]) : width[c];
    }
    memcpy(cell, heads, sizeof cell);
    for (int i = -1; i < rule->n_signals; i++) {
        if (i >= 0)
            fill_row(cell, &rule->signals[i]);
        RF_TRY(rf_text_printf(text, err, "    %-*s  %*s  %-*s  %*s  %*s  ", width[0], cell[0], width[1],
                              cell[1], width[2], cell[2], width[3], cell[3], width[4], cell[4]));
        if (i < 0 || rule->signals[i].about[0] == '\0')
            RF_TRY(rf_text_printf(text, err, "%s\n", cell[5]));
        else
            RF_TRY(rf_text_printf(text, err, "%-*s  %s\n", width[5], cell[5], rule->signals[i].about));
    }
done:
    return st;
}

/* What of an edge's rule comes over to the node, and the edge that is shown. */
static rf_status print_edge(rf_text *text, const rf_rule_trace *rule, const rf_graph *graph, rf_side side,
                            rf_err *err)
{
    rf_status st = RF_OK;
    char id[ID + 4], event[ID + 4];
    const rf_spread_trace *spread = &rule->spread;
    const rf_adj *adj = rf_graph_adj(graph, rule->kind);
    const rf_graph_side *edges = &graph->side[rf_edge_side(rule->kind)];
    const char *entity = rf_kind_name(&graph->kinds, rule->kind);
    rf_side other = side == RF_USER ? rf_entity_side(rule->kind) : RF_USER;
    const uint32_t *partner = side == RF_USER ? adj->e_v : adj->e_u;
    if (!spread->on)
        RF_TRY(rf_text_printf(text, err, "    the rule tags edges only\n"));
    else {
        RF_TRY(rf_text_printf(text, err, "    edges that count: %lld, with %.1f %% of its events",
                              (long long)spread->edges, 100 * spread->share));
        if (!rule->holds)
            RF_TRY(rf_text_printf(text, err, "; needed: %lld, with %.1f %%", (long long)spread->need_edges,
                                  100 * spread->need_share));
        if (spread->need_crowd > 1)
            RF_TRY(rf_text_printf(text, err, "; an edge needs %lld %s%s to count, the highest here is %lld",
                                  (long long)spread->need_crowd,
                                  side == RF_USER ? "users at the " : "entities of the user",
                                  side == RF_USER ? entity : "", (long long)spread->crowd));
        RF_TRY(rf_text_printf(text, err, "\n"));
    }
    RF_TRY(rf_text_printf(text, err, "    its surest edge is with the %s %s",
                          other == RF_USER ? "user" : entity,
                          shown_id(id, &graph->side[other], partner[rule->edge])));
    if (edges->id.n > 0)
        RF_TRY(rf_text_printf(text, err, ", event %s", shown_id(event, edges, rule->edge)));
    RF_TRY(rf_text_printf(text, err, ", %.0f event%s\n", rule->events, rule->events > 1 ? "s" : ""));
done:
    return st;
}

static rf_status print_rule(rf_text *text, const rf_rule_trace *rule, const rf_graph *graph,
                            const rf_rules_trace *trace, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(text, err, "\n%s %s: confidence %.2f, holds from %.2f\n",
                          rule->holds ? "[X]" : "[ ]", rule->type, rule->confidence, rule->threshold));
    if (rule->about[0] != '\0')
        RF_TRY(rf_text_printf(text, err, "    %s\n", rule->about));
    if (rule->share < 1)
        RF_TRY(rf_text_printf(text, err, "    judged by %.0f %% of its evidence; the graph has no %s\n",
                              100 * rule->share, rule->lacks.ptr));
    if (rule->of_edges && rule->edge == RF_NO_EDGE) {
        RF_TRY(rf_text_printf(text, err, "    missing: it has no edges\n"));
        goto done;
    }
    if (rule->of_edges)
        RF_TRY(print_edge(text, rule, graph, trace->side, err));
    if (rule->events < (double)rule->need_events)
        RF_TRY(rf_text_printf(text, err, "    missing: support of %s, there are %.0f\n",
                              RF_THINGS(rule->need_events, "event"), rule->events));
    if (rule->partners < rule->need_partners)
        RF_TRY(rf_text_printf(text, err, "    missing: support of %s, there are %lld\n",
                              RF_THINGS(rule->need_partners, "partner"), (long long)rule->partners));
    if (rule->missing.len > 0)
        RF_TRY(rf_text_printf(text, err, "    missing: %s\n", rule->missing.ptr));
    if (rule->hubs > 0)
        RF_TRY(rf_text_printf(text, err, "    left out: %lld of its %s, as hubs of more than %u\n",
                              (long long)rule->hubs, RF_THINGS(trace->partners, "partner"), rule->hub_limit));
    RF_TRY(print_signals(text, rule, err));
done:
    return st;
}

rf_status rf_report_rules(rf_text *text, const rf_rules_trace *trace, const rf_graph *graph,
                          const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    char id[ID + 4], number[CELL];
    const rf_score_side *scored = &scores->side[trace->side];
    double percentile = (double)scored->percentile[trace->row];
    int n_hold = 0, n_others = 0;
    RF_TRY(rf_text_printf(text, err, "%s %s: score %s, percentile %.5f; %s with %s\n",
                          rf_side_role(trace->side) == RF_USER
                              ? "user"
                              : rf_kind_name(&graph->kinds, rf_side_kind(trace->side)),
                          shown_id(id, &graph->side[trace->side], trace->row),
                          figure(number, (double)scored->score[trace->row], false), percentile,
                          RF_THINGS((int64_t)trace->events, "event"), RF_THINGS(trace->partners, "partner")));
    for (int i = 0; i < trace->n; i++) { /* those that hold come first */
        if (!trace->rules[i].holds)
            continue;
        RF_TRY(print_rule(text, &trace->rules[i], graph, trace, err));
        n_hold++;
    }
    for (int i = 0; i < trace->n; i++) {
        const rf_rule_trace *rule = &trace->rules[i];
        n_others += rule->state == RF_RULE_OTHER_SIDE;
        if (rule->state == RF_RULE_SKIPPED)
            RF_TRY(rf_text_printf(text, err, "\n[-] %s: cannot judge, for the graph has no %s\n", rule->type,
                                  rule->lacks.ptr));
        else if (rule->state == RF_RULE_JUDGED && !rule->holds)
            RF_TRY(print_rule(text, rule, graph, trace, err));
    }
    if (!isnan(trace->unknown)) {
        bool high = percentile >= (double)(float)trace->unknown, holds = high && n_hold == 0;
        const char *anomaly = rf_anomaly_name(rf_score_anomaly(scored, trace->row));
        RF_TRY(
            rf_text_printf(text, err, "\n%s %s%s%s: the score's percentile is %.5f, it holds from %.5f%s\n",
                           holds ? "[X]" : "[ ]", RF_UNKNOWN_PATTERN, anomaly[0] != '\0' ? ", " : "", anomaly,
                           percentile, trace->unknown, high && !holds ? ", where no rule explains it" : ""));
    }
    if (n_others > 0)
        RF_TRY(rf_text_printf(text, err, "\n%d rule%s about %s not looked at\n", n_others,
                              n_others > 1 ? "s" : "",
                              rf_kinds_n(&graph->kinds) > 1 ? "others"
                              : trace->side == RF_USER      ? "entities"
                                                            : "users"));
done:
    return st;
}

rf_status rf_report_rule_list(rf_text *text, const rf_rules *rules, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rule_wish wish = {0};
    rf_rule_fit fit = {0};
    int n = rf_rules_count(rules);
    RF_TRY(rf_text_printf(text, err, "%s: %s, revision %lld: %s\n", rf_rules_file(rules),
                          rf_rules_name(rules), (long long)rf_rules_version(rules), RF_THINGS(n, "rule")));
    for (int i = 0; i < n; i++) {
        rf_rule_info rule = rf_rules_info(rules, i);
        fit = (rf_rule_fit){.judges = true, .share = 1};
        if (graph != NULL)
            RF_TRY(rf_rules_check(&fit, rules, i, graph, err));
        RF_TRY(rf_text_printf(text, err, "  %-20s %-7s %s", rule.type, rule.subject,
                              RF_THINGS(rule.n_signals, "signal")));
        if (!fit.judges)
            RF_TRY(rf_text_printf(text, err, ", cannot judge: the graph has no %s", fit.lacks.ptr));
        else if (fit.share < 1)
            RF_TRY(rf_text_printf(text, err, ", by %.0f %% of its evidence: the graph has no %s",
                                  100 * fit.share, fit.lacks.ptr));
        RF_TRY(rf_text_printf(text, err, "\n"));
        rf_text_clear(&fit.lacks);
    }
    if (graph != NULL)
        RF_TRY(rf_rules_wish(&wish, rules, graph, err));
    const char *first = "all could judge";
    if (wish.mapping.len > 0)
        RF_TRY(rf_text_printf(text, err, "%s with fields.attributes: {%s}\n", first, wish.mapping.ptr));
    first = wish.mapping.len > 0 ? "and" : first;
    if (wish.times)
        RF_TRY(rf_text_printf(text, err, "%s with the times of the events: fields.time\n", first));
    first = wish.times ? "and" : first;
    if (wish.days > 0)
        RF_TRY(rf_text_printf(text, err, "%s with more than %g days of events (graph.window)\n", first,
                              wish.days));
    first = wish.days > 0 ? "and" : first;
    if (wish.kinds.len > 0)
        RF_TRY(rf_text_printf(text, err, "%s with these kinds of entity in fields.entities: %s\n", first,
                              wish.kinds.ptr));
done:
    rf_text_clear(&fit.lacks);
    rf_rule_wish_clear(&wish);
    return st;
}
