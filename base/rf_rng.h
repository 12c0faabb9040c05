/* rf_rng.h - seeded random numbers: the same seed gives the same numbers on every machine and at any thread
 * count.
 *
 * xoshiro256** seeded through splitmix64. `stream` separates independent uses of one seed (initial weights,
 * epoch k's negatives, user number 17), so that each can be drawn alone, in any order, on any thread.
 */
#ifndef RF_RNG_H
#define RF_RNG_H

#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

typedef struct rf_rng {
    uint64_t s[4];
} rf_rng;

void rf_rng_init(rf_rng *rng, uint64_t seed, uint64_t stream);

uint64_t rf_rng_u64(rf_rng *rng);
uint32_t rf_rng_below(rf_rng *rng, uint32_t bound); /* uniform in [0, bound), unbiased; bound > 0 */
double rf_rng_uniform(rf_rng *rng);                 /* [0, 1), 53 bits */
double rf_rng_normal(rf_rng *rng);                 /* mean 0, variance 1; two uniforms a call, no kept half */
double rf_rng_gamma(rf_rng *rng, double shape);    /* scale 1; shape > 0 */
uint32_t rf_rng_poisson(rf_rng *rng, double mean); /* any mean >= 0 */

/* Bytes of the system that nobody can foresee (n <= 256): for keys, names and tokens, never for results. */
RF_MUST_CHECK rf_status rf_random_bytes(void *out, size_t n, rf_err *err);
RF_MUST_CHECK rf_status rf_random_token(uint64_t *out, rf_err *err);

/* One stateless mixing step (splitmix64's finaliser): decorrelates counters and keys. */
uint64_t rf_mix64(uint64_t x);

#endif
