/* tails.c - tails of columns, fitted from order statistics. */
#include "tails_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"

#define TAIL_SHARE 0.1
#define XI_MOST 0.6
#define LN2 0.69314718055994530942

/* ---- order statistics ---- */

/* Floats in the order of these numbers are in their own order. */
static uint32_t key_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits & 0x80000000U ? ~bits : bits | 0x80000000U;
}

static float value_of(uint32_t key)
{
    float value;
    uint32_t bits = key & 0x80000000U ? key & 0x7FFFFFFFU : ~key;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Eleven bits of the key at a time, from the top: count, and go into the bucket that holds the k-th. */
float rf_select(const float *values, int64_t n, int64_t k)
{
    static const int shift[] = {21, 10, 0}, bits[] = {11, 11, 10};
    uint32_t prefix = 0, mask = 0;
    for (int pass = 0; pass < 3; pass++) {
        int64_t count[2048] = {0};
        uint32_t digits = (1U << bits[pass]) - 1, digit = 0;
        for (int64_t i = 0; i < n; i++) {
            uint32_t key = key_of(values[i]);
            if ((key & mask) == prefix)
                count[key >> shift[pass] & digits]++;
        }
        while (k >= count[digit])
            k -= count[digit++];
        prefix |= digit << shift[pass];
        mask |= digits << shift[pass];
    }
    return value_of(prefix);
}

double rf_quantile(const float *values, int64_t n, double q)
{
    double at = q * (double)(n - 1);
    int64_t below = (int64_t)at;
    double low = (double)rf_select(values, n, below);
    if (below + 1 >= n || at == (double)below)
        return low;
    return low + (at - (double)below) * ((double)rf_select(values, n, below + 1) - low);
}

/* ---- one column ---- */

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

void rf_tail_fit(rf_tail *tail, float u0, float *excess, int64_t kept, int64_t m, int64_t n)
{
    *tail = (rf_tail){.u0 = u0, .m = m, .ln_n = log((double)n)};
    if (m == 0)
        return;
    tail->base = tail->ln_n - log((double)m);
    if (m < RF_TAIL_FEW) {
        qsort(excess, (size_t)m, sizeof *excess, by_value);
        memcpy(tail->few, excess, (size_t)m * sizeof *excess);
        return;
    }
    double q1 = rf_quantile(excess, kept, 0.5), q2 = rf_quantile(excess, kept, 0.75);
    double xi = q2 > q1 ? log((q2 - q1) / q1) / LN2 : 0;
    tail->xi = xi < 1e-6 ? 0 : xi > XI_MOST ? XI_MOST : xi;
    tail->sigma = tail->xi > 0 ? tail->xi * q1 / (pow(2, tail->xi) - 1) : q1 / LN2;
}

int64_t rf_tail_place_low(int64_t n)
{
    return (int64_t)((double)n * TAIL_SHARE);
}

int64_t rf_tail_place_high(int64_t n)
{
    return n - 1 - rf_tail_place_low(n);
}

/* Moves what lies beyond u0 to the front, as excesses (sign -1: below u0). Returns how many. */
static int64_t take_excesses(float *values, int64_t n, float u0, float sign)
{
    int64_t m = 0;
    for (int64_t i = 0; i < n; i++) {
        float excess = sign * (values[i] - u0);
        if (!(excess > 0))
            continue;
        values[i] = values[m];
        values[m++] = excess;
    }
    return m;
}

void rf_tails_fit(rf_tails *out, float *values, int64_t n)
{
    memset(out, 0, sizeof *out);
    if (n == 0)
        return;
    float high = rf_select(values, n, rf_tail_place_high(n)),
          low = rf_select(values, n, rf_tail_place_low(n));
    int64_t up = take_excesses(values, n, high, 1);
    int64_t down = take_excesses(values + up, n - up, low, -1);
    rf_tail_fit(&out->down, low, values + up, down, down, n);
    rf_tail_fit(&out->up, high, values, up, up, n);
}

float rf_tail_excess_at(const rf_tail *tail, double nats)
{
    double beyond = nats + LN2 - tail->base;
    if (tail->m < RF_TAIL_FEW || beyond <= 0)
        return 0;
    double z = tail->xi > 0 ? expm1(tail->xi * beyond) / tail->xi : beyond;
    return (float)(tail->sigma * z * (1 - 1e-6)); /* a float's rounding */
}

/* t of an excess above 0. */
static double tail_nats(const rf_tail *tail, float excess)
{
    if (tail->m < RF_TAIL_FEW) {
        int64_t below = 0;
        while (below < tail->m && tail->few[below] < excess)
            below++;
        return below < tail->m ? tail->ln_n - log((double)(tail->m - below)) : tail->ln_n;
    }
    double z = (double)excess / tail->sigma;
    double nats = tail->base + (tail->xi > 0 ? log1p(tail->xi * z) / tail->xi : z);
    return nats < RF_TAIL_CAP ? nats : RF_TAIL_CAP;
}

double rf_tails_nats(const rf_tails *tails, float y)
{
    double nats = 0;
    if (y > tails->up.u0)
        nats = tail_nats(&tails->up, y - tails->up.u0);
    else if (y < tails->down.u0)
        nats = tail_nats(&tails->down, tails->down.u0 - y);
    return nats > LN2 ? nats - LN2 : 0;
}
