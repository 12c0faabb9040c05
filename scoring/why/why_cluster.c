/* why_cluster.c - what holds a cluster together, in two sentences: how many of its pairs met against how many
 * by chance, and what most of its users share.
 */
#include "rf_clusters.h"
#include "rf_count.h"
#include "why_int.h"

#include <math.h>

/* "12 users", "1 device" */
static rf_status say_number(rf_text *out, int64_t n, const char *one, const char *several, rf_err *err)
{
    return rf_text_printf(out, err, "%lld %s", (long long)n, n == 1 ? one : several);
}

/* "12 users, 2 merchants and 1 device" */
static rf_status say_members(rf_text *out, const rf_graph *graph, const rf_cluster *cluster, rf_err *err)
{
    rf_status st = RF_OK;
    int kinds = 0;
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++)
        kinds += cluster->n[rf_entity_side(k)] > 0;
    RF_TRY(say_number(out, cluster->n[RF_USER], "user", "users", err));
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++) {
        char one[RF_PHRASE_TEXT], several[RF_PHRASE_TEXT];
        if (cluster->n[rf_entity_side(k)] == 0)
            continue;
        RF_TRY(rf_text_printf(out, err, "%s", --kinds == 0 ? " and " : ", "));
        RF_TRY(say_number(out, cluster->n[rf_entity_side(k)], rf_phrase_kind(one, &graph->kinds, k, false),
                          rf_phrase_kind(several, &graph->kinds, k, true), err));
    }
done:
    return st;
}

/* ": 12 of their pairs met within 3 days, where 0.2 would by chance." */
static rf_status say_pairs(rf_text *out, const rf_cluster *cluster, rf_err *err)
{
    rf_status st = RF_OK;
    char value[32];
    const double possible = (double)cluster->n[RF_USER] * (double)rf_cluster_entities(cluster);
    const double span_s = ((double)cluster->last_us - (double)cluster->first_us) / 1e6;
    RF_TRY(rf_text_printf(out, err, ": %.0f of their pairs met", cluster->density * possible));
    if (span_s > 0)
        RF_TRY(rf_text_printf(out, err, " within %s", rf_phrase_value(value, RF_UNIT_SECONDS, span_s)));
    if (isfinite(cluster->expected_pairs))
        RF_TRY(rf_text_printf(out, err, ", where %s would by chance",
                              cluster->expected_pairs < 0.01
                                  ? "fewer than 0.01"
                                  : rf_phrase_value(value, RF_UNIT_COUNT, cluster->expected_pairs)));
    RF_TRY(rf_text_add(out, ".", 1, err));
done:
    return st;
}

/* " All its 12 users share device d17, which has 15 users in all." */
static rf_status say_common(rf_text *out, const rf_graph *graph, const rf_cluster *cluster, int i,
                            rf_err *err)
{
    rf_status st = RF_OK;
    char kind[RF_PHRASE_TEXT], number[32], name[RF_PHRASE_ID];
    const int k = cluster->common_kind[i];
    const int64_t all = rf_adj_users_of(rf_graph_adj(graph, k), cluster->common[i]);
    name[0] = '\0';
    rf_phrase_id(name, rf_graph_id(&graph->side[rf_entity_side(k)], cluster->common[i], number));
    const int users = cluster->common_users[i];
    if (users < cluster->n[RF_USER])
        RF_TRY(rf_text_printf(out, err, " %d of its users", users));
    else if (users == 2)
        RF_TRY(rf_text_add(out, " Both its users", 15, err));
    else
        RF_TRY(rf_text_printf(out, err, " All its %d users", users));
    RF_TRY(rf_text_printf(out, err, " share %s %s", rf_phrase_kind(kind, &graph->kinds, k, false), name));
    if (all > users)
        RF_TRY(rf_text_printf(out, err, ", which has %s in all", RF_THINGS(all, "user")));
    RF_TRY(rf_text_add(out, ".", 1, err));
done:
    return st;
}

rf_status rf_why_cluster(rf_text *out, const rf_graph *graph, const rf_cluster *cluster, int common,
                         rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(say_members(out, graph, cluster, err));
    RF_TRY(say_pairs(out, cluster, err));
    if (common >= 0)
        RF_TRY(say_common(out, graph, cluster, common, err));
done:
    return st;
}
