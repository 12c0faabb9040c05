/* extract_members.c - lists of nodes that may come into an extract, cut by a key; which nodes are in, and
 * which are neighbours. */
#include "members_int.h"

#include <string.h>

#include "rf_mem.h"
#include "rf_rank.h"

rf_status rf_candidates_add(rf_candidates *list, rf_side side, int64_t row, rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(list->at, list->cap, list->n + 1, err);
    list->at[list->n++] = (rf_candidate){.side = side, .row = (uint32_t)row};
done:
    return st;
}

rf_status rf_candidates_keep(rf_candidates *list, const rf_real *key, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rf_ranked *sorted = NULL;
    rf_candidate *kept = NULL;
    int64_t n = most < 0 ? 0 : most < list->n ? most : list->n;
    if (list->n == 0)
        return RF_OK;
    RF_TRY(rf_rank_sort(&sorted, list->n, key, err));
    RF_NEW(kept, n, err);
    for (int64_t i = 0; i < n; i++)
        kept[i] = list->at[sorted[i].row];
    memcpy(list->at, kept, (size_t)n * sizeof *kept);
    list->n = n;
done:
    rf_mem_free(kept);
    rf_mem_free(sorted);
    return st;
}

rf_status rf_candidates_keep_highest(rf_candidates *list, const rf_scores *scores, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rf_real *key = NULL;
    RF_NEW(key, list->n, err);
    for (int64_t i = 0; i < list->n; i++)
        key[i] = -(rf_real)scores->side[list->at[i].side].percentile[list->at[i].row];
    RF_TRY(rf_candidates_keep(list, key, most, err));
done:
    rf_mem_free(key);
    return st;
}

rf_status rf_members_init(rf_members *members, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    *members =
        (rf_members){.graph = extract->graph, .scores = extract->scores, .most = extract->options->max_nodes};
    for (rf_side side = 0; side < rf_sides(&members->graph->kinds); side++) {
        if (rf_side_has_nodes(side))
            RF_ZERO(members->role[side], members->graph->side[side].n, err);
    }
done:
    return st;
}

void rf_members_clear(rf_members *members)
{
    for (rf_side side = 0; side < RF_SIDES_MOST; side++)
        rf_mem_free(members->role[side]);
}

void rf_members_set(rf_members *members, const rf_candidates *list, rf_role role)
{
    for (int64_t i = 0; i < list->n; i++)
        members->role[list->at[i].side][list->at[i].row] = (uint8_t)role;
}

int64_t rf_members_degree(const rf_members *members, rf_candidate node)
{
    int64_t degree = 0;
    if (node.side != RF_USER) {
        const int64_t *ptr = rf_graph_adj(members->graph, rf_side_kind(node.side))->v_ptr;
        return ptr[node.row + 1] - ptr[node.row];
    }
    for (int k = 0; k < rf_kinds_n(&members->graph->kinds); k++) {
        const int64_t *ptr = rf_graph_adj(members->graph, k)->u_ptr;
        degree += ptr[node.row + 1] - ptr[node.row];
    }
    return degree;
}

rf_candidate rf_members_edge(const rf_members *members, rf_candidate node, int64_t k)
{
    int kind = rf_side_kind(node.side);
    const rf_adj *adj = rf_graph_adj(members->graph, kind);
    if (node.side != RF_USER)
        return (rf_candidate){.side = rf_edge_side(kind), .row = adj->v_edge[adj->v_ptr[node.row] + k]};
    for (;; adj = rf_graph_adj(members->graph, ++kind)) { /* those of a user lie kind by kind */
        int64_t degree = adj->u_ptr[node.row + 1] - adj->u_ptr[node.row];
        if (k < degree)
            return (rf_candidate){.side = rf_edge_side(kind), .row = (uint32_t)(adj->u_ptr[node.row] + k)};
        k -= degree;
    }
}

rf_candidate rf_members_neighbour(const rf_members *members, rf_candidate node, int64_t k)
{
    rf_candidate edge = rf_members_edge(members, node, k);
    int kind = rf_side_kind(edge.side);
    const rf_adj *adj = rf_graph_adj(members->graph, kind);
    return node.side == RF_USER ? (rf_candidate){.side = rf_entity_side(kind), .row = adj->e_v[edge.row]}
                                : (rf_candidate){.side = RF_USER, .row = adj->e_u[edge.row]};
}
