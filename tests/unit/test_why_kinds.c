/* test_why_kinds.c - what is said of subjects of several kinds: who shares what, and that shares add up. */
#include "rf_why.h"
#include "scored_kinds.h"

/* Everybody has a device, and the first 20 users also share device 0. Its first column is the number of
 * users, of which the model expects the mean. */
static rf_graph *made_ring(rf_outputs **outputs)
{
    enum { USERS = 300, RING = 20 };
    rf_graph *graph = made_kinds(
        (const made_shape[]){{USERS, 40, 2000, 3, 3, 3, 1}, {USERS, USERS + 1, USERS + RING, 3, 2, 2, 2}}, 2);
    rf_graph_side *devices = &graph->side[rf_entity_side(1)];
    uint32_t u[USERS + RING], v[USERS + RING];
    int64_t n = 0;
    rf_err err = {0};
    for (uint32_t i = 0; i < USERS; i++) {
        if (i < RING) {
            u[n] = i;
            v[n++] = 0;
        }
        u[n] = i;
        v[n++] = i + 1;
    }
    rf_adj_clear(&graph->other_adj[0]);
    RF_CHECK_OK(err, rf_adj_init(&graph->other_adj[0], USERS, USERS + 1, n, u, v, &err));
    *outputs = made_outputs(graph, 3);
    for (int64_t i = 0; i < devices->n; i++) {
        devices->x[2 * i] = i == 0 ? 17 : (rf_real)-0.06;
        (*outputs)->other[0].xv[2 * i] = devices->x[2 * i + 1] * (rf_real)0.1; /* about 0 */
    }
    for (int64_t i = 0; i < graph->side[RF_EDGE].n; i++)
        (*outputs)->eprob[i] = (rf_real)0.9; /* where they meet tells nothing */
    graph->side[RF_USER].first_us = rf_mem_zero(USERS, sizeof(int64_t), NULL);
    graph->side[RF_USER].last_us = rf_mem_zero(USERS, sizeof(int64_t), NULL);
    for (int64_t i = 0; i < USERS; i++)
        graph->side[RF_USER].first_us[i] = graph->window_from_us + i * INT64_C(3600000000);
    return graph;
}

START_TEST(users_who_share_a_device_are_at_the_top_and_it_is_said)
{
    rf_outputs *outputs;
    rf_graph *graph = made_ring(&outputs);
    rf_scores *scores = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    const rf_score_side *u = &scores->side[RF_USER];
    rf_explanation why;
    for (int64_t i = 0; i < 20; i++) {
        int above = 0;
        for (int64_t k = 0; k < u->n; k++)
            above += u->score[k] > u->score[i];
        ck_assert_int_lt(above, 20);
        ck_assert_int_eq(rf_score_anomaly(u, i), RF_ANOMALY_RING);
        ck_assert(u->part[RF_PART_SHARED][i] > u->part[RF_PART_LOCKSTEP][i] && u->of_kind[1][i] > 5);
    }
    rf_explain(&why, graph, scores, RF_USER, 4);
    ck_assert_str_eq(why.sentence,
                     "It shares device device-0 with 19 other users, where a device has 1.06 on "
                     "average: user-0, user-1, user-2 and 16 more. All 20 were first seen "
                     "within 19 hours of each other.");
    ck_assert(why.edges[0].kind == 1 && why.edges[0].neighbour == 0 && why.edges[0].shared > 5);
    double listed = why.own_share + why.rest_edges;
    for (int i = 0; i < why.n_edges; i++)
        listed += why.edges[i].share;
    ck_assert_double_eq_tol(listed, 1, 1e-6);
    rf_explain(&why, graph, scores, rf_entity_side(1), 0);
    ck_assert_msg(
        strncmp(why.sentence, "20 users share it, where a device has 1.06 on average: user-0, ", 63) == 0,
        "%s", why.sentence);
    rf_explain(&why, graph, scores, rf_edge_side(1), 0);
    ck_assert_msg(strncmp(why.sentence, "19 other users share the device, where ", 39) == 0, "%s",
                  why.sentence);
    rf_explain(&why, graph, scores, rf_entity_side(1), 7);
    ck_assert_ptr_null(strstr(why.sentence, "share it"));
    memset(graph->side[RF_USER].first_us, 0, (size_t)graph->side[RF_USER].n * sizeof(int64_t));
    rf_explain(&why, graph, scores, RF_USER, 4);
    ck_assert_ptr_nonnull(strstr(why.sentence, " 16 more. All 20 were first seen at the same moment."));
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

/* Ids of 36 bytes are said in full; of longer ones the beginning, and that there is more. */
START_TEST(long_ids_are_said_so_that_they_can_be_looked_up)
{
    static const char *ids[301];
    rf_outputs *outputs;
    rf_graph *graph = made_ring(&outputs);
    rf_scores *scores = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    rf_explanation why;
    for (int i = 0; i < 300; i++)
        ids[i] = "01361a8615be4a24d8234be27be09155099e515a2e09d26fc32fc5c102cc7788";
    made_graph_set_ids(&graph->side[RF_USER], ids);
    for (int i = 0; i < 301; i++)
        ids[i] = "0f8fad5b-d9cd-469f-a165-70867728950e";
    made_graph_set_ids(&graph->side[rf_entity_side(1)], ids);
    rf_explain(&why, graph, scores, RF_USER, 4);
    ck_assert_ptr_nonnull(
        strstr(why.sentence, "It shares device 0f8fad5b-d9cd-469f-a165-70867728950e with "));
    ck_assert_ptr_nonnull(
        strstr(why.sentence, " 01361a8615be4a24d8234be27be09155099e5\xe2\x80\xa6 and 16 more. All 20 were "
                             "first seen within 19 hours of each other."));
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

/* A device that only one user has is odd by itself: nobody met anybody there at any time. */
START_TEST(an_odd_thing_of_one_user_is_said_without_others)
{
    rf_outputs *outputs;
    rf_graph *graph = made_ring(&outputs);
    rf_graph_side *devices = &graph->side[rf_entity_side(1)];
    devices->x[2 * 0] = (rf_real)-0.06;
    devices->x[2 * 200] = 17;
    rf_scores *scores = scored(graph, outputs, RF_METHOD_SURPRISE, NULL);
    rf_explanation why;
    rf_explain(&why, graph, scores, RF_USER, 199);
    ck_assert_int_eq(why.anomaly, RF_ANOMALY_RING);
    ck_assert_msg(strncmp(why.sentence, "It met device device-200, of which the ", 39) == 0, "%s",
                  why.sentence);
    rf_explain_by(&why, graph, scores, RF_EDGE, graph->adj.u_ptr[199], RF_PART_SHARER);
    ck_assert_msg(strncmp(why.sentence, "Its user user-199 met device device-200, of which ", 49) == 0, "%s",
                  why.sentence);
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

/* Shares add up for all subjects of all kinds, and sentences name the kind. */
START_TEST(every_subject_of_every_kind_is_explained)
{
    static const made_shape with_cards[] = {
        {120, 30, 700, 4, 3, 5, 21}, {120, 80, 300, 4, 2, 3, 22}, {120, 60, 200, 4, 4, 1, 23}};
    static const char *const share[] = {"share_of_entity"};
    rf_graph *graph = made_kinds(with_cards, 3);
    made_graph_set_names(&graph->side[rf_edge_side(2)], share);
    for (rf_score_method method = RF_METHOD_SURPRISE; method <= RF_METHOD_GRAPHBEAN; method++) {
        rf_outputs *outputs = made_outputs(graph, 7);
        for (int64_t e = 0; e < graph->side[RF_EDGE].n; e += 2)
            outputs->eprob[e] = 1; /* so sure that -ln(p + 1e-12) is below 0 */
        rf_scores *scores = scored(graph, outputs, method, NULL);
        int said = 0, of_its_kind = 0;
        for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
            for (int64_t i = 0; i < graph->side[s].n; i++) {
                rf_explanation why;
                rf_explain(&why, graph, scores, s, i);
                double edges = why.rest_edges;
                for (int k = 0; k < why.n_edges; k++) {
                    ck_assert_double_ge(why.edges[k].share, 0);
                    edges += why.edges[k].share;
                }
                ck_assert(why.own_share >= 0 && why.edge_share >= 0 && why.structure_share >= 0 &&
                          why.rest_edges >= 0);
                ck_assert_double_eq_tol(why.own_share + why.edge_share + why.structure_share, 1, 1e-6);
                if (rf_side_role(s) != RF_EDGE && why.n_edges > 0)
                    ck_assert_double_eq_tol(edges, why.edge_share + why.structure_share, 1e-6);
                ck_assert_int_eq(why.sentence[strlen(why.sentence) - 1], '.');
                ck_assert_ptr_null(strpbrk(why.sentence, "#@"));
                if (graph->side[RF_EDGE].first_us == NULL) /* nor can lockstep be what is said */
                    ck_assert_ptr_null(strstr(why.sentence, " same time"));
                ck_assert_ptr_null(strstr(why.sentence, "entity"));
                of_its_kind += strstr(why.sentence, "the share of the card's events is") != NULL;
                said += strstr(why.sentence, "card") != NULL || strstr(why.sentence, "device") != NULL;
            }
        }
        ck_assert_int_gt(said, 0);
        ck_assert_int_gt(of_its_kind, 0);
        rf_scores_free(scores);
        made_outputs_free(outputs);
    }
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("why_kinds", users_who_share_a_device_are_at_the_top_and_it_is_said,
         long_ids_are_said_so_that_they_can_be_looked_up, an_odd_thing_of_one_user_is_said_without_others,
         every_subject_of_every_kind_is_explained)
