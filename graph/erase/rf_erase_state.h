/* rf_erase_state.h - takes users and entities out of a file that holds a state: a graph, a half-built one, a
 * shard.
 */
#ifndef RF_ERASE_STATE_H
#define RF_ERASE_STATE_H

#include "rf_bigraph.h"
#include "rf_erased.h"

typedef struct rf_erase_work {
    const rf_subjects *subjects;
    const rf_bigraph_options *options; /* of the build that made the file */
    bool keep_categories;              /* leave categories alone that are called like a subject */
    const char *owner;                 /* names the claim of a shard for people */
    rf_pool *pool;
    /* Brings the positions in input files up to date that changed meanwhile; *changed says whether any did.
     * NULL: none changed. */
    rf_status (*reposition)(void *context, rf_positions *positions, bool *changed, rf_err *err);
    /* Called before the file is replaced, with what was found. NULL: not wanted. */
    rf_status (*before)(void *context, const char *path, const rf_erased *erased, rf_err *err);
    void *context;
} rf_erase_work;

/* The result is what a build without their events would have written for the window that the file has; the
 * file is not touched where there is nothing to erase (and erased is zero). A graph of which nothing is left
 * becomes a half-built one (*emptied): its positions say what was read. RF_E_FORMAT for files of other kinds
 * or settings. One process at a time uses the file; a shard is claimed from its owner. */
RF_MUST_CHECK rf_status rf_erase_state(rf_erased *erased, bool *emptied, const char *path,
                                       const rf_erase_work *work, rf_err *err);

#endif
