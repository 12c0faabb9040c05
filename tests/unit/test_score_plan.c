/* test_score_plan.c - what scoring is said to take is what it takes: the plan beside the blocks that it holds
 * at its peak.
 */
#include "made_graph.h"
#include "rf_check.h"
#include "rf_linalg.h"
#include "rf_mem.h"
#include "rf_rng.h"
#include "rf_score.h"
#include "rf_train.h"

#define ALLOWED 0.1                  /* that a plan is above */
#define APART (INT64_C(1000) * 1000) /* and bytes for libraries, and for the buffers of a thread */

typedef struct plan_case {
    made_shape shape;
    int hidden, threads;
    rf_score_method method;
    bool is_timed; /* else there is neither lockstep nor a sequence */
    int n_others;  /* kinds beside the main one */
    made_shape other[2];
} plan_case;

/* Of all kinds; few: small numbers of rows with the same columns. */
static rf_graph *graph_of(const plan_case *of, bool few)
{
    made_shape shapes[3] = {of->shape, of->other[0], of->other[1]};
    for (int k = 0; k <= of->n_others && few; k++)
        shapes[k].n_u = shapes[k].n_v = 20, shapes[k].n_e = 60;
    return of->n_others > 0 ? made_graph_of_kinds(shapes, 1 + of->n_others) : made_graph(shapes[0]);
}

static void give_times(rf_graph *graph)
{
    rf_rng rng;
    rf_rng_init(&rng, 11, 0);
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        rf_graph_side *side = &graph->side[s];
        side->first_us = rf_mem_zero((size_t)side->n, sizeof *side->first_us, NULL);
        ck_assert_ptr_nonnull(side->first_us);
        for (int64_t i = 0; i < side->n; i++)
            side->first_us[i] = graph->window_from_us + (int64_t)rf_rng_below(&rng, 1000000) * 1000000;
    }
}

/* A model of the case's columns, trained on a few edges. */
static rf_model *model_of(const plan_case *of)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_model *model = NULL;
    rf_train_result result;
    rf_train_options o;
    rf_train_options_default(&o);
    o.epochs = 1;
    for (rf_side s = 0; s < RF_SIDES; s++)
        o.hidden[s] = of->hidden;
    rf_graph *graph = graph_of(of, true);
    RF_CHECK_OK(err, rf_train(&result, graph, &o, rf_tmp_path(path, "plan.h5"), true, NULL, NULL, &err));
    RF_CHECK_OK(err, rf_model_load(&model, path, &err));
    rf_graph_free(graph);
    return model;
}

/* What the plan has of the graph, which is there before scoring begins. */
static int64_t graph_bytes(const rf_graph_size *size)
{
    int64_t bytes = 0;
    for (rf_side s = 0; s < rf_sides(&size->kinds); s++) {
        const bool is_edge = rf_side_role(s) == RF_EDGE;
        bytes += size->n[s] * (size->d[s] * (int64_t)sizeof(rf_real) + 3 * 8);
        bytes += is_edge ? size->n[s] * 3 * 4 : size->n[s] * (8 + 24);
    }
    return bytes;
}

static void check_plan(const plan_case *of)
{
    rf_err err = {0};
    rf_scores *scores = NULL;
    rf_pool *pool = NULL;
    rf_memory_plan plan;
    rf_score_options options;
    rf_score_options_default(&options);
    options.method = of->method;
    rf_model *model = model_of(of);
    rf_graph *graph = graph_of(of, false);
    rf_graph_size size = {.kinds = graph->kinds};
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        size.n[s] = graph->side[s].n;
        size.d[s] = graph->side[s].d;
    }
    if (of->is_timed)
        give_times(graph);
    RF_CHECK_OK(err, rf_pool_new(&pool, of->threads, &err));
    RF_CHECK_OK(err, rf_score_plan(&plan, model, &size, &options, of->threads, &err));
    const int64_t before = rf_mem_stats_get().live_bytes;
    rf_mem_peak_bytes_reset();
    RF_CHECK_OK(err, rf_score_compute(&scores, graph, model, &options, pool, &err));
    const int64_t took = rf_mem_stats_get().peak_bytes - before;
    const int64_t said =
        rf_memory_plan_bytes(&plan) + plan.reserved - of->threads * RF_LINALG_BUFFER - graph_bytes(&size);
    ck_assert_int_ge(said, took);
    ck_assert_int_le(said, took + (int64_t)(ALLOWED * (double)took) + (2 + of->threads) * APART);
    rf_scores_free(scores);
    rf_graph_free(graph);
    rf_model_free(model);
    rf_pool_free(pool);
}

START_TEST(scoring_takes_what_its_plan_says)
{
    static const plan_case cases[] = {
        /* outputs beside the encoder's edges */
        {{4000, 2000, 6000, 6, 6, 4, 1}, 48, 1, RF_METHOD_SURPRISE, true, 0, {{0}}},
        /* correlations of many columns */
        {{1000, 500, 4000, 4, 4, 90, 2}, 16, 3, RF_METHOD_SURPRISE, true, 0, {{0}}},
        /* users have more columns than edges */
        {{6000, 300, 6000, 60, 4, 3, 3}, 8, 1, RF_METHOD_SURPRISE, true, 0, {{0}}},
        /* few columns: what comes after them */
        {{300, 2000, 8000, 1, 1, 1, 4}, 2, 1, RF_METHOD_SURPRISE, true, 0, {{0}}},
        {{3000, 2000, 20000, 1, 1, 1, 5}, 2, 1, RF_METHOD_GRAPHBEAN, true, 0, {{0}}},
        /* made rows, and a sample of them */
        {{1000, 1000, 132000, 1, 1, 10, 6}, 2, 2, RF_METHOD_SURPRISE, false, 0, {{0}}},
        /* another kind has most edges and columns, or most entities */
        {{1000, 100, 3000, 4, 4, 4, 7},
         8,
         2,
         RF_METHOD_SURPRISE,
         true,
         2,
         {{1000, 500, 9000, 4, 3, 40, 8}, {1000, 2000, 2500, 4, 20, 2, 9}}},
        {{3000, 300, 9000, 4, 4, 4, 7},
         8,
         1,
         RF_METHOD_GRAPHBEAN,
         true,
         1,
         {{3000, 2500, 6000, 4, 9, 3, 8}, {0}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_plan(&cases[i]);
}
END_TEST

RF_SUITE("score_plan", scoring_takes_what_its_plan_says)
