/* test_json.c - for any input the output is JSON with the same content. */
#include "json_judge.h"
#include "rf_check.h"
#include "rf_json.h"
#include "rf_rng.h"
#include "rf_text.h"

static rf_json *new_json(void)
{
    rf_err err = {0};
    rf_json *json = NULL;
    RF_CHECK_OK(err, rf_json_new(&json, &err));
    return json;
}

static void expect(rf_json *json, const char *expected)
{
    rf_err err = {0};
    const char *text;
    size_t len = 0;
    RF_CHECK_OK(err, rf_json_end(json, &text, &len, &err));
    ck_assert_uint_eq(len, strlen(text));
    ck_assert_str_eq(text, expected);
}

static void put_document(rf_json *json)
{
    rf_json_map_open(json);
    rf_json_key(json, "b");
    rf_json_array_open(json);
    rf_json_int(json, INT64_MIN);
    rf_json_double(json, 0.1);
    rf_json_float(json, 0.1f);
    rf_json_bool(json, true);
    rf_json_null(json);
    rf_json_array_close(json);
    rf_json_key(json, "a");
    rf_json_string(json, "x\"\\\n\x01/\xC3\xBC");
    rf_json_key(json, "none");
    rf_json_string(json, NULL);
    rf_json_map_close(json);
}

START_TEST(a_document_is_compact_and_keeps_its_order)
{
    rf_json *json = new_json();
    put_document(json);
    expect(json, "{\"b\":[-9223372036854775808,0.1,0.1,true,null],\"a\":\"x\\\"\\\\\\n\\u0001/"
                 "\xC3\xBC\",\"none\":null}");
    rf_json_reset(json);
    rf_json_int(json, 7);
    expect(json, "7");
    rf_json_free(json);
    rf_json_free(NULL);
}
END_TEST

START_TEST(numbers_that_are_none_become_null)
{
    rf_json *json = new_json();
    rf_json_array_open(json);
    rf_json_double(json, NAN);
    rf_json_double(json, -INFINITY);
    rf_json_float(json, INFINITY);
    rf_json_double(json, -0.0);
    rf_json_double(json, 1e300);
    rf_json_array_close(json);
    expect(json, "[null,null,null,-0,1e+300]");
    rf_json_free(json);
}
END_TEST

START_TEST(broken_utf8_is_replaced)
{
    const char *const cases[][2] = {
        {"a\xFFz", "\"a\xEF\xBF\xBDz\""},
        {"\xC3", "\"\xEF\xBF\xBD\""},
        {"\xE2\x82", "\"\xEF\xBF\xBD\""},
        {"\xE2\x82z", "\"\xEF\xBF\xBDz\""},
        {"\x80\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {"\xE2\x82\xAC\xFF\xE2\x82\xAC", "\"\xE2\x82\xAC\xEF\xBF\xBD\xE2\x82\xAC\""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_json *json = new_json();
        rf_json_string(json, cases[i][0]);
        expect(json, cases[i][1]);
        rf_json_free(json);
    }
    rf_json *json = new_json();
    rf_json_text(json, "a\0b", 3);
    expect(json, "\"a\\u0000b\"");
    rf_json_reset(json);
    rf_json_text(json, NULL, 0);
    expect(json, "\"\"");
    rf_json_free(json);
}
END_TEST

START_TEST(an_escape_does_not_depend_on_its_place)
{
    for (int c = 1; c <= 0x7F; c++) {
        static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
        char escape[8], text[32], want[48];
        const char *letter = letters;
        while (*letter != '\0' && *letter != c)
            letter += 2;
        if (*letter != '\0')
            snprintf(escape, sizeof escape, "\\%c", letter[1]);
        else
            snprintf(escape, sizeof escape, c < ' ' || c == 0x7F ? "\\u%04X" : "%c", (unsigned)c);
        for (int before = 0; before < 20; before++) {
            rf_json *json = new_json();
            snprintf(text, sizeof text, "%.*s%cbcdefgh", before, "aaaaaaaaaaaaaaaaaaaa", c);
            snprintf(want, sizeof want, "\"%.*s%sbcdefgh\"", before, "aaaaaaaaaaaaaaaaaaaa", escape);
            rf_json_string(json, text);
            expect(json, want);
            rf_json_free(json);
        }
    }
}
END_TEST

START_TEST(any_bytes_give_valid_json)
{
    rf_err err = {0};
    rf_rng rng;
    rf_json *json = new_json();
    rf_rng_init(&rng, 13, 0);
    for (int i = 0; i < 5000; i++) {
        char bytes[40];
        const char *text;
        size_t len = rf_rng_below(&rng, sizeof bytes), n;
        for (size_t k = 0; k < len; k++) /* bytes that mean something in UTF-8, more often than others */
            bytes[k] = (char)(rf_rng_below(&rng, 3) == 0 ? rf_rng_below(&rng, 256)
                                                         : 0x80 + rf_rng_below(&rng, 0x78));
        rf_json_reset(json);
        rf_json_array_open(json);
        rf_json_text(json, bytes, len);
        rf_json_array_close(json);
        RF_HOLDS(rf_json_end(json, &text, &n, &err) == RF_OK);
        RF_HOLDS(rf_utf8_valid(text, n) && json_judge(text, n));
    }
    rf_json_free(json);
}
END_TEST

START_TEST(an_incomplete_document_is_a_failure)
{
    rf_err err = {0};
    const char *text;
    size_t len = 0;
    rf_json *json = new_json();
    RF_CHECK_FAILS(err, RF_E_INTERNAL, "not complete", rf_json_end(json, &text, &len, &err));
    rf_json_map_open(json);
    RF_CHECK_FAILS(err, RF_E_INTERNAL, "not complete", rf_json_end(json, &text, &len, &err));
    rf_json_int(json, 1);
    RF_CHECK_FAILS(err, RF_E_INTERNAL, "key is expected", rf_json_end(json, &text, &len, &err));
    rf_json_reset(json);
    rf_json_int(json, 1);
    rf_json_int(json, 2);
    RF_CHECK_FAILS(err, RF_E_INTERNAL, "cannot be written", rf_json_end(json, &text, &len, &err));
    rf_json_reset(json);
    for (int i = 0; i < 500; i++)
        rf_json_array_open(json);
    RF_CHECK_FAILS(err, RF_E_INTERNAL, "too deeply", rf_json_end(json, &text, &len, &err));
    rf_json_free(json);
}
END_TEST

static rf_status write_document(rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = NULL;
    const char *text;
    size_t len = 0;
    RF_TRY(rf_json_new(&json, err));
    rf_json_array_open(json);
    put_document(json);
    rf_json_string(json, "broken \xFF");
    rf_json_array_close(json);
    RF_TRY(rf_json_end(json, &text, &len, err));
    ck_assert(json_judge(text, len));
done:
    rf_json_free(json);
    return st;
}

START_TEST(json_survives_failing_allocations)
{
    RF_SWEEP(write_document(sweep_err), );
}
END_TEST

RF_SUITE("json", a_document_is_compact_and_keeps_its_order, numbers_that_are_none_become_null,
         broken_utf8_is_replaced, an_escape_does_not_depend_on_its_place, any_bytes_give_valid_json,
         an_incomplete_document_is_a_failure, json_survives_failing_allocations)
