/* surprise.c - the parts of every edge, kind by kind, and those of nodes out of them (node_parts.c). What it
 * takes: surprise_plan.c. */
#include "rf_surprise.h"

#include <math.h>
#include <string.h>

#include "burst_int.h"
#include "company_int.h"
#include "lockstep_int.h"
#include "neighbours_int.h"
#include "order_int.h"
#include "overlap_parts_int.h"
#include "partial_int.h"
#include "rf_mem.h"
#include "row_blocks_int.h"
#include "sequence_int.h"
#include "surprise_int.h"
#include "tail_sum_int.h"
#include "tails_int.h"

#define BLOCK_ROWS 4096
#define ANCHOR_QUANTILE 0.95
#define SHARER_MOST 10.0F /* nats that an edge has of each part of its user */

static const double weight[RF_PARTS] = {
    [RF_PART_RAW_TAIL] = 1, [RF_PART_RESIDUAL] = 0.5, [RF_PART_PARTIAL_RESIDUAL] = 0.5,
    [RF_PART_LOCKSTEP] = 1, [RF_PART_STRUCTURE] = 1,  [RF_PART_OWN_RESIDUAL] = 0.5};
enum { OF_ANY_KIND = RF_VOICES_OF_ANY_KIND };
static const rf_part_id of_any_kind[OF_ANY_KIND] = {RF_PART_OVERLAP, RF_PART_COPIED};

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

static rf_status new_parts(float *part[RF_PARTS], rf_side side, int64_t n, int n_kinds, rf_err *err)
{
    rf_status st = RF_OK;
    for (int p = 0; p < RF_PARTS; p++) {
        if (rf_side_has_part(side, p, n_kinds))
            RF_ZERO(part[p], n, err);
    }
done:
    return st;
}

/* What comes after it leaves these parts as they are. */
static rf_status tell_parts(float *const part[RF_PARTS], const rf_surprise_input *in, rf_part_id from,
                            rf_part_id to, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_surprise_listener *listener = in->listener;
    for (rf_part_id p = from; listener != NULL && p <= to; p++) {
        if (part[p] != NULL)
            RF_TRY(listener->part(listener->context, in->kind, p, part[p], err));
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
    if (in->listener != NULL)
        RF_TRY(in->listener->rows(in->listener->context, in->kind, err));
    RF_TRY(rf_lockstep(part[RF_PART_LOCKSTEP], in->graph, arranged, pool, err));
    for (int64_t i = 0; i < n; i++)
        part[RF_PART_STRUCTURE][i] = (float)in->ce[i];
    rf_pool_run(pool, RF_PARTS, anchor_one, &(parts_task){.part = part, .n = n});
done:
    return st;
}

/* ---- kinds ---- */

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
    RF_TRY(rf_part_neighbours(part[RF_PART_NEIGHBOURS], kind->total, &kind->arranged.order, pool, err));
    rf_pool_run(pool, blocks, add_neighbours, &all);
    RF_TRY(tell_parts(part, in, RF_PART_RAW_TAIL, RF_PART_NEIGHBOURS, err));
done:
    return st;
}

/* What entities have by themselves; rf_node_parts adds what their edges have. */
static rf_status begin_entities(float *entity[RF_PARTS], const rf_surprise_input *in, int n_kinds,
                                rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_side side = rf_entity_side(in->kind);
    RF_TRY(new_parts(entity, side, in->graph->adj.n_v, n_kinds, err));
    RF_TRY(own_residual(entity[RF_PART_OWN_RESIDUAL], side, in, pool, err));
done:
    return st;
}

/* ---- from users to their edges ---- */

typedef struct sharer_task {
    float *const *user, *sharer, *total;
    const rf_adj *adj;
} sharer_task;

static void add_sharer(void *context, int64_t index, int worker)
{
    const sharer_task *task = context;
    const float *shared = task->user[RF_PART_SHARED], *company = task->user[RF_PART_COMPANY];
    (void)worker;
    for (int64_t i = index * BLOCK_ROWS; i < rf_row_block_end(index, BLOCK_ROWS, task->adj->n_e); i++) {
        const uint32_t u = task->adj->e_u[i];
        task->sharer[i] = (shared[u] < SHARER_MOST ? shared[u] : SHARER_MOST) +
                          (company[u] < SHARER_MOST ? company[u] : SHARER_MOST);
        task->total[i] += task->sharer[i];
    }
}

/* Edges take what their users share, when users have taken what their edges are without it; then entities
 * take what their edges are. */
static rf_status settle_edges(rf_surprise_nats *out, kind_nats *kind, const rf_surprise_input *in,
                              int n_kinds, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    for (int k = 0; k < n_kinds; k++) {
        const rf_adj *adj = &in[k].graph->adj;
        float **edge = out->part[rf_edge_side(k)];
        if (n_kinds > 1) {
            RF_NEW(edge[RF_PART_SHARER], adj->n_e, err);
            sharer_task task = {out->part[RF_USER], edge[RF_PART_SHARER], kind[k].total, adj};
            rf_pool_run(pool, rf_row_blocks(adj->n_e, BLOCK_ROWS), add_sharer, &task);
        }
        const rf_node_edges edges = {
            .part = edge, .total = kind[k].total, .ptr = adj->v_ptr, .id = adj->v_edge, .n = adj->n_v};
        rf_node_parts(out->part[rf_entity_side(k)], NULL, &edges, pool);
    }
done:
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
        rf_node_edges edges = {.part = out->part[rf_edge_side(k)],
                               .total = kind[k].total,
                               .ptr = in[k].graph->adj.u_ptr,
                               .n = n};
        if (n_kinds > 1)
            RF_NEW(out->of_kind[k], n, err);
        if (k == 0) {
            rf_node_parts(user, out->of_kind[k], &edges, pool);
            continue;
        }
        edges.entity = in[k].graph->adj.e_v;
        edges.shared = out->part[rf_entity_side(k)][RF_PART_OWN_RESIDUAL];
        RF_TRY(rf_node_parts_beyond(user, out->of_kind[k], &edges, pool, err));
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
    RF_TRY(tell_parts(edge, in, RF_PART_OVERLAP, RF_PART_COPIED, err));
    if (in->kind == 0) {
        RF_TRY(
            rf_part_sequence(edge[RF_PART_SEQUENCE], user[RF_PART_SEQUENCE], in->graph, arranged, pool, err));
        RF_TRY(tell_parts(edge, in, RF_PART_SEQUENCE, RF_PART_SEQUENCE, err));
    }
    RF_TRY(rf_part_burst(edge[RF_PART_BURST], user[RF_PART_BURST], entity[RF_PART_BURST], in->graph, arranged,
                         pool, err));
done:
    return st;
}

/* Edges and entities of a kind beside the main one. most: of users, the voices of the kinds so far. */
static rf_status other_kind(rf_surprise_nats *out, kind_nats *kind, float *most[RF_PARTS],
                            const rf_surprise_input *in, int n_kinds, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n_u = in->graph->side[RF_USER].n;
    float **entity = out->part[rf_entity_side(in->kind)], **edge = out->part[rf_edge_side(in->kind)];
    float *user[RF_PARTS] = {NULL};
    RF_TRY(total_parts(kind, edge, in, pool, err));
    RF_TRY(begin_entities(entity, in, n_kinds, pool, err));
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
    RF_TRY(begin_entities(entity, in, n_kinds, pool, err));
    RF_TRY(settle_edges(out, kind, in, n_kinds, pool, err));
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
        RF_TRY(other_kind(out, &kind[k], most, &in[k], n_kinds, pool, err));
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
