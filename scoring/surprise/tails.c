/* tails.c - tails of columns, fitted from order statistics. */
#include "tails_int.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define TAIL_SHARE 0.1
#define XI_LEAST 0.001
#define XI_MOST 0.6
#define LN2 0.69314718055994530942
#define PIVOT_FROM 1024 /* values that say where about an end begins */
#define PIVOT_SHARE 0.14

static const double fit_quantile[2] = {0.5, 0.75};

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

/* ---- an end of a column ---- */

enum { DIGITS = 3, DIGIT_BITS = 11, DIGIT_VALUES = 1 << DIGIT_BITS };

static uint32_t digit_of(uint32_t key, int digit)
{
    return key >> digit * DIGIT_BITS & (DIGIT_VALUES - 1);
}

/* Sorts keys[0..n), by way of other[0..n): digit after digit, from the lowest. Returns where they are. */
static const uint32_t *sort_keys(uint32_t *keys, uint32_t *other, int64_t n)
{
    uint32_t start[DIGITS][DIGIT_VALUES] = {{0}};
    for (int64_t i = 0; i < n; i++) {
        for (int digit = 0; digit < DIGITS; digit++)
            start[digit][digit_of(keys[i], digit)]++;
    }
    for (int digit = 0; digit < DIGITS; digit++) {
        uint32_t *from = keys, sum = 0;
        for (int value = 0; value < DIGIT_VALUES; value++) {
            const uint32_t here = start[digit][value];
            start[digit][value] = sum;
            sum += here;
        }
        for (int64_t i = 0; i < n; i++)
            other[start[digit][digit_of(keys[i], digit)]++] = keys[i];
        keys = other;
        other = from;
    }
    return keys;
}

/* A value that a few more than TAIL_SHARE of the values are beyond, by an even choice of them. */
static float begin_of_end(const float *values, int64_t n, float sign)
{
    float some[PIVOT_FROM], pivot[2];
    if (n <= 2 * PIVOT_FROM)
        return -INFINITY;
    for (int64_t i = 0; i < PIVOT_FROM; i++)
        some[i] = sign * values[i * n / PIVOT_FROM];
    const int64_t at = (int64_t)((1 - PIVOT_SHARE) * PIVOT_FROM);
    rf_select_two(pivot, some, PIVOT_FROM, (const int64_t[]){at, at});
    return pivot[0];
}

/* The keys of what is beyond. Returns how many. */
static int64_t take_beyond(uint32_t *keys, const float *values, int64_t n, float sign, float pivot)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        const float value = sign * values[i];
        keys[kept] = key_of(value);
        kept += value > pivot;
    }
    return kept;
}

static int64_t count_equal(const float *values, int64_t n, float value)
{
    int64_t equal = 0;
    for (int64_t i = 0; i < n; i++)
        equal += values[i] == value;
    return equal;
}

static float place_of(const float *values, int64_t n, float sign, int64_t beyond)
{
    float found[2];
    rf_select_two(found, values, n, (const int64_t[]){beyond, n - 1 - beyond});
    return sign * found[sign > 0];
}

void rf_tail_end_find(rf_tail_end *end, uint32_t *scratch, const float *values, int64_t n, float sign)
{
    const int64_t beyond = (int64_t)((double)n * TAIL_SHARE);
    float u0 = begin_of_end(values, n, sign);
    int64_t kept = take_beyond(scratch, values, n, sign, u0), first = 0;
    if (kept <= beyond && kept + count_equal(values, n, sign * u0) <= beyond) {
        u0 = place_of(values, n, sign, beyond);
        kept = take_beyond(scratch, values, n, sign, u0);
    }
    const uint32_t *keys = sort_keys(scratch, scratch + kept, kept);
    if (kept > beyond) {
        u0 = value_of(keys[kept - 1 - beyond]);
        for (first = kept - beyond; first < kept && !(value_of(keys[first]) > u0);)
            first++;
    }
    *end = (rf_tail_end){.u0 = sign * u0, .m = kept - first};
    for (int64_t i = 0; i < end->m && end->m < RF_TAIL_FEW; i++)
        end->few[i] = sign * value_of(keys[first + i]);
    for (int q = 0; q < 2 && end->m >= RF_TAIL_FEW; q++) {
        const int64_t at = first + (int64_t)(fit_quantile[q] * (double)(end->m - 1));
        end->around[q][0] = sign * value_of(keys[at]);
        end->around[q][1] = sign * value_of(keys[at + 1]);
    }
}

/* ---- a fit ---- */

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void begin_fit(rf_tail *tail, float u0, int64_t m, int64_t n)
{
    *tail = (rf_tail){.u0 = u0, .m = m, .ln_n = log((double)n)};
    tail->base = m > 0 ? tail->ln_n - log((double)m) : 0;
}

static void fit_quantiles(rf_tail *tail, double q1, double q2)
{
    const double xi = q2 > q1 ? log((q2 - q1) / q1) / LN2 : 0;
    tail->xi = xi < XI_LEAST ? XI_LEAST : xi > XI_MOST ? XI_MOST : xi;
    tail->sigma = tail->xi * q1 / (pow(2, tail->xi) - 1);
}

void rf_tail_fit_end(rf_tail *tail, const rf_tail_end *end, int64_t n, float sign)
{
    double q[2];
    begin_fit(tail, end->u0, end->m, n);
    for (int64_t i = 0; i < end->m && end->m < RF_TAIL_FEW; i++)
        tail->few[i] = sign * (end->few[i] - end->u0);
    if (end->m < RF_TAIL_FEW)
        return;
    for (int k = 0; k < 2; k++) {
        const double at = fit_quantile[k] * (double)(end->m - 1), part = at - floor(at);
        const double near = (double)(sign * (end->around[k][0] - end->u0)),
                     far = (double)(sign * (end->around[k][1] - end->u0));
        q[k] = near + part * (far - near);
    }
    fit_quantiles(tail, q[0], q[1]);
}

void rf_tails_fit(rf_tails *out, uint32_t *scratch, const float *values, int64_t n)
{
    rf_tail_end end;
    memset(out, 0, sizeof *out);
    if (n == 0)
        return;
    rf_tail_end_find(&end, scratch, values, n, 1);
    rf_tail_fit_end(&out->up, &end, n, 1);
    rf_tail_end_find(&end, scratch, values, n, -1);
    rf_tail_fit_end(&out->down, &end, n, -1);
}

void rf_tail_fit_excesses(rf_tail *tail, float *excess, int64_t kept, int64_t m, int64_t n)
{
    begin_fit(tail, tail->u0, m, n);
    if (m == 0)
        return;
    if (m < RF_TAIL_FEW) {
        qsort(excess, (size_t)kept, sizeof *excess, by_value);
        for (int64_t k = 0; k < m; k++)
            tail->few[k] = excess[k * kept / m];
        return;
    }
    fit_quantiles(tail, rf_quantile(excess, kept, fit_quantile[0]),
                  rf_quantile(excess, kept, fit_quantile[1]));
}

float rf_tail_excess_at(const rf_tail *tail, double nats)
{
    double beyond = nats + LN2 - tail->base;
    if (tail->m < RF_TAIL_FEW || beyond <= 0)
        return 0;
    double z = expm1(tail->xi * beyond) / tail->xi;
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
    double nats = tail->base + log(1 + tail->xi * z) / tail->xi;
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
