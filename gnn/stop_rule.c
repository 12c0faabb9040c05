/* stop_rule.c - the concentration of errors over the epochs, and its peak. */
#include "stop_rule_int.h"

#include <math.h>

#define FIRST 30  /* epochs before that are not judged: nothing is learned yet */
#define GAIN 0.01 /* a peak less than this above the last one does not count */

void rf_stop_rule_see(rf_stop_rule *rule, int epochs, double concentration)
{
    if (epochs < FIRST || concentration <= rule->peak * (1 + GAIN))
        return;
    rule->peak = concentration;
    rule->peak_epoch = epochs;
}

bool rf_stop_rule_ends(const rf_stop_rule *rule, int epochs)
{
    /* a graph without node columns has no peak */
    return rule->peak_epoch > 0 && epochs >= rule->peak_epoch + rule->peak_epoch / 2;
}

int rf_stop_rule_most(int64_t n_edges)
{
    const double least = FIRST, most = 200;
    return (int)fmin(most, fmax(least, sqrt(8 * (double)n_edges)));
}
