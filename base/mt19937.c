/* mt19937.c - the Mersenne Twister's recurrence and PyTorch's way from its words to uniform floats. */
#include "rf_mt19937.h"

#define WORDS RF_MT19937_WORDS
#define MIDDLE 397

void rf_mt19937_init(rf_mt19937 *twister, uint64_t seed)
{
    uint32_t word = (uint32_t)seed ^ (uint32_t)(seed >> 32);
    for (uint32_t i = 0; i < WORDS; i++) {
        twister->state[i] = word;
        word = UINT32_C(1812433253) * (word ^ (word >> 30)) + i + 1;
    }
    twister->used = WORDS;
}

static uint32_t twist(uint32_t high, uint32_t low)
{
    uint32_t mixed = (high & UINT32_C(0x80000000)) | (low & UINT32_C(0x7fffffff));
    return (mixed >> 1) ^ ((low & 1) != 0 ? UINT32_C(0x9908b0df) : 0);
}

static void next_state(uint32_t *s)
{
    for (int i = 0; i < WORDS; i++)
        s[i] = s[(i + MIDDLE) % WORDS] ^ twist(s[i], s[(i + 1) % WORDS]);
}

uint32_t rf_mt19937_u32(rf_mt19937 *twister)
{
    if (twister->used == WORDS) {
        next_state(twister->state);
        twister->used = 0;
    }
    uint32_t word = twister->state[twister->used++];
    word ^= word >> 11;
    word ^= (word << 7) & UINT32_C(0x9d2c5680);
    word ^= (word << 15) & UINT32_C(0xefc60000);
    return word ^ (word >> 18);
}

float rf_mt19937_uniform(rf_mt19937 *twister, float from, float to)
{
    float unit = (float)(rf_mt19937_u32(twister) & ((1u << 24) - 1)) * 0x1p-24f;
    return unit * (to - from) + from;
}
