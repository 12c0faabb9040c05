/* raw_value.c - a standardised value in raw units, without the digits that standardising in float made up.
 *
 * Standardising costs a value its last bits: what was 0 comes back as 1.6e-10, what was 1 as 0.99999994. So
 * the raw value is rounded to the decimal place that those bits still reach.
 */
#include "rf_graph.h"

#include <math.h>

#define FLOAT_STEP 0x1p-23 /* relative distance of neighbouring floats */

double rf_raw_value(const rf_graph_side *side, int column, double x)
{
    double raw = rf_graph_raw(side, column, x);
    if (side->mean == NULL || side->scale == NULL || !(side->scale[column] > 0))
        return raw;
    double scale = (double)side->scale[column], mean = (double)side->mean[column];
    double lost = FLOAT_STEP * (fabs(x) + fabs(mean) / scale); /* of x */
    double reach = fabs(rf_graph_raw(side, column, x + lost) - raw);
    if (!(reach > 0) || !isfinite(reach))
        return raw;
    double place = pow(10, ceil(log10(reach)));
    double rounded = place > 0 ? round(raw / place) * place : raw;
    return rounded == 0 ? 0 : rounded; /* no minus before a zero */
}

double rf_raw_observed(const rf_graph_side *side, int64_t row, int column)
{
    double x = (double)side->x[row * side->d + column];
    return x == 0 && signbit(x) ? (double)NAN : rf_raw_value(side, column, x);
}
