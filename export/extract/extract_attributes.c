/* extract_attributes.c - the columns of the attribute table that graph and scores fill, and the table's
 * order.
 *
 * A column is there when graph and scores hold what it shows, so that files of other programs, and scores
 * with more in them, need no special case in any format.
 */
#include "extract_columns_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_rank.h"
#include "style_int.h"

#define REASON_COLUMNS 3 /* reasons that also have columns of their own */

/* ---- reading values ---- */

static rf_status give_whole(rf_value *out, int64_t whole)
{
    *out = (rf_value){.there = true, .whole = whole};
    return RF_OK;
}

RF_READER(read_name)
{
    rf_status st = RF_OK;
    char number[32];
    RF_READER_UNUSED;
    const char *id = rf_graph_id(subject->graph, subject->row, number);
    RF_TRY(rf_text_add(&scratch->text, id, strlen(id), err)); /* `number` ends here */
    st = rf_give_text(out, scratch->text.ptr);
done:
    return st;
}

RF_READER(read_event_id)
{
    RF_READER_UNUSED;
    return rf_give_text(out,
                        subject->graph->id.n > 0 ? rf_texts_get(&subject->graph->id, subject->row) : NULL);
}

RF_READER(read_kind)
{
    RF_READER_UNUSED;
    return rf_give_text(out, rf_side_word(&extract->graph->kinds, subject->side));
}

RF_READER(read_role)
{
    RF_READER_UNUSED;
    return rf_give_text(out, rf_role_name(subject->role));
}

RF_READER(read_score)
{
    RF_READER_UNUSED;
    return rf_give_number(out, (double)subject->scores->score[subject->row]);
}

RF_READER(read_percentile)
{
    RF_READER_UNUSED;
    return rf_give_number(out, (double)subject->scores->percentile[subject->row]);
}

RF_READER(read_anomaly)
{
    RF_READER_UNUSED;
    rf_anomaly anomaly = rf_score_anomaly(subject->scores, subject->row);
    return rf_give_text(out, anomaly != RF_ANOMALY_NONE ? rf_anomaly_name(anomaly) : NULL);
}

RF_READER(read_robust_z)
{
    RF_READER_UNUSED;
    return rf_give_number(out, (double)subject->scores->robust_z[subject->row]);
}

RF_READER(read_x_error)
{
    RF_READER_UNUSED;
    return rf_give_number(out, (double)subject->scores->x_error[subject->row]);
}

/* ce = -log(p + 1e-12) */
RF_READER(read_probability)
{
    RF_READER_UNUSED;
    double p = exp(-(double)subject->scores->ce[subject->row]) - 1e-12;
    return rf_give_number(out, p < 0 ? 0 : p > 1 ? 1 : p);
}

RF_READER(read_degree)
{
    RF_READER_UNUSED;
    int64_t degree = 0;
    for (int k = 0; k < rf_kinds_n(&extract->graph->kinds); k++) {
        const rf_adj *adj = rf_graph_adj(extract->graph, k);
        const int64_t *ptr = subject->side == RF_USER             ? adj->u_ptr
                             : subject->side == rf_entity_side(k) ? adj->v_ptr
                                                                  : NULL;
        degree += ptr != NULL ? ptr[subject->row + 1] - ptr[subject->row] : 0;
    }
    return give_whole(out, degree);
}

RF_READER(read_hub)
{
    RF_READER_UNUSED;
    const uint8_t *hub = subject->graph->hub;
    *out = (rf_value){.there = hub != NULL, .yes = hub != NULL && hub[subject->row] != 0};
    return RF_OK;
}

RF_READER(read_events)
{
    RF_READER_UNUSED;
    return give_whole(out, subject->graph->count != NULL ? subject->graph->count[subject->row] : 0);
}

/* A row without events was never seen. */
static rf_status give_time(rf_value *out, const rf_subject *subject, const int64_t *times)
{
    const int64_t *count = subject->graph->count;
    if (times == NULL || (count != NULL && count[subject->row] == 0)) {
        *out = (rf_value){0};
        return RF_OK;
    }
    return give_whole(out, times[subject->row]);
}

RF_READER(read_first)
{
    RF_READER_UNUSED;
    return give_time(out, subject, subject->graph->first_us);
}

RF_READER(read_last)
{
    RF_READER_UNUSED;
    return give_time(out, subject, subject->graph->last_us);
}

RF_READER(read_reasons)
{
    rf_status st = RF_OK;
    RF_READER_UNUSED;
    RF_TRY(rf_why_reasons(&scratch->text, subject->graph, subject->scores, subject->row, err));
    st = rf_give_text(out, scratch->text.len > 0 ? scratch->text.ptr : NULL);
done:
    return st;
}

/* The place of a reason in the arrays, or -1: a column without residual explains nothing. */
static int64_t reason_at(const rf_column *column, const rf_subject *subject)
{
    const rf_score_side *scores = subject->scores;
    int64_t at = subject->row * scores->n_reasons + column->place;
    return column->place < scores->n_reasons && scores->reason_share[at] > 0 ? at : -1;
}

RF_READER(read_reason_feature)
{
    rf_status st = RF_OK;
    char buffer[32];
    RF_READER_UNUSED;
    int64_t at = reason_at(column, subject);
    if (at < 0)
        return rf_give_text(out, NULL);
    const char *name = rf_graph_raw_name(subject->graph, subject->scores->reason_feature[at], buffer);
    RF_TRY(rf_text_add(&scratch->text, name, strlen(name), err));
    st = rf_give_text(out, scratch->text.ptr);
done:
    return st;
}

RF_READER(read_reason_observed)
{
    RF_READER_UNUSED;
    int64_t at = reason_at(column, subject);
    if (at < 0)
        return rf_give_number(out, NAN);
    return rf_give_number(out,
                          rf_raw_observed(subject->graph, subject->row, subject->scores->reason_feature[at]));
}

RF_READER(read_reason_expected)
{
    RF_READER_UNUSED;
    int64_t at = reason_at(column, subject);
    if (at < 0)
        return rf_give_number(out, NAN);
    return rf_give_number(out, rf_raw_value(subject->graph, subject->scores->reason_feature[at],
                                            (double)subject->scores->reason_expected[at]));
}

RF_READER(read_reason_share)
{
    RF_READER_UNUSED;
    int64_t at = reason_at(column, subject);
    return rf_give_number(out, at < 0 ? (double)NAN : (double)subject->scores->reason_share[at]);
}

RF_READER(read_feature)
{
    RF_READER_UNUSED;
    if (subject->side != column->side)
        return rf_give_number(out, NAN);
    return rf_give_number(out, rf_raw_observed(subject->graph, subject->row, column->place));
}

/* ---- making the table ---- */

static rf_status add_scores(rf_columns *columns, const rf_scores *scores, bool has_robust_z, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ADD_COLUMN("score", "anomaly score", RF_COLUMN_NUMBER, read_score);
    RF_ADD_COLUMN("percentile", "share of the others of its kind that score lower", RF_COLUMN_NUMBER,
                  read_percentile);
    if (scores->method == RF_METHOD_SURPRISE)
        RF_ADD_COLUMN("anomaly", "what stands out: its kind of anomaly, no type of fraud", RF_COLUMN_TEXT,
                      read_anomaly);
    if (has_robust_z)
        RF_ADD_COLUMN("robust_z", "(score - median) / (1.4826 MAD)", RF_COLUMN_NUMBER, read_robust_z);
    RF_ADD_COLUMN("x_error", "root mean squared error of the features", RF_COLUMN_NUMBER, read_x_error);
done:
    return st;
}

static rf_status add_activity(rf_columns *columns, const rf_graph_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    if (side->count != NULL)
        RF_ADD_COLUMN("events", "events inside the window", RF_COLUMN_WHOLE, read_events);
    if (side->first_us != NULL && side->last_us != NULL) {
        RF_ADD_COLUMN("first_seen", "time of the first event inside the window, UTC", RF_COLUMN_TIME,
                      read_first);
        RF_ADD_COLUMN("last_seen", "time of the last event inside the window, UTC", RF_COLUMN_TIME,
                      read_last);
    }
done:
    return st;
}

static rf_status add_reasons(rf_columns *columns, int n_reasons, rf_err *err)
{
    static const struct {
        const char *key, *about;
        rf_column column;
    } parts[] = {
        {"feature",
         "a feature that the model explains badly",
         {.type = RF_COLUMN_TEXT, .read = read_reason_feature}},
        {"observed", "its value, raw units", {.type = RF_COLUMN_NUMBER, .read = read_reason_observed}},
        {"expected",
         "what the model expected, raw units",
         {.type = RF_COLUMN_NUMBER, .read = read_reason_expected}},
        {"share", "its share of the squared error", {.type = RF_COLUMN_NUMBER, .read = read_reason_share}},
    };
    rf_status st = RF_OK;
    if (n_reasons > 0)
        RF_ADD_COLUMN("reasons", "what the model did not expect, worst first, with the share of the error",
                      RF_COLUMN_TEXT, read_reasons);
    for (int r = 0; r < n_reasons && r < REASON_COLUMNS; r++) {
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            char key[32];
            rf_column column = parts[i].column;
            column.place = r;
            snprintf(key, sizeof key, "reason_%d_%s", r + 1, parts[i].key);
            RF_TRY(rf_columns_add(columns, key, parts[i].about, column, err));
        }
    }
done:
    return st;
}

rf_status rf_main_features(int out[RF_MAIN_FEATURES], int *n, const rf_extract *extract, rf_side side,
                           rf_err *err)
{
    rf_status st = RF_OK;
    int d = extract->graph->side[side].d;
    bool of_edges = !rf_side_has_nodes(side);
    int64_t rows = of_edges ? extract->counts.edges : extract->counts.nodes;
    rf_real *share = NULL; /* [d] of the error, negative: the largest sorts first */
    rf_ranked *sorted = NULL;
    RF_ZERO(share, d, err);
    for (int64_t i = 0; i < rows; i++) {
        rf_subject subject = rf_extract_subject(extract, of_edges, i);
        const rf_score_side *scores = subject.scores;
        for (int r = 0; subject.side == side && r < scores->n_reasons; r++) {
            int64_t at = subject.row * scores->n_reasons + r;
            share[scores->reason_feature[at]] -= (rf_real)scores->reason_share[at];
        }
    }
    RF_TRY(rf_rank_sort(&sorted, d, share, err));
    *n = d < RF_MAIN_FEATURES ? d : RF_MAIN_FEATURES;
    for (int i = 0; i < *n; i++) {
        int column = (int)sorted[i].row, at = i;
        for (; at > 0 && out[at - 1] > column; at--)
            out[at] = out[at - 1];
        out[at] = column;
    }
done:
    rf_mem_free(sorted);
    rf_mem_free(share);
    return st;
}

/* Dozens would bury the few that tell something here. */
static rf_status add_features(rf_columns *columns, const rf_extract *extract, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    int chosen[RF_MAIN_FEATURES], n;
    RF_TRY(rf_main_features(chosen, &n, extract, side, err));
    for (int i = 0; i < n; i++) {
        char buffer[32], key[256], about[256];
        const char *name = rf_graph_raw_name(&extract->graph->side[side], chosen[i], buffer);
        const bool is_of_kind = !rf_side_has_nodes(side) && extract->graph->kinds.n > 0;
        const char *word = rf_side_word(&extract->graph->kinds, side);
        const char *whose = rf_side_has_nodes(side) || is_of_kind ? word : rf_side_name(side);
        snprintf(key, sizeof key, "%s_%s", whose, name);
        snprintf(about, sizeof about, "feature %s of the %s%s, raw units", name,
                 is_of_kind ? "meeting with the " : "", whose);
        RF_TRY(rf_columns_add(columns, key, about,
                              (rf_column){.type = RF_COLUMN_NUMBER,
                                          .read = read_feature,
                                          .is_feature = true,
                                          .side = side,
                                          .place = chosen[i]},
                              err));
    }
done:
    return st;
}

static rf_status add_of_nodes(rf_columns *columns, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *active =
        &extract->graph->side[RF_ENTITY]; /* a side with activity, where one has it */
    int n_reasons = 0;
    bool has_robust_z = true, has_hubs = false;
    for (rf_side side = rf_sides(&extract->graph->kinds) - 1; side >= 0; side--) {
        const rf_score_side *scores = &extract->scores->side[side];
        if (!rf_side_has_nodes(side))
            continue;
        has_robust_z = has_robust_z && scores->robust_z != NULL;
        has_hubs = has_hubs || extract->graph->side[side].hub != NULL;
        n_reasons = scores->n_reasons > n_reasons ? scores->n_reasons : n_reasons;
        if (extract->graph->side[side].count != NULL)
            active = &extract->graph->side[side];
    }
    RF_TRY(rf_columns_add(columns, "name", "the id as the events have it",
                          (rf_column){.type = RF_COLUMN_TEXT, .read = read_name, .is_id = true}, err));
    RF_ADD_COLUMN("kind", extract->graph->kinds.n > 0 ? "user, or the kind of entity" : "user or entity",
                  RF_COLUMN_TEXT, read_kind);
    RF_ADD_COLUMN("role", "subject (chosen), neighbour, or context (ordinary, for comparison)",
                  RF_COLUMN_TEXT, read_role);
    RF_TRY(rf_columns_add_tags(columns, extract, err));
    RF_TRY(add_scores(columns, extract->scores, has_robust_z, err));
    RF_ADD_COLUMN("degree", "edges in the whole graph", RF_COLUMN_WHOLE, read_degree);
    if (has_hubs)
        RF_ADD_COLUMN("hub", "so many users share it that its edges are left out", RF_COLUMN_BOOL, read_hub);
    RF_TRY(rf_columns_add_hubs(columns, extract, err));
    RF_TRY(add_activity(columns, active, err));
    RF_TRY(add_reasons(columns, n_reasons, err));
    RF_TRY(rf_columns_add_case(columns, extract, err));
    for (rf_side side = 0; side < rf_sides(&extract->graph->kinds); side++) {
        if (rf_side_has_nodes(side))
            RF_TRY(add_features(columns, extract, side, err));
    }
done:
    return st;
}

static rf_status add_of_edges(rf_columns *columns, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_scores *scores = extract->scores;
    const rf_graph_side *active = &extract->graph->side[RF_EDGE];
    int n_reasons = 0;
    bool has_id = false, has_robust_z = true;
    for (int k = rf_kinds_n(&extract->graph->kinds) - 1; k >= 0; k--) {
        const rf_graph_side *side = &extract->graph->side[rf_edge_side(k)];
        const rf_score_side *of = &scores->side[rf_edge_side(k)];
        has_id = has_id || side->id.n > 0;
        has_robust_z = has_robust_z && of->robust_z != NULL;
        n_reasons = of->n_reasons > n_reasons ? of->n_reasons : n_reasons;
        active = side->count != NULL ? side : active;
    }
    if (has_id)
        RF_TRY(rf_columns_add(columns, "event_id", "the event that the edge is",
                              (rf_column){.type = RF_COLUMN_TEXT, .read = read_event_id, .is_id = true},
                              err));
    if (extract->graph->kinds.n > 0)
        RF_ADD_COLUMN("kind", "the kind of entity that the user met", RF_COLUMN_TEXT, read_kind);
    RF_TRY(rf_columns_add_tags(columns, extract, err));
    RF_TRY(add_scores(columns, scores, has_robust_z, err));
    RF_ADD_COLUMN("probability", "of the edge, as the structure decoder sees it", RF_COLUMN_NUMBER,
                  read_probability);
    RF_TRY(add_activity(columns, active, err));
    RF_TRY(add_reasons(columns, n_reasons, err));
    RF_TRY(rf_columns_add_case(columns, extract, err));
    for (int k = 0; k < rf_kinds_n(&extract->graph->kinds); k++)
        RF_TRY(add_features(columns, extract, rf_edge_side(k), err));
done:
    return st;
}

rf_status rf_extract_columns(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_columns_new(&extract->node_columns, false, err));
    RF_TRY(rf_columns_new(&extract->edge_columns, true, err));
    RF_TRY(add_of_nodes(extract->node_columns, extract, err));
    RF_TRY(add_of_edges(extract->edge_columns, extract, err));
done:
    return st; /* the caller frees both */
}
