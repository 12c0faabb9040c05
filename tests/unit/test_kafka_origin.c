/* A topic that is not the one that a state was read from: another cluster, other messages, fewer of them.
 * What is opened here has nothing left to read, so that no group has to be waited for.
 */
#include <time.h>

#include "kafka_session.h"

#include "kafka_batch_int.h"
#include "rf_mem.h"
#include "rf_time.h"

#define PARTITIONS 2
#define MESSAGES 30

static rf_input_position saved[PARTITIONS];
static rf_positions resume;

/* How the last message before `offset` is known. */
static rf_topic_origin origin_at(const mock_cluster *of, int32_t partition, int64_t offset)
{
    rd_kafka_t *client = mock_client(of, "look");
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, "orders", NULL);
    ck_assert_int_eq(rd_kafka_consume_start(topic, partition, offset - 1), 0);
    rd_kafka_message_t *message = rd_kafka_consume(topic, partition, 5000);
    ck_assert(message != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR);
    ck_assert_int_eq(message->offset, offset - 1);
    const rf_message_mark mark = rf_message_mark_of(message);
    rd_kafka_message_destroy(message);
    (void)rd_kafka_consume_stop(topic, partition);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
    return (rf_topic_origin){.last_offset = offset - 1, .last_ms = mark.ms, .last_hash = mark.hash};
}

static char cluster[64]; /* the id of the mock's */

static void ask_cluster(void)
{
    rd_kafka_t *client = mock_client(&mock, NULL);
    char *id = rd_kafka_clusterid(client, 5000);
    ck_assert(id != NULL);
    snprintf(cluster, sizeof cluster, "%s", id);
    rd_kafka_mem_free(client, id);
    rd_kafka_destroy(client);
}

/* A topic that was read to its end. */
static void begin_read(void)
{
    static char name[] = "orders";
    begin();
    mock_topic(&mock, "orders", PARTITIONS);
    reader_fill(&mock, "orders", PARTITIONS, 0, MESSAGES);
    ask_cluster();
    for (int p = 0; p < PARTITIONS; p++) {
        saved[p] = (rf_input_position){
            .name = name, .partition = p, .offset = MESSAGES, .origin = origin_at(&mock, p, MESSAGES)};
        saved[p].origin.cluster = cluster;
    }
    resume = (rf_positions){.items = saved, .n = PARTITIONS};
    with.options.resume = &resume;
}

static rf_status open_and_look(void)
{
    rf_status st = rf_source_open(&source, &with.options, &err);
    rf_positions_clear(&at);
    if (st >= 0)
        st = rf_source_positions(source, &at, &err);
    rf_source_close(&source);
    return st;
}

static const rf_topic_origin *now(int partition)
{
    for (size_t i = 0; i < at.n; i++) {
        if (at.items[i].partition == partition)
            return &at.items[i].origin;
    }
    ck_abort_msg("no position of partition %d", partition);
    return NULL;
}

START_TEST(the_topic_that_was_read_goes_on)
{
    begin_read();
    RF_CHECK_OK(err, open_and_look());
    for (int p = 0; p < PARTITIONS; p++) {
        ck_assert_int_eq(reader_position(&at, p), MESSAGES);
        ck_assert(rf_topic_origin_equal(now(p), &saved[p].origin));
    }
    end();
}
END_TEST

START_TEST(what_an_older_state_does_not_know_is_known_from_now_on)
{
    begin_read();
    saved[0].origin = saved[1].origin = (rf_topic_origin){0};
    RF_CHECK_OK(err, open_and_look());
    ck_assert_str_eq(now(1)->cluster, cluster);
    ck_assert_uint_eq(now(1)->last_hash, 0);
    end();
}
END_TEST

START_TEST(another_cluster_is_an_error_unless_it_has_the_same_messages)
{
    char elsewhere[] = "elsewhere";
    begin_read();
    saved[0].origin.cluster = saved[1].origin.cluster = elsewhere;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "orders: was read from cluster elsewhere, and these brokers are cluster ",
                   open_and_look());
    saved[0].origin.last_ms = saved[1].origin.last_ms = 7; /* a mirror may set its own */
    with.options.kafka.changed = RF_CHANGED_SAME;
    RF_CHECK_OK(err, open_and_look());
    ck_assert_int_eq(reader_position(&at, 0), MESSAGES);
    ck_assert_str_eq(now(0)->cluster, cluster);
    saved[1].origin.last_hash++;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "orders[1]@29: is not the message that was read there", open_and_look());
    saved[1].origin.last_hash--;
    saved[1].partition = 3;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "orders: has 2 partitions, and 4 of it were read before",
                   open_and_look());
    end();
}
END_TEST

START_TEST(another_message_at_the_last_offset_is_an_error_or_a_new_start)
{
    begin_read();
    saved[1].origin.last_hash++;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "orders[1]@29: is not the message that was read there", open_and_look());
    saved[1].origin.last_hash--;
    saved[1].origin.last_ms++;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "source.changed=new", open_and_look());
    with.options.kafka.changed = RF_CHANGED_NEW;
    RF_CHECK_OK(err, open_and_look());
    ck_assert_int_eq(reader_position(&at, 0), 0);
    ck_assert_int_eq(reader_position(&at, 1), 0);
    ck_assert_uint_eq(now(0)->last_hash, 0);
    with.options.kafka.from_us = RF_FROM_LATEST;
    RF_CHECK_OK(err, open_and_look());
    ck_assert_int_eq(reader_position(&at, 0), MESSAGES);
    end();
}
END_TEST

START_TEST(a_shorter_topic_is_an_error_or_a_new_start)
{
    begin_read();
    saved[1].offset = MESSAGES + 5;
    saved[1].origin.last_offset = MESSAGES + 4;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "orders[1]: was read up to offset 35 but ends at 30", open_and_look());
    with.options.kafka.changed = RF_CHANGED_NEW;
    RF_CHECK_OK(err, open_and_look());
    ck_assert_int_eq(reader_position(&at, 0), 0);
    ck_assert_int_eq(reader_position(&at, 1), 0);
    saved[1].offset = MESSAGES;
    saved[1].partition = 6;
    RF_CHECK_OK(err, open_and_look());
    ck_assert_int_eq(at.n, PARTITIONS);
    end();
}
END_TEST

static void print_long(void *context, int i, char key[64], char value[1024])
{
    reader_print(context, i, key, value);
    memset(value + strlen(value), ' ', 1000 - strlen(value));
    value[1000] = '\0';
}

START_TEST(a_message_that_was_removed_says_nothing)
{
    int64_t low = 0, high = 0;
    begin_read();
    mock_fill(&mock, "orders", 1, 8000, print_long, NULL); /* the mock keeps 5 MB */
    rd_kafka_t *look = mock_client(&mock, "look");
    ck_assert_int_eq(rd_kafka_query_watermark_offsets(look, "orders", 1, &low, &high, 5000), 0);
    rd_kafka_destroy(look);
    ck_assert_int_gt(low, MESSAGES);
    saved[1].offset = high;
    saved[1].origin.last_offset = low - 1;
    RF_CHECK_OK(err, open_and_look());
    ck_assert_int_eq(reader_position(&at, 1), high);
    saved[1].offset = low - 1;
    saved[1].origin.last_offset = low - 2;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "were deleted by retention before they were read", open_and_look());
    end();
}
END_TEST

/* Newer clients wait for a controller, which the mock has not: once for all topics. Older ones know no ids.
 */
START_TEST(ids_of_topics_are_asked_for_at_once)
{
    enum { TOPICS = 4, ONE_WAIT_US = 3000000 };
    static const char *const names[TOPICS] = {"a", "b", "orders", "c"};
    char *ids[TOPICS], **into[TOPICS];
    begin();
    for (int i = 0; i < TOPICS; i++) {
        mock_topic(&mock, names[i], 1);
        into[i] = &ids[i];
    }
    rd_kafka_t *client = mock_client(&mock, NULL);
    int64_t began = rf_monotonic_us();
    RF_CHECK_OK(err, rf_kafka_topic_ids(into, client, names, TOPICS, &err));
    ck_assert_int_lt(rf_monotonic_us() - began, ONE_WAIT_US);
    for (int i = 0; i < TOPICS; i++) {
        for (int k = 0; k < i; k++)
            ck_assert(ids[i] == NULL || ids[k] == NULL || strcmp(ids[i], ids[k]) != 0);
        rf_mem_free(ids[i]);
    }
    rd_kafka_destroy(client);
    end();
}
END_TEST

/* ---- shares ---- */

static int restarts, revocations;

static rf_status on_assigned(void *context, const char *topic, int32_t partition, rf_input_position *from,
                             void **share, rf_err *why)
{
    (void)context, (void)topic, (void)why;
    from->offset = saved[partition].offset;
    from->origin = saved[partition].origin;
    *share = &saved[partition];
    return RF_OK;
}

static rf_status on_revoked(void *context, const rf_input_position *to, void *share, bool lost, rf_err *why)
{
    (void)context, (void)why;
    ck_assert(!lost && share == &saved[to->partition]);
    ck_assert_int_eq(to->offset, 2 * MESSAGES);
    ck_assert_str_eq(to->origin.cluster, cluster);
    ck_assert_int_eq(to->origin.last_offset, 2 * MESSAGES - 1);
    if (to->partition == 1) /* the mock does not say it: what was known stays known */
        ck_assert_str_eq(to->origin.topic_id, "an id");
    else
        ck_assert_ptr_null(to->origin.topic_id);
    revocations++;
    return RF_OK;
}

static rf_status on_saved_elsewhere(void *context, const char *topic, int32_t partition, int64_t *offset,
                                    rf_topic_origin *origin, rf_err *why)
{
    (void)context, (void)topic;
    *offset = saved[partition].offset;
    return origin == NULL ? RF_OK : rf_topic_origin_copy(origin, &saved[partition].origin, why);
}

static rf_status on_restarted(void *context, void *share, rf_err *why)
{
    (void)context, (void)why;
    ck_assert(share == &saved[0]);
    restarts++;
    return RF_OK;
}

/* Partition 0 is of another topic; partition 1 was saved since by a member that reads this one. */
START_TEST(a_share_of_another_topic_is_an_error_or_begins_again)
{
    static const rf_source_owner owner = {NULL, on_assigned, on_revoked, on_saved_elsewhere, on_restarted};
    char id[] = "an id";
    begin_read();
    reader_fill(&mock, "orders", PARTITIONS, MESSAGES, MESSAGES);
    saved[0].origin.last_hash++;
    saved[0].origin.topic_id = saved[1].origin.topic_id = id;
    with.options.resume = NULL;
    with.options.kafka.owner = &owner;
    RF_CHECK_FAILS(err, RF_E_KAFKA, "orders[0]@29: is not the message", open_and_look());
    with.options.kafka.changed = RF_CHANGED_NEW;
    read_all();
    for (int i = 0; i < 2 * MESSAGES; i++) {
        ck_assert_int_eq(all->seen[0][i], 1);
        ck_assert_int_eq(all->seen[1][i], i >= MESSAGES);
    }
    rf_source_close(&source);
    ck_assert_int_eq(restarts, 1);
    ck_assert_int_eq(revocations, PARTITIONS);
    end();
}
END_TEST

RF_SUITE("kafka_origin", the_topic_that_was_read_goes_on,
         what_an_older_state_does_not_know_is_known_from_now_on,
         another_cluster_is_an_error_unless_it_has_the_same_messages,
         another_message_at_the_last_offset_is_an_error_or_a_new_start,
         a_shorter_topic_is_an_error_or_a_new_start, a_message_that_was_removed_says_nothing,
         a_share_of_another_topic_is_an_error_or_begins_again, ids_of_topics_are_asked_for_at_once)
