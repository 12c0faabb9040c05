/* simulate_traces.c - what an event names besides the device: card, IP, delivery address, words of a review.
 *
 * First what the user would leave in ordinary life, then what the planted group does instead.
 * simulate_names.c and simulate_review.c make texts of it.
 */
#include "simulate_traces_int.h"

#include "rf_time.h"

enum { ASK_FRIEND = 50, ASK_GROUP_TEXT };

enum { FRIENDS = 3, CARDS_A_USER = 4, SECOND_CARD = 1, NEW_CARD, JOINT_CARD };

/* Percent of the orders by app or web that are delivered. */
static const uint8_t delivered[RF_SIM_KINDS] = {
    [RF_SIM_RESTAURANT] = 80, [RF_SIM_CAFE] = 20,        [RF_SIM_GROCERY] = 85, [RF_SIM_PHARMACY] = 60,
    [RF_SIM_FASHION] = 95,    [RF_SIM_ELECTRONICS] = 92, [RF_SIM_HOME] = 90,
};

static bool among(uint64_t bits, int from, uint32_t of_256)
{
    return (bits >> from & 255) < of_256;
}

/* ---- ordinary life ---- */

static uint64_t card_of(uint32_t user, uint32_t which)
{
    return (uint64_t)user * CARDS_A_USER + which + 1;
}

static uint64_t own_card(const rf_sim_world *world, rf_rng *rng, const rf_sim_event *event,
                         const rf_sim_person *person)
{
    static const double by_card[RF_SIM_CHANNELS] = {0.78, 0.86, 0.65, 0.96};
    double x = rf_rng_uniform(rng) / by_card[event->channel]; /* below 1: paid by card */
    if (among(person->bits, 40, 20) || x >= 1)
        return 0;
    uint32_t joint = person->living == RF_SIM_FAMILY_HOME ? 115 : person->living == RF_SIM_COUPLES ? 90 : 0;
    if (x < 0.5 && !person->in_dormitory && among(person->house_bits, 8, joint))
        return card_of(person->home.number, JOINT_CARD);
    if (x > 0.8 && among(person->bits, 48, 100))
        return card_of(event->user, SECOND_CARD);
    if (among(person->bits, 56, 10)) { /* lost or expired: a new one, and nobody else has the old one */
        uint32_t hours = (uint32_t)((event->time_us - world->start_us) / RF_HOUR_US);
        if (hours >= (uint32_t)(person->bits >> 8) % (60 * 24))
            return card_of(event->user, NEW_CARD);
    }
    return card_of(event->user, 0);
}

static bool can_deliver(const rf_sim_world *world, const rf_sim_event *event)
{
    return event->channel <= RF_SIM_WEB && delivered[world->merchants[event->merchant].kind] > 0;
}

static void own_address(const rf_sim_world *world, rf_rng *rng, const rf_sim_event *event,
                        const rf_sim_person *person, rf_sim_traces *traces)
{
    uint32_t kind = world->merchants[event->merchant].kind;
    bool meal = kind == RF_SIM_RESTAURANT || kind == RF_SIM_CAFE;
    if (!can_deliver(world, event))
        return;
    double x = rf_rng_uniform(rng) * 100 / delivered[kind];
    traces->delivered = x < 1;
    if (!traces->delivered)
        return;
    traces->to = person->home;
    if (x < 0.025) { /* a present */
        uint64_t friendship = event->user * UINT64_C(4) + rf_rng_below(rng, FRIENDS);
        uint64_t chosen = rf_sim_hash(world, ASK_FRIEND, friendship) % world->n_users;
        traces->to = rf_sim_home_of(world, (uint32_t)chosen);
    } else if (person->has_office && rf_sim_at_work(event->time_us) && x < (meal ? 0.6 : 0.2)) {
        traces->to = rf_sim_office_of(world, person, event->user);
    }
    uint32_t hand = (uint32_t)(person->bits >> 32 & 255);
    traces->spelling = hand < 220   ? RF_SIM_AS_IT_IS
                       : hand < 236 ? RF_SIM_LOWER
                       : hand < 246 ? RF_SIM_UPPER
                                    : RF_SIM_TWO_BLANKS;
}

static void own_words(const rf_sim_world *world, rf_rng *rng, const rf_sim_event *event,
                      rf_sim_traces *traces)
{
    if (event->rating == 0)
        return;
    double x = rf_rng_uniform(rng);
    traces->words = (rf_sim_words){
        .wording = x < 0.45   ? RF_SIM_WORDLESS
                   : x < 0.52 ? RF_SIM_STOCK_PHRASE
                              : RF_SIM_OWN_WORDS,
        .kind = world->merchants[event->merchant].kind,
        .rating = event->rating,
        .seed = rf_rng_u64(rng),
    };
}

/* ---- planted groups ---- */

static uint8_t draw_number(rf_rng *rng, double probability, rf_sim_range range)
{
    bool any = rf_sim_chance(rng, probability);
    uint32_t n = (uint32_t)range.low + rf_rng_below(rng, (uint32_t)(range.high - range.low) + 1);
    return any ? (uint8_t)(n > 0 ? n : 1) : 0;
}

rf_sim_shared rf_sim_shared_draw(const rf_sim_world *world, const rf_sim_sharing *row, uint32_t group,
                                 uint32_t owner, bool has_owner, uint16_t area)
{
    rf_sim_shared shared = {.row = row, .group = group, .owner = owner, .area = area};
    rf_rng rng;
    rf_rng_init(&rng, world->seed, (UINT64_C(1) << 40) + group);
    bool nothing = true, shares = row->card + row->address + row->ip + row->text >= 1;
    for (int tries = 0; tries == 0 || (nothing && shares && tries < 8); tries++) {
        shared.n_cards = draw_number(&rng, row->card, row->cards);
        shared.n_addresses = draw_number(&rng, row->address, row->addresses);
        shared.n_ips = draw_number(&rng, row->ip, row->ips);
        shared.n_texts = draw_number(&rng, row->text, row->texts);
        nothing = !(shared.n_cards || shared.n_addresses || shared.n_ips || shared.n_texts);
    }
    if (row->lines != 0)
        do
            shared.line = (uint8_t)rf_rng_below(&rng, RF_SIM_LINES);
        while ((row->lines >> shared.line & 1) == 0);
    if (!has_owner)
        shared.owner = UINT32_MAX;
    return shared;
}

/* Each member prefers one of the group's n. */
static uint32_t slot_of(rf_rng *rng, const rf_sim_event *event, uint32_t n)
{
    return rf_sim_chance(rng, 0.8) ? event->user % n : rf_rng_below(rng, n);
}

static bool is_owners(const rf_sim_shared *shared, uint32_t slot)
{
    return shared->row->owners && slot == 0 && shared->owner != UINT32_MAX;
}

static uint64_t shared_card(const rf_sim_world *world, rf_rng *rng, const rf_sim_event *event)
{
    const rf_sim_shared *shared = event->shared;
    if (shared->row->stolen) {
        if (rf_sim_chance(rng, 0.25)) /* of somebody who buys here, too */
            return card_of(rf_rng_below(rng, world->n_users), 0);
        return (UINT64_C(1) << 40) + ((uint64_t)shared->group << 20) + rf_rng_below(rng, 1u << 20);
    }
    uint32_t slot = slot_of(rng, event, shared->n_cards);
    if (is_owners(shared, slot))
        return card_of(shared->owner, 0);
    return card_of(world->n_users, 0) + shared->group * UINT64_C(8) + slot;
}

static rf_sim_place shared_place(const rf_sim_world *world, const rf_sim_shared *shared, uint32_t slot)
{
    if (is_owners(shared, slot))
        return rf_sim_home_of(world, shared->owner);
    return rf_sim_hideout(world, shared->group, slot, shared->area);
}

static rf_sim_ip shared_ip(const rf_sim_world *world, rf_rng *rng, const rf_sim_event *event)
{
    const rf_sim_shared *shared = event->shared;
    uint32_t slot = slot_of(rng, event, shared->n_ips);
    switch (shared->line) {
    case RF_SIM_SERVERS:
        return rf_sim_server(world, shared->group, slot);
    case RF_SIM_EXITS:
        return rf_sim_exit(world, shared->group + slot);
    case RF_SIM_ONE_RANGE:
        return rf_sim_in_range(world, shared->group, event->user + rf_rng_below(rng, 2));
    default:
        return rf_sim_line(world, shared_place(world, shared, slot), event->user, event->time_us);
    }
}

static void shared_words(const rf_sim_world *world, rf_rng *rng, const rf_sim_event *event,
                         rf_sim_traces *traces)
{
    const rf_sim_shared *shared = event->shared;
    if (shared->row->stock) {
        traces->words.wording = RF_SIM_STOCK_PHRASE;
        return;
    }
    uint64_t text = shared->group * UINT64_C(8) + rf_rng_below(rng, shared->n_texts);
    traces->words.wording = RF_SIM_PAID_WORDS;
    traces->words.kind = world->merchants[event->merchant].kind;
    traces->words.seed = rf_sim_hash(world, ASK_GROUP_TEXT, text);
    traces->words.twist = rf_rng_u64(rng);
}

static void leave_shared(const rf_sim_world *world, rf_rng *rng, const rf_sim_event *event,
                         rf_sim_traces *traces)
{
    const rf_sim_shared *shared = event->shared;
    const double keeps = 0.85; /* the rest of the time a member uses the own */
    if (shared->n_cards > 0 && rf_sim_chance(rng, keeps))
        traces->card = shared_card(world, rng, event);
    if (shared->n_addresses > 0 && can_deliver(world, event) && rf_sim_chance(rng, keeps)) {
        traces->delivered = true;
        traces->to = shared_place(world, shared, slot_of(rng, event, shared->n_addresses));
        traces->spelling = RF_SIM_AS_IT_IS;
        traces->unit = (uint8_t)rf_rng_below(rng, 256);
        if (shared->row->spelt && rf_sim_chance(rng, 0.7))
            traces->spelling = (uint8_t)rf_rng_below(rng, RF_SIM_SPELLINGS);
    }
    if (shared->n_ips > 0 && event->channel != RF_SIM_POS && rf_sim_chance(rng, keeps))
        traces->ip = shared_ip(world, rng, event);
    if (shared->n_texts > 0 && event->rating > 0 && rf_sim_chance(rng, keeps))
        shared_words(world, rng, event, traces);
}

void rf_sim_leave_traces(const rf_sim_world *world, rf_rng *rng, const rf_sim_event *event,
                         rf_sim_traces *traces)
{
    rf_sim_person person = rf_sim_person_of(world, event->user, event->household);
    *traces = (rf_sim_traces){0};
    traces->card = own_card(world, rng, event, &person);
    traces->ip = rf_sim_draw_ip(world, rng, event, &person);
    own_address(world, rng, event, &person, traces);
    own_words(world, rng, event, traces);
    if (event->shared != NULL)
        leave_shared(world, rng, event, traces);
}
