/* tails_int.h - how far out in its column a value is, in nats, from a few numbers a column.
 *
 *   t(y) = -ln P(Y >= y)
 *
 * Beyond the 90 % quantile u0 it is a generalised Pareto through the 50 % and 75 % quantiles q1, q2 of the m
 * excesses over u0; with fewer than RF_TAIL_FEW excesses it is the share of rows.
 *
 *   xi    = clip(ln((q2 - q1) / q1) / ln 2, 0.001, 0.6)            0.001: as good as exponential
 *   sigma = xi q1 / (2^xi - 1)
 *   t(y)  = -ln(m / n) + ln(1 + xi (y - u0) / sigma) / xi         at most RF_TAIL_CAP
 *   N(y)  = max(t(y), t(-y)) - ln 2                               at least 0: either direction is a surprise
 *
 * Up to u0 t is at most ln 10, so that N is below every threshold that is subtracted from it; tails say 0
 * there. Source: Pickands, Annals of Statistics 1975 (the quantile estimator).
 */
#ifndef RF_TAILS_INT_H
#define RF_TAILS_INT_H

#include <stdint.h>

#define RF_TAIL_CAP 15.0
#define RF_TAIL_FEW 20

typedef struct rf_tail {
    float u0;               /* the excesses are beyond it */
    int64_t m;              /* their number */
    double base;            /* -ln(m / n) */
    double xi, sigma;       /* m >= RF_TAIL_FEW */
    float few[RF_TAIL_FEW]; /* else: the excesses, ascending */
    double ln_n;
} rf_tail;

typedef struct rf_tails { /* of one column: above and below */
    rf_tail up, down;
} rf_tails;

typedef struct rf_tail_end { /* of a column in one direction, what a fit needs of it */
    float u0;
    int64_t m;              /* values beyond it */
    float few[RF_TAIL_FEW]; /* m < RF_TAIL_FEW: these values, the nearest first */
    float around[2][2];     /* else those around their quantiles 50 % and 75 % */
} rf_tail_end;

/* Of values[0..n), n >= 1; sign 1: up, -1: down. scratch [2 n]. O(n). */
void rf_tail_end_find(rf_tail_end *end, uint32_t *scratch, const float *values, int64_t n, float sign);
void rf_tail_fit_end(rf_tail *tail, const rf_tail_end *end, int64_t n, float sign);
/* Of values[0..n); scratch [2 n]. */
void rf_tails_fit(rf_tails *out, uint32_t *scratch, const float *values, int64_t n);
/* Of a tail that has its u0, again: m of n values exceed it, excess[0..kept) by what: all of
 * them, or an even choice, one at least; reordered. */
void rf_tail_fit_excesses(rf_tail *tail, float *excess, int64_t kept, int64_t m, int64_t n);
/* Where N reaches `nats`: N is below it for every excess below this one. */
float rf_tail_excess_at(const rf_tail *tail, double nats);
/* N(y), and 0 where it is below ln 5. */
double rf_tails_nats(const rf_tails *tails, float y);

/* The k[0]-th and the k[1]-th smallest (from 0) of values[0..n): exact, O(n). */
void rf_select_two(float out[2], const float *values, int64_t n, const int64_t k[2]);
/* The quantile q of values[0..n), n >= 1, linear between order statistics. */
double rf_quantile(const float *values, int64_t n, double q);

#endif
