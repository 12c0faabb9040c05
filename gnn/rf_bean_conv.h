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
 * A node's message is made where it is read, a block of nodes at a time, in memory of the thread: forward to
 * multiply it, backward again for the weights' gradient. What stays is the gradient of the neighbours'
 * blocks, because the other side gathers it. Only the first layer's messages, which never change, may be
 * kept. The steps are separate functions, because a model handles edges a block at a time between the steps
 * of their normalisation.
 */
#ifndef RF_BEAN_CONV_H
#define RF_BEAN_CONV_H

#include "rf_adj.h"
#include "rf_kernels.h"
#include "rf_real.h"

#define RF_BEAN_BLOCK 256 /* nodes whose messages are made together */

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

/* The edges' rows as a convolution reads them. */
typedef struct rf_edge_rows {
    const rf_real *x;          /* (n_e, d_e), or NULL: tu[u(e)] + tv[v(e)] */
    const rf_bf16 *narrow;     /* in its place, finished and where no gradient goes; else NULL */
    const rf_real *tu, *tv;    /* (n_u, d_e) (n_v, d_e) */
    const rf_bean_conv *below; /* rows are made: x or narrow are what this layer reads of its edges (n_e,
                                  below->d_e), tu and tv its tables; or NULL */
    const rf_norm *norm; /* rows are still to be normalised and to pass a ReLU; NULL: they are finished */
} rf_edge_rows;

/* What the nodes of one kind of entity, and the users that it meets, read in a convolution. All borrowed. */
typedef struct rf_bean_source {
    const rf_bean_conv *conv;
    const rf_adj *adj;
    const rf_real *xu, *xv; /* (n_u, d_u) (n_v, d_v) */
    rf_edge_rows edges;
    const rf_real *share_u, *share_v; /* of each edge in the means of its user and of its entity, or NULL:
                                         equal shares */
    const rf_real *msg_u, *msg_v;     /* (n_u, k_u) (n_v, k_v) messages that have been kept, or NULL */
} rf_bean_source;

typedef struct rf_bean_scratch {
    rf_real *turned;          /* (k, o) of the widest: a weight's columns as rows */
    rf_real *msg;             /* for each thread RF_BEAN_BLOCK rows of the widest message */
    rf_real *edge_x, *edge_y; /* where edges' rows are made: for each thread RF_BLOCK rows of below->d_e and
                                 of d_e numbers, or NULL */
    /* the rest for backward alone */
    rf_real *dmsg; /* as msg */
    uint32_t *arg; /* for each thread RF_BEAN_BLOCK rows of the most of d_v + d_e and d_u + d_e: the
                      edge that won a maximum */
    rf_real *sent_u,
        *sent_v; /* (n_u, 2 d_v) (n_v, 2 d_u): gradients of what nodes took from their neighbours */
    uint32_t *won_u, *won_v; /* (n_u, d_v) (n_v, d_u): the edge that won each of the maxima, or RF_NO_EDGE */
    rf_real *tu, *tv;        /* (n_u, o_e) (n_v, o_e): sums of dout_e over each node's edges */
    rf_real *partial;        /* segments of the most rows * the largest o * k */
    double *sums;            /* segments of the most rows * the largest o */
} rf_bean_scratch;

/* ---- forward ---- */
/* Messages of all nodes, to be kept. */
void rf_bean_conv_messages(rf_real *msg_u, rf_real *msg_v, const rf_bean_source *source, rf_pool *pool);
/* What the users hear of this kind, (n_u, o_u); with b_u where it is the main one. */
void rf_bean_conv_users(rf_real *out_u, const rf_bean_scratch *scratch, const rf_bean_source *source,
                        rf_pool *pool);
void rf_bean_conv_entities(rf_real *out_v, const rf_bean_scratch *scratch, const rf_bean_source *source,
                           rf_pool *pool);
/* (n_u, o_e) (n_v, o_e) */
void rf_bean_conv_tables(rf_real *tu, rf_real *tv, const rf_bean_conv *conv, const rf_adj *adj,
                         const rf_real *xu, const rf_real *xv, rf_pool *pool);
/* n <= RF_BLOCK edges from users u to entities v, on the calling thread, from tables of nodes; xe (n, d_e).
 */
void rf_bean_conv_edge_rows(rf_real *out_e, const rf_bean_conv *conv, const uint32_t *u, const uint32_t *v,
                            const rf_real *tu, const rf_real *tv, const rf_real *xe, int64_t n);

/* Where an edge's output is wider than the rows of its two ends, it costs less to gather those: the message
 * (n, k_e) of n edges is built, whose first d_e columns the caller has filled. users: the row of xu of each
 * user; NULL: the numbers themselves. */
void rf_bean_conv_join_ends(rf_real *msg_e, const rf_bean_conv *conv, const uint32_t *u, const uint32_t *v,
                            const uint32_t *users, const rf_real *xu, const rf_real *xv, int64_t n);

/* ---- backward: everything adds, except what is said ---- */
/* Through users or entities: weights; and, unless dxu (dxv) is NULL, their own inputs, those of the edges
 * (dxe, or NULL; where begins is true they are set), and what they send to their neighbours (sent_u, won_u).
 */
void rf_bean_conv_backward_users(rf_real *dxu, rf_real *dxe, bool begins, rf_bean_conv *dconv,
                                 const rf_bean_scratch *scratch, const rf_real *dout_u,
                                 const rf_bean_source *source, rf_pool *pool);
void rf_bean_conv_backward_entities(rf_real *dxv, rf_real *dxe, rf_bean_conv *dconv,
                                    const rf_bean_scratch *scratch, const rf_real *dout_v,
                                    const rf_bean_source *source, rf_pool *pool);
/* What both sides have sent to each other. */
void rf_bean_conv_backward_received(rf_real *dxu, rf_real *dxv, const rf_bean_scratch *scratch,
                                    const rf_bean_source *source, rf_pool *pool);
/* Sums dout_e over each node's edges into scratch->tu, tv; from them the node blocks of W_e, b_e, and (if dxu
 * is not NULL) the node inputs. */
void rf_bean_conv_backward_tables(rf_real *dxu, rf_real *dxv, rf_bean_conv *dconv,
                                  const rf_bean_scratch *scratch, const rf_real *dout_e,
                                  const rf_bean_conv *conv, const rf_adj *adj, const rf_real *xu,
                                  const rf_real *xv, rf_pool *pool);
/* Of edges whose ends were joined: d_ends (n_e, d_u + d_v) to the node inputs. */
void rf_bean_conv_backward_ends(rf_real *dxu, rf_real *dxv, const rf_real *d_ends, const rf_bean_conv *conv,
                                const rf_adj *adj, rf_pool *pool);

#endif
