/* test_alert_history.c - what emissions said is found again by who it was about, in later runs and on the
 * page.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "made_clusters.h"
#include "made_scores.h"
#include "rf_check.h"
#include "rf_emit.h"
#include "rf_export.h"

#define FLAGGED 100 /* a score that reaches the threshold */

typedef struct scene {
    made_scored made;
    char alerts[RF_TEST_PATH], out[RF_TEST_PATH];
} scene;

static void begin(scene *s)
{
    *s = (scene){.made = made_scored_of((made_shape){20, 10, 60, 2, 2, 2, 4})};
    for (rf_side side = 0; side < RF_SIDES; side++) {
        for (int64_t i = 0; i < s->made.scores->side[side].n; i++)
            s->made.scores->side[side].score[i] = 1;
    }
    rf_tmp_path(s->alerts, "alerts.h5");
    rf_tmp_path(s->out, "out");
    unlink(s->alerts);
}

/* A run at this time in which the user scores this much, by this source. */
static void emit(scene *s, const char *seconds, int64_t user, double score, const char *source)
{
    rf_err err = {0};
    rf_emit_options options;
    rf_emit_result result;
    rf_emit_options_default(&options);
    options.threshold_type = RF_THRESHOLD_SCORE;
    options.threshold = FLAGGED;
    options.path = s->out;
    options.alerts = s->alerts;
    options.source = source;
    setenv("SOURCE_DATE_EPOCH", seconds, 1);
    rf_scores_name(s->made.scores, s->made.graph, seconds, 0);
    for (int64_t i = 0; i < s->made.graph->side[RF_USER].n; i++)
        s->made.scores->side[RF_USER].score[i] = i == user ? (rf_real)score : 1;
    RF_CHECK_OK(err, rf_emit(&result, &s->made.findings, &options, &err));
    unsetenv("SOURCE_DATE_EPOCH");
}

static rf_past past_of(const scene *s, int64_t user, const char *source)
{
    rf_err err = {0};
    rf_alert_history *history = NULL;
    rf_past past;
    RF_CHECK_OK(err, rf_alert_history_load(&history, s->alerts, source, s->made.scores->run_id,
                                           &s->made.graph->kinds, &err));
    RF_CHECK_OK(err, rf_alert_history_of(&past, history, s->made.graph, RF_USER, user, &err));
    rf_alert_history_free(history);
    return past;
}

START_TEST(scores_of_earlier_runs_are_found)
{
    scene s;
    begin(&s);
    ck_assert_int_eq(past_of(&s, 3, "/a").n, 0); /* there is no file */
    emit(&s, "1000000000", 3, 200, "/a");
    ck_assert_int_eq(past_of(&s, 3, "/a").n, 0); /* this run is no past */
    emit(&s, "1000086400", 3, 210, "/a");
    rf_past past = past_of(&s, 3, "/a");
    ck_assert_int_eq(past.n, 1);
    ck_assert_int_eq(past.first_us, INT64_C(1000000000) * 1000000);
    ck_assert_int_eq(past.times, 1);
    ck_assert(past.run[0].score == 200 && past.run[0].at_us == past.first_us && !past.run[0].gone);
    ck_assert_int_eq(past_of(&s, 4, "/a").n, 0);
    /* a run that emitted nothing yet looks back at two, each with the score that it had then */
    rf_scores_name(s.made.scores, s.made.graph, "later", 0);
    past = past_of(&s, 3, "/a");
    ck_assert_int_eq(past.n, 2);
    ck_assert_int_eq(past.times, 2);
    ck_assert(past.run[0].score == 210 && past.run[1].score == 200);
    made_scored_free(&s.made);
}
END_TEST

START_TEST(who_was_not_flagged_the_last_time_is_said_so)
{
    scene s;
    begin(&s);
    emit(&s, "1000000000", 3, 200, "/a");
    emit(&s, "1000086400", 5, 210, "/a");
    rf_scores_name(s.made.scores, s.made.graph, "later", 0);
    rf_past past = past_of(&s, 3, "/a");
    ck_assert_int_eq(past.n, 1);
    ck_assert(past.run[0].gone && past.run[0].score == 200);
    made_scored_free(&s.made);
}
END_TEST

START_TEST(another_source_is_believed_where_ones_own_says_nothing)
{
    scene s;
    begin(&s);
    emit(&s, "1000000000", 3, 200, "/a");
    emit(&s, "1000000001", 3, 300, "/b");
    rf_scores_name(s.made.scores, s.made.graph, "later", 0);
    ck_assert(past_of(&s, 3, "/b").run[0].score == 300);
    ck_assert_int_ge(past_of(&s, 3, "/c").n, 1);
    made_scored_free(&s.made);
}
END_TEST

START_TEST(the_page_has_it)
{
    scene s;
    rf_err err = {0};
    rf_export_options options;
    rf_export_result result;
    begin(&s);
    emit(&s, "1000000000", 3, 200, "/a");
    rf_scores_name(s.made.scores, s.made.graph, "later", 0);
    rf_export_options_default(&options);
    options.format = "html";
    options.path = s.out;
    RF_CHECK_OK(err, rf_selection_parse(&options.select, "percentile=0", &err));
    for (int known = 0; known <= 1; known++) {
        if (known)
            RF_CHECK_OK(err, rf_alert_history_load(&options.history, s.alerts, "/a", s.made.scores->run_id,
                                                   &s.made.graph->kinds, &err));
        RF_CHECK_OK(err, rf_export_write(&result, &s.made.findings, &options, &err));
        char *text = rf_slurp(s.out, NULL);
        const char *said = "\"past\":[{\"node\":3,\"past\":{\"first\":1000000000000000,\"times\":1,"
                           "\"runs\":[[1000000000000000,200,";
        ck_assert_int_eq(strstr(text, said) != NULL, known);
        ck_assert_int_eq(strstr(text, "\"past\":[]") != NULL, !known);
        free(text);
    }
    rf_alert_history_free(options.history);
    made_scored_free(&s.made);
}
END_TEST

static rf_status look_back(const scene *s, rf_err *err)
{
    rf_status st = RF_OK;
    rf_alert_history *history = NULL;
    rf_past past;
    RF_TRY(rf_alert_history_load(&history, s->alerts, "/a", "later", &s->made.graph->kinds, err));
    RF_TRY(rf_alert_history_of(&past, history, s->made.graph, RF_USER, 3, err));
    RF_TRY(rf_alert_history_of_cluster(&past, history, "c-0123456789abcdef", err));
done:
    rf_alert_history_free(history);
    return st;
}

START_TEST(looking_back_survives_refused_memory)
{
    scene s;
    begin(&s);
    emit(&s, "1000000000", 3, 200, "/a");
    RF_SWEEP(look_back(&s, sweep_err), );
    made_scored_free(&s.made);
}
END_TEST

RF_SUITE("alert_history", scores_of_earlier_runs_are_found, who_was_not_flagged_the_last_time_is_said_so,
         another_source_is_believed_where_ones_own_says_nothing, the_page_has_it,
         looking_back_survives_refused_memory)
