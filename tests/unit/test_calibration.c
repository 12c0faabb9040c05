/* test_calibration.c - p-values and false discovery rates: against an obvious version, and what they promise
 * on scores whose truth is known. */
#include <math.h>
#include <string.h>

#include "rf_calibration.h"
#include "rf_check.h"
#include "rf_rng.h"

#define MOST 20000

typedef struct column {
    int n, planted; /* the first rows are planted */
    rf_real score[MOST];
    float p_value[MOST], fdr[MOST];
    rf_bulk bulk;
    double reach; /* of innocents who share; 0: nobody does */
} column;

static column at;

/* Ordinary scores: 2 at least, then exponential. Planted ones lie 12 to 40 above. */
static void make(uint64_t seed, int n, int planted, double scale)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    memset(&at, 0, sizeof at);
    at.n = n;
    at.planted = planted;
    for (int i = 0; i < n; i++) {
        double uniform = rf_rng_uniform(&rng);
        at.score[i] = (rf_real)(i < planted ? 12 + 28 * uniform : 2 - scale * log(1 - uniform));
    }
}

static rf_ranked *sorted(void)
{
    rf_ranked *out = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_rank_sort(&out, at.n, at.score, &err));
    return out;
}

static void calibrate(const rf_bulk *earlier)
{
    rf_err err = {0};
    rf_ranked *by_score = sorted();
    if (earlier != NULL)
        at.bulk = *earlier;
    else
        RF_CHECK_OK(err, rf_bulk_fit(&at.bulk, by_score, at.n, &err));
    rf_calibrate(at.p_value, at.fdr, &at.bulk, at.reach, by_score, at.n);
    rf_mem_free(by_score);
}

static int found(double fdr, int *wrong)
{
    int n = 0;
    *wrong = 0;
    for (int i = 0; i < at.n; i++) {
        n += (double)at.fdr[i] <= fdr;
        *wrong += (double)at.fdr[i] <= fdr && i >= at.planted;
    }
    return n;
}

/* ---- the obvious version: every sum and count anew ---- */

/* Log-likelihood of the scores from rank end to rank upper under an exponential cut off at the limit. */
static double likelihood(double scale, double mean, double limit)
{
    return -log(scale) - mean / scale - log(-expm1(-limit / scale));
}

static double obvious_scale(double mean, double limit)
{
    double low = log(limit * 1e-6), high = log(limit * 4);
    for (int i = 0; i < 200; i++) {
        double a = low + (high - low) / 3, b = high - (high - low) / 3;
        if (likelihood(exp(a), mean, limit) < likelihood(exp(b), mean, limit))
            low = a;
        else
            high = b;
    }
    return exp((low + high) / 2);
}

static bool obviously_explains(const double *down, int end, int last, double ordinary, double scale)
{
    for (int r = end; r < last; r += 1 + r / 256) {
        if (ordinary * exp(-(down[r] - down[at.n / 2]) / scale) < 0.6 * (r + 1))
            return false;
    }
    return true;
}

static rf_bulk obvious_bulk(void)
{
    static double down[MOST]; /* scores, the highest first */
    rf_ranked *by_score = sorted();
    for (int r = 0; r < at.n; r++)
        down[r] = (double)by_score[at.n - 1 - r].score;
    rf_mem_free(by_score);
    rf_bulk bulk = {.start = down[at.n / 2]};
    int upper = 0, last = (int)(0.3 * at.n);
    while (down[upper] > bulk.start)
        upper++;
    for (int end = 0; end <= last && upper - end >= 20; end += 1 + end / 16) {
        double sum = 0, limit = down[end] - bulk.start;
        for (int r = end; r < upper; r++)
            sum += down[r] - bulk.start;
        bulk.scale = obvious_scale(sum / (upper - end), limit);
        double ordinary = (upper - end) / (1 - exp(-limit / bulk.scale));
        bulk.share = ordinary < at.n ? ordinary / at.n : 1;
        if (obviously_explains(down, end, last, ordinary, bulk.scale))
            break;
    }
    bulk.scale *= 1.05;
    return bulk;
}

static int at_least(rf_real score)
{
    int n = 0;
    for (int i = 0; i < at.n; i++)
        n += at.score[i] >= score;
    return n;
}

static double obvious_p(const rf_bulk *bulk, rf_real score)
{
    double share = (double)at_least(score) / at.n, p;
    if (bulk->scale == 0)
        return share;
    if ((double)score > bulk->start)
        p = bulk->share * exp(-((double)score - bulk->start) / bulk->scale);
    else
        p = fmax(share, bulk->share);
    return fmax(p, 1e-30);
}

static double obvious_oddities(const rf_bulk *bulk, rf_real score)
{
    double above = fmax((double)score - bulk->start, 0);
    double scales = bulk->scale > 0 ? above / bulk->scale : 0;
    return 0.2 * sqrt(at.n) * exp(-scales / 8) +
           (at.reach > 0 ? 20 * sqrt(at.n) * exp(-scales / at.reach) : 0);
}

static double obvious_fdr(const rf_bulk *bulk, rf_real score)
{
    double least = 1;
    for (int i = 0; i < at.n; i++) {
        if (at.score[i] <= score)
            least = fmin(least, (at.n * obvious_p(bulk, at.score[i]) + obvious_oddities(bulk, at.score[i])) /
                                    at_least(at.score[i]));
    }
    return least;
}

START_TEST(where_people_share_fewer_are_told_from_the_innocent)
{
    int wrong;
    make(9, 5000, 60, 1);
    calibrate(NULL);
    const int alone = found(0.2, &wrong);
    at.reach = RF_SHARERS_REACH_MAIN_EDGES;
    calibrate(NULL);
    const int near = found(0.2, &wrong);
    at.reach = RF_SHARERS_REACH;
    calibrate(NULL);
    ck_assert_int_gt(alone, near);
    ck_assert_int_gt(near, found(0.2, &wrong));
    ck_assert_int_gt(found(0.2, &wrong), 0);
}
END_TEST

START_TEST(it_is_the_obvious_version)
{
    for (uint64_t seed = 0; seed < 30; seed++) {
        make(seed, 60 + (int)(seed * 11), (int)(seed % 5) * 6, 1 + (double)(seed % 3));
        if (seed % 4 == 3) { /* ties */
            for (int i = 0; i < at.n; i++)
                at.score[i] = (rf_real)floor((double)at.score[i] * 4) / 4;
        }
        at.reach = seed % 2 == 0 ? 0 : 3 + (double)(seed % 3);
        rf_bulk bulk = obvious_bulk();
        calibrate(NULL);
        ck_assert(at.bulk.start == bulk.start);
        ck_assert_double_eq_tol(at.bulk.scale, bulk.scale, 1e-5 * bulk.scale);
        ck_assert_double_eq_tol(at.bulk.share, bulk.share, 1e-5);
        for (int i = 0; i < at.n; i++) {
            double p = obvious_p(&at.bulk, at.score[i]), fdr = obvious_fdr(&at.bulk, at.score[i]);
            ck_assert_double_eq_tol((double)at.p_value[i], p, 1e-6 * p);
            ck_assert_double_eq_tol((double)at.fdr[i], fdr, 1e-6 * fdr);
        }
    }
}
END_TEST

/* ---- what it promises ---- */

START_TEST(a_clean_night_flags_nobody)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        int wrong;
        make(seed, 200 + (int)seed * 100, 0, 2.5);
        calibrate(NULL);
        ck_assert_msg(found(0.2, &wrong) <= 2, "seed %d: %d", (int)seed, wrong);
    }
}
END_TEST

START_TEST(a_bad_night_has_the_share_of_false_alerts_that_was_asked_for)
{
    for (double asked = 0.1; asked < 0.35; asked += 0.1) {
        double share = 0;
        for (uint64_t seed = 0; seed < 10; seed++) {
            int wrong;
            make(seed, MOST, 500, 2.5);
            calibrate(NULL);
            ck_assert_double_eq_tol(at.bulk.scale, 1.05 * 2.5, 0.2);
            int n = found(asked, &wrong);
            ck_assert_int_ge(n - wrong, 300);
            share += (double)wrong / n / 10;
        }
        ck_assert_double_le(share, asked + 0.02); /* the tail is widened: rather fewer */
        ck_assert_double_ge(share, asked - 0.1);
    }
}
END_TEST

START_TEST(one_subject_alone_is_found_if_it_is_far_enough_out)
{
    int wrong;
    make(4, 1000, 1, 2);
    at.score[0] = 20;
    calibrate(NULL);
    ck_assert_int_eq(found(0.2, &wrong), 0);
    at.score[0] = 100;
    calibrate(NULL);
    ck_assert_int_eq(found(0.2, &wrong), 1);
    ck_assert_int_eq(wrong, 0);
}
END_TEST

START_TEST(frauds_beyond_the_bulk_do_not_widen_it)
{
    make(3, MOST, 1000, 2);
    calibrate(NULL);
    rf_bulk few = at.bulk;
    for (int i = 0; i < at.planted; i++)
        at.score[i] *= 100;
    calibrate(NULL);
    ck_assert_double_eq_tol(at.bulk.scale, few.scale, 0.2);
}
END_TEST

START_TEST(under_an_earlier_bulk_a_score_keeps_its_p_value)
{
    make(5, MOST, 400, 2.5);
    calibrate(NULL);
    const rf_bulk earlier = at.bulk;
    const rf_real score = at.score[0];
    const float p = at.p_value[0];
    make(6, 3000, 0, 4); /* another window, and none like it */
    at.score[0] = score;
    calibrate(&earlier);
    ck_assert(at.p_value[0] == p);
    ck_assert(memcmp(&at.bulk, &earlier, sizeof earlier) == 0);
}
END_TEST

START_TEST(higher_scores_have_no_higher_rates_and_equal_scores_have_equal_ones)
{
    make(8, 5000, 100, 2);
    for (int i = 0; i < at.n; i += 3)
        at.score[i] = (rf_real)floor((double)at.score[i]);
    calibrate(NULL);
    rf_ranked *by_score = sorted();
    for (int i = 1; i < at.n; i++) {
        uint32_t low = by_score[i - 1].row, high = by_score[i].row;
        ck_assert(at.fdr[high] <= at.fdr[low] && at.p_value[high] <= at.p_value[low]);
        if (by_score[i].score == by_score[i - 1].score)
            ck_assert(at.fdr[high] == at.fdr[low] && at.p_value[high] == at.p_value[low]);
    }
    rf_mem_free(by_score);
}
END_TEST

START_TEST(too_few_or_too_equal_scores_flag_nobody)
{
    static const int sizes[] = {0, 1, 2, 19, 30, 1000};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        int wrong;
        make(k, sizes[k], 0, 2);
        for (int i = 0; i < at.n && at.n == 1000; i++)
            at.score[i] = i < 5 ? 1 : 0;
        calibrate(NULL);
        ck_assert_double_eq(at.bulk.scale, at.n == 30 ? at.bulk.scale : 0);
        ck_assert_int_eq(found(0.2, &wrong), 0);
    }
}
END_TEST

RF_SUITE("calibration", it_is_the_obvious_version, where_people_share_fewer_are_told_from_the_innocent,
         a_clean_night_flags_nobody, a_bad_night_has_the_share_of_false_alerts_that_was_asked_for,
         one_subject_alone_is_found_if_it_is_far_enough_out, frauds_beyond_the_bulk_do_not_widen_it,
         under_an_earlier_bulk_a_score_keeps_its_p_value,
         higher_scores_have_no_higher_rates_and_equal_scores_have_equal_ones,
         too_few_or_too_equal_scores_flag_nobody)
