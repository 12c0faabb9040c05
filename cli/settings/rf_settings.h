/* rf_settings.h - all settings of a job, as the rooms want them: one options struct a room, filled from a
 * YAML file, --set and flags.
 *
 *   rf_settings_new -> rf_settings_load, _set, _put ... -> rf_settings_finish -> (the structs are read) ->
 *   rf_settings_free
 *
 * settings_table.c has a row for each key, which says where in these structs its value goes. A new setting is
 * a field in the struct of the room that uses it, its default in the room's own rf_..._options_default, and a
 * row. Every key remembers where it was set, so that a complaint names file and line.
 */
#ifndef RF_SETTINGS_H
#define RF_SETTINGS_H

#include "rf_bigraph.h"
#include "rf_clusters.h"
#include "rf_emit.h"
#include "rf_evaluate.h"
#include "rf_score.h"
#include "rf_simulate.h"
#include "rf_source.h"
#include "rf_status.h"
#include "rf_train.h"

/* Texts and lists are owned by the settings. A text that is not set is NULL, a list that is not set empty.
 * The rooms' structs are complete after rf_settings_finish, but for what only a running program knows (where
 * to go on, who is asked to stop, who keeps the audit). */
typedef struct rf_settings {
    int threads;          /* 0: every CPU available */
    const char *output;   /* folder of the results */
    int64_t retention_us; /* how long anything about somebody is kept; 0: for ever */
    rf_source_options source;
    rf_bigraph_options graph;
    rf_train_options train;
    rf_score_options score;
    rf_cluster_options cluster;
    rf_evaluate_options evaluate;
    rf_emit_options emit;
    rf_simulate_options simulate;

    struct { /* names; after rf_settings_finish those of results lead into `output` */
        const char *graph, *shards, *model, *epochs, *scores, *calibration, *rules, *clusters, *audit,
            *picture, *erase_key, *pseudonym_key;
        const char *simulated, *simulated_config;
    } files;
    const char *const *suppress; /* suppression lists, each may be a glob */
    int n_suppress;
    int64_t checkpoint_events, checkpoint_interval_us; /* how often a build saves its state */
    bool restart;                                      /* train from scratch */
    rf_source_format simulated_format;
    rf_hash_key *pseudonym_key;  /* owned; of ids.pseudonymise.key_file, NULL: ids stay as they are */
    struct rf_settings_own *own; /* memory, and where each key was set */
} rf_settings;

/* The defaults without anything that has to be freed; `own` is NULL. score.eta is NaN: that of train. */
void rf_settings_default(rf_settings *settings);
RF_MUST_CHECK rf_status rf_settings_new(rf_settings **out, rf_err *err);
void rf_settings_free(rf_settings *settings);

/* Each fails with RF_E_INVALID (RF_E_IO where a file cannot be read), naming where, key, value and what is
 * allowed. What is set later wins. */
RF_MUST_CHECK rf_status rf_settings_load(rf_settings *settings, const char *path, rf_err *err);
RF_MUST_CHECK rf_status rf_settings_parse(rf_settings *settings, const char *name, const char *bytes,
                                          size_t len, rf_err *err);
/* "key.path=value"; a value that begins with [ or { is read as YAML. */
RF_MUST_CHECK rf_status rf_settings_set(rf_settings *settings, const char *assignment, rf_err *err);
/* One key from a flag; `flag` ("--lr") takes the place of the key in messages and must outlive the settings.
 */
RF_MUST_CHECK rf_status rf_settings_put(rf_settings *settings, const char *path, const char *value,
                                        const char *flag, rf_err *err);
RF_MUST_CHECK rf_status rf_settings_put_list(rf_settings *settings, const char *path, char *const *items,
                                             int n, const char *flag, rf_err *err);

/* What is set from here to the end is said at once, by one command line: of keys that exclude each other only
 * one may be set. */
void rf_settings_begin_together(rf_settings *settings);
void rf_settings_end_together(rf_settings *settings);

/* Call once when everything is set: checks what spans several keys, replaces a missing value by that of
 * another key, and names the files inside `output`. */
RF_MUST_CHECK rf_status rf_settings_finish(rf_settings *settings, rf_err *err);
/* After that, for whoever reads events: is all there that the source needs? Names this job as a member of its
 * consumer group. */
RF_MUST_CHECK rf_status rf_settings_check_source(rf_settings *settings, rf_err *err);
/* For whoever emits. */
RF_MUST_CHECK rf_status rf_settings_check_emit(const rf_settings *settings, rf_err *err);

typedef enum rf_settings_origin { RF_FROM_DEFAULT, RF_FROM_FILE, RF_FROM_COMMAND_LINE } rf_settings_origin;
rf_settings_origin rf_settings_origin_of(const rf_settings *settings, const char *path);
/* "run.yaml:12", "--set", "--lr", or "default"; returns out. */
char *rf_settings_where(const rf_settings *settings, const char *path, char out[160]);

/* A file of this name inside `output`; *out lives as long as the settings. */
RF_MUST_CHECK rf_status rf_settings_in_output(rf_settings *settings, const char *name, const char **out,
                                              rf_err *err);

/* Every key, a few lines each: `ringfence help config`. As Markdown it is docs/CONFIGURATION.md. */
RF_MUST_CHECK rf_status rf_settings_list(rf_text *text, rf_err *err);
RF_MUST_CHECK rf_status rf_settings_markdown(rf_text *text, rf_err *err);

#endif
