/* extract_style.c - how a node or an edge looks, the same in all formats, and the legend of the colours that
 * occur. The colour is that of the surest tag; without a tag users are warm and entities cool, darker with a
 * higher percentile, each kind of entity in a hue of its own. The shape is that of the kind. The size also
 * grows with the percentile. */
#include "style_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"

enum { LEVELS = RF_LOOK_LEVELS };
static const rf_color level_color[][LEVELS] =
    {/* of users, entities of the main kind, edges: by rf_side_role */
     {{0xB9, 0xC0, 0xC8}, {0xE8, 0xA9, 0x3B}, {0xDD, 0x5A, 0x2B}, {0xA5, 0x0F, 0x23}},
     {{0xA8, 0xC6, 0xDE}, {0x5F, 0x9F, 0xD3}, {0x2F, 0x6D, 0xB5}, {0x1B, 0x2F, 0x7F}},
     {{0xD3, 0xD7, 0xDB}, {0xE8, 0xC4, 0x85}, {0xDD, 0x8A, 0x6B}, {0xB0, 0x3A, 0x48}}};
static const char *const level_look[][LEVELS] = {
    {"user", "user, top 10 %", "user, top 1 %", "user, top 0.1 %"},
    {"entity", "entity, top 10 %", "entity, top 1 %", "entity, top 0.1 %"},
    {"edge", "edge, top 10 %", "edge, top 1 %", "edge, top 0.1 %"}};
/* Of entities of other kinds. Their number and that of the shapes have no common divisor, so that no two of
 * the kinds look the same. */
static const rf_color kind_color[][LEVELS] = {
    {{0xBF, 0xE0, 0xD0}, {0x7F, 0xC4, 0xA4}, {0x3E, 0x9E, 0x78}, {0x14, 0x61, 0x3F}},
    {{0xD6, 0xC7, 0xE6}, {0xAE, 0x8F, 0xD0}, {0x7E, 0x55, 0xB0}, {0x4C, 0x25, 0x80}},
    {{0xDD, 0xDD, 0xB0}, {0xB9, 0xB9, 0x6A}, {0x8A, 0x8A, 0x2E}, {0x55, 0x55, 0x0F}},
    {{0xEB, 0xC6, 0xD6}, {0xD6, 0x8F, 0xB0}, {0xB3, 0x50, 0x7F}, {0x7A, 0x1F, 0x4C}},
    {{0xB8, 0xE3, 0xE8}, {0x6E, 0xC3, 0xCE}, {0x2A, 0x95, 0xA5}, {0x0C, 0x5C, 0x69}},
    {{0xE2, 0xCD, 0xBB}, {0xC2, 0x9A, 0x78}, {0x93, 0x66, 0x3F}, {0x5C, 0x38, 0x17}},
    {{0xC8, 0xCE, 0xD4}, {0x98, 0xA6, 0xB2}, {0x5A, 0x70, 0x84}, {0x2C, 0x41, 0x53}}};
enum { KIND_COLORS = sizeof kind_color / sizeof *kind_color, KIND_SHAPES = RF_SHAPES - RF_SHAPE_TRIANGLE };
static const double edge_width[LEVELS] = {1, 2, 3.5, 5};

/* Chosen so that any two differ clearly for normal sight and for protanopia, deuteranopia and tritanopia, and
 * all from paper and from the colours of ordinary users and entities. */
static const struct {
    const char *type;
    rf_color color;
} tag_color[] = {
    {"account_farm", {0x60, 0x40, 0xC0}},     {"account_takeover", {0xC0, 0x20, 0x00}},
    {"card_testing", {0xFF, 0x60, 0x00}},     {"collusion", {0x20, 0x00, 0xA0}},
    {"device_farm", {0x00, 0x80, 0xA0}},      {"mule_fan_in_out", {0x60, 0x00, 0x60}},
    {"promo_abuse", {0xE0, 0x00, 0xFF}},      {"refund_abuse", {0x60, 0xA0, 0x80}},
    {"review_farm", {0xFF, 0xC0, 0x80}},      {"self_dealing", {0x80, 0x00, 0x00}},
    {RF_UNKNOWN_PATTERN, {0x80, 0x40, 0x60}}, {"velocity_bot", {0xE0, 0x80, 0xFF}},
};
enum { TAG_COLORS = sizeof tag_color / sizeof *tag_color };

rf_color rf_tag_color(const char *type)
{
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (int i = 0; i < TAG_COLORS; i++) {
        if (strcmp(tag_color[i].type, type) == 0)
            return tag_color[i].color;
    }
    for (const char *at = type; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619U;
    rf_color base = tag_color[hash % TAG_COLORS].color;
    return (rf_color){(unsigned char)(base.r * 6 / 10), (unsigned char)(base.g * 6 / 10),
                      (unsigned char)(base.b * 6 / 10)};
}

static int level_of(const rf_score_side *side, int64_t row)
{
    float percentile = side->percentile[row];
    return (percentile >= 0.9F) + (percentile >= 0.99F) + (percentile >= 0.999F);
}

rf_look rf_look_of(const rf_extract *extract, rf_side side, int64_t row)
{
    const rf_tags *tags = extract->findings->tags;
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, tags, side, row);
    if (n > 0) {
        const char *surest = rf_tag_type(tags, tag);
        return (rf_look){.name = surest, .color = rf_tag_color(surest), .is_tag = true};
    }
    int level = level_of(&extract->scores->side[side], row), kind = rf_side_kind(side);
    rf_side role = rf_side_role(side);
    rf_look look = {.name = level_look[role][level], .color = level_color[role][level], .place = role};
    if (role == RF_ENTITY) {
        look.place = 1 + kind;
        look.color = kind == 0 ? look.color : kind_color[(kind - 1) % KIND_COLORS][level];
        look.name = extract->graph->kinds.n == 0 ? look.name : extract->kind_look[kind][level];
    }
    return look;
}

rf_shape rf_side_shape(rf_side side)
{
    int kind = rf_side_kind(side);
    if (side == RF_USER)
        return RF_SHAPE_ROUND;
    return kind == 0 ? RF_SHAPE_SQUARE : (rf_shape)(RF_SHAPE_TRIANGLE + (kind - 1) % KIND_SHAPES);
}

const char *rf_shape_name(rf_shape shape)
{
    static const char *const names[RF_SHAPES] = {"circle",  "square",   "triangle", "diamond",
                                                 "hexagon", "pentagon", "star"};
    return names[shape];
}

rf_status rf_say_shapes(rf_text *out, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    char plural[RF_KIND_PLURAL];
    const rf_kinds *kinds = &extract->graph->kinds;
    if (kinds->n == 0)
        return rf_text_printf(out, err, "Users are round, entities square");
    RF_TRY(rf_text_printf(out, err, "Users are circles"));
    for (int k = 0; k < kinds->n; k++)
        RF_TRY(rf_text_printf(out, err, ", %s %ss", rf_kind_plural(plural, kinds, k),
                              rf_shape_name(rf_side_shape(rf_entity_side(k)))));
done:
    return st;
}

rf_look rf_node_look(const rf_extract *extract, const rf_extract_node *node)
{
    return rf_look_of(extract, node->side, node->row);
}

rf_look rf_edge_look(const rf_extract *extract, const rf_extract_edge *edge)
{
    return rf_look_of(extract, edge->side, edge->row);
}

const rf_suppression *rf_node_suppression(const rf_extract *extract, const rf_extract_node *node)
{
    const rf_findings *findings = extract->findings;
    return rf_suppression_silences(findings->suppressed, extract->graph, findings->tags, node->side,
                                   node->row)
               ? rf_suppressed(findings->suppressed, extract->graph, node->side, node->row)
               : NULL;
}

double rf_node_border(const rf_extract *extract, const rf_extract_node *node)
{
    return node->role == RF_ROLE_SUBJECT ? 2.5 : rf_node_suppression(extract, node) != NULL ? 1.5 : 0;
}

double rf_edge_width(const rf_extract *extract, const rf_extract_edge *edge)
{
    return edge_width[level_of(&extract->scores->side[edge->side], edge->row)];
}

/* By the rank's decades: 12 in the lower half, 40 from the top 0.1 per cent on; to a tenth of a point. */
double rf_node_size(const rf_extract *extract, const rf_extract_node *node)
{
    const rf_score_side *side = &extract->scores->side[node->side];
    double tail = 1 - (double)side->percentile[node->row] + 0.5 / (double)side->n;
    double size = 9 - 10.4 * log10(tail);
    size = size > 40 ? 40 : size < 12 ? 12 : size;
    return round(10 * size) / 10;
}

char *rf_color_format(char out[8], rf_color color)
{
    snprintf(out, 8, "#%02x%02x%02x", color.r, color.g, color.b);
    return out;
}

const char *rf_role_name(uint8_t role)
{
    return role == RF_ROLE_SUBJECT ? "subject" : role == RF_ROLE_NEIGHBOUR ? "neighbour" : "context";
}

/* ---- the legend: tags, the most frequent first, then the untagged, the highest first ---- */

static rf_status count_look(rf_legend *legend, rf_look look, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < legend->n; i++) {
        if (strcmp(legend->at[i].look.name, look.name) == 0) {
            legend->at[i].n++;
            return RF_OK;
        }
    }
    RF_RESERVE(legend->at, legend->cap, legend->n + 1, err);
    legend->at[legend->n++] = (rf_legend_entry){.look = look, .n = 1};
done:
    return st;
}

/* Users before entities, kind by kind; within one "user, top 0.1 %" < "user, top 1 %" < "user, top 10 %" as
 * texts, "user" last. */
static int by_height(const rf_look *a, const rf_look *b)
{
    bool a_low = strchr(a->name, ',') == NULL, b_low = strchr(b->name, ',') == NULL;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    if (a_low != b_low)
        return a_low ? 1 : -1;
    return strcmp(a->name, b->name);
}

static int by_weight(const void *left, const void *right)
{
    const rf_legend_entry *a = left, *b = right;
    if (a->look.is_tag != b->look.is_tag)
        return a->look.is_tag ? -1 : 1;
    if (!a->look.is_tag)
        return by_height(&a->look, &b->look);
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return strcmp(a->look.name, b->look.name);
}

static void sort_legend(rf_legend *legend)
{
    if (legend->n > 0)
        qsort(legend->at, (size_t)legend->n, sizeof *legend->at, by_weight);
}

/* "device, top 1 %", as "entity, top 1 %". */
static void name_looks(rf_extract *extract)
{
    const rf_kinds *kinds = &extract->graph->kinds;
    for (int k = 0; k < kinds->n; k++) {
        for (int level = 0; level < LEVELS; level++)
            snprintf(extract->kind_look[k][level], RF_LOOK_NAME, "%s%s", rf_kind_name(kinds, k),
                     level_look[RF_ENTITY][level] + strlen("entity"));
    }
}

rf_status rf_extract_legend(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    name_looks(extract);
    for (int64_t i = 0; i < extract->counts.nodes; i++)
        RF_TRY(count_look(&extract->node_legend, rf_node_look(extract, &extract->nodes[i]), err));
    for (int64_t i = 0; i < extract->counts.edges; i++)
        RF_TRY(count_look(&extract->edge_legend, rf_edge_look(extract, &extract->edges[i]), err));
    sort_legend(&extract->node_legend);
    sort_legend(&extract->edge_legend);
done:
    return st; /* the caller frees them */
}
