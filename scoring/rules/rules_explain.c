/* rules_explain.c - why each rule did or did not hold for one subject, as text for a terminal.
 *
 * Every rule is judged for all rows, as for tagging, because percentiles and spread need the others.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rules_int.h"

#define COLUMNS 7
#define CELL 96
#define ID 60 /* bytes of an id that are shown */

typedef struct page {
    rf_text *text; /* where the rule at hand is written */
    const rf_rules *rules;
    rule_world world;
    rf_side side;
    int64_t row;
    int held, others; /* rules that hold; rules about other kinds of subjects */
} page;

/* ---- small texts ---- */

/* An id without what would move the cursor. */
static const char *shown_id(char out[ID + 4], const rf_graph_side *side, int64_t row)
{
    char buffer[32];
    const char *id = rf_graph_id(side, row, buffer);
    size_t len = strlen(id), n = len < ID ? len : ID;
    while (n < len && n > 0 && ((unsigned char)id[n] & 0xC0) == 0x80)
        n--; /* whole characters */
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)id[i] < 0x20 || id[i] == 0x7F ? '?' : id[i];
    memcpy(out + n, n < len ? "..." : "", n < len ? 4 : 1);
    return out;
}

static const char *figure(char out[CELL], double x)
{
    if (isnan(x))
        snprintf(out, CELL, "no data");
    else
        snprintf(out, CELL, fabs(x) >= 1e4 && fabs(x) < 1e15 ? "%.0f" : "%.4g", x);
    return out;
}

/* Seconds are hard to read: "1209600 (14 d)". */
static const char *figure_of(char out[CELL], const rule_signal *signal, double x)
{
    const rule_operand *of = &signal->value.operand[0];
    size_t len = of->name == RULE_FEATURE ? strlen(of->feature) : 0;
    bool seconds = signal->value.n == 1 && len > 2 && strcmp(of->feature + len - 2, "_s") == 0;
    for (int i = 0; i < of->n_steps; i++)
        seconds = seconds && of->steps[i].how != RULE_SHARE && of->steps[i].how != RULE_COUNT;
    figure(out, x);
    size_t used = strlen(out);
    if (seconds && !isnan(x) && fabs(x) >= 120) {
        double unit = fabs(x) >= 172800 ? 86400 : fabs(x) >= 7200 ? 3600 : 60;
        snprintf(out + used, CELL - used, " (%.3g %s)", x / unit,
                 unit > 3600 ? "d"
                 : unit > 60 ? "h"
                             : "min");
    }
    return out;
}

/* ---- a rule's signals as a table ---- */

typedef struct cells {
    char at[RF_RULE_SIGNALS + 1][COLUMNS - 1][CELL];
    const char *about[RF_RULE_SIGNALS + 1];
    int n;
} cells;

static void fill_row(cells *to, const rule_verdict *verdict, int i, int64_t row)
{
    const rule_signal *signal = &verdict->of->signals[i];
    rf_evidence found = rule_evidence(verdict, i, row);
    char number[CELL];
    char(*cell)[CELL] = to->at[to->n];
    snprintf(cell[0], CELL, "%s", signal->name);
    snprintf(cell[1], CELL, "%s", figure_of(number, signal, found.observed));
    snprintf(cell[2], CELL, "%s %.80s", signal->above ? "from" : "to",
             figure_of(number, signal, found.threshold));
    if (isnan(found.threshold))
        snprintf(cell[2], CELL, "out of reach");
    snprintf(cell[3], CELL, isnan(found.percentile) ? "-" : "%.4f", (double)found.percentile);
    snprintf(cell[4], CELL, "%.2f", (double)found.strength);
    snprintf(cell[5], CELL, "%.90s", signal->value.text);
    to->about[to->n++] = signal->about;
}

static rf_status print_cells(rf_text *text, const cells *from, rf_err *err)
{
    rf_status st = RF_OK;
    int width[COLUMNS - 1] = {0};
    for (int i = 0; i < from->n; i++) {
        for (int c = 0; c < COLUMNS - 1; c++) {
            int len = (int)strlen(from->at[i][c]);
            width[c] = len > width[c] ? len : width[c];
        }
    }
    for (int i = 0; i < from->n; i++) {
        RF_TRY(rf_text_printf(text, err, "    %-*s  %*s  %-*s  %*s  %*s  ", width[0], from->at[i][0],
                              width[1], from->at[i][1], width[2], from->at[i][2], width[3], from->at[i][3],
                              width[4], from->at[i][4]));
        if (from->about[i][0] == '\0')
            RF_TRY(rf_text_printf(text, err, "%s\n", from->at[i][5]));
        else
            RF_TRY(rf_text_printf(text, err, "%-*s  %s\n", width[5], from->at[i][5], from->about[i]));
    }
done:
    return st;
}

static rf_status print_signals(rf_text *text, const rule_verdict *verdict, int64_t row, rf_err *err)
{
    static const char *const heads[COLUMNS - 1] = {"signal",     "observed", "suspicious",
                                                   "percentile", "strength", "value"};
    cells table = {.n = 1};
    for (int c = 0; c < COLUMNS - 1; c++)
        snprintf(table.at[0][c], CELL, "%s", heads[c]);
    table.about[0] = "";
    for (int i = 0; i < verdict->of->n_signals; i++)
        fill_row(&table, verdict, i, row);
    return print_cells(text, &table, err);
}

/* ---- what was missing ---- */

typedef struct wanting {
    const rule_verdict *verdict;
    float strength[RF_RULE_SIGNALS];
    double need;
} wanting;

/* Whether a part of the tree is as strong (wanted: as weak) as the confidence needs it. */
static bool satisfied(const wanting *w, const rule_tree *tree, bool wanted)
{
    double low = rule_confidence(tree, w->strength);
    if (wanted)
        return low >= w->need;
    rule_tree inverse = {.join = RULE_NOT, .first = (rule_tree *)tree};
    return rule_confidence(&inverse, w->strength) >= w->need;
}

static rf_status name_missing(rf_text *text, const wanting *w, const rule_tree *tree, bool wanted,
                              rf_err *err);

static rf_status name_parts(rf_text *text, const wanting *w, const rule_tree *tree, bool wanted,
                            const char *between, rf_err *err)
{
    rf_status st = RF_OK;
    int n = 0;
    for (const rule_tree *child = tree->first; child != NULL; child = child->next) {
        if (satisfied(w, child, wanted))
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

static rf_status print_missing_signals(page *to, const rule_verdict *verdict, int64_t row, rf_err *err)
{
    rf_status st = RF_OK;
    wanting w = {.verdict = verdict, .need = (double)(float)verdict->of->threshold};
    for (int i = 0; i < verdict->of->n_signals; i++)
        w.strength[i] = rule_strength(verdict, i, row);
    if ((double)verdict->confidence[row] >= w.need)
        goto done;
    RF_TRY(rf_text_printf(to->text, err, "    missing: "));
    RF_TRY(name_missing(to->text, &w, verdict->of->confidence, true, err));
    RF_TRY(rf_text_printf(to->text, err, "\n"));
done:
    return st;
}

static rf_status print_support(page *to, const rule *of, int64_t row, rf_err *err)
{
    rf_status st = RF_OK;
    double events = rule_events(&to->world, of->subject, row);
    if (events < (double)of->events)
        RF_TRY(rf_text_printf(to->text, err, "    missing: support of %lld events, there are %.0f\n",
                              (long long)of->events, events));
    if (of->subject == RF_EDGE)
        goto done;
    int64_t partners = (int64_t)to->world.degree[of->subject][row];
    if (partners < of->partners)
        RF_TRY(rf_text_printf(to->text, err, "    missing: support of %lld partners, there are %lld\n",
                              (long long)of->partners, (long long)partners));
done:
    return st;
}

/* Partners that aggregates leave out. */
static rf_status print_hubs(page *to, const rule *of, rf_side side, int64_t row, rf_err *err)
{
    rf_status st = RF_OK;
    bool matters = false;
    for (int i = 0; i < of->n_signals; i++) {
        for (int k = 0; k < of->signals[i].value.n; k++) {
            const rule_operand *operand = &of->signals[i].value.operand[k];
            if (operand->n_steps > 0 && operand->steps[0].how != RULE_END && operand->steps[0].to != RF_EDGE)
                matters = true;
        }
    }
    rf_side other = side == RF_USER ? RF_ENTITY : RF_USER;
    uint32_t limit = rule_hub_limit(&to->world, other, of->ignore_hubs), last = UINT32_MAX;
    int64_t hubs = 0;
    rule_edges edges = rule_edges_of(&to->world, side, row);
    for (int64_t i = edges.from; i < edges.to && matters; i++) {
        uint32_t partner = rule_partner_at(&edges, i);
        hubs += partner != last && to->world.degree[other][partner] > limit;
        last = partner;
    }
    if (hubs > 0)
        RF_TRY(rf_text_printf(to->text, err,
                              "    left out: %lld of its %lld partners are hubs, of more than %u partners\n",
                              (long long)hubs, (long long)to->world.degree[side][row], limit));
done:
    return st;
}

/* ---- one rule ---- */

static rf_status print_verdict(page *to, const rule *of, bool holds, double confidence, rf_err *err)
{
    rf_status st = RF_OK;
    to->held += holds;
    RF_TRY(rf_text_printf(to->text, err, "\n%s %s: confidence %.2f, holds from %.2f\n", holds ? "[X]" : "[ ]",
                          of->type, confidence, of->threshold));
    if (of->about[0] != '\0')
        RF_TRY(rf_text_printf(to->text, err, "    %s\n", of->about));
done:
    return st;
}

static rf_status explain_own(page *to, const rule_verdict *verdict, rf_err *err)
{
    rf_status st = RF_OK;
    const rule *of = verdict->of;
    RF_TRY(print_verdict(to, of, rule_holds(verdict, &to->world, to->row),
                         (double)verdict->confidence[to->row], err));
    RF_TRY(print_support(to, of, to->row, err));
    RF_TRY(print_missing_signals(to, verdict, to->row, err));
    RF_TRY(print_hubs(to, of, to->side, to->row, err));
    RF_TRY(print_signals(to->text, verdict, to->row, err));
done:
    return st;
}

static uint32_t surest_edge(const page *to, const rule_verdict *verdict)
{
    rule_edges edges = rule_edges_of(&to->world, to->side, to->row);
    uint32_t surest = RF_NO_EDGE;
    for (int64_t i = edges.from; i < edges.to; i++) {
        uint32_t edge = rule_edge_at(&edges, i);
        if (surest == RF_NO_EDGE || verdict->confidence[edge] > verdict->confidence[surest])
            surest = edge;
    }
    return surest;
}

static rf_status print_edge(page *to, uint32_t edge, rf_err *err)
{
    rf_status st = RF_OK;
    char id[ID + 4], event[ID + 4];
    const rf_graph *graph = to->world.graph;
    bool user = to->side == RF_USER;
    int64_t partner = (int64_t)(user ? graph->adj.e_v[edge] : graph->adj.e_u[edge]);
    RF_TRY(rf_text_printf(to->text, err, "    its surest edge is with the %s %s", user ? "entity" : "user",
                          shown_id(id, user ? &graph->side[RF_ENTITY] : &graph->side[RF_USER], partner)));
    if (graph->side[RF_EDGE].id.n > 0)
        RF_TRY(rf_text_printf(to->text, err, ", event %s", shown_id(event, &graph->side[RF_EDGE], edge)));
    RF_TRY(rf_text_printf(to->text, err, ", %.0f event%s\n", rule_events(&to->world, RF_EDGE, edge),
                          rule_events(&to->world, RF_EDGE, edge) > 1 ? "s" : ""));
done:
    return st;
}

/* What of an edge's rule comes over to its end. */
static rf_status print_spread(page *to, const rule *of, const rule_reach *reach, rf_err *err)
{
    rf_status st = RF_OK;
    const rule_spread *spread = &of->spread[to->side];
    const char *other = to->side == RF_USER ? "users at the entity" : "entities of the user";
    if (!spread->on) {
        RF_TRY(rf_text_printf(to->text, err, "    the rule tags edges only\n"));
        goto done;
    }
    RF_TRY(rf_text_printf(to->text, err, "    edges that count: %lld, with %.1f %% of its events",
                          (long long)reach->edges, 100 * reach->share));
    if (!reach->holds)
        RF_TRY(rf_text_printf(to->text, err, "; needed: %lld, with %.1f %%", (long long)spread->edges,
                              100 * spread->share));
    if (spread->crowd > 1)
        RF_TRY(rf_text_printf(to->text, err, "; an edge counts with %lld %s, the most are %lld",
                              (long long)spread->crowd, other, (long long)reach->crowd));
    RF_TRY(rf_text_printf(to->text, err, "\n"));
done:
    return st;
}

static rf_status explain_edges(page *to, const rule_verdict *verdict, rf_err *err)
{
    rf_status st = RF_OK;
    const rule *of = verdict->of;
    rule_crowds crowds = {0};
    RF_TRY(rule_crowds_init(&crowds, verdict, &to->world, err));
    rule_reach reach = rule_reach_of(verdict, &to->world, &crowds, to->side, to->row);
    uint32_t edge = reach.surest != RF_NO_EDGE ? reach.surest : surest_edge(to, verdict);
    RF_TRY(
        print_verdict(to, of, reach.holds, edge == RF_NO_EDGE ? 0 : (double)verdict->confidence[edge], err));
    if (edge == RF_NO_EDGE) {
        RF_TRY(rf_text_printf(to->text, err, "    missing: it has no edges\n"));
        goto done;
    }
    RF_TRY(print_spread(to, of, &reach, err));
    RF_TRY(print_edge(to, edge, err));
    RF_TRY(print_support(to, of, edge, err));
    RF_TRY(print_missing_signals(to, verdict, edge, err));
    RF_TRY(print_signals(to->text, verdict, edge, err));
done:
    rule_crowds_clear(&crowds);
    return st;
}

static rf_status explain_rule(page *to, const rule *of, rf_err *err)
{
    rf_status st = RF_OK;
    rule_verdict verdict = {0};
    rf_text missing = {0};
    bool usable;
    RF_TRY(rule_check(&usable, &missing, to->rules, of, to->world.graph, err));
    if (!usable) {
        RF_TRY(rf_text_printf(to->text, err, "\n[-] %s: left out, for the graph has no %s\n", of->type,
                              missing.ptr));
        goto done;
    }
    if (of->subject != RF_EDGE && of->subject != to->side) {
        to->others++;
        goto done;
    }
    RF_TRY(rule_judge(&verdict, &to->world, to->rules, of, err));
    RF_TRY(rule_verdict_rank(&verdict, &to->world, err));
    if (of->subject == RF_EDGE)
        RF_TRY(explain_edges(to, &verdict, err));
    else
        RF_TRY(explain_own(to, &verdict, err));
done:
    rule_verdict_clear(&verdict);
    rf_text_clear(&missing);
    return st;
}

/* ---- the subject ---- */

static const rf_score_side *scores_of(const page *to)
{
    return &to->world.scores->side[to->side];
}

static rf_status print_head(page *to, rf_err *err)
{
    char id[ID + 4], number[CELL];
    const rf_graph *graph = to->world.graph;
    return rf_text_printf(to->text, err, "%s %s: score %s, percentile %.5f; %.0f events with %u partners\n",
                          rf_side_name(to->side), shown_id(id, &graph->side[to->side], to->row),
                          figure(number, (double)scores_of(to)->score[to->row]),
                          (double)scores_of(to)->percentile[to->row],
                          rule_events(&to->world, to->side, to->row), to->world.degree[to->side][to->row]);
}

static rf_status print_end(page *to, rf_err *err)
{
    rf_status st = RF_OK;
    double percentile = (double)scores_of(to)->percentile[to->row];
    if (!isnan(to->rules->unknown)) {
        bool high = percentile >= (double)(float)to->rules->unknown, holds = high && to->held == 0;
        RF_TRY(rf_text_printf(to->text, err,
                              "\n%s %s: the score's percentile is %.5f, it holds from %.5f%s\n",
                              holds ? "[X]" : "[ ]", RF_UNKNOWN_PATTERN, percentile, to->rules->unknown,
                              high && !holds ? ", where no rule explains it" : ""));
    }
    if (to->others > 0)
        RF_TRY(rf_text_printf(to->text, err, "\n%d rule%s about %s not looked at\n", to->others,
                              to->others > 1 ? "s" : "", to->side == RF_USER ? "entities" : "users"));
done:
    return st;
}

rf_status rf_rules_explain(rf_text *out, const rf_rules *rules, const rf_graph *graph,
                           const rf_scores *scores, rf_side side, int64_t row, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    page to = {.text = out, .rules = rules, .side = side, .row = row};
    rf_text rest = {0};
    RF_TRY(rule_world_init(&to.world, graph, scores, pool, err));
    RF_TRY(print_head(&to, err));
    to.text = &rest;
    for (int i = 0; i < rules->n_rules; i++) {
        size_t from = rest.len;
        int held = to.held;
        RF_TRY(explain_rule(&to, &rules->rules[i], err));
        if (to.held == held)
            continue;
        RF_TRY(rf_text_add(out, rest.ptr + from, rest.len - from, err)); /* those that hold stand first */
        rest.len = from;
    }
    RF_TRY(print_end(&to, err));
    RF_TRY(rf_text_add(out, rest.ptr, rest.len, err));
done:
    rf_text_clear(&rest);
    rule_world_clear(&to.world);
    return st;
}

/* ---- a whole file ---- */

rf_status rf_rules_describe(rf_text *out, const rf_rules *rules, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text missing = {0};
    RF_TRY(rf_text_printf(out, err, "%s: %s, revision %lld: %d rule%s\n", rules->file, rules->name,
                          (long long)rules->revision, rules->n_rules, rules->n_rules == 1 ? "" : "s"));
    for (int i = 0; i < rules->n_rules; i++) {
        const rule *of = &rules->rules[i];
        bool usable = true;
        rf_text_reset(&missing);
        if (graph != NULL)
            RF_TRY(rule_check(&usable, &missing, rules, of, graph, err));
        RF_TRY(rf_text_printf(out, err, "  %-20s %-7s %d signal%s%s%s\n", of->type, rf_side_name(of->subject),
                              of->n_signals, of->n_signals == 1 ? "" : "s",
                              usable ? "" : ", left out: the graph has no ", usable ? "" : missing.ptr));
    }
done:
    rf_text_clear(&missing);
    return st;
}
