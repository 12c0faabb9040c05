/* rules_rank.c - the rank of a value among those of its segment: mid-rank percentiles and the thresholds
 * that percentiles are.
 */
#include <math.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_rank.h"
#include "rules_judge_int.h"

void rule_ranking_clear(rule_ranking *ranking)
{
    rf_mem_free(ranking->values);
    *ranking = (rule_ranking){0};
}

/* Puts each bin's values after those of the bins before it. */
static void fill_bins(rule_ranking *out, const rf_real *column, int64_t n, const uint8_t *bin)
{
    int64_t at[RF_RULE_CUTS + 2] = {0};
    int64_t count[RF_RULE_CUTS + 2] = {0};
    for (int64_t i = 0; i < n; i++) {
        if (!isnan(column[i]))
            count[bin != NULL ? bin[i] : 0]++;
    }
    for (int b = 0; b < out->n_bins; b++) {
        at[b] = out->start[b];
        out->start[b + 1] = out->start[b] + count[b];
    }
    for (int64_t i = 0; i < n; i++) {
        if (!isnan(column[i]))
            out->values[at[bin != NULL ? bin[i] : 0]++] = column[i];
    }
}

rf_status rule_rank(rule_ranking *out, const rf_real *column, int64_t n, const uint8_t *bin, int n_bins,
                    rf_err *err)
{
    rf_status st = RF_OK;
    rf_real *spare = NULL;
    *out = (rule_ranking){.n_bins = n_bins};
    RF_NEW(out->values, n, err);
    RF_NEW(spare, n, err);
    fill_bins(out, column, n, bin);
    for (int b = 0; b < n_bins; b++)
        rf_rank_values(out->values + out->start[b], spare, out->start[b + 1] - out->start[b]);
done:
    rf_mem_free(spare);
    if (st < 0)
        rule_ranking_clear(out);
    return st;
}

/* The first place whose value is not below (after: is above) `value`. */
static int64_t place_of(const rf_real *values, int64_t n, rf_real value, bool after)
{
    int64_t from = 0, to = n;
    while (from < to) {
        int64_t middle = from + (to - from) / 2;
        if (values[middle] < value || (after && !(values[middle] > value)))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

double rule_percentile(const rule_ranking *ranking, int bin, rf_real value)
{
    const rf_real *values = ranking->values + ranking->start[bin];
    int64_t n = ranking->start[bin + 1] - ranking->start[bin];
    if (n == 0 || isnan(value))
        return NAN;
    int64_t from = place_of(values, n, value, false), to = place_of(values, n, value, true);
    return rf_rank_percentile(from, to, n);
}

/* Percentiles grow with the value, so that the first (last) one that reaches the wanted one is found by
 * halving. */
static double threshold_in(const rule_ranking *ranking, int bin, double percentile, bool above)
{
    const rf_real *values = ranking->values + ranking->start[bin];
    int64_t n = ranking->start[bin + 1] - ranking->start[bin], from = 0, to = n;
    while (from < to) { /* the first place that is in (above) or out (below) */
        int64_t middle = from + (to - from) / 2;
        double at = rule_percentile(ranking, bin, values[middle]);
        if (above ? at >= percentile : at > percentile)
            to = middle;
        else
            from = middle + 1;
    }
    if (above)
        return from < n ? (double)values[from] : NAN;
    return from > 0 ? (double)values[from - 1] : NAN;
}

void rule_rank_thresholds(rule_ranking *ranking, double percentile, bool above)
{
    for (int b = 0; b < ranking->n_bins; b++)
        ranking->threshold[b] = threshold_in(ranking, b, percentile, above);
}

rf_status rule_bins(uint8_t **out, const rule_world *world, const rule_segment *segment, rf_err *err)
{
    rf_status st = RF_OK;
    rf_real *column = NULL;
    uint8_t *bin = NULL;
    const rf_side of = world->on.side[segment->of];
    int64_t n = rule_rows(world, of);
    RF_TRY(rule_evaluate(&column, world, &segment->value, of, 0.999, &segment->place, err));
    RF_NEW(bin, n, err);
    for (int64_t i = 0; i < n; i++) {
        int b = 0;
        while (b < segment->n_cuts && column[i] >= (rf_real)segment->cuts[b])
            b++;
        bin[i] = (uint8_t)(isnan(column[i]) ? segment->n_cuts + 1 : b);
    }
    *out = bin;
done:
    rf_mem_free(column);
    return st;
}
