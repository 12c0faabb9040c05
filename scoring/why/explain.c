/* explain.c - a subject's score taken apart again: its own features, its edges, the structure, in shares and
 * in one sentence.
 *
 * Works from what scoring kept: errors, edges' scores and the largest residuals of each row. A node that
 * takes its worst edge's score (agg max) owes all of the edges' part to that edge; with agg mean each has its
 * share.
 */
#include "rf_explain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "phrase_int.h"

typedef struct subject {
    const rf_graph *graph;
    const rf_scores *scores;
    rf_side side;
    int64_t row;
    const rf_graph_side *of;
    const rf_score_side *scored;
} subject;

static subject subject_of(const rf_graph *graph, const rf_scores *scores, rf_side side, int64_t row)
{
    subject s = {.graph = graph, .scores = scores, .side = side, .row = row};
    s.of = &graph->side[side];
    s.scored = &scores->side[side];
    return s;
}

/* ---- features ---- */

static void explain_features(rf_explanation *out, const subject *s)
{
    char buffer[32];
    double named = 0;
    for (int r = 0; r < s->scored->n_reasons; r++) {
        int64_t at = s->row * s->scored->n_reasons + r;
        double share = (double)s->scored->reason_share[at];
        if (!(share > 0))
            break;
        int column = s->scored->reason_feature[at];
        rf_explain_feature *feature = &out->features[out->n_features++];
        *feature = (rf_explain_feature){.column = column, .share = share};
        rf_phrase_add(feature->name, sizeof feature->name, rf_graph_raw_name(s->of, column, buffer));
        feature->observed = rf_raw_observed(s->of, s->row, column);
        feature->expected = rf_raw_value(s->of, column, (double)s->scored->reason_expected[at]);
        named += share;
    }
    out->rest_share = named < 1 ? 1 - named : 0;
    for (int r = 0; named > 1 && r < out->n_features; r++) /* the last bits of a float */
        out->features[r].share /= named;
}

/* ---- edges ---- */

static int64_t degree_of(const subject *s)
{
    const int64_t *ptr = s->side == RF_USER ? s->graph->adj.u_ptr : s->graph->adj.v_ptr;
    return s->side == RF_EDGE ? 0 : ptr[s->row + 1] - ptr[s->row];
}

static uint32_t edge_at(const subject *s, int64_t k)
{
    const rf_adj *adj = &s->graph->adj;
    return s->side == RF_USER ? (uint32_t)(adj->u_ptr[s->row] + k) : adj->v_edge[adj->v_ptr[s->row] + k];
}

static void offer_edge(rf_explanation *out, const subject *s, uint32_t edge)
{
    double score = (double)s->scores->side[RF_EDGE].score[edge];
    int at = out->n_edges;
    if (at == RF_EXPLAIN_EDGES && !(score > out->edges[at - 1].score))
        return;
    if (at == RF_EXPLAIN_EDGES)
        at--;
    else
        out->n_edges++;
    for (; at > 0 && score > out->edges[at - 1].score; at--)
        out->edges[at] = out->edges[at - 1];
    const rf_adj *adj = &s->graph->adj;
    out->edges[at] = (rf_explain_edge){.edge = edge,
                                       .neighbour = s->side == RF_USER ? adj->e_v[edge] : adj->e_u[edge],
                                       .score = score,
                                       .percentile = (double)s->scores->side[RF_EDGE].percentile[edge]};
}

typedef struct parts { /* of a score, in its own units */
    double own, features, structure;
} parts;

static parts parts_of(rf_explanation *out, const subject *s)
{
    const rf_score_side *e = &s->scores->side[RF_EDGE];
    parts p = {.own = (double)s->scored->x_error[s->row]};
    int64_t degree = degree_of(s);
    if (s->side == RF_EDGE)
        p.structure = s->scores->eta * (double)s->scored->ce[s->row];
    for (int64_t k = 0; k < degree; k++)
        offer_edge(out, s, edge_at(s, k));
    if (degree == 0)
        return p;
    if (s->scores->agg == RF_AGG_MAX) {
        p.features = (double)e->x_error[out->edges[0].edge];
        p.structure = s->scores->eta * (double)e->ce[out->edges[0].edge];
        return p;
    }
    for (int64_t k = 0; k < degree; k++) {
        p.features += (double)e->x_error[edge_at(s, k)] / (double)degree;
        p.structure += s->scores->eta * (double)e->ce[edge_at(s, k)] / (double)degree;
    }
    return p;
}

/* What each listed edge has of the edges' part. */
static void share_edges(rf_explanation *out, const subject *s, double all)
{
    const rf_score_side *e = &s->scores->side[RF_EDGE];
    double edges = out->edge_share + out->structure_share, listed = 0;
    int64_t degree = degree_of(s);
    if (s->side == RF_EDGE)
        return;
    for (int i = 0; i < out->n_edges; i++) {
        uint32_t edge = out->edges[i].edge;
        double part = (double)e->x_error[edge] + s->scores->eta * (double)e->ce[edge];
        if (s->scores->agg == RF_AGG_MAX)
            out->edges[i].share = i == 0 ? edges : 0;
        else
            out->edges[i].share = all > 0 ? part / (double)degree / all : 0;
        listed += out->edges[i].share;
    }
    out->rest_edges = edges > listed ? edges - listed : 0;
}

static void explain_score(rf_explanation *out, const subject *s)
{
    parts p = parts_of(out, s);
    double all = p.own + p.features + p.structure;
    out->own_share = all > 0 ? p.own / all : 1;
    out->edge_share = all > 0 ? p.features / all : 0;
    out->structure_share = all > 0 ? p.structure / all : 0;
    share_edges(out, s, all);
}

/* ---- the sentence ---- */

static void add(rf_explanation *out, const char *text)
{
    rf_phrase_add(out->sentence, sizeof out->sentence, text);
}

/* "largest amount is 812 where 41.2 was expected" */
static void say_feature(rf_explanation *out, const subject *s, const rf_explain_feature *feature)
{
    char name[RF_PHRASE_TEXT], raw[32], value[2][32];
    rf_unit unit = rf_phrase_name(name, rf_graph_raw_name(s->of, feature->column, raw));
    rf_phrase_value(value[0], unit, feature->observed);
    rf_phrase_value(value[1], unit, feature->expected);
    if (strcmp(value[0], value[1]) == 0) /* the difference is below what is said */
        snprintf(value[1], sizeof value[1], "a little less or more");
    add(out, name);
    add(out, isnan(feature->observed) ? " is missing where " : " is ");
    if (!isnan(feature->observed)) {
        add(out, value[0]);
        add(out, " where ");
    }
    add(out, value[1]);
    add(out, " was expected");
}

#define WORTH_SAYING 0.15 /* of the squared error, for a second feature in the sentence */

/* Two measures of one attribute with one value: of a single event its mean and its maximum, say. */
static bool say_the_same(const subject *s, const rf_explain_feature *a, const rf_explain_feature *b)
{
    char raw[2][32], name[RF_PHRASE_TEXT], value[2][32];
    const char *first = rf_graph_raw_name(s->of, a->column, raw[0]);
    const char *second = rf_graph_raw_name(s->of, b->column, raw[1]);
    size_t attribute = rf_phrase_attribute(first);
    if (attribute == 0 || rf_phrase_attribute(second) != attribute || strncmp(first, second, attribute) != 0)
        return false;
    rf_phrase_value(value[0], rf_phrase_name(name, first), a->observed);
    rf_phrase_value(value[1], rf_phrase_name(name, second), b->observed);
    return strcmp(value[0], value[1]) == 0;
}

/* The next feature that is worth a place in the sentence; NULL when there is none. */
static const rf_explain_feature *second_of(const rf_explanation *out, const subject *s)
{
    for (int r = 1; r < out->n_features && out->features[r].share >= WORTH_SAYING; r++) {
        if (!say_the_same(s, &out->features[0], &out->features[r]))
            return &out->features[r];
    }
    return NULL;
}

static void say_features(rf_explanation *out, const subject *s, const char *whose)
{
    add(out, whose);
    say_feature(out, s, &out->features[0]);
    const rf_explain_feature *second = second_of(out, s);
    if (second != NULL) {
        add(out, ", and the ");
        say_feature(out, s, second);
    }
    add(out, ".");
}

static void say_worst_edge(rf_explanation *out, const subject *s)
{
    rf_explanation edge = {.n_features = 0};
    subject worst = subject_of(s->graph, s->scores, RF_EDGE, out->edges[0].edge);
    explain_features(&edge, &worst);
    if (edge.n_features == 0) {
        add(out, s->side == RF_USER ? "What it does with one entity is unlike what others do."
                                    : "What one user does there is unlike what others do.");
        return;
    }
    say_features(&edge, &worst, s->side == RF_USER ? "With one entity the " : "With one user the ");
    add(out, edge.sentence);
}

static void say_structure(rf_explanation *out, const subject *s)
{
    static const char *const words[] = {
        "It meets an entity that users like it do not meet.",
        "It is met by a user of a kind that does not meet entities like it.",
        "That this user and this entity meet at all is what nothing else would suggest."};
    add(out, words[s->side == RF_USER ? 0 : s->side == RF_ENTITY ? 1 : 2]);
}

static void say(rf_explanation *out, const subject *s)
{
    bool own = out->own_share >= out->edge_share && out->own_share >= out->structure_share;
    if (own && out->n_features > 0)
        say_features(out, s, s->side == RF_EDGE ? "Between the two the " : "Its ");
    else if (!own && out->edge_share >= out->structure_share && out->n_edges > 0)
        say_worst_edge(out, s);
    else if (out->structure_share > 0)
        say_structure(out, s);
    else
        add(out, "Nothing about it is unlike what was expected.");
}

void rf_explain(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                int64_t row)
{
    subject s = subject_of(graph, scores, side, row);
    *out = (rf_explanation){.n_features = 0};
    explain_features(out, &s);
    explain_score(out, &s);
    say(out, &s);
}
