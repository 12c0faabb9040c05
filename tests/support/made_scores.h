/* made_scores.h - scores of a made graph, for tests that need some. */
#ifndef RF_MADE_SCORES_H
#define RF_MADE_SCORES_H

#include "made_graph.h"
#include "rf_score.h"

/* Scores of made_outputs with seed 5, named. options NULL: the defaults. Free with rf_scores_free. */
rf_scores *made_scores_by(const rf_graph *graph, const rf_score_options *options);
rf_scores *made_scores(const rf_graph *graph);

#endif
