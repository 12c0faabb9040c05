/* cmd_run.c - the scheduled job: build, train, score, tag, cluster, evaluate, emit from one
 * configuration.
 *
 * Each step resumes or repeats itself, so the whole does: after a kill the same command continues, and with
 * nothing new it writes the same bytes again.
 */
#include <string.h>

#include "cli_int.h"
#include "rf_report.h"
#include "rf_file.h"
#include "rf_log.h"

#define TOP_ROWS 5

const rf_opt rf_opts_run[] = {
    {"output", "FOLDER", "output", NULL},
    {"graph", "FILE", "graph.file", NULL},
    {"model", "FILE", "train.model", NULL},
    {"scores", "FILE", "score.output", NULL},
    {"path", "FILE", "emit.path", NULL},
    {"picture", "FILE", "emit.picture", NULL},
    {"from", "TIME", "source.from", NULL},
    {"until", "TIME", "source.until", NULL},
    {"rebuild", NULL, NULL, "Builds the graph from nothing, even if there is a state to continue."},
    {"restart", NULL, "train.restart", NULL},
    {"epochs", "N", "train.epochs", NULL},
    {"seed", "N", "train.seed", NULL},
    RF_OPT_NO_CPU_SWITCH,
    {"summary", "FILE", NULL, "Writes the summary here too, besides summary.json."},
    RF_OPT_METRICS,
    {0},
};

/* Where there are labels: evaluation.json, and its tables. */
static rf_status evaluate(rf_job *job, rf_text *text, const rf_graph *graph, const rf_scores *scores,
                          rf_err *err)
{
    rf_status st = RF_OK;
    rf_evaluation *evaluation = NULL;
    rf_json *json = NULL;
    const char *path;
    bool any = false;
    RF_TRY(rf_evaluate(&evaluation, graph, scores, &job->settings->evaluate, err));
    for (rf_side side = 0; side < rf_sides(&evaluation->kinds); side++)
        any = any || evaluation->side[side].defined;
    if (!any)
        goto done;
    RF_TRY(rf_settings_in_output(job->settings, "evaluation.json", &path, err));
    RF_TRY(rf_json_new(&json, err));
    rf_evaluate_json(json, evaluation);
    RF_TRY(rf_json_save(json, path, err));
    RF_TRY(rf_summary_add_file(&job->summary, path, err));
    RF_TRY(rf_report_evaluation(text, evaluation, err));
    rf_report_upside_down(evaluation);
done:
    rf_json_free(json);
    rf_evaluation_free(evaluation);
    return st;
}

/* Tags, clusters, evaluation, actions, picture, and the tables of the worst. */
static rf_status use_scores(rf_job *job, rf_text *text, rf_err *err)
{
    rf_status st = RF_OK;
    rf_loaded loaded = {0};
    const char *picture = job->settings->files.picture;
    if (picture == NULL)
        RF_TRY(rf_settings_in_output(job->settings, "ring.svg", &picture, err));
    rf_summary_begin(&job->summary);
    RF_TRY(rf_load_scored(&loaded, job, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, err));
    RF_TRY(rf_step_tag(job, &loaded, err));
    rf_summary_end(&job->summary, "tag");

    rf_summary_begin(&job->summary);
    RF_TRY(rf_step_cluster(job, &loaded, err));
    RF_TRY(rf_load_cases(&loaded, job, err)); /* tags and clusters, back from the scores file */
    rf_summary_end(&job->summary, "cluster");

    rf_summary_begin(&job->summary);
    const rf_findings findings = rf_loaded_findings(&loaded);
    RF_TRY(rf_report_top(text, &findings, TOP_ROWS, err));
    if (loaded.tags != NULL)
        RF_TRY(rf_report_tags(text, loaded.tags, loaded.scores, err));
    if (loaded.clusters != NULL)
        RF_TRY(rf_report_clusters(text, loaded.clusters, loaded.graph, TOP_ROWS, err));
    RF_TRY(evaluate(job, text, loaded.graph, loaded.scores, err));
    RF_TRY(rf_step_emit(job, &findings, picture, true, err));
    rf_summary_end(&job->summary, "emit");
done:
    rf_loaded_clear(&loaded);
    return st;
}

/* A run is one process's work, with an end. */
static rf_status check_kafka(const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    char where[160];
    if (settings->source.type != RF_SOURCE_KAFKA)
        return RF_OK;
    if (settings->files.shards != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "graph.shards is set (%s), but `run` is one process: start `ringfence build` as often as "
                "wanted, then `merge`, `train`, `score` and `emit`; or leave graph.shards out (--set "
                "graph.shards=null)",
                rf_settings_where(settings, "graph.shards", where));
    if (settings->source.kafka.until_us == RF_UNTIL_NEVER)
        RF_FAIL(err, RF_E_INVALID,
                "source.until is never (%s), but `run` trains on what it has read: give it --until now or a "
                "time; `ringfence build` follows a topic without end",
                rf_settings_where(settings, "source.until", where));
done:
    return st;
}

/* What a killed erasure has not reached yet would be used again. */
static rf_status warn_of_erasure(const rf_job *job, rf_err *err)
{
    rf_status st = RF_OK;
    const char *pending;
    RF_TRY(rf_settings_in_output(job->settings, "erase.pending", &pending, err));
    if (rf_path_exists(pending))
        rf_log(RF_LOG_WARN,
               "%s: an erasure was interrupted; `ringfence erase` with this configuration finishes it",
               pending);
done:
    return st;
}

/* What follows the build. */
static rf_status judge_graph(rf_job *job, rf_text *report, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_job_check_signal("the graph is built; the same command continues from there", err));
    RF_TRY(rf_step_train(job, true, err));
    RF_TRY(rf_job_check_signal("the model is trained; the same command continues from there", err));
    RF_TRY(rf_step_score(job, err));
    RF_TRY(rf_job_check_signal("the scores are written; the same command continues from there", err));
    RF_TRY(use_scores(job, report, err));
done:
    return st;
}

rf_status rf_step_run(rf_job *job, rf_text *report, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path;
    /* what can be known to be wrong is reported before the first event is read */
    RF_TRY(rf_settings_check_source(job->settings, err));
    RF_TRY(check_kafka(job->settings, err));
    RF_TRY(rf_settings_check_emit(job->settings, err));
    RF_TRY(rf_emit_check(&job->settings->emit, err));
    if (job->settings->emit.threshold_type == RF_THRESHOLD_FDR &&
        job->settings->score.method != RF_METHOD_SURPRISE)
        RF_FAIL(err, RF_E_INVALID,
                "emit.threshold.fdr needs score.method surprise, and it is graphbean; change one of them");
    job->always_audits = true;
    RF_TRY(rf_job_make_output(job, err));
    RF_TRY(warn_of_erasure(job, err));
    RF_TRY(rf_job_age_audit(job, err));
    RF_TRY(rf_audit_run(job, true, err));
    RF_TRY(rf_step_build(job, err));
    if (!job->no_events)
        RF_TRY(judge_graph(job, report, err));
    RF_TRY(rf_audit_run(job, false, err));
    RF_TRY(rf_settings_in_output(job->settings, "summary.json", &path, err));
    RF_TRY(rf_summary_add_file(&job->summary, path, err));
    RF_TRY(rf_summary_write(&job->summary, path, err));
    RF_TRY(rf_summary_print(report, &job->summary, err));
done:
    return st;
}

rf_status rf_cmd_run(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_emit_options *emit = &cli->job.settings->emit;
    rf_text text = {0};
    rf_cli_choose_core(cli);
    cli->job.rebuild = rf_args_has(&cli->args, "rebuild");
    RF_TRY(rf_step_run(&cli->job, &text, err));
    RF_TRY(rf_cli_summary(cli, err));
    if (emit->to != RF_EMIT_JSONL || strcmp(emit->path, "-") != 0) /* standard output has the actions alone */
        rf_cli_print_report(&text);
done:
    rf_text_clear(&text);
    return st;
}
