/* test_rng.c - random numbers: the promised sequence, and the moments of each distribution. */
#include "rf_check.h"
#include "rf_rng.h"

#define DRAWS 200000

typedef double draw(rf_rng *rng);

/* Mean and variance of many draws lie within five standard errors of what they should be. */
static void check_moments(draw *next, double mean, double variance, const char *name)
{
    rf_rng rng;
    double sum = 0, squares = 0;
    rf_rng_init(&rng, 42, 1);
    for (int i = 0; i < DRAWS; i++) {
        double x = next(&rng) - mean;
        sum += x;
        squares += x * x;
    }
    double error = sum / DRAWS, found = squares / DRAWS;
    ck_assert_msg(fabs(error) < 5 * sqrt(variance / DRAWS), "%s: mean off by %g", name, error);
    ck_assert_msg(fabs(found / variance - 1) < 0.05, "%s: variance %g, not %g", name, found, variance);
}

static double gamma_half(rf_rng *rng)
{
    return rf_rng_gamma(rng, 0.5);
}

static double gamma_seven(rf_rng *rng)
{
    return rf_rng_gamma(rng, 7.0);
}

static double poisson_small(rf_rng *rng)
{
    return rf_rng_poisson(rng, 2.5);
}

static double poisson_large(rf_rng *rng)
{
    return rf_rng_poisson(rng, 1234.5);
}

static double below_seven(rf_rng *rng)
{
    return rf_rng_below(rng, 7);
}

START_TEST(distributions_have_their_moments)
{
    check_moments(rf_rng_uniform, 0.5, 1.0 / 12, "uniform");
    check_moments(rf_rng_normal, 0, 1, "normal");
    check_moments(gamma_half, 0.5, 0.5, "gamma(0.5)");
    check_moments(gamma_seven, 7, 7, "gamma(7)");
    check_moments(poisson_small, 2.5, 2.5, "poisson(2.5)");
    check_moments(poisson_large, 1234.5, 1234.5, "poisson(1234.5)");
    check_moments(below_seven, 3, 4, "below(7)");
}
END_TEST

START_TEST(the_same_seed_gives_the_same_numbers)
{
    rf_rng a, b, other;
    rf_rng_init(&a, 7, 3);
    rf_rng_init(&b, 7, 3);
    for (int i = 0; i < 1000; i++)
        ck_assert_uint_eq(rf_rng_u64(&a), rf_rng_u64(&b));
    rf_rng_init(&a, 7, 3);
    rf_rng_init(&other, 7, 4);
    int equal = 0;
    for (int i = 0; i < 1000; i++)
        equal += rf_rng_u64(&a) == rf_rng_u64(&other);
    ck_assert_int_eq(equal, 0);
}
END_TEST

/* The generator is part of the file formats' reproducibility: a change of these numbers changes every output.
 */
START_TEST(the_sequence_is_the_promised_one)
{
    rf_rng rng = {{1, 2, 3, 4}};
    const uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240};
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(rf_rng_u64(&rng), expected[i]);
    ck_assert_uint_eq(rf_mix64(UINT64_C(0x9e3779b97f4a7c15)), UINT64_C(0xe220a8397b1dcdaf));
}
END_TEST

START_TEST(below_stays_below_and_reaches_all)
{
    rf_rng rng;
    int seen[5] = {0};
    rf_rng_init(&rng, 1, 1);
    for (int i = 0; i < 1000; i++) {
        uint32_t x = rf_rng_below(&rng, 5);
        ck_assert_uint_lt(x, 5);
        seen[x]++;
        ck_assert_uint_eq(rf_rng_below(&rng, 1), 0);
        ck_assert_uint_lt(rf_rng_below(&rng, UINT32_MAX), UINT32_MAX);
        double u = rf_rng_uniform(&rng);
        ck_assert(u >= 0 && u < 1);
    }
    for (int i = 0; i < 5; i++)
        ck_assert_int_gt(seen[i], 100);
    ck_assert_uint_eq(rf_rng_poisson(&rng, 0), 0);
}
END_TEST

RF_SUITE("rng", distributions_have_their_moments, the_same_seed_gives_the_same_numbers,
         the_sequence_is_the_promised_one, below_stays_below_and_reaches_all)
