/* simulate_draw.c - ordinary events: who buys, where, for how much, on which device.
 *
 * Users come by their activity and the hours that suit them, return to a few favourite merchants of their
 * area, and have one or two devices of their own; some households share one. No allocation, no state but the
 * household devices' users.
 */
#include "simulate_draw_int.h"

#include <math.h>

#include "rf_time.h"

enum { ASK_LIKES = 1, ASK_FAVOURITE, ASK_PHONES, ASK_PROMO, ASK_FAMILY, ASK_RESALE };

/* Bit h: an hour of the day that suits: most people, late ones, night workers. */
static const uint32_t user_hours[3] = {0x7fffc0, 0xfffc03, 0xf0007f};

/* Countries of the areas first, then those only seen from abroad. */
enum { HOME_COUNTRIES = 6 };
static const char *const countries[] = {"SG", "ID", "MY", "TH", "VN", "PH", "JP", "US", "GB",
                                        "AU", "DE", "FR", "KR", "AE", "BR", "NG", "RO", "IN"};
enum { COUNTRIES = sizeof countries / sizeof countries[0] };

const char *rf_sim_country(uint32_t country)
{
    return countries[country];
}

uint32_t rf_sim_foreign_country(rf_rng *rng)
{
    return HOME_COUNTRIES + rf_rng_below(rng, COUNTRIES - HOME_COUNTRIES);
}

uint64_t rf_sim_hash(const rf_sim_world *world, uint64_t what, uint64_t subject)
{
    return rf_mix64(rf_mix64(world->seed * UINT64_C(0x9e3779b97f4a7c15) + what) + subject);
}

static double unit(uint64_t hash)
{
    return (double)(hash >> 11) * 0x1p-53;
}

bool rf_sim_chance(rf_rng *rng, double probability)
{
    return rf_rng_uniform(rng) < probability;
}

double rf_sim_between(rf_rng *rng, double low, double high)
{
    return low + (high - low) * rf_rng_uniform(rng);
}

/* 0 is Monday, midnight to one; the epoch was a Thursday. */
int rf_sim_hour_of_week(int64_t time_us)
{
    int64_t hours = time_us / RF_HOUR_US + 72;
    return (int)((hours % RF_SIM_HOURS_A_WEEK + RF_SIM_HOURS_A_WEEK) % RF_SIM_HOURS_A_WEEK);
}

static uint32_t hours_since_start(const rf_sim_world *world, int64_t time_us)
{
    return (uint32_t)((time_us - world->start_us) / RF_HOUR_US);
}

uint32_t rf_sim_draw_user(const rf_sim_world *world, rf_rng *rng, int64_t time_us)
{
    uint32_t hour_bit = UINT32_C(1) << (rf_sim_hour_of_week(time_us) % 24),
             now = hours_since_start(world, time_us);
    for (int tries = 0; tries < 64; tries++) {
        uint32_t u = rf_rng_below(rng, world->n_users);
        if (rf_rng_uniform(rng) >= (double)world->alias_keep[u])
            u = world->alias[u];
        const rf_sim_user *user = &world->users[u];
        if (user->born_hour <= now && ((user_hours[user->hours] & hour_bit) || rf_sim_chance(rng, 0.06)))
            return u;
    }
    return 0;
}

uint32_t rf_sim_draw_kind(const rf_sim_world *world, rf_rng *rng, int64_t time_us, uint32_t user)
{
    const float *until = world->kind_until[rf_sim_hour_of_week(time_us)];
    uint64_t bits = rf_sim_hash(world, ASK_LIKES, user);
    uint64_t likes = bits & ((bits >> 16) | (bits >> 32)); /* each kind with probability 3/8 */
    uint32_t kind = 0;
    for (int tries = 0; tries < 6; tries++) {
        double x = rf_rng_uniform(rng);
        kind = 0;
        for (uint32_t k = 0; k < RF_SIM_KINDS - 1; k++) /* the shares never fall */
            kind += x >= (double)until[k];
        if ((likes >> kind & 1) || rf_sim_chance(rng, 0.18))
            break;
    }
    return kind;
}

/* The merchant of (kind, area) - everywhere for online kinds and empty shelves - at x in [0, 1) of their
 * popularity. */
static uint32_t merchant_at(const rf_sim_world *world, uint32_t kind, uint32_t area, double x)
{
    uint32_t n_areas = world->n_areas;
    uint32_t low = world->shelf[kind * n_areas + area], high = world->shelf[kind * n_areas + area + 1];
    if (rf_sim_kinds[kind].online || low == high) {
        low = world->shelf[kind * n_areas];
        high = world->shelf[(kind + 1) * n_areas];
    }
    if (low == high)
        return 0;
    double at = world->popularity[low] + x * (world->popularity[high] - world->popularity[low]);
    const double *found = &world->popularity[low];
    for (uint32_t n = high - low; n > 1;) { /* without a branch on what cannot be foreseen */
        uint32_t half = n / 2;
        found = found[half] <= at ? found + half : found;
        n -= half;
    }
    return (uint32_t)(found - world->popularity);
}

uint32_t rf_sim_draw_nearby(const rf_sim_world *world, rf_rng *rng, int64_t time_us, uint32_t kind,
                            uint32_t area)
{
    uint32_t now = hours_since_start(world, time_us), m = 0;
    for (int tries = 0; tries < 16; tries++) {
        m = merchant_at(world, kind, area, rf_rng_uniform(rng));
        if (world->merchants[m].born_hour <= now)
            break;
    }
    return m;
}

uint32_t rf_sim_draw_merchant(const rf_sim_world *world, rf_rng *rng, int64_t time_us, uint32_t user,
                              uint32_t kind)
{
    uint32_t area = world->users[user].area;
    double x = rf_rng_uniform(rng);
    if (x >= 0.12) {
        uint64_t rank = x < 0.60 ? 0 : x < 0.83 ? 1 : x < 0.94 ? 2 : 3;
        uint64_t subject = ((uint64_t)user * RF_SIM_KINDS + kind) * 4 + rank;
        uint32_t m = merchant_at(world, kind, area, unit(rf_sim_hash(world, ASK_FAVOURITE, subject)));
        if (world->merchants[m].born_hour <= hours_since_start(world, time_us))
            return m;
    }
    return rf_sim_draw_nearby(world, rng, time_us, kind, area);
}

int64_t rf_sim_usual_cents(const rf_sim_world *world, rf_rng *rng, uint32_t user, uint32_t merchant)
{
    const rf_sim_merchant *m = &world->merchants[merchant];
    const rf_sim_kind *kind = &rf_sim_kinds[m->kind];
    double logs = (double)m->level + (double)world->users[user].spend + kind->spread * rf_rng_normal(rng);
    int64_t cents = (int64_t)(kind->median_cents * exp(logs));
    if (m->kind == RF_SIM_GAS && cents % 3 == 0)
        cents = (cents + 250) / 500 * 500; /* some fill up for a round sum */
    return cents < 50 ? 50 : cents;
}

int64_t rf_sim_account_days(const rf_sim_world *world, const rf_sim_event *event)
{
    int64_t hours = (event->time_us - world->start_us) / RF_HOUR_US - world->users[event->user].opened_hour;
    return hours > 0 ? hours / 24 : 0;
}

/* ---- what surrounds a purchase ---- */

uint64_t rf_sim_household(const rf_sim_world *world, uint32_t household)
{
    return rf_sim_hash(world, ASK_FAMILY, household);
}

bool rf_sim_is_abroad(const rf_sim_world *world, const rf_sim_event *event)
{
    return event->country != world->users[event->user].area % HOME_COUNTRIES;
}

static bool buys_used(const rf_sim_world *world, uint32_t user)
{
    return unit(rf_sim_hash(world, ASK_RESALE, user)) < world->resold_phones;
}

/* Sales go between two users who are each other's mirror image in number: u sells, or u buys, and neither
 * does so twice. Sets the device of an event on a phone that changes hands for good; false: on another one.
 */
static bool resold_device(rf_sim_world *world, rf_sim_event *event)
{
    uint32_t u = event->user, n = world->n_users, other = n - 1 - u;
    bool buys = buys_used(world, u), sells = buys_used(world, other);
    uint32_t seller = buys ? other : u, sale = (uint32_t)rf_sim_hash(world, ASK_PHONES, seller) % (40 * 24);
    uint32_t now = hours_since_start(world, event->time_us);
    if (buys == sells || (buys && now < sale + 72))
        return false;
    if (sells && now >= sale) {
        event->device = 2 * n + u;
        return true;
    }
    event->device = seller;
    return true;
}

void rf_sim_own_device(rf_sim_world *world, rf_rng *rng, rf_sim_event *event)
{
    uint32_t u = event->user, household = u / RF_SIM_FAMILY, n = world->n_users;
    if (unit(event->household) < 0.07 && rf_sim_chance(rng, 0.4)) {
        event->device = 3 * n + household;
        return;
    }
    uint64_t phones = rf_sim_hash(world, ASK_PHONES, u);
    bool has_second = (phones & 7) < 3, changes = (phones >> 3 & 31) < 2;
    /* one in sixteen buys a new phone somewhere within sixty days */
    uint32_t change_hour = (uint32_t)(phones >> 8) % (60 * 24);
    if (has_second && rf_sim_chance(rng, 0.2))
        event->device = n + u;
    else if (world->resold_phones > 0 && resold_device(world, event))
        return;
    else if (changes && hours_since_start(world, event->time_us) >= change_hour)
        event->device = 2 * n + u;
    else
        event->device = u;
}

static uint8_t pick_rating(rf_rng *rng, uint8_t quality)
{
    double five = 0.35 + 0.5 * quality / 255, x = rf_rng_uniform(rng);
    if (x < five)
        return 5;
    x = (x - five) / (1 - five);
    return x < 0.55 ? 4 : x < 0.77 ? 3 : x < 0.88 ? 2 : 1;
}

void rf_sim_dress(rf_sim_world *world, rf_rng *rng, rf_sim_event *event)
{
    static const int64_t coupons[4] = {100, 200, 300, 500};
    const rf_sim_merchant *m = &world->merchants[event->merchant];
    const rf_sim_kind *kind = &rf_sim_kinds[m->kind];
    double promo_lover = 0.3 + 2.1 * unit(rf_sim_hash(world, ASK_PROMO, event->user));

    event->amount_cents = rf_sim_usual_cents(world, rng, event->user, event->merchant);
    event->promo_cents = 0;
    uint32_t percent = rf_rng_below(rng, 100), channel = 0;
    while (channel < RF_SIM_CHANNELS - 1 && percent >= kind->channel[channel])
        percent -= kind->channel[channel++];
    event->channel = (uint8_t)channel;
    event->refund = rf_sim_chance(rng, kind->refund);
    event->declined = !event->refund && rf_sim_chance(rng, kind->declined);
    if (!event->refund && event->channel != RF_SIM_POS && rf_sim_chance(rng, kind->promo * promo_lover)) {
        int64_t coupon = coupons[rf_rng_below(rng, 4)], paid = event->amount_cents;
        event->promo_cents = coupon < paid / 2 ? coupon : paid / 4;
        event->amount_cents -= event->promo_cents;
    }
    event->rating = 0;
    if (!event->refund && !event->declined && rf_sim_chance(rng, kind->rating))
        event->rating = pick_rating(rng, m->quality);
    event->country = (uint16_t)(world->users[event->user].area % HOME_COUNTRIES);
    if (rf_sim_chance(rng, 0.002))
        event->country = (uint16_t)rf_sim_foreign_country(rng); /* a proxy, or a border nearby */
    event->household = rf_sim_household(world, event->user / RF_SIM_FAMILY);
    event->label = false;
    event->fraud_type = event->look_alike = "";
    event->ring = 0;
    event->shared = NULL;
}
