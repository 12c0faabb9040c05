/* html_int.h - what the files of the page's writer share: the data of one page, made piece by piece.
 *
 *   html.c              the page: the parts around the data, and the rows
 *   html_json.c         numbers as JavaScript holds them, looks by number
 *   html_population.c   how the scores of the whole graph are distributed
 *   html_evidence.c     why a subject has its score: parts, sentence, reasons, neighbours
 *   html_times.c        when the events of each edge happened
 *   html_amounts.c      means and sums of the events' own numbers, for each edge
 *   html_past.c         what earlier runs said of a subject or a cluster, and who joined and left
 *   html_findings.c     rules, signals, tags, clusters and suppressions
 *
 * The page reads it in export/page/src/data.js, which must know every field written here.
 */
#ifndef RF_HTML_INT_H
#define RF_HTML_INT_H

#include "rf_pair_times.h"
#include "writer_int.h"

#define RF_PAGE_ATTRIBUTES 2
#define RF_PAGE_AMOUNTS (2 * RF_PAGE_ATTRIBUTES) /* of each the mean and the sum */

typedef struct rf_page {
    rf_json_draft js;
    rf_text text;
    rf_look *looks; /* of nodes and edges, in the order of their legends */
    int n_looks;
    size_t looks_cap;
    struct {
        int columns[RF_PAGE_AMOUNTS]; /* of the kind's edges */
        int n;
    } amounts[RF_KINDS_MOST];
    rf_pair_times times[RF_KINDS_MOST]; /* of each kind's edges */
    int64_t first_edge[RF_KINDS_MOST];  /* of the kind, among all */
    int64_t step_us;                    /* in which the page counts them; 0: the file does not say */
    int64_t first_step;                 /* the earliest one */
    bool in_edges;
    const char *rest; /* of the page, after the data */
} rf_page;

/* ---- html_json.c ---- */
void rf_page_number(rf_page *page, double value); /* as a float; null where it is not finite */
void rf_page_short(rf_page *page, double value);  /* four digits of it, enough to be drawn */
/* A whole number; a string where a double would not hold it. */
void rf_page_whole(rf_page *page, int64_t value);
void rf_page_field(rf_page *page, const char *key, double value);
void rf_page_count(rf_page *page, const char *key, int64_t value);
#define RF_PAGE_SIDE (RF_KIND_NAME + 8)
/* What the page calls a side: "user", "entity" or "device", "edge" or "edge:device". Returns out. */
const char *rf_page_side(char out[RF_PAGE_SIDE], const rf_kinds *kinds, rf_side side);
/* The look's number in the palette, which takes it where it is new. */
RF_MUST_CHECK rf_status rf_page_look(int *out, rf_page *page, rf_look look, rf_err *err);
void rf_page_palette(rf_page *page); /* a map's field: [colour, meaning, whether that is a tag] */

/* ---- html_population.c ---- a map's field: histograms of the scores of all users, entities and edges. */
void rf_page_population(rf_page *page, const rf_extract *extract);

/* ---- html_evidence.c ---- items of an open array, for a node or an edge. */
void rf_page_evidence(rf_page *page, const rf_extract *extract, const rf_subject *subject);
/* A map's field: the names of all features by rf_page_side; reasons go by number. */
void rf_page_features(rf_page *page, const rf_extract *extract);
/* Number of a node, or of an edge, among those of the extract; -1: it is not there. O(log n). */
int64_t rf_page_find_node(const rf_extract *extract, rf_side side, uint32_t row);
int64_t rf_page_find_edge(const rf_extract *extract, rf_side side, uint32_t row);

/* ---- html_times.c ---- */
RF_MUST_CHECK rf_status rf_page_times_read(rf_page *page, const rf_extract *extract, rf_err *err);
/* A map's field: where the steps begin, and how long one is; null where the file does not say. */
void rf_page_times_head(rf_page *page);
/* An item of an open array, of edge i of the extract: [steps since the last one, events, ...]; null where the
 * file does not say. */
void rf_page_times(rf_page *page, int kind, int64_t i);

/* ---- html_amounts.c ---- */
/* Finds the columns of the first number attributes of a kind's edges; before the others. */
void rf_page_amounts_find(rf_page *page, int kind, const rf_graph_side *edges);
/* An open array's item: of which attribute each amount is, and whether it is a mean, a sum or a value. */
void rf_page_amounts_head(rf_page *page, int kind, const rf_graph_side *edges);
/* An item of an open array: the edge's amounts in raw units; null without data. */
void rf_page_amounts(rf_page *page, int kind, const rf_graph_side *edges, int64_t row);

/* ---- html_past.c ---- */
/* A map's field: what emissions of earlier runs said of the nodes that are shown. */
RF_MUST_CHECK rf_status rf_page_past(rf_page *page, const rf_extract *extract, rf_err *err);
/* Fields of a cluster's map: the same of it, and its members that came and went since the last run. */
RF_MUST_CHECK rf_status rf_page_cluster_past(rf_page *page, const rf_extract *extract, int64_t cluster,
                                             rf_err *err);

/* ---- html_findings.c ---- */
/* Fields of a map: the rules, signals, clusters and suppressions to which shown nodes and edges refer. */
RF_MUST_CHECK rf_status rf_page_findings(rf_page *page, const rf_extract *extract, rf_err *err);
/* An item of an open array: the subject's tags with their evidence. */
void rf_page_tags(rf_page *page, const rf_extract *extract, const rf_subject *subject);

#endif
