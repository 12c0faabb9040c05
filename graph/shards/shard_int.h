/* shard_int.h - the root attributes of a shard file; for shard.c and merge_plan.c. */
#ifndef RF_SHARD_INT_H
#define RF_SHARD_INT_H

#include "rf_event.h"
#include "rf_h5.h"

typedef struct rf_shard_head {
    char *topic; /* owned */
    int32_t partition;
    int64_t epoch; /* of the claim under which it was saved */
    int64_t next;  /* the next message to read */
} rf_shard_head;

/* RF_E_FORMAT when the file is not a shard, or its head is impossible. */
RF_MUST_CHECK rf_status rf_shard_head_read(rf_shard_head *out, rf_h5 *file, rf_err *err);
void rf_shard_head_clear(rf_shard_head *head);
/* The state has the same, as its only position; the root is cheap to read. */
bool rf_shard_agrees(const rf_shard_head *head, const rf_positions *positions);

#endif
