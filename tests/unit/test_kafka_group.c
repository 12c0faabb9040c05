/* Several members of a group share a topic, each partition's state with the member that holds it: judged by
 * what the owners' hooks have saved in the end.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "kafka_reader.h"

#define PARTS 6
#define MESSAGES 4000

/* The state of a partition as a shard file would hold it. */
typedef struct shard {
    int64_t next; /* -1: nothing saved */
    int epoch;    /* claims so far */
    uint8_t seen[MESSAGES];
} shard;

typedef struct store {
    pthread_mutex_t lock;
    shard shards[PARTS];
    int fenced; /* saves that came too late */
} store;

/* One member's hold of a partition. */
typedef struct share {
    int partition, epoch;
    bool held;
    uint8_t seen[MESSAGES];
} share;

typedef struct member {
    mock_cluster *mock;
    store *store;
    reader with;
    rf_source_owner owner;
    share shares[PARTS];
    int64_t limit; /* leaves after that many; 0: reads to the end */
    int assigned, revoked, lost;
    bool wrong_share;
    atomic_int events;
    rf_status ended;
    rf_err err;
    pthread_t thread;
} member;

static rf_status on_assigned(void *context, const char *topic, int32_t partition, rf_input_position *at,
                             void **share_at, rf_err *err)
{
    member *self = context;
    share *mine = &self->shares[partition];
    (void)topic, (void)err;
    pthread_mutex_lock(&self->store->lock);
    shard *saved = &self->store->shards[partition];
    mine->partition = partition;
    mine->epoch = ++saved->epoch;
    mine->held = true;
    memcpy(mine->seen, saved->seen, MESSAGES);
    at->offset = saved->next;
    pthread_mutex_unlock(&self->store->lock);
    *share_at = mine;
    self->assigned++;
    return RF_OK;
}

static void save(member *self, share *mine, int64_t next)
{
    pthread_mutex_lock(&self->store->lock);
    shard *saved = &self->store->shards[mine->partition];
    if (saved->epoch == mine->epoch) {
        memcpy(saved->seen, mine->seen, MESSAGES);
        saved->next = next;
    } else {
        self->store->fenced++;
    }
    pthread_mutex_unlock(&self->store->lock);
}

static rf_status on_revoked(void *context, const rf_input_position *at, void *share_of, bool lost,
                            rf_err *err)
{
    member *self = context;
    share *mine = share_of;
    (void)err;
    self->wrong_share = self->wrong_share || mine->partition != at->partition || !mine->held;
    mine->held = false;
    self->revoked++;
    self->lost += lost;
    if (!lost)
        save(self, mine, at->offset);
    return RF_OK;
}

static rf_status on_saved_elsewhere(void *context, const char *topic, int32_t partition, int64_t *offset,
                                    rf_topic_origin *origin, rf_err *err)
{
    member *self = context;
    (void)topic, (void)origin, (void)err;
    pthread_mutex_lock(&self->store->lock);
    *offset = self->store->shards[partition].next;
    pthread_mutex_unlock(&self->store->lock);
    return RF_OK;
}

static rf_status on_restarted(void *context, void *share_of, rf_err *why)
{
    (void)context, (void)share_of, (void)why;
    ck_abort_msg("a topic was taken for another one");
    return RF_OK;
}

static rf_status save_all(member *self, rf_source *source)
{
    rf_positions at = {0};
    rf_status st = rf_source_positions(source, &at, &self->err);
    for (size_t i = 0; i < at.n; i++)
        save(self, &self->shares[at.items[i].partition], at.items[i].offset);
    if (st == RF_OK)
        rf_source_saved(source, &at);
    rf_positions_clear(&at);
    return st;
}

static rf_status read_some(member *self, rf_source *source)
{
    const rf_event *event = NULL;
    time_t until = time(NULL) + 90;
    while (time(NULL) < until) {
        rf_status st = rf_source_poll(source, &event, &self->err);
        if (st < 0 || st == RF_EOF)
            return st;
        if (st == RF_OK) {
            share *mine = event->share;
            self->wrong_share = self->wrong_share || mine->partition != event->place.partition || !mine->held;
            mine->seen[event->place.position]++;
            int n = atomic_fetch_add(&self->events, 1) + 1;
            if (self->limit > 0 && n >= self->limit)
                return RF_OK;
            if (n % 250 == 0)
                nanosleep(&(struct timespec){.tv_nsec = 120000000}, NULL); /* others have time to join */
        }
        if (st == RF_TIMEOUT && rf_source_own_done(source) && save_all(self, source) < 0)
            return RF_E_INTERNAL;
    }
    return RF_TIMEOUT;
}

static void *live(void *argument)
{
    member *self = argument;
    rf_source *source = NULL;
    self->ended = rf_source_open(&source, &self->with.options, &self->err);
    if (self->ended == RF_OK)
        self->ended = read_some(self, source);
    rf_source_close(&source);
    return NULL;
}

static void member_start(member *self, mock_cluster *mock, store *all, int64_t limit)
{
    *self = (member){.store = all, .mock = mock, .limit = limit};
    reader_init(&self->with, mock);
    /* a busy machine is slow to join again, and who is late loses its share */
    reader_set(&self->with, "session.timeout.ms", "6000");
    self->owner = (rf_source_owner){self, on_assigned, on_revoked, on_saved_elsewhere, on_restarted};
    self->with.options.kafka.owner = &self->owner;
    self->with.options.kafka.queue_messages = 1000;
    ck_assert_int_eq(pthread_create(&self->thread, NULL, live, self), 0);
}

static void member_join(member *self, rf_status expected)
{
    pthread_join(self->thread, NULL);
    ck_assert_msg(self->ended == expected, "%s: %s", rf_status_name(self->ended), self->err.msg);
    ck_assert(!self->wrong_share);
    ck_assert_int_eq(self->assigned, self->revoked);
}

static store *store_new(void)
{
    store *all = calloc(1, sizeof *all);
    pthread_mutex_init(&all->lock, NULL);
    for (int i = 0; i < PARTS; i++)
        all->shards[i].next = -1;
    return all;
}

static void store_check(store *all, int messages)
{
    for (int i = 0; i < PARTS; i++) {
        ck_assert_int_eq(all->shards[i].next, messages);
        for (int k = 0; k < messages; k++) {
            if (all->shards[i].seen[k] != 1)
                ck_abort_msg("orders[%d]@%d counted %d times", i, k, all->shards[i].seen[k]);
        }
    }
    ck_assert_int_eq(all->fenced, 0);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

START_TEST(one_member_gets_shares_and_saves_them_when_it_leaves)
{
    mock_cluster mock = mock_start(1);
    store *all = store_new();
    member *only = calloc(1, sizeof *only);
    mock_topic(&mock, "orders", PARTS);
    reader_fill(&mock, "orders", PARTS, 0, 300);
    member_start(only, &mock, all, 0);
    member_join(only, RF_EOF);
    ck_assert_int_eq(only->assigned, PARTS);
    ck_assert_int_eq(only->lost, 0);
    store_check(all, 300);
    free(only);
    mock_stop(&mock);
    ck_assert_int_eq(rf_mem_stats_get().live_blocks, 0);
}
END_TEST

/* Returns how many shares were lost: a machine that stalls for seconds loses them, and what they have counted
 * since is fenced off. */
static int come_and_go(void)
{
    mock_cluster mock = mock_start(1);
    store *all = store_new();
    member *members = calloc(3, sizeof *members);
    mock_topic(&mock, "orders", PARTS);
    reader_fill(&mock, "orders", PARTS, 0, MESSAGES);
    member_start(&members[0], &mock, all, MESSAGES * 2); /* leaves half way */
    while (atomic_load(&members[0].events) < 500)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    member_start(&members[1], &mock, all, 0);
    member_join(&members[0], RF_OK);
    member_start(&members[2], &mock, all, 0);
    member_join(&members[1], RF_EOF);
    member_join(&members[2], RF_EOF);
    const int lost = members[0].lost + members[1].lost + members[2].lost;
    ck_assert_int_gt(atomic_load(&members[1].events), 0);
    if (lost > 0)
        all->fenced = 0;
    store_check(all, MESSAGES);
    free(members);
    mock_stop(&mock);
    ck_assert_int_eq(rf_mem_stats_get().live_blocks, 0);
    return lost;
}

START_TEST(members_come_and_go_and_every_message_counts_once)
{
    int lost = come_and_go();
    for (int again = 0; again < 2 && lost > 0; again++)
        lost = come_and_go();
    ck_assert_int_eq(lost, 0);
}
END_TEST

START_TEST(without_owner_a_second_member_is_an_error)
{
    mock_cluster mock = mock_start(1);
    rf_err err = {0};
    tally *all = calloc(1, sizeof *all);
    reader with;
    rf_source *source = NULL, *second = NULL;
    mock_topic(&mock, "orders", 2);
    reader_fill(&mock, "orders", 2, 0, 10);
    reader_init(&with, &mock);
    with.options.kafka.until_us = RF_UNTIL_NEVER;
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    ck_assert_int_eq(reader_run(source, all, 20, &err), RF_OK);
    RF_CHECK_OK(err, rf_source_open(&second, &with.options, &err));
    ck_assert_int_eq(reader_run(source, all, 0, &err), RF_E_KAFKA);
    ck_assert_msg(strstr(err.msg, "another member of group \"group\" takes it") != NULL, "%s", err.msg);
    ck_assert_msg(strstr(err.msg, "graph.shards") != NULL, "%s", err.msg);
    rf_source_close(&source);
    reader_check(all, 2, 0, 10);
    memset(all, 0, sizeof *all);
    ck_assert_int_eq(reader_run(second, all, 20, &err), RF_OK); /* what is left to the second, it reads */
    rf_source_close(&second);
    reader_check(all, 2, 0, 10);
    free(all);
    mock_stop(&mock);
    ck_assert_int_eq(rf_mem_stats_get().live_blocks, 0);
}
END_TEST

/* What a lost session did not save is ignored; reading continues from what was saved. */
START_TEST(a_lost_share_is_not_saved_and_read_again)
{
    mock_cluster mock = mock_start(1);
    store *all = store_new();
    member *only = calloc(1, sizeof *only);
    mock_topic(&mock, "orders", PARTS);
    reader_fill(&mock, "orders", PARTS, 0, MESSAGES);
    member_start(only, &mock, all, 0);
    while (atomic_load(&only->events) < 1000)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    rd_kafka_mock_push_request_errors(mock.cluster, MOCK_HEARTBEAT, 1, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID);
    member_join(only, RF_EOF);
    ck_assert_int_eq(only->assigned, 2 * PARTS);
    ck_assert_int_eq(only->lost, PARTS);
    ck_assert_int_gt(atomic_load(&only->events), PARTS * MESSAGES);
    store_check(all, MESSAGES);
    free(only);
    mock_stop(&mock);
    ck_assert_int_eq(rf_mem_stats_get().live_blocks, 0);
}
END_TEST

RF_SUITE("kafka_group", one_member_gets_shares_and_saves_them_when_it_leaves,
         members_come_and_go_and_every_message_counts_once, without_owner_a_second_member_is_an_error,
         a_lost_share_is_not_saved_and_read_again)
