/* erase_int.h - the parts of an erasure: the journal that survives a kill, the files of the output folder by
 * what they are, the look at what is left, and the certificate.
 *
 *   journal     who is erased, and what was found in each file, before the file is replaced
 *   states      graph, half-built graph, shards                       (erase_states.c)
 *   tables      model, registry of clusters, memory of alerts, scores (erase_tables.c)
 *   texts       audit log, actions, dead letters, exports, inputs     (erase_texts.c, erase_inputs.c)
 *   check       reads everything once more                            (erase_check.c)
 */
#ifndef RF_ERASE_INT_H
#define RF_ERASE_INT_H

#include "rf_job.h"
#include "rf_json.h"
#include "rf_keyed_hash.h"
#include "rf_subjects.h"
#include "rf_time.h"

#define RF_ERASE_PENDING "erase.pending"
#define RF_ERASE_SCHEMA "ringfence.erasure.v1"

typedef struct rf_paths { /* rf_mem texts */
    char **at;
    size_t n, cap;
} rf_paths;
RF_MUST_CHECK rf_status rf_paths_add(rf_paths *paths, const char *path, rf_err *err);
bool rf_paths_have(const rf_paths *paths, const char *path); /* the same file, whatever it is called */
void rf_paths_clear(rf_paths *paths);

typedef struct rf_entry { /* what was found in a file */
    char *path;           /* may hold an id: the certificate masks it */
    char *line;           /* of the journal: JSON, with the path as `file` */
} rf_entry;

typedef struct rf_erase {
    rf_job *job;
    rf_hash_key *key;
    bool one_time_key;
    bool keep_categories;
    bool had_tags, had_clusters; /* the scores, when it began */
    rf_subjects subjects;
    char *pending, *certificate; /* paths */
    char began_at[RF_TIME_TEXT];
    int fd; /* of the journal; -1: none yet */
    rf_entry *entries;
    size_t n_entries, cap_entries;
    rf_paths files;  /* all that there are, sorted */
    rf_paths inputs; /* those among them that events are read from */
    rf_paths left;   /* "FILE: why it still names a subject, or may", each once */
    bool graph_changed, scores_fit;
    int64_t checked_files, checked_bytes;
    int64_t left_ours, left_foreign;
    bool has_topic;
    int64_t tombstones, rewritten; /* in it */
} rf_erase;

/* ---- erase_journal.c ---- */
/* What an earlier erasure left unfinished; *found false: nothing. */
RF_MUST_CHECK rf_status rf_journal_resume(rf_erase *e, bool *found, rf_err *err);
/* Writes who is about to be erased. */
RF_MUST_CHECK rf_status rf_journal_begin(rf_erase *e, rf_err *err);
/* Before a file is replaced: what it is, what happens to it, and what goes. `removed`: pairs of name and
 * number up to a NULL name; zeros are left out. On the disk when it returns. */
typedef struct rf_figure {
    const char *name;
    int64_t n;
} rf_figure;
RF_MUST_CHECK rf_status rf_journal_note(rf_erase *e, const char *path, const char *kind, const char *how,
                                        const rf_figure *removed, rf_err *err);
/* Something was found in this file, whatever it is called. */
bool rf_journal_has(const rf_erase *e, const char *path);
RF_MUST_CHECK rf_status rf_journal_end(rf_erase *e, rf_err *err);
void rf_erase_clear(rf_erase *e);

/* ---- erase_files.c ---- all regular files of `output`, and those that the configuration names elsewhere. */
RF_MUST_CHECK rf_status rf_erase_list(rf_erase *e, rf_err *err);
/* The format that an HDF5 file says it has, in *format (rf_mem block); NULL: it is no HDF5 file.
 * "" where it does not say, or is damaged: rf_erase_check finds that. */
RF_MUST_CHECK rf_status rf_erase_format(char **format, const char *path, rf_err *err);
RF_MUST_CHECK rf_status rf_erase_left(rf_erase *e, const char *path, bool ours, const char *why, rf_err *err);

/* ---- the kinds; each goes through e->files ---- */
RF_MUST_CHECK rf_status rf_erase_inputs(rf_erase *e, rf_err *err);
RF_MUST_CHECK rf_status rf_erase_states(rf_erase *e, rf_err *err);
RF_MUST_CHECK rf_status rf_erase_tables(rf_erase *e, rf_err *err);
RF_MUST_CHECK rf_status rf_erase_scores(rf_erase *e, rf_err *err);
RF_MUST_CHECK rf_status rf_erase_texts(rf_erase *e, rf_err *err);
/* Judges a text without changing it: lines of ours that name a subject, and other lines that do. RF_E_FORMAT
 * for packed data that is broken. */
RF_MUST_CHECK rf_status rf_erase_look(rf_erase *e, const char *path, int64_t *ours, int64_t *foreign,
                                      rf_err *err);

/* ---- erase_check.c ---- */
/* The subjects whose ids are too long to stand anywhere by chance. */
RF_MUST_CHECK rf_status rf_erase_long_ids(rf_subjects *out, const rf_subjects *all, rf_err *err);
RF_MUST_CHECK rf_status rf_erase_check(rf_erase *e, rf_err *err);

/* ---- erase_certificate.c ---- */
RF_MUST_CHECK rf_status rf_erase_audit(rf_erase *e, rf_err *err);
RF_MUST_CHECK rf_status rf_certificate_write(rf_erase *e, rf_err *err);

#endif
