/* features_node.c - the rows of users and of entities: activity, rhythm, attributes, partners, place in the
 * graph.
 *
 * A node's cells are gathered from all its edges and put in order of time once. The pass keeps each node's
 * number of events and means, with which the rows of pairs are compared.
 */
#include "feature_cells_int.h"
#include "features_int.h"

#define NODES_A_TASK 64
#define EDGES_AHEAD 8

typedef struct partner_sums {
    int64_t events, degree, repeat, fresh, top;
    rf_i128 sum_sq;
    double weighted; /* sum of c ln c, c the events with each partner */
    double ln_degree, max_ln_degree;
} partner_sums;

typedef struct node_task {
    float *x;
    const rf_columns *columns;
    rf_features *f;
    rf_side side;
} node_task;

/* ---- gathering ---- */

static uint32_t partner_of(const rf_adj *adj, rf_side side, int64_t edge)
{
    return side == RF_USER ? adj->e_v[edge] : adj->e_u[edge];
}

/* An entity's edges lie anywhere: where the cells of a later one begin is looked up, then they are fetched.
 */
static void prefetch_cells(const rf_window_view *view, rf_side side, int64_t i, int64_t end)
{
    if (i + 2 * EDGES_AHEAD < end)
        __builtin_prefetch(&view->e_cell[rf_node_edge(&view->adj, side, i + 2 * EDGES_AHEAD)]);
    if (i + EDGES_AHEAD < end)
        __builtin_prefetch(&view->cell[view->e_cell[rf_node_edge(&view->adj, side, i + EDGES_AHEAD)]]);
}

/* The node's cells in order of time (equal slots: in order of edges). */
static rf_cell_list gather_cells(const rf_features *f, rf_scratch *scratch, rf_side side, int64_t node)
{
    const rf_window_view *view = f->view;
    const int64_t *ptr = rf_node_ptr(&view->adj, side);
    int64_t n = 0;

    for (int64_t i = ptr[node]; i < ptr[node + 1]; i++) {
        int64_t e = rf_node_edge(&view->adj, side, i);
        prefetch_cells(view, side, i, ptr[node + 1]);
        for (int64_t c = view->e_cell[e]; c < view->e_cell[e + 1]; c++)
            scratch->items[n++] = (rf_keyed){.key = view->cell[c].slot, .item = (uint32_t)c};
    }
    rf_sort_keyed(scratch->items, scratch->spare, n);
    for (int64_t i = 0; i < n; i++)
        scratch->cells[i] = scratch->items[i].item;
    return (rf_cell_list){.cells = scratch->cells, .n = n};
}

/* ---- partners ---- */

/* Whose edge a later one of an entity is, then what is known of that user. */
static void prefetch_partner(const rf_adj *adj, rf_side side, const double *of_partner, int64_t i,
                             int64_t end)
{
    if (side == RF_USER)
        return;
    if (i + 2 * EDGES_AHEAD < end)
        __builtin_prefetch(&adj->e_u[adj->v_edge[i + 2 * EDGES_AHEAD]]);
    if (i + EDGES_AHEAD < end)
        __builtin_prefetch(&of_partner[adj->e_u[adj->v_edge[i + EDGES_AHEAD]]]);
}

static partner_sums collect_partners(const rf_features *f, rf_side side, int64_t node)
{
    const rf_window_view *view = f->view;
    const int64_t *ptr = rf_node_ptr(&view->adj, side);
    const double *of_partner = f->node[rf_other_end(side)].ln_degree;
    partner_sums sums = {0};

    for (int64_t i = ptr[node]; i < ptr[node + 1];) {
        uint32_t partner = partner_of(&view->adj, side, rf_node_edge(&view->adj, side, i));
        int64_t events = 0, first_us = INT64_MAX;
        prefetch_partner(&view->adj, side, of_partner, i, ptr[node + 1]);
        for (; i < ptr[node + 1]; i++) {
            int64_t e = rf_node_edge(&view->adj, side, i);
            if (partner_of(&view->adj, side, e) != partner)
                break;
            for (int64_t c = view->e_cell[e]; c < view->e_cell[e + 1]; c++) {
                events += view->cell[c].count;
                first_us = rf_view_first_us(view, c) < first_us ? rf_view_first_us(view, c) : first_us;
            }
        }
        const double ln_degree = of_partner[partner];
        sums.events += events;
        sums.degree++;
        sums.repeat += events > 1;
        sums.fresh += first_us >= view->to_us - 7 * RF_DAY_US;
        sums.top = events > sums.top ? events : sums.top;
        sums.sum_sq += (rf_i128)events * events;
        sums.weighted += events > 1 ? (double)events * log((double)events) : 0.0;
        sums.ln_degree += ln_degree;
        sums.max_ln_degree = ln_degree > sums.max_ln_degree ? ln_degree : sums.max_ln_degree;
    }
    return sums;
}

static void put_partners(rf_row *row, const partner_sums *sums)
{
    double n = sums->events > 0 ? (double)sums->events : 1.0;
    double d = sums->degree > 0 ? (double)sums->degree : 1.0;
    double entropy = sums->degree > 1 ? log(n) - sums->weighted / n : 0.0;
    if (entropy < 0)
        entropy = 0.0;

    rf_put(row, RF_F_PARTNER_ENTROPY, entropy);
    rf_put(row, RF_F_PARTNER_EVENNESS, sums->degree > 1 ? entropy / log(d) : 1.0);
    rf_put(row, RF_F_PARTNER_HHI, (double)sums->sum_sq / (n * n));
    rf_put(row, RF_F_PARTNER_TOP_SHARE, (double)sums->top / n);
    rf_put(row, RF_F_PARTNER_NEW_SHARE, (double)sums->fresh / d);
    rf_put(row, RF_F_PARTNER_REPEAT_SHARE, (double)sums->repeat / d);
    rf_put(row, RF_F_PARTNER_DEGREE_MEAN, sums->ln_degree / d);
    rf_put(row, RF_F_PARTNER_DEGREE_MAX, sums->max_ln_degree);
}

/* ---- place in the graph ---- */

static void put_place(rf_row *row, rf_side side, int64_t node)
{
    const rf_features *f = row->f;
    double closed = 0.0, paths = 0.0, core = 0.0, component = 0.0;

    if (row->x) {
        const int64_t *own = rf_node_ptr(f->linked, side);
        const int64_t *other = rf_node_ptr(f->linked, rf_other_end(side));
        double degree = (double)(own[node + 1] - own[node]);
        uint64_t through = 0;
        int64_t partners_partners = 0;
        for (int64_t i = own[node]; i < own[node + 1]; i++) {
            int64_t pair = rf_node_edge(f->linked, side, i);
            uint32_t partner = partner_of(f->linked, side, pair);
            through += f->butterflies[pair];
            partners_partners += other[partner + 1] - other[partner] - 1;
        }
        closed = (double)through;
        paths = (degree - 1) * (double)partners_partners;
        int64_t at = side == RF_USER ? node : f->view->adj.n_u + node;
        core = f->core[at];
        component = f->component[at];
    }
    rf_put(row, RF_F_CORE, core);
    rf_put(row, RF_F_COMPONENT, component);
    rf_put(row, RF_F_BUTTERFLIES, closed / 2); /* each has two pairs at the node */
    rf_put(row, RF_F_CLUSTERING, paths > 0 ? closed / paths : 0.0);
}

/* ---- rows ---- */

static void put_node(rf_row *row, const rf_features *f, rf_side side, int64_t node, const rf_time_sums *time,
                     const partner_sums *partners, const rf_attr_sums *attrs, rf_scratch *scratch)
{
    rf_put(row, RF_F_EVENTS, (double)time->events);
    rf_put(row, RF_F_PARTNERS, (double)partners->degree);
    if (f->groups & RF_GROUP_TIME)
        rf_put_time(row, time, true);
    if (f->groups & RF_GROUP_ATTRIBUTES)
        rf_put_attrs(row, attrs, time->events, &(rf_attr_context){.is_node = true}, scratch);
    if (f->groups & RF_GROUP_STRUCTURE) {
        put_partners(row, partners);
        put_place(row, side, node);
        if (side == RF_USER && f->kinds != NULL)
            rf_put_kinds(row, f->kinds, node);
    }
}

static void make_node(const node_task *task, int64_t node, rf_scratch *scratch)
{
    rf_features *f = task->f;
    rf_cell_list list = gather_cells(f, scratch, task->side, node);
    partner_sums partners = collect_partners(f, task->side, node);
    rf_row row = {.f = f, .columns = task->columns, .x = task->x + node * (int64_t)task->columns->n};
    rf_attr_sums attrs[RF_MAX_ATTRS];
    rf_time_sums time;

    rf_time_sums_collect(&time, f, &list);
    if (f->groups & RF_GROUP_ATTRIBUTES)
        rf_attrs_collect(attrs, scratch, f, &list);
    put_node(&row, f, task->side, node, &time, &partners, attrs, scratch);
    f->node[task->side].events[node] = time.events; /* for the rows of pairs */
    for (int a = 0; f->n_numbers > 0 && a < f->schema->n_attrs; a++)
        if (f->number_at[a] >= 0)
            f->node[task->side].mean[node * f->n_numbers + f->number_at[a]] =
                (float)rf_attr_mean(&attrs[a], &f->unit[a]);
}

static void make_nodes(void *context, int64_t index, int worker)
{
    const node_task *task = context;
    int64_t n = task->f->view->side[task->side].n, end = (index + 1) * NODES_A_TASK;
    for (int64_t node = index * NODES_A_TASK; node < n && node < end; node++)
        make_node(task, node, &task->f->scratch[worker]);
}

rf_status rf_nodes_plan(rf_columns *columns, rf_features *f, rf_side side, rf_err *err)
{
    rf_row row = {.f = f, .plan = columns, .side = side, .err = err};
    rf_attr_sums attrs[RF_MAX_ATTRS] = {0};
    rf_time_sums time = {0};
    partner_sums partners = {0};

    put_node(&row, f, side, 0, &time, &partners, attrs, NULL);
    return row.st;
}

void rf_nodes_make(float *x, const rf_columns *columns, rf_features *f, rf_side side)
{
    node_task task = {.x = x, .columns = columns, .f = f, .side = side};
    int64_t n = f->view->side[side].n;
    rf_pool_run(f->pool, (n + NODES_A_TASK - 1) / NODES_A_TASK, make_nodes, &task);
}
