/* made_clusters.c - see made_clusters.h. */
#include "made_clusters.h"

#include "rf_check.h"

static void *copied(const void *from, size_t bytes)
{
    void *block = rf_mem_new(bytes, 1, NULL);
    ck_assert_ptr_nonnull(block);
    memcpy(block, from, bytes);
    return block;
}

static int32_t *nobody(int64_t n)
{
    int32_t *of = rf_mem_new((size_t)n, sizeof *of, NULL);
    ck_assert_ptr_nonnull(of);
    for (int64_t i = 0; i < n; i++)
        of[i] = -1;
    return of;
}

/* Entities 0 and 2 of kind 1 become members of the first community. */
static void add_kind(rf_clusters *clusters, const rf_graph *graph)
{
    static const uint32_t rows[] = {0, 2};
    const rf_side side = rf_entity_side(1);
    rf_cluster *first = &clusters->at[0];
    clusters->n_rows[side] = 2;
    clusters->rows[side] = copied(rows, sizeof rows);
    first->n[side] = 2;
    first->common[first->n_common] = 2;
    first->common_kind[first->n_common] = 1;
    first->common_users[first->n_common++] = 3;
    for (int64_t i = 1; i < clusters->n; i++)
        clusters->at[i].from[side] = 2;
    for (int k = 1; k < graph->kinds.n; k++)
        clusters->of[rf_entity_side(k)] = nobody(graph->side[rf_entity_side(k)].n);
    clusters->of[side][0] = clusters->of[side][2] = 0;
}

#define AT_US INT64_C(1525046400000000)

rf_clusters *made_clusters(const rf_graph *graph, const rf_scores *scores)
{
    static const uint32_t users[] = {0, 1, 2, 4, 7, 1, 2, 3}, entities[] = {0, 1, 3, 1, 2};
    static const int64_t type_at[] = {0, 12, 22};
    static const rf_cluster made[] = {
        {.id = "c-00000000000000a1",
         .method = RF_CLUSTER_COMMUNITY,
         .change = RF_CLUSTER_GROWN,
         .from[RF_USER] = 0,
         .n[RF_USER] = 3,
         .from[RF_ENTITY] = 0,
         .n[RF_ENTITY] = 2,
         .n_edges = 5,
         .n_events = 17,
         .density = 5.0 / 6,
         .score_mass = 0.25,
         .suspiciousness = 0.975,
         .expected_pairs = 2.25,
         .significance = -3.5,
         .first_us = AT_US,
         .last_us = AT_US + 3600000000,
         .n_tags = 2,
         .tag_rule = {1, 0, 0},
         .tag_members = {3, 1, 0},
         .n_common = 2,
         .common = {1, 0},
         .common_users = {3, 2},
         .previous_members = 4,
         .joined = 1,
         .left = 0},
        {.id = "c-00000000000000b2",
         .method = RF_CLUSTER_COMMUNITY,
         .change = RF_CLUSTER_NEW,
         .from[RF_USER] = 3,
         .n[RF_USER] = 2,
         .from[RF_ENTITY] = 2,
         .n[RF_ENTITY] = 1,
         .n_edges = 2,
         .n_events = 2,
         .density = 1,
         .score_mass = 0.125,
         .suspiciousness = 0.95,
         .first_us = AT_US - 60000000,
         .last_us = AT_US,
         .n_common = 1,
         .common = {3},
         .common_users = {2}},
        {.id = "c-00000000000000c3",
         .method = RF_CLUSTER_DENSE,
         .change = RF_CLUSTER_SAME,
         .from[RF_USER] = 5,
         .n[RF_USER] = 3,
         .from[RF_ENTITY] = 3,
         .n[RF_ENTITY] = 2,
         .n_edges = 6,
         .n_events = 12,
         .density = 1,
         .score_mass = 0.0625,
         .suspiciousness = 1.5,
         .expected_pairs = 0.75,
         .significance = 12.5,
         .first_us = AT_US,
         .last_us = AT_US,
         .n_common = 2,
         .common = {1, 2},
         .common_users = {3, 3},
         .previous_members = 5},
        {.id = "c-00000000000000d4",
         .method = RF_CLUSTER_COMMUNITY,
         .change = RF_CLUSTER_GONE,
         .from[RF_USER] = 8,
         .from[RF_ENTITY] = 5,
         .previous_members = 9,
         .left = 9},
    };
    rf_clusters *clusters = rf_mem_zero(1, sizeof *clusters, NULL);
    ck_assert_ptr_nonnull(clusters);
    ck_assert(graph->side[RF_USER].n >= 12 && graph->side[RF_ENTITY].n >= 6);
    clusters->n = 4;
    clusters->at = copied(made, sizeof made);
    clusters->n_rows[RF_USER] = 8;
    clusters->rows[RF_USER] = copied(users, sizeof users);
    clusters->n_rows[RF_ENTITY] = 5;
    clusters->rows[RF_ENTITY] = copied(entities, sizeof entities);
    clusters->of[RF_USER] = nobody(graph->side[RF_USER].n);
    clusters->of[RF_ENTITY] = nobody(graph->side[RF_ENTITY].n);
    for (int i = 0; i < 5; i++)
        clusters->of[RF_USER][users[i]] = i >= 3;
    for (int i = 0; i < 3; i++)
        clusters->of[RF_ENTITY][entities[i]] = i >= 2;
    clusters->kinds = graph->kinds;
    if (graph->kinds.n > 1)
        add_kind(clusters, graph);
    clusters->tag_types = (rf_texts){
        .n = 2, .at = copied(type_at, sizeof type_at), .bytes = copied("promo_abuse\0collusion", 22)};
    memcpy(clusters->run_id, scores->run_id, sizeof clusters->run_id);
    memcpy(clusters->previous_run_id, "0123456789abcdef0123456789abcdef", 33);
    return clusters;
}
