/* rf_emit.h - scores above a threshold, and sure tags, become action messages (schema ringfence.action.v1):
 * JSON Lines in a file, or messages of a Kafka topic.
 *
 * The threshold and the tags say who deserves an alert, the budget how many get one. A cluster's message
 * names its members, who then have no message of their own. An alert of the last run has a message again only
 * if it got worse, or if all are wanted. The messages come by kind, worst first, then those of alerts that
 * are gone (schema ringfence.cleared.v1), then one run.completed manifest with their counts. Suppressed
 * subjects are never emitted. All of a run appears together or not at all: a file by renaming, a topic by a
 * transaction. docs/ACTIONS.md describes messages, topics and guarantees.
 *
 * JSON Lines: a line is the message's value; with `envelope` it is {"key", "headers", "value"}, the whole
 * message as a topic carries it (CloudEvents 1.0, binary mode).
 */
#ifndef RF_EMIT_H
#define RF_EMIT_H

#include <signal.h>
#include <stdbool.h>

#include "rf_audit.h"
#include "rf_findings.h"
#include "rf_kafka_setting.h"
#include "rf_subjects.h"

typedef enum rf_threshold_type {
    RF_THRESHOLD_PERCENTILE,
    RF_THRESHOLD_SCORE,
    RF_THRESHOLD_FDR,
    RF_THRESHOLD_TOP
} rf_threshold_type;

typedef enum rf_emit_repeat { RF_REPEAT_CHANGED, RF_REPEAT_ALL } rf_emit_repeat;
typedef enum rf_emit_to { RF_EMIT_JSONL, RF_EMIT_KAFKA } rf_emit_to;

typedef struct rf_emit_kafka {
    const rf_setting *settings; /* for librdkafka */
    int n_settings;
    const char *topic;
    const char *score_topic; /* NULL: none. Compacted: the subjects flagged now, tombstones for the others */
    bool create_topics;
    int partitions, replication; /* of topics created; replication 0: the broker's default */
    bool force;                  /* emit a run that is in the topic already */
    int64_t broker_timeout_us;   /* how long to wait for a broker that does not answer */
    int64_t ask_us; /* how long to wait for the topics' settings, which only advise; 0: not asked */
} rf_emit_kafka;

typedef struct rf_emit_options {
    rf_emit_to to;
    const char *path; /* JSON Lines; "-" is stdout */
    rf_emit_kafka kafka;
    rf_threshold_type threshold_type;
    double threshold;         /* percentile or fdr in [0, 1], score, or number of subjects of each kind */
    double tag_confidence;    /* whatever its score, a subject with a tag as sure as this is flagged, too;
                                 above 1: the threshold alone decides */
    int64_t budget;           /* messages of a run at most, without the manifest; 0: no limit */
    rf_emit_repeat repeat;    /* which alerts of the last run have a message again */
    const char *alerts;       /* file that remembers them; NULL: none, all are new */
    int64_t forget_before_us; /* alerts that were flagged last before then are dropped from it; 0: none */
    bool clusters;            /* messages of clusters, too, instead of those of their members */
    rf_audit *audit;          /* receives the decisions; may be NULL */
    const char *source;       /* ce_source, for example "/ringfence/orders" */
    int max_reasons;          /* the most that a message carries; the scores may hold fewer */
    bool envelope;
    const volatile sig_atomic_t *stop; /* not 0: give up with RF_E_INTERRUPTED; NULL: never */
} rf_emit_options;
void rf_emit_options_default(rf_emit_options *options);

#define RF_ALERT_TYPES 32

typedef struct rf_alert_types { /* messages by the surest tag of their subject; what is beyond is left out */
    int n;
    struct {
        char type[RF_TAG_WORDS]; /* "cluster" for a cluster's, "score" where only the score flags */
        int64_t n;
    } of[RF_ALERT_TYPES];
} rf_alert_types;

typedef struct rf_emit_result {
    int64_t flagged[RF_SIDES];         /* users, entities, edges of all kinds that have a message */
    int64_t flagged_of[RF_SIDES_MOST]; /* the same by side */
    int64_t clusters;                  /* likewise */
    int64_t inside;                    /* flagged; the message of their cluster speaks for them */
    int64_t over_budget; /* flagged, and clusters that hold such; neither they nor their cluster got in */
    int64_t
        passed_over;   /* flagged things beside the main kind that tell nothing new, or are rather innocent */
    int64_t forgotten; /* alerts that were too old to be remembered */
    int64_t suppressed;   /* flagged, if they were not suppressed */
    rf_alert_types types; /* of the messages counted in flagged and clusters */
    int64_t by_change[4]; /* alerts that are new, worse, the same, gone since the last run */
    /* Kafka: the run is in the topic since an earlier emission, nothing was sent; where its manifest is */
    bool already;
    int32_t partition;
    int64_t offset, time_us; /* time 0: the message has none */
    /* Kafka: messages that became visible (actions, manifest, score topic), tombstones among them, requests
     * sent to a broker again, transactions begun in vain */
    int64_t produced, tombstones, retried, aborted;
} rf_emit_result;

/* Checks the options before there is anything to emit: RF_E_INVALID. No broker is asked. */
RF_MUST_CHECK rf_status rf_emit_check(const rf_emit_options *options, rf_err *err);

/* Reads a file that remembers alerts as a whole: RF_E_FORMAT says what is wrong with it. */
RF_MUST_CHECK rf_status rf_alerts_check(const char *path, rf_err *err);

/* The graph with features and ids. Equal scores share a rank; where the N-th place of RF_THRESHOLD_TOP or of
 * the budget is tied, the lower rows win. O(n_u + n_v + n_e), plus the messages; for Kafka also what has to
 * be read of the topics. RF_E_KAFKA: nothing became visible, or the message says that this is unknown. */
RF_MUST_CHECK rf_status rf_emit(rf_emit_result *result, const rf_findings *findings,
                                const rf_emit_options *options, rf_err *err);

/* ---- erasing ---- */

/* Takes the alerts that are about subjects out of the memory at this path: *n of them, over both runs that it
 * keeps. write false: only counts. */
RF_MUST_CHECK rf_status rf_alerts_erase(int64_t *n, const char *path, const rf_subjects *subjects, bool write,
                                        rf_err *err);

typedef struct rf_topic_erased {
    int64_t tombstones; /* keys that are about a subject */
    int64_t rewritten;  /* values of others, without the subjects in their lists */
} rf_topic_erased;
/* The compacted topic emit.score_topic: a tombstone for each key that is about a subject and still has a
 * value, and a new value for each other key whose last one names a subject, all in one transaction. What the
 * broker's compaction has not yet removed stays until it does. */
RF_MUST_CHECK rf_status rf_topic_erase(rf_topic_erased *out, const rf_emit_options *options,
                                       const rf_subjects *subjects, rf_err *err);

#endif
