/* findings.c - loads what is known of a run. */
#include "rf_job.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "rf_log.h"
#include "rf_mem.h"
#include "rf_table.h"
#include "rf_text.h"
#include "rf_time.h"

rf_status rf_load_scored(rf_loaded *loaded, rf_job *job, unsigned parts, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_job_graph(job, &loaded->graph, parts, err));
    RF_TRY(rf_h5_open(&loaded->scores_file, job->settings->files.scores, err));
    RF_TRY(rf_scores_read(&loaded->scores, loaded->scores_file, loaded->graph, err));
done:
    return st;
}

#define MOST_WARNINGS 10

/* A type that no rule gives suppresses nothing: a warning where another is so near that it was probably
 * meant. */
static rf_status check_types(const rf_suppressions *suppressed, const rf_tags *tags, rf_err *err)
{
    rf_status st = RF_OK;
    const char **types = NULL;
    char type[64];
    int64_t n = tags == NULL ? 0 : tags->rule_type.n, warned = 0;
    if (tags == NULL)
        goto done;
    RF_NEW(types, n + 2, err);
    for (int64_t i = 0; i < n; i++)
        types[i] = rf_texts_get(&tags->rule_type, i);
    types[n] = RF_UNKNOWN_PATTERN;
    types[n + 1] = NULL;
    for (int64_t i = 0; i < suppressed->n; i++) {
        const rf_suppression *entry = &suppressed->at[i];
        const char *at = entry->types == NULL || entry->expired ? NULL : entry->types + 1;
        for (const char *end; at != NULL && (end = strchr(at, '|')) != NULL; at = end + 1) {
            int64_t k = 0;
            if (warned == MOST_WARNINGS || end - at >= (ptrdiff_t)sizeof type)
                continue;
            snprintf(type, sizeof type, "%.*s", (int)(end - at), at);
            while (k <= n && strcmp(types[k], type) != 0)
                k++;
            const char *near = k <= n ? NULL : rf_nearest(type, types);
            if (near == NULL)
                continue;
            rf_log(RF_LOG_WARN, "%s:%d: no rule of this run gives the type %s; did you mean %s?", entry->file,
                   entry->line, type, near);
            warned++;
        }
    }
done:
    rf_mem_free(types);
    return st;
}

rf_status rf_load_cases(rf_loaded *loaded, rf_job *job, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_settings *settings = job->settings;
    RF_TRY(rf_tags_read(&loaded->tags, loaded->scores_file, loaded->scores, err));
    RF_TRY(rf_clusters_read(&loaded->clusters, loaded->scores_file, loaded->scores, err));
    if (settings->n_suppress == 0)
        goto done;
    RF_TRY(rf_suppressions_load(&loaded->suppressed, settings->suppress, settings->n_suppress, loaded->graph,
                                rf_time_now_us(), err));
    int64_t expired = 0, absent = 0;
    for (int64_t i = 0; i < loaded->suppressed->n; i++) {
        const rf_suppression *entry = &loaded->suppressed->at[i];
        expired += entry->expired;
        absent += !entry->expired && entry->row < 0;
    }
    rf_log(RF_LOG_INFO,
           "suppression lists: %s, %s of them expired, %s of subjects that are not in this graph",
           RF_THINGS(loaded->suppressed->n, "entry"), RF_COUNT(expired), RF_COUNT(absent));
    RF_TRY(check_types(loaded->suppressed, loaded->tags, err));
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
    rf_h5_close(&loaded->scores_file);
    rf_graph_free(loaded->graph);
    *loaded = (rf_loaded){0};
}
