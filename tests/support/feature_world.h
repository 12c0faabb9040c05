/* feature_world.h - random lists of events with every kind of attribute, and frozen windows of them. */
#ifndef RF_FEATURE_WORLD_H
#define RF_FEATURE_WORLD_H

#include <stdbool.h>

#include "window_int.h"

enum { TEST_AMOUNT, TEST_TIP, TEST_PROMO, TEST_DEVICE, TEST_HOUR, TEST_PLANNED, TEST_N_ATTRS };

typedef struct test_event {
    int user, entity;
    int64_t time_us;
    int64_t value[TEST_N_ATTRS]; /* RF_MISSING; device: number of the value */
    int number;                  /* in the event's id */
} test_event;

typedef struct test_world {
    rf_bigraph_options options;
    test_event *events; /* malloc */
    int n;
    int64_t from_us, to_us, slot_us; /* of the view, once frozen */
    rf_zone *zone;
} test_world;

extern const rf_schema test_schema;
const char *test_device(int64_t value);

/* n random events of up to `users` x `entities` over `days` days up to a fixed as_of; many at equal times. */
void test_world_init(test_world *world, uint64_t seed, int n, int users, int entities, int days,
                     rf_granularity granularity, const char *zone);
void test_world_clear(test_world *world);

/* The frozen window of the events, added in the order given (order[i] < n; NULL: as they are). Free the view
 * first. */
RF_MUST_CHECK rf_status test_world_freeze(rf_bigraph **graph, rf_window_view **view, const test_world *world,
                                          const int *order, rf_err *err);
/* Remembers the view's ends, which some formulas need. */
void test_world_note(test_world *world, const rf_window_view *view);

void test_user_id(char out[16], int user);
void test_entity_id(char out[16], int entity);

/* a modulo b, never below 0; the local time of a moment. */
int64_t test_floor_mod(int64_t a, int64_t b);
int64_t test_local_us(const test_world *world, int64_t time_us);

#endif
