/* tails.c - tails of columns, fitted from order statistics. */
#include "tails_int.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

/* Eleven bits of the key at a time, from the top: count, and go into the buckets that hold the places. */
void rf_select_two(float out[2], const float *values, int64_t n, const int64_t k[2])
{
    static const int shift[] = {21, 10, 0}, bits[] = {11, 11, 10};
    uint32_t prefix[2] = {0}, mask = 0;
    int64_t left[2] = {k[0], k[1]};
    for (int pass = 0; pass < 3; pass++) {
        int64_t count[2][2048] = {{0}};
        const uint32_t digits = (1U << bits[pass]) - 1;
        const bool same = prefix[0] == prefix[1];
        for (int64_t i = 0; i < n; i++) {
            const uint32_t key = key_of(values[i]), digit = key >> shift[pass] & digits;
            if ((key & mask) == prefix[0])
                count[0][digit]++;
            else if ((key & mask) == prefix[1])
                count[1][digit]++;
        }
        for (int p = 0; p < 2; p++) {
            const int64_t *here = count[same ? 0 : p];
            uint32_t digit = 0;
            while (left[p] >= here[digit])
                left[p] -= here[digit++];
            prefix[p] |= digit << shift[pass];
        }
        mask |= digits << shift[pass];
    }
    out[0] = value_of(prefix[0]);
    out[1] = value_of(prefix[1]);
}

double rf_quantile(const float *values, int64_t n, double q)
{
    const double at = q * (double)(n - 1);
    const int64_t below = (int64_t)at;
    float around[2];
    rf_select_two(around, values, n, (const int64_t[]){below, below + 1 < n ? below + 1 : below});
    if (at == (double)below)
        return (double)around[0];
    return (double)around[0] + (at - (double)below) * ((double)around[1] - (double)around[0]);
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

void rf_tail_places(float u0[2], const float *values, int64_t n)
{
    const int64_t low = (int64_t)((double)n * TAIL_SHARE);
    rf_select_two(u0, values, n, (const int64_t[]){low, n - 1 - low});
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
    float u0[2];
    rf_tail_places(u0, values, n);
    int64_t up = take_excesses(values, n, u0[1], 1);
    int64_t down = take_excesses(values + up, n - up, u0[0], -1);
    rf_tail_fit(&out->down, u0[0], values + up, down, down, n);
    rf_tail_fit(&out->up, u0[1], values, up, up, n);
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
    double nats = tail->base + (tail->xi > 0 ? log(1 + tail->xi * z) / tail->xi : z);
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
