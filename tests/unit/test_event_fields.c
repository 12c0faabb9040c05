/* test_event_fields.c - what texts mean: times in every notation, cyclic attributes, booleans, labels, plans.
 */
#include "made_records.h"

#include "time_pattern_int.h"

static rf_span span(const char *text)
{
    return made_span(text);
}

typedef struct epoch_case {
    const char *text;
    int unit_digits;
    rf_number_status status;
    int64_t us;
} epoch_case;

START_TEST(epoch_numbers_are_exact_in_every_unit)
{
    static const epoch_case cases[] = {
        {"0", 0, RF_NUMBER_OK, 0},
        {"-0", 3, RF_NUMBER_OK, 0},
        {"1522586096", 0, RF_NUMBER_OK, 1522586096000000},
        {"1522586096.789", 0, RF_NUMBER_OK, 1522586096789000},
        {"1522586096.7890005", 0, RF_NUMBER_OK, 1522586096789000}, /* half to even */
        {"1522586096.7890015", 0, RF_NUMBER_OK, 1522586096789002},
        {"1522586096.78900150000000000000001", 0, RF_NUMBER_OK, 1522586096789002},
        {"1522586096.78900049999999999999999", 0, RF_NUMBER_OK, 1522586096789000},
        {"1.522586096789e9", 0, RF_NUMBER_OK, 1522586096789000},
        {"1522586096789", 3, RF_NUMBER_OK, 1522586096789000},
        {"1522586096789.25", 3, RF_NUMBER_OK, 1522586096789250},
        {"1522586096789123", 6, RF_NUMBER_OK, 1522586096789123},
        {"1522586096789123.5", 6, RF_NUMBER_OK, 1522586096789124},
        {"-1.5", 0, RF_NUMBER_OK, -1500000},
        {"0.0000001", 0, RF_NUMBER_OK, 0},
        {"0.0000005", 0, RF_NUMBER_OK, 0},
        {"0.0000006", 0, RF_NUMBER_OK, 1},
        {"1e-400", 0, RF_NUMBER_OK, 0},
        {"000000000000000000000000000001", 0, RF_NUMBER_OK, 1000000},
        {"1e30", 0, RF_NUMBER_RANGE, 0},
        {"9999999999999999999999999", 6, RF_NUMBER_RANGE, 0},
        {"1e99999999999999999999", 6, RF_NUMBER_RANGE, 0},
        {"0e99999999999999999999", 6, RF_NUMBER_OK, 0},
        {"", 0, RF_NUMBER_BAD, 0},
        {"-", 0, RF_NUMBER_BAD, 0},
        {".", 0, RF_NUMBER_BAD, 0},
        {"1.2.3", 0, RF_NUMBER_BAD, 0},
        {"1e", 0, RF_NUMBER_BAD, 0},
        {"e5", 0, RF_NUMBER_BAD, 0},
        {"1e+", 0, RF_NUMBER_BAD, 0},
        {" 1", 0, RF_NUMBER_BAD, 0},
        {"nan", 0, RF_NUMBER_NOT_FINITE, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t us = -1;
        ck_assert_msg(rf_units_parse(&us, span(cases[i].text), 1, cases[i].unit_digits) == cases[i].status,
                      "%s", cases[i].text);
        ck_assert_msg(cases[i].status != RF_NUMBER_OK || us == cases[i].us, "%s: %lld", cases[i].text,
                      (long long)us);
    }
}
END_TEST

typedef struct pattern_case {
    const char *pattern, *text;
    bool fits;
    const char *iso; /* what it is */
} pattern_case;

START_TEST(patterns_read_what_strptime_reads_and_fractions)
{
    static const pattern_case cases[] = {
        {"%Y-%m-%d %H:%M:%S", "2018-04-01 12:34:56", true, "2018-04-01T12:34:56Z"},
        {"%d.%m.%Y", "1.4.2018", true, "2018-04-01T00:00:00Z"},
        {"%d/%b/%Y:%H:%M:%S %z", "01/Apr/2018:12:34:56 +0200", true, "2018-04-01T10:34:56Z"},
        {"%A, %d %B %y %I:%M %p", "Sunday, 01 april 18 12:05 AM", true, "2018-04-01T00:05:00Z"},
        {"%m/%d/%Y %I:%M:%S %p", "04/01/2018 12:05:06 pm", true, "2018-04-01T12:05:06Z"},
        {"%F %T.%f", "2018-04-01 12:34:56.7", true, "2018-04-01T12:34:56.700000Z"},
        {"%F %T.%f", "2018-04-01 12:34:56.123456789", true, "2018-04-01T12:34:56.123456Z"},
        {"%Y%m%d%H%M%S", "20180401123456", true, "2018-04-01T12:34:56Z"},
        {"%D %R", "04/01/18 12:34", true, "2018-04-01T12:34:00Z"},
        {"%Y-%j", "2018-091", true, "2018-04-01T00:00:00Z"},
        {"%s", "1522586096", true, "2018-04-01T12:34:56Z"},
        {"%s.%f", "-1.5", true, "1969-12-31T23:59:58.500000Z"},
        {"%FT%T%z", "2018-04-01T12:34:56Z", true, "2018-04-01T12:34:56Z"},
        {"%FT%T%z", "2018-04-01T12:34:56-05:30", true, "2018-04-01T18:04:56Z"},
        {"%F %T %Z", "2018-04-01 12:34:56 UTC", true, "2018-04-01T12:34:56Z"},
        {"%a %b %e %T %Y", "Sun Apr  1 12:34:56 2018", true, "2018-04-01T12:34:56Z"},
        {"%F%%", "2018-04-01%", true, "2018-04-01T00:00:00Z"},
        {"%F", "2018-04-01x", false, NULL},
        {"%F", "2018-04-31", false, NULL},
        {"%F", "2018-02-29", false, NULL},
        {"%F", "2018-13-01", false, NULL},
        {"%F", "", false, NULL},
        {"%Y-%j", "2018-366", false, NULL},
        {"%F %T", "2018-04-01 24:00:00", false, NULL},
        {"%F %T", "2018-04-01 12:60:00", false, NULL},
        {"%F %I %p", "2018-04-01 13 am", false, NULL},
        {"%F %z", "2018-04-01 +9999", false, NULL},
        {"%F.%f", "2018-04-01.", false, NULL},
    };
    rf_err err = {0};
    rf_zone *zone = NULL;
    RF_CHECK_OK(err, rf_zone_new(&zone, "UTC", &err));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t us = 0;
        char out[RF_TIME_TEXT];
        RF_CHECK_OK(err, rf_time_pattern_check(cases[i].pattern, &err));
        bool fits = rf_time_pattern_parse(&us, cases[i].pattern, span(cases[i].text), zone);
        ck_assert_msg(fits == cases[i].fits, "%s: %s", cases[i].pattern, cases[i].text);
        if (fits)
            ck_assert_str_eq(rf_time_format(out, us), cases[i].iso);
    }
    rf_zone_free(zone);
}
END_TEST

START_TEST(a_pattern_is_local_time_unless_it_reads_an_offset)
{
    rf_err err = {0};
    rf_zone *zone = NULL;
    int64_t us;
    char out[RF_TIME_TEXT];
    RF_CHECK_OK(err, rf_zone_new(&zone, "+05:30", &err));
    ck_assert(rf_time_pattern_parse(&us, "%F %T", span("2018-04-01 00:00:00"), zone));
    ck_assert_str_eq(rf_time_format(out, us), "2018-03-31T18:30:00Z");
    ck_assert(rf_time_pattern_parse(&us, "%F %T%z", span("2018-04-01 00:00:00+00"), zone));
    ck_assert_str_eq(rf_time_format(out, us), "2018-04-01T00:00:00Z");
    rf_zone_free(zone);
}
END_TEST

START_TEST(patterns_that_cannot_name_a_moment_are_refused)
{
    rf_err err = {0};
    RF_CHECK_FAILS(err, RF_E_INVALID, "no whole date", rf_time_pattern_check("%H:%M", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "no whole date", rf_time_pattern_check("%Y-%m", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "%Q", rf_time_pattern_check("%Y-%m-%d %Q", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "not understood", rf_time_pattern_check("%Y-%m-%d %", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "am or pm", rf_time_pattern_check("%F %I:%M", &err));
}
END_TEST

static rf_status fill(rf_event *event, const rf_fields *fields, const rf_raw *raws, rf_reject *reject)
{
    rf_err err = {0};
    rf_field_plan *plan = NULL;
    RF_CHECK_OK(err, rf_field_plan_new(&plan, fields, &err));
    rf_status st = rf_field_plan_fill(event, plan, raws, reject);
    rf_field_plan_free(plan);
    return st;
}

static rf_raw text(const char *value)
{
    return (rf_raw){.kind = RF_RAW_TEXT, .text = span(value)};
}

START_TEST(cyclic_attributes_are_local_and_weeks_begin_on_monday)
{
    static const rf_attr attrs[] = {{.name = "day", .type = RF_ATTR_TIME_OF_DAY},
                                    {.name = "week", .type = RF_ATTR_TIME_OF_WEEK},
                                    {.name = "own", .field = "own", .type = RF_ATTR_TIME_OF_WEEK}};
    static const rf_schema schema = {.attrs = attrs, .n_attrs = 3};
    rf_fields fields = {.user = "u", .entity = "v", .time = "t", .zone = "Asia/Singapore", .schema = &schema};
    rf_event event;
    rf_reject reject;
    /* a Sunday 23:30 in UTC is Monday 07:30 in Singapore */
    rf_raw raws[] = {text("1"), text("2"), text("2018-04-01T23:30:00Z"), text("2018-04-01T23:30:00")};
    ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_OK);
    ck_assert_int_eq(event.values[0].number, 7 * RF_HOUR_US + 30 * RF_MINUTE_US);
    ck_assert_int_eq(event.values[1].number, 7 * RF_HOUR_US + 30 * RF_MINUTE_US);
    ck_assert_int_eq(event.values[2].number, 7 * RF_DAY_US - 30 * RF_MINUTE_US); /* no offset: local */
    raws[2] = text("1900-01-01T00:00:00Z"); /* before the epoch; a Monday */
    fields.zone = NULL;
    ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_OK);
    ck_assert_int_eq(event.values[1].number, 0);
}
END_TEST

START_TEST(flags_have_several_spellings)
{
    static const rf_attr attrs[] = {{.name = "flag", .field = "flag", .type = RF_ATTR_BOOLEAN}};
    static const rf_schema schema = {.attrs = attrs, .n_attrs = 1};
    static const char *const yes[] = {"1", "true", "TRUE", "True", "yes", "Yes", "1.0", "t", "T", " Y "};
    static const char *const no[] = {"0", "false", "False", "no", "NO", "0.0", "-0", "f", "F", " N "};
    static const char *const neither[] = {"2", "d", "on", "tru", "truee", "nan", "0.5", "tf", "-", "2.0"};
    rf_fields fields = {.user = "u", .entity = "v", .time = "t", .label = "l", .schema = &schema};
    rf_event event;
    rf_reject reject;
    for (int i = 0; i < 10; i++) {
        rf_raw raws[] = {text("1"), text("2"), text("2018-04-01"), text(yes[i]), text(no[i])};
        ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_OK);
        ck_assert(event.label == 1 && event.values[0].number == 0);
        raws[4] = text(yes[i]);
        raws[3] = text(no[i]);
        ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_OK);
        ck_assert(event.label == 0 && event.values[0].number == RF_FIXED_ONE);
        raws[3] = text(neither[i]);
        ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_OK); /* a label never loses an event */
        ck_assert(event.label == -1 && event.odd_label && reject.code == RF_REJECT_BAD_LABEL);
        raws[3] = text("");
        ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_OK);
        ck_assert(event.label == -1 && !event.odd_label);
        raws[4] = text(neither[i]);
        ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_SKIPPED);
        ck_assert_int_eq(reject.code, RF_REJECT_BAD_BOOLEAN);
    }
}
END_TEST

START_TEST(flags_and_labels_have_words_of_their_own)
{
    static const char *const one[] = {"1", "Chargeback"}, *const two[] = {"2", "ok"};
    static const char *const on[] = {"on"}, *const off[] = {"off"};
    static const rf_attr attrs[] = {
        {.name = "flag", .field = "flag", .type = RF_ATTR_BOOLEAN, .truth = {on, off, 1, 1}}};
    static const rf_schema schema = {.attrs = attrs, .n_attrs = 1};
    static const struct {
        const char *label, *flag;
        int is_label;
        int64_t is_flag;
    } cases[] = {{"1", "on", 1, RF_FIXED_ONE},    {"2", "OFF", 0, 0},
                 {"2.0", "1", 0, RF_FIXED_ONE},   {"CHARGEBACK", "0", 1, 0},
                 {" ok", "on ", 0, RF_FIXED_ONE}, {"0", "f", 0, 0},
                 {"unknown", "off", -1, 0},       {"3", "t", -1, RF_FIXED_ONE}};
    rf_fields fields = {.user = "u",
                        .entity = "v",
                        .time = "t",
                        .label = "l",
                        .label_words = {one, two, 2, 2},
                        .schema = &schema};
    rf_event event;
    rf_reject reject;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_raw raws[] = {text("1"), text("2"), text("2018-04-01"), text(cases[i].label), text(cases[i].flag)};
        RF_HOLDS(fill(&event, &fields, raws, &reject) == RF_OK && event.label == cases[i].is_label &&
                 event.values[0].number == cases[i].is_flag);
    }
    rf_raw number[] = {text("1"),
                       text("2"),
                       text("2018-04-01"),
                       {.kind = RF_RAW_NUMBER, .text = span("2")},
                       {.kind = RF_RAW_TRUE}};
    ck_assert_int_eq(fill(&event, &fields, number, &reject), RF_OK);
    ck_assert(event.label == 0 && event.values[0].number == RF_FIXED_ONE);
}
END_TEST

START_TEST(ages_are_days_from_another_moment)
{
    static const rf_attr attrs[] = {{.name = "age", .field = "from", .type = RF_ATTR_NUMBER, .age = true}};
    static const rf_schema schema = {.attrs = attrs, .n_attrs = 1};
    static const struct {
        const char *from;
        int64_t age;
    } cases[] = {{"1522540800", 1500000}, {"2018-04-01", 1500000}, {"1522713600", -500000}, {"", RF_MISSING}};
    rf_fields fields = {.user = "u", .entity = "v", .time = "t", .time_format = RF_TIME_S, .schema = &schema};
    rf_event event;
    rf_reject reject;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_raw raws[] = {text("1"), text("2"), text("1522670400"), text(cases[i].from)};
        ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_OK);
        ck_assert_int_eq(event.values[0].number, cases[i].age);
    }
    rf_raw raws[] = {text("1"), text("2"), text("1522670400"), text("long ago")};
    ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_SKIPPED);
    ck_assert_int_eq(reject.code, RF_REJECT_BAD_TIME);
}
END_TEST

START_TEST(times_count_in_units_from_a_moment_of_their_own)
{
    static const struct {
        rf_time_notation format;
        const char *text, *since, *is;
    } cases[] = {{RF_TIME_HOURS, "20", "2019-01-01", "2019-01-01T20:00:00Z"},
                 {RF_TIME_HOURS, "743.5", "2019-01-01", "2019-01-31T23:30:00Z"},
                 {RF_TIME_DAYS, "49", "2015-01-01T06:00:00Z", "2015-02-19T06:00:00Z"},
                 {RF_TIME_DAYS, "0.000000000011574074074", "2015-01-01", "2015-01-01T00:00:00.000001Z"},
                 {RF_TIME_MINUTES, "-90", "2015-01-01", "2014-12-31T22:30:00Z"},
                 {RF_TIME_S, "86400", "2017-11-30", "2017-12-01T00:00:00Z"},
                 {RF_TIME_NS, "1522586096789123456", "1970-01-01", "2018-04-01T12:34:56.789123Z"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_fields fields = {.user = "u", .entity = "v", .time = "t", .time_format = cases[i].format};
        rf_event event;
        rf_reject reject;
        char out[RF_TIME_TEXT];
        rf_raw raws[] = {text("1"), text("2"), text(cases[i].text)};
        ck_assert(rf_time_parse_iso(&fields.time_since_us, cases[i].since, strlen(cases[i].since), NULL));
        ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_OK);
        ck_assert_str_eq(rf_time_format(out, event.time_us), cases[i].is);
        raws[2] = text("1e25");
        ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_SKIPPED);
        ck_assert_int_eq(reject.code, RF_REJECT_TIME_RANGE);
    }
}
END_TEST

START_TEST(the_first_of_several_time_formats_that_fits_counts)
{
    rf_fields fields = {.user = "u",
                        .entity = "v",
                        .time = "t",
                        .time_format = RF_TIME_STRPTIME,
                        .time_pattern = "%d/%m/%Y %H:%M\n%d/%m/%Y\niso8601\ns\nms"};
    static const char *const texts[][2] = {{"01/04/2018 12:30", "2018-04-01T12:30:00Z"},
                                           {"01/04/2018", "2018-04-01T00:00:00Z"},
                                           {"2018-04-01T01:00:00+01:00", "2018-04-01T00:00:00Z"},
                                           {"1522586096", "2018-04-01T12:34:56Z"},
                                           {"1522586096000", "2018-04-01T12:34:56Z"}};
    rf_event event;
    rf_reject reject;
    char out[RF_TIME_TEXT];
    for (int i = 0; i < 5; i++) {
        rf_raw raws[] = {text("1"), text("2"), text(texts[i][0])};
        ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_OK);
        ck_assert_str_eq(rf_time_format(out, event.time_us), texts[i][1]);
    }
    rf_raw raws[] = {text("1"), text("2"), text("yesterday")};
    ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_SKIPPED);
    ck_assert_ptr_nonnull(strstr(reject.text, "none of the time formats"));
}
END_TEST

START_TEST(times_in_every_notation_know_their_range)
{
    rf_fields fields = {.user = "u", .entity = "v", .time = "t"};
    static const struct {
        rf_time_notation format;
        const char *pattern, *bad, *early, *late, *last;
    } cases[] = {
        {RF_TIME_ISO8601, NULL, "x", "1899-12-31T23:59:59.999999Z", "2100-01-01",
         "2099-12-31T23:59:59.999999Z"},
        {RF_TIME_ISO8601, NULL, "2023-02-29", "1600-02-29", "9999-02-28", "1900-01-01"},
        {RF_TIME_S, NULL, "2018-01-01", "-2208988800.000001", "4102444800", "4102444799.999999"},
        {RF_TIME_MS, NULL, "1.5s", "-2208988801000", "4102444800000", "4102444799999"},
        {RF_TIME_US, NULL, "", "-2208988800000001", "4102444800000000", "4102444799999999"},
        {RF_TIME_STRPTIME, "%d.%m.%Y", "1.13.2018", "31.12.1899", "1.1.2100", "31.12.2099"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_event event;
        rf_reject reject;
        rf_raw raws[] = {text("1"), text("2"), text(cases[i].bad)};
        fields.time_format = cases[i].format;
        fields.time_pattern = cases[i].pattern;
        ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_SKIPPED);
        ck_assert_int_eq(reject.code, cases[i].bad[0] == '\0' ? RF_REJECT_MISSING_FIELD : RF_REJECT_BAD_TIME);
        raws[2] = text(cases[i].early);
        ck_assert_msg(fill(&event, &fields, raws, &reject) == RF_SKIPPED, "%s", cases[i].early);
        ck_assert_int_eq(reject.code, RF_REJECT_TIME_RANGE);
        raws[2] = text(cases[i].late);
        ck_assert_msg(fill(&event, &fields, raws, &reject) == RF_SKIPPED, "%s", cases[i].late);
        ck_assert_int_eq(reject.code, RF_REJECT_TIME_RANGE);
        raws[2] = text(cases[i].last);
        ck_assert_msg(fill(&event, &fields, raws, &reject) == RF_OK, "%s: %s", cases[i].last, reject.text);
    }
}
END_TEST

START_TEST(without_a_time_field_all_events_have_one_time)
{
    rf_fields fields = {.user = "u", .entity = "v", .time_format = RF_TIME_S};
    rf_event event = {.time_us = 7};
    rf_reject reject;
    rf_raw raws[] = {text("1"), text("2")};
    ck_assert_int_eq(fill(&event, &fields, raws, &reject), RF_OK);
    ck_assert_int_eq(event.time_us, RF_TIME_OF_TIMELESS);
}
END_TEST

START_TEST(plans_that_lack_something_are_refused)
{
    static const rf_attr nameless = {.name = "a", .type = RF_ATTR_NUMBER};
    static const rf_attr own_clock = {.name = "clock", .type = RF_ATTR_TIME_OF_DAY};
    static const rf_schema schema = {.attrs = &nameless, .n_attrs = 1},
                           of_time = {.attrs = &own_clock, .n_attrs = 1};
    rf_err err = {0};
    rf_field_plan *plan = NULL;
    rf_fields fields = {.user = "u", .entity = "v", .time = "t"};
    fields.user = NULL;
    RF_CHECK_FAILS(err, RF_E_INVALID, "fields.user", rf_field_plan_new(&plan, &fields, &err));
    fields.user = "u";
    fields.entity = "";
    RF_CHECK_FAILS(err, RF_E_INVALID, "fields.entity", rf_field_plan_new(&plan, &fields, &err));
    fields.entity = "v";
    fields.zone = "Nowhere/Land";
    RF_CHECK_FAILS(err, RF_E_INVALID, "Nowhere", rf_field_plan_new(&plan, &fields, &err));
    fields.zone = NULL;
    fields.time_format = RF_TIME_STRPTIME;
    RF_CHECK_FAILS(err, RF_E_INVALID, "pattern", rf_field_plan_new(&plan, &fields, &err));
    fields.time_format = RF_TIME_S;
    fields.schema = &schema;
    RF_CHECK_FAILS(err, RF_E_INVALID, "attributes.a", rf_field_plan_new(&plan, &fields, &err));
    fields.time = NULL;
    fields.schema = &of_time;
    RF_CHECK_FAILS(err, RF_E_INVALID, "clock is the event's own time",
                   rf_field_plan_new(&plan, &fields, &err));
    ck_assert_ptr_null(plan);
}
END_TEST

START_TEST(shown_values_are_short_and_printable)
{
    char out[RF_SHOWN_BYTES];
    ck_assert_str_eq(rf_shown(out, span("plain é")), "plain é");
    ck_assert_str_eq(rf_shown(out, span("a\nb\x7F")), "a\\x0ab\\x7f");
    ck_assert_str_eq(rf_shown(out, span("a\xFF"
                                        "b")),
                     "a\\xffb");
    rf_shown(out, span("éééééééééééééééééééééééééééééééééééééééé"));
    ck_assert_uint_eq(strlen(out), 63);
    rf_shown(out, span("xééééééééééééééééééééééééééééééééééééééé"));
    ck_assert_uint_eq(strlen(out), 62); /* no half character */
}
END_TEST

RF_SUITE("event_fields", epoch_numbers_are_exact_in_every_unit,
         patterns_read_what_strptime_reads_and_fractions, a_pattern_is_local_time_unless_it_reads_an_offset,
         patterns_that_cannot_name_a_moment_are_refused,
         cyclic_attributes_are_local_and_weeks_begin_on_monday, flags_have_several_spellings,
         times_in_every_notation_know_their_range, flags_and_labels_have_words_of_their_own,
         ages_are_days_from_another_moment, times_count_in_units_from_a_moment_of_their_own,
         the_first_of_several_time_formats_that_fits_counts, without_a_time_field_all_events_have_one_time,
         plans_that_lack_something_are_refused, shown_values_are_short_and_printable)
