/* extract_select.c - which nodes and edges an export shows: the subjects, what lies within the hops around
 * them, ordinary ones to compare with, and the edges between all of these.
 *
 * Nodes over the caps are cut by percentile, the lowest first, one hop after the other, so that each node
 * kept is connected to a subject through nodes kept. Each edge list is walked a fixed number of times.
 */
#include "members_int.h"

#include <string.h>

#include "rf_mem.h"

#define LEAST_CONTEXT 20

/* ---- nodes ---- */

/* list is the subjects, and becomes the last frontier. `room` members may be added. */
static rf_status add_neighbours(rf_members *members, rf_candidates *list, int hops, int64_t room, rf_err *err)
{
    rf_status st = RF_OK;
    rf_candidates next = {0};
    for (int hop = 0; hop < hops && list->n > 0; hop++) {
        /* the partners of the frontier's nodes that are not in yet, each once */
        next.n = 0;
        for (int64_t i = 0; i < list->n; i++) {
            int64_t degree = rf_members_degree(members, list->at[i]);
            for (int64_t k = 0; k < degree; k++) {
                rf_candidate other = rf_members_neighbour(members, list->at[i], k);
                uint8_t *role = &members->role[other.side][other.row];
                if (*role != RF_ROLE_NONE)
                    continue;
                *role = RF_ROLE_CUT; /* until it is kept */
                RF_TRY(rf_candidates_add(&next, other.side, other.row, err));
            }
        }
        if (next.n > room) {
            RF_TRY(rf_candidates_keep_highest(&next, members->scores, room, err));
            members->some_were_cut = true;
        }
        rf_members_set(members, &next, RF_ROLE_NEIGHBOUR);
        members->n += next.n;
        room -= next.n;
        rf_candidates swap = *list;
        *list = next;
        next = swap;
    }
done:
    rf_mem_free(next.at);
    return st;
}

static rf_status select_members(rf_members *members, rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_export_options *options = extract->options;
    rf_candidates list = {0};
    if (options->select.type == RF_SELECT_RING)
        return rf_members_add_ring(members, err);

    /* the subjects */
    RF_TRY(rf_subjects_choose(&list, extract, err));
    rf_members_set(members, &list, RF_ROLE_CUT);
    if (list.n > members->most)
        RF_TRY(rf_subjects_keep(&list, extract, members->most, err));
    rf_members_set(members, &list, RF_ROLE_SUBJECT);
    for (int64_t i = 0; i < list.n; i++)
        members->subjects[list.at[i].side]++;
    members->n = list.n;

    /* around them, leaving room for the context */
    bool around = options->select.type == RF_SELECT_AROUND || options->select.type == RF_SELECT_AROUND_ENTITY;
    int hops = options->hops > 0 ? options->hops : around ? 2 : 1;
    int64_t context = list.n > LEAST_CONTEXT ? list.n : LEAST_CONTEXT;
    if (context > (members->most - members->n) / 5)
        context = (members->most - members->n) / 5;
    int64_t room = members->most - members->n - context;
    if (options->select.type == RF_SELECT_CLUSTER && options->hops == 0)
        RF_TRY(rf_members_add_bridges(members, &list, room, err));
    else
        RF_TRY(add_neighbours(members, &list, hops, room, err));
    RF_TRY(rf_members_add_context(members, context, err));
done:
    rf_mem_free(list.at);
    return st;
}

static rf_status list_nodes(rf_extract *extract, const rf_members *members, rf_err *err)
{
    rf_status st = RF_OK;
    rf_export_result *counts = &extract->counts;
    RF_ZERO(extract->nodes, members->n, err);
    for (rf_side side = 0; side < rf_sides(&extract->graph->kinds); side++) {
        for (int64_t i = 0; rf_side_has_nodes(side) && i < extract->graph->side[side].n; i++) {
            uint8_t role = members->role[side][i];
            counts->nodes_cut += role == RF_ROLE_CUT;
            if (role <= RF_ROLE_CUT)
                continue;
            if (counts->nodes == members->n)
                RF_FAIL(err, RF_E_INTERNAL, "export: more nodes than were counted");
            extract->nodes[counts->nodes++] =
                (rf_extract_node){.side = side, .row = (uint32_t)i, .role = role};
            counts->subjects += role == RF_ROLE_SUBJECT;
            counts->neighbours += role == RF_ROLE_NEIGHBOUR;
            counts->context += role == RF_ROLE_CONTEXT;
        }
    }
done:
    return st;
}

/* ---- edges ---- */

/* All edges of a kind between the nodes. */
static rf_status list_edges(rf_extract *extract, int kind, size_t *cap, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = rf_graph_adj(extract->graph, kind);
    const rf_side entities = rf_entity_side(kind);
    int64_t n_entities = extract->graph->side[entities].n;
    uint32_t *place = NULL; /* [n_v] number among the extract's nodes, or RF_NO_EDGE */
    RF_NEW(place, n_entities, err);
    memset(place, 0xFF, (size_t)n_entities * sizeof *place);
    for (int64_t i = 0; i < extract->counts.nodes; i++) {
        if (extract->nodes[i].side == entities)
            place[extract->nodes[i].row] = (uint32_t)i;
    }
    for (int64_t i = 0; i < extract->counts.nodes && extract->nodes[i].side == RF_USER; i++) {
        uint32_t user = extract->nodes[i].row;
        for (int64_t e = adj->u_ptr[user]; e < adj->u_ptr[user + 1]; e++) {
            uint32_t to = place[adj->e_v[e]];
            if (to == RF_NO_EDGE)
                continue;
            RF_RESERVE(extract->edges, *cap, extract->counts.edges + 1, err);
            extract->edges[extract->counts.edges++] = (rf_extract_edge){
                .side = rf_edge_side(kind), .row = (uint32_t)e, .from = (uint32_t)i, .to = to};
        }
    }
done:
    rf_mem_free(place);
    return st;
}

static rf_real edge_score(const rf_extract *extract, int64_t i)
{
    const rf_extract_edge *edge = &extract->edges[i];
    return extract->scores->side[edge->side].score[edge->row];
}

/* Marks `room` edges to keep: the highest of those that are (or are not) some node's best. */
static rf_status keep_some(uint8_t *kept, const rf_extract *extract, const uint8_t *is_best, bool best,
                           int64_t room, rf_err *err)
{
    rf_status st = RF_OK;
    rf_candidates list = {0};
    rf_real *key = NULL;
    RF_NEW(key, extract->counts.edges, err);
    for (int64_t i = 0; i < extract->counts.edges; i++) {
        if ((is_best[i] != 0) != best)
            continue;
        key[list.n] = -edge_score(extract, i);
        RF_TRY(rf_candidates_add(&list, RF_EDGE, i, err));
    }
    RF_TRY(rf_candidates_keep(&list, key, room, err));
    for (int64_t i = 0; i < list.n; i++)
        kept[list.at[i].row] = 1;
done:
    rf_mem_free(list.at);
    rf_mem_free(key);
    return st;
}

/* Every node keeps its highest edge as long as there is room; then the highest of the others. */
static rf_status cut_edges(rf_extract *extract, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = extract->counts.edges, n_best = 0, n_kept = 0;
    uint8_t *is_best = NULL, *kept = NULL; /* [edges] */
    uint32_t *best = NULL; /* [nodes] its edge of highest score, as a number of extract->edges */
    RF_ZERO(is_best, n, err);
    RF_ZERO(kept, n, err);
    RF_NEW(best, extract->counts.nodes, err);
    memset(best, 0xFF, (size_t)extract->counts.nodes * sizeof *best);
    for (int64_t i = 0; i < n; i++) {
        const uint32_t ends[] = {extract->edges[i].from, extract->edges[i].to};
        for (int end = 0; end < 2; end++) {
            uint32_t *of = &best[ends[end]];
            if (*of == RF_NO_EDGE || edge_score(extract, i) > edge_score(extract, *of))
                *of = (uint32_t)i;
        }
    }
    for (int64_t i = 0; i < extract->counts.nodes; i++) {
        if (best[i] != RF_NO_EDGE && !is_best[best[i]]) {
            is_best[best[i]] = 1;
            n_best++;
        }
    }
    RF_TRY(keep_some(kept, extract, is_best, true, most, err));
    RF_TRY(keep_some(kept, extract, is_best, false, n_best < most ? most - n_best : 0, err));
    for (int64_t i = 0; i < n; i++) {
        if (kept[i])
            extract->edges[n_kept++] = extract->edges[i];
    }
    extract->counts.edges = n_kept;
    extract->counts.edges_cut = n - n_kept;
done:
    rf_mem_free(best);
    rf_mem_free(kept);
    rf_mem_free(is_best);
    return st;
}

rf_status rf_extract_select(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    rf_members members = {0};
    size_t cap = 0;
    RF_TRY(rf_members_init(&members, extract, err));
    RF_TRY(select_members(&members, extract, err));
    RF_TRY(list_nodes(extract, &members, err));
    extract->partners_left = members.partners_left;
    for (int k = 0; k < rf_kinds_n(&extract->graph->kinds); k++)
        RF_TRY(list_edges(extract, k, &cap, err));
    if (extract->counts.edges > extract->options->max_edges)
        RF_TRY(cut_edges(extract, extract->options->max_edges, err));
done:
    rf_members_clear(&members);
    return st;
}
