/* rf_bf16.h - bfloat16: the upper half of a float, for what is stored and only computed with as float.
 *
 * It has the float's range and 8 bits of precision: 2 to 3 decimal digits. Source: the format of AVX512-BF16.
 */
#ifndef RF_BF16_H
#define RF_BF16_H

#include <stdint.h>
#include <string.h>

typedef uint16_t rf_bf16;

/* The nearest one, of two as near the even one; x is finite. Zeros keep their signs. */
static inline rf_bf16 rf_bf16_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (rf_bf16)((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

static inline float rf_bf16_float(rf_bf16 half)
{
    const uint32_t bits = (uint32_t)half << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

#endif
