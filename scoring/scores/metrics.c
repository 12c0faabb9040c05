/* metrics.c - areas under curves and counts at cut-offs, in one walk over the tie groups of the sorted
 * scores.
 *
 * Counts are integers until the last division, so that ties cost no exactness. evaluate.c decides which
 * labels and scores are compared.
 */
#include "rf_metrics.h"

#include <math.h>

#include "rf_mem.h"
#include "rf_rank.h"

/* From the highest score down, group by group: subjects of equal scores are taken together. */
static void walk(rf_metrics *out, const rf_ranked *sorted, const uint8_t *y)
{
    const int64_t n = out->n, positives = out->positives, negatives = n - positives;
    int64_t taken = 0, hits = 0;      /* subjects so far, and positives among them */
    int64_t twice_right_pairs = 0;    /* (positive, negative) ranked right count 2, tied ones 1 */
    double recall = 0, precision = 1; /* the last point of the curve */
    for (int64_t to = n, from; to > 0; to = from) {
        int64_t positives_here = 0;
        from = rf_rank_tie_start(sorted, to);
        for (int64_t i = from; i < to; i++)
            positives_here += y[sorted[i].row];
        int64_t size = to - from, negatives_here = size - positives_here;

        /* The group reaches the k-th place: of its members as many as still fit are taken, each as likely as
         * the next. */
        for (int i = 0; i < out->n_at_k; i++) {
            int64_t k = out->at_k[i].k < n ? out->at_k[i].k : n;
            if (k <= taken || k > taken + size)
                continue;
            double share = (double)(k - taken) / (double)size;
            double hits_at_k = (double)hits + share * (double)positives_here;
            out->at_k[i].precision = hits_at_k / (double)k;
            out->at_k[i].recall = hits_at_k / (double)positives;
        }
        /* The next point of the curve. */
        int64_t negatives_below = negatives - (taken - hits) - negatives_here;
        twice_right_pairs += positives_here * (2 * negatives_below + negatives_here);
        taken += size;
        hits += positives_here;
        double more_recall = (double)hits / (double)positives - recall, before = precision;
        recall = (double)hits / (double)positives;
        precision = (double)hits / (double)taken;
        out->pr_auc += more_recall * (precision + before) / 2;
        out->average_precision += more_recall * precision;
        /* Percentiles fall, so the last group that reaches a cut-off leaves its whole count there. */
        float rank = (float)rf_rank_percentile(from, to, n);
        for (int i = 0; i < out->n_at_percentile; i++) {
            if (rank < (float)out->at_percentile[i].percentile)
                continue;
            out->at_percentile[i].flagged = taken;
            out->at_percentile[i].precision = precision;
            out->at_percentile[i].recall = recall;
        }
    }
    out->roc_auc = (double)twice_right_pairs / (2 * ((double)positives * (double)negatives));
}

static rf_status take_cuts(rf_metrics *out, const int64_t *k, int n_k, const double *percentile,
                           int n_percentile, rf_err *err)
{
    rf_status st = RF_OK;
    if (n_k < 0 || n_k > RF_METRICS_AT || n_percentile < 0 || n_percentile > RF_METRICS_AT)
        RF_FAIL(err, RF_E_INVALID, "metrics: %d values of k and %d percentiles; at most %d of each", n_k,
                n_percentile, RF_METRICS_AT);
    for (int i = 0; i < n_k; i++) {
        if (k[i] < 1)
            RF_FAIL(err, RF_E_INVALID, "metrics: k is %lld; it must be 1 or more", (long long)k[i]);
        out->at_k[i].k = k[i];
    }
    for (int i = 0; i < n_percentile; i++) {
        if (!(percentile[i] >= 0 && percentile[i] <= 1))
            RF_FAIL(err, RF_E_INVALID, "metrics: percentile is %g; it must be from 0 to 1", percentile[i]);
        out->at_percentile[i].percentile = percentile[i];
        out->at_percentile[i].precision = NAN;
    }
    out->n_at_k = n_k;
    out->n_at_percentile = n_percentile;
done:
    return st;
}

rf_status rf_metrics_compute(rf_metrics *out, int64_t n, const rf_real *score, const uint8_t *y,
                             const int64_t *k, int n_k, const double *percentile, int n_percentile,
                             rf_err *err)
{
    rf_status st = RF_OK;
    rf_metrics metrics = {.n = n};
    rf_ranked *sorted = NULL;

    RF_TRY(take_cuts(&metrics, k, n_k, percentile, n_percentile, err));
    for (int64_t i = 0; y != NULL && i < n; i++) {
        if (y[i] > 1)
            RF_FAIL(err, RF_E_FORMAT, "metrics: label %lld is %d; labels are 0 or 1", (long long)i, y[i]);
        metrics.positives += y[i];
    }
    metrics.defined = metrics.positives > 0 && metrics.positives < n;
    RF_TRY(rf_rank_sort(&sorted, n, score, err));
    if (metrics.defined)
        walk(&metrics, sorted, y);
    *out = metrics;
done:
    rf_mem_free(sorted);
    return st;
}
