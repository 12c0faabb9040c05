/* graphml.c - GraphML as Gephi, NetworkX, igraph and the schema read it.
 *
 * Every column is a typed key. Gephi draws by the columns label, r, g, b, x, y, size and weight, with exactly
 * these names. An absent value is left out. Title and note are in the graph's `desc`, because Gephi complains
 * about data of the graph itself.
 */
#include "writer_int.h"

typedef struct graphml {
    rf_xml xml;
    rf_text key; /* of the node being written */
} graphml;

typedef struct visual { /* what one sees, with Gephi's names */
    const char *name, *type;
} visual;
static const visual node_visuals[] = {{"label", "string"}, {"r", "int"},    {"g", "int"},   {"b", "int"},
                                      {"size", "double"},  {"x", "double"}, {"y", "double"}};
static const visual edge_visuals[] = {{"weight", "double"}, {"r", "int"}, {"g", "int"}, {"b", "int"}};
enum {
    NODE_VISUALS = sizeof node_visuals / sizeof *node_visuals,
    EDGE_VISUALS = sizeof edge_visuals / sizeof *edge_visuals
};

/* ---- keys ---- */

static void declare(rf_xml *xml, const char *of, const char *name, const char *type, const char *about)
{
    rf_xml_open(xml, "key");
    rf_xml_attrf(xml, "id", "%s_%s", of, name);
    rf_xml_attr(xml, "for", of);
    rf_xml_attr(xml, "attr.name", name);
    rf_xml_attr(xml, "attr.type", type);
    if (about != NULL)
        rf_xml_element(xml, "desc", NULL, NULL, about);
    rf_xml_close(xml);
}

static void declare_all(rf_xml *xml, const char *of, const visual *visuals, int n, const rf_columns *columns)
{
    for (int i = 0; i < n; i++)
        declare(xml, of, visuals[i].name, visuals[i].type, NULL);
    for (int c = 0; c < columns->n; c++)
        declare(xml, of, columns->at[c].key, rf_xml_type(columns->at[c].type), columns->at[c].about);
}

static void put_data(rf_xml *xml, const char *of, const char *name, const char *value)
{
    rf_xml_open(xml, "data");
    rf_xml_attrf(xml, "key", "%s_%s", of, name);
    rf_xml_text(xml, value);
    rf_xml_close(xml);
}

static void put_number(rf_xml *xml, const char *of, const char *name, double value)
{
    char text[32];
    put_data(xml, of, name, rf_float_format(text, (float)value));
}

static void put_color(rf_xml *xml, const char *of, rf_color color)
{
    put_number(xml, of, "r", color.r);
    put_number(xml, of, "g", color.g);
    put_number(xml, of, "b", color.b);
}

static rf_status put_columns(rf_xml *xml, const char *of, rf_columns *columns, const rf_extract *extract,
                             int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    const char *text;
    char buffer[RF_TIME_TEXT];
    for (int c = 0; c < columns->n; c++) {
        RF_TRY(rf_columns_text(&text, buffer, columns, c, extract, i, err));
        if (text != NULL)
            put_data(xml, of, columns->at[c].key, text);
    }
done:
    return st;
}

/* ---- the writer ---- */

static rf_status begin(void *state, rf_extract *extract, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    graphml *g = state;
    rf_xml *xml = &g->xml;
    RF_TRY(rf_draft_open(&xml->draft, path, err));
    rf_xml_open(xml, "graphml");
    rf_xml_attr(xml, "xmlns", "http://graphml.graphdrawing.org/xmlns");
    rf_xml_attr(xml, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    rf_xml_attr(
        xml, "xsi:schemaLocation",
        "http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd");
    declare_all(xml, "node", node_visuals, NODE_VISUALS, extract->node_columns);
    declare_all(xml, "edge", edge_visuals, EDGE_VISUALS, extract->edge_columns);
    rf_xml_open(xml, "graph");
    rf_xml_attr(xml, "id", "ringfence");
    rf_xml_attr(xml, "edgedefault", "undirected");
    rf_xml_open(xml, "desc");
    rf_xml_text(xml, extract->title.ptr);
    rf_xml_text(xml, ". ");
    rf_xml_text(xml, extract->note.ptr);
    rf_xml_close(xml);
done:
    return st;
}

static rf_status node(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    graphml *g = state;
    rf_xml *xml = &g->xml;
    const rf_extract_node *at = &extract->nodes[i];
    RF_TRY(rf_node_key(&g->key, extract, i, err));
    rf_xml_open(xml, "node");
    rf_xml_attr(xml, "id", g->key.ptr);
    RF_TRY(rf_node_label(&g->key, extract, at, err));
    put_data(xml, "node", "label", g->key.ptr);
    put_color(xml, "node", rf_node_look(extract, at).color);
    put_number(xml, "node", "size", rf_node_size(extract, at));
    put_number(xml, "node", "x", (double)at->x);
    put_number(xml, "node", "y", (double)at->y);
    RF_TRY(put_columns(xml, "node", extract->node_columns, extract, i, err));
    rf_xml_close(xml);
done:
    return st;
}

static rf_status edge(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    graphml *g = state;
    rf_xml *xml = &g->xml;
    char id[RF_EDGE_ID];
    const rf_extract_edge *at = &extract->edges[i];
    rf_xml_open(xml, "edge");
    rf_xml_attr(xml, "id", rf_edge_id(id, extract, at));
    RF_TRY(rf_node_key(&g->key, extract, at->from, err));
    rf_xml_attr(xml, "source", g->key.ptr);
    RF_TRY(rf_node_key(&g->key, extract, at->to, err));
    rf_xml_attr(xml, "target", g->key.ptr);
    put_number(xml, "edge", "weight", rf_edge_width(extract, at));
    put_color(xml, "edge", rf_edge_look(extract, at).color);
    RF_TRY(put_columns(xml, "edge", extract->edge_columns, extract, i, err));
    rf_xml_close(xml);
done:
    return st;
}

static rf_status end(void *state, rf_extract *extract, rf_err *err)
{
    graphml *g = state;
    (void)extract;
    rf_xml_close(&g->xml);
    rf_xml_close(&g->xml);
    return rf_draft_commit(&g->xml.draft, err);
}

static void clear(void *state)
{
    graphml *g = state;
    rf_draft_clear(&g->xml.draft);
    rf_text_clear(&g->key);
}

const rf_writer rf_writer_graphml = {
    .size = sizeof(graphml), .begin = begin, .node = node, .edge = edge, .end = end, .clear = clear};
