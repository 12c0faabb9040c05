/* extract_int.h - a part of the graph small enough to look at: what all formats of `ringfence export` write,
 * each in its own way.
 *
 *   select     which nodes and edges                       extract_select.c (members_int.h)
 *   layout     their places                                extract_layout.c
 *   style      colour, size, legend                        extract_style.c (style_int.h)
 *   columns    their attributes: one typed table           extract_columns.c (extract_columns_int.h)
 *   note       the note of the whole export               extract_note.c
 *   writers    begin, node ..., edge ..., end              files/, page/ (writer_int.h)
 */
#ifndef RF_EXTRACT_INT_H
#define RF_EXTRACT_INT_H

#include "rf_export.h"
#include "rf_text.h"

typedef enum rf_role {                    /* why a node is here */
                       RF_ROLE_NONE,      /* it is not */
                       RF_ROLE_CUT,       /* it would be, but for the cap */
                       RF_ROLE_SUBJECT,   /* chosen by the selection */
                       RF_ROLE_NEIGHBOUR, /* reached from a subject within the hops */
                       RF_ROLE_CONTEXT    /* ordinary, for comparison */
} rf_role;

typedef struct rf_extract_node {
    rf_side side;
    uint32_t row; /* of the graph's side */
    uint8_t role; /* rf_role */
    float x, y;   /* points, y upwards, the middle of the picture at 0, 0 */
} rf_extract_node;

typedef struct rf_extract_edge {
    rf_side side;      /* that of its kind */
    uint32_t row;      /* of the graph's edges of the kind */
    uint32_t from, to; /* numbers of its user and entity among the extract's nodes */
} rf_extract_edge;

typedef struct rf_color {
    unsigned char r, g, b;
} rf_color;

typedef struct rf_look { /* the meaning of a colour */
    const char *name;    /* the surest tag, or how high an untagged one scores: "user, top 1 %" */
    rf_color color;
    bool is_tag;
    int place; /* of an untagged node among the kinds: 0 a user, 1 an entity of the main kind, and so on */
} rf_look;
#define RF_LOOK_LEVELS 4 /* lower 90 %, top 10 %, top 1 %, top 0.1 % */
#define RF_LOOK_NAME (RF_KIND_NAME + 16)

typedef struct rf_legend_entry {
    rf_look look;
    int64_t n; /* nodes (edges) that look so */
} rf_legend_entry;

typedef struct rf_legend { /* tags first, the most frequent ahead; then the untagged, the highest ahead */
    rf_legend_entry *at;
    int n;
    size_t cap;
} rf_legend;

typedef struct rf_met_hub {
    uint32_t user; /* row of the graph's users */
    int kind;
    uint32_t hub; /* row of the kind's entities */
} rf_met_hub;

struct rf_columns;
typedef struct rf_extract {
    const rf_findings *findings; /* tags, clusters and suppressions may be NULL */
    const rf_graph *graph;       /* the findings' */
    const rf_scores *scores;
    const rf_export_options *options;
    rf_extract_node *nodes; /* side by side, in the order of the graph's rows */
    rf_extract_edge *edges; /* kind by kind, in the graph's order */
    rf_export_result counts;
    int64_t partners_left; /* of a cluster's members: left out, because they met fewer of them */
    char kind_look[RF_KINDS_MOST][RF_LOOK_LEVELS][RF_LOOK_NAME]; /* "device, top 1 %" */
    uint32_t *hub_users[RF_KINDS_MOST];                          /* see rf_extract_hubs */
    rf_met_hub *met_hubs; /* [n_met_hubs] of the extract's users, in their order */
    int64_t n_met_hubs;
    size_t cap_met_hubs;
    struct rf_columns *node_columns, *edge_columns;
    rf_legend node_legend, edge_legend; /* the colours that occur */
    rf_text title;                      /* "ringfence: top-users=50" */
    rf_text note;      /* in sentences: selection, cuts, run, and the meaning of the colours */
    bool in_columns;   /* users lie left and entities right of all edges: labels have room beside the nodes */
    size_t note_facts; /* bytes of the note without the colours, for a writer that draws a legend */
} rf_extract;

static inline bool rf_side_has_nodes(rf_side side)
{
    return rf_side_role(side) != RF_EDGE;
}

/* What a subject of the side is called by its kind: "user", "entity" or "device"; an edge by whom the user
 * met.
 */
static inline const char *rf_side_word(const rf_kinds *kinds, rf_side side)
{
    return side == RF_USER ? "user" : rf_kind_name(kinds, rf_side_kind(side));
}

/* ---- extract_select.c ---- fills nodes, edges and their counts. O(n_u + n_v + n_e). */
RF_MUST_CHECK rf_status rf_extract_select(rf_extract *extract, rf_err *err);
/* ---- extract_layout.c ---- fills x and y of all nodes. */
RF_MUST_CHECK rf_status rf_extract_layout(rf_extract *extract, rf_err *err);
/* ---- extract_style.c ---- fills the names of the looks, and the legends; nodes and edges are selected. */
RF_MUST_CHECK rf_status rf_extract_legend(rf_extract *extract, rf_err *err);
/* ---- extract_hubs.c ---- fills hub_users, [n] of each kind with hubs: how many users each has, and
 * met_hubs, from options->graph_file; without it both stay empty. The extract's nodes are selected. */
RF_MUST_CHECK rf_status rf_extract_hubs(rf_extract *extract, rf_err *err);
void rf_extract_hubs_clear(rf_extract *extract);
/* ---- extract_attributes.c ---- makes both tables: what graph and scores hold, nothing else. */
RF_MUST_CHECK rf_status rf_extract_columns(rf_extract *extract, rf_err *err);
/* ---- extract_note.c ---- title and note. */
RF_MUST_CHECK rf_status rf_extract_describe(rf_extract *extract, rf_err *err);

#endif
