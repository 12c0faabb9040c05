/* test_kafka_watch.c - topics, errors and figures of Kafka clients, on librdkafka's mock cluster. */
#include "made_client.h"

#include <pthread.h>

#include "kafka_error_int.h"
#include "kafka_stats_int.h"
#include "rf_log.h"
#include "rf_time.h"

static rf_err err;

/* Polls until `condition` holds, for at most 20 s. */
#define WAIT_FOR(client, condition)                                                                          \
    do {                                                                                                     \
        double wait_until_ = rf_monotonic_s() + 20;                                                          \
        while (!(condition) && rf_monotonic_s() < wait_until_)                                               \
            rd_kafka_poll((client), 50);                                                                     \
        ck_assert_msg(condition, "%s in vain", #condition);                                                  \
    } while (0)

START_TEST(a_topic_has_its_partitions)
{
    mock_cluster mock = mock_start(3);
    mock_topic(&mock, "orders", 6);
    rf_setting settings[] = {mock_servers(&mock), {"group.id", "g"}};
    made_client m = made_client_of(RD_KAFKA_CONSUMER, settings, 2);
    int n = 0;
    RF_CHECK_OK(err, rf_kafka_partitions(&n, m.client, m.watch, "orders", 20000000, &err));
    ck_assert_int_eq(n, 6);
    made_client_free(&m);
    mock_stop(&mock);
}
END_TEST

START_TEST(a_missing_topic_is_named)
{
    mock_cluster mock = mock_start(1);
    mock_missing(&mock, "ordres");
    rf_setting settings[] = {mock_servers(&mock)};
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, 1);
    int n = 0;
    for (int i = 0; i < 2; i++)
        RF_CHECK_FAILS(err, RF_E_KAFKA,
                       "ordres: looking up the topic: Broker: Unknown topic or partition; create",
                       rf_kafka_partitions(&n, m.client, m.watch, "ordres", 20000000, &err));
    made_client_free(&m);
    mock_stop(&mock);
}
END_TEST

static void *make_topic_soon(void *context)
{
    const mock_cluster *mock = context;
    usleep(700000);
    rd_kafka_mock_topic_set_error(mock->cluster, "fresh", RD_KAFKA_RESP_ERR_NO_ERROR);
    return NULL;
}

START_TEST(a_topic_that_was_just_made_is_waited_for)
{
    mock_cluster mock = mock_start(1);
    rf_setting settings[] = {mock_servers(&mock)};
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, 1);
    pthread_t maker;
    int n = 0;
    mock_topic(&mock, "fresh", 2);
    mock_missing(&mock, "fresh");
    ck_assert(pthread_create(&maker, NULL, make_topic_soon, &mock) == 0);
    RF_CHECK_OK(err, rf_kafka_partitions(&n, m.client, m.watch, "fresh", 20000000, &err));
    ck_assert_int_eq(n, 2);
    pthread_join(maker, NULL);
    made_client_free(&m);
    mock_stop(&mock);
}
END_TEST

START_TEST(an_unauthorised_topic_says_which_operations_it_takes)
{
    mock_cluster mock = mock_start(1);
    mock_topic(&mock, "orders", 1);
    rd_kafka_mock_topic_set_error(mock.cluster, "orders", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    rf_setting settings[] = {mock_servers(&mock)};
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, 1);
    int n = 0;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "orders: looking up the topic: Broker: Topic authorization failed; allow",
                   rf_kafka_partitions(&n, m.client, m.watch, "orders", 20000000, &err));
    made_client_free(&m);
    mock_stop(&mock);
}
END_TEST

START_TEST(no_broker_is_told_with_the_reason_and_the_time)
{
    rf_setting settings[] = {{"bootstrap.servers", "127.0.0.1:9"}};
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, 1);
    int n = 0;
    double start_s = rf_monotonic_s();
    err = (rf_err){0};
    ck_assert_int_eq(rf_kafka_partitions(&n, m.client, m.watch, "orders", 1500000, &err), RF_E_KAFKA);
    ck_assert_msg(strstr(err.msg, "kafka: no broker of 127.0.0.1:9 answers for ") != NULL, "%s", err.msg);
    ck_assert_msg(strstr(err.msg, "Connection refused; check kafka.bootstrap.servers") != NULL, "%s",
                  err.msg);
    ck_assert(rf_monotonic_s() - start_s < 15);
    err = (rf_err){0};
    made_client_free(&m);
}
END_TEST

/* Lines of librdkafka 2.0 with OpenSSL 3.0. One certificate gives the first two in turn. */
static const struct {
    const char *line;
    rd_kafka_resp_err_t code;
} told[] = {
    {"SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could",
     RD_KAFKA_RESP_ERR__SSL},
    {"error:0A000086:SSL routines::certificate verify failed", RD_KAFKA_RESP_ERR__SSL},
    {"SASL authentication error: Authentication failed", RD_KAFKA_RESP_ERR__AUTHENTICATION},
    {"Failed to resolve 'no-such-host:9092': Name or service not known", RD_KAFKA_RESP_ERR__RESOLVE},
    {"Connect to ipv4#127.0.0.1:9 failed: Connection refused", RD_KAFKA_RESP_ERR__TRANSPORT},
};

START_TEST(a_line_tells_the_kind_of_failure)
{
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        ck_assert_msg(rf_kafka_code_of_line(told[i].line) == told[i].code, "%s", told[i].line);
}
END_TEST

START_TEST(a_host_that_does_not_exist_is_told)
{
    rf_setting settings[] = {{"bootstrap.servers", "no-such-host.invalid:9092"}};
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, 1);
    int n = 0;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "resolve",
                   rf_kafka_partitions(&n, m.client, m.watch, "orders", 1500000, &err));
    made_client_free(&m);
}
END_TEST

START_TEST(a_broker_that_comes_back_is_waited_for)
{
    mock_cluster mock = mock_start(1);
    mock_topic(&mock, "orders", 4);
    mock_set_down(&mock, 1, true);
    rf_setting settings[] = {mock_servers(&mock), {"reconnect.backoff.max.ms", "200"}};
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, 2);
    int n = 0;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "no broker of",
                   rf_kafka_partitions(&n, m.client, m.watch, "orders", 1000000, &err));
    mock_set_down(&mock, 1, false);
    RF_CHECK_OK(err, rf_kafka_partitions(&n, m.client, m.watch, "orders", 20000000, &err));
    ck_assert_int_eq(n, 4);
    made_client_free(&m);
    mock_stop(&mock);
}
END_TEST

START_TEST(down_is_measured_while_no_broker_is_up)
{
    mock_cluster mock = mock_start(2);
    mock_topic(&mock, "orders", 1);
    rf_setting settings[] = {
        mock_servers(&mock), {"reconnect.backoff.max.ms", "200"}, {"statistics.interval.ms", "100"}};
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, 3);
    char why[256];
    int n = 0;
    rf_kafka_figures figures = {0};
    RF_CHECK_OK(err, rf_kafka_partitions(&n, m.client, m.watch, "orders", 20000000, &err));
    WAIT_FOR(m.client, (rf_kafka_figures_get(m.watch, &figures), figures.brokers_up) > 0);
    ck_assert(rf_kafka_down_s(m.watch, NULL) == 0);
    RF_CHECK_OK(err, rf_kafka_check_down(m.client, m.watch, 1000, &err));
    mock_set_down(&mock, 2, true);
    WAIT_FOR(m.client, rf_kafka_down_s(m.watch, why) > 0.5);
    ck_assert(why[0] != '\0');
    RF_CHECK_OK(err, rf_kafka_check_down(m.client, m.watch, 60000000, &err));
    RF_CHECK_FAILS(err, RF_E_KAFKA, " answers for ", rf_kafka_check_down(m.client, m.watch, 500000, &err));
    mock_set_down(&mock, 2, false);
    WAIT_FOR(m.client, rf_kafka_down_s(m.watch, NULL) == 0);
    made_client_free(&m);
    mock_stop(&mock);
}
END_TEST

START_TEST(requests_sent_again_are_counted)
{
    mock_cluster mock = mock_start(1);
    mock_topic(&mock, "orders", 1);
    rf_setting settings[] = {mock_servers(&mock),
                             {"statistics.interval.ms", "100"},
                             {"enable.idempotence", "true"},
                             {"retry.backoff.ms", "10"}};
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, 4);
    rf_kafka_figures figures = {0};
    rd_kafka_mock_push_request_errors(mock.cluster, MOCK_PRODUCE, 3, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
    mock_send(m.client, "orders", 0, "k", "v");
    ck_assert(rd_kafka_flush(m.client, 20000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    WAIT_FOR(m.client, (rf_kafka_figures_get(m.watch, &figures), figures.retries) > 0);
    made_client_free(&m);
    mock_stop(&mock);
}
END_TEST

START_TEST(statistics_are_summed)
{
    rf_kafka_figures figures = {.lag = 77};
    ck_assert(rf_kafka_stats_read(
        &figures,
        "{\"txmsgs\":41,\"brokers\":{\"a\":{\"state\":\"UP\",\"txretries\":3},\"b\":{\"state\":\"DOWN\","
        "\"txretries\":4},\"c\":{\"state\":\"UP\"}},\"topics\":{\"t\":{\"partitions\":{\"0\":{\"consumer_"
        "lag\":10,"
        "\"txmsgs\":9,\"msgs\":7},\"1\":{\"consumer_lag\":-1,\"txmsgs\":2,\"msgs\":5},\"-1\":{\"consumer_"
        "lag\":"
        "99,\"txmsgs\":9,\"msgs\":0}}},\"s\":{\"partitions\":{\"4\":{\"consumer_lag\":5}}}},\"cgrp\":{"
        "\"rebalance_cnt\":6}}"));
    ck_assert_int_eq(figures.brokers_up, 2);
    ck_assert_int_eq(figures.retries, 3 + 4 + 2);
    ck_assert_int_eq(figures.lag, 15);
    ck_assert_int_eq(figures.sent, 41);
    ck_assert_int_eq(figures.rebalances, 6);
    ck_assert(rf_kafka_stats_read(&figures, "{}"));
    ck_assert(figures.lag == -1 && figures.brokers_up == 0);
    figures.lag = 77;
    ck_assert(!rf_kafka_stats_read(&figures, "{\"brokers\":") && !rf_kafka_stats_read(&figures, "[]"));
    ck_assert_int_eq(figures.lag, 77);
}
END_TEST

START_TEST(a_fatal_error_is_one_line)
{
    mock_cluster mock = mock_start(1);
    mock_topic(&mock, "orders", 1);
    rf_setting settings[] = {mock_servers(&mock), {"enable.idempotence", "true"}};
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, 2);
    RF_CHECK_OK(err, rf_kafka_check_fatal(m.client, m.watch, &err));
    rd_kafka_test_fatal_error(m.client, RD_KAFKA_RESP_ERR__FENCED, "made up");
    RF_CHECK_FAILS(err, RF_E_KAFKA,
                   "kafka producer stopped for good: ", rf_kafka_check_fatal(m.client, m.watch, &err));
    RF_CHECK_FAILS(err, RF_E_KAFKA, "same kafka.transactional.id",
                   rf_kafka_check_fatal(m.client, m.watch, &err));
    made_client_free(&m);
    mock_stop(&mock);
}
END_TEST

START_TEST(an_error_names_its_place)
{
    RF_CHECK_FAILS(err, RF_E_KAFKA, "orders[3]@17: fetching: ",
                   rf_kafka_fail(&err, __FILE__, __LINE__, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, "fetching",
                                 "orders", 3, 17));
    RF_CHECK_FAILS(err, RF_E_KAFKA, "orders[3]: fetching: ",
                   rf_kafka_fail(&err, __FILE__, __LINE__, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, "fetching",
                                 "orders", 3, -1));
    RF_CHECK_FAILS(err, RF_E_KAFKA, "kafka: joining: Broker: Group authorization failed; allow",
                   rf_kafka_fail(&err, __FILE__, __LINE__, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                                 "joining", NULL, -1, -1));
}
END_TEST

START_TEST(errors_that_pass_are_told_from_those_that_stay)
{
    static const rd_kafka_resp_err_t pass[] = {
        RD_KAFKA_RESP_ERR__TRANSPORT,
        RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
        RD_KAFKA_RESP_ERR__RESOLVE,
        RD_KAFKA_RESP_ERR__TIMED_OUT,
        RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
        RD_KAFKA_RESP_ERR__WAIT_CACHE,
        RD_KAFKA_RESP_ERR__WAIT_COORD,
        RD_KAFKA_RESP_ERR__IN_PROGRESS,
        RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED,
        RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST,
        RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
        RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
        RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
        RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
        RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED,
        RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
        RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
        RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
        RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
        RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT,
    };
    static const rd_kafka_resp_err_t missing[] = {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
                                                  RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
                                                  RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION};
    const struct rd_kafka_err_desc *all = NULL;
    size_t n = 0, n_pass = 0, n_missing = 0;
    rd_kafka_get_err_descs(&all, &n);
    for (size_t i = 0; i < sizeof pass / sizeof *pass; i++)
        ck_assert_msg(rf_kafka_is_retriable(pass[i]) && !rf_kafka_is_missing(pass[i]), "%s",
                      rd_kafka_err2name(pass[i]));
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        ck_assert_msg(rf_kafka_is_missing(missing[i]) && !rf_kafka_is_retriable(missing[i]), "%s",
                      rd_kafka_err2name(missing[i]));
    for (size_t i = 0; i < n; i++) { /* and no other one: credentials, rights, fencing, sizes, lost offsets */
        n_pass += all[i].name != NULL && rf_kafka_is_retriable(all[i].code);
        n_missing += all[i].name != NULL && rf_kafka_is_missing(all[i].code);
    }
    ck_assert_uint_eq(n_pass, sizeof pass / sizeof *pass);
    ck_assert_uint_eq(n_missing, sizeof missing / sizeof *missing);
}
END_TEST

RF_SUITE("kafka_watch", a_topic_has_its_partitions, a_missing_topic_is_named,
         a_topic_that_was_just_made_is_waited_for, an_unauthorised_topic_says_which_operations_it_takes,
         no_broker_is_told_with_the_reason_and_the_time, a_host_that_does_not_exist_is_told,
         a_line_tells_the_kind_of_failure, a_broker_that_comes_back_is_waited_for,
         down_is_measured_while_no_broker_is_up, requests_sent_again_are_counted, statistics_are_summed,
         a_fatal_error_is_one_line, an_error_names_its_place, errors_that_pass_are_told_from_those_that_stay)
