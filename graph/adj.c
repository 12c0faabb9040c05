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
                    ") stands behind a greater one: edges must "
                    "be sorted by (user, entity)",
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

static void list_entity_edges(rf_adj *adj)
{
    for (int64_t e = 0; e < adj->n_e; e++)
        adj->v_edge[adj->v_ptr[adj->e_v[e]]++] = (uint32_t)e;
    for (int64_t v = adj->n_v; v > 0; v--) /* each start has moved to the next one's */
        adj->v_ptr[v] = adj->v_ptr[v - 1];
    adj->v_ptr[0] = 0;
}

rf_status rf_adj_adopt(rf_adj *adj, int64_t n_u, int64_t n_v, int64_t n_e, uint32_t *e_u, uint32_t *e_v,
                       rf_err *err)
{
    rf_status st = RF_OK;
    rf_adj out = {.n_u = n_u, .n_v = n_v, .n_e = n_e, .e_u = e_u, .e_v = e_v};
    RF_TRY(check_edges(n_u, n_v, n_e, e_u, e_v, err));
    out.u_ptr = rf_mem_new((size_t)n_u + 1, sizeof *out.u_ptr, err);
    out.v_ptr = rf_mem_new((size_t)n_v + 1, sizeof *out.v_ptr, err);
    out.v_edge = rf_mem_new((size_t)n_e, sizeof *out.v_edge, err);
    if (out.u_ptr == NULL || out.v_ptr == NULL || out.v_edge == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    count_edges(out.u_ptr, e_u, n_u, n_e);
    count_edges(out.v_ptr, e_v, n_v, n_e);
    list_entity_edges(&out);
    *adj = out;
    out = (rf_adj){0};
done:
    rf_adj_clear(&out);
    return st;
}

static uint32_t *copy_of(const uint32_t *from, int64_t n, rf_err *err)
{
    uint32_t *copy = rf_mem_new(n < 0 ? 0 : (size_t)n, sizeof *copy, err);
    if (copy != NULL && n > 0)
        memcpy(copy, from, (size_t)n * sizeof *copy);
    return copy;
}

rf_status rf_adj_init(rf_adj *adj, int64_t n_u, int64_t n_v, int64_t n_e, const uint32_t *e_u,
                      const uint32_t *e_v, rf_err *err)
{
    uint32_t *u = copy_of(e_u, n_e, err), *v = copy_of(e_v, n_e, err);
    if (u == NULL || v == NULL) {
        rf_mem_free(u);
        rf_mem_free(v);
        return RF_E_NOMEM;
    }
    return rf_adj_adopt(adj, n_u, n_v, n_e, u, v, err);
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
