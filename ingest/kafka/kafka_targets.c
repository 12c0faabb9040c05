/* kafka_targets.c - where reading of each partition starts, and where it ends.
 *
 * Start: the position in the state; without one, `from`; for a partition that appeared after others of its
 * topic had been read, its beginning. End: the high watermarks seen at the start (`now`), or the first
 * message of a time. The high watermark may be after an open transaction; kafka_probe.c asks for it, because
 * a client that reads committed messages does not learn it.
 */
#include "kafka_targets_int.h"

#include <inttypes.h>
#include <string.h>

#include "kafka_origin_int.h"
#include "rf_log.h"
#include "rf_time.h"

#define TRY_MS 2000 /* one try of a query */
#define TELL_EVERY_US (30 * RF_SECOND_US)

typedef rd_kafka_topic_partition_list_t part_list;

static bool is_word(int64_t us)
{
    return us == RF_UNTIL_NOW || us == RF_UNTIL_NEVER;
}

/* Times of messages are milliseconds: the first one at `us` or later. */
static int64_t ms_from(int64_t us)
{
    return us <= 0 ? 0 : (us + 999) / 1000;
}

/* ---- questions about many partitions ---- */

/* What is asked about each partition that `which` picks. */
static part_list *ask_list(const rf_parts *parts, bool (*which)(const rf_part *), int64_t offset)
{
    part_list *list = rd_kafka_topic_partition_list_new(16);
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(parts, &at)) != NULL;) {
        if (which(part))
            rd_kafka_topic_partition_list_add(list, part->topic, part->partition)->offset = offset;
    }
    return list;
}

static int64_t answer(const part_list *list, const rf_part *part)
{
    for (int i = 0; i < list->cnt; i++) {
        if (list->elems[i].partition == part->partition && strcmp(list->elems[i].topic, part->topic) == 0)
            return list->elems[i].offset;
    }
    return -1;
}

static rf_status no_answer(const rf_kafka_source *source, rf_err *err)
{
    char why[256] = "";
    (void)rf_kafka_down_s(source->watch, why);
    return rf_err_set(
        err, RF_E_KAFKA, __FILE__, __LINE__,
        "source.topics: no broker said within %g s where the partitions begin and end%s%s; check "
        "kafka.bootstrap.servers, or raise source.broker_timeout",
        (double)source->options.broker_timeout_us / 1e6, why[0] == '\0' ? "" : ": ", why);
}

rf_status rf_targets_ask(const rf_kafka_source *source, rd_kafka_t *client, part_list *list, rf_err *err)
{
    int64_t until = rf_monotonic_us() + source->options.broker_timeout_us;
    for (;;) {
        rf_status st = rf_kafka_offsets(client, list, TRY_MS, err);
        if (st != RF_TIMEOUT)
            return st;
        if (rf_monotonic_us() >= until)
            return no_answer(source, err);
        (void)rd_kafka_poll(client, 100); /* errors reach the watch; and a breath between tries */
    }
}

/* ---- starts ---- */

static bool is_coming(const rf_part *part)
{
    return part->state == RF_PART_COMING;
}

static bool is_coming_unknown(const rf_part *part)
{
    return is_coming(part) && part->position < 0;
}

/* A position that was read before must still lie inside the partition, or be allowed to move over a gap. */
static rf_status check_known(const rf_kafka_source *source, rf_part *part, rf_err *err)
{
    rf_status st = RF_OK;
    if (part->position > part->high)
        RF_FAIL(err, RF_E_KAFKA,
                "%s[%" PRId32 "]: " RF_ORIGIN_TOO_FAR
                "; rebuild the state (--rebuild), or set source.changed=new to read the topic from its "
                "beginning into the state",
                part->topic, part->partition, part->position, part->high);
    if (part->position >= part->low)
        return RF_OK;
    if (!source->options.skip_gaps)
        RF_FAIL(err, RF_E_KAFKA,
                "%s[%" PRId32 "]: messages %" PRId64 " to %" PRId64
                " were deleted by retention before they were read; set source.gaps=skip to go on without "
                "them, or rebuild the state (--rebuild)",
                part->topic, part->partition, part->position, part->low - 1);
    rf_log(RF_LOG_WARN,
           "%s[%" PRId32 "]: messages %" PRId64 " to %" PRId64
           " were deleted by retention before they were read; going on without these %" PRId64,
           part->topic, part->partition, part->position, part->low - 1, part->low - part->position);
    part->position = part->low;
done:
    return st;
}

/* A partition nothing is known of. by_time: the answer about `from`, where that is a time. */
static int64_t first_position(const rf_kafka_source *source, const rf_part *part, int64_t by_time)
{
    bool others_read = false;
    for (size_t i = 0; i < source->parts.n; i++)
        others_read =
            others_read || (source->parts.topics[i].name == part->topic && source->parts.topics[i].known);
    int64_t from = source->options.from_us;
    if ((others_read && part->left_at < 0) || !part->early || from == RF_FROM_EARLIEST)
        return part->low;
    if (from == RF_FROM_LATEST || by_time < 0)
        return part->high;
    return by_time;
}

static rf_status set_positions(rf_kafka_source *source, const part_list *lows, const part_list *highs,
                               const part_list *by_time, rf_err *err)
{
    rf_status st = RF_OK;
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        if (!is_coming(part))
            continue;
        part->low = answer(lows, part);
        part->high = answer(highs, part);
        if (part->position >= 0)
            RF_TRY(check_known(source, part, err));
        else
            part->position = first_position(source, part, answer(by_time, part));
        if (part->first < 0)
            part->first = part->position;
    }
done:
    return st;
}

rf_status rf_targets_place(rf_kafka_source *source, rf_err *err)
{
    int64_t from = source->options.from_us;
    part_list *lows = ask_list(&source->parts, is_coming, RD_KAFKA_OFFSET_BEGINNING);
    part_list *highs = ask_list(&source->parts, is_coming, RD_KAFKA_OFFSET_END);
    part_list *by_time = is_word(from) ? rd_kafka_topic_partition_list_new(0)
                                       : ask_list(&source->parts, is_coming_unknown, ms_from(from));
    rf_status st = rf_kafka_offsets(source->client, lows, TRY_MS, err);
    if (st == RF_OK)
        st = rf_kafka_offsets(source->client, by_time, TRY_MS, err);
    if (st == RF_OK)
        st = rf_kafka_offsets(source->client, highs, TRY_MS, err); /* last: never below the others */
    if (st == RF_OK)
        st = set_positions(source, lows, highs, by_time, err);
    rd_kafka_topic_partition_list_destroy(lows);
    rd_kafka_topic_partition_list_destroy(highs);
    rd_kafka_topic_partition_list_destroy(by_time);
    return st;
}

rf_status rf_targets_gap(rf_kafka_source *source, rf_part *part, rf_err *err)
{
    rf_status st = RF_OK;
    part_list *low = rd_kafka_topic_partition_list_new(1), *high = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(low, part->topic, part->partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_topic_partition_list_add(high, part->topic, part->partition)->offset = RD_KAFKA_OFFSET_END;
    st = rf_kafka_offsets(source->client, low, TRY_MS, err);
    if (st == RF_OK)
        st = rf_kafka_offsets(source->client, high, TRY_MS, err);
    if (st == RF_OK) {
        part->low = low->elems[0].offset;
        part->high = high->elems[0].offset;
        st = check_known(source, part, err);
    }
    rd_kafka_topic_partition_list_destroy(low);
    rd_kafka_topic_partition_list_destroy(high);
    return st;
}

/* ---- ends ---- */

static bool is_wanted(const rf_part *part)
{
    return part->target == RF_NO_TARGET;
}

/* By the probe, which is told the high watermarks. */
static rf_status find_targets(rf_kafka_source *source, rf_probe *probe, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t until = source->options.until_us;
    part_list *ends = ask_list(&source->parts, is_wanted, RD_KAFKA_OFFSET_END), *by_time = NULL;
    RF_TRY(rf_probe_open(probe, &source->options, err));
    if (!is_word(until)) {
        by_time = ask_list(&source->parts, is_wanted, ms_from(until));
        RF_TRY(rf_targets_ask(source, probe->client, by_time, err));
    }
    RF_TRY(rf_targets_ask(source, probe->client, ends, err));
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        if (!is_wanted(part))
            continue;
        int64_t offset = by_time == NULL ? -1 : answer(by_time, part);
        part->target = offset >= 0 ? offset : answer(ends, part);
    }
    source->targets_known = true;
done:
    rd_kafka_topic_partition_list_destroy(ends);
    if (by_time != NULL)
        rd_kafka_topic_partition_list_destroy(by_time);
    return st;
}

bool rf_target_reached(const rf_part *part)
{
    int64_t low = part->low > 0 ? part->low : 0; /* there may have been nothing to read at all */
    return part->position >= part->target || part->target <= low;
}

/* ---- opening ---- */

static rf_status find_partitions(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < source->options.n_topics; i++) {
        rf_part_topic *topic = NULL;
        int n = 0;
        RF_TRY(rf_parts_topic(&source->parts, source->options.topics[i], &topic, err));
        RF_TRY(rf_kafka_partitions(&n, source->client, source->watch, topic->name,
                                   source->options.broker_timeout_us, err));
        topic->there = (size_t)n;
        RF_TRY(rf_parts_grow(topic, topic->there, err));
        topic->read = true;
        for (int k = 0; k < n; k++)
            topic->parts[k].early = true;
    }
    for (size_t i = 0; i < source->parts.n; i++) {
        rf_part_topic *topic = &source->parts.topics[i];
        for (size_t k = 0; k < topic->n && !topic->read; k++)
            topic->parts[k].target = 0; /* kept, not read */
    }
done:
    return st;
}

/* Without owner all partitions are this source's, and their positions known before any is assigned. */
static rf_status place_all(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t until = rf_monotonic_us() + source->options.broker_timeout_us;
    for (size_t i = 0; i < source->parts.n; i++) {
        rf_part_topic *topic = &source->parts.topics[i];
        for (size_t k = 0; k < topic->n && topic->read; k++)
            topic->parts[k].state = RF_PART_COMING;
    }
    while ((st = rf_targets_place(source, err)) == RF_TIMEOUT) {
        if (rf_monotonic_us() >= until)
            return no_answer(source, err);
        (void)rd_kafka_poll(source->client, 100);
    }
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;)
        part->state = RF_PART_AWAY;
    return st;
}

/* With an owner: whether the group has read anything of the topics yet. */
static rf_status ask_owner(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_source_owner *owner = source->options.owner;
    for (size_t i = 0; i < source->parts.n; i++) {
        rf_part_topic *topic = &source->parts.topics[i];
        for (size_t k = 0; k < topic->n; k++) {
            rf_part *part = &topic->parts[k];
            RF_TRY(owner->saved_elsewhere(owner->context, topic->name, part->partition, &part->elsewhere,
                                          &part->origin, err));
            topic->known = topic->known || part->elsewhere >= 0;
        }
    }
done:
    return st;
}

/* The low watermarks, to tell partitions without messages from those that nobody has saved yet. */
static rf_status find_lows(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    part_list *lows = ask_list(&source->parts, is_wanted, RD_KAFKA_OFFSET_BEGINNING);
    RF_TRY(rf_targets_ask(source, source->client, lows, err));
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        if (is_wanted(part))
            part->low = answer(lows, part);
    }
done:
    rd_kafka_topic_partition_list_destroy(lows);
    return st;
}

rf_status rf_targets_open(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t until = source->options.until_us;
    bool owned = source->options.owner != NULL;
    rf_probe probe = {0};
    RF_TRY(find_partitions(source, err));
    source->ends = until != RF_UNTIL_NEVER;
    if (owned)
        RF_TRY(ask_owner(source, err));
    RF_TRY(rf_origin_check(source, &probe, err));
    RF_TRY(owned ? find_lows(source, err) : place_all(source, err));
    if (source->ends && (is_word(until) || until <= rf_clock_us()))
        RF_TRY(find_targets(source, &probe, err));
done:
    rf_probe_close(&probe);
    return st;
}

/* ---- the end ---- */

static rf_status ask_elsewhere(const rf_kafka_source *source, rf_part *part, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_source_owner *owner = source->options.owner;
    rf_topic_origin origin = {0};
    RF_TRY(owner->saved_elsewhere(owner->context, part->topic, part->partition, &part->elsewhere,
                                  part->left_at < 0 ? NULL : &origin, err));
    if (rf_origin_is_left(part, part->elsewhere, &origin))
        part->elsewhere = -1;
done:
    rf_topic_origin_clear(&origin);
    return st;
}

static void tell(rf_kafka_source *source, const rf_part *part, int64_t now, bool elsewhere)
{
    if (source->told_us == 0)
        source->told_us = now - TELL_EVERY_US + 5 * RF_SECOND_US; /* the first time after five seconds */
    if (now - source->told_us < TELL_EVERY_US)
        return;
    source->told_us = now;
    if (elsewhere)
        rf_log(RF_LOG_INFO,
               "waiting for another member: it has saved %s[%" PRId32 "] to offset %" PRId64 " of %" PRId64,
               part->topic, part->partition, part->elsewhere, part->target);
    else if (part->at_end)
        rf_log(RF_LOG_WARN,
               "waiting for an open transaction in %s[%" PRId32 "]: read to offset %" PRId64
               ", which is as far as messages are committed, of %" PRId64,
               part->topic, part->partition, part->position, part->target);
}

rf_status rf_targets_end(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_source_owner *owner = source->options.owner;
    int64_t now = rf_monotonic_us();
    bool ask_now = now - source->asked_us >= RF_SECOND_US; /* the owner: once a second at most */
    const rf_part *first = NULL;                           /* that is not read to its end */
    if (!source->ends)
        return RF_OK;
    if (!source->targets_known) {
        if (rf_clock_us() < source->options.until_us)
            return RF_OK;
        rf_probe probe = {0};
        st = find_targets(source, &probe, err);
        rf_probe_close(&probe);
        RF_TRY(st);
    }
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        if (rf_target_reached(part))
            continue;
        bool elsewhere = owner != NULL && part->state == RF_PART_AWAY;
        if (elsewhere && ask_now) {
            source->asked_us = now;
            if (part->elsewhere < part->target)
                RF_TRY(ask_elsewhere(source, part, err));
        }
        if (first == NULL && (!elsewhere || part->elsewhere < part->target))
            first = part;
    }
    if (first == NULL)
        return RF_EOF;
    tell(source, first, now, owner != NULL && first->state == RF_PART_AWAY);
done:
    return st;
}
