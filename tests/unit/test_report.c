/* test_report.c - the tables of the worst, of metrics and of a run. */
#include "rf_check.h"

#include "rf_report.h"
#include "rf_summary.h"
#include "made_graph.h"
#include "rf_evaluate.h"

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
    options.method = RF_METHOD_GRAPHBEAN;
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

START_TEST(a_kind_with_a_name_is_called_by_it)
{
    rf_err err = {0};
    rf_text text = {0};
    made m = make();
    m.graph->kinds = (rf_kinds){1, {"merchant"}};
    RF_CHECK_OK(err, rf_report_top(&text, &(rf_findings){.graph = m.graph, .scores = m.scores}, 3, &err));
    ck_assert_ptr_nonnull(strstr(text.ptr, "Most anomalous merchants\n"));
    ck_assert_ptr_nonnull(strstr(text.ptr, "Most anomalous merchant edges\n"));
    rf_text_clear(&text);
    unmake(&m);
}
END_TEST

START_TEST(types_of_several_kinds_are_a_line_each)
{
    rf_err err = {0};
    rf_text text = {0};
    rf_type_metrics of_users[] = {{"farm", 45, 12, 0.9}},
                    of_cards[] = {{"farm", 7, 0, 0.5}, {"bot", 1234, 3, 0.7}};
    rf_evaluation evaluation = {.kinds = {2, {"shop", "card"}}, .has_types = true, .type_percentile = 0.99};
    evaluation.types[RF_USER] = (rf_type_table){1, of_users};
    evaluation.types[rf_entity_side(1)] = (rf_type_table){2, of_cards};
    RF_CHECK_OK(err, rf_report_evaluation(&text, &evaluation, &err));
    const char *at = strstr(text.ptr, "type of fraud     users  shops  shop edges       cards  card edges\n");
    ck_assert_msg(at != NULL, "%s", text.ptr);
    ck_assert_ptr_nonnull(
        strstr(at, "\nfarm           12 of 45      -           -      0 of 7           -\n"));
    ck_assert_ptr_nonnull(
        strstr(at, "\nbot                   -      -           -  3 of 1,234           -\n"));
    rf_text_clear(&text);
}
END_TEST

START_TEST(a_summary_counts_each_kind)
{
    rf_err err = {0};
    rf_text text = {0};
    rf_summary summary = {0};
    rf_published published = {.users = 3, .entities = 2, .edges = 5, .n = {3, 2, 5, 4, 1234}};
    for (int n_kinds = 0; n_kinds <= 2; n_kinds += 2) {
        published.kinds = (rf_kinds){n_kinds, {"merchant", "address"}};
        rf_summary_graph(&summary, &published);
        rf_text_reset(&text);
        RF_CHECK_OK(err, rf_summary_print(&text, &summary, &err));
        const char *line = n_kinds == 0 ? "graph     3 users, 2 entities, 5 edges\n"
                                        : "graph     3 users, 5 edges to 2 merchants, 1,234 to 4 addresses\n";
        ck_assert_msg(strstr(text.ptr, line) != NULL, "%s", text.ptr);
    }
    rf_text_clear(&text);
    rf_summary_clear(&summary);
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

START_TEST(a_main_reason_without_data_says_so)
{
    rf_err err = {0};
    rf_text text = {0};
    made m = make();
    rf_graph_side *side = &m.graph->side[RF_USER];
    const rf_score_side *scores = &m.scores->side[RF_USER];
    int64_t row = best(scores);
    side->x[row * side->d + scores->reason_feature[row * scores->n_reasons]] = (rf_real)-0.0;
    RF_CHECK_OK(err, rf_report_top(&text, &(rf_findings){.graph = m.graph, .scores = m.scores}, 1, &err));
    ck_assert_msg(strstr(text.ptr, " no data, expected ") != NULL, "%s", text.ptr);
    rf_text_clear(&text);
    unmake(&m);
}
END_TEST

START_TEST(a_main_reason_of_a_small_number_shows_it)
{
    rf_err err = {0};
    rf_text text = {0};
    made m = make();
    rf_graph_side *side = &m.graph->side[RF_USER];
    const rf_score_side *scores = &m.scores->side[RF_USER];
    int64_t row = best(scores);
    int column = scores->reason_feature[row * scores->n_reasons];
    float mean[4] = {0}, scale[4] = {1, 1, 1, 1}, *kept_mean = side->mean, *kept_scale = side->scale;
    side->mean = mean;
    side->scale = scale;
    scale[column] = 1e-8F;
    side->x[row * side->d + column] = 3;
    RF_CHECK_OK(err, rf_report_top(&text, &(rf_findings){.graph = m.graph, .scores = m.scores}, 1, &err));
    ck_assert_msg(strstr(text.ptr, " 3e-08, expected ") != NULL, "%s", text.ptr);
    rf_text_clear(&text);
    side->mean = kept_mean;
    side->scale = kept_scale;
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
        st = rf_summary_print(&text, &summary, err);
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

RF_SUITE("report", the_worst_of_each_kind_comes_first, a_kind_with_a_name_is_called_by_it,
         a_summary_counts_each_kind, types_of_several_kinds_are_a_line_each,
         reports_of_few_subjects_are_short, a_main_reason_without_data_says_so,
         a_main_reason_of_a_small_number_shows_it, every_failing_allocation_is_reported)
