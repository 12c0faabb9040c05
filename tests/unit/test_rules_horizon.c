/* test_rules_horizon.c - rules on graphs that have seen little time: what asks for more cannot be told, and
 * is said. */
#include "rf_report.h"
#include "small_rules.h"

/* The small graph, whose users came on these days; its edges were last met on the 29th. */
static void small_days(small *s, int64_t first_us[6], int64_t last_us[7], double first_day)
{
    const double day_us = 86400e6;
    for (int i = 0; i < 6; i++)
        first_us[i] = (int64_t)((first_day + i * 0.2) * day_us);
    for (int i = 0; i < 7; i++)
        last_us[i] = (int64_t)(29 * day_us);
    s->graph.side[RF_USER].first_us = s->graph.side[RF_USER].last_us = first_us;
    s->graph.side[RF_EDGE].first_us = s->graph.side[RF_EDGE].last_us = last_us;
    s->graph.window_to_us = (int64_t)(30 * day_us);
}

START_TEST(nobody_is_new_in_a_graph_that_has_seen_little)
{
    static const char signals[] = HERE "    new: {value: edge.user_age_days, below: 8, weight: 0.5}\n";
    static const double first_day[] = {15, 28}, came[] = {22, 29};
    static const float expected[] = {1, 2 / 3.0F}; /* the second graph is there for two days of its window */
    for (int i = 0; i < 2; i++) {
        int64_t first_us[6], last_us[7];
        int n_evidence = 0;
        small s;
        small_open(&s);
        for (int k = 0; k < 7; k++)
            s.x[k] = 5;
        small_days(&s, first_us, last_us, first_day[i]);
        first_us[0] = (int64_t)(came[i] * 86400e6); /* the rule's edge is his */
        float found = confidence_by(&s, signals, "{all: [here, new]}", &n_evidence);
        ck_assert_msg(fabs((double)found - (double)expected[i]) < 1e-6, "%d: %g", i, (double)found);
        ck_assert_int_eq(n_evidence, i == 0 ? 2 : 1);
        small_close(&s);
    }
}
END_TEST

START_TEST(what_asks_for_more_time_than_the_graph_has_cannot_be_told)
{
    /* of a graph of two days; what asks for less, or for no time at all, is told as ever */
    static const struct {
        const char *signal;
        bool told;
    } cases[] = {
        {"{value: edge.user_age_days, below: 8}", false},
        {"{value: edge.user_age_days, above: 8}", false},
        {"{value: edge.user_age_days, below: 1.5}", true},
        {"{value: edge.user_age_days, below_percentile: 0.9}", true},
        {"{value: \"entity.share(<8) edge.user_age_days\", above: 0.1}", false},
        {"{value: \"entity.share(<1) edge.user_age_days\", above: 0.1}", true},
        {"{value: \"entity.count(1) edge.user_age_days\", above: 30}", true},
        {"{value: entity.max edge.user_age_days, above: 8}", false},
        {"{value: entity.first_seen_s - user.first_seen_s, above: 432000}", false},
        {"{value: entity.first_seen_s - user.first_seen_s, above: 43200}", true},
        {"{value: edge.user_age_days / edge.e, above: 8}", true},
        {"{value: edge.e, above: 8}", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t first_us[6], last_us[7];
        char text[512];
        rf_err err = {0};
        rf_rule_fit fit;
        small s;
        small_open(&s);
        small_days(&s, first_us, last_us, 28);
        s.graph.side[RF_USER].feature_names.bytes = s.graph.side[RF_ENTITY].feature_names.bytes =
            (char *)"first_seen_s";
        static int64_t at[2] = {0, 13};
        s.graph.side[RF_USER].feature_names.at = s.graph.side[RF_ENTITY].feature_names.at = at;
        snprintf(text, sizeof text, HEAD "rules:\n- {type: t, subject: edge, signals: {s: %s}}\n",
                 cases[i].signal);
        rf_rules *rules = parsed(text);
        RF_CHECK_OK(err, rf_rules_check(&fit, rules, 0, &s.graph, &err));
        ck_assert_msg(fit.judges == cases[i].told, "%s: %d", cases[i].signal, fit.judges);
        ck_assert((fit.days > 0) != cases[i].told);
        ck_assert_str_eq(fit.lacks.len == 0 ? "" : fit.lacks.ptr, cases[i].told ? ""
                                                                  : fit.days > 6
                                                                      ? "more than 8 days of events"
                                                                      : "more than 5 days of events");
        rf_text_clear(&fit.lacks);
        rf_rules_free(rules);
        small_close(&s);
    }
}
END_TEST

START_TEST(the_days_that_rules_wait_for_are_said)
{
    int64_t first_us[6], last_us[7];
    rf_err err = {0};
    rf_rule_wish wish;
    rf_text text = {0};
    small s;
    small_open(&s);
    small_days(&s, first_us, last_us, 28);
    rf_rules *rules =
        parsed(HEAD "rules:\n- {type: t, subject: edge, signals: {s: {value: edge.user_age_days, "
                    "below: 8}}}\n- {type: u, subject: edge, signals: {s: {value: "
                    "edge.user_age_days, above: 20}}}\n");
    RF_CHECK_OK(err, rf_rules_wish(&wish, rules, &s.graph, &err));
    ck_assert_int_eq(wish.n_rules, 2);
    ck_assert(wish.days >= 20 && wish.days <= 20);
    ck_assert(!wish.times);
    rf_rule_wish_clear(&wish);
    RF_CHECK_OK(err, rf_report_rule_list(&text, rules, &s.graph, &err));
    ck_assert_ptr_nonnull(strstr(text.ptr, "cannot judge: the graph has no more than 8 days of events\n"));
    ck_assert_ptr_nonnull(
        strstr(text.ptr, "all could judge with more than 20 days of events (graph.window)\n"));
    rf_text_clear(&text);
    rf_rules_free(rules);
    small_close(&s);
}
END_TEST

RF_SUITE("rules_horizon", nobody_is_new_in_a_graph_that_has_seen_little,
         what_asks_for_more_time_than_the_graph_has_cannot_be_told, the_days_that_rules_wait_for_are_said)
