/* test_kafka_sink.c - a run as one transaction, on librdkafka's mock cluster: what is sent, and what is sent
 * again by later runs. The mock applies no transactions to what consumers see; that is shown on a real broker
 * (tests/kafka/).
 */
#include "emit_scene.h"

/* ---- messages ---- */

START_TEST(a_run_is_its_actions_and_one_manifest)
{
    emit_scene s = emit_scene_small();
    int n;
    emit_scene_set(&s, 0);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert_int_eq(s.result.flagged[RF_USER] + s.result.flagged[RF_ENTITY] + s.result.flagged[RF_EDGE], 15);
    ck_assert_int_eq(s.result.produced, 16);
    ck_assert_int_eq(s.result.aborted, 0);
    ck_assert(!s.result.already);
    emit_seen *all = emit_seen_all(&s, TOPIC, &n);
    ck_assert_int_eq(n, 16);
    ck_assert_int_eq(emit_seen_of_type(all, n, "ringfence.action.v1"), 15);
    ck_assert_int_eq(emit_seen_of_type(all, n, "ringfence.run.completed.v1"), 1);
    const emit_seen *user = emit_seen_subject(all, n, "user/user-3");
    ck_assert_ptr_nonnull(user);
    ck_assert_str_eq(user->key, "user-3");
    ck_assert(strstr(user->value, "\"kind\":\"user\",\"user\":\"user-3\"") != NULL);
    emit_seen_free(all, n);
    emit_scene_end(&s);
}
END_TEST

START_TEST(identities_are_those_of_json_lines)
{
    emit_scene s = emit_scene_small();
    char path[RF_TEST_PATH], pair[64];
    int n;
    emit_scene_set(&s, 0);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    s.options.to = RF_EMIT_JSONL;
    s.options.envelope = true;
    s.options.path = rf_tmp_path(path, "envelopes.jsonl");
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    char *text = rf_slurp(path, NULL);
    emit_seen *all = emit_seen_all(&s, TOPIC, &n);
    for (int i = 0; i < n; i++) {
        snprintf(pair, sizeof pair, "\"ce_id\":\"%s\"", all[i].id);
        ck_assert_msg(strstr(text, pair) != NULL, "%s (%s) is not in the file", pair, all[i].subject);
    }
    free(text);
    emit_seen_free(all, n);
    emit_scene_end(&s);
}
END_TEST

/* The hashes are those of the Java client's own tests (UtilsTest.testMurmur2). */
START_TEST(keys_land_where_the_java_client_puts_them)
{
    static const struct {
        const char *key;
        int32_t hash;
    } known[] = {{"21", -973932308},
                 {"foobar", -790332482},
                 {"a-little-bit-long-string", -985981536},
                 {"a-little-bit-longer-string", -1486304829},
                 {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
                 {"abc", 479470107}};
    enum { N = sizeof known / sizeof known[0] };
    const char *ids[N];
    char subject[80];
    emit_scene s = emit_scene_of((made_shape){N, 1, 1, 1, 1, 1, 3});
    int n;
    for (int i = 0; i < N; i++)
        ids[i] = known[i].key;
    made_graph_set_ids(&s.graph->side[RF_USER], ids);
    emit_scene_set(&s, 0);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    emit_seen *all = emit_seen_all(&s, TOPIC, &n);
    for (int i = 0; i < N; i++) {
        snprintf(subject, sizeof subject, "user/%s", known[i].key);
        const emit_seen *message = emit_seen_subject(all, n, subject);
        ck_assert_ptr_nonnull(message);
        ck_assert_int_eq(message->partition, (known[i].hash & 0x7fffffff) % PARTITIONS);
    }
    emit_seen_free(all, n);
    emit_scene_end(&s);
}
END_TEST

START_TEST(a_run_that_is_there_is_not_sent_again_unless_forced)
{
    emit_scene s = emit_scene_small();
    int n;
    char path[RF_TEST_PATH];
    unlink(rf_tmp_path(path, "audit.jsonl"));
    RF_CHECK_OK(s.err, rf_audit_open(&s.options.audit, path, &s.err));
    emit_scene_set(&s, 0);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert(s.result.already);
    rf_audit_close(s.options.audit);
    s.options.audit = NULL;
    char *text = rf_slurp(path, NULL), *found = strstr(text, "\"event\":\"emission\"");
    ck_assert_ptr_nonnull(found); /* the second one says where the first one's messages are */
    ck_assert_ptr_null(strstr(found, "\"event\":\"emission.begun\""));
    ck_assert_ptr_nonnull(strstr(found, "\"event\":\"emission.found\""));
    free(text);
    ck_assert_int_eq(s.result.produced, 0);
    ck_assert_int_eq(s.result.flagged[RF_USER], 5);
    ck_assert(s.result.offset >= 0 && s.result.time_us > 0);
    emit_seen *all = emit_seen_all(&s, TOPIC, &n);
    ck_assert_int_eq(n, 16);
    const emit_seen *manifest = NULL;
    for (int i = 0; i < n; i++)
        if (strcmp(all[i].type, "ringfence.run.completed.v1") == 0)
            manifest = &all[i];
    ck_assert_int_eq(s.result.partition, manifest->partition);
    emit_seen_free(all, n);

    s.options.kafka.force = true;
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert(!s.result.already);
    ck_assert_int_eq(s.result.produced, 16);
    all = emit_seen_all(&s, TOPIC, &n);
    ck_assert_int_eq(n, 32);
    for (int i = 0; i < n; i++) { /* each identity twice */
        int times = 0;
        for (int j = 0; j < n; j++)
            times += strcmp(all[i].id, all[j].id) == 0;
        ck_assert_int_eq(times, 2);
    }
    emit_seen_free(all, n);
    emit_scene_end(&s);
}
END_TEST

START_TEST(another_run_and_another_source_are_not_that_run)
{
    emit_scene s = emit_scene_small();
    emit_scene_set(&s, 0);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    s.options.source = "/ringfence/other";
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert(!s.result.already);
    rf_scores_name(s.scores, s.graph, "another model", 0);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert(!s.result.already);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert(s.result.already);
    emit_scene_end(&s);
}
END_TEST

/* ---- the score topic ---- */

START_TEST(an_erased_subject_gets_tombstones_and_leaves_the_values_of_others)
{
    emit_scene s = emit_scene_small();
    rf_subjects subjects = {0};
    rf_hash_key *key = NULL;
    rf_topic_erased erased;
    int n, about = 0;
    char user[16] = "";
    emit_scene_set(&s, 0);
    s.options.kafka.score_topic = SCORES;
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    emit_seen *before = emit_seen_all(&s, SCORES, &n);
    for (int i = 0; i < n && user[0] == '\0'; i++) { /* one whom a shop lists among its worst edges */
        const char *edge =
            strncmp(before[i].key, "entity/", 7) != 0 ? NULL : strstr(before[i].value, "\"user\":\"user-");
        if (edge != NULL)
            snprintf(user, sizeof user, "%.*s", (int)strcspn(edge + 8, "\""), edge + 8);
    }
    emit_seen_free(before, n);
    ck_assert_uint_eq(strlen(user), strlen("user-3"));
    RF_CHECK_OK(s.err, rf_hash_key_random(&key, &s.err));
    subjects.key = key;
    RF_CHECK_OK(s.err, rf_subjects_add(&subjects, RF_USER, user, strlen(user), &s.err));
    RF_CHECK_OK(s.err, rf_topic_erase(&erased, &s.options, &subjects, &s.err));
    ck_assert_int_ge(erased.tombstones, 1);
    ck_assert_int_ge(erased.rewritten, 1);
    emit_seen *all = emit_seen_all(&s, SCORES, &n);
    for (int i = 0; i < n; i++) { /* the last value of each key does not name it */
        bool last = true;
        for (int j = i + 1; j < n; j++)
            last = last && strcmp(all[i].key, all[j].key) != 0;
        about += last && strstr(all[i].key, user) != NULL;
        if (last && strstr(all[i].key, user) != NULL)
            ck_assert_ptr_null(all[i].value);
        else if (last)
            ck_assert(all[i].value != NULL && strstr(all[i].value, user) == NULL);
    }
    ck_assert_int_eq(about, erased.tombstones);
    emit_seen_free(all, n);
    RF_CHECK_OK(s.err, rf_topic_erase(&erased, &s.options, &subjects, &s.err));
    ck_assert_int_eq(erased.tombstones + erased.rewritten, 0); /* done again, nothing is left */
    rf_subjects_clear(&subjects);
    rf_hash_key_free(key);
    emit_scene_end(&s);
}
END_TEST

START_TEST(who_is_no_longer_flagged_gets_a_tombstone_once)
{
    emit_scene s = emit_scene_small();
    int n;
    emit_scene_set(&s, 0);
    s.options.kafka.score_topic = SCORES;
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert_int_eq(s.result.produced, 31);
    ck_assert_int_eq(s.result.tombstones, 0);
    emit_seen *all = emit_seen_all(&s, SCORES, &n);
    ck_assert_int_eq(n, 15);
    ck_assert_str_eq(emit_seen_subject(all, n, "entity/shop-2")->key, "entity/shop-2");
    emit_seen_free(all, n);

    rf_scores_name(s.scores, s.graph, "the next model", 0);
    s.options.threshold_type = RF_THRESHOLD_TOP;
    s.options.threshold = 2;
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert_int_eq(s.result.tombstones, 3 + 2 + 4);
    ck_assert_int_eq(s.result.produced, 7 + 6 + 9);
    all = emit_seen_all(&s, SCORES, &n);
    ck_assert_int_eq(n, 15 + 6 + 9);
    ck_assert_int_eq(emit_seen_of_type(all, n, "ringfence.cleared.v1"), 9);
    for (int i = 0; i < n; i++) {
        bool cleared = strcmp(all[i].type, "ringfence.cleared.v1") == 0;
        ck_assert_int_eq(cleared, all[i].value == NULL);
        ck_assert_str_eq(all[i].reason, cleared ? "no longer flagged" : "");
        ck_assert_str_eq(all[i].key, all[i].subject);
    }
    emit_seen_free(all, n);

    rf_scores_name(s.scores, s.graph, "one more", 0);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert_int_eq(s.result.tombstones, 0); /* the cleared stay cleared */
    emit_scene_end(&s);
}
END_TEST

START_TEST(who_is_suppressed_gets_a_tombstone_that_says_so)
{
    static const char list[] =
        "version: 1\nsuppress:\n- {entity: shop-2, reason: r, author: a, expires: never}\n";
    emit_scene s = emit_scene_small();
    char path[RF_TEST_PATH];
    const char *paths[] = {rf_tmp_path(path, "suppress.yaml")};
    rf_suppressions *suppressed = NULL;
    int n, silent = 1;
    emit_scene_set(&s, 0);
    s.options.kafka.score_topic = SCORES;
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    rf_spill(path, list, sizeof list - 1);
    RF_CHECK_OK(s.err, rf_suppressions_load(&suppressed, paths, 1, s.graph, 0, &s.err));
    for (int64_t e = 0; e < s.graph->side[RF_EDGE].n; e++)
        silent += s.graph->adj.e_v[e] == 2;
    ck_assert_int_gt(silent, 1);
    rf_scores_name(s.scores, s.graph, "the next model", 0);
    const rf_findings findings = {.graph = s.graph, .scores = s.scores, .suppressed = suppressed};
    RF_CHECK_OK(s.err, rf_emit(&s.result, &findings, &s.options, &s.err));
    ck_assert_int_eq(s.result.suppressed, silent);
    ck_assert_int_eq(s.result.tombstones, silent);
    emit_seen *all = emit_seen_all(&s, SCORES, &n);
    bool cleared = false;
    for (int i = 0; i < n; i++) {
        if (all[i].value == NULL)
            ck_assert_str_eq(all[i].reason, "suppressed");
        cleared |= all[i].value == NULL && strcmp(all[i].key, "entity/shop-2") == 0;
    }
    ck_assert(cleared);
    emit_seen_free(all, n);
    rf_suppressions_free(suppressed);
    emit_scene_end(&s);
}
END_TEST

START_TEST(subjects_of_another_source_are_left_alone)
{
    emit_scene s = emit_scene_small();
    emit_scene_set(&s, 0);
    s.options.kafka.score_topic = SCORES;
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    s.options.source = "/ringfence/other";
    s.options.threshold_type = RF_THRESHOLD_TOP;
    s.options.threshold = 0;
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert_int_eq(s.result.tombstones, 0);
    emit_scene_end(&s);
}
END_TEST

/* ---- from run to run ---- */

START_TEST(an_unchanged_alert_is_not_sent_again_but_stays_flagged)
{
    emit_scene s = emit_scene_small();
    char path[RF_TEST_PATH];
    int n;
    size_t len = 0;
    emit_scene_set(&s, 0);
    s.options.kafka.score_topic = SCORES;
    s.options.alerts = rf_tmp_path(path, "alerts.h5");
    unlink(path);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert_int_eq(s.result.by_change[0], 15);
    char *memory = rf_slurp(path, &len);

    rf_scores_name(s.scores, s.graph, "the next model", 0);
    s.options.threshold_type = RF_THRESHOLD_TOP;
    s.options.threshold = 2;
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert_int_eq(s.result.by_change[2], 6);
    ck_assert_int_eq(s.result.by_change[3], 9);
    ck_assert_int_eq(s.result.tombstones, 9);
    emit_seen *all = emit_seen_all(&s, TOPIC, &n);
    ck_assert_int_eq(n, 16 + 9 + 1);
    ck_assert_int_eq(emit_seen_of_type(all, n, "ringfence.action.v1"), 15);
    ck_assert_int_eq(emit_seen_of_type(all, n, "ringfence.cleared.v1"), 9);
    for (int i = 0; i < n; i++)
        ck_assert_ptr_nonnull(all[i].value);
    emit_seen_free(all, n);
    all = emit_seen_all(&s, SCORES, &n);
    ck_assert_int_eq(n, 15 + 6 + 9);
    emit_seen_free(all, n);

    /* killed between the commit and the memory: the topic has the run, only the memory is made up for */
    rf_spill(path, memory, len);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert(s.result.already);
    ck_assert_int_eq(s.result.produced, 0);
    rf_scores_name(s.scores, s.graph, "one more", 0);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert_int_eq(s.result.by_change[2], 6);
    ck_assert_int_eq(s.result.by_change[3], 0);
    all = emit_seen_all(&s, TOPIC, &n);
    ck_assert_int_eq(n, 16 + 9 + 1 + 1);
    emit_seen_free(all, n);
    free(memory);
    emit_scene_end(&s);
}
END_TEST

RF_SUITE("kafka sink", a_run_is_its_actions_and_one_manifest, identities_are_those_of_json_lines,
         keys_land_where_the_java_client_puts_them, a_run_that_is_there_is_not_sent_again_unless_forced,
         another_run_and_another_source_are_not_that_run,
         an_erased_subject_gets_tombstones_and_leaves_the_values_of_others,
         who_is_no_longer_flagged_gets_a_tombstone_once, who_is_suppressed_gets_a_tombstone_that_says_so,
         subjects_of_another_source_are_left_alone, an_unchanged_alert_is_not_sent_again_but_stays_flagged)
