/* cli_int.h - what the verbs share: the running command and the texts that it prints. Steps are in rf_job.h.
 */
#ifndef RF_CLI_INT_H
#define RF_CLI_INT_H

#include "rf_job.h"
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

/* ---- print.c ---- */
RF_MUST_CHECK rf_status rf_cli_print(const rf_text *text, rf_err *err); /* to standard output */
/* Writes --summary FILE where asked for. */
RF_MUST_CHECK rf_status rf_cli_summary(rf_cli *cli, rf_err *err);

/* ---- core.c ---- Starts the program again with better BLAS kernels where the library chose badly. Returns
 * when there is nothing to gain, or it is switched off, or starting fails. */
void rf_cli_choose_core(const rf_cli *cli);

/* ---- report.c ---- texts for people ---- */
RF_MUST_CHECK rf_status rf_report_evaluation(rf_text *text, const rf_evaluation *evaluation, rf_err *err);
RF_MUST_CHECK rf_status rf_report_summary(rf_text *text, const rf_summary *summary, rf_err *err);
/* How many users, entities and edges have which tag, and how sure that is on average. */
RF_MUST_CHECK rf_status rf_report_tags(rf_text *text, const rf_tags *tags, rf_err *err);
/* The `n` worst clusters of each method, and as many that are gone. */
RF_MUST_CHECK rf_status rf_report_clusters(rf_text *text, const rf_clusters *clusters, const rf_graph *graph,
                                           int n, rf_err *err);
/* Why each rule did or did not hold for one user or entity. */
struct rf_rules;
struct rf_rules_trace;
RF_MUST_CHECK rf_status rf_report_rules(rf_text *text, const struct rf_rules_trace *trace,
                                        const rf_graph *graph, const rf_scores *scores, rf_err *err);
/* The rules of a file, one a line; with a graph (may be NULL) also which features it lacks. */
RF_MUST_CHECK rf_status rf_report_rule_list(rf_text *text, const struct rf_rules *rules,
                                            const rf_graph *graph, rf_err *err);
/* The `n` highest users, entities and edges with their surest tag, main reason, and why. */
RF_MUST_CHECK rf_status rf_report_top(rf_text *text, const rf_findings *findings, int n, rf_err *err);

/* ---- the verbs ---- */
/* `build FILE...`, into source.paths. */
RF_MUST_CHECK rf_status rf_build_take_files(rf_settings *settings, const rf_args *args, rf_err *err);
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
rf_status rf_cmd_inspect(rf_cli *cli, rf_err *err);

extern const rf_opt rf_opts_simulate[], rf_opts_build[], rf_opts_merge[], rf_opts_train[], rf_opts_score[],
    rf_opts_tag[], rf_opts_emit[], rf_opts_evaluate[], rf_opts_export[], rf_opts_run[], rf_opts_inspect[],
    rf_opts_cluster[];

#endif
