/* evidence_text.c - the evidence of a subject's tags in words, for people: what was looked at, what was
 * found, and what it was compared with. */
#include "extract_columns_int.h"

#include <math.h>
#include <string.h>

static rf_status add_text(rf_text *out, const char *text, rf_err *err)
{
    return rf_text_add(out, text, strlen(text), err);
}

/* "coupons" where the rule says no more. */
static const char *words_of(const rf_tags *tags, const rf_evidence *evidence)
{
    const char *about = rf_texts_get(&tags->signal_about, evidence->signal);
    return about != NULL && about[0] != '\0' ? about : rf_texts_get(&tags->signal_name, evidence->signal);
}

static rf_status add_signal(rf_text *out, const rf_tags *tags, const rf_evidence *evidence, rf_err *err)
{
    rf_status st = RF_OK;
    double observed = evidence->observed, threshold = evidence->threshold;
    RF_TRY(add_text(out, words_of(tags, evidence), err));
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

/* A tag may have been taken over from an edge: then say which. */
static rf_status add_tag(rf_text *out, const rf_extract *extract, const rf_subject *subject,
                         const rf_tag *tag, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = extract->graph;
    const rf_tags *tags = extract->findings->tags;
    RF_TRY(add_text(out, rf_texts_get(&tags->rule_type, tag->rule), err));
    if (tag->edge != RF_NO_EDGE && subject->side != RF_EDGE) {
        char number[32];
        bool to_entity = subject->side == RF_USER;
        RF_TRY(add_text(out, to_entity ? " on an edge to " : " on an edge from ", err));
        RF_TRY(add_text(out,
                        to_entity ? rf_graph_id(&graph->side[RF_ENTITY], graph->adj.e_v[tag->edge], number)
                                  : rf_graph_id(&graph->side[RF_USER], graph->adj.e_u[tag->edge], number),
                        err));
    }
    for (int32_t i = 0; i < tag->n_evidence; i++) {
        RF_TRY(add_text(out, i == 0 ? ": " : "; ", err));
        RF_TRY(add_signal(out, tags, &subject->tags->evidence[tag->evidence + i], err));
    }
done:
    return st;
}

rf_status rf_evidence_text(rf_text *out, const rf_extract *extract, const rf_subject *subject, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_tag_side *side = subject->tags;
    if (side == NULL)
        return RF_OK;
    for (int64_t t = side->ptr[subject->row]; t < side->ptr[subject->row + 1]; t++) {
        if (t > side->ptr[subject->row])
            RF_TRY(add_text(out, " | ", err));
        RF_TRY(add_tag(out, extract, subject, &side->tags[t], err));
    }
done:
    return st;
}
