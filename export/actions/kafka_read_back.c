/* kafka_read_back.c - reads parts of a topic as its consumers see them: committed messages only, up to the
 * end that the partitions have when the reading gets there.
 *
 * Plain fetching without a consumer group, so that no group needs to be named or allowed. A partition ends at
 * its high watermark: read_committed clients stop earlier, at the first message of a transaction that is
 * still open, and would miss what is committed after it.
 */
#include "kafka_sink_int.h"

#include "rf_log.h"
#include "rf_mem.h"

#define BATCH 512
#define POLL_MS 20 /* a batch is waited for as long as it is not full */
#define QUERY_MS 10000
#define PAUSE_MS 100
#define TELL_S 1.0
#define OPEN_TRANSACTION_S (16 * 60) /* brokers end transactions after 15 minutes unless told otherwise */

bool rf_emit_stopped(const rf_emit_options *options)
{
    return options->stop != NULL && *options->stop != 0;
}

/* ---- the client ---- */

static rf_status make_conf(rd_kafka_conf_t **out, rf_kafka_reader *reader, const rf_emit_options *options,
                           rf_err *err)
{
    static const rf_setting ours[] = {
        {"enable.auto.commit", "false"},       {"enable.auto.offset.store", "false"},
        {"isolation.level", "read_committed"}, {"auto.offset.reset", "error"},
        {"enable.partition.eof", "true"},      {"group.id", NULL},
        {"group.instance.id", NULL},           {"transactional.id", NULL},
        {"allow.auto.create.topics", NULL},    {NULL, NULL}};
    static const rf_setting defaults[] = {
        {"fetch.wait.max.ms", "50"},
        {"auto.offset.reset", "earliest"}, /* retention was faster than we */
        {NULL, NULL}};
    rf_status st = RF_OK;
    RF_TRY(rf_kafka_watch_new(&reader->watch, "consumer", err));
    RF_TRY(rf_kafka_conf(out, reader->watch, options->kafka.settings, options->kafka.n_settings, ours,
                         defaults, err));
done:
    return st;
}

rf_status rf_kafka_reader_check(const rf_emit_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_conf_t *conf;
    rf_kafka_reader reader = {.options = options};
    RF_TRY(make_conf(&conf, &reader, options, err));
    rd_kafka_conf_destroy(conf);
done:
    rf_kafka_reader_close(&reader);
    return st;
}

rf_status rf_kafka_reader_open(rf_kafka_reader *reader, const rf_emit_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_conf_t *conf;
    *reader = (rf_kafka_reader){.options = options};
    RF_TRY(make_conf(&conf, reader, options, err));
    RF_TRY(rf_kafka_client(&reader->client, RD_KAFKA_CONSUMER, conf, reader->watch, err));
done:
    return st;
}

void rf_kafka_reader_close(rf_kafka_reader *reader)
{
    if (reader->client != NULL)
        rd_kafka_destroy(reader->client);
    rf_kafka_watch_free(reader->watch);
    *reader = (rf_kafka_reader){0};
}

/* ---- one reading ---- */

typedef struct span {
    int32_t partition;
    int64_t from;     /* an offset, or RD_KAFKA_OFFSET_BEGINNING */
    int64_t target;   /* the high watermark when the committed messages were first all read; -1: not yet */
    int64_t position; /* where committed messages ended before the target */
    bool started, done;
} span;

typedef struct reading {
    const rf_kafka_reader *reader;
    const char *topic;
    rd_kafka_topic_t *handle;
    rd_kafka_queue_t *queue;
    span *spans;
    int n, n_open;
    double since_s; /* when a partition last got on */
    bool told;      /* of somebody's open transaction */
    rf_kafka_visit visit;
    void *context;
} reading;

/* A partition whose committed messages ended before its high watermark: an open transaction hides the rest.
 * NULL: none. */
static const span *hidden(const reading *r)
{
    for (int i = 0; i < r->n; i++) {
        if (!r->spans[i].done && r->spans[i].target >= 0)
            return &r->spans[i];
    }
    return NULL;
}

static rf_status fail_idle(const reading *r, double idle_s, rf_err *err)
{
    if (hidden(r) != NULL)
        return rf_err_set(
            err, RF_E_KAFKA, __FILE__, __LINE__,
            "emit: topic %s cannot be read to its end: for %d minutes a transaction of another producer has "
            "been open in it; end that one, then start again",
            r->topic, OPEN_TRANSACTION_S / 60);
    return rf_err_set(err, RF_E_KAFKA, __FILE__, __LINE__,
                      "emit: topic %s cannot be read back: for %.0f s nothing came of it; are all its "
                      "partitions there, and may they be read?",
                      r->topic, idle_s);
}

static rf_status check(reading *r, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_emit_options *options = r->reader->options;
    double idle_s = rf_monotonic_s() - r->since_s;
    const span *behind = hidden(r);
    if (rf_emit_stopped(options))
        RF_FAIL(err, RF_E_INTERRUPTED, RF_EMIT_STOPPED);
    RF_TRY(rf_kafka_check_down(r->reader->client, r->reader->watch, options->kafka.broker_timeout_us, err));
    if (behind != NULL && !r->told && idle_s > TELL_S) {
        rf_log(RF_LOG_INFO,
               "%s[%d]@%lld: another producer's transaction is open; waiting for its outcome to see what is "
               "after it",
               r->topic, (int)behind->partition, (long long)behind->position);
        r->told = true;
    }
    if (idle_s > (behind != NULL ? OPEN_TRANSACTION_S : (double)options->kafka.broker_timeout_us / 1e6))
        st = fail_idle(r, idle_s, err);
done:
    return st;
}

/* ---- where to begin ---- */

/* The first committed message of `from_us` or later. Without one: the stable end, where committed
 * messages end now, because messages that become visible meanwhile lie after it. */
static rd_kafka_resp_err_t offset_for(int64_t *out, const reading *r, int32_t partition, int64_t from_us)
{
    rd_kafka_t *client = r->reader->client;
    int64_t low;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *at = rd_kafka_topic_partition_list_add(list, r->topic, partition);
    at->offset = from_us / 1000;
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(client, list, QUERY_MS);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        code = at->err;
    *out = at->offset;
    rd_kafka_topic_partition_list_destroy(list);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && *out < 0)
        code = rd_kafka_query_watermark_offsets(client, r->topic, partition, &low, out, QUERY_MS);
    return code;
}

/* Where each partition begins, and begin. */
static rf_status start(reading *r, int64_t from_us, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_resp_err_t code;
    for (int i = 0; i < r->n && from_us > 0; i++) {
        span *at = &r->spans[i];
        while ((code = offset_for(&at->from, r, at->partition, from_us)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (!rf_kafka_is_retriable(code) && !rf_kafka_is_missing(code))
                RF_KAFKA_FAIL(err, code, "emit: offset by time", r->topic, at->partition, -1);
            rd_kafka_poll(r->reader->client, PAUSE_MS);
            RF_TRY(check(r, err));
        }
    }
    for (int i = 0; i < r->n; i++) {
        span *at = &r->spans[i];
        if (rd_kafka_consume_start_queue(r->handle, at->partition, at->from, r->queue) != 0)
            RF_KAFKA_FAIL(err, rd_kafka_last_error(), "emit: reading back", r->topic, at->partition, -1);
        at->started = true;
        r->n_open++;
    }
done:
    return st;
}

/* ---- reading ---- */

/* All committed messages before `position` are read. Is that the end, or does an open transaction hide it? */
static void at_end(reading *r, int32_t partition, int64_t position)
{
    span *at = r->spans;
    int64_t low = -1, high = -1;
    while (at->partition != partition)
        at++;
    if (at->done)
        return;
    if (at->target < 0) {
        rd_kafka_resp_err_t code =
            rd_kafka_get_watermark_offsets(r->reader->client, r->topic, partition, &low, &high);
        at->target = code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : position;
    }
    r->since_s = rf_monotonic_s();
    if (position >= at->target) {
        at->done = true;
        r->n_open--;
    }
    at->position = position;
}

static rf_status take(reading *r, const rd_kafka_message_t *message, rf_err *err)
{
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        at_end(r, message->partition, message->offset);
        return RF_OK;
    }
    if (rf_kafka_is_retriable(message->err)) /* check() knows when that takes too long */
        return RF_OK;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return rf_kafka_fail(err, __FILE__, __LINE__, message->err, "emit: reading back", r->topic,
                             message->partition, message->offset);
    r->since_s = rf_monotonic_s();
    return r->visit(r->context, message, err);
}

rf_status rf_kafka_read_back(const rf_kafka_reader *reader, const char *topic, const int32_t *partitions,
                             int n, int64_t from_us, rf_kafka_visit visit, void *context, rf_err *err)
{
    rf_status st = RF_OK;
    reading r = {.reader = reader, .topic = topic, .n = n, .visit = visit, .context = context};
    rd_kafka_message_t *batch[BATCH];
    r.since_s = rf_monotonic_s();
    RF_ZERO(r.spans, n, err);
    for (int i = 0; i < n; i++)
        r.spans[i] = (span){.partition = partitions == NULL ? i : partitions[i],
                            .from = RD_KAFKA_OFFSET_BEGINNING,
                            .target = -1};
    r.handle = rd_kafka_topic_new(reader->client, topic, NULL);
    r.queue = rd_kafka_queue_new(reader->client);
    if (r.handle == NULL)
        RF_KAFKA_FAIL(err, rd_kafka_last_error(), "emit: reading back", topic, -1, -1);
    RF_TRY(start(&r, from_us, err));
    while (r.n_open > 0 && st >= 0 && st != RF_EOF) {
        ssize_t got = rd_kafka_consume_batch_queue(r.queue, POLL_MS, batch, BATCH);
        rd_kafka_poll(reader->client, 0);
        for (ssize_t i = 0; i < got; i++) {
            if (st >= 0 && st != RF_EOF)
                st = take(&r, batch[i], err);
            rd_kafka_message_destroy(batch[i]);
        }
        if (st >= 0 && st != RF_EOF)
            st = check(&r, err);
    }
done:
    for (int i = 0; i < n && r.spans != NULL; i++) {
        if (r.spans[i].started)
            rd_kafka_consume_stop(r.handle, r.spans[i].partition);
    }
    if (r.handle != NULL)
        rd_kafka_topic_destroy(r.handle);
    if (r.queue != NULL)
        rd_kafka_queue_destroy(r.queue);
    rf_mem_free(r.spans);
    return st == RF_EOF ? RF_OK : st;
}
