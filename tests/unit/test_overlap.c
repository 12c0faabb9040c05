/* test_overlap.c - shared members against chance: the fast count is the obvious one, whatever the threads and
 * the order of rows; a planted ring stands out and is named; hubs cost nothing. */
#include <math.h>

#include "arranged.h"
#include "made_graph.h"
#include "overlap_int.h"
#include "overlap_parts_int.h"
#include "rf_check.h"
#include "rf_sharing.h"
#include "rf_rng.h"

#define MOST_U 400
#define MOST_V 300

typedef struct made {
    int n_u, n_v;
    bool met[MOST_U][MOST_V];
} made;

static void draw(made *m, uint64_t seed, int n_u, int n_v, double share)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    *m = (made){.n_u = n_u, .n_v = n_v};
    for (int u = 0; u < n_u; u++) {
        double busy = share * (0.3 + 2 * rf_rng_uniform(&rng));
        for (int v = 0; v < n_v; v++)
            m->met[u][v] = rf_rng_uniform(&rng) < busy * (v % 7 == 0 ? 3 : 1);
    }
}

static rf_adj adj_of(const made *m)
{
    static uint32_t u[MOST_U * MOST_V], v[MOST_U * MOST_V];
    int64_t n = 0;
    rf_err err = {0};
    rf_adj adj;
    for (int a = 0; a < m->n_u; a++) {
        for (int b = 0; b < m->n_v; b++) {
            if (m->met[a][b]) {
                u[n] = (uint32_t)a;
                v[n++] = (uint32_t)b;
            }
        }
    }
    RF_CHECK_OK(err, rf_adj_init(&adj, m->n_u, m->n_v, n, u, v, &err));
    return adj;
}

/* ---- the obvious version ---- */

typedef struct plain {
    double d_u[MOST_U], d_v[MOST_V], through[MOST_V], excess[MOST_V], n;
} plain;

static bool counts(const plain *p, const made *m, int u, int v)
{
    return m->met[u][v] && p->d_u[u] <= RF_OVERLAP_MOST;
}

static int shared(const plain *p, const made *m, int v, int w)
{
    int c = 0;
    for (int u = 0; u < m->n_u; u++)
        c += counts(p, m, u, v) && m->met[u][w];
    return c;
}

static void plain_excess(plain *p, const made *m, int v)
{
    double most[4] = {0}, sum = 0, mean = 0; /* most[3]: the one that falls out */
    for (int w = 0; w < m->n_v; w++) {
        double c = w == v ? 0 : shared(p, m, v, w);
        sum += c * (c - 1);
        mean += p->through[w] * p->d_v[w] / p->n;
        most[3] = c;
        for (int k = 3; k > 0 && most[k] > most[k - 1]; k--) {
            double other = most[k];
            most[k] = most[k - 1];
            most[k - 1] = other;
        }
    }
    for (int k = 0; k < 3; k++)
        sum -= most[k] * (most[k] - 1);
    p->excess[v] = fmax(1, sqrt((sum + 1) / (p->through[v] * p->d_v[v] / p->n * mean + 1)));
}

static void plain_init(plain *p, const made *m, bool with_excess)
{
    *p = (plain){0};
    for (int u = 0; u < m->n_u; u++)
        for (int v = 0; v < m->n_v; v++)
            p->d_u[u] += m->met[u][v];
    for (int u = 0; u < m->n_u; u++) {
        for (int v = 0; v < m->n_v; v++) {
            p->d_v[v] += counts(p, m, u, v);
            p->through[v] += counts(p, m, u, v) ? p->d_u[u] - 1 : 0;
            p->n += counts(p, m, u, v);
        }
    }
    for (int v = 0; v < m->n_v; v++)
        if (with_excess)
            plain_excess(p, m, v);
        else
            p->excess[v] = 1;
}

static double plain_nats(const plain *p, const made *m, int u, int v)
{
    double best[4] = {0};
    if (!counts(p, m, u, v))
        return 0;
    for (int w = 0; w < m->n_v; w++) {
        double d = p->d_u[u], c = shared(p, m, v, w) - 1;
        if (w == v || !m->met[u][w] || c < 2)
            continue;
        double mean = sqrt(p->through[v] * (p->d_v[v] - 1) * p->through[w] * (p->d_v[w] - 1)) / p->n *
                      p->excess[v] * p->excess[w];
        double own = fmax(0, -log(d * d * p->d_v[v] * p->d_v[w] / (p->n * p->n)));
        mean = fmax(mean, 1e-3);
        if (c <= mean)
            continue;
        best[3] = (c * log(c / mean) - (c + 2) * log((c + 2) / (mean + 2))) * fmin(1, own / 10);
        for (int k = 3; k > 0 && best[k] > best[k - 1]; k--) {
            double other = best[k];
            best[k] = best[k - 1];
            best[k - 1] = other;
        }
    }
    return best[0] + best[1] + best[2];
}

/* ---- tests ---- */

static void nats_of(float *out, const rf_adj *adj, rf_side anchors, bool with_excess, int threads)
{
    rf_err err = {0};
    rf_pool *pool = NULL;
    RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
    RF_CHECK_OK(err, rf_overlap_nats(out, adj, anchors, with_excess, pool, &err));
    rf_pool_free(pool);
}

START_TEST(pairs_have_the_nats_of_the_obvious_count)
{
    static made m;
    static plain p;
    static float nats[MOST_U * MOST_V];
    int surprised = 0;
    for (uint64_t seed = 0; seed < 6; seed++) {
        draw(&m, seed, 60, 40, 0.02 + 0.02 * (double)seed);
        for (int u = 10; u < 18; u++)
            for (int v = 5; v < 9; v++)
                m.met[u][v] = true;
        plain_init(&p, &m, seed % 2 == 0);
        rf_adj adj = adj_of(&m);
        nats_of(nats, &adj, RF_ENTITY, seed % 2 == 0, 1);
        for (int64_t i = 0; i < adj.n_e; i++) {
            double want = plain_nats(&p, &m, (int)adj.e_u[i], (int)adj.e_v[i]);
            ck_assert_double_eq_tol((double)nats[i], want, 1e-5 * (1 + want));
            surprised += want > 0;
        }
        rf_adj_clear(&adj);
    }
    ck_assert_int_gt(surprised, 100);
}
END_TEST

START_TEST(users_are_anchors_as_well_as_entities)
{
    static made m, swapped;
    static float nats[MOST_U * MOST_V], of_swapped[MOST_U * MOST_V], at[MOST_U][MOST_V];
    draw(&m, 11, 80, 60, 0.06);
    swapped = (made){.n_u = m.n_v, .n_v = m.n_u};
    for (int u = 0; u < m.n_u; u++)
        for (int v = 0; v < m.n_v; v++)
            swapped.met[v][u] = m.met[u][v];
    rf_adj a = adj_of(&m), b = adj_of(&swapped);
    nats_of(nats, &a, RF_ENTITY, true, 1);
    nats_of(of_swapped, &b, RF_USER, true, 1);
    for (int64_t i = 0; i < b.n_e; i++)
        at[b.e_v[i]][b.e_u[i]] = of_swapped[i];
    for (int64_t i = 0; i < a.n_e; i++)
        ck_assert_float_eq(at[a.e_u[i]][a.e_v[i]], nats[i]);
    rf_adj_clear(&a);
    rf_adj_clear(&b);
}
END_TEST

START_TEST(threads_do_not_change_a_bit)
{
    static made m;
    static float one[MOST_U * MOST_V], more[MOST_U * MOST_V];
    draw(&m, 7, MOST_U, MOST_V, 0.03);
    rf_adj adj = adj_of(&m);
    nats_of(one, &adj, RF_ENTITY, true, 1);
    for (int threads = 2; threads <= 4; threads += 2) {
        nats_of(more, &adj, RF_ENTITY, true, threads);
        ck_assert_mem_eq(one, more, (size_t)adj.n_e * sizeof *one);
    }
    rf_adj_clear(&adj);
}
END_TEST

START_TEST(rows_in_another_order_have_the_same_nats)
{
    static made m, turned;
    static float nats[MOST_U * MOST_V], other[MOST_U * MOST_V], at[MOST_U][MOST_V];
    draw(&m, 8, 90, 70, 0.05);
    turned = (made){.n_u = m.n_u, .n_v = m.n_v};
    for (int u = 0; u < m.n_u; u++)
        for (int v = 0; v < m.n_v; v++)
            turned.met[(u * 7 + 3) % 90][(v * 11 + 5) % 70] = m.met[u][v];
    rf_adj a = adj_of(&m), b = adj_of(&turned);
    nats_of(nats, &a, RF_ENTITY, true, 1);
    nats_of(other, &b, RF_ENTITY, true, 1);
    for (int64_t i = 0; i < b.n_e; i++)
        at[b.e_u[i]][b.e_v[i]] = other[i];
    for (int64_t i = 0; i < a.n_e; i++)
        ck_assert_float_eq_tol(at[(a.e_u[i] * 7 + 3) % 90][(a.e_v[i] * 11 + 5) % 70], nats[i], 1e-6F);
    rf_adj_clear(&a);
    rf_adj_clear(&b);
}
END_TEST

START_TEST(a_hub_says_nothing)
{
    static made m;
    static float nats[MOST_U * MOST_V], with_hub[MOST_U * MOST_V];
    draw(&m, 9, 50, MOST_V, 0.02);
    rf_adj adj = adj_of(&m);
    nats_of(nats, &adj, RF_ENTITY, true, 1);
    m.n_u = 51;
    for (int v = 0; v <= RF_OVERLAP_MOST; v++)
        m.met[50][v] = true;
    rf_adj hub = adj_of(&m);
    nats_of(with_hub, &hub, RF_ENTITY, true, 1);
    ck_assert_int_eq(hub.n_e, adj.n_e + RF_OVERLAP_MOST + 1);
    for (int64_t i = 0; i < hub.n_e; i++)
        ck_assert_float_eq(with_hub[i], i < adj.n_e ? nats[i] : 0);
    rf_adj_clear(&adj);
    rf_adj_clear(&hub);
}
END_TEST

/* 9 accounts at the same 4 shops, among 300 that meet 200 at random. */
static rf_adj planted(made *m)
{
    draw(m, 10, 300, 200, 0.012);
    for (int u = 100; u < 109; u++)
        for (int v = 50; v < 54; v++)
            m->met[u][v] = true;
    return adj_of(m);
}

static void judge(rf_status (*part)(float *, float *, float *, const rf_arranged *, rf_pool *, rf_err *),
                  float *edge, float *user, float *entity, const rf_graph *graph)
{
    rf_err err = {0};
    rf_arranged arranged = arranged_of(graph, NULL);
    RF_CHECK_OK(err, part(edge, user, entity, &arranged, NULL, &err));
    rf_arranged_clear(&arranged);
}

START_TEST(a_planted_ring_stands_out_without_times)
{
    static made m;
    static float edge[MOST_U * MOST_V], user[MOST_U], entity[MOST_V];
    rf_graph *graph = made_graph_of(planted(&m));
    judge(rf_part_overlap, edge, user, entity, graph);
    for (int u = 0; u < 300; u++)
        ck_assert_msg((user[u] > 5) == (u >= 100 && u < 109), "user %d has %g", u, (double)user[u]);
    for (int v = 0; v < 200; v++)
        ck_assert_msg((entity[v] > 5) == (v >= 50 && v < 54), "entity %d has %g", v, (double)entity[v]);
    rf_graph_free(graph);
}
END_TEST

START_TEST(accounts_that_repeat_each_other_stand_out)
{
    static made m;
    static float edge[MOST_U * MOST_V], user[MOST_U], entity[MOST_V];
    draw(&m, 12, 300, 200, 0.012);
    for (int u = 100; u < 104; u++)
        for (int v = 0; v < 200; v++)
            m.met[u][v] = v >= 50 && v < 57;
    rf_graph *graph = made_graph_of(adj_of(&m));
    judge(rf_part_copied, edge, user, entity, graph);
    for (int u = 0; u < 300; u++)
        ck_assert_msg((user[u] > 8) == (u >= 100 && u < 104), "user %d copies %g", u, (double)user[u]);
    rf_graph_free(graph);
}
END_TEST

START_TEST(parallel_edges_count_once)
{
    static made m;
    static float edge[3 * MOST_U * MOST_V], user[2][MOST_U], entity[2][MOST_V];
    static uint32_t u[3 * MOST_U * MOST_V], v[3 * MOST_U * MOST_V];
    rf_err err = {0};
    rf_adj repeated;
    rf_graph *once = made_graph_of(planted(&m));
    int64_t n = 0;
    for (int64_t i = 0; i < once->adj.n_e; i++) {
        for (int64_t k = 0; k < 1 + i % 3; k++) {
            u[n] = once->adj.e_u[i];
            v[n++] = once->adj.e_v[i];
        }
    }
    RF_CHECK_OK(err, rf_adj_init(&repeated, 300, 200, n, u, v, &err));
    rf_graph *often = made_graph_of(repeated);
    judge(rf_part_overlap, edge, user[0], entity[0], once);
    judge(rf_part_overlap, edge, user[1], entity[1], often);
    ck_assert_mem_eq(user[0], user[1], 300 * sizeof **user);
    ck_assert_mem_eq(entity[0], entity[1], 200 * sizeof **entity);
    rf_graph_free(once);
    rf_graph_free(often);
}
END_TEST

static int64_t edge_of(const rf_adj *adj, uint32_t u, uint32_t v)
{
    int64_t edge = adj->u_ptr[u];
    while (adj->e_v[edge] != v)
        edge++;
    return edge;
}

/* The listed users and entities but the first are these, in any order. */
static void check_list(const uint32_t *list, int n, uint32_t own, uint32_t from, uint32_t to)
{
    ck_assert_uint_eq(list[0], own);
    for (int i = 1; i < n; i++) {
        ck_assert(list[i] >= from && list[i] < to && list[i] != own);
        for (int k = 1; k < i; k++)
            ck_assert_uint_ne(list[i], list[k]);
    }
}

START_TEST(evidence_names_the_ring)
{
    static made m;
    rf_sharing e;
    rf_graph *graph = made_graph_of(planted(&m));
    uint32_t edge = (uint32_t)edge_of(&graph->adj, 104, 51);
    rf_sharing_of(&e, graph, RF_PART_OVERLAP, edge);
    int found = 0;
    for (int u = 0; u < 300; u++)
        found += m.met[u][51] && m.met[u][e.entity[1]];
    ck_assert_int_eq(e.found, found);
    ck_assert_double_lt(e.expected, 1);
    ck_assert(isnan(e.within_s));
    ck_assert_int_eq(e.n_entities, 4);
    ck_assert_int_eq(e.n_users, RF_SHARING_MOST);
    check_list(e.user, e.n_users, 104, 100, 109);
    check_list(e.entity, e.n_entities, 51, 50, 54);

    rf_sharing_of(&e, graph, RF_PART_OVERLAP, (uint32_t)graph->adj.u_ptr[0]); /* a bystander's */
    ck_assert_int_eq(e.found, 0);
    rf_sharing_of(&e, graph, RF_PART_LOCKSTEP, edge); /* no times */
    ck_assert_int_eq(e.found, 0);
    rf_sharing_of(&e, graph, RF_PART_RAW_TAIL, edge);
    ck_assert_int_eq(e.found, 0);
    rf_graph_free(graph);
}
END_TEST

START_TEST(evidence_names_what_is_copied)
{
    static made m;
    rf_sharing e;
    draw(&m, 12, 300, 200, 0.012);
    for (int u = 100; u < 104; u++)
        for (int v = 0; v < 200; v++)
            m.met[u][v] = v >= 50 && v < 57;
    rf_graph *graph = made_graph_of(adj_of(&m));
    rf_sharing_of(&e, graph, RF_PART_COPIED, (uint32_t)edge_of(&graph->adj, 102, 53));
    ck_assert_int_eq(e.found, 7);
    ck_assert_double_lt(e.expected, 1);
    ck_assert_int_eq(e.n_users, 4);
    ck_assert_int_eq(e.n_entities, 7);
    check_list(e.user, e.n_users, 102, 100, 104);
    check_list(e.entity, e.n_entities, 53, 50, 57);
    rf_graph_free(graph);
}
END_TEST

/* A ring that is within a minute at each of its entities, among meetings at any time of three weeks. */
static rf_graph *with_times(made *m)
{
    draw(m, 13, MOST_U, MOST_V, 0.012);
    for (int u = 100; u < 109; u++)
        for (int v = 50; v < 54; v++)
            m->met[u][v] = true;
    rf_graph *graph = made_graph_of(adj_of(m));
    int64_t *time = rf_mem_new((size_t)graph->adj.n_e, sizeof *time, NULL);
    ck_assert_ptr_nonnull(time);
    graph->side[RF_EDGE].first_us = time;
    for (int64_t i = 0; i < graph->adj.n_e; i++) {
        uint32_t u = graph->adj.e_u[i], v = graph->adj.e_v[i];
        bool in_ring = u >= 100 && u < 109 && v >= 50 && v < 54;
        time[i] =
            1000000 * (in_ring ? 5000000 + 40000 * (int64_t)v + 7 * (int64_t)u : (i * 7919) % 100003 * 200);
    }
    return graph;
}

START_TEST(evidence_says_how_close_in_time)
{
    static made m;
    rf_sharing e;
    rf_graph *graph = with_times(&m);
    uint32_t edge = (uint32_t)edge_of(&graph->adj, 104, 51);
    rf_sharing_of(&e, graph, RF_PART_LOCKSTEP, edge);
    ck_assert_int_eq(e.found, 9);
    ck_assert_double_lt(e.expected, 4);
    ck_assert_double_eq_tol(e.within_s, 4 * 7, 1e-9); /* from 104 to 100 and 108 */
    ck_assert_int_eq(e.n_users, RF_SHARING_MOST);
    ck_assert_int_eq(e.n_entities, 4);
    check_list(e.user, e.n_users, 104, 100, 109);
    check_list(e.entity, e.n_entities, 51, 50, 54);
    rf_graph_free(graph);
}
END_TEST

START_TEST(evidence_counts_parallel_edges_once)
{
    static made m;
    static uint32_t u[3 * MOST_U * MOST_V], v[3 * MOST_U * MOST_V];
    rf_err err = {0};
    rf_sharing one, more;
    rf_adj repeated;
    rf_graph *once = made_graph_of(planted(&m));
    int64_t n = 0;
    for (int64_t i = 0; i < once->adj.n_e; i++) {
        for (int k = 0; k < 3; k++) {
            u[n] = once->adj.e_u[i];
            v[n++] = once->adj.e_v[i];
        }
    }
    RF_CHECK_OK(err, rf_adj_init(&repeated, 300, 200, n, u, v, &err));
    rf_graph *often = made_graph_of(repeated);
    for (uint32_t i = 0; i < once->adj.n_e; i++) {
        for (int part = RF_PART_OVERLAP; part <= RF_PART_COPIED; part++) {
            rf_sharing_of(&one, once, (rf_part_id)part, i);
            rf_sharing_of(&more, often, (rf_part_id)part, 3 * i + 1);
            ck_assert_int_eq(one.found, more.found);
            ck_assert_int_eq(one.n_users, more.n_users);
            ck_assert_mem_eq(one.user, more.user, sizeof one.user);
            ck_assert_mem_eq(one.entity, more.entity, sizeof one.entity);
        }
    }
    rf_graph_free(once);
    rf_graph_free(often);
}
END_TEST

START_TEST(every_failed_allocation_is_survived)
{
    static made m;
    static float edge[MOST_U * MOST_V], user[MOST_U], entity[MOST_V];
    rf_graph *graph = made_graph_of(planted(&m));
    rf_arranged arranged = arranged_of(graph, NULL);
    RF_SWEEP(rf_part_overlap(edge, user, entity, &arranged, NULL, sweep_err), );
    RF_SWEEP(rf_part_copied(edge, user, entity, &arranged, NULL, sweep_err), );
    rf_arranged_clear(&arranged);
    rf_graph_free(graph);
}
END_TEST

START_TEST(a_graph_without_edges_has_no_nats)
{
    rf_err err = {0};
    rf_adj none;
    float user[3] = {1, 1, 1}, entity[2] = {1, 1}, edge[1];
    RF_CHECK_OK(err, rf_adj_init(&none, 3, 2, 0, NULL, NULL, &err));
    rf_graph *graph = made_graph_of(none);
    judge(rf_part_overlap, edge, user, entity, graph);
    for (int i = 0; i < 3; i++)
        ck_assert_float_eq(user[i] + entity[i % 2], 0);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("overlap", pairs_have_the_nats_of_the_obvious_count, users_are_anchors_as_well_as_entities,
         threads_do_not_change_a_bit, rows_in_another_order_have_the_same_nats, a_hub_says_nothing,
         a_planted_ring_stands_out_without_times, accounts_that_repeat_each_other_stand_out,
         parallel_edges_count_once, evidence_names_the_ring, evidence_names_what_is_copied,
         evidence_says_how_close_in_time, evidence_counts_parallel_edges_once,
         every_failed_allocation_is_survived, a_graph_without_edges_has_no_nats)
