/* test_kafka_lag.c - the positions of a group, on librdkafka's mock cluster. */
#include "mock_cluster.h"

#include "rf_kafka_lag.h"
#include "rf_log.h"

static rf_err err;

typedef struct fixture {
    mock_cluster mock;
    rf_setting settings[4];
    const char *topics[3];
    rf_kafka_source_options options;
    rf_kafka_lag *lag;
    int n;
} fixture;

static void start(fixture *f)
{
    *f = (fixture){.mock = mock_start(2), .topics = {"b", "a", "b"}};
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, NULL);
    mock_topic(&f->mock, "a", 1);
    mock_topic(&f->mock, "b", 3);
    f->settings[0] = mock_servers(&f->mock);
    f->settings[1] = (rf_setting){"reconnect.backoff.max.ms", "200"};
    f->settings[2] = (rf_setting){"group.instance.id", "a-running-member"};
    f->settings[3] = (rf_setting){"group.id", "g"};
    f->options = (rf_kafka_source_options){.settings = f->settings,
                                           .n_settings = 4,
                                           .topics = f->topics,
                                           .n_topics = 3,
                                           .broker_timeout_us = 20000000};
}

static void stop(fixture *f)
{
    rf_kafka_lag_free(f->lag, f->n);
    mock_stop(&f->mock);
}

static void print_number(void *context, int i, char key[64], char value[1024])
{
    (void)context;
    snprintf(key, 64, "%d", i);
    snprintf(value, 1024, "%d", i);
}

static void commit(const fixture *f, const char *topic, int32_t partition, int64_t offset)
{
    rd_kafka_t *consumer = mock_client(&f->mock, "g");
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
    ck_assert(rd_kafka_commit(consumer, list, 0) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(consumer);
}

static void expect(const rf_kafka_lag *lag, const char *topic, int partition, int64_t low, int64_t high,
                   int64_t committed)
{
    ck_assert_str_eq(lag->topic, topic);
    ck_assert_int_eq(lag->partition, partition);
    ck_assert_int_eq(lag->low, low);
    ck_assert_int_eq(lag->high, high);
    ck_assert_int_eq(lag->committed, committed);
    ck_assert_int_eq(lag->saved, -1);
}

START_TEST(every_partition_once_sorted)
{
    fixture f;
    start(&f);
    mock_fill(&f.mock, "b", 2, 17, print_number, NULL);
    mock_fill(&f.mock, "a", 0, 5, print_number, NULL);
    commit(&f, "b", 2, 11);
    RF_CHECK_OK(err, rf_kafka_lag_read(&f.lag, &f.n, &f.options, &err));
    ck_assert_int_eq(f.n, 4);
    expect(&f.lag[0], "a", 0, 0, 5, -1);
    expect(&f.lag[1], "b", 0, 0, 0, -1);
    expect(&f.lag[2], "b", 1, 0, 0, -1);
    expect(&f.lag[3], "b", 2, 0, 17, 11);
    stop(&f);
}
END_TEST

START_TEST(without_a_group_nothing_is_committed)
{
    fixture f;
    start(&f);
    f.options.n_settings = 3;
    f.options.n_topics = 2;
    mock_fill(&f.mock, "a", 0, 5, print_number, NULL);
    RF_CHECK_OK(err, rf_kafka_lag_read(&f.lag, &f.n, &f.options, &err));
    ck_assert_int_eq(f.n, 4);
    expect(&f.lag[0], "a", 0, 0, 5, -1);
    stop(&f);
}
END_TEST

START_TEST(passing_errors_are_asked_again)
{
    fixture f;
    start(&f);
    mock_fill(&f.mock, "b", 2, 17, print_number, NULL);
    commit(&f, "b", 2, 11);
    rd_kafka_mock_push_request_errors(f.mock.cluster, MOCK_LIST_OFFSETS, 2,
                                      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                      RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
    rd_kafka_mock_push_request_errors(f.mock.cluster, MOCK_OFFSET_FETCH, 2, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
    RF_CHECK_OK(err, rf_kafka_lag_read(&f.lag, &f.n, &f.options, &err));
    ck_assert_int_eq(f.n, 4);
    expect(&f.lag[3], "b", 2, 0, 17, 11);
    stop(&f);
}
END_TEST

START_TEST(a_forbidden_group_is_one_line)
{
    fixture f;
    start(&f);
    rd_kafka_mock_push_request_errors(f.mock.cluster, MOCK_OFFSET_FETCH, 1,
                                      RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
    RF_CHECK_FAILS(err, RF_E_KAFKA,
                   "committed offsets: Broker: Group authorization failed; allow this principal",
                   rf_kafka_lag_read(&f.lag, &f.n, &f.options, &err));
    ck_assert_ptr_null(f.lag);
    stop(&f);
}
END_TEST

START_TEST(a_missing_topic_and_missing_brokers_are_one_line)
{
    fixture f;
    start(&f);
    mock_missing(&f.mock, "a");
    RF_CHECK_FAILS(err, RF_E_KAFKA,
                   "a: looking up the topic: ", rf_kafka_lag_read(&f.lag, &f.n, &f.options, &err));
    mock_set_down(&f.mock, 2, true);
    f.options.broker_timeout_us = 1000000;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "kafka: no broker of ",
                   rf_kafka_lag_read(&f.lag, &f.n, &f.options, &err));
    stop(&f);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    fixture f;
    start(&f);
    RF_SWEEP(rf_kafka_lag_read(&f.lag, &f.n, &f.options, sweep_err), rf_kafka_lag_free(f.lag, f.n));
    f.lag = NULL;
    stop(&f);
}
END_TEST

RF_SUITE("kafka_lag", every_partition_once_sorted, without_a_group_nothing_is_committed,
         passing_errors_are_asked_again, a_forbidden_group_is_one_line,
         a_missing_topic_and_missing_brokers_are_one_line, every_failing_allocation_is_survived)
