/* made_events.h - random events for the graph's tests: few users and entities, hot hours, gaps, repeats, all
 * kinds of attributes. Fixed buffers, so that an event can be handed over in any order and freed by nobody.
 */
#ifndef RF_MADE_EVENTS_H
#define RF_MADE_EVENTS_H

#include <stdio.h>
#include <string.h>

#include "rf_bigraph.h"
#include "rf_rng.h"
#include "rf_time.h"

#define MADE_ATTRS 6
#define MADE_START INT64_C(1521936000000000) /* 2018-03-25T00:00:00Z, the day the clocks change in Europe */

static const rf_attr made_attrs[MADE_ATTRS] = {
    {.name = "amount", .type = RF_ATTR_NUMBER, .log1p = true},
    {.name = "items", .type = RF_ATTR_NUMBER, .finer = 7},
    {.name = "kind", .type = RF_ATTR_CATEGORY, .top = 3},
    {.name = "online", .type = RF_ATTR_BOOLEAN},
    {.name = "hour", .type = RF_ATTR_TIME_OF_DAY},
    {.name = "shift", .type = RF_ATTR_TIME_OF_WEEK, .field = "shift"},
};
static const rf_schema made_schema = {.attrs = made_attrs, .n_attrs = MADE_ATTRS};

/* The same attributes, and events that name a shop, mostly a device and often a card. */
static const rf_kind made_kinds[3] = {
    {.name = "shop", .required = true}, {.name = "device"}, {.name = "card", .hub_degree = 12}};

static inline const rf_schema *made_schema_of_kinds(void)
{
    static rf_attr attrs[MADE_ATTRS];
    static const uint32_t of[MADE_ATTRS] = {5, 1, 2, 3, 7, 4}; /* amount: shop and card; kind: device ... */
    static const rf_schema schema = {
        .attrs = attrs, .n_attrs = MADE_ATTRS, .kinds = made_kinds, .n_kinds = 3};
    for (int a = 0; a < MADE_ATTRS; a++) {
        attrs[a] = made_attrs[a];
        attrs[a].kinds = of[a];
    }
    return &schema;
}

typedef struct made_event {
    char user[16], entity[24], id[24], kind[16], fraud[16];
    char device[16], card[16]; /* "": none */
    int64_t time_us, amount, items, online, hour, shift;
    int label;
} made_event;

static inline int64_t made_number(rf_rng *rng)
{
    switch (rf_rng_below(rng, 5)) {
    case 0:
        return RF_MISSING;
    case 1:
        return (int64_t)rf_rng_below(rng, 100) * RF_FIXED_ONE;
    case 2:
        return -(int64_t)rf_rng_below(rng, 100000) * 10000;
    case 3:
        return (int64_t)(rf_rng_u64(rng) % (uint64_t)RF_FIXED_MAX) - RF_FIXED_MAX / 2;
    default:
        return (int64_t)rf_rng_below(rng, 1000000) * 10000;
    }
}

/* Event i of `days` days; its pair and hour are sometimes the hot ones. */
static inline made_event made_event_at(rf_rng *rng, int i, int days)
{
    made_event e = {.label = (int)rf_rng_below(rng, 3) - 1};
    bool hot = rf_rng_below(rng, 4) == 0;
    uint32_t fraud = rf_rng_below(rng, 12);
    snprintf(e.user, sizeof e.user, "u%u", hot ? 7u : rf_rng_below(rng, 30));
    snprintf(e.entity, sizeof e.entity, "shop %u", hot ? 3u : rf_rng_below(rng, 9));
    snprintf(e.id, sizeof e.id, "event-%d", i);
    snprintf(e.kind, sizeof e.kind, "k%u", rf_rng_below(rng, 40) * rf_rng_below(rng, 2));
    if (fraud < 3)
        snprintf(e.fraud, sizeof e.fraud, "type %u", fraud);
    uint32_t hours = (uint32_t)days * 24;
    int64_t hour = hot ? (int64_t)rf_rng_below(rng, 4) * hours / 4 : (int64_t)rf_rng_below(rng, hours);
    e.time_us = MADE_START + hour * RF_HOUR_US + (int64_t)rf_rng_below(rng, hot ? 4 : 3600) * RF_SECOND_US;
    e.amount = made_number(rng);
    e.items = made_number(rng);
    e.online = rf_rng_below(rng, 3) == 0 ? RF_MISSING : (int64_t)rf_rng_below(rng, 2) * RF_FIXED_ONE;
    e.hour = rf_rng_below(rng, 5) == 0 ? RF_MISSING : e.time_us % RF_DAY_US;
    e.shift = rf_rng_below(rng, 2) == 0 ? RF_MISSING : (int64_t)rf_rng_below(rng, 7 * 24) * RF_HOUR_US;
    /* drawn without the stream, so that other kinds change nothing of the rest */
    const uint64_t drawn = rf_mix64((uint64_t)e.time_us ^ (uint64_t)i << 40);
    if (drawn % 8 != 0)
        snprintf(e.device, sizeof e.device, "d%u", (unsigned)(drawn >> 8) % (drawn % 3 == 0 ? 4 : 50));
    if (drawn % 5 < 3)
        snprintf(e.card, sizeof e.card, "c%u", (unsigned)(drawn >> 40) % (drawn % 7 == 0 ? 2 : 40));
    return e;
}

static inline rf_span made_span(const char *text)
{
    return (rf_span){.ptr = text, .len = strlen(text)};
}

/* kind "k0" means a missing one; ids may be left out. */
static inline rf_event made_rf_event(const made_event *m, bool ids)
{
    rf_event e = {.user = made_span(m->user),
                  .entity = made_span(m->entity),
                  .time_us = m->time_us,
                  .label = (int8_t)m->label,
                  .fraud_type = made_span(m->fraud)};
    if (m->device[0] != '\0')
        e.others[0] = made_span(m->device);
    if (m->card[0] != '\0')
        e.others[1] = made_span(m->card);
    if (ids)
        e.event_id = made_span(m->id);
    e.values[0].number = m->amount;
    e.values[1].number = m->items;
    e.values[2].text = strcmp(m->kind, "k0") == 0 ? (rf_span){0} : made_span(m->kind);
    e.values[3].number = m->online;
    e.values[4].number = m->hour;
    e.values[5].number = m->shift;
    return e;
}

static inline rf_bigraph_options made_options(rf_granularity granularity)
{
    return (rf_bigraph_options){.granularity = granularity,
                                .window_us = 10 * RF_DAY_US,
                                .as_of_us = MADE_START + 12 * RF_DAY_US,
                                .bucket_us = RF_HOUR_US,
                                .history_us = 30 * RF_DAY_US,
                                .zone = "UTC",
                                .label_share = 0.5,
                                .schema = &made_schema,
                                .identity = "made events\nbucket 1h"};
}

static inline rf_bigraph_options made_options_of_kinds(rf_granularity granularity)
{
    rf_bigraph_options options = made_options(granularity);
    options.schema = made_schema_of_kinds();
    options.identity = "made events of kinds\nbucket 1h";
    return options;
}

#endif
