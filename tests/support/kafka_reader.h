/* kafka_reader.h - what the tests of the Kafka source share: messages to read, options to read them with, and
 * a tally of what was handed out.
 */
#ifndef KAFKA_READER_H
#define KAFKA_READER_H

#include "mock_cluster.h"
#include "rf_source.h"

#define READER_PARTS 8
#define READER_MESSAGES 20000 /* at most, of a partition */

/* How often each message was handed out. */
typedef struct tally {
    uint8_t seen[READER_PARTS][READER_MESSAGES];
    int64_t events, rejects;
} tally;

typedef struct reader {
    rf_setting settings[12];
    int n_settings;
    const char *topics[2];
    rf_source_options options;
} reader;

static inline void reader_set(reader *self, const char *key, const char *value)
{
    for (int i = 0; i < self->n_settings; i++) {
        if (strcmp(self->settings[i].key, key) == 0) {
            self->settings[i].value = value;
            return;
        }
    }
    ck_assert_int_lt(self->n_settings, 12);
    self->settings[self->n_settings++] = (rf_setting){key, value};
    self->options.kafka.n_settings = self->n_settings;
}

/* Reads `orders` from its beginning to its present end. Points into itself: do not copy. */
static inline void reader_init(reader *self, const mock_cluster *mock)
{
    static const rf_schema no_attributes = {0};
    *self = (reader){.topics = {"orders"}};
    self->options = (rf_source_options){.type = RF_SOURCE_KAFKA,
                                        .fields = {.user = "u",
                                                   .entity = "e",
                                                   .time = "t",
                                                   .time_format = RF_TIME_S,
                                                   .schema = &no_attributes},
                                        .max_rejects = 1e9,
                                        .kafka = {.settings = self->settings,
                                                  .topics = self->topics,
                                                  .n_topics = 1,
                                                  .from_us = RF_FROM_EARLIEST,
                                                  .until_us = RF_UNTIL_NOW,
                                                  .broker_timeout_us = 10 * 1000000,
                                                  .queue_messages = 1000}};
    reader_set(self, "bootstrap.servers", mock->servers);
    reader_set(self, "group.id", "group");
    /* the mock waits three seconds for a group's first member, then as long as this when one comes or goes */
    reader_set(self, "session.timeout.ms", "4000");
    reader_set(self, "heartbeat.interval.ms", "200");
}

/* The i-th message of a partition: {"u":"u7","e":"e3","t":1500000007} */
static inline void reader_print(void *context, int i, char key[64], char value[1024])
{
    int from = context == NULL ? 0 : *(const int *)context;
    snprintf(key, 64, "u%d", from + i);
    snprintf(value, 1024, "{\"u\":\"u%d\",\"e\":\"e%d\",\"t\":%d}", from + i, (from + i) % 7,
             1500000000 + from + i);
}

/* n more messages for each of the partitions, which have `from` already. */
static inline void reader_fill(const mock_cluster *mock, const char *topic, int partitions, int from, int n)
{
    for (int i = 0; i < partitions; i++)
        mock_fill(mock, topic, i, n, reader_print, &from);
}

static inline void reader_count(tally *all, const rf_event *event)
{
    RF_HOLDS(event->place.partition >= 0 && event->place.partition < READER_PARTS);
    RF_HOLDS(event->place.position >= 0 && event->place.position < READER_MESSAGES);
    all->seen[event->place.partition][event->place.position]++;
    all->events++;
}

/* Polls until RF_EOF, a failure, or (limit > 0) that many records; gives up after a minute. */
static inline rf_status reader_run(rf_source *source, tally *all, int64_t limit, rf_err *err)
{
    const rf_event *event = NULL;
    time_t until = time(NULL) + 60;
    for (int64_t n = 0; limit <= 0 || n < limit;) {
        rf_status st = rf_source_poll(source, &event, err);
        if (st < 0 || st == RF_EOF)
            return st;
        n += st != RF_TIMEOUT;
        all->rejects += st == RF_SKIPPED;
        if (st == RF_OK)
            reader_count(all, event);
        ck_assert_msg(time(NULL) < until, "no end after a minute: %lld events", (long long)all->events);
    }
    return RF_OK;
}

static inline int64_t reader_position(const rf_positions *at, int partition)
{
    for (size_t i = 0; i < at->n; i++) {
        if (at->items[i].partition == partition)
            return at->items[i].offset;
    }
    return -1;
}

/* Each of the messages from..to-1 of these partitions was handed out once, and nothing else. */
static inline void reader_check(const tally *all, int partitions, int from, int to)
{
    for (int p = 0; p < READER_PARTS; p++) {
        for (int i = 0; i < READER_MESSAGES; i++) {
            int expected = p < partitions && i >= from && i < to;
            if (all->seen[p][i] != expected)
                ck_abort_msg("orders[%d]@%d was handed out %d times, not %d", p, i, all->seen[p][i],
                             expected);
        }
    }
}

#endif
