/* test_burst.c - bursts: the sliding windows are the obvious ones; a planted burst stands out, a busy hour of
 * everybody does not; times that are missing or equal say nothing. */
#include "arranged.h"
#include "burst_int.h"
#include "made_graph.h"
#include "rf_burst.h"
#include "rf_check.h"
#include "rf_mem.h"
#include "rf_rng.h"

#define MOST 3000
#define HOUR_US 3600000000LL
#define MONTH_US (720 * HOUR_US)

typedef struct bursty {
    rf_graph *graph;
    float edge[MOST], user[MOST], entity[MOST];
} bursty;

static rf_graph *timed(made_shape shape)
{
    rf_graph *graph = made_graph(shape);
    rf_graph_side *edges = &graph->side[RF_EDGE];
    rf_rng rng;
    rf_err err = {0};
    rf_mem_free(edges->first_us);
    rf_mem_free(edges->last_us);
    rf_mem_free(edges->count);
    edges->first_us = rf_mem_new((size_t)edges->n, sizeof *edges->first_us, &err);
    edges->last_us = rf_mem_new((size_t)edges->n, sizeof *edges->last_us, &err);
    edges->count = rf_mem_new((size_t)edges->n, sizeof *edges->count, &err);
    rf_rng_init(&rng, shape.seed, 3);
    for (int64_t i = 0; i < edges->n; i++) {
        edges->count[i] = 1 + rf_rng_below(&rng, 8) / 6 * rf_rng_below(&rng, 30);
        edges->first_us[i] = rf_rng_below(&rng, 700000) * (HOUR_US / 1000);
        edges->last_us[i] =
            edges->first_us[i] + (edges->count[i] > 1 ? rf_rng_below(&rng, 100000) * (HOUR_US / 10000) : 0);
    }
    edges->first_us[0] = edges->last_us[0] = 0;
    edges->first_us[1] = edges->last_us[1] = MONTH_US;
    return graph;
}

static void judge(bursty *b, rf_pool *pool)
{
    rf_err err = {0};
    rf_arranged arranged = arranged_of(b->graph, pool);
    RF_CHECK_OK(err, rf_part_burst(b->edge, b->user, b->entity, b->graph, &arranged, pool, &err));
    rf_arranged_clear(&arranged);
}

/* ---- the obvious version ---- */

static double plain_all(const rf_graph_side *e, double time)
{
    double sum = 0;
    for (int64_t i = 0; i < e->n; i++) {
        double bin = fmin(floor((double)e->first_us[i] / MONTH_US * 65536), 65535);
        sum += (double)e->count[i] * fmin(1, fmax(0, time / MONTH_US * 65536 - bin));
    }
    return sum;
}

static double plain_within(const rf_graph_side *e, int64_t i, double length)
{
    double span = (double)(e->last_us[i] - e->first_us[i]);
    return span <= length ? (double)e->count[i] : 1 + floor((double)(e->count[i] - 1) * length / span);
}

static double plain_node(const rf_graph_side *e, const uint32_t *of, uint32_t node)
{
    static const double parts[] = {8640, 720, 120, 30};
    double most = 0, own = 0, all = plain_all(e, 2.0 * MONTH_US);
    for (int64_t i = 0; i < e->n; i++)
        own += of[i] == node ? (double)e->count[i] : 0;
    for (int z = 0; z < 4; z++) {
        for (int64_t i = 0; i < e->n; i++) {
            double from = (double)e->first_us[i], length = MONTH_US / parts[z], c = 0;
            if (of[i] != node)
                continue;
            for (int64_t k = 0; k < e->n; k++) {
                double gap = (double)e->first_us[k] - from;
                c += of[k] == node && gap >= 0 && gap < length ? plain_within(e, k, length) : 0;
            }
            double share = (plain_all(e, from + length) - plain_all(e, from)) / all;
            double m = fmax(1e-3, own * fmax(share, 1 / parts[z]));
            if (c >= 3 && c > m)
                most = fmax(most, c * log(c / m) - (c - m) - log(parts[z]));
        }
    }
    return most;
}

/* Returns how many nodes have nats. */
static int check_nodes(const bursty *b)
{
    int found = 0;
    const rf_graph_side *e = &b->graph->side[RF_EDGE];
    for (uint32_t u = 0; u < 12; u++) {
        double want = plain_node(e, b->graph->adj.e_u, u);
        ck_assert_double_eq_tol((double)b->user[u], want, 1e-4 * (1 + want));
        found += want > 0;
    }
    for (uint32_t v = 0; v < 9; v++) {
        double want = plain_node(e, b->graph->adj.e_v, v);
        ck_assert_double_eq_tol((double)b->entity[v], want, 1e-4 * (1 + want));
    }
    return found;
}

START_TEST(nodes_have_the_nats_of_the_obvious_windows)
{
    static bursty b;
    int found = 0;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        b.graph = timed((made_shape){12, 9, 120, 1, 1, 1, seed});
        judge(&b, NULL);
        found += check_nodes(&b);
        rf_graph_free(b.graph);
    }
    ck_assert_int_gt(found, 5);
}
END_TEST

START_TEST(billions_of_events_take_no_longer)
{
    static bursty b;
    b.graph = timed((made_shape){12, 9, 120, 1, 1, 1, 1});
    for (int64_t i = 0; i < b.graph->side[RF_EDGE].n; i++)
        b.graph->side[RF_EDGE].count[i] *= 60000000;
    judge(&b, NULL);
    ck_assert_int_gt(check_nodes(&b), 5);
    rf_graph_free(b.graph);
}
END_TEST

START_TEST(a_planted_burst_is_its_users)
{
    static bursty b;
    b.graph = timed((made_shape){200, 50, 2000, 1, 1, 1, 4});
    rf_graph_side *e = &b.graph->side[RF_EDGE];
    const rf_adj *adj = &b.graph->adj;
    for (int64_t i = 0; i < e->n; i++) {
        e->count[i] = 1;
        e->last_us[i] = e->first_us[i];
    }
    uint32_t bot = 77;
    int64_t n = adj->u_ptr[bot + 1] - adj->u_ptr[bot];
    ck_assert_int_ge(n, 5);
    for (int64_t i = 0; i < n; i++)
        e->first_us[adj->u_ptr[bot] + i] = 300 * HOUR_US + i * HOUR_US / 60;
    judge(&b, NULL);
    for (uint32_t u = 0; u < 200; u++)
        ck_assert(u == bot || b.user[u] < b.user[bot]);
    ck_assert_float_gt(b.user[bot], 10);
    for (int64_t i = adj->u_ptr[bot]; i < adj->u_ptr[bot + 1]; i++)
        ck_assert_float_eq(b.edge[i], b.user[bot]);
    for (int64_t i = 0; i < e->n; i++)
        ck_assert(b.edge[i] <= b.user[adj->e_u[i]]);
    rf_burst burst;
    b.graph->window_from_us = b.graph->window_to_us = 0;
    rf_burst_of(&burst, b.graph, RF_USER, bot);
    ck_assert_int_eq(burst.found, 0); /* the graph does not say how long its window is */
    b.graph->window_to_us = MONTH_US;
    rf_burst_of(&burst, b.graph, RF_USER, bot);
    ck_assert_int_eq(burst.found, n);
    ck_assert_int_eq(burst.events, n);
    ck_assert_double_eq_tol(burst.within_s, 3600, 1e-6);
    ck_assert_double_eq_tol(burst.expected, (double)n / 720, 1e-9);
    rf_graph_free(b.graph);
}
END_TEST

START_TEST(a_busy_hour_of_everybody_is_no_burst)
{
    static bursty b;
    b.graph = timed((made_shape){200, 50, 2000, 1, 1, 1, 5});
    rf_graph_side *e = &b.graph->side[RF_EDGE];
    for (int64_t i = 0; i < e->n; i++) {
        e->count[i] = 1;
        e->first_us[i] = i < 2 ? i * MONTH_US : 300 * HOUR_US + i * 7919 % 3600 * 1000000;
        e->last_us[i] = e->first_us[i];
    }
    judge(&b, NULL);
    for (uint32_t u = 0; u < 200; u++)
        ck_assert_msg(b.user[u] < 4, "user %u has %g", u, (double)b.user[u]);
    rf_graph_free(b.graph);
}
END_TEST

START_TEST(threads_do_not_change_a_bit)
{
    static bursty one, more;
    one.graph = more.graph = timed((made_shape){700, 300, 2900, 1, 1, 1, 6});
    judge(&one, NULL);
    for (int threads = 2; threads <= 4; threads += 2) {
        rf_pool *pool = NULL;
        rf_err err = {0};
        RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
        judge(&more, pool);
        rf_pool_free(pool);
        ck_assert_mem_eq(one.edge, more.edge, 2900 * sizeof *one.edge);
        ck_assert_mem_eq(one.user, more.user, 700 * sizeof *one.user);
        ck_assert_mem_eq(one.entity, more.entity, 300 * sizeof *one.entity);
    }
    rf_graph_free(one.graph);
}
END_TEST

START_TEST(times_that_are_missing_or_equal_say_nothing)
{
    static bursty b;
    b.graph = timed((made_shape){30, 10, 200, 1, 1, 1, 7});
    rf_graph_side *e = &b.graph->side[RF_EDGE];
    for (int64_t i = 0; i < e->n; i++)
        e->first_us[i] = e->last_us[i] = 5;
    for (int round = 0; round < 2; round++) {
        memset(b.user, 1, sizeof b.user);
        judge(&b, NULL);
        for (int u = 0; u < 30; u++)
            ck_assert_float_eq(b.user[u], 0);
        rf_mem_free(e->first_us);
        e->first_us = NULL;
    }
    rf_graph_free(b.graph);
}
END_TEST

START_TEST(a_failed_allocation_is_survived)
{
    static bursty b;
    b.graph = timed((made_shape){30, 10, 200, 1, 1, 1, 8});
    rf_arranged arranged = arranged_of(b.graph, NULL);
    RF_SWEEP(rf_part_burst(b.edge, b.user, b.entity, b.graph, &arranged, NULL, sweep_err), );
    rf_arranged_clear(&arranged);
    rf_graph_free(b.graph);
}
END_TEST

RF_SUITE("burst", nodes_have_the_nats_of_the_obvious_windows, billions_of_events_take_no_longer,
         a_planted_burst_is_its_users, a_busy_hour_of_everybody_is_no_burst, threads_do_not_change_a_bit,
         times_that_are_missing_or_equal_say_nothing, a_failed_allocation_is_survived)
