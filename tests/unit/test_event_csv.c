/* test_event_csv.c - CSV records: quotes, headers, what they become, and why they are refused. */
#include "decoder_rig.h"

static const rf_fields simple = {.user = "u", .entity = "v", .time = "t", .time_format = RF_TIME_S};

static void check_span(rf_span span, const char *text)
{
    ck_assert_msg(span.len == strlen(text) && memcmp(span.ptr, text, span.len) == 0, "\"%.*s\", not \"%s\"",
                  (int)span.len, span.ptr, text);
}

START_TEST(quotes_hold_commas_line_ends_and_doubled_quotes)
{
    decoder_rig r = rig_csv(simple, "x,u,t,v");
    ck_assert_int_eq(rig_decode(&r, "\"a,\"\"b\"\"\",\"He said \"\"no,\r\nnever\"\"\",1.5,\"\"\"\"\"\""),
                     RF_OK);
    check_span(r.event.user, "He said \"no,\r\nnever\"");
    check_span(r.event.entity, "\"\"");
    ck_assert_int_eq(r.event.time_us, 1500000);
    rig_close(&r);
}
END_TEST

START_TEST(header_names_may_be_quoted_and_in_any_order)
{
    decoder_rig r = rig_csv(simple, "\"t\",\"odd \"\"name\"\", with comma\",v,\"u\"");
    ck_assert_int_eq(rig_decode(&r, "7,,shop, me "), RF_OK);
    check_span(r.event.user, " me ");
    check_span(r.event.entity, "shop");
    rig_close(&r);
}
END_TEST

START_TEST(a_header_must_have_each_mapped_column_once)
{
    rf_err err = {0};
    decoder_rig r = rig_csv(simple, NULL);
    RF_CHECK_FAILS(err, RF_E_INVALID, "no column \"t\"",
                   rf_csv_decoder_header(r.csv, made_span("u,v,time"), '\0', "a.csv", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "a.csv",
                   rf_csv_decoder_header(r.csv, made_span("u,v"), '\0', "a.csv", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "several columns \"u\"",
                   rf_csv_decoder_header(r.csv, made_span("u,v,t,u"), '\0', "a.csv", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "quotes",
                   rf_csv_decoder_header(r.csv, made_span("u,\"v,t"), '\0', "a.csv", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "UTF-8",
                   rf_csv_decoder_header(r.csv, made_span("u,v,\xFF"), '\0', "a.csv", &err));
    RF_CHECK_OK(err, rf_csv_decoder_header(r.csv, made_span("x,x,u,v,t"), '\0', "a.csv", &err));
    ck_assert_int_eq(rig_decode(&r, ",,1,2,3"), RF_OK);
    rig_close(&r);
}
END_TEST

/* id,time,user,meta.shop.id,amount,meta.score,channel,present,seen,label,kind,note */
static const rig_refusal refusals[] = {
    {"1,2020-01-01,,s,1,,,,,,,", RF_REJECT_MISSING_FIELD, -1, "user"},
    {"1,2020-01-01,\"\",s,1,,,,,,,", RF_REJECT_MISSING_FIELD, -1, "user"},
    {"1,2020-01-01,u,s,,,,,,,,", RF_REJECT_MISSING_FIELD, -1, "amount"},
    {",2020-01-01,u,s,1,,,,,,,", RF_REJECT_MISSING_FIELD, -1, "event_id"},
    {"1,,u,s,1,,,,,,,", RF_REJECT_MISSING_FIELD, -1, "time"},
    {"1,2020-01-01,u,s,1.2.3,,,,,,,", RF_REJECT_BAD_NUMBER, -1, "1.2.3"},
    {"1,2020-01-01,u,s,1 1,,,,,,,", RF_REJECT_BAD_NUMBER, -1, "\"1 1\""},
    {"1,2020-01-01,u,s,0x10,,,,,,,", RF_REJECT_BAD_NUMBER, -1, "0x10"},
    {"1,2020-01-01,u,s,nan,,,,,,,", RF_REJECT_NOT_FINITE, -1, "nan"},
    {"1,2020-01-01,u,s,inf,,,,,,,", RF_REJECT_NOT_FINITE, -1, "inf"},
    {"1,2020-01-01,u,s,1000000000001,,,,,,,", RF_REJECT_NUMBER_RANGE, -1, "amount"},
    {"1,2020-13-01,u,s,1,,,,,,,", RF_REJECT_BAD_TIME, -1, "2020-13-01"},
    {"1,1700-01-01,u,s,1,,,,,,,", RF_REJECT_TIME_RANGE, -1, "1700"},
    {"1,2020-01-01,u,s,1,,,perhaps,,,,", RF_REJECT_BAD_BOOLEAN, -1, "perhaps"},
    {"1,2020-01-01,\xFF,s,1,,,,,,,", RF_REJECT_BAD_UTF8, -1, "UTF-8"},
    {"1,2020-01-01,u,s,1,,,,,,\xC0\x80,\xC0\x80", RF_REJECT_BAD_UTF8, -1, "column \"kind\" is not UTF-8"},
    {"1,2020-01-01,u,s,1,,,,,,", RF_REJECT_FIELD_COUNT, -1, "11 fields, the header 12"},
    {"1,2020-01-01,u,s,1,,,,,,,,x", RF_REJECT_FIELD_COUNT, -1, "13 fields"},
    {"1,2020-01-01,u\"x\",s,1,,,,,,,", RF_REJECT_BAD_CSV, 14, "byte 14"},
    {"1,2020-01-01,\"u\"x,s,1,,,,,,,", RF_REJECT_BAD_CSV, 16, "closing quote"},
    {"1,2020-01-01,\"u,s,1,,,,,,,", RF_REJECT_BAD_CSV, 26, "never closed"},
    {"1,2020-01-01,\"u\"\",s,1,,,,,,,", RF_REJECT_BAD_CSV, 28, "never closed"},
};

START_TEST(each_reject_has_its_code_place_and_reason)
{
    decoder_rig r = rig_csv(made_fields(), MADE_CSV_HEADER);
    rig_check_refusals(&r, refusals, sizeof refusals / sizeof refusals[0], "1,2020-01-01,u,s,1,,,,,,,");
    rig_close(&r);
}
END_TEST

START_TEST(reading_what_was_printed_gives_the_same_event)
{
    decoder_rig r = rig_csv(made_fields(), MADE_CSV_HEADER);
    rig_check_round_trip(&r, 8, made_print_csv);
    rig_close(&r);
}
END_TEST

START_TEST(good_records_need_no_memory_after_the_first)
{
    decoder_rig r = rig_csv(simple, "u,v,t");
    rig_check_no_more_memory(&r, "\"a\"\"b\",v,1");
    rig_close(&r);
}
END_TEST

static rf_status decode_once(const rf_fields *fields, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_csv_dialect dialect = {0};
    rf_field_plan *plan = NULL;
    rf_csv_decoder *decoder = NULL;
    rf_event event;
    rf_reject reject;
    RF_TRY(rf_field_plan_new(&plan, fields, err));
    RF_TRY(rf_csv_decoder_new(&decoder, plan, &dialect, err));
    RF_TRY(rf_csv_decoder_header(decoder, made_span(MADE_CSV_HEADER), '\0', "memory.csv", err));
    RF_TRY(made_decode_csv(&event, decoder, plan,
                           made_span("1,2020-01-01,\"u\"\"\",s,1,,,,,,,a longer field than the header"
                                     "has letters, so that more memory is needed"),
                           &reject, err));
done:
    rf_csv_decoder_free(decoder);
    rf_field_plan_free(plan);
    return st;
}

START_TEST(refused_memory_is_reported_and_nothing_is_lost)
{
    rf_fields fields = made_fields();
    RF_SWEEP(decode_once(&fields, sweep_err), (void)0);
}
END_TEST

RF_SUITE("event_csv", quotes_hold_commas_line_ends_and_doubled_quotes,
         header_names_may_be_quoted_and_in_any_order, a_header_must_have_each_mapped_column_once,
         each_reject_has_its_code_place_and_reason, reading_what_was_printed_gives_the_same_event,
         good_records_need_no_memory_after_the_first, refused_memory_is_reported_and_nothing_is_lost)
