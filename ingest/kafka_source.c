/* kafka_source.c - topics as a source of events: opens the client, hands out one event a message, knows how
 * far each partition was read.
 *
 * A message is decoded where librdkafka put it and destroyed at the next poll. Its partition's position moves
 * when it is handed out; what is handed out for a partition follows its position without exception, so that
 * messages of an assignment that is over, or behind the end wanted, are dropped here.
 */
#include "kafka_int.h"

#include <inttypes.h>
#include <string.h>

#include "rf_log.h"
#include "rf_mem.h"

#define IDLE_MS 250 /* a poll without messages takes no longer */
#define SECOND_US INT64_C(1000000)
#define DOUBT_US (10 * SECOND_US)   /* before a topic that is reported missing is looked for */
#define LACKING_US (20 * SECOND_US) /* before partitions that nobody gives us are mentioned */

/* ---- opening ---- */

static const rf_setting consumer_must[] = {
    {"enable.auto.commit", "false"},       {"enable.auto.offset.store", "false"},
    {"isolation.level", "read_committed"}, {"partition.assignment.strategy", "cooperative-sticky"},
    {"auto.offset.reset", "error"},        {"enable.partition.eof", "true"},
    {"allow.auto.create.topics", "false"}, {NULL, NULL},
};

static rf_status open_client(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_kafka_source_options *options = &source->options;
    const rf_setting defaults[] = {
        {"client.id", "ringfence"},
        {"topic.metadata.refresh.interval.ms", "30000"}, /* new partitions show soon */
        {"queued.min.messages", "100000"},
        {"queued.max.messages.kbytes", "65536"},
        {"fetch.message.max.bytes", "4194304"},      /* of a partition at a time */
        {"group.instance.id", options->instance_id}, /* last: may be NULL */
        {NULL, NULL},
    };
    rd_kafka_conf_t *conf = NULL;
    RF_TRY(rf_kafka_watch_new(&source->watch, "consumer", err));
    RF_TRY(rf_kafka_conf(&conf, source->watch, options->settings, options->n_settings, consumer_must,
                         defaults, err));
    rf_fetch_prepare(conf);
    RF_TRY(rf_kafka_client(&source->client, RD_KAFKA_CONSUMER, conf, source->watch, err));
done:
    return st;
}

static rf_status check_options(rf_kafka_source *source, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_kafka_source_options *kafka = &options->kafka;
    source->group = rf_kafka_setting(kafka->settings, kafka->n_settings, "group.id");
    if (source->group == NULL)
        RF_FAIL(err, RF_E_INVALID,
                "kafka.group.id is not set: reading needs the name of a consumer group, one for each graph");
    if (kafka->n_topics == 0)
        RF_FAIL(err, RF_E_INVALID, "source.topics is not set: name the topics to read");
    for (int i = 0; i < kafka->n_topics; i++) {
        if (kafka->topics[i][0] == '^')
            RF_FAIL(err, RF_E_INVALID, "source.topics: \"%s\" is a pattern; name each topic",
                    kafka->topics[i]);
    }
    if (kafka->owner != NULL && kafka->dead_letter_topic == NULL && options->dead_letters != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "ingest.dead_letters: several processes cannot share one file; set ingest.dead_letter_topic");
done:
    return st;
}

static rf_status keep_other(rf_kafka_source *source, const rf_input_position *position, rf_err *err)
{
    rf_positions *others = &source->others;
    rf_input_position *copy = &others->items[others->n];
    *copy = *position;
    copy->name = rf_mem_text(position->name, strlen(position->name), err);
    if (copy->name == NULL)
        return RF_E_NOMEM;
    others->n++;
    return RF_OK;
}

/* What was read before: positions of partitions go into the table, those of files are kept. */
static rf_status load_positions(rf_kafka_source *source, const rf_positions *resume, rf_err *err)
{
    rf_status st = RF_OK;
    if (resume == NULL || source->options.owner != NULL)
        return RF_OK;
    source->others.items = rf_mem_zero(resume->n, sizeof *source->others.items, err);
    if (source->others.items == NULL)
        return RF_E_NOMEM;
    for (size_t i = 0; i < resume->n; i++) {
        const rf_input_position *position = &resume->items[i];
        rf_part_topic *topic = NULL;
        if (position->partition < 0) {
            RF_TRY(keep_other(source, position, err));
            continue;
        }
        RF_TRY(rf_parts_topic(&source->parts, position->name, &topic, err));
        RF_TRY(rf_parts_grow(topic, (size_t)position->partition + 1, err));
        topic->parts[position->partition].position = position->offset;
        topic->parts[position->partition].records = position->records;
        topic->known = true;
    }
done:
    return st;
}

static rf_status open_letters(rf_kafka_source *source, const rf_source_options *options, rf_err *err)
{
    if (options->kafka.dead_letter_topic != NULL) {
        source->kept_in = options->kafka.dead_letter_topic;
        return rf_letters_open(&source->letters, &source->options, err);
    }
    if (options->dead_letters == NULL)
        return RF_OK;
    source->kept_in = options->dead_letters;
    int64_t keep = options->resume == NULL ? 0 : options->resume->dead_letter_bytes;
    return rf_deadletter_open(&source->file, options->dead_letters, keep, err);
}

static rf_status subscribe(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)source->parts.n);
    for (size_t i = 0; i < source->parts.n; i++) {
        if (source->parts.topics[i].read)
            rd_kafka_topic_partition_list_add(list, source->parts.topics[i].name, RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_resp_err_t code = rd_kafka_subscribe(source->client, list);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        RF_KAFKA_FAIL(err, code, "subscribing", NULL, -1, -1);
done:
    rd_kafka_topic_partition_list_destroy(list);
    return st;
}

static void kafka_close(void *self, bool failed);

static rf_status kafka_open(void **self, rf_intake *intake, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_kafka_source *source = rf_mem_zero(1, sizeof *source, err);
    if (source == NULL)
        return RF_E_NOMEM;
    source->options = options->kafka;
    source->format = options->format == RF_FORMAT_AUTO ? RF_FORMAT_JSONL : options->format;
    source->intake = intake;
    RF_TRY(check_options(source, options, err));
    RF_TRY(load_positions(source, options->resume, err));
    RF_TRY(open_client(source, err));
    RF_TRY(rf_targets_open(source, err));
    RF_TRY(open_letters(source, options, err));
    RF_TRY(rf_fetch_start(&source->fetch, source->client, source->watch, options->kafka.queue_messages, err));
    RF_TRY(rf_targets_end(source, err));
    if (st != RF_EOF || options->kafka.owner != NULL) /* where nothing is to be read, why join? */
        RF_TRY(subscribe(source, err));
    st = RF_OK;
    *self = source;
    source = NULL;
done:
    kafka_close(source, true);
    return st;
}

/* ---- one message ---- */

static rf_part *part_of(rf_kafka_source *source, const rd_kafka_message_t *message)
{
    const char *topic = rd_kafka_topic_name(message->rkt);
    rf_part *last = source->last;
    if (last == NULL || last->partition != message->partition || strcmp(last->topic, topic) != 0)
        last = source->last = rf_parts_find(&source->parts, topic, message->partition);
    return last;
}

/* The last header of that name. */
static bool find_header(void *headers, const char *name, rf_span *value)
{
    rd_kafka_headers_t *list = NULL;
    const void *bytes = NULL;
    size_t len = 0;
    if (rd_kafka_message_headers(headers, &list) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(list, name, &bytes, &len) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    *value = (rf_span){bytes, len};
    return true;
}

static rf_message beside(rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    int64_t timestamp = rd_kafka_message_timestamp(message, &type);
    return (rf_message){.key = {message->key, message->key_len},
                        .timestamp_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp,
                        .headers = message,
                        .header = find_header};
}

static rf_status set_aside(rf_kafka_source *source, const rd_kafka_message_t *message, const rf_part *part,
                           const rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    if (source->letters != NULL)
        RF_TRY(rf_letters_add(source->letters, message, reject, err));
    else if (source->file != NULL)
        RF_TRY(rf_deadletter_add_message(source->file, part->topic, part->partition, message->offset,
                                         (rf_span){message->payload, message->len}, reject, err));
    else
        rf_log(RF_LOG_DEBUG, "%s[%" PRId32 "]@%" PRId64 ": rejected: %s: %s", part->topic, part->partition,
               message->offset, rf_reject_name(reject->code), reject->text);
    RF_TRY(rf_intake_rejected(source->intake, reject, source->kept_in, err));
    st = RF_SKIPPED;
done:
    return st;
}

/* The position moved; at the end wanted no more messages are. */
static rf_status move_to(rf_kafka_source *source, rf_part *part, int64_t position, rf_err *err)
{
    part->position = position;
    if (part->finished || position < part->target)
        return RF_OK;
    rd_kafka_topic_partition_list_t *one = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(one, part->topic, part->partition);
    part->finished = true;
    return rf_fetch_finish(source->fetch, one, err);
}

/* RF_OK, RF_SKIPPED; RF_TIMEOUT: not to be counted, the next one please. */
static rf_status take_message(rf_kafka_source *source, rd_kafka_message_t *message, const rf_event **event,
                              rf_err *err)
{
    rf_status st = RF_OK;
    rf_reject reject;
    rf_event *filled = NULL;
    rf_part *part = part_of(source, message);
    if (part == NULL || part->state != RF_PART_HELD || message->offset < part->position)
        return RF_TIMEOUT;
    if (message->offset >= part->target) { /* and nothing was between */
        RF_TRY(part->position < part->target ? move_to(source, part, part->target, err) : RF_OK);
        return RF_TIMEOUT;
    }
    rf_message extra = beside(message);
    RF_TRY(rf_intake_decode(source->intake, source->format, (rf_span){message->payload, message->len}, &extra,
                            &filled, &reject, err));
    rf_status decoded = st;
    part->records++;
    part->at_end = false;
    source->consumed++;
    RF_TRY(move_to(source, part, message->offset + 1, err));
    if (decoded == RF_SKIPPED)
        return set_aside(source, message, part, &reject, err);
    filled->place = (rf_place){part->topic, part->partition, message->offset};
    filled->share = part->share;
    *event = filled;
    st = RF_OK;
done:
    return st;
}

/* ---- what is not a message ---- */

static bool passes(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
        return true;
    default:
        return false;
    }
}

static bool is_missing(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

/* The broker has no message at the position. */
static rf_status out_of_range(rf_kafka_source *source, rf_part *part, rf_err *err)
{
    if (part == NULL || part->state != RF_PART_HELD)
        return RF_OK;
    rf_status st = rf_targets_gap(source, part, err);
    return st == RF_OK ? rf_rebalance_restart(source, part, err) : st;
}

static rf_status report(rf_kafka_source *source, const rd_kafka_message_t *message, const rf_part *part,
                        rf_err *err)
{
    const char *text = rd_kafka_message_errstr(message);
    char clean[256];
    if (is_missing(message->err)) { /* perhaps a broker that has just come up */
        source->doubt_us = source->doubt_us == 0 ? rf_kafka_now_us() : source->doubt_us;
        rf_log(RF_LOG_WARN, "consumer: %s", rf_kafka_clean(source->watch, clean, sizeof clean, text));
        return RF_OK;
    }
    if (passes(message->err)) {
        rf_log(RF_LOG_DEBUG, "consumer: %s", rf_kafka_clean(source->watch, clean, sizeof clean, text));
        return RF_OK;
    }
    rf_status st = rf_kafka_check_fatal(source->client, source->watch, err);
    if (st < 0)
        return st;
    return rf_kafka_fail(err, __FILE__, __LINE__, message->err, "reading",
                         message->rkt == NULL ? NULL : rd_kafka_topic_name(message->rkt),
                         message->rkt == NULL ? -1 : message->partition, part == NULL ? -1 : part->position);
}

/* RF_OK: done with it. RF_TIMEOUT: again. */
static rf_status take_news(rf_kafka_source *source, const rd_kafka_message_t *message, rf_err *err)
{
    rf_part *part = message->rkt == NULL ? NULL : part_of(source, message);
    switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: /* behind control messages, which nobody is shown */
        if (part == NULL || part->state != RF_PART_HELD)
            return RF_OK;
        part->at_end = true;
        if (message->offset > part->position)
            return move_to(source, part, message->offset < part->target ? message->offset : part->target,
                           err);
        return RF_OK;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        return out_of_range(source, part, err);
    default:
        return report(source, message, part, err);
    }
}

/* ---- polling ---- */

static void release(rf_kafka_source *source)
{
    if (source->current != NULL)
        rd_kafka_message_destroy(source->current);
    source->current = NULL;
}

/* The item at hand. RF_OK, RF_SKIPPED: a record. RF_TIMEOUT: the broker must answer first, the item stays.
 * RF_EOF: no record, on to the next item. */
static rf_status take_item(rf_kafka_source *source, const rf_event **event, rf_err *err)
{
    rf_fetched *item = &source->items[source->at];
    rf_status st = RF_OK;
    bool record = item->kind == RF_FETCHED_MESSAGE && item->message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (record) {
        st = take_message(source, item->message, event, err);
        source->current = item->message;
        source->at++;
        return st == RF_TIMEOUT ? RF_EOF : st;
    }
    if (item->kind == RF_FETCHED_MESSAGE)
        RF_TRY(take_news(source, item->message, err));
    else
        RF_TRY(rf_rebalance(source, item, err));
    source->retry = st == RF_TIMEOUT;
    if (source->retry)
        return st;
    rf_fetched_free(item);
    source->at++;
    st = RF_EOF;
done:
    return st;
}

/* A topic was reported missing a while ago: is it? */
static rf_status check_doubt(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    if (source->doubt_us == 0 || rf_kafka_now_us() - source->doubt_us < DOUBT_US)
        return RF_OK;
    source->doubt_us = 0;
    for (size_t i = 0; i < source->parts.n; i++) {
        int n;
        if (source->parts.topics[i].read)
            RF_TRY(rf_kafka_partitions(&n, source->client, source->watch, source->parts.topics[i].name,
                                       source->options.broker_timeout_us, err));
    }
done:
    return st;
}

/* One state for all partitions, but the group does not give us all: who has them? */
static rf_status check_lacking(rf_kafka_source *source, rf_err *err)
{
    const rf_part *lacking = NULL;
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        if (part->state == RF_PART_AWAY && !rf_target_reached(part))
            lacking = lacking == NULL ? part : lacking;
    }
    int64_t now = rf_kafka_now_us();
    if (lacking == NULL || source->options.owner != NULL || rf_kafka_down_s(source->watch, NULL) > 0) {
        source->away_since_us = 0;
        return RF_OK;
    }
    if (source->away_since_us == 0)
        source->away_since_us = now;
    int64_t limit = source->options.broker_timeout_us + LACKING_US;
    if (now - source->away_since_us > limit)
        return rf_err_set(
            err, RF_E_KAFKA, __FILE__, __LINE__,
            "%s[%" PRId32 "]: the group \"%s\" has not given it to this process for %" PRId64
            " s, so another member reads it; stop that one, choose another kafka.group.id, or set "
            "graph.shards to share the partitions",
            lacking->topic, lacking->partition, source->group, limit / SECOND_US);
    if (now - source->away_since_us > LACKING_US && now - source->told_us > LACKING_US) {
        source->told_us = now;
        rf_log(RF_LOG_INFO, "%s[%" PRId32 "]: waiting for the group \"%s\" to give it to this process",
               lacking->topic, lacking->partition, source->group);
    }
    return RF_OK;
}

/* Nothing is there to be read: is that the end, a failure, or a pause? RF_EOF, or RF_OK. */
static rf_status look_around(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_targets_end(source, err));
    if (st == RF_EOF) {
        RF_TRY(rf_intake_end(source->intake, source->kept_in, err));
        return RF_EOF;
    }
    RF_TRY(rf_kafka_check_fatal(source->client, source->watch, err));
    RF_TRY(rf_kafka_check_down(source->client, source->watch, source->options.broker_timeout_us, err));
    RF_TRY(check_doubt(source, err));
    RF_TRY(check_lacking(source, err));
done:
    return st;
}

/* RF_OK: there are items. RF_EOF, RF_TIMEOUT. */
static rf_status refill(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    source->at = source->n = 0;
    RF_TRY(rf_fetch_take(source->fetch, source->items, RF_KAFKA_TAKE, 0, &source->n, err));
    if (source->n > 0)
        return RF_OK;
    RF_TRY(look_around(source, err));
    if (st == RF_EOF)
        return RF_EOF;
    RF_TRY(rf_fetch_take(source->fetch, source->items, RF_KAFKA_TAKE, IDLE_MS, &source->n, err));
    return source->n > 0 ? RF_OK : RF_TIMEOUT;
done:
    return st;
}

static rf_status kafka_poll(void *self, const rf_event **event, rf_err *err)
{
    rf_kafka_source *source = self;
    rf_status st = RF_OK;
    for (int dropped = 0; dropped < RF_KAFKA_TAKE; dropped++) {
        release(source);
        if (source->at == source->n) {
            RF_TRY(refill(source, err));
            if (st != RF_OK)
                return st;
        }
        RF_TRY(take_item(source, event, err));
        if (st != RF_EOF)
            return st;
    }
    st = RF_TIMEOUT; /* much was dropped: the caller may have other things to look at */
done:
    return st;
}

/* ---- what the caller asks ---- */

static bool counts(const rf_kafka_source *source, const rf_part *part)
{
    bool here =
        source->options.owner == NULL || part->state == RF_PART_STARTING || part->state == RF_PART_HELD;
    return here && part->position >= 0;
}

static void kafka_progress(const void *self, int64_t *done, int64_t *total)
{
    const rf_kafka_source *source = self;
    rf_part_walk at = {0};
    bool known = source->ends && source->targets_known;
    *done = *total = 0;
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        if (!counts(source, part) || part->first < 0)
            continue;
        *done += part->position - part->first;
        if (known && part->target > part->first)
            *total += part->target - part->first;
    }
    if (!known)
        *total = -1;
    else if (*done > *total)
        *total = *done;
}

static rf_status add_position(rf_positions *out, const rf_input_position *from, rf_err *err)
{
    rf_input_position *item = &out->items[out->n];
    *item = *from;
    item->name = rf_mem_text(from->name, strlen(from->name), err);
    if (item->name == NULL)
        return RF_E_NOMEM;
    out->n++;
    return RF_OK;
}

static rf_status copy_positions(const rf_kafka_source *source, rf_positions *out, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = source->others.n;
    for (size_t i = 0; i < source->parts.n; i++)
        n += source->parts.topics[i].n;
    out->items = rf_mem_zero(n, sizeof *out->items, err);
    if (out->items == NULL)
        return RF_E_NOMEM;
    for (size_t i = 0; i < source->others.n; i++)
        RF_TRY(add_position(out, &source->others.items[i], err));
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        rf_input_position position = {.name = part->topic,
                                      .partition = part->partition,
                                      .offset = part->position,
                                      .records = part->records};
        if (counts(source, part))
            RF_TRY(add_position(out, &position, err));
    }
done:
    return st;
}

static rf_status kafka_positions(void *self, rf_positions *out, rf_err *err)
{
    rf_kafka_source *source = self;
    rf_status st = RF_OK;
    rf_positions copy = {0};
    RF_TRY(copy_positions(source, &copy, err));
    if (source->letters != NULL)
        RF_TRY(rf_letters_flush(source->letters, err));
    if (source->file != NULL)
        RF_TRY(rf_deadletter_flush(source->file, true, &copy.dead_letter_bytes, err));
    *out = copy;
    copy = (rf_positions){0};
done:
    rf_positions_clear(&copy);
    return st;
}

static void kafka_saved(void *self, const rf_positions *saved)
{
    rf_kafka_source *source = self;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)saved->n);
    for (size_t i = 0; i < saved->n; i++) {
        const rf_input_position *position = &saved->items[i];
        const rf_part *part = rf_parts_find(&source->parts, position->name, position->partition);
        if (part != NULL && part->state == RF_PART_HELD && position->offset >= 0)
            rd_kafka_topic_partition_list_add(list, position->name, position->partition)->offset =
                position->offset;
    }
    if (list->cnt > 0) {
        rd_kafka_resp_err_t code = rd_kafka_commit(source->client, list, 1);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
            rf_log(RF_LOG_DEBUG, "consumer: offsets for lag monitoring were not committed: %s",
                   rd_kafka_err2str(code));
    }
    rd_kafka_topic_partition_list_destroy(list);
}

static bool kafka_own_done(const void *self)
{
    return rf_targets_own_reached(self);
}

/* Messages behind the high watermarks that the last fetches told. */
static int64_t lag(const rf_kafka_source *source)
{
    int64_t sum = -1;
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        int64_t low = -1, high = -1;
        if (part->state != RF_PART_HELD || part->position < 0)
            continue;
        if (rd_kafka_get_watermark_offsets(source->client, part->topic, part->partition, &low, &high) !=
                RD_KAFKA_RESP_ERR_NO_ERROR ||
            high < 0)
            high = part->high;
        sum = (sum < 0 ? 0 : sum) + (high > part->position ? high - part->position : 0);
    }
    return sum;
}

static void kafka_metrics(void *self, rf_source_metrics *out)
{
    rf_kafka_source *source = self;
    rf_kafka_figures figures = {0};
    rf_kafka_figures_get(source->watch, &figures);
    *out = (rf_source_metrics){.kafka = true,
                               .consumed = source->consumed,
                               .rejected = rf_intake_rejects(source->intake),
                               .retried = figures.retries,
                               .rebalances = source->rebalances,
                               .lag = lag(source)};
    rf_fetch_figures(source->fetch, &out->queue_peak, &out->pauses);
    if (source->letters != NULL) {
        out->produced = rf_letters_confirmed(source->letters);
        out->retried += rf_letters_retries(source->letters);
    }
}

static void kafka_close(void *self, bool failed)
{
    rf_kafka_source *source = self;
    if (source == NULL)
        return;
    rf_rebalance_close(source, failed);
    release(source);
    for (size_t i = source->at; i < source->n; i++)
        rf_fetched_free(&source->items[i]);
    rf_letters_close(source->letters);
    rf_deadletter_close(source->file);
    if (rf_fetch_stop(source->fetch)) { /* else both live on, idle, until the process ends */
        if (source->client != NULL)
            rd_kafka_destroy_flags(source->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        rf_kafka_watch_free(source->watch);
    }
    rf_parts_clear(&source->parts);
    rf_positions_clear(&source->others);
    rf_mem_free(source);
}

const rf_source_kind rf_kafka_kind = {
    .open = kafka_open,
    .poll = kafka_poll,
    .progress = kafka_progress,
    .positions = kafka_positions,
    .saved = kafka_saved,
    .own_done = kafka_own_done,
    .metrics = kafka_metrics,
    .close = kafka_close,
};
