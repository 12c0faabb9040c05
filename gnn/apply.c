/* apply.c - from features to reconstructions where a model is applied and nothing has to be kept for a
 * gradient.
 *
 * Of all edges at most a hidden layer is kept; the reconstruction is made where it is read. What is read
 * twice is made twice: memory that is touched for the first time costs more.
 */
#include "graphbean_int.h"

#include <string.h>

/* Are edges kept that somebody will read, after layer i? The last layer's input is read for an output, too.
 */
bool edges_are_needed(const rf_workspace *ws, int i)
{
    const rf_graphbean *model = ws->model;
    bool needed = false;
    for (int k = 0; k < model->n_kinds; k++) {
        needed = needed || holds_edges(ws, model->n_convs - 2, k);
        for (int later = i; later < model->n_convs; later++)
            needed = needed || holds_edges(ws, later, k);
    }
    return needed;
}

static void apply_layers(rf_workspace *ws, bool frozen)
{
    for (int i = 0; i < ws->model->n_convs; i++) {
        layer_nodes(ws, i);
        for (int k = 0; k < ws->model->n_kinds; k++)
            layer_edges(ws, i, k, frozen, false);
        finish_nodes(ws, i, frozen, false);
        if (!edges_are_needed(ws, i)) {
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
    (void)linear_rows(ws, last, out, edges, worker);
    rf_norm_rows(out, out, edges->first, edges->n, &layer->norm[side], &layer->act[side]);
}

const rf_real *made_rows(rf_workspace *ws, int kind, int64_t first, int64_t *n, int worker)
{
    const int64_t block = first / RF_BLOCK, d = ws->model->shape.in[rf_edge_side(kind)];
    const edge_set edges = edges_of_block(ws, kind, block);
    const int64_t behind = edges.first + edges.n - first;
    rf_real *rows = rows_of(ws, ROWS_Y, d, worker);
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
