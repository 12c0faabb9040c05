/* style_int.h - how nodes and edges look, the same in all formats: colour, size, border, width. */
#ifndef RF_STYLE_INT_H
#define RF_STYLE_INT_H

#include "extract_int.h"

/* Colours of tags, chosen so that colour-blind readers can tell them apart: one for each shipped type and for
 * unknown_pattern; types of a user's own get a darker one, by their name. */
rf_color rf_tag_color(const char *type);
/* The surest tag, or without one how high it scores. */
rf_look rf_look_of(const rf_extract *extract, rf_side side, int64_t row);
rf_look rf_node_look(const rf_extract *extract, const rf_extract_node *node);
rf_look rf_edge_look(const rf_extract *extract, const rf_extract_edge *edge);
/* What a node is drawn as: by its kind. */
typedef enum rf_shape {
    RF_SHAPE_ROUND,  /* users */
    RF_SHAPE_SQUARE, /* the main kind */
    RF_SHAPE_TRIANGLE,
    RF_SHAPE_DIAMOND,
    RF_SHAPE_HEXAGON,
    RF_SHAPE_PENTAGON,
    RF_SHAPE_STAR,
    RF_SHAPES
} rf_shape;
rf_shape rf_side_shape(rf_side side);
const char *rf_shape_name(rf_shape shape); /* "circle", "square", ... */
/* Appends "Users are circles, merchants squares, devices triangles". */
RF_MUST_CHECK rf_status rf_say_shapes(rf_text *out, const rf_extract *extract, rf_err *err);
/* Why it never becomes an action; NULL where nothing keeps it from that. */
const rf_suppression *rf_node_suppression(const rf_extract *extract, const rf_extract_node *node);
/* Width of a node's border in points: subjects and suppressed ones have one. */
double rf_node_border(const rf_extract *extract, const rf_extract_node *node);
double rf_node_size(const rf_extract *extract, const rf_extract_node *node);  /* diameter in points */
double rf_edge_width(const rf_extract *extract, const rf_extract_edge *edge); /* points; also its weight */
char *rf_color_format(char out[8], rf_color color);                           /* "#rrggbb"; returns out */
const char *rf_role_name(uint8_t role);

#endif
