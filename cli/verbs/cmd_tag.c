/* cmd_tag.c - rules over graph.h5 and scores.h5: tags into scores.h5, or one subject's explanation. */
#include <stdio.h>
#include <string.h>

#include "cli_int.h"
#include "rf_report.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_progress.h"
#include "rf_rules_trace.h"
#include "rf_table.h"

const rf_opt rf_opts_tag[] = {
    {"graph", "FILE", "graph.file", "The graph that was scored."},
    {"scores", "FILE", "score.output", "Its scores; the tags go into this file."},
    {"rules", "FILE", "tag.rules", NULL},
    {"explain", "USER", NULL, "Writes nothing; prints for each rule why it held or not for this user."},
    {"explain-entity", "ID", NULL, "The same for an entity."},
    {"check", NULL, NULL,
     "Checks the rules and stops. With --graph FILE it also checks that the graph has the features that the "
     "rules read."},
    RF_OPT_SUMMARY,
    RF_OPT_METRICS,
    {0},
};

/* ---- the step ---- */

static rf_status tag(rf_job *job, rf_tags **out, rf_loaded *scored, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rules *rules = NULL;
    rf_pool *pool = NULL;
    const char *path = job->settings->files.scores;
    RF_TRY(rf_rules_load(&rules, job->settings->files.rules, err));
    RF_TRY(rf_job_pool(job, &pool, err));
    rf_progress_begin("tag", "edges");
    RF_TRY(rf_rules_tag(out, rules, scored->graph, scored->scores, pool, err));
    RF_TRY(rf_job_check_signal("nothing was written; run the same command again", err));
    RF_TRY(rf_tags_save(*out, &scored->scores_file, err));
    rf_progress_end();
    rf_log(RF_LOG_INFO, "%s: tagged by %s, revision %lld", path, rf_rules_name(rules),
           (long long)rf_rules_version(rules));
    RF_TRY(rf_audit_tag(job, *out, err));
done:
    rf_progress_end();
    rf_rules_free(rules);
    return st;
}

rf_status rf_step_tag(rf_job *job, rf_loaded *scored, rf_err *err)
{
    rf_tags *tags = NULL;
    rf_status st = tag(job, &tags, scored, err);
    rf_tags_free(tags);
    return st;
}

/* ---- one subject ---- */

static rf_status find_row(int64_t *out, const rf_graph_side *side, const char *what, const char *id,
                          rf_err *err)
{
    rf_status st = RF_OK;
    const char **names = NULL;
    for (int64_t row = 0; row < side->id.n; row++) {
        if (strcmp(rf_texts_get(&side->id, row), id) == 0) {
            *out = row;
            return RF_OK;
        }
    }
    if (side->id.n == 0)
        RF_FAIL(err, RF_E_INVALID, "the graph has no ids, so no subject can be found by its id");
    RF_NEW(names, side->id.n + 1, err);
    for (int64_t row = 0; row < side->id.n; row++)
        names[row] = rf_texts_get(&side->id, row);
    names[side->id.n] = NULL;
    const char *near = rf_nearest(id, names);
    if (near != NULL)
        RF_FAIL(err, RF_E_INVALID, "the graph has no %s \"%.64s\"; did you mean \"%.64s\"?", what, id, near);
    RF_FAIL(err, RF_E_INVALID, "the graph has no %s \"%.64s\" in its window, and no similar name", what, id);
done:
    rf_mem_free(names);
    return st;
}

/* The kind of the entity of that id: the main one, unless only another has it. */
static rf_side kind_of_entity(const rf_graph *graph, const char *id)
{
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++) {
        const rf_texts *ids = &graph->side[rf_entity_side(k)].id;
        for (int64_t row = 0; row < ids->n; row++) {
            if (strcmp(rf_texts_get(ids, row), id) == 0)
                return rf_entity_side(k);
        }
    }
    return RF_ENTITY;
}

static rf_status explain(rf_job *job, rf_side side, const char *id, const rf_graph *graph,
                         const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rules *rules = NULL;
    rf_pool *pool = NULL;
    rf_text text = {0};
    rf_rules_trace *trace = NULL;
    int64_t row = 0;
    RF_TRY(find_row(&row, &graph->side[side], rf_side_name(side), id, err));
    RF_TRY(rf_rules_load(&rules, job->settings->files.rules, err));
    RF_TRY(rf_job_pool(job, &pool, err));
    RF_TRY(rf_rules_trace_new(&trace, rules, graph, scores, side, row, pool, err));
    RF_TRY(rf_report_rules(&text, trace, graph, scores, err));
    RF_TRY(rf_cli_print(&text, err));
done:
    rf_text_clear(&text);
    rf_rules_trace_free(trace);
    rf_rules_free(rules);
    return st;
}

static rf_status check_rules(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rules *rules = NULL;
    rf_graph *graph = NULL;
    rf_text text = {0};
    RF_TRY(rf_rules_load(&rules, cli->job.settings->files.rules, err));
    if (rf_args_has(&cli->args, "graph"))
        RF_TRY(rf_job_graph(&cli->job, &graph, RF_GRAPH_ACTIVITY, err));
    RF_TRY(rf_report_rule_list(&text, rules, graph, err));
    RF_TRY(rf_cli_print(&text, err));
done:
    rf_text_clear(&text);
    rf_graph_free(graph);
    rf_rules_free(rules);
    return st;
}

rf_status rf_cmd_tag(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_loaded scored = {0};
    rf_tags *tags = NULL;
    rf_text text = {0};
    const char *scores_path = cli->job.settings->files.scores;
    const char *user = rf_args_value(&cli->args, "explain"),
               *entity = rf_args_value(&cli->args, "explain-entity");
    if (rf_args_has(&cli->args, "check"))
        return check_rules(cli, err);
    unsigned parts = RF_GRAPH_FEATURES | RF_GRAPH_ACTIVITY; /* labels stay where they are */
    if (user != NULL || entity != NULL)
        parts |= RF_GRAPH_IDS | RF_GRAPH_EDGE_IDS;
    rf_summary_begin(&cli->job.summary);
    if (user == NULL && entity == NULL)
        RF_TRY(rf_job_lock(&cli->job, scores_path, err));
    RF_TRY(rf_load_scored(&scored, &cli->job, parts, err));
    if (user != NULL)
        RF_TRY(explain(&cli->job, RF_USER, user, scored.graph, scored.scores, err));
    if (entity != NULL)
        RF_TRY(explain(&cli->job, kind_of_entity(scored.graph, entity), entity, scored.graph, scored.scores,
                       err));
    if (user == NULL && entity == NULL) {
        RF_TRY(tag(&cli->job, &tags, &scored, err));
        RF_TRY(rf_report_tags(&text, tags, scored.scores, err));
        rf_cli_print_report(&text);
        RF_TRY(rf_summary_add_file(&cli->job.summary, scores_path, err));
    }
    rf_summary_end(&cli->job.summary, "tag");
    RF_TRY(rf_cli_summary(cli, err));
done:
    rf_text_clear(&text);
    rf_tags_free(tags);
    rf_loaded_clear(&scored);
    return st;
}
