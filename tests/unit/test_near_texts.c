/* test_near_texts.c - texts by their fingerprints: copies of one are one entity, ordinary short ones are not.
 * RF_NEAR_TEXTS is the number of ordinary texts, 5,000 if it is not set. scripts/bench-near.sh prints
 * figures.
 */
#include "made_texts.h"
#include "rf_check.h"

#define COPIES 500
#define BITS 8
#define BITS_OF_SHORT 6

static const struct {
    int words, changes; /* of so many words up to so many others */
} copied[] = {{30, 1}, {60, 2}, {120, 4}};
#define KINDS (sizeof copied / sizeof *copied)

static size_t n_ordinary(void)
{
    const char *told = getenv("RF_NEAR_TEXTS");
    return told == NULL ? 5000 : (size_t)strtoull(told, NULL, 10);
}

START_TEST(copies_of_a_text_are_one_and_ordinary_texts_are_not)
{
    rf_err err = {0};
    const size_t n = n_ordinary();
    made_prints prints;
    rf_rng rng;
    char text[MADE_TEXT_BYTES];
    rf_rng_init(&rng, 1, 2);
    RF_CHECK_OK(err, made_prints_init(&prints, "minhash 64", n + KINDS * COPIES, &err));
    for (size_t i = 0; i < n; i++) {
        made_ordinary(text, &rng);
        RF_CHECK_OK(err, made_prints_add(&prints, text, &err));
    }
    for (size_t i = 0; i < KINDS * COPIES; i++) {
        int changes = 1 + (int)rf_rng_below(&rng, (uint32_t)copied[i / COPIES].changes);
        made_copy(text, i / COPIES, copied[i / COPIES].words, changes, &rng);
        RF_CHECK_OK(err, made_prints_add(&prints, text, &err));
    }
    ck_assert(made_join(&prints, BITS));
    ck_assert_double_le(made_count(&prints, 0, n).pairs, 1e-4);
    ck_assert_double_le(made_count(&prints, 0, n).texts, 0.02);
    for (size_t i = n; i < prints.n; i++)
        ck_assert_msg(prints.into[i] == n + (i - n) / COPIES * COPIES, "copy %zu of %d words",
                      (i - n) % COPIES, copied[(i - n) / COPIES].words);
    made_prints_clear(&prints);
}
END_TEST

#define EDITED 4
static const struct {
    int words, changes;
    double least; /* share of the copies that is one entity */
} edited[EDITED] = {{8, 3, 0.8}, {10, 3, 0.85}, {12, 3, 0.9}, {20, 3, 0.97}};

/* Of eight words up to three are other ones, at each other's place, or there are some more. */
START_TEST(copies_of_short_texts_are_nearly_all_one)
{
    rf_err err = {0};
    const size_t n = n_ordinary();
    made_prints prints;
    rf_rng rng;
    char text[MADE_TEXT_BYTES];
    rf_rng_init(&rng, 2, 2);
    RF_CHECK_OK(err, made_prints_init(&prints, "wordhash 64", n + EDITED * COPIES, &err));
    for (size_t i = 0; i < n; i++) {
        made_ordinary(text, &rng);
        RF_CHECK_OK(err, made_prints_add(&prints, text, &err));
    }
    for (size_t i = 0; i < EDITED * COPIES; i++) {
        int changes = 1 + (int)rf_rng_below(&rng, (uint32_t)edited[i / COPIES].changes);
        made_edited(text, i / COPIES, edited[i / COPIES].words, changes, &rng);
        RF_CHECK_OK(err, made_prints_add(&prints, text, &err));
    }
    ck_assert(made_join(&prints, BITS_OF_SHORT));
    ck_assert_double_le(made_count(&prints, 0, n).pairs, 1e-4);
    ck_assert_double_le(made_count(&prints, 0, n).texts, 0.07);
    for (size_t i = 0; i < EDITED; i++) {
        double share =
            (double)made_count(&prints, n + i * COPIES, n + (i + 1) * COPIES).largest / (double)COPIES;
        ck_assert_msg(share >= edited[i].least, "%g of the copies of %d words", share, edited[i].words);
    }
    ck_assert_int_le(made_count(&prints, 0, prints.n).largest, COPIES);
    made_prints_clear(&prints);
}
END_TEST

RF_SUITE("near_texts", copies_of_short_texts_are_nearly_all_one,
         copies_of_a_text_are_one_and_ordinary_texts_are_not)
