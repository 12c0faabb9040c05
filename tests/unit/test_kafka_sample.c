/* test_kafka_sample.c - messages of topics without a group, on librdkafka's mock cluster. */
#include "made_avro.h"
#include "mock_cluster.h"

#include "rf_kafka_lag.h"
#include "rf_kafka_sample.h"
#include "rf_log.h"
#include "rf_sample.h"
#include "rf_stop.h"

static rf_err err;

typedef struct fixture {
    mock_cluster mock;
    rf_setting settings[4];
    const char *topics[1];
    rf_source_options options;
    rf_schema schema;
    int64_t seen, stop_after, all;
    bool is_part, in_order;
    int64_t last[3];
} fixture;

static void start_with(fixture *f, int partitions)
{
    *f = (fixture){.mock = mock_start(2), .topics = {"orders"}, .in_order = true, .stop_after = INT64_MAX};
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, NULL);
    mock_topic(&f->mock, "orders", partitions);
    f->settings[0] = mock_servers(&f->mock);
    f->settings[1] = (rf_setting){"reconnect.backoff.max.ms", "200"};
    f->settings[2] = (rf_setting){"group.instance.id", "a-running-member"};
    f->settings[3] = (rf_setting){"group.id", "g"};
    rf_source_options_default(&f->options);
    f->options.type = RF_SOURCE_KAFKA;
    f->options.fields.schema = &f->schema;
    f->options.kafka.settings = f->settings;
    f->options.kafka.n_settings = 4;
    f->options.kafka.topics = f->topics;
    f->options.kafka.n_topics = 1;
    f->options.kafka.broker_timeout_us = 20000000;
}

static void start(fixture *f)
{
    start_with(f, 3);
}

static void print_order(void *context, int i, char key[64], char value[1024])
{
    (void)context;
    snprintf(key, 64, "u%d", i % 40);
    snprintf(value, 1024, "{\"user\":\"u%d\",\"shop\":\"s%d\",\"amount\":%d.5}", 1000 + i % 40, 100 + i % 9,
             i);
}

static rf_status take(void *context, const rf_sampled_message *message, rf_err *unused)
{
    fixture *f = context;
    (void)unused;
    f->in_order =
        f->in_order && (f->last[message->partition] == 0 || message->offset == f->last[message->partition]);
    f->last[message->partition] = message->offset + 1;
    f->all = message->all;
    f->is_part = message->is_part;
    ck_assert(message->value.ptr != NULL && message->key.ptr != NULL && message->timestamp_ms > 0);
    return ++f->seen < f->stop_after ? RF_OK : RF_EOF;
}

START_TEST(all_messages_of_all_partitions)
{
    fixture f;
    start(&f);
    mock_fill(&f.mock, "orders", 0, 100, print_order, NULL);
    mock_fill(&f.mock, "orders", 2, 50, print_order, NULL);
    RF_CHECK_OK(err, rf_kafka_sample(&f.options.kafka, INT64_MAX, take, &f, &err));
    ck_assert_int_eq(f.seen, 150);
    ck_assert_int_eq(f.all, 150);
    ck_assert(f.in_order && !f.is_part);
    mock_stop(&f.mock);
}
END_TEST

START_TEST(all_messages_of_the_only_partition)
{
    fixture f;
    start_with(&f, 1);
    mock_fill(&f.mock, "orders", 0, 40, print_order, NULL);
    RF_CHECK_OK(err, rf_kafka_sample(&f.options.kafka, INT64_MAX, take, &f, &err));
    ck_assert_int_eq(f.seen, 40);
    ck_assert(f.in_order && !f.is_part);
    mock_stop(&f.mock);
}
END_TEST

START_TEST(passing_errors_are_asked_again)
{
    fixture f;
    start_with(&f, 1);
    mock_fill(&f.mock, "orders", 0, 40, print_order, NULL);
    rd_kafka_mock_push_request_errors(f.mock.cluster, MOCK_LIST_OFFSETS, 2,
                                      RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
                                      RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
    RF_CHECK_OK(err, rf_kafka_sample(&f.options.kafka, INT64_MAX, take, &f, &err));
    ck_assert_int_eq(f.seen, 40);
    rf_stop_ask(true);
    rd_kafka_mock_push_request_errors(f.mock.cluster, MOCK_LIST_OFFSETS, 1,
                                      RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
    RF_CHECK_FAILS(err, RF_E_INTERRUPTED, "", rf_kafka_sample(&f.options.kafka, INT64_MAX, take, &f, &err));
    rf_stop_ask(false);
    mock_stop(&f.mock);
}
END_TEST

START_TEST(the_last_of_many_and_nobody_has_committed)
{
    fixture f;
    rf_kafka_lag *lag = NULL;
    int n = 0;
    start(&f);
    mock_fill(&f.mock, "orders", 0, 300, print_order, NULL);
    mock_fill(&f.mock, "orders", 1, 10, print_order, NULL);
    RF_CHECK_OK(err, rf_kafka_sample(&f.options.kafka, 60, take, &f, &err));
    ck_assert_int_eq(f.seen, 30); /* 20 of each partition, as far as there are so many */
    ck_assert_int_eq(f.last[0], 300);
    ck_assert(f.in_order && f.is_part);
    RF_CHECK_OK(err, rf_kafka_lag_read(&lag, &n, &f.options.kafka, &err));
    for (int i = 0; i < n; i++)
        ck_assert_int_eq(lag[i].committed, -1);
    rf_kafka_lag_free(lag, n);
    mock_stop(&f.mock);
}
END_TEST

START_TEST(a_reader_may_have_enough)
{
    fixture f;
    start(&f);
    mock_fill(&f.mock, "orders", 0, 300, print_order, NULL);
    f.stop_after = 7;
    RF_CHECK_OK(err, rf_kafka_sample(&f.options.kafka, INT64_MAX, take, &f, &err));
    ck_assert_int_eq(f.seen, 7);
    mock_stop(&f.mock);
}
END_TEST

START_TEST(a_topic_has_a_proposal)
{
    fixture f;
    rf_sample *sample = NULL;
    rf_proposal *proposal = NULL;
    rf_trial trial;
    start(&f);
    mock_fill(&f.mock, "orders", 0, 200, print_order, NULL);
    const rf_told told = {.options = &f.options};
    RF_CHECK_OK(err, rf_sample_read(&sample, &f.options, 1000, &err));
    RF_CHECK_OK(err, rf_propose(&proposal, sample, &told, &err));
    ck_assert_str_eq(rf_proposal_field(proposal, RF_ROLE_USER), "user");
    ck_assert_str_eq(rf_proposal_field(proposal, RF_ROLE_ENTITY), "shop");
    ck_assert_str_eq(rf_proposal_field(proposal, RF_ROLE_TIME), "$timestamp");
    f.options.fields.user = "user";
    f.options.fields.entity = "shop";
    f.options.fields.time = "$timestamp";
    RF_CHECK_OK(err, rf_sample_try(&trial, sample, &f.options, NULL, NULL, &err));
    ck_assert_int_eq(trial.accepted, 200);
    rf_proposal_free(proposal);
    rf_sample_free(sample);
    mock_stop(&f.mock);
}
END_TEST

START_TEST(headers_are_fields_of_a_sample)
{
    fixture f;
    rf_sample *sample = NULL;
    rf_trial trial;
    const char *nearest;
    char customer[16];
    start_with(&f, 1);
    rd_kafka_t *producer = mock_client(&f.mock, NULL);
    for (int i = 0; i < 60; i++) {
        size_t len = (size_t)sprintf(customer, "c%d", i % 20);
        ck_assert(rd_kafka_producev(
                      producer, RD_KAFKA_V_TOPIC("orders"), RD_KAFKA_V_PARTITION(0),
                      RD_KAFKA_V_VALUE("{\"shop\":\"s1\"}", 13), RD_KAFKA_V_HEADER("customer", "x", 1),
                      RD_KAFKA_V_HEADER("customer", customer, i % 20 == 0 ? 0 : len),
                      RD_KAFKA_V_HEADER("empty", NULL, 0), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                      RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    ck_assert(rd_kafka_flush(producer, 30000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(producer);
    RF_CHECK_OK(err, rf_sample_read(&sample, &f.options, 1000, &err));
    ck_assert(rf_sample_has_column(sample, "$header.customer", &nearest));
    ck_assert(rf_sample_has_column(sample, "$key", &nearest));
    ck_assert(!rf_sample_has_column(sample, "$header.client", &nearest));
    ck_assert(!rf_sample_has_column(sample, "$keys", &nearest));
    f.options.fields.user = "$header.customer";
    f.options.fields.entity = "shop";
    f.options.fields.time = "$timestamp";
    RF_CHECK_OK(err, rf_sample_try(&trial, sample, &f.options, NULL, NULL, &err));
    ck_assert_int_eq(trial.accepted, 57);
    ck_assert_str_eq(trial.tally[0].code, "empty_id");
    f.options.fields.user = "$header.empty";
    RF_CHECK_OK(err, rf_sample_try(&trial, sample, &f.options, NULL, NULL, &err));
    ck_assert_str_eq(trial.tally[0].code, "missing_field");
    rf_sample_free(sample);
    mock_stop(&f.mock);
}
END_TEST

#define LARGE 900000 /* nearly as large as a message may be: the broker keeps five of them in a partition */

static void fill_large(fixture *f, int messages)
{
    static char value[LARGE];
    rd_kafka_t *producer = mock_client(&f->mock, NULL);
    memset(value, ' ', sizeof value);
    memcpy(value, "{\"user\":\"u1\",\"shop\":\"s1\"}", 26);
    for (int i = 0; i < messages; i++)
        ck_assert(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC("orders"), RD_KAFKA_V_PARTITION(i / 5),
                                    RD_KAFKA_V_VALUE(value, sizeof value),
                                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                    RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
    ck_assert(rd_kafka_flush(producer, 30000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(producer);
}

START_TEST(a_sample_that_is_full_is_a_part)
{
    fixture f;
    rf_sample *sample = NULL;
    start_with(&f, 8);
    fill_large(&f, 40);
    RF_CHECK_OK(err, rf_sample_read(&sample, &f.options, 1000, &err));
    ck_assert_int_eq(rf_sample_records(sample), RF_LOOK_BYTES / LARGE + 1);
    ck_assert(rf_sample_is_part(sample));
    rf_sample_free(sample);
    mock_stop(&f.mock);
}
END_TEST

static void print_basket(void *context, int i, char key[64], char value[1024])
{
    (void)context;
    snprintf(key, 64, "k%d", i);
    int len = sprintf(value, "{\"user\":\"u%d\",\"items\":[", 1000 + i % 40);
    for (int k = 0; k < 10; k++)
        len += sprintf(value + len, "%s{\"sku\":\"s%d\"}", k == 0 ? "" : ",", 100 + (i + k) % 30);
    strcpy(value + len, "]}");
}

START_TEST(messages_of_many_events_are_counted_as_such)
{
    fixture f;
    rf_trial trial;
    double all;
    start_with(&f, 1);
    mock_fill(&f.mock, "orders", 0, 200, print_basket, NULL);
    f.options.fields.user = "user";
    f.options.fields.entity = "items[*].sku";
    f.options.fields.time = "$timestamp";
    RF_CHECK_OK(err, rf_source_try(&trial, &all, &f.options, 50, NULL, NULL, &err));
    ck_assert_int_eq(trial.accepted, 500);
    ck_assert_double_eq(all, 2000);
    mock_stop(&f.mock);
}
END_TEST

#define ORDER_SCHEMA                                                                                         \
    "{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"customer\",\"type\":\"string\"},"       \
    "{\"name\":\"shop\",\"type\":[\"null\",\"string\"]},{\"name\":\"amount\",\"type\":\"long\"}]}"

/* No byte of it is 0. */
static void print_avro_order(void *context, int i, char key[64], char value[1024])
{
    char customer[16], shop[16];
    rf_text record = {0};
    (void)context;
    snprintf(key, 64, "k");
    snprintf(customer, sizeof customer, "u%d", 1000 + i % 40);
    snprintf(shop, sizeof shop, "s%d", 100 + i % 9);
    made_avro_text(&record, customer);
    made_avro_long(&record, 1);
    made_avro_text(&record, shop);
    made_avro_long(&record, 1 + i * 37 % 900);
    memcpy(value, record.ptr, record.len);
    value[record.len] = '\0';
    rf_text_clear(&record);
}

START_TEST(avro_messages_have_a_proposal)
{
    fixture f;
    rf_sample *sample = NULL;
    rf_proposal *proposal = NULL;
    rf_text yaml = {0};
    rf_trial trial;
    char path[RF_TEST_PATH];
    const rf_yaml_frame frame = {.path = "x.yaml", .output = "out"};
    start(&f);
    rf_tmp_path(path, "order.avsc");
    FILE *file = fopen(path, "w");
    fputs(ORDER_SCHEMA, file);
    fclose(file);
    f.options.kafka.avro.schema = path;
    const rf_told told = {.options = &f.options};
    mock_fill(&f.mock, "orders", 1, 200, print_avro_order, NULL);
    RF_CHECK_OK(err, rf_sample_read(&sample, &f.options, 1000, &err));
    RF_CHECK_OK(err, rf_propose(&proposal, sample, &told, &err));
    ck_assert_str_eq(rf_proposal_field(proposal, RF_ROLE_USER), "customer");
    ck_assert_str_eq(rf_proposal_field(proposal, RF_ROLE_ENTITY), "shop");
    RF_CHECK_OK(err, rf_proposal_yaml(&yaml, proposal, &frame, &err));
    ck_assert_ptr_nonnull(strstr(yaml.ptr, "  avro:\n    schema: "));
    f.options.fields.user = "customer";
    f.options.fields.entity = "shop";
    f.options.fields.time = "$timestamp";
    RF_CHECK_OK(err, rf_sample_try(&trial, sample, &f.options, NULL, NULL, &err));
    ck_assert_int_eq(trial.accepted, 200);
    rf_text_clear(&yaml);
    rf_proposal_free(proposal);
    rf_sample_free(sample);
    mock_stop(&f.mock);
}
END_TEST

START_TEST(a_registry_has_to_be_named)
{
    fixture f;
    rf_sample *sample = NULL;
    char value[] = "\0\0\0\0\7\x0au1001";
    start(&f);
    rd_kafka_t *producer = mock_client(&f.mock, NULL);
    for (int i = 0; i < 5; i++)
        ck_assert(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC("orders"), RD_KAFKA_V_PARTITION(0),
                                    RD_KAFKA_V_VALUE(value, sizeof value - 1),
                                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                    RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
    ck_assert(rd_kafka_flush(producer, 30000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(producer);
    RF_CHECK_FAILS(err, RF_E_INVALID, "source.avro.registry=URL",
                   rf_sample_read(&sample, &f.options, 1000, &err));
    mock_stop(&f.mock);
}
END_TEST

START_TEST(an_empty_topic_says_so)
{
    fixture f;
    rf_sample *sample = NULL;
    start(&f);
    RF_CHECK_FAILS(err, RF_E_INVALID, "nothing in it", rf_sample_read(&sample, &f.options, 1000, &err));
    mock_stop(&f.mock);
}
END_TEST

RF_SUITE("kafka_sample", all_messages_of_all_partitions, all_messages_of_the_only_partition,
         passing_errors_are_asked_again, the_last_of_many_and_nobody_has_committed, a_reader_may_have_enough,
         a_topic_has_a_proposal, messages_of_many_events_are_counted_as_such, a_sample_that_is_full_is_a_part,
         headers_are_fields_of_a_sample, avro_messages_have_a_proposal, a_registry_has_to_be_named,
         an_empty_topic_says_so)
