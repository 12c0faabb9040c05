/* test_edge_sampler.c - every true pair once, no pair twice, the same pairs for the same epoch. */
#include "made_input.h"
#include "rf_edge_sampler.h"

typedef struct drawn_pairs {
    uint64_t *pair; /* u << 32 | v, in the order drawn */
    uint8_t *y;
    int64_t n;
} drawn_pairs;

/* All users' pairs, `cap` at a time; the marks must be clean after each user. */
static drawn_pairs draw_all(const rf_adj *adj, uint64_t seed, int64_t epoch, int64_t n_random, int64_t cap)
{
    rf_edge_sampler sampler;
    uint32_t *counts = malloc(sizeof *counts * (size_t)adj->n_u), v[64];
    uint64_t *seen = calloc((size_t)adj->n_v / 64 + 1, sizeof *seen);
    uint8_t y[64];
    drawn_pairs out = {.pair = malloc(sizeof(uint64_t) * (size_t)(n_random + adj->n_e + 1)),
                       .y = malloc((size_t)(n_random + adj->n_e + 1))};
    rf_edge_sampler_start(&sampler, adj, seed, epoch, n_random, counts);
    for (int64_t u = 0; u < adj->n_u; u++) {
        rf_edge_draw draw;
        int64_t n;
        rf_edge_draw_start(&draw, &sampler, u, seen);
        while ((n = rf_edge_draw_next(&draw, v, y, cap)) > 0) {
            for (int64_t k = 0; k < n; k++) {
                out.pair[out.n] = (uint64_t)u << 32 | v[k];
                out.y[out.n++] = y[k];
            }
        }
        for (int64_t w = 0; w < (adj->n_v + 63) / 64; w++)
            ck_assert_uint_eq(seen[w], 0);
    }
    free(counts);
    free(seen);
    return out;
}

static void drawn_free(drawn_pairs *d)
{
    free(d->pair);
    free(d->y);
}

static bool is_edge(const rf_adj *adj, uint64_t pair)
{
    for (int64_t e = adj->u_ptr[pair >> 32]; e < adj->u_ptr[(pair >> 32) + 1]; e++) {
        if (adj->e_v[e] == (uint32_t)pair)
            return true;
    }
    return false;
}

static void check_pairs(bool parallel)
{
    const int d[3] = {1, 1, 1};
    made_input in;
    int64_t distinct = 0, positives = 0;
    made_input_new(&in, 50, 130, 600, d, 3, parallel);
    for (int64_t e = 0; e < in.adj.n_e; e++)
        distinct += e == 0 || in.adj.e_u[e] != in.adj.e_u[e - 1] || in.adj.e_v[e] != in.adj.e_v[e - 1];
    drawn_pairs got = draw_all(&in.adj, 1, 0, 3000, 64);
    for (int64_t k = 0; k < got.n; k++) {
        ck_assert_int_eq(got.y[k], is_edge(&in.adj, got.pair[k]));
        positives += got.y[k];
    }
    ck_assert_int_eq(positives, distinct);
    qsort(got.pair, (size_t)got.n, sizeof *got.pair, made_compare);
    for (int64_t k = 1; k < got.n; k++)
        ck_assert(got.pair[k] != got.pair[k - 1]);
    /* 6,500 places, 3,000 throws: about 6500 (1 - exp(-3000 / 6500)) are hit, most of them no edges */
    ck_assert_int_gt(got.n, 2300);
    ck_assert_int_lt(got.n, 3000);
    drawn_free(&got);
    made_input_free(&in);
}

START_TEST(every_true_pair_once_and_no_pair_twice)
{
    check_pairs(false);
}
END_TEST

START_TEST(parallel_edges_are_one_pair)
{
    check_pairs(true);
}
END_TEST

START_TEST(pairs_depend_on_seed_and_epoch_alone)
{
    const int d[3] = {1, 1, 1};
    made_input in;
    made_input_new(&in, 40, 70, 200, d, 3, false);
    drawn_pairs a = draw_all(&in.adj, 1, 5, 900, 64), same = draw_all(&in.adj, 1, 5, 900, 3);
    drawn_pairs other_epoch = draw_all(&in.adj, 1, 6, 900, 64), other_seed = draw_all(&in.adj, 2, 5, 900, 64);
    ck_assert_int_eq(a.n, same.n);
    ck_assert(memcmp(a.pair, same.pair, sizeof *a.pair * (size_t)a.n) == 0);
    ck_assert(a.n != other_epoch.n || memcmp(a.pair, other_epoch.pair, sizeof *a.pair * (size_t)a.n) != 0);
    ck_assert(a.n != other_seed.n || memcmp(a.pair, other_seed.pair, sizeof *a.pair * (size_t)a.n) != 0);
    drawn_free(&a), drawn_free(&same), drawn_free(&other_epoch), drawn_free(&other_seed);
    made_input_free(&in);
}
END_TEST

START_TEST(random_pairs_are_uniform)
{
    const int d[3] = {1, 1, 1};
    made_input in;
    int by_u[20] = {0}, by_v[25] = {0}, total = 0;
    made_input_new(&in, 20, 25, 30, d, 3, false);
    for (int epoch = 0; epoch < 2000; epoch++) {
        drawn_pairs got = draw_all(&in.adj, 1, epoch, 20, 64);
        for (int64_t k = 0; k < got.n; k++) {
            if (got.y[k])
                continue;
            by_u[got.pair[k] >> 32]++;
            by_v[(uint32_t)got.pair[k]]++;
            total++;
        }
        drawn_free(&got);
    }
    for (int u = 0; u < 20; u++) { /* edges are not negatives, so each row has fewer of them */
        double free_share = 1 - (double)(in.adj.u_ptr[u + 1] - in.adj.u_ptr[u]) / 25;
        ck_assert(fabs(by_u[u] - total / 20.0 * free_share / (1 - 30.0 / 500)) < total / 20.0 * 0.1);
    }
    for (int v = 0; v < 25; v++) {
        double free_share = 1 - (double)(in.adj.v_ptr[v + 1] - in.adj.v_ptr[v]) / 20;
        ck_assert(fabs(by_v[v] - total / 25.0 * free_share / (1 - 30.0 / 500)) < total / 25.0 * 0.1);
    }
    made_input_free(&in);
}
END_TEST

START_TEST(no_random_pairs_leave_the_true_ones)
{
    const int d[3] = {1, 1, 1};
    made_input in;
    made_input_new(&in, 20, 25, 60, d, 3, false);
    drawn_pairs got = draw_all(&in.adj, 1, 0, 0, 64);
    ck_assert_int_eq(got.n, in.adj.n_e);
    drawn_free(&got);
    made_input_free(&in);
}
END_TEST

RF_SUITE("edge_sampler", every_true_pair_once_and_no_pair_twice, parallel_edges_are_one_pair,
         pairs_depend_on_seed_and_epoch_alone, random_pairs_are_uniform, no_random_pairs_leave_the_true_ones)
