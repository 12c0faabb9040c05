/* cx2.c - CX2, the exchange format of Cytoscape and NDEx, with its visual style.
 *
 * The aspects are in the order that the format demands. Each node and edge has a number as its id; the key is
 * a column. cx2_style.c writes the style. y points down there.
 */
#include "writer_int.h"

#include <inttypes.h>

typedef struct cx2 {
    rf_json_draft js;
    rf_text text;
    bool in_edges;
} cx2;

/* Columns beside those of the table. */
typedef struct looks_column {
    const char *key, *type;
} looks_column;
static const looks_column node_looks[] = {{"key", "string"},  {"label", "string"},  {"color", "string"},
                                          {"size", "double"}, {"border", "double"}, {NULL, NULL}};
static const looks_column edge_looks[] = {
    {"interaction", "string"}, {"color", "string"}, {"width", "double"}, {NULL, NULL}};

/* ---- what comes before the nodes ---- */

static const char *const type_names[] = {
    [RF_COLUMN_TEXT] = "string", [RF_COLUMN_NUMBER] = "double", [RF_COLUMN_WHOLE] = "long",
    [RF_COLUMN_TIME] = "string", [RF_COLUMN_BOOL] = "boolean",  [RF_COLUMN_LIST] = "list_of_string"};

static void declare(rf_json *json, const char *key, const char *type)
{
    rf_json_key(json, key);
    rf_json_map_open(json);
    rf_json_put_string(json, "d", type);
    rf_json_map_close(json);
}

static void declare_all(rf_json *json, const char *aspect, const looks_column *looks,
                        const rf_columns *columns)
{
    rf_json_key(json, aspect);
    rf_json_map_open(json);
    for (; looks->key != NULL; looks++)
        declare(json, looks->key, looks->type);
    for (int c = 0; c < columns->n; c++)
        declare(json, columns->at[c].key, type_names[columns->at[c].type]);
    rf_json_map_close(json);
}

static void count(rf_json *json, const char *aspect, int64_t n)
{
    rf_json_map_open(json);
    rf_json_put_string(json, "name", aspect);
    rf_json_put_int(json, "elementCount", n);
    rf_json_map_close(json);
}

/* ---- the writer ---- */

static rf_status begin(void *state, rf_extract *extract, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    cx2 *c = state;
    rf_json_draft *js = &c->js;
    RF_TRY(rf_json_draft_open(js, path, err));
    rf_json *json = js->json;
    rf_draft_text(&js->draft, "[{\"CXVersion\":\"2.0\",\"hasFragments\":false},\n");
    rf_json_map_open(json);
    rf_json_key(json, "metaData");
    rf_json_array_open(json);
    count(json, "attributeDeclarations", 1);
    count(json, "networkAttributes", 1);
    count(json, "nodes", extract->counts.nodes);
    if (extract->counts.edges > 0)
        count(json, "edges", extract->counts.edges);
    count(json, "visualProperties", 1);
    rf_json_array_close(json);
    rf_json_map_close(json);
    rf_json_draft_put(js, "", ",\n");

    rf_json_map_open(json);
    rf_json_key(json, "attributeDeclarations");
    rf_json_array_open(json);
    rf_json_map_open(json);
    rf_json_key(json, "networkAttributes");
    rf_json_map_open(json);
    declare(json, "name", "string");
    declare(json, "description", "string");
    rf_json_map_close(json);
    declare_all(json, "nodes", node_looks, extract->node_columns);
    declare_all(json, "edges", edge_looks, extract->edge_columns);
    rf_json_map_close(json);
    rf_json_array_close(json);
    rf_json_map_close(json);
    rf_json_draft_put(js, "", ",\n");

    rf_json_map_open(json);
    rf_json_key(json, "networkAttributes");
    rf_json_array_open(json);
    rf_json_map_open(json);
    rf_json_draft_field(js, "name", extract->title.ptr);
    rf_json_draft_field(js, "description", extract->note.ptr);
    rf_json_map_close(json);
    rf_json_array_close(json);
    rf_json_map_close(json);
    rf_json_draft_put(js, "", ",\n");
    rf_draft_text(&c->js.draft, "{\"nodes\":[\n");
done:
    return st;
}

static rf_status node(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    cx2 *c = state;
    rf_json *json = c->js.json;
    char color[8];
    const rf_extract_node *at = &extract->nodes[i];
    rf_json_map_open(json);
    rf_json_put_int(json, "id", i);
    rf_json_put_float(json, "x", (double)at->x);
    rf_json_put_float(json, "y", 0.0 - (double)at->y);
    rf_json_key(json, "v");
    rf_json_map_open(json);
    RF_TRY(rf_node_key(&c->text, extract, i, err));
    rf_json_draft_field(&c->js, "key", c->text.ptr);
    RF_TRY(rf_node_label(&c->text, extract, at, err));
    rf_json_draft_field(&c->js, "label", c->text.ptr);
    rf_json_draft_field(&c->js, "color", rf_color_format(color, rf_node_look(extract, at).color));
    rf_json_put_float(json, "size", rf_node_size(extract, at));
    rf_json_put_float(json, "border", rf_node_border(extract, at));
    RF_TRY(rf_json_draft_columns(&c->js, extract->node_columns, extract, i, err));
    rf_json_map_close(json);
    rf_json_map_close(json);
    rf_json_draft_put(&c->js, i > 0 ? ",\n" : "", "");
done:
    return st;
}

static rf_status edge(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    cx2 *c = state;
    rf_json *json = c->js.json;
    char color[8];
    const rf_extract_edge *at = &extract->edges[i];
    rf_json_map_open(json);
    rf_json_put_int(json, "id", i);
    rf_json_put_int(json, "s", at->from);
    rf_json_put_int(json, "t", at->to);
    rf_json_key(json, "v");
    rf_json_map_open(json);
    rf_json_draft_field(&c->js, "interaction", "met");
    rf_json_draft_field(&c->js, "color", rf_color_format(color, rf_edge_look(extract, at).color));
    rf_json_put_float(json, "width", rf_edge_width(extract, at));
    RF_TRY(rf_json_draft_columns(&c->js, extract->edge_columns, extract, i, err));
    rf_json_map_close(json);
    rf_json_map_close(json);
    rf_json_draft_put(&c->js, c->in_edges ? ",\n" : "]},\n{\"edges\":[\n", "");
    c->in_edges = true;
done:
    return st;
}

static rf_status end(void *state, rf_extract *extract, rf_err *err)
{
    cx2 *c = state;
    rf_draft_text(&c->js.draft, "]},\n");
    rf_cx2_put_style(&c->js, extract);
    rf_draft_text(&c->js.draft, ",\n{\"status\":[{\"error\":\"\",\"success\":true}]}]\n");
    return rf_draft_commit(&c->js.draft, err);
}

static void clear(void *state)
{
    cx2 *c = state;
    rf_json_draft_clear(&c->js);
    rf_text_clear(&c->text);
}

const rf_writer rf_writer_cx2 = {
    .size = sizeof(cx2), .begin = begin, .node = node, .edge = edge, .end = end, .clear = clear};
