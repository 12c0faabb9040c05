/* rf_summary.h - what a command did, in figures: --summary FILE and the run's summary.json.
 *
 *   run_id, events{read,accepted,rejected,duplicate,late,outside_window,waiting,expired}, users, entities,
 * edges, epochs, loss, actions, kafka{...}, steps[{name,seconds,peak_rss_bytes}], files[]
 *
 * A key that does not apply is absent.
 */
#ifndef RF_SUMMARY_H
#define RF_SUMMARY_H

#include <stdbool.h>

#include "rf_event.h"
#include "rf_bigraph.h"
#include "rf_emit.h"
#include "rf_json.h"
#include "rf_side.h"
#include "rf_status.h"
#include "rf_text.h"

#define RF_SUMMARY_STEPS 12
#define RF_SUMMARY_FILES 12

typedef struct rf_summary_step {
    const char *name; /* borrowed: a literal */
    double seconds;
    int64_t peak_rss_bytes; /* -1: unknown */
} rf_summary_step;

/* What went through Kafka in this command. `in` and `out` say which of the two sides did; a side that did not
 * has no keys in the JSON. */
typedef struct rf_summary_kafka {
    bool in, out;
    int64_t consumed, rejected, dead_letters, rebalances, queue_peak, pauses; /* in: messages, times */
    double reading_s; /* in: seconds from the step's beginning to the last message read */
    int64_t lag;      /* in: messages behind the topic's end when last seen; -1 unknown */
    int64_t produced; /* out: messages that became visible, the manifest and the tombstones included */
    int64_t aborted;  /* out: transactions */
    int64_t tombstones;
    int64_t retried; /* both: requests sent again to a broker */
} rf_summary_kafka;

typedef struct rf_summary {
    char run_id[33]; /* "": taken from a hash of the other figures */
    bool has_events, has_graph, has_training, has_actions;
    rf_counts events;
    rf_kinds kinds;              /* of the graph */
    int64_t rows[RF_SIDES_MOST]; /* of its sides */
    int64_t epochs;
    double loss;
    char warm_from[17]; /* the model that the training began with; "": random parameters */
    int64_t actions;
    rf_alert_types alerts; /* of the actions */
    int64_t over_budget;
    int64_t model_trained_us; /* of the model that scored; 0: unknown */
    rf_summary_kafka kafka;
    rf_summary_step steps[RF_SUMMARY_STEPS];
    int n_steps;
    double step_began_s;
    char *files[RF_SUMMARY_FILES]; /* owned */
    int n_files;
} rf_summary;

void rf_summary_clear(rf_summary *summary);
void rf_summary_begin(rf_summary *summary); /* a step: takes the time, resets the peak */
void rf_summary_end(rf_summary *summary, const char *name);
RF_MUST_CHECK rf_status rf_summary_add_file(rf_summary *summary, const char *path,
                                            rf_err *err); /* once each */
/* "27 accepted, 0 rejected, 173 expired (accepted: in the window; expired: older than the window)": what
 * became of records; words whose number is 0 are left out, but for the first two. */
RF_MUST_CHECK rf_status rf_counts_print(rf_text *text, const rf_counts *counts, rf_err *err);
/* The size of a graph that was just published. */
void rf_summary_graph(rf_summary *summary, const rf_published *published);
RF_MUST_CHECK rf_status rf_summary_write(const rf_summary *summary, const char *path, rf_err *err);

/* ---- prometheus.c ---- The same figures for Prometheus; `verb` and `output` name the job. */
RF_MUST_CHECK rf_status rf_metrics_write(const rf_summary *summary, const char *verb, const char *output,
                                         const char *path, rf_err *err);

/* The finished JSON as a file of one line. */
RF_MUST_CHECK rf_status rf_json_save(rf_json *json, const char *path, rf_err *err);
/* Adds the figures, a table of the steps, and the files, for people. */
RF_MUST_CHECK rf_status rf_summary_print(rf_text *text, const rf_summary *summary, rf_err *err);

#endif
