/* features_node.c - the rows of users and of entities: activity, rhythm, attributes, partners, place in the
 * graph.
 *
 * The pass keeps each node's number of events and means, with which the rows of pairs are compared.
 */
#include "features_int.h"
#include "node_sums_int.h"

typedef struct node_task {
    int64_t nodes; /* of a task */
    float *x;
    const rf_columns *columns;
    rf_features *f;
    rf_side side;
} node_task;

/* ---- partners ---- */

static void put_partners(rf_row *row, const rf_partner_sums *sums)
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
            uint32_t partner = rf_node_partner(f->linked, side, pair);
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

static void put_node(rf_row *row, const rf_features *f, rf_side side, int64_t node,
                     const rf_node_edges *edges, const rf_attr_sums *attrs, rf_scratch *scratch)
{
    rf_put(row, RF_F_EVENTS, (double)edges->time.events);
    rf_put(row, RF_F_PARTNERS, (double)edges->partners.degree);
    if (f->groups & RF_GROUP_TIME)
        rf_put_time(row, &edges->time, true);
    if (f->groups & RF_GROUP_ATTRIBUTES)
        rf_put_attrs(row, attrs, edges->time.events, &(rf_attr_context){.is_node = true}, scratch);
    if (f->groups & RF_GROUP_STRUCTURE) {
        put_partners(row, &edges->partners);
        put_place(row, side, node);
        if (side == RF_USER && f->kinds != NULL)
            rf_put_kinds(row, f->kinds, node);
    }
}

static void make_node(const node_task *task, int64_t node, rf_scratch *scratch)
{
    rf_features *f = task->f;
    rf_row row = {.f = f, .columns = task->columns, .x = task->x + node * (int64_t)task->columns->n};
    rf_attr_sums attrs[RF_MAX_ATTRS];
    rf_node_edges edges;

    rf_node_edges_collect(&edges, f, scratch, task->side, node);
    if (f->groups & RF_GROUP_ATTRIBUTES)
        rf_attrs_collect(attrs, scratch, f, &edges.cells);
    put_node(&row, f, task->side, node, &edges, attrs, scratch);
    f->node[task->side].events[node] = edges.time.events; /* for the rows of pairs */
    for (int a = 0; f->n_numbers > 0 && a < f->schema->n_attrs; a++)
        if (f->number_at[a] >= 0)
            f->node[task->side].mean[node * f->n_numbers + f->number_at[a]] =
                (float)rf_attr_mean(&attrs[a], &f->unit[a]);
}

static void make_nodes(void *context, int64_t index, int worker)
{
    const node_task *task = context;
    int64_t n = task->f->view->side[task->side].n, end = (index + 1) * task->nodes;
    for (int64_t node = index * task->nodes; node < n && node < end; node++)
        make_node(task, node, &task->f->scratch[worker]);
}

rf_status rf_nodes_plan(rf_columns *columns, rf_features *f, rf_side side, rf_err *err)
{
    rf_row row = {.f = f, .plan = columns, .side = side, .err = err};
    rf_attr_sums attrs[RF_MAX_ATTRS] = {0};
    const rf_node_edges edges = {0};

    put_node(&row, f, side, 0, &edges, attrs, NULL);
    return row.st;
}

void rf_nodes_make(float *x, const rf_columns *columns, rf_features *f, rf_side side)
{
    const int64_t n = f->view->side[side].n;
    node_task task = {.x = x, .columns = columns, .f = f, .side = side, .nodes = rf_nodes_a_task(f, side)};
    rf_pool_run(f->pool, (n + task.nodes - 1) / task.nodes, make_nodes, &task);
}
