/* erase_tables.c - models, registries of clusters, memories of alerts, and the scores of an erasure. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "erase_int.h"
#include "rf_file.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_model.h"

/* The kinds of files that hold ids in a few columns: each counts, and takes out. */
static const struct table {
    const char *format, *kind, *figure;
    rf_status (*erase)(int64_t *n, const char *path, const rf_subjects *subjects, bool write, rf_err *err);
} tables[] = {{"ringfence-model", "model", "columns renamed", rf_model_erase},
              {"ringfence-clusters", "clusters", "members", rf_registry_erase},
              {"ringfence-alerts", "alerts", "alerts", rf_alerts_erase}};

static const struct table *table_of(const char *format)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (strcmp(tables[i].format, format) == 0)
            return &tables[i];
    }
    return NULL;
}

static rf_status erase_one(rf_erase *e, const char *path, const struct table *table, rf_err *err)
{
    rf_status st = RF_OK;
    rf_err why = {0};
    int64_t n = 0;
    if (table->erase == rf_model_erase && e->keep_categories)
        return RF_OK;
    st = table->erase(&n, path, &e->subjects, false, &why);
    if (st == RF_E_FORMAT)
        return rf_erase_left(e, path, true, why.msg, err);
    if (st < 0)
        RF_FAIL(err, st, "%s", why.msg);
    if (n == 0)
        return RF_OK;
    const rf_figure removed[] = {{table->figure, n}, {NULL, 0}};
    RF_TRY(rf_journal_note(e, path, table->kind, "written again without them", removed, err));
    RF_TRY(table->erase(&n, path, &e->subjects, true, err));
done:
    return st;
}

rf_status rf_erase_tables(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    char *format = NULL;
    for (size_t i = 0; i < e->files.n; i++) {
        rf_mem_free(format);
        format = NULL;
        if (!rf_path_exists(e->files.at[i])) /* a shard's new owner removes what an old one left */
            continue;
        RF_TRY(rf_erase_format(&format, e->files.at[i], err));
        const struct table *table = format == NULL ? NULL : table_of(format);
        if (table != NULL)
            RF_TRY(erase_one(e, e->files.at[i], table, err));
    }
done:
    rf_mem_free(format);
    return st;
}

/* ---- scores ---- */

/* Scores, tags and clusters as they would be without the subjects, by the model that there is. */
static rf_status compute_again(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    rf_job *job = e->job;
    rf_loaded scored = {0};
    rf_job_forget_graph(job);
    RF_TRY(rf_step_score(job, err));
    if (!e->had_tags && !e->had_clusters)
        goto done;
    RF_TRY(rf_load_scored(&scored, job, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, err));
    if (e->had_tags)
        RF_TRY(rf_step_tag(job, &scored, err));
    if (e->had_clusters)
        RF_TRY(rf_step_cluster(job, &scored, err));
done:
    rf_loaded_clear(&scored);
    rf_job_forget_graph(job);
    return st;
}

rf_status rf_erase_scores(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    const char *scores = e->job->settings->files.scores, *graph = e->job->settings->files.graph;
    rf_err why = {0};
    if (!e->graph_changed || !rf_path_exists(scores))
        return RF_OK;
    bool can = rf_path_exists(graph) && rf_path_exists(e->job->settings->files.model);
    RF_TRY(rf_journal_note(e, scores, "scores", can ? "computed again" : "removed", NULL, err));
    st = can ? compute_again(e, &why) : RF_E_FORMAT;
    if (st >= 0)
        return RF_OK;
    if (st != RF_E_FORMAT && st != RF_E_INVALID)
        RF_FAIL(err, st, "%s", why.msg);
    if (can) { /* the model knows columns that the graph has no longer */
        rf_log(RF_LOG_WARN,
               "%s: removed, because it cannot be computed again with this model (%s); train and score",
               scores, why.msg);
        RF_TRY(rf_journal_note(e, scores, "scores", "removed", NULL, err));
    }
    if (unlink(scores) != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be removed: %s", scores, strerror(errno));
    st = RF_OK;
done:
    return st;
}
