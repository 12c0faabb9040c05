/* order.c - sorts the edges of each node by time, and lists the pairs. */
#include "order_int.h"

#include <string.h>

#include "rf_mem.h"
#include "rf_rng.h"

#define RUNS_A_TASK 256
#define FEW 24 /* edges that are sorted in place */
#define BUCKETS 1024
#define AHEAD 16 /* edges that are called from memory before they are looked at */

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

/* ---- sorting ---- */

typedef struct occurrence { /* of an edge */
    uint64_t key;
    uint32_t edge;
} occurrence;

static void insert_each(occurrence *at, int64_t n)
{
    for (int64_t i = 1; i < n; i++) {
        const occurrence moved = at[i];
        int64_t k = i;
        for (; k > 0 && at[k - 1].key > moved.key; k--)
            at[k] = at[k - 1];
        at[k] = moved;
    }
}

/* By key; what has one key keeps its order. About as many buckets of one width as there are rows leave each
 * bucket with few; one that has many is sorted in the same way. */
static void sort_keys(occurrence *at, occurrence *spare, int64_t n)
{
    int64_t next[BUCKETS];
    uint64_t low = UINT64_MAX, high = 0;
    int shift = 0;
    for (int64_t i = 0; i < n; i++) {
        low = at[i].key < low ? at[i].key : low;
        high = at[i].key > high ? at[i].key : high;
    }
    if (low >= high)
        return;
    while ((high - low) >> shift >= BUCKETS || (high - low) >> shift >= (uint64_t)n)
        shift++;
    const int64_t used = (int64_t)((high - low) >> shift) + 1;
    memset(next, 0, (size_t)used * sizeof *next);
    for (int64_t i = 0; i < n; i++)
        next[(at[i].key - low) >> shift]++;
    for (int64_t b = 0, from = 0; b < used; b++) {
        const int64_t many = next[b];
        next[b] = from;
        from += many;
    }
    for (int64_t i = 0; i < n; i++)
        spare[next[(at[i].key - low) >> shift]++] = at[i];
    memcpy(at, spare, (size_t)n * sizeof *at);
    for (int64_t b = 0, from = 0; from < n; from = next[b++]) {
        if (next[b] - from > FEW)
            sort_keys(at + from, spare + from, next[b] - from);
        else
            insert_each(at + from, next[b] - from);
    }
}

/* ---- order of time ---- */

typedef struct sort_task {
    const rf_adj *adj;
    const int64_t *time;           /* [edges] or NULL */
    const uint64_t *user, *entity; /* hashes of ids */
    const int64_t *ptr;
    int64_t n;
    const uint32_t *by_node; /* [edges], or NULL: they are in the order of nodes */
    occurrence *at, *spare;  /* [edges] */
    uint32_t *out;           /* [edges] */
} sort_task;

/* Those of one time, by the hash of their ends. */
static void sort_ties(const sort_task *task, int64_t from, int64_t to)
{
    for (int64_t i = from; i < to; i++) {
        const uint32_t edge = task->at[i].edge;
        task->at[i].key =
            rf_mix64(task->user[task->adj->e_u[edge]] ^ rf_mix64(task->entity[task->adj->e_v[edge]]));
    }
    sort_keys(task->at + from, task->spare + from, to - from);
}

static void sort_run(const sort_task *task, int64_t from, int64_t to)
{
    for (int64_t i = from; i < to; i++) {
        const uint32_t edge = task->by_node != NULL ? task->by_node[i] : (uint32_t)i;
        if (task->by_node != NULL && task->time != NULL && i + AHEAD < to)
            __builtin_prefetch(&task->time[task->by_node[i + AHEAD]]);
        const int64_t time = task->time != NULL ? task->time[edge] : 0;
        task->at[i] = (occurrence){.key = (uint64_t)time + (UINT64_C(1) << 63), .edge = edge};
    }
    if (to - from > FEW)
        sort_keys(task->at + from, task->spare + from, to - from);
    else
        insert_each(task->at + from, to - from);
    for (int64_t i = from, end; i < to; i = end) {
        const uint64_t key = task->at[i].key;
        for (end = i + 1; end < to && task->at[end].key == key; end++)
            continue;
        if (end - i > 1)
            sort_ties(task, i, end);
    }
    for (int64_t i = from; i < to; i++)
        task->out[i] = task->at[i].edge;
}

static void sort_runs(void *context, int64_t index, int worker)
{
    (void)worker;
    const sort_task *task = context;
    for (int64_t i = index * RUNS_A_TASK; i < (index + 1) * RUNS_A_TASK && i < task->n; i++)
        sort_run(task, task->ptr[i], task->ptr[i + 1]);
}

rf_status rf_time_order_make(rf_time_order *out, const rf_graph *graph, int sides, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &graph->adj;
    uint64_t *user = NULL, *entity = NULL;
    occurrence *at = NULL, *spare = NULL;
    *out = (rf_time_order){.ptr = {adj->u_ptr, adj->v_ptr}, .n = {adj->n_u, adj->n_v}};
    RF_TRY(hash_ids(&user, &graph->side[RF_USER], err));
    RF_TRY(hash_ids(&entity, &graph->side[RF_ENTITY], err));
    RF_NEW(at, adj->n_e, err);
    RF_NEW(spare, adj->n_e, err);
    for (int s = 0; s < sides; s++) {
        RF_NEW(out->edge[s], adj->n_e, err);
        sort_task task = {.adj = adj,
                          .time = graph->side[RF_EDGE].first_us,
                          .user = user,
                          .entity = entity,
                          .ptr = out->ptr[s],
                          .n = out->n[s],
                          .by_node = s == RF_USER ? NULL : adj->v_edge,
                          .at = at,
                          .spare = spare,
                          .out = out->edge[s]};
        rf_pool_run(pool, (task.n + RUNS_A_TASK - 1) / RUNS_A_TASK, sort_runs, &task);
    }
done:
    rf_mem_free(user);
    rf_mem_free(entity);
    rf_mem_free(at);
    rf_mem_free(spare);
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

static bool are_distinct(const rf_adj *adj)
{
    for (int64_t e = 1; e < adj->n_e; e++) {
        if (adj->e_v[e] == adj->e_v[e - 1] && adj->e_u[e] == adj->e_u[e - 1])
            return false;
    }
    return true;
}

rf_status rf_arranged_make(rf_arranged *out, const rf_graph *graph, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    *out = (rf_arranged){.timeless = rf_graph_timeless(graph), .borrows_pairs = are_distinct(&graph->adj)};
    RF_TRY(rf_time_order_make(&out->order, graph, 2, pool, err));
    RF_NEW(out->pair_of, graph->adj.n_e, err);
    if (out->borrows_pairs) {
        out->pairs = graph->adj;
        for (int64_t e = 0; e < graph->adj.n_e; e++)
            out->pair_of[e] = (uint32_t)e;
    } else {
        RF_TRY(rf_adj_distinct(&out->pairs, out->pair_of, &graph->adj, err));
    }
done:
    if (st < 0)
        rf_arranged_clear(out);
    return st;
}

void rf_arranged_clear(rf_arranged *arranged)
{
    rf_time_order_clear(&arranged->order);
    if (!arranged->borrows_pairs)
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
