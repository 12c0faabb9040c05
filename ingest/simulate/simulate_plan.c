/* simulate_plan.c - which groups are planted, who belongs to them, and whose turn it is.
 *
 * The frauds' share of all events is dealt out group by group, types in turn, in as many full rounds as it
 * allows; so is the look-alikes' share. Groups draw their members from the ordinary users, who keep
 * their ordinary lives beside it (that is their camouflage), and no user belongs to two. A heap by next
 * moment merges all groups into one stream.
 */
#include "simulate_plan_int.h"

#include <math.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_time.h"

/* Is `type` in the comma-separated list? */
static bool listed(const char *list, const char *type)
{
    size_t len = strlen(type);
    if (list == NULL || strcmp(list, "all") == 0)
        return true;
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        at += strspn(at, " ");
        if (strncmp(at, type, len) == 0 && (at[len] == '\0' || at[len] == ',' || at[len] == ' '))
            return true;
    }
    return false;
}

static int64_t draw(rf_rng *rng, rf_sim_range range)
{
    return range.low + (int64_t)rf_rng_below(rng, (uint32_t)(range.high - range.low) + 1);
}

/* ---- members ---- */

static uint32_t free_user(const rf_sim_world *world, rf_rng *rng, const rf_sim_script *script)
{
    uint32_t u = 0;
    for (int tries = 0; tries < 200; tries++) {
        u = rf_rng_below(rng, world->n_users);
        const rf_sim_user *user = &world->users[u];
        /* established accounts for everybody but the young */
        if (!user->planted && (script->young || user->opened_hour < -30 * 24))
            break;
    }
    return u;
}

static rf_status add_members(rf_sim_plan *plan, rf_sim_world *world, rf_sim_group *group, rf_rng *rng,
                             rf_err *err)
{
    rf_status st = RF_OK;
    const rf_sim_script *script = group->script;
    uint32_t n = (uint32_t)draw(rng, script->users);
    uint32_t start_hour = (uint32_t)((group->start_us - world->start_us) / RF_HOUR_US);
    int64_t most = script->lockstep ? (group->n_events + 2) / 3 : group->n_events;
    if (n > most)
        n = (uint32_t)most;
    if (n > world->n_users / 4 + 1)
        n = world->n_users / 4 + 1;
    RF_RESERVE(plan->members, plan->cap_members, plan->n_members + n, err);
    group->first_member = (uint32_t)plan->n_members;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t u = free_user(world, rng, script), age = rf_rng_below(rng, 72);
        rf_sim_user *user = &world->users[u];
        bool is_member = false;
        for (uint32_t k = 0; user->planted && !is_member && k < group->n_members; k++)
            is_member = plan->members[group->first_member + k] == u;
        if (is_member)
            continue;
        if (script->young && u != 0) {
            user->born_hour = start_hour > age ? start_hour - age : 0;
            user->opened_hour = (int32_t)start_hour - (int32_t)age;
        }
        user->planted = 1;
        plan->members[plan->n_members++] = u;
        group->n_members++;
    }
done:
    return st;
}

/* When others begin to buy at a group's merchant: a shop opens with the group; a shell is found by a few at
 * the very end of the period. */
static uint32_t opening_hour(const rf_sim_world *world, const rf_sim_group *group, rf_rng *rng)
{
    uint32_t start_hour = (uint32_t)((group->start_us - world->start_us) / RF_HOUR_US);
    uint32_t late = world->n_hours - world->n_hours * (1 + rf_rng_below(rng, 100)) / 1000;
    return group->script->opens || late < start_hour ? start_hour : late;
}

static rf_status add_merchants(rf_sim_plan *plan, rf_sim_world *world, rf_sim_group *group, rf_rng *rng,
                               rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t n = (uint32_t)draw(rng, group->script->merchants);
    RF_RESERVE(plan->merchants, plan->cap_merchants, plan->n_merchants + n, err);
    group->first_merchant = (uint32_t)plan->n_merchants;
    group->n_merchants = n;
    group->area = (uint16_t)rf_rng_below(rng, world->n_areas);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t kinds = group->script->kinds, m = 0;
        for (int tries = 0; tries < 100; tries++) {
            m = rf_rng_below(rng, world->n_merchants); /* not by popularity: mostly small ones */
            if (world->merchants[m].born_hour == 0 && (kinds == 0 || (kinds >> world->merchants[m].kind & 1)))
                break;
        }
        group->area = world->merchants[m].area;
        if ((group->script->opens || group->script->shell) && m != 0)
            world->merchants[m].born_hour = opening_hour(world, group, rng);
        plan->merchants[plan->n_merchants++] = m;
    }
done:
    return st;
}

/* ---- time ---- */

/* Daily windows inside the simulated period, at the script's hours of the day. */
static void set_clock(rf_sim_group *group, const rf_simulate_options *options, rf_rng *rng)
{
    const rf_sim_script *script = group->script;
    int64_t n_windows = draw(rng, script->days), hour = draw(rng, script->hour);
    int64_t of_day = ((options->start_us % RF_DAY_US) + RF_DAY_US) % RF_DAY_US;
    int64_t offset =
        (hour * RF_HOUR_US + (int64_t)rf_rng_below(rng, 60) * RF_MINUTE_US - of_day + RF_DAY_US) % RF_DAY_US;
    if (n_windows > options->days)
        n_windows = options->days;
    group->window_us = draw(rng, script->minutes) * RF_MINUTE_US;
    if (offset > RF_DAY_US - group->window_us)
        offset = RF_DAY_US - group->window_us;
    group->n_windows = (int)n_windows;
    int64_t first_day = rf_rng_below(rng, (uint32_t)(options->days - n_windows) + 1);
    group->start_us = options->start_us + first_day * RF_DAY_US + offset;
    group->position = 0;
}

/* ---- groups ---- */

static rf_status add_group(rf_sim_plan *plan, rf_sim_world *world, const rf_simulate_options *options,
                           const rf_sim_script *script, int64_t ring, int64_t n_events, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rng rng;
    rf_rng_init(&rng, options->seed, 1000 + plan->n_groups);
    RF_RESERVE(plan->groups, plan->cap_groups, (size_t)plan->n_groups + 1, err);
    rf_sim_group *group = &plan->groups[plan->n_groups];
    *group = (rf_sim_group){.script = script, .ring = ring, .n_events = n_events, .left = n_events};
    set_clock(group, options, &rng);
    RF_TRY(add_merchants(plan, world, group, &rng, err));
    RF_TRY(add_members(plan, world, group, &rng, err));
    group->n_devices = (uint8_t)draw(&rng, script->devices);
    group->first_device = 4 * world->n_users + RF_SIM_MAX_DEVICES * plan->n_groups;
    group->country = (uint16_t)rf_sim_foreign_country(&rng);
    group->stray = rf_sim_between(&rng, 0.03, 0.3) * (script->retries ? 0 : 1);
    group->rng = rng;
    bool has_owner = group->n_members > 0;
    uint32_t owner = has_owner ? plan->members[group->first_member] : 0;
    group->shared =
        rf_sim_shared_draw(world, &script->sharing, plan->n_groups, owner, has_owner, group->area);
    plan->n_groups++;
    plan->n_events += n_events;
done:
    return st;
}

static bool is_wanted(const rf_simulate_options *options, const rf_sim_script *script, bool fraud)
{
    return script->fraud == fraud && listed(options->fraud_types, script->type);
}

static int64_t usual_events(const rf_sim_script *script)
{
    return (script->events.low + script->events.high) / 2;
}

static int often(const rf_sim_script *script)
{
    return script->often > 1 ? script->often : 1;
}

/* Deals `budget` events to groups of the wanted scripts in turn. As long as full rounds lie ahead, a group
 * gets no more than its part of what is left, so that every script comes to its groups in each of them, and
 * to one round in any case; what they leave goes into a last round that begins somewhere. */
static rf_status add_groups(rf_sim_plan *plan, rf_sim_world *world, const rf_simulate_options *options,
                            bool fraud, int64_t budget, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rng rng;
    int64_t round = 0, ring = 0; /* round: events of one group of each script, or as many as it says */
    for (int s = 0; s < rf_sim_n_scripts; s++)
        if (is_wanted(options, &rf_sim_scripts[s], fraud))
            round += often(&rf_sim_scripts[s]) * usual_events(&rf_sim_scripts[s]);
    int64_t rounds = round > 0 ? (budget + round / 2) / round : 0;
    int64_t ahead = round * (rounds > 0 ? rounds : 1); /* what full rounds would take of the budget */
    rf_rng_init(&rng, options->seed, fraud ? 2 : 3);
    for (int s = 0; budget > 0 && round > 0; s = (s + 1) % rf_sim_n_scripts) {
        const rf_sim_script *script = &rf_sim_scripts[s];
        if (!is_wanted(options, script, fraud))
            continue;
        for (int i = 0; i < often(script) && budget > 0; i++) {
            int64_t n = draw(&rng, script->events), usual = usual_events(script);
            int64_t fair = ahead > 0 ? (budget * usual + ahead - 1) / ahead : budget;
            n = n > fair ? fair : n;
            /* what is left would make a stump: the last group takes it */
            if (budget - n < 4 && ahead <= usual)
                n = budget;
            RF_TRY(add_group(plan, world, options, script, fraud ? ++ring : 0, n, err));
            budget -= n;
            ahead -= usual;
        }
        if (ahead == 0)
            s = (int)rf_rng_below(&rng, (uint32_t)rf_sim_n_scripts);
    }
done:
    return st;
}

/* ---- whose turn ---- */

static void sink_down(rf_sim_plan *plan, uint32_t at)
{
    uint32_t *heap = plan->heap;
    for (;;) {
        uint32_t least = at, child = 2 * at + 1;
        for (uint32_t c = child; c < child + 2 && c < plan->n_heap; c++) {
            int64_t at_c = plan->groups[heap[c]].next_us, at_least = plan->groups[heap[least]].next_us;
            if (at_c != at_least ? at_c < at_least : heap[c] < heap[least])
                least = c;
        }
        if (least == at)
            return;
        uint32_t group = heap[at];
        heap[at] = heap[least];
        heap[least] = group;
        at = least;
    }
}

rf_status rf_sim_plan_init(rf_sim_plan *plan, rf_sim_world *world, const rf_simulate_options *options,
                           rf_err *err)
{
    rf_status st = RF_OK;
    double odd = isnan(options->look_alike_share) ? options->fraud_share : options->look_alike_share;
    int64_t frauds = (int64_t)((double)options->events * options->fraud_share + 0.5);
    int64_t oddities = (int64_t)((double)options->events * odd + 0.5);
    if (oddities > (options->events - frauds) / 2)
        oddities = (options->events - frauds) / 2;

    memset(plan, 0, sizeof *plan);
    RF_TRY(add_groups(plan, world, options, true, frauds, err));
    RF_TRY(add_groups(plan, world, options, false, oddities, err));
    RF_NEW(plan->heap, plan->n_groups, err);
    for (uint32_t g = 0; g < plan->n_groups; g++) {
        rf_sim_group_advance(&plan->groups[g]);
        plan->heap[plan->n_heap++] = g;
    }
    for (uint32_t at = plan->n_heap / 2; at-- > 0;)
        sink_down(plan, at);
done:
    if (st < 0)
        rf_sim_plan_clear(plan);
    return st;
}

void rf_sim_plan_clear(rf_sim_plan *plan)
{
    rf_mem_free(plan->groups);
    rf_mem_free(plan->members);
    rf_mem_free(plan->merchants);
    rf_mem_free(plan->heap);
    *plan = (rf_sim_plan){0};
}

int64_t rf_sim_plan_next_us(const rf_sim_plan *plan)
{
    return plan->n_heap > 0 ? plan->groups[plan->heap[0]].next_us : INT64_MAX;
}

void rf_sim_plan_pop(rf_sim_plan *plan, rf_sim_world *world, rf_sim_event *event)
{
    rf_sim_group *group = &plan->groups[plan->heap[0]];
    rf_sim_group_event(world, plan, group, event);
    if (--group->left > 0)
        rf_sim_group_advance(group);
    else
        plan->heap[0] = plan->heap[--plan->n_heap];
    sink_down(plan, 0);
}
