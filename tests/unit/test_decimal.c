/* test_decimal.c - decimal texts by any number of places, and how two of them compare, against whole numbers
 * of 128 bits.
 */
#include "rf_check.h"

#include <stdio.h>
#include <string.h>

#include "rf_decimal.h"
#include "rf_rng.h"

__extension__ typedef __int128 i128;

static const i128 most = RF_SCALED_MAX;

/* A number of up to 18 digits behind the point: value / 10^18. */
typedef struct drawn {
    char text[80];
    i128 value;
} drawn;

static i128 power_of_ten(int places)
{
    i128 power = 1;
    while (places-- > 0)
        power *= 10;
    return power;
}

/* Many are near a limit, or lie in the middle between two; the same number has many spellings. */
static drawn draw(rf_rng *rng)
{
    drawn out;
    char digits[48];
    int places = (int)rf_rng_below(rng, 19), whole_digits = (int)rf_rng_below(rng, 19);
    int64_t whole = (int64_t)(rf_rng_u64(rng) % (uint64_t)power_of_ten(whole_digits));
    int64_t fraction = (int64_t)(rf_rng_u64(rng) % (uint64_t)power_of_ten(places));
    if (rf_rng_below(rng, 4) == 0 && places > 0) /* 5 and zeros at the end: the middle */
        fraction = fraction / 10 * 10 + 5;
    bool negative = rf_rng_below(rng, 2) == 0;
    out.value = ((i128)whole * power_of_ten(places) + fraction) * power_of_ten(18 - places);
    out.value = negative ? -out.value : out.value;
    snprintf(digits, sizeof digits, "%0*lld", places > 0 ? places : 1, (long long)fraction);
    const char *sign = negative ? "-" : rf_rng_below(rng, 3) == 0 ? "+" : "";
    switch (rf_rng_below(rng, 3)) {
    case 0: /* 0012.3400 */
        snprintf(out.text, sizeof out.text, "%s%.*s%lld%s%s%.*s", sign, (int)rf_rng_below(rng, 3), "00",
                 (long long)whole, places > 0 ? "." : "", places > 0 ? digits : "",
                 places > 0 ? (int)rf_rng_below(rng, 3) : 0, "00");
        break;
    case 1: /* 1234e-2 */
        snprintf(out.text, sizeof out.text, "%s%lld%se%d", sign, (long long)whole, places > 0 ? digits : "",
                 -places);
        break;
    default: /* 0.1234E+2 */
        snprintf(digits, sizeof digits, "%lld%0*lld", (long long)whole, places > 0 ? places : 1,
                 (long long)fraction);
        snprintf(out.text, sizeof out.text, "%s.%sE+%d", sign, digits,
                 (int)strlen(digits) - (places > 0 ? places : 1));
    }
    return out;
}

/* value / 10^(18 - shift), half to even; *exact: nothing is lost. */
static i128 scaled(i128 value, int shift, bool *exact)
{
    i128 size = value < 0 ? -value : value, unit = power_of_ten(18 - shift), whole = size / unit,
         rest = size % unit;
    whole += rest * 2 > unit || (rest * 2 == unit && whole % 2 != 0);
    *exact = rest == 0;
    return value < 0 ? -whole : whole;
}

START_TEST(any_number_of_places_agrees_with_whole_numbers)
{
    rf_rng rng;
    int seen[4] = {0}; /* exact, rounded, beyond, at the limit */
    rf_rng_init(&rng, 37, 0);
    for (int i = 0; i < 100000; i++) {
        drawn number = draw(&rng);
        int shift = (int)rf_rng_below(&rng, 19);
        int64_t got = 42;
        bool exact;
        i128 want = scaled(number.value, shift, &exact);
        rf_number_status status = rf_scaled_parse(&got, number.text, strlen(number.text), shift);
        if (want > most || want < -most) {
            ck_assert_msg(status == RF_NUMBER_RANGE && got == 42, "%s by %d", number.text, shift);
            seen[2]++;
            continue;
        }
        ck_assert_msg(status == (exact ? RF_NUMBER_OK : RF_NUMBER_ROUNDED) && got == (int64_t)want,
                      "%s by %d: %lld", number.text, shift, (long long)got);
        seen[exact ? 0 : 1]++;
        seen[3] += want > most / 10 || want < -most / 10;
    }
    for (int i = 0; i < 4; i++)
        ck_assert_int_gt(seen[i], 1000);
}
END_TEST

START_TEST(both_ends_of_every_number_of_places_are_kept)
{
    char text[64];
    int64_t got;
    for (int places = 0; places <= RF_MOST_PLACES; places++) {
        snprintf(text, sizeof text, "1e%d", 18 - places);
        ck_assert(rf_scaled_parse(&got, text, strlen(text), places) == RF_NUMBER_OK && got == RF_SCALED_MAX);
        snprintf(text, sizeof text, "-1e%d", 18 - places);
        ck_assert(rf_scaled_parse(&got, text, strlen(text), places) == RF_NUMBER_OK && got == -RF_SCALED_MAX);
        snprintf(text, sizeof text, "1000000000000000001e-%d", places);
        ck_assert_int_eq(rf_scaled_parse(&got, text, strlen(text), places), RF_NUMBER_RANGE);
        snprintf(text, sizeof text, "-10000000000000000005e-%d", places + 1); /* half to even */
        ck_assert(rf_scaled_parse(&got, text, strlen(text), places) == RF_NUMBER_ROUNDED &&
                  got == -RF_SCALED_MAX);
        snprintf(text, sizeof text, "1e-%d", places);
        ck_assert(rf_scaled_parse(&got, text, strlen(text), places) == RF_NUMBER_OK && got == 1);
        snprintf(text, sizeof text, "5e-%d", places + 1);
        ck_assert(rf_scaled_parse(&got, text, strlen(text), places) == RF_NUMBER_ROUNDED && got == 0);
        snprintf(text, sizeof text, "15e-%d", places + 1);
        ck_assert(rf_scaled_parse(&got, text, strlen(text), places) == RF_NUMBER_ROUNDED && got == 2);
    }
    /* a unit besides: 10^18 wei to the ether, nine places kept */
    ck_assert(rf_scaled_parse(&got, "1193840570000000000", 19, 9 - 18) == RF_NUMBER_OK && got == 1193840570);
    ck_assert(rf_scaled_parse(&got, "12345678901", 11, 9 - 18) == RF_NUMBER_ROUNDED && got == 12);
    ck_assert_int_eq(rf_scaled_parse(&got, "nan", 3, 9), RF_NUMBER_NOT_FINITE);
    ck_assert_int_eq(rf_scaled_parse(&got, "1,5", 3, 9), RF_NUMBER_BAD);
}
END_TEST

/* -1, 0, 1; 7: one is no number. */
static int order_of(const char *a, const char *b)
{
    rf_decimal x, y;
    if (!rf_decimal_split(&x, a, strlen(a)) || !rf_decimal_split(&y, b, strlen(b)))
        return 7;
    int order = rf_decimal_compare(&x, &y), back = rf_decimal_compare(&y, &x);
    ck_assert_int_eq((order > 0) - (order < 0), (back < 0) - (back > 0));
    return (order > 0) - (order < 0);
}

START_TEST(numbers_compare_as_whole_numbers_do)
{
    rf_rng rng;
    int seen[3] = {0};
    rf_rng_init(&rng, 41, 0);
    for (int i = 0; i < 100000; i++) {
        drawn a = draw(&rng), b = draw(&rng);
        int want = (a.value > b.value) - (a.value < b.value);
        if (i % 3 == 0) { /* the same number otherwise written */
            bool has_sign = a.text[0] == '-' || a.text[0] == '+';
            snprintf(b.text, sizeof b.text, "%.*s00%.60s", (int)has_sign, a.text, a.text + has_sign);
            want = 0;
        }
        int order = order_of(a.text, b.text);
        ck_assert_msg(order == want, "%s and %s: %d", a.text, b.text, order);
        seen[order + 1]++;
    }
    for (int i = 0; i < 3; i++)
        ck_assert_int_gt(seen[i], 1000);
    ck_assert(order_of("1", "x") == 7 && order_of("", "1") == 7);
    ck_assert(order_of("0.000", "-0e9") == 0 && order_of("-0", "1e-400") == -1);
    ck_assert_int_eq(order_of("1e400", "9e399"), 1);
    ck_assert_int_eq(order_of("115792089237316195423570985008687907853269984665640564039457584007",
                              "115792089237316195423570985008687907853269984665640564039457584008"),
                     -1);
}
END_TEST

START_TEST(the_first_and_the_last_digit_have_a_place)
{
    static const struct {
        const char *text;
        int first, last;
    } cases[] = {
        {"1", 0, 0},     {"0.00000001", -8, -8}, {"-0012.340", 1, -2}, {"1193840570000000000", 18, 10},
        {"1.5e3", 3, 2}, {"100", 2, 2},          {"+.05E-2", -4, -4},  {"10.01", 1, -2}};
    int64_t first = 0, last = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(rf_decimal_extent(&first, &last, cases[i].text, strlen(cases[i].text)), "%s",
                      cases[i].text);
        ck_assert_msg(first == cases[i].first && last == cases[i].last, "%s: %lld, %lld", cases[i].text,
                      (long long)first, (long long)last);
    }
    ck_assert(!rf_decimal_extent(&first, &last, "0.000", 5));
    ck_assert(!rf_decimal_extent(&first, &last, "one", 3));
    ck_assert(!rf_decimal_extent(&first, &last, "", 0));
}
END_TEST

/* A sign in front leads past the way of short numbers. */
START_TEST(short_numbers_are_read_as_all_others)
{
    static const char alphabet[] = "00112345678999..-+eE /:\xFF";
    rf_rng rng;
    int numbers = 0;
    rf_rng_init(&rng, 1, 7);
    for (int round = 0; round < 50000; round++) {
        char text[12] = "+";
        int64_t value = 0, other = 0;
        int shift = (int)rf_rng_below(&rng, 20) - 1;
        size_t len = 1 + rf_rng_below(&rng, 10), of = round % 4 == 0 ? sizeof alphabet - 1 : 16;
        for (size_t i = 1; i <= len; i++)
            text[i] = alphabet[rf_rng_below(&rng, (uint32_t)of)];
        char *exact = malloc(len); /* so that sanitizers see its ends */
        memcpy(exact, text + 1, len);
        rf_number_status read = rf_scaled_parse(&value, exact, len, shift);
        rf_number_status slow = rf_scaled_parse(&other, text, len + 1, shift);
        if (text[1] != '-' && text[1] != '+')
            ck_assert_msg(read == slow && value == other, "%.*s", (int)len, exact);
        else if (text[1] == '-' && read == RF_NUMBER_OK)
            ck_assert(rf_scaled_parse(&other, exact + 1, len - 1, shift) == RF_NUMBER_OK && value == -other);
        numbers += read == RF_NUMBER_OK;
        free(exact);
    }
    ck_assert_int_gt(numbers, 10000);
}
END_TEST

RF_SUITE("decimal", short_numbers_are_read_as_all_others, any_number_of_places_agrees_with_whole_numbers,
         both_ends_of_every_number_of_places_are_kept, numbers_compare_as_whole_numbers_do,
         the_first_and_the_last_digit_have_a_place)
