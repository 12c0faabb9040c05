/* findings.c - loads what is known of a run. */
#include "rf_job.h"

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
    RF_TRY(rf_graph_load(&loaded->graph, job->settings->files.graph, parts, err));
    RF_TRY(rf_scores_load(&loaded->scores, job->settings->files.scores, loaded->graph, err));
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

#define MOST_WARNINGS 10

/* A type that no rule gives takes nothing: said where another is so near that it was probably meant. */
static bool check_type(const rf_suppression *entry, const char *at, size_t len, const char *const *types)
{
    char type[64];
    if (len >= sizeof type)
        return true;
    snprintf(type, sizeof type, "%.*s", (int)len, at);
    for (int i = 0; types[i] != NULL; i++) {
        if (strcmp(types[i], type) == 0)
            return true;
    }
    const char *near = rf_nearest(type, types);
    if (near != NULL)
        rf_log(RF_LOG_WARN, "%s:%d: no rule of this run gives the type %s; did you mean %s?", entry->file,
               entry->line, type, near);
    return near == NULL;
}

static rf_status check_types(const rf_suppressions *suppressed, const rf_tags *tags, rf_err *err)
{
    if (tags == NULL)
        return RF_OK;
    const char **types = rf_mem_new((size_t)tags->rule_type.n + 2, sizeof *types, err);
    if (types == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < tags->rule_type.n; i++)
        types[i] = rf_texts_get(&tags->rule_type, i);
    types[tags->rule_type.n] = RF_UNKNOWN_PATTERN;
    types[tags->rule_type.n + 1] = NULL;
    for (int64_t i = 0, wrong = 0; i < suppressed->n && wrong < MOST_WARNINGS; i++) {
        const rf_suppression *entry = &suppressed->at[i];
        const char *at = entry->types == NULL || entry->expired ? NULL : entry->types + 1;
        for (const char *end; at != NULL && (end = strchr(at, '|')) != NULL; at = end + 1)
            wrong += !check_type(entry, at, (size_t)(end - at), types);
    }
    rf_mem_free(types);
    return RF_OK;
}

rf_status rf_load_cases(rf_loaded *loaded, rf_job *job, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_settings *settings = job->settings;
    const char *path = settings->files.scores;
    RF_TRY(rf_tags_load(&loaded->tags, path, loaded->scores, err));
    RF_TRY(rf_clusters_load(&loaded->clusters, path, loaded->scores, err));
    if (settings->n_suppress == 0)
        goto done;
    RF_TRY(rf_suppressions_load(&loaded->suppressed, settings->suppress, settings->n_suppress, loaded->graph,
                                rf_time_now_us(), err));
    report(loaded->suppressed);
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
    rf_graph_free(loaded->graph);
    *loaded = (rf_loaded){0};
}
