/* test_frozen.c - scores with running statistics depend on the subject and its neighbours alone: not on how
 * the rest of the batch was standardised, the order of its columns, or which of them are constant. */
#include "made_graph.h"
#include "rf_check.h"
#include "rf_rng.h"
#include "rf_score.h"
#include "rf_train.h"

enum { N_U = 20, N_V = 10, N_E = 60, D_U = 4, D_V = 3, D_E = 5 };

/* ---- graphs and models ---- */

static rf_graph_side *side_of(rf_graph *graph, int i)
{
    return i == 0 ? &graph->side[RF_USER] : i == 1 ? &graph->side[RF_ENTITY] : &graph->side[RF_EDGE];
}

/* Two parts without an edge between them: users 0..9 with entities 0..4 (edges 0..29), and the rest. */
static void join_in_two_parts(rf_graph *graph)
{
    rf_err err = {0};
    uint32_t *u = rf_mem_new(N_E, sizeof *u, &err), *v = rf_mem_new(N_E, sizeof *v, &err);
    for (uint32_t e = 0; e < N_E; e++) {
        u[e] = e / 3;
        v[e] = (u[e] < N_U / 2 ? 0 : N_V / 2) + u[e] % 3 + e % 3;
    }
    rf_adj_clear(&graph->adj);
    RF_CHECK_OK(err, rf_adj_adopt(&graph->adj, N_U, N_V, N_E, u, v, &err));
}

/* Standardises the same tamed values by another mean and scale. */
static void restandardise(rf_graph_side *side, uint64_t seed)
{
    rf_err err = {0};
    rf_rng rng;
    rf_rng_init(&rng, seed, 7);
    bool first = side->mean == NULL;
    if (first) {
        side->mean = rf_mem_zero((size_t)side->d, sizeof *side->mean, &err);
        side->scale = rf_mem_zero((size_t)side->d, sizeof *side->scale, &err);
    }
    for (int j = 0; j < side->d; j++) {
        double mean = rf_rng_normal(&rng), scale = 0.5 + 2 * rf_rng_uniform(&rng);
        for (int64_t i = 0; i < side->n && !first; i++) {
            rf_real *x = &side->x[i * side->d + j];
            double tamed = (double)*x * (double)side->scale[j] + (double)side->mean[j];
            if (!(*x == 0 && signbit(*x)))
                *x = (rf_real)((tamed - (double)(float)mean) / (double)(float)scale);
        }
        side->mean[j] = (float)mean;
        side->scale[j] = (float)scale;
    }
}

static rf_graph *two_parts(void)
{
    rf_graph *graph = made_graph((made_shape){N_U, N_V, N_E, D_U, D_V, D_E, 3});
    join_in_two_parts(graph);
    graph->side[RF_USER].x[2 * D_U + 1] = (rf_real)-0.0; /* user 2 has no data there */
    for (int i = 0; i < 3; i++)
        restandardise(side_of(graph, i), 1);
    return graph;
}

static rf_model *trained_on(const rf_graph *graph)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_model *model = NULL;
    rf_train_result result;
    rf_train_options o;
    rf_train_options_default(&o);
    o.epochs = 15;
    RF_CHECK_OK(err, rf_train(&result, graph, &o, rf_tmp_path(path, "frozen.h5"), true, NULL, NULL, &err));
    RF_CHECK_OK(err, rf_model_load(&model, path, &err));
    return model;
}

static rf_scores *frozen_scores(const rf_graph *graph, const rf_model *model)
{
    rf_err err = {0};
    rf_scores *scores = NULL;
    rf_score_options options;
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    options.frozen = true;
    options.reasons = 3;
    RF_CHECK_OK(err, rf_score_compute(&scores, graph, model, &options, NULL, &err));
    return scores;
}

static void refused(const rf_graph *graph, const rf_model *model, bool frozen, const char *says)
{
    rf_err err = {0};
    rf_scores *scores = NULL;
    rf_score_options options;
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    options.frozen = frozen;
    RF_CHECK_FAILS(err, RF_E_FORMAT, says, rf_score_compute(&scores, graph, model, &options, NULL, &err));
    ck_assert_ptr_null(scores);
}

static void set_names(rf_texts *texts, const char *const *names, int64_t n)
{
    rf_err err = {0};
    rf_texts_clear(texts);
    texts->n = n;
    texts->at = rf_mem_zero((size_t)n + 1, sizeof *texts->at, &err);
    texts->bytes = rf_mem_zero((size_t)n + 1, 64, &err);
    for (int64_t i = 0; i < n; i++) {
        size_t len = strlen(names[i]) + 1;
        memcpy(texts->bytes + texts->at[i], names[i], len);
        texts->at[i + 1] = texts->at[i] + (int64_t)len;
    }
}

/* ---- comparing ---- */

static void near(const char *what, int64_t i, double a, double b)
{
    ck_assert_msg(fabs(a - b) <= 1e-5 * (1 + fabs(b)), "%s %d: %.9g, not %.9g", what, (int)i, a, b);
}

/* The first n subjects: their scores, and what is said about them in raw units. */
static void check_same(const rf_graph_side *x, const rf_score_side *a, const rf_graph_side *y,
                       const rf_score_side *b, int64_t n)
{
    char name[2][32];
    ck_assert_int_eq(a->n_reasons, b->n_reasons);
    for (int64_t i = 0; i < n; i++) {
        near("x_error", i, (double)a->x_error[i], (double)b->x_error[i]);
        near("score", i, (double)a->score[i], (double)b->score[i]);
        for (int64_t r = i * a->n_reasons; r < (i + 1) * a->n_reasons; r++) {
            int j = a->reason_feature[r], k = b->reason_feature[r];
            ck_assert_str_eq(rf_graph_raw_name(x, j, name[0]), rf_graph_raw_name(y, k, name[1]));
            near("expected", i, rf_graph_raw(x, j, (double)a->reason_expected[r]),
                 rf_graph_raw(y, k, (double)b->reason_expected[r]));
            near("share", i, (double)a->reason_share[r], (double)b->reason_share[r]);
        }
    }
}

static void check_same_scores(const rf_graph *x, const rf_scores *a, const rf_graph *y, const rf_scores *b,
                              int part)
{
    check_same(&x->side[RF_USER], &a->side[RF_USER], &y->side[RF_USER], &b->side[RF_USER], N_U / part);
    check_same(&x->side[RF_ENTITY], &a->side[RF_ENTITY], &y->side[RF_ENTITY], &b->side[RF_ENTITY],
               N_V / part);
    check_same(&x->side[RF_EDGE], &a->side[RF_EDGE], &y->side[RF_EDGE], &b->side[RF_EDGE], N_E / part);
}

/* ---- the facts ---- */

START_TEST(the_rest_of_the_batch_changes_nothing_for_an_untouched_part)
{
    rf_graph *graph = two_parts(), *other = two_parts();
    rf_model *model = trained_on(graph);
    for (int i = 0; i < 3; i++) {
        rf_graph_side *side = side_of(other, i);
        for (int64_t k = side->n / 2 * side->d; k < side->n * side->d; k++)
            side->x[k] = 3 * side->x[k] + 1;
        restandardise(side, 2);
    }
    rf_scores *a = frozen_scores(graph, model), *b = frozen_scores(other, model);
    check_same_scores(graph, a, other, b, 2);
    ck_assert(fabs((double)a->side[RF_USER].x_error[N_U - 1] - (double)b->side[RF_USER].x_error[N_U - 1]) >
              1e-3);
    rf_scores_free(a);
    rf_scores_free(b);
    rf_model_free(model);
    rf_graph_free(graph);
    rf_graph_free(other);
}
END_TEST

static void move_first_column_to_the_end(rf_graph_side *side)
{
    const char *names[8];
    for (int64_t i = 0; i < side->n; i++) {
        rf_real *row = side->x + i * side->d, first = row[0];
        memmove(row, row + 1, (size_t)(side->d - 1) * sizeof *row);
        row[side->d - 1] = first;
    }
    float mean = side->mean[0], scale = side->scale[0];
    memmove(side->mean, side->mean + 1, (size_t)(side->d - 1) * sizeof mean);
    memmove(side->scale, side->scale + 1, (size_t)(side->d - 1) * sizeof scale);
    side->mean[side->d - 1] = mean;
    side->scale[side->d - 1] = scale;
    rf_texts old = side->feature_names;
    side->feature_names = (rf_texts){0};
    for (int j = 0; j < side->d; j++)
        names[j] = rf_texts_get(&old, (j + 1) % side->d);
    set_names(&side->feature_names, names, side->d);
    rf_texts_clear(&old);
}

START_TEST(columns_in_another_order_give_the_same_scores_frozen_and_are_refused_otherwise)
{
    rf_graph *graph = two_parts(), *other = two_parts();
    rf_model *model = trained_on(graph);
    for (int i = 0; i < 3; i++)
        move_first_column_to_the_end(side_of(other, i));
    rf_scores *a = frozen_scores(graph, model), *b = frozen_scores(other, model);
    check_same_scores(graph, a, other, b, 1);
    ck_assert(memcmp(a->side[RF_USER].score, b->side[RF_USER].score, N_U * sizeof *a->side[RF_USER].score) ==
              0);
    ck_assert_int_eq(b->fit.unknown + b->fit.constant + b->fit.unnamed, 0);
    refused(other, model, false, "user column 0 is u_0 in the model, but u_1 in the graph");
    rf_scores_free(a);
    rf_scores_free(b);
    rf_model_free(model);
    rf_graph_free(graph);
    rf_graph_free(other);
}
END_TEST

/* Takes the edges' column 1 out of the graph, whose tamed value is `value` in every row. */
static void drop_edge_column(rf_graph *graph, float value)
{
    static const char *const left[4] = {"e_0", "e_2", "e_3", "e_4"}, *const dropped[2] = {"e_7", "e_1"};
    rf_graph_side *e = &graph->side[RF_EDGE];
    rf_err err = {0};
    for (int64_t i = 0, to = 0; i < e->n * e->d; i++) {
        if (i % e->d != 1)
            e->x[to++] = e->x[i];
    }
    memmove(e->mean + 1, e->mean + 2, 3 * sizeof *e->mean);
    memmove(e->scale + 1, e->scale + 2, 3 * sizeof *e->scale);
    e->d = 4;
    set_names(&e->feature_names, left, 4);
    set_names(&e->dropped, dropped, 2);
    e->dropped_value = rf_mem_zero(2, sizeof *e->dropped_value, &err);
    e->dropped_value[1] = value;
}

static void check_dropped(const rf_model *model, float value)
{
    rf_graph *whole = two_parts(), *without = two_parts();
    rf_graph_side *e = &whole->side[RF_EDGE];
    for (int64_t i = 0; i < e->n; i++)
        e->x[i * e->d + 1] = isnan(value)
                                 ? (rf_real)-0.0
                                 : (rf_real)(((double)value - (double)e->mean[1]) / (double)e->scale[1]);
    drop_edge_column(without, value);
    rf_scores *a = frozen_scores(whole, model), *b = frozen_scores(without, model);
    check_same(&whole->side[RF_USER], &a->side[RF_USER], &without->side[RF_USER], &b->side[RF_USER], N_U);
    check_same(&whole->side[RF_ENTITY], &a->side[RF_ENTITY], &without->side[RF_ENTITY], &b->side[RF_ENTITY],
               N_V);
    ck_assert_int_eq(b->fit.constant, 1);
    for (int64_t i = 0; i < N_E; i++) {
        double share = 0;
        near("edge", i, (double)a->side[RF_EDGE].score[i], (double)b->side[RF_EDGE].score[i]);
        for (int r = 0; r < b->side[RF_EDGE].n_reasons; r++) {
            ck_assert_int_lt(b->side[RF_EDGE].reason_feature[i * b->side[RF_EDGE].n_reasons + r], 4);
            share += (double)b->side[RF_EDGE].reason_share[i * b->side[RF_EDGE].n_reasons + r];
        }
        ck_assert(share <= 1 + 1e-6);
    }
    rf_scores_free(a);
    rf_scores_free(b);
    rf_graph_free(whole);
    rf_graph_free(without);
}

START_TEST(a_dropped_column_is_filled_with_its_value_and_is_no_reason)
{
    rf_graph *graph = two_parts();
    rf_model *model = trained_on(graph);
    check_dropped(model, 0.75F);
    check_dropped(model, NAN);
    drop_edge_column(graph, 0.75F);
    refused(graph, model, false, "edge column 1 is e_1 in the model, but e_2 in the graph");
    rf_model_free(model);
    rf_graph_free(graph);
}
END_TEST

START_TEST(a_column_that_is_nowhere_is_refused_by_name_and_an_unknown_one_left_out)
{
    static const char *const names[D_V] = {"v_0", "v_1", "v_2"}, *const renamed[D_V] = {"v_0", "new", "v_2"};
    rf_graph *graph = two_parts();
    rf_model *model = trained_on(graph);
    set_names(&graph->side[RF_ENTITY].feature_names, renamed, D_V);
    refused(graph, model, true, "entity column v_1");
    refused(graph, model, false, "entity column 1 is v_1 in the model, but new in the graph");
    graph->side[RF_ENTITY].dropped_value = rf_mem_zero(1, sizeof *graph->side[RF_ENTITY].dropped_value, NULL);
    set_names(&graph->side[RF_ENTITY].dropped, names + 1, 1);
    rf_scores *scores = frozen_scores(graph, model);
    ck_assert_int_eq(scores->fit.unknown, 1);
    ck_assert_int_eq(scores->fit.constant, 1);
    ck_assert_int_eq(scores->side[RF_ENTITY].n_reasons, 2);
    rf_scores_free(scores);
    rf_model_free(model);
    rf_graph_free(graph);
}
END_TEST

START_TEST(units_that_cannot_be_compared_are_refused)
{
    rf_graph *graph = two_parts();
    rf_model *model = trained_on(graph);
    rf_mem_free(graph->side[RF_USER].mean);
    graph->side[RF_USER].mean = NULL;
    refused(graph, model, true,
            "the model stores the mean and scale of its user columns, but the graph does not");
    restandardise(&graph->side[RF_ENTITY], 9);
    rf_graph_free(graph);
    rf_model_free(model);
    graph = two_parts();
    graph->side[RF_EDGE].scale[2] = 0;
    model = trained_on(graph);
    rf_scores *scores = frozen_scores(graph, model); /* as in training: nothing to divide */
    graph->side[RF_EDGE].scale[2] = 1;
    refused(graph, model, true, "e_2 has the scale 0");
    rf_scores_free(scores);
    rf_model_free(model);
    rf_graph_free(graph);
}
END_TEST

START_TEST(the_training_graph_is_taken_as_it_is)
{
    rf_err err = {0};
    rf_graph *graph = two_parts();
    rf_model *model = trained_on(graph);
    rf_aligned seen;
    for (int frozen = 0; frozen < 2; frozen++) {
        RF_CHECK_OK(err, rf_model_align(&seen, model, graph, frozen != 0, NULL, &err));
        ck_assert_ptr_eq(seen.graph.side[RF_USER].x, graph->side[RF_USER].x);
        ck_assert(seen.x[0] == NULL && seen.x[1] == NULL && seen.x[2] == NULL);
        rf_aligned_clear(&seen);
    }
    rf_texts_clear(&graph->side[RF_USER].feature_names); /* a foreign graph: counted */
    RF_CHECK_OK(err, rf_model_align(&seen, model, graph, true, NULL, &err));
    ck_assert_int_eq(seen.fit.unnamed, 1);
    rf_aligned_clear(&seen);
    graph->side[RF_USER].d = 2;
    refused(graph, model, true, "the model was trained on 4 user");
    rf_model_free(model);
    rf_graph_free(graph);
}
END_TEST

START_TEST(refused_memory_leaks_nothing)
{
    rf_graph *graph = two_parts();
    rf_model *model = trained_on(graph);
    rf_scores *scores = NULL;
    rf_score_options options;
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    options.frozen = true;
    drop_edge_column(graph, 1);
    restandardise(&graph->side[RF_USER], 4);
    RF_SWEEP(rf_score_compute(&scores, graph, model, &options, NULL, sweep_err), rf_scores_free(scores));
    rf_model_free(model);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("frozen", the_rest_of_the_batch_changes_nothing_for_an_untouched_part,
         columns_in_another_order_give_the_same_scores_frozen_and_are_refused_otherwise,
         a_dropped_column_is_filled_with_its_value_and_is_no_reason,
         a_column_that_is_nowhere_is_refused_by_name_and_an_unknown_one_left_out,
         units_that_cannot_be_compared_are_refused, the_training_graph_is_taken_as_it_is,
         refused_memory_leaks_nothing)
