/* ringfence.h - fraud rings in streams of interaction events: the library behind the command `ringfence`.
 *
 * The only header of an installed library. A job is what a configuration file is to the command: load one, or
 * set single keys (docs/CONFIGURATION.md lists them), and run the steps. A step reads and writes the same
 * files as the verb of its name and keeps the same promises: it resumes what was interrupted, counts each
 * event once, and replaces a file whole or not at all.
 *
 *   ringfence_job_new, _load, _set      what is read, how it is trained, where results go
 *   ringfence_build, _train, _score …   the steps, or ringfence_run for all of them
 *   ringfence_results_open              scores, tags, reasons and clusters, row by row
 *
 * Every function that can fail returns a ringfence_status: zero is success, negative is a failure with one
 * line in the ringfence_error (which may be NULL), positive is news. Outputs come first and are written on
 * success only. What is returned as `const` belongs to the object that it came from and lives as long. free
 * and close take NULL.
 *
 * Threads: a job, a graph, a source and results each belong to one thread at a time. The log level and
 * ringfence_interrupt are the process's.
 */
#ifndef RINGFENCE_H
#define RINGFENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RINGFENCE_API __attribute__((visibility("default")))

/* ---- failures ---- */

typedef enum ringfence_status {
    RINGFENCE_OK = 0,
    RINGFENCE_NO_MEMORY = -1,
    RINGFENCE_INVALID = -2,     /* wrong usage or configuration */
    RINGFENCE_IO = -3,          /* the operating system refused */
    RINGFENCE_PARSE = -4,       /* text that does not follow its grammar */
    RINGFENCE_FORMAT = -5,      /* a file of a kind, version or shape that is not read */
    RINGFENCE_KAFKA = -6,       /* trouble with the broker or the client */
    RINGFENCE_NUMERIC = -7,     /* training diverged */
    RINGFENCE_INTERRUPTED = -8, /* ringfence_interrupt was called; everything is saved */
    RINGFENCE_INTERNAL = -9,    /* a library below broke its promise */
    RINGFENCE_REJECTED = -10,   /* too many bad records */
    RINGFENCE_END = 1,          /* nothing more to read */
    RINGFENCE_NOTHING_YET = 2,  /* Kafka: nothing came for a while */
    RINGFENCE_SKIPPED = 3       /* a record did not fit; it was counted and set aside */
} ringfence_status;

typedef struct ringfence_error {
    ringfence_status status;
    char message[512]; /* what failed, on what, why, and the next step; one line */
} ringfence_error;

RINGFENCE_API const char *ringfence_version(void);                        /* "0.1.0" */
RINGFENCE_API const char *ringfence_status_name(ringfence_status status); /* "out of memory" */

/* Lines of log go to standard error; a library is silent below this level. Default: warnings. */
typedef enum ringfence_log_level {
    RINGFENCE_LOG_DEBUG,
    RINGFENCE_LOG_INFO,
    RINGFENCE_LOG_WARN,
    RINGFENCE_LOG_ERROR,
    RINGFENCE_LOG_SILENT
} ringfence_log_level;
RINGFENCE_API void ringfence_set_log_level(ringfence_log_level level);

/* ---- a job ---- */

typedef struct ringfence_job ringfence_job;

/* All keys have their defaults. */
RINGFENCE_API ringfence_status ringfence_job_new(ringfence_job **out, ringfence_error *error);
/* Reads a YAML file of settings. Once; what is set later wins. An unknown key is named with the nearest one.
 */
RINGFENCE_API ringfence_status ringfence_job_load(ringfence_job *job, const char *path,
                                                  ringfence_error *error);
/* One key, as --set of the command: ("train.epochs", "50"), ("source.paths", "[a.csv, b.csv]"). */
RINGFENCE_API ringfence_status ringfence_job_set(ringfence_job *job, const char *key, const char *value,
                                                 ringfence_error *error);
RINGFENCE_API void ringfence_job_free(ringfence_job *job);

/* ---- steps: settings cannot be changed any more once the first has begun ---- */

/* Reads the source's events into graph.file. A job that was built before reads what is new. */
RINGFENCE_API ringfence_status ringfence_build(ringfence_job *job, ringfence_error *error);
/* Trains on graph.file, into train.model; goes on from the last checkpoint. */
RINGFENCE_API ringfence_status ringfence_train(ringfence_job *job, ringfence_error *error);
/* Scores graph.file with train.model, into score.output. */
RINGFENCE_API ringfence_status ringfence_score(ringfence_job *job, ringfence_error *error);
/* Tags what was scored by the rules of tag.rules, into score.output. */
RINGFENCE_API ringfence_status ringfence_tag(ringfence_job *job, ringfence_error *error);
/* Finds clusters in what was scored, into score.output, and compares them with the last run's. */
RINGFENCE_API ringfence_status ringfence_cluster(ringfence_job *job, ringfence_error *error);
/* Publishes actions, to emit.path or emit.topic. */
RINGFENCE_API ringfence_status ringfence_emit(ringfence_job *job, ringfence_error *error);
/* All of these, one after the other. */
RINGFENCE_API ringfence_status ringfence_run(ringfence_job *job, ringfence_error *error);

/* Asks the running step to save and return RINGFENCE_INTERRUPTED. May be called from a signal handler and
 * from any thread; it holds for every later step of the process, too, until `on` is false. */
RINGFENCE_API void ringfence_interrupt(bool on);

/* What the steps of a job did so far; -1: not known, no such step yet. */
typedef struct ringfence_figures {
    int64_t events_read, events_accepted, events_rejected, events_duplicate, events_late,
        events_outside_window;
    int64_t users, entities, edges;
    int64_t epochs;
    double loss; /* of the last epoch; NaN: not trained */
    int64_t actions;
} ringfence_figures;
RINGFENCE_API ringfence_figures ringfence_job_figures(const ringfence_job *job);

/* ---- events, one by one: for programs that filter or make them ---- */

typedef struct ringfence_event ringfence_event; /* lives until its source's next one */
typedef struct ringfence_source ringfence_source;

/* The job's source (files, standard input, Kafka) from its beginning. The job must outlive it. */
RINGFENCE_API ringfence_status ringfence_source_open(ringfence_source **out, ringfence_job *job,
                                                     ringfence_error *error);
/* RINGFENCE_OK: *event is the next one. Also _END, _SKIPPED and _NOTHING_YET. */
RINGFENCE_API ringfence_status ringfence_source_next(const ringfence_event **event, ringfence_source *source,
                                                     ringfence_error *error);
RINGFENCE_API void ringfence_source_close(ringfence_source *source);

RINGFENCE_API const char *ringfence_event_user(const ringfence_event *event,
                                               size_t *len); /* UTF-8 without NUL */
RINGFENCE_API const char *ringfence_event_entity(const ringfence_event *event, size_t *len);
RINGFENCE_API int64_t ringfence_event_time(const ringfence_event *event); /* microseconds since 1970, UTC */

/* A graph that grows in memory, by the job's `fields` and `graph`. */
typedef struct ringfence_graph ringfence_graph;
RINGFENCE_API ringfence_status ringfence_graph_new(ringfence_graph **out, ringfence_job *job,
                                                   ringfence_error *error);
RINGFENCE_API ringfence_status ringfence_graph_add(ringfence_graph *graph, const ringfence_event *event,
                                                   ringfence_error *error);
/* Features, into graph.file: what ringfence_train and ringfence_score of the same job read. */
RINGFENCE_API ringfence_status ringfence_graph_publish(ringfence_graph *graph, ringfence_error *error);
RINGFENCE_API void ringfence_graph_free(ringfence_graph *graph);

/* ---- results ---- */

/* A side of the graph. Rows of a side are numbered from 0 in the order of their ids; edges by user, entity,
 * time. */
typedef enum ringfence_side { RINGFENCE_USERS, RINGFENCE_ENTITIES, RINGFENCE_EDGES } ringfence_side;

typedef struct ringfence_results ringfence_results;

/* Reads a graph and its scores, with tags and clusters where there are any. Both files are read whole. */
RINGFENCE_API ringfence_status ringfence_results_open(ringfence_results **out, const char *graph_path,
                                                      const char *scores_path, ringfence_error *error);
/* Those of a job, from the files that its steps write. */
RINGFENCE_API ringfence_status ringfence_results_of(ringfence_results **out, ringfence_job *job,
                                                    ringfence_error *error);
RINGFENCE_API void ringfence_results_close(ringfence_results *results);
RINGFENCE_API const char *ringfence_results_run_id(const ringfence_results *results);

RINGFENCE_API int64_t ringfence_rows(const ringfence_results *results, ringfence_side side);
/* The row's id; of an edge the event's id, "" where edges are pairs. */
RINGFENCE_API const char *ringfence_id(const ringfence_results *results, ringfence_side side, int64_t row);
/* The row of a user or an entity, -1: there is none of this id. O(log n). */
RINGFENCE_API int64_t ringfence_find(const ringfence_results *results, ringfence_side side, const char *id);
RINGFENCE_API double ringfence_anomaly_score(const ringfence_results *results, ringfence_side side,
                                             int64_t row);
/* Share of the side's rows that score lower, in [0, 1]. */
RINGFENCE_API double ringfence_percentile(const ringfence_results *results, ringfence_side side, int64_t row);
/* The rows of a side with the highest scores, the worst first; returns how many there are, at most n. O(rows
 * log n). */
RINGFENCE_API int64_t ringfence_worst(const ringfence_results *results, ringfence_side side, int64_t n,
                                      int64_t *rows);
/* One sentence that says what the model did not expect of the row. Returns its length; cut at size - 1 bytes.
 */
RINGFENCE_API size_t ringfence_why(const ringfence_results *results, ringfence_side side, int64_t row,
                                   char *out, size_t size);

/* The graph: who an edge joins, and the edges of a user or an entity. */
RINGFENCE_API void ringfence_edge_ends(const ringfence_results *results, int64_t edge, int64_t *user,
                                       int64_t *entity);
RINGFENCE_API int64_t ringfence_degree(const ringfence_results *results, ringfence_side side, int64_t row);
RINGFENCE_API int64_t ringfence_edge_of(const ringfence_results *results, ringfence_side side, int64_t row,
                                        int64_t k);

/* Types of fraud that a row looks like, the surest first. 0: none, or the scores were not tagged. */
RINGFENCE_API int64_t ringfence_tags(const ringfence_results *results, ringfence_side side, int64_t row);
/* The k-th tag's type, such as "promo_abuse"; confidence in [0, 1]. */
RINGFENCE_API const char *ringfence_tag_type(const ringfence_results *results, ringfence_side side,
                                             int64_t row, int64_t k, double *confidence);

typedef struct ringfence_cluster_info {
    char id[20];             /* the same from run to run */
    int64_t users, entities; /* entities of the main kind, here and below */
    double density;          /* pairs that met, of all that could, with entities of all kinds */
    double score_mass;       /* share of the whole graph's excess score */
    const char *mostly;      /* its most frequent tag, NULL: none */
    const char *change;      /* since the last run: "new", "grown", "shrunk", "changed", "same", "gone" */
} ringfence_cluster_info;
RINGFENCE_API int64_t ringfence_clusters(const ringfence_results *results); /* the worst first */
RINGFENCE_API void ringfence_cluster_get(ringfence_cluster_info *out, const ringfence_results *results,
                                         int64_t cluster);
/* The i-th user or entity of a cluster, a row. */
RINGFENCE_API int64_t ringfence_cluster_member(const ringfence_results *results, int64_t cluster,
                                               ringfence_side side, int64_t i);
/* The cluster of a user or an entity, -1: none. */
RINGFENCE_API int64_t ringfence_cluster_of(const ringfence_results *results, ringfence_side side,
                                           int64_t row);

#ifdef __cplusplus
}
#endif

#endif
