/* test_emit.c - who is flagged, what their messages say, and that every message follows its JSON Schema. */
#include "made_scores.h"
#include "rf_check.h"
#include "rf_emit.h"

#include <sys/wait.h>

static rf_emit_options options_of(rf_threshold_type type, double threshold)
{
    rf_emit_options options;
    rf_emit_options_default(&options);
    options.threshold_type = type;
    options.threshold = threshold;
    options.source = "/ringfence/test";
    return options;
}

static rf_emit_result result; /* of the last emission */

static void emit_to(const char *path, const made_scored *m, rf_emit_options options)
{
    rf_err err = {0};
    options.path = path;
    RF_CHECK_OK(err, rf_emit(&result, &m->findings, &options, &err));
}

/* Emits into the temporary folder; the text is the caller's to free(). */
static char *emitted(const made_scored *m, rf_emit_options options)
{
    char path[RF_TEST_PATH];
    emit_to(rf_tmp_path(path, "actions.jsonl"), m, options);
    char *text = rf_slurp(path, NULL);
    ck_assert_ptr_nonnull(text);
    return text;
}

static void assert_counts(const char *text, int64_t users, int64_t entities, int64_t edges)
{
    const int64_t want[RF_SIDES] = {users, entities, edges};
    for (rf_side s = 0; s < RF_SIDES; s++) {
        char kind[32];
        snprintf(kind, sizeof kind, "\"kind\":\"%s\"", rf_side_name(s));
        ck_assert_int_eq(result.flagged[s], want[s]);
        ck_assert_int_eq(rf_count_of(text, kind), want[s]);
    }
    ck_assert_int_eq(rf_count_of(text, "\n"), users + entities + edges + 1);
    ck_assert_int_eq(rf_count_of(text, "\"kind\":\"run.completed\""), 1);
}

/* ---- who ---- */

START_TEST(a_percentile_threshold_flags_who_stands_at_or_above_it)
{
    made_scored m = made_scored_of((made_shape){101, 11, 201, 2, 2, 2, 3});
    char *text = emitted(&m, options_of(RF_THRESHOLD_PERCENTILE, 0.9));
    assert_counts(text, 11, 2, 21);
    ck_assert_int_eq(rf_count_of(text, "\"threshold\":{\"percentile\":0.9,\"tag_confidence\":0.9}"), 35);
    free(text);
    made_scored_free(&m);
}
END_TEST

START_TEST(a_score_threshold_flags_who_scores_at_least_that)
{
    made_scored m = made_scored_of((made_shape){5, 4, 6, 2, 2, 2, 3});
    for (int i = 0; i < 5; i++)
        m.scores->side[RF_USER].score[i] = (rf_real)i;
    for (int i = 0; i < 4; i++)
        m.scores->side[RF_ENTITY].score[i] = 1;
    for (int i = 0; i < 6; i++)
        m.scores->side[RF_EDGE].score[i] = (rf_real)(3 + i % 2);
    char *text = emitted(&m, options_of(RF_THRESHOLD_SCORE, 3));
    assert_counts(text, 2, 0, 6);
    ck_assert_int_eq(rf_count_of(text, "\"rank\":1,"), 1 + 3);
    ck_assert_int_eq(rf_count_of(text, "\"rank\":4,"), 3);
    ck_assert(strstr(text, "\"user\":\"user-4\"") < strstr(text, "\"user\":\"user-3\""));
    free(text);
    made_scored_free(&m);
}
END_TEST

/* Rates that fall as scores rise: row by row its rank's share, as if the scores were by surprise. */
static void give_rates(rf_scores *scores)
{
    scores->method = RF_METHOD_SURPRISE;
    for (rf_side s = 0; s < RF_SIDES; s++) {
        rf_score_side *side = &scores->side[s];
        side->p_value = rf_mem_zero((size_t)side->n, sizeof *side->p_value, NULL);
        side->fdr = rf_mem_zero((size_t)side->n, sizeof *side->fdr, NULL);
        ck_assert(side->p_value != NULL && side->fdr != NULL);
        for (int64_t i = 0; i < side->n; i++) {
            side->fdr[i] = 1 - side->percentile[i];
            side->p_value[i] = side->fdr[i] / 16;
        }
    }
}

START_TEST(an_fdr_threshold_flags_whose_rate_is_at_most_that_and_messages_say_it)
{
    made_scored m = made_scored_of((made_shape){101, 11, 201, 2, 2, 2, 3});
    char *text = emitted(&m, options_of(RF_THRESHOLD_TOP, 1));
    ck_assert_int_eq(rf_count_of(text, "\"p_value\""), 0); /* scores that have none */
    free(text);
    give_rates(m.scores);
    text = emitted(&m, options_of(RF_THRESHOLD_FDR, 0.125));
    assert_counts(text, 13, 2, 26);
    ck_assert_int_eq(rf_count_of(text, "\"threshold\":{\"fdr\":0.125,\"tag_confidence\":0.9}"), 42);
    ck_assert_int_eq(rf_count_of(text, "\"p_value\":"), 41);
    ck_assert_int_eq(rf_count_of(text, "\"percentile\":1,\"p_value\":0,\"fdr\":0,\"rank\":1,"), 3);
    free(text);
    for (rf_side s = 0; s < RF_SIDES; s++) { /* a clean night */
        for (int64_t i = 0; i < m.scores->side[s].n; i++)
            m.scores->side[s].fdr[i] = 1;
    }
    text = emitted(&m, options_of(RF_THRESHOLD_FDR, 0.125));
    assert_counts(text, 0, 0, 0);
    free(text);
    made_scored_free(&m);
}
END_TEST

START_TEST(a_top_threshold_takes_so_many_of_each_kind_and_lower_rows_of_a_tie)
{
    made_scored m = made_scored_of((made_shape){6, 2, 6, 2, 2, 2, 3});
    static const double score[] = {1, 5, 5, 9, 5, 1};
    for (int i = 0; i < 6; i++)
        m.scores->side[RF_USER].score[i] = (rf_real)score[i];
    char *text = emitted(&m, options_of(RF_THRESHOLD_TOP, 3));
    assert_counts(text, 3, 2, 3);
    ck_assert_int_eq(rf_count_of(text, "\"kind\":\"user\",\"user\":\"user-3\",\"entity\":null"), 1);
    ck_assert_int_eq(rf_count_of(text, "\"kind\":\"user\",\"user\":\"user-1\",\"entity\":null"), 1);
    ck_assert_int_eq(rf_count_of(text, "\"kind\":\"user\",\"user\":\"user-2\",\"entity\":null"), 1);
    free(text);
    text = emitted(&m, options_of(RF_THRESHOLD_TOP, 0));
    assert_counts(text, 0, 0, 0);
    free(text);
    made_scored_free(&m);
}
END_TEST

START_TEST(graphs_without_subjects_emit_the_manifest_alone)
{
    made_scored m = made_scored_of((made_shape){0, 0, 0, 1, 1, 1, 3});
    char *text = emitted(&m, options_of(RF_THRESHOLD_PERCENTILE, 0));
    assert_counts(text, 0, 0, 0);
    ck_assert_int_eq(rf_count_of(text, "\"scored\":{\"user\":0,\"entity\":0,\"edge\":0}"), 1);
    free(text);
    made_scored_free(&m);
}
END_TEST

/* ---- what ---- */

START_TEST(a_message_says_raw_values_rank_window_and_model)
{
    static const char *const parts[] = {
        "\"schema\":\"ringfence.action.v1\",\"id\":\"",
        "\"kind\":\"user\",\"user\":\"user-0\",\"entity\":null,",
        "\"percentile\":0.5,\"rank\":1,\"threshold\":{\"top\":1,\"tag_confidence\":0.9},\"tags\":[],",
        "\"window\":{\"from\":\"2018-04-01T00:00:00Z\",\"to\":\"2018-05-01T00:00:00Z\"}",
        "\"model\":{\"id\":\"00112233aabbccdd\",\"trained_at\":\"2018-05-01T00:00:00Z\"}",
        "\"emitted_at\":\"2018-06-01T00:00:00Z\"",
        "{\"feature\":\"u_1\",\"observed\":10,\"expected\":-2,\"share\":0.9",
        "\"kind\":\"edge\",\"user\":\"user-0\",\"entity\":\"shop-0\",",
    };
    made_scored m = made_scored_of((made_shape){1, 1, 1, 2, 1, 1, 3});
    m.graph->side[RF_USER].mean = rf_mem_zero(2, sizeof(float), NULL);
    m.graph->side[RF_USER].scale = rf_mem_zero(2, sizeof(float), NULL);
    m.graph->side[RF_USER].scale[1] = 4;
    m.graph->side[RF_USER].mean[1] = 6;
    m.graph->side[RF_USER].x[1] = 1;
    m.scores->side[RF_USER].reason_feature[0] = 1;
    m.scores->side[RF_USER].reason_expected[0] = -2;
    m.scores->side[RF_USER].reason_share[0] = 0.9F;
    setenv("SOURCE_DATE_EPOCH", "1527811200", 1);
    char *text = emitted(&m, options_of(RF_THRESHOLD_TOP, 1));
    unsetenv("SOURCE_DATE_EPOCH");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ck_assert_msg(strstr(text, parts[i]) != NULL, "%s is not in %s", parts[i], text);
    free(text);
    made_scored_free(&m);
}
END_TEST

START_TEST(raw_values_lose_the_digits_that_standardising_made_up)
{
    static const double raw[] = {0, 1, 812.5, -3, 1.0 / 3};
    static const char *const written[] = {"\"observed\":0,", "\"observed\":1,", "\"observed\":812.5,",
                                          "\"observed\":-3,", "\"observed\":0.3333"};
    made_scored m = made_scored_of((made_shape){1, 1, 1, 2, 1, 1, 3});
    m.graph->side[RF_USER].mean = rf_mem_zero(2, sizeof(float), NULL);
    m.graph->side[RF_USER].scale = rf_mem_zero(2, sizeof(float), NULL);
    m.graph->side[RF_USER].transform = rf_mem_zero(2, 1, NULL);
    for (int log1p_column = 0; log1p_column < 2; log1p_column++) {
        m.graph->side[RF_USER].mean[1] = log1p_column ? 4.1F : 0.0317F;
        m.graph->side[RF_USER].scale[1] = 0.171F;
        m.graph->side[RF_USER].transform[1] = log1p_column ? RF_TAME_LOG1P : RF_TAME_NONE;
        for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
            double tamed = log1p_column ? copysign(log1p(fabs(raw[i])), raw[i]) : raw[i];
            m.graph->side[RF_USER].x[1] = (rf_real)((tamed - (double)m.graph->side[RF_USER].mean[1]) /
                                                    (double)m.graph->side[RF_USER].scale[1]);
            m.scores->side[RF_USER].reason_feature[0] = 1;
            m.scores->side[RF_USER].reason_share[0] = 0.9F;
            char *text = emitted(&m, options_of(RF_THRESHOLD_TOP, 1));
            ck_assert_msg(strstr(text, written[i]) != NULL, "%s is not in %s", written[i], text);
            free(text);
        }
    }
    made_scored_free(&m);
}
END_TEST

START_TEST(the_same_run_gives_the_same_ids_and_another_run_others)
{
    made_scored m = made_scored_of((made_shape){1, 1, 1, 1, 1, 1, 3});
    setenv("SOURCE_DATE_EPOCH", "1527811200", 1);
    char *a = emitted(&m, options_of(RF_THRESHOLD_TOP, 1));
    char *b = emitted(&m, options_of(RF_THRESHOLD_TOP, 1));
    ck_assert_str_eq(a, b);
    rf_scores_name(m.scores, m.graph, "another model", 0);
    char *c = emitted(&m, options_of(RF_THRESHOLD_TOP, 1));
    unsetenv("SOURCE_DATE_EPOCH");
    char id[48];
    snprintf(id, sizeof id, "%.40s", strstr(a, "\"id\":"));
    ck_assert_ptr_null(strstr(c, id));
    free(a);
    free(b);
    free(c);
    made_scored_free(&m);
}
END_TEST

START_TEST(max_reasons_limits_reasons_and_unexplaining_columns_are_left_out)
{
    made_scored m = made_scored_of((made_shape){1, 1, 1, 6, 2, 1, 3});
    m.scores->side[RF_ENTITY].reason_share[1] = 0;
    rf_emit_options options = options_of(RF_THRESHOLD_TOP, 1);
    options.max_reasons = 3;
    char *text = emitted(&m, options);
    ck_assert_int_eq(rf_count_of(text, "\"feature\":\"u_"), 3);
    ck_assert_int_eq(rf_count_of(text, "\"feature\":\"v_"), 1);
    free(text);
    made_scored_free(&m);
}
END_TEST

START_TEST(event_edges_carry_their_event_id_as_key)
{
    static const char *const ids[] = {"ev-b", "ev-a"};
    made_scored m = made_scored_of((made_shape){1, 1, 2, 1, 1, 1, 3});
    made_graph_set_ids(&m.graph->side[RF_EDGE], ids);
    rf_emit_options options = options_of(RF_THRESHOLD_TOP, 2);
    options.envelope = true;
    char *text = emitted(&m, options);
    ck_assert_int_eq(rf_count_of(text, "{\"key\":\"ev-a\",\"headers\":"), 1);
    ck_assert_int_eq(rf_count_of(text, "\"ce_subject\":\"edge/ev-b\""), 1);
    ck_assert_int_eq(rf_count_of(text, "\"event_id\":\"ev-a\""), 1);
    free(text);
    made_scored_free(&m);
}
END_TEST

START_TEST(parallel_edges_without_event_ids_have_identities_of_their_own)
{
    made_scored m = made_scored_of((made_shape){1, 1, 3, 1, 1, 1, 3});
    rf_emit_options options = options_of(RF_THRESHOLD_TOP, 3);
    options.envelope = true;
    char *text = emitted(&m, options);
    ck_assert_int_eq(rf_count_of(text, "\"key\":\"[\\\"user-0\\\",\\\"shop-0\\\"]\""), 1);
    ck_assert_int_eq(rf_count_of(text, "\"key\":\"[\\\"user-0\\\",\\\"shop-0\\\",1]\""), 1);
    ck_assert_int_eq(rf_count_of(text, "\"key\":\"[\\\"user-0\\\",\\\"shop-0\\\",2]\""), 1);
    free(text);
    made_scored_free(&m);
}
END_TEST

/* ---- every message against its schema ---- */

#define NO_VALIDATOR "no Python with jsonschema (Debian: python3-jsonschema): the schemas stay unchecked"

/* Python's validator on files of the temporary folder: its exit status, 77 or 127 when it cannot run. */
static int validate(const char *files)
{
    char command[4 * RF_TEST_PATH];
    const char *source = getenv("RF_SOURCE_DIR");
    if (source == NULL)
        return 77;
    snprintf(command, sizeof command,
             "cd '%s' && for p in python3 /usr/bin/python3; do"
             " $p '%s/tests/cli/validate_actions.py' '%s/export/schema' %s; r=$?;"
             " [ $r -ne 77 ] && [ $r -ne 127 ] && exit $r; done; exit $r",
             rf_tmp_folder(), source, source, files);
    int status = system(command);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(every_message_follows_its_json_schema)
{
    char path[RF_TEST_PATH];
    made_scored m = made_scored_of((made_shape){120, 60, 300, 7, 4, 5, 3});
    emit_to(rf_tmp_path(path, "percentile.jsonl"), &m, options_of(RF_THRESHOLD_PERCENTILE, 0));
    rf_emit_options options = options_of(RF_THRESHOLD_TOP, 50);
    options.envelope = true;
    emit_to(rf_tmp_path(path, "top.jsonl"), &m, options);
    m.graph->window_from_us = m.graph->window_to_us = 0;
    rf_scores_name(m.scores, m.graph, "", 0);
    emit_to(rf_tmp_path(path, "score.jsonl"), &m, options_of(RF_THRESHOLD_SCORE, 1));
    made_scored_free(&m);
    int status = validate("percentile.jsonl top.jsonl score.jsonl");
    if (status == 77 || status == 127)
        RF_SKIP(NO_VALIDATOR);
    ck_assert_int_eq(status, 0);
}
END_TEST

static char *long_id(void)
{
    char *id = malloc(1001);
    memset(id, 'x', 1000);
    memcpy(id + 500, "\xF0\x9F\x92\xB3", 4);
    id[1000] = '\0';
    return id;
}

START_TEST(hostile_ids_survive_as_json)
{
    char *thousand = long_id();
    const char *const ids[] = {
        "he said \"no\" \\ \\u0000",
        "line\nfeed\ttab\rreturn\x01\x1F\x7F",
        "\xF0\x9F\x92\xB3 \xE2\x80\xA8 caf\xC3\xA9",
        thousand,
        "",
        "</script><!-- & ' -->",
        "../../etc/passwd",
        "null",
        "broken \xFF\xC3( utf-8",
        "user-9",
    };
    made_scored m = made_scored_of((made_shape){10, 10, 60, 1, 1, 1, 3});
    made_graph_set_ids(&m.graph->side[RF_USER], ids);
    made_graph_set_ids(&m.graph->side[RF_ENTITY], ids);
    rf_emit_options options = options_of(RF_THRESHOLD_PERCENTILE, 0);
    options.envelope = true;
    char *text = emitted(&m, options);
    ck_assert_int_eq(rf_count_of(text, "\n"), 10 + 10 + 60 + 1);
    ck_assert_int_ge(rf_count_of(text, "\"user\":\"he said \\\"no\\\" \\\\ \\\\u0000\",\"entity\":null"), 1);
    ck_assert_int_ge(rf_count_of(text, "\"user\":\"\xF0\x9F\x92\xB3 "), 1);
    ck_assert_int_ge(rf_count_of(text, thousand), 2);
    ck_assert_ptr_null(strchr(text, '\x01'));
    ck_assert_ptr_null(strchr(text, '\xFF'));
    free(text);
    free(thousand);
    made_scored_free(&m);
    int status = validate("actions.jsonl");
    if (status == 77 || status == 127)
        RF_SKIP(NO_VALIDATOR);
    ck_assert_int_eq(status, 0);
}
END_TEST

/* ---- failing ---- */

START_TEST(thresholds_that_make_no_sense_are_refused)
{
    made_scored m = made_scored_of((made_shape){2, 2, 2, 1, 1, 1, 3});
    rf_err err = {0};
    static const struct {
        rf_threshold_type type;
        double threshold;
        const char *part;
    } bad[] = {{RF_THRESHOLD_PERCENTILE, 99.9, "percentile is 99.9"},
               {RF_THRESHOLD_PERCENTILE, -0.1, "from 0 to 1"},
               {RF_THRESHOLD_FDR, 20, "fdr is 20"},
               {RF_THRESHOLD_FDR, 0.2, "needs scores by surprise"},
               {RF_THRESHOLD_TOP, 1.5, "whole number"},
               {RF_THRESHOLD_TOP, -1, "whole number"},
               {RF_THRESHOLD_SCORE, (double)NAN, "finite"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        rf_emit_options options = options_of(bad[i].type, bad[i].threshold);
        RF_CHECK_FAILS(err, RF_E_INVALID, bad[i].part, rf_emit(&result, &m.findings, &options, &err));
    }
    rf_emit_options options = options_of(RF_THRESHOLD_TOP, 1);
    options.source = "";
    RF_CHECK_FAILS(err, RF_E_INVALID, "source", rf_emit(&result, &m.findings, &options, &err));
    made_scored_free(&m);
}
END_TEST

START_TEST(a_failing_emission_leaves_the_old_file)
{
    char path[RF_TEST_PATH], folder[RF_TEST_PATH];
    made_scored m = made_scored_of((made_shape){20, 10, 40, 2, 2, 2, 3});
    rf_emit_options options = options_of(RF_THRESHOLD_PERCENTILE, 0);
    ck_assert_int_eq(mkdir(rf_tmp_path(folder, "alone"), 0777), 0);
    options.path = rf_tmp_path(path, "alone/actions.jsonl");
    rf_spill(path, "old\n", 4);
    rf_mem_fail_after(12);
    rf_status st = rf_emit(&result, &m.findings, &options, NULL);
    rf_mem_fail_after(-1);
    ck_assert_int_eq(st, RF_E_NOMEM);
    char *text = rf_slurp(path, NULL);
    ck_assert_str_eq(text, "old\n");
    ck_assert_int_eq(rf_count_entries(folder), 1);
    free(text);
    made_scored_free(&m);
}
END_TEST

START_TEST(emission_survives_every_failing_allocation)
{
    char path[RF_TEST_PATH];
    made_scored m = made_scored_of((made_shape){4, 3, 6, 2, 2, 2, 3});
    rf_emit_options options = options_of(RF_THRESHOLD_PERCENTILE, 0);
    options.path = rf_tmp_path(path, "sweep.jsonl");
    options.envelope = true;
    RF_SWEEP(rf_emit(&result, &m.findings, &options, sweep_err), (void)0);
    made_scored_free(&m);
}
END_TEST

RF_SUITE("emit", a_percentile_threshold_flags_who_stands_at_or_above_it,
         a_score_threshold_flags_who_scores_at_least_that,
         an_fdr_threshold_flags_whose_rate_is_at_most_that_and_messages_say_it,
         a_top_threshold_takes_so_many_of_each_kind_and_lower_rows_of_a_tie,
         graphs_without_subjects_emit_the_manifest_alone, a_message_says_raw_values_rank_window_and_model,
         raw_values_lose_the_digits_that_standardising_made_up,
         the_same_run_gives_the_same_ids_and_another_run_others,
         max_reasons_limits_reasons_and_unexplaining_columns_are_left_out,
         event_edges_carry_their_event_id_as_key,
         parallel_edges_without_event_ids_have_identities_of_their_own, every_message_follows_its_json_schema,
         hostile_ids_survive_as_json, thresholds_that_make_no_sense_are_refused,
         a_failing_emission_leaves_the_old_file, emission_survives_every_failing_allocation)
