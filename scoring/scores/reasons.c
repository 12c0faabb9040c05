/* reasons.c - translates reasons from the model's columns to those of the graph: column numbers and units.
 *
 * It runs after residual.c when the model has other columns than the graph. It converts reconstructed values
 * from the model's mean and scale to the graph's, so that a reader of scores.h5 needs only the graph to
 * convert them to raw units. Shares stay shares of the whole error.
 */
#include "scoring_int.h"

int rf_reasons_possible(const int32_t *column, int d)
{
    int n = 0;
    for (int j = 0; j < d; j++)
        n += column == NULL || column[j] >= 0;
    return n;
}

static float in_units_of(const rf_graph_side *to, int to_column, const rf_graph_side *from, int from_column,
                         float x)
{
    if (to->mean == NULL || to->scale == NULL || from->mean == NULL || from->scale == NULL)
        return x;
    float mean = to->mean[to_column], scale = to->scale[to_column];
    bool same = mean == from->mean[from_column] && scale == from->scale[from_column];
    if (same || scale == 0)
        return x;
    double tamed = (double)x * (double)from->scale[from_column] + (double)from->mean[from_column];
    return (float)((tamed - (double)mean) / (double)scale);
}

void rf_reasons_translate(rf_score_side *side, const rf_graph_side *graph, const rf_graph_side *seen,
                          const int32_t *column)
{
    if (column == NULL)
        return;
    for (int64_t i = 0; i < side->n * side->n_reasons; i++) {
        int theirs = side->reason_feature[i], ours = column[theirs];
        side->reason_feature[i] = (uint16_t)ours;
        side->reason_expected[i] = in_units_of(graph, ours, seen, theirs, side->reason_expected[i]);
    }
}
