/* score.c - the formulas of rf_score.h: outputs of the model in, scores of edges and nodes out.
 *
 * Pure functions: score_model.c applies the model, scores_file.c handles files.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_fingerprint.h"
#include "rf_mem.h"
#include "rf_rank.h"
#include "scoring_int.h"

#define BLOCK_ROWS 4096
#define PROBABILITY_FLOOR 1e-12

void rf_score_options_default(rf_score_options *options)
{
    *options = (rf_score_options){.agg = RF_AGG_MAX, .eta = 0.2, .frozen = false, .reasons = 5};
}

/* ---- arrays ---- */

static void side_clear(rf_score_side *side)
{
    rf_mem_free(side->x_error);
    rf_mem_free(side->score);
    rf_mem_free(side->ce);
    rf_mem_free(side->percentile);
    rf_mem_free(side->robust_z);
    rf_mem_free(side->reason_feature);
    rf_mem_free(side->reason_expected);
    rf_mem_free(side->reason_share);
    rf_mem_free(side->z);
    *side = (rf_score_side){0};
}

static void *new_rows(int64_t n, size_t columns, size_t size, rf_err *err)
{
    size_t row_bytes;
    if (!rf_mul_size(&row_bytes, columns, size))
        row_bytes = SIZE_MAX; /* which rf_mem refuses */
    return rf_mem_zero((size_t)n, row_bytes, err);
}

static bool reasons_init(rf_score_side *side, rf_err *err)
{
    size_t columns = (size_t)side->n_reasons;
    if (columns == 0)
        return true;
    side->reason_feature = new_rows(side->n, columns, sizeof *side->reason_feature, err);
    side->reason_expected = new_rows(side->n, columns, sizeof *side->reason_expected, err);
    side->reason_share = new_rows(side->n, columns, sizeof *side->reason_share, err);
    return side->reason_feature != NULL && side->reason_expected != NULL && side->reason_share != NULL;
}

rf_status rf_score_side_init(rf_score_side *side, int64_t n, int n_reasons, int latent, bool is_edges,
                             rf_err *err)
{
    side->n = n;
    side->n_reasons = n_reasons;
    side->latent = latent;
    side->x_error = new_rows(n, 1, sizeof *side->x_error, err);
    side->score = new_rows(n, 1, sizeof *side->score, err);
    side->percentile = new_rows(n, 1, sizeof *side->percentile, err);
    side->robust_z = new_rows(n, 1, sizeof *side->robust_z, err);
    side->ce = is_edges ? new_rows(n, 1, sizeof *side->ce, err) : NULL;
    side->z = latent > 0 ? new_rows(n, (size_t)latent, sizeof *side->z, err) : NULL;
    bool whole = side->x_error != NULL && side->score != NULL && side->percentile != NULL &&
                 side->robust_z != NULL && (!is_edges || side->ce != NULL) &&
                 (latent == 0 || side->z != NULL) && reasons_init(side, err);
    return whole ? RF_OK : RF_E_NOMEM;
}

void rf_scores_free(rf_scores *scores)
{
    if (scores == NULL)
        return;
    side_clear(&scores->side[RF_USER]);
    side_clear(&scores->side[RF_ENTITY]);
    side_clear(&scores->side[RF_EDGE]);
    rf_mem_free(scores);
}

/* ---- edges and nodes ---- */

typedef struct score_task {
    rf_scores *scores;
    const rf_graph *graph;
    const rf_real *eprob;
} score_task;

static int64_t block_end(int64_t from, int64_t n)
{
    return from + BLOCK_ROWS < n ? from + BLOCK_ROWS : n;
}

static void edge_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const score_task *task = context;
    rf_score_side *e = &task->scores->side[RF_EDGE];
    for (int64_t i = index * BLOCK_ROWS, to = block_end(i, e->n); i < to; i++) {
        e->ce[i] = (rf_real)-log((double)task->eprob[i] + PROBABILITY_FLOOR);
        e->score[i] = (rf_real)((double)e->x_error[i] + task->scores->eta * (double)e->ce[i]);
    }
}

/* Max or mean of the scores of edges[0..n) (NULL: of the n edges from `first` on); 0 when there are none. */
static double aggregate(const rf_scores *scores, const uint32_t *edges, int64_t first, int64_t n)
{
    if (n == 0)
        return 0;
    double sum = 0, max = -INFINITY;
    for (int64_t k = 0; k < n; k++) {
        double score = (double)scores->side[RF_EDGE].score[edges != NULL ? (int64_t)edges[k] : first + k];
        sum += score;
        if (!(score <= max)) /* a NaN edge makes a NaN node */
            max = score;
    }
    return scores->agg == RF_AGG_MAX ? max : sum / (double)n;
}

static void user_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const score_task *task = context;
    rf_score_side *u = &task->scores->side[RF_USER];
    const int64_t *ptr = task->graph->adj.u_ptr;
    for (int64_t i = index * BLOCK_ROWS, to = block_end(i, u->n); i < to; i++)
        u->score[i] =
            (rf_real)((double)u->x_error[i] + aggregate(task->scores, NULL, ptr[i], ptr[i + 1] - ptr[i]));
}

static void entity_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const score_task *task = context;
    rf_score_side *v = &task->scores->side[RF_ENTITY];
    const rf_adj *adj = &task->graph->adj;
    const int64_t *ptr = adj->v_ptr;
    for (int64_t i = index * BLOCK_ROWS, to = block_end(i, v->n); i < to; i++) {
        double edges = aggregate(task->scores, adj->v_edge + ptr[i], 0, ptr[i + 1] - ptr[i]);
        v->score[i] = (rf_real)((double)v->x_error[i] + edges);
    }
}

static void run_blocks(score_task *task, int64_t n, void (*block)(void *, int64_t, int), rf_pool *pool)
{
    rf_pool_run(pool, (n + BLOCK_ROWS - 1) / BLOCK_ROWS, block, task);
}

/* ---- checks and ranks ---- */

static rf_status check_finite(const rf_score_side *side, const char *kind, rf_err *err)
{
    for (int64_t i = 0; i < side->n; i++) {
        if (!isfinite(side->score[i]))
            return rf_err_set(
                err, RF_E_NUMERIC, __FILE__, __LINE__,
                "score: the score of %s %lld is %g (feature error %g): the model's outputs are not finite; "
                "train it again with a smaller lr",
                kind, (long long)i, (double)side->score[i], (double)side->x_error[i]);
    }
    return RF_OK;
}

static rf_status rank_side(rf_score_side *side, const char *kind, rf_err *err)
{
    rf_status st = RF_OK;
    rf_ranked *sorted = NULL;
    RF_TRY(check_finite(side, kind, err));
    RF_TRY(rf_rank_sort(&sorted, side->n, side->score, err));
    rf_rank_describe(side->percentile, side->robust_z, sorted, side->n);
done:
    rf_mem_free(sorted);
    return st;
}

static rf_status check_options(const rf_score_options *options, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    if (!isfinite(options->eta) || options->eta < 0)
        RF_FAIL(err, RF_E_INVALID, "score: eta is %g; it must be a finite number, 0 or more", options->eta);
    if (options->reasons < 0 || options->reasons > RF_MAX_REASONS)
        RF_FAIL(err, RF_E_INVALID, "score: reasons is %d; it must be from 0 to %d", options->reasons,
                RF_MAX_REASONS);
    for (rf_side i = 0; i < RF_SIDES; i++) {
        if (graph->side[i].d > UINT16_MAX)
            RF_FAIL(err, RF_E_INVALID, "score: %d feature columns; at most %d can be scored",
                    graph->side[i].d, UINT16_MAX);
        if (graph->side[i].x == NULL && graph->side[i].n * graph->side[i].d > 0)
            RF_FAIL(err, RF_E_INVALID, "score: the graph was loaded without its features");
    }
done:
    return st;
}

static int fewer(int a, int b)
{
    return a < b ? a : b;
}

static rf_status scores_init(rf_scores *scores, const rf_aligned *seen, const rf_outputs *outputs,
                             const rf_score_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = &seen->graph;
    int reasons[3];
    for (rf_side i = 0; i < RF_SIDES; i++)
        reasons[i] = fewer(options->reasons, rf_reasons_possible(seen->column[i], graph->side[i].d));
    scores->agg = options->agg;
    scores->eta = options->eta;
    scores->frozen = options->frozen;
    scores->fit = seen->fit;
    RF_TRY(rf_score_side_init(&scores->side[RF_USER], graph->side[RF_USER].n, reasons[0], outputs->latent_u,
                              false, err));
    RF_TRY(rf_score_side_init(&scores->side[RF_ENTITY], graph->side[RF_ENTITY].n, reasons[1],
                              outputs->latent_v, false, err));
    RF_TRY(rf_score_side_init(&scores->side[RF_EDGE], graph->side[RF_EDGE].n, reasons[2], 0, true, err));
done:
    return st;
}

static void find_residuals(rf_scores *scores, const rf_graph *graph, const rf_aligned *seen,
                           const rf_outputs *outputs, rf_pool *pool)
{
    const rf_real *xhat[RF_SIDES] = {outputs->xu, outputs->xv, outputs->xe};
    for (rf_side i = 0; i < RF_SIDES; i++) {
        const rf_graph_side *x = &seen->graph.side[i];
        rf_residual_rows(&scores->side[i], x->x, xhat[i], seen->column[i], x->n, x->d, pool);
        rf_reasons_translate(&scores->side[i], &graph->side[i], x, seen->column[i]);
    }
}

static void copy_latents(rf_score_side *side, const rf_real *z)
{
    size_t bytes = (size_t)side->n * (size_t)side->latent * sizeof *z;
    if (bytes > 0)
        memcpy(side->z, z, bytes);
}

rf_status rf_score_aligned(rf_scores **out, const rf_graph *graph, const rf_aligned *seen,
                           const rf_outputs *outputs, const rf_score_options *options, rf_pool *pool,
                           rf_err *err)
{
    rf_status st = RF_OK;
    rf_scores *scores = NULL;

    RF_TRY(check_options(options, &seen->graph, err));
    scores = rf_mem_zero(1, sizeof *scores, err);
    if (scores == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    RF_TRY(scores_init(scores, seen, outputs, options, err));
    rf_graph_edges_fingerprint(scores->graph_edges, graph);
    rf_graph_features_fingerprint(scores->graph_features, graph);
    find_residuals(scores, graph, seen, outputs, pool);
    copy_latents(&scores->side[RF_USER], outputs->zu);
    copy_latents(&scores->side[RF_ENTITY], outputs->zv);

    score_task task = {.scores = scores, .graph = graph, .eprob = outputs->eprob};
    run_blocks(&task, scores->side[RF_EDGE].n, edge_block, pool);
    run_blocks(&task, scores->side[RF_USER].n, user_block, pool);
    run_blocks(&task, scores->side[RF_ENTITY].n, entity_block, pool);
    RF_TRY(rank_side(&scores->side[RF_EDGE], "edge", err));
    RF_TRY(rank_side(&scores->side[RF_USER], "user", err));
    RF_TRY(rank_side(&scores->side[RF_ENTITY], "entity", err));
    rf_scores_name(scores, graph, "", 0);
    *out = scores;
    scores = NULL;
done:
    rf_scores_free(scores);
    return st;
}

rf_status rf_score_outputs(rf_scores **out, const rf_graph *graph, const rf_outputs *outputs,
                           const rf_score_options *options, rf_pool *pool, rf_err *err)
{
    const rf_aligned whole = {.graph = *graph};
    return rf_score_aligned(out, graph, &whole, outputs, options, pool, err);
}

void rf_scores_name(rf_scores *scores, const rf_graph *graph, const char *model_id, int64_t trained_at_us)
{
    char settings[160];
    snprintf(scores->model_id, sizeof scores->model_id, "%s", model_id);
    scores->model_trained_at_us = trained_at_us;
    snprintf(settings, sizeof settings, "agg=%d eta=%.17g frozen=%d window=%lld..%lld", (int)scores->agg,
             scores->eta, scores->frozen, (long long)graph->window_from_us, (long long)graph->window_to_us);
    const char *parts[] = {scores->graph_edges, scores->graph_features, scores->model_id, settings};
    rf_fingerprint_texts(scores->run_id, parts, 4);
}
