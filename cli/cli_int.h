/* cli_int.h - the running command, and its verbs. main.c calls cli.c, that one verbs.c, and the table there
 * the verbs. Their steps are in rf_job.h, the texts that they print in rf_report.h.
 */
#ifndef RF_CLI_INT_H
#define RF_CLI_INT_H

#include <stdint.h>

#include "rf_job.h"
#include "rf_json.h"
#include "rf_opt.h"

typedef struct rf_cli {
    const rf_verb *verb;
    const rf_verb *verbs; /* all of them, ended by a NULL name */
    char **argv;          /* the program's own, for starting it again */
    rf_args args;
    rf_job job;
} rf_cli;

/* The whole program; returns its exit status. */
int rf_cli_main(int argc, char **argv);
const rf_verb *rf_cli_verbs(void);

/* ---- streams.c ---- */
/* Before anything is opened: closed descriptors 0 to 2 are reserved, and a pipe without a reader, or a file
 * that grows too large, fails a write instead of ending the process. */
void rf_cli_guard_streams(void);
/* RF_E_IO where the process may not open the files that any verb needs. */
RF_MUST_CHECK rf_status rf_cli_check_limits(rf_err *err);
/* As many open files at a time as are wanted, or as the hard limit allows. */
void rf_cli_allow_files(uint64_t wanted);
/* To standard output; what a terminal would obey is spelled (rf_quote.h). */
RF_MUST_CHECK rf_status rf_cli_print(const rf_text *text, rf_err *err);
/* One line on standard error. */
void rf_cli_complain(const char *format, ...) RF_PRINTF(1, 2);
/* The same for tables beside files that are written: a failure is a warning. */
void rf_cli_print_report(const rf_text *text);

/* ---- print.c ---- */
/* The finished JSON and a newline. */
RF_MUST_CHECK rf_status rf_cli_add_json(rf_text *text, rf_json *json, rf_err *err);
/* Writes --summary FILE and --metrics FILE where asked for; the last thing that a verb does. */
RF_MUST_CHECK rf_status rf_cli_summary(rf_cli *cli, rf_err *err);

/* ---- useless.c ---- Refuses flags that the configuration leaves without use: --path where messages go to
 * Kafka, --topics where events do not come from there. */
RF_MUST_CHECK rf_status rf_cli_check_flags(const rf_cli *cli, rf_err *err);

/* ---- core.c ---- Starts the program again with better BLAS kernels where the library chose badly. Returns
 * when there is nothing to gain, or it is switched off, or starting fails. */
void rf_cli_choose_core(const rf_cli *cli);

/* ---- the verbs ---- */
/* `build FILE...`, into source.paths. */
RF_MUST_CHECK rf_status rf_build_take_files(rf_settings *settings, const rf_args *args, rf_err *err);
/* `init FILE...|TOPIC...`: topics where --brokers is given, or the configuration reads Kafka. */
RF_MUST_CHECK rf_status rf_init_take(rf_settings *settings, const rf_args *args, rf_err *err);
rf_status rf_cmd_init(rf_cli *cli, rf_err *err);
rf_status rf_cmd_check(rf_cli *cli, rf_err *err);
rf_status rf_cmd_simulate(rf_cli *cli, rf_err *err);
rf_status rf_cmd_build(rf_cli *cli, rf_err *err);
rf_status rf_cmd_merge(rf_cli *cli, rf_err *err);
rf_status rf_cmd_train(rf_cli *cli, rf_err *err);
rf_status rf_cmd_score(rf_cli *cli, rf_err *err);
rf_status rf_cmd_tag(rf_cli *cli, rf_err *err);
rf_status rf_cmd_cluster(rf_cli *cli, rf_err *err);
rf_status rf_cmd_emit(rf_cli *cli, rf_err *err);
rf_status rf_cmd_evaluate(rf_cli *cli, rf_err *err);
rf_status rf_cmd_export(rf_cli *cli, rf_err *err);
rf_status rf_cmd_run(rf_cli *cli, rf_err *err);
rf_status rf_cmd_erase(rf_cli *cli, rf_err *err);
rf_status rf_cmd_pseudonym(rf_cli *cli, rf_err *err);
rf_status rf_cmd_inspect(rf_cli *cli, rf_err *err);
rf_status rf_cmd_upgrade(rf_cli *cli, rf_err *err);

extern const rf_opt rf_opts_simulate[], rf_opts_build[], rf_opts_merge[], rf_opts_train[], rf_opts_score[],
    rf_opts_tag[], rf_opts_emit[], rf_opts_evaluate[], rf_opts_export[], rf_opts_run[], rf_opts_inspect[],
    rf_opts_cluster[], rf_opts_erase[], rf_opts_init[], rf_opts_check[], rf_opts_pseudonym[],
    rf_opts_upgrade[];

#endif
