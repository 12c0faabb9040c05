/* bean_conv_int.h - one side of a convolution, as bean_conv.c and bean_conv_backward.c share it. */
#ifndef RF_BEAN_CONV_INT_H
#define RF_BEAN_CONV_INT_H

#include "rf_bean_conv.h"

/* Users as seen from users, or the mirror image. */
typedef struct conv_side {
    int64_t n;
    int d_self, d_other, d_e, k, own; /* own: width of the self block */
    rf_spokes neighbours, edges;
    const rf_real *x_self, *x_other;
    const rf_edge_rows *rows;
    const rf_real *t_self, *t_other; /* tables that rows are made of */
    const rf_real *kept;             /* messages, or NULL */
    const rf_real *w, *b;            /* (o, k; ldw), (o) or NULL */
    int o, ldw;
} conv_side;

conv_side users_of(const rf_bean_source *source);
conv_side entities_of(const rf_bean_source *source);

/* Where the blocks of a message start. */
static inline int mean_other_at(const conv_side *s)
{
    return s->own;
}
static inline int max_other_at(const conv_side *s)
{
    return s->own + s->d_other;
}
static inline int mean_edge_at(const conv_side *s)
{
    return s->own + 2 * s->d_other;
}
static inline int max_edge_at(const conv_side *s)
{
    return s->own + 2 * s->d_other + s->d_e;
}

static inline int64_t conv_blocks(int64_t n)
{
    return (n + RF_BEAN_BLOCK - 1) / RF_BEAN_BLOCK;
}
static inline int conv_block_rows(int64_t n, int64_t block)
{
    const int64_t left = n - block * RF_BEAN_BLOCK;
    return (int)(left < RF_BEAN_BLOCK ? left : RF_BEAN_BLOCK);
}

/* The nodes first .. first + n of a side. */
conv_side slice_of(const conv_side *whole, int64_t first, int64_t n);
/* Their messages (n, k), on the calling thread; arg (n, d_other + d_e): the edges that won maxima, or NULL.
 */
void slice_messages(rf_real *msg, uint32_t *arg, const conv_side *slice, const rf_bean_scratch *scratch,
                    int worker);
/* made_messages.c: mean and maximum of edges' rows that are made as they are read (rows->below), to their
 * columns of msg. arg: as above, of all d_other + d_e columns. */
void made_messages(rf_real *msg, uint32_t *arg, const conv_side *slice, const rf_bean_scratch *scratch,
                   int worker);

#endif
