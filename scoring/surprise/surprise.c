/* surprise.c - the parts of every edge, and of every node out of its most surprising edges. */
#include "rf_surprise.h"

#include <math.h>
#include <string.h>

#include "burst_int.h"
#include "company_int.h"
#include "lockstep_int.h"
#include "order_int.h"
#include "overlap_parts_int.h"
#include "partial_int.h"
#include "rf_calibration.h"
#include "rf_hot.h"
#include "rf_mem.h"
#include "row_blocks_int.h"
#include "sequence_int.h"
#include "tail_sum_int.h"
#include "tails_int.h"

#define BLOCK_ROWS 4096
#define ANCHOR_QUANTILE 0.95
#define SUPPORT_REACH 4      /* edges before and after */
#define VOICE_BYTES 80       /* an edge: lockstep has most, rf_lockstep_plan */
#define BEYOND_ORDINARY 0.01 /* of users, if all were ordinary */

static const double weight[RF_PARTS] = {
    [RF_PART_RAW_TAIL] = 1, [RF_PART_RESIDUAL] = 0.5, [RF_PART_PARTIAL_RESIDUAL] = 0.5,
    [RF_PART_LOCKSTEP] = 1, [RF_PART_STRUCTURE] = 1,  [RF_PART_OWN_RESIDUAL] = 0.5};
const double rf_surprise_worst[RF_SURPRISE_WORST] = {0.5, 0.3, 0.2};
static const rf_part_id of_any_kind[] = {RF_PART_OVERLAP, RF_PART_COPIED}; /* voices of users */
enum { OF_ANY_KIND = sizeof of_any_kind / sizeof *of_any_kind };

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
    const rf_made_rows xhat = rf_outputs_rows(in->outputs, rf_edge_side(in->kind), x->n, x->d);
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

/* The order of events is that of the main kind, which has them all. */
static bool has_part(rf_side side, int part, int n_kinds)
{
    const bool is_of_kinds = part == RF_PART_SHARED || part == RF_PART_COMPANY;
    return rf_part_table[part].of[rf_side_role(side)] && (n_kinds > 1 || !is_of_kinds) &&
           (part != RF_PART_SEQUENCE || rf_side_kind(side) == 0);
}

static rf_status new_parts(float *part[RF_PARTS], rf_side side, int64_t n, int n_kinds, rf_err *err)
{
    rf_status st = RF_OK;
    for (int p = 0; p < RF_PARTS; p++) {
        if (has_part(side, p, n_kinds))
            RF_ZERO(part[p], n, err);
    }
done:
    return st;
}

/* The parts of each edge by itself. */
static rf_status edge_parts(float *part[RF_PARTS], const rf_surprise_input *in, const rf_arranged *arranged,
                            rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n = in->graph->side[RF_EDGE].n;
    RF_TRY(new_parts(part, rf_edge_side(in->kind), n, 1, err));
    RF_TRY(column_parts(part, in, &arranged->order, pool, err));
    if (in->kind == 0) /* the last one */
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

typedef struct node_task { /* of one kind's edges */
    float *const *edge;    /* [RF_PARTS] */
    float **node;          /* [RF_PARTS], what is added to; NULL: only all is asked for */
    float *all;            /* [n] nats of the edges, or NULL */
    double beyond;         /* so many of them are ordinary, and left out */
    const float *total;    /* [edges] */
    const int64_t *ptr;
    const uint32_t *id;     /* of the node's edges, NULL: they are ptr[] to ptr[+ 1] themselves */
    const uint32_t *entity; /* [edges], and */
    const float *shared;    /* [entities]: their own_residual, of which the node has the most; or NULL */
    int64_t n;
} node_task;

typedef struct worst_edges { /* of a node, the worst first */
    int n;
    uint32_t edge[RF_SURPRISE_WORST];
    float nats[RF_SURPRISE_WORST];
} worst_edges;

static void find_worst(worst_edges *out, const node_task *task, int64_t row)
{
    out->n = 0;
    for (int64_t i = task->ptr[row]; i < task->ptr[row + 1]; i++) {
        const uint32_t edge = task->id != NULL ? task->id[i] : (uint32_t)i;
        const float total = task->total[edge];
        if (out->n == RF_SURPRISE_WORST && !(total > out->nats[out->n - 1]))
            continue;
        out->n += out->n < RF_SURPRISE_WORST;
        int at = out->n - 1;
        for (; at > 0 && total > out->nats[at - 1]; at--) {
            out->edge[at] = out->edge[at - 1];
            out->nats[at] = out->nats[at - 1];
        }
        out->edge[at] = edge;
        out->nats[at] = total;
    }
}

static double shared_by(const node_task *task, int64_t row)
{
    float most = 0;
    for (int64_t i = task->ptr[row]; task->shared != NULL && i < task->ptr[row + 1]; i++) {
        const float own = task->shared[task->entity[i]];
        most = own > most ? own : most;
    }
    return RF_SURPRISE_SHARED * (double)most;
}

/* The parts of a node are those of its worst edges, by their totals. */
static void node_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const node_task *task = context;
    const int64_t last = rf_row_block_end(index, BLOCK_ROWS, task->n);
    for (int64_t row = index * BLOCK_ROWS; row < last; row++) {
        worst_edges worst;
        const double shared = shared_by(task, row);
        double all = shared;
        find_worst(&worst, task, row);
        for (int k = 0; k < worst.n; k++)
            all += rf_surprise_worst[k] * (double)worst.nats[k];
        const double share = all > task->beyond ? 1 - task->beyond / all : 0;
        if (task->all != NULL)
            task->all[row] = (float)(share * all);
        for (int p = 0; p < RF_PARTS && task->node != NULL; p++) {
            double sum = 0;
            for (int k = 0; k < worst.n && task->edge[p] != NULL; k++)
                sum += rf_surprise_worst[k] * (double)task->edge[p][worst.edge[k]];
            if (task->node[p] != NULL && task->edge[p] != NULL && rf_part_table[p].in_total)
                task->node[p][row] += (float)(share * sum);
        }
        if (task->node != NULL && task->shared != NULL)
            task->node[RF_PART_SHARED][row] += (float)(share * shared);
    }
}

static rf_status own_residual(float *part, rf_side side, const rf_surprise_input *in, rf_pool *pool,
                              rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *x = &in->seen->side[rf_side_role(side)];
    const rf_made_rows xhat = rf_outputs_rows(in->outputs, side, x->n, x->d);
    const rf_tail_sum left = {.x = x->x, .minus = &xhat, .n = x->n, .d = x->d, .threshold = 2};
    RF_TRY(rf_tails_sum(part, &left, pool, err));
    anchor(part, x->n, weight[RF_PART_OWN_RESIDUAL]);
done:
    return st;
}

/* ---- all ---- */

static void plan_arranged(rf_memory_plan *plan, int kind)
{
    const rf_side edges = rf_edge_side(kind);
    const int64_t n = plan->size.n[edges];
    plan->rows[edges] += n * 3 * (int64_t)sizeof(uint32_t);
    /* The distinct pairs, where they are not the edges. */
    plan->reserved += n * 3 * (int64_t)sizeof(uint32_t);
    plan->reserved += (plan->size.n[RF_USER] + plan->size.n[rf_entity_side(kind)]) * (int64_t)sizeof(int64_t);
}

static void plan_parts(rf_memory_plan *plan, rf_side side)
{
    const int n_kinds = rf_kinds_n(&plan->size.kinds);
    int64_t row = side == RF_USER && n_kinds > 1 ? n_kinds : 0;
    for (int p = 0; p < RF_PARTS; p++)
        row += has_part(side, p, n_kinds);
    plan->rows[side] += row * plan->size.n[side] * (int64_t)sizeof(float);
}

void rf_surprise_plan_parts(rf_memory_plan *plan)
{
    for (rf_side side = 0; side < rf_sides(&plan->size.kinds); side++)
        plan_parts(plan, side);
}

/* What is kept of the other kinds, which come before the main one: parts, total, voices of users. */
static void plan_others(rf_memory_plan *plan)
{
    const int n_kinds = rf_kinds_n(&plan->size.kinds);
    for (int k = 1; k < n_kinds; k++) {
        plan_parts(plan, rf_entity_side(k));
        plan_parts(plan, rf_edge_side(k));
        plan->rows[rf_edge_side(k)] += plan->size.n[rf_edge_side(k)] * (int64_t)sizeof(float);
    }
    if (n_kinds > 1)
        plan->rows[RF_USER] += plan->size.n[RF_USER] * OF_ANY_KIND * (int64_t)sizeof(float);
}

static void plan_columns(rf_memory_plan *plan, int kind, int threads)
{
    const rf_side edges = rf_edge_side(kind);
    const int64_t n = plan->size.n[edges], d = plan->size.d[edges];
    const bool is_made = n > RF_EDGES_KEPT;
    plan_arranged(plan, kind);
    plan->rows[edges] += n * 2 * (int64_t)sizeof(uint32_t); /* before */
    plan->fixed += d * d * (int64_t)sizeof(rf_real);        /* factor */
    rf_memory_plan factor = *plan;
    rf_partial_plan(&factor, edges, is_made, threads);
    rf_tails_sum_plan(plan, edges, 3, is_made, threads);
    rf_memory_plan_raise(plan, &factor);
}

/* The edges' parts of another kind in the total, and its voices with those of its users. */
static void plan_voices(rf_memory_plan *plan, int kind, int threads)
{
    const rf_side edges = rf_edge_side(kind), entities = rf_entity_side(kind);
    plan_arranged(plan, kind);
    plan->rows[RF_USER] += plan->size.n[RF_USER] * (RF_PARTS - RF_PART_OVERLAP) * (int64_t)sizeof(float);
    rf_tails_sum_plan(plan, entities, 1, false, threads);
    plan->rows[edges] += plan->size.n[edges] * VOICE_BYTES;
}

void rf_surprise_plan_columns(rf_memory_plan *plan, int threads)
{
    plan_others(plan);
    const rf_memory_plan others = *plan;
    plan_parts(plan, RF_EDGE);
    plan_columns(plan, 0, threads);
    for (int k = 1; k < rf_kinds_n(&plan->size.kinds); k++) {
        rf_memory_plan columns = others, after = others;
        plan_columns(&columns, k, threads);
        plan_voices(&after, k, threads);
        rf_memory_plan_raise(plan, &columns);
        rf_memory_plan_raise(plan, &after);
    }
}

void rf_surprise_plan_rest(rf_memory_plan *plan, int threads)
{
    plan_others(plan);
    plan_arranged(plan, 0);
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

typedef struct kind_nats { /* what is made of one kind before its users' */
    rf_arranged arranged;
    float *total; /* [edges] */
} kind_nats;

/* Edges' parts in the total. */
static rf_status total_parts(kind_nats *kind, float *part[RF_PARTS], const rf_surprise_input *in,
                             rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n_edges = in->graph->side[RF_EDGE].n, blocks = rf_row_blocks(n_edges, BLOCK_ROWS);
    RF_TRY(rf_arranged_make(&kind->arranged, in->graph, pool, err));
    RF_TRY(edge_parts(part, in, &kind->arranged, pool, err));
    RF_ZERO(kind->total, n_edges, err);
    parts_task all = {part, kind->total, n_edges};
    rf_pool_run(pool, blocks, add_total, &all);
    RF_TRY(neighbours(part[RF_PART_NEIGHBOURS], kind->total, &kind->arranged.order, pool, err));
    rf_pool_run(pool, blocks, add_neighbours, &all);
done:
    return st;
}

static rf_status entity_parts(float *entity[RF_PARTS], float *const edge[RF_PARTS], const kind_nats *kind,
                              const rf_surprise_input *in, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &in->graph->adj;
    node_task task = {.edge = edge,
                      .node = entity,
                      .total = kind->total,
                      .ptr = adj->v_ptr,
                      .id = adj->v_edge,
                      .n = adj->n_v};
    const rf_side side = rf_entity_side(in->kind);
    RF_TRY(new_parts(entity, side, adj->n_v, 1, err));
    rf_pool_run(pool, rf_row_blocks(task.n, BLOCK_ROWS), node_block, &task);
    RF_TRY(own_residual(entity[RF_PART_OWN_RESIDUAL], side, in, pool, err));
done:
    return st;
}

/* Above it a share BEYOND_ORDINARY of the users would lie if all were as their bulk. */
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
done:
    rf_mem_free(sorted);
    return st;
}

/* Of the main kind all, of the others what few users reach: what is ordinary in five kinds would add up to
 * what is odd in one. */
static rf_status user_parts(rf_surprise_nats *out, const kind_nats *kind, const rf_surprise_input *in,
                            int n_kinds, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    float **user = out->part[RF_USER];
    const int64_t n = in->graph->adj.n_u;
    RF_TRY(new_parts(user, RF_USER, n, n_kinds, err));
    for (int k = 0; k < n_kinds; k++) {
        node_task task = {.edge = out->part[rf_edge_side(k)],
                          .total = kind[k].total,
                          .ptr = in[k].graph->adj.u_ptr,
                          .n = n};
        if (n_kinds > 1) {
            RF_NEW(out->of_kind[k], n, err);
            task.all = out->of_kind[k];
        }
        if (k > 0 && n > 0) {
            task.entity = in[k].graph->adj.e_v;
            task.shared = out->part[rf_entity_side(k)][RF_PART_OWN_RESIDUAL];
            rf_pool_run(pool, rf_row_blocks(n, BLOCK_ROWS), node_block, &task);
            RF_TRY(ordinary_most(&task.beyond, task.all, n, err));
        }
        task.node = user;
        rf_pool_run(pool, rf_row_blocks(n, BLOCK_ROWS), node_block, &task);
    }
    RF_TRY(own_residual(user[RF_PART_OWN_RESIDUAL], RF_USER, in, pool, err));
    for (int k = 1; k < n_kinds; k++)
        RF_TRY(rf_part_company(user[RF_PART_COMPANY], out->of_kind[0], user[RF_PART_OWN_RESIDUAL],
                               &in[k].graph->adj, pool, err));
done:
    return st;
}

/* Voices of structure and pace; user is where those of the kind's users go. */
static rf_status voices(float *const user[RF_PARTS], float *const entity[RF_PARTS],
                        float *const edge[RF_PARTS], const rf_surprise_input *in, const rf_arranged *arranged,
                        rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_part_overlap(edge[RF_PART_OVERLAP], user[RF_PART_OVERLAP], entity[RF_PART_OVERLAP], arranged,
                           pool, err));
    RF_TRY(rf_part_copied(edge[RF_PART_COPIED], user[RF_PART_COPIED], entity[RF_PART_COPIED], arranged, pool,
                          err));
    if (in->kind == 0)
        RF_TRY(
            rf_part_sequence(edge[RF_PART_SEQUENCE], user[RF_PART_SEQUENCE], in->graph, arranged, pool, err));
    RF_TRY(rf_part_burst(edge[RF_PART_BURST], user[RF_PART_BURST], entity[RF_PART_BURST], in->graph, arranged,
                         pool, err));
done:
    return st;
}

/* Edges and entities of a kind beside the main one. most: of users, the voices of the kinds so far. */
static rf_status other_kind(rf_surprise_nats *out, kind_nats *kind, float *most[RF_PARTS],
                            const rf_surprise_input *in, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n_u = in->graph->side[RF_USER].n;
    float **entity = out->part[rf_entity_side(in->kind)], **edge = out->part[rf_edge_side(in->kind)];
    float *user[RF_PARTS] = {NULL};
    RF_TRY(total_parts(kind, edge, in, pool, err));
    RF_TRY(entity_parts(entity, edge, kind, in, pool, err));
    for (int p = RF_PART_OVERLAP; p < RF_PARTS; p++)
        RF_NEW(user[p], n_u, err);
    RF_TRY(voices(user, entity, edge, in, &kind->arranged, pool, err));
    for (int v = 0; v < OF_ANY_KIND; v++) {
        float *so_far = most[of_any_kind[v]];
        for (int64_t i = 0; i < n_u; i++)
            so_far[i] = user[of_any_kind[v]][i] > so_far[i] ? user[of_any_kind[v]][i] : so_far[i];
    }
done:
    rf_arranged_clear(&kind->arranged);
    for (int p = 0; p < RF_PARTS; p++)
        rf_mem_free(user[p]);
    return st;
}

/* The main kind, last: users' edges of all kinds are known. */
static rf_status main_kind(rf_surprise_nats *out, kind_nats *kind, const rf_surprise_input *in, int n_kinds,
                           rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    float **user = out->part[RF_USER], **entity = out->part[RF_ENTITY], **edge = out->part[RF_EDGE];
    RF_TRY(total_parts(&kind[0], edge, in, pool, err));
    RF_TRY(user_parts(out, kind, in, n_kinds, pool, err));
    RF_TRY(entity_parts(entity, edge, &kind[0], in, pool, err));
    RF_TRY(voices(user, entity, edge, in, &kind[0].arranged, pool, err));
done:
    rf_arranged_clear(&kind[0].arranged);
    return st;
}

rf_status rf_surprise_parts(rf_surprise_nats *out, const rf_surprise_input *in, int n_kinds, rf_pool *pool,
                            rf_err *err)
{
    rf_status st = RF_OK;
    kind_nats kind[RF_KINDS_MOST] = {0};
    float *most[RF_PARTS] = {NULL};
    for (int v = 0; v < OF_ANY_KIND && n_kinds > 1; v++)
        RF_ZERO(most[of_any_kind[v]], in->graph->side[RF_USER].n, err);
    for (int k = n_kinds - 1; k > 0; k--)
        RF_TRY(other_kind(out, &kind[k], most, &in[k], pool, err));
    RF_TRY(main_kind(out, kind, in, n_kinds, pool, err));
    for (int v = 0; v < OF_ANY_KIND && n_kinds > 1; v++) {
        const float *others = most[of_any_kind[v]];
        float *user = out->part[RF_USER][of_any_kind[v]];
        for (int64_t i = 0; i < in->graph->side[RF_USER].n; i++)
            user[i] = others[i] > user[i] ? others[i] : user[i];
    }
done:
    for (int k = 0; k < n_kinds; k++) {
        rf_arranged_clear(&kind[k].arranged);
        rf_mem_free(kind[k].total);
    }
    for (int p = 0; p < RF_PARTS; p++)
        rf_mem_free(most[p]);
    return st;
}
