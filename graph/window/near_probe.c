/* near_probe.c - near hashes by probes: the bits that vary are cut into few blocks, and each block looks not
 * only for hashes that agree in it, but also for those that differ there in few bits.
 *
 * With B blocks and a radius r of each, two hashes that differ in at most k bits differ in some block in at
 * most its radius if the radii and B add up to k + 1: else each block would have r + 1 of the bits, which are
 * k + 1 in all. Wide blocks part many hashes well, where k + 1 narrow bands part them badly (Norouzi et al.,
 * CVPR 2012: fast search in Hamming space; Qin et al., ICDE 2018: the general pigeonhole principle).
 */
#include <math.h>
#include <string.h>

#include "near_probe_int.h"
#include "rf_hot.h"
#include "rf_mem.h"
#include "rf_sets.h"
#include "rf_stop.h"

#define LEAST_HASHES 16384 /* fewer are compared soon enough */
#define LEAST_BITS 32      /* where fewer vary, much is near, and is soon one */
#define MOST_WIDTH 20
#define MOST_RADIUS 3
#define MOST_MASKS 1351 /* of 20 bits, up to 3 */
/* A bucket of so many times the mean, and more than so many, is dense: most of it may be one set. */
#define DENSE_TIMES 16
#define DENSE_LEAST 64
/* What a pair of buckets costs besides its comparisons. */
#define A_PROBE 8

typedef struct block {
    uint64_t bits;
    int width, radius;
    uint32_t masks[MOST_MASKS]; /* bits of the key in which a probe differs */
    size_t n_masks;
} block;

typedef struct buckets {
    uint32_t *begin; /* [n + 1] */
    uint32_t
        *others; /* [n]: how many of a bucket are no part of its largest set; all, where it is not dense */
    uint32_t n;
    uint32_t dense; /* a bucket of more is dense */
} buckets;

/* ---- what it costs ---- */

/* How many keys of `width` bits differ from one in at most `radius` bits. */
static double keys_within(int width, int radius)
{
    double sum = 0, ways = 1;
    for (int i = 0; i <= radius; i++) {
        sum += ways;
        ways *= (double)(width - i) / (i + 1);
    }
    return sum;
}

static int radius_of(int n_blocks, int b, int bits)
{
    return (bits + 1) / n_blocks - 1 + (b < (bits + 1) % n_blocks);
}

/* Of hashes that are spread evenly over the keys. */
static double cost_of(int n_blocks, int n_bits, int bits, double n)
{
    double cost = 0;
    for (int b = 0; b < n_blocks; b++) {
        int width = n_bits * (b + 1) / n_blocks - n_bits * b / n_blocks,
            radius = radius_of(n_blocks, b, bits);
        if (width > MOST_WIDTH || radius > MOST_RADIUS)
            return INFINITY;
        double keys = ldexp(1, width);
        cost += keys_within(width, radius) / 2 * (A_PROBE * keys + n * n / keys);
    }
    return cost;
}

static double cost_of_bands(int n_bits, int bits, double n)
{
    double bands = bits + 1;
    return n * n / 2 * bands * exp2(-n_bits / bands);
}

/* 0: bands are quicker. */
static int best_blocks(int n_bits, int bits, double n)
{
    int best = 0;
    double least = cost_of_bands(n_bits, bits, n) / 2;
    for (int blocks = 1; blocks <= bits + 1; blocks++) {
        double cost = cost_of(blocks, n_bits, bits, n);
        best = cost < least ? blocks : best;
        least = cost < least ? cost : least;
    }
    return best;
}

/* ---- buckets ---- */

static uint32_t key_of(uint64_t hash, uint64_t bits)
{
    uint32_t key = 0;
    for (; bits != 0; bits &= bits - 1)
        key = key << 1 | ((hash & bits & -bits) != 0);
    return key;
}

/* Puts the pile into the order of its keys. */
static void sort_by_key(buckets *in, rf_near_hash *pile, size_t n, uint64_t bits)
{
    uint32_t *next = in->others;
    memset(in->begin, 0, (in->n + 1) * sizeof *in->begin);
    for (size_t i = 0; i < n; i++)
        in->begin[key_of(pile[i].hash, bits) + 1]++;
    for (uint32_t key = 0; key < in->n; key++) {
        in->begin[key + 1] += in->begin[key];
        next[key] = in->begin[key];
    }
    for (uint32_t key = 0; key < in->n; key++) {
        while (next[key] < in->begin[key + 1]) {
            rf_near_hash *here = &pile[next[key]], moving = *here;
            uint32_t home = key_of(moving.hash, bits);
            *here = pile[next[home]];
            pile[next[home]++] = moving;
        }
    }
    in->dense = (uint32_t)(DENSE_TIMES * n / in->n);
    in->dense = in->dense < DENSE_LEAST ? DENSE_LEAST : in->dense;
}

static uint32_t size_of(const buckets *in, uint32_t key)
{
    return in->begin[key + 1] - in->begin[key];
}

/* Comparisons of two buckets: two largest sets are mostly parts of one. */
static double count_pairs(const buckets *in, uint32_t x, uint32_t y)
{
    double n_x = size_of(in, x), n_y = size_of(in, y), others_x = in->others[x], others_y = in->others[y];
    return others_x * n_y + (n_x - others_x) * others_y;
}

static double count_neighbours(const buckets *in, const block *of)
{
    double pairs = 0;
    for (uint32_t key = 0; key < in->n; key++) {
        for (size_t m = 1; size_of(in, key) > 0 && m < of->n_masks; m++)
            pairs += count_pairs(in, key, key ^ of->masks[m]);
    }
    return pairs / 2;
}

/* ---- comparing ---- */

RF_HOT static void compare_two(rf_near_joiner *j, const rf_near_hash *a, size_t n_a, const rf_near_hash *b,
                               size_t n_b)
{
    for (size_t i = 0; i < n_a; i++) {
        uint64_t hash = a[i].hash;
        for (size_t k = 0; k < n_b; k++) {
            if (__builtin_popcountll(b[k].hash ^ hash) <= j->bits)
                rf_sets_join(j->into, b[k].number, a[i].number);
        }
    }
    j->steps += n_a * n_b;
}

/* Both have a largest set. Where these are one, or become one by the first pairs, they need no comparison. */
static void compare_dense(rf_near_joiner *j, const buckets *in, const rf_near_hash *pile, uint32_t x,
                          uint32_t y)
{
    const rf_near_hash *a = &pile[in->begin[x]], *b = &pile[in->begin[y]];
    size_t n_a = size_of(in, x), n_b = size_of(in, y), others_a = in->others[x], others_b = in->others[y];
    const rf_near_hash *set_a = a + others_a, *set_b = b + others_b;
    size_t n_set_a = n_a - others_a, n_set_b = n_b - others_b;
    compare_two(j, a, others_a, b, n_b);
    compare_two(j, set_a, n_set_a, b, others_b);
    for (size_t i = 0; i < n_set_a && n_set_b > 0; i++) {
        if (rf_sets_root(j->into, set_a[i].number) == rf_sets_root(j->into, set_b->number))
            return;
        compare_two(j, &set_a[i], 1, set_b, n_set_b);
    }
}

static void join_each(rf_near_joiner *j, buckets *in, rf_near_hash *pile)
{
    for (uint32_t key = 0; key < in->n && !rf_stop_asked(); key++) {
        size_t n = size_of(in, key);
        in->others[key] = (uint32_t)n;
        if (n > in->dense) {
            rf_near_pile(j, &pile[in->begin[key]], n);
            in->others[key] = (uint32_t)rf_near_set_apart(j, &pile[in->begin[key]], n);
        } else if (n > 1) {
            rf_near_compare(j, &pile[in->begin[key]], n, n);
        }
    }
}

static void join_neighbours(rf_near_joiner *j, const buckets *in, const rf_near_hash *pile, const block *of)
{
    for (uint32_t key = 0; key < in->n && !rf_stop_asked(); key++) {
        size_t n = size_of(in, key);
        for (size_t m = 1; n > 0 && m < of->n_masks; m++) {
            uint32_t other = key ^ of->masks[m];
            size_t n_other = size_of(in, other);
            if (other < key || n_other == 0)
                continue;
            if (n > in->dense && n_other > in->dense)
                compare_dense(j, in, pile, key, other);
            else
                compare_two(j, &pile[in->begin[key]], n, &pile[in->begin[other]], n_other);
        }
        j->spent = j->spent || j->steps > RF_NEAR_STEPS;
        if (j->spent)
            return;
    }
}

/* ---- blocks ---- */

/* All masks of up to `radius` bits; none of them first. */
static void list_masks(block *of)
{
    size_t from = 0;
    of->masks[0] = 0;
    of->n_masks = 1;
    for (int r = 0; r < of->radius; r++) {
        size_t end = of->n_masks;
        for (; from < end; from++) {
            uint32_t mask = of->masks[from];
            for (int bit = 0; bit < of->width; bit++) {
                if (mask >> bit == 0) /* above the highest one that it has */
                    of->masks[of->n_masks++] = mask | UINT32_C(1) << bit;
            }
        }
    }
}

static bool probe_block(rf_near_joiner *j, buckets *in, rf_near_hash *pile, size_t n, const block *of,
                        double most)
{
    in->n = UINT32_C(1) << of->width;
    sort_by_key(in, pile, n, of->bits);
    join_each(j, in, pile);
    if (!rf_stop_asked() && count_neighbours(in, of) > most)
        return false;
    join_neighbours(j, in, pile, of);
    return true;
}

bool rf_near_probe(rf_near_joiner *j, rf_near_hash *pile, size_t n)
{
    double most; /* comparisons of a block, before bands are tried instead */
    block of = {.n_masks = 0};
    buckets in = {.n = 0};
    bool done = false;
    uint64_t varies = rf_near_varies(pile, n);
    int n_bits = __builtin_popcountll(varies), n_blocks;
    if (n < LEAST_HASHES || n > UINT32_MAX || n_bits < LEAST_BITS)
        return false;
    n_blocks = best_blocks(n_bits, j->bits, (double)n);
    most = fmin(cost_of_bands(n_bits, j->bits, (double)n), (double)RF_NEAR_STEPS / (n_blocks + 1));
    in.begin = n_blocks == 0 ? NULL : rf_mem_new((UINT32_C(1) << MOST_WIDTH) + 1, sizeof *in.begin, NULL);
    in.others = n_blocks == 0 ? NULL : rf_mem_new(UINT32_C(1) << MOST_WIDTH, sizeof *in.others, NULL);
    done = in.begin != NULL && in.others != NULL;
    for (int b = 0; b < n_blocks && done && !j->spent && !rf_stop_asked(); b++) {
        of.width = n_bits * (b + 1) / n_blocks - n_bits * b / n_blocks;
        of.radius = radius_of(n_blocks, b, j->bits);
        of.bits = rf_near_lowest(varies, of.width);
        varies ^= of.bits;
        if (of.radius < 0)
            continue;
        list_masks(&of);
        done = probe_block(j, &in, pile, n, &of, most);
    }
    rf_mem_free(in.begin);
    rf_mem_free(in.others);
    return done;
}
