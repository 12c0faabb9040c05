/* test_report.c - the tables of the worst, of metrics and of a run; and the settings that the rooms are
 * given. */
#include "rf_check.h"

#include "made_graph.h"
#include "rf_evaluate.h"
#include "settings.h"

typedef struct made {
    rf_graph *graph;
    rf_outputs *outputs;
    rf_scores *scores;
} made;

static made make(void)
{
    rf_err err = {0};
    made m = {.graph = made_graph(
                  (made_shape){.n_u = 40, .n_v = 12, .n_e = 150, .d_u = 4, .d_v = 3, .d_e = 5, .seed = 3})};
    rf_score_options options;
    rf_score_options_default(&options);
    m.outputs = made_outputs(m.graph, 5);
    RF_CHECK_OK(err, rf_score_outputs(&m.scores, m.graph, m.outputs, &options, NULL, &err));
    return m;
}

static void unmake(made *m)
{
    rf_scores_free(m->scores);
    made_outputs_free(m->outputs);
    rf_graph_free(m->graph);
}

static int64_t best(const rf_score_side *side)
{
    int64_t row = 0;
    for (int64_t i = 1; i < side->n; i++) {
        if (side->score[i] > side->score[row])
            row = i;
    }
    return row;
}

START_TEST(the_worst_of_each_kind_comes_first)
{
    rf_err err = {0};
    rf_text text = {0};
    char line[64], buffer[32];
    made m = make();
    RF_CHECK_OK(err, rf_report_top(&text, &(rf_findings){.graph = m.graph, .scores = m.scores}, 3, &err));
    snprintf(line, sizeof line, "\n%s ",
             rf_graph_id(&m.graph->side[RF_USER], best(&m.scores->side[RF_USER]), buffer));
    const char *at = strstr(text.ptr, line), *rule = strstr(text.ptr, "-----\n");
    ck_assert_msg(at != NULL && rule != NULL && at == rule + 5, "%s", text.ptr);
    ck_assert_ptr_nonnull(strstr(text.ptr, "Most anomalous entities"));
    ck_assert_ptr_nonnull(strstr(text.ptr, " > shop-"));
    rf_text_clear(&text);
    unmake(&m);
}
END_TEST

START_TEST(reports_of_few_subjects_are_short)
{
    rf_err err = {0};
    rf_text text = {0};
    made m = make();
    RF_CHECK_OK(err, rf_report_top(&text, &(rf_findings){.graph = m.graph, .scores = m.scores}, 0, &err));
    ck_assert_ptr_null(strstr(text.ptr, "user-"));
    rf_text_clear(&text);
    unmake(&m);
}
END_TEST

static rf_status all_reports(const made *m, rf_err *err)
{
    rf_text text = {0};
    rf_evaluation *evaluation = NULL;
    rf_summary summary = {.has_events = true, .has_graph = true, .has_training = true, .has_actions = true};
    rf_summary_begin(&summary);
    rf_summary_end(&summary, "build");
    rf_status st = rf_report_top(&text, &(rf_findings){.graph = m->graph, .scores = m->scores}, 5, err);
    if (st >= 0)
        st = rf_evaluate(&evaluation, m->graph, m->scores, NULL, err);
    if (st >= 0)
        st = rf_report_evaluation(&text, evaluation, err);
    if (st >= 0)
        st = rf_report_summary(&text, &summary, err);
    rf_evaluation_free(evaluation);
    rf_text_clear(&text);
    return st;
}

START_TEST(every_failing_allocation_is_reported)
{
    made m = make();
    RF_SWEEP(all_reports(&m, sweep_err), );
    unmake(&m);
}
END_TEST

/* ---- settings ---- */

static rf_config *configured(const char *yaml)
{
    rf_err err = {0};
    rf_config *config = NULL;
    RF_CHECK_OK(err, rf_config_new(&config, &err));
    RF_CHECK_OK(err, rf_config_parse(config, "c.yaml", yaml, strlen(yaml), &err));
    RF_CHECK_OK(err, rf_config_finish(config, &err));
    return config;
}

START_TEST(defaults_are_those_of_the_rooms)
{
    rf_config *config = configured("");
    rf_train_options train, train_default;
    rf_score_options score, score_default;
    rf_evaluate_options evaluate, evaluate_default;
    rf_simulate_options simulate, simulate_default;
    rf_emit_options emit, emit_default;
    rf_train_options_default(&train_default);
    rf_settings_train(&train, config);
    ck_assert_int_eq(train.epochs, train_default.epochs);
    ck_assert_double_eq(train.lr, train_default.lr);
    ck_assert_double_eq(train.eta, train_default.eta);
    ck_assert_double_eq(train.negatives, train_default.negatives);
    ck_assert_double_eq(train.gamma, train_default.gamma);
    ck_assert_double_eq(train.min_delta, train_default.min_delta);
    ck_assert_int_eq(train.hidden[2], train_default.hidden[2]);
    ck_assert_int_eq(train.latent[1], train_default.latent[1]);
    ck_assert_int_eq(train.edge_latent, train_default.edge_latent);
    ck_assert_int_eq(train.layers_mlp, train_default.layers_mlp);
    ck_assert_int_eq(train.checkpoint_every, train_default.checkpoint_every);
    ck_assert_int_eq(train.patience, train_default.patience);
    ck_assert_int_eq(train.init, train_default.init);
    rf_score_options_default(&score_default);
    rf_settings_score(&score, config);
    ck_assert_double_eq(score.eta, score_default.eta);
    ck_assert_int_eq(score.reasons, score_default.reasons);
    rf_evaluate_options_default(&evaluate_default);
    rf_settings_evaluate(&evaluate, config);
    ck_assert_int_eq(evaluate.n_k, evaluate_default.n_k);
    ck_assert_int_eq(evaluate.k[0], evaluate_default.k[0]);
    ck_assert_double_eq(evaluate.percentile[1], evaluate_default.percentile[1]);
    rf_simulate_options_default(&simulate_default);
    rf_settings_simulate(&simulate, config);
    ck_assert_int_eq(simulate.events, simulate_default.events);
    ck_assert(simulate.start_us == simulate_default.start_us);
    ck_assert_int_eq(simulate.days, simulate_default.days);
    ck_assert_double_eq(simulate.fraud_share, simulate_default.fraud_share);
    rf_emit_options_default(&emit_default);
    ck_assert_int_eq(rf_settings_emit(&emit, config, NULL), RF_OK);
    ck_assert_double_eq(emit.threshold, emit_default.threshold);
    ck_assert_str_eq(emit.source, emit_default.source);
    rf_config_free(config);
}
END_TEST

static const char whole[] =
    "source: {paths: [a.csv], format: json}\n"
    "fields:\n"
    "  user: u\n"
    "  entity: v\n"
    "  time: {field: t, format: '%d.%m.%Y', zone: +02:00}\n"
    "  attributes: {x: {type: number, log1p: true}, c: {type: category, required: false}}\n"
    "graph: {granularity: event, window: all, as_of: '2026-01-01'}\n"
    "train: {hidden: 8, latent: [4, 5, 6], milestones: [50, 100]}\n"
    "emit: {threshold: {score: 2.5}}\n";

START_TEST(a_configuration_reaches_the_rooms)
{
    rf_err err = {0};
    rf_cli cli = {.config = configured(whole)};
    rf_text identity = {0};
    rf_source_options source;
    rf_bigraph_options graph;
    rf_train_options train;
    rf_emit_options emit;
    RF_CHECK_OK(err, rf_settings_source(&source, &cli, &err));
    ck_assert_int_eq(source.format, RF_FORMAT_JSONL);
    ck_assert_int_eq(source.fields.time_format, RF_TIME_STRPTIME);
    ck_assert_str_eq(source.fields.time_pattern, "%d.%m.%Y");
    ck_assert_str_eq(source.dead_letters, "rejects.jsonl");
    RF_CHECK_OK(err, rf_settings_bigraph(&graph, &identity, cli.config, &err));
    ck_assert_int_eq(graph.granularity, RF_GRANULARITY_EVENT);
    ck_assert(graph.window_us == 0 && graph.as_of_us == INT64_C(1767225600000000));
    ck_assert_str_eq(graph.zone, "+02:00");
    ck_assert_str_eq(graph.identity, "user u\nentity v\ntime t\ntime.format %d.%m.%Y\ntime.zone +02:00\n"
                                     "attribute x number x log1p\nattribute c category c optional top 20\n"
                                     "granularity event\nbucket 3600000000us\nzone +02:00\n");
    rf_settings_train(&train, cli.config);
    ck_assert_int_eq(train.hidden[1], 8);
    ck_assert_int_eq(train.latent[1], 5);
    ck_assert_int_eq(train.edge_latent, 6);
    ck_assert_int_eq(train.milestones[1], 100);
    RF_CHECK_OK(err, rf_settings_emit(&emit, cli.config, &err));
    ck_assert_int_eq(emit.threshold_type, RF_THRESHOLD_SCORE);
    ck_assert_double_eq(emit.threshold, 2.5);
    for (int i = 0; i < cli.n_paths; i++)
        rf_mem_free(cli.paths[i]);
    rf_text_clear(&identity);
    rf_config_free(cli.config);
}
END_TEST

START_TEST(missing_fields_are_named)
{
    rf_err err = {0};
    rf_source_options source;
    rf_cli cli = {.config = configured("source: {paths: [a.csv]}\nfields: {user: u, entity: v}\n")};
    RF_CHECK_FAILS(err, RF_E_INVALID, "fields.time.field is not set",
                   rf_settings_source(&source, &cli, &err));
    rf_config_free(cli.config);
    cli.config = configured("fields: {user: u, entity: v, time: t}\n");
    RF_CHECK_FAILS(err, RF_E_INVALID, "source.paths is not set", rf_settings_source(&source, &cli, &err));
    rf_config_free(cli.config);
    cli.config = configured("source: {type: kafka}\n");
    RF_CHECK_FAILS(err, RF_E_INVALID, "source.topics is not set", rf_settings_source(&source, &cli, &err));
    rf_config_free(cli.config);
}
END_TEST

RF_SUITE("report", the_worst_of_each_kind_comes_first, reports_of_few_subjects_are_short,
         every_failing_allocation_is_reported, defaults_are_those_of_the_rooms,
         a_configuration_reaches_the_rooms, missing_fields_are_named)
