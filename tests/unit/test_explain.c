/* test_explain.c - shares that add up, the planted odd feature first, edges in order, words that read well.
 */
#include "made_graph.h"
#include "rf_check.h"
#include "rf_sharing.h"
#include "rf_mem.h"
#include "rf_text.h"
#include "why_int.h"

typedef struct scored {
    rf_graph *graph;
    rf_outputs *outputs;
    rf_scores *scores;
} scored;

static scored make(made_shape shape, rf_score_agg agg)
{
    scored s = {.graph = made_graph(shape)};
    rf_score_options options;
    rf_err err = {0};
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    options.agg = agg;
    s.outputs = made_outputs(s.graph, shape.seed);
    RF_CHECK_OK(err, rf_score_outputs(&s.scores, s.graph, s.outputs, &options, NULL, &err));
    return s;
}

static void clear(scored *s)
{
    rf_scores_free(s->scores);
    made_outputs_free(s->outputs);
    rf_graph_free(s->graph);
}

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

static void check_explanation(const scored *s, rf_side side, int64_t row)
{
    rf_explanation e;
    rf_explain(&e, s->graph, s->scores, side, row);
    double features = e.rest_share, edges = e.rest_edges;
    for (int i = 0; i < e.n_features; i++) {
        features += e.features[i].share;
        RF_HOLDS(i == 0 || e.features[i].share <= e.features[i - 1].share);
    }
    for (int i = 0; i < e.n_edges; i++) {
        edges += e.edges[i].share;
        RF_HOLDS(i == 0 || e.edges[i].score <= e.edges[i - 1].score);
    }
    RF_HOLDS(near(e.own_share + e.edge_share + e.structure_share, 1));
    RF_HOLDS(near(features, 1));
    RF_HOLDS(near(edges, side == RF_EDGE ? 0 : e.edge_share + e.structure_share));
    RF_HOLDS(e.sentence[0] != '\0' && e.sentence[strlen(e.sentence) - 1] == '.');
}

START_TEST(shares_add_up_to_one)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        scored s =
            make((made_shape){.n_u = 40, .n_v = 15, .n_e = 160, .d_u = 7, .d_v = 9, .d_e = 6, .seed = seed},
                 seed % 2 == 0 ? RF_AGG_MAX : RF_AGG_MEAN);
        for (int64_t i = 0; i < s.graph->side[RF_USER].n; i++)
            check_explanation(&s, RF_USER, i);
        for (int64_t i = 0; i < s.graph->side[RF_ENTITY].n; i++)
            check_explanation(&s, RF_ENTITY, i);
        for (int64_t i = 0; i < s.graph->side[RF_EDGE].n; i++)
            check_explanation(&s, RF_EDGE, i);
        clear(&s);
    }
}
END_TEST

START_TEST(a_planted_odd_feature_is_found_first)
{
    scored s = make((made_shape){.n_u = 30, .n_v = 10, .n_e = 90, .d_u = 6, .d_v = 4, .d_e = 3, .seed = 5},
                    RF_AGG_MAX);
    rf_err err = {0};
    rf_score_options options;
    rf_explanation e;
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    s.graph->side[RF_USER].x[17 * 6 + 4] += 50;
    rf_scores_free(s.scores);
    RF_CHECK_OK(err, rf_score_outputs(&s.scores, s.graph, s.outputs, &options, NULL, &err));
    rf_explain(&e, s.graph, s.scores, RF_USER, 17);
    ck_assert_int_eq(e.features[0].column, 4);
    ck_assert_double_gt(e.features[0].share, 0.9);
    ck_assert_double_gt(e.own_share, 0.5);
    ck_assert(strncmp(e.sentence, "Its ", 4) == 0);
    ck_assert_double_gt(e.features[0].observed - e.features[0].expected, 40);
    clear(&s);
}
END_TEST

START_TEST(the_worst_edge_makes_the_score_of_a_node)
{
    scored s = make((made_shape){.n_u = 20, .n_v = 8, .n_e = 80, .d_u = 4, .d_v = 4, .d_e = 5, .seed = 2},
                    RF_AGG_MAX);
    rf_err err = {0};
    rf_score_options options;
    rf_explanation e;
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    int64_t edge = 33;
    s.graph->side[RF_EDGE].x[edge * 5 + 2] -= 80;
    rf_scores_free(s.scores);
    RF_CHECK_OK(err, rf_score_outputs(&s.scores, s.graph, s.outputs, &options, NULL, &err));
    rf_explain(&e, s.graph, s.scores, RF_USER, s.graph->adj.e_u[edge]);
    ck_assert_int_eq(e.edges[0].edge, edge);
    ck_assert_int_eq(e.edges[0].neighbour, s.graph->adj.e_v[edge]);
    ck_assert_double_gt(e.edge_share, 0.8);
    ck_assert_double_gt(e.edges[0].share, 0.8);
    ck_assert_msg(strncmp(e.sentence, "With one entity the ", 20) == 0, "%s", e.sentence);
    rf_explain(&e, s.graph, s.scores, RF_ENTITY, s.graph->adj.e_v[edge]);
    ck_assert_int_eq(e.edges[0].neighbour, s.graph->adj.e_u[edge]);
    ck_assert_msg(strncmp(e.sentence, "With one user the ", 18) == 0, "%s", e.sentence);
    clear(&s);
}
END_TEST

START_TEST(an_unexpected_edge_is_structure)
{
    scored s = make((made_shape){.n_u = 20, .n_v = 8, .n_e = 80, .d_u = 4, .d_v = 4, .d_e = 5, .seed = 3},
                    RF_AGG_MAX);
    rf_explanation e;
    s.scores->side[RF_EDGE].ce[12] = 500;
    s.scores->side[RF_EDGE].score[12] = s.scores->side[RF_EDGE].x_error[12] + 100;
    rf_explain(&e, s.graph, s.scores, RF_EDGE, 12);
    ck_assert_double_gt(e.structure_share, 0.9);
    ck_assert_str_eq(e.sentence, "Nothing else in the graph suggests that this user and this entity meet.");
    rf_explain(&e, s.graph, s.scores, RF_USER, s.graph->adj.e_u[12]);
    ck_assert_str_eq(e.sentence, "It meets an entity that users like it do not meet.");
    clear(&s);
}
END_TEST

START_TEST(nothing_odd_and_nobody_met)
{
    scored s =
        make((made_shape){.n_u = 5, .n_v = 3, .n_e = 4, .d_u = 2, .d_v = 2, .d_e = 2, .seed = 3}, RF_AGG_MAX);
    rf_explanation e;
    for (int64_t i = 0; i < s.graph->side[RF_USER].n; i++) {
        check_explanation(&s, RF_USER, i);
        if (s.graph->adj.u_ptr[i] != s.graph->adj.u_ptr[i + 1])
            continue;
        rf_explain(&e, s.graph, s.scores, RF_USER, i);
        ck_assert_double_eq(e.own_share, 1);
        s.scores->side[RF_USER].x_error[i] = 0;
        for (int r = 0; r < s.scores->side[RF_USER].n_reasons; r++)
            s.scores->side[RF_USER].reason_share[i * s.scores->side[RF_USER].n_reasons + r] = 0;
        rf_explain(&e, s.graph, s.scores, RF_USER, i);
        ck_assert_double_eq(e.own_share, 1);
        ck_assert_str_eq(e.sentence, "Nothing about it is unlike what was expected.");
    }
    clear(&s);
}
END_TEST

START_TEST(features_are_said_in_words)
{
    static const struct {
        const char *feature, *name;
        double value;
        const char *said;
    } cases[] = {
        {"amount_max", "largest amount", 812.5, "812"},
        {"declined_share", "share of events with declined", 0.814, "81 %"},
        {"declined_share", "share of events with declined", 0.042, "4.2 %"},
        {"first_seen_s", "time since the first event", 86400 * 3.5, "3.5 days"},
        {"mean_gap_s", "usual time between events", 90, "90 seconds"},
        {"events", "number of events", 90, "90"},
        {"events_7d", "number of events in the last 7 days", 12345, "12345"},
        {"rate_1d", "rate of events in the last day against before", 3.14159, "3.14"},
        {"channel=api", "share of events with channel api", 1, "100 %"},
        {"session_minutes_max_ratio", "largest session minutes against its average", 10.93, "10.9"},
        {"amount_max_ratio_user", "largest amount against the user's average", -2, "-2"},
        {"card_shared", "number of users with the same card", 2.302585, "10"},
        {"tip_missing_share", "share of events without tip", 0, "0 %"},
        {"x7", "x7", 1.5, "1.5"},
        {"_max", "_max", 0.0001, "0.0001"},
        {"amount_mean", "average amount", (double)NAN, "nothing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[RF_PHRASE_TEXT], value[32];
        rf_unit unit = rf_phrase_name(name, cases[i].feature).unit;
        ck_assert_str_eq(name, strcmp(cases[i].name, "_max") == 0 ? " max" : cases[i].name);
        ck_assert_str_eq(rf_phrase_value(value, unit, cases[i].value), cases[i].said);
    }
}
END_TEST

/* Gives the users' columns these names. */
static void name_columns(rf_graph *graph, const char *const *names)
{
    rf_graph_side named = {.n = graph->side[RF_USER].d};
    made_graph_set_ids(&named, names);
    rf_texts_clear(&graph->side[RF_USER].feature_names);
    graph->side[RF_USER].feature_names = named.id;
}

/* The mean and the maximum of a single event are one fact; the third column is another. */
START_TEST(the_same_is_not_said_twice)
{
    static const char *const names[] = {"fare_mean", "fare_max", "tip_mean"}, *const others[] = {"fare_mean",
                                                                                                 "toll_max",
                                                                                                 "tip_mean"};
    scored s = make((made_shape){.n_u = 12, .n_v = 5, .n_e = 30, .d_u = 3, .d_v = 3, .d_e = 3, .seed = 9},
                    RF_AGG_MAX);
    rf_err err = {0};
    rf_score_options options;
    rf_explanation e;
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    rf_real *x = &s.graph->side[RF_USER].x[4 * 3];
    x[0] = x[1] = 90; /* nothing is standardised here */
    x[2] = 70;
    name_columns(s.graph, names);
    rf_scores_free(s.scores);
    RF_CHECK_OK(err, rf_score_outputs(&s.scores, s.graph, s.outputs, &options, NULL, &err));
    rf_explain(&e, s.graph, s.scores, RF_USER, 4);
    ck_assert_int_eq(e.n_features, 3);
    ck_assert_msg(strstr(e.sentence, " fare is 90 ") != NULL, "%s", e.sentence);
    ck_assert_msg(strstr(e.sentence, "and the average tip is ") != NULL, "%s", e.sentence);
    name_columns(s.graph, others);
    rf_explain(&e, s.graph, s.scores, RF_USER, 4);
    ck_assert_msg(strstr(e.sentence, "average fare is 90 ") != NULL, "%s", e.sentence);
    ck_assert_msg(strstr(e.sentence, "largest toll is 90 ") != NULL, "%s", e.sentence);
    clear(&s);
}
END_TEST

START_TEST(hostile_names_are_harmless)
{
    char name[RF_PHRASE_TEXT], long_name[2000];
    rf_phrase_name(name, "kind=a\nb\x1b[31m\xe2\x80\xae"
                         "c");
    ck_assert_str_eq(name, "share of events with kind a b [31mc");
    rf_phrase_name(name, "kind=\xff\xfe");
    ck_assert_str_eq(name, "share of events with kind ?");
    for (size_t cut = 0; cut < 8; cut++) { /* no character is cut in two */
        memset(long_name, 'x', cut);
        for (size_t i = cut; i + 4 < sizeof long_name; i += 4)
            memcpy(long_name + i, "\xf0\x9f\x92\xb3", 5);
        rf_phrase_name(name, long_name);
        ck_assert(rf_utf8_valid(name, strlen(name)));
        ck_assert_int_ge(strlen(name), RF_PHRASE_TEXT - 5);
    }
}
END_TEST

/* Scores whose edges all have one nat of each part. */
static scored with_parts(made_shape shape)
{
    scored s = make(shape, RF_AGG_MAX);
    rf_err err = {0};
    rf_score_side *edges = &s.scores->side[RF_EDGE];
    for (int p = 0; p < RF_PARTS; p++) {
        edges->part[p] = rf_mem_new((size_t)edges->n, sizeof *edges->part[p], &err);
        for (int64_t i = 0; i < edges->n; i++)
            edges->part[p][i] = 1;
    }
    s.graph->side[RF_EDGE].first_us =
        rf_mem_new((size_t)edges->n, sizeof *s.graph->side[RF_EDGE].first_us, &err);
    for (int64_t i = 0; i < edges->n; i++)
        s.graph->side[RF_EDGE].first_us[i] = i * 7919 % 1009 * 3600000000;
    return s;
}

static void check_together(const scored *s, rf_side side, int64_t row, uint32_t edge, rf_part_id part)
{
    rf_explanation why;
    rf_sharing e;
    char want[64], number[32];
    rf_explain_by(&why, s->graph, s->scores, side, row, part);
    rf_sharing_of(&e, s->graph, part, edge);
    if (e.found < 2) {
        RF_HOLDS(strstr(why.sentence, "by chance") == NULL);
        return;
    }
    RF_HOLDS(why.anomaly == rf_part_table[part].anomaly);
    RF_HOLDS(why.sentence[strlen(why.sentence) - 1] == '.');
    if (part == RF_PART_COPIED)
        snprintf(want, sizeof want, " met the same %lld entities, where ", (long long)e.found);
    else
        snprintf(want, sizeof want, "%lld users met ", (long long)e.found);
    ck_assert_msg(strstr(why.sentence, want) != NULL, "\"%s\" in \"%s\"", want, why.sentence);
    const char *name = rf_graph_id(&s->graph->side[RF_USER], e.user[1], number);
    ck_assert_msg(strstr(why.sentence, name) != NULL, "\"%s\" in \"%s\"", name, why.sentence);
}

START_TEST(who_met_the_same_is_named)
{
    static const rf_part_id parts[] = {RF_PART_LOCKSTEP, RF_PART_OVERLAP, RF_PART_COPIED};
    scored s = with_parts((made_shape){30, 12, 140, 2, 2, 2, 5});
    const rf_adj *adj = &s.graph->adj;
    for (int p = 0; p < 3; p++) {
        for (int64_t i = 0; i < adj->n_e; i++)
            check_together(&s, RF_EDGE, i, (uint32_t)i, parts[p]);
        for (int64_t u = 0; u < adj->n_u; u++) /* of equal edges the first */
            if (adj->u_ptr[u + 1] > adj->u_ptr[u])
                check_together(&s, RF_USER, u, (uint32_t)adj->u_ptr[u], parts[p]);
        for (int64_t v = 0; v < adj->n_v; v++)
            if (adj->v_ptr[v + 1] > adj->v_ptr[v])
                check_together(&s, RF_ENTITY, v, adj->v_edge[adj->v_ptr[v]], parts[p]);
    }
    clear(&s);
}
END_TEST

START_TEST(a_ring_is_said_in_one_sentence)
{
    rf_err err = {0};
    rf_explanation why;
    scored s = with_parts((made_shape){400, 200, 36 + 600, 2, 2, 2, 6});
    uint32_t u[36 + 600], v[36 + 600];
    for (int i = 0; i < 36; i++) { /* users 0 to 8 at entities 0 to 3 */
        u[i] = (uint32_t)i / 4;
        v[i] = (uint32_t)i % 4;
    }
    for (int i = 0; i < 600; i++) { /* and others at two others each */
        u[36 + i] = 20 + (uint32_t)i / 2;
        v[36 + i] = 4 + (uint32_t)(i / 2 * 7 % 150) + (uint32_t)(i % 2) * 3;
    }
    rf_adj_clear(&s.graph->adj);
    RF_CHECK_OK(err, rf_adj_init(&s.graph->adj, 400, 200, 636, u, v, &err));
    for (int i = 0; i < 636; i++)
        s.graph->side[RF_EDGE].first_us[i] =
            i < 36 ? 1000000 * (int64_t)(100000 * v[i] + 1800 * u[i]) : 1000000 * (int64_t)i * 40000;
    rf_explain_by(&why, s.graph, s.scores, RF_USER, 3, RF_PART_LOCKSTEP);
    ck_assert_str_eq(why.sentence, "9 users met the same 4 entities within 2.5 hours of each other, where "
                                   "0.856 would by chance: user-2, user-4, user-1 and 5 more.");
    rf_explain_by(&why, s.graph, s.scores, RF_ENTITY, 1, RF_PART_OVERLAP);
    ck_assert_str_eq(
        why.sentence,
        "9 users met both shop-1 and shop-0, where 0.34 would by chance: user-0, user-1, user-2 and 6 more.");
    rf_explain_by(&why, s.graph, s.scores, RF_USER, 3, RF_PART_COPIED);
    ck_assert_str_eq(why.sentence, "user-3 and user-0 met the same 4 entities, where 0.127 would by chance: "
                                   "shop-0, shop-1, shop-2 and shop-3.");
    clear(&s);
}
END_TEST

START_TEST(a_burst_is_said_in_one_sentence)
{
    rf_explanation why;
    scored s = with_parts((made_shape){30, 12, 140, 2, 2, 2, 9});
    const rf_adj *adj = &s.graph->adj;
    int64_t edge = adj->u_ptr[4], n = adj->u_ptr[5] - edge;
    char want[96];
    ck_assert_int_ge(n, 3);
    for (int64_t i = 0; i < n; i++)
        s.graph->side[RF_EDGE].first_us[edge + i] = 100 * 3600000000LL + i * 1000000;
    s.graph->window_from_us = 0;
    s.graph->window_to_us = 720 * 3600000000LL;
    rf_explain_by(&why, s.graph, s.scores, RF_USER, 4, RF_PART_BURST);
    snprintf(want, sizeof want,
             "%d of its %d events lie within 5 minutes, where fewer than 0.01 would at an even pace.", (int)n,
             (int)n);
    ck_assert_str_eq(why.sentence, want);
    ck_assert_int_eq(why.anomaly, RF_ANOMALY_BURST);
    rf_explain_by(&why, s.graph, s.scores, RF_EDGE, edge, RF_PART_BURST);
    ck_assert_ptr_nonnull(strstr(why.sentence, " of the user's "));
    clear(&s);
}
END_TEST

START_TEST(hostile_ids_are_harmless)
{
    static const char *const ids[] = {"a\nb", "\xe2\x80\xae-c",
                                      "\xff", "an id that is far too long to be said in full",
                                      "",     "e",
                                      "f",    "g",
                                      "h",    "i",
                                      "j",    "k"};
    scored s = with_parts((made_shape){12, 8, 60, 2, 2, 2, 7});
    made_graph_set_ids(&s.graph->side[RF_USER], ids);
    for (int64_t u = 0; u < 12; u++) {
        rf_explanation why;
        rf_explain_by(&why, s.graph, s.scores, RF_USER, u, RF_PART_OVERLAP);
        ck_assert(rf_utf8_valid(why.sentence, strlen(why.sentence)));
        ck_assert_ptr_null(strpbrk(why.sentence, "\n\xff"));
        ck_assert_ptr_null(strstr(why.sentence, "\xe2\x80\xae"));
        ck_assert(why.sentence[0] != '\0' && why.sentence[strlen(why.sentence) - 1] == '.');
    }
    clear(&s);
}
END_TEST

/* A linear output can be beyond what a column holds. */
START_TEST(expectations_are_values_that_the_column_can_have)
{
    static float low[] = {-0.5F}, high[] = {1.5F};
    static const double outputs[] = {-3, -0.5, 0.25, 1.5, 9}, expected[] = {0, 0, 0.375, 1, 1};
    float mean = 0.25F, scale = 0.5F;
    rf_graph_side side = {.n = 1, .d = 1, .mean = &mean, .scale = &scale};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        side.low = low;
        side.high = high;
        RF_HOLDS(near(rf_raw_expected(&side, 0, outputs[i]), expected[i]));
        side.low = side.high = NULL; /* not known */
        RF_HOLDS(near(rf_raw_expected(&side, 0, outputs[i]), 0.25 + 0.5 * outputs[i]));
    }
}
END_TEST

RF_SUITE("explain", expectations_are_values_that_the_column_can_have, shares_add_up_to_one,
         a_planted_odd_feature_is_found_first, the_worst_edge_makes_the_score_of_a_node,
         an_unexpected_edge_is_structure, nothing_odd_and_nobody_met, features_are_said_in_words,
         the_same_is_not_said_twice, hostile_names_are_harmless, who_met_the_same_is_named,
         a_ring_is_said_in_one_sentence, a_burst_is_said_in_one_sentence, hostile_ids_are_harmless)
