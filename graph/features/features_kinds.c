/* features_kinds.c - what users share of another kind of entity: columns of the users' rows.
 *
 * A kind's own features are made first. This pass over its edges, in the order of its users, keeps a few
 * numbers for each user, of which the users' rows get columns when the main kind's turn comes. O(edges):
 * others who share several entities with a user are counted once for each.
 */
#include "feature_cells_int.h"
#include "features_int.h"
#include "rf_mem.h"

#define USERS_A_TASK 256

typedef struct sum_task {
    rf_features *f;
    rf_user_of_kind *user; /* [users]; NULL: only the sums for the rows of edges are wanted */
} sum_task;

static rf_user_of_kind look_at_user(const rf_features *f, int64_t u)
{
    const rf_window_view *view = f->view;
    const rf_adj *adj = &view->adj, *linked = f->linked;
    rf_user_of_kind out = {0};
    for (int64_t e = adj->u_ptr[u], end = adj->u_ptr[u + 1]; e < end;) {
        const uint32_t v = adj->e_v[e];
        int64_t first_us = INT64_MAX;
        for (; e < end && adj->e_v[e] == v; e++) {
            for (int64_t c = view->e_cell[e]; c < view->e_cell[e + 1]; c++)
                first_us = rf_view_first_us(view, c) < first_us ? rf_view_first_us(view, c) : first_us;
        }
        out.degree++;
        out.fresh += first_us >= view->to_us - 7 * RF_DAY_US;
        if (view->hub != NULL && view->hub[v] != 0) {
            out.hubs++;
            continue;
        }
        const uint32_t others = (uint32_t)(linked->v_ptr[v + 1] - linked->v_ptr[v] - 1);
        out.sharers += others;
        out.sharers_max = others > out.sharers_max ? others : out.sharers_max;
    }
    for (int64_t p = linked->u_ptr[u]; p < linked->u_ptr[u + 1]; p++)
        out.butterflies += f->butterflies[p];
    return out;
}

/* Their number and means; a user's cells follow each other. */
static void sum_events(rf_features *f, int64_t u)
{
    const rf_window_view *view = f->view;
    const int64_t from = view->e_cell[view->adj.u_ptr[u]], end = view->e_cell[view->adj.u_ptr[u + 1]];
    const rf_cell_list cells = {.first = from, .n = end - from};
    rf_attr_sums attrs[RF_MAX_ATTRS];
    int64_t events = 0;
    for (int64_t c = from; c < end; c++)
        events += view->cell[c].count;
    f->node[RF_USER].events[u] = events;
    if (f->n_numbers == 0)
        return;
    rf_attrs_collect(attrs, NULL, f, &cells);
    for (int a = 0; a < f->schema->n_attrs; a++) {
        if (f->number_at[a] >= 0)
            f->node[RF_USER].mean[u * f->n_numbers + f->number_at[a]] =
                (float)rf_attr_mean(&attrs[a], &f->unit[a]);
    }
}

static void sum_users(void *context, int64_t index, int worker)
{
    const sum_task *task = context;
    int64_t n = task->f->view->side[RF_USER].n, end = (index + 1) * USERS_A_TASK;
    (void)worker;
    for (int64_t u = index * USERS_A_TASK; u < n && u < end; u++) {
        sum_events(task->f, u);
        if (task->user != NULL)
            task->user[u] = look_at_user(task->f, u);
    }
}

rf_status rf_users_of_kinds_add(rf_users_of_kinds *kinds, rf_features *f, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_window_view *view = f->view;
    const int64_t n = view->side[RF_USER].n;
    sum_task task = {.f = f};
    if ((f->groups & RF_GROUP_STRUCTURE) != 0) {
        RF_NEW(task.user, n, err);
        kinds->kind[kinds->n] = view->kind_name;
        kinds->user[kinds->n++] = task.user;
    }
    rf_pool_run(f->pool, (n + USERS_A_TASK - 1) / USERS_A_TASK, sum_users, &task);
done:
    return st;
}

void rf_users_of_kinds_clear(rf_users_of_kinds *kinds)
{
    for (int k = 0; k < kinds->n; k++)
        rf_mem_free(kinds->user[k]);
    *kinds = (rf_users_of_kinds){0};
}

void rf_put_kinds(rf_row *row, const rf_users_of_kinds *kinds, int64_t user)
{
    for (int k = 0; k < kinds->n; k++) {
        const char *kind = kinds->kind[k];
        const rf_user_of_kind *of = &kinds->user[k][user];
        const uint64_t closed = of->butterflies / 2; /* each goes through two of the user's entities */
        rf_put_part(row, RF_F_KIND_DEGREE, -1, kind, of->degree);
        rf_put_part(row, RF_F_KIND_FIRST_MET_SHARE, -1, kind, rf_share(of->fresh, of->degree));
        rf_put_part(row, RF_F_KIND_HUBS, -1, kind, of->hubs);
        rf_put_part(row, RF_F_KIND_SHARERS, -1, kind, (double)of->sharers);
        rf_put_part(row, RF_F_KIND_SHARERS_MAX, -1, kind, of->sharers_max);
        rf_put_part(row, RF_F_KIND_BUTTERFLIES, -1, kind, (double)closed);
    }
}
