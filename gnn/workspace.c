/* workspace.c - all memory of a run over one graph, planned and bound by the same walk.
 *
 * Training keeps one linear output per hidden layer and side; of E-sized matrices two more are shared by all
 * layers: the current layer's edge input (in backward a gradient), and a gradient. Applying a model leaves
 * all gradients out.
 */
#include "graphbean_int.h"

#include <limits.h>
#include <string.h>

#include "rf_linalg.h"

static rf_real *reals(rf_arena *arena, int64_t n, int width)
{
    size_t size;
    if (!rf_mul_size(&size, (size_t)n, (size_t)width))
        size = SIZE_MAX / 2; /* the arena reports the overflow */
    return rf_arena_take(arena, size, sizeof(rf_real));
}

static void walk_norm(rf_arena *arena, rf_norm *norm, const bn_params *bn)
{
    int d = bn->d;
    *norm = (rf_norm){.d = d, .gain = bn->gain, .bias = bn->bias};
    norm->mean = reals(arena, 1, d);
    norm->scale = reals(arena, 1, d);
    norm->rstd = reals(arena, 1, d);
    norm->var = rf_arena_take(arena, (size_t)d, sizeof(double));
}

static void walk_layer(rf_workspace *ws, rf_arena *arena, int i)
{
    const rf_adj *adj = ws->in.adj;
    const rf_bean_conv *conv = &ws->model->conv[i];
    layer_memory *layer = &ws->layer[i];
    bool training = ws->use == RF_USE_TRAIN;
    layer->saved.msg_u = reals(arena, adj->n_u, rf_bean_conv_k_u(conv));
    layer->saved.msg_v = reals(arena, adj->n_v, rf_bean_conv_k_v(conv));
    if (training && i > 0) { /* the first layer's inputs need no gradient */
        layer->saved.arg_u =
            rf_arena_take(arena, (size_t)adj->n_u, sizeof(uint32_t) * (size_t)(conv->d_v + conv->d_e));
        layer->saved.arg_v =
            rf_arena_take(arena, (size_t)adj->n_v, sizeof(uint32_t) * (size_t)(conv->d_u + conv->d_e));
    }
    for (rf_side side = 0; side < RF_SIDES; side++) {
        int d = width_of(conv, side);
        int64_t n = rows_of(ws, side);
        walk_norm(arena, &layer->norm[side], &ws->model->bn[i][side]);
        if (side < 2 || (d > 0 && i < ws->model->n_convs - 1))
            layer->y[side] = reals(arena, n, d);
        if (side < 2)
            layer->h[side] = reals(arena, n, d);
        if (side < 2 && training)
            layer->dh[side] = reals(arena, n, d);
    }
}

typedef struct widths {
    int k, o_e, d_e, tensor, any;
} widths;

static widths find_widths(const rf_graphbean *model)
{
    widths w = {.k = 1, .o_e = 1, .d_e = 1, .tensor = 1, .any = 1};
    for (int i = 0; i < model->n_convs; i++) {
        const rf_bean_conv *conv = &model->conv[i];
        w.k = widest(w.k, widest(rf_bean_conv_k_u(conv), rf_bean_conv_k_v(conv)));
        w.o_e = widest(w.o_e, conv->o_e);
        w.d_e = widest(w.d_e, i == 0 ? 0 : conv->d_e);
        for (rf_side side = 0; side < RF_SIDES; side++)
            w.any = widest(w.any, width_of(conv, side));
    }
    for (int t = 0; t < model->n_tensors; t++)
        w.tensor = widest(w.tensor, model->tensors[t].rows * widest(1, model->tensors[t].cols));
    w.any = widest(w.any, model->shape.edge_latent);
    return w;
}

static void walk_structure(rf_workspace *ws, rf_arena *arena)
{
    const rf_graphbean *model = ws->model;
    const rf_adj *adj = ws->in.adj;
    int latent = model->shape.edge_latent;
    size_t workers = (size_t)ws->workers;
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        int wide = widest(latent, model->shape.latent[side]);
        for (int i = 0; i < model->shape.layers_mlp; i++) {
            ws->mlp_y[side][i] = reals(arena, rows_of(ws, side), latent);
            ws->mlp_h[side][i] = ws->mlp_y[side][i];
            if (i < model->shape.layers_mlp - 1)
                ws->mlp_h[side][i] = reals(arena, rows_of(ws, side), latent);
        }
        for (int half = 0; half < 2 && ws->use == RF_USE_TRAIN; half++)
            ws->mlp_grad[side][half] = reals(arena, rows_of(ws, side), wide);
    }
    ws->pair_v = rf_arena_take(arena, workers * PAIRS_AT_ONCE, sizeof(uint32_t));
    ws->pair_y = rf_arena_take(arena, workers * PAIRS_AT_ONCE, 1);
    ws->pair_logit = rf_arena_take(arena, workers * PAIRS_AT_ONCE, sizeof(rf_real));
    if (ws->use != RF_USE_TRAIN)
        return;
    ws->dzv_parts = reals(arena, STRUCTURE_PARTS * adj->n_v, latent);
    ws->seen = rf_arena_take(arena, workers * (size_t)((adj->n_v + 63) / 64), sizeof(uint64_t));
}

static void walk(rf_workspace *ws, rf_arena *arena)
{
    const rf_adj *adj = ws->in.adj;
    const rf_graphbean *model = ws->model;
    widths w = find_widths(model);
    int64_t n_nodes = adj->n_u > adj->n_v ? adj->n_u : adj->n_v;
    bool training = ws->use == RF_USE_TRAIN;
    for (int i = 0; i < model->n_convs; i++)
        walk_layer(ws, arena, i);
    ws->e_h = reals(arena, adj->n_e, w.d_e);
    ws->scratch.tu = reals(arena, adj->n_u, w.o_e);
    ws->scratch.tv = reals(arena, adj->n_v, w.o_e);
    ws->blocks = rf_arena_take(arena, (size_t)rf_blocks(n_nodes) + 1, 2 * sizeof(double) * (size_t)w.any);
    /* last layer: mean, centred squares, cross moments and sums of xe */
    ws->e_blocks = rf_arena_take(arena, (size_t)rf_blocks(adj->n_e) + 1,
                                 4 * sizeof(double) * (size_t)widest(w.o_e, w.d_e));
    ws->coef = reals(arena, 2, w.any);
    for (int half = 0; half < 2; half++)
        ws->rows[half] = reals(arena, (int64_t)ws->workers * RF_BLOCK, widest(w.o_e, w.d_e));
    if (training) {
        ws->e_grad = reals(arena, adj->n_e, w.o_e);
        ws->scratch.dmsg_u = reals(arena, adj->n_u, w.k);
        ws->scratch.dmsg_v = reals(arena, adj->n_v, w.k);
        ws->scratch.partial = reals(arena, RF_SEGMENTS, w.tensor);
        ws->scratch.sums = rf_arena_take(arena, RF_SEGMENTS, sizeof(double) * (size_t)w.any);
    }
    walk_structure(ws, arena);
}

/* Cuts the users into runs of about equally many pairs, by what is the same in every epoch. */
static void cut_parts(rf_workspace *ws)
{
    const rf_adj *adj = ws->in.adj;
    int64_t user = 0;
    for (int part = 0; part < STRUCTURE_PARTS; part++) {
        double goal = (double)(part + 1) / STRUCTURE_PARTS;
        while (user < adj->n_u &&
               (0.2 * (double)adj->u_ptr[user + 1] / (double)(adj->n_e > 0 ? adj->n_e : 1) +
                0.8 * (double)(user + 1) / (double)adj->n_u) <= goal + 1e-12)
            user++;
        ws->part_end[part] = part == STRUCTURE_PARTS - 1 ? adj->n_u : user;
    }
}

static void set_activations(rf_workspace *ws)
{
    const rf_graphbean *model = ws->model;
    for (int i = 0; i < model->n_convs; i++) {
        bool relu = i != model->n_enc - 1 && i != model->n_convs - 1;
        for (rf_side side = 0; side < RF_SIDES; side++)
            ws->layer[i].act[side] = rf_activation_make(relu, 0, 0, 0);
    }
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        for (int i = 0; i < model->shape.layers_mlp; i++)
            ws->mlp_act[side][i] = rf_activation_make(i < model->shape.layers_mlp - 1, 0, 0, 0);
    }
}

rf_status rf_workspace_new(rf_workspace **out, rf_graphbean *model, const rf_graphbean_input *input,
                           rf_graphbean_use use, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = input->adj;
    rf_workspace *ws = NULL;

    if (adj->n_u > INT_MAX || adj->n_v > INT_MAX || adj->n_e >= (int64_t)RF_NO_EDGE)
        RF_FAIL(err, RF_E_INVALID,
                "graph of %lld users, %lld entities, %lld edges: more than 32-bit numbers can name",
                (long long)adj->n_u, (long long)adj->n_v, (long long)adj->n_e);
    rf_linalg_setup();
    RF_ZERO(ws, 1, err);
    ws->model = model;
    ws->in = *input;
    ws->use = use;
    ws->pool = pool;
    ws->workers = rf_pool_threads(pool);
    RF_TRY(rf_arena_new(&ws->arena, err));
    walk(ws, ws->arena);
    RF_TRY(rf_arena_reserve(ws->arena, err));
    walk(ws, ws->arena);
    if (ws->seen != NULL)
        memset(ws->seen, 0, (size_t)ws->workers * (size_t)((adj->n_v + 63) / 64) * sizeof *ws->seen);
    cut_parts(ws);
    set_activations(ws);
    rf_bean_conv_messages(&ws->layer[0].saved, &model->conv[0], adj, input->xu, input->xv, input->xe, pool);
    *out = ws;
    ws = NULL;
done:
    rf_workspace_free(ws);
    return st;
}

void rf_workspace_free(rf_workspace *workspace)
{
    if (workspace == NULL)
        return;
    rf_arena_free(workspace->arena);
    rf_mem_free(workspace);
}
