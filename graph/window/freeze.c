/* freeze.c - picks the window out of the sorted store: nodes with their final numbers, edges, cells.
 *
 * The last step before features: everything in a view is in canonical order. The store's cells become
 * the view's. Its records stay: view.c reads attributes through them.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "bigraph_int.h"
#include "rf_mem.h"
#include "sort_int.h"
#include "window_int.h"

typedef struct picker { /* which cells lie in the window, and what their nodes are called there */
    const rf_bigraph *graph;
    const rf_window *window;
    const rf_store *store;
    uint32_t *entity_to; /* canonical number -> row, from n_entities on for those outside */
    int64_t n_entities;  /* in the window */
    int64_t n_edges;     /* likewise */
} picker;

static bool is_inside(const rf_window *window, const rf_cell *cell)
{
    return cell->slot >= window->from_slot && cell->slot < window->to_slot;
}

/* Of other kinds than the main one only the cells of its users: of an erased entity's there may be more. */
static bool inside(const picker *p, const rf_cell *cell)
{
    return is_inside(p->window, cell) && p->window->user_to[cell->u] < p->window->n_users;
}

static bool is_past(const picker *p, const rf_cell *cell)
{
    return cell->slot < p->window->from_slot &&
           (p->window->user_to[cell->u] < p->window->n_users || p->entity_to[cell->v] < p->n_entities);
}

/* ---- the window ---- */

/* from_us stays INT64_MIN for now where the window has no beginning. */
static rf_status set_ends(rf_window *window, const rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    if (!rf_bigraph_window(graph, &window->from_us, &window->to_us))
        RF_FAIL(err, RF_E_INVALID,
                "no event was accepted, so graph.as_of: latest has no value; check the input");
    window->to_slot = window->to_us <= RF_TIME_MIN ? 0 : rf_bigraph_slot(graph, window->to_us);
    window->from_slot = window->from_us <= RF_TIME_MIN ? 0 : rf_bigraph_slot(graph, window->from_us);
done:
    return st;
}

static rf_status refuse_empty(const rf_window *window, const rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    char first[RF_TIME_TEXT] = "the beginning", end[RF_TIME_TEXT], newest[RF_TIME_TEXT] = "none";
    if (window->from_us != INT64_MIN)
        rf_time_format(first, window->from_us);
    if (graph->newest_us != RF_AS_OF_LATEST)
        rf_time_format(newest, graph->newest_us);
    RF_FAIL(err, RF_E_INVALID,
            "no event lies in the window from %s to %s (newest event kept: %s): check graph.as_of, "
            "graph.window and the time field's format and zone",
            first, rf_time_format(end, window->to_us), newest);
done:
    return st;
}

static rf_status new_marks(uint32_t **to, uint32_t n, rf_err *err)
{
    rf_status st = RF_OK;
    RF_NEW(*to, n, err);
    memset(*to, 0xFF, n * sizeof **to);
done:
    return st;
}

/* Those that are marked by 0 get the numbers from 0 on, the others those after them. Returns how many are
 * marked. */
static uint32_t number_marked(uint32_t *to, uint32_t n)
{
    uint32_t used = 0, in = 0;
    for (uint32_t i = 0; i < n; i++)
        used += to[i] != RF_NO_ID;
    for (uint32_t i = 0, out = used; i < n; i++)
        to[i] = to[i] == RF_NO_ID ? out++ : in++;
    return used;
}

rf_status rf_window_find(rf_window *out, rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_window window = {0};
    uint32_t earliest = UINT32_MAX;
    rf_dedup_clear(&graph->dedup);
    if (!graph->sorted)
        RF_TRY(rf_bigraph_settle(graph, err));
    RF_TRY(rf_bigraph_sort(graph, err));
    RF_TRY(set_ends(&window, graph, err));
    RF_TRY(new_marks(&window.user_to, graph->renumber.user.n, err));
    const rf_store *store = rf_main_store(graph);
    for (size_t c = 0; c < store->n_cells; c++) {
        const rf_cell *cell = &store->cells[c];
        if (!is_inside(&window, cell))
            continue;
        window.user_to[cell->u] = 0;
        earliest = cell->slot < earliest ? cell->slot : earliest;
    }
    window.n_users = number_marked(window.user_to, graph->renumber.user.n);
    if (window.n_users == 0)
        RF_TRY(refuse_empty(&window, graph, err));
    if (window.from_us == INT64_MIN) {
        window.from_us = rf_slot_us(&store->codec, earliest);
        window.from_slot = earliest;
    }
    *out = window;
    window = (rf_window){0};
done:
    rf_window_clear(&window);
    return st;
}

void rf_window_clear(rf_window *window)
{
    rf_mem_free(window->user_to);
    *window = (rf_window){0};
}

/* ---- nodes ---- */

/* The texts of the rows 0 to n - 1. */
static rf_status set_texts(rf_view_side *side, int64_t n, const uint32_t *to, const rf_idmap *map,
                           const rf_renumber_ids *ids, rf_err *err)
{
    rf_status st = RF_OK;
    const char **texts = NULL;
    RF_NEW(texts, n, err);
    side->id = texts;
    for (uint32_t i = 0; i < ids->n; i++) {
        if (to[i] < n)
            texts[to[i]] = rf_bigraph_sorted_text(map, ids, i);
    }
done:
    return st;
}

/* First cell of an edge: another pair than the cell before, or any cell where an edge is an event. */
static bool begins_edge(const rf_cell *cell, const rf_cell *last, bool events)
{
    return events || last == NULL || cell->u != last->u || cell->v != last->v;
}

/* What lies in the window: its nodes, and how many cells and edges. */
static rf_status set_nodes(rf_window_view *view, picker *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_renumber *renumber = &p->graph->renumber;
    const rf_renumber_ids *ids = &renumber->entity[view->kind];
    const rf_cell *last = NULL;
    RF_TRY(new_marks(&p->entity_to, ids->n, err));
    for (size_t c = 0; c < p->store->n_cells; c++) {
        const rf_cell *cell = &p->store->cells[c];
        if (!inside(p, cell))
            continue;
        p->entity_to[cell->v] = 0;
        p->n_edges += begins_edge(cell, last, p->store->codec.ids);
        view->n_cells++;
        last = cell;
    }
    p->n_entities = number_marked(p->entity_to, ids->n);
    view->side[RF_USER].n = p->window->n_users;
    view->side[RF_ENTITY].n = p->n_entities;
    RF_TRY(
        set_texts(&view->side[RF_ENTITY], p->n_entities, p->entity_to, view->relation->entities, ids, err));
    if (view->kind == 0)
        RF_TRY(set_texts(&view->side[RF_USER], p->window->n_users, p->window->user_to, p->graph->users,
                         &renumber->user, err));
done:
    return st;
}

/* ---- edges ---- */

static rf_status build_edges(rf_window_view *view, const picker *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *store = p->store;
    const rf_cell *last = NULL;
    const int64_t n_e = p->n_edges;
    int64_t e = 0, inner = 0;
    uint32_t *e_u = NULL, *e_v = NULL;
    RF_NEW(e_u, n_e, err);
    RF_NEW(e_v, n_e, err);
    RF_NEW(view->e_cell, n_e + 1, err);
    for (size_t c = 0; c < store->n_cells; c++) {
        const rf_cell *cell = &store->cells[c];
        view->n_past += store->codec.ids && is_past(p, cell);
        if (!inside(p, cell))
            continue;
        if (begins_edge(cell, last, store->codec.ids)) {
            e_u[e] = p->window->user_to[cell->u];
            e_v[e] = p->entity_to[cell->v];
            view->e_cell[e++] = inner;
        }
        inner++;
        last = cell;
    }
    view->e_cell[n_e] = inner;
    st = rf_adj_adopt(&view->adj, p->window->n_users, p->n_entities, n_e, e_u, e_v, err);
    e_u = e_v = NULL;
done:
    rf_mem_free(e_u);
    rf_mem_free(e_v);
    return st;
}

/* ---- cells ---- */

static rf_window_cell view_cell(const rf_cell *cell, const rf_cell_head *head)
{
    return (rf_window_cell){.slot = cell->slot,
                            .count = cell->count,
                            .first = head->first,
                            .last = head->last,
                            .head = cell->head};
}

static int tie_past(void *context, uint32_t a, uint32_t b)
{
    return rf_cells_compare(context, a, b);
}

/* Past events go to past[n_past]. */
static rf_status set_past(rf_window_view *view, rf_window_cell *past, const picker *p, rf_err *err)
{
    rf_status st = RF_OK;
    rf_store *store = (rf_store *)(uintptr_t)p->store; /* read only: the sort's context is not const */
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
                (rf_sort_key){.key = (uint64_t)p->window->user_to[cell->u] << 32 | p->entity_to[cell->v],
                              .value = (uint32_t)c};
    }
    rf_sort_keys(keys, (size_t)n, tie_past, store);
    for (int64_t i = 0; i < n; i++) {
        const rf_cell *cell = &store->cells[keys[i].value];
        const rf_cell_head head = rf_cell_head_get(store, cell->head, cell->count);
        past[i] = view_cell(cell, &head);
        u[i] = (uint32_t)(keys[i].key >> 32);
        v[i] = (uint32_t)keys[i].key;
    }
done:
    rf_mem_free(keys);
    return st;
}

/* The view's cells take the place of the store's, one after the other, and what is left over is given back:
 * both at once would be the largest thing that a build holds. */
static rf_status set_cells(rf_window_view *view, const picker *p, rf_store *store, rf_err *err)
{
    rf_status st = RF_OK;
    rf_window_cell *past = NULL, *smaller;
    size_t n = (size_t)(view->n_cells + view->n_past), at = 0;
    static_assert(sizeof(rf_window_cell) <= sizeof(rf_cell), "a cell of a view fits into the store's");
    RF_NEW(past, view->n_past, err);
    RF_TRY(set_past(view, past, p, err));
    char *cells = (char *)store->cells;
    for (size_t c = 0; c < store->n_cells; c++) {
        const rf_cell *kept = &store->cells[c];
        if (!inside(p, kept))
            continue;
        const rf_cell_head head = rf_cell_head_get(store, kept->head, kept->count);
        const rf_window_cell cell = view_cell(kept, &head);
        memcpy(cells + at++ * sizeof cell, &cell, sizeof cell);
        view->known += head.known;
        view->labelled += head.labelled;
        view->typed = view->typed || head.typed;
    }
    memcpy(cells + at * sizeof *past, past, (size_t)view->n_past * sizeof *past);
    store->cells = NULL;
    store->n_cells = store->cap_cells = 0;
    view->cell = (rf_window_cell *)(void *)cells;
    smaller = rf_mem_grow(cells, n, sizeof *smaller, err);
    if (smaller == NULL)
        st = RF_E_NOMEM;
    else
        view->cell = smaller;
done:
    rf_mem_free(past);
    return st;
}

/* ---- the whole ---- */

rf_status rf_window_freeze(rf_window_view **out, const rf_window *window, rf_bigraph *graph, int kind,
                           rf_err *err)
{
    rf_status st = RF_OK;
    rf_relation *relation = &graph->relation[kind];
    picker p = {.graph = graph, .window = window, .store = &relation->store};
    rf_window_view *view = NULL;
    RF_ZERO(view, 1, err);
    *view = (rf_window_view){.options = &graph->options,
                             .kind = kind,
                             .kind_name = rf_kind_name(&graph->kinds, kind),
                             .schema = &relation->schema,
                             .zone = graph->zone,
                             .from_us = window->from_us,
                             .to_us = window->to_us,
                             .slot_us = graph->slot_us,
                             .graph = graph,
                             .relation = relation};
    RF_TRY(rf_bigraph_join_near(graph, kind, window->to_slot, err));
    RF_TRY(set_nodes(view, &p, err));
    RF_TRY(build_edges(view, &p, err));
    RF_TRY(set_cells(view, &p, &relation->store, err));
    RF_TRY(rf_view_find_hubs(view, err));
    RF_TRY(rf_view_labels(view, err));
    *out = view;
    view = NULL;
done:
    rf_mem_free(p.entity_to);
    rf_window_view_free(view);
    return st;
}

rf_status rf_bigraph_freeze(rf_window_view **out, rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_window window = {0};
    RF_TRY(rf_window_find(&window, graph, err));
    RF_TRY(rf_window_freeze(out, &window, graph, 0, err));
done:
    rf_window_clear(&window);
    return st;
}
