/* simulate_plan_int.h - the planted groups: who belongs to them, whose turn it is, and what they do. */
#ifndef RF_SIMULATE_PLAN_INT_H
#define RF_SIMULATE_PLAN_INT_H

#include <stddef.h>
#include <stdint.h>

#include "rf_rng.h"
#include "simulate_draw_int.h"
#include "simulate_script_int.h"
#include "simulate_traces_int.h"

#define RF_SIM_MAX_DEVICES 8 /* of one planted group */

typedef struct rf_sim_group {
    const rf_sim_script *script;
    int64_t ring; /* 0: a look-alike */
    rf_rng rng;
    int64_t start_us, window_us; /* first window; the others follow a day apart */
    int n_windows;
    int64_t n_events, left;               /* planned, and still to come */
    double position;                      /* in window time: the windows laid end to end, microseconds */
    int64_t next_us;                      /* moment of the next event */
    uint32_t first_member, n_members;     /* of the plan's members */
    uint32_t first_merchant, n_merchants; /* of the plan's merchants */
    uint32_t first_device;
    uint8_t n_devices;
    uint16_t country, area;
    double stray; /* probability that an event does not follow the script's attributes */
    int64_t same_cents;
    rf_sim_shared shared;
} rf_sim_group;

typedef struct rf_sim_plan {
    rf_sim_group *groups;
    uint32_t n_groups;
    uint32_t *members, *merchants; /* of all groups, one after the other */
    size_t n_members, n_merchants, cap_groups, cap_members, cap_merchants;
    int64_t n_events; /* of all groups */
    uint32_t *heap;   /* groups with events left, the next one first */
    uint32_t n_heap;
} rf_sim_plan;

/* ---- simulate_group.c ---- */
/* Moves group->next_us to its next event; to be called once before each of its n_events. */
void rf_sim_group_advance(rf_sim_group *group);
void rf_sim_group_event(rf_sim_world *world, rf_sim_plan *plan, rf_sim_group *group, rf_sim_event *event);

/* ---- simulate_plan.c ---- */
RF_MUST_CHECK rf_status rf_sim_plan_init(rf_sim_plan *plan, rf_sim_world *world,
                                         const rf_simulate_options *options, rf_err *err);
void rf_sim_plan_clear(rf_sim_plan *plan);
int64_t rf_sim_plan_next_us(const rf_sim_plan *plan); /* INT64_MAX when no group has anything left */
void rf_sim_plan_pop(rf_sim_plan *plan, rf_sim_world *world, rf_sim_event *event);

#endif
