/* prometheus.c - a summary in Prometheus's text format, for node_exporter's textfile collector.
 *
 * Written at the end of a verb that succeeded, so a file that stays old says that the job does not succeed.
 * All are gauges of the last run: a job that ends has no counters. Every sample names verb and output folder,
 * so that the files of several jobs do not collide in one collector.
 */
#include "rf_summary.h"

#include <math.h>

#include "rf_file.h"
#include "rf_time.h"

#define US_PER_S 1e6

typedef struct metrics {
    rf_text text;
    const char *verb, *output;
    rf_err *err;
} metrics;

/* A label's value: what would end it is escaped. */
static rf_status put_value(metrics *m, const char *value)
{
    rf_status st = RF_OK;
    for (const char *p = value; *p != '\0'; p++) {
        if (*p == '\n')
            RF_TRY(rf_text_add(&m->text, "\\n", 2, m->err));
        else if (*p == '\\' || *p == '"')
            RF_TRY(rf_text_printf(&m->text, m->err, "\\%c", *p));
        else
            RF_TRY(rf_text_add(&m->text, p, 1, m->err));
    }
done:
    return st;
}

static rf_status put_family(metrics *m, const char *name, const char *help)
{
    return rf_text_printf(&m->text, m->err, "# HELP ringfence_%s %s\n# TYPE ringfence_%s gauge\n", name, help,
                          name);
}

/* label NULL: none of its own. */
static rf_status put_sample(metrics *m, const char *name, const char *label, const char *value, double x)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(&m->text, m->err, "ringfence_%s{verb=\"", name));
    RF_TRY(put_value(m, m->verb));
    RF_TRY(rf_text_printf(&m->text, m->err, "\",output=\""));
    RF_TRY(put_value(m, m->output));
    if (label != NULL) {
        RF_TRY(rf_text_printf(&m->text, m->err, "\",%s=\"", label));
        RF_TRY(put_value(m, value));
    }
    if (isfinite(x))
        RF_TRY(rf_text_printf(&m->text, m->err, "\"} %.17g\n", x));
    else
        RF_TRY(rf_text_printf(&m->text, m->err, "\"} %s\n", isnan(x) ? "NaN" : x > 0 ? "+Inf" : "-Inf"));
done:
    return st;
}

static rf_status put_single(metrics *m, const char *name, const char *help, double x)
{
    rf_status st = put_family(m, name, help);
    return st < 0 ? st : put_sample(m, name, NULL, NULL, x);
}

typedef struct figure {
    const char *label;
    int64_t n;
} figure;

static rf_status put_figures(metrics *m, const char *name, const char *help, const char *label,
                             const figure *figures, int n)
{
    rf_status st = RF_OK;
    RF_TRY(put_family(m, name, help));
    for (int i = 0; i < n; i++)
        RF_TRY(put_sample(m, name, label, figures[i].label, (double)figures[i].n));
done:
    return st;
}

static rf_status put_events(metrics *m, const rf_counts *events)
{
    const figure fates[] = {{"accepted", events->accepted},   {"rejected", events->rejected},
                            {"duplicate", events->duplicate}, {"late", events->late},
                            {"waiting", events->waiting},     {"expired", events->expired},
                            {"filtered", events->filtered}};
    rf_status st = put_single(m, "events_read", "Records that the last run read.", (double)events->read);
    return st < 0 ? st
                  : put_figures(m, "events", "Records of the last run by what became of them.", "fate", fates,
                                (int)(sizeof fates / sizeof *fates) - (events->filtered == 0));
}

static rf_status put_kafka(metrics *m, const rf_summary_kafka *kafka)
{
    rf_status st = RF_OK;
    const figure in[] = {
        {"consumed", kafka->consumed}, {"rejected", kafka->rejected}, {"dead_lettered", kafka->dead_letters}};
    const figure out[] = {{"produced", kafka->produced}, {"tombstones", kafka->tombstones}};
    if (kafka->in) {
        RF_TRY(put_figures(m, "kafka_messages_in", "Messages of the last run's reading.", "fate", in, 3));
        RF_TRY(put_single(m, "kafka_rebalances", "Rebalances of the group during the last run.",
                          (double)kafka->rebalances));
        if (kafka->lag >= 0)
            RF_TRY(put_single(m, "kafka_lag_messages", "Messages behind the topic's end when last seen.",
                              (double)kafka->lag));
    }
    if (kafka->out) {
        RF_TRY(
            put_figures(m, "kafka_messages_out", "Messages that the last run made visible.", "kind", out, 2));
        RF_TRY(put_single(m, "kafka_aborted_transactions", "Transactions that the last run began in vain.",
                          (double)kafka->aborted));
    }
done:
    return st;
}

static rf_status put_steps(metrics *m, const rf_summary *summary)
{
    rf_status st = RF_OK;
    RF_TRY(put_family(m, "step_duration_seconds", "Elapsed time of each step of the last run."));
    for (int i = 0; i < summary->n_steps; i++)
        RF_TRY(put_sample(m, "step_duration_seconds", "step", summary->steps[i].name,
                          summary->steps[i].seconds));
    RF_TRY(put_family(m, "step_peak_memory_bytes", "Peak resident memory of each step of the last run."));
    for (int i = 0; i < summary->n_steps; i++) {
        if (summary->steps[i].peak_rss_bytes >= 0)
            RF_TRY(put_sample(m, "step_peak_memory_bytes", "step", summary->steps[i].name,
                              (double)summary->steps[i].peak_rss_bytes));
    }
done:
    return st;
}

static rf_status put_findings(metrics *m, const rf_summary *summary)
{
    rf_status st = RF_OK;
    const figure rows[] = {{"users", summary->rows[RF_USER]},
                           {"entities", summary->rows[RF_ENTITY]},
                           {"edges", summary->rows[RF_EDGE]}};
    if (summary->has_graph)
        RF_TRY(put_figures(m, "graph_rows", "Size of the graph.", "kind", rows, RF_SIDES));
    if (summary->has_training) {
        RF_TRY(put_single(m, "training_epochs", "Epochs of the model.", (double)summary->epochs));
        RF_TRY(put_single(m, "training_loss", "Loss after the last epoch.", summary->loss));
    }
    if (summary->model_trained_us > 0)
        RF_TRY(put_single(m, "model_trained_timestamp_seconds", "When the model that scored was trained.",
                          (double)summary->model_trained_us / US_PER_S));
    if (!summary->has_actions)
        goto done;
    RF_TRY(put_family(m, "alerts", "Messages of the last run by the surest type of fraud of their subject."));
    for (int i = 0; i < summary->alerts.n; i++)
        RF_TRY(put_sample(m, "alerts", "type", summary->alerts.of[i].type, (double)summary->alerts.of[i].n));
    RF_TRY(put_single(m, "alerts_over_budget", "Alerts that the budget kept from having a message.",
                      (double)summary->over_budget));
done:
    return st;
}

rf_status rf_metrics_write(const rf_summary *summary, const char *verb, const char *output, const char *path,
                           rf_err *err)
{
    rf_status st = RF_OK;
    metrics m = {.verb = verb, .output = output, .err = err};
    rf_file *file = NULL;
    RF_TRY(put_single(&m, "last_success_timestamp_seconds", "When the verb last ended with success.",
                      (double)rf_clock_us() / US_PER_S));
    if (summary->has_events)
        RF_TRY(put_events(&m, &summary->events));
    RF_TRY(put_kafka(&m, &summary->kafka));
    RF_TRY(put_findings(&m, summary));
    RF_TRY(put_steps(&m, summary));
    RF_TRY(rf_file_create_beside(&file, path, err));
    RF_TRY(rf_file_write(file, m.text.ptr, m.text.len, err));
    RF_TRY(rf_file_commit(file, err));
done:
    rf_file_close(&file);
    rf_text_clear(&m.text);
    return st;
}
