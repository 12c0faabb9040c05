/* node_sums.c - walks over a node's edges once: adds up its partners and brings its cells into the order of
 * time.
 *
 * A node's cells come partner by partner. Where values are wanted they are sorted. An entity that everybody
 * meets has a million cells, but a month has 720 slots: if only times and counts are wanted, its cells are
 * added up by slot. Both give the same sums, which are integers.
 */
#include "node_sums_int.h"

#define EDGES_AHEAD 8

/* ---- one edge after the other ---- */

typedef struct walk {
    const rf_features *f;
    const rf_window_view *view;
    rf_scratch *scratch;
    const int64_t *ptr; /* of the side's nodes */
    rf_side side;
    bool by_slots;
    int64_t n_items; /* in the scratch */
} walk;

/* An entity's edges lie anywhere: where the cells of a later one begin is looked up, and whose it is; then
 * they are fetched, with what is known of that user. */
static void prefetch_edge(const walk *w, const double *of_partner, int64_t i, int64_t end)
{
    const rf_adj *adj = &w->view->adj;
    if (w->side == RF_USER)
        return;
    if (i + 2 * EDGES_AHEAD < end) {
        const uint32_t later = adj->v_edge[i + 2 * EDGES_AHEAD];
        __builtin_prefetch(&w->view->e_cell[later]);
        __builtin_prefetch(&adj->e_u[later]);
    }
    if (i + EDGES_AHEAD < end) {
        const uint32_t next = adj->v_edge[i + EDGES_AHEAD];
        __builtin_prefetch(&w->view->cell[w->view->e_cell[next]]);
        __builtin_prefetch(&of_partner[adj->e_u[next]]);
    }
}

static void add_to_slot(rf_slot_sums *sums, const rf_window_cell *cell)
{
    sums->first = sums->events == 0 || cell->first < sums->first ? cell->first : sums->first;
    sums->last = cell->last > sums->last ? cell->last : sums->last;
    sums->events += cell->count;
}

static void keep_cell(walk *w, int64_t c)
{
    const rf_window_cell *cell = &w->view->cell[c];
    if (w->by_slots)
        add_to_slot(&w->scratch->slots[cell->slot - w->f->first_slot], cell);
    else
        w->scratch->items[w->n_items++] = (rf_keyed){.key = cell->slot, .item = (uint32_t)c};
}

static void add_partner(rf_partner_sums *sums, int64_t events, bool fresh, double ln_degree)
{
    sums->events += events;
    sums->degree++;
    sums->repeat += events > 1;
    sums->fresh += fresh;
    sums->top = events > sums->top ? events : sums->top;
    sums->sum_sq += (rf_i128)events * events;
    sums->weighted += events > 1 ? (double)events * log((double)events) : 0.0;
    sums->ln_degree += ln_degree;
    sums->max_ln_degree = ln_degree > sums->max_ln_degree ? ln_degree : sums->max_ln_degree;
}

static rf_partner_sums walk_edges(walk *w, int64_t node)
{
    const rf_window_view *view = w->view;
    const double *of_partner = w->f->node[rf_other_end(w->side)].ln_degree;
    const int64_t end = w->ptr[node + 1];
    rf_partner_sums sums = {0};

    for (int64_t i = w->ptr[node]; i < end;) {
        const uint32_t partner = rf_node_partner(&view->adj, w->side, rf_node_edge(&view->adj, w->side, i));
        int64_t events = 0, first_us = INT64_MAX;
        for (; i < end; i++) {
            const int64_t e = rf_node_edge(&view->adj, w->side, i);
            if (rf_node_partner(&view->adj, w->side, e) != partner)
                break;
            prefetch_edge(w, of_partner, i, end);
            for (int64_t c = view->e_cell[e]; c < view->e_cell[e + 1]; c++) {
                keep_cell(w, c);
                events += view->cell[c].count;
                first_us = rf_view_first_us(view, c) < first_us ? rf_view_first_us(view, c) : first_us;
            }
        }
        add_partner(&sums, events, first_us >= view->to_us - 7 * RF_DAY_US, of_partner[partner]);
    }
    return sums;
}

/* ---- a node ---- */

static rf_cell_list sort_cells(rf_scratch *scratch, int64_t n)
{
    rf_sort_keyed(scratch->items, scratch->spare, n);
    for (int64_t i = 0; i < n; i++)
        scratch->cells[i] = scratch->items[i].item;
    return (rf_cell_list){.cells = scratch->cells, .n = n};
}

bool rf_node_by_slots(const rf_features *f, rf_side side, int64_t node)
{
    const int64_t *ptr = rf_node_ptr(&f->view->adj, side);
    return (f->groups & RF_GROUP_ATTRIBUTES) == 0 && f->n_moments > 0 &&
           ptr[node + 1] - ptr[node] > f->n_moments;
}

void rf_node_edges_collect(rf_node_edges *out, const rf_features *f, rf_scratch *scratch, rf_side side,
                           int64_t node)
{
    walk w = {.f = f,
              .view = f->view,
              .scratch = scratch,
              .ptr = rf_node_ptr(&f->view->adj, side),
              .side = side,
              .by_slots = rf_node_by_slots(f, side, node)};
    out->partners = walk_edges(&w, node);
    if (w.by_slots) {
        out->cells = (rf_cell_list){0};
        rf_time_sums_of_slots(&out->time, f, scratch->slots);
        return;
    }
    out->cells = sort_cells(scratch, w.n_items);
    rf_time_sums_collect(&out->time, f, &out->cells);
}
