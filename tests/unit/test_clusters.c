/* test_clusters.c - communities of suspicious nodes: planted rings are found, hubs glue nothing, and what is
 * said of a cluster is counted right. */
#include "cluster_int.h"
#include "rf_check.h"
#include "rf_rng.h"

#define MOST_EDGES 20000
#define HOUR INT64_C(3600000000)

/* A graph and its scores, made edge by edge; freed with the rooms' own functions. */
typedef struct made {
    int64_t n_u, n_v, n_e;
    struct edge {
        uint32_t u, v;
        double percentile;
    } edges[MOST_EDGES];
    rf_graph *graph;
    rf_scores *scores;
} made;

static void meet(made *m, uint32_t u, uint32_t v, double percentile)
{
    ck_assert_int_lt(m->n_e, MOST_EDGES);
    m->edges[m->n_e++] = (struct edge){u, v, percentile};
}

static int by_pair(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    if (x->u != y->u)
        return x->u < y->u ? -1 : 1;
    return (x->v > y->v) - (x->v < y->v);
}

static void *zeroed(int64_t n, size_t size)
{
    void *block = rf_mem_zero((size_t)n, size, NULL);
    ck_assert_ptr_nonnull(block);
    return block;
}

static void init_side(rf_score_side *side, rf_graph_side *of, int64_t n)
{
    of->n = side->n = n;
    side->score = zeroed(n, sizeof *side->score);
    side->x_error = zeroed(n, sizeof *side->x_error);
    side->percentile = zeroed(n, sizeof *side->percentile);
    side->robust_z = zeroed(n, sizeof *side->robust_z);
}

/* Edges are an hour apart; edge i has i + 1 events. */
static void finish(made *m)
{
    static uint32_t u[MOST_EDGES], v[MOST_EDGES];
    rf_err err = {0};
    m->graph = zeroed(1, sizeof *m->graph);
    m->scores = zeroed(1, sizeof *m->scores);
    memcpy(m->scores->run_id, "0123456789abcdef0123456789abcdef", 33);
    qsort(m->edges, (size_t)m->n_e, sizeof *m->edges, by_pair);
    init_side(&m->scores->side[RF_USER], &m->graph->side[RF_USER], m->n_u);
    init_side(&m->scores->side[RF_ENTITY], &m->graph->side[RF_ENTITY], m->n_v);
    init_side(&m->scores->side[RF_EDGE], &m->graph->side[RF_EDGE], m->n_e);
    rf_graph_side *e = &m->graph->side[RF_EDGE];
    e->count = zeroed(m->n_e, sizeof *e->count);
    e->first_us = zeroed(m->n_e, sizeof *e->first_us);
    e->last_us = zeroed(m->n_e, sizeof *e->last_us);
    for (int64_t i = 0; i < m->n_e; i++) {
        u[i] = m->edges[i].u;
        v[i] = m->edges[i].v;
        m->scores->side[RF_EDGE].percentile[i] = (float)m->edges[i].percentile;
        e->count[i] = i + 1;
        e->first_us[i] = (i + 1) * HOUR;
        e->last_us[i] = (i + 1) * HOUR + HOUR / 2;
    }
    RF_CHECK_OK(err, rf_adj_init(&m->graph->adj, m->n_u, m->n_v, m->n_e, u, v, &err));
}

static void end(made *m)
{
    rf_graph_free(m->graph);
    rf_scores_free(m->scores);
}

/* Made for graphs of this size; the shipped ones are for markets. */
static rf_cluster_options small_options(void)
{
    rf_cluster_options options;
    rf_cluster_options_default(&options);
    options.seed_percentile = 0.98;
    options.excess = 3;
    options.hops = 2;
    options.resolution = 0.5;
    return options;
}

static rf_clusters *found(const made *m, const rf_tags *tags, const rf_cluster_options *options)
{
    rf_err err = {0};
    rf_clusters *clusters = NULL;
    rf_cluster_options usual = small_options();
    RF_CHECK_OK(err, rf_clusters_find(&clusters, m->graph, m->scores, tags,
                                      options != NULL ? options : &usual, &err));
    return clusters;
}

/* ---- planted rings ---- */

enum { N_U = 500, N_V = 80, RINGS = 3, RING_U = 9, RING_V = 2 };

/* Ring r has users [100 r, 100 r + 9) and entities [20 r, 20 r + 2); everybody also leads an ordinary life.
 * One in 300 ordinary edges is as odd as the rings'. */
static void plant(made *m, uint64_t seed)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    *m = (made){.n_u = N_U, .n_v = N_V};
    for (uint32_t r = 0; r < RINGS; r++) {
        for (uint32_t i = 0; i < RING_U * RING_V; i++)
            meet(m, 100 * r + i / RING_V, 20 * r + i % RING_V, 0.99 + 0.0099 * rf_rng_uniform(&rng));
    }
    for (int i = 0; i < 3000; i++) {
        uint32_t u = rf_rng_below(&rng, N_U), v = rf_rng_below(&rng, N_V);
        double odd = rf_rng_below(&rng, 300) == 0 ? 0.992 : 0.98 * rf_rng_uniform(&rng);
        if (u % 100 >= RING_U || v / 20 != u / 100)
            meet(m, u, v, odd);
    }
    finish(m);
    for (int64_t i = 0; i < N_U; i++) /* two in three ring members stand out by themselves */
        m->scores->side[RF_USER].percentile[i] = i / 100 < RINGS && i % 100 < 6 ? 0.985F : 0.5F;
    for (int64_t i = 0; i < N_V; i++)
        m->scores->side[RF_ENTITY].percentile[i] = 0.5F;
}

static int64_t of_ring(const rf_clusters *clusters, const rf_cluster *c, int64_t ring)
{
    int64_t n = 0;
    for (int64_t i = 0; i < c->n[RF_USER]; i++) {
        uint32_t u = clusters->rows[RF_USER][c->from[RF_USER] + i];
        n += u / 100 == ring && u % 100 < RING_U;
    }
    return n;
}

START_TEST(planted_rings_are_found)
{
    static made m;
    for (uint64_t seed = 0; seed < 10; seed++) {
        plant(&m, seed);
        rf_clusters *clusters = found(&m, NULL, NULL);
        ck_assert_int_ge(clusters->n, RINGS);
        for (int64_t r = 0; r < RINGS; r++) {
            const rf_cluster *best = &clusters->at[0];
            for (int64_t i = 0; i < clusters->n; i++) {
                if (of_ring(clusters, &clusters->at[i], r) > of_ring(clusters, best, r))
                    best = &clusters->at[i];
            }
            ck_assert_int_eq(of_ring(clusters, best, r), RING_U);
            ck_assert_int_le(best->n[RF_USER], RING_U + 3);
            ck_assert_int_eq(best->method, RF_CLUSTER_COMMUNITY);
            ck_assert_int_eq(clusters->of[RF_USER][100 * r], best - clusters->at);
            ck_assert_int_eq(clusters->of[RF_ENTITY][20 * r], best - clusters->at);
        }
        rf_clusters_free(clusters);
        end(&m);
    }
}
END_TEST

START_TEST(where_nothing_stands_out_there_are_no_clusters)
{
    static made m;
    plant(&m, 1);
    for (int64_t i = 0; i < N_U; i++)
        m.scores->side[RF_USER].percentile[i] = 0.5F; /* no seeds */
    rf_clusters *clusters = found(&m, NULL, NULL);
    ck_assert_int_eq(clusters->n, 0);
    for (int64_t i = 0; i < N_U; i++)
        RF_HOLDS(clusters->of[RF_USER][i] == -1);
    rf_clusters_free(clusters);
    end(&m);
}
END_TEST

static void assert_same(const rf_clusters *a, const rf_clusters *b)
{
    ck_assert_int_eq(a->n, b->n);
    ck_assert_int_eq(a->n_rows[RF_USER], b->n_rows[RF_USER]);
    ck_assert_int_eq(a->n_rows[RF_ENTITY], b->n_rows[RF_ENTITY]);
    ck_assert(memcmp(a->rows[RF_USER], b->rows[RF_USER],
                     (size_t)a->n_rows[RF_USER] * sizeof *a->rows[RF_USER]) == 0);
    ck_assert(memcmp(a->rows[RF_ENTITY], b->rows[RF_ENTITY],
                     (size_t)a->n_rows[RF_ENTITY] * sizeof *a->rows[RF_ENTITY]) == 0);
    for (int64_t i = 0; i < a->n; i++) {
        ck_assert(a->at[i].score_mass == b->at[i].score_mass);
        ck_assert(a->at[i].suspiciousness == b->at[i].suspiciousness);
        ck_assert_str_eq(a->at[i].id, b->at[i].id);
    }
}

START_TEST(the_same_work_gives_the_same_clusters)
{
    static made m;
    plant(&m, 2);
    rf_clusters *first = found(&m, NULL, NULL), *second = found(&m, NULL, NULL);
    assert_same(first, second);
    rf_clusters_free(first);
    rf_clusters_free(second);
    end(&m);
}
END_TEST

/* ---- hubs, sizes ---- */

/* Two rings of 8 users with an entity each; everybody meets entity 2, oddly, which has 200 users. */
static void plant_hub(made *m, float hub_percentile)
{
    *m = (made){.n_u = 300, .n_v = 100};
    for (uint32_t u = 0; u < 16; u++)
        meet(m, u, u / 8, 0.999);
    for (uint32_t u = 0; u < 200; u++)
        meet(m, u, 2, u < 15 ? 0.995 : 0.5);
    for (uint32_t i = 0; i < 2000; i++)
        meet(m, i * 7 % 300, 3 + i * 13 % 97, 0.3);
    finish(m);
    for (int i = 0; i < 16; i++)
        m->scores->side[RF_USER].percentile[i] = 0.99F;
    m->scores->side[RF_ENTITY].percentile[2] = hub_percentile;
}

START_TEST(a_hub_glues_nothing_together)
{
    static made m;
    rf_cluster_options options = small_options();
    options.hub_percentile = 0.99;
    for (int seeded = 0; seeded < 2; seeded++) {
        plant_hub(&m, seeded ? 0.99F : 0.5F);
        rf_clusters *clusters = found(&m, NULL, &options);
        ck_assert_int_eq(clusters->n, 2);
        ck_assert_int_eq(clusters->at[0].n[RF_USER], 8);
        ck_assert_int_eq(clusters->at[1].n[RF_USER], 8);
        ck_assert_int_ne(clusters->of[RF_USER][0], clusters->of[RF_USER][8]);
        /* as a seed it is a member, of the ring that more of its suspicious users belong to */
        ck_assert_int_eq(clusters->of[RF_ENTITY][2], seeded ? clusters->of[RF_USER][0] : -1);
        rf_clusters_free(clusters);
        end(&m);
    }
}
END_TEST

START_TEST(too_large_ones_are_split_and_small_ones_dropped)
{
    static made m;
    rf_cluster_options options = small_options();
    m = (made){.n_u = 200, .n_v = 60}; /* a chain of 10 stars of 8 users, and a pair apart */
    for (uint32_t u = 0; u < 80; u++)
        meet(&m, u, u / 8, 0.999);
    for (uint32_t s = 0; s + 1 < 10; s++)
        meet(&m, 8 * s, s + 1, 0.999);
    meet(&m, 90, 30, 0.999);
    meet(&m, 91, 30, 0.999);
    for (uint32_t i = 0; i < 2900; i++)
        meet(&m, 100 + i % 100, 31 + i / 100, 0.1);
    finish(&m);
    for (int i = 0; i < 100; i++)
        m.scores->side[RF_USER].percentile[i] = 0.99F;
    options.max_members = 12;
    options.min_members = 4;
    options.hops = 10;
    options.dense_blocks = 0;
    rf_clusters *clusters = found(&m, NULL, &options);
    ck_assert_int_eq(clusters->n, 10);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(clusters->of[RF_ENTITY][i], clusters->of[RF_USER][8 * i + 7]);
        ck_assert_int_le(clusters->at[i].n[RF_USER] + clusters->at[i].n[RF_ENTITY], 12);
    }
    ck_assert_int_eq(clusters->of[RF_USER][90], -1);
    rf_clusters_free(clusters);
    options.max_clusters = 4;
    clusters = found(&m, NULL, &options);
    ck_assert_int_eq(clusters->n, 4);
    rf_clusters_free(clusters);
    end(&m);
}
END_TEST

/* ---- figures ---- */

/* Users 0 to 4, entities 0 and 1, user 0 and entity 0 with two edges; user 4 does not know entity 1. Ordinary
 * life around them. */
static void plant_figures(made *m)
{
    *m = (made){.n_u = 60, .n_v = 40};
    for (uint32_t u = 0; u < 5; u++) {
        meet(m, u, 0, 0.999);
        if (u < 4)
            meet(m, u, 1, 0.999);
    }
    meet(m, 0, 0, 0.2);
    for (uint32_t i = 0; i < 1000; i++)
        meet(m, 5 + i % 55, 2 + i % 38, 0.3);
    finish(m);
    for (int i = 0; i < 60; i++) {
        m->scores->side[RF_USER].percentile[i] = i < 5 ? 0.99F : 0.5F;
        m->scores->side[RF_USER].score[i] = i < 5 ? 7 : 1;
    }
    for (int i = 0; i < 40; i++) {
        m->scores->side[RF_ENTITY].percentile[i] = 0.75F;
        m->scores->side[RF_ENTITY].score[i] = i == 0 ? 5 : i == 39 ? 37 : 2;
    }
}

START_TEST(figures_are_counted_right)
{
    static made m;
    rf_cluster_options options = small_options();
    options.dense_blocks = 0;
    plant_figures(&m);
    rf_clusters *clusters = found(&m, NULL, &options);
    ck_assert_int_eq(clusters->n, 1);
    const rf_cluster *c = &clusters->at[0];
    ck_assert_int_eq(c->n[RF_USER], 5);
    ck_assert_int_eq(c->n[RF_ENTITY], 2);
    ck_assert_int_eq(c->n_edges, 10);
    ck_assert_int_eq(c->n_events, 55); /* rows 0 to 9 */
    ck_assert(fabs(c->density - 0.9) < 1e-12);
    /* five users 6 above the median, entity 0 3 above; all: those and entity 39's 35 */
    ck_assert(fabs(c->score_mass - 33.0 / 68) < 1e-9);
    ck_assert(fabs(c->suspiciousness - (5 * (double)0.99F + 1.5) / 7) < 1e-9);
    ck_assert_int_eq(c->first_us, HOUR);
    ck_assert_int_eq(c->last_us, 10 * HOUR + HOUR / 2);
    ck_assert_int_eq(c->n_common, 2);
    ck_assert(c->common[0] == 0 && c->common_users[0] == 5);
    ck_assert(c->common[1] == 1 && c->common_users[1] == 4);
    ck_assert_int_eq(c->n_tags, 0);
    ck_assert_int_eq(c->change, RF_CLUSTER_NEW);
    ck_assert_str_eq(clusters->run_id, m.scores->run_id);
    rf_clusters_free(clusters);
    end(&m);
}
END_TEST

/* Rules: 0 unknown_pattern, 1 farm, 2 bot, 3 farm again. */
static void tag_side(rf_tag_side *side, int64_t n, const int rules[][2], int64_t n_rules)
{
    side->n = n;
    side->ptr = zeroed(n + 1, sizeof *side->ptr);
    side->tags = zeroed(n_rules, sizeof *side->tags);
    for (int64_t row = 0, k = 0; row < n; row++) {
        for (; k < n_rules && rules[k][0] == row; k++)
            side->tags[k].rule = (uint16_t)rules[k][1];
        side->ptr[row + 1] = k;
    }
}

static rf_tags *tags_of(const made *m)
{
    static const int users[][2] = {{0, 0}, {1, 0}, {2, 0}, {2, 2}, {3, 1}, {3, 3}, {4, 3}, {50, 2}},
                     entities[][2] = {{0, 1}, {30, 2}};
    static const char names[] = "unknown_pattern\0farm\0bot\0farm";
    static const int64_t at[] = {0, 16, 21, 25, 30};
    rf_tags *tags = zeroed(1, sizeof *tags);
    tag_side(&tags->side[RF_USER], m->n_u, users, 8);
    tag_side(&tags->side[RF_ENTITY], m->n_v, entities, 2);
    tag_side(&tags->side[RF_EDGE], m->n_e, NULL, 0);
    tags->rule_type = (rf_texts){.n = 4, .at = zeroed(5, sizeof *at), .bytes = zeroed(sizeof names, 1)};
    memcpy(tags->rule_type.at, at, sizeof at);
    memcpy(tags->rule_type.bytes, names, sizeof names);
    return tags;
}

START_TEST(the_most_frequent_types_are_named_and_unknown_ones_last)
{
    static made m;
    plant_figures(&m);
    rf_tags *tags = tags_of(&m);
    rf_clusters *clusters = found(&m, tags, NULL);
    const rf_cluster *c = &clusters->at[0];
    ck_assert_int_eq(c->n_tags, 3);
    ck_assert_str_eq(rf_texts_get(&clusters->tag_types, c->tag_rule[0]), "farm");
    ck_assert_int_eq(c->tag_rule[0], 1);
    ck_assert_int_eq(c->tag_members[0], 3); /* users 3 (by two rules) and 4, entity 0 */
    ck_assert_str_eq(rf_texts_get(&clusters->tag_types, c->tag_rule[1]), "bot");
    ck_assert_int_eq(c->tag_members[1], 1);
    ck_assert_str_eq(rf_texts_get(&clusters->tag_types, c->tag_rule[2]), "unknown_pattern");
    ck_assert_int_eq(c->tag_members[2], 3);
    rf_clusters_free(clusters);
    rf_tags_free(tags);
    end(&m);
}
END_TEST

/* Nothing scores high: users 0 to 4 and their edges to entity 0 are tagged, and user 9's pattern is unknown.
 */
START_TEST(what_looks_like_a_known_fraud_is_suspicious_whatever_its_score)
{
    static const int users[][2] = {{0, 1}, {1, 1}, {2, 1}, {3, 3}, {4, 2}, {9, 0}};
    static int edges[5][2];
    static made m;
    rf_cluster_options options = small_options();
    options.dense_blocks = 0;
    plant_figures(&m);
    for (int64_t i = 0; i < m.n_u; i++)
        m.scores->side[RF_USER].percentile[i] = 0.5F;
    for (int64_t i = 0; i < m.n_e; i++)
        m.scores->side[RF_EDGE].percentile[i] = 0.5F;
    rf_clusters *clusters = found(&m, NULL, &options);
    ck_assert_int_eq(clusters->n, 0);
    rf_clusters_free(clusters);
    rf_tags *tags = tags_of(&m);
    int n = 0;
    for (int64_t e = 0; e < m.n_e; e++) {
        bool is_first = e == 0 || m.edges[e].u != m.edges[e - 1].u;
        if (m.edges[e].u < 5 && m.edges[e].v == 0 && is_first) {
            edges[n][0] = (int)e;
            edges[n++][1] = 1;
        }
    }
    ck_assert_int_eq(n, 5);
    rf_mem_free(tags->side[RF_USER].ptr);
    rf_mem_free(tags->side[RF_USER].tags);
    rf_mem_free(tags->side[RF_ENTITY].ptr);
    rf_mem_free(tags->side[RF_ENTITY].tags);
    rf_mem_free(tags->side[RF_EDGE].ptr);
    rf_mem_free(tags->side[RF_EDGE].tags);
    tag_side(&tags->side[RF_USER], m.n_u, users, 6);
    tag_side(&tags->side[RF_ENTITY], m.n_v, NULL, 0);
    tag_side(&tags->side[RF_EDGE], m.n_e, edges, 5);
    clusters = found(&m, tags, &options);
    ck_assert_int_eq(clusters->n, 1);
    ck_assert_int_eq(clusters->at[0].n[RF_USER], 5);
    ck_assert_int_eq(clusters->at[0].n[RF_ENTITY], 1);
    ck_assert_int_eq(clusters->of[RF_USER][9], -1);
    rf_clusters_free(clusters);
    rf_tags_free(tags);
    end(&m);
}
END_TEST

static double ln_factorial(int64_t n)
{
    return lgamma((double)n + 1);
}

/* By pairs met twice counted once, of users from first_u on and entities from first_v on. */
static void check_significance(const made *m, const rf_cluster *c, uint32_t first_u, uint32_t first_v)
{
    static uint8_t met[400][200];
    double pairs = 0, all = 0, of_users = 0, of_entities = 0;
    memset(met, 0, sizeof met);
    for (int64_t i = 0; i < m->n_e; i++)
        met[m->edges[i].u][m->edges[i].v] = 1;
    for (uint32_t u = 0; u < m->n_u; u++) {
        for (uint32_t v = 0; v < m->n_v; v++) {
            bool in_u = u >= first_u && u < first_u + c->n[RF_USER],
                 in_v = v >= first_v && v < first_v + c->n[RF_ENTITY];
            all += met[u][v];
            of_users += in_u * met[u][v];
            of_entities += in_v * met[u][v];
            pairs += (in_u && in_v) * met[u][v];
        }
    }
    double expected = of_users * of_entities / all;
    double nats = pairs * log(pairs / expected) - pairs + expected;
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        int64_t n = s == RF_USER ? m->n_u : m->n_v;
        nats -= ln_factorial(n) - ln_factorial(c->n[s]) - ln_factorial(n - c->n[s]);
    }
    ck_assert_msg(fabs(c->expected_pairs - expected) < 1e-6 && fabs(c->significance - nats) < 1e-6,
                  "%g pairs expected, not %g; %g nats, not %g", c->expected_pairs, expected, c->significance,
                  nats);
}

/* Nothing scores high or is tagged, but users 0 to 8 and their edges look like a ring. */
START_TEST(what_looks_like_a_ring_is_suspicious_whatever_its_score)
{
    static const rf_part_id parts[] = {RF_PART_LOCKSTEP, RF_PART_OVERLAP, RF_PART_RAW_TAIL};
    for (int i = 0; i < 6; i++) {
        static made m;
        rf_cluster_options options = small_options();
        float nats = i % 2 == 0 ? 30 : 10; /* markets have crowds of few nats, too */
        rf_part_id part = parts[i / 2];
        options.dense_blocks = 0;
        plant(&m, 5);
        for (rf_side s = 0; s < RF_SIDES; s++) {
            rf_score_side *side = &m.scores->side[s];
            side->part[part] = zeroed(side->n, sizeof *side->part[part]);
            for (int64_t row = 0; row < side->n; row++)
                side->percentile[row] = 0.5F;
        }
        for (int64_t u = 0; u < RING_U; u++)
            m.scores->side[RF_USER].part[part][u] = nats;
        for (int64_t e = 0; e < m.n_e; e++) {
            if (m.edges[e].u < RING_U && m.edges[e].v < RING_V)
                m.scores->side[RF_EDGE].part[part][e] = nats;
        }
        rf_clusters *clusters = found(&m, NULL, &options);
        ck_assert_int_eq(clusters->n, nats > 20 && part != RF_PART_RAW_TAIL);
        if (clusters->n > 0) {
            ck_assert_int_eq(clusters->at[0].n[RF_USER], RING_U);
            ck_assert_int_eq(clusters->at[0].n[RF_ENTITY], RING_V);
            ck_assert_int_eq(clusters->of[RF_USER][0], 0);
        }
        rf_clusters_free(clusters);
        end(&m);
    }
}
END_TEST

/* Dense blocks come after the communities, with figures of their own, and are not the cluster of any node. */
START_TEST(dense_blocks_are_a_second_opinion)
{
    static made m;
    rf_rng rng;
    rf_cluster_options options = small_options();
    rf_rng_init(&rng, 4, 0);
    m = (made){.n_u = 400, .n_v = 200};
    for (uint32_t i = 0; i < 15 * 10; i++)
        meet(&m, 50 + i / 10, 40 + i % 10, 0.4);
    for (int i = 0; i < 900; i++) {
        uint32_t u = rf_rng_below(&rng, 400), v = rf_rng_below(&rng, 200);
        if (u < 50 || u >= 65 || v < 40 || v >= 50)
            meet(&m, u, v, 0.4);
    }
    finish(&m);
    rf_clusters *clusters = found(&m, NULL, &options);
    ck_assert_int_eq(clusters->n, 1);
    const rf_cluster *c = &clusters->at[0];
    ck_assert_int_eq(c->method, RF_CLUSTER_DENSE);
    ck_assert_int_eq(c->n[RF_USER], 15);
    ck_assert_int_eq(c->n[RF_ENTITY], 10);
    ck_assert(c->density == 1);
    check_significance(&m, c, 50, 40);
    ck_assert(c->significance > 10);
    ck_assert_int_eq(c->n_common, RF_CLUSTER_COMMON);
    ck_assert_int_eq(c->common_users[7], 15);
    ck_assert_int_eq(clusters->of[RF_USER][50], -1);
    rf_clusters_free(clusters);
    options.dense_blocks = 0;
    clusters = found(&m, NULL, &options);
    ck_assert_int_eq(clusters->n, 0);
    rf_clusters_free(clusters);
    end(&m);
}
END_TEST

START_TEST(an_empty_graph_has_no_clusters)
{
    static made m;
    for (int64_t n_u = 0; n_u < 3; n_u += 2) {
        m = (made){.n_u = n_u, .n_v = 0};
        finish(&m);
        rf_clusters *clusters = found(&m, NULL, NULL);
        ck_assert_int_eq(clusters->n, 0);
        rf_clusters_free(clusters);
        end(&m);
    }
}
END_TEST

START_TEST(finding_survives_every_failing_allocation)
{
    static made m;
    rf_clusters *clusters = NULL;
    rf_cluster_options options = small_options();
    plant_hub(&m, 0.99F);
    options.hub_percentile = 0.99;
    RF_SWEEP(rf_clusters_find(&clusters, m.graph, m.scores, NULL, &options, sweep_err),
             rf_clusters_free(clusters));
    end(&m);
    plant_figures(&m);
    rf_tags *tags = tags_of(&m);
    RF_SWEEP(rf_clusters_find(&clusters, m.graph, m.scores, tags, &options, sweep_err),
             rf_clusters_free(clusters));
    rf_tags_free(tags);
    end(&m);
}
END_TEST

RF_SUITE("clusters", planted_rings_are_found, where_nothing_stands_out_there_are_no_clusters,
         the_same_work_gives_the_same_clusters, a_hub_glues_nothing_together,
         too_large_ones_are_split_and_small_ones_dropped, figures_are_counted_right,
         the_most_frequent_types_are_named_and_unknown_ones_last,
         what_looks_like_a_ring_is_suspicious_whatever_its_score,
         what_looks_like_a_known_fraud_is_suspicious_whatever_its_score, dense_blocks_are_a_second_opinion,
         an_empty_graph_has_no_clusters, finding_survives_every_failing_allocation)
