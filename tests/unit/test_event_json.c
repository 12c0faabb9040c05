/* test_event_json.c - JSON records: what they become, and why and where they are refused. */
#include "decoder_rig.h"

#include <ctype.h>

/* By made_fields. */
static void check_described(const char *record, const char *expected)
{
    decoder_rig r = rig_json(made_fields());
    rf_text text = {0};
    ck_assert_int_eq(rig_decode(&r, record), RF_OK);
    made_describe(&text, &r.event, &made_schema);
    ck_assert_str_eq(text.ptr, expected);
    rf_text_clear(&text);
    rig_close(&r);
}

START_TEST(every_mapped_field_is_read)
{
    check_described(
        "{\"id\":\"e1\",\"user\":123456789012345678901234567890,\"meta\":{\"shop\":{\"id\":\"s\\u00e9\"},"
        "\"score\":\"-1.5\"},\"time\":\"1970-01-05T01:00:00Z\",\"amount\":12.5,\"channel\":\"we\\/b\","
        "\"present\":true,\"seen\":\"1970-01-01T00:00:01Z\",\"label\":1,\"kind\":\"ring\"}",
        "|e1|123456789012345678901234567890|sé|349200000000|1|ring|12500000|-1500000|we/b|1000000|"
        "3600000000|3600000000|1000000\n");
}
END_TEST

START_TEST(null_and_absent_optional_fields_are_missing)
{
    check_described(
        "{\"id\":1,\"user\":2,\"meta\":{\"shop\":{\"id\":3},\"score\":null},\"time\":\"1970-01-01\","
        "\"amount\":0,\"channel\":null,\"label\":\"\",\"present\":\"\"}",
        "|1|2|3|0|-1|-|0|-|-|-|0|259200000000|-\n");
}
END_TEST

START_TEST(keys_of_other_objects_are_not_mistaken_for_mapped_ones)
{
    check_described("{\"x\":{\"user\":9,\"meta\":{\"shop\":{\"id\":9}}},\"list\":[{\"user\":9,"
                    "\"time\":9},9,[\"user\"]],"
                    "\"meta\":{\"user\":9,\"id\":9,\"y\":{\"id\":9},\"shop\":{\"deep\":{\"id\":9}"
                    ",\"id\":3}},\"meta.shop.id\":9,"
                    "\"id\":1,\"user\":2,\"time\":\"1970-01-01\",\"amount\":0}",
                    "|1|2|3|0|-1|-|0|-|-|-|0|259200000000|-\n");
}
END_TEST

START_TEST(an_escaped_key_is_the_same_key)
{
    decoder_rig r = rig_json(made_fields());
    ck_assert_int_eq(rig_decode(&r,
                                "{\"\\u0069d\":1,\"us\\u0065r\":2,\"meta\":{\"shop\":{\"id\":3}},\"time\":"
                                "\"1970-01-01\",\"amount\":0}"),
                     RF_OK);
    rig_close(&r);
}
END_TEST

START_TEST(a_key_may_be_value_and_object_in_the_mapping)
{
    rf_fields fields = {.user = "a", .entity = "a.b", .time = "t", .time_format = RF_TIME_S};
    decoder_rig r = rig_json(fields);
    ck_assert_int_eq(rig_decode(&r, "{\"a\":{\"b\":1},\"t\":0}"), RF_SKIPPED);
    ck_assert_int_eq(r.reject.code, RF_REJECT_BAD_ID);
    ck_assert_int_eq(rig_decode(&r, "{\"a\":1,\"t\":0}"), RF_SKIPPED);
    ck_assert_int_eq(r.reject.code, RF_REJECT_MISSING_FIELD);
    rig_close(&r);
}
END_TEST

START_TEST(a_name_may_end_in_a_dot)
{
    static const struct {
        const char *name, *record;
    } cases[] = {{"a.", "{\"a\":{\"\":7},\"e\":1,\"t\":0}"},
                 {"a.", "{\"a.\":7,\"e\":1,\"t\":0}"},
                 {"a\\.", "{\"a.\":7,\"e\":1,\"t\":0}"},
                 {"a..", "{\"a\":{\"\":{\"\":7}},\"e\":1,\"t\":0}"},
                 {"a[1].", "{\"a\":[0,{\"\":7}],\"e\":1,\"t\":0}"},
                 {".", "{\"\":{\"\":7},\"e\":1,\"t\":0}"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        decoder_rig r = rig_json(
            (rf_fields){.user = cases[i].name, .entity = "e", .time = "t", .time_format = RF_TIME_S});
        ck_assert_msg(rig_decode(&r, cases[i].record) == RF_OK, "%s in %s", cases[i].name, cases[i].record);
        ck_assert(r.event.user.len == 1 && r.event.user.ptr[0] == '7');
        rig_close(&r);
    }
}
END_TEST

START_TEST(one_key_may_serve_two_fields)
{
    static const rf_attr attr = {.name = "shop", .field = "shop", .type = RF_ATTR_CATEGORY, .top = 3};
    static const rf_schema schema = {.attrs = &attr, .n_attrs = 1};
    rf_fields fields = {
        .user = "u", .entity = "shop", .time = "t", .time_format = RF_TIME_MS, .schema = &schema};
    decoder_rig r = rig_json(fields);
    ck_assert_int_eq(rig_decode(&r, "{\"u\":1,\"shop\":\"x\",\"t\":1500}"), RF_OK);
    ck_assert(r.event.entity.len == 1 && r.event.values[0].text.len == 1 && r.event.time_us == 1500000);
    rig_close(&r);
}
END_TEST

#define GOOD "\"id\":1,\"meta\":{\"shop\":{\"id\":3}}"
#define REST "," GOOD ",\"amount\":1}"
#define TIMED ",\"time\":\"2020-01-01\"" REST
#define LONG16 "0123456789abcdef"
#define LONG256                                                                                              \
    LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 \
        LONG16
#define LONG1025 LONG256 LONG256 LONG256 LONG256 "x"

static const rig_refusal refusals[] = {
    {"{\"time\":\"2020-01-01\"" REST, RF_REJECT_MISSING_FIELD, -1, "user"},
    {"{\"user\":null" TIMED, RF_REJECT_MISSING_FIELD, -1, "user"},
    {"{\"user\":1" REST, RF_REJECT_MISSING_FIELD, -1, "time"},
    {"{\"user\":1,\"time\":\"\"" REST, RF_REJECT_MISSING_FIELD, -1, "time"},
    {"{\"user\":1,\"time\":\"2020-01-01\",\"id\":1,\"amount\":1}", RF_REJECT_MISSING_FIELD, -1,
     "meta.shop.id"},
    {"{\"user\":1,\"time\":\"2020-01-01\",\"meta\":3,\"id\":1,\"amount\":1}", RF_REJECT_MISSING_FIELD, -1,
     "entity"},
    {"{\"user\":1,\"time\":\"2020-01-01\"," GOOD "}", RF_REJECT_MISSING_FIELD, -1, "amount"},
    {"{\"user\":1,\"time\":\"2020-01-01\",\"meta\":{\"shop\":{\"id\":3}},\"amount\":1}",
     RF_REJECT_MISSING_FIELD, -1, "event_id"},
    {"{\"user\":\"\"" TIMED, RF_REJECT_EMPTY_ID, -1, "user"},
    {"{\"user\":1.0" TIMED, RF_REJECT_BAD_ID, -1, "1.0"},
    {"{\"user\":1e3" TIMED, RF_REJECT_BAD_ID, -1, "1e3"},
    {"{\"user\":true" TIMED, RF_REJECT_BAD_ID, -1, "true"},
    {"{\"user\":{\"a\":1}" TIMED, RF_REJECT_BAD_ID, -1, "user"},
    {"{\"user\":[1]" TIMED, RF_REJECT_BAD_ID, -1, "array"},
    {"{\"user\":\"" LONG1025 "\"" TIMED, RF_REJECT_ID_TOO_LONG, -1, "..."},
    {"{\"user\":1,\"channel\":\"" LONG1025 "\"" TIMED, RF_REJECT_TEXT_TOO_LONG, -1, "channel"},
    {"{\"user\":1,\"channel\":{}" TIMED, RF_REJECT_BAD_TEXT, -1, "channel"},
    {"{\"user\":1,\"kind\":[]" TIMED, RF_REJECT_BAD_TEXT, -1, "fraud_type"},
    {"{\"user\":1,\"time\":\"2020-01-01\"," GOOD ",\"amount\":\"12,5\"}", RF_REJECT_BAD_NUMBER, -1, "12,5"},
    {"{\"user\":1,\"time\":\"2020-01-01\"," GOOD ",\"amount\":true}", RF_REJECT_BAD_NUMBER, -1, "amount"},
    {"{\"user\":1,\"time\":\"2020-01-01\"," GOOD ",\"amount\":[]}", RF_REJECT_BAD_NUMBER, -1, "amount"},
    {"{\"user\":1,\"time\":\"2020-01-01\"," GOOD ",\"amount\":\"NaN\"}", RF_REJECT_NOT_FINITE, -1, "NaN"},
    {"{\"user\":1,\"time\":\"2020-01-01\"," GOOD ",\"amount\":\"-Infinity\"}", RF_REJECT_NOT_FINITE, -1,
     "amount"},
    {"{\"user\":1,\"time\":\"2020-01-01\"," GOOD ",\"amount\":NaN}", RF_REJECT_NOT_FINITE, -1, "NaN"},
    {"{\"user\":1,\"time\":\"2020-01-01\"," GOOD ",\"amount\":Infinit}", RF_REJECT_BAD_JSON, -2, "invalid"},
    {"{\"user\":1,\"time\":\"2020-01-01\"," GOOD ",\"amount\":1e13}", RF_REJECT_NUMBER_RANGE, -1, "1e13"},
    {"{\"user\":1,\"time\":\"2020-01-01\"," GOOD ",\"amount\":1e999999999999}", RF_REJECT_NUMBER_RANGE, -1,
     "amount"},
    {"{\"user\":1,\"present\":\"maybe\"" TIMED, RF_REJECT_BAD_BOOLEAN, -1, "maybe"},
    {"{\"user\":1,\"present\":2" TIMED, RF_REJECT_BAD_BOOLEAN, -1, "present"},
    {"{\"user\":1,\"time\":\"yesterday\"" REST, RF_REJECT_BAD_TIME, -1, "yesterday"},
    {"{\"user\":1,\"time\":\"2019-02-29\"" REST, RF_REJECT_BAD_TIME, -1, "2019-02-29"},
    {"{\"user\":1,\"time\":true" REST, RF_REJECT_BAD_TIME, -1, "time"},
    {"{\"user\":1,\"time\":\"1899-12-31\"" REST, RF_REJECT_TIME_RANGE, -1, "1899"},
    {"{\"user\":1,\"time\":\"2100-01-01T00:00:00Z\"" REST, RF_REJECT_TIME_RANGE, -1, "2100"},
    {"{\"user\":1,\"seen\":\"soon\"" TIMED, RF_REJECT_BAD_TIME, -1, "seen"},
    {"{\"user\":\"\xC3\x28\"" TIMED, RF_REJECT_BAD_UTF8, -1, "UTF-8"},
    {"{\"user\":1,\"unmapped\":\"\xED\xA0\x80\",\"kind\":\"\xED\xA0\x80\"" TIMED, RF_REJECT_BAD_UTF8, -1,
     "key \"kind\" is not UTF-8"},
    {"{\"user\":\"a", RF_REJECT_BAD_JSON, -2, "breaks off"},
    {"{\"user\":\"\xFF", RF_REJECT_BAD_UTF8, -1, "the record is not UTF-8"},
    {"{\"user\":\"\\ud800x\"" TIMED, RF_REJECT_BAD_UTF8, 9, "surrogate"},
    {"{\"user\":\"\\udc00\"" TIMED, RF_REJECT_BAD_UTF8, 9, "surrogate"},
    {"{\"user\":\"\\u0000\"" TIMED, RF_REJECT_BAD_UTF8, -2, "U+0000"},
    {"{\"user\":1,\"user\":1" TIMED, RF_REJECT_DUPLICATE_KEY, -2, "user"},
    {"{\"user\":1,\"meta\":{}" TIMED, RF_REJECT_DUPLICATE_KEY, -2, "meta"},
    {"{\"user\":1,\"meta\":{\"shop\":{\"id\":1,\"id\":2}}}", RF_REJECT_DUPLICATE_KEY, -2, "id"},
    {"[1]", RF_REJECT_BAD_JSON, -2, "not a JSON object"},
    {"17", RF_REJECT_BAD_JSON, -2, "not a JSON object"},
    {"\"text\"", RF_REJECT_BAD_JSON, -2, "not a JSON object"},
    {"null", RF_REJECT_BAD_JSON, -2, "not a JSON object"},
    {"{", RF_REJECT_BAD_JSON, 1, "ends inside"},
    {"{\"user\":1", RF_REJECT_BAD_JSON, 9, "ends inside"},
    {"{\"user\":\"abc", RF_REJECT_BAD_JSON, 12, "breaks off"},
    {"{\"user\":1} x", RF_REJECT_BAD_JSON, -2, ""},
    {"{\"user\":1}{}", RF_REJECT_BAD_JSON, -2, "extra data after the object"},
    {"{\"user\":1} 5", RF_REJECT_BAD_JSON, -2, "extra data after the object"},
    {"{\"user\":1} \"", RF_REJECT_BAD_JSON, 12, ""},
    {"{\"user\":1}\"x\\", RF_REJECT_BAD_JSON, 13, ""},
    {"{\"user\":1}\"\\u00", RF_REJECT_BAD_JSON, -2, ""},
    {"{\"user\":1}tr", RF_REJECT_BAD_JSON, 12, ""},
    {"{\"user\":1}-", RF_REJECT_BAD_JSON, 11, ""},
    {"{\"user\":1}]", RF_REJECT_BAD_JSON, -2, ""},
    {"{\"user\" 1}", RF_REJECT_BAD_JSON, 9, "byte 9"},
    {"{user:1}", RF_REJECT_BAD_JSON, -2, "byte"},
    {"{'user':1}", RF_REJECT_BAD_JSON, -2, "byte"},
    {"{\"user\":01}", RF_REJECT_BAD_JSON, -2, ""},
    {"{\"user\":1,}", RF_REJECT_BAD_JSON, -2, ""},
    {"{\"user\":\"a\tb\"}", RF_REJECT_BAD_JSON, -2, ""},
    {"{\"user\":\"\\x41\"}", RF_REJECT_BAD_JSON, -2, ""},
    {"/* c */ {}", RF_REJECT_BAD_JSON, -2, ""},
    {"{\"x\":\v1}", RF_REJECT_BAD_JSON, -2, "invalid"},
    {"\f{}", RF_REJECT_BAD_JSON, -2, "not a JSON object"},
    {"", RF_REJECT_BAD_JSON, 0, "ends inside"},
};

/* What nobody reads may be no text, and no number: Python and JavaScript write such records. */
START_TEST(unmapped_keys_may_hold_what_no_event_could)
{
    static const char *const values[] = {
        "\"cut \\ud83d\"", "\"\\udc00\\u0000\"",     "\"\xFF\xFE\"",          "NaN",
        "-Infinity",       "[Infinity,{\"x\":NaN}]", "{\"\xFF\":\"\\ud800\"}"};
    decoder_rig r = rig_json(made_fields());
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char record[256];
        snprintf(record, sizeof record,
                 "{\"x\":%s,\"user\":1,\"time\":\"2020-01-01\"," GOOD ",\"amount\":1,\"score\":1}",
                 values[i]);
        ck_assert_msg(rig_decode_bytes(&r, record, strlen(record)) == RF_OK, "%s: %s", record, r.reject.text);
    }
    rig_close(&r);
}
END_TEST

START_TEST(each_reject_has_its_code_place_and_reason)
{
    decoder_rig r = rig_json(made_fields());
    rig_check_refusals(&r, refusals, sizeof refusals / sizeof refusals[0], "{\"user\":1" TIMED);
    rig_close(&r);
}
END_TEST

START_TEST(every_cut_of_a_record_is_refused)
{
    const char *record = "{\"user\":\"a\\u00e9\",\"time\":\"2020-01-01\",\"id\":-1.5e3,\"x\":[true,null],"
                         "\"meta\":{\"shop\":{\"id\":3}},\"amount\":1}";
    decoder_rig r = rig_json(made_fields());
    for (size_t len = 0; len < strlen(record); len++) {
        ck_assert_int_eq(rig_decode_bytes(&r, record, len), RF_SKIPPED);
        ck_assert_int_eq(r.reject.code, RF_REJECT_BAD_JSON);
    }
    rig_close(&r);
}
END_TEST

START_TEST(deep_nesting_is_refused_not_followed)
{
    rf_text text = {0};
    decoder_rig r = rig_json(made_fields());
    made_adds(&text, "{\"x\":");
    for (int i = 0; i < 100000; i++)
        made_adds(&text, "[");
    ck_assert_int_eq(rig_decode(&r, text.ptr), RF_SKIPPED);
    ck_assert_ptr_nonnull(strstr(r.reject.text, "nested"));
    rf_text_clear(&text);
    rig_close(&r);
}
END_TEST

START_TEST(reading_what_was_printed_gives_the_same_event)
{
    decoder_rig r = rig_json(made_fields());
    rig_check_round_trip(&r, 7, made_print_json);
    rig_close(&r);
}
END_TEST

START_TEST(good_records_need_no_memory_after_the_first)
{
    decoder_rig r = rig_json(made_fields());
    rig_check_no_more_memory(&r, "{\"user\":\"a\\u00e9b\"" TIMED);
    rig_close(&r);
}
END_TEST

static rf_status decode_once(const rf_fields *fields, const char *record, rf_err *err)
{
    rf_status st = RF_OK;
    rf_field_plan *plan = NULL;
    rf_json_decoder *decoder = NULL;
    rf_event event;
    rf_reject reject;
    RF_TRY(rf_field_plan_new(&plan, fields, err));
    RF_TRY(rf_json_decoder_new(&decoder, plan, err));
    RF_TRY(made_decode_json(&event, decoder, plan, made_span(record), &reject, err));
    RF_TRY(made_decode_json(&event, decoder, plan, made_span(record), &reject, err));
done:
    rf_json_decoder_free(decoder);
    rf_field_plan_free(plan);
    return st;
}

START_TEST(refused_memory_is_reported_and_nothing_is_lost)
{
    rf_fields fields = made_fields();
    RF_SWEEP(decode_once(&fields, "{\"user\":\"a\\u00e9\"" TIMED, sweep_err), (void)0);
    RF_SWEEP(decode_once(&fields, "{\"user\":\"a\\u00e9\",", sweep_err), (void)0);
    RF_SWEEP(decode_once(&fields, "{\"user\":tru", sweep_err), (void)0);
}
END_TEST

START_TEST(a_decoder_works_on_after_memory_was_refused)
{
    rf_err err = {0};
    decoder_rig r = rig_json(made_fields());
    rf_mem_fail_after(0);
    rf_status st = rig_try(&r, made_span("{\"user\":\"\\n\"" TIMED), &err);
    rf_mem_fail_after(-1);
    ck_assert_int_eq(st, RF_E_NOMEM);
    ck_assert_int_eq(rig_decode(&r, "{\"user\":1" TIMED), RF_OK);
    rig_close(&r);
}
END_TEST

/* The record with every letter and digit of its texts as an escape, which means the same. */
static rf_span escaped(char *out, const char *record, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    bool inside = false;
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)record[i];
        inside ^= c == '"';
        if (!inside || c >= 0x80 || !isalnum(c)) {
            out[n++] = (char)c;
            continue;
        }
        memcpy(out + n, "\\u00", 4);
        out[n + 4] = hex[c >> 4];
        out[n + 5] = hex[c & 15];
        n += 6;
    }
    return (rf_span){out, n};
}

/* By a decoder that has read others before, as it is, and by a new one, with escapes. */
static void check_both_ways(decoder_rig *plain, const char *record, size_t len)
{
    rf_err err = {0};
    rf_text first = {0}, second = {0};
    decoder_rig fresh = rig_json(made_fields());
    char *copy = malloc(len + !len), *longer = malloc(6 * len + 1); /* sanitizers see a read past it */
    memcpy(copy, record, len);
    rf_status st = rig_try(plain, (rf_span){copy, len}, &err);
    rf_status same = rig_try(&fresh, escaped(longer, record, len), &err);
    RF_HOLDS(st == same && plain->reject.code == fresh.reject.code);
    if (st == RF_OK) {
        made_describe(&first, &plain->event, &made_schema);
        made_describe(&second, &fresh.event, &made_schema);
        ck_assert_str_eq(first.ptr, second.ptr);
    }
    rf_text_clear(&first);
    rf_text_clear(&second);
    free(copy);
    free(longer);
    rig_close(&fresh);
}

START_TEST(escapes_do_not_change_how_a_record_is_read)
{
    static const char *const records[] = {
        "{\"user\":\"\xc3\xa9t\xc3\xa9\",\"x\":[1,-0.5e+3,{\"user\":[null]},\"]}\"],\"y\":{}" TIMED,
        " {\t\"user\" :\r\n 12 , \"amount\":-1E-2,\"present\" : false,\"channel\":null,\"z\":[ ]" TIMED " \r",
        "{\"user\":\"1234567\",\"x\":\"12345678\",\"y\":\"123456789\",\"channel\":"
        "\"abcdefghijklmnopqrstuvw\"" TIMED,
        "{\"user\":\"a\",\"meta\":{\"shop\":{\"id\":\"s\",\"no\":0},\"score\":\"2\"}" TIMED,
        "{\"user\":\"a\",\"amount\":01" TIMED,
        "{\"user\":\"a\",\"amount\":1." TIMED,
        "{\"user\":\"a\",\"amount\":+1" TIMED,
        "{\"user\":\"a\",\"amount\":-" TIMED,
        "{\"user\":\"a\",\"amount\":1e" TIMED,
        "{\"user\":\"a\",\"x\":nul" TIMED,
        "{\"user\":\"a\",\"x\":truefalse" TIMED,
        "{\"user\":\"a\",\"x\":[1,]" TIMED,
        "{\"user\":\"a\",\"x\":[1 2]" TIMED,
        "{\"user\":\"a\",\"x\" 1" TIMED,
        "{\"user\":\"a\",\"user\":\"a\"" TIMED,
        "{\"user\":\"a\",\"x\":1,\"x\":2" TIMED,
        "{\"user\":\"tab\there\"" TIMED,
        "{\"user\":\"\xc3\"" TIMED,
        "{\"user\":\"\xed\xa0\x80\"" TIMED,
        "{\"user\":\"a\"" TIMED ",{}",
        "{\"user\":\"a\",}",
        "[{\"user\":\"a\"" TIMED "]",
        "{}",
        "",
    };
    decoder_rig plain = rig_json(made_fields());
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        for (size_t len = 0; len <= strlen(records[i]); len++)
            check_both_ways(&plain, records[i], len);
    }
    rig_close(&plain);
}
END_TEST

/* Members in any order, some lacking, some twice, some that look alike, some that are not UTF-8. */
static void made_members(rf_text *record, rf_rng *rng)
{
    static const char *const members[] = {
        "\"user\":\"a\"",
        "\"id\":\"e\"",
        "\"meta\":{\"shop\":{\"id\":1},\"score\":2}",
        "\"time\":\"2020-01-01\"",
        "\"amount\":3",
        "\"channel\":\"web\"",
        "\"chan\":6",
        "\"channels\":[7]",
        "\"present\":true",
        "\"x\":{\"id\":8}",
        "\"a key of more than twenty-four bytes\":9",
        "\"\xC3\xA9\":\"\"",
        "\"label\":1",
        "\"kind\":\"ring\"",
        "\"\":11",
        "\"seen\":\"2020-01-01T00:00:12Z\"",
        /* seldom: */
        "\"\xC3\":10",
        "\"meta\":{\"score\":4,\"shop\":{\"x\":0,\"id\":5}}",
    };
    const size_t all = sizeof members / sizeof members[0], n = all - 2;
    size_t from = rf_rng_below(rng, 4) == 0 ? rf_rng_below(rng, n) : 0, count = 0;
    rf_text_reset(record);
    made_adds(record, "{");
    for (size_t i = 0; i < n; i++) {
        if (rf_rng_below(rng, 6) == 0)
            continue;
        made_adds(record, count++ > 0 ? "," : "");
        made_adds(record, members[rf_rng_below(rng, 20) == 0 ? rf_rng_below(rng, all) : (from + i) % n]);
    }
    made_adds(record, "}");
}

START_TEST(what_came_before_does_not_change_how_a_record_is_read)
{
    rf_rng rng;
    rf_text record = {0};
    decoder_rig plain = rig_json(made_fields());
    rf_rng_init(&rng, 9, 1);
    int good = 0;
    const int rounds = rf_short() ? 1000 : 20000;
    for (int i = 0; i < rounds; i++) {
        made_members(&record, &rng);
        check_both_ways(&plain, record.ptr, record.len);
        good += plain.reject.code == RF_REJECT_NONE;
    }
    ck_assert_int_gt(good, rounds / 10); /* most lack something, or have it twice */
    rf_text_clear(&record);
    rig_close(&plain);
}
END_TEST

RF_SUITE("event_json", every_mapped_field_is_read, null_and_absent_optional_fields_are_missing,
         keys_of_other_objects_are_not_mistaken_for_mapped_ones, an_escaped_key_is_the_same_key,
         a_key_may_be_value_and_object_in_the_mapping, a_name_may_end_in_a_dot, one_key_may_serve_two_fields,
         unmapped_keys_may_hold_what_no_event_could, each_reject_has_its_code_place_and_reason,
         every_cut_of_a_record_is_refused, deep_nesting_is_refused_not_followed,
         reading_what_was_printed_gives_the_same_event, good_records_need_no_memory_after_the_first,
         refused_memory_is_reported_and_nothing_is_lost, a_decoder_works_on_after_memory_was_refused,
         escapes_do_not_change_how_a_record_is_read, what_came_before_does_not_change_how_a_record_is_read)
