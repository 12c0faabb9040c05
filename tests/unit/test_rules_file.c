/* test_rules_file.c - rule files: what is understood, and what is refused with line, key and nearest name. */
#include "rf_check.h"
#include "rf_rules.h"
#include "rules_int.h"

#define HEAD "version: 1\nname: test\nrevision: 4\n"
#define RULE(rest) HEAD "rules:\n- type: promo_abuse\n  subject: user\n" rest
#define SIGNALS                                                                                              \
    "  signals:\n    coupons: {value: user.promo_share, above: 0.6}\n    young: {value: user.first_seen_s, " \
    "below: 5}\n"
#define SIGNAL(rest) RULE("  signals:\n    coupons: {" rest "}\n")
#define VALUE(value) SIGNAL("above: 1, value: " value)
#define EDGE_VALUE(value)                                                                                    \
    HEAD "rules:\n- type: a\n  subject: edge\n  signals:\n    s: {above: 1, value: " value "}\n"
#define ENTITY_VALUE(value)                                                                                  \
    HEAD "rules:\n- type: a\n  subject: entity\n  signals:\n    s: {above: 1, value: " value "}\n"

static rf_rules *parsed(const char *text)
{
    rf_rules *rules = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_rules_parse(&rules, "my.yaml", text, strlen(text), &err));
    ck_assert_ptr_nonnull(rules);
    return rules;
}

/* ---- what is understood ---- */

START_TEST(all_keys_arrive)
{
    rf_rules *rules =
        parsed(HEAD "unknown: {percentile: 0.99}\n"
                    "segments:\n"
                    "  activity: {of: edge, value: user.events, cuts: [5, 20]}\n"
                    "rules:\n"
                    "- type: collusion\n"
                    "  subject: edge\n"
                    "  about: One pays one.\n"
                    "  optional: true\n"
                    "  support: {events: 5}\n"
                    "  ignore_hubs: 0.9\n"
                    "  threshold: 0.7\n"
                    "  signals:\n"
                    "    a: {value: edge.x, above_percentile: 0.9, segment: activity, about: words}\n"
                    "    b: {value: user.x, below: -3.5, slope: 2}\n"
                    "  confidence: {all: [a, {not: b}, {any: [a, {weights: {a: 1, b: 3}}]}]}\n"
                    "  spread:\n"
                    "    user: {edges: 2, share: 0.1, crowd: 4}\n"
                    "    entity: {}\n");
    const rule *of = &rules->rules[0];
    ck_assert_str_eq(rf_rules_name(rules), "test");
    ck_assert_int_eq(rf_rules_version(rules), 4);
    ck_assert_int_eq(strlen(rules->hash), 16);
    ck_assert(rules->unknown == 0.99);
    ck_assert_int_eq(rules->n_rules, 1);
    ck_assert_str_eq(of->type, "collusion");
    ck_assert_str_eq(of->about, "One pays one.");
    ck_assert(of->optional && of->subject == RF_EDGE);
    ck_assert_int_eq(of->events, 5);
    ck_assert(of->ignore_hubs == 0.9 && of->threshold == 0.7);
    ck_assert_int_eq(of->n_signals, 2);
    ck_assert(of->signals[0].by_percentile && of->signals[0].above && of->signals[0].segment == 0);
    ck_assert(!of->signals[1].by_percentile && !of->signals[1].above && of->signals[1].slope == 2);
    ck_assert(of->signals[1].threshold == -3.5);
    ck_assert_str_eq(of->signals[0].about, "words");
    ck_assert_int_eq(of->signals[1].place.line, 17);
    ck_assert_int_eq(rules->segments[0].n_cuts, 2);
    ck_assert(of->spread[0].on && of->spread[0].edges == 2 && of->spread[0].crowd == 4);
    ck_assert(of->spread[0].share == 0.1);
    ck_assert(of->spread[1].on && of->spread[1].edges == 1 && of->spread[1].share == 0);
    rf_rules_free(rules);
}
END_TEST

START_TEST(what_is_not_said_has_defaults)
{
    rf_rules *rules = parsed("version: 1\nname: test\nrules:\n- type: a\n  subject: user\n" SIGNALS);
    const rule *of = &rules->rules[0];
    ck_assert_int_eq(rf_rules_version(rules), 0);
    ck_assert(isnan(rules->unknown));
    ck_assert(of->threshold == 0.5 && of->ignore_hubs == 0.999 && !of->optional);
    ck_assert_int_eq(of->events, 0);
    ck_assert(!of->spread[0].on && !of->spread[1].on);
    ck_assert_int_eq(of->confidence->join, RULE_ALL);
    ck_assert_int_eq(of->confidence->first->next->signal, 1);
    ck_assert_str_eq(of->about, "");
    rf_rules_free(rules);
}
END_TEST

START_TEST(the_shipped_rules_are_sound)
{
    rf_rules *rules = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_rules_load(&rules, NULL, &err));
    ck_assert(rules->shipped);
    ck_assert_int_ge(rules->n_rules, 1);
    ck_assert(!isnan(rules->unknown));
    for (int i = 0; i < rules->n_rules; i++) {
        ck_assert_msg(rules->rules[i].about[0] != '\0', "%s says nothing about itself", rules->rules[i].type);
        for (int k = 0; k < rules->rules[i].n_signals; k++)
            ck_assert_msg(rules->rules[i].signals[k].about[0] != '\0', "%s of %s says nothing about itself",
                          rules->rules[i].signals[k].name, rules->rules[i].type);
    }
    rf_rules_free(rules);
}
END_TEST

START_TEST(a_file_is_read_by_its_path)
{
    char path[RF_TEST_PATH];
    rf_rules *rules = NULL;
    rf_err err = {0};
    static const char text[] = RULE(SIGNALS);
    rf_spill(rf_tmp_path(path, "mine.yaml"), text, sizeof text - 1);
    RF_CHECK_OK(err, rf_rules_load(&rules, path, &err));
    ck_assert(!rules->shipped);
    rf_rules_free(rules);
    RF_CHECK_FAILS(err, RF_E_INVALID, "absent.yaml",
                   rf_rules_load(&rules, rf_tmp_path(path, "absent.yaml"), &err));
}
END_TEST

static void check_operand(const rule_operand *of, rule_name name, rf_side side, int n_steps,
                          const char *feature)
{
    ck_assert_int_eq(of->name, name);
    ck_assert_int_eq(of->n_steps, n_steps);
    if (name != RULE_NUMBER)
        ck_assert_int_eq(of->side, side);
    if (feature != NULL)
        ck_assert_str_eq(of->feature, feature);
}

START_TEST(values_are_understood)
{
    static const struct {
        const char *text;
        rule_name name;
        rf_side side;
        int n_steps;
        const char *feature;
        rule_how how[3];
    } cases[] = {
        {VALUE("user.amount_mean"), RULE_FEATURE, RF_USER, 0, "amount_mean", {0}},
        {VALUE("'  user.amount_mean  '"), RULE_FEATURE, RF_USER, 0, "amount_mean", {0}},
        {VALUE("user.score"), RULE_SCORE, RF_USER, 0, NULL, {0}},
        {VALUE("user.percentile"), RULE_PERCENTILE, RF_USER, 0, NULL, {0}},
        {VALUE("user.x_error"), RULE_X_ERROR, RF_USER, 0, NULL, {0}},
        {VALUE("user.robust_z"), RULE_ROBUST_Z, RF_USER, 0, NULL, {0}},
        {VALUE("user.degree"), RULE_DEGREE, RF_USER, 0, NULL, {0}},
        {VALUE("user.events"), RULE_EVENTS, RF_USER, 0, NULL, {0}},
        {VALUE("user.`events`"), RULE_FEATURE, RF_USER, 0, "events", {0}},
        {VALUE("user.residual(amount_max)"), RULE_RESIDUAL, RF_USER, 0, "amount_max", {0}},
        {VALUE("user.residual(`pay=credit card`)"), RULE_RESIDUAL, RF_USER, 0, "pay=credit card", {0}},
        {VALUE("user.`pay=credit card`"), RULE_FEATURE, RF_USER, 0, "pay=credit card", {0}},
        {VALUE("user.channel=app"), RULE_FEATURE, RF_USER, 0, "channel=app", {0}},
        {VALUE("user.mean"), RULE_FEATURE, RF_USER, 0, "mean", {0}},
        {VALUE("max edge.ce"), RULE_CE, RF_EDGE, 1, NULL, {RULE_MAX}},
        {VALUE("min entity.score"), RULE_SCORE, RF_ENTITY, 1, NULL, {RULE_MIN}},
        {VALUE("sum  edge.events"), RULE_EVENTS, RF_EDGE, 1, NULL, {RULE_SUM}},
        {VALUE("share(0.5) edge.night_share"), RULE_FEATURE, RF_EDGE, 1, NULL, {RULE_SHARE}},
        {VALUE("count(<-3e2) entity.degree"), RULE_DEGREE, RF_ENTITY, 1, NULL, {RULE_COUNT}},
        {VALUE("max entity.mean user.first_seen_s"),
         RULE_FEATURE,
         RF_USER,
         2,
         "first_seen_s",
         {RULE_MAX, RULE_MEAN}},
        {VALUE("max entity.min user.sum edge.x"),
         RULE_FEATURE,
         RF_EDGE,
         3,
         "x",
         {RULE_MAX, RULE_MIN, RULE_SUM}},
        {EDGE_VALUE("edge.x"), RULE_FEATURE, RF_EDGE, 0, "x", {0}},
        {EDGE_VALUE("entity.mean user.x"), RULE_FEATURE, RF_USER, 2, "x", {RULE_END, RULE_MEAN}},
        {EDGE_VALUE("user.percentile"), RULE_PERCENTILE, RF_USER, 1, NULL, {RULE_END}},
        {ENTITY_VALUE("mean user.max edge.x"), RULE_FEATURE, RF_EDGE, 2, "x", {RULE_MEAN, RULE_MAX}},
        {ENTITY_VALUE("entity.x"), RULE_FEATURE, RF_ENTITY, 0, "x", {0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rf_rules *rules = parsed(cases[i].text);
        const rule_value *value = &rules->rules[0].signals[0].value;
        ck_assert_int_eq(value->n, 1);
        check_operand(&value->operand[0], cases[i].name, cases[i].side, cases[i].n_steps, cases[i].feature);
        for (int k = 0; k < cases[i].n_steps; k++)
            ck_assert_int_eq(value->operand[0].steps[k].how, cases[i].how[k]);
        rf_rules_free(rules);
    }
}
END_TEST

START_TEST(bounds_are_understood)
{
    rf_rules *rules = parsed(VALUE("share(0.5) edge.x"));
    const rule_step *step = &rules->rules[0].signals[0].value.operand[0].steps[0];
    ck_assert(step->bound == 0.5 && !step->below && step->from == RF_USER && step->to == RF_EDGE);
    rf_rules_free(rules);
    rules = parsed(VALUE("count(<-3e2) entity.x"));
    step = &rules->rules[0].signals[0].value.operand[0].steps[0];
    ck_assert(step->bound == -300 && step->below && step->to == RF_ENTITY);
    rf_rules_free(rules);
}
END_TEST

START_TEST(two_values_are_joined)
{
    static const char ops[] = "*/+-";
    for (int i = 0; i < 4; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 HEAD "rules:\n- type: a\n  subject: user\n  signals:\n"
                      "    s: {above: 1, value: 'max edge.x %c user.z'}\n",
                 ops[i]);
        rf_rules *rules = parsed(text);
        const rule_value *value = &rules->rules[0].signals[0].value;
        ck_assert_int_eq(value->n, 2);
        ck_assert_int_eq(value->op, ops[i]);
        check_operand(&value->operand[0], RULE_FEATURE, RF_EDGE, 1, "x");
        check_operand(&value->operand[1], RULE_FEATURE, RF_USER, 0, "z");
        rf_rules_free(rules);
    }
    rf_rules *rules = parsed(VALUE("1.5 - user.z"));
    const rule_value *value = &rules->rules[0].signals[0].value;
    check_operand(&value->operand[0], RULE_NUMBER, 0, 0, NULL);
    ck_assert(value->operand[0].number == 1.5);
    rf_rules_free(rules);
}
END_TEST

/* ---- what is refused ---- */

static void refuse(const char *text, const char *part)
{
    rf_rules *rules = NULL;
    rf_err err = {0};
    rf_status st = rf_rules_parse(&rules, "my.yaml", text, strlen(text), &err);
    ck_assert_msg(st == RF_E_INVALID, "%s: %s\n%s", rf_status_name(st), err.msg, text);
    ck_assert_msg(strstr(err.msg, part) != NULL, "\"%s\" does not say \"%s\"", err.msg, part);
    ck_assert_ptr_null(rules);
}

START_TEST(wrong_files_are_refused)
{
    refuse("", "my.yaml:1: a rule file has keys");
    refuse("[1]", "my.yaml:1: a rule file has keys");
    refuse("a: &x 1", "anchors");
    refuse("name: x\n", "version must be 1, the version of the rule language");
    refuse("version: 2\nname: x\n", "my.yaml:1: version must be 1, the version of the rule language");
    refuse("version: 1\n", "needs a name");
    refuse("version: 1\nname: [a]\n", "my.yaml:2: name needs a text");
    refuse("version: 1\nname: \"a\\nb\"\n", "my.yaml:2: name is a text of one line");
    refuse("version: 1\nname: x\nrulse: []\n",
           "my.yaml:3: unknown key \"rulse\" in a rule file; did you mean rules?");
    refuse(HEAD "revision: 5\n", "is set twice");
    refuse("version: 1\nname: x\nrevision: -1\n", "my.yaml:3: revision needs a whole number");
    refuse("version: 1\nname: x\nrevision: 1.5\n", "revision needs a whole number");
    refuse(HEAD "unknown: 0.9\n", "my.yaml:4: unknown needs keys");
    refuse(HEAD "unknown: {percentil: 0.9}\n", "did you mean percentile?");
    refuse(HEAD "unknown: {}\n", "unknown needs a percentile");
    refuse(HEAD "unknown: {percentile: 1.1}\n", "my.yaml:4: percentile is 1.1; it lies between 0.5 and 1");
    refuse(HEAD "rules: {}\n", "my.yaml:4: rules needs a list");
    refuse(HEAD "rules: [a]\n", "my.yaml:4: a rule needs keys");
}
END_TEST

START_TEST(wrong_segments_are_refused)
{
    refuse(HEAD "segments: [a]\n", "segments needs names");
    refuse(HEAD "segments: {Big: {of: user, value: user.events, cuts: [1]}}\n",
           "my.yaml:4: segment Big: a segment's name");
    refuse(HEAD "segments: {a: {of: user, value: user.events}}\n", "segment a: a segment needs cuts");
    refuse(HEAD "segments: {a: {of: shop, value: user.events, cuts: [1]}}\n", "of is user, entity or edge");
    refuse(HEAD "segments: {a: {of: user, value: user.events, cuts: 5}}\n", "cuts needs a list");
    refuse(HEAD "segments: {a: {of: user, value: user.events, cuts: [5, 5]}}\n",
           "cuts must rise: 5 comes after 5");
    refuse(HEAD "segments: {a: {of: user, value: user.events, cuts: [a]}}\n", "needs a number");
    refuse(HEAD "segments: {a: {of: user, value: edge.x, cuts: [1]}}\n", "the user has several edges");
    refuse(HEAD "segments: {a: {of: user, valeu: user.x, cuts: [1]}}\n", "did you mean value?");
    refuse(HEAD
           "segments: {activity: {of: user, value: user.x, cuts: [1]}}\nrules:\n- type: a\n  subject: user\n"
           "  signals: {s: {value: user.x, above_percentile: 0.9, segment: activty}}\n",
           "my.yaml:8: signal s: there is no segment \"activty\"; did you mean activity?");
    refuse(
        HEAD
        "segments: {activity: {of: entity, value: entity.x, cuts: [1]}}\nrules:\n- type: a\n  subject: user\n"
        "  signals: {s: {value: user.x, above_percentile: 0.9, segment: activity}}\n",
        "segment activity is one of entity values, the subject is user");
}
END_TEST

START_TEST(wrong_rules_are_refused)
{
    refuse(HEAD "rules:\n- subject: user\n" SIGNALS, "my.yaml:5: a rule needs a type");
    refuse(HEAD "rules:\n- type: Promo\n  subject: user\n" SIGNALS, "my.yaml:5: a rule needs a type");
    refuse(HEAD "rules:\n- type: unknown_pattern\n  subject: user\n" SIGNALS,
           "the type unknown_pattern is reserved for scores that no rule explains");
    refuse(HEAD "rules:\n- type: a\n" SIGNALS, "rule a: a rule needs a subject");
    refuse(HEAD "rules:\n- type: a\n  subject: shop\n" SIGNALS,
           "my.yaml:6: rule a: subject is user, entity or edge");
    refuse(RULE("  treshold: 0.4\n" SIGNALS),
           "my.yaml:7: rule promo_abuse: unknown key \"treshold\" in a rule; did you mean threshold?");
    refuse(RULE("  threshold: 0\n" SIGNALS), "threshold is 0");
    refuse(RULE("  threshold: much\n" SIGNALS), "my.yaml:7: rule promo_abuse: threshold needs a number");
    refuse(RULE("  ignore_hubs: 2\n" SIGNALS), "ignore_hubs is 2; it lies between 0 and 1");
    refuse(RULE("  optional: maybe\n" SIGNALS), "optional is true or false");
    refuse(RULE("  support: 5\n" SIGNALS), "support needs keys and values");
    refuse(RULE("  support: {event: 5}\n" SIGNALS), "did you mean events?");
    refuse(RULE("  support: {events: few}\n" SIGNALS), "events needs a whole number from 0 on");
    refuse(HEAD "rules:\n- type: a\n  subject: edge\n  support: {partners: 1}\n  signals: {s: {value: "
                "edge.x, above: 1}}\n",
           "my.yaml:7: rule a: an edge has no partners");
    refuse(RULE("  spread: {user: {edges: 1}}\n" SIGNALS),
           "spread is for rules about edges; the subject of this rule is user");
    refuse(HEAD "rules:\n- type: a\n  subject: edge\n  spread: {shop: {}}\n  signals: {s: {value: edge.x, "
                "above: 1}}\n",
           "unknown key \"shop\" in spread");
    refuse(HEAD "rules:\n- type: a\n  subject: edge\n  spread: {user: {edge: 1}}\n  signals: {s: {value: "
                "edge.x, above: 1}}\n",
           "unknown key \"edge\" in user; did you mean edges?");
    refuse(HEAD "rules:\n- type: a\n  subject: edge\n  spread: {user: {edges: 0}}\n  signals: {s: {value: "
                "edge.x, above: 1}}\n",
           "edges needs a whole number from 1 on");
    refuse(HEAD "rules:\n- type: a\n  subject: edge\n  spread: {only: true}\n  signals: {s: {value: edge.x, "
                "above: 1}}\n",
           "my.yaml:7: rule a: only: true needs user or entity");
    refuse(RULE(""), "a rule needs signals");
    refuse(RULE("  signals: {}\n"), "a rule needs signals");
    refuse(RULE("  signals: {s: 5}\n"), "signal s needs keys and values");
}
END_TEST

START_TEST(wrong_signals_are_refused)
{
    refuse(SIGNAL("above: 1"), "my.yaml:8: signal coupons: a signal needs a value");
    refuse(SIGNAL("value: user.x"), "signal coupons: a signal needs one of above, below");
    refuse(SIGNAL("value: user.x, above: 1, below: 2"), "above and below exclude each other");
    refuse(SIGNAL("value: user.x, above_percentile: 2"), "above_percentile is 2; it lies between 0 and 1");
    refuse(SIGNAL("value: user.x, abvoe: 2"), "unknown key \"abvoe\" in a signal; did you mean above?");
    refuse(SIGNAL("value: user.x, above: 2, slope: 0"), "slope is above 0");
    refuse(SIGNAL("value: user.x, above: 2, slope: -1"), "slope is -1");
    refuse(SIGNAL("value: user.x, above: nan"), "above needs a number");
    refuse(SIGNAL("value: user.x, above: 2, segment: a"), "segment belongs to above_percentile");
    refuse(SIGNAL("value: user.x, above: 2, about: \"\\e[31m\""), "about is a text of one line");
    refuse(RULE("  signals:\n    Coupons: {value: user.x, above: 1}\n"), "a signal's name");
}
END_TEST

START_TEST(wrong_values_are_refused)
{
    refuse(VALUE("[a]"), "my.yaml:8: signal coupons: value is a text");
    refuse(VALUE("''"), "value is a text");
    refuse(VALUE("5"), "value is only a number");
    refuse(VALUE("usr.x"), "\"usr.x\": unknown word \"usr\"; did you mean user?");
    refuse(VALUE("user"), "expected user.NAME");
    refuse(VALUE("user."), "the name of a feature is missing");
    refuse(VALUE("user.`x"), "names in backquotes end with one");
    refuse(VALUE("promo_share"), "expected user.NAME, entity.NAME or edge.NAME");
    refuse(VALUE("edge.x"), "the user has several edges: put max, min, mean");
    refuse(VALUE("entity.x"), "the user has several entities");
    refuse(VALUE("max user.x"), "user has no direct way to user");
    refuse(VALUE("maxx edge.x"), "unknown word \"maxx\"; did you mean max?");
    refuse(VALUE("share edge.x"), "share and count need a number");
    refuse(VALUE("count() edge.x"), "hold no number");
    refuse(VALUE("share(0.5 edge.x"), "\"share(0.5 edge.x\"");
    refuse(VALUE("max(3) edge.x"), "only share and count take a number");
    refuse(VALUE("max edge.degree"), "edges have no degree");
    refuse(VALUE("user.ce"), "only edges have ce");
    refuse(VALUE("'user.x + '"), "expected user.NAME");
    refuse(VALUE("user.a +user.b"), "after a value comes the end, or one of");
    refuse(VALUE("user.a user.b"), "after a value comes the end, or one of");
    refuse(VALUE("user.a + user.b + user.c"), "one operator at most");
    refuse(VALUE("user.residual(x"), "residual(FEATURE) ends with a parenthesis");
    refuse(VALUE("max entity.max user.max entity.max user.x"), "leads across more than 3 steps");
    refuse(EDGE_VALUE("max user.x"), "an edge has one user and one entity");
    refuse(EDGE_VALUE("max edge.x"), "an edge has one user and one entity");
    refuse(ENTITY_VALUE("user.x"), "the entity has several users");
}
END_TEST

START_TEST(labels_are_no_names)
{
    static const char *const names[] = {"y", "fraud_type", "label", "look_alike", "`y`", "residual(y)"};
    for (size_t i = 0; i < 6; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 HEAD "rules:\n- type: a\n  subject: user\n  signals:\n"
                      "    s: {above: 1, value: 'user.%s'}\n",
                 names[i]);
        refuse(text, "rules never see labels");
        snprintf(text, sizeof text,
                 HEAD "rules:\n- type: a\n  subject: user\n  signals:\n"
                      "    s: {above: 1, value: 'user.x / max edge.%s'}\n",
                 names[i]);
        refuse(text, "rules never see labels");
        snprintf(text, sizeof text, HEAD "segments: {s: {of: entity, value: entity.%s, cuts: [1]}}\n",
                 names[i]);
        refuse(text, "rules never see labels");
    }
}
END_TEST

START_TEST(wrong_confidences_are_refused)
{
    refuse(RULE(SIGNALS "  confidence: {all: [coupons, yuong]}\n"),
           "my.yaml:10: rule promo_abuse: confidence: there is no signal \"yuong\"; did you mean young?");
    refuse(RULE(SIGNALS "  confidence: {al: [coupons]}\n"), "unknown word \"al\"; did you mean all");
    refuse(RULE(SIGNALS "  confidence: {all: coupons}\n"), "all needs a list");
    refuse(RULE(SIGNALS "  confidence: {any: []}\n"), "any needs a list");
    refuse(RULE(SIGNALS "  confidence: [coupons]\n"), "put the list under all or any");
    refuse(RULE(SIGNALS "  confidence: {}\n"),
           "confidence needs exactly one of all, any, first, weights, not");
    refuse(RULE(SIGNALS "  confidence: {all: [coupons], any: [young]}\n"),
           "confidence needs exactly one of all, any, first, weights, not");
    refuse(RULE(SIGNALS "  confidence: {weights: [coupons]}\n"), "weights needs signals with their weights");
    refuse(RULE(SIGNALS "  confidence: {weights: {coupons: -1, young: 2}}\n"), "coupons is -1");
    refuse(RULE(SIGNALS "  confidence: {weights: {coupons: 0, young: 0}}\n"), "the weights add up to 0");
    refuse(RULE(SIGNALS "  confidence: coupons\n"), "confidence does not use the signal young");
}
END_TEST

START_TEST(large_files_are_refused)
{
    size_t n = 0, cap = 100000;
    char *text = malloc(cap);
    n += (size_t)snprintf(text + n, cap - n, HEAD "rules:\n");
    for (int i = 0; i < 257; i++)
        n += (size_t)snprintf(text + n, cap - n,
                              "- {type: a, subject: user, signals: {s: {value: user.x, above: 1}}}\n");
    refuse(text, "257 rules; a file has at most 256");
    n = (size_t)snprintf(text, cap, RULE("  signals:\n"));
    for (int i = 0; i < 33; i++)
        n += (size_t)snprintf(text + n, cap - n, "    s%d: {value: user.x, above: 1}\n", i);
    refuse(text, "33 signals; a rule has at most 32");
    free(text);
}
END_TEST

START_TEST(parsing_survives_every_failing_allocation)
{
    static const char text[] =
        HEAD "segments: {a: {of: user, value: user.events, cuts: [1]}}\n"
             "rules:\n- type: a\n  subject: user\n  signals:\n"
             "    s: {above_percentile: 0.9, segment: a, value: 'max edge.x / user.z'}\n"
             "    t: {above: 0.9, value: 'user.residual(x)'}\n"
             "  confidence: {any: [s, {weights: {t: 1}}]}\n";
    rf_rules *rules = NULL;
    RF_SWEEP(rf_rules_parse(&rules, "my.yaml", text, sizeof text - 1, sweep_err), rf_rules_free(rules));
    RF_SWEEP(rf_rules_load(&rules, NULL, sweep_err), rf_rules_free(rules));
}
END_TEST

RF_SUITE("rules_file", all_keys_arrive, what_is_not_said_has_defaults, the_shipped_rules_are_sound,
         a_file_is_read_by_its_path, values_are_understood, bounds_are_understood, two_values_are_joined,
         wrong_files_are_refused, wrong_segments_are_refused, wrong_rules_are_refused,
         wrong_signals_are_refused, wrong_values_are_refused, labels_are_no_names,
         wrong_confidences_are_refused, large_files_are_refused, parsing_survives_every_failing_allocation)
