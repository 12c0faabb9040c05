/* aggregate_int.h - one side's edges and their rows, as aggregate.c and aggregate_sums.c walk them.
 */
#ifndef RF_AGGREGATE_INT_H
#define RF_AGGREGATE_INT_H

#include "gnn_int.h"
#include "rf_kernels.h"

#define AGGREGATE_NODES 256 /* of one task */
#define AGGREGATE_AHEAD 12  /* edges between a row's prefetch and its use, across nodes: most have few */

typedef struct aggregate_job {
    rf_real *mean, *max;
    uint32_t *arg;
    int64_t ld, ld_arg;
    const rf_spokes *spokes;
    const rf_real *x;
    int64_t first;         /* a part: the place in the list of edges whose row is the first of x */
    const rf_bf16 *narrow; /* in its place, or NULL */
    const rf_norm *norm;   /* of rows that are made; NULL: they are x */
    const rf_real *self;   /* [nodes, d] what is added to them first, or NULL */
    const int64_t *ptr_row;
    const rf_real *share; /* gradients: of the edges in the means that were taken, or NULL */
    const rf_real *dmean, *dmax;
    const uint32_t *winner;
    int d;
} aggregate_job;

RF_INLINE int64_t spoke_edge(const rf_spokes *spokes, int64_t k)
{
    return spokes->edge != NULL ? (int64_t)spokes->edge[k] : k;
}

RF_INLINE int64_t spoke_row(const rf_spokes *spokes, int64_t e)
{
    return spokes->row != NULL ? (int64_t)spokes->row[e] : e;
}

RF_INLINE void store_winner(uint32_t *arg, const rf_mask *winner)
{
#if RF_REAL_IS_DOUBLE
    for (int j = 0; j < RF_LANES; j++)
        arg[j] = (uint32_t)(*winner)[j];
#else
    memcpy(arg, winner, sizeof *winner);
#endif
}

RF_INLINE void load_winner(rf_mask *winner, const uint32_t *arg)
{
#if RF_REAL_IS_DOUBLE
    for (int j = 0; j < RF_LANES; j++)
        (*winner)[j] = (int64_t)arg[j];
#else
    memcpy(winner, arg, sizeof *winner);
#endif
}

static inline int64_t aggregate_task_end(int64_t task, int64_t n)
{
    int64_t end = (task + 1) * AGGREGATE_NODES;
    return end < n ? end : n;
}

static inline int64_t aggregate_tasks(int64_t n)
{
    return (n + AGGREGATE_NODES - 1) / AGGREGATE_NODES;
}

#endif
