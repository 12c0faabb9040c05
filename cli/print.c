/* print.c - what a verb leaves behind for programs: JSON on standard output, --summary FILE, --metrics FILE.
 */
#include "cli_int.h"

rf_status rf_cli_add_json(rf_text *text, rf_json *json, rf_err *err)
{
    rf_status st = RF_OK;
    const char *bytes;
    size_t len;
    RF_TRY(rf_json_end(json, &bytes, &len, err));
    RF_TRY(rf_text_add(text, bytes, len, err));
    RF_TRY(rf_text_add(text, "\n", 1, err));
done:
    return st;
}

rf_status rf_cli_summary(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    const char *summary = rf_args_value(&cli->args, "summary");
    const char *metrics = rf_args_value(&cli->args, "metrics");
    if (summary != NULL)
        RF_TRY(rf_summary_write(&cli->job.summary, summary, err));
    if (metrics != NULL)
        RF_TRY(rf_metrics_write(&cli->job.summary, cli->verb->name, cli->job.settings->output, metrics, err));
done:
    return st;
}
