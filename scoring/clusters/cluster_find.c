/* cluster_find.c - clusters of a scored graph: found in two ways, described, and put in order, the worst
 * first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_int.h"
#include "rf_mem.h"

void rf_cluster_options_default(rf_cluster_options *options)
{
    *options = (rf_cluster_options){.seed_percentile = 0.99,
                                    .grow_percentile = 0.99,
                                    .excess = 2,
                                    .hops = 1,
                                    .resolution = 2,
                                    .min_members = 3,
                                    .max_members = 2000,
                                    .max_clusters = 500,
                                    .hub_percentile = 0.999,
                                    .dense_blocks = 10};
}

/* ---- the two ways ---- */

static rf_status find_communities(rf_groups *groups, const rf_graph *graph, const rf_scores *scores,
                                  const rf_tags *tags, const rf_cluster_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_suspects suspects;
    RF_TRY(rf_suspects_grow(&suspects, graph, scores, tags, options, err));
    RF_TRY(rf_suspects_split(groups, &suspects, scores, options, err));
done:
    rf_suspects_clear(&suspects);
    return st;
}

static rf_status add_block(rf_groups *groups, const rf_dense_block *block, int64_t n_u, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = block->n[RF_USER] + block->n[RF_ENTITY];
    uint32_t *nodes = rf_mem_new((size_t)n, sizeof *nodes, err);
    if (nodes == NULL)
        return RF_E_NOMEM;
    memcpy(nodes, block->rows[RF_USER], (size_t)block->n[RF_USER] * sizeof *nodes);
    for (int64_t i = 0; i < block->n[RF_ENTITY]; i++)
        nodes[block->n[RF_USER] + i] = (uint32_t)n_u + block->rows[RF_ENTITY][i];
    RF_TRY(rf_groups_add(groups, nodes, n, RF_CLUSTER_DENSE, block->suspiciousness, err));
done:
    rf_mem_free(nodes);
    return st;
}

static rf_status find_dense(rf_groups *groups, const rf_graph *graph, const rf_cluster_options *options,
                            rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = 0;
    rf_dense_block *blocks = rf_mem_zero((size_t)options->dense_blocks, sizeof *blocks, err);
    if (blocks == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_fraudar(blocks, &n, &graph->adj, options->dense_blocks, options->max_members, err));
    for (int64_t i = 0; i < n; i++) {
        if (blocks[i].n[RF_USER] + blocks[i].n[RF_ENTITY] >= options->min_members)
            RF_TRY(add_block(groups, &blocks[i], graph->side[RF_USER].n, err));
    }
done:
    rf_dense_blocks_clear(blocks, n);
    rf_mem_free(blocks);
    return st;
}

/* ---- from groups to clusters ---- */

typedef struct draft {
    rf_cluster cluster;
    const uint32_t *node; /* of the group */
} draft;

static int worst_first(const void *a, const void *b)
{
    const draft *x = a, *y = b;
    if (x->cluster.method != y->cluster.method)
        return x->cluster.method < y->cluster.method ? -1 : 1;
    if (x->cluster.score_mass != y->cluster.score_mass)
        return x->cluster.score_mass > y->cluster.score_mass ? -1 : 1;
    if (x->node[0] != y->node[0])
        return x->node[0] < y->node[0] ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node); /* as found */
}

static rf_status describe(draft *drafts, const rf_groups *groups, const rf_graph *graph, rf_figures *figures,
                          rf_err *err)
{
    uint32_t n_u = (uint32_t)graph->side[RF_USER].n;
    uint32_t *entities = rf_mem_new((size_t)graph->side[RF_ENTITY].n, sizeof *entities, err);
    if (entities == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < groups->n; i++) {
        int64_t from = i == 0 ? 0 : groups->end[i - 1];
        draft *d = &drafts[i];
        d->node = groups->node + from;
        d->cluster = (rf_cluster){
            .method = groups->method[i], .change = RF_CLUSTER_NEW, .suspiciousness = groups->suspicious[i]};
        while (d->cluster.n[RF_USER] < groups->end[i] - from && d->node[d->cluster.n[RF_USER]] < n_u)
            d->cluster.n[RF_USER]++;
        d->cluster.n[RF_ENTITY] = groups->end[i] - from - d->cluster.n[RF_USER];
        for (int64_t k = 0; k < d->cluster.n[RF_ENTITY]; k++)
            entities[k] = d->node[d->cluster.n[RF_USER] + k] - n_u;
        rf_figures_of(&d->cluster, figures, d->node, entities);
    }
    rf_mem_free(entities);
    return RF_OK;
}

static rf_status copy_texts(rf_texts *out, const rf_texts *from, rf_err *err)
{
    size_t bytes = from->n > 0 ? (size_t)from->at[from->n] : 0;
    out->at = rf_mem_zero((size_t)from->n + 1, sizeof *out->at, err);
    out->bytes = rf_mem_new(bytes, 1, err);
    if (out->at == NULL || out->bytes == NULL)
        return RF_E_NOMEM;
    out->n = from->n;
    if (from->n > 0) {
        memcpy(out->at, from->at, ((size_t)from->n + 1) * sizeof *out->at);
        memcpy(out->bytes, from->bytes, bytes);
    }
    return RF_OK;
}

/* Members side by side in the order of the clusters; provisional ids by place. */
static rf_status assemble(rf_clusters *clusters, draft *drafts, int64_t n, int64_t n_u, rf_err *err)
{
    int64_t n_users = 0, n_entities = 0;
    for (int64_t i = 0; i < n; i++) {
        n_users += drafts[i].cluster.n[RF_USER];
        n_entities += drafts[i].cluster.n[RF_ENTITY];
    }
    clusters->at = rf_mem_new((size_t)n, sizeof *clusters->at, err);
    clusters->rows[RF_USER] = rf_mem_new((size_t)n_users, sizeof *clusters->rows[RF_USER], err);
    clusters->rows[RF_ENTITY] = rf_mem_new((size_t)n_entities, sizeof *clusters->rows[RF_ENTITY], err);
    if (clusters->at == NULL || clusters->rows[RF_USER] == NULL || clusters->rows[RF_ENTITY] == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < n; i++) {
        rf_cluster *c = &clusters->at[i];
        *c = drafts[i].cluster;
        c->from[RF_USER] = clusters->n_rows[RF_USER];
        c->from[RF_ENTITY] = clusters->n_rows[RF_ENTITY];
        for (int64_t k = 0; k < c->n[RF_USER]; k++)
            clusters->rows[RF_USER][clusters->n_rows[RF_USER]++] = drafts[i].node[k];
        for (int64_t k = 0; k < c->n[RF_ENTITY]; k++)
            clusters->rows[RF_ENTITY][clusters->n_rows[RF_ENTITY]++] =
                drafts[i].node[c->n[RF_USER] + k] - (uint32_t)n_u;
        snprintf(c->id, sizeof c->id, "c-%016llx", (unsigned long long)i + 1);
    }
    clusters->n = n;
    return RF_OK;
}

/* The worst max_clusters of each way. */
static int64_t cut(draft *drafts, int64_t n, int64_t most)
{
    int64_t kept = 0, of_method = 0;
    for (int64_t i = 0; i < n; i++) {
        of_method = i > 0 && drafts[i].cluster.method == drafts[i - 1].cluster.method ? of_method + 1 : 0;
        if (of_method < most)
            drafts[kept++] = drafts[i];
    }
    return kept;
}

static rf_status make(rf_clusters *clusters, const rf_groups *groups, const rf_graph *graph,
                      const rf_scores *scores, const rf_tags *tags, const rf_cluster_options *options,
                      rf_err *err)
{
    rf_status st = RF_OK;
    rf_figures *figures = NULL;
    draft *drafts = rf_mem_zero((size_t)groups->n, sizeof *drafts, err);
    if (drafts == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_figures_new(&figures, graph, scores, tags, err));
    RF_TRY(describe(drafts, groups, graph, figures, err));
    qsort(drafts, (size_t)groups->n, sizeof *drafts, worst_first);
    RF_TRY(assemble(clusters, drafts, cut(drafts, groups->n, options->max_clusters), graph->side[RF_USER].n,
                    err));
    if (tags != NULL)
        RF_TRY(copy_texts(&clusters->tag_types, &tags->rule_type, err));
    memcpy(clusters->run_id, scores->run_id, sizeof clusters->run_id);
    RF_TRY(rf_clusters_index(clusters, graph->side[RF_USER].n, graph->side[RF_ENTITY].n, err));
done:
    rf_figures_free(figures);
    rf_mem_free(drafts);
    return st;
}

rf_status rf_clusters_find(rf_clusters **out, const rf_graph *graph, const rf_scores *scores,
                           const rf_tags *tags, const rf_cluster_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_groups groups = {0};
    rf_clusters *clusters = NULL;
    if (graph->side[RF_USER].n + graph->side[RF_ENTITY].n >= UINT32_MAX)
        RF_FAIL(err, RF_E_INVALID,
                "the graph has %lld users and %lld entities; clusters are found among less than 2^32 of both",
                (long long)graph->side[RF_USER].n, (long long)graph->side[RF_ENTITY].n);
    clusters = rf_mem_zero(1, sizeof *clusters, err);
    if (clusters == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    RF_TRY(find_communities(&groups, graph, scores, tags, options, err));
    if (options->dense_blocks > 0)
        RF_TRY(find_dense(&groups, graph, options, err));
    RF_TRY(make(clusters, &groups, graph, scores, tags, options, err));
    *out = clusters;
    clusters = NULL;
done:
    rf_groups_clear(&groups);
    rf_clusters_free(clusters);
    return st;
}
