/* rank.c - sorts scores by radix and reads percentiles, median and MAD off the sorted column.
 *
 * The only sort of scoring/: scores get their percentiles here, metrics their thresholds, actions their
 * ranks. Stable and without comparisons, so that equal scores keep the order of their rows on every machine.
 */
#include "rf_rank.h"

#include <math.h>
#include <string.h>

#include "rf_mem.h"

#define DIGITS 256

#if RF_REAL_IS_DOUBLE
typedef uint64_t rank_bits;
#else
typedef uint32_t rank_bits;
#endif

/* An unsigned number that orders like the score: negative numbers have all bits flipped, others the sign
 * alone. */
static rank_bits ordered_bits(rf_real score)
{
    const rank_bits sign = (rank_bits)1 << (sizeof(rank_bits) * 8 - 1);
    rank_bits bits;
    score += (rf_real)0; /* -0 is the same score as 0 */
    memcpy(&bits, &score, sizeof bits);
    return (bits & sign) != 0 ? (rank_bits)~bits : (rank_bits)(bits | sign);
}

static unsigned digit_of(rf_real score, unsigned byte)
{
    return (unsigned)(ordered_bits(score) >> (8 * byte)) & (DIGITS - 1);
}

/* Returns 0 when all keys share this digit and nothing had to move. */
static int sort_by_digit(rf_ranked *to, const rf_ranked *from, int64_t n, unsigned byte)
{
    int64_t start[DIGITS] = {0};
    for (int64_t i = 0; i < n; i++)
        start[digit_of(from[i].score, byte)]++;
    if (n == 0 || start[digit_of(from[0].score, byte)] == n)
        return 0;
    int64_t next = 0;
    for (int d = 0; d < DIGITS; d++) {
        int64_t count = start[d];
        start[d] = next;
        next += count;
    }
    for (int64_t i = 0; i < n; i++)
        to[start[digit_of(from[i].score, byte)]++] = from[i];
    return 1;
}

rf_status rf_rank_sort(rf_ranked **out, int64_t n, const rf_real *score, rf_err *err)
{
    rf_status st = RF_OK;
    rf_ranked *rows = NULL, *spare = NULL;

    if (n < 0 || n > UINT32_MAX)
        RF_FAIL(err, RF_E_INVALID, "ranking: %lld scores, but rows are numbered with 32 bits", (long long)n);
    RF_NEW(rows, n, err);
    RF_NEW(spare, n, err);
    for (int64_t i = 0; i < n; i++) {
        if (isnan(score[i]))
            RF_FAIL(err, RF_E_NUMERIC, "ranking: score %lld of %lld is not a number", (long long)i,
                    (long long)n);
        rows[i] = (rf_ranked){score[i], (uint32_t)i};
    }
    for (unsigned byte = 0; byte < sizeof(rank_bits); byte++) {
        if (sort_by_digit(spare, rows, n, byte)) {
            rf_ranked *swap = rows;
            rows = spare;
            spare = swap;
        }
    }
    *out = rows;
    rows = NULL;
done:
    rf_mem_free(rows);
    rf_mem_free(spare);
    return st;
}

rf_status rf_rank_sort_floats(rf_ranked **out, int64_t n, const float *x, rf_err *err)
{
    rf_status st = RF_OK;
    rf_real *score = NULL;
    RF_NEW(score, n, err);
    for (int64_t i = 0; i < n; i++)
        score[i] = (rf_real)x[i];
    RF_TRY(rf_rank_sort(out, n, score, err));
done:
    rf_mem_free(score);
    return st;
}

int64_t rf_rank_tie_end(const rf_ranked *sorted, int64_t n, int64_t from)
{
    int64_t end = from + 1;
    while (end < n && !(sorted[end].score > sorted[from].score))
        end++;
    return end;
}

int64_t rf_rank_tie_start(const rf_ranked *sorted, int64_t to)
{
    int64_t start = to - 1;
    while (start > 0 && !(sorted[start - 1].score < sorted[to - 1].score))
        start--;
    return start;
}

double rf_rank_percentile(int64_t from, int64_t to, int64_t n)
{
    if (n < 2)
        return 0.5;
    return (double)(from + to - 1) / (double)(2 * (n - 1));
}

/* The distances from the median grow to both sides of the middle: merging the two runs finds the middle
 * distance in O(n). */
static double median_distance(const rf_ranked *sorted, int64_t n, double median)
{
    int64_t right = 0;
    while (right < n && (double)sorted[right].score < median)
        right++;
    int64_t left = right - 1;
    double before = 0, last = 0;
    for (int64_t taken = 0; taken <= n / 2; taken++) {
        double below = left >= 0 ? median - (double)sorted[left].score : INFINITY;
        double above = right < n ? (double)sorted[right].score - median : INFINITY;
        before = last;
        if (above <= below) {
            last = above;
            right++;
        } else {
            last = below;
            left--;
        }
    }
    return n % 2 != 0 ? last : (before + last) / 2;
}

void rf_rank_describe(float *percentile, float *robust_z, const rf_ranked *sorted, int64_t n)
{
    if (n == 0)
        return;
    double upper = (double)sorted[n / 2].score;
    double median = n % 2 != 0 ? upper : ((double)sorted[n / 2 - 1].score + upper) / 2;
    double spread = 1.4826 * median_distance(sorted, n, median);
    if (!(spread > 0)) { /* more than half are equal: the mean distance from the median */
        double sum = 0;
        for (int64_t i = 0; i < n; i++)
            sum += fabs((double)sorted[i].score - median);
        spread = 1.2533141 * (sum / (double)n);
    }
    for (int64_t from = 0; from < n;) {
        int64_t to = rf_rank_tie_end(sorted, n, from);
        float rank = (float)rf_rank_percentile(from, to, n);
        float z = spread > 0 ? (float)(((double)sorted[from].score - median) / spread) : 0.0F;
        for (int64_t i = from; i < to; i++) {
            percentile[sorted[i].row] = rank;
            robust_z[sorted[i].row] = z;
        }
        from = to;
    }
}
