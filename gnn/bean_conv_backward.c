/* bean_conv_backward.c - the gradient of BEANConv.
 *
 * A block of nodes makes its messages again, adds to the weights' gradient, and passes the messages' gradient
 * on while it is in the cache: to its own inputs and to its edges' rows, which no other block touches. What
 * goes to neighbours is left where they gather it: rows that many write would need an order.
 */
#include "bean_conv_int.h"

#include <string.h>

#include "rf_linalg.h"

typedef struct side_job {
    const conv_side *side;
    const rf_bean_scratch *scratch;
    const rf_real *dout;
    rf_real *dx, *dxe; /* or NULL */
    rf_real *sent;
    uint32_t *won;
    bool begins;
    int64_t n_segments;
} side_job;

/* The gradient of a block's messages, to where it goes. */
static void pass_on(const side_job *job, const conv_side *slice, int64_t first, const rf_real *dmsg,
                    const uint32_t *arg)
{
    const conv_side *side = job->side;
    const int64_t d = side->d_other, ld_arg = d + side->d_e;
    for (int64_t i = 0; i < slice->n; i++) {
        const rf_real *row = dmsg + i * side->k;
        rf_real *dx = job->dx + (first + i) * side->d_self;
        for (int j = 0; j < side->own; j++)
            dx[j] += row[j];
        memcpy(job->sent + (first + i) * 2 * d, row + mean_other_at(side), (size_t)(2 * d) * sizeof *row);
        memcpy(job->won + (first + i) * d, arg + i * ld_arg, (size_t)d * sizeof *arg);
    }
    if (job->dxe != NULL)
        rf_aggregate_backward_edges(job->dxe, job->begins, &slice->edges, dmsg + mean_edge_at(side),
                                    dmsg + max_edge_at(side), side->k, arg + d, ld_arg, side->d_e);
}

static void side_segment(void *context, int64_t segment, int worker)
{
    const side_job *job = context;
    const conv_side *side = job->side;
    const rf_bean_scratch *scratch = job->scratch;
    const int64_t blocks = conv_blocks(side->n), k = side->k, o = side->o;
    const int64_t from = segment * blocks / job->n_segments, to = (segment + 1) * blocks / job->n_segments;
    rf_real *msg = scratch->msg + worker * RF_BEAN_BLOCK * k,
            *dmsg = scratch->dmsg + worker * RF_BEAN_BLOCK * k;
    uint32_t *arg =
        job->dx == NULL ? NULL : scratch->arg + worker * RF_BEAN_BLOCK * (side->d_other + side->d_e);
    double *sums = scratch->sums + segment * o;
    memset(sums, 0, (size_t)o * sizeof *sums);
    for (int64_t block = from; block < to; block++) {
        const int64_t first = block * RF_BEAN_BLOCK;
        const int n = conv_block_rows(side->n, block);
        const conv_side slice = slice_of(side, first, n);
        const rf_real *dout = job->dout + first * o;
        if (slice.kept == NULL || arg != NULL)
            slice_messages(msg, arg, &slice, scratch, worker);
        rf_gemm_tn(scratch->partial + segment * o * k, (int)k, dout, (int)o,
                   slice.kept != NULL ? slice.kept : msg, (int)k, (int)o, (int)k, n, block == from ? 0 : 1);
        rf_column_sums(sums, dout, n, (int)o);
        if (job->dx == NULL)
            continue;
        rf_gemm_nn(dmsg, (int)k, dout, (int)o, side->w, side->ldw, n, (int)k, (int)o, 0);
        pass_on(job, &slice, first, dmsg, arg);
    }
}

static void backward_side(side_job *job, rf_real *dw, rf_real *db, rf_pool *pool)
{
    const conv_side *side = job->side;
    job->n_segments = rf_segments(side->n);
    rf_pool_run(pool, job->n_segments, side_segment, job);
    rf_add_partials(dw, side->ldw, job->scratch->partial, job->n_segments, side->o, side->k);
    rf_add_sums(db, job->scratch->sums, job->n_segments, side->o);
}

void rf_bean_conv_backward_users(rf_real *dxu, rf_real *dxe, bool begins, rf_bean_conv *dconv,
                                 const rf_bean_scratch *scratch, const rf_real *dout_u,
                                 const rf_bean_source *source, rf_pool *pool)
{
    const conv_side users = users_of(source);
    side_job job = {.side = &users, .scratch = scratch, .dout = dout_u, .dx = dxu, .dxe = dxe};
    job.begins = begins;
    job.sent = scratch->sent_u;
    job.won = scratch->won_u;
    backward_side(&job, dconv->w_u + rf_bean_conv_at_u(dconv), dconv->is_other ? NULL : dconv->b_u, pool);
}

void rf_bean_conv_backward_entities(rf_real *dxv, rf_real *dxe, rf_bean_conv *dconv,
                                    const rf_bean_scratch *scratch, const rf_real *dout_v,
                                    const rf_bean_source *source, rf_pool *pool)
{
    const conv_side entities = entities_of(source);
    side_job job = {.side = &entities, .scratch = scratch, .dout = dout_v, .dx = dxv, .dxe = dxe};
    job.sent = scratch->sent_v;
    job.won = scratch->won_v;
    backward_side(&job, dconv->w_v, dconv->b_v, pool);
}

/* dx of `to`: what the other side took from it. */
static void receive(rf_real *dx, const conv_side *to, const conv_side *from, const rf_real *sent,
                    const uint32_t *won, rf_pool *pool)
{
    const int64_t d = to->d_self;
    rf_aggregate_backward_nodes(dx, &to->neighbours, from->edges.ptr, from->edges.share, sent, sent + d,
                                2 * d, won, d, to->d_self, pool);
}

void rf_bean_conv_backward_received(rf_real *dxu, rf_real *dxv, const rf_bean_scratch *scratch,
                                    const rf_bean_source *source, rf_pool *pool)
{
    const conv_side users = users_of(source), entities = entities_of(source);
    receive(dxu, &users, &entities, scratch->sent_v, scratch->won_v, pool);
    receive(dxv, &entities, &users, scratch->sent_u, scratch->won_u, pool);
}

void rf_bean_conv_backward_tables(rf_real *dxu, rf_real *dxv, rf_bean_conv *dconv,
                                  const rf_bean_scratch *scratch, const rf_real *dout_e,
                                  const rf_bean_conv *conv, const rf_adj *adj, const rf_real *xu,
                                  const rf_real *xv, rf_pool *pool)
{
    const rf_spokes by_u = {.n = adj->n_u, .ptr = adj->u_ptr};
    const rf_spokes by_v = {.n = adj->n_v, .ptr = adj->v_ptr, .edge = adj->v_edge};
    int k_e = rf_bean_conv_k_e(conv), u_at = conv->d_e, v_at = conv->d_e + conv->d_u;
    rf_aggregate_sum(scratch->tu, false, &by_u, dout_e, conv->o_e, conv->o_e, pool);
    rf_aggregate_sum(scratch->tv, false, &by_v, dout_e, conv->o_e, conv->o_e, pool);
    rf_dense_backward_weights(dconv->w_e + u_at, k_e, NULL, scratch->tu, xu, adj->n_u, conv->d_u, conv->o_e,
                              scratch->partial, scratch->sums, pool);
    rf_dense_backward_weights(dconv->w_e + v_at, k_e, dconv->b_e, scratch->tv, xv, adj->n_v, conv->d_v,
                              conv->o_e, scratch->partial, scratch->sums, pool);
    if (dxu == NULL)
        return;
    rf_dense_backward_input(dxu, scratch->tu, conv->w_e + u_at, k_e, adj->n_u, conv->d_u, conv->o_e, 1, pool);
    rf_dense_backward_input(dxv, scratch->tv, conv->w_e + v_at, k_e, adj->n_v, conv->d_v, conv->o_e, 1, pool);
}

void rf_bean_conv_backward_ends(rf_real *dxu, rf_real *dxv, const rf_real *d_ends, const rf_bean_conv *conv,
                                const rf_adj *adj, rf_pool *pool)
{
    const rf_spokes by_u = {.n = adj->n_u, .ptr = adj->u_ptr};
    const rf_spokes by_v = {.n = adj->n_v, .ptr = adj->v_ptr, .edge = adj->v_edge};
    const int64_t ld = conv->d_u + conv->d_v;
    rf_aggregate_sum(dxu, true, &by_u, d_ends, ld, conv->d_u, pool);
    rf_aggregate_sum(dxv, true, &by_v, d_ends + conv->d_u, ld, conv->d_v, pool);
}
