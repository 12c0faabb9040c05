/* simulate_places.c - where people of the simulated world live and work, and the IP that they come from.
 *
 * Innocent sharing is made here: families and shared flats, dormitories, offices and cafes behind one line,
 * and the few addresses behind which a mobile network hides everybody. All addresses are of blocks that are
 * reserved for private use, for tests or for documentation, so that none belongs to anybody.
 */
#include "simulate_places_int.h"

#include "rf_time.h"

enum { ASK_ABROAD = 20, ASK_RANGE, ASK_HOST };

enum { LEASE_DAYS = 14, POOL = 256, EXITS = 24, CARRIERS = 3 };

static const uint32_t home_net = 10u << 24;                           /* 10.0.0.0/8 */
static const uint32_t site_net = (172u << 24) | (16u << 16);          /* 172.16.0.0/12 */
static const uint32_t mobile_net = (100u << 24) | (64u << 16);        /* 100.64.0.0/10 */
static const uint32_t exit_net = (198u << 24) | (18u << 16);          /* 198.18.0.0/16 */
static const uint32_t server_net = (198u << 24) | (19u << 16);        /* 198.19.0.0/16 */
static const uint64_t documented_net6 = UINT64_C(0x20010db800000000); /* 2001:db8::/32 */

/* A share of 256ths by eight bits of a hash. */
static bool among(uint64_t bits, int from, uint32_t of_256)
{
    return (bits >> from & 255) < of_256;
}

/* Invertible in `n_bits`, so that no two numbers become one. */
static uint32_t scramble(const rf_sim_world *world, uint32_t x, int n_bits)
{
    uint32_t mask = (UINT32_C(1) << n_bits) - 1;
    x = ((x ^ (uint32_t)world->seed) * UINT32_C(0x9e3779b1)) & mask;
    x ^= x >> (n_bits / 2);
    x = (x * UINT32_C(0x85ebca6b)) & mask;
    return x ^ x >> (n_bits / 2);
}

/* ---- places ---- */

/* How many of a kind an area has when each serves `a_piece` of its users. */
static uint32_t in_area(const rf_sim_world *world, uint32_t a_piece)
{
    return 1 + world->n_users / world->n_areas / a_piece;
}

/* Bits of a person: 0-7 dormitory, 8-15 office, 16-23 which dormitory, 24-31 carrier, 32-39 spelling,
 * 40-63 the purse. Of a house: 56-63 living (a household with one device is always a family), 8-15 a card for
 * all. */
rf_sim_person rf_sim_person_of(const rf_sim_world *world, uint32_t user, uint64_t house_bits)
{
    uint32_t house = user / RF_SIM_FAMILY, in_house = user % RF_SIM_FAMILY;
    rf_sim_person p = {.house_bits = house_bits};
    p.bits = rf_mix64(p.house_bits + (in_house + 1) * UINT64_C(0x9e3779b97f4a7c15));
    p.living = among(p.house_bits, 56, 77)    ? RF_SIM_FAMILY_HOME
               : among(p.house_bits, 56, 108) ? RF_SIM_SHARED_FLAT
               : among(p.house_bits, 56, 160) ? RF_SIM_COUPLES
                                              : RF_SIM_ALONE;
    p.in_dormitory = among(p.bits, 0, 4);
    p.has_office = among(p.bits, 8, 77);
    p.home = (rf_sim_place){.site = RF_SIM_DWELLING, .area = world->users[user].area};
    if (p.in_dormitory) {
        uint32_t n = in_area(world, 4000);
        p.home.site = RF_SIM_DORMITORY;
        p.home.number = p.home.area * n + (uint32_t)(p.bits >> 16 & 255) % n;
    } else {
        p.home.number = house * RF_SIM_FAMILY + (p.living == RF_SIM_ALONE     ? in_house
                                                 : p.living == RF_SIM_COUPLES ? in_house / 2 * 2
                                                                              : 0);
    }
    return p;
}

rf_sim_place rf_sim_home_of(const rf_sim_world *world, uint32_t user)
{
    return rf_sim_person_of(world, user, rf_sim_household(world, user / RF_SIM_FAMILY)).home;
}

rf_sim_place rf_sim_office_of(const rf_sim_world *world, const rf_sim_person *person, uint32_t user)
{
    uint32_t n = in_area(world, 70);
    double x = (double)(rf_mix64(person->bits + user) >> 11) * 0x1p-53;
    /* a few are large */
    return (rf_sim_place){.site = RF_SIM_OFFICE,
                          .area = world->users[user].area,
                          .number = world->users[user].area * n + (uint32_t)(n * x * x)};
}

bool rf_sim_at_work(int64_t time_us)
{
    int hour = rf_sim_hour_of_week(time_us);
    return hour < 5 * 24 && hour % 24 >= 9 && hour % 24 < 18;
}

rf_sim_place rf_sim_hideout(const rf_sim_world *world, uint32_t group, uint32_t slot, uint16_t area)
{
    return (rf_sim_place){.site = RF_SIM_DWELLING,
                          .area = area,
                          .number = (world->n_users / POOL + 1) * POOL + group * 8 + slot};
}

/* ---- lines ---- */

static rf_sim_ip of_v4(uint32_t address)
{
    return (rf_sim_ip){.version = 4, .v4 = address};
}

static rf_sim_ip line_of_home(const rf_sim_world *world, uint32_t number, uint32_t user, int64_t time_us)
{
    uint64_t pool = rf_mix64(world->seed + number / POOL);
    if (among(pool * (2 * number + 1), 40, 51)) {
        uint64_t day = (uint64_t)(time_us / RF_DAY_US);
        return (rf_sim_ip){.version = 6,
                           .network = documented_net6 | (uint64_t)scramble(world, number, 24) << 8,
                           .host = rf_sim_hash(world, ASK_HOST, user * UINT64_C(4096) + day)};
    }
    if (among(pool, 0, 64)) { /* the pool's lines are dealt out anew */
        uint32_t deal = (uint32_t)((time_us - world->start_us) / RF_DAY_US / LEASE_DAYS);
        number = number / POOL * POOL + (number + deal * 37) % POOL;
    }
    return of_v4(home_net | scramble(world, number, 24));
}

rf_sim_ip rf_sim_line(const rf_sim_world *world, rf_sim_place place, uint32_t user, int64_t time_us)
{
    if (place.site == RF_SIM_DWELLING)
        return line_of_home(world, place.number, user, time_us);
    return of_v4(site_net | scramble(world, place.number * 4 + place.site, 20));
}

rf_sim_ip rf_sim_exit(const rf_sim_world *world, uint32_t number)
{
    return of_v4(exit_net | scramble(world, number % EXITS, 16));
}

rf_sim_ip rf_sim_server(const rf_sim_world *world, uint32_t group, uint32_t slot)
{
    return of_v4(server_net | scramble(world, group * 8 + slot, 16));
}

rf_sim_ip rf_sim_in_range(const rf_sim_world *world, uint32_t group, uint32_t host)
{
    uint32_t network = (uint32_t)rf_sim_hash(world, ASK_RANGE, group) & 0xffff;
    return of_v4(home_net | network << 8 | (1 + host % 254));
}

/* A mobile network has a few addresses for all its customers of a country, and deals them out anew each time.
 */
static rf_sim_ip mobile(const rf_sim_world *world, double x, const rf_sim_event *event,
                        const rf_sim_person *person)
{
    uint32_t carrier = among(person->bits, 24, 128) ? 0 : among(person->bits, 24, 205) ? 1 : 2;
    uint32_t n = 1 + world->n_users / 120000, country = event->country;
    uint32_t which = (uint32_t)(x * 65536) % (n < 8 ? n : 8);
    return of_v4(mobile_net | scramble(world, (country * CARRIERS + carrier) * 8 + which, 22));
}

static rf_sim_ip abroad(const rf_sim_world *world, rf_rng *rng, const rf_sim_event *event)
{
    if (rf_sim_chance(rng, 0.5))
        return rf_sim_exit(world, rf_rng_below(rng, EXITS));
    uint64_t subject = (uint64_t)event->user << 8 | event->country;
    rf_sim_place hotel = {.site = RF_SIM_PUBLIC,
                          .number = (uint32_t)rf_sim_hash(world, ASK_ABROAD, subject) >> 14};
    return rf_sim_line(world, hotel, event->user, event->time_us);
}

rf_sim_ip rf_sim_draw_ip(const rf_sim_world *world, rf_rng *rng, const rf_sim_event *event,
                         const rf_sim_person *person)
{
    if (event->channel == RF_SIM_POS)
        return (rf_sim_ip){0};
    if (rf_sim_is_abroad(world, event))
        return abroad(world, rng, event);
    double x = rf_rng_uniform(rng);
    bool phone = event->channel == RF_SIM_APP;
    if (x < 0.015)
        return rf_sim_exit(world, rf_rng_below(rng, EXITS));
    if (x < 0.04) {
        uint32_t n = in_area(world, 150), area = world->users[event->user].area;
        rf_sim_place cafe = {.site = RF_SIM_PUBLIC, .number = area * n + rf_rng_below(rng, n)};
        return rf_sim_line(world, cafe, event->user, event->time_us);
    }
    if (x < (phone ? 0.5 : 0.08))
        return mobile(world, x, event, person);
    if (person->has_office && rf_sim_at_work(event->time_us) && x < 0.85)
        return rf_sim_line(world, rf_sim_office_of(world, person, event->user), event->user, event->time_us);
    return rf_sim_line(world, person->home, event->user, event->time_us);
}
