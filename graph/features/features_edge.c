/* features_edge.c - the rows of pairs: what a user and an entity did together, compared with what each does
 * otherwise.
 *
 * Pair granularity only. An edge's cells are already in order of time. The node rows must be computed first.
 */
#include "feature_cells_int.h"
#include "features_int.h"

#define PAIRS_A_TASK 512

typedef struct pair_task {
    float *x; /* rows of edges [from, from + n) */
    const rf_columns *columns;
    rf_features *f;
    int64_t from, n;
} pair_task;

/* The pair is the i-th of those that are kept. */
static void put_pair(rf_row *row, int64_t i, const rf_time_sums *time, const rf_attr_sums *attrs,
                     const rf_attr_context *context, rf_scratch *scratch)
{
    const rf_features *f = row->f;
    int64_t of_user = 0, of_entity = 0;
    double through = 0.0, paths = 0.0;

    if (row->x) {
        const rf_adj *adj = f->view->kept;
        uint32_t u = adj->e_u[i], v = adj->e_v[i];
        of_user = f->node[RF_USER].events[u];
        of_entity = f->node[RF_ENTITY].events[v];
        if (f->groups & RF_GROUP_STRUCTURE)
            through = (double)f->butterflies[i];
        paths =
            (double)(adj->u_ptr[u + 1] - adj->u_ptr[u] - 1) * (double)(adj->v_ptr[v + 1] - adj->v_ptr[v] - 1);
    }
    rf_put(row, RF_F_EVENTS, (double)time->events);
    rf_put(row, RF_F_SHARE_OF_USER, rf_share(time->events, of_user));
    rf_put(row, RF_F_SHARE_OF_ENTITY, rf_share(time->events, of_entity));
    if (f->groups & RF_GROUP_TIME)
        rf_put_time(row, time, false);
    if (f->groups & RF_GROUP_ATTRIBUTES)
        rf_put_attrs(row, attrs, time->events, context, scratch);
    if (f->groups & RF_GROUP_STRUCTURE) {
        rf_put(row, RF_F_BUTTERFLIES, through);
        rf_put(row, RF_F_CLUSTERING, paths > 0 ? through / paths : 0.0);
    }
}

static void make_pair(const pair_task *task, int64_t i, rf_scratch *scratch)
{
    rf_features *f = task->f;
    const rf_window_view *view = f->view;
    const int64_t e = rf_view_edge(view, i);
    rf_cell_list list = {.first = view->e_cell[e], .n = view->e_cell[e + 1] - view->e_cell[e]};
    rf_attr_context context = {
        .user_mean = f->node[RF_USER].mean + (int64_t)view->adj.e_u[e] * f->n_numbers,
        .entity_mean = f->node[RF_ENTITY].mean + (int64_t)view->adj.e_v[e] * f->n_numbers,
    };
    rf_row row = {
        .f = f, .columns = task->columns, .x = task->x + (i - task->from) * (int64_t)task->columns->n};
    rf_attr_sums attrs[RF_MAX_ATTRS];
    rf_time_sums time;

    rf_time_sums_collect(&time, f, &list);
    if (f->groups & RF_GROUP_ATTRIBUTES)
        rf_attrs_collect(attrs, scratch, f, &list);
    put_pair(&row, i, &time, attrs, &context, scratch);
}

static void make_pairs(void *context, int64_t index, int worker)
{
    const pair_task *task = context;
    int64_t begin = index * PAIRS_A_TASK,
            end = begin + PAIRS_A_TASK < task->n ? begin + PAIRS_A_TASK : task->n;
    for (int64_t i = begin; i < end; i++)
        make_pair(task, task->from + i, &task->f->scratch[worker]);
}

rf_status rf_pairs_plan(rf_columns *columns, rf_features *f, rf_err *err)
{
    rf_row row = {.f = f, .plan = columns, .err = err};
    rf_attr_sums attrs[RF_MAX_ATTRS] = {0};
    rf_time_sums time = {0};

    put_pair(&row, 0, &time, attrs, &(rf_attr_context){0}, NULL);
    return row.st;
}

void rf_pairs_make(float *x, const rf_columns *columns, rf_features *f, int64_t from, int64_t n)
{
    pair_task task = {.x = x, .columns = columns, .f = f, .from = from, .n = n};
    rf_pool_run(f->pool, (n + PAIRS_A_TASK - 1) / PAIRS_A_TASK, make_pairs, &task);
}
