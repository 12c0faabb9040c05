/* One member of a group reads a mock cluster's topic: everything once, positions to the message, ends, gaps.
 */
#include <time.h>

#include "kafka_session.h"
#include "made_registry.h"
#include "rf_time.h"

START_TEST(every_message_is_handed_out_once_and_positions_are_exact)
{
    int64_t done, total;
    begin();
    mock_topic(&mock, "orders", 3);
    reader_fill(&mock, "orders", 3, 0, 1000);
    read_all();
    reader_check(all, 3, 0, 1000);
    ck_assert_int_eq(at.n, 3);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(reader_position(&at, i), 1000);
    ck_assert_int_eq(rf_source_read(source), 3000);
    rf_source_progress(source, &done, &total);
    ck_assert_int_eq(done, 3000);
    ck_assert_int_eq(total, 3000);
    end();
}
END_TEST

START_TEST(reading_goes_on_at_the_positions_of_the_state)
{
    begin();
    mock_topic(&mock, "orders", 2);
    reader_fill(&mock, "orders", 2, 0, 500);
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    ck_assert_int_eq(reader_run(source, all, 333, &err), RF_OK);
    RF_CHECK_OK(err, rf_source_positions(source, &at, &err));
    ck_assert_int_eq(reader_position(&at, 0) + reader_position(&at, 1), 333);
    for (size_t i = 0; i < at.n; i++) {
        const rf_topic_origin *origin = &at.items[i].origin;
        ck_assert(origin->cluster != NULL);
        ck_assert_int_eq(origin->last_offset, at.items[i].offset == 0 ? 0 : at.items[i].offset - 1);
        ck_assert_int_eq(origin->last_hash != 0, at.items[i].offset > 0);
    }
    rf_source_close(&source);
    reader_fill(&mock, "orders", 2, 500, 100);
    with.options.resume = &at;
    with.options.read_before = 333;
    reader_set(&with, "group.id", "second"); /* the mock is slow to let a group's next member in */
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    rf_status st = reader_run(source, all, 0, &err);
    ck_assert_msg(st == RF_EOF, "%s", err.msg);
    reader_check(all, 2, 0, 600);
    ck_assert_int_eq(rf_source_read(source), 1200);
    end();
}
END_TEST

START_TEST(what_comes_after_the_start_is_left_for_the_next_run)
{
    begin();
    mock_topic(&mock, "orders", 2);
    reader_fill(&mock, "orders", 2, 0, 200);
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    reader_fill(&mock, "orders", 2, 200, 50);
    ck_assert_int_eq(reader_run(source, all, 0, &err), RF_EOF);
    reader_check(all, 2, 0, 200);
    RF_CHECK_OK(err, rf_source_positions(source, &at, &err));
    ck_assert_int_eq(reader_position(&at, 0), 200);
    ck_assert_int_eq(reader_position(&at, 1), 200);
    end();
}
END_TEST

START_TEST(from_latest_is_where_the_next_run_goes_on)
{
    begin();
    mock_topic(&mock, "orders", 1);
    reader_fill(&mock, "orders", 1, 0, 100);
    with.options.kafka.from_us = RF_FROM_LATEST;
    read_all();
    ck_assert_int_eq(all->events, 0);
    ck_assert_int_eq(reader_position(&at, 0), 100);
    rf_source_close(&source);
    reader_fill(&mock, "orders", 1, 100, 40);
    with.options.resume = &at;
    reader_set(&with, "group.id", "second");
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    ck_assert_int_eq(reader_run(source, all, 0, &err), RF_EOF);
    reader_check(all, 1, 100, 140);
    end();
}
END_TEST

START_TEST(following_returns_every_second_and_reads_what_comes)
{
    const rf_event *event;
    begin();
    mock_topic(&mock, "orders", 1);
    with.options.kafka.until_us = RF_UNTIL_NEVER;
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    for (int i = 0; i < 3; i++) {
        time_t from = time(NULL);
        ck_assert_int_eq(rf_source_poll(source, &event, &err), RF_TIMEOUT);
        ck_assert_int_le(time(NULL) - from, 1);
    }
    reader_fill(&mock, "orders", 1, 0, 300);
    ck_assert_int_eq(reader_run(source, all, 300, &err), RF_OK);
    reader_check(all, 1, 0, 300);
    int64_t done, total;
    rf_source_progress(source, &done, &total);
    ck_assert_int_eq(done, 300);
    ck_assert_int_eq(total, -1);
    end();
}
END_TEST

/* ---- records that do not fit ---- */

static void print_poison(void *context, int i, char key[64], char value[1024])
{
    (void)context;
    snprintf(key, 64, "k%d", i);
    snprintf(value, 1024,
             i % 10 == 3 ? "{\"u\":\"u%d\",\"e\"" : "{\"u\":\"u%d\",\"e\":\"e\",\"t\":1500000000}", i);
}

static void send_poison(void)
{
    mock_topic(&mock, "orders", 1);
    mock_fill(&mock, "orders", 0, 20, print_poison, NULL);
    rd_kafka_t *producer = mock_client(&mock, NULL);
    mock_send(producer, "orders", 0, "gone", NULL);
    ck_assert_int_eq(rd_kafka_flush(producer, 10000), 0);
    rd_kafka_destroy(producer);
}

START_TEST(bad_messages_go_to_the_file_with_topic_partition_and_offset)
{
    char path[RF_TEST_PATH], text[4096] = "";
    begin();
    rf_tmp_path(path, "rejects.jsonl");
    send_poison();
    with.options.dead_letters = path;
    read_all();
    ck_assert_int_eq(all->events, 18);
    ck_assert_int_eq(all->rejects, 3);
    ck_assert_int_eq(rf_source_rejected(source), 3);
    ck_assert_int_eq(reader_position(&at, 0), 21);
    FILE *file = fopen(path, "r");
    ck_assert(file != NULL);
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    ck_assert_int_eq(at.dead_letter_bytes, n);
    ck_assert_msg(
        strstr(text,
               "{\"place\":{\"topic\":\"orders\",\"partition\":0,\"offset\":3},\"code\":\"bad_json\"") ==
            text,
        "%s", text);
    ck_assert(strstr(text, "\"offset\":13}") != NULL);
    ck_assert(strstr(text, "\"offset\":20},\"code\":\"no_value\"") != NULL);
    ck_assert(strstr(text, "\"record\":null}") != NULL);
    end();
}
END_TEST

/* An array of n events, every 50th of which has no entity. */
static char *print_array(int n)
{
    char *text = malloc((size_t)n * 64 + 3);
    ck_assert_ptr_nonnull(text);
    size_t len = 0;
    for (int i = 0; i < n; i++)
        len += (size_t)sprintf(text + len, "%s{\"u\":\"u%d\",%s\"t\":1500000000}", i == 0 ? "[" : ",", i,
                               i % 50 == 49 ? "" : "\"e\":\"e\",");
    memcpy(text + len, "]", 2);
    return text;
}

START_TEST(an_array_is_many_events_and_positions_are_between_messages)
{
    static const char *const where[] = {"$value exists"};
    char path[RF_TEST_PATH], text[65536] = "", *array = print_array(2000);
    begin();
    rf_tmp_path(path, "rejects.jsonl");
    mock_topic(&mock, "orders", 1);
    rd_kafka_t *producer = mock_client(&mock, NULL);
    mock_send(producer, "orders", 0, "a", "[{\"u\":\"u\",\"e\":\"e\",\"t\":1500000000},5]");
    mock_send(producer, "orders", 0, "gone", NULL);
    mock_send(producer, "orders", 0, "a", array);
    mock_send(producer, "orders", 0, "a", "[]");
    ck_assert_int_eq(rd_kafka_flush(producer, 10000), 0);
    rd_kafka_destroy(producer);
    with.options.dead_letters = path;
    with.options.fields.where = where;
    with.options.fields.n_where = 1;
    read_all();
    ck_assert_int_eq(all->events, 1 + 1960);
    ck_assert_int_eq(rf_source_rejected(source), 1 + 40);
    ck_assert_int_eq(rf_source_filtered(source), 2);
    ck_assert_int_eq(rf_source_read(source), 2 + 1 + 2000 + 1);
    ck_assert_int_eq(reader_position(&at, 0), 4);
    ck_assert(!rf_source_mid_record(source));
    FILE *file = fopen(path, "r");
    ck_assert(file != NULL);
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    ck_assert(n > 0 && strstr(text, "\"offset\":0,\"element\":1},\"code\":\"bad_json\"") != NULL);
    ck_assert(strstr(text, "\"offset\":2,\"element\":1999},\"code\":\"missing_field\"") != NULL);
    ck_assert(strstr(text, "\"record\":\"{\\\"u\\\":\\\"u1999\\\",") != NULL);
    free(array);
    end();
}
END_TEST

START_TEST(bad_messages_go_to_the_topic_before_positions_are_told)
{
    rf_source_metrics figures;
    begin();
    send_poison();
    mock_topic(&mock, "rejects", 1);
    with.options.kafka.dead_letter_topic = "rejects";
    read_all();
    rf_source_metrics_get(source, &figures);
    ck_assert_int_eq(figures.produced, 3);
    ck_assert_int_eq(figures.rejected, 3);
    ck_assert_int_eq(figures.consumed, 21);
    int64_t low = -1, high = -1;
    rd_kafka_t *look = mock_client(&mock, "look");
    ck_assert_int_eq(rd_kafka_query_watermark_offsets(look, "rejects", 0, &low, &high, 5000), 0);
    ck_assert_int_eq(high, 3);
    rd_kafka_destroy(look);
    end();
}
END_TEST

START_TEST(too_many_rejects_end_the_source)
{
    begin();
    send_poison();
    with.options.max_rejects = 2;
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    ck_assert_int_eq(reader_run(source, all, 0, &err), RF_E_REJECTED);
    ck_assert(strstr(err.msg, "3 of 21 records were rejected") != NULL);
    end();
}
END_TEST

/* ---- options ---- */

START_TEST(what_cannot_work_is_said_when_opening)
{
    begin();
    mock_topic(&mock, "orders", 1);
    mock_missing(&mock, "nowhere");
    with.topics[0] = "nowhere";
    RF_CHECK_FAILS(err, RF_E_KAFKA, "nowhere", rf_source_open(&source, &with.options, &err));
    with.topics[0] = "^ord.*";
    RF_CHECK_FAILS(err, RF_E_INVALID, "pattern", rf_source_open(&source, &with.options, &err));
    with.topics[0] = "orders";
    with.options.kafka.n_topics = 0;
    RF_CHECK_FAILS(err, RF_E_INVALID, "source.topics", rf_source_open(&source, &with.options, &err));
    with.options.kafka.n_topics = 1;
    reader_set(&with, "enable.auto.commit", "true");
    RF_CHECK_FAILS(err, RF_E_INVALID, "enable.auto.commit", rf_source_open(&source, &with.options, &err));
    reader_set(&with, "enable.auto.commit", "false");
    with.settings[1].key = "client.rack"; /* was group.id */
    RF_CHECK_FAILS(err, RF_E_INVALID, "kafka.group.id", rf_source_open(&source, &with.options, &err));
    end();
}
END_TEST

/* ---- positions that the topic does not have ---- */

static void print_long(void *context, int i, char key[64], char value[1024])
{
    reader_print(context, i, key, value);
    size_t len = strlen(value);
    memset(value + len, ' ', 1000 - len);
    value[1000] = '\0';
}

static rf_input_position was_read_to(int64_t offset)
{
    static char name[] = "orders";
    return (rf_input_position){.name = name, .offset = offset};
}

START_TEST(messages_deleted_unread_are_an_error_or_skipped)
{
    int64_t low = 0, high = 0;
    rf_input_position before = was_read_to(7);
    rf_positions resume = {.items = &before, .n = 1};
    begin();
    mock_topic(&mock, "orders", 1);
    mock_fill(&mock, "orders", 0, 8000, print_long, NULL); /* the mock keeps 5 MB */
    rd_kafka_t *look = mock_client(&mock, "look");
    ck_assert_int_eq(rd_kafka_query_watermark_offsets(look, "orders", 0, &low, &high, 5000), 0);
    rd_kafka_destroy(look);
    ck_assert_int_gt(low, 7);
    with.options.resume = &resume;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "orders[0]: messages 7 to ",
                   rf_source_open(&source, &with.options, &err));
    with.options.kafka.skip_gaps = true;
    read_all();
    reader_check(all, 1, (int)low, 8000);
    ck_assert_int_eq(reader_position(&at, 0), 8000);
    end();
}
END_TEST

START_TEST(a_topic_made_anew_is_an_error)
{
    rf_input_position before = was_read_to(500);
    rf_positions resume = {.items = &before, .n = 1};
    begin();
    mock_topic(&mock, "orders", 1);
    reader_fill(&mock, "orders", 1, 0, 100);
    with.options.resume = &resume;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "was read up to offset 500 but ends at 100",
                   rf_source_open(&source, &with.options, &err));
    before.partition = 4;
    before.offset = 10;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "orders: has 1 partitions, and 5",
                   rf_source_open(&source, &with.options, &err));
    end();
}
END_TEST

START_TEST(positions_of_other_inputs_are_kept)
{
    char file[] = "events.jsonl", other[] = "returns";
    rf_input_position before[] = {{.name = file, .partition = -1, .offset = 77, .line = 3, .records = 2},
                                  {.name = other, .partition = 1, .offset = 12, .records = 5}};
    rf_positions resume = {.items = before, .n = 2};
    begin();
    mock_topic(&mock, "orders", 1);
    reader_fill(&mock, "orders", 1, 0, 10);
    with.options.resume = &resume;
    read_all();
    bool seen_file = false, seen_other = false;
    for (size_t i = 0; i < at.n; i++) {
        seen_file = seen_file || (strcmp(at.items[i].name, file) == 0 && at.items[i].partition == -1 &&
                                  at.items[i].offset == 77 && at.items[i].line == 3);
        seen_other = seen_other || (strcmp(at.items[i].name, other) == 0 && at.items[i].partition == 1 &&
                                    at.items[i].offset == 12 && at.items[i].records == 5);
    }
    ck_assert(seen_file && seen_other);
    ck_assert_int_eq(at.n, 3);
    end();
}
END_TEST

/* ---- trouble ---- */

/* ---- Avro ---- */

/* {"u":"u007","e":1,"t":1500000007} by schema 7 of a registry, as Avro; one in ten has a time that is none.
 */
static size_t print_avro(char out[64], int i)
{
    static const char prefix[] = {0, 0, 0, 0, 7};
    size_t len = sizeof prefix;
    memcpy(out, prefix, len);
    len += (size_t)sprintf(out + len, "%cu%03d%c", 2 * 4, i, 2 * (i % 7 + 1));
    for (int64_t bits = 2 * (i % 10 == 3 ? INT64_C(1) << 40 : 1500000000 + i); bits > 0; bits >>= 7)
        out[len++] = (char)((bits & 0x7F) | (bits > 0x7F ? 0x80 : 0));
    return len;
}

static void fill_avro(int n)
{
    char errors[512], value[64];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    ck_assert_int_eq(rd_kafka_conf_set(conf, "bootstrap.servers", mock.servers, errors, sizeof errors),
                     RD_KAFKA_CONF_OK);
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errors, sizeof errors);
    for (int i = 0; i < n; i++)
        ck_assert_int_eq(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC("orders"), RD_KAFKA_V_PARTITION(0),
                                           RD_KAFKA_V_VALUE(value, print_avro(value, i)),
                                           RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
                         RD_KAFKA_RESP_ERR_NO_ERROR);
    ck_assert_int_eq(rd_kafka_flush(producer, 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(producer);
}

START_TEST(a_registry_that_was_away_costs_no_message)
{
    static const made_answer answers[] = {
        {"/schemas/ids/7", 200,
         "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":["
         "{\\\"name\\\":\\\"u\\\",\\\"type\\\":\\\"string\\\"},{\\\"name\\\":\\\"e\\\",\\\"type\\\":"
         "\\\"int\\\"},"
         "{\\\"name\\\":\\\"t\\\",\\\"type\\\":\\\"long\\\"}]}\"}"},
        {NULL, 0, NULL},
    };
    char path[RF_TEST_PATH];
    made_registry registry;
    begin();
    mock_topic(&mock, "orders", 1);
    fill_avro(100);
    made_registry_start(&registry, answers);
    with.options.kafka.avro = (rf_avro_options){.registry = registry.url, .timeout_us = RF_SECOND_US};
    with.options.kafka.broker_timeout_us = RF_SECOND_US / 2;
    with.options.dead_letters = rf_tmp_path(path, "avro.jsonl");
    atomic_store(&registry.busy, 1000);
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    ck_assert_int_eq(reader_run(source, all, 0, &err), RF_E_IO);
    ck_assert_ptr_nonnull(strstr(err.msg, "status 503"));
    ck_assert_int_eq(all->events + all->rejects, 0);
    rf_source_close(&source);
    atomic_store(&registry.busy, 0);
    err = (rf_err){0};
    with.options.kafka.broker_timeout_us = 10 * RF_SECOND_US;
    reader_set(&with, "group.id", "second"); /* the mock is slow to let a group's next member in */
    read_all();
    ck_assert_int_eq(all->events, 90);
    ck_assert_int_eq(all->rejects, 10);
    ck_assert_int_gt(atomic_load(&registry.requests), 1);
    char *letters = rf_slurp(path, NULL);
    ck_assert_ptr_nonnull(strstr(letters, "\"place\":{\"topic\":\"orders\",\"partition\":0,\"offset\":3}"));
    ck_assert_ptr_nonnull(
        strstr(letters, "\"record\":\"{\\\"u\\\":\\\"u003\\\",\\\"e\\\":4,\\\"t\\\":1099511627776}\""));
    free(letters);
    made_registry_stop(&registry);
    end();
}
END_TEST

RF_SUITE("kafka_source", every_message_is_handed_out_once_and_positions_are_exact,
         reading_goes_on_at_the_positions_of_the_state, what_comes_after_the_start_is_left_for_the_next_run,
         from_latest_is_where_the_next_run_goes_on, following_returns_every_second_and_reads_what_comes,
         bad_messages_go_to_the_file_with_topic_partition_and_offset,
         an_array_is_many_events_and_positions_are_between_messages,
         bad_messages_go_to_the_topic_before_positions_are_told, too_many_rejects_end_the_source,
         what_cannot_work_is_said_when_opening, messages_deleted_unread_are_an_error_or_skipped,
         a_topic_made_anew_is_an_error, positions_of_other_inputs_are_kept,
         a_registry_that_was_away_costs_no_message)
