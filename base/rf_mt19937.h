/* rf_mt19937.h - the Mersenne Twister (Matsumoto, Nishimura 1998), as PyTorch's generator on the CPU uses it.
 *
 * For initial weights only: from the same seed they are then the reference implementation's, number for
 * number. Everything else draws from rf_rng.h, which has independent streams.
 */
#ifndef RF_MT19937_H
#define RF_MT19937_H

#include <stdint.h>

#define RF_MT19937_WORDS 624

typedef struct rf_mt19937 {
    uint32_t state[RF_MT19937_WORDS];
    int used; /* words of state already handed out */
} rf_mt19937;

/* The lower half of seed, as PyTorch takes it; seeds beyond 32 bits fold their upper half in. */
void rf_mt19937_init(rf_mt19937 *twister, uint64_t seed);
uint32_t rf_mt19937_u32(rf_mt19937 *twister);

/* Uniform in [from, to), in float arithmetic: the numbers of torch.empty(n).uniform_(from, to). */
float rf_mt19937_uniform(rf_mt19937 *twister, float from, float to);

#endif
