/* rules_world.h - a made graph with scores, counts and cells without data, for rules to judge. */
#ifndef RF_RULES_WORLD_H
#define RF_RULES_WORLD_H

#include "made_scores.h"
#include "rf_check.h"
#include "rf_rng.h"
#include "rules_judge_int.h"

#define WORLD_HEAD "version: 1\nname: test\n"

static const made_shape world_shape = {40, 25, 160, 3, 3, 3, 5};

static const rf_rules world_main_kind = {.kinds = {1, {"entity"}}}; /* a file that speaks of no other */

typedef struct world { /* a graph with scores */
    rf_graph *graph;
    rf_scores *scores;
    rule_world of;
} world;

static inline void world_add_counts(rf_graph_side *side, rf_rng *rng)
{
    side->count = rf_mem_zero((size_t)side->n, sizeof *side->count, NULL);
    ck_assert_ptr_nonnull(side->count);
    for (int64_t i = 0; i < side->n; i++)
        side->count[i] = 1 + rf_rng_below(rng, 9);
}

static inline void world_count_nodes(rf_graph *graph)
{
    const rf_adj *adj = &graph->adj;
    memset(graph->side[RF_USER].count, 0,
           (size_t)graph->side[RF_USER].n * sizeof *graph->side[RF_USER].count);
    memset(graph->side[RF_ENTITY].count, 0,
           (size_t)graph->side[RF_ENTITY].n * sizeof *graph->side[RF_ENTITY].count);
    for (int64_t e = 0; e < graph->side[RF_EDGE].n; e++) {
        graph->side[RF_USER].count[adj->e_u[e]] += graph->side[RF_EDGE].count[e];
        graph->side[RF_ENTITY].count[adj->e_v[e]] += graph->side[RF_EDGE].count[e];
    }
}

static inline void world_leave_cells(rf_graph_side *side, rf_rng *rng)
{
    for (int64_t i = 0; i < side->n * side->d; i++) {
        if (rf_rng_below(rng, 6) == 0)
            side->x[i] = -(rf_real)0.0;
    }
}

static inline void world_open(world *w, made_shape of, bool counts)
{
    rf_err err = {0};
    rf_rng rng;
    rf_score_options options;
    rf_rng_init(&rng, of.seed, 9);
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    options.reasons = 2;
    *w = (world){.graph = made_graph(of)};
    rf_graph_side *sides[3] = {&w->graph->side[RF_USER], &w->graph->side[RF_ENTITY],
                               &w->graph->side[RF_EDGE]};
    for (int i = 0; i < 3; i++) {
        world_leave_cells(sides[i], &rng);
        if (counts)
            world_add_counts(sides[i], &rng);
    }
    if (counts)
        world_count_nodes(w->graph);
    w->scores = made_scores_by(w->graph, &options);
    RF_CHECK_OK(err, rule_world_init(&w->of, &world_main_kind, w->graph, w->scores, NULL, &err));
}

/* Columns are kept under the rules that asked for them: other rules need another world. */
static inline void world_forget_columns(world *w)
{
    rf_err err = {0};
    rule_world_clear(&w->of);
    RF_CHECK_OK(err, rule_world_init(&w->of, &world_main_kind, w->graph, w->scores, NULL, &err));
}

static inline void world_close(world *w)
{
    rule_world_clear(&w->of);
    rf_scores_free(w->scores);
    rf_graph_free(w->graph);
}

static inline rf_rules *world_rules(const char *text)
{
    rf_rules *rules = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_rules_parse(&rules, "my.yaml", text, strlen(text), &err));
    return rules;
}

/* Rules with one signal. */
static inline rf_rules *world_one_signal(const char *subject, const char *value, const char *rest)
{
    char text[1024];
    snprintf(text, sizeof text,
             WORLD_HEAD "rules:\n- type: a\n  subject: %s\n  signals: {s: {value: '%s', %s}}\n", subject,
             value, rest);
    return world_rules(text);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
