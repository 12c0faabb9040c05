/* html.c - one page that holds a part of the graph and shows it: no network, no other file, nothing to
 * install.
 *
 * scripts/build-page.sh makes the page itself (layout, drawing, table) from export/page/; the program holds
 * it as one text with two marks. This writer puts data in their places: before the script what the picture
 * needs, so that it is drawn while the rest is still being read; after the script the details of each node
 * and edge. Rows are arrays in the order of the lists node_fields and edge_fields, then of the columns. What
 * the page shows as structure (reasons, tags) is not repeated as a column.
 */
#include <string.h>

#include "html_int.h"
#include "rf_embed.h"
#include "rf_mem.h"

RF_EMBEDDED(page)

#define PICTURE_MARK "@RINGFENCE_PICTURE@"
#define DATA_MARK "@RINGFENCE_DATA@"
#define PAGE_DATA_VERSION 1

static const char *const node_look[] = {"x",    "y",    "size",  "color", "percentile",
                                        "kind", "role", "label", NULL};
static const char *const edge_look[] = {"from", "to", "width", "color", "percentile", NULL};
static const char *const node_fields[] = {"parts", "why", "reasons", "near", "tags", NULL};
static const char *const edge_fields[] = {"parts", "why", "reasons", "tags", "amounts", "times", NULL};

static bool is_structure(const rf_column *column)
{
    static const char *const keys[] = {"why", "look", "tag", "tags", "evidence", "cluster_change"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(column->key, keys[i]) == 0)
            return true;
    }
    return strncmp(column->key, "reason", 6) == 0 || strncmp(column->key, "share_of_", 9) == 0 ||
           strncmp(column->key, "tag_", 4) == 0;
}

/* The picture has these already. */
static bool is_look(const rf_column *column)
{
    return strcmp(column->key, "percentile") == 0 || strcmp(column->key, "kind") == 0 ||
           strcmp(column->key, "role") == 0;
}

/* ---- before the rows ---- */

static void put_list(rf_page *page, const char *key, const char *const *texts)
{
    rf_json_key(page->js.json, key);
    rf_json_array_open(page->js.json);
    for (; *texts != NULL; texts++)
        rf_json_string(page->js.json, *texts);
    rf_json_array_close(page->js.json);
}

static void put_columns(rf_page *page, const char *key, const rf_columns *columns)
{
    static const char *const types[] = {"text", "number", "whole", "time", "bool", "text"};
    rf_json_key(page->js.json, key);
    rf_json_array_open(page->js.json);
    for (int c = 0; c < columns->n; c++) {
        const rf_column *column = &columns->at[c];
        if (is_structure(column))
            continue;
        rf_json_map_open(page->js.json);
        rf_json_draft_field(&page->js, "key", column->key);
        rf_json_draft_field(&page->js, "about", column->about);
        rf_json_draft_field(&page->js, "type", types[column->type]);
        rf_json_put_bool(page->js.json, "look", is_look(column));
        rf_json_map_close(page->js.json);
    }
    rf_json_array_close(page->js.json);
}

/* The amounts of the edges; of several kinds by kind, and what each is called. */
static void put_kinds(rf_page *page, const rf_extract *extract)
{
    rf_json *json = page->js.json;
    const rf_kinds *kinds = &extract->graph->kinds;
    char plural[RF_KIND_PLURAL];
    if (kinds->n == 0) {
        rf_json_key(json, "amounts");
        rf_page_amounts_head(page, 0, &extract->graph->side[RF_EDGE]);
        return;
    }
    rf_json_key(json, "kinds");
    rf_json_array_open(json);
    for (int k = 0; k < kinds->n; k++) {
        rf_json_map_open(json);
        rf_json_draft_field(&page->js, "name", kinds->name[k]);
        rf_json_draft_field(&page->js, "plural", rf_kind_plural(plural, kinds, k));
        rf_json_draft_field(&page->js, "shape", rf_shape_name(rf_side_shape(rf_entity_side(k))));
        rf_json_key(json, "amounts");
        rf_page_amounts_head(page, k, &extract->graph->side[rf_edge_side(k)]);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
}

static rf_status put_head(rf_page *page, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = page->js.json;
    const rf_graph *graph = extract->graph;
    rf_json_map_open(json);
    rf_page_count(page, "version", PAGE_DATA_VERSION);
    rf_json_draft_field(&page->js, "title", extract->title.ptr);
    rf_json_draft_field(&page->js, "note", extract->note.ptr);
    rf_json_draft_field(&page->js, "selection", extract->options->select.text);
    rf_json_draft_field(&page->js, "run", extract->scores->run_id);
    rf_json_draft_field(&page->js, "model", extract->scores->model_id);
    rf_json_key(json, "window");
    if (graph->window_from_us == 0 && graph->window_to_us == 0) {
        rf_json_null(json);
    } else {
        rf_json_array_open(json);
        rf_page_whole(page, graph->window_from_us);
        rf_page_whole(page, graph->window_to_us);
        rf_json_array_close(json);
    }
    rf_page_count(page, "subjects", extract->counts.subjects);
    rf_page_count(page, "neighbours", extract->counts.neighbours);
    rf_page_count(page, "context", extract->counts.context);
    rf_page_count(page, "partners_left", extract->partners_left);
    rf_page_count(page, "nodes_cut", extract->counts.nodes_cut);
    rf_page_count(page, "edges_cut", extract->counts.edges_cut);
    rf_page_population(page, extract);
    rf_page_features(page, extract);
    put_kinds(page, extract);
    rf_page_times_head(page);
    RF_TRY(rf_page_findings(page, extract, err));
    rf_page_palette(page);
    put_list(page, "node_look", node_look);
    put_list(page, "edge_look", edge_look);
    put_list(page, "node_fields", node_fields);
    put_list(page, "edge_fields", edge_fields);
    put_columns(page, "node_columns", extract->node_columns);
    put_columns(page, "edge_columns", extract->edge_columns);
    rf_json_map_close(json);
done:
    return st;
}

/* Looks in the order of the legends. */
static rf_status take_legend(rf_page *page, const rf_legend *legend, rf_err *err)
{
    rf_status st = RF_OK;
    int number;
    for (int i = 0; i < legend->n; i++)
        RF_TRY(rf_page_look(&number, page, legend->at[i].look, err));
done:
    return st;
}

/* ---- the picture ---- */

static rf_status put_picture(rf_page *page, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = page->js.json;
    int look;
    RF_TRY(take_legend(page, &extract->node_legend, err));
    RF_TRY(take_legend(page, &extract->edge_legend, err));
    for (int k = 0; k < rf_kinds_n(&extract->graph->kinds); k++)
        rf_page_amounts_find(page, k, &extract->graph->side[rf_edge_side(k)]);
    RF_TRY(rf_page_times_read(page, extract, err));
    RF_TRY(put_head(page, extract, err));
    rf_json_draft_put(&page->js, "{\"head\":", ",\n\"nodes\":[\n");
    for (int64_t i = 0; i < extract->counts.nodes; i++) {
        const rf_extract_node *node = &extract->nodes[i];
        RF_TRY(rf_page_look(&look, page, rf_node_look(extract, node), err));
        RF_TRY(rf_node_label(&page->text, extract, node, err));
        rf_json_array_open(json);
        rf_page_number(page, (double)node->x);
        rf_page_number(page, 0.0 - (double)node->y); /* downwards, as on every screen */
        rf_page_number(page, rf_node_size(extract, node));
        rf_json_int(json, look);
        rf_page_number(page, (double)extract->scores->side[node->side].percentile[node->row]);
        rf_json_int(json, node->side == RF_USER ? 0 : 1 + rf_side_kind(node->side));
        rf_json_int(json, node->role == RF_ROLE_SUBJECT ? 2 : node->role == RF_ROLE_NEIGHBOUR ? 1 : 0);
        rf_json_draft_string(&page->js, page->text.ptr);
        rf_json_array_close(json);
        rf_json_draft_put(&page->js, i > 0 ? ",\n" : "", "");
    }
    rf_draft_text(&page->js.draft, "],\n\"edges\":[\n");
    for (int64_t i = 0; i < extract->counts.edges; i++) {
        const rf_extract_edge *edge = &extract->edges[i];
        RF_TRY(rf_page_look(&look, page, rf_edge_look(extract, edge), err));
        rf_json_array_open(json);
        rf_json_int(json, edge->from);
        rf_json_int(json, edge->to);
        rf_page_number(page, rf_edge_width(extract, edge));
        rf_json_int(json, look);
        rf_page_number(page, (double)extract->scores->side[edge->side].percentile[edge->row]);
        rf_json_array_close(json);
        rf_json_draft_put(&page->js, i > 0 ? ",\n" : "", "");
    }
    rf_draft_text(&page->js.draft, "]}\n");
done:
    return st;
}

static rf_status begin(void *state, rf_extract *extract, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_page *page = state;
    const char *text = (const char *)rf_embedded_page;
    const char *picture = strstr(text, PICTURE_MARK), *data = strstr(text, DATA_MARK);
    if (picture == NULL || data == NULL || data < picture)
        RF_FAIL(err, RF_E_INTERNAL, "export: the page inside this program has no place for data");
    RF_TRY(rf_json_draft_open(&page->js, path, err));
    page->js.in_page = true;
    rf_draft_bytes(&page->js.draft, text, (size_t)(picture - text));
    RF_TRY(put_picture(page, extract, err));
    picture += strlen(PICTURE_MARK);
    rf_draft_bytes(&page->js.draft, picture, (size_t)(data - picture));
    rf_draft_text(&page->js.draft, "{\"nodes\":[\n");
    page->rest = data + strlen(DATA_MARK);
done:
    return st;
}

/* ---- what is said of them ---- */

static void put_value(rf_page *page, const rf_value *value, rf_column_type type)
{
    char unused[RF_TIME_TEXT];
    if (!value->there)
        rf_json_null(page->js.json);
    else if (type == RF_COLUMN_NUMBER)
        rf_page_number(page, value->number);
    else if (type == RF_COLUMN_WHOLE || type == RF_COLUMN_TIME)
        rf_page_whole(page, value->whole);
    else if (type == RF_COLUMN_BOOL)
        rf_json_bool(page->js.json, value->yes);
    else
        rf_json_draft_string(&page->js, rf_value_text(value, type, unused));
}

static rf_status put_values(rf_page *page, rf_columns *columns, const rf_extract *extract, int64_t i,
                            rf_err *err)
{
    rf_status st = RF_OK;
    for (int c = 0; c < columns->n; c++) {
        rf_value value;
        if (is_structure(&columns->at[c]) || is_look(&columns->at[c]))
            continue;
        RF_TRY(rf_columns_read(&value, columns, c, extract, i, err));
        put_value(page, &value, columns->at[c].type);
    }
done:
    return st;
}

static rf_status node(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    rf_page *page = state;
    rf_subject subject = rf_extract_subject(extract, false, i);
    rf_json_array_open(page->js.json);
    rf_page_evidence(page, extract, &subject);
    rf_page_tags(page, extract, &subject);
    RF_TRY(put_values(page, extract->node_columns, extract, i, err));
    rf_json_array_close(page->js.json);
    rf_json_draft_put(&page->js, i > 0 ? ",\n" : "", "");
done:
    return st;
}

static rf_status edge(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    rf_page *page = state;
    rf_subject subject = rf_extract_subject(extract, true, i);
    rf_draft_text(&page->js.draft, page->in_edges ? ",\n" : "],\n\"edges\":[\n");
    page->in_edges = true;
    rf_json_array_open(page->js.json);
    rf_page_evidence(page, extract, &subject);
    rf_page_tags(page, extract, &subject);
    rf_page_amounts(page, rf_side_kind(subject.side), subject.graph, subject.row);
    rf_page_times(page, rf_side_kind(subject.side), i);
    RF_TRY(put_values(page, extract->edge_columns, extract, i, err));
    rf_json_array_close(page->js.json);
    rf_json_draft_put(&page->js, "", "");
done:
    return st;
}

static rf_status end(void *state, rf_extract *extract, rf_err *err)
{
    rf_page *page = state;
    (void)extract;
    rf_draft_text(&page->js.draft, page->in_edges ? "]}\n" : "],\n\"edges\":[]}\n");
    rf_draft_text(&page->js.draft, page->rest);
    return rf_draft_commit(&page->js.draft, err);
}

static void clear(void *state)
{
    rf_page *page = state;
    rf_json_draft_clear(&page->js);
    rf_text_clear(&page->text);
    rf_mem_free(page->looks);
    for (int k = 0; k < RF_KINDS_MOST; k++)
        rf_pair_times_clear(&page->times[k]);
}

const rf_writer rf_writer_html = {
    .size = sizeof(rf_page), .begin = begin, .node = node, .edge = edge, .end = end, .clear = clear};
