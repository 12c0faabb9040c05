/* near.c - finds the hashes that differ in few bits: bands of the bits that vary, and sets that are joined.
 *
 * The bands of a fixed place would fail for hashes that agree in most places, as those of pictures from one
 * template do: every band but one parts nothing. Here the bits that are the same in a whole pile are in no
 * band of it.
 */
#include "near_probe_int.h"
#include "rf_hot.h"
#include "rf_sets.h"
#include "rf_stop.h"

/* All pairs of so many hashes a band are compared: cutting these piles again costs more. Measured. */
#define FEW_A_BAND 24
#define SPARSE_BITS 48
#define LOOKS 16

/* ---- piles ---- */

static bool is_small(const rf_near_joiner *j, size_t n)
{
    return n <= (size_t)FEW_A_BAND * (size_t)(j->bits + 1);
}

static void join_all(rf_near_joiner *j, const rf_near_hash *pile, size_t n)
{
    for (size_t i = 1; i < n; i++)
        rf_sets_join(j->into, pile[0].number, pile[i].number);
    j->steps += n;
}

RF_HOT static void compare(rf_near_joiner *j, const rf_near_hash *pile, size_t some, size_t n)
{
    for (size_t i = 0; i < some && !rf_stop_asked(); i++) {
        uint64_t hash = pile[i].hash;
        for (size_t k = i + 1; k < n; k++) {
            if (__builtin_popcountll(pile[k].hash ^ hash) <= j->bits)
                rf_sets_join(j->into, pile[k].number, pile[i].number);
        }
    }
    j->steps += some * (n - some) + some * some / 2;
}

void rf_near_compare(rf_near_joiner *j, const rf_near_hash *pile, size_t some, size_t n)
{
    compare(j, pile, some, n);
}

/* The root that most of a few hashes, spread over the pile, have; false if hardly one has another's. */
static bool find_frequent(uint32_t *root, const rf_near_joiner *j, const rf_near_hash *pile, size_t n)
{
    uint32_t roots[LOOKS];
    int most = 0;
    for (size_t i = 0; i < LOOKS; i++) {
        int same = 0;
        roots[i] = rf_sets_root(j->into, pile[i * (n - 1) / (LOOKS - 1)].number);
        for (size_t k = 0; k <= i; k++)
            same += roots[k] == roots[i];
        if (same > most)
            *root = roots[i];
        most = same > most ? same : most;
    }
    return most > LOOKS / 4;
}

size_t rf_near_set_apart(rf_near_joiner *j, rf_near_hash *pile, size_t n)
{
    uint32_t root = 0;
    size_t others = 0;
    if (!find_frequent(&root, j, pile, n))
        return n;
    for (size_t i = 0; i < n; i++) {
        rf_near_hash moving = pile[i];
        if (rf_sets_root(j->into, moving.number) == root)
            continue;
        pile[i] = pile[others];
        pile[others++] = moving;
    }
    j->steps += n;
    return others;
}

uint64_t rf_near_varies(const rf_near_hash *pile, size_t n)
{
    uint64_t varies = 0;
    for (size_t i = 1; i < n; i++)
        varies |= pile[i].hash ^ pile[0].hash;
    return varies;
}

uint64_t rf_near_lowest(uint64_t bits, int n)
{
    uint64_t left = bits;
    for (int i = 0; i < n; i++)
        left &= left - 1;
    return bits ^ left;
}

/* Hashes without the bit come first; their number. */
static size_t part(rf_near_hash *pile, size_t n, uint64_t bit)
{
    size_t without = 0;
    for (size_t i = 0; i < n; i++) {
        rf_near_hash moving = pile[i];
        pile[i] = pile[without];
        pile[without] = moving;
        without += (moving.hash & bit) == 0;
    }
    return without;
}

/* The hashes of the pile that agree in the band are a pile each. */
static void cut(rf_near_joiner *j, rf_near_hash *pile, size_t n, uint64_t band)
{
    if (j->steps > RF_NEAR_STEPS || rf_stop_asked()) {
        j->spent = true;
        return;
    }
    if (is_small(j, n)) {
        compare(j, pile, n, n);
        return;
    }
    if (band == 0) {
        rf_near_pile(j, pile, n);
        return;
    }
    uint64_t bit = band & -band;
    size_t without = part(pile, n, bit);
    j->steps += n;
    cut(j, pile, without, band ^ bit);
    cut(j, pile + without, n - without, band ^ bit);
}

/* Bands of few bits part so little that the piles of all of them have more pairs than this one. Where only
 * few bits vary, much is near, and is soon one. */
static bool is_cut_in_vain(const rf_near_joiner *j, size_t n, int n_bits)
{
    int bands = j->bits + 1;
    return UINT64_C(1) << (n_bits / bands) <= (uint64_t)bands && n_bits >= SPARSE_BITS &&
           n * n / 2 + j->steps < RF_NEAR_STEPS;
}

void rf_near_pile(rf_near_joiner *j, rf_near_hash *pile, size_t n)
{
    uint64_t varies = rf_near_varies(pile, n);
    int n_bits = __builtin_popcountll(varies), bands = j->bits + 1;
    if (n_bits <= j->bits) {
        join_all(j, pile, n);
        return;
    }
    if (is_cut_in_vain(j, n, n_bits)) {
        compare(j, pile, n, n);
        return;
    }
    for (int b = 0; b < bands && !j->spent; b++) {
        size_t others = rf_near_set_apart(j, pile, n);
        if (is_small(j, others)) {
            compare(j, pile, others, n);
            return;
        }
        uint64_t band = rf_near_lowest(varies, n_bits * (b + 1) / bands - n_bits * b / bands);
        varies ^= band;
        cut(j, pile, n, band);
    }
}

/* ---- the whole ---- */

void rf_near_join(uint32_t *into, size_t n_into, bool *whole, rf_near_hash *hashes, size_t n, int bits)
{
    rf_near_joiner j = {.into = into, .bits = bits};
    for (size_t i = 0; i < n_into; i++)
        into[i] = (uint32_t)i;
    if (is_small(&j, n))
        compare(&j, hashes, n, n);
    else if (!rf_near_probe(&j, hashes, n))
        rf_near_pile(&j, hashes, n);
    for (size_t i = 0; i < n_into; i++)
        into[i] = rf_sets_root(into, (uint32_t)i);
    *whole = !j.spent;
}

bool rf_near_parse(uint64_t *hash, const char *text)
{
    *hash = 0;
    int n = 0;
    for (; n < 16; n++) {
        char c = text[n], letter = (char)(c | 0x20);
        bool digit = c >= '0' && c <= '9';
        if (!digit && (letter < 'a' || letter > 'f'))
            return false;
        *hash = *hash << 4 | (uint64_t)(digit ? c - '0' : letter - 'a' + 10);
    }
    return text[n] == '\0';
}
