/* test_feature_words.c - what features are called in sentences: all of the table, and names that look alike.
 */
#include "rf_check.h"

#include "feature_table.h"

static void join(char out[256], rf_unit *unit, const char *name)
{
    rf_feature_words words = rf_feature_words_of(name);
    size_t len = 0;
    for (int i = 0; i < words.n_pieces; i++)
        len += (size_t)snprintf(out + len, 256 - len, words.piece[i].is_name ? "[%.*s]" : "%.*s",
                                (int)words.piece[i].len, words.piece[i].text);
    *unit = words.unit;
}

START_TEST(names_are_said_in_words)
{
    static const struct {
        const char *name, *words;
        rf_unit unit;
    } cases[] = {
        {"events", "number of events", RF_UNIT_COUNT},
        {"first_seen_s", "time since the first event", RF_UNIT_SECONDS},
        {"events_7d", "number of events in the last 7 days", RF_UNIT_COUNT},
        {"rate_1d_7d", "rate of events in the last day against before", RF_UNIT_PLAIN},
        {"hours_00_04_share", "share of events between 0 and 4 o'clock", RF_UNIT_SHARE},
        {"hours_20_24_share", "share of events between 20 and 24 o'clock", RF_UNIT_SHARE},
        {"amount_max", "largest [amount]", RF_UNIT_PLAIN},
        {"session_minutes_max_ratio", "largest [session_minutes] against its average", RF_UNIT_PLAIN},
        {"amount_max_ratio_user", "largest [amount] against the user's average", RF_UNIT_PLAIN},
        {"amount_ratio_user", "[amount] against the user's average", RF_UNIT_PLAIN},
        {"tip_missing_share", "share of events without [tip]", RF_UNIT_SHARE},
        {"card_shared", "number of users with the same [card]", RF_UNIT_LOG},
        {"night_share", "share of events at night", RF_UNIT_SHARE},
        {"night_share_share", "share of events with [night_share]", RF_UNIT_SHARE},
        {"channel=api_max", "share of events with [channel] api_max", RF_UNIT_SHARE},
        {"channel=a=b", "share of events with [channel] a=b", RF_UNIT_SHARE},
        {"channel=", "share of events with [channel] ", RF_UNIT_SHARE},
        {"user_events_1h", "number of events of the user in the hour before", RF_UNIT_COUNT},
        {"entity_new_partner_share", "share of first meetings among the entity's events before",
         RF_UNIT_SHARE},
        {"entity_tip_mean_30d", "average [tip] of the entity in the 30 days before", RF_UNIT_PLAIN},
        {"user_net_sum_ratio", "[net_sum] against the user's average before", RF_UNIT_PLAIN},
        {"user_net_sum_ratio_typical", "[net_sum] against what was typical of the user before",
         RF_UNIT_PLAIN},
        {"ip_degree", "number of different [ip] ids", RF_UNIT_COUNT},
        {"card_sharers_max", "most others with one and the same [card]", RF_UNIT_COUNT},
        {"pair_idle_s", "time since the previous event of the two", RF_UNIT_SECONDS},
        {"x7", "[x7]", RF_UNIT_PLAIN},
        {"events_2", "[events_2]", RF_UNIT_PLAIN},
        {"hours_7d_share", "share of events with [hours_7d]", RF_UNIT_SHARE},
        {"_max", "[_max]", RF_UNIT_PLAIN},
        {"=", "[=]", RF_UNIT_PLAIN},
        {"", "[]", RF_UNIT_PLAIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char words[256];
        rf_unit unit;
        join(words, &unit, cases[i].name);
        ck_assert_str_eq(words, cases[i].words);
        ck_assert_int_eq(unit, cases[i].unit);
    }
}
END_TEST

START_TEST(an_attribute_is_known_where_the_name_begins_with_it)
{
    ck_assert_uint_eq(rf_feature_words_of("amount_max").attribute, 6);
    ck_assert_uint_eq(rf_feature_words_of("session_minutes_ratio_user").attribute, 15);
    ck_assert_uint_eq(rf_feature_words_of("night_share").attribute, 0);
    ck_assert_uint_eq(rf_feature_words_of("channel=api_max").attribute, 0);
    ck_assert_uint_eq(rf_feature_words_of("user_amount_mean_7d").attribute, 0);
    ck_assert_uint_eq(rf_feature_words_of("x7").attribute, 0);
}
END_TEST

/* Puts texts in place of the placeholders, as names are made. */
static void fill_in(char out[256], const char *text, const char *span, const char *until, bool mark)
{
    size_t len = 0;
    while (*text != '\0') {
        char one[2] = {*text, '\0'};
        const char *part = *text != '<'     ? one
                           : text[1] == 'a' ? (mark ? "[fare]" : "fare")
                           : text[1] == 'k' ? (mark ? "[device]" : "device")
                           : text[1] == 'v' ? "cash"
                           : text[1] == 'w' ? span
                           : text[1] == 'x' ? until
                                            : "entity";
        text += *text == '<' ? strcspn(text, ">") + 1 : 1;
        len += (size_t)snprintf(out + len, 256 - len, "%s", part);
    }
}

START_TEST(every_feature_with_words_is_found_by_its_own_name)
{
    int n = 0;
    for (int i = 0; i < RF_N_FEATURES; i++) {
        const rf_feature_info *info = rf_feature_info_get((rf_feature)i);
        char name[256], expected[256], words[256];
        rf_unit unit;
        if (info->words == NULL)
            continue;
        bool hours = strstr(info->words, "<x>") != NULL;
        fill_in(name, info->pattern, hours ? "16_20" : "30d", "", false);
        fill_in(expected, info->words, hours ? "16" : "30 days", "20", true);
        join(words, &unit, name);
        ck_assert_str_eq(words, expected);
        ck_assert_int_eq(unit, info->unit);
        n++;
    }
    ck_assert_int_gt(n, 50);
}
END_TEST

RF_SUITE("feature_words", names_are_said_in_words, an_attribute_is_known_where_the_name_begins_with_it,
         every_feature_with_words_is_found_by_its_own_name)
