/* test_adj.c - both directions of the adjacency agree; wrong edges are refused by number. */
#include "rf_adj.h"
#include "rf_check.h"
#include "rf_rng.h"

#define MOST 4000

typedef struct random_edges {
    int64_t n_u, n_v, n;
    uint32_t u[MOST], v[MOST];
} random_edges;

/* Sorted pairs, some of them several times, some nodes without any. */
static void draw(random_edges *g, uint64_t seed)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    g->n_u = 1 + rf_rng_below(&rng, 80);
    g->n_v = 1 + rf_rng_below(&rng, 60);
    g->n = 0;
    for (int64_t u = 0; u < g->n_u; u++) {
        for (int64_t v = 0; v < g->n_v; v++) {
            for (uint32_t k = rf_rng_below(&rng, 8); k > 6 && g->n < MOST; k--) {
                g->u[g->n] = (uint32_t)u;
                g->v[g->n++] = (uint32_t)v;
            }
        }
    }
}

START_TEST(both_directions_list_the_same_edges)
{
    static random_edges g;
    rf_err err = {0};
    for (uint64_t seed = 0; seed < 30; seed++) {
        rf_adj adj;
        int64_t seen = 0;
        draw(&g, seed);
        RF_CHECK_OK(err, rf_adj_init(&adj, g.n_u, g.n_v, g.n, g.u, g.v, &err));
        for (int64_t u = 0; u < g.n_u; u++) {
            for (int64_t e = adj.u_ptr[u]; e < adj.u_ptr[u + 1]; e++, seen++)
                ck_assert_uint_eq(adj.e_u[e], u);
        }
        ck_assert_int_eq(seen, g.n);
        for (int64_t v = 0; v < g.n_v; v++) {
            for (int64_t i = adj.v_ptr[v]; i < adj.v_ptr[v + 1]; i++, seen++) {
                ck_assert_uint_eq(adj.e_v[adj.v_edge[i]], v);
                ck_assert(i == adj.v_ptr[v] || adj.v_edge[i - 1] < adj.v_edge[i]);
            }
        }
        ck_assert_int_eq(seen, 2 * g.n);
        rf_adj_clear(&adj);
    }
}
END_TEST

START_TEST(distinct_pairs_are_the_edges_without_repeats)
{
    static random_edges g;
    uint32_t pair_of[MOST];
    rf_err err = {0};
    for (uint64_t seed = 0; seed < 30; seed++) {
        rf_adj adj, pairs;
        int64_t repeats = 0;
        draw(&g, seed);
        RF_CHECK_OK(err, rf_adj_init(&adj, g.n_u, g.n_v, g.n, g.u, g.v, &err));
        RF_CHECK_OK(err, rf_adj_distinct(&pairs, pair_of, &adj, &err));
        for (int64_t e = 0; e < g.n; e++) {
            ck_assert_uint_eq(pairs.e_u[pair_of[e]], g.u[e]);
            ck_assert_uint_eq(pairs.e_v[pair_of[e]], g.v[e]);
            repeats += e > 0 && pair_of[e] == pair_of[e - 1];
        }
        ck_assert_int_eq(pairs.n_e, g.n - repeats);
        for (int64_t p = 1; p < pairs.n_e; p++)
            ck_assert(pairs.e_u[p] != pairs.e_u[p - 1] || pairs.e_v[p] != pairs.e_v[p - 1]);
        rf_adj_clear(&adj);
        rf_adj_clear(&pairs);
    }
}
END_TEST

START_TEST(a_graph_without_edges_is_allowed)
{
    rf_err err = {0};
    rf_adj adj;
    RF_CHECK_OK(err, rf_adj_init(&adj, 3, 2, 0, NULL, NULL, &err));
    ck_assert_int_eq(adj.u_ptr[3], 0);
    ck_assert_int_eq(adj.v_ptr[2], 0);
    rf_adj_clear(&adj);
    rf_adj_clear(NULL);
}
END_TEST

START_TEST(wrong_edges_are_refused)
{
    rf_err err = {0};
    rf_adj adj;
    const uint32_t u[3] = {0, 1, 1}, unsorted[3] = {1, 0, 1}, v[3] = {1, 1, 0}, far[3] = {0, 1, 2};
    RF_CHECK_FAILS(err, RF_E_FORMAT, "edge 2", rf_adj_init(&adj, 2, 2, 3, u, v, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "edge 1", rf_adj_init(&adj, 2, 2, 3, unsorted, u, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "edge 2 joins user 1 and entity 2",
                   rf_adj_init(&adj, 2, 2, 3, u, far, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "2^32", rf_adj_init(&adj, INT64_MAX, 2, 3, u, v, &err));
}
END_TEST

START_TEST(every_failed_allocation_is_survived)
{
    static random_edges g;
    rf_adj adj;
    draw(&g, 1);
    RF_SWEEP(rf_adj_init(&adj, g.n_u, g.n_v, g.n, g.u, g.v, sweep_err), rf_adj_clear(&adj));
}
END_TEST

RF_SUITE("adj", both_directions_list_the_same_edges, distinct_pairs_are_the_edges_without_repeats,
         a_graph_without_edges_is_allowed, wrong_edges_are_refused, every_failed_allocation_is_survived)
