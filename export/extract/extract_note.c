/* extract_note.c - the note of an export: selection, counts, what was cut, the chosen cluster, the origin of
 * scores and tags, and the meaning of the colours.
 */
#include "members_int.h"
#include "rf_count.h"
#include "rf_time.h"
#include "style_int.h"

#include <inttypes.h>
#include <string.h>

static rf_status say_cut(rf_text *note, const rf_extract *extract, rf_err *err)
{
    const rf_export_result *counts = &extract->counts;
    if (counts->nodes_cut == 0 && counts->edges_cut == 0)
        return RF_OK;
    return rf_text_printf(note, err, " Cut by score: %s and %s that belong here (at most %s, %s).",
                          RF_THINGS(counts->nodes_cut, "node"), RF_THINGS(counts->edges_cut, "edge"),
                          RF_THINGS(extract->options->max_nodes, "node"),
                          RF_THINGS(extract->options->max_edges, "edge"));
}

static rf_status say_partners_left(rf_text *note, const rf_extract *extract, rf_err *err)
{
    if (extract->partners_left == 0)
        return RF_OK;
    return rf_text_printf(
        note, err,
        " Neighbours are those that met two members or more; not here: %s of members (--hops 1 "
        "brings them).",
        RF_THINGS(extract->partners_left, "other partner"));
}

/* "22 users and 8 entities"; of several kinds "27 users, 4 shops and 2 devices", those that there are. n by
 * side.
 */
static rf_status say_members(rf_text *note, const rf_kinds *kinds, const int64_t n[RF_SIDES_MOST],
                             rf_err *err)
{
    rf_status st = RF_OK;
    int last = 0;
    RF_TRY(rf_text_printf(note, err, "%s", RF_THINGS(n[RF_USER], "user")));
    for (int k = 0; k < rf_kinds_n(kinds); k++)
        last = n[rf_entity_side(k)] > 0 ? k : last;
    for (int k = 0; k <= last; k++) {
        int64_t members = n[rf_entity_side(k)];
        if (members == 0 && last > 0)
            continue;
        RF_TRY(rf_text_printf(note, err, "%s%s", k == last ? " and " : ", ",
                              RF_THINGS(members, rf_kind_name(kinds, k))));
    }
done:
    return st;
}

static rf_status say_cluster(rf_text *note, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_cluster *cluster = rf_subjects_cluster(extract);
    char from[RF_TIME_TEXT], to[RF_TIME_TEXT];
    if (cluster == NULL)
        goto done;
    RF_TRY(rf_text_printf(note, err, " Cluster %s (%s, %s since the last run): ", cluster->id,
                          rf_cluster_method_name(cluster->method), rf_cluster_change_name(cluster->change)));
    RF_TRY(say_members(note, &extract->graph->kinds, cluster->n, err));
    RF_TRY(rf_text_printf(note, err, ", %s among them, density %.3g, %.3g %% of all that stands out",
                          RF_THINGS(cluster->n_edges, "edge"), cluster->density, 100 * cluster->score_mass));
    if (cluster->joined > 0 || cluster->left > 0)
        RF_TRY(rf_text_printf(note, err, "; %" PRId64 " joined and %" PRId64 " left since", cluster->joined,
                              cluster->left));
    if (cluster->first_us != 0 || cluster->last_us != 0)
        RF_TRY(rf_text_printf(note, err, "; events from %s to %s", rf_time_format(from, cluster->first_us),
                              rf_time_format(to, cluster->last_us)));
    RF_TRY(rf_text_add(note, ".", 1, err));
done:
    return st;
}

static rf_status say_suppressed(rf_text *note, const rf_extract *extract, rf_err *err)
{
    int64_t n = 0;
    for (int64_t i = 0; i < extract->counts.nodes; i++)
        n += rf_node_suppression(extract, &extract->nodes[i]) != NULL;
    return n == 0
               ? RF_OK
               : rf_text_printf(note, err, " Suppressed nodes, which never become actions: %" PRId64 ".", n);
}

static rf_status say_origin(rf_text *note, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = extract->graph;
    const rf_tags *tags = extract->findings->tags;
    char from[RF_TIME_TEXT], to[RF_TIME_TEXT];
    RF_TRY(rf_text_printf(note, err, " Scores of run %s, model %s.", extract->scores->run_id,
                          extract->scores->model_id));
    if (tags != NULL)
        RF_TRY(rf_text_printf(note, err, " Tags by the rules %s, revision %" PRId64 ".", tags->rules_name,
                              tags->rules_version));
    if (graph->window_from_us != 0 || graph->window_to_us != 0)
        RF_TRY(rf_text_printf(note, err, " Events from %s to %s.",
                              rf_time_format(from, graph->window_from_us),
                              rf_time_format(to, graph->window_to_us)));
done:
    return st;
}

static rf_status say_colors(rf_text *note, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_legend *legend = &extract->node_legend;
    for (int i = 0; i < legend->n; i++) {
        char color[8];
        const rf_legend_entry *entry = &legend->at[i];
        RF_TRY(rf_text_printf(note, err, "%s%s %s (%" PRId64 ")", i == 0 ? " Colours of nodes: " : "; ",
                              entry->look.name, rf_color_format(color, entry->look.color), entry->n));
    }
    if (legend->n > 0)
        RF_TRY(rf_text_add(note, ".", 1, err));
done:
    return st;
}

/* Of the picture around the worst user. */
static rf_status describe_ring(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n[RF_SIDES] = {0}; /* by rf_side_role */
    if (extract->counts.nodes == 0) {
        RF_TRY(rf_text_printf(&extract->title, err, "No ring"));
        RF_TRY(rf_text_printf(&extract->note, err, "The graph has no edges: there is no ring to draw."));
        goto done;
    }
    RF_TRY(rf_text_add(&extract->title, "Around user ", 12, err));
    for (int64_t i = 0; i < extract->counts.nodes; i++) {
        const rf_extract_node *node = &extract->nodes[i];
        char number[32];
        n[rf_side_role(node->side)]++;
        if (node->role == RF_ROLE_SUBJECT) {
            const char *id = rf_graph_id(&extract->graph->side[node->side], node->row, number);
            RF_TRY(rf_text_add(&extract->title, id, strlen(id), err));
        }
    }
    RF_TRY(rf_text_add(&extract->title, ", the highest score", 19, err));
    RF_TRY(rf_text_printf(&extract->note, err, "%s and %s that stand out together; %s.",
                          RF_THINGS(n[RF_USER], "user"), RF_THINGS(n[RF_ENTITY], "entity"),
                          RF_THINGS(extract->counts.edges, "edge")));
done:
    return st;
}

static rf_status describe_selection(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_export_result *counts = &extract->counts;
    RF_TRY(rf_text_printf(&extract->title, err, "ringfence: "));
    RF_TRY(rf_text_add(&extract->title, extract->options->select.text, strlen(extract->options->select.text),
                       err));
    RF_TRY(rf_text_printf(&extract->note, err, "%s, %s, %s for comparison; %s.",
                          RF_THINGS(counts->subjects, "subject"), RF_THINGS(counts->neighbours, "neighbour"),
                          RF_THINGS(counts->context, "ordinary node"), RF_THINGS(counts->edges, "edge")));
    RF_TRY(say_cut(&extract->note, extract, err));
    RF_TRY(say_partners_left(&extract->note, extract, err));
    RF_TRY(say_cluster(&extract->note, extract, err));
done:
    return st;
}

rf_status rf_extract_describe(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    bool is_ring = extract->options->select.type == RF_SELECT_RING;
    RF_TRY(is_ring ? describe_ring(extract, err) : describe_selection(extract, err));
    if (extract->counts.nodes > 0) {
        RF_TRY(say_suppressed(&extract->note, extract, err));
        RF_TRY(say_origin(&extract->note, extract, err));
    }
    extract->note_facts = extract->note.len;
    RF_TRY(say_colors(&extract->note, extract, err));
done:
    return st;
}
