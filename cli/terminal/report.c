/* report.c - what people read: metrics, the worst subjects and why, and the figures of a run.
 */
#include "cli_int.h"
#include "rf_findings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_evaluate.h"
#include "rf_why.h"
#include "rf_mem.h"
#include "rf_table.h"

static rf_status add_count(rf_table *table, int64_t value, rf_err *err)
{
    char cell[32];
    return rf_table_add(table, rf_count_format(cell, value), err);
}

static rf_status add_share(rf_table *table, double value, rf_err *err)
{
    char cell[32];
    return rf_table_add(table, rf_share_format(cell, value), err);
}

static rf_status finish(rf_text *text, const char *title, const rf_table *table, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(text, err, "%s%s\n\n", text->len == 0 ? "" : "\n", title));
    RF_TRY(rf_table_print(text, table, err));
done:
    return st;
}

/* ---- metrics ---- */

typedef struct scored {
    const char *name;
    const rf_metrics *metrics;
} scored;

static rf_status add_areas(rf_table *table, const scored *group, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_metrics *m = group->metrics;
    RF_TRY(rf_table_add(table, group->name, err));
    if (!m->defined) {
        for (int i = 0; i < 5; i++)
            RF_TRY(rf_table_add(table, "-", err));
        goto done;
    }
    RF_TRY(add_count(table, m->n, err));
    RF_TRY(add_count(table, m->positives, err));
    RF_TRY(add_share(table, m->roc_auc, err));
    RF_TRY(add_share(table, m->pr_auc, err));
    RF_TRY(add_share(table, m->average_precision, err));
done:
    return st;
}

static rf_status report_areas(rf_text *text, const scored *groups, int n, rf_err *err)
{
    static const char *const heads[] = {"scores of", "subjects", "anomalous",
                                        "ROC-AUC",   "PR-AUC",   "avg precision"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    RF_TRY(rf_table_new(&table, "lrrrrr", heads, err));
    for (int i = 0; i < n; i++)
        RF_TRY(add_areas(table, &groups[i], err));
    RF_TRY(finish(text, "Areas under the curves", table, err));
done:
    rf_table_free(table);
    return st;
}

static rf_status add_cuts(rf_table *table, const scored *group, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_metrics *m = group->metrics;
    char cut[64], count[32];
    for (int i = 0; m->defined && i < m->n_at_k; i++) {
        int64_t flagged = m->at_k[i].k < m->n ? m->at_k[i].k : m->n;
        snprintf(cut, sizeof cut, "top %s", rf_count_format(count, m->at_k[i].k));
        RF_TRY(rf_table_add(table, group->name, err));
        RF_TRY(rf_table_add(table, cut, err));
        RF_TRY(add_count(table, flagged, err));
        RF_TRY(add_share(table, m->at_k[i].precision, err));
        RF_TRY(add_share(table, m->at_k[i].recall, err));
    }
    for (int i = 0; m->defined && i < m->n_at_percentile; i++) {
        snprintf(cut, sizeof cut, "percentile %g", m->at_percentile[i].percentile);
        RF_TRY(rf_table_add(table, group->name, err));
        RF_TRY(rf_table_add(table, cut, err));
        RF_TRY(add_count(table, m->at_percentile[i].flagged, err));
        RF_TRY(add_share(table, m->at_percentile[i].precision, err));
        RF_TRY(add_share(table, m->at_percentile[i].recall, err));
    }
done:
    return st;
}

static rf_status report_cuts(rf_text *text, const scored *groups, int n, rf_err *err)
{
    static const char *const heads[] = {"scores of", "cut-off", "flagged", "precision", "recall"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    bool any = false;
    RF_TRY(rf_table_new(&table, "llrrr", heads, err));
    for (int i = 0; i < n; i++) {
        any = any || (groups[i].metrics->defined &&
                      groups[i].metrics->n_at_k + groups[i].metrics->n_at_percentile > 0);
        RF_TRY(add_cuts(table, &groups[i], err));
    }
    if (any)
        RF_TRY(finish(text, "Precision and recall", table, err));
done:
    rf_table_free(table);
    return st;
}

static rf_status add_types(rf_table *table, const char *kind, const rf_type_table *types, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < types->n; i++) {
        const rf_type_metrics *row = &types->rows[i];
        RF_TRY(rf_table_add(table, row->type, err));
        RF_TRY(rf_table_add(table, kind, err));
        RF_TRY(add_count(table, row->n, err));
        RF_TRY(add_count(table, row->caught, err));
        RF_TRY(add_share(table, row->n == 0 ? 0 : (double)row->caught / (double)row->n, err));
        RF_TRY(add_share(table, row->roc_auc, err));
    }
done:
    return st;
}

static rf_status report_types(rf_text *text, const rf_evaluation *evaluation, rf_err *err)
{
    static const char *const heads[] = {"type of fraud", "scores of", "anomalous",
                                        "caught",        "recall",    "ROC-AUC"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    char title[80];
    RF_TRY(rf_table_new(&table, "llrrrr", heads, err));
    RF_TRY(add_types(table, "users", &evaluation->u_types, err));
    RF_TRY(add_types(table, "entities", &evaluation->v_types, err));
    RF_TRY(add_types(table, "edges", &evaluation->e_types, err));
    snprintf(title, sizeof title, "By type, caught at percentile %g", evaluation->type_percentile);
    RF_TRY(finish(text, title, table, err));
done:
    rf_table_free(table);
    return st;
}

rf_status rf_report_evaluation(rf_text *text, const rf_evaluation *evaluation, rf_err *err)
{
    rf_status st = RF_OK;
    const scored groups[] = {{"users", &evaluation->side[RF_USER]},
                             {"entities", &evaluation->side[RF_ENTITY]},
                             {"edges", &evaluation->side[RF_EDGE]},
                             {"edges, feature error alone", &evaluation->e_x_error}};
    RF_TRY(report_areas(text, groups, 4, err));
    RF_TRY(report_cuts(text, groups, 3, err));
    if (evaluation->has_types)
        RF_TRY(report_types(text, evaluation, err));
done:
    return st;
}

/* ---- the worst ---- */

#define MOST_TOP 64

/* Rows of the n highest scores, highest first; ties go to the lower row. O(rows * n) at worst. */
static int highest(int64_t *rows, int n, const rf_score_side *side)
{
    int found = 0;
    for (int64_t row = 0; row < side->n; row++) {
        int at = found;
        while (at > 0 && side->score[row] > side->score[rows[at - 1]])
            at--;
        if (at == n)
            continue;
        int last = found < n ? found : n - 1;
        memmove(rows + at + 1, rows + at, (size_t)(last - at) * sizeof *rows);
        rows[at] = row;
        found += found < n;
    }
    return found;
}

/* "amount_max 912.3, expected 34.1 (62 %)" */
static rf_status main_reason(rf_text *text, const rf_graph_side *side, const rf_score_side *scores,
                             int64_t row, rf_err *err)
{
    char name[32], seen[32], expected[32];
    rf_reason main[RF_MAX_REASONS];
    rf_text_reset(text);
    if (rf_reasons_get(main, 1, side, scores, row) == 0)
        return rf_text_add(text, "-", 1, err);
    bool has_data = !isnan(main->observed);
    return rf_text_printf(text, err, "%s %s, expected %s (%.0f %%)",
                          rf_graph_raw_name(side, main->column, name),
                          has_data ? rf_figure_format(seen, main->observed) : "no data",
                          rf_figure_format(expected, main->expected), 100 * main->share);
}

static rf_status subject_name(rf_text *text, const rf_graph *graph, const rf_graph_side *side, int64_t row,
                              rf_err *err)
{
    char u[32], v[32];
    rf_text_reset(text);
    if (side != &graph->side[RF_EDGE])
        return rf_text_printf(text, err, "%s", rf_graph_id(side, row, u));
    rf_status st = rf_text_printf(text, err, "%s > %s",
                                  rf_graph_id(&graph->side[RF_USER], (int64_t)graph->adj.e_u[row], u),
                                  rf_graph_id(&graph->side[RF_ENTITY], (int64_t)graph->adj.e_v[row], v));
    if (st >= 0 && graph->side[RF_EDGE].id.n > 0) /* an edge is an event */
        st = rf_text_printf(text, err, ", event %s", rf_graph_id(&graph->side[RF_EDGE], row, u));
    return st;
}

/* The surest tag, and how many more there are. */
static rf_status main_tag(rf_text *cell, const rf_tags *tags, rf_side side, int64_t row, rf_err *err)
{
    rf_text_reset(cell);
    const rf_tag_side *of = tags == NULL ? NULL : &tags->side[side];
    int64_t n = of == NULL ? 0 : of->ptr[row + 1] - of->ptr[row];
    if (n == 0)
        return rf_text_printf(cell, err, "-");
    const char *type = rf_tag_type(tags, &of->tags[of->ptr[row]]);
    return n == 1 ? rf_text_printf(cell, err, "%s", type)
                  : rf_text_printf(cell, err, "%s +%lld", type, (long long)(n - 1));
}

/* A sentence is too long for a cell: one a line, numbered as the rows above. */
static rf_status say_why(rf_text *text, const rf_findings *findings, rf_side side, const int64_t *rows, int n,
                         rf_err *err)
{
    rf_status st = RF_OK;
    rf_explanation why;
    for (int i = 0; i < n; i++) {
        rf_explain(&why, findings->graph, findings->scores, side, rows[i]);
        RF_TRY(rf_text_printf(text, err, "%s%d. %s\n", i == 0 ? "\n" : "", i + 1, why.sentence));
    }
done:
    return st;
}

static rf_status report_side(rf_text *text, const char *title, const rf_findings *findings, rf_side name,
                             int n, rf_err *err)
{
    const rf_graph *graph = findings->graph;
    const rf_graph_side *side = &graph->side[name];
    const rf_score_side *scores = &findings->scores->side[name];
    const char *const heads[] = {name == RF_USER     ? "user"
                                 : name == RF_ENTITY ? "entity"
                                                     : "user > entity",
                                 "score", "percentile", "tag", "main reason"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    rf_text cell = {0};
    int64_t rows[MOST_TOP];
    char figure[32];
    int found = highest(rows, n < MOST_TOP ? n : MOST_TOP, scores);
    RF_TRY(rf_table_new(&table, "lrrll", heads, err));
    for (int i = 0; i < found; i++) {
        RF_TRY(subject_name(&cell, graph, side, rows[i], err));
        RF_TRY(rf_table_add(table, cell.ptr, err));
        RF_TRY(rf_table_add(table, rf_figure_format(figure, (double)scores->score[rows[i]]), err));
        snprintf(figure, sizeof figure, "%.5f", (double)scores->percentile[rows[i]]);
        RF_TRY(rf_table_add(table, figure, err));
        RF_TRY(main_tag(&cell, findings->tags, name, rows[i], err));
        RF_TRY(rf_table_add(table, cell.ptr, err));
        RF_TRY(main_reason(&cell, side, scores, rows[i], err));
        RF_TRY(rf_table_add(table, cell.ptr, err));
    }
    RF_TRY(finish(text, title, table, err));
    RF_TRY(say_why(text, findings, name, rows, found, err));
done:
    rf_text_clear(&cell);
    rf_table_free(table);
    return st;
}

rf_status rf_report_top(rf_text *text, const rf_findings *findings, int n, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(report_side(text, "Most anomalous users", findings, RF_USER, n, err));
    RF_TRY(report_side(text, "Most anomalous entities", findings, RF_ENTITY, n, err));
    RF_TRY(report_side(text, "Most anomalous edges", findings, RF_EDGE, n, err));
done:
    return st;
}

/* ---- the run ---- */

static rf_status kafka_figures(rf_text *text, const rf_summary_kafka *kafka, rf_err *err)
{
    rf_status st = RF_OK;
    char n[4][32];
    if (kafka->in)
        RF_TRY(rf_text_printf(text, err,
                              "kafka in  %s messages, %s rejected, %s behind the end, %s rebalances\n",
                              rf_count_format(n[0], kafka->consumed), rf_count_format(n[1], kafka->rejected),
                              kafka->lag < 0 ? "unknown how far" : rf_count_format(n[2], kafka->lag),
                              rf_count_format(n[3], kafka->rebalances)));
    if (kafka->out)
        RF_TRY(rf_text_printf(
            text, err, "kafka out %s messages, %s of them tombstones, %s aborted transactions\n",
            rf_count_format(n[0], kafka->produced), rf_count_format(n[1], kafka->tombstones),
            rf_count_format(n[2], kafka->aborted)));
done:
    return st;
}

static rf_status figures(rf_text *text, const rf_summary *s, rf_err *err)
{
    rf_status st = RF_OK;
    char n[6][32];
    if (s->has_events)
        RF_TRY(rf_text_printf(
            text, err,
            "events    %s read: %s accepted, %s rejected, %s duplicate, %s late, %s outside the "
            "window\n",
            rf_count_format(n[0], s->events.read), rf_count_format(n[1], s->events.accepted),
            rf_count_format(n[2], s->events.rejected), rf_count_format(n[3], s->events.duplicate),
            rf_count_format(n[4], s->events.late), rf_count_format(n[5], s->events.outside_window)));
    if (s->has_graph)
        RF_TRY(rf_text_printf(text, err, "graph     %s users, %s entities, %s edges\n",
                              rf_count_format(n[0], s->users), rf_count_format(n[1], s->entities),
                              rf_count_format(n[2], s->edges)));
    if (s->has_training)
        RF_TRY(rf_text_printf(text, err, "training  %s epochs, loss %s\n", rf_count_format(n[0], s->epochs),
                              rf_figure_format(n[1], s->loss)));
    if (s->has_actions)
        RF_TRY(rf_text_printf(text, err, "actions   %s\n", rf_count_format(n[0], s->actions)));
    RF_TRY(kafka_figures(text, &s->kafka, err));
done:
    return st;
}

static rf_status report_steps(rf_text *text, const rf_summary *summary, rf_err *err)
{
    static const char *const heads[] = {"step", "time", "peak memory"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    double seconds = 0;
    int64_t peak = -1;
    char cell[32];
    RF_TRY(rf_table_new(&table, "lrr", heads, err));
    for (int i = 0; i < summary->n_steps; i++) {
        const rf_summary_step *step = &summary->steps[i];
        seconds += step->seconds;
        peak = step->peak_rss_bytes > peak ? step->peak_rss_bytes : peak;
        RF_TRY(rf_table_add(table, step->name, err));
        RF_TRY(rf_table_add(table, rf_seconds_format(cell, step->seconds), err));
        RF_TRY(rf_table_add(table, rf_bytes_format(cell, step->peak_rss_bytes), err));
    }
    RF_TRY(rf_table_add(table, "all", err));
    RF_TRY(rf_table_add(table, rf_seconds_format(cell, seconds), err));
    RF_TRY(rf_table_add(table, rf_bytes_format(cell, peak), err));
    RF_TRY(finish(text, "Time and memory", table, err));
done:
    rf_table_free(table);
    return st;
}

rf_status rf_report_summary(rf_text *text, const rf_summary *summary, rf_err *err)
{
    rf_status st = RF_OK;
    if (text->len > 0)
        RF_TRY(rf_text_add(text, "\n", 1, err));
    RF_TRY(figures(text, summary, err));
    RF_TRY(report_steps(text, summary, err));
    RF_TRY(rf_text_printf(text, err, "\nFiles\n\n"));
    for (int i = 0; i < summary->n_files; i++)
        RF_TRY(rf_text_printf(text, err, "%s\n", summary->files[i]));
done:
    return st;
}
