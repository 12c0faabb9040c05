/* dot.c - Graphviz DOT, placed: `dot`, or any other of its programs, draws the places in the file
 * (layout=nop).
 *
 * Every value is in quotes. Their only escape is \"; line breaks, and a backslash before a quote, a
 * backslash or the end, would be misread and are spelled (rf_escape.h). Labels are a language of their own:
 * a backslash is doubled, & is an entity. The legend is the graph's label, so that it is no node.
 */
#include "writer_int.h"

#include <string.h>

typedef struct dot {
    rf_draft draft;
    rf_text key;
} dot;

static void put_quoted(rf_draft *draft, const char *text)
{
    const char *at = rf_draft_plain(draft, text, RF_PLAIN_XML | RF_PLAIN_DOT | RF_PLAIN_PEOPLE);
    rf_draft_text(draft, "\"");
    rf_draft_escaped(draft, RF_ESCAPE_DOT, at, strlen(at));
    rf_draft_text(draft, "\"");
}

static void put_label(rf_draft *draft, const char *label)
{
    rf_draft_text(draft, "label=\"");
    for (; *label != '\0'; label++) {
        if (*label == '\\' || *label == '"')
            rf_draft_text(draft, "\\");
        rf_draft_bytes(draft, label, 1);
        if (*label == '&')
            rf_draft_text(draft, "amp;");
    }
    rf_draft_text(draft, "\"");
}

static void put_number(rf_draft *draft, const char *before, double value)
{
    char text[32];
    rf_draft_printf(draft, "%s%s", before, rf_float_format(text, (float)value));
}

static rf_status put_columns(rf_draft *draft, rf_columns *columns, const rf_extract *extract, int64_t i,
                             rf_err *err)
{
    rf_status st = RF_OK;
    char buffer[RF_TIME_TEXT];
    const char *text;
    for (int c = 0; c < columns->n; c++) {
        RF_TRY(rf_columns_text(&text, buffer, columns, c, extract, i, err));
        if (text == NULL)
            continue;
        rf_draft_printf(draft, " %s=", columns->at[c].key);
        put_quoted(draft, text);
    }
    rf_draft_text(draft, "]\n");
done:
    return st;
}

/* ---- the legend: a table as the graph's label ---- */

static rf_status put_legend(dot *d, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    rf_draft *draft = &d->draft;
    const rf_legend *legend = &extract->node_legend;
    rf_draft_text(draft,
                  "  labelloc=b labeljust=l fontsize=9 fontcolor=\"#1d2733\"\n  label=<<table border=\"0\" "
                  "cellspacing=\"3\" cellpadding=\"1\">\n");
    for (int i = 0; i < legend->n; i++) {
        char color[8];
        RF_TRY(rf_short_text(&d->key, legend->at[i].look.name, 40, err));
        rf_draft_printf(draft, "    <tr><td width=\"12\" bgcolor=\"%s\"></td><td align=\"left\">",
                        rf_color_format(color, legend->at[i].look.color));
        rf_draft_escaped(draft, RF_ESCAPE_XML, d->key.ptr, d->key.len); /* labels of this kind are XML */
        rf_draft_printf(draft, " (%lld)</td></tr>\n", (long long)legend->at[i].n);
    }
    rf_draft_text(draft, "    <tr><td></td><td align=\"left\">");
    rf_text_reset(&d->key);
    RF_TRY(rf_say_shapes(&d->key, extract, err));
    rf_draft_text(draft, extract->graph->kinds.n > 0 ? d->key.ptr : "users round, entities square");
    rf_draft_text(draft, "; chosen ones with a border, suppressed ones dotted</td></tr>\n  </table>>\n");
done:
    return st;
}

/* ---- the writer ---- */

static rf_status begin(void *state, rf_extract *extract, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    dot *d = state;
    RF_TRY(rf_draft_open(&d->draft, path, err));
    rf_draft_text(
        &d->draft,
        "graph ringfence {\n  layout=nop overlap=true outputorder=edgesfirst bgcolor=\"#fbfaf7\" title=");
    put_quoted(&d->draft, extract->title.ptr);
    rf_draft_text(&d->draft, " comment=");
    put_quoted(&d->draft, extract->note.ptr);
    rf_draft_text(&d->draft, "\n");
    RF_TRY(put_legend(d, extract, err));
    rf_draft_text(&d->draft,
                  "  node [style=filled fixedsize=shape penwidth=0 fontsize=8 fontcolor=\"#1d2733\"]\n");
done:
    return st;
}

static rf_status node(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    dot *d = state;
    char color[8];
    const rf_extract_node *at = &extract->nodes[i];
    RF_TRY(rf_node_key(&d->key, extract, i, err));
    rf_draft_text(&d->draft, "  ");
    put_quoted(&d->draft, d->key.ptr);
    rf_draft_text(&d->draft, " [");
    RF_TRY(rf_node_label(&d->key, extract, at, err));
    put_label(&d->draft, d->key.ptr);
    rf_draft_printf(&d->draft, " shape=%s%s fillcolor=\"%s\"", rf_shape_name(rf_side_shape(at->side)),
                    rf_node_suppression(extract, at) != NULL ? " style=\"filled,dotted\"" : "",
                    rf_color_format(color, rf_node_look(extract, at).color));
    if (rf_node_border(extract, at) > 0)
        put_number(&d->draft, " penwidth=", rf_node_border(extract, at));
    put_number(&d->draft, " width=", rf_node_size(extract, at) / 72); /* inches */
    put_number(&d->draft, " pos=\"", (double)at->x);
    put_number(&d->draft, ",", (double)at->y);
    rf_draft_text(&d->draft, "\"");
    RF_TRY(put_columns(&d->draft, extract->node_columns, extract, i, err));
done:
    return st;
}

static rf_status edge(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    dot *d = state;
    char color[8];
    const rf_extract_edge *at = &extract->edges[i];
    RF_TRY(rf_node_key(&d->key, extract, at->from, err));
    rf_draft_text(&d->draft, "  ");
    put_quoted(&d->draft, d->key.ptr);
    rf_draft_text(&d->draft, " -- ");
    RF_TRY(rf_node_key(&d->key, extract, at->to, err));
    put_quoted(&d->draft, d->key.ptr);
    rf_draft_printf(&d->draft, " [color=\"%s\"", rf_color_format(color, rf_edge_look(extract, at).color));
    put_number(&d->draft, " penwidth=", rf_edge_width(extract, at));
    RF_TRY(put_columns(&d->draft, extract->edge_columns, extract, i, err));
done:
    return st;
}

static rf_status end(void *state, rf_extract *extract, rf_err *err)
{
    dot *d = state;
    (void)extract;
    rf_draft_text(&d->draft, "}\n");
    return rf_draft_commit(&d->draft, err);
}

static void clear(void *state)
{
    dot *d = state;
    rf_draft_clear(&d->draft);
    rf_text_clear(&d->key);
}

const rf_writer rf_writer_dot = {
    .size = sizeof(dot), .begin = begin, .node = node, .edge = edge, .end = end, .clear = clear};
