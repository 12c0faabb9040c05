/* test_number_sums.c - numbers at the ends of their range: codes of every number of places, sums against
 * numbers of any length, and states whose sums of squares are longer than 128 bits.
 */
#include "made_shards.h"

#include "record_int.h"

/* ---- codes ---- */

START_TEST(every_number_of_places_has_codes_that_read_back)
{
    rf_rng rng;
    rf_err err = {0};
    rf_zone *zone = NULL;
    rf_rng_init(&rng, 43, 0);
    RF_CHECK_OK(err, rf_zone_new(&zone, "UTC", &err));
    for (int places = 0; places <= RF_MOST_PLACES; places++) {
        const rf_attr attr = {.name = "a", .type = RF_ATTR_NUMBER, .finer = places - RF_FIXED_PLACES};
        const rf_schema schema = {.attrs = &attr, .n_attrs = 1};
        const rf_codec codec = {.schema = &schema, .n_codes = 2, .slot_us = RF_HOUR_US, .zone = zone};
        for (int i = 0; i < 5000; i++) {
            uint64_t code;
            int64_t step = 1, back;
            for (uint32_t zeros = rf_rng_below(&rng, 19); zeros > 0; zeros--)
                step *= 10;
            int64_t most = RF_FIXED_MAX / step,
                    value = most - (int64_t)(rf_rng_u64(&rng) % (uint64_t)most) * (i > 1);
            value = (i % 2 == 0 ? value : -value) * step;
            RF_HOLDS(rf_code_number(&code, places, value));
            RF_HOLDS(rf_code_value(&back, &codec, 0, code, 0) && back == value);
        }
        uint64_t code;
        ck_assert(!rf_code_number(&code, places, RF_FIXED_MAX + 1));
        ck_assert(!rf_code_number(&code, places, -RF_FIXED_MAX - 1));
        ck_assert(rf_code_number(&code, places, RF_MISSING) && code == 0);
    }
    rf_zone_free(zone);
}
END_TEST

/* ---- sums ---- */

#define LIMBS 8 /* of 32 bits, least first */

/* to + a * b */
static void add_product(uint32_t to[LIMBS], uint64_t a, uint64_t b)
{
    const uint32_t x[2] = {(uint32_t)a, (uint32_t)(a >> 32)}, y[2] = {(uint32_t)b, (uint32_t)(b >> 32)};
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++) {
            uint64_t carry = (uint64_t)x[i] * y[k];
            for (int at = i + k; at < LIMBS; at++) {
                uint64_t sum = to[at] + (carry & UINT32_MAX);
                to[at] = (uint32_t)sum;
                carry = (carry >> 32) + (sum >> 32);
            }
        }
    }
}

static int64_t large_number(rf_rng *rng)
{
    int64_t size = RF_FIXED_MAX - (int64_t)(rf_rng_u64(rng) % 1000);
    if (rf_rng_below(rng, 4) == 0)
        size = (int64_t)(rf_rng_u64(rng) % (uint64_t)RF_FIXED_MAX);
    return rf_rng_below(rng, 3) == 0 ? -size : size;
}

static rf_attr_sums sums_of(int64_t value, int64_t time_us)
{
    return (rf_attr_sums){.n = 1,
                          .sum = value,
                          .sum_sq = (rf_u128)((rf_i128)value * value),
                          .min = value,
                          .max = value,
                          .latest = value,
                          .latest_us = time_us};
}

/* Joined two at a time, in any order and grouping. */
START_TEST(sums_commute_and_agree_with_numbers_of_any_length)
{
    enum { N = 3000 };
    static rf_attr_sums part[N];
    rf_rng rng;
    rf_attr_sums first = {0};
    uint32_t squares[LIMBS] = {0}, above[LIMBS] = {0}, below[LIMBS] = {0};
    int64_t value[N];
    rf_rng_init(&rng, 47, 0);
    for (int i = 0; i < N; i++) {
        value[i] = large_number(&rng);
        uint64_t size = (uint64_t)(value[i] < 0 ? -value[i] : value[i]);
        add_product(squares, size, size);
        add_product(value[i] < 0 ? below : above, size, 1);
    }
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < N; i++)
            part[i] = sums_of(value[i], i / 7);
        for (int n = N; n > 1; n--) {
            int a = (int)rf_rng_below(&rng, (uint32_t)n),
                b = (a + 1 + (int)rf_rng_below(&rng, (uint32_t)n - 1)) % n;
            rf_attr_sums_merge(&part[a], &part[b]);
            part[b] = part[n - 1]; /* the last one takes the place that is free */
        }
        if (round == 0)
            first = part[0];
        ck_assert_int_eq(part[0].n, N);
        ck_assert(part[0].sum == first.sum && part[0].sum_sq == first.sum_sq);
        ck_assert(part[0].sum_sq_high == first.sum_sq_high && part[0].min == first.min);
        ck_assert(part[0].max == first.max && part[0].latest == first.latest);
    }
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq((uint32_t)(first.sum_sq >> (32 * i)), squares[i]);
    ck_assert_uint_eq(first.sum_sq_high, (uint64_t)squares[5] << 32 | squares[4]);
    ck_assert_uint_gt(first.sum_sq_high, 0);
    rf_i128 up = 0, down = 0;
    for (int i = 3; i >= 0; i--) {
        up = up * ((rf_i128)1 << 32) + above[i];
        down = down * ((rf_i128)1 << 32) + below[i];
    }
    ck_assert(first.sum == up - down);
}
END_TEST

/* ---- states ---- */

/* One busy hour of two pairs, at the ends of what numbers may be. */
static void make_events(void)
{
    rf_rng rng;
    setenv("SOURCE_DATE_EPOCH", "1", 1);
    rf_rng_init(&rng, 53, 0);
    split_make(1, 3, ANYHOW);
    for (int i = 0; i < SPLIT_EVENTS; i++) {
        made_event *e = &made_split.items[i];
        snprintf(e->user, sizeof e->user, "u%d", i % 10 == 0);
        snprintf(e->entity, sizeof e->entity, "v");
        e->time_us = MADE_START + 11 * RF_DAY_US + (int64_t)rf_rng_below(&rng, 3600) * RF_SECOND_US;
        e->amount = large_number(&rng);
        e->items = large_number(&rng);
    }
}

static void publish_whole(const rf_bigraph_options *options, const char *path)
{
    rf_bigraph *graph = split_graph(options);
    split_add(graph, -1, 0, SPLIT_EVENTS);
    split_publish(graph, path, NULL);
}

/* An earlier program reads version 1 and would go on without squares_high. */
static void check_squares(const char *path, bool are_long)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    int64_t version = 0;
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    ck_assert(rf_h5_exists(file, "/state/full/sums"));
    ck_assert_int_eq(rf_h5_exists(file, "/state/full/squares_high"), are_long);
    RF_CHECK_OK(err, rf_h5_read_attr_int(file, "/state", "version", &version, 1, &err));
    ck_assert_int_eq(version, are_long ? 2 : 1);
    rf_h5_close(&file);
}

/* Half of the events, saved, and the rest in a graph that goes on with the file. */
static void publish_in_two(const rf_bigraph_options *options, const char *path, bool completed)
{
    rf_err err = {0};
    rf_positions positions = {0};
    int resumed = 0;
    rf_bigraph *graph = split_graph(options);
    split_add(graph, -1, SPLIT_EVENTS / 2, SPLIT_EVENTS);
    if (completed) {
        split_publish(graph, path, NULL);
    } else {
        RF_CHECK_OK(err, rf_bigraph_checkpoint(graph, path, &positions, &err));
        rf_bigraph_free(graph);
    }
    graph = split_graph(options);
    RF_CHECK_OK(err, rf_bigraph_resume(graph, path, &positions, &resumed, &err));
    ck_assert_int_eq(resumed, completed ? 1 : 2);
    split_add(graph, -1, 0, SPLIT_EVENTS / 2);
    split_publish(graph, path, NULL);
    rf_positions_clear(&positions);
}

START_TEST(long_sums_are_saved_continued_and_joined)
{
    char a[RF_TEST_PATH], b[RF_TEST_PATH], paths[SPLIT_MOST][RF_TEST_PATH];
    static const int order[SPLIT_MOST] = {2, 0, 1};
    rf_positions positions = {0};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make_events();
    publish_whole(&options, rf_tmp_path(a, "a.h5"));
    check_squares(a, true);

    publish_in_two(&options, rf_tmp_path(b, "b.h5"), true);
    ck_assert(rf_files_equal(a, b));
    unlink(b);
    publish_in_two(&options, b, false);
    ck_assert(rf_files_equal(a, b));

    split_write_shards(&options, SPLIT_EVENTS);
    for (int p = 0; p < made_split.shards; p++)
        split_shard_path(paths[p], p);
    rf_bigraph *graph = split_join(&options, paths, order, made_split.shards, &positions);
    split_publish(graph, b, NULL);
    ck_assert(rf_files_equal(a, b));
    rf_positions_clear(&positions);
}
END_TEST

static rf_status resume_as(int64_t version, const char *path)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    rf_positions positions = {0};
    int resumed = 0;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_write_attr_int(file, "/state", "version", &version, 1, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    rf_bigraph *graph = split_graph(&options);
    const rf_status st = rf_bigraph_resume(graph, path, &positions, &resumed, &err);
    rf_bigraph_free(graph);
    rf_positions_clear(&positions);
    return st;
}

START_TEST(states_of_a_later_version_are_refused)
{
    char a[RF_TEST_PATH];
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make_events();
    publish_whole(&options, rf_tmp_path(a, "a.h5"));
    ck_assert_int_eq(resume_as(1, a), RF_OK); /* some were written so, with long squares */
    ck_assert_int_eq(resume_as(2, a), RF_OK);
    ck_assert_int_eq(resume_as(3, a), RF_E_FORMAT);
    ck_assert_int_eq(resume_as(0, a), RF_E_FORMAT);
}
END_TEST

/* Most files need none, and have the bytes of files of before. */
START_TEST(short_sums_are_saved_as_ever)
{
    char a[RF_TEST_PATH];
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    split_make(1, 3, ANYHOW);
    publish_whole(&options, rf_tmp_path(a, "a.h5"));
    check_squares(a, false);
}
END_TEST

RF_SUITE("number_sums", every_number_of_places_has_codes_that_read_back,
         sums_commute_and_agree_with_numbers_of_any_length, long_sums_are_saved_continued_and_joined,
         states_of_a_later_version_are_refused, short_sums_are_saved_as_ever)
