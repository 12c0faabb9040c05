/* forward.c - a training step from features to reconstructions, layer by layer; edges a block at a time.
 *
 * A hidden edge layer is stored once, as its linear output; e_h holds its activation only while the next
 * layer reads it. The last layer's edge output, the reconstruction, is not stored at all: its moments are
 * taken here, and backward.c computes its rows again. apply.c applies a model.
 */
#include "graphbean_int.h"

const rf_real *layer_input(const rf_workspace *ws, int i, rf_side side)
{
    if (i > 0)
        return ws->layer[i - 1].h[side];
    return side == RF_USER ? ws->in.xu : ws->in.xv;
}

const rf_real *edge_input_rows(const rf_workspace *ws, int i, int64_t first, int64_t n, rf_real *room)
{
    if (i == 0)
        return ws->in.xe + first * ws->model->conv[0].d_e;
    const layer_memory *before = &ws->layer[i - 1];
    rf_norm_rows(room, before->y[RF_EDGE] + first * before->norm[RF_EDGE].d, first, n, &before->norm[RF_EDGE],
                 &before->act[RF_EDGE]);
    return room;
}

void settle_norm(rf_workspace *ws, int i, rf_side side, const double *blocks, bool frozen,
                 bool update_running)
{
    const bn_params *bn = &ws->model->bn[i][side];
    rf_norm *norm = &ws->layer[i].norm[side];
    if (frozen) {
        rf_norm_from_running(norm, bn->running_mean, bn->running_var);
        return;
    }
    rf_norm_from_moments(norm, blocks, rows_of(ws, side));
    if (update_running)
        rf_norm_update_running(bn->running_mean, bn->running_var, norm, rows_of(ws, side));
}

void finish_nodes(rf_workspace *ws, int i, bool frozen, bool update_running)
{
    layer_memory *layer = &ws->layer[i];
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        int64_t n = rows_of(ws, side);
        if (!frozen)
            rf_moments(ws->blocks, layer->y[side], n, width_of(&ws->model->conv[i], side), ws->pool);
        settle_norm(ws, i, side, ws->blocks, frozen, update_running);
        rf_norm_forward(layer->h[side], layer->y[side], n, &layer->norm[side], &layer->act[side], ws->pool);
    }
}

typedef struct edge_job {
    rf_workspace *ws;
    int i;
    const rf_real *xe;
    rf_real *out;
} edge_job;

static void hidden_edges_task(void *context, int64_t block, int worker)
{
    const edge_job *job = context;
    rf_workspace *ws = job->ws;
    const rf_bean_conv *conv = &ws->model->conv[job->i];
    int64_t first = block * RF_BLOCK, n = block_rows(ws->in.adj->n_e, block);
    rf_real *y = ws->layer[job->i].y[RF_EDGE] + first * conv->o_e;
    double *moments = ws->e_blocks + block * 2 * conv->o_e;
    (void)worker;
    rf_bean_conv_edge_rows(y, conv, ws->in.adj, ws->scratch.tu, ws->scratch.tv, job->xe + first * conv->d_e,
                           first, n);
    rf_moments_block(moments, moments + conv->o_e, y, n, conv->o_e);
}

static void last_moments_task(void *context, int64_t block, int worker)
{
    const edge_job *job = context;
    rf_workspace *ws = job->ws;
    const rf_bean_conv *conv = &ws->model->conv[job->i];
    int d = conv->o_e;
    int64_t first = block * RF_BLOCK, n = block_rows(ws->in.adj->n_e, block);
    rf_real *y = ws->rows[0] + (int64_t)worker * RF_BLOCK * d;
    double *moments = ws->e_blocks + block * 2 * d;
    double *cross = ws->e_blocks + (rf_blocks(ws->in.adj->n_e) + block) * 2 * d;
    rf_bean_conv_edge_rows(y, conv, ws->in.adj, ws->scratch.tu, ws->scratch.tv, job->xe + first * conv->d_e,
                           first, n);
    rf_moments_block(moments, moments + d, y, n, d);
    rf_cross_moments_block(cross, cross + d, ws->in.xe + first * d, y, moments, n, d);
}

/* e_h of the next layer. */
static void activate_task(void *context, int64_t block, int worker)
{
    const edge_job *job = context;
    rf_workspace *ws = job->ws;
    int64_t first = block * RF_BLOCK;
    (void)worker;
    (void)edge_input_rows(ws, job->i + 1, first, block_rows(ws->in.adj->n_e, block),
                          ws->e_h + first * ws->model->conv[job->i].o_e);
}

static void forward_edges(rf_workspace *ws, int i)
{
    const rf_graphbean *model = ws->model;
    const rf_bean_conv *conv = &model->conv[i];
    bool last = i == model->n_convs - 1;
    int64_t blocks = rf_blocks(ws->in.adj->n_e);
    edge_job job = {.ws = ws, .i = i, .xe = i == 0 ? ws->in.xe : ws->e_h};
    if (conv->o_e == 0)
        return;
    rf_bean_conv_tables(ws->scratch.tu, ws->scratch.tv, conv, ws->in.adj, layer_input(ws, i, 0),
                        layer_input(ws, i, 1), ws->pool);
    rf_pool_run(ws->pool, blocks, last ? last_moments_task : hidden_edges_task, &job);
    settle_norm(ws, i, RF_EDGE, ws->e_blocks, false, true);
    if (!last)
        rf_pool_run(ws->pool, blocks, activate_task, &job);
}

void first_messages(rf_workspace *ws)
{
    rf_bean_conv_messages(&ws->layer[0].saved, &ws->model->conv[0], ws->in.adj, ws->in.xu, ws->in.xv,
                          ws->in.xe, ws->pool);
}

void forward_layers(rf_workspace *ws)
{
    const rf_graphbean *model = ws->model;
    for (int i = 0; i < model->n_convs; i++) {
        layer_memory *layer = &ws->layer[i];
        if (i > 0)
            rf_bean_conv_messages(&layer->saved, &model->conv[i], ws->in.adj, layer_input(ws, i, 0),
                                  layer_input(ws, i, 1), ws->e_h, ws->pool);
        rf_bean_conv_nodes(layer->y[RF_USER], layer->y[RF_ENTITY], &layer->saved, &model->conv[i], ws->in.adj,
                           ws->pool);
        finish_nodes(ws, i, false, true);
        forward_edges(ws, i);
    }
}
