/* rf_shard.h - the state of one partition in a folder that several processes share.
 *
 * FOLDER/TOPIC-PARTITION.h5 holds the state of one partition's events and the offset after the last of them.
 * A process that takes the partition over claims it first: the claim's epoch, one higher than the last, goes
 * into FOLDER/TOPIC-PARTITION.claim. Saving compares epochs and renames under a lock
 * (FOLDER/TOPIC-PARTITION.lock). So an owner that seemed dead and wakes up late finds another epoch and
 * writes nothing.
 */
#ifndef RF_SHARD_H
#define RF_SHARD_H

#include "rf_bigraph.h"

typedef struct rf_shard rf_shard;

/* Claims the partition and fills the empty graph with the state that the last owner saved. Creates the folder
 * if it is absent. *next is the offset to continue from, -1 if nothing was saved. If an owner still lives (it
 * holds the ownership lock), waits for it, wait_us at most; after that it can no longer save. The claim names
 * `owner` for people: host, process, member. A state of other settings is refused as rf_bigraph_resume does.
 * On failure the graph is fit for rf_bigraph_free only. */
RF_MUST_CHECK rf_status rf_shard_claim(rf_shard **out, rf_bigraph *graph, const char *folder,
                                       const char *topic, int32_t partition, const char *owner,
                                       int64_t wait_us, int64_t *next, rf_err *err);
/* Where the saved offset was read; the shard's. */
const rf_topic_origin *rf_shard_origin(const rf_shard *shard);
/* What is saved next may lie before what was: its partition is another one of that name. */
void rf_shard_restart(rf_shard *shard);
/* Writes state, offset (next message to read) and where it was read in one rename; nothing where both are
 * what was saved last.
 * RF_E_IO "was taken over by ..." when another claim came in between: nothing is written then, and never will
 * be. After any other failure the shard can be saved again. RF_E_INTERNAL when next lies before what was
 * loaded or saved. */
RF_MUST_CHECK rf_status rf_shard_save(rf_shard *shard, rf_bigraph *graph, int64_t next,
                                      const rf_topic_origin *origin, rf_err *err);
/* Writes the state again at the offset that it was loaded with, because its content was changed; the graph
 * may be sorted. */
RF_MUST_CHECK rf_status rf_shard_rewrite(rf_shard *shard, rf_bigraph *graph, rf_err *err);
/* True once a save found a newer claim. */
bool rf_shard_fenced(const rf_shard *shard);
void rf_shard_release(rf_shard **shard); /* NULL allowed; writes nothing, lets the next owner in */

/* The offset that the present owner has saved for a partition; -1 if there is none. Cheap: reads attributes
 * only. */
RF_MUST_CHECK rf_status rf_shard_offset(const char *folder, const char *topic, int32_t partition,
                                        int64_t *next, rf_err *err);
/* The same with where it was read, which is the caller's. */
RF_MUST_CHECK rf_status rf_shard_saved(const char *folder, const char *topic, int32_t partition,
                                       int64_t *next, rf_topic_origin *origin, rf_err *err);

#endif
