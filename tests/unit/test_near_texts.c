/* test_near_texts.c - texts by their fingerprints: variants of one are one entity, ordinary short ones are
 * not. RF_NEAR_TEXTS is the number of ordinary texts, 5,000 if it is not set; what is found is printed then.
 */
#include <math.h>
#include <stdlib.h>

#include "near_int.h"
#include "rf_check.h"
#include "rf_rng.h"
#include "rf_source.h"

#define TEXTS 5000
#define SPAM 500
#define SPAM_WORDS 120
#define VOCABULARY 5000
#define SPAM_BITS 8
#define LONGEST 2048

/* One of so many words, the first ones often, as in any language. */
static int put_word(char *out, rf_rng *rng)
{
    double drawn = rf_rng_uniform(rng);
    return snprintf(out, 16, "w%d ", (int)(pow(VOCABULARY, drawn)));
}

/* Six to thirty words. */
static void ordinary(char out[LONGEST], rf_rng *rng)
{
    int n = 6 + (int)rf_rng_below(rng, 25), len = 0;
    for (int i = 0; i < n; i++)
        len += put_word(out + len, rng);
}

/* The same text for all, with two words in others' places. */
static void spam(char out[LONGEST], rf_rng *rng)
{
    rf_rng base;
    int len = 0, other[2] = {(int)rf_rng_below(rng, SPAM_WORDS), (int)rf_rng_below(rng, SPAM_WORDS)};
    rf_rng_init(&base, 99, 0);
    for (int i = 0; i < SPAM_WORDS; i++) {
        int own = put_word(out + len, &base);
        len += i == other[0] || i == other[1] ? put_word(out + len, rng) : own;
    }
}

typedef struct fingerprints {
    rf_near_hash *list;
    uint32_t *into;
    size_t n;
} fingerprints;

static void add(fingerprints *to, rf_speller *speller, const char *text)
{
    rf_err err = {0};
    rf_span id = {.ptr = text, .len = strlen(text)};
    char hex[17] = "";
    RF_CHECK_OK(err, rf_speller_spell(speller, &id, &err));
    ck_assert_uint_eq(id.len, 16);
    memcpy(hex, id.ptr, 16);
    ck_assert(rf_near_parse(&to->list[to->n].hash, hex));
    to->list[to->n].number = (uint32_t)to->n;
    to->n++;
}

/* Ordinary texts first, spam behind them, joined within SPAM_BITS. */
static void join_texts(fingerprints *all, size_t n)
{
    static const char *const words[] = {"simhash 64"};
    const rf_fields fields = {.entity_normalise = {words, 1}};
    rf_err err = {0};
    rf_speller *speller = NULL;
    char text[LONGEST];
    bool whole;
    rf_rng rng;
    rf_rng_init(&rng, 1, 2);
    RF_CHECK_OK(err, rf_speller_new(&speller, &fields, RF_ENTITY, &err));
    for (size_t i = 0; i < n + SPAM; i++) {
        if (i < n)
            ordinary(text, &rng);
        else
            spam(text, &rng);
        add(all, speller, text);
    }
    rf_speller_free(speller);
    rf_near_join(all->into, all->n, &whole, all->list, all->n, SPAM_BITS);
    ck_assert(whole);
}

START_TEST(variants_of_a_text_are_one_and_ordinary_texts_are_not)
{
    const char *told = getenv("RF_NEAR_TEXTS");
    size_t n = told == NULL ? TEXTS : (size_t)atoll(told);
    fingerprints all = {.list = malloc((n + SPAM) * sizeof *all.list),
                        .into = malloc((n + SPAM) * sizeof *all.into)};
    uint32_t *sizes = calloc(n + SPAM, sizeof *sizes);
    double joined = 0, pairs = (double)n * (double)(n - 1) / 2;
    ck_assert(all.list != NULL && all.into != NULL && sizes != NULL);
    join_texts(&all, n);
    for (size_t i = 0; i < n; i++)
        joined += sizes[all.into[i]]++;
    if (told != NULL)
        printf("%zu ordinary texts: %.0f of %.0f pairs are joined\n", n, joined, pairs);
    ck_assert_double_le(joined * 10000, pairs);
    for (size_t i = n; i < all.n; i++)
        ck_assert_uint_eq(all.into[i], n);
    free(sizes);
    free(all.list);
    free(all.into);
}
END_TEST

RF_SUITE("near_texts", variants_of_a_text_are_one_and_ordinary_texts_are_not)
