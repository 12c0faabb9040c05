/* cmd_build.c - the verb `build`: its options, and which of its two jobs is meant. */
#include <string.h>

#include "build.h"

const rf_opt rf_opts_build[] = {
    {"graph", "FILE", "graph.file", NULL},
    {"rebuild", NULL, NULL, "Starts from nothing, even if the graph file holds a state to continue."},
    {"topics", "TOPICS", "source.topics", NULL},
    {"from", "TIME", "source.from", NULL},
    {"until", "TIME", "source.until", NULL},
    {"shards", "FOLDER", "graph.shards", NULL},
    {"granularity", "KIND", "graph.granularity", NULL},
    {"window", "DURATION", "graph.window", NULL},
    {"as-of", "TIME", "graph.as_of", NULL},
    {"bucket", "DURATION", "graph.bucket", NULL},
    {"max-rejects", "LIMIT", "ingest.max_rejects", NULL},
    {"dead-letters", "FILE", "ingest.dead_letters", NULL},
    RF_OPT_SUMMARY,
    RF_OPT_METRICS,
    {0},
};

rf_status rf_step_build(rf_job *job, rf_err *err)
{
    return job->settings->files.shards == NULL ? rf_build_one(job, err) : rf_build_shards(job, err);
}

/* FILE… in place of source.paths; "-" alone is standard input. */
rf_status rf_build_take_files(rf_settings *settings, const rf_args *args, rf_err *err)
{
    rf_status st = RF_OK;
    bool from_stdin = args->n_rest == 1 && strcmp(args->rest[0], "-") == 0;
    if (args->n_rest == 0)
        return RF_OK;
    RF_TRY(rf_settings_put(settings, "source.type", from_stdin ? "stdin" : "files", "FILE", err));
    if (!from_stdin)
        RF_TRY(rf_settings_put_list(settings, "source.paths", args->rest, args->n_rest, "FILE", err));
done:
    return st;
}

rf_status rf_cmd_build(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    cli->job.rebuild = rf_args_has(&cli->args, "rebuild");
    RF_TRY(rf_step_build(&cli->job, err));
    RF_TRY(rf_cli_summary(cli, err));
done:
    return st;
}
