/* cytoscapejs.c - JSON for cytoscape.js, {"data", "elements": {"nodes", "edges"}, "style", "layout"}:
 * cytoscape(JSON.parse(text)) shows it, and Cytoscape opens it as a .cyjs file. y points down there. Both
 * libraries want an id in the data: it is the node's key. */
#include "writer_int.h"

typedef struct cytoscapejs {
    rf_json_draft js;
    rf_text text;
    bool in_edges;
} cytoscapejs;

static const char style[] =
    "\"style\":["
    "{\"selector\":\"node\",\"style\":{\"label\":\"data(label)\",\"background-color\":\"data(color)\","
    "\"width\":\"data(size)\","
    "\"height\":\"data(size)\",\"font-size\":9,\"color\":\"#1d2733\",\"min-zoomed-font-size\":8}},";
static const char style_rest[] =
    "{\"selector\":\"node[role = 'subject']\",\"style\":{\"border-width\":2.5,\"border-color\":\"#1d2733\"}},"
    "{\"selector\":\"node[?suppressed]\",\"style\":{\"border-width\":2.5,\"border-style\":\"dotted\","
    "\"border-color\":\"#1d2733\",\"background-opacity\":0.4}},"
    "{\"selector\":\"edge\",\"style\":{\"line-color\":\"data(color)\",\"width\":\"data(width)\",\"curve-"
    "style\":\"haystack\","
    "\"opacity\":0.8}}],\n"
    "\"layout\":{\"name\":\"preset\"}}\n";

static rf_status begin(void *state, rf_extract *extract, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    cytoscapejs *c = state;
    RF_TRY(rf_json_draft_open(&c->js, path, err));
    rf_draft_text(&c->js.draft, "{\"format_version\":\"1.0\",\"generated_by\":\"ringfence\",\n\"data\":");
    rf_json_map_open(c->js.json);
    rf_json_draft_field(&c->js, "name", extract->title.ptr);
    rf_json_draft_field(&c->js, "description", extract->note.ptr);
    rf_json_map_close(c->js.json);
    rf_json_draft_put(&c->js, "", ",\n\"elements\":{\"nodes\":[\n");
done:
    return st;
}

static void put_place(rf_json *json, const rf_extract_node *node)
{
    rf_json_key(json, "position");
    rf_json_map_open(json);
    rf_json_put_float(json, "x", (double)node->x);
    rf_json_put_float(json, "y", 0.0 - (double)node->y);
    rf_json_map_close(json);
}

static rf_status node(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    cytoscapejs *c = state;
    rf_json *json = c->js.json;
    char color[8];
    const rf_extract_node *at = &extract->nodes[i];
    rf_json_map_open(json);
    rf_json_key(json, "data");
    rf_json_map_open(json);
    RF_TRY(rf_node_key(&c->text, extract, i, err));
    rf_json_draft_field(&c->js, "id", c->text.ptr);
    RF_TRY(rf_node_label(&c->text, extract, at, err));
    rf_json_draft_field(&c->js, "label", c->text.ptr);
    rf_json_draft_field(&c->js, "color", rf_color_format(color, rf_node_look(extract, at).color));
    rf_json_put_float(json, "size", rf_node_size(extract, at));
    RF_TRY(rf_json_draft_columns(&c->js, extract->node_columns, extract, i, err));
    rf_json_map_close(json);
    put_place(json, at);
    rf_json_map_close(json);
    rf_json_draft_put(&c->js, i > 0 ? ",\n" : "", "");
done:
    return st;
}

static void begin_edges(cytoscapejs *c)
{
    rf_draft_text(&c->js.draft, c->in_edges ? ",\n" : "],\n\"edges\":[\n");
    c->in_edges = true;
}

static rf_status edge(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    cytoscapejs *c = state;
    rf_json *json = c->js.json;
    char color[8], id[RF_EDGE_ID];
    const rf_extract_edge *at = &extract->edges[i];
    begin_edges(c);
    rf_json_map_open(json);
    rf_json_key(json, "data");
    rf_json_map_open(json);
    rf_json_draft_field(&c->js, "id", rf_edge_id(id, extract, at));
    RF_TRY(rf_node_key(&c->text, extract, at->from, err));
    rf_json_draft_field(&c->js, "source", c->text.ptr);
    RF_TRY(rf_node_key(&c->text, extract, at->to, err));
    rf_json_draft_field(&c->js, "target", c->text.ptr);
    rf_json_draft_field(&c->js, "color", rf_color_format(color, rf_edge_look(extract, at).color));
    rf_json_put_float(json, "width", rf_edge_width(extract, at));
    RF_TRY(rf_json_draft_columns(&c->js, extract->edge_columns, extract, i, err));
    rf_json_map_close(json);
    rf_json_map_close(json);
    rf_json_draft_put(&c->js, "", "");
done:
    return st;
}

static rf_status end(void *state, rf_extract *extract, rf_err *err)
{
    cytoscapejs *c = state;
    rf_draft_text(&c->js.draft, c->in_edges ? "]},\n" : "],\n\"edges\":[]},\n");
    rf_draft_text(&c->js.draft, style);
    for (int k = 0; k < rf_kinds_n(&extract->graph->kinds); k++) {
        rf_shape shape = rf_side_shape(rf_entity_side(k));
        rf_draft_printf(&c->js.draft, "{\"selector\":\"node[kind = '%s']\",\"style\":{\"shape\":\"%s\"}},",
                        rf_kind_name(&extract->graph->kinds, k),
                        shape == RF_SHAPE_SQUARE ? "rectangle" : rf_shape_name(shape));
    }
    rf_draft_text(&c->js.draft, style_rest);
    return rf_draft_commit(&c->js.draft, err);
}

static void clear(void *state)
{
    cytoscapejs *c = state;
    rf_json_draft_clear(&c->js);
    rf_text_clear(&c->text);
}

const rf_writer rf_writer_cytoscapejs = {
    .size = sizeof(cytoscapejs), .begin = begin, .node = node, .edge = edge, .end = end, .clear = clear};
