/* test_fraudar.c - dense blocks by peeling: planted ones are found, camouflaged or not; the bulk is no
 * finding; the heap does what the obvious loop does. */
#include <time.h>

#include "cluster_int.h"
#include "peel_int.h"
#include "rf_check.h"
#include "rf_rng.h"

#define MOST_EDGES 20000

typedef struct made {
    uint64_t pairs[MOST_EDGES];
    int64_t n;
    rf_adj adj;
} made;

static void meet(made *m, uint32_t u, uint32_t v)
{
    ck_assert_int_lt(m->n, MOST_EDGES);
    m->pairs[m->n++] = (uint64_t)u << 32 | v;
}

static int by_pair(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sorted; repeats stay, as parallel edges do. */
static void finish(made *m, int64_t n_u, int64_t n_v)
{
    static uint32_t u[MOST_EDGES], v[MOST_EDGES];
    rf_err err = {0};
    qsort(m->pairs, (size_t)m->n, sizeof *m->pairs, by_pair);
    for (int64_t i = 0; i < m->n; i++) {
        u[i] = (uint32_t)(m->pairs[i] >> 32);
        v[i] = (uint32_t)m->pairs[i];
    }
    RF_CHECK_OK(err, rf_adj_init(&m->adj, n_u, n_v, m->n, u, v, &err));
}

static void random_pairs(made *m, rf_rng *rng, int n, uint32_t n_u, uint32_t n_v)
{
    for (int i = 0; i < n; i++) { /* one after the other: compilers evaluate arguments in different orders */
        uint32_t v = rf_rng_below(rng, n_v), u = rf_rng_below(rng, n_u);
        meet(m, u, v);
    }
}

/* ---- planted ---- */

enum { N_U = 600, N_V = 300, BLOCK_U = 20, BLOCK_V = 12, AT_U = 100, AT_V = 50 };

static void plant(made *m, rf_rng *rng, uint32_t at_u, uint32_t at_v, uint32_t n_u, uint32_t n_v,
                  double share)
{
    for (uint32_t u = at_u; u < at_u + n_u; u++) {
        for (uint32_t v = at_v; v < at_v + n_v; v++) {
            if (rf_rng_uniform(rng) < share)
                meet(m, u, v);
        }
    }
}

/* Popular entities are the first ten: a quarter of all pairs goes to them. */
static void background(made *m, rf_rng *rng)
{
    *m = (made){.n = 0};
    random_pairs(m, rng, 1500, N_U, N_V);
    random_pairs(m, rng, 500, N_U, 10);
}

static void assert_planted(const rf_dense_block *b, int64_t at_u, int64_t n_u, int64_t at_v, int64_t n_v)
{
    ck_assert_int_eq(b->n[RF_USER], n_u);
    ck_assert_int_eq(b->n[RF_ENTITY], n_v);
    for (int64_t i = 0; i < n_u; i++)
        RF_HOLDS(b->rows[RF_USER][i] == at_u + i);
    for (int64_t i = 0; i < n_v; i++)
        RF_HOLDS(b->rows[RF_ENTITY][i] == at_v + i);
}

START_TEST(a_planted_block_is_found_exactly)
{
    static made m;
    for (uint64_t seed = 0; seed < 20; seed++) {
        rf_rng rng;
        rf_err err = {0};
        rf_dense_block blocks[3] = {{0}};
        int64_t n = 0;
        rf_rng_init(&rng, seed, 0);
        background(&m, &rng);
        plant(&m, &rng, AT_U, AT_V, BLOCK_U, BLOCK_V, 1);
        finish(&m, N_U, N_V);
        RF_CHECK_OK(err, rf_fraudar(blocks, &n, &m.adj, 3, 2000, &err));
        ck_assert_int_ge(n, 1);
        assert_planted(&blocks[0], AT_U, BLOCK_U, AT_V, BLOCK_V);
        rf_dense_blocks_clear(blocks, n);
        rf_adj_clear(&m.adj);
    }
}
END_TEST

/* Each of the block's users meets as many popular entities as it meets in the block. */
START_TEST(camouflage_hides_nobody)
{
    static made m;
    for (uint64_t seed = 0; seed < 20; seed++) {
        rf_rng rng;
        rf_err err = {0};
        rf_dense_block block = {0};
        int64_t n = 0;
        rf_rng_init(&rng, seed, 1);
        background(&m, &rng);
        plant(&m, &rng, AT_U, AT_V, BLOCK_U, BLOCK_V, 1);
        for (uint32_t u = AT_U; u < AT_U + BLOCK_U; u++) {
            for (int k = 0; k < BLOCK_V / 2; k++)
                meet(&m, u, rf_rng_below(&rng, 10));
            for (int k = 0; k < BLOCK_V / 2; k++)
                meet(&m, u, rf_rng_below(&rng, N_V));
        }
        finish(&m, N_U, N_V);
        RF_CHECK_OK(err, rf_fraudar(&block, &n, &m.adj, 1, 2000, &err));
        ck_assert_int_eq(n, 1);
        int64_t inside = 0, members = 0;
        for (int64_t i = 0; i < block.n[RF_USER]; i++)
            inside += block.rows[RF_USER][i] >= AT_U && block.rows[RF_USER][i] < AT_U + BLOCK_U;
        for (int64_t i = 0; i < block.n[RF_ENTITY]; i++)
            members += block.rows[RF_ENTITY][i] >= AT_V && block.rows[RF_ENTITY][i] < AT_V + BLOCK_V;
        ck_assert_int_eq(inside, BLOCK_U);
        ck_assert_int_eq(members, BLOCK_V);
        ck_assert_int_le(block.n[RF_USER], BLOCK_U + 2);
        ck_assert_int_le(block.n[RF_ENTITY], BLOCK_V + 10); /* popular ones may be dense, too */
        rf_dense_blocks_clear(&block, 1);
        rf_adj_clear(&m.adj);
    }
}
END_TEST

START_TEST(several_blocks_come_densest_first)
{
    static made m;
    rf_rng rng;
    rf_err err = {0};
    rf_dense_block blocks[5] = {{0}};
    int64_t n = 0;
    rf_rng_init(&rng, 5, 0);
    background(&m, &rng);
    plant(&m, &rng, 100, 50, 20, 20, 1);
    plant(&m, &rng, 200, 100, 16, 16, 1);
    plant(&m, &rng, 300, 150, 14, 12, 1);
    finish(&m, N_U, N_V);
    RF_CHECK_OK(err, rf_fraudar(blocks, &n, &m.adj, 5, 2000, &err));
    ck_assert_int_ge(n, 3);
    assert_planted(&blocks[0], 100, 20, 50, 20);
    assert_planted(&blocks[1], 200, 16, 100, 16);
    assert_planted(&blocks[2], 300, 14, 150, 12);
    ck_assert(blocks[0].suspiciousness > blocks[1].suspiciousness);
    ck_assert(blocks[1].suspiciousness > blocks[2].suspiciousness);
    /* 400 pairs of entities with 20 users and some from outside, by 40 members */
    ck_assert(blocks[0].suspiciousness > 400 / log(40) / 40 &&
              blocks[0].suspiciousness < 400 / log(25) / 40 + 1e-6);
    rf_dense_blocks_clear(blocks, n);
    rf_adj_clear(&m.adj);
}
END_TEST

/* Busy users and popular entities, everybody by his own degree: dense in the middle, but nothing stands out.
 */
/* Thirty rings, all alike: any union of them is as dense as one, but they are thirty. */
START_TEST(blocks_that_nothing_joins_are_told_apart)
{
    static made m;
    rf_rng rng;
    rf_err err = {0};
    rf_dense_block blocks[40] = {{0}};
    int64_t n = 0;
    rf_rng_init(&rng, 6, 0);
    m = (made){.n = 0};
    for (uint32_t r = 0; r < 30; r++)
        plant(&m, &rng, 1000 + 10 * r, 500 + 8 * r, 10, 8, 1);
    random_pairs(&m, &rng, 1200, 1000, 500);
    finish(&m, 1300, 740);
    RF_CHECK_OK(err, rf_fraudar(blocks, &n, &m.adj, 40, 2000, &err));
    ck_assert_int_eq(n, 30);
    for (int64_t r = 0; r < 30; r++)
        assert_planted(&blocks[r], 1000 + 10 * r, 10, 500 + 8 * r, 8);
    rf_dense_blocks_clear(blocks, n);
    n = 0;
    RF_CHECK_OK(err, rf_fraudar(blocks, &n, &m.adj, 7, 2000, &err));
    ck_assert_int_eq(n, 7);
    rf_dense_blocks_clear(blocks, n);
    rf_adj_clear(&m.adj);
}
END_TEST

START_TEST(the_bulk_of_a_market_is_no_finding)
{
    static made m;
    for (uint64_t seed = 0; seed < 5; seed++) {
        rf_rng rng;
        rf_err err = {0};
        rf_dense_block blocks[5] = {{0}};
        int64_t n = 0;
        rf_rng_init(&rng, seed, 2);
        m = (made){.n = 0};
        for (int i = 0; i < 12000; i++) { /* squares: few take most */
            double u = rf_rng_uniform(&rng), v = rf_rng_uniform(&rng);
            meet(&m, (uint32_t)(u * u * 800), (uint32_t)(v * v * 150));
        }
        finish(&m, 800, 150);
        RF_CHECK_OK(err, rf_fraudar(blocks, &n, &m.adj, 5, 2000, &err));
        ck_assert_int_eq(n, 0);
        rf_adj_clear(&m.adj);
    }
}
END_TEST

START_TEST(parallel_edges_are_one_pair)
{
    static made m;
    rf_rng rng;
    rf_err err = {0};
    rf_dense_block once = {0}, often = {0};
    int64_t n = 0;
    for (int repeats = 1; repeats <= 4; repeats += 3) {
        rf_rng_init(&rng, 9, 0);
        background(&m, &rng);
        plant(&m, &rng, AT_U, AT_V, BLOCK_U, BLOCK_V, 1);
        int64_t until = m.n;
        for (int64_t i = 0; i < until && repeats > 1; i += 3)
            meet(&m, (uint32_t)(m.pairs[i] >> 32), (uint32_t)m.pairs[i]);
        finish(&m, N_U, N_V);
        RF_CHECK_OK(err, rf_fraudar(repeats == 1 ? &once : &often, &n, &m.adj, 1, 2000, &err));
        ck_assert_int_eq(n, 1);
        rf_adj_clear(&m.adj);
    }
    assert_planted(&once, AT_U, BLOCK_U, AT_V, BLOCK_V);
    assert_planted(&often, AT_U, BLOCK_U, AT_V, BLOCK_V);
    ck_assert(once.suspiciousness == often.suspiciousness);
    rf_dense_blocks_clear(&once, 1);
    rf_dense_blocks_clear(&often, 1);
}
END_TEST

/* ---- the obvious loop ---- */

enum { SMALL_U = 30, SMALL_V = 20, SMALL = SMALL_U + SMALL_V };

typedef struct naive {
    bool pair[SMALL_U][SMALL_V], in[SMALL];
    int64_t weight[SMALL_V];
    int order[SMALL], n; /* nodes as they are taken off, and how many there were */
    double g[SMALL + 1];
    int part[SMALL];
} naive;

static int degree_of(const naive *m, int node)
{
    int n = 0;
    for (int k = 0; k < (node < SMALL_U ? SMALL_V : SMALL_U); k++)
        n += node < SMALL_U ? m->pair[node][k] : m->pair[k][node - SMALL_U];
    return n;
}

static int64_t weight_in(const naive *m, int node)
{
    int64_t sum = 0;
    for (int k = 0; k < (node < SMALL_U ? SMALL_V : SMALL_U); k++) {
        if (node < SMALL_U && m->pair[node][k] && m->in[SMALL_U + k])
            sum += m->weight[k];
        if (node >= SMALL_U && m->pair[k][node - SMALL_U] && m->in[k])
            sum += m->weight[node - SMALL_U];
    }
    return sum;
}

static double g_of(const naive *m, int size)
{
    int64_t weight = 0;
    for (int u = 0; u < SMALL_U; u++)
        weight += m->in[u] ? weight_in(m, u) : 0;
    return (double)weight / 268435456.0 / size;
}

static void naive_peel(naive *m)
{
    m->n = 0;
    for (int v = 0; v < SMALL_V; v++)
        m->weight[v] = llround(268435456.0 / log(degree_of(m, SMALL_U + v) + 5.0));
    for (int i = 0; i < SMALL; i++) {
        m->in[i] = degree_of(m, i) > 0;
        m->n += m->in[i];
    }
    for (int left = m->n; left > 0; left--) {
        int least = -1;
        m->g[left] = g_of(m, left);
        for (int i = 0; i < SMALL; i++) {
            if (m->in[i] && (least < 0 || weight_in(m, i) < weight_in(m, least)))
                least = i;
        }
        m->in[least] = false;
        m->order[m->n - left] = least;
    }
}

/* in becomes the set of that size on the way. */
static void restore(naive *m, int size)
{
    for (int i = 0; i < SMALL; i++)
        m->in[i] = false;
    for (int i = m->n - size; i < m->n; i++)
        m->in[m->order[i]] = true;
}

/* Parts of the set, by their lowest nodes. */
static void find_parts(naive *m)
{
    bool changed = true;
    for (int i = 0; i < SMALL; i++)
        m->part[i] = i;
    while (changed) {
        changed = false;
        for (int u = 0; u < SMALL_U; u++) {
            for (int v = SMALL_U; v < SMALL; v++) {
                if (!m->in[u] || !m->in[v] || !m->pair[u][v - SMALL_U] || m->part[u] == m->part[v])
                    continue;
                m->part[u] = m->part[v] = m->part[u] < m->part[v] ? m->part[u] : m->part[v];
                changed = true;
            }
        }
    }
}

/* g of the part, or 0 if it is no block. */
static double judge(const naive *m, int part, double least_g)
{
    int users = 0, entities = 0, pairs = 0;
    int64_t weight = 0;
    for (int u = 0; u < SMALL_U; u++) {
        if (!m->in[u] || m->part[u] != part)
            continue;
        users++;
        weight += weight_in(m, u);
        for (int v = 0; v < SMALL_V; v++)
            pairs += m->pair[u][v] && m->in[SMALL_U + v];
    }
    for (int v = SMALL_U; v < SMALL; v++)
        entities += m->in[v] && m->part[v] == part;
    double g = (double)weight / 268435456.0 / (users + entities);
    return users > 1 && entities > 1 && pairs >= users * entities / 3.0 && g >= least_g ? g : 0;
}

static bool stands_out(const naive *m, int size)
{
    for (int other = size + 1; other <= 2 * size && other <= m->n; other++) {
        if (m->g[other] > m->g[size])
            return false;
    }
    return true;
}

/* The densest block of the densest set that stands out and has one; *part is that part. 0: none. */
static double naive_block(naive *m, int *part)
{
    double highest = 0, last = INFINITY, best = 0;
    for (int size = 1; size <= m->n; size++)
        highest = m->g[size] > highest ? m->g[size] : highest;
    for (;;) {
        int set = 0;
        for (int size = 1; size <= m->n; size++) {
            if (stands_out(m, size) && m->g[size] < last && (set == 0 || m->g[size] >= m->g[set]))
                set = size;
        }
        if (set == 0 || m->g[set] < highest / 2)
            return 0;
        last = m->g[set];
        restore(m, set);
        find_parts(m);
        for (int i = 0; i < SMALL; i++) {
            double g = m->part[i] == i && m->in[i] ? judge(m, i, highest / 2) : 0;
            if (g > best) {
                best = g;
                *part = i;
            }
        }
        if (best > 0)
            return best;
    }
}

START_TEST(the_heap_finds_what_the_obvious_loop_finds)
{
    static made m;
    static naive o;
    int found = 0;
    for (uint64_t seed = 0; seed < (rf_short() ? 20 : 300); seed++) {
        rf_rng rng;
        rf_err err = {0};
        rf_dense_block block = {0};
        int64_t n = 0;
        rf_rng_init(&rng, seed, 3);
        m = (made){.n = 0};
        random_pairs(&m, &rng, 40 + (int)rf_rng_below(&rng, 80), SMALL_U, SMALL_V);
        plant(&m, &rng, rf_rng_below(&rng, 20), rf_rng_below(&rng, 12), 3 + rf_rng_below(&rng, 6),
              3 + rf_rng_below(&rng, 5), 0.8);
        finish(&m, SMALL_U, SMALL_V);
        o = (naive){.n = 0};
        for (int64_t e = 0; e < m.adj.n_e; e++)
            o.pair[m.adj.e_u[e]][m.adj.e_v[e]] = true;
        naive_peel(&o);
        int part = -1;
        double g = naive_block(&o, &part);
        RF_CHECK_OK(err, rf_fraudar(&block, &n, &m.adj, 1, 2000, &err));
        if (g == 0) { /* the second search may find one in what is left: not judged here */
            rf_dense_blocks_clear(&block, n);
            rf_adj_clear(&m.adj);
            continue;
        }
        found++;
        ck_assert_int_eq(n, 1);
        ck_assert(block.suspiciousness == g);
        int64_t size = 0;
        for (int i = 0; i < SMALL; i++)
            size += o.in[i] && o.part[i] == part;
        ck_assert_int_eq(block.n[RF_USER] + block.n[RF_ENTITY], size);
        for (int64_t k = 0; k < block.n[RF_USER]; k++)
            RF_HOLDS(o.in[block.rows[RF_USER][k]] && o.part[block.rows[RF_USER][k]] == part);
        for (int64_t k = 0; k < block.n[RF_ENTITY]; k++)
            RF_HOLDS(o.in[SMALL_U + block.rows[RF_ENTITY][k]] &&
                     o.part[SMALL_U + block.rows[RF_ENTITY][k]] == part);
        rf_dense_blocks_clear(&block, 1);
        rf_adj_clear(&m.adj);
    }
    ck_assert_int_gt(found, rf_short() ? 5 : 100);
}
END_TEST

/* ---- edges of the world ---- */

START_TEST(graphs_without_pairs_have_no_blocks)
{
    static made m;
    rf_err err = {0};
    rf_dense_block block = {0};
    int64_t n = 7;
    m = (made){.n = 0};
    finish(&m, 5, 3);
    RF_CHECK_OK(err, rf_fraudar(&block, &n, &m.adj, 1, 2000, &err));
    ck_assert_int_eq(n, 0);
    rf_adj_clear(&m.adj);
}
END_TEST

static double processor_s(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* Every user meets one entity of its own: all sets are equally dense, so many of them stand out, and none has
 * a block. The search ends with the first peeling, which is compared with a peeling alone. */
START_TEST(pairs_of_their_own_are_peeled_once)
{
    static made m;
    rf_err err = {0};
    rf_dense_block blocks[10] = {{0}};
    rf_peeling p;
    int64_t n = 7;
    m = (made){.n = 0};
    for (uint32_t i = 0; i < MOST_EDGES; i++)
        meet(&m, i, i);
    finish(&m, MOST_EDGES, MOST_EDGES);
    double start = processor_s();
    RF_CHECK_OK(err, rf_peeling_begin(&p, &m.adj, &err));
    ck_assert_int_eq(rf_peel(&p), 2 * MOST_EDGES);
    rf_peeling_end(&p);
    double once = processor_s() - start;
    start = processor_s();
    RF_CHECK_OK(err, rf_fraudar(blocks, &n, &m.adj, 10, 2000, &err));
    ck_assert_double_lt(processor_s() - start, 10 * once + 0.01);
    ck_assert_int_eq(n, 0);
    rf_adj_clear(&m.adj);
}
END_TEST

START_TEST(peeling_survives_every_failing_allocation)
{
    static made m;
    rf_rng rng;
    rf_dense_block blocks[2] = {{0}};
    int64_t n = 0;
    rf_rng_init(&rng, 1, 0);
    background(&m, &rng);
    plant(&m, &rng, AT_U, AT_V, BLOCK_U, BLOCK_V, 1);
    finish(&m, N_U, N_V);
    RF_SWEEP(rf_fraudar(blocks, &n, &m.adj, 2, 2000, sweep_err), rf_dense_blocks_clear(blocks, n));
    rf_adj_clear(&m.adj);
}
END_TEST

RF_SUITE("fraudar", a_planted_block_is_found_exactly, camouflage_hides_nobody,
         several_blocks_come_densest_first, blocks_that_nothing_joins_are_told_apart,
         the_bulk_of_a_market_is_no_finding, parallel_edges_are_one_pair,
         the_heap_finds_what_the_obvious_loop_finds, graphs_without_pairs_have_no_blocks,
         pairs_of_their_own_are_peeled_once, peeling_survives_every_failing_allocation)
