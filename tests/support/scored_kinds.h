/* scored_kinds.h - seeded graphs of several kinds with times, and their scores. */
#ifndef RF_SCORED_KINDS_H
#define RF_SCORED_KINDS_H

#include "made_graph.h"
#include "rf_check.h"
#include "rf_rng.h"
#include "rf_score.h"

/* Random times of the edges of all kinds. */
static inline void add_times(rf_graph *graph, uint64_t seed)
{
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++) {
        rf_graph_side *edges = &graph->side[rf_edge_side(k)];
        rf_rng rng;
        rf_rng_init(&rng, seed, (uint64_t)k);
        edges->first_us = rf_mem_zero((size_t)edges->n, sizeof *edges->first_us, NULL);
        edges->last_us = rf_mem_zero((size_t)edges->n, sizeof *edges->last_us, NULL);
        ck_assert(edges->first_us != NULL && edges->last_us != NULL);
        for (int64_t i = 0; i < edges->n; i++)
            edges->first_us[i] = edges->last_us[i] = (int64_t)rf_rng_below(&rng, 1000000) * 1000000;
    }
}

static inline rf_graph *made_kinds(const made_shape *of, int n)
{
    rf_graph *graph = made_graph_of_kinds(of, n);
    add_times(graph, 5);
    return graph;
}

static inline rf_scores *scored(const rf_graph *graph, rf_outputs *outputs, rf_score_method method,
                                rf_pool *pool)
{
    rf_scores *scores = NULL;
    rf_err err = {0};
    rf_score_options options;
    rf_score_options_default(&options);
    options.method = method;
    RF_CHECK_OK(err, rf_score_outputs(&scores, graph, outputs, &options, pool, &err));
    return scores;
}

#endif
