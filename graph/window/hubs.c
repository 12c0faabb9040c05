/* hubs.c - entities with so many users that sharing one says nothing: the address of a mobile carrier, a
 * text of two words.
 *
 * They stay in the graph with their own features and in the counts of their users. Their edges stay out of
 * it, so that they carry no messages, join no rings and cost little. Who is one depends on the window alone.
 */
#include <math.h>

#include "bigraph_int.h"
#include "rf_mem.h"
#include "sort_int.h"
#include "window_int.h"

/* By the percentile: where most entities have one user, two are no crowd; and where all have crowds, one in
 * so many of all users is one nevertheless. */
#define CROWD_LEAST 50
#define CROWD_ONE_IN 100

/* Distinct users of each entity. */
static rf_status count_users(int64_t **out, const rf_adj *adj, bool events, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(*out, adj->n_v, err);
    for (int64_t v = 0; v < adj->n_v; v++) {
        int64_t last = -1; /* an entity's edges are in the order of their users */
        if (!events) {
            (*out)[v] = adj->v_ptr[v + 1] - adj->v_ptr[v];
            continue;
        }
        for (int64_t i = adj->v_ptr[v]; i < adj->v_ptr[v + 1]; i++) {
            int64_t u = adj->e_u[adj->v_edge[i]];
            (*out)[v] += u != last;
            last = u;
        }
    }
done:
    return st;
}

/* The least number of users that makes a hub. */
static rf_status find_bound(int64_t *out, const rf_kind *kind, const int64_t *users, int64_t n,
                            int64_t n_users, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sort_key *sorted = NULL;
    int64_t bound = INT64_MAX;
    if (kind->hub_percentile > 0 && n > 0) {
        RF_NEW(sorted, n, err);
        for (int64_t v = 0; v < n; v++)
            sorted[v] = (rf_sort_key){.key = (uint64_t)users[v]};
        rf_sort_keys(sorted, (size_t)n, NULL, NULL);
        int64_t row = (int64_t)ceil(kind->hub_percentile * (double)n - 1e-6) - 1;
        row = row < 0 ? 0 : row >= n ? n - 1 : row;
        bound = (int64_t)sorted[row].key + 1;
        bound = bound > n_users / CROWD_ONE_IN ? n_users / CROWD_ONE_IN + 1 : bound;
        bound = bound < CROWD_LEAST ? CROWD_LEAST : bound;
    }
    if (kind->hub_degree > 0 && kind->hub_degree < bound)
        bound = kind->hub_degree;
    *out = bound;
done:
    rf_mem_free(sorted);
    return st;
}

/* The edges of the others. */
static rf_status keep_edges(rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &view->adj;
    uint32_t *e_u = NULL, *e_v = NULL;
    int64_t n = 0;
    for (int64_t e = 0; e < adj->n_e; e++)
        n += view->hub[adj->e_v[e]] == 0;
    if (n == adj->n_e)
        return RF_OK;
    RF_NEW(e_u, n, err);
    RF_NEW(e_v, n, err);
    RF_NEW(view->kept_edge, n, err);
    n = 0;
    for (int64_t e = 0; e < adj->n_e; e++) {
        if (view->hub[adj->e_v[e]] != 0)
            continue;
        e_u[n] = adj->e_u[e];
        e_v[n] = adj->e_v[e];
        view->kept_edge[n++] = (uint32_t)e;
    }
    view->kept = &view->own_kept;
    st = rf_adj_adopt(&view->own_kept, adj->n_u, adj->n_v, n, e_u, e_v, err);
    e_u = e_v = NULL;
done:
    rf_mem_free(e_u);
    rf_mem_free(e_v);
    return st;
}

rf_status rf_view_find_hubs(rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &view->adj;
    const rf_schema *schema = view->options->schema;
    int64_t *users = NULL, bound = 0;
    view->kept = adj;
    if (schema->n_kinds > 0 &&
        (schema->kinds[view->kind].hub_percentile > 0 || schema->kinds[view->kind].hub_degree > 0)) {
        RF_TRY(count_users(&users, adj, view->relation->store.codec.ids, err));
        RF_TRY(find_bound(&bound, &schema->kinds[view->kind], users, adj->n_v, adj->n_u, err));
        RF_NEW(view->hub, adj->n_v, err);
        for (int64_t v = 0; v < adj->n_v; v++)
            view->hub[v] = users[v] >= bound;
        RF_TRY(keep_edges(view, err));
    }
    view->side[RF_EDGE].n = view->kept->n_e;
done:
    rf_mem_free(users);
    return st;
}
