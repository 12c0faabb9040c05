/* test_alert_life.c - alerts from run to run: what is new, worse, the same or gone, and that a run which is
 * done again says the same.
 */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "made_clusters.h"
#include "made_scores.h"
#include "made_tags.h"
#include "rf_check.h"
#include "rf_emit.h"

#define USERS 60
#define FLAGGED 100 /* a score that reaches the threshold */

typedef struct scene {
    rf_graph *graph;
    rf_scores *scores;
    rf_tags *tags;
    rf_clusters *clusters;
    rf_suppressions *suppressed;
    rf_emit_options options;
    rf_emit_result result;
    char path[RF_TEST_PATH], alerts[RF_TEST_PATH], day[16];
} scene;

/* The next run, at this time. */
static void next_run(scene *s, const char *seconds)
{
    snprintf(s->day, sizeof s->day, "%s", seconds);
    setenv("SOURCE_DATE_EPOCH", seconds, 1);
    rf_scores_name(s->scores, s->graph, seconds, 0);
}

/* Users 10, 11 and 12 are flagged, nobody else. */
static void begin(scene *s)
{
    *s = (scene){.graph = made_graph((made_shape){USERS, 20, 200, 4, 3, 3, 9})};
    s->scores = made_scores(s->graph);
    for (rf_side side = 0; side < RF_SIDES; side++) {
        for (int64_t i = 0; i < s->scores->side[side].n; i++)
            s->scores->side[side].score[i] = 1;
    }
    for (int i = 10; i < 13; i++)
        s->scores->side[RF_USER].score[i] = FLAGGED;
    rf_emit_options_default(&s->options);
    s->options.threshold_type = RF_THRESHOLD_SCORE;
    s->options.threshold = FLAGGED;
    s->options.path = rf_tmp_path(s->path, "life.jsonl");
    s->options.alerts = rf_tmp_path(s->alerts, "alerts.h5");
    unlink(s->alerts);
    next_run(s, "1000000000");
}

static rf_findings findings_of(const scene *s)
{
    return (rf_findings){s->graph, s->scores, s->tags, s->clusters, s->suppressed};
}

static char *emit(scene *s)
{
    rf_err err = {0};
    rf_findings findings = findings_of(s);
    RF_CHECK_OK(err, rf_emit(&s->result, &findings, &s->options, &err));
    return rf_slurp(s->path, NULL);
}

static void end(scene *s)
{
    unsetenv("SOURCE_DATE_EPOCH");
    rf_suppressions_free(s->suppressed);
    rf_clusters_free(s->clusters);
    rf_tags_free(s->tags);
    rf_scores_free(s->scores);
    rf_graph_free(s->graph);
}

/* The message about a user (of a cluster: give `"kind":"cluster"`); "" if there is none. */
static const char *about(const char *text, const char *what)
{
    static char line[1 << 16];
    line[0] = '\0';
    const char *at = strstr(text, what);
    if (at == NULL)
        return line;
    while (at > text && at[-1] != '\n')
        at--;
    size_t len = strcspn(at, "\n");
    ck_assert_uint_lt(len, sizeof line);
    memcpy(line, at, len);
    line[len] = '\0';
    return line;
}

static const char *about_user(const char *text, int user)
{
    char what[64];
    snprintf(what, sizeof what, "\"kind\":\"user\",\"user\":\"user-%d\"", user);
    return about(text, what);
}

#define ck_has(line, part) ck_assert_msg(strstr(line, part) != NULL, "%s is not in %s", part, line)

static void changes(const scene *s, int64_t is_new, int64_t worse, int64_t same, int64_t gone)
{
    const int64_t want[] = {is_new, worse, same, gone};
    for (int i = 0; i < 4; i++)
        ck_assert_msg(s->result.by_change[i] == want[i], "change %d: %lld, not %lld", i,
                      (long long)s->result.by_change[i], (long long)want[i]);
}

static void id_of(char out[64], const char *line)
{
    const char *at = strstr(line, "\"alert_id\":\"");
    ck_assert_ptr_nonnull(at);
    snprintf(out, 64, "%.*s", 46, at);
}

/* ---- ---- */

START_TEST(an_unchanged_alert_has_no_second_message)
{
    char id[2][64];
    scene s;
    begin(&s);
    char *text = emit(&s);
    changes(&s, 3, 0, 0, 0);
    ck_has(about_user(text, 10), "\"change\":\"new\",\"first_flagged\":\"2001-09-09T01:46:40Z\","
                                 "\"times_flagged\":1");
    id_of(id[0], about_user(text, 10));
    free(text);

    next_run(&s, "1000086400");
    text = emit(&s);
    changes(&s, 0, 0, 3, 0);
    ck_assert_int_eq(rf_count_of(text, "\n"), 1); /* the manifest */
    ck_has(text, "\"changes\":{\"new\":0,\"worse\":0,\"same\":3,\"gone\":0}");
    free(text);

    next_run(&s, "1000172800");
    s.options.repeat = RF_REPEAT_ALL;
    text = emit(&s);
    changes(&s, 0, 0, 3, 0);
    ck_assert_int_eq(rf_count_of(text, "\n"), 4);
    ck_has(about_user(text, 10), "\"change\":\"same\",\"first_flagged\":\"2001-09-09T01:46:40Z\","
                                 "\"times_flagged\":3");
    id_of(id[1], about_user(text, 10));
    ck_assert_str_eq(id[0], id[1]);
    free(text);
    end(&s);
}
END_TEST

START_TEST(an_alert_that_is_gone_is_said_once_and_has_a_history_when_it_returns)
{
    scene s;
    begin(&s);
    free(emit(&s));
    s.scores->side[RF_USER].score[11] = 1;
    next_run(&s, "1000086400");
    char *text = emit(&s);
    changes(&s, 0, 0, 2, 1);
    ck_assert_int_eq(rf_count_of(text, "\n"), 2);
    const char *line = about(text, "\"schema\":\"ringfence.cleared.v1\"");
    ck_has(line, "\"kind\":\"user\",\"user\":\"user-11\",\"entity\":null");
    ck_has(line, "\"change\":\"gone\",\"first_flagged\":\"2001-09-09T01:46:40Z\",\"times_flagged\":1,"
                 "\"last_flagged\":\"2001-09-09T01:46:40Z\"");
    free(text);
    next_run(&s, "1000172800");
    text = emit(&s);
    changes(&s, 0, 0, 2, 0);
    free(text);
    s.scores->side[RF_USER].score[11] = FLAGGED;
    next_run(&s, "1000259200");
    text = emit(&s);
    changes(&s, 1, 0, 2, 0);
    ck_has(about_user(text, 11), "\"change\":\"new\",\"first_flagged\":\"2001-09-09T01:46:40Z\","
                                 "\"times_flagged\":2");
    free(text);
    end(&s);
}
END_TEST

START_TEST(a_score_a_quarter_higher_is_worse)
{
    static const struct {
        double score;
        float percentile;
        bool worse;
    } runs[] = {
        {124, 0.9F, false}, {125, 0.9F, true}, {150, 0.9F, false}, {157, 0.8F, false}, {157, 0.9F, true}};
    scene s;
    char day[16];
    begin(&s);
    s.scores->side[RF_USER].percentile[10] = 0.9F;
    free(emit(&s));
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        s.scores->side[RF_USER].score[10] = (rf_real)runs[i].score;
        s.scores->side[RF_USER].percentile[10] = runs[i].percentile;
        snprintf(day, sizeof day, "%zu", 1000086400 + i);
        next_run(&s, day);
        char *text = emit(&s);
        changes(&s, 0, runs[i].worse, 3 - runs[i].worse, 0);
        ck_assert_int_eq(strstr(about_user(text, 10), "\"change\":\"worse\"") != NULL, runs[i].worse);
        free(text);
    }
    end(&s);
}
END_TEST

START_TEST(a_new_sure_type_is_worse_once)
{
    scene s;
    begin(&s);
    s.tags = made_tags(s.graph, s.scores, 3);
    for (rf_side side = 0; side < RF_SIDES; side++) {
        for (int64_t k = 0; k < s.tags->side[side].ptr[s.tags->side[side].n]; k++)
            s.tags->side[side].tags[k].confidence = 0.1F;
    }
    int64_t user = 0; /* with two tags of known types */
    const rf_tag_side *users = &s.tags->side[RF_USER];
    while (user < USERS &&
           !(users->ptr[user + 1] - users->ptr[user] >= 2 && users->tags[users->ptr[user]].rule < 2 &&
             users->tags[users->ptr[user] + 1].rule < 2))
        user++;
    ck_assert_int_lt(user, USERS);
    rf_tag *first = &users->tags[users->ptr[user]], *second = first + 1;
    s.scores->side[RF_USER].score[user] = FLAGGED;
    free(emit(&s));
    int64_t n = s.result.by_change[0];
    const struct {
        float first, second;
        bool worse;
    } runs[] = {{0.95F, 0.1F, true}, {0.1F, 0.1F, false}, {0.95F, 0.95F, true}, {0.95F, 0.95F, false}};
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        char day[16];
        first->confidence = runs[i].first;
        second->confidence = runs[i].second;
        snprintf(day, sizeof day, "%zu", 1000086400 + i);
        next_run(&s, day);
        free(emit(&s));
        changes(&s, 0, runs[i].worse, n - runs[i].worse, 0);
    }
    end(&s);
}
END_TEST

START_TEST(a_cluster_is_one_alert_and_worse_when_it_grows_by_a_quarter)
{
    scene s;
    begin(&s);
    s.clusters = made_clusters(s.graph, s.scores);
    for (int i = 0; i < 3; i++)
        s.scores->side[RF_USER].score[i] = FLAGGED; /* the members of the first */
    char *text = emit(&s);
    changes(&s, 4, 0, 0, 0);
    ck_has(about(text, "\"kind\":\"cluster\""), "\"change\":\"new\"");
    free(text);
    static const struct {
        int64_t users;
        bool worse;
    } runs[] = {{3, false}, {5, true}, {3, false}};
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        char day[16];
        s.clusters->at[0].n[RF_USER] = runs[i].users;
        snprintf(day, sizeof day, "%zu", 1000086400 + i);
        next_run(&s, day);
        text = emit(&s);
        changes(&s, 0, runs[i].worse, 4 - runs[i].worse, 0);
        free(text);
    }
    s.clusters->at[0].n[RF_USER] = 3;
    for (int i = 0; i < 3; i++)
        s.scores->side[RF_USER].score[i] = 1;
    next_run(&s, "1000500000");
    text = emit(&s);
    changes(&s, 0, 0, 3, 1);
    ck_has(about(text, "ringfence.cleared.v1"),
           "\"kind\":\"cluster\",\"user\":null,\"entity\":null,\"cluster\":\"c-00000000000000a1\"");
    free(text);
    end(&s);
}
END_TEST

/* An alert that found no place, or whose cluster speaks for it now, is not gone. */
START_TEST(a_flagged_subject_without_a_message_stays_open)
{
    scene s;
    begin(&s);
    free(emit(&s));
    s.options.budget = 2;
    next_run(&s, "1000086400");
    free(emit(&s));
    changes(&s, 0, 0, 2, 0);
    ck_assert_int_eq(s.result.over_budget, 1);
    s.options.budget = 200;
    next_run(&s, "1000172800");
    free(emit(&s));
    changes(&s, 0, 0, 3, 0);
    end(&s);
}
END_TEST

START_TEST(a_suppressed_alert_ends_in_silence)
{
    rf_err err = {0};
    char list[] = "version: 1\nsuppress:\n- {user: user-11, reason: r, author: a, expires: never}\n";
    char path[RF_TEST_PATH];
    const char *paths[] = {rf_tmp_path(path, "suppress.yaml")};
    scene s;
    begin(&s);
    free(emit(&s));
    rf_spill(path, list, strlen(list));
    RF_CHECK_OK(err, rf_suppressions_load(&s.suppressed, paths, 1, s.graph, 0, &err));
    next_run(&s, "1000086400");
    char *text = emit(&s);
    changes(&s, 0, 0, 2, 0);
    ck_assert_ptr_null(strstr(text, "user-11"));
    free(text);
    end(&s);
}
END_TEST

/* ---- again ---- */

START_TEST(a_run_done_again_says_the_same)
{
    scene s;
    begin(&s);
    free(emit(&s));
    s.scores->side[RF_USER].score[11] = 1;
    s.scores->side[RF_USER].score[20] = FLAGGED;
    next_run(&s, "1000086400");
    char *first = emit(&s), *again = emit(&s);
    changes(&s, 1, 0, 2, 1);
    ck_assert_str_eq(first, again);
    free(again);
    setenv("SOURCE_DATE_EPOCH", "1000090000", 1); /* an hour later */
    again = emit(&s);
    ck_has(about_user(again, 20), "\"first_flagged\":\"2001-09-10T01:46:40Z\",\"times_flagged\":1");
    ck_assert_int_eq(rf_count_of(again, "\n"), rf_count_of(first, "\n"));
    free(again);
    free(first);
    next_run(&s, "1000172800");
    free(emit(&s));
    changes(&s, 0, 0, 3, 0);
    end(&s);
}
END_TEST

START_TEST(a_kill_between_messages_and_memory_changes_nothing)
{
    scene s;
    size_t len[2] = {0, 0};
    begin(&s);
    free(emit(&s));
    char *before = rf_slurp(s.alerts, &len[0]);
    s.scores->side[RF_USER].score[11] = 1;
    s.scores->side[RF_USER].score[20] = FLAGGED;
    next_run(&s, "1000086400");
    char *first = emit(&s), *memory = rf_slurp(s.alerts, &len[1]);
    rf_spill(s.alerts, before, len[0]); /* the messages are there, the memory is the old one */
    char *again = emit(&s);
    ck_assert_str_eq(first, again);
    size_t n;
    char *same = rf_slurp(s.alerts, &n);
    ck_assert_uint_eq(n, len[1]);
    ck_assert_mem_eq(same, memory, n);
    free(same);
    free(again);
    free(first);
    free(memory);
    free(before);
    end(&s);
}
END_TEST

START_TEST(a_second_emission_of_a_run_forgets_nobody_of_the_first)
{
    scene s;
    begin(&s);
    free(emit(&s));
    s.options.budget = 1; /* a look at the worst */
    free(emit(&s));
    changes(&s, 1, 0, 0, 0);
    s.options.budget = 200;
    next_run(&s, "1000086400");
    free(emit(&s));
    changes(&s, 0, 0, 3, 0);
    end(&s);
}
END_TEST

START_TEST(two_sources_do_not_end_each_others_alerts)
{
    scene s;
    begin(&s);
    for (int run = 0; run < 3; run++) {
        char day[16];
        snprintf(day, sizeof day, "%d", 1000086400 + run * 86400);
        next_run(&s, day);
        for (int source = 0; source < 2; source++) {
            s.options.source = source == 0 ? "/a" : "/b";
            free(emit(&s));
            changes(&s, run == 0 ? 3 : 0, 0, run == 0 ? 0 : 3, 0);
        }
    }
    s.scores->side[RF_USER].score[11] = 1;
    next_run(&s, "1000500000");
    for (int source = 0; source < 2; source++) {
        s.options.source = source == 0 ? "/a" : "/b";
        free(emit(&s));
        changes(&s, 0, 0, 2, 1);
    }
    end(&s);
}
END_TEST

START_TEST(memory_that_cannot_be_written_is_an_error_after_the_messages)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    scene s;
    begin(&s);
    s.options.alerts = rf_tmp_path(folder, "no such folder/alerts.h5");
    rf_findings findings = findings_of(&s);
    unlink(s.path);
    RF_CHECK_FAILS(err, RF_E_IO, "no such folder", rf_emit(&s.result, &findings, &s.options, &err));
    char *text = rf_slurp(s.path, NULL);
    ck_assert_int_eq(rf_count_of(text, "\n"), 4);
    free(text);
    end(&s);
}
END_TEST

START_TEST(a_damaged_memory_is_refused_before_anything_is_sent)
{
    rf_err err = {0};
    scene s;
    begin(&s);
    unlink(s.path);
    rf_spill(s.alerts, "not HDF5", 8);
    rf_findings findings = findings_of(&s);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "alerts.h5", rf_emit(&s.result, &findings, &s.options, &err));
    ck_assert_int_ne(access(s.path, F_OK), 0);
    end(&s);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    scene s;
    begin(&s);
    free(emit(&s));
    next_run(&s, "1000086400");
    s.scores->side[RF_USER].score[11] = 1;
    rf_findings findings = findings_of(&s);
    RF_SWEEP(rf_emit(&s.result, &findings, &s.options, sweep_err), (void)0);
    end(&s);
}
END_TEST

RF_SUITE("alert_life", an_unchanged_alert_has_no_second_message,
         an_alert_that_is_gone_is_said_once_and_has_a_history_when_it_returns,
         a_score_a_quarter_higher_is_worse, a_new_sure_type_is_worse_once,
         a_cluster_is_one_alert_and_worse_when_it_grows_by_a_quarter,
         a_flagged_subject_without_a_message_stays_open, a_suppressed_alert_ends_in_silence,
         a_run_done_again_says_the_same, a_kill_between_messages_and_memory_changes_nothing,
         a_second_emission_of_a_run_forgets_nobody_of_the_first, two_sources_do_not_end_each_others_alerts,
         memory_that_cannot_be_written_is_an_error_after_the_messages,
         a_damaged_memory_is_refused_before_anything_is_sent, every_failing_allocation_is_survived)
