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

void rf_evaluation_free(rf_evaluation *evaluation)
{
    if (evaluation == NULL)
        return;
    for (rf_side s = 0; s < RF_SIDES_MOST; s++)
        rf_mem_free(evaluation->types[s].rows);
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

/* Every type against the innocent in one ascending walk over groups of equal scores; returns the number of
 * innocent. */
static int64_t count_types(type_count *counts, const rf_graph_side *side, const rf_ranked *sorted,
                           double percentile)
{
    int64_t innocent_below = 0;
    for (int64_t from = 0, to; from < side->n; from = to) {
        int64_t innocent_here = 0;
        to = rf_rank_tie_end(sorted, side->n, from);
        for (int64_t i = from; i < to; i++)
            innocent_here += is_innocent(side, sorted[i].row);
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
    }
    return innocent_below;
}

static rf_status evaluate_types(rf_type_table *table, const rf_graph *graph, const rf_graph_side *side,
                                const rf_score_side *scores, double percentile, rf_err *err)
{
    rf_status st = RF_OK;
    rf_ranked *sorted = NULL;
    type_count *counts = NULL;
    int64_t n_types = graph->fraud_types.n;
    if (side->fraud_type == NULL || n_types == 0)
        goto done;
    RF_TRY(rf_rank_sort(&sorted, side->n, scores->score, err));
    RF_ZERO(counts, n_types, err);
    RF_NEW(table->rows, n_types, err);
    int64_t innocent = count_types(counts, side, sorted, percentile);
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
done:
    rf_mem_free(counts);
    rf_mem_free(sorted);
    return st;
}

/* ---- parts and voices ---- */

static rf_status evaluate_parts(rf_metrics out[RF_PARTS], const rf_graph_side *side,
                                const rf_score_side *scores, rf_err *err)
{
    rf_status st = RF_OK;
    rf_real *values = NULL;
    RF_NEW(values, scores->n, err);
    for (int p = 0; p < RF_PARTS; p++) {
        if (scores->part[p] == NULL)
            continue;
        for (int64_t row = 0; row < scores->n; row++)
            values[row] = (rf_real)scores->part[p][row];
        RF_TRY(rf_metrics_compute(&out[p], scores->n, values, side->y, NULL, 0, NULL, 0, err));
    }
done:
    rf_mem_free(values);
    return st;
}

bool rf_evaluate_upside_down(rf_part_id *best, const rf_evaluation *evaluation, rf_side side)
{
    const rf_metrics *total = &evaluation->side[side], *part = evaluation->part[side];
    double highest = 0.5;
    *best = RF_PARTS;
    for (int p = 0; p < RF_PARTS; p++) {
        if (part[p].defined && part[p].roc_auc > highest) {
            highest = part[p].roc_auc;
            *best = (rf_part_id)p;
        }
    }
    return total->defined && total->roc_auc < 0.5 && total->positives >= RF_UPSIDE_DOWN_CLASS &&
           total->n - total->positives >= RF_UPSIDE_DOWN_CLASS;
}

/* ---- all of it ---- */

static rf_status check_sizes(const rf_graph *graph, const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *of = graph->side;
    const rf_score_side *side = scores->side;
    if (!rf_kinds_equal(&graph->kinds, &scores->kinds))
        RF_FAIL(err, RF_E_FORMAT, "evaluate: the graph has other kinds of entity than the scores");
    for (rf_side s = 0; s < RF_SIDES; s++) {
        if (of[s].n != side[s].n)
            RF_FAIL(
                err, RF_E_FORMAT,
                "evaluate: scores of %lld users, %lld entities, %lld edges, but the graph has %lld, %lld, "
                "%lld",
                (long long)side[RF_USER].n, (long long)side[RF_ENTITY].n, (long long)side[RF_EDGE].n,
                (long long)of[RF_USER].n, (long long)of[RF_ENTITY].n, (long long)of[RF_EDGE].n);
    }
    for (rf_side s = RF_SIDES; s < rf_sides(&graph->kinds); s++) {
        if (of[s].n != side[s].n)
            RF_FAIL(err, RF_E_FORMAT, "evaluate: scores of %lld %s of kind %s, but the graph has %lld",
                    (long long)side[s].n, rf_side_plural(s), rf_kind_name(&graph->kinds, rf_side_kind(s)),
                    (long long)of[s].n);
    }
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
    RF_ZERO(evaluation, 1, err);
    evaluation->kinds = graph->kinds;
    evaluation->has_types = graph->fraud_types.n > 1;
    evaluation->type_percentile = options->n_percentile > 0 ? options->percentile[0] : 0.99;
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        const rf_graph_side *of = &graph->side[s];
        const rf_score_side *side = &scores->side[s];
        RF_TRY(rf_metrics_compute(&evaluation->side[s], side->n, side->score, of->y, options->k, options->n_k,
                                  options->percentile, options->n_percentile, err));
        if (rf_side_role(s) == RF_EDGE)
            RF_TRY(rf_metrics_compute(&evaluation->x_error[rf_side_kind(s)], side->n, side->x_error, of->y,
                                      options->k, options->n_k, options->percentile, options->n_percentile,
                                      err));
        RF_TRY(evaluate_parts(evaluation->part[s], of, side, err));
        RF_TRY(evaluate_types(&evaluation->types[s], graph, of, side, evaluation->type_percentile, err));
    }
    *out = evaluation;
    evaluation = NULL;
done:
    rf_evaluation_free(evaluation);
    return st;
}

/* ---- JSON ---- */

static const char *key_of(rf_side side)
{
    static const char *const keys[] = {"u", "v", "e"};
    return keys[rf_side_role(side)];
}

static void parts(rf_json *json, const rf_evaluation *evaluation, rf_side side)
{
    rf_part_id best;
    bool any = false, upside_down = rf_evaluate_upside_down(&best, evaluation, side);
    for (int p = 0; p < RF_PARTS; p++) {
        const rf_metrics *part = &evaluation->part[side][p];
        if (!part->defined)
            continue;
        if (!any) {
            rf_json_key(json, "parts");
            rf_json_array_open(json);
        }
        any = true;
        rf_json_map_open(json);
        rf_json_put_string(json, "name", rf_part_table[p].name);
        rf_json_put_bool(json, "in_total", rf_part_table[p].in_total);
        rf_json_put_double(json, "roc_auc", part->roc_auc);
        rf_json_put_double(json, "average_precision", part->average_precision);
        rf_json_map_close(json);
    }
    if (any)
        rf_json_array_close(json);
    rf_json_put_bool(json, "upside_down", upside_down);
    if (upside_down && best < RF_PARTS)
        rf_json_put_string(json, "ranked_right_by", rf_part_table[best].name);
    else if (upside_down) {
        rf_json_key(json, "ranked_right_by");
        rf_json_null(json);
    }
}

static void group(rf_json *json, const rf_evaluation *evaluation, rf_side side)
{
    const rf_metrics *metrics = &evaluation->side[side];
    const rf_metrics *x_error =
        rf_side_role(side) == RF_EDGE ? &evaluation->x_error[rf_side_kind(side)] : NULL;
    rf_json_key(json, key_of(side));
    if (!metrics->defined) {
        rf_json_null(json);
        return;
    }
    rf_json_map_open(json);
    rf_json_put_double(json, "roc_auc", metrics->roc_auc);
    rf_json_put_double(json, "pr_auc", metrics->pr_auc);
    rf_json_put_double(json, "average_precision", metrics->average_precision);
    if (x_error != NULL) {
        rf_json_put_double(json, "x_error_roc_auc", x_error->roc_auc);
        rf_json_put_double(json, "x_error_pr_auc", x_error->pr_auc);
        rf_json_put_double(json, "x_error_average_precision", x_error->average_precision);
    }
    rf_json_put_int(json, "n", metrics->n);
    rf_json_put_int(json, "positives", metrics->positives);
    rf_json_key(json, "at_k");
    rf_json_array_open(json);
    for (int i = 0; i < metrics->n_at_k; i++) {
        rf_json_map_open(json);
        rf_json_put_int(json, "k", metrics->at_k[i].k);
        rf_json_put_double(json, "precision", metrics->at_k[i].precision);
        rf_json_put_double(json, "recall", metrics->at_k[i].recall);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
    rf_json_key(json, "at_percentile");
    rf_json_array_open(json);
    for (int i = 0; i < metrics->n_at_percentile; i++) {
        rf_json_map_open(json);
        rf_json_put_double(json, "percentile", metrics->at_percentile[i].percentile);
        rf_json_put_int(json, "flagged", metrics->at_percentile[i].flagged);
        rf_json_put_double(json, "precision", metrics->at_percentile[i].precision);
        rf_json_put_double(json, "recall", metrics->at_percentile[i].recall);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
    parts(json, evaluation, side);
    rf_json_map_close(json);
}

static void types(rf_json *json, const rf_evaluation *evaluation, rf_side side)
{
    const rf_type_table *table = &evaluation->types[side];
    rf_json_key(json, key_of(side));
    rf_json_array_open(json);
    for (int i = 0; i < table->n; i++) {
        const rf_type_metrics *row = &table->rows[i];
        rf_json_map_open(json);
        rf_json_put_string(json, "type", row->type);
        rf_json_put_int(json, "n", row->n);
        rf_json_put_int(json, "caught", row->caught);
        rf_json_put_double(json, "recall", (double)row->caught / (double)row->n);
        rf_json_put_double(json, "roc_auc", row->roc_auc);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
}

static void other_kind(rf_json *json, const rf_evaluation *evaluation, int kind)
{
    const rf_side sides[] = {rf_entity_side(kind), rf_edge_side(kind)};
    rf_json_key(json, rf_kind_name(&evaluation->kinds, kind));
    rf_json_map_open(json);
    for (int i = 0; i < 2; i++)
        group(json, evaluation, sides[i]);
    if (evaluation->has_types) {
        rf_json_key(json, "types");
        rf_json_map_open(json);
        for (int i = 0; i < 2; i++)
            types(json, evaluation, sides[i]);
        rf_json_map_close(json);
    }
    rf_json_map_close(json);
}

void rf_evaluate_json(rf_json *json, const rf_evaluation *evaluation)
{
    rf_json_map_open(json);
    for (rf_side s = 0; s < RF_SIDES; s++)
        group(json, evaluation, s);
    if (evaluation->has_types) {
        rf_json_key(json, "types");
        rf_json_map_open(json);
        rf_json_put_double(json, "percentile", evaluation->type_percentile);
        for (rf_side s = 0; s < RF_SIDES; s++)
            types(json, evaluation, s);
        rf_json_map_close(json);
    }
    if (rf_kinds_n(&evaluation->kinds) > 1) {
        rf_json_key(json, "kinds");
        rf_json_map_open(json);
        for (int k = 1; k < rf_kinds_n(&evaluation->kinds); k++)
            other_kind(json, evaluation, k);
        rf_json_map_close(json);
    }
    rf_json_map_close(json);
}
