/* freeze.c - the window picked out of the sorted store: nodes with their final numbers, edges, cells.
 *
 * The last step before features: everything in a view is in canonical order. The store's records stay (the
 * view reads attributes through them, see view.c), its cells are replaced by the view's arrays and given
 * back.
 */
#include <inttypes.h>
#include <string.h>

#include "bigraph_int.h"
#include "rf_mem.h"

typedef struct picker { /* which cells lie in the window, and what their nodes are called there */
    const rf_bigraph *graph;
    uint32_t from_slot, to_slot;
    uint32_t *u_to, *v_to; /* canonical number -> number in the window, from n_u (n_v) on for those outside */
    int64_t n_u, n_v;      /* in the window */
} picker;

static bool inside(const picker *p, const rf_cell *cell)
{
    return cell->slot >= p->from_slot && cell->slot < p->to_slot;
}

static bool is_past(const picker *p, const rf_cell *cell)
{
    return cell->slot < p->from_slot && (p->u_to[cell->u] < p->n_u || p->v_to[cell->v] < p->n_v);
}

static rf_status nothing_inside(const rf_bigraph *graph, int64_t from_us, int64_t to_us, rf_err *err)
{
    char from[RF_TIME_TEXT] = "the beginning", to[RF_TIME_TEXT], newest[RF_TIME_TEXT] = "none";
    if (from_us != INT64_MIN)
        rf_time_format(from, from_us);
    if (graph->newest_us != RF_AS_OF_LATEST)
        rf_time_format(newest, graph->newest_us);
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "no event lies in the window from %s to %s (newest event kept: %s): check graph.as_of, "
                      "graph.window and the time field's format and zone",
                      from, rf_time_format(to, to_us), newest);
}

static rf_status set_window(picker *p, rf_window_view *view, const rf_bigraph *graph, rf_err *err)
{
    int64_t from, to;
    if (!rf_bigraph_window(graph, &from, &to))
        return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                          "no event was accepted, so graph.as_of: latest means nothing: check the input");
    p->to_slot = to <= RF_TIME_MIN ? 0 : rf_bigraph_slot(graph, to);
    p->from_slot = from <= RF_TIME_MIN ? 0 : rf_bigraph_slot(graph, from);
    int64_t n = 0;
    uint32_t earliest = UINT32_MAX;
    for (size_t c = 0; c < graph->store.n_cells; c++) {
        const rf_cell *cell = &graph->store.cells[c];
        if (!inside(p, cell))
            continue;
        p->u_to[cell->u] = 0;
        p->v_to[cell->v] = 0;
        n++;
        if (cell->slot < earliest)
            earliest = cell->slot;
    }
    if (n == 0)
        return nothing_inside(graph, from, to, err);
    view->n_cells = n;
    view->to_us = to;
    view->from_us = from == INT64_MIN ? rf_slot_us(&graph->store.codec, earliest) : from;
    return RF_OK;
}

/* Those in the window get the numbers from 0 on and their texts, the others the numbers behind. */
static rf_status number_side(int64_t *n, const char *const **texts, uint32_t *to, const rf_idmap *map,
                             const rf_renumber_ids *ids, rf_err *err)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < ids->n; i++)
        used += to[i] != RF_NO_ID;
    const char **out = rf_mem_new(used, sizeof *out, err);
    if (out == NULL)
        return RF_E_NOMEM;
    *n = used;
    *texts = out;
    for (uint32_t i = 0, in = 0; i < ids->n; i++) {
        if (to[i] == RF_NO_ID) {
            to[i] = used++;
            continue;
        }
        out[in] = rf_bigraph_sorted_text(map, ids, i);
        to[i] = in++;
    }
    return RF_OK;
}

/* ---- edges ---- */

/* First cell of an edge: another pair than the cell before, or any cell where an edge is an event. */
static bool begins_edge(const rf_cell *cell, const rf_cell *last, bool events)
{
    return events || last == NULL || cell->u != last->u || cell->v != last->v;
}

static int64_t count_edges(const picker *p, int64_t *n_past)
{
    const rf_store *store = &p->graph->store;
    const rf_cell *last = NULL;
    int64_t n = 0;
    for (size_t c = 0; c < store->n_cells; c++) {
        const rf_cell *cell = &store->cells[c];
        *n_past += store->codec.ids && is_past(p, cell);
        if (!inside(p, cell))
            continue;
        n += begins_edge(cell, last, store->codec.ids);
        last = cell;
    }
    return n;
}

static rf_status build_edges(rf_window_view *view, const picker *p, int64_t n_e, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *store = &p->graph->store;
    const rf_cell *last = NULL;
    int64_t e = 0, inner = 0;
    uint32_t *e_u = rf_mem_new((size_t)n_e, sizeof *e_u, err),
             *e_v = rf_mem_new((size_t)n_e, sizeof *e_v, err);
    view->e_cell = rf_mem_new((size_t)n_e + 1, sizeof *view->e_cell, err);
    if (e_u == NULL || e_v == NULL || view->e_cell == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    for (size_t c = 0; c < store->n_cells; c++) {
        const rf_cell *cell = &store->cells[c];
        if (!inside(p, cell))
            continue;
        if (begins_edge(cell, last, store->codec.ids)) {
            e_u[e] = p->u_to[cell->u];
            e_v[e] = p->v_to[cell->v];
            view->e_cell[e++] = inner;
        }
        inner++;
        last = cell;
    }
    view->e_cell[n_e] = inner;
    st = rf_adj_adopt(&view->adj, view->adj.n_u, view->adj.n_v, n_e, e_u, e_v, err);
    e_u = e_v = NULL;
done:
    rf_mem_free(e_u);
    rf_mem_free(e_v);
    return st;
}

/* ---- cells ---- */

static rf_status new_arrays(rf_window_view *view, rf_err *err)
{
    size_t n = (size_t)(view->n_cells + view->n_past), past = (size_t)view->n_past;
    view->slot = rf_mem_new(n, sizeof *view->slot, err);
    view->count = rf_mem_new(n, sizeof *view->count, err);
    view->first_us = rf_mem_new(n, sizeof *view->first_us, err);
    view->last_us = rf_mem_new(n, sizeof *view->last_us, err);
    view->store_index = rf_mem_new(n, sizeof *view->store_index, err);
    view->past_u = rf_mem_new(past, sizeof *view->past_u, err);
    view->past_v = rf_mem_new(past, sizeof *view->past_v, err);
    bool got = view->slot && view->count && view->first_us && view->last_us && view->store_index &&
               view->past_u && view->past_v;
    return got ? RF_OK : RF_E_NOMEM;
}

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
    rf_store *store = (rf_store *)&p->graph->store; /* read only: the sort's context is not const */
    int64_t n = 0;
    rf_sort_key *keys = rf_mem_new((size_t)view->n_past, sizeof *keys, err);
    if (keys == NULL)
        return RF_E_NOMEM;
    for (size_t c = 0; view->n_past > 0 && c < store->n_cells; c++) {
        const rf_cell *cell = &store->cells[c];
        if (is_past(p, cell))
            keys[n++] = (rf_sort_key){.key = (uint64_t)p->u_to[cell->u] << 32 | p->v_to[cell->v],
                                      .value = (uint32_t)c};
    }
    rf_sort_keys(keys, (size_t)n, tie_past, store);
    for (int64_t i = 0; i < n; i++) {
        set_cell(view, view->n_cells + i, store, &store->cells[keys[i].value]);
        view->past_u[i] = (uint32_t)(keys[i].key >> 32);
        view->past_v[i] = (uint32_t)keys[i].key;
    }
    rf_mem_free(keys);
    return RF_OK;
}

static rf_status set_cells(rf_window_view *view, const picker *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *store = &p->graph->store;
    int64_t at = 0;
    RF_TRY(new_arrays(view, err));
    for (size_t c = 0; c < store->n_cells; c++) {
        if (inside(p, &store->cells[c]))
            set_cell(view, at++, store, &store->cells[c]);
    }
    RF_TRY(set_past(view, p, err));
done:
    return st;
}

static rf_status new_picker(picker *p, const rf_bigraph *graph, rf_err *err)
{
    size_t n_u = graph->renumber.u.n, n_v = graph->renumber.v.n;
    p->graph = graph;
    p->u_to = rf_mem_new(n_u, sizeof *p->u_to, err);
    p->v_to = rf_mem_new(n_v, sizeof *p->v_to, err);
    if (p->u_to == NULL || p->v_to == NULL)
        return RF_E_NOMEM;
    memset(p->u_to, 0xFF, n_u * sizeof *p->u_to);
    memset(p->v_to, 0xFF, n_v * sizeof *p->v_to);
    return RF_OK;
}

static rf_status fill_view(rf_window_view *view, picker *p, rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_renumber *r = &graph->renumber;
    view->options = &graph->options;
    view->zone = graph->zone;
    view->slot_us = graph->slot_us;
    view->store = graph;
    RF_TRY(new_picker(p, graph, err));
    RF_TRY(set_window(p, view, graph, err));
    RF_TRY(number_side(&view->adj.n_u, &view->u_id, p->u_to, graph->u, &r->u, err));
    RF_TRY(number_side(&view->adj.n_v, &view->v_id, p->v_to, graph->v, &r->v, err));
    p->n_u = view->adj.n_u;
    p->n_v = view->adj.n_v;
    int64_t n_e = count_edges(p, &view->n_past);
    RF_TRY(build_edges(view, p, n_e, err));
    RF_TRY(set_cells(view, p, err));
    rf_mem_free(graph->store.cells);
    graph->store.cells = NULL;
    graph->store.n_cells = graph->store.cap_cells = 0;
    RF_TRY(rf_view_labels(view, &graph->store, err));
done:
    return st;
}

rf_status rf_bigraph_freeze(rf_window_view **out, rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    picker p = {0};
    rf_window_view *view = rf_mem_zero(1, sizeof *view, err);
    if (view == NULL)
        return RF_E_NOMEM;
    rf_dedup_clear(&graph->dedup);
    RF_TRY(rf_bigraph_sort(graph, err));
    RF_TRY(fill_view(view, &p, graph, err));
    *out = view;
    view = NULL;
done:
    rf_mem_free(p.u_to);
    rf_mem_free(p.v_to);
    rf_window_view_free(view);
    return st;
}

void rf_window_view_free(rf_window_view *view)
{
    if (view == NULL)
        return;
    rf_adj_clear(&view->adj);
    rf_mem_free((void *)(uintptr_t)view->u_id);
    rf_mem_free((void *)(uintptr_t)view->v_id);
    rf_mem_free(view->e_cell);
    rf_mem_free(view->slot);
    rf_mem_free(view->count);
    rf_mem_free(view->first_us);
    rf_mem_free(view->last_us);
    rf_mem_free(view->past_u);
    rf_mem_free(view->past_v);
    rf_mem_free(view->store_index);
    rf_mem_free(view->u_y);
    rf_mem_free(view->v_y);
    rf_mem_free(view->e_y);
    rf_mem_free(view->u_fraud);
    rf_mem_free(view->v_fraud);
    rf_mem_free(view->e_fraud);
    rf_mem_free((void *)(uintptr_t)view->fraud_names);
    rf_mem_free(view);
}
