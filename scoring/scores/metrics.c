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

typedef struct tie_group { /* equal scores, the highest group first */
    int64_t from, to;      /* places in ascending order */
    int64_t positives;
} tie_group;

typedef struct ranking_curve { /* sums over the groups seen so far */
    int64_t taken, hits;       /* subjects, and positives among them */
    int64_t twice_right_pairs; /* (positive, negative) ranked right count 2, tied ones 1 */
    double pr_auc, average_precision;
    double recall, precision; /* the last point of the curve */
} ranking_curve;

static tie_group group_below(const rf_ranked *sorted, const uint8_t *y, int64_t to)
{
    tie_group group = {.from = rf_rank_tie_start(sorted, to), .to = to, .positives = 0};
    for (int64_t i = group.from; i < to; i++)
        group.positives += y[sorted[i].row];
    return group;
}

static void curve_add(ranking_curve *curve, tie_group group, int64_t n, int64_t positives)
{
    int64_t size = group.to - group.from, negatives_here = size - group.positives;
    int64_t negatives_below = (n - positives) - (curve->taken - curve->hits) - negatives_here;
    curve->twice_right_pairs += group.positives * (2 * negatives_below + negatives_here);
    curve->taken += size;
    curve->hits += group.positives;

    double recall = (double)curve->hits / (double)positives;
    double precision = (double)curve->hits / (double)curve->taken;
    curve->pr_auc += (recall - curve->recall) * (precision + curve->precision) / 2;
    curve->average_precision += (recall - curve->recall) * precision;
    curve->recall = recall;
    curve->precision = precision;
}

/* The group reaches the k-th place: of its members as many as still fit are taken, each as likely as the
 * next. */
static void fill_at_k(rf_metrics *out, const ranking_curve *before, tie_group group)
{
    int64_t size = group.to - group.from;
    for (int i = 0; i < out->n_at_k; i++) {
        int64_t k = out->at_k[i].k < out->n ? out->at_k[i].k : out->n;
        if (k <= before->taken || k > before->taken + size)
            continue;
        double share = (double)(k - before->taken) / (double)size;
        double hits = (double)before->hits + share * (double)group.positives;
        out->at_k[i].precision = hits / (double)k;
        out->at_k[i].recall = hits / (double)out->positives;
    }
}

/* Groups come with falling percentiles, so the last one that reaches a cut-off leaves its whole count there.
 */
static void fill_at_percentile(rf_metrics *out, const ranking_curve *after, tie_group group)
{
    float rank = (float)rf_rank_percentile(group.from, group.to, out->n);
    for (int i = 0; i < out->n_at_percentile; i++) {
        if (rank < (float)out->at_percentile[i].percentile)
            continue;
        out->at_percentile[i].flagged = after->taken;
        out->at_percentile[i].precision = after->precision;
        out->at_percentile[i].recall = after->recall;
    }
}

static void walk(rf_metrics *out, const rf_ranked *sorted, const uint8_t *y)
{
    ranking_curve curve = {.precision = 1};
    for (int64_t to = out->n; to > 0;) {
        tie_group group = group_below(sorted, y, to);
        fill_at_k(out, &curve, group);
        curve_add(&curve, group, out->n, out->positives);
        fill_at_percentile(out, &curve, group);
        to = group.from;
    }
    double pairs = (double)out->positives * (double)(out->n - out->positives);
    out->roc_auc = (double)curve.twice_right_pairs / (2 * pairs);
    out->pr_auc = curve.pr_auc;
    out->average_precision = curve.average_precision;
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

static rf_status count_positives(rf_metrics *out, const uint8_t *y, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; y != NULL && i < out->n; i++) {
        if (y[i] > 1)
            RF_FAIL(err, RF_E_FORMAT, "metrics: label %lld is %d; labels are 0 or 1", (long long)i, y[i]);
        out->positives += y[i];
    }
    out->defined = out->positives > 0 && out->positives < out->n;
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
    RF_TRY(count_positives(&metrics, y, err));
    RF_TRY(rf_rank_sort(&sorted, n, score, err));
    if (metrics.defined)
        walk(&metrics, sorted, y);
    *out = metrics;
done:
    rf_mem_free(sorted);
    return st;
}
