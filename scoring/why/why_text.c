/* why_text.c - the reasons of a row as numbers; reasons, and tags with their evidence, as lines for people:
 * what was looked at, what was found, and what it was compared with.
 */
#include "rf_why.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static rf_status add_text(rf_text *out, const char *text, rf_err *err)
{
    return rf_text_add(out, text, strlen(text), err);
}

/* ---- reasons ---- */

int rf_reasons_get(rf_reason out[RF_MAX_REASONS], int most, const rf_graph_side *graph,
                   const rf_score_side *scores, int64_t row)
{
    int n = 0;
    for (; graph->x != NULL && n < scores->n_reasons && n < most; n++) {
        int64_t at = row * scores->n_reasons + n;
        int column = scores->reason_feature[at];
        if (!(scores->reason_share[at] > 0)) /* without residual it explains nothing, nor do those below it */
            break;
        out[n] = (rf_reason){.column = column,
                             .observed = rf_raw_observed(graph, row, column),
                             .expected = rf_raw_expected(graph, column, (double)scores->reason_expected[at]),
                             .share = (double)scores->reason_share[at]};
    }
    return n;
}

rf_status rf_why_reasons(rf_text *out, const rf_graph_side *graph, const rf_score_side *scores, int64_t row,
                         rf_err *err)
{
    rf_status st = RF_OK;
    rf_reason reasons[RF_MAX_REASONS];
    int n = rf_reasons_get(reasons, RF_MAX_REASONS, graph, scores, row);
    for (int i = 0; i < n; i++) {
        const rf_reason *at = &reasons[i];
        char name[32], value[32] = "no data";
        if (!isnan(at->observed))
            snprintf(value, sizeof value, "%.4g", at->observed);
        RF_TRY(rf_text_printf(out, err, "%s%s %s instead of %.4g (%.0f %%)", i > 0 ? "; " : "",
                              rf_graph_raw_name(graph, at->column, name), value, at->expected,
                              100 * at->share));
    }
done:
    return st;
}

/* ---- tags ---- */

/* "share of orders paid by coupon 0.97 (above 0.6, percentile 0.998)" */
static rf_status add_signal(rf_text *out, const rf_tags *tags, const rf_evidence *evidence, rf_err *err)
{
    rf_status st = RF_OK;
    double observed = evidence->observed, threshold = evidence->threshold;
    const char *about = rf_texts_get(&tags->signal_about, evidence->signal);
    bool has_words = about != NULL && about[0] != '\0';
    RF_TRY(add_text(out, has_words ? about : rf_texts_get(&tags->signal_name, evidence->signal), err));
    if (!isfinite(observed)) {
        RF_TRY(add_text(out, " unknown", err));
        goto done;
    }
    RF_TRY(rf_text_printf(out, err, " %.4g (", observed));
    if (isfinite(threshold))
        RF_TRY(rf_text_printf(out, err, "%s %.4g",
                              observed > threshold   ? "above"
                              : observed < threshold ? "below"
                                                     : "at",
                              threshold));
    if (isfinite(evidence->percentile))
        RF_TRY(rf_text_printf(out, err, "%spercentile %.4g", isfinite(threshold) ? ", " : "",
                              (double)evidence->percentile));
    RF_TRY(add_text(out, ")", err));
done:
    return st;
}

/* A tag may have been taken over from an edge: then it says which. */
static rf_status add_tag(rf_text *out, const rf_graph *graph, const rf_tags *tags, rf_side side,
                         const rf_tag *tag, rf_anomaly anomaly, rf_err *err)
{
    rf_status st = RF_OK;
    char words[RF_TAG_WORDS];
    RF_TRY(add_text(out, rf_tag_words(words, tags, tag, anomaly), err));
    if (tag->edge != RF_NO_EDGE && rf_side_role(side) != RF_EDGE) {
        char number[32];
        bool to_entity = side == RF_USER;
        const int kind = rf_side_kind(rf_tag_edge_side(tags, tag));
        const rf_adj *adj = rf_graph_adj(graph, kind);
        const rf_side end = to_entity ? rf_entity_side(kind) : RF_USER;
        RF_TRY(add_text(out, to_entity ? " on an edge to " : " on an edge from ", err));
        RF_TRY(add_text(
            out,
            rf_graph_id(&graph->side[end], to_entity ? adj->e_v[tag->edge] : adj->e_u[tag->edge], number),
            err));
    }
    for (int32_t i = 0; i < tag->n_evidence; i++) {
        RF_TRY(add_text(out, i == 0 ? ": " : "; ", err));
        RF_TRY(add_signal(out, tags, &tags->side[side].evidence[tag->evidence + i], err));
    }
done:
    return st;
}

rf_status rf_why_tags(rf_text *out, const rf_graph *graph, const rf_scores *scores, const rf_tags *tags,
                      rf_side side, int64_t row, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, tags, side, row);
    for (int64_t i = 0; i < n; i++) {
        if (i > 0)
            RF_TRY(add_text(out, " | ", err));
        RF_TRY(add_tag(out, graph, tags, side, &tag[i], rf_score_anomaly(&scores->side[side], row), err));
    }
done:
    return st;
}

rf_status rf_why_tag_types(rf_text *out, const rf_scores *scores, const rf_tags *tags, rf_side side,
                           int64_t row, rf_err *err)
{
    rf_status st = RF_OK;
    char words[RF_TAG_WORDS];
    rf_anomaly anomaly = rf_score_anomaly(&scores->side[side], row);
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, tags, side, row);
    for (int64_t i = 0; i < n; i++) {
        if (i > 0)
            RF_TRY(add_text(out, "; ", err));
        RF_TRY(add_text(out, rf_tag_words(words, tags, &tag[i], anomaly), err));
        RF_TRY(rf_text_printf(out, err, " (%.2f)", (double)tag[i].confidence));
    }
done:
    return st;
}
