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

static rf_status find_dense(rf_groups *groups, const rf_whole *whole, const rf_cluster_options *options,
                            rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n_u = whole->n_u, n = 0;
    rf_dense_block *blocks = NULL;
    uint32_t *nodes = NULL;
    RF_ZERO(blocks, options->dense_blocks, err);
    RF_NEW(nodes, n_u + whole->adj->n_v, err);
    RF_TRY(rf_fraudar(blocks, &n, whole->adj, options->dense_blocks, options->max_members, err));
    for (int64_t i = 0; i < n; i++) {
        const rf_dense_block *block = &blocks[i];
        int64_t n_users = block->n[RF_USER], n_nodes = n_users + block->n[RF_ENTITY];
        if (n_nodes < options->min_members)
            continue;
        memcpy(nodes, block->rows[RF_USER], (size_t)n_users * sizeof *nodes);
        for (int64_t k = 0; k < block->n[RF_ENTITY]; k++)
            nodes[n_users + k] = (uint32_t)n_u + block->rows[RF_ENTITY][k];
        RF_TRY(rf_groups_add(groups, nodes, n_nodes, RF_CLUSTER_DENSE, block->suspiciousness, err));
    }
done:
    rf_mem_free(nodes);
    if (blocks != NULL)
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
    if (x->cluster.method == RF_CLUSTER_DENSE && x->cluster.significance != y->cluster.significance)
        return x->cluster.significance > y->cluster.significance ? -1 : 1;
    if (x->cluster.score_mass != y->cluster.score_mass)
        return x->cluster.score_mass > y->cluster.score_mass ? -1 : 1;
    if (x->node[0] != y->node[0])
        return x->node[0] < y->node[0] ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node); /* as found */
}

static rf_status describe(draft *drafts, const rf_groups *groups, const rf_whole *whole, rf_figures *figures,
                          rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t *row = NULL; /* of each node, on its own side */
    RF_NEW(row, groups->n_nodes, err);
    for (int64_t i = 0; i < groups->n; i++) {
        int64_t from = i == 0 ? 0 : groups->end[i - 1];
        const uint32_t *rows[RF_SIDES_MOST] = {NULL};
        draft *d = &drafts[i];
        d->node = groups->node + from;
        d->cluster = (rf_cluster){
            .method = groups->method[i], .change = RF_CLUSTER_NEW, .suspiciousness = groups->suspicious[i]};
        for (int64_t k = from; k < groups->end[i]; k++) { /* in the order of the sides */
            rf_side side = rf_whole_place(&row[k], whole, groups->node[k]);
            if (d->cluster.n[side]++ == 0)
                rows[side] = &row[k];
        }
        rf_figures_of(&d->cluster, figures, rows);
    }
done:
    rf_mem_free(row);
    return st;
}

/* The clusters, their members side by side in their order; provisional ids by place. */
static rf_status take_members(rf_clusters *clusters, const draft *drafts, int64_t n, int64_t n_nodes,
                              const rf_whole *whole, rf_err *err)
{
    rf_status st = RF_OK;
    const int sides = rf_sides(&clusters->kinds);
    RF_NEW(clusters->at, n, err);
    for (rf_side s = 0; s < sides; s++) {
        if (rf_side_role(s) != RF_EDGE)
            RF_NEW(clusters->rows[s], n_nodes, err);
    }
    for (int64_t i = 0; i < n; i++) {
        const uint32_t *node = drafts[i].node;
        rf_cluster *c = &clusters->at[clusters->n++];
        *c = drafts[i].cluster;
        for (rf_side s = 0; s < sides; s++) {
            c->from[s] = clusters->n_rows[s];
            for (int64_t k = 0; k < c->n[s]; k++)
                (void)rf_whole_place(&clusters->rows[s][clusters->n_rows[s]++], whole, *node++);
        }
        snprintf(c->id, sizeof c->id, "c-%016llx", (unsigned long long)i + 1);
    }
done:
    return st;
}

static rf_status copy_types(rf_clusters *clusters, const rf_texts *types, rf_err *err)
{
    rf_status st = RF_OK;
    RF_NEW(clusters->tag_types.at, types->n + 1, err);
    RF_NEW(clusters->tag_types.bytes, types->at[types->n], err);
    clusters->tag_types.n = types->n;
    memcpy(clusters->tag_types.at, types->at, ((size_t)types->n + 1) * sizeof *types->at);
    memcpy(clusters->tag_types.bytes, types->bytes, (size_t)types->at[types->n]);
done:
    return st;
}

/* The worst max_clusters of each way. */
static rf_status make(rf_clusters *clusters, const rf_groups *groups, const rf_whole *whole,
                      const rf_scores *scores, const rf_tags *tags, const rf_cluster_options *options,
                      rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = whole->graph;
    int64_t rows[RF_SIDES_MOST], of_method = 0, kept = 0;
    rf_figures *figures = NULL;
    draft *drafts = NULL;
    clusters->kinds = graph->kinds;
    RF_ZERO(drafts, groups->n, err);
    RF_TRY(rf_figures_new(&figures, graph, scores, tags, err));
    RF_TRY(describe(drafts, groups, whole, figures, err));
    qsort(drafts, (size_t)groups->n, sizeof *drafts, worst_first);
    for (int64_t i = 0; i < groups->n; i++) {
        of_method = i > 0 && drafts[i].cluster.method == drafts[i - 1].cluster.method ? of_method + 1 : 0;
        if (of_method < options->max_clusters)
            drafts[kept++] = drafts[i];
    }
    RF_TRY(take_members(clusters, drafts, kept, groups->n_nodes, whole, err));
    if (tags != NULL && tags->rule_type.n > 0)
        RF_TRY(copy_types(clusters, &tags->rule_type, err));
    memcpy(clusters->run_id, scores->run_id, sizeof clusters->run_id);
    clusters->forget_before_us = options->forget_before_us;
    for (rf_side s = 0; s < RF_SIDES_MOST; s++)
        rows[s] = graph->side[s].n;
    RF_TRY(rf_clusters_index(clusters, rows, err));
done:
    rf_figures_free(figures);
    rf_mem_free(drafts);
    return st;
}

rf_status rf_clusters_find(rf_clusters **out, const rf_graph *graph, const rf_scores *scores,
                           const rf_tags *tags, const rf_cluster_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_whole whole = {0};
    rf_suspects suspects = {0};
    rf_groups groups = {0};
    rf_clusters *clusters = NULL;
    RF_TRY(rf_whole_init(&whole, graph, err));
    RF_ZERO(clusters, 1, err);
    RF_TRY(rf_suspects_grow(&suspects, &whole, scores, tags, options, err));
    RF_TRY(rf_suspects_split(&groups, &suspects, &whole, scores, options, err));
    if (options->dense_blocks > 0)
        RF_TRY(find_dense(&groups, &whole, options, err));
    RF_TRY(make(clusters, &groups, &whole, scores, tags, options, err));
    *out = clusters;
    clusters = NULL;
done:
    rf_whole_clear(&whole);
    rf_suspects_clear(&suspects);
    rf_groups_clear(&groups);
    rf_clusters_free(clusters);
    return st;
}
