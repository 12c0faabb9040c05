/* alert_words.c - says why an alert is one where that takes a look at all users, as a step is rare only among
 * those of others, and what holds a cluster together. Everything else is put into words when its message is
 * written.
 */
#include "alert_int.h"
#include "rf_mem.h"
#include "rf_sequence.h"
#include "rf_why.h"

static bool is_of_sequence(const rf_alert *alert)
{
    return alert->fate == RF_ALERT_EMITTED && alert->voice == RF_PART_SEQUENCE;
}

static rf_status keep(rf_alert *alert, const rf_text *text, rf_err *err)
{
    if (text->len == 0)
        return RF_OK;
    alert->why = rf_mem_text(text->ptr, text->len, err);
    return alert->why != NULL ? RF_OK : RF_E_NOMEM;
}

/* The entity that half of its users share, at least, and fewest others; -1: none, but those that somebody
 * suppresses. */
static int telling(const rf_emission *emission, const rf_cluster *cluster)
{
    int best = -1;
    double most = 0;
    for (int i = 0; i < cluster->n_common; i++) {
        const int kind = cluster->common_kind[i];
        const int64_t users = cluster->common_users[i],
                      all = rf_adj_users_of(rf_graph_adj(emission->graph, kind), cluster->common[i]);
        const double share = all > 0 ? (double)users / (double)all : 0;
        if (2 * users < cluster->n[RF_USER] || !(share > most) ||
            rf_emit_silenced(emission, rf_entity_side(kind), cluster->common[i]))
            continue;
        best = i;
        most = share;
    }
    return best;
}

static rf_status say_cluster(rf_alert *alert, const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_cluster *cluster = &emission->findings->clusters->at[alert->action.row];
    rf_text text = {0};
    RF_TRY(rf_why_cluster(&text, emission->graph, cluster, telling(emission, cluster), err));
    RF_TRY(keep(alert, &text, err));
done:
    rf_text_clear(&text);
    return st;
}

static rf_status say_sequence(rf_alert *alert, const rf_sequences *sequences, const rf_graph *graph,
                              rf_err *err)
{
    rf_status st = RF_OK;
    rf_sequence_evidence evidence;
    rf_text text = {0};
    RF_TRY(rf_sequence_explain(&evidence, sequences, alert->action.side, alert->action.row, err));
    RF_TRY(rf_why_sequence(&text, graph, &evidence, err));
    RF_TRY(keep(alert, &text, err));
done:
    rf_text_clear(&text);
    return st;
}

rf_status rf_alerts_say(rf_alert_plan *plan, const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sequences *sequences = NULL;
    const bool has_times = emission->graph->side[RF_EDGE].first_us != NULL;
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->at[i].action.side == RF_NO_SIDE && plan->at[i].fate == RF_ALERT_EMITTED)
            RF_TRY(say_cluster(&plan->at[i], emission, err));
        if (!has_times || !is_of_sequence(&plan->at[i]))
            continue;
        if (sequences == NULL)
            RF_TRY(rf_sequences_new(&sequences, emission->graph, NULL, err));
        RF_TRY(say_sequence(&plan->at[i], sequences, emission->graph, err));
    }
done:
    rf_sequences_free(sequences);
    return st;
}
