/* kafka_source.c - topics as a source of events: hands out one event a message, knows how far each partition
 * was read.
 *
 * A message is decoded where librdkafka put it; the poll thread destroys it later. Its partition's position
 * moves when it is handed out; what is handed out for a partition follows its position without exception, so
 * that messages of an assignment that is over, or behind the end wanted, are dropped here.
 */
#include "kafka_int.h"

#include <inttypes.h>
#include <string.h>

#include "rf_log.h"
#include "rf_mem.h"

#define IDLE_MS 250     /* a poll without messages takes no longer */
#define LOOK_US 5000000 /* how often a busy source looks around */

/* ---- one message ---- */

rf_part *rf_kafka_part_of(rf_kafka_source *source, const rd_kafka_message_t *message)
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
rf_status rf_kafka_move(rf_kafka_source *source, rf_part *part, int64_t position, rf_err *err)
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
    rf_part *part = rf_kafka_part_of(source, message);
    if (part == NULL || part->state != RF_PART_HELD || message->offset < part->position)
        return RF_TIMEOUT;
    if (message->offset >= part->target) { /* and nothing was between */
        RF_TRY(part->position < part->target ? rf_kafka_move(source, part, part->target, err) : RF_OK);
        return RF_TIMEOUT;
    }
    rf_message extra = {.timestamp_ms = -1};
    if (rf_intake_wants_message(source->intake))
        extra = beside(message);
    RF_TRY(rf_intake_decode(source->intake, source->format, (rf_span){message->payload, message->len}, &extra,
                            &filled, &reject, err));
    rf_status decoded = st;
    part->records++;
    part->at_end = false;
    source->consumed++;
    RF_TRY(rf_kafka_move(source, part, message->offset + 1, err));
    if (decoded == RF_SKIPPED)
        return set_aside(source, message, part, &reject, err);
    filled->place = (rf_place){part->topic, part->partition, message->offset};
    filled->share = part->share;
    *event = filled;
    st = RF_OK;
done:
    return st;
}

/* ---- polling ---- */

static void give_back(rf_kafka_source *source)
{
    rf_fetch_give_back(source->fetch, source->done, source->n_done);
    source->n_done = 0;
}

/* Another core has written these messages a while ago: they are asked for some items before their turn. */
static void fetch_ahead(const rf_kafka_source *source)
{
    enum { MESSAGES_AHEAD = 12, VALUES_AHEAD = 5, LINE = 64, LINES = 4 };
    size_t message = source->at + MESSAGES_AHEAD, value = source->at + VALUES_AHEAD;
    if (message < source->n && source->items[message].kind == RF_FETCHED_MESSAGE)
        __builtin_prefetch(source->items[message].message);
    if (value >= source->n || source->items[value].kind != RF_FETCHED_MESSAGE)
        return;
    const char *bytes = source->items[value].message->payload;
    for (int line = 0; line < LINES; line++)
        __builtin_prefetch(bytes + (ptrdiff_t)line * LINE);
}

/* The item at hand. RF_OK, RF_SKIPPED: a record. RF_TIMEOUT: the broker must answer first, the item stays.
 * RF_EOF: no record, on to the next item. */
static rf_status take_item(rf_kafka_source *source, const rf_event **event, rf_err *err)
{
    rf_fetched *item = &source->items[source->at];
    rf_status st = RF_OK;
    bool record = item->kind == RF_FETCHED_MESSAGE && item->message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (record) {
        fetch_ahead(source);
        st = take_message(source, item->message, event, err);
        source->done[source->n_done++] = item->message;
        source->at++;
        return st == RF_TIMEOUT ? RF_EOF : st;
    }
    if (item->kind == RF_FETCHED_MESSAGE)
        RF_TRY(rf_kafka_news(source, item->message, err));
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

/* RF_OK: there are items. RF_EOF, RF_TIMEOUT. */
static rf_status refill(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    source->at = source->n = 0;
    give_back(source);
    RF_TRY(rf_fetch_take(source->fetch, source->items, RF_KAFKA_TAKE, 0, &source->n, err));
    int64_t now = rf_kafka_now_us();
    if (source->n > 0 && now - source->looked_us < LOOK_US)
        return RF_OK;
    source->looked_us = now;
    RF_TRY(rf_kafka_idle(source, err));
    if (st == RF_EOF || source->n > 0)
        return st;
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

/* Messages behind the high watermarks when last seen: by a fetch, else when the source was opened. */
static int64_t lag(const rf_kafka_source *source)
{
    int64_t sum = -1;
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        int64_t low = -1, high = -1;
        if (!counts(source, part) || (part->high < 0 && part->state != RF_PART_HELD))
            continue;
        if (part->state != RF_PART_HELD ||
            rd_kafka_get_watermark_offsets(source->client, part->topic, part->partition, &low, &high) !=
                RD_KAFKA_RESP_ERR_NO_ERROR ||
            high < part->high)
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
    give_back(source);
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

static rf_status kafka_open(void **self, rf_intake *intake, const rf_source_options *options, rf_err *err)
{
    rf_kafka_source *source = rf_mem_zero(1, sizeof *source, err);
    if (source == NULL)
        return RF_E_NOMEM;
    source->intake = intake;
    rf_status st = rf_kafka_open(source, options, err);
    if (st == RF_OK)
        *self = source;
    else
        kafka_close(source, true);
    return st;
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
