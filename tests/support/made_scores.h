/* made_scores.h - scores of a made graph, for tests that need some. */
#ifndef RF_MADE_SCORES_H
#define RF_MADE_SCORES_H

#include "made_graph.h"
#include "rf_findings.h"
#include "rf_score.h"

/* Scores of made_outputs with seed 5, named. options NULL: the defaults. Free with rf_scores_free. */
rf_scores *made_scores_by(const rf_graph *graph, const rf_score_options *options);
rf_scores *made_scores(const rf_graph *graph);

/* A made graph with its scores. Free with made_scored_free. */
typedef struct made_scored {
    rf_graph *graph;
    rf_scores *scores;
    rf_findings findings; /* of these two, nothing else */
} made_scored;

made_scored made_scored_of(made_shape shape);
void made_scored_free(made_scored *m);

#endif
