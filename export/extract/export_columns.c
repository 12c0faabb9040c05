/* export_columns.c - the attribute table: what every format says of a node and of an edge, with its type.
 *
 * A column is there when graph and scores hold what it shows, so that files of other programs, and scores
 * with more in them, need no special case in any format. Names of features come from data: their keys are
 * made of letters, digits and underscores, and the true name stands in `about` and in the reasons.
 */
#include "extract_int.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

#define REASON_COLUMNS 3 /* reasons that also stand in columns of their own */

rf_subject rf_extract_subject(const rf_extract *extract, bool is_edge, int64_t i)
{
    const rf_tags *tags = extract->findings->tags;
    if (is_edge)
        return (rf_subject){.kind = RF_EDGE,
                            .row = extract->edges[i].row,
                            .graph = &extract->graph->side[RF_EDGE],
                            .scores = &extract->scores->side[RF_EDGE],
                            .tags = tags != NULL ? &tags->side[RF_EDGE] : NULL};
    const rf_extract_node *node = &extract->nodes[i];
    return (rf_subject){
        .kind = node->is_entity ? RF_ENTITY : RF_USER,
        .row = node->row,
        .graph = node->is_entity ? &extract->graph->side[RF_ENTITY] : &extract->graph->side[RF_USER],
        .scores = node->is_entity ? &extract->scores->side[RF_ENTITY] : &extract->scores->side[RF_USER],
        .tags = tags == NULL      ? NULL
                : node->is_entity ? &tags->side[RF_ENTITY]
                                  : &tags->side[RF_USER],
        .role = node->role};
}

/* ---- reading values ---- */

#define READER(name)                                                                                         \
    static rf_status name(rf_value *out, const rf_column *column, const rf_extract *extract,                 \
                          const rf_subject *subject, rf_scratch *scratch, rf_err *err)
#define UNUSED_HERE ((void)column, (void)extract, (void)scratch, (void)err)

static rf_status give_number(rf_value *out, double number)
{
    *out = (rf_value){.there = isfinite(number), .number = number};
    return RF_OK;
}

static rf_status give_whole(rf_value *out, int64_t whole)
{
    *out = (rf_value){.there = true, .whole = whole};
    return RF_OK;
}

static rf_status give_text(rf_value *out, const char *text)
{
    *out = (rf_value){.there = text != NULL, .text = text};
    return RF_OK;
}

READER(read_name)
{
    rf_status st = RF_OK;
    char number[32];
    UNUSED_HERE;
    const char *id = rf_graph_id(subject->graph, subject->row, number);
    RF_TRY(rf_text_add(&scratch->text, id, strlen(id), err)); /* `number` ends here */
    st = give_text(out, scratch->text.ptr);
done:
    return st;
}

READER(read_event_id)
{
    UNUSED_HERE;
    return give_text(out, rf_texts_get(&subject->graph->id, subject->row));
}

READER(read_kind)
{
    UNUSED_HERE;
    return give_text(out, rf_side_name(subject->kind));
}

READER(read_role)
{
    UNUSED_HERE;
    return give_text(out, rf_role_name(subject->role));
}

READER(read_score)
{
    UNUSED_HERE;
    return give_number(out, (double)subject->scores->score[subject->row]);
}

READER(read_percentile)
{
    UNUSED_HERE;
    return give_number(out, (double)subject->scores->percentile[subject->row]);
}

READER(read_robust_z)
{
    UNUSED_HERE;
    return give_number(out, (double)subject->scores->robust_z[subject->row]);
}

READER(read_x_error)
{
    UNUSED_HERE;
    return give_number(out, (double)subject->scores->x_error[subject->row]);
}

/* ce = -log(p + 1e-12) */
READER(read_probability)
{
    UNUSED_HERE;
    double p = exp(-(double)subject->scores->ce[subject->row]) - 1e-12;
    return give_number(out, p < 0 ? 0 : p > 1 ? 1 : p);
}

READER(read_degree)
{
    UNUSED_HERE;
    const rf_adj *adj = &extract->graph->adj;
    const int64_t *ptr = subject->kind == RF_ENTITY ? adj->v_ptr : adj->u_ptr;
    return give_whole(out, ptr[subject->row + 1] - ptr[subject->row]);
}

READER(read_events)
{
    UNUSED_HERE;
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

READER(read_first)
{
    UNUSED_HERE;
    return give_time(out, subject, subject->graph->first_us);
}

READER(read_last)
{
    UNUSED_HERE;
    return give_time(out, subject, subject->graph->last_us);
}

READER(read_reasons)
{
    rf_status st = RF_OK;
    UNUSED_HERE;
    RF_TRY(rf_reason_text(&scratch->text, subject, err));
    st = give_text(out, scratch->text.len > 0 ? scratch->text.ptr : NULL);
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

READER(read_reason_feature)
{
    rf_status st = RF_OK;
    char buffer[32];
    UNUSED_HERE;
    int64_t at = reason_at(column, subject);
    if (at < 0)
        return give_text(out, NULL);
    const char *name = rf_graph_raw_name(subject->graph, subject->scores->reason_feature[at], buffer);
    RF_TRY(rf_text_add(&scratch->text, name, strlen(name), err));
    st = give_text(out, scratch->text.ptr);
done:
    return st;
}

READER(read_reason_observed)
{
    UNUSED_HERE;
    int64_t at = reason_at(column, subject);
    if (at < 0)
        return give_number(out, NAN);
    return give_number(out,
                       rf_raw_observed(subject->graph, subject->row, subject->scores->reason_feature[at]));
}

READER(read_reason_expected)
{
    UNUSED_HERE;
    int64_t at = reason_at(column, subject);
    if (at < 0)
        return give_number(out, NAN);
    return give_number(out, rf_raw_value(subject->graph, subject->scores->reason_feature[at],
                                         (double)subject->scores->reason_expected[at]));
}

READER(read_reason_share)
{
    UNUSED_HERE;
    int64_t at = reason_at(column, subject);
    return give_number(out, at < 0 ? (double)NAN : (double)subject->scores->reason_share[at]);
}

READER(read_feature)
{
    UNUSED_HERE;
    if (subject->kind != column->kind)
        return give_number(out, NAN);
    return give_number(out, rf_raw_observed(subject->graph, subject->row, column->place));
}

rf_status rf_columns_read(rf_value *out, rf_columns *columns, int c, const rf_extract *extract, int64_t i,
                          rf_err *err)
{
    rf_status st = RF_OK;
    rf_subject subject = rf_extract_subject(extract, columns->of_edges, i);
    const rf_column *column = &columns->at[c];
    rf_text_reset(&columns->scratch.text);
    columns->scratch.n_list = 0;
    RF_TRY(column->read(out, column, extract, &subject, &columns->scratch, err));
    /* what a float cannot hold comes out as infinity there */
    if (column->type == RF_COLUMN_NUMBER && out->there && !isfinite((float)out->number))
        *out = (rf_value){0};
done:
    return st;
}

/* ---- making the table ---- */

const rf_column *rf_columns_find(const rf_columns *columns, const char *key)
{
    for (int i = 0; i < columns->n; i++) {
        if (strcmp(columns->at[i].key, key) == 0)
            return &columns->at[i];
    }
    return NULL;
}

/* wanted, in letters that every tool takes; numbered where it is taken. */
static void make_key(char key[64], const rf_columns *columns, const char *wanted)
{
    char base[48];
    size_t len = 0;
    for (; wanted[len] != '\0' && len < sizeof base - 1; len++)
        base[len] = isalnum((unsigned char)wanted[len]) ? (char)tolower((unsigned char)wanted[len]) : '_';
    base[len] = '\0';
    snprintf(key, 64, "%s", base);
    for (int k = 2; rf_columns_find(columns, key) != NULL; k++)
        snprintf(key, 64, "%s_%d", base, k);
}

rf_status rf_columns_add(rf_columns *columns, const char *key, const char *about, rf_column column,
                         rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_mem_reserve((void **)&columns->at, &columns->cap, (size_t)columns->n + 1, sizeof *columns->at,
                          err));
    make_key(column.key, columns, key);
    snprintf(column.about, sizeof column.about, "%s", about);
    columns->at[columns->n++] = column;
done:
    return st;
}

#define ADD(key, about, type_, read_)                                                                        \
    RF_TRY(rf_columns_add(columns, key, about, (rf_column){.type = type_, .read = read_}, err))

static rf_status add_scores(rf_columns *columns, bool has_robust_z, rf_err *err)
{
    rf_status st = RF_OK;
    ADD("score", "anomaly score", RF_COLUMN_NUMBER, read_score);
    ADD("percentile", "share of the others of its kind that score lower", RF_COLUMN_NUMBER, read_percentile);
    if (has_robust_z)
        ADD("robust_z", "(score - median) / (1.4826 MAD)", RF_COLUMN_NUMBER, read_robust_z);
    ADD("x_error", "root mean squared error of the features", RF_COLUMN_NUMBER, read_x_error);
done:
    return st;
}

static rf_status add_activity(rf_columns *columns, const rf_graph_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    if (side->count != NULL)
        ADD("events", "events inside the window", RF_COLUMN_WHOLE, read_events);
    if (side->first_us != NULL && side->last_us != NULL) {
        ADD("first_seen", "time of the first event inside the window, UTC", RF_COLUMN_TIME, read_first);
        ADD("last_seen", "time of the last event inside the window, UTC", RF_COLUMN_TIME, read_last);
    }
done:
    return st;
}

static rf_status add_reason(rf_columns *columns, int place, rf_err *err)
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
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char key[32];
        rf_column column = parts[i].column;
        column.place = place;
        snprintf(key, sizeof key, "reason_%d_%s", place + 1, parts[i].key);
        RF_TRY(rf_columns_add(columns, key, parts[i].about, column, err));
    }
done:
    return st;
}

static rf_status add_reasons(rf_columns *columns, int n_reasons, rf_err *err)
{
    rf_status st = RF_OK;
    if (n_reasons > 0)
        ADD("reasons", "what the model did not expect, worst first, with the share of the error",
            RF_COLUMN_TEXT, read_reasons);
    for (int r = 0; r < n_reasons && r < REASON_COLUMNS; r++)
        RF_TRY(add_reason(columns, r, err));
done:
    return st;
}

static rf_status add_features(rf_columns *columns, const rf_extract *extract, rf_side kind, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = extract->graph;
    const rf_graph_side *side = &graph->side[kind];
    int chosen[RF_MAIN_FEATURES], n;
    RF_TRY(rf_main_features(chosen, &n, extract, kind, err));
    for (int i = 0; i < n; i++) {
        char buffer[32], key[256], about[256];
        const char *name = rf_graph_raw_name(side, chosen[i], buffer);
        snprintf(key, sizeof key, "%s_%s", rf_side_name(kind), name);
        snprintf(about, sizeof about, "feature %s of the %s, raw units", name, rf_side_name(kind));
        RF_TRY(rf_columns_add(columns, key, about,
                              (rf_column){.type = RF_COLUMN_NUMBER,
                                          .read = read_feature,
                                          .is_feature = true,
                                          .kind = kind,
                                          .place = chosen[i]},
                              err));
    }
done:
    return st;
}

static int more_reasons(const rf_scores *scores)
{
    return scores->side[RF_USER].n_reasons > scores->side[RF_ENTITY].n_reasons
               ? scores->side[RF_USER].n_reasons
               : scores->side[RF_ENTITY].n_reasons;
}

static rf_status add_of_nodes(rf_columns *columns, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = extract->graph;
    const rf_scores *scores = extract->scores;
    const rf_graph_side *side =
        graph->side[RF_USER].count != NULL ? &graph->side[RF_USER] : &graph->side[RF_ENTITY];
    RF_TRY(rf_columns_add(columns, "name", "the id as the events have it",
                          (rf_column){.type = RF_COLUMN_TEXT, .read = read_name, .is_id = true}, err));
    ADD("kind", "user or entity", RF_COLUMN_TEXT, read_kind);
    ADD("role", "subject (chosen), neighbour, or context (ordinary, for comparison)", RF_COLUMN_TEXT,
        read_role);
    RF_TRY(rf_columns_add_tags(columns, extract, err));
    RF_TRY(add_scores(
        columns, scores->side[RF_USER].robust_z != NULL && scores->side[RF_ENTITY].robust_z != NULL, err));
    ADD("degree", "edges in the whole graph", RF_COLUMN_WHOLE, read_degree);
    RF_TRY(add_activity(columns, side, err));
    RF_TRY(add_reasons(columns, more_reasons(scores), err));
    RF_TRY(rf_columns_add_case(columns, extract, err));
    RF_TRY(add_features(columns, extract, RF_USER, err));
    RF_TRY(add_features(columns, extract, RF_ENTITY, err));
done:
    return st;
}

static rf_status add_of_edges(rf_columns *columns, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_scores *scores = extract->scores;
    if (extract->graph->side[RF_EDGE].id.n > 0)
        RF_TRY(rf_columns_add(columns, "event_id", "the event that the edge is",
                              (rf_column){.type = RF_COLUMN_TEXT, .read = read_event_id, .is_id = true},
                              err));
    RF_TRY(rf_columns_add_tags(columns, extract, err));
    RF_TRY(add_scores(columns, scores->side[RF_EDGE].robust_z != NULL, err));
    ADD("probability", "of the edge, as the structure decoder sees it", RF_COLUMN_NUMBER, read_probability);
    RF_TRY(add_activity(columns, &extract->graph->side[RF_EDGE], err));
    RF_TRY(add_reasons(columns, scores->side[RF_EDGE].n_reasons, err));
    RF_TRY(rf_columns_add_case(columns, extract, err));
    RF_TRY(add_features(columns, extract, RF_EDGE, err));
done:
    return st;
}

rf_status rf_extract_columns(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    extract->node_columns = rf_mem_zero(1, sizeof *extract->node_columns, err);
    extract->edge_columns = rf_mem_zero(1, sizeof *extract->edge_columns, err);
    if (extract->node_columns == NULL || extract->edge_columns == NULL)
        RF_FAIL(err, RF_E_NOMEM, "export: the table of attributes");
    extract->edge_columns->of_edges = true;
    extract->node_columns->scratch.explained_row = extract->edge_columns->scratch.explained_row = -1;
    RF_TRY(add_of_nodes(extract->node_columns, extract, err));
    RF_TRY(add_of_edges(extract->edge_columns, extract, err));
done:
    return st; /* the caller frees both */
}

void rf_columns_free(rf_columns *columns)
{
    if (columns == NULL)
        return;
    rf_mem_free(columns->at);
    rf_text_clear(&columns->scratch.text);
    rf_mem_free(columns->scratch.list);
    rf_mem_free(columns);
}
