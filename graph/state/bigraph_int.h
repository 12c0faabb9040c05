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

/* What is held of one kind of entity: who it is, and what users did with it. */
typedef struct rf_relation {
    rf_schema schema;          /* the attributes that its edges carry, without the kinds */
    rf_attr *own_attrs;        /* schema.attrs, where these are not all; else NULL */
    int code_of[RF_MAX_CODES]; /* code of its records -> that attribute's number in the graph's schema; the
                                  last one: the fraud type's */
    rf_idmap *entities;
    rf_store store;
    size_t cells_checked; /* cells when pruning was last considered */
    rf_arrival *queue;    /* [RF_QUEUE] */
    unsigned queue_n;
} rf_relation;

struct rf_bigraph {
    rf_bigraph_options options; /* borrows its texts and the schema */
    rf_kinds kinds;             /* n = 0: one kind without a name */
    rf_zone *zone;
    int64_t slot_us;
    int64_t history_us; /* rounded up to whole buckets; 0 in pair granularity */

    rf_idmap *users;
    rf_idmap *category[RF_MAX_CODES]; /* of all kinds; NULL where the attribute is none; the last one: fraud
                                         types */
    int category_codes[RF_MAX_CODES]; /* [n_categories] where it is one, the last one too */
    int n_categories;
    int n_kinds;
    rf_relation relation[RF_KINDS_MOST]; /* [n_kinds] the first is the main kind's: every event has a cell of
                                            it, so that times and counts of events are read from its cells */
    rf_dedup dedup;

    int64_t newest_us;      /* newest event kept; RF_AS_OF_LATEST: none yet */
    int64_t end_us;         /* the newest event that moves the window does not lie before; likewise */
    int64_t was_end_us;     /* end_us of the completed build that is continued; likewise */
    rf_timeline resumed;    /* events of the resumed state, sorted */
    int64_t kept_from_us;   /* older events may have been dropped; INT64_MIN: none was */
    int64_t late_before_us; /* what the completed build that is continued had dropped; INT64_MIN: nothing */
    rf_counts counts;
    rf_counts earlier;      /* of states that have no timelines */
    rf_timeline fresh;      /* events read since the last completed build, repeats apart */
    rf_timeline repeats;    /* of event ids that were there */
    int64_t joined_repeats; /* events that two joined states had, taken once */
    int64_t forgotten;      /* events, see rf_bigraph_forget */

    rf_lookup *ahead; /* [RF_AHEAD][rf_bigraph_texts] */

    rf_pool *pool; /* takes part in what is done to all cells; borrowed, NULL: it does not */
    bool sorted;   /* rf_bigraph_sort was here: numbers below are canonical, nothing more can be added */
    rf_renumber renumber;
};

/* Texts that an event is interned with: user, an entity of each kind, categories, fraud type. */
static inline size_t rf_bigraph_texts(const rf_bigraph *graph)
{
    return 1 + (size_t)graph->n_kinds + (size_t)graph->n_categories;
}

/* The main kind's cells. */
static inline const rf_store *rf_main_store(const rf_bigraph *graph)
{
    return &graph->relation[0].store;
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

/* ---- relation.c ---- Of kind `kind` of the schema. The codec lacks only what depends on the kind. The
 * relation stays where it is until it is cleared. */
RF_MUST_CHECK rf_status rf_relation_init(rf_relation *relation, const rf_schema *schema, int kind,
                                         const rf_codec *codec, rf_err *err);
void rf_relation_clear(rf_relation *relation);
/* Queues an event of its user u and entity v. code: of all attributes of the graph's schema, the fraud type
 * behind them. */
RF_MUST_CHECK rf_status rf_relation_enqueue(rf_relation *relation, const rf_event *event,
                                            const uint64_t *code, uint32_t u, uint32_t v, uint32_t slot,
                                            rf_err *err);
RF_MUST_CHECK rf_status rf_relation_flush(rf_relation *relation, rf_err *err);

/* Moves queued events into their stores. */
RF_MUST_CHECK rf_status rf_bigraph_flush(rf_bigraph *graph, rf_err *err);
/* Drops everything below the floor and puts the rest into an order that depends on the events alone.
 * Cells and their numbers, event ids in two calls, so that the first's memory can go before the second needs
 * its own. */
void rf_bigraph_sort_dedup(rf_bigraph *graph);
RF_MUST_CHECK rf_status rf_bigraph_sort(rf_bigraph *graph, rf_err *err);
/* ---- renumber.c ---- The ids that the cells of all kinds from floor_slot on use, sorted bytewise. */
RF_MUST_CHECK rf_status rf_bigraph_renumber(rf_renumber *renumber, const rf_bigraph *graph,
                                            uint32_t floor_slot, rf_err *err);
/* The numbers of one kind's cells; its arrays are the renumbering's. */
rf_store_numbers rf_renumber_of_kind(const rf_renumber *renumber, const rf_relation *relation, int kind);
void rf_renumber_clear(rf_renumber *renumber);
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
