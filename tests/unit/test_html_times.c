/* test_html_times.c - what the page is told of the times of a pair's events. */
#include <stdlib.h>

#include "made_events.h"
#include "made_scores.h"
#include "rf_check.h"
#include "rf_export.h"

/* A graph of pairs with these hours of events between one user and one entity, and one event of another. */
static void build(const char *path, const int *hours, int n)
{
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    rf_positions none = {0};
    rf_published published;
    rf_rng rng;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    options.window_us = 0;
    options.as_of_us = RF_AS_OF_LATEST;
    rf_rng_init(&rng, 1, 0);
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    for (int i = 0; i <= n; i++) {
        made_event made = made_event_at(&rng, i, 1);
        snprintf(made.user, sizeof made.user, "%s", i < n ? "ann" : "bob");
        snprintf(made.entity, sizeof made.entity, "shop");
        made.time_us = MADE_START + (i < n ? hours[i] : 5) * RF_HOUR_US + (i + 1) % 3600 * RF_SECOND_US;
        rf_event event = made_rf_event(&made, true);
        RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
    }
    RF_CHECK_OK(err, rf_bigraph_publish(graph, path, &none, NULL, &published, &err));
    rf_bigraph_free(graph);
}

/* The page of all of it; free(). */
static char *page_of(const char *path, bool with_file)
{
    rf_err err = {0};
    char page[RF_TEST_PATH];
    rf_h5 *file = NULL;
    rf_graph *graph = NULL;
    rf_export_options options;
    rf_export_result result;
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    RF_CHECK_OK(err, rf_graph_read(&graph, file, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, &err));
    rf_scores *scores = made_scores(graph);
    const rf_findings findings = {.graph = graph, .scores = scores};
    rf_export_options_default(&options);
    options.format = "html";
    options.path = rf_tmp_path(page, "page.html");
    options.graph_file = with_file ? file : NULL;
    RF_CHECK_OK(err, rf_selection_parse(&options.select, "percentile=0", &err));
    RF_CHECK_OK(err, rf_export_write(&result, &findings, &options, &err));
    rf_scores_free(scores);
    rf_graph_free(graph);
    rf_h5_close(&file);
    return rf_slurp(page, NULL);
}

static bool says(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

START_TEST(events_are_counted_by_the_hour)
{
    char path[RF_TEST_PATH], head[96];
    const int hours[] = {3, 3, 7, 30, 7, 3};
    build(rf_tmp_path(path, "graph.h5"), hours, 6);
    char *text = page_of(path, true);
    snprintf(head, sizeof head, "\"times\":{\"from\":%lld,\"step\":3600000000}",
             (long long)(MADE_START + 3 * RF_HOUR_US));
    ck_assert(says(text, head));
    ck_assert(says(text, "[0,3,4,2,23,1]")); /* of the pair */
    ck_assert(says(text, "[2,1]"));          /* of the other one */
    free(text);
    text = page_of(path, false);
    ck_assert(says(text, "\"times\":null"));
    ck_assert(!says(text, "[0,3,4,2,23,1]"));
    free(text);
}
END_TEST

START_TEST(too_many_hours_are_counted_by_longer_steps)
{
    static int hours[60006];
    char path[RF_TEST_PATH], head[96];
    for (int i = 0; i < 60006; i++)
        hours[i] = i;
    build(rf_tmp_path(path, "long.h5"), hours, 60006);
    char *text = page_of(path, true);
    snprintf(head, sizeof head, "\"times\":{\"from\":%lld,\"step\":10800000000}", (long long)MADE_START);
    ck_assert(says(text, head));
    ck_assert(says(text, "[0,3,1,3,1,3,1,3"));
    ck_assert(!says(text, ",1,1,1,1,"));
    free(text);
}
END_TEST

RF_SUITE("html_times", events_are_counted_by_the_hour, too_many_hours_are_counted_by_longer_steps)
