/* kafka_parts.c - the table of partitions: by topic, then by number.
 *
 * Small (a topic has tens of partitions, seldom thousands) and grown only when partitions appear.
 */
#include "kafka_parts_int.h"

#include <string.h>

#include "rf_mem.h"

rf_status rf_parts_topic(rf_parts *parts, const char *name, rf_part_topic **out, rf_err *err)
{
    rf_status st = RF_OK;
    for (size_t i = 0; i < parts->n; i++) {
        if (strcmp(parts->topics[i].name, name) == 0) {
            *out = &parts->topics[i];
            return RF_OK;
        }
    }
    RF_RESERVE(parts->topics, parts->cap, parts->n + 1, err);
    rf_part_topic *topic = &parts->topics[parts->n];
    *topic = (rf_part_topic){.name = rf_mem_text(name, strlen(name), err)};
    if (topic->name == NULL)
        return RF_E_NOMEM;
    parts->n++;
    *out = topic;
done:
    return st;
}

rf_status rf_parts_grow(rf_part_topic *topic, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(topic->parts, topic->cap, n, err);
    for (; topic->n < n; topic->n++)
        topic->parts[topic->n] = (rf_part){.topic = topic->name,
                                           .partition = (int32_t)topic->n,
                                           .position = -1,
                                           .first = -1,
                                           .target = RF_NO_TARGET,
                                           .low = -1,
                                           .high = -1,
                                           .elsewhere = -1,
                                           .left_at = -1};
done:
    return st;
}

rf_part *rf_parts_find(const rf_parts *parts, const char *topic, int32_t partition)
{
    for (size_t i = 0; i < parts->n; i++) {
        if (strcmp(parts->topics[i].name, topic) == 0)
            return partition >= 0 && (size_t)partition < parts->topics[i].n
                       ? &parts->topics[i].parts[partition]
                       : NULL;
    }
    return NULL;
}

rf_part *rf_parts_next(const rf_parts *parts, rf_part_walk *at)
{
    for (; at->topic < parts->n; at->topic++, at->part = 0) {
        if (at->part < parts->topics[at->topic].n)
            return &parts->topics[at->topic].parts[at->part++];
    }
    return NULL;
}

void rf_parts_forget(rf_part_topic *topic, size_t n)
{
    for (size_t i = 0; i < topic->n; i++) {
        topic->parts[i].position = topic->parts[i].first = -1;
        rf_topic_origin_clear(&topic->parts[i].origin);
    }
    topic->known = false;
    topic->n = topic->n < n ? topic->n : n;
}

void rf_parts_clear(rf_parts *parts)
{
    for (size_t i = 0; i < parts->n; i++) {
        rf_mem_free(parts->topics[i].name);
        rf_mem_free(parts->topics[i].id);
        for (size_t k = 0; k < parts->topics[i].n; k++) {
            rf_topic_origin_clear(&parts->topics[i].parts[k].origin);
            rf_topic_origin_clear(&parts->topics[i].parts[k].left);
        }
        rf_mem_free(parts->topics[i].parts);
    }
    rf_mem_free(parts->topics);
    *parts = (rf_parts){0};
}
