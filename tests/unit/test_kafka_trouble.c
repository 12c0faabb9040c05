/* One member of a group under trouble: stalls, errors, brokers that go away, refused memory. */
#include <time.h>

#include "kafka_session.h"

START_TEST(a_stall_longer_than_the_poll_interval_pauses_and_loses_nothing)
{
    rf_source_metrics figures;
    begin();
    mock_topic(&mock, "orders", 2);
    reader_fill(&mock, "orders", 2, 0, 6000);
    reader_set(&with, "max.poll.interval.ms", "4000");
    with.options.kafka.queue_messages = 1000;
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    ck_assert_int_eq(reader_run(source, all, 100, &err), RF_OK);
    sleep(7);
    rf_source_metrics_get(source, &figures);
    ck_assert_int_eq(figures.pauses, 1);
    ck_assert_int_eq(reader_run(source, all, 0, &err), RF_EOF);
    reader_check(all, 2, 0, 6000);
    rf_source_metrics_get(source, &figures);
    ck_assert_int_eq(figures.pauses, 1);
    ck_assert_int_eq(figures.rebalances, 1);
    ck_assert_int_le(figures.queue_peak, 2000);
    end();
}
END_TEST

START_TEST(errors_of_the_broker_are_passed_over)
{
    begin();
    mock_topic(&mock, "orders", 2);
    reader_fill(&mock, "orders", 2, 0, 2000);
    rd_kafka_mock_push_request_errors(mock.cluster, MOCK_FETCH, 4, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                      RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
                                      RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
                                      RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
    rd_kafka_mock_push_request_errors(mock.cluster, MOCK_JOIN_GROUP, 1, RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    ck_assert_int_eq(reader_run(source, all, 0, &err), RF_EOF);
    reader_check(all, 2, 0, 2000);
    end();
}
END_TEST

START_TEST(a_group_that_may_not_be_joined_is_one_line)
{
    begin();
    mock_topic(&mock, "orders", 1);
    reader_fill(&mock, "orders", 1, 0, 10);
    rd_kafka_mock_push_request_errors(
        mock.cluster, MOCK_JOIN_GROUP, 3, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    ck_assert_int_eq(reader_run(source, all, 0, &err), RF_E_KAFKA);
    ck_assert_msg(strstr(err.msg, "roup") != NULL, "%s", err.msg);
    end();
}
END_TEST

START_TEST(a_session_that_the_broker_forgot_goes_on_where_it_was)
{
    rf_source_metrics figures;
    begin();
    mock_topic(&mock, "orders", 2);
    reader_fill(&mock, "orders", 2, 0, 3000);
    with.options.kafka.until_us = RF_UNTIL_NEVER;
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    ck_assert_int_eq(reader_run(source, all, 1000, &err), RF_OK);
    rd_kafka_mock_push_request_errors(mock.cluster, MOCK_HEARTBEAT, 1, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID);
    sleep(1);
    ck_assert_int_eq(reader_run(source, all, 5000, &err), RF_OK);
    reader_fill(&mock, "orders", 2, 3000, 100);
    ck_assert_int_eq(reader_run(source, all, 200, &err), RF_OK);
    reader_check(all, 2, 0, 3100);
    rf_source_metrics_get(source, &figures);
    ck_assert_int_eq(figures.rebalances, 3); /* assigned, lost, assigned */
    end();
}
END_TEST

START_TEST(a_broker_that_comes_back_is_read_on)
{
    begin();
    mock_topic(&mock, "orders", 1);
    reader_fill(&mock, "orders", 1, 0, 3000);
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    ck_assert_int_eq(reader_run(source, all, 10, &err), RF_OK);
    mock_set_down(&mock, 1, true);
    sleep(2);
    mock_set_down(&mock, 1, false);
    ck_assert_int_eq(reader_run(source, all, 0, &err), RF_EOF);
    reader_check(all, 1, 0, 3000);
    end();
}
END_TEST

START_TEST(a_broker_that_stays_away_is_one_line_and_closing_takes_no_time)
{
    begin();
    mock_topic(&mock, "orders", 1);
    reader_fill(&mock, "orders", 1, 0, 100);
    with.options.kafka.until_us = RF_UNTIL_NEVER;
    with.options.kafka.broker_timeout_us = 3000000;
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    ck_assert_int_eq(reader_run(source, all, 100, &err), RF_OK);
    mock_set_down(&mock, 1, true);
    ck_assert_int_eq(reader_run(source, all, 0, &err), RF_E_KAFKA);
    ck_assert_msg(strstr(err.msg, "bootstrap.servers") != NULL, "%s", err.msg);
    RF_CHECK_OK(err, rf_source_positions(source, &at, &err));
    ck_assert_int_eq(reader_position(&at, 0), 100);
    time_t from = time(NULL);
    rf_source_saved(source, &at);
    rf_source_close(&source);
    ck_assert_int_le(time(NULL) - from, 12);
    end();
}
END_TEST

START_TEST(no_broker_at_the_start_is_one_line)
{
    begin();
    mock_topic(&mock, "orders", 1);
    mock_set_down(&mock, 1, true);
    with.options.kafka.broker_timeout_us = 2000000;
    time_t from = time(NULL);
    RF_CHECK_FAILS(err, RF_E_KAFKA, "bootstrap.servers", rf_source_open(&source, &with.options, &err));
    ck_assert_int_le(time(NULL) - from, 6);
    end();
}
END_TEST

START_TEST(every_refused_allocation_while_opening_is_survived)
{
    begin();
    mock_topic(&mock, "orders", 2);
    rf_status st = RF_E_NOMEM;
    int64_t granted = 0;
    for (; st == RF_E_NOMEM && granted < 500; granted++) {
        rf_mem_fail_after(granted);
        err = (rf_err){0};
        st = rf_source_open(&source, &with.options, &err);
        rf_mem_fail_after(-1);
        if (st != RF_OK)
            ck_assert_int_eq(rf_mem_stats_get().live_blocks, 0);
    }
    ck_assert_msg(st == RF_OK, "%s", err.msg);
    ck_assert_int_eq(rf_mem_refusals(), 0);
    ck_assert_int_gt(granted, 10);
    end();
}
END_TEST

RF_SUITE("kafka_trouble", a_stall_longer_than_the_poll_interval_pauses_and_loses_nothing,
         errors_of_the_broker_are_passed_over, a_group_that_may_not_be_joined_is_one_line,
         a_session_that_the_broker_forgot_goes_on_where_it_was, a_broker_that_comes_back_is_read_on,
         a_broker_that_stays_away_is_one_line_and_closing_takes_no_time, no_broker_at_the_start_is_one_line,
         every_refused_allocation_while_opening_is_survived)
