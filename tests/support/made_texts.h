/* made_texts.h - texts that are made up: ordinary ones, copies of one, and the fingerprints of them.
 */
#ifndef MADE_TEXTS_H
#define MADE_TEXTS_H

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "near_int.h"
#include "rf_rng.h"
#include "rf_source.h"

#define MADE_TEXT_BYTES 4096
#define MADE_TEXT_WORDS 200

/* One of 5,000 words, the first ones often, as in any language. */
static inline int made_word(rf_rng *rng)
{
    return (int)pow(5000, rf_rng_uniform(rng));
}

static inline const char *made_choice(const char *const *of, size_t n, rf_rng *rng)
{
    return of[rf_rng_below(rng, (uint32_t)n)];
}
#define MADE_CHOICE(of, rng) made_choice(of, sizeof(of) / sizeof *(of), rng)

/* A clause as people have them in reviews, of words that all use. */
static inline int made_clause(char *out, rf_rng *rng)
{
    static const char *const things[] = {
        "the battery", "the screen",   "the strap",     "the seller",  "the delivery", "my order",
        "the zip",     "the fabric",   "the colour",    "the charger", "the sound",    "the handle",
        "the soup",    "our waiter",   "the room",      "the bed",     "the staff",    "the app",
        "the lid",     "the keyboard", "the packaging", "the price",   "the smell",    "the size"};
    static const char *const verbs[] = {"is",    "was",        "looks",    "feels",
                                        "seems", "turned out", "has been", "arrived"};
    static const char *const degrees[] = {"very",  "really", "not",    "a bit",  "so",
                                          "quite", "too",    "rather", "hardly", ""};
    static const char *const words[] = {"good",     "bad",    "late",   "cheap", "solid",  "broken",
                                        "friendly", "loud",   "small",  "heavy", "bright", "sticky",
                                        "quick",    "fresh",  "rough",  "dirty", "smart",  "slow",
                                        "pretty",   "clumsy", "honest", "warm",  "empty",  "useless"};
    return snprintf(out, 96, "%s %s %s %s, ", MADE_CHOICE(things, rng), MADE_CHOICE(verbs, rng),
                    MADE_CHOICE(degrees, rng), MADE_CHOICE(words, rng));
}

/* Of two to six clauses, or of six to forty words. */
static inline void made_ordinary(char out[MADE_TEXT_BYTES], rf_rng *rng)
{
    bool clauses = rf_rng_below(rng, 2) == 0;
    int n = clauses ? 2 + (int)rf_rng_below(rng, 5) : 6 + (int)rf_rng_below(rng, 35), len = 0;
    for (int i = 0; i < n; i++)
        len += clauses ? made_clause(out + len, rng) : snprintf(out + len, 16, "w%d ", made_word(rng));
}

/* With capitals and punctuation of its own. */
static inline void made_written(char out[MADE_TEXT_BYTES], const int *words, int n_words, rf_rng *rng)
{
    int len = 0;
    for (int i = 0; i < n_words; i++)
        len += snprintf(out + len, 16, "%c%d%s", rf_rng_below(rng, 9) == 0 ? 'W' : 'w', words[i],
                        rf_rng_below(rng, 9) == 0 ? ", " : " ");
}

/* The text number `base` of so many words, in some of which another word stands, or the word of another
 * place; its capitals and punctuation are its own. */
static inline void made_copy(char out[MADE_TEXT_BYTES], uint64_t base, int n_words, int changes, rf_rng *rng)
{
    int words[MADE_TEXT_WORDS];
    rf_rng of_base;
    rf_rng_init(&of_base, 99, base);
    for (int i = 0; i < n_words; i++)
        words[i] = made_word(&of_base);
    for (int i = 0; i < changes; i++) {
        int *a = &words[rf_rng_below(rng, (uint32_t)n_words)],
            *b = &words[rf_rng_below(rng, (uint32_t)n_words)];
        int other = rf_rng_below(rng, 2) == 0 ? *b : made_word(rng);
        *b = other == *b ? *a : *b;
        *a = other;
    }
    made_written(out, words, n_words, rng);
}

static inline bool made_is_among(int word, const int *words, int n)
{
    for (int i = 0; i < n; i++) {
        if (words[i] == word)
            return true;
    }
    return false;
}

/* The text number `base` of so many words, of which no two are the same, changed at so many places: another
 * word stands there, two words have each other's place, or there is a word more. */
static inline void made_edited(char out[MADE_TEXT_BYTES], uint64_t base, int n_words, int changes,
                               rf_rng *rng)
{
    int words[MADE_TEXT_WORDS];
    rf_rng of_base;
    rf_rng_init(&of_base, 98, base);
    for (int i = 0; i < n_words; i += !made_is_among(words[i], words, i))
        words[i] = made_word(&of_base);
    for (int i = 0; i < changes; i++) {
        uint32_t how = rf_rng_below(rng, 3), a = rf_rng_below(rng, (uint32_t)n_words),
                 b = rf_rng_below(rng, (uint32_t)n_words);
        int moving = words[a];
        if (how == 0) {
            words[a] = words[b];
            words[b] = moving;
            continue;
        }
        if (how == 1)
            memmove(words + a + 1, words + a, (size_t)(n_words++ - (int)a) * sizeof *words);
        words[a] = made_word(rng);
    }
    made_written(out, words, n_words, rng);
}

/* ---- fingerprints ---- */

typedef struct made_prints {
    rf_near_hash *list; /* [cap] */
    uint32_t *into;     /* [cap]; set by made_join */
    uint32_t *sizes;    /* [cap]: of the joined ones whose number it is */
    size_t n, cap;
    rf_speller *speller;
    const char *word;
} made_prints;

/* word: "minhash 64" */
static inline rf_status made_prints_init(made_prints *p, const char *word, size_t cap, rf_err *err)
{
    *p = (made_prints){.list = malloc(cap * sizeof *p->list),
                       .into = malloc(cap * sizeof *p->into),
                       .sizes = malloc(cap * sizeof *p->sizes),
                       .cap = cap,
                       .word = word};
    const rf_fields fields = {.entity_normalise = {&p->word, 1}};
    return rf_speller_new(&p->speller, &fields, RF_ENTITY, err);
}

static inline void made_prints_clear(made_prints *p)
{
    rf_speller_free(p->speller);
    free(p->list);
    free(p->into);
    free(p->sizes);
}

static inline rf_status made_prints_add(made_prints *p, const char *text, rf_err *err)
{
    rf_status st = RF_OK;
    rf_span id = {.ptr = text, .len = strlen(text)};
    char hex[17] = "";
    RF_TRY(rf_speller_spell(p->speller, &id, err));
    memcpy(hex, id.ptr, 16);
    if (!rf_near_parse(&p->list[p->n].hash, hex))
        RF_FAIL(err, RF_E_INTERNAL, "%s is no hash", hex);
    p->list[p->n].number = (uint32_t)p->n;
    p->n++;
done:
    return st;
}

typedef struct made_joined {
    double pairs;   /* that are joined, of all pairs */
    double texts;   /* that are joined with any other, of all */
    size_t largest; /* how many are one */
    bool whole;
} made_joined;

/* Of the prints from..to-1; all are joined as they are. */
static inline made_joined made_count(made_prints *p, size_t from, size_t to)
{
    double n = (double)(to - from), pairs = 0, texts = 0;
    made_joined j = {.whole = true};
    memset(p->sizes, 0, p->n * sizeof *p->sizes);
    for (size_t i = from; i < to; i++)
        pairs += p->sizes[p->into[i]]++;
    for (size_t i = from; i < to; i++) {
        texts += p->sizes[p->into[i]] > 1;
        j.largest = p->sizes[p->into[i]] > j.largest ? p->sizes[p->into[i]] : j.largest;
    }
    j.pairs = pairs / (n * (n - 1) / 2);
    j.texts = texts / n;
    return j;
}

/* rf_near_join leaves the list in another order; numbers stay. */
static inline bool made_join(made_prints *p, int bits)
{
    bool whole;
    rf_near_join(p->into, p->n, &whole, p->list, p->n, bits);
    return whole;
}

#endif
