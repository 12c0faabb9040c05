/* simulate_world.c - builds the simulated world: kinds of merchants and their rhythm, merchants, users,
 * areas.
 *
 * Activity has long tails on both sides: users log-normal, merchants Pareto. Users are drawn in constant time
 * (Walker's alias table), merchants by binary search in running sums over (kind, area). simulate_draw.c makes
 * the events; simulate_script.c describes the frauds.
 */
#include "simulate_world_int.h"

#include <math.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_rng.h"
#include "simulate_draw_int.h"

#define MEALS                                                                                                \
    {                                                                                                        \
        1, 1, 0, 0, 0, 1, 3, 6, 5, 4, 6, 16, 24, 18, 7, 4, 5, 10, 20, 24, 17, 9, 5, 2                        \
    }
#define MORNING                                                                                              \
    {                                                                                                        \
        0, 0, 0, 0, 0, 2, 9, 18, 20, 15, 12, 11, 12, 12, 12, 12, 10, 8, 6, 5, 4, 3, 1, 0                     \
    }
#define SHOPPING                                                                                             \
    {                                                                                                        \
        1, 0, 0, 0, 0, 1, 2, 4, 7, 11, 13, 14, 14, 13, 13, 13, 13, 14, 16, 17, 14, 9, 5, 2                   \
    }
#define COMMUTE                                                                                              \
    {                                                                                                        \
        2, 1, 1, 0, 1, 4, 12, 24, 26, 12, 7, 7, 8, 8, 8, 9, 13, 24, 25, 15, 9, 8, 7, 4                       \
    }
#define EVENING                                                                                              \
    {                                                                                                        \
        8, 5, 3, 2, 1, 1, 2, 3, 4, 5, 5, 6, 8, 8, 7, 7, 8, 9, 12, 16, 20, 22, 20, 14                         \
    }
#define ALL_DAY                                                                                              \
    {                                                                                                        \
        2, 1, 1, 1, 1, 3, 7, 11, 11, 9, 8, 8, 9, 9, 9, 9, 11, 14, 13, 10, 7, 6, 4, 3                         \
    }

/* name, events, merchants, median, spread, weekend, promo, refund, declined, rating, channels, online, hours
 */
const rf_sim_kind rf_sim_kinds[RF_SIM_KINDS] = {
    {"restaurant", 24, 26, 2200, 0.45, 1.25, .10, .008, .015, .16, {64, 8, 28, 0}, false, MEALS},
    {"cafe", 10, 12, 650, 0.35, 0.85, .08, .003, .010, .08, {45, 0, 55, 0}, false, MORNING},
    {"grocery", 17, 12, 3600, 0.60, 1.30, .09, .010, .012, .06, {35, 8, 57, 0}, false, SHOPPING},
    {"transport", 18, 4, 900, 0.50, 0.75, .07, .004, .010, .10, {90, 2, 4, 4}, false, COMMUTE},
    {"gas", 5, 5, 4500, 0.30, 1.05, .02, .001, .015, .01, {10, 0, 90, 0}, false, ALL_DAY},
    {"pharmacy", 4, 6, 1800, 0.55, 0.80, .03, .006, .010, .03, {30, 10, 60, 0}, false, SHOPPING},
    {"fashion", 5, 11, 5200, 0.55, 1.50, .12, .060, .020, .12, {40, 35, 25, 0}, true, SHOPPING},
    {"electronics", 3, 6, 15000, 0.80, 1.30, .06, .035, .030, .12, {30, 45, 25, 0}, true, SHOPPING},
    {"digital", 8, 5, 1200, 0.60, 1.10, .06, .010, .025, .05, {60, 22, 0, 18}, true, EVENING},
    {"entertainment", 3, 5, 2800, 0.40, 1.90, .07, .010, .015, .10, {60, 20, 20, 0}, false, EVENING},
    {"travel", 1, 3, 24000, 0.70, 1.10, .05, .040, .035, .14, {45, 55, 0, 0}, true, EVENING},
    {"home", 2, 5, 6500, 0.70, 1.60, .06, .030, .018, .10, {30, 30, 40, 0}, false, SHOPPING},
};
const char *const rf_sim_channels[RF_SIM_CHANNELS] = {"app", "web", "pos", "api"};

static void plan_rhythm(rf_sim_world *world)
{
    for (int hour = 0; hour < RF_SIM_HOURS_A_WEEK; hour++) {
        double sum = 0, weight[RF_SIM_KINDS];
        for (int k = 0; k < RF_SIM_KINDS; k++) {
            const rf_sim_kind *kind = &rf_sim_kinds[k];
            double day_sum = 0;
            for (int h = 0; h < 24; h++)
                day_sum += kind->hours[h];
            bool exists =
                world->shelf[(uint32_t)(k + 1) * world->n_areas] > world->shelf[(uint32_t)k * world->n_areas];
            weight[k] = exists ? kind->events * kind->hours[hour % 24] / day_sum : 0;
            weight[k] *= hour >= 5 * 24 ? kind->weekend : 1;
            sum += weight[k];
        }
        double until = 0;
        for (int k = 0; k < RF_SIM_KINDS; k++) {
            until += weight[k];
            world->kind_until[hour][k] = (float)(until / sum);
        }
        world->hour_weight[hour] = sum;
    }
}

/* ---- merchants ---- */

/* How many merchants kind k gets: running shares rounded, so that they sum to n; at least one each where n
 * allows. */
static uint32_t merchants_until(uint32_t n, int k)
{
    double sum = 0, until = 0;
    for (int i = 0; i < RF_SIM_KINDS; i++) {
        sum += rf_sim_kinds[i].merchants;
        until += i <= k ? rf_sim_kinds[i].merchants : 0;
    }
    if (n < RF_SIM_KINDS)
        return (uint32_t)k < n ? (uint32_t)k + 1 : n;
    uint32_t spare = n - RF_SIM_KINDS;
    return (uint32_t)(k + 1) + (k == RF_SIM_KINDS - 1 ? spare : (uint32_t)floor(spare * until / sum));
}

static void make_merchants(rf_sim_world *world, rf_rng *rng)
{
    uint32_t n_areas = world->n_areas, i = 0;
    world->popularity[0] = 0;
    for (uint32_t kind = 0; kind < RF_SIM_KINDS; kind++) {
        uint32_t end = merchants_until(world->n_merchants, (int)kind), first = i;
        for (uint32_t area = 0; area < n_areas; area++) {
            world->shelf[kind * n_areas + area] = i;
            uint32_t area_end = first + (uint32_t)((uint64_t)(end - first) * (area + 1) / n_areas);
            for (; i < area_end; i++) {
                double pareto = pow(1.0 - rf_rng_uniform(rng), -1.0 / 1.25);
                rf_sim_merchant m = {.name = i, .kind = (uint8_t)kind, .area = (uint16_t)area};
                m.level = (float)(0.25 * rf_rng_normal(rng));
                m.quality = (uint8_t)rf_sim_between(rng, 90, 255);
                world->merchants[i] = m;
                world->popularity[i + 1] = world->popularity[i] + fmin(pareto, 30.0);
            }
        }
    }
    world->shelf[RF_SIM_KINDS * n_areas] = i;
    for (uint32_t left = world->n_merchants; left > 1; left--) {
        uint32_t other = rf_rng_below(rng, left);
        uint32_t name = world->merchants[left - 1].name;
        world->merchants[left - 1].name = world->merchants[other].name;
        world->merchants[other].name = name;
    }
}

/* ---- users ---- */

static void make_users(rf_sim_world *world, rf_rng *rng, int hours)
{
    for (uint32_t u = 0; u < world->n_users; u++) {
        rf_sim_user *user = &world->users[u];
        double chronotype = rf_rng_uniform(rng);
        user->spend = (float)(0.35 * rf_rng_normal(rng));
        user->hours = chronotype < 0.80 ? 0 : chronotype < 0.95 ? 1 : 2;
        user->born_hour = rf_sim_chance(rng, 0.12) ? rf_rng_below(rng, (uint32_t)hours) : 0;
        /* the others have come at much the same pace for two years or so, and not all have stayed */
        user->opened_hour = user->born_hour > 0 ? (int32_t)user->born_hour
                                                : (int32_t)(24 * 250 * log(1.0 - rf_rng_uniform(rng)));
        /* a household lives together */
        user->area = u % RF_SIM_FAMILY ? world->users[u - 1].area
                                       : (uint16_t)(world->n_areas * pow(rf_rng_uniform(rng), 1.5));
        user->planted = 0;
        world->alias_keep[u] = (float)fmin(exp(rf_rng_normal(rng)), 14.0);
    }
    world->users[0].born_hour = 0; /* somebody is always there */
    world->users[0].opened_hour = -24 * 365;
}

/* Vose's construction in place: alias_keep holds weights on entry. `order` is working space of n. */
static void make_alias(rf_sim_world *world, uint32_t *order)
{
    uint32_t n = world->n_users, low = 0, high = n;
    double sum = 0;
    for (uint32_t u = 0; u < n; u++)
        sum += (double)world->alias_keep[u];
    for (uint32_t u = 0; u < n; u++) {
        world->alias_keep[u] = (float)((double)world->alias_keep[u] * n / sum);
        world->alias[u] = u;
        if (world->alias_keep[u] < 1)
            order[low++] = u;
        else
            order[--high] = u;
    }
    /* order: [0, low) too light, [high, n) heavy enough; a heavy one fills a light one's gap until it is
     * light itself */
    while (low > 0 && high < n) {
        uint32_t light = order[--low], heavy = order[high];
        world->alias[light] = heavy;
        world->alias_keep[heavy] -= 1 - world->alias_keep[light];
        if (world->alias_keep[heavy] < 1) {
            high++;
            order[low++] = heavy;
        }
    }
    for (; low > 0; low--)
        world->alias_keep[order[low - 1]] = 1;
    for (; high < n; high++)
        world->alias_keep[order[high]] = 1;
}

/* The number asked for, or one to every `a_piece` events. */
static uint32_t sized(int64_t wanted, int64_t events, int64_t a_piece, int64_t least)
{
    const int64_t most = 100000000;
    int64_t n = events / a_piece;
    n = n < least ? least : n > most ? most : n;
    return (uint32_t)(wanted > 0 ? wanted : n);
}

rf_status rf_sim_world_init(rf_sim_world *world, const rf_simulate_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t *order = NULL;
    rf_rng rng;

    memset(world, 0, sizeof *world);
    world->seed = options->seed;
    world->start_us = options->start_us;
    world->resold_phones = options->resold_phones;
    world->n_hours = (uint32_t)options->days * 24;
    world->n_users = sized(options->users, options->events, 20, 40);
    world->n_merchants = sized(options->entities, options->events, 300, 24);
    double areas = sqrt((double)world->n_merchants) / 4;
    world->n_areas = (uint32_t)fmin(fmax(areas, 1), 64);
    RF_ZERO(world->users, world->n_users, err);
    RF_NEW(world->alias, world->n_users, err);
    RF_NEW(world->alias_keep, world->n_users, err);
    RF_ZERO(world->merchants, world->n_merchants, err);
    RF_NEW(world->popularity, (size_t)world->n_merchants + 1, err);
    RF_NEW(world->shelf, (size_t)RF_SIM_KINDS * world->n_areas + 1, err);
    RF_NEW(order, world->n_users, err);
    rf_rng_init(&rng, world->seed, 1);
    make_merchants(world, &rng);
    make_users(world, &rng, options->days * 24);
    make_alias(world, order);
    plan_rhythm(world);
done:
    rf_mem_free(order);
    if (st < 0)
        rf_sim_world_clear(world);
    return st;
}

void rf_sim_world_clear(rf_sim_world *world)
{
    rf_mem_free(world->users);
    rf_mem_free(world->alias);
    rf_mem_free(world->alias_keep);
    rf_mem_free(world->merchants);
    rf_mem_free(world->popularity);
    rf_mem_free(world->shelf);
    *world = (rf_sim_world){0};
}
