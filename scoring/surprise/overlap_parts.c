/* overlap_parts.c - what the pairs share, the way round that the voice asks for, as nats of edges and nodes.
 */
#include "overlap_parts_int.h"

#include "rf_mem.h"
#include "rf_surprise.h"
#include "row_blocks_int.h"

#define ROWS_A_TASK 1024

typedef struct spread_task {
    const float *nats;       /* [pairs] */
    const uint32_t *pair_of; /* [edges] */
    float *edge, *node;
    int64_t n;
    const int64_t *ptr; /* pairs of node i: list[ptr[i]] and on, or ptr[i] and on themselves */
    const uint32_t *list;
} spread_task;

static void give_edges(void *context, int64_t index, int worker)
{
    const spread_task *task = context;
    (void)worker;
    for (int64_t e = index * ROWS_A_TASK; e < rf_row_block_end(index, ROWS_A_TASK, task->n); e++)
        task->edge[e] = task->nats[task->pair_of[e]];
}

static void give_nodes(void *context, int64_t index, int worker)
{
    const spread_task *task = context;
    (void)worker;
    for (int64_t i = index * ROWS_A_TASK; i < rf_row_block_end(index, ROWS_A_TASK, task->n); i++) {
        float worst[RF_SURPRISE_WORST] = {0};
        double sum = 0;
        for (int64_t k = task->ptr[i]; k < task->ptr[i + 1]; k++) {
            float x = task->nats[task->list != NULL ? task->list[k] : k];
            for (int w = 0; w < RF_SURPRISE_WORST; w++) {
                if (x > worst[w]) {
                    float smaller = worst[w];
                    worst[w] = x;
                    x = smaller;
                }
            }
        }
        for (int w = 0; w < RF_SURPRISE_WORST; w++)
            sum += rf_surprise_worst[w] * (double)worst[w];
        task->node[i] = (float)sum;
    }
}

static void run(const spread_task *task, void (*give)(void *, int64_t, int), rf_pool *pool)
{
    spread_task copy = *task;
    rf_pool_run(pool, rf_row_blocks(task->n, ROWS_A_TASK), give, &copy);
}

static rf_status spread(float *edge, float *user, float *entity, const rf_arranged *arranged, rf_side anchors,
                        rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *pairs = &arranged->pairs;
    const int64_t n_edges = arranged->order.ptr[RF_USER][pairs->n_u];
    float *nats = NULL;
    RF_NEW(nats, pairs->n_e, err);
    RF_TRY(rf_overlap_nats(nats, pairs, anchors, anchors == RF_ENTITY, pool, err));
    run(&(spread_task){.nats = nats, .pair_of = arranged->pair_of, .edge = edge, .n = n_edges}, give_edges,
        pool);
    run(&(spread_task){.nats = nats, .node = user, .n = pairs->n_u, .ptr = pairs->u_ptr}, give_nodes, pool);
    run(
        &(spread_task){
            .nats = nats, .node = entity, .n = pairs->n_v, .ptr = pairs->v_ptr, .list = pairs->v_edge},
        give_nodes, pool);
done:
    rf_mem_free(nats);
    return st;
}

rf_status rf_part_overlap(float *edge, float *user, float *entity, const rf_arranged *arranged, rf_pool *pool,
                          rf_err *err)
{
    return spread(edge, user, entity, arranged, RF_ENTITY, pool, err);
}

rf_status rf_part_copied(float *edge, float *user, float *entity, const rf_arranged *arranged, rf_pool *pool,
                         rf_err *err)
{
    return spread(edge, user, entity, arranged, RF_USER, pool, err);
}
