/* activity.c - how many events a node or an edge has inside the window, its first and its last one.
 */
#include "activity_int.h"

#include <stddef.h>
#include <string.h>

#include "bigraph_int.h"
#include "rf_mem.h"

const char *rf_view_path(char out[RF_SIDE_PATH], const rf_window_view *view, rf_side side, const char *name)
{
    return rf_side_path(out, &view->graph->kinds, side == RF_USER ? side : side + 2 * view->kind, name);
}

typedef struct activity { /* of one node or edge inside the window */
    int64_t count, first_us, last_us;
} activity;

static void add_activity(activity *to, const activity *from)
{
    if (to->count == 0 || from->first_us < to->first_us)
        to->first_us = from->first_us;
    if (to->count == 0 || from->last_us > to->last_us)
        to->last_us = from->last_us;
    to->count += from->count;
}

/* Of the edge e of adj. */
static activity edge_activity(const rf_window_view *view, int64_t e)
{
    activity sum = {0};
    for (int64_t c = view->e_cell[e]; c < view->e_cell[e + 1]; c++)
        add_activity(&sum,
                     &(activity){view->cell[c].count, rf_view_first_us(view, c), rf_view_last_us(view, c)});
    return sum;
}

#define ROWS_A_TASK 16384

/* One of the three columns of a side. */
typedef struct activity_column {
    const rf_window_view *view;
    const activity *nodes; /* NULL: of edges, which are counted as they are written */
    int64_t n;
    size_t member; /* its place in an activity */
    rf_h5_spread *out;
    int64_t *rows; /* [threads, ROWS_A_TASK] */
} activity_column;

static void put_activities(void *context, int64_t index, int worker)
{
    const activity_column *column = context;
    const int64_t from = index * ROWS_A_TASK, left = column->n - from;
    const int64_t n = left < ROWS_A_TASK ? left : ROWS_A_TASK;
    int64_t *rows = column->rows + (int64_t)worker * ROWS_A_TASK;
    for (int64_t i = 0; i < n; i++) {
        const activity a = column->nodes != NULL
                               ? column->nodes[from + i]
                               : edge_activity(column->view, rf_view_edge(column->view, from + i));
        memcpy(&rows[i], (const char *)&a + column->member, sizeof *rows);
    }
    rf_h5_spread_put(column->out, from, n, rows);
}

static rf_status write_column(rf_h5 *file, activity_column *column, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_pool *pool = rf_h5_threads(file);
    RF_TRY(rf_h5_spread_begin(&column->out, file, path, RF_H5_I64, 1, &column->n, err));
    rf_pool_run(pool, (column->n + ROWS_A_TASK - 1) / ROWS_A_TASK, put_activities, column);
    RF_TRY(rf_h5_spread_end(column->out, err));
done:
    rf_h5_spread_free(column->out);
    column->out = NULL;
    return st;
}

rf_status rf_activity_write(rf_h5 *file, const rf_window_view *view, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    static const struct {
        const char *name;
        size_t member;
    } columns[3] = {{"count", offsetof(activity, count)},
                    {"first_time", offsetof(activity, first_us)},
                    {"last_time", offsetof(activity, last_us)}};
    const uint32_t *node = rf_adj_row_of_edge(&view->adj, side);
    activity_column column = {.view = view, .n = view->side[side].n};
    activity *nodes = NULL;
    char full[RF_SIDE_PATH];
    RF_NEW(column.rows, (int64_t)rf_pool_threads(rf_h5_threads(file)) * ROWS_A_TASK, err);
    if (node != NULL)
        RF_ZERO(nodes, column.n, err);
    for (int64_t e = 0; node != NULL && e < view->adj.n_e; e++) {
        activity edge = edge_activity(view, e);
        add_activity(&nodes[node[e]], &edge);
    }
    column.nodes = nodes;
    for (int k = 0; k < 3; k++) {
        column.member = columns[k].member;
        RF_TRY(write_column(file, &column, rf_view_path(full, view, side, columns[k].name), err));
    }
done:
    rf_mem_free(column.rows);
    rf_mem_free(nodes);
    return st;
}
