/* bench_near.c - how far fingerprints of texts tell copies from ordinary texts, and how long the search for
 * near ones takes. scripts/bench-near.sh runs it.
 *
 *   bench_near copies WORD             WORD: "minhash 64", "wordhash 64", "simhash 64"
 *   bench_near short WORD              copies of short texts, with words more
 *   bench_near ordinary WORD N|FILE    so many made texts, or the lines of a file
 *   bench_near hashes N                random ones, and shapes that are hard for bands
 */
#include <math.h>
#include <time.h>

#include "made_texts.h"

#define COPIES 500
#define BASES 5
#define MOST_CHANGES 4
static const int all_bits[] = {3, 5, 6, 7, 8, 10};
#define N_BITS (sizeof all_bits / sizeof *all_bits)

static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* ---- copies ---- */

/* Mean of the bits between the first text and each other, and between each and its next. */
static void print_apart(const made_prints *p)
{
    double first = 0, next = 0;
    for (size_t i = 1; i < p->n; i++) {
        first += __builtin_popcountll(p->list[i].hash ^ p->list[0].hash);
        next += __builtin_popcountll(p->list[i].hash ^ p->list[i - 1].hash);
    }
    printf(" %5.1f %5.1f |", first / (double)(p->n - 1), next / (double)(p->n - 1));
}

static rf_status copy(made_prints *p, uint64_t base, int words, int least, int most, rf_err *err)
{
    rf_status st = RF_OK;
    char text[MADE_TEXT_BYTES];
    rf_rng rng;
    rf_rng_init(&rng, base, 5);
    p->n = 0;
    made_copy(text, base, words, 0, &rng);
    RF_TRY(made_prints_add(p, text, err));
    for (size_t i = 1; i < COPIES; i++) {
        made_copy(text, base, words, least + (int)rf_rng_below(&rng, (uint32_t)(most - least + 1)), &rng);
        RF_TRY(made_prints_add(p, text, err));
    }
done:
    return st;
}

static rf_status print_copies(const char *word, rf_err *err)
{
    static const int words[] = {15, 20, 30, 40, 60, 120};
    rf_status st = RF_OK;
    made_prints p = {0};
    RF_TRY(made_prints_init(&p, word, COPIES, err));
    printf("%s: copies of a text with 1 to %d words changed\n", word, MOST_CHANGES);
    printf("bits apart, from the text and from another copy, by words changed | share of %d copies in the "
           "largest entity (least of %d texts)\nwords",
           COPIES, BASES);
    for (int changes = 1; changes <= MOST_CHANGES; changes++)
        printf(" %11d |", changes);
    for (size_t b = 0; b < N_BITS; b++)
        printf(" near %-7d", all_bits[b]);
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        double sum[N_BITS] = {0}, least[N_BITS];
        printf("\n%5d", words[w]);
        for (int changes = 1; changes <= MOST_CHANGES; changes++) {
            RF_TRY(copy(&p, 7, words[w], changes, changes, err));
            print_apart(&p);
        }
        for (uint64_t base = 0; base < BASES; base++) {
            RF_TRY(copy(&p, base, words[w], 1, MOST_CHANGES, err));
            for (size_t b = 0; b < N_BITS; b++) {
                made_join(&p, all_bits[b]);
                double share = (double)made_count(&p, 0, p.n).largest / COPIES;
                sum[b] += share / BASES;
                least[b] = base == 0 || share < least[b] ? share : least[b];
            }
        }
        for (size_t b = 0; b < N_BITS; b++)
            printf(" %.3f (%.2f)", sum[b], least[b]);
    }
    printf("\n");
done:
    made_prints_clear(&p);
    return st;
}

/* ---- copies of short texts ---- */

static rf_status edit(made_prints *p, uint64_t base, int words, int most, rf_err *err)
{
    rf_status st = RF_OK;
    char text[MADE_TEXT_BYTES];
    rf_rng rng;
    rf_rng_init(&rng, base, 6);
    p->n = 0;
    for (size_t i = 0; i < COPIES; i++) {
        int changes = i == 0 ? 0 : 1 + (int)rf_rng_below(&rng, (uint32_t)most);
        made_edited(text, base, words, changes, &rng);
        RF_TRY(made_prints_add(p, text, err));
    }
done:
    return st;
}

static rf_status print_short(const char *word, rf_err *err)
{
    static const int words[] = {8, 10, 12, 20};
    rf_status st = RF_OK;
    made_prints p = {0};
    RF_TRY(made_prints_init(&p, word, COPIES, err));
    printf("%s: short texts with words replaced, put at each other's place, or more\n"
           "share of %d copies in the largest entity, mean of %d texts, by up to 1 / 2 / 3 changes\nwords",
           word, COPIES, BASES);
    for (size_t b = 0; b < N_BITS; b++)
        printf(" near %-10d", all_bits[b]);
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        double sum[N_BITS][3] = {{0}};
        for (int changes = 0; changes < 3; changes++) {
            for (uint64_t base = 0; base < BASES; base++) {
                RF_TRY(edit(&p, base, words[w], changes + 1, err));
                for (size_t b = 0; b < N_BITS; b++) {
                    made_join(&p, all_bits[b]);
                    sum[b][changes] += (double)made_count(&p, 0, p.n).largest / COPIES / BASES;
                }
            }
        }
        printf("\n%5d", words[w]);
        for (size_t b = 0; b < N_BITS; b++)
            printf(" %.2f %.2f %.2f ", sum[b][0], sum[b][1], sum[b][2]);
    }
    printf("\n");
done:
    made_prints_clear(&p);
    return st;
}

/* ---- ordinary texts ---- */

static int by_hash(const void *a, const void *b)
{
    uint64_t x = ((const rf_near_hash *)a)->hash, y = ((const rf_near_hash *)b)->hash;
    return (x > y) - (x < y);
}

/* Texts of the same words are one text, not two that are taken for one. */
static void drop_equal(made_prints *p)
{
    size_t n = 0;
    qsort(p->list, p->n, sizeof *p->list, by_hash);
    for (size_t i = 0; i < p->n; i++) {
        if (i == 0 || p->list[i].hash != p->list[n - 1].hash)
            p->list[n++] = p->list[i];
    }
    p->n = n;
    for (size_t i = 0; i < n; i++)
        p->list[i].number = (uint32_t)i;
}

static rf_status add_lines(made_prints *p, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    char *line = NULL;
    size_t cap = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        RF_FAIL(err, RF_E_IO, "%s cannot be read", path);
    while (p->n < p->cap && getline(&line, &cap, file) > 0) {
        if (strpbrk(line, letters) != NULL)
            RF_TRY(made_prints_add(p, line, err));
    }
done:
    free(line);
    if (file != NULL)
        fclose(file);
    return st;
}

static rf_status print_ordinary(const char *word, const char *what, rf_err *err)
{
    rf_status st = RF_OK;
    made_prints p = {0};
    size_t n = (size_t)atoll(what);
    char text[MADE_TEXT_BYTES];
    rf_rng rng;
    rf_rng_init(&rng, 1, 2);
    RF_TRY(made_prints_init(&p, word, n > 0 ? n : 2000000, err));
    double since = cpu_seconds();
    if (n == 0)
        RF_TRY(add_lines(&p, what, err));
    for (size_t i = 0; i < n; i++) {
        made_ordinary(text, &rng);
        RF_TRY(made_prints_add(&p, text, err));
    }
    double seconds = cpu_seconds() - since;
    drop_equal(&p);
    printf("%s: %zu ordinary texts (%s), %.1f s to read\n", word, p.n, what, seconds);
    for (size_t b = 0; b < N_BITS; b++) {
        since = cpu_seconds();
        bool whole = made_join(&p, all_bits[b]);
        seconds = cpu_seconds() - since;
        made_joined j = made_count(&p, 0, p.n);
        printf(
            "near %2d: %.1e of all pairs are joined, %.2f %% of the texts with any other, the largest entity "
            "is of %zu; %.2f s%s\n",
            all_bits[b], j.pairs, 100 * j.texts, j.largest, seconds, whole ? "" : ", not whole");
    }
done:
    made_prints_clear(&p);
    return st;
}

/* ---- hashes ---- */

typedef enum shape { RANDOM, ONE_BAND, TEMPLATES, PILES, CAMPAIGN, SPARSE, CHAIN, SHAPES } shape;
static const char *const shape_names[SHAPES] = {"random",
                                                "16 bits the same in all",
                                                "random in 28 bits of 1,000 templates",
                                                "3 bits from one of 1,000",
                                                "one in 20 is 3 bits from one",
                                                "one bit in eight set",
                                                "each a bit from the last"};

static uint64_t hash_of(shape kind, const rf_near_hash *before, size_t i, rf_rng *rng)
{
    uint64_t any = rf_rng_u64(rng), more = rf_rng_u64(rng);
    switch (kind) {
    case ONE_BAND:
        return any | UINT64_C(0xFFFF);
    case TEMPLATES:
        return i < 1000 ? any : before[more % 1000].hash ^ (any & UINT64_C(0x0F0F0F0F0F0F0F0));
    case PILES:
        return i < 1000 ? any
                        : before[more % 1000].hash ^ UINT64_C(1) << (any & 63) ^
                              UINT64_C(1) << (any >> 8 & 63) ^ UINT64_C(1) << (any >> 16 & 63);
    case CAMPAIGN:
        return i == 0 || more % 20 != 0
                   ? any
                   : before[0].hash ^ UINT64_C(1) << (any & 63) ^ UINT64_C(1) << (any >> 8 & 63) ^
                         UINT64_C(1) << (any >> 16 & 63);
    case SPARSE:
        return any & more & rf_rng_u64(rng);
    case CHAIN:
        return i == 0 ? any : before[i - 1].hash ^ UINT64_C(1) << (any & 63);
    default:
        return any;
    }
}

static rf_status print_hashes(size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    made_prints p = {0};
    RF_TRY(made_prints_init(&p, "minhash 64", n, err));
    p.n = n;
    printf("%zu hashes: seconds and entities\n", n);
    for (shape kind = 0; kind < SHAPES; kind++) {
        printf("%-40s", shape_names[kind]);
        for (size_t b = 0; b < N_BITS; b++) {
            rf_rng rng;
            rf_rng_init(&rng, 4, (uint64_t)kind);
            for (size_t i = 0; i < n; i++)
                p.list[i] = (rf_near_hash){.hash = hash_of(kind, p.list, i, &rng), .number = (uint32_t)i};
            double since = cpu_seconds();
            bool whole = made_join(&p, all_bits[b]);
            double seconds = cpu_seconds() - since;
            size_t entities = 0;
            for (size_t i = 0; i < n; i++)
                entities += p.into[i] == i;
            printf(" | near %d: %.2f s, %zu%s", all_bits[b], seconds, entities, whole ? "" : ", not whole");
            fflush(stdout);
        }
        printf("\n");
    }
done:
    made_prints_clear(&p);
    return st;
}

int main(int argc, char **argv)
{
    rf_err err = {0};
    rf_status st = RF_E_INVALID;
    if (argc == 3 && strcmp(argv[1], "copies") == 0)
        st = print_copies(argv[2], &err);
    else if (argc == 3 && strcmp(argv[1], "short") == 0)
        st = print_short(argv[2], &err);
    else if (argc == 4 && strcmp(argv[1], "ordinary") == 0)
        st = print_ordinary(argv[2], argv[3], &err);
    else if (argc == 3 && strcmp(argv[1], "hashes") == 0)
        st = print_hashes((size_t)atoll(argv[2]), &err);
    if (st != RF_OK)
        fprintf(stderr, "bench_near: %s\n", err.msg);
    return st != RF_OK;
}
