/* backward.c - one training step: forward, losses, and the gradient of everything, from the last layer to the
 * first.
 *
 * A layer's edges pass in one sweep: the gradient of the activation becomes that of the linear output, and,
 * while the block is in cache, is multiplied with the layer's input for the weights and with the weights for
 * the layer below. To that the nodes' messages add; then a second sweep takes the sums that the normalisation
 * below needs. The last layer's reconstruction, its error and its gradient live only inside a block: what the
 * normalisation needs beforehand follows from moments taken before. Kinds pass one after the other, in
 * every layer; they meet in the users' gradients.
 */
#include "graphbean_int.h"

#include <string.h>

#include "rf_linalg.h"

typedef struct sweep {
    rf_workspace *ws;
    int i, kind;
    const rf_bean_conv *conv;
    bool is_last, joins;
    rf_real *grad;       /* [n_e, o_e] of this layer; NULL where ends are joined */
    rf_real *below;      /* [n_e, d_e] of the layer below, or NULL */
    rf_real *ends;       /* [n_e, d_u + d_v] of joined ends */
    const rf_real *coef; /* of the normalisation's gradient */
    rf_real weight;      /* last layer: 2 / (n_e d_e), times the kind's weight */
    int64_t n_e, n_segments;
    double error[RF_SEGMENTS]; /* squared, of the last layer */
} sweep;

static sweep sweep_of(rf_workspace *ws, int i, int kind)
{
    return (sweep){.ws = ws,
                   .i = i,
                   .kind = kind,
                   .conv = &ws->model->conv[i][kind],
                   .is_last = i == ws->model->n_convs - 1,
                   .joins = joins_ends(ws->model, i, kind),
                   .n_e = ws->n[rf_edge_side(kind)],
                   .n_segments = rf_segments(ws->n[rf_edge_side(kind)])};
}

/* Last layer: rows of the loss's gradient in front of the normalisation, and the layer's input; adds the
 * squared error. */
static const rf_real *last_rows(const sweep *job, rf_real *dy, double *error, const edge_set *edges,
                                int worker)
{
    rf_workspace *ws = job->ws;
    const layer_memory *layer = &ws->layer[job->i];
    const rf_side side = rf_edge_side(job->kind);
    const int d = job->conv->o_e;
    rf_real *y = rows_of(ws, ROWS_Y, d, worker);
    const rf_real *x = linear_rows(ws, job->i, y, edges, worker);
    rf_norm_rows(dy, y, edges->first, edges->n, &layer->norm[side], &layer->act[side]);
    *error += rf_squared_error(dy, dy, feature_rows(ws, edges, worker), edges->n * d, job->weight);
    rf_norm_backward_rows(dy, y, edges->n, &layer->norm[side], job->coef);
    return x;
}

/* The same for a hidden layer, from the gradient of its activation. */
static const rf_real *hidden_gradient(const sweep *job, rf_real *dy, const edge_set *edges, int worker)
{
    rf_workspace *ws = job->ws;
    const rf_norm *norm = &ws->layer[job->i].norm[rf_edge_side(job->kind)];
    const int d_e = job->conv->d_e;
    const rf_real *y = hidden_rows(ws, job->i, edges, rows_of(ws, ROWS_Y, job->conv->o_e, worker), worker);
    rf_norm_backward_rows(dy, y, edges->n, norm, job->coef);
    return input_rows(ws, job->i, edges, rows_of(ws, ROWS_IN, d_e, worker), d_e, worker);
}

/* From the linear outputs' gradient to that of the inputs. */
static void pass_below(const sweep *job, const rf_real *dy, const edge_set *edges, int worker)
{
    const rf_bean_conv *conv = job->conv;
    const int64_t n = edges->n, first = edges->first, d_e = conv->d_e, d_ends = conv->d_u + conv->d_v;
    const int k_e = rf_bean_conv_k_e(conv), o = conv->o_e;
    rf_real *below = job->below + first * d_e;
    if (!job->joins) {
        rf_gemm_nn(below, (int)d_e, dy, o, conv->w_e, k_e, (int)n, (int)d_e, o, 0);
        return;
    }
    rf_real *din = rows_of(job->ws, ROWS_DIN, k_e, worker);
    rf_gemm_nn(din, k_e, dy, o, conv->w_e, k_e, (int)n, k_e, o, 0);
    for (int64_t i = 0; i < n; i++) {
        memcpy(below + i * d_e, din + i * k_e, (size_t)d_e * sizeof *din);
        memcpy(job->ends + (first + i) * d_ends, din + i * k_e + d_e, (size_t)d_ends * sizeof *din);
    }
}

static void own_sweep_task(void *context, int64_t segment, int worker)
{
    sweep *job = context;
    rf_workspace *ws = job->ws;
    const rf_bean_conv *conv = job->conv;
    const int o = conv->o_e, k = job->joins ? rf_bean_conv_k_e(conv) : conv->d_e;
    const int64_t blocks = rf_blocks(job->n_e);
    const int64_t from = segment * blocks / job->n_segments, to = (segment + 1) * blocks / job->n_segments;
    rf_real *partial = ws->scratch.partial + segment * o * k;
    double *sums = ws->scratch.sums + segment * o, error = 0;
    memset(sums, 0, (size_t)o * sizeof *sums);
    for (int64_t block = from; block < to; block++) {
        const edge_set edges = edges_of_block(ws, job->kind, block);
        rf_real *dy = job->joins ? rows_of(ws, ROWS_OUT, o, worker) : job->grad + edges.first * o;
        const rf_real *x = job->is_last ? last_rows(job, dy, &error, &edges, worker)
                                        : hidden_gradient(job, dy, &edges, worker);
        if (k > 0)
            rf_gemm_tn(partial, k, dy, o, x, k, o, k, (int)edges.n, block == from ? 0 : 1);
        if (job->joins)
            rf_column_sums(sums, dy, edges.n, o);
        if (job->below != NULL)
            pass_below(job, dy, &edges, worker);
    }
    job->error[segment] = error;
}

/* What the normalisation of the layer below needs of its edges. */
static void sums_task(void *context, int64_t block, int worker)
{
    const sweep *job = context;
    rf_workspace *ws = job->ws;
    const int d_e = job->conv->d_e;
    const layer_memory *before = &ws->layer[job->i - 1];
    const rf_side side = rf_edge_side(job->kind);
    const edge_set edges = edges_of_block(ws, job->kind, block);
    double *sums = ws->kind[job->kind].e_blocks + block * 2 * d_e;
    const rf_real *y = hidden_rows(ws, job->i - 1, &edges, rows_of(ws, ROWS_Y, d_e, worker), worker);
    memset(sums, 0, (size_t)(2 * d_e) * sizeof *sums);
    rf_norm_backward_sums(sums, job->below + edges.first * d_e, y, edges.first, edges.n, &before->norm[side],
                          &before->act[side]);
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

/* What passes from layer to layer, of each kind's edges. */
typedef struct passing {
    rf_real *grad[RF_KINDS_MOST]; /* of their activation, in the layer at hand */
    int turn[RF_KINDS_MOST];      /* which half of e_grad is free */
    double error[RF_KINDS_MOST];  /* squared, of the last layer */
    const double *weight;         /* of the kinds */
} passing;

static rf_real *room_below(const rf_workspace *ws, int i, int kind, const passing *edges)
{
    const bool is_wanted = i > 0 && ws->model->conv[i][kind].d_e > 0;
    return is_wanted ? ws->kind[kind].e_grad[edges->turn[kind]] : NULL;
}

/* The edges' own part of layer i: from the gradient of their activation (last layer: nothing) to that of
 * their linear output, in place, and that of their inputs; weights. */
static void sweep_edges(sweep *job, passing *edges)
{
    rf_workspace *ws = job->ws;
    const rf_bean_conv *conv = job->conv, *dconv = &ws->model->dconv[job->i][job->kind];
    const int k_e = rf_bean_conv_k_e(conv);
    double weight = edges->weight[job->kind] * 2.0 / ((double)job->n_e * (double)conv->o_e), error = 0;
    if (job->n_e == 0)
        return;
    job->coef = ws->coef;
    job->weight = (rf_real)weight;
    edge_coefficients(ws, job->i, job->kind, weight, ws->blocks);
    rf_pool_run(ws->pool, job->n_segments, own_sweep_task, job);
    rf_add_partials(dconv->w_e, k_e, ws->scratch.partial, job->n_segments, conv->o_e,
                    job->joins ? k_e : conv->d_e);
    if (job->joins)
        rf_add_sums(dconv->b_e, ws->scratch.sums, job->n_segments, conv->o_e);
    for (int64_t segment = 0; segment < job->n_segments; segment++)
        error += job->error[segment];
    if (job->is_last)
        edges->error[job->kind] = error;
}

/* The edges of layer i of a kind, and what they send to the nodes of the layer below. */
static void backward_own_edges(rf_workspace *ws, int i, int kind, passing *edges)
{
    rf_graphbean *model = ws->model;
    layer_memory *before = i > 0 ? &ws->layer[i - 1] : NULL;
    const rf_side entities = rf_entity_side(kind);
    sweep job = sweep_of(ws, i, kind);
    const rf_bean_conv *conv = job.conv;
    if (conv->o_e == 0)
        return;
    if (job.is_last) {
        layer_edges(ws, i, kind, false, true);
        edges->grad[kind] = ws->kind[kind].e_last;
    }
    job.grad = job.joins ? NULL : edges->grad[kind];
    job.ends = job.joins ? ws->kind[kind].e_last : NULL;
    job.below = room_below(ws, i, kind, edges);
    sweep_edges(&job, edges);
    rf_real *dxu = before != NULL ? begin_met(ws, kind, before->dh[RF_USER], conv->d_u) : NULL;
    rf_real *dxv = before != NULL ? before->dh[entities] : NULL;
    ws->scratch.tu = ws->layer[i].table[kind][RF_USER]; /* whose rows nobody reads any more */
    ws->scratch.tv = ws->layer[i].table[kind][RF_ENTITY];
    if (job.joins)
        rf_bean_conv_backward_ends(dxu, dxv, job.ends, conv, ws->kind[kind].adj, ws->pool);
    else
        rf_bean_conv_backward_tables(dxu, dxv, &model->dconv[i][kind], &ws->scratch, job.grad, conv,
                                     ws->kind[kind].adj,
                                     met_rows(ws, kind, ws->users_in, layer_input(ws, i, RF_USER), conv->d_u),
                                     layer_input(ws, i, entities), ws->pool);
    if (before != NULL)
        end_met(ws, kind, before->dh[RF_USER], conv->d_u);
}

/* Users and entities of layer i as far as a kind goes, and all messages of it, to the layer below. */
static void backward_messages(rf_workspace *ws, int i, int kind, passing *edges)
{
    rf_bean_conv *dconv = &ws->model->dconv[i][kind];
    const layer_memory *layer = &ws->layer[i], *before = i > 0 ? &ws->layer[i - 1] : NULL;
    const rf_side entities = rf_entity_side(kind);
    const rf_bean_source source = source_of(ws, i, kind);
    const int d_u = source.conv->d_u, o_u = source.conv->o_u;
    const rf_real *dout_u = met_rows(ws, kind, ws->users_grad, layer->dh[RF_USER], o_u);
    rf_real *dxu = before != NULL ? begin_met(ws, kind, before->dh[RF_USER], d_u) : NULL;
    rf_real *dxv = before != NULL ? before->dh[entities] : NULL;
    sweep job = sweep_of(ws, i, kind);
    job.below = room_below(ws, i, kind, edges);
    rf_bean_conv_backward_users(dxu, job.below, source.conv->o_e == 0, dconv, &ws->scratch, dout_u, &source,
                                ws->pool);
    rf_bean_conv_backward_entities(dxv, job.below, dconv, &ws->scratch, layer->dh[entities], &source,
                                   ws->pool);
    if (before == NULL)
        return;
    rf_bean_conv_backward_received(dxu, dxv, &ws->scratch, &source, ws->pool);
    end_met(ws, kind, before->dh[RF_USER], d_u);
    if (job.below == NULL) { /* nor have the edges of the layer before any output */
        edges->turn[kind] = 0;
        return;
    }
    rf_pool_run(ws->pool, rf_blocks(job.n_e), sums_task, &job);
    edges->grad[kind] = job.below;
    edges->turn[kind] = 1 - edges->turn[kind];
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
    if (i > 0)
        remake_nodes(ws, i - 1);
    for (int k = 0; k < model->n_kinds && i > 0; k++)
        remake_edges(ws, i - 1, k);
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

static void node_losses(rf_losses *losses, rf_workspace *ws, const rf_loss_weights *weights)
{
    losses->xu = node_loss(ws, RF_USER, 1);
    for (int k = 0; k < ws->model->n_kinds; k++)
        losses->kind[k].xv = node_loss(ws, rf_entity_side(k), weights->kind[k]);
    losses->concentration = node_concentration(ws);
}

/* Of pairs, while the latents are the nodes' activations. */
static void structure_losses(rf_losses *losses, rf_workspace *ws, const rf_edge_sampler *samples,
                             const rf_loss_weights *weights)
{
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
    *losses = (rf_losses){0};
    set_dropout(workspace, seed, epoch);
    forward_layers(workspace);
    memset(model->grads, 0, model->n_params * sizeof *model->grads);
    node_losses(losses, workspace, weights);
    for (int i = model->n_convs - 1; i >= 0; i--) {
        if (i > 0)
            zero_output_gradients(workspace, i - 1);
        backward_layer(workspace, i, &edges);
        if (i == model->n_enc) {
            remake_first_tables(workspace);
            structure_losses(losses, workspace, samples, weights);
        }
    }
    add_losses(losses, workspace, &edges, weights->eta);
}
