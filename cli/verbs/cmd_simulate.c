/* cmd_simulate.c - writes simulated events, and the configuration that reads them. */
#include <string.h>

#include "cli_int.h"
#include "rf_file.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_progress.h"
#include "rf_table.h"

#define FLUSH_BYTES (1 << 18)

const rf_opt rf_opts_simulate[] = {
    {"events", "N", "simulate.events", NULL},
    {"seed", "N", "simulate.seed", NULL},
    {"output", "FILE", "simulate.output", NULL},
    {"format", "FORMAT", "simulate.format", NULL},
    {"write-config", "FILE", "simulate.write_config", NULL},
    {"kinds", "COUNT", "simulate.kinds", NULL},
    {"start", "TIME", "simulate.start", NULL},
    {"days", "N", "simulate.days", NULL},
    {"users", "N", "simulate.users", NULL},
    {"entities", "N", "simulate.entities", NULL},
    {"fraud-share", "SHARE", "simulate.fraud_share", NULL},
    {"look-alike-share", "SHARE", "simulate.look_alike_share", NULL},
    {"fraud-types", "NAMES", "simulate.fraud_types", NULL},
    {"resold-phones", "SHARE", "simulate.resold_phones", NULL},
    {0},
};

typedef struct writer {
    rf_file *file;
    rf_text text;
    bool csv;
    int64_t written, total;
} writer;

static rf_status flush(writer *w, rf_err *err)
{
    rf_status st = rf_file_write(w->file, w->text.ptr == NULL ? "" : w->text.ptr, w->text.len, err);
    rf_text_reset(&w->text);
    return st;
}

static rf_status write_event(void *context, const rf_simulated_event *event, rf_err *err)
{
    rf_status st = RF_OK;
    writer *w = context;
    RF_TRY(w->csv ? rf_simulate_print_csv(&w->text, event, err)
                  : rf_simulate_print_json(&w->text, event, err));
    if (w->text.len >= FLUSH_BYTES)
        RF_TRY(flush(w, err));
    if ((++w->written & 4095) == 0) {
        RF_TRY(rf_job_check_signal("nothing was written", err));
        rf_progress_update(w->written, w->total, w->written);
    }
done:
    return st;
}

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

static rf_status write_events(rf_job *job, const rf_simulate_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = job->settings->files.simulated;
    rf_source_format format = job->settings->simulated_format;
    writer w = {.total = options->events,
                .csv = format == RF_FORMAT_CSV || (format == RF_FORMAT_AUTO && ends_with(path, ".csv"))};
    RF_TRY(rf_file_create_beside(&w.file, path, err));
    if (w.csv)
        RF_TRY(rf_text_add(&w.text, rf_simulate_csv_header(), strlen(rf_simulate_csv_header()), err));
    rf_progress_begin("simulate", "events");
    RF_TRY(rf_simulate(options, write_event, &w, err));
    RF_TRY(flush(&w, err));
    RF_TRY(rf_file_commit(w.file, err));
done:
    rf_progress_end();
    rf_text_clear(&w.text);
    rf_file_close(&w.file);
    return st;
}

static rf_status write_config(rf_job *job, const rf_simulate_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_file *file = NULL;
    rf_text output = {0};
    char *yaml = NULL;
    const char *path = job->settings->files.simulated_config;
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    size_t len = dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);
    if (rf_settings_origin_of(job->settings, "output") == RF_FROM_DEFAULT)
        RF_TRY(rf_text_printf(&output, err, "runs/%.*s", (int)len, name)); /* runs/demo of conf/demo.yaml */
    else
        RF_TRY(rf_text_printf(&output, err, "%s", job->settings->output));
    yaml = rf_simulate_config(options, job->settings->files.simulated, output.ptr, err);
    if (yaml == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    RF_TRY(rf_file_create_beside(&file, path, err));
    RF_TRY(rf_file_write(file, yaml, strlen(yaml), err));
    RF_TRY(rf_file_commit(file, err));
    rf_log(RF_LOG_INFO, "%s reads them: ringfence run --config %s", path, path);
done:
    rf_file_close(&file);
    rf_mem_free(yaml);
    rf_text_clear(&output);
    return st;
}

rf_status rf_cmd_simulate(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_simulate_options *options = &cli->job.settings->simulate;
    const char *path = cli->job.settings->files.simulated;
    if (path == NULL)
        RF_FAIL(err, RF_E_INVALID,
                "--output is missing; name the file of the events, or - for standard output");
    if (ends_with(path, ".gz") || ends_with(path, ".zst"))
        RF_FAIL(err, RF_E_INVALID, "--output %s: simulate writes plain text; pipe it: --output - | gzip > %s",
                path, path);
    if (cli->job.settings->files.simulated_config != NULL && strcmp(path, "-") == 0)
        RF_FAIL(err, RF_E_INVALID, "--write-config needs events in a file; give --output a name");
    RF_TRY(write_events(&cli->job, options, err));
    if (strcmp(path, "-") != 0)
        rf_log(RF_LOG_INFO, "%s: %s", path, RF_THINGS(options->events, "event"));
    if (cli->job.settings->files.simulated_config != NULL)
        RF_TRY(write_config(&cli->job, options, err));
done:
    return st;
}
