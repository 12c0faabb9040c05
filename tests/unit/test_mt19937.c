/* test_mt19937.c - the generator against published numbers: the C++ standard's and PyTorch's documentation's.
 */
#include "rf_check.h"
#include "rf_mt19937.h"

#include <math.h>

START_TEST(the_standards_ten_thousandth_number_comes)
{
    rf_mt19937 twister;
    uint32_t word = 0;
    rf_mt19937_init(&twister, 5489);
    ck_assert_uint_eq(rf_mt19937_u32(&twister), 3499211612u);
    for (int i = 1; i < 10000; i++)
        word = rf_mt19937_u32(&twister);
    ck_assert_uint_eq(word, 4123659995u); /* [rand.predef] */
}
END_TEST

START_TEST(uniform_numbers_are_those_of_pytorch)
{
    static const double rand_of_seed_0[] = {0.4963, 0.7682, 0.0885, 0.1320, 0.3074};
    rf_mt19937 twister;
    rf_mt19937_init(&twister, 0);
    for (int i = 0; i < 5; i++)
        ck_assert_double_le(fabs((double)rf_mt19937_uniform(&twister, 0, 1) - rand_of_seed_0[i]), 5e-5);
    for (int i = 0; i < 1000; i++) {
        float x = rf_mt19937_uniform(&twister, -0.25f, 0.25f);
        ck_assert(x >= -0.25f && x <= 0.25f);
    }
}
END_TEST

START_TEST(large_seeds_differ_in_every_bit)
{
    rf_mt19937 a, b;
    rf_mt19937_init(&a, 1);
    rf_mt19937_init(&b, 1 | UINT64_C(1) << 40);
    ck_assert_uint_ne(rf_mt19937_u32(&a), rf_mt19937_u32(&b));
}
END_TEST

RF_SUITE("mt19937", the_standards_ten_thousandth_number_comes, uniform_numbers_are_those_of_pytorch,
         large_seeds_differ_in_every_bit)
