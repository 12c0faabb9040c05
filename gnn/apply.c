/* apply.c - from features to reconstructions where a model is applied and nothing has to be kept for a
 * gradient.
 *
 * Nodes: the messages of a slice of them, then their outputs. Edges: the encoder's hidden layer is kept once,
 * as its linear output. The decoder's first hidden layer is a sum of two nodes' rows, which its readers make
 * again from the nodes' tables; so is the reconstruction from that. What is read twice is made twice: memory
 * that is touched for the first time costs more.
 */
#include "graphbean_int.h"

#include <string.h>

bool keeps_edges(const rf_graphbean *model, int i, int kind)
{
    const rf_bean_conv *conv = &model->conv[i][kind];
    return i < model->n_convs - 1 && conv->o_e > 0 && conv->d_e > 0;
}

/* ---- rows of edges ---- */

static rf_edge_rows edge_input(const rf_workspace *ws, int i, int kind)
{
    const rf_side edges = rf_edge_side(kind);
    if (i == 0)
        return (rf_edge_rows){.x = ws->in.x[edges]};
    rf_real *const *table = ws->kind[kind].table[(i - 1) % 2];
    if (ws->model->conv[i][kind].d_e == 0)
        return (rf_edge_rows){0};
    return (rf_edge_rows){.x = keeps_edges(ws->model, i - 1, kind) ? ws->kind[kind].e_h : NULL,
                          .tu = table[RF_USER],
                          .tv = table[RF_ENTITY],
                          .norm = &ws->layer[i - 1].norm[edges]};
}

typedef struct edge_set { /* edges that are made together, RF_BLOCK at most */
    int kind;
    uint32_t *u, *v;   /* of each */
    const int64_t *at; /* their numbers; NULL: first, first + 1, ... */
    int64_t first, n;
} edge_set;

static edge_set edges_of_block(const rf_workspace *ws, int kind, int64_t block)
{
    const int64_t first = block * RF_BLOCK;
    return (edge_set){.kind = kind,
                      .u = ws->kind[kind].adj->e_u + first,
                      .v = ws->kind[kind].adj->e_v + first,
                      .first = first,
                      .n = block_rows(ws->n[rf_edge_side(kind)], block)};
}

/* Rows of the edges as layer i reads them. */
static const rf_real *input_rows(const rf_workspace *ws, int i, const edge_set *edges, rf_real *room)
{
    const rf_edge_rows in = edge_input(ws, i, edges->kind);
    const int64_t d = ws->model->conv[i][edges->kind].d_e;
    if (d == 0)
        return NULL;
    const rf_real *x = in.x != NULL && edges->at == NULL ? in.x + edges->first * d : room;
    if (in.norm == NULL)
        return x;
    if (in.x == NULL)
        rf_gather_pairs(room, in.tu, in.tv, edges->u, edges->v, 0, edges->n, (int)d, false);
    for (int64_t k = 0; in.x != NULL && edges->at != NULL && k < edges->n; k++)
        memcpy(room + k * d, in.x + edges->at[k] * d, (size_t)d * sizeof *room);
    rf_norm_rows(room, x, edges->first, edges->n, in.norm, &ws->layer[i - 1].act[rf_edge_side(edges->kind)]);
    return room;
}

static void linear_rows(const rf_workspace *ws, int i, rf_real *out, const edge_set *edges, int worker)
{
    const rf_bean_conv *conv = &ws->model->conv[i][edges->kind];
    const rf_adj ends = {.e_u = edges->u, .e_v = edges->v};
    rf_real *const *table = ws->kind[edges->kind].table[i % 2];
    rf_real *room = ws->rows[1] + (int64_t)worker * RF_BLOCK * conv->d_e;
    rf_bean_conv_edge_rows(out, conv, &ends, table[RF_USER], table[RF_ENTITY], input_rows(ws, i, edges, room),
                           0, edges->n);
}

/* ---- layers ---- */

typedef struct edge_job {
    const rf_workspace *ws;
    int i, kind;
    bool frozen;
} edge_job;

static void edges_task(void *context, int64_t block, int worker)
{
    const edge_job *job = context;
    const rf_workspace *ws = job->ws;
    const int o = ws->model->conv[job->i][job->kind].o_e;
    const edge_set edges = edges_of_block(ws, job->kind, block);
    rf_real *y = ws->rows[0] + (int64_t)worker * RF_BLOCK * o;
    double *moments = ws->kind[job->kind].e_blocks + block * 2 * o;
    if (keeps_edges(ws->model, job->i, job->kind))
        y = ws->kind[job->kind].e_h + edges.first * o;
    linear_rows(ws, job->i, y, &edges, worker);
    if (!job->frozen)
        rf_moments_block(moments, moments + o, y, edges.n, o);
}

static void apply_edges(rf_workspace *ws, int i, int kind, bool frozen)
{
    const rf_bean_conv *conv = &ws->model->conv[i][kind];
    rf_real *const *table = ws->kind[kind].table[i % 2];
    edge_job job = {.ws = ws, .i = i, .kind = kind, .frozen = frozen};
    if (conv->o_e == 0)
        return;
    rf_bean_conv_tables(table[RF_USER], table[RF_ENTITY], conv, ws->kind[kind].adj,
                        met_rows(ws, kind, layer_input(ws, i, RF_USER), conv->d_u),
                        layer_input(ws, i, rf_entity_side(kind)), ws->pool);
    if (!frozen || keeps_edges(ws->model, i, kind))
        rf_pool_run(ws->pool, rf_blocks(ws->n[rf_edge_side(kind)]), edges_task, &job);
    settle_norm(ws, i, rf_edge_side(kind), ws->kind[kind].e_blocks, frozen, false);
}

/* Are edges kept that somebody will read, after layer i? The last layer's input is read for an output, too.
 */
bool edges_are_needed(const rf_graphbean *model, int i)
{
    bool needed = false;
    for (int k = 0; k < model->n_kinds; k++) {
        needed = needed || keeps_edges(model, model->n_convs - 2, k);
        for (int later = i; later < model->n_convs; later++)
            needed = needed || keeps_edges(model, later, k);
    }
    return needed;
}

static void apply_nodes(rf_workspace *ws, int i)
{
    layer_memory *layer = &ws->layer[i];
    for (int k = 0; k < ws->model->n_kinds; k++) {
        const rf_bean_source from = {.conv = &ws->model->conv[i][k],
                                     .adj = ws->kind[k].adj,
                                     .xv = layer_input(ws, i, rf_entity_side(k)),
                                     .edges = edge_input(ws, i, k),
                                     .share_u = ws->kind[k].share_u,
                                     .share_v = ws->kind[k].share_v};
        const int o_u = from.conv->o_u;
        const rf_real *xu = met_rows(ws, k, layer_input(ws, i, RF_USER), from.conv->d_u);
        rf_real *to = begin_met(ws, k, layer->y[RF_USER], o_u);
        rf_bean_conv_apply_users(to, ws->messages, &from, xu, ws->pool);
        end_met(ws, k, layer->y[RF_USER], o_u);
        rf_bean_conv_apply_entities(layer->y[rf_entity_side(k)], ws->messages, &from, xu, ws->pool);
    }
}

static void apply_layers(rf_workspace *ws, bool frozen)
{
    for (int i = 0; i < ws->model->n_convs; i++) {
        apply_nodes(ws, i);
        finish_nodes(ws, i, frozen, false);
        for (int k = 0; k < ws->model->n_kinds; k++)
            apply_edges(ws, i, k, frozen);
        if (!edges_are_needed(ws->model, i)) {
            rf_arena_free(ws->passing);
            ws->passing = NULL;
        }
    }
}

/* ---- the reconstruction of edges ---- */

static void reconstruct(const rf_workspace *ws, rf_real *out, const edge_set *edges, int worker)
{
    const int last = ws->model->n_convs - 1;
    const layer_memory *layer = &ws->layer[last];
    const rf_side side = rf_edge_side(edges->kind);
    linear_rows(ws, last, out, edges, worker);
    rf_norm_rows(out, out, edges->first, edges->n, &layer->norm[side], &layer->act[side]);
}

const rf_real *made_rows(rf_workspace *ws, int kind, int64_t first, int64_t *n, int worker)
{
    const int64_t block = first / RF_BLOCK, d = ws->model->shape.in[rf_edge_side(kind)];
    const edge_set edges = edges_of_block(ws, kind, block);
    const int64_t behind = edges.first + edges.n - first;
    rf_real *rows = ws->rows[0] + (int64_t)worker * RF_BLOCK * d;
    struct block_made *made = &ws->block_made[worker];
    if (made->block != block || made->kind != kind)
        reconstruct(ws, rows, &edges, worker);
    *made = (struct block_made){kind, block};
    *n = *n < behind ? *n : behind;
    return rows + (first - edges.first) * d;
}

void make_picked_rows(const rf_workspace *ws, int kind, rf_real *out, const int64_t *at, int64_t n,
                      int worker)
{
    uint32_t u[RF_BLOCK], v[RF_BLOCK];
    for (int64_t k = 0; k < n; k++) {
        u[k] = ws->kind[kind].adj->e_u[at[k]];
        v[k] = ws->kind[kind].adj->e_v[at[k]];
    }
    reconstruct(ws, out, &(edge_set){.kind = kind, .u = u, .v = v, .at = at, .n = n}, worker);
}

typedef struct matrix_job {
    const rf_workspace *ws;
    int kind;
    rf_real *out;
} matrix_job;

static void matrix_task(void *context, int64_t block, int worker)
{
    const matrix_job *job = context;
    const edge_set edges = edges_of_block(job->ws, job->kind, block);
    const int64_t d = job->ws->model->shape.in[rf_edge_side(job->kind)];
    reconstruct(job->ws, job->out + edges.first * d, &edges, worker);
}

/* The nodes' outputs of layer i are the caller's. */
static void write_to(rf_workspace *ws, int i, rf_real *const out[RF_SIDES_MOST])
{
    for (rf_side side = RF_USER; side < ws->model->n_sides; side = next_nodes(side))
        ws->layer[i].y[side] = ws->layer[i].h[side] = out[side];
}

void rf_graphbean_forward(rf_workspace *workspace, bool frozen, const rf_graphbean_output *output)
{
    const rf_graphbean *model = workspace->model;
    const int last = model->n_convs - 1;
    write_to(workspace, model->n_enc - 1, output->z);
    write_to(workspace, last, output->x);
    apply_layers(workspace, frozen);
    for (int worker = 0; worker < workspace->workers; worker++)
        workspace->block_made[worker].block = -1;
    for (int k = 0; k < model->n_kinds; k++) {
        const rf_side edges = rf_edge_side(k);
        matrix_job job = {workspace, k, output->x[edges]};
        if (job.out != NULL && model->conv[last][k].o_e > 0)
            rf_pool_run(workspace->pool, rf_blocks(workspace->n[edges]), matrix_task, &job);
    }
}
