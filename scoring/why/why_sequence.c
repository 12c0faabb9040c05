/* why_sequence.c - a step of a user that others do not take, and a user that only repeats itself, in words.
 */
#include <math.h>
#include <string.h>

#include "why_int.h"
#include "rf_count.h"

#define FORETOLD_SHARE 0.5 /* of a user's steps, to be worth saying */
#define FORETOLD_LEAST 8

static bool has(const rf_sequence_did *did, int column)
{
    for (int i = 0; i < did->n; i++) {
        if (did->column[i] == column)
            return true;
    }
    return false;
}

/* What was done in a step, without what the other one has in common with it, unless that is all. */
static rf_status add_did(rf_text *out, const rf_graph *graph, const rf_sequence_did *did,
                         const rf_sequence_did *other, rf_err *err)
{
    rf_status st = RF_OK;
    int different = 0, said = 0;
    for (int i = 0; i < did->n; i++)
        different += !has(other, did->column[i]);
    for (int i = 0; i < did->n; i++) {
        char raw[32], phrase[RF_PHRASE_TEXT];
        if (different > 0 && has(other, did->column[i]))
            continue;
        rf_phrase_did(phrase, rf_graph_raw_name(&graph->side[RF_EDGE], did->column[i], raw));
        RF_TRY(rf_text_printf(out, err, "%s%s", said++ > 0 ? ", " : "", phrase));
    }
    if (did->n == 0)
        RF_TRY(rf_text_printf(out, err, "an entity of %s", RF_THINGS(did->users, "user")));
done:
    return st;
}

static rf_status add_step(rf_text *out, const rf_graph *graph, const rf_sequence_evidence *evidence,
                          rf_err *err)
{
    rf_status st = RF_OK;
    char gap[32], one_of[32];
    RF_TRY(add_did(out, graph, &evidence->step, &evidence->before, err));
    if (evidence->before.edge != RF_NO_EDGE) {
        RF_TRY(
            rf_text_printf(out, err, " %s after ", rf_phrase_value(gap, RF_UNIT_SECONDS, evidence->gap_s)));
        RF_TRY(add_did(out, graph, &evidence->before, &evidence->step, err));
    }
    rf_phrase_value(one_of, RF_UNIT_COUNT, round(evidence->one_of));
    RF_TRY(rf_text_printf(out, err, ": 1 of %s %s.", one_of,
                          evidence->is_gap                      ? "such steps has such a gap"
                          : evidence->before.edge != RF_NO_EDGE ? "steps in its place is that"
                                                                : "first steps is that"));
done:
    return st;
}

rf_status rf_why_sequence(rf_text *out, const rf_graph *graph, const rf_sequence_evidence *evidence,
                          rf_err *err)
{
    rf_status st = RF_OK;
    const bool foretold = evidence->foretold >= FORETOLD_LEAST &&
                          (double)evidence->foretold >= FORETOLD_SHARE * (double)evidence->steps;
    if (evidence->step.edge == RF_NO_EDGE)
        return RF_OK;
    if (evidence->one_of >= 2)
        RF_TRY(add_step(out, graph, evidence, err));
    if (foretold)
        RF_TRY(rf_text_printf(
            out, err, "%s%lld of its %lld steps could be foretold from its own steps before.",
            evidence->one_of >= 2 ? " " : "", (long long)evidence->foretold, (long long)evidence->steps));
done:
    return st;
}
