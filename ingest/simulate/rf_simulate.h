/* rf_simulate.h - seeded, labelled, realistic interaction events in constant memory.
 *
 * Users and merchants with long-tailed activity, daily and weekly rhythm, amounts by merchant kind, promos,
 * devices, refunds, declines; cards, IPs, addresses and reviews, which families, flats, offices and networks
 * share. Frauds of named types are planted, each with an innocent look-alike.
 */
#ifndef RF_SIMULATE_H
#define RF_SIMULATE_H

#include "rf_event.h"
#include "rf_status.h"
#include "rf_text.h"

typedef struct rf_simulate_options {
    int64_t events; /* the exact number, frauds included */
    uint64_t seed;
    int64_t start_us;        /* first moment, UTC; a full hour */
    int days;                /* length of the simulated period */
    int64_t users;           /* 0: derived from events */
    int64_t entities;        /* 0: derived from events */
    double fraud_share;      /* of all events, 0 to 0.5 */
    double look_alike_share; /* likewise, of the innocent oddities; NaN: as many as frauds */
    double resold_phones;    /* share of the users who buy one that was another user's, 0 to 0.5 */
    const char *fraud_types; /* comma-separated names, "all" (or NULL): every type */
    bool five_kinds;         /* the written configuration reads five kinds of entity, not merchants alone */
} rf_simulate_options;
void rf_simulate_options_default(rf_simulate_options *options);

/* One simulated event; texts are valid during the call of the sink only. */
typedef struct rf_simulated_event {
    int64_t time_us;
    const char *event_id, *user, *entity;
    int64_t amount_cents, promo_cents;
    const char *kind, *channel, *device, *country;
    int64_t account_days; /* whole days since the account was opened */
    int is_refund, is_declined;
    int rating; /* 1..5; 0 where the event is no review */
    int label;
    const char *fraud_type; /* "" when innocent */
    int64_t ring;           /* planted group's number, 0 when innocent */
    const char *look_alike; /* the type an innocent oddity imitates, "" otherwise */
    const char *card, *ip;  /* what else it names; NULL: it has none */
    const char *street, *zip, *review;
} rf_simulated_event;

typedef rf_status (*rf_simulate_sink)(void *context, const rf_simulated_event *event, rf_err *err);

/* Calls sink for each event in time order; a negative result ends the simulation and is returned.
 * Impossible options are RF_E_INVALID. Memory is O(users + entities + rings), whatever the number of events;
 * no allocation while events flow. About a microsecond an event. */
RF_MUST_CHECK rf_status rf_simulate(const rf_simulate_options *options, rf_simulate_sink sink, void *context,
                                    rf_err *err);

/* Adds one event as a JSON line or a CSV row (with rf_simulate_csv_header before the first), newline
 * included. */
RF_MUST_CHECK rf_status rf_simulate_print_json(rf_text *text, const rf_simulated_event *event, rf_err *err);
RF_MUST_CHECK rf_status rf_simulate_print_csv(rf_text *text, const rf_simulated_event *event, rf_err *err);
const char *rf_simulate_csv_header(void);

/* The commented YAML that reads these events (from `events_path`) and does the whole run into `output`:
 * rf_mem block. */
RF_MUST_CHECK char *rf_simulate_config(const rf_simulate_options *options, const char *events_path,
                                       const char *output, rf_err *err);

#endif
