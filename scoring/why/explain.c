/* explain.c - a subject's score taken apart again: its own features, its edges, the structure, in shares.
 *
 * Works from what scoring kept: errors, edges' scores and the largest residuals of each row. With agg max a
 * node takes its worst edge's score, so the whole part of the edges comes from that edge; with agg mean each
 * edge has its share.
 */
#include "why_int.h"

#include <math.h>

#include "rf_surprise.h"

static void explain_features(rf_explanation *out, const rf_graph_side *graph, const rf_score_side *scores,
                             int64_t row)
{
    double named = 0;
    out->n_features = rf_reasons_get(out->features, RF_MAX_REASONS, graph, scores, row);
    for (int i = 0; i < out->n_features; i++)
        named += out->features[i].share;
    out->rest_share = named < 1 ? 1 - named : 0;
    for (int i = 0; named > 1 && i < out->n_features; i++) /* the last bits of a float */
        out->features[i].share /= named;
}

/* The edges of a node and one kind: its k-th is adj's edge `id[k]`, or `from + k` where id is NULL. */
typedef struct edges {
    int kind;
    int64_t from, n;
    const uint32_t *id;
    const uint32_t *neighbour; /* by edge */
    const rf_score_side *scores;
} edges;

typedef struct node_edges { /* of all kinds that the node meets; none of an edge */
    edges of[RF_KINDS_MOST];
    int n_kinds;
    int64_t n;
} node_edges;

static node_edges edges_of(const rf_graph *graph, const rf_scores *scores, rf_side side, int64_t row)
{
    const bool is_user = side == RF_USER;
    const int first = rf_side_kind(side), end = is_user ? rf_kinds_n(&graph->kinds) : first + 1;
    node_edges all = {.n = 0};
    for (int k = first; k < end && rf_side_role(side) != RF_EDGE; k++) {
        const rf_adj *adj = rf_graph_adj(graph, k);
        const int64_t *ptr = is_user ? adj->u_ptr : adj->v_ptr;
        all.of[all.n_kinds++] = (edges){.kind = k,
                                        .from = ptr[row],
                                        .n = ptr[row + 1] - ptr[row],
                                        .id = is_user ? NULL : adj->v_edge + ptr[row],
                                        .neighbour = is_user ? adj->e_v : adj->e_u,
                                        .scores = &scores->side[rf_edge_side(k)]};
        all.n += ptr[row + 1] - ptr[row];
    }
    return all;
}

static uint32_t edge_at(const edges *of, int64_t k)
{
    return of->id != NULL ? of->id[k] : (uint32_t)(of->from + k);
}

/* The nats of an edge that a node's score takes: a user's own sharing comes back to it from no edge. */
static double nats_of(const edges *of, uint32_t edge, rf_side side)
{
    const float *sharer = side == RF_USER ? of->scores->part[RF_PART_SHARER] : NULL;
    return (double)of->scores->score[edge] - (sharer != NULL ? (double)sharer[edge] : 0);
}

typedef struct taken { /* of what a kind has of a node, by its score: rf_surprise.h */
    double share;
    double shared; /* nats of the entity that it shares, */
    int64_t at;    /* to which this of its edges leads; -1: none */
} taken;

/* Of a user and a kind beside the main one. */
static taken taken_of(const rf_scores *scores, const edges *of, int64_t row)
{
    const float *of_kind = scores->side[RF_USER].of_kind[of->kind];
    const float *own = scores->side[rf_entity_side(of->kind)].part[RF_PART_OWN_RESIDUAL];
    double worst[RF_SURPRISE_WORST] = {0};
    taken out = {.share = 1, .at = -1};
    if (of->kind == 0 || of_kind == NULL || own == NULL)
        return out;
    for (int64_t k = 0; k < of->n; k++) {
        const uint32_t edge = edge_at(of, k);
        const double thing = RF_SURPRISE_SHARED * (double)own[of->neighbour[edge]];
        double score = nats_of(of, edge, RF_USER);
        if (thing > out.shared) {
            out.shared = thing;
            out.at = k;
        }
        for (int i = 0; i < RF_SURPRISE_WORST; i++) {
            if (score > worst[i]) {
                double smaller = worst[i];
                worst[i] = score;
                score = smaller;
            }
        }
    }
    double all = out.shared;
    for (int i = 0; i < RF_SURPRISE_WORST; i++)
        all += rf_surprise_worst[i] * worst[i];
    out.share = all > 0 ? fmin((double)of_kind[row] / all, 1) : 0;
    out.shared *= out.share;
    return out;
}

/* The RF_EXPLAIN_EDGES edges of which the score takes most, the most first; equal ones in the node's order.
 * share: for now what it takes of the edge's own score. side: the node's. */
static void keep_worst_edges(rf_explanation *out, const edges *of, rf_side side, taken by)
{
    for (int64_t k = 0; k < of->n; k++) {
        uint32_t edge = edge_at(of, k);
        const rf_explain_edge found = {.kind = of->kind,
                                       .edge = edge,
                                       .neighbour = of->neighbour[edge],
                                       .score = (double)of->scores->score[edge],
                                       .share = by.share * nats_of(of, edge, side),
                                       .shared = k == by.at ? by.shared : 0,
                                       .percentile = (double)of->scores->percentile[edge]};
        const double all = found.share + found.shared;
        int at = out->n_edges;
        while (at > 0 && all > out->edges[at - 1].share + out->edges[at - 1].shared)
            at--;
        if (at == RF_EXPLAIN_EDGES)
            continue;
        int last = out->n_edges < RF_EXPLAIN_EDGES ? out->n_edges++ : RF_EXPLAIN_EDGES - 1;
        for (; last > at; last--)
            out->edges[last] = out->edges[last - 1];
        out->edges[at] = found;
    }
}

/* Shares of the score: own features, edges' features, structure, and each listed edge's part of the two last.
 */
static void explain_score(rf_explanation *out, const rf_scores *scores, const node_edges *all, rf_side side,
                          int64_t row)
{
    double own = (double)scores->side[side].x_error[row], features = 0, structure = 0; /* score's units */
    double degree = (double)all->n, listed = 0;
    bool is_max = scores->agg == RF_AGG_MAX;

    if (rf_side_role(side) == RF_EDGE)
        structure = scores->eta * (double)scores->side[side].ce[row];
    else if (all->n > 0 && is_max) {
        const rf_score_side *e = &scores->side[rf_edge_side(out->edges[0].kind)];
        features = (double)e->x_error[out->edges[0].edge];
        structure = scores->eta * (double)e->ce[out->edges[0].edge];
    }
    for (int i = 0; i < all->n_kinds && !is_max; i++) {
        const edges *of = &all->of[i];
        for (int64_t k = 0; k < of->n; k++) {
            features += (double)of->scores->x_error[edge_at(of, k)] / degree;
            structure += scores->eta * (double)of->scores->ce[edge_at(of, k)] / degree;
        }
    }

    double sum = own + features + structure;
    out->own_share = sum > 0 ? own / sum : 1;
    out->edge_share = sum > 0 ? features / sum : 0;
    out->structure_share = sum > 0 ? structure / sum : 0;
    if (rf_side_role(side) == RF_EDGE)
        return;

    double of_edges = out->edge_share + out->structure_share;
    for (int i = 0; i < out->n_edges; i++) {
        const rf_score_side *e = &scores->side[rf_edge_side(out->edges[i].kind)];
        uint32_t edge = out->edges[i].edge;
        double part = (double)e->x_error[edge] + scores->eta * (double)e->ce[edge];
        if (is_max)
            out->edges[i].share = i == 0 ? of_edges : 0;
        else
            out->edges[i].share = sum > 0 ? part / degree / sum : 0;
        listed += out->edges[i].share;
    }
    out->rest_edges = of_edges > listed ? of_edges - listed : 0;
}

/* Of a listed edge among those of its kind, by their own scores. */
static int rank_of(const rf_explanation *out, int i)
{
    int rank = 0;
    for (int k = 0; k < out->n_edges; k++)
        rank += out->edges[k].kind == out->edges[i].kind &&
                (out->edges[k].score > out->edges[i].score ||
                 (out->edges[k].score == out->edges[i].score && k < i));
    return rank;
}

/* The same of a sum of parts: what meets whom is structure, and what its edges do are its edges' features. */
static void explain_surprise(rf_explanation *out, const rf_scores *scores, rf_side side, int64_t row)
{
    const rf_score_side *of = &scores->side[side];
    double all = 0, own = 0, structure = 0, listed = 0;
    for (int p = 0; p < RF_PARTS; p++) {
        double nats = of->part[p] != NULL && rf_part_table[p].in_total ? (double)of->part[p][row] : 0;
        int at = out->n_parts;
        if (!(nats > 0))
            continue;
        for (; at > 0 && nats > out->parts[at - 1].nats; at--)
            out->parts[at] = out->parts[at - 1];
        out->parts[at] = (rf_explain_part){.part = (rf_part_id)p, .nats = nats};
        out->n_parts++;
        all += nats;
        structure +=
            p == RF_PART_STRUCTURE || p == RF_PART_LOCKSTEP || rf_part_is_sharing((rf_part_id)p) ? nats : 0;
        own += p == RF_PART_OWN_RESIDUAL ? nats : 0;
    }
    if (rf_side_role(side) == RF_EDGE)
        own = all - structure;
    out->anomaly = rf_score_anomaly(of, row);
    out->own_share = all > 0 ? own / all : 1;
    out->structure_share = all > 0 ? structure / all : 0;
    double rest = 1 - out->own_share - out->structure_share;
    out->edge_share = rest > 0 ? rest : 0;
    double share[RF_EXPLAIN_EDGES];
    for (int i = 0; i < out->n_edges; i++) {
        const int at = rank_of(out, i);
        const double nats = at < RF_SURPRISE_WORST ? rf_surprise_worst[at] * out->edges[i].share : 0;
        share[i] = all > 0 ? (nats + out->edges[i].shared) / all : 0;
    }
    for (int i = 0; i < out->n_edges; i++) { /* the last bits of a float may leave less than nothing */
        const double left = fmax(1 - out->own_share - listed, 0);
        out->edges[i].share = share[i] < left ? share[i] : left;
        listed += out->edges[i].share;
    }
    out->rest_edges = out->n_edges > 0 ? fmax(1 - out->own_share - listed, 0) : 0;
}

void rf_explain(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                int64_t row)
{
    const node_edges all = edges_of(graph, scores, side, row);
    *out = (rf_explanation){.n_features = 0};
    explain_features(out, &graph->side[side], &scores->side[side], row);
    for (int i = 0; i < all.n_kinds; i++)
        keep_worst_edges(out, &all.of[i], side,
                         side == RF_USER ? taken_of(scores, &all.of[i], row) : (taken){.share = 1, .at = -1});
    if (scores->side[side].part[RF_PART_STRUCTURE] != NULL)
        explain_surprise(out, scores, side, row);
    else
        explain_score(out, scores, &all, side, row);
    rf_sentence(out, graph, scores, side, row);
}

void rf_explain_by(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                   int64_t row, rf_part_id part)
{
    rf_explain(out, graph, scores, side, row);
    if (part == RF_PART_SHARED    ? rf_say_shared(out, graph, scores, side, row)
        : part == RF_PART_SHARER  ? rf_say_sharer(out, graph, scores, side, row)
        : part == RF_PART_COMPANY ? side == RF_USER && rf_say_company(out, graph, scores, row)
                                  : rf_say_together(out, graph, scores, side, row, part))
        out->anomaly = rf_part_table[part].anomaly;
}
