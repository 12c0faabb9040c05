/* workspace.c - all memory of a run over one graph, planned and bound by the same walk.
 *
 * Training keeps one linear output a layer: of nodes, and of edges where it would be dearer to make them
 * again. Activations of nodes take turns in one matrix a side, their gradients in two. The edges' gradient
 * takes one matrix, or two where hidden layers follow each other, beside that of the last layer's outputs.
 * Messages live in a block of each thread. What only the structure decoder needs shares its room with what
 * only backward needs before and after it. What is needed for one kind of entity at a time is there once, for
 * the largest. Applying a model leaves all gradients out; there the nodes' outputs alternate, and the edges
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
    int sent_u[RF_KINDS_MOST], sent_v[RF_KINDS_MOST]; /* of gradients to neighbours */
    int won_u[RF_KINDS_MOST], won_v[RF_KINDS_MOST];
    int table[RF_KINDS_MOST];                   /* of tables that layers share */
    int kept_table[RF_KINDS_MOST];              /* of those that are kept, or 0 */
    int o_e[RF_KINDS_MOST], d_e[RF_KINDS_MOST]; /* d_e: of hidden edges */
    int joined[RF_KINDS_MOST];                  /* messages of edges in the last layer, or 0 */
    int message, arg;                           /* of nodes, any kind and side; arg: edges that won */
    int tensor, any, user;                      /* user: of users alone, going in or coming out */
    int h[RF_SIDES_MOST];                       /* outputs of nodes, of any layer */
    int turn[RF_SIDES_MOST][2]; /* in even and in odd layers; applying: but those that are the caller's */
} widths;

static bool is_latent(const rf_graphbean *model, int i)
{
    return i == model->n_enc - 1;
}

static void find_kind_widths(widths *w, const rf_workspace *ws, int kind)
{
    const rf_graphbean *model = ws->model;
    w->o_e[kind] = w->d_e[kind] = w->table[kind] = 1;
    for (int i = 0; i < model->n_convs; i++) {
        const rf_bean_conv *conv = &model->conv[i][kind];
        w->message = widest(w->message, widest(rf_bean_conv_k_u(conv), rf_bean_conv_k_v(conv)));
        w->o_e[kind] = widest(w->o_e[kind], conv->o_e);
        if (keeps_tables(ws, i, kind))
            w->kept_table[kind] = widest(w->kept_table[kind], conv->o_e);
        else if (!joins_ends(model, i, kind))
            w->table[kind] = widest(w->table[kind], conv->o_e);
        if (joins_ends(model, i, kind))
            w->joined[kind] = rf_bean_conv_k_e(conv);
        if (i == 0)
            continue;
        w->d_e[kind] = widest(w->d_e[kind], conv->d_e);
        w->arg = widest(w->arg, widest(conv->d_u, conv->d_v) + conv->d_e);
        w->won_u[kind] = widest(w->won_u[kind], conv->d_v);
        w->won_v[kind] = widest(w->won_v[kind], conv->d_u);
    }
    w->sent_u[kind] = 2 * w->won_u[kind];
    w->sent_v[kind] = 2 * w->won_v[kind];
}

static widths find_widths(const rf_workspace *ws)
{
    const rf_graphbean *model = ws->model;
    const bool trains = ws->use == RF_USE_TRAIN;
    widths w = {.tensor = 1, .any = 1, .user = 1, .message = 1, .arg = 1};
    for (int k = 0; k < model->n_kinds; k++)
        find_kind_widths(&w, ws, k);
    for (int i = 0; i < model->n_convs; i++) {
        const bool is_callers = !trains && (is_latent(model, i) || i == model->n_convs - 1);
        w.user = widest(w.user, widest(model->conv[i][0].d_u, model->conv[i][0].o_u));
        for (rf_side side = 0; side < model->n_sides; side++)
            w.any = widest(w.any, width_of(model, i, side));
        for (rf_side side = RF_USER; side < model->n_sides; side = next_nodes(side)) {
            w.h[side] = widest(w.h[side], width_of(model, i, side));
            if (!is_callers)
                w.turn[side][i % 2] = widest(w.turn[side][i % 2], width_of(model, i, side));
        }
    }
    for (int t = 0; t < model->n_tensors; t++)
        w.tensor = widest(w.tensor, model->tensors[t].rows * widest(1, model->tensors[t].cols));
    w.any = widest(w.any, model->shape.edge_latent);
    return w;
}

typedef struct walker {
    rf_workspace *ws;
    rf_arena *arena, *passing;
    widths w;
    int n_kinds, n_sides;
    int64_t n_nodes, n_entities, n_rows; /* of the largest side: of nodes, of entities, of all */
    rf_real *turn[RF_SIDES_MOST][2];     /* training: gradients; applying: outputs */
    rf_real *h[RF_SIDES_MOST];           /* training: activations of nodes */
    rf_real *table[2];                   /* training: those of layers that share them */
    rf_real *kept_table[RF_KINDS_MOST][2];
} walker;

static int64_t more(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static walker walker_of(rf_workspace *ws)
{
    const rf_graphbean *model = ws->model;
    walker k = {.ws = ws, .arena = ws->arena, .passing = ws->passing, .w = find_widths(ws)};
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

/* Numbers for the entities of one kind at a time, of their width each. */
static int64_t most_of_entities(const walker *k, const int width[RF_KINDS_MOST])
{
    int64_t most = 0;
    for (int kind = 0; kind < k->n_kinds; kind++)
        most = more(most, k->ws->n[rf_entity_side(kind)] * width[kind]);
    return most;
}

/* The same for the users that it meets. */
static int64_t most_of_users(const walker *k, const int width[RF_KINDS_MOST])
{
    int64_t most = 0;
    for (int kind = 0; kind < k->n_kinds; kind++)
        most = more(most, k->ws->kind[kind].n_users * width[kind]);
    return most;
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
    if (k->n_kinds == 1)
        return;
    k->ws->users_in = reals(k->arena, most, k->w.user);
    k->ws->users_out = reals(k->arena, most, k->w.user);
    if (k->ws->use == RF_USE_TRAIN)
        k->ws->users_grad = reals(k->arena, most, k->w.user);
}

/* What a thread needs for a block of nodes. */
static void walk_rooms(walker *k)
{
    rf_bean_scratch *scratch = &k->ws->scratch;
    const int64_t rows = (int64_t)k->ws->workers * RF_BEAN_BLOCK;
    scratch->turned = reals(k->arena, 1, k->w.tensor);
    scratch->msg = reals(k->arena, rows, k->w.message);
    if (k->ws->use != RF_USE_TRAIN)
        return;
    scratch->dmsg = reals(k->arena, rows, k->w.message);
    scratch->arg = rf_arena_take(k->arena, (size_t)rows, sizeof(uint32_t) * (size_t)k->w.arg);
}

/* The first layer's messages are kept where they take no more than the features themselves. */
static void walk_messages(walker *k, int kind)
{
    rf_workspace *ws = k->ws;
    const rf_bean_conv *conv = &ws->model->conv[0][kind];
    kind_memory *of = &ws->kind[kind];
    const int64_t n_v = ws->n[rf_entity_side(kind)], n_e = ws->n[rf_edge_side(kind)];
    const int k_u = rf_bean_conv_k_u(conv), k_v = rf_bean_conv_k_v(conv);
    const double features =
        (double)of->n_users * conv->d_u + (double)n_v * conv->d_v + (double)n_e * conv->d_e;
    if ((double)of->n_users * k_u + (double)n_v * k_v > features)
        return;
    of->msg_u = reals(k->arena, of->n_users, k_u);
    of->msg_v = reals(k->arena, n_v, k_v);
}

static void walk_layer(walker *k, int i)
{
    rf_workspace *ws = k->ws;
    layer_memory *layer = &ws->layer[i];
    for (rf_side side = 0; side < k->n_sides; side++)
        walk_norm(k->arena, &layer->norm[side], &ws->model->bn[i][side]);
    for (rf_side side = RF_USER; side < k->n_sides; side = next_nodes(side)) {
        layer->y[side] = reals(k->arena, ws->n[side], width_of(ws->model, i, side));
        layer->h[side] = k->h[side];
        layer->dh[side] = k->turn[side][i % 2];
    }
    for (int kind = 0; kind < k->n_kinds; kind++) {
        const rf_side edges = rf_edge_side(kind);
        const int o_e = ws->model->conv[i][kind].o_e;
        if (holds_edges(ws, i, kind))
            layer->y[edges] = reals(k->arena, ws->n[edges], o_e);
        if (keeps_tables(ws, i, kind)) {
            layer->table[kind][RF_USER] = k->kept_table[kind][RF_USER];
            layer->table[kind][RF_ENTITY] = k->kept_table[kind][RF_ENTITY];
        } else if (!joins_ends(ws->model, i, kind)) {
            layer->table[kind][RF_USER] = k->table[RF_USER];
            layer->table[kind][RF_ENTITY] = k->table[RF_ENTITY];
        }
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
}

static void walk_structure_gradients(walker *k)
{
    rf_workspace *ws = k->ws;
    const int64_t n[2] = {ws->n[RF_USER], k->n_entities};
    const int latent = ws->model->shape.edge_latent;
    ws->dzv_parts = reals(k->arena, STRUCTURE_PARTS * n[RF_ENTITY], latent);
    for (rf_side role = RF_USER; role <= RF_ENTITY; role++) {
        for (int half = 0; half < 2; half++)
            ws->mlp_grad[role][half] =
                reals(k->arena, n[role], widest(latent, ws->model->shape.latent[role]));
    }
}

/* Does an edge layer between the first and the last have both an input and an output? */
static bool needs_two_gradients(const rf_graphbean *model, int kind)
{
    bool needs = false;
    for (int i = 1; i < model->n_convs - 1; i++)
        needs = needs || keeps_edges(model, i, kind);
    return needs;
}

static void walk_edge_gradients(walker *k, int kind)
{
    rf_workspace *ws = k->ws;
    const rf_graphbean *model = ws->model;
    const rf_bean_conv *last = &model->conv[model->n_convs - 1][kind];
    const int64_t n_e = ws->n[rf_edge_side(kind)];
    const bool joins = joins_ends(model, model->n_convs - 1, kind);
    kind_memory *of = &ws->kind[kind];
    of->e_last = reals(k->arena, n_e, joins ? last->d_u + last->d_v : last->o_e);
    of->e_grad[0] = reals(k->arena, n_e, k->w.d_e[kind]);
    if (needs_two_gradients(model, kind))
        of->e_grad[1] = reals(k->arena, n_e, k->w.d_e[kind]);
}

/* Between the decoder's and the encoder's backward there is no gradient of edges, and the structure decoder
 * has its turn. */
static void walk_gradients(walker *k)
{
    rf_workspace *ws = k->ws;
    const int64_t segments = rf_segments(k->n_rows);
    rf_bean_scratch *scratch = &ws->scratch;
    scratch->partial = reals(k->arena, segments, k->w.tensor);
    scratch->sums = rf_arena_take(k->arena, (size_t)segments, sizeof(double) * (size_t)k->w.any);
    rf_arena_share_begin(k->arena);
    for (int kind = 0; kind < k->n_kinds; kind++)
        walk_edge_gradients(k, kind);
    scratch->sent_u = reals(k->arena, most_of_users(k, k->w.sent_u), 1);
    scratch->sent_v = reals(k->arena, most_of_entities(k, k->w.sent_v), 1);
    scratch->won_u = rf_arena_take(k->arena, (size_t)most_of_users(k, k->w.won_u), sizeof(uint32_t));
    scratch->won_v = rf_arena_take(k->arena, (size_t)most_of_entities(k, k->w.won_v), sizeof(uint32_t));
    rf_arena_share_next(k->arena);
    walk_structure(k);
    walk_structure_gradients(k);
    rf_arena_share_end(k->arena);
}

static void walk_turns(walker *k)
{
    for (rf_side side = RF_USER; side < k->n_sides; side = next_nodes(side)) {
        for (int odd = 0; odd < 2; odd++)
            k->turn[side][odd] = reals(k->arena, k->ws->n[side], k->w.turn[side][odd]);
    }
}

/* Numbers for a block of edges: two a column of outputs, mean and centred squares, and of inputs, sums for
 * their gradient. In training four of the last layer's outputs: cross moments and sums of xe, too. */
static int sums_of_block(const walker *k, int kind)
{
    const rf_graphbean *model = k->ws->model;
    const int last = model->conv[model->n_convs - 1][kind].o_e;
    const int most = 2 * widest(k->w.o_e[kind], k->w.d_e[kind]);
    return k->ws->use == RF_USE_TRAIN ? widest(most, 4 * last) : most;
}

/* Sums of blocks, and blocks of edges in flight. */
static void walk_blocks(walker *k)
{
    rf_workspace *ws = k->ws;
    const int64_t rows = (int64_t)ws->workers * RF_BLOCK;
    const bool trains = ws->use == RF_USE_TRAIN;
    int width = 1, in = 1, joined = 1, features = 1;
    bool copies = ws->is_narrow;
    ws->blocks =
        rf_arena_take(k->arena, (size_t)rf_blocks(k->n_nodes) + 1, 2 * sizeof(double) * (size_t)k->w.any);
    for (int kind = 0; kind < k->n_kinds; kind++) {
        const int most = widest(k->w.o_e[kind], k->w.d_e[kind]);
        ws->kind[kind].e_blocks = rf_arena_take(k->arena, (size_t)rf_blocks(ws->n[rf_edge_side(kind)]) + 1,
                                                sizeof(double) * (size_t)sums_of_block(k, kind));
        width = widest(width, most);
        features = widest(features, ws->model->shape.in[rf_edge_side(kind)]);
        in = widest(in, widest(k->w.d_e[kind], features));
        joined = widest(joined, k->w.joined[kind]);
        copies = copies || forgets_edges(ws, kind);
    }
    ws->rows[ROWS_Y] = reals(k->arena, rows, width);
    ws->rows[ROWS_IN] = reals(k->arena, rows, widest(in, joined));
    ws->rows[ROWS_OUT] = reals(k->arena, rows, trains ? width : 1);
    ws->rows[ROWS_DIN] = reals(k->arena, rows, trains ? joined : 1);
    ws->rows[ROWS_X] = reals(k->arena, copies ? rows : 0, features);
    ws->scratch.edge_x = ws->rows[ROWS_X];
    ws->scratch.edge_y = ws->rows[ROWS_Y];
}

static void walk_train(walker *k)
{
    rf_workspace *ws = k->ws;
    walk_turns(k);
    walk_rooms(k);
    for (rf_side side = RF_USER; side < k->n_sides; side = next_nodes(side))
        k->h[side] = reals(k->arena, ws->n[side], k->w.h[side]);
    k->table[RF_USER] = reals(k->arena, most_of_users(k, k->w.table), 1);
    k->table[RF_ENTITY] = reals(k->arena, most_of_entities(k, k->w.table), 1);
    for (int kind = 0; kind < k->n_kinds; kind++) {
        walk_messages(k, kind);
        k->kept_table[kind][RF_USER] = reals(k->arena, ws->kind[kind].n_users, k->w.kept_table[kind]);
        k->kept_table[kind][RF_ENTITY] = reals(k->arena, ws->n[rf_entity_side(kind)], k->w.kept_table[kind]);
        if (drops(ws))
            ws->kind[kind].e_h = reals(k->arena, ws->n[rf_edge_side(kind)], k->w.d_e[kind]);
    }
    for (int i = 0; i < ws->model->n_convs; i++)
        walk_layer(k, i);
    walk_blocks(k);
    ws->coef = reals(k->arena, 2, k->w.any);
    ws->seen = rf_arena_take(k->arena, seen_words(k), sizeof(uint64_t));
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
    const int64_t n[2] = {ws->kind[kind].n_users, ws->n[rf_entity_side(kind)]};
    rf_real *table[2][2];
    int kept = 0, width[2] = {1, 1};
    for (int i = 0; i < model->n_convs; i++) {
        const int o_e = model->conv[i][kind].o_e;
        width[i % 2] = widest(width[i % 2], joins_ends(model, i, kind) ? 0 : o_e);
        kept = widest(kept, holds_edges(ws, i, kind) ? o_e : 0);
    }
    ws->kind[kind].e_h = reals(k->passing, ws->n[rf_edge_side(kind)], kept);
    for (int odd = 0; odd < 2; odd++) {
        for (rf_side role = RF_USER; role <= RF_ENTITY; role++)
            table[odd][role] = reals(k->arena, n[role], width[odd]);
    }
    for (int i = 0; i < model->n_convs; i++) {
        if (holds_edges(ws, i, kind))
            ws->layer[i].y[rf_edge_side(kind)] = ws->kind[kind].e_h;
        for (rf_side role = RF_USER; role <= RF_ENTITY; role++)
            ws->layer[i].table[kind][role] = joins_ends(model, i, kind) ? NULL : table[i % 2][role];
    }
}

static void walk_apply(walker *k)
{
    rf_workspace *ws = k->ws;
    walk_turns(k);
    walk_rooms(k);
    for (int i = 0; i < ws->model->n_convs; i++)
        walk_apply_layer(k, i);
    for (int kind = 0; kind < k->n_kinds; kind++)
        walk_apply_edges(k, kind);
    ws->block_made = rf_arena_take(k->arena, (size_t)ws->workers, sizeof *ws->block_made);
    walk_blocks(k);
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
                             const rf_workspace_form *form, rf_err *err)
{
    rf_status st = RF_OK;
    rf_workspace *ws = NULL;
    RF_ZERO(ws, 1, err);
    ws->model = model;
    ws->use = form->use;
    ws->in.hidden_edges = form->hidden_edges;
    ws->is_narrow = form->is_narrow;
    ws->workers = form->threads;
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
        *kept = edges_are_needed(ws, model->n_convs - 1) ? *out : rf_arena_bytes(ws->arena);
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
        ws->is_narrow = ws->is_narrow || input->narrow[rf_edge_side(k)] != NULL;
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
