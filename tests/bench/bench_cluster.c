/* bench_cluster.c - how long finding clusters takes, each way by itself, on a graph made up for it.
 *
 *   bench_cluster [EDGES [USERS [ENTITIES]]]      one JSON line each; 1,000,000 edges, 100,000 users, 20,000
 *                                                 entities by default
 *
 * Degrees are skewed (squares of uniform numbers), scores random; 200 planted rings of 12 users and 3
 * entities have the highest. Seconds are of the processor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rf_clusters.h"
#include "rf_mem.h"
#include "rf_rng.h"

enum { RINGS = 200, RING_U = 12, RING_V = 3 };

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *need(void *block)
{
    if (block == NULL) {
        fprintf(stderr, "bench_cluster: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return block;
}

static int by_pair(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint32_t skewed(rf_rng *rng, int64_t n)
{
    double u = rf_rng_uniform(rng);
    return (uint32_t)(u * u * (double)n);
}

static bool same_ring(uint32_t u, uint32_t v, int64_t n_u, int64_t n_v)
{
    int64_t first_u = n_u - RINGS * RING_U, first_v = n_v - RINGS * RING_V;
    return u >= first_u && v >= first_v && (u - first_u) / RING_U == (v - first_v) / RING_V;
}

static void init_side(rf_score_side *side, rf_graph_side *of, int64_t n, int64_t high_from, rf_rng *rng)
{
    side->n = of->n = n;
    side->score = need(rf_mem_zero((size_t)n, sizeof *side->score, NULL));
    side->percentile = need(rf_mem_zero((size_t)n, sizeof *side->percentile, NULL));
    for (int64_t i = 0; i < n; i++) {
        side->percentile[i] = (float)(i >= high_from ? 0.99 : 0.985 * rf_rng_uniform(rng));
        side->score[i] = (rf_real)side->percentile[i] * 5;
    }
}

static void make(rf_graph *graph, rf_scores *scores, int64_t n_e, int64_t n_u, int64_t n_v)
{
    rf_rng rng;
    rf_err err = {0};
    rf_rng_init(&rng, 1, 0);
    uint64_t *pairs = need(rf_mem_new((size_t)n_e, sizeof *pairs, NULL));
    uint32_t *u = need(rf_mem_new((size_t)n_e, sizeof *u, NULL));
    uint32_t *v = need(rf_mem_new((size_t)n_e, sizeof *v, NULL));
    for (int64_t i = 0; i < n_e; i++) {
        int64_t ring = i / (RING_U * RING_V), place = i % (RING_U * RING_V);
        uint32_t a = skewed(&rng, n_u), b = skewed(&rng, n_v);
        if (ring < RINGS) {
            a = (uint32_t)(n_u - (ring + 1) * RING_U + place / RING_V);
            b = (uint32_t)(n_v - (ring + 1) * RING_V + place % RING_V);
        }
        pairs[i] = (uint64_t)a << 32 | b;
    }
    qsort(pairs, (size_t)n_e, sizeof *pairs, by_pair);
    init_side(&scores->side[RF_USER], &graph->side[RF_USER], n_u, n_u - RINGS * RING_U, &rng);
    init_side(&scores->side[RF_ENTITY], &graph->side[RF_ENTITY], n_v, n_v, &rng);
    init_side(&scores->side[RF_EDGE], &graph->side[RF_EDGE], n_e, n_e, &rng);
    for (int64_t i = 0; i < n_e; i++) {
        u[i] = (uint32_t)(pairs[i] >> 32);
        v[i] = (uint32_t)pairs[i];
        bool odd = same_ring(u[i], v[i], n_u, n_v) || rf_rng_below(&rng, 300) == 0;
        scores->side[RF_EDGE].percentile[i] = odd ? 0.995F : scores->side[RF_EDGE].percentile[i];
    }
    if (rf_adj_init(&graph->adj, n_u, n_v, n_e, u, v, &err) < 0) {
        fprintf(stderr, "bench_cluster: %s\n", err.msg);
        exit(EXIT_FAILURE);
    }
    rf_mem_free(pairs);
    rf_mem_free(u);
    rf_mem_free(v);
}

static void measure(const char *way, const rf_graph *graph, const rf_scores *scores,
                    const rf_cluster_options *options)
{
    rf_clusters *clusters = NULL;
    rf_err err = {0};
    double began = cpu_s();
    if (rf_clusters_find(&clusters, graph, scores, NULL, options, &err) < 0) {
        fprintf(stderr, "bench_cluster: %s\n", err.msg);
        exit(EXIT_FAILURE);
    }
    printf("{\"bench\":\"cluster\",\"way\":\"%s\",\"edges\":%lld,\"clusters\":%lld,\"members\":%lld,"
           "\"seconds\":%.3f}\n",
           way, (long long)graph->side[RF_EDGE].n, (long long)clusters->n,
           (long long)(clusters->n_rows[RF_USER] + clusters->n_rows[RF_ENTITY]), cpu_s() - began);
    rf_clusters_free(clusters);
}

int main(int argc, char **argv)
{
    int64_t n_e = argc > 1 ? atoll(argv[1]) : 1000000, n_u = argc > 2 ? atoll(argv[2]) : 100000,
            n_v = argc > 3 ? atoll(argv[3]) : 20000;
    if (n_e < RINGS * RING_U * RING_V || n_u < RINGS * RING_U || n_v < RINGS * RING_V) {
        fprintf(stderr, "usage: bench_cluster [EDGES [USERS [ENTITIES]]], at least %d, %d and %d\n",
                RINGS * RING_U * RING_V, RINGS * RING_U, RINGS * RING_V);
        return 2;
    }
    rf_graph *graph = need(rf_mem_zero(1, sizeof *graph, NULL));
    rf_scores *scores = need(rf_mem_zero(1, sizeof *scores, NULL));
    rf_cluster_options options;
    rf_cluster_options_default(&options);
    make(graph, scores, n_e, n_u, n_v);
    options.dense_blocks = 0;
    measure("communities", graph, scores, &options);
    options.dense_blocks = 10;
    options.seed_percentile = 2; /* no seeds, no communities */
    measure("dense", graph, scores, &options);
    rf_graph_free(graph);
    rf_scores_free(scores);
    return 0;
}
