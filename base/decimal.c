/* decimal.c - numbers in decimal digits, without locale.
 *
 * Numbers of events never pass through binary floating point: their decimal digits are converted to fixed
 * point exactly, so that sums do not depend on the order of events.
 */
#include "rf_decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rf_block.h"

/* ---- the parts of a number ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool equal_ignoring_case(const char *text, size_t len, const char *lower)
{
    if (strlen(lower) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
        if (c != lower[i])
            return false;
    }
    return true;
}

static bool not_finite(const char *text, size_t len)
{
    if (len > 0 && (text[0] == '-' || text[0] == '+')) {
        text++;
        len--;
    }
    return equal_ignoring_case(text, len, "nan") || equal_ignoring_case(text, len, "inf") ||
           equal_ignoring_case(text, len, "infinity");
}

typedef struct decimal {
    const char *digits, *end; /* digits, perhaps with one point among them */
    int64_t whole;            /* digits before the point */
    int64_t exponent;
    bool negative;
} decimal;

/* Splits "-12.50e3"; false when the text is no such number. */
static bool split_decimal(decimal *out, const char *text, size_t len)
{
    const char *p = text, *end = text + len;
    out->negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    out->digits = p;
    while (p < end && is_digit(*p))
        p++;
    out->whole = p - out->digits;
    int64_t fraction = 0;
    if (p < end && *p == '.') {
        for (p++; p < end && is_digit(*p); p++)
            fraction++;
    }
    out->end = p;
    out->exponent = 0;
    if (out->whole + fraction == 0)
        return false;
    if (p == end)
        return true;
    if (*p != 'e' && *p != 'E')
        return false;
    p++;
    bool minus = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end)
        return false;
    for (; p < end && is_digit(*p); p++) {
        if (out->exponent < 100000000)
            out->exponent = out->exponent * 10 + (*p - '0');
    }
    if (minus)
        out->exponent = -out->exponent;
    return p == end;
}

/* ---- fixed point ---- */

/* Up to eight digits, one point among them or none, as most numbers are; false: it is another one, or none.
 */
static bool parse_short(int64_t *out, const char *text, size_t len, int shift)
{
    static const int64_t powers[] = {1,       10,       100,       1000,       10000,      100000,
                                     1000000, 10000000, 100000000, 1000000000, 10000000000};
    const uint64_t each = UINT64_C(0x0101010101010101), low = each * 0x7F, top = each * 0x80;
    bool negative = len > 1 && *text == '-';
    text += negative;
    len -= negative;
    if (len == 0 || len > 8)
        return false;
    uint64_t word = rf_word_of(text, len), other = word ^ (each * '.');
    uint64_t points = ~(((other & low) + low) | other) & top;
    size_t behind = 0;
    if (points != 0) { /* what stands before the point moves up to what is behind it */
        size_t at = (size_t)__builtin_ctzll(points) / 8;
        behind = len - 1 - at;
        uint64_t before = word & ((UINT64_C(1) << (8 * at)) - 1);
        word = before | (word >> (8 * at) >> 8 << (8 * at));
        len--;
    }
    int zeros = shift - (int)behind; /* to be added */
    if (len == 0 || zeros < 0 || zeros >= (int)(sizeof powers / sizeof *powers))
        return false;
    word = (word ^ (each * '0' >> (64 - 8 * len))) << (64 - 8 * len); /* zeros stand before it */
    if ((((word + each * 0x76) | word) & top) != 0)
        return false;
    word = (word * 10) + (word >> 8); /* pairs of digits, then fours, then all */
    word = (((word & UINT64_C(0x000000FF000000FF)) * (100 + (UINT64_C(1000000) << 32))) +
            ((word >> 16 & UINT64_C(0x000000FF000000FF)) * (1 + (UINT64_C(10000) << 32)))) >>
           32;
    *out = (int64_t)(uint32_t)word * powers[zeros];
    if (negative)
        *out = -*out;
    return true;
}

/* Of any number. */
static rf_number_status parse_any(int64_t *out, const char *text, size_t len, int shift)
{
    decimal number;
    if (!split_decimal(&number, text, len))
        return not_finite(text, len) ? RF_NUMBER_NOT_FINITE : RF_NUMBER_BAD;

    /* digits at places before `keep` make the value, the first one after them decides the rounding with the
     * rest
     */
    int64_t keep = number.whole + number.exponent + shift, place = 0, value = 0;
    int first_behind = 0;
    bool rest = false;
    for (const char *p = number.digits; p < number.end; p++) {
        if (*p == '.')
            continue;
        int digit = *p - '0';
        if (place < keep) {
            if (value > RF_SCALED_MAX / 10)
                return RF_NUMBER_RANGE;
            value = value * 10 + digit;
        } else if (place == keep) {
            first_behind = digit;
        } else {
            rest = rest || digit != 0;
        }
        place++;
    }
    for (; place < keep && value != 0; place++) {
        if (value > RF_SCALED_MAX / 10)
            return RF_NUMBER_RANGE;
        value *= 10;
    }
    if (first_behind > 5 || (first_behind == 5 && (rest || (value & 1) != 0)))
        value++;
    if (value > RF_SCALED_MAX)
        return RF_NUMBER_RANGE;
    *out = number.negative ? -value : value;
    return first_behind != 0 || rest ? RF_NUMBER_ROUNDED : RF_NUMBER_OK;
}

rf_number_status rf_scaled_parse(int64_t *out, const char *text, size_t len, int shift)
{
    return parse_short(out, text, len, shift) ? RF_NUMBER_OK : parse_any(out, text, len, shift);
}

rf_number_status rf_fixed_parse(int64_t *out, const char *text, size_t len)
{
    rf_number_status status = rf_scaled_parse(out, text, len, RF_FIXED_PLACES);
    return status == RF_NUMBER_ROUNDED ? RF_NUMBER_OK : status;
}

/* ---- as they are written ---- */

/* The first digit that is not 0, or the end; *place is its power of ten. */
static const char *first_digit(int64_t *place, const decimal *number)
{
    *place = number->whole + number->exponent - 1;
    const char *p = number->digits;
    for (; p < number->end && (*p == '0' || *p == '.'); p++)
        *place -= *p == '0';
    return p;
}

bool rf_decimal_extent(int64_t *first, int64_t *last, const char *text, size_t len)
{
    decimal number;
    if (!split_decimal(&number, text, len))
        return false;
    const char *p = first_digit(first, &number);
    int64_t place = *first;
    if (p == number.end)
        return false;
    for (; p < number.end; p++) {
        if (*p > '0')
            *last = place;
        place -= *p != '.';
    }
    return true;
}

bool rf_decimal_split(rf_decimal *out, const char *text, size_t len)
{
    decimal number;
    if (!split_decimal(&number, text, len))
        return false;
    out->first = first_digit(&out->place, &number);
    out->end = number.end;
    out->sign = out->first == out->end ? 0 : number.negative ? -1 : 1;
    return true;
}

/* Of two numbers that are not 0, without their signs. */
static int compare_sizes(const rf_decimal *a, const rf_decimal *b)
{
    const char *p = a->first, *q = b->first;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    while (p < a->end || q < b->end) {
        p += p < a->end && *p == '.';
        q += q < b->end && *q == '.';
        int digit_a = p < a->end ? *p++ : '0', digit_b = q < b->end ? *q++ : '0';
        if (digit_a != digit_b)
            return digit_a - digit_b;
    }
    return 0;
}

int rf_decimal_compare(const rf_decimal *a, const rf_decimal *b)
{
    if (a->sign != b->sign || a->sign == 0)
        return a->sign - b->sign;
    return a->sign * compare_sizes(a, b);
}

/* ---- integers and doubles ---- */

bool rf_int_parse(int64_t *out, const char *text, size_t len)
{
    bool negative = len > 0 && text[0] == '-';
    size_t i = len > 0 && (text[0] == '-' || text[0] == '+');
    if (i == len)
        return false;
    int64_t value = 0; /* kept negative: INT64_MIN has no positive twin */
    for (; i < len; i++) {
        if (!is_digit(text[i]) || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, text[i] - '0', &value))
            return false;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *out = negative ? value : -value;
    return true;
}

bool rf_double_parse(double *out, const char *text, size_t len)
{
    decimal number;
    char buffer[512];
    if (!split_decimal(&number, text, len) || len >= sizeof buffer)
        return false;
    memcpy(buffer, text, len);
    buffer[len] = '\0';
    double value = strtod(buffer, NULL);
    if (!isfinite(value))
        return false;
    *out = value;
    return true;
}

char *rf_double_format(char out[32], double value)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, 32, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out;
}

char *rf_float_format(char out[32], float value)
{
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(out, 32, "%.*g", digits, (double)value);
        if (strtof(out, NULL) == value)
            break;
    }
    return out;
}
