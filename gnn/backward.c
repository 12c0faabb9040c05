/* backward.c - one training step: forward, losses, and the gradient of everything, from the last layer to the
 * first.
 *
 * Edges pass in two sweeps a layer. Sweep one turns the gradient of the activation into that of the linear
 * output and, while the block is in cache, multiplies it with the layer's input for the weights. Sweep two
 * carries it to the layer below and takes the sums that the normalisation there needs. The last layer's
 * reconstruction, its error and its gradient live only inside sweep one: what the normalisation needs
 * beforehand follows from moments taken in forward.
 */
#include "graphbean_int.h"

#include <string.h>

#include "rf_linalg.h"

typedef struct sweep {
    rf_workspace *ws;
    int i;
    rf_real *grad;       /* [n_e, o_e] of this layer */
    rf_real *below;      /* [n_e, d_e] of the layer below */
    const rf_real *coef; /* of the normalisation's gradient */
    rf_real weight;      /* last layer: 2 / (n_e d_e) */
    int64_t n_segments;
} sweep;

/* Last layer: rows of the loss's gradient in front of the normalisation; returns the squared error. */
static double last_rows(const sweep *job, rf_real *dy, int64_t first, int64_t n, int worker)
{
    rf_workspace *ws = job->ws;
    const rf_bean_conv *conv = &ws->model->conv[job->i];
    const layer_memory *layer = &ws->layer[job->i];
    int d = conv->o_e;
    rf_real *y = ws->rows[0] + (int64_t)worker * RF_BLOCK * d,
            *out = ws->rows[1] + (int64_t)worker * RF_BLOCK * d;
    rf_bean_conv_edge_rows(y, conv, ws->in.adj, ws->scratch.tu, ws->scratch.tv, ws->e_h + first * conv->d_e,
                           first, n);
    rf_norm_rows(out, y, first, n, &layer->norm[RF_EDGE], &layer->act[RF_EDGE]);
    double error = rf_squared_error(dy, out, ws->in.xe + first * d, n * d, job->weight);
    rf_norm_backward_rows(dy, y, n, &layer->norm[RF_EDGE], job->coef);
    return error;
}

static void first_sweep_task(void *context, int64_t segment, int worker)
{
    const sweep *job = context;
    rf_workspace *ws = job->ws;
    const rf_bean_conv *conv = &ws->model->conv[job->i];
    const layer_memory *layer = &ws->layer[job->i];
    bool last = job->i == ws->model->n_convs - 1;
    int64_t n_e = ws->in.adj->n_e, blocks = rf_blocks(n_e);
    int64_t from = segment * blocks / job->n_segments, to = (segment + 1) * blocks / job->n_segments;
    rf_real *partial = ws->scratch.partial + segment * conv->o_e * conv->d_e;
    double error = 0;
    for (int64_t block = from; block < to; block++) {
        int64_t first = block * RF_BLOCK, n = block_rows(n_e, block);
        rf_real *dy = job->grad + first * conv->o_e;
        const rf_real *x = NULL;
        if (last)
            error += last_rows(job, dy, first, n, worker);
        else
            rf_norm_backward_rows(dy, layer->y[RF_EDGE] + first * conv->o_e, n, &layer->norm[RF_EDGE],
                                  job->coef);
        if (conv->d_e == 0)
            continue;
        if (last) /* still there from forward */
            x = ws->e_h + first * conv->d_e;
        else
            x = edge_input_rows(ws, job->i, first, n, ws->rows[1] + (int64_t)worker * RF_BLOCK * conv->d_e);
        rf_gemm_tn(partial, conv->d_e, dy, conv->o_e, x, conv->d_e, conv->o_e, conv->d_e, (int)n,
                   block == from ? 0 : 1);
    }
    ws->scratch.sums[segment] = error;
}

static void second_sweep_task(void *context, int64_t block, int worker)
{
    const sweep *job = context;
    rf_workspace *ws = job->ws;
    const rf_bean_conv *conv = &ws->model->conv[job->i];
    const layer_memory *before = &ws->layer[job->i - 1];
    int64_t first = block * RF_BLOCK, n = block_rows(ws->in.adj->n_e, block);
    rf_real *dx = job->below + first * conv->d_e;
    double *sums = ws->e_blocks + block * 2 * conv->d_e;
    (void)worker;
    rf_bean_conv_backward_edge_rows(dx, &ws->scratch, conv->o_e > 0 ? job->grad + first * conv->o_e : NULL,
                                    &ws->layer[job->i].saved, conv, ws->in.adj, first, n);
    for (int j = 0; j < 2 * conv->d_e; j++)
        sums[j] = 0;
    rf_norm_backward_sums(sums, dx, before->y[RF_EDGE] + first * conv->d_e, first, n, &before->norm[RF_EDGE],
                          &before->act[RF_EDGE]);
}

/* Sums of dz and dz * xhat over all edges of the last layer, dz = weight (gain xhat + bias - x): from the
 * moments of xhat and its products with x, which forward took block by block. */
static void last_layer_sums(const rf_workspace *ws, int i, double weight, double *sums)
{
    const rf_norm *norm = &ws->layer[i].norm[RF_EDGE];
    int d = norm->d;
    int64_t blocks = rf_blocks(ws->in.adj->n_e);
    double n = (double)ws->in.adj->n_e;
    for (int j = 0; j < d; j++) {
        double sum_x = 0, cross = 0, rstd = (double)norm->rstd[j];
        for (int64_t block = 0; block < blocks; block++) {
            const double *y_mean = ws->e_blocks + block * 2 * d,
                         *with_x = ws->e_blocks + (blocks + block) * 2 * d;
            sum_x += with_x[d + j];
            cross += with_x[j] + (y_mean[j] - (double)norm->mean[j]) * with_x[d + j];
        }
        sums[j] = weight * (n * (double)norm->bias[j] - sum_x);
        sums[d + j] = weight * ((double)norm->gain[j] * n * norm->var[j] * rstd * rstd - rstd * cross);
    }
}

static void edge_coefficients(rf_workspace *ws, int i, double weight, double *room)
{
    const bn_params *bn = &ws->model->bn[i][RF_EDGE];
    int64_t n_e = ws->in.adj->n_e;
    const double *sums = ws->e_blocks;
    if (i == ws->model->n_convs - 1) {
        last_layer_sums(ws, i, weight, room);
        sums = room;
    } else {
        rf_add_blocks(ws->e_blocks, rf_blocks(n_e), 2 * bn->d);
    }
    rf_norm_backward_coefficients(ws->coef, bn->dgain, bn->dbias, sums, n_e, bn->d);
}

/* The edges' own part of layer i: from grad, the gradient of its activation (last layer: nothing), to that of
 * its linear output, in place; weights. Returns the squared error in the last layer. */
static double backward_edges(rf_workspace *ws, int i, rf_real *grad)
{
    const rf_graphbean *model = ws->model;
    const rf_bean_conv *conv = &model->conv[i];
    const rf_bean_conv *dconv = &model->dconv[i];
    int64_t n_e = ws->in.adj->n_e;
    double weight = 2.0 / ((double)n_e * (double)conv->o_e), error = 0;
    sweep job = {.ws = ws, .i = i, .grad = grad, .coef = ws->coef, .weight = (rf_real)weight};
    job.n_segments = rf_segments(n_e);
    edge_coefficients(ws, i, weight, ws->blocks);
    rf_pool_run(ws->pool, job.n_segments, first_sweep_task, &job);
    rf_add_partials(dconv->w_e, rf_bean_conv_k_e(conv), ws->scratch.partial, job.n_segments, conv->o_e,
                    conv->d_e);
    for (int64_t segment = 0; segment < job.n_segments; segment++)
        error += ws->scratch.sums[segment];
    return error;
}

/* grad: of the edges' activation of layer i; below: room for that of layer i - 1. Returns whether below was
 * written. */
static bool backward_layer(rf_workspace *ws, int i, rf_real *grad, rf_real *below, double *edge_error)
{
    rf_graphbean *model = ws->model;
    const rf_bean_conv *conv = &model->conv[i];
    layer_memory *layer = &ws->layer[i], *before = i > 0 ? &ws->layer[i - 1] : NULL;
    rf_real *dxu = before != NULL ? before->dh[RF_USER] : NULL,
            *dxv = before != NULL ? before->dh[RF_ENTITY] : NULL;
    const rf_adj *adj = ws->in.adj;

    for (rf_side side = RF_USER; side <= RF_ENTITY; side++)
        rf_norm_backward(layer->dh[side], model->bn[i][side].dgain, model->bn[i][side].dbias, layer->y[side],
                         rows_of(ws, side), &layer->norm[side], &layer->act[side], ws->blocks, ws->coef,
                         ws->pool);
    if (conv->o_e > 0) {
        double error = backward_edges(ws, i, grad);
        if (i == model->n_convs - 1)
            *edge_error = error;
        rf_bean_conv_backward_tables(dxu, dxv, &model->dconv[i], &ws->scratch, grad, conv, adj,
                                     layer_input(ws, i, 0), layer_input(ws, i, 1), ws->pool);
    }
    rf_bean_conv_backward_nodes(&model->dconv[i], &ws->scratch, layer->dh[RF_USER], layer->dh[RF_ENTITY],
                                &layer->saved, conv, adj, i > 0, ws->pool);
    if (i == 0)
        return false;
    rf_bean_conv_backward_messages(dxu, dxv, &ws->scratch, &layer->saved, conv, adj, ws->pool);
    if (conv->d_e == 0)
        return false;
    sweep job = {.ws = ws, .i = i, .grad = grad, .below = below};
    rf_pool_run(ws->pool, rf_blocks(adj->n_e), second_sweep_task, &job);
    return true;
}

static void set_dropout(rf_workspace *ws, uint64_t seed, int64_t epoch)
{
    const rf_graphbean *model = ws->model;
    double p = model->shape.dropout;
    uint64_t stream = (uint64_t)epoch << 8;
    if (!(p > 0))
        return;
    for (int i = 0; i < model->n_convs; i++) {
        bool hidden = i != model->n_enc - 1 && i != model->n_convs - 1;
        for (rf_side side = 0; side < RF_SIDES; side++, stream++)
            ws->layer[i].act[side] = rf_activation_make(hidden, hidden ? p : 0, seed, stream);
    }
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        for (int i = 0; i < model->shape.layers_mlp - 1; i++, stream++)
            ws->mlp_act[side][i] = rf_activation_make(true, p, seed, stream);
    }
}

static void zero_output_gradients(rf_workspace *ws, int i)
{
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++)
        memset(ws->layer[i].dh[side], 0,
               (size_t)rows_of(ws, side) * (size_t)width_of(&ws->model->conv[i], side) * sizeof(rf_real));
}

/* Mean squared error of a node side; its gradient into the last layer. */
static double node_loss(rf_workspace *ws, rf_side side)
{
    const rf_graphbean *model = ws->model;
    layer_memory *end = &ws->layer[model->n_convs - 1];
    int d = model->shape.in[side];
    int64_t n = rows_of(ws, side);
    double size = (double)n * (double)d;
    if (n == 0 || d == 0)
        return 0;
    return rf_squared_error_rows(end->dh[side], end->h[side], side == RF_USER ? ws->in.xu : ws->in.xv, n, d,
                                 (rf_real)(2.0 / size), ws->blocks, ws->pool) /
           size;
}

/* Both sides as one population, each with its own mean error as the unit; 0 without node columns. */
static double node_concentration(const rf_workspace *ws)
{
    const rf_graphbean *model = ws->model;
    const layer_memory *end = &ws->layer[model->n_convs - 1];
    const rf_real *x[] = {ws->in.xu, ws->in.xv};
    double sum = 0, rows = 0;
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        int64_t n = rows_of(ws, side);
        double of_side =
            rf_error_concentration(end->h[side], x[side], n, model->shape.in[side], ws->blocks, ws->pool);
        sum += of_side * (double)n;
        rows += of_side > 0 ? (double)n : 0;
    }
    return rows > 0 ? sum / rows : 0;
}

void rf_graphbean_step(rf_losses *losses, rf_workspace *workspace, const rf_edge_sampler *samples, double eta,
                       uint64_t seed, int64_t epoch)
{
    const rf_graphbean *model = workspace->model;
    rf_real *grad = workspace->e_grad, *below = workspace->e_h;
    double edge_error = 0, edge_size = (double)workspace->in.adj->n_e * (double)model->shape.in[RF_EDGE];
    *losses = (rf_losses){0};
    set_dropout(workspace, seed, epoch);
    forward_layers(workspace);
    structure_forward(workspace);
    memset(model->grads, 0, model->n_params * sizeof *model->grads);
    zero_output_gradients(workspace, model->n_enc - 1);
    losses->xu = node_loss(workspace, 0);
    losses->xv = node_loss(workspace, 1);
    losses->concentration = node_concentration(workspace);
    losses->e = structure_step(workspace, samples, eta);
    for (int i = model->n_convs - 1; i >= 0; i--) {
        if (i > 0 && i != model->n_enc) /* the latents' have those of the structure decoder already */
            zero_output_gradients(workspace, i - 1);
        if (backward_layer(workspace, i, grad, below, &edge_error)) {
            rf_real *spare = grad;
            grad = below;
            below = spare;
        }
    }
    losses->xe = edge_size > 0 ? edge_error / edge_size : 0;
    losses->total = losses->xu + losses->xv + losses->xe + eta * losses->e;
}
