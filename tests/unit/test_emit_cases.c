/* test_emit_cases.c - what tags, clusters and suppressions change in messages, and what the audit log says.
 */
#include <sys/wait.h>

#include "made_clusters.h"
#include "made_graph.h"
#include "made_tags.h"
#include "rf_check.h"
#include "rf_emit.h"
#include "rf_text.h"

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
    rf_score_options options;
    char path[RF_TEST_PATH];
    rf_score_options_default(&options);
    rf_outputs *outputs = made_outputs(s.graph, 5);
    RF_CHECK_OK(err, rf_score_outputs(&s.scores, s.graph, outputs, &options, NULL, &err));
    rf_scores_name(s.scores, s.graph, "00112233aabbccdd", INT64_C(1525132800000000));
    made_outputs_free(outputs);
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

static int64_t count_of(const char *text, const char *part)
{
    int64_t n = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        n++;
    return n;
}

static int64_t best_user(const scene *s)
{
    int64_t best = 0;
    for (int64_t i = 1; i < s->graph->u.n; i++)
        best = s->scores->u.score[i] > s->scores->u.score[best] ? i : best;
    return best;
}

START_TEST(messages_carry_the_case)
{
    scene s = scene_of(NULL, "case.jsonl");
    char *text = emit(&s);
    int64_t subjects = s.result.users + s.result.entities + s.result.edges;
    ck_assert_int_eq(s.result.users, 12);
    ck_assert_int_eq(count_of(text, "\"why\":\""), subjects);
    ck_assert_int_eq(count_of(text, "\"parts\":{"), subjects);
    ck_assert_int_gt(count_of(text, "\"type\":\"promo_abuse\""), 0);
    ck_assert_int_gt(count_of(text, "\"signal\":\""), 0);
    ck_assert_int_gt(s.result.clusters, 0);
    ck_assert_int_eq(count_of(text, "\"kind\":\"cluster\""), s.result.clusters);
    for (int64_t i = 0; i < s.clusters->n; i++) /* dense blocks and what is gone are no actions */
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
    free(text);
    end(&s);
}
END_TEST

START_TEST(a_sure_tag_flags_whatever_the_score)
{
    scene s = scene_of(NULL, "tagged.jsonl");
    s.options.threshold = 0;
    s.options.tag_confidence = 0.5;
    char *text = emit(&s);
    int64_t want = 0;
    for (int64_t i = 0; i < s.graph->u.n; i++) {
        bool sure = false;
        for (int64_t k = s.tags->u.ptr[i]; k < s.tags->u.ptr[i + 1]; k++)
            sure = sure || s.tags->u.tags[k].confidence >= 0.5F;
        want += sure;
    }
    ck_assert_int_gt(want, 0);
    ck_assert_int_lt(want, s.graph->u.n);
    ck_assert_int_eq(s.result.users, want);
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
    char *text = emit(&s);
    snprintf(key, sizeof key, "\"user\":\"user-%lld\"", (long long)user);
    int64_t edges = s.graph->adj.u_ptr[user + 1] - s.graph->adj.u_ptr[user];
    ck_assert_int_eq(s.result.users, s.graph->u.n - 1);
    ck_assert_int_eq(s.result.edges, s.graph->e.n - edges);
    ck_assert_int_eq(s.result.suppressed, 1 + edges);
    ck_assert_ptr_nonnull(strstr(text, "\"suppressed\":"));
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        const char *at = strstr(line, "\"kind\":\"entity\"") == NULL ? strstr(line, key)
                                                                     : NULL; /* as a neighbour it may stand */
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
    for (int64_t i = 0; i < s.graph->u.n; i++)
        silent += rf_suppression_silences(s.suppressed, s.graph, s.tags, 'u', i);
    ck_assert_int_gt(silent, 0);
    ck_assert_int_eq(s.result.users, s.graph->u.n - silent);
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
    int64_t actions = s.result.users + s.result.entities + s.result.edges + s.result.clusters;
    ck_assert_int_eq(count_of(text, "\"event\":\"emission.begun\""), 1);
    ck_assert_int_eq(count_of(text, "\"event\":\"emission\""), 1);
    ck_assert_int_eq(count_of(text, "\"event\":\"action\""), actions);
    ck_assert_int_eq(count_of(text, "\"event\":\"suppressed\""), s.result.suppressed);
    ck_assert_ptr_nonnull(
        strstr(text, "\"reason\":\"a \\\"test\\\"\",\"author\":\"jo\",\"expires\":\"never\""));
    free(text);
    s.options.path = "/not/there/actions.jsonl"; /* an emission that fails leaves its trace */
    ck_assert(rf_emit(&s.result, &s.findings, &s.options, &err) < 0);
    rf_audit_close(audit);
    text = rf_slurp(audit_path, NULL);
    ck_assert_int_eq(count_of(text, "\"event\":\"emission\""), 1);
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
         the_audit_log_tells_what_was_decided, messages_follow_their_schema,
         every_failing_allocation_is_survived)
