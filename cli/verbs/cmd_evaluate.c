/* cmd_evaluate.c - metrics of scores against the graph's labels, as tables or as JSON. */
#include "cli_int.h"
#include "rf_log.h"
#include "rf_report.h"

const rf_opt rf_opts_evaluate[] = {
    {"scores", "FILE", "score.output", NULL},
    {"graph", "FILE", "graph.file", "The graph that was scored, with labels."},
    {"json", NULL, NULL, "Prints one JSON object instead of tables."},
    {"k", "N[,N]...", "evaluate.k", NULL},
    {"percentile", "P[,P]...", "evaluate.percentile", NULL},
    {0},
};

static bool has_labels(const rf_graph *graph)
{
    bool any = false;
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++)
        any |= graph->side[s].y != NULL;
    return any;
}

rf_status rf_cmd_evaluate(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_loaded scored = {0};
    rf_evaluation *evaluation = NULL;
    rf_json *json = NULL;
    rf_text text = {0};
    RF_TRY(rf_load_scored(&scored, &cli->job, RF_GRAPH_LABELS, err));
    RF_TRY(rf_evaluate(&evaluation, scored.graph, scored.scores, &cli->job.settings->evaluate, err));
    rf_report_upside_down(evaluation);
    if (!has_labels(scored.graph))
        rf_log(RF_LOG_WARN,
               "the graph has no labels, so there is nothing to compare the scores with: fields.label "
               "names the column that has them");
    if (rf_args_has(&cli->args, "json")) {
        RF_TRY(rf_json_new(&json, err));
        rf_evaluate_json(json, evaluation);
        RF_TRY(rf_cli_add_json(&text, json, err));
    } else {
        RF_TRY(rf_report_evaluation(&text, evaluation, err));
    }
    RF_TRY(rf_cli_print(&text, err));
done:
    rf_text_clear(&text);
    rf_json_free(json);
    rf_evaluation_free(evaluation);
    rf_loaded_clear(&scored);
    return st;
}
