/* test_emit_kinds.c - messages about entities and edges of several kinds: which kind they name, whom they are
 * told apart by, and what becomes of them in later runs.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "made_clusters.h"
#include "made_scores.h"
#include "made_tags.h"
#include "rf_check.h"
#include "rf_emit.h"
#include "rf_mem.h"

#define KINDS 3
#define FLAGGED 100 /* a score that reaches the threshold */

typedef struct scene {
    rf_graph *graph;
    rf_scores *scores;
    rf_clusters *clusters;
    rf_findings findings;
    rf_emit_options options;
    rf_emit_result result;
    char path[RF_TEST_PATH], alerts[RF_TEST_PATH];
} scene;

/* Entities of all kinds have the same ids: only their kinds tell them apart. */
static void begin(scene *s)
{
    static const made_shape shapes[KINDS] = {
        {40, 20, 120, 2, 2, 2, 3}, {40, 30, 90, 2, 2, 1, 4}, {40, 9, 50, 2, 1, 2, 5}};
    static char names[30][16];
    const char *ids[30];
    *s = (scene){.graph = made_graph_of_kinds(shapes, KINDS)};
    for (int i = 0; i < 30; i++) {
        snprintf(names[i], sizeof names[i], "id-%d", i);
        ids[i] = names[i];
    }
    for (int k = 0; k < KINDS; k++)
        made_graph_set_ids(&s->graph->side[rf_entity_side(k)], ids);
    s->scores = made_scores(s->graph);
    s->clusters = made_clusters(s->graph, s->scores);
    s->findings = (rf_findings){.graph = s->graph, .scores = s->scores};
    rf_emit_options_default(&s->options);
    s->options.threshold_type = RF_THRESHOLD_SCORE;
    s->options.threshold = FLAGGED;
    s->options.path = rf_tmp_path(s->path, "kinds.jsonl");
    s->options.alerts = rf_tmp_path(s->alerts, "alerts.h5");
    s->options.envelope = true;
    unlink(s->alerts);
}

static void end(scene *s)
{
    unsetenv("SOURCE_DATE_EPOCH");
    rf_clusters_free(s->clusters);
    rf_scores_free(s->scores);
    rf_graph_free(s->graph);
}

static void nobody_is_flagged(scene *s)
{
    for (rf_side side = 0; side < rf_sides(&s->graph->kinds); side++) {
        for (int64_t i = 0; i < s->scores->side[side].n; i++)
            s->scores->side[side].score[i] = 1;
    }
}

static char *emit(scene *s, const char *seconds)
{
    rf_err err = {0};
    setenv("SOURCE_DATE_EPOCH", seconds, 1);
    rf_scores_name(s->scores, s->graph, seconds, 0);
    RF_CHECK_OK(err, rf_emit(&s->result, &s->findings, &s->options, &err));
    return rf_slurp(s->path, NULL);
}

/* The value of a field of the first line after `from` that says `what`; "" if there is none. */
static const char *field_of(char out[64], const char *text, const char *what, const char *field)
{
    const char *line = strstr(text, what);
    out[0] = '\0';
    while (line != NULL && line > text && line[-1] != '\n')
        line--;
    const char *at = line != NULL ? strstr(line, field) : NULL;
    if (at != NULL && (strchr(line, '\n') == NULL || at < strchr(line, '\n')))
        snprintf(out, 64, "%.*s",
                 (int)strcspn(at + strlen(field), "\"") < 63 ? (int)strcspn(at + strlen(field), "\"") : 63,
                 at + strlen(field));
    return out;
}

START_TEST(entities_of_one_id_are_told_apart_by_their_kind)
{
    scene s;
    char one[64], other[64];
    begin(&s);
    nobody_is_flagged(&s);
    for (int k = 0; k < KINDS; k++)
        s.scores->side[rf_entity_side(k)].score[5] = FLAGGED;
    rf_graph_side *cards = &s.graph->side[rf_entity_side(2)];
    cards->hub = rf_mem_zero((size_t)cards->n, 1, NULL);
    ck_assert_ptr_nonnull(cards->hub);
    cards->hub[5] = 1;
    char *text = emit(&s, "1000000000");
    ck_assert_int_eq(s.result.flagged[RF_ENTITY], KINDS);
    ck_assert_int_eq(rf_count_of(text, "\"hub\":"), 1);
    ck_assert(strstr(text, "\"entity_kind\":\"card\",\"hub\":true,") != NULL);
    ck_assert_int_eq(s.result.flagged_of[rf_entity_side(1)], 1);
    ck_assert(strstr(text, "\"user\":null,\"entity\":\"id-5\",\"entity_kind\":\"shop\",") != NULL);
    ck_assert(strstr(text, "\"user\":null,\"entity\":\"id-5\",\"entity_kind\":\"device\",") != NULL);
    ck_assert(strstr(text, "\"ce_subject\":\"entity/id-5\"") != NULL);
    ck_assert(strstr(text, "\"ce_subject\":\"entity:device/id-5\"") != NULL);
    ck_assert(strstr(text, "\"ce_subject\":\"entity:card/id-5\"") != NULL);
    const char *fields[] = {"\"ce_id\":\"", "\"alert_id\":\""};
    for (int i = 0; i < 2; i++) {
        field_of(one, text, "entity:device/", fields[i]);
        field_of(other, text, "entity:card/", fields[i]);
        ck_assert_int_eq(strlen(one), 32);
        ck_assert_str_ne(one, other);
        ck_assert_str_ne(one, field_of(other, text, "entity/id-5", fields[i]));
    }
    ck_assert(strstr(text,
                     "\"kinds\":{\"shop\":{\"actions\":{\"entity\":1,\"edge\":0},\"scored\":{\"entity\":20,"
                     "\"edge\":120}},") != NULL);
    free(text);
    end(&s);
}
END_TEST

/* The worst device is one of a flagged user's, the other one of nobody's who is flagged. */
START_TEST(a_thing_of_a_flagged_user_gets_no_place)
{
    scene s;
    begin(&s);
    nobody_is_flagged(&s);
    const rf_adj *adj = rf_graph_adj(s.graph, 1);
    const uint32_t user = adj->e_u[0], device = adj->e_v[0];
    int64_t other = 0;
    for (int64_t e = adj->n_e - 1; e >= 0; e--) {
        if (adj->e_v[e] == other && adj->e_u[e] == user) { /* look at the next one, from its last edge */
            other++;
            e = adj->n_e;
        }
    }
    s.scores->side[RF_USER].score[user] = FLAGGED;
    s.scores->side[rf_entity_side(1)].score[device] = 2 * FLAGGED;
    s.scores->side[rf_entity_side(1)].score[other] = FLAGGED;
    s.options.budget = 2;
    char wanted[64], unwanted[64], *text = emit(&s, "1000000000");
    snprintf(wanted, sizeof wanted, "\"ce_subject\":\"entity:device/id-%d\"", (int)other);
    snprintf(unwanted, sizeof unwanted, "\"ce_subject\":\"entity:device/id-%d\"", (int)device);
    ck_assert(strstr(text, "\"ce_subject\":\"user/") != NULL);
    ck_assert(strstr(text, wanted) != NULL && strstr(text, unwanted) == NULL);
    free(text);
    static const int64_t room[] = {3, 0}; /* of a budget, and without one: it tells nothing new */
    for (int i = 0; i < 2; i++) {
        s.options.budget = room[i];
        text = emit(&s, "1000000000");
        ck_assert(strstr(text, wanted) != NULL && strstr(text, unwanted) == NULL);
        ck_assert_int_eq(s.result.over_budget, 0); /* a higher one would not send it */
        ck_assert_int_eq(s.result.passed_over, 1);
        ck_assert(strstr(text, "\"over_budget\":0,\"passed_over\":1,") != NULL);
        free(text);
    }
    s.options.budget = 1; /* users, and the main kind, go before */
    text = emit(&s, "1000000000");
    ck_assert(strstr(text, "\"ce_subject\":\"user/") != NULL && strstr(text, wanted) == NULL);
    ck_assert(s.result.over_budget == 1 && s.result.passed_over == 1);
    free(text);
    end(&s);
}
END_TEST

START_TEST(a_thing_that_is_rather_innocent_gets_no_place)
{
    scene s;
    rf_err err = {0};
    begin(&s);
    nobody_is_flagged(&s);
    rf_score_side *devices = &s.scores->side[rf_entity_side(1)];
    devices->fdr = rf_mem_new((size_t)devices->n, sizeof *devices->fdr, &err);
    devices->p_value = rf_mem_new((size_t)devices->n, sizeof *devices->p_value, &err);
    for (int64_t i = 0; i < devices->n; i++)
        devices->fdr[i] = devices->p_value[i] = 0;
    devices->score[3] = devices->score[4] = FLAGGED;
    devices->fdr[3] = 0.51F;
    devices->fdr[4] = 0.5F;
    char *text = emit(&s, "1000000000");
    ck_assert(strstr(text, "\"ce_subject\":\"entity:device/id-4\"") != NULL);
    ck_assert(strstr(text, "\"ce_subject\":\"entity:device/id-3\"") == NULL);
    free(text);
    end(&s);
}
END_TEST

START_TEST(an_edge_names_its_entity_and_its_kind)
{
    scene s;
    char part[160];
    begin(&s);
    nobody_is_flagged(&s);
    s.scores->side[rf_edge_side(1)].score[7] = FLAGGED;
    char *text = emit(&s, "1000000000");
    const rf_adj *adj = rf_graph_adj(s.graph, 1);
    snprintf(part, sizeof part,
             "\"kind\":\"edge\",\"user\":\"user-%u\",\"entity\":\"id-%u\",\"entity_kind\":\"device\"",
             adj->e_u[7], adj->e_v[7]);
    ck_assert_msg(strstr(text, part) != NULL, "%s", text);
    ck_assert(strstr(text, "\"ce_subject\":\"edge:device/[") != NULL);
    free(text);
    end(&s);
}
END_TEST

START_TEST(a_user_says_of_which_kind_its_worst_edges_are)
{
    scene s;
    begin(&s);
    nobody_is_flagged(&s);
    s.scores->side[RF_USER].score[3] = FLAGGED;
    for (int64_t e = 0; e < s.graph->side[rf_edge_side(2)].n; e++)
        s.scores->side[rf_edge_side(2)].score[e] = 50;
    char *text = emit(&s, "1000000000");
    const rf_adj *cards = rf_graph_adj(s.graph, 2);
    ck_assert(cards->u_ptr[4] > cards->u_ptr[3]);
    ck_assert(strstr(text, "\"edges\":[{\"entity\":\"id-") != NULL);
    ck_assert(strstr(text, "\"entity_kind\":\"card\",\"score\":50") != NULL);
    free(text);
    end(&s);
}
END_TEST

START_TEST(a_cluster_lists_its_members_by_kind)
{
    scene s;
    begin(&s);
    nobody_is_flagged(&s);
    s.findings.clusters = s.clusters;
    s.scores->side[rf_entity_side(1)].score[2] = FLAGGED; /* a member of the first community */
    char *text = emit(&s, "1000000000");
    ck_assert_int_eq(s.result.clusters, 1);
    ck_assert_int_eq(s.result.inside, 1);
    ck_assert(strstr(text, "\"users\":3,\"entities\":4,") != NULL);
    ck_assert(strstr(text, "\"entity_ids\":[\"id-0\",\"id-1\"],\"kinds\":{\"shop\":{\"entities\":2,\"entity_"
                           "ids\":[\"id-0\",\"id-1\"]},"
                           "\"device\":{\"entities\":2,\"entity_ids\":[\"id-2\",\"id-0\"]},"
                           "\"card\":{\"entities\":0,\"entity_ids\":[]}}") != NULL);
    const int64_t all = rf_adj_users_of(rf_graph_adj(s.graph, 1), 2);
    char part[160];
    snprintf(part, sizeof part,
             "{\"entity\":\"id-2\",\"entity_kind\":\"device\",\"users\":3,\"all_users\":%d}", (int)all);
    ck_assert(strstr(text, part) != NULL);
    ck_assert(strstr(text, "\"why\":\"3 users, 2 shops and 2 devices: ") != NULL);
    snprintf(part, sizeof part, "All its 3 users share device id-2%s", all > 3 ? ", which has " : ".\"");
    ck_assert_msg(strstr(text, part) != NULL, "%s", text);
    free(text);
    end(&s);
}
END_TEST

START_TEST(alerts_of_a_kind_live_on_and_go)
{
    scene s;
    begin(&s);
    nobody_is_flagged(&s);
    s.scores->side[rf_entity_side(1)].score[5] = FLAGGED;
    s.scores->side[RF_ENTITY].score[5] = FLAGGED;
    free(emit(&s, "1000000000"));
    free(emit(&s, "1000086400")); /* the same */
    ck_assert_int_eq(s.result.by_change[2], 2);
    s.scores->side[rf_entity_side(1)].score[5] = 1;
    s.scores->side[rf_entity_side(2)].score[5] = FLAGGED; /* another kind's entity of that id is new */
    char *text = emit(&s, "1000172800");
    ck_assert_int_eq(s.result.by_change[0], 1);
    ck_assert_int_eq(s.result.by_change[2], 1);
    ck_assert_int_eq(s.result.by_change[3], 1);
    ck_assert(strstr(text, "\"ce_type\":\"ringfence.cleared.v1\"") != NULL);
    ck_assert(strstr(text, "\"ce_subject\":\"entity:device/id-5\"") != NULL);
    ck_assert(strstr(text, "\"kind\":\"entity\",\"user\":null,\"entity\":\"id-5\",\"entity_kind\":\"device\","
                           "\"alert_id\"") != NULL);
    free(text);
    end(&s);
}
END_TEST

RF_SUITE("emit_kinds", a_thing_of_a_flagged_user_gets_no_place, a_thing_that_is_rather_innocent_gets_no_place,
         entities_of_one_id_are_told_apart_by_their_kind, an_edge_names_its_entity_and_its_kind,
         a_user_says_of_which_kind_its_worst_edges_are, a_cluster_lists_its_members_by_kind,
         alerts_of_a_kind_live_on_and_go)
