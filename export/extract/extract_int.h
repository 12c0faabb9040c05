/* extract_int.h - a part of the graph small enough to look at, and everything that is said about it: what all
 * formats of `ringfence export` write, each in its own way.
 *
 *   select     which nodes and edges                      export_subjects.c, export_select.c,
 * export_context.c columns    what each of them says: one typed table    export_columns.c,
 * export_case_columns.c, reason_text.c style      colour, size, short label, place           export_style.c,
 * export_legend.c, export_layout.c writers    begin, node …, edge …, end                 graphml.c gexf.c
 * neo4j.c cx2.c cytoscapejs.c dot.c
 */
#ifndef RF_EXTRACT_INT_H
#define RF_EXTRACT_INT_H

#include "export_int.h"
#include "rf_explain.h"
#include "rf_export.h"
#include "rf_file.h"

typedef enum rf_role {                    /* why a node is here */
                       RF_ROLE_NONE,      /* it is not */
                       RF_ROLE_CUT,       /* it would be, but for the cap */
                       RF_ROLE_SUBJECT,   /* chosen by the selection */
                       RF_ROLE_NEIGHBOUR, /* reached from a subject within the hops */
                       RF_ROLE_CONTEXT    /* ordinary, for comparison */
} rf_role;

typedef struct rf_extract_node {
    bool is_entity;
    uint32_t row; /* of the graph's users or entities */
    uint8_t role; /* rf_role */
    float x, y;   /* points, y upwards, the middle of the picture at 0, 0 */
} rf_extract_node;

typedef struct rf_extract_edge {
    uint32_t row;      /* of the graph's edges */
    uint32_t from, to; /* numbers of its user and entity among the extract's nodes */
} rf_extract_edge;

typedef struct rf_color {
    unsigned char r, g, b;
} rf_color;

typedef struct rf_look { /* what a colour says */
    const char *name;    /* the surest tag, or how high an untagged one stands: "user, top 1 %" */
    rf_color color;
    bool is_tag;
} rf_look;

typedef struct rf_legend_entry {
    rf_look look;
    int64_t n; /* nodes (edges) that look so */
} rf_legend_entry;

typedef struct rf_legend { /* tags first, the most frequent ahead; then the untagged, the highest ahead */
    rf_legend_entry *at;
    int n;
    size_t cap;
} rf_legend;

struct rf_columns;
typedef struct rf_extract {
    const rf_findings *findings; /* tags, clusters and suppressions may be NULL */
    const rf_graph *graph;       /* the findings' */
    const rf_scores *scores;
    const rf_export_options *options;
    rf_extract_node *nodes; /* users in the graph's order, then entities in theirs */
    rf_extract_edge *edges; /* in the graph's order */
    rf_export_result counts;
    struct rf_columns *node_columns, *edge_columns;
    rf_legend node_legend, edge_legend; /* the colours that occur */
    rf_text title, note; /* "top-users=50", and what was chosen, cut and from which run, in sentences */
} rf_extract;

/* ---- export_select.c ---- fills nodes, edges and their counts. O(n_u + n_v + n_e). */
RF_MUST_CHECK rf_status rf_extract_select(rf_extract *extract, rf_err *err);

/* What export_select.c and export_context.c share: who is in so far. */
typedef struct rf_members {
    const rf_graph *graph;
    const rf_scores *scores;
    uint8_t *role[2];    /* [n_u], [n_v]: rf_role */
    int64_t n, most;     /* members, and how many there may be */
    int64_t subjects[2]; /* of each kind */
    bool some_were_cut;  /* neighbours, by the cap */
} rf_members;

typedef struct rf_candidate {
    uint32_t row;
    bool is_entity;
} rf_candidate;

typedef struct rf_candidates { /* a growing list */
    rf_candidate *at;
    int64_t n;
    size_t cap;
} rf_candidates;
RF_MUST_CHECK rf_status rf_candidates_add(rf_candidates *list, uint32_t row, bool is_entity, rf_err *err);
/* Only the `most` lowest keys stay, equal ones in the order of the list; the list is then in ascending order
 * of key. key: [list->n], free to be any finite numbers. O(n). */
RF_MUST_CHECK rf_status rf_candidates_keep(rf_candidates *list, const rf_real *key, int64_t most,
                                           rf_err *err);
/* Only the `most` of highest percentile stay, the highest first. */
RF_MUST_CHECK rf_status rf_candidates_keep_highest(rf_candidates *list, const rf_scores *scores, int64_t most,
                                                   rf_err *err);

/* ---- export_subjects.c ---- whom the selection chooses: at least one. */
RF_MUST_CHECK rf_status rf_subjects_choose(rf_candidates *list, const rf_extract *extract, rf_err *err);
/* Only `most` of them stay: those with the highest percentile, for a tag the surest. */
RF_MUST_CHECK rf_status rf_subjects_keep(rf_candidates *list, const rf_extract *extract, int64_t most,
                                         rf_err *err);
/* The cluster that was selected; NULL when something else was. */
const rf_cluster *rf_subjects_cluster(const rf_extract *extract);

/* Neighbours of a node: its k-th edge, 0 <= k < rf_members_degree. */
int64_t rf_members_degree(const rf_members *members, rf_candidate node);
uint32_t rf_members_neighbour(const rf_members *members, rf_candidate node, int64_t k);

/* ---- export_context.c ---- adds up to `most` ordinary nodes for each kind that has subjects. Those that are
 * neighbours count, unless some were cut: what is left then are the highest. */
RF_MUST_CHECK rf_status rf_members_add_context(rf_members *members, int64_t most, rf_err *err);

/* ---- export_columns.c ---- the attribute table. */
typedef enum rf_column_type {
    RF_COLUMN_TEXT,
    RF_COLUMN_NUMBER, /* a float, as all scores and features are */
    RF_COLUMN_WHOLE,
    RF_COLUMN_TIME, /* microseconds since the epoch, UTC */
    RF_COLUMN_BOOL,
    RF_COLUMN_LIST /* of texts */
} rf_column_type;

typedef struct rf_value {
    bool there; /* an absent value is left out, or empty where the format has no other way */
    double number;
    int64_t whole; /* also a time */
    bool yes;
    const char *text;        /* also a list, joined: see rf_value_text */
    const char *const *list; /* texts and lists live until the next value is read */
    int n_list;
} rf_value;

typedef struct rf_subject { /* a node or an edge of the extract, as the graph and the scores know it */
    rf_side kind;
    int64_t row;
    const rf_graph_side *graph;
    const rf_score_side *scores;
    const rf_tag_side *tags; /* or NULL */
    uint8_t role;            /* of a node */
} rf_subject;
rf_subject rf_extract_subject(const rf_extract *extract, bool is_edge, int64_t i);

typedef struct rf_scratch { /* where values live until the next one is read */
    rf_text text;
    const char **list;
    int n_list;
    size_t cap;
    rf_explanation explained; /* of the subject last explained: several columns tell of it */
    rf_side explained_kind;
    int64_t explained_row; /* -1: none yet */
} rf_scratch;

typedef struct rf_column rf_column;
struct rf_column {
    char key[64];    /* lower-case letters, digits and _: good everywhere; unlike any other of its table */
    char about[256]; /* plain text */
    rf_column_type type;
    bool is_id; /* the very text that the events had: no format may change a byte that it need not */
    rf_status (*read)(rf_value *out, const rf_column *column, const rf_extract *extract,
                      const rf_subject *subject, rf_scratch *scratch, rf_err *err);
    bool is_feature;
    rf_side kind; /* features: whose */
    int place;    /* features: column of x; reasons: which of them */
};

typedef struct rf_columns {
    rf_column *at;
    int n;
    size_t cap;
    bool of_edges;
    rf_scratch scratch;
} rf_columns;

/* Makes both tables of the extract: what graph and scores hold, nothing else. */
RF_MUST_CHECK rf_status rf_extract_columns(rf_extract *extract, rf_err *err);
void rf_columns_free(rf_columns *columns);
/* Value of column c for node or edge i. A number that is not finite is absent. */
RF_MUST_CHECK rf_status rf_columns_read(rf_value *out, rf_columns *columns, int c, const rf_extract *extract,
                                        int64_t i, rf_err *err);
/* The column of this key, or NULL. */
const rf_column *rf_columns_find(const rf_columns *columns, const char *key);
/* One more column; key in any letters, made unlike the others. */
RF_MUST_CHECK rf_status rf_columns_add(rf_columns *columns, const char *key, const char *about,
                                       rf_column column, rf_err *err);

/* ---- export_case_columns.c ---- what tagging, clustering and suppressing found out. */
RF_MUST_CHECK rf_status rf_columns_add_tags(rf_columns *columns, const rf_extract *extract, rf_err *err);
RF_MUST_CHECK rf_status rf_columns_add_case(rf_columns *columns, const rf_extract *extract, rf_err *err);

/* ---- export_features.c ---- the n columns of x that matter here, in ascending order: those with the largest
 * share of the error among the extract's rows of this kind; the first ones where the scores have no reasons.
 */
#define RF_MAIN_FEATURES 8
RF_MUST_CHECK rf_status rf_main_features(int out[RF_MAIN_FEATURES], int *n, const rf_extract *extract,
                                         rf_side kind, rf_err *err);

/* ---- reason_text.c ---- "amount_max 812.5 instead of 41.2 (63 %); count 90 instead of 3 (21 %)". */
RF_MUST_CHECK rf_status rf_reason_text(rf_text *out, const rf_subject *subject, rf_err *err);

/* ---- evidence_text.c ---- the signals of a subject's tags: "promo_abuse: share of orders paid by coupon
 * 0.97 (above 0.6, percentile 0.998); … | velocity_bot: …". */
RF_MUST_CHECK rf_status rf_evidence_text(rf_text *out, const rf_extract *extract, const rf_subject *subject,
                                         rf_err *err);

/* ---- export_style.c ---- */
/* Colours of tags, told apart also by who does not see all colours: one for each shipped type and for
 * unknown_pattern; types of a user's own get a darker one, by their name. */
rf_color rf_tag_color(const char *type);
rf_look rf_node_look(const rf_extract *extract, const rf_extract_node *node);
rf_look rf_edge_look(const rf_extract *extract, const rf_extract_edge *edge);
rf_color rf_node_color(const rf_extract *extract, const rf_extract_node *node); /* of its look */
rf_color rf_edge_color(const rf_extract *extract, const rf_extract_edge *edge);
/* Why it never becomes an action; NULL where nothing keeps it from that. */
const rf_suppression *rf_node_suppression(const rf_extract *extract, const rf_extract_node *node);
/* Width of a node's border in points: subjects and suppressed ones have one. */
double rf_node_border(const rf_extract *extract, const rf_extract_node *node);
char *rf_color_format(char out[8], rf_color color);                           /* "#rrggbb"; returns out */
double rf_node_size(const rf_extract *extract, const rf_extract_node *node);  /* diameter in points */
double rf_edge_width(const rf_extract *extract, const rf_extract_edge *edge); /* points; also its weight */
const char *rf_role_name(uint8_t role);
/* A short form of a node's id to read, not to look up: at most 40 characters, without line breaks, control
 * characters and marks that turn the direction of writing. */
RF_MUST_CHECK rf_status rf_node_label(rf_text *out, const rf_extract *extract, const rf_extract_node *node,
                                      rf_err *err);
/* The same of any text. */
RF_MUST_CHECK rf_status rf_short_text(rf_text *out, const char *text, rf_err *err);

/* ---- export_legend.c ---- fills the legends; nodes and edges are selected. */
RF_MUST_CHECK rf_status rf_extract_legend(rf_extract *extract, rf_err *err);

/* ---- export_layout.c ---- fills x and y of all nodes. */
RF_MUST_CHECK rf_status rf_extract_layout(rf_extract *extract, rf_err *err);
/* ---- export_pack.c ---- xy: [nodes, 2], places of any unit in, points out: a node has `room` on average,
 * and parts that no edge joins stand side by side, the largest first. O(nodes log nodes + edges). */
RF_MUST_CHECK rf_status rf_extract_pack(double *xy, const rf_extract *extract, double room, rf_err *err);

/* ---- export_note.c ---- title and note. */
RF_MUST_CHECK rf_status rf_extract_describe(rf_extract *extract, rf_err *err);

/* ---- plain_text.c ---- any bytes as text that a format can hold, losslessly.
 *
 * What cannot stand as it is becomes \u{HEX} (a character) or \x{HEX} (a byte that is no UTF-8); a backslash
 * in front of u{ or x{ becomes \u{5C}, so that the text can be turned back. */
enum {
    RF_PLAIN_UTF8 = 0, /* only broken UTF-8 is replaced */
    RF_PLAIN_XML = 1,  /* also what XML 1.0 cannot hold */
    RF_PLAIN_DOT = 2,  /* also line breaks, and a backslash before a quote, a backslash or the end */
    RF_PLAIN_LIST = 4  /* also ; */
};
RF_MUST_CHECK rf_status rf_plain_add(rf_text *out, const char *text, unsigned how, rf_err *err);

/* ---- draft.c ---- a file that is written piece by piece; the first failure sticks and ends it. */
typedef struct rf_draft {
    rf_file *file;
    rf_text buffer, plain;
    rf_status status;
    rf_err err;
} rf_draft;
RF_MUST_CHECK rf_status rf_draft_open(rf_draft *draft, const char *path, rf_err *err);
void rf_draft_bytes(rf_draft *draft, const char *bytes, size_t len);
void rf_draft_text(rf_draft *draft, const char *text);
void rf_draft_printf(rf_draft *draft, const char *format, ...) RF_PRINTF(2, 3);
/* text, as rf_plain_add has it; lives until the next call. "" after a failure. */
const char *rf_draft_plain(rf_draft *draft, const char *text, unsigned how);
RF_MUST_CHECK rf_status rf_draft_commit(rf_draft *draft, rf_err *err); /* or what went wrong before */
void rf_draft_clear(rf_draft *draft);                                  /* drops what was not committed */

/* ---- xml_text.c ---- elements and attributes on a draft; text is escaped, losslessly. */
typedef struct rf_xml {
    rf_draft draft;
    const char *open[8];
    int depth;
    bool in_tag, has_children;
} rf_xml;
void rf_xml_open(rf_xml *xml, const char *element);
void rf_xml_attr(rf_xml *xml, const char *name, const char *value);
void rf_xml_attrf(rf_xml *xml, const char *name, const char *format, ...) RF_PRINTF(3, 4);
void rf_xml_text(rf_xml *xml, const char *text);
void rf_xml_close(rf_xml *xml);

/* ---- value_text.c ---- a value as text in its type's usual form: shortest float, decimal, ISO 8601, true or
 * false, a list's texts (each spelled by RF_PLAIN_LIST) joined by ;. */
const char *rf_value_text(const rf_value *value, rf_column_type type, char buffer[RF_TIME_TEXT]);

/* ---- json_draft.c ---- JSON values on a draft, piece by piece; strings are lossless, and no piece holds
 * "</", so that the file may be pasted into a page. */
typedef struct rf_json_draft {
    rf_draft draft;
    rf_json *json; /* the piece being made; after rf_json_draft_put: empty */
} rf_json_draft;
RF_MUST_CHECK rf_status rf_json_draft_open(rf_json_draft *js, const char *path, rf_err *err);
void rf_json_draft_string(rf_json_draft *js, const char *text);
void rf_json_draft_field(rf_json_draft *js, const char *key, const char *text);
void rf_json_draft_value(rf_json_draft *js, const rf_value *value,
                         rf_column_type type); /* times as ISO 8601 */
/* The fields of one node or edge that are there, into the open map. */
RF_MUST_CHECK rf_status rf_json_draft_columns(rf_json_draft *js, rf_columns *columns,
                                              const rf_extract *extract, int64_t i, rf_err *err);
void rf_json_draft_put(rf_json_draft *js, const char *before,
                       const char *after); /* the piece between two texts */
void rf_json_draft_clear(rf_json_draft *js);

/* ---- cx2_style.c ---- the aspect visualProperties. */
void rf_cx2_put_style(rf_json_draft *js, const rf_extract *extract);

/* ---- writers ---- */
typedef struct rf_writer {
    const char *name; /* as in --format */
    size_t size;      /* of its state, zeroed before begin */
    rf_status (*begin)(void *state, rf_extract *extract, const char *path, rf_err *err);
    rf_status (*node)(void *state, rf_extract *extract, int64_t i, rf_err *err);
    rf_status (*edge)(void *state, rf_extract *extract, int64_t i, rf_err *err);
    rf_status (*end)(void *state, rf_extract *extract, rf_err *err); /* makes the file appear */
    void (*clear)(void *state);                                      /* drops what did not */
} rf_writer;
extern const rf_writer rf_writer_graphml, rf_writer_gexf, rf_writer_neo4j, rf_writer_cx2,
    rf_writer_cytoscapejs, rf_writer_dot, rf_writer_html;
/* plain_text.c: a node's key, where users and entities share one space of names: "user:ID" or "entity:ID",
 * the same from run to run. Letters, digits, '.', '_' and '-' of the id stand as they are, every other byte
 * as ":HH". */
RF_MUST_CHECK rf_status rf_node_key(rf_text *out, const rf_extract *extract, int64_t i, rf_err *err);

#endif
