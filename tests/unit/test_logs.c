/* test_logs.c - many logarithms and powers at once are those of the C library, whatever the place in the
 * array. */
#include "logs_int.h"
#include "rf_check.h"

#include "rf_rng.h"

enum { N = 2000 };

START_TEST(logarithms_are_those_of_the_library)
{
    double x[N], logs[N];
    rf_rng rng;
    rf_rng_init(&rng, 3, 0);
    for (int i = 0; i < N; i++)
        x[i] = exp((rf_rng_uniform(&rng) - 0.5) * (i % 3 == 0 ? 1400 : i % 3 == 1 ? 40 : 1e-3));
    x[0] = 1;
    x[1] = sqrt(0.5);
    x[2] = sqrt(2);
    x[3] = nextafter(1, 0);
    memcpy(logs, x, sizeof x);
    rf_logs(logs, N);
    for (int i = 0; i < N; i++)
        ck_assert_double_eq_tol(logs[i], log(x[i]), 1e-13 * fmax(1, fabs(log(x[i]))));
    ck_assert(logs[0] == 0);
}
END_TEST

START_TEST(a_number_has_one_logarithm)
{
    for (int n = 1; n < 40; n++) {
        double x[40];
        for (int i = 0; i < n; i++)
            x[i] = 0.3;
        rf_logs(x, n);
        for (int i = 1; i < n; i++)
            ck_assert(x[i] == x[0]);
    }
}
END_TEST

START_TEST(the_logarithm_of_zero_is_finite)
{
    double x[9] = {0};
    rf_logs(x, 9);
    for (int i = 0; i < 9; i++)
        ck_assert(isfinite(x[i]));
}
END_TEST

START_TEST(powers_are_those_of_the_library)
{
    double x[N], powers[N];
    rf_rng rng;
    rf_rng_init(&rng, 4, 0);
    for (int i = 0; i < N; i++)
        x[i] = (rf_rng_uniform(&rng) - 0.5) * (i % 3 == 0 ? 1400 : i % 3 == 1 ? 40 : 1e-3);
    x[0] = 0;
    x[1] = 1000;
    x[2] = -1000;
    memcpy(powers, x, sizeof x);
    rf_powers_of_e(powers, N);
    for (int i = 0; i < N; i++) {
        const double want = exp(fmin(fmax(x[i], -700), 700));
        ck_assert_double_eq_tol(powers[i], want, 1e-13 * want);
    }
    ck_assert(powers[0] == 1);
}
END_TEST

RF_SUITE("logs", powers_are_those_of_the_library, logarithms_are_those_of_the_library,
         a_number_has_one_logarithm, the_logarithm_of_zero_is_finite)
