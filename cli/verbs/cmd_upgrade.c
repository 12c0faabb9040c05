/* cmd_upgrade.c - writes files of an earlier ringfence, or of another program, as today's would be: compact
 * groups, the fingerprints of ids, and the hashes by which damage is noticed.
 *
 * A file is first read as a whole by the reader of its format: hashes say that a file is still what it was,
 * so what is damaged must not get any. States that a build owns (shards, .building) are not touched: the
 * build writes them again.
 */
#include <string.h>

#include "cli_int.h"
#include "rf_emit.h"
#include "rf_mem.h"
#include "rf_model.h"

const rf_opt rf_opts_upgrade[] = {
    {"graph", "FILE", "graph.file",
     "Of scores: the graph that they were taken of. They get the fingerprints of its ids, by which scores of "
     "another graph of the same shape are refused."},
    {0},
};

typedef struct upgrade {
    rf_cli *cli;
    const char *path;
    rf_h5 *file;     /* as it is */
    rf_graph *graph; /* the file's; of scores the one that was named; NULL: none */
    rf_text lacks;   /* what today's files have and this one has not, in words */
} upgrade;

/* ---- each kind of file, read by its own reader ---- */

static rf_status read_model(upgrade *work, rf_err *err)
{
    rf_model *model = NULL;
    rf_status st = rf_model_read(&model, work->file, err);
    rf_model_free(model);
    return st;
}

static rf_status read_graph(upgrade *work, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_graph_read(&work->graph, work->file, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, err));
    if (rf_h5_exists(work->file, "/model"))
        RF_TRY(read_model(work, err));
done:
    return st;
}

static rf_status read_scores(upgrade *work, rf_err *err)
{
    rf_status st = RF_OK;
    rf_scores *scores = NULL;
    rf_tags *tags = NULL;
    rf_clusters *clusters = NULL;
    if (rf_args_has(&work->cli->args, "graph"))
        RF_TRY(rf_job_graph(&work->cli->job, &work->graph, RF_GRAPH_FEATURES, err));
    RF_TRY(rf_scores_read(&scores, work->file, work->graph, err));
    RF_TRY(rf_tags_read(&tags, work->file, scores, err));
    RF_TRY(rf_clusters_read(&clusters, work->file, scores, err));
done:
    rf_clusters_free(clusters);
    rf_tags_free(tags);
    rf_scores_free(scores);
    return st;
}

static rf_status read_alerts(upgrade *work, rf_err *err)
{
    return rf_alerts_check(work->path, err);
}

static rf_status read_registry(upgrade *work, rf_err *err)
{
    return rf_cluster_registry_check(work->path, err);
}

typedef struct kind {
    const char *format;
    rf_status (*read)(upgrade *work, rf_err *err);
    /* NULL: this kind has no fingerprints of ids */
    bool (*lacks_fingerprints)(rf_h5 *file, const rf_graph *graph);
    rf_status (*add_fingerprints)(rf_h5 *file, const rf_graph *graph, rf_err *err);
} kind;

static const kind kinds[] = {
    {"ringfence-graph", read_graph, rf_graph_lacks_fingerprints, rf_graph_add_fingerprints},
    {"ringfence-model", read_model, NULL, NULL},
    {"ringfence-scores", read_scores, rf_scores_lack_fingerprints, rf_scores_add_fingerprints},
    {"ringfence-alerts", read_alerts, NULL, NULL},
    {"ringfence-clusters", read_registry, NULL, NULL},
};

static rf_status kind_of(const kind **out, upgrade *work, rf_err *err)
{
    rf_status st = RF_OK;
    char *format = NULL;
    if (!rf_h5_has_attr(work->file, "/", "format"))
        RF_FAIL(err, RF_E_FORMAT, "%s: has no root attribute \"format\": it is not a ringfence file",
                work->path);
    RF_TRY(rf_h5_read_attr_text(work->file, "/", "format", &format, err));
    if (strcmp(format, "ringfence-shard") == 0 || strcmp(format, "ringfence-graph-building") == 0)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: is the state of a build (%s), which writes it again itself; go on with that build",
                work->path, format);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(format, kinds[i].format) == 0)
            *out = &kinds[i];
    }
    if (*out == NULL)
        RF_FAIL(err, RF_E_FORMAT, "%s: its format is \"%.60s\", which this ringfence does not know",
                work->path, format);
done:
    rf_mem_free(format);
    return st;
}

/* ---- what it lacks, and a file that has it ---- */

static rf_status note(upgrade *work, bool lacking, const char *what, rf_err *err)
{
    if (!lacking)
        return RF_OK;
    return rf_text_printf(&work->lacks, err, "%s%s", work->lacks.len == 0 ? "" : ", ", what);
}

static bool lacks_fingerprints(const upgrade *work, const kind *of)
{
    return of->lacks_fingerprints != NULL && work->graph != NULL &&
           of->lacks_fingerprints(work->file, work->graph);
}

static rf_status rewrite(upgrade *work, const kind *of, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *to = NULL;
    RF_TRY(rf_h5_update(&to, work->file, err));
    if (lacks_fingerprints(work, of))
        RF_TRY(of->add_fingerprints(to, work->graph, err));
    rf_h5_forget_history(to);
    RF_TRY(rf_job_check_signal("the file is unchanged; run the same command again", err));
    RF_TRY(rf_h5_commit_over(&work->file, &to, err));
done:
    rf_h5_close(&to);
    return st;
}

static rf_status upgrade_file(upgrade *work, rf_text *said, rf_err *err)
{
    rf_status st = RF_OK;
    const kind *of = NULL;
    RF_TRY(rf_job_lock(&work->cli->job, work->path, err));
    RF_TRY(rf_h5_open(&work->file, work->path, err));
    RF_TRY(kind_of(&of, work, err));
    RF_TRY(of->read(work, err));
    RF_TRY(note(work, !rf_h5_is_sealed(work->file), "hashes of its content", err));
    RF_TRY(note(work, rf_h5_is_dense(work->file), "compact groups", err));
    RF_TRY(note(work, lacks_fingerprints(work, of), "fingerprints of ids", err));
    if (work->lacks.len == 0) {
        RF_TRY(rf_text_printf(said, err, "%s: nothing to do, it is as today's files are (%s)\n", work->path,
                              of->format));
        goto done;
    }
    RF_TRY(rewrite(work, of, err));
    RF_TRY(rf_text_printf(said, err, "%s: rewritten (%s), now with %s\n", work->path, of->format,
                          work->lacks.ptr));
done:
    rf_text_clear(&work->lacks);
    rf_graph_free(work->graph);
    rf_h5_close(&work->file);
    return st;
}

rf_status rf_cmd_upgrade(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK, printed;
    rf_text said = {0};
    if (cli->args.n_rest == 0)
        RF_FAIL(err, RF_E_INVALID, "upgrade needs a file; `ringfence upgrade graph.h5 model.h5 scores.h5`");
    for (int i = 0; i < cli->args.n_rest && st >= 0; i++) {
        upgrade work = {.cli = cli, .path = cli->args.rest[i]};
        st = upgrade_file(&work, &said, err);
    }
    printed = rf_cli_print(&said, st < 0 ? NULL : err); /* also what was done before a failure */
    st = st < 0 ? st : printed;
done:
    rf_text_clear(&said);
    return st;
}
