/* kafka_rebalance.c - partitions come and go, on the caller's thread.
 *
 * The group waits meanwhile, so that the state of a revoked partition is saved before another member takes
 * it. With an owner, each partition has a state of its own, loaded and saved with it. Without an owner,
 * positions stay in memory: after a lost session reading continues where it was. But if another member takes
 * a partition, reading ends, because one state cannot be in two places.
 */
#include "kafka_rebalance_int.h"
#include "rf_count.h"

#include <inttypes.h>

#include "kafka_origin_int.h"
#include "kafka_targets_int.h"
#include "rf_log.h"

typedef rd_kafka_topic_partition_list_t part_list;

/* ---- coming ---- */

static rf_status part_of(rf_kafka_source *source, const rd_kafka_topic_partition_t *one, rf_part **out,
                         rf_err *err)
{
    rf_status st = RF_OK;
    *out = rf_parts_find(&source->parts, one->topic, one->partition);
    if (*out == NULL) {
        rf_part_topic *topic = NULL;
        source->last = NULL;
        source->lacking = NULL;
        RF_TRY(rf_parts_topic(&source->parts, one->topic, &topic, err));
        size_t known = topic->n;
        RF_TRY(rf_parts_grow(topic, (size_t)one->partition + 1, err));
        for (; known < topic->n && source->targets_known; known++)
            topic->parts[known].target = 0; /* nothing of it was there at the start */
        rf_log(RF_LOG_INFO, "%s has a new partition, %" PRId32, one->topic, one->partition);
        *out = &topic->parts[one->partition];
    }
done:
    return st;
}

static rf_status ask_owner(const rf_kafka_source *source, rf_part *part, rf_err *err)
{
    const rf_source_owner *owner = source->options.owner;
    if (owner == NULL || part->asked)
        return RF_OK;
    rf_input_position position = {.name = part->topic, .partition = part->partition, .offset = -1};
    part->share = NULL;
    rf_status st =
        owner->assigned(owner->context, part->topic, part->partition, &position, &part->share, err);
    if (st < 0)
        return st;
    part->asked = true; /* the share is handed back from now on, whatever fails */
    if (rf_origin_is_left(part, position.offset, &position.origin)) {
        st = owner->restarted(owner->context, part->share, err);
        if (st < 0)
            return st;
        position.offset = -1;
        position.origin = (rf_topic_origin){0};
    }
    part->position = part->first = position.offset;
    part->records = position.records;
    part->filtered = position.filtered;
    rf_topic_origin_clear(&part->origin);
    return rf_topic_origin_copy(&part->origin, &position.origin, err);
}

typedef rf_status (*order_start)(rf_fetch *fetch, part_list *partitions, int32_t *number, rf_err *err);

/* From here on messages of these partitions are fetched, but for those that are read to their end already. */
static rf_status start(rf_kafka_source *source, const part_list *list, order_start order, rf_err *err)
{
    rf_status st = RF_OK;
    int32_t number = 0;
    part_list *starts = rd_kafka_topic_partition_list_new(list->cnt);
    part_list *reached = rd_kafka_topic_partition_list_new(list->cnt);
    for (int i = 0; i < list->cnt; i++) {
        const rf_part *part = rf_parts_find(&source->parts, list->elems[i].topic, list->elems[i].partition);
        rd_kafka_topic_partition_list_add(starts, part->topic, part->partition)->offset = part->position;
    }
    RF_TRY(order(source->fetch, starts, &number, err));
    for (int i = 0; i < list->cnt; i++) {
        rf_part *part = rf_parts_find(&source->parts, list->elems[i].topic, list->elems[i].partition);
        part->state = RF_PART_STARTING;
        part->assignment = number;
        part->at_end = false;
        rf_log(RF_LOG_DEBUG, "%s[%" PRId32 "]: reading from offset %" PRId64, part->topic, part->partition,
               part->position);
        part->finished = rf_target_reached(part) && part->target != RF_NO_TARGET;
        if (part->finished)
            rd_kafka_topic_partition_list_add(reached, part->topic, part->partition);
    }
    if (reached->cnt > 0) {
        st = rf_fetch_finish(source->fetch, reached, err);
        reached = NULL;
    }
done:
    if (reached != NULL)
        rd_kafka_topic_partition_list_destroy(reached);
    return st;
}

static rf_status come(rf_kafka_source *source, const part_list *list, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < list->cnt; i++) {
        rf_part *part = NULL;
        RF_TRY(part_of(source, &list->elems[i], &part, err));
        if (part->state != RF_PART_COMING)
            part->asked = false;
        part->state = RF_PART_COMING;
    }
    for (int i = 0; i < list->cnt; i++)
        RF_TRY(ask_owner(source,
                         rf_parts_find(&source->parts, list->elems[i].topic, list->elems[i].partition), err));
    RF_TRY(rf_targets_place(source, err));
    if (st == RF_OK)
        st = start(source, list, rf_fetch_assign, err);
done:
    return st;
}

/* ---- going ---- */

/* Back to the owner, who saves it unless it is lost. */
static rf_status hand_back(rf_kafka_source *source, rf_part *part, bool lost, rf_err *err)
{
    const rf_source_owner *owner = source->options.owner;
    rf_input_position position = {.name = part->topic,
                                  .partition = part->partition,
                                  .offset = part->position,
                                  .records = part->records,
                                  .filtered = part->filtered,
                                  .origin = rf_origin_now(source, part)};
    void *share = part->share;
    bool had = part->state != RF_PART_AWAY && (part->state != RF_PART_COMING || part->asked);
    part->state = RF_PART_AWAY;
    part->assignment = 0;
    part->finished = part->asked = false;
    part->share = NULL;
    if (owner == NULL)
        return RF_OK;
    part->elsewhere = part->position = -1; /* what counts is what is saved */
    if (!had)
        return RF_OK;
    return owner->revoked(owner->context, &position, share, lost || position.offset < 0, err);
}

static void tell_lost(const rf_kafka_source *source, const part_list *list)
{
    const rf_part *first = NULL;
    int n = 0;
    for (int i = 0; i < list->cnt; i++) {
        const rf_part *part = rf_parts_find(&source->parts, list->elems[i].topic, list->elems[i].partition);
        bool held = part != NULL && part->state != RF_PART_AWAY;
        first = held && n == 0 ? part : first;
        n += held;
    }
    if (n > 0)
        rf_log(
            RF_LOG_WARN,
            "%s[%" PRId32 "] at offset %" PRId64 " and %s lost: the broker has not heard "
            "of this process in time (kafka.session.timeout.ms, kafka.max.poll.interval.ms); joining again",
            first->topic, first->partition, first->position, RF_THINGS(n - 1, "more partition"));
}

/* What a saved position covers must be safe before it: dead letters are confirmed first. */
static rf_status confirm_letters(rf_kafka_source *source, rf_err *err)
{
    return source->letters != NULL && source->options.owner != NULL ? rf_letters_flush(source->letters, err)
                                                                    : RF_OK;
}

static rf_status go(rf_kafka_source *source, const part_list *list, bool lost, rf_err *err)
{
    rf_status st = RF_OK;
    if (lost)
        tell_lost(source, list);
    else
        RF_TRY(confirm_letters(source, err));
    for (int i = 0; i < list->cnt; i++) {
        rf_part *part = rf_parts_find(&source->parts, list->elems[i].topic, list->elems[i].partition);
        if (part == NULL || part->state == RF_PART_AWAY)
            continue;
        if (!lost && source->options.owner == NULL && !source->renewing)
            RF_FAIL(err, RF_E_KAFKA,
                    "%s[%" PRId32 "]: another member of group \"%s\" takes it, but this state holds all "
                    "partitions; stop the other process, or set graph.shards so that several share them",
                    part->topic, part->partition, source->group);
        RF_TRY(hand_back(source, part, lost, err));
    }
    RF_TRY(rf_fetch_unassign(source->fetch, rd_kafka_topic_partition_list_copy(list), err));
    if (source->renewing)
        RF_TRY(rf_fetch_join(source->fetch, rf_rebalance_topics(source), err));
    source->renewing = false;
done:
    return st;
}

/* ---- both ---- */

part_list *rf_rebalance_topics(const rf_kafka_source *source)
{
    part_list *list = rd_kafka_topic_partition_list_new((int)source->parts.n);
    for (size_t i = 0; i < source->parts.n; i++) {
        if (source->parts.topics[i].read)
            rd_kafka_topic_partition_list_add(list, source->parts.topics[i].name, RD_KAFKA_PARTITION_UA);
    }
    return list;
}

/* A static member that comes back within its session gets what it had before, without anybody looking at
 * partitions that were added meanwhile. Leaving makes the group look. */
rf_status rf_rebalance_renew(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    bool held = false;
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;)
        held = held || part->state != RF_PART_AWAY;
    source->renewing = held; /* joins when it is revoked */
    RF_TRY(rf_fetch_leave(source->fetch, err));
    if (!held)
        RF_TRY(rf_fetch_join(source->fetch, rf_rebalance_topics(source), err));
done:
    return st;
}

rf_status rf_rebalance(rf_kafka_source *source, const rf_fetched *item, rf_err *err)
{
    if (item->kind == RF_FETCHED_STARTED) {
        rf_part_walk at = {0};
        for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
            if (part->state == RF_PART_STARTING && part->assignment == item->number)
                part->state = RF_PART_HELD;
        }
        return RF_OK;
    }
    if (!source->retry)
        source->rebalances++;
    source->away_since_us = 0;
    return item->kind == RF_FETCHED_ASSIGN ? come(source, item->partitions, err)
                                           : go(source, item->partitions, item->kind == RF_FETCHED_LOST, err);
}

rf_status rf_rebalance_restart(rf_kafka_source *source, rf_part *part, rf_err *err)
{
    rf_status st = RF_OK;
    part_list *one = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(one, part->topic, part->partition);
    st = start(source, one, rf_fetch_restart, err);
    rd_kafka_topic_partition_list_destroy(one);
    return st;
}

void rf_rebalance_close(rf_kafka_source *source, bool failed)
{
    rf_part_walk at = {0};
    rf_err unsafe = {0};
    if (source->options.owner == NULL)
        return;
    if (!failed && confirm_letters(source, &unsafe) < 0) {
        rf_log(RF_LOG_ERROR, "%s; what was read since the last save is read again", unsafe.msg);
        failed = true;
    }
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        rf_err err = {0};
        if (part->state != RF_PART_AWAY && hand_back(source, part, failed, &err) < 0)
            rf_log(RF_LOG_ERROR, "%s[%" PRId32 "]: %s", part->topic, part->partition, err.msg);
    }
}
