/* kafka_source.c - topics as a source of events: hands out one event a message, knows how far each partition
 * was read.
 *
 * The poll thread has decoded the messages. A partition's position moves when a message of it is handed out;
 * only the messages after its position are handed out. So messages of an earlier assignment, and those after
 * the wanted end, are dropped here.
 */
#include "kafka_source_int.h"

#include <inttypes.h>
#include <string.h>

#include "kafka_idle_int.h"
#include "kafka_origin_int.h"
#include "kafka_rebalance_int.h"
#include "kafka_targets_int.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_time.h"
#include "source_kind_int.h"

#define IDLE_MS 250      /* a poll without messages takes no longer */
#define LOOK_US 5000000  /* how often a busy source looks around */
#define MOST_DROPPED 512 /* in a row before the caller may look at other things */

/* ---- one message ---- */

static rf_part *part_of(rf_kafka_source *source, const char *topic, int32_t partition)
{
    rf_part *last = source->last;
    if (last == NULL || last->partition != partition || strcmp(last->topic, topic) != 0)
        last = source->last = rf_parts_find(&source->parts, topic, partition);
    return last;
}

/* The position moved; at the end wanted no more messages are. */
static rf_status move(rf_kafka_source *source, rf_part *part, int64_t position, rf_err *err)
{
    part->position = position;
    if (part->finished || position < part->target)
        return RF_OK;
    rd_kafka_topic_partition_list_t *one = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(one, part->topic, part->partition);
    part->finished = true;
    return rf_fetch_finish(source->fetch, one, err);
}

static rf_status set_aside(rf_kafka_source *source, const rf_bad_message *bad, const rf_part *part,
                           rf_err *err)
{
    rf_status st = RF_OK;
    const rd_kafka_message_t *message = bad->message;
    if (source->letters != NULL)
        RF_TRY(rf_letters_add(source->letters, message, &bad->reject, err));
    else if (source->file != NULL)
        RF_TRY(rf_deadletter_add_message(source->file, part->topic, part->partition, message->offset,
                                         (rf_span){message->payload, message->len}, &bad->reject, err));
    else
        rf_log(RF_LOG_DEBUG, "%s[%" PRId32 "]@%" PRId64 ": rejected: %s: %s", part->topic, part->partition,
               message->offset, rf_reject_name(bad->reject.code), bad->reject.text);
    const rf_place place = {part->topic, part->partition, message->offset, 0};
    RF_TRY(rf_intake_rejected(source->intake, &bad->reject, &place, source->kept_in, err));
    st = RF_SKIPPED;
done:
    return st;
}

/* The poll thread wrote these events on another core: they are asked for before their turn. */
static void look_ahead(const rf_batch *batch, size_t row)
{
    enum { AHEAD = 6, LINE = 64, LINES = 5 };
    if (row + AHEAD >= batch->n)
        return;
    const char *bytes = (const char *)batch->events[row + AHEAD];
    for (int line = 0; line < LINES; line++)
        __builtin_prefetch(bytes + (ptrdiff_t)line * LINE);
}

/* Up to `max` events that follow each other in the batch. RF_OK, RF_SKIPPED: records. RF_EOF: a message was
 * dropped. */
static rf_status take_events(rf_kafka_source *source, const rf_batch *batch, size_t max,
                             const rf_event *const **events, size_t *n, rf_err *err)
{
    rf_status st = RF_OK;
    size_t first = source->row;
    while (source->row < batch->n && source->row - first < max) {
        size_t row = source->row;
        look_ahead(batch, row);
        rf_event *event = batch->events[row];
        int64_t offset = event->place.position;
        rf_part *part = part_of(source, event->place.name, event->place.partition);
        bool held = part != NULL && part->state == RF_PART_HELD;
        bool wanted = held && offset >= part->position && offset < part->target;
        if ((!wanted || batch->bad[row] != NULL) && row > first)
            break; /* its turn comes next time */
        source->row++;
        if (!wanted) { /* a message after the wanted end shows that nothing was between */
            if (held && part->position < part->target && offset >= part->target)
                RF_TRY(move(source, part, part->target, err));
            return RF_EOF;
        }
        bool is_filtered = batch->bad[row] != NULL && batch->bad[row]->reject.code == RF_REJECT_FILTERED;
        source->consumed += !event->more;
        source->intake->n_read++;
        source->intake->mid_record = event->more;
        part->records++;
        part->filtered += is_filtered;
        part->at_end = false;
        event->place.name = part->topic;
        event->share = part->share;
        if (!event->more) {
            part->origin.last_offset = offset;
            part->origin.last_ms = batch->marks[row].ms;
            part->origin.last_hash = batch->marks[row].hash;
            RF_TRY(move(source, part, offset + 1, err));
        }
        if (is_filtered) {
            source->intake->n_filtered++;
            return RF_SKIPPED;
        }
        if (batch->bad[row] != NULL)
            return set_aside(source, batch->bad[row], part, err);
    }
    *events = (const rf_event *const *)&batch->events[first];
    *n = source->row - first;
done:
    return st;
}

/* ---- notes ---- */

/* All committed messages are read. Behind them may be control messages, which nobody is shown: they count. */
static rf_status reach_end(rf_kafka_source *source, rf_part *part, int64_t offset, rf_err *err)
{
    if (part == NULL || part->state != RF_PART_HELD)
        return RF_OK;
    part->at_end = true;
    return offset > part->position ? move(source, part, offset < part->target ? offset : part->target, err)
                                   : RF_OK;
}

/* RF_TIMEOUT: the broker must answer first, the item stays. RF_EOF: done with. */
static rf_status take_note(rf_kafka_source *source, rf_fetched *item, rf_err *err)
{
    rf_status st = RF_OK;
    if (item->kind == RF_FETCHED_NEWS) {
        const rd_kafka_message_t *message = item->message;
        rf_part *part = message->rkt == NULL
                            ? NULL
                            : part_of(source, rd_kafka_topic_name(message->rkt), message->partition);
        RF_TRY(message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF
                   ? reach_end(source, part, message->offset, err)
                   : rf_idle_error(source, message, part, err));
    } else {
        RF_TRY(rf_rebalance(source, item, err));
    }
    source->retry = st == RF_TIMEOUT;
    if (source->retry)
        return st;
    rf_fetched_free(item);
    source->at++;
    st = RF_EOF;
done:
    return st;
}

/* ---- polling ---- */

/* RF_OK: there are items. RF_EOF, RF_TIMEOUT. */
static rf_status refill(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    source->at = source->n = 0;
    RF_TRY(rf_fetch_take(source->fetch, source->items, RF_KAFKA_TAKE, 0, &source->n, err));
    int64_t now = rf_monotonic_us();
    if (source->n > 0 && now - source->looked_us < LOOK_US)
        return RF_OK;
    source->looked_us = now;
    RF_TRY(rf_idle_check(source, err));
    if (st == RF_EOF || source->n > 0)
        return st;
    RF_TRY(rf_fetch_take(source->fetch, source->items, RF_KAFKA_TAKE, IDLE_MS, &source->n, err));
    return source->n > 0 ? RF_OK : RF_TIMEOUT;
done:
    return st;
}

static rf_status kafka_poll(void *self, const rf_event *const **events, size_t max, size_t *n, rf_err *err)
{
    rf_kafka_source *source = self;
    rf_status st = RF_OK;
    for (int dropped = 0; dropped < MOST_DROPPED; dropped++) {
        rf_fetched *item = &source->items[source->at];
        if (source->at < source->n && item->kind == RF_FETCHED_BATCH && source->row == item->batch->n) {
            rf_fetch_give_back(source->fetch, item->batch); /* was handed out to its last message */
            source->at++;
            source->row = 0;
        }
        if (source->at == source->n) {
            RF_TRY(refill(source, err));
            if (st != RF_OK)
                return st;
        }
        item = &source->items[source->at];
        if (item->kind == RF_FETCHED_BATCH)
            RF_TRY(take_events(source, item->batch, max, events, n, err));
        else
            RF_TRY(take_note(source, item, err));
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

static rf_status kafka_positions(void *self, rf_positions *out, rf_err *err)
{
    rf_kafka_source *source = self;
    rf_status st = RF_OK;
    rf_positions copy = {0};
    size_t n = source->others.n;
    for (size_t i = 0; i < source->parts.n; i++)
        n += source->parts.topics[i].n;
    RF_ZERO(copy.items, n, err);
    for (size_t i = 0; i < source->others.n; i++)
        RF_TRY(rf_positions_add(&copy, &source->others.items[i], err));
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        rf_input_position position = {.name = part->topic,
                                      .partition = part->partition,
                                      .offset = part->position,
                                      .records = part->records,
                                      .filtered = part->filtered,
                                      .origin = rf_origin_now(source, part)};
        if (counts(source, part))
            RF_TRY(rf_positions_add(&copy, &position, err));
    }
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
    const rf_kafka_source *source = self;
    rf_part_walk at = {0};
    if (!source->ends || !source->targets_known || source->rebalances == 0)
        return false;
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        if (part->state != RF_PART_AWAY && !rf_target_reached(part))
            return false;
    }
    return true;
}

/* Messages not yet read up to the high watermarks, as the last fetch saw them, or else the opening. */
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
                               .rejected = source->intake->n_rejected,
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
    for (size_t i = source->at; i < source->n; i++)
        rf_fetched_free(&source->items[i]);
    rf_letters_close(source->letters);
    rf_deadletter_close(source->file);
    if (rf_fetch_stop(source->fetch)) { /* else both live on, idle, until the process ends */
        if (source->client != NULL)
            rd_kafka_destroy_flags(source->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        rf_kafka_watch_free(source->watch);
        if (!failed)
            rf_decoder_warn(source->decoder);
    }
    rf_decoder_free(source->decoder);
    rf_parts_clear(&source->parts);
    rf_positions_clear(&source->others);
    rf_mem_free(source->cluster);
    rf_mem_free(source);
}

static rf_status kafka_open(void **self, rf_intake *intake, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_kafka_source *source = NULL;
    RF_ZERO(source, 1, err);
    source->intake = intake;
    RF_TRY(rf_decoder_new(&source->decoder, options, err));
    RF_TRY(rf_kafka_open(source, options, err));
    *self = source;
    source = NULL;
done:
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
