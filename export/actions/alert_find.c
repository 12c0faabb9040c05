/* alert_find.c - who deserves an alert: subjects above the threshold, by their score or by a voice beside it,
 * those with a tag that is sure enough, and clusters that hold one of them. A cluster speaks for the members
 * that its message names and for the edges between its members: they have no alert of their own, unless they
 * have a sure tag of a type that the cluster's message does not list.
 */
#include "alert_int.h"

#include <stdlib.h>
#include <string.h>

#include "rf_calibration.h"
#include "rf_mem.h"
#include "rf_rank.h"

#define MOST_MEMBERS 200 /* named of each kind; their number is said in any case */
#define MOST_BYTES                                                                                           \
    (64 << 10) /* of named users, and of entities: a message has to fit a topic's limit, whatever ids look   \
                  like */

/* ---- subjects ---- */

/* How many of a group of `size` subjects with the score of `row` are flagged when `before` subjects score
 * higher. */
static int64_t flagged_of_group(const rf_emit_options *options, const rf_score_side *scores, uint32_t row,
                                int64_t before, int64_t size)
{
    int64_t room;
    switch (options->threshold_type) {
    case RF_THRESHOLD_PERCENTILE:
        return scores->percentile[row] >= (float)options->threshold ? size : 0;
    case RF_THRESHOLD_SCORE:
        return (double)scores->score[row] >= options->threshold ? size : 0;
    case RF_THRESHOLD_FDR:
        return scores->fdr[row] <= (float)options->threshold ? size : 0;
    case RF_THRESHOLD_TOP:
        room = options->threshold < (double)(before + size) ? (int64_t)options->threshold - before : size;
        return room < 0 ? 0 : room;
    }
    return 0;
}

bool rf_tag_is_sure(const rf_emission *emission, rf_side side, int64_t row, const rf_tag *tag)
{
    return (double)tag->confidence >= emission->options->tag_confidence &&
           !rf_tag_is_unknown(emission->findings->tags, tag) && !rf_emit_takes(emission, side, row, tag);
}

/* The rule of a subject's surest tag that is sure; -1: it has none. */
static int32_t sure_rule(const rf_emission *emission, rf_side side, int64_t row)
{
    const rf_tags *tags = emission->findings->tags;
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, tags, side, row);
    for (int64_t i = 0; i < n; i++) {
        if (rf_tag_is_sure(emission, side, row, &tag[i]))
            return (int32_t)rf_tags_first_rule(tags, tag[i].rule);
    }
    return -1;
}

static rf_status add(rf_alert_plan *plan, rf_alert alert, rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(plan->at, plan->cap, plan->n + 1, err);
    plan->at[plan->n++] = alert;
done:
    return st;
}

static rf_status flag(rf_alert_plan *plan, const rf_emission *emission, rf_alert alert, rf_err *err)
{
    rf_side side = alert.action.side;
    int64_t row = alert.action.row;
    alert.fate = rf_emit_silenced(emission, side, row) ? RF_ALERT_SUPPRESSED : RF_ALERT_EMITTED;
    alert.known = alert.first_rule >= 0;
    plan->flagged[side][row] = (uint32_t)plan->n;
    return add(plan, alert, err);
}

/* Groups of equal scores from the highest down; below the threshold only those that a tag flags. */
static rf_status find_by_score(rf_alert_plan *plan, const rf_emission *emission, rf_side side,
                               const rf_ranked *sorted, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_score_side *scores = &emission->scores->side[side];
    bool by_tag = emission->findings->tags != NULL && emission->options->tag_confidence <= 1;
    for (int64_t to = scores->n; to > 0;) {
        int64_t from = rf_rank_tie_start(sorted, to), rank = scores->n - to + 1;
        int64_t flagged = flagged_of_group(emission->options, scores, sorted[from].row, rank - 1, to - from);
        for (int64_t i = from; i < (by_tag ? to : from + flagged); i++) {
            int64_t row = sorted[i].row;
            int32_t rule = by_tag ? sure_rule(emission, side, row) : -1;
            if (i >= from + flagged && rule < 0)
                continue;
            RF_TRY(flag(plan, emission,
                        (rf_alert){.action = {.side = side, .row = row, .rank = rank},
                                   .place = rank,
                                   .first_rule = rule,
                                   .anomaly = rf_score_anomaly(scores, row),
                                   .voice = RF_PARTS},
                        err));
        }
        if (flagged < to - from && !by_tag)
            break;
        to = from;
    }
done:
    return st;
}

/* 1 + rows of a higher score. */
static int64_t rank_of(const rf_ranked *sorted, int64_t n, rf_real score)
{
    int64_t low = 0, high = n; /* the first place of a higher score lies between */
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (sorted[middle].score > score)
            high = middle;
        else
            low = middle + 1;
    }
    return n - low + 1;
}

/* A voice ranks what the score does not see: whoever reaches the percentile in it is flagged, too, if the
 * bulk of that voice does not explain it. Many voices have nothing to say about a graph, and then much of it.
 */
static rf_status find_by_voice(rf_alert_plan *plan, const rf_emission *emission, rf_side side,
                               rf_part_id voice, const rf_ranked *by_score, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_score_side *scores = &emission->scores->side[side];
    rf_ranked *sorted = NULL;
    rf_bulk bulk;
    float *p_value = NULL, *fdr = NULL;
    RF_NEW(p_value, scores->n, err);
    RF_NEW(fdr, scores->n, err);
    RF_TRY(rf_rank_sort_floats(&sorted, scores->n, scores->part[voice], err));
    RF_TRY(rf_bulk_fit(&bulk, sorted, scores->n, err));
    rf_calibrate(p_value, fdr, &bulk, 0, sorted, scores->n);
    for (int64_t to = scores->n; to > 0 && sorted[to - 1].score > 0;) {
        int64_t from = rf_rank_tie_start(sorted, to);
        if (rf_rank_percentile(from, to, scores->n) < emission->options->threshold ||
            fdr[sorted[from].row] > RF_RATHER_GUILTY)
            break;
        for (int64_t i = from; i < to; i++) {
            int64_t row = sorted[i].row;
            if (plan->flagged[side][row] != RF_NOT_FLAGGED)
                continue;
            RF_TRY(flag(plan, emission,
                        (rf_alert){.action = {.side = side,
                                              .row = row,
                                              .rank = rank_of(by_score, scores->n, scores->score[row])},
                                   .place = scores->n - to + 1,
                                   .first_rule = -1,
                                   .anomaly = rf_part_table[voice].anomaly,
                                   .voice = voice},
                        err));
        }
        to = from;
    }
done:
    rf_mem_free(p_value);
    rf_mem_free(fdr);
    rf_mem_free(sorted);
    return st;
}

static int by_rank(const void *a, const void *b)
{
    const rf_action *x = &((const rf_alert *)a)->action, *y = &((const rf_alert *)b)->action;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* The worst first, whatever flagged them. */
static rf_status find_subjects(rf_alert_plan *plan, const rf_emission *emission, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_score_side *scores = &emission->scores->side[side];
    rf_ranked *sorted = NULL;
    size_t first = plan->n;
    RF_NEW(plan->flagged[side], scores->n, err);
    for (int64_t i = 0; i < scores->n; i++)
        plan->flagged[side][i] = RF_NOT_FLAGGED;
    RF_TRY(rf_rank_sort(&sorted, scores->n, scores->score, err));
    RF_TRY(find_by_score(plan, emission, side, sorted, err));
    size_t by_score = plan->n;
    const bool voices =
        emission->options->threshold_type == RF_THRESHOLD_PERCENTILE &&
        rf_side_role(side) != RF_EDGE; /* what a voice says of edges, their nodes say better */
    for (rf_part_id p = 0; p < RF_PARTS && voices; p++) {
        if (!rf_part_table[p].in_total && scores->part[p] != NULL)
            RF_TRY(find_by_voice(plan, emission, side, p, sorted, err));
    }
    if (plan->n > by_score) {
        qsort(plan->at + first, plan->n - first, sizeof *plan->at, by_rank);
        for (size_t i = first; i < plan->n; i++)
            plan->flagged[side][plan->at[i].action.row] = (uint32_t)i;
    }
done:
    rf_mem_free(sorted);
    return st;
}

/* ---- clusters ---- */

/* Members that may be named, the flagged ones first, each by row. */
static void name_members(rf_alert_plan *plan, const rf_emission *emission, int64_t at, rf_side side)
{
    const rf_clusters *clusters = emission->findings->clusters;
    const rf_cluster *cluster = &clusters->at[at];
    const uint32_t *rows = clusters->rows[side] + cluster->from[side];
    rf_named *named = &plan->named[side];
    int64_t n = named->from[at], most = n + MOST_MEMBERS;
    const int kinds = side == RF_USER ? 1 : rf_kinds_n(&emission->graph->kinds); /* that share the room */
    size_t bytes = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i < cluster->n[side] && n < most; i++) {
            char number[32];
            bool is_flagged = plan->flagged[side][rows[i]] != RF_NOT_FLAGGED;
            if (is_flagged != (pass == 0) || rf_emit_silenced(emission, side, rows[i]))
                continue;
            bytes += strlen(rf_graph_id(&emission->graph->side[side], rows[i], number));
            if (bytes > (size_t)(MOST_BYTES / kinds))
                most = n;
            else
                named->row[n++] = rows[i];
        }
    }
    named->from[at + 1] = n;
}

/* A sure tag of a type that the cluster's message does not list. */
static bool tells_more(const rf_emission *emission, const rf_cluster *cluster, const rf_action *action)
{
    const rf_findings *findings = emission->findings;
    const rf_tags *tags = findings->tags;
    const rf_texts *types = &findings->clusters->tag_types;
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, tags, action->side, action->row);
    for (int64_t i = 0; i < n && types->n > 0; i++) {
        int k = 0;
        const char *type = rf_tag_type(tags, &tag[i]);
        while (k < cluster->n_tags && strcmp(rf_texts_get(types, cluster->tag_rule[k]), type) != 0)
            k++;
        if (k == cluster->n_tags && rf_tag_is_sure(emission, action->side, action->row, &tag[i]))
            return true;
    }
    return false;
}

/* The kind of most of its members; of equally frequent ones the first. */
static rf_anomaly cluster_anomaly(const rf_emission *emission, const rf_cluster *cluster)
{
    int64_t n[RF_ANOMALIES] = {0};
    rf_anomaly most = RF_ANOMALY_NONE;
    for (rf_side side = 0; side < rf_sides(&emission->graph->kinds); side++) {
        const uint32_t *rows = emission->findings->clusters->rows[side];
        for (int64_t i = cluster->from[side]; i < cluster->from[side] + cluster->n[side]; i++)
            n[rf_score_anomaly(&emission->scores->side[side], rows[i])]++;
    }
    n[RF_ANOMALY_NONE] = 0;
    for (int kind = 0; kind < RF_ANOMALIES; kind++)
        most = n[kind] > n[most] ? (rf_anomaly)kind : most;
    return most;
}

/* The alert of community `at` becomes one of the plan if it names somebody flagged; then it speaks for them.
 */
static rf_status find_cluster(rf_alert_plan *plan, const rf_emission *emission, int64_t at, int64_t rank,
                              rf_err *err)
{
    rf_status st = RF_OK;
    const rf_cluster *cluster = &emission->findings->clusters->at[at];
    rf_alert alert = {.action = {.side = RF_NO_SIDE, .row = at, .rank = rank},
                      .place = rank,
                      .first_rule = cluster->n_tags > 0 ? cluster->tag_rule[0] : -1,
                      .anomaly = cluster_anomaly(emission, cluster),
                      .voice = RF_PARTS};
    bool any = false;
    for (rf_side side = 0; side < rf_sides(&emission->graph->kinds); side++) {
        const rf_named *named = &plan->named[side];
        for (int64_t i = named->from != NULL ? named->from[at] : 0;
             named->from != NULL && i < named->from[at + 1]; i++) {
            uint32_t place = plan->flagged[side][named->row[i]];
            if (place == RF_NOT_FLAGGED)
                continue;
            rf_alert *member = &plan->at[place];
            any = true;
            alert.known = alert.known || member->known;
            alert.reach += member->known;
            if (!tells_more(emission, cluster, &member->action)) {
                member->fate = RF_ALERT_INSIDE;
                member->cluster = (int32_t)at;
            }
        }
    }
    if (any)
        RF_TRY(add(plan, alert, err));
done:
    return st;
}

/* Communities only: a dense block says nothing of its members' scores. */
static rf_status find_clusters(rf_alert_plan *plan, const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_clusters *clusters = emission->findings->clusters;
    const int sides = rf_sides(&emission->graph->kinds);
    bool *speaks = NULL;
    size_t n_subjects = plan->n;
    if (clusters == NULL || !emission->options->clusters)
        return RF_OK;
    RF_ZERO(speaks, clusters->n, err);
    for (rf_side side = 0; side < sides; side++) {
        int64_t members = 0;
        if (rf_side_role(side) == RF_EDGE)
            continue;
        for (int64_t i = 0; i < clusters->n; i++)
            members += clusters->at[i].n[side];
        RF_ZERO(plan->named[side].from, clusters->n + 1, err);
        RF_NEW(plan->named[side].row, members, err);
    }
    for (int64_t i = 0, rank = 1; i < clusters->n; i++) {
        size_t before = plan->n;
        for (rf_side side = 0; side < sides; side++) {
            if (plan->named[side].from != NULL)
                plan->named[side].from[i + 1] = plan->named[side].from[i];
        }
        if (clusters->at[i].method != RF_CLUSTER_COMMUNITY || clusters->at[i].change == RF_CLUSTER_GONE)
            continue;
        for (rf_side side = 0; side < sides; side++) {
            if (plan->named[side].from != NULL)
                name_members(plan, emission, i, side);
        }
        RF_TRY(find_cluster(plan, emission, i, rank++, err));
        speaks[i] = plan->n > before;
    }
    for (size_t i = 0; i < n_subjects; i++) {
        rf_alert *alert = &plan->at[i];
        const rf_action *action = &alert->action;
        const rf_cluster *around = rf_side_role(action->side) == RF_EDGE && alert->fate == RF_ALERT_EMITTED
                                       ? rf_clusters_of(clusters, emission->graph, action->side, action->row)
                                       : NULL;
        if (around == NULL || !speaks[around - clusters->at] || tells_more(emission, around, &alert->action))
            continue;
        alert->fate = RF_ALERT_INSIDE;
        alert->cluster = (int32_t)(around - clusters->at);
    }
done:
    rf_mem_free(speaks);
    return st;
}

/* ---- all ---- */

rf_status rf_alerts_find(rf_alert_plan *plan, const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    *plan = (rf_alert_plan){0};
    for (rf_side role = RF_USER; role <= RF_EDGE; role++) {
        for (rf_side side = 0; side < rf_sides(&emission->graph->kinds); side++) {
            if (rf_side_role(side) == role)
                RF_TRY(find_subjects(plan, emission, side, err));
        }
    }
    RF_TRY(find_clusters(plan, emission, err));
done:
    if (st < 0)
        rf_alerts_clear(plan);
    return st;
}

void rf_alerts_clear(rf_alert_plan *plan)
{
    for (rf_side side = 0; side < RF_SIDES_MOST; side++) {
        rf_mem_free(plan->flagged[side]);
        rf_mem_free(plan->named[side].from);
        rf_mem_free(plan->named[side].row);
    }
    for (size_t i = 0; i < plan->n; i++)
        rf_mem_free(plan->at[i].why);
    rf_mem_free(plan->at);
    *plan = (rf_alert_plan){0};
}
