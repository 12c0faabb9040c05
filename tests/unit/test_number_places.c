/* test_number_places.c - which setting would keep numbers that have more digits than are kept, and which
 * numbers are read by it.
 */
#include "made_records.h"

#include "number_places_int.h"

#define MOST_TEXTS 6

typedef struct kept_case {
    int decimals, unit;
    const char *texts[MOST_TEXTS]; /* of a column */
    const char *setting;           /* after the attribute's name; NULL: none would help */
    int new_decimals, new_unit;    /* what it says */
} kept_case;

static const kept_case cases[] = {
    {6, 0, {"0.00000001", "0.00000009"}, ".decimals: 8", 8, 0},
    {6, 0, {"0.12345678", "21000000"}, ".decimals: 8", 8, 0},
    {6, 0, {"1e-18"}, ".decimals: 18", 18, 0},
    {6, 0, {"-3.5e-10", "0.5"}, ".decimals: 11", 11, 0},
    {6, 0, {"0.1234567890123", "123456"}, ".decimals: 11", 11, 0}, /* not all of them, for 123456 needs room
                                                                    */
    {6, 0, {"0.1234567890123", "99999999999"}, NULL, 6, 0},
    {6, 0, {"1000000000000.5"}, ".decimals: 2", 2, 0},
    {6, 0, {"12345678901234567.5"}, ".decimals: 1", 1, 0},
    {6, 0, {"123456789012345678"}, ".decimals: 0", 0, 0},
    {6, 0, {"1193840570000000000", "5"}, ".scale: 1e-18", 9, -18},
    {6, 0, {"5e26"}, ".scale: 1e-18", 9, -18},
    {6, 0, {"5e29"}, ".scale: 1e-18 with decimals: 6", 6, -18},
    {6,
     0,
     {"115792089237316195423570985008687907853269984665640564039457584007913129639935"},
     ".scale: 1e-66 with decimals: 6",
     6,
     -66},
    {6, 0, {"1e300"}, NULL, 6, 0},
    {6, 0, {"1e300", "2e18"}, ".scale: 1e-18", 9, -18},
    {9, -18, {"5e27"}, ".decimals: 7", 7, -18},
    {9, -18, {"12345678"}, ".decimals: 18", 18, -18},
    {0, 0, {"0.5", "200"}, ".decimals: 1", 1, 0},
    {18, 0, {"1.5"}, ".decimals: 2", 2, 0},
};

static rf_attr attr_of(int decimals, int unit)
{
    return (rf_attr){.name = "a", .type = RF_ATTR_NUMBER, .finer = decimals - RF_FIXED_PLACES, .unit = unit};
}

/* What a reader of the column has seen. */
static rf_places_seen look(const rf_attr *attr, const char *const *texts)
{
    rf_places_seen seen = {0};
    for (int i = 0; i < MOST_TEXTS && texts[i] != NULL; i++) {
        int64_t value;
        rf_span text = made_span(texts[i]);
        switch (rf_scaled_parse(&value, text.ptr, text.len, rf_attr_places(attr) + attr->unit)) {
        case RF_NUMBER_RANGE:
            rf_places_beyond(&seen, attr, text);
            break;
        case RF_NUMBER_ROUNDED:
            if (rf_places_look(&seen, attr))
                rf_places_rounded(&seen, attr, text, value);
            rf_places_kept(&seen, attr, value);
            break;
        default:
            rf_places_kept(&seen, attr, value);
        }
    }
    return seen;
}

START_TEST(the_setting_that_is_named_holds_the_numbers)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const kept_case *c = &cases[i];
        char setting[RF_PLACES_SETTING] = "", want[RF_PLACES_SETTING] = "";
        rf_attr attr = attr_of(c->decimals, c->unit);
        rf_places_seen seen = look(&attr, c->texts);
        bool helps = rf_places_setting(setting, &seen, &attr);
        if (c->setting != NULL)
            snprintf(want, sizeof want, "fields.attributes.a%s", c->setting);
        ck_assert_msg(helps == (c->setting != NULL) && strcmp(helps ? setting : "", want) == 0,
                      "case %zu: \"%s\", not \"%s\"", i, setting, want);
        attr = attr_of(c->new_decimals, c->new_unit);
        seen = look(&attr, c->texts);
        ck_assert_msg(!helps || seen.beyond == (strcmp(c->texts[0], "1e300") == 0), "case %zu", i);
    }
}
END_TEST

START_TEST(digits_that_no_feature_shows_are_no_loss)
{
    static const struct {
        const char *text;
        int rounded, emptied;
    } texts[] = {{"12.299999999999999", 0, 0},
                 {"0.30000000000000004", 0, 0},
                 {"100.1234567", 1, 0},
                 {"100.123456", 0, 0},
                 {"0.0000001", 1, 1},
                 {"0.0000014", 1, 1},
                 {"0.0000123", 1, 0},
                 {"7", 0, 0},
                 {"123456789.123456789012345", 0, 0},
                 {"0.1234567890123456", 1, 0}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        rf_attr attr = attr_of(6, 0);
        const char *const column[MOST_TEXTS] = {texts[i].text};
        rf_places_seen seen = look(&attr, column);
        ck_assert_msg(seen.rounded == texts[i].rounded && seen.emptied == texts[i].emptied, "%s",
                      texts[i].text);
        attr.told_places = true; /* who says how many places there are means it */
        seen = look(&attr, column);
        ck_assert_msg(seen.rounded == 0 && seen.emptied == 0, "%s", texts[i].text);
    }
}
END_TEST

RF_SUITE("number_places", the_setting_that_is_named_holds_the_numbers,
         digits_that_no_feature_shows_are_no_loss)
