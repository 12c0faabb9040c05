/* svg.c - one picture, as SVG: title, selection, legend, the graph, and below it the highest edges with the
 * features that the model did not expect.
 *
 * Users are round, entities square; a label is below its node, more of it in the tooltip, and the whole
 * attribute table in attributes data-KEY. Self-contained: no scripts, no fonts of its own, nothing fetched.
 * Edges come first, so that nodes lie on top.
 */
#include "writer_int.h"

#include <math.h>
#include <string.h>

#define MARGIN 40
#define AROUND 40  /* points around the graph: half a label */
#define BESIDE 210 /* at its left and right, where labels are beside the nodes */
#define LEAST_WIDTH 960
#define LINE 17
#define CHARACTER 6.7 /* width of an average one of the note, 12 points high */
#define LABEL 26      /* characters of a label */
#define LISTED 6      /* edges spelled out below the graph */

#define INK "#1d2733"
#define GREY "#55606e"
#define PAPER "#fbfaf7"

typedef struct svg {
    rf_xml xml;
    rf_text text;
    double width;
    double left, top; /* of the graph's 0, 0 */
    double below;     /* first line under the graph */
} svg;

/* ---- pieces ---- */

static void put_number(rf_xml *xml, const char *name, double value)
{
    rf_xml_attrf(xml, name, "%.1f", value + 0.0);
}

static void open_text(rf_xml *xml, double x, double y, const char *size, const char *fill)
{
    rf_xml_open(xml, "text");
    put_number(xml, "x", x);
    put_number(xml, "y", y);
    rf_xml_attr(xml, "font-size", size);
    rf_xml_attr(xml, "fill", fill);
}

/* The attribute table of a node or an edge on its element, whose tag is open. */
static rf_status put_columns(rf_xml *xml, rf_columns *columns, const rf_extract *extract, int64_t i,
                             rf_err *err)
{
    rf_status st = RF_OK;
    const char *text;
    char buffer[RF_TIME_TEXT], name[72];
    for (int c = 0; c < columns->n; c++) {
        RF_TRY(rf_columns_text(&text, buffer, columns, c, extract, i, err));
        snprintf(name, sizeof name, "data-%s", columns->at[c].key);
        if (text != NULL)
            rf_xml_attr(xml, name, text);
    }
done:
    return st;
}

/* Lines of the tooltip below `first`: what people ask for. */
static rf_status put_tooltip(rf_xml *xml, const char *first, rf_columns *columns, const rf_extract *extract,
                             int64_t i, rf_err *err)
{
    static const char *const keys[] = {"role",    "tags", "score",    "percentile",
                                       "cluster", "why",  "evidence", "reasons"};
    rf_status st = RF_OK;
    const char *text = NULL;
    char buffer[RF_TIME_TEXT];
    rf_xml_open(xml, "title");
    rf_xml_text(xml, first);
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const rf_column *column = rf_columns_find(columns, keys[k]);
        if (column == NULL)
            continue;
        RF_TRY(rf_columns_text(&text, buffer, columns, (int)(column - columns->at), extract, i, err));
        if (text == NULL)
            continue;
        rf_xml_text(xml, "\n");
        rf_xml_text(xml, keys[k]);
        rf_xml_text(xml, ": ");
        rf_xml_text(xml, text);
    }
    rf_xml_close(xml);
done:
    return st;
}

/* "user -> entity", ids in full or in short. */
static rf_status name_edge(rf_text *out, const rf_extract *extract, const rf_extract_edge *edge,
                           bool in_short, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text label = {0};
    const rf_extract_node *ends[] = {&extract->nodes[edge->from], &extract->nodes[edge->to]};
    rf_text_reset(out);
    for (int end = 0; end < 2; end++) {
        char number[32];
        const char *id = rf_graph_id(&extract->graph->side[ends[end]->side], ends[end]->row, number);
        if (in_short) {
            RF_TRY(rf_short_text(&label, id, LABEL, err));
            id = label.ptr;
        }
        RF_TRY(rf_text_add(out, id, strlen(id), err));
        if (end == 0)
            RF_TRY(rf_text_add(out, " \xE2\x86\x92 ", 5, err));
    }
done:
    rf_text_clear(&label);
    return st;
}

/* ---- above the graph ---- */

/* A text in lines that fit, broken at blanks; y of the next line. NULL: only measures. */
static double put_lines(rf_xml *xml, const char *at, size_t bytes, double width, double y)
{
    const char *end = at + bytes;
    size_t fits = (size_t)((width - 2 * MARGIN) / CHARACTER);
    char line[512];
    while (at < end) {
        size_t left = (size_t)(end - at), len = left < fits ? left : fits;
        len = len < sizeof line ? len : sizeof line - 1;
        for (size_t cut = len; len < left && cut > 0; cut--) {
            if (at[cut] == ' ') {
                len = cut;
                break;
            }
        }
        if (xml != NULL) {
            memcpy(line, at, len);
            line[len] = '\0';
            open_text(xml, MARGIN, y, "12", GREY);
            rf_xml_text(xml, line);
            rf_xml_close(xml);
        }
        y += LINE;
        at += len + (at[len] == ' ');
    }
    return y;
}

/* Colours of nodes, then of edges, as many a line as fit; y of the next line. xml NULL: only measures. */
static rf_status put_legend(double *y, svg *s, rf_xml *xml, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_legend *legends[] = {&extract->node_legend, &extract->edge_legend};
    for (int of_edges = 0; of_edges < 2; of_edges++) {
        double x = MARGIN;
        for (int i = 0; i < legends[of_edges]->n; i++) {
            const rf_legend_entry *entry = &legends[of_edges]->at[i];
            char count[32], color[8];
            RF_TRY(rf_short_text(&s->text, entry->look.name, LABEL, err));
            snprintf(count, sizeof count, " (%lld)", (long long)entry->n);
            RF_TRY(rf_text_add(&s->text, count, strlen(count), err));
            double wide = 40 + CHARACTER * (double)s->text.len;
            if (x > MARGIN && x + wide > s->width - MARGIN) {
                x = MARGIN;
                *y += LINE;
            }
            if (xml != NULL) {
                rf_xml_open(xml, "rect");
                put_number(xml, "x", x);
                put_number(xml, "y", of_edges ? *y - 6 : *y - 10);
                rf_xml_attr(xml, "width", "14");
                rf_xml_attr(xml, "height", of_edges ? "4" : "12");
                rf_xml_attr(xml, "rx", of_edges ? "2" : "3");
                rf_xml_attr(xml, "fill", rf_color_format(color, entry->look.color));
                rf_xml_close(xml);
                open_text(xml, x + 20, *y, "12", INK);
                rf_xml_text(xml, s->text.ptr);
                rf_xml_close(xml);
            }
            x += wide;
        }
        *y += x > MARGIN ? LINE + 3 : 0;
    }
    if (extract->counts.nodes == 0)
        goto done;
    rf_text_reset(&s->text);
    RF_TRY(rf_say_shapes(&s->text, extract, err));
    RF_TRY(rf_text_printf(&s->text, err, "; chosen ones have a border, suppressed ones a dotted one."));
    *y = put_lines(xml, s->text.ptr, s->text.len, s->width, *y);
done:
    return st;
}

static rf_status begin(void *state, rf_extract *extract, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    svg *s = state;
    rf_xml *xml = &s->xml;
    double low[2] = {0, 0}, high[2] = {0, 0};
    int64_t listed = extract->counts.edges < LISTED ? extract->counts.edges : LISTED;

    /* how large everything is */
    for (int64_t i = 0; i < extract->counts.nodes; i++) {
        const double at[] = {(double)extract->nodes[i].x, 0.0 - (double)extract->nodes[i].y};
        for (int c = 0; c < 2; c++) {
            low[c] = fmin(low[c], at[c]);
            high[c] = fmax(high[c], at[c]);
        }
    }
    s->width = fmax(LEAST_WIDTH, high[0] - low[0] + 2 * (MARGIN + (extract->in_columns ? BESIDE : AROUND)));
    double y = put_lines(NULL, extract->note.ptr, extract->note_facts, s->width, 72) + 6;
    RF_TRY(put_legend(&y, s, NULL, extract, err));
    s->left = s->width / 2 - (low[0] + high[0]) / 2;
    s->top = y + AROUND - low[1];
    s->below = s->top + high[1] + AROUND + 34;
    double height =
        extract->counts.nodes == 0 ? y + MARGIN : s->below + (double)(LINE + 4) * (double)listed + MARGIN;

    /* the head */
    RF_TRY(rf_draft_open(&xml->draft, path, err));
    xml->for_people = true;
    rf_xml_open(xml, "svg");
    rf_xml_attr(xml, "xmlns", "http://www.w3.org/2000/svg");
    rf_xml_attrf(xml, "width", "%.0f", s->width);
    rf_xml_attrf(xml, "height", "%.0f", height);
    rf_xml_attrf(xml, "viewBox", "0 0 %.0f %.0f", s->width, height);
    rf_xml_attr(xml, "font-family", "'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif");
    rf_xml_open(xml, "rect");
    rf_xml_attr(xml, "width", "100%");
    rf_xml_attr(xml, "height", "100%");
    rf_xml_attr(xml, "fill", PAPER);
    rf_xml_close(xml);
    open_text(xml, MARGIN, 46, "22", INK);
    rf_xml_attr(xml, "font-weight", "bold");
    RF_TRY(rf_short_text(&s->text, extract->title.ptr, (int)((s->width - 2 * MARGIN) / 13), err));
    rf_xml_text(xml, s->text.ptr);
    rf_xml_close(xml);
    y = put_lines(xml, extract->note.ptr, extract->note_facts, s->width, 72) + 6;
    RF_TRY(put_legend(&y, s, xml, extract, err));
done:
    return st;
}

/* ---- the graph ---- */

/* The line of an edge: a long S between columns, else nearly straight; parallel edges bend aside, in turns to
 * the left and to the right. */
static void put_line(svg *s, const rf_extract *extract, int64_t i)
{
    const rf_extract_edge *at = &extract->edges[i];
    const rf_extract_node *from = &extract->nodes[at->from], *to = &extract->nodes[at->to];
    double x[] = {s->left + (double)from->x, s->left + (double)to->x};
    double y[] = {s->top - (double)from->y, s->top - (double)to->y};
    int64_t place = 0; /* among those of the same pair, which lie one after the other */
    while (place < i && at[-place - 1].from == at->from && at[-place - 1].to == at->to)
        place++;
    int64_t lane = (place + 1) / 2 * (place % 2 == 1 ? 1 : -1);
    double aside = 8 * (double)lane;
    double length = hypot(x[1] - x[0], y[1] - y[0]), middle = (y[0] + y[1]) / 2;
    if (extract->in_columns) {
        double bend = 0.45 * (x[1] - x[0]);
        rf_xml_attrf(&s->xml, "d", "M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f", x[0], y[0], x[0] + bend,
                     y[0] + aside, x[1] - bend, y[1] + aside, x[1], y[1]);
    } else {
        double bend = length > 0 ? aside / length : 0;
        rf_xml_attrf(&s->xml, "d", "M%.1f %.1fQ%.1f %.1f %.1f %.1f", x[0], y[0],
                     (x[0] + x[1]) / 2 - bend * (y[1] - y[0]), middle + bend * (x[1] - x[0]), x[1], y[1]);
    }
}

static rf_status edge(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    svg *s = state;
    rf_xml *xml = &s->xml;
    char color[8], edge_id[RF_EDGE_ID];
    const rf_extract_edge *at = &extract->edges[i];
    rf_xml_open(xml, "path");
    rf_xml_attr(xml, "id", rf_edge_id(edge_id, extract, at));
    put_line(s, extract, i);
    rf_xml_attr(xml, "fill", "none");
    rf_xml_attr(xml, "stroke", rf_color_format(color, rf_edge_look(extract, at).color));
    put_number(xml, "stroke-width", rf_edge_width(extract, at));
    rf_xml_attr(xml, "stroke-opacity", rf_edge_width(extract, at) > 1 ? "0.85" : "0.6");
    RF_TRY(rf_node_key(&s->text, extract, at->from, err));
    rf_xml_attr(xml, "data-source", s->text.ptr);
    RF_TRY(rf_node_key(&s->text, extract, at->to, err));
    rf_xml_attr(xml, "data-target", s->text.ptr);
    RF_TRY(put_columns(xml, extract->edge_columns, extract, i, err));
    RF_TRY(name_edge(&s->text, extract, at, false, err));
    RF_TRY(put_tooltip(xml, s->text.ptr, extract->edge_columns, extract, i, err));
    rf_xml_close(xml);
done:
    return st;
}

/* The label of a node: below it, or beside it with its score. */
static rf_status put_label(svg *s, const rf_extract *extract, const rf_extract_node *at, rf_err *err)
{
    rf_status st = RF_OK;
    rf_xml *xml = &s->xml;
    char number[32];
    double x = s->left + (double)at->x, y = s->top - (double)at->y, radius = rf_node_size(extract, at) / 2;
    double aside = at->side == RF_USER ? -26 : 26;
    const char *anchor = !extract->in_columns ? "middle" : at->side == RF_USER ? "end" : "start";
    const rf_score_side *scores = &extract->scores->side[at->side];
    double top = 100 * (1 - (double)scores->percentile[at->row]);
    RF_TRY(
        rf_short_text(&s->text, rf_graph_id(&extract->graph->side[at->side], at->row, number), LABEL, err));
    if (extract->in_columns)
        open_text(xml, x + aside, y - 1, "13", INK);
    else
        open_text(xml, x, y + radius + 12, "11", INK);
    rf_xml_attr(xml, "text-anchor", anchor);
    if (at->role == RF_ROLE_SUBJECT)
        rf_xml_attr(xml, "font-weight", "bold");
    rf_xml_attr(xml, "stroke", PAPER); /* a halo: legible over edges */
    rf_xml_attr(xml, "stroke-width", "3");
    rf_xml_attr(xml, "stroke-linejoin", "round");
    rf_xml_attr(xml, "paint-order", "stroke");
    rf_xml_text(xml, s->text.ptr);
    rf_xml_close(xml);
    if (!extract->in_columns)
        goto done;
    rf_text_reset(&s->text);
    RF_TRY(rf_text_printf(&s->text, err, "score %.3g \xC2\xB7 ", (double)scores->score[at->row]));
    if (top > 50)
        RF_TRY(rf_text_printf(&s->text, err, "lower half"));
    else if (top > 0)
        RF_TRY(rf_text_printf(&s->text, err, "top %.2g %%", top));
    else
        RF_TRY(rf_text_printf(&s->text, err, "highest"));
    open_text(xml, x + aside, y + 12, "10.5", GREY);
    rf_xml_attr(xml, "text-anchor", anchor);
    rf_xml_text(xml, s->text.ptr);
    rf_xml_close(xml);
done:
    return st;
}

/* The corners of a shape around 0, 0, upwards; of a star every second one is an inner one. */
static void put_corners(rf_xml *xml, rf_shape shape, double x, double y, double radius)
{
    static const int corners[RF_SHAPES] = {[RF_SHAPE_TRIANGLE] = 3,
                                           [RF_SHAPE_DIAMOND] = 4,
                                           [RF_SHAPE_HEXAGON] = 6,
                                           [RF_SHAPE_PENTAGON] = 5,
                                           [RF_SHAPE_STAR] = 10};
    char points[256] = "";
    size_t len = 0;
    int n = corners[shape];
    for (int i = 0; i < n && len < sizeof points; i++) {
        double turn = 2 * 3.14159265358979323846 * i / n, r = 1.15 * radius;
        if (shape == RF_SHAPE_STAR && i % 2 == 1)
            r *= 0.5;
        len += (size_t)snprintf(points + len, sizeof points - len, "%s%.1f,%.1f", i > 0 ? " " : "",
                                x + r * sin(turn), y - r * cos(turn));
    }
    rf_xml_attr(xml, "points", points);
}

static void open_shape(rf_xml *xml, rf_shape shape, const char *id, double x, double y, double radius)
{
    rf_xml_open(xml, shape == RF_SHAPE_ROUND ? "circle" : shape == RF_SHAPE_SQUARE ? "rect" : "polygon");
    rf_xml_attr(xml, "id", id);
    if (shape == RF_SHAPE_ROUND) {
        put_number(xml, "cx", x);
        put_number(xml, "cy", y);
        put_number(xml, "r", radius);
    } else if (shape == RF_SHAPE_SQUARE) {
        put_number(xml, "x", x - 0.9 * radius);
        put_number(xml, "y", y - 0.9 * radius);
        put_number(xml, "width", 1.8 * radius);
        put_number(xml, "height", 1.8 * radius);
        rf_xml_attr(xml, "rx", "3");
    } else {
        put_corners(xml, shape, x, y, radius);
    }
}

static rf_status node(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    svg *s = state;
    rf_xml *xml = &s->xml;
    char color[8], number[32];
    const rf_extract_node *at = &extract->nodes[i];
    const char *id = rf_graph_id(&extract->graph->side[at->side], at->row, number);
    double x = s->left + (double)at->x, y = s->top - (double)at->y, radius = rf_node_size(extract, at) / 2;
    bool suppressed = rf_node_suppression(extract, at) != NULL;
    RF_TRY(rf_node_key(&s->text, extract, i, err));
    open_shape(xml, rf_side_shape(at->side), s->text.ptr, x, y, radius);
    rf_xml_attr(xml, "fill", rf_color_format(color, rf_node_look(extract, at).color));
    if (suppressed)
        rf_xml_attr(xml, "fill-opacity", "0.4");
    rf_xml_attr(xml, "stroke", rf_node_border(extract, at) > 0 ? INK : "#ffffff");
    put_number(xml, "stroke-width", rf_node_border(extract, at) > 0 ? rf_node_border(extract, at) : 1.5);
    if (suppressed)
        rf_xml_attr(xml, "stroke-dasharray", "2 3");
    RF_TRY(put_columns(xml, extract->node_columns, extract, i, err));
    RF_TRY(put_tooltip(xml, id, extract->node_columns, extract, i, err));
    rf_xml_close(xml);
    RF_TRY(put_label(s, extract, at, err));
done:
    return st;
}

/* ---- below the graph ---- */

static rf_real score_of(const rf_extract *extract, int64_t i)
{
    const rf_extract_edge *edge = &extract->edges[i];
    return extract->scores->side[edge->side].score[edge->row];
}

/* The highest edges first, equal ones in their own order; their number. */
static int highest_edges(int64_t out[LISTED], const rf_extract *extract)
{
    int n = 0;
    for (int64_t i = 0; i < extract->counts.edges; i++) {
        int at = n < LISTED ? n++ : LISTED;
        for (; at > 0 && score_of(extract, i) > score_of(extract, out[at - 1]); at--) {
            if (at < LISTED)
                out[at] = out[at - 1];
        }
        if (at < LISTED)
            out[at] = i;
    }
    return n;
}

static rf_status list_edge(svg *s, const rf_extract *extract, int64_t i, double y, rf_err *err)
{
    rf_status st = RF_OK;
    rf_xml *xml = &s->xml;
    char color[8];
    rf_text reasons = {0};
    const rf_extract_edge *at = &extract->edges[i];
    rf_subject subject = rf_extract_subject(extract, true, i);
    rf_xml_open(xml, "rect");
    rf_xml_attrf(xml, "x", "%d", MARGIN);
    put_number(xml, "y", y - 7);
    rf_xml_attr(xml, "width", "18");
    rf_xml_attr(xml, "height", "5");
    rf_xml_attr(xml, "rx", "2");
    rf_xml_attr(xml, "fill", rf_color_format(color, rf_edge_look(extract, at).color));
    rf_xml_close(xml);
    RF_TRY(name_edge(&s->text, extract, at, true, err));
    open_text(xml, MARGIN + 26, y, "12", INK);
    rf_xml_attr(xml, "font-weight", "bold");
    rf_xml_text(xml, s->text.ptr);
    rf_xml_close(xml);
    RF_TRY(rf_why_reasons(&reasons, subject.graph, subject.scores, subject.row, err));
    if (reasons.len > 0) {
        RF_TRY(rf_short_text(&s->text, reasons.ptr, (int)((s->width - MARGIN - 250) / CHARACTER), err));
        open_text(xml, MARGIN + 200, y, "12", GREY);
        rf_xml_text(xml, s->text.ptr);
        rf_xml_close(xml);
    }
done:
    rf_text_clear(&reasons);
    return st;
}

static rf_status end(void *state, rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    svg *s = state;
    int64_t highest[LISTED];
    int n = highest_edges(highest, extract);
    if (n > 0) {
        open_text(&s->xml, MARGIN, s->below, "13", INK);
        rf_xml_attr(&s->xml, "font-weight", "bold");
        rf_xml_text(&s->xml, "The highest edges, and what the model did not expect of them");
        rf_xml_close(&s->xml);
    }
    for (int i = 0; i < n; i++)
        RF_TRY(list_edge(s, extract, highest[i], s->below + (LINE + 4) * (i + 1), err));
    rf_xml_close(&s->xml);
    RF_TRY(rf_draft_commit(&s->xml.draft, err));
done:
    return st;
}

static void clear(void *state)
{
    svg *s = state;
    rf_draft_clear(&s->xml.draft);
    rf_text_clear(&s->text);
}

const rf_writer rf_writer_svg = {.size = sizeof(svg),
                                 .edges_first = true,
                                 .begin = begin,
                                 .node = node,
                                 .edge = edge,
                                 .end = end,
                                 .clear = clear};
