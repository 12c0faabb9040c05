/* simulate_int.h - the simulated world as the files of the simulator see it.
 *
 *   world (users, merchants, rhythm)  --draw-->  ordinary events  --\
 *   plan (planted groups)  --script-->  the groups' events  ---------> merged by time, named, handed to the
 * sink
 *
 * Everything is a number here; texts are made at the last moment, in simulate.c. Most properties of a user
 * are computed from a hash of (seed, user, question) instead of being stored, so that half a million users
 * cost a few megabytes.
 */
#ifndef RF_SIMULATE_INT_H
#define RF_SIMULATE_INT_H

#include <stdbool.h>

#include "rf_rng.h"
#include "rf_simulate.h"

#define RF_SIM_HOURS_A_WEEK 168
#define RF_SIM_MAX_DEVICES 8 /* of one planted group: one bit each in its members' `seen` */
#define RF_SIM_FAMILY 4      /* neighbouring user numbers form a household; some share a device */

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
    uint32_t born_hour;  /* joins so many hours after the start; 0: was there before */
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
    uint32_t n_users, n_merchants, n_areas, n_hours;
    rf_sim_user *users;   /* [n_users] */
    uint32_t *alias;      /* [n_users] Walker's alias table of the users' activity */
    float *alias_keep;    /* [n_users] */
    uint8_t *family_seen; /* [n_users / RF_SIM_FAMILY + 1] who has used the household's device so far, a bit
                             each */
    rf_sim_merchant *merchants; /* [n_merchants] by kind, then area */
    double *popularity;         /* [n_merchants + 1] running sum */
    uint32_t *shelf;            /* [RF_SIM_KINDS * n_areas + 1] merchants of (kind, area) start here */
    double hour_weight[RF_SIM_HOURS_A_WEEK];
    float kind_until[RF_SIM_HOURS_A_WEEK][RF_SIM_KINDS]; /* running share of the kinds in that hour */
} rf_sim_world;

/* One event in numbers. */
typedef struct rf_sim_event {
    int64_t time_us, amount_cents, promo_cents, ring;
    uint32_t user, merchant, device;
    uint16_t device_accounts, country;
    uint8_t channel, rating;
    bool refund, declined;
    bool label;
    const char *fraud_type, *look_alike;
} rf_sim_event;

/* ---- simulate_world.c ---- */
RF_MUST_CHECK rf_status rf_sim_world_init(rf_sim_world *world, const rf_simulate_options *options,
                                          rf_err *err);
void rf_sim_world_clear(rf_sim_world *world);

/* ---- simulate_draw.c ---- */
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
/* Completes an event whose time, user and merchant stand: as an ordinary one, but for the device. */
void rf_sim_dress(rf_sim_world *world, rf_rng *rng, rf_sim_event *event);
/* One of the user's own devices, or the household's, which remembers it. */
void rf_sim_own_device(rf_sim_world *world, rf_rng *rng, rf_sim_event *event);
/* Whole days from the opening of the event's account to the event. */
int64_t rf_sim_account_days(const rf_sim_world *world, const rf_sim_event *event);
const char *rf_sim_country(uint32_t country);
uint32_t rf_sim_foreign_country(rf_rng *rng);

/* ---- simulate_script.c: what each kind of planted group does ---- */
typedef enum rf_sim_amount {
    RF_SIM_AMOUNT_USUAL, /* what the merchant's customers pay, times a factor drawn between low and high */
    RF_SIM_AMOUNT_RANGE, /* cents, log-uniform between low and high */
    RF_SIM_AMOUNT_ALIKE, /* the group's own sum, drawn once like RANGE, or up to `spread` of it less */
    RF_SIM_AMOUNT_ROUND  /* a multiple of 50.00 between low and high cents */
} rf_sim_amount;

typedef struct rf_sim_range {
    int low, high;
} rf_sim_range;

typedef struct rf_sim_script {
    const char *name; /* of the script, for readers of the table */
    const char *type; /* the fraud, or the fraud that it looks like */
    bool fraud;
    int often; /* so many groups in each round of dealing; 0: one */
    rf_sim_range events;
    rf_sim_range users; /* members; 0: whoever comes by */
    rf_sim_range
        merchants; /* 0: each event its own: of `kinds` elsewhere, or the user's own habits when kinds == 0 */
    uint32_t kinds;                   /* bits of rf_sim_kind_id; 0: any */
    rf_sim_range days, hour, minutes; /* windows on so many days, from that hour, so long */
    bool regular;                     /* evenly spaced like a machine */
    bool lockstep;                    /* all members in turn at one merchant, then at the next */
    bool young;                       /* members joined days before */
    bool opens;                       /* its merchant opens as the group starts */
    bool shell;                       /* hardly anybody else buys at its merchants */
    bool foreign;                     /* seen from another country */
    bool same_amount;                 /* all events of the group ask for the same */
    bool retries;                     /* every event but the last is declined */
    rf_sim_amount amount;
    double low, high, spread;
    double promo, refund, declined, rating, praise; /* probabilities; praise: that a rating is 5 (else: 1) */
    rf_sim_range devices;                           /* of the group */
    double on_device;                               /* probability of using one of them */
    int channel;                                    /* -1: as usual */
} rf_sim_script;
extern const rf_sim_script rf_sim_scripts[];
extern const int rf_sim_n_scripts;

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
    uint16_t accounts[RF_SIM_MAX_DEVICES]; /* members seen on each device so far */
    uint8_t n_devices;
    uint16_t country, area;
    double stray; /* probability that an event does not follow the script's attributes */
    int64_t same_cents;
} rf_sim_group;

typedef struct rf_sim_plan {
    rf_sim_group *groups;
    uint32_t n_groups;
    uint32_t *members, *merchants; /* all groups' one behind the other */
    uint8_t *seen;                 /* [members] bit d: has used the group's device d */
    size_t n_members, n_merchants, cap_groups, cap_members, cap_seen, cap_merchants;
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
