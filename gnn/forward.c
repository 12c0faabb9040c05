/* forward.c - from features to linear outputs, layer by layer: the same steps in training and where a model
 * is applied.
 *
 * Edges read the nodes of the layer before, so they come before these are finished: in training the nodes'
 * activations of all layers take turns in one place. The last layer's edge output, the reconstruction, is not
 * made here: backward.c or apply.c does that.
 */
#include "graphbean_int.h"

const rf_real *layer_input(const rf_workspace *ws, int i, rf_side side)
{
    return i > 0 ? ws->layer[i - 1].h[side] : ws->in.x[side];
}

static void settle_norm(rf_workspace *ws, int i, rf_side side, const double *blocks, bool frozen,
                        bool update_running)
{
    const bn_params *bn = &ws->model->bn[i][side];
    rf_norm *norm = &ws->layer[i].norm[side];
    if (frozen || ws->n[side] == 0) {
        rf_norm_from_running(norm, bn->running_mean, bn->running_var);
        return;
    }
    rf_norm_from_moments(norm, blocks, ws->n[side]);
    if (update_running)
        rf_norm_update_running(bn->running_mean, bn->running_var, norm, ws->n[side]);
}

static void activate_nodes(rf_workspace *ws, int i, rf_side side)
{
    layer_memory *layer = &ws->layer[i];
    rf_norm_forward(layer->h[side], layer->y[side], ws->n[side], &layer->norm[side], &layer->act[side],
                    ws->pool);
}

void finish_nodes(rf_workspace *ws, int i, bool frozen, bool update_running)
{
    layer_memory *layer = &ws->layer[i];
    for (rf_side side = RF_USER; side < ws->model->n_sides; side = next_nodes(side)) {
        if (!frozen)
            rf_moments(ws->blocks, layer->y[side], ws->n[side], width_of(ws->model, i, side), ws->pool);
        settle_norm(ws, i, side, ws->blocks, frozen, update_running);
        activate_nodes(ws, i, side);
    }
}

void remake_nodes(rf_workspace *ws, int i)
{
    for (rf_side side = RF_USER; side < ws->model->n_sides; side = next_nodes(side))
        activate_nodes(ws, i, side);
}

/* ---- nodes ---- */

static rf_edge_rows edge_rows_of(const rf_workspace *ws, int i, int kind)
{
    const rf_side edges = rf_edge_side(kind);
    if (i == 0)
        return (rf_edge_rows){.x = ws->in.x[edges], .narrow = ws->in.narrow[edges]};
    if (ws->model->conv[i][kind].d_e == 0)
        return (rf_edge_rows){0};
    if (drops(ws))
        return (rf_edge_rows){.x = ws->kind[kind].e_h};
    const layer_memory *before = &ws->layer[i - 1];
    rf_edge_rows rows = {.x = before->y[edges],
                         .tu = before->table[kind][RF_USER],
                         .tv = before->table[kind][RF_ENTITY],
                         .norm = &before->norm[edges]};
    if (i == 1 && forgets_edges(ws, kind)) {
        rows.x = ws->in.x[edges];
        rows.narrow = ws->in.narrow[edges];
        rows.below = &ws->model->conv[0][kind];
    }
    return rows;
}

rf_bean_source source_of(rf_workspace *ws, int i, int kind)
{
    const kind_memory *of = &ws->kind[kind];
    const rf_bean_conv *conv = &ws->model->conv[i][kind];
    rf_bean_source source = {.conv = conv, .adj = of->adj, .edges = edge_rows_of(ws, i, kind)};
    source.xu = met_rows(ws, kind, ws->users_in, layer_input(ws, i, RF_USER), conv->d_u);
    source.xv = layer_input(ws, i, rf_entity_side(kind));
    source.share_u = of->share_u;
    source.share_v = of->share_v;
    source.msg_u = i == 0 ? of->msg_u : NULL;
    source.msg_v = i == 0 ? of->msg_v : NULL;
    return source;
}

void layer_nodes(rf_workspace *ws, int i)
{
    layer_memory *layer = &ws->layer[i];
    for (int k = 0; k < ws->model->n_kinds; k++) {
        const rf_bean_source source = source_of(ws, i, k);
        const int o_u = source.conv->o_u;
        rf_bean_conv_users(begin_met(ws, k, layer->y[RF_USER], o_u), &ws->scratch, &source, ws->pool);
        end_met(ws, k, layer->y[RF_USER], o_u);
        rf_bean_conv_entities(layer->y[rf_entity_side(k)], &ws->scratch, &source, ws->pool);
    }
}

/* ---- edges ---- */

typedef struct edge_job {
    rf_workspace *ws;
    int i, kind;
    bool frozen;
} edge_job;

static void edges_task(void *context, int64_t block, int worker)
{
    const edge_job *job = context;
    rf_workspace *ws = job->ws;
    const int o = ws->model->conv[job->i][job->kind].o_e;
    const rf_side side = rf_edge_side(job->kind);
    const edge_set edges = edges_of_block(ws, job->kind, block);
    double *e_blocks = ws->kind[job->kind].e_blocks, *moments = e_blocks + block * 2 * o;
    rf_real *kept = ws->layer[job->i].y[side];
    rf_real *y = kept != NULL ? kept + edges.first * o : rows_of(ws, ROWS_Y, o, worker);
    (void)linear_rows(ws, job->i, y, &edges, worker);
    if (!job->frozen)
        rf_moments_block(moments, moments + o, y, edges.n, o);
    if (ws->use == RF_USE_TRAIN && job->i == ws->model->n_convs - 1) {
        double *cross = e_blocks + (rf_blocks(ws->n[side]) + block) * 2 * o;
        rf_cross_moments_block(cross, cross + o, feature_rows(ws, &edges, worker), y, moments, edges.n, o);
    }
}

static void make_tables(rf_workspace *ws, int i, int kind)
{
    const rf_bean_conv *conv = &ws->model->conv[i][kind];
    rf_real *const *table = ws->layer[i].table[kind];
    rf_bean_conv_tables(table[RF_USER], table[RF_ENTITY], conv, ws->kind[kind].adj,
                        met_rows(ws, kind, ws->users_in, layer_input(ws, i, RF_USER), conv->d_u),
                        layer_input(ws, i, rf_entity_side(kind)), ws->pool);
}

void layer_edges(rf_workspace *ws, int i, int kind, bool frozen, bool update_running)
{
    const rf_side edges = rf_edge_side(kind);
    edge_job job = {.ws = ws, .i = i, .kind = kind, .frozen = frozen};
    if (ws->model->conv[i][kind].o_e == 0)
        return;
    if (ws->layer[i].table[kind][RF_USER] != NULL)
        make_tables(ws, i, kind);
    if (!frozen || holds_edges(ws, i, kind))
        rf_pool_run(ws->pool, rf_blocks(ws->n[edges]), edges_task, &job);
    settle_norm(ws, i, edges, ws->kind[kind].e_blocks, frozen, update_running);
}

/* ---- training ---- */

void remake_first_tables(rf_workspace *ws)
{
    for (int k = 0; k < ws->model->n_kinds; k++) {
        if (keeps_tables(ws, 0, k))
            make_tables(ws, 0, k);
    }
}

static void remake_task(void *context, int64_t block, int worker)
{
    const edge_job *job = context;
    const rf_workspace *ws = job->ws;
    const int64_t d = ws->model->conv[job->i][job->kind].o_e;
    const edge_set edges = edges_of_block(ws, job->kind, block);
    (void)input_rows(ws, job->i + 1, &edges, ws->kind[job->kind].e_h + edges.first * d, d, worker);
}

void remake_edges(rf_workspace *ws, int i, int kind)
{
    edge_job job = {.ws = ws, .i = i, .kind = kind};
    if (drops(ws) && ws->model->conv[i][kind].o_e > 0)
        rf_pool_run(ws->pool, rf_blocks(ws->n[rf_edge_side(kind)]), remake_task, &job);
}

void first_messages(rf_workspace *ws)
{
    for (int k = 0; k < ws->model->n_kinds; k++) {
        const kind_memory *of = &ws->kind[k];
        rf_bean_source source = source_of(ws, 0, k);
        source.msg_u = source.msg_v = NULL;
        if (of->msg_u != NULL)
            rf_bean_conv_messages(of->msg_u, of->msg_v, &source, ws->pool);
    }
}

void forward_layers(rf_workspace *ws)
{
    const rf_graphbean *model = ws->model;
    for (int i = 0; i < model->n_convs; i++) {
        layer_nodes(ws, i);
        for (int k = 0; k < model->n_kinds && i < model->n_convs - 1; k++) {
            layer_edges(ws, i, k, false, true);
            remake_edges(ws, i, k);
        }
        finish_nodes(ws, i, false, true);
    }
}
