/* reason_text.c - what the model did not expect of a subject, in one line for people. */
#include "extract_columns_int.h"

#include <math.h>
#include <stdio.h>

rf_status rf_reason_text(rf_text *out, const rf_subject *subject, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *side = subject->graph;
    const rf_score_side *scores = subject->scores;
    bool first = true;
    for (int r = 0; r < scores->n_reasons; r++) {
        int64_t at = subject->row * scores->n_reasons + r;
        if (!(scores->reason_share[at] > 0))
            continue;
        char name[32];
        int column = scores->reason_feature[at];
        double observed = rf_raw_observed(side, subject->row, column);
        char value[32] = "no data";
        if (!isnan(observed))
            snprintf(value, sizeof value, "%.4g", observed);
        RF_TRY(rf_text_printf(out, err, "%s%s %s instead of %.4g (%.0f %%)", first ? "" : "; ",
                              rf_graph_raw_name(side, column, name), value,
                              rf_raw_value(side, column, (double)scores->reason_expected[at]),
                              100 * (double)scores->reason_share[at]));
        first = false;
    }
done:
    return st;
}
