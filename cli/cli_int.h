/* cli_int.h - what the verbs share: the running command, its settings, and the steps that `run` strings
 * together.
 */
#ifndef RF_CLI_INT_H
#define RF_CLI_INT_H

#include "rf_graph.h"
#include "rf_opt.h"
#include "rf_pool.h"
#include "rf_score.h"
#include "rf_settings.h"
#include "rf_status.h"
#include "rf_summary.h"
#include "rf_tags.h"

typedef struct rf_cli {
    const rf_verb *verb;
    const rf_verb *verbs; /* all of them, ended by a NULL name */
    char **argv;          /* the program's own, for starting it again */
    rf_args args;
    rf_settings *settings;
    rf_summary summary;
    rf_pool *pool;             /* see rf_cli_pool */
    struct rf_cli_lock *locks; /* see rf_cli_lock_output */
    struct rf_audit *audit;    /* see rf_cli_audit */
} rf_cli;

/* The whole program; returns its exit status. */
int rf_cli_main(int argc, char **argv);
const rf_verb *rf_cli_verbs(void);

/* ---- cli.c ---- */
RF_MUST_CHECK rf_status rf_cli_pool(rf_cli *cli, rf_pool **out, rf_err *err); /* made once, freed with cli */
RF_MUST_CHECK rf_status rf_cli_make_output(rf_cli *cli, rf_err *err); /* the folder `output`, if it is set */
RF_MUST_CHECK rf_status rf_cli_print(const rf_text *text, rf_err *err); /* to standard output */
/* ---- lock.c ---- One process at a time writes `path` and what lies beside it. Held until the command ends;
 * a second call for the same path does nothing. RF_E_IO names the process that has it. */
RF_MUST_CHECK rf_status rf_cli_lock_output(rf_cli *cli, const char *path, rf_err *err);
void rf_cli_unlock(rf_cli *cli);

/* ---- cli.c ---- Writes --summary FILE where asked for. */
RF_MUST_CHECK rf_status rf_cli_summary(rf_cli *cli, rf_err *err);
/* RF_E_INTERRUPTED when SIGINT or SIGTERM came; `what` says what is saved. */
RF_MUST_CHECK rf_status rf_cli_check_signal(const char *what, rf_err *err);

/* ---- core.c ---- Starts the program again with better BLAS kernels where the library chose badly. Returns
 * when there is nothing to gain, or it is switched off, or starting fails. */
void rf_cli_choose_core(const rf_cli *cli);

/* ---- audit_steps.c ---- The log of audit.path (for `run` audit.jsonl in `output` without that), opened
 * once, closed with cli; without a path it takes entries and keeps none. */
struct rf_audit;
struct rf_clusters;
RF_MUST_CHECK rf_status rf_cli_audit(rf_cli *cli, struct rf_audit **out, rf_err *err);
RF_MUST_CHECK rf_status rf_audit_run(rf_cli *cli, bool begins, rf_err *err);
RF_MUST_CHECK rf_status rf_audit_score(rf_cli *cli, const rf_scores *scores, rf_err *err);
RF_MUST_CHECK rf_status rf_audit_tag(rf_cli *cli, const rf_tags *tags, rf_err *err);
RF_MUST_CHECK rf_status rf_audit_cluster(rf_cli *cli, const struct rf_clusters *clusters, rf_err *err);

/* ---- steps: what a verb does, between its options and its messages ---- */
RF_MUST_CHECK rf_status rf_step_build(rf_cli *cli, rf_err *err);
RF_MUST_CHECK rf_status rf_step_train(rf_cli *cli, bool restart_when_changed, rf_err *err);
RF_MUST_CHECK rf_status rf_step_score(rf_cli *cli, rf_err *err);
/* Tags by `tag.rules` into the scores' file (score.output). graph with features and activity. */
RF_MUST_CHECK rf_status rf_step_tag(rf_cli *cli, const rf_graph *graph, const rf_scores *scores, rf_err *err);
/* Clusters into the scores' file, with the tags that it has by now; compared with the register of the last
 * run, which is then brought up to date. graph with ids and activity. */
RF_MUST_CHECK rf_status rf_step_cluster(rf_cli *cli, const rf_graph *graph, const rf_scores *scores,
                                        rf_err *err);
/* already_is_done: a run that is in its topic already is news, not a failure. */
struct rf_findings;
RF_MUST_CHECK rf_status rf_step_emit(rf_cli *cli, const struct rf_findings *findings, const char *picture,
                                     bool already_is_done, rf_err *err);

/* ---- report.c ---- texts for people ---- */
struct rf_evaluation;
RF_MUST_CHECK rf_status rf_report_evaluation(rf_text *text, const struct rf_evaluation *evaluation,
                                             rf_err *err);
RF_MUST_CHECK rf_status rf_report_summary(rf_text *text, const rf_summary *summary, rf_err *err);
/* How many users, entities and edges have which tag, and how sure that is on average. */
RF_MUST_CHECK rf_status rf_report_tags(rf_text *text, const rf_tags *tags, rf_err *err);
/* The `n` worst clusters of each method, and as many that are gone. */
struct rf_clusters;
RF_MUST_CHECK rf_status rf_report_clusters(rf_text *text, const struct rf_clusters *clusters,
                                           const rf_graph *graph, int n, rf_err *err);
/* The `n` highest users, entities and edges with their surest tag, main reason, and why. */
RF_MUST_CHECK rf_status rf_report_top(rf_text *text, const struct rf_findings *findings, int n, rf_err *err);

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
