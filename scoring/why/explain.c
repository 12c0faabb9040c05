/* explain.c - a subject's score taken apart again: its own features, its edges, the structure, in shares.
 *
 * Works from what scoring kept: errors, edges' scores and the largest residuals of each row. With agg max a
 * node takes its worst edge's score, so the whole part of the edges comes from that edge; with agg mean each
 * edge has its share.
 */
#include "why_int.h"

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

/* The edges of a node: its k-th is adj's edge `id[k]`, or `from + k` where id is NULL. */
typedef struct edges {
    int64_t from, n;
    const uint32_t *id;
    const uint32_t *neighbour; /* by edge */
} edges;

static edges edges_of(const rf_adj *adj, rf_side side, int64_t row)
{
    if (side == RF_EDGE)
        return (edges){0};
    const int64_t *ptr = side == RF_USER ? adj->u_ptr : adj->v_ptr;
    return (edges){.from = ptr[row],
                   .n = ptr[row + 1] - ptr[row],
                   .id = side == RF_USER ? NULL : adj->v_edge + ptr[row],
                   .neighbour = side == RF_USER ? adj->e_v : adj->e_u};
}

static uint32_t edge_at(const edges *of, int64_t k)
{
    return of->id != NULL ? of->id[k] : (uint32_t)(of->from + k);
}

/* The RF_EXPLAIN_EDGES edges of highest score, highest first; equal ones in the node's order. */
static void keep_worst_edges(rf_explanation *out, const edges *of, const rf_score_side *scores)
{
    for (int64_t k = 0; k < of->n; k++) {
        uint32_t edge = edge_at(of, k);
        double score = (double)scores->score[edge];
        int at = out->n_edges;
        if (at == RF_EXPLAIN_EDGES && !(score > out->edges[at - 1].score))
            continue;
        if (at == RF_EXPLAIN_EDGES)
            at--;
        else
            out->n_edges++;
        for (; at > 0 && score > out->edges[at - 1].score; at--)
            out->edges[at] = out->edges[at - 1];
        out->edges[at] = (rf_explain_edge){.edge = edge,
                                           .neighbour = of->neighbour[edge],
                                           .score = score,
                                           .percentile = (double)scores->percentile[edge]};
    }
}

/* Shares of the score: own features, edges' features, structure, and each listed edge's part of the two last.
 */
static void explain_score(rf_explanation *out, const rf_scores *scores, const edges *of, rf_side side,
                          int64_t row)
{
    const rf_score_side *e = &scores->side[RF_EDGE];
    double own = (double)scores->side[side].x_error[row], features = 0, structure = 0; /* score's units */
    double degree = (double)of->n, listed = 0;
    bool is_max = scores->agg == RF_AGG_MAX;

    if (side == RF_EDGE)
        structure = scores->eta * (double)scores->side[side].ce[row];
    else if (of->n > 0 && is_max) {
        features = (double)e->x_error[out->edges[0].edge];
        structure = scores->eta * (double)e->ce[out->edges[0].edge];
    }
    for (int64_t k = 0; k < of->n && !is_max; k++) {
        features += (double)e->x_error[edge_at(of, k)] / degree;
        structure += scores->eta * (double)e->ce[edge_at(of, k)] / degree;
    }

    double all = own + features + structure;
    out->own_share = all > 0 ? own / all : 1;
    out->edge_share = all > 0 ? features / all : 0;
    out->structure_share = all > 0 ? structure / all : 0;
    if (side == RF_EDGE)
        return;

    double of_edges = out->edge_share + out->structure_share;
    for (int i = 0; i < out->n_edges; i++) {
        uint32_t edge = out->edges[i].edge;
        double part = (double)e->x_error[edge] + scores->eta * (double)e->ce[edge];
        if (is_max)
            out->edges[i].share = i == 0 ? of_edges : 0;
        else
            out->edges[i].share = all > 0 ? part / degree / all : 0;
        listed += out->edges[i].share;
    }
    out->rest_edges = of_edges > listed ? of_edges - listed : 0;
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
        structure += p == RF_PART_STRUCTURE || p == RF_PART_LOCKSTEP ? nats : 0;
        own += p == RF_PART_OWN_RESIDUAL ? nats : 0;
    }
    if (rf_side_role(side) == RF_EDGE)
        own = all - structure;
    out->anomaly = rf_score_anomaly(of, row);
    out->own_share = all > 0 ? own / all : 1;
    out->structure_share = all > 0 ? structure / all : 0;
    double rest = 1 - out->own_share - out->structure_share;
    out->edge_share = rest > 0 ? rest : 0;
    for (int i = 0; i < out->n_edges; i++) {
        double share =
            i < RF_SURPRISE_WORST && all > 0 ? rf_surprise_worst[i] * out->edges[i].score / all : 0;
        out->edges[i].share = share < 1 - out->own_share - listed ? share : 1 - out->own_share - listed;
        listed += out->edges[i].share;
    }
    out->rest_edges = out->n_edges > 0 ? 1 - out->own_share - listed : 0;
}

void rf_explain(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                int64_t row)
{
    edges of = edges_of(&graph->adj, side, row);
    *out = (rf_explanation){.n_features = 0};
    explain_features(out, &graph->side[side], &scores->side[side], row);
    keep_worst_edges(out, &of, &scores->side[RF_EDGE]);
    if (scores->side[side].part[RF_PART_STRUCTURE] != NULL)
        explain_surprise(out, scores, side, row);
    else
        explain_score(out, scores, &of, side, row);
    rf_sentence(out, graph, scores, side, row);
}

void rf_explain_by(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                   int64_t row, rf_part_id part)
{
    rf_explain(out, graph, scores, side, row);
    if (rf_say_together(out, graph, scores, side, row, part))
        out->anomaly = rf_part_table[part].anomaly;
}
