/* simulate_script_int.h - what each kind of planted group does. */
#ifndef RF_SIMULATE_SCRIPT_INT_H
#define RF_SIMULATE_SCRIPT_INT_H

#include <stdbool.h>
#include <stdint.h>

typedef enum rf_sim_amount {
    RF_SIM_AMOUNT_USUAL, /* what the merchant's customers pay, times a factor drawn between low and high */
    RF_SIM_AMOUNT_RANGE, /* cents, log-uniform between low and high */
    RF_SIM_AMOUNT_ALIKE, /* the group's own sum, drawn once like RANGE, or up to `spread` of it less */
    RF_SIM_AMOUNT_ROUND  /* a multiple of 50.00 between low and high cents */
} rf_sim_amount;

typedef struct rf_sim_range {
    int low, high;
} rf_sim_range;

/* Which IPs a planted group comes from. */
typedef enum rf_sim_line_of {
    RF_SIM_PLACES,    /* the lines of the places to which it orders */
    RF_SIM_SERVERS,   /* rented, of its own */
    RF_SIM_EXITS,     /* of a service that innocent people use, too */
    RF_SIM_ONE_RANGE, /* each member another one of the same network */
    RF_SIM_LINES
} rf_sim_line_of;

/* What the members have in common. A group draws which of it, so that no single thing gives all away. */
typedef struct rf_sim_sharing {
    double card, address, ip, text;            /* probabilities that a group shares these */
    rf_sim_range cards, addresses, ips, texts; /* how many then, up to 8; 0: one */
    uint32_t lines;                            /* bits of rf_sim_line_of; 0: RF_SIM_PLACES */
    bool owners;                               /* the first is the first member's own card or home */
    bool stolen;                               /* a card is tried once */
    bool spelt;                                /* the address is written in other ways */
    bool stock;                                /* the texts are phrases that everybody writes */
} rf_sim_sharing;

typedef struct rf_sim_script {
    const char *name; /* of the script, for readers of the table */
    const char *type; /* the fraud, or the fraud that it looks like */
    bool fraud;
    int often; /* groups in each round of dealing; 0: one */
    rf_sim_range events;
    rf_sim_range users; /* members; 0: any users */
    rf_sim_range
        merchants; /* 0: each event its own: of `kinds` elsewhere, or the user's own habits when kinds == 0 */
    uint32_t kinds;                   /* bits of rf_sim_kind_id; 0: any */
    rf_sim_range days, hour, minutes; /* number of daily windows, first hour, length */
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
    rf_sim_sharing sharing;
} rf_sim_script;
extern const rf_sim_script rf_sim_scripts[];
extern const int rf_sim_n_scripts;

#endif
