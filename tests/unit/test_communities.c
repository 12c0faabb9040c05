/* test_communities.c - Leiden communities: planted ones are found, the seed decides, numbers are ours. */
#include "rf_check.h"
#include "rf_communities.h"
#include "rf_layout.h"
#include "rf_rng.h"

#define GROUPS 6
#define EACH 12
#define NODES (GROUPS * EACH)
#define MOST 4000

typedef struct links {
    uint32_t from[MOST], to[MOST];
    double weight[MOST];
    int64_t n;
} links;

static void link_up(links *l, uint32_t from, uint32_t to, double weight)
{
    ck_assert_int_lt(l->n, MOST);
    l->from[l->n] = from;
    l->to[l->n] = to;
    l->weight[l->n++] = weight;
}

/* Node i is of group i % GROUPS; most links inside, few light ones between. */
static void planted(links *l, uint64_t seed)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    l->n = 0;
    for (uint32_t a = 0; a < NODES; a++) {
        for (uint32_t b = a + 1; b < NODES; b++) {
            double luck = rf_rng_uniform(&rng);
            if (a % GROUPS == b % GROUPS ? luck < 0.8 : luck < 0.02)
                link_up(l, a, b, a % GROUPS == b % GROUPS ? 2 : 0.5);
        }
    }
}

START_TEST(planted_communities_are_found_and_numbered_by_their_lowest_nodes)
{
    static links l;
    for (uint64_t seed = 0; seed < 20; seed++) {
        rf_err err = {0};
        int32_t member[NODES];
        int64_t n = 0;
        double modularity = 0;
        planted(&l, seed);
        RF_CHECK_OK(
            err, rf_communities(member, &n, &modularity, NODES, l.from, l.to, l.weight, l.n, 1, seed, &err));
        ck_assert_int_eq(n, GROUPS);
        for (int i = 0; i < NODES; i++)
            RF_HOLDS(member[i] == i % GROUPS);
        ck_assert(modularity > 0.6 && modularity < 1.0 - 1.0 / GROUPS + 0.01);
    }
}
END_TEST

START_TEST(the_same_seed_gives_the_same_communities_whatever_ran_before)
{
    static links l;
    rf_rng rng;
    rf_err err = {0};
    int32_t first[NODES], second[NODES];
    int64_t n = 0, again = 0;
    double xy[2 * NODES];
    l.n = 0;
    rf_rng_init(&rng, 3, 0); /* no communities in it: chance decides */
    for (int i = 0; i < 150; i++)
        link_up(&l, rf_rng_below(&rng, NODES / 2), NODES / 2 + rf_rng_below(&rng, NODES / 2), 1);
    RF_CHECK_OK(err, rf_communities(first, &n, NULL, NODES, l.from, l.to, l.weight, l.n, 1, 7, &err));
    RF_CHECK_OK(err, rf_layout_places(xy, NODES, l.from, l.to, l.n, 99, &err));
    RF_CHECK_OK(err, rf_communities(second, &again, NULL, NODES, l.from, l.to, l.weight, l.n, 1, 7, &err));
    ck_assert_int_eq(n, again);
    ck_assert(memcmp(first, second, sizeof first) == 0);
}
END_TEST

/* Two stars and a bridge: one community each at 1, one for all at a resolution near 0. */
START_TEST(resolution_decides_how_fine_the_split_is)
{
    static links l;
    rf_err err = {0};
    int32_t member[12];
    int64_t n = 0;
    double modularity;
    l.n = 0;
    for (uint32_t i = 1; i < 6; i++) {
        link_up(&l, 0, i, 1);
        link_up(&l, 6, 6 + i, 1);
    }
    link_up(&l, 1, 7, 0.1);
    RF_CHECK_OK(err, rf_communities(member, &n, &modularity, 12, l.from, l.to, l.weight, l.n, 1, 0, &err));
    ck_assert_int_eq(n, 2);
    ck_assert(member[0] == 0 && member[5] == 0 && member[6] == 1 && member[11] == 1);
    /* 10 of 10.1 inside, halves: 10 / 10.1 - 2 (10.1 / 20.2)^2 */
    ck_assert(fabs(modularity - (10 / 10.1 - 0.5)) < 1e-9);
    RF_CHECK_OK(err, rf_communities(member, &n, NULL, 12, l.from, l.to, l.weight, l.n, 0.001, 0, &err));
    ck_assert_int_eq(n, 1);
}
END_TEST

START_TEST(nodes_without_links_stay_alone)
{
    rf_err err = {0};
    uint32_t from[] = {1}, to[] = {3};
    double weight[] = {1};
    int32_t member[5];
    int64_t n = 0;
    RF_CHECK_OK(err, rf_communities(member, &n, NULL, 5, from, to, weight, 1, 1, 0, &err));
    ck_assert_int_eq(n, 4);
    ck_assert(member[0] == 0 && member[1] == 1 && member[2] == 2 && member[3] == 1 && member[4] == 3);
}
END_TEST

START_TEST(communities_survive_every_failing_allocation)
{
    static links l;
    int32_t member[NODES];
    int64_t n;
    planted(&l, 1);
    RF_SWEEP(rf_communities(member, &n, NULL, NODES, l.from, l.to, l.weight, l.n, 1, 1, sweep_err), (void)0);
}
END_TEST

RF_SUITE("communities", planted_communities_are_found_and_numbered_by_their_lowest_nodes,
         the_same_seed_gives_the_same_communities_whatever_ran_before,
         resolution_decides_how_fine_the_split_is, nodes_without_links_stay_alone,
         communities_survive_every_failing_allocation)
