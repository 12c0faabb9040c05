/* test_alerts.c - who deserves an alert, whom a cluster speaks for, and how the budget is spent. */
#include <math.h>
#include <string.h>

#include "alert_int.h"
#include "made_clusters.h"
#include "made_scores.h"
#include "made_tags.h"
#include "rf_check.h"
#include "rf_sequence.h"
#include "rf_why.h"

typedef struct scene {
    rf_graph *graph;
    rf_scores *scores;
    rf_tags *tags;
    rf_clusters *clusters;
    rf_findings findings;
    rf_emit_options options;
    rf_emission emission;
    rf_alert_plan plan;
} scene;

static void begin(scene *s)
{
    *s = (scene){.graph = made_graph((made_shape){60, 20, 600, 4, 3, 3, 9})};
    s->scores = made_scores(s->graph);
    s->tags = made_tags(s->graph, s->scores, 3);
    s->clusters = made_clusters(s->graph, s->scores);
    s->findings = (rf_findings){s->graph, s->scores, s->tags, s->clusters, NULL};
    rf_emit_options_default(&s->options);
    s->options.threshold_type = RF_THRESHOLD_TOP;
    s->options.threshold = 1000;
    s->emission = (rf_emission){
        .findings = &s->findings, .graph = s->graph, .scores = s->scores, .options = &s->options};
}

static void plan(scene *s)
{
    rf_err err = {0};
    rf_alerts_clear(&s->plan);
    RF_CHECK_OK(err, rf_alerts_find(&s->plan, &s->emission, &err));
    RF_CHECK_OK(err, rf_alerts_spend(&s->plan, &s->emission, &err));
}

static void end(scene *s)
{
    rf_alerts_clear(&s->plan);
    rf_clusters_free(s->clusters);
    rf_tags_free(s->tags);
    rf_scores_free(s->scores);
    rf_graph_free(s->graph);
}

static int64_t count(const scene *s, rf_alert_fate fate)
{
    int64_t n = 0;
    for (size_t i = 0; i < s->plan.n; i++)
        n += s->plan.at[i].fate == fate;
    return n;
}

/* The alert of a user; NULL: it is not flagged. */
static const rf_alert *of_user(const scene *s, uint32_t user)
{
    uint32_t at = s->plan.flagged[RF_USER][user];
    return at == RF_NOT_FLAGGED ? NULL : &s->plan.at[at];
}

/* Gives every row of a side the tags of `rule`, or none (-1), as sure as `confidence`. */
static void tag_all(scene *s, rf_side side, int rule, float confidence)
{
    rf_tag_side *tags = &s->tags->side[side];
    for (int64_t i = 0; i <= tags->n; i++)
        tags->ptr[i] = 0;
    rf_mem_free(tags->tags);
    tags->tags = rf_mem_zero((size_t)tags->n + 1, sizeof *tags->tags, NULL);
    ck_assert_ptr_nonnull(tags->tags);
    for (int64_t i = 0; i < tags->n && rule >= 0; i++) {
        tags->tags[i] = (rf_tag){.rule = (uint16_t)rule, .confidence = confidence, .edge = RF_NO_EDGE};
        tags->ptr[i + 1] = i + 1;
    }
}

static void tag_none(scene *s)
{
    for (rf_side side = 0; side < RF_SIDES; side++)
        tag_all(s, side, -1, 0);
}

/* ---- a ring is one alert ---- */

START_TEST(a_cluster_speaks_for_its_members_and_the_edges_between_them)
{
    scene s;
    begin(&s);
    tag_none(&s);
    s.options.budget = 0;
    plan(&s);
    ck_assert_int_eq(s.plan.n, 60 + 20 + 600 + 2);
    ck_assert_int_eq(count(&s, RF_ALERT_OVER_BUDGET), 0);
    int64_t inside = 5 + 3; /* members of the two */
    for (int64_t e = 0; e < s.graph->adj.n_e; e++)
        inside += rf_clusters_of(s.clusters, s.graph, RF_EDGE, e) != NULL;
    ck_assert_int_gt(inside, 5 + 3);
    ck_assert_int_eq(count(&s, RF_ALERT_INSIDE), inside);
    static const uint32_t members[] = {0, 1, 2, 4, 7};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        ck_assert_int_eq(of_user(&s, members[i])->fate, RF_ALERT_INSIDE);
    s.options.clusters = false;
    plan(&s);
    ck_assert_int_eq(count(&s, RF_ALERT_EMITTED), 60 + 20 + 600);
    end(&s);
}
END_TEST

START_TEST(a_member_with_a_type_that_its_cluster_does_not_list_has_an_alert_of_its_own)
{
    scene s;
    begin(&s);
    tag_none(&s);
    s.clusters->at[0].n_tags = 1;
    s.clusters->at[0].tag_rule[0] = 0;
    for (uint16_t rule = 0; rule < 3; rule++) { /* listed, not listed, of no known type */
        tag_all(&s, RF_USER, rule, 0.95F);
        plan(&s);
        bool own = of_user(&s, 1)->fate == RF_ALERT_EMITTED;
        ck_assert_int_eq(own, rule == 1);
        ck_assert_int_eq(of_user(&s, 1)->known, rule < 2);
    }
    tag_all(&s, RF_USER, 1, 0.85F); /* not sure enough */
    plan(&s);
    ck_assert_int_eq(of_user(&s, 1)->fate, RF_ALERT_INSIDE);
    end(&s);
}
END_TEST

START_TEST(a_cluster_names_its_flagged_members_first)
{
    scene s;
    begin(&s);
    tag_none(&s);
    s.options.threshold_type = RF_THRESHOLD_SCORE;
    s.options.threshold = 100;
    for (int64_t i = 0; i < 60; i++)
        s.scores->side[RF_USER].score[i] = i == 2 ? 101 : 1;
    plan(&s);
    const rf_named *users = &s.plan.named[RF_USER];
    ck_assert_int_eq(users->from[1] - users->from[0], 3);
    ck_assert_int_eq(users->row[0], 2);
    ck_assert_int_eq(users->row[1], 0);
    ck_assert_int_eq(users->row[2], 1);
    ck_assert_int_eq(count(&s, RF_ALERT_EMITTED), 1); /* the other cluster has nobody flagged */
    ck_assert_int_eq(count(&s, RF_ALERT_INSIDE), 1);
    end(&s);
}
END_TEST

/* ---- the budget ---- */

START_TEST(the_budget_caps_all_kinds_together)
{
    scene s;
    begin(&s);
    s.options.budget = 0;
    plan(&s);
    int64_t all = count(&s, RF_ALERT_EMITTED), inside = count(&s, RF_ALERT_INSIDE);
    for (int64_t budget = 1; budget < all + 20; budget += 7) {
        s.options.budget = budget;
        plan(&s);
        int64_t got = count(&s, RF_ALERT_EMITTED);
        ck_assert_int_eq(got, budget < all ? budget : all);
        ck_assert_int_eq(got + count(&s, RF_ALERT_INSIDE) + count(&s, RF_ALERT_OVER_BUDGET), all + inside);
        for (size_t i = 0; i < s.plan.n; i++) { /* nobody is inside a cluster that is not emitted */
            const rf_alert *alert = &s.plan.at[i];
            if (alert->action.side != RF_NO_SIDE || alert->fate == RF_ALERT_EMITTED)
                continue;
            for (size_t k = 0; k < i; k++)
                ck_assert(s.plan.at[k].fate != RF_ALERT_INSIDE || s.plan.at[k].cluster != alert->action.row);
        }
    }
    end(&s);
}
END_TEST

START_TEST(known_types_come_first_clusters_before_users_and_rules_in_turn)
{
    scene s;
    begin(&s);
    tag_none(&s);
    tag_all(&s, RF_USER, 0, 0.95F);
    for (int64_t i = 30; i < 60; i++)
        s.tags->side[RF_USER].tags[i].rule = 1;
    for (int i = 0; i < 2; i++) { /* both clusters list both types */
        s.clusters->at[i].n_tags = 2;
        s.clusters->at[i].tag_rule[0] = 0;
        s.clusters->at[i].tag_rule[1] = 1;
    }
    s.options.budget = 20;
    plan(&s);
    int64_t of_rule[2] = {0, 0}, clusters = 0, others = 0;
    for (size_t i = 0; i < s.plan.n; i++) {
        const rf_alert *alert = &s.plan.at[i];
        if (alert->fate != RF_ALERT_EMITTED)
            continue;
        clusters += alert->action.side == RF_NO_SIDE;
        others += !alert->known;
        if (alert->action.side == RF_USER)
            of_rule[alert->first_rule]++;
    }
    ck_assert_int_eq(clusters, 2);
    ck_assert_int_eq(others, 20 / 5);
    ck_assert_int_eq(of_rule[0], 7);
    ck_assert_int_eq(of_rule[1], 7);
    end(&s);
}
END_TEST

START_TEST(each_kind_of_anomaly_keeps_a_share)
{
    rf_err err = {0};
    scene s;
    begin(&s);
    tag_none(&s);
    s.options.budget = 40;
    RF_CHECK_OK(err, rf_alerts_find(&s.plan, &s.emission, &err));
    for (size_t i = 0; i < s.plan.n;
         i++) /* the worst 50 of each are of one kind, those below of two others */
        s.plan.at[i].anomaly = s.plan.at[i].place <= 50 ? 1 : (uint8_t)(2 + i % 2);
    RF_CHECK_OK(err, rf_alerts_spend(&s.plan, &s.emission, &err));
    int64_t of_kind[4] = {0};
    for (size_t i = 0; i < s.plan.n; i++)
        of_kind[s.plan.at[i].anomaly] += s.plan.at[i].fate == RF_ALERT_EMITTED;
    ck_assert_int_eq(of_kind[2], 6); /* a third of half the budget */
    ck_assert_int_eq(of_kind[3], 6);
    ck_assert_int_eq(of_kind[1], 28);
    end(&s);
}
END_TEST

START_TEST(a_voice_flags_who_stands_out_and_has_its_share_at_most)
{
    rf_err err = {0};
    scene s;
    rf_part_id voice = 0;
    while (voice < RF_PARTS && (rf_part_table[voice].in_total || !rf_part_table[voice].of[RF_USER]))
        voice++;
    ck_assert_int_lt(voice, RF_PARTS);
    begin(&s);
    tag_none(&s);
    rf_score_side *users = &s.scores->side[RF_USER];
    rf_mem_free(users->part[voice]);
    users->part[voice] = rf_mem_zero((size_t)users->n, sizeof *users->part[voice], &err);
    for (int64_t i = 0; i < users->n; i++) { /* the voice turns the order of the score around */
        users->score[i] = (rf_real)(100 - i);
        users->percentile[i] = (float)(59 - i) / 59;
        users->part[voice][i] = i < 53 ? (float)i / 10 : (float)(100 + i);
    }
    s.options.clusters = false;
    s.options.threshold_type = RF_THRESHOLD_PERCENTILE;
    s.options.threshold = 0.89;
    s.options.budget = 0;
    plan(&s);
    for (uint32_t i = 0; i < 60; i++) {
        const rf_alert *alert = of_user(&s, i);
        ck_assert_msg((alert != NULL) == (i <= 6 || i >= 53), "user %u", i);
        if (alert == NULL)
            continue;
        ck_assert_int_eq(alert->action.rank, i + 1);
        ck_assert_int_eq(alert->voice, i <= 6 ? RF_PARTS : voice);
        ck_assert_int_eq(alert->place, i <= 6 ? i + 1 : 60 - i);
    }
    s.options.budget = 8;
    plan(&s);
    int64_t voiced = 0;
    for (size_t i = 0; i < s.plan.n; i++)
        voiced += s.plan.at[i].fate == RF_ALERT_EMITTED && s.plan.at[i].voice < RF_PARTS;
    ck_assert_int_gt(voiced, 0);
    ck_assert_int_le(voiced, 4);
    ck_assert_int_eq(count(&s, RF_ALERT_EMITTED), 8);
    s.options.budget = 0;
    for (int64_t i = 0; i < users->n; i++) /* as an exponential bulk has it: nobody stands out */
        users->part[voice][i] = (float)-log(1 - ((double)i + 0.5) / 60);
    plan(&s);
    ck_assert_ptr_null(of_user(&s, 59));
    s.options.threshold_type = RF_THRESHOLD_TOP; /* so many, and no more */
    s.options.threshold = 10;
    plan(&s);
    ck_assert_int_eq(count(&s, RF_ALERT_EMITTED), 30);
    end(&s);
}
END_TEST

START_TEST(an_edge_adds_nobody_where_its_user_is_known)
{
    scene s;
    begin(&s);
    tag_none(&s);
    tag_all(&s, RF_USER, 0, 0.95F);
    tag_all(&s, RF_EDGE, 0, 0.95F);
    s.options.clusters = false;
    s.options.budget = 100;
    plan(&s);
    int64_t users = 0, rest = 0;
    for (size_t i = 0; i < s.plan.n; i++) {
        if (s.plan.at[i].fate != RF_ALERT_EMITTED)
            continue;
        users += s.plan.at[i].action.side == RF_USER;
        rest += s.plan.at[i].action.side != RF_USER;
    }
    ck_assert_int_eq(users, 60);
    ck_assert_int_eq(rest, 40);
    end(&s);
}
END_TEST

/* A scene with times, in which user 7 is flagged by the order of its events alone. */
static void begin_sequence(scene *s)
{
    begin(s);
    rf_graph_side *edges = &s->graph->side[RF_EDGE];
    edges->first_us = rf_mem_new((size_t)edges->n, sizeof *edges->first_us, NULL);
    edges->last_us = rf_mem_new((size_t)edges->n, sizeof *edges->last_us, NULL);
    ck_assert(edges->first_us != NULL && edges->last_us != NULL);
    for (int64_t i = 0; i < edges->n; i++)
        edges->first_us[i] = edges->last_us[i] = i * i % 9973 * (i % 5 == 0 ? 1000000000 : 1000000);
    plan(s);
    for (size_t i = 0; i < s->plan.n; i++)
        s->plan.at[i].fate = RF_ALERT_OVER_BUDGET;
    s->plan.n = s->plan.n > 1 ? 2 : s->plan.n;
    ck_assert_int_eq(s->plan.n, 2);
    s->plan.at[0] = (rf_alert){.action = {.side = RF_USER, .row = 7}, .voice = RF_PART_SEQUENCE};
    s->plan.at[1] = (rf_alert){.action = {.side = RF_USER, .row = 8}, .voice = RF_PARTS};
}

START_TEST(an_order_of_events_is_said_and_nothing_else)
{
    scene s;
    rf_err err = {0};
    begin_sequence(&s);
    rf_sequences *sequences = NULL;
    rf_sequence_evidence evidence;
    rf_text want = {0};
    RF_CHECK_OK(err, rf_sequences_new(&sequences, s.graph, NULL, &err));
    RF_CHECK_OK(err, rf_sequence_explain(&evidence, sequences, RF_USER, 7, &err));
    RF_CHECK_OK(err, rf_why_sequence(&want, s.graph, &evidence, &err));
    RF_CHECK_OK(err, rf_alerts_say(&s.plan, &s.emission, &err));
    ck_assert_ptr_nonnull(want.ptr);
    ck_assert_str_eq(s.plan.at[0].why, want.ptr);
    ck_assert_ptr_null(s.plan.at[1].why);
    rf_mem_free(s.plan.at[0].why);
    s.plan.at[0].why = NULL;
    RF_SWEEP(rf_alerts_say(&s.plan, &s.emission, sweep_err), rf_mem_free(s.plan.at[0].why));
    s.plan.at[0].why = NULL;
    rf_text_clear(&want);
    rf_sequences_free(sequences);
    end(&s);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    scene s;
    begin(&s);
    s.options.budget = 20;
    RF_SWEEP(rf_alerts_find(&s.plan, &s.emission, sweep_err), rf_alerts_clear(&s.plan));
    end(&s);
}
END_TEST

RF_SUITE("alerts", a_cluster_speaks_for_its_members_and_the_edges_between_them,
         a_member_with_a_type_that_its_cluster_does_not_list_has_an_alert_of_its_own,
         a_cluster_names_its_flagged_members_first, the_budget_caps_all_kinds_together,
         known_types_come_first_clusters_before_users_and_rules_in_turn, each_kind_of_anomaly_keeps_a_share,
         a_voice_flags_who_stands_out_and_has_its_share_at_most, an_edge_adds_nobody_where_its_user_is_known,
         an_order_of_events_is_said_and_nothing_else, every_failing_allocation_is_survived)
