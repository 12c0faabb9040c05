/* gexf.c - GEXF 1.3 as Gephi and NetworkX read it: looks in viz elements, first and last event as a node's or
 * edge's time on the timeline.
 *
 * The graph is dynamic when the columns first_seen and last_seen are there. Its times have milliseconds, all
 * that Gephi keeps; the columns have the exact times. The time format is called "date" because NetworkX knows
 * no "dateTime"; Gephi reads dates with times under either name. An absent value is left out.
 */
#include "writer_int.h"

#include <string.h>

typedef struct gexf {
    rf_xml xml;
    rf_text key;
    bool in_edges;
    bool timed;
} gexf;

static bool has_times(const rf_columns *columns)
{
    return rf_columns_find(columns, "first_seen") != NULL;
}

static void declare_all(rf_xml *xml, const char *of, const rf_columns *columns)
{
    rf_xml_open(xml, "attributes");
    rf_xml_attr(xml, "class", of);
    rf_xml_attr(xml, "mode", "static");
    for (int c = 0; c < columns->n; c++) {
        rf_xml_open(xml, "attribute");
        rf_xml_attr(xml, "id", columns->at[c].key);
        rf_xml_attr(xml, "title", columns->at[c].key);
        rf_xml_attr(xml, "type", rf_xml_type(columns->at[c].type));
        rf_xml_close(xml);
    }
    rf_xml_close(xml);
}

/* start and end of an element whose tag is open: its columns first_seen and last_seen. */
static rf_status put_times(rf_xml *xml, rf_columns *columns, const rf_extract *extract, int64_t i,
                           rf_err *err)
{
    rf_status st = RF_OK;
    for (int c = 0; c < columns->n; c++) {
        char text[RF_TIME_TEXT];
        rf_value value;
        bool is_start = strcmp(columns->at[c].key, "first_seen") == 0;
        if (!is_start && strcmp(columns->at[c].key, "last_seen") != 0)
            continue;
        RF_TRY(rf_columns_read(&value, columns, c, extract, i, err));
        if (!value.there)
            continue;
        rf_xml_attr(xml, is_start ? "start" : "end", rf_time_format(text, value.whole / 1000 * 1000));
    }
done:
    return st;
}

static rf_status put_columns(rf_xml *xml, rf_columns *columns, const rf_extract *extract, int64_t i,
                             rf_err *err)
{
    rf_status st = RF_OK;
    char buffer[RF_TIME_TEXT];
    rf_xml_open(xml, "attvalues");
    for (int c = 0; c < columns->n; c++) {
        const char *text;
        RF_TRY(rf_columns_text(&text, buffer, columns, c, extract, i, err));
        if (text == NULL)
            continue;
        rf_xml_open(xml, "attvalue");
        rf_xml_attr(xml, "for", columns->at[c].key);
        rf_xml_attr(xml, "value", text);
        rf_xml_close(xml);
    }
    rf_xml_close(xml);
done:
    return st;
}

/* Suppressed nodes and edges are not opaque. */
static void put_color(rf_xml *xml, rf_color color, bool opaque)
{
    rf_xml_open(xml, "viz:color");
    rf_xml_attrf(xml, "r", "%d", color.r);
    rf_xml_attrf(xml, "g", "%d", color.g);
    rf_xml_attrf(xml, "b", "%d", color.b);
    if (!opaque)
        rf_xml_attr(xml, "a", "0.4");
    rf_xml_close(xml);
}

/* GEXF has four shapes. */
static const char *shape_of(rf_side side)
{
    static const char *const names[] = {"disc", "square", "triangle", "diamond"};
    rf_shape shape = rf_side_shape(side);
    return names[shape <= RF_SHAPE_DIAMOND ? shape : RF_SHAPE_TRIANGLE + (shape - RF_SHAPE_TRIANGLE) % 2];
}

static void put_looks(rf_xml *xml, const rf_extract *extract, const rf_extract_node *node)
{
    char x[32], y[32];
    bool suppressed = rf_node_suppression(extract, node) != NULL;
    put_color(xml, rf_node_look(extract, node).color, !suppressed);
    rf_xml_open(xml, "viz:position");
    rf_xml_attr(xml, "x", rf_float_format(x, node->x));
    rf_xml_attr(xml, "y", rf_float_format(y, node->y));
    rf_xml_attr(xml, "z", "0");
    rf_xml_close(xml);
    rf_xml_element(xml, "viz:size", "value", rf_float_format(x, (float)rf_node_size(extract, node)), NULL);
    rf_xml_element(xml, "viz:shape", "value",
                   suppressed && extract->graph->kinds.n == 0 ? "diamond" : shape_of(node->side), NULL);
}

/* ---- the writer ---- */

static rf_status begin(void *state, rf_extract *extract, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    gexf *g = state;
    rf_xml *xml = &g->xml;
    RF_TRY(rf_draft_open(&xml->draft, path, err));
    g->timed = has_times(extract->node_columns) || has_times(extract->edge_columns);
    rf_xml_open(xml, "gexf");
    rf_xml_attr(xml, "xmlns", "http://gexf.net/1.3");
    rf_xml_attr(xml, "xmlns:viz", "http://gexf.net/1.3/viz");
    rf_xml_attr(xml, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    rf_xml_attr(xml, "xsi:schemaLocation", "http://gexf.net/1.3 http://gexf.net/1.3/gexf.xsd");
    rf_xml_attr(xml, "version", "1.3");
    rf_xml_open(xml, "meta");
    rf_xml_element(xml, "creator", NULL, NULL, "ringfence");
    rf_xml_element(xml, "title", NULL, NULL, extract->title.ptr);
    rf_xml_element(xml, "description", NULL, NULL, extract->note.ptr);
    rf_xml_close(xml);
    rf_xml_open(xml, "graph");
    rf_xml_attr(xml, "defaultedgetype", "undirected");
    rf_xml_attr(xml, "mode", g->timed ? "dynamic" : "static");
    if (g->timed) {
        rf_xml_attr(xml, "timeformat", "date");
        rf_xml_attr(xml, "timerepresentation", "interval");
    }
    declare_all(xml, "node", extract->node_columns);
    declare_all(xml, "edge", extract->edge_columns);
    rf_xml_open(xml, "nodes");
done:
    return st;
}

static rf_status node(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    gexf *g = state;
    rf_xml *xml = &g->xml;
    const rf_extract_node *at = &extract->nodes[i];
    RF_TRY(rf_node_key(&g->key, extract, i, err));
    rf_xml_open(xml, "node");
    rf_xml_attr(xml, "id", g->key.ptr);
    RF_TRY(rf_node_label(&g->key, extract, at, err));
    rf_xml_attr(xml, "label", g->key.ptr);
    RF_TRY(put_times(xml, extract->node_columns, extract, i, err));
    RF_TRY(put_columns(xml, extract->node_columns, extract, i, err));
    put_looks(xml, extract, at);
    rf_xml_close(xml);
done:
    return st;
}

static void begin_edges(gexf *g)
{
    if (g->in_edges)
        return;
    rf_xml_close(&g->xml);
    rf_xml_open(&g->xml, "edges");
    g->in_edges = true;
}

static rf_status edge(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    char weight[32], id[RF_EDGE_ID];
    gexf *g = state;
    rf_xml *xml = &g->xml;
    const rf_extract_edge *at = &extract->edges[i];
    begin_edges(g);
    rf_xml_open(xml, "edge");
    rf_xml_attr(xml, "id", rf_edge_id(id, extract, at));
    RF_TRY(rf_node_key(&g->key, extract, at->from, err));
    rf_xml_attr(xml, "source", g->key.ptr);
    RF_TRY(rf_node_key(&g->key, extract, at->to, err));
    rf_xml_attr(xml, "target", g->key.ptr);
    rf_xml_attr(xml, "weight", rf_float_format(weight, (float)rf_edge_width(extract, at)));
    RF_TRY(put_times(xml, extract->edge_columns, extract, i, err));
    RF_TRY(put_columns(xml, extract->edge_columns, extract, i, err));
    put_color(xml, rf_edge_look(extract, at).color, true);
    rf_xml_close(xml);
done:
    return st;
}

static rf_status end(void *state, rf_extract *extract, rf_err *err)
{
    gexf *g = state;
    (void)extract;
    begin_edges(g);
    for (int level = 0; level < 3; level++) /* edges, graph, gexf */
        rf_xml_close(&g->xml);
    return rf_draft_commit(&g->xml.draft, err);
}

static void clear(void *state)
{
    gexf *g = state;
    rf_draft_clear(&g->xml.draft);
    rf_text_clear(&g->key);
}

const rf_writer rf_writer_gexf = {
    .size = sizeof(gexf), .begin = begin, .node = node, .edge = edge, .end = end, .clear = clear};
