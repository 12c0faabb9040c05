/* cmd_cluster.c - graph.h5 and scores.h5: clusters into scores.h5, compared with the last run's.
 *
 * The scores file is written first, then the registry. After a kill between the two, the next start does the
 * same again, because the registry has not changed. A repeated run also gives the same result, because the
 * registry keeps its state from before that run.
 */
#include <string.h>

#include "cli_int.h"
#include "rf_report.h"
#include "rf_log.h"
#include "rf_progress.h"
#include "rf_table.h"

#define MOST_SHOWN 20

const rf_opt rf_opts_cluster[] = {
    {"graph", "FILE", "graph.file", "The graph that was scored."},
    {"scores", "FILE", "score.output", "Its scores; the clusters go into this file."},
    {"registry", "FILE", "cluster.registry", NULL},
    {"seed-percentile", "P", "cluster.seed_percentile", NULL},
    {"grow-percentile", "P", "cluster.grow_percentile", NULL},
    {"resolution", "R", "cluster.resolution", NULL},
    {"max-clusters", "N", "cluster.max_clusters", NULL},
    {"dense-blocks", "N", "cluster.dense_blocks", NULL},
    RF_OPT_SUMMARY,
    RF_OPT_METRICS,
    {0},
};

static void report(const rf_clusters *clusters, const char *path)
{
    int64_t found[2] = {0, 0};
    long long n[RF_CLUSTER_GONE + 1] = {0};
    for (int64_t i = 0; i < clusters->n; i++) {
        n[clusters->at[i].change]++;
        found[clusters->at[i].method] += clusters->at[i].change != RF_CLUSTER_GONE;
    }
    rf_log(RF_LOG_INFO, "%s: clusters: %s, %s", path, RF_THINGS(found[RF_CLUSTER_COMMUNITY], "community"),
           RF_THINGS(found[RF_CLUSTER_DENSE], "dense block"));
    if (clusters->previous_run_id[0] == '\0')
        rf_log(RF_LOG_INFO, "no earlier run to compare clusters with: all are new");
    else
        rf_log(RF_LOG_INFO,
               "clusters since run %s: %lld new, %lld grown, %lld shrunk, %lld changed, %lld same, %lld gone",
               clusters->previous_run_id, n[RF_CLUSTER_NEW], n[RF_CLUSTER_GROWN], n[RF_CLUSTER_SHRUNK],
               n[RF_CLUSTER_CHANGED], n[RF_CLUSTER_SAME], n[RF_CLUSTER_GONE]);
}

static rf_status cluster(rf_job *job, rf_clusters **out, rf_loaded *scored, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = scored->graph;
    rf_tags *tags = NULL;
    rf_clusters *clusters = NULL;
    const char *path = job->settings->files.scores, *registry = job->settings->files.clusters;
    bool has_ids = graph->side[RF_USER].id.n == graph->side[RF_USER].n &&
                   graph->side[RF_ENTITY].id.n == graph->side[RF_ENTITY].n;
    rf_progress_begin("cluster", "edges");
    RF_TRY(rf_tags_read(&tags, scored->scores_file, scored->scores, err));
    RF_TRY(rf_clusters_find(&clusters, graph, scored->scores, tags, &job->settings->cluster, err));
    if (has_ids)
        RF_TRY(rf_clusters_recognise(clusters, graph, registry, err));
    else
        rf_log(RF_LOG_WARN, "the graph has no ids: its clusters are not compared with those of other runs");
    RF_TRY(rf_job_check_signal("nothing was written; run the same command again", err));
    RF_TRY(rf_clusters_save(clusters, &scored->scores_file, err));
    if (has_ids) {
        RF_TRY(rf_clusters_register(clusters, graph, registry, err));
        RF_TRY(rf_summary_add_file(&job->summary, registry, err));
    }
    rf_progress_end();
    report(clusters, path);
    if (clusters->forgotten > 0)
        rf_log(RF_LOG_INFO, "retention: %s: %s dropped", registry, RF_THINGS(clusters->forgotten, "cluster"));
    RF_TRY(rf_audit_cluster(job, clusters, err));
    *out = clusters;
    clusters = NULL;
done:
    rf_progress_end();
    rf_clusters_free(clusters);
    rf_tags_free(tags);
    return st;
}

rf_status rf_step_cluster(rf_job *job, rf_loaded *scored, rf_err *err)
{
    rf_clusters *clusters = NULL;
    rf_status st = cluster(job, &clusters, scored, err);
    rf_clusters_free(clusters);
    return st;
}

rf_status rf_cmd_cluster(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_loaded scored = {0};
    rf_clusters *clusters = NULL;
    rf_text text = {0};
    const char *scores_path = cli->job.settings->files.scores;
    rf_summary_begin(&cli->job.summary);
    RF_TRY(rf_job_lock(&cli->job, scores_path, err));
    RF_TRY(rf_load_scored(&scored, &cli->job, RF_GRAPH_IDS | RF_GRAPH_ACTIVITY, err));
    RF_TRY(cluster(&cli->job, &clusters, &scored, err));
    RF_TRY(rf_report_clusters(&text, clusters, scored.graph, MOST_SHOWN, err));
    rf_cli_print_report(&text);
    RF_TRY(rf_summary_add_file(&cli->job.summary, scores_path, err));
    rf_summary_end(&cli->job.summary, "cluster");
    RF_TRY(rf_cli_summary(cli, err));
done:
    rf_text_clear(&text);
    rf_clusters_free(clusters);
    rf_loaded_clear(&scored);
    return st;
}
