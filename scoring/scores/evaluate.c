/* evaluate.c - pairs scores with labels and gives the metrics as JSON. metrics.c does the counting.
 */
#include "rf_evaluate.h"

#include <math.h>

#include "rf_mem.h"
#include "rf_rank.h"

void rf_evaluate_options_default(rf_evaluate_options *options)
{
    *options =
        (rf_evaluate_options){.k = {10, 100, 1000}, .n_k = 3, .percentile = {0.99, 0.999}, .n_percentile = 2};
}

static void table_clear(rf_type_table *table)
{
    rf_mem_free(table->rows);
    *table = (rf_type_table){0};
}

void rf_evaluation_free(rf_evaluation *evaluation)
{
    if (evaluation == NULL)
        return;
    table_clear(&evaluation->u_types);
    table_clear(&evaluation->v_types);
    table_clear(&evaluation->e_types);
    rf_mem_free(evaluation);
}

/* ---- types of fraud ---- */

typedef struct type_count {
    int64_t n, caught, twice_right_pairs;
} type_count;

static bool is_innocent(const rf_graph_side *side, uint32_t row)
{
    return side->y != NULL ? side->y[row] == 0 : side->fraud_type[row] == 0;
}

static int64_t count_innocent(const rf_graph_side *side, const rf_ranked *sorted, int64_t from, int64_t to)
{
    int64_t innocent = 0;
    for (int64_t i = from; i < to; i++)
        innocent += is_innocent(side, sorted[i].row);
    return innocent;
}

/* Every type against the innocent in one ascending walk over groups of equal scores; returns the number of
 * innocent. */
static int64_t count_types(type_count *counts, const rf_graph_side *side, const rf_ranked *sorted,
                           double percentile)
{
    int64_t innocent_below = 0;
    for (int64_t from = 0; from < side->n;) {
        int64_t to = rf_rank_tie_end(sorted, side->n, from);
        int64_t innocent_here = count_innocent(side, sorted, from, to);
        bool caught = (float)rf_rank_percentile(from, to, side->n) >= (float)percentile;
        for (int64_t i = from; i < to; i++) {
            if (is_innocent(side, sorted[i].row))
                continue;
            type_count *count = &counts[side->fraud_type[sorted[i].row]];
            count->n++;
            count->caught += caught;
            count->twice_right_pairs += 2 * innocent_below + innocent_here;
        }
        innocent_below += innocent_here;
        from = to;
    }
    return innocent_below;
}

static rf_status table_init(rf_type_table *table, const rf_graph *graph, const type_count *counts,
                            int64_t innocent, rf_err *err)
{
    int64_t n_types = graph->fraud_types.n;
    table->rows = rf_mem_new((size_t)n_types, sizeof *table->rows, err);
    if (table->rows == NULL)
        return RF_E_NOMEM;
    for (int64_t t = 1; t < n_types; t++) {
        if (counts[t].n == 0)
            continue;
        double pairs = (double)counts[t].n * (double)innocent;
        table->rows[table->n++] = (rf_type_metrics){
            .type = rf_texts_get(&graph->fraud_types, t),
            .n = counts[t].n,
            .caught = counts[t].caught,
            .roc_auc = pairs > 0 ? (double)counts[t].twice_right_pairs / (2 * pairs) : (double)NAN,
        };
    }
    return RF_OK;
}

static rf_status evaluate_types(rf_type_table *table, const rf_graph *graph, const rf_graph_side *side,
                                const rf_score_side *scores, double percentile, rf_err *err)
{
    rf_status st = RF_OK;
    rf_ranked *sorted = NULL;
    type_count *counts = NULL;
    if (side->fraud_type == NULL || graph->fraud_types.n == 0)
        goto done;
    RF_TRY(rf_rank_sort(&sorted, side->n, scores->score, err));
    counts = rf_mem_zero((size_t)graph->fraud_types.n, sizeof *counts, err);
    if (counts == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    int64_t innocent = count_types(counts, side, sorted, percentile);
    RF_TRY(table_init(table, graph, counts, innocent, err));
done:
    rf_mem_free(counts);
    rf_mem_free(sorted);
    return st;
}

/* ---- all of it ---- */

static rf_status check_sizes(const rf_graph *graph, const rf_scores *scores, rf_err *err)
{
    if (graph->side[RF_USER].n == scores->side[RF_USER].n &&
        graph->side[RF_ENTITY].n == scores->side[RF_ENTITY].n &&
        graph->side[RF_EDGE].n == scores->side[RF_EDGE].n)
        return RF_OK;
    return rf_err_set(
        err, RF_E_FORMAT, __FILE__, __LINE__,
        "evaluate: scores of %lld users, %lld entities, %lld edges, but the graph has %lld, %lld, %lld",
        (long long)scores->side[RF_USER].n, (long long)scores->side[RF_ENTITY].n,
        (long long)scores->side[RF_EDGE].n, (long long)graph->side[RF_USER].n,
        (long long)graph->side[RF_ENTITY].n, (long long)graph->side[RF_EDGE].n);
}

static rf_status metrics_of(rf_metrics *out, int64_t n, const rf_real *score, const uint8_t *y,
                            const rf_evaluate_options *options, rf_err *err)
{
    return rf_metrics_compute(out, n, score, y, options->k, options->n_k, options->percentile,
                              options->n_percentile, err);
}

static rf_status all_types(rf_evaluation *evaluation, const rf_graph *graph, const rf_scores *scores,
                           rf_err *err)
{
    rf_status st = RF_OK;
    double cut = evaluation->type_percentile;
    evaluation->has_types = graph->fraud_types.n > 1;
    RF_TRY(
        evaluate_types(&evaluation->u_types, graph, &graph->side[RF_USER], &scores->side[RF_USER], cut, err));
    RF_TRY(evaluate_types(&evaluation->v_types, graph, &graph->side[RF_ENTITY], &scores->side[RF_ENTITY], cut,
                          err));
    RF_TRY(
        evaluate_types(&evaluation->e_types, graph, &graph->side[RF_EDGE], &scores->side[RF_EDGE], cut, err));
done:
    return st;
}

rf_status rf_evaluate(rf_evaluation **out, const rf_graph *graph, const rf_scores *scores,
                      const rf_evaluate_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_evaluation *evaluation = NULL;
    rf_evaluate_options defaults;
    rf_evaluate_options_default(&defaults);
    if (options == NULL)
        options = &defaults;

    RF_TRY(check_sizes(graph, scores, err));
    evaluation = rf_mem_zero(1, sizeof *evaluation, err);
    if (evaluation == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    RF_TRY(metrics_of(&evaluation->side[RF_USER], scores->side[RF_USER].n, scores->side[RF_USER].score,
                      graph->side[RF_USER].y, options, err));
    RF_TRY(metrics_of(&evaluation->side[RF_ENTITY], scores->side[RF_ENTITY].n, scores->side[RF_ENTITY].score,
                      graph->side[RF_ENTITY].y, options, err));
    RF_TRY(metrics_of(&evaluation->side[RF_EDGE], scores->side[RF_EDGE].n, scores->side[RF_EDGE].score,
                      graph->side[RF_EDGE].y, options, err));
    RF_TRY(metrics_of(&evaluation->e_x_error, scores->side[RF_EDGE].n, scores->side[RF_EDGE].x_error,
                      graph->side[RF_EDGE].y, options, err));
    evaluation->type_percentile = options->n_percentile > 0 ? options->percentile[0] : 0.99;
    RF_TRY(all_types(evaluation, graph, scores, err));
    *out = evaluation;
    evaluation = NULL;
done:
    rf_evaluation_free(evaluation);
    return st;
}

/* ---- JSON ---- */

static void pair(rf_json *json, const char *key, double value)
{
    rf_json_key(json, key);
    rf_json_double(json, value);
}

static void count(rf_json *json, const char *key, int64_t value)
{
    rf_json_key(json, key);
    rf_json_int(json, value);
}

static void at_cuts(rf_json *json, const rf_metrics *metrics)
{
    rf_json_key(json, "at_k");
    rf_json_array_open(json);
    for (int i = 0; i < metrics->n_at_k; i++) {
        rf_json_map_open(json);
        count(json, "k", metrics->at_k[i].k);
        pair(json, "precision", metrics->at_k[i].precision);
        pair(json, "recall", metrics->at_k[i].recall);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
    rf_json_key(json, "at_percentile");
    rf_json_array_open(json);
    for (int i = 0; i < metrics->n_at_percentile; i++) {
        rf_json_map_open(json);
        pair(json, "percentile", metrics->at_percentile[i].percentile);
        count(json, "flagged", metrics->at_percentile[i].flagged);
        pair(json, "precision", metrics->at_percentile[i].precision);
        pair(json, "recall", metrics->at_percentile[i].recall);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
}

static void group(rf_json *json, const char *key, const rf_metrics *metrics, const rf_metrics *x_error)
{
    rf_json_key(json, key);
    if (!metrics->defined) {
        rf_json_null(json);
        return;
    }
    rf_json_map_open(json);
    pair(json, "roc_auc", metrics->roc_auc);
    pair(json, "pr_auc", metrics->pr_auc);
    pair(json, "average_precision", metrics->average_precision);
    if (x_error != NULL) {
        pair(json, "x_error_roc_auc", x_error->roc_auc);
        pair(json, "x_error_pr_auc", x_error->pr_auc);
        pair(json, "x_error_average_precision", x_error->average_precision);
    }
    count(json, "n", metrics->n);
    count(json, "positives", metrics->positives);
    at_cuts(json, metrics);
    rf_json_map_close(json);
}

static void types(rf_json *json, const char *key, const rf_type_table *table)
{
    rf_json_key(json, key);
    rf_json_array_open(json);
    for (int i = 0; i < table->n; i++) {
        const rf_type_metrics *row = &table->rows[i];
        rf_json_map_open(json);
        rf_json_key(json, "type");
        rf_json_string(json, row->type);
        count(json, "n", row->n);
        count(json, "caught", row->caught);
        pair(json, "recall", (double)row->caught / (double)row->n);
        pair(json, "roc_auc", row->roc_auc);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
}

void rf_evaluate_json(rf_json *json, const rf_evaluation *evaluation)
{
    rf_json_map_open(json);
    group(json, "u", &evaluation->side[RF_USER], NULL);
    group(json, "v", &evaluation->side[RF_ENTITY], NULL);
    group(json, "e", &evaluation->side[RF_EDGE], &evaluation->e_x_error);
    if (evaluation->has_types) {
        rf_json_key(json, "types");
        rf_json_map_open(json);
        pair(json, "percentile", evaluation->type_percentile);
        types(json, "u", &evaluation->u_types);
        types(json, "v", &evaluation->v_types);
        types(json, "e", &evaluation->e_types);
        rf_json_map_close(json);
    }
    rf_json_map_close(json);
}
