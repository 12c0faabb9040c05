/* test_simulate_traces.c - the cards, IPs, addresses and reviews that simulated events name: which events
 * have them, who shares them innocently, what planted groups share; and that they change nothing else.
 */
#include <arpa/inet.h>
#include <ctype.h>

#include "fraud_types.h"
#include "rf_check.h"
#include "rf_idmap.h"
#include "rf_simulate.h"
#include "rf_time.h"
#include "simulate_review_int.h"
#include "simulate_world_int.h"

static void simulate_with(double fraud_share, int64_t events, uint64_t seed, rf_simulate_sink sink,
                          void *context)
{
    rf_simulate_options options;
    rf_err err = {0};
    rf_simulate_options_default(&options);
    options.fraud_share = fraud_share;
    options.events = events;
    options.seed = seed;
    RF_CHECK_OK(err, rf_simulate(&options, sink, context, &err));
}

static void simulate(int64_t events, uint64_t seed, rf_simulate_sink sink, void *context)
{
    simulate_with(0.01, events, seed, sink, context);
}

/* ---- the other keys ---- */

typedef struct digest {
    uint64_t json, csv;
    rf_text text;
} digest;

static uint64_t fnv(uint64_t hash, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* What is written of the event without the new keys; of a CSV row, what stands before their five columns. */
static rf_status digest_event(void *context, const rf_simulated_event *event, rf_err *err)
{
    digest *d = context;
    rf_simulated_event e = *event;
    e.card = e.ip = e.street = e.zip = e.review = NULL;
    rf_text_reset(&d->text);
    RF_HOLDS(rf_simulate_print_json(&d->text, &e, err) == RF_OK);
    d->json = fnv(d->json, d->text.ptr, d->text.len);
    rf_text_reset(&d->text);
    RF_HOLDS(rf_simulate_print_csv(&d->text, &e, err) == RF_OK);
    RF_HOLDS(memcmp(d->text.ptr + d->text.len - 6, ",,,,,\n", 6) == 0);
    d->csv = fnv(d->csv, d->text.ptr, d->text.len - 6);
    return RF_OK;
}

/* Events whose phones stay with their users, as they were before events had cards, IPs, addresses and
 * reviews. */
START_TEST(all_else_of_a_seed_is_as_it_was_without_them)
{
    digest d = {0};
    rf_simulate_options options;
    rf_err err = {0};
    rf_simulate_options_default(&options);
    options.events = 20000;
    options.seed = 11;
    options.resold_phones = 0;
    RF_CHECK_OK(err, rf_simulate(&options, digest_event, &d, &err));
    ck_assert_uint_eq(d.json, UINT64_C(0x47db24bbb98708ef));
    ck_assert_uint_eq(d.csv, UINT64_C(0xc96b83b4789312e2));
    rf_text_clear(&d.text);
}
END_TEST

/* ---- which events have which ---- */

typedef struct presence {
    int64_t n, cards, ips, v6, addresses, ratings, reviews;
} presence;

static bool delivers(const char *kind)
{
    return strstr("restaurant cafe grocery pharmacy fashion electronics home", kind) != NULL;
}

/* Only blocks that are reserved for private use, tests or documentation: the address is nobody's. */
static bool is_nobodys(const char *ip, bool *is_v6)
{
    unsigned char bytes[16];
    *is_v6 = strchr(ip, ':') != NULL;
    RF_HOLDS(inet_pton(*is_v6 ? AF_INET6 : AF_INET, ip, bytes) == 1);
    if (*is_v6)
        return memcmp(bytes, "\x20\x01\x0d\xb8", 4) == 0;
    return bytes[0] == 10 || (bytes[0] == 172 && bytes[1] / 16 == 1) ||
           (bytes[0] == 100 && bytes[1] / 64 == 1) || (bytes[0] == 198 && bytes[1] / 2 == 9);
}

static rf_status note_presence(void *context, const rf_simulated_event *e, rf_err *err)
{
    presence *p = context;
    bool is_v6 = false, in_shop = strcmp(e->channel, "pos") == 0;
    (void)err;
    p->n++;
    p->cards += e->card != NULL;
    p->ips += e->ip != NULL;
    p->addresses += e->street != NULL;
    p->ratings += e->rating != 0;
    p->reviews += e->review != NULL;
    RF_HOLDS(e->ip == NULL || is_nobodys(e->ip, &is_v6));
    p->v6 += is_v6;
    RF_HOLDS((e->ip == NULL) == in_shop);
    RF_HOLDS((e->street == NULL) == (e->zip == NULL));
    RF_HOLDS(e->street == NULL || (!in_shop && delivers(e->kind)));
    RF_HOLDS(e->zip == NULL || (strlen(e->zip) == 5 && strspn(e->zip, "0123456789") == 5));
    RF_HOLDS(e->review == NULL || (e->rating != 0 && e->review[0] != '\0'));
    return RF_OK;
}

START_TEST(an_event_names_what_such_an_event_has)
{
    presence p = {0};
    simulate(20000, 3, note_presence, &p);
    double n = (double)p.n;
    ck_assert(0.5 * n < (double)p.cards && (double)p.cards < 0.9 * n);
    ck_assert(0.5 * n < (double)p.ips && (double)p.ips < 0.9 * n);
    ck_assert(0.02 * n < (double)p.v6 && (double)p.v6 < 0.2 * n);
    ck_assert(0.2 * n < (double)p.addresses && (double)p.addresses < 0.5 * n);
    ck_assert(2 * p.reviews > p.ratings && p.reviews < p.ratings);
}
END_TEST

/* ---- who shares ---- */

enum { CARD, ADDRESS, IP, REVIEW, THINGS, MOST_VALUES = 60000 };
static const char *const thing_names[THINGS] = {"card", "address", "ip", "review"};

/* How many users name each value of one thing. */
typedef struct sharing {
    rf_idmap *values, *pairs;
    int32_t users[MOST_VALUES];
} sharing;

typedef struct world {
    sharing thing[THINGS];
    rf_idmap *spellings;
} world;

/* As `normalise: [lower, squeeze]` has it. */
static const char *normal(char out[160], const char *street, const char *zip)
{
    char *at = out;
    for (; *street != '\0'; street++)
        if (*street != ' ' || street[1] != ' ')
            *at++ = (char)tolower(*street);
    snprintf(at, 32, "|%s", zip);
    return out;
}

static const char *value_of(const rf_simulated_event *e, int thing, char room[160])
{
    if (thing == ADDRESS)
        return e->street == NULL ? NULL : normal(room, e->street, e->zip);
    return thing == CARD ? e->card : thing == IP ? e->ip : e->review;
}

static uint32_t id_of(rf_idmap *map, const char *text, int *is_new)
{
    uint32_t id = 0;
    RF_HOLDS(rf_idmap_intern(map, text, strlen(text), &id, is_new, NULL) == RF_OK);
    return id;
}

static void note_sharing(sharing *s, const char *value, const char *user)
{
    char pair[600];
    int is_new = 0;
    uint32_t id = id_of(s->values, value, NULL);
    snprintf(pair, sizeof pair, "%s\n%s", value, user);
    id_of(s->pairs, pair, &is_new);
    RF_HOLDS(id < MOST_VALUES);
    s->users[id] += is_new;
}

static rf_status note_innocent(void *context, const rf_simulated_event *e, rf_err *err)
{
    world *w = context;
    char room[160];
    (void)err;
    if (e->label || e->look_alike[0] != '\0')
        return RF_OK;
    for (int thing = 0; thing < THINGS; thing++) {
        const char *value = value_of(e, thing, room);
        if (value != NULL)
            note_sharing(&w->thing[thing], value, e->user);
    }
    if (e->street != NULL) {
        snprintf(room, sizeof room, "%s|%s", e->street, e->zip);
        id_of(w->spellings, room, NULL);
    }
    return RF_OK;
}

/* Values that at least `least` and at most `most` users name. */
static int64_t shared_by(const sharing *s, int least, int most)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < rf_idmap_count(s->values); i++)
        n += s->users[i] >= least && s->users[i] <= most;
    return n;
}

static world *world_new(void)
{
    world *w = calloc(1, sizeof *w);
    ck_assert_int_eq(rf_idmap_new(&w->spellings, NULL), RF_OK);
    for (int thing = 0; thing < THINGS; thing++) {
        ck_assert_int_eq(rf_idmap_new(&w->thing[thing].values, NULL), RF_OK);
        ck_assert_int_eq(rf_idmap_new(&w->thing[thing].pairs, NULL), RF_OK);
    }
    return w;
}

static void world_free(world *w)
{
    rf_idmap_free(w->spellings);
    for (int thing = 0; thing < THINGS; thing++) {
        rf_idmap_free(w->thing[thing].values);
        rf_idmap_free(w->thing[thing].pairs);
    }
    free(w);
}

START_TEST(families_flats_dormitories_offices_and_networks_share_innocently)
{
    world *w = world_new();
    simulate(40000, 4, note_innocent, w);
    double n[THINGS];
    for (int thing = 0; thing < THINGS; thing++)
        n[thing] = rf_idmap_count(w->thing[thing].values);
    /* a card is one person's, or its family's */
    ck_assert_double_gt((double)shared_by(&w->thing[CARD], 2, 4), 0.02 * n[CARD]);
    ck_assert_double_lt((double)shared_by(&w->thing[CARD], 2, 4), 0.15 * n[CARD]);
    ck_assert_int_eq(shared_by(&w->thing[CARD], 5, MOST_VALUES), 0);
    /* homes; dormitories and offices */
    ck_assert_double_gt((double)shared_by(&w->thing[ADDRESS], 2, 6), 0.2 * n[ADDRESS]);
    ck_assert_int_gt(shared_by(&w->thing[ADDRESS], 12, MOST_VALUES), 4);
    ck_assert_int_lt(shared_by(&w->thing[ADDRESS], 15, MOST_VALUES), 100);
    /* some write theirs in another way */
    ck_assert_double_gt(rf_idmap_count(w->spellings), 1.03 * n[ADDRESS]);
    /* the mobile networks' few */
    ck_assert_int_ge(shared_by(&w->thing[IP], 100, MOST_VALUES), 4);
    ck_assert_int_le(shared_by(&w->thing[IP], 100, MOST_VALUES), 40);
    ck_assert_double_gt((double)shared_by(&w->thing[IP], 1, 1), 0.6 * n[IP]);
    world_free(w);
}
END_TEST

START_TEST(short_reviews_coincide_rarely_but_for_what_everybody_writes)
{
    world *w = world_new();
    simulate(100000, 6, note_innocent, w);
    const sharing *s = &w->thing[REVIEW];
    double texts = rf_idmap_count(s->values);
    ck_assert_double_gt(texts, 3000);
    /* stock phrases; nothing else has many writers */
    ck_assert_int_gt(shared_by(s, 10, MOST_VALUES), 15);
    ck_assert_int_lt(shared_by(s, 4, MOST_VALUES), 50);
    ck_assert_double_lt((double)shared_by(s, 2, 3), 0.005 * texts);
    world_free(w);
}
END_TEST

/* ---- phones that change hands ---- */

typedef struct phones {
    rf_idmap *devices, *pairs, *users;
    int32_t n_users[MOST_VALUES], changes[MOST_VALUES];
    uint32_t last_user[MOST_VALUES];
} phones;

static rf_status note_phone(void *context, const rf_simulated_event *e, rf_err *err)
{
    phones *p = context;
    char pair[64];
    int is_new = 0, is_new_device = 0;
    (void)err;
    uint32_t device = id_of(p->devices, e->device, &is_new_device), user = id_of(p->users, e->user, NULL);
    RF_HOLDS(device < MOST_VALUES);
    snprintf(pair, sizeof pair, "%s %s", e->device, e->user);
    id_of(p->pairs, pair, &is_new);
    p->n_users[device] += is_new;
    p->changes[device] += !is_new_device && p->last_user[device] != user;
    p->last_user[device] = user;
    return RF_OK;
}

/* Devices that had one user, and then another one for good. */
static int changed_hands(double resold)
{
    phones *p = calloc(1, sizeof *p);
    rf_simulate_options options;
    rf_err err = {0};
    int n = 0;
    rf_simulate_options_default(&options);
    options.events = 20000;
    options.resold_phones = resold;
    ck_assert_int_eq(rf_idmap_new(&p->devices, NULL), RF_OK);
    ck_assert_int_eq(rf_idmap_new(&p->pairs, NULL), RF_OK);
    ck_assert_int_eq(rf_idmap_new(&p->users, NULL), RF_OK);
    RF_CHECK_OK(err, rf_simulate(&options, note_phone, p, &err));
    for (uint32_t i = 0; i < rf_idmap_count(p->devices); i++)
        n += p->n_users[i] == 2 && p->changes[i] == 1;
    rf_idmap_free(p->devices);
    rf_idmap_free(p->pairs);
    rf_idmap_free(p->users);
    free(p);
    return n;
}

START_TEST(resold_phones_have_another_user_from_then_on)
{
    rf_simulate_options by_default;
    rf_simulate_options_default(&by_default);
    int without = changed_hands(0), some = changed_hands(by_default.resold_phones), many = changed_hands(0.2);
    ck_assert_int_lt(without, 10);
    ck_assert_int_gt(some, without + 5);
    ck_assert_int_gt(many, without + 50); /* of a thousand users; most sales lie within the month */
}
END_TEST

/* ---- planted groups ---- */

enum { MOST_RINGS = 400, VALUES_A_RING = 256 };

/* Of a ring and a thing: the values, how often each is named, and whether by several users. */
typedef struct ring_thing {
    uint64_t value[VALUES_A_RING], user[VALUES_A_RING];
    bool several[VALUES_A_RING];
    int times[VALUES_A_RING], n, named;
} ring_thing;

typedef struct rings {
    int n, type[MOST_RINGS];
    ring_thing thing[MOST_RINGS][THINGS];
} rings;

static int by_byte(const void *a, const void *b)
{
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

/* A review whose words were swapped has the same letters. */
static uint64_t letters_of(const char *text)
{
    char sorted[RF_SIM_REVIEW_TEXT];
    size_t len = strlen(text);
    RF_HOLDS(len < sizeof sorted);
    memcpy(sorted, text, len);
    qsort(sorted, len, 1, by_byte);
    return fnv(1, sorted, len);
}

static rf_status note_ring(void *context, const rf_simulated_event *e, rf_err *err)
{
    rings *r = context;
    char room[160];
    (void)err;
    if (!e->label)
        return RF_OK;
    RF_HOLDS(e->ring < MOST_RINGS);
    r->n = e->ring > r->n ? (int)e->ring : r->n;
    r->type[e->ring] = fraud_type_index(e->fraud_type);
    for (int thing = 0; thing < THINGS; thing++) {
        ring_thing *t = &r->thing[e->ring][thing];
        const char *text = value_of(e, thing, room);
        if (text == NULL || t->n == VALUES_A_RING)
            continue;
        uint64_t value = thing == REVIEW ? letters_of(text) : fnv(1, text, strlen(text));
        int i = 0;
        while (i < t->n && t->value[i] != value)
            i++;
        uint64_t user = fnv(1, e->user, strlen(e->user));
        t->several[i] = t->several[i] || (t->times[i] > 0 && t->user[i] != user);
        t->value[i] = value;
        t->user[i] = user;
        t->times[i]++;
        t->n += i == t->n;
        t->named++;
    }
    return RF_OK;
}

/* The share of a ring's events that name the commonest values of several users, five at most. */
static double common(const ring_thing *t)
{
    int top[5] = {0}, sum = 0;
    for (int i = 0; i < t->n; i++)
        for (int k = 0, n = t->several[i] ? t->times[i] : 0; k < 5; k++)
            if (n > top[k]) {
                int lower = top[k];
                top[k] = n;
                n = lower;
            }
    for (int k = 0; k < 5; k++)
        sum += top[k];
    return t->named < 12 ? 0 : (double)sum / t->named;
}

/* Rings of that type that name few values of the thing; *of: all with enough events to tell. */
static int rings_that_share(const rings *r, const char *type, int thing, int *of)
{
    int n = 0;
    *of = 0;
    for (int ring = 1; ring <= r->n; ring++) {
        const ring_thing *t = &r->thing[ring][thing];
        if (r->type[ring] == fraud_type_index(type) && t->named >= 12) {
            ++*of;
            n += common(t) > 0.65;
        }
    }
    return n;
}

START_TEST(planted_groups_share_what_costs_money_but_not_all_of_it)
{
    static const struct {
        const char *type;
        int thing;
    } some[] = {{"promo_abuse", CARD},     {"promo_abuse", IP},       {"account_farm", CARD},
                {"account_farm", ADDRESS}, {"device_farm", IP},       {"mule_fan_in_out", CARD},
                {"account_takeover", IP},  {"card_testing", IP},      {"velocity_bot", IP},
                {"refund_abuse", ADDRESS}, {"self_dealing", ADDRESS}, {"review_farm", REVIEW}};
    rings *r = calloc(1, sizeof *r);
    int of = 0;
    simulate_with(0.3, 50000, 2, note_ring, r);
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        int n = rings_that_share(r, some[i].type, some[i].thing, &of);
        ck_assert_msg(n >= 1 && n < of, "%d of %d rings of %s share their %s", n, of, some[i].type,
                      thing_names[some[i].thing]);
    }
    /* stolen cards are tried once */
    ck_assert_int_eq(rings_that_share(r, "card_testing", CARD, &of), 0);
    ck_assert_int_gt(of, 3);
    free(r);
}
END_TEST

/* ---- the words ---- */

START_TEST(a_review_is_a_function_of_its_seed_and_ends_where_it_must)
{
    char one[RF_SIM_REVIEW_TEXT], same[RF_SIM_REVIEW_TEXT];
    size_t longest = 0;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        rf_sim_words words = {.wording = (uint8_t)(RF_SIM_OWN_WORDS + seed % 3),
                              .kind = (uint8_t)(seed % RF_SIM_KINDS),
                              .rating = (uint8_t)(1 + seed % 5),
                              .seed = seed * 77,
                              .twist = seed};
        rf_sim_review(one, &words);
        rf_sim_review(same, &words);
        RF_HOLDS(strcmp(one, same) == 0);
        RF_HOLDS(strlen(one) >= 2 && strchr(one, '%') == NULL);
        longest = strlen(one) > longest ? strlen(one) : longest;
        if (words.wording == RF_SIM_PAID_WORDS) {
            words.twist++; /* another copy of it: the same letters */
            rf_sim_review(same, &words);
            RF_HOLDS(letters_of(one) == letters_of(same));
        }
    }
    ck_assert_uint_lt(longest, RF_SIM_REVIEW_TEXT - 1); /* none was cut off */
}
END_TEST

RF_SUITE("simulate_traces", all_else_of_a_seed_is_as_it_was_without_them,
         an_event_names_what_such_an_event_has,
         families_flats_dormitories_offices_and_networks_share_innocently,
         short_reviews_coincide_rarely_but_for_what_everybody_writes,
         resold_phones_have_another_user_from_then_on,
         planted_groups_share_what_costs_money_but_not_all_of_it,
         a_review_is_a_function_of_its_seed_and_ends_where_it_must)
