/* bean_conv.c - BEANConv out of dense products and aggregations.
 *
 * Node messages are stored (n is small compared with E, and their gradient needs them); edge messages are
 * not. Normalisation, activation and the order of layers are not here: see forward.c and backward.c.
 */
#include "rf_bean_conv.h"

#include <string.h>

#include "rf_linalg.h"

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

/* One side of a convolution: users as seen from users, or the mirror image. */
typedef struct side {
    int64_t n;
    int d_self, d_other, d_e, k, own; /* own: width of the self block */
    rf_spokes neighbours, edges;
    const int64_t *ptr;
    const uint32_t *node; /* of each edge */
} side;

static side user_side(const rf_bean_conv *conv, const rf_adj *adj, const rf_real *share)
{
    side s = {.n = adj->n_u,
              .d_self = conv->d_u,
              .d_other = conv->d_v,
              .d_e = conv->d_e,
              .k = rf_bean_conv_k_u(conv)};
    s.own = conv->is_other ? 0 : self_columns(conv);
    s.neighbours = (rf_spokes){.n = adj->n_u, .ptr = adj->u_ptr, .row = adj->e_v};
    s.edges = (rf_spokes){.n = adj->n_u, .ptr = adj->u_ptr};
    s.neighbours.share = s.edges.share = share;
    s.ptr = adj->u_ptr;
    s.node = adj->e_u;
    return s;
}

static side entity_side(const rf_bean_conv *conv, const rf_adj *adj, const rf_real *share)
{
    side s = {.n = adj->n_v,
              .d_self = conv->d_v,
              .d_other = conv->d_u,
              .d_e = conv->d_e,
              .k = rf_bean_conv_k_v(conv)};
    s.own = conv->node_self_loop ? conv->d_v : 0;
    s.neighbours = (rf_spokes){.n = adj->n_v, .ptr = adj->v_ptr, .edge = adj->v_edge, .row = adj->e_u};
    s.edges = (rf_spokes){.n = adj->n_v, .ptr = adj->v_ptr, .edge = adj->v_edge};
    s.neighbours.share = s.edges.share = share;
    s.ptr = adj->v_ptr;
    s.node = adj->e_v;
    return s;
}

/* Where the blocks of a message start. */
static int mean_other_at(const side *s)
{
    return s->own;
}
static int max_other_at(const side *s)
{
    return s->own + s->d_other;
}
static int mean_edge_at(const side *s)
{
    return s->own + 2 * s->d_other;
}
static int max_edge_at(const side *s)
{
    return s->own + 2 * s->d_other + s->d_e;
}

typedef struct own_job {
    rf_real *msg;
    const side *s;
    const rf_real *x;
} own_job;

static void own_task(void *context, int64_t block, int worker)
{
    const own_job *job = context;
    const side *s = job->s;
    (void)worker;
    for (int64_t i = block * RF_BLOCK; i < (block + 1) * RF_BLOCK && i < s->n; i++)
        memcpy(job->msg + i * s->k, job->x + i * s->d_self, (size_t)s->own * sizeof *job->msg);
}

static void own_block(rf_real *msg, const side *s, const rf_real *x_self, rf_pool *pool)
{
    own_job job = {msg, s, x_self};
    if (s->own > 0)
        rf_pool_run(pool, rf_blocks(s->n), own_task, &job);
}

static void side_messages(rf_real *msg, uint32_t *arg, const side *s, const rf_real *x_self,
                          const rf_real *x_other, const rf_real *xe, rf_pool *pool)
{
    int64_t ld_arg = s->d_other + s->d_e;
    own_block(msg, s, x_self, pool);
    rf_aggregate_forward(msg + mean_other_at(s), msg + max_other_at(s), s->k, arg, ld_arg, &s->neighbours,
                         x_other, s->d_other, pool);
    if (s->d_e > 0)
        rf_aggregate_forward(msg + mean_edge_at(s), msg + max_edge_at(s), s->k,
                             arg == NULL ? NULL : arg + s->d_other, ld_arg, &s->edges, xe, s->d_e, pool);
}

void rf_bean_conv_messages(rf_bean_conv_saved *saved, const rf_bean_conv *conv, const rf_adj *adj,
                           const rf_real *xu, const rf_real *xv, const rf_real *xe, rf_pool *pool)
{
    const side u = user_side(conv, adj, saved->share_u), v = entity_side(conv, adj, saved->share_v);
    side_messages(saved->msg_u, saved->arg_u, &u, xu, xv, xe, pool);
    side_messages(saved->msg_v, saved->arg_v, &v, xv, xu, xe, pool);
}

void rf_bean_conv_users(rf_real *out_u, const rf_bean_conv_saved *saved, const rf_bean_conv *conv,
                        const rf_adj *adj, rf_pool *pool)
{
    rf_dense_forward(out_u, saved->msg_u, conv->w_u + rf_bean_conv_at_u(conv), rf_bean_conv_row_u(conv),
                     conv->is_other ? NULL : conv->b_u, adj->n_u, rf_bean_conv_k_u(conv), conv->o_u, pool);
}

void rf_bean_conv_entities(rf_real *out_v, const rf_bean_conv_saved *saved, const rf_bean_conv *conv,
                           const rf_adj *adj, rf_pool *pool)
{
    int k_v = rf_bean_conv_k_v(conv);
    rf_dense_forward(out_v, saved->msg_v, conv->w_v, k_v, conv->b_v, adj->n_v, k_v, conv->o_v, pool);
}

/* ---- without keeping messages ---- */

/* The nodes first..first + n of a side. */
static side slice_of(const side *whole, int64_t first, int64_t n)
{
    side s = *whole;
    s.n = s.neighbours.n = s.edges.n = n;
    s.ptr += first;
    s.neighbours.ptr += first;
    s.edges.ptr += first;
    return s;
}

typedef struct weights {
    const rf_real *w, *b;
    int ldw, o;
} weights;

static void side_outputs(rf_real *out, rf_real *room, const side *whole, const weights *by,
                         const rf_real *x_self, const rf_real *x_other, const rf_edge_rows *edges,
                         const rf_real *t_self, const rf_real *t_other, rf_pool *pool)
{
    for (int64_t first = 0; first < whole->n; first += RF_BEAN_SLICE) {
        const int64_t left = whole->n - first;
        const side s = slice_of(whole, first, left < RF_BEAN_SLICE ? left : RF_BEAN_SLICE);
        const rf_real *self = x_self + first * s.d_self;
        if (edges->norm == NULL) {
            side_messages(room, NULL, &s, self, x_other, edges->x, pool);
        } else {
            own_block(room, &s, self, pool);
            rf_aggregate_forward(room + mean_other_at(&s), room + max_other_at(&s), s.k, NULL, 0,
                                 &s.neighbours, x_other, s.d_other, pool);
            rf_aggregate_made(room + mean_edge_at(&s), room + max_edge_at(&s), s.k, &s.neighbours,
                              edges->x == NULL ? t_self + first * s.d_e : NULL,
                              edges->x == NULL ? t_other : edges->x, edges->norm, pool);
        }
        rf_dense_forward(out + first * by->o, room, by->w, by->ldw, by->b, s.n, s.k, by->o, pool);
    }
}

void rf_bean_conv_apply_users(rf_real *out_u, rf_real *room, const rf_bean_source *kind, const rf_real *xu,
                              rf_pool *pool)
{
    const rf_bean_conv *conv = kind->conv;
    const side u = user_side(conv, kind->adj, kind->share_u);
    const weights by = {.w = conv->w_u + rf_bean_conv_at_u(conv),
                        .b = conv->is_other ? NULL : conv->b_u,
                        .ldw = rf_bean_conv_row_u(conv),
                        .o = conv->o_u};
    side_outputs(out_u, room, &u, &by, xu, kind->xv, &kind->edges, kind->edges.tu, kind->edges.tv, pool);
}

void rf_bean_conv_apply_entities(rf_real *out_v, rf_real *room, const rf_bean_source *kind, const rf_real *xu,
                                 rf_pool *pool)
{
    const rf_bean_conv *conv = kind->conv;
    const side v = entity_side(conv, kind->adj, kind->share_v);
    const weights by = {conv->w_v, conv->b_v, rf_bean_conv_k_v(conv), conv->o_v};
    side_outputs(out_v, room, &v, &by, kind->xv, xu, &kind->edges, kind->edges.tv, kind->edges.tu, pool);
}

void rf_bean_conv_tables(rf_real *tu, rf_real *tv, const rf_bean_conv *conv, const rf_adj *adj,
                         const rf_real *xu, const rf_real *xv, rf_pool *pool)
{
    int k_e = rf_bean_conv_k_e(conv);
    rf_dense_forward(tu, xu, conv->w_e + conv->d_e, k_e, NULL, adj->n_u, conv->d_u, conv->o_e, pool);
    rf_dense_forward(tv, xv, conv->w_e + conv->d_e + conv->d_u, k_e, conv->b_e, adj->n_v, conv->d_v,
                     conv->o_e, pool);
}

void rf_bean_conv_edge_rows(rf_real *out_e, const rf_bean_conv *conv, const rf_adj *adj, const rf_real *tu,
                            const rf_real *tv, const rf_real *xe, int64_t first, int64_t n)
{
    if (conv->d_e > 0)
        rf_gemm_nt(out_e, conv->o_e, xe, conv->d_e, conv->w_e, rf_bean_conv_k_e(conv), (int)n, conv->o_e,
                   conv->d_e, 0);
    rf_gather_pairs(out_e, tu, tv, adj->e_u, adj->e_v, first, n, conv->o_e, conv->d_e > 0);
}

/* ---- backward ---- */

void rf_bean_conv_backward_users(rf_bean_conv *dconv, rf_bean_scratch *scratch, const rf_real *dout_u,
                                 const rf_bean_conv_saved *saved, const rf_bean_conv *conv, const rf_adj *adj,
                                 bool want_input, rf_pool *pool)
{
    const int k_u = rf_bean_conv_k_u(conv), row = rf_bean_conv_row_u(conv), at = rf_bean_conv_at_u(conv);
    rf_dense_backward_weights(dconv->w_u + at, row, conv->is_other ? NULL : dconv->b_u, dout_u, saved->msg_u,
                              adj->n_u, k_u, conv->o_u, scratch->partial, scratch->sums, pool);
    if (want_input)
        rf_dense_backward_input(scratch->dmsg_u, dout_u, conv->w_u + at, row, adj->n_u, k_u, conv->o_u, 0,
                                pool);
}

void rf_bean_conv_backward_entities(rf_bean_conv *dconv, rf_bean_scratch *scratch, const rf_real *dout_v,
                                    const rf_bean_conv_saved *saved, const rf_bean_conv *conv,
                                    const rf_adj *adj, bool want_input, rf_pool *pool)
{
    int k_v = rf_bean_conv_k_v(conv);
    rf_dense_backward_weights(dconv->w_v, k_v, dconv->b_v, dout_v, saved->msg_v, adj->n_v, k_v, conv->o_v,
                              scratch->partial, scratch->sums, pool);
    if (want_input)
        rf_dense_backward_input(scratch->dmsg_v, dout_v, conv->w_v, k_v, adj->n_v, k_v, conv->o_v, 0, pool);
}

/* dx of `to`: its own block of its message, and what the other side took from it. */
static void node_input(rf_real *dx, const side *to, const rf_real *dmsg_to, const side *from,
                       const rf_real *dmsg_from, const uint32_t *arg_from, rf_pool *pool)
{
    for (int64_t i = 0; to->own > 0 && i < to->n; i++) {
        for (int j = 0; j < to->own; j++)
            dx[i * to->d_self + j] += dmsg_to[i * to->k + j];
    }
    rf_aggregate_backward_nodes(dx, &to->neighbours, from->ptr, from->edges.share,
                                dmsg_from + mean_other_at(from), dmsg_from + max_other_at(from), from->k,
                                arg_from, from->d_other + from->d_e, to->d_self, pool);
}

void rf_bean_conv_backward_messages(rf_real *dxu, rf_real *dxv, const rf_bean_scratch *scratch,
                                    const rf_bean_conv_saved *saved, const rf_bean_conv *conv,
                                    const rf_adj *adj, rf_pool *pool)
{
    const side u = user_side(conv, adj, saved->share_u), v = entity_side(conv, adj, saved->share_v);
    node_input(dxu, &u, scratch->dmsg_u, &v, scratch->dmsg_v, saved->arg_v, pool);
    node_input(dxv, &v, scratch->dmsg_v, &u, scratch->dmsg_u, saved->arg_u, pool);
}

void rf_bean_conv_backward_tables(rf_real *dxu, rf_real *dxv, rf_bean_conv *dconv, rf_bean_scratch *scratch,
                                  const rf_real *dout_e, const rf_bean_conv *conv, const rf_adj *adj,
                                  const rf_real *xu, const rf_real *xv, rf_pool *pool)
{
    int k_e = rf_bean_conv_k_e(conv), u_at = conv->d_e, v_at = conv->d_e + conv->d_u;
    side u = user_side(conv, adj, NULL), v = entity_side(conv, adj, NULL);
    rf_aggregate_sum(scratch->tu, &u.edges, dout_e, conv->o_e, pool);
    rf_aggregate_sum(scratch->tv, &v.edges, dout_e, conv->o_e, pool);
    rf_dense_backward_weights(dconv->w_e + u_at, k_e, NULL, scratch->tu, xu, adj->n_u, conv->d_u, conv->o_e,
                              scratch->partial, scratch->sums, pool);
    rf_dense_backward_weights(dconv->w_e + v_at, k_e, dconv->b_e, scratch->tv, xv, adj->n_v, conv->d_v,
                              conv->o_e, scratch->partial, scratch->sums, pool);
    if (dxu == NULL)
        return;
    rf_dense_backward_input(dxu, scratch->tu, conv->w_e + u_at, k_e, adj->n_u, conv->d_u, conv->o_e, 1, pool);
    rf_dense_backward_input(dxv, scratch->tv, conv->w_e + v_at, k_e, adj->n_v, conv->d_v, conv->o_e, 1, pool);
}

void rf_bean_conv_backward_edge_rows(rf_real *dxe, const rf_bean_scratch *scratch, const rf_real *dout_e,
                                     const rf_bean_conv_saved *saved, const rf_bean_conv *conv,
                                     const rf_adj *adj, int64_t first, int64_t n)
{
    const side u = user_side(conv, adj, saved->share_u), v = entity_side(conv, adj, saved->share_v);
    rf_gemm_nn(dxe, conv->d_e, dout_e, conv->o_e, conv->w_e, rf_bean_conv_k_e(conv), (int)n, conv->d_e,
               conv->o_e, 0);
    rf_aggregate_backward_edges(dxe, first, n, u.node, u.ptr, u.edges.share,
                                scratch->dmsg_u + mean_edge_at(&u), scratch->dmsg_u + max_edge_at(&u), u.k,
                                saved->arg_u + u.d_other, u.d_other + u.d_e, conv->d_e);
    rf_aggregate_backward_edges(dxe, first, n, v.node, v.ptr, v.edges.share,
                                scratch->dmsg_v + mean_edge_at(&v), scratch->dmsg_v + max_edge_at(&v), v.k,
                                saved->arg_v + v.d_other, v.d_other + v.d_e, conv->d_e);
}
