/* adj.c - both directions of the frozen graph's adjacency, built by counting.
 */
#include "rf_adj.h"

#include <inttypes.h>
#include <string.h>

#include "rf_mem.h"

static rf_status check_edges(int64_t n_u, int64_t n_v, int64_t n_e, const uint32_t *e_u, const uint32_t *e_v,
                             rf_err *err)
{
    rf_status st = RF_OK;
    if (n_u < 0 || n_v < 0 || n_e < 0 || n_u >= UINT32_MAX || n_v >= UINT32_MAX || n_e >= UINT32_MAX)
        RF_FAIL(err, RF_E_FORMAT,
                "%" PRId64 " users, %" PRId64 " entities, %" PRId64 " edges: each must be below 2^32 - 1",
                n_u, n_v, n_e);
    for (int64_t e = 0; e < n_e; e++) {
        if (e_u[e] >= n_u || e_v[e] >= n_v)
            RF_FAIL(err, RF_E_FORMAT,
                    "edge %" PRId64 " joins user %" PRIu32 " and entity %" PRIu32
                    ", but there are only %" PRId64 " and %" PRId64,
                    e, e_u[e], e_v[e], n_u, n_v);
        if (e > 0 && (e_u[e] < e_u[e - 1] || (e_u[e] == e_u[e - 1] && e_v[e] < e_v[e - 1])))
            RF_FAIL(err, RF_E_FORMAT,
                    "edge %" PRId64 " (user %" PRIu32 ", entity %" PRIu32
                    ") follows a greater one: edges must be sorted by (user, entity)",
                    e, e_u[e], e_v[e]);
    }
done:
    return st;
}

/* ptr[i + 1] counts the edges of node i; afterwards ptr[i] is where they begin. */
static void count_edges(int64_t *ptr, const uint32_t *node, int64_t n, int64_t n_e)
{
    memset(ptr, 0, (size_t)(n + 1) * sizeof *ptr);
    for (int64_t e = 0; e < n_e; e++)
        ptr[node[e] + 1]++;
    for (int64_t i = 0; i < n; i++)
        ptr[i + 1] += ptr[i];
}

rf_status rf_adj_adopt(rf_adj *adj, int64_t n_u, int64_t n_v, int64_t n_e, uint32_t *e_u, uint32_t *e_v,
                       rf_err *err)
{
    rf_status st = RF_OK;
    rf_adj out = {.n_u = n_u, .n_v = n_v, .n_e = n_e, .e_u = e_u, .e_v = e_v};
    RF_TRY(check_edges(n_u, n_v, n_e, e_u, e_v, err));
    RF_NEW(out.u_ptr, n_u + 1, err);
    RF_NEW(out.v_ptr, n_v + 1, err);
    RF_NEW(out.v_edge, n_e, err);
    count_edges(out.u_ptr, e_u, n_u, n_e);
    count_edges(out.v_ptr, e_v, n_v, n_e);
    for (int64_t e = 0; e < n_e; e++)
        out.v_edge[out.v_ptr[e_v[e]]++] = (uint32_t)e;
    for (int64_t v = n_v; v > 0; v--) /* each start has moved to the next one's */
        out.v_ptr[v] = out.v_ptr[v - 1];
    out.v_ptr[0] = 0;
    *adj = out;
    out = (rf_adj){0};
done:
    rf_adj_clear(&out);
    return st;
}

rf_status rf_adj_init(rf_adj *adj, int64_t n_u, int64_t n_v, int64_t n_e, const uint32_t *e_u,
                      const uint32_t *e_v, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = n_e < 0 ? 0 : n_e;
    uint32_t *u = NULL, *v = NULL;
    RF_NEW(u, n, err);
    RF_NEW(v, n, err);
    for (int64_t e = 0; e < n; e++) {
        u[e] = e_u[e];
        v[e] = e_v[e];
    }
    st = rf_adj_adopt(adj, n_u, n_v, n_e, u, v, err);
    u = v = NULL;
done:
    rf_mem_free(u);
    rf_mem_free(v);
    return st;
}

rf_status rf_adj_distinct(rf_adj *out, uint32_t *pair_of, const rf_adj *adj, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = 0;
    uint32_t *u = NULL, *v = NULL;
    for (int64_t e = 0; e < adj->n_e; e++)
        n += e == 0 || adj->e_u[e] != adj->e_u[e - 1] || adj->e_v[e] != adj->e_v[e - 1];
    RF_NEW(u, n, err);
    RF_NEW(v, n, err);
    n = 0;
    for (int64_t e = 0; e < adj->n_e; e++) {
        if (n == 0 || u[n - 1] != adj->e_u[e] || v[n - 1] != adj->e_v[e]) {
            u[n] = adj->e_u[e];
            v[n++] = adj->e_v[e];
        }
        if (pair_of != NULL)
            pair_of[e] = (uint32_t)(n - 1);
    }
    st = rf_adj_adopt(out, adj->n_u, adj->n_v, n, u, v, err);
    u = v = NULL;
done:
    rf_mem_free(u);
    rf_mem_free(v);
    return st;
}

void rf_adj_clear(rf_adj *adj)
{
    if (adj == NULL)
        return;
    rf_mem_free(adj->e_u);
    rf_mem_free(adj->e_v);
    rf_mem_free(adj->u_ptr);
    rf_mem_free(adj->v_ptr);
    rf_mem_free(adj->v_edge);
    *adj = (rf_adj){0};
}

int64_t rf_adj_users_of(const rf_adj *adj, int64_t v)
{
    int64_t n = 0, last = -1; /* edges are in the order of users */
    for (int64_t i = adj->v_ptr[v]; i < adj->v_ptr[v + 1]; i++) {
        const int64_t user = adj->e_u[adj->v_edge[i]];
        n += user != last;
        last = user;
    }
    return n;
}
