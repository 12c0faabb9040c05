/* test_id_spelling.c - one spelling for ids that mean the same. */
#include "id_spelling_int.h"
#include "rf_check.h"
#include "rf_rng.h"
#include "rf_text.h"

typedef struct steps_of {
    rf_spelling spelling;
    char words[256], out[RF_SPELL_BYTES];
    const char *list[RF_SPELL_STEPS + 1];
    rf_spell_refusal refusal;
} steps_of;

/* steps: with ; between them */
static rf_status begin(steps_of *s, const char *steps, rf_err *err)
{
    rf_fields fields = {0};
    *s = (steps_of){.refusal = {0}};
    snprintf(s->words, sizeof s->words, "%s", steps);
    for (char *word = strtok(s->words, ";"); word != NULL; word = strtok(NULL, ";"))
        s->list[fields.n_normalise++] = word;
    fields.normalise = s->list;
    return rf_spelling_init(&s->spelling, &fields, RF_USER, err);
}

static rf_span spell(steps_of *s, const char *id)
{
    rf_span span = {id, strlen(id)};
    rf_status st = rf_spelling_apply(&span, s->out, &s->spelling, &s->refusal, NULL);
    return st == RF_OK ? span : (rf_span){NULL, 0};
}

static void check(const char *steps, const char *id, const char *expected)
{
    rf_err err = {0};
    steps_of s;
    RF_CHECK_OK(err, begin(&s, steps, &err));
    rf_span spelt = spell(&s, id);
    ck_assert_msg(spelt.ptr != NULL, "%s refuses \"%s\": it %s", steps, id, s.refusal.why);
    ck_assert_msg(spelt.len == strlen(expected) && memcmp(spelt.ptr, expected, spelt.len) == 0,
                  "%s of \"%s\" is \"%.*s\", not \"%s\"", steps, id, (int)spelt.len, spelt.ptr, expected);
    rf_spelling_clear(&s.spelling);
}

static void refused(const char *steps, const char *id, const char *why)
{
    rf_err err = {0};
    steps_of s;
    RF_CHECK_OK(err, begin(&s, steps, &err));
    rf_span spelt = spell(&s, id);
    ck_assert_msg(spelt.ptr == NULL, "%s of \"%s\" is \"%.*s\"", steps, id, (int)spelt.len, spelt.ptr);
    ck_assert_str_eq(s.refusal.why, why);
    rf_spelling_clear(&s.spelling);
}

static void wrong(const char *steps, const char *says)
{
    rf_err err = {0};
    steps_of s;
    ck_assert_int_eq(begin(&s, steps, &err), RF_E_INVALID);
    ck_assert_msg(strstr(err.msg, says) != NULL, "\"%s\" does not say \"%s\"", err.msg, says);
    rf_spelling_clear(&s.spelling);
}

START_TEST(steps_follow_one_another)
{
    check("trim", "  Ann  Lee ", "Ann  Lee");
    check("squeeze", "  Ann  Lee ", "Ann Lee");
    check("lower", "ANN \xC3\x84", "ann \xC3\xA4");
    check("trim;lower",
          " \xEF\xBB\xBF"
          "ANN",
          "ann");
    check("lower;squeeze", " A  B ", "a b");
    check("digits", "+49 (30) 12", "493012");
    check("whole", "100.0", "100");
    check("trim;lower;whole", " 100.00 ", "100");
    check("email_canonical;email_domain", "A.B+c@GoogleMail.com", "gmail.com");
}
END_TEST

/* Who reads the id says that it is bad; until then it stays what it is. */
START_TEST(what_is_not_utf8_stays_as_it_is)
{
    check("lower", "ABCDEFGHIJKLMNOPQRSTUVWXYZ\xFFX", "ABCDEFGHIJKLMNOPQRSTUVWXYZ\xFFX");
    check("trim", "\xFFX", "\xFFX");
    check("digits;lower", "", "");
}
END_TEST

START_TEST(words_have_what_belongs_to_them)
{
    wrong("loud", "fields.normalise: \"loud\" is unknown; there are trim, lower, squeeze, digits, whole");
    wrong("trim 3", "\"trim 3\" is wrong; behind trim belongs nothing");
    wrong("ip_prefix", "behind ip_prefix belongs the bits of IPv4 and IPv6 that are kept, such as 24/56");
    wrong("ip_prefix 24", "is wrong");
    wrong("ip_prefix 33/56", "is wrong");
    wrong("ip_prefix 24/129", "is wrong");
    wrong("ip_prefix -1/56", "is wrong");
    wrong("ip_prefix 24/56/1", "is wrong");
    wrong("phone 0049", "behind phone belongs the country of numbers without one, such as 49");
    wrong("phone de", "is wrong");
    wrong("phone 4949", "is wrong");
    wrong("trim;trim;trim;trim;trim;trim;trim;trim;lower", "\"lower\" is one too many; there may be 8");
}
END_TEST

START_TEST(an_email_is_its_mailbox)
{
    static const char *const same[] = {"ann.lee@gmail.com", " Ann.Lee+shop@gmail.com ",
                                       "annlee@GoogleMail.com", "a.n.n.l.e.e@Gmail.com",
                                       "annlee+a+b@gmail.com."};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        check("email_canonical", same[i], "annlee@gmail.com");
    check("email_canonical", "Ann.Lee+x@hotmail.co.uk", "ann.lee@hotmail.co.uk");
    check("email_canonical", "ann.lee+x@me.com", "ann.lee@icloud.com");
    check("email_canonical", "Ann_Le-e+x@proton.me", "annlee@proton.me");
    check("email_canonical", "ann.lee+x@fastmail.fm", "ann.lee@fastmail.fm");
    check("email_canonical", "Ann.Lee+x@Example.ORG", "Ann.Lee+x@example.org");
    check("email_canonical", "ann@M\xC3\x9CNCHEN.de", "ann@m\xC3\xBCnchen.de");
    check("email_canonical", "+tag@gmail.com", "+tag@gmail.com");
    check("email_canonical", "...@gmail.com", "...@gmail.com");
    check("email_canonical", "ann@notgmail.com", "ann@notgmail.com");
    check("email_canonical", "\"a b@c\"@x.org", "\"a b@c\"@x.org");
    check("email_domain", "Ann@Example.ORG", "example.org");
    check("email_domain", "ann@GoogleMail.com", "googlemail.com");
}
END_TEST

START_TEST(what_is_no_email_is_refused)
{
    refused("email_domain", "ann", "has no @");
    refused("email_canonical", "gmail.com", "has no @");
    refused("email_canonical", "@gmail.com", "has nothing before its @");
    refused("email_canonical", "ann@", "has no domain behind its @");
    refused("email_canonical", "ann@.", "has no domain behind its @");
    refused("email_canonical", "ann@a..b", "has no domain behind its @");
    refused("email_canonical", "ann@a b", "has no domain behind its @");
    refused("email_canonical", "Ann <ann@x.org>", "has no domain behind its @");
    refused("email_canonical", "ann@x.org, bob@x.org", "has more than one @");
    refused("email_canonical", "Ann Lee ann@x.org", "has a space before its @");
    refused("email_canonical", "a@b@x.org", "has more than one @");
}
END_TEST

START_TEST(a_phone_number_has_its_country)
{
    static const char *const german[] = {
        "+49 (0)170 123-4567", "0049 170 1234567",           "+49170/1234567",
        "0170 1234567",        "tel:+49-170-1234567",        "0049 (0) 170 1234567",
        "49 (0)170 1234567",   "+49.170.1234567;ext=5",      "49170 1234567",
        "0170 1234567 x12",    "\xEF\xBC\x8B 49 170 1234567"};
    for (size_t i = 0; i < sizeof german / sizeof *german; i++)
        check("phone 49", german[i], "491701234567");
    check("phone 1", "(212) 555-0123", "12125550123");
    check("phone 1", "1-212-555-0123", "12125550123");
    check("phone 1", "011 49 170 1234567", "491701234567");
    check("phone 7", "8 (912) 345-67-89", "79123456789");
    check("phone 7", "+7 912 345 67 89", "79123456789");
    check("phone 39", "06 1234567", "39061234567");
    check("phone 39", "393 1234567", "393931234567");
    check("phone 36", "06 1 234 5678", "3612345678");
    check("phone +49", "0170 1", "491701");
    check("phone 49", "+33 6 12 34 56 78", "33612345678");
    check("phone 49", "\xD9\xA0\xD9\xA1\xD9\xA7\xD9\xA0 1", "491701");
}
END_TEST

START_TEST(without_a_told_country_only_written_ones_count)
{
    check("phone", "+49 (0)170 12", "4917012");
    check("phone", "0049 170 12", "4917012");
    check("phone", "0170 12", "017012");
    check("phone", "170-12", "17012");
}
END_TEST

START_TEST(what_is_no_phone_number_is_refused)
{
    refused("phone 49", "none", "is no phone number");
    refused("phone 49", "--", "has no digit");
    refused("phone 49", ":", "has no digit");
    refused("phone 49", "tel:", "has no digit");
    refused("phone 49", "+", "has no digit");
    refused("phone 49", "+0170 12", "has no country");
    refused("phone 49", "00", "has no country");
    refused("phone 1", "1-800-FLOWERS", "is no phone number");
    refused("phone 49", "0170+12", "is no phone number");
    refused("phone 49", "0170 1234567, 0171 1234567", "is no phone number");
    refused("phone 49", "+1234567890123456", "has more than 15 digits");
    refused("phone 49", "11111111111111111111111111111111111111", "has more than 15 digits");
}
END_TEST

START_TEST(an_address_is_the_network_that_it_is_in)
{
    check("ip_prefix 24/56", "192.0.2.77", "192.0.2.0/24");
    check("ip_prefix 24/56", " 192.0.2.77:8080 ", "192.0.2.0/24");
    check("ip_prefix 24/56", "[192.0.2.77]:80", "192.0.2.0/24");
    check("ip_prefix 24/56", "::ffff:192.0.2.77", "192.0.2.0/24");
    check("ip_prefix 24/56", "[::FFFF:C000:024D]:80", "192.0.2.0/24");
    check("ip_prefix 24/56", "2001:DB8:0:12ff:0:0:0:1", "2001:db8:0:1200::/56");
    check("ip_prefix 24/56", "[2001:db8::1]:443", "2001:db8::/56");
    check("ip_prefix 24/56", "fe80::1%eth0", "fe80::/56");
    check("ip_prefix 24/56", "192.0.2.128/25", "192.0.2.0/24");
    check("ip_prefix 19/61", "203.0.127.1", "203.0.96.0/19");
    check("ip_prefix 19/61", "2001:db8:0:f::1", "2001:db8:0:8::/61");
    check("ip_prefix 32/128", "192.0.2.77", "192.0.2.77/32");
    check("ip_prefix 0/0", "2001:db8::1", "::/0");
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
    static const char *const bad[] = {
        " ",     "home",       "192.0.2",         "192.0.2.256", "192.0.02.1",   "1.2.3.4, 5.6.7.8",
        "[::1",  "[::1]x",     "[::1]:99999",     "1.2.3.4:",    "1.2.3.4:http", ":::",
        "::1::", "1.2.3.4/33", "1.2.3.4/",        "::1/129",     "1.2.3.4%eth0", "[]",
        "%",     "/24",        "::ffff:1.2.3.4:5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused("ip_prefix 24/56", bad[i], "is no IP address");
    refused("ip_prefix 24/56", "10.0.0.0/8", "is a wider network");
    refused("ip_prefix 24/56", "2001:db8::/32", "is a wider network");
}
END_TEST

START_TEST(letters_lose_their_marks)
{
    check("ascii", "Zo\xC3\xAB M\xC3\xBCller", "Zoe Muller");
    check("ascii", "Zoe\xCC\x88", "Zoe");              /* the mark is a character of its own */
    check("ascii", "\xEF\xBC\xA1\xEF\xBC\x91", "A1");  /* full width */
    check("ascii", "\xEF\xAC\x81\xE2\x82\x82", "fi2"); /* a ligature, a lowered digit */
    check("ascii",
          "Stra\xC3\x9F"
          "e",
          "Stra\xC3\x9F"
          "e");                             /* no mark, but a letter */
    check("ascii", "\xD0\x99", "\xD0\x98"); /* of every script */
    check("ascii;lower;digits",
          "\xEF\xBC\x91"
          "A2",
          "12");
    check("ascii", "plain", "plain");
    check("ascii", "\xCC\x88", "");
    check("ascii", "\xC3\xA4\xFF", "\xC3\xA4\xFF"); /* no UTF-8 */
}
END_TEST

static uint64_t print_of(const char *word, const char *text)
{
    rf_err err = {0};
    steps_of s;
    char hex[17] = "";
    RF_CHECK_OK(err, begin(&s, word, &err));
    rf_span spelt = spell(&s, text);
    ck_assert_msg(spelt.ptr != NULL && spelt.len == 16, "\"%s\" has no fingerprint", text);
    memcpy(hex, spelt.ptr, 16);
    rf_spelling_clear(&s.spelling);
    return strtoull(hex, NULL, 16);
}

static int distance(const char *word, const char *a, const char *b)
{
    uint64_t differs = print_of(word, a) ^ print_of(word, b);
    int n = 0;
    for (; differs != 0; differs &= differs - 1)
        n++;
    return n;
}

#define REVIEW                                                                                               \
    "This is the best phone I have ever owned. The battery lasts for two whole days, the camera is sharp "   \
    "even at night, and the seller shipped it within a day. I would buy it again from this shop, and I "     \
    "told all of my friends to have a look at it before the offer ends. "

static void check_fingerprint(const char *word, int bits_of_two_more)
{
    ck_assert_int_eq(distance(word, REVIEW, REVIEW), 0);
    ck_assert_int_eq(distance(word, "Best PHONE, ever!!", "best  phone - ever"), 0);
    ck_assert_int_eq(distance(word,
                              "\xC3\x89"
                              "COLE fran\xC3\xA7"
                              "aise ici",
                              "\xC3\xA9"
                              "cole FRAN\xC3\x87"
                              "AISE ici"),
                     0);
    ck_assert_int_eq(distance(word,
                              "fr\xE2\x80\x8B"
                              "ee money now",
                              "free money now"),
                     0);
    ck_assert_int_le(distance(word, REVIEW "Really great!", REVIEW), bits_of_two_more);
    ck_assert_int_ge(
        distance(word, REVIEW, "A short and angry text about a parcel that never came to my house"), 16);
    ck_assert_int_gt(distance(word, "one two three", "three two one"), 0);
}

START_TEST(nearly_the_same_text_has_nearly_the_same_fingerprint)
{
    check_fingerprint("simhash 64", 12);
    check_fingerprint("minhash 64", 4);
}
END_TEST

/* Of ten words one is another: near in their words, and their order says nothing. */
START_TEST(short_texts_of_the_same_words_have_near_wordhashes)
{
    static const char first[] = "huge discount on luxury watches visit our shop today friends";
    ck_assert_int_eq(
        distance("wordhash 64", first, "visit our shop today friends: luxury watches on huge discount"), 0);
    ck_assert_int_eq(distance("wordhash 64", "buy buy buy", "Buy!"), 0);
    int sum = 0, pairs = 0;
    static const char *const others[] = {"mates", "folks", "people", "everybody", "now", "please"};
    char text[128];
    for (int i = 0; i < 6; i++) {
        snprintf(text, sizeof text, "huge discount on luxury watches visit our shop today %s", others[i]);
        sum += distance("wordhash 64", first, text);
        pairs += distance("minhash 64", first, text);
    }
    ck_assert_int_le(sum, 6 * 9);
    ck_assert_int_gt(pairs, 6 * 9);
}
END_TEST

/* Four words, one of them another, are no copy. */
START_TEST(very_short_texts_have_far_wordhashes)
{
    int sum = 0;
    static const char *const ends[] = {"great", "broken", "fine", "late", "cheap", "gone", "heavy", "loud"};
    char a[64], b[64];
    for (int i = 0; i < 8; i++) {
        snprintf(a, sizeof a, "the parcel was %s", ends[i]);
        snprintf(b, sizeof b, "the parcel was %s", ends[(i + 1) % 8]);
        sum += distance("wordhash 64", a, b);
    }
    ck_assert_int_ge(sum, 8 * 14);
}
END_TEST

/* Seven words, one of them another, are no copy. */
START_TEST(short_texts_have_far_minhashes)
{
    int sum = 0;
    static const char *const ends[] = {"great", "broken", "fine", "late", "cheap", "gone", "heavy", "loud"};
    char a[64], b[64];
    for (int i = 0; i < 8; i++) {
        snprintf(a, sizeof a, "the parcel that i got was %s", ends[i]);
        snprintf(b, sizeof b, "the parcel that i got was %s", ends[(i + 1) % 8]);
        sum += distance("minhash 64", a, b);
    }
    ck_assert_int_ge(sum, 8 * 12);
    ck_assert_int_eq(distance("minhash 64", "buy buy buy buy", "buy, buy, buy"), 0);
}
END_TEST

static void check_odd_texts(const char *word)
{
    char long_word[3001];
    ck_assert_int_ne(print_of(word, "hello") == print_of(word, "hullo"), true);
    ck_assert_int_eq(distance(word, "hello", "HELLO!"), 0);
    ck_assert_int_gt(distance(word, "hello you", "hello"), 0);
    ck_assert_int_gt(distance(word, "\xE5\xA5\xBD\xE8\xAF\x84", "\xE8\xAF\x84\xE5\xA5\xBD"),
                     0); /* two words */
    memset(long_word, 'a', 3000);
    long_word[3000] = '\0';
    uint64_t whole = print_of(word, long_word);
    long_word[2999] = 'b';
    ck_assert(print_of(word, long_word) != whole);
    refused(word, " ... !", "has no word");
}

START_TEST(short_and_odd_texts_have_a_fingerprint)
{
    check_odd_texts("simhash 64");
    check_odd_texts("minhash 64");
    ck_assert_int_gt(distance("wordhash 64", "hello you", "hello"), 0);
    refused("wordhash 64", " ... !", "has no word");
    wrong("wordhash 128", "behind wordhash belongs 64");
    check("lower;wordhash 64", "A", "641d051c64fd615e");
    check("lower;simhash 64", "A", "bf27172d64403923");
    check("lower;minhash 64", "A", "40cc679cb4e5385d");
    check("minhash", "Not so good, not so bad", "669aa9c19442f98f");
    wrong("simhash 32", "behind simhash belongs 64");
    wrong("minhash 128", "behind minhash belongs 64");
}
END_TEST

/* printf 'user\0ann@gmail.com' | openssl dgst -sha256 -hmac "a key of a test, long enough" */
START_TEST(a_hash_is_of_the_side_and_what_came_before)
{
    ck_assert_int_eq(setenv("RF_TEST_KEY", "a key of a test, long enough", 1), 0);
    check("email_canonical;sha256 ${env:RF_TEST_KEY}", "A.nn+x@GoogleMail.com",
          "caeda8454a0779be480141e6ed632feb3705cc88a68d8d3878a6c6e1b0b85578");
    refused("email_canonical;sha256 ${env:RF_TEST_KEY}", "ann", "has no @");
    check("sha256 ${env:RF_TEST_KEY}", "", "");
    wrong("sha256 ${env:RF_NO_TEST_KEY}", "RF_NO_TEST_KEY of ${env:RF_NO_TEST_KEY} is not set");
    ck_assert_int_eq(setenv("RF_TEST_KEY", "short", 1), 0);
    wrong("sha256 ${env:RF_TEST_KEY}", "${env:RF_TEST_KEY}: a key has 16 to 1024 bytes");
    wrong("sha256 ${env:}", "behind sha256 belongs where its key is, as ${env:NAME} or ${file:PATH}");
    wrong("sha256 ${file:a}${file:b}", "\"sha256\" is wrong");
    wrong("sha256 secret", "\"sha256\" is wrong");
    wrong("sha255 secret", "\"sha255\" is unknown");
}
END_TEST

/* What is asked without reading: of each side's own words. */
START_TEST(what_is_told_of_a_side_is_its_own)
{
    rf_err err = {0};
    rf_text text = {0};
    rf_speller *speller = NULL;
    static const char *const both[] = {"trim", "lower"}, *const own[] = {"sha256 ${env:RF_TEST_KEY}"};
    rf_source_options options = {.fields = {.normalise = both, .n_normalise = 2}};
    rf_fields *fields = &options.fields;
    ck_assert_int_eq(setenv("RF_TEST_KEY", "a key of a test, long enough", 1), 0);
    ck_assert(!rf_source_hides_ids(&options));
    RF_CHECK_OK(err, rf_fields_spelling_text(&text, fields, RF_USER, &err));
    ck_assert_str_eq(text.ptr, "trim, lower");
    rf_text_reset(&text);
    fields->entity_normalise = (rf_spelling_words){own, 1};
    ck_assert(rf_source_hides_ids(&options) && !rf_fields_hide_ids(fields, RF_USER) &&
              rf_fields_hide_ids(fields, RF_ENTITY));
    RF_CHECK_OK(err, rf_fields_spelling_text(&text, fields, RF_ENTITY, &err));
    ck_assert_str_eq(text.ptr, "sha256 125802d90fc03694");
    rf_span id = {" Ann ", 5}, none = {" ", 1};
    RF_CHECK_OK(err, rf_speller_new(&speller, fields, RF_USER, &err));
    RF_CHECK_OK(err, rf_speller_spell(speller, &id, &err));
    ck_assert(id.len == 3 && memcmp(id.ptr, "ann", 3) == 0);
    ck_assert_int_eq(rf_speller_spell(speller, &none, &err), RF_SKIPPED);
    rf_speller_free(speller);
    rf_text_clear(&text);
}
END_TEST

START_TEST(failing_memory_is_told)
{
    static const char *const words[] = {"lower", "sha256 ${env:RF_TEST_KEY}"};
    const rf_fields fields = {.normalise = words, .n_normalise = 2};
    rf_text text = {0};
    rf_err err = {0};
    rf_speller *speller = NULL;
    ck_assert_int_eq(setenv("RF_TEST_KEY", "a key of a test, long enough", 1), 0);
    RF_CHECK_OK(err, rf_text_printf(&text, &err, "%300s", "")); /* what is added has room */
    RF_SWEEP(rf_speller_new(&speller, &fields, RF_USER, sweep_err), rf_speller_free(speller));
    RF_SWEEP(rf_fields_spelling_text(&text, &fields, RF_USER, sweep_err), rf_text_reset(&text));
    rf_text_clear(&text);
}
END_TEST

/* Texts as hostile as they may come: pieces that mean something to one of the words. */
static size_t make_text(char *out, rf_rng *rng)
{
    static const char *const pieces[] = {"a",
                                         "Z",
                                         ".",
                                         "+",
                                         "@",
                                         "gmail.com",
                                         "proton.me",
                                         "0",
                                         "49",
                                         "(0)",
                                         " ",
                                         "[",
                                         "]",
                                         ":",
                                         "::",
                                         "ffff:",
                                         "/",
                                         "1.2.3.4",
                                         "%",
                                         "\xC2\xA0",
                                         "\xE2\x80\x8B",
                                         "\xEF\xB7\xBA",
                                         "\xC4\xB0",
                                         "\xE1\xBA\x9E",
                                         "\xCC\x81",
                                         "\xF0\x9F\x98\x80",
                                         "\xFF",
                                         "\xC3",
                                         "x.org",
                                         "\"",
                                         "100.0"};
    int n = (int)rf_rng_below(rng, 12);
    out[0] = '\0';
    for (int i = 0; i < n; i++)
        strcat(out, pieces[rf_rng_below(rng, sizeof pieces / sizeof *pieces)]);
    return strlen(out);
}

/* What is spelt once stays when it is spelt again, and is UTF-8 if the id was. */
START_TEST(a_spelling_is_its_own_spelling)
{
    static const char *const all[] = {"trim",  "lower",           "squeeze",         "digits",
                                      "whole", "email_canonical", "ip_prefix 24/56", "phone",
                                      "ascii"};
    rf_err err = {0};
    rf_rng rng = {0};
    rf_rng_init(&rng, 7, 0);
    for (size_t w = 0; w < sizeof all / sizeof *all; w++) {
        steps_of s, again;
        int taken = 0;
        RF_CHECK_OK(err, begin(&s, all[w], &err));
        RF_CHECK_OK(err, begin(&again, all[w], &err));
        for (int i = 0; i < 20000; i++) {
            char id[256], once[256];
            size_t len = make_text(id, &rng);
            rf_span first = spell(&s, id);
            if (first.ptr == NULL || first.len == 0)
                continue;
            taken++;
            RF_HOLDS(first.len < sizeof once &&
                     (!rf_utf8_valid(id, len) || rf_utf8_valid(first.ptr, first.len)));
            snprintf(once, sizeof once, "%.*s", (int)first.len, first.ptr);
            rf_span second = spell(&again, once);
            RF_HOLDS(second.ptr != NULL && second.len == strlen(once) &&
                     memcmp(second.ptr, once, second.len) == 0);
        }
        ck_assert_msg(taken > 50, "%s took %d only", all[w], taken);
        rf_spelling_clear(&s.spelling);
        rf_spelling_clear(&again.spelling);
    }
}
END_TEST

RF_SUITE("id_spelling", steps_follow_one_another, what_is_not_utf8_stays_as_it_is,
         words_have_what_belongs_to_them, an_email_is_its_mailbox, what_is_no_email_is_refused,
         a_phone_number_has_its_country, without_a_told_country_only_written_ones_count,
         what_is_no_phone_number_is_refused, an_address_is_the_network_that_it_is_in,
         what_is_no_address_is_refused, letters_lose_their_marks,
         nearly_the_same_text_has_nearly_the_same_fingerprint, short_texts_have_far_minhashes,
         short_texts_of_the_same_words_have_near_wordhashes, very_short_texts_have_far_wordhashes,
         short_and_odd_texts_have_a_fingerprint, a_hash_is_of_the_side_and_what_came_before,
         what_is_told_of_a_side_is_its_own, failing_memory_is_told, a_spelling_is_its_own_spelling)
