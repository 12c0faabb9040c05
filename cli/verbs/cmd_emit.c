/* cmd_emit.c - scores above the threshold become action messages, and the worst ring a picture. */
#include <stdio.h>
#include <string.h>

#include "cli_int.h"
#include "rf_export.h"
#include "rf_log.h"
#include "rf_signal.h"
#include "rf_stop.h"
#include "rf_table.h"
#include "rf_time.h"

const rf_opt rf_opts_emit[] = {
    {"graph", "FILE", "graph.file", "The graph that was scored."},
    {"scores", "FILE", "score.output", NULL},
    {"to", "KIND", "emit.to", NULL},
    {"path", "FILE", "emit.path", NULL},
    {"topic", "NAME", "emit.topic", NULL},
    {"score-topic", "NAME", "emit.score_topic", NULL},
    {"create-topics", NULL, "emit.create_topics", NULL},
    {"force", NULL, "emit.force", NULL},
    {"threshold-percentile", "SHARE", "emit.threshold.percentile", NULL},
    {"threshold-score", "SCORE", "emit.threshold.score", NULL},
    {"threshold-fdr", "SHARE", "emit.threshold.fdr", NULL},
    {"top", "N", "emit.threshold.top", NULL},
    {"tag-confidence", "C", "emit.tag_confidence", NULL},
    {"budget", "N", "emit.budget", NULL},
    {"repeat", "WHICH", "emit.repeat", NULL},
    {"alerts", "FILE", "emit.alerts", NULL},
    {"suppress", "LIST", "suppress.lists", NULL},
    {"audit", "FILE", "audit.path", NULL},
    {"max-reasons", "N", "emit.max_reasons", NULL},
    {"source", "NAME", "emit.source", NULL},
    {"envelope", NULL, "emit.envelope", NULL},
    {"picture", "FILE", "emit.picture", NULL},
    RF_OPT_SUMMARY,
    RF_OPT_METRICS,
    {0},
};

static int64_t actions_of(const rf_emit_result *result)
{
    int64_t n = result->clusters;
    for (rf_side side = 0; side < RF_SIDES; side++)
        n += result->flagged[side];
    return n;
}

static void report(const rf_emit_result *result, const rf_emit_options *options)
{
    char rest[256] = "", count[32];
    const struct {
        int64_t n;
        const char *what;
    } others[] = {
        {result->suppressed, "suppressed"},           {result->inside, "inside these clusters"},
        {result->over_budget, "over the budget"},     {result->passed_over, "of other kinds passed over"},
        {result->by_change[2], "as in the last run"}, {result->by_change[3], "gone"}};
    bool kafka = options->to == RF_EMIT_KAFKA;
    const char *path = strcmp(options->path, "-") == 0 ? "standard output" : options->path;
    for (size_t i = 0, len = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i].n > 0)
            len += (size_t)snprintf(rest + len, sizeof rest - len, "%s %s %s", len == 0 ? ";" : ",",
                                    rf_count_format(count, others[i].n), others[i].what);
    }
    rf_log(RF_LOG_INFO, "%s%s: %s (%s, %s, %s, %s)%s", kafka ? "topic " : "",
           kafka ? options->kafka.topic : path, RF_THINGS(actions_of(result), "action"),
           RF_THINGS(result->flagged[RF_USER], "user"), RF_THINGS(result->flagged[RF_ENTITY], "entity"),
           RF_THINGS(result->flagged[RF_EDGE], "edge"), RF_THINGS(result->clusters, "cluster"), rest);
}

/* What the topic itself says: where the manifest of this run is. */
static rf_status report_already(const rf_emit_result *result, const rf_emit_options *options,
                                const char *run_id, bool is_done, rf_err *err)
{
    rf_status st = RF_OK;
    char time[RF_TIME_TEXT] = "at an unknown time", place[320];
    if (result->time_us > 0)
        rf_time_format(time, result->time_us);
    snprintf(place, sizeof place, "%.249s[%d]@%lld, %s", options->kafka.topic, (int)result->partition,
             (long long)result->offset, time);
    if (!is_done)
        RF_FAIL(err, RF_E_KAFKA,
                "run %s is in the topic already (%s), nothing was emitted; --force emits it again, with the "
                "same ce_ids",
                run_id, place);
    rf_log(RF_LOG_INFO, "run %s is in the topic already (%s): nothing to emit", run_id, place);
done:
    return st;
}

rf_status rf_step_emit(rf_job *job, const rf_findings *findings, const char *picture, bool already_is_done,
                       rf_err *err)
{
    const rf_scores *scores = findings->scores;
    rf_status st = RF_OK;
    rf_emit_options options = job->settings->emit;
    rf_emit_result result = {0};
    rf_summary *summary = &job->summary;
    RF_TRY(rf_settings_check_emit(job->settings, err));
    RF_TRY(rf_job_make_output(job, err));
    if (options.to == RF_EMIT_JSONL) /* of rivals for a topic one commits, and it alone writes the alerts */
        RF_TRY(rf_job_lock(job, options.alerts, err));
    options.stop = rf_stop_flag();
    RF_TRY(rf_job_audit(job, &options.audit, err));
    rf_signal_hold(true); /* a transaction is ended, not left */
    st = rf_emit(&result, findings, &options, err);
    rf_signal_hold(false);
    RF_TRY(st);
    memcpy(job->summary.run_id, scores->run_id, sizeof job->summary.run_id);
    summary->has_actions = true;
    summary->actions = actions_of(&result);
    summary->alerts = result.types;
    summary->over_budget = result.over_budget;
    summary->kafka.out = options.to == RF_EMIT_KAFKA;
    summary->kafka.produced += result.produced;
    summary->kafka.aborted += result.aborted;
    summary->kafka.tombstones += result.tombstones;
    summary->kafka.retried += result.retried;
    if (options.to == RF_EMIT_JSONL && strcmp(options.path, "-") != 0)
        RF_TRY(rf_summary_add_file(&job->summary, options.path, err));
    if (result.already)
        RF_TRY(report_already(&result, &options, scores->run_id, already_is_done, err));
    else
        report(&result, &options);
    if (result.forgotten > 0)
        rf_log(RF_LOG_INFO, "retention: %s: %s dropped", options.alerts,
               RF_THINGS(result.forgotten, "alert"));
    if (picture != NULL) {
        RF_TRY(rf_export_ring(findings, picture, err));
        RF_TRY(rf_summary_add_file(&job->summary, picture, err));
    }
done:
    return st;
}

rf_status rf_cmd_emit(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_loaded loaded = {0};
    const char *picture = cli->job.settings->files.picture;
    rf_summary_begin(&cli->job.summary);
    RF_TRY(rf_load_scored(&loaded, &cli->job, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, err));
    RF_TRY(rf_load_cases(&loaded, &cli->job, err));
    RF_TRY(rf_job_check_signal("nothing was written; run the same command again", err));
    const rf_findings findings = rf_loaded_findings(&loaded);
    RF_TRY(rf_step_emit(&cli->job, &findings, picture, false, err));
    rf_summary_end(&cli->job.summary, "emit");
    RF_TRY(rf_cli_summary(cli, err));
done:
    rf_loaded_clear(&loaded);
    return st;
}
