/* test_rules_tags.c - tags of a graph small enough to be seen whole: spread, support, order, names, and what
 * an explanation says of it.
 */
#include "rf_check.h"
#include "rf_report.h"
#include "rf_rules_trace.h"
#include "rules_int.h"
#include "small_rules.h"

#define ONE(value) HEAD "rules: [{type: a, subject: user, signals: {s: {value: " value ", above: 1}}}]\n"

#define EDGE_RULE(rest)                                                                                      \
    HEAD "rules:\n- type: ring\n  subject: edge\n  signals: {s: {value: edge.e, above: 1, slope: 1}}\n" rest

START_TEST(edges_pass_their_tags_on)
{
    small s;
    small_open(&s);
    for (int i = 0; i < 7; i++)
        s.x[i] = i < 3 ? (rf_real)(3 + i) : 0; /* edges 0, 1, 2 are tagged, 2 the surest */
    rf_tags *tags = tagged(&s, EDGE_RULE("  spread: {user: {edges: 1, share: 0.5}, entity: {edges: 3}}\n"));
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(tags_of(tags, RF_EDGE, i), i < 3);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(tags_of(tags, RF_USER, i), i < 3);
    ck_assert_int_eq(tags_of(tags, RF_ENTITY, 0), 1);
    ck_assert_int_eq(tags_of(tags, RF_ENTITY, 1), 0);
    const rf_tag *tag = first_tag(tags, RF_ENTITY, 0);
    ck_assert_uint_eq(tag->edge, 2);
    ck_assert_str_eq(rf_tag_type(tags, tag), "ring");
    ck_assert(fabs((double)tag->confidence - 1 / (1 + exp(-4.0))) < 1e-6);
    ck_assert(tags->side[RF_ENTITY].evidence[tag->evidence].observed == 5);
    ck_assert_uint_eq(first_tag(tags, RF_EDGE, 0)->edge, RF_NO_EDGE);
    ck_assert_str_eq(tags->run_id, "run");
    rf_tags_free(tags);
    tags = tagged(&s, EDGE_RULE("  spread: {entity: {edges: 4}}\n"));
    ck_assert_int_eq(tags_of(tags, RF_ENTITY, 0), 0);
    ck_assert_int_eq(tags_of(tags, RF_USER, 0), 0);
    rf_tags_free(tags);
    small_close(&s);
}
END_TEST

START_TEST(a_tag_needs_its_share_of_the_events)
{
    small s;
    small_open(&s);
    s.x[5] = 5; /* of user 5's two edges the one with 1 of 10 events */
    s.count[6] = 9;
    rf_tags *tags = tagged(&s, EDGE_RULE("  spread: {user: {share: 0.1}}\n"));
    ck_assert_int_eq(tags_of(tags, RF_USER, 5), 1);
    rf_tags_free(tags);
    tags = tagged(&s, EDGE_RULE("  spread: {user: {share: 0.11}}\n"));
    ck_assert_int_eq(tags_of(tags, RF_USER, 5), 0);
    rf_tags_free(tags);
    small_close(&s);
}
END_TEST

START_TEST(a_crowd_is_needed_where_one_is_asked_for)
{
    small s;
    small_open(&s);
    s.x[0] = s.x[1] = s.x[2] = 5;
    s.x[6] = 9; /* user 5 alone at entity 1 */
    rf_tags *tags = tagged(&s, EDGE_RULE("  spread: {user: {crowd: 3}, entity: {crowd: 1}}\n"));
    ck_assert_int_eq(tags_of(tags, RF_USER, 0), 1);
    ck_assert_int_eq(tags_of(tags, RF_USER, 5), 0);
    ck_assert_int_eq(tags_of(tags, RF_ENTITY, 1), 1);
    rf_tags_free(tags);
    tags = tagged(&s, EDGE_RULE("  spread: {user: {crowd: 4}, entity: {crowd: 2}}\n"));
    ck_assert_int_eq(tags_of(tags, RF_USER, 0), 0);
    ck_assert_int_eq(tags_of(tags, RF_ENTITY, 0), 0);
    rf_tags_free(tags);
    small_close(&s);
}
END_TEST

START_TEST(an_edge_keeps_only_what_it_passes_on_where_that_is_asked_for)
{
    small s;
    small_open(&s);
    s.x[0] = s.x[1] = s.x[2] = 5;
    s.x[6] = 9; /* user 5 alone at entity 1 */
    rf_tags *tags = tagged(&s, EDGE_RULE("  spread: {only: true, user: {crowd: 3}}\n"));
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(tags_of(tags, RF_EDGE, i), i < 3);
    ck_assert_int_eq(tags_of(tags, RF_USER, 0), 1);
    rf_tags_free(tags);
    tags = tagged(&s, EDGE_RULE("  spread: {only: true, user: {crowd: 4}, entity: {edges: 3}}\n"));
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(tags_of(tags, RF_EDGE, i), i < 3); /* by the entity */
    ck_assert_int_eq(tags_of(tags, RF_USER, 0), 0);
    rf_tags_free(tags);
    tags = tagged(&s, EDGE_RULE("  spread: {only: true, user: {crowd: 4}, entity: {edges: 4}}\n"));
    ck_assert_int_eq(tags->side[RF_EDGE].ptr[7], 0);
    rf_tags_free(tags);
    tags = tagged(&s, EDGE_RULE("  spread: {only: false, user: {crowd: 4}}\n"));
    ck_assert_int_eq(tags->side[RF_EDGE].ptr[7], 4);
    rf_tags_free(tags);
    small_close(&s);
}
END_TEST

START_TEST(a_value_on_the_limit_holds_with_and_without_slope)
{
    small s;
    small_open(&s);
    s.x[0] = (rf_real)0.7; /* as a float a little less than 0.7 */
    s.x[1] = (rf_real)0.6; /* as a float a little more than 0.6 */
    rf_tags *tags = tagged(
        &s, HEAD "rules:\n"
                 "- {type: step, subject: edge, signals: {s: {value: edge.e, above: 0.7}}}\n"
                 "- {type: slope, subject: edge, signals: {s: {value: edge.e, above: 0.7, slope: 1e-9}}}\n");
    ck_assert_int_eq(tags_of(tags, RF_EDGE, 0), 2);
    ck_assert_int_eq(tags_of(tags, RF_EDGE, 1), 0);
    rf_tags_free(tags);
    tags = tagged(&s, HEAD "rules:\n- {type: slope, subject: edge, support: {events: 1}, signals: {s: "
                           "{value: edge.e, below: 0.6, slope: 1e-9}, "
                           "t: {value: edge.e, above: 0.1}}}\n");
    ck_assert_int_eq(tags_of(tags, RF_EDGE, 0), 0);
    ck_assert_int_eq(tags_of(tags, RF_EDGE, 1), 1);
    rf_tags_free(tags);
    small_close(&s);
}
END_TEST

START_TEST(support_is_needed)
{
    small s;
    small_open(&s);
    for (int i = 0; i < 7; i++)
        s.x[i] = 5;
    s.count[3] = 4;
    rf_tags *tags = tagged(&s, EDGE_RULE("  support: {events: 4}\n"));
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(tags_of(tags, RF_EDGE, i), i == 3);
    rf_tags_free(tags);
    tags = tagged(&s, HEAD "rules:\n- {type: t, subject: user, support: {partners: 2}, signals: {s: {value: "
                           "user.u, above: 1}}}\n");
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(tags_of(tags, RF_USER, i), i == 5);
    rf_tags_free(tags);
    small_close(&s);
}
END_TEST

START_TEST(the_surest_tag_stands_first_and_a_type_once)
{
    small s;
    small_open(&s);
    s.x[0] = 1;
    rf_tags *tags = tagged(
        &s, HEAD
        "rules:\n"
        "- {type: weak, subject: edge, threshold: 0.1, signals: {s: {value: edge.e, above: 2, slope: 1}}}\n"
        "- {type: strong, subject: edge, threshold: 0.1, signals: {s: {value: edge.e, above: 0.5, slope: "
        "1}}}\n"
        "- {type: weak, subject: edge, threshold: 0.1, signals: {t: {value: edge.e, above: 1, slope: 1}}}\n");
    ck_assert_int_eq(tags_of(tags, RF_EDGE, 0), 2);
    const rf_tag *tag = first_tag(tags, RF_EDGE, 0);
    ck_assert_str_eq(rf_tag_type(tags, tag), "strong");
    ck_assert_int_eq(tag[1].rule, 2);
    ck_assert_str_eq(rf_texts_get(&tags->signal_name, tags->side[RF_EDGE].evidence[tag[1].evidence].signal),
                     "t");
    ck_assert(tag[0].confidence > tag[1].confidence);
    rf_tags_free(tags);
    small_close(&s);
}
END_TEST

START_TEST(what_no_rule_explains_is_said)
{
    small s;
    small_open(&s);
    s.percentile[0] = s.percentile[1] = 0.999F;
    s.x[0] = 5;
    rf_tags *tags = tagged(&s, HEAD "unknown: {percentile: 0.999}\nrules:\n- {type: ring, subject: edge, "
                                    "signals: {s: {value: edge.e, above: 1}}}\n");
    ck_assert_str_eq(rf_tag_type(tags, first_tag(tags, RF_EDGE, 0)), "ring");
    ck_assert_int_eq(tags_of(tags, RF_EDGE, 0), 1);
    for (int i = 0; i < 3; i++) {
        rf_side side = i;
        const rf_tag *tag = first_tag(tags, side, 1);
        const rf_evidence *found = &tags->side[side].evidence[tag->evidence];
        ck_assert_str_eq(rf_tag_type(tags, tag), RF_UNKNOWN_PATTERN);
        ck_assert(tag->confidence == 0.999F && tag->n_evidence == 1);
        ck_assert(found->threshold == 0.999 && found->percentile == 0.999F);
        ck_assert_str_eq(rf_texts_get(&tags->signal_name, found->signal), "score");
        ck_assert_int_eq(tags->signal_rule[found->signal], tag->rule);
    }
    ck_assert_int_eq(tags_of(tags, RF_EDGE, 2), 0);
    rf_tags_free(tags);
    small_close(&s);
}
END_TEST

START_TEST(what_no_rule_explains_is_told_by_its_kind)
{
    static float ring[6] = {0, 9, 9, 0, 0, 0}, outlier[6] = {1, 3, 1, 2, 0, 0};
    small s;
    rf_text text = {0};
    rf_err err = {0};
    char words[RF_TAG_WORDS];
    small_open(&s);
    for (int i = 1; i < 4; i++)
        s.percentile[i] = 0.999F;
    s.x[1] = 5;
    rf_tags *tags = tagged(&s, HEAD "unknown: {percentile: 0.999}\nrules:\n- {type: big, subject: edge, "
                                    "signals: {s: {value: edge.e, above: 1}}, spread: {user: {}}}\n");
    const rf_tag *named = first_tag(tags, RF_USER, 1), *unknown = first_tag(tags, RF_USER, 2);
    ck_assert_str_eq(rf_tag_words(words, tags, named, RF_ANOMALY_RING), "big");
    ck_assert_str_eq(rf_tag_words(words, tags, unknown, RF_ANOMALY_NONE), "unknown pattern");
    ck_assert_str_eq(rf_tag_words(words, tags, unknown, RF_ANOMALY_UNLIKELY_MEETING),
                     "unknown pattern: unlikely meeting");
    for (int anomaly = 0; anomaly < RF_ANOMALIES; anomaly++) /* every name has its place */
        ck_assert(strstr(rf_tag_words(words, tags, unknown, (rf_anomaly)anomaly), "unknown pattern") ==
                      words &&
                  strlen(words) < RF_TAG_WORDS - 1);
    s.scores.side[RF_USER].part[RF_PART_LOCKSTEP] = ring;
    s.scores.side[RF_USER].part[RF_PART_RAW_TAIL] = outlier;
    RF_CHECK_OK(err, rf_report_tags(&text, tags, &s.scores, &err));
    ck_assert_ptr_nonnull(
        strstr(text.ptr, "\nunknown pattern: ring         1         0      0                -\n"));
    ck_assert_ptr_nonnull(
        strstr(text.ptr, "\nunknown pattern: outlier      1         0      0                -\n"));
    ck_assert_ptr_nonnull(
        strstr(text.ptr, "\nbig                           1         0      1            1.000\n"));
    ck_assert_ptr_null(strstr(text.ptr, RF_UNKNOWN_PATTERN));
    rf_text_clear(&text);
    rf_tags_free(tags);
    small_close(&s);
}
END_TEST

/* ---- names that are not there ---- */

START_TEST(features_that_are_not_there_are_named)
{
    small s;
    rf_err err = {0};
    rf_tags *tags = NULL;
    static int64_t at[3] = {0, 6, 19};
    static float constant[2] = {3, 2};
    small_open(&s);
    s.graph.side[RF_USER].dropped = (rf_texts){2, at, (char *)"fixed\0log1p_tamed"};
    s.graph.side[RF_USER].dropped_value = constant;
    rf_rules *rules = parsed(ONE("user.fixd"));
    RF_CHECK_FAILS(err, RF_E_INVALID,
                   "my.yaml:3: signal s: unknown feature user.fixd; did you mean user.fixed?",
                   rf_rules_tag(&tags, rules, &s.graph, &s.scores, NULL, &err));
    ck_assert_ptr_null(tags);
    rf_rules_free(rules);
    rules = parsed(ONE("user.something_else"));
    RF_CHECK_FAILS(err, RF_E_INVALID, "and no similar name in the graph",
                   rf_rules_tag(&tags, rules, &s.graph, &s.scores, NULL, &err));
    rules->rules[0].optional = true;
    RF_CHECK_OK(err, rf_rules_tag(&tags, rules, &s.graph, &s.scores, NULL, &err));
    ck_assert_int_eq(tags->side[RF_USER].ptr[6], 0);
    ck_assert_int_eq(tags->rule_type.n, 1);
    rf_tags_free(tags);
    rf_rules_free(rules);
    small_close(&s);
}
END_TEST

START_TEST(a_constant_feature_has_its_constant)
{
    small s;
    static int64_t at[3] = {0, 6, 19};
    static float constant[2] = {3, 0.6931472F};
    small_open(&s);
    s.graph.side[RF_USER].dropped = (rf_texts){2, at, (char *)"fixed\0log1p_tamed"};
    s.graph.side[RF_USER].dropped_value = constant;
    rf_tags *tags =
        tagged(&s, HEAD "rules:\n- {type: t, subject: user, signals: {a: {value: user.fixed, above: 3}, "
                        "b: {value: user.tamed, above: 0.9}}}\n");
    ck_assert_int_eq(tags->side[RF_USER].ptr[6], 6);
    ck_assert(tags->side[RF_USER].evidence[0].observed == 3);
    ck_assert(fabs(tags->side[RF_USER].evidence[1].observed - 1) < 1e-6);
    rf_tags_free(tags);
    constant[0] = NAN;
    tags =
        tagged(&s, HEAD "rules:\n- {type: t, subject: user, signals: {a: {value: user.fixed, above: -9}}}\n");
    ck_assert_int_eq(tags->side[RF_USER].ptr[6], 0);
    rf_tags_free(tags);
    small_close(&s);
}
END_TEST

/* ---- what a graph lacks ---- */

START_TEST(a_rule_judges_by_what_is_there)
{
    static const struct {
        const char *signals, *confidence;
        float expected;
        int n_evidence;
    } cases[] = {
        {HERE "    gone: {value: edge.promo_mean, above: 1, weight: 0.25}\n", "{all: [here, gone]}", 0.8F, 1},
        {HERE "    gone: {value: edge.promo_mean / edge.e, above: 1, weight: 0.25}\n",
         "{all: [here, {not: gone}]}", 0.8F, 1},
        {HERE "    gone: {value: user.promo_mean, above: 1}\n", "{any: [here, gone]}", 1, 1},
        {HERE "    gone: {value: edge.promo_mean, above: 1}\n", "{weights: {here: 3, gone: 1}}", 0.75F, 1},
        /* half of the evidence is too little, and so is any less */
        {HERE "    gone: {value: edge.promo_mean, above: 1}\n", "{all: [here, gone]}", 0, 0},
        {HERE "    gone: {value: edge.promo_mean, above: 1, weight: 2}\n", "{all: [here, gone]}", 0, 0},
        {HERE "    gone: {value: edge.promo_mean, above: 1, weight: 0.25, needed: true}\n",
         "{all: [here, gone]}", 0, 0},
        /* a substitute counts in full, and what it stands for is no evidence */
        {HERE "    gone: {value: edge.promo_mean, above: 1, needed: true}\n", "{first: [gone, here]}", 1, 1},
        {HERE "    also: {value: edge.events, above: 9}\n", "{first: [here, also]}", 1, 1},
    };
    small s;
    small_open(&s);
    for (int i = 0; i < 7; i++)
        s.x[i] = 5;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int n_evidence = 0;
        float found = confidence_by(&s, cases[i].signals, cases[i].confidence, &n_evidence);
        ck_assert_msg(fabs((double)found - (double)cases[i].expected) < 1e-6 &&
                          n_evidence == cases[i].n_evidence,
                      "%zu: %g by %d signals", i, (double)found, n_evidence);
    }
    small_close(&s);
}
END_TEST

START_TEST(a_rule_that_may_lack_nothing_may_lack_what_has_a_substitute)
{
    small s;
    rf_err err = {0};
    rf_tags *tags = NULL;
    small_open(&s);
    s.x[0] = 5;
    tags = tagged(&s,
                  HEAD "rules:\n- type: t\n  subject: edge\n  signals:\n" HERE
                       "    gone: {value: edge.promo_mean, above: 1}\n  confidence: {first: [gone, here]}\n");
    ck_assert_int_eq(tags_of(tags, RF_EDGE, 0), 1);
    rf_tags_free(tags);
    tags = NULL;
    rf_rules *rules = parsed(HEAD "rules:\n- type: t\n  subject: edge\n  signals:\n" HERE
                                  "    gone: {value: edge.promo_mean, above: 1}\n");
    RF_CHECK_FAILS(err, RF_E_INVALID, "signal gone: unknown feature edge.promo_mean",
                   rf_rules_tag(&tags, rules, &s.graph, &s.scores, NULL, &err));
    rf_rules_free(rules);
    small_close(&s);
}
END_TEST

START_TEST(an_attribute_that_all_events_have_is_never_missing)
{
    small s;
    small_open(&s);
    static int64_t at[2] = {0, 9};
    int n_evidence = 0;
    s.graph.side[RF_EDGE].feature_names = (rf_texts){1, at, (char *)"rating=5"};
    ck_assert(confidence_by(&s, "    none: {value: edge.rating_missing_share, below: 0}\n", "none",
                            &n_evidence) == 1);
    ck_assert(confidence_by(&s, "    none: {value: edge.amount_missing_share, below: 0}\n", "none",
                            &n_evidence) == 0);
    small_close(&s);
}
END_TEST

START_TEST(ages_are_seen_from_the_window)
{
    const double day_us = 86400e6;
    static const double first_day[6] = {0, 2, 5, 20, 3, 29}, last_day[7] = {1, 8, 25, 21, 7, 29, 30};
    static const double expected[7] = {30, 30, 20, 1, 4, 0, 1}; /* in the first tenth: as old as the window */
    int64_t first_us[6], last_us[7];
    small s;
    small_open(&s);
    for (int i = 0; i < 6; i++)
        first_us[i] = (int64_t)(first_day[i] * day_us);
    for (int i = 0; i < 7; i++)
        last_us[i] = (int64_t)(last_day[i] * day_us);
    s.graph.side[RF_USER].first_us = s.graph.side[RF_USER].last_us = first_us;
    s.graph.side[RF_EDGE].first_us = s.graph.side[RF_EDGE].last_us = last_us;
    s.graph.window_to_us = (int64_t)(30 * day_us);
    rf_tags *tags = tagged(&s, HEAD "rules:\n- {type: t, subject: edge, signals: {s: {value: "
                                    "edge.user_age_days, above: 0}}}\n");
    for (int i = 0; i < 7; i++) {
        const rf_tag *tag = first_tag(tags, RF_EDGE, i);
        double found = tags->side[RF_EDGE].evidence[tag->evidence].observed;
        ck_assert_msg(fabs(found - expected[i]) < 1e-6, "edge %d: %g days, not %g", i, found, expected[i]);
    }
    rf_tags_free(tags);
    small_close(&s);
}
END_TEST

START_TEST(the_mapping_that_rules_wait_for_is_said)
{
    small s;
    rf_err err = {0};
    rf_rule_wish wish;
    small_open(&s);
    rf_rules *rules = parsed(
        HEAD "rules:\n- {type: a, subject: user, optional: true, signals: {s: {value: "
             "user.promo_mean / user.u, above: 1}, t: {value: user.rating_missing_share, above: 1}}}\n"
             "- {type: b, subject: edge, optional: true, signals: {s: {value: edge.rating=5, above: 1}, t: "
             "{value: edge.night_share, above: 1}, u: {value: edge.refund_share, above: 1, needed: true}}}\n"
             "- {type: c, subject: edge, optional: true, signals: {s: {value: edge.rating=5, above: 1}}}\n"
             "- {type: d, subject: edge, optional: true, signals: {s: {value: edge.e, above: 1}}}\n");
    RF_CHECK_OK(err, rf_rules_wish(&wish, rules, &s.graph, &err));
    ck_assert_int_eq(wish.n_rules, 3);
    ck_assert_str_eq(wish.mapping.ptr,
                     "promo: number, rating: {type: category, required: false}, refund: boolean");
    ck_assert(!wish.times); /* what b needs is no time */
    rf_rule_wish_clear(&wish);
    rf_rules_free(rules);
    RF_CHECK_OK(err, rf_rules_load(&rules, NULL, &err)); /* the shipped ones never fail */
    RF_CHECK_OK(err, rf_rules_wish(&wish, rules, &s.graph, &err));
    ck_assert_int_gt(wish.n_rules, rf_rules_count(rules) / 2);
    ck_assert_ptr_nonnull(strstr(wish.mapping.ptr, "promo: number"));
    ck_assert_ptr_null(strstr(wish.mapping.ptr, "account_days")); /* what no event carries is not asked for */
    ck_assert(wish.times);
    rf_rule_wish_clear(&wish);
    s.graph.side[RF_EDGE].first_us = s.graph.side[RF_EDGE].last_us = s.count;
    RF_CHECK_OK(err, rf_rules_wish(&wish, rules, &s.graph, &err));
    ck_assert(!wish.times); /* it has them: other groups of features are missing */
    rf_rule_wish_clear(&wish);
    rf_rules_free(rules);
    small_close(&s);
}
END_TEST

/* ---- explanations ---- */

static void expect(const rf_text *text, const char *part)
{
    ck_assert_msg(strstr(text->ptr, part) != NULL, "no \"%s\" in\n%s", part, text->ptr);
}

static rf_status explain(rf_text *text, const rf_rules *rules, const rf_graph *graph, const rf_scores *scores,
                         rf_side side, int64_t row, rf_err *err)
{
    rf_rules_trace *trace = NULL;
    rf_status st = rf_rules_trace_new(&trace, rules, graph, scores, side, row, NULL, err);
    if (st >= 0)
        st = rf_report_rules(text, trace, graph, scores, err);
    rf_rules_trace_free(trace);
    return st;
}

static void explained(rf_text *text, const small *s, const char *rules_text, rf_side side, int64_t row)
{
    rf_err err = {0};
    rf_rules *rules = parsed(rules_text);
    rf_text_reset(text);
    RF_CHECK_OK(err, explain(text, rules, &s->graph, &s->scores, side, row, &err));
    rf_rules_free(rules);
}

START_TEST(an_explanation_says_what_was_missing)
{
    small s;
    rf_text text = {0};
    small_open(&s);
    s.x[0] = 5;
    explained(
        &text, &s,
        HEAD "unknown: {percentile: 0.5}\nrules:\n"
             "- {type: alone, subject: user, support: {events: 7, partners: 3}, signals: {s: {value: user.u, "
             "above: 1}}}\n"
             "- {type: parts, subject: user, signals: {a: {value: user.u, above: 1}, b: {value: user.u, "
             "above: 2}, "
             "c: {value: user.u, below: 0}, d: {value: user.u, above: 0}}, confidence: {all: [a, {any: [b, "
             "c]}, {not: d}]}}\n"
             "- {type: ring, subject: edge, about: A ring., signals: {s: {value: edge.e, above: 1}}, "
             "spread: {user: {edges: 2, crowd: 2}}}\n"
             "- {type: held, subject: user, signals: {s: {value: user.u, above: 1}}}\n"
             "- {type: other, subject: entity, signals: {s: {value: entity.v, above: 1}}}\n"
             "- {type: gone, optional: true, subject: user, signals: {s: {value: user.nothing, above: 1}}}\n",
        RF_USER, 0);
    expect(&text, "user 0: score 1, percentile 0.50000; 1 event with 1 partner\n\n[X] held: confidence 1.00");
    expect(&text,
           "[ ] alone: confidence 1.00, holds from 0.50\n    missing: support of 7 events, there are 1\n"
           "    missing: support of 3 partners, there are 1\n");
    expect(&text, "missing: one of (b, c) and no d\n");
    expect(&text,
           "[ ] ring: confidence 1.00, holds from 0.50\n    A ring.\n    edges that count: 0, with 0.0 %");
    expect(&text, "needed: 2");
    expect(&text, "an edge needs 2 users at the entity to count, the highest here is 1");
    expect(&text, "its surest edge is with the entity 0, 1 event\n");
    expect(&text, "[-] gone: cannot judge, for the graph has no user.nothing");
    expect(&text,
           "[ ] unknown_pattern: the score's percentile is 0.50000, it holds from 0.50000, where no rule");
    expect(&text, "1 rule about entities not looked at");
    explained(&text, &s, HEAD "unknown: {percentile: 0.5}\n", RF_ENTITY, 1);
    expect(&text, "entity 1: score 1");
    expect(&text, "[X] unknown_pattern: the score's percentile is 0.50000, it holds from 0.50000\n");
    rf_text_clear(&text);
    small_close(&s);
}
END_TEST

START_TEST(a_file_describes_itself)
{
    small s;
    rf_err err = {0};
    rf_text text = {0};
    small_open(&s);
    rf_rules *rules = parsed(HEAD "revision: 7\nrules:\n- {type: gone, optional: true, subject: user, "
                                  "signals: {s: {value: user.nothing, above: 1}}}\n");
    RF_CHECK_OK(err, rf_report_rule_list(&text, rules, NULL, &err));
    expect(&text, "my.yaml: test, revision 7: 1 rule\n");
    ck_assert_ptr_null(strstr(text.ptr, "cannot judge"));
    RF_CHECK_OK(err, rf_report_rule_list(&text, rules, &s.graph, &err));
    expect(&text, "cannot judge: the graph has no user.nothing");
    rf_text_clear(&text);
    rf_rules_free(rules);
    small_close(&s);
}
END_TEST

RF_SUITE("rules_tags", edges_pass_their_tags_on, a_tag_needs_its_share_of_the_events,
         a_crowd_is_needed_where_one_is_asked_for,
         an_edge_keeps_only_what_it_passes_on_where_that_is_asked_for,
         a_value_on_the_limit_holds_with_and_without_slope, support_is_needed,
         the_surest_tag_stands_first_and_a_type_once, what_no_rule_explains_is_said,
         what_no_rule_explains_is_told_by_its_kind, features_that_are_not_there_are_named,
         a_constant_feature_has_its_constant, a_rule_judges_by_what_is_there,
         a_rule_that_may_lack_nothing_may_lack_what_has_a_substitute,
         an_attribute_that_all_events_have_is_never_missing, ages_are_seen_from_the_window,
         the_mapping_that_rules_wait_for_is_said, an_explanation_says_what_was_missing,
         a_file_describes_itself)
