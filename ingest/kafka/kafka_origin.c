/* kafka_origin.c - is a topic still the one that the state was read from?
 *
 * An offset means nothing in another topic of the same name: reading would begin anywhere in it. So before
 * anything is read, the ids of cluster and topic are compared with those that were saved with the offsets,
 * and so are the last messages that were read, and the ends. A message that retention or compaction removed
 * meanwhile says nothing. What is not known of an older state is known from its next save on.
 */
#include "kafka_origin_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kafka_batch_int.h"
#include "kafka_targets_int.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_quote.h"
#include "rf_time.h"

#define WAIT_MS 100
#define WHAT_BYTES 320 /* a sentence about what differs */
#define ID_BYTES 64    /* of an id in it */

typedef rd_kafka_topic_partition_list_t part_list;

rf_topic_origin rf_origin_now(const rf_kafka_source *source, const rf_part *part)
{
    rf_topic_origin origin = part->origin;
    for (size_t i = 0; i < source->parts.n; i++) {
        const rf_part_topic *topic = &source->parts.topics[i];
        if (topic->name != part->topic || !topic->read)
            continue;
        origin.cluster = source->cluster != NULL ? source->cluster : origin.cluster;
        origin.topic_id = topic->id != NULL ? topic->id : origin.topic_id;
    }
    return origin;
}

/* ---- something differs ---- */

/* How far the part was read, as saved; -1: nothing is. */
static int64_t saved(const rf_kafka_source *source, const rf_part *part)
{
    return source->options.owner == NULL ? part->position : part->elsewhere;
}

/* by_id: a cluster or topic may have another id and the same messages. */
static rf_status differs(const rf_kafka_source *source, rf_part_topic *topic, bool by_id, const char *what,
                         rf_err *err)
{
    rf_changed_topic changed = source->options.changed;
    if (changed == RF_CHANGED_NEW) {
        rf_log(RF_LOG_WARN, "%s; %s is read as another topic, as source.changed says", what, topic->name);
        topic->anew = true;
        return RF_OK;
    }
    if (changed == RF_CHANGED_SAME && by_id) {
        rf_log(RF_LOG_WARN, "%s; reading goes on at the saved offsets, as source.changed says", what);
        return RF_OK;
    }
    return rf_err_set(err, RF_E_KAFKA, __FILE__, __LINE__,
                      "%s; begin again with %s, or set source.changed=new to read the topic from its "
                      "beginning into the state%s",
                      what, source->options.owner == NULL ? "--rebuild" : "another folder (graph.shards)",
                      by_id ? ", or =same if it has the same messages at the same offsets" : "");
}

/* ---- ids ---- */

static bool other(const char *was, const char *is)
{
    return was != NULL && is != NULL && strcmp(was, is) != 0;
}

static bool ids_differ(const rf_kafka_source *source, const rf_part_topic *topic, const rf_part *part)
{
    return other(part->origin.cluster, source->cluster) || other(part->origin.topic_id, topic->id);
}

static rf_status compare_ids(const rf_kafka_source *source, rf_part_topic *topic, rf_err *err)
{
    char what[WHAT_BYTES], was[ID_BYTES], is[ID_BYTES];
    const rf_part *part = topic->parts, *end = topic->parts + topic->n;
    while (part < end && (saved(source, part) < 0 || !ids_differ(source, topic, part)))
        part++;
    if (part < end) {
        bool cluster = other(part->origin.cluster, source->cluster);
        rf_quote_copy(was, sizeof was, cluster ? part->origin.cluster : part->origin.topic_id);
        rf_quote_copy(is, sizeof is, cluster ? source->cluster : topic->id);
        snprintf(what, sizeof what,
                 cluster ? "%s: was read from cluster %s, and these brokers are cluster %s"
                         : "%s: was deleted and made again since it was read: its id was %s and is %s",
                 topic->name, was, is);
        rf_status st = differs(source, topic, true, what, err);
        if (st < 0 || topic->anew)
            return st;
    }
    if (topic->n > topic->there) {
        snprintf(what, sizeof what,
                 "%s: has %zu partitions, and %zu of it were read before: it was deleted and made again",
                 topic->name, topic->there, topic->n);
        return differs(source, topic, false, what, err);
    }
    return RF_OK;
}

/* ---- the last messages ---- */

typedef struct look {
    rf_kafka_source *source;
    rf_probe *probe;
    rd_kafka_topic_t **handles; /* [topics]; NULL: none of its messages is looked for */
    rd_kafka_queue_t *queue;
    int open;
} look;

static rf_part_topic *topic_of(const rf_kafka_source *source, const rf_part *part)
{
    rf_part_topic *topic = source->parts.topics;
    while (topic->name != part->topic)
        topic++;
    return topic;
}

static rf_status compare_message(const look *l, rf_part *part, const rd_kafka_message_t *message, rf_err *err)
{
    char what[WHAT_BYTES];
    const rf_topic_origin *last = &part->origin;
    rf_part_topic *topic = topic_of(l->source, part);
    const rf_message_mark mark = rf_message_mark_of(message);
    /* another cluster may set times of its own */
    bool same_time = mark.ms == last->last_ms || l->source->options.changed == RF_CHANGED_SAME;
    part->fits = same_time && mark.hash == last->last_hash;
    if (part->fits || topic->anew)
        return RF_OK;
    snprintf(what, sizeof what,
             "%s[%" PRId32 "]@%" PRId64 ": is not the message that was read there: the topic was deleted and "
             "made again, or is another one",
             part->topic, part->partition, last->last_offset);
    return differs(l->source, topic, false, what, err);
}

static rf_status look_at(look *l, const rd_kafka_message_t *message, rf_err *err)
{
    rf_part *part = message->rkt == NULL ? NULL
                                         : rf_parts_find(&l->source->parts, rd_kafka_topic_name(message->rkt),
                                                         message->partition);
    bool content = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (part == NULL || !part->looked_for || rf_kafka_is_retriable(message->err) ||
        rf_kafka_is_missing(message->err) || (content && message->offset < part->origin.last_offset))
        return RF_OK;
    part->looked_for = false;
    l->open--;
    if (content && message->offset == part->origin.last_offset)
        return compare_message(l, part, message, err);
    rf_log(RF_LOG_DEBUG,
           "%s[%" PRId32 "]@%" PRId64 ": the last message that was read cannot be read again: %s",
           part->topic, part->partition, part->origin.last_offset,
           content ? "it was removed" : rd_kafka_err2str(message->err));
    return RF_OK;
}

static rf_status start_looking(look *l, rf_err *err)
{
    rf_status st = RF_OK;
    rf_kafka_source *source = l->source;
    for (size_t i = 0; i < source->parts.n; i++) {
        rf_part_topic *topic = &source->parts.topics[i];
        for (size_t k = 0; k < topic->n && k < topic->there; k++) { /* 0: it is not read */
            rf_part *part = &topic->parts[k];
            if (saved(source, part) < 0 || part->origin.last_hash == 0 ||
                (topic->anew && ids_differ(source, topic, part)))
                continue;
            if (l->handles[i] == NULL)
                l->handles[i] = rd_kafka_topic_new(l->probe->client, topic->name, NULL);
            if (l->handles[i] == NULL ||
                rd_kafka_consume_start_queue(l->handles[i], part->partition, part->origin.last_offset,
                                             l->queue) != 0)
                RF_KAFKA_FAIL(err, rd_kafka_last_error(), "reading the last message again", topic->name,
                              part->partition, part->origin.last_offset);
            part->looked_for = true;
            l->open++;
        }
    }
done:
    return st;
}

static void end_look(look *l)
{
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&l->source->parts, &at)) != NULL;) {
        size_t i = (size_t)(topic_of(l->source, part) - l->source->parts.topics);
        if (l->handles != NULL && l->handles[i] != NULL)
            (void)rd_kafka_consume_stop(l->handles[i], part->partition);
        part->looked_for = false;
    }
    for (size_t i = 0; l->handles != NULL && i < l->source->parts.n; i++) {
        if (l->handles[i] != NULL)
            rd_kafka_topic_destroy(l->handles[i]);
    }
    if (l->queue != NULL)
        rd_kafka_queue_destroy(l->queue);
    rf_mem_free(l->handles);
}

static rf_status compare_messages(look *l, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t timeout_us = l->source->options.broker_timeout_us, until = rf_monotonic_us() + timeout_us;
    RF_ZERO(l->handles, l->source->parts.n, err);
    l->queue = rd_kafka_queue_new(l->probe->client);
    RF_TRY(start_looking(l, err));
    while (l->open > 0) {
        rd_kafka_message_t *message = rd_kafka_consume_queue(l->queue, WAIT_MS);
        (void)rd_kafka_poll(l->probe->client, 0);
        if (message != NULL) {
            st = look_at(l, message, err);
            rd_kafka_message_destroy(message);
            RF_TRY(st);
        }
        if (rf_monotonic_us() >= until)
            RF_FAIL(err, RF_E_KAFKA,
                    "source.topics: the last messages that were read could not be read again within %g s; "
                    "check the brokers, or raise source.broker_timeout",
                    (double)timeout_us / 1e6);
    }
done:
    end_look(l);
    return st;
}

/* ---- ends ---- */

/* Where a topic that lacks messages is an error anyway, that is found when its positions are placed. */
static rf_status compare_ends(const look *l, rf_err *err)
{
    rf_status st = RF_OK;
    char what[WHAT_BYTES];
    rf_kafka_source *source = l->source;
    part_list *ends = rd_kafka_topic_partition_list_new(16);
    rf_part_walk at = {0};
    for (const rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        const rf_part_topic *topic = topic_of(source, part);
        if (topic->read && !topic->anew && saved(source, part) >= 0)
            rd_kafka_topic_partition_list_add(ends, part->topic, part->partition)->offset =
                RD_KAFKA_OFFSET_END;
    }
    RF_TRY(rf_targets_ask(source, l->probe->client, ends, err));
    for (int i = 0; i < ends->cnt; i++) {
        const rd_kafka_topic_partition_t *end = &ends->elems[i];
        const rf_part *part = rf_parts_find(&source->parts, end->topic, end->partition);
        rf_part_topic *topic = topic_of(source, part);
        if (topic->anew || saved(source, part) <= end->offset)
            continue;
        snprintf(what, sizeof what, "%s[%" PRId32 "]: " RF_ORIGIN_TOO_FAR, part->topic, part->partition,
                 saved(source, part), end->offset);
        RF_TRY(differs(source, topic, false, what, err));
    }
done:
    rd_kafka_topic_partition_list_destroy(ends);
    return st;
}

/* ---- all of it ---- */

/* What the brokers say now. */
static rf_status ask_ids(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    const char **names = NULL;
    char ***ids = NULL;
    size_t n = 0;
    RF_TRY(rf_kafka_cluster_id(&source->cluster, source->client, err));
    RF_ZERO(names, source->parts.n, err);
    RF_ZERO(ids, source->parts.n, err);
    for (size_t i = 0; i < source->parts.n; i++) {
        rf_part_topic *topic = &source->parts.topics[i];
        if (!topic->read)
            continue;
        names[n] = topic->name;
        ids[n++] = &topic->id;
    }
    RF_TRY(rf_kafka_topic_ids(ids, source->client, names, n, err));
done:
    rf_mem_free(names);
    rf_mem_free(ids);
    return st;
}

static rf_status compare_all_ids(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    bool unknown = false;
    RF_TRY(ask_ids(source, err));
    for (size_t i = 0; i < source->parts.n; i++) {
        rf_part_topic *topic = &source->parts.topics[i];
        if (!topic->read)
            continue;
        RF_TRY(compare_ids(source, topic, err));
        for (size_t k = 0; k < topic->n; k++) {
            rf_part *part = &topic->parts[k];
            unknown = unknown || (saved(source, part) >= 0 && part->origin.cluster == NULL);
            part->fits =
                topic->id != NULL && part->origin.topic_id != NULL && !ids_differ(source, topic, part);
        }
    }
    if (unknown && source->cluster != NULL)
        rf_log(RF_LOG_INFO, "the state does not say from which cluster it was read; from its next save on it "
                            "does");
done:
    return st;
}

/* The topic is read as another one than that of the saved positions. With an owner, other members may have
 * saved some of this one already. */
static void leave_behind(const rf_kafka_source *source, rf_part_topic *topic)
{
    if (source->options.owner == NULL) {
        rf_parts_forget(topic, topic->there);
        return;
    }
    topic->known = false;
    for (size_t k = 0; k < topic->n; k++) {
        rf_part *part = &topic->parts[k];
        topic->known = topic->known || (part->fits && part->elsewhere >= 0);
        if (part->fits || part->elsewhere < 0)
            continue;
        part->left = part->origin;
        part->left_at = part->elsewhere;
        part->origin = (rf_topic_origin){0};
        part->elsewhere = -1;
    }
}

bool rf_origin_is_left(const rf_part *part, int64_t offset, const rf_topic_origin *origin)
{
    return part->left_at >= 0 && part->left_at == offset && rf_topic_origin_equal(&part->left, origin);
}

rf_status rf_origin_check(rf_kafka_source *source, rf_probe *probe, rf_err *err)
{
    rf_status st = RF_OK;
    bool any = false;
    look l = {.source = source, .probe = probe};
    RF_TRY(compare_all_ids(source, err));
    rf_part_walk at = {0};
    for (const rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;)
        any = any || (topic_of(source, part)->read && saved(source, part) >= 0);
    if (any) {
        RF_TRY(rf_probe_open(probe, &source->options, err));
        if (source->options.changed == RF_CHANGED_NEW)
            RF_TRY(compare_ends(&l, err));
        RF_TRY(compare_messages(&l, err));
    }
    for (size_t i = 0; i < source->parts.n; i++) {
        if (source->parts.topics[i].anew)
            leave_behind(source, &source->parts.topics[i]);
    }
done:
    return st;
}
