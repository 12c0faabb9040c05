/* useless.c - flags of the command line that have no effect with the configuration beside them.
 *
 * A key of the file may wait for the day on which it is used; who writes a flag means it now.
 */
#include "cli_int.h"

static rf_status refuse(const rf_cli *cli, const char *const *flags, const char *what, const char *key,
                        const char *value, rf_err *err)
{
    rf_status st = RF_OK;
    for (; *flags != NULL; flags++) {
        if (rf_args_has(&cli->args, *flags))
            RF_FAIL(err, RF_E_INVALID, "--%s is for %s, but %s is %s; leave it out, or change %s", *flags,
                    what, key, value, key);
    }
done:
    return st;
}

rf_status rf_cli_check_flags(const rf_cli *cli, rf_err *err)
{
    static const char *const to_kafka[] = {"topic", "score-topic", "create-topics", NULL},
                             *const to_files[] = {"path", NULL},
                             *const from_kafka[] = {"topics", "from", "until", NULL};
    rf_status st = RF_OK;
    const rf_source_type source = cli->job.settings->source.type;
    if (cli->job.settings->emit.to == RF_EMIT_KAFKA)
        RF_TRY(refuse(cli, to_files, "messages in a file", "emit.to", "kafka", err));
    else
        RF_TRY(refuse(cli, to_kafka, "messages to Kafka", "emit.to", "jsonl", err));
    if (source != RF_SOURCE_KAFKA)
        RF_TRY(refuse(cli, from_kafka, "events from Kafka", "source.type",
                      source == RF_SOURCE_STDIN ? "stdin" : "files", err));
done:
    return st;
}
