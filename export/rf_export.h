/* rf_export.h - writes a part of the scored graph as a file for a graph tool: the chosen subjects, their
 * neighbours, and ordinary subjects for comparison.
 *
 * All formats hold the same data (docs/FORMATS.md, exports). The same graph, scores and
 * options give the same bytes.
 */
#ifndef RF_EXPORT_H
#define RF_EXPORT_H

#include <stdbool.h>

#include "rf_alert_history.h"
#include "rf_cluster_changes.h"
#include "rf_findings.h"

typedef enum rf_select_type {
    RF_SELECT_TOP_USERS,
    RF_SELECT_TOP_ENTITIES,
    RF_SELECT_AROUND,
    RF_SELECT_AROUND_ENTITY,
    RF_SELECT_PERCENTILE,
    RF_SELECT_TAG,
    RF_SELECT_CLUSTER,
    RF_SELECT_RING /* the highest user and the few that stand out with it; rf_export_ring's */
} rf_select_type;

typedef struct rf_selection {
    rf_select_type type;
    int64_t top;       /* how many */
    double percentile; /* users and entities at or above it */
    const char *name;  /* the user's or entity's id, the tag's type, the cluster's id or "worst"; borrowed */
    const char *text;  /* as it was given; borrowed */
    char kind[RF_KIND_NAME]; /* of the entities that are selected; "": the main one */
} rf_selection;

/* "top-users=N", "top-entities=N", "around=USER", "around-entity=ENTITY", "percentile=P", "tag=TYPE" or
 * "cluster=ID"; of a kind of entity "top-KIND=N" and "around-KIND=ENTITY". RF_E_INVALID says what is wrong
 * with it. */
RF_MUST_CHECK rf_status rf_selection_parse(rf_selection *out, const char *text, rf_err *err);

typedef struct rf_export_options {
    const char *format; /* a name of RF_EXPORT_FORMATS */
    rf_selection select;
    int hops; /* around the subjects; 0: 2 of a user or entity, the bridges of a cluster, else 1 */
    int64_t max_nodes, max_edges;
    const char *path; /* a file ("-" is stdout); a folder for neo4j */
    /* What else is known, for the formats that show it; borrowed, NULL: nothing. */
    rf_h5 *graph_file;                 /* that the graph was read from: when the events of each pair were */
    rf_alert_history *history;         /* what was said of whom before */
    const rf_cluster_changes *changes; /* who joined and left the clusters, which are the findings' */
} rf_export_options;
#define RF_EXPORT_MAX_NODES 5000
#define RF_EXPORT_MAX_EDGES 20000
void rf_export_options_default(rf_export_options *options);

/* Every format: its name, as in --format and rf_writer_NAME, and what opens it. In alphabetical order. */
/* clang-format off */
#define RF_EXPORT_FORMATS(FORMAT, BETWEEN) \
    FORMAT(cx2, "Cytoscape, NDEx") BETWEEN \
    FORMAT(cytoscapejs, "web pages") BETWEEN \
    FORMAT(dot, "Graphviz") BETWEEN \
    FORMAT(gexf, "Gephi with its timeline") BETWEEN \
    FORMAT(graphml, "Gephi, NetworkX, igraph") BETWEEN \
    FORMAT(html, "a page for any browser") BETWEEN \
    FORMAT(neo4j, "Neo4j and Bloom") BETWEEN \
    FORMAT(svg, "one picture")
/* clang-format on */
const char *const *rf_export_formats(void); /* the names, NULL-terminated */

typedef struct rf_export_result {
    int64_t nodes, edges;
    int64_t subjects, neighbours, context; /* of the nodes */
    int64_t nodes_cut, edges_cut;          /* found, but left out by max_nodes and max_edges */
} rf_export_result;

/* findings->graph with features, ids, edge ids and activity loaded; what there is of tags, clusters and
 * suppressions is said of every node and edge. RF_E_INVALID: no such format, user, tag, cluster, or subject;
 * RF_E_FORMAT: two subjects of a kind share an id. O(n_u + n_v + n_e), and the layout. */
RF_MUST_CHECK rf_status rf_export_write(rf_export_result *result, const rf_findings *findings,
                                        const rf_export_options *options, rf_err *err);

/* The worst ring as one SVG picture, few enough to draw: the highest user, its worst edges, and who else is
 * on those entities. */
RF_MUST_CHECK rf_status rf_export_ring(const rf_findings *findings, const char *path, rf_err *err);

#endif
