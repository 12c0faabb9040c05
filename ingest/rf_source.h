/* rf_source.h - where events come from: files and stdin now, a broker behind the same four calls.
 *
 * A source hands out one decoded event at a time, in the order of its inputs, and remembers exactly how far
 * it has read. A record that does not fit goes to the dead letters with its place and reason, and reading
 * goes on; past the allowed number of them the source stops with RF_E_REJECTED. No allocation per event once
 * buffers have grown.
 */
#ifndef RF_SOURCE_H
#define RF_SOURCE_H

#include "rf_event.h"
#include "rf_status.h"

typedef enum rf_time_notation {
    RF_TIME_ISO8601,
    RF_TIME_S,
    RF_TIME_MS,
    RF_TIME_US,
    RF_TIME_STRPTIME
} rf_time_notation;

/* The configuration's `fields`: which column or JSON key (a.b for nested) means what. */
typedef struct rf_fields {
    const char *user, *entity; /* required */
    const char *time;          /* required */
    rf_time_notation time_format;
    const char *time_pattern; /* RF_TIME_STRPTIME only */
    const char *zone;         /* of times without an offset, and of cyclic attributes; NULL is UTC */
    const char *event_id;     /* NULL: events carry none */
    const char *label;        /* NULL: none. 0/1, true/false, "" (unknown) */
    const char *fraud_type;   /* NULL: none */
    const rf_schema *schema;
} rf_fields;

typedef enum rf_source_type { RF_SOURCE_FILES, RF_SOURCE_STDIN } rf_source_type;
typedef enum rf_source_format { RF_FORMAT_AUTO, RF_FORMAT_CSV, RF_FORMAT_JSONL } rf_source_format;

typedef struct rf_source_options {
    rf_source_type type;
    const char *const *paths; /* globs; each one's matches sorted, the globs in the order given */
    int n_paths;
    /* AUTO: by name (.csv, .jsonl, .json, .ndjson; .gz, .zst, .zstd stripped), else by content */
    rf_source_format format;
    rf_fields fields;
    const char *dead_letters;   /* path; NULL: rejected records are counted and logged only */
    double max_rejects;         /* below 1 a share of the records read, else a count */
    const rf_positions *resume; /* go on from here; NULL: from the start. Read during open only */
    /* What the interrupted work that `resume` continues had read and rejected: both go on counting from here,
     * so that max_rejects is about the whole. */
    int64_t read_before, rejected_before;
} rf_source_options;

typedef struct rf_source rf_source;

/* Fails when a glob matches nothing (and nothing that `resume` knows), a file cannot be opened or is not the
 * one that `resume` speaks of (it shrank, or its first bytes changed), or a CSV header lacks a mapped column.
 * Regular files are all looked at here; pipes and stdin when they are read. Stdin that begins otherwise than
 * `resume` says is read from its start. Truncates the dead letters to resume->dead_letter_bytes. Keeps
 * nothing of the options. docs/INGEST.md has the formats, the rejects and the rules of resuming. */
RF_MUST_CHECK rf_status rf_source_open(rf_source **out, const rf_source_options *options, rf_err *err);

/* RF_OK: *event is the next one, valid until the next poll. RF_SKIPPED: one record was rejected. RF_EOF: all
 * inputs are read (the limit on rejects has been checked). RF_E_REJECTED: too many rejects. */
RF_MUST_CHECK rf_status rf_source_poll(rf_source *source, const rf_event **event, rf_err *err);

/* Records since the start, those before a resume included. */
int64_t rf_source_rejected(const rf_source *source);
int64_t rf_source_read(const rf_source *source);

/* Bytes of the inputs (as stored, compressed) consumed and in all; total is -1 where unknown (stdin). */
void rf_source_progress(const rf_source *source, int64_t *done, int64_t *total);

/* Flushes the dead letters to disk and says how far everything was read. *out is owned by the caller. */
RF_MUST_CHECK rf_status rf_source_positions(rf_source *source, rf_positions *out, rf_err *err);

void rf_source_close(rf_source **source); /* NULL allowed */

#endif
