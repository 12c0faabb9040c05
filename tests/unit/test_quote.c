/* test_quote.c - what people see of a text: nothing in it is obeyed. */
#include "rf_check.h"
#include "rf_quote.h"
#include "rf_text.h"

static void check(const char *text, const char *expected)
{
    rf_err err = {0};
    rf_text out = {0};
    char copy[256];
    RF_CHECK_OK(err, rf_quote_add(&out, text, strlen(text), &err));
    ck_assert_str_eq(out.ptr, expected);
    rf_quote_copy(copy, sizeof copy, text);
    ck_assert_str_eq(copy, expected);
    rf_text_clear(&out);
}

START_TEST(ordinary_texts_stay)
{
    static const char *const texts[] = {"", "u1", "Z\xC3\xBCrich \"x\\\"", "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
                                        "\xF0\x9F\x98\x80 \xE2\x80\xA6 \xC2\xA0"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check(texts[i], texts[i]);
}
END_TEST

START_TEST(controls_are_spelled)
{
    check("\x1B]0;owned\x07\x1B[31m", "\\x1b]0;owned\\x07\\x1b[31m");
    check("a\nb\tc\rd\x7F", "a\\x0ab\\x09c\\x0dd\\x7f");
    check("\xC2\x9B"
          "31m\xC2\x80\xC2\x9F\xC2\xA0",
          "\\u009b31m\\u0080\\u009f\xC2\xA0");
    check("\xE2\x80\xA8\xE2\x80\xA9", "\\u2028\\u2029");
}
END_TEST

START_TEST(what_turns_the_direction_is_spelled)
{
    check("\xE2\x80\xAA\xE2\x80\xAB\xE2\x80\xAC\xE2\x80\xAD\xE2\x80\xAE",
          "\\u202a\\u202b\\u202c\\u202d\\u202e");
    check("\xE2\x81\xA6\xE2\x81\xA7\xE2\x81\xA8\xE2\x81\xA9", "\\u2066\\u2067\\u2068\\u2069");
    check("\xE2\x80\x8E\xE2\x80\x8F\xD8\x9C", "\\u200e\\u200f\\u061c");
}
END_TEST

START_TEST(broken_bytes_are_spelled_alone)
{
    check("a\xFFz", "a\\xffz");
    check("\x9B"
          "31m",
          "\\x9b31m");
    check("\xC3", "\\xc3");
    check("\xE2\x80", "\\xe2\\x80");
    check("\xED\xA0\x80", "\\xed\\xa0\\x80");
}
END_TEST

START_TEST(every_character_is_shown_or_spelled)
{
    rf_err err = {0};
    rf_text out = {0};
    for (uint32_t code = 1; code < 0x10000; code++) {
        char text[4] = {(char)(code < 0x80 ? code : code < 0x800 ? 0xC0 | code >> 6 : 0xE0 | code >> 12)};
        if (code >= 0x800)
            text[1] = (char)(0x80 | (code >> 6 & 0x3F));
        if (code >= 0x80)
            text[code >= 0x800 ? 2 : 1] = (char)(0x80 | (code & 0x3F));
        if (code >= 0xD800 && code < 0xE000)
            continue;
        rf_text_reset(&out);
        RF_CHECK_OK(err, rf_quote_add(&out, text, strlen(text), &err));
        bool spelled = rf_code_is_control(code) || rf_code_turns(code);
        RF_HOLDS(spelled ? out.ptr[0] == '\\' && out.len >= 4 : strcmp(out.ptr, text) == 0);
    }
    rf_text_clear(&out);
}
END_TEST

START_TEST(lines_keep_their_ends)
{
    rf_err err = {0};
    rf_text out = {0};
    RF_CHECK_OK(err, rf_quote_add_lines(&out, "a\x1B\n\tb\r\n", 7, &err));
    ck_assert_str_eq(out.ptr, "a\\x1b\n\tb\\x0d\n");
    rf_text_clear(&out);
}
END_TEST

START_TEST(a_copy_ends_between_characters)
{
    char out[8];
    rf_quote_copy(out, 8, "abcdef\xC3\xBC");
    ck_assert_str_eq(out, "abcdef");
    rf_quote_copy(out, 8, "abcd\x1B");
    ck_assert_str_eq(out, "abcd");
    rf_quote_copy(out, 8, "abc\x1Bz");
    ck_assert_str_eq(out, "abc\\x1b");
}
END_TEST

START_TEST(a_short_form_says_that_it_is_one)
{
    char out[8];
    ck_assert_str_eq(rf_quote_short(out, 8, "abcdefg", 7), "abcdefg");
    ck_assert_str_eq(rf_quote_short(out, 8, "abcdefgh", 8), "abcd...");
    ck_assert_str_eq(rf_quote_short(out, 8, "abc\xC3\xBC\xC3\xBC\xC3\xBC", 9), "abc...");
    ck_assert_str_eq(rf_quote_short(out, 8, "a\x1B\x1B", 3), "a...");
    ck_assert_str_eq(rf_quote_short(out, 8, "", 0), "");
}
END_TEST

START_TEST(messages_are_quoted_where_they_are_made)
{
    rf_err err = {0};
    rf_status st = rf_err_set(&err, RF_E_IO, "f", 1, "%s: cannot be read", "\x1B[31m\xE2\x80\xAEx\xFF");
    ck_assert_int_eq(st, RF_E_IO);
    ck_assert_str_eq(err.msg, "\\x1b[31m\\u202ex\\xff: cannot be read");
}
END_TEST

START_TEST(a_message_that_is_cut_ends_with_a_whole_character)
{
    char much[1024];
    for (size_t shift = 0; shift < 3; shift++) {
        rf_err err = {0};
        for (size_t i = 0; i + 3 < sizeof much; i++)
            much[i] = i < shift ? 'a' : "\xE2\x82\xAC"[(i - shift) % 3];
        much[sizeof much - 4] = '\0';
        (void)rf_err_set(&err, RF_E_IO, "f", 1, "%s", much);
        ck_assert(rf_utf8_valid(err.msg, strlen(err.msg)));
        ck_assert_ptr_null(strchr(err.msg, '\\'));
        ck_assert_uint_ge(strlen(err.msg), sizeof err.msg - 4);
    }
}
END_TEST

static rf_status quote(rf_err *err)
{
    rf_text out = {0};
    rf_status st = rf_quote_add(&out, "a\x1B", 2, err);
    rf_text_clear(&out);
    return st;
}

START_TEST(quoting_survives_failing_allocations)
{
    RF_SWEEP(quote(sweep_err), );
}
END_TEST

RF_SUITE("quote", ordinary_texts_stay, controls_are_spelled, what_turns_the_direction_is_spelled,
         broken_bytes_are_spelled_alone, every_character_is_shown_or_spelled, lines_keep_their_ends,
         a_copy_ends_between_characters, a_short_form_says_that_it_is_one,
         messages_are_quoted_where_they_are_made, a_message_that_is_cut_ends_with_a_whole_character,
         quoting_survives_failing_allocations)
