/* node_parts.c - finds the most surprising edges of each node, once, and adds up their parts. */
#include <math.h>

#include "rf_calibration.h"
#include "rf_mem.h"
#include "row_blocks_int.h"
#include "surprise_int.h"
#include "tails_int.h"

#define BLOCK_ROWS 4096
#define AHEAD 24             /* edges that are called from memory before they are looked at */
#define BEYOND_ORDINARY 0.01 /* of users, if all were ordinary */

const double rf_surprise_worst[RF_SURPRISE_WORST] = {0.5, 0.3, 0.2};

typedef struct worst_edges { /* of a node, the worst first; RF_NO_EDGE where it has fewer */
    uint32_t edge[RF_SURPRISE_WORST];
    float shared;
} worst_edges;

typedef struct node_task {
    const rf_node_edges *edges;
    float *const *node;
    float *all;
    worst_edges *worst; /* [n], or NULL: they are found where they are needed */
    double beyond;      /* so many nats are ordinary, and left out */
} node_task;

static void find_worst(worst_edges *out, const rf_node_edges *edges, int64_t row)
{
    float nats[RF_SURPRISE_WORST];
    int n = 0;
    for (int k = 0; k < RF_SURPRISE_WORST; k++)
        out->edge[k] = RF_NO_EDGE;
    for (int64_t i = edges->ptr[row]; i < edges->ptr[row + 1]; i++) {
        const uint32_t edge = edges->id != NULL ? edges->id[i] : (uint32_t)i;
        if (edges->id != NULL && i + AHEAD < edges->ptr[row + 1])
            __builtin_prefetch(&edges->total[edges->id[i + AHEAD]]);
        const float total = edges->total[edge];
        if (n == RF_SURPRISE_WORST && !(total > nats[n - 1]))
            continue;
        n += n < RF_SURPRISE_WORST;
        int at = n - 1;
        for (; at > 0 && total > nats[at - 1]; at--) {
            out->edge[at] = out->edge[at - 1];
            nats[at] = nats[at - 1];
        }
        out->edge[at] = edge;
        nats[at] = total;
    }
}

static float shared_by(const rf_node_edges *edges, int64_t row)
{
    float most = 0;
    for (int64_t i = edges->ptr[row]; edges->shared != NULL && i < edges->ptr[row + 1]; i++) {
        const float own = edges->shared[edges->entity[i]];
        most = own > most ? own : most;
    }
    return most;
}

static double sum_of(const float *nats, const worst_edges *worst)
{
    double sum = 0;
    for (int k = 0; k < RF_SURPRISE_WORST && worst->edge[k] != RF_NO_EDGE; k++)
        sum += rf_surprise_worst[k] * (double)nats[worst->edge[k]];
    return sum;
}

static double all_of(const rf_node_edges *edges, const worst_edges *worst)
{
    return RF_SURPRISE_SHARED * (double)worst->shared + sum_of(edges->total, worst);
}

static worst_edges worst_of(const node_task *task, int64_t row)
{
    worst_edges worst;
    if (task->worst != NULL)
        return task->worst[row];
    find_worst(&worst, task->edges, row);
    worst.shared = shared_by(task->edges, row);
    return worst;
}

/* The worst of each node, and what they have together. */
static void find_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const node_task *task = context;
    const int64_t last = rf_row_block_end(index, BLOCK_ROWS, task->edges->n);
    for (int64_t row = index * BLOCK_ROWS; row < last; row++) {
        find_worst(&task->worst[row], task->edges, row);
        task->worst[row].shared = shared_by(task->edges, row);
        task->all[row] = (float)all_of(task->edges, &task->worst[row]);
    }
}

static void add_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const node_task *task = context;
    const rf_node_edges *edges = task->edges;
    const int64_t last = rf_row_block_end(index, BLOCK_ROWS, edges->n);
    for (int64_t row = index * BLOCK_ROWS; row < last; row++) {
        const worst_edges worst = worst_of(task, row);
        const double all = all_of(edges, &worst), share = all > task->beyond ? 1 - task->beyond / all : 0;
        if (task->all != NULL)
            task->all[row] = (float)(share * all);
        for (int p = 0; p < RF_PARTS; p++) {
            if (task->node[p] != NULL && edges->part[p] != NULL && rf_part_table[p].in_total)
                task->node[p][row] += (float)(share * sum_of(edges->part[p], &worst));
        }
        if (edges->shared != NULL)
            task->node[RF_PART_SHARED][row] += (float)(share * RF_SURPRISE_SHARED * (double)worst.shared);
    }
}

void rf_node_parts(float *const node[RF_PARTS], float *all, const rf_node_edges *edges, rf_pool *pool)
{
    node_task task = {.edges = edges, .node = node, .all = all};
    rf_pool_run(pool, rf_row_blocks(edges->n, BLOCK_ROWS), add_block, &task);
}

/* Above it a share BEYOND_ORDINARY of the nodes would lie if all were as their bulk. Never below 0: where all
 * that nodes have is the rounding of a sure meeting's structure (-1e-12), nothing is beyond. */
static rf_status ordinary_most(double *out, const float *nats, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_ranked *sorted = NULL;
    rf_bulk bulk;
    *out = 0;
    RF_TRY(rf_rank_sort_floats(&sorted, n, nats, err));
    RF_TRY(rf_bulk_fit(&bulk, sorted, n, err));
    if (bulk.scale > 0)
        *out = bulk.start + bulk.scale * fmax(log(bulk.share / BEYOND_ORDINARY), 0);
    else if (n > 0)
        *out = rf_quantile(nats, n, 1 - BEYOND_ORDINARY);
    *out = fmax(*out, 0);
done:
    rf_mem_free(sorted);
    return st;
}

rf_status rf_node_parts_beyond(float *const node[RF_PARTS], float *all, const rf_node_edges *edges,
                               rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t blocks = rf_row_blocks(edges->n, BLOCK_ROWS);
    node_task task = {.edges = edges, .node = node, .all = all};
    if (edges->n == 0)
        goto done;
    RF_NEW(task.worst, edges->n, err);
    rf_pool_run(pool, blocks, find_block, &task);
    RF_TRY(ordinary_most(&task.beyond, all, edges->n, err));
    rf_pool_run(pool, blocks, add_block, &task);
done:
    rf_mem_free(task.worst);
    return st;
}
