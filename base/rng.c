/* rng.c - xoshiro256** (Blackman, Vigna 2018), the distributions drawn from it, and random bits of the
 * system.
 */
#include "rf_rng.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/random.h>

rf_status rf_random_bytes(void *out, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    assert(n <= 256); /* so many come in one piece */
    if (getrandom(out, n, 0) != (ssize_t)n)
        RF_FAIL(err, RF_E_IO, "the system gives no random numbers: %s", strerror(errno));
done:
    return st;
}

rf_status rf_random_token(uint64_t *out, rf_err *err)
{
    return rf_random_bytes(out, sizeof *out, err);
}

uint64_t rf_mix64(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

void rf_rng_init(rf_rng *rng, uint64_t seed, uint64_t stream)
{
    /* two rounds of mixing keep (seed, stream) and (seed + 1, stream - 1) far apart */
    uint64_t state = rf_mix64(seed + UINT64_C(0x9e3779b97f4a7c15)) ^ rf_mix64(~stream);
    for (int i = 0; i < 4; i++) {
        state += UINT64_C(0x9e3779b97f4a7c15);
        rng->s[i] = rf_mix64(state);
    }
}

static uint64_t rotate_left(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

uint64_t rf_rng_u64(rf_rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint32_t rf_rng_below(rf_rng *rng, uint32_t bound)
{
    /* Lemire's multiplication; the few draws that would favour small numbers are thrown away */
    uint64_t product = (rf_rng_u64(rng) >> 32) * bound;
    uint32_t low = (uint32_t)product;
    if (low < bound) {
        uint32_t threshold = (0u - bound) % bound;
        while (low < threshold) {
            product = (rf_rng_u64(rng) >> 32) * bound;
            low = (uint32_t)product;
        }
    }
    return (uint32_t)(product >> 32);
}

double rf_rng_uniform(rf_rng *rng)
{
    return (double)(rf_rng_u64(rng) >> 11) * 0x1p-53;
}

double rf_rng_normal(rf_rng *rng)
{
    const double two_pi = 6.283185307179586476925286766559;
    double radius = sqrt(-2.0 * log(1.0 - rf_rng_uniform(rng)));
    return radius * cos(two_pi * rf_rng_uniform(rng));
}

/* Marsaglia and Tsang (2000); shapes below one by the power of a uniform. */
double rf_rng_gamma(rf_rng *rng, double shape)
{
    if (shape < 1.0) {
        double u = 1.0 - rf_rng_uniform(rng);
        return rf_rng_gamma(rng, shape + 1.0) * pow(u, 1.0 / shape);
    }
    double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = rf_rng_normal(rng), t = 1.0 + c * x;
        if (t <= 0.0)
            continue;
        double v = t * t * t, u = 1.0 - rf_rng_uniform(rng);
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

/* A Poisson number of mean below 16, by counting exponential gaps in product form. */
static uint32_t small_poisson(rf_rng *rng, double mean)
{
    double limit = exp(-mean), product = 1.0 - rf_rng_uniform(rng);
    uint32_t n = 0;
    while (product > limit) {
        product *= 1.0 - rf_rng_uniform(rng);
        n++;
    }
    return n;
}

/* Larger means are split: the moment of the k-th event is gamma distributed, and what comes before it is
 * binomial. */
uint32_t rf_rng_poisson(rf_rng *rng, double mean)
{
    uint32_t total = 0;
    while (mean >= 16.0) {
        uint32_t k = (uint32_t)(mean * 0.875);
        double kth = rf_rng_gamma(rng, (double)k);
        if (kth > mean) {
            for (uint32_t i = 1; i < k; i++)
                total += rf_rng_uniform(rng) * kth < mean;
            return total;
        }
        total += k;
        mean -= kth;
    }
    return total + small_poisson(rng, mean);
}
