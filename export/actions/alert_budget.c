/* alert_budget.c - spends the budget: on those with a known type first, clusters before subjects, so that as
 * many of them as possible are reached; on the others so that each kind of anomaly keeps a share.
 *
 * The others are sure of a fifth of the budget. Half of what they get is dealt to the kinds of anomaly in
 * equal parts, the rest goes to the worst of any kind; whom only a voice flags has a place in its kind's
 * share or none. Scores of users, entities, edges and clusters cannot be compared, so the worst of each come
 * first, then the second of each, and so on; those that tell nothing new come last, and then the kinds of
 * entity beside the main one.
 */
#include "alert_int.h"

#include <stdlib.h>

#include "rf_mem.h"

#define SHARE_OF_UNKNOWN 5 /* one in so many alerts is kept for those without a known type */

/* An alert that asks for a place, with what decides when its turn comes; lower is earlier. */
typedef struct claim {
    int64_t turn[3];
    uint32_t alert;
    rf_anomaly anomaly;
} claim;

static int by_turn(const void *a, const void *b)
{
    const claim *x = a, *y = b;
    for (int i = 0; i < 3; i++) {
        if (x->turn[i] != y->turn[i])
            return x->turn[i] < y->turn[i] ? -1 : 1;
    }
    return x->alert < y->alert ? -1 : x->alert > y->alert;
}

/* Clusters, users, entities, edges. */
static int64_t order_of(const rf_alert *alert)
{
    return alert->action.side == RF_NO_SIDE ? 0 : 1 + rf_side_role(alert->action.side);
}

/* An edge with a known type adds nobody where one of its ends is known, too. */
static bool adds_somebody(const rf_alert_plan *plan, const rf_emission *emission, const rf_alert *alert)
{
    const int kind = rf_side_kind(alert->action.side);
    if (!alert->known || alert->action.side == RF_NO_SIDE || rf_side_role(alert->action.side) != RF_EDGE)
        return alert->known;
    const rf_adj *adj = rf_graph_adj(emission->graph, kind);
    uint32_t user = plan->flagged[RF_USER][adj->e_u[alert->action.row]];
    uint32_t entity = plan->flagged[rf_entity_side(kind)][adj->e_v[alert->action.row]];
    return (user == RF_NOT_FLAGGED || !plan->at[user].known) &&
           (entity == RF_NOT_FLAGGED || !plan->at[entity].known);
}

/* A device, a card or the like is flagged for its users: where one of them is flagged, it tells nothing new.
 */
static bool has_flagged_user(const rf_alert_plan *plan, const rf_emission *emission, const rf_action *thing)
{
    const rf_adj *adj = rf_graph_adj(emission->graph, rf_side_kind(thing->side));
    bool any = false;
    for (int64_t i = adj->v_ptr[thing->row]; i < adj->v_ptr[thing->row + 1] && !any; i++)
        any = plan->flagged[RF_USER][adj->e_u[adj->v_edge[i]]] != RF_NOT_FLAGGED;
    return any;
}

/* An edge tells nothing new where an end of it is flagged, or where a worse edge of its user or entity is in
 * the plan already. */
static bool repeats(const rf_alert_plan *plan, const rf_emission *emission, const rf_alert *alert,
                    bool *seen[RF_SIDES_MOST])
{
    const int kind = rf_side_kind(alert->action.side);
    const rf_side entities = rf_entity_side(kind);
    if (kind > 0 && alert->action.side == entities)
        return has_flagged_user(plan, emission, &alert->action);
    if (alert->action.side == RF_NO_SIDE || rf_side_role(alert->action.side) != RF_EDGE)
        return false;
    const rf_adj *adj = rf_graph_adj(emission->graph, kind);
    uint32_t user = adj->e_u[alert->action.row], entity = adj->e_v[alert->action.row];
    bool is_seen = seen[RF_USER][user] || seen[entities][entity] ||
                   plan->flagged[RF_USER][user] != RF_NOT_FLAGGED ||
                   plan->flagged[entities][entity] != RF_NOT_FLAGGED;
    seen[RF_USER][user] = seen[entities][entity] = true;
    return is_seen;
}

/* Of the kinds of entity beside the main one: what tells nothing new, or is rather innocent than guilty, gets
 * no place, be there room or not. A percentile flags a share of each kind, however innocent that is. */
static bool is_worth_a_place(const rf_emission *emission, const rf_action *action, bool is_repeated)
{
    if (action->side == RF_NO_SIDE || rf_side_kind(action->side) == 0)
        return true;
    const float *fdr = emission->scores->side[action->side].fdr;
    return !is_repeated && (fdr == NULL || fdr[action->row] <= RF_RATHER_GUILTY);
}

/* The worst of each side come first; the kinds of entity beside the main one take turns. */
static int64_t turn_of(const rf_emission *emission, const rf_alert *alert)
{
    const int kind = rf_side_kind(alert->action.side), others = rf_kinds_n(&emission->graph->kinds) - 1;
    return kind == 0 ? alert->place : (alert->place - 1) * others + kind;
}

/* The claims of those with a known type: clusters that reach most come first, then subjects, in turns of
 * their rules. The others: by their place, edges that tell nothing new after all the rest; those that are
 * worth no place are passed over. */
static rf_status collect(claim **known, size_t *n_known, claim **others, size_t *n_others,
                         rf_alert_plan *plan, const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_tags *tags = emission->findings->tags;
    int64_t n_rules = tags != NULL ? tags->rule_type.n : 0, *turn = NULL;
    bool *seen[RF_SIDES_MOST] = {NULL};
    RF_ZERO(turn, (RF_SIDES + 1) * (n_rules + 1), err);
    for (rf_side side = 0; side < rf_sides(&emission->graph->kinds); side++) {
        if (rf_side_role(side) != RF_EDGE)
            RF_ZERO(seen[side], emission->scores->side[side].n, err);
    }
    RF_NEW(*known, plan->n, err);
    RF_NEW(*others, plan->n, err);
    for (size_t i = 0; i < plan->n; i++) {
        rf_alert *alert = &plan->at[i];
        claim c = {.alert = (uint32_t)i, .anomaly = alert->anomaly};
        if (alert->fate != RF_ALERT_EMITTED)
            continue;
        int64_t order = order_of(alert);
        if (!adds_somebody(plan, emission, alert)) {
            const bool is_repeated = repeats(plan, emission, alert, seen);
            if (!is_worth_a_place(emission, &alert->action, is_repeated)) {
                alert->fate = RF_ALERT_PASSED_OVER;
                continue;
            }
            c.turn[0] = rf_side_kind(alert->action.side) > 0 ? 2 : is_repeated;
            c.turn[1] = turn_of(emission, alert);
            c.turn[2] = order;
            (*others)[(*n_others)++] = c;
            continue;
        }
        c.turn[0] = order;
        c.turn[1] = order == 0 ? -alert->reach : turn[order * (n_rules + 1) + alert->first_rule + 1]++;
        c.turn[2] = alert->place;
        (*known)[(*n_known)++] = c;
    }
    qsort(*known, *n_known, sizeof **known, by_turn);
    qsort(*others, *n_others, sizeof **others, by_turn);
done:
    rf_mem_free(turn);
    for (rf_side side = 0; side < RF_SIDES_MOST; side++)
        rf_mem_free(seen[side]);
    return st;
}

/* Gives `room` places to others[n], which are sorted. A voice has no more than its kind's share. */
static void deal(rf_alert_plan *plan, const claim *others, size_t n, size_t room)
{
    size_t of_kind[RF_ANOMALIES] = {0}, given[RF_ANOMALIES] = {0}, kinds = 0;
    for (size_t i = 0; i < n; i++)
        kinds += of_kind[others[i].anomaly]++ == 0;
    size_t share = kinds > 0 ? room / 2 / kinds : 0;
    if (share == 0 && room >= kinds)
        share = 1;
    for (int pass = 0; pass < 2; pass++) { /* each kind's share, then the worst of any kind */
        for (size_t i = 0; i < n && room > 0; i++) {
            rf_alert *alert = &plan->at[others[i].alert];
            bool has_share = given[others[i].anomaly] < share;
            if (alert->fate == RF_ALERT_EMITTED || (!has_share && (pass == 0 || alert->voice < RF_PARTS)))
                continue;
            alert->fate = RF_ALERT_EMITTED;
            given[others[i].anomaly]++;
            room--;
        }
    }
}

/* Whoever is inside a cluster that got no place is not named. */
static rf_status close_clusters(rf_alert_plan *plan, int64_t n_clusters, rf_err *err)
{
    rf_status st = RF_OK;
    bool *emitted = NULL;
    RF_ZERO(emitted, n_clusters, err);
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->at[i].action.side == RF_NO_SIDE)
            emitted[plan->at[i].action.row] = plan->at[i].fate == RF_ALERT_EMITTED;
    }
    for (size_t i = 0; i < plan->n; i++) {
        rf_alert *alert = &plan->at[i];
        if (alert->fate == RF_ALERT_INSIDE && !emitted[alert->cluster])
            alert->fate = RF_ALERT_OVER_BUDGET;
    }
done:
    rf_mem_free(emitted);
    return st;
}

rf_status rf_alerts_spend(rf_alert_plan *plan, const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    claim *known = NULL, *others = NULL;
    size_t n_known = 0, n_others = 0, budget = (size_t)emission->options->budget;
    RF_TRY(collect(&known, &n_known, &others, &n_others, plan, emission, err));
    if (budget == 0) /* there is no limit */
        goto done;
    for (size_t i = 0; i < n_known; i++)
        plan->at[known[i].alert].fate = RF_ALERT_OVER_BUDGET;
    for (size_t i = 0; i < n_others; i++)
        plan->at[others[i].alert].fate = RF_ALERT_OVER_BUDGET;
    size_t kept = budget / SHARE_OF_UNKNOWN < n_others ? budget / SHARE_OF_UNKNOWN : n_others;
    size_t for_known = budget - kept < n_known ? budget - kept : n_known;
    for (size_t i = 0; i < for_known; i++)
        plan->at[known[i].alert].fate = RF_ALERT_EMITTED;
    deal(plan, others, n_others, budget - for_known);
    if (emission->findings->clusters != NULL)
        RF_TRY(close_clusters(plan, emission->findings->clusters->n, err));
done:
    rf_mem_free(known);
    rf_mem_free(others);
    return st;
}
