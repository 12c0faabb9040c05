/* From messages to batches in the queue, and from there to events many at a time: order, texts, what did not
 * fit.
 */
#include <string.h>
#include <time.h>

#include "kafka_reader.h"

#include "kafka_batch_int.h"

#define MESSAGES 3000

/* Every third one carries long texts, every seventh is cut short. */
static void print_mixed(void *context, int i, char key[64], char value[1024])
{
    char pad[300];
    (void)context;
    memset(pad, 'x', sizeof pad);
    pad[i % 3 == 0 ? 299 : 0] = '\0';
    snprintf(key, 64, "k%d", i);
    snprintf(value, 1024, "{\"u\":\"u%d%s\",\"e\":\"e\\u00e9%d\",\"t\":%d,\"id\":\"%d%s\"%s", i, pad, i % 7,
             1500000000 + i, i, pad, i % 7 == 3 ? "" : "}");
}

typedef struct consumed {
    rd_kafka_t *client;
    rd_kafka_message_t *messages[MESSAGES];
} consumed;

static void consume_all(consumed *all, const mock_cluster *mock)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, "orders", 0)->offset = 0;
    all->client = mock_client(mock, "plain");
    ck_assert_int_eq(rd_kafka_assign(all->client, list), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(list);
    for (int n = 0; n < MESSAGES;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(all->client, 10000);
        ck_assert_ptr_nonnull(message);
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            all->messages[n++] = message;
        else
            rd_kafka_message_destroy(message);
    }
}

static void done_consuming(consumed *all)
{
    rd_kafka_consumer_close(all->client);
    rd_kafka_destroy(all->client);
}

static bool same(rf_span text, const char *expected)
{
    return text.len == strlen(expected) && memcmp(text.ptr, expected, text.len) == 0;
}

/* Message i, as it came out of a batch. */
static void check_message(const rf_batch *batch, size_t row, int i)
{
    char key[64], value[1024], user[320], entity[16], id[320];
    const rf_event *event = batch->events[row];
    const rf_bad_message *bad = batch->bad[row];
    print_mixed(NULL, i, key, value);
    RF_HOLDS(strcmp(event->place.name, "orders") == 0 && event->place.partition == 0);
    RF_HOLDS(event->place.position == i && (bad != NULL) == (i % 7 == 3));
    if (bad != NULL) {
        RF_HOLDS(same((rf_span){bad->message->payload, bad->message->len}, value));
        RF_HOLDS(bad->reject.code == RF_REJECT_BAD_JSON);
        return;
    }
    snprintf(user, sizeof user, "%.*s", (int)(strchr(value + 6, '"') - value - 6), value + 6);
    snprintf(entity, sizeof entity, "e\xc3\xa9%d", i % 7);
    snprintf(id, sizeof id, "%s", user + 1);
    RF_HOLDS(same(event->user, user) && same(event->entity, entity) && same(event->event_id, id));
    RF_HOLDS(event->time_us == (int64_t)(1500000000 + i) * 1000000);
    const char *from = batch->bytes, *end = from + RF_BATCH_BYTES;
    RF_HOLDS(event->user.ptr >= from && event->event_id.ptr + event->event_id.len <= end);
}

static int take_all(rf_queue *queue, int expected, int *batches)
{
    rf_fetched item;
    while (rf_queue_take(queue, &item, 1, 0) == 1) {
        RF_HOLDS(item.kind == RF_FETCHED_BATCH && item.messages == item.batch->n);
        RF_HOLDS(item.bytes >= (int64_t)sizeof *item.batch);
        for (size_t row = 0; row < item.batch->n; row++)
            check_message(item.batch, row, expected++);
        rf_queue_give_back(queue, item.batch);
        ++*batches;
    }
    return expected;
}

static void begin(mock_cluster *mock, reader *with)
{
    *mock = mock_start(1);
    mock_topic(mock, "orders", 1);
    mock_fill(mock, "orders", 0, MESSAGES, print_mixed, NULL);
    reader_init(with, mock);
    with->options.fields.event_id = "id";
}

START_TEST(messages_of_every_kind_come_out_of_batches_as_they_went_in)
{
    rf_err err = {0};
    mock_cluster mock;
    reader with;
    consumed all;
    rf_filler filler = {.format = RF_FORMAT_JSONL};
    int batches = 0, taken = 0;
    begin(&mock, &with);
    consume_all(&all, &mock);
    RF_CHECK_OK(err, rf_decoder_new(&filler.decoder, &with.options, &err));
    RF_CHECK_OK(err, rf_queue_new(&filler.queue, 100000, &err));
    for (int from = 0, n = 1; from < MESSAGES; from += n, n = n * 2 + 1) {
        n = n < MESSAGES - from ? n : MESSAGES - from;
        RF_CHECK_OK(err, rf_filler_take_in(&filler, all.messages + from, (size_t)n, &err));
        taken = from % 2 == 0 ? take_all(filler.queue, taken, &batches) : taken;
    }
    taken = take_all(filler.queue, taken, &batches);
    ck_assert_int_eq(taken, MESSAGES);
    ck_assert_int_gt(batches, 12);
    rf_batch *spare = rf_queue_spare(filler.queue);
    ck_assert_ptr_nonnull(spare); /* they go round */
    ck_assert_int_eq(spare->n, 0);
    rf_batch_free(spare);
    rf_filler_clear(&filler);
    rf_queue_free(filler.queue);
    rf_decoder_free(filler.decoder);
    done_consuming(&all);
    mock_stop(&mock);
}
END_TEST

/* What is in the queue, or in nobody's hands yet, is freed with what it keeps. */
static rf_status fill_a_queue(consumed *all, const reader *with, int from, rf_err *err)
{
    rf_status st = RF_OK;
    rf_filler filler = {.format = RF_FORMAT_JSONL};
    int n = 20;
    RF_TRY(rf_decoder_new(&filler.decoder, &with->options, err));
    RF_TRY(rf_queue_new(&filler.queue, 100, err));
    st = rf_filler_take_in(&filler, all->messages + from, (size_t)n, err);
    n = 0;
done:
    for (int i = 0; i < n; i++)
        rd_kafka_message_destroy(all->messages[from + i]);
    rf_filler_clear(&filler);
    rf_queue_free(filler.queue);
    rf_decoder_free(filler.decoder);
    return st;
}

START_TEST(refused_memory_loses_no_message)
{
    mock_cluster mock;
    reader with;
    consumed all;
    int from = 0;
    begin(&mock, &with);
    consume_all(&all, &mock);
    RF_SWEEP((from += 20, fill_a_queue(&all, &with, from - 20, sweep_err)), {});
    for (; from < MESSAGES; from++)
        rd_kafka_message_destroy(all.messages[from]);
    done_consuming(&all);
    mock_stop(&mock);
}
END_TEST

START_TEST(many_at_a_time_are_the_same_messages)
{
    rf_err err = {0};
    mock_cluster mock;
    reader with;
    rf_source *source = NULL;
    const rf_event *const *events = NULL;
    size_t n = 0, longest = 0;
    int64_t at = 0;
    rf_status st;
    begin(&mock, &with);
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    while ((st = rf_source_poll_many(source, &events, &n, &err)) != RF_EOF) {
        ck_assert_msg(st >= 0, "%s", err.msg);
        if (st == RF_TIMEOUT)
            continue;
        RF_HOLDS(st == (at % 7 == 3 ? RF_SKIPPED : RF_OK));
        n = st == RF_SKIPPED ? 1 : n;
        for (size_t i = 0; st == RF_OK && i < n; i++)
            RF_HOLDS(events[i]->place.position == at + (int64_t)i);
        longest = n > longest ? n : longest;
        at += (int64_t)n;
        RF_HOLDS(rf_source_read(source) == at);
    }
    ck_assert_int_eq(at, MESSAGES);
    ck_assert_int_eq(longest, 6); /* between two that do not fit */
    ck_assert_int_eq(rf_source_rejected(source), MESSAGES / 7 + (MESSAGES % 7 > 3));
    rf_source_close(&source);
    mock_stop(&mock);
}
END_TEST

RF_SUITE("kafka_batch", messages_of_every_kind_come_out_of_batches_as_they_went_in,
         refused_memory_loses_no_message, many_at_a_time_are_the_same_messages)
