/* test_json_scan.c - valid and invalid JSON, by RFC 8259 and by another parser. */
#include <dirent.h>

#include "json_judge.h"
#include "rf_check.h"
#include "rf_json_scan.h"
#include "rf_rng.h"
#include "rf_text.h"

/* The text is in a block of its own size, so that sanitizers see a read past its end. */
static bool reads(const char *text, size_t len)
{
    char *block = malloc(len + !len);
    memcpy(block, text, len);
    bool fine = rf_json_valid((rf_span){block, len});
    free(block);
    return fine;
}

START_TEST(what_the_grammar_allows_is_read)
{
    static const char *const documents[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "10",
        "-12.50",
        "0.0e0",
        "1E+2",
        "1e-999",
        "\"\"",
        "123456789012345678901234567890",
        "{}",
        "[]",
        "[[]]",
        "[{}]",
        "{\"\":{}}",
        "[1,\"2\",null,[3],{\"4\":5}]",
        " \t\r\n[ 1 , 2 ]\n",
        "{ \"a\" : 1 , \"b\" : [ ] }",
        "{\"a\":1,\"a\":2}",
        "\"\\\" \\\\ \\/ \\b \\f \\n \\r \\t\"",
        "\"\\u0000\\u00e9\\u20AC\\uD83D\\uDE00\"",
        "\"\x7F\"",
        "\"\xC2\x80 \xDF\xBF \xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xF0\x90\x80\x80 \xF4\x8F\xBF\xBF\""};
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        ck_assert_msg(reads(documents[i], strlen(documents[i])), "%s", documents[i]);
        ck_assert_msg(json_judge(documents[i], strlen(documents[i])), "%s", documents[i]);
    }
}
END_TEST

START_TEST(what_the_grammar_does_not_allow_is_refused)
{
    static const char *const documents[] = {
        /* nothing, too little, too much */
        "", " ", "[", "]", "{", "}", "\"", "[1", "{\"a\"", "{\"a\":", "{\"a\":1", "1 2", "[]]", "{}{}",
        "null,",
        /* words and numbers */
        "nul", "nulll", "True", "NaN", "Infinity", "-Infinity", "+1", "01", "-01", "00", "-", "--1", ".5",
        "1.", "-.5", "1.e1", "1e", "1e+", "1e1.5", "0x10", "1_000", "1,5",
        /* objects and arrays */
        "[,]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1:2]", "{,}", "{\"a\":1,}", "{\"a\" 1}", "{\"a\"::1}",
        "{\"a\",1}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{\"a\":1 \"b\":2}", "[1}", "{\"a\":1]",
        /* texts */
        "'a'", "\"a", "\"\\", "\"\\\"", "\"\\a\"", "\"\\x41\"", "\"\\'\"", "\"\\U0041\"", "\"\\u\"",
        "\"\\u12\"", "\"\\u123g\"", "\"\\u 123\"", "\"a\nb\"", "\"a\tb\"", "\"\x01\"", "\"\x1F\"",
        /* white space and comments */
        "\f1", "\v1",
        ("\xC2\xA0"
         "1"),
        "\xEF\xBB\xBF{}", "/* c */1", "1//c", "#c\n1",
        /* broken UTF-8, too long forms, half pairs, beyond the last character */
        "\"\x80\"", "\"\xC3\"", "\"\xC3\x28\"", "\"\xC0\xAF\"", "\"\xE0\x80\xAF\"", "\"\xE2\x82\"",
        "\"\xED\xA0\x80\"", "\"\xF0\x80\x80\xAF\"", "\"\xF4\x90\x80\x80\"", "\"\xFF\""};
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++)
        ck_assert_msg(!reads(documents[i], strlen(documents[i])), "%s", documents[i]);
    ck_assert(!reads("1\0", 2) && !reads("\"a\0b\"", 5) && !reads("\0", 1));
}
END_TEST

START_TEST(nesting_is_followed_to_its_limit)
{
    char text[2 * (RF_JSON_MAX_DEPTH + 1)];
    for (size_t depth = RF_JSON_MAX_DEPTH; depth <= RF_JSON_MAX_DEPTH + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        ck_assert(reads(text, 2 * depth) == (depth == RF_JSON_MAX_DEPTH));
    }
}
END_TEST

START_TEST(escapes_mean_what_the_grammar_says)
{
    static const char *const cases[][2] = {{"plain", "plain"},
                                           {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
                                           {"\\u0041\\u00e9\\u20AC", "A\xC3\xA9\xE2\x82\xAC"},
                                           {"\\uD83D\\uDE00", "\xF0\x9F\x98\x80"},
                                           {"\\uDBFF\\uDFFF", "\xF4\x8F\xBF\xBF"},
                                           {"\\\\u0041", "\\u0041"}};
    static const char *const halves[] = {"\\ud800",        "\\udbffx",       "\\udc00",     "\\ud800\\n",
                                         "\\ud800\\u0041", "\\udc00\\ud800", "a\\\\\\udfff"};
    char out[64];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_span text = {cases[i][0], strlen(cases[i][0])};
        size_t len = rf_json_unescape(out, text);
        ck_assert_msg(len == strlen(cases[i][1]) && memcmp(out, cases[i][1], len) == 0, "%s", text.ptr);
        ck_assert_ptr_null(rf_json_lone_surrogate(text));
    }
    for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++) {
        rf_span text = {halves[i], strlen(halves[i])};
        const char *lone = rf_json_lone_surrogate(text);
        ck_assert_msg(lone != NULL && lone[0] == '\\' && lone[1] == 'u', "%s", text.ptr);
        ck_assert(rf_utf8_valid(out, rf_json_unescape(out, text)));
    }
}
END_TEST

/* The other parser takes vertical tabs and form feeds for white space, and some broken UTF-8. */
static bool is_judged(const char *text, size_t len)
{
    return rf_utf8_valid(text, len) && memchr(text, '\v', len) == NULL && memchr(text, '\f', len) == NULL;
}

START_TEST(the_records_of_the_fuzz_corpus_are_judged_alike)
{
    char path[RF_TEST_PATH];
    int judged = 0, good = 0;
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/event_json", getenv("RF_SOURCE_DIR"));
    DIR *folder = opendir(path);
    ck_assert_msg(folder != NULL, "%s", path);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char name[2 * RF_TEST_PATH];
        size_t len;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        char *text = rf_slurp(name, &len);
        ck_assert_msg(text != NULL, "%s", name);
        for (char *at = text, *end = text + len, *stop; at < end; at = stop + 1) {
            stop = memchr(at, '\n', (size_t)(end - at));
            stop = stop == NULL ? end : stop;
            if (!is_judged(at, (size_t)(stop - at)))
                continue;
            bool fine = reads(at, (size_t)(stop - at));
            ck_assert_msg(fine == json_judge(at, (size_t)(stop - at)), "%s: %.*s", name, (int)(stop - at),
                          at);
            judged++;
            good += fine;
        }
        free(text);
    }
    closedir(folder);
    ck_assert(judged > 100 && good > 10);
}
END_TEST

START_TEST(changed_documents_are_judged_alike)
{
    static const char document[] =
        "{\"a\":[1,-2.5e+3,true,null],\"b\\u00e9\\n\":{\"c\":\"\",\"d\":[]},\"e\":0}";
    static const char alphabet[] = "{}[]\",:\\ \t\n0123.-+eEutrfalsn/b";
    rf_rng rng;
    int good = 0;
    rf_rng_init(&rng, 21, 0);
    for (int i = 0; i < 100000; i++) {
        char text[2 * sizeof document];
        size_t len = sizeof document - 1;
        memcpy(text, document, len);
        for (size_t n = 1 + rf_rng_below(&rng, 3); n > 0; n--) {
            size_t at = rf_rng_below(&rng, len);
            switch (rf_rng_below(&rng, 3)) {
            case 0:
                memmove(text + at, text + at + 1, --len - at);
                break;
            case 1:
                memmove(text + at + 1, text + at, len++ - at);
                /* fall through */
            default:
                text[at] = alphabet[rf_rng_below(&rng, sizeof alphabet - 1)];
            }
        }
        bool fine = reads(text, len);
        good += fine;
        RF_HOLDS(fine == json_judge(text, len));
    }
    ck_assert_int_gt(good, 5000);
}
END_TEST

START_TEST(members_are_found_as_they_were_written)
{
    rf_span object = {" { \"a\" : [1, {\"b\":2}] , \"b\":\"x\\n\",\"b\":3}", 0}, value;
    object.len = strlen(object.ptr);
    value = rf_json_member(object, "a");
    ck_assert(value.len == 12 && memcmp(value.ptr, "[1, {\"b\":2}]", 12) == 0);
    value = rf_json_member(object, "b"); /* the first of that name */
    ck_assert(value.len == 5 && memcmp(value.ptr, "\"x\\n\"", 5) == 0);
    ck_assert_uint_eq(rf_json_member(object, "c").len, 0);
    ck_assert_uint_eq(rf_json_member((rf_span){"[\"a\",1]", 7}, "a").len, 0);
}
END_TEST

/* The elements, each with a mark behind it. */
static const char *elements(const char *text)
{
    static char out[64];
    rf_json_scan s = rf_json_scan_of((rf_span){text, strlen(text)});
    size_t n = 0;
    out[0] = '\0';
    for (rf_span value; rf_json_next_element(&s, &value);)
        n += (size_t)snprintf(out + n, sizeof out - n, "%.*s;", (int)value.len, value.ptr);
    return out;
}

START_TEST(elements_come_one_after_the_other)
{
    ck_assert_str_eq(elements(" [ 1 ,\"a,b\", [2,3] , {} ] "), "1;\"a,b\";[2,3];{};");
    ck_assert_str_eq(elements("[[]]"), "[];");
    ck_assert_str_eq(elements("[ ]"), "");
    ck_assert_str_eq(elements("{\"a\":1}"), "");
    ck_assert_str_eq(elements("\"[1]\""), "");
    ck_assert_str_eq(elements(""), "");
}
END_TEST

/* Where a text ends, at every place of documents of every length up to some blocks. */
START_TEST(plain_texts_end_where_they_do_byte_by_byte)
{
    static const char ends[] = {'"', '\\', '\n', '\x1F', 'x'};
    static const char others[] = {'\x20', '\x7F', '\x80', '\xFF', '!', '#', '[', ']', '\xDC', '\xA2'};
    rf_rng rng;
    rf_rng_init(&rng, 1, 3);
    for (size_t len = 1; len <= 70; len++) {
        char *text = malloc(len); /* so that sanitizers see its ends */
        for (size_t at = 0; at < len; at++) {
            for (size_t i = 0; i < len; i++)
                text[i] = rf_rng_below(&rng, 4) == 0 ? others[rf_rng_below(&rng, sizeof others)] : 'x';
            text[at] = ends[rf_rng_below(&rng, sizeof ends)];
            rf_json_scan s = rf_json_scan_of((rf_span){text, len}), bytes = s;
            s.at = bytes.at = text + rf_rng_below(&rng, (uint32_t)at + 1);
            rf_json_pass_plain(&s);
            rf_json_pass_plain_bytes(&bytes);
            RF_HOLDS(s.at == bytes.at && (s.high != 0) == (bytes.high != 0));
        }
        free(text);
    }
}
END_TEST

RF_SUITE("json_scan", plain_texts_end_where_they_do_byte_by_byte, what_the_grammar_allows_is_read,
         what_the_grammar_does_not_allow_is_refused, nesting_is_followed_to_its_limit,
         escapes_mean_what_the_grammar_says, the_records_of_the_fuzz_corpus_are_judged_alike,
         changed_documents_are_judged_alike, members_are_found_as_they_were_written,
         elements_come_one_after_the_other)
