/* score.c - the formulas of rf_score.h: outputs of the model in, scores of edges and nodes out.
 *
 * rf_score_compute lays the model's columns over the graph and applies the model first. scores_file.c handles
 * files.
 */
#include "logs_int.h"
#include "rf_fingerprint.h"
#include "rf_mem.h"
#include "rf_rank.h"
#include "rf_surprise.h"
#include "row_blocks_int.h"
#include "scoring_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BLOCK_ROWS 4096
#define PROBABILITY_FLOOR 1e-12

void rf_score_options_default(rf_score_options *options)
{
    *options = (rf_score_options){
        .method = RF_METHOD_SURPRISE, .agg = RF_AGG_MAX, .eta = 0.2, .frozen = false, .reasons = 5};
}

/* ---- arrays ---- */

static rf_status new_rows(void *out, int64_t n, int columns, size_t size, rf_err *err)
{
    size_t row_bytes;
    void *rows;
    if (!rf_mul_size(&row_bytes, (size_t)columns, size))
        row_bytes = SIZE_MAX; /* which rf_mem refuses */
    rows = rf_mem_zero((size_t)n, row_bytes, err);
    memcpy(out, &rows, sizeof rows);
    return rows == NULL ? RF_E_NOMEM : RF_OK;
}

rf_status rf_score_side_init(rf_score_side *side, int64_t n, int n_reasons, int latent, bool is_edges,
                             rf_err *err)
{
    rf_status st = RF_OK;
    side->n = n;
    side->n_reasons = n_reasons;
    side->latent = latent;
    RF_TRY(new_rows(&side->x_error, n, 1, sizeof *side->x_error, err));
    RF_TRY(new_rows(&side->score, n, 1, sizeof *side->score, err));
    RF_TRY(new_rows(&side->percentile, n, 1, sizeof *side->percentile, err));
    RF_TRY(new_rows(&side->robust_z, n, 1, sizeof *side->robust_z, err));
    if (is_edges)
        RF_TRY(new_rows(&side->ce, n, 1, sizeof *side->ce, err));
    if (latent > 0)
        RF_TRY(new_rows(&side->z, n, latent, sizeof *side->z, err));
    if (n_reasons > 0) {
        RF_TRY(new_rows(&side->reason_feature, n, n_reasons, sizeof *side->reason_feature, err));
        RF_TRY(new_rows(&side->reason_expected, n, n_reasons, sizeof *side->reason_expected, err));
        RF_TRY(new_rows(&side->reason_share, n, n_reasons, sizeof *side->reason_share, err));
    }
done:
    return st;
}

void rf_scores_free(rf_scores *scores)
{
    if (scores == NULL)
        return;
    for (rf_side s = 0; s < RF_SIDES_MOST; s++) {
        rf_score_side *side = &scores->side[s];
        rf_mem_free(side->x_error);
        rf_mem_free(side->score);
        rf_mem_free(side->ce);
        rf_mem_free(side->percentile);
        rf_mem_free(side->robust_z);
        rf_mem_free(side->reason_feature);
        rf_mem_free(side->reason_expected);
        rf_mem_free(side->reason_share);
        rf_mem_free(side->z);
        rf_mem_free(side->p_value);
        rf_mem_free(side->fdr);
        for (int p = 0; p < RF_PARTS; p++)
            rf_mem_free(side->part[p]);
        for (int k = 0; k < RF_KINDS_MOST; k++)
            rf_mem_free(side->of_kind[k]);
    }
    rf_mem_free(scores);
}

/* ---- edges and nodes ---- */

typedef struct score_task {
    rf_scores *scores;
    const rf_graph *graph;
    int kind;             /* of the edges and entities */
    const rf_real *eprob; /* of the kind's edges */
} score_task;

/* Of a sure edge p + floor is above 1: the rounding of nothing. */
static rf_real improbability(double log_of_probability)
{
    return (rf_real)fmax(-log_of_probability, 0);
}

static void edge_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const score_task *task = context;
    rf_score_side *e = &task->scores->side[rf_edge_side(task->kind)];
    for (int64_t i = index * BLOCK_ROWS, to = rf_row_block_end(index, BLOCK_ROWS, e->n); i < to; i++) {
        e->ce[i] = improbability(log((double)task->eprob[i] + PROBABILITY_FLOOR));
        e->score[i] = (rf_real)((double)e->x_error[i] + task->scores->eta * (double)e->ce[i]);
    }
}

typedef struct edge_sum { /* over the edges of a node */
    int64_t n;
    double sum, max;
} edge_sum;

/* edges[0..n) (NULL: the n edges from `first` on) */
static void add_edges(edge_sum *out, const rf_score_side *side, const uint32_t *edges, int64_t first,
                      int64_t n)
{
    for (int64_t k = 0; k < n; k++) {
        double score = (double)side->score[edges != NULL ? (int64_t)edges[k] : first + k];
        out->sum += score;
        if (!(score <= out->max)) /* a NaN edge makes a NaN node */
            out->max = score;
    }
    out->n += n;
}

/* Max or mean; 0 when there are none. */
static double aggregate(const edge_sum *edges, rf_score_agg agg)
{
    if (edges->n == 0)
        return 0;
    return agg == RF_AGG_MAX ? edges->max : edges->sum / (double)edges->n;
}

static void user_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const score_task *task = context;
    rf_score_side *u = &task->scores->side[RF_USER];
    for (int64_t i = index * BLOCK_ROWS, to = rf_row_block_end(index, BLOCK_ROWS, u->n); i < to; i++) {
        edge_sum edges = {.max = -INFINITY};
        for (int k = 0; k < rf_kinds_n(&task->graph->kinds); k++) {
            const int64_t *ptr = rf_graph_adj(task->graph, k)->u_ptr;
            add_edges(&edges, &task->scores->side[rf_edge_side(k)], NULL, ptr[i], ptr[i + 1] - ptr[i]);
        }
        u->score[i] = (rf_real)((double)u->x_error[i] + aggregate(&edges, task->scores->agg));
    }
}

static void entity_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const score_task *task = context;
    rf_score_side *v = &task->scores->side[rf_entity_side(task->kind)];
    const rf_adj *adj = rf_graph_adj(task->graph, task->kind);
    const int64_t *ptr = adj->v_ptr;
    for (int64_t i = index * BLOCK_ROWS, to = rf_row_block_end(index, BLOCK_ROWS, v->n); i < to; i++) {
        edge_sum edges = {.max = -INFINITY};
        add_edges(&edges, &task->scores->side[rf_edge_side(task->kind)], adj->v_edge + ptr[i], 0,
                  ptr[i + 1] - ptr[i]);
        v->score[i] = (rf_real)((double)v->x_error[i] + aggregate(&edges, task->scores->agg));
    }
}

static void run_blocks(void *context, int64_t n, void (*block)(void *, int64_t, int), rf_pool *pool)
{
    rf_pool_run(pool, rf_row_blocks(n, BLOCK_ROWS), block, context);
}

static void score_by_graphbean(rf_scores *scores, const rf_graph *graph, const rf_outputs *outputs,
                               rf_pool *pool)
{
    score_task task = {.scores = scores, .graph = graph};
    for (task.kind = 0; task.kind < rf_kinds_n(&graph->kinds); task.kind++) { /* nodes' scores contain them */
        task.eprob = rf_outputs_of_kind(outputs, task.kind).eprob;
        run_blocks(&task, scores->side[rf_edge_side(task.kind)].n, edge_block, pool);
    }
    run_blocks(&task, scores->side[RF_USER].n, user_block, pool);
    for (task.kind = 0; task.kind < rf_kinds_n(&graph->kinds); task.kind++)
        run_blocks(&task, scores->side[rf_entity_side(task.kind)].n, entity_block, pool);
}

/* ---- surprise ---- */

static void sum_parts(void *context, int64_t index, int worker)
{
    rf_score_side *side = context;
    (void)worker;
    for (int64_t i = index * BLOCK_ROWS, to = rf_row_block_end(index, BLOCK_ROWS, side->n); i < to; i++) {
        double sum = 0;
        for (int p = 0; p < RF_PARTS; p++)
            sum += side->part[p] != NULL && rf_part_table[p].in_total ? (double)side->part[p][i] : 0;
        side->score[i] = (rf_real)sum;
    }
}

static void find_ce(void *context, int64_t index, int worker)
{
    enum { AT_ONCE = 256 };
    const score_task *task = context;
    const rf_score_side *e = &task->scores->side[rf_edge_side(task->kind)];
    const int64_t to = rf_row_block_end(index, BLOCK_ROWS, e->n);
    double logs[AT_ONCE];
    (void)worker;
    for (int64_t from = index * BLOCK_ROWS; from < to; from += AT_ONCE) {
        const int64_t n = to - from < AT_ONCE ? to - from : AT_ONCE;
        for (int64_t i = 0; i < n; i++)
            logs[i] = (double)task->eprob[from + i] + PROBABILITY_FLOOR;
        rf_logs(logs, n);
        for (int64_t i = 0; i < n; i++)
            e->ce[from + i] = improbability(logs[i]);
    }
}

typedef struct maker { /* of scores by surprise, and where they are written meanwhile */
    rf_scores *scores;
    const rf_graph *graph;
    const rf_aligned *seen;
    rf_h5 *early; /* or NULL */
} maker;

static rf_status rows_made(void *context, int kind, rf_err *err)
{
    const maker *made = context;
    const rf_side s = rf_edge_side(kind);
    rf_score_side *side = &made->scores->side[s];
    rf_reasons_translate(side, &made->graph->side[s], &made->seen->graph.side[s], made->seen->column[s]);
    return rf_scores_lend_rows(made->early, &made->graph->kinds, s, side, err);
}

static rf_status part_made(void *context, int kind, rf_part_id part, const float *nats, rf_err *err)
{
    const maker *made = context;
    const rf_side s = rf_edge_side(kind);
    return rf_scores_lend_part(made->early, &made->graph->kinds, s, part, nats, made->scores->side[s].n, err);
}

typedef struct kind_views { /* what rf_surprise_input borrows */
    rf_graph graph, seen;
} kind_views;

/* edges: begun, of each kind. */
static rf_status score_by_surprise(rf_scores *scores, const rf_graph *graph, const rf_aligned *seen,
                                   rf_outputs *outputs, rf_residuals *edges, rf_h5 *early, rf_pool *pool,
                                   rf_err *err)
{
    rf_status st = RF_OK;
    const int n_kinds = rf_kinds_n(&graph->kinds);
    maker made = {scores, graph, seen, early};
    const rf_surprise_listener listener = {&made, rows_made, part_made};
    rf_surprise_input in[RF_KINDS_MOST];
    rf_surprise_nats nats = {0};
    kind_views *views = NULL;
    RF_NEW(views, n_kinds, err);
    for (int k = 0; k < n_kinds; k++) {
        score_task task = {.scores = scores, .kind = k, .eprob = rf_outputs_of_kind(outputs, k).eprob};
        run_blocks(&task, scores->side[rf_edge_side(k)].n, find_ce, pool);
        views[k] = (kind_views){rf_graph_of_kind(graph, k), rf_graph_of_kind(&seen->graph, k)};
        in[k] = (rf_surprise_input){.kind = k,
                                    .graph = &views[k].graph,
                                    .seen = &views[k].seen,
                                    .outputs = outputs,
                                    .see = rf_residuals_see,
                                    .seer = &edges[k],
                                    .listener = &listener,
                                    .ce = scores->side[rf_edge_side(k)].ce};
    }
    st = rf_surprise_parts(&nats, in, n_kinds, pool, err);
    memcpy(scores->side[RF_USER].of_kind, nats.of_kind, sizeof nats.of_kind);
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        memcpy(scores->side[s].part, nats.part[s], sizeof nats.part[s]);
        if (st == RF_OK)
            run_blocks(&scores->side[s], scores->side[s].n, sum_parts, pool);
    }
done:
    rf_mem_free(views);
    return st;
}

rf_anomaly rf_score_anomaly(const rf_score_side *side, int64_t row)
{
    double nats[RF_ANOMALIES] = {0};
    rf_anomaly most = RF_ANOMALY_NONE;
    for (int p = 0; p < RF_PARTS; p++)
        nats[rf_part_table[p].anomaly] +=
            side->part[p] != NULL && rf_part_table[p].in_total ? (double)side->part[p][row] : 0;
    nats[RF_ANOMALY_NONE] = 0;
    for (int kind = 0; kind < RF_ANOMALIES; kind++)
        most = nats[kind] > nats[most] ? (rf_anomaly)kind : most;
    return most;
}

/* ---- checks and ranks ---- */

typedef struct ranking { /* of a side */
    rf_side name;
    rf_score_side *side;
    rf_ranked *sorted;
    const rf_bulk *earlier; /* or NULL */
    double sharers_reach;
    rf_status st;
    rf_err err;
} ranking;

typedef struct ranks_task {
    rf_scores *scores;
    const rf_graph *graph;
    ranking of[RF_SIDES_MOST]; /* in the order in which they are sorted */
    int n;
} ranks_task;

static rf_status check_finite(const rf_score_side *side, rf_side s, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; i < side->n; i++) {
        if (!isfinite(side->score[i]))
            RF_FAIL(
                err, RF_E_NUMERIC,
                "score: the score of %s %lld is %g (feature error %g): the model's outputs are not finite; "
                "train it again with a smaller lr",
                rf_side_name(s), (long long)i, (double)side->score[i], (double)side->x_error[i]);
    }
done:
    return st;
}

/* Work 0 is the fingerprint of the features: one thread's, and as long as a sort. */
static void sort_side(void *context, int64_t which, int worker)
{
    ranks_task *task = context;
    (void)worker;
    if (which == 0) {
        rf_graph_features_fingerprint(task->scores->graph_features, task->graph);
        return;
    }
    ranking *r = &task->of[which - 1];
    r->st = rf_rank_sort(&r->sorted, r->side->n, r->side->score, &r->err);
}

/* Ranks, and what they are worth: neither needs the other. */
static void describe_or_calibrate(void *context, int64_t which, int worker)
{
    ranking *r = context;
    rf_score_side *side = r->side;
    (void)worker;
    if (which == 0) {
        rf_rank_describe(side->percentile, side->robust_z, r->sorted, side->n);
        return;
    }
    if (r->earlier != NULL)
        side->bulk = *r->earlier;
    else
        r->st = rf_bulk_fit(&side->bulk, r->sorted, side->n, &r->err);
    if (r->st >= 0)
        rf_calibrate(side->p_value, side->fdr, &side->bulk, r->sharers_reach, r->sorted, side->n);
}

static rf_status describe_side(ranking *r, bool is_calibrated, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_score_side *side = r->side;
    if (is_calibrated) {
        RF_NEW(side->p_value, side->n, err);
        RF_NEW(side->fdr, side->n, err);
    }
    rf_pool_run(pool, is_calibrated ? 2 : 1, describe_or_calibrate, r);
    if (r->st < 0)
        RF_FAIL(err, r->st, "%s", r->err.msg);
done:
    return st;
}

static double sharers_reach_of(const rf_kinds *kinds, rf_side side)
{
    if (rf_kinds_n(kinds) == 1)
        return 0;
    if (side == RF_EDGE)
        return RF_SHARERS_REACH_MAIN_EDGES;
    return rf_side_kind(side) > 0 && rf_side_role(side) == RF_ENTITY ? RF_SHARERS_REACH_THINGS
                                                                     : RF_SHARERS_REACH;
}

/* Edges first: their sorts take longest. */
static void begin_ranks(ranks_task *task, const rf_calibration *earlier)
{
    static const rf_side roles[] = {RF_EDGE, RF_USER, RF_ENTITY};
    const rf_kinds *kinds = &task->scores->kinds;
    for (int k = 0; k < RF_SIDES; k++) {
        for (rf_side s = 0; s < rf_sides(kinds); s++) {
            if (rf_side_role(s) == roles[k])
                task->of[task->n++] = (ranking){.side = &task->scores->side[s],
                                                .name = s,
                                                .sharers_reach = sharers_reach_of(kinds, s),
                                                .earlier = earlier != NULL ? &earlier->bulk[s] : NULL};
        }
    }
}

/* Ranks of all sides; and the fingerprint of the features. */
static rf_status rank_sides(rf_scores *scores, const rf_graph *graph, const rf_calibration *earlier,
                            rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const bool is_calibrated = scores->method == RF_METHOD_SURPRISE;
    ranks_task task = {.scores = scores, .graph = graph};
    begin_ranks(&task, earlier);
    for (int k = 0; k < task.n; k++)
        RF_TRY(check_finite(task.of[k].side, task.of[k].name, err));
    rf_pool_run(pool, task.n + 1, sort_side, &task);
    for (int k = 0; k < task.n; k++) {
        ranking *r = &task.of[k];
        if (r->st < 0)
            RF_FAIL(err, r->st, "%s", r->err.msg);
        RF_TRY(describe_side(r, is_calibrated, pool, err));
        rf_mem_free(r->sorted);
        r->sorted = NULL;
    }
done:
    for (int k = 0; k < task.n; k++)
        rf_mem_free(task.of[k].sorted);
    return st;
}

static rf_status check_options(const rf_score_options *options, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_calibration *earlier = options->method == RF_METHOD_SURPRISE ? options->calibration : NULL;
    if (!isfinite(options->eta) || options->eta < 0)
        RF_FAIL(err, RF_E_INVALID, "score: eta is %g; it must be a finite number, 0 or more", options->eta);
    if (options->reasons < 0 || options->reasons > RF_MAX_REASONS)
        RF_FAIL(err, RF_E_INVALID, "score: reasons is %d; it must be from 0 to %d", options->reasons,
                RF_MAX_REASONS);
    if (earlier != NULL && !rf_kinds_equal(&earlier->kinds, &graph->kinds))
        RF_FAIL(err, RF_E_INVALID,
                "score: the calibration is of scores of other kinds of entity (%d, the first %s) than the "
                "graph's (%d, the first %s)",
                rf_kinds_n(&earlier->kinds), rf_kind_name(&earlier->kinds, 0), rf_kinds_n(&graph->kinds),
                rf_kind_name(&graph->kinds, 0));
    for (rf_side i = 0; i < rf_sides(&graph->kinds); i++) {
        if (graph->side[i].d > UINT16_MAX)
            RF_FAIL(err, RF_E_INVALID, "score: %d feature columns; at most %d can be scored",
                    graph->side[i].d, UINT16_MAX);
        if (graph->side[i].x == NULL && graph->side[i].n * graph->side[i].d > 0)
            RF_FAIL(err, RF_E_INVALID, "score: the graph was loaded without its features");
    }
done:
    return st;
}

/* The fingerprints and options that say what was scored. */
static void name_inputs(rf_scores *scores, const rf_graph *graph, const rf_aligned *seen,
                        const rf_score_options *options)
{
    scores->kinds = graph->kinds;
    scores->method = options->method;
    scores->agg = options->agg;
    scores->eta = options->eta;
    scores->frozen = options->frozen;
    scores->fit = seen->fit;
    rf_graph_edges_fingerprint(scores->graph_edges, graph);
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++)
        memcpy(scores->graph_ids[s], graph->side[s].id_fingerprint, sizeof scores->graph_ids[s]);
    if (options->method == RF_METHOD_SURPRISE && options->calibration != NULL)
        memcpy(scores->calibration, options->calibration->run_id, sizeof scores->calibration);
}

/* Errors and reasons of each row of a side. By surprise, those of edges are only begun: who makes the parts
 * shows them the rows. */
static rf_status residuals_of(rf_residuals *begun, rf_scores *scores, rf_side s, const rf_aligned *seen,
                              const rf_outputs *outputs, const rf_score_options *options, rf_pool *pool,
                              rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *x = &seen->graph.side[s];
    const rf_made_rows xhat = rf_outputs_rows(outputs, s, x->n, x->d);
    const bool by_surprise = options->method == RF_METHOD_SURPRISE;
    double *weight = NULL;
    if (by_surprise) {
        RF_NEW(weight, x->d, err);
        RF_TRY(rf_residual_weights(weight, x->x, &xhat, pool, err));
    }
    if (by_surprise && rf_side_role(s) == RF_EDGE)
        RF_TRY(rf_residuals_begin(&begun[rf_side_kind(s)], &scores->side[s], x->x, seen->column[s], weight,
                                  x->n, x->d, rf_pool_threads(pool), err));
    else
        RF_TRY(rf_residual_rows(&scores->side[s], x->x, &xhat, seen->column[s], weight, pool, err));
done:
    rf_mem_free(weight);
    return st;
}

/* Arrays, errors and latents of a side. */
static rf_status begin_side(rf_residuals *begun, rf_scores *scores, rf_side s, const rf_graph *graph,
                            const rf_aligned *seen, const rf_outputs *outputs,
                            const rf_score_options *options, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *x = &seen->graph.side[s];
    rf_score_side *side = &scores->side[s];
    const rf_outputs of = rf_outputs_of_kind(outputs, rf_side_kind(s));
    const rf_real *const z[RF_SIDES] = {of.zu, of.zv};
    const int latent = (const int[RF_SIDES]){of.latent_u, of.latent_v}[rf_side_role(s)];
    int reasons = rf_reasons_possible(seen->column[s], x->d);
    reasons = options->reasons < reasons ? options->reasons : reasons;
    RF_TRY(rf_score_side_init(side, x->n, reasons, latent, rf_side_role(s) == RF_EDGE, err));
    RF_TRY(residuals_of(begun, scores, s, seen, outputs, options, pool, err));
    if (options->method != RF_METHOD_SURPRISE || rf_side_role(s) != RF_EDGE)
        rf_reasons_translate(side, &graph->side[s], x, seen->column[s]);
    if (side->n > 0 && latent > 0)
        memcpy(side->z, z[rf_side_role(s)], (size_t)side->n * (size_t)latent * sizeof *side->z);
done:
    return st;
}

rf_status rf_score_aligned(rf_scores **out, const rf_graph *graph, const rf_aligned *seen,
                           rf_outputs *outputs, const rf_score_options *options, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_scores *scores = NULL;
    rf_residuals begun[RF_KINDS_MOST] = {{0}};

    RF_TRY(check_options(options, &seen->graph, err));
    RF_ZERO(scores, 1, err);
    name_inputs(scores, graph, seen, options);
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++)
        RF_TRY(begin_side(begun, scores, s, graph, seen, outputs, options, pool, err));
    if (options->method == RF_METHOD_SURPRISE) {
        RF_TRY(score_by_surprise(scores, graph, seen, outputs, begun, options->early, pool, err));
    } else {
        rf_outputs_end_edges(outputs);
        score_by_graphbean(scores, graph, outputs, pool);
    }
    RF_TRY(rank_sides(scores, graph, options->calibration, pool, err));
    rf_scores_name(scores, graph, "", 0);
    *out = scores;
    scores = NULL;
done:
    for (int k = 0; k < RF_KINDS_MOST; k++)
        rf_residuals_end(&begun[k]);
    if (scores != NULL)
        rf_h5_take_back(options->early);
    rf_scores_free(scores);
    return st;
}

rf_status rf_score_outputs(rf_scores **out, const rf_graph *graph, rf_outputs *outputs,
                           const rf_score_options *options, rf_pool *pool, rf_err *err)
{
    const rf_aligned whole = {.graph = *graph};
    return rf_score_aligned(out, graph, &whole, outputs, options, pool, err);
}

void rf_scores_name(rf_scores *scores, const rf_graph *graph, const char *model_id, int64_t trained_at_us)
{
    char settings[256];
    snprintf(scores->model_id, sizeof scores->model_id, "%s", model_id);
    scores->model_trained_at_us = trained_at_us;
    snprintf(settings, sizeof settings, "agg=%d eta=%.17g frozen=%d window=%lld..%lld%s%s%s",
             (int)scores->agg, scores->eta, scores->frozen, (long long)graph->window_from_us,
             (long long)graph->window_to_us, scores->method == RF_METHOD_SURPRISE ? " method=surprise" : "",
             scores->calibration[0] != '\0' ? " calibration=" : "", scores->calibration);
    const char *parts[] = {scores->graph_edges, scores->graph_features, scores->model_id, settings};
    rf_fingerprint_texts(scores->run_id, parts, 4);
}

/* ---- from a model and a graph ---- */

rf_status rf_score_compute(rf_scores **out, const rf_graph *graph, const rf_model *model,
                           const rf_score_options *options, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_aligned seen = {0};
    rf_outputs outputs = {0};
    rf_scores *scores = NULL;

    RF_TRY(rf_model_align(&seen, model, graph, options->frozen, pool, err));
    RF_TRY(rf_model_apply(&outputs, model, &seen.graph, options->frozen, pool, err));
    RF_TRY(rf_score_aligned(&scores, graph, &seen, &outputs, options, pool, err));
    rf_scores_name(scores, graph, rf_model_id(model), rf_model_trained_at_us(model));
    *out = scores;
done:
    rf_outputs_clear(&outputs);
    rf_aligned_clear(&seen);
    return st;
}
