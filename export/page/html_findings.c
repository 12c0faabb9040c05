/* html_findings.c - the findings about what is shown: each rule, signal, cluster and suppression once; nodes
 * and edges refer to them by number. */
#include "html_int.h"

#include <string.h>

/* ---- rules and signals ---- */

static void put_rules(rf_page *page, const rf_tags *tags)
{
    rf_json *json = page->js.json;
    rf_json_key(json, "rules");
    rf_json_array_open(json);
    for (int64_t i = 0; tags != NULL && i < tags->rule_type.n; i++) {
        rf_json_map_open(json);
        rf_json_draft_field(&page->js, "type", rf_texts_get(&tags->rule_type, i));
        rf_json_draft_field(&page->js, "about", rf_texts_get(&tags->rule_about, i));
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
    rf_json_key(json, "signals");
    rf_json_array_open(json);
    for (int64_t i = 0; tags != NULL && i < tags->signal_name.n; i++) {
        rf_json_map_open(json);
        rf_json_draft_field(&page->js, "name", rf_texts_get(&tags->signal_name, i));
        rf_json_draft_field(&page->js, "value", rf_texts_get(&tags->signal_value, i));
        rf_json_draft_field(&page->js, "about", rf_texts_get(&tags->signal_about, i));
        rf_json_put_bool(json, "above", tags->signal_above[i] != 0);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
}

/* [rule, confidence, edge or -1, [signal, strength, observed, threshold, percentile, ...]] */
static void put_tag(rf_page *page, const rf_extract *extract, const rf_tag_side *side, const rf_tag *tag)
{
    rf_json *json = page->js.json;
    rf_json_array_open(json);
    rf_json_int(json, tag->rule);
    rf_page_number(page, (double)tag->confidence);
    rf_json_int(json,
                tag->edge == RF_NO_EDGE
                    ? -1
                    : rf_page_find_edge(extract, rf_tag_edge_side(extract->findings->tags, tag), tag->edge));
    rf_json_array_open(json);
    for (int32_t i = 0; i < tag->n_evidence; i++) {
        const rf_evidence *evidence = &side->evidence[tag->evidence + i];
        rf_json_int(json, evidence->signal);
        rf_page_number(page, (double)evidence->strength);
        rf_page_number(page, evidence->observed);
        rf_page_number(page, evidence->threshold);
        rf_page_number(page, (double)evidence->percentile);
    }
    rf_json_array_close(json);
    rf_json_array_close(json);
}

void rf_page_tags(rf_page *page, const rf_extract *extract, const rf_subject *subject)
{
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, extract->findings->tags, subject->side, subject->row);
    rf_json_array_open(page->js.json);
    for (int64_t i = 0; i < n; i++)
        put_tag(page, extract, subject->tags, &tag[i]);
    rf_json_array_close(page->js.json);
}

/* ---- clusters ---- */

/* Members that are shown, as numbers of nodes; the cluster says how many there are in all. */
static void put_members(rf_page *page, const rf_extract *extract, rf_side side, const uint32_t *rows,
                        int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t node = rf_page_find_node(extract, side, rows[i]);
        if (node >= 0)
            rf_json_int(page->js.json, node);
    }
}

static bool is_shown(const rf_extract *extract, const rf_clusters *clusters, const rf_cluster *cluster)
{
    for (rf_side s = 0; s < rf_sides(&extract->graph->kinds); s++) {
        for (int64_t i = 0; rf_side_has_nodes(s) && i < cluster->n[s]; i++) {
            if (rf_page_find_node(extract, s, clusters->rows[s][cluster->from[s] + i]) >= 0)
                return true;
        }
    }
    return false;
}

/* Of several kinds: members of each. */
static void put_kind_members(rf_page *page, const rf_extract *extract, const rf_cluster *cluster)
{
    if (extract->graph->kinds.n == 0)
        return;
    rf_json_key(page->js.json, "of_kind");
    rf_json_array_open(page->js.json);
    for (int k = 0; k < extract->graph->kinds.n; k++)
        rf_json_int(page->js.json, cluster->n[rf_entity_side(k)]);
    rf_json_array_close(page->js.json);
}

/* [id, number of the node or -1, users, users in all, kind], the most shared first. */
static void put_common(rf_page *page, const rf_extract *extract, const rf_cluster *cluster)
{
    rf_json *json = page->js.json;
    char number[32];
    rf_json_key(json, "common");
    rf_json_array_open(json);
    for (int i = 0; i < cluster->n_common; i++) {
        rf_side side = rf_entity_side(cluster->common_kind[i]);
        rf_json_array_open(json);
        rf_json_draft_string(&page->js, rf_graph_id(&extract->graph->side[side], cluster->common[i], number));
        rf_json_int(json, rf_page_find_node(extract, side, cluster->common[i]));
        rf_json_int(json, cluster->common_users[i]);
        rf_json_int(
            json, rf_adj_users_of(rf_graph_adj(extract->graph, cluster->common_kind[i]), cluster->common[i]));
        if (extract->graph->kinds.n > 0)
            rf_json_int(json, cluster->common_kind[i]);
        rf_json_array_close(json);
    }
    rf_json_array_close(json);
}

/* Its figures, tags, and common entities. */
static rf_status put_cluster(rf_page *page, const rf_extract *extract, const rf_clusters *clusters,
                             const rf_cluster *cluster, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = page->js.json;
    rf_json_map_open(json);
    rf_json_draft_field(&page->js, "id", cluster->id);
    rf_json_draft_field(&page->js, "method", rf_cluster_method_name(cluster->method));
    rf_json_draft_field(&page->js, "change", rf_cluster_change_name(cluster->change));
    rf_page_count(page, "users", cluster->n[RF_USER]);
    rf_page_count(page, "entities", rf_cluster_entities(cluster));
    put_kind_members(page, extract, cluster);
    rf_page_count(page, "edges", cluster->n_edges);
    rf_page_count(page, "events", cluster->n_events);
    rf_page_field(page, "density", cluster->density);
    rf_page_field(page, "score_mass", cluster->score_mass);
    rf_page_field(page, "suspiciousness", cluster->suspiciousness);
    rf_page_count(page, "first", cluster->first_us);
    rf_page_count(page, "last", cluster->last_us);
    rf_page_count(page, "previous", cluster->previous_members);
    rf_page_count(page, "joined", cluster->joined);
    rf_page_count(page, "left", cluster->left);
    rf_json_key(json, "tags");
    rf_json_array_open(json);
    for (int i = 0; i < cluster->n_tags; i++) {
        if (cluster->tag_rule[i] < 0 || cluster->tag_rule[i] >= clusters->tag_types.n)
            continue;
        rf_json_array_open(json);
        rf_json_draft_string(&page->js, rf_texts_get(&clusters->tag_types, cluster->tag_rule[i]));
        rf_json_int(json, cluster->tag_members[i]);
        rf_json_array_close(json);
    }
    rf_json_array_close(json);
    put_common(page, extract, cluster);
    rf_json_key(json, "nodes");
    rf_json_array_open(json);
    for (rf_side s = 0; s < rf_sides(&extract->graph->kinds); s++) {
        if (rf_side_has_nodes(s))
            put_members(page, extract, s, clusters->rows[s] + cluster->from[s], cluster->n[s]);
    }
    rf_json_array_close(json);
    RF_TRY(rf_page_cluster_past(page, extract, cluster - clusters->at, err));
    rf_json_map_close(json);
done:
    return st;
}

rf_status rf_page_findings(rf_page *page, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = page->js.json;
    const rf_clusters *clusters = extract->findings->clusters;
    const rf_suppressions *list = extract->findings->suppressed;
    put_rules(page, extract->findings->tags);
    rf_json_key(json, "clusters");
    rf_json_array_open(json);
    for (int64_t i = 0; clusters != NULL && i < clusters->n; i++) {
        if (is_shown(extract, clusters, &clusters->at[i]))
            RF_TRY(put_cluster(page, extract, clusters, &clusters->at[i], err));
    }
    rf_json_array_close(json);
    RF_TRY(rf_page_past(page, extract, err));
    rf_json_key(json, "suppressed");
    rf_json_array_open(json);
    for (int64_t i = 0; list != NULL && i < extract->counts.nodes; i++) {
        const rf_extract_node *node = &extract->nodes[i];
        int64_t at = list->of[node->side] != NULL ? list->of[node->side][node->row] : -1;
        if (at < 0)
            continue;
        const rf_suppression *suppression = &list->at[at];
        rf_json_map_open(json);
        rf_page_count(page, "node", i);
        rf_json_draft_field(&page->js, "reason", suppression->reason);
        rf_json_draft_field(&page->js, "author", suppression->author);
        rf_json_draft_field(&page->js, "types", suppression->types);
        rf_json_key(json, "expires");
        if (suppression->expires_us == INT64_MAX)
            rf_json_null(json);
        else
            rf_page_whole(page, suppression->expires_us);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
done:
    return st;
}
