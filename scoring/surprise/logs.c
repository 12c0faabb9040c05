/* logs.c - ln x = e ln 2 + ln m, m in [1/sqrt 2, sqrt 2), and ln m = 2 artanh((m - 1) / (m + 1)) as a series;
 * exp x = 2^k exp r, |r| <= ln 2 / 2, and exp r as a series.
 */
#include "logs_int.h"

#include <string.h>

#include "rf_hot.h"

#define LN2 0.69314718055994530942
#define LN2_HIGH 0x1.62e42feep-1 /* times a whole number of 11 bits: exact */
#define LN2_LOW 0x1.a39ef35793c76p-33
#define FARTHEST 700.0                         /* from 0: beyond it powers overflow */
#define HALF_ROOT UINT64_C(0x3FE6A09E667F3BCD) /* bits of 1 / sqrt 2 */
#define BIAS 1024
#define FRACTION 52
#define WHOLE UINT64_C(0x4330000000000000) /* bits of 2^52: the last bits hold an integer */

static inline double from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint64_t to_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

RF_HOT static void take_logs(double *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const uint64_t bits = to_bits(x[i]),
                       power = (bits - HALF_ROOT + ((uint64_t)BIAS << FRACTION)) >> FRACTION;
        const double e = from_bits(WHOLE + power) - (from_bits(WHOLE) + BIAS),
                     m = from_bits(bits - ((power - BIAS) << FRACTION)), s = (m - 1) / (m + 1), q = s * s;
        /* |s| <= 0.172: the term after the last is below 1e-14 */
        const double series =
            1 + q * (1.0 / 3 +
                     q * (1.0 / 5 +
                          q * (1.0 / 7 +
                               q * (1.0 / 9 +
                                    q * (1.0 / 11 + q * (1.0 / 13 + q * (1.0 / 15 + q * (1.0 / 17))))))));
        x[i] = e * LN2 + 2 * s * series;
    }
}

void rf_logs(double *x, int64_t n)
{
    take_logs(x, n);
}

RF_HOT static void take_powers(double *x, int64_t n)
{
    const double whole = 1.5 * from_bits(WHOLE); /* added and taken away again, it rounds */
    for (int64_t i = 0; i < n; i++) {
        const double low = x[i] > -FARTHEST ? x[i] : -FARTHEST, at = low < FARTHEST ? low : FARTHEST,
                     shifted = at * (1 / LN2) + whole, k = shifted - whole,
                     r = at - k * LN2_HIGH - k * LN2_LOW;
        /* |r| <= 0.347: the term after the last is below 1e-15 */
        const double series =
            1 +
            r * (1 + r * (1.0 / 2 +
                          r * (1.0 / 6 +
                               r * (1.0 / 24 +
                                    r * (1.0 / 120 +
                                         r * (1.0 / 720 +
                                              r * (1.0 / 5040 + r * (1.0 / 40320 +
                                                                     r * (1.0 / 362880 +
                                                                          r * (1.0 / 3628800 +
                                                                               r * (1.0 / 39916800)))))))))));
        x[i] = series * from_bits((to_bits(shifted) + 1023) << FRACTION);
    }
}

void rf_powers_of_e(double *x, int64_t n)
{
    take_powers(x, n);
}
