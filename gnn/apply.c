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

bool keeps_edges(const rf_graphbean *model, int i)
{
    return i < model->n_convs - 1 && model->conv[i].o_e > 0 && model->conv[i].d_e > 0;
}

/* ---- rows of edges ---- */

static rf_edge_rows edge_input(const rf_workspace *ws, int i)
{
    if (i == 0)
        return (rf_edge_rows){.x = ws->in.xe};
    rf_real *const *table = ws->table[(i - 1) % 2];
    if (ws->model->conv[i].d_e == 0)
        return (rf_edge_rows){0};
    return (rf_edge_rows){.x = keeps_edges(ws->model, i - 1) ? ws->e_h : NULL,
                          .tu = table[RF_USER],
                          .tv = table[RF_ENTITY],
                          .norm = &ws->layer[i - 1].norm[RF_EDGE]};
}

typedef struct edge_set { /* edges that are made together, RF_BLOCK at most */
    uint32_t *u, *v;      /* of each */
    const int64_t *at;    /* their numbers; NULL: first, first + 1, ... */
    int64_t first, n;
} edge_set;

static edge_set edges_of_block(const rf_workspace *ws, int64_t block)
{
    const int64_t first = block * RF_BLOCK;
    return (edge_set){.u = ws->in.adj->e_u + first,
                      .v = ws->in.adj->e_v + first,
                      .first = first,
                      .n = block_rows(ws->in.adj->n_e, block)};
}

/* Rows of the edges as layer i reads them. */
static const rf_real *input_rows(const rf_workspace *ws, int i, const edge_set *edges, rf_real *room)
{
    const rf_edge_rows in = edge_input(ws, i);
    const int64_t d = ws->model->conv[i].d_e;
    if (d == 0)
        return NULL;
    const rf_real *x = in.x != NULL && edges->at == NULL ? in.x + edges->first * d : room;
    if (in.norm == NULL)
        return x;
    if (in.x == NULL)
        rf_gather_pairs(room, in.tu, in.tv, edges->u, edges->v, 0, edges->n, (int)d, false);
    for (int64_t k = 0; in.x != NULL && edges->at != NULL && k < edges->n; k++)
        memcpy(room + k * d, in.x + edges->at[k] * d, (size_t)d * sizeof *room);
    rf_norm_rows(room, x, edges->first, edges->n, in.norm, &ws->layer[i - 1].act[RF_EDGE]);
    return room;
}

static void linear_rows(const rf_workspace *ws, int i, rf_real *out, const edge_set *edges, int worker)
{
    const rf_bean_conv *conv = &ws->model->conv[i];
    const rf_adj ends = {.e_u = edges->u, .e_v = edges->v};
    rf_real *const *table = ws->table[i % 2];
    rf_real *room = ws->rows[1] + (int64_t)worker * RF_BLOCK * conv->d_e;
    rf_bean_conv_edge_rows(out, conv, &ends, table[RF_USER], table[RF_ENTITY], input_rows(ws, i, edges, room),
                           0, edges->n);
}

/* ---- layers ---- */

typedef struct edge_job {
    const rf_workspace *ws;
    int i;
    bool frozen;
} edge_job;

static void edges_task(void *context, int64_t block, int worker)
{
    const edge_job *job = context;
    const rf_workspace *ws = job->ws;
    const int o = ws->model->conv[job->i].o_e;
    const edge_set edges = edges_of_block(ws, block);
    rf_real *y = ws->rows[0] + (int64_t)worker * RF_BLOCK * o;
    double *moments = ws->e_blocks + block * 2 * o;
    if (keeps_edges(ws->model, job->i))
        y = ws->e_h + edges.first * o;
    linear_rows(ws, job->i, y, &edges, worker);
    if (!job->frozen)
        rf_moments_block(moments, moments + o, y, edges.n, o);
}

static void apply_edges(rf_workspace *ws, int i, bool frozen)
{
    const rf_bean_conv *conv = &ws->model->conv[i];
    rf_real *const *table = ws->table[i % 2];
    edge_job job = {.ws = ws, .i = i, .frozen = frozen};
    if (conv->o_e == 0)
        return;
    rf_bean_conv_tables(table[RF_USER], table[RF_ENTITY], conv, ws->in.adj, layer_input(ws, i, RF_USER),
                        layer_input(ws, i, RF_ENTITY), ws->pool);
    if (!frozen || keeps_edges(ws->model, i))
        rf_pool_run(ws->pool, rf_blocks(ws->in.adj->n_e), edges_task, &job);
    settle_norm(ws, i, RF_EDGE, ws->e_blocks, frozen, false);
}

/* Are edges kept that somebody will read, after layer i? The last layer's input is read for an output, too.
 */
bool edges_are_needed(const rf_graphbean *model, int i)
{
    bool needed = keeps_edges(model, model->n_convs - 2);
    for (int later = i; later < model->n_convs; later++)
        needed = needed || keeps_edges(model, later);
    return needed;
}

static void apply_layers(rf_workspace *ws, bool frozen)
{
    for (int i = 0; i < ws->model->n_convs; i++) {
        const rf_edge_rows edges = edge_input(ws, i);
        rf_bean_conv_apply(ws->layer[i].y[RF_USER], ws->layer[i].y[RF_ENTITY], ws->messages,
                           &ws->model->conv[i], ws->in.adj, layer_input(ws, i, RF_USER),
                           layer_input(ws, i, RF_ENTITY), &edges, ws->pool);
        finish_nodes(ws, i, frozen, false);
        apply_edges(ws, i, frozen);
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
    linear_rows(ws, last, out, edges, worker);
    rf_norm_rows(out, out, edges->first, edges->n, &layer->norm[RF_EDGE], &layer->act[RF_EDGE]);
}

const rf_real *made_rows(rf_workspace *ws, int64_t first, int64_t *n, int worker)
{
    const int64_t block = first / RF_BLOCK, d = ws->model->shape.in[RF_EDGE];
    const edge_set edges = edges_of_block(ws, block);
    const int64_t behind = edges.first + edges.n - first;
    rf_real *rows = ws->rows[0] + (int64_t)worker * RF_BLOCK * d;
    if (ws->block_made[worker] != block)
        reconstruct(ws, rows, &edges, worker);
    ws->block_made[worker] = block;
    *n = *n < behind ? *n : behind;
    return rows + (first - edges.first) * d;
}

void make_picked_rows(const rf_workspace *ws, rf_real *out, const int64_t *at, int64_t n, int worker)
{
    uint32_t u[RF_BLOCK], v[RF_BLOCK];
    for (int64_t k = 0; k < n; k++) {
        u[k] = ws->in.adj->e_u[at[k]];
        v[k] = ws->in.adj->e_v[at[k]];
    }
    reconstruct(ws, out, &(edge_set){.u = u, .v = v, .at = at, .n = n}, worker);
}

typedef struct matrix_job {
    const rf_workspace *ws;
    rf_real *out;
} matrix_job;

static void matrix_task(void *context, int64_t block, int worker)
{
    const matrix_job *job = context;
    const edge_set edges = edges_of_block(job->ws, block);
    reconstruct(job->ws, job->out + edges.first * job->ws->model->shape.in[RF_EDGE], &edges, worker);
}

static void write_to(layer_memory *layer, rf_real *users, rf_real *entities)
{
    layer->y[RF_USER] = layer->h[RF_USER] = users;
    layer->y[RF_ENTITY] = layer->h[RF_ENTITY] = entities;
}

void rf_graphbean_forward(rf_workspace *workspace, bool frozen, const rf_graphbean_output *output)
{
    const rf_graphbean *model = workspace->model;
    const int last = model->n_convs - 1;
    write_to(&workspace->layer[model->n_enc - 1], output->zu, output->zv);
    write_to(&workspace->layer[last], output->xu, output->xv);
    apply_layers(workspace, frozen);
    structure_forward(workspace);
    for (int worker = 0; worker < workspace->workers; worker++)
        workspace->block_made[worker] = -1;
    if (output->xe != NULL && model->conv[last].o_e > 0) {
        matrix_job job = {workspace, output->xe};
        rf_pool_run(workspace->pool, rf_blocks(workspace->in.adj->n_e), matrix_task, &job);
    }
}
