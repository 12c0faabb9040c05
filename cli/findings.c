/* findings.c - loads what is known of a run. */
#include "findings.h"

#include "rf_log.h"
#include "rf_table.h"
#include "rf_time.h"

rf_status rf_load_scored(rf_loaded *loaded, rf_cli *cli, unsigned parts, rf_err *err)
{
    rf_status st = RF_OK;
    const char *graph_path, *scores_path;
    RF_TRY(rf_cli_path(cli, "graph.file", cli->config->graph.file, &graph_path, err));
    RF_TRY(rf_cli_path(cli, "score.output", cli->config->score.output, &scores_path, err));
    RF_TRY(rf_graph_load(&loaded->graph, graph_path, parts, err));
    RF_TRY(rf_scores_load(&loaded->scores, scores_path, loaded->graph, err));
done:
    return st;
}

static void report(const rf_suppressions *suppressed)
{
    int64_t expired = 0, absent = 0;
    char n[3][32];
    for (int64_t i = 0; i < suppressed->n; i++) {
        expired += suppressed->at[i].expired;
        absent += !suppressed->at[i].expired && suppressed->at[i].row < 0;
    }
    rf_log(RF_LOG_INFO,
           "suppression lists: %s entries, %s of them expired, %s of subjects that are not in this graph",
           rf_count_format(n[0], suppressed->n), rf_count_format(n[1], expired),
           rf_count_format(n[2], absent));
}

rf_status rf_load_cases(rf_loaded *loaded, rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path;
    const rf_strings *lists = &cli->config->suppress.lists;
    RF_TRY(rf_cli_path(cli, "score.output", cli->config->score.output, &path, err));
    RF_TRY(rf_tags_load(&loaded->tags, path, loaded->scores, err));
    RF_TRY(rf_clusters_load(&loaded->clusters, path, loaded->scores, err));
    if (lists->n == 0)
        goto done;
    RF_TRY(rf_suppressions_load(&loaded->suppressed, lists->items, lists->n, loaded->graph, rf_time_now_us(),
                                err));
    report(loaded->suppressed);
done:
    return st;
}

rf_findings rf_loaded_findings(const rf_loaded *loaded)
{
    return (rf_findings){.graph = loaded->graph,
                         .scores = loaded->scores,
                         .tags = loaded->tags,
                         .clusters = loaded->clusters,
                         .suppressed = loaded->suppressed};
}

void rf_loaded_clear(rf_loaded *loaded)
{
    rf_suppressions_free(loaded->suppressed);
    rf_clusters_free(loaded->clusters);
    rf_tags_free(loaded->tags);
    rf_scores_free(loaded->scores);
    rf_graph_free(loaded->graph);
    *loaded = (rf_loaded){0};
}
