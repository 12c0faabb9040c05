/* rf_explain.h - why a subject's score is what it is: features, edges, neighbours, structure, one sentence.
 *
 * All shares of one explanation's parts add up to one: own features + edges' features + structure = 1, and
 * within the features those named + `rest_share` = 1. Computed from graph and scores when asked; nothing of
 * it is stored.
 */
#ifndef RF_EXPLAIN_H
#define RF_EXPLAIN_H

#include "rf_graph.h"
#include "rf_score.h"

#define RF_EXPLAIN_EDGES 5

typedef struct rf_explain_feature {
    int column;                /* of the graph's side */
    char name[64];             /* raw name (cut if longer) */
    double observed, expected; /* raw units; observed NaN: no data, the mean stood in */
    double share;              /* of the row's squared error */
} rf_explain_feature;

typedef struct rf_explain_edge { /* an edge of the node, its worst first; for an edge subject: none */
    uint32_t edge, neighbour;    /* row of the edge, and of the node at its other end */
    double score, percentile;
    double share; /* of the node's score that this edge explains; those listed + rest_edges = edges' part */
} rf_explain_edge;

typedef struct rf_explanation {
    double own_share;       /* of the score: the subject's own features */
    double edge_share;      /* its edges' features; 0 for an edge (they are its own) */
    double structure_share; /* eta * ce: that these edges exist at all */
    int n_features;
    rf_explain_feature features[RF_MAX_REASONS];
    double rest_share; /* of the squared error: columns not named */
    int n_edges;
    rf_explain_edge edges[RF_EXPLAIN_EDGES];
    double rest_edges;
    char sentence[256]; /* plain words, whole UTF-8 characters, without ids: "Its amount_max is 812.50
                           where 41.20 was expected." */
} rf_explanation;

/* side RF_USER, RF_ENTITY or RF_EDGE; graph with features. O(degree). */
void rf_explain(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                int64_t row);

#endif
