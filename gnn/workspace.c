/* workspace.c - all memory of a run over one graph, planned and bound by the same walk.
 *
 * Training keeps the messages and outputs of all layers; of E-sized matrices two more are shared by all
 * layers: the current layer's edge input (in backward a gradient), and a gradient. Gradients of nodes
 * alternate between two buffers, but those of the latents have their own, because the structure decoder adds
 * to them first. What only the structure decoder needs shares its room with what only backward needs.
 * Applying a model leaves all gradients and messages out; there the nodes' outputs alternate, and the edges
 * have one matrix, in an arena of its own: it goes when no layer reads it any more.
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

typedef struct widths {
    int k_u, k_v;   /* messages */
    int dk_u, dk_v; /* gradients of messages: the first layer has none */
    int o_e, d_e, tensor, any;
    int turn[2][2]; /* outputs of users and entities, in even and in odd layers; latents left out */
} widths;

static bool is_latent(const rf_graphbean *model, int i)
{
    return i == model->n_enc - 1;
}

static widths find_widths(const rf_graphbean *model, rf_graphbean_use use)
{
    const int turns = use == RF_USE_TRAIN ? model->n_convs : model->n_convs - 1;
    widths w = {.k_u = 1, .k_v = 1, .dk_u = 1, .dk_v = 1, .o_e = 1, .d_e = 1, .tensor = 1, .any = 1};
    for (int i = 0; i < model->n_convs; i++) {
        const rf_bean_conv *conv = &model->conv[i];
        w.k_u = widest(w.k_u, rf_bean_conv_k_u(conv));
        w.k_v = widest(w.k_v, rf_bean_conv_k_v(conv));
        w.dk_u = widest(w.dk_u, i == 0 ? 0 : rf_bean_conv_k_u(conv));
        w.dk_v = widest(w.dk_v, i == 0 ? 0 : rf_bean_conv_k_v(conv));
        w.o_e = widest(w.o_e, conv->o_e);
        w.d_e = widest(w.d_e, i == 0 ? 0 : conv->d_e);
        for (rf_side side = 0; side < RF_SIDES; side++)
            w.any = widest(w.any, width_of(conv, side));
        for (rf_side side = RF_USER; side <= RF_ENTITY && i < turns && !is_latent(model, i); side++)
            w.turn[side][i % 2] = widest(w.turn[side][i % 2], width_of(conv, side));
    }
    for (int t = 0; t < model->n_tensors; t++)
        w.tensor = widest(w.tensor, model->tensors[t].rows * widest(1, model->tensors[t].cols));
    w.any = widest(w.any, model->shape.edge_latent);
    return w;
}

/* Latents have no edge output, and the last one is the reconstruction. */
static bool is_hidden_edge(const rf_graphbean *model, int i)
{
    return model->conv[i].o_e > 0 && i < model->n_convs - 1;
}

typedef struct walker {
    rf_workspace *ws;
    rf_arena *arena, *passing;
    widths w;
    int64_t most_rows;   /* of a side */
    rf_real *turn[2][2]; /* training: gradients; applying: outputs */
} walker;

static void walk_messages(walker *k, int i)
{
    rf_workspace *ws = k->ws;
    const rf_adj *adj = ws->in.adj;
    const rf_bean_conv *conv = &ws->model->conv[i];
    rf_bean_conv_saved *saved = &ws->layer[i].saved;
    saved->msg_u = reals(k->arena, adj->n_u, rf_bean_conv_k_u(conv));
    saved->msg_v = reals(k->arena, adj->n_v, rf_bean_conv_k_v(conv));
    if (i == 0) /* the first layer's inputs need no gradient */
        return;
    saved->arg_u =
        rf_arena_take(k->arena, (size_t)adj->n_u, sizeof(uint32_t) * (size_t)(conv->d_v + conv->d_e));
    saved->arg_v =
        rf_arena_take(k->arena, (size_t)adj->n_v, sizeof(uint32_t) * (size_t)(conv->d_u + conv->d_e));
}

/* The latents' layer reads the encoder's last hidden nodes, and nobody after it: the reconstruction of the
 * nodes, which is made last, takes their room. */
static rf_real *output_of(walker *k, int i, rf_side side)
{
    rf_workspace *ws = k->ws;
    const rf_graphbean *model = ws->model;
    int last = model->n_convs - 1, hidden = model->n_enc - 2, width = width_of(&model->conv[i], side);
    if (i == last)
        return ws->layer[hidden].h[side];
    if (i == hidden)
        width = widest(width, width_of(&model->conv[last], side));
    return reals(k->arena, rows_of(ws, side), width);
}

static rf_real *in_turn(walker *k, int i, rf_side side)
{
    if (is_latent(k->ws->model, i))
        return reals(k->arena, rows_of(k->ws, side), width_of(&k->ws->model->conv[i], side));
    return k->turn[side][i % 2];
}

static void walk_nodes(walker *k, int i, rf_side side)
{
    layer_memory *layer = &k->ws->layer[i];
    layer->y[side] = reals(k->arena, rows_of(k->ws, side), width_of(&k->ws->model->conv[i], side));
    layer->h[side] = output_of(k, i, side);
    layer->dh[side] = in_turn(k, i, side);
}

static void walk_layer(walker *k, int i)
{
    rf_workspace *ws = k->ws;
    const rf_bean_conv *conv = &ws->model->conv[i];
    layer_memory *layer = &ws->layer[i];
    walk_messages(k, i);
    for (rf_side side = 0; side < RF_SIDES; side++)
        walk_norm(k->arena, &layer->norm[side], &ws->model->bn[i][side]);
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++)
        walk_nodes(k, i, side);
    if (is_hidden_edge(ws->model, i))
        layer->y[RF_EDGE] = reals(k->arena, ws->in.adj->n_e, conv->o_e);
}

static void walk_structure(walker *k)
{
    rf_workspace *ws = k->ws;
    const rf_graphbean *model = ws->model;
    int n_layers = model->shape.layers_mlp;
    size_t workers = (size_t)ws->workers;
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        for (int i = 0; i < n_layers; i++) {
            if (ws->use == RF_USE_TRAIN || i < 2)
                ws->mlp_h[side][i] = reals(k->arena, rows_of(ws, side), model->shape.edge_latent);
            else
                ws->mlp_h[side][i] = ws->mlp_h[side][i - 2];
        }
    }
    ws->pair_v = rf_arena_take(k->arena, workers * PAIRS_AT_ONCE, sizeof(uint32_t));
    ws->pair_y = rf_arena_take(k->arena, workers * PAIRS_AT_ONCE, 1);
    ws->pair_logit = rf_arena_take(k->arena, workers * PAIRS_AT_ONCE, sizeof(rf_real));
    if (ws->use == RF_USE_TRAIN)
        ws->seen = rf_arena_take(k->arena, workers * (size_t)((ws->in.adj->n_v + 63) / 64), sizeof(uint64_t));
}

/* The structure decoder's own gradients are done with before backward begins. */
static void walk_gradients(walker *k)
{
    rf_workspace *ws = k->ws;
    const rf_graphbean *model = ws->model;
    const rf_adj *adj = ws->in.adj;
    int latent = model->shape.edge_latent;
    int64_t segments = rf_segments(k->most_rows);
    ws->scratch.partial = reals(k->arena, segments, k->w.tensor);
    ws->scratch.sums = rf_arena_take(k->arena, (size_t)segments, sizeof(double) * (size_t)k->w.any);
    rf_arena_share_begin(k->arena);
    ws->e_grad = reals(k->arena, adj->n_e, k->w.o_e);
    ws->scratch.dmsg_u = reals(k->arena, adj->n_u, k->w.dk_u);
    ws->scratch.dmsg_v = reals(k->arena, adj->n_v, k->w.dk_v);
    rf_arena_share_next(k->arena);
    ws->dzv_parts = reals(k->arena, STRUCTURE_PARTS * adj->n_v, latent);
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        for (int half = 0; half < 2; half++)
            ws->mlp_grad[side][half] =
                reals(k->arena, rows_of(ws, side), widest(latent, model->shape.latent[side]));
    }
    rf_arena_share_end(k->arena);
}

static void walk_turns(walker *k)
{
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        for (int odd = 0; odd < 2; odd++)
            k->turn[side][odd] = reals(k->arena, rows_of(k->ws, side), k->w.turn[side][odd]);
    }
}

/* Sums of blocks, and blocks of edges in flight. `sums`: numbers for each column of a block of edges. */
static void walk_blocks(walker *k, size_t sums)
{
    rf_workspace *ws = k->ws;
    const rf_adj *adj = ws->in.adj;
    const int64_t n_nodes = adj->n_u > adj->n_v ? adj->n_u : adj->n_v;
    const int width = widest(k->w.o_e, k->w.d_e);
    ws->blocks =
        rf_arena_take(k->arena, (size_t)rf_blocks(n_nodes) + 1, 2 * sizeof(double) * (size_t)k->w.any);
    ws->e_blocks =
        rf_arena_take(k->arena, (size_t)rf_blocks(adj->n_e) + 1, sums * sizeof(double) * (size_t)width);
    for (int half = 0; half < 2; half++)
        ws->rows[half] = reals(k->arena, (int64_t)ws->workers * RF_BLOCK, width);
}

static void walk_train(walker *k)
{
    rf_workspace *ws = k->ws;
    const rf_adj *adj = ws->in.adj;
    walk_turns(k);
    for (int i = 0; i < ws->model->n_convs; i++)
        walk_layer(k, i);
    ws->e_h = reals(k->arena, adj->n_e, k->w.d_e);
    ws->scratch.tu = reals(k->arena, adj->n_u, k->w.o_e);
    ws->scratch.tv = reals(k->arena, adj->n_v, k->w.o_e);
    walk_blocks(k, 4); /* last layer: mean, centred squares, cross moments and sums of xe */
    ws->coef = reals(k->arena, 2, k->w.any);
    walk_structure(k);
    walk_gradients(k);
}

/* ---- applying ---- */

/* The latents' and the last layer's outputs are the caller's. */
static void walk_apply_layer(walker *k, int i)
{
    rf_workspace *ws = k->ws;
    layer_memory *layer = &ws->layer[i];
    for (rf_side side = 0; side < RF_SIDES; side++)
        walk_norm(k->arena, &layer->norm[side], &ws->model->bn[i][side]);
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++)
        layer->h[side] = layer->y[side] = k->turn[side][i % 2];
}

static void walk_apply(walker *k)
{
    rf_workspace *ws = k->ws;
    const rf_graphbean *model = ws->model;
    const rf_adj *adj = ws->in.adj;
    const int64_t n_nodes = adj->n_u > adj->n_v ? adj->n_u : adj->n_v;
    int kept = 0, width[2] = {1, 1};
    walk_turns(k);
    for (int i = 0; i < model->n_convs; i++) {
        walk_apply_layer(k, i);
        width[i % 2] = widest(width[i % 2], model->conv[i].o_e);
        kept = widest(kept, keeps_edges(model, i) ? model->conv[i].o_e : 0);
    }
    ws->e_h = reals(k->passing, adj->n_e, kept);
    for (int odd = 0; odd < 2; odd++) {
        for (rf_side side = RF_USER; side <= RF_ENTITY; side++)
            ws->table[odd][side] = reals(k->arena, rows_of(ws, side), width[odd]);
    }
    ws->messages =
        reals(k->arena, n_nodes < RF_BEAN_SLICE ? n_nodes : RF_BEAN_SLICE, widest(k->w.k_u, k->w.k_v));
    ws->block_made = rf_arena_take(k->arena, (size_t)ws->workers, sizeof *ws->block_made);
    walk_blocks(k, 2);
    walk_structure(k);
}

static void walk(rf_workspace *ws)
{
    const rf_adj *adj = ws->in.adj;
    walker k = {.ws = ws, .arena = ws->arena, .passing = ws->passing, .w = find_widths(ws->model, ws->use)};
    int64_t n_nodes = adj->n_u > adj->n_v ? adj->n_u : adj->n_v;
    k.most_rows = n_nodes > adj->n_e ? n_nodes : adj->n_e;
    if (ws->use == RF_USE_TRAIN)
        walk_train(&k);
    else
        walk_apply(&k);
}

static rf_status new_arenas(rf_workspace *ws, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_arena_new(&ws->arena, err));
    if (ws->use == RF_USE_APPLY)
        RF_TRY(rf_arena_new(&ws->passing, err));
    walk(ws);
done:
    return st;
}

rf_status rf_workspace_bytes(size_t *out, size_t *kept, rf_graphbean *model, const int64_t n[RF_SIDES],
                             rf_graphbean_use use, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    rf_adj adj = {.n_u = n[RF_USER], .n_v = n[RF_ENTITY], .n_e = n[RF_EDGE]};
    rf_workspace *ws = NULL;
    RF_ZERO(ws, 1, err);
    *ws = (rf_workspace){.model = model, .in.adj = &adj, .use = use, .workers = threads};
    RF_TRY(new_arenas(ws, err));
    *out = rf_arena_bytes(ws->arena);
    if (ws->passing != NULL && !rf_add_size(out, *out, rf_arena_bytes(ws->passing)))
        *out = SIZE_MAX;
    if (kept != NULL)
        *kept = edges_are_needed(model, model->n_convs - 1) ? *out : rf_arena_bytes(ws->arena);
done:
    rf_workspace_free(ws);
    return st;
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
    RF_TRY(rf_linalg_reserve(rf_pool_threads(pool), err));
    RF_ZERO(ws, 1, err);
    ws->model = model;
    ws->in = *input;
    ws->use = use;
    ws->pool = pool;
    ws->workers = rf_pool_threads(pool);
    RF_TRY(new_arenas(ws, err));
    RF_TRY(rf_arena_reserve(ws->arena, err));
    if (ws->passing != NULL)
        RF_TRY(rf_arena_reserve(ws->passing, err));
    walk(ws);
    if (ws->seen != NULL)
        memset(ws->seen, 0, (size_t)ws->workers * (size_t)((adj->n_v + 63) / 64) * sizeof *ws->seen);
    cut_parts(ws);
    set_activations(ws);
    if (use == RF_USE_TRAIN)
        first_messages(ws);
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
    rf_arena_free(workspace->passing);
    rf_arena_free(workspace->arena);
    rf_mem_free(workspace);
}
