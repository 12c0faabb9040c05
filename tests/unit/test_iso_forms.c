/* test_iso_forms.c - the less usual forms of ISO 8601 mean the same moments as the usual ones, for every day.
 */
#include "rf_check.h"
#include "rf_time.h"

/* Both in a zone, which counts where no offset is. */
START_TEST(each_form_means_what_the_usual_one_does)
{
    static const char *const cases[][2] = {
        {"20240302T173015Z", "2024-03-02T17:30:15.0Z"},
        {"20240302T1730+0100", "2024-03-02T17:30:00.0+0100"},
        {"20240302 17", "2024-03-02T17:00:00.0"},
        {"20240302", "2024-03-02"},
        {"2024-W09-6", "2024-03-02"},
        {"2024W096T173015,25Z", "2024-03-02T17:30:15.25Z"},
        {"2024-062", "2024-03-02"},
        {"2023-365T23:59", "2023-12-31T23:59:00.0"},
        {"2024-366", "2024-12-31"},
        {"2024-12-31T24:00:00Z", "2025-01-01T00:00:00.0Z"},
        {"20240228T2400", "2024-02-29T00:00:00.0"},
        {"2024-03-02 17:30:15.123456789 +0100 CET", "2024-03-02T17:30:15.123456789+0100"},
        {"2024-03-02 17:30:15 -05:00 EST", "2024-03-02T17:30:15.0-05:00"},
        {"2024-03-02T17", "2024-03-02T17:00:00.0"},
        {"2020-W53-7", "2021-01-03"},
        {"2009-W01-1", "2008-12-29"},
    };
    rf_err err = {0};
    rf_zone *zone = NULL;
    RF_CHECK_OK(err, rf_zone_new(&zone, "Asia/Singapore", &err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t us, wanted;
        const char *form = cases[i][0], *usual = cases[i][1];
        ck_assert_msg(rf_time_parse_form(&us, form, strlen(form), zone), "%s is refused", form);
        ck_assert_msg(rf_time_parse_iso(&wanted, usual, strlen(usual), zone), "%s", usual);
        ck_assert_msg(us == wanted, "%s is not %s", form, usual);
    }
    rf_zone_free(zone);
}
END_TEST

START_TEST(what_is_none_is_refused)
{
    static const char *const bad[] = {"",
                                      "2024",
                                      "202403",
                                      "2024-03",
                                      "20240230",
                                      "20241301",
                                      "2024-W54-1",
                                      "2023-W53-1",
                                      "2024-W09-8",
                                      "2024-W09-0",
                                      "2024-W09",
                                      "2024W09-6",
                                      "2023-366",
                                      "2024-000",
                                      "2024-0302",
                                      "202403-02",
                                      "20240302T",
                                      "20240302T1",
                                      "20240302T123",
                                      "20240302T12.5",
                                      "20240302T1730.5",
                                      "20240302T173015.",
                                      "20240302T240001",
                                      "20240302T1730+1",
                                      "20240302T1730 CET",
                                      "2024-03-02 17:30:15 +0100 ",
                                      "2024-03-02 17:30:15 +0100 cet",
                                      "20240302173015",
                                      "2024-03-02T17:",
                                      "2024-03-02T17:3015",
                                      "20240302T1730:15",
                                      "2024-03-02T17:30:15+01:0",
                                      "x0240302"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t us;
        ck_assert_msg(!rf_time_parse_form(&us, bad[i], strlen(bad[i]), NULL), "%s is read", bad[i]);
    }
}
END_TEST

/* From 1900 to 2099, counted on day by day. */
START_TEST(every_day_has_its_forms)
{
    int64_t first = rf_days_from_civil(1900, 1, 1), last = rf_days_from_civil(2099, 12, 31);
    int week = 1, weekday = 1, of_year = 0; /* the first of January 1900 is a Monday */
    int64_t week_year = 1900, year, before = 1900;
    for (int64_t day = first; day <= last; day++) {
        int month, of_month;
        char forms[3][24];
        rf_civil_from_days(day, &year, &month, &of_month);
        of_year = year == before ? of_year + 1 : 1;
        before = year;
        snprintf(forms[0], sizeof forms[0], "%04d%02d%02d", (int)year, month, of_month);
        snprintf(forms[1], sizeof forms[1], "%04d-%03d", (int)year, of_year);
        snprintf(forms[2], sizeof forms[2], "%04d-W%02d-%d", (int)week_year, week, weekday);
        for (int i = 0; i < 3; i++) {
            int64_t us;
            RF_HOLDS(rf_time_parse_form(&us, forms[i], strlen(forms[i]), NULL) && us == day * RF_DAY_US);
        }
        if (++weekday == 8) { /* a week belongs to the year of its Thursday */
            weekday = 1;
            rf_civil_from_days(day + 4, &year, &month, &of_month);
            week = year == week_year ? week + 1 : 1;
            week_year = year;
        }
    }
}
END_TEST

RF_SUITE("iso_forms", each_form_means_what_the_usual_one_does, what_is_none_is_refused,
         every_day_has_its_forms)
