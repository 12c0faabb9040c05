/* whole_conv.h - one BEANConv from its inputs to its outputs and back: all of its steps, one after the other,
 * on one thread.
 */
#ifndef WHOLE_CONV_H
#define WHOLE_CONV_H

#include "rf_bean_conv.h"

static inline int64_t whole_conv_rows(int64_t n, int64_t first)
{
    return n - first < RF_BLOCK ? n - first : RF_BLOCK;
}

static inline rf_bean_source whole_conv_source(const rf_bean_conv *conv, const rf_adj *adj,
                                               const rf_real *const x[3])
{
    return (rf_bean_source){.conv = conv, .adj = adj, .xu = x[0], .xv = x[1], .edges = {.x = x[2]}};
}

/* out: (n_u, o_u) (n_v, o_v) (n_e, o_e); x: (n_u, d_u) (n_v, d_v) (n_e, d_e). */
static inline void whole_conv_forward(rf_real *const out[3], const rf_bean_conv *conv, const rf_adj *adj,
                                      const rf_real *const x[3], rf_bean_scratch *scratch)
{
    const rf_bean_source source = whole_conv_source(conv, adj, x);
    rf_bean_conv_users(out[0], scratch, &source, NULL);
    rf_bean_conv_entities(out[1], scratch, &source, NULL);
    if (conv->o_e == 0)
        return;
    rf_bean_conv_tables(scratch->tu, scratch->tv, conv, adj, x[0], x[1], NULL);
    for (int64_t first = 0; first < adj->n_e; first += RF_BLOCK)
        rf_bean_conv_edge_rows(out[2] + first * conv->o_e, conv, adj->e_u + first, adj->e_v + first,
                               scratch->tu, scratch->tv, x[2] + first * conv->d_e,
                               whole_conv_rows(adj->n_e, first));
}

/* Adds into dx[0], dx[1] and the arrays of dconv, overwrites dx[2]. */
static inline void whole_conv_backward(rf_real *const dx[3], rf_bean_conv *dconv,
                                       const rf_real *const dout[3], const rf_bean_conv *conv,
                                       const rf_adj *adj, const rf_real *const x[3], rf_bean_scratch *scratch)
{
    const rf_bean_source source = whole_conv_source(conv, adj, x);
    rf_real *dxe = conv->d_e > 0 ? dx[2] : NULL;
    if (conv->o_e > 0) {
        rf_bean_conv_backward_tables(dx[0], dx[1], dconv, scratch, dout[2], conv, adj, x[0], x[1], NULL);
        rf_dense_backward_weights(dconv->w_e, rf_bean_conv_k_e(conv), NULL, dout[2], x[2], adj->n_e,
                                  conv->d_e, conv->o_e, scratch->partial, scratch->sums, NULL);
        rf_dense_backward_input(dx[2], dout[2], conv->w_e, rf_bean_conv_k_e(conv), adj->n_e, conv->d_e,
                                conv->o_e, 0, NULL);
    }
    rf_bean_conv_backward_users(dx[0], dxe, conv->o_e == 0, dconv, scratch, dout[0], &source, NULL);
    rf_bean_conv_backward_entities(dx[1], dxe, dconv, scratch, dout[1], &source, NULL);
    rf_bean_conv_backward_received(dx[0], dx[1], scratch, &source, NULL);
}

#endif
