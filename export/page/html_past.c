/* html_past.c - what earlier runs said: when a subject or a cluster was flagged, with which score, and who
 * joined and left a cluster since the last run.
 */
#include "html_int.h"

#define MOST_NAMED 50 /* of those who left */

/* "past": {first, times, runs: [[time, score, percentile, members, was gone], ...]}; null: nothing is known.
 */
static void put_past(rf_page *page, const rf_past *past)
{
    rf_json *json = page->js.json;
    rf_json_key(json, "past");
    if (past->n == 0) {
        rf_json_null(json);
        return;
    }
    rf_json_map_open(json);
    rf_page_count(page, "first", past->first_us);
    rf_page_count(page, "times", past->times);
    rf_json_key(json, "runs");
    rf_json_array_open(json);
    for (int i = 0; i < past->n; i++) {
        rf_json_array_open(json);
        rf_page_whole(page, past->run[i].at_us);
        rf_page_number(page, past->run[i].score);
        rf_page_number(page, past->run[i].percentile);
        rf_json_int(json, past->run[i].members);
        rf_json_bool(json, past->run[i].gone);
        rf_json_array_close(json);
    }
    rf_json_array_close(json);
    rf_json_map_close(json);
}

rf_status rf_page_past(rf_page *page, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = page->js.json;
    rf_json_key(json, "past");
    rf_json_array_open(json);
    for (int64_t i = 0; i < extract->counts.nodes; i++) {
        const rf_extract_node *node = &extract->nodes[i];
        rf_past past;
        RF_TRY(rf_alert_history_of(&past, extract->options->history, extract->graph, node->side, node->row,
                                   err));
        if (past.n == 0)
            continue;
        rf_json_map_open(json);
        rf_page_count(page, "node", i);
        put_past(page, &past);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
done:
    return st;
}

/* Members that joined, as numbers of nodes, and the ids of those who left. */
static void put_changes(rf_page *page, const rf_extract *extract, const rf_cluster_changes *changes,
                        int64_t cluster)
{
    rf_json *json = page->js.json;
    rf_json_key(json, "joined_nodes");
    rf_json_array_open(json);
    for (int64_t i = changes->joined_from[cluster]; i < changes->joined_from[cluster + 1]; i++) {
        int64_t node = rf_page_find_node(extract, changes->joined[i].side, changes->joined[i].row);
        if (node >= 0)
            rf_json_int(json, node);
    }
    rf_json_array_close(json);
    rf_json_key(json, "left_ids");
    rf_json_array_open(json);
    for (int64_t i = changes->left_from[cluster];
         i < changes->left_from[cluster + 1] && i < changes->left_from[cluster] + MOST_NAMED; i++)
        rf_json_draft_string(&page->js, changes->left[i].id);
    rf_json_array_close(json);
}

rf_status rf_page_cluster_past(rf_page *page, const rf_extract *extract, int64_t cluster, rf_err *err)
{
    rf_status st = RF_OK;
    rf_past past;
    const rf_cluster_changes *changes = extract->options->changes;
    RF_TRY(rf_alert_history_of_cluster(&past, extract->options->history,
                                       extract->findings->clusters->at[cluster].id, err));
    put_past(page, &past);
    if (changes != NULL && changes->n > cluster)
        put_changes(page, extract, changes, cluster);
done:
    return st;
}
