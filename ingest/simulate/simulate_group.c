/* simulate_group.c - acts out a planted group's row of the script: when, who, where, what.
 *
 * A group's clock lays its daily windows end to end and spreads its events over them: at random, in order,
 * without storing them (each step draws the smallest of the uniform times still to come), or evenly like a
 * machine.
 */
#include "simulate_plan_int.h"

#include <math.h>

#include "rf_time.h"

/* ---- the group's clock ---- */

void rf_sim_group_advance(rf_sim_group *group)
{
    double length = (double)group->window_us * group->n_windows, last = length - 1000;
    if (group->script->regular) {
        double step = length / (double)group->n_events;
        double jitter = 0.03 * step * rf_rng_normal(&group->rng);
        double slot = step * ((double)(group->n_events - group->left) + 0.5);
        group->position = fmin(fmax(slot + jitter, group->position), last);
    } else {
        double gap = 1.0 - pow(1.0 - rf_rng_uniform(&group->rng), 1.0 / (double)group->left);
        group->position = fmin(group->position + (length - group->position) * gap, last);
    }
    double window = floor(group->position / (double)group->window_us);
    int64_t inside = (int64_t)(group->position - window * (double)group->window_us);
    group->next_us = group->start_us + (int64_t)window * RF_DAY_US + inside / 1000 * 1000;
}

/* ---- who and where ---- */

/* The event's number in its group. */
static uint32_t step(const rf_sim_group *group)
{
    return (uint32_t)(group->n_events - group->left);
}

/* In lock-step, now and then out of it. */
static bool follows(rf_sim_group *group)
{
    return group->script->lockstep && rf_sim_chance(&group->rng, 0.8);
}

/* Returns the member's place in the plan, or -1 for a passer-by. */
static int64_t pick_user(rf_sim_world *world, rf_sim_plan *plan, rf_sim_group *group, rf_sim_event *event)
{
    if (group->n_members > 0) {
        uint32_t turn =
            follows(group) ? step(group) % group->n_members : rf_rng_below(&group->rng, group->n_members);
        uint32_t member = group->first_member + turn;
        event->user = plan->members[member];
        return member;
    }
    /* people of the neighbourhood, if some are about */
    for (int tries = 0; tries < 12; tries++) {
        event->user = rf_sim_draw_user(world, &group->rng, event->time_us);
        if (world->users[event->user].area == group->area && !world->users[event->user].planted)
            break;
    }
    return -1;
}

static uint32_t pick_merchant(const rf_sim_world *world, const rf_sim_plan *plan, rf_sim_group *group,
                              const rf_sim_event *event)
{
    uint32_t kinds = group->script->kinds,
             kind = rf_sim_draw_kind(world, &group->rng, event->time_us, event->user);
    if (group->n_merchants > 0) {
        uint32_t turn = follows(group) ? step(group) / group->n_members % group->n_merchants
                                       : rf_rng_below(&group->rng, group->n_merchants);
        return plan->merchants[group->first_merchant + turn];
    }
    if (kinds == 0)
        return rf_sim_draw_merchant(world, &group->rng, event->time_us, event->user, kind);
    while ((kinds >> kind & 1) == 0)
        kind = rf_rng_below(&group->rng, RF_SIM_KINDS);
    return rf_sim_draw_nearby(world, &group->rng, event->time_us, kind, group->area);
}

/* ---- what ---- */

static int64_t script_cents(const rf_sim_world *world, rf_sim_group *group, const rf_sim_event *event)
{
    const rf_sim_script *script = group->script;
    double low = script->low, high = script->high;
    if (script->same_amount && group->same_cents > 0)
        return group->same_cents;
    if (script->amount == RF_SIM_AMOUNT_ALIKE && group->same_cents > 0)
        return (int64_t)((double)group->same_cents * rf_sim_between(&group->rng, 1 - script->spread, 1));
    int64_t cents = 0;
    if (script->amount == RF_SIM_AMOUNT_RANGE || script->amount == RF_SIM_AMOUNT_ALIKE)
        cents = (int64_t)(low * pow(high / low, rf_rng_uniform(&group->rng)));
    else if (script->amount == RF_SIM_AMOUNT_ROUND)
        cents = (int64_t)(rf_sim_between(&group->rng, low, high) / 5000) * 5000;
    else
        cents = (int64_t)((double)rf_sim_usual_cents(world, &group->rng, event->user, event->merchant) *
                          rf_sim_between(&group->rng, low, high));
    group->same_cents = cents;
    return cents;
}

/* Puts the event on one of the group's devices; false: on none of them. */
static bool script_device(rf_sim_group *group, int64_t member, rf_sim_event *event)
{
    if (group->n_devices == 0 || member < 0 || !rf_sim_chance(&group->rng, group->script->on_device))
        return false;
    /* each member has a device to prefer */
    uint32_t d = (uint32_t)member % group->n_devices;
    if (rf_sim_chance(&group->rng, 0.15))
        d = rf_rng_below(&group->rng, group->n_devices);
    event->device = group->first_device + d;
    return true;
}

static void script_outcome(rf_sim_group *group, rf_sim_event *event)
{
    const rf_sim_script *script = group->script;
    rf_rng *rng = &group->rng;
    event->promo_cents = 0;
    if (rf_sim_chance(rng, script->promo))
        event->promo_cents = 100 * (int64_t)(3 + rf_rng_below(rng, 8));
    event->refund = rf_sim_chance(rng, script->refund);
    event->declined = !event->refund && rf_sim_chance(rng, script->declined);
    if (script->retries)
        event->declined = group->left > 1;
    event->rating = 0;
    if (!event->declined && rf_sim_chance(rng, script->rating)) {
        bool praise = rf_sim_chance(rng, script->praise);
        event->rating = praise ? 5 : (uint8_t)(1 + rf_rng_below(rng, 4));
    }
    if (script->channel >= 0 && rf_sim_chance(rng, 0.9))
        event->channel = (uint8_t)script->channel;
}

void rf_sim_group_event(rf_sim_world *world, rf_sim_plan *plan, rf_sim_group *group, rf_sim_event *event)
{
    const rf_sim_script *script = group->script;
    event->time_us = group->next_us;
    int64_t member = pick_user(world, plan, group, event);
    event->merchant = pick_merchant(world, plan, group, event);
    rf_sim_dress(world, &group->rng, event);
    bool strays = rf_sim_chance(&group->rng, group->stray);
    if (!strays) {
        event->amount_cents = script_cents(world, group, event);
        script_outcome(group, event);
    }
    if (strays || !script_device(group, member, event))
        rf_sim_own_device(world, &group->rng, event);
    if (script->foreign)
        event->country = group->country;
    event->label = script->fraud;
    event->fraud_type = script->fraud ? script->type : "";
    event->look_alike = script->fraud ? "" : script->type;
    event->ring = group->ring;
    event->shared = strays ? NULL : &group->shared;
}
