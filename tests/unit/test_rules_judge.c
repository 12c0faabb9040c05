/* test_rules_judge.c - what rules conclude: strengths, confidence, hubs left out, and that neither labels nor
 * threads change it. */
#include "made_tags.h"
#include "rf_report.h"
#include "rf_rules_trace.h"
#include "rules_world.h"

/* ---- strengths and confidence ---- */

static void judge(rule_verdict *verdict, const world *w, const rf_rules *rules)
{
    rf_err err = {0};
    RF_CHECK_OK(err, rule_judge(verdict, &w->of, rules, &rules->rules[0], &err));
}

START_TEST(strengths_are_steps_or_sigmoids)
{
    world w;
    world_open(&w, world_shape, false);
    static const char *const rests[] = {"above: 0.25", "below: 0.25", "above: 0.25, slope: 0.5",
                                        "below: 0.25, slope: 0.5"};
    for (int i = 0; i < 4; i++) {
        rule_verdict verdict;
        rf_rules *rules = world_one_signal("user", "user.u_0", rests[i]);
        judge(&verdict, &w, rules);
        for (int64_t row = 0; row < w.graph->side[RF_USER].n; row++) {
            double x = (double)w.graph->side[RF_USER].x[row * 3], over = i % 2 == 0 ? x - 0.25 : 0.25 - x;
            bool known = !(signbit(x) && x >= 0);
            double expected = !known ? 0 : i >= 2 ? 1 / (1 + exp(-over / 0.5)) : over >= 0;
            ck_assert(isnan(rule_strength(&verdict, 0, row)) == !known);
            ck_assert(fabs((double)verdict.confidence[row] - expected) < 1e-6);
        }
        rule_verdict_clear(&verdict);
        world_forget_columns(&w);
        rf_rules_free(rules);
    }
    world_close(&w);
}
END_TEST

START_TEST(confidence_is_the_least_that_the_known_allow)
{
    static const struct {
        const char *tree;
        float strength[3];
        double confidence;
    } cases[] = {
        {"{all: [a, b, c]}", {0.9F, 0.4F, 0.6F}, 0.4},
        {"{any: [a, b, c]}", {0.9F, 0.4F, 0.6F}, 0.9},
        {"{weights: {a: 2, b: 1, c: 1}}", {0.9F, 0.4F, 0.6F}, 0.7},
        {"{all: [a, {any: [b, {not: c}]}]}", {0.9F, 0.2F, 0.3F}, 0.7},
        {"{all: [a, b, c]}", {0.9F, NAN, 0.6F}, 0},
        {"{any: [a, b, c]}", {0.9F, NAN, 0.6F}, 0.9},
        {"{any: [a, b, {not: c}]}", {0.1F, 0.2F, NAN}, 0.2},
        {"{all: [a, b, {not: c}]}", {1, 1, NAN}, 0},
        {"{all: [a, {not: {all: [b, c]}}]}", {1, NAN, NAN}, 0},
        {"{all: [a, {not: {all: [b, c]}}]}", {1, 0.25F, NAN}, 0.75},
        {"{not: {not: {all: [a, b, c]}}}", {1, 1, NAN}, 0},
        {"{weights: {a: 2, b: 1, c: 1}}", {1, NAN, NAN}, 0.5},
        {"{all: [{first: [a, b]}, c]}", {0.9F, 0.4F, 1}, 0.9},
        {"{all: [{first: [a, b]}, c]}", {NAN, 0.4F, 1}, 0}, /* not known of this row: no substitute for it */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[512];
        snprintf(text, sizeof text,
                 WORLD_HEAD
                 "rules:\n- type: t\n  subject: user\n  signals:\n    a: {value: user.x, above: 1}\n"
                 "    b: {value: user.x, above: 1}\n    c: {value: user.x, above: 1}\n"
                 "  confidence: %s\n",
                 cases[i].tree);
        rf_rules *rules = world_rules(text);
        double found = rule_confidence(rules->rules[0].confidence, cases[i].strength);
        ck_assert_msg(fabs(found - cases[i].confidence) < 1e-6, "%s: %g, not %g", cases[i].tree, found,
                      cases[i].confidence);
        rf_rules_free(rules);
    }
}
END_TEST

START_TEST(what_is_not_fed_is_left_out)
{
    static const struct {
        const char *tree, *fed; /* of a, b, c, d */
        float strength[4];
        double share, confidence;
    } cases[] = {
        {"{all: [a, b, c, d]}", "abcd", {0.9F, 0.4F, 0.6F, 1}, 1, 0.4},
        {"{all: [a, b, c, d]}", "abc", {0.9F, 0.4F, 0.6F, 0}, 0.75, 0.4},
        {"{all: [a, b, c, d]}", "", {1, 1, 1, 1}, 0, 0},
        {"{weights: {a: 2, b: 1, c: 1, d: 4}}", "bcd", {1, 0.4F, 1, 0.9F}, 0.75, 5.0 / 6},
        {"{all: [b, c, {not: a}, d]}", "bcd", {0, 0.4F, 0.6F, 1}, 0.75, 0.4},
        {"{all: [b, c, {not: {any: [a, d]}}]}", "bcd", {0, 1, 1, 0.3F}, 1, 0.7},
        {"{all: [{first: [a, b]}, c, d]}", "abcd", {0.2F, 0.9F, 1, 1}, 1, 0.2},
        {"{all: [{first: [a, b]}, c, d]}", "bcd", {1, 0.4F, 1, 1}, 1, 0.4},
        {"{all: [{first: [a, b]}, c, d]}", "cd", {0, 0, 0.7F, 1}, 2.0 / 3, 0.7},
        /* alternatives that lack a part stand aside; without a whole one, the best is judged */
        {"{any: [{all: [a, b]}, {all: [b, c, d]}]}", "bcd", {1, 1, 0.3F, 1}, 1, 0.3},
        {"{any: [{all: [a, c]}, {all: [b, d]}]}", "bc", {0, 0.2F, 0.9F, 0}, 0.5, 0.9},
        {"{any: [{all: [a, c, d]}, {all: [b, d]}]}", "cd", {0, 0, 0.9F, 0.6F}, 2.0 / 3, 0.6},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        rf_err err = {0};
        rule_cover cover;
        char text[512];
        bool fed[4];
        for (int k = 0; k < 4; k++)
            fed[k] = strchr(cases[i].fed, 'a' + k) != NULL;
        snprintf(text, sizeof text,
                 WORLD_HEAD
                 "rules:\n- type: t\n  subject: user\n  signals:\n    a: {value: user.x, above: 1}\n"
                 "    b: {value: user.x, above: 1}\n    c: {value: user.x, above: 1}\n"
                 "    d: {value: user.x, above: 1}\n  confidence: %s\n",
                 cases[i].tree);
        rf_rules *rules = world_rules(text);
        RF_CHECK_OK(err, rule_cover_fed(&cover, &rules->rules[0], fed, &err));
        double found = cover.tree != NULL ? rule_confidence(cover.tree, cases[i].strength) : 0;
        ck_assert_msg(fabs(cover.share - cases[i].share) < 1e-6 && fabs(found - cases[i].confidence) < 1e-6,
                      "%s, %s: %g of the evidence, %g", cases[i].tree, cases[i].fed, cover.share, found);
        ck_assert_int_eq(cover.judges, cases[i].share > 0.5);
        for (int k = 0; k < 4; k++)
            ck_assert(!cover.used[k] || fed[k]);
        rule_cover_clear(&cover);
        rf_rules_free(rules);
    }
}
END_TEST

/* ---- hubs ---- */

START_TEST(hubs_are_left_out_of_steps_to_partners)
{
    rf_err err = {0};
    world w;
    rf_real *column = NULL;
    world_open(&w, (made_shape){300, 40, 3000, 1, 1, 1, 2}, false);
    uint32_t limit = rule_hub_limit(&w.of, 0, RF_ENTITY, 0.5);
    int64_t hubs = 0;
    ck_assert_uint_ge(limit, 49);
    for (int64_t v = 0; v < 40; v++)
        hubs += w.of.kind[0].degree[RF_ENTITY][v] > limit;
    ck_assert_int_gt(hubs, 5);
    ck_assert_int_le(hubs, 20);
    rf_rules *rules = world_one_signal("user", "max entity.degree", "above: 1");
    const rule_signal *signal = &rules->rules[0].signals[0];
    RF_CHECK_OK(err, rule_evaluate(&column, &w.of, &signal->value, RF_USER, 0.5, &signal->place, &err));
    for (int64_t u = 0; u < 300; u++)
        ck_assert(!(column[u] > (rf_real)limit));
    rf_mem_free(column);
    rf_rules_free(rules);
    ck_assert_uint_eq(rule_hub_limit(&w.of, 0, RF_ENTITY, 1), UINT32_MAX);
    world_close(&w);
    world_open(&w, world_shape, false); /* nobody has 50 partners */
    ck_assert_uint_eq(rule_hub_limit(&w.of, 0, RF_USER, 0), 49);
    world_close(&w);
}
END_TEST

/* ---- the whole ---- */

static const char whole[] =
    WORLD_HEAD "unknown: {percentile: 0.95}\nsegments: {activity: {of: user, value: "
               "user.events, cuts: [5, 20]}}\nrules:\n"
               "- {type: one, subject: user, signals: {a: {value: user.u_0, above: 0.5, "
               "slope: 1}, b: {value: mean entity.v_1, "
               "above_percentile: 0.4, segment: activity}}, confidence: {any: [a, b]}}\n"
               "- {type: two, subject: edge, signals: {a: {value: edge.e_0 * user.u_1, "
               "above: 0.3}}, spread: {user: {edges: 1}, "
               "entity: {edges: 2, share: 0.3}}}\n"
               "- {type: three, subject: entity, signals: {a: {value: max user.mean "
               "edge.e_2, below_percentile: 0.3}}}\n";

static void save(char path[RF_TEST_PATH], const char *name, const world *w, rf_pool *pool)
{
    rf_err err = {0};
    rf_tags *tags = NULL, *loaded = NULL;
    rf_rules *rules = world_rules(whole);
    setenv("SOURCE_DATE_EPOCH", "1525132800", 1);
    RF_CHECK_OK(err, rf_scores_save(w->scores, rf_tmp_path(path, name), NULL, &err));
    unsetenv("SOURCE_DATE_EPOCH");
    RF_CHECK_OK(err, rf_rules_tag(&tags, rules, w->graph, w->scores, pool, &err));
    RF_CHECK_OK(err, made_tags_save(tags, path, &err));
    RF_CHECK_OK(err, made_tags_load(&loaded, path, w->scores, &err)); /* what is made passes every check */
    for (int i = 0; i < 3; i++)
        ck_assert_int_gt(loaded->side[i].n_evidence, 0);
    rf_tags_free(loaded);
    rf_tags_free(tags);
    rf_rules_free(rules);
}

START_TEST(any_number_of_threads_gives_the_same_bytes)
{
    rf_err err = {0};
    world w;
    char one[RF_TEST_PATH], other[RF_TEST_PATH];
    world_open(&w, (made_shape){5000, 300, 9000, 3, 3, 3, 11}, true);
    save(one, "one.h5", &w, NULL);
    for (int threads = 1; threads <= 4; threads++) {
        rf_pool *pool = NULL;
        RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
        save(other, "other.h5", &w, pool);
        ck_assert(rf_files_equal(one, other));
        rf_pool_free(pool);
    }
    world_close(&w);
}
END_TEST

START_TEST(labels_have_no_part_in_it)
{
    world w;
    char with[RF_TEST_PATH], without[RF_TEST_PATH];
    world_open(&w, world_shape, true);
    ck_assert_ptr_nonnull(w.graph->side[RF_USER].y);
    save(with, "with.h5", &w, NULL);
    rf_graph_side *sides[3] = {&w.graph->side[RF_USER], &w.graph->side[RF_ENTITY], &w.graph->side[RF_EDGE]};
    for (int i = 0; i < 3; i++) {
        rf_mem_free(sides[i]->y);
        rf_mem_free(sides[i]->fraud_type);
        sides[i]->y = NULL;
        sides[i]->fraud_type = NULL;
    }
    save(without, "without.h5", &w, NULL);
    ck_assert(rf_files_equal(with, without));
    world_close(&w);
}
END_TEST

static rf_status explain_user(const world *w, const rf_rules *rules, rf_err *err)
{
    rf_text text = {0};
    rf_rules_trace *trace = NULL;
    rf_status st = rf_rules_trace_new(&trace, rules, w->graph, w->scores, RF_USER, 3, NULL, err);
    if (st >= 0)
        st = rf_report_rules(&text, trace, w->graph, w->scores, err);
    rf_rules_trace_free(trace);
    rf_text_clear(&text);
    return st;
}

START_TEST(tagging_survives_every_failing_allocation)
{
    world w;
    rf_tags *tags = NULL;
    rf_rules *rules = world_rules(whole);
    world_open(&w, world_shape, true);
    RF_SWEEP(rf_rules_tag(&tags, rules, w.graph, w.scores, NULL, sweep_err), rf_tags_free(tags));
    RF_SWEEP(explain_user(&w, rules, sweep_err), (void)0);
    rf_rules_free(rules);
    world_close(&w);
}
END_TEST

RF_SUITE("rules_judge", strengths_are_steps_or_sigmoids, confidence_is_the_least_that_the_known_allow,
         what_is_not_fed_is_left_out, hubs_are_left_out_of_steps_to_partners,
         any_number_of_threads_gives_the_same_bytes, labels_have_no_part_in_it,
         tagging_survives_every_failing_allocation)
