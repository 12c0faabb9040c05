/* clusters.c - clusters in memory: groups of nodes, the cluster of a node, the name of a change, and freeing.
 */
#include <stdlib.h>
#include <string.h>

#include "registry_int.h"
#include "rf_mem.h"

int rf_by_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* ---- groups ---- */

rf_status rf_groups_add(rf_groups *groups, uint32_t *node, int64_t n, rf_cluster_method method,
                        double suspicious, rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(groups->end, groups->end_cap, groups->n + 1, err);
    RF_RESERVE(groups->suspicious, groups->suspicious_cap, groups->n + 1, err);
    RF_RESERVE(groups->method, groups->method_cap, groups->n + 1, err);
    RF_RESERVE(groups->node, groups->node_cap, groups->n_nodes + n, err);
    qsort(node, (size_t)n, sizeof *node, rf_by_u32);
    memcpy(groups->node + groups->n_nodes, node, (size_t)n * sizeof *node);
    groups->n_nodes += n;
    groups->end[groups->n] = groups->n_nodes;
    groups->suspicious[groups->n] = suspicious;
    groups->method[groups->n] = (uint8_t)method;
    groups->n++;
done:
    return st;
}

void rf_groups_clear(rf_groups *groups)
{
    rf_mem_free(groups->end);
    rf_mem_free(groups->node);
    rf_mem_free(groups->suspicious);
    rf_mem_free(groups->method);
    *groups = (rf_groups){0};
}

/* ---- clusters ---- */

rf_status rf_clusters_index(rf_clusters *clusters, const int64_t n[RF_SIDES_MOST], rf_err *err)
{
    rf_status st = RF_OK;
    const int sides = rf_sides(&clusters->kinds);
    for (rf_side side = 0; side < sides; side++) {
        int32_t *of = NULL;
        if (rf_side_role(side) == RF_EDGE)
            continue;
        RF_NEW(of, n[side], err);
        rf_mem_free(clusters->of[side]);
        clusters->of[side] = of;
        for (int64_t i = 0; i < n[side]; i++)
            of[i] = -1;
    }
    for (int64_t i = 0; i < clusters->n; i++) {
        const rf_cluster *c = &clusters->at[i];
        for (rf_side side = 0; side < sides && c->method == RF_CLUSTER_COMMUNITY; side++) {
            int32_t *of = clusters->of[side];
            for (int64_t k = 0; k < c->n[side]; k++) {
                const uint32_t row = clusters->rows[side][c->from[side] + k];
                if (of[row] >= 0)
                    RF_FAIL(err, RF_E_FORMAT,
                            "%s %lld is a member of clusters %lld and %lld, but communities do not overlap; "
                            "run `ringfence cluster` again",
                            rf_side_name(side), (long long)row, (long long)of[row], (long long)i);
                of[row] = (int32_t)i;
            }
        }
    }
done:
    return st;
}

bool rf_cluster_is_id(const char *id)
{
    return strlen(id) == RF_CLUSTER_ID_LEN && strncmp(id, "c-", 2) == 0 &&
           strspn(id + 2, "0123456789abcdef") == RF_CLUSTER_ID_LEN - 2;
}

void rf_clusters_free(rf_clusters *clusters)
{
    if (clusters == NULL)
        return;
    rf_mem_free(clusters->at);
    for (rf_side side = 0; side < RF_SIDES_MOST; side++) {
        rf_mem_free(clusters->rows[side]);
        rf_mem_free(clusters->of[side]);
    }
    rf_texts_clear(&clusters->tag_types);
    rf_registry_free(clusters->known);
    rf_mem_free(clusters);
}

const rf_cluster *rf_clusters_of(const rf_clusters *clusters, const rf_graph *graph, rf_side side,
                                 int64_t row)
{
    if (clusters == NULL)
        return NULL;
    if (rf_side_role(side) == RF_EDGE) {
        const int kind = rf_side_kind(side);
        const rf_adj *adj = rf_graph_adj(graph, kind);
        const rf_cluster *of_user = rf_clusters_of(clusters, graph, RF_USER, adj->e_u[row]);
        return rf_clusters_of(clusters, graph, rf_entity_side(kind), adj->e_v[row]) == of_user ? of_user
                                                                                               : NULL;
    }
    int32_t at = clusters->of[side][row];
    return at < 0 ? NULL : &clusters->at[at];
}

int64_t rf_cluster_entities(const rf_cluster *cluster)
{
    return rf_cluster_members(cluster) - cluster->n[RF_USER];
}

int64_t rf_cluster_members(const rf_cluster *cluster)
{
    int64_t n = 0;
    for (rf_side side = 0; side < RF_SIDES_MOST; side++)
        n += cluster->n[side];
    return n;
}

const rf_cluster *rf_clusters_by_id(const rf_clusters *clusters, const char *id)
{
    for (int64_t i = 0; clusters != NULL && i < clusters->n; i++) {
        if (strcmp(clusters->at[i].id, id) == 0)
            return &clusters->at[i];
    }
    return NULL;
}

const char *rf_cluster_change_name(uint8_t change)
{
    static const char *const names[] = {"new", "grown", "shrunk", "changed", "same", "gone"};
    return change < sizeof names / sizeof names[0] ? names[change] : "unknown";
}

const char *rf_cluster_method_name(uint8_t method)
{
    static const char *const names[] = {"communities", "dense"};
    return method < sizeof names / sizeof names[0] ? names[method] : "unknown";
}
