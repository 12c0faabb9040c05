/* rf_metrics.h - how well scores rank known anomalies. Ties are handled exactly: equal scores are one
 * threshold.
 *
 *   roc_auc            (pairs ranked right + half of the tied pairs) / all pairs of a positive and a negative
 *   pr_auc             trapezoids between the points (recall, precision) of every threshold, from (0, 1) on
 *   average_precision  sum of precision times the growth of recall, threshold by threshold
 */
#ifndef RF_METRICS_H
#define RF_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_real.h"
#include "rf_status.h"

#define RF_METRICS_AT 8

typedef struct rf_metrics {
    bool defined; /* false without labels, or with labels of one class only: everything below positives is
                     then unset */
    int64_t n, positives;
    double roc_auc;
    double pr_auc; /* as scikit-learn's auc(recall, precision) */
    double average_precision;
    struct {
        int64_t k;                /* more than n counts as n */
        double precision, recall; /* expected value where the k-th place is tied */
    } at_k[RF_METRICS_AT];
    int n_at_k;
    struct {
        double percentile;
        int64_t flagged;          /* subjects at or above the percentile (mid-rank, as in scores.h5) */
        double precision, recall; /* of those; precision is NaN when there are none */
    } at_percentile[RF_METRICS_AT];
    int n_at_percentile;
} rf_metrics;

/* y[n] is 0 or 1, or NULL without labels. k and percentile lists may be NULL (0 entries), each at
 * most RF_METRICS_AT long, k >= 1, percentiles in [0, 1]. RF_E_NUMERIC for a score that is NaN. O(n). */
RF_MUST_CHECK rf_status rf_metrics_compute(rf_metrics *out, int64_t n, const rf_real *score, const uint8_t *y,
                                           const int64_t *k, int n_k, const double *percentile,
                                           int n_percentile, rf_err *err);

#endif
