/* test_evaluate.c - which scores meet which labels, the tables of fraud types, and the JSON. */
#include "made_scores.h"
#include "rf_check.h"
#include "rf_evaluate.h"

static rf_evaluation *evaluation_of(const rf_graph *graph, const rf_scores *scores)
{
    rf_evaluation *evaluation = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_evaluate(&evaluation, graph, scores, NULL, &err));
    return evaluation;
}

static char *json_of(const rf_evaluation *evaluation)
{
    rf_json *json = NULL;
    rf_err err = {0};
    const char *text;
    size_t len;
    RF_CHECK_OK(err, rf_json_new(&json, &err));
    rf_evaluate_json(json, evaluation);
    RF_CHECK_OK(err, rf_json_end(json, &text, &len, &err));
    char *copy = rf_mem_text(text, len, &err);
    rf_json_free(json);
    return copy;
}

START_TEST(each_group_is_measured_with_its_own_labels)
{
    made_scored m = made_scored_of((made_shape){60, 40, 150, 3, 3, 3, 4});
    rf_evaluation *evaluation = evaluation_of(m.graph, m.scores);
    rf_metrics alone;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_metrics_compute(&alone, 40, m.scores->side[RF_ENTITY].score,
                                        m.graph->side[RF_ENTITY].y, NULL, 0, NULL, 0, &err));
    ck_assert(evaluation->side[RF_ENTITY].defined && evaluation->side[RF_ENTITY].roc_auc == alone.roc_auc);
    RF_CHECK_OK(err, rf_metrics_compute(&alone, 150, m.scores->side[RF_EDGE].x_error,
                                        m.graph->side[RF_EDGE].y, NULL, 0, NULL, 0, &err));
    ck_assert(evaluation->x_error[0].pr_auc == alone.pr_auc);
    ck_assert(evaluation->side[RF_EDGE].pr_auc != alone.pr_auc);
    ck_assert_int_eq(evaluation->side[RF_USER].n, 60);
    rf_evaluation_free(evaluation);
    made_scored_free(&m);
}
END_TEST

static double auc_of_type(const rf_graph_side *side, const rf_real *score, int type)
{
    double right = 0, pairs = 0;
    for (int64_t i = 0; i < side->n; i++) {
        for (int64_t j = 0; j < side->n; j++) {
            if (side->fraud_type[i] == type && side->y[i] == 1 && side->y[j] == 0) {
                pairs++;
                right += score[i] > score[j] ? 1.0 : score[i] == score[j] ? 0.5 : 0.0;
            }
        }
    }
    return right / pairs;
}

START_TEST(each_fraud_type_is_measured_against_the_innocent)
{
    made_scored m = made_scored_of((made_shape){60, 40, 150, 3, 3, 3, 4});
    for (int64_t i = 0; i < m.graph->side[RF_EDGE].n; i++) /* ties */
        m.scores->side[RF_EDGE].score[i] = (rf_real)(int)(m.scores->side[RF_EDGE].score[i] * 3);
    rf_evaluation *evaluation = evaluation_of(m.graph, m.scores);
    ck_assert(evaluation->has_types);
    ck_assert_int_eq(evaluation->types[RF_EDGE].n, 2);
    ck_assert_str_eq(evaluation->types[RF_EDGE].rows[0].type, "ring");
    ck_assert_str_eq(evaluation->types[RF_EDGE].rows[1].type, "bot");
    int64_t n = 0;
    for (int t = 0; t < 2; t++) {
        n += evaluation->types[RF_EDGE].rows[t].n;
        ck_assert_double_eq_tol(evaluation->types[RF_EDGE].rows[t].roc_auc,
                                auc_of_type(&m.graph->side[RF_EDGE], m.scores->side[RF_EDGE].score, t + 1),
                                1e-12);
        ck_assert_double_eq_tol(evaluation->types[RF_USER].rows[t].roc_auc,
                                auc_of_type(&m.graph->side[RF_USER], m.scores->side[RF_USER].score, t + 1),
                                1e-12);
    }
    ck_assert_int_eq(n, evaluation->side[RF_EDGE].positives);
    rf_evaluation_free(evaluation);
    made_scored_free(&m);
}
END_TEST

START_TEST(a_type_is_caught_at_or_above_the_percentile)
{
    made_scored m = made_scored_of((made_shape){101, 2, 2, 1, 1, 1, 4});
    for (int i = 0; i < 101; i++) {
        m.scores->side[RF_USER].score[i] = (rf_real)i;
        m.graph->side[RF_USER].y[i] = i == 3 || i >= 98;
        m.graph->side[RF_USER].fraud_type[i] = i == 3 || i >= 99 ? 1 : i == 98 ? 2 : 0;
    }
    rf_evaluation *evaluation = evaluation_of(m.graph, m.scores);
    ck_assert_int_eq(evaluation->types[RF_USER].rows[0].n, 3);
    ck_assert_int_eq(evaluation->types[RF_USER].rows[0].caught, 2);
    ck_assert_int_eq(evaluation->types[RF_USER].rows[1].caught, 0);
    rf_evaluation_free(evaluation);
    made_scored_free(&m);
}
END_TEST

/* ---- parts ---- */

/* 60 users with n_bad labelled ones in front; the total ranks them last, the parts by `of`. */
static made_scored ranked(int n_bad, void (*of)(rf_score_side *side))
{
    made_scored m = made_scored_of((made_shape){60, 40, 150, 3, 3, 3, 4});
    rf_score_options options;
    rf_score_options_default(&options);
    rf_scores_free(m.scores);
    m.scores = made_scores_by(m.graph, &options);
    rf_score_side *side = &m.scores->side[RF_USER];
    for (int i = 0; i < 60; i++) {
        m.graph->side[RF_USER].y[i] = i < n_bad;
        side->score[i] = (rf_real)i;
        for (int p = 0; p < RF_PARTS; p++)
            if (side->part[p] != NULL)
                side->part[p][i] = (float)i;
    }
    of(side);
    return m;
}

static void lockstep_ranks_right(rf_score_side *side)
{
    for (int i = 0; i < 60; i++)
        side->part[RF_PART_LOCKSTEP][i] = (float)-i;
}

static void no_part_ranks_right(rf_score_side *side)
{
    (void)side;
}

START_TEST(each_part_is_measured_alone)
{
    made_scored m = ranked(25, lockstep_ranks_right);
    rf_evaluation *evaluation = evaluation_of(m.graph, m.scores);
    const rf_metrics *part = evaluation->part[RF_USER];
    ck_assert_double_eq(part[RF_PART_LOCKSTEP].roc_auc, 1);
    ck_assert_double_eq(part[RF_PART_LOCKSTEP].average_precision, 1);
    ck_assert_double_eq(part[RF_PART_RESIDUAL].roc_auc, 0);
    ck_assert(!evaluation->part[RF_EDGE][RF_PART_OWN_RESIDUAL].defined);
    rf_evaluation_free(evaluation);
    made_scored_free(&m);
}
END_TEST

START_TEST(labels_upside_down_are_said_with_the_part_that_ranks_them_right)
{
    static const struct {
        int n_bad;
        void (*of)(rf_score_side *side);
        bool upside_down;
        rf_part_id best;
        const char *json;
    } cases[] = {
        {20, lockstep_ranks_right, true, RF_PART_LOCKSTEP,
         "\"upside_down\":true,\"ranked_right_by\":\"lockstep\"}"},
        {40, no_part_ranks_right, true, RF_PARTS, "\"upside_down\":true,\"ranked_right_by\":null}"},
        {19, lockstep_ranks_right, false, RF_PART_LOCKSTEP, "\"upside_down\":false},\"v\""},
        {41, lockstep_ranks_right, false, RF_PART_LOCKSTEP, "\"upside_down\":false},\"v\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rf_part_id best;
        made_scored m = ranked(cases[i].n_bad, cases[i].of);
        rf_evaluation *evaluation = evaluation_of(m.graph, m.scores);
        ck_assert(rf_evaluate_upside_down(&best, evaluation, RF_USER) == cases[i].upside_down);
        ck_assert_int_eq(best, cases[i].best);
        char *json = json_of(evaluation);
        ck_assert_msg(strstr(json, cases[i].json) != NULL, "%s is not in %s", cases[i].json, json);
        ck_assert_ptr_nonnull(strstr(json, "{\"name\":\"lockstep\",\"in_total\":true,\"roc_auc\":"));
        rf_mem_free(json);
        rf_evaluation_free(evaluation);
        made_scored_free(&m);
    }
}
END_TEST

/* ---- JSON ---- */

START_TEST(groups_without_labels_or_of_one_class_are_null)
{
    made_scored m = made_scored_of((made_shape){10, 10, 20, 1, 1, 1, 4});
    rf_mem_free(m.graph->side[RF_USER].y);
    m.graph->side[RF_USER].y = NULL;
    memset(m.graph->side[RF_ENTITY].y, 0, 10);
    memset(m.graph->side[RF_EDGE].y, 1, 20);
    for (rf_graph_side *side = &m.graph->side[RF_USER]; side != NULL;
         side = side == &m.graph->side[RF_USER] ? &m.graph->side[RF_ENTITY] : NULL) {
        rf_mem_free(side->fraud_type);
        side->fraud_type = NULL;
    }
    rf_mem_free(m.graph->side[RF_EDGE].fraud_type);
    m.graph->side[RF_EDGE].fraud_type = NULL;
    rf_texts_clear(&m.graph->fraud_types);
    rf_evaluation *evaluation = evaluation_of(m.graph, m.scores);
    char *json = json_of(evaluation);
    ck_assert_str_eq(json, "{\"u\":null,\"v\":null,\"e\":null}");
    rf_mem_free(json);
    rf_evaluation_free(evaluation);
    made_scored_free(&m);
}
END_TEST

START_TEST(json_holds_every_field_of_the_contract)
{
    static const char *const parts[] = {
        "{\"u\":{\"roc_auc\":1,\"pr_auc\":1,\"average_precision\":1,\"n\":4,\"positives\":1,\"at_k\":[{\"k\":"
        "10,",
        ",\"x_error_roc_auc\":",
        ",\"x_error_pr_auc\":",
        ",\"x_error_average_precision\":",
        "\"at_percentile\":[{\"percentile\":0.99,\"flagged\":1,\"precision\":1,\"recall\":1}",
        "\"types\":{\"percentile\":0.99,\"u\":[{\"type\":\"ring\",\"n\":1,\"caught\":1,\"recall\":1,\"roc_"
        "auc\":1}]",
    };
    made_scored m = made_scored_of((made_shape){4, 10, 20, 1, 1, 1, 4});
    for (int i = 0; i < 4; i++) {
        m.scores->side[RF_USER].score[i] = (rf_real)(10 - i);
        m.graph->side[RF_USER].y[i] = i == 0;
        m.graph->side[RF_USER].fraud_type[i] = i == 0;
    }
    rf_evaluation *evaluation = evaluation_of(m.graph, m.scores);
    char *json = json_of(evaluation);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ck_assert_msg(strstr(json, parts[i]) != NULL, "%s is not in %s", parts[i], json);
    rf_mem_free(json);
    rf_evaluation_free(evaluation);
    made_scored_free(&m);
}
END_TEST

START_TEST(each_kind_is_measured_with_its_own_labels)
{
    const made_shape shapes[] = {{60, 20, 200, 2, 2, 2, 4}, {60, 30, 90, 2, 2, 2, 5}};
    made_scored m = {.graph = made_graph_of_kinds(shapes, 2)};
    m.scores = made_scores(m.graph);
    const rf_side devices = rf_entity_side(1), edges = rf_edge_side(1);
    rf_evaluation *evaluation = evaluation_of(m.graph, m.scores);
    rf_metrics alone;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_metrics_compute(&alone, 30, m.scores->side[devices].score, m.graph->side[devices].y,
                                        NULL, 0, NULL, 0, &err));
    ck_assert_double_eq(evaluation->side[devices].roc_auc, alone.roc_auc);
    RF_CHECK_OK(err, rf_metrics_compute(&alone, 90, m.scores->side[edges].x_error, m.graph->side[edges].y,
                                        NULL, 0, NULL, 0, &err));
    ck_assert_double_eq(evaluation->x_error[1].roc_auc, alone.roc_auc);
    char *json = json_of(evaluation);
    const char *kinds = strstr(json, "\"kinds\":{\"device\":{\"v\":{\"roc_auc\":");
    ck_assert_msg(kinds != NULL && strstr(kinds, "\"types\":{\"v\":[") != NULL, "%s", json);
    ck_assert_ptr_null(strstr(kinds, "\"u\":"));
    ck_assert(strstr(json, "\"types\":{\"percentile\"") < kinds);
    rf_mem_free(json);
    rf_evaluation_free(evaluation);
    m.scores->side[devices].n--;
    RF_CHECK_FAILS(err, RF_E_FORMAT, "29 entities of kind device",
                   rf_evaluate(&evaluation, m.graph, m.scores, NULL, &err));
    m.scores->kinds.n = 1;
    RF_CHECK_FAILS(err, RF_E_FORMAT, "other kinds", rf_evaluate(&evaluation, m.graph, m.scores, NULL, &err));
    made_scored_free(&m);
}
END_TEST

START_TEST(scores_of_other_sizes_are_refused)
{
    made_scored m = made_scored_of((made_shape){4, 10, 20, 1, 1, 1, 4});
    rf_evaluation *evaluation = NULL;
    rf_err err = {0};
    m.scores->side[RF_ENTITY].n--;
    RF_CHECK_FAILS(err, RF_E_FORMAT, "9 entities", rf_evaluate(&evaluation, m.graph, m.scores, NULL, &err));
    made_scored_free(&m);
}
END_TEST

START_TEST(evaluation_survives_every_failing_allocation)
{
    made_scored m = made_scored_of((made_shape){10, 10, 20, 1, 1, 1, 4});
    rf_evaluation *evaluation = NULL;
    RF_SWEEP(rf_evaluate(&evaluation, m.graph, m.scores, NULL, sweep_err), rf_evaluation_free(evaluation));
    made_scored_free(&m);
}
END_TEST

RF_SUITE("evaluate", each_group_is_measured_with_its_own_labels,
         each_fraud_type_is_measured_against_the_innocent, a_type_is_caught_at_or_above_the_percentile,
         each_part_is_measured_alone, labels_upside_down_are_said_with_the_part_that_ranks_them_right,
         groups_without_labels_or_of_one_class_are_null, json_holds_every_field_of_the_contract,
         each_kind_is_measured_with_its_own_labels, scores_of_other_sizes_are_refused,
         evaluation_survives_every_failing_allocation)
