/* rules_run.c - all rules of a file over a graph and its scores: tags with their evidence.
 *
 * A rule at a time, so that only one rule's columns are in memory. Its tags are noted as they are found and
 * brought into the order of rows and confidence at the end.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rf_log.h"
#include "rf_count.h"
#include "rf_mem.h"
#include "rules_judge_int.h"

/* ---- notes: tags of one side as they are found ---- */

typedef struct note {
    uint32_t row;
    rf_tag tag; /* evidence: its place among the notes' */
} note;

typedef struct notes {
    note *at;
    size_t n, cap;
    rf_evidence *evidence;
    size_t n_evidence, cap_evidence;
} notes;

typedef struct run {
    const rf_rules *rules;
    rule_world world;
    notes side[RF_SIDES_MOST];
} run;

static rf_status add_note(notes *to, note found, const rf_evidence *evidence, int n, rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(to->at, to->cap, to->n + 1, err);
    RF_RESERVE(to->evidence, to->cap_evidence, to->n_evidence + (size_t)n, err);
    found.tag.evidence = (int64_t)to->n_evidence;
    found.tag.n_evidence = n;
    memcpy(to->evidence + to->n_evidence, evidence, (size_t)n * sizeof *evidence);
    to->n_evidence += (size_t)n;
    to->at[to->n++] = found;
done:
    return st;
}

/* The rule's tag for a row of `side`; its evidence is that of `from`, a row of the rule's own subjects. */
static rf_status note_tag(run *r, const rule_verdict *verdict, rf_side side, int64_t row, int64_t from,
                          rf_err *err)
{
    rf_evidence evidence[RF_RULE_SIGNALS];
    const rule *of = verdict->of;
    note found = {.row = (uint32_t)row};
    found.tag.rule = (uint16_t)(of - r->rules->rules);
    found.tag.confidence = verdict->confidence[from];
    found.tag.edge = side != verdict->side ? (uint32_t)from : RF_NO_EDGE;
    int n = 0;
    for (int i = 0; i < of->n_signals; i++) {
        if (verdict->cover.used[i])
            evidence[n++] = rule_evidence(verdict, i, from);
    }
    return add_note(&r->side[side], found, evidence, n, err);
}

/* ---- one rule ---- */

/* Tags of edges, and of the nodes that they come over to. */
static rf_status note_edges(run *r, const rule_verdict *verdict, rf_err *err)
{
    rf_status st = RF_OK;
    rule_crowds crowds = {0};
    RF_TRY(rule_crowds_init(&crowds, verdict, &r->world, err));
    for (int64_t edge = 0; edge < verdict->n; edge++) {
        if (rule_edge_keeps_tag(verdict, &r->world, &crowds, edge))
            RF_TRY(note_tag(r, verdict, verdict->side, edge, edge, err));
    }
    for (rf_side end = RF_USER; end <= RF_ENTITY; end++) {
        const rf_side side = rule_end_side(rf_side_kind(verdict->side), end);
        for (int64_t row = 0; row < rule_rows(&r->world, side); row++) {
            if (!crowds.reached[end][row])
                continue;
            rule_reach reach = rule_reach_of(verdict, &r->world, &crowds, end, row);
            RF_TRY(note_tag(r, verdict, side, row, reach.surest, err));
        }
    }
done:
    rule_crowds_clear(&crowds);
    return st;
}

static rf_status run_rule(run *r, const rule *of, rf_err *err)
{
    rf_status st = RF_OK;
    rule_verdict verdict = {0};
    int64_t first = 0;
    RF_TRY(rule_judge(&verdict, &r->world, r->rules, of, err));
    while (first < verdict.n && !rule_holds(&verdict, &r->world, first))
        first++;
    if (first == verdict.n)
        goto done;
    RF_TRY(rule_verdict_rank(&verdict, &r->world, err));
    if (rf_side_role(of->subject) == RF_EDGE) {
        RF_TRY(note_edges(r, &verdict, err));
        goto done;
    }
    for (int64_t row = first; row < verdict.n; row++) {
        if (rule_holds(&verdict, &r->world, row))
            RF_TRY(note_tag(r, &verdict, verdict.side, row, row, err));
    }
done:
    rule_verdict_clear(&verdict);
    return st;
}

/* "promo_abuse, account_farm (2 rules)": the types of those rules, each once. */
static rf_status list_types(rf_text *out, const rf_rules *rules, const bool *silent, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < rules->n_rules; i++) {
        int before = 0, n = 0;
        for (int k = 0; k < rules->n_rules && silent[i]; k++) {
            bool same = silent[k] && strcmp(rules->rules[k].type, rules->rules[i].type) == 0;
            n += same;
            before += same && k < i;
        }
        if (n == 0 || before > 0)
            continue;
        RF_TRY(rf_text_printf(out, err, "%s%s", out->len > 0 ? ", " : "", rules->rules[i].type));
        if (n > 1)
            RF_TRY(rf_text_printf(out, err, " (%s)", RF_THINGS(n, "rule")));
    }
done:
    return st;
}

/* Which rules could not judge, and what would let them; which had to do with less. */
static rf_status say_what_lacks(const rf_rules *rules, const bool *is_silent, const rf_text *weaker,
                                const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rule_wish wish = {0};
    rf_text silent = {0};
    if (weaker->len > 0)
        rf_log(RF_LOG_INFO, "%s: judged by a share of the evidence, the graph lacks the rest: %s",
               rules->file, weaker->ptr);
    RF_TRY(list_types(&silent, rules, is_silent, err));
    if (silent.len == 0)
        goto done;
    RF_TRY(rf_rules_wish(&wish, rules, graph, err));
    rf_log(RF_LOG_WARN, "%s: %d of %s cannot judge, the graph lacks what %s: %s", rules->file, wish.n_rules,
           RF_THINGS(rules->n_rules, "rule"), wish.n_rules == 1 ? "it needs" : "they need", silent.ptr);
    if (wish.mapping.len > 0)
        rf_log(RF_LOG_WARN, "%s: they could with these attributes: fields.attributes: {%s}", rules->file,
               wish.mapping.ptr);
    if (wish.times)
        rf_log(RF_LOG_WARN, "%s: they could with the times of the events: fields.time", rules->file);
    if (wish.days > 0)
        rf_log(RF_LOG_WARN, "%s: they could with more than %g days of events (graph.window)", rules->file,
               wish.days);
    if (wish.kinds.len > 0)
        rf_log(RF_LOG_WARN, "%s: they could with these kinds of entity in fields.entities: %s", rules->file,
               wish.kinds.ptr);
done:
    rf_rule_wish_clear(&wish);
    rf_text_clear(&silent);
    return st;
}

static rf_status run_rules(run *r, rf_err *err)
{
    rf_status st = RF_OK;
    bool *silent = NULL;
    rf_text weaker = {0};
    rf_rule_fit fit = {0};
    double days = 0;
    RF_ZERO(silent, r->rules->n_rules, err);
    for (int i = 0; i < r->rules->n_rules; i++) {
        const rule *of = &r->rules->rules[i];
        RF_TRY(rule_check(&fit, &r->world.on, i, err));
        rf_text_clear(&fit.lacks);
        days = fmax(days, fit.days);
        if (!fit.judges && fit.stood_in)
            continue;
        silent[i] = !fit.judges;
        if (silent[i])
            continue;
        RF_TRY(run_rule(r, of, err));
        if (fit.share < 1)
            RF_TRY(rf_text_printf(&weaker, err, "%s%s (%.0f %%)", weaker.len > 0 ? ", " : "", of->type,
                                  100 * fit.share));
    }
    if (days > 0)
        rf_log(
            RF_LOG_WARN,
            "%s: the graph has %.3g days of events; conditions that ask for more (up to %g days) cannot be "
            "told, and rules judge by the rest",
            r->rules->file, rule_horizon_days(&r->world.on.seen), days);
    RF_TRY(say_what_lacks(r->rules, silent, &weaker, r->world.graph, err));
done:
    rf_text_clear(&fit.lacks);
    rf_mem_free(silent);
    rf_text_clear(&weaker);
    return st;
}

/* ---- what no rule explains ---- */

static rf_status note_unknown(run *r, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_scores *scores = r->world.scores;
    const rf_score_side *of = &scores->side[side];
    notes *to = &r->side[side];
    uint8_t *tagged = NULL;
    RF_ZERO(tagged, of->n, err);
    for (size_t i = 0; i < to->n; i++)
        tagged[to->at[i].row] = 1;
    for (int64_t row = 0; row < of->n; row++) {
        float percentile = of->percentile[row];
        if (tagged[row] || !(percentile >= (float)r->rules->unknown))
            continue;
        rf_evidence evidence = {.signal = (uint16_t)r->rules->n_signals,
                                .strength = 1,
                                .percentile = percentile,
                                .observed = (double)percentile,
                                .threshold = r->rules->unknown};
        note found = {
            .row = (uint32_t)row,
            .tag = {.rule = (uint16_t)r->rules->n_rules, .confidence = percentile, .edge = RF_NO_EDGE}};
        RF_TRY(add_note(to, found, &evidence, 1, err));
    }
done:
    rf_mem_free(tagged);
    return st;
}

/* ---- in order ---- */

static int by_row_and_confidence(const void *a, const void *b)
{
    const note *x = a, *y = b;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    if (x->tag.confidence > y->tag.confidence || x->tag.confidence < y->tag.confidence)
        return x->tag.confidence > y->tag.confidence ? -1 : 1;
    return (x->tag.rule > y->tag.rule) - (x->tag.rule < y->tag.rule);
}

/* Whether the same row has a surer tag of the same type before it. */
static bool is_repeat(const run *r, const notes *from, size_t i)
{
    if (from->at[i].tag.rule == r->rules->n_rules)
        return false;
    const char *type = r->rules->rules[from->at[i].tag.rule].type;
    for (size_t k = i; k > 0 && from->at[k - 1].row == from->at[i].row; k--) {
        if (strcmp(r->rules->rules[from->at[k - 1].tag.rule].type, type) == 0)
            return true;
    }
    return false;
}

static rf_status finish_side(rf_tag_side *out, run *r, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    notes *from = &r->side[side];
    int64_t n = 0;
    out->n = rule_rows(&r->world, side);
    RF_ZERO(out->ptr, out->n + 1, err);
    RF_NEW(out->tags, from->n, err);
    RF_NEW(out->evidence, from->n_evidence, err);
    if (from->n > 0)
        qsort(from->at, from->n, sizeof *from->at, by_row_and_confidence);
    for (size_t i = 0; i < from->n; i++) {
        rf_tag tag = from->at[i].tag;
        if (is_repeat(r, from, i))
            continue;
        memcpy(out->evidence + out->n_evidence, from->evidence + tag.evidence,
               (size_t)tag.n_evidence * sizeof *out->evidence);
        tag.evidence = out->n_evidence;
        out->n_evidence += tag.n_evidence;
        out->tags[n++] = tag;
        out->ptr[from->at[i].row + 1] = n;
    }
    for (int64_t row = 0; row < out->n; row++) {
        if (out->ptr[row + 1] < out->ptr[row])
            out->ptr[row + 1] = out->ptr[row];
    }
done:
    return st;
}

/* ---- names and sentences ---- */

static rf_status add_text(rf_texts *to, rf_text *bytes, const char *text, rf_err *err)
{
    rf_status st = RF_OK;
    to->at[to->n] = (int64_t)bytes->len;
    RF_TRY(rf_text_add(bytes, text, strlen(text) + 1, err));
    to->n++;
    to->at[to->n] = (int64_t)bytes->len;
done:
    return st;
}

static const char *rule_text(const rf_rules *rules, int i, int what)
{
    bool known = i < rules->n_rules;
    if (what == 0)
        return known ? rules->rules[i].type : RF_UNKNOWN_PATTERN;
    return known
               ? rules->rules[i].about
               : "A score among the highest that no rule explains; its kind of anomaly says what stands out.";
}

static const char *signal_text(const rule_signal *signal, int what)
{
    static const char *const unknown[] = {"score", "percentile", "rank of the anomaly score among its kind"};
    if (signal == NULL)
        return unknown[what];
    return what == 0 ? signal->name : what == 1 ? signal->value.text : signal->about;
}

/* One column of texts: of rules (type, about), or of their signals (name, value, about). */
static rf_status collect_texts(rf_texts *out, const rf_rules *rules, bool of_signals, int what, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text bytes = {0};
    size_t n = (size_t)(of_signals ? rules->n_signals : rules->n_rules) + 1;
    RF_ZERO(out->at, n + 1, err);
    for (int i = 0; i < rules->n_rules; i++) {
        const rule *of = &rules->rules[i];
        if (!of_signals)
            RF_TRY(add_text(out, &bytes, rule_text(rules, i, what), err));
        for (int k = 0; k < of->n_signals && of_signals; k++)
            RF_TRY(add_text(out, &bytes, signal_text(&of->signals[k], what), err));
    }
    if (!isnan(rules->unknown))
        RF_TRY(add_text(out, &bytes,
                        of_signals ? signal_text(NULL, what) : rule_text(rules, rules->n_rules, what), err));
    out->bytes = bytes.ptr;
    bytes = (rf_text){0};
done:
    rf_text_clear(&bytes);
    return st;
}

static rf_status describe(rf_tags *tags, const rf_rules *rules, const rule_graph *on, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(collect_texts(&tags->rule_type, rules, false, 0, err));
    RF_TRY(collect_texts(&tags->rule_about, rules, false, 1, err));
    RF_TRY(collect_texts(&tags->signal_name, rules, true, 0, err));
    RF_TRY(collect_texts(&tags->signal_value, rules, true, 1, err));
    RF_TRY(collect_texts(&tags->signal_about, rules, true, 2, err));
    RF_ZERO(tags->rule_kind, rules->n_rules + 1, err);
    for (int i = 0; i < rules->n_rules; i++)
        tags->rule_kind[i] = (uint8_t)rf_side_kind(on->side[rules->rules[i].subject]);
    RF_NEW(tags->signal_rule, rules->n_signals + 1, err);
    RF_NEW(tags->signal_above, rules->n_signals + 1, err);
    for (int i = 0, at = 0; i < rules->n_rules; i++) {
        for (int k = 0; k < rules->rules[i].n_signals; k++, at++) {
            tags->signal_rule[at] = (uint16_t)i;
            tags->signal_above[at] = rules->rules[i].signals[k].above;
        }
    }
    tags->signal_rule[rules->n_signals] = (uint16_t)rules->n_rules;
    tags->signal_above[rules->n_signals] = 1;
    snprintf(tags->rules_name, sizeof tags->rules_name, "%s", rules->name);
    memcpy(tags->rules_hash, rules->hash, sizeof tags->rules_hash);
    tags->rules_version = rules->revision;
done:
    return st;
}

/* ---- all of it ---- */

rf_status rf_rules_tag(rf_tags **out, const rf_rules *rules, const rf_graph *graph, const rf_scores *scores,
                       rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    run r = {.rules = rules};
    rf_tags *tags = NULL;
    RF_ZERO(tags, 1, err);
    tags->kinds = graph->kinds;
    RF_TRY(rule_world_init(&r.world, rules, graph, scores, pool, err));
    RF_TRY(run_rules(&r, err));
    for (rf_side i = 0; i < rf_sides(&graph->kinds); i++) {
        if (!isnan(rules->unknown))
            RF_TRY(note_unknown(&r, i, err));
        RF_TRY(finish_side(&tags->side[i], &r, i, err));
    }
    RF_TRY(describe(tags, rules, &r.world.on, err));
    memcpy(tags->run_id, scores->run_id, sizeof tags->run_id);
    *out = tags;
    tags = NULL;
done:
    rf_tags_free(tags);
    for (rf_side i = 0; i < RF_SIDES_MOST; i++) {
        rf_mem_free(r.side[i].at);
        rf_mem_free(r.side[i].evidence);
    }
    rule_world_clear(&r.world);
    return st;
}
