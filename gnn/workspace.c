/* workspace.c - all memory of a run over one graph, planned and bound by the same walk.
 *
 * Training keeps the messages and outputs of all layers; of E-sized matrices two more are shared by all
 * layers: the current layer's edge input (in backward a gradient), and a gradient. Gradients of nodes
 * alternate between two buffers, but those of the latents have their own, because the structure decoder adds
 * to them first. What only the structure decoder needs shares its room with what only backward needs. What is
 * needed for one kind of entity at a time is there once, for the largest.
 * Applying a model leaves all gradients and messages out; there the nodes' outputs alternate, and the edges
 * have one matrix a kind, in an arena of its own: it goes when no layer reads it any more.
 */
#include "graphbean_int.h"

#include <limits.h>
#include <math.h>
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
    int k_u[RF_KINDS_MOST], k_v[RF_KINDS_MOST];   /* messages of each kind */
    int dk_u[RF_KINDS_MOST], dk_v[RF_KINDS_MOST]; /* their gradients: the first layer has none */
    int o_e[RF_KINDS_MOST], d_e[RF_KINDS_MOST];
    int tensor, any, user;      /* user: of users alone, going in or coming out */
    int turn[RF_SIDES_MOST][2]; /* outputs of nodes, in even and in odd layers; latents left out */
} widths;

static bool is_latent(const rf_graphbean *model, int i)
{
    return i == model->n_enc - 1;
}

static void find_kind_widths(widths *w, const rf_graphbean *model, int kind)
{
    w->k_u[kind] = w->dk_u[kind] = w->k_v[kind] = w->dk_v[kind] = w->o_e[kind] = w->d_e[kind] = 1;
    for (int i = 0; i < model->n_convs; i++) {
        const rf_bean_conv *conv = &model->conv[i][kind];
        w->k_u[kind] = widest(w->k_u[kind], rf_bean_conv_k_u(conv));
        w->dk_u[kind] = widest(w->dk_u[kind], i == 0 ? 0 : rf_bean_conv_k_u(conv));
        w->k_v[kind] = widest(w->k_v[kind], rf_bean_conv_k_v(conv));
        w->dk_v[kind] = widest(w->dk_v[kind], i == 0 ? 0 : rf_bean_conv_k_v(conv));
        w->o_e[kind] = widest(w->o_e[kind], conv->o_e);
        w->d_e[kind] = widest(w->d_e[kind], i == 0 ? 0 : conv->d_e);
    }
}

static widths find_widths(const rf_graphbean *model, rf_graphbean_use use)
{
    const int turns = use == RF_USE_TRAIN ? model->n_convs : model->n_convs - 1;
    widths w = {.tensor = 1, .any = 1, .user = 1};
    for (int k = 0; k < model->n_kinds; k++)
        find_kind_widths(&w, model, k);
    for (int i = 0; i < model->n_convs; i++) {
        w.user = widest(w.user, widest(model->conv[i][0].d_u, model->conv[i][0].o_u));
        for (rf_side side = 0; side < model->n_sides; side++)
            w.any = widest(w.any, width_of(model, i, side));
        for (rf_side side = RF_USER; side < model->n_sides && i < turns && !is_latent(model, i);
             side = next_nodes(side))
            w.turn[side][i % 2] = widest(w.turn[side][i % 2], width_of(model, i, side));
    }
    for (int t = 0; t < model->n_tensors; t++)
        w.tensor = widest(w.tensor, model->tensors[t].rows * widest(1, model->tensors[t].cols));
    w.any = widest(w.any, model->shape.edge_latent);
    return w;
}

/* Latents have no edge output, and the last one is the reconstruction. */
static bool is_hidden_edge(const rf_graphbean *model, int i, int kind)
{
    return model->conv[i][kind].o_e > 0 && i < model->n_convs - 1;
}

typedef struct walker {
    rf_workspace *ws;
    rf_arena *arena, *passing;
    widths w;
    int n_kinds, n_sides;
    int64_t n_nodes, n_entities, n_rows; /* of the largest side: of nodes, of entities, of all */
    rf_real *turn[RF_SIDES_MOST][2];     /* training: gradients; applying: outputs */
} walker;

static int64_t more(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static walker walker_of(rf_workspace *ws)
{
    const rf_graphbean *model = ws->model;
    walker k = {.ws = ws, .arena = ws->arena, .passing = ws->passing, .w = find_widths(model, ws->use)};
    k.n_kinds = model->n_kinds;
    k.n_sides = model->n_sides;
    for (rf_side side = 0; side < k.n_sides; side++) {
        const rf_side role = rf_side_role(side);
        k.n_rows = more(k.n_rows, ws->n[side]);
        k.n_nodes = role == RF_EDGE ? k.n_nodes : more(k.n_nodes, ws->n[side]);
        k.n_entities = role == RF_ENTITY ? more(k.n_entities, ws->n[side]) : k.n_entities;
    }
    return k;
}

/* For the entities of one kind at a time, of their width each. */
static rf_real *reals_of_entities(walker *k, const int width[RF_KINDS_MOST])
{
    int64_t most = 0;
    for (int kind = 0; kind < k->n_kinds; kind++)
        most = more(most, k->ws->n[rf_entity_side(kind)] * width[kind]);
    return reals(k->arena, most, 1);
}

/* The same for the users that it meets. */
static rf_real *reals_of_users(walker *k, const int width[RF_KINDS_MOST])
{
    int64_t most = 0;
    for (int kind = 0; kind < k->n_kinds; kind++)
        most = more(most, k->ws->kind[kind].n_users * width[kind]);
    return reals(k->arena, most, 1);
}

static void walk_met(walker *k)
{
    int64_t most = 0;
    for (int kind = 1; kind < k->n_kinds; kind++) {
        kind_memory *of = &k->ws->kind[kind];
        of->users = rf_arena_take(k->arena, (size_t)of->n_users, sizeof *of->users);
        of->users_ptr = rf_arena_take(k->arena, (size_t)of->n_users + 1, sizeof *of->users_ptr);
        of->edge_user = rf_arena_take(k->arena, (size_t)k->ws->n[rf_edge_side(kind)], sizeof *of->edge_user);
        most = more(most, of->n_users);
    }
    if (k->n_kinds > 1) {
        k->ws->users_in = reals(k->arena, most, k->w.user);
        k->ws->users_out = reals(k->arena, most, k->w.user);
    }
}

static void walk_messages(walker *k, int i)
{
    rf_workspace *ws = k->ws;
    for (int kind = 0; kind < k->n_kinds; kind++) {
        const rf_bean_conv *conv = &ws->model->conv[i][kind];
        const kind_memory *of = &ws->kind[kind];
        const int64_t n_v = ws->n[rf_entity_side(kind)];
        rf_bean_conv_saved *saved = &ws->layer[i].saved[kind];
        saved->msg_u = reals(k->arena, of->n_users, rf_bean_conv_k_u(conv));
        saved->share_u = of->share_u;
        saved->share_v = of->share_v;
        saved->msg_v = reals(k->arena, n_v, rf_bean_conv_k_v(conv));
        if (i == 0) /* the first layer's inputs need no gradient */
            continue;
        saved->arg_u =
            rf_arena_take(k->arena, (size_t)of->n_users, sizeof(uint32_t) * (size_t)(conv->d_v + conv->d_e));
        saved->arg_v =
            rf_arena_take(k->arena, (size_t)n_v, sizeof(uint32_t) * (size_t)(conv->d_u + conv->d_e));
    }
}

/* The latents' layer reads the encoder's last hidden nodes, and nobody after it: the reconstruction of the
 * nodes, which is made last, takes their room. */
static rf_real *output_of(walker *k, int i, rf_side side)
{
    rf_workspace *ws = k->ws;
    const rf_graphbean *model = ws->model;
    int last = model->n_convs - 1, hidden = model->n_enc - 2, width = width_of(model, i, side);
    if (i == last)
        return ws->layer[hidden].h[side];
    if (i == hidden)
        width = widest(width, width_of(model, last, side));
    return reals(k->arena, ws->n[side], width);
}

static rf_real *in_turn(walker *k, int i, rf_side side)
{
    if (is_latent(k->ws->model, i))
        return reals(k->arena, k->ws->n[side], width_of(k->ws->model, i, side));
    return k->turn[side][i % 2];
}

static void walk_nodes(walker *k, int i, rf_side side)
{
    layer_memory *layer = &k->ws->layer[i];
    layer->y[side] = reals(k->arena, k->ws->n[side], width_of(k->ws->model, i, side));
    layer->h[side] = output_of(k, i, side);
    layer->dh[side] = in_turn(k, i, side);
}

static void walk_layer(walker *k, int i)
{
    rf_workspace *ws = k->ws;
    layer_memory *layer = &ws->layer[i];
    walk_messages(k, i);
    for (rf_side side = 0; side < k->n_sides; side++)
        walk_norm(k->arena, &layer->norm[side], &ws->model->bn[i][side]);
    for (rf_side side = RF_USER; side < k->n_sides; side = next_nodes(side))
        walk_nodes(k, i, side);
    for (int kind = 0; kind < k->n_kinds; kind++) {
        const rf_side edges = rf_edge_side(kind);
        if (is_hidden_edge(ws->model, i, kind))
            layer->y[edges] = reals(k->arena, ws->n[edges], ws->model->conv[i][kind].o_e);
    }
}

static size_t seen_words(const walker *k)
{
    return (size_t)k->ws->workers * (size_t)((k->n_entities + 63) / 64);
}

static void walk_structure(walker *k)
{
    rf_workspace *ws = k->ws;
    const rf_graphbean *model = ws->model;
    const int64_t n[2] = {ws->n[RF_USER], k->n_entities};
    int n_layers = model->shape.layers_mlp;
    size_t workers = (size_t)ws->workers;
    for (rf_side role = RF_USER; role <= RF_ENTITY; role++) {
        for (int i = 0; i < n_layers; i++) {
            if (ws->use == RF_USE_TRAIN || i < 2)
                ws->mlp_h[role][i] = reals(k->arena, n[role], model->shape.edge_latent);
            else
                ws->mlp_h[role][i] = ws->mlp_h[role][i - 2];
        }
    }
    ws->pair_v = rf_arena_take(k->arena, workers * PAIRS_AT_ONCE, sizeof(uint32_t));
    ws->pair_y = rf_arena_take(k->arena, workers * PAIRS_AT_ONCE, 1);
    ws->pair_logit = rf_arena_take(k->arena, workers * PAIRS_AT_ONCE, sizeof(rf_real));
    if (ws->use == RF_USE_TRAIN)
        ws->seen = rf_arena_take(k->arena, seen_words(k), sizeof(uint64_t));
}

/* The structure decoder's own gradients are done with before backward begins. */
static void walk_gradients(walker *k)
{
    rf_workspace *ws = k->ws;
    const rf_graphbean *model = ws->model;
    const int64_t n[2] = {ws->n[RF_USER], k->n_entities};
    int latent = model->shape.edge_latent;
    int64_t segments = rf_segments(k->n_rows);
    ws->scratch.partial = reals(k->arena, segments, k->w.tensor);
    ws->scratch.sums = rf_arena_take(k->arena, (size_t)segments, sizeof(double) * (size_t)k->w.any);
    rf_arena_share_begin(k->arena);
    for (int kind = 0; kind < k->n_kinds; kind++)
        ws->kind[kind].e_grad = reals(k->arena, ws->n[rf_edge_side(kind)], k->w.o_e[kind]);
    ws->scratch.dmsg_u = reals_of_users(k, k->w.dk_u);
    ws->scratch.dmsg_v = reals_of_entities(k, k->w.dk_v);
    rf_arena_share_next(k->arena);
    ws->dzv_parts = reals(k->arena, STRUCTURE_PARTS * n[RF_ENTITY], latent);
    for (rf_side role = RF_USER; role <= RF_ENTITY; role++) {
        for (int half = 0; half < 2; half++)
            ws->mlp_grad[role][half] = reals(k->arena, n[role], widest(latent, model->shape.latent[role]));
    }
    rf_arena_share_end(k->arena);
}

static void walk_turns(walker *k)
{
    for (rf_side side = RF_USER; side < k->n_sides; side = next_nodes(side)) {
        for (int odd = 0; odd < 2; odd++)
            k->turn[side][odd] = reals(k->arena, k->ws->n[side], k->w.turn[side][odd]);
    }
}

/* Sums of blocks, and blocks of edges in flight. `sums`: numbers for each column of a block of edges. */
static void walk_blocks(walker *k, size_t sums)
{
    rf_workspace *ws = k->ws;
    int most = 1;
    ws->blocks =
        rf_arena_take(k->arena, (size_t)rf_blocks(k->n_nodes) + 1, 2 * sizeof(double) * (size_t)k->w.any);
    for (int kind = 0; kind < k->n_kinds; kind++) {
        const int width = widest(k->w.o_e[kind], k->w.d_e[kind]);
        ws->kind[kind].e_blocks = rf_arena_take(k->arena, (size_t)rf_blocks(ws->n[rf_edge_side(kind)]) + 1,
                                                sums * sizeof(double) * (size_t)width);
        most = widest(most, width);
    }
    for (int half = 0; half < 2; half++)
        ws->rows[half] = reals(k->arena, (int64_t)ws->workers * RF_BLOCK, most);
}

static void walk_train(walker *k)
{
    rf_workspace *ws = k->ws;
    walk_turns(k);
    for (int i = 0; i < ws->model->n_convs; i++)
        walk_layer(k, i);
    for (int kind = 0; kind < k->n_kinds; kind++)
        ws->kind[kind].e_h = reals(k->arena, ws->n[rf_edge_side(kind)], k->w.d_e[kind]);
    ws->scratch.tu = reals_of_users(k, k->w.o_e);
    ws->scratch.tv = reals_of_entities(k, k->w.o_e);
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
    for (rf_side side = 0; side < k->n_sides; side++)
        walk_norm(k->arena, &layer->norm[side], &ws->model->bn[i][side]);
    for (rf_side side = RF_USER; side < k->n_sides; side = next_nodes(side))
        layer->h[side] = layer->y[side] = k->turn[side][i % 2];
}

static void walk_apply_edges(walker *k, int kind)
{
    rf_workspace *ws = k->ws;
    const rf_graphbean *model = ws->model;
    int kept = 0, width[2] = {1, 1};
    for (int i = 0; i < model->n_convs; i++) {
        const int o_e = model->conv[i][kind].o_e;
        width[i % 2] = widest(width[i % 2], o_e);
        kept = widest(kept, keeps_edges(model, i, kind) ? o_e : 0);
    }
    ws->kind[kind].e_h = reals(k->passing, ws->n[rf_edge_side(kind)], kept);
    for (int odd = 0; odd < 2; odd++) {
        ws->kind[kind].table[odd][RF_USER] = reals(k->arena, ws->kind[kind].n_users, width[odd]);
        ws->kind[kind].table[odd][RF_ENTITY] = reals(k->arena, ws->n[rf_entity_side(kind)], width[odd]);
    }
}

static void walk_apply(walker *k)
{
    rf_workspace *ws = k->ws;
    int widest_message = 1;
    walk_turns(k);
    for (int i = 0; i < ws->model->n_convs; i++)
        walk_apply_layer(k, i);
    for (int kind = 0; kind < k->n_kinds; kind++) {
        walk_apply_edges(k, kind);
        widest_message = widest(widest_message, widest(k->w.k_u[kind], k->w.k_v[kind]));
    }
    ws->messages = reals(k->arena, k->n_nodes < RF_BEAN_SLICE ? k->n_nodes : RF_BEAN_SLICE, widest_message);
    ws->block_made = rf_arena_take(k->arena, (size_t)ws->workers, sizeof *ws->block_made);
    walk_blocks(k, 2);
    walk_structure(k);
}

static void walk_shares(walker *k)
{
    for (int kind = 0; kind < k->n_kinds && k->ws->model->shape.gate != RF_GATE_OFF; kind++) {
        kind_memory *of = &k->ws->kind[kind];
        of->share_u = reals(k->arena, k->ws->n[rf_edge_side(kind)], 1);
        of->share_v = reals(k->arena, k->ws->n[rf_edge_side(kind)], 1);
    }
}

static void walk(rf_workspace *ws)
{
    walker k = walker_of(ws);
    walk_met(&k);
    walk_shares(&k);
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

rf_status rf_workspace_bytes(size_t *out, size_t *kept, rf_graphbean *model, const int64_t n[RF_SIDES_MOST],
                             rf_graphbean_use use, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    rf_workspace *ws = NULL;
    RF_ZERO(ws, 1, err);
    ws->model = model;
    ws->use = use;
    ws->workers = threads;
    memcpy(ws->n, n, (size_t)model->n_sides * sizeof *n);
    for (int k = 0; k < model->n_kinds; k++) { /* of other kinds as many as there may be */
        const int64_t n_e = n[rf_edge_side(k)];
        ws->kind[k].n_users = k > 0 && n_e < n[RF_USER] ? n_e : n[RF_USER];
    }
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

/* Cuts the users into runs of about equally many pairs of a kind, by what is the same in every epoch. */
static void cut_parts(int64_t part_end[STRUCTURE_PARTS], const rf_adj *adj)
{
    int64_t user = 0;
    for (int part = 0; part < STRUCTURE_PARTS; part++) {
        double goal = (double)(part + 1) / STRUCTURE_PARTS;
        while (user < adj->n_u &&
               (0.2 * (double)adj->u_ptr[user + 1] / (double)(adj->n_e > 0 ? adj->n_e : 1) +
                0.8 * (double)(user + 1) / (double)adj->n_u) <= goal + 1e-12)
            user++;
        part_end[part] = part == STRUCTURE_PARTS - 1 ? adj->n_u : user;
    }
}

static void set_activations(rf_workspace *ws)
{
    const rf_graphbean *model = ws->model;
    for (int i = 0; i < model->n_convs; i++) {
        bool relu = i != model->n_enc - 1 && i != model->n_convs - 1;
        for (rf_side side = 0; side < model->n_sides; side++)
            ws->layer[i].act[side] = rf_activation_make(relu, 0, 0, 0);
    }
    for (int k = 0; k < model->n_kinds; k++) {
        for (int i = 0; i < model->shape.layers_mlp; i++)
            ws->kind[k].mlp_act[RF_USER][i] = ws->kind[k].mlp_act[RF_ENTITY][i] =
                rf_activation_make(i < model->shape.layers_mlp - 1, 0, 0, 0);
    }
}

/* Of the edges edge[ptr[i] .. ptr[i + 1]) (NULL: the numbers themselves) in the means of the n nodes i. far:
 * the node at the other end, and far_ptr that side's edges. */
static void find_shares(rf_real *share, int64_t n, const int64_t *ptr, const uint32_t *edge,
                        const uint32_t *far, const int64_t *far_ptr)
{
    for (int64_t i = 0; i < n; i++) {
        double sum = 0;
        for (int round = 0; round < 2; round++) {
            for (int64_t k = ptr[i]; k < ptr[i + 1]; k++) {
                const int64_t e = edge == NULL ? k : edge[k], node = far[e];
                const double gate = 1 / log1p((double)(far_ptr[node + 1] - far_ptr[node]));
                if (round == 0)
                    sum += gate;
                else
                    share[e] = (rf_real)(gate / sum);
            }
        }
    }
}

static void set_shares(rf_workspace *ws)
{
    for (int k = 0; k < ws->model->n_kinds && ws->model->shape.gate != RF_GATE_OFF; k++) {
        const rf_adj *adj = ws->in.adj[k];
        find_shares(ws->kind[k].share_u, adj->n_u, adj->u_ptr, NULL, adj->e_v, adj->v_ptr);
        find_shares(ws->kind[k].share_v, adj->n_v, adj->v_ptr, adj->v_edge, adj->e_u, adj->u_ptr);
    }
}

static rf_status check_sizes(const rf_graphbean_input *input, int n_kinds, rf_err *err)
{
    rf_status st = RF_OK;
    for (int k = 0; k < n_kinds; k++) {
        const rf_adj *adj = input->adj[k];
        if (adj->n_u > INT_MAX || adj->n_v > INT_MAX || adj->n_e >= (int64_t)RF_NO_EDGE)
            RF_FAIL(err, RF_E_INVALID,
                    "graph of %lld users, %lld entities, %lld edges: more than 32-bit numbers can name",
                    (long long)adj->n_u, (long long)adj->n_v, (long long)adj->n_e);
    }
done:
    return st;
}

static void bind_input(rf_workspace *ws, const rf_graphbean_input *input)
{
    ws->in = *input;
    ws->n[RF_USER] = input->adj[0]->n_u;
    for (int k = 0; k < ws->model->n_kinds; k++) {
        ws->n[rf_entity_side(k)] = input->adj[k]->n_v;
        ws->n[rf_edge_side(k)] = input->adj[k]->n_e;
        ws->kind[k].n_users = k == 0 ? input->adj[0]->n_u : count_met(input->adj[k]);
        ws->kind[k].adj = input->adj[k];
        cut_parts(ws->kind[k].part_end, input->adj[k]);
    }
}

rf_status rf_workspace_new(rf_workspace **out, rf_graphbean *model, const rf_graphbean_input *input,
                           rf_graphbean_use use, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_workspace *ws = NULL;

    RF_TRY(check_sizes(input, model->n_kinds, err));
    RF_TRY(rf_linalg_reserve(rf_pool_threads(pool), err));
    RF_ZERO(ws, 1, err);
    ws->model = model;
    ws->use = use;
    ws->pool = pool;
    ws->workers = rf_pool_threads(pool);
    bind_input(ws, input);
    RF_TRY(new_arenas(ws, err));
    RF_TRY(rf_arena_reserve(ws->arena, err));
    if (ws->passing != NULL)
        RF_TRY(rf_arena_reserve(ws->passing, err));
    walk(ws);
    if (ws->seen != NULL) {
        const walker k = walker_of(ws);
        memset(ws->seen, 0, seen_words(&k) * sizeof *ws->seen);
    }
    for (int k = 1; k < model->n_kinds; k++)
        find_met(&ws->kind[k], input->adj[k]);
    set_shares(ws);
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
