/* cluster_grow.c - the suspicious part of the graph: grown from the worst nodes along the worst edges.
 *
 * The worst are those of high percentile, and those that a rule has tagged: a subject that looks like a known
 * fraud is suspicious, whatever its score.
 *
 * A hundredth of all edges are in the top hundredth, and in a graph of a few hundred busy entities each of
 * them has some. Growing along every one would soon reach everybody. So a cluster grows through a node only
 * if the node has more of them than a node of its degree has by chance, by `excess` standard deviations of a
 * Poisson count; an entity needs two at least. Hubs pass nothing on.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_int.h"
#include "rf_mem.h"

#define HUB_LEAST 50 /* users that a hub has at least, however small the graph */

/* Distinct pairs: the edges of one pair lie side by side. */
typedef struct pairs {
    int64_t n, n_all;
    uint32_t *u, *v;            /* [n] of those at or above grow_percentile */
    float *percentile;          /* [n] the pair's highest */
    uint32_t *degree[RF_SIDES]; /* all pairs of a node */
    uint32_t *worst[RF_SIDES];  /* those at or above grow_percentile */
} pairs;

static int64_t pair_end(const rf_adj *adj, int64_t e)
{
    int64_t end = e + 1;
    while (end < adj->n_e && adj->e_u[end] == adj->e_u[e] && adj->e_v[end] == adj->e_v[e])
        end++;
    return end;
}

/* A tag of a known type; NULL: nothing is tagged. */
static bool is_tagged(const rf_tags *tags, const rf_tag_side *side, int64_t row)
{
    for (int64_t k = tags != NULL ? side->ptr[row] : 0; tags != NULL && k < side->ptr[row + 1]; k++) {
        if (strcmp(rf_tag_type(tags, &side->tags[k]), RF_UNKNOWN_PATTERN) != 0)
            return true;
    }
    return false;
}

/* The pair's highest percentile; a tagged edge counts as one of the top tenth of those that are high enough.
 */
static float highest(const float *percentile, const rf_tags *tags, int64_t from, int64_t to, double least)
{
    float tagged = (float)(1 - (1 - least) / 10), most = percentile[from];
    for (int64_t e = from; e < to; e++) {
        most = percentile[e] > most ? percentile[e] : most;
        if (most < tagged && is_tagged(tags, tags != NULL ? &tags->side[RF_EDGE] : NULL, e))
            most = tagged;
    }
    return most;
}

static void pairs_clear(pairs *p)
{
    rf_mem_free(p->u);
    rf_mem_free(p->v);
    rf_mem_free(p->percentile);
    rf_mem_free(p->degree[RF_USER]);
    rf_mem_free(p->degree[RF_ENTITY]);
    rf_mem_free(p->worst[RF_USER]);
    rf_mem_free(p->worst[RF_ENTITY]);
}

static rf_status pairs_init(pairs *p, const rf_adj *adj, const float *percentile, const rf_tags *tags,
                            double least, rf_err *err)
{
    int64_t n = 0;
    for (int64_t e = 0; e < adj->n_e; e++)
        n += percentile[e] >= least || is_tagged(tags, tags != NULL ? &tags->side[RF_EDGE] : NULL, e);
    p->u = rf_mem_new((size_t)n, sizeof *p->u, err);
    p->v = rf_mem_new((size_t)n, sizeof *p->v, err);
    p->percentile = rf_mem_new((size_t)n, sizeof *p->percentile, err);
    p->degree[RF_USER] = rf_mem_zero((size_t)adj->n_u, sizeof *p->degree[RF_USER], err);
    p->degree[RF_ENTITY] = rf_mem_zero((size_t)adj->n_v, sizeof *p->degree[RF_ENTITY], err);
    p->worst[RF_USER] = rf_mem_zero((size_t)adj->n_u, sizeof *p->worst[RF_USER], err);
    p->worst[RF_ENTITY] = rf_mem_zero((size_t)adj->n_v, sizeof *p->worst[RF_ENTITY], err);
    if (p->u == NULL || p->v == NULL || p->percentile == NULL || p->degree[RF_USER] == NULL ||
        p->degree[RF_ENTITY] == NULL || p->worst[RF_USER] == NULL || p->worst[RF_ENTITY] == NULL)
        return RF_E_NOMEM;
    for (int64_t e = 0, end; e < adj->n_e; e = end) {
        uint32_t u = adj->e_u[e], v = adj->e_v[e];
        end = pair_end(adj, e);
        float most = highest(percentile, tags, e, end, least);
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
    return RF_OK;
}

/* ---- who passes on ---- */

static int by_count(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The degree from which an entity is a hub. */
static rf_status hub_degree(uint32_t *out, const uint32_t *degree, int64_t n, double percentile, rf_err *err)
{
    uint32_t *sorted = rf_mem_new((size_t)n, sizeof *sorted, err);
    if (sorted == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < n; i++)
        sorted[i] = degree[i];
    qsort(sorted, (size_t)n, sizeof *sorted, by_count);
    int64_t hubs = llround((double)n * (1 - percentile));
    *out = hubs < n ? sorted[n - hubs - 1] + 1 : 0;
    if (*out < HUB_LEAST)
        *out = HUB_LEAST;
    rf_mem_free(sorted);
    return RF_OK;
}

static bool exceeds(uint32_t worst, uint32_t degree, double share, double excess)
{
    double expected = degree * share;
    return worst - expected >= excess * sqrt(expected);
}

typedef struct growth {
    const pairs *pairs;
    int64_t n_u;
    uint8_t *in;     /* [n_u + n_v] 0, or 1 + the hop in which it was reached */
    uint8_t *passes; /* [n_u + n_v] */
    uint8_t *hub;    /* [n_v] */
} growth;

static void choose_passing(growth *g, int64_t n_v, uint32_t hub, double excess)
{
    const pairs *p = g->pairs;
    double share = p->n_all > 0 ? (double)p->n / (double)p->n_all : 0;
    for (int64_t u = 0; u < g->n_u; u++)
        g->passes[u] =
            p->worst[RF_USER][u] > 0 && exceeds(p->worst[RF_USER][u], p->degree[RF_USER][u], share, excess);
    for (int64_t v = 0; v < n_v; v++) {
        g->hub[v] = p->degree[RF_ENTITY][v] >= hub;
        g->passes[g->n_u + v] = !g->hub[v] && p->worst[RF_ENTITY][v] > 1 &&
                                exceeds(p->worst[RF_ENTITY][v], p->degree[RF_ENTITY][v], share, excess);
    }
}

/* A pair that leads to an entity which passes nothing on leads nowhere. */
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

/* By how many halvings a pair is above the threshold, and a little: 0.99 counts 0.1, 0.995 counts 0.8. */
static double weight_of(double percentile, double threshold)
{
    double rest = 1 - percentile > 1e-6 ? 1 - percentile : 1e-6;
    double allowed = 1 - threshold > 1e-6 ? 1 - threshold : 1e-6;
    return log(allowed / rest) + 0.1;
}

static rf_status new_links(uint32_t **from, uint32_t **to, double **weight, int64_t n, rf_err *err)
{
    *from = rf_mem_new((size_t)n, sizeof **from, err);
    *to = rf_mem_new((size_t)n, sizeof **to, err);
    *weight = rf_mem_new((size_t)n, sizeof **weight, err);
    return *from == NULL || *to == NULL || *weight == NULL ? RF_E_NOMEM : RF_OK;
}

static rf_status collect(rf_suspects *out, const growth *g, double threshold, rf_err *err)
{
    rf_status st = RF_OK;
    const pairs *p = g->pairs;
    RF_TRY(new_links(&out->from, &out->to, &out->weight, p->n, err));
    RF_TRY(new_links(&out->hub_user, &out->hub_entity, &out->hub_weight, p->n, err));
    for (int64_t i = 0; i < p->n; i++) {
        uint32_t u = p->u[i], v = (uint32_t)g->n_u + p->v[i];
        double weight = weight_of((double)p->percentile[i], threshold);
        if (g->in[u] > 0 && g->in[v] > 0 && g->passes[v]) {
            out->from[out->n_links] = u;
            out->to[out->n_links] = v;
            out->weight[out->n_links++] = weight;
        } else if (g->in[u] > 0 && g->hub[p->v[i]] && out->seed[v]) {
            out->hub_user[out->n_hub_links] = u;
            out->hub_entity[out->n_hub_links] = v;
            out->hub_weight[out->n_hub_links++] = weight;
        }
    }
done:
    return st;
}

static rf_status growth_init(growth *g, rf_suspects *out, const pairs *p, const rf_scores *scores,
                             const rf_tags *tags, double least, rf_err *err)
{
    int64_t n_u = scores->side[RF_USER].n, n_v = scores->side[RF_ENTITY].n;
    size_t n = (size_t)(n_u + n_v);
    *g = (growth){.pairs = p, .n_u = n_u};
    g->in = rf_mem_zero(n, 1, err);
    g->passes = rf_mem_zero(n, 1, err);
    g->hub = rf_mem_zero((size_t)n_v, 1, err);
    out->seed = rf_mem_zero(n, 1, err);
    if (g->in == NULL || g->passes == NULL || g->hub == NULL || out->seed == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < n_u + n_v; i++) {
        float percentile =
            i < n_u ? scores->side[RF_USER].percentile[i] : scores->side[RF_ENTITY].percentile[i - n_u];
        bool tagged = tags != NULL && (i < n_u ? is_tagged(tags, &tags->side[RF_USER], i)
                                               : is_tagged(tags, &tags->side[RF_ENTITY], i - n_u));
        g->in[i] = out->seed[i] = percentile >= least || tagged;
    }
    return RF_OK;
}

rf_status rf_suspects_grow(rf_suspects *out, const rf_graph *graph, const rf_scores *scores,
                           const rf_tags *tags, const rf_cluster_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    pairs p = {0};
    growth g = {0};
    uint32_t hub;
    *out = (rf_suspects){.n_u = graph->side[RF_USER].n, .n_v = graph->side[RF_ENTITY].n};
    RF_TRY(
        pairs_init(&p, &graph->adj, scores->side[RF_EDGE].percentile, tags, options->grow_percentile, err));
    RF_TRY(hub_degree(&hub, p.degree[RF_ENTITY], graph->side[RF_ENTITY].n, options->hub_percentile, err));
    RF_TRY(growth_init(&g, out, &p, scores, tags, options->seed_percentile, err));
    choose_passing(&g, graph->side[RF_ENTITY].n, hub, options->excess);
    grow(&g, options->hops);
    RF_TRY(collect(out, &g, options->grow_percentile, err));
done:
    rf_mem_free(g.in);
    rf_mem_free(g.passes);
    rf_mem_free(g.hub);
    pairs_clear(&p);
    return st;
}

void rf_suspects_clear(rf_suspects *suspects)
{
    rf_mem_free(suspects->from);
    rf_mem_free(suspects->to);
    rf_mem_free(suspects->weight);
    rf_mem_free(suspects->seed);
    rf_mem_free(suspects->hub_user);
    rf_mem_free(suspects->hub_entity);
    rf_mem_free(suspects->hub_weight);
    *suspects = (rf_suspects){0};
}
