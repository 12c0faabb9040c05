/* structure.c - the structure decoder: an MLP a side, then pairs, user by user.
 *
 * Users are cut into STRUCTURE_PARTS fixed runs. A run adds the gradients of entities into a table of its
 * own, the tables are then added in order: any number of threads gives the same bits. Pairs are never stored.
 * Kinds take turns in the same memory.
 */
#include "graphbean_int.h"

#include <string.h>

/* The side of a kind whose rows have that role. */
static rf_side side_of(int kind, rf_side role)
{
    return role == RF_USER ? RF_USER : rf_entity_side(kind);
}

void structure_forward(rf_workspace *ws, int kind)
{
    const rf_graphbean *model = ws->model;
    for (rf_side role = RF_USER; role <= RF_ENTITY; role++) {
        const rf_side side = side_of(kind, role);
        const rf_real *x = ws->layer[model->n_enc - 1].h[side];
        int64_t n = ws->n[side];
        for (int i = 0; i < model->shape.layers_mlp; i++) {
            const mlp_layer *layer = &model->mlp[kind][role][i];
            rf_real *h = ws->mlp_h[role][i];
            rf_dense_forward(h, x, layer->w, layer->d, layer->b, n, layer->d, layer->o, ws->pool);
            if (i < model->shape.layers_mlp - 1)
                rf_activation_forward(h, h, n, layer->o, &ws->kind[kind].mlp_act[role][i], ws->pool);
            x = h;
        }
    }
}

/* What the MLP of users or entities ends in. */
static const rf_real *mlp_output(const rf_workspace *ws, rf_side role)
{
    return ws->mlp_h[role][ws->model->shape.layers_mlp - 1];
}

typedef struct pairs_job {
    rf_workspace *ws;
    const int64_t *part_end;
    int64_t n_u, n_v;
    const rf_edge_sampler *samples;
    rf_real scale;
} pairs_job;

static void part_task(void *context, int64_t part, int worker)
{
    const pairs_job *job = context;
    rf_workspace *ws = job->ws;
    const int64_t n_v = job->n_v, *part_end = job->part_end;
    int d = ws->model->shape.edge_latent;
    const rf_real *zu = mlp_output(ws, 0), *zv = mlp_output(ws, 1);
    rf_real *dzv = ws->dzv_parts + part * n_v * d, *dzu = ws->mlp_grad[0][0];
    uint32_t *v = ws->pair_v + (int64_t)worker * PAIRS_AT_ONCE;
    uint8_t *y = ws->pair_y + (int64_t)worker * PAIRS_AT_ONCE;
    rf_real *logit = ws->pair_logit + (int64_t)worker * PAIRS_AT_ONCE;
    double loss = 0;
    int64_t pairs = 0, first = part == 0 ? 0 : part_end[part - 1];

    memset(dzv, 0, (size_t)(n_v * d) * sizeof *dzv);
    for (int64_t user = first; user < part_end[part]; user++) {
        rf_edge_draw draw;
        int64_t n;
        memset(dzu + user * d, 0, (size_t)d * sizeof *dzu);
        rf_edge_draw_start(&draw, job->samples, user, ws->seen + (int64_t)worker * ((n_v + 63) / 64));
        while ((n = rf_edge_draw_next(&draw, v, y, PAIRS_AT_ONCE)) > 0) {
            loss += rf_structure_row(dzu + user * d, dzv, NULL, zu + user * d, zv, v, y, n, d, 1, logit);
            pairs += n;
        }
    }
    ws->part_loss[part] = loss;
    ws->part_pairs[part] = pairs;
}

static void scale_users_task(void *context, int64_t block, int worker)
{
    const pairs_job *job = context;
    rf_workspace *ws = job->ws;
    int64_t d = ws->model->shape.edge_latent, at = block * RF_BLOCK * d;
    int64_t n = block_rows(job->n_u, block) * d;
    (void)worker;
    for (int64_t i = at; i < at + n; i++)
        ws->mlp_grad[0][0][i] *= job->scale;
}

static void join_entities_task(void *context, int64_t block, int worker)
{
    const pairs_job *job = context;
    rf_workspace *ws = job->ws;
    int64_t d = ws->model->shape.edge_latent, at = block * RF_BLOCK * d, size = job->n_v * d;
    int64_t n = block_rows(job->n_v, block) * d;
    rf_real *sum = ws->mlp_grad[1][0];
    (void)worker;
    for (int64_t i = at; i < at + n; i++)
        sum[i] = ws->dzv_parts[i];
    for (int part = 1; part < STRUCTURE_PARTS; part++) {
        const rf_real *more = ws->dzv_parts + part * size;
        for (int64_t i = at; i < at + n; i++)
            sum[i] += more[i];
    }
    for (int64_t i = at; i < at + n; i++)
        sum[i] *= job->scale;
}

static void mlp_backward(rf_workspace *ws, int kind, rf_side role)
{
    const rf_graphbean *model = ws->model;
    const rf_side side = side_of(kind, role);
    layer_memory *latent = &ws->layer[model->n_enc - 1];
    int64_t n = ws->n[side];
    rf_real *dy = ws->mlp_grad[role][0], *dx = ws->mlp_grad[role][1];
    for (int i = model->shape.layers_mlp - 1; i >= 0; i--) {
        const mlp_layer *layer = &model->mlp[kind][role][i];
        if (i < model->shape.layers_mlp - 1)
            rf_activation_backward(dy, ws->mlp_h[role][i], n, layer->o, &ws->kind[kind].mlp_act[role][i],
                                   ws->pool);
        rf_dense_backward_weights(layer->dw, layer->d, layer->db, dy,
                                  i == 0 ? latent->h[side] : ws->mlp_h[role][i - 1], n, layer->d, layer->o,
                                  ws->scratch.partial, ws->scratch.sums, ws->pool);
        if (i == 0) {
            rf_dense_backward_input(latent->dh[side], dy, layer->w, layer->d, n, layer->d, layer->o, 1,
                                    ws->pool);
            return;
        }
        rf_dense_backward_input(dx, dy, layer->w, layer->d, n, layer->d, layer->o, 0, ws->pool);
        rf_real *spare = dy;
        dy = dx;
        dx = spare;
    }
}

double structure_step(rf_workspace *ws, int kind, const rf_edge_sampler *samples, double eta)
{
    pairs_job job = {.ws = ws, .part_end = ws->kind[kind].part_end, .samples = samples};
    double loss = 0;
    int64_t pairs = 0;
    job.n_u = ws->n[RF_USER];
    job.n_v = ws->n[rf_entity_side(kind)];
    rf_pool_run(ws->pool, STRUCTURE_PARTS, part_task, &job);
    for (int part = 0; part < STRUCTURE_PARTS; part++) {
        loss += ws->part_loss[part];
        pairs += ws->part_pairs[part];
    }
    if (pairs == 0)
        return 0;
    job.scale = (rf_real)(eta / (double)pairs);
    rf_pool_run(ws->pool, rf_blocks(job.n_u), scale_users_task, &job);
    rf_pool_run(ws->pool, rf_blocks(job.n_v), join_entities_task, &job);
    mlp_backward(ws, kind, RF_USER);
    mlp_backward(ws, kind, RF_ENTITY);
    return loss / (double)pairs;
}

typedef struct prob_job {
    rf_workspace *ws;
    rf_real *prob;
    const uint32_t *u, *v;
    int64_t n;
} prob_job;

static void prob_task(void *context, int64_t block, int worker)
{
    const prob_job *job = context;
    rf_workspace *ws = job->ws;
    int d = ws->model->shape.edge_latent;
    int64_t first = block * RF_BLOCK, end = first + block_rows(job->n, block);
    rf_real *logit = ws->pair_logit + (int64_t)worker * PAIRS_AT_ONCE;
    uint8_t *y = ws->pair_y + (int64_t)worker * PAIRS_AT_ONCE;
    memset(y, 1, RF_BLOCK);
    for (int64_t k = first; k < end;) {
        int64_t run = k + 1;
        while (run < end && job->u[run] == job->u[k])
            run++;
        (void)rf_structure_row(NULL, NULL, job->prob + k, mlp_output(ws, 0) + (int64_t)job->u[k] * d,
                               mlp_output(ws, 1), job->v + k, y, run - k, d, 1, logit);
        k = run;
    }
}

void rf_graphbean_pairs(rf_real *prob, rf_workspace *workspace, int kind, const uint32_t *u,
                        const uint32_t *v, int64_t n)
{
    prob_job job = {.ws = workspace, .prob = prob, .u = u, .v = v, .n = n};
    structure_forward(workspace, kind);
    rf_pool_run(workspace->pool, rf_blocks(n), prob_task, &job);
}
