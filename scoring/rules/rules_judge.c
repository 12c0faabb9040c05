/* rules_judge.c - one rule for all rows: its signals' columns, their thresholds, strengths, the confidence.
 */
#include <math.h>
#include <string.h>

#include "rf_mem.h"
#include "rules_judge_int.h"

#define BLOCK 2048

void rule_verdict_clear(rule_verdict *verdict)
{
    for (int i = 0; i < RF_RULE_SIGNALS; i++) {
        rf_mem_free(verdict->column[i]);
        rf_mem_free(verdict->bin[i]);
        rule_ranking_clear(&verdict->ranking[i]);
    }
    rule_cover_clear(&verdict->cover);
    rf_mem_free(verdict->confidence);
    *verdict = (rule_verdict){0};
}

/* ---- strengths ---- */

static int bin_of(const rule_verdict *verdict, int signal, int64_t row)
{
    return verdict->bin[signal] != NULL ? verdict->bin[signal][row] : 0;
}

double rule_threshold(const rule_verdict *verdict, int signal, int64_t row)
{
    const rule_signal *of = &verdict->of->signals[signal];
    if (!of->by_percentile)
        return of->threshold;
    return verdict->ranking[signal].threshold[bin_of(verdict, signal, row)];
}

float rule_strength(const rule_verdict *verdict, int signal, int64_t row)
{
    const rule_signal *of = &verdict->of->signals[signal];
    rf_real value = verdict->column[signal][row];
    double threshold = rule_threshold(verdict, signal, row);
    if (isnan(value))
        return NAN;
    if (isnan(threshold))
        return 0;
    rf_real limit = (rf_real)threshold; /* rounded as the value was, so that 0.7 is not below 0.7 */
    if (of->slope > 0) {
        double over = of->above ? (double)value - (double)limit : (double)limit - (double)value;
        return (float)(1 / (1 + exp(-over / of->slope)));
    }
    return (of->above ? value >= limit : value <= limit) ? 1 : 0;
}

/* ---- confidence ---- */

/* A signal without data may be anything in [0, 1]. The tree gives the resulting range, and the confidence is
 * its lower end. So a missing value never supports a tag, not even below `not`. */

typedef struct range {
    double low, high;
} range;

typedef struct strengths {  /* of a rule's signals */
    const float *known;     /* or NULL: */
    const rule_verdict *of; /* they are found as they are asked for, of this row */
    int64_t row;
} strengths;

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double most(double a, double b)
{
    return a > b ? a : b;
}

static range range_of(const rule_tree *tree, const strengths *all);

/* What cannot change any more is not looked at. */
static bool is_settled(rule_join join, range so_far)
{
    return (join == RULE_ALL && !(so_far.high > 0)) || (join == RULE_ANY && so_far.low >= 1);
}

static range join_of(const rule_tree *tree, const strengths *all)
{
    double start = tree->join == RULE_ALL ? 1 : 0, sum = 0;
    range out = {start, start};
    for (const rule_tree *child = tree->first; child != NULL && !is_settled(tree->join, out);
         child = child->next) {
        range part = range_of(child, all);
        if (tree->join == RULE_ALL)
            out = (range){least(out.low, part.low), least(out.high, part.high)};
        else if (tree->join == RULE_ANY)
            out = (range){most(out.low, part.low), most(out.high, part.high)};
        else
            out = (range){out.low + child->weight * part.low, out.high + child->weight * part.high};
        sum += child->weight;
    }
    return tree->join == RULE_WEIGHTS ? (range){least(out.low / sum, 1), least(out.high / sum, 1)} : out;
}

static range range_of(const rule_tree *tree, const strengths *all)
{
    if (tree->join == RULE_FIRST) /* all that it reads is there */
        return range_of(tree->first, all);
    if (tree->join == RULE_NOT) {
        range part = range_of(tree->first, all);
        return (range){1 - part.high, 1 - part.low};
    }
    if (tree->join != RULE_LEAF)
        return join_of(tree, all);
    double known = (double)(all->known != NULL ? all->known[tree->signal]
                                               : rule_strength(all->of, tree->signal, all->row));
    return isnan(known) ? (range){0, 1} : (range){known, known};
}

double rule_confidence(const rule_tree *tree, const float *strength)
{
    return range_of(tree, &(strengths){.known = strength}).low;
}

/* ---- columns ---- */

typedef struct rank_task {
    rule_verdict *verdict;
    const rf_rules *rules;
    bool all; /* also what only evidence needs */
    rf_err err[RF_RULE_SIGNALS];
    rf_status status[RF_RULE_SIGNALS];
} rank_task;

static void rank_signal(void *context, int64_t index, int worker)
{
    rank_task *task = context;
    rule_verdict *v = task->verdict;
    int i = (int)index;
    const rule_signal *signal = &v->of->signals[i];
    (void)worker;
    if (!v->cover.used[i] || v->ranked[i] || !(task->all || signal->by_percentile))
        return;
    int bins = v->bin[i] != NULL ? RF_RULE_CUTS + 2 : 1;
    task->status[i] = rule_rank(&v->ranking[i], v->column[i], v->n, v->bin[i], bins, &task->err[i]);
    if (task->status[i] < 0)
        return;
    if (signal->by_percentile)
        rule_rank_thresholds(&v->ranking[i], signal->threshold, signal->above);
    v->ranked[i] = true;
}

static rf_status rank_signals(rule_verdict *verdict, const rule_world *world, bool all, rf_err *err)
{
    rf_status st = RF_OK;
    rank_task task = {.verdict = verdict, .all = all};
    rf_pool_run(world->pool, verdict->of->n_signals, rank_signal, &task);
    for (int i = 0; i < verdict->of->n_signals; i++) {
        if (task.status[i] < 0)
            RF_FAIL(err, task.status[i], "%s", task.err[i].msg);
    }
done:
    return st;
}

rf_status rule_verdict_rank(rule_verdict *verdict, const rule_world *world, rf_err *err)
{
    return rank_signals(verdict, world, true, err);
}

static void judge_rows(void *context, int64_t index, int worker)
{
    rule_verdict *v = context;
    strengths all = {.of = v};
    (void)worker;
    for (all.row = index * BLOCK; all.row < v->n && all.row < (index + 1) * BLOCK; all.row++)
        v->confidence[all.row] = (float)least(range_of(v->cover.tree, &all).low, v->cover.share);
}

rf_status rule_judge(rule_verdict *out, const rule_world *world, const rf_rules *rules, const rule *of,
                     rf_err *err)
{
    rf_status st = RF_OK;
    const rf_side side = world->on.side[of->subject]; /* a rule that judges has subjects */
    *out = (rule_verdict){.of = of, .side = side, .n = rule_rows(world, side)};
    RF_TRY(rule_cover_of(&out->cover, of, &world->on, err));
    for (int i = 0; i < of->n_signals; i++) {
        const rule_signal *signal = &of->signals[i];
        if (!out->cover.used[i])
            continue;
        RF_TRY(rule_evaluate(&out->column[i], world, &signal->value, side, of->ignore_hubs, &signal->place,
                             err));
        if (signal->segment >= 0)
            RF_TRY(rule_bins(&out->bin[i], world, &rules->segments[signal->segment], err));
    }
    RF_TRY(rank_signals(out, world, false, err));
    RF_NEW(out->confidence, out->n, err);
    rf_pool_run(world->pool, (out->n + BLOCK - 1) / BLOCK, judge_rows, out);
done:
    if (st < 0)
        rule_verdict_clear(out);
    return st;
}

bool rule_supported(const rule_verdict *verdict, const rule_world *world, int64_t row)
{
    const rule *of = verdict->of;
    if (of->events > 0 && rule_events(world, verdict->side, row) < (double)of->events)
        return false;
    return rf_side_role(verdict->side) == RF_EDGE || of->partners == 0 ||
           rule_degree(world, verdict->side, row) >= (double)of->partners;
}

bool rule_holds(const rule_verdict *verdict, const rule_world *world, int64_t row)
{
    return (double)verdict->confidence[row] >= (double)(float)verdict->of->threshold &&
           rule_supported(verdict, world, row);
}

/* A float's shortest decimal as a double: 0.7, not 0.69999998807907104. */
static double as_written(rf_real value)
{
    char text[32];
    double out = (double)value;
    if (isnan(value) || !rf_double_parse(&out, text, strlen(rf_float_format(text, (float)value))))
        return (double)value;
    return out;
}

rf_evidence rule_evidence(const rule_verdict *verdict, int signal, int64_t row)
{
    const rule_signal *of = &verdict->of->signals[signal];
    rf_real value = verdict->column[signal][row];
    float strength = rule_strength(verdict, signal, row);
    double threshold = rule_threshold(verdict, signal, row);
    return (rf_evidence){
        .signal = (uint16_t)(verdict->of->first_signal + signal),
        .strength = isnan(strength) ? 0 : strength,
        .percentile = verdict->ranked[signal] ? (float)rule_percentile(&verdict->ranking[signal],
                                                                       bin_of(verdict, signal, row), value)
                                              : NAN,
        .observed = as_written(value),
        .threshold = of->by_percentile ? as_written((rf_real)threshold) : threshold,
    };
}
