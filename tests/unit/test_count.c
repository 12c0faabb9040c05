/* test_count.c - numbers of things in messages: one of them is no "1 users". */
#include <string.h>

#include "rf_check.h"
#include "rf_count.h"

START_TEST(one_is_singular_and_any_other_number_plural)
{
    ck_assert_str_eq(RF_THINGS(1, "user"), "1 user");
    ck_assert_str_eq(RF_THINGS(0, "user"), "0 users");
    ck_assert_str_eq(RF_THINGS(2, "user"), "2 users");
    ck_assert_str_eq(RF_THINGS(1234567, "entity"), "1,234,567 entities");
    ck_assert_str_eq(RF_THINGS(-1, "day"), "-1 days");
    ck_assert_str_eq(RF_THINGS(1, "entity"), "1 entity");
    ck_assert_str_eq(RF_THINGS(INT64_MIN, "edge"), "-9,223,372,036,854,775,808 edges");
}
END_TEST

START_TEST(plurals_follow_the_end_of_the_last_word)
{
    static const char *const words[][2] = {{"epoch", "epochs"},
                                           {"hash", "hashes"},
                                           {"batch", "batches"},
                                           {"address", "addresses"},
                                           {"box", "boxes"},
                                           {"day", "days"},
                                           {"community", "communities"},
                                           {"y", "ys"},
                                           {"aborted transaction", "aborted transactions"},
                                           {"dead letter", "dead letters"},
                                           {"", "s"}};
    char out[64];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        ck_assert_str_eq(rf_plural(out, sizeof out, words[i][0]), words[i][1]);
}
END_TEST

START_TEST(long_words_are_cut)
{
    char word[400], out[8];
    memset(word, 'w', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    ck_assert_uint_lt(strlen(RF_THINGS(1, word)), RF_THINGS_TEXT);
    ck_assert_uint_lt(strlen(RF_THINGS(INT64_MAX, word)), RF_THINGS_TEXT);
    ck_assert_str_eq(rf_plural(out, sizeof out, "transaction"), "transac");
}
END_TEST

RF_SUITE("count", one_is_singular_and_any_other_number_plural, plurals_follow_the_end_of_the_last_word,
         long_words_are_cut)
