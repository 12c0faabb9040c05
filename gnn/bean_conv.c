/* bean_conv.c - BEANConv out of dense products and aggregations, forward; bean_conv_backward.c has its
 * gradient.
 *
 * Normalisation, activation and the order of layers are not here: see forward.c and backward.c.
 */
#include "bean_conv_int.h"

#include <string.h>

#include "rf_linalg.h"

#define AHEAD 12 /* edges between the prefetch of their ends and their use */
#define LINE ((int64_t)(64 / sizeof(rf_real)))

static int self_columns(const rf_bean_conv *conv)
{
    return conv->node_self_loop ? conv->d_u : 0;
}

int rf_bean_conv_k_u(const rf_bean_conv *conv)
{
    return (conv->is_other ? 0 : self_columns(conv)) + 2 * conv->d_v + 2 * conv->d_e;
}

int rf_bean_conv_row_u(const rf_bean_conv *conv)
{
    return self_columns(conv) + conv->before + 2 * conv->d_v + 2 * conv->d_e + conv->after;
}

int rf_bean_conv_at_u(const rf_bean_conv *conv)
{
    return conv->is_other ? self_columns(conv) + conv->before : 0;
}

int rf_bean_conv_k_v(const rf_bean_conv *conv)
{
    return (conv->node_self_loop ? conv->d_v : 0) + 2 * conv->d_u + 2 * conv->d_e;
}

int rf_bean_conv_k_e(const rf_bean_conv *conv)
{
    return conv->d_e + conv->d_u + conv->d_v;
}

conv_side users_of(const rf_bean_source *source)
{
    const rf_bean_conv *conv = source->conv;
    const rf_adj *adj = source->adj;
    return (conv_side){
        .n = adj->n_u,
        .d_self = conv->d_u,
        .d_other = conv->d_v,
        .d_e = conv->d_e,
        .k = rf_bean_conv_k_u(conv),
        .own = conv->is_other ? 0 : self_columns(conv),
        .neighbours = {.n = adj->n_u, .ptr = adj->u_ptr, .row = adj->e_v, .share = source->share_u},
        .edges = {.n = adj->n_u, .ptr = adj->u_ptr, .share = source->share_u},
        .x_self = source->xu,
        .x_other = source->xv,
        .rows = &source->edges,
        .t_self = source->edges.tu,
        .t_other = source->edges.tv,
        .kept = source->msg_u,
        .w = conv->w_u + rf_bean_conv_at_u(conv),
        .b = conv->is_other ? NULL : conv->b_u,
        .o = conv->o_u,
        .ldw = rf_bean_conv_row_u(conv),
    };
}

conv_side entities_of(const rf_bean_source *source)
{
    const rf_bean_conv *conv = source->conv;
    const rf_adj *adj = source->adj;
    const rf_spokes edges = {.n = adj->n_v, .ptr = adj->v_ptr, .edge = adj->v_edge, .share = source->share_v};
    conv_side s = {
        .n = adj->n_v,
        .d_self = conv->d_v,
        .d_other = conv->d_u,
        .d_e = conv->d_e,
        .k = rf_bean_conv_k_v(conv),
        .own = conv->node_self_loop ? conv->d_v : 0,
        .neighbours = edges,
        .edges = edges,
        .x_self = source->xv,
        .x_other = source->xu,
        .rows = &source->edges,
        .t_self = source->edges.tv,
        .t_other = source->edges.tu,
        .kept = source->msg_v,
        .w = conv->w_v,
        .b = conv->b_v,
        .o = conv->o_v,
        .ldw = rf_bean_conv_k_v(conv),
    };
    s.neighbours.row = adj->e_u;
    return s;
}

conv_side slice_of(const conv_side *whole, int64_t first, int64_t n)
{
    conv_side s = *whole;
    s.n = s.neighbours.n = s.edges.n = n;
    s.neighbours.ptr += first;
    s.edges.ptr += first;
    s.x_self += first * s.d_self;
    if (s.t_self != NULL)
        s.t_self += first * s.d_e;
    if (s.kept != NULL)
        s.kept += first * s.k;
    return s;
}

void slice_messages(rf_real *msg, uint32_t *arg, const conv_side *s, const rf_bean_scratch *scratch,
                    int worker)
{
    const rf_edge_rows *rows = s->rows;
    const int64_t ld_arg = s->d_other + s->d_e;
    for (int64_t i = 0; s->own > 0 && i < s->n; i++)
        memcpy(msg + i * s->k, s->x_self + i * s->d_self, (size_t)s->own * sizeof *msg);
    rf_aggregate_forward(msg + mean_other_at(s), msg + max_other_at(s), s->k, arg, ld_arg, &s->neighbours,
                         s->x_other, s->d_other, NULL);
    if (s->d_e == 0)
        return;
    if (rows->below != NULL) {
        made_messages(msg, arg, s, scratch, worker);
        return;
    }
    arg = arg == NULL ? NULL : arg + s->d_other;
    if (rows->narrow != NULL)
        rf_aggregate_narrow(msg + mean_edge_at(s), msg + max_edge_at(s), s->k, &s->edges, rows->narrow,
                            s->d_e, NULL);
    else if (rows->norm == NULL)
        rf_aggregate_forward(msg + mean_edge_at(s), msg + max_edge_at(s), s->k, arg, ld_arg, &s->edges,
                             rows->x, s->d_e, NULL);
    else
        rf_aggregate_made(msg + mean_edge_at(s), msg + max_edge_at(s), s->k, arg, ld_arg, &s->neighbours,
                          rows->x == NULL ? s->t_self : NULL, rows->x == NULL ? s->t_other : rows->x,
                          rows->norm, NULL);
}

typedef struct nodes_job {
    rf_real *out;
    const conv_side *side;
    const rf_bean_scratch *scratch;
} nodes_job;

static void messages_task(void *context, int64_t block, int worker)
{
    const nodes_job *job = context;
    const conv_side *side = job->side;
    const int64_t first = block * RF_BEAN_BLOCK;
    const conv_side slice = slice_of(side, first, conv_block_rows(side->n, block));
    slice_messages(job->out + first * side->k, NULL, &slice, job->scratch, worker);
}

void rf_bean_conv_messages(rf_real *msg_u, rf_real *msg_v, const rf_bean_source *source, rf_pool *pool)
{
    const conv_side users = users_of(source), entities = entities_of(source);
    nodes_job job = {.out = msg_u, .side = &users};
    rf_pool_run(pool, conv_blocks(users.n), messages_task, &job);
    job = (nodes_job){.out = msg_v, .side = &entities};
    rf_pool_run(pool, conv_blocks(entities.n), messages_task, &job);
}

static void outputs_task(void *context, int64_t block, int worker)
{
    const nodes_job *job = context;
    const conv_side *side = job->side;
    const int64_t first = block * RF_BEAN_BLOCK;
    const int n = conv_block_rows(side->n, block), k = side->k, o = side->o;
    const conv_side slice = slice_of(side, first, n);
    rf_real *room = job->scratch->msg + (int64_t)worker * RF_BEAN_BLOCK * k, *out = job->out + first * o;
    if (slice.kept == NULL)
        slice_messages(room, NULL, &slice, job->scratch, worker);
    rf_gemm_nn(out, o, slice.kept != NULL ? slice.kept : room, k, job->scratch->turned, o, n, o, k, 0);
    if (side->b != NULL)
        rf_add_bias(out, side->b, n, o);
}

static void side_outputs(rf_real *out, const conv_side *side, const rf_bean_scratch *scratch, rf_pool *pool)
{
    nodes_job job = {.out = out, .side = side, .scratch = scratch};
    for (int64_t j = 0; j < side->k; j++) {
        for (int64_t i = 0; i < side->o; i++)
            scratch->turned[j * side->o + i] = side->w[i * side->ldw + j];
    }
    rf_pool_run(pool, conv_blocks(side->n), outputs_task, &job);
}

void rf_bean_conv_users(rf_real *out_u, const rf_bean_scratch *scratch, const rf_bean_source *source,
                        rf_pool *pool)
{
    const conv_side users = users_of(source);
    side_outputs(out_u, &users, scratch, pool);
}

void rf_bean_conv_entities(rf_real *out_v, const rf_bean_scratch *scratch, const rf_bean_source *source,
                           rf_pool *pool)
{
    const conv_side entities = entities_of(source);
    side_outputs(out_v, &entities, scratch, pool);
}

void rf_bean_conv_tables(rf_real *tu, rf_real *tv, const rf_bean_conv *conv, const rf_adj *adj,
                         const rf_real *xu, const rf_real *xv, rf_pool *pool)
{
    int k_e = rf_bean_conv_k_e(conv);
    rf_dense_forward(tu, xu, conv->w_e + conv->d_e, k_e, NULL, adj->n_u, conv->d_u, conv->o_e, pool);
    rf_dense_forward(tv, xv, conv->w_e + conv->d_e + conv->d_u, k_e, conv->b_e, adj->n_v, conv->d_v,
                     conv->o_e, pool);
}

void rf_bean_conv_edge_rows(rf_real *out_e, const rf_bean_conv *conv, const uint32_t *u, const uint32_t *v,
                            const rf_real *tu, const rf_real *tv, const rf_real *xe, int64_t n)
{
    if (conv->d_e > 0)
        rf_gemm_nt(out_e, conv->o_e, xe, conv->d_e, conv->w_e, rf_bean_conv_k_e(conv), (int)n, conv->o_e,
                   conv->d_e, 0);
    rf_gather_pairs(out_e, tu, tv, u, v, n, conv->o_e, conv->d_e > 0);
}

void rf_bean_conv_join_ends(rf_real *msg_e, const rf_bean_conv *conv, const uint32_t *u, const uint32_t *v,
                            const uint32_t *users, const rf_real *xu, const rf_real *xv, int64_t n)
{
    const int64_t d_u = conv->d_u, d_v = conv->d_v, k_e = rf_bean_conv_k_e(conv);
    for (int64_t i = 0; i < n; i++) {
        const int64_t user = users != NULL ? users[u[i]] : u[i];
        rf_real *ends = msg_e + i * k_e + conv->d_e;
        if (i + AHEAD < n) {
            const int64_t ahead = users != NULL ? users[u[i + AHEAD]] : u[i + AHEAD];
            for (int64_t j = 0; j < d_u; j += LINE)
                __builtin_prefetch(xu + ahead * d_u + j);
            for (int64_t j = 0; j < d_v; j += LINE)
                __builtin_prefetch(xv + (int64_t)v[i + AHEAD] * d_v + j);
        }
        memcpy(ends, xu + user * d_u, (size_t)d_u * sizeof *ends);
        memcpy(ends + d_u, xv + (int64_t)v[i] * d_v, (size_t)d_v * sizeof *ends);
    }
}
