/* test_score_kinds.c - scores of a graph of several kinds of entity: each kind as if it were alone, users
 * over all of them.
 */
#include "made_graph.h"
#include "rf_check.h"

#include "rf_pool.h"
#include "rf_rng.h"
#include "rf_score.h"
#include "rf_surprise.h"

static const made_shape shapes[] = {
    {120, 30, 700, 4, 3, 5, 21}, {120, 80, 300, 4, 2, 3, 22}, {120, 60, 200, 4, 4, 0, 23}};

/* Random times of the edges of all kinds. */
static void add_times(rf_graph *graph, uint64_t seed)
{
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++) {
        rf_graph_side *edges = &graph->side[rf_edge_side(k)];
        rf_rng rng;
        rf_rng_init(&rng, seed, (uint64_t)k);
        edges->first_us = rf_mem_zero((size_t)edges->n, sizeof *edges->first_us, NULL);
        edges->last_us = rf_mem_zero((size_t)edges->n, sizeof *edges->last_us, NULL);
        ck_assert(edges->first_us != NULL && edges->last_us != NULL);
        for (int64_t i = 0; i < edges->n; i++)
            edges->first_us[i] = edges->last_us[i] = (int64_t)rf_rng_below(&rng, 1000000) * 1000000;
    }
}

static rf_graph *made_kinds(const made_shape *of, int n)
{
    rf_graph *graph = made_graph_of_kinds(of, n);
    add_times(graph, 5);
    return graph;
}

static rf_scores *scored(const rf_graph *graph, rf_outputs *outputs, rf_score_method method, rf_pool *pool)
{
    rf_scores *scores = NULL;
    rf_err err = {0};
    rf_score_options options;
    rf_score_options_default(&options);
    options.method = method;
    RF_CHECK_OK(err, rf_score_outputs(&scores, graph, outputs, &options, pool, &err));
    return scores;
}

static void assert_same(const void *a, const void *b, int64_t n, size_t size)
{
    ck_assert((a == NULL) == (b == NULL));
    if (a != NULL)
        ck_assert_mem_eq(a, b, (size_t)n * size);
}

/* All but the voice that only the main kind has. */
static void assert_same_side(const rf_score_side *a, const rf_score_side *b)
{
    ck_assert_int_eq(a->n, b->n);
    assert_same(a->score, b->score, a->n, sizeof *a->score);
    assert_same(a->x_error, b->x_error, a->n, sizeof *a->x_error);
    assert_same(a->ce, b->ce, a->n, sizeof *a->ce);
    assert_same(a->percentile, b->percentile, a->n, sizeof *a->percentile);
    assert_same(a->p_value, b->p_value, a->n, sizeof *a->p_value);
    assert_same(a->z, b->z, a->n * a->latent, sizeof *a->z);
    assert_same(a->reason_feature, b->reason_feature, a->n * a->n_reasons, sizeof *a->reason_feature);
    for (int p = 0; p < RF_PARTS; p++) {
        if (p != RF_PART_SEQUENCE)
            assert_same(a->part[p], b->part[p], a->n, sizeof *a->part[p]);
    }
}

START_TEST(the_entities_and_edges_of_a_kind_are_scored_as_if_it_were_alone)
{
    rf_graph *graph = made_kinds(shapes, 3);
    for (rf_score_method method = RF_METHOD_SURPRISE; method <= RF_METHOD_GRAPHBEAN; method++) {
        rf_outputs *outputs = made_outputs(graph, 7);
        rf_scores *all = scored(graph, outputs, method, NULL);
        ck_assert(rf_kinds_equal(&all->kinds, &graph->kinds));
        for (int k = 0; k < 3; k++) {
            rf_graph alone = rf_graph_of_kind(graph, k);
            rf_outputs of = rf_outputs_of_kind(outputs, k);
            rf_scores *one = scored(&alone, &of, method, NULL);
            assert_same_side(&all->side[rf_entity_side(k)], &one->side[RF_ENTITY]);
            assert_same_side(&all->side[rf_edge_side(k)], &one->side[RF_EDGE]);
            ck_assert((all->side[rf_edge_side(k)].part[RF_PART_SEQUENCE] != NULL) ==
                      (k == 0 && method == RF_METHOD_SURPRISE));
            rf_scores_free(one);
        }
        rf_scores_free(all);
        made_outputs_free(outputs);
    }
    rf_graph_free(graph);
}
END_TEST

/* Scores of a user's edges of all kinds, the highest first. */
static int edges_of(double out[1000], const rf_graph *graph, const rf_scores *scores, int64_t user)
{
    int n = 0;
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++) {
        const rf_adj *adj = rf_graph_adj(graph, k);
        for (int64_t i = adj->u_ptr[user]; i < adj->u_ptr[user + 1]; i++) {
            double score = (double)scores->side[rf_edge_side(k)].score[i];
            int at = n++;
            for (; at > 0 && score > out[at - 1]; at--)
                out[at] = out[at - 1];
            out[at] = score;
        }
    }
    return n;
}

START_TEST(a_user_takes_its_worst_edges_of_all_kinds)
{
    rf_graph *graph = made_kinds(shapes, 3);
    double worst[1000];
    rf_outputs *outputs = made_outputs(graph, 7);
    rf_scores *scores = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    const rf_score_side *u = &scores->side[RF_USER];
    for (int64_t i = 0; i < u->n; i++) {
        int n = edges_of(worst, graph, scores, i);
        double want = (double)u->part[RF_PART_OWN_RESIDUAL][i], parts = 0, kinds = want;
        for (int k = 0; k < n && k < RF_SURPRISE_WORST; k++)
            want += rf_surprise_worst[k] * worst[k];
        for (int p = 0; p < RF_PARTS; p++)
            parts += rf_part_table[p].in_total ? (double)u->part[p][i] : 0;
        for (int k = 0; k < 3; k++)
            kinds += (double)u->of_kind[k][i];
        ck_assert_double_eq_tol((double)u->score[i], want, 1e-4);
        ck_assert_double_eq_tol((double)u->score[i], parts, 1e-4);
        ck_assert_double_eq_tol((double)u->score[i], kinds, 1e-4);
    }
    rf_scores_free(scores);
    scores = scored(graph, outputs, RF_METHOD_GRAPHBEAN, NULL);
    u = &scores->side[RF_USER];
    for (int64_t i = 0; i < u->n; i++) {
        int n = edges_of(worst, graph, scores, i);
        ck_assert_double_eq_tol((double)u->score[i], (double)u->x_error[i] + (n > 0 ? worst[0] : 0), 1e-4);
        ck_assert_ptr_null(u->of_kind[0]);
    }
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

static void assert_same_scores(const rf_scores *a, const rf_scores *b)
{
    ck_assert(rf_kinds_equal(&a->kinds, &b->kinds));
    for (rf_side s = 0; s < rf_sides(&a->kinds); s++) {
        assert_same_side(&a->side[s], &b->side[s]);
        for (int k = 0; k < RF_KINDS_MOST; k++)
            assert_same(a->side[s].of_kind[k], b->side[s].of_kind[k], a->side[s].n, sizeof(float));
    }
    ck_assert_str_eq(a->run_id, b->run_id);
}

START_TEST(scores_of_kinds_are_the_same_at_any_number_of_threads)
{
    rf_graph *graph = made_kinds((const made_shape[]){{600, 90, 5000, 4, 3, 6, 1},
                                                      {600, 500, 4500, 4, 3, 3, 2},
                                                      {600, 70, 4800, 4, 2, 2, 3}},
                                 3);
    rf_outputs *outputs = made_outputs(graph, 7);
    rf_scores *one = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    for (int threads = 2; threads <= 4; threads += 2) {
        rf_pool *pool = NULL;
        rf_err err = {0};
        RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
        rf_scores *many = scored(graph, outputs, RF_METHOD_SURPRISE, pool);
        assert_same_scores(one, many);
        rf_scores_free(many);
        rf_pool_free(pool);
    }
    rf_scores_free(one);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

/* The graph with kinds a and b in each other's place: borrows everything. */
static rf_graph swapped(const rf_graph *graph, int a, int b)
{
    rf_graph out = *graph;
    memcpy(out.kinds.name[a], graph->kinds.name[b], RF_KIND_NAME);
    memcpy(out.kinds.name[b], graph->kinds.name[a], RF_KIND_NAME);
    for (int role = RF_ENTITY; role <= RF_EDGE; role++) {
        out.side[2 * a + role] = graph->side[2 * b + role];
        out.side[2 * b + role] = graph->side[2 * a + role];
    }
    out.other_adj[a - 1] = graph->other_adj[b - 1];
    out.other_adj[b - 1] = graph->other_adj[a - 1];
    return out;
}

START_TEST(the_order_of_the_other_kinds_does_not_matter)
{
    rf_graph *graph = made_kinds(shapes, 3);
    rf_graph other = swapped(graph, 1, 2);
    rf_outputs *outputs = made_outputs(graph, 7), exchanged = *outputs;
    exchanged.other[0] = outputs->other[1];
    exchanged.other[1] = outputs->other[0];
    rf_scores *a = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    rf_scores *b = scored(&other, &exchanged, RF_METHOD_SURPRISE, NULL);
    assert_same_side(&a->side[RF_USER], &b->side[RF_USER]);
    assert_same(a->side[RF_USER].of_kind[1], b->side[RF_USER].of_kind[2], a->side[RF_USER].n, sizeof(float));
    assert_same_side(&a->side[rf_entity_side(1)], &b->side[rf_entity_side(2)]);
    rf_scores_free(a);
    rf_scores_free(b);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(a_name_of_the_only_kind_changes_no_score)
{
    rf_graph *graph = made_kinds(shapes, 1);
    rf_graph nameless = *graph;
    nameless.kinds.n = 0;
    rf_outputs *outputs = made_outputs(graph, 7);
    rf_scores *a = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    rf_scores *b = scored(&nameless, outputs, RF_METHOD_SURPRISE, NULL);
    ck_assert_str_eq(a->run_id, b->run_id);
    for (rf_side s = 0; s < RF_SIDES; s++)
        assert_same_side(&a->side[s], &b->side[s]);
    ck_assert_ptr_null(a->side[RF_USER].of_kind[0]);
    rf_scores_free(a);
    rf_scores_free(b);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(scores_of_kinds_come_back_from_the_file)
{
    char path[RF_TEST_PATH];
    rf_graph *graph = made_kinds(shapes, 3);
    rf_outputs *outputs = made_outputs(graph, 7);
    rf_scores *again = NULL;
    rf_calibration calibration;
    rf_err err = {0};
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++)
        snprintf(graph->side[s].id_fingerprint, RF_IDS_FINGERPRINT, "00000000000000%02d", s);
    rf_scores *scores = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    RF_CHECK_OK(err, rf_scores_save(scores, rf_tmp_path(path, "kinds.h5"), &err));
    RF_CHECK_OK(err, rf_scores_load(&again, path, graph, &err));
    assert_same_scores(scores, again);
    rf_scores_free(again);
    RF_CHECK_OK(err, rf_calibration_load(&calibration, path, &err));
    ck_assert(memcmp(&calibration.bulk[6], &scores->side[6].bulk, sizeof(rf_bulk)) == 0);

    rf_graph other = *graph; /* another graph's: other devices, other kinds, other edges of a kind */
    snprintf(other.side[rf_entity_side(1)].id_fingerprint, RF_IDS_FINGERPRINT, "0123456789abcdef");
    RF_CHECK_FAILS(err, RF_E_FORMAT, "other entities of kind device",
                   rf_scores_load(&again, path, &other, &err));
    other = rf_graph_of_kind(graph, 0);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "other kinds of entity", rf_scores_load(&again, path, &other, &err));
    other = *graph;
    other.other_adj[0] = graph->other_adj[1];
    RF_CHECK_FAILS(err, RF_E_FORMAT, "other edges", rf_scores_load(&again, path, &other, &err));

    other = rf_graph_of_kind(graph, 0);
    rf_outputs of = rf_outputs_of_kind(outputs, 0);
    rf_score_options options;
    rf_score_options_default(&options);
    options.calibration = &calibration;
    RF_CHECK_FAILS(err, RF_E_INVALID, "calibration is of scores of other kinds",
                   rf_score_outputs(&again, &other, &of, &options, NULL, &err));
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(scores_of_kinds_survive_every_failing_allocation)
{
    rf_graph *graph = made_kinds((const made_shape[]){{4, 3, 6, 1, 1, 1, 7}, {4, 3, 4, 1, 1, 0, 7}}, 2);
    rf_outputs *outputs = made_outputs(graph, 5);
    rf_score_options options;
    rf_scores *scores = NULL;
    rf_score_options_default(&options);
    RF_SWEEP(rf_score_outputs(&scores, graph, outputs, &options, NULL, sweep_err), rf_scores_free(scores));
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("score_kinds", the_entities_and_edges_of_a_kind_are_scored_as_if_it_were_alone,
         a_user_takes_its_worst_edges_of_all_kinds, scores_of_kinds_are_the_same_at_any_number_of_threads,
         the_order_of_the_other_kinds_does_not_matter, a_name_of_the_only_kind_changes_no_score,
         scores_of_kinds_come_back_from_the_file, scores_of_kinds_survive_every_failing_allocation)
