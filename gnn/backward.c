/* backward.c - one training step: forward, losses, and the gradient of everything, from the last layer to the
 * first.
 *
 * Edges pass in two sweeps a layer. Sweep one turns the gradient of the activation into that of the linear
 * output and, while the block is in cache, multiplies it with the layer's input for the weights. Sweep two
 * carries it to the layer below and takes the sums that the normalisation there needs. The last layer's
 * reconstruction, its error and its gradient live only inside sweep one: what the normalisation needs
 * beforehand follows from moments taken in forward. Kinds pass one after the other, in every layer; they meet
 * in the users' gradients.
 */
#include "graphbean_int.h"

#include <string.h>

#include "rf_linalg.h"

typedef struct sweep {
    rf_workspace *ws;
    int i, kind;
    const rf_bean_conv *conv;
    rf_real *grad;       /* [n_e, o_e] of this layer */
    rf_real *below;      /* [n_e, d_e] of the layer below */
    const rf_real *coef; /* of the normalisation's gradient */
    rf_real weight;      /* last layer: 2 / (n_e d_e), times the kind's weight */
    int64_t n_e, n_segments;
} sweep;

static sweep sweep_of(rf_workspace *ws, int i, int kind, rf_real *grad)
{
    return (sweep){.ws = ws,
                   .i = i,
                   .kind = kind,
                   .conv = &ws->model->conv[i][kind],
                   .grad = grad,
                   .n_e = ws->n[rf_edge_side(kind)]};
}

/* Last layer: rows of the loss's gradient in front of the normalisation; returns the squared error. */
static double last_rows(const sweep *job, rf_real *dy, int64_t first, int64_t n, int worker)
{
    rf_workspace *ws = job->ws;
    const rf_bean_conv *conv = job->conv;
    const layer_memory *layer = &ws->layer[job->i];
    const rf_side edges = rf_edge_side(job->kind);
    int d = conv->o_e;
    rf_real *y = ws->rows[0] + (int64_t)worker * RF_BLOCK * d,
            *out = ws->rows[1] + (int64_t)worker * RF_BLOCK * d;
    rf_bean_conv_edge_rows(y, conv, ws->kind[job->kind].adj, ws->scratch.tu, ws->scratch.tv,
                           ws->kind[job->kind].e_h + first * conv->d_e, first, n);
    rf_norm_rows(out, y, first, n, &layer->norm[edges], &layer->act[edges]);
    double error = rf_squared_error(dy, out, ws->in.x[edges] + first * d, n * d, job->weight);
    rf_norm_backward_rows(dy, y, n, &layer->norm[edges], job->coef);
    return error;
}

static void first_sweep_task(void *context, int64_t segment, int worker)
{
    const sweep *job = context;
    rf_workspace *ws = job->ws;
    const rf_bean_conv *conv = job->conv;
    const layer_memory *layer = &ws->layer[job->i];
    const rf_side edges = rf_edge_side(job->kind);
    bool last = job->i == ws->model->n_convs - 1;
    int64_t blocks = rf_blocks(job->n_e);
    int64_t from = segment * blocks / job->n_segments, to = (segment + 1) * blocks / job->n_segments;
    rf_real *partial = ws->scratch.partial + segment * conv->o_e * conv->d_e;
    double error = 0;
    for (int64_t block = from; block < to; block++) {
        int64_t first = block * RF_BLOCK, n = block_rows(job->n_e, block);
        rf_real *dy = job->grad + first * conv->o_e;
        const rf_real *x = NULL;
        if (last)
            error += last_rows(job, dy, first, n, worker);
        else
            rf_norm_backward_rows(dy, layer->y[edges] + first * conv->o_e, n, &layer->norm[edges], job->coef);
        if (conv->d_e == 0)
            continue;
        if (last) /* still there from forward */
            x = ws->kind[job->kind].e_h + first * conv->d_e;
        else
            x = edge_input_rows(ws, job->i, job->kind, first, n,
                                ws->rows[1] + (int64_t)worker * RF_BLOCK * conv->d_e);
        rf_gemm_tn(partial, conv->d_e, dy, conv->o_e, x, conv->d_e, conv->o_e, conv->d_e, (int)n,
                   block == from ? 0 : 1);
    }
    ws->scratch.sums[segment] = error;
}

static void second_sweep_task(void *context, int64_t block, int worker)
{
    const sweep *job = context;
    rf_workspace *ws = job->ws;
    const rf_bean_conv *conv = job->conv;
    const layer_memory *before = &ws->layer[job->i - 1];
    const rf_side edges = rf_edge_side(job->kind);
    int64_t first = block * RF_BLOCK, n = block_rows(job->n_e, block);
    rf_real *dx = job->below + first * conv->d_e;
    double *sums = ws->kind[job->kind].e_blocks + block * 2 * conv->d_e;
    (void)worker;
    rf_bean_conv_backward_edge_rows(dx, &ws->scratch, conv->o_e > 0 ? job->grad + first * conv->o_e : NULL,
                                    &ws->layer[job->i].saved[job->kind], conv, ws->kind[job->kind].adj, first,
                                    n);
    for (int j = 0; j < 2 * conv->d_e; j++)
        sums[j] = 0;
    rf_norm_backward_sums(sums, dx, before->y[edges] + first * conv->d_e, first, n, &before->norm[edges],
                          &before->act[edges]);
}

/* Sums of dz and dz * xhat over all edges of the last layer, dz = weight (gain xhat + bias - x): from the
 * moments of xhat and its products with x, which forward took block by block. */
static void last_layer_sums(const rf_workspace *ws, int i, int kind, double weight, double *sums)
{
    const rf_norm *norm = &ws->layer[i].norm[rf_edge_side(kind)];
    const double *e_blocks = ws->kind[kind].e_blocks;
    int d = norm->d;
    int64_t n_e = ws->n[rf_edge_side(kind)], blocks = rf_blocks(n_e);
    double n = (double)n_e;
    for (int j = 0; j < d; j++) {
        double sum_x = 0, cross = 0, rstd = (double)norm->rstd[j];
        for (int64_t block = 0; block < blocks; block++) {
            const double *y_mean = e_blocks + block * 2 * d, *with_x = e_blocks + (blocks + block) * 2 * d;
            sum_x += with_x[d + j];
            cross += with_x[j] + (y_mean[j] - (double)norm->mean[j]) * with_x[d + j];
        }
        sums[j] = weight * (n * (double)norm->bias[j] - sum_x);
        sums[d + j] = weight * ((double)norm->gain[j] * n * norm->var[j] * rstd * rstd - rstd * cross);
    }
}

static void edge_coefficients(rf_workspace *ws, int i, int kind, double weight, double *room)
{
    const bn_params *bn = &ws->model->bn[i][rf_edge_side(kind)];
    double *e_blocks = ws->kind[kind].e_blocks;
    int64_t n_e = ws->n[rf_edge_side(kind)];
    const double *sums = e_blocks;
    if (i == ws->model->n_convs - 1) {
        last_layer_sums(ws, i, kind, weight, room);
        sums = room;
    } else {
        rf_add_blocks(e_blocks, rf_blocks(n_e), 2 * bn->d);
    }
    rf_norm_backward_coefficients(ws->coef, bn->dgain, bn->dbias, sums, n_e, bn->d);
}

/* The edges' own part of layer i: from grad, the gradient of its activation (last layer: nothing), to that of
 * its linear output, in place; weights. Returns the squared error in the last layer. */
static double backward_edges(rf_workspace *ws, int i, int kind, double kind_weight, rf_real *grad)
{
    sweep job = sweep_of(ws, i, kind, grad);
    const rf_bean_conv *conv = job.conv, *dconv = &ws->model->dconv[i][kind];
    double weight = kind_weight * 2.0 / ((double)job.n_e * (double)conv->o_e), error = 0;
    if (job.n_e == 0)
        return 0;
    job.coef = ws->coef;
    job.weight = (rf_real)weight;
    job.n_segments = rf_segments(job.n_e);
    edge_coefficients(ws, i, kind, weight, ws->blocks);
    rf_pool_run(ws->pool, job.n_segments, first_sweep_task, &job);
    rf_add_partials(dconv->w_e, rf_bean_conv_k_e(conv), ws->scratch.partial, job.n_segments, conv->o_e,
                    conv->d_e);
    for (int64_t segment = 0; segment < job.n_segments; segment++)
        error += ws->scratch.sums[segment];
    return error;
}

/* What passes from layer to layer, of each kind's edges. */
typedef struct passing {
    rf_real *grad[RF_KINDS_MOST];  /* of their activation, in the layer at hand */
    rf_real *below[RF_KINDS_MOST]; /* room for that of the layer below */
    double error[RF_KINDS_MOST];   /* squared, of the last layer */
    const double *weight;          /* of the kinds */
} passing;

/* The edges of layer i of a kind, and what they send to the nodes of the layer below. */
static void backward_own_edges(rf_workspace *ws, int i, int kind, passing *edges)
{
    rf_graphbean *model = ws->model;
    const rf_bean_conv *conv = &model->conv[i][kind];
    layer_memory *before = i > 0 ? &ws->layer[i - 1] : NULL;
    const rf_side entities = rf_entity_side(kind);
    const bool last = i == model->n_convs - 1;
    if (conv->o_e == 0)
        return;
    if (last)
        forward_edges(ws, i, kind);
    double error = backward_edges(ws, i, kind, edges->weight[kind], edges->grad[kind]);
    if (last)
        edges->error[kind] = error;
    const rf_real *xu = met_rows(ws, kind, layer_input(ws, i, RF_USER), conv->d_u);
    rf_real *dxu = before != NULL ? begin_met(ws, kind, before->dh[RF_USER], conv->d_u) : NULL;
    rf_bean_conv_backward_tables(dxu, before != NULL ? before->dh[entities] : NULL, &model->dconv[i][kind],
                                 &ws->scratch, edges->grad[kind], conv, ws->kind[kind].adj, xu,
                                 layer_input(ws, i, entities), ws->pool);
    if (before != NULL)
        end_met(ws, kind, before->dh[RF_USER], conv->d_u);
}

/* Users and entities of layer i as far as a kind goes, and all messages of it, to the layer below. */
static void backward_messages(rf_workspace *ws, int i, int kind, passing *edges)
{
    rf_graphbean *model = ws->model;
    const rf_bean_conv *conv = &model->conv[i][kind];
    rf_bean_conv *dconv = &model->dconv[i][kind];
    const layer_memory *layer = &ws->layer[i], *before = i > 0 ? &ws->layer[i - 1] : NULL;
    const rf_adj *adj = ws->kind[kind].adj;
    const rf_side entities = rf_entity_side(kind);
    rf_bean_conv_backward_users(dconv, &ws->scratch, met_rows(ws, kind, layer->dh[RF_USER], conv->o_u),
                                &layer->saved[kind], conv, adj, i > 0, ws->pool);
    rf_bean_conv_backward_entities(dconv, &ws->scratch, layer->dh[entities], &layer->saved[kind], conv, adj,
                                   i > 0, ws->pool);
    if (before == NULL)
        return;
    rf_real *dxu = begin_met(ws, kind, before->dh[RF_USER], conv->d_u);
    rf_bean_conv_backward_messages(dxu, before->dh[entities], &ws->scratch, &layer->saved[kind], conv, adj,
                                   ws->pool);
    end_met(ws, kind, before->dh[RF_USER], conv->d_u);
    if (conv->d_e == 0)
        return;
    sweep job = sweep_of(ws, i, kind, edges->grad[kind]);
    job.below = edges->below[kind];
    rf_pool_run(ws->pool, rf_blocks(job.n_e), second_sweep_task, &job);
    edges->below[kind] = edges->grad[kind];
    edges->grad[kind] = job.below;
}

static void backward_layer(rf_workspace *ws, int i, passing *edges)
{
    rf_graphbean *model = ws->model;
    layer_memory *layer = &ws->layer[i];
    for (rf_side side = RF_USER; side < model->n_sides; side = next_nodes(side)) {
        const bn_params *bn = &model->bn[i][side];
        rf_norm_backward(layer->dh[side], bn->dgain, bn->dbias, layer->y[side], ws->n[side],
                         &layer->norm[side], &layer->act[side], ws->blocks, ws->coef, ws->pool);
    }
    for (int k = 0; k < model->n_kinds; k++)
        backward_own_edges(ws, i, k, edges);
    for (int k = 0; k < model->n_kinds; k++)
        backward_messages(ws, i, k, edges);
}

/* Users, and the sides of the main kind, as if there were no other; another kind's from its own seed. */
static void set_dropout(rf_workspace *ws, uint64_t seed, int64_t epoch)
{
    const rf_graphbean *model = ws->model;
    double p = model->shape.dropout;
    if (!(p > 0))
        return;
    for (int k = 0; k < model->n_kinds; k++) {
        const uint64_t own = rf_kind_seed(seed, &model->shape.kinds, k);
        uint64_t stream = (uint64_t)epoch << 8;
        for (int i = 0; i < model->n_convs; i++) {
            bool hidden = i != model->n_enc - 1 && i != model->n_convs - 1;
            for (rf_side role = 0; role < RF_SIDES; role++, stream++) {
                if (k == 0 || role != RF_USER)
                    ws->layer[i].act[role + 2 * k] = rf_activation_make(hidden, hidden ? p : 0, own, stream);
            }
        }
        for (rf_side role = RF_USER; role <= RF_ENTITY; role++) {
            for (int i = 0; i < model->shape.layers_mlp - 1; i++, stream++)
                ws->kind[k].mlp_act[role][i] = rf_activation_make(true, p, own, stream);
        }
    }
}

static void zero_output_gradients(rf_workspace *ws, int i)
{
    for (rf_side side = RF_USER; side < ws->model->n_sides; side = next_nodes(side))
        memset(ws->layer[i].dh[side], 0,
               (size_t)ws->n[side] * (size_t)width_of(ws->model, i, side) * sizeof(rf_real));
}

/* Mean squared error of a node side; its gradient, times weight, into the last layer. */
static double node_loss(rf_workspace *ws, rf_side side, double weight)
{
    const rf_graphbean *model = ws->model;
    layer_memory *end = &ws->layer[model->n_convs - 1];
    int d = model->shape.in[side];
    int64_t n = ws->n[side];
    double size = (double)n * (double)d;
    if (n == 0 || d == 0)
        return 0;
    return rf_squared_error_rows(end->dh[side], end->h[side], ws->in.x[side], n, d,
                                 (rf_real)(weight * 2.0 / size), ws->blocks, ws->pool) /
           size;
}

/* All nodes as one population, each side with its own mean error as the unit; 0 without node columns. */
static double node_concentration(const rf_workspace *ws)
{
    const rf_graphbean *model = ws->model;
    const layer_memory *end = &ws->layer[model->n_convs - 1];
    double sum = 0, rows = 0;
    for (rf_side side = RF_USER; side < model->n_sides; side = next_nodes(side)) {
        int64_t n = ws->n[side];
        double of_side = rf_error_concentration(end->h[side], ws->in.x[side], n, model->shape.in[side],
                                                ws->blocks, ws->pool);
        sum += of_side * (double)n;
        rows += of_side > 0 ? (double)n : 0;
    }
    return rows > 0 ? sum / rows : 0;
}

/* Of nodes and pairs. */
static void begin_losses(rf_losses *losses, rf_workspace *ws, const rf_edge_sampler *samples,
                         const rf_loss_weights *weights)
{
    losses->xu = node_loss(ws, RF_USER, 1);
    for (int k = 0; k < ws->model->n_kinds; k++)
        losses->kind[k].xv = node_loss(ws, rf_entity_side(k), weights->kind[k]);
    losses->concentration = node_concentration(ws);
    for (int k = 0; k < ws->model->n_kinds; k++) {
        if (ws->n[rf_edge_side(k)] == 0) /* no pairs either */
            continue;
        structure_forward(ws, k);
        losses->kind[k].e = structure_step(ws, k, &samples[k], weights->eta * weights->kind[k]);
    }
}

static void add_losses(rf_losses *losses, const rf_workspace *ws, const passing *edges, double eta)
{
    for (int k = 0; k < ws->model->n_kinds; k++) {
        rf_kind_losses *of = &losses->kind[k];
        const rf_side side = rf_edge_side(k);
        const double size = (double)ws->n[side] * (double)ws->model->shape.in[side];
        of->xe = size > 0 ? edges->error[k] / size : 0;
        losses->xv += edges->weight[k] * of->xv;
        losses->xe += edges->weight[k] * of->xe;
        losses->e += edges->weight[k] * of->e;
    }
    losses->total = losses->xu + losses->xv + losses->xe + eta * losses->e;
}

void rf_graphbean_step(rf_losses *losses, rf_workspace *workspace, const rf_edge_sampler *samples,
                       const rf_loss_weights *weights, uint64_t seed, int64_t epoch)
{
    const rf_graphbean *model = workspace->model;
    passing edges = {.weight = weights->kind};
    for (int k = 0; k < model->n_kinds; k++) {
        edges.grad[k] = workspace->kind[k].e_grad;
        edges.below[k] = workspace->kind[k].e_h;
    }
    *losses = (rf_losses){0};
    set_dropout(workspace, seed, epoch);
    forward_layers(workspace);
    memset(model->grads, 0, model->n_params * sizeof *model->grads);
    zero_output_gradients(workspace, model->n_enc - 1);
    begin_losses(losses, workspace, samples, weights);
    for (int i = model->n_convs - 1; i >= 0; i--) {
        if (i > 0 && i != model->n_enc) /* the latents' have those of the structure decoder already */
            zero_output_gradients(workspace, i - 1);
        backward_layer(workspace, i, &edges);
    }
    add_losses(losses, workspace, &edges, weights->eta);
}
