/* cmd_export.c - a part of the scored graph as a file for a graph tool. */
#include "cli_int.h"
#include "rf_export.h"
#include "rf_log.h"
#include "rf_table.h"

#include <string.h>

#define MOST_HOPS 20
#define TEXT_OF(number) #number
#define DEFAULT(number) "(" TEXT_OF(number) ")."
#define FORMAT_HELP(name, about) #name " (" about ")"

const rf_opt rf_opts_export[] = {
    {"graph", "FILE", "graph.file", "The graph that was scored."},
    {"scores", "FILE", "score.output", NULL},
    {"format", "NAME", NULL, RF_EXPORT_FORMATS(FORMAT_HELP, ", ") "."},
    {"select", "SELECTION", NULL,
     "The subjects: cluster=ID (all its members; cluster=worst is the worst), tag=TYPE (all who have it, the "
     "surest first), top-users=N, top-entities=N, around=USER or around-entity=ENTITY (their ids), or "
     "percentile=P (users and entities at or above it). Of several kinds of entity also top-KIND=N and "
     "around-KIND=ENTITY."},
    {"suppress", "LIST", "suppress.lists", NULL},
    {"hops", "N", NULL,
     "How far around the subjects to look; without it 2 around a user or entity, 1 for the others, and of a "
     "cluster those that met two of its members or more."},
    {"max-nodes", "N", NULL,
     "At most this many nodes, the highest scores first " DEFAULT(RF_EXPORT_MAX_NODES)},
    {"max-edges", "N", NULL,
     "At most this many edges, the highest scores first " DEFAULT(RF_EXPORT_MAX_EDGES)},
    {"output", "FILE", NULL, "The file to write, - for standard output; a folder for neo4j."},
    {0},
};

static rf_status number_of(int64_t *out, const rf_args *args, const char *name, int64_t least, int64_t most,
                           rf_err *err)
{
    rf_status st = RF_OK;
    const char *text = rf_args_value(args, name);
    int64_t value;
    if (text == NULL)
        goto done;
    if (!rf_int_parse(&value, text, strlen(text)) || value < least || value > most)
        RF_FAIL(err, RF_E_INVALID, "--%s %s: it must be a whole number from %lld to %lld", name, text,
                (long long)least, (long long)most);
    *out = value;
done:
    return st;
}

static rf_status text_of(const char **out, const rf_args *args, const char *name, const char *example,
                         rf_err *err)
{
    rf_status st = RF_OK;
    *out = rf_args_value(args, name);
    if (*out == NULL)
        RF_FAIL(err, RF_E_INVALID, "export: --%s is missing, for example %s", name, example);
done:
    return st;
}

static rf_status read_options(rf_export_options *options, const rf_args *args, rf_err *err)
{
    rf_status st = RF_OK;
    const char *select;
    int64_t hops = 0;
    rf_export_options_default(options);
    RF_TRY(text_of(&options->format, args, "format", "--format graphml", err));
    RF_TRY(text_of(&select, args, "select", "--select top-users=50", err));
    RF_TRY(text_of(&options->path, args, "output", "--output worst.graphml", err));
    RF_TRY(rf_selection_parse(&options->select, select, err));
    RF_TRY(number_of(&hops, args, "hops", 1, MOST_HOPS, err));
    options->hops = (int)hops;
    RF_TRY(number_of(&options->max_nodes, args, "max-nodes", 1, INT32_MAX, err));
    RF_TRY(number_of(&options->max_edges, args, "max-edges", 0, INT32_MAX, err));
done:
    return st;
}

/* What earlier runs left beside the scores. */
static rf_status load_past(rf_export_options *options, rf_cluster_changes *changes, const rf_loaded *loaded,
                           const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_alert_history_load(&options->history, settings->emit.alerts, settings->emit.source,
                                 loaded->scores->run_id, &loaded->graph->kinds, err));
    if (loaded->clusters == NULL)
        goto done;
    RF_TRY(rf_cluster_changes_load(changes, loaded->clusters, loaded->graph, settings->files.clusters, err));
    options->changes = changes;
done:
    return st;
}

rf_status rf_cmd_export(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_loaded loaded = {0};
    rf_export_options options = {0};
    rf_export_result result;
    rf_cluster_changes changes = {0};
    RF_TRY(read_options(&options, &cli->args, err));
    RF_TRY(rf_load_scored(&loaded, &cli->job, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, err));
    RF_TRY(rf_load_cases(&loaded, &cli->job, err));
    RF_TRY(rf_job_graph_file(&cli->job, &options.graph_file, err));
    RF_TRY(load_past(&options, &changes, &loaded, cli->job.settings, err));
    RF_TRY(rf_job_check_signal("nothing was written; run the same command again", err));
    const rf_findings findings = rf_loaded_findings(&loaded);
    RF_TRY(rf_export_write(&result, &findings, &options, err));
    rf_log(RF_LOG_INFO, "%s: %s (%s, %s, %s for comparison), %s",
           strcmp(options.path, "-") == 0 ? "standard output" : options.path, RF_THINGS(result.nodes, "node"),
           RF_THINGS(result.subjects, "subject"), RF_THINGS(result.neighbours, "neighbour"),
           RF_THINGS(result.context, "ordinary one"), RF_THINGS(result.edges, "edge"));
    if (result.nodes_cut > 0 || result.edges_cut > 0)
        rf_log(RF_LOG_WARN, "left out by score: %s and %s; --max-nodes and --max-edges allow more",
               RF_THINGS(result.nodes_cut, "node"), RF_THINGS(result.edges_cut, "edge"));
done:
    rf_alert_history_free(options.history);
    rf_cluster_changes_clear(&changes);
    rf_loaded_clear(&loaded);
    return st;
}
