/* horizon.c - which moment the newest events reach, when a few of them may have a wrong clock.
 *
 * `graph.as_of: latest` is the end of the newest event. One event of next year would then move the window
 * away from everything else, for good. So the events are seen by time slot: where a jump of more than jump_us
 * has fewer than a quarter as many events behind it, as the window before it has, those behind it only wait
 * in the state. When more come, they count.
 *
 * The answer depends on all events, not on their order. A growing graph does not know all of them yet, so it
 * drops old ones only by a moment that the final answer cannot lie before: CERTAIN events behind it are never
 * a matter of wrong clocks, whatever else comes.
 */
#include "bigraph_int.h"
#include "timeline_int.h"

#define SHARE 4        /* events behind a jump, times this, are at least those before it */
#define CERTAIN 100000 /* so many events behind a jump are enough in any case */

static rf_status count_slots(rf_timeline *timeline, const rf_store *store, rf_err *err)
{
    rf_status st = RF_OK;
    for (size_t c = 0; c < store->n_cells; c++)
        RF_TRY(rf_timeline_count(timeline, store->cells[c].slot, store->cells[c].count, err));
    rf_timeline_sort(timeline);
done:
    return st;
}

/* Is the slot behind one that the graph was published with? What that window held is known to be right. */
static bool is_news(const rf_bigraph *graph, uint32_t slot)
{
    return graph->was_end_us == RF_AS_OF_LATEST || slot > rf_bigraph_slot(graph, graph->was_end_us);
}

static int64_t events_from(const rf_timeline *timeline, size_t at)
{
    int64_t sum = 0;
    for (size_t i = at; i < timeline->n; i++)
        sum += timeline->places[i].events;
    return sum;
}

/* The number of slots that count; those behind them wait. */
static size_t find_end(rf_horizon *out, const rf_bigraph *graph, const rf_timeline *timeline)
{
    const rf_timeline_slot *slots = timeline->places;
    uint64_t jump = (uint64_t)(graph->options.jump_us / graph->slot_us);
    int64_t behind = events_from(timeline, 0), before = 0;
    size_t oldest = 0; /* of those that `before` counts: one jump back */
    if (graph->was_end_us != RF_AS_OF_LATEST && timeline->n > 0) /* the old ones may be gone already */
        out->jumped = slots[0].slot > rf_bigraph_slot(graph, graph->was_end_us) + jump;
    for (size_t i = 0; i + 1 < timeline->n; i++) {
        behind -= slots[i].events;
        before += slots[i].events;
        for (; slots[i].slot - slots[oldest].slot >= jump; oldest++)
            before -= slots[oldest].events;
        if (slots[i + 1].slot - slots[i].slot <= jump || !is_news(graph, slots[i + 1].slot))
            continue;
        if (behind < CERTAIN && behind * SHARE < before)
            return i + 1;
        out->jumped = true;
        if (behind < before) {
            out->thin = behind;
            out->thin_from_us = rf_slot_us(&rf_main_store(graph)->codec, slots[i + 1].slot);
        }
    }
    return timeline->n;
}

rf_status rf_bigraph_horizon(rf_horizon *out, const rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_timeline timeline = {0};
    *out = (rf_horizon){.end_us = graph->newest_us};
    if (graph->options.jump_us == 0 || graph->newest_us == RF_AS_OF_LATEST)
        return RF_OK;
    RF_TRY(count_slots(&timeline, rf_main_store(graph), err));
    size_t n = find_end(out, graph, &timeline);
    if (n < timeline.n) {
        int64_t end_us = rf_slot_us(&rf_main_store(graph)->codec, timeline.places[n - 1].slot);
        out->end_us = end_us > graph->end_us ? end_us : graph->end_us;
        out->ahead = events_from(&timeline, n);
        out->ahead_from_us = rf_slot_us(&rf_main_store(graph)->codec, timeline.places[n].slot);
    }
done:
    rf_timeline_clear(&timeline);
    return st;
}

void rf_bigraph_settle_counts(rf_bigraph *graph)
{
    int64_t from_us, to_us;
    rf_counts *counts = &graph->counts, settled = graph->earlier;
    if (!rf_bigraph_window(graph, &from_us, &to_us))
        return;
    for (int repeats = 0; repeats <= 1; repeats++) {
        const rf_timeline *of = repeats ? &graph->repeats : &graph->fresh;
        size_t places = of->bits == 0 ? 0 : (size_t)1 << of->bits;
        for (size_t i = 0; i < places; i++) {
            if (of->places[i].slot == RF_NO_SLOT)
                continue;
            int64_t at_us = rf_slot_us(&rf_main_store(graph)->codec, of->places[i].slot),
                    n = of->places[i].events;
            if (at_us < from_us)
                settled.expired += n;
            else if (repeats)
                settled.duplicate += n;
            else if (at_us >= to_us)
                settled.waiting += n;
            else
                settled.accepted += n;
        }
    }
    int64_t joined = graph->joined_repeats < settled.accepted ? graph->joined_repeats : settled.accepted;
    counts->accepted = settled.accepted - joined;
    counts->duplicate = settled.duplicate + joined;
    counts->waiting = settled.waiting;
    counts->expired = settled.expired;
}

rf_status rf_bigraph_settle(rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_horizon horizon;
    RF_TRY(rf_bigraph_flush(graph, err));
    RF_TRY(rf_bigraph_horizon(&horizon, graph, err));
    graph->end_us = horizon.end_us;
    rf_bigraph_settle_counts(graph);
done:
    return st;
}

/* Of the resumed state's events those before this moment. */
static int64_t held_before(const rf_bigraph *graph, int64_t floor_us)
{
    int64_t lost = 0;
    const rf_timeline *held = &graph->resumed;
    for (size_t i = 0; i < held->n; i++)
        lost += rf_slot_us(&rf_main_store(graph)->codec, held->places[i].slot) < floor_us
                    ? held->places[i].events
                    : 0;
    return lost;
}

rf_status rf_bigraph_look_out(rf_outlook *out, rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_horizon horizon;
    RF_TRY(rf_bigraph_flush(graph, err));
    RF_TRY(rf_bigraph_horizon(&horizon, graph, err));
    int64_t from_us = rf_bigraph_floor_at(graph, horizon.end_us);
    int64_t window[2] = {INT64_MAX, INT64_MAX}, kept = 0, inside = 0, news = 0;
    (void)rf_bigraph_window_at(graph, horizon.end_us, &window[0], &window[1]);
    const rf_store *store = rf_main_store(graph);
    for (size_t c = 0; c < store->n_cells; c++) {
        int64_t at_us = rf_slot_us(&store->codec, store->cells[c].slot), n = store->cells[c].count;
        kept += n;
        news += is_news(graph, store->cells[c].slot) && at_us <= horizon.end_us ? n : 0;
        inside += at_us >= window[0] && at_us < window[1] ? n : 0;
    }
    *out = (rf_outlook){.ahead = horizon.ahead,
                        .ahead_from_us = horizon.ahead_from_us,
                        .held = events_from(&graph->resumed, 0),
                        .lost = held_before(graph, from_us),
                        .lost_to_options = held_before(graph, rf_bigraph_floor_at(graph, graph->was_end_us)),
                        .kept = kept,
                        .inside = inside,
                        .news = news,
                        .thin = horizon.thin,
                        .thin_from_us = horizon.thin_from_us,
                        .jumped = horizon.jumped,
                        .held_to_us = graph->was_end_us,
                        .window_from_us = from_us};
done:
    return st;
}

rf_status rf_bigraph_see_certain(rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_timeline timeline = {0};
    int64_t events = 0;
    if (graph->options.jump_us == 0)
        return RF_OK;
    RF_TRY(count_slots(&timeline, rf_main_store(graph), err));
    for (size_t i = timeline.n; i-- > 0;) {
        events += timeline.places[i].events;
        if (events < CERTAIN)
            continue;
        int64_t at_us = rf_slot_us(&rf_main_store(graph)->codec, timeline.places[i].slot);
        if (at_us > graph->end_us)
            graph->end_us = at_us;
        break;
    }
done:
    rf_timeline_clear(&timeline);
    return st;
}
