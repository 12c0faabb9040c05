/* edge_rows.c - a block of edges: what a layer reads of them, and their linear outputs.
 *
 * A hidden layer's outputs are kept, or made again: from the nodes' tables where they are a sum of two nodes'
 * rows, from the features and the tables where these are few. Their activation is made wherever it is
 * read. The last layer's reconstruction is never kept.
 */

#include "graphbean_int.h"

#include <string.h>

#include "rf_linalg.h"

edge_set edges_of_block(const rf_workspace *ws, int kind, int64_t block)
{
    const int64_t first = block * RF_BLOCK;
    return (edge_set){.kind = kind,
                      .u = ws->kind[kind].adj->e_u + first,
                      .v = ws->kind[kind].adj->e_v + first,
                      .first = first,
                      .n = block_rows(ws->n[rf_edge_side(kind)], block)};
}

/* From rows that follow each other to rows that are ld apart, from the last one on: they may be the same. */
static void spread_rows(rf_real *out, const rf_real *x, int64_t n, int64_t d, int64_t ld)
{
    for (int64_t k = n - 1; k >= 0 && ld != d; k--)
        memmove(out + k * ld, x + k * d, (size_t)d * sizeof *out);
}

static void widen_rows(rf_real *out, int64_t ld, const rf_bf16 *x, const edge_set *edges, int64_t d)
{
    if (edges->at == NULL && ld == d) {
        rf_widen(out, x + edges->first * d, edges->n * d);
        return;
    }
    for (int64_t k = 0; k < edges->n; k++)
        rf_widen(out + k * ld, x + (edges->at != NULL ? edges->at[k] : edges->first + k) * d, d);
}

/* The graph's features of the edges, ld apart: themselves, or in room. */
static const rf_real *graph_rows(const rf_workspace *ws, const edge_set *edges, rf_real *room, int64_t ld)
{
    const rf_side side = rf_edge_side(edges->kind);
    const int64_t d = ws->model->shape.in[side];
    const rf_real *x = ws->in.x[side];
    if (ws->in.narrow[side] != NULL) {
        widen_rows(room, ld, ws->in.narrow[side], edges, d);
        return room;
    }
    if (edges->at == NULL && ld == d)
        return x + edges->first * d;
    for (int64_t k = 0; k < edges->n; k++)
        memcpy(room + k * ld, x + (edges->at != NULL ? edges->at[k] : edges->first + k) * d,
               (size_t)d * sizeof *room);
    return room;
}

const rf_real *feature_rows(const rf_workspace *ws, const edge_set *edges, int worker)
{
    const int64_t d = ws->model->shape.in[rf_edge_side(edges->kind)];
    return graph_rows(ws, edges, rows_of(ws, ROWS_X, d, worker), d);
}

const rf_real *hidden_rows(const rf_workspace *ws, int i, const edge_set *edges, rf_real *room, int worker)
{
    const layer_memory *layer = &ws->layer[i];
    const rf_bean_conv *conv = &ws->model->conv[i][edges->kind];
    const int d = conv->o_e;
    const rf_real *y = layer->y[rf_edge_side(edges->kind)];
    rf_real *const *table = layer->table[edges->kind];
    if (y == NULL) {
        const rf_real *x =
            conv->d_e > 0 ? graph_rows(ws, edges, rows_of(ws, ROWS_X, conv->d_e, worker), conv->d_e) : NULL;
        rf_bean_conv_edge_rows(room, conv, edges->u, edges->v, table[RF_USER], table[RF_ENTITY], x, edges->n);
        return room;
    }
    if (edges->at == NULL)
        return y + edges->first * d;
    for (int64_t k = 0; k < edges->n; k++)
        memcpy(room + k * d, y + edges->at[k] * d, (size_t)d * sizeof *room);
    return room;
}

const rf_real *input_rows(const rf_workspace *ws, int i, const edge_set *edges, rf_real *room, int64_t ld,
                          int worker)
{
    const rf_side side = rf_edge_side(edges->kind);
    const int64_t d = ws->model->conv[i][edges->kind].d_e;
    if (d == 0)
        return NULL;
    if (i == 0)
        return graph_rows(ws, edges, room, ld);
    const layer_memory *before = &ws->layer[i - 1];
    const rf_real *y = hidden_rows(ws, i - 1, edges, room, worker);
    rf_norm_rows(room, y, edges->first, edges->n, &before->norm[side], &before->act[side]);
    spread_rows(room, room, edges->n, d, ld);
    return room;
}

const rf_real *linear_rows(const rf_workspace *ws, int i, rf_real *out, const edge_set *edges, int worker)
{
    const rf_bean_conv *conv = &ws->model->conv[i][edges->kind];
    if (!joins_ends(ws->model, i, edges->kind)) {
        const rf_real *x =
            input_rows(ws, i, edges, rows_of(ws, ROWS_IN, conv->d_e, worker), conv->d_e, worker);
        rf_real *const *table = ws->layer[i].table[edges->kind];
        rf_bean_conv_edge_rows(out, conv, edges->u, edges->v, table[RF_USER], table[RF_ENTITY], x, edges->n);
        return x;
    }
    const int k_e = rf_bean_conv_k_e(conv);
    rf_real *msg = rows_of(ws, ROWS_IN, k_e, worker);
    (void)input_rows(ws, i, edges, msg, k_e, worker);
    rf_bean_conv_join_ends(msg, conv, edges->u, edges->v, ws->kind[edges->kind].users,
                           layer_input(ws, i, RF_USER), layer_input(ws, i, rf_entity_side(edges->kind)),
                           edges->n);
    rf_gemm_nt(out, conv->o_e, msg, k_e, conv->w_e, k_e, (int)edges->n, conv->o_e, k_e, 0);
    rf_add_bias(out, conv->b_e, edges->n, conv->o_e);
    return msg;
}
