/* calibration.c - the bulk of a side's scores, and what it says of each of them. */
#include "rf_calibration.h"

#include <math.h>

#include "rf_mem.h"

#define BEYOND_MOST 0.3 /* share of the subjects that may lie beyond the bulk */
#define EXPLAINED 0.6   /* share of the subjects above a score that the bulk has to explain */
#define BULK_LEAST 20   /* scores to fit to */
#define WIDEN 1.05      /* tails are a little heavier than what the bulk shows of them */
#define ODD 0.2         /* innocent oddities, times sqrt(n) */
#define ODD_SCALE 8     /* how far they reach, times the bulk's scale */
#define SHARERS 20      /* those who share things by nature, times sqrt(n) */
#define P_LEAST 1e-30   /* a float can hold it, and a message show it */
#define HALVINGS 80

/* ---- the fit ---- */

/* The r-th highest score, from 0. */
static double highest(const rf_ranked *sorted, int64_t n, int64_t r)
{
    return (double)sorted[n - 1 - r].score;
}

/* Ranks are tried one by one at the top, then in steps of a `dense`-th of them. */
static int64_t next_rank(int64_t rank, int64_t dense)
{
    return rank + 1 + rank / dense;
}

/* Scale of an exponential distribution cut off at `limit` whose mean is `mean`. A mean near half the limit,
 * or above, says nothing of the scale but that it is large: it is at most four limits. */
static double truncated_scale(double mean, double limit)
{
    double low = limit * 1e-6, high = limit * 4;
    for (int i = 0; i < HALVINGS; i++) {
        double scale = sqrt(low * high);
        if (scale - limit / expm1(limit / scale) < mean)
            low = scale;
        else
            high = scale;
    }
    return high;
}

/* Whether `ordinary` subjects above the bulk's start explain the number above each score from rank `end` to
 * rank `last`. */
static bool explains(const rf_bulk *bulk, double ordinary, const rf_ranked *sorted, int64_t n, int64_t end,
                     int64_t last)
{
    for (int64_t r = end; r < last; r = next_rank(r, 256)) {
        double expected = ordinary * exp(-(highest(sorted, n, r) - bulk->start) / bulk->scale);
        if (expected < EXPLAINED * (double)(r + 1))
            return false;
    }
    return true;
}

rf_status rf_bulk_fit(rf_bulk *out, const rf_ranked *sorted, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bulk bulk = {0};
    double *above = NULL; /* [r] sum of the r highest scores' excesses over the start */
    int64_t upper = 0, last = (int64_t)(BEYOND_MOST * (double)n);
    if (n > 0)
        bulk.start = highest(sorted, n, n / 2);
    while (upper < n && highest(sorted, n, upper) > bulk.start)
        upper++;
    RF_NEW(above, upper + 1, err);
    above[0] = 0;
    for (int64_t r = 0; r < upper; r++)
        above[r + 1] = above[r] + (highest(sorted, n, r) - bulk.start);
    for (int64_t end = 0; end <= last && upper - end >= BULK_LEAST; end = next_rank(end, 16)) {
        double limit = highest(sorted, n, end) - bulk.start, inside = (double)(upper - end);
        bulk.scale = truncated_scale((above[upper] - above[end]) / inside, limit);
        double ordinary = inside / -expm1(-limit / bulk.scale);
        bulk.share = ordinary < (double)n ? ordinary / (double)n : 1;
        if (explains(&bulk, ordinary, sorted, n, end, last))
            break;
    }
    bulk.scale *= WIDEN;
    *out = bulk;
done:
    rf_mem_free(above);
    return st;
}

/* ---- what it says ---- */

/* Of subjects that score `score`, when `from` of n score less. */
static double p_value_of(const rf_bulk *bulk, double score, int64_t from, int64_t n)
{
    double at_least = (double)(n - from) / (double)n, p;
    if (!(bulk->scale > 0))
        return at_least;
    if (score > bulk->start)
        p = bulk->share * exp(-(score - bulk->start) / bulk->scale);
    else
        p = at_least > bulk->share ? at_least : bulk->share;
    return p > P_LEAST ? p : P_LEAST;
}

/* How many innocent oddities among n subjects to expect at this score or a higher one. */
static double oddities(const rf_bulk *bulk, double score, int64_t n, double sharers_reach)
{
    const bool is_beyond = bulk->scale > 0 && score > bulk->start;
    const double scales = is_beyond ? (score - bulk->start) / bulk->scale : 0;
    const double sharers = sharers_reach > 0 ? SHARERS * exp(-scales / sharers_reach) : 0;
    return sqrt((double)n) * (ODD * exp(-scales / ODD_SCALE) + sharers);
}

void rf_calibrate(float *p_value, float *fdr, const rf_bulk *bulk, double sharers_reach,
                  const rf_ranked *sorted, int64_t n)
{
    double least = 1;
    for (int64_t from = 0; from < n;) {
        int64_t to = rf_rank_tie_end(sorted, n, from);
        double score = (double)sorted[from].score, p = p_value_of(bulk, score, from, n);
        double rate = ((double)n * p + oddities(bulk, score, n, sharers_reach)) / (double)(n - from);
        least = rate < least ? rate : least;
        for (; from < to; from++) {
            p_value[sorted[from].row] = (float)p;
            fdr[sorted[from].row] = (float)least;
        }
    }
}
