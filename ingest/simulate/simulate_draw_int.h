/* simulate_draw_int.h - ordinary events: who buys, where, for how much, on which device. */
#ifndef RF_SIMULATE_DRAW_INT_H
#define RF_SIMULATE_DRAW_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_rng.h"
#include "simulate_world_int.h"

/* One event in numbers. */
typedef struct rf_sim_event {
    int64_t time_us, amount_cents, promo_cents, ring;
    uint32_t user, merchant, device;
    uint64_t household; /* bits of the user's */
    uint16_t country;
    uint8_t channel, rating;
    bool refund, declined;
    bool label;
    const char *fraud_type, *look_alike;
    const struct rf_sim_shared *shared; /* what its planted group shares; NULL: an ordinary event, or a stray
                                           one of a group */
} rf_sim_event;

/* A number that belongs to (world, what, subject) for ever. */
uint64_t rf_sim_hash(const rf_sim_world *world, uint64_t what, uint64_t subject);
int rf_sim_hour_of_week(int64_t time_us);
bool rf_sim_chance(rf_rng *rng, double probability);
double rf_sim_between(rf_rng *rng, double low, double high);
uint32_t rf_sim_draw_user(const rf_sim_world *world, rf_rng *rng, int64_t time_us);
uint32_t rf_sim_draw_kind(const rf_sim_world *world, rf_rng *rng, int64_t time_us, uint32_t user);
/* One of the user's favourites of that kind, now and then another one nearby. */
uint32_t rf_sim_draw_merchant(const rf_sim_world *world, rf_rng *rng, int64_t time_us, uint32_t user,
                              uint32_t kind);
/* Any of that kind in that area, by popularity. */
uint32_t rf_sim_draw_nearby(const rf_sim_world *world, rf_rng *rng, int64_t time_us, uint32_t kind,
                            uint32_t area);
int64_t rf_sim_usual_cents(const rf_sim_world *world, rf_rng *rng, uint32_t user, uint32_t merchant);
/* Completes an event whose time, user and merchant are set: as an ordinary one, but for the device. */
void rf_sim_dress(rf_sim_world *world, rf_rng *rng, rf_sim_event *event);
/* One of the user's own devices, or the household's, which remembers it. */
void rf_sim_own_device(rf_sim_world *world, rf_rng *rng, rf_sim_event *event);
/* Bits of a household. Some of it share a device if they are small: below 0.07 of the whole range. */
uint64_t rf_sim_household(const rf_sim_world *world, uint32_t household);
/* Is the event seen from another country than the user's? */
bool rf_sim_is_abroad(const rf_sim_world *world, const rf_sim_event *event);
/* Whole days from the opening of the event's account to the event. */
int64_t rf_sim_account_days(const rf_sim_world *world, const rf_sim_event *event);
const char *rf_sim_country(uint32_t country);
uint32_t rf_sim_foreign_country(rf_rng *rng);

#endif
