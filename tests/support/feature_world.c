/* feature_world.c - random lists of events, and frozen windows of them; see feature_world.h. */
#include "feature_world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rf_rng.h"

#define AS_OF                                                                                                \
    (INT64_C(1711929600) * RF_SECOND_US +                                                                    \
     5 * RF_HOUR_US) /* 2024-04-01 05:00 UTC: clocks changed the day before */

static const rf_attr attrs[TEST_N_ATTRS] = {
    {.name = "amount", .field = "amount", .type = RF_ATTR_NUMBER, .log1p = true, .required = true},
    {.name = "tip", .field = "tip", .type = RF_ATTR_NUMBER, .finer = 4},
    {.name = "promo", .field = "promo", .type = RF_ATTR_BOOLEAN},
    {.name = "device", .field = "device", .type = RF_ATTR_CATEGORY, .top = 2},
    {.name = "hour", .type = RF_ATTR_TIME_OF_DAY},
    {.name = "planned", .field = "planned", .type = RF_ATTR_TIME_OF_WEEK},
};
const rf_schema test_schema = {.attrs = attrs, .n_attrs = TEST_N_ATTRS};

const char *test_device(int64_t value)
{
    static const char *const names[] = {"phone", "laptop", "other", "tablet", "watch"};
    return names[value];
}

void test_user_id(char out[16], int user)
{
    snprintf(out, 16, "u%d", user);
}

void test_entity_id(char out[16], int entity)
{
    snprintf(out, 16, "shop %d", entity);
}

int64_t test_floor_mod(int64_t a, int64_t b)
{
    return (a % b + b) % b;
}

int64_t test_local_us(const test_world *world, int64_t time_us)
{
    return time_us + (int64_t)rf_zone_offset_s(world->zone, time_us) * RF_SECOND_US;
}

/* ---- making ---- */

static void fill_values(test_world *world, test_event *event, rf_rng *rng)
{
    event->value[TEST_AMOUNT] = (int64_t)(rf_rng_uniform(rng) * 50e6) - 2 * RF_FIXED_ONE;
    event->value[TEST_TIP] = rf_rng_below(rng, 3) ? (int64_t)rf_rng_below(rng, 4) * 1500000 : RF_MISSING;
    event->value[TEST_PROMO] =
        rf_rng_below(rng, 4) ? (int64_t)rf_rng_below(rng, 2) * RF_FIXED_ONE : RF_MISSING;
    event->value[TEST_DEVICE] = rf_rng_below(rng, 5) ? (int64_t)rf_rng_below(rng, 5) : RF_MISSING;
    event->value[TEST_HOUR] = test_floor_mod(test_local_us(world, event->time_us), RF_DAY_US);
    event->value[TEST_PLANNED] =
        rf_rng_below(rng, 3) ? (int64_t)rf_rng_below(rng, 7 * 24 * 60) * RF_MINUTE_US : RF_MISSING;
}

void test_world_init(test_world *world, uint64_t seed, int n, int users, int entities, int days,
                     rf_granularity granularity, const char *zone)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    *world = (test_world){.n = n, .events = calloc((size_t)n + 1, sizeof *world->events)};
    if (!world->events || rf_zone_new(&world->zone, zone, NULL) < 0)
        abort();
    world->options = (rf_bigraph_options){.granularity = granularity,
                                          .as_of_us = AS_OF,
                                          .bucket_us = RF_HOUR_US,
                                          .zone = zone,
                                          .label_share = 0.5,
                                          .schema = &test_schema,
                                          .identity = "test"};
    for (int i = 0; i < n; i++) {
        test_event *e = &world->events[i];
        e->user = (int)rf_rng_below(&rng, 1 + rf_rng_below(&rng, (uint32_t)users));
        e->entity = (int)rf_rng_below(&rng, 1 + rf_rng_below(&rng, (uint32_t)entities));
        if (i > 0 && rf_rng_below(&rng, 4) == 0) /* the same moment as another one, or shortly before it */
            e->time_us = world->events[rf_rng_below(&rng, (uint32_t)i)].time_us -
                         (int64_t)rf_rng_below(&rng, 2) * 40 * RF_MINUTE_US;
        else
            e->time_us = AS_OF - RF_SECOND_US * (1 + (int64_t)rf_rng_below(&rng, (uint32_t)days * 86400));
        e->number = i;
        fill_values(world, e, &rng);
    }
}

void test_world_clear(test_world *world)
{
    free(world->events);
    rf_zone_free(world->zone);
    *world = (test_world){0};
}

static rf_status add_event(rf_bigraph *graph, const test_event *from, rf_err *err)
{
    char user[16], entity[16], id[16];
    rf_event event = {.time_us = from->time_us, .label = -1};

    test_user_id(user, from->user);
    test_entity_id(entity, from->entity);
    snprintf(id, sizeof id, "e%06d", from->number);
    event.user = (rf_span){user, strlen(user)};
    event.entity = (rf_span){entity, strlen(entity)};
    event.event_id = (rf_span){id, strlen(id)};
    event.place = (rf_place){.name = "test", .partition = -1};
    for (int a = 0; a < TEST_N_ATTRS; a++) {
        if (a != TEST_DEVICE)
            event.values[a].number = from->value[a];
        else if (from->value[a] != RF_MISSING)
            event.values[a].text =
                (rf_span){test_device(from->value[a]), strlen(test_device(from->value[a]))};
    }
    return rf_bigraph_add_event(graph, &event, err);
}

rf_status test_world_freeze(rf_bigraph **graph, rf_window_view **view, const test_world *world,
                            const int *order, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *made = NULL;

    RF_TRY(rf_bigraph_new(&made, &world->options, err));
    for (int i = 0; i < world->n; i++)
        RF_TRY(add_event(made, &world->events[order ? order[i] : i], err));
    RF_TRY(rf_bigraph_freeze(view, made, err));
    *graph = made;
    made = NULL;
done:
    rf_bigraph_free(made);
    return st;
}

void test_world_note(test_world *world, const rf_window_view *view)
{
    world->from_us = view->from_us;
    world->to_us = view->to_us;
    world->slot_us = view->slot_us;
}
