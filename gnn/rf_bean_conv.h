/* rf_bean_conv.h - BEANConv: one round of messages among users, entities and the edges between them.
 *
 *   msg_u = [ xu | mean xv | max xv | mean xe | max xe ]   over the edges of u (v: likewise)
 *           with several kinds of entity the four blocks of one kind behind those of the other: each kind
 *           has a part of the users' weights, and out_u is the sum of what they make
 *   msg_e = [ xe | xu[u(e)] | xv[v(e)] ]
 *   out_* = msg_* W_*^T + b_*                (batch norm and ReLU are separate kernels)
 *
 * A node without edges receives zeros. Equal maxima go to the lowest edge id, which decides the gradient:
 * ReLU makes ties common. msg_e is never built: out_e = xe A^T + tu[u(e)] + tv[v(e)] with the node tables tu
 * = xu B^T and tv = xv C^T + b, where A, B, C are the column blocks of W_e. Row-major. Source: Fathony, Ng,
 * Chen, IJCNN 2023.
 *
 * The steps are separate functions, because a model computes the first layer's messages once, and handles
 * edges a block at a time between the steps of their normalisation.
 */
#ifndef RF_BEAN_CONV_H
#define RF_BEAN_CONV_H

#include "rf_adj.h"
#include "rf_kernels.h"
#include "rf_real.h"

typedef struct rf_bean_conv { /* the same struct holds weights, or their gradients */
    int d_u, d_v, d_e;        /* input channels;  d_e = 0: edges carry no features */
    int o_u, o_v, o_e;        /* output channels; o_e = 0: no edge output */
    int node_self_loop;       /* 0 only in the last encoder layer: msg_u, msg_v drop their first block */
    int is_other;             /* not the main kind: msg_u has no block of the users themselves */
    int before, after;        /* columns of w_u for the kinds before and behind this one */
    rf_real *w_u, *b_u;       /* (o_u, row_u) (o_u)   row_u = [d_u] + before + 2 d_v + 2 d_e + after */
    rf_real *w_v, *b_v;       /* (o_v, k_v) (o_v)   k_v = [d_v] + 2 d_u + 2 d_e */
    rf_real *w_e, *b_e;       /* (o_e, k_e) (o_e)   k_e = d_e + d_u + d_v */
} rf_bean_conv;               /* of one kind; kinds share w_u and b_u; borrows its arrays */

int rf_bean_conv_k_u(const rf_bean_conv *conv); /* [d_u] + 2 d_v + 2 d_e; of another kind without [d_u] */
int rf_bean_conv_row_u(const rf_bean_conv *conv);
int rf_bean_conv_at_u(const rf_bean_conv *conv); /* the column of w_u where k_u columns for msg_u begin */
int rf_bean_conv_k_v(const rf_bean_conv *conv);
int rf_bean_conv_k_e(const rf_bean_conv *conv);

typedef struct rf_bean_conv_saved { /* what backward needs */
    rf_real *msg_u, *msg_v;         /* (n_u, k_u) (n_v, k_v) */
    uint32_t *arg_u, *arg_v; /* (n_u, d_v + d_e) (n_v, d_u + d_e): edge that won the max, or RF_NO_EDGE; NULL
                                where no input gradient is wanted */
    const rf_real *share_u, *share_v; /* of each edge in the means of its user and of its entity, or NULL:
                                         equal shares; borrowed */
} rf_bean_conv_saved;

typedef struct rf_bean_scratch {
    rf_real *tu, *tv; /* (n_u, o_e) (n_v, o_e): node tables, then the sums of dout_e over each node's edges */
    rf_real *dmsg_u, *dmsg_v; /* (n_u, k_u) (n_v, k_v) */
    rf_real *partial;         /* segments of the most rows * the largest o * k */
    double *sums;             /* segments of the most rows * the largest o */
} rf_bean_scratch;

/* ---- forward ---- */
void rf_bean_conv_messages(rf_bean_conv_saved *saved, const rf_bean_conv *conv, const rf_adj *adj,
                           const rf_real *xu, const rf_real *xv, const rf_real *xe, rf_pool *pool);
/* What the users hear of this kind; with b_u where it is the main one. */
void rf_bean_conv_users(rf_real *out_u, const rf_bean_conv_saved *saved, const rf_bean_conv *conv,
                        const rf_adj *adj, rf_pool *pool);
void rf_bean_conv_entities(rf_real *out_v, const rf_bean_conv_saved *saved, const rf_bean_conv *conv,
                           const rf_adj *adj, rf_pool *pool);
void rf_bean_conv_tables(rf_real *tu, rf_real *tv, const rf_bean_conv *conv, const rf_adj *adj,
                         const rf_real *xu, const rf_real *xv, rf_pool *pool);
/* Rows [first, first + n) of edges, n <= RF_BLOCK, on the calling thread; out_e and xe point at row `first`.
 */
void rf_bean_conv_edge_rows(rf_real *out_e, const rf_bean_conv *conv, const rf_adj *adj, const rf_real *tu,
                            const rf_real *tv, const rf_real *xe, int64_t first, int64_t n);

/* ---- where a model is applied: neither messages nor finished edge rows are kept ---- */
#define RF_BEAN_SLICE (8 * RF_BLOCK) /* nodes at once */

/* The edges' rows as a convolution reads them. */
typedef struct rf_edge_rows {
    const rf_real *x;       /* (n_e, d_e), or NULL: tu[u(e)] + tv[v(e)] */
    const rf_real *tu, *tv; /* (n_u, d_e) (n_v, d_e) */
    const rf_norm *norm;    /* rows are still to be normalised and to pass a ReLU; NULL: they are finished */
} rf_edge_rows;

/* What nodes receive messages from: the entities and edges of one kind. */
typedef struct rf_bean_source {
    const rf_bean_conv *conv;
    const rf_adj *adj;
    const rf_real *xv;
    rf_edge_rows edges;
    const rf_real *share_u, *share_v; /* as in rf_bean_conv_saved */
} rf_bean_source;

/* Messages and then nodes, of a slice of the nodes at a time. room: RF_BEAN_SLICE rows of the larger of k_u
 * and k_v. The same bits as the two steps give. */
void rf_bean_conv_apply_users(rf_real *out_u, rf_real *room, const rf_bean_source *kind, const rf_real *xu,
                              rf_pool *pool);
void rf_bean_conv_apply_entities(rf_real *out_v, rf_real *room, const rf_bean_source *kind, const rf_real *xu,
                                 rf_pool *pool);

/* ---- backward: everything adds, except dmsg and tables ---- */
/* Weights of users or entities, and (if want_input) scratch->dmsg_u or dmsg_v. */
void rf_bean_conv_backward_users(rf_bean_conv *dconv, rf_bean_scratch *scratch, const rf_real *dout_u,
                                 const rf_bean_conv_saved *saved, const rf_bean_conv *conv, const rf_adj *adj,
                                 bool want_input, rf_pool *pool);
void rf_bean_conv_backward_entities(rf_bean_conv *dconv, rf_bean_scratch *scratch, const rf_real *dout_v,
                                    const rf_bean_conv_saved *saved, const rf_bean_conv *conv,
                                    const rf_adj *adj, bool want_input, rf_pool *pool);
/* From dmsg to the node inputs, through one kind. */
void rf_bean_conv_backward_messages(rf_real *dxu, rf_real *dxv, const rf_bean_scratch *scratch,
                                    const rf_bean_conv_saved *saved, const rf_bean_conv *conv,
                                    const rf_adj *adj, rf_pool *pool);
/* Sums dout_e over each node's edges into scratch->tu, tv; from them the node blocks of W_e, b_e, and (if dxu
 * is not NULL) the node inputs. */
void rf_bean_conv_backward_tables(rf_real *dxu, rf_real *dxv, rf_bean_conv *dconv, rf_bean_scratch *scratch,
                                  const rf_real *dout_e, const rf_bean_conv *conv, const rf_adj *adj,
                                  const rf_real *xu, const rf_real *xv, rf_pool *pool);
/* dxe of rows [first, first + n), n <= RF_BLOCK, overwritten: through dout_e (if o_e > 0) and through dmsg.
 * One thread. */
void rf_bean_conv_backward_edge_rows(rf_real *dxe, const rf_bean_scratch *scratch, const rf_real *dout_e,
                                     const rf_bean_conv_saved *saved, const rf_bean_conv *conv,
                                     const rf_adj *adj, int64_t first, int64_t n);

#endif
