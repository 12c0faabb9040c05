/* made_scores.c - see made_scores.h. */
#include "made_scores.h"

#include "rf_check.h"

rf_scores *made_scores_by(const rf_graph *graph, const rf_score_options *options)
{
    rf_scores *scores = NULL;
    rf_err err = {0};
    rf_score_options defaults;
    rf_score_options_default(&defaults);
    defaults.method = RF_METHOD_GRAPHBEAN;
    rf_outputs *outputs = made_outputs(graph, 5);
    RF_CHECK_OK(err,
                rf_score_outputs(&scores, graph, outputs, options != NULL ? options : &defaults, NULL, &err));
    rf_scores_name(scores, graph, "00112233aabbccdd", INT64_C(1525132800000000));
    made_outputs_free(outputs);
    return scores;
}

rf_scores *made_scores(const rf_graph *graph)
{
    return made_scores_by(graph, NULL);
}

made_scored made_scored_of(made_shape shape)
{
    made_scored m = {.graph = made_graph(shape)};
    m.scores = made_scores(m.graph);
    m.findings = (rf_findings){.graph = m.graph, .scores = m.scores};
    return m;
}

void made_scored_free(made_scored *m)
{
    rf_scores_free(m->scores);
    rf_graph_free(m->graph);
}
