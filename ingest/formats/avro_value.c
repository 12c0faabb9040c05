/* avro_value.c - numbers, dates and times of Avro's binary form as text.
 *
 * Numbers are read like those of CSV and JSON, from text into fixed point. So the same amount is the same
 * number in every format, and decimals stay exact.
 */
#include "avro_value_int.h"

#include <stdio.h>
#include <string.h>

#include "number_print_int.h"
#include "rf_time.h"

#define MOST_BYTES 32 /* of a decimal that is a number: 77 digits */
#define LIMBS (MOST_BYTES / 4)

/* Divides the number by ten and returns the rest. */
static unsigned next_digit(uint32_t limbs[LIMBS])
{
    uint64_t rest = 0;
    for (int i = LIMBS; i-- > 0;) {
        uint64_t part = rest << 32 | limbs[i];
        limbs[i] = (uint32_t)(part / 10);
        rest = part % 10;
    }
    return (unsigned)rest;
}

static bool is_zero(const uint32_t limbs[LIMBS])
{
    uint32_t all = 0;
    for (int i = 0; i < LIMBS; i++)
        all |= limbs[i];
    return all == 0;
}

/* The digits from the right, with the point where the scale has it. */
static char *print_limbs(char *at, uint32_t limbs[LIMBS], int scale)
{
    int digits = 0;
    while (digits <= scale || !is_zero(limbs)) {
        if (digits == scale && scale > 0)
            *--at = '.';
        *--at = (char)('0' + next_digit(limbs));
        digits++;
    }
    return at;
}

rf_span rf_avro_print_decimal(char slot[RF_AVRO_SLOT], rf_span bytes, int scale)
{
    const unsigned char *p = (const unsigned char *)bytes.ptr;
    char *end = slot + RF_AVRO_SLOT, *at;
    bool negative = bytes.len > 0 && (p[0] & 0x80) != 0;
    unsigned char sign = negative ? 0xFF : 0;
    for (; bytes.len > MOST_BYTES && p[0] == sign && ((p[1] ^ sign) & 0x80) == 0; bytes.len--)
        p++;
    if (bytes.len > MOST_BYTES)
        return (rf_span){NULL, 0};
    if (bytes.len <= 8) {
        uint64_t size = negative ? UINT64_MAX : 0;
        for (size_t i = 0; i < bytes.len; i++)
            size = size << 8 | p[i];
        at = rf_number_print_scaled(end, negative ? 0 - size : size, scale);
    } else {
        uint32_t limbs[LIMBS];
        uint64_t carry = negative;
        memset(limbs, sign, sizeof limbs);
        for (size_t i = 0; i < bytes.len; i++) {
            size_t place = bytes.len - 1 - i;
            uint32_t shift = (uint32_t)(place % 4 * 8);
            limbs[place / 4] = (limbs[place / 4] & ~(UINT32_C(0xFF) << shift)) | (uint32_t)p[i] << shift;
        }
        for (int i = 0; negative && i < LIMBS; i++) { /* its size */
            carry += (uint32_t)~limbs[i];
            limbs[i] = (uint32_t)carry;
            carry >>= 32;
        }
        at = print_limbs(end, limbs, scale);
    }
    if (negative)
        *--at = '-';
    return (rf_span){at, (size_t)(end - at)};
}

rf_span rf_avro_print_uuid(char slot[RF_AVRO_SLOT], rf_span bytes)
{
    static const char hex[] = "0123456789abcdef";
    char *at = slot;
    for (size_t i = 0; i < bytes.len && i < 16; i++) {
        unsigned byte = (unsigned char)bytes.ptr[i];
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = hex[byte >> 4];
        *at++ = hex[byte & 15];
    }
    return (rf_span){slot, (size_t)(at - slot)};
}

rf_span rf_avro_print_date(char slot[RF_AVRO_SLOT], int64_t days)
{
    int64_t year;
    int month, day;
    rf_civil_from_days(days, &year, &month, &day);
    int n = snprintf(slot, RF_AVRO_SLOT, "%04lld-%02d-%02d", (long long)year, month, day);
    return (rf_span){slot, (size_t)n};
}

rf_span rf_avro_print_time(char slot[RF_AVRO_SLOT], int64_t since_midnight_us)
{
    int64_t seconds = since_midnight_us / RF_SECOND_US, fraction = since_midnight_us % RF_SECOND_US;
    int n = snprintf(slot, RF_AVRO_SLOT, "%02lld:%02lld:%02lld", (long long)(seconds / 3600),
                     (long long)(seconds / 60 % 60), (long long)(seconds % 60));
    if (fraction != 0)
        n += snprintf(slot + n, RF_AVRO_SLOT - (size_t)n, ".%06lld", (long long)fraction);
    return (rf_span){slot, (size_t)n};
}

int64_t rf_avro_micros(int64_t number, int scale)
{
    if (scale == 9) {
        int64_t micros = number / 1000, rest = number % 1000;
        if (rest < 0) {
            micros--;
            rest += 1000;
        }
        return micros + (rest > 500 || (rest == 500 && (micros & 1) != 0));
    }
    int64_t factor = scale == 3 ? 1000 : 1, micros;
    if (__builtin_mul_overflow(number, factor, &micros))
        return number < 0 ? INT64_MIN : INT64_MAX;
    return micros;
}

/* Little-endian, on every machine. */
static uint64_t bits_of(rf_span bytes)
{
    uint64_t bits = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(&bits, bytes.ptr, bytes.len < sizeof bits ? bytes.len : sizeof bits);
#else
    for (size_t i = bytes.len; i-- > 0;)
        bits = bits << 8 | (unsigned char)bytes.ptr[i];
#endif
    return bits;
}

double rf_avro_double(rf_span bytes)
{
    uint64_t bits = bits_of(bytes);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float rf_avro_float(rf_span bytes)
{
    uint32_t bits = (uint32_t)bits_of(bytes);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
