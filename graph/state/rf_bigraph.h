/* rf_bigraph.h - the growing bipartite graph: events in, running aggregates by time bucket, graph.h5 out.
 *
 * Every aggregate commutes (integer and fixed-point sums, minima, maxima, counts by bucket), so that the same
 * events give the same bytes outside /state in any order, split over any files, restarts and shards. Pair
 * granularity keeps one cell for each (user, entity, hour), never the events; event granularity keeps one
 * edge an event.
 */
#ifndef RF_BIGRAPH_H
#define RF_BIGRAPH_H

#include "rf_event.h"
#include "rf_h5.h"
#include "rf_pool.h"
#include "rf_status.h"

#define RF_NEAR_LEAST 1
#define RF_NEAR_MOST 16 /* beyond, many random hashes are near */

typedef enum rf_granularity { RF_GRANULARITY_PAIR, RF_GRANULARITY_EVENT } rf_granularity;

#define RF_AS_OF_LATEST INT64_MIN /* the end of the bucket that holds the newest event that counts */

/* zone, features, schema and identity are borrowed: they must outlive the graph. */
typedef struct rf_bigraph_options {
    rf_granularity granularity;
    int64_t window_us; /* length of the window; 0: everything before as_of */
    int64_t as_of_us;  /* the window's exclusive end, a multiple of bucket_us, or RF_AS_OF_LATEST */
    int64_t bucket_us; /* the window moves by these; divides an hour or is a multiple of one */
    /* With RF_AS_OF_LATEST: a jump in time that is longer than this must have enough events behind it, or
     * they wait in the state and do not move the window (horizon.c); 0: the newest event always moves it. */
    int64_t jump_us;
    int64_t history_us; /* event granularity: how long before the window events are kept as history */
    /* Entities whose ids are 64-bit hashes, 16 hex digits, that differ in at most so many bits are one in the
     * window, and what such pairs chain is; its id is the smallest hash. The state keeps them apart. 0: none
     * are joined; at most 16. Of kinds with names the schema says it of each. */
    int near_bits;
    int64_t
        forget_before_us; /* whole buckets; older events are dropped, whatever the window is; 0: none are */
    const char *zone;     /* of hours, nights, days and weekends; NULL is UTC */
    double label_share; /* a node or pair is labelled 1 when more than this share of its events in the window
                           that carry a label (0 or 1) are labelled 1; one without such events is 0 */
    /* Feature groups to compute: "all" (or NULL), or a comma list of time, attributes, structure, history.
     * Fewer columns cost less time and memory; numbers of events and partners are always there. Not in the
     * identity. */
    const char *features;
    bool timeless; /* all events have one and the same time: nothing is computed of times and histories */
    const rf_schema *schema;
    const char *
        identity; /* text of all settings that the state depends on; a state of another identity is refused */
} rf_bigraph_options;
/* Schema and identity are the caller's to set. */
void rf_bigraph_options_default(rf_bigraph_options *options);

typedef struct rf_bigraph rf_bigraph;

RF_MUST_CHECK rf_status rf_bigraph_new(rf_bigraph **out, const rf_bigraph_options *options, rf_err *err);
void rf_bigraph_free(rf_bigraph *graph);

/* RF_OK: kept; at or after as_of: for a later build. RF_SKIPPED: a duplicate or too old, counted as such. Of
 * events that share an id the first one read stays, should their contents differ. Amortised O(1); no
 * allocation per event. */
RF_MUST_CHECK rf_status rf_bigraph_add_event(rf_bigraph *graph, const rf_event *event, rf_err *err);
/* The same for many events in their order. It is faster, because several wait for memory at once. RF_OK or a
 * failure; the counts show the result of each. */
RF_MUST_CHECK rf_status rf_bigraph_add_events(rf_bigraph *graph, const rf_event *const *events, size_t n,
                                              rf_err *err);

/* About so many more events will be added; 0: nobody knows. Tables that have to grow become larger by it;
 * what is published does not depend on it. */
void rf_bigraph_expect(rf_bigraph *graph, int64_t more);

/* All but read and rejected are the graph's to count; the caller fills in these. Final once it is published.
 */
rf_counts *rf_bigraph_counts(rf_bigraph *graph);

/* Events that a resumed state held and that were older than forget_before_us. */
int64_t rf_bigraph_forgotten(const rf_bigraph *graph);

/* The pool's threads take part in resuming and saving from here on. It outlives the graph. NULL: they do not.
 */
void rf_bigraph_use_threads(rf_bigraph *graph, rf_pool *pool);

/* ---- snapshot.c: resuming ----
 * The state lives under /state of graph.h5. During a long build it is also saved to `path` + ".building",
 * which holds nothing else and is removed by rf_bigraph_publish. */
RF_MUST_CHECK rf_status rf_bigraph_checkpoint(rf_bigraph *graph, const char *path,
                                              const rf_positions *positions, rf_err *err);
/* Fills an empty graph from path + ".building" if there is one, else from path if there is one. *resumed: 0
 * nothing found, 1 a completed build is continued, 2 an interrupted one. Refuses a state of another identity
 * or a window moved back before what was kept, saying what to do. */
RF_MUST_CHECK rf_status rf_bigraph_resume(rf_bigraph *graph, const char *path, rf_positions *positions,
                                          int *resumed, rf_err *err);

/* ---- horizon.c ---- What publishing now would do to the state that was resumed, and to the newest events.
 * Costs O(cells). */
typedef struct rf_outlook {
    int64_t ahead,
        ahead_from_us; /* events behind a jump that are too few to move the window; the first's slot */
    int64_t thin, thin_from_us; /* events behind the last jump over which the window moves although they are
                                   fewer than those before it */
    int64_t kept, inside;       /* events of the graph, and those in the window */
    int64_t held;               /* events of the resumed state */
    int64_t lost;               /* of these: older than the window and its history */
    int64_t lost_to_options;    /* of those: because of the window or as_of, not because of newer events */
    int64_t news;               /* events of the graph that are newer than all that was held */
    bool jumped; /* the window moves over a jump: nothing lies between what was there and what is new */
    int64_t held_to_us, window_from_us; /* end of what was there; begin of what stays */
} rf_outlook;
RF_MUST_CHECK rf_status rf_bigraph_look_out(rf_outlook *out, rf_bigraph *graph, rf_err *err);

/* ---- merge.c: joining shards ----
 * Adds the state in the file at `path` (a shard, a graph.h5, a .building) to the graph, which was made with
 * the same settings, and its positions to *positions. The result publishes to the same bytes (outside
 * /state/positions) as a graph that had read all events itself, in any order of the files in which the one
 * with the newest event comes first (rf_merge_plan_make sorts them so). Memory: this one file's state besides
 * the graph.
 *
 * RF_E_INVALID when both hold the same partition or input, or an event id that the other has too: in event
 * granularity an event that both hold with the same content is taken once; other repeats, and all of pair
 * granularity, which cannot take back what is summed up, are refused (keep_repeats: taken twice). On failure
 * the graph is fit for rf_bigraph_free only. */
typedef struct rf_merge_counts { /* of this call */
    int64_t cells;               /* taken */
    int64_t shared_cells;        /* of these: the graph had one there already */
    int64_t same;                /* events that both had, taken once */
    int64_t repeats;             /* event ids that both had and that were kept (keep_repeats) */
} rf_merge_counts;
RF_MUST_CHECK rf_status rf_bigraph_merge(rf_bigraph *into, rf_h5 *file, bool keep_repeats,
                                         rf_positions *positions, rf_merge_counts *counts, rf_err *err);

typedef struct rf_published {
    int64_t users, entities, edges; /* of the main kind */
    rf_kinds kinds;
    int64_t n[RF_SIDES_MOST];             /* the same of all kinds */
    int64_t hubs[RF_KINDS_MOST];          /* of the entities: those whose edges are left out */
    int64_t window_from_us, window_to_us; /* 0, 0: events have no times */
    int64_t labels, labels_one;           /* events of the window with a label, and those whose label is 1 */
} rf_published;

/* Computes features for the window and writes graph.h5 (features, ids, labels, state) in one rename; then
 * removes path + ".building". Uses the graph up, whatever it returns, to need less memory: afterwards only
 * rf_bigraph_counts and rf_bigraph_free may be called; rf_bigraph_resume of the file in a new graph
 * continues. RF_E_INVALID when no event lies in the window. The counts stay readable; the file's start again
 * at 0. */
RF_MUST_CHECK rf_status rf_bigraph_publish(rf_bigraph *graph, const char *path, const rf_positions *positions,
                                           rf_pool *pool, rf_published *published, rf_err *err);

#endif
