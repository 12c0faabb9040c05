/* block_tests.h - the tests of rf_block.h, for both ways of looking at several bytes: each test of the ways
 * defines RF_BLOCK_OF_WORDS or not, and includes this.
 */
#ifndef BLOCK_TESTS_H
#define BLOCK_TESTS_H

#include "rf_block.h"
#include "rf_check.h"
#include "rf_rng.h"

/* Bytes near `near`, so that neighbours on both sides are among them. */
static void fill(rf_rng *rng, unsigned char bytes[RF_BLOCK], unsigned char near)
{
    for (int i = 0; i < RF_BLOCK; i++)
        bytes[i] = (unsigned char)(rf_rng_below(rng, 2) == 0 ? near + rf_rng_below(rng, 3) - 1
                                                             : rf_rng_below(rng, 256));
}

START_TEST(a_choice_has_the_bits_of_its_bytes)
{
    rf_rng rng;
    rf_rng_init(&rng, 1, 1);
    for (int round = 0; round < 20000; round++) {
        unsigned char bytes[RF_BLOCK], other[RF_BLOCK];
        unsigned char wanted = (unsigned char)rf_rng_below(&rng, 256);
        unsigned char limit = (unsigned char)(1 + rf_rng_below(&rng, 128));
        uint64_t equal = 0, same = 0, below = 0, either = 0, high = 0, digits = 0;
        fill(&rng, bytes, round % 2 == 0 ? wanted : limit);
        fill(&rng, other, wanted);
        for (int i = 0; i < RF_BLOCK; i++) {
            uint64_t bit = UINT64_C(1) << i;
            equal |= bytes[i] == wanted ? bit : 0;
            same |= bytes[i] == other[i] ? bit : 0;
            below |= bytes[i] < limit ? bit : 0;
            either |= bytes[i] == wanted || bytes[i] < limit ? bit : 0;
            high |= bytes[i] >= 0x80 ? bit : 0;
            digits |= bytes[i] >= '0' && bytes[i] <= '9' ? bit : 0;
        }
        rf_block block = rf_block_at(bytes);
        ck_assert_uint_eq(rf_block_bits(rf_block_equal(block, (char)wanted)), equal);
        ck_assert_uint_eq(rf_block_bits(rf_block_same(block, rf_block_at(other))), same);
        ck_assert_uint_eq(rf_block_bits(rf_block_below(block, limit)), below);
        ck_assert_uint_eq(
            rf_block_bits(rf_block_or(rf_block_equal(block, (char)wanted), rf_block_below(block, limit))),
            either);
        ck_assert_uint_eq(rf_block_high_bits(block), high);
        ck_assert_uint_eq(rf_block_bits(rf_block_digits(block)), digits);
    }
}
END_TEST

START_TEST(blocks_differ_where_a_masked_byte_does)
{
    rf_rng rng;
    rf_rng_init(&rng, 1, 2);
    for (int round = 0; round < 20000; round++) {
        char bytes[RF_BLOCK], other[RF_BLOCK], mask[RF_BLOCK];
        bool differs = false;
        for (int i = 0; i < RF_BLOCK; i++) {
            bytes[i] = (char)rf_rng_below(&rng, 256);
            other[i] = (char)(rf_rng_below(&rng, 8) == 0 ? bytes[i] ^ 1 << rf_rng_below(&rng, 8) : bytes[i]);
            mask[i] = rf_rng_below(&rng, 2) == 0 ? '\xFF' : '\0';
            differs = differs || (mask[i] != '\0' && bytes[i] != other[i]);
        }
        rf_block masked =
            rf_block_and(rf_block_xor(rf_block_at(bytes), rf_block_at(other)), rf_block_at(mask));
        ck_assert(rf_block_is_zero(masked) == !differs);
    }
}
END_TEST

START_TEST(the_bits_before_the_lowest_are_all_where_there_is_none)
{
    ck_assert_uint_eq(rf_bits_before(0), UINT64_MAX);
    ck_assert_uint_eq(rf_bits_before(1), 0);
    ck_assert_uint_eq(rf_bits_before(0x50), 0xF);
    ck_assert_uint_eq(rf_bits_before(UINT64_C(1) << 63), UINT64_MAX >> 1);
}
END_TEST

RF_SUITE("block", a_choice_has_the_bits_of_its_bytes, blocks_differ_where_a_masked_byte_does,
         the_bits_before_the_lowest_are_all_where_there_is_none)

#endif
