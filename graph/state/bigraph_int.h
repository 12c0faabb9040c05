/* bigraph_int.h - the parts of a growing graph; how it keeps time and order, and its state in a file.
 */
#ifndef RF_BIGRAPH_INT_H
#define RF_BIGRAPH_INT_H

#include "dedup_int.h"
#include "rewrite_int.h"
#include "rf_bigraph.h"
#include "rf_erased.h"
#include "rf_h5.h"
#include "rf_side.h"
#include "timeline_int.h"

#define RF_GRAPH_FORMAT "ringfence-graph"
#define RF_BUILDING_FORMAT "ringfence-graph-building"
#define RF_SHARD_FORMAT "ringfence-shard"

#define RF_QUEUE 16 /* events that go into the store together */
#define RF_AHEAD 32 /* events whose texts are looked for together */

/* A text of an event that is about to be interned. */
typedef struct rf_lookup {
    rf_span text; /* ptr NULL: none */
    uint64_t hash;
} rf_lookup;

struct rf_bigraph {
    rf_bigraph_options options; /* borrows its texts and the schema */
    rf_zone *zone;
    int64_t slot_us;
    int64_t history_us; /* rounded up to whole buckets; 0 in pair granularity */

    rf_idmap *ids[RF_SIDES];          /* of users and entities; NULL for edges */
    rf_idmap *category[RF_MAX_CODES]; /* NULL where the attribute is none; the last one: fraud types */
    int category_codes[RF_MAX_CODES]; /* [n_categories] where it is one, the last one too */
    int n_categories;
    rf_store store;
    rf_dedup dedup;

    int64_t newest_us;      /* newest event kept; RF_AS_OF_LATEST: none yet */
    int64_t end_us;         /* the newest event that moves the window does not lie before; likewise */
    int64_t was_end_us;     /* end_us of the completed build that is continued; likewise */
    rf_timeline resumed;    /* events of the resumed state, sorted */
    int64_t kept_from_us;   /* older events may have been dropped; INT64_MIN: none was */
    size_t cells_checked;   /* cells when pruning was last considered */
    int64_t late_before_us; /* what the completed build that is continued had dropped; INT64_MIN: nothing */
    rf_counts counts;
    rf_counts earlier;      /* of states that have no timelines */
    rf_timeline fresh;      /* events read since the last completed build, repeats apart */
    rf_timeline repeats;    /* of event ids that were there */
    int64_t joined_repeats; /* events that two joined states had, taken once */
    int64_t forgotten;      /* events, see rf_bigraph_forget */

    rf_arrival *queue; /* [RF_QUEUE] */
    unsigned queue_n;
    rf_lookup *ahead; /* [RF_AHEAD][rf_bigraph_texts] */

    bool sorted; /* rf_bigraph_sort was here: numbers below are canonical, nothing more can be added */
    rf_renumber renumber;
};

/* Texts that an event is interned with: user, entity, categories, fraud type. */
static inline size_t rf_bigraph_texts(const rf_bigraph *graph)
{
    return 2 + (size_t)graph->n_categories;
}

/* The window's ends as known now; from is INT64_MIN when it is unbounded. False: no event, no
 * as_of. */
bool rf_bigraph_window(const rf_bigraph *graph, int64_t *from_us, int64_t *to_us);
bool rf_bigraph_window_at(const rf_bigraph *graph, int64_t end_us, int64_t *from_us, int64_t *to_us);
/* Older events are not kept: whole slots, INT64_MIN if all are kept. With another end in place of end_us. */
int64_t rf_bigraph_floor(const rf_bigraph *graph);
int64_t rf_bigraph_floor_at(const rf_bigraph *graph, int64_t end_us);
/* ---- horizon.c ---- The newest event that moves the window, when all are there. */
typedef struct rf_horizon {
    int64_t end_us;                                   /* RF_AS_OF_LATEST: no event */
    int64_t ahead, ahead_from_us, thin, thin_from_us; /* see rf_outlook */
    bool jumped;
} rf_horizon;
RF_MUST_CHECK rf_status rf_bigraph_horizon(rf_horizon *out, const rf_bigraph *graph, rf_err *err);
/* Nothing will be added any more: from here on the window has its final end. */
/* The counts of what was read, by the window as it is known. */
void rf_bigraph_settle_counts(rf_bigraph *graph);
RF_MUST_CHECK rf_status rf_bigraph_settle(rf_bigraph *graph, rf_err *err);
/* Moves end_us as far as it cannot go back, whatever is still added. O(cells). */
RF_MUST_CHECK rf_status rf_bigraph_see_certain(rf_bigraph *graph, rf_err *err);

/* The slot number of a moment, and of the floor: 0 if everything is kept. */
uint32_t rf_bigraph_slot(const rf_bigraph *graph, int64_t time_us);
uint32_t rf_bigraph_floor_slot(const rf_bigraph *graph);

/* RF_E_INVALID once the graph was published or frozen. */
RF_MUST_CHECK rf_status rf_bigraph_check_unspent(const rf_bigraph *graph, rf_err *err);

/* Moves queued events into the store. */
RF_MUST_CHECK rf_status rf_bigraph_flush(rf_bigraph *graph, rf_err *err);
/* Drops everything below the floor and puts the rest into an order that depends on the events alone.
 * Cells and their numbers, event ids in two calls, so that the first's memory can go before the second needs
 * its own. */
void rf_bigraph_sort_dedup(rf_bigraph *graph);
RF_MUST_CHECK rf_status rf_bigraph_sort(rf_bigraph *graph, rf_err *err);
/* Text of canonical number i (sorted) of users, entities, or a category. */
const char *rf_bigraph_sorted_text(const rf_idmap *map, const rf_renumber_ids *ids, uint32_t i);

/* ---- forget.c ---- Drops what is older than forget_before_us from a state that was just read, with the ids
 * that nothing else uses, so that they are in no file that is saved from it. */
RF_MUST_CHECK rf_status rf_bigraph_forget(rf_bigraph *graph, rf_err *err);

/* ---- publish.c ---- rf_bigraph_publish without its end: path + ".building" stays. */
RF_MUST_CHECK rf_status rf_bigraph_write(rf_bigraph *graph, const char *path, const rf_positions *positions,
                                         rf_pool *pool, rf_published *published, rf_err *err);

/* ---- snapshot.c ---- path + ".building": rf_mem block */
RF_MUST_CHECK char *rf_building_path(const char *path, rf_err *err);
/* RF_E_INVALID when the window begins before the oldest kept event; path names the file that was read. */
RF_MUST_CHECK rf_status rf_bigraph_check_window(const rf_bigraph *graph, const char *path, rf_err *err);
/* Opens a file that holds /state; RF_E_FORMAT when it is of another format or version, or has none. */
RF_MUST_CHECK rf_status rf_state_open(rf_h5 **out, const char *path, const char *format, rf_err *err);
/* The check alone: is this a file of that format, with a state? */
RF_MUST_CHECK rf_status rf_state_check(rf_h5 *file, const char *format, rf_err *err);

/* Fills an empty graph from a file of this format, and refuses a window that begins before what was kept. */
RF_MUST_CHECK rf_status rf_bigraph_resume_from(rf_bigraph *graph, const char *path, const char *format,
                                               rf_positions *positions, rf_err *err);
/* Writes a file that holds the state alone; of a sorted graph, too. */
RF_MUST_CHECK rf_status rf_building_write(rf_bigraph *graph, const char *building,
                                          const rf_positions *positions, rf_err *err);

/* ---- erase_cells.c ---- Takes the subjects out of a graph that was just read: their cells, and their ids
 * among the categories, which become "erased-" and the first digits of their hash. The ids themselves go when
 * the graph is sorted. */
RF_MUST_CHECK rf_status rf_bigraph_erase(rf_bigraph *graph, const rf_subjects *subjects, bool keep_categories,
                                         rf_erased *erased, rf_err *err);

/* ---- state_write.c, state_read.c: everything a later build needs, under /state ---- */
RF_MUST_CHECK rf_status rf_state_write_dedup(rf_h5 *file, const rf_bigraph *graph, rf_err *err);
/* Everything else. fresh_counts: the state begins a new build, its counters are 0. */
RF_MUST_CHECK rf_status rf_state_write(rf_h5 *file, const rf_bigraph *graph, const rf_positions *positions,
                                       bool fresh_counts, rf_err *err);
/* Fills an empty graph; on failure it is fit for rf_bigraph_free only. */
RF_MUST_CHECK rf_status rf_state_read(rf_bigraph *graph, rf_positions *positions, rf_h5 *file, rf_err *err);

#endif
