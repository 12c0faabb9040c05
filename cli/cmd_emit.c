/* cmd_emit.c - scores above the threshold become action messages, and the worst ring a picture. */
#include "rf_log.h"
#include "rf_table.h"
#include "settings.h"

#include <string.h>

const rf_opt rf_opts_emit[] = {
    {"graph", "FILE", "graph.file", "The graph that was scored."},
    {"scores", "FILE", "score.output", NULL},
    {"to", "KIND", "emit.to", NULL},
    {"path", "FILE", "emit.path", NULL},
    {"threshold-percentile", "SHARE", "emit.threshold.percentile", NULL},
    {"threshold-score", "SCORE", "emit.threshold.score", NULL},
    {"top", "N", "emit.threshold.top", NULL},
    {"max-reasons", "N", "emit.max_reasons", NULL},
    {"source", "NAME", "emit.source", NULL},
    {"envelope", NULL, "emit.envelope", NULL},
    {"picture", "FILE", "emit.picture", NULL},
    {"summary", "FILE", NULL, "Writes what was done as JSON."},
    {0},
};

static void report(rf_cli *cli, const rf_emit_result *result, const char *path)
{
    char n[4][32];
    cli->summary.has_actions = true;
    cli->summary.actions = result->users + result->entities + result->edges;
    rf_log(RF_LOG_INFO, "%s: %s actions (%s users, %s entities, %s edges)",
           strcmp(path, "-") == 0 ? "standard output" : path, rf_count_format(n[0], cli->summary.actions),
           rf_count_format(n[1], result->users), rf_count_format(n[2], result->entities),
           rf_count_format(n[3], result->edges));
}

rf_status rf_step_emit(rf_cli *cli, const rf_graph *graph, const rf_scores *scores, const char *picture,
                       rf_err *err)
{
    rf_status st = RF_OK;
    rf_emit_options options;
    rf_emit_result result = {0};
    RF_TRY(rf_settings_emit(&options, cli->config, err));
    RF_TRY(rf_cli_path(cli, "emit.path", cli->config->emit.path, &options.path, err));
    RF_TRY(rf_cli_make_output(cli, err));
    rf_cli_clean_beside(options.path);
    RF_TRY(rf_emit_jsonl(&result, graph, scores, &options, err));
    memcpy(cli->summary.run_id, scores->run_id, sizeof cli->summary.run_id);
    report(cli, &result, options.path);
    if (strcmp(options.path, "-") != 0)
        RF_TRY(rf_summary_add_file(&cli->summary, options.path, err));
    if (picture != NULL) {
        rf_cli_clean_beside(picture);
        RF_TRY(rf_picture_worst_ring(graph, scores, picture, err));
        RF_TRY(rf_summary_add_file(&cli->summary, picture, err));
    }
done:
    return st;
}

rf_status rf_cmd_emit(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_graph *graph = NULL;
    rf_scores *scores = NULL;
    const char *graph_path, *scores_path, *picture;
    rf_summary_begin(&cli->summary);
    RF_TRY(rf_cli_path(cli, "graph.file", cli->config->graph.file, &graph_path, err));
    RF_TRY(rf_cli_path(cli, "score.output", cli->config->score.output, &scores_path, err));
    RF_TRY(rf_cli_path(cli, "emit.picture", cli->config->emit.picture, &picture, err));
    RF_TRY(rf_graph_load(&graph, graph_path, RF_GRAPH_ALL, err));
    RF_TRY(rf_scores_load(&scores, scores_path, graph, err));
    RF_TRY(rf_cli_check_signal("nothing was written, the same command starts again", err));
    RF_TRY(rf_step_emit(cli, graph, scores, picture, err));
    rf_summary_end(&cli->summary, "emit");
    RF_TRY(rf_cli_summary(cli, err));
done:
    rf_scores_free(scores);
    rf_graph_free(graph);
    return st;
}
