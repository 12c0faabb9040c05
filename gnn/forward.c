/* forward.c - a training step from features to reconstructions, layer by layer; edges a block at a time.
 *
 * A hidden edge layer is stored once, as its linear output; e_h holds its activation only while the next
 * layer reads it. The last layer's edge output, the reconstruction, is not stored at all: its moments are
 * taken here, kind by kind when backward.c asks for them, which then computes its rows again. apply.c applies
 * a model.
 */
#include "graphbean_int.h"

const rf_real *layer_input(const rf_workspace *ws, int i, rf_side side)
{
    return i > 0 ? ws->layer[i - 1].h[side] : ws->in.x[side];
}

const rf_real *edge_input_rows(const rf_workspace *ws, int i, int kind, int64_t first, int64_t n,
                               rf_real *room)
{
    const rf_side edges = rf_edge_side(kind);
    if (i == 0)
        return ws->in.x[edges] + first * ws->model->conv[0][kind].d_e;
    const layer_memory *before = &ws->layer[i - 1];
    const rf_norm *norm = &before->norm[edges];
    rf_norm_rows(room, before->y[edges] + first * norm->d, first, n, norm, &before->act[edges]);
    return room;
}

void settle_norm(rf_workspace *ws, int i, rf_side side, const double *blocks, bool frozen,
                 bool update_running)
{
    const bn_params *bn = &ws->model->bn[i][side];
    rf_norm *norm = &ws->layer[i].norm[side];
    if (frozen || ws->n[side] == 0) {
        rf_norm_from_running(norm, bn->running_mean, bn->running_var);
        return;
    }
    rf_norm_from_moments(norm, blocks, ws->n[side]);
    if (update_running)
        rf_norm_update_running(bn->running_mean, bn->running_var, norm, ws->n[side]);
}

void finish_nodes(rf_workspace *ws, int i, bool frozen, bool update_running)
{
    layer_memory *layer = &ws->layer[i];
    for (rf_side side = RF_USER; side < ws->model->n_sides; side = next_nodes(side)) {
        int64_t n = ws->n[side];
        if (!frozen)
            rf_moments(ws->blocks, layer->y[side], n, width_of(ws->model, i, side), ws->pool);
        settle_norm(ws, i, side, ws->blocks, frozen, update_running);
        rf_norm_forward(layer->h[side], layer->y[side], n, &layer->norm[side], &layer->act[side], ws->pool);
    }
}

typedef struct edge_job {
    rf_workspace *ws;
    int i, kind;
    const rf_bean_conv *conv;
    const rf_real *xe;
    int64_t n_e;
} edge_job;

/* Linear outputs of a block. */
static void block_outputs(const edge_job *job, rf_real *y, int64_t first, int64_t n)
{
    const rf_workspace *ws = job->ws;
    rf_bean_conv_edge_rows(y, job->conv, ws->kind[job->kind].adj, ws->scratch.tu, ws->scratch.tv,
                           job->xe + first * job->conv->d_e, first, n);
}

static void hidden_edges_task(void *context, int64_t block, int worker)
{
    const edge_job *job = context;
    const int o = job->conv->o_e;
    int64_t first = block * RF_BLOCK, n = block_rows(job->n_e, block);
    rf_real *y = job->ws->layer[job->i].y[rf_edge_side(job->kind)] + first * o;
    double *moments = job->ws->kind[job->kind].e_blocks + block * 2 * o;
    (void)worker;
    block_outputs(job, y, first, n);
    rf_moments_block(moments, moments + o, y, n, o);
}

static void last_moments_task(void *context, int64_t block, int worker)
{
    const edge_job *job = context;
    rf_workspace *ws = job->ws;
    int d = job->conv->o_e;
    int64_t first = block * RF_BLOCK, n = block_rows(job->n_e, block);
    rf_real *y = ws->rows[0] + (int64_t)worker * RF_BLOCK * d;
    double *moments = ws->kind[job->kind].e_blocks + block * 2 * d;
    double *cross = ws->kind[job->kind].e_blocks + (rf_blocks(job->n_e) + block) * 2 * d;
    block_outputs(job, y, first, n);
    rf_moments_block(moments, moments + d, y, n, d);
    rf_cross_moments_block(cross, cross + d, ws->in.x[rf_edge_side(job->kind)] + first * d, y, moments, n, d);
}

/* e_h of the next layer. */
static void activate_task(void *context, int64_t block, int worker)
{
    const edge_job *job = context;
    int64_t first = block * RF_BLOCK;
    (void)worker;
    (void)edge_input_rows(job->ws, job->i + 1, job->kind, first, block_rows(job->n_e, block),
                          job->ws->kind[job->kind].e_h + first * job->conv->o_e);
}

void forward_edges(rf_workspace *ws, int i, int kind)
{
    const rf_graphbean *model = ws->model;
    const rf_bean_conv *conv = &model->conv[i][kind];
    const rf_side edges = rf_edge_side(kind);
    bool last = i == model->n_convs - 1;
    edge_job job = {.ws = ws, .i = i, .kind = kind, .conv = conv, .n_e = ws->n[edges]};
    job.xe = i == 0 ? ws->in.x[edges] : ws->kind[kind].e_h;
    int64_t blocks = rf_blocks(job.n_e);
    if (conv->o_e == 0)
        return;
    rf_bean_conv_tables(ws->scratch.tu, ws->scratch.tv, conv, ws->kind[kind].adj,
                        met_rows(ws, kind, layer_input(ws, i, RF_USER), conv->d_u),
                        layer_input(ws, i, rf_entity_side(kind)), ws->pool);
    rf_pool_run(ws->pool, blocks, last ? last_moments_task : hidden_edges_task, &job);
    settle_norm(ws, i, edges, ws->kind[kind].e_blocks, false, true);
    if (!last)
        rf_pool_run(ws->pool, blocks, activate_task, &job);
}

static void layer_messages(rf_workspace *ws, int i)
{
    for (int k = 0; k < ws->model->n_kinds; k++) {
        const rf_bean_conv *conv = &ws->model->conv[i][k];
        rf_bean_conv_messages(&ws->layer[i].saved[k], conv, ws->kind[k].adj,
                              met_rows(ws, k, layer_input(ws, i, RF_USER), conv->d_u),
                              layer_input(ws, i, rf_entity_side(k)),
                              i == 0 ? ws->in.x[rf_edge_side(k)] : ws->kind[k].e_h, ws->pool);
    }
}

void first_messages(rf_workspace *ws)
{
    layer_messages(ws, 0);
}

/* Linear outputs of users and entities from their messages. */
static void layer_nodes(rf_workspace *ws, int i)
{
    layer_memory *layer = &ws->layer[i];
    for (int k = 0; k < ws->model->n_kinds; k++) {
        const rf_bean_conv *conv = &ws->model->conv[i][k];
        const rf_adj *adj = ws->kind[k].adj;
        rf_real *to = begin_met(ws, k, layer->y[RF_USER], conv->o_u);
        rf_bean_conv_users(to, &layer->saved[k], conv, adj, ws->pool);
        end_met(ws, k, layer->y[RF_USER], conv->o_u);
        rf_bean_conv_entities(layer->y[rf_entity_side(k)], &layer->saved[k], conv, adj, ws->pool);
    }
}

void forward_layers(rf_workspace *ws)
{
    const rf_graphbean *model = ws->model;
    for (int i = 0; i < model->n_convs; i++) {
        if (i > 0)
            layer_messages(ws, i);
        layer_nodes(ws, i);
        finish_nodes(ws, i, false, true);
        for (int k = 0; k < model->n_kinds && i < model->n_convs - 1; k++)
            forward_edges(ws, i, k);
    }
}
