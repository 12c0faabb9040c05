/* test_id_spelling.c - one spelling for ids that mean the same. */
#include "id_spelling_int.h"
#include "rf_check.h"

static void check(const char *steps, const char *id, const char *expected)
{
    rf_err err = {0};
    char list[64], *words[RF_SPELL_STEPS], out[RF_SPELL_BYTES];
    rf_fields fields = {0};
    rf_spelling spelling = {0};
    snprintf(list, sizeof list, "%s", steps);
    for (char *word = strtok(list, " "); word != NULL; word = strtok(NULL, " "))
        words[fields.n_normalise++] = word;
    fields.normalise = (const char *const *)words;
    RF_CHECK_OK(err, rf_spelling_init(&spelling, &fields, RF_USER, &err));
    rf_span spelt = rf_spelling_apply(out, &spelling, (rf_span){id, strlen(id)});
    ck_assert_msg(spelt.len == strlen(expected) && memcmp(spelt.ptr, expected, spelt.len) == 0,
                  "%s of \"%s\" is \"%.*s\", not \"%s\"", steps, id, (int)spelt.len, spelt.ptr, expected);
    rf_spelling_clear(&spelling);
}

START_TEST(steps_follow_one_another)
{
    check("trim", "  Ann  Lee ", "Ann  Lee");
    check("squeeze", "  Ann  Lee ", "Ann Lee");
    check("lower", "ANN \xC3\x84", "ann \xC3\xA4");
    check("trim lower",
          " \xEF\xBB\xBF"
          "ANN",
          "ann");
    check("lower squeeze", " A  B ", "a b");
    check("digits", "+49 (30) 12", "493012");
    check("whole", "100.0", "100");
    check("trim lower whole", " 100.00 ", "100");
}
END_TEST

/* Who reads the id says that it is bad; until then it stays what it is. */
START_TEST(what_is_not_utf8_stays_as_it_is)
{
    check("lower", "ABCDEFGHIJKLMNOPQRSTUVWXYZ\xFFX", "ABCDEFGHIJKLMNOPQRSTUVWXYZ\xFFX");
    check("trim", "\xFFX", "\xFFX");
    check("digits lower", "", "");
}
END_TEST

RF_SUITE("id_spelling", steps_follow_one_another, what_is_not_utf8_stays_as_it_is)
