/* export_style.c - how a node or an edge looks, the same in all formats: the colour of its surest tag;
 * without one warm users and cool entities, darker the higher they stand. Larger the higher they stand, in
 * any case. */
#include "extract_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LABEL_CHARACTERS 40

/* Lower 90 %, top 10 %, top 1 %, top 0.1 %. */
enum { LEVELS = 4 };
static const rf_color user_color[LEVELS] = {
    {0xB9, 0xC0, 0xC8}, {0xE8, 0xA9, 0x3B}, {0xDD, 0x5A, 0x2B}, {0xA5, 0x0F, 0x23}};
static const rf_color entity_color[LEVELS] = {
    {0xA8, 0xC6, 0xDE}, {0x5F, 0x9F, 0xD3}, {0x2F, 0x6D, 0xB5}, {0x1B, 0x2F, 0x7F}};
static const rf_color edge_color[LEVELS] = {
    {0xD3, 0xD7, 0xDB}, {0xE8, 0xC4, 0x85}, {0xDD, 0x8A, 0x6B}, {0xB0, 0x3A, 0x48}};
static const double edge_width[LEVELS] = {1, 2, 3.5, 5};

static const char *const user_look[LEVELS] = {"user", "user, top 10 %", "user, top 1 %", "user, top 0.1 %"};
static const char *const entity_look[LEVELS] = {"entity", "entity, top 10 %", "entity, top 1 %",
                                                "entity, top 0.1 %"};
static const char *const edge_look[LEVELS] = {"edge", "edge, top 10 %", "edge, top 1 %", "edge, top 0.1 %"};

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

/* The surest tag's type, or NULL. */
static const char *tag_of(const rf_tags *tags, const rf_tag_side *side, int64_t row)
{
    return side->ptr[row] < side->ptr[row + 1]
               ? rf_texts_get(&tags->rule_type, side->tags[side->ptr[row]].rule)
               : NULL;
}

rf_look rf_node_look(const rf_extract *extract, const rf_extract_node *node)
{
    const rf_scores *scores = extract->scores;
    const rf_tags *tags = extract->findings->tags;
    const char *tag =
        tags != NULL
            ? tag_of(tags, node->is_entity ? &tags->side[RF_ENTITY] : &tags->side[RF_USER], node->row)
            : NULL;
    if (tag != NULL)
        return (rf_look){.name = tag, .color = rf_tag_color(tag), .is_tag = true};
    int level = level_of(node->is_entity ? &scores->side[RF_ENTITY] : &scores->side[RF_USER], node->row);
    return node->is_entity ? (rf_look){.name = entity_look[level], .color = entity_color[level]}
                           : (rf_look){.name = user_look[level], .color = user_color[level]};
}

rf_look rf_edge_look(const rf_extract *extract, const rf_extract_edge *edge)
{
    const rf_tags *tags = extract->findings->tags;
    const char *tag = tags != NULL ? tag_of(tags, &tags->side[RF_EDGE], edge->row) : NULL;
    if (tag != NULL)
        return (rf_look){.name = tag, .color = rf_tag_color(tag), .is_tag = true};
    int level = level_of(&extract->scores->side[RF_EDGE], edge->row);
    return (rf_look){.name = edge_look[level], .color = edge_color[level]};
}

rf_color rf_node_color(const rf_extract *extract, const rf_extract_node *node)
{
    return rf_node_look(extract, node).color;
}

rf_color rf_edge_color(const rf_extract *extract, const rf_extract_edge *edge)
{
    return rf_edge_look(extract, edge).color;
}

const rf_suppression *rf_node_suppression(const rf_extract *extract, const rf_extract_node *node)
{
    const rf_findings *findings = extract->findings;
    rf_side side = node->is_entity ? RF_ENTITY : RF_USER;
    return rf_suppression_silences(findings->suppressed, extract->graph, findings->tags, side, node->row)
               ? rf_suppressed(findings->suppressed, extract->graph, side, node->row)
               : NULL;
}

double rf_node_border(const rf_extract *extract, const rf_extract_node *node)
{
    return node->role == RF_ROLE_SUBJECT ? 2.5 : rf_node_suppression(extract, node) != NULL ? 1.5 : 0;
}

double rf_edge_width(const rf_extract *extract, const rf_extract_edge *edge)
{
    return edge_width[level_of(&extract->scores->side[RF_EDGE], edge->row)];
}

/* By the rank's decades: 12 in the lower half, 40 from the top 0.1 per cent on; to a tenth of a point. */
double rf_node_size(const rf_extract *extract, const rf_extract_node *node)
{
    const rf_score_side *side =
        node->is_entity ? &extract->scores->side[RF_ENTITY] : &extract->scores->side[RF_USER];
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

/* ---- labels ---- */

static size_t character_at(const char *text, size_t left)
{
    for (size_t len = 1; len <= 4 && len <= left; len++) {
        if (rf_utf8_valid(text, len))
            return len;
    }
    return 0;
}

/* Marks that turn the direction of what follows (U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069): in a
 * label they would make one id look like another. */
static bool turns_direction(const unsigned char *at, size_t len)
{
    if (len != 3 || at[0] != 0xE2)
        return false;
    if (at[1] == 0x80)
        return at[2] == 0x8E || at[2] == 0x8F || (at[2] >= 0xAA && at[2] <= 0xAE);
    return at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9;
}

/* C0, DEL, C1, U+FFFE and U+FFFF, and the line separators U+2028 and U+2029. */
static bool is_unreadable(const unsigned char *at, size_t len)
{
    if (len == 1)
        return at[0] < 0x20 || at[0] == 0x7F;
    if (len == 2)
        return at[0] == 0xC2 && at[1] < 0xA0;
    return len == 3 && ((at[0] == 0xEF && at[1] == 0xBF && at[2] >= 0xBE) ||
                        (at[0] == 0xE2 && at[1] == 0x80 && (at[2] == 0xA8 || at[2] == 0xA9)));
}

rf_status rf_short_text(rf_text *out, const char *text, rf_err *err)
{
    rf_status st = RF_OK;
    size_t left = strlen(text);
    rf_text_reset(out);
    RF_TRY(rf_text_add(out, "", 0, err)); /* an empty text is a text */
    for (int n = 0; left > 0; n++) {
        size_t len = character_at(text, left), step = len > 0 ? len : 1;
        const unsigned char *at = (const unsigned char *)text;
        if (n == LABEL_CHARACTERS) {
            RF_TRY(rf_text_add(out, "\xE2\x80\xA6", 3, err)); /* an ellipsis */
            break;
        }
        if (len == 0)
            RF_TRY(rf_text_add(out, "\xEF\xBF\xBD", 3, err)); /* the replacement character */
        else if (is_unreadable(at, len))
            RF_TRY(rf_text_add(out, " ", 1, err));
        else if (!turns_direction(at, len))
            RF_TRY(rf_text_add(out, text, len, err));
        text += step;
        left -= step;
    }
done:
    return st;
}

rf_status rf_node_label(rf_text *out, const rf_extract *extract, const rf_extract_node *node, rf_err *err)
{
    char number[32];
    const rf_graph_side *side =
        node->is_entity ? &extract->graph->side[RF_ENTITY] : &extract->graph->side[RF_USER];
    return rf_short_text(out, rf_graph_id(side, node->row, number), err);
}
