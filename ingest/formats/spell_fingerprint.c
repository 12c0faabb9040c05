/* spell_fingerprint.c - texts as fingerprints of 64 bits, of which nearly the same texts have nearly the
 * same.
 *
 * simhash (Charikar, STOC 2002: similarity estimation by rounding) counts the words in their order. The angle
 * between two texts gives its bits, so that few changes cost many: the share of bits is about the root of the
 * share of what differs.
 *
 * minhash (Broder, 1997: the resemblance of documents; Li and König, WWW 2010: b-bit minwise hashing) looks
 * at the set of the words. Each bit is one of the smallest of their hashes by a function of the bit's own:
 * the share of bits that differ is half the share of the words that the two do not have in common.
 *
 * wordhash is minhash of the words alone. Another word in ten is another 2 of the set's 11, with pairs 6 of
 * 22: copies of short texts stay near, and what stands in another order is the same. Of long texts, of which
 * many have most of the usual words, it says less.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "rf_hot.h"
#include "rf_rng.h"
#include "spell_int.h"

#define SHINGLE 3 /* words */
#define BITS 64

static void put(rf_span *text, char *out, uint64_t hash)
{
    text->len = (size_t)snprintf(out, BITS / 4 + 1, "%016llx", (unsigned long long)hash);
    text->ptr = out;
}

static uint64_t hash_of_several(const uint64_t *hashes, int n)
{
    XXH64_canonical_t parts[SHINGLE];
    for (int i = 0; i < n; i++)
        XXH64_canonicalFromHash(&parts[i], hashes[i]);
    return XXH3_64bits(parts, (size_t)n * sizeof *parts);
}

/* ---- simhash ---- */

typedef struct shingles {
    uint64_t last[SHINGLE]; /* the last words, in their order */
    int n_last;
    int32_t sums[BITS]; /* shingles that have the bit, less those that do not */
} shingles;

static void add_shingle(shingles *to)
{
    uint64_t hash = hash_of_several(to->last, to->n_last);
    for (int bit = 0; bit < BITS; bit++)
        to->sums[bit] += (hash >> bit & 1) != 0 ? 1 : -1;
}

static void take_in_order(void *to, uint64_t word)
{
    shingles *all = to;
    if (all->n_last == SHINGLE)
        memmove(all->last, all->last + 1, (SHINGLE - 1) * sizeof *all->last);
    else
        all->n_last++;
    all->last[all->n_last - 1] = word;
    if (all->n_last == SHINGLE)
        add_shingle(all);
}

const char *rf_spell_simhash(rf_span *text, char *out)
{
    shingles all = {.n_last = 0};
    uint64_t hash = 0;
    const char *why = rf_spell_words(*text, take_in_order, &all);
    if (why != NULL)
        return why;
    if (all.n_last < SHINGLE)
        add_shingle(&all);
    for (int bit = 0; bit < BITS; bit++)
        hash |= (uint64_t)(all.sums[bit] > 0) << bit;
    put(text, out, hash);
    return NULL;
}

/* ---- minhash ---- */

/* A smaller set is filled up with what is its own: two texts of seven words, one of them another, are
 * ordinary ones, not copies. */
#define FULL_MINHASH 24
#define FULL_WORDHASH 8
#define FULL 24 /* the larger of them */

typedef struct word_set {
    uint32_t smallest[BITS];
    uint64_t members[FULL]; /* the first ones; each is another */
    int n, full;            /* n: up to full */
    uint64_t before;        /* the last word */
    bool begun, pairs;      /* pairs: of words in a row are members, too */
} word_set;

RF_HOT static void take_smallest(uint32_t *smallest, uint64_t word)
{
    uint32_t low = (uint32_t)word, high = (uint32_t)(word >> 32);
    for (uint32_t bit = 0; bit < BITS; bit++) {
        uint32_t hash = (low ^ (bit + 1) * UINT32_C(0x9E3779B1)) * UINT32_C(0x2C1B3C6D);
        hash = (hash ^ hash >> 15 ^ high) * UINT32_C(0x297A2D39);
        hash = (hash ^ hash >> 14) * UINT32_C(0x6C8E9CF5);
        hash ^= hash >> 16;
        smallest[bit] = hash < smallest[bit] ? hash : smallest[bit];
    }
}

static void add_member(word_set *set, uint64_t member)
{
    for (int i = 0; i < set->n; i++) {
        if (set->members[i] == member)
            return;
    }
    if (set->n < set->full)
        set->members[set->n++] = member;
    take_smallest(set->smallest, member);
}

static void take_into_set(void *to, uint64_t word)
{
    word_set *set = to;
    uint64_t pair[] = {set->before, word};
    add_member(set, word);
    if (set->begun && set->pairs)
        add_member(set, hash_of_several(pair, 2));
    set->before = word;
    set->begun = true;
}

/* `set` is empty. */
static const char *put_smallest(rf_span *text, char *out, word_set *set)
{
    uint64_t hash = 0, whole = 0;
    memset(set->smallest, 0xFF, sizeof set->smallest);
    const char *why = rf_spell_words(*text, take_into_set, set);
    if (why != NULL)
        return why;
    for (int i = 0; i < set->n; i++)
        whole += set->members[i];
    for (int i = set->n; i < set->full; i++)
        take_smallest(set->smallest, rf_mix64(whole + (uint64_t)i));
    for (int bit = 0; bit < BITS; bit++)
        hash |= (uint64_t)(set->smallest[bit] & 1) << bit;
    put(text, out, hash);
    return NULL;
}

const char *rf_spell_minhash(rf_span *text, char *out)
{
    word_set set = {.full = FULL_MINHASH, .pairs = true};
    return put_smallest(text, out, &set);
}

const char *rf_spell_wordhash(rf_span *text, char *out)
{
    word_set set = {.full = FULL_WORDHASH};
    return put_smallest(text, out, &set);
}
