/* picture.c - a ring as one self-contained SVG: users left, entities right, what stands out thick and red.
 *
 * Who is in the picture is ring_pick.c's. No scripts, no fonts of its own, nothing fetched: it opens
 * anywhere.
 */
#include "export_int.h"

#include <math.h>
#include <string.h>

#include "rf_file.h"
#include "ring_int.h"

#define WIDTH 1000
#define USER_X 345
#define ENTITY_X 655
#define TOP 138
#define ROW 38
#define LABEL 26 /* characters */
#define WHY 6    /* links spelled out below */

typedef struct ring_canvas {
    rf_text *out;
    const rf_graph *graph;
    const rf_scores *scores;
    const rf_ring *ring;
    int height; /* of the drawing, without title and what is below */
    rf_err *err;
} ring_canvas;

/* ---- how much a subject stands out ---- */

enum { LEVELS = 4 };
static const char *const level_name[LEVELS] = {"lower 90 %", "top 10 %", "top 1 %", "top 0.1 %"};
static const char *const level_color[LEVELS] = {"#b9c0c8", "#e8a93b", "#dd5a2b", "#a50f23"};
static const double level_stroke[LEVELS] = {1.2, 2.2, 3.6, 5.2};

static int level_of(const rf_score_side *side, int64_t row)
{
    float percentile = side->percentile[row];
    return (percentile >= 0.9F) + (percentile >= 0.99F) + (percentile >= 0.999F);
}

/* Radius by the rank's decades: 6 in the middle, 16 in the top 0.1 per cent and above. */
static double radius_of(const rf_score_side *side, int64_t row)
{
    double tail = 1 - (double)side->percentile[row] + 0.5 / (double)side->n;
    double radius = 5 - 3.7 * log10(tail);
    return radius > 16 ? 16 : radius < 6 ? 6 : radius;
}

static double user_y(const ring_canvas *c, int user)
{
    return TOP + (c->ring->user_place[user] + 0.5) * c->height / c->ring->n_users;
}

static double entity_y(const ring_canvas *c, int entity)
{
    return TOP + (c->ring->entity_place[entity] + 0.5) * c->height / c->ring->n_entities;
}

/* ---- pieces ---- */

static rf_status add(const ring_canvas *c, const char *text)
{
    return rf_text_add(c->out, text, strlen(text), c->err);
}

#define PRINT(...) RF_TRY(rf_text_printf(c->out, c->err, __VA_ARGS__))

static rf_status document_open(const ring_canvas *c, int height)
{
    rf_status st = RF_OK;
    PRINT("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
          "font-family=\"'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif\">\n",
          WIDTH, height, WIDTH, height);
    PRINT("<rect width=\"%d\" height=\"%d\" fill=\"#fbfaf7\"/>\n", WIDTH, height);
done:
    return st;
}

static rf_status title(const ring_canvas *c)
{
    rf_status st = RF_OK;
    const rf_ring *ring = c->ring;
    char number[32], from[RF_TIME_TEXT], to[RF_TIME_TEXT];
    RF_TRY(add(
        c, "<text x=\"40\" y=\"48\" font-size=\"24\" font-weight=\"bold\" fill=\"#1d2733\">Around user "));
    RF_TRY(rf_xml_add(c->out, rf_graph_id(&c->graph->side[RF_USER], ring->users[0], number), 40, c->err));
    PRINT(", the highest score</text>\n<text x=\"40\" y=\"74\" font-size=\"13\" fill=\"#55606e\">"
          "%d user%s and %d %s that stand out together",
          ring->n_users, ring->n_users == 1 ? "" : "s", ring->n_entities,
          ring->n_entities == 1 ? "entity" : "entities");
    if (c->graph->window_from_us != 0 || c->graph->window_to_us != 0)
        PRINT(" \xC2\xB7 %.10s to %.10s", rf_time_format(from, c->graph->window_from_us),
              rf_time_format(to, c->graph->window_to_us));
    if (c->scores->model_id[0] != '\0') {
        RF_TRY(add(c, " \xC2\xB7 model "));
        RF_TRY(rf_xml_add(c->out, c->scores->model_id, 16, c->err));
    }
    PRINT("</text>\n<text x=\"%d\" y=\"%d\" font-size=\"13\" font-weight=\"bold\" text-anchor=\"end\" "
          "fill=\"#1d2733\">"
          "Users</text>\n<text x=\"%d\" y=\"%d\" font-size=\"13\" font-weight=\"bold\" "
          "fill=\"#1d2733\">Entities</text>\n",
          USER_X - 26, TOP - 14, ENTITY_X + 26, TOP - 14);
done:
    return st;
}

static rf_status link_title(const ring_canvas *c, const rf_ring_link *link)
{
    rf_status st = RF_OK;
    char number[32];
    RF_TRY(add(c, "<title>"));
    RF_TRY(rf_xml_add(c->out, rf_graph_id(&c->graph->side[RF_USER], c->ring->users[link->user], number), 1000,
                      c->err));
    RF_TRY(add(c, " \xE2\x86\x92 "));
    RF_TRY(rf_xml_add(c->out,
                      rf_graph_id(&c->graph->side[RF_ENTITY], c->ring->entities[link->entity], number), 1000,
                      c->err));
    PRINT(", score %.4g", (double)c->scores->side[RF_EDGE].score[link->edge]);
    if (link->parallel > 1)
        PRINT(", %d events", link->parallel);
    RF_TRY(add(c, "</title>"));
done:
    return st;
}

static rf_status draw_link(const ring_canvas *c, const rf_ring_link *link)
{
    rf_status st = RF_OK;
    int level = level_of(&c->scores->side[RF_EDGE], link->edge);
    double from = user_y(c, link->user), to = entity_y(c, link->entity), bend = (ENTITY_X - USER_X) * 0.45;
    PRINT("<path d=\"M%d %.1fC%.1f %.1f %.1f %.1f %d %.1f\" stroke=\"%s\" stroke-width=\"%.1f\" "
          "stroke-opacity=\"%s\">",
          USER_X, from, USER_X + bend, from, ENTITY_X - bend, to, ENTITY_X, to, level_color[level],
          level_stroke[level], level > 0 ? "0.85" : "0.6");
    RF_TRY(link_title(c, link));
    RF_TRY(add(c, "</path>\n"));
done:
    return st;
}

/* What stands out lies on top. */
static rf_status draw_links(const ring_canvas *c)
{
    rf_status st = RF_OK;
    RF_TRY(add(c, "<g fill=\"none\" stroke-linecap=\"round\">\n"));
    for (int level = 0; level < LEVELS; level++) {
        for (int l = 0; l < c->ring->n_links; l++) {
            if (level_of(&c->scores->side[RF_EDGE], c->ring->links[l].edge) == level)
                RF_TRY(draw_link(c, &c->ring->links[l]));
        }
    }
    RF_TRY(add(c, "</g>\n"));
done:
    return st;
}

/* "top 0.25 %", or "highest" where nobody scores as high. */
static rf_status add_standing(const ring_canvas *c, float percentile)
{
    rf_status st = RF_OK;
    if (percentile >= 1.0F)
        RF_TRY(add(c, "highest"));
    else if (percentile >= 0.5F)
        PRINT("top %.2g %%", 100 * (1 - (double)percentile));
    else
        RF_TRY(add(c, "lower half"));
done:
    return st;
}

static rf_status draw_node(const ring_canvas *c, const rf_graph_side *side, const rf_score_side *scores,
                           uint32_t row, double y, bool is_user)
{
    rf_status st = RF_OK;
    char number[32];
    const char *id = rf_graph_id(side, row, number), *anchor = is_user ? "end" : "start";
    int x = is_user ? USER_X : ENTITY_X, label_x = is_user ? x - 26 : x + 26;
    bool worst = is_user && row == c->ring->users[0];
    PRINT("<circle cx=\"%d\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\" stroke=\"%s\" stroke-width=\"%s\"><title>", x,
          y, radius_of(scores, row), level_color[level_of(scores, row)], worst ? "#1d2733" : "#ffffff",
          worst ? "2.5" : "1.5");
    RF_TRY(rf_xml_add(c->out, id, 1000, c->err));
    PRINT("</title></circle>\n<text x=\"%d\" y=\"%.1f\" font-size=\"13\" text-anchor=\"%s\" "
          "fill=\"#1d2733\"%s>",
          label_x, y - 1, anchor, worst ? " font-weight=\"bold\"" : "");
    RF_TRY(rf_xml_add(c->out, id, LABEL, c->err));
    PRINT("</text>\n<text x=\"%d\" y=\"%.1f\" font-size=\"10.5\" text-anchor=\"%s\" fill=\"#6a7480\">score "
          "%.3g \xC2\xB7 ",
          label_x, y + 12, anchor, (double)scores->score[row]);
    RF_TRY(add_standing(c, scores->percentile[row]));
    RF_TRY(add(c, "</text>\n"));
done:
    return st;
}

static rf_status draw_nodes(const ring_canvas *c)
{
    rf_status st = RF_OK;
    const rf_ring *ring = c->ring;
    for (int i = 0; i < ring->n_users; i++)
        RF_TRY(draw_node(c, &c->graph->side[RF_USER], &c->scores->side[RF_USER], ring->users[i], user_y(c, i),
                         true));
    for (int i = 0; i < ring->n_entities; i++)
        RF_TRY(draw_node(c, &c->graph->side[RF_ENTITY], &c->scores->side[RF_ENTITY], ring->entities[i],
                         entity_y(c, i), false));
done:
    return st;
}

/* ---- below the drawing ---- */

/* ": amount_max 812 instead of 41, count 90 instead of 3" */
static rf_status add_reasons(const ring_canvas *c, int64_t edge)
{
    rf_status st = RF_OK;
    const rf_graph_side *side = &c->graph->side[RF_EDGE];
    const rf_score_side *scores = &c->scores->side[RF_EDGE];
    for (int r = 0; r < scores->n_reasons && r < 2 && side->x != NULL; r++) {
        char name[32];
        int64_t at = edge * scores->n_reasons + r;
        int column = scores->reason_feature[at];
        RF_TRY(add(c, r == 0 ? ": " : ", "));
        RF_TRY(rf_xml_add(c->out, rf_graph_raw_name(side, column, name), LABEL, c->err));
        double observed = rf_raw_observed(side, edge, column);
        if (isnan(observed))
            PRINT(" no data");
        else
            PRINT(" %.3g", observed);
        PRINT(" instead of %.3g", rf_raw_value(side, column, (double)scores->reason_expected[at]));
    }
done:
    return st;
}

static rf_status explain_link(const ring_canvas *c, const rf_ring_link *link, int y)
{
    rf_status st = RF_OK;
    char number[32];
    int level = level_of(&c->scores->side[RF_EDGE], link->edge);
    PRINT("<path d=\"M40 %dh22\" stroke=\"%s\" stroke-width=\"%.1f\" stroke-linecap=\"round\"/>\n"
          "<text x=\"72\" y=\"%d\" font-size=\"12\" fill=\"#1d2733\"><tspan font-weight=\"bold\">",
          y - 4, level_color[level], level_stroke[level], y);
    RF_TRY(rf_xml_add(c->out, rf_graph_id(&c->graph->side[RF_USER], c->ring->users[link->user], number),
                      LABEL, c->err));
    RF_TRY(add(c, " \xE2\x86\x92 "));
    RF_TRY(rf_xml_add(c->out,
                      rf_graph_id(&c->graph->side[RF_ENTITY], c->ring->entities[link->entity], number), LABEL,
                      c->err));
    RF_TRY(add(c, "</tspan>"));
    RF_TRY(add_reasons(c, link->edge));
    RF_TRY(add(c, "</text>\n"));
done:
    return st;
}

/* The highest links first, equal ones in their own order. */
static int highest_links(int worst[WHY], const rf_ring *ring, const rf_real *score)
{
    int n = 0;
    for (int l = 0; l < ring->n_links; l++) {
        int at = n < WHY ? n++ : WHY;
        for (; at > 0 && score[ring->links[l].edge] > score[ring->links[worst[at - 1]].edge]; at--) {
            if (at < WHY)
                worst[at] = worst[at - 1];
        }
        if (at < WHY)
            worst[at] = l;
    }
    return n;
}

static rf_status explain(const ring_canvas *c, int y)
{
    rf_status st = RF_OK;
    int worst[WHY] = {0}, n = highest_links(worst, c->ring, c->scores->side[RF_EDGE].score);
    PRINT("<text x=\"40\" y=\"%d\" font-size=\"13\" font-weight=\"bold\" fill=\"#1d2733\">The highest links, "
          "and what the "
          "model did not expect of them</text>\n",
          y);
    for (int i = 0; i < n; i++)
        RF_TRY(explain_link(c, &c->ring->links[worst[i]], y + 24 + 22 * i));
done:
    return st;
}

static rf_status legend(const ring_canvas *c, int y)
{
    rf_status st = RF_OK;
    PRINT("<g font-size=\"11\" fill=\"#55606e\">\n<text x=\"40\" y=\"%d\">Score among all users, entities or "
          "links:</text>\n",
          y);
    for (int level = 0; level < LEVELS; level++) {
        int x = 320 + 150 * level;
        PRINT("<path d=\"M%d %dh26\" stroke=\"%s\" stroke-width=\"%.1f\" stroke-linecap=\"round\"/>"
              "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>\n",
              x, y - 4, level_color[level], level_stroke[level], x + 44, y - 4, 4 + level, level_color[level],
              x + 58, y, level_name[level]);
    }
    RF_TRY(add(c, "</g>\n"));
done:
    return st;
}

/* ---- the whole ---- */

static rf_status draw_ring(ring_canvas *c)
{
    rf_status st = RF_OK;
    const rf_ring *ring = c->ring;
    int rows = ring->n_users > ring->n_entities ? ring->n_users : ring->n_entities;
    int listed = ring->n_links < WHY ? ring->n_links : WHY;
    c->height = ROW * (rows < 6 ? 6 : rows);
    int below = TOP + c->height + 40, last = below + 24 + 22 * listed + 20;
    RF_TRY(document_open(c, last + 24));
    RF_TRY(title(c));
    RF_TRY(draw_links(c));
    RF_TRY(draw_nodes(c));
    RF_TRY(explain(c, below));
    RF_TRY(legend(c, last));
    RF_TRY(add(c, "</svg>\n"));
done:
    return st;
}

static rf_status draw_nothing(const ring_canvas *c)
{
    rf_status st = RF_OK;
    RF_TRY(document_open(c, 120));
    RF_TRY(add(c, "<text x=\"40\" y=\"64\" font-size=\"16\" fill=\"#1d2733\">The graph has no edges: there "
                  "is no ring to "
                  "draw.</text>\n</svg>\n"));
done:
    return st;
}

static rf_status write_file(const char *path, const rf_text *text, rf_err *err)
{
    rf_status st = RF_OK;
    rf_file *file = NULL;
    RF_TRY(rf_file_create_beside(&file, path, err));
    RF_TRY(rf_file_write(file, text->ptr, text->len, err));
    RF_TRY(rf_file_commit(file, err));
done:
    rf_file_close(&file);
    return st;
}

rf_status rf_picture_worst_ring(const rf_graph *graph, const rf_scores *scores, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_ring ring;
    rf_text text = {0};
    ring_canvas canvas = {.out = &text, .graph = graph, .scores = scores, .ring = &ring, .err = err};

    RF_TRY(rf_ring_pick(&ring, graph, scores, err));
    RF_TRY(ring.n_users > 0 ? draw_ring(&canvas) : draw_nothing(&canvas));
    RF_TRY(write_file(path, &text, err));
done:
    rf_text_clear(&text);
    return st;
}
