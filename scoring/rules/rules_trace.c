/* rules_trace.c - why each rule did or did not hold for one subject: what it found, and what was missing. */
#include <math.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_rules_trace.h"
#include "rules_judge_int.h"

/* ---- signals that the confidence lacks ---- */

typedef struct wanting {
    const rule_verdict *verdict;
    float strength[RF_RULE_SIGNALS];
    double need;
} wanting;

static rf_status name_missing(rf_text *text, const wanting *w, const rule_tree *tree, bool wanted,
                              rf_err *err);

/* Names the parts that are not as strong (wanted: false, as weak) as the confidence needs them. */
static rf_status name_parts(rf_text *text, const wanting *w, const rule_tree *tree, bool wanted,
                            const char *between, rf_err *err)
{
    rf_status st = RF_OK;
    int n = 0;
    for (rule_tree *child = tree->first; child != NULL; child = child->next) {
        rule_tree inverse = {.join = RULE_NOT, .first = child};
        if (rule_confidence(wanted ? child : &inverse, w->strength) >= w->need)
            continue;
        RF_TRY(rf_text_printf(text, err, "%s", n++ > 0 ? between : ""));
        RF_TRY(name_missing(text, w, child, wanted, err));
    }
done:
    return st;
}

static rf_status name_missing(rf_text *text, const wanting *w, const rule_tree *tree, bool wanted,
                              rf_err *err)
{
    rf_status st = RF_OK;
    switch (tree->join) {
    case RULE_LEAF:
        RF_TRY(rf_text_printf(text, err, "%s%s%s", wanted ? "" : "no ",
                              w->verdict->of->signals[tree->signal].name,
                              isnan(w->strength[tree->signal]) ? " (no data)" : ""));
        break;
    case RULE_NOT:
        RF_TRY(name_missing(text, w, tree->first, !wanted, err));
        break;
    case RULE_FIRST: /* the tree that is judged has none left */
        RF_TRY(name_missing(text, w, tree->first, wanted, err));
        break;
    case RULE_WEIGHTS:
        RF_TRY(rf_text_printf(text, err, "%s of ", wanted ? "more" : "less"));
        RF_TRY(name_parts(text, w, tree, wanted, ", ", err));
        break;
    case RULE_ALL:
    case RULE_ANY: {
        bool each = (tree->join == RULE_ALL) == wanted;
        RF_TRY(rf_text_printf(text, err, "%s", each ? "" : "one of ("));
        RF_TRY(name_parts(text, w, tree, wanted, each ? " and " : ", ", err));
        RF_TRY(rf_text_printf(text, err, "%s", each ? "" : ")"));
        break;
    }
    }
done:
    return st;
}

/* ---- one rule ---- */

static bool is_in_seconds(const rule_value *value)
{
    const rule_operand *of = &value->operand[0];
    size_t len = of->name == RULE_FEATURE ? strlen(of->feature) : 0;
    bool seconds = value->n == 1 && len > 2 && strcmp(of->feature + len - 2, "_s") == 0;
    for (int i = 0; i < of->n_steps; i++)
        seconds = seconds && of->steps[i].how != RULE_SHARE && of->steps[i].how != RULE_COUNT;
    return seconds;
}

static int64_t partners_of(const rule_world *world, rf_side side, int64_t row)
{
    return (int64_t)world->kind[rf_side_kind(side)].degree[rf_side_role(side)][row];
}

/* Support, signals, and what the confidence lacks, of a row of the rule's own subjects. */
static rf_status trace_row(rf_rule_trace *out, const rule_verdict *verdict, const rule_world *world,
                           int64_t row, rf_err *err)
{
    rf_status st = RF_OK;
    const rule *of = verdict->of;
    wanting w = {.verdict = verdict, .need = (double)(float)of->threshold};
    out->confidence = (double)verdict->confidence[row];
    out->events = rule_events(world, verdict->side, row);
    out->need_events = of->events;
    if (rf_side_role(verdict->side) != RF_EDGE) {
        out->partners = partners_of(world, verdict->side, row);
        out->need_partners = of->partners;
    }
    RF_NEW(out->signals, of->n_signals, err);
    for (int i = 0; i < of->n_signals; i++) {
        const rule_signal *signal = &of->signals[i];
        if (!verdict->cover.used[i])
            continue;
        w.strength[i] = rule_strength(verdict, i, row);
        out->signals[out->n_signals++] = (rf_signal_trace){.name = signal->name,
                                                           .about = signal->about,
                                                           .value = signal->value.text,
                                                           .above = signal->above,
                                                           .in_seconds = is_in_seconds(&signal->value),
                                                           .found = rule_evidence(verdict, i, row)};
    }
    if (out->confidence < w.need)
        RF_TRY(name_missing(&out->missing, &w, verdict->cover.tree, true, err));
done:
    return st;
}

/* Whether a value of the rule aggregates over the subject's partners of the kind. */
static bool aggregates_partners(const rule *of, const rule_world *world, rf_side subject, int kind)
{
    for (int i = 0; i < of->n_signals; i++) {
        for (int k = 0; k < of->signals[i].value.n; k++) {
            const rule_operand *operand = &of->signals[i].value.operand[k];
            const rule_step *first = &operand->steps[0];
            if (operand->n_steps == 0 || first->how == RULE_END || rf_side_role(first->to) == RF_EDGE)
                continue;
            const rf_side to = world->on.side[first->to];
            if (to != RF_NO_SIDE && rf_side_kind(subject == RF_USER ? to : subject) == kind)
                return true;
        }
    }
    return false;
}

/* Partners of a node that the rule's aggregates over partners leave out. */
static void count_hubs(rf_rule_trace *out, const rule_verdict *verdict, const rule_world *world, int64_t row)
{
    const rf_side end = rf_side_role(verdict->side), other = end == RF_USER ? RF_ENTITY : RF_USER;
    for (int kind = 0; kind < rf_kinds_n(&world->graph->kinds); kind++) {
        if (!aggregates_partners(verdict->of, world, verdict->side, kind))
            continue;
        rule_edges edges = rule_edges_of(world, kind, end, row);
        const uint32_t limit = rule_hub_limit(world, kind, other, verdict->of->ignore_hubs);
        uint32_t last = UINT32_MAX;
        for (int64_t i = edges.from; i < edges.to; i++) {
            uint32_t partner = rule_partner_at(&edges, i);
            bool left_out = partner != last && world->kind[kind].degree[other][partner] > limit;
            out->hubs += left_out;
            if (left_out && (out->hub_limit == 0 || limit < out->hub_limit))
                out->hub_limit = limit;
            last = partner;
        }
    }
}

/* What of an edge's rule comes over to a node, and the surest of its edges, tagged or not. */
static rf_status trace_edges(rf_rule_trace *out, const rule_verdict *verdict, const rule_world *world,
                             rf_side end, int64_t row, rf_err *err)
{
    rf_status st = RF_OK;
    rule_crowds crowds = {0};
    const rule_spread *spread = &verdict->of->spread[end];
    RF_TRY(rule_crowds_init(&crowds, verdict, world, err));
    rule_reach reach = rule_reach_of(verdict, world, &crowds, end, row);
    out->of_edges = true;
    out->kind = rf_side_kind(verdict->side);
    out->holds = reach.holds;
    out->spread = (rf_spread_trace){spread->on,    reach.edges, spread->edges, reach.share,
                                    spread->share, reach.crowd, spread->crowd};
    out->edge = reach.surest;
    rule_edges edges = rule_edges_of(world, out->kind, end, row);
    for (int64_t i = edges.from; i < edges.to && reach.surest == RF_NO_EDGE; i++) {
        uint32_t edge = rule_edge_at(&edges, i);
        if (out->edge == RF_NO_EDGE || verdict->confidence[edge] > verdict->confidence[out->edge])
            out->edge = edge;
    }
    if (out->edge != RF_NO_EDGE)
        RF_TRY(trace_row(out, verdict, world, out->edge, err));
done:
    rule_crowds_clear(&crowds);
    return st;
}

static rf_status trace_rule(rf_rule_trace *out, const rf_rules *rules, int i, const rule_world *world,
                            rf_side side, int64_t row, rf_err *err)
{
    rf_status st = RF_OK;
    const rule *of = &rules->rules[i];
    const rf_side subject = world->on.side[of->subject], end = rf_side_role(side);
    rule_verdict verdict = {0};
    rf_rule_fit fit = {0};
    *out =
        (rf_rule_trace){.type = of->type, .about = of->about, .threshold = of->threshold, .edge = RF_NO_EDGE};
    RF_TRY(rule_check(&fit, &world->on, i, err));
    out->lacks = fit.lacks;
    out->share = fit.share;
    fit.lacks = (rf_text){0};
    bool about_it = rf_side_role(subject) != RF_EDGE
                        ? subject == side
                        : end == RF_USER || rf_side_kind(subject) == rf_side_kind(side);
    if (!fit.judges || !about_it) {
        out->state = fit.judges ? RF_RULE_OTHER_SIDE : fit.stood_in ? RF_RULE_STOOD_IN : RF_RULE_SKIPPED;
        goto done;
    }
    RF_TRY(rule_judge(&verdict, world, rules, of, err));
    RF_TRY(rule_verdict_rank(&verdict, world, err));
    if (rf_side_role(subject) == RF_EDGE) {
        RF_TRY(trace_edges(out, &verdict, world, end, row, err));
        goto done;
    }
    out->holds = rule_holds(&verdict, world, row);
    count_hubs(out, &verdict, world, row);
    RF_TRY(trace_row(out, &verdict, world, row, err));
done:
    rf_text_clear(&fit.lacks);
    rule_verdict_clear(&verdict);
    return st;
}

/* ---- all rules ---- */

rf_status rf_rules_trace_new(rf_rules_trace **out, const rf_rules *rules, const rf_graph *graph,
                             const rf_scores *scores, rf_side side, int64_t row, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rules_trace *trace = NULL;
    rule_world world = {0};
    RF_TRY(rule_world_init(&world, rules, graph, scores, pool, err));
    RF_ZERO(trace, 1, err);
    RF_NEW(trace->rules, rules->n_rules, err);
    trace->side = side;
    trace->row = row;
    trace->events = rule_events(&world, side, row);
    trace->partners = (uint32_t)partners_of(&world, side, row);
    trace->unknown = rules->unknown;
    for (int i = 0; i < rules->n_rules; i++) {
        trace->n++;
        RF_TRY(trace_rule(&trace->rules[i], rules, i, &world, side, row, err));
    }
    *out = trace;
    trace = NULL;
done:
    rf_rules_trace_free(trace);
    rule_world_clear(&world);
    return st;
}

void rf_rules_trace_free(rf_rules_trace *trace)
{
    if (trace == NULL)
        return;
    for (int i = 0; i < trace->n; i++) {
        rf_text_clear(&trace->rules[i].lacks);
        rf_text_clear(&trace->rules[i].missing);
        rf_mem_free(trace->rules[i].signals);
    }
    rf_mem_free(trace->rules);
    rf_mem_free(trace);
}
