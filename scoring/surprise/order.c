/* order.c - sorts the edges of each node by time, and lists the pairs. */
#include "order_int.h"

#include <stdlib.h>

#include "rf_mem.h"
#include "rf_rng.h"

#define RUNS_A_TASK 256

static uint64_t hash_id(const rf_graph_side *side, int64_t row)
{
    char number[32];
    uint64_t hash = 0;
    for (const char *at = rf_graph_id(side, row, number); *at != '\0'; at++)
        hash = rf_mix64(hash ^ (unsigned char)*at);
    return hash;
}

static rf_status hash_ids(uint64_t **out, const rf_graph_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    RF_NEW(*out, side->n, err);
    for (int64_t i = 0; i < side->n; i++)
        (*out)[i] = hash_id(side, i);
done:
    return st;
}

/* ---- order of time ---- */

typedef struct occurrence { /* of an edge */
    int64_t time;
    uint64_t tie;
    uint32_t edge;
} occurrence;

static int by_time(const void *left, const void *right)
{
    const occurrence *a = left, *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->tie != b->tie)
        return a->tie < b->tie ? -1 : 1;
    return (a->edge > b->edge) - (a->edge < b->edge);
}

typedef struct sort_task {
    occurrence *at; /* [edges], by node */
    const int64_t *ptr;
    int64_t n;
} sort_task;

static void sort_runs(void *context, int64_t index, int worker)
{
    (void)worker;
    const sort_task *task = context;
    for (int64_t i = index * RUNS_A_TASK; i < (index + 1) * RUNS_A_TASK && i < task->n; i++)
        qsort(task->at + task->ptr[i], (size_t)(task->ptr[i + 1] - task->ptr[i]), sizeof *task->at, by_time);
}

rf_status rf_time_order_make(rf_time_order *out, const rf_graph *graph, int sides, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &graph->adj;
    const int64_t *time = graph->side[RF_EDGE].first_us;
    uint64_t *user = NULL, *entity = NULL;
    occurrence *at = NULL;
    *out = (rf_time_order){.ptr = {adj->u_ptr, adj->v_ptr}, .n = {adj->n_u, adj->n_v}};
    RF_TRY(hash_ids(&user, &graph->side[RF_USER], err));
    RF_TRY(hash_ids(&entity, &graph->side[RF_ENTITY], err));
    RF_NEW(at, adj->n_e, err);
    for (int s = 0; s < sides; s++) {
        sort_task task = {.at = at, .ptr = out->ptr[s], .n = out->n[s]};
        RF_NEW(out->edge[s], adj->n_e, err);
        for (int64_t i = 0; i < adj->n_e; i++) {
            const uint32_t edge = s == RF_USER ? (uint32_t)i : adj->v_edge[i];
            at[i] = (occurrence){.time = time != NULL ? time[edge] : 0,
                                 .tie = rf_mix64(user[adj->e_u[edge]] ^ rf_mix64(entity[adj->e_v[edge]])),
                                 .edge = edge};
        }
        rf_pool_run(pool, (task.n + RUNS_A_TASK - 1) / RUNS_A_TASK, sort_runs, &task);
        for (int64_t i = 0; i < adj->n_e; i++)
            out->edge[s][i] = at[i].edge;
    }
done:
    rf_mem_free(user);
    rf_mem_free(entity);
    rf_mem_free(at);
    if (st < 0)
        rf_time_order_clear(out);
    return st;
}

void rf_time_order_clear(rf_time_order *order)
{
    rf_mem_free(order->edge[0]);
    rf_mem_free(order->edge[1]);
    *order = (rf_time_order){0};
}

void rf_edges_before(uint32_t *before, const rf_time_order *order, int side)
{
    const uint32_t *edge = order->edge[side];
    for (int64_t i = 0; i < order->n[side]; i++) {
        for (int64_t k = order->ptr[side][i]; k < order->ptr[side][i + 1]; k++)
            before[edge[k]] = k > order->ptr[side][i] ? edge[k - 1] : RF_NO_EDGE;
    }
}

/* ---- all that is arranged ---- */

rf_status rf_arranged_make(rf_arranged *out, const rf_graph *graph, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    *out = (rf_arranged){.timeless = rf_graph_timeless(graph)};
    RF_TRY(rf_time_order_make(&out->order, graph, 2, pool, err));
    RF_NEW(out->pair_of, graph->adj.n_e, err);
    RF_TRY(rf_adj_distinct(&out->pairs, out->pair_of, &graph->adj, err));
done:
    if (st < 0)
        rf_arranged_clear(out);
    return st;
}

void rf_arranged_clear(rf_arranged *arranged)
{
    rf_time_order_clear(&arranged->order);
    rf_adj_clear(&arranged->pairs);
    rf_mem_free(arranged->pair_of);
    *arranged = (rf_arranged){0};
}

bool rf_graph_timeless(const rf_graph *graph)
{
    const rf_graph_side *edges = &graph->side[RF_EDGE];
    if (edges->first_us == NULL)
        return true;
    for (int64_t i = 1; i < edges->n; i++) {
        if (edges->first_us[i] != edges->first_us[0])
            return false;
    }
    return true;
}
