/* test_text.c - growing text, UTF-8 against the definition, numbers there and back, and near words. */
#include <errno.h>

#include "rf_check.h"
#include "rf_event.h"
#include "rf_rng.h"
#include "rf_text.h"

START_TEST(text_grows_and_ends_with_a_nul)
{
    rf_err err = {0};
    rf_text text = {0};
    RF_CHECK_OK(err, rf_text_add(&text, "abc", 3, &err));
    RF_CHECK_OK(err, rf_text_add(&text, NULL, 0, &err));
    RF_CHECK_OK(err, rf_text_printf(&text, &err, "-%d-%s", 7, "x"));
    ck_assert_str_eq(text.ptr, "abc-7-x");
    ck_assert_uint_eq(text.len, 7);
    for (int i = 0; i < 10000; i++)
        RF_CHECK_OK(err, rf_text_printf(&text, &err, "%d", i % 10));
    ck_assert_uint_eq(strlen(text.ptr), 10007);
    rf_text_reset(&text);
    ck_assert_str_eq(text.ptr, "");
    rf_text_clear(&text);
    ck_assert(text.ptr == NULL && text.len == 0);
    rf_text_reset(&text);
    rf_text_clear(&text);
}
END_TEST

static rf_status grow_text(rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    RF_TRY(rf_text_add(&text, "abc", 3, err));
    RF_TRY(rf_text_printf(&text, err, "%100d", 1));
done:
    rf_text_clear(&text);
    return st;
}

START_TEST(text_survives_failing_allocations)
{
    rf_text text = {0};
    RF_SWEEP(grow_text(sweep_err), );
    ck_assert_int_eq(rf_text_add(&text, "x", SIZE_MAX - 1, NULL), RF_E_NOMEM);
    rf_text_clear(&text);
}
END_TEST

/* ---- UTF-8: decode by the bit patterns, then ask whether that code point is written this way ---- */

static size_t reference_sequence(const unsigned char *p, size_t left)
{
    uint32_t code;
    size_t n;
    if (p[0] < 0x80) {
        n = 1;
        code = p[0];
    } else if ((p[0] & 0xE0) == 0xC0) {
        n = 2;
        code = p[0] & 0x1Fu;
    } else if ((p[0] & 0xF0) == 0xE0) {
        n = 3;
        code = p[0] & 0x0Fu;
    } else if ((p[0] & 0xF8) == 0xF0) {
        n = 4;
        code = p[0] & 0x07u;
    } else {
        return 0;
    }
    if (left < n)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3Fu);
    }
    size_t shortest = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    bool fine = code != 0 && code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF) && n == shortest;
    return fine ? n : 0;
}

static bool reference_valid(const unsigned char *p, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = reference_sequence(p + i, len - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

START_TEST(utf8_agrees_with_its_definition_on_all_short_sequences)
{
    unsigned char p[4];
    for (uint32_t i = 0; i < 1u << 16; i++) {
        p[0] = (unsigned char)(i >> 8);
        p[1] = (unsigned char)i;
        for (size_t len = 1; len <= 2; len++)
            RF_HOLDS(rf_utf8_valid((const char *)p, len) == reference_valid(p, len));
    }
    for (uint32_t lead = 0xC0; lead <= 0xFF; lead++) {
        for (uint32_t i = 0; i < 1u << 16; i++) {
            p[0] = (unsigned char)lead;
            p[1] = (unsigned char)(i >> 8);
            p[2] = (unsigned char)i;
            p[3] = (unsigned char)(0x80 + i % 0x41);
            for (size_t len = 3; len <= 4; len++) {
                if (rf_utf8_valid((const char *)p, len) != reference_valid(p, len))
                    ck_abort_msg("%02x %02x %02x %02x (%zu)", p[0], p[1], p[2], p[3], len);
            }
        }
    }
}
END_TEST

START_TEST(utf8_agrees_with_its_definition_on_longer_texts)
{
    rf_rng rng;
    rf_rng_init(&rng, 17, 0);
    for (int i = 0; i < 50000; i++) {
        unsigned char p[32];
        size_t len = rf_rng_below(&rng, sizeof p);
        for (size_t k = 0; k < len; k++)
            p[k] = (unsigned char)(32 + rf_rng_below(&rng, 90));
        if (len >= 4 && i % 2 == 0)
            memcpy(p + rf_rng_below(&rng, (uint32_t)len - 3), "\xF0\x9F\x98\x80", 4);
        if (len > 0 && i % 3 == 0)
            p[rf_rng_below(&rng, (uint32_t)len)] = (unsigned char)rf_rng_u64(&rng);
        RF_HOLDS(rf_utf8_valid((const char *)p, len) == reference_valid(p, len));
    }
}
END_TEST

/* ---- fixed point ---- */

static rf_number_status fixed(const char *text, int64_t *out)
{
    return rf_fixed_parse(out, text, strlen(text));
}

START_TEST(decimals_become_fixed_point_half_to_even)
{
    const struct {
        const char *text;
        int64_t value;
    } cases[] = {{"0", 0},
                 {"-0", 0},
                 {"1", 1000000},
                 {"-12.5", -12500000},
                 {"+3", 3000000},
                 {".5", 500000},
                 {"5.", 5000000},
                 {"1e3", 1000000000},
                 {"1E-3", 1000},
                 {"12.5e+2", 1250000000},
                 {"0.0000005", 0},
                 {"0.0000015", 2},
                 {"0.0000025", 2},
                 {"0.00000250000000000000000000000000001", 3},
                 {"-0.0000015", -2},
                 {"9e-7", 1},
                 {"95e-8", 1},
                 {"5e-7", 0},
                 {"51e-8", 1},
                 {"1e-400", 0},
                 {"0e999999999999", 0},
                 {"000000000000000000000000000000000000001.25", 1250000},
                 {"1000000000000", RF_FIXED_MAX},
                 {"-1e12", -RF_FIXED_MAX},
                 {"0.000000000000000000001e33", RF_FIXED_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = -1;
        ck_assert_msg(fixed(cases[i].text, &value) == RF_NUMBER_OK, "%s", cases[i].text);
        ck_assert_msg(value == cases[i].value, "%s: %lld", cases[i].text, (long long)value);
    }
}
END_TEST

START_TEST(what_is_no_number_says_which_kind)
{
    const struct {
        const char *text;
        rf_number_status status;
    } cases[] = {{"", RF_NUMBER_BAD},
                 {"-", RF_NUMBER_BAD},
                 {".", RF_NUMBER_BAD},
                 {"1,5", RF_NUMBER_BAD},
                 {"0x10", RF_NUMBER_BAD},
                 {"1e", RF_NUMBER_BAD},
                 {"1e+", RF_NUMBER_BAD},
                 {" 1", RF_NUMBER_BAD},
                 {"1 ", RF_NUMBER_BAD},
                 {"--1", RF_NUMBER_BAD},
                 {"1.2.3", RF_NUMBER_BAD},
                 {"nan", RF_NUMBER_NOT_FINITE},
                 {"-Inf", RF_NUMBER_NOT_FINITE},
                 {"INFINITY", RF_NUMBER_NOT_FINITE},
                 {"1e13", RF_NUMBER_RANGE},
                 {"1000000000000.000001", RF_NUMBER_RANGE},
                 {"1e999999999999999999", RF_NUMBER_RANGE},
                 {"99999999999999999999999", RF_NUMBER_RANGE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 42;
        ck_assert_msg(fixed(cases[i].text, &value) == cases[i].status, "%s", cases[i].text);
        ck_assert_int_eq(value, 42);
    }
}
END_TEST

/* Up to 12 decimals, computed exactly in 128 bits. */
START_TEST(fixed_point_agrees_with_exact_arithmetic)
{
    rf_rng rng;
    rf_rng_init(&rng, 23, 0);
    for (int i = 0; i < 50000; i++) {
        int64_t whole = (int64_t)(rf_rng_u64(&rng) % 1000000000), micro = rf_rng_below(&rng, 1000000);
        int64_t rest = i % 4 == 0 ? 500000 : rf_rng_below(&rng, 1000000);
        bool negative = i % 2 == 0;
        char text[64];
        snprintf(text, sizeof text, "%s%lld.%06lld%06lld", negative ? "-" : "", (long long)whole,
                 (long long)micro, (long long)rest);
        int64_t expected = whole * 1000000 + micro, value;
        if (rest > 500000 || (rest == 500000 && expected % 2 != 0))
            expected++;
        RF_HOLDS(fixed(text, &value) == RF_NUMBER_OK);
        RF_HOLDS(value == (negative ? -expected : expected));
        snprintf(text, sizeof text, "%lld.%06llde0", (long long)(expected / 1000000),
                 (long long)(expected % 1000000));
        RF_HOLDS(fixed(text, &value) == RF_NUMBER_OK && value == expected);
    }
}
END_TEST

/* ---- integers and doubles ---- */

START_TEST(integers_read_back_and_their_ends_are_kept)
{
    rf_rng rng;
    int64_t value = 42;
    rf_rng_init(&rng, 29, 0);
    for (int i = 0; i < 50000; i++) {
        int64_t number = (int64_t)rf_rng_u64(&rng) >> rf_rng_below(&rng, 64);
        char text[32];
        snprintf(text, sizeof text, "%lld", (long long)number);
        RF_HOLDS(rf_int_parse(&value, text, strlen(text)) && value == number);
    }
    ck_assert(rf_int_parse(&value, "-9223372036854775808", 20) && value == INT64_MIN);
    ck_assert(rf_int_parse(&value, "9223372036854775807", 19) && value == INT64_MAX);
    ck_assert(rf_int_parse(&value, "+5", 2) && value == 5);
    const char *const bad[] = {
        "", "-", "+", "1.0", "1e3", "0x1", " 1", "9223372036854775808", "-9223372036854775809"};
    value = 42;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!rf_int_parse(&value, bad[i], strlen(bad[i])), "%s", bad[i]);
    ck_assert_int_eq(value, 42);
}
END_TEST

START_TEST(printed_doubles_read_back_the_same_and_are_short)
{
    rf_rng rng;
    char text[32];
    rf_rng_init(&rng, 31, 0);
    for (int i = 0; i < 50000; i++) {
        uint64_t bits = rf_rng_u64(&rng);
        double number, back;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;
        rf_double_format(text, number);
        RF_HOLDS(rf_double_parse(&back, text, strlen(text)));
        RF_HOLDS(memcmp(&back, &number, sizeof back) == 0);
        float single;
        uint32_t half = (uint32_t)bits;
        memcpy(&single, &half, sizeof single);
        if (isfinite(single)) {
            rf_float_format(text, single);
            RF_HOLDS(strtof(text, NULL) == single);
        }
    }
    ck_assert_str_eq(rf_double_format(text, 0.1), "0.1");
    ck_assert_str_eq(rf_double_format(text, 1e21), "1e+21");
    ck_assert_str_eq(rf_double_format(text, 5), "5");
    ck_assert_str_eq(rf_float_format(text, 0.1f), "0.1");
    ck_assert_uint_lt(strlen(rf_double_format(text, -2.2250738585072014e-308)), 32);
}
END_TEST

START_TEST(texts_that_are_no_doubles_are_refused)
{
    const char *const bad[] = {"", "nan", "inf", "1e999", "0x1p3", "1 ", " 1", "1e", "1d3", "."};
    double value = 42;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!rf_double_parse(&value, bad[i], strlen(bad[i])), "%s", bad[i]);
    char longest[600];
    memset(longest, '1', sizeof longest);
    ck_assert(!rf_double_parse(&value, longest, sizeof longest));
    ck_assert(value == 42);
}
END_TEST

START_TEST(the_nearest_word_is_suggested_when_it_is_near)
{
    const char *const words[] = {"epochs", "eta", "hidden", "latent", "learning_rate", NULL};
    const char *const cases[][2] = {{"epoch", "epochs"},
                                    {"epcohs", "epochs"},
                                    {"hiden", "hidden"},
                                    {"latnet", "latent"},
                                    {"learning-rate", "learning_rate"},
                                    {"eat", "eta"},
                                    {"zzz", NULL},
                                    {"", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *found = rf_nearest(cases[i][0], words);
        if (cases[i][1] == NULL)
            ck_assert_msg(found == NULL, "%s gives %s", cases[i][0], found);
        else
            ck_assert_msg(found != NULL && strcmp(found, cases[i][1]) == 0, "%s gives %s", cases[i][0],
                          found == NULL ? "nothing" : found);
    }
    char longest[1000];
    memset(longest, 'e', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    ck_assert_ptr_null(rf_nearest(longest, words));
}
END_TEST

START_TEST(base64_is_that_of_rfc_4648)
{
    static const struct {
        const char *bytes, *plain, *for_url;
    } cases[] = {{"", "", ""},
                 {"f", "Zg==", "Zg"},
                 {"fo", "Zm8=", "Zm8"},
                 {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
                 {"\xFB\xFF\xBE", "+/++", "-_--"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rf_err err = {0};
        rf_text plain = {0}, url = {0};
        RF_CHECK_OK(err, rf_base64_add(&plain, cases[i].bytes, strlen(cases[i].bytes), false, &err));
        RF_CHECK_OK(err, rf_base64_add(&url, cases[i].bytes, strlen(cases[i].bytes), true, &err));
        ck_assert_str_eq(plain.ptr == NULL ? "" : plain.ptr, cases[i].plain);
        ck_assert_str_eq(url.ptr == NULL ? "" : url.ptr, cases[i].for_url);
        for (int form = 0; form < 2; form++) {
            const char *written = form == 0 ? cases[i].plain : cases[i].for_url;
            rf_text read = {0};
            RF_CHECK_OK(err, rf_base64_read(&read, written, strlen(written), form == 1, &err));
            ck_assert_str_eq(read.ptr == NULL ? "" : read.ptr, cases[i].bytes);
            rf_text_clear(&read);
        }
        rf_text_clear(&plain);
        rf_text_clear(&url);
    }
}
END_TEST

START_TEST(what_is_not_base64_is_refused)
{
    static const struct {
        const char *text;
        bool plain, url; /* read as that */
    } cases[] = {{"Zg==", true, true},        {"Zg", false, true},        {"Zg=", false, false},
                 {"Z", false, false},         {"Zm9vY", false, false},    {"+/++", true, false},
                 {"-_--", false, true},       {"Z===", false, false},     {"====", false, false},
                 {"=Zg=", false, false},      {"Zg==Zg==", false, false}, {"Zm 8", false, false},
                 {"Zm\xC3\xBC", false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int form = 0; form < 2; form++) {
            rf_err err = {0};
            rf_text read = {0};
            rf_status st = rf_base64_read(&read, cases[i].text, strlen(cases[i].text), form == 1, &err);
            ck_assert_msg(st == ((form == 0 ? cases[i].plain : cases[i].url) ? RF_OK : RF_E_PARSE), "%s: %s",
                          cases[i].text, err.msg);
            rf_text_clear(&read);
        }
    }
}
END_TEST

static rf_status read_back(const char *path, size_t most, size_t len, rf_err *err)
{
    rf_text text = {0};
    rf_status st = rf_text_add(&text, "before", 6, err);
    if (st == RF_OK)
        st = rf_text_of_file(&text, path, most, err);
    if (st == RF_OK) {
        ck_assert_uint_eq(text.len, 6 + len);
        ck_assert(memcmp(text.ptr, "before", 6) == 0 && text.ptr[text.len] == '\0');
        for (size_t i = 0; i < len; i++)
            RF_HOLDS((unsigned char)text.ptr[6 + i] == i % 251);
    }
    rf_text_clear(&text);
    return st;
}

START_TEST(files_are_read_as_a_whole_or_not_at_all)
{
    static char bytes[20000];
    static const size_t lengths[] = {0, 1, 4089, 4090, 4091, 8192, sizeof bytes};
    char path[RF_TEST_PATH], folder[RF_TEST_PATH];
    rf_err err = {0};
    rf_text text = {0};
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i % 251);
    rf_tmp_path(path, "whole");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t len = lengths[i];
        rf_spill(path, bytes, len);
        RF_CHECK_OK(err, read_back(path, len, len, &err));
        RF_CHECK_OK(err, read_back(path, SIZE_MAX, len, &err));
        if (len > 0)
            RF_CHECK_FAILS(err, RF_E_INVALID, "is longer than", read_back(path, len - 1, len, &err));
    }
    RF_SWEEP(read_back(path, SIZE_MAX, sizeof bytes, sweep_err), );
    RF_CHECK_FAILS(err, RF_E_INVALID, "is longer than 100 bytes", read_back("/dev/zero", 100, 0, &err));
    RF_CHECK_FAILS(err, RF_E_IO, "cannot be opened: No such file", read_back("/nowhere", 1, 0, &err));
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(mkdir(rf_tmp_path(folder, "folder"), 0700), 0);
    RF_CHECK_FAILS(err, RF_E_IO, "cannot be read: Is a directory", read_back(folder, 1, 0, &err));
    RF_CHECK_OK(err, rf_text_of_file(&text, "/proc/self/status", 1 << 20, &err)); /* does not tell its size */
    ck_assert_uint_gt(text.len, 100);
    rf_text_clear(&text);
}
END_TEST

RF_SUITE("text", text_grows_and_ends_with_a_nul, text_survives_failing_allocations,
         files_are_read_as_a_whole_or_not_at_all, utf8_agrees_with_its_definition_on_all_short_sequences,
         utf8_agrees_with_its_definition_on_longer_texts, decimals_become_fixed_point_half_to_even,
         what_is_no_number_says_which_kind, fixed_point_agrees_with_exact_arithmetic,
         integers_read_back_and_their_ends_are_kept, printed_doubles_read_back_the_same_and_are_short,
         texts_that_are_no_doubles_are_refused, the_nearest_word_is_suggested_when_it_is_near,
         base64_is_that_of_rfc_4648, what_is_not_base64_is_refused)
