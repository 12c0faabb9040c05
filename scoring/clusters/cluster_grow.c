/* cluster_grow.c - the suspicious part of the graph: grown from the worst nodes along the worst edges.
 *
 * The worst are those of high percentile, those that a rule has tagged (a subject that looks like a known
 * fraud is suspicious, whatever its score), and those that look like a ring: a ring's members are often
 * ordinary in all else, and the score as a whole puts others above them.
 *
 * A hundredth of all edges are in the top hundredth, and in a graph of a few hundred busy entities each of
 * them has some. Growing along every one would soon reach everybody. So a cluster grows through a node only
 * if the node has more of them than a node of its degree has by chance, by `excess` standard deviations of a
 * Poisson count; an entity needs two at least. Hubs pass nothing on.
 *
 * Of several kinds of entity, a user's edges of all kinds count together. What few share ties more than what
 * many do: a device of two users says that they belong together, a shop of a thousand does not. So a pair
 * weighs by 1 / ln(1 + users of its entity), whatever the entity's kind is called.
 *
 * An entity of another kind than the main one, of whose users two in three have such an edge to it, is the
 * ring's own: a farm's device, the card that pays for all. It holds these users together (cluster_split.c).
 * The others stay out: nearly all that came with them were innocent (docs/CLUSTERS.md).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_int.h"
#include "rf_mem.h"
#include "rf_rank.h"

#define RING_LEAST 20.0 /* nats of a part that rings show in: a market has its crowds, too */
#define HUB_LEAST 50    /* users that a hub has at least, however small the graph */
#define HOLD_LEAST 3    /* users of an entity that holds them together: two are a couple */

/* Distinct pairs of the whole: the edges of one pair lie side by side. */
typedef struct pairs {
    int64_t n, n_all;
    uint32_t *u, *v;            /* [n] of those at or above grow_percentile */
    float *percentile;          /* [n] the pair's highest */
    uint32_t *degree[RF_SIDES]; /* all pairs of a node */
    uint32_t *worst[RF_SIDES];  /* those at or above grow_percentile */
} pairs;

/* ---- those that are suspicious whatever their score ---- */

/* A tag of a known type. */
static bool is_tagged(const rf_tags *tags, rf_side s, int64_t row)
{
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, tags, s, row);
    for (int64_t i = 0; i < n; i++) {
        if (!rf_tag_is_unknown(tags, &tag[i]))
            return true;
    }
    return false;
}

/* Marks the rows at or above this percentile in a part or voice that rings show in. */
static rf_status mark_rings(uint8_t *marked, const rf_score_side *side, double least, rf_err *err)
{
    rf_status st = RF_OK;
    rf_ranked *sorted = NULL;
    for (int p = 0; p < RF_PARTS; p++) {
        if (rf_part_table[p].anomaly != RF_ANOMALY_RING || side->part[p] == NULL)
            continue;
        RF_TRY(rf_rank_sort_floats(&sorted, side->n, side->part[p], err));
        for (int64_t from = 0, to; from < side->n; from = to) {
            to = rf_rank_tie_end(sorted, side->n, from);
            bool high =
                rf_rank_percentile(from, to, side->n) >= least && (double)sorted[from].score >= RING_LEAST;
            for (int64_t i = from; i < to && high; i++)
                marked[sorted[i].row] = RF_SUSPECT_ODD;
        }
        rf_mem_free(sorted);
        sorted = NULL;
    }
done:
    rf_mem_free(sorted);
    return st;
}

static rf_status mark(uint8_t **out, const rf_scores *scores, const rf_tags *tags, rf_side s, double least,
                      rf_err *err)
{
    rf_status st = RF_OK;
    uint8_t *marked = NULL;
    RF_ZERO(marked, scores->side[s].n, err);
    RF_TRY(mark_rings(marked, &scores->side[s], least, err));
    for (int64_t i = 0; i < scores->side[s].n && tags != NULL; i++)
        marked[i] |= is_tagged(tags, s, i) ? RF_SUSPECT_TAGGED : 0;
    *out = marked;
    marked = NULL;
done:
    rf_mem_free(marked);
    return st;
}

/* ---- pairs ---- */

/* Percentiles are of edges, and a pair has its highest. A marked edge counts as one of the top tenth of those
 * that are high enough. */
static rf_status pairs_init(pairs *p, const rf_adj *adj, const float *percentile, const uint8_t *marked,
                            double least, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n_nodes[] = {adj->n_u, adj->n_v};
    const float high = (float)(1 - (1 - least) / 10);
    int64_t n = 0;
    for (int64_t e = 0; e < adj->n_e; e++)
        n += percentile[e] >= least || marked[e];
    RF_NEW(p->u, n, err);
    RF_NEW(p->v, n, err);
    RF_NEW(p->percentile, n, err);
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        RF_ZERO(p->degree[s], n_nodes[s], err);
        RF_ZERO(p->worst[s], n_nodes[s], err);
    }
    for (int64_t e = 0; e < adj->n_e;) {
        uint32_t u = adj->e_u[e], v = adj->e_v[e];
        float most = percentile[e];
        for (; e < adj->n_e && adj->e_u[e] == u && adj->e_v[e] == v; e++) {
            most = percentile[e] > most ? percentile[e] : most;
            if (most < high && marked[e])
                most = high;
        }
        p->n_all++;
        p->degree[RF_USER][u]++;
        p->degree[RF_ENTITY][v]++;
        if (!(most >= least))
            continue;
        p->worst[RF_USER][u]++;
        p->worst[RF_ENTITY][v]++;
        p->u[p->n] = u;
        p->v[p->n] = v;
        p->percentile[p->n++] = most;
    }
done:
    return st;
}

/* The same of the edges of all kinds. */
static rf_status find_pairs(pairs *p, const rf_whole *whole, const rf_scores *scores, uint8_t *const marked[],
                            double least, rf_err *err)
{
    rf_status st = RF_OK;
    const void *percentiles[RF_KINDS_MOST], *marks[RF_KINDS_MOST];
    float *percentile = NULL;
    uint8_t *mark = NULL;
    for (int k = 0; k < whole->n_kinds; k++) {
        percentiles[k] = scores->side[rf_edge_side(k)].percentile;
        marks[k] = marked[rf_edge_side(k)];
    }
    if (whole->n_kinds == 1)
        return pairs_init(p, whole->adj, percentiles[0], marks[0], least, err);
    RF_NEW(percentile, whole->adj->n_e, err);
    RF_NEW(mark, whole->adj->n_e, err);
    rf_whole_line_up(percentile, whole, percentiles, sizeof *percentile);
    rf_whole_line_up(mark, whole, marks, sizeof *mark);
    RF_TRY(pairs_init(p, whole->adj, percentile, mark, least, err));
done:
    rf_mem_free(percentile);
    rf_mem_free(mark);
    return st;
}

/* ---- who passes on ---- */

/* The degree from which an entity is a hub, of those of one kind. */
static rf_status hub_degree(uint32_t *out, const uint32_t *degree, int64_t n, double percentile, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t *sorted = NULL;
    RF_NEW(sorted, n, err);
    for (int64_t i = 0; i < n; i++)
        sorted[i] = degree[i];
    qsort(sorted, (size_t)n, sizeof *sorted, rf_by_u32);
    int64_t hubs = llround((double)n * (1 - percentile));
    *out = hubs < n ? sorted[n - hubs - 1] + 1 : 0;
    if (*out < HUB_LEAST)
        *out = HUB_LEAST;
done:
    rf_mem_free(sorted);
    return st;
}

typedef struct growth {
    const pairs *pairs;
    int64_t n_u;
    uint8_t *in;     /* [n_u + n_v] 0, or 1 + the hop in which it was reached */
    uint8_t *passes; /* [n_u + n_v] */
    uint8_t *hub;    /* [n_u + n_v] entities alone */
    uint8_t *holds;  /* [n_v] */
} growth;

/* Seeds, hubs, and the nodes that pass on. */
static rf_status choose_nodes(growth *g, uint8_t *seed, const rf_whole *whole, const rf_scores *scores,
                              uint8_t *const marked[], const rf_cluster_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    const pairs *p = g->pairs;
    static const uint32_t least_worst[] = {1, 2};
    uint32_t hub_from[RF_KINDS_MOST];
    for (int k = 0; k < whole->n_kinds; k++)
        RF_TRY(hub_degree(&hub_from[k], p->degree[RF_ENTITY] + whole->first[k],
                          whole->first[k + 1] - whole->first[k], options->hub_percentile, err));
    double share = p->n_all > 0 ? (double)p->n / (double)p->n_all : 0;
    for (int64_t node = 0; node < whole->n_u + whole->adj->n_v; node++) {
        uint32_t row;
        rf_side side = rf_whole_place(&row, whole, node), role = rf_side_role(side);
        int64_t i = role == RF_USER ? node : node - whole->n_u;
        uint32_t degree = p->degree[role][i], worst = p->worst[role][i];
        double expected = degree * share;
        bool odd = scores->side[side].percentile[row] >= options->seed_percentile;
        seed[node] = (uint8_t)(marked[side][row] | (odd ? RF_SUSPECT_ODD : 0));
        g->in[node] = seed[node] != 0;
        g->hub[node] = role == RF_ENTITY && degree >= hub_from[rf_side_kind(side)];
        g->passes[node] = !g->hub[node] && worst >= least_worst[role] &&
                          worst - expected >= options->excess * sqrt(expected);
        if (role == RF_ENTITY)
            g->holds[i] =
                g->passes[node] && rf_side_kind(side) > 0 && degree >= HOLD_LEAST && 3 * worst >= 2 * degree;
    }
done:
    return st;
}

/* Growth, hop by hop. Pairs of an entity that passes nothing on are skipped. */
static void grow(growth *g, int hops)
{
    const pairs *p = g->pairs;
    for (int hop = 1; hop <= hops; hop++) {
        for (int64_t i = 0; i < p->n; i++) {
            int64_t u = p->u[i], v = g->n_u + p->v[i];
            if (!g->passes[v])
                continue;
            bool from_u = g->in[u] > 0 && g->in[u] <= hop, from_v = g->in[v] > 0 && g->in[v] <= hop;
            if (from_u && g->in[v] == 0 && g->passes[u])
                g->in[v] = (uint8_t)(hop + 1);
            if (from_v && g->in[u] == 0)
                g->in[u] = (uint8_t)(hop + 1);
        }
    }
}

/* ---- links ---- */

/* What a pair with this entity of the whole ties, whatever its percentile. */
static double tie_of(const growth *g, int n_kinds, uint32_t entity)
{
    return n_kinds > 1 ? 1 / log(1 + (double)g->pairs->degree[RF_ENTITY][entity]) : 1;
}

/* The pairs along which the cluster grew, and those that tie a hub to it. A pair's weight is the logarithm of
 * how far it is above the threshold, plus 0.1: with a threshold of 0.99, 0.99 has 0.1 and 0.995 has 0.8. */
static rf_status collect(rf_suspects *out, const growth *g, int n_kinds, double threshold, rf_err *err)
{
    rf_status st = RF_OK;
    const pairs *p = g->pairs;
    const double allowed = fmax(1 - threshold, 1e-6);
    RF_NEW(out->from, p->n, err);
    RF_NEW(out->to, p->n, err);
    RF_NEW(out->weight, p->n, err);
    RF_NEW(out->hub_user, p->n, err);
    RF_NEW(out->hub_entity, p->n, err);
    RF_NEW(out->hub_weight, p->n, err);
    for (int64_t i = 0; i < p->n; i++) {
        uint32_t u = p->u[i], v = (uint32_t)g->n_u + p->v[i];
        double weight = log(allowed / fmax(1 - (double)p->percentile[i], 1e-6)) + 0.1;
        weight *= tie_of(g, n_kinds, p->v[i]);
        if (g->in[u] > 0 && g->in[v] > 0 && g->passes[v]) {
            out->from[out->n_links] = u;
            out->to[out->n_links] = v;
            out->weight[out->n_links++] = weight;
        } else if (g->in[u] > 0 && g->hub[v] && out->seed[v]) {
            out->hub_user[out->n_hub_links] = u;
            out->hub_entity[out->n_hub_links] = v;
            out->hub_weight[out->n_hub_links++] = weight;
        }
    }
done:
    return st;
}

rf_status rf_suspects_grow(rf_suspects *out, const rf_whole *whole, const rf_scores *scores,
                           const rf_tags *tags, const rf_cluster_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n_u = whole->n_u, n_v = whole->adj->n_v;
    pairs p = {0};
    growth g = {.pairs = &p, .n_u = n_u};
    uint8_t *marked[RF_SIDES_MOST] = {NULL};
    *out = (rf_suspects){.n_u = n_u, .n_v = n_v};
    RF_ZERO(out->holds, n_v, err);
    g.holds = out->holds;
    RF_ZERO(g.in, n_u + n_v, err);
    RF_ZERO(g.passes, n_u + n_v, err);
    RF_ZERO(g.hub, n_u + n_v, err);
    RF_ZERO(out->seed, n_u + n_v, err);
    for (rf_side s = 0; s < rf_sides(&whole->graph->kinds); s++)
        RF_TRY(mark(&marked[s], scores, tags, s,
                    rf_side_role(s) == RF_EDGE ? options->grow_percentile : options->seed_percentile, err));
    RF_TRY(find_pairs(&p, whole, scores, marked, options->grow_percentile, err));
    RF_TRY(choose_nodes(&g, out->seed, whole, scores, marked, options, err));
    grow(&g, options->hops);
    RF_TRY(collect(out, &g, whole->n_kinds, options->grow_percentile, err));
done:
    rf_mem_free(g.in);
    rf_mem_free(g.passes);
    rf_mem_free(g.hub);
    rf_mem_free(p.u);
    rf_mem_free(p.v);
    rf_mem_free(p.percentile);
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        rf_mem_free(p.degree[s]);
        rf_mem_free(p.worst[s]);
    }
    for (rf_side s = 0; s < RF_SIDES_MOST; s++)
        rf_mem_free(marked[s]);
    return st;
}

void rf_suspects_clear(rf_suspects *suspects)
{
    rf_mem_free(suspects->from);
    rf_mem_free(suspects->to);
    rf_mem_free(suspects->weight);
    rf_mem_free(suspects->seed);
    rf_mem_free(suspects->holds);
    rf_mem_free(suspects->hub_user);
    rf_mem_free(suspects->hub_entity);
    rf_mem_free(suspects->hub_weight);
    *suspects = (rf_suspects){0};
}
