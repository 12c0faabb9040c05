/* rf_metrics.h - how well scores rank known anomalies. Ties are handled exactly: equal scores are one threshold.
 */
#ifndef RF_METRICS_H
#define RF_METRICS_H

#include <stdbool.h>

#include "rf_real.h"
#include "rf_json.h"

#define RF_METRICS_AT 8

typedef struct rf_metrics {
    bool defined; /* false without labels, or with labels of one class only: everything else is then unset */
    int64_t n, positives;
    double roc_auc;           /* Mann-Whitney with mid-ranks */
    double pr_auc;            /* trapezoids under the precision-recall curve, as scikit-learn's auc(recall, precision) */
    double average_precision; /* step-wise sum */
    struct {
        int64_t k;
        double precision, recall; /* expected value where the k-th place is tied */
    } at_k[RF_METRICS_AT];
    int n_at_k;
    struct {
        double percentile;
        double precision, recall; /* of the subjects at or above the percentile */
    } at_percentile[RF_METRICS_AT];
    int n_at_percentile;
} rf_metrics;

/* k and percentile lists may be NULL (0 entries). O(n log n). */
RF_MUST_CHECK rf_status rf_metrics_compute(rf_metrics *out, int64_t n, const rf_real *score, const uint8_t *y,
                                           const int64_t *k, int n_k, const double *percentile, int n_percentile,
                                           rf_err *err);

#endif
