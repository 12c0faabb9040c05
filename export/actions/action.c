/* emit_pick.c - who becomes an action, beside the threshold of scores: tags may flag, suppressions silence.
 */
#include "action_int.h"

rf_side rf_action_side(rf_action_kind kind)
{
    return kind == RF_ACTION_USER ? RF_USER : kind == RF_ACTION_ENTITY ? RF_ENTITY : RF_EDGE;
}

bool rf_emit_silenced(const rf_emission *emission, const rf_action *action)
{
    const rf_findings *findings = emission->findings;
    return rf_suppression_silences(findings->suppressed, findings->graph, findings->tags,
                                   rf_action_side(action->kind), action->row);
}

bool rf_emit_tagged(const rf_emission *emission, const rf_action *action)
{
    const rf_findings *findings = emission->findings;
    rf_side side = rf_action_side(action->kind);
    const rf_tag_side *tags = &findings->tags->side[side];
    for (int64_t i = tags->ptr[action->row]; i < tags->ptr[action->row + 1]; i++) {
        if ((double)tags->tags[i].confidence >= emission->options->tag_confidence &&
            !rf_suppression_takes(findings->suppressed, findings->graph, side, action->row,
                                  rf_tag_type(findings->tags, &tags->tags[i])))
            return true;
    }
    return false;
}
