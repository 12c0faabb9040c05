/* simulate_places_int.h - where people of the simulated world live and work, and the IP that they come from.
 *
 * A place has one address and one line to the internet: whoever is there shares both. Nothing is stored: all
 * of it follows from a hash of the user and of the household.
 */
#ifndef RF_SIMULATE_PLACES_INT_H
#define RF_SIMULATE_PLACES_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_rng.h"
#include "simulate_draw_int.h"

typedef enum rf_sim_site {
    RF_SIM_DWELLING,
    RF_SIM_DORMITORY,
    RF_SIM_OFFICE,
    RF_SIM_PUBLIC /* a cafe, a hotel: an address nobody has orders sent to */
} rf_sim_site;

typedef struct rf_sim_place {
    uint32_t number; /* among those of its site */
    uint16_t area;
    uint8_t site;
} rf_sim_place;

/* How the users of a household live. */
typedef enum rf_sim_living {
    RF_SIM_FAMILY_HOME, /* one home; some have a card for all */
    RF_SIM_SHARED_FLAT, /* one home of people who have nothing else in common */
    RF_SIM_COUPLES,     /* two and two */
    RF_SIM_ALONE
} rf_sim_living;

/* What stays the same of a user, from a hash of the household and one of the user. */
typedef struct rf_sim_person {
    uint64_t bits, house_bits; /* which of them are taken is said at rf_sim_person_of */
    rf_sim_place home;
    uint8_t living;
    bool in_dormitory, has_office;
} rf_sim_person;

typedef struct rf_sim_ip {
    uint8_t version; /* 4 or 6; 0: none */
    uint32_t v4;
    uint64_t network, host; /* of IPv6 */
} rf_sim_ip;

rf_sim_person rf_sim_person_of(const rf_sim_world *world, uint32_t user, uint64_t house_bits);
rf_sim_place rf_sim_home_of(const rf_sim_world *world, uint32_t user);
rf_sim_place rf_sim_office_of(const rf_sim_world *world, const rf_sim_person *person, uint32_t user);
bool rf_sim_at_work(int64_t time_us); /* a weekday between nine and six */

/* A home that no user has: planted groups' own, `slot` below 8. */
rf_sim_place rf_sim_hideout(const rf_sim_world *world, uint32_t group, uint32_t slot, uint16_t area);

/* The line of a place. Some lines change hands: every two weeks another home of the neighbourhood has it.
 * One in five is IPv6: its network stays, the rest is each user's and each day's own. */
rf_sim_ip rf_sim_line(const rf_sim_world *world, rf_sim_place place, uint32_t user, int64_t time_us);
/* One of the addresses behind which a service hides its customers. */
rf_sim_ip rf_sim_exit(const rf_sim_world *world, uint32_t number);
/* A rented server of a planted group's own. */
rf_sim_ip rf_sim_server(const rf_sim_world *world, uint32_t group, uint32_t slot);
/* Host `host` of a group's network of 254. */
rf_sim_ip rf_sim_in_range(const rf_sim_world *world, uint32_t group, uint32_t host);
/* Where an ordinary user comes from this time; none in a shop. */
rf_sim_ip rf_sim_draw_ip(const rf_sim_world *world, rf_rng *rng, const rf_sim_event *event,
                         const rf_sim_person *person);

#endif
