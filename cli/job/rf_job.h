/* rf_job.h - a job at work: its settings, and what its steps share. The command's verbs and the library's
 * functions (ringfence.h) both run these steps.
 *
 * A step reads and writes files by the names in the settings, puts what it did into the summary, and leaves
 * when an interrupt was asked for. It logs, but prints nothing.
 */
#ifndef RF_JOB_H
#define RF_JOB_H

#include "rf_audit.h"
#include "rf_clusters.h"
#include "rf_findings.h"
#include "rf_lines.h"
#include "rf_memory_plan.h"
#include "rf_pool.h"
#include "rf_settings.h"
#include "rf_summary.h"

typedef struct rf_job {
    rf_settings *settings; /* owned, finished */
    rf_summary summary;
    bool no_events;            /* build: nothing has been read yet, so there is no graph */
    bool rebuild;              /* build: from nothing, even if there is a state to go on from */
    bool always_audits;        /* audit.jsonl in `output` even if neither was set */
    rf_pool *pool;             /* see rf_job_pool */
    struct rf_job_lock *locks; /* see rf_job_lock */
    rf_h5 *graph_file;         /* see rf_job_graph_file */
    rf_audit *audit;           /* see rf_job_audit */
} rf_job;
void rf_job_clear(rf_job *job);

RF_MUST_CHECK rf_status rf_job_pool(rf_job *job, rf_pool **out,
                                    rf_err *err);                     /* made once, freed with the job */
RF_MUST_CHECK rf_status rf_job_make_output(rf_job *job, rf_err *err); /* the folder `output`, if it is set */
/* RF_E_INTERRUPTED when an interrupt was asked for; `what` says what is saved. */
RF_MUST_CHECK rf_status rf_job_check_signal(const char *what, rf_err *err);

/* The configured graph, opened once: all steps of a job read the same file, whatever is renamed over it
 * meanwhile. Who writes that path lets the job forget it. */
RF_MUST_CHECK rf_status rf_job_graph_file(rf_job *job, rf_h5 **out, rf_err *err);
RF_MUST_CHECK rf_status rf_job_graph(rf_job *job, rf_graph **out, unsigned parts, rf_err *err);
void rf_job_forget_graph(rf_job *job);

/* ---- memory_check.c ---- Logs what a step ("training") will take on top of what the process has now.
 * RF_E_NOMEM where limits, control groups or the machine cannot give it: says what fits and what to do. */
RF_MUST_CHECK rf_status rf_job_check_memory(const rf_memory_plan *plan, const char *step, rf_err *err);

/* ---- lock.c ---- One process at a time writes `path` and the files beside it. Held until the job is
 * cleared; a second call for the same path does nothing. RF_E_IO names the process that has it. */
RF_MUST_CHECK rf_status rf_job_lock(rf_job *job, const char *path, rf_err *err);
void rf_job_unlock(rf_job *job);

/* ---- audit_steps.c ---- The log of audit.path, or audit.jsonl in `output` where that is set; opened once.
 * Without a path it takes entries and keeps none. */
RF_MUST_CHECK rf_status rf_job_audit(rf_job *job, rf_audit **out, rf_err *err);
/* rf_lines_rewrite of an audit log, whichever it is, under its lock: what other jobs add meanwhile is judged
 * or kept, never lost. */
RF_MUST_CHECK rf_status rf_audit_rewrite(int64_t *changed, const char *path, const rf_line_judge *judge,
                                         rf_err *err);
/* Drops lines that are older than the retention, unless this job has the log open and so has done it. */
RF_MUST_CHECK rf_status rf_job_age_audit(rf_job *job, rf_err *err);
RF_MUST_CHECK rf_status rf_audit_run(rf_job *job, bool begins, rf_err *err);
RF_MUST_CHECK rf_status rf_audit_score(rf_job *job, const rf_scores *scores, rf_err *err);
RF_MUST_CHECK rf_status rf_audit_tag(rf_job *job, const rf_tags *tags, rf_err *err);
RF_MUST_CHECK rf_status rf_audit_cluster(rf_job *job, const rf_clusters *clusters, rf_err *err);

/* ---- findings.c ---- What is known of a run, loaded and owned: what emit, export and run work from. */
typedef struct rf_loaded {
    rf_graph *graph;
    rf_h5 *scores_file; /* that scores, tags and clusters are read from, and added to */
    rf_scores *scores;
    rf_tags *tags;               /* NULL: the scores' file has none */
    rf_clusters *clusters;       /* likewise */
    rf_suppressions *suppressed; /* NULL: no lists are configured */
} rf_loaded;
/* The configured graph (`parts` of it) and its scores. */
RF_MUST_CHECK rf_status rf_load_scored(rf_loaded *loaded, rf_job *job, unsigned parts, rf_err *err);
/* After that: tags and clusters, as far as the scores' file has them, and the suppression lists. */
RF_MUST_CHECK rf_status rf_load_cases(rf_loaded *loaded, rf_job *job, rf_err *err);
rf_findings rf_loaded_findings(const rf_loaded *loaded);
void rf_loaded_clear(rf_loaded *loaded);

/* ---- the steps, each in the file of its verb ---- */
RF_MUST_CHECK rf_status rf_step_build(rf_job *job, rf_err *err);
RF_MUST_CHECK rf_status rf_step_train(rf_job *job, bool restart_when_changed, rf_err *err);
RF_MUST_CHECK rf_status rf_step_score(rf_job *job, rf_err *err);
/* Tags by `tag.rules` into the scores' file. graph with features and activity. */
RF_MUST_CHECK rf_status rf_step_tag(rf_job *job, rf_loaded *scored, rf_err *err);
/* Clusters into the scores' file, with the tags that it has by now. They are compared with the registry of
 * the last run, which is then brought up to date. graph with ids and activity. */
RF_MUST_CHECK rf_status rf_step_cluster(rf_job *job, rf_loaded *scored, rf_err *err);
/* already_is_done: a run that is in its topic already is news, not a failure. */
RF_MUST_CHECK rf_status rf_step_emit(rf_job *job, const rf_findings *findings, const char *picture,
                                     bool already_is_done, rf_err *err);
/* All of them and an evaluation where there are labels, with summary.json; *report gets the tables for
 * people. */
RF_MUST_CHECK rf_status rf_step_run(rf_job *job, rf_text *report, rf_err *err);

#endif
