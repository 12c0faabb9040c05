/* export_features.c - which features an export shows: dozens would bury the few that tell something here. */
#include "extract_int.h"

#include "rf_mem.h"
#include "rf_rank.h"

/* How much of the error each column makes up, summed over the extract's rows of this kind. */
static void add_shares(rf_real *share, const rf_extract *extract, rf_side kind)
{
    bool is_edge = kind == RF_EDGE;
    int64_t n = is_edge ? extract->counts.edges : extract->counts.nodes;
    for (int64_t i = 0; i < n; i++) {
        rf_subject subject = rf_extract_subject(extract, is_edge, i);
        const rf_score_side *scores = subject.scores;
        for (int r = 0; subject.kind == kind && r < scores->n_reasons; r++) {
            int64_t at = subject.row * scores->n_reasons + r;
            share[scores->reason_feature[at]] -= (rf_real)scores->reason_share[at];
        }
    }
}

rf_status rf_main_features(int out[RF_MAIN_FEATURES], int *n, const rf_extract *extract, rf_side kind,
                           rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = extract->graph;
    int d = graph->side[kind].d;
    rf_ranked *sorted = NULL;
    rf_real *share = rf_mem_zero((size_t)d, sizeof *share, err); /* negative: the largest sorts first */
    if (share == NULL)
        return RF_E_NOMEM;
    add_shares(share, extract, kind);
    RF_TRY(rf_rank_sort(&sorted, d, share, err));
    *n = d < RF_MAIN_FEATURES ? d : RF_MAIN_FEATURES;
    for (int i = 0; i < *n; i++) {
        int column = (int)sorted[i].row, at = i;
        for (; at > 0 && out[at - 1] > column; at--)
            out[at] = out[at - 1];
        out[at] = column;
    }
done:
    rf_mem_free(sorted);
    rf_mem_free(share);
    return st;
}
