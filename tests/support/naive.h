/* naive.h - the model's formulas as plain loops, the reference for the fast kernels. Doubles inside, clarity
 * over speed. */
#ifndef RF_NAIVE_H
#define RF_NAIVE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "rf_adj.h"
#include "rf_bean_conv.h"
#include "rf_real.h"

/* y (n, o) = x (n, d) w^T (o, d; ldw) + b */
static inline void naive_dense(double *y, const rf_real *x, const rf_real *w, int ldw, const rf_real *b,
                               int64_t n, int d, int o)
{
    for (int64_t i = 0; i < n; i++) {
        for (int j = 0; j < o; j++) {
            double sum = b != NULL ? (double)b[j] : 0;
            for (int k = 0; k < d; k++)
                sum += (double)x[i * d + k] * (double)w[(int64_t)j * ldw + k];
            y[i * o + j] = sum;
        }
    }
}

/* Mean, maximum and winner of column j over the edges of one node; node[e] says whose edge e is. */
static inline void naive_aggregate(double *mean, double *max, uint32_t *winner, const rf_adj *adj,
                                   const uint32_t *node, int64_t which, const uint32_t *row, const rf_real *x,
                                   int d, int j)
{
    int64_t degree = 0;
    *mean = *max = 0;
    *winner = RF_NO_EDGE;
    for (int64_t e = 0; e < adj->n_e; e++) {
        if (node[e] != which)
            continue;
        double value = (double)x[(row != NULL ? (int64_t)row[e] : e) * d + j];
        *mean += value;
        if (degree == 0 || value > *max) {
            *max = value;
            *winner = (uint32_t)e;
        }
        degree++;
    }
    *mean = degree > 0 ? *mean / (double)degree : 0;
}

/* The whole message of one node: [ self | mean other | max other | mean edge | max edge ]. Returns its
 * length. */
static inline int naive_message(rf_real *msg, const rf_adj *adj, const uint32_t *node, const uint32_t *other,
                                int64_t which, bool self_loop, const rf_real *x_self, int d_self,
                                const rf_real *x_other, int d_other, const rf_real *xe, int d_e)
{
    int at = 0;
    uint32_t winner;
    double mean, max;
    for (int j = 0; self_loop && j < d_self; j++)
        msg[at++] = x_self[which * d_self + j];
    for (int j = 0; j < d_other; j++) {
        naive_aggregate(&mean, &max, &winner, adj, node, which, other, x_other, d_other, j);
        msg[at + j] = (rf_real)mean;
        msg[at + d_other + j] = (rf_real)max;
    }
    at += 2 * d_other;
    for (int j = 0; j < d_e; j++) {
        naive_aggregate(&mean, &max, &winner, adj, node, which, NULL, xe, d_e, j);
        msg[at + j] = (rf_real)mean;
        msg[at + d_e + j] = (rf_real)max;
    }
    return at + 2 * d_e;
}

/* One column's batch normalisation. */
static inline void naive_batchnorm(double *out, const rf_real *y, int64_t n, int d, int j, double gain,
                                   double bias)
{
    double mean = 0, var = 0;
    for (int64_t i = 0; i < n; i++)
        mean += (double)y[i * d + j] / (double)n;
    for (int64_t i = 0; i < n; i++)
        var += ((double)y[i * d + j] - mean) * ((double)y[i * d + j] - mean) / (double)n;
    for (int64_t i = 0; i < n; i++)
        out[i] = ((double)y[i * d + j] - mean) / sqrt(var + 1e-5) * gain + bias;
}

#endif
