/* test_clusters_kinds.c - clusters over several kinds of entity: a ring on a device is found whole, its
 * figures are over all kinds, and files and registry know its members by kind. */
#include "cluster_int.h"
#include "made_graph.h"
#include "made_clusters.h"
#include "made_scores.h"
#include "rf_check.h"
#include "rf_h5.h"
#include "rf_rng.h"

/* Users [0, RING) share device RING_DEVICE and two cards; everybody has a device of their own and goes to two
 * shops. Users of the ring go to shops 0 and 1. A family has a card for all. */
enum { N_U = 300, SHOPS = 40, DEVICES = 301, CARDS = 30, RING = 12, RING_DEVICE = 300, KINDS = 3 };
enum { FAMILY = 100, FAMILY_SIZE = 4, FAMILY_CARD = 7 };

static bool in_family(uint32_t user)
{
    return user >= FAMILY && user < FAMILY + FAMILY_SIZE;
}

typedef struct market {
    rf_graph *graph;
    rf_scores *scores;
} market;

static void *zeroed(int64_t n, size_t size)
{
    void *block = rf_mem_zero((size_t)n, size, NULL);
    ck_assert_ptr_nonnull(block);
    return block;
}

/* Entity `of` of each user's i-th edge of kind k; -1: no more. */
static int64_t partner(int k, uint32_t u, int i, rf_rng *rng)
{
    const bool in_ring = u < RING;
    if (k == 0)
        return i > 1 ? -1 : in_ring ? i : i * SHOPS / 2 + (int64_t)rf_rng_below(rng, SHOPS / 2);
    if (k == 1)
        return i == 0 ? (int64_t)u : i == 1 && in_ring ? RING_DEVICE : -1;
    if (in_family(u) && i == 0)
        return FAMILY_CARD;
    return in_ring && i == 0 ? (int64_t)(u % 2) : -1;
}

static void fill_kind(market *m, int k, int64_t n_v)
{
    uint32_t u[3 * N_U], v[3 * N_U];
    int64_t n = 0;
    rf_err err = {0};
    rf_rng rng;
    rf_rng_init(&rng, 3, (uint64_t)k);
    for (uint32_t user = 0; user < N_U; user++) {
        for (int i = 0; i < 3; i++) {
            int64_t to = partner(k, user, i, &rng);
            if (to < 0)
                break;
            u[n] = user;
            v[n++] = (uint32_t)to;
        }
    }
    rf_adj *adj = k == 0 ? &m->graph->adj : &m->graph->other_adj[k - 1];
    RF_CHECK_OK(err, rf_adj_init(adj, N_U, n_v, n, u, v, &err));
    m->graph->side[rf_entity_side(k)].n = n_v;
    m->graph->side[rf_edge_side(k)].n = n;
}

/* Edges to what the ring shares are odd, its device, and two in three of its users; and the family with its
 * card. */
static void score_all(market *m)
{
    for (rf_side side = 0; side < rf_sides(&m->graph->kinds); side++) {
        rf_score_side *of = &m->scores->side[side];
        const int kind = rf_side_kind(side);
        of->n = m->graph->side[side].n;
        of->score = zeroed(of->n, sizeof *of->score);
        of->percentile = zeroed(of->n, sizeof *of->percentile);
        for (int64_t i = 0; i < of->n; i++) {
            bool odd = (side == rf_entity_side(1) && i == RING_DEVICE) ||
                       (side == rf_entity_side(2) && i == FAMILY_CARD);
            if (side == RF_USER)
                odd = (i < RING && i % 3 != 0) || in_family((uint32_t)i);
            if (rf_side_role(side) == RF_EDGE) {
                const rf_adj *adj = rf_graph_adj(m->graph, kind);
                odd = (adj->e_u[i] < RING && !(kind == 1 && adj->e_v[i] != RING_DEVICE)) ||
                      (kind == 2 && adj->e_v[i] == FAMILY_CARD);
            }
            of->percentile[i] = odd ? 0.995F : 0.5F;
            of->score[i] = odd ? 9 : 1;
        }
    }
}

static void name_side(rf_graph_side *side, const char *kind)
{
    char(*names)[16] = zeroed(side->n, sizeof *names);
    const char **ids = zeroed(side->n, sizeof *ids);
    for (int64_t i = 0; i < side->n; i++) {
        snprintf(names[i], sizeof names[i], "%s-%d", kind, (int)i);
        ids[i] = names[i];
    }
    made_graph_set_ids(side, ids);
    rf_mem_free(ids);
    rf_mem_free(names);
}

static market open_market(void)
{
    market m = {zeroed(1, sizeof *m.graph), zeroed(1, sizeof *m.scores)};
    static const int64_t n_v[KINDS] = {SHOPS, DEVICES, CARDS};
    m.graph->kinds = m.scores->kinds = (rf_kinds){KINDS, {"shop", "device", "card"}};
    m.graph->side[RF_USER].n = N_U;
    name_side(&m.graph->side[RF_USER], "u");
    for (int k = 0; k < KINDS; k++) {
        fill_kind(&m, k, n_v[k]);
        name_side(&m.graph->side[rf_entity_side(k)], m.graph->kinds.name[k]);
    }
    score_all(&m);
    memcpy(m.scores->run_id, "0123456789abcdef0123456789abcdef", 33);
    return m;
}

static void close_market(market *m)
{
    rf_graph_free(m->graph);
    rf_scores_free(m->scores);
}

static rf_clusters *found(const market *m, int64_t dense_blocks)
{
    rf_cluster_options options;
    rf_clusters *clusters = NULL;
    rf_err err = {0};
    rf_cluster_options_default(&options);
    options.dense_blocks = dense_blocks;
    RF_CHECK_OK(err, rf_clusters_find(&clusters, m->graph, m->scores, NULL, &options, &err));
    return clusters;
}

static bool is_member(const rf_clusters *clusters, const rf_cluster *c, rf_side side, uint32_t row)
{
    for (int64_t i = 0; i < c->n[side]; i++) {
        if (clusters->rows[side][c->from[side] + i] == row)
            return true;
    }
    return false;
}

START_TEST(a_ring_on_a_device_is_one_cluster)
{
    market m = open_market();
    rf_clusters *clusters = found(&m, 0);
    ck_assert_int_eq(clusters->n, 1);
    const rf_cluster *c = &clusters->at[0];
    ck_assert_int_eq(c->n[RF_USER], RING);
    ck_assert(is_member(clusters, c, rf_entity_side(1), RING_DEVICE));
    ck_assert(is_member(clusters, c, rf_entity_side(2), 0) && is_member(clusters, c, rf_entity_side(2), 1));
    ck_assert_int_eq(c->n[rf_entity_side(1)], 1);
    ck_assert_int_eq(rf_cluster_entities(c), 3 + c->n[RF_ENTITY]);
    ck_assert_int_eq(rf_cluster_members(c), RING + 3 + c->n[RF_ENTITY]);
    ck_assert_int_eq(c->n[RF_EDGE], 0);
    for (uint32_t u = 0; u < N_U; u++)
        RF_HOLDS((rf_clusters_of(clusters, m.graph, RF_USER, u) == c) == (u < RING));
    for (int64_t e = 0; e < m.graph->side[rf_edge_side(1)].n; e++)
        RF_HOLDS((rf_clusters_of(clusters, m.graph, rf_edge_side(1), e) == c) ==
                 (m.graph->other_adj[0].e_v[e] == RING_DEVICE));
    rf_clusters_free(clusters);
    close_market(&m);
}
END_TEST

/* Twelve users meet device 1; the first six have cards 2 to 4 in common, the others 5 to 7. Entity 0 is a
 * shop that nobody meets. Returns the members of the largest group. */
enum { TORN_U = 12, TORN_V = 8, TORN_DEVICE = 1, TORN_LINKS = TORN_U * 4 };

static int64_t most_together(int64_t *n_groups, bool holds, int64_t max_members)
{
    uint32_t from[TORN_LINKS], to[TORN_LINKS];
    double weight[TORN_LINKS];
    uint8_t seed[TORN_U + TORN_V], held[TORN_V] = {[TORN_DEVICE] = holds};
    float percentile[TORN_U + TORN_V] = {0};
    const rf_whole whole = {.n_kinds = 2, .n_u = TORN_U, .first = {0, 1, TORN_V}};
    const rf_suspects suspects = {.n_u = TORN_U,
                                  .n_v = TORN_V,
                                  .n_links = TORN_LINKS,
                                  .from = from,
                                  .to = to,
                                  .weight = weight,
                                  .seed = seed,
                                  .holds = held};
    rf_scores scores = {.side[RF_USER].percentile = percentile};
    rf_cluster_options options;
    rf_groups groups = {0};
    rf_err err = {0};
    int64_t most = 0;
    scores.side[rf_entity_side(0)].percentile = scores.side[rf_entity_side(1)].percentile = percentile;
    memset(seed, RF_SUSPECT_ODD, sizeof seed);
    for (uint32_t i = 0; i < TORN_LINKS; i++) {
        const uint32_t u = i / 4, card = 2 + 3 * (u / 6) + i % 4;
        from[i] = u;
        to[i] = TORN_U + (i % 4 == 3 ? TORN_DEVICE : card);
        weight[i] = i % 4 == 3 ? 0.3 : 1;
    }
    rf_cluster_options_default(&options);
    options.resolution = 1;
    options.max_members = max_members;
    RF_CHECK_OK(err, rf_suspects_split(&groups, &suspects, &whole, &scores, &options, &err));
    for (int64_t i = 0; i < groups.n; i++) {
        int64_t n = groups.end[i] - (i == 0 ? 0 : groups.end[i - 1]);
        most = n > most ? n : most;
    }
    *n_groups = groups.n;
    rf_groups_clear(&groups);
    return most;
}

START_TEST(what_holds_its_users_together_is_not_torn)
{
    int64_t n_groups;
    ck_assert_int_lt(most_together(&n_groups, false, 100), TORN_U);
    ck_assert_int_ge(n_groups, 2);
    ck_assert_int_eq(most_together(&n_groups, true, 100), TORN_U + TORN_V - 1);
    ck_assert_int_eq(n_groups, 1);
    ck_assert_int_le(most_together(&n_groups, true, 9), 9); /* as far as there is room */
    ck_assert_int_ge(n_groups, 1);
}
END_TEST

START_TEST(figures_are_over_all_kinds)
{
    market m = open_market();
    rf_clusters *clusters = found(&m, 0);
    const rf_cluster *c = &clusters->at[0];
    int64_t pairs = 0;
    double expected = 0;
    for (int k = 0; k < KINDS; k++) {
        const rf_adj *adj = rf_graph_adj(m.graph, k);
        double users = 0, entities = 0;
        for (int64_t e = 0; e < adj->n_e; e++) {
            bool u = is_member(clusters, c, RF_USER, adj->e_u[e]);
            bool v = is_member(clusters, c, rf_entity_side(k), adj->e_v[e]);
            pairs += u && v;
            users += u;
            entities += v;
        }
        expected += users * entities / (double)adj->n_e;
    }
    ck_assert_int_eq(c->n_edges, pairs);
    ck_assert_double_eq_tol(c->density, (double)pairs / (double)(RING * rf_cluster_entities(c)), 1e-12);
    ck_assert_double_eq_tol(c->expected_pairs, expected, 1e-9);
    ck_assert_int_ge(c->n_common, 3);
    ck_assert_int_eq(c->common_users[0], RING);
    for (int i = 0; i < c->n_common; i++)
        ck_assert(is_member(clusters, c, rf_entity_side(c->common_kind[i]), c->common[i]));
    rf_clusters_free(clusters);
    close_market(&m);
}
END_TEST

/* Tags in which only the first user of the family has one. */
static rf_tags *tag_one(const rf_graph *graph)
{
    static const char type[] = "farm";
    rf_tags *tags = zeroed(1, sizeof *tags);
    tags->kinds = graph->kinds;
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++) {
        rf_tag_side *of = &tags->side[side];
        of->n = graph->side[side].n;
        of->ptr = zeroed(of->n + 1, sizeof *of->ptr);
    }
    rf_tag_side *users = &tags->side[RF_USER];
    users->tags = zeroed(1, sizeof *users->tags);
    users->tags[0] = (rf_tag){.confidence = 1, .edge = RF_NO_EDGE};
    for (int64_t i = FAMILY; i < users->n; i++)
        users->ptr[i + 1] = 1;
    tags->rule_type.n = 1;
    tags->rule_type.at = zeroed(2, sizeof *tags->rule_type.at);
    tags->rule_type.at[1] = sizeof type;
    tags->rule_type.bytes = zeroed(sizeof type, 1);
    memcpy(tags->rule_type.bytes, type, sizeof type);
    return tags;
}

START_TEST(a_family_is_no_ring_unless_a_rule_says_so)
{
    market m = open_market();
    rf_cluster_options options;
    rf_clusters *clusters = found(&m, 0);
    rf_err err = {0};
    rf_tags *tags = tag_one(m.graph);
    for (uint32_t u = FAMILY; u < FAMILY + FAMILY_SIZE; u++)
        ck_assert_ptr_null(rf_clusters_of(clusters, m.graph, RF_USER, u));
    rf_clusters_free(clusters);
    rf_cluster_options_default(&options);
    options.dense_blocks = 0;
    RF_CHECK_OK(err, rf_clusters_find(&clusters, m.graph, m.scores, tags, &options, &err));
    ck_assert_int_eq(clusters->n, 2);
    const rf_cluster *family = rf_clusters_of(clusters, m.graph, rf_entity_side(2), FAMILY_CARD);
    ck_assert_ptr_nonnull(family);
    ck_assert_int_eq(family->n[RF_USER], FAMILY_SIZE);
    ck_assert_int_eq(rf_cluster_entities(family), 1);
    rf_clusters_free(clusters);
    rf_tags_free(tags);
    close_market(&m);
}
END_TEST

START_TEST(a_block_may_span_kinds)
{
    market m = open_market();
    rf_clusters *clusters = found(&m, 5);
    const rf_cluster *block = NULL;
    for (int64_t i = 0; i < clusters->n && block == NULL; i++)
        block = clusters->at[i].method == RF_CLUSTER_DENSE ? &clusters->at[i] : NULL;
    ck_assert_ptr_nonnull(block);
    ck_assert_int_eq(block->n[RF_USER], RING);
    ck_assert(is_member(clusters, block, rf_entity_side(1), RING_DEVICE));
    rf_clusters_free(clusters);
    close_market(&m);
}
END_TEST

START_TEST(the_whole_has_the_edges_of_all_kinds_user_by_user)
{
    market m = open_market();
    rf_whole whole;
    rf_err err = {0};
    int64_t row[KINDS] = {0};
    RF_CHECK_OK(err, rf_whole_init(&whole, m.graph, &err));
    const int64_t *rows[KINDS];
    const void *of_kind[KINDS];
    for (int k = 0; k < KINDS; k++) {
        int64_t n = rf_graph_adj(m.graph, k)->n_e, *numbers = zeroed(n, sizeof *numbers);
        for (int64_t e = 0; e < n; e++)
            numbers[e] = 1000 * k + e;
        of_kind[k] = rows[k] = numbers;
    }
    int64_t *lined_up = zeroed(whole.adj->n_e, sizeof *lined_up);
    rf_whole_line_up(lined_up, &whole, of_kind, sizeof *lined_up);
    for (int64_t e = 0; e < whole.adj->n_e; e++) {
        int k = rf_whole_kind(&whole, whole.adj->e_v[e]);
        const rf_adj *adj = rf_graph_adj(m.graph, k);
        uint32_t of_side;
        RF_HOLDS(lined_up[e] == 1000 * k + row[k]);
        RF_HOLDS(adj->e_u[row[k]] == whole.adj->e_u[e]);
        RF_HOLDS(rf_whole_place(&of_side, &whole, N_U + (int64_t)whole.adj->e_v[e]) == rf_entity_side(k));
        RF_HOLDS(of_side == adj->e_v[row[k]]);
        row[k]++;
    }
    for (int k = 0; k < KINDS; k++) {
        ck_assert_int_eq(row[k], rf_graph_adj(m.graph, k)->n_e);
        rf_mem_free((void *)(uintptr_t)rows[k]);
    }
    rf_mem_free(lined_up);
    rf_whole_clear(&whole);
    RF_SWEEP(rf_whole_init(&whole, m.graph, sweep_err), rf_whole_clear(&whole));
    close_market(&m);
}
END_TEST

/* ---- from run to run ---- */

static void next_run(rf_clusters *clusters, char number, const rf_graph *graph, const char *path)
{
    rf_err err = {0};
    memset(clusters->run_id, number, 32);
    RF_CHECK_OK(err, rf_clusters_recognise(clusters, graph, path, &err));
    RF_CHECK_OK(err, rf_clusters_register(clusters, graph, path, &err));
}

START_TEST(a_ring_is_known_again_by_what_it_shares)
{
    char path[RF_TEST_PATH];
    market m = open_market();
    rf_tmp_path(path, "clusters.h5");
    remove(path);
    rf_clusters *first = found(&m, 0), *second = found(&m, 0), *third = found(&m, 0);
    next_run(first, '1', m.graph, path);
    ck_assert_int_eq(first->at[0].change, RF_CLUSTER_NEW);
    next_run(second, '2', m.graph, path);
    ck_assert_int_eq(second->at[0].change, RF_CLUSTER_SAME);
    ck_assert_str_eq(second->at[0].id, first->at[0].id);

    /* The device is another one: one joined, one left. A card of the same id is no device. */
    m.graph->kinds.name[1][0] = 'x';
    third->kinds = m.graph->kinds;
    next_run(third, '3', m.graph, path);
    ck_assert_str_eq(third->at[0].id, first->at[0].id);
    ck_assert_int_eq(third->at[0].joined, 1);
    ck_assert_int_eq(third->at[0].left, 1);
    rf_clusters_free(first);
    rf_clusters_free(second);
    rf_clusters_free(third);
    close_market(&m);
}
END_TEST

START_TEST(a_registry_of_before_knows_the_main_kind)
{
    char path[RF_TEST_PATH];
    market m = open_market();
    rf_tmp_path(path, "before.h5");
    remove(path);
    rf_graph main_kind = rf_graph_of_kind(m.graph, 0);
    main_kind.kinds.n = 0;
    rf_clusters *clusters = NULL, *now = found(&m, 0);
    rf_cluster_options options;
    rf_err err = {0};
    rf_cluster_options_default(&options);
    options.dense_blocks = 0;
    RF_CHECK_OK(err, rf_clusters_find(&clusters, &main_kind, m.scores, NULL, &options, &err));
    ck_assert_int_ge(clusters->n, 1);
    next_run(clusters, '1', &main_kind, path);
    next_run(now, '2', m.graph, path);
    ck_assert_str_eq(now->at[0].id, clusters->at[0].id);
    ck_assert_int_eq(now->at[0].change, RF_CLUSTER_GROWN);
    ck_assert_int_eq(now->at[0].joined,
                     rf_cluster_members(&now->at[0]) - rf_cluster_members(&clusters->at[0]));
    rf_clusters_free(clusters);
    rf_clusters_free(now);
    close_market(&m);
}
END_TEST

/* ---- files ---- */

START_TEST(clusters_of_kinds_come_back_from_the_file)
{
    static const made_shape shapes[] = {
        {60, 9, 200, 2, 2, 2, 5}, {60, 30, 90, 2, 2, 2, 6}, {60, 40, 80, 2, 2, 2, 7}};
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_clusters *clusters = NULL, *read = NULL;
    rf_cluster_options options;
    rf_graph *graph = made_graph_of_kinds(shapes, KINDS);
    rf_scores *scores = made_scores(graph);
    rf_cluster_options_default(&options);
    options.seed_percentile = options.grow_percentile = 0.7;
    options.excess = 0;
    RF_CHECK_OK(err, rf_clusters_find(&clusters, graph, scores, NULL, &options, &err));
    ck_assert_int_gt(clusters->n_rows[rf_entity_side(1)] + clusters->n_rows[rf_entity_side(2)], 0);
    RF_CHECK_OK(err, rf_scores_save(scores, rf_tmp_path(path, "kinds.h5"), NULL, &err));
    RF_CHECK_OK(err, made_clusters_save(clusters, path, &err));
    RF_CHECK_OK(err, made_clusters_load(&read, path, scores, &err));
    ck_assert(rf_kinds_equal(&read->kinds, &clusters->kinds));
    ck_assert_int_eq(read->n, clusters->n);
    for (int64_t i = 0; i < read->n; i++) {
        const rf_cluster *a = &clusters->at[i], *b = &read->at[i];
        ck_assert_int_eq(memcmp(a->from, b->from, sizeof a->from), 0);
        ck_assert_int_eq(memcmp(a->n, b->n, sizeof a->n), 0);
        ck_assert_int_eq(a->n_common, b->n_common);
        for (int k = 0; k < a->n_common; k++)
            ck_assert(a->common[k] == b->common[k] && a->common_kind[k] == b->common_kind[k]);
    }
    for (rf_side side = 0; side < rf_sides(&read->kinds); side++) {
        ck_assert_int_eq(read->n_rows[side], clusters->n_rows[side]);
        for (int64_t i = 0; i < read->n_rows[side]; i++)
            ck_assert_uint_eq(read->rows[side][i], clusters->rows[side][i]);
    }
    rf_clusters_free(read);
    clusters->at[0].common_kind[0] = 7;
    ck_assert_int_gt(clusters->at[0].n_common, 0);
    RF_CHECK_OK(err, made_clusters_save(clusters, path, &err));
    ck_assert_int_eq(made_clusters_load(&read, path, scores, &err), RF_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.msg, "/clusters/common_kind is 7"));
    rf_clusters_free(clusters);
    rf_scores_free(scores);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("clusters_kinds", a_ring_on_a_device_is_one_cluster, what_holds_its_users_together_is_not_torn,
         figures_are_over_all_kinds, a_family_is_no_ring_unless_a_rule_says_so, a_block_may_span_kinds,
         the_whole_has_the_edges_of_all_kinds_user_by_user, a_ring_is_known_again_by_what_it_shares,
         a_registry_of_before_knows_the_main_kind, clusters_of_kinds_come_back_from_the_file)
