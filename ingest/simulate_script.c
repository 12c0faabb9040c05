/* simulate_script.c - what planted groups do: eight frauds and their innocent look-alikes, each one row of a
 * table.
 *
 * A group's clock lays its daily windows end to end and spreads its events over them: at random, in order,
 * without storing them (each step draws the smallest of the uniform times still to come), or evenly like a
 * machine. Who belongs to a group is simulate_plan.c's business.
 */
#include "simulate_int.h"

#include <math.h>

#include "rf_time.h"

#define KIND(name) (1u << RF_SIM_##name)
#define EATING (KIND(RESTAURANT) | KIND(CAFE))
#define SHOPS (KIND(RESTAURANT) | KIND(GROCERY) | KIND(FASHION) | KIND(ENTERTAINMENT) | KIND(HOME))
#define RESALE (KIND(ELECTRONICS) | KIND(DIGITAL) | KIND(TRAVEL) | KIND(FASHION))
#define ABROAD (EATING | KIND(TRANSPORT) | KIND(TRAVEL) | KIND(FASHION) | KIND(GROCERY))

const rf_sim_script rf_sim_scripts[] = {
    /* New accounts in a row drain the coupons of a few merchants: hardly anything left to pay. */
    {.name = "promo_abuse",
     .type = "promo_abuse",
     .fraud = true,
     .events = {50, 160},
     .users = {8, 24},
     .merchants = {1, 3},
     .kinds = SHOPS,
     .days = {2, 5},
     .hour = {13, 20},
     .minutes = {90, 200},
     .young = true,
     .amount = RF_SIM_AMOUNT_RANGE,
     .low = 80,
     .high = 700,
     .promo = 0.95,
     .declined = 0.03,
     .rating = 0.05,
     .praise = 0.6,
     .devices = {2, 5},
     .on_device = 0.5,
     .channel = RF_SIM_APP},
    /* Coupons for everybody on one evening. */
    {.name = "flash_sale",
     .type = "promo_abuse",
     .events = {60, 200},
     .merchants = {1, 1},
     .kinds = SHOPS,
     .days = {1, 2},
     .hour = {17, 20},
     .minutes = {60, 150},
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 0.7,
     .high = 0.9,
     .promo = 0.9,
     .declined = 0.03,
     .rating = 0.06,
     .praise = 0.6,
     .channel = RF_SIM_APP},

    /* A merchant and a few friends turn stolen or borrowed money into turnover: round sums, at night, again
       and again. */
    {.name = "collusion",
     .type = "collusion",
     .fraud = true,
     .events = {25, 70},
     .users = {2, 5},
     .merchants = {1, 1},
     .days = {6, 16},
     .hour = {0, 3},
     .minutes = {90, 180},
     .amount = RF_SIM_AMOUNT_ROUND,
     .low = 10000,
     .high = 90000,
     .refund = 0.01,
     .declined = 0.01,
     .rating = 0.10,
     .praise = 1,
     .channel = -1},
    /* An office that has its lunches delivered. */
    {.name = "heavy_buyer",
     .type = "collusion",
     .events = {25, 60},
     .users = {1, 3},
     .merchants = {1, 1},
     .kinds = EATING | KIND(GROCERY),
     .days = {12, 20},
     .hour = {9, 11},
     .minutes = {60, 150},
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 3,
     .high = 8,
     .promo = 0.02,
     .refund = 0.01,
     .declined = 0.01,
     .rating = 0.15,
     .praise = 0.8,
     .channel = -1},

    /* Stolen cards tried out with tiny sums. */
    {.name = "card_testing",
     .type = "card_testing",
     .fraud = true,
     .events = {40, 130},
     .users = {1, 4},
     .merchants = {1, 14},
     .kinds = KIND(DIGITAL) | KIND(ENTERTAINMENT) | KIND(FASHION) | KIND(ELECTRONICS),
     .days = {1, 3},
     .hour = {0, 22},
     .minutes = {8, 40},
     .young = true,
     .amount = RF_SIM_AMOUNT_RANGE,
     .low = 50,
     .high = 300,
     .declined = 0.62,
     .devices = {1, 2},
     .on_device = 0.9,
     .channel = RF_SIM_WEB},
    /* An app that tries a declined payment again until it passes. */
    {.name = "card_retry",
     .type = "card_testing",
     .events = {4, 9},
     .users = {1, 1},
     .merchants = {1, 1},
     .days = {1, 1},
     .hour = {8, 21},
     .minutes = {2, 6},
     .same_amount = true,
     .retries = true,
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 1,
     .high = 1,
     .channel = RF_SIM_APP},

    /* Scripts that buy at even intervals. */
    {.name = "velocity_bot",
     .type = "velocity_bot",
     .fraud = true,
     .events = {60, 220},
     .users = {1, 3},
     .merchants = {1, 4},
     .kinds = RESALE,
     .days = {1, 4},
     .hour = {0, 20},
     .minutes = {40, 180},
     .regular = true,
     .same_amount = true,
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 0.9,
     .high = 1.1,
     .promo = 0.05,
     .declined = 0.12,
     .devices = {1, 1},
     .on_device = 0.9,
     .channel = RF_SIM_API},
    /* A queue at noon: many people, one counter. */
    {.name = "lunch_queue",
     .type = "velocity_bot",
     .events = {60, 200},
     .merchants = {1, 1},
     .kinds = EATING,
     .days = {1, 5},
     .hour = {11, 12},
     .minutes = {60, 100},
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 0.9,
     .high = 1.1,
     .promo = 0.05,
     .declined = 0.01,
     .rating = 0.05,
     .praise = 0.7,
     .channel = -1},
    /* The same train at the same minute every day. */
    {.name = "commuter",
     .type = "velocity_bot",
     .events = {18, 27},
     .users = {1, 1},
     .merchants = {1, 2},
     .kinds = KIND(TRANSPORT),
     .days = {18, 27},
     .hour = {6, 9},
     .minutes = {4, 12},
     .regular = true,
     .same_amount = true,
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 0.9,
     .high = 1.1,
     .channel = RF_SIM_APP},

    /* Somebody else holds the accounts: another device and country, at night, what sells again. */
    {.name = "account_takeover",
     .type = "account_takeover",
     .fraud = true,
     .events = {16, 48},
     .users = {2, 5},
     .kinds = RESALE,
     .days = {1, 2},
     .hour = {0, 3},
     .minutes = {90, 240},
     .foreign = true,
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 1.5,
     .high = 4,
     .declined = 0.18,
     .devices = {1, 2},
     .on_device = 0.9,
     .channel = RF_SIM_WEB},
    /* A holiday. */
    {.name = "traveller",
     .type = "account_takeover",
     .events = {14, 40},
     .users = {1, 2},
     .kinds = ABROAD,
     .days = {4, 9},
     .hour = {8, 9},
     .minutes = {720, 840},
     .foreign = true,
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 1,
     .high = 2.2,
     .promo = 0.02,
     .refund = 0.01,
     .declined = 0.06,
     .rating = 0.08,
     .praise = 0.7,
     .devices = {1, 1},
     .on_device = 0.3,
     .channel = -1},

    /* Ordered, eaten, complained about. */
    {.name = "refund_abuse",
     .type = "refund_abuse",
     .fraud = true,
     .events = {25, 80},
     .users = {2, 6},
     .merchants = {2, 6},
     .kinds = EATING | KIND(GROCERY) | KIND(FASHION) | KIND(ELECTRONICS),
     .days = {9, 20},
     .hour = {10, 12},
     .minutes = {500, 660},
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 1.2,
     .high = 2.5,
     .promo = 0.1,
     .refund = 0.52,
     .declined = 0.02,
     .rating = 0.15,
     .praise = 0.1,
     .channel = -1},
    /* A kitchen's bad day: everybody wants the money back, rightly. */
    {.name = "bad_delivery",
     .type = "refund_abuse",
     .events = {20, 70},
     .merchants = {1, 1},
     .kinds = EATING | KIND(GROCERY) | KIND(FASHION),
     .days = {1, 2},
     .hour = {12, 18},
     .minutes = {90, 240},
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 0.9,
     .high = 1.1,
     .promo = 0.06,
     .refund = 0.7,
     .declined = 0.01,
     .rating = 0.3,
     .praise = 0.05,
     .channel = RF_SIM_APP},

    /* Paid praise: tiny orders, five stars. */
    {.name = "review_farm",
     .type = "review_farm",
     .fraud = true,
     .events = {35, 130},
     .users = {10, 32},
     .merchants = {1, 3},
     .kinds = EATING | SHOPS,
     .days = {2, 4},
     .hour = {9, 20},
     .minutes = {50, 150},
     .young = true,
     .amount = RF_SIM_AMOUNT_RANGE,
     .low = 90,
     .high = 450,
     .promo = 0.1,
     .declined = 0.01,
     .rating = 0.93,
     .praise = 0.97,
     .devices = {3, 8},
     .on_device = 0.35,
     .channel = RF_SIM_APP},
    /* A new shop that people like. */
    {.name = "new_shop",
     .type = "review_farm",
     .events = {40, 130},
     .merchants = {1, 1},
     .kinds = EATING | SHOPS,
     .days = {3, 6},
     .hour = {10, 11},
     .minutes = {480, 660},
     .opens = true,
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 0.9,
     .high = 1.1,
     .promo = 0.2,
     .declined = 0.01,
     .rating = 0.5,
     .praise = 0.85,
     .channel = -1},

    /* A rack of phones, each with many accounts, driven by a script. */
    {.name = "device_farm",
     .type = "device_farm",
     .fraud = true,
     .events = {70, 220},
     .users = {15, 45},
     .merchants = {3, 12},
     .days = {2, 6},
     .hour = {0, 18},
     .minutes = {90, 280},
     .regular = true,
     .young = true,
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 0.3,
     .high = 0.7,
     .promo = 0.4,
     .declined = 0.05,
     .rating = 0.1,
     .praise = 0.9,
     .devices = {1, 3},
     .on_device = 0.92,
     .channel = RF_SIM_APP},
    /* A family and its tablet. */
    {.name = "family",
     .type = "device_farm",
     .events = {30, 90},
     .users = {4, 6},
     .days = {15, 25},
     .hour = {7, 9},
     .minutes = {720, 840},
     .amount = RF_SIM_AMOUNT_USUAL,
     .low = 0.9,
     .high = 1.1,
     .promo = 0.1,
     .refund = 0.01,
     .declined = 0.01,
     .rating = 0.1,
     .praise = 0.7,
     .devices = {1, 1},
     .on_device = 0.85,
     .channel = -1},
};
const int rf_sim_n_scripts = (int)(sizeof rf_sim_scripts / sizeof rf_sim_scripts[0]);

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

/* Returns the member's place in the plan, or -1 for a passer-by. */
static int64_t pick_user(rf_sim_world *world, rf_sim_plan *plan, rf_sim_group *group, rf_sim_event *event)
{
    if (group->n_members > 0) {
        uint32_t member = group->first_member + rf_rng_below(&group->rng, group->n_members);
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
    if (group->n_merchants > 0)
        return plan->merchants[group->first_merchant + rf_rng_below(&group->rng, group->n_merchants)];
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
    int64_t cents = 0;
    if (script->amount == RF_SIM_AMOUNT_RANGE)
        cents = (int64_t)(low * pow(high / low, rf_rng_uniform(&group->rng)));
    else if (script->amount == RF_SIM_AMOUNT_ROUND)
        cents = (int64_t)(rf_sim_between(&group->rng, low, high) / 5000) * 5000;
    else
        cents = (int64_t)((double)rf_sim_usual_cents(world, &group->rng, event->user, event->merchant) *
                          rf_sim_between(&group->rng, low, high));
    group->same_cents = cents;
    return cents;
}

static void script_device(rf_sim_plan *plan, rf_sim_group *group, int64_t member, rf_sim_event *event)
{
    if (group->n_devices == 0 || member < 0 || !rf_sim_chance(&group->rng, group->script->on_device))
        return;
    /* each member has a device to prefer */
    uint32_t d = (uint32_t)member % group->n_devices;
    if (rf_sim_chance(&group->rng, 0.15))
        d = rf_rng_below(&group->rng, group->n_devices);
    uint8_t bit = (uint8_t)(1u << d);
    if (!(plan->seen[member] & bit)) {
        plan->seen[member] |= bit;
        group->accounts[d]++;
    }
    event->device = group->first_device + d;
    event->device_accounts = group->accounts[d];
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
    if (!rf_sim_chance(&group->rng, group->stray)) {
        event->amount_cents = script_cents(world, group, event);
        script_outcome(group, event);
        script_device(plan, group, member, event);
    }
    if (script->foreign)
        event->country = group->country;
    event->label = script->fraud;
    event->fraud_type = script->fraud ? script->type : "";
    event->look_alike = script->fraud ? "" : script->type;
    event->ring = group->ring;
}
