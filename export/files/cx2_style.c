/* cx2_style.c - the visual style of an export in CX2: what is seen comes from columns through mappings, so
 * that it stays editable in Cytoscape.
 *
 * Colours are discrete mappings of `look`, one entry for each that occurs: Cytoscape's Style panel is the
 * legend. Size, width and label are copied from columns. The shape shows the kind, the border shows the role,
 * and a suppressed node is pale with a dotted border.
 */
#include "writer_int.h"

static const char defaults[] =
    "{\"visualProperties\":[{\"default\":{"
    "\"network\":{\"NETWORK_BACKGROUND_COLOR\":\"#FBFAF7\"},"
    "\"node\":{\"NODE_SHAPE\":\"ellipse\",\"NODE_WIDTH\":12,\"NODE_HEIGHT\":12,"
    "\"NODE_BACKGROUND_COLOR\":\"#B9C0C8\",\"NODE_BACKGROUND_OPACITY\":1,"
    "\"NODE_BORDER_COLOR\":\"#1D2733\",\"NODE_BORDER_WIDTH\":0,\"NODE_BORDER_STYLE\":\"solid\","
    "\"NODE_LABEL_FONT_SIZE\":9,\"NODE_LABEL_COLOR\":\"#1D2733\"},"
    "\"edge\":{\"EDGE_LINE_COLOR\":\"#D3D7DB\",\"EDGE_WIDTH\":1,\"EDGE_OPACITY\":0.8}},\n";

static void open_mapping(rf_json_draft *js, const char *property, const char *how, const char *attribute,
                         const char *type)
{
    rf_json *json = js->json;
    rf_json_key(json, property);
    rf_json_map_open(json);
    rf_json_draft_field(js, "type", how);
    rf_json_key(json, "definition");
    rf_json_map_open(json);
    rf_json_draft_field(js, "attribute", attribute);
    rf_json_draft_field(js, "type", type);
}

static void close_mapping(rf_json_draft *js)
{
    rf_json_map_close(js->json);
    rf_json_map_close(js->json);
}

static void pass_through(rf_json_draft *js, const char *property, const char *attribute, const char *type)
{
    open_mapping(js, property, "PASSTHROUGH", attribute, type);
    close_mapping(js);
}

static void open_map(rf_json_draft *js, const char *property, const char *attribute, const char *type)
{
    open_mapping(js, property, "DISCRETE", attribute, type);
    rf_json_key(js->json, "map");
    rf_json_array_open(js->json);
}

static void close_map(rf_json_draft *js)
{
    rf_json_array_close(js->json);
    close_mapping(js);
}

/* Entries of a map from texts. */
static void map_text(rf_json_draft *js, const char *value, const char *seen)
{
    rf_json_map_open(js->json);
    rf_json_draft_field(js, "v", value);
    rf_json_draft_field(js, "vp", seen);
    rf_json_map_close(js->json);
}

static void map_colors(rf_json_draft *js, const char *property, const rf_legend *legend)
{
    open_map(js, property, "look", "string");
    for (int i = 0; i < legend->n; i++) {
        char color[8];
        map_text(js, legend->at[i].look.name, rf_color_format(color, legend->at[i].look.color));
    }
    close_map(js);
}

/* Of the boolean column `suppressed`. */
static void map_suppressed(rf_json_draft *js)
{
    rf_json *json = js->json;
    open_map(js, "NODE_BORDER_STYLE", "suppressed", "boolean");
    for (int yes = 0; yes < 2; yes++) {
        rf_json_map_open(json);
        rf_json_put_bool(json, "v", yes == 1);
        rf_json_draft_field(js, "vp", yes == 1 ? "dotted" : "solid");
        rf_json_map_close(json);
    }
    close_map(js);
    open_map(js, "NODE_BACKGROUND_OPACITY", "suppressed", "boolean");
    for (int yes = 0; yes < 2; yes++) {
        rf_json_map_open(json);
        rf_json_put_bool(json, "v", yes == 1);
        rf_json_put_double(json, "vp", yes == 1 ? 0.4 : 1);
        rf_json_map_close(json);
    }
    close_map(js);
}

/* Of Cytoscape, which has neither pentagons nor stars. */
static const char *const shapes[RF_SHAPES] = {"ellipse", "rectangle", "triangle", "diamond",
                                              "hexagon", "octagon",   "vee"};

static void put_node_mapping(rf_json_draft *js, const rf_extract *extract)
{
    rf_json_map_open(js->json);
    map_colors(js, "NODE_BACKGROUND_COLOR", &extract->node_legend);
    pass_through(js, "NODE_WIDTH", "size", "double");
    pass_through(js, "NODE_HEIGHT", "size", "double");
    pass_through(js, "NODE_LABEL", "label", "string");
    pass_through(js, "NODE_BORDER_WIDTH", "border", "double");
    if (rf_columns_find(extract->node_columns, "why") != NULL)
        pass_through(js, "NODE_TOOLTIP", "why", "string");
    open_map(js, "NODE_SHAPE", "kind", "string");
    map_text(js, "user", "ellipse");
    for (int k = 0; k < rf_kinds_n(&extract->graph->kinds); k++)
        map_text(js, rf_kind_name(&extract->graph->kinds, k), shapes[rf_side_shape(rf_entity_side(k))]);
    close_map(js);
    if (rf_columns_find(extract->node_columns, "suppressed") != NULL)
        map_suppressed(js);
    rf_json_map_close(js->json);
    rf_json_draft_put(js, "\"nodeMapping\":", ",\n");
}

void rf_cx2_put_style(rf_json_draft *js, const rf_extract *extract)
{
    rf_draft_text(&js->draft, defaults);
    put_node_mapping(js, extract);
    rf_json_map_open(js->json);
    map_colors(js, "EDGE_LINE_COLOR", &extract->edge_legend);
    pass_through(js, "EDGE_WIDTH", "width", "double");
    rf_json_map_close(js->json);
    rf_json_draft_put(js, "\"edgeMapping\":", "}]}");
}
