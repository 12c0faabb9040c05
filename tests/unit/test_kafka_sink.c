/* test_kafka_sink.c - a run as one transaction, on librdkafka's mock cluster: what is sent, what errors of
 * each kind lead to, and what the lines say. The mock applies no transactions to what consumers see; that is
 * shown on a real broker (tests/kafka/).
 */
#include "made_scores.h"

#include <pthread.h>
#include <unistd.h>

#include "mock_cluster.h"
#include "rf_check.h"
#include "rf_emit.h"
#include "rf_time.h"

#define TOPIC "actions"
#define SCORES "flagged"
#define PARTITIONS 4

/* ---- what is emitted ---- */

typedef struct scene {
    mock_cluster mock;
    rf_graph *graph;
    rf_scores *scores;
    rf_setting settings[6];
    rf_emit_options options;
    rf_emit_result result;
    rf_err err;
} scene;

static scene scene_of(made_shape shape)
{
    scene s = {.mock = mock_start(1), .graph = made_graph(shape)};
    s.scores = made_scores(s.graph);
    rf_scores_name(s.scores, s.graph, "00112233aabbccdd", 0);
    s.graph->window_from_us = s.graph->window_to_us = 0; /* the mock finds no offsets by time */
    rf_emit_options_default(&s.options);
    s.options.to = RF_EMIT_KAFKA;
    s.options.threshold_type = RF_THRESHOLD_PERCENTILE;
    s.options.threshold = 0;
    s.options.source = "/ringfence/test";
    s.options.kafka.topic = TOPIC;
    s.options.kafka.broker_timeout_us = 20 * RF_SECOND_US;
    s.options.kafka.ask_us = 0; /* the mock does not know the question */
    mock_topic(&s.mock, TOPIC, PARTITIONS);
    mock_topic(&s.mock, SCORES, PARTITIONS);
    return s;
}

static scene small_scene(void)
{
    return scene_of((made_shape){5, 4, 6, 2, 2, 2, 3});
}

/* Call when the scene has its final address: the options point into it. */
static void set(scene *s, int n, ...)
{
    va_list pairs;
    s->settings[0] = mock_servers(&s->mock);
    s->options.kafka.settings = s->settings;
    s->options.kafka.n_settings = 1 + n;
    va_start(pairs, n);
    for (int i = 1; i <= n; i++) {
        s->settings[i].key = va_arg(pairs, const char *);
        s->settings[i].value = va_arg(pairs, const char *);
    }
    va_end(pairs);
}

static rf_status emit(scene *s)
{
    s->err = (rf_err){0};
    s->result = (rf_emit_result){0};
    return rf_emit(&s->result, &(rf_findings){.graph = s->graph, .scores = s->scores}, &s->options, &s->err);
}

static void scene_end(scene *s)
{
    rf_scores_free(s->scores);
    rf_graph_free(s->graph);
    mock_stop(&s->mock);
}

/* ---- what a consumer sees ---- */

typedef struct seen {
    int32_t partition;
    char key[64], subject[80], id[33], type[40], reason[40];
    char *value; /* NULL: a tombstone */
} seen;

static void copy_header(const rd_kafka_headers_t *headers, const char *name, char *out, size_t size)
{
    const void *value;
    size_t len;
    if (rd_kafka_header_get_last(headers, name, &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR)
        snprintf(out, size, "%.*s", (int)len, (const char *)value);
}

static seen seen_of(const rd_kafka_message_t *message)
{
    seen s = {.partition = message->partition};
    rd_kafka_headers_t *headers;
    snprintf(s.key, sizeof s.key, "%.*s", (int)message->key_len, (const char *)message->key);
    ck_assert_int_eq(rd_kafka_message_headers(message, &headers), RD_KAFKA_RESP_ERR_NO_ERROR);
    copy_header(headers, "ce_subject", s.subject, sizeof s.subject);
    copy_header(headers, "ce_id", s.id, sizeof s.id);
    copy_header(headers, "ce_type", s.type, sizeof s.type);
    copy_header(headers, "reason", s.reason, sizeof s.reason);
    if (message->payload != NULL)
        s.value = strndup(message->payload, message->len);
    return s;
}

/* Every message of a topic, partition by partition; free with forget. */
static seen *look(const scene *s, const char *topic, int *n)
{
    seen *all = calloc(4000, sizeof *all);
    rd_kafka_t *client = mock_client(&s->mock, "test");
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
    *n = 0;
    for (int32_t p = 0; p < PARTITIONS; p++) {
        int64_t low, high;
        ck_assert_int_eq(rd_kafka_query_watermark_offsets(client, topic, p, &low, &high, 10000), 0);
        ck_assert_int_eq(rd_kafka_consume_start(handle, p, RD_KAFKA_OFFSET_BEGINNING), 0);
        while (low < high) {
            rd_kafka_message_t *message = rd_kafka_consume(handle, p, 10000);
            ck_assert(message != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR && *n < 4000);
            all[(*n)++] = seen_of(message);
            low = message->offset + 1;
            rd_kafka_message_destroy(message);
        }
        rd_kafka_consume_stop(handle, p);
    }
    rd_kafka_topic_destroy(handle);
    rd_kafka_destroy(client);
    return all;
}

static void forget(seen *all, int n)
{
    for (int i = 0; i < n; i++)
        free(all[i].value);
    free(all);
}

static int count_type(const seen *all, int n, const char *type)
{
    int count = 0;
    for (int i = 0; i < n; i++)
        count += strcmp(all[i].type, type) == 0;
    return count;
}

static const seen *of_subject(const seen *all, int n, const char *subject)
{
    for (int i = 0; i < n; i++)
        if (strcmp(all[i].subject, subject) == 0)
            return &all[i];
    return NULL;
}

/* ---- messages ---- */

START_TEST(a_run_is_its_actions_and_one_manifest)
{
    scene s = small_scene();
    int n;
    set(&s, 0);
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert_int_eq(s.result.flagged[RF_USER] + s.result.flagged[RF_ENTITY] + s.result.flagged[RF_EDGE], 15);
    ck_assert_int_eq(s.result.produced, 16);
    ck_assert_int_eq(s.result.aborted, 0);
    ck_assert(!s.result.already);
    seen *all = look(&s, TOPIC, &n);
    ck_assert_int_eq(n, 16);
    ck_assert_int_eq(count_type(all, n, "ringfence.action.v1"), 15);
    ck_assert_int_eq(count_type(all, n, "ringfence.run.completed.v1"), 1);
    const seen *user = of_subject(all, n, "user/user-3");
    ck_assert_ptr_nonnull(user);
    ck_assert_str_eq(user->key, "user-3");
    ck_assert(strstr(user->value, "\"kind\":\"user\",\"user\":\"user-3\"") != NULL);
    forget(all, n);
    scene_end(&s);
}
END_TEST

START_TEST(identities_are_those_of_json_lines)
{
    scene s = small_scene();
    char path[RF_TEST_PATH], pair[64];
    int n;
    set(&s, 0);
    RF_CHECK_OK(s.err, emit(&s));
    s.options.to = RF_EMIT_JSONL;
    s.options.envelope = true;
    s.options.path = rf_tmp_path(path, "envelopes.jsonl");
    RF_CHECK_OK(s.err, emit(&s));
    char *text = rf_slurp(path, NULL);
    seen *all = look(&s, TOPIC, &n);
    for (int i = 0; i < n; i++) {
        snprintf(pair, sizeof pair, "\"ce_id\":\"%s\"", all[i].id);
        ck_assert_msg(strstr(text, pair) != NULL, "%s (%s) is not in the file", pair, all[i].subject);
    }
    free(text);
    forget(all, n);
    scene_end(&s);
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
    scene s = scene_of((made_shape){N, 1, 1, 1, 1, 1, 3});
    int n;
    for (int i = 0; i < N; i++)
        ids[i] = known[i].key;
    made_graph_set_ids(&s.graph->side[RF_USER], ids);
    set(&s, 0);
    RF_CHECK_OK(s.err, emit(&s));
    seen *all = look(&s, TOPIC, &n);
    for (int i = 0; i < N; i++) {
        snprintf(subject, sizeof subject, "user/%s", known[i].key);
        const seen *message = of_subject(all, n, subject);
        ck_assert_ptr_nonnull(message);
        ck_assert_int_eq(message->partition, (known[i].hash & 0x7fffffff) % PARTITIONS);
    }
    forget(all, n);
    scene_end(&s);
}
END_TEST

START_TEST(a_run_that_is_there_is_not_sent_again_unless_forced)
{
    scene s = small_scene();
    int n;
    char path[RF_TEST_PATH];
    unlink(rf_tmp_path(path, "audit.jsonl"));
    RF_CHECK_OK(s.err, rf_audit_open(&s.options.audit, path, &s.err));
    set(&s, 0);
    RF_CHECK_OK(s.err, emit(&s));
    RF_CHECK_OK(s.err, emit(&s));
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
    seen *all = look(&s, TOPIC, &n);
    ck_assert_int_eq(n, 16);
    const seen *manifest = NULL;
    for (int i = 0; i < n; i++)
        if (strcmp(all[i].type, "ringfence.run.completed.v1") == 0)
            manifest = &all[i];
    ck_assert_int_eq(s.result.partition, manifest->partition);
    forget(all, n);

    s.options.kafka.force = true;
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert(!s.result.already);
    ck_assert_int_eq(s.result.produced, 16);
    all = look(&s, TOPIC, &n);
    ck_assert_int_eq(n, 32);
    for (int i = 0; i < n; i++) { /* each identity twice */
        int times = 0;
        for (int j = 0; j < n; j++)
            times += strcmp(all[i].id, all[j].id) == 0;
        ck_assert_int_eq(times, 2);
    }
    forget(all, n);
    scene_end(&s);
}
END_TEST

START_TEST(another_run_and_another_source_are_not_that_run)
{
    scene s = small_scene();
    set(&s, 0);
    RF_CHECK_OK(s.err, emit(&s));
    s.options.source = "/ringfence/other";
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert(!s.result.already);
    rf_scores_name(s.scores, s.graph, "another model", 0);
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert(!s.result.already);
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert(s.result.already);
    scene_end(&s);
}
END_TEST

/* ---- the score topic ---- */

START_TEST(an_erased_subject_gets_tombstones_and_leaves_the_values_of_others)
{
    scene s = small_scene();
    rf_subjects subjects = {0};
    rf_hash_key *key = NULL;
    rf_topic_erased erased;
    int n, about = 0;
    char user[16] = "";
    set(&s, 0);
    s.options.kafka.score_topic = SCORES;
    RF_CHECK_OK(s.err, emit(&s));
    seen *before = look(&s, SCORES, &n);
    for (int i = 0; i < n && user[0] == '\0'; i++) { /* one whom a shop lists among its worst edges */
        const char *edge =
            strncmp(before[i].key, "entity/", 7) != 0 ? NULL : strstr(before[i].value, "\"user\":\"user-");
        if (edge != NULL)
            snprintf(user, sizeof user, "%.*s", (int)strcspn(edge + 8, "\""), edge + 8);
    }
    forget(before, n);
    ck_assert_uint_eq(strlen(user), strlen("user-3"));
    RF_CHECK_OK(s.err, rf_hash_key_random(&key, &s.err));
    subjects.key = key;
    RF_CHECK_OK(s.err, rf_subjects_add(&subjects, RF_USER, user, strlen(user), &s.err));
    RF_CHECK_OK(s.err, rf_topic_erase(&erased, &s.options, &subjects, &s.err));
    ck_assert_int_ge(erased.tombstones, 1);
    ck_assert_int_ge(erased.rewritten, 1);
    seen *all = look(&s, SCORES, &n);
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
    forget(all, n);
    RF_CHECK_OK(s.err, rf_topic_erase(&erased, &s.options, &subjects, &s.err));
    ck_assert_int_eq(erased.tombstones + erased.rewritten, 0); /* done again, nothing is left */
    rf_subjects_clear(&subjects);
    rf_hash_key_free(key);
    scene_end(&s);
}
END_TEST

START_TEST(who_is_no_longer_flagged_gets_a_tombstone_once)
{
    scene s = small_scene();
    int n;
    set(&s, 0);
    s.options.kafka.score_topic = SCORES;
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert_int_eq(s.result.produced, 31);
    ck_assert_int_eq(s.result.tombstones, 0);
    seen *all = look(&s, SCORES, &n);
    ck_assert_int_eq(n, 15);
    ck_assert_str_eq(of_subject(all, n, "entity/shop-2")->key, "entity/shop-2");
    forget(all, n);

    rf_scores_name(s.scores, s.graph, "the next model", 0);
    s.options.threshold_type = RF_THRESHOLD_TOP;
    s.options.threshold = 2;
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert_int_eq(s.result.tombstones, 3 + 2 + 4);
    ck_assert_int_eq(s.result.produced, 7 + 6 + 9);
    all = look(&s, SCORES, &n);
    ck_assert_int_eq(n, 15 + 6 + 9);
    ck_assert_int_eq(count_type(all, n, "ringfence.cleared.v1"), 9);
    for (int i = 0; i < n; i++) {
        bool cleared = strcmp(all[i].type, "ringfence.cleared.v1") == 0;
        ck_assert_int_eq(cleared, all[i].value == NULL);
        ck_assert_str_eq(all[i].reason, cleared ? "no longer flagged" : "");
        ck_assert_str_eq(all[i].key, all[i].subject);
    }
    forget(all, n);

    rf_scores_name(s.scores, s.graph, "one more", 0);
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert_int_eq(s.result.tombstones, 0); /* the cleared stay cleared */
    scene_end(&s);
}
END_TEST

START_TEST(who_is_suppressed_gets_a_tombstone_that_says_so)
{
    static const char list[] =
        "version: 1\nsuppress:\n- {entity: shop-2, reason: r, author: a, expires: never}\n";
    scene s = small_scene();
    char path[RF_TEST_PATH];
    const char *paths[] = {rf_tmp_path(path, "suppress.yaml")};
    rf_suppressions *suppressed = NULL;
    int n, silent = 1;
    set(&s, 0);
    s.options.kafka.score_topic = SCORES;
    RF_CHECK_OK(s.err, emit(&s));
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
    seen *all = look(&s, SCORES, &n);
    bool cleared = false;
    for (int i = 0; i < n; i++) {
        if (all[i].value == NULL)
            ck_assert_str_eq(all[i].reason, "suppressed");
        cleared |= all[i].value == NULL && strcmp(all[i].key, "entity/shop-2") == 0;
    }
    ck_assert(cleared);
    forget(all, n);
    rf_suppressions_free(suppressed);
    scene_end(&s);
}
END_TEST

START_TEST(subjects_of_another_source_are_left_alone)
{
    scene s = small_scene();
    set(&s, 0);
    s.options.kafka.score_topic = SCORES;
    RF_CHECK_OK(s.err, emit(&s));
    s.options.source = "/ringfence/other";
    s.options.threshold_type = RF_THRESHOLD_TOP;
    s.options.threshold = 0;
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert_int_eq(s.result.tombstones, 0);
    scene_end(&s);
}
END_TEST

/* ---- from run to run ---- */

START_TEST(an_unchanged_alert_is_not_sent_again_but_stays_flagged)
{
    scene s = small_scene();
    char path[RF_TEST_PATH];
    int n;
    size_t len = 0;
    set(&s, 0);
    s.options.kafka.score_topic = SCORES;
    s.options.alerts = rf_tmp_path(path, "alerts.h5");
    unlink(path);
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert_int_eq(s.result.by_change[0], 15);
    char *memory = rf_slurp(path, &len);

    rf_scores_name(s.scores, s.graph, "the next model", 0);
    s.options.threshold_type = RF_THRESHOLD_TOP;
    s.options.threshold = 2;
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert_int_eq(s.result.by_change[2], 6);
    ck_assert_int_eq(s.result.by_change[3], 9);
    ck_assert_int_eq(s.result.tombstones, 9);
    seen *all = look(&s, TOPIC, &n);
    ck_assert_int_eq(n, 16 + 9 + 1);
    ck_assert_int_eq(count_type(all, n, "ringfence.action.v1"), 15);
    ck_assert_int_eq(count_type(all, n, "ringfence.cleared.v1"), 9);
    for (int i = 0; i < n; i++)
        ck_assert_ptr_nonnull(all[i].value);
    forget(all, n);
    all = look(&s, SCORES, &n);
    ck_assert_int_eq(n, 15 + 6 + 9);
    forget(all, n);

    /* killed between the commit and the memory: the topic has the run, only the memory is made up for */
    rf_spill(path, memory, len);
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert(s.result.already);
    ck_assert_int_eq(s.result.produced, 0);
    rf_scores_name(s.scores, s.graph, "one more", 0);
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert_int_eq(s.result.by_change[2], 6);
    ck_assert_int_eq(s.result.by_change[3], 0);
    all = look(&s, TOPIC, &n);
    ck_assert_int_eq(n, 16 + 9 + 1 + 1);
    forget(all, n);
    free(memory);
    scene_end(&s);
}
END_TEST

/* ---- errors that pass ---- */

START_TEST(errors_that_pass_are_waited_out)
{
    scene s = small_scene();
    int n;
    set(&s, 1, "retry.backoff.ms", "20");
    rd_kafka_mock_push_request_errors(s.mock.cluster, MOCK_INIT_PRODUCER_ID, 2,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                      RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS);
    rd_kafka_mock_push_request_errors(s.mock.cluster, MOCK_ADD_PARTITIONS_TO_TXN, 2,
                                      RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE);
    rd_kafka_mock_push_request_errors(s.mock.cluster, MOCK_PRODUCE, 2,
                                      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
    rd_kafka_mock_push_request_errors(s.mock.cluster, MOCK_END_TXN, 2,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert_int_eq(s.result.aborted, 0);
    ck_assert_int_eq(s.result.produced, 16);
    seen *all = look(&s, TOPIC, &n);
    ck_assert_int_eq(n, 16);
    forget(all, n);
    scene_end(&s);
}
END_TEST

static void *heal_topic_soon(void *context)
{
    const mock_cluster *mock = context;
    usleep(700000);
    rd_kafka_mock_topic_set_error(mock->cluster, TOPIC, RD_KAFKA_RESP_ERR_NO_ERROR);
    return NULL;
}

START_TEST(a_topic_with_a_passing_error_is_waited_for)
{
    static const rd_kafka_resp_err_t codes[] = {RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
                                                RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        scene s = small_scene();
        pthread_t healer;
        set(&s, 0);
        rd_kafka_mock_topic_set_error(s.mock.cluster, TOPIC, codes[i]);
        ck_assert(pthread_create(&healer, NULL, heal_topic_soon, &s.mock) == 0);
        RF_CHECK_OK(s.err, emit(&s));
        ck_assert_int_eq(s.result.produced, 16);
        pthread_join(healer, NULL);
        scene_end(&s);
    }
}
END_TEST

static void abort_by(int16_t request, rd_kafka_resp_err_t code)
{
    scene s = small_scene();
    set(&s, 1, "retry.backoff.ms", "20");
    s.options.kafka.score_topic = SCORES;
    s.options.kafka.force = true; /* else it would find what the mock cannot hide */
    rd_kafka_mock_push_request_errors(s.mock.cluster, request, 1, code);
    RF_CHECK_OK(s.err, emit(&s));
    ck_assert_msg(s.result.aborted == 1, "%s: %lld aborted", rd_kafka_err2name(code),
                  (long long)s.result.aborted);
    ck_assert_int_eq(s.result.produced, 31); /* of the transaction that was committed */
    ck_assert_int_eq(s.result.flagged[RF_USER], 5);
    scene_end(&s);
}

START_TEST(an_abortable_error_sends_the_run_again)
{
    abort_by(MOCK_ADD_PARTITIONS_TO_TXN, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING);
    abort_by(MOCK_PRODUCE, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID);
}
END_TEST

START_TEST(a_run_is_sent_three_times_at_most)
{
    scene s = small_scene();
    set(&s, 1, "retry.backoff.ms", "20");
    rd_kafka_mock_push_request_errors(
        s.mock.cluster, MOCK_ADD_PARTITIONS_TO_TXN, 3, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING);
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, "nothing was published", emit(&s));
    RF_CHECK_OK(s.err, emit(&s));
    scene_end(&s);
}
END_TEST

/* ---- errors that do not ---- */

static void fail_by(int16_t request, rd_kafka_resp_err_t code, const char *part)
{
    scene s = small_scene();
    set(&s, 1, "retry.backoff.ms", "20");
    s.options.kafka.force = request == MOCK_END_TXN; /* else it would find what the mock cannot hide */
    rd_kafka_mock_push_request_errors(s.mock.cluster, request, 1, code);
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, part, emit(&s));
    RF_CHECK_OK(s.err, emit(&s)); /* nothing is left that would be in the way */
    scene_end(&s);
}

START_TEST(what_no_repetition_heals_is_one_clear_line)
{
    fail_by(MOCK_INIT_PRODUCER_ID, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            "transactional id ringfence-emit:actions:/ringfence/test may not be used");
    fail_by(MOCK_INIT_PRODUCER_ID, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, "IdempotentWrite");
    fail_by(MOCK_INIT_PRODUCER_ID, RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT,
            "transaction.max.timeout.ms");
    fail_by(MOCK_ADD_PARTITIONS_TO_TXN, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "Describe and Write");
    fail_by(MOCK_PRODUCE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "Describe and Write");
    fail_by(MOCK_PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "the message about ");
}
END_TEST

START_TEST(who_is_fenced_says_by_whom)
{
    fail_by(MOCK_END_TXN, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, "another emit with transactional.id ");
    fail_by(MOCK_ADD_PARTITIONS_TO_TXN, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, "has started and fenced this one");
}
END_TEST

START_TEST(a_message_over_the_limit_is_named)
{
    scene s = small_scene();
    char *id = malloc(3001);
    const char *ids[] = {"a", "b", id, "d", "e"};
    int n;
    memset(id, 'x', 3000);
    id[3000] = '\0';
    made_graph_set_ids(&s.graph->side[RF_USER], ids);
    set(&s, 1, "message.max.bytes", "4000");
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, "the message about user/xxx", emit(&s));
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, "(4000)", emit(&s));
    seen *all = look(&s, TOPIC, &n);
    ck_assert_int_eq(count_type(all, n, "ringfence.run.completed.v1"), 0);
    forget(all, n);
    free(id);
    scene_end(&s);
}
END_TEST

START_TEST(a_transaction_that_would_time_out_is_given_up_in_time)
{
    scene s = small_scene();
    set(&s, 2, "transaction.timeout.ms", "1500", "message.timeout.ms", "1500");
    rd_kafka_mock_broker_push_request_error_rtts(s.mock.cluster, 1, MOCK_PRODUCE, 4, 0, 1400, 0, 1400, 0,
                                                 1400, 0, 1400);
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, "kafka.transaction.timeout.ms (1500)", emit(&s));
    scene_end(&s);
}
END_TEST

START_TEST(brokers_that_do_not_answer_are_given_up)
{
    scene s = small_scene();
    set(&s, 0);
    s.options.kafka.broker_timeout_us = 2 * RF_SECOND_US;
    mock_set_down(&s.mock, 1, true);
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, s.mock.servers, emit(&s));
    mock_set_down(&s.mock, 1, false);
    RF_CHECK_OK(s.err, emit(&s));
    scene_end(&s);
}
END_TEST

START_TEST(a_request_to_stop_publishes_nothing)
{
    scene s = small_scene();
    volatile sig_atomic_t stop = 1;
    int n;
    set(&s, 0);
    s.options.stop = &stop;
    RF_CHECK_FAILS(s.err, RF_E_INTERRUPTED, "nothing was published", emit(&s));
    seen *all = look(&s, TOPIC, &n);
    ck_assert_int_eq(count_type(all, n, "ringfence.run.completed.v1"), 0);
    forget(all, n);
    scene_end(&s);
}
END_TEST

START_TEST(options_that_cannot_work_are_refused)
{
    scene s = small_scene();
    set(&s, 0);
    s.options.kafka.topic = NULL;
    RF_CHECK_FAILS(s.err, RF_E_INVALID, "emit.topic", emit(&s));
    s.options.kafka.topic = TOPIC;
    s.options.kafka.score_topic = TOPIC;
    RF_CHECK_FAILS(s.err, RF_E_INVALID, "emit.score_topic", emit(&s));
    s.options.kafka.score_topic = NULL;
    set(&s, 1, "partitioner", "random");
    RF_CHECK_FAILS(s.err, RF_E_INVALID, "kafka.partitioner must be murmur2_random", emit(&s));
    set(&s, 1, "enable.idempotence", "false");
    RF_CHECK_FAILS(s.err, RF_E_INVALID, "kafka.enable.idempotence", emit(&s));
    set(&s, 1, "acks", "1");
    RF_CHECK_FAILS(s.err, RF_E_INVALID, "kafka.acks", emit(&s));
    scene_end(&s);
}
END_TEST

START_TEST(a_missing_topic_is_named_with_its_key)
{
    scene s = small_scene();
    set(&s, 0);
    rd_kafka_mock_topic_set_error(s.mock.cluster, TOPIC, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, "there is no topic actions (emit.topic)", emit(&s));
    rd_kafka_mock_topic_set_error(s.mock.cluster, TOPIC, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, "actions: ", emit(&s));
    scene_end(&s);
}
END_TEST

START_TEST(emission_to_kafka_survives_every_failing_allocation)
{
    scene s = scene_of((made_shape){2, 1, 2, 1, 1, 1, 3});
    set(&s, 0);
    s.options.kafka.score_topic = SCORES;
    s.options.kafka.force = true;
    const rf_findings findings = {.graph = s.graph, .scores = s.scores};
    RF_SWEEP(rf_emit(&s.result, &findings, &s.options, sweep_err), (void)0);
    s.options.kafka.force = false;
    RF_SWEEP(rf_emit(&s.result, &findings, &s.options, sweep_err), (void)0);
    ck_assert(s.result.already);
    scene_end(&s);
}
END_TEST

RF_SUITE("kafka sink", a_run_is_its_actions_and_one_manifest, identities_are_those_of_json_lines,
         keys_land_where_the_java_client_puts_them, a_run_that_is_there_is_not_sent_again_unless_forced,
         another_run_and_another_source_are_not_that_run,
         an_erased_subject_gets_tombstones_and_leaves_the_values_of_others,
         who_is_no_longer_flagged_gets_a_tombstone_once, who_is_suppressed_gets_a_tombstone_that_says_so,
         subjects_of_another_source_are_left_alone, an_unchanged_alert_is_not_sent_again_but_stays_flagged,
         errors_that_pass_are_waited_out, a_topic_with_a_passing_error_is_waited_for,
         an_abortable_error_sends_the_run_again, a_run_is_sent_three_times_at_most,
         what_no_repetition_heals_is_one_clear_line, who_is_fenced_says_by_whom,
         a_message_over_the_limit_is_named, a_transaction_that_would_time_out_is_given_up_in_time,
         brokers_that_do_not_answer_are_given_up, a_request_to_stop_publishes_nothing,
         options_that_cannot_work_are_refused, a_missing_topic_is_named_with_its_key,
         emission_to_kafka_survives_every_failing_allocation)
