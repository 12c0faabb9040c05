/* test_kafka_sink_errors.c - what errors of each kind lead to when a run is sent, on librdkafka's mock
 * cluster, and what the lines say.
 */
#include "emit_scene.h"

#include <pthread.h>
#include <unistd.h>

#include "rf_time.h"

/* ---- errors that pass ---- */

START_TEST(errors_that_pass_are_waited_out)
{
    emit_scene s = emit_scene_small();
    int n;
    emit_scene_set(&s, 1, "retry.backoff.ms", "20");
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
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert_int_eq(s.result.aborted, 0);
    ck_assert_int_eq(s.result.produced, 16);
    emit_seen *all = emit_seen_all(&s, TOPIC, &n);
    ck_assert_int_eq(n, 16);
    emit_seen_free(all, n);
    emit_scene_end(&s);
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
        emit_scene s = emit_scene_small();
        pthread_t healer;
        emit_scene_set(&s, 0);
        rd_kafka_mock_topic_set_error(s.mock.cluster, TOPIC, codes[i]);
        ck_assert(pthread_create(&healer, NULL, heal_topic_soon, &s.mock) == 0);
        RF_CHECK_OK(s.err, emit_scene_emit(&s));
        ck_assert_int_eq(s.result.produced, 16);
        pthread_join(healer, NULL);
        emit_scene_end(&s);
    }
}
END_TEST

static void abort_by(int16_t request, rd_kafka_resp_err_t code)
{
    emit_scene s = emit_scene_small();
    emit_scene_set(&s, 1, "retry.backoff.ms", "20");
    s.options.kafka.score_topic = SCORES;
    s.options.kafka.force = true; /* else it would find what the mock cannot hide */
    rd_kafka_mock_push_request_errors(s.mock.cluster, request, 1, code);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    ck_assert_msg(s.result.aborted == 1, "%s: %lld aborted", rd_kafka_err2name(code),
                  (long long)s.result.aborted);
    ck_assert_int_eq(s.result.produced, 31); /* of the transaction that was committed */
    ck_assert_int_eq(s.result.flagged[RF_USER], 5);
    emit_scene_end(&s);
}

START_TEST(an_abortable_error_sends_the_run_again)
{
    abort_by(MOCK_ADD_PARTITIONS_TO_TXN, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING);
    abort_by(MOCK_PRODUCE, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID);
}
END_TEST

START_TEST(a_run_is_sent_three_times_at_most)
{
    emit_scene s = emit_scene_small();
    emit_scene_set(&s, 1, "retry.backoff.ms", "20");
    rd_kafka_mock_push_request_errors(
        s.mock.cluster, MOCK_ADD_PARTITIONS_TO_TXN, 3, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING);
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, "nothing was published", emit_scene_emit(&s));
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    emit_scene_end(&s);
}
END_TEST

/* ---- errors that do not ---- */

static void fail_by(int16_t request, rd_kafka_resp_err_t code, const char *part)
{
    emit_scene s = emit_scene_small();
    emit_scene_set(&s, 1, "retry.backoff.ms", "20");
    s.options.kafka.force = request == MOCK_END_TXN; /* else it would find what the mock cannot hide */
    rd_kafka_mock_push_request_errors(s.mock.cluster, request, 1, code);
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, part, emit_scene_emit(&s));
    RF_CHECK_OK(s.err, emit_scene_emit(&s)); /* nothing is left that would be in the way */
    emit_scene_end(&s);
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
    emit_scene s = emit_scene_small();
    char *id = malloc(3001);
    const char *ids[] = {"a", "b", id, "d", "e"};
    int n;
    memset(id, 'x', 3000);
    id[3000] = '\0';
    made_graph_set_ids(&s.graph->side[RF_USER], ids);
    emit_scene_set(&s, 1, "message.max.bytes", "4000");
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, "the message about user/xxx", emit_scene_emit(&s));
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, "(4000)", emit_scene_emit(&s));
    emit_seen *all = emit_seen_all(&s, TOPIC, &n);
    ck_assert_int_eq(emit_seen_of_type(all, n, "ringfence.run.completed.v1"), 0);
    emit_seen_free(all, n);
    free(id);
    emit_scene_end(&s);
}
END_TEST

START_TEST(a_transaction_that_would_time_out_is_given_up_in_time)
{
    emit_scene s = emit_scene_small();
    emit_scene_set(&s, 2, "transaction.timeout.ms", "1500", "message.timeout.ms", "1500");
    rd_kafka_mock_broker_push_request_error_rtts(s.mock.cluster, 1, MOCK_PRODUCE, 4, 0, 1400, 0, 1400, 0,
                                                 1400, 0, 1400);
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, "kafka.transaction.timeout.ms (1500)", emit_scene_emit(&s));
    emit_scene_end(&s);
}
END_TEST

START_TEST(brokers_that_do_not_answer_are_given_up)
{
    emit_scene s = emit_scene_small();
    emit_scene_set(&s, 0);
    s.options.kafka.broker_timeout_us = 2 * RF_SECOND_US;
    mock_set_down(&s.mock, 1, true);
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, s.mock.servers, emit_scene_emit(&s));
    mock_set_down(&s.mock, 1, false);
    RF_CHECK_OK(s.err, emit_scene_emit(&s));
    emit_scene_end(&s);
}
END_TEST

START_TEST(a_request_to_stop_publishes_nothing)
{
    emit_scene s = emit_scene_small();
    volatile sig_atomic_t stop = 1;
    int n;
    emit_scene_set(&s, 0);
    s.options.stop = &stop;
    RF_CHECK_FAILS(s.err, RF_E_INTERRUPTED, "nothing was published", emit_scene_emit(&s));
    emit_seen *all = emit_seen_all(&s, TOPIC, &n);
    ck_assert_int_eq(emit_seen_of_type(all, n, "ringfence.run.completed.v1"), 0);
    emit_seen_free(all, n);
    emit_scene_end(&s);
}
END_TEST

START_TEST(options_that_cannot_work_are_refused)
{
    emit_scene s = emit_scene_small();
    emit_scene_set(&s, 0);
    s.options.kafka.topic = NULL;
    RF_CHECK_FAILS(s.err, RF_E_INVALID, "emit.topic", emit_scene_emit(&s));
    s.options.kafka.topic = TOPIC;
    s.options.kafka.score_topic = TOPIC;
    RF_CHECK_FAILS(s.err, RF_E_INVALID, "emit.score_topic", emit_scene_emit(&s));
    s.options.kafka.score_topic = NULL;
    emit_scene_set(&s, 1, "partitioner", "random");
    RF_CHECK_FAILS(s.err, RF_E_INVALID, "kafka.partitioner must be murmur2_random", emit_scene_emit(&s));
    emit_scene_set(&s, 1, "enable.idempotence", "false");
    RF_CHECK_FAILS(s.err, RF_E_INVALID, "kafka.enable.idempotence", emit_scene_emit(&s));
    emit_scene_set(&s, 1, "acks", "1");
    RF_CHECK_FAILS(s.err, RF_E_INVALID, "kafka.acks", emit_scene_emit(&s));
    emit_scene_end(&s);
}
END_TEST

START_TEST(a_missing_topic_is_named_with_its_key)
{
    emit_scene s = emit_scene_small();
    emit_scene_set(&s, 0);
    rd_kafka_mock_topic_set_error(s.mock.cluster, TOPIC, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, "there is no topic actions (emit.topic)", emit_scene_emit(&s));
    rd_kafka_mock_topic_set_error(s.mock.cluster, TOPIC, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    RF_CHECK_FAILS(s.err, RF_E_KAFKA, "actions: ", emit_scene_emit(&s));
    emit_scene_end(&s);
}
END_TEST

START_TEST(emission_to_kafka_survives_every_failing_allocation)
{
    emit_scene s = emit_scene_of((made_shape){2, 1, 2, 1, 1, 1, 3});
    emit_scene_set(&s, 0);
    s.options.kafka.score_topic = SCORES;
    s.options.kafka.force = true;
    const rf_findings findings = {.graph = s.graph, .scores = s.scores};
    RF_SWEEP(rf_emit(&s.result, &findings, &s.options, sweep_err), (void)0);
    s.options.kafka.force = false;
    RF_SWEEP(rf_emit(&s.result, &findings, &s.options, sweep_err), (void)0);
    ck_assert(s.result.already);
    emit_scene_end(&s);
}
END_TEST

RF_SUITE("kafka sink errors", errors_that_pass_are_waited_out, a_topic_with_a_passing_error_is_waited_for,
         an_abortable_error_sends_the_run_again, a_run_is_sent_three_times_at_most,
         what_no_repetition_heals_is_one_clear_line, who_is_fenced_says_by_whom,
         a_message_over_the_limit_is_named, a_transaction_that_would_time_out_is_given_up_in_time,
         brokers_that_do_not_answer_are_given_up, a_request_to_stop_publishes_nothing,
         options_that_cannot_work_are_refused, a_missing_topic_is_named_with_its_key,
         emission_to_kafka_survives_every_failing_allocation)
