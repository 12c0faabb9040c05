/* rank.c - sorts scores by radix and reads percentiles, median and MAD off the sorted column.
 *
 * The only sort of scoring/: scores get their percentiles here, metrics their thresholds, actions their
 * ranks. Stable and without comparisons, so that equal scores keep the order of their rows on every machine.
 */
#include "rf_rank.h"

#include <math.h>
#include <string.h>

#include "rf_mem.h"

#define DIGIT_BITS 11
#define FEW 64 /* values that are sorted in place */

#if RF_REAL_IS_DOUBLE
typedef uint64_t rank_bits;
#else
typedef uint32_t rank_bits;
#endif

enum {
    DIGIT_VALUES = 1 << DIGIT_BITS,
    DIGITS = (sizeof(rank_bits) * 8 + DIGIT_BITS - 1) / DIGIT_BITS /* the lowest first */
};

typedef struct digit_places { /* of each digit and its values: how many there are, then where they go */
    uint32_t of[DIGITS][DIGIT_VALUES];
} digit_places;

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

static unsigned digit_of(rf_real score, int digit)
{
    return (unsigned)(ordered_bits(score) >> (DIGIT_BITS * digit)) & (DIGIT_VALUES - 1);
}

static void count_digits(digit_places *places, rf_real score)
{
    for (int digit = 0; digit < DIGITS; digit++)
        places->of[digit][digit_of(score, digit)]++;
}

/* Numbers become places. False: all n keys, of which one is here, share the digit, and nothing has to move.
 */
static bool find_places(digit_places *places, int digit, rf_real any, int64_t n)
{
    uint32_t *of = places->of[digit], next = 0;
    if (of[digit_of(any, digit)] == n)
        return false;
    for (int value = 0; value < DIGIT_VALUES; value++) {
        const uint32_t count = of[value];
        of[value] = next;
        next += count;
    }
    return true;
}

rf_status rf_rank_sort(rf_ranked **out, int64_t n, const rf_real *score, rf_err *err)
{
    rf_status st = RF_OK;
    rf_ranked *rows = NULL, *spare = NULL;
    digit_places places = {0};

    if (n < 0 || n > UINT32_MAX)
        RF_FAIL(err, RF_E_INVALID, "ranking: %lld scores, but rows are numbered with 32 bits", (long long)n);
    RF_NEW(rows, n, err);
    RF_NEW(spare, n, err);
    for (int64_t i = 0; i < n; i++) {
        if (isnan(score[i]))
            RF_FAIL(err, RF_E_NUMERIC, "ranking: score %lld of %lld is not a number", (long long)i,
                    (long long)n);
        rows[i] = (rf_ranked){score[i], (uint32_t)i};
        count_digits(&places, score[i]);
    }
    for (int digit = 0; n > 0 && digit < DIGITS; digit++) {
        if (!find_places(&places, digit, rows[0].score, n))
            continue;
        for (int64_t i = 0; i < n; i++)
            spare[places.of[digit][digit_of(rows[i].score, digit)]++] = rows[i];
        rf_ranked *swap = rows;
        rows = spare;
        spare = swap;
    }
    *out = rows;
    rows = NULL;
done:
    rf_mem_free(rows);
    rf_mem_free(spare);
    return st;
}

static void insert_each(rf_real *values, int64_t n)
{
    for (int64_t i = 1; i < n; i++) {
        const rf_real moved = values[i];
        int64_t k = i;
        for (; k > 0 && values[k - 1] > moved; k--)
            values[k] = values[k - 1];
        values[k] = moved;
    }
}

void rf_rank_values(rf_real *values, rf_real *spare, int64_t n)
{
    digit_places places = {0};
    rf_real *from = values, *to = spare;
    if (n <= FEW) {
        insert_each(values, n);
        return;
    }
    for (int64_t i = 0; i < n; i++)
        count_digits(&places, values[i]);
    for (int digit = 0; digit < DIGITS; digit++) {
        if (!find_places(&places, digit, from[0], n))
            continue;
        for (int64_t i = 0; i < n; i++)
            to[places.of[digit][digit_of(from[i], digit)]++] = from[i];
        rf_real *swap = from;
        from = to;
        to = swap;
    }
    if (from != values)
        memcpy(values, from, (size_t)n * sizeof *values);
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
