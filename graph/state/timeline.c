/* timeline.c - counts events by time slot in a small table: a window of a month has 720 hours.
 */
#include "timeline_int.h"

#include <stdlib.h>
#include <string.h>

#include "dedup_int.h"
#include "rf_mem.h"

#define FIRST_BITS 8

/* The place of the slot, or the empty one where it belongs. */
static size_t find(const rf_timeline *timeline, uint32_t slot)
{
    size_t mask = ((size_t)1 << timeline->bits) - 1;
    size_t at = (size_t)(slot * UINT32_C(2654435769) >> (32 - timeline->bits));
    while (timeline->places[at].slot != RF_NO_SLOT && timeline->places[at].slot != slot)
        at = (at + 1) & mask;
    return at;
}

static rf_status grow(rf_timeline *timeline, rf_err *err)
{
    rf_status st = RF_OK;
    rf_timeline table = {.bits = timeline->bits == 0 ? FIRST_BITS : timeline->bits + 1, .n = timeline->n};
    size_t n = (size_t)1 << table.bits, old = timeline->bits == 0 ? 0 : (size_t)1 << timeline->bits;
    RF_NEW(table.places, n, err);
    for (size_t i = 0; i < n; i++)
        table.places[i] = (rf_timeline_slot){.slot = RF_NO_SLOT};
    for (size_t i = 0; i < old; i++) {
        if (timeline->places[i].slot != RF_NO_SLOT)
            table.places[find(&table, timeline->places[i].slot)] = timeline->places[i];
    }
    rf_mem_free(timeline->places);
    *timeline = table;
done:
    return st;
}

rf_status rf_timeline_count(rf_timeline *timeline, uint32_t slot, int64_t events, rf_err *err)
{
    rf_status st = RF_OK;
    if (timeline->bits == 0 || timeline->n + 1 > ((size_t)1 << timeline->bits) / 4 * 3)
        RF_TRY(grow(timeline, err));
    if (timeline->places[timeline->last].slot != slot) {
        timeline->last = find(timeline, slot);
        timeline->n += timeline->places[timeline->last].slot == RF_NO_SLOT;
        timeline->places[timeline->last].slot = slot;
    }
    timeline->places[timeline->last].events += events;
done:
    return st;
}

static int by_slot(const void *a, const void *b)
{
    uint32_t s = ((const rf_timeline_slot *)a)->slot, t = ((const rf_timeline_slot *)b)->slot;
    return (s > t) - (s < t);
}

void rf_timeline_sort(rf_timeline *timeline)
{
    size_t places = timeline->bits == 0 ? 0 : (size_t)1 << timeline->bits, n = 0;
    for (size_t i = 0; i < places; i++) {
        if (timeline->places[i].slot != RF_NO_SLOT)
            timeline->places[n++] = timeline->places[i];
    }
    if (n > 0)
        qsort(timeline->places, n, sizeof *timeline->places, by_slot);
}

void rf_timeline_clear(rf_timeline *timeline)
{
    rf_mem_free(timeline->places);
    *timeline = (rf_timeline){0};
}
