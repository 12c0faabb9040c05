/* build.h - between the files of `build`: the loop that reads, and the two jobs around it.
 *
 *   build_one.c     one state for everything: files, standard input, Kafka read by one process
 *   build_shards.c  one state a partition, for several processes that share the topics
 *
 * Both hand rf_build_read what to do with events and how to save; when, is the loop's to say.
 */
#ifndef RF_BUILD_H
#define RF_BUILD_H

#include "cli_int.h"

typedef struct rf_build_work {
    void *context;
    rf_status (*add)(void *context, const rf_event *const *events, size_t n, rf_err *err);
    /* Makes everything read so far safe; cheap where nothing is new. */
    rf_status (*save)(void *context, rf_err *err);
    void (*expect)(void *context, int64_t more); /* about so many more events; NULL allowed */
    bool shared; /* other processes wait for what this one has saved: save as soon as own_done */
} rf_build_work;

/* Reads to the end, saving every ingest.checkpoint_events and, with Kafka, every ingest.checkpoint_interval.
 * *stopped: SIGINT or SIGTERM came, nothing was saved for it yet. The summary gets how long it took, from the
 * beginning of the step on. */
RF_MUST_CHECK rf_status rf_build_read(rf_job *job, rf_source *source, const rf_build_work *work,
                                      bool *stopped, rf_err *err);
/* Opens the source. With Kafka, says in the log what is about to be read, and while a broker is waited for an
 * interrupt ends the process: there is nothing to save yet. */
RF_MUST_CHECK rf_status rf_build_open(rf_source **out, const rf_source_options *options, rf_err *err);
/* Says what was odd, and puts the source's figures into the summary, where they are Kafka's. While the source
 * is open. */
void rf_build_summarise(rf_job *job, rf_source *source);

/* ---- build_outlook.c ---- Before publishing: says what waits or is dropped. RF_E_REJECTED when new events
 * are so much later than all others that most of the state would go. */
RF_MUST_CHECK rf_status rf_build_outlook(rf_outlook *out, const rf_job *job, rf_bigraph *graph,
                                         const char *path, rf_err *err);
/* The graph has no event at all: that is a failure, but for topics that are still empty. */
RF_MUST_CHECK rf_status rf_build_without_events(const rf_job *job, const rf_source *source, rf_err *err);
/* How large the graph became, kind by kind; and that labels of one value alone judge nothing. */
void rf_build_say_graph(const char *path, const rf_published *published);
/* The rejects of this run by reason, with the first one of each. */
void rf_build_say_rejects(const rf_source *source);

RF_MUST_CHECK rf_status rf_build_one(rf_job *job, rf_err *err);
RF_MUST_CHECK rf_status rf_build_shards(rf_job *job, rf_err *err);

#endif
