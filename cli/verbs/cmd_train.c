/* cmd_train.c - trains on graph.h5, shows each epoch, keeps the log of epochs in step with the checkpoints.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_int.h"
#include "estimate_memory.h"
#include "rf_beside.h"
#include "rf_file.h"
#include "rf_json.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_progress.h"
#include "rf_signal.h"
#include "rf_stop.h"
#include "rf_table.h"

const rf_opt rf_opts_train[] = {
    {"graph", "FILE", "graph.file", "The graph to train on."},
    {"model", "FILE", "train.model", NULL},
    {"epochs", "N", "train.epochs", NULL},
    {"lr", "RATE", "train.lr", NULL},
    {"eta", "WEIGHT", "train.eta", NULL},
    {"seed", "N", "train.seed", NULL},
    {"hidden", "N[,N,N]", "train.hidden", NULL},
    {"latent", "N[,N[,N]]", "train.latent", NULL},
    {"layers-encoder", "N", "train.layers_encoder", NULL},
    {"layers-decoder", "N", "train.layers_decoder", NULL},
    {"layers-mlp", "N", "train.layers_mlp", NULL},
    {"negatives", "TIMES", "train.negatives", NULL},
    {"log", "FILE", "train.log", NULL},
    {"dropout", "P", "train.dropout", NULL},
    {"milestones", "N[,N]...", "train.milestones", NULL},
    {"gamma", "FACTOR", "train.gamma", NULL},
    {"init", "KIND", "train.init", NULL},
    {"patience", "N", "train.patience", NULL},
    {"min-delta", "SHARE", "train.min_delta", NULL},
    {"checkpoint-every", "N", "train.checkpoint_every", NULL},
    {"warm-start", "WHEN", "train.warm_start", NULL},
    {"precision", "TYPE", "train.precision", NULL},
    {"restart", NULL, "train.restart", NULL},
    {"estimate-memory", NULL, NULL, "Prints what training would take, and trains nothing."},
    RF_OPT_NO_CPU_SWITCH,
    RF_OPT_SUMMARY,
    RF_OPT_METRICS,
    {0},
};

typedef struct training {
    const char *log_path; /* NULL: none */
    FILE *log;
    rf_json *json;
    int64_t epochs;
    rf_status st; /* of writing the log: a hook cannot fail */
    rf_err err;
} training;

/* ---- the log of epochs ---- */

/* Opens the log, with the lines of earlier epochs where an interrupted training left some. */
static rf_status open_log(training *t, int epoch, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text kept = {0};
    char line[1024];
    int fd = -1;
    RF_TRY(rf_json_new(&t->json, err));
    FILE *earlier = epoch == 0 ? NULL : fopen(t->log_path, "re");
    while (earlier != NULL && st >= 0 && fgets(line, sizeof line, earlier) != NULL) {
        const char *number = strstr(line, "\"epoch\":");
        if (number == NULL || strchr(line, '\n') == NULL || strtol(number + 8, NULL, 10) >= epoch)
            break;
        st = rf_text_add(&kept, line, strlen(line), err);
    }
    if (earlier != NULL)
        fclose(earlier);
    RF_TRY(st);
    RF_TRY(rf_file_open_kept(&fd, t->log_path, O_WRONLY | O_TRUNC, err));
    t->log = fdopen(fd, "w");
    if (t->log == NULL || (kept.len > 0 && fwrite(kept.ptr, 1, kept.len, t->log) != kept.len))
        RF_FAIL(err, RF_E_IO, "%s: the log of epochs cannot be written: %s", t->log_path, strerror(errno));
done:
    rf_text_clear(&kept);
    return st;
}

static rf_status log_epoch(training *t, const rf_epoch_report *report, rf_err *err)
{
    rf_status st = RF_OK;
    const char *text;
    size_t len;
    if (t->log == NULL)
        RF_TRY(open_log(t, report->epoch, err));
    rf_json_reset(t->json);
    rf_json_map_open(t->json);
    rf_json_key(t->json, "epoch");
    rf_json_int(t->json, report->epoch);
    rf_json_put_double(t->json, "loss", report->loss);
    rf_json_put_double(t->json, "loss_xu", report->loss_xu);
    rf_json_put_double(t->json, "loss_xv", report->loss_xv);
    rf_json_put_double(t->json, "loss_xe", report->loss_xe);
    rf_json_put_double(t->json, "loss_e", report->loss_e);
    rf_json_put_double(t->json, "concentration", report->concentration);
    rf_json_put_double(t->json, "lr", report->lr);
    rf_json_put_double(t->json, "seconds", report->seconds);
    rf_json_map_close(t->json);
    RF_TRY(rf_json_end(t->json, &text, &len, err));
    if (fwrite(text, 1, len, t->log) != len || fputc('\n', t->log) == EOF || fflush(t->log) != 0)
        RF_FAIL(err, RF_E_IO, "%s: the log of epochs cannot be written: %s", t->log_path, strerror(errno));
done:
    return st;
}

static void epoch_done(void *context, const rf_epoch_report *report)
{
    training *t = context;
    char note[48];
    snprintf(note, sizeof note, "loss %.5g", report->loss);
    rf_progress_note(note);
    rf_progress_update(report->epoch + 1, t->epochs, report->epoch + 1);
    if (t->log_path != NULL && t->st >= 0)
        t->st = log_epoch(t, report, &t->err);
}

/* ---- the step ---- */

static rf_status train(rf_train_result *result, rf_job *job, training *t, const rf_graph *graph,
                       const char *model, bool restart_when_changed, rf_err *err)
{
    rf_status st = RF_OK;
    rf_train_options options = job->settings->train;
    const bool may_replace = restart_when_changed || options.warm_start == RF_WARM_ALWAYS;
    rf_pool *pool = NULL;
    rf_train_hooks hooks = {epoch_done, t, rf_stop_flag()};
    rf_err first = {0};
    t->epochs = rf_train_most_epochs(&options, graph->adj.n_e);
    RF_TRY(rf_job_pool(job, &pool, err));
    if (job->settings->restart)
        options.warm_start = RF_WARM_NEVER;
    rf_signal_hold(true);
    st = rf_train(result, graph, &options, model, job->settings->restart, &hooks, pool, &first);
    if (st == RF_E_INVALID && may_replace && !job->settings->restart && rf_path_exists(model)) {
        rf_log(RF_LOG_INFO, "training %s: %s", options.warm_start == RF_WARM_NEVER ? "from scratch" : "anew",
               first.msg);
        st = rf_train(result, graph, &options, model, true, &hooks, pool, err);
    } else if (st < 0 && err != NULL) {
        *err = first;
    }
done:
    rf_signal_hold(false);
    return st;
}

static void report(rf_job *job, const char *model, const rf_train_result *result)
{
    char loss[32], why[128] = "";
    const bool warm = result->warm_from[0] != '\0';
    rf_summary *summary = &job->summary;
    summary->has_training = true;
    summary->epochs = result->epochs;
    summary->loss = result->loss;
    memcpy(summary->warm_from, result->warm_from, sizeof summary->warm_from);
    rf_figure_format(loss, result->loss);
    if (result->end == RF_END_PLATEAU)
        snprintf(why, sizeof why, ", stopped early");
    else if (result->end == RF_END_PEAK)
        snprintf(why, sizeof why, ", enough: errors were most concentrated after epoch %d",
                 result->peak_epoch);
    else if (result->end == RF_END_GOAL)
        snprintf(why, sizeof why, ", enough: as low as after the last cold start");
    else if (result->end == RF_END_MOST)
        snprintf(why, sizeof why, ", the most that auto takes");
    if (result->cold_why[0] != '\0')
        rf_log(RF_LOG_INFO, "%s: training began cold, not with the model that was there: %s", model,
               result->cold_why);
    if (result->resumed_from == result->epochs && result->epochs > 0)
        rf_log(RF_LOG_INFO, "%s: nothing to do, all was done (%s, loss %s)", model,
               RF_THINGS(result->epochs, "epoch"), loss);
    else if (result->resumed_from > 0)
        rf_log(RF_LOG_INFO, "%s: %s, continued from %d, loss %s%s", model, RF_THINGS(result->epochs, "epoch"),
               result->resumed_from, loss, why);
    else
        rf_log(RF_LOG_INFO, "%s: %s, loss %s%s%s%s", model, RF_THINGS(result->epochs, "epoch"), loss, why,
               warm ? ", warm from " : "", result->warm_from);
}

/* A model of users, entities and edges without a column could be written, but not be read again. */
static rf_status check_columns(const rf_graph_size *size, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    if (size->n[RF_EDGE] > 0 && size->d[RF_USER] + size->d[RF_ENTITY] + size->d[RF_EDGE] == 0)
        RF_FAIL(err, RF_E_INVALID,
                "%s: the graph has no features of its %s, %s and %s between them: each of these "
                "are all alike, so there is nothing to learn; it needs more events, or times and attributes "
                "(fields)",
                path, RF_THINGS(size->n[RF_USER], "user"),
                RF_THINGS(size->n[RF_ENTITY], rf_kind_name(&size->kinds, 0)),
                RF_THINGS(size->n[RF_EDGE], "edge"));
done:
    return st;
}

/* From the sizes in the file, before anything of it is read. */
static rf_status plan_memory(rf_memory_plan *plan, rf_job *job, rf_err *err)
{
    rf_status st = RF_OK;
    rf_graph_size size;
    rf_pool *pool = NULL;
    rf_h5 *file = NULL; /* the job's */
    RF_TRY(rf_job_pool(job, &pool, err));
    RF_TRY(rf_job_graph_file(job, &file, err));
    RF_TRY(rf_graph_measure(&size, file, err));
    RF_TRY(check_columns(&size, job->settings->files.graph, err));
    RF_TRY(rf_plan_train(plan, &size, &job->settings->train, rf_pool_threads(pool), err));
done:
    return st;
}

rf_status rf_step_train(rf_job *job, bool restart_when_changed, rf_err *err)
{
    rf_status st = RF_OK;
    rf_graph *graph = NULL;
    training t = {.log_path = job->settings->files.epochs};
    rf_memory_plan plan;
    rf_train_result result = {0};
    const char *model = job->settings->files.model;
    rf_summary_begin(&job->summary);
    RF_TRY(plan_memory(&plan, job, err));
    RF_TRY(rf_job_check_memory(&plan, "training", err));
    RF_TRY(rf_job_graph(job, &graph, RF_GRAPH_FEATURES, err));
    if (job->settings->train.precision == RF_PRECISION_BF16)
        RF_TRY(rf_graph_narrow_edges(graph, err));
    RF_TRY(rf_job_make_output(job, err));
    rf_progress_begin("train", "epochs");
    st = train(&result, job, &t, graph, model, restart_when_changed, err);
    if (strcmp(model, job->settings->files.graph) == 0) /* the graph's file has a model now */
        rf_job_forget_graph(job);
    RF_TRY(st);
    rf_progress_end();
    report(job, model, &result);
    RF_TRY(rf_summary_add_file(&job->summary, model, err));
    if (t.log != NULL)
        RF_TRY(rf_summary_add_file(&job->summary, t.log_path, err));
    rf_summary_end(&job->summary, "train");
done:
    rf_progress_end();
    if (t.log != NULL)
        fclose(t.log);
    rf_json_free(t.json);
    if (st >= 0 && t.st < 0) {
        st = t.st;
        if (err != NULL)
            *err = t.err;
    }
    rf_graph_free(graph);
    return st;
}

rf_status rf_cmd_train(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_memory_plan plan;
    rf_cli_choose_core(cli);
    if (rf_args_has(&cli->args, "estimate-memory")) {
        RF_TRY(plan_memory(&plan, &cli->job, err));
        RF_TRY(rf_estimate_memory(&plan, err));
        goto done;
    }
    RF_TRY(rf_step_train(&cli->job, false, err));
    RF_TRY(rf_cli_summary(cli, err));
done:
    return st;
}
