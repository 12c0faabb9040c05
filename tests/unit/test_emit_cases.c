/* test_emit_cases.c - what tags, clusters and suppressions change in messages, and what the audit log says.
 */
#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "made_clusters.h"
#include "made_scores.h"
#include "made_tags.h"
#include "rf_check.h"
#include "rf_emit.h"
#include "rf_text.h"
#include "rf_time.h"

typedef struct scene {
    rf_graph *graph;
    rf_scores *scores;
    rf_tags *tags;
    rf_clusters *clusters;
    rf_suppressions *suppressed;
    rf_findings findings;
    rf_emit_options options;
    rf_emit_result result;
    char path[RF_TEST_PATH];
} scene;

static scene scene_of(const char *suppress, const char *output)
{
    scene s = {.graph = made_graph((made_shape){60, 20, 200, 4, 3, 3, 9})};
    rf_err err = {0};
    char path[RF_TEST_PATH];
    s.scores = made_scores(s.graph);
    s.tags = made_tags(s.graph, s.scores, 3);
    s.clusters = made_clusters(s.graph, s.scores);
    if (suppress != NULL) {
        const char *paths[] = {rf_tmp_path(path, "suppress.yaml")};
        rf_spill(path, suppress, strlen(suppress));
        RF_CHECK_OK(err, rf_suppressions_load(&s.suppressed, paths, 1, s.graph, 0, &err));
    }
    s.findings = (rf_findings){s.graph, s.scores, s.tags, s.clusters, s.suppressed};
    rf_emit_options_default(&s.options);
    s.options.threshold_type = RF_THRESHOLD_TOP;
    s.options.threshold = 12;
    s.options.budget = 0;
    rf_tmp_path(s.path, output);
    return s;
}

static char *emit(scene *s)
{
    rf_err err = {0};
    s->options.path = s->path;
    RF_CHECK_OK(err, rf_emit(&s->result, &s->findings, &s->options, &err));
    return rf_slurp(s->path, NULL);
}

static void end(scene *s)
{
    rf_suppressions_free(s->suppressed);
    rf_clusters_free(s->clusters);
    rf_tags_free(s->tags);
    rf_scores_free(s->scores);
    rf_graph_free(s->graph);
}

static int64_t subjects_of(const rf_emit_result *result)
{
    return result->flagged[RF_USER] + result->flagged[RF_ENTITY] + result->flagged[RF_EDGE];
}

static int64_t best_user(const scene *s)
{
    int64_t best = 0;
    for (int64_t i = 1; i < s->graph->side[RF_USER].n; i++)
        best = s->scores->side[RF_USER].score[i] > s->scores->side[RF_USER].score[best] ? i : best;
    return best;
}

START_TEST(messages_carry_the_case)
{
    scene s = scene_of(NULL, "case.jsonl");
    s.options.tag_confidence = 2;
    char *text = emit(&s);
    int64_t subjects = subjects_of(&s.result), inside = s.result.inside;
    ck_assert_int_eq(rf_count_of(text, "\"why\":\""), subjects + s.result.clusters);
    ck_assert_int_eq(rf_count_of(text, "\"parts\":{"), subjects);
    ck_assert_int_gt(rf_count_of(text, "\"type\":\"promo_abuse\""), 0);
    ck_assert_int_gt(rf_count_of(text, "\"signal\":\""), 0);
    ck_assert_int_gt(s.result.clusters, 0);
    ck_assert_int_eq(rf_count_of(text, "\"kind\":\"cluster\""), s.result.clusters);
    for (int64_t i = 0; i < s.clusters->n;
         i++) /* dense blocks and clusters that are gone do not become actions */
        if (s.clusters->at[i].method == RF_CLUSTER_DENSE || s.clusters->at[i].change == RF_CLUSTER_GONE) {
            char key[64];
            snprintf(key, sizeof key, "\"kind\":\"cluster\",\"user\":null,\"entity\":null,\"id\":\"%s\"",
                     s.clusters->at[i].id);
            ck_assert_ptr_null(strstr(text, key));
        }
    free(text);
    s.options.clusters = false;
    text = emit(&s);
    ck_assert_int_eq(s.result.clusters, 0);
    ck_assert_ptr_null(strstr(text, "\"kind\":\"cluster\""));
    ck_assert_int_eq(s.result.flagged[RF_USER], 12);
    ck_assert_int_gt(inside, 0);
    ck_assert_int_eq(subjects_of(&s.result), subjects + inside);
    free(text);
    end(&s);
}
END_TEST

START_TEST(a_sure_tag_flags_whatever_the_score)
{
    scene s = scene_of(NULL, "tagged.jsonl");
    s.options.threshold = 0;
    s.options.tag_confidence = 0.5;
    s.options.clusters = false;
    char *text = emit(&s);
    int64_t want = 0, unknown = 0;
    for (int64_t i = 0; i < s.graph->side[RF_USER].n; i++) {
        bool sure = false;
        for (int64_t k = s.tags->side[RF_USER].ptr[i]; k < s.tags->side[RF_USER].ptr[i + 1]; k++) {
            const rf_tag *tag = &s.tags->side[RF_USER].tags[k];
            bool is_unknown = strcmp(rf_tag_type(s.tags, tag), RF_UNKNOWN_PATTERN) == 0;
            sure = sure || (tag->confidence >= 0.5F && !is_unknown);
            unknown += tag->confidence >= 0.5F && is_unknown;
        }
        want += sure;
    }
    ck_assert_int_gt(unknown, 0); /* their percentile is no confidence */
    ck_assert_int_gt(want, 0);
    ck_assert_int_lt(want, s.graph->side[RF_USER].n);
    ck_assert_int_eq(s.result.flagged[RF_USER], want);
    ck_assert_ptr_nonnull(strstr(text, "\"threshold\":{\"top\":0,\"tag_confidence\":0.5}"));
    free(text);
    end(&s);
}
END_TEST

START_TEST(the_suppressed_are_never_emitted)
{
    scene probe = scene_of(NULL, "probe.jsonl");
    char list[256], key[64];
    int64_t user = best_user(&probe);
    end(&probe);
    snprintf(list, sizeof list,
             "version: 1\nsuppress:\n- {user: user-%lld, reason: r, author: a, expires: never}\n",
             (long long)user);
    scene s = scene_of(list, "suppressed.jsonl");
    s.options.threshold = 200;
    char *whole = emit(&s);
    int64_t emitted = subjects_of(&s.result) + s.result.inside, suppressed = s.result.suppressed;
    s.options.clusters = false;
    char *text = emit(&s);
    snprintf(key, sizeof key, "\"user\":\"user-%lld\"", (long long)user);
    ck_assert_int_eq(emitted, subjects_of(&s.result));
    ck_assert_int_eq(suppressed, s.result.suppressed);
    for (char *line = strtok(whole, "\n"); line != NULL; line = strtok(NULL, "\n"))
        ck_assert(strstr(line, "\"kind\":\"entity\"") != NULL || strstr(line, key) == NULL);
    free(whole);
    int64_t edges = s.graph->adj.u_ptr[user + 1] - s.graph->adj.u_ptr[user];
    ck_assert_int_eq(s.result.flagged[RF_USER], s.graph->side[RF_USER].n - 1);
    ck_assert_int_eq(s.result.flagged[RF_EDGE], s.graph->side[RF_EDGE].n - edges);
    ck_assert_int_eq(s.result.suppressed, 1 + edges);
    ck_assert_ptr_nonnull(strstr(text, "\"suppressed\":"));
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        const char *at = strstr(line, "\"kind\":\"entity\"") == NULL ? strstr(line, key)
                                                                     : NULL; /* as a neighbour it may occur */
        ck_assert_msg(at == NULL, "%s", line);
    }
    free(text);
    end(&s);
}
END_TEST

START_TEST(a_type_can_be_suppressed_alone)
{
    rf_err err = {0};
    rf_text list = {0};
    RF_CHECK_OK(err, rf_text_printf(&list, &err, "version: 1\nsuppress:\n"));
    for (int i = 0; i < 60; i++)
        RF_CHECK_OK(
            err, rf_text_printf(
                     &list, &err,
                     "- {user: user-%d, types: [promo_abuse], reason: r, author: a, expires: never}\n", i));
    scene s = scene_of(list.ptr, "typed.jsonl");
    s.options.threshold = 60;
    s.options.clusters = false;
    char *text = emit(&s);
    int64_t silent = 0;
    for (int64_t i = 0; i < s.graph->side[RF_USER].n; i++)
        silent += rf_suppression_silences(s.suppressed, s.graph, s.tags, RF_USER, i);
    ck_assert_int_gt(silent, 0);
    ck_assert_int_eq(s.result.flagged[RF_USER], s.graph->side[RF_USER].n - silent);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        ck_assert(strstr(line, "\"kind\":\"user\"") == NULL ||
                  strstr(line, "\"type\":\"promo_abuse\"") == NULL);
    free(text);
    rf_text_clear(&list);
    end(&s);
}
END_TEST

START_TEST(the_audit_log_tells_what_was_decided)
{
    char audit_path[RF_TEST_PATH],
        list[] = "version: 1\nsuppress:\n- {user: user-1, reason: a \"test\", author: jo, expires: never}\n";
    rf_err err = {0};
    rf_audit *audit = NULL;
    scene s = scene_of(list, "audited.jsonl");
    unlink(rf_tmp_path(audit_path, "audit.jsonl"));
    RF_CHECK_OK(err, rf_audit_open(&audit, audit_path, &err));
    s.options.threshold = 200;
    s.options.audit = audit;
    free(emit(&s));
    char *text = rf_slurp(audit_path, NULL);
    int64_t actions = s.result.flagged[RF_USER] + s.result.flagged[RF_ENTITY] + s.result.flagged[RF_EDGE] +
                      s.result.clusters;
    ck_assert_int_eq(rf_count_of(text, "\"event\":\"emission.begun\""), 1);
    ck_assert_int_eq(rf_count_of(text, "\"event\":\"emission\""), 1);
    ck_assert_int_eq(rf_count_of(text, "\"event\":\"action\""), actions);
    ck_assert_int_eq(rf_count_of(text, "\"event\":\"suppressed\""), s.result.suppressed);
    ck_assert_ptr_nonnull(
        strstr(text, "\"reason\":\"a \\\"test\\\"\",\"author\":\"jo\",\"expires\":\"never\""));
    free(text);
    static volatile sig_atomic_t stop = 1;
    s.options.stop = &stop; /* an emission that fails leaves its trace, and no action */
    RF_CHECK_FAILS(err, RF_E_INTERRUPTED, "interrupted", rf_emit(&s.result, &s.findings, &s.options, &err));
    rf_audit_close(audit);
    text = rf_slurp(audit_path, NULL);
    ck_assert_int_eq(rf_count_of(text, "\"event\":\"emission.begun\""), 2);
    ck_assert_int_eq(rf_count_of(text, "\"event\":\"emission.failed\""), 1);
    ck_assert_int_eq(rf_count_of(text, "\"event\":\"emission\""), 1);
    ck_assert_int_eq(rf_count_of(text, "\"event\":\"action\""), actions);
    free(text);
    end(&s);
}
END_TEST

/* The number after "key": in the last line that has `event`. */
static int64_t figure_of(const char *text, const char *event, const char *key)
{
    char wanted[64];
    const char *line = NULL, *at = text;
    snprintf(wanted, sizeof wanted, "\"event\":\"%s\"", event);
    while ((at = strstr(at, wanted)) != NULL)
        line = at++;
    ck_assert_ptr_nonnull(line);
    snprintf(wanted, sizeof wanted, "\"%s\":", key);
    const char *figure = strstr(line, wanted);
    ck_assert(figure != NULL && memchr(line, '\n', (size_t)(figure - line)) == NULL);
    return strtoll(figure + strlen(wanted), NULL, 10);
}

/* Types of actions are counted as messages carry them; those taken by a suppression are counted apart, by
 * list. */
START_TEST(the_audit_log_counts_the_tags_that_were_emitted)
{
    rf_err err = {0};
    rf_text list = {0};
    rf_audit *audit = NULL;
    char audit_path[RF_TEST_PATH];
    RF_CHECK_OK(err, rf_text_printf(&list, &err, "version: 1\nsuppress:\n"));
    for (int i = 0; i < 30; i++)
        RF_CHECK_OK(err, rf_text_printf(&list, &err,
                                        "- {user: user-%d, types: [collusion], reason: agreed, author: kim, "
                                        "expires: never}\n",
                                        i));
    scene s = scene_of(list.ptr, "counted.jsonl");
    unlink(rf_tmp_path(audit_path, "counted_audit.jsonl"));
    RF_CHECK_OK(err, rf_audit_open(&audit, audit_path, &err));
    s.options.audit = audit;
    s.options.threshold = 200;
    s.options.clusters = false;
    char *messages = emit(&s);
    rf_audit_close(audit);
    char *text = rf_slurp(audit_path, NULL);
    int64_t emitted = rf_count_of(messages, "\"type\":\"collusion\""), all = 0;
    for (int i = 0; i < 3; i++) {
        const rf_tag_side *side = &s.tags->side[i];
        for (int64_t k = 0; k < side->ptr[side->n]; k++)
            all += strcmp(rf_tag_type(s.tags, &side->tags[k]), "collusion") == 0;
    }
    ck_assert_int_gt(emitted, 0);
    ck_assert_int_lt(emitted, all);
    ck_assert_int_eq(figure_of(text, "emission", "collusion"), emitted);
    ck_assert_int_eq(figure_of(text, "emission", "promo_abuse"),
                     rf_count_of(messages, "\"type\":\"promo_abuse\""));
    int64_t taken = 0, silenced = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        bool takes = strstr(line, "\"taken\":[\"collusion\"]") != NULL;
        bool is_silenced = strstr(line, "\"event\":\"suppressed\"") != NULL;
        ck_assert_int_eq(takes, strstr(line, "\"reason\":\"agreed\",\"author\":\"kim\"") != NULL);
        ck_assert(takes || !is_silenced);
        taken += takes;
        silenced += is_silenced;
    }
    ck_assert_int_eq(taken, all - emitted);
    ck_assert_int_gt(silenced, 0);
    ck_assert_int_lt(silenced, taken); /* some had another tag, and were emitted */
    ck_assert_int_eq(silenced, s.result.suppressed);
    free(text);
    free(messages);
    rf_text_clear(&list);
    end(&s);
}
END_TEST

START_TEST(a_cluster_names_nobody_who_is_suppressed)
{
    scene s = scene_of("version: 1\nsuppress:\n"
                       "- {entity: shop-1, reason: r, author: a, expires: never}\n"
                       "- {user: user-2, reason: r, author: a, expires: never}\n"
                       "- {user: user-4, reason: r, author: a, expires: never}\n"
                       "- {user: user-7, reason: r, author: a, expires: never}\n"
                       "- {entity: shop-3, reason: r, author: a, expires: never}\n",
                       "members.jsonl");
    s.options.threshold = 200;
    char *text = emit(&s);
    ck_assert_int_eq(s.result.clusters, 1); /* of the second community everybody is suppressed */
    const char *line = strstr(text, "\"kind\":\"cluster\"");
    ck_assert_ptr_nonnull(line);
    ck_assert_ptr_nonnull(strstr(line, "\"method\":\"communities\",\"users\":3,\"entities\":2"));
    ck_assert_ptr_nonnull(strstr(line,
                                 "\"user_ids\":[\"user-0\",\"user-1\"],\"entity_ids\":[\"shop-0\"],"
                                 "\"common_entities\":[{\"entity\":\"shop-0\",\"users\":2,\"all_users\":"));
    free(text);
    end(&s);
}
END_TEST

/* ---- sizes ---- */

#define CROWD 300
#define LONG_ID 1000

/* One community of everybody: CROWD users and as many entities, their ids `length` bytes of what JSON writes
 * with six each. */
static scene crowd_of(int length, const char *output)
{
    static char id[2][CROWD][LONG_ID + 1];
    const char *ids[CROWD];
    scene s = {.graph = made_graph((made_shape){CROWD, CROWD, 900, 2, 2, 2, 9})};
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < CROWD; i++) {
            memset(id[side][i], 1, sizeof id[side][i]);
            snprintf(id[side][i] + length - 4, 5, "%04d", i);
            ids[i] = id[side][i];
        }
        made_graph_set_ids(side == 0 ? &s.graph->side[RF_USER] : &s.graph->side[RF_ENTITY], ids);
    }
    s.scores = made_scores(s.graph);
    s.clusters = made_clusters(s.graph, s.scores);
    rf_mem_free(s.clusters->rows[RF_USER]);
    rf_mem_free(s.clusters->rows[RF_ENTITY]);
    s.clusters->rows[RF_USER] = rf_mem_new(CROWD, sizeof *s.clusters->rows[RF_USER], NULL);
    s.clusters->rows[RF_ENTITY] = rf_mem_new(CROWD, sizeof *s.clusters->rows[RF_ENTITY], NULL);
    for (uint32_t i = 0; i < CROWD; i++)
        s.clusters->rows[RF_USER][i] = s.clusters->rows[RF_ENTITY][i] = i;
    s.clusters->at[0].n[RF_USER] = s.clusters->at[0].n[RF_ENTITY] = CROWD;
    s.clusters->at[0].n_common = RF_CLUSTER_COMMON;
    for (uint32_t i = 0; i < RF_CLUSTER_COMMON; i++) {
        s.clusters->at[0].common[i] = i;
        s.clusters->at[0].common_users[i] = 1;
    }
    s.findings = (rf_findings){.graph = s.graph, .scores = s.scores, .clusters = s.clusters};
    rf_emit_options_default(&s.options);
    s.options.threshold_type = RF_THRESHOLD_TOP;
    s.options.threshold = CROWD;
    s.options.envelope = true;
    rf_tmp_path(s.path, output);
    return s;
}

START_TEST(messages_fit_a_topic_whatever_ids_look_like)
{
    const size_t limit = 1000000; /* librdkafka's message.max.bytes; a broker's is 1048588 */
    scene s = crowd_of(LONG_ID, "long.jsonl");
    char *text = emit(&s);
    size_t longest = 0;
    ck_assert_int_gt(s.result.clusters, 0);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        longest = strlen(line) > longest ? strlen(line) : longest;
    ck_assert_uint_gt(longest, limit / 2); /* the scene is as bad as it is meant to be */
    ck_assert_uint_lt(longest, limit);
    free(text);
    end(&s);
}
END_TEST

START_TEST(a_large_cluster_lists_some_of_its_members)
{
    scene s = crowd_of(8, "large.jsonl");
    char *text = emit(&s), *line = strstr(text, "\"kind\":\"cluster\"");
    ck_assert_ptr_nonnull(line);
    *strchr(line, '\n') = '\0';
    char *users = strstr(line, "\"user_ids\":["), *entities = strstr(line, "\"entity_ids\":[");
    ck_assert(users != NULL && entities != NULL && users < entities);
    ck_assert_ptr_nonnull(strstr(line, "\"users\":300,\"entities\":300"));
    *entities = '\0';
    ck_assert_int_eq(rf_count_of(users, "\\u0001\\u0001\\u0001\\u0001"), 200);
    free(text);
    end(&s);
}
END_TEST

/* The mean that replaced missing data was never observed. */
START_TEST(missing_data_is_no_observation)
{
    scene s = scene_of(NULL, "missing.jsonl");
    rf_err err = {0};
    rf_score_options options;
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    int64_t user = best_user(&s);
    rf_outputs *outputs = made_outputs(s.graph, 5);
    for (int c = 0; c < s.graph->side[RF_USER].d; c++)
        s.graph->side[RF_USER].x[user * s.graph->side[RF_USER].d + c] = (rf_real)-0.0;
    rf_scores_free(s.scores);
    RF_CHECK_OK(err, rf_score_outputs(&s.scores, s.graph, outputs, &options, NULL, &err));
    made_outputs_free(outputs);
    s.findings = (rf_findings){.graph = s.graph, .scores = s.scores};
    s.options.threshold = 60;
    char *text = emit(&s), key[64];
    snprintf(key, sizeof key, "\"kind\":\"user\",\"user\":\"user-%lld\"", (long long)user);
    char *line = strstr(text, key);
    ck_assert_ptr_nonnull(line);
    *strchr(line, '\n') = '\0';
    int64_t reasons = rf_count_of(line, "\"observed\":");
    ck_assert_int_gt(reasons, 0);
    ck_assert_int_eq(rf_count_of(line, "\"observed\":null,\"expected\":"), reasons);
    free(text);
    end(&s);
}
END_TEST

/* The first message about a subject of this kind and id. */
static char *line_about(char *text, const char *kind, const char *id)
{
    char key[96];
    snprintf(key, sizeof key, "\"kind\":\"%s\",\"user\":\"%s\"", kind, id);
    char *at = strstr(text, key);
    ck_assert_msg(at != NULL, "%s", key);
    at[strcspn(at, "\n")] = '\0';
    return at;
}

START_TEST(tags_name_their_rule_and_the_edge_that_they_come_from)
{
    scene s = scene_of(NULL, "origin.jsonl");
    char part[200], user_id[32];
    const rf_tag_side *users = &s.tags->side[RF_USER];
    int64_t user = 0, k = 0;
    for (k = 0; k < users->ptr[users->n] && (users->tags[k].edge == RF_NO_EDGE || users->tags[k].rule == 2);
         k++)
        ;
    ck_assert_int_lt(k, users->ptr[users->n]);
    while (users->ptr[user + 1] <= k)
        user++;
    s.options.threshold = 200;
    s.options.clusters = false;
    char *text = emit(&s);
    snprintf(user_id, sizeof user_id, "user-%lld", (long long)user);
    const char *line = line_about(text, "user", user_id);
    snprintf(part, sizeof part, "\"rule\":{\"name\":\"%s\",\"revision\":%lld,\"about\":\"%s\"}",
             s.tags->rules_name, (long long)s.tags->rules_version,
             rf_texts_get(&s.tags->rule_about, users->tags[k].rule));
    ck_assert_msg(strstr(line, part) != NULL, "%s is not in %s", part, line);
    uint32_t edge = users->tags[k].edge;
    snprintf(part, sizeof part, "\"edge\":{\"user\":\"user-%u\",\"entity\":\"shop-%u\"}",
             s.graph->adj.e_u[edge], s.graph->adj.e_v[edge]);
    ck_assert_int_ge(rf_count_of(line, part), users->tags[k].n_evidence);
    free(text);
    end(&s);
}
END_TEST

START_TEST(the_percentile_of_an_unknown_pattern_is_no_confidence)
{
    scene s = scene_of(NULL, "unknown.jsonl");
    s.options.threshold = 200;
    s.options.clusters = false;
    char *text = emit(&s);
    int64_t unknown, all = rf_count_of(text, "\"type\":\"unknown_pattern\"");
    unknown = rf_count_of(text, "\"type\":\"unknown_pattern\",\"confidence\":0,\"percentile\":");
    ck_assert_int_gt(all, 0);
    ck_assert_int_eq(unknown, all);
    free(text);
    end(&s);
}
END_TEST

START_TEST(since_is_the_earliest_event_that_the_alert_is_about)
{
    const int64_t day_us = INT64_C(86400000000);
    scene s = scene_of(NULL, "since.jsonl");
    rf_graph_side *edges = &s.graph->side[RF_EDGE];
    s.findings.tags = NULL;
    s.options.clusters = false;
    s.options.threshold = 200;
    char *text = emit(&s);
    ck_assert_int_eq(rf_count_of(text, "\"since\":null"), subjects_of(&s.result)); /* no times */
    free(text);
    edges->first_us = rf_mem_zero((size_t)edges->n, sizeof *edges->first_us, NULL);
    edges->last_us = rf_mem_zero((size_t)edges->n, sizeof *edges->last_us, NULL);
    int64_t user = best_user(&s), from = s.graph->adj.u_ptr[user], to = s.graph->adj.u_ptr[user + 1];
    ck_assert_int_ge(to - from, 2);
    for (int64_t e = 0; e < edges->n; e++) {
        edges->first_us[e] = edges->last_us[e] = (100 + e) * day_us;
        if (e >= from && e < to) /* two worst ones; of the others nobody asks */
            s.scores->side[RF_EDGE].score[e] = (rf_real)(e == to - 1 ? 10 : e == to - 2 ? 5 : 4);
    }
    text = emit(&s);
    char user_id[32], when[RF_TIME_TEXT], part[64];
    snprintf(user_id, sizeof user_id, "user-%lld", (long long)user);
    snprintf(part, sizeof part, "\"since\":\"%s\"", rf_time_format(when, (100 + to - 2) * day_us));
    const char *line = line_about(text, "user", user_id);
    ck_assert_msg(strstr(line, part) != NULL, "%s is not in %s", part, line);
    free(text);
    end(&s);
}
END_TEST

START_TEST(messages_follow_their_schema)
{
    char command[3 * RF_TEST_PATH], path[RF_TEST_PATH];
    scene s = scene_of("version: 1\nsuppress:\n- {user: user-1, reason: r, author: a, expires: never}\n",
                       "valid.jsonl");
    s.options.threshold = 100;
    s.options.tag_confidence = 0.1;
    free(emit(&s));
    end(&s);
    const char *root = getenv("RF_SOURCE_DIR");
    snprintf(command, sizeof command, "python3 %s/tests/cli/validate_actions.py %s/export/schema %s",
             root == NULL ? "." : root, root == NULL ? "." : root, rf_tmp_path(path, "valid.jsonl"));
    int status = system(command);
    status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (status == 77 || status == 127)
        RF_SKIP("no Python with jsonschema (Debian: python3-jsonschema): the schemas stay unchecked");
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    scene s = scene_of("version: 1\nsuppress:\n- {user: user-1, reason: r, author: a, expires: never}\n",
                       "sweep.jsonl");
    s.options.threshold = 2;
    s.options.path = s.path;
    RF_SWEEP(rf_emit(&s.result, &s.findings, &s.options, sweep_err), (void)0);
    end(&s);
}
END_TEST

RF_SUITE("emit_cases", messages_carry_the_case, a_sure_tag_flags_whatever_the_score,
         the_suppressed_are_never_emitted, a_type_can_be_suppressed_alone,
         the_audit_log_tells_what_was_decided, the_audit_log_counts_the_tags_that_were_emitted,
         a_cluster_names_nobody_who_is_suppressed, messages_fit_a_topic_whatever_ids_look_like,
         a_large_cluster_lists_some_of_its_members, missing_data_is_no_observation,
         tags_name_their_rule_and_the_edge_that_they_come_from,
         the_percentile_of_an_unknown_pattern_is_no_confidence,
         since_is_the_earliest_event_that_the_alert_is_about, messages_follow_their_schema,
         every_failing_allocation_is_survived)
