/* rf_kernels.h - the numeric kernels of GraphBEAN: pure functions over rows, each with its gradient.
 *
 * Pointers and sizes in, numbers out: no allocation, no state, no status. Forward overwrites, backward says
 * whether it adds. Matrices are row-major. Work is split over blocks of RF_BLOCK rows that are the same at
 * any number of threads; sums over rows are taken within blocks and then over blocks, in order. Plain
 * versions: tests/support/naive.h.
 */
#ifndef RF_KERNELS_H
#define RF_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_adj.h"
#include "rf_bf16.h"
#include "rf_pool.h"
#include "rf_real.h"

#define RF_BLOCK 1024  /* rows of one task */
#define RF_SEGMENTS 64 /* most partial sums of a weight gradient */

static inline int64_t rf_blocks(int64_t rows)
{
    return (rows + RF_BLOCK - 1) / RF_BLOCK;
}
static inline int64_t rf_segments(int64_t rows)
{
    int64_t blocks = rf_blocks(rows);
    return blocks < RF_SEGMENTS ? blocks : RF_SEGMENTS;
}

/* ---- dense.c: y = x W^T + b. W is (o, d) with leading dimension ldw: a column slice of a wider weight will
 * do ---- */

/* y (n, o); b (o) or NULL. */
void rf_dense_forward(rf_real *y, const rf_real *x, const rf_real *w, int ldw, const rf_real *b, int64_t n,
                      int d, int o, rf_pool *pool);
/* dx (n, d) = beta dx + dy W */
void rf_dense_backward_input(rf_real *dx, const rf_real *dy, const rf_real *w, int ldw, int64_t n, int d,
                             int o, rf_real beta, rf_pool *pool);
/* dw (o, d; ldw) += dy^T x, db (o, or NULL) += column sums of dy.
 * partial: rf_segments(n) * (o * d) numbers of scratch; sums: rf_segments(n) * o doubles. */
void rf_dense_backward_weights(rf_real *dw, int ldw, rf_real *db, const rf_real *dy, const rf_real *x,
                               int64_t n, int d, int o, rf_real *partial, double *sums, rf_pool *pool);
/* y[i] += b for n rows of o numbers. */
void rf_add_bias(rf_real *y, const rf_real *b, int64_t n, int o);
/* dw (o, d; ldw) += the n_parts matrices (o, d) at partial, in order. */
void rf_add_partials(rf_real *dw, int ldw, const rf_real *partial, int64_t n_parts, int o, int d);
/* sums (d) += the columns' sums of n rows; db (o) += n_parts rows of sums, in order. */
void rf_column_sums(double *sums, const rf_real *y, int64_t n, int d);
void rf_add_sums(rf_real *db, const double *sums, int64_t n_parts, int o);
/* Rows of n edges: y[e] = base[e] + tu[e_u[e]] + tv[e_v[e]], base is y itself if add, else 0. */
void rf_gather_pairs(rf_real *y, const rf_real *tu, const rf_real *tv, const uint32_t *e_u,
                     const uint32_t *e_v, int64_t n, int o, bool add);

/* n numbers in bfloat16, as numbers to compute with. */
void rf_widen(rf_real *out, const rf_bf16 *x, int64_t n);

/* ---- aggregate.c: from rows of edges, or from rows of neighbours over edges, to nodes ---- */

/* One side of the graph: node i's edges are edge[ptr[i] .. ptr[i+1]) (edge NULL: the numbers themselves), and
 * edge e's row in the source matrix is row[e] (row NULL: e). */
typedef struct rf_spokes {
    int64_t n;
    const int64_t *ptr;
    const uint32_t *edge;
    const uint32_t *row;
    const rf_real
        *share; /* of each edge in its node's mean, which all of a node's add up to 1; NULL: equal */
} rf_spokes;

/* mean and max (n rows, leading dimension ld) of the d-wide source rows of each node's edges; arg (n, leading
 * dimension ld_arg; may be NULL) is the winning edge, the lowest of equals; a node without edges gets zeros
 * and RF_NO_EDGE. */
void rf_aggregate_forward(rf_real *mean, rf_real *max, int64_t ld, uint32_t *arg, int64_t ld_arg,
                          const rf_spokes *spokes, const rf_real *x, int d, rf_pool *pool);
/* The same without winners, of rows in bfloat16. */
void rf_aggregate_narrow(rf_real *mean, rf_real *max, int64_t ld, const rf_spokes *spokes, const rf_bf16 *x,
                         int d, rf_pool *pool);
/* sum (n, d) of each node's source rows, d columns of rows ld apart; added to what is there if add. */
void rf_aggregate_sum(rf_real *sum, bool add, const rf_spokes *spokes, const rf_real *x, int64_t ld, int d,
                      rf_pool *pool);
/* Gradient to neighbours: dx[i] += over the edges e of node i (spokes: the side that receives; row[e] is the
 * node that aggregated) dmean[row]/degree(row) + (arg[row] == e) dmax[row]. ptr_row: the aggregating side's
 * ptr; share: its edges' shares, or NULL. */
void rf_aggregate_backward_nodes(rf_real *dx, const rf_spokes *spokes, const int64_t *ptr_row,
                                 const rf_real *share, const rf_real *dmean, const rf_real *dmax, int64_t ld,
                                 const uint32_t *arg, int64_t ld_arg, int d, rf_pool *pool);
/* Gradient to the edges of the nodes of spokes, which have aggregated: dx[e] += the same terms; set instead
 * of added if begins. One thread. */
void rf_aggregate_backward_edges(rf_real *dx, bool begins, const rf_spokes *spokes, const rf_real *dmean,
                                 const rf_real *dmax, int64_t ld, const uint32_t *arg, int64_t ld_arg, int d);

/* ---- batchnorm.c: y -> (y - mean) / sqrt(var + eps) * gain + bias, columns of n rows ---- */
#define RF_BN_EPS 1e-5
#define RF_BN_MOMENTUM 0.1

typedef struct rf_norm { /* one layer's columns; all [d] */
    int d;
    const rf_real *gain, *bias;
    rf_real *mean, *scale; /* in use: scale = gain / sqrt(var + eps) */
    rf_real *rstd;
    double *var; /* biased, in use */
} rf_norm;

/* Moments of one block: mean and centred sum of squares (d doubles each) of n <= RF_BLOCK rows. */
void rf_moments_block(double *mean, double *m2, const rf_real *y, int64_t n, int d);
/* The same for every block of y, threaded. blocks: rf_blocks(n) * 2 d doubles. */
void rf_moments(double *blocks, const rf_real *y, int64_t n, int d, rf_pool *pool);
/* Of one block: cross = sum x (y - mean), sum_x = sum x (d doubles each); mean as rf_moments_block gave it.
 */
void rf_cross_moments_block(double *cross, double *sum_x, const rf_real *x, const rf_real *y,
                            const double *mean, int64_t n, int d);
/* Puts blocks' moments together in block order and prepares norm. */
void rf_norm_from_moments(rf_norm *norm, const double *blocks, int64_t n);
/* running <- (1 - momentum) running + momentum batch, with the unbiased variance. */
void rf_norm_update_running(rf_real *running_mean, rf_real *running_var, const rf_norm *norm, int64_t n);
void rf_norm_from_running(rf_norm *norm, const rf_real *running_mean, const rf_real *running_var);

/* What follows the normalisation. Dropout keeps an entry if its counter-based coin says so; the mask is never
 * stored. */
typedef struct rf_activation {
    bool relu;
    uint32_t drop_below; /* an entry is dropped if its 32-bit coin is below; 0: no dropout */
    rf_real keep_scale;  /* 1 / (1 - p) */
    uint64_t coin_key;
} rf_activation;

/* h[i] = activation(normalised y[i]) for rows [first, first + n); y and h point at row `first` and may be the
 * same. */
void rf_norm_rows(rf_real *h, const rf_real *y, int64_t first, int64_t n, const rf_norm *norm,
                  const rf_activation *act);
void rf_norm_forward(rf_real *h, const rf_real *y, int64_t n, const rf_norm *norm, const rf_activation *act,
                     rf_pool *pool);

/* rf_aggregate_forward of rows that are made as they are read: normalised, then through a
 * ReLU. self NULL: x has the linear outputs of all edges. Else an edge's is self[i] + x[row[e]]: self has a
 * row for each of the nodes, x for those at the other end. norm->d columns. */
void rf_aggregate_made(rf_real *mean, rf_real *max, int64_t ld, uint32_t *arg, int64_t ld_arg,
                       const rf_spokes *spokes, const rf_real *self, const rf_real *x, const rf_norm *norm,
                       rf_pool *pool);

/* The same of rows that come in parts, on the calling thread: x has the linear outputs of the edges at the
 * places [first, first + n) of the spokes' list. Parts follow each other, from ptr[0] to ptr[n] of the
 * spokes; `node` is what the part before returned, at first 0. Neither may be split over threads.
 */
int64_t rf_aggregate_part(rf_real *mean, rf_real *max, int64_t ld, uint32_t *arg, int64_t ld_arg,
                          const rf_spokes *spokes, const rf_real *x, const rf_norm *norm, int64_t first,
                          int64_t n, int64_t node);

/* dh becomes dz, the gradient before the activation, in place; adds sum dz and sum dz * normalised y to sums
 * (2 d doubles). */
void rf_norm_backward_sums(double *sums, rf_real *dh, const rf_real *y, int64_t first, int64_t n,
                           const rf_norm *norm, const rf_activation *act);
/* Adds gradients of gain and bias, and turns sums into the two means that the last step needs: coef (2 d). */
void rf_norm_backward_coefficients(rf_real *coef, rf_real *dgain, rf_real *dbias, const double *sums,
                                   int64_t n, int d);
/* dy = scale (dz - coef0 - xhat coef1), in place of dz. */
void rf_norm_backward_rows(rf_real *dz, const rf_real *y, int64_t n, const rf_norm *norm,
                           const rf_real *coef);
/* The first of n_blocks rows of `width` sums becomes the sum of all, in order. */
void rf_add_blocks(double *blocks, int64_t n_blocks, int width);
/* All three steps for a matrix of n rows. blocks: rf_blocks(n) * 2 d doubles; coef: 2 d. */
void rf_norm_backward(rf_real *dh, rf_real *dgain, rf_real *dbias, const rf_real *y, int64_t n,
                      const rf_norm *norm, const rf_activation *act, double *blocks, rf_real *coef,
                      rf_pool *pool);

/* ---- activation.c: ReLU and dropout alone (the MLPs have no normalisation) ---- */
void rf_activation_forward(rf_real *h, const rf_real *y, int64_t n, int d, const rf_activation *act,
                           rf_pool *pool);
/* dh -> dy in place. */
void rf_activation_backward(rf_real *dh, const rf_real *y, int64_t n, int d, const rf_activation *act,
                            rf_pool *pool);
/* An activation with dropout of probability p, whose coins belong to (seed, stream). */
rf_activation rf_activation_make(bool relu, double p, uint64_t seed, uint64_t stream);
/* Multiplies h or dh by the mask: entry k of the layer is number first_entry + k. */
void rf_dropout_rows(rf_real *h, int64_t first_entry, int64_t n, const rf_activation *act);

/* ---- loss.c ---- */
/* Sum of squared differences of n numbers (double); if dx is not NULL, dx = weight (x_hat - x). */
double rf_squared_error(rf_real *dx, const rf_real *x_hat, const rf_real *x, int64_t n, rf_real weight);
/* Of n rows by blocks, threaded: blocks holds rf_blocks(n) doubles. */
double rf_squared_error_rows(rf_real *dx, const rf_real *x_hat, const rf_real *x, int64_t n, int d,
                             rf_real weight, double *blocks, rf_pool *pool);
/* How few rows hold the squared error: n sum(r^2) / sum(r)^2 over the rows' errors r, 1 if all are alike, n
 * if one has all of it, 0 if there is none. blocks: 2 rf_blocks(n) doubles. */
double rf_error_concentration(const rf_real *x_hat, const rf_real *x, int64_t n, int d, double *blocks,
                              rf_pool *pool);

/* One user against a list of entities: logit_k = zu . zv[v_k], p = sigmoid(logit). Adds the cross-entropy
 * (not more than 100 a pair, as the reference cuts it) of label y_k to the result; adds weight (p - y)
 * zv[v_k] to dzu and weight (p - y) zu to dzv[v_k] unless dzu is NULL; writes p to prob unless NULL. logit: n
 * numbers of scratch. */
double rf_structure_row(rf_real *dzu, rf_real *dzv, rf_real *prob, const rf_real *zu, const rf_real *zv,
                        const uint32_t *v, const uint8_t *y, int64_t n, int d, rf_real weight,
                        rf_real *logit);

#endif
