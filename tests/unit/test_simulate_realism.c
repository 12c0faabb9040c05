/* test_simulate_realism.c - what simulated events look like as a whole: rhythm, long tails, each fraud's
 * marks. */
#include "fraud_types.h"
#include "rf_check.h"
#include "rf_idmap.h"
#include "rf_simulate.h"
#include "rf_time.h"

/* Per event: Check writes a line for each of its own assertions, which is slow. */
#define MUST(condition) ((condition) ? (void)0 : ck_abort_msg("%s:%d: %s", __FILE__, __LINE__, #condition))

static void simulate(int64_t events, uint64_t seed, rf_simulate_sink sink, void *context)
{
    rf_simulate_options options;
    rf_err err = {0};
    rf_simulate_options_default(&options);
    options.events = events;
    options.seed = seed;
    RF_CHECK_OK(err, rf_simulate(&options, sink, context, &err));
}

typedef struct presence {
    int64_t frauds[FRAUD_TYPES], look_alikes[FRAUD_TYPES];
} presence;

static rf_status note_types(void *context, const rf_simulated_event *e, rf_err *err)
{
    presence *p = context;
    (void)err;
    if (e->fraud_type[0] != '\0')
        p->frauds[fraud_type_index(e->fraud_type)]++;
    if (e->look_alike[0] != '\0')
        p->look_alikes[fraud_type_index(e->look_alike)]++;
    return RF_OK;
}

START_TEST(every_fraud_and_look_alike_is_present_from_50000_events_on)
{
    for (uint64_t seed = 0; seed < 4; seed++) {
        presence p = {0};
        simulate(50000, seed, note_types, &p);
        for (int i = 0; i < FRAUD_TYPES; i++) {
            ck_assert_int_gt(p.frauds[i], 0);
            ck_assert_int_gt(p.look_alikes[i], 0);
        }
    }
}
END_TEST

typedef struct margins {
    rf_idmap *users, *entities, *pairs;
    int64_t *user_n, *entity_n;
    int64_t meals[24], rides[24], weekday_fashion, weekend_fashion, ratings, refunds, declined, promos, n;
} margins;

static uint32_t intern(rf_idmap *map, const char *a, const char *b, int *is_new)
{
    char text[128];
    uint32_t id = 0;
    int len = snprintf(text, sizeof text, "%s %s", a, b);
    MUST(rf_idmap_intern(map, text, (size_t)len, &id, is_new, NULL) == RF_OK);
    return id;
}

static rf_status weigh_event(void *context, const rf_simulated_event *e, rf_err *err)
{
    margins *m = context;
    int64_t hours = e->time_us / RF_HOUR_US, day = (hours / 24 + 3) % 7;
    (void)err;
    m->n++;
    m->user_n[intern(m->users, e->user, "", NULL)]++;
    m->entity_n[intern(m->entities, e->entity, "", NULL)]++;
    intern(m->pairs, e->user, e->entity, NULL);
    m->meals[hours % 24] += strcmp(e->kind, "restaurant") == 0;
    m->rides[hours % 24] += strcmp(e->kind, "transport") == 0;
    if (strcmp(e->kind, "fashion") == 0)
        *(day >= 5 ? &m->weekend_fashion : &m->weekday_fashion) += 1;
    m->ratings += e->rating != 0;
    m->refunds += e->is_refund;
    m->declined += e->is_declined;
    m->promos += e->promo_cents > 0;
    return RF_OK;
}

static int descending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

/* Share of the events that belongs to the busiest tenth. Sorts counts. */
static double top_tenth(int64_t *counts, uint32_t n, int64_t events)
{
    int64_t sum = 0;
    qsort(counts, n, sizeof *counts, descending);
    for (uint32_t i = 0; i < n / 10; i++)
        sum += counts[i];
    return (double)sum / (double)events;
}

static void check_margins(margins *m)
{
    double n = (double)m->n;
    uint32_t users = rf_idmap_count(m->users), entities = rf_idmap_count(m->entities);
    ck_assert_int_gt(m->meals[12], 20 * m->meals[3]);
    ck_assert_int_gt(m->meals[12], 2 * m->meals[15]);
    ck_assert_int_gt(m->meals[19], 2 * m->meals[15]);
    ck_assert_int_gt(m->rides[8], 2 * m->rides[11]);
    ck_assert_int_gt(m->weekend_fashion * 5, m->weekday_fashion * 2 * 5 / 4); /* per day */
    ck_assert(users > 2000 && users <= 2500);
    ck_assert(entities > 140 && entities <= 166);
    double user_share = top_tenth(m->user_n, users, m->n),
           entity_share = top_tenth(m->entity_n, entities, m->n);
    ck_assert_msg(user_share > 0.25 && user_share < 0.6, "users %g", user_share);
    ck_assert_msg(entity_share > 0.25 && entity_share < 0.75, "entities %g", entity_share);
    double repeats = n / rf_idmap_count(m->pairs);
    ck_assert_msg(repeats > 1.6 && repeats < 5, "events a pair %g", repeats); /* people return */
    ck_assert((double)m->ratings > 0.03 * n && (double)m->ratings < 0.25 * n);
    ck_assert((double)m->refunds > 0.005 * n && (double)m->refunds < 0.04 * n);
    ck_assert((double)m->declined > 0.005 * n && (double)m->declined < 0.04 * n);
    ck_assert((double)m->promos > 0.03 * n && (double)m->promos < 0.25 * n);
}

START_TEST(rhythm_and_long_tails_are_there)
{
    margins m = {0};
    rf_idmap **maps[] = {&m.users, &m.entities, &m.pairs};
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(rf_idmap_new(maps[i], NULL), RF_OK);
    m.user_n = calloc(50000, sizeof *m.user_n);
    m.entity_n = calloc(50000, sizeof *m.entity_n);
    simulate(50000, 21, weigh_event, &m);
    check_margins(&m);
    for (int i = 0; i < 3; i++)
        rf_idmap_free(*maps[i]);
    free(m.user_n);
    free(m.entity_n);
}
END_TEST

/* What each fraud shows, and its look-alike beside it: [0] frauds, [1] look-alikes, [2] everybody else. */
typedef struct marks {
    rf_idmap *devices, *device_users;
    int8_t *users_of; /* [devices] so far, up to 4 */
    double n[3][FRAUD_TYPES], promos[3][FRAUD_TYPES], refunds[3][FRAUD_TYPES], declined[3][FRAUD_TYPES];
    double fives[3][FRAUD_TYPES], round[3][FRAUD_TYPES], night[3][FRAUD_TYPES], abroad[3][FRAUD_TYPES];
    double shared[3][FRAUD_TYPES], cents[3][FRAUD_TYPES], tiny[3][FRAUD_TYPES];
} marks;

enum { MOST_DEVICES = 100000 };

/* How many users the event's device has had, this one included; not beyond 4. */
static int users_so_far(marks *m, const rf_simulated_event *e)
{
    int is_new = 0;
    uint32_t device = intern(m->devices, e->device, "", NULL);
    intern(m->device_users, e->device, e->user, &is_new);
    MUST(device < MOST_DEVICES);
    if (is_new && m->users_of[device] < 4)
        m->users_of[device]++;
    return m->users_of[device];
}

static rf_status mark_event(void *context, const rf_simulated_event *e, rf_err *err)
{
    marks *m = context;
    int who = e->label ? 0 : e->look_alike[0] != '\0' ? 1 : 2;
    int type = who == 2 ? 0 : fraud_type_index(who == 0 ? e->fraud_type : e->look_alike);
    (void)err;
    m->n[who][type]++;
    m->promos[who][type] += e->promo_cents > 0;
    m->refunds[who][type] += e->is_refund;
    m->declined[who][type] += e->is_declined;
    m->fives[who][type] += e->rating == 5;
    m->round[who][type] += e->amount_cents % 5000 == 0 && e->amount_cents > 0;
    m->night[who][type] += e->time_us % RF_DAY_US < 6 * RF_HOUR_US;
    m->abroad[who][type] += strstr("SG ID MY TH VN PH", e->country) == NULL;
    m->shared[who][type] += users_so_far(m, e) > 3;
    m->cents[who][type] += (double)e->amount_cents;
    m->tiny[who][type] += e->amount_cents <= 300;
    return RF_OK;
}

static double share(double mark[3][FRAUD_TYPES], const marks *m, int who, const char *type)
{
    int t = type == NULL ? 0 : fraud_type_index(type);
    return mark[who][t] / m->n[who][t];
}

START_TEST(each_fraud_shows_its_mark_and_its_look_alike_something_near_it)
{
    marks m = {.users_of = calloc(MOST_DEVICES, 1)};
    ck_assert_int_eq(rf_idmap_new(&m.devices, NULL), RF_OK);
    ck_assert_int_eq(rf_idmap_new(&m.device_users, NULL), RF_OK);
    simulate(300000, 5, mark_event, &m);
    ck_assert_double_gt(share(m.promos, &m, 0, "promo_abuse"), 0.6);
    ck_assert_double_gt(share(m.promos, &m, 1, "promo_abuse"), 0.6);
    ck_assert_double_lt(share(m.promos, &m, 2, NULL), 0.15);
    ck_assert_double_lt(share(m.cents, &m, 0, "promo_abuse"), 0.6 * share(m.cents, &m, 1, "promo_abuse"));
    ck_assert_double_gt(share(m.round, &m, 0, "collusion"), 0.6);
    ck_assert_double_gt(share(m.night, &m, 0, "collusion"), 0.6);
    ck_assert_double_lt(share(m.round, &m, 2, NULL), 0.03);
    ck_assert_double_gt(share(m.declined, &m, 0, "card_testing"), 0.4);
    ck_assert_double_gt(share(m.declined, &m, 1, "card_testing"), 0.4);
    ck_assert_double_gt(share(m.tiny, &m, 0, "card_testing"), 0.6);
    ck_assert_double_lt(share(m.tiny, &m, 1, "card_testing"), 0.2);
    ck_assert_double_lt(share(m.tiny, &m, 2, NULL), 0.05);
    ck_assert_double_eq(share(m.abroad, &m, 0, "account_takeover"), 1);
    ck_assert_double_eq(share(m.abroad, &m, 1, "account_takeover"), 1);
    ck_assert_double_gt(share(m.night, &m, 0, "account_takeover"), 0.8);
    ck_assert_double_lt(share(m.abroad, &m, 2, NULL), 0.01);
    ck_assert_double_gt(share(m.refunds, &m, 0, "refund_abuse"), 0.3);
    ck_assert_double_gt(share(m.refunds, &m, 1, "refund_abuse"), 0.3);
    ck_assert_double_gt(share(m.fives, &m, 0, "review_farm"), 0.6);
    ck_assert_double_gt(share(m.fives, &m, 1, "review_farm"), 0.25);
    ck_assert_double_gt(share(m.shared, &m, 0, "device_farm"), 0.5);
    ck_assert_double_gt(share(m.shared, &m, 1, "device_farm"), 0.2);
    ck_assert_double_lt(share(m.shared, &m, 2, NULL), 0.05);
    ck_assert_double_lt(share(m.promos, &m, 0, "account_farm"), 0.1);
    ck_assert_double_lt(share(m.shared, &m, 0, "account_farm"), 0.05);
    ck_assert_double_gt(share(m.cents, &m, 0, "mule_fan_in_out"),
                        5 * share(m.cents, &m, 1, "mule_fan_in_out"));
    ck_assert_double_gt(share(m.promos, &m, 0, "self_dealing"), 0.4);
    ck_assert_double_gt(share(m.fives, &m, 0, "self_dealing"), 0.3);
    ck_assert_double_gt(share(m.promos, &m, 1, "self_dealing"), 0.4);
    ck_assert_double_lt(share(m.fives, &m, 1, "self_dealing"), 0.2);
    rf_idmap_free(m.devices);
    rf_idmap_free(m.device_users);
    free(m.users_of);
}
END_TEST

/* ---- rings ---- */

enum { MOST_RINGS = 200, MOST_EVENTS = 400 };

typedef struct rings {
    int n, type[MOST_RINGS], n_events[MOST_RINGS];
    int64_t cents[MOST_RINGS][MOST_EVENTS];
} rings;

static rf_status note_ring(void *context, const rf_simulated_event *e, rf_err *err)
{
    rings *r = context;
    (void)err;
    if (!e->label)
        return RF_OK;
    MUST(e->ring < MOST_RINGS && r->n_events[e->ring] < MOST_EVENTS);
    r->n = e->ring > r->n ? (int)e->ring : r->n;
    r->type[e->ring] = fraud_type_index(e->fraud_type);
    r->cents[e->ring][r->n_events[e->ring]++] = e->amount_cents;
    return RF_OK;
}

START_TEST(every_fraud_has_two_rings_or_more_from_200000_events_on)
{
    rings *r = malloc(sizeof *r);
    for (uint64_t seed = 1; seed <= 12; seed++) {
        int of_type[FRAUD_TYPES] = {0};
        memset(r, 0, sizeof *r);
        simulate(200000, seed, note_ring, r);
        for (int ring = 1; ring <= r->n; ring++)
            of_type[r->type[ring]]++;
        for (int i = 0; i < FRAUD_TYPES; i++)
            ck_assert_msg(of_type[i] >= 2, "seed %d: %d rings of %s", (int)seed, of_type[i], fraud_types[i]);
    }
    free(r);
}
END_TEST

/* The largest share of the ring's sums that lie within a sixth of one another. Sorts them. */
static double alike(rings *r, int ring)
{
    int64_t *cents = r->cents[ring];
    int n = r->n_events[ring], most = 0;
    qsort(cents, (size_t)n, sizeof *cents, descending);
    for (int high = 0, low = 0; high < n; high++) {
        while (low < n && cents[low] * 7 >= cents[high] * 6)
            low++;
        most = low - high > most ? low - high : most;
    }
    return (double)most / n;
}

START_TEST(sums_are_alike_within_a_ring_and_differ_between_rings)
{
    rings *r = calloc(1, sizeof *r);
    int farm = fraud_type_index("account_farm"), mule = fraud_type_index("mule_fan_in_out");
    double least = 1e9, most = 0;
    simulate(800000, 8, note_ring, r);
    for (int ring = 1; ring <= r->n; ring++) {
        if (r->type[ring] != farm && r->type[ring] != mule)
            continue;
        ck_assert_double_gt(alike(r, ring), 0.6);
        if (r->type[ring] == farm) {
            double middle = (double)r->cents[ring][r->n_events[ring] / 2];
            least = fmin(least, middle);
            most = fmax(most, middle);
        }
    }
    ck_assert_double_gt(most, 2 * least);
    free(r);
}
END_TEST

RF_SUITE("simulate_realism", every_fraud_and_look_alike_is_present_from_50000_events_on,
         every_fraud_has_two_rings_or_more_from_200000_events_on,
         sums_are_alike_within_a_ring_and_differ_between_rings, rhythm_and_long_tails_are_there,
         each_fraud_shows_its_mark_and_its_look_alike_something_near_it)
