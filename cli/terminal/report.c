/* report.c - the metrics of an evaluation, and the worst subjects with their reasons, as tables.
 */
#include "rf_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_log.h"
#include "rf_table.h"
#include "rf_why.h"

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

#define SIDE_WORDS (RF_KIND_NAME + 32)

/* "users", "entities", "edges"; where kinds have names "devices", "device edges". */
static const char *side_words(char out[SIDE_WORDS], const rf_kinds *kinds, rf_side side)
{
    const int kind = rf_side_kind(side);
    if (kinds->n > 0 && rf_side_role(side) == RF_ENTITY)
        return rf_kind_plural(out, kinds, kind);
    const bool named = kinds->n > 0 && rf_side_role(side) == RF_EDGE;
    snprintf(out, SIDE_WORDS, "%s%s%s", named ? rf_kind_name(kinds, kind) : "", named ? " " : "",
             rf_side_plural(side));
    return out;
}

typedef struct scored {
    char name[SIDE_WORDS + 32];
    const rf_metrics *metrics;
} scored;

static rf_status report_areas(rf_text *text, const scored *groups, int n, rf_err *err)
{
    static const char *const heads[] = {"scores of", "subjects", "anomalous",
                                        "ROC-AUC",   "PR-AUC",   "avg precision"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    RF_TRY(rf_table_new(&table, "lrrrrr", heads, err));
    for (int g = 0; g < n; g++) {
        const rf_metrics *m = groups[g].metrics;
        RF_TRY(rf_table_add(table, groups[g].name, err));
        for (int i = 0; !m->defined && i < 5; i++)
            RF_TRY(rf_table_add(table, "-", err));
        if (!m->defined)
            continue;
        RF_TRY(add_count(table, m->n, err));
        RF_TRY(add_count(table, m->positives, err));
        RF_TRY(add_share(table, m->roc_auc, err));
        RF_TRY(add_share(table, m->pr_auc, err));
        RF_TRY(add_share(table, m->average_precision, err));
    }
    RF_TRY(finish(text, "Areas under the curves", table, err));
done:
    rf_table_free(table);
    return st;
}

static rf_status add_cut(rf_table *table, const char *name, const char *cut, int64_t flagged,
                         double precision, double recall, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_table_add(table, name, err));
    RF_TRY(rf_table_add(table, cut, err));
    RF_TRY(add_count(table, flagged, err));
    RF_TRY(add_share(table, precision, err));
    RF_TRY(add_share(table, recall, err));
done:
    return st;
}

static rf_status report_cuts(rf_text *text, const scored *groups, int n, rf_err *err)
{
    static const char *const heads[] = {"scores of", "cut-off", "flagged", "precision", "recall"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    char cut[64], count[32];
    bool any = false;
    RF_TRY(rf_table_new(&table, "llrrr", heads, err));
    for (int g = 0; g < n; g++) {
        const rf_metrics *m = groups[g].metrics;
        for (int i = 0; m->defined && i < m->n_at_k; i++) {
            int64_t k = m->at_k[i].k;
            snprintf(cut, sizeof cut, "top %s", rf_count_format(count, k));
            RF_TRY(add_cut(table, groups[g].name, cut, k < m->n ? k : m->n, m->at_k[i].precision,
                           m->at_k[i].recall, err));
            any = true;
        }
        for (int i = 0; m->defined && i < m->n_at_percentile; i++) {
            snprintf(cut, sizeof cut, "percentile %g", m->at_percentile[i].percentile);
            RF_TRY(add_cut(table, groups[g].name, cut, m->at_percentile[i].flagged,
                           m->at_percentile[i].precision, m->at_percentile[i].recall, err));
            any = true;
        }
    }
    if (any)
        RF_TRY(finish(text, "Precision and recall", table, err));
done:
    rf_table_free(table);
    return st;
}

/* A row for each part and voice that one of the sides has: users and the main kind, or another kind's. */
static rf_status report_parts(rf_text *text, const rf_evaluation *evaluation, int kind, rf_err *err)
{
    static const char *const heads[] = {"part",           "in the total",      "users: ROC-AUC",
                                        "avg precision",  "entities: ROC-AUC", "avg precision",
                                        "edges: ROC-AUC", "avg precision"};
    static const char *const of_kind[] = {"part",          "in the total",   "entities: ROC-AUC",
                                          "avg precision", "edges: ROC-AUC", "avg precision"};
    const rf_side from = kind == 0 ? RF_USER : rf_entity_side(kind), to = rf_edge_side(kind);
    rf_status st = RF_OK;
    rf_table *table = NULL;
    char title[80] = "Parts of the score, and voices beside it";
    bool any = false;
    if (kind > 0)
        snprintf(title, sizeof title, "The same of %s", rf_kind_name(&evaluation->kinds, kind));
    RF_TRY(rf_table_new(&table, kind == 0 ? "llrrrrrr" : "llrrrr", kind == 0 ? heads : of_kind, err));
    for (int p = 0; p < RF_PARTS; p++) {
        bool known = false;
        for (rf_side side = from; side <= to; side++)
            known = known || evaluation->part[side][p].defined;
        if (!known)
            continue;
        any = true;
        RF_TRY(rf_table_add(table, rf_part_table[p].name, err));
        RF_TRY(rf_table_add(table, rf_part_table[p].in_total ? "yes" : "no", err));
        for (rf_side side = from; side <= to; side++) {
            const rf_metrics *of = &evaluation->part[side][p];
            RF_TRY(of->defined ? add_share(table, of->roc_auc, err) : rf_table_add(table, "-", err));
            RF_TRY(of->defined ? add_share(table, of->average_precision, err)
                               : rf_table_add(table, "-", err));
        }
    }
    if (any)
        RF_TRY(finish(text, title, table, err));
done:
    rf_table_free(table);
    return st;
}

static rf_status report_types(rf_text *text, const rf_evaluation *evaluation, rf_err *err)
{
    static const char *const heads[] = {"type of fraud", "scores of", "anomalous",
                                        "caught",        "recall",    "ROC-AUC"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    char title[80], words[SIDE_WORDS];
    RF_TRY(rf_table_new(&table, "llrrrr", heads, err));
    for (rf_side side = 0; side < rf_sides(&evaluation->kinds); side++) {
        for (int i = 0; i < evaluation->types[side].n; i++) {
            const rf_type_metrics *row = &evaluation->types[side].rows[i];
            RF_TRY(rf_table_add(table, row->type, err));
            RF_TRY(rf_table_add(table, side_words(words, &evaluation->kinds, side), err));
            RF_TRY(add_count(table, row->n, err));
            RF_TRY(add_count(table, row->caught, err));
            RF_TRY(add_share(table, row->n == 0 ? 0 : (double)row->caught / (double)row->n, err));
            RF_TRY(add_share(table, row->roc_auc, err));
        }
    }
    snprintf(title, sizeof title, "By type, caught at percentile %g", evaluation->type_percentile);
    RF_TRY(finish(text, title, table, err));
done:
    rf_table_free(table);
    return st;
}

static const rf_type_metrics *type_of(const rf_type_table *table, const char *type)
{
    for (int i = 0; i < table->n; i++) {
        if (strcmp(table->rows[i].type, type) == 0)
            return &table->rows[i];
    }
    return NULL;
}

/* "12 of 45" of the users and of each kind's entities and edges. */
static rf_status add_caught(rf_table *table, const rf_evaluation *evaluation, const char *type, rf_err *err)
{
    rf_status st = RF_OK;
    char cell[72], caught[32], all[32];
    RF_TRY(rf_table_add(table, type, err));
    for (rf_side side = 0; side < rf_sides(&evaluation->kinds); side++) {
        const rf_type_metrics *row = type_of(&evaluation->types[side], type);
        if (row != NULL)
            snprintf(cell, sizeof cell, "%s of %s", rf_count_format(caught, row->caught),
                     rf_count_format(all, row->n));
        RF_TRY(rf_table_add(table, row == NULL ? "-" : cell, err));
    }
done:
    return st;
}

/* The types of several kinds of entity: a line each, what was caught of whom in columns. */
static rf_status report_types_of_kinds(rf_text *text, const rf_evaluation *evaluation, rf_err *err)
{
    const char *heads[1 + RF_SIDES_MOST] = {"type of fraud"};
    char words[RF_SIDES_MOST][SIDE_WORDS], align[2 + RF_SIDES_MOST] = "l", title[80];
    const int n = rf_sides(&evaluation->kinds);
    rf_status st = RF_OK;
    rf_table *table = NULL;
    for (rf_side side = 0; side < n; side++) {
        heads[1 + side] = side_words(words[side], &evaluation->kinds, side);
        align[1 + side] = 'r';
    }
    RF_TRY(rf_table_new(&table, align, heads, err));
    for (rf_side side = 0; side < n; side++) {
        for (int i = 0; i < evaluation->types[side].n; i++) {
            const char *type = evaluation->types[side].rows[i].type;
            bool is_listed = false;
            for (rf_side before = 0; before < side; before++)
                is_listed = is_listed || type_of(&evaluation->types[before], type) != NULL;
            if (!is_listed)
                RF_TRY(add_caught(table, evaluation, type, err));
        }
    }
    snprintf(title, sizeof title, "By type, caught at percentile %g of those that are anomalous",
             evaluation->type_percentile);
    RF_TRY(finish(text, title, table, err));
done:
    rf_table_free(table);
    return st;
}

rf_status rf_report_evaluation(rf_text *text, const rf_evaluation *evaluation, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_kinds *kinds = &evaluation->kinds;
    const int n = rf_sides(kinds);
    scored groups[RF_SIDES_MOST + RF_KINDS_MOST];
    int all = n;
    for (rf_side side = 0; side < n; side++) {
        groups[side].metrics = &evaluation->side[side];
        side_words(groups[side].name, kinds, side);
    }
    for (int k = 0; k < rf_kinds_n(kinds); k++) {
        scored *alone = &groups[all++];
        char words[SIDE_WORDS];
        alone->metrics = &evaluation->x_error[k];
        snprintf(alone->name, sizeof alone->name, "%s, feature error alone",
                 side_words(words, kinds, rf_edge_side(k)));
    }
    RF_TRY(report_areas(text, groups, all, err));
    for (int k = 0; k < rf_kinds_n(kinds); k++)
        RF_TRY(report_parts(text, evaluation, k, err));
    RF_TRY(report_cuts(text, groups, n, err));
    if (evaluation->has_types)
        RF_TRY(kinds->n > 1 ? report_types_of_kinds(text, evaluation, err)
                            : report_types(text, evaluation, err));
done:
    return st;
}

void rf_report_upside_down(const rf_evaluation *evaluation)
{
    for (rf_side side = 0; side < rf_sides(&evaluation->kinds); side++) {
        rf_part_id best;
        char right[160] = "no part or voice ranks them right", words[SIDE_WORDS];
        if (!rf_evaluate_upside_down(&best, evaluation, side))
            continue;
        if (best < RF_PARTS)
            snprintf(right, sizeof right, "the %s %s ranks them right (ROC-AUC %.3f)",
                     rf_part_table[best].in_total ? "part" : "voice", rf_part_table[best].name,
                     evaluation->part[side][best].roc_auc);
        rf_log(RF_LOG_WARN, "the scores rank the labelled %s upside down (ROC-AUC %.3f); %s",
               side_words(words, &evaluation->kinds, side), evaluation->side[side].roc_auc, right);
    }
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

#define SMALL_NUMBERS 1e-4 /* deviation of a column of which small figures say something */

static char *column_figure(char out[32], const rf_graph_side *side, int column, double value)
{
    bool small = side->scale != NULL && side->scale[column] < SMALL_NUMBERS;
    if (!small || value == 0 || fabs(value) >= 1)
        return rf_figure_format(out, value);
    snprintf(out, 32, "%.4g", value);
    return out;
}

/* "amount_max 912.3, expected 34.1 (62 %)" */
static rf_status main_reason(rf_text *text, const rf_graph_side *side, const rf_score_side *scores,
                             int64_t row, rf_err *err)
{
    char name[32], seen[32], expected[32];
    rf_reason first[RF_MAX_REASONS];
    rf_text_reset(text);
    if (rf_reasons_get(first, 1, side, scores, row) == 0)
        return rf_text_add(text, "-", 1, err);
    bool has_data = !isnan(first->observed);
    return rf_text_printf(text, err, "%s %s, expected %s (%.0f %%)",
                          rf_graph_raw_name(side, first->column, name),
                          has_data ? column_figure(seen, side, first->column, first->observed) : "no data",
                          column_figure(expected, side, first->column, first->expected), 100 * first->share);
}

#define END_WIDTH 28 /* of an edge in a cell, so that the other end is to be read, too */

/* An id, cut if it has more characters. */
static rf_status add_end(rf_text *text, const char *id, int most, rf_err *err)
{
    uint32_t code;
    const size_t all = strlen(id);
    size_t len = 0, kept = 0;
    int width = 0;
    for (; len < all && width <= most; width++) {
        kept = width == most - 1 ? len : kept;
        len += rf_utf8_decode(&code, id + len, all - len);
    }
    if (width <= most)
        return rf_text_add(text, id, all, err);
    rf_status st = rf_text_add(text, id, kept, err);
    return st < 0 ? st : rf_text_add(text, "~", 1, err);
}

static rf_status subject_name(rf_text *text, const rf_graph *graph, rf_side side, int64_t row, rf_err *err)
{
    char u[32], v[32];
    const rf_graph_side *of = &graph->side[side];
    const int kind = rf_side_kind(side);
    const rf_adj *adj = rf_graph_adj(graph, kind);
    rf_text_reset(text);
    if (rf_side_role(side) != RF_EDGE)
        return rf_text_printf(text, err, "%s", rf_graph_id(of, row, u));
    const char *user = rf_graph_id(&graph->side[RF_USER], (int64_t)adj->e_u[row], u);
    const char *entity = rf_graph_id(&graph->side[rf_entity_side(kind)], (int64_t)adj->e_v[row], v);
    const int most = strlen(user) + strlen(entity) > 2 * END_WIDTH ? END_WIDTH : 2 * END_WIDTH;
    rf_status st = add_end(text, user, most, err);
    if (st >= 0)
        st = rf_text_add(text, " > ", 3, err);
    if (st >= 0)
        st = add_end(text, entity, most, err);
    if (st >= 0 && of->id.n > 0) /* an edge is an event */
        st = rf_text_printf(text, err, ", event %s", rf_graph_id(of, row, u));
    return st;
}

/* The surest tag, and how many more there are. */
static rf_status main_tag(rf_text *cell, const rf_findings *findings, rf_side side, int64_t row, rf_err *err)
{
    rf_text_reset(cell);
    char words[RF_TAG_WORDS];
    const rf_tags *tags = findings->tags;
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, tags, side, row);
    if (n == 0)
        return rf_text_printf(cell, err, "-");
    const char *type = rf_tag_words(words, tags, tag, rf_score_anomaly(&findings->scores->side[side], row));
    return n == 1 ? rf_text_printf(cell, err, "%s", type)
                  : rf_text_printf(cell, err, "%s +%lld", type, (long long)(n - 1));
}

static rf_status report_side(rf_text *text, const rf_findings *findings, rf_side side, int n, rf_err *err)
{
    const rf_graph *graph = findings->graph;
    const rf_score_side *scores = &findings->scores->side[side];
    char subject[SIDE_WORDS], words[SIDE_WORDS];
    snprintf(subject, sizeof subject, "%s%s", rf_side_role(side) == RF_EDGE ? "user > " : "",
             side == RF_USER ? "user" : rf_kind_name(&graph->kinds, rf_side_kind(side)));
    const char *const heads[] = {subject, "score", "percentile", "tag", "main reason"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    rf_text cell = {0};
    rf_explanation why;
    int64_t rows[MOST_TOP];
    char title[SIDE_WORDS + 32], figure[32];
    int found = highest(rows, n < MOST_TOP ? n : MOST_TOP, scores);
    RF_TRY(rf_table_new(&table, "lrrll", heads, err));
    for (int i = 0; i < found; i++) {
        RF_TRY(subject_name(&cell, graph, side, rows[i], err));
        RF_TRY(rf_table_add(table, cell.ptr, err));
        RF_TRY(rf_table_add(table, rf_figure_format(figure, (double)scores->score[rows[i]]), err));
        snprintf(figure, sizeof figure, "%.5f", (double)scores->percentile[rows[i]]);
        RF_TRY(rf_table_add(table, figure, err));
        RF_TRY(main_tag(&cell, findings, side, rows[i], err));
        RF_TRY(rf_table_add(table, cell.ptr, err));
        RF_TRY(main_reason(&cell, &graph->side[side], scores, rows[i], err));
        RF_TRY(rf_table_add(table, cell.ptr, err));
    }
    snprintf(title, sizeof title, "Most anomalous %s", side_words(words, &graph->kinds, side));
    RF_TRY(finish(text, title, table, err));
    for (int i = 0; i < found;
         i++) { /* a sentence is too long for a cell: one a line, numbered as the rows */
        rf_explain(&why, graph, findings->scores, side, rows[i]);
        RF_TRY(rf_text_printf(text, err, "%s%d. %s\n", i == 0 ? "\n" : "", i + 1, why.sentence));
    }
done:
    rf_text_clear(&cell);
    rf_table_free(table);
    return st;
}

rf_status rf_report_top(rf_text *text, const rf_findings *findings, int n, rf_err *err)
{
    rf_status st = RF_OK;
    for (rf_side side = 0; side < rf_sides(&findings->graph->kinds); side++) {
        const bool other_edges = rf_side_kind(side) > 0 && rf_side_role(side) == RF_EDGE;
        if (!other_edges) /* what their entities' sentences are about */
            RF_TRY(report_side(text, findings, side, n, err));
    }
done:
    return st;
}
