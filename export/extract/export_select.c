/* export_select.c - which nodes and edges an export shows: the subjects, what lies within the hops around
 * them, ordinary ones to compare with, and the edges between all of these.
 *
 * What is over the caps is cut by percentile, the lowest first, one hop after the other, so that everything
 * kept is connected to a subject through something kept. Each edge list is walked a fixed number of times.
 */
#include "extract_int.h"

#include <inttypes.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_rank.h"

#define LEAST_CONTEXT 20

/* ---- lists of candidates ---- */

rf_status rf_candidates_add(rf_candidates *list, uint32_t row, bool is_entity, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_mem_reserve((void **)&list->at, &list->cap, (size_t)list->n + 1, sizeof *list->at, err));
    list->at[list->n++] = (rf_candidate){.row = row, .is_entity = is_entity};
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
    kept = rf_mem_new((size_t)n, sizeof *kept, err);
    if (kept == NULL)
        RF_FAIL(err, RF_E_NOMEM, "export: the list of nodes");
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
    rf_real *key = rf_mem_new((size_t)list->n, sizeof *key, err);
    if (key == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < list->n; i++) {
        const rf_score_side *side = list->at[i].is_entity ? &scores->side[RF_ENTITY] : &scores->side[RF_USER];
        key[i] = -(rf_real)side->percentile[list->at[i].row];
    }
    RF_TRY(rf_candidates_keep(list, key, most, err));
done:
    rf_mem_free(key);
    return st;
}

int64_t rf_members_degree(const rf_members *members, rf_candidate node)
{
    const rf_adj *adj = &members->graph->adj;
    const int64_t *ptr = node.is_entity ? adj->v_ptr : adj->u_ptr;
    return ptr[node.row + 1] - ptr[node.row];
}

uint32_t rf_members_neighbour(const rf_members *members, rf_candidate node, int64_t k)
{
    const rf_adj *adj = &members->graph->adj;
    return node.is_entity ? adj->e_u[adj->v_edge[adj->v_ptr[node.row] + k]]
                          : adj->e_v[adj->u_ptr[node.row] + k];
}

static void set_role(rf_members *members, const rf_candidates *list, uint8_t role)
{
    for (int64_t i = 0; i < list->n; i++)
        members->role[list->at[i].is_entity][list->at[i].row] = role;
}

/* ---- subjects ---- */

static rf_status take_subjects(rf_members *members, rf_candidates *list, rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_subjects_choose(list, extract, err));
    set_role(members, list, RF_ROLE_CUT);
    if (list->n > members->most)
        RF_TRY(rf_subjects_keep(list, extract, members->most, err));
    set_role(members, list, RF_ROLE_SUBJECT);
    for (int64_t i = 0; i < list->n; i++)
        members->subjects[list->at[i].is_entity]++;
    members->n = list->n;
done:
    return st;
}

/* ---- neighbours ---- */

/* Whoever a frontier's node met and is not in yet, each once. */
static rf_status queue_neighbours(rf_candidates *next, rf_members *members, const rf_candidates *frontier,
                                  rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; i < frontier->n; i++) {
        rf_candidate node = frontier->at[i];
        uint8_t *role = members->role[!node.is_entity];
        int64_t degree = rf_members_degree(members, node);
        for (int64_t k = 0; k < degree; k++) {
            uint32_t other = rf_members_neighbour(members, node, k);
            if (role[other] != RF_ROLE_NONE)
                continue;
            role[other] = RF_ROLE_CUT; /* until it is kept */
            RF_TRY(rf_candidates_add(next, other, !node.is_entity, err));
        }
    }
done:
    return st;
}

/* list is the subjects, and becomes the last frontier. `room` members may be added. */
static rf_status take_neighbours(rf_members *members, rf_candidates *list, int hops, int64_t room,
                                 const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    rf_candidates next = {0};
    for (int hop = 0; hop < hops && list->n > 0; hop++) {
        next.n = 0;
        RF_TRY(queue_neighbours(&next, members, list, err));
        if (next.n > room) {
            RF_TRY(rf_candidates_keep_highest(&next, scores, room, err));
            members->some_were_cut = true;
        }
        set_role(members, &next, RF_ROLE_NEIGHBOUR);
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
    RF_TRY(take_subjects(members, &list, extract, err));
    bool around = options->select.type == RF_SELECT_AROUND || options->select.type == RF_SELECT_AROUND_ENTITY;
    int hops = options->hops > 0 ? options->hops : around ? 2 : 1;
    int64_t context = list.n > LEAST_CONTEXT ? list.n : LEAST_CONTEXT;
    if (context > (members->most - members->n) / 5)
        context = (members->most - members->n) / 5;
    RF_TRY(take_neighbours(members, &list, hops, members->most - members->n - context, extract->scores, err));
    RF_TRY(rf_members_add_context(members, context, err));
done:
    rf_mem_free(list.at);
    return st;
}

static rf_status list_nodes(rf_extract *extract, const rf_members *members, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n[2] = {extract->graph->side[RF_USER].n, extract->graph->side[RF_ENTITY].n}, kept = 0;
    extract->nodes = rf_mem_zero((size_t)members->n, sizeof *extract->nodes, err);
    if (extract->nodes == NULL)
        return RF_E_NOMEM;
    for (int kind = 0; kind < 2; kind++) {
        for (int64_t i = 0; i < n[kind]; i++) {
            uint8_t role = members->role[kind][i];
            extract->counts.nodes_cut += role == RF_ROLE_CUT;
            if (role <= RF_ROLE_CUT)
                continue;
            if (kept == members->n)
                RF_FAIL(err, RF_E_INTERNAL, "export: more nodes than were counted");
            extract->nodes[kept++] =
                (rf_extract_node){.is_entity = kind == 1, .row = (uint32_t)i, .role = role};
            extract->counts.subjects += role == RF_ROLE_SUBJECT;
            extract->counts.neighbours += role == RF_ROLE_NEIGHBOUR;
            extract->counts.context += role == RF_ROLE_CONTEXT;
        }
    }
    extract->counts.nodes = kept;
done:
    return st;
}

/* ---- edges ---- */

typedef struct edge_picker {
    rf_extract *extract;
    uint32_t *place[2]; /* [n_u], [n_v]: number among the extract's nodes, or RF_NO_EDGE */
    uint32_t *best;     /* [nodes] the edge of highest score, as a number of extract->edges */
    uint8_t *kept;      /* [edges] */
} edge_picker;

static rf_status number_nodes(edge_picker *picker, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_extract *extract = picker->extract;
    int64_t n[2] = {extract->graph->side[RF_USER].n, extract->graph->side[RF_ENTITY].n};
    for (int kind = 0; kind < 2; kind++) {
        picker->place[kind] = rf_mem_new((size_t)n[kind], sizeof(uint32_t), err);
        if (picker->place[kind] == NULL)
            return RF_E_NOMEM;
        memset(picker->place[kind], 0xFF, (size_t)n[kind] * sizeof(uint32_t));
    }
    for (int64_t i = 0; i < extract->counts.nodes; i++)
        picker->place[extract->nodes[i].is_entity][extract->nodes[i].row] = (uint32_t)i;
    return st;
}

static rf_status list_edges(edge_picker *picker, rf_err *err)
{
    rf_status st = RF_OK;
    rf_extract *extract = picker->extract;
    const rf_adj *adj = &extract->graph->adj;
    size_t cap = 0;
    for (int64_t i = 0; i < extract->counts.nodes && !extract->nodes[i].is_entity; i++) {
        uint32_t user = extract->nodes[i].row;
        for (int64_t e = adj->u_ptr[user]; e < adj->u_ptr[user + 1]; e++) {
            uint32_t to = picker->place[1][adj->e_v[e]];
            if (to == RF_NO_EDGE)
                continue;
            RF_TRY(rf_mem_reserve((void **)&extract->edges, &cap, (size_t)extract->counts.edges + 1,
                                  sizeof *extract->edges, err));
            extract->edges[extract->counts.edges++] =
                (rf_extract_edge){.row = (uint32_t)e, .from = (uint32_t)i, .to = to};
        }
    }
done:
    return st;
}

static void note_best(edge_picker *picker, uint32_t node, uint32_t edge)
{
    const rf_extract *extract = picker->extract;
    const rf_real *score = extract->scores->side[RF_EDGE].score;
    uint32_t best = picker->best[node];
    if (best == RF_NO_EDGE || score[extract->edges[edge].row] > score[extract->edges[best].row])
        picker->best[node] = edge;
}

/* Marks the edges to keep: of the highest percentile among those that are (or are not) some node's best. */
static rf_status keep_some(edge_picker *picker, const uint8_t *is_best, bool best, int64_t room, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_extract *extract = picker->extract;
    rf_candidates list = {0};
    rf_real *key = rf_mem_new((size_t)extract->counts.edges, sizeof *key, err);
    if (key == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < extract->counts.edges; i++) {
        if ((is_best[i] != 0) != best)
            continue;
        key[list.n] = -extract->scores->side[RF_EDGE].score[extract->edges[i].row];
        RF_TRY(rf_candidates_add(&list, (uint32_t)i, false, err));
    }
    RF_TRY(rf_candidates_keep(&list, key, room, err));
    for (int64_t i = 0; i < list.n; i++)
        picker->kept[list.at[i].row] = 1;
done:
    rf_mem_free(list.at);
    rf_mem_free(key);
    return st;
}

/* Every node keeps its highest edge as long as there is room; then the highest of the others. */
static rf_status cut_edges(edge_picker *picker, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rf_extract *extract = picker->extract;
    int64_t n = extract->counts.edges, n_best = 0, kept = 0;
    uint8_t *is_best = rf_mem_zero((size_t)n, 1, err);
    picker->kept = rf_mem_zero((size_t)n, 1, err);
    picker->best = rf_mem_new((size_t)extract->counts.nodes, sizeof *picker->best, err);
    if (is_best == NULL || picker->kept == NULL || picker->best == NULL)
        RF_FAIL(err, RF_E_NOMEM, "export: the list of edges");
    memset(picker->best, 0xFF, (size_t)extract->counts.nodes * sizeof *picker->best);
    for (int64_t i = 0; i < n; i++) {
        note_best(picker, extract->edges[i].from, (uint32_t)i);
        note_best(picker, extract->edges[i].to, (uint32_t)i);
    }
    for (int64_t i = 0; i < extract->counts.nodes; i++) {
        if (picker->best[i] != RF_NO_EDGE && !is_best[picker->best[i]]) {
            is_best[picker->best[i]] = 1;
            n_best++;
        }
    }
    RF_TRY(keep_some(picker, is_best, true, most, err));
    RF_TRY(keep_some(picker, is_best, false, n_best < most ? most - n_best : 0, err));
    for (int64_t i = 0; i < n; i++) {
        if (picker->kept[i])
            extract->edges[kept++] = extract->edges[i];
    }
    extract->counts.edges = kept;
    extract->counts.edges_cut = n - kept;
done:
    rf_mem_free(is_best);
    return st;
}

static rf_status select_edges(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    edge_picker picker = {.extract = extract};
    RF_TRY(number_nodes(&picker, err));
    RF_TRY(list_edges(&picker, err));
    if (extract->counts.edges > extract->options->max_edges)
        RF_TRY(cut_edges(&picker, extract->options->max_edges, err));
done:
    rf_mem_free(picker.place[0]);
    rf_mem_free(picker.place[1]);
    rf_mem_free(picker.best);
    rf_mem_free(picker.kept);
    return st;
}

rf_status rf_extract_select(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    rf_members members = {
        .graph = extract->graph, .scores = extract->scores, .most = extract->options->max_nodes};
    members.role[0] = rf_mem_zero((size_t)extract->graph->side[RF_USER].n, 1, err);
    members.role[1] = rf_mem_zero((size_t)extract->graph->side[RF_ENTITY].n, 1, err);
    if (members.role[0] == NULL || members.role[1] == NULL)
        RF_FAIL(err, RF_E_NOMEM, "export: the list of nodes");
    RF_TRY(select_members(&members, extract, err));
    RF_TRY(list_nodes(extract, &members, err));
    RF_TRY(select_edges(extract, err));
done:
    rf_mem_free(members.role[0]);
    rf_mem_free(members.role[1]);
    return st;
}
