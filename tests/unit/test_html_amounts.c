/* test_html_amounts.c - which numbers of the events themselves the page says of each meeting. */
#include "html_int.h"
#include "made_scores.h"
#include "rf_check.h"

/* The columns that are found among the edges' features of these names. */
static rf_page found(const char *const *names, int d)
{
    rf_page page = {0};
    rf_graph *graph = made_graph((made_shape){3, 3, 4, 1, 1, d, 1});
    made_graph_set_names(&graph->side[RF_EDGE], names);
    rf_page_amounts_find(&page, 0, &graph->side[RF_EDGE]);
    rf_graph_free(graph);
    return page;
}

START_TEST(of_pairs_come_mean_and_sum_of_the_first_attributes)
{
    static const char *const names[] = {"events",     "mean_gap_s",        "amount_mean", "amount_std",
                                        "amount_sum", "amount_ratio_user", "promo_sum",   "fee_mean"};
    rf_page page = found(names, 8);
    ck_assert_int_eq(page.amounts[0].n, 3);
    ck_assert_int_eq(page.amounts[0].columns[0], 2);
    ck_assert_int_eq(page.amounts[0].columns[1], 4);
    ck_assert_int_eq(page.amounts[0].columns[2],
                     6); /* its mean was constant; the fee is one attribute too many */
}
END_TEST

START_TEST(of_events_come_the_values_alone)
{
    static const char *const names[] = {"clock_sin",         "night",      "amount", "user_amount_mean_1d",
                                        "user_amount_ratio", "channel=app"};
    rf_page page = found(names, 6);
    ck_assert_int_eq(page.amounts[0].n, 1);
    ck_assert_int_eq(page.amounts[0].columns[0], 2);
}
END_TEST

START_TEST(without_numbers_there_is_none)
{
    static const char *const names[] = {"events", "night_share", "_sum", "_mean"};
    ck_assert_int_eq(found(names, 4).amounts[0].n, 0);
}
END_TEST

/* The fewest digits that read back as the same float, as the page has them. */
static const char *shortest(char text[32], const rf_graph *graph, int64_t row, int column)
{
    float value = (float)rf_raw_observed(&graph->side[RF_EDGE], row, column);
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, 32, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    return text;
}

START_TEST(the_file_has_them_for_every_edge)
{
    static const char *const names[] = {"events", "amount_mean", "amount_sum"};
    char path[RF_TEST_PATH], expected[128], number[2][32];
    rf_err err = {0};
    rf_export_options options;
    rf_export_result result;
    rf_graph *graph = made_graph((made_shape){6, 4, 12, 1, 1, 3, 5});
    made_graph_set_names(&graph->side[RF_EDGE], names);
    rf_scores *scores = made_scores(graph);
    const rf_findings findings = {.graph = graph, .scores = scores};
    rf_export_options_default(&options);
    options.format = "html";
    options.path = rf_tmp_path(path, "page.html");
    RF_CHECK_OK(err, rf_selection_parse(&options.select, "percentile=0", &err));
    RF_CHECK_OK(err, rf_export_write(&result, &findings, &options, &err));
    char *text = rf_slurp(path, NULL);
    ck_assert_ptr_nonnull(strstr(text, "\"amounts\":[{\"attribute\":\"amount\",\"what\":\"mean\"},"
                                       "{\"attribute\":\"amount\",\"what\":\"sum\"}]"));
    for (int64_t row = 0; row < 12; row++) {
        snprintf(expected, sizeof expected, "[%s,%s]", shortest(number[0], graph, row, 1),
                 shortest(number[1], graph, row, 2));
        ck_assert_msg(strstr(text, expected) != NULL, "edge %d: no %s", (int)row, expected);
    }
    free(text);
    rf_scores_free(scores);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("html_amounts", of_pairs_come_mean_and_sum_of_the_first_attributes, of_events_come_the_values_alone,
         without_numbers_there_is_none, the_file_has_them_for_every_edge)
