/* simulate_world_int.h - the simulated world: kinds of merchants and their rhythm, users, merchants.
 *
 *   world (users, merchants, rhythm)  --draw-->  ordinary events  --\
 *   plan (planted groups)  --script-->  the groups' events  ---------> merged by time, named, handed to the
 * sink
 *
 * Everything is a number here; texts are made at the last moment, in simulate.c. Most properties of a user
 * are computed from a hash of (seed, user, question) instead of being stored, so that half a million users
 * cost a few megabytes.
 */
#ifndef RF_SIMULATE_WORLD_INT_H
#define RF_SIMULATE_WORLD_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_simulate.h"

#define RF_SIM_HOURS_A_WEEK 168
#define RF_SIM_FAMILY 4 /* neighbouring user numbers form a household; some share a device */

/* ---- kinds of merchants ---- */
typedef enum rf_sim_kind_id {
    RF_SIM_RESTAURANT,
    RF_SIM_CAFE,
    RF_SIM_GROCERY,
    RF_SIM_TRANSPORT,
    RF_SIM_GAS,
    RF_SIM_PHARMACY,
    RF_SIM_FASHION,
    RF_SIM_ELECTRONICS,
    RF_SIM_DIGITAL,
    RF_SIM_ENTERTAINMENT,
    RF_SIM_TRAVEL,
    RF_SIM_HOME,
    RF_SIM_KINDS
} rf_sim_kind_id;

typedef enum rf_sim_channel {
    RF_SIM_APP,
    RF_SIM_WEB,
    RF_SIM_POS,
    RF_SIM_API,
    RF_SIM_CHANNELS
} rf_sim_channel;

typedef struct rf_sim_kind {
    const char *name;
    double events, merchants;               /* shares of all events and of all merchants, in any unit */
    double median_cents, spread;            /* amounts are log-normal around the merchant's own level */
    double weekend;                         /* activity on Saturday and Sunday against a weekday */
    double promo, refund, declined, rating; /* probabilities of an ordinary event */
    uint8_t channel[RF_SIM_CHANNELS];       /* percent */
    bool online;                            /* chosen from everywhere, not from the user's own area */
    uint8_t hours[24];                      /* activity by hour of the day, in any unit */
} rf_sim_kind;
extern const rf_sim_kind rf_sim_kinds[RF_SIM_KINDS];
extern const char *const rf_sim_channels[RF_SIM_CHANNELS];

/* ---- the world ---- */
typedef struct rf_sim_user {
    float spend;         /* log of what this user spends against others */
    uint32_t born_hour;  /* joins this many hours after the start; 0: was there before */
    int32_t opened_hour; /* the account, after the start; negative: before */
    uint16_t area;
    uint8_t hours;   /* which hours of the day suit: an index of rf_sim_user_hours */
    uint8_t planted; /* member of a group: no other group takes it */
} rf_sim_user;

typedef struct rf_sim_merchant {
    float level; /* log of its prices against others of its kind */
    uint32_t born_hour;
    uint32_t name; /* number in its id: merchants are stored by kind and area, ids do not show that */
    uint16_t area;
    uint8_t kind;
    uint8_t quality; /* 0..255, of its reviews */
} rf_sim_merchant;

typedef struct rf_sim_world {
    uint64_t seed;
    int64_t start_us;
    double resold_phones;
    uint32_t n_users, n_merchants, n_areas, n_hours;
    rf_sim_user *users;         /* [n_users] */
    uint32_t *alias;            /* [n_users] Walker's alias table of the users' activity */
    float *alias_keep;          /* [n_users] */
    rf_sim_merchant *merchants; /* [n_merchants] by kind, then area */
    double *popularity;         /* [n_merchants + 1] running sum */
    uint32_t *shelf;            /* [RF_SIM_KINDS * n_areas + 1] merchants of (kind, area) start here */
    double hour_weight[RF_SIM_HOURS_A_WEEK];
    float kind_until[RF_SIM_HOURS_A_WEEK][RF_SIM_KINDS]; /* running share of the kinds in that hour */
} rf_sim_world;

RF_MUST_CHECK rf_status rf_sim_world_init(rf_sim_world *world, const rf_simulate_options *options,
                                          rf_err *err);
void rf_sim_world_clear(rf_sim_world *world);

#endif
