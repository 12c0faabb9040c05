/* test_time.c - dates, zones and durations: against the C library, and there and back again. */
#include "rf_check.h"
#include "rf_rng.h"
#include "rf_text.h"
#include "rf_time.h"

#include <time.h>

static rf_zone *zone_of(const char *name)
{
    rf_err err = {0};
    rf_zone *zone = NULL;
    RF_CHECK_OK(err, rf_zone_new(&zone, name, &err));
    return zone;
}

static int64_t parsed(const char *text, const rf_zone *zone)
{
    int64_t us = -1;
    ck_assert_msg(rf_time_parse_iso(&us, text, strlen(text), zone), "%s is refused", text);
    return us;
}

START_TEST(civil_dates_count_days_without_a_gap)
{
    int64_t expected = rf_days_from_civil(1600, 1, 1);
    const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    ck_assert_int_eq(rf_days_from_civil(1970, 1, 1), 0);
    for (int64_t year = 1600; year < 2400; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= lengths[month - 1] + (leap && month == 2); day++, expected++) {
                int64_t y;
                int m, d;
                RF_HOLDS(rf_days_from_civil(year, month, day) == expected);
                rf_civil_from_days(expected, &y, &m, &d);
                RF_HOLDS(y == year && m == month && d == day);
            }
        }
    }
}
END_TEST

START_TEST(known_texts_give_known_moments)
{
    ck_assert_int_eq(parsed("1970-01-01", NULL), 0);
    ck_assert_int_eq(parsed("2018-04-01T12:34:56.789Z", NULL), 1522586096789000);
    ck_assert_int_eq(parsed("2018-04-01 12:34:56", NULL), 1522586096000000);
    ck_assert_int_eq(parsed("2018-04-01t12:34Z", NULL), 1522586040000000);
    ck_assert_int_eq(parsed("2018-04-01T12:34:56,5+02:00", NULL), 1522578896500000);
    ck_assert_int_eq(parsed("2018-04-01T12:34:56-0330", NULL), 1522598696000000);
    ck_assert_int_eq(parsed("2018-04-01 12:34:56+05", NULL), 1522568096000000);
    ck_assert_int_eq(parsed("2018-04-01 12:34:56 UTC", NULL), 1522586096000000);
    ck_assert_int_eq(parsed("2018-04-01T12:34:56.1234567899Z", NULL), 1522586096123456);
    ck_assert_int_eq(parsed("2016-12-31T23:59:60Z", NULL), parsed("2017-01-01", NULL));
    ck_assert_int_eq(parsed("1900-01-01", NULL), RF_TIME_MIN);
    ck_assert_int_eq(parsed("2099-12-31T23:59:59.999999Z", NULL), RF_TIME_MAX - 1);
}
END_TEST

START_TEST(texts_that_are_no_times_are_refused)
{
    const char *const bad[] = {"",
                               "2018",
                               "2018-4-1",
                               "2018-13-01",
                               "2018-02-29",
                               "2018-00-10",
                               "2018-01-00",
                               "2018-04-01T",
                               "2018-04-01T24:00:00",
                               "2018-04-01T12:60:00",
                               "2018-04-01T12:00:61",
                               "2018-04-01T12:00:00.",
                               "2018-04-01T12:00:00Zx",
                               "2018-04-01T12:00:00+5",
                               "2018-04-01T12:00:00+05:",
                               "2018-04-01T12:00:00+24:00",
                               "2018-04-01Z",
                               " 2018-04-01",
                               "2018-04-01 ",
                               "-018-04-01",
                               "1899-12-31",
                               "2100-01-01",
                               "2018-04-01T12"};
    int64_t us = 42;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!rf_time_parse_iso(&us, bad[i], strlen(bad[i]), NULL), "\"%s\" is accepted", bad[i]);
    ck_assert_int_eq(us, 42);
}
END_TEST

START_TEST(printed_moments_read_back_the_same)
{
    rf_rng rng;
    char text[RF_TIME_TEXT];
    rf_rng_init(&rng, 1, 1);
    for (int i = 0; i < 30000; i++) {
        int64_t us = RF_TIME_MIN + (int64_t)(rf_rng_u64(&rng) % (uint64_t)(RF_TIME_MAX - RF_TIME_MIN));
        if (i % 3 == 0)
            us -= us % RF_SECOND_US;
        ck_assert_int_eq(parsed(rf_time_format(text, us), NULL), us);
    }
    ck_assert_str_eq(rf_time_format(text, 1522586096789000), "2018-04-01T12:34:56.789000Z");
    ck_assert_str_eq(rf_time_format(text, -1), "1969-12-31T23:59:59.999999Z");
    ck_assert_str_eq(rf_time_format(text, 1522586096000000), "2018-04-01T12:34:56Z");
    ck_assert_str_eq(rf_time_format(text, -62135596800000001), "0000-12-31T23:59:59.999999Z");
    ck_assert_str_eq(rf_time_format(text, -65000000000000000), "-090-03-27T04:26:40Z");
    ck_assert_str_eq(rf_time_format(text, INT64_MIN), "-290308-12-21T19:59:05.224192Z");
    ck_assert_str_eq(rf_time_format(text, INT64_MAX), "294247-01-10T04:00:54.775807Z");
    ck_assert_uint_lt(strlen(rf_time_format(text, INT64_MIN)), RF_TIME_TEXT);
}
END_TEST

/* What the C library says, whose zone is set for the test alone. */
static void compare_zone(const char *name)
{
    rf_zone *zone = zone_of(name);
    rf_rng rng;
    rf_rng_init(&rng, 7, strlen(name));
    setenv("TZ", name, 1);
    tzset();
    for (int i = 0; i < 4000; i++) {
        int64_t seconds =
            (RF_TIME_MIN + (int64_t)(rf_rng_u64(&rng) % (uint64_t)(RF_TIME_MAX - RF_TIME_MIN))) /
            RF_SECOND_US;
        time_t moment = (time_t)seconds;
        struct tm local;
        localtime_r(&moment, &local);
        int32_t offset = rf_zone_offset_s(zone, seconds * RF_SECOND_US);
        ck_assert_msg(offset == local.tm_gmtoff, "%s at %lld: %d, the C library says %ld", name,
                      (long long)seconds, offset, local.tm_gmtoff);
        /* there and back: the same moment, or an earlier one that the clock showed before it was set back */
        int64_t back = rf_zone_from_local(zone, (seconds + offset) * RF_SECOND_US) / RF_SECOND_US;
        RF_HOLDS(back == seconds || (back < seconds && back >= seconds - 90000));
        RF_HOLDS(back + rf_zone_offset_s(zone, back * RF_SECOND_US) == seconds + offset);
    }
    unsetenv("TZ");
    tzset();
    rf_zone_free(zone);
}

START_TEST(zones_agree_with_the_c_library)
{
    const char *const names[] = {"Europe/Paris",        "America/New_York",  "Asia/Singapore",
                                 "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca",
                                 "Asia/Kolkata",        "Pacific/Apia",      "Europe/Dublin",
                                 "America/St_Johns",    "Antarctica/Troll",  "Asia/Gaza"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        compare_zone(names[i]);
}
END_TEST

START_TEST(clocks_set_back_give_the_earlier_moment_and_clocks_set_ahead_the_shifted_one)
{
    rf_zone *paris = zone_of("Europe/Paris");
    ck_assert_int_eq(parsed("2018-10-28T02:30:00", paris), parsed("2018-10-28T00:30:00Z", NULL));
    ck_assert_int_eq(parsed("2018-03-25T02:30:00", paris), parsed("2018-03-25T01:30:00Z", NULL));
    ck_assert_int_eq(parsed("2018-03-25T01:59:59", paris), parsed("2018-03-25T00:59:59Z", NULL));
    ck_assert_int_eq(parsed("2018-03-25T03:00:00", paris), parsed("2018-03-25T01:00:00Z", NULL));
    ck_assert_int_eq(parsed("2090-07-01T12:00:00", paris), parsed("2090-07-01T10:00:00Z", NULL));
    ck_assert_int_eq(parsed("2018-07-01T12:00:00Z", paris), parsed("2018-07-01T12:00:00Z", NULL));
    rf_zone_free(paris);
}
END_TEST

START_TEST(fixed_offsets_and_utc_are_zones)
{
    rf_zone *zone = zone_of("+05:30");
    ck_assert_int_eq(rf_zone_offset_s(zone, 0), 19800);
    ck_assert_int_eq(rf_zone_from_local(zone, 0), -19800 * RF_SECOND_US);
    rf_zone_free(zone);
    zone = zone_of("-0800");
    ck_assert_int_eq(rf_zone_offset_s(zone, 0), -28800);
    rf_zone_free(zone);
    zone = zone_of("UTC");
    ck_assert_int_eq(rf_zone_offset_s(zone, RF_TIME_MAX), 0);
    rf_zone_free(zone);
}
END_TEST

START_TEST(unknown_and_hostile_zone_names_are_refused)
{
    rf_err err = {0};
    rf_zone *zone = NULL;
    RF_CHECK_FAILS(err, RF_E_INVALID, "Europe/Pariss", rf_zone_new(&zone, "Europe/Pariss", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "not a time zone", rf_zone_new(&zone, "../../etc/passwd", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "not a time zone", rf_zone_new(&zone, "/etc/passwd", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "not a time zone", rf_zone_new(&zone, "", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "not a valid zone file", rf_zone_new(&zone, "leapseconds", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "not a valid zone file", rf_zone_new(&zone, "Europe", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "not a time zone", rf_zone_new(&zone, "+05:3x", &err));
    ck_assert_ptr_null(zone);
}
END_TEST

START_TEST(broken_zone_files_are_refused_and_never_crash)
{
    const char *folder = rf_tmp_folder();
    char path[RF_TEST_PATH];
    size_t len = 0;
    char *whole = rf_slurp("/usr/share/zoneinfo/Europe/Paris", &len);
    ck_assert_ptr_nonnull(whole);
    rf_rng rng;
    rf_rng_init(&rng, 3, 3);
    setenv("TZDIR", folder, 1);
    rf_tmp_path(path, "Broken");
    for (int i = 0; i < 400; i++) {
        rf_zone *zone = NULL;
        char *copy = malloc(len);
        memcpy(copy, whole, len);
        size_t cut = i % 2 == 0 ? rf_rng_below(&rng, (uint32_t)len) : len;
        for (int k = 0; k < i % 7; k++)
            copy[rf_rng_below(&rng, (uint32_t)len)] = (char)rf_rng_u64(&rng);
        rf_spill(path, copy, cut);
        if (rf_zone_new(&zone, "Broken", NULL) == RF_OK)
            (void)rf_zone_offset_s(zone, 0);
        rf_zone_free(zone);
        free(copy);
    }
    unsetenv("TZDIR");
    free(whole);
}
END_TEST

START_TEST(durations_read_back_the_same)
{
    char text[RF_TIME_TEXT];
    int64_t us;
    rf_rng rng;
    rf_rng_init(&rng, 5, 5);
    const int64_t units[] = {1, 1000, RF_SECOND_US, RF_MINUTE_US, RF_HOUR_US, RF_DAY_US};
    for (int i = 0; i < 20000; i++) {
        int64_t duration = rf_rng_below(&rng, 100000) * units[i % 6];
        rf_duration_format(text, duration);
        RF_HOLDS(rf_duration_parse(&us, text, strlen(text)) && us == duration);
    }
    ck_assert_str_eq(rf_duration_format(text, 30 * RF_DAY_US), "30d");
    ck_assert_str_eq(rf_duration_format(text, 90 * RF_SECOND_US), "90s");
    ck_assert_str_eq(rf_duration_format(text, 0), "0s");
}
END_TEST

START_TEST(texts_that_are_no_durations_are_refused)
{
    const char *const bad[] = {
        "", "7", "d", "-1d", "+1d", "1.5h", "7 d", "7dd", "7w", "999999999999999d", "99999999999999999999s"};
    int64_t us = 42;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!rf_duration_parse(&us, bad[i], strlen(bad[i])), "\"%s\" is accepted", bad[i]);
    ck_assert_int_eq(us, 42);
}
END_TEST

START_TEST(source_date_epoch_fixes_the_clock)
{
    setenv("SOURCE_DATE_EPOCH", "1522586096", 1);
    ck_assert_int_eq(rf_time_now_us(), 1522586096000000);
    setenv("SOURCE_DATE_EPOCH", "soon", 1);
    ck_assert_int_gt(rf_time_now_us(), 1700000000000000);
    unsetenv("SOURCE_DATE_EPOCH");
    double before = rf_monotonic_s();
    ck_assert(rf_monotonic_s() >= before);
}
END_TEST

START_TEST(zones_survive_failing_allocations)
{
    rf_zone *zone = NULL;
    RF_SWEEP(rf_zone_new(&zone, "Europe/Paris", sweep_err), rf_zone_free(zone));
    RF_SWEEP(rf_zone_new(&zone, "+01:00", sweep_err), rf_zone_free(zone));
    rf_zone_free(NULL);
}
END_TEST

/* A small t leads past the way of usual moments. */
START_TEST(usual_moments_are_read_as_all_others)
{
    static const char usual[] = "2026-02-28T23:59:60.123456+05:30", alphabet[] = "0123456789.:-+Z /";
    rf_rng rng;
    int moments = 0;
    rf_rng_init(&rng, 1, 9);
    for (int round = 0; round < 100000; round++) {
        char text[sizeof usual];
        size_t len = round % 2 == 0 ? 19 : rf_rng_below(&rng, sizeof usual);
        memcpy(text, usual, sizeof usual);
        for (uint32_t n = rf_rng_below(&rng, 4); n > 0; n--) {
            size_t at = rf_rng_below(&rng, 19);
            text[at] = at == 10 ? text[at] : alphabet[rf_rng_below(&rng, sizeof alphabet - 1)];
        }
        char *exact = malloc(len + 1);
        memcpy(exact, text, len);
        int64_t us = 0, slow_us = 0;
        text[10] = 't';
        bool read = rf_time_parse_iso(&us, exact, len, NULL);
        ck_assert_msg(read == rf_time_parse_iso(&slow_us, text, len, NULL) && us == slow_us, "%.*s", (int)len,
                      text);
        moments += read;
        free(exact);
    }
    ck_assert_int_gt(moments, 20000);
}
END_TEST

RF_SUITE("time", usual_moments_are_read_as_all_others, civil_dates_count_days_without_a_gap,
         known_texts_give_known_moments, texts_that_are_no_times_are_refused,
         printed_moments_read_back_the_same, zones_agree_with_the_c_library,
         clocks_set_back_give_the_earlier_moment_and_clocks_set_ahead_the_shifted_one,
         fixed_offsets_and_utc_are_zones, unknown_and_hostile_zone_names_are_refused,
         broken_zone_files_are_refused_and_never_crash, durations_read_back_the_same,
         texts_that_are_no_durations_are_refused, source_date_epoch_fixes_the_clock,
         zones_survive_failing_allocations)
