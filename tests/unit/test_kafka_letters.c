/* test_kafka_letters.c - dead letters to a topic, on librdkafka's mock cluster. */
#include "mock_cluster.h"

#include <time.h>

#include "kafka_letters_int.h"
#include "rf_log.h"
#include "rf_time.h"

static rf_err err;

typedef struct fixture {
    mock_cluster mock;
    rf_setting settings[8];
    rf_kafka_source_options options;
    rf_letters *letters;
    rd_kafka_t *consumer;    /* of both topics */
    rd_kafka_message_t *bad; /* as the source reads it */
    rf_reject reject;
} fixture;

static void prepare(fixture *f)
{
    *f = (fixture){.mock = mock_start(1)};
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, NULL);
    mock_topic(&f->mock, "orders", 2);
    mock_topic(&f->mock, "rejects", 1);
    f->settings[0] = mock_servers(&f->mock);
    f->settings[1] = (rf_setting){"group.id", "g"};
    f->settings[2] = (rf_setting){"transactional.id", "emit-of-the-same-file"};
    f->settings[3] = (rf_setting){"retry.backoff.ms", "10"};
    f->settings[4] = (rf_setting){"reconnect.backoff.max.ms", "200"};
    f->settings[5] = (rf_setting){"statistics.interval.ms", "100"};
    f->options = (rf_kafka_source_options){.settings = f->settings,
                                           .n_settings = 6,
                                           .broker_timeout_us = 20000000,
                                           .dead_letter_topic = "rejects"};
    f->consumer = mock_client(&f->mock, "reader");
    rd_kafka_poll_set_consumer(f->consumer);
}

/* With one more setting; none where key is NULL. */
static void open_letters_with(fixture *f, const char *key, const char *value)
{
    prepare(f);
    if (key != NULL)
        f->settings[f->options.n_settings++] = (rf_setting){key, value};
    RF_CHECK_OK(err, rf_letters_open(&f->letters, &f->options, &err));
}

static void open_letters(fixture *f)
{
    open_letters_with(f, NULL, NULL);
}

static void finish(fixture *f)
{
    if (f->bad != NULL)
        rd_kafka_message_destroy(f->bad);
    rf_letters_close(f->letters);
    rd_kafka_consumer_close(f->consumer);
    rd_kafka_destroy(f->consumer);
    mock_stop(&f->mock);
}

static void read_from(fixture *f, const char *topic, int32_t partition)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = 0;
    ck_assert(rd_kafka_assign(f->consumer, list) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(list);
}

/* The next message, for rd_kafka_message_destroy. */
static rd_kafka_message_t *next(fixture *f)
{
    for (int i = 0; i < 400; i++) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(f->consumer, 50);
        if (message != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            return message;
        if (message != NULL)
            rd_kafka_message_destroy(message);
    }
    ck_abort_msg("no message came");
    return NULL;
}

/* A message as the source reads it: sent to orders[1] and read back. */
static rd_kafka_message_t *sent(fixture *f, const void *key, size_t key_len, const void *value, size_t len,
                                rd_kafka_headers_t *headers)
{
    rd_kafka_t *producer = mock_client(&f->mock, NULL);
    void *bytes = (void *)(uintptr_t)value;
    rd_kafka_resp_err_t code;
    if (headers == NULL)
        headers = rd_kafka_headers_new(1);
    code = rd_kafka_producev(producer, RD_KAFKA_V_TOPIC("orders"), RD_KAFKA_V_PARTITION(1),
                             RD_KAFKA_V_KEY(key, key_len), RD_KAFKA_V_VALUE(bytes, len),
                             RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_TIMESTAMP(1522586096789),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    ck_assert(code == RD_KAFKA_RESP_ERR_NO_ERROR);
    ck_assert(rd_kafka_flush(producer, 20000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(producer);
    read_from(f, "orders", 1);
    return next(f);
}

static rf_reject bad_time(void)
{
    rf_reject reject = {.element = -1};
    rf_status st = rf_reject_set(&reject, RF_REJECT_BAD_TIME, -1, "time is \"x\", no ISO 8601 time");
    ck_assert_int_eq(st, RF_SKIPPED);
    return reject;
}

/* A message of one letter each for key and value, rejected for its time. */
static void send_bad(fixture *f)
{
    f->bad = sent(f, "k", 1, "v", 1, NULL);
    f->reject = bad_time();
}

static rf_status add_bad(fixture *f)
{
    return rf_letters_add(f->letters, f->bad, &f->reject, &err);
}

/* Everything added is confirmed; `confirmed` letters in all. */
static void flush_to(fixture *f, int64_t confirmed)
{
    RF_CHECK_OK(err, rf_letters_flush(f->letters, &err));
    ck_assert_int_eq(rf_letters_confirmed(f->letters), confirmed);
}

static rd_kafka_message_t *next_letter(fixture *f)
{
    read_from(f, "rejects", 0);
    return next(f);
}

/* The value of the letter's last header of that name; NULL when it has none. */
static const char *header(const rd_kafka_message_t *message, const char *name)
{
    rd_kafka_headers_t *headers;
    const void *value;
    size_t len;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(headers, name, &value, &len) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return NULL;
    return value;
}

START_TEST(a_letter_is_the_message_with_its_place_and_reason)
{
    fixture f;
    open_letters(&f);
    f.bad = sent(&f, "ann", 3, "{\"t\":\"x\"}", 9, NULL);
    f.reject = bad_time();
    RF_CHECK_OK(err, add_bad(&f));
    flush_to(&f, 1);

    rd_kafka_message_t *letter = next_letter(&f);
    ck_assert(letter->key_len == 3 && memcmp(letter->key, "ann", 3) == 0);
    ck_assert(letter->len == 9 && memcmp(letter->payload, "{\"t\":\"x\"}", 9) == 0);
    ck_assert_str_eq(header(letter, "__ringfence.errors.code"), "bad_time");
    ck_assert_str_eq(header(letter, "__ringfence.errors.message"), "time is \"x\", no ISO 8601 time");
    ck_assert_str_eq(header(letter, "__ringfence.errors.topic"), "orders");
    ck_assert_str_eq(header(letter, "__ringfence.errors.partition"), "1");
    ck_assert_str_eq(header(letter, "__ringfence.errors.offset"), "0");
    ck_assert_str_eq(header(letter, "__ringfence.errors.timestamp"), "1522586096789");
    const char *moment = header(letter, "__ringfence.errors.time");
    int64_t rejected_us = 0;
    ck_assert(moment != NULL && rf_time_parse_iso(&rejected_us, moment, strlen(moment), NULL));
    ck_assert(llabs(rejected_us / RF_SECOND_US - (int64_t)time(NULL)) < 60);
    ck_assert_ptr_null(header(letter, "__ringfence.errors.left_out"));
    rd_kafka_timestamp_type_t type;
    ck_assert(rd_kafka_message_timestamp(letter, &type) > 1600000000000); /* of the rejection */
    rd_kafka_message_destroy(letter);
    finish(&f);
}
END_TEST

START_TEST(null_and_empty_stay_what_they_are)
{
    fixture f;
    open_letters(&f);
    rf_reject reject = bad_time();
    rd_kafka_message_t *none = sent(&f, NULL, 0, NULL, 0, NULL);
    RF_CHECK_OK(err, rf_letters_add(f.letters, none, &reject, &err));
    rd_kafka_message_destroy(none);
    rd_kafka_message_t *old = NULL, *empty = sent(&f, "", 0, "", 0, NULL);
    if (empty->offset == 0) { /* reading began at the first one again */
        old = empty;
        empty = next(&f);
    }
    ck_assert(empty->offset == 1 && empty->payload != NULL && empty->key != NULL);
    RF_CHECK_OK(err, rf_letters_add(f.letters, empty, &reject, &err));
    rd_kafka_message_destroy(empty);
    if (old != NULL)
        rd_kafka_message_destroy(old);
    RF_CHECK_OK(err, rf_letters_flush(f.letters, &err));

    read_from(&f, "rejects", 0);
    rd_kafka_message_t *a = next(&f), *b = next(&f);
    ck_assert_str_eq(header(a, "__ringfence.errors.offset"), "0");
    ck_assert(a->key == NULL && a->payload == NULL);
    ck_assert_str_eq(header(b, "__ringfence.errors.offset"), "1");
    ck_assert(b->key != NULL && b->key_len == 0 && b->payload != NULL && b->len == 0);
    rd_kafka_message_destroy(a);
    rd_kafka_message_destroy(b);
    finish(&f);
}
END_TEST

START_TEST(headers_are_kept_as_they_are_and_in_order)
{
    fixture f;
    open_letters(&f);
    rd_kafka_headers_t *own = rd_kafka_headers_new(4);
    rd_kafka_header_add(own, "trace", -1, "one", -1);
    rd_kafka_header_add(own, "trace", -1, "two", -1);
    rd_kafka_header_add(own, "null", -1, NULL, 0);
    rd_kafka_header_add(own, "bytes", -1, "\0\xFF\n", 3);
    rd_kafka_header_add(own, "__ringfence.errors.code", -1, "of an earlier pass", -1);
    f.bad = sent(&f, "k", 1, "v", 1, own);
    f.reject = bad_time();
    RF_CHECK_OK(err, add_bad(&f));
    RF_CHECK_OK(err, rf_letters_flush(f.letters, &err));

    rd_kafka_message_t *letter = next_letter(&f);
    rd_kafka_headers_t *before, *after;
    ck_assert(rd_kafka_message_headers(f.bad, &before) == RD_KAFKA_RESP_ERR_NO_ERROR);
    ck_assert(rd_kafka_message_headers(letter, &after) == RD_KAFKA_RESP_ERR_NO_ERROR);
    ck_assert_int_eq(rd_kafka_header_cnt(before), 5);
    ck_assert_int_eq(rd_kafka_header_cnt(after), 12);
    for (size_t i = 0; i < 5; i++) {
        const char *names[2];
        const void *values[2];
        size_t lens[2];
        ck_assert(rd_kafka_header_get_all(before, i, &names[0], &values[0], &lens[0]) == 0);
        ck_assert(rd_kafka_header_get_all(after, i, &names[1], &values[1], &lens[1]) == 0);
        ck_assert_str_eq(names[0], names[1]);
        ck_assert_int_eq(lens[0], lens[1]);
        ck_assert((values[0] == NULL) == (values[1] == NULL));
        ck_assert(values[0] == NULL || memcmp(values[0], values[1], lens[0]) == 0);
    }
    ck_assert_str_eq(header(letter, "__ringfence.errors.code"), "bad_time"); /* the last one counts */
    rd_kafka_message_destroy(letter);
    finish(&f);
}
END_TEST

/* One request at a time: after an uncertain one librdkafka takes a later success for both, as brokers refuse
 * gaps in the sequence. The mock cluster does not. */
START_TEST(passing_errors_lose_nothing_and_repeat_nothing)
{
    fixture f;
    open_letters_with(&f, "max.in.flight", "1");
    send_bad(&f);
    rd_kafka_mock_push_request_errors(
        f.mock.cluster, MOCK_PRODUCE, 4, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
    for (int i = 0; i < 100; i++)
        RF_CHECK_OK(err, add_bad(&f));
    flush_to(&f, 100);
    for (int i = 0; i < 100 && rf_letters_retries(f.letters) == 0; i++) {
        usleep(50000);
        RF_CHECK_OK(err, rf_letters_flush(f.letters, &err));
    }
    ck_assert(rf_letters_retries(f.letters) > 0);

    int64_t low, high;
    ck_assert(rd_kafka_query_watermark_offsets(f.consumer, "rejects", 0, &low, &high, 10000) ==
              RD_KAFKA_RESP_ERR_NO_ERROR);
    ck_assert_int_eq(high, 100);
    finish(&f);
}
END_TEST

START_TEST(a_full_queue_is_waited_for)
{
    fixture f;
    open_letters_with(&f, "queue.buffering.max.messages", "10");
    send_bad(&f);
    for (int i = 0; i < 1000; i++)
        RF_CHECK_OK(err, add_bad(&f));
    flush_to(&f, 1000);
    finish(&f);
}
END_TEST

START_TEST(a_broker_that_is_away_for_a_while_is_waited_for)
{
    fixture f;
    open_letters(&f);
    send_bad(&f);
    mock_set_down(&f.mock, 1, true);
    RF_CHECK_OK(err, add_bad(&f));
    usleep(300000);
    mock_set_down(&f.mock, 1, false);
    flush_to(&f, 1);
    finish(&f);
}
END_TEST

START_TEST(a_broker_that_stays_away_is_an_error)
{
    fixture f;
    prepare(&f);
    f.options.broker_timeout_us = 1500000;
    RF_CHECK_OK(err, rf_letters_open(&f.letters, &f.options, &err));
    send_bad(&f);
    mock_set_down(&f.mock, 1, true);
    RF_CHECK_OK(err, add_bad(&f));
    RF_CHECK_FAILS(err, RF_E_KAFKA, "no broker of 127.0.0.1", rf_letters_flush(f.letters, &err));
    RF_CHECK_FAILS(err, RF_E_KAFKA, "no broker of 127.0.0.1", add_bad(&f));
    ck_assert_int_eq(rf_letters_confirmed(f.letters), 0);
    mock_set_down(&f.mock, 1, false); /* the reader says goodbye */
    finish(&f);
}
END_TEST

START_TEST(a_broker_that_was_away_while_nothing_was_sent_is_no_error)
{
    fixture f;
    prepare(&f);
    f.options.broker_timeout_us = 1000000;
    RF_CHECK_OK(err, rf_letters_open(&f.letters, &f.options, &err));
    send_bad(&f);
    mock_set_down(&f.mock, 1, true);
    for (int i = 0; i < 20; i++) { /* long enough to be too long */
        usleep(100000);
        RF_CHECK_OK(err, rf_letters_flush(f.letters, &err));
    }
    mock_set_down(&f.mock, 1, false);
    RF_CHECK_OK(err, add_bad(&f));
    flush_to(&f, 1);
    finish(&f);
}
END_TEST

/* Errors of Produce requests, and the letter that arrives after them. */
static rd_kafka_message_t *letter_after(fixture *f, int n_errors)
{
    open_letters(f);
    rd_kafka_headers_t *own = rd_kafka_headers_new(1);
    rd_kafka_header_add(own, "trace", -1, "one", -1);
    f->bad = sent(f, "key", 3, "a long value", 12, own);
    f->reject = bad_time();
    for (int i = 0; i < n_errors; i++)
        rd_kafka_mock_push_request_errors(f->mock.cluster, MOCK_PRODUCE, 1,
                                          RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    RF_CHECK_OK(err, add_bad(f));
    flush_to(f, 1);
    rd_kafka_message_t *letter = next_letter(f);
    ck_assert_str_eq(header(letter, "__ringfence.errors.topic"), "orders");
    ck_assert_str_eq(header(letter, "__ringfence.errors.offset"), "0");
    return letter;
}

START_TEST(a_batch_that_was_too_large_is_taken_apart)
{
    fixture f;
    rd_kafka_message_t *letter = letter_after(&f, 1);
    ck_assert(letter->len == 12 && letter->key_len == 3);
    ck_assert_ptr_null(header(letter, "__ringfence.errors.left_out"));
    rd_kafka_message_destroy(letter);
    finish(&f);
}
END_TEST

START_TEST(a_letter_over_the_limit_goes_without_its_value)
{
    fixture f;
    rd_kafka_message_t *letter = letter_after(&f, 2);
    ck_assert(letter->payload == NULL && letter->key_len == 3);
    ck_assert_str_eq(header(letter, "__ringfence.errors.left_out"), "value");
    ck_assert_str_eq(header(letter, "trace"), "one");
    rd_kafka_message_destroy(letter);
    finish(&f);
}
END_TEST

START_TEST(a_letter_far_over_the_limit_goes_with_our_headers_only)
{
    fixture f;
    rd_kafka_message_t *letter = letter_after(&f, 3);
    ck_assert(letter->payload == NULL && letter->key == NULL);
    ck_assert_str_eq(header(letter, "__ringfence.errors.left_out"), "value, key, headers");
    ck_assert_ptr_null(header(letter, "trace"));
    rd_kafka_message_destroy(letter);
    finish(&f);
}
END_TEST

START_TEST(a_letter_over_the_clients_own_limit_goes_without_its_value)
{
    fixture f;
    open_letters_with(&f, "message.max.bytes", "2000");
    char value[3000];
    memset(value, 'x', sizeof value);
    f.bad = sent(&f, "key", 3, value, sizeof value, NULL);
    f.reject = bad_time();
    RF_CHECK_OK(err, add_bad(&f));
    RF_CHECK_OK(err, rf_letters_flush(f.letters, &err));
    rd_kafka_message_t *letter = next_letter(&f);
    ck_assert(letter->payload == NULL && letter->key_len == 3);
    ck_assert_str_eq(header(letter, "__ringfence.errors.left_out"), "value");
    rd_kafka_message_destroy(letter);
    finish(&f);
}
END_TEST

START_TEST(a_letter_that_nobody_takes_fails_with_its_origin)
{
    fixture f;
    open_letters(&f);
    send_bad(&f);
    rd_kafka_mock_push_request_errors(f.mock.cluster, MOCK_PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    RF_CHECK_OK(err, add_bad(&f));
    RF_CHECK_FAILS(
        err, RF_E_KAFKA,
        "rejects: ingest.dead_letter_topic does not take the bad message orders[1]@0: Broker: Topic "
        "authorization failed; allow this principal",
        rf_letters_flush(f.letters, &err));
    RF_CHECK_FAILS(err, RF_E_KAFKA, "orders[1]@0", add_bad(&f));
    ck_assert_int_eq(rf_letters_confirmed(f.letters), 0);
    finish(&f);
}
END_TEST

START_TEST(a_gap_in_the_sequence_stops_the_letters)
{
    fixture f;
    open_letters(&f);
    send_bad(&f);
    rd_kafka_mock_push_request_errors(f.mock.cluster, MOCK_PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    RF_CHECK_OK(err, add_bad(&f));
    RF_CHECK_FAILS(err, RF_E_KAFKA, "out of order sequence number", rf_letters_flush(f.letters, &err));
    RF_CHECK_FAILS(err, RF_E_KAFKA, "out of order sequence number", rf_letters_flush(f.letters, &err));
    finish(&f);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    fixture f;
    prepare(&f);
    RF_SWEEP(rf_letters_open(&f.letters, &f.options, sweep_err), rf_letters_close(f.letters));
    RF_CHECK_OK(err, rf_letters_open(&f.letters, &f.options, &err));
    send_bad(&f);
    rd_kafka_mock_push_request_errors(f.mock.cluster, MOCK_PRODUCE, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    RF_CHECK_OK(err, add_bad(&f));
    rf_mem_fail_after(0); /* the letter cannot be kept for its second try */
    rf_status st = rf_letters_flush(f.letters, &err);
    rf_mem_fail_after(-1);
    ck_assert_int_eq(st, RF_E_NOMEM);
    ck_assert_int_eq(rf_letters_confirmed(f.letters), 0);
    err = (rf_err){0};
    finish(&f);
}
END_TEST

START_TEST(a_missing_topic_is_one_line)
{
    fixture f;
    prepare(&f);
    mock_missing(&f.mock, "rejects");
    RF_CHECK_FAILS(err, RF_E_KAFKA,
                   "rejects: looking up the topic: Broker: Unknown topic or partition; create",
                   rf_letters_open(&f.letters, &f.options, &err));
    rd_kafka_mock_topic_set_error(f.mock.cluster, "rejects", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    RF_CHECK_FAILS(err, RF_E_KAFKA,
                   "rejects: looking up the topic: Broker: Topic authorization failed; allow",
                   rf_letters_open(&f.letters, &f.options, &err));
    finish(&f);
}
END_TEST

START_TEST(unconfirmed_letters_do_not_hold_up_the_end)
{
    fixture f;
    open_letters(&f);
    send_bad(&f);
    mock_set_down(&f.mock, 1, true);
    RF_CHECK_OK(err, add_bad(&f));
    double start_s = rf_monotonic_s();
    rf_letters_close(f.letters);
    f.letters = NULL;
    ck_assert(rf_monotonic_s() - start_s < 15);
    mock_set_down(&f.mock, 1, false);
    finish(&f);
}
END_TEST

RF_SUITE("kafka_letters", a_letter_is_the_message_with_its_place_and_reason,
         null_and_empty_stay_what_they_are, headers_are_kept_as_they_are_and_in_order,
         passing_errors_lose_nothing_and_repeat_nothing, a_full_queue_is_waited_for,
         a_broker_that_is_away_for_a_while_is_waited_for, a_broker_that_stays_away_is_an_error,
         a_broker_that_was_away_while_nothing_was_sent_is_no_error, a_batch_that_was_too_large_is_taken_apart,
         a_letter_over_the_limit_goes_without_its_value,
         a_letter_far_over_the_limit_goes_with_our_headers_only,
         a_letter_over_the_clients_own_limit_goes_without_its_value,
         a_letter_that_nobody_takes_fails_with_its_origin, a_gap_in_the_sequence_stops_the_letters,
         every_failing_allocation_is_survived, a_missing_topic_is_one_line,
         unconfirmed_letters_do_not_hold_up_the_end)
