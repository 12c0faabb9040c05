/* simulate_traces_int.h - what an event names besides the device: card, IP, delivery address, words of a
 * review. Who shares them innocently, and what planted groups share.
 *
 * All of it is drawn from a stream of its own and from hashes: the other properties of a seed's events are
 * the same with and without it.
 */
#ifndef RF_SIMULATE_TRACES_INT_H
#define RF_SIMULATE_TRACES_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_rng.h"
#include "simulate_draw_int.h"
#include "simulate_places_int.h"
#include "simulate_review_int.h"
#include "simulate_script_int.h"

/* What one planted group shares: drawn once from its script's row. 0 of a thing: nothing of it. */
typedef struct rf_sim_shared {
    const rf_sim_sharing *row;
    uint32_t group, owner; /* number of the group; its first member */
    uint16_t area;
    uint8_t n_cards, n_addresses, n_ips, n_texts;
    uint8_t line; /* an rf_sim_line_of */
} rf_sim_shared;

/* How an address is written, the first as it should be. */
typedef enum rf_sim_spelling {
    RF_SIM_AS_IT_IS,
    RF_SIM_LOWER,
    RF_SIM_UPPER,
    RF_SIM_TWO_BLANKS,
    RF_SIM_INNOCENT_SPELLINGS, /* the following are those of people who do not want to be the same */
    RF_SIM_ABBREVIATED = RF_SIM_INNOCENT_SPELLINGS,
    RF_SIM_WITH_UNIT,
    RF_SIM_NUMBER_SIGN,
    RF_SIM_DOUBLED_LETTER,
    RF_SIM_SPELLINGS
} rf_sim_spelling;

typedef struct rf_sim_traces {
    uint64_t card; /* 0: paid otherwise */
    rf_sim_ip ip;
    bool delivered;
    rf_sim_place to;
    uint8_t spelling, unit;
    rf_sim_words words;
} rf_sim_traces;

/* What the group with this row shares; `has_owner`: it has members, of whom `owner` is the first. */
rf_sim_shared rf_sim_shared_draw(const rf_sim_world *world, const rf_sim_sharing *row, uint32_t group,
                                 uint32_t owner, bool has_owner, uint16_t area);
void rf_sim_leave_traces(const rf_sim_world *world, rf_rng *rng, const rf_sim_event *event,
                         rf_sim_traces *traces);

/* ---- simulate_names.c: as texts ---- */
enum { RF_SIM_CARD_TEXT = 16, RF_SIM_IP_TEXT = 40, RF_SIM_STREET_TEXT = 64, RF_SIM_ZIP_TEXT = 8 };
void rf_sim_card_name(char out[RF_SIM_CARD_TEXT], const rf_sim_world *world, uint64_t card);
void rf_sim_ip_name(char out[RF_SIM_IP_TEXT], const rf_sim_ip *ip);
void rf_sim_address(char street[RF_SIM_STREET_TEXT], char zip[RF_SIM_ZIP_TEXT], const rf_sim_world *world,
                    const rf_sim_traces *traces);

#endif
