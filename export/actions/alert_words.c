/* alert_words.c - says why an alert is one where that takes a look at all users: a step is rare only among
 * those of others. Everything else is put into words when its message is written.
 */
#include "alert_int.h"
#include "rf_mem.h"
#include "rf_sequence.h"
#include "rf_why.h"

static bool is_of_sequence(const rf_alert *alert)
{
    return alert->fate == RF_ALERT_EMITTED && alert->voice == RF_PART_SEQUENCE;
}

static rf_status say_sequence(rf_alert *alert, const rf_sequences *sequences, const rf_graph *graph,
                              rf_err *err)
{
    rf_status st = RF_OK;
    rf_sequence_evidence evidence;
    rf_text text = {0};
    RF_TRY(rf_sequence_explain(&evidence, sequences, alert->action.side, alert->action.row, err));
    RF_TRY(rf_why_sequence(&text, graph, &evidence, err));
    if (text.len > 0) {
        alert->why = rf_mem_text(text.ptr, text.len, err);
        st = alert->why != NULL ? RF_OK : RF_E_NOMEM;
    }
done:
    rf_text_clear(&text);
    return st;
}

rf_status rf_alerts_say(rf_alert_plan *plan, const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sequences *sequences = NULL;
    if (emission->graph->side[RF_EDGE].first_us == NULL)
        return RF_OK;
    for (size_t i = 0; i < plan->n; i++) {
        if (!is_of_sequence(&plan->at[i]))
            continue;
        if (sequences == NULL)
            RF_TRY(rf_sequences_new(&sequences, emission->graph, NULL, err));
        RF_TRY(say_sequence(&plan->at[i], sequences, emission->graph, err));
    }
done:
    rf_sequences_free(sequences);
    return st;
}
