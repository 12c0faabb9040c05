/* surprise.c - the parts of every edge, and of every node out of its most surprising edges. */
#include "rf_surprise.h"

#include <math.h>
#include <string.h>

#include "burst_int.h"
#include "lockstep_int.h"
#include "order_int.h"
#include "overlap_parts_int.h"
#include "partial_int.h"
#include "rf_hot.h"
#include "rf_mem.h"
#include "row_blocks_int.h"
#include "sequence_int.h"
#include "tail_sum_int.h"
#include "tails_int.h"

#define BLOCK_ROWS 4096
#define ANCHOR_QUANTILE 0.95
#define SUPPORT_REACH 4 /* edges before and after */

static const double weight[RF_PARTS] = {
    [RF_PART_RAW_TAIL] = 1, [RF_PART_RESIDUAL] = 0.5, [RF_PART_PARTIAL_RESIDUAL] = 0.5,
    [RF_PART_LOCKSTEP] = 1, [RF_PART_STRUCTURE] = 1,  [RF_PART_OWN_RESIDUAL] = 0.5};
const double rf_surprise_worst[RF_SURPRISE_WORST] = {0.5, 0.3, 0.2};

/* part *= weight A: one scale for all parts. */
static void anchor(float *part, int64_t n, double by)
{
    if (n == 0)
        return;
    double high = rf_quantile(part, n, ANCHOR_QUANTILE) / -log(1 - ANCHOR_QUANTILE);
    double factor = by / (high > 1 ? high : 1);
    for (int64_t i = 0; i < n; i++)
        part[i] = (float)((double)part[i] * factor);
}

typedef struct parts_task {
    float *const *part; /* [RF_PARTS] of edges */
    float *total;       /* of edges */
    int64_t n;
} parts_task;

static void anchor_one(void *context, int64_t p, int worker)
{
    const parts_task *task = context;
    (void)worker;
    if (task->part[p] != NULL && weight[p] > 0)
        anchor(task->part[p], task->n, weight[p]);
}

/* total += the parts in the total. */
static void add_total(void *context, int64_t index, int worker)
{
    const parts_task *task = context;
    (void)worker;
    for (int p = 0; p < RF_PARTS; p++) {
        const float *part = task->part[p];
        for (int64_t i = index * BLOCK_ROWS;
             part != NULL && rf_part_table[p].in_total && i < rf_row_block_end(index, BLOCK_ROWS, task->n);
             i++)
            task->total[i] += part[i];
    }
}

static void add_neighbours(void *context, int64_t index, int worker)
{
    const parts_task *task = context;
    (void)worker;
    for (int64_t i = index * BLOCK_ROWS; i < rf_row_block_end(index, BLOCK_ROWS, task->n); i++)
        task->total[i] += task->part[RF_PART_NEIGHBOURS][i];
}

/* ---- edges ---- */

typedef struct before_task {
    uint32_t *before[2];
    const rf_time_order *order;
} before_task;

static void find_before(void *context, int64_t side, int worker)
{
    const before_task *task = context;
    (void)worker;
    rf_edges_before(task->before[side], task->order, (int)side);
}

/* raw_tail, residual and partial_residual. */
static rf_status column_parts(float *part[RF_PARTS], const rf_surprise_input *in, const rf_time_order *order,
                              rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *x = &in->seen->side[RF_EDGE];
    const rf_made_rows xhat = rf_outputs_rows(in->outputs, RF_EDGE, x->n, x->d);
    before_task of = {.order = order};
    rf_real *factor = NULL;
    for (int s = 0; s < 2; s++)
        RF_NEW(of.before[s], x->n, err);
    rf_pool_run(pool, 2, find_before, &of);
    RF_NEW(factor, (size_t)x->d * (size_t)x->d, err);
    RF_TRY(rf_partial_factor(factor, x->x, &xhat, x->n, x->d, pool, err));
    float *const out[] = {part[RF_PART_RAW_TAIL], part[RF_PART_RESIDUAL], part[RF_PART_PARTIAL_RESIDUAL]};
    const rf_tail_sum sums[] = {
        {.x = x->x, .n = x->n, .d = x->d, .threshold = 3, .forms = x, .before = {of.before[0], of.before[1]}},
        {.x = x->x, .minus = &xhat, .n = x->n, .d = x->d, .threshold = 2, .see = in->see, .seer = in->seer},
        {.x = x->x, .minus = &xhat, .factor = factor, .n = x->n, .d = x->d, .threshold = 2}};
    RF_TRY(rf_tails_sum_all(out, sums, 3, pool, err));
done:
    rf_mem_free(factor);
    rf_mem_free(of.before[0]);
    rf_mem_free(of.before[1]);
    return st;
}

/* The parts of each edge by itself. */
static rf_status edge_parts(float *part[RF_PARTS], const rf_surprise_input *in, const rf_arranged *arranged,
                            rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n = in->graph->side[RF_EDGE].n;
    for (int p = 0; p < RF_PARTS; p++) {
        if (rf_part_table[p].of[RF_EDGE])
            RF_ZERO(part[p], n, err);
    }
    RF_TRY(column_parts(part, in, &arranged->order, pool, err));
    rf_outputs_end_edges(in->outputs);
    RF_TRY(rf_lockstep(part[RF_PART_LOCKSTEP], in->graph, arranged, pool, err));
    for (int64_t i = 0; i < n; i++)
        part[RF_PART_STRUCTURE][i] = (float)in->ce[i];
    rf_pool_run(pool, RF_PARTS, anchor_one, &(parts_task){.part = part, .n = n});
done:
    return st;
}

typedef struct support_task {
    const uint32_t *edge; /* in order of time */
    const int64_t *ptr;
    int64_t n;
    const float *alone; /* e0, [edges] */
    float *out;
    float **of_run; /* [threads] scratch: e0 of a run, SUPPORT_REACH zeros on either side */
    float **support;
} support_task;

/* out[i]: the mean of the values on either side of x[i], at most x[i]. */
RF_HOT static void support_each(float *restrict out, const float *restrict x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        double sum = 0;
        for (int k = -SUPPORT_REACH; k <= SUPPORT_REACH; k++)
            sum += k != 0 ? (double)x[i + k] : 0;
        const double own = (double)x[i], support = sum / (2 * SUPPORT_REACH);
        out[i] = (float)(support < own ? support : own);
    }
}

/* Adds to each edge of the runs what its neighbours in time support. */
static void support_runs(void *context, int64_t index, int worker)
{
    const support_task *task = context;
    float *alone = task->of_run[worker] + SUPPORT_REACH, *support = task->support[worker];
    const int64_t last = rf_row_block_end(index, BLOCK_ROWS, task->n);
    for (int64_t run = index * BLOCK_ROWS; run < last; run++) {
        const uint32_t *edge = task->edge + task->ptr[run];
        const int64_t n = task->ptr[run + 1] - task->ptr[run];
        for (int64_t i = 0; i < n; i++)
            alone[i] = task->alone[edge[i]];
        memset(alone + n, 0, SUPPORT_REACH * sizeof *alone);
        support_each(support, alone, n);
        for (int64_t i = 0; i < n; i++)
            task->out[edge[i]] += support[i];
    }
}

static int64_t longest_run(const rf_time_order *order)
{
    int64_t longest = 0;
    for (int s = 0; s < 2; s++) {
        for (int64_t i = 0; i < order->n[s]; i++) {
            const int64_t n = order->ptr[s][i + 1] - order->ptr[s][i];
            longest = n > longest ? n : longest;
        }
    }
    return longest;
}

/* total holds e0 of each edge. */
static rf_status neighbours(float *out, const float *total, const rf_time_order *order, rf_pool *pool,
                            rf_err *err)
{
    rf_status st = RF_OK;
    const int threads = rf_pool_threads(pool);
    const int64_t longest = longest_run(order);
    support_task task = {.alone = total, .out = out};
    RF_ZERO(task.of_run, threads, err);
    RF_ZERO(task.support, threads, err);
    for (int i = 0; i < threads; i++) {
        RF_ZERO(task.of_run[i], longest + 2 * SUPPORT_REACH, err);
        RF_NEW(task.support[i], longest, err);
    }
    for (int s = 0; s < 2; s++) {
        task.edge = order->edge[s];
        task.ptr = order->ptr[s];
        task.n = order->n[s];
        rf_pool_run(pool, rf_row_blocks(task.n, BLOCK_ROWS), support_runs, &task);
    }
done:
    for (int i = 0; i < threads; i++) {
        rf_mem_free(task.of_run != NULL ? task.of_run[i] : NULL);
        rf_mem_free(task.support != NULL ? task.support[i] : NULL);
    }
    rf_mem_free(task.of_run);
    rf_mem_free(task.support);
    return st;
}

/* ---- nodes ---- */

typedef struct node_task {
    float *const *edge; /* [RF_PARTS] */
    float **node;       /* [RF_PARTS] */
    const float *total; /* [edges] */
    const int64_t *ptr;
    const uint32_t *id; /* of the node's edges, NULL: they are ptr[] to ptr[+ 1] themselves */
    int64_t n;
} node_task;

/* The parts of a node are those of its worst edges, by their totals. */
static void node_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const node_task *task = context;
    const int64_t last = rf_row_block_end(index, BLOCK_ROWS, task->n);
    for (int64_t row = index * BLOCK_ROWS; row < last; row++) {
        uint32_t worst[RF_SURPRISE_WORST];
        float nats[RF_SURPRISE_WORST];
        int n = 0;
        for (int64_t i = task->ptr[row]; i < task->ptr[row + 1]; i++) {
            const uint32_t edge = task->id != NULL ? task->id[i] : (uint32_t)i;
            const float total = task->total[edge];
            if (n == RF_SURPRISE_WORST && !(total > nats[n - 1]))
                continue;
            n += n < RF_SURPRISE_WORST;
            int at = n - 1;
            for (; at > 0 && total > nats[at - 1]; at--) {
                worst[at] = worst[at - 1];
                nats[at] = nats[at - 1];
            }
            worst[at] = edge;
            nats[at] = total;
        }
        for (int p = 0; p < RF_PARTS; p++) {
            double sum = 0;
            for (int k = 0; k < n && task->edge[p] != NULL; k++)
                sum += rf_surprise_worst[k] * (double)task->edge[p][worst[k]];
            if (task->node[p] != NULL && task->edge[p] != NULL && rf_part_table[p].in_total)
                task->node[p][row] = (float)sum;
        }
    }
}

static rf_status node_parts(float *part[RF_PARTS], rf_side side, float *const edge[RF_PARTS],
                            const float *total, const rf_surprise_input *in, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &in->graph->adj;
    const rf_graph_side *x = &in->seen->side[side];
    for (int p = 0; p < RF_PARTS; p++) {
        if (rf_part_table[p].of[rf_side_role(side)])
            RF_ZERO(part[p], x->n, err);
    }
    bool is_user = rf_side_role(side) == RF_USER;
    node_task task = {.edge = edge,
                      .node = part,
                      .total = total,
                      .ptr = is_user ? adj->u_ptr : adj->v_ptr,
                      .id = is_user ? NULL : adj->v_edge,
                      .n = x->n};
    rf_pool_run(pool, rf_row_blocks(x->n, BLOCK_ROWS), node_block, &task);
    const rf_made_rows xhat = rf_outputs_rows(in->outputs, side, x->n, x->d);
    const rf_tail_sum left = {.x = x->x, .minus = &xhat, .n = x->n, .d = x->d, .threshold = 2};
    RF_TRY(rf_tails_sum(part[RF_PART_OWN_RESIDUAL], &left, pool, err));
    anchor(part[RF_PART_OWN_RESIDUAL], x->n, weight[RF_PART_OWN_RESIDUAL]);
done:
    return st;
}

/* ---- all ---- */

static void plan_arranged(rf_memory_plan *plan)
{
    const int64_t n = plan->size.n[RF_EDGE];
    plan->rows[RF_EDGE] += n * 3 * (int64_t)sizeof(uint32_t);
    /* The distinct pairs, where they are not the edges. */
    plan->reserved += n * 3 * (int64_t)sizeof(uint32_t);
    plan->reserved += (plan->size.n[RF_USER] + plan->size.n[RF_ENTITY]) * (int64_t)sizeof(int64_t);
}

static void plan_parts(rf_memory_plan *plan, rf_side side)
{
    for (int p = 0; p < RF_PARTS; p++)
        plan->rows[side] +=
            rf_part_table[p].of[rf_side_role(side)] ? plan->size.n[side] * (int64_t)sizeof(float) : 0;
}

void rf_surprise_plan_parts(rf_memory_plan *plan)
{
    for (rf_side side = 0; side < RF_SIDES; side++)
        plan_parts(plan, side);
}

void rf_surprise_plan_columns(rf_memory_plan *plan, int threads)
{
    const int64_t n = plan->size.n[RF_EDGE], d = plan->size.d[RF_EDGE];
    const bool is_made = n > RF_EDGES_KEPT;
    plan_arranged(plan);
    plan_parts(plan, RF_EDGE);
    plan->rows[RF_EDGE] += n * 2 * (int64_t)sizeof(uint32_t); /* before */
    plan->fixed += d * d * (int64_t)sizeof(rf_real);          /* factor */
    rf_memory_plan factor = *plan;
    rf_partial_plan(&factor, RF_EDGE, is_made, threads);
    rf_tails_sum_plan(plan, RF_EDGE, 3, is_made, threads);
    rf_memory_plan_raise(plan, &factor);
}

void rf_surprise_plan_rest(rf_memory_plan *plan, int threads)
{
    plan_arranged(plan);
    plan_parts(plan, RF_EDGE);
    plan->rows[RF_EDGE] += plan->size.n[RF_EDGE] * (int64_t)sizeof(float); /* total */
    rf_memory_plan lockstep = *plan;
    rf_lockstep_plan(&lockstep, threads);
    plan_parts(plan, RF_USER);
    rf_memory_plan users = *plan;
    rf_tails_sum_plan(&users, RF_USER, 1, false, threads);
    plan_parts(plan, RF_ENTITY);
    rf_memory_plan entities = *plan;
    rf_tails_sum_plan(&entities, RF_ENTITY, 1, false, threads);
    plan->rows[RF_EDGE] += plan->size.n[RF_EDGE] * RF_SEQUENCE_BYTES;
    rf_memory_plan_raise(plan, &lockstep);
    rf_memory_plan_raise(plan, &users);
    rf_memory_plan_raise(plan, &entities);
}

rf_status rf_surprise_parts(float *part[RF_SIDES][RF_PARTS], const rf_surprise_input *in, rf_pool *pool,
                            rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n_edges = in->graph->side[RF_EDGE].n, blocks = rf_row_blocks(n_edges, BLOCK_ROWS);
    float *total = NULL;
    rf_arranged arranged = {0};
    RF_TRY(rf_arranged_make(&arranged, in->graph, pool, err));
    RF_TRY(edge_parts(part[RF_EDGE], in, &arranged, pool, err));
    RF_ZERO(total, n_edges, err);
    parts_task all = {part[RF_EDGE], total, n_edges};
    rf_pool_run(pool, blocks, add_total, &all);
    RF_TRY(neighbours(part[RF_EDGE][RF_PART_NEIGHBOURS], total, &arranged.order, pool, err));
    rf_pool_run(pool, blocks, add_neighbours, &all);
    RF_TRY(node_parts(part[RF_USER], RF_USER, part[RF_EDGE], total, in, pool, err));
    RF_TRY(node_parts(part[RF_ENTITY], RF_ENTITY, part[RF_EDGE], total, in, pool, err));
    RF_TRY(rf_part_overlap(part[RF_EDGE][RF_PART_OVERLAP], part[RF_USER][RF_PART_OVERLAP],
                           part[RF_ENTITY][RF_PART_OVERLAP], &arranged, pool, err));
    RF_TRY(rf_part_copied(part[RF_EDGE][RF_PART_COPIED], part[RF_USER][RF_PART_COPIED],
                          part[RF_ENTITY][RF_PART_COPIED], &arranged, pool, err));
    RF_TRY(rf_part_sequence(part[RF_EDGE][RF_PART_SEQUENCE], part[RF_USER][RF_PART_SEQUENCE], in->graph,
                            &arranged, pool, err));
    RF_TRY(rf_part_burst(part[RF_EDGE][RF_PART_BURST], part[RF_USER][RF_PART_BURST],
                         part[RF_ENTITY][RF_PART_BURST], in->graph, &arranged, pool, err));
done:
    rf_arranged_clear(&arranged);
    rf_mem_free(total);
    return st;
}
