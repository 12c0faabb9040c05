/* test_near.c - hashes that are near: against all pairs compared, and graphs in which they are one entity
 * against graphs whose events had one name for them.
 */
#include "rf_stop.h"
#include "near_probe_int.h"
#include "feature_whole.h"
#include "features_int.h"
#include "made_shards.h"
#include "rf_check.h"
#include "rf_sets.h"
#include "window_int.h"

/* ---- sets of hashes ---- */

#define MOST 500

static int distance(uint64_t a, uint64_t b)
{
    int n = 0;
    for (uint64_t differs = a ^ b; differs != 0; differs &= differs - 1)
        n++;
    return n;
}

/* The smallest number of each set, by letting it spread over all near pairs until nothing changes. */
static void join_naively(uint32_t *into, const uint64_t *hashes, size_t n, int bits)
{
    bool changed = true;
    for (size_t i = 0; i < n; i++)
        into[i] = (uint32_t)i;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < n; k++) {
                if (into[k] < into[i] && distance(hashes[i], hashes[k]) <= bits) {
                    into[i] = into[k];
                    changed = true;
                }
            }
        }
    }
}

typedef enum shape { RANDOM, PILES, CHAINS, DENSE, ONE_BAND, FEW_BITS, NOISY, N_SHAPES } shape;

static uint64_t hash_of(shape kind, const uint64_t *before, size_t i, rf_rng *rng)
{
    uint64_t any = rf_rng_u64(rng), last = i == 0 ? any : before[i - 1];
    switch (kind) {
    case PILES: /* some bits away from one of twenty */
        return i < 20 ? any
                      : before[rf_rng_below(rng, 20)] ^
                            (any & rf_rng_u64(rng) & rf_rng_u64(rng) & rf_rng_u64(rng));
    case CHAINS: /* a step away from the last one, sometimes far */
        return rf_rng_below(rng, 40) == 0
                   ? any
                   : last ^ (UINT64_C(1) << (any & 63)) ^ (UINT64_C(1) << (any >> 8 & 63));
    case DENSE:
        return any & UINT64_C(0x3010080410002305);
    case ONE_BAND:
        return (any & UINT64_C(0xFFFFFFFF0000)) | UINT64_C(0xABCD000000001234);
    case FEW_BITS: /* most of them zero */
        return any & rf_rng_u64(rng) & rf_rng_u64(rng);
    case NOISY: /* every other one is two bits away from the first */
        return i == 0 || i % 2 == 0
                   ? any
                   : before[0] ^ (UINT64_C(1) << (any & 63)) ^ (UINT64_C(1) << (any >> 8 & 63));
    default:
        return any;
    }
}

static void check_shape(shape kind, size_t n, int bits, uint64_t seed)
{
    static uint64_t hashes[MOST];
    static rf_near_hash list[MOST];
    uint32_t want[MOST], got[MOST];
    bool whole;
    rf_rng rng;
    rf_rng_init(&rng, seed, (uint64_t)kind);
    for (size_t i = 0; i < n; i++)
        hashes[i] = hash_of(kind, hashes, i, &rng);
    for (size_t i = 0; i < n; i++) { /* in any order */
        size_t at = rf_rng_below(&rng, (uint32_t)i + 1);
        list[i] = list[at];
        list[at] = (rf_near_hash){.hash = hashes[i], .number = (uint32_t)i};
    }
    join_naively(want, hashes, n, bits);
    rf_near_join(got, n, &whole, list, n, bits);
    ck_assert(whole);
    ck_assert_msg(memcmp(want, got, n * sizeof *want) == 0, "shape %d, %zu hashes, %d bits", kind, n, bits);

    size_t first = 0; /* the first ones alone are joined no further */
    for (size_t i = 0; i < n; i++) {
        if (want[i] == i)
            list[first++] = (rf_near_hash){.hash = hashes[i], .number = (uint32_t)i};
    }
    rf_near_join(got, n, &whole, list, first, bits);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(got[i], i);
}

START_TEST(joins_what_all_pairs_compared_join)
{
    static const int bits[] = {1, 2, 3, 5, 8, 12, 16};
    static const size_t sizes[] = {0, 1, 2, 150, MOST};
    for (int kind = 0; kind < N_SHAPES; kind++) {
        for (size_t b = 0; b < sizeof bits / sizeof *bits; b++) {
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
                if (sizes[s] < MOST || !rf_short() || b % 2 == 0)
                    check_shape((shape)kind, sizes[s], bits[b], b * 8 + s);
            }
        }
    }
}
END_TEST

/* Every bit but 17 is the same in all, and they are all there: pairs alone would be ten thousand million. */
START_TEST(a_dense_pile_is_one_without_all_its_pairs)
{
    const size_t n = (size_t)1 << 17;
    rf_near_hash *list = malloc(n * sizeof *list);
    uint32_t *into = malloc(n * sizeof *into);
    bool whole;
    ck_assert(list != NULL && into != NULL);
    for (size_t i = 0; i < n; i++)
        list[i] =
            (rf_near_hash){.hash = UINT64_C(0xFEDC000000000000) | (uint64_t)i << 9, .number = (uint32_t)i};
    rf_near_join(into, n, &whole, list, n, 3);
    ck_assert(whole);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(into[i], 0);
    free(list);
    free(into);
}
END_TEST

/* They share every pile with some of 45,000 others. */
START_TEST(a_dense_pile_among_others_is_one)
{
    const size_t n = 50000, near = 5000;
    rf_near_hash *list = malloc(n * sizeof *list);
    uint32_t *into = malloc(n * sizeof *into);
    bool whole;
    rf_rng rng;
    ck_assert(list != NULL && into != NULL);
    rf_rng_init(&rng, 3, 0);
    for (size_t i = 0; i < n; i++) {
        uint64_t any = rf_rng_u64(&rng), step = UINT64_C(1) << (any & 63) ^ UINT64_C(1) << (any >> 8 & 63);
        list[i] = (rf_near_hash){.hash = i < near ? step : any, .number = (uint32_t)i};
    }
    rf_near_join(into, n, &whole, list, n, 4);
    ck_assert(whole);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(into[i], i < near ? 0 : i);
    free(list);
    free(into);
}
END_TEST

/* Many are found by probes; bands, which are slower then, judge them. */
START_TEST(probes_join_what_bands_join)
{
    static const int bits[] = {6, 9};
    const size_t n = 16384;
    uint64_t *hashes = malloc(n * sizeof *hashes);
    rf_near_hash *list = malloc(n * sizeof *list);
    uint32_t *into[2] = {malloc(n * sizeof *into[0]), malloc(n * sizeof *into[1])};
    int probed = 0;
    ck_assert(hashes != NULL && list != NULL && into[0] != NULL && into[1] != NULL);
    for (int t = 0; t < N_SHAPES * 2; t++) {
        shape kind = (shape)(t / 2);
        bool few = kind == FEW_BITS || kind == DENSE || kind == ONE_BAND; /* long ways by bands */
        rf_rng rng;
        if (few || (rf_short() && t % 2 != 1))
            continue;
        rf_rng_init(&rng, 5, (uint64_t)t);
        for (size_t i = 0; i < n; i++)
            hashes[i] = hash_of(kind, hashes, i, &rng);
        for (int probe = 0; probe < 2; probe++) {
            rf_near_joiner j = {.into = into[probe], .bits = bits[t % 2]};
            for (size_t i = 0; i < n; i++) {
                list[i] = (rf_near_hash){.hash = hashes[i], .number = (uint32_t)i};
                into[probe][i] = (uint32_t)i;
            }
            const bool done = probe == 1 && rf_near_probe(&j, list, n);
            if (!done)
                rf_near_pile(&j, list, n);
            probed += done;
            ck_assert(!j.spent);
        }
        for (uint32_t i = 0; i < 2 * n; i++)
            into[i % 2][i / 2] = rf_sets_root(into[i % 2], i / 2);
        ck_assert_msg(memcmp(into[0], into[1], n * sizeof *into[0]) == 0, "shape %d", kind);
    }
    ck_assert_int_ge(probed, rf_short() ? 2 : 4);
    free(hashes);
    free(list);
    free(into[0]);
    free(into[1]);
}
END_TEST

START_TEST(a_hash_is_16_hex_digits)
{
    static const char *const none[] = {"",
                                       "0",
                                       "0123456789abcde",
                                       "0123456789abcdef0",
                                       "0123456789abcdeg",
                                       "0x23456789abcdef",
                                       " 123456789abcdef",
                                       "shop"};
    uint64_t hash;
    ck_assert(rf_near_parse(&hash, "0123456789abcdef") && hash == UINT64_C(0x0123456789abcdef));
    ck_assert(rf_near_parse(&hash, "FFFFffff00000000") && hash == UINT64_C(0xffffffff00000000));
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_msg(!rf_near_parse(&hash, none[i]), "\"%s\"", none[i]);
}
END_TEST

/* ---- graphs ---- */

#define BITS 3

/* Of shops 0 to 8; within three bits are 0 and 1, 1 and 2 (a chain), 3 and 4, 4 and 5 by their case alone. */
static const char *const names[9] = {"00000000000000ff", "00000000000000f8", "00000000000000c0",
                                     "B00000000000000d", "b00000000000000c", "B00000000000000C",
                                     "7777777777777777", "8888888888888888", "no hash"};
static const int of[9] = {2, 2, 2, 5, 5, 5, 6, 7, 8}; /* the one of the smallest hash */

/* Users but the busy one are few, so that many meet several shops in one hour. */
static void name_entities(bool joined)
{
    for (int i = 0; i < SPLIT_EVENTS; i++) {
        made_event *e = &made_split.items[i];
        int shop = atoi(e->id + strlen("event-")) % 9;
        if (strcmp(e->user, "u7") != 0)
            snprintf(e->user, sizeof e->user, "u%d", i % 4);
        snprintf(e->entity, sizeof e->entity, "%s", names[joined ? of[shop] : shop]);
    }
}

static void check_same_ids(const rf_view_side *a, const rf_view_side *b)
{
    ck_assert_int_eq(a->n, b->n);
    for (int64_t i = 0; a->id != NULL && i < a->n; i++)
        ck_assert_str_eq(a->id[i], b->id[i]);
    ck_assert_int_eq(a->y == NULL, b->y == NULL);
    ck_assert_int_eq(a->fraud == NULL, b->fraud == NULL);
    ck_assert(a->y == NULL || memcmp(a->y, b->y, (size_t)a->n) == 0);
    ck_assert(a->fraud == NULL || memcmp(a->fraud, b->fraud, (size_t)a->n * sizeof *a->fraud) == 0);
}

static void check_same_features(const rf_window_view *a, const rf_window_view *b)
{
    rf_err err = {0};
    rf_feature_matrix x[RF_SIDES] = {{0}}, y[RF_SIDES] = {{0}};
    RF_CHECK_OK(err, feature_whole(x, a, NULL, &err));
    RF_CHECK_OK(err, feature_whole(y, b, NULL, &err));
    for (rf_side s = 0; s < RF_SIDES; s++) {
        ck_assert_int_eq(x[s].d, y[s].d);
        for (int i = 0; i < x[s].d; i++)
            ck_assert_str_eq(x[s].name[i], y[s].name[i]);
        ck_assert(memcmp(x[s].x, y[s].x, (size_t)(x[s].n * x[s].d) * sizeof *x[s].x) == 0);
        rf_feature_matrix_clear(&x[s]);
        rf_feature_matrix_clear(&y[s]);
    }
}

static void check_same_view(const rf_window_view *a, const rf_window_view *b)
{
    size_t n_e = (size_t)a->adj.n_e;
    ck_assert_int_eq(a->adj.n_e, b->adj.n_e);
    ck_assert_int_eq(a->n_cells, b->n_cells);
    ck_assert_int_eq(a->n_past, b->n_past);
    ck_assert(memcmp(a->adj.e_u, b->adj.e_u, n_e * sizeof *a->adj.e_u) == 0);
    ck_assert(memcmp(a->adj.e_v, b->adj.e_v, n_e * sizeof *a->adj.e_v) == 0);
    ck_assert(memcmp(a->e_cell, b->e_cell, (n_e + 1) * sizeof *a->e_cell) == 0);
    for (int64_t c = 0; c < a->n_cells + a->n_past; c++) {
        ck_assert_uint_eq(a->cell[c].slot, b->cell[c].slot);
        ck_assert_uint_eq(a->cell[c].count, b->cell[c].count);
        ck_assert_uint_eq(a->cell[c].first, b->cell[c].first);
        ck_assert_uint_eq(a->cell[c].last, b->cell[c].last);
    }
    for (rf_side s = 0; s < RF_SIDES; s++)
        check_same_ids(&a->side[s], &b->side[s]);
    check_same_features(a, b);
}

static void for_all_kinds(void (*check)(const rf_bigraph_options *options))
{
    for (int k = 0; k < 4; k++) {
        rf_bigraph_options o = made_options(k & 1 ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR);
        if (rf_short() && (k == 1 || k == 2))
            continue;
        o.as_of_us = k & 2 ? RF_AS_OF_LATEST : o.as_of_us;
        o.history_us = 3 * RF_DAY_US;
        split_make((uint64_t)k, 3, ANYHOW);
        check(&o);
    }
}

static void check_one_name(const rf_bigraph_options *options)
{
    rf_err err = {0};
    rf_bigraph_options near = *options;
    rf_bigraph *one = split_graph(options), *other;
    rf_window_view *want = NULL, *got = NULL;
    near.near_bits = BITS;
    other = split_graph(&near);
    name_entities(true);
    split_add(one, -1, 0, SPLIT_EVENTS);
    name_entities(false);
    split_add(other, -1, 0, SPLIT_EVENTS);
    RF_CHECK_OK(err, rf_bigraph_freeze(&want, one, &err));
    RF_CHECK_OK(err, rf_bigraph_freeze(&got, other, &err));
    ck_assert_int_eq(got->side[RF_ENTITY].n, 5);
    check_same_view(want, got);
    rf_window_view_free(want);
    rf_window_view_free(got);
    rf_bigraph_free(one);
    rf_bigraph_free(other);
}

START_TEST(a_graph_is_that_of_events_with_one_name)
{
    for_all_kinds(check_one_name);
}
END_TEST

static void check_ways(const rf_bigraph_options *options)
{
    rf_err err = {0};
    char a[RF_TEST_PATH], b[RF_TEST_PATH], paths[SPLIT_MOST][RF_TEST_PATH];
    int order[SPLIT_MOST] = {2, 0, 1}, resumed;
    rf_positions positions = {0}, none = {0};
    rf_bigraph_options near = *options;
    near.near_bits = BITS;
    name_entities(false);
    split_write_shards(&near, SPLIT_EVENTS);
    for (int p = 0; p < 3; p++)
        split_shard_path(paths[p], p);
    rf_bigraph *graph = split_join(&near, paths, order, 3, &positions);
    split_publish(graph, rf_tmp_path(a, "a.h5"), &none);
    graph = split_graph(&near);
    for (int i = SPLIT_EVENTS; i-- > 0;)
        split_add(graph, -1, i, i + 1);
    split_publish(graph, rf_tmp_path(b, "b.h5"), &none);
    ck_assert(rf_files_equal(a, b));
    unlink(b);
    for (int part = 0; part < 3; part++) { /* a state goes on with ids as they came */
        graph = split_graph(&near);
        RF_CHECK_OK(err, rf_bigraph_resume(graph, b, &none, &resumed, &err));
        split_add(graph, -1, part * SPLIT_EVENTS / 3, (part + 1) * SPLIT_EVENTS / 3);
        split_publish(graph, b, &none);
        rf_positions_clear(&none);
    }
    ck_assert(rf_files_equal(a, b));
    unlink(b);
    rf_positions_clear(&positions);
}

START_TEST(any_order_shards_and_restarts_give_the_same_file)
{
    for_all_kinds(check_ways);
}
END_TEST

START_TEST(a_wish_to_stop_is_heard)
{
    rf_err err = {0};
    rf_window_view *view = NULL;
    rf_bigraph_options o = made_options(RF_GRANULARITY_PAIR);
    o.near_bits = BITS;
    name_entities(false);
    rf_bigraph *graph = split_graph(&o);
    for (int i = 0; i < SPLIT_EVENTS; i++)
        split_add(graph, -1, i, i + 1);
    rf_stop_ask(true);
    const rf_status st = rf_bigraph_freeze(&view, graph, &err);
    rf_stop_ask(false);
    ck_assert_int_eq(st, RF_E_INTERRUPTED);
    ck_assert_ptr_null(view);
    rf_bigraph_free(graph);
}
END_TEST

/* 00 and 3f are within three bits of 07 alone, which comes three days later. */
START_TEST(an_event_behind_the_window_joins_nothing)
{
    static const char *const hashes[] = {"0000000000000000", "000000000000003f", "0000000000000007"};
    rf_err err = {0};
    for (int days = 1; days <= 5; days += 4) {
        rf_bigraph_options o = made_options(RF_GRANULARITY_PAIR);
        rf_window_view *view = NULL;
        o.near_bits = BITS;
        o.as_of_us = MADE_START + days * RF_DAY_US;
        rf_bigraph *graph = split_graph(&o);
        for (int i = 0; i < 3; i++) {
            made_event e = {.user = "u", .time_us = MADE_START + (i < 2 ? 0 : 3) * RF_DAY_US};
            snprintf(e.entity, sizeof e.entity, "%s", hashes[i]);
            rf_event event = made_rf_event(&e, false);
            RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
        }
        RF_CHECK_OK(err, rf_bigraph_freeze(&view, graph, &err));
        ck_assert_int_eq(view->side[RF_ENTITY].n, days == 1 ? 2 : 1);
        ck_assert_str_eq(view->side[RF_ENTITY].id[0], hashes[0]);
        rf_window_view_free(view);
        rf_bigraph_free(graph);
    }
}
END_TEST

/* Devices that are hashes, with their own bits; shops are no hashes, and are left alone. */
START_TEST(kinds_are_joined_by_their_own_bits)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_graph *loaded = NULL;
    rf_published published;
    for (int bits = 0; bits <= BITS; bits += BITS) {
        const rf_kind kinds[2] = {{.name = "shop", .required = true}, {.name = "text", .near_bits = bits}};
        rf_schema schema = made_schema;
        rf_bigraph *graph = NULL;
        rf_bigraph_options o = made_options(RF_GRANULARITY_PAIR);
        schema.kinds = kinds;
        schema.n_kinds = 2;
        o.schema = &schema;
        o.window_us = 0;
        RF_CHECK_OK(err, rf_bigraph_new(&graph, &o, &err));
        for (int i = 0; i < 60; i++) {
            char user[16], text[24];
            snprintf(user, sizeof user, "u%d", i);
            snprintf(text, sizeof text, "%016llx", i % 2 == 0 ? 1ULL << i % 5 : ~0ULL << i % 3);
            rf_event event = {.user = made_span(user),
                              .entity = made_span("shop"),
                              .others = {made_span(text)},
                              .time_us = MADE_START + RF_DAY_US,
                              .label = -1};
            RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
        }
        RF_CHECK_OK(err,
                    rf_bigraph_publish(graph, rf_tmp_path(path, "texts.h5"), NULL, NULL, &published, &err));
        RF_CHECK_OK(err, rf_graph_load(&loaded, path, RF_GRAPH_ALL, &err));
        ck_assert_int_eq(loaded->side[RF_ENTITY].n, 1);
        ck_assert_int_eq(loaded->side[rf_entity_side(1)].n, bits == 0 ? 8 : 2);
        ck_assert_int_eq(loaded->other_adj[0].n_e, 60);
        rf_graph_free(loaded);
        rf_bigraph_free(graph);
    }
}
END_TEST

RF_SUITE("near", joins_what_all_pairs_compared_join, a_dense_pile_is_one_without_all_its_pairs,
         a_dense_pile_among_others_is_one, probes_join_what_bands_join, a_hash_is_16_hex_digits,
         a_graph_is_that_of_events_with_one_name, any_order_shards_and_restarts_give_the_same_file,
         a_wish_to_stop_is_heard, an_event_behind_the_window_joins_nothing,
         kinds_are_joined_by_their_own_bits)
