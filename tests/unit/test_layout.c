/* test_layout.c - places of nodes: repeatable, finite, and what belongs together lies together. */
#include "rf_check.h"
#include "rf_layout.h"

enum { CLIQUE = 12, NODES = 2 * CLIQUE + 4, LINKS = CLIQUE * (CLIQUE - 1) };

/* Two cliques without a link between them, and four nodes alone. */
static void two_cliques(uint32_t from[LINKS], uint32_t to[LINKS])
{
    int n = 0;
    for (uint32_t c = 0; c < 2; c++) {
        for (uint32_t a = 0; a < CLIQUE; a++) {
            for (uint32_t b = 0; b < a; b++) {
                from[n] = c * CLIQUE + a;
                to[n++] = c * CLIQUE + b;
            }
        }
    }
    ck_assert_int_eq(n, LINKS);
}

static double distance(const double *xy, int a, int b)
{
    return hypot(xy[2 * a] - xy[2 * b], xy[2 * a + 1] - xy[2 * b + 1]);
}

START_TEST(the_same_seed_gives_the_same_places_and_another_others)
{
    uint32_t from[LINKS], to[LINKS];
    double first[2 * NODES], again[2 * NODES], other[2 * NODES];
    rf_err err = {0};
    two_cliques(from, to);
    RF_CHECK_OK(err, rf_layout_places(first, NODES, from, to, LINKS, 7, &err));
    RF_CHECK_OK(err, rf_layout_places(other, NODES, from, to, LINKS, 8, &err));
    RF_CHECK_OK(err, rf_layout_places(again, NODES, from, to, LINKS, 7, &err));
    ck_assert_mem_eq(first, again, sizeof first);
    ck_assert(memcmp(first, other, sizeof first) != 0);
}
END_TEST

START_TEST(linked_nodes_lie_closer_than_others_and_nothing_flies_away)
{
    uint32_t from[LINKS], to[LINKS];
    double xy[2 * NODES], inside = 0, across = 0, farthest = 0;
    rf_err err = {0};
    two_cliques(from, to);
    RF_CHECK_OK(err, rf_layout_places(xy, NODES, from, to, LINKS, 7, &err));
    for (int a = 0; a < NODES; a++) {
        ck_assert(isfinite(xy[2 * a]) && isfinite(xy[2 * a + 1]));
        for (int b = 0; b < a; b++)
            farthest = fmax(farthest, distance(xy, a, b));
    }
    for (int i = 0; i < LINKS; i++)
        inside += distance(xy, (int)from[i], (int)to[i]) / LINKS;
    for (int a = 0; a < CLIQUE; a++) {
        for (int b = 0; b < CLIQUE; b++)
            across += distance(xy, a, CLIQUE + b) / (CLIQUE * CLIQUE);
    }
    ck_assert_msg(across > 1.5 * inside, "%g inside, %g across", inside, across);
    ck_assert_msg(farthest < 40 * inside, "%g inside, %g at most", inside, farthest);
}
END_TEST

START_TEST(graphs_without_links_or_of_one_node_have_places)
{
    double xy[2 * 3];
    rf_err err = {0};
    RF_CHECK_OK(err, rf_layout_places(xy, 3, NULL, NULL, 0, 1, &err));
    ck_assert(distance(xy, 0, 1) > 0 && distance(xy, 1, 2) > 0);
    RF_CHECK_OK(err, rf_layout_places(xy, 1, NULL, NULL, 0, 1, &err));
    ck_assert(isfinite(xy[0]) && isfinite(xy[1]));
}
END_TEST

RF_SUITE("layout", the_same_seed_gives_the_same_places_and_another_others,
         linked_nodes_lie_closer_than_others_and_nothing_flies_away,
         graphs_without_links_or_of_one_node_have_places)
