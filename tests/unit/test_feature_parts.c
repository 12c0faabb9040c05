/* test_feature_parts.c - the parts below the features: butterflies, cores, calendar, sorting, exact
 * deviations. */
#include "rf_check.h"

#include "butterflies_int.h"
#include "calendar_int.h"
#include "cores_int.h"
#include "feature_cells_int.h"
#include "rf_mem.h"
#include "rf_rng.h"

/* ---- random bipartite graphs ---- */

typedef struct pairs {
    rf_adj adj;
    bool met[48][48];
} pairs;

static void random_pairs(pairs *p, uint64_t seed, int n_u, int n_v, int percent, bool repeat)
{
    uint32_t u[8192], v[8192];
    int64_t n = 0;
    rf_rng rng;
    rf_err err = {0};

    memset(p, 0, sizeof *p);
    rf_rng_init(&rng, seed, 0);
    for (int i = 0; i < n_u; i++)
        for (int j = 0; j < n_v; j++)
            if ((int)rf_rng_below(&rng, 100) < percent || (i == 0 && j % 3) || (j == 1 && i % 4)) {
                p->met[i][j] = true;
                for (uint32_t k = repeat ? 1 + rf_rng_below(&rng, 3) : 1; k > 0; k--) {
                    u[n] = (uint32_t)i;
                    v[n++] = (uint32_t)j;
                }
            }
    RF_CHECK_OK(err, rf_adj_init(&p->adj, n_u, n_v, n, u, v, &err));
}

static uint64_t slow_butterflies(const pairs *p, uint32_t u, uint32_t v)
{
    uint64_t n = 0;
    for (int64_t i = 0; i < p->adj.n_u; i++)
        for (int64_t j = 0; j < p->adj.n_v; j++)
            n += i != u && j != v && p->met[i][v] && p->met[u][j] && p->met[i][j];
    return n;
}

static void check_butterflies(uint64_t seed, int n_u, int n_v, int percent)
{
    pairs p;
    uint64_t count[8192];
    rf_pool *pool = NULL;
    rf_err err = {0};
    random_pairs(&p, seed, n_u, n_v, percent, false);
    RF_CHECK_OK(err, rf_pool_new(&pool, 1 + (int)seed % 4, &err));
    RF_CHECK_OK(err, rf_butterflies(count, &p.adj, pool, &err));
    for (int64_t e = 0; e < p.adj.n_e; e++)
        ck_assert_uint_eq(count[e], slow_butterflies(&p, p.adj.e_u[e], p.adj.e_v[e]));
    rf_pool_free(pool);
    rf_adj_clear(&p.adj);
}

START_TEST(butterflies_equal_brute_force_at_any_thread_count)
{
    for (uint64_t seed = 0; seed < 24; seed++)
        check_butterflies(seed, 1 + (int)(seed * 7 % 40), 1 + (int)(seed * 11 % 37), (int)seed * 4);
}
END_TEST

/* Users of few entities are counted from the entities, others by rank. */
START_TEST(butterflies_of_thin_and_of_busy_users)
{
    for (uint64_t seed = 0; seed < 8; seed++) {
        check_butterflies(seed, 48, 6, 40);
        check_butterflies(seed, 4, 48, 60);
    }
}
END_TEST

START_TEST(a_complete_block_has_the_textbook_count)
{
    pairs p;
    uint64_t count[8192];
    rf_err err = {0};
    random_pairs(&p, 1, 12, 9, 100, false);
    RF_CHECK_OK(err, rf_butterflies(count, &p.adj, NULL, &err));
    for (int64_t e = 0; e < p.adj.n_e; e++)
        ck_assert_uint_eq(count[e], 11 * 8);
    RF_SWEEP(rf_butterflies(count, &p.adj, NULL, sweep_err), (void)0);
    rf_adj_clear(&p.adj);
}
END_TEST

/* ---- cores and components against their definitions ---- */

static bool joined(const pairs *p, int64_t a, int64_t b) /* node numbers, users first */
{
    if ((a < p->adj.n_u) == (b < p->adj.n_u))
        return false;
    return a < p->adj.n_u ? p->met[a][b - p->adj.n_u] : p->met[b][a - p->adj.n_u];
}

static void peel(int32_t *core, const pairs *p)
{
    int64_t n = p->adj.n_u + p->adj.n_v;
    bool alive[96];
    memset(alive, 1, sizeof alive);
    for (int k = 0, left = (int)n; left > 0; k++)
        for (bool changed = true; changed;) {
            changed = false;
            for (int64_t i = 0; i < n; i++) {
                int degree = 0;
                for (int64_t j = 0; j < n; j++)
                    degree += alive[j] && joined(p, i, j);
                if (alive[i] && degree <= k) {
                    alive[i] = false;
                    core[i] = k;
                    left--;
                    changed = true;
                }
            }
        }
}

static int64_t root(const int64_t *parent, int64_t i)
{
    while (parent[i] != i)
        i = parent[i];
    return i;
}

START_TEST(cores_and_components_are_those_of_their_definitions)
{
    for (uint64_t seed = 0; seed < 12; seed++) {
        pairs p;
        int32_t core[96], component[96], want[96];
        int64_t parent[96];
        rf_err err = {0};
        random_pairs(&p, 50 + seed, 3 + (int)seed * 3, 40 - (int)seed * 3, 2 + (int)seed, false);
        int64_t n = p.adj.n_u + p.adj.n_v;
        RF_CHECK_OK(err, rf_cores(core, &p.adj, &err));
        RF_CHECK_OK(err, rf_components(component, &p.adj, &err));
        peel(want, &p);
        for (int64_t i = 0; i < n; i++)
            parent[i] = i;
        for (int64_t e = 0; e < p.adj.n_e; e++)
            parent[root(parent, p.adj.e_u[e])] = root(parent, p.adj.n_u + p.adj.e_v[e]);
        for (int64_t i = 0; i < n; i++) {
            int size = 0;
            for (int64_t j = 0; j < n; j++)
                size += root(parent, i) == root(parent, j);
            ck_assert_int_eq(core[i], want[i]);
            ck_assert_int_eq(component[i], size);
        }
        if (seed == 0) {
            RF_SWEEP(rf_cores(core, &p.adj, sweep_err), (void)0);
            RF_SWEEP(rf_components(component, &p.adj, sweep_err), (void)0);
        }
        rf_adj_clear(&p.adj);
    }
}
END_TEST

/* ---- calendar ---- */

START_TEST(local_time_agrees_with_the_zone)
{
    static const char *const zones[] = {"UTC",
                                        "+05:45",
                                        "-09:30",
                                        "Europe/Berlin",
                                        "America/St_Johns",
                                        "Asia/Tehran",
                                        "Australia/Lord_Howe",
                                        "America/Sao_Paulo"};
    int64_t from = rf_days_from_civil(2017, 1, 1) * RF_DAY_US,
            to = rf_days_from_civil(2019, 3, 1) * RF_DAY_US;
    int64_t step = (rf_short() ? 467 : 29) * RF_MINUTE_US + 1;
    for (size_t z = 0; z < sizeof zones / sizeof zones[0]; z++) {
        rf_zone *zone = NULL;
        rf_calendar calendar;
        rf_err err = {0};
        RF_CHECK_OK(err, rf_zone_new(&zone, zones[z], &err));
        RF_CHECK_OK(err, rf_calendar_init(&calendar, zone, from, to, &err));
        for (int64_t t = from; t <= to; t += step) {
            rf_moment at = rf_calendar_at(&calendar, t);
            int64_t local = t + (int64_t)rf_zone_offset_s(zone, t) * RF_SECOND_US;
            ck_assert_int_eq(at.day * RF_DAY_US + at.of_day_us, local);
            ck_assert_int_eq(at.offset_us, local - t);
            ck_assert_int_eq(at.hour, at.of_day_us / RF_HOUR_US);
            ck_assert_int_eq(at.of_week_us, at.weekday * RF_DAY_US + at.of_day_us);
        }
        rf_calendar_clear(&calendar);
        rf_zone_free(zone);
    }
}
END_TEST

START_TEST(weeks_begin_on_monday_also_before_1970)
{
    rf_calendar calendar;
    rf_err err = {0};
    int64_t monday = rf_days_from_civil(1969, 12, 22) * RF_DAY_US;
    RF_CHECK_OK(err, rf_calendar_init(&calendar, NULL, monday - RF_DAY_US, monday + 30 * RF_DAY_US, &err));
    ck_assert_int_eq(rf_calendar_at(&calendar, monday).weekday, 0);
    ck_assert_int_eq(rf_calendar_at(&calendar, monday - 1).weekday, 6);
    ck_assert_int_eq(rf_calendar_at(&calendar, monday - 1).hour, 23);
    ck_assert_int_eq(rf_calendar_at(&calendar, monday + 16 * RF_DAY_US).weekday, 2);
    rf_calendar_clear(&calendar);
    RF_SWEEP(rf_calendar_init(&calendar, NULL, monday, monday + RF_DAY_US, sweep_err),
             rf_calendar_clear(&calendar));
}
END_TEST

/* ---- sorting ---- */

START_TEST(sorting_is_stable)
{
    static rf_keyed items[5000], spare[5000];
    rf_rng rng;
    rf_rng_init(&rng, 8, 0);
    for (int64_t n = 0; n < 5000; n = n * 3 / 2 + 1) {
        for (int64_t i = 0; i < n; i++)
            items[i] = (rf_keyed){.key = rf_rng_below(&rng, (uint32_t)n / 2 + 1), .item = (uint32_t)i};
        rf_sort_keyed(items, spare, n);
        for (int64_t i = 1; i < n; i++)
            ck_assert(items[i - 1].key < items[i].key ||
                      (items[i - 1].key == items[i].key && items[i - 1].item < items[i].item));
    }
}
END_TEST

/* ---- deviations ---- */

/* The deviation of n numbers, the first half a, the others b, in millionths. */
static double std_of_two(int n, int64_t a, int64_t b)
{
    static const rf_attr usual = {.type = RF_ATTR_NUMBER};
    rf_number_unit unit = rf_number_unit_of(&usual);
    rf_attr_sums sums = {0};
    for (int i = 0; i < n; i++) {
        int64_t value = i < n / 2 ? a : b;
        rf_attr_sums one = {.n = 1, .sum = value, .sum_sq = (rf_u128)((rf_i128)value * value)};
        rf_attr_sums_merge(&sums, &one);
    }
    return rf_attr_std(&sums, &unit);
}

START_TEST(deviations_lose_no_digits_on_large_values)
{
    const int64_t large = RF_FIXED_MAX - RF_FIXED_ONE; /* a million millions, give or take one */
    for (int n = 2; n <= 2000; n *= 10) { /* squares of a thousand of these do not fit 128 bits */
        ck_assert_double_eq_tol(std_of_two(n, large - RF_FIXED_ONE, large + RF_FIXED_ONE), 1.0, 1e-12);
        ck_assert_double_eq_tol(std_of_two(n, -large - RF_FIXED_ONE, -large + RF_FIXED_ONE), 1.0, 1e-12);
        ck_assert_double_eq_tol(std_of_two(n, -RF_FIXED_MAX, RF_FIXED_MAX), 1e12, 1e-3);
        ck_assert_double_eq_tol(std_of_two(n, 0, RF_FIXED_MAX), 5e11, 1e-3);
        ck_assert(std_of_two(n, RF_FIXED_MAX, RF_FIXED_MAX) == 0.0);
        ck_assert(std_of_two(n, 10, 10) == 0.0);
    }
    ck_assert(std_of_two(1, 5, 5) == 0.0);
    ck_assert(std_of_two(0, 5, 5) == 0.0);
    ck_assert_double_eq_tol(std_of_two(2, 2 * RF_FIXED_ONE, 3 * RF_FIXED_ONE), 0.5, 1e-12);
}
END_TEST

START_TEST(sums_of_earlier_versions_at_their_limit_stay_finite)
{
    static const rf_attr usual = {.type = RF_ATTR_NUMBER};
    rf_number_unit unit = rf_number_unit_of(&usual);
    rf_attr_sums sums = {
        .n = 100000, .sum = (rf_i128)100000 * RF_FIXED_MAX, .sum_sq = ((rf_u128)1 << 127) - 1};
    double std = rf_attr_std(&sums, &unit);
    ck_assert(isfinite(std) && std >= 0);
}
END_TEST

/* Spans slide over squares that are more than 128 bits together. */
START_TEST(squares_are_taken_away_as_they_were_added)
{
    rf_rng rng;
    rf_squares window[64], sum = {0}, most = {0};
    rf_rng_init(&rng, 31, 0);
    for (int i = 0; i < 5000; i++) {
        rf_squares *place = &window[i % 64];
        if (i >= 64)
            rf_squares_take(&sum, *place);
        uint64_t a = rf_rng_u64(&rng);
        *place = (rf_squares){.low = (rf_u128)a << 64 | rf_rng_u64(&rng), .high = a % 3};
        rf_squares_add(&sum, *place);
        rf_squares again = {0};
        for (int k = 0; k < 64 && k <= i; k++)
            rf_squares_add(&again, window[k]);
        RF_HOLDS(again.low == sum.low && again.high == sum.high);
        most = sum.high > most.high ? sum : most;
    }
    ck_assert_uint_gt(most.high, 64);
}
END_TEST

RF_SUITE("feature_parts", butterflies_equal_brute_force_at_any_thread_count,
         butterflies_of_thin_and_of_busy_users, a_complete_block_has_the_textbook_count,
         cores_and_components_are_those_of_their_definitions, local_time_agrees_with_the_zone,
         weeks_begin_on_monday_also_before_1970, sorting_is_stable, deviations_lose_no_digits_on_large_values,
         sums_of_earlier_versions_at_their_limit_stay_finite, squares_are_taken_away_as_they_were_added)
