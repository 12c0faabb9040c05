/* audit_steps.c - the audit log of a command, and what each step that decides something enters there.
 *
 * export/actions/emit_audit.c enters emissions. A step's entry is written after the file that it describes.
 */
#include "rf_job.h"
#include "rf_count.h"
#include "rf_append.h"
#include "rf_audit.h"
#include "rf_clusters.h"
#include "rf_file.h"
#include "rf_json_scan.h"
#include "rf_lines.h"
#include "rf_log.h"
#include "rf_mem.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rf_time.h"

/* A folder of results that somebody named has one log, whichever verb works there; a run always has one.
 * NULL: there is none. */
static rf_status find_log(const char **path, const rf_job *job, rf_err *err)
{
    *path = job->settings->files.audit;
    if (*path == NULL &&
        (job->always_audits || rf_settings_origin_of(job->settings, "output") != RF_FROM_DEFAULT))
        return rf_settings_in_output(job->settings, "audit.jsonl", path, err);
    return RF_OK;
}

/* ---- edits ---- */

rf_status rf_audit_rewrite(int64_t *changed, const char *path, const rf_line_judge *judge, rf_err *err)
{
    rf_status st = RF_OK;
    int fd = -1;
    if (access(path, W_OK) == 0) /* a rotated log that is read-only grows no more */
        RF_TRY(rf_append_lock(&fd, path, err));
    RF_TRY(rf_lines_rewrite(changed, path, judge, err));
done:
    rf_append_close(&fd);
    return st;
}

/* ---- retention ---- */

static rf_status judge_age(void *context, int64_t line, rf_span text, rf_line_fate *fate,
                           rf_text *replacement, rf_err *err)
{
    const int64_t *before_us = context;
    rf_span at = rf_json_valid(text) ? rf_json_member(text, "at") : (rf_span){0};
    int64_t time_us;
    (void)line;
    (void)replacement;
    (void)err;
    if (at.len > 2 && rf_time_parse_iso(&time_us, at.ptr + 1, at.len - 2, NULL) && time_us < *before_us)
        *fate = RF_LINE_DROP;
    return RF_OK;
}

rf_status rf_job_age_audit(rf_job *job, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path;
    struct stat info;
    int64_t before_us = job->settings->emit.forget_before_us, n = 0;
    const rf_line_judge judge = {judge_age, &before_us};
    if (before_us == 0 || job->audit != NULL)
        return RF_OK;
    RF_TRY(find_log(&path, job, err));
    if (path == NULL || rf_path_descriptor(path) >= 0 || stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return RF_OK;
    RF_TRY(rf_lines_judge(&n, path, &judge, err));
    if (n == 0)
        return RF_OK;
    RF_TRY(rf_audit_rewrite(&n, path, &judge, err));
    rf_log(RF_LOG_INFO, "retention: %s: %s dropped", path, RF_THINGS(n, "line"));
done:
    return st;
}

/* ---- entries ---- */

rf_status rf_job_audit(rf_job *job, rf_audit **out, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path;
    *out = job->audit;
    if (job->audit != NULL)
        return RF_OK;
    RF_TRY(find_log(&path, job, err));
    if (path != NULL)
        RF_TRY(rf_job_make_output(job, err));
    RF_TRY(rf_audit_open(&job->audit, path, err));
    *out = job->audit;
    if (path != NULL)
        RF_TRY(rf_summary_add_file(&job->summary, path, err));
done:
    return st;
}

static rf_status finish(rf_audit *audit, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_audit_add(audit, err));
    RF_TRY(rf_audit_sync(audit, err));
done:
    return st;
}

rf_status rf_audit_score(rf_job *job, const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    rf_audit *audit;
    rf_json *json;
    RF_TRY(rf_job_audit(job, &audit, err));
    RF_TRY(rf_audit_begin(audit, "score", scores->run_id, &json, err));
    if (json != NULL) {
        rf_json_put_string(json, "model", scores->model_id);
        rf_json_put_string(json, "graph_edges", scores->graph_edges);
        rf_json_put_string(json, "graph_features", scores->graph_features);
        rf_json_put_string(json, "agg", scores->agg == RF_AGG_MAX ? "max" : "mean");
        rf_json_put_double(json, "eta", scores->eta);
        rf_json_key(json, "frozen");
        rf_json_bool(json, scores->frozen);
        for (rf_side side = 0; side < RF_SIDES; side++)
            rf_json_put_int(json, rf_side_plural(side), scores->side[side].n);
    }
    RF_TRY(finish(audit, err));
done:
    return st;
}

rf_status rf_audit_tag(rf_job *job, const rf_tags *tags, rf_err *err)
{
    rf_status st = RF_OK;
    rf_audit *audit;
    rf_json *json;
    int64_t *n = NULL; /* tags of each rule */
    int64_t tagged[RF_SIDES] = {0};
    char key[32];
    RF_ZERO(n, tags->rule_type.n + 1, err);
    RF_TRY(rf_job_audit(job, &audit, err));
    RF_TRY(rf_audit_begin(audit, "tag", tags->run_id, &json, err));
    if (json != NULL) {
        rf_json_put_string(json, "rules", tags->rules_name);
        rf_json_put_int(json, "revision", tags->rules_version);
        rf_json_put_string(json, "hash", tags->rules_hash);
        for (rf_side side = 0; side < rf_sides(&tags->kinds); side++) {
            const rf_tag_side *of = &tags->side[side];
            tagged[rf_side_role(side)] += of->ptr[of->n];
            for (int64_t i = 0; i < of->ptr[of->n]; i++)
                n[of->tags[i].rule]++;
        }
        for (rf_side role = 0; role < RF_SIDES; role++) { /* entities and edges of all kinds */
            snprintf(key, sizeof key, "%s_tags", rf_side_name(role));
            rf_json_put_int(json, key, tagged[role]);
        }
        rf_audit_types(json, "types", tags,
                       n); /* {"promo_abuse": 21}: users, entities and edges that have it */
    }
    RF_TRY(finish(audit, err));
done:
    rf_mem_free(n);
    return st;
}

rf_status rf_audit_cluster(rf_job *job, const rf_clusters *clusters, rf_err *err)
{
    rf_status st = RF_OK;
    rf_audit *audit;
    rf_json *json;
    int64_t n[RF_CLUSTER_GONE + 1] = {0};
    for (int64_t i = 0; i < clusters->n; i++)
        n[clusters->at[i].change]++;
    RF_TRY(rf_job_audit(job, &audit, err));
    RF_TRY(rf_audit_begin(audit, "cluster", clusters->run_id, &json, err));
    if (json != NULL) {
        const rf_cluster_options *options = &job->settings->cluster;
        rf_json_key(json, "options");
        rf_json_map_open(json);
        rf_json_put_double(json, "seed_percentile", options->seed_percentile);
        rf_json_put_double(json, "grow_percentile", options->grow_percentile);
        rf_json_put_double(json, "excess", options->excess);
        rf_json_put_int(json, "hops", options->hops);
        rf_json_put_double(json, "resolution", options->resolution);
        rf_json_put_int(json, "min_members", options->min_members);
        rf_json_put_int(json, "max_members", options->max_members);
        rf_json_put_int(json, "max_clusters", options->max_clusters);
        rf_json_put_double(json, "hub_percentile", options->hub_percentile);
        rf_json_put_int(json, "dense_blocks", options->dense_blocks);
        rf_json_put_int(json, "seed", (int64_t)options->seed);
        rf_json_map_close(json);
        rf_json_put_string(json, "previous_run_id", clusters->previous_run_id);
        for (int change = 0; change <= RF_CLUSTER_GONE; change++)
            rf_json_put_int(json, rf_cluster_change_name((uint8_t)change), n[change]);
    }
    RF_TRY(finish(audit, err));
done:
    return st;
}

rf_status rf_audit_run(rf_job *job, bool begins, rf_err *err)
{
    rf_status st = RF_OK;
    rf_audit *audit;
    rf_json *json;
    RF_TRY(rf_job_audit(job, &audit, err));
    RF_TRY(rf_audit_begin(audit, begins ? "run.begun" : "run.completed", begins ? NULL : job->summary.run_id,
                          &json, err));
    if (json != NULL && !begins) {
        rf_json_put_int(json, "events", job->summary.events.accepted);
        rf_json_put_int(json, "actions", job->summary.actions);
    }
    RF_TRY(finish(audit, err));
done:
    return st;
}
