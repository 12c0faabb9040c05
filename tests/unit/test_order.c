/* test_order.c - the edges of each node in order of time: against a plain sort, for evenly spread times, for
 * times that crowd, and for times that are one.
 */
#include "arranged.h"
#include "made_graph.h"
#include "order_int.h"
#include "rf_check.h"

#include "rf_pool.h"
#include "rf_rng.h"

enum { USERS = 60, ENTITIES = 3, EDGES = 9000 };

typedef enum times { EVEN, CROWDED, FEW, NEGATIVE, ONE, KINDS } times;

static int64_t time_like(times kind, rf_rng *rng)
{
    switch (kind) {
    case EVEN:
        return 1700000000000000 + (int64_t)rf_rng_below(rng, 2592000) * 1000000;
    case CROWDED: /* most within a millisecond, a few years apart */
        return rf_rng_below(rng, 500) == 0 ? (int64_t)rf_rng_below(rng, 20) * 31536000000000
                                           : 900000000000000 + rf_rng_below(rng, 1000);
    case FEW: /* days: many have one time */
        return (int64_t)rf_rng_below(rng, 30) * 86400000000;
    case NEGATIVE:
        return (int64_t)rf_rng_below(rng, 100000) - 50000;
    default:
        return 7;
    }
}

static rf_graph *timed_graph(times kind)
{
    rf_graph *graph = made_graph((made_shape){USERS, ENTITIES, EDGES, 1, 1, 1, 3});
    rf_graph_side *edges = &graph->side[RF_EDGE];
    rf_rng rng;
    rf_rng_init(&rng, 4, (uint64_t)kind);
    rf_mem_free(edges->first_us);
    edges->first_us = rf_mem_new(EDGES, sizeof *edges->first_us, NULL);
    ck_assert_ptr_nonnull(edges->first_us);
    for (int64_t i = 0; i < EDGES; i++)
        edges->first_us[i] = time_like(kind, &rng);
    return graph;
}

static uint64_t plain_hash(const char *id)
{
    uint64_t hash = 0;
    for (; *id != '\0'; id++)
        hash = rf_mix64(hash ^ (unsigned char)*id);
    return hash;
}

static uint64_t plain_tie(const rf_graph *graph, uint32_t edge)
{
    char number[32];
    const rf_adj *adj = &graph->adj;
    const uint64_t user = plain_hash(rf_graph_id(&graph->side[RF_USER], adj->e_u[edge], number)),
                   entity = plain_hash(rf_graph_id(&graph->side[RF_ENTITY], adj->e_v[edge], number));
    return rf_mix64(user ^ rf_mix64(entity));
}

/* Is edge a before edge b at a node that has both? */
static bool is_before(const rf_graph *graph, uint32_t a, uint32_t b)
{
    const int64_t *time = graph->side[RF_EDGE].first_us;
    if (time != NULL && time[a] != time[b])
        return time[a] < time[b];
    const uint64_t tie = plain_tie(graph, a), other = plain_tie(graph, b);
    return tie != other ? tie < other : a < b;
}

static void assert_ordered(const rf_graph *graph, const rf_time_order *order, int side)
{
    const uint32_t *node = side == RF_USER ? graph->adj.e_u : graph->adj.e_v;
    static bool met[EDGES];
    memset(met, 0, sizeof met);
    ck_assert_int_eq(order->ptr[side][order->n[side]], EDGES);
    for (int64_t i = 0; i < order->n[side]; i++) {
        for (int64_t k = order->ptr[side][i]; k < order->ptr[side][i + 1]; k++) {
            const uint32_t edge = order->edge[side][k];
            RF_HOLDS(edge < EDGES && !met[edge] && node[edge] == i);
            met[edge] = true;
            RF_HOLDS(k == order->ptr[side][i] || is_before(graph, order->edge[side][k - 1], edge));
        }
    }
}

START_TEST(edges_are_in_order_of_time_and_then_of_their_ends)
{
    for (times kind = EVEN; kind < KINDS; kind++) {
        rf_graph *graph = timed_graph(kind);
        rf_time_order order = {0};
        rf_err err = {0};
        RF_CHECK_OK(err, rf_time_order_make(&order, graph, 2, NULL, &err));
        assert_ordered(graph, &order, RF_USER);
        assert_ordered(graph, &order, RF_ENTITY);
        rf_time_order_clear(&order);
        rf_graph_free(graph);
    }
}
END_TEST

START_TEST(without_times_the_ends_decide)
{
    rf_graph *graph = timed_graph(ONE);
    rf_time_order order = {0};
    rf_err err = {0};
    rf_mem_free(graph->side[RF_EDGE].first_us);
    graph->side[RF_EDGE].first_us = NULL;
    RF_CHECK_OK(err, rf_time_order_make(&order, graph, 1, NULL, &err));
    assert_ordered(graph, &order, RF_USER);
    ck_assert_ptr_null(order.edge[RF_ENTITY]);
    rf_time_order_clear(&order);
    rf_graph_free(graph);
}
END_TEST

START_TEST(threads_do_not_change_the_order)
{
    rf_graph *graph = timed_graph(FEW);
    rf_time_order one = {0}, many = {0};
    rf_pool *pool = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_pool_new(&pool, 4, &err));
    RF_CHECK_OK(err, rf_time_order_make(&one, graph, 2, NULL, &err));
    RF_CHECK_OK(err, rf_time_order_make(&many, graph, 2, pool, &err));
    for (int s = 0; s < 2; s++)
        ck_assert_mem_eq(one.edge[s], many.edge[s], EDGES * sizeof *one.edge[s]);
    rf_time_order_clear(&one);
    rf_time_order_clear(&many);
    rf_pool_free(pool);
    rf_graph_free(graph);
}
END_TEST

START_TEST(pairs_are_listed_once)
{
    static const made_shape shapes[] = {
        {50, 20, 2000, 0, 0, 0, 3}, {3000, 900, 60, 0, 0, 0, 4}, {2, 2, 0, 0, 0, 0, 5}};
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        rf_graph *graph = made_graph(shapes[k]);
        rf_arranged arranged = arranged_of(graph, NULL);
        const rf_adj *adj = &graph->adj, *pairs = &arranged.pairs;
        int64_t n = 0;
        for (int64_t e = 0; e < adj->n_e; e++) {
            const uint32_t pair = arranged.pair_of[e];
            n += e == 0 || adj->e_u[e] != adj->e_u[e - 1] || adj->e_v[e] != adj->e_v[e - 1];
            RF_HOLDS(pair == n - 1 && pairs->e_u[pair] == adj->e_u[e] && pairs->e_v[pair] == adj->e_v[e]);
        }
        ck_assert_int_eq(pairs->n_e, n);
        ck_assert(arranged.borrows_pairs == (k > 0)); /* the first has parallel edges */
        rf_arranged_clear(&arranged);
        rf_graph_free(graph);
    }
}
END_TEST

static rf_status arrange(const rf_graph *graph, rf_err *err)
{
    rf_arranged arranged;
    rf_status st = rf_arranged_make(&arranged, graph, NULL, err);
    if (st >= 0)
        rf_arranged_clear(&arranged);
    return st;
}

START_TEST(refused_memory_is_an_error)
{
    rf_graph *graph = timed_graph(EVEN);
    RF_SWEEP(arrange(graph, sweep_err), {});
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("order", edges_are_in_order_of_time_and_then_of_their_ends, without_times_the_ends_decide,
         threads_do_not_change_the_order, pairs_are_listed_once, refused_memory_is_an_error)
