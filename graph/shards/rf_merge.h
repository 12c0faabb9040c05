/* rf_merge.h - finds which files can be joined into one graph, and in which order, without reading their
 * cells. rf_bigraph_merge (rf_bigraph.h) then joins one after the other.
 */
#ifndef RF_MERGE_H
#define RF_MERGE_H

#include "rf_bigraph.h"

typedef struct rf_merge_input {
    char *path;
    rf_h5 *file; /* open, so that what is joined is what the plan was made of */
    char *topic; /* NULL: a graph, not a shard of one partition */
    int32_t partition;
    int64_t epoch, next;
    int64_t newest_us;
    rf_positions positions;
    bool superseded; /* a newer shard of the same partition is there */
} rf_merge_input;

typedef struct rf_merge_plan {
    rf_merge_input *inputs; /* to be joined in this order */
    int n;
} rf_merge_plan;

/* Of two shards of one partition the one of the later claim is used, with a warning. RF_E_INVALID, naming
 * both files, when two others hold the same partition or input, or a file is named twice. A warning names
 * partitions of a topic that are in none of the files although a higher one is. */
RF_MUST_CHECK rf_status rf_merge_plan_make(rf_merge_plan *out, const char *const *paths, int n, rf_err *err);
void rf_merge_plan_clear(rf_merge_plan *plan);

/* The shards in a folder, sorted by name: an rf_mem block of rf_mem texts, all the caller's. RF_E_INVALID
 * when there are none. */
RF_MUST_CHECK rf_status rf_merge_find(char ***paths, int *n, const char *folder, rf_err *err);

#endif
