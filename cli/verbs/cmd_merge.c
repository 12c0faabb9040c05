/* cmd_merge.c - the verb `merge`: the shards of a group of processes become one graph.h5.
 *
 * First it checks which files may be joined. Then it adds one file after the other, and publishes the graph
 * as `build` does. Nothing is written before that, and the shards do not change: their owners continue, and
 * the next merge starts from them again.
 */
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "rf_beside.h"
#include "rf_file.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_merge.h"
#include "rf_progress.h"
#include "rf_table.h"
#include "rf_time.h"

const rf_opt rf_opts_merge[] = {
    {"output", "FILE", "graph.file", NULL},
    {"shards", "FOLDER", "graph.shards", "Without a FILE, all shards of this folder are joined."},
    {"keep-repeats", NULL, NULL,
     "Joins files that have event ids in common, and counts these events twice; else that is an error. In "
     "event "
     "granularity, events that are equal are taken once in any case."},
    {"granularity", "KIND", "graph.granularity", NULL},
    {"window", "DURATION", "graph.window", NULL},
    {"as-of", "TIME", "graph.as_of", NULL},
    {"bucket", "DURATION", "graph.bucket", NULL},
    RF_OPT_SUMMARY,
    RF_OPT_METRICS,
    {0},
};

typedef struct merge {
    rf_cli *cli;
    const char *path;
    rf_merge_plan plan;
    rf_bigraph *graph;
    rf_positions positions;
    rf_merge_counts counts; /* of all files */
} merge;

static rf_status prepare(merge *work, rf_err *err)
{
    rf_status st = RF_OK;
    rf_job *job = &work->cli->job;
    rf_text building = {0};
    work->path = job->settings->files.graph;
    if (job->settings->source.fields.user == NULL) /* more help than "differs from the configuration" */
        RF_FAIL(err, RF_E_INVALID,
                "fields.user is not set; name with --config FILE the configuration that the files were built "
                "with");
    RF_TRY(rf_job_make_output(job, err));
    RF_TRY(rf_job_lock(job, work->path, err));
    /* a build that was cut off would lose its state when the graph is replaced */
    RF_TRY(rf_text_printf(&building, err, "%s.building", work->path));
    if (rf_path_exists(building.ptr))
        RF_FAIL(err, RF_E_INVALID,
                "%s: a build of this graph was interrupted; finish it with the same `build`, remove that "
                "file, or join into another one with --output",
                building.ptr);
    RF_TRY(rf_beside_clean(work->path, err));
    RF_TRY(rf_bigraph_new(&work->graph, &job->settings->graph, err));
done:
    rf_text_clear(&building);
    return st;
}

static rf_status plan(merge *work, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_args *args = &work->cli->args;
    const char *folder = work->cli->job.settings->files.shards;
    char **found = NULL;
    int n = 0;
    rf_cli_allow_files(UINT64_MAX); /* all files are open at a time */
    if (args->n_rest > 0)
        return rf_merge_plan_make(&work->plan, (const char *const *)args->rest, args->n_rest, err);
    if (folder == NULL)
        RF_FAIL(err, RF_E_INVALID,
                "no file is named, and graph.shards is not set: `ringfence merge A.h5 B.h5 -o G.h5`, "
                "or name the folder of the shards with --shards");
    RF_TRY(rf_merge_find(&found, &n, folder, err));
    RF_TRY(rf_merge_plan_make(&work->plan, (const char *const *)found, n, err));
done:
    for (int i = 0; i < n; i++)
        rf_mem_free(found[i]);
    rf_mem_free(found);
    return st;
}

static rf_status join(merge *work, rf_err *err)
{
    rf_status st = RF_OK;
    bool keep_repeats = rf_args_has(&work->cli->args, "keep-repeats");
    rf_progress_begin("merge", "cells");
    for (int i = 0; i < work->plan.n; i++) {
        rf_merge_counts counts;
        RF_TRY(rf_job_check_signal("nothing was written", err));
        RF_TRY(rf_bigraph_merge(work->graph, work->plan.inputs[i].file, keep_repeats, &work->positions,
                                &counts, err));
        rf_h5_close(&work->plan.inputs[i].file);
        if (counts.repeats > 0)
            rf_log(RF_LOG_WARN,
                   "%s: %lld event ids occur in an earlier file, too: these events now count twice",
                   work->plan.inputs[i].path, (long long)counts.repeats);
        work->counts.cells += counts.cells;
        work->counts.shared_cells += counts.shared_cells;
        work->counts.same += counts.same;
        work->counts.repeats += counts.repeats;
        rf_progress_update(i + 1, work->plan.n, work->counts.cells);
    }
done:
    rf_progress_end();
    return st;
}

static rf_status publish(merge *work, rf_published *published, rf_err *err)
{
    rf_status st = RF_OK;
    rf_pool *pool = NULL;
    RF_TRY(rf_job_pool(&work->cli->job, &pool, err));
    rf_progress_begin("features", "cells");
    rf_progress_update(0, 0, work->counts.cells);
    RF_TRY(rf_bigraph_publish(work->graph, work->path, &work->positions, pool, published, err));
done:
    rf_progress_end();
    return st;
}

static rf_status report(const merge *work, const rf_published *published, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    rf_summary *summary = &work->cli->job.summary;
    const rf_counts *counts = rf_bigraph_counts(work->graph);
    summary->has_events = counts->read > 0;
    summary->events = *counts;
    rf_summary_graph(summary, published);
    rf_log(RF_LOG_INFO, "%s joined: %s, %s of them in more than one file", RF_THINGS(work->plan.n, "file"),
           RF_THINGS(work->counts.cells, "cell"), RF_COUNT(work->counts.shared_cells));
    if (work->counts.same > 0)
        rf_log(RF_LOG_INFO, "in two files, and taken once: %s", RF_THINGS(work->counts.same, "event"));
    if (counts->read > 0) { /* graphs begin to count again when they are complete, shards never do */
        RF_TRY(rf_counts_print(&text, counts, err));
        rf_log(RF_LOG_INFO, "%s read into them so far: %s", RF_THINGS(counts->read, "record"), text.ptr);
    }
    rf_build_say_graph(work->path, published);
    RF_TRY(rf_summary_add_file(summary, work->path, err));
done:
    rf_text_clear(&text);
    return st;
}

rf_status rf_cmd_merge(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    merge work = {.cli = cli};
    rf_published published = {0};
    rf_outlook outlook;
    rf_summary_begin(&cli->job.summary);
    RF_TRY(prepare(&work, err));
    RF_TRY(plan(&work, err));
    RF_TRY(join(&work, err));
    RF_TRY(rf_build_outlook(&outlook, &cli->job, work.graph, work.path, err));
    RF_TRY(publish(&work, &published, err));
    RF_TRY(report(&work, &published, err));
    rf_summary_end(&cli->job.summary, "merge");
    RF_TRY(rf_cli_summary(cli, err));
done:
    rf_merge_plan_clear(&work.plan);
    rf_positions_clear(&work.positions);
    rf_bigraph_free(work.graph);
    return st;
}
