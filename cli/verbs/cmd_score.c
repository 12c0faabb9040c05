/* cmd_score.c - graph.h5 and model.h5 into scores.h5. */
#include "cli_int.h"
#include "rf_log.h"
#include "rf_model.h"
#include "rf_progress.h"
#include "rf_table.h"
#include "rf_text.h"

#include <string.h>

const rf_opt rf_opts_score[] = {
    {"graph", "FILE", "graph.file", "The graph to score."},
    {"model", "FILE", "train.model", NULL},
    {"output", "FILE", "score.output", NULL},
    {"method", "HOW", "score.method", NULL},
    {"agg", "HOW", "score.agg", NULL},
    {"eta", "WEIGHT", "score.eta", NULL},
    {"frozen", NULL, "score.frozen", NULL},
    {"calibration", "FILE", "score.calibration", NULL},
    {"reasons", "N", "score.reasons", NULL},
    RF_OPT_NO_CPU_SWITCH,
    RF_OPT_SUMMARY,
    RF_OPT_METRICS,
    {0},
};

/* Frozen scores match columns by name; the log lists what could not be matched. */
static void report_columns(const rf_scores *scores, const char *model)
{
    const rf_column_fit *fit = &scores->fit;
    if (!scores->frozen)
        return;
    if (fit->unnamed > 0)
        rf_log(RF_LOG_WARN,
               "%s: the model or the graph has no column names: columns are matched by position, in the "
               "graph's units",
               model);
    if (fit->unknown > 0 || fit->constant > 0)
        rf_log(
            RF_LOG_INFO,
            "%s: columns of the graph that the model does not know, ignored: %d; columns of the model that "
            "are constant in the graph: %d",
            model, fit->unknown, fit->constant);
    if (fit->others > 0 || fit->absent > 0)
        rf_log(RF_LOG_INFO,
               "%s: columns of a category's values: %d of the graph alone, taken as other; %d of the model "
               "alone, taken as 0",
               model, fit->others, fit->absent);
}

static rf_status report_rows(const rf_scores *scores, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text others = {0};
    for (int k = 1; k < rf_kinds_n(&scores->kinds); k++)
        RF_TRY(rf_text_printf(&others, err, "; of kind %s %s, %s", rf_kind_name(&scores->kinds, k),
                              RF_THINGS(scores->side[rf_entity_side(k)].n, "entity"),
                              RF_THINGS(scores->side[rf_edge_side(k)].n, "edge")));
    rf_log(RF_LOG_INFO, "%s: scores of %s, %s, %s%s", path, RF_THINGS(scores->side[RF_USER].n, "user"),
           RF_THINGS(scores->side[RF_ENTITY].n, "entity"), RF_THINGS(scores->side[RF_EDGE].n, "edge"),
           others.len > 0 ? others.ptr : "");
done:
    rf_text_clear(&others);
    return st;
}

/* A file may hold a graph and a model together. */
static rf_status load_model(rf_model **out, rf_job *job, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file;
    if (strcmp(job->settings->files.model, job->settings->files.graph) != 0)
        return rf_model_load(out, job->settings->files.model, err);
    RF_TRY(rf_job_graph_file(job, &file, err));
    RF_TRY(rf_model_read(out, file, err));
done:
    return st;
}

/* The graph is only measured before the memory for it is known to be there. */
static rf_status load_inputs(rf_graph **graph, rf_model **model, rf_job *job, rf_err *err)
{
    rf_status st = RF_OK;
    rf_graph_size size;
    rf_memory_plan plan;
    rf_pool *pool = NULL;
    rf_h5 *file = NULL; /* the job's */
    RF_TRY(rf_job_pool(job, &pool, err));
    RF_TRY(rf_job_graph_file(job, &file, err));
    RF_TRY(rf_graph_measure(&size, file, err));
    RF_TRY(load_model(model, job, err));
    RF_TRY(rf_score_plan(&plan, *model, &size, &job->settings->score, rf_pool_threads(pool), err));
    RF_TRY(rf_job_check_memory(&plan, "scoring", err));
    RF_TRY(rf_job_graph(job, graph, RF_GRAPH_FEATURES | RF_GRAPH_IDS | RF_GRAPH_ACTIVITY, err));
done:
    return st;
}

rf_status rf_step_score(rf_job *job, rf_err *err)
{
    rf_status st = RF_OK;
    rf_graph *graph = NULL;
    rf_model *model = NULL;
    rf_scores *scores = NULL;
    rf_pool *pool = NULL;
    rf_summary *summary = &job->summary;
    const char *path = job->settings->files.scores, *earlier = job->settings->files.calibration;
    rf_score_options options = job->settings->score;
    rf_calibration calibration;
    rf_summary_begin(&job->summary);
    RF_TRY(rf_job_make_output(job, err));
    RF_TRY(rf_job_lock(job, path, err));
    RF_TRY(rf_job_pool(job, &pool, err));
    rf_progress_begin("score", "edges");
    RF_TRY(load_inputs(&graph, &model, job, err));
    rf_progress_update(0, 0, graph->side[RF_EDGE].n);
    if (earlier != NULL && options.method == RF_METHOD_SURPRISE) {
        RF_TRY(rf_calibration_load(&calibration, earlier, err));
        options.calibration = &calibration;
    }
    RF_TRY(rf_scores_begin(&options.early, path, pool, err));
    RF_TRY(rf_score_compute(&scores, graph, model, &options, pool, err));
    RF_TRY(rf_job_check_signal("nothing was written; run the same command again", err));
    RF_TRY(rf_scores_end(scores, options.early, err));
    rf_progress_end();
    report_columns(scores, job->settings->files.model);
    summary->has_graph = true;
    for (rf_side side = 0; side < RF_SIDES; side++)
        summary->rows[side] = scores->side[side].n;
    summary->model_trained_us = scores->model_trained_at_us;
    memcpy(summary->run_id, scores->run_id, sizeof summary->run_id);
    RF_TRY(report_rows(scores, path, err));
    RF_TRY(rf_audit_score(job, scores, err));
    RF_TRY(rf_summary_add_file(&job->summary, path, err));
    rf_summary_end(&job->summary, "score");
done:
    rf_progress_end();
    rf_h5_close(&options.early);
    rf_scores_free(scores);
    rf_model_free(model);
    rf_graph_free(graph);
    return st;
}

rf_status rf_cmd_score(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_cli_choose_core(cli);
    RF_TRY(rf_step_score(&cli->job, err));
    RF_TRY(rf_cli_summary(cli, err));
done:
    return st;
}
