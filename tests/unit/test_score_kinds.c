/* test_score_kinds.c - scores of a graph of several kinds of entity: each kind as if it were alone, users
 * over all of them.
 */
#include "rf_why.h"
#include "scored_kinds.h"

static const made_shape shapes[] = {
    {120, 30, 700, 4, 3, 5, 21}, {120, 80, 300, 4, 2, 3, 22}, {120, 60, 200, 4, 4, 0, 23}};

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

/* What an edge has by itself, and an entity, in nats: without what users share. */
static void assert_same_by_itself(const rf_score_side *all, const rf_score_side *one, bool is_edge)
{
    for (int p = 0; p < RF_PARTS; p++) {
        const bool is_of_edges = !is_edge && rf_part_table[p].in_total && p != RF_PART_OWN_RESIDUAL;
        if (p != RF_PART_SEQUENCE && p != RF_PART_SHARER && !is_of_edges)
            assert_same(all->part[p], one->part[p], one->n, sizeof *one->part[p]);
    }
    for (int64_t i = 0; is_edge && i < one->n; i++)
        ck_assert_double_eq_tol((double)all->score[i],
                                (double)one->score[i] + (double)all->part[RF_PART_SHARER][i], 1e-4);
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
            if (method == RF_METHOD_SURPRISE) {
                assert_same_by_itself(&all->side[rf_entity_side(k)], &one->side[RF_ENTITY], false);
                assert_same_by_itself(&all->side[rf_edge_side(k)], &one->side[RF_EDGE], true);
            } else {
                assert_same_side(&all->side[rf_entity_side(k)], &one->side[RF_ENTITY]);
                assert_same_side(&all->side[rf_edge_side(k)], &one->side[RF_EDGE]);
            }
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

/* What one kind has of a user: 0.5, 0.3 and 0.2 of its worst edges, and of the worst entity. */
static double plain_nats(const rf_graph *graph, const rf_scores *scores, int kind, int64_t user)
{
    const rf_adj *adj = rf_graph_adj(graph, kind);
    const float *own = scores->side[rf_entity_side(kind)].part[RF_PART_OWN_RESIDUAL];
    double worst[1000], sum = 0, shared = 0;
    int n = 0;
    for (int64_t i = adj->u_ptr[user]; i < adj->u_ptr[user + 1]; i++) {
        const rf_score_side *edges = &scores->side[rf_edge_side(kind)];
        const double score = (double)edges->score[i] - (double)edges->part[RF_PART_SHARER][i];
        int at = n++;
        for (; at > 0 && score > worst[at - 1]; at--)
            worst[at] = worst[at - 1];
        worst[at] = score;
        shared = fmax(shared, (double)own[adj->e_v[i]]);
    }
    for (int k = 0; k < n && k < 3; k++)
        sum += (const double[]){0.5, 0.3, 0.2}[k] * worst[k];
    return sum + (kind > 0 ? 2 * shared : 0);
}

/* Of the others all lose the same, which most do not have. */
START_TEST(a_user_takes_of_other_kinds_what_few_users_have)
{
    rf_graph *graph = made_kinds(shapes, 3);
    for (int64_t i = 0; i < 12; i++) { /* odd edges of one kind, odd entities of the other */
        graph->side[rf_edge_side(1)].x[3 * i] += 40;
        graph->side[rf_entity_side(2)].x[4 * i % 8] += 40;
    }
    rf_outputs *outputs = made_outputs(graph, 7);
    for (int64_t i = 0; i < 12; i++) {
        outputs->other[0].xe[3 * i] = 0;
        outputs->other[1].xv[4 * i % 8] = 0;
    }
    rf_scores *scores = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    const rf_score_side *u = &scores->side[RF_USER];
    for (int k = 0; k < 3; k++) {
        double lost = -1;
        int64_t taken = 0;
        for (int64_t i = 0; i < u->n; i++) {
            const double nats = plain_nats(graph, scores, k, i), of_kind = (double)u->of_kind[k][i];
            taken += of_kind > 0;
            if (of_kind > 0 && lost < 0)
                lost = nats - of_kind;
            if (of_kind > 0)
                ck_assert_double_eq_tol(nats - of_kind, lost, 1e-4);
        }
        for (int64_t i = 0; i < u->n && taken > 0; i++)
            ck_assert(u->of_kind[k][i] > 0 || plain_nats(graph, scores, k, i) < lost + 1e-4);
        ck_assert(k != 0 || fabs(lost) < 1e-4);
        ck_assert(k != 1 || (lost > 1 && taken > 0));
        ck_assert(k == 0 || taken < u->n / 5);
    }
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

/* The three worst edges of an entity, the worst first; RF_NO_EDGE for those it has not. */
static void plain_worst(uint32_t worst[3], const rf_adj *adj, const float *score, int64_t entity)
{
    worst[0] = worst[1] = worst[2] = RF_NO_EDGE;
    for (int64_t i = adj->v_ptr[entity]; i < adj->v_ptr[entity + 1]; i++) {
        uint32_t edge = adj->v_edge[i];
        for (int k = 0; k < 3; k++) {
            if (worst[k] == RF_NO_EDGE || score[edge] > score[worst[k]]) {
                const uint32_t better = worst[k];
                worst[k] = edge;
                edge = better;
                if (edge == RF_NO_EDGE)
                    break;
            }
        }
    }
}

/* Returns how many edges have any. */
static int64_t check_sharers(const rf_graph *graph, const rf_scores *scores, int kind)
{
    const rf_adj *adj = rf_graph_adj(graph, kind);
    const rf_score_side *u = &scores->side[RF_USER], *e = &scores->side[rf_edge_side(kind)],
                        *v = &scores->side[rf_entity_side(kind)];
    int64_t some = 0;
    for (int64_t i = 0; i < e->n; i++) {
        const double shared = (double)u->part[RF_PART_SHARED][adj->e_u[i]],
                     company = (double)u->part[RF_PART_COMPANY][adj->e_u[i]];
        ck_assert_double_eq_tol((double)e->part[RF_PART_SHARER][i], fmin(shared, 10) + fmin(company, 10),
                                1e-4);
        some += shared + company > 0;
    }
    for (int64_t j = 0; j < v->n; j++) {
        uint32_t worst[3];
        plain_worst(worst, adj, e->score, j);
        for (int p = 0; p < RF_PARTS; p++) {
            double want = 0;
            if (!rf_part_table[p].in_total || v->part[p] == NULL || e->part[p] == NULL)
                continue;
            for (int k = 0; k < 3 && worst[k] != RF_NO_EDGE; k++)
                want += (const double[]){0.5, 0.3, 0.2}[k] * (double)e->part[p][worst[k]];
            ck_assert_double_eq_tol((double)v->part[p][j], want, 1e-3 * (1 + want));
        }
    }
    return some;
}

START_TEST(edges_take_some_of_what_their_user_shares_and_entities_of_their_worst_edges)
{
    rf_graph *graph = made_kinds(shapes, 3);
    rf_outputs *outputs = made_outputs(graph, 7);
    rf_scores *scores = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    ck_assert_ptr_null(scores->side[RF_USER].part[RF_PART_SHARER]);
    for (int k = 0; k < 3; k++)
        (void)check_sharers(graph, scores, k); /* check_company looks at some who share much */
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(parts_and_kinds_sum_to_the_score_of_a_user)
{
    rf_graph *graph = made_kinds(shapes, 3);
    rf_outputs *outputs = made_outputs(graph, 7);
    rf_scores *scores = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    const rf_score_side *u = &scores->side[RF_USER];
    for (int64_t i = 0; i < u->n; i++) {
        double parts = 0;
        double kinds = (double)u->part[RF_PART_OWN_RESIDUAL][i] + (double)u->part[RF_PART_COMPANY][i];
        for (int p = 0; p < RF_PARTS; p++)
            parts += rf_part_table[p].in_total && u->part[p] != NULL ? (double)u->part[p][i] : 0;
        for (int k = 0; k < 3; k++)
            kinds += (double)u->of_kind[k][i];
        ck_assert_double_eq_tol((double)u->score[i], parts, 1e-4);
        ck_assert_double_eq_tol((double)u->score[i], kinds, 1e-4);
    }
    rf_scores_free(scores);
    scores = scored(graph, outputs, RF_METHOD_GRAPHBEAN, NULL);
    u = &scores->side[RF_USER];
    for (int64_t i = 0; i < u->n; i++) { /* the worst edge of all kinds */
        double worst = 0;
        for (int k = 0; k < 3; k++) {
            const int64_t *ptr = rf_graph_adj(graph, k)->u_ptr;
            for (int64_t e = ptr[i]; e < ptr[i + 1]; e++)
                worst = fmax(worst, (double)scores->side[rf_edge_side(k)].score[e]);
        }
        ck_assert_double_eq_tol((double)u->score[i], (double)u->x_error[i] + worst, 1e-4);
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
    RF_CHECK_OK(err, rf_scores_save(scores, rf_tmp_path(path, "kinds.h5"), NULL, &err));
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

/* The k-th least, from 0, of s over the different users of an entity but one; *others: how many they are. */
static double plain_least(int *others, const rf_adj *adj, uint32_t entity, int64_t user, const double *s,
                          int part)
{
    double nats[1000];
    *others = 0;
    for (int64_t other = 0; other < adj->n_u; other++) {
        bool met = false;
        for (int64_t e = adj->u_ptr[other]; e < adj->u_ptr[other + 1]; e++)
            met = met || adj->e_v[e] == entity;
        if (!met || other == user)
            continue;
        int at = (*others)++;
        for (; at > 0 && s[other] < nats[at - 1]; at--)
            nats[at] = nats[at - 1];
        nats[at] = s[other];
    }
    return *others > 0 ? nats[(*others - 1) / part] : 0;
}

START_TEST(company_is_what_few_have_of_the_lower_quartile_of_those_with_whom_a_thing_is_shared)
{
    rf_graph *graph = made_kinds((const made_shape[]){{90, 30, 700, 4, 3, 5, 21},
                                                      {90, 12, 300, 4, 2, 3, 22}, /* parallel edges, too */
                                                      {90, 70, 150, 4, 4, 0, 23}},
                                 3);
    rf_outputs *outputs = made_outputs(graph, 7);
    rf_scores *scores = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    const rf_score_side *u = &scores->side[RF_USER];
    double s[90];
    for (int64_t i = 0; i < 90; i++)
        s[i] = (double)u->of_kind[0][i] + (double)u->part[RF_PART_OWN_RESIDUAL][i];
    double want[90] = {0}, some = 0;
    for (int k = 1; k < 3; k++) {
        const rf_adj *adj = rf_graph_adj(graph, k);
        double of_kind[90] = {0}, sorted[90];
        for (int64_t i = 0; i < 90; i++) {
            for (int64_t e = adj->u_ptr[i]; e < adj->u_ptr[i + 1]; e++) {
                int others;
                const double least = plain_least(&others, adj, adj->e_v[e], i, s, 4);
                of_kind[i] = fmax(of_kind[i], others / (others + 1.0) * fmin(least, s[i]));
            }
            int64_t at = i;
            for (; at > 0 && of_kind[i] < sorted[at - 1]; at--)
                sorted[at] = sorted[at - 1];
            sorted[at] = of_kind[i];
        }
        const double at = 0.95 * 89, between = at - floor(at); /* linear between two ranks */
        const double ordinary = sorted[(int)at] + between * (sorted[(int)at + 1] - sorted[(int)at]);
        for (int64_t i = 0; i < 90; i++)
            want[i] += 2 * fmax(0, of_kind[i] - ordinary);
    }
    for (int64_t i = 0; i < 90; i++) {
        some += want[i];
        ck_assert_double_eq_tol((double)u->part[RF_PART_COMPANY][i], want[i], 1e-3 * (1 + want[i]));
    }
    ck_assert(some > 0);
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

/* The first n users share a phone and nothing else is said of them. */
static void check_company(uint32_t n, const char *sentence, const char *of_device)
{
    rf_graph *graph =
        made_kinds((const made_shape[]){{60, 20, 400, 3, 3, 3, 1}, {60, 59, 60, 3, 2, 2, 2}}, 2);
    uint32_t user[60], device[60];
    rf_err err = {0};
    for (uint32_t i = 0; i < 60; i++) { /* the first have device 0, all others their own */
        user[i] = i;
        device[i] = i < n ? 0 : i - 1;
    }
    rf_adj_clear(&graph->other_adj[0]);
    RF_CHECK_OK(err, rf_adj_init(&graph->other_adj[0], 60, 59, 60, user, device, &err));
    rf_outputs *outputs = made_outputs(graph, 3);
    for (int64_t i = 0; i < 3 * graph->side[RF_EDGE].n; i++)
        graph->side[RF_EDGE].x[i] += graph->adj.e_u[i / 3] < n ? 300 : 0;
    rf_scores *scores = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    rf_explanation why;
    ck_assert(scores->side[RF_USER].part[RF_PART_COMPANY][0] >
              (n == 2 ? 20 : 5)); /* more than an edge takes */
    ck_assert_int_gt(check_sharers(graph, scores, 0) + check_sharers(graph, scores, 1), 0);
    rf_explain_by(&why, graph, scores, RF_USER, 0, RF_PART_COMPANY);
    ck_assert_str_eq(why.sentence, sentence);
    char of_edge[sizeof why.sentence];
    snprintf(of_edge, sizeof of_edge, "Its user user-0 %s", sentence + strlen("It "));
    rf_explain_by(&why, graph, scores, RF_EDGE, graph->adj.u_ptr[0], RF_PART_SHARER);
    ck_assert_str_eq(why.sentence, of_edge);
    ck_assert_int_eq(why.anomaly, RF_ANOMALY_RING);
    rf_explain_by(&why, graph, scores, rf_entity_side(1), 0, RF_PART_SHARER);
    ck_assert_str_eq(why.sentence, of_device);
    for (int64_t i = n; i < 60; i++)
        ck_assert(!(scores->side[RF_USER].part[RF_PART_COMPANY][i] > 0));
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}

START_TEST(who_is_as_surprising_as_one_is_said)
{
    check_company(2, "It shares device device-0 with user-1, who is among the most surprising 5 % of users.",
                  "user-0 and user-1 share it; both are among the most surprising 5 % of users.");
    check_company(
        3,
        "It shares device device-0 with user-1 and user-2; both are among the most surprising 5 % of users.",
        "user-0, user-1 and user-2 share it; all of them are among the most surprising 5 % of users.");
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
         a_user_takes_of_other_kinds_what_few_users_have,
         edges_take_some_of_what_their_user_shares_and_entities_of_their_worst_edges,
         parts_and_kinds_sum_to_the_score_of_a_user, scores_of_kinds_are_the_same_at_any_number_of_threads,
         the_order_of_the_other_kinds_does_not_matter, a_name_of_the_only_kind_changes_no_score,
         scores_of_kinds_come_back_from_the_file, who_is_as_surprising_as_one_is_said,
         company_is_what_few_have_of_the_lower_quartile_of_those_with_whom_a_thing_is_shared,
         scores_of_kinds_survive_every_failing_allocation)
