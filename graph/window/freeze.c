/* freeze.c - picks the window out of the sorted store: nodes with their final numbers, edges, cells.
 *
 * The last step before features: everything in a view is in canonical order. The store's cells are replaced
 * by the view's arrays and given back. Its records stay: view.c reads attributes through them.
 */
#include <inttypes.h>
#include <string.h>

#include "bigraph_int.h"
#include "rf_mem.h"
#include "sort_int.h"
#include "window_int.h"

typedef struct picker { /* which cells lie in the window, and what their nodes are called there */
    const rf_bigraph *graph;
    uint32_t from_slot, to_slot;
    uint32_t *to[RF_SIDES]; /* canonical number -> number in the window, from n on for those outside */
    int64_t n[RF_SIDES];    /* in the window */
} picker;

static bool inside(const picker *p, const rf_cell *cell)
{
    return cell->slot >= p->from_slot && cell->slot < p->to_slot;
}

static bool is_past(const picker *p, const rf_cell *cell)
{
    return cell->slot < p->from_slot &&
           (p->to[RF_USER][cell->u] < p->n[RF_USER] || p->to[RF_ENTITY][cell->v] < p->n[RF_ENTITY]);
}

/* view->from_us stays INT64_MIN for now where the window has no beginning. */
static rf_status set_ends(picker *p, rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_bigraph *graph = p->graph;
    if (!rf_bigraph_window(graph, &view->from_us, &view->to_us))
        RF_FAIL(err, RF_E_INVALID,
                "no event was accepted, so graph.as_of: latest has no value; check the input");
    p->to_slot = view->to_us <= RF_TIME_MIN ? 0 : rf_bigraph_slot(graph, view->to_us);
    p->from_slot = view->from_us <= RF_TIME_MIN ? 0 : rf_bigraph_slot(graph, view->from_us);
done:
    return st;
}

/* Marks the nodes of the window's cells. */
static rf_status set_window(picker *p, rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_bigraph *graph = p->graph;
    int64_t from = view->from_us;
    uint32_t earliest = UINT32_MAX;
    for (size_t c = 0; c < graph->store.n_cells; c++) {
        const rf_cell *cell = &graph->store.cells[c];
        if (!inside(p, cell))
            continue;
        p->to[RF_USER][cell->u] = 0;
        p->to[RF_ENTITY][cell->v] = 0;
        view->n_cells++;
        if (cell->slot < earliest)
            earliest = cell->slot;
    }
    if (view->n_cells == 0) {
        char first[RF_TIME_TEXT] = "the beginning", end[RF_TIME_TEXT], newest[RF_TIME_TEXT] = "none";
        if (from != INT64_MIN)
            rf_time_format(first, from);
        if (graph->newest_us != RF_AS_OF_LATEST)
            rf_time_format(newest, graph->newest_us);
        RF_FAIL(err, RF_E_INVALID,
                "no event lies in the window from %s to %s (newest event kept: %s): check graph.as_of, "
                "graph.window and the time field's format and zone",
                first, rf_time_format(end, view->to_us), newest);
    }
    if (from == INT64_MIN)
        view->from_us = rf_slot_us(&graph->store.codec, earliest);
done:
    return st;
}

/* Nodes in the window get the numbers from 0 on and their texts; the others get the numbers after them. */
static rf_status number_nodes(rf_view_side *side, picker *p, rf_side s, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_renumber_ids *ids = &p->graph->renumber.side[s];
    uint32_t *to = p->to[s], used = 0;
    const char **texts = NULL;
    for (uint32_t i = 0; i < ids->n; i++)
        used += to[i] != RF_NO_ID;
    RF_NEW(texts, used, err);
    side->id = texts;
    side->n = p->n[s] = used;
    for (uint32_t i = 0, in = 0; i < ids->n; i++) {
        if (to[i] == RF_NO_ID) {
            to[i] = used++;
            continue;
        }
        texts[in] = rf_bigraph_sorted_text(p->graph->ids[s], ids, i);
        to[i] = in++;
    }
done:
    return st;
}

/* ---- edges ---- */

/* First cell of an edge: another pair than the cell before, or any cell where an edge is an event. */
static bool begins_edge(const rf_cell *cell, const rf_cell *last, bool events)
{
    return events || last == NULL || cell->u != last->u || cell->v != last->v;
}

static rf_status build_edges(rf_window_view *view, const picker *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *store = &p->graph->store;
    const rf_cell *last = NULL;
    int64_t n_e = 0, e = 0, inner = 0;
    uint32_t *e_u = NULL, *e_v = NULL;
    for (size_t c = 0; c < store->n_cells; c++) {
        const rf_cell *cell = &store->cells[c];
        view->n_past += store->codec.ids && is_past(p, cell);
        if (!inside(p, cell))
            continue;
        n_e += begins_edge(cell, last, store->codec.ids);
        last = cell;
    }
    RF_NEW(e_u, n_e, err);
    RF_NEW(e_v, n_e, err);
    RF_NEW(view->e_cell, n_e + 1, err);
    last = NULL;
    for (size_t c = 0; c < store->n_cells; c++) {
        const rf_cell *cell = &store->cells[c];
        if (!inside(p, cell))
            continue;
        if (begins_edge(cell, last, store->codec.ids)) {
            e_u[e] = p->to[RF_USER][cell->u];
            e_v[e] = p->to[RF_ENTITY][cell->v];
            view->e_cell[e++] = inner;
        }
        inner++;
        last = cell;
    }
    view->e_cell[n_e] = inner;
    view->side[RF_EDGE].n = n_e;
    st = rf_adj_adopt(&view->adj, p->n[RF_USER], p->n[RF_ENTITY], n_e, e_u, e_v, err);
    e_u = e_v = NULL;
done:
    rf_mem_free(e_u);
    rf_mem_free(e_v);
    return st;
}

/* ---- cells ---- */

static void set_cell(rf_window_view *view, int64_t at, const rf_store *store, const rf_cell *cell)
{
    int64_t start = rf_slot_us(&store->codec, cell->slot);
    rf_cell_head head = rf_cell_head_get(store, cell->head, cell->count);
    view->slot[at] = start;
    view->count[at] = cell->count;
    view->first_us[at] = start + head.first;
    view->last_us[at] = start + head.last;
    view->store_index[at] = cell->head;
}

static int tie_past(void *context, uint32_t a, uint32_t b)
{
    return rf_cells_compare(context, a, b);
}

static rf_status set_past(rf_window_view *view, const picker *p, rf_err *err)
{
    rf_status st = RF_OK;
    rf_store *store = (rf_store *)&p->graph->store; /* read only: the sort's context is not const */
    uint32_t *u = NULL, *v = NULL;
    rf_sort_key *keys = NULL;
    int64_t n = 0;
    RF_NEW(keys, view->n_past, err);
    RF_NEW(u, view->n_past, err);
    view->side[RF_USER].past = u;
    RF_NEW(v, view->n_past, err);
    view->side[RF_ENTITY].past = v;
    for (size_t c = 0; view->n_past > 0 && c < store->n_cells; c++) {
        const rf_cell *cell = &store->cells[c];
        if (is_past(p, cell))
            keys[n++] =
                (rf_sort_key){.key = (uint64_t)p->to[RF_USER][cell->u] << 32 | p->to[RF_ENTITY][cell->v],
                              .value = (uint32_t)c};
    }
    rf_sort_keys(keys, (size_t)n, tie_past, store);
    for (int64_t i = 0; i < n; i++) {
        set_cell(view, view->n_cells + i, store, &store->cells[keys[i].value]);
        u[i] = (uint32_t)(keys[i].key >> 32);
        v[i] = (uint32_t)keys[i].key;
    }
done:
    rf_mem_free(keys);
    return st;
}

static rf_status set_cells(rf_window_view *view, const picker *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *store = &p->graph->store;
    int64_t n = view->n_cells + view->n_past, at = 0;
    RF_NEW(view->slot, n, err);
    RF_NEW(view->count, n, err);
    RF_NEW(view->first_us, n, err);
    RF_NEW(view->last_us, n, err);
    RF_NEW(view->store_index, n, err);
    for (size_t c = 0; c < store->n_cells; c++) {
        if (inside(p, &store->cells[c]))
            set_cell(view, at++, store, &store->cells[c]);
    }
    RF_TRY(set_past(view, p, err));
done:
    return st;
}

/* ---- the whole ---- */

rf_status rf_bigraph_freeze(rf_window_view **out, rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    picker p = {.graph = graph};
    rf_window_view *view = NULL;
    RF_ZERO(view, 1, err);
    view->options = &graph->options;
    view->zone = graph->zone;
    view->slot_us = graph->slot_us;
    view->graph = graph;
    rf_dedup_clear(&graph->dedup);
    if (!graph->sorted)
        RF_TRY(rf_bigraph_settle(graph, err));
    RF_TRY(rf_bigraph_sort(graph, err));
    for (rf_side s = 0; s < RF_SIDES; s++) {
        RF_NEW(p.to[s], graph->renumber.side[s].n, err);
        memset(p.to[s], 0xFF, graph->renumber.side[s].n * sizeof *p.to[s]);
    }
    RF_TRY(set_ends(&p, view, err));
    RF_TRY(rf_bigraph_join_near(graph, p.to_slot, err));
    RF_TRY(set_window(&p, view, err));
    for (rf_side s = 0; s < RF_SIDES; s++) {
        if (graph->ids[s] != NULL)
            RF_TRY(number_nodes(&view->side[s], &p, s, err));
    }
    RF_TRY(build_edges(view, &p, err));
    RF_TRY(set_cells(view, &p, err));
    rf_mem_free(graph->store.cells);
    graph->store.cells = NULL;
    graph->store.n_cells = graph->store.cap_cells = 0;
    RF_TRY(rf_view_labels(view, err));
    *out = view;
    view = NULL;
done:
    for (rf_side s = 0; s < RF_SIDES; s++)
        rf_mem_free(p.to[s]);
    rf_window_view_free(view);
    return st;
}
